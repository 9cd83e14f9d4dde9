//! Lines of the release manifest: taken from the manifest, else built from tags, their commits and changelogs.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::release::manifest::ReleaseRecord;
use crate::domain::release::title;
use crate::domain::version::form;
use crate::history::spec_files;
use crate::history::tagged::{self, Tagged};
use crate::project::Project;

/// Every tagged release: from `known` if it is there, else built from its tag.
pub fn rebuilt(project: &Project, known: &[ReleaseRecord]) -> Result<Vec<ReleaseRecord>> {
    let mut records = Vec::new();
    for record in known {
        if project
            .repo
            .reference(&RefName::tag(&record.tag))?
            .is_some()
        {
            records.push(record.clone());
        }
    }
    for part in project.components() {
        for one in tagged::tagged(&part)? {
            let is_own = part.config.tag.version(&one.tag.name).is_some();
            let is_known = records.iter().any(|record| record.tag == one.tag.name);
            if is_own && !is_known {
                records.push(by_tag(&part, &one)?);
            }
        }
    }
    let number = |record: &ReleaseRecord| form::read(&record.version);
    order::by(&mut records, |a, b| {
        a.date.cmp(&b.date).then_with(|| number(a).cmp(&number(b)))
    });
    Ok(records)
}

/// The line of one release: from HEAD's manifest, else built from its tag. `None` if there is no such release.
pub fn find(project: &Project, tag: &str) -> Result<Option<ReleaseRecord>> {
    let mut all = tagged::tagged(project)?.into_iter();
    let Some(one) = all.find(|one| one.tag.name == tag) else {
        return Ok(None);
    };
    match &one.record {
        Some(record) => Ok(Some(record.clone())),
        None => by_tag(project, &one).map(Some),
    }
}

/// The line built from a tag, with the specs that its commit archives if relwatch made it.
fn by_tag(project: &Project, one: &Tagged) -> Result<ReleaseRecord> {
    let raw = project.repo.commit(one.commit)?;
    let title = raw.message.lines().next().unwrap_or_default();
    let (own, version) = (&project.config.messages.commit, one.tag.version.to_string());
    let is_ours = title::is_own(title) || own.fits(title, &one.tag.name, &version);
    let base = raw.parents.first().copied().filter(|_| is_ours);
    let mut record = one.told(project.name());
    if let Some(base) = base {
        record.base = base.to_string();
        record.specs = archived(project, base, one.commit)?;
    }
    Ok(record)
}

/// The specs that a release commit moved to an archive.
fn archived(project: &Project, base: CommitId, commit: CommitId) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for source in &project.config.specs.0 {
        let Some(root) = source.archive_root() else {
            continue;
        };
        let files = spec_files::archived_files(&project.repo, source, root, Some(base), commit)?;
        let read = files.iter().filter_map(|path| source.read_path(path));
        ids.extend(read.map(|(id, ..)| id));
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}
