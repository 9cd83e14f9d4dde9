//! Arguments and dispatch.

mod called_by_git;
mod generated;
pub mod help;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::status::{self, facts};
use crate::commands::{self, archive, metrics, publish, specs, update, version};
use crate::config::Storage;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::version::Level;
use crate::install::hooks;
use crate::notes::announce::Announcement;
use crate::notes::command as notes;
use crate::project::Project;
use crate::release::request::Wanted;
use crate::release::{self, carry_out, pending, withdraw};
use crate::sys::layout;
use crate::sys::{env, log, signals};
use crate::transition;
use crate::ui::screen::Screen;
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
    /// Set this repository up: configuration, changelog, filter, merge driver, hooks; safe to repeat.
    Init {
        /// Keep generated lines in the working tree only (view) or in commits (tracked).
        #[arg(long, value_name = "view|tracked")]
        storage: Option<Storage>,
    },
    /// Show what would be released, as which version, and what is left out.
    Status {
        /// List every covered and left-out change.
        #[arg(long)]
        all: bool,
        /// Of one component alone.
        #[arg(short, long, value_name = "NAME")]
        component: Option<String>,
        /// Print facts for prompts and scripts, one a line.
        #[arg(long, conflicts_with_all = ["json", "all"])]
        porcelain: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Bring the Unreleased section up to date now.
    Update {
        /// Change nothing; fail with a diff if the section is stale.
        #[arg(long, conflicts_with = "stdout")]
        check: bool,
        /// Change nothing; print the file as it should be.
        #[arg(long)]
        stdout: bool,
        /// Of one component alone.
        #[arg(short, long, value_name = "NAME")]
        component: Option<String>,
    },
    /// Say why a commit, a spec, an issue or a line is in the section, or is not.
    Explain {
        /// `#12`, a commit, a spec ID, or words of a line.
        reference: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Leave a change out of the release, as deleting its line does.
    Skip {
        /// `#12`, a commit or a spec ID.
        reference: String,
        /// Why, for the comment in the changelog.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Take the comment out again.
        #[arg(long, conflicts_with = "reason")]
        undo: bool,
    },
    /// List the specs, and what of them is left to do for a release.
    Specs {
        /// completed, cancelled, open, or a status as the specs write it.
        #[arg(long)]
        status: Option<String>,
        /// Completed since a tag, a day such as 2026-01-30, or `2 weeks ago`.
        #[arg(long, value_name = "TAG|DAY")]
        since: Option<String>,
        /// With this label; may be given several times.
        #[arg(long = "label", value_name = "LABEL")]
        labels: Vec<String>,
        /// Of one component alone.
        #[arg(short, long, value_name = "NAME")]
        component: Option<String>,
        /// How to print them.
        #[arg(long, value_enum, default_value_t)]
        format: specs::Format,
    },
    /// Write the release spec of the next version, or add to it what is new.
    Prepare {
        #[command(flatten)]
        of: OneComponent,
        /// A version such as 1.2.3, or patch, minor, major; computed if not given.
        #[arg(value_name = "VERSION|LEVEL")]
        version: Option<String>,
    },
    /// Say whether a release could be cut now, and what stands in its way.
    Check {
        #[command(flatten)]
        wanted: WantedArguments,
        /// Do not ask the remote.
        #[arg(long)]
        offline: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
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
    /// Move completed specs to their archive; without a choice those that a release holds.
    Archive {
        /// IDs, or the ends of them.
        #[arg(value_name = "SPEC")]
        specs: Vec<String>,
        /// All with this label.
        #[arg(long)]
        label: Option<String>,
        /// All that the release spec of this version names, and itself.
        #[arg(long, value_name = "VERSION")]
        release: Option<String>,
        /// Change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Do what is missing of publishing a release.
    Publish {
        /// Its tag; what is pending, else the newest release, if not given.
        tag: Option<String>,
        /// A step that a person has done; may be given several times.
        #[arg(long, value_name = "STEP")]
        done: Vec<String>,
        /// Do not ask the remote whether it has the tag.
        #[arg(long)]
        offline: bool,
    },
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
    /// List all releases.
    Releases {
        /// Write the list anew, from the tags.
        #[arg(long)]
        rebuild: bool,
        /// Print JSON.
        #[arg(long, conflicts_with = "rebuild")]
        json: bool,
    },
    /// Show how the project releases: lead time, frequency, failures, time to restore.
    Metrics {
        /// From this day on, such as 2026-01-30 or `1 year ago`; from the first release if not given.
        #[arg(long, value_name = "DAY")]
        since: Option<String>,
        /// Until this day; today if not given.
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        /// Of one component alone.
        #[arg(short, long, value_name = "NAME")]
        component: Option<String>,
        /// Print JSON.
        #[arg(long, group = "form")]
        json: bool,
        /// Print CSV, a release a line.
        #[arg(long, group = "form")]
        csv: bool,
        /// Print a page with plots.
        #[arg(long, group = "form")]
        html: bool,
        /// Write it to this file, in a folder that is there.
        #[arg(long, value_name = "FILE", conflicts_with = "json")]
        output: Option<PathBuf>,
    },
    /// Show which versions are supported until when, and what is deprecated.
    Support {
        /// Of one component alone.
        #[arg(short, long, value_name = "NAME")]
        component: Option<String>,
        /// Print the block for a document; a release keeps it right there.
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Start a branch on which a version is made ready.
    Branch {
        #[command(flatten)]
        of: OneComponent,
        #[command(subcommand)]
        action: BranchAction,
    },
    /// Take an unpushed release back completely.
    Undo {
        /// Go ahead without asking.
        #[arg(long)]
        yes: bool,
        /// Do not ask the remote whether it has the tag.
        #[arg(long)]
        offline: bool,
    },
    /// Show the version that the files of the last commit name, or commit another one in them.
    Version {
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
    },
    /// Find what keeps the section from being right in this clone.
    Doctor {
        /// Mend what can be mended.
        #[arg(long)]
        fix: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
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

/// Which component it is about.
#[derive(Debug, clap::Args)]
struct OneComponent {
    /// Of this component.
    #[arg(short = 'c', long = "component", value_name = "NAME", global = true)]
    component: Option<String>,
}

impl OneComponent {
    /// The component, or the project if it has none.
    fn of(&self, project: Project) -> Result<Project> {
        let one = project.narrowed(self.component.as_deref())?;
        one.alone()?;
        Ok(one)
    }
}

/// Which release it is about.
#[derive(Debug, clap::Args)]
struct WantedArguments {
    /// Of this component; may be given several times. Without it, all that changed.
    #[arg(short = 'c', long = "component", value_name = "NAME")]
    components: Vec<String>,
    /// A version such as 1.2.3, or patch, minor, major; computed if not given.
    #[arg(value_name = "VERSION|LEVEL")]
    version: Option<String>,
    /// Make it a pre-release: alpha, beta, rc.
    #[arg(long, value_name = "LABEL")]
    pre: Option<String>,
    /// Support it for long.
    #[arg(long, conflicts_with = "pre")]
    lts: bool,
    /// The branch, where HEAD is detached.
    #[arg(long)]
    branch: Option<String>,
    /// Release although boxes of the release spec are open.
    #[arg(long, requires = "reason")]
    skip_checklist: bool,
    /// Release without this gate; may be given several times.
    #[arg(long = "skip-gate", value_name = "NAME", requires = "reason")]
    skip_gates: Vec<String>,
    /// Why something is skipped; the tag keeps it.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
}

impl WantedArguments {
    fn wanted(self, push: bool) -> Wanted {
        Wanted {
            components: self.components,
            version: self.version,
            pre: self.pre,
            lts: self.lts,
            branch: self.branch,
            push,
            skip_checklist: self.skip_checklist,
            skip_gates: self.skip_gates,
            reason: self.reason,
            only_look: false,
        }
    }
}

#[derive(Debug, Subcommand)]
enum BranchAction {
    /// `release/TAG`, from here on fixes only.
    Release {
        /// A version such as 1.2.3, or patch, minor, major; computed if not given.
        #[arg(value_name = "VERSION|LEVEL")]
        version: Option<String>,
    },
    /// `hotfix/TAG`, from a release, for its next patch.
    Hotfix {
        /// The release; the newest one if not given.
        tag: Option<String>,
    },
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
    match run(arguments) {
        Ok((report, json)) => match report.print(json) {
            Ok(()) => report.exit(),
            Err(failure) => fail(&failure),
        },
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> u8 {
    ui::fail(failure);
    failure.exit as u8
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

fn run(arguments: Arguments) -> Result<(Report, bool)> {
    // With -C what the user names is below that folder, as for git.
    let folder = arguments.folder.clone().unwrap_or_default();
    let to_file = |path: Option<PathBuf>| {
        let path = path.filter(|path| path.as_os_str() != "-"); // standard output
        path.map(|path| folder.join(path))
    };
    let start = match arguments.folder {
        Some(folder) => folder,
        None => env::current_dir()?,
    };
    let verbose = arguments.verbose;
    let place = start.clone();
    signals::on_interruption(move || ui::fail(&interrupted(&place)));
    ui::busy::watched();
    let open = || -> Result<Project> {
        let project = Project::open(&start)?;
        log::start(match verbose {
            true => log::Target::Terminal,
            false => log::Target::File(layout::log(project.repo.git_dir())),
        });
        Ok(project)
    };
    Ok(match arguments.command {
        Command::Init { storage } => (commands::init::run(&start, storage)?, false),
        Command::Status {
            all,
            component,
            porcelain,
            json,
        } => {
            let options = facts::Options {
                all,
                porcelain,
                screen: screen(),
            };
            let project = open()?.narrowed(component.as_deref())?;
            (status::run(&project, &options)?, json)
        }
        Command::Update {
            check,
            stdout,
            component,
        } => {
            let mode = match (check, stdout) {
                (true, _) => update::Mode::Check,
                (_, true) => update::Mode::Stdout,
                _ => update::Mode::Write,
            };
            let project = open()?.narrowed(component.as_deref())?;
            (update::run(&project, mode)?, false)
        }
        Command::Explain { reference, json } => {
            (commands::explain::run(&open()?, &reference)?, json)
        }
        Command::Skip {
            reference,
            reason,
            undo,
        } => {
            let report = commands::skip::run(&open()?, &reference, reason.as_deref(), undo)?;
            (report, false)
        }
        Command::Release { resume: true, .. } => (pending::resume(&open()?)?, false),
        Command::Release { abandon: true, .. } => (pending::abandon(&open()?)?, false),
        Command::Release {
            finish: true,
            push,
            offline,
            ..
        } => (
            release::merge_back::run(&open()?, release::merge_back::Options { push, offline })?,
            false,
        ),
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
                plan: plan.map(|path| folder.join(path)),
            };
            (carry_out::run(&open()?, &options)?, json)
        }
        Command::Publish { tag, done, offline } => {
            let options = publish::Options { tag, done, offline };
            (publish::run(&open()?, &options)?, false)
        }
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
            (withdraw::run(&of.of(open()?)?, &options)?, json)
        }
        Command::Releases { rebuild, json } => (commands::releases::run(&open()?, rebuild)?, json),
        Command::Metrics {
            since,
            until,
            component,
            json,
            csv,
            html,
            output,
        } => {
            let form = match (csv, html) {
                (true, _) => metrics::Form::Csv,
                (_, true) => metrics::Form::Html,
                _ => metrics::Form::Table,
            };
            let options = metrics::Options {
                since,
                until,
                form,
                output: to_file(output),
                screen: screen(),
            };
            let project = open()?.narrowed(component.as_deref())?;
            (metrics::run(&project, &options)?, json)
        }
        Command::Support {
            component,
            markdown,
            json,
        } => {
            let project = open()?.narrowed(component.as_deref())?;
            (commands::support::run(&project, markdown, screen())?, json)
        }
        Command::Branch { of, action } => {
            let project = of.of(open()?)?;
            let report = match action {
                BranchAction::Release { version } => {
                    commands::branch::for_release(&project, version.as_deref())?
                }
                BranchAction::Hotfix { tag } => {
                    commands::branch::for_hotfix(&project, tag.as_deref())?
                }
            };
            (report, false)
        }
        Command::Specs {
            status,
            since,
            labels,
            component,
            format,
        } => {
            let options = specs::Options {
                status,
                since,
                labels,
                format,
            };
            let json = format == specs::Format::Json;
            let project = open()?.narrowed(component.as_deref())?;
            (specs::run(&project, &options)?, json)
        }
        Command::Prepare { of, version } => {
            let project = of.of(open()?)?;
            (commands::prepare::run(&project, version.as_deref())?, false)
        }
        Command::Check {
            wanted,
            offline,
            json,
        } => (
            commands::check::run(&open()?, &wanted.wanted(false), offline, screen())?,
            json,
        ),
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
                output: to_file(output),
                no_polish,
            };
            let project = open()?.narrowed(component.as_deref())?;
            let next: notes::NextVersion = |project, history, section| {
                let next = release::next_version::on_its_own(project, history, section)?;
                Ok(next.version.to_string())
            };
            (notes::run(&project, &options, next)?, json)
        }
        Command::Archive {
            specs,
            label,
            release,
            dry_run,
        } => {
            let options = archive::Options {
                specs,
                label,
                release,
                dry_run,
            };
            (archive::run(&open()?, &options)?, false)
        }
        Command::Undo { yes, offline } => (
            release::undo::run(&open()?, release::undo::Options { yes, offline })?,
            false,
        ),
        Command::Version {
            of,
            set,
            patch,
            minor,
            major,
            verify,
            json,
        } => {
            let level = [
                (patch, Level::Patch),
                (minor, Level::Minor),
                (major, Level::Major),
            ];
            let level = level.into_iter().find(|(wanted, _)| *wanted);
            let wish = match (set, level) {
                (Some(version), _) => version::Wish::Set(version),
                (None, Some((_, level))) => version::Wish::Next(level),
                (None, None) if verify => version::Wish::Verify,
                (None, None) => version::Wish::Show,
            };
            (version::run(&of.of(open()?)?, &wish)?, json)
        }
        Command::Doctor { fix, json } => (commands::doctor::run(&open()?, fix)?, json),
        Command::Watch {
            action,
            json,
            daemon,
        } => (watch(&start, action, json, daemon)?, json),
        Command::Service { action } => (service::run(action)?, false),
        Command::Hooks { action } => match action {
            HooksAction::Install { by, apply } => {
                let options = hooks::Options { by, apply };
                (hooks::install(&open()?, options)?, false)
            }
            HooksAction::Uninstall => (hooks::uninstall(&open()?)?, false),
            HooksAction::Status { json } => (hooks::status(&open()?)?, json),
        },
        Command::Help { words } => (help::run(&command(), &words)?, false),
        Command::Completions { shell } => (generated::completions(command(), shell), false),
        Command::Man { output } => {
            let output = to_file(output);
            (generated::manual(command(), output.as_deref())?, false)
        }
    })
}

/// What standard output is shown on.
fn screen() -> Screen {
    Screen {
        width: env::width(),
        colour: env::wants_colour(),
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
