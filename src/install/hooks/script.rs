//! What a hook runs: the text of our file, of our block, and of a configured command.

use std::path::Path;

use crate::domain::failure::Result;
use crate::project::wiring;

const SCRIPT: &str = include_str!("../../../hooks/run.sh");
const SCRIPT_WITH_INPUT: &str = include_str!("../../../hooks/run-with-input.sh");
const GUARD: &str = include_str!("../../../hooks/guard.sh");

pub(super) fn body(name: &str, binary: &Path) -> Result<String> {
    let binary = wiring::shell_word(binary)?;
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
        _ => (
            "It never fails git; `relwatch hooks uninstall` removes it.",
            ":",
        ),
    };
    let script = script
        .replace("@PROMISE@", promise)
        .replace("@OTHERWISE@", otherwise);
    Ok(script.replace("@NAME@", name).replace("@BINARY@", &binary))
}

/// git appends the hook's arguments to a configured command, so it has to end in one that takes them.
pub(super) fn command(name: &str, binary: &Path) -> Result<String> {
    let binary = wiring::shell_word(binary)?;
    let reads = matches!(name, "post-rewrite" | "pre-push");
    let input = if reads { "" } else { " </dev/null" };
    // Only a check that is set to reject ends with 1.
    let fails = match name {
        "commit-msg" | "pre-push" => "[ $? -ne 1 ]",
        _ => ":",
    };
    Ok(format!(
        "relwatch_hook() {{ if command -v relwatch >/dev/null 2>&1; then relwatch hook {name} \"$@\"{input} || {fails}; elif [ -x {binary} ]; then {binary} hook {name} \"$@\"{input} || {fails}; fi; }}; relwatch_hook"
    ))
}
