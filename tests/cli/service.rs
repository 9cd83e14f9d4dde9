//! The watcher as a service and in the background.

#![cfg(unix)]

#[cfg(target_os = "linux")]
use std::os::unix::fs::PermissionsExt;

use crate::support::{Repo, Sandbox, eventually, project};

/// A program in front of the PATH that notes how it was called.
#[cfg(target_os = "linux")]
fn stand_in(sandbox: &Sandbox, name: &str, script: &str) {
    let path = sandbox.path().join("bin").join(name);
    let log = sandbox.path().join("calls");
    std::fs::write(
        &path,
        format!(
            "#!/bin/sh\necho \"{name} $*\" >> '{}'\n{script}",
            log.display()
        ),
    )
    .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(target_os = "linux")]
fn calls(sandbox: &Sandbox) -> String {
    let path = sandbox.path().join("calls");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(path);
    text
}

#[cfg(target_os = "linux")]
#[test]
fn a_systemd_unit_is_written_once_and_removed() {
    let sandbox = Sandbox::new();
    let repo: Repo<'_> = sandbox.repo("r");
    stand_in(&sandbox, "systemctl", "");
    stand_in(&sandbox, "loginctl", "");
    let service = |args: &[&str]| repo.relwatch(&[&["service"], args].concat());
    let said = service(&["install"]).ok().stdout;
    let unit = sandbox
        .path()
        .join("home/.config/systemd/user/relwatch.service");
    assert_eq!(
        said,
        format!(
            "wrote: {}\nrunning, now and at every login\n",
            unit.display()
        )
    );
    assert_eq!(
        calls(&sandbox),
        "systemctl --user show-environment\nsystemctl --user daemon-reload\nsystemctl --user enable --now relwatch.service\nsystemctl --user restart relwatch.service\n"
    );
    let text = std::fs::read_to_string(&unit).unwrap();
    assert!(
        text.contains("Restart=on-failure\n") && text.contains("NoNewPrivileges=yes\n"),
        "{text}"
    );
    // If systemd is installed, it verifies the unit.
    if let Ok(verified) = repo
        .command("systemd-analyze")
        .arg("--user")
        .arg("verify")
        .arg(&unit)
        .output()
    {
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(!said.contains("relwatch.service"), "{said}");
    }
    let drop_in = unit.with_extension("service.d").join("mine.conf");
    std::fs::create_dir(drop_in.parent().unwrap()).unwrap();
    std::fs::write(&drop_in, "[Service]\nNice=19\n").unwrap();
    let said = service(&["install", "--linger"]).ok().stdout;
    assert!(said.starts_with("kept: "), "{said}");
    assert_eq!(
        calls(&sandbox),
        "systemctl --user show-environment\nsystemctl --user enable --now relwatch.service\nloginctl enable-linger\n"
    );
    for action in ["start", "stop", "status"] {
        service(&[action]).ok();
    }
    assert!(calls(&sandbox).ends_with("systemctl --user is-active relwatch.service\n"));
    service(&["uninstall"]).ok();
    assert!(!unit.exists() && drop_in.exists());
    assert_eq!(service(&["uninstall"]).ok().stdout, "not installed\n");
    assert!(
        service(&["status"])
            .ok()
            .stdout
            .starts_with("not installed; ")
    );
    // A container, a remote shell: no manager answers.
    stand_in(
        &sandbox,
        "systemctl",
        "echo 'Failed to connect to bus' >&2; exit 1\n",
    );
    let refused = service(&["install"]).code(1);
    assert!(
        refused
            .stderr
            .contains("Failed to connect to bus; `relwatch watch --daemon` runs the watcher"),
        "{refused:?}"
    );
    assert!(!unit.exists());
}

#[test]
fn a_daemon_runs_by_itself_and_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.relwatch(&["hooks", "uninstall"]).ok();
    repo.relwatch(&["init"]).ok();
    repo.sh("rm .git/hooks/post-*").ok();
    repo.relwatch(&["watch", "add"]).ok();
    // A shell that waits for its output does not wait for the daemon.
    let said = repo
        .sh("x=$(relwatch watch --daemon); echo \"$x\"")
        .ok()
        .stdout;
    let pid = said
        .trim()
        .strip_prefix("started, process ")
        .unwrap()
        .to_owned();
    // A check whether it runs locks its lock file for a moment, which must not coincide with its start.
    eventually(|| {
        match repo
            .sh("find ~ -name watcher.pid -exec cat {} +")
            .stdout
            .trim()
        {
            there if there == pid => Ok(()),
            there => Err(format!("{there:?} is not {pid}")),
        }
    });
    let status = repo.relwatch(&["watch", "status"]).ok().stdout;
    assert!(status.contains(&pid), "{status}");
    let again = repo.relwatch(&["watch", "--daemon"]).ok().stdout;
    assert_eq!(again, format!("running already, process {pid}\n"));
    let commit = |message: &str| {
        let args = ["commit", "-q", "--allow-empty", "-m", message];
        repo.insistent_git(&args).ok();
    };
    commit("feat: one (#1)");
    eventually(|| match repo.section() {
        section if section.contains("- One (#1)") => Ok(()),
        section => Err(section),
    });
    // Killed at any instant, it leaves a whole file.
    commit("feat: two (#2)");
    repo.sh(&format!("kill -9 {pid}")).ok();
    repo.relwatch(&["update"]).ok();
    assert!(
        repo.section().contains("- One (#1)\n- Two (#2)"),
        "{}",
        repo.section()
    );
    assert_eq!(repo.status(), "");
}

/// Starts the watcher in the background, and returns its process ID once it runs.
fn daemon(repo: &Repo<'_>) -> String {
    let said = repo
        .sh("x=$(relwatch watch --daemon); echo \"$x\"")
        .ok()
        .stdout;
    let pid = said.trim().strip_prefix("started, process ").unwrap();
    eventually(|| {
        let noted = repo.sh("find ~ -name watcher.pid -exec cat {} +").stdout;
        if noted.trim() == pid {
            Ok(())
        } else {
            Err(format!("{noted:?} is not {pid}"))
        }
    });
    pid.to_owned()
}

#[test]
fn a_watcher_is_stopped_by_a_command() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let stop = || repo.relwatch(&["watch", "stop"]);
    assert_eq!(stop().ok().stdout, "not running\n");
    let pid = daemon(&repo);
    assert_eq!(stop().ok().stdout, format!("stopped, process {pid}\n"));
    let status = repo.relwatch(&["watch", "status"]).ok().stdout;
    assert!(status.starts_with("not running, "), "{status}");
    assert_eq!(stop().ok().stdout, "not running\n");
    let pid = daemon(&repo);
    let json = repo.relwatch(&["watch", "stop", "--json"]).ok().stdout;
    assert_eq!(
        json,
        format!("{{\n  \"schema\": 1,\n  \"stopped\": \"{pid}\"\n}}\n")
    );
    let json = repo.relwatch(&["watch", "stop", "--json"]).ok().stdout;
    assert!(json.contains("\"stopped\": null"), "{json}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_watcher_of_the_service_is_stopped_by_the_service() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    stand_in(&sandbox, "systemctl", "");
    repo.relwatch(&["service", "install"]).ok();
    let pid = daemon(&repo);
    let stop = || repo.relwatch(&["watch", "stop"]);
    stand_in(&sandbox, "systemctl", &format!("echo MainPID={pid}\n"));
    assert_eq!(
        stop().code(1).stderr,
        format!(
            "relwatch: the service runs the watcher, process {pid}; `relwatch service stop` stops it, `relwatch service uninstall` for good\n"
        )
    );
    // The service is there, but another process watches.
    stand_in(&sandbox, "systemctl", "echo MainPID=0\n");
    assert_eq!(stop().ok().stdout, format!("stopped, process {pid}\n"));
}
