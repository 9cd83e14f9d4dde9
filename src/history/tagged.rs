//! The releases that are tagged here.

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

/// A release that is tagged here.
pub struct Tagged {
    pub tag: ReleaseTag,
    pub commit: CommitId,
    /// When it was tagged, in seconds since 1970.
    pub time: i64,
    /// The day on which it was tagged, `YYYY-MM-DD`.
    pub tagged_on: String,
    /// `YYYY-MM-DD`, as the list has it, else the day on which it was tagged.
    pub date: String,
    /// What its tag says of it.
    pub said: SaidKind,
    /// What the list says of it.
    pub record: Option<ReleaseRecord>,
    /// Whether the changelog calls it `[YANKED]`, where the list does not have it.
    pub is_yanked: bool,
}

impl Tagged {
    /// Whether it is no pre-release.
    pub fn is_final(&self) -> bool {
        self.tag.version.pre.is_empty()
    }

    /// What sort of release it is by the list, else by its tag; `None` if neither says it.
    pub fn kind(&self) -> Option<ReleaseKind> {
        let listed = self.record.as_ref().filter(|record| record.says_kind());
        listed.map(|record| record.kind).or(self.said.kind)
    }

    /// Whether it was taken back from its users.
    pub fn is_withdrawn(&self) -> bool {
        let record = self.record.as_ref();
        self.is_yanked || record.is_some_and(|record| record.withdrawn.is_some())
    }

    /// Its line in the list, as far as its tag tells it.
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

/// Every release of a project or a component that is tagged here, pre-releases among them, the oldest first. A project also has
/// those from before it chose its tags: `v1.2.3` and `1.2.3`.
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

/// Marks the releases that the changelog of HEAD calls `[YANKED]`. What the list has it knows itself.
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
