//! An open repository, HEAD, and the commits between two commits.

use std::cell::{Cell, OnceCell};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use git2::{ObjectFormat, ObjectType, Oid, Repository};

use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::{self, RefName};
use crate::sys::git::answer::{is_unread, known_or};
use crate::sys::git::index::IndexEntry;
use crate::sys::git::object_name::{Blob, commit_id, oid};
use crate::sys::git::ownership;
use crate::sys::git::ref_store::{NamedObject, RefStore};
use crate::sys::{binding, files, git_command};

/// An open repository with a working tree.
pub struct Repo {
    pub(super) git: Repository,
    pub(super) refs: RefStore,
    /// The index entry that was looked up last.
    pub(super) entry: Cell<Option<IndexEntry>>,
    /// The last commit that was read, and its tree: a release reads one commit dozens of times.
    pub(super) looked_into: Cell<Option<(CommitId, Oid)>>,
    /// The commits at which history ends early (gitrepository-layout(5), `shallow`), read on demand.
    pub(super) shallow: OnceCell<HashSet<CommitId>>,
    pub(super) root: PathBuf,
    pub(super) git_dir: PathBuf,
    pub(super) common_dir: PathBuf,
}

/// The position of HEAD.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The commit. `None` before the first one.
    pub commit: Option<CommitId>,
    /// The branch. `None` if HEAD is detached.
    pub branch: Option<String>,
}

impl Head {
    /// A commit without a branch.
    pub fn detached(commit: CommitId) -> Head {
        Head {
            commit: Some(commit),
            branch: None,
        }
    }
}

impl Repo {
    /// Opens the repository that `start` is in.
    ///
    /// # Errors
    /// Fails without a repository, without a working tree, or if git does not trust its owner.
    pub fn open(start: &Path) -> Result<Repo> {
        // As in git itself: object hashes are checked on write and by fsck, not on every read.
        git2::opts::strict_hash_verification(false);
        let git = ownership::open(start)?;
        let root = git
            .workdir()
            .ok_or_else(|| {
                let place = git.path().display();
                Failure::new(Exit::Usage, format!("{place} is a bare repository"))
                    .with_remedy("relwatch needs a working tree")
            })?
            .to_owned();
        files::staging::opened(&root, git.path(), git.commondir());
        Ok(Repo {
            refs: RefStore::of_repository(&git)?,
            root,
            git_dir: git.path().to_owned(),
            common_dir: git.commondir().to_owned(),
            entry: Cell::default(),
            looked_into: Cell::default(),
            shallow: OnceCell::new(),
            git,
        })
    }

    /// Whether a search from the working tree finds the repository.
    pub fn is_found(&self) -> bool {
        !binding::is_bound(&self.root)
    }

    /// The top of the working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The git directory of this worktree.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The git directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The hash function that names the objects.
    pub fn object_format(&self) -> ObjectFormat {
        self.git.object_format()
    }

    /// The blob name of these bytes in this repository.
    pub fn blob_name(&self, bytes: &[u8]) -> Blob {
        Blob::from_bytes(self.object_format(), bytes)
    }

    /// The current position of HEAD. Its file is read once, so that commit and branch are consistent.
    pub fn head(&self) -> Result<Head> {
        let head = self.refs.find(&self.git, &RefName::head())?;
        let head = head.ok_or_else(|| Failure::failed("git: there is no HEAD"))?;
        let branch = head.symbolic.as_deref().and_then(ref_name::branch_of);
        Ok(Head {
            commit: head.target.map(commit_id).transpose()?,
            branch: branch.map(str::to_owned),
        })
    }

    /// The commit that an abbreviation of seven or more digits names, reachable or not. `None` if there is none or more than one.
    pub fn expanded(&self, abbreviation: &str) -> Option<CommitId> {
        let odb = self.git.odb().ok()?;
        let prefix = Oid::from_str_ext(abbreviation, self.object_format()).ok()?;
        let id = odb.exists_prefix(prefix, abbreviation.len()).ok()?;
        let (_, kind) = odb.read_header(id).ok()?;
        (kind == ObjectType::Commit).then(|| commit_id(id).ok())?
    }

    /// The commit that the user's words name, as git reads them (gitrevisions(7)).
    pub fn resolved(&self, words: &str) -> Option<CommitId> {
        if self.refs.are_files() {
            let found = self.git.revparse_single(words);
            match found.and_then(|object| object.peel_to_commit()) {
                Ok(commit) => return commit_id(commit.id()).ok(),
                Err(error) if is_unread(&error) => {}
                Err(_) => return None,
            }
        } else if words.starts_with("refs/")
            && let Ok(Some(reference)) = self.refs.find(&self.git, words)
        {
            return self.peeled(&reference).ok()?;
        }
        if words.starts_with('-') {
            return None;
        }
        let args = ["rev-parse", "--verify", "--quiet", words];
        let id = git_command::git(&self.root, &args, "").ok()?;
        let id = CommitId::parse(&id)?; // git takes `^HEAD` for more than a commit
        self.peeled(&NamedObject::to(oid(id))).ok()?
    }

    /// Whether `descendant` is `ancestor` or one of its descendants.
    pub fn contains(&self, descendant: CommitId, ancestor: CommitId) -> Result<bool> {
        let [to, from] = [oid(descendant), oid(ancestor)];
        let asked = || {
            let names = [ancestor.hex(), descendant.hex()];
            let args = ["merge-base", "--is-ancestor", &names[0], &names[1]];
            Ok(git_command::try_git(&self.root, &args, "")?.ok)
        };
        Ok(to == from || known_or(self.git.graph_descendant_of(to, from), asked)?)
    }

    /// The merge base of two commits. `None` if there is none, or more than one.
    pub fn merge_base(&self, one: CommitId, other: CommitId) -> Result<Option<CommitId>> {
        let names = [one.hex(), other.hex()];
        let args = ["merge-base", "--all", &names[0], &names[1]];
        let bases = git_command::try_git(&self.root, &args, "")?;
        Ok(CommitId::parse(bases.stdout.trim_end()))
    }

    /// Number of commits that `to` has and `from` lacks.
    pub fn count(&self, from: CommitId, to: CommitId) -> Result<usize> {
        let asked = || {
            let args = ["rev-list", "--count", &format!("{from}..{to}")];
            let count = git_command::git(&self.root, &args, "")?;
            count
                .parse()
                .map_err(|_| Failure::failed(format!("git counts {count} commits")))
        };
        let known = self.git.graph_ahead_behind(oid(to), oid(from));
        known_or(known.map(|(ahead, _)| ahead), asked)
    }

    /// Whether history ends early because the clone is shallow.
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }
}

pub(super) fn path_of(file: git2::DiffFile<'_>) -> Option<String> {
    let path = file.path()?.to_str()?;
    (!file.id().is_zero()).then(|| path.to_owned())
}
