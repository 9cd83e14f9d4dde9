//! The tagged releases of this repository.

use std::collections::HashMap;

use semver::Version;

use crate::domain::changelog::cut;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::release::kind::{self, NamedRelease, SaidKind};
use crate::domain::release::manifest::{ReleaseKind, ReleaseRecord};
use crate::domain::version::form;
use crate::project::Project;
use crate::sys::clock;
use crate::sys::git::{ReleaseTag, Which};

/// A tagged release.
pub struct Tagged {
    pub tag: ReleaseTag,
    pub commit: CommitId,
    /// Time of the tag, in seconds since 1970.
    pub time: i64,
    /// Day of the tag, `YYYY-MM-DD`.
    pub tagged_on: String,
    /// `YYYY-MM-DD` as in the release manifest, else the day of the tag.
    pub date: String,
    /// The kind that the tag states.
    pub said: SaidKind,
    /// The record in the release manifest.
    pub record: Option<ReleaseRecord>,
    /// Whether the changelog marks it `[YANKED]` and the release manifest does not list it.
    pub is_yanked: bool,
}

impl Tagged {
    /// Whether it is not a pre-release.
    pub fn is_final(&self) -> bool {
        self.tag.version.pre.is_empty()
    }

    /// The kind of release by the release manifest, else by its tag. `None` if neither states it.
    pub fn kind(&self) -> Option<ReleaseKind> {
        let listed = self.record.as_ref().filter(|record| record.says_kind());
        listed.map(|record| record.kind).or(self.said.kind)
    }

    /// Whether the release was withdrawn.
    pub fn is_withdrawn(&self) -> bool {
        let record = self.record.as_ref();
        self.is_yanked || record.is_some_and(|record| record.withdrawn.is_some())
    }

    /// Its record for the release manifest, as far as the tag has the fields.
    pub fn told(&self, component: Option<&str>) -> ReleaseRecord {
        ReleaseRecord {
            tag: self.tag.name.clone(),
            component: component.map(str::to_owned),
            version: self.tag.version.to_string(),
            date: self.tagged_on.clone(),
            kind: self.said.kind.unwrap_or_default(),
            support_until: self.said.support_until.clone(),
            ..ReleaseRecord::default()
        }
    }
}

/// Every tagged release of a project or a component, including pre-releases, oldest first. For a project, tags from before it chose its tag
/// format are included: `v1.2.3` and `1.2.3`.
pub fn tagged(project: &Project) -> Result<Vec<Tagged>> {
    let repo = &project.repo;
    let records = match repo.head()?.commit {
        Some(head) => project.releases_at(head)?,
        None => Vec::new(),
    };
    let mut records: HashMap<String, ReleaseRecord> = records
        .into_iter()
        .map(|record| (record.tag.clone(), record))
        .collect();
    let mut format = project.config.tag.clone();
    if project.name().is_none() {
        for before in ["v{version}", "{version}"] {
            format = format.clone().reading(before).unwrap_or(format);
        }
    }
    let mut all = Vec::new();
    for (commit, tag) in repo.all_release_tags(&format, Which::All)? {
        let Some(tagging) = repo.tagging(&tag.name)? else {
            continue;
        };
        let record = records.remove(&tag.name);
        let named = NamedRelease {
            version: &tag.version,
            tag: &tag.name,
            is_component: project.name().is_some(),
        };
        let said = kind::of_tag(
            named,
            &tagging.message,
            &tagging.title,
            &project.config.messages,
        );
        let date = record.as_ref().map(|record| record.date.clone());
        let date = date.filter(|date| clock::is_day(date)); // people write the list, too
        all.push(Tagged {
            date: date.unwrap_or_else(|| tagging.day.clone()),
            said,
            tag,
            commit,
            time: tagging.time,
            tagged_on: tagging.day,
            record,
            is_yanked: false,
        });
    }
    mark_yanked(project, &mut all)?;
    order::by(&mut all, |a, b| {
        (a.time, &a.tag.version).cmp(&(b.time, &b.tag.version))
    });
    Ok(all)
}

/// Marks the releases that the changelog of HEAD calls `[YANKED]`. Releases in the release manifest are skipped: it states that itself.
fn mark_yanked(project: &Project, all: &mut [Tagged]) -> Result<()> {
    let mut unlisted = all.iter_mut().filter(|one| one.record.is_none()).peekable();
    let head = project.repo.head()?.commit;
    let (Some(head), true) = (head, unlisted.peek().is_some()) else {
        return Ok(());
    };
    let changelog = project.repo.file_at(head, &project.config.changelog)?;
    let yanked = cut::yanked_versions(&changelog.unwrap_or_default());
    let yanked: Vec<Version> = yanked.iter().filter_map(|text| form::read(text)).collect();
    for one in unlisted {
        one.is_yanked = yanked.contains(&one.tag.version);
    }
    Ok(())
}
