//! A release as a value: everything that will happen, decided before anything happens.

use serde::{Deserialize, Serialize};

use crate::domain::commit::id::CommitId;
use crate::domain::release::step::{SkippedGate, Step};
use crate::domain::spec::source::is_inside;

/// One file of the release commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// From the repository's root, with `/`.
    pub path: String,
    #[serde(flatten)]
    pub change: FileAction,
}

impl FileChange {
    /// New bytes for a file, or a new file.
    pub fn write(path: String, after: Vec<u8>) -> FileChange {
        FileChange {
            path,
            change: FileAction::Write { after },
        }
    }

    /// The end of a file.
    pub fn delete(path: String) -> FileChange {
        FileChange {
            path,
            change: FileAction::Delete,
        }
    }
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum FileAction {
    /// New bytes, as git stores them.
    Write {
        #[serde(with = "bytes")]
        after: Vec<u8>,
    },
    /// Same bytes, same mode, another place.
    Move {
        to: String,
    },
    Delete,
}

/// A spec that its tool's command archives, before anything of the release is built. What it changes becomes files of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedArchive {
    pub id: String,
    /// The spec's file.
    pub path: String,
    /// The line for the shell. It is shown; what runs is made of the configuration again.
    pub run: String,
}

/// One version that a release cuts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cutting {
    /// The component; `None` where the repository is one project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    pub version: String,
    pub tag: String,
    /// The notes, Markdown.
    #[serde(default)]
    pub notes: String,
    /// Text of the annotated tag, with what was skipped.
    pub tag_message: String,
    /// The release that the comparison starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

impl Cutting {
    /// As people call it: `1.2.0`, `backend 1.2.0`.
    pub fn title(&self) -> String {
        match &self.component {
            Some(component) => format!("{component} {}", self.version),
            None => self.version.clone(),
        }
    }
}

/// A commit on another branch, which is checked out nowhere: its changelog gets the sections of the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPort {
    pub branch: String,
    /// The commit that it is built on.
    pub base: CommitId,
    pub files: Vec<FileChange>,
}

/// A release, ready to be carried out on exactly `base`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The relwatch that made the plan; another one may see things in another way.
    pub relwatch: String,
    /// Name of relwatch.yml's bytes as a blob; empty without one.
    pub config: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    pub branch: String,
    /// The commit that the release is built on; applying refuses if the branch has moved.
    pub base: CommitId,
    /// Name, address and time, as they stand in a commit.
    pub author: String,
    pub committer: String,
    pub commit_message: String,
    pub releases: Vec<Cutting>,
    pub files: Vec<FileChange>,
    /// The commands that change more files, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archives: Vec<PlannedArchive>,
    /// What another branch gets of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<PlannedPort>,
    /// What labels of pull requests moved, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The gates that do not run. They are in the messages of the tags and in the release manifest as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_gates: Vec<SkippedGate>,
    /// What `release` does: each of these steps, in this order, and nothing else.
    pub steps: Vec<Step>,
}

/// The branch on which a release of these versions waits for review.
pub fn review_branch(releases: &[Cutting]) -> String {
    let first = releases.first();
    format!("release/{}", first.map_or("", |one| one.tag.as_str()))
}

impl Plan {
    /// Every path that the release touches, old and new.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for file in &self.files {
            paths.push(file.path.clone());
            if let FileAction::Move { to } = &file.change {
                paths.push(to.clone());
            }
        }
        paths
    }

    /// The tags that it makes.
    pub fn tags(&self) -> Vec<String> {
        self.releases.iter().map(|one| one.tag.clone()).collect()
    }

    /// As people call it: `1.2.0`, or `backend 1.2.0, bot 0.3.1`.
    pub fn title(&self) -> String {
        let titles: Vec<String> = self.releases.iter().map(Cutting::title).collect();
        titles.join(", ")
    }

    /// Whether it sends something to the remote.
    pub fn pushes(&self) -> bool {
        self.steps.iter().any(|step| step.action.is_push())
    }

    /// The first line of the commit's text.
    pub fn commit_title(&self) -> &str {
        self.commit_message.lines().next().unwrap_or_default()
    }

    /// The branch on which a release waits for review.
    pub fn review_branch(&self) -> String {
        review_branch(&self.releases)
    }

    /// Reads a saved plan: the JSON of `relwatch release --dry-run --json`.
    ///
    /// # Errors
    /// What is wrong with it. A path that leads out of the repository is refused.
    pub fn read(json: &[u8]) -> Result<Plan, String> {
        #[derive(Deserialize)]
        struct Saved {
            schema: u32,
            plan: Plan,
        }
        let saved: Saved = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if saved.schema != SCHEMA {
            return Err(format!(
                "its schema is {}, not {SCHEMA}; create it again",
                saved.schema
            ));
        }
        let plan = saved.plan;
        let port = plan.port.iter().flat_map(|port| &port.files);
        let mut paths = plan.paths();
        paths.extend(port.map(|file| file.path.clone()));
        paths.extend(plan.archives.iter().map(|one| one.path.clone()));
        if let Some(path) = paths.iter().find(|path| !is_inside(path)) {
            return Err(format!("its path `{path}` leads out of the repository"));
        }
        if plan.releases.is_empty() {
            return Err("it releases nothing".to_owned());
        }
        Ok(plan)
    }
}

/// Number of the JSON's form.
pub const SCHEMA: u32 = 3;

/// Bytes as text where they are text, else in hexadecimal digits.
mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum SerializedBytes {
        Text(String),
        Bytes { hex: String },
    }

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        let written = match std::str::from_utf8(bytes) {
            Ok(text) => SerializedBytes::Text(text.to_owned()),
            Err(_) => SerializedBytes::Bytes {
                hex: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            },
        };
        written.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let hex = match SerializedBytes::deserialize(from)? {
            SerializedBytes::Text(text) => return Ok(text.into_bytes()),
            SerializedBytes::Bytes { hex } => hex,
        };
        let odd = || serde::de::Error::custom("`hex` contains pairs of hexadecimal digits");
        let pairs = hex.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        });
        pairs.collect::<Option<Vec<u8>>>().ok_or_else(odd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_the_file() {
        for bytes in [b"a\r\n\"".to_vec(), vec![0xff, 0, b'x'], vec![]] {
            let change = FileChange::write("a/b".into(), bytes);
            let json = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<FileChange>(&json).unwrap(), change);
        }
        assert!(Plan::read(b"{}").is_err());
        assert!(Plan::read(b"{\"schema\": 1, \"plan\": {}}").is_err());
    }
}
