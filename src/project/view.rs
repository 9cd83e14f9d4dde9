//! Whether a changelog can be a view here: whether git would remove generated lines before they get into a commit. If that is uncertain,
//! the view is rejected.

use std::fmt;

use crate::domain::failure::{Failure, Result};
use crate::project::{Project, wiring};
use crate::sys::files::{self, Durable};
use crate::sys::git::Repo;
use crate::sys::git::attributes::{self, FilterAttribute, OWN_FILTER};

/// The reason why git would not clean the changelog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewObstacle {
    /// `init` has not been run in this clone.
    NotSetUp,
    /// The filter's command cannot be found: neither the binary that it names, nor one in PATH.
    NoBinary(String),
    /// No attribute assigns our filter to the file: a commit from before `init`, or a changelog that `init` has not seen.
    NoAttribute,
    /// git runs one filter per path, and this one belongs to another tool.
    OtherFilter(String),
}

impl ViewObstacle {
    /// Looks for an obstacle, cheapest checks first.
    ///
    /// # Errors
    /// Fails if git's configuration or attributes cannot be read.
    pub fn find(project: &Project) -> Result<Option<ViewObstacle>> {
        if !wiring::filter_is_set(project) {
            return Ok(Some(ViewObstacle::NotSetUp));
        }
        if let Some(path) = wiring::missing_filter_binary(project) {
            return Ok(Some(ViewObstacle::NoBinary(path)));
        }
        let (repo, path) = (&project.repo, &project.config.changelog);
        let asked = repo.filter_attribute(path)?;
        let has_ours = asked.is_own();
        if let Some(name) = other_than_ours(repo, path, asked)? {
            return Ok(Some(ViewObstacle::OtherFilter(name)));
        }
        Ok((!has_ours).then_some(ViewObstacle::NoAttribute))
    }

    /// The obstacle as an error about a changelog. `None` if the user has no reason to change anything.
    pub fn failure(&self, changelog: &str) -> Option<Failure> {
        match self {
            ViewObstacle::NotSetUp | ViewObstacle::NoAttribute => None,
            ViewObstacle::NoBinary(_) => Some(
                Failure::failed(format!("{changelog} is not written: {self}"))
                    .with_remedy("run `relwatch init`"),
            ),
            ViewObstacle::OtherFilter(_) => Some(
                Failure::failed(format!("{changelog} cannot be a view: {self}")).with_remedy(
                    "`relwatch init --storage tracked` keeps generated lines in commits instead",
                ),
            ),
        }
    }
}

impl fmt::Display for ViewObstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ViewObstacle::NotSetUp => {
                f.write_str("git does not know the filter; run `relwatch init`")
            }
            ViewObstacle::NoBinary(path) => {
                write!(f, "git's filter runs {path}, which does not exist")
            }
            ViewObstacle::NoAttribute => {
                f.write_str("no attribute gives it the filter; run `relwatch init`")
            }
            ViewObstacle::OtherFilter(name) => {
                write!(
                    f,
                    "git runs the filter `{name}` for it, and one filter per file"
                )
            }
        }
    }
}

/// The filter of another tool that is assigned to a path, even if git would prefer ours.
///
/// # Errors
/// Fails if attributes cannot be read.
pub fn other_filter(repo: &Repo, path: &str) -> Result<Option<String>> {
    other_than_ours(repo, path, repo.filter_attribute(path)?)
}

fn other_than_ours(repo: &Repo, path: &str, asked: FilterAttribute) -> Result<Option<String>> {
    let has_others = asked.has_others;
    if let Some(other) = asked.other() {
        return Ok(Some(other));
    }
    if !has_others {
        return Ok(None);
    }
    let found = repo.filter_without(path, attributes::is_own_line)?;
    Ok(found.filter(|name| name != OWN_FILTER))
}

/// The filter of another tool that git would run for a path, if this clone has no filter of that name configured. The content of blobs then
/// differs from what users with that filter see.
///
/// # Errors
/// Fails if attributes cannot be read.
pub fn unknown_filter(repo: &Repo, path: &str) -> Result<Option<String>> {
    let found = repo.filter_attribute(path)?.other();
    Ok(found.filter(|name| !repo.has_filter(name)))
}

/// Removes our lines from the attributes that are in no commit, where they would override the filter of another tool.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn yield_to_others(repo: &Repo) -> Result<()> {
    let path = repo.local_attributes();
    let Some(bytes) = files::read(&path)? else {
        return Ok(());
    };
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let kept = lines.filter(|line| !is_ours_alone(&String::from_utf8_lossy(line)));
    let kept: Vec<u8> = kept.flatten().copied().collect();
    files::replace(&path, &kept, Durable::Yes).map(drop)
}

/// Whether a line of an attributes file assigns only relwatch's attributes.
pub fn is_ours_alone(line: &str) -> bool {
    let is_ours = |word: &str| matches!(word, "filter=relwatch" | "merge=relwatch");
    // A quoted pattern may contain spaces: the attributes follow the last quote.
    let words = line.rsplit_once('"').map_or_else(
        || {
            line.trim()
                .split_once(char::is_whitespace)
                .map(|(_, words)| words)
        },
        |(_, words)| Some(words),
    );
    let mut words = words.unwrap_or_default().split_whitespace().peekable();
    words.peek().is_some() && words.all(is_ours)
}
