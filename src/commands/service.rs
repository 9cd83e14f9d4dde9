//! `relwatch service`: the watcher as a service of the user.

use clap::Subcommand;

use crate::domain::failure::Result;
use crate::ui::Report;
use crate::watch::service;

/// Run the watcher as a service of yours, by systemd or launchd.
#[derive(Debug, Subcommand)]
pub enum Action {
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
pub fn run(action: Action) -> Result<Report> {
    let manager = service::manager()?;
    let text = match action {
        Action::Install { linger } => manager.install(linger),
        Action::Start => manager.start(),
        Action::Stop => manager.stop(),
        Action::Status => manager.status(),
        Action::Logs => manager.logs(),
        Action::Uninstall => manager.uninstall(),
    };
    Ok(Report::text(text?))
}
