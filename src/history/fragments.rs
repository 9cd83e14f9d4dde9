//! Whether a project records its changes in fragments.

use crate::domain::commit::id::CommitId;
use crate::domain::entry::kind::Meaning;
use crate::domain::failure::Result;
use crate::domain::spec::Spec;
use crate::domain::spec::source::Source;
use crate::project::Project;

/// Whether a project records its changes in fragments: there is one now, or there was one in the commit before its last release.
pub fn are_used(project: &Project, specs: &[Spec], last: Option<CommitId>) -> Result<bool> {
    // A directory of fragments in another component is irrelevant for this one.
    let is_here = |path: &str| {
        let component = project.config.component.as_ref();
        component.is_none_or(|own| own.has_path(path) || !own.is_others(path))
    };
    let tells = |spec: &&Spec| spec.meaning != Meaning::Hide && is_here(&spec.path);
    let here = specs.iter().filter(tells);
    let mut known = here.filter_map(|spec| project.source_of(spec));
    if known.any(Source::is_of_fragments) {
        return Ok(true);
    }
    let Some(last) = last.filter(|_| project.config.specs.have_fragments()) else {
        return Ok(false);
    };
    let before = project.repo.commit_object(last)?.link.parents;
    let Some(before) = before.first().copied() else {
        return Ok(false);
    };
    let sources = project.config.specs.0.iter();
    for source in sources.filter(|source| source.is_of_fragments()) {
        let folder = source.files.folder();
        let names = project.repo.files_in(before, folder)?.into_keys();
        if names
            .map(|name| format!("{folder}/{name}"))
            .any(|path| source.holds(&path) && is_here(&path))
        {
            return Ok(true);
        }
    }
    Ok(false)
}
