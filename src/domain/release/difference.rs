//! Changes that a command made to a tree of files, as changes of a plan. Changes that a plan cannot express are refused: symlinks, nested
//! repositories and new file modes.

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::{FileAction, FileChange};

/// Mode of a plain file, as git writes it.
const PLAIN: &str = "100644";

/// A file in a git tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Mode in six octal digits.
    pub mode: String,
    /// ID of its blob.
    pub blob: String,
}

/// A path at which two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDifference {
    pub path: String,
    pub before: Option<TreeFile>,
    pub after: Option<TreeFile>,
}

/// The differences as changes of a plan. A deleted file and a new one are a move if bytes and mode are the same. `bytes` reads the file
/// that is at a path now.
///
/// # Errors
/// Fails with the path that a plan cannot change in that way, or with the error of `bytes`.
pub fn changes(
    differences: &[FileDifference],
    mut bytes: impl FnMut(&str, &TreeFile) -> Result<Vec<u8>>,
) -> Result<Vec<FileChange>> {
    let mut changes = Vec::new();
    let mut gone: Vec<(&str, &TreeFile)> = Vec::new();
    let mut come: Vec<(&str, &TreeFile)> = Vec::new();
    for FileDifference {
        path,
        before,
        after,
    } in differences
    {
        match (before, after) {
            (Some(before), None) => gone.push((path, before)),
            (None, Some(after)) => come.push((path, after)),
            (Some(before), Some(after)) if before.mode == after.mode && is_file(after) => {
                changes.push(FileChange::write(path.clone(), bytes(path, after)?));
            }
            _ => return Err(refused(path)),
        }
    }
    for (path, file) in come {
        let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let same = |other: &&(&str, &TreeFile)| other.1 == file;
        let is_near = |other: &&(&str, &TreeFile)| same(other) && name(other.0) == name(path);
        let from = gone.iter().find(is_near).or_else(|| gone.iter().find(same));
        match from.map(|(from, _)| (*from).to_owned()) {
            Some(from) => {
                gone.retain(|(other, _)| *other != from);
                let change = FileAction::Move {
                    to: path.to_owned(),
                };
                changes.push(FileChange { path: from, change });
            }
            None if file.mode == PLAIN => {
                changes.push(FileChange::write(path.to_owned(), bytes(path, file)?));
            }
            None => return Err(refused(path)),
        }
    }
    changes.extend(
        gone.iter()
            .map(|(path, _)| FileChange::delete((*path).to_owned())),
    );
    Ok(changes)
}

/// Whether a file is neither a symlink nor a nested repository.
fn is_file(file: &TreeFile) -> bool {
    file.mode.starts_with("100")
}

fn refused(path: &str) -> Failure {
    let what = format!(
        "{path} is a link, a repository or a program now: a release moves those, but writes plain files only"
    );
    Failure::new(Exit::Gate, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(mode: &str, blob: &str) -> Option<TreeFile> {
        Some(TreeFile {
            mode: mode.into(),
            blob: blob.into(),
        })
    }

    fn told(all: &[(&str, Option<TreeFile>, Option<TreeFile>)]) -> Result<Vec<String>> {
        let all: Vec<FileDifference> = all
            .iter()
            .map(|(path, before, after)| FileDifference {
                path: (*path).to_owned(),
                before: before.clone(),
                after: after.clone(),
            })
            .collect();
        let changes = changes(&all, |_, file| Ok(file.blob.clone().into_bytes()))?;
        let word = |change: FileChange| match change.change {
            FileAction::Write { after } => {
                format!("{} = {}", change.path, String::from_utf8_lossy(&after))
            }
            FileAction::Move { to } => format!("{} > {to}", change.path),
            FileAction::Delete => format!("{} -", change.path),
        };
        Ok(changes.into_iter().map(word).collect())
    }

    #[test]
    fn what_is_the_same_elsewhere_has_moved() {
        let told = told(&[
            ("a/link", file("120000", "9"), None),
            ("a/one.md", file("100644", "1"), None),
            ("a/run", file("100755", "1"), None),
            ("a/two.md", file("100644", "1"), None),
            ("b/link", None, file("120000", "9")),
            ("b/run", None, file("100755", "1")),
            ("b/two.md", None, file("100644", "1")),
            ("c.md", file("100755", "2"), file("100755", "3")),
            ("d.md", None, file("100644", "4")),
        ]);
        let expected = [
            "c.md = 3",
            "a/link > b/link",
            "a/run > b/run",
            "a/two.md > b/two.md",
            "d.md = 4",
            "a/one.md -",
        ];
        assert_eq!(told.unwrap(), expected);
    }

    #[test]
    fn what_a_plan_cannot_say_is_refused() {
        for (before, after) in [
            (None, file("120000", "1")),
            (None, file("100755", "1")),
            (None, file("160000", "1")),
            (file("100644", "1"), file("100755", "1")),
            (file("120000", "1"), file("120000", "2")),
            (file("100644", "1"), file("120000", "1")),
        ] {
            let refused = told(&[("a", before.clone(), after)]).unwrap_err();
            assert!(refused.what.starts_with("a is "), "{before:?}: {refused}");
        }
    }
}
