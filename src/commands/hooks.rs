//! `relwatch hooks`: installs the git hooks of the repository, removes them, shows which ones git runs.

use clap::Subcommand;

use crate::commands::Context;
use crate::domain::failure::Result;
use crate::install::hooks::{self, By, HookOptions};
use crate::ui::Report;

/// Install, remove or show the git hooks of this repository.
#[derive(Debug, Subcommand)]
pub enum HooksAction {
    /// Install the hooks, beside what is there.
    Install {
        /// Install them in git's configuration (git 2.54 or later) or as files.
        #[arg(long, value_enum)]
        by: Option<By>,
        /// Write into the files of a hook manager instead of showing what to write.
        #[arg(long)]
        apply: bool,
    },
    /// Remove hooks, filter and generated lines.
    Uninstall,
    /// Show which hooks git will run.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub fn run(action: HooksAction, context: &Context) -> Result<Report> {
    let project = context.open()?;
    match action {
        HooksAction::Install { by, apply } => {
            hooks::set_wanted(&project, true)?;
            hooks::install(&project, HookOptions { by, apply })
        }
        HooksAction::Uninstall => hooks::uninstall(&project),
        HooksAction::Status { json } => Ok(hooks::status(&project)?.as_json(json)),
    }
}
