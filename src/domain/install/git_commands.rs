//! Commands in git's configuration for the clean filter and the merge driver.
//!
//! Git is not the only program that runs them. JGit appends ` "$@"` and passes the result to a shell. dulwich splits the words of the
//! filter like a shell, but does not start one. So the filter is a simple command whose script is one word, and its inputs are arguments.

/// Both commands find the binary as the hooks do: in PATH, else at its recorded path.
const IN_PATH: &str = "command -v relwatch";

/// Script of the filter. If the binary is gone, git behaves as without relwatch, and `git status` prints no error each time.
const CLEAN: &str = "if command -v relwatch >/dev/null 2>&1; then exec relwatch filter clean \"$2\"; elif test -x \"$1\"; then exec \"$1\" filter clean \"$2\"; else exec cat; fi";

/// Clean filter command; `binary` is one word of sh.
pub fn clean_filter(binary: &str) -> String {
    format!("sh -c '{CLEAN}' relwatch {binary} %f")
}

const ARGUMENTS: &str = "%O %A %B %L %P %S %X %Y";

/// Merge driver command, which only git and dulwich run, both in a shell. It uses `exec` because the driver reads the arguments of its
/// parent, git.
pub fn merge_driver(binary: &str) -> String {
    format!(
        "if {IN_PATH} >/dev/null 2>&1; then exec relwatch merge-driver {ARGUMENTS}; elif test -x {binary}; then exec {binary} merge-driver {ARGUMENTS}; else exec git merge-file --marker-size=%L %A %O %B; fi"
    )
}

/// Binary that a command of ours names, in any of its forms, as one word of sh; `None` if the command is not ours.
pub fn binary_in(command: &str) -> Option<&str> {
    let filter = || {
        let rest = command.strip_prefix("sh -c '")?;
        rest.split_once("' relwatch ")?.1.strip_suffix(" %f")
    };
    // Also the filter of relwatch 0.1 and 0.2.
    let compound = || {
        let (before, rest) = command.split_once("test -x ")?;
        let is_ours = before == "if " || before.contains(IN_PATH);
        is_ours
            .then(|| rest.split_once("; then exec "))?
            .map(|(word, _)| word)
    };
    filter().or_else(compound)
}

/// Whether a command of ours finds a relwatch in PATH; commands of older versions do not look there.
pub fn looks_in_path(command: &str) -> bool {
    command.contains(IN_PATH)
}

/// Path that a word of sh quotes.
pub fn unquoted(word: &str) -> Option<String> {
    let inner = word.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("'\\''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_in_every_form() {
        let word = "'/opt/it'\\''s here/relwatch'";
        let old = format!("if test -x {word}; then exec {word} filter clean %f; else cat; fi");
        for command in [clean_filter(word), merge_driver(word), old] {
            assert_eq!(binary_in(&command), Some(word), "{command}");
        }
        assert_eq!(unquoted(word).as_deref(), Some("/opt/it's here/relwatch"));
        assert_eq!(binary_in("git-lfs clean -- %f"), None);
    }
}
