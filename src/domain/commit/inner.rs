//! The message that `git merge --squash` proposes: all commits of a branch as `git log` shows them, newest first. A similar text is not
//! read: without its number and an empty line, a commit is text.

use crate::domain::commit::id;

/// The first line that git writes (builtin/merge.c, `squash_message`).
const HEAD: &str = "Squashed commit of the following:";

/// A commit in such a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InnerCommit {
    /// Hexadecimal digits.
    pub id: String,
    pub message: String,
    /// Whether it is a merge commit.
    pub is_merge: bool,
}

/// The commits listed in a body.
#[derive(Debug, Default)]
pub struct InnerList {
    /// The rest of the body.
    pub rest: String,
    /// The commits from the newest to the oldest.
    pub commits: Vec<InnerCommit>,
}

/// Reads the list below a title. Returns `None` if there is none, which is nearly always.
pub fn read(title: &str, body: &str) -> Option<InnerList> {
    let start = if is_head(title) {
        0
    } else {
        let at = body.find(HEAD)?;
        let is_line = body[..at].ends_with('\n');
        is_line.then_some(at)?
    };
    let mut list = InnerList {
        rest: body[..start].to_owned(),
        commits: Vec::new(),
    };
    let (mut in_head, mut in_list) = (false, true);
    for line in body[start..].lines() {
        let commit = line
            .strip_prefix("commit ")
            .map(|rest| rest.split(' ').next().unwrap_or(""));
        if let Some(id) = commit.filter(|id| id::may_name(id)) {
            list.commits.push(InnerCommit {
                id: id.to_lowercase(),
                message: String::new(),
                is_merge: false,
            });
            (in_head, in_list) = (true, true);
            continue;
        }
        let Some(last) = list.commits.last_mut().filter(|_| in_list) else {
            list.rest.extend([line, "\n"]);
            continue;
        };
        if line.trim().is_empty() {
            in_head = false;
            last.message.push('\n');
        } else if in_head {
            last.is_merge |= line.starts_with("Merge: ");
        } else if let Some(text) = line.strip_prefix("    ") {
            last.message.extend([text, "\n"]);
        } else {
            in_list = false;
            list.rest.extend([line, "\n"]);
        }
    }
    (!list.commits.is_empty()).then_some(list)
}

/// Whether a title is the one that git proposes.
pub fn is_head(title: &str) -> bool {
    title == HEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commits_of_a_squash_are_messages_of_their_own() {
        let body = "\n\ncommit 1a2b3c4d\nAuthor: A <a@b>\nDate:   now\n\n    feat!: drop x\n    \n    BREAKING CHANGE: y\n\ncommit 2b3c4d5e\nMerge: 1 2\nAuthor: A\n\n    Merge branch 'x'\n\nSigned-off-by: Z\n";
        let list = read(HEAD, body).unwrap();
        assert_eq!(list.commits.len(), 2);
        assert_eq!(
            list.commits[0].message.trim(),
            "feat!: drop x\n\nBREAKING CHANGE: y"
        );
        assert!(list.commits[1].is_merge && list.rest.trim() == "Signed-off-by: Z");
        let own = read("feat: all", &format!("\n\nwhy\n\n{HEAD}{body}")).unwrap();
        assert!(own.rest.trim().starts_with("why") && own.commits.len() == 2);
        assert!(read("feat: x", "\n\ncommit 1a2b3c4d\n").is_none());
        assert!(read(HEAD, "\n\nnothing").is_none());
    }
}
