//! The list of all releases, `.relwatch/releases.yml`: one line a release, so that git's union merge (gitattributes(5)) joins the
//! lists of two branches. Lines that are no release stay as they are.

use serde::{Deserialize, Serialize};

use crate::domain::text::terminal;
use crate::domain::yaml;

/// What a new list begins with.
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
    /// The commit that it was built on; empty if that is not known any more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub base: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<String>,
    /// The last day of its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_until: Option<String>,
    /// Gates and checklists that were skipped, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// What sort of release it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseKind {
    #[default]
    Regular,
    /// From a hotfix branch.
    Hotfix,
    Prerelease,
    Lts,
}

impl ReleaseKind {
    /// As titles have it.
    pub fn title(self) -> &'static str {
        match self {
            ReleaseKind::Regular | ReleaseKind::Lts => "Release",
            ReleaseKind::Hotfix => "Hotfix",
            ReleaseKind::Prerelease => "Pre-release",
        }
    }
}

/// Why a release was taken back from its users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// `YYYY-MM-DD`.
    pub date: String,
    pub reason: String,
    /// Who is affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    /// What comes instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

/// The releases of a list, in its order. After a merge a release may stand there twice: the line that tells of a withdrawal
/// counts, else the first.
///
/// # Errors
/// The number of the line and what is wrong with it.
pub fn read(text: &str) -> Result<Vec<ReleaseRecord>, String> {
    let mut records: Vec<ReleaseRecord> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some(record) = record(line, at)? else {
            continue;
        };
        match records.iter_mut().find(|known| known.tag == record.tag) {
            Some(known) if known.withdrawn.is_none() => known.withdrawn = record.withdrawn,
            Some(_) => {}
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
    // As it was written; as YAML, what a person made of it. There brackets count wherever they stand.
    let record = serde_json::from_str(body).or_else(|_| yaml::read(body));
    let record = record.map_err(|error| format!("line {}: {}", at + 1, error.message))?;
    Ok(Some(record))
}

/// The list with these releases at its end.
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

/// The list with a release withdrawn; `None` if it does not hold it.
pub fn withdrawn(text: &str, tag: &str, withdrawal: &Withdrawal) -> Option<String> {
    let mut found = false;
    let mut out = String::with_capacity(text.len() + 100);
    for (at, old) in text.split_inclusive('\n').enumerate() {
        match record(old.trim_end(), at).ok().flatten() {
            Some(mut record) if record.tag == tag => {
                found = true;
                record.withdrawn = Some(withdrawal.clone());
                out.push_str(&line(&record));
            }
            _ => out.push_str(old),
        }
    }
    found.then_some(out)
}

/// JSON is YAML (YAML 1.2, 1.3), and it fits into one line.
fn line(record: &ReleaseRecord) -> String {
    let json = serde_json::to_string(record).unwrap_or_default();
    // YAML takes no control character that JSON may hold as it is (YAML 1.2, 5.1).
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
        let gone = Withdrawal {
            date: "2026-02-01".into(),
            reason: "loses: data\n- {\"tag\": \"x\"}".into(),
            impact: None,
            plan: None,
        };
        let three = withdrawn(&two, "v0.1.0", &gone).unwrap();
        let read = read(&three).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].withdrawn.as_ref(), Some(&gone));
        assert_eq!(withdrawn(&two, "v9.0.0", &gone), None);
        // As git's union merge leaves it.
        let merged = format!("{three}{two}");
        assert_eq!(super::read(&merged).unwrap(), read);
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
