//! What a release does beside its commit: one step after the other, each with its way back. Decided here, done elsewhere.

use serde::{Deserialize, Serialize};

/// One step of a plan, in words for people and as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub kind: Kind,
    /// The gate's or the publishing step's name, the remote, the tags.
    pub name: String,
    /// The user's command, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What takes it back; `None` if nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

/// The kinds of steps, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Gate,
    Commit,
    Push,
    Publish,
    Archive,
}

impl Kind {
    /// As it is printed.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Gate => "gate",
            Kind::Commit => "commit",
            Kind::Push => "push",
            Kind::Publish => "publish",
            Kind::Archive => "archive",
        }
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
