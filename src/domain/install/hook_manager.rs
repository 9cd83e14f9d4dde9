//! Hook managers: the configuration that makes them run relwatch.

use crate::domain::install::hook_script::{calls_relwatch, with_block_below, without_block};
use crate::domain::install::{lefthook, simple_git_hooks};
use crate::domain::yaml::{self, Node};

/// A hook manager whose configuration decides what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookManager {
    /// Owns the files of the hooks that `lefthook.yml` names.
    Lefthook,
    /// Owns the files of the hooks that it is installed for, and runs the previous hook from `NAME.legacy`.
    PreCommit,
    /// Deletes hooks that its configuration does not name.
    SimpleGitHooks,
}

impl HookManager {
    /// All hook managers.
    pub const ALL: [HookManager; 3] = [
        HookManager::Lefthook,
        HookManager::PreCommit,
        HookManager::SimpleGitHooks,
    ];

    /// Files that may contain its configuration, the usual one first.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            HookManager::Lefthook => &[
                "lefthook.yml",
                "lefthook.yaml",
                ".lefthook.yml",
                ".lefthook.yaml",
                ".config/lefthook.yml",
                ".config/lefthook.yaml",
            ],
            HookManager::PreCommit => &[".pre-commit-config.yaml"],
            HookManager::SimpleGitHooks => {
                &[PACKAGE, ".simple-git-hooks.json", "simple-git-hooks.json"]
            }
        }
    }

    /// Whether a file configures this manager.
    pub fn is_configured_by(self, file: &str, text: &str) -> bool {
        match self {
            HookManager::SimpleGitHooks => simple_git_hooks::is_configured(text, file == PACKAGE),
            _ => true,
        }
    }

    /// Whether its configuration runs relwatch as `hook`, or leaves our hook file alone.
    pub fn runs(self, file: &str, text: &str, hook: &str) -> bool {
        match self {
            HookManager::SimpleGitHooks => simple_git_hooks::keeps(text, file == PACKAGE, hook),
            _ => calls_relwatch(text.as_bytes(), hook),
        }
    }

    /// Text to add by hand for `hooks`, if [`HookManager::applied`] returns `None`.
    pub fn snippet(self, hooks: &[&str]) -> String {
        let each = hooks.iter().map(|hook| match self {
            HookManager::Lefthook => lefthook::section(hook),
            HookManager::PreCommit => format!(
                "- repo: local\n  hooks:\n  - id: relwatch-{hook}\n    name: relwatch\n    entry: relwatch hook {hook}\n    language: system\n    always_run: true\n    pass_filenames: false\n    stages: [{hook}]\n"
            ),
            HookManager::SimpleGitHooks => {
                format!("\"{hook}\": \"relwatch hook {hook} \\\"$@\\\" || :\",\n")
            }
        });
        each.collect()
    }

    /// Configuration with relwatch added; `None` if the addition would change the meaning of the rest. pre-commit needs none: it runs our
    /// hook from `NAME.legacy`.
    pub fn applied(self, file: &str, text: &str, hooks: &[&str]) -> Option<String> {
        match self {
            HookManager::Lefthook => in_lefthook(text, hooks),
            HookManager::PreCommit => None,
            HookManager::SimpleGitHooks => simple_git_hooks::extended(text, file == PACKAGE, hooks),
        }
    }

    /// Configuration without relwatch; `hooks` are those that it may contain.
    pub fn removed(self, text: &str, hooks: &[&str]) -> String {
        match self {
            HookManager::SimpleGitHooks => simple_git_hooks::without(text, hooks),
            _ => String::from_utf8_lossy(&without_block(text.as_bytes())).into_owned(),
        }
    }
}

/// File with the configuration of npm's tools.
const PACKAGE: &str = "package.json";

/// Adds a section at the end for each hook that has none, and a command to each section that exists.
fn in_lefthook(text: &str, hooks: &[&str]) -> Option<String> {
    let mut out = text.to_owned();
    let Node::Map(before) = yaml::mapping(text).ok()? else {
        return None;
    };
    let has = |hook: &str| before.iter().any(|(key, _)| key == hook);
    let missing = |hook: &&&str| !calls_relwatch(text.as_bytes(), hook);
    for hook in hooks.iter().filter(missing).filter(|hook| has(hook)) {
        out = lefthook::extended(&out, hook)?;
    }
    let new = hooks.iter().filter(missing).filter(|hook| !has(hook));
    let new: Vec<String> = new.map(|hook| lefthook::section(hook)).collect();
    if new.is_empty() {
        return Some(out);
    }
    let out = with_block_below(&out, &new.concat());
    let Node::Map(after) = yaml::mapping(&out).ok()? else {
        return None;
    };
    (after.len() == before.len() + new.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lefthook_runs_relwatch_beside_what_it_runs() {
        let config = "post-commit:\n  commands:\n    lint:\n      run: cargo fmt\n";
        let hooks = ["post-commit", "post-merge"];
        let out = HookManager::Lefthook.applied("lefthook.yml", config, &hooks);
        let out = out.unwrap();
        assert!(out.starts_with(config), "{out}");
        assert!(
            hooks
                .iter()
                .all(|hook| HookManager::Lefthook.runs("lefthook.yml", &out, hook))
        );
        let again = HookManager::Lefthook.applied("lefthook.yml", &out, &hooks);
        assert_eq!(again.as_deref(), Some(&*out));
        assert_eq!(HookManager::Lefthook.removed(&out, &hooks), config);
        let odd = "post-commit: {jobs: []}\n";
        assert_eq!(
            HookManager::Lefthook.applied("lefthook.yml", odd, &hooks),
            None
        );
    }
}
