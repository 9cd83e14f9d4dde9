//! Ranges of commits as users write them: `A..B` by versions, tags, branches, commits or anything else git reads (gitrevisions(7)). Also
//! finds where a branch left the one that it will be merged into. Rejects words that name nothing.

use semver::Version;

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::text::terminal;
use crate::domain::version::form;
use crate::project::Project;
use crate::sys::git::Head;

/// The commits that `to` has and `from` lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRange {
    pub from: CommitId,
    pub to: CommitId,
    /// The names of the two ends, as users write them.
    pub names: [String; 2],
    /// The warning for a range whose ends are probably swapped.
    pub warning: Option<String>,
}

impl CommitRange {
    /// Reads `A..B`. Without a `B`, and for `A` alone, the range ends at HEAD. `A...B` means the same here, as in the compare URLs of
    /// forges: what `B` has since it left `A`. A missing `A` is an error although git begins at HEAD: it is usually an empty variable in a
    /// script, whose check would pass.
    ///
    /// # Errors
    /// Exit 2 if an end names nothing, or if the beginning is missing.
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

    /// The commits that HEAD has and the branch it will be merged into lacks. `None` if that branch is unknown, or if HEAD has no such
    /// commits.
    ///
    /// # Errors
    /// Fails if git cannot read the history.
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

    /// The range as users write it.
    pub fn words(&self) -> String {
        let [from, to] = &self.names;
        terminal::printable(&format!("{from}..{to}"))
    }
}

/// The error for a range without a beginning.
pub fn no_beginning(words: &str) -> Failure {
    let what = match words {
        "" => "the range is empty".to_owned(),
        words => format!("the range {} has no beginning", terminal::printable(words)),
    };
    Failure::new(Exit::Usage, what)
        .with_remedy("name both ends, as in `main..HEAD`; in a script, a variable may be empty")
}

/// The warning for a range whose beginning has everything that its end has. It may be correct: for example, if the end is a branch that is
/// merged by now.
fn swapped([from, to]: &[String; 2]) -> String {
    terminal::printable(&format!(
        "{from}..{to} has no commit, since {to} is in the history of {from}; for what came after it write {to}..{from}"
    ))
}

/// The ends of `A..B`, or of `A...B` as in compare URLs.
pub fn ends(words: &str) -> Option<(&str, &str)> {
    words.split_once("...").or_else(|| words.split_once(".."))
}

/// The version that a word names, by its tag or its number.
pub fn version(project: &Project, word: &str) -> Option<Version> {
    let bare = word.strip_prefix('v').unwrap_or(word);
    let tagged = project.config.tag.version(word);
    tagged.or_else(|| form::read(bare))
}

/// The tag of a version, if it exists.
///
/// # Errors
/// Fails if git cannot read its references.
pub fn tagged(project: &Project, version: &str) -> Result<Option<String>> {
    let Some(number) = form::read(version) else {
        return Ok(None); // a changelog may have `0.1`
    };
    let tag = project.tag_of(&number)?;
    let found = project.repo.reference(&RefName::tag(&tag))?;
    Ok(found.map(|_| tag))
}

/// The commit that a word names: that of a version, else the one that git resolves it to.
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

/// The branch that HEAD will probably be merged into: the upstream branch if it has another name, the default branch of the remote, or a
/// local `main` or `master`. A CI job may have only a merge commit: then the branch that was merged into.
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
