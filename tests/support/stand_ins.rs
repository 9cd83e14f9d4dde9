//! Stand-ins for the tools that publish: `stand_in.sh` under each of their names, first in PATH.

use std::os::unix::fs::PermissionsExt;

use super::Sandbox;

const TOOLS: &[&str] = &[
    "bandit",
    "cargo",
    "docker",
    "gh",
    "glab",
    "make",
    "mypy",
    "pip",
    "pre-commit",
    "pytest",
    "python",
    "twine",
];

/// Installs the stand-ins, all working, and gives their user credentials.
pub fn install(sandbox: &Sandbox) {
    let bin = sandbox.path().join("bin");
    let script = bin.join("stand-in");
    std::fs::write(&script, include_str!("stand_in.sh")).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    for tool in TOOLS {
        std::os::unix::fs::symlink(&script, bin.join(tool)).unwrap();
    }
    let home = sandbox.at("home");
    home.write(".cargo/credentials.toml", "");
    home.write(".pypirc", "");
}

/// The calls of the stand-ins since the last time.
pub fn ran(sandbox: &Sandbox) -> String {
    let home = sandbox.at("home");
    let text = if home.exists("ran") {
        home.read("ran")
    } else {
        String::new()
    };
    home.write("ran", "");
    text
}

/// Makes these fail from now on, such as `gh release` or `crate NAME`, and none of the earlier ones.
pub fn break_(sandbox: &Sandbox, what: &[&str]) {
    let lines: String = what.iter().map(|one| format!("{one}\n")).collect();
    sandbox.at("home").write("fail", &lines);
}

/// The published items.
pub fn public(sandbox: &Sandbox) -> Vec<String> {
    let folder = sandbox.path().join("home/public");
    let Ok(files) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
