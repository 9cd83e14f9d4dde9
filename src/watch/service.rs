//! `relwatch service …`: the watcher as a service of the user, by systemd or launchd.

use std::path::PathBuf;

use clap::Subcommand;

use crate::domain::failure::{Failure, Result};
use crate::domain::install::unit;
use crate::sys::files::{self, Durable};
use crate::sys::layout;
use crate::sys::{env, process};
use crate::ui::Report;

const UNIT: &str = "relwatch.service";
const LABEL: &str = "dev.relwatch.watcher";

/// What is to be done with the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
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
    if cfg!(target_os = "macos") {
        by_launchd(action)
    } else {
        by_systemd(action)
    }
}

fn by_systemd(action: Action) -> Result<Report> {
    let unit = user_folder("systemd/user")?.join(UNIT);
    let control = |args: &[&str]| managed("systemctl", &[&["--user"], args].concat());
    Ok(Report::text(match action {
        Action::Install { linger } => {
            control(&["show-environment"])?;
            let text = unit::systemd(&binary()?);
            let written = files::replace(&unit, text.as_bytes(), Durable::Yes)?;
            if written {
                control(&["daemon-reload"])?;
            }
            control(&["enable", "--now", UNIT])?;
            if written {
                // One that runs runs the old unit.
                control(&["restart", UNIT])?;
            }
            if linger {
                managed("loginctl", &["enable-linger"])?;
            }
            let did = if written { "wrote" } else { "kept" };
            format!(
                "{did}: {}\nrunning, now and at every login\n",
                unit.display()
            )
        }
        Action::Start => control(&["start", UNIT]).map(|_| "started\n".to_owned())?,
        Action::Stop => control(&["stop", UNIT]).map(|_| "stopped\n".to_owned())?,
        Action::Status => {
            if !files::exists(&unit) {
                return Ok(Report::text("not installed; `relwatch service install`\n"));
            }
            control(&["show-environment"])?;
            let said = process::try_run("systemctl", &["--user", "is-active", UNIT])?;
            format!("{}\n", said.stdout.trim())
        }
        Action::Logs => managed(
            "journalctl",
            &["--user", "-u", UNIT, "-n", "100", "--no-pager"],
        )?,
        Action::Uninstall => {
            if files::exists(&unit) {
                control(&["disable", "--now", UNIT])?;
                files::remove(&unit)?;
                control(&["daemon-reload"])?;
                format!("removed: {}\n", unit.display())
            } else {
                "not installed\n".to_owned()
            }
        }
    }))
}

fn by_launchd(action: Action) -> Result<Report> {
    let plist = home()?
        .join("Library/LaunchAgents")
        .join(format!("{LABEL}.plist"));
    let user = process::try_run("id", &["-u"])?.stdout;
    let domain = format!("gui/{}", user.trim());
    let target = format!("{domain}/{LABEL}");
    let path = plist.display().to_string();
    let log = layout::user_log().unwrap_or_else(|| PathBuf::from("/dev/null"));
    Ok(Report::text(match action {
        Action::Install { .. } => {
            let text = unit::launchd(LABEL, &binary()?, &log.display().to_string());
            if files::replace(&plist, text.as_bytes(), Durable::Yes)? {
                // One that is loaded is the old one; none is fine.
                let _ = process::try_run("launchctl", &["bootout", &target]);
                managed("launchctl", &["bootstrap", &domain, &path])?;
            }
            format!("installed: {path}\nrunning, now and at every login\n")
        }
        Action::Start => {
            managed("launchctl", &["kickstart", &target]).map(|_| "started\n".to_owned())?
        }
        Action::Stop => {
            managed("launchctl", &["kill", "TERM", &target]).map(|_| "stopped\n".to_owned())?
        }
        Action::Status => managed("launchctl", &["print", &target])?,
        Action::Logs => {
            let bytes = files::read(&log)?.unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Action::Uninstall => {
            let _ = process::try_run("launchctl", &["bootout", &target]);
            files::remove(&plist)?;
            format!("removed: {path}\n")
        }
    }))
}

/// What a service manager says; its failure with the way without it.
fn managed(program: &str, args: &[&str]) -> Result<String> {
    let without = "`relwatch watch --daemon` runs the watcher without a service manager";
    let said = process::try_run(program, args)
        .map_err(|failure| Failure::failed(failure.to_string()).with_remedy(without))?;
    if said.ok {
        return Ok(said.stdout);
    }
    let why = said
        .stderr
        .trim()
        .lines()
        .next()
        .unwrap_or("it does not say why")
        .to_owned();
    let line = args.join(" ");
    Err(Failure::failed(format!("`{program} {line}` failed: {why}")).with_remedy(without))
}

fn binary() -> Result<String> {
    let path = env::own_path()?;
    let text = path.to_str().filter(|text| !text.contains(['\n', '\r']));
    let cannot = || {
        Failure::failed(format!(
            "the path {} cannot stand in a service",
            path.display()
        ))
    };
    text.map(str::to_owned).ok_or_else(cannot)
}

fn user_folder(below: &str) -> Result<PathBuf> {
    let dirs = directories::BaseDirs::new().ok_or_else(no_home)?;
    Ok(dirs.config_dir().join(below))
}

fn home() -> Result<PathBuf> {
    let dirs = directories::BaseDirs::new().ok_or_else(no_home)?;
    Ok(dirs.home_dir().to_owned())
}

fn no_home() -> Failure {
    Failure::failed("there is no home folder").with_remedy("set HOME")
}
