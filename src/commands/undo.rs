//! `relwatch undo`: takes back a release that is not pushed.

use crate::commands::Context;
use crate::domain::failure::Result;
use crate::release::remote::Reach;
use crate::release::undo;
use crate::ui::Report;

/// Take an unpushed release back completely.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Go ahead without asking.
    #[arg(long)]
    yes: bool,
    /// Do not ask the remote whether it has the tag.
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
pub fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let options = undo::Options {
        yes: arguments.yes,
        reach: Reach::unless(arguments.offline),
    };
    undo::run(&context.open()?, options)
}
