//! `relwatch withdraw`: marks a published release as withdrawn.

use clap::builder::NonEmptyStringValueParser;
use clap_complete::ArgValueCompleter;

use crate::commands::{Context, OneComponent, values};
use crate::domain::failure::Result;
use crate::project::reach::Reach;
use crate::release::withdraw;
use crate::ui::Report;

/// Mark a published release as withdrawn, with a reason; its tag stays.
#[derive(Debug, clap::Args)]
pub struct WithdrawArguments {
    #[command(flatten)]
    of: OneComponent,
    /// Its version.
    #[arg(add = ArgValueCompleter::new(values::versions))]
    version: String,
    /// Why; not needed to add something to a withdrawal.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: Option<String>,
    /// Who is affected.
    #[arg(long, value_name = "TEXT")]
    impact: Option<String>,
    /// What is done to prevent it from happening again; can be added later.
    #[arg(long, value_name = "TEXT")]
    actions: Option<String>,
    /// What replaces it.
    #[arg(long, value_name = "TEXT")]
    plan: Option<String>,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
    /// Do not ask the remote.
    #[arg(long)]
    offline: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: WithdrawArguments, context: &Context) -> Result<Report> {
    let project = arguments.of.open(context)?;
    let options = withdraw::WithdrawOptions {
        version: arguments.version,
        reason: arguments.reason,
        impact: arguments.impact,
        actions: arguments.actions,
        plan: arguments.plan,
        yes: arguments.yes,
        reach: Reach::unless(arguments.offline),
    };
    Ok(withdraw::run(&project, &options)?.as_json(arguments.json))
}
