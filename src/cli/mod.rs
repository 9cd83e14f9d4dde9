//! Arguments and dispatch.

mod called_by_git;
mod completing;
mod generated;
pub mod help;
mod mistake;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    Context, archive, branch, check, doctor, explain, hooks, init, lint, metrics, notes, port,
    prepare, preview, publish, release, releases, schema, service, skip, specs, status, support,
    undo, uninstall, update, version, watch, withdraw,
};
use crate::domain::failure::{Exit, Failure, Result};
use crate::sys::{git_command, signals};
use crate::ui::{self, Report};

/// Behind the options of a command's own.
const LAST: usize = 900;

/// Keeps your changelog's Unreleased section up to date on every commit, and cuts releases from it.
#[derive(Debug, Parser)]
#[command(
    name = "relwatch",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct GlobalArguments {
    /// Run as if started in this directory.
    #[arg(short = 'C', value_name = "DIR", global = true, display_order = LAST)]
    folder: Option<PathBuf>,
    /// Print what happens to standard error.
    #[arg(short, long, global = true, display_order = LAST)]
    verbose: bool,
    /// Print only answers and errors: no reports, warnings or progress.
    #[arg(short, long, global = true, display_order = LAST)]
    quiet: bool,
    /// When to use colour; auto by default.
    #[arg(long = "color", value_name = "WHEN", global = true, display_order = LAST)]
    colour: Option<ColorChoice>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArguments),
    Status(status::StatusArguments),
    Update(update::UpdateArguments),
    Explain(explain::ExplainArguments),
    Skip(skip::SkipArguments),
    Hold(skip::HoldArguments),
    Specs(specs::SpecsArguments),
    Prepare(prepare::PrepareArguments),
    Lint(lint::LintArguments),
    Preview(preview::PreviewArguments),
    Check(check::CheckArguments),
    Release(release::ReleaseArguments),
    Notes(notes::NotesArguments),
    Archive(archive::ArchiveArguments),
    Publish(publish::PublishArguments),
    Withdraw(withdraw::WithdrawArguments),
    Releases(releases::ReleasesArguments),
    Metrics(metrics::MetricsArguments),
    Support(support::SupportArguments),
    Branch(branch::BranchArguments),
    Undo(undo::UndoArguments),
    Port(port::PortArguments),
    Version(version::VersionArguments),
    Doctor(doctor::DoctorArguments),
    Schema(schema::SchemaArguments),
    Watch(watch::WatchArguments),
    #[command(subcommand)]
    Service(service::ServiceAction),
    #[command(subcommand)]
    Hooks(hooks::HooksAction),
    Uninstall(uninstall::UninstallArguments),
    Help(help::HelpArguments),
    Completions(completing::Completions),
    Man(generated::Manual),
}

/// All commands and options, each with its examples.
pub fn command() -> clap::Command {
    help::with_examples(GlobalArguments::command())
}

/// Parses, runs and prints; returns the exit code of the process.
pub fn main(arguments: Vec<OsString>) -> u8 {
    if let Some(exit) = called_by_git::main(&arguments) {
        return exit;
    }
    if let Some(exit) = completing::main(&arguments, command) {
        return exit;
    }
    let matches = command().try_get_matches_from(&arguments);
    let arguments = match matches.and_then(|m| GlobalArguments::from_arg_matches(&m)) {
        Ok(arguments) => arguments,
        Err(error) => return mistake::print(&error, &arguments, &command()),
    };
    let done = begin(arguments).and_then(|report| report.print().map(|()| report.exit()));
    done.unwrap_or_else(|failure| {
        ui::fail(&failure);
        failure.exit as u8
    })
}

/// Runs a command of the user, who may interrupt it and may be watching.
fn begin(arguments: GlobalArguments) -> Result<Report> {
    let GlobalArguments { verbose, quiet, .. } = arguments;
    if verbose && quiet {
        return Err(
            Failure::new(Exit::Usage, "--verbose and --quiet exclude each other")
                .with_remedy("give one of them"),
        );
    }
    let colour = arguments.colour.unwrap_or_default();
    let context = Context::new(arguments.folder, verbose, colour)?;
    let place = context.clone();
    signals::on_interruption(move || ui::fail(&place.interrupted()));
    if quiet {
        ui::be_quiet();
    } else {
        ui::busy::watched();
    }
    // Nobody waits for the watcher, and a prompt waits for no network.
    let is_asked = match &arguments.command {
        Command::Watch(_) => false,
        Command::Status(status) => !status.is_for_prompts(),
        _ => true,
    };
    if is_asked {
        git_command::allow_fetching();
    }
    run(arguments.command, &context)
}

fn run(command: Command, context: &Context) -> Result<Report> {
    match command {
        Command::Init(arguments) => init::run(arguments, context),
        Command::Status(arguments) => status::run(arguments, context),
        Command::Update(arguments) => update::run(arguments, context),
        Command::Explain(arguments) => explain::run(arguments, context),
        Command::Skip(arguments) => skip::run(arguments, context),
        Command::Hold(arguments) => skip::hold(arguments, context),
        Command::Specs(arguments) => specs::run(arguments, context),
        Command::Prepare(arguments) => prepare::run(arguments, context),
        Command::Lint(arguments) => lint::run(arguments, context),
        Command::Preview(arguments) => preview::run(arguments, context),
        Command::Check(arguments) => check::run(arguments, context),
        Command::Release(arguments) => release::run(arguments, context),
        Command::Notes(arguments) => notes::run(arguments, context),
        Command::Archive(arguments) => archive::run(arguments, context),
        Command::Publish(arguments) => publish::run(arguments, context),
        Command::Withdraw(arguments) => withdraw::run(arguments, context),
        Command::Releases(arguments) => releases::run(arguments, context),
        Command::Metrics(arguments) => metrics::run(arguments, context),
        Command::Support(arguments) => support::run(arguments, context),
        Command::Branch(arguments) => branch::run(arguments, context),
        Command::Undo(arguments) => undo::run(arguments, context),
        Command::Port(arguments) => port::run(arguments, context),
        Command::Version(arguments) => version::run(arguments, context),
        Command::Doctor(arguments) => doctor::run(arguments, context),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Watch(arguments) => watch::run(arguments, context),
        Command::Service(action) => service::run(action),
        Command::Hooks(action) => hooks::run(action, context),
        Command::Uninstall(arguments) => uninstall::run(arguments, context),
        Command::Help(arguments) => help::run(arguments, &self::command()),
        Command::Completions(arguments) => completing::script(&arguments),
        Command::Man(arguments) => generated::manual(arguments, self::command(), context),
    }
}
