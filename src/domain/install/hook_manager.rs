//! Hook managers: what to put into their configuration so that they run relwatch.

use crate::domain::install::hook_script::with_block_below;
use crate::domain::yaml::{self, Node};

/// A hook manager that owns a hook's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookManager {
    /// `lefthook.yml`.
    Lefthook,
    /// `.pre-commit-config.yaml`.
    PreCommit,
}

impl HookManager {
    /// The files that its configuration may be in, the usual one first.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            HookManager::Lefthook => &[
                "lefthook.yml",
                "lefthook.yaml",
                ".lefthook.yml",
                ".lefthook.yaml",
            ],
            HookManager::PreCommit => &[".pre-commit-config.yaml"],
        }
    }

    /// What runs relwatch for `hooks`; `indent` is that of the items of a list.
    pub fn snippet(self, hooks: &[&str], indent: &str) -> String {
        let each = hooks.iter().map(|hook| match self {
            // `{0}`: the arguments of the hook.
            HookManager::Lefthook => format!(
                "{hook}:\n  commands:\n    relwatch:\n      run: relwatch hook {hook} {{0}}\n"
            ),
            HookManager::PreCommit => {
                let lines = [
                    "- repo: local".to_owned(),
                    "  hooks:".to_owned(),
                    format!("  - id: relwatch-{hook}"),
                    "    name: relwatch".to_owned(),
                    format!("    entry: relwatch hook {hook}"),
                    "    language: system".to_owned(),
                    "    always_run: true".to_owned(),
                    "    pass_filenames: false".to_owned(),
                    format!("    stages: [{hook}]"),
                ];
                lines
                    .iter()
                    .map(|line| format!("{indent}{line}\n"))
                    .collect()
            }
        });
        each.collect()
    }

    /// Its configuration with the snippet at the end; `None` where that would not mean the same with relwatch added.
    pub fn applied(self, text: &str, hooks: &[&str]) -> Option<String> {
        let items = text
            .lines()
            .find(|line| line.trim_start().starts_with("- repo:"));
        let indent = items.map_or("", |line| &line[..line.len() - line.trim_start().len()]);
        let out = with_block_below(text, &self.snippet(hooks, indent));
        let (before, after) = (yaml::mapping(text).ok()?, yaml::mapping(&out).ok()?);
        let (Node::Map(before), Node::Map(after)) = (before, after) else {
            return None;
        };
        let fits = match self {
            HookManager::Lefthook => {
                after.len() == before.len() + hooks.len() && after.starts_with(&before)
            }
            HookManager::PreCommit => {
                let count = |pairs: &[(String, Node)]| {
                    pairs
                        .iter()
                        .find(|(key, _)| key == "repos")
                        .map(|(_, node)| match node {
                            Node::List(repos) => repos.len(),
                            _ => 0,
                        })
                };
                count(&after) == Some(count(&before)? + hooks.len())
            }
        };
        fits.then_some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_applied_only_where_it_means_itself() {
        let lefthook = "pre-commit:\n  commands:\n    lint:\n      run: cargo fmt\n";
        let out = HookManager::Lefthook
            .applied(lefthook, &["post-commit", "post-merge"])
            .unwrap();
        assert!(out.starts_with(lefthook) && out.contains("run: relwatch hook post-merge {0}\n"));
        assert_eq!(
            HookManager::Lefthook.applied("post-commit:\n  jobs: []\n", &["post-commit"]),
            None
        );
        for (config, fits) in [
            (
                "repos:\n- repo: https://x\n  rev: v1\n  hooks:\n  - id: a\n",
                true,
            ),
            (
                "repos:\n  - repo: https://x\n    rev: v1\n    hooks:\n      - id: a\n",
                true,
            ),
            (
                "repos:\n- repo: https://x\n  hooks: []\nci:\n  a: 1\n",
                false,
            ),
            ("repos: []\n", false),
        ] {
            let out = HookManager::PreCommit.applied(config, &["post-commit"]);
            assert_eq!(out.is_some(), fits, "{config}\n{out:?}");
        }
    }
}
