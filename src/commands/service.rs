//! `relwatch service`: the watcher as a service of the user.

use clap::Subcommand;

use crate::domain::failure::Result;
use crate::ui::Report;
use crate::watch::service;

/// Run the watcher as a user service (systemd or launchd).
#[derive(Debug, Subcommand)]
pub enum ServiceAction {
    /// Write the service and start it, now and at every login.
    Install {
        /// Keep it running while you are not logged in (systemd: `loginctl enable-linger`).
        #[arg(long)]
        linger: bool,
    },
    /// Start it.
    Start,
    /// Stop it until the next login.
    Stop,
    /// Say whether it runs.
    Status,
    /// Print what it said last.
    Logs,
    /// Stop it and remove it.
    Uninstall,
}

/// Runs the command.
///
/// # Errors
/// If this user has no service manager, with what to do instead.
pub fn run(action: ServiceAction) -> Result<Report> {
    let manager = service::manager()?;
    let is_question = matches!(action, ServiceAction::Status | ServiceAction::Logs);
    let text = match action {
        ServiceAction::Install { linger } => manager.install(linger),
        ServiceAction::Start => manager.start(),
        ServiceAction::Stop => manager.stop(),
        ServiceAction::Status => manager.status(),
        ServiceAction::Logs => manager.logs(),
        ServiceAction::Uninstall => manager.uninstall(),
    };
    Ok(Report::text(text?).as_answer(is_question))
}
