//! Merge options, read from the arguments of the git process that runs the merge driver.
//!
//! git parses them before it calls the driver and does not pass them on. So they are read as git reads them (parse-options.c): short
//! options in clusters, abbreviated long options, values attached or in the next word. Aliases need no treatment: git runs the command that
//! they expand to.

use super::options::{ConflictShape, MergeOptions};

/// A git command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitInvocation<'a> {
    /// The command without `git-`, such as `merge`.
    pub command: &'a str,
    arguments: &'a [String],
}

/// A command that continues an interrupted one. It has no options of its own; git has stored them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// `cherry-pick` or `revert`.
    Pick,
    Rebase,
}

/// Options of `git` itself whose value is the next word.
const GLOBAL: &[&str] = &[
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--super-prefix",
    "--config-env",
    "--attr-source",
];

/// Long options of the commands below whose value is the next word, which may look like an option.
const VALUED: &[&str] = &[
    "--message",
    "--file",
    "--strategy",
    "--cleanup",
    "--into-name",
    "--mainline",
    "--onto",
    "--exec",
    "--empty",
    "--merge-base",
];

impl<'a> GitInvocation<'a> {
    /// Reads the arguments of a process; `None` if the process is not git.
    pub fn read(arguments: &'a [String]) -> Option<GitInvocation<'a>> {
        let (program, mut rest) = arguments.split_first()?;
        let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let program = program.strip_suffix(".exe").unwrap_or(program);
        if let Some(command) = program.strip_prefix("git-") {
            let arguments = rest;
            return Some(GitInvocation { command, arguments });
        }
        if program != "git" {
            return None;
        }
        while let Some((word, after)) = rest.split_first() {
            if !word.starts_with('-') {
                return Some(GitInvocation {
                    command: word,
                    arguments: after,
                });
            }
            let skipped = usize::from(GLOBAL.contains(&word.as_str()));
            rest = after.get(skipped..).unwrap_or_default();
        }
        None
    }

    /// Whether the options are those of an earlier call.
    pub fn resumes(&self) -> Option<Resumed> {
        let goes_on = |word: &String| matches!(word.as_str(), "--continue" | "--skip");
        let resumed = match self.command {
            "cherry-pick" | "revert" => Resumed::Pick,
            "rebase" => Resumed::Rebase,
            _ => return None,
        };
        self.arguments.iter().any(goes_on).then_some(resumed)
    }

    /// Whether the command labels the side of HEAD as `HEAD` in conflicts.
    pub fn merges_into_head(&self) -> bool {
        matches!(self.command, "merge" | "cherry-pick" | "revert" | "rebase")
    }

    /// Adds the options of the arguments.
    pub fn add_to(&self, options: &mut MergeOptions) {
        match self.command {
            "merge-recursive-ours" => options.add("ours"),
            "merge-recursive-theirs" => options.add("theirs"),
            _ => {}
        }
        let mut words = self.arguments.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                break;
            }
            match self.command {
                "merge" | "merge-tree" | "cherry-pick" | "revert" | "rebase" => {
                    let value = strategy_option(self.command, word, &mut words);
                    value.into_iter().for_each(|value| options.add(value));
                }
                // Plumbing commands, and those that try a patch as a three-way merge, have options of their own for this.
                "apply"
                | "merge-recursive"
                | "merge-subtree"
                | "merge-recursive-ours"
                | "merge-recursive-theirs" => {
                    let value = word.strip_prefix("--");
                    value.into_iter().for_each(|value| options.add(value));
                }
                "checkout" | "switch" | "restore" => {
                    let attached = word.strip_prefix("--conflict=");
                    let value = attached.or_else(|| {
                        let value = (word == "--conflict").then(|| words.next());
                        value.flatten().map(String::as_str)
                    });
                    options.shape = value.and_then(ConflictShape::read).or(options.shape);
                }
                _ => {}
            }
        }
    }
}

/// The value, if the word is `-X` in one of its forms. Consumes the next word if that is the option's value.
fn strategy_option<'a>(
    command: &str,
    word: &'a str,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Option<&'a str> {
    if word.starts_with("--") {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        // `--strategy` is an option itself; a longer word can only be this one.
        if name.len() > "--strategy-".len() - 1 && "--strategy-option".starts_with(name) {
            return value.or_else(|| rest.next().map(String::as_str));
        }
        if VALUED.contains(&word) {
            rest.next();
        }
        return None;
    }
    let cluster = word.strip_prefix('-')?;
    for (at, letter) in cluster.char_indices() {
        let value = &cluster[at + letter.len_utf8()..];
        let takes_value = match letter {
            'X' | 'm' => true,
            'F' => command == "merge",
            's' => matches!(command, "merge" | "rebase"),
            'x' | 'C' => command == "rebase",
            // These take a value only if it is attached.
            'S' | 'r' => return None,
            _ => false,
        };
        if !takes_value || (letter == 'm' && command == "rebase") {
            continue;
        }
        let value = if value.is_empty() {
            rest.next().map(String::as_str)
        } else {
            Some(value)
        };
        return value.filter(|_| letter == 'X');
    }
    None
}

/// Adds the options that git has stored: `rebase-merge/strategy_opts` (words in quotes, or with `--` before each, depending on git's
/// version), or `sequencer/opts` (in the format of a configuration file).
pub fn add_stored(resumed: Resumed, text: &str, options: &mut MergeOptions) {
    match resumed {
        Resumed::Rebase => {
            let words = text.split_whitespace();
            let words = words.map(|word| word.trim_matches(['"', '\'']));
            words.for_each(|word| options.add(word.strip_prefix("--").unwrap_or(word)));
        }
        Resumed::Pick => {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            let values = lines.filter(|(key, _)| key.trim() == "strategy-option");
            values.for_each(|(_, value)| options.add(value.trim().trim_matches('"')));
        }
    }
}

/// Adds the options of `branch.NAME.mergeOptions`, which `git merge` reads before its arguments.
pub fn add_configured(value: &str, options: &mut MergeOptions) {
    let words = value.split_whitespace();
    let words = words.map(|word| word.replace(['"', '\''], ""));
    let words: Vec<String> = words.collect();
    let git = GitInvocation {
        command: "merge",
        arguments: &words,
    };
    git.add_to(options);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::changelog::merge::Favor;

    fn read(line: &str) -> Option<MergeOptions> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let mut options = MergeOptions::default();
        GitInvocation::read(&words)?.add_to(&mut options);
        Some(options)
    }

    #[test]
    fn the_side_is_found_in_every_form_of_the_option() {
        let (ours, theirs) = (Some(Favor::Ours), Some(Favor::Theirs));
        for (line, expected) in [
            ("git merge -X ours topic", ours),
            ("git merge topic -Xours", ours),
            ("/usr/libexec/git-core/git merge -Xtheirs topic", theirs),
            ("git-merge --strategy-option theirs x", theirs),
            ("git merge --strategy-option=ours x", ours),
            ("git merge --strategy-opt=ours x", ours),
            ("git merge -X ours -X theirs x", theirs),
            ("git merge -X theirs -X patience x", theirs),
            ("git merge -nqX ours x", ours),
            ("git -C /a -c x.y=merge --no-pager merge -Xours x", ours),
            ("git --git-dir /a --work-tree=/b merge -Xours x", ours),
            ("git cherry-pick -sX theirs x", theirs),
            ("git cherry-pick -m 1 -X theirs x", theirs),
            ("git revert -Xours x", ours),
            ("git rebase -mX theirs main", theirs),
            ("git rebase -x true -X theirs main", theirs),
            ("git merge-tree -X theirs a b", theirs),
            ("git merge-recursive --ours a -- b c", ours),
            ("git merge-recursive-theirs a -- b c", theirs),
            ("git apply -3 --union p", Some(Favor::Union)),
            ("git apply --3way --theirs p", theirs),
            ("git merge x", None),
            ("git merge -s ours x", None),
            ("git merge --strategy ours x", None),
            ("git merge --strategy=ours x", None),
            ("git merge -m -Xours x", None),
            ("git merge -mXours x", None),
            ("git merge --message -Xours x", None),
            ("git merge -SXours x", None),
            ("git rebase -x -Xours main", None),
            ("git rebase -rXours main", None),
            ("git merge -- -Xours", None),
            ("git stash pop", None),
            ("git checkout --ours f", None),
        ] {
            assert_eq!(read(line).unwrap().favor, expected, "{line}");
        }
        for line in [
            "python3 tool.py merge -X ours",
            "relwatch merge -X ours",
            "git",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn what_git_has_written_down_is_read_in_both_forms() {
        for (resumed, text) in [
            (Resumed::Rebase, "\"ignore-space-change\" \"theirs\"\n"),
            (Resumed::Rebase, " --ignore-space-change --theirs\n"),
            (
                Resumed::Pick,
                "[options]\n\tmainline = 1\n\tstrategy-option = ignore-space-change\n\tstrategy-option = theirs\n",
            ),
        ] {
            let mut options = MergeOptions::default();
            add_stored(resumed, text, &mut options);
            assert_eq!(options.favor, Some(Favor::Theirs), "{text}");
            assert!(options.takes_for_same(b"- a  b ", b"- a b"), "{text}");
            assert!(!options.takes_for_same(b"- a  b ", b"- ab"), "{text}");
        }
        let words = ["git", "rebase", "--continue"].map(String::from);
        let rebase = GitInvocation::read(&words).unwrap();
        assert_eq!(rebase.resumes(), Some(Resumed::Rebase));
    }
}
