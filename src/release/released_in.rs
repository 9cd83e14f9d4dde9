//! The versions that a commit releases, by the release manifest and the changelogs, whatever its message says. A tag alone does not make a
//! commit a release.

use semver::Version;

use crate::domain::changelog::document::Document;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::ref_name::RefName;
use crate::domain::release::manifest::ReleaseKind;
use crate::domain::release::texts::TextValues;
use crate::domain::version::form;
use crate::project::Project;

/// A version that a commit releases.
pub struct ReleasedVersion {
    pub version: Version,
    pub tag: String,
}

/// The versions in the manifest of a commit that are not in its first parent's; without a manifest, those whose sections the commit adds.
/// `tag` is one that the commit may release: for it the commit's title counts too, since a pre-release does not change the changelog.
pub fn released_in(
    project: &Project,
    commit: CommitId,
    tag: Option<&str>,
) -> Result<Vec<ReleasedVersion>> {
    let raw = project.repo.commit(commit)?;
    let parent = raw.parents.first().copied();
    let mut found = Vec::new();
    for part in project.components() {
        for tag in new_tags(&part, parent, commit)? {
            found.extend(released(&part, tag));
        }
    }
    let title = raw.message.lines().next().unwrap_or_default();
    if let Some(part) = tag.and_then(|tag| project.of_tag(tag).ok())
        && let Some(named) = tag.and_then(|tag| released(&part, tag.to_owned()))
        && found.iter().all(|known| known.tag != named.tag)
        && part.config.messages.commit.fits(
            title,
            &named.tag,
            &part.config.tag.text_of(&named.tag).unwrap_or_default(),
        )
    {
        found.push(named);
    }
    Ok(found)
}

fn released(part: &Project, tag: String) -> Option<ReleasedVersion> {
    let version = part.config.tag.version(&tag)?;
    Some(ReleasedVersion { version, tag })
}

/// The tags of the versions that a commit adds to the manifest, or else to a changelog.
fn new_tags(part: &Project, parent: Option<CommitId>, commit: CommitId) -> Result<Vec<String>> {
    let then = |at: CommitId| -> Result<Vec<String>> {
        if !part.config.manifest.is_empty() {
            let records = part.releases_at(at)?.into_iter();
            let own = records.filter(|record| record.component.as_deref() == part.name());
            return Ok(own.map(|record| record.tag).collect());
        }
        let doc = part.repo.file_at(at, &part.config.changelog)?;
        let doc = doc.unwrap_or_default();
        let doc = Document::parse(&doc);
        let versions = doc.versions().filter_map(form::read);
        versions.map(|version| part.tag_of(&version)).collect()
    };
    let before = parent.map_or_else(|| Ok(Vec::new()), then)?;
    let mut now = then(commit)?;
    now.retain(|tag| !before.contains(tag));
    Ok(now)
}

/// The tags of a component, or of the whole project, that a commit adds to the manifest.
pub fn listed_in(part: &Project, commit: CommitId) -> Result<Vec<String>> {
    if part.config.manifest.is_empty() {
        return Ok(Vec::new());
    }
    let parents = part.repo.commit(commit)?.parents;
    new_tags(part, parents.first().copied(), commit)
}

/// The kind of a tag's release, by the manifest of its commit; a hotfix by its branch, too.
pub fn kind_of(project: &Project, commit: CommitId, tag: &str) -> Result<ReleaseKind> {
    let mut records = project.releases_at(commit)?.into_iter();
    if let Some(record) = records.find(|record| record.tag == tag) {
        return Ok(record.kind);
    }
    let version = project.of_tag(tag)?.config.tag.version(tag);
    if version.is_some_and(|version| !version.pre.is_empty()) {
        return Ok(ReleaseKind::Prerelease);
    }
    let hotfix = RefName::branch(&format!("hotfix/{tag}"));
    Ok(match project.repo.reference(&hotfix)? {
        Some(_) => ReleaseKind::Hotfix,
        None => ReleaseKind::Regular,
    })
}

/// The message of the commit that merges a release into a branch.
pub fn merge_text(project: &Project, commit: CommitId, tag: &str, branch: &str) -> Result<String> {
    let format = project.of_tag(tag)?.config.tag;
    let version = format.text_of(tag).unwrap_or_default();
    let values = TextValues {
        versions: vec![&version],
        tags: vec![tag],
        branch,
        kind: kind_of(project, commit, tag)?,
        ..TextValues::default()
    };
    Ok(project.config.messages.merge.filled(&values))
}
