//! A release as a value: everything that will happen, decided before anything happens.

use serde::{Deserialize, Serialize};

use crate::domain::commit::id::CommitId;
use crate::domain::release::step::{SkippedGate, Step};
use crate::domain::spec::source::is_inside;

/// One file of the release commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Path from the repository's root, with `/`.
    pub path: String,
    #[serde(flatten)]
    pub change: FileAction,
}

impl FileChange {
    /// Writes new bytes to a file, which may be new.
    pub fn write(path: String, after: Vec<u8>) -> FileChange {
        FileChange {
            path,
            change: FileAction::Write { after },
        }
    }

    /// Deletes a file.
    pub fn delete(path: String) -> FileChange {
        FileChange {
            path,
            change: FileAction::Delete,
        }
    }
}

/// Kind of change to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum FileAction {
    /// New bytes, as git stores them.
    Write {
        #[serde(with = "bytes")]
        after: Vec<u8>,
    },
    /// Same bytes and mode at another path.
    Move {
        to: String,
    },
    Delete,
}

/// A spec that its tool's command archives before the release is built. The changes of the command become files of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedArchive {
    pub id: String,
    /// The spec's file.
    pub path: String,
    /// Shell command line. It is only shown; the command that runs is taken from the configuration again.
    pub run: String,
}

/// One version in a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cutting {
    /// The component; `None` if the repository is a single project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    pub version: String,
    pub tag: String,
    /// Release notes in Markdown.
    #[serde(default)]
    pub notes: String,
    /// Text of the annotated tag, including what was skipped.
    pub tag_message: String,
    /// Previous release, at which the comparison starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

impl Cutting {
    /// Name for people: `1.2.0`, `backend 1.2.0`.
    pub fn title(&self) -> String {
        match &self.component {
            Some(component) => format!("{component} {}", self.version),
            None => self.version.clone(),
        }
    }
}

/// A commit on another branch, without a checkout: it adds the sections of the release to that branch's changelog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPort {
    pub branch: String,
    /// Parent of the commit.
    pub base: CommitId,
    pub files: Vec<FileChange>,
}

/// A release, ready to be carried out on exactly `base`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of relwatch that made the plan; another version may decide differently.
    pub relwatch: String,
    /// Blob ID of relwatch.yml; empty without the file.
    pub config: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    pub branch: String,
    /// Parent of the release commit. Applying the plan fails if the branch has moved.
    pub base: CommitId,
    /// Name, address and time, in the format of a commit.
    pub author: String,
    pub committer: String,
    pub commit_message: String,
    pub releases: Vec<Cutting>,
    pub files: Vec<FileChange>,
    /// Commands that change more files, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archives: Vec<PlannedArchive>,
    /// Commit on another branch that adds the release there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<PlannedPort>,
    /// Entries moved by labels of pull requests, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Gates that do not run. They are also listed in the tag messages and in the release manifest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_gates: Vec<SkippedGate>,
    /// Steps of `release`: exactly these, in this order.
    pub steps: Vec<Step>,
}

/// Branch on which a release of these versions waits for review.
pub fn review_branch(releases: &[Cutting]) -> String {
    let first = releases.first();
    format!("release/{}", first.map_or("", |one| one.tag.as_str()))
}

impl Plan {
    /// All paths that the release changes, old and new.
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

    /// Tags that the release creates.
    pub fn tags(&self) -> Vec<String> {
        self.releases.iter().map(|one| one.tag.clone()).collect()
    }

    /// Name for people: `1.2.0`, or `backend 1.2.0, bot 0.3.1`.
    pub fn title(&self) -> String {
        let titles: Vec<String> = self.releases.iter().map(Cutting::title).collect();
        titles.join(", ")
    }

    /// Whether the release sends something to the remote.
    pub fn pushes(&self) -> bool {
        self.steps.iter().any(|step| step.action.is_push())
    }

    /// First line of the commit message.
    pub fn commit_title(&self) -> &str {
        self.commit_message.lines().next().unwrap_or_default()
    }

    /// Branch on which the release waits for review.
    pub fn review_branch(&self) -> String {
        review_branch(&self.releases)
    }

    /// Parses a saved plan: the JSON of `relwatch release --dry-run --json`.
    ///
    /// # Errors
    /// Fails with what is wrong in the plan. A path that leads out of the repository is refused.
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

/// Version of the JSON format.
pub const SCHEMA: u32 = 3;

/// Bytes as text if they are valid text, else in hexadecimal digits.
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
