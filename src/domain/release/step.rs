//! What a release does, one step after the other, each with its way back. Decided here, run elsewhere.
//!
//! A step names what it runs; it does not carry it. The commands of gates and publish steps come from `relwatch.yml`, so that a saved
//! plan of somebody else runs nothing that this repository does not ask for.

use serde::{Deserialize, Serialize};

use crate::domain::release::place::GatePlace;

/// One step of a plan, and how people are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    #[serde(flatten)]
    pub action: Action,
    /// The gate's or the publish step's name, the remote, the tags.
    pub name: String,
    /// The user's command, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What takes it back; `None` if nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

/// What a step does. A release makes its steps in the order in which they stand here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    /// Runs the gate of this name.
    Gate {
        #[serde(rename = "where")]
        place: GatePlace,
        /// Neighbours of one group run at the same time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// Builds the release commit among git's objects, where nobody sees it.
    Build,
    /// Asks the user's pre-commit and commit-msg hooks about that commit.
    Hooks,
    /// Builds the annotated tags, to which nothing refers yet.
    Tag,
    /// Builds the commit that adds the sections of the release to the changelog of `branch`.
    Port { branch: String },
    /// Moves branch and tags to what was built, and the files with them, as one.
    Commit,
    /// Pushes the commit to a branch for review. Nothing else moves.
    Offer { branch: String },
    /// Pushes branch and tags.
    Push,
    /// Runs the publish step of this name for a tag.
    Publish { tag: String },
    /// Archives the completed specs of a tag, in a commit of its own.
    Archive { tag: String },
}

impl Action {
    /// As it is printed.
    pub fn word(&self) -> &'static str {
        match self {
            Action::Gate { .. } => "gate",
            Action::Build => "build",
            Action::Hooks => "hooks",
            Action::Tag => "tag",
            Action::Port { .. } => "port",
            Action::Commit => "commit",
            Action::Offer { .. } => "offer",
            Action::Push => "push",
            Action::Publish { .. } => "publish",
            Action::Archive { .. } => "archive",
        }
    }

    /// The tag that it belongs to; `None` before anything is public.
    pub fn tag(&self) -> Option<&str> {
        match self {
            Action::Publish { tag } | Action::Archive { tag } => Some(tag),
            _ => None,
        }
    }

    pub fn is_gate(&self) -> bool {
        matches!(self, Action::Gate { .. })
    }

    /// Whether it sends something to the remote.
    pub fn is_push(&self) -> bool {
        matches!(self, Action::Offer { .. } | Action::Push)
    }
}

/// A gate that does not run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedGate {
    pub name: String,
    pub reason: String,
}

impl SkippedGate {
    /// Its line in the tag's message and in the release manifest.
    pub fn trailer(&self) -> String {
        format!("Gate-Skipped: {}: {}", self.name, self.reason)
    }
}

/// A command of several lines, to be shown in one.
pub fn in_one_line(command: &str) -> String {
    let mut out = String::new();
    for line in command.lines().map(str::trim) {
        match out.strip_suffix('\\') {
            Some(before) => out.truncate(before.trim_end().len()),
            None if !out.is_empty() && !line.is_empty() => out.push(';'),
            None => {}
        }
        if !out.is_empty() && !line.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

/// What commands of the configuration may name.
#[derive(Debug, Clone, Default)]
pub struct Variables(pub Vec<(&'static str, String)>);

impl Variables {
    /// Puts values for `{name}` into a command line, quoted for the shell where that is needed. Other braces stay.
    pub fn fill(&self, command: &str) -> String {
        let mut out = String::with_capacity(command.len());
        let mut rest = command;
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let found = self.0.iter().find(|(name, _)| {
                rest[1..]
                    .strip_prefix(name)
                    .is_some_and(|after| after.starts_with('}'))
            });
            match found {
                Some((name, value)) => {
                    out.push_str(&quoted(value));
                    rest = &rest[name.len() + 2..];
                }
                None => {
                    out.push('{');
                    rest = &rest[1..];
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// A word for a POSIX shell (XCU 2.2): plain if it is, else in single quotes.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_as_one() {
        let line = "build -t x .\npush \\\n  --all x\n\n";
        assert_eq!(in_one_line(line), "build -t x .; push --all x");
        assert_eq!(in_one_line("build"), "build");
    }

    #[test]
    fn values_are_words_whatever_they_hold() {
        let values = Variables(vec![
            ("version", "1.2.0".into()),
            ("tag", "v1.2.0; rm -rf '/'".into()),
        ]);
        assert_eq!(
            values.fill("gh release {version} {tag} ${HOME} {versions} {"),
            "gh release 1.2.0 'v1.2.0; rm -rf '\\''/'\\''' ${HOME} {versions} {"
        );
    }
}
