//! A release as a value: everything that will happen, decided before anything happens.

use serde::Serialize;

/// One file of the release commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// From the repository's root, with `/`.
    pub path: String,
    #[serde(flatten)]
    pub change: Change,
}

impl FileChange {
    /// Other bytes for a file; no bytes before make it a new one.
    pub fn write(path: String, before: Vec<u8>, after: Vec<u8>) -> FileChange {
        FileChange {
            path,
            change: Change::Write { before, after },
        }
    }

    /// The end of a file.
    pub fn delete(path: String) -> FileChange {
        FileChange {
            path,
            change: Change::Delete,
        }
    }
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// New bytes, as git stores them.
    Write {
        #[serde(skip)]
        before: Vec<u8>,
        #[serde(skip)]
        after: Vec<u8>,
    },
    /// Same bytes, same mode, another place.
    Move {
        to: String,
    },
    Delete,
}

/// A release, ready to be carried out on exactly `base`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub version: String,
    pub tag: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    pub branch: String,
    /// The commit that the release is built on; applying refuses if the branch has moved.
    pub base: String,
    pub commit_message: String,
    pub tag_message: String,
    pub files: Vec<FileChange>,
}

impl Plan {
    /// Every path that the release touches, old and new.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for file in &self.files {
            paths.push(file.path.clone());
            if let Change::Move { to } = &file.change {
                paths.push(to.clone());
            }
        }
        paths
    }
}
