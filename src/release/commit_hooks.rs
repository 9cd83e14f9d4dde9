//! The user's pre-commit and commit-msg hooks, run on a release commit that no reference names yet. They run in a temporary working tree,
//! as `git commit` would run them, and only if `commit_hooks` is set. A hook that changes files is refused: the release must be exactly
//! what was planned.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::project::Project;
use crate::sys::files::{self, Durable};
use crate::sys::{env, git_command, process};

/// Runs the hooks. Returns the message, which the commit-msg hook may have changed.
///
/// # Errors
/// Exit 4 if a hook refuses the commit or changes files: the release must be exactly what was planned.
pub fn run(project: &Project, base: CommitId, commit: CommitId, message: &str) -> Result<String> {
    let repo = &project.repo;
    let hooks = format!("core.hooksPath={}", repo.hooks_dir()?.display());
    let tree = repo.release_tree(commit)?;
    let path = tree.path();
    // relwatch's own hooks do not check a planned commit.
    let own = [(env::NO_HOOKS, "1")];
    let git = |args: &[&str]| git_command::try_git_with(&path, args, "", &own);
    let refused = |name: &str, words: &str| {
        let words = process::in_one_line(words);
        Failure::new(
            Exit::Gate,
            format!("the {name} hook refuses the release commit: {words}; nothing was changed"),
        )
    };
    git_command::git(&path, &["reset", "--soft", &base.hex()], "")?;
    let hook = |name: &str, more: &[&str]| -> Result<()> {
        let args = [
            &["-c", &hooks, "hook", "run", "--ignore-missing", name],
            more,
        ]
        .concat();
        let output = git(&args)?;
        if output.ok {
            Ok(())
        } else {
            Err(refused(
                name,
                &format!("{}\n{}", output.stdout, output.stderr),
            ))
        }
    };
    hook("pre-commit", &[])?;
    let is_same = git(&["diff", "--quiet"])?.ok
        && git_command::git(&path, &["write-tree"], "")? == repo.tree_of(commit)?;
    if !is_same {
        let args = ["diff", "--name-only", &commit.hex()];
        let changed = git_command::git(&path, &args, "")?;
        let why = format!(
            "it changes {}",
            changed.lines().next().unwrap_or("what is staged")
        );
        return Err(refused("pre-commit", &why));
    }
    let folder = files::temporary_folder()?;
    let file = folder.path().join("COMMIT_EDITMSG");
    files::replace(&file, message.as_bytes(), Durable::No)?;
    hook("commit-msg", &["--", &file.to_string_lossy()])?;
    let after = files::read(&file)?.unwrap_or_default();
    let after = String::from_utf8_lossy(&after).into_owned();
    if after.trim().is_empty() {
        Err(refused("commit-msg", "it leaves no message"))
    } else {
        Ok(after)
    }
}
