//! `relwatch release`: cuts a release, goes on with one that was interrupted, or finishes one that went by way of a branch.

use std::path::PathBuf;

use crate::commands::{Context, WantedArguments};
use crate::domain::failure::Result;
use crate::project::reach::Reach;
use crate::release::request::Wanted;
use crate::release::{carry_out, merge_back, pending};
use crate::ui::Report;

/// Cut a release: date the section, bump version files, archive specs, commit and tag.
#[derive(Debug, clap::Args)]
pub struct ReleaseArguments {
    #[command(flatten)]
    wanted: WantedArguments,
    /// Do not ask the remote.
    #[arg(long, conflicts_with = "push")]
    offline: bool,
    /// Push branch and tags as one, then publish.
    #[arg(long)]
    push: bool,
    /// Add the section to the changelog of this branch too, in a commit there; it must not be checked out.
    #[arg(long, value_name = "BRANCH", conflicts_with_all = ["finish", "plan"])]
    port: Option<String>,
    /// Continue an interrupted release.
    #[arg(long, exclusive = true)]
    resume: bool,
    /// Give up a pending release; what it has done remains.
    #[arg(long, exclusive = true)]
    abandon: bool,
    /// Tag a merged release, or merge back a release made on its own branch.
    #[arg(long, conflicts_with_all = ["version", "pre", "edit", "notes_file", "dry_run", "plan"])]
    finish: bool,
    /// Carry out a plan that --dry-run --json printed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["version", "pre", "edit", "notes_file", "dry_run", "lts", "kind", "components", "skip_gates", "skip_checks", "skip_checklist"])]
    plan: Option<PathBuf>,
    /// Print the plan and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
    /// Open the Unreleased section in git's editor, and release what you save there.
    #[arg(long, conflicts_with = "dry_run")]
    edit: bool,
    /// Use the notes in this file; what `relwatch notes --json` prints is what they can be written from.
    #[arg(long, value_name = "FILE")]
    notes_file: Option<PathBuf>,
    /// Do not run `polish`.
    #[arg(long)]
    no_polish: bool,
    /// Print JSON: the plan with --dry-run, else what was released.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: ReleaseArguments, context: &Context) -> Result<Report> {
    let project = context.open()?;
    if arguments.resume {
        return pending::resume(&project);
    }
    if arguments.abandon {
        return pending::abandon(&project);
    }
    let reach = Reach::unless(arguments.offline);
    if arguments.finish {
        let push = arguments.push;
        return merge_back::run(&project, merge_back::MergeBackOptions { push, reach });
    }
    let options = carry_out::ReleaseOptions {
        wanted: Wanted {
            port: arguments.port,
            ..arguments.wanted.wanted(arguments.push)
        },
        dry_run: arguments.dry_run,
        yes: arguments.yes,
        edit: arguments.edit,
        notes: arguments.notes_file.map(|path| context.file(path)),
        no_polish: arguments.no_polish,
        reach,
        plan: arguments.plan.map(|path| context.file(path)),
    };
    Ok(carry_out::run(&project, &options)?.as_json(arguments.json))
}
