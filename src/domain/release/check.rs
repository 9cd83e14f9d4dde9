//! Checks before a release, each with its name, result and remedy.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::domain::failure::{Failure, Result};

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Ok,
    /// Worth a look, but does not stop the release.
    Warning,
    /// Not checked, and reported as such.
    Skipped,
    Failed,
}

impl Outcome {
    /// Word that is printed.
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
        /// Subject of a check. Its name is stable between versions.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum CheckId {
            $($variant,)*
            /// The `check` command of a publish step.
            Publish(String),
        }

        impl CheckId {
            /// Names of all checks, with `publish:NAME` for those of publish steps.
            pub const NAMES: &[&str] = &[$($name,)* "publish:NAME"];

            /// Name that is printed.
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

/// One check with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub id: CheckId,
    pub result: Outcome,
    /// What the check found.
    pub detail: String,
    /// How to fix it; empty if there is nothing to fix.
    #[serde(rename = "mend", skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

impl Check {
    /// What the check found and how to fix it, in one line.
    pub fn words(&self) -> String {
        if self.remedy.is_empty() {
            self.detail.clone()
        } else {
            format!("{}; {}", self.detail, self.remedy)
        }
    }
}

/// Checks of a release, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Adds a check that passed.
    pub fn ok(&mut self, id: CheckId, detail: impl Into<String>) {
        self.add(id, Outcome::Ok, detail.into(), String::new());
    }

    /// Adds a check that was skipped.
    pub fn skip(&mut self, id: CheckId, why: impl Into<String>) {
        self.add(id, Outcome::Skipped, why.into(), String::new());
    }

    /// Adds a warning, which does not stop the release.
    pub fn warn(&mut self, id: CheckId, detail: impl Into<String>) {
        self.add(id, Outcome::Warning, detail.into(), String::new());
    }

    /// Adds a failed check and how to fix it.
    pub fn fail(&mut self, id: CheckId, detail: impl Into<String>, remedy: impl Into<String>) {
        self.add(id, Outcome::Failed, detail.into(), remedy.into());
    }

    /// Adds a failed check from an error with its remedy.
    pub fn fail_as(&mut self, id: CheckId, failure: Failure) {
        self.fail(id, failure.what, failure.remedy.unwrap_or_default());
    }

    /// Adds a passed check, unless this check already has a result.
    pub fn ok_unless_said(&mut self, id: CheckId, detail: impl Into<String>) {
        if !self.0.iter().any(|check| check.id == id) {
            self.ok(id, detail);
        }
    }

    fn add(&mut self, id: CheckId, result: Outcome, detail: String, remedy: String) {
        self.0.push(Check {
            id,
            result,
            detail,
            remedy,
        });
    }

    /// Appends other checks.
    pub fn extend(&mut self, others: Checks) {
        self.0.extend(others.0);
    }

    /// All checks.
    pub fn all(&self) -> &[Check] {
        &self.0
    }

    /// Checks that failed.
    pub fn failed(&self) -> Vec<&Check> {
        self.with(Outcome::Failed)
    }

    /// # Errors
    /// Fails with exit code 3 if a check failed, listing all failed checks below `what`.
    pub fn demand(&self, what: &str) -> Result<()> {
        let failed: Vec<String> = self.failed().into_iter().map(Check::words).collect();
        if failed.is_empty() {
            Ok(())
        } else {
            Err(Failure::unmet(what, &failed))
        }
    }

    /// Warnings, in words.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.with(Outcome::Warning);
        warnings.into_iter().map(Check::words).collect()
    }

    fn with(&self, result: Outcome) -> Vec<&Check> {
        self.0.iter().filter(|c| c.result == result).collect()
    }
}
