//! The releases that are tagged here.

use std::collections::HashMap;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::release::manifest::ReleaseRecord;
use crate::project::Project;
use crate::sys::clock;
use crate::sys::git::{ReleaseTag, Which};

/// A release that is tagged here.
pub struct Tagged {
    pub tag: ReleaseTag,
    pub commit: CommitId,
    /// When it was tagged, in seconds since 1970.
    pub time: i64,
    /// `YYYY-MM-DD`, as the list has it.
    pub date: String,
    /// What the list says of it.
    pub record: Option<ReleaseRecord>,
}

impl Tagged {
    /// Whether it is no pre-release.
    pub fn is_final(&self) -> bool {
        self.tag.version.pre.is_empty()
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
        let Some(time) = repo.tag_time(&tag.name)? else {
            continue;
        };
        let record = records.remove(&tag.name);
        let date = record.as_ref().map(|record| record.date.clone());
        let date = date.filter(|date| clock::is_day(date)); // people write the list, too
        all.push(Tagged {
            date: date.unwrap_or_else(|| clock::day_of(time)),
            tag,
            commit,
            time,
            record,
        });
    }
    order::by(&mut all, |a, b| {
        (a.time, &a.tag.version).cmp(&(b.time, &b.tag.version))
    });
    Ok(all)
}
