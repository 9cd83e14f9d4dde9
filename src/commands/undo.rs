//! `relwatch undo`: takes back a release that is not pushed.

use crate::commands::Context;
use crate::domain::failure::Result;
use crate::project::reach::Reach;
use crate::release::undo;
use crate::ui::Report;

/// Undo a release that is not pushed.
#[derive(Debug, clap::Args)]
pub struct UndoArguments {
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
    /// Do not ask the remote whether it has the tag.
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
pub fn run(arguments: UndoArguments, context: &Context) -> Result<Report> {
    let options = undo::UndoOptions {
        yes: arguments.yes,
        reach: Reach::unless(arguments.offline),
    };
    undo::run(&context.open()?, options)
}
