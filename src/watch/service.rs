//! The watcher as a user service, with systemd or launchd. Not available on Windows, whose services belong to the machine.

use std::path::PathBuf;

use crate::domain::failure::{Failure, Result};
use crate::domain::install::unit;
use crate::sys::files::{self, Durable};
use crate::sys::layout;
use crate::sys::{env, process};

const UNIT: &str = "relwatch.service";
const LABEL: &str = "dev.relwatch.watcher";

/// A manager of user services. Each method returns what it did or found.
///
/// Every method fails if this user has no service manager, with an alternative.
pub trait ServiceManager {
    /// Writes the service and starts it. With `linger`, it also runs while the user is not logged in.
    fn install(&self, linger: bool) -> Result<String>;
    fn start(&self) -> Result<String>;
    /// Stops the service until the next login.
    fn stop(&self) -> Result<String>;
    fn status(&self) -> Result<String>;
    /// Whether a process belongs to the service.
    fn runs(&self, pid: &str) -> bool;
    /// The latest output of the service.
    fn logs(&self) -> Result<String>;
    fn uninstall(&self) -> Result<String>;
}

/// The service manager of this system.
///
/// # Errors
/// Fails if there is no home directory, or on Windows.
pub fn manager() -> Result<Box<dyn ServiceManager>> {
    if cfg!(windows) {
        return Err(by_hand(&binary()?));
    }
    Ok(if cfg!(target_os = "macos") {
        Box::new(Launchd::new()?)
    } else {
        Box::new(Systemd::new()?)
    })
}

struct Systemd {
    unit: PathBuf,
}

impl Systemd {
    fn new() -> Result<Systemd> {
        Ok(Systemd {
            unit: user_folder("systemd/user")?.join(UNIT),
        })
    }

    fn control(&self, args: &[&str]) -> Result<String> {
        managed("systemctl", &[&["--user"], args].concat())
    }
}

impl ServiceManager for Systemd {
    fn install(&self, linger: bool) -> Result<String> {
        self.control(&["show-environment"])?;
        let text = unit::systemd(&binary()?);
        let written = files::replace(&self.unit, text.as_bytes(), Durable::Yes)?;
        if written {
            self.control(&["daemon-reload"])?;
        }
        self.control(&["enable", "--now", UNIT])?;
        if written {
            // A service that is already running uses the old unit.
            self.control(&["restart", UNIT])?;
        }
        if linger {
            managed("loginctl", &["enable-linger"])?;
        }
        let did = if written { "wrote" } else { "kept" };
        let unit = self.unit.display();
        Ok(format!("{did}: {unit}\nrunning, now and at every login\n"))
    }

    fn start(&self) -> Result<String> {
        self.control(&["start", UNIT])?;
        Ok("started\n".to_owned())
    }

    fn stop(&self) -> Result<String> {
        self.control(&["stop", UNIT])?;
        Ok("stopped\n".to_owned())
    }

    fn status(&self) -> Result<String> {
        if !files::exists(&self.unit) {
            return Ok("not installed; `relwatch service install`\n".to_owned());
        }
        self.control(&["show-environment"])?;
        let said = process::try_run("systemctl", &["--user", "is-active", UNIT])?;
        Ok(format!("{}\n", said.stdout.trim()))
    }

    fn runs(&self, pid: &str) -> bool {
        let args = ["--user", "show", "-p", "MainPID", UNIT];
        let said = files::exists(&self.unit).then(|| process::try_run("systemctl", &args));
        said.is_some_and(|said| {
            said.is_ok_and(|said| said.stdout.trim() == format!("MainPID={pid}"))
        })
    }

    fn logs(&self) -> Result<String> {
        let args = ["--user", "-u", UNIT, "-n", "100", "--no-pager"];
        managed("journalctl", &args)
    }

    fn uninstall(&self) -> Result<String> {
        if !files::exists(&self.unit) {
            return Ok("not installed\n".to_owned());
        }
        self.control(&["disable", "--now", UNIT])?;
        files::remove(&self.unit)?;
        self.control(&["daemon-reload"])?;
        Ok(format!("removed: {}\n", self.unit.display()))
    }
}

struct Launchd {
    plist: PathBuf,
    /// The domain, `gui/UID`.
    domain: String,
    /// The service in the domain.
    target: String,
    log: PathBuf,
}

impl Launchd {
    fn new() -> Result<Launchd> {
        let agents = home()?.join("Library/LaunchAgents");
        let user = process::try_run("id", &["-u"])?.stdout;
        let domain = format!("gui/{}", user.trim());
        Ok(Launchd {
            plist: agents.join(format!("{LABEL}.plist")),
            target: format!("{domain}/{LABEL}"),
            domain,
            log: layout::user_log().unwrap_or_else(|| PathBuf::from("/dev/null")),
        })
    }
}

impl ServiceManager for Launchd {
    fn install(&self, _linger: bool) -> Result<String> {
        let path = self.plist.display().to_string();
        let text = unit::launchd(LABEL, &binary()?, &self.log.display().to_string());
        if files::replace(&self.plist, text.as_bytes(), Durable::Yes)? {
            // If a service is loaded, it is the old one. If none is loaded, the error is ignored.
            let _ = process::try_run("launchctl", &["bootout", &self.target]);
            managed("launchctl", &["bootstrap", &self.domain, &path])?;
        }
        Ok(format!(
            "installed: {path}\nrunning, now and at every login\n"
        ))
    }

    fn start(&self) -> Result<String> {
        managed("launchctl", &["kickstart", &self.target])?;
        Ok("started\n".to_owned())
    }

    fn stop(&self) -> Result<String> {
        managed("launchctl", &["kill", "TERM", &self.target])?;
        Ok("stopped\n".to_owned())
    }

    fn status(&self) -> Result<String> {
        managed("launchctl", &["print", &self.target])
    }

    fn runs(&self, pid: &str) -> bool {
        let said = process::try_run("launchctl", &["print", &self.target]);
        let is_it = |line: &str| line.trim() == format!("pid = {pid}");
        files::exists(&self.plist) && said.is_ok_and(|said| said.stdout.lines().any(is_it))
    }

    fn logs(&self) -> Result<String> {
        let bytes = files::read(&self.log)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn uninstall(&self) -> Result<String> {
        let _ = process::try_run("launchctl", &["bootout", &self.target]);
        files::remove(&self.plist)?;
        Ok(format!("removed: {}\n", self.plist.display()))
    }
}

/// The instructions for Windows. The task scheduler would also work, but it lets only administrators start something at login.
fn by_hand(binary: &str) -> Failure {
    const KEY: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    Failure::failed("relwatch makes no service on Windows").with_remedy(format!(
        r#"`relwatch watch --daemon` starts the watcher until you log out, `reg add {KEY} /v relwatch /d "\"{binary}\" watch --daemon"` at every login"#
    ))
}

/// The output of a service manager. An error includes the alternative without one.
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
            "the path {} cannot be in a service",
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
    Failure::failed("there is no home directory").with_remedy("set HOME")
}
