//! Changes the kind of an existing release: a hotfix that was not marked as one, or long-term support that was decided later. Changes the
//! release manifest and the support block in one commit. Never moves a tag, and refuses a project without a release manifest.

use serde_json::json;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::manifest::{self, ReleaseKind, ReleaseRecord};
use crate::domain::release::plan::FileChange;
use crate::domain::release::title::OwnCommit;
use crate::domain::text::{terminal, words};
use crate::domain::version;
use crate::project::{Project, write_lock};
use crate::release::{lock, preconditions, records, support_block};
use crate::section::write;
use crate::sys::clock;
use crate::transition::Made;
use crate::ui::Report;

/// The failure for a project without a release manifest.
pub fn no_list() -> Failure {
    let what = "`manifest` in relwatch.yml is empty: there is no list";
    Failure::new(Exit::Usage, what).with_remedy("name a file")
}

/// New kind of a release.
#[derive(Debug, Clone, Copy)]
pub enum NewKind {
    Kind(ReleaseKind),
    /// Long-term support: an LTS release, or a hotfix that stays supported.
    Supported,
}

/// Sets the kind of a release; `until` is the last day of its support, as the user writes it.
///
/// # Errors
/// Exit 2 without a release manifest, for a pre-release and for an invalid date; exit 3 if the release does not exist.
pub fn set(project: &Project, words: &str, kind: NewKind, until: Option<&str>) -> Result<Report> {
    project.alone()?;
    let path = &project.config.manifest;
    if path.is_empty() {
        return Err(no_list());
    }
    let _release = lock::begin(project)?;
    let version = version::typed(words)?;
    let tag = project.tag_of(&version)?;
    if !version.pre.is_empty() {
        let what = format!("{tag} is a pre-release by its version");
        return Err(
            Failure::new(Exit::Usage, what).with_remedy("give the version of a final release")
        );
    }
    let Some(known) = records::find(project, &tag)? else {
        let what = format!("there is no release {tag} here");
        return Err(Failure::precondition(what).with_remedy("run `git fetch --tags`"));
    };
    let (base, branch) = preconditions::on_branch(project.repo.head()?)?;
    preconditions::demand_clean(project)?;
    let record = changed(project, &known, kind, until)?;
    let said = described(&record);
    let json = |commit| json!({"schema": 1, "release": record, "commit": commit});
    let text = project.repo.file_at(base, path)?;
    let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let after = manifest::changed(text.as_deref(), &record);
    if text.as_ref() == Some(&after) {
        let text = format!("{tag} is listed as {said} already\n");
        return Ok(Report::text(text).with_json(json(None)));
    }
    let mut files = vec![FileChange::write(path.clone(), after.into_bytes())];
    let told = std::slice::from_ref(&record);
    let unserved = support_block::refresh(project, base, &clock::today(), told, &mut files)?;
    let made = Made {
        what: format!("kind of {tag}"),
        message: format!("{}\n", OwnCommit::Kind(&tag, &said)),
        base,
        branch: &branch,
    };
    let held = write_lock::hold(project)?;
    let commit = made.commit(project, &held, &files)?;
    write::show(project, &held)?;
    let short = commit.short();
    let mut out = format!("{tag} is listed as {said}: commit {short} on {branch}\n");
    if let Some(remote) = project.remote(&branch) {
        let push = [remote, branch].map(|word| words::shell_word(&word).to_string());
        out.push_str(&format!("next: git push {}\n", push.join(" ")));
    }
    let report = Report::text(out).with_json(json(Some(commit)));
    Ok(report.with_warnings(unserved))
}

/// A manifest line with another kind. A hotfix may have long-term support; a regular release may not.
fn changed(
    project: &Project,
    known: &ReleaseRecord,
    kind: NewKind,
    until: Option<&str>,
) -> Result<ReleaseRecord> {
    let mut record = known.clone();
    record.kind = match kind {
        NewKind::Kind(kind) => kind,
        NewKind::Supported if known.kind == ReleaseKind::Hotfix => ReleaseKind::Hotfix,
        NewKind::Supported => ReleaseKind::Lts,
    };
    let is_new = matches!(kind, NewKind::Supported) || record.kind == ReleaseKind::Lts;
    record.support_until = match (record.kind, until) {
        (_, Some(words)) => Some(last_day(&record.date, words)?),
        (ReleaseKind::Regular, None) => None,
        (_, None) if is_new && record.support_until.is_none() => {
            clock::later(&record.date, &project.config.support.lts)
        }
        (_, None) => record.support_until,
    };
    if record.base.is_empty() {
        // Without this, the line was built from a tag, and its kind `regular` was only assumed.
        let at = project.repo.resolved(&RefName::tag(&record.tag));
        record.base = at.map_or(String::new(), |at| at.to_string());
    }
    Ok(record)
}

fn last_day(from: &str, words: &str) -> Result<String> {
    let day = Some(words.to_owned()).filter(|words| clock::is_day(words));
    day.or_else(|| clock::later(from, words)).ok_or_else(|| {
        let what = format!("`{}` is no day", terminal::printable(words));
        Failure::new(Exit::Usage, what)
            .with_remedy("give one like 2027-01-30, or `1 year` from its release")
    })
}

fn described(record: &ReleaseRecord) -> String {
    let until = record.support_until.as_ref();
    let until = until.map_or(String::new(), |day| format!(", supported until {day}"));
    format!("{}{until}", record.kind.word())
}
