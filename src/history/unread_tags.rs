//! Tags that look like releases of the repository but do not match `tag`. relwatch does not guess what they are: it names the newest one
//! and the line to write. If `tag` is configured and matches a tag, the others are not releases of the project.

use semver::Version;

use crate::config::FILE;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::text::{terminal, words};
use crate::domain::version::families::{self, TagFamily};
use crate::domain::version::tag_format::{self, TagFormat};
use crate::project::Project;
use crate::sys::git::ReleaseTags;

/// The tags of a repository, sorted by whether `tag` matches them.
struct SortedTags {
    read: Vec<String>,
    unread: Vec<String>,
}

/// A tag that contains a version in another format than `tag`.
pub struct UnreadTag {
    pub name: String,
    /// The value of `tag` that also matches it.
    pub setting: String,
}

impl SortedTags {
    fn of_project(project: &Project) -> Result<SortedTags> {
        let all = project.repo.tag_list()?.into_iter();
        let (read, unread) = all.partition(|name| project.config.tag.version(name).is_some());
        Ok(SortedTags { read, unread })
    }

    /// The unmatched tags that look like versions, by format.
    fn families(&self) -> Vec<TagFamily> {
        families::families(self.unread.iter().map(|tag| (tag.as_str(), 0)))
    }

    /// The unmatched tags that look like versions of the whole repository, each with its version and its template.
    fn of_whole(&self) -> Vec<(Version, &str, String)> {
        let families = self.families();
        let whole = families.iter().filter(|family| family.package().is_none());
        let forms = whole.filter_map(|family| {
            let form = TagFormat::new(&family.template)?;
            Some((form, &family.template))
        });
        let read = forms.flat_map(|(form, template)| {
            let tags = self.unread.iter();
            let tags =
                tags.filter_map(move |tag| Some((form.version(tag)?, &**tag, template.clone())));
            tags.collect::<Vec<_>>()
        });
        read.collect()
    }
}

/// A hint if the newest release in the history of a commit is tagged in a format that `tag` does not match.
///
/// # Errors
/// Fails if git cannot read its references.
pub fn hint(
    project: &Project,
    tags: &ReleaseTags,
    commit: Option<CommitId>,
) -> Result<Option<String>> {
    // Nearly every repository has no other tags: their names are read only if there are some.
    let has_own = tags.matching > 0;
    if !is_whole(project) || has_own && tags.others == 0 {
        return Ok(None);
    }
    if !has_own && tags.others == 0 && project.repo.fetches_no_tags() {
        return Ok(Some(
            "this clone was made without tags; run `git fetch --tags`".to_owned(),
        ));
    }
    let tags = SortedTags::of_project(project)?;
    if !has_own {
        return Ok(of_none_read(&project.config.tag, &tags));
    }
    let newest = newest(project, &tags, commit)?;
    Ok(newest.map(|UnreadTag { name, setting }| {
        let (format, name) = (&project.config.tag, terminal::printable(&name));
        format!(
            "tags look like versions ({name}), and `{format}` does not read them: if they are releases, write `tag: {setting}` into {FILE}, else `tag: {}`",
            tag_format::yaml(&format.templates())
        )
    }))
}

/// The hint if `tag` matches no tag at all.
fn of_none_read(format: &TagFormat, tags: &SortedTags) -> Option<String> {
    let found = tags.families();
    let packages = found.iter().filter_map(TagFamily::package);
    if packages.count() > 1 {
        let newest = found.iter().take(2).map(|family| family.newest.tag.clone());
        let newest = words::shortlist(&newest.collect::<Vec<_>>());
        let newest = terminal::printable(&newest);
        return Some(format!(
            "tags look like versions of packages ({newest}), and none is read: if they are releases, `components:` in {FILE} reads them (docs/how-to/monorepo.md)"
        ));
    }
    let family = found.first()?;
    let newest = terminal::printable(&family.newest.tag);
    let template = terminal::printable(&family.template);
    Some(format!(
        "tags look like versions ({newest}), and `{format}` reads none: if they are releases, write `tag: \"{template}\"` into {FILE}"
    ))
}

/// The highest release in the history of a commit, if `tag` does not match it.
fn newest(
    project: &Project,
    tags: &SortedTags,
    commit: Option<CommitId>,
) -> Result<Option<UnreadTag>> {
    let unread = others(project, tags);
    let (false, Some(commit)) = (unread.is_empty(), commit) else {
        return Ok(None);
    };
    let format = &project.config.tag;
    let read = tags.read.iter();
    let read = read.filter_map(|name| Some((format.version(name)?, name.as_str(), None)));
    let unread = unread
        .into_iter()
        .map(|(version, name, template)| (version, name, Some(template)));
    let mut all: Vec<_> = read.chain(unread).collect();
    all.retain(|(version, ..)| version.pre.is_empty());
    order::by(&mut all, |a, b| {
        (&b.0, a.2.is_some()).cmp(&(&a.0, b.2.is_some()))
    });
    for (_, name, template) in all {
        let tagged = project.repo.resolved(&RefName::tag(name));
        let Some(tagged) = tagged else { continue };
        if project.repo.contains(commit, tagged)? {
            return Ok(template.map(|template| UnreadTag::new(format, name, template)));
        }
    }
    Ok(None)
}

/// The tag of a version in a format that `tag` does not match.
///
/// # Errors
/// Fails if git cannot read its references.
pub fn of_version(project: &Project, version: &Version) -> Result<Option<UnreadTag>> {
    if !is_whole(project) {
        return Ok(None);
    }
    let tags = SortedTags::of_project(project)?;
    let mut others = others(project, &tags).into_iter();
    let other = others.find(|(other, ..)| other == version);
    let format = &project.config.tag;
    Ok(other.map(|(_, name, template)| UnreadTag::new(format, name, template)))
}

/// Tags of the whole repository that may be releases although `tag` does not match them. None if `tag` is configured.
fn others<'t>(project: &Project, tags: &'t SortedTags) -> Vec<(Version, &'t str, String)> {
    let others = tags.of_whole();
    if others.is_empty() || project.written.has("tag") {
        return Vec::new();
    }
    others
}

/// Whether all tags of the repository belong to one changelog.
fn is_whole(project: &Project) -> bool {
    project.name().is_none() && project.config.components.is_empty()
}

impl UnreadTag {
    fn new(format: &TagFormat, name: &str, template: String) -> UnreadTag {
        let templates = [vec![template], format.templates()].concat();
        UnreadTag {
            name: name.to_owned(),
            setting: terminal::printable(&tag_format::yaml(&templates)),
        }
    }
}
