//! What a section depends on: if nothing of it changed, the section is still right.

use crate::domain::failure::Result;
use crate::history::spec_files::{self, Listed};
use crate::project::Project;
use crate::sys::files;
use crate::sys::git::Indexed;
use crate::sys::state;

/// What a section computed now depends on.
pub fn current(project: &Project) -> Result<state::Basis> {
    with_specs(project, &spec_files::list(project)?)
}

pub fn with_specs(project: &Project, listed: &[Listed<'_>]) -> Result<state::Basis> {
    let repo = &project.repo;
    let config = &project.config;
    let head = repo.head()?.commit;
    let specs = spec_files::fingerprint(project, listed, head)?;
    Ok(state::Basis {
        head,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tags: repo.tags_fingerprint(&config.tag_format()?),
        config: files::fingerprint(&repo.root().join(crate::config::FILE)),
        specs,
        file: files::content_fingerprint(&files::at(repo.root(), &config.changelog)),
        blob: match repo.indexed(&config.changelog)? {
            Indexed::Tracked(blob) => blob.to_string(),
            _ => String::new(),
        },
    })
}
