//! What stands in the way of a release: one check after the other, each with its name, result and remedy.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::domain::failure::{Failure, Result};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Ok,
    /// Worth a look; it stops nothing.
    Warning,
    /// Not looked at, openly.
    Skipped,
    Failed,
}

impl Outcome {
    /// As it is printed.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Warning => "warning",
            Outcome::Skipped => "skipped",
            Outcome::Failed => "failed",
        }
    }
}

/// Declares [`CheckId`] with the names that are printed.
macro_rules! check_ids {
    ($($variant:ident = $name:literal,)*) => {
        /// What a check is about. Its name stays the same from version to version.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum CheckId {
            $($variant,)*
            /// The `check` of a publish step.
            Publish(String),
        }

        impl CheckId {
            /// The names of all, with `publish:NAME` for those of publish steps.
            pub const NAMES: &[&str] = &[$($name,)* "publish:NAME"];

            /// As it is printed.
            pub fn name(&self) -> Cow<'static, str> {
                match self {
                    $(CheckId::$variant => Cow::Borrowed($name),)*
                    CheckId::Publish(step) => Cow::Owned(format!("publish:{step}")),
                }
            }
        }
    };
}

check_ids! {
    Commit = "commit",
    Branch = "branch",
    History = "history",
    Clean = "clean",
    Idle = "idle",
    Identity = "identity",
    Pending = "pending",
    Upstream = "upstream",
    Manifest = "manifest",
    Ci = "ci",
    Forge = "forge",
    Changelog = "changelog",
    Align = "align",
    Version = "version",
    Freeze = "freeze",
    Migration = "migration",
    Tag = "tag",
    RemoteTag = "remote-tag",
    Section = "section",
    Notes = "notes",
    VersionFiles = "version-files",
    Docs = "docs",
    Specs = "specs",
    ReleaseSpec = "release-spec",
    Gates = "gates",
    Files = "files",
    Push = "push",
    Port = "port",
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl Serialize for CheckId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub id: CheckId,
    pub result: Outcome,
    /// What was found.
    pub detail: String,
    /// What mends it; empty if nothing is to be mended.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mend: String,
}

impl Check {
    /// What was found and what mends it, in one line.
    pub fn words(&self) -> String {
        if self.mend.is_empty() {
            self.detail.clone()
        } else {
            format!("{}; {}", self.detail, self.mend)
        }
    }
}

/// The checks of a release, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Something is as it should be.
    pub fn ok(&mut self, id: CheckId, detail: impl Into<String>) {
        self.add(id, Outcome::Ok, detail.into(), String::new());
    }

    /// Something was not looked at.
    pub fn skip(&mut self, id: CheckId, why: impl Into<String>) {
        self.add(id, Outcome::Skipped, why.into(), String::new());
    }

    /// Something is odd, but no reason to stop.
    pub fn warn(&mut self, id: CheckId, detail: impl Into<String>) {
        self.add(id, Outcome::Warning, detail.into(), String::new());
    }

    /// Something stands in the way, and what mends it.
    pub fn fail(&mut self, id: CheckId, detail: impl Into<String>, mend: impl Into<String>) {
        self.add(id, Outcome::Failed, detail.into(), mend.into());
    }

    /// Something stands in the way: an error with what mends it.
    pub fn fail_as(&mut self, id: CheckId, failure: Failure) {
        self.fail(id, failure.what, failure.remedy.unwrap_or_default());
    }

    /// Says that all is well, unless this check has already said something.
    pub fn ok_unless_said(&mut self, id: CheckId, detail: impl Into<String>) {
        if !self.0.iter().any(|check| check.id == id) {
            self.ok(id, detail);
        }
    }

    fn add(&mut self, id: CheckId, result: Outcome, detail: String, mend: String) {
        self.0.push(Check {
            id,
            result,
            detail,
            mend,
        });
    }

    /// Puts other checks behind these.
    pub fn extend(&mut self, others: Checks) {
        self.0.extend(others.0);
    }

    /// All of them.
    pub fn all(&self) -> &[Check] {
        &self.0
    }

    /// What stands in the way.
    pub fn failed(&self) -> Vec<&Check> {
        self.with(Outcome::Failed)
    }

    /// # Errors
    /// Exit 3 with all that stands in the way, below `what`.
    pub fn demand(&self, what: &str) -> Result<()> {
        let failed: Vec<String> = self.failed().into_iter().map(Check::words).collect();
        if failed.is_empty() {
            Ok(())
        } else {
            Err(Failure::unmet(what, &failed))
        }
    }

    /// What is worth a look, in words.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.with(Outcome::Warning);
        warnings.into_iter().map(Check::words).collect()
    }

    fn with(&self, result: Outcome) -> Vec<&Check> {
        self.0.iter().filter(|c| c.result == result).collect()
    }
}
