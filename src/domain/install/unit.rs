//! Watcher as a service: a systemd user unit or a launchd agent.

/// A systemd user unit that runs `binary` (systemd.service(5), systemd.exec(5)). It allows only what the watcher does: no network, no new
/// privileges.
pub fn systemd(binary: &str) -> String {
    // Quoted according to systemd.syntax(7); `%` begins a specifier and `$` a variable.
    let escaped = binary.replace('\\', "\\\\").replace('"', "\\\"");
    let escaped = escaped.replace('%', "%%").replace('$', "$$");
    format!(
        "# Written by `relwatch service install`; changes belong into relwatch.service.d/*.conf.
[Unit]
Description=relwatch keeps the changelogs of registered repositories right

[Service]
ExecStart=\"{escaped}\" watch
WorkingDirectory=/
Restart=on-failure
RestartSec=5
Nice=10
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=default.target
"
    )
}

/// A launchd agent that runs `binary` (launchd.plist(5)).
pub fn launchd(label: &str, binary: &str, log: &str) -> String {
    let text = |raw: &str| {
        raw.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>{label}</string>
  <key>ProgramArguments</key>
  <array><string>{}</string><string>watch</string></array>
  <key>WorkingDirectory</key><string>/</string>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ProcessType</key><string>Background</string>
  <key>StandardErrorPath</key><string>{}</string>
</dict>
</plist>
"#,
        text(binary),
        text(log)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_are_quoted() {
        let unit = systemd("/home/a b/100%/$x/\"rel\"watch");
        assert!(
            unit.contains("ExecStart=\"/home/a b/100%%/$$x/\\\"rel\\\"watch\" watch\n"),
            "{unit}"
        );
        assert!(launchd("l", "/a&b", "/log").contains("<string>/a&amp;b</string>"));
    }
}
