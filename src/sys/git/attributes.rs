//! Attributes of paths (gitattributes(5)), and file contents after git's filters.

use std::path::{Path, PathBuf};

use git2::{AttrCheckFlags, AttrValue, Oid, Repository};

use crate::domain::failure::{Failure, Result};
use crate::sys::files::{self, Durable};
use crate::sys::git::object_name::{Blob, object_id};
use crate::sys::git::ownership;
use crate::sys::git::repo::Repo;
use crate::sys::{env, git_command, layout};

/// The filter of relwatch itself. Its output is what blobs contain, so our own content is never filtered again.
pub const OWN_FILTER: &str = "relwatch";

/// The filter that attributes assign to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterAttribute {
    /// The filter that git runs. `None` if no attribute names one.
    pub name: Option<String>,
    /// Whether a line other than ours mentions a filter: ours may hide another one.
    pub has_others: bool,
}

impl FilterAttribute {
    /// Whether git runs our filter.
    pub fn is_own(&self) -> bool {
        self.name.as_deref() == Some(OWN_FILTER)
    }

    /// The filter that git runs, unless it is ours.
    pub fn other(self) -> Option<String> {
        self.name.filter(|name| name != OWN_FILTER)
    }
}

impl Repo {
    /// The filter of a path. Reads each attribute file once.
    pub fn filter_attribute(&self, path: &str) -> Result<FilterAttribute> {
        let (mut is_ours, mut has_own, mut has_others) = (false, false, false);
        let mut is_read = files::exists(&self.root.join(NAME)); // a file that is missing may be in the index
        for file in self.attribute_files(path) {
            // If that is a directory or an unreadable file, only git knows the result.
            let read = files::read(&file);
            is_read &= read.is_ok();
            let bytes = read.ok().flatten().unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            for line in text.lines().filter(|line| line.contains("filter")) {
                is_ours |= is_own_line_for(line, path);
                let is_elsewhere = file.parent() == Some(&self.root) && is_of_another(line, path);
                has_own |= is_own_line(line) && !is_elsewhere;
                has_others |= !is_own_line(line);
            }
        }
        // Nearly always only our own lines mention filters. Then no process is needed, nor the index, which libgit2 would read as a whole.
        let name = if is_read && !has_others && is_ours == has_own {
            is_ours.then(|| OWN_FILTER.to_owned())
        } else {
            self.attribute(path, "filter")?
        };
        Ok(FilterAttribute { name, has_others })
    }

    /// The value of an attribute of a path, as git determines it. `None` if it is not set to a word.
    pub fn attribute(&self, path: &str, name: &str) -> Result<Option<String>> {
        let args = ["check-attr", "-z", name, "--", path];
        let out = git_command::git(&self.root, &args, "")?;
        let value = out.split('\0').nth(2).unwrap_or("");
        let is_word = !matches!(value, "" | "unspecified" | "set" | "unset");
        Ok(is_word.then(|| value.to_owned()))
    }

    /// The files that may give a path its attributes, whether they exist or not: those of the system and the user, those from the top of
    /// the working tree down to the path, and the repository's own.
    pub fn attribute_files(&self, path: &str) -> Vec<PathBuf> {
        let user = self.git.config().ok();
        let user = user.and_then(|config| config.get_path("core.attributesFile").ok());
        // Only git knows where git for Windows has it.
        let system = cfg!(unix).then(|| PathBuf::from("/etc/gitattributes"));
        let mut all = Vec::from_iter(system);
        all.extend(user.or_else(|| env::user_configuration().map(|it| it.join("git/attributes"))));
        all.extend(folders_of(path).map(|folder| files::at(&self.root, folder).join(NAME)));
        all.push(self.local_attributes());
        all
    }

    /// The attributes file of this repository that is in no commit.
    pub fn local_attributes(&self) -> PathBuf {
        self.common_dir.join("info").join("attributes")
    }

    /// The filter that git would run for a path without the lines that `is_left_out` accepts. It is determined in an empty repository with
    /// the other lines, because only git can evaluate patterns, macros and their order.
    pub fn filter_without(
        &self,
        path: &str,
        is_left_out: impl Fn(&str) -> bool,
    ) -> Result<Option<String>> {
        let folder = files::temporary_folder_in(&layout::folder(&self.common_dir))?;
        let beside = ownership::init(folder.path())?;
        let configured = self.git.config()?;
        if let Ok(user) = configured.get_string("core.attributesFile") {
            beside.config()?.set_str("core.attributesFile", &user)?;
        }
        let copy = |from: &Path, to: &Path| -> Result<()> {
            let bytes = files::read(from)?.unwrap_or_default();
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            let kept = lines.filter(|line| !is_left_out(&String::from_utf8_lossy(line)));
            let kept: Vec<u8> = kept.flatten().copied().collect();
            files::replace(to, &kept, Durable::No).map(drop)
        };
        for level in folders_of(path) {
            let from = files::at(&self.root, level).join(NAME);
            copy(&from, &files::at(folder.path(), level).join(NAME))?;
        }
        let local = beside.path().join("info").join("attributes");
        copy(&self.local_attributes(), &local)?;
        filter_in(&beside, path)
    }

    /// The other filter that blobs of a path go through, if this clone has one configured.
    pub(super) fn other_filter(&self, path: &str) -> Result<Option<String>> {
        let found = self.filter_attribute(path)?.other();
        Ok(found.filter(|name| self.has_filter(name)))
    }

    /// Whether this clone can run a filter: otherwise git leaves bytes unchanged.
    pub fn has_filter(&self, name: &str) -> bool {
        let keys = ["clean", "smudge", "process"];
        let mut keys = keys.iter().map(|key| format!("filter.{name}.{key}"));
        keys.any(|key| self.config(&key).is_some())
    }

    /// The bytes of a blob as in the working tree at `path`: after the filter of another tool, if there is one.
    ///
    /// # Errors
    /// Fails as git does if that filter is required and fails.
    pub fn smudged(&self, path: &str, blob: Blob) -> Result<Vec<u8>> {
        if self.other_filter(path)?.is_none() {
            return self.blob(blob);
        }
        let option = format!("--path={path}");
        let id = blob.to_string();
        git_command::bytes(&self.root, &["cat-file", "--filters", &option, &id], b"")
    }

    /// The name of the blob for `bytes` at `path`, written into the object database as for a commit.
    ///
    /// # Errors
    /// Fails as git does if another filter is required and fails.
    pub fn stored(&self, path: &str, bytes: &[u8]) -> Result<Blob> {
        self.cleaned(path, bytes).map(Blob)
    }

    /// The blob for `bytes` at `path`, written into the object database: after the filter of another tool, if there is one.
    ///
    /// # Errors
    /// Fails as git does if that filter is required and fails.
    pub(super) fn cleaned(&self, path: &str, bytes: &[u8]) -> Result<Oid> {
        if self.other_filter(path)?.is_none() {
            return Ok(self.git.blob(bytes)?);
        }
        let option = format!("--path={path}");
        let args = ["hash-object", "-w", "--stdin", &option];
        let id = git_command::bytes(&self.root, &args, bytes)?;
        object_id(String::from_utf8_lossy(&id).trim())
    }
}

/// The name of attribute files in the working tree.
const NAME: &str = ".gitattributes";

/// Whether a line of an attributes file assigns our filter.
pub fn is_own_line(line: &str) -> bool {
    line.split_whitespace()
        .any(|word| word == "filter=relwatch")
}

/// Whether a line assigns our filter to a path: by its full name, or by its file name, which applies in every directory (gitattributes(5)).
fn is_own_line_for(line: &str, path: &str) -> bool {
    let pattern = line.split_whitespace().next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or(path);
    let is_named = pattern == file || pattern.strip_prefix('/') == Some(path);
    is_named && is_own_line(line)
}

/// Whether a line of the top-level file applies to a single path, and that is another one.
fn is_of_another(line: &str, path: &str) -> bool {
    let pattern = line.split_whitespace().next().unwrap_or_default();
    let literal = pattern
        .strip_prefix('/')
        .filter(|pattern| !pattern.contains(['*', '?', '[', '\\', '"']));
    literal.is_some_and(|named| named != path)
}

/// The directories from the top down to that of a path.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    let below = path.match_indices('/').map(|(at, _)| &path[..at]);
    std::iter::once("").chain(below)
}

fn filter_in(git: &Repository, path: &str) -> Result<Option<String>> {
    let value = git.get_attr(Path::new(path), "filter", AttrCheckFlags::FILE_THEN_INDEX);
    let value = value.map_err(Failure::from)?;
    Ok(match AttrValue::from_string(value) {
        AttrValue::String(name) => Some(name.to_owned()),
        _ => None,
    })
}
