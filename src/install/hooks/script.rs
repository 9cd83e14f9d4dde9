//! Scripts of hooks: the text of relwatch's own file, of its block, and of a configured command.

use std::path::Path;

use crate::domain::failure::Result;
use crate::project::wiring;

const SCRIPT: &str = include_str!("../../../hooks/run.sh");
const SCRIPT_WITH_INPUT: &str = include_str!("../../../hooks/run-with-input.sh");
const GUARD: &str = include_str!("../../../hooks/guard.sh");

/// The body of a hook file. `binary` is the path of relwatch if it is not in PATH; `None` for files that others get as well.
///
/// # Errors
/// Fails if a script cannot name the binary.
pub(super) fn body(name: &str, binary: Option<&Path>) -> Result<String> {
    let text = unbound(name);
    match binary {
        Some(binary) => Ok(text.replace("@BINARY@", &wiring::shell_word(binary)?)),
        None => Ok(without_binary(&text)),
    }
}

/// The script without the branch that runs a binary of this machine.
fn without_binary(text: &str) -> String {
    let mut is_in = false;
    let lines = text.split_inclusive('\n').filter(|line| {
        is_in = line.starts_with("elif [ -x @BINARY@") || is_in && line.starts_with(' ');
        !is_in
    });
    lines.collect()
}

/// The script with `@BINARY@` in place of the path.
pub(super) fn unbound(name: &str) -> String {
    let script = match name {
        "post-rewrite" | "pre-push" => SCRIPT_WITH_INPUT,
        "commit-msg" => GUARD,
        _ => SCRIPT,
    };
    let (promise, otherwise) = match name {
        "pre-push" => (
            "Only a check that relwatch.yml sets to `reject` stops git here.",
            "[ $? -ne 1 ] || exit 1",
        ),
        _ => ("It never fails git; `relwatch uninstall` removes it.", ":"),
    };
    let script = script
        .replace("@PROMISE@", promise)
        .replace("@OTHERWISE@", otherwise);
    script.replace("@NAME@", name)
}

/// The configured command of a hook. git appends the hook's arguments, so the last command must take them.
pub(super) fn command(name: &str, binary: &Path) -> Result<String> {
    let binary = wiring::shell_word(binary)?;
    let reads = matches!(name, "post-rewrite" | "pre-push");
    let input = if reads { "" } else { " </dev/null" };
    // Only a check that is set to reject exits with 1.
    let fails = match name {
        "commit-msg" | "pre-push" => "[ $? -ne 1 ]",
        _ => ":",
    };
    Ok(format!(
        "relwatch_hook() {{ if command -v relwatch >/dev/null 2>&1; then relwatch hook {name} \"$@\"{input} || {fails}; elif [ -x {binary} ]; then {binary} hook {name} \"$@\"{input} || {fails}; fi; }}; relwatch_hook"
    ))
}
