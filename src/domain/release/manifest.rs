//! The release manifest, `.relwatch/releases.yml`: one line per release, so that git's union merge (gitattributes(5)) joins the manifests
//! of two branches. Lines that are not releases are unchanged.

use serde::{Deserialize, Serialize};

use crate::domain::text::terminal;
use crate::domain::yaml;

/// First lines of a new manifest.
const HEADER: &str =
    "# Every release, one a line, written by relwatch. `relwatch releases` shows it.\n";

/// One release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRecord {
    pub tag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    pub version: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    pub kind: ReleaseKind,
    /// The commit that it was built on; empty if that is no longer known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub base: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<String>,
    /// Last day of support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_until: Option<String>,
    /// Gates and checklists that were skipped, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// Kind of a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseKind {
    #[default]
    Regular,
    /// A fix for the previous release of its line, ahead of the next regular one.
    Hotfix,
    Prerelease,
    Lts,
}

impl ReleaseKind {
    /// Name in titles.
    pub fn title(self) -> &'static str {
        match self {
            ReleaseKind::Regular | ReleaseKind::Lts => "Release",
            ReleaseKind::Hotfix => "Hotfix",
            ReleaseKind::Prerelease => "Pre-release",
        }
    }

    /// Name in lists, options and tags.
    pub fn word(self) -> &'static str {
        match self {
            ReleaseKind::Regular => "regular",
            ReleaseKind::Hotfix => "hotfix",
            ReleaseKind::Prerelease => "prerelease",
            ReleaseKind::Lts => "lts",
        }
    }

    /// Kind with this name.
    pub fn of_word(word: &str) -> Option<ReleaseKind> {
        let all = [Self::Regular, Self::Hotfix, Self::Prerelease, Self::Lts];
        all.into_iter().find(|kind| kind.word() == word)
    }
}

impl ReleaseRecord {
    /// Whether the kind was set explicitly: a line made from a tag of another tool says `regular` because nothing better is known.
    pub fn says_kind(&self) -> bool {
        !self.base.is_empty() || self.kind != ReleaseKind::Regular
    }

    /// Whether it has long-term support; a hotfix may have it, too.
    pub fn is_lts(&self) -> bool {
        self.kind == ReleaseKind::Lts || self.support_until.is_some()
    }

    /// Adds the fields that another line about the same release has and this one lacks.
    fn add(&mut self, other: ReleaseRecord) {
        if !self.says_kind() || self.kind == ReleaseKind::Regular && other.says_kind() {
            self.kind = other.kind;
        }
        if self.base.is_empty() {
            self.base = other.base;
        }
        self.support_until = self.support_until.take().max(other.support_until);
        match (&mut self.withdrawn, other.withdrawn) {
            (Some(own), Some(other)) => own.add(other),
            (own @ None, other) => *own = other,
            (Some(_), None) => {}
        }
    }
}

/// Why a release was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// `YYYY-MM-DD`.
    pub date: String,
    pub reason: String,
    /// Affected users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    /// What is done to prevent it in future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<String>,
    /// Release or plan that replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

impl Withdrawal {
    /// Adds the day and all fields of an earlier withdrawal; an empty reason counts as missing.
    ///
    /// # Errors
    /// Fails with the field that differs between the two: `reason`, `impact`, `actions` or `plan`.
    pub fn extends(&mut self, earlier: Withdrawal) -> Result<(), String> {
        let own = Some(self.reason.clone()).filter(|reason| !reason.is_empty());
        let fields = [
            ("reason", &own, &Some(earlier.reason.clone())),
            ("impact", &self.impact, &earlier.impact),
            ("actions", &self.actions, &earlier.actions),
            ("plan", &self.plan, &earlier.plan),
        ];
        for (name, own, earlier) in fields {
            if own.is_some() && earlier.is_some() && own != earlier {
                return Err(name.to_owned());
            }
        }
        self.date = earlier.date.clone();
        self.reason = earlier.reason.clone();
        self.add(earlier);
        Ok(())
    }

    /// Adds the fields that another withdrawal of the same release has and this one lacks.
    fn add(&mut self, other: Withdrawal) {
        self.impact = self.impact.take().or(other.impact);
        self.actions = self.actions.take().or(other.actions);
        self.plan = self.plan.take().or(other.plan);
    }
}

/// Releases in a manifest, in its order. After a merge, a release may be listed twice: unchanged, and as one branch changed it. The fields
/// of both lines are combined, and a kind that was set explicitly has priority over `regular`.
///
/// # Errors
/// Fails with the number of the line and what is wrong with it.
pub fn read(text: &str) -> Result<Vec<ReleaseRecord>, String> {
    let mut records: Vec<ReleaseRecord> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some(record) = record(line, at)? else {
            continue;
        };
        match records.iter_mut().find(|known| known.tag == record.tag) {
            Some(known) => known.add(record),
            None => records.push(record),
        }
    }
    Ok(records)
}

fn record(line: &str, at: usize) -> Result<Option<ReleaseRecord>, String> {
    let Some(body) = line.strip_prefix("- ") else {
        let is_nothing = line.trim().is_empty() || line.starts_with('#');
        return if is_nothing {
            Ok(None)
        } else {
            Err(format!("line {}: not a release in one line", at + 1))
        };
    };
    // The line is read as JSON, as it was written, else as YAML, in case it was edited by hand. In YAML, brackets count anywhere.
    let record = serde_json::from_str(body).or_else(|_| yaml::read(body));
    let record = record.map_err(|error| format!("line {}: {}", at + 1, error.message))?;
    Ok(Some(record))
}

/// Manifest with these releases added at its end.
pub fn with(text: Option<&str>, records: &[ReleaseRecord]) -> String {
    let mut out = text.unwrap_or(HEADER).to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    for record in records {
        out.push_str(&line(record));
    }
    out
}

/// Manifest with the line of a release replaced; a release that is not listed is added at the end.
pub fn changed(text: Option<&str>, changed: &ReleaseRecord) -> String {
    let mut found = false;
    let mut out = String::new();
    for (at, old) in text.unwrap_or_default().split_inclusive('\n').enumerate() {
        match record(old.trim_end(), at).ok().flatten() {
            Some(record) if record.tag == changed.tag => {
                // A merge may have left the release twice.
                if !std::mem::replace(&mut found, true) {
                    out.push_str(&line(changed));
                }
            }
            _ => out.push_str(old),
        }
    }
    if found {
        out
    } else {
        with(text, std::slice::from_ref(changed))
    }
}

/// JSON is YAML (YAML 1.2, 1.3), and it fits into one line.
fn line(record: &ReleaseRecord) -> String {
    let json = serde_json::to_string(record).unwrap_or_default();
    // YAML does not allow all control characters that JSON may contain unescaped (YAML 1.2, 5.1).
    format!("- {}\n", terminal::json(&json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(tag: &str) -> ReleaseRecord {
        ReleaseRecord {
            tag: tag.into(),
            version: tag.trim_start_matches('v').into(),
            date: "2026-01-30".into(),
            ..ReleaseRecord::default()
        }
    }

    #[test]
    fn a_list_grows_and_remembers() {
        let one = with(None, &[release("v0.1.0")]);
        let two = with(Some(&one), &[release("v0.2.0")]);
        assert!(two.starts_with(&one));
        let mut gone = release("v0.1.0");
        gone.withdrawn = Some(Withdrawal {
            date: "2026-02-01".into(),
            reason: "loses: data\n- {\"tag\": \"x\"}".into(),
            impact: None,
            actions: None,
            plan: None,
        });
        let three = changed(Some(&two), &gone);
        let all = read(&three).unwrap();
        assert_eq!(all, [gone.clone(), release("v0.2.0")]);
        assert_eq!(changed(Some(&one), &release("v0.2.0")), two);
        assert_eq!(changed(None, &release("v0.1.0")), one);
        // The result of git's union merge, in either order.
        for merged in [format!("{three}{two}"), format!("{two}{three}")] {
            assert_eq!(read(&merged).unwrap(), all);
            let once = changed(Some(&merged), &gone);
            assert_eq!(once.matches("v0.1.0\"").count(), 1, "{once}");
        }
    }

    #[test]
    fn what_either_of_two_lines_knows_counts() {
        let hotfix = ReleaseRecord {
            kind: ReleaseKind::Hotfix,
            support_until: Some("2027-01-01".into()),
            ..release("v0.1.0")
        };
        let lines = [release("v0.1.0"), hotfix.clone()];
        let [a, b] = &lines;
        for lines in [[a, b], [b, a]] {
            let list = with(None, &lines.map(ReleaseRecord::clone));
            assert_eq!(read(&list).unwrap(), std::slice::from_ref(&hotfix));
        }
        for kind in ["regular", "hotfix", "prerelease", "lts"] {
            assert_eq!(
                ReleaseKind::of_word(kind).map(ReleaseKind::word),
                Some(kind)
            );
        }
    }

    #[test]
    fn what_is_no_release_is_named() {
        assert!(
            read("# x\n\n- {tag: v1, odd}\n")
                .unwrap_err()
                .contains("line 3")
        );
        assert!(read("releases: []\n").is_err());
    }
}
