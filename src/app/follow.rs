//! References that follow their commits: an amend or a rebase gives a change another name, and lines and skip
//! comments that people wrote still mean that change.

use crate::app::Project;
use crate::app::section::History;
use crate::domain::reference::Named;
use crate::sys::rewrites;

/// Adds to `named` what the commits that it names have become.
pub fn extend(project: &Project, history: &History, named: &mut Named) {
    let found: Vec<(String, String)> = named
        .commits()
        .iter()
        .filter_map(|old| Some((old.clone(), successor(project, history, old)?)))
        .collect();
    for (old, new) in found {
        named.follow(&old, &new);
    }
}

/// The unreleased commit that the named one has become: by git's own old and new names, else the one with the same
/// author, author date and subject. `None` if it is unreleased itself or nobody knows.
pub fn successor(project: &Project, history: &History, abbreviation: &str) -> Option<String> {
    let known = |id: &str| history.commits.iter().any(|c| c.id == id);
    if history
        .commits
        .iter()
        .any(|c| c.id.starts_with(abbreviation))
    {
        return None;
    }
    let pairs = rewrites::load(project.repo.common_dir());
    let mut old = pairs.keys().find(|old| old.starts_with(abbreviation));
    for _ in 0..pairs.len() {
        let Some(new) = old.and_then(|old| pairs.get(old)) else {
            break;
        };
        if known(new) {
            return Some(new.clone());
        }
        old = Some(new);
    }
    let id = project.repo.expanded(abbreviation)?;
    let old = project.repo.commit(&id, false).ok()?;
    let subject = old.message.trim().lines().next().unwrap_or("").trim();
    let mut same = history
        .commits
        .iter()
        .filter(|c| c.message.subject == subject && c.author == old.author);
    same.next().map(|c| c.id.clone())
}
