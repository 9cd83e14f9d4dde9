//! `relwatch version`: the version that the files name, or a commit that gives them another one. No tag, and the changelog stays as
//! it is: a release of that version follows later.

use semver::Version;
use serde_json::json;

use crate::commands::{Context, OneComponent};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::title::OwnCommit;
use crate::domain::version::{self, Level};
use crate::history::range;
use crate::project::{Project, write_lock};
use crate::release::preconditions;
use crate::release::version_files::held::VersionedFile;
use crate::release::version_files::{self, Base, Bump, FoundVersions};
use crate::section::write;
use crate::transition::{self, Made};
use crate::ui::{self, Report};

/// Show the version in the version files, or commit another one.
#[derive(Debug, clap::Args)]
pub struct VersionArguments {
    #[command(flatten)]
    of: OneComponent,
    /// Commit this version.
    #[arg(long, value_name = "VERSION", group = "to")]
    set: Option<String>,
    /// Commit the next patch version.
    #[arg(long, group = "to")]
    patch: bool,
    /// Commit the next minor version.
    #[arg(long, group = "to")]
    minor: bool,
    /// Commit the next major version.
    #[arg(long, group = "to")]
    major: bool,
    /// Change nothing; fail if files name different versions.
    #[arg(long, conflicts_with = "to")]
    verify: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl VersionArguments {
    /// The level to bump, if one is given.
    fn level(&self) -> Option<Level> {
        let levels = [
            (self.patch, Level::Patch),
            (self.minor, Level::Minor),
            (self.major, Level::Major),
        ];
        levels
            .into_iter()
            .find_map(|(wanted, level)| wanted.then_some(level))
    }
}

/// Runs the command.
///
/// # Errors
/// Exit 1 if no file names a version and the tag is not the version, as it is for Go, or `--verify` finds different ones; exit 3 with everything that keeps a commit from being made;
/// exit 6 if the files name the version already.
pub fn run(arguments: VersionArguments, context: &Context) -> Result<Report> {
    let project = arguments.of.open(context)?;
    let report = match (&arguments.set, arguments.level()) {
        (Some(words), _) => bump(&project, |_| as_typed(words)),
        (None, Some(level)) => bump(&project, |found| next(found, level)),
        (None, None) => show(&project, arguments.verify),
    };
    Ok(report?.as_json(arguments.json))
}

/// The version that a person typed, in the case that it was typed in: to Maven `-SNAPSHOT` is a snapshot, `-snapshot` a release.
fn as_typed(words: &str) -> Result<Version> {
    let version = version::typed(words)?;
    let written = Version::parse(words.strip_prefix('v').unwrap_or(words)).ok();
    let is_it = |written: &Version| {
        let written = written.to_string();
        written.eq_ignore_ascii_case(&version.to_string())
    };
    Ok(written.filter(is_it).unwrap_or(version))
}

/// The next version after the one that the files agree on.
fn next(found: &FoundVersions, level: Level) -> Result<Version> {
    match found.agreed() {
        Some(held) => Ok(version::next(Some(&held.version), level, None)),
        None => Err(Failure::new(
            Exit::Precondition,
            format!(
                "the files name different versions:\n{}give the new one with `relwatch version --set VERSION`",
                listing(found.held.iter())
            ),
        )),
    }
}

fn show(project: &Project, verify: bool) -> Result<Report> {
    let head = project.repo.head()?;
    let Some(commit) = head.commit else {
        return Err(Failure::failed("there is no commit yet").with_remedy("make one first"));
    };
    let history = range::read_at(project, head)?;
    let last = history.last.as_ref().map(|last| &last.tag.version);
    let found = version_files::found(project, commit, last)?;
    let bumped = || found.held.iter().chain(&found.locked);
    let mut versions: Vec<&Version> = bumped().map(|held| &held.version).collect();
    versions.sort();
    versions.dedup();
    let text = match (versions.as_slice(), verify) {
        ([], false) if !found.apart.is_empty() => listing(found.all()),
        ([], _) => match found.by_tag {
            Some(path) => {
                format!("{path} names no version: a release is its tag, and no file changes\n")
            }
            None => return Err(without(&found)),
        },
        ([version], true) => {
            let files = ui::counted(bumped().count(), "file says", "files say");
            format!("{files} {version}\n{}", own_way(&found))
        }
        (_, true) => {
            return Err(Failure::failed(format!(
                "the files name different versions:\n{}{}the next release makes them one, as does `relwatch version --set VERSION` with a newer one",
                listing(bumped()),
                own_way(&found)
            )));
        }
        (_, false) => listing(found.all()),
    };
    let list = |held: &[VersionedFile]| -> Vec<serde_json::Value> {
        let one =
            |held: &VersionedFile| json!({"path": held.path, "version": held.version.to_string()});
        held.iter().map(one).collect()
    };
    let json = json!({
        "schema": 1,
        "version": found.agreed().map(|held| held.version.to_string()),
        "files": list(&found.held),
        "locked": list(&found.locked),
        "apart": list(&found.apart),
    });
    let mut warnings = found.warnings.clone();
    for path in project.repo.dirty()? {
        if found.all().any(|held| held.path == path) {
            warnings.push(format!(
                "{path} has uncommitted changes; this is what is committed"
            ));
        }
    }
    Ok(Report::answer(text).with_json(json).with_warnings(warnings))
}

fn bump(project: &Project, to: impl Fn(&FoundVersions) -> Result<Version>) -> Result<Report> {
    let held = write_lock::hold(project)?;
    transition::finish_pending(project, &held)?;
    let repo = &project.repo;
    let (base, branch) = preconditions::on_branch(repo.head()?)?;
    let mut unmet = Vec::new();
    if repo.is_mid_operation() {
        unmet.push("a merge, rebase or another operation is under way; finish it first".to_owned());
    }
    unmet.extend(preconditions::uncommitted(&repo.dirty()?).map(|changes| changes.to_string()));
    if !unmet.is_empty() {
        return Err(Failure::unmet("cannot bump the version yet", &unmet));
    }
    let history = range::read(project)?;
    let last = history.last.as_ref().map(|last| &last.tag.version);
    let found = version_files::found(project, base, last)?;
    if found.held.is_empty() {
        return Err(without(&found));
    }
    let to = to(&found)?;
    if let Some(last) = last.filter(|last| to <= **last) {
        return Err(Failure::new(
            Exit::Precondition,
            format!("{to} is not newer than {last}, which is released"),
        )
        .with_remedy("choose another version"));
    }
    let mut warnings = found.warnings.clone();
    let bump = Bump {
        to: &to,
        last,
        tagged: &history.tags.versions,
        docs: None,
    };
    let changes = version_files::bumped(project, Base::at(base), bump, &mut warnings)?;
    if changes.is_empty() {
        return Err(Failure::new(
            Exit::Nothing,
            format!("the files say {to} already; nothing was changed"),
        ));
    }
    let made = Made {
        what: format!("bump to {to}"),
        message: format!("{}\n", OwnCommit::Bump(&to.to_string())),
        base,
        branch: &branch,
    };
    let commit = made.commit(project, &held, &changes)?;
    write::show(project, &held)?;
    let mut text = format!("bumped to {to}: commit {} on {branch}\n", commit.short());
    for change in &changes {
        text.push_str(&format!("  {}\n", change.path));
    }
    text.push_str("next: relwatch release\nback: git reset --keep HEAD~1\n");
    let files: Vec<&String> = changes.iter().map(|change| &change.path).collect();
    let json = json!({"schema": 1, "version": to.to_string(), "commit": commit, "files": files});
    Ok(Report::text(text).with_json(json).with_warnings(warnings))
}

fn listing<'h>(held: impl Iterator<Item = &'h VersionedFile>) -> String {
    held.map(|held| format!("{}: {}\n", held.path, held.version))
        .collect()
}

/// A note on what a release leaves as it is.
fn own_way(found: &FoundVersions) -> String {
    let note = |held: &VersionedFile| {
        format!(
            "apart: {} says {}, and a release leaves it so\n",
            held.path, held.version
        )
    };
    found.apart.iter().map(note).collect()
}

/// Why nothing can be shown or bumped, with what was found instead of a version.
fn without(found: &FoundVersions) -> Failure {
    let mut why = "no file here names a version".to_owned();
    for warning in &found.warnings {
        why.push_str(&format!("\n{warning}"));
    }
    Failure::failed(why).with_remedy("list those that do under `version_files` in relwatch.yml")
}
