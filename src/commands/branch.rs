//! `relwatch branch release|hotfix`: branches on which a version is made ready.

use clap::Subcommand;
use clap_complete::ArgValueCandidates;

use crate::commands::{Context, OneComponent, values};
use crate::config::CheckLevel;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::text::terminal;
use crate::domain::version::{self, Level};
use crate::history::range;
use crate::install::hooks;
use crate::project::Project;
use crate::release::next_version::version_for;
use crate::release::{lock, preconditions};
use crate::sys::git_command;
use crate::ui::Report;

/// Start a release or hotfix branch.
#[derive(Debug, clap::Args)]
pub struct BranchArguments {
    #[command(flatten)]
    of: OneComponent,
    #[command(subcommand)]
    action: BranchAction,
}

#[derive(Debug, Subcommand)]
enum BranchAction {
    /// `release/TAG`, from here on fixes only.
    Release {
        /// A version such as 1.2.3, or patch, minor, major; computed if not given.
        #[arg(value_name = "VERSION|LEVEL", add = ArgValueCandidates::new(values::levels))]
        version: Option<String>,
    },
    /// `hotfix/TAG`, from a release, for its next patch.
    Hotfix {
        /// The release; the newest one if not given.
        #[arg(add = ArgValueCandidates::new(values::tags))]
        tag: Option<String>,
    },
}

/// Runs the command.
pub fn run(arguments: BranchArguments, context: &Context) -> Result<Report> {
    let project = arguments.of.open(context)?;
    match arguments.action {
        BranchAction::Release { version } => for_release(&project, version.as_deref()),
        BranchAction::Hotfix { tag } => for_hotfix(&project, tag.as_deref()),
    }
}

fn for_release(project: &Project, version: Option<&str>) -> Result<Report> {
    let history = range::read(project)?;
    let version = version_for(project, &history, version)?;
    let tag = history.tags.names.tag(&version);
    let branch = format!("release/{tag}");
    let mut report = create(project, &branch, None)?;
    let config = &project.config.hooks;
    if config.freeze == CheckLevel::Off {
        report
            .push("optional: `hooks: {freeze: reject}` in relwatch.yml keeps features out of it\n");
    }
    let unenforced = config.freezes(&branch).then(|| hooks::unenforced(project));
    let unenforced = unenforced.transpose()?.flatten();
    Ok(report.with_warnings(unenforced.into_iter().collect()))
}

fn for_hotfix(project: &Project, tag: Option<&str>) -> Result<Report> {
    let format = &project.config.tag;
    let history = range::read(project)?;
    let tag = match (tag, history.last) {
        (Some(tag), _) => tag.to_owned(),
        (None, Some(last)) => last.tag.name,
        (None, None) => {
            return Err(
                Failure::new(Exit::Nothing, "there is no release to fix yet")
                    .with_remedy("`relwatch release` makes one"),
            );
        }
    };
    let shown = terminal::printable(&tag);
    let version = format.version(&tag).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("{shown} is no release tag"))
            .with_remedy(format!("they look like `{}`", project.config.tag))
    })?;
    if project.repo.reference(&RefName::tag(&tag))?.is_none() {
        return Err(
            Failure::new(Exit::Precondition, format!("there is no tag {shown} here"))
                .with_remedy("run `git fetch --tags`"),
        );
    }
    let next = version::next(Some(&version), Level::Patch, None);
    let next = version::free(next, Level::Patch, &history.tags.versions);
    let named = history.tags.names.tag(&next);
    create(project, &format!("hotfix/{named}"), Some(&tag))
}

/// Makes a branch from a tag, or from HEAD, and switches to it.
fn create(project: &Project, branch: &str, tag: Option<&str>) -> Result<Report> {
    let _release = lock::begin(project)?;
    let name = RefName::branch(branch);
    if let Some(other) = project.repo.obstacle(&name)? {
        return Err(preconditions::no_room(&name, &other, None));
    }
    let from = tag.map_or_else(RefName::head, RefName::tag);
    git_command::git(
        project.repo.root(),
        &["switch", "-q", "-c", branch, &from],
        "",
    )
    .map_err(|error| error.with_exit(Exit::Precondition))?;
    let from = tag.map_or(String::new(), |tag| format!(" from {tag}"));
    let of = project
        .name()
        .map_or(String::new(), |name| format!(" -c {name}"));
    Ok(Report::text(format!(
        "switched to {branch}{from}\nnext: relwatch release{of}, then relwatch release --finish merges it back\n"
    )))
}
