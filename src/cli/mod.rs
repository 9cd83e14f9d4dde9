//! Arguments and dispatch.

mod called_by_git;
mod generated;
pub mod help;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::{
    Context, OneComponent, WantedArguments, archive, branch, check, doctor, explain, init, metrics,
    prepare, publish, releases, skip, specs, status, support, update, version,
};
use crate::domain::failure::{Exit, Failure, Result};
use crate::install::hooks;
use crate::notes::announce::Announcement;
use crate::notes::command as notes;
use crate::project::Project;
use crate::release::{self, carry_out, pending, withdraw};
use crate::sys::signals;
use crate::transition;
use crate::ui::{self, Report};
use crate::watch::{self, service};

/// Behind the options of a command's own.
const LAST: usize = 900;

/// Keeps the Unreleased section of CHANGELOG.md right, and cuts releases from it.
#[derive(Debug, Parser)]
#[command(
    name = "relwatch",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct Arguments {
    /// Run as if started in this folder.
    #[arg(short = 'C', value_name = "FOLDER", global = true, display_order = LAST)]
    folder: Option<PathBuf>,
    /// Say on standard error what is going on.
    #[arg(short, long, global = true, display_order = LAST)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    Status(status::Arguments),
    Update(update::Arguments),
    Explain(explain::Arguments),
    Skip(skip::Arguments),
    Specs(specs::Arguments),
    Prepare(prepare::Arguments),
    Check(check::Arguments),
    /// Cut a release: one commit and one annotated tag, the section dated, specs archived.
    Release {
        #[command(flatten)]
        wanted: WantedArguments,
        /// Do not ask the remote.
        #[arg(long, conflicts_with = "push")]
        offline: bool,
        /// Push branch and tags as one, then publish.
        #[arg(long)]
        push: bool,
        /// Go on with a release that was interrupted.
        #[arg(long, exclusive = true)]
        resume: bool,
        /// Do nothing more about a release that waits; what it has done stays.
        #[arg(long, exclusive = true)]
        abandon: bool,
        /// Tag what was merged, or merge back what was released on a branch of its own.
        #[arg(long, conflicts_with_all = ["version", "pre", "edit", "dry_run", "plan"])]
        finish: bool,
        /// Carry out a plan that --dry-run --json printed.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["version", "pre", "edit", "dry_run", "lts", "components", "skip_gates", "skip_checklist"])]
        plan: Option<PathBuf>,
        /// Print the plan and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Go ahead without asking.
        #[arg(long)]
        yes: bool,
        /// Open the section in the editor that git uses, and release what is saved there.
        #[arg(long, conflicts_with = "dry_run")]
        edit: bool,
        /// Do not run `polish`.
        #[arg(long)]
        no_polish: bool,
        /// Print JSON: the plan with --dry-run, else what was released.
        #[arg(long)]
        json: bool,
    },
    /// Print the notes of a version, or of what is not released yet; the body of its page; an announcement.
    Notes {
        /// A version of the changelog, or several as in v0.1.0..v0.3.0; Unreleased if not given.
        #[arg(value_name = "VERSION|A..B")]
        version: Option<String>,
        /// The newest version of the changelog.
        #[arg(long, conflicts_with = "version")]
        latest: bool,
        /// The whole history as a changelog, by what commits and specs tell.
        #[arg(long, conflicts_with_all = ["version", "latest"])]
        all: bool,
        /// All that the page of a release tells: breaking changes first, upgrade, known issues, people, what it is compared with.
        #[arg(long, conflicts_with = "all")]
        full: bool,
        /// A draft of an announcement: subject and text.
        #[arg(long, value_name = "KIND", conflicts_with_all = ["all", "full"])]
        announce: Option<Announcement>,
        /// How to print them.
        #[arg(long, value_enum, default_value_t)]
        format: notes::Format,
        /// Write them to this file, in a folder that is there.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Of this component.
        #[arg(short, long, value_name = "NAME")]
        component: Option<String>,
        /// Do not run `polish`.
        #[arg(long)]
        no_polish: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    Archive(archive::Arguments),
    Publish(publish::Arguments),
    /// Mark a published release as withdrawn, and say why; its tag stays.
    Withdraw {
        #[command(flatten)]
        of: OneComponent,
        /// Its version.
        version: String,
        /// Why.
        #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        reason: String,
        /// Who is affected.
        #[arg(long, value_name = "TEXT")]
        impact: Option<String>,
        /// What comes instead.
        #[arg(long, value_name = "TEXT")]
        plan: Option<String>,
        /// Go ahead without asking.
        #[arg(long)]
        yes: bool,
        /// Do not ask the remote.
        #[arg(long)]
        offline: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    Releases(releases::Arguments),
    Metrics(metrics::Arguments),
    Support(support::Arguments),
    Branch(branch::Arguments),
    /// Take an unpushed release back completely.
    Undo {
        /// Go ahead without asking.
        #[arg(long)]
        yes: bool,
        /// Do not ask the remote whether it has the tag.
        #[arg(long)]
        offline: bool,
    },
    Version(version::Arguments),
    Doctor(doctor::Arguments),
    /// Keep the sections of registered repositories right when no hook runs.
    Watch {
        #[command(subcommand)]
        action: Option<WatchAction>,
        /// Print events as lines of JSON.
        #[arg(long, global = true)]
        json: bool,
        /// Go on in the background.
        #[arg(long, conflicts_with = "json")]
        daemon: bool,
    },
    /// Run the watcher as a service of yours, by systemd or launchd.
    Service {
        #[command(subcommand)]
        action: service::Action,
    },
    /// The git hooks of this repository.
    Hooks {
        #[command(subcommand)]
        action: HooksAction,
    },
    /// Find the command for what you want to do.
    Help {
        /// Such as `cut a release`, or the name of a command; everything, if not given.
        words: Vec<String>,
    },
    /// Print what your shell reads to complete commands.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the man page, or write those of all commands.
    Man {
        /// Write them into this folder; it is made if it is not there.
        #[arg(long, value_name = "FOLDER")]
        output: Option<PathBuf>,
    },
}

/// All commands and options, each with its examples.
pub fn command() -> clap::Command {
    help::with_examples(Arguments::command())
}

#[derive(Debug, Subcommand)]
enum WatchAction {
    /// Register this repository, or those given.
    Add {
        /// Folders of repositories.
        folders: Vec<PathBuf>,
    },
    /// Take this repository, or those given, off the list.
    Remove {
        /// Folders of repositories.
        folders: Vec<PathBuf>,
    },
    /// Show the registered repositories.
    List,
    /// Say whether a watcher is running.
    Status,
}

#[derive(Debug, Subcommand)]
enum HooksAction {
    /// Install the hooks, beside what is there.
    Install {
        /// Have git find them in its configuration (git 2.54 or later) or as files.
        #[arg(long, value_enum)]
        by: Option<hooks::By>,
        /// Write into the files of a hook manager instead of showing what to write.
        #[arg(long)]
        apply: bool,
    },
    /// Take hooks, filter and generated lines out again.
    Uninstall,
    /// Show which hooks git will run.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Parses, runs and prints; returns the exit code of the process.
pub fn main(arguments: Vec<OsString>) -> u8 {
    if let Some(exit) = called_by_git::main(&arguments) {
        return exit;
    }
    let matches = command().try_get_matches_from(arguments);
    let arguments = match matches.and_then(|m| Arguments::from_arg_matches(&m)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap prints help to stdout and mistakes to stderr; a closed pipe is no error.
            let _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    let done = begin(arguments).and_then(|report| report.print().map(|()| report.exit()));
    done.unwrap_or_else(|failure| {
        ui::fail(&failure);
        failure.exit as u8
    })
}

/// Runs the command of a person, who may interrupt it and may be watching.
fn begin(arguments: Arguments) -> Result<Report> {
    let context = Context::new(arguments.folder, arguments.verbose)?;
    let start = context.start.clone();
    signals::on_interruption(move || ui::fail(&interrupted(&start)));
    ui::busy::watched();
    run(arguments.command, &context)
}

/// What Ctrl-C leaves.
fn interrupted(start: &Path) -> Failure {
    let pending = Project::open(start).is_ok_and(|project| transition::pending(&project).is_some());
    Failure::new(
        Exit::Declined,
        match pending {
            true => "interrupted in the middle; `relwatch release --resume` goes on",
            false => "interrupted; nothing is half done",
        },
    )
}

fn run(command: Command, context: &Context) -> Result<Report> {
    match command {
        Command::Init(arguments) => init::run(arguments, context),
        Command::Status(arguments) => status::run(arguments, context),
        Command::Update(arguments) => update::run(arguments, context),
        Command::Explain(arguments) => explain::run(arguments, context),
        Command::Skip(arguments) => skip::run(arguments, context),
        Command::Specs(arguments) => specs::run(arguments, context),
        Command::Prepare(arguments) => prepare::run(arguments, context),
        Command::Check(arguments) => check::run(arguments, context),
        Command::Release { resume: true, .. } => pending::resume(&context.open()?),
        Command::Release { abandon: true, .. } => pending::abandon(&context.open()?),
        Command::Release {
            finish: true,
            push,
            offline,
            ..
        } => release::merge_back::run(&context.open()?, push, offline),
        Command::Release {
            wanted,
            offline,
            push,
            plan,
            dry_run,
            yes,
            edit,
            no_polish,
            json,
            ..
        } => {
            let options = carry_out::Options {
                wanted: wanted.wanted(push),
                dry_run,
                yes,
                edit,
                no_polish,
                offline,
                plan: plan.map(|path| context.file(path)),
            };
            Ok(carry_out::run(&context.open()?, &options)?.as_json(json))
        }
        Command::Notes {
            version,
            latest,
            all,
            full,
            announce,
            format,
            output,
            component,
            no_polish,
            json,
        } => {
            let options = notes::Options {
                version,
                latest,
                all,
                full,
                announce,
                format,
                output: context.to_file(output),
                no_polish,
            };
            let project = context.open()?.narrowed(component.as_deref())?;
            let next: notes::NextVersion = |project, history, section| {
                let next = release::next_version::on_its_own(project, history, section)?;
                Ok(next.version.to_string())
            };
            Ok(notes::run(&project, &options, next)?.as_json(json))
        }
        Command::Archive(arguments) => archive::run(arguments, context),
        Command::Publish(arguments) => publish::run(arguments, context),
        Command::Withdraw {
            of,
            version,
            reason,
            impact,
            plan,
            yes,
            offline,
            json,
        } => {
            let options = withdraw::Options {
                version,
                reason,
                impact,
                plan,
                yes,
                offline,
            };
            Ok(withdraw::run(&of.open(context)?, &options)?.as_json(json))
        }
        Command::Releases(arguments) => releases::run(arguments, context),
        Command::Metrics(arguments) => metrics::run(arguments, context),
        Command::Support(arguments) => support::run(arguments, context),
        Command::Branch(arguments) => branch::run(arguments, context),
        Command::Undo { yes, offline } => release::undo::run(&context.open()?, yes, offline),
        Command::Version(arguments) => version::run(arguments, context),
        Command::Doctor(arguments) => doctor::run(arguments, context),
        Command::Watch {
            action,
            json,
            daemon,
        } => Ok(watch(&context.start, action, json, daemon)?.as_json(json)),
        Command::Service { action } => service::run(action),
        Command::Hooks { action } => match action {
            HooksAction::Install { by, apply } => {
                let options = hooks::Options { by, apply };
                hooks::install(&context.open()?, options)
            }
            HooksAction::Uninstall => hooks::uninstall(&context.open()?),
            HooksAction::Status { json } => Ok(hooks::status(&context.open()?)?.as_json(json)),
        },
        Command::Help { words } => help::run(&self::command(), &words),
        Command::Completions { shell } => Ok(generated::completions(self::command(), shell)),
        Command::Man { output } => {
            generated::manual(self::command(), context.to_file(output).as_deref())
        }
    }
}

fn watch(start: &Path, action: Option<WatchAction>, json: bool, daemon: bool) -> Result<Report> {
    let each = |folders: Vec<PathBuf>, act: fn(&Path) -> Result<Report>| -> Result<Report> {
        if folders.is_empty() {
            return act(start);
        }
        let mut all = Report::default();
        for folder in folders {
            all.absorb(act(&start.join(folder))?);
        }
        Ok(all)
    };
    match action {
        None if daemon => watch::daemon(),
        None => watch::run(start, json).map(|()| Report::default()),
        Some(WatchAction::Add { folders }) => each(folders, watch::add),
        Some(WatchAction::Remove { folders }) => each(folders, watch::remove),
        Some(WatchAction::List) => watch::list(),
        Some(WatchAction::Status) => watch::status(),
    }
}
