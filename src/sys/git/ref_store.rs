//! Reads references. libgit2 can only read them from files. For all other formats (`extensions.refStorage`, git-config(1)), such as
//! reftable, `git for-each-ref` lists all references, and lists them again when the tables have changed. This file can be removed when
//! libgit2 reads reftable.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use git2::{ErrorCode, Oid, Reference, Repository};

use crate::domain::failure::Result;
use crate::domain::text::words::byte_lines;
use crate::sys::git::answer::found;
use crate::sys::git::object_name::object_id;
use crate::sys::{env, files, git_command};

/// The list of tables, relative to a git directory. Each change of a reference replaces this file.
pub const REF_TABLES: &str = "reftable/tables.list";

/// The references of a repository.
pub(super) enum RefStore {
    Files,
    Asked(AskedRefs),
}

/// References that git lists.
pub(super) struct AskedRefs {
    root: PathBuf,
    /// The lists of tables, of the worktree and of all worktrees. Empty if it is unknown which file changes.
    tables: Vec<PathBuf>,
    listed: RefCell<Listed>,
}

/// The references as git last listed them, and the fingerprint of the tables at that time.
#[derive(Default)]
struct Listed {
    tables: String,
    references: Rc<BTreeMap<String, NamedObject>>,
}

/// A reference.
#[derive(Debug, Clone)]
pub(super) struct NamedObject {
    /// The object that it names, with symbolic references resolved. `None` if there is none.
    pub target: Option<Oid>,
    /// The target of a symbolic reference. `None` if its name is not UTF-8.
    pub symbolic: Option<String>,
    /// The object that an annotated tag names, if known without reading the tag.
    pub peeled: Option<Oid>,
}

impl RefStore {
    /// The store of an open repository.
    pub fn of_repository(git: &Repository) -> Result<RefStore> {
        let config = git.config()?;
        let form = found(config.get_string("extensions.refstorage"))?;
        // See git(1), from 2.55 on.
        let is_elsewhere = env::var("GIT_REFERENCE_BACKEND").is_some();
        Ok(match form.as_deref() {
            None | Some("files") if !is_elsewhere => RefStore::Files,
            form => RefStore::Asked(AskedRefs {
                root: git.workdir().unwrap_or(git.path()).to_owned(),
                tables: if form == Some("reftable") && !is_elsewhere {
                    [git.path(), git.commondir()]
                        .map(|dir| dir.join(REF_TABLES))
                        .into()
                } else {
                    Vec::new()
                },
                listed: RefCell::default(),
            }),
        })
    }

    /// Whether libgit2 reads the references.
    pub fn are_files(&self) -> bool {
        matches!(self, RefStore::Files)
    }

    /// A reference by its full name. `None` if it does not exist.
    pub fn find(&self, git: &Repository, name: &str) -> Result<Option<NamedObject>> {
        match self {
            RefStore::Files => match git.find_reference(name) {
                Ok(reference) => NamedObject::read(&reference).map(Some),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            },
            RefStore::Asked(asked) => asked.find(name),
        }
    }

    /// Calls `look` for every reference whose name begins with `beginning`. Broken references are skipped, as git does.
    pub fn each(
        &self,
        git: &Repository,
        beginning: &str,
        mut look: impl FnMut(&str, &NamedObject) -> Result<()>,
    ) -> Result<()> {
        match self {
            RefStore::Files => {
                for reference in git.references_glob(&format!("{beginning}*"))? {
                    let Some(reference) = found(reference)? else {
                        continue;
                    };
                    if let Ok(name) = reference.name() {
                        look(name, &NamedObject::read(&reference)?)?;
                    }
                }
            }
            RefStore::Asked(asked) => {
                let all = asked.all()?;
                let from = all.range(beginning.to_owned()..);
                for (name, object) in from.take_while(|(name, _)| name.starts_with(beginning)) {
                    look(name, object)?;
                }
            }
        }
        Ok(())
    }
}

impl NamedObject {
    /// A reference to this object.
    pub fn to(object: Oid) -> NamedObject {
        NamedObject {
            target: Some(object),
            symbolic: None,
            peeled: None,
        }
    }

    fn read(reference: &Reference<'_>) -> Result<NamedObject> {
        if let Some(target) = reference.target() {
            return Ok(NamedObject {
                peeled: reference.target_peel(), // packed-refs has it
                ..NamedObject::to(target)
            });
        }
        let last = found(reference.resolve())?;
        let named = match &last {
            Some(last) => last.name().ok(),
            None => reference.symbolic_target().ok().flatten(),
        };
        Ok(NamedObject {
            target: last.as_ref().and_then(|last| last.target()),
            symbolic: named.map(str::to_owned),
            peeled: None,
        })
    }
}

impl AskedRefs {
    fn find(&self, name: &str) -> Result<Option<NamedObject>> {
        let known = self.all()?.get(name).cloned();
        if known.is_some() || name != "HEAD" {
            return Ok(known);
        }
        // git does not list HEAD before the first commit of its branch.
        let branch = git_command::git(&self.root, &["symbolic-ref", "HEAD"], "")?;
        Ok(Some(NamedObject {
            target: None,
            symbolic: Some(branch),
            peeled: None,
        }))
    }

    fn fingerprint(&self) -> String {
        let lists = self.tables.iter().map(|list| files::fingerprint(list));
        lists.collect::<Vec<_>>().join(" ")
    }

    /// All references, in their current state.
    fn all(&self) -> Result<Rc<BTreeMap<String, NamedObject>>> {
        // Taken before git reads, so that the next call notices a change during the read.
        let now = self.fingerprint();
        let listed = self.listed.borrow();
        if listed.tables == now && !now.trim().is_empty() {
            return Ok(Rc::clone(&listed.references));
        }
        drop(listed);
        let format = "--format=%(refname)%00%(objectname)%00%(symref)";
        let args = ["for-each-ref", "--include-root-refs", format];
        let out = git_command::bytes(&self.root, &args, b"").map_err(|error| {
            error.with_remedy("git 2.45 and newer read references in tables; `git --version` says which one runs here")
        })?;
        let named = byte_lines(&out).filter_map(|line| {
            let mut words = line.split(|byte| *byte == 0);
            let mut text = || std::str::from_utf8(words.next()?).ok();
            Some((text()?, text()?, text().unwrap_or_default()))
        });
        let all = named.map(|(name, object, symbolic)| {
            let object = NamedObject {
                target: Some(object_id(object)?),
                symbolic: Some(symbolic.to_owned()).filter(|name| !name.is_empty()),
                peeled: None,
            };
            Ok((name.to_owned(), object))
        });
        let references = Rc::new(all.collect::<Result<_>>()?);
        self.listed.replace(Listed {
            tables: now,
            references: Rc::clone(&references),
        });
        Ok(references)
    }
}
