//! Ranges of commits as people name them: `A..B` by versions, tags, branches, commits or whatever else git reads (gitrevisions(7)), and
//! where a branch left the one that it will be merged into. Refuses words that name nothing.

use semver::Version;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::text::terminal;
use crate::domain::version::form;
use crate::project::Project;
use crate::sys::git::Head;

/// What `to` has and `from` lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRange {
    pub from: CommitId,
    pub to: CommitId,
    /// What people call the two.
    pub names: [String; 2],
    /// What to say of a range whose ends are likely swapped.
    pub warning: Option<String>,
}

impl CommitRange {
    /// Reads `A..B`; without a `B`, and for `A` alone, up to HEAD. `A...B` is the same here, as in addresses that compare: what `B` has
    /// since it left `A`. Without an `A` git begins at HEAD; that is an empty variable in a script, whose check would pass.
    ///
    /// # Errors
    /// Exit 2 for an end that names nothing, and without a beginning.
    pub fn read(project: &Project, words: &str) -> Result<CommitRange> {
        let (from, to) = ends(words).unwrap_or((words, ""));
        if from.is_empty() {
            return Err(no_beginning(words));
        }
        let to = if to.is_empty() { "HEAD" } else { to };
        let names = [from, to].map(str::to_owned);
        let [from, to] = [commit(project, &names[0])?, commit(project, &names[1])?];
        let is_swapped = from != to && project.repo.contains(from, to)?;
        let warning = is_swapped.then(|| swapped(&names));
        Ok(CommitRange {
            from,
            to,
            names,
            warning,
        })
    }

    /// What HEAD has beside the branch that it will be merged into; `None` where nothing tells which one that is, or where HEAD has nothing
    /// beside it.
    ///
    /// # Errors
    /// git cannot read the history.
    pub fn of_branch(project: &Project, head: &Head) -> Result<Option<CommitRange>> {
        let Some(to) = head.commit else {
            return Ok(None);
        };
        let Some((name, from)) = base(project, head)? else {
            return Ok(None);
        };
        if from == to || project.repo.contains(from, to)? {
            return Ok(None);
        }
        let here = head.branch.clone().unwrap_or_else(|| "HEAD".to_owned());
        let names = [name, here];
        Ok(Some(CommitRange {
            from,
            to,
            names,
            warning: None,
        }))
    }

    /// As people write it.
    pub fn words(&self) -> String {
        let [from, to] = &self.names;
        terminal::printable(&format!("{from}..{to}"))
    }
}

/// A range that does not say where it begins.
pub fn no_beginning(words: &str) -> Failure {
    let what = match words {
        "" => "the range is empty".to_owned(),
        words => format!("the range {} has no beginning", terminal::printable(words)),
    };
    Failure::new(Exit::Usage, what)
        .with_remedy("name both ends, as in `main..HEAD`; in a script, a variable may be empty")
}

/// What to say where the beginning has all that the end has. It is no mistake for certain: a branch that is merged by now is such an end.
fn swapped([from, to]: &[String; 2]) -> String {
    terminal::printable(&format!(
        "{from}..{to} has no commit, since {to} is in the history of {from}; for what came after it write {to}..{from}"
    ))
}

/// The ends of `A..B`, or of `A...B` as addresses that compare have it.
pub fn ends(words: &str) -> Option<(&str, &str)> {
    words.split_once("...").or_else(|| words.split_once(".."))
}

/// A version, by its tag or its number.
pub fn version(project: &Project, word: &str) -> Option<Version> {
    let bare = word.strip_prefix('v').unwrap_or(word);
    let tagged = project.config.tag.version(word);
    tagged.or_else(|| form::read(bare))
}

/// The tag of a version, if it is there.
///
/// # Errors
/// git cannot read its references.
pub fn tagged(project: &Project, version: &str) -> Result<Option<String>> {
    let Some(number) = form::read(version) else {
        return Ok(None); // a changelog may have `0.1`
    };
    let tag = project.tag_of(&number)?;
    let found = project.repo.reference(&RefName::tag(&tag))?;
    Ok(found.map(|_| tag))
}

/// The commit that a word names: that of a version, else what git takes it for.
///
/// # Errors
/// Exit 2 if it names nothing.
pub fn commit(project: &Project, word: &str) -> Result<CommitId> {
    let version = version(project, word).map(|version| version.to_string());
    let tag = match &version {
        Some(version) => tagged(project, version)?,
        None => None,
    };
    let tagged = tag.and_then(|tag| project.repo.resolved(&RefName::tag(&tag)));
    tagged
        .or_else(|| project.repo.resolved(word))
        .ok_or_else(|| {
            let word = terminal::printable(word);
            let what = match version {
                Some(version) => format!("there is no tag of {version} here"),
                None => format!("`{word}` names neither a version nor a commit"),
            };
            let fetch = if project.repo.is_shallow() {
                "git fetch --unshallow --tags"
            } else {
                "git fetch --tags"
            };
            let remedy = format!("correct it, or run `{fetch}` if it is on the remote");
            Failure::new(Exit::Usage, what).with_remedy(remedy)
        })
}

/// The branch that HEAD will likely be merged into: the one that its branch follows by another name, the default branch of the remote, a
/// local `main` or `master`. A job may have nothing but a merge: then what was merged into.
fn base(project: &Project, head: &Head) -> Result<Option<(String, CommitId)>> {
    let repo = &project.repo;
    let branch = head.branch.as_deref().unwrap_or_default();
    let usual = ["main", "master"];
    let mut names = Vec::new();
    if let Some(remote) = project.remote(branch) {
        let upstream = Some(repo.upstream(branch, &remote)).filter(|name| name != branch);
        names.extend(upstream.map(|name| format!("{remote}/{name}")));
        names.extend(repo.default_branch(&remote)?);
        names.extend(usual.map(|name| format!("{remote}/{name}")));
    }
    let there = names
        .into_iter()
        .map(|name| (format!("refs/remotes/{name}"), name));
    let here = usual.map(|name| (RefName::branch(name).to_string(), name.to_owned()));
    let mut known = there.chain(here);
    let found = known.find_map(|(full, name)| Some((name, repo.resolved(&full)?)));
    if let (None, Some(commit), None) = (&found, head.commit, &head.branch)
        && let [first, _, ..] = repo.commit_object(commit)?.link.parents.as_slice()
    {
        return Ok(Some(("HEAD^1".to_owned(), *first)));
    }
    Ok(found)
}
