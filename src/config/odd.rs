//! What is wrong with a configuration that could be read.

use crate::config::file::FILE;
use crate::domain::failure::{Exit, Failure};
use crate::domain::spec::source::{is_inside, outside};

/// A value that is none, and the words in whose line it is.
#[derive(Debug)]
pub struct Odd {
    /// A key or a value.
    pub at: String,
    pub why: Failure,
}

impl Odd {
    /// What is wrong.
    pub fn new(at: &str, what: impl Into<String>) -> Odd {
        Odd {
            at: at.to_owned(),
            why: Failure::new(Exit::Usage, what),
        }
    }

    /// The same, with what to write instead.
    pub fn with_remedy(self, remedy: impl Into<String>) -> Odd {
        Odd {
            why: self.why.with_remedy(remedy),
            ..self
        }
    }

    /// The same, with the key that the value belongs to.
    pub fn within(self, before: &str) -> Odd {
        Odd {
            why: self.why.within(before),
            ..self
        }
    }
}

/// Markup that is not Markdown, by the ends of file names.
const MARKUP: &[(&str, &str)] = &[
    ("adoc", "AsciiDoc"),
    ("asciidoc", "AsciiDoc"),
    ("html", "HTML"),
    ("json", "JSON"),
    ("org", "Org"),
    ("rst", "reStructuredText"),
    ("textile", "Textile"),
    ("toml", "TOML"),
    ("xml", "XML"),
    ("yaml", "YAML"),
    ("yml", "YAML"),
];

/// The markup of a file that is not Markdown; `None` if its name does not say so.
pub fn foreign_markup(path: &str) -> Option<&'static str> {
    let (_, end) = path.rsplit_once('.')?;
    let known = MARKUP
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(end));
    known.map(|(_, markup)| *markup)
}

/// Why a path is that of no changelog: outside of the repository, the configuration, another markup.
pub(super) fn odd_changelog(path: &str) -> Option<String> {
    if !is_inside(path) {
        return Some(outside(path));
    }
    if path == FILE {
        return Some(format!("{FILE} is the configuration"));
    }
    foreign_markup(path).map(|markup| {
        format!("{path} is {markup}; relwatch reads and writes Markdown, as in CHANGELOG.md")
    })
}
