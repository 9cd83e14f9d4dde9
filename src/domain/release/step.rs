//! Steps of a release, each with how to undo it. They are decided here and run elsewhere.
//!
//! A step names what it runs; it does not contain it. The commands of gates and publish steps come from `relwatch.yml`, so a saved plan
//! from somebody else cannot run anything that this repository does not configure.

use serde::{Deserialize, Serialize};

use crate::domain::release::place::GatePlace;

/// One step of a plan, with its description for users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    #[serde(flatten)]
    pub action: Action,
    /// Name of the gate or the publish step, the remote, or the tags.
    pub name: String,
    /// The user's command, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// How to undo the step; `None` if it cannot be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

/// Action of a step. A release runs its steps in the order of these variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    /// Runs the gate with this name.
    Gate {
        #[serde(rename = "where")]
        place: GatePlace,
        /// Adjacent gates of one group run at the same time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// Creates the release commit as a git object that no reference points to.
    Build,
    /// Runs the user's pre-commit and commit-msg hooks on that commit.
    Hooks,
    /// Creates the annotated tags, without references to them.
    Tag,
    /// Creates the commit that adds the sections of the release to the changelog of `branch`.
    Port { branch: String },
    /// Moves branch and tags to the new objects, and updates the files, all at once.
    Commit,
    /// Pushes the commit to a branch for review. Nothing else changes.
    Offer { branch: String },
    /// Pushes branch and tags.
    Push,
    /// Runs the publish step with this name for a tag.
    Publish { tag: String },
    /// Archives the completed specs of a tag, in a separate commit.
    Archive { tag: String },
}

impl Action {
    /// Word that is printed.
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

    /// Tag that the step belongs to; `None` before anything is public.
    pub fn tag(&self) -> Option<&str> {
        match self {
            Action::Publish { tag } | Action::Archive { tag } => Some(tag),
            _ => None,
        }
    }

    pub fn is_gate(&self) -> bool {
        matches!(self, Action::Gate { .. })
    }

    /// Whether the step sends something to the remote.
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
    /// Trailer in the tag's message and in the release manifest.
    pub fn trailer(&self) -> String {
        format!("Gate-Skipped: {}: {}", self.name, self.reason)
    }
}

/// A command of several lines, shown in one line.
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

/// Values that commands of the configuration may use.
#[derive(Debug, Clone, Default)]
pub struct Variables(pub Vec<(&'static str, String)>);

impl Variables {
    /// Replaces `{name}` in a command line by its value, quoted for the shell if needed. Other braces are unchanged.
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

/// A word for a POSIX shell (XCU 2.2): unquoted if possible, else in single quotes.
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
