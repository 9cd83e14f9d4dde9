//! Adds the sections of releases made on other branches to the changelog of this line, in a commit that changes nothing else. Staged and
//! uncommitted changes stay, also those in the changelog. Refuses what git would not commit either: a merge in progress, or a conflict in
//! the file.

use crate::domain::changelog::port::{self, ReleasedSection};
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Failure, Result};
use crate::domain::release::plan::FileChange;
use crate::domain::release::title::OwnCommit;
use crate::domain::text::{diff, terminal};
use crate::domain::version;
use crate::project::{Project, write_lock};
use crate::release::elsewhere;
use crate::release::lock;
use crate::section::write;
use crate::sys::files;
use crate::sys::git::{Indexed, ReleaseTag, Which};
use crate::transition::{CarriedBytes, CarriedFile, Made};

/// A release and its section at its tag.
pub struct PortedRelease {
    pub tag: ReleaseTag,
    section: ReleasedSection,
}

/// Result for one changelog.
pub struct PortOutcome {
    /// Releases that were added, each with the section above it.
    pub ported: Vec<(ReleaseTag, Option<String>)>,
    /// Releases that were there already.
    pub present: Vec<ReleaseTag>,
    /// The commit; `None` if nothing was added, or in a dry run.
    pub commit: Option<CommitId>,
    /// Diff that the commit makes or would make.
    pub diff: String,
    pub warnings: Vec<String>,
}

impl PortedRelease {
    /// The release for a version or tag from the command line.
    ///
    /// # Errors
    /// Exit 3 if it is not tagged here, or if its tag has no section for it; exit 2 if it is not a version.
    pub fn typed(project: &Project, words: &str) -> Result<PortedRelease> {
        let format = &project.config.tag;
        let version = match format.version(words) {
            Some(version) => version,
            None => version::typed(words)?,
        };
        let mut tags = project
            .repo
            .all_release_tags(format, Which::All)?
            .into_iter();
        let Some((commit, tag)) = tags.find(|(_, tag)| tag.version == version) else {
            let what = format!("there is no tag of {} here", terminal::printable(words));
            return Err(Failure::precondition(what).with_remedy("run `git fetch --tags`"));
        };
        PortedRelease::read(project, commit, tag)
    }

    /// The release of a tag.
    ///
    /// # Errors
    /// Exit 3 if the changelog at its commit has no section for it.
    pub fn read(project: &Project, commit: CommitId, tag: ReleaseTag) -> Result<PortedRelease> {
        let name = &project.config.changelog;
        let version = tag.version.to_string();
        let by_hand =
            || format!("`relwatch notes {version}` shows its changes; write the section by hand");
        let Some(bytes) = elsewhere::changelog_at(project, commit)? else {
            let what = format!("there is no {name} at {}", tag.name);
            return Err(Failure::precondition(what).with_remedy(by_hand()));
        };
        match port::released(&bytes, &version) {
            Some(section) => Ok(PortedRelease { tag, section }),
            None => {
                let what = format!("{name} at {} has no section of {version}", tag.name);
                Err(Failure::precondition(what).with_remedy(by_hand()))
            }
        }
    }
}

/// Adds the missing sections in one commit on the checked-out branch. With `dry_run` nothing changes.
///
/// # Errors
/// Exit 3 if a check fails, exit 5 if something changed meanwhile. Nothing has changed in either case.
pub fn add(project: &Project, releases: &[PortedRelease], dry_run: bool) -> Result<PortOutcome> {
    let _release = lock::begin(project)?;
    let held = write_lock::hold(project)?;
    let (repo, name) = (&project.repo, &project.config.changelog);
    let head = repo.head()?;
    let base = ready(project, head.commit)?;
    let stored = repo.file_at(base, name)?;
    let stored = stored.ok_or_else(|| {
        Failure::precondition(format!("{name} is not committed"))
            .with_remedy("run `relwatch init`, then commit it")
    })?;
    let with_all = |bytes: &[u8]| with_sections(name, releases, bytes);
    let after = with_all(&stored)?;
    let mut outcome = outcome(name, releases, &stored, &after)?;
    if outcome.ported.is_empty() || dry_run {
        return Ok(outcome);
    }
    let staged = match (repo.indexed(name)?, repo.indexed_bytes(name)?) {
        (Indexed::Tracked(before), Some(bytes)) => {
            let after = repo.stored(name, &with_all(&bytes)?)?;
            Some([before.to_string(), after.to_string()])
        }
        _ => None, // somebody has removed it from the index
    };
    let present = files::read(&files::at(repo.root(), name))?;
    let file = present.map(|present| -> Result<CarriedBytes> {
        Ok(CarriedBytes::new(&present, with_all(&present)?))
    });
    let carried = CarriedFile {
        path: name.clone(),
        staged,
        file: file.transpose()?,
    };
    let tags: Vec<String> = outcome
        .ported
        .iter()
        .map(|(tag, _)| tag.name.clone())
        .collect();
    let made = Made {
        what: format!("port of {}", tags.join(", ")),
        message: format!("{}\n", OwnCommit::Port(&tags)),
        base,
        branch: head.branch.as_deref().unwrap_or_default(),
    };
    let change = FileChange::write(name.clone(), after);
    outcome.commit = Some(made.commit_carried(project, &held, &change, carried)?);
    // The commit exists, so an error is only a warning from here on.
    let shown = write::show(project, &held).err();
    outcome
        .warnings
        .extend(shown.map(|error| error.to_string()));
    Ok(outcome)
}

/// The commit to build on.
///
/// # Errors
/// Exit 3 if nothing can be committed now.
fn ready(project: &Project, head: Option<CommitId>) -> Result<CommitId> {
    let (repo, name) = (&project.repo, &project.config.changelog);
    let Some(base) = head else {
        let failure = Failure::precondition("there is no commit yet");
        return Err(failure.with_remedy("make one first"));
    };
    if repo.is_mid_operation() {
        let what = "a merge, rebase, cherry-pick or bisect is under way";
        return Err(
            Failure::precondition(what).with_remedy("finish it or abort it, see `git status`")
        );
    }
    if repo.indexed(name)? == Indexed::Conflicted {
        let what = format!("{name} has a merge conflict");
        return Err(Failure::precondition(what).with_remedy("resolve it first"));
    }
    if repo.is_link(base, name)? {
        let what = format!("{name} is a symbolic link");
        return Err(Failure::precondition(what)
            .with_remedy("name the file that it leads to in relwatch.yml"));
    }
    Ok(base)
}

/// A changelog with its missing sections added.
fn with_sections(name: &str, releases: &[PortedRelease], bytes: &[u8]) -> Result<Vec<u8>> {
    let mut with = bytes.to_vec();
    for one in releases {
        with = one.section.put_into(&with).ok_or_else(|| {
            let version = &one.tag.version;
            let what = format!("{name} would not show the section of {version} as one");
            Failure::precondition(what).with_remedy(
                "close the code fence or comment that is open there, or add it by hand",
            )
        })?;
    }
    Ok(with)
}

fn outcome(
    name: &str,
    releases: &[PortedRelease],
    before: &[u8],
    after: &[u8],
) -> Result<PortOutcome> {
    let mut outcome = PortOutcome {
        ported: Vec::new(),
        present: Vec::new(),
        commit: None,
        diff: diff::unified(
            name,
            &String::from_utf8_lossy(before),
            &String::from_utf8_lossy(after),
        ),
        warnings: Vec::new(),
    };
    for PortedRelease { tag, .. } in releases {
        let version = tag.version.to_string();
        if port::has(before, &version) {
            outcome.present.push(tag.clone());
        } else {
            let above = port::section_above(after, &version);
            outcome.ported.push((tag.clone(), above));
        }
    }
    Ok(outcome)
}
