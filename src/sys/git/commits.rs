//! Commit objects, parsed only as far as needed.

use std::borrow::Cow;
use std::collections::HashSet;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use git2::{ObjectType, Oid, Tree};
use memchr::memmem;

use crate::domain::commit::graph::WalkCommit;
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::{Commit, RawCommit, Reading};
use crate::domain::commit::touched;
use crate::domain::failure::{Failure, Result};
use crate::domain::text::words::byte_lines;
use crate::sys::files;
use crate::sys::git::answer::{Looked, found};
use crate::sys::git::object_name::{object_id, oid};
use crate::sys::git::repo::{Repo, path_of};

/// A commit as git stores it (gitformat-commit in git's documentation: headers, a blank line, the message).
#[derive(Debug)]
pub struct CommitObject {
    pub id: CommitId,
    pub link: WalkCommit<CommitId>,
    /// Whether the clone is shallow and ends here: the parents will exist once it is deepened.
    pub is_boundary: bool,
    bytes: Vec<u8>,
}

impl CommitObject {
    /// The object as stored. At the end of a shallow clone it has no parents.
    pub fn new(id: CommitId, bytes: Vec<u8>, is_boundary: bool) -> CommitObject {
        let (headers, _) = parts(&bytes);
        let parents = |headers| {
            let lines = byte_lines(headers).skip(1);
            let names = lines.map_while(|line| line.strip_prefix(b"parent "));
            let ids = names.filter_map(|hex| CommitId::parse(std::str::from_utf8(hex).ok()?));
            ids.collect()
        };
        let parents = if is_boundary {
            Vec::new()
        } else {
            parents(headers)
        };
        let time = header(headers, b"committer ").and_then(seconds);
        let link = WalkCommit {
            time: time.unwrap_or_default(),
            parents,
        };
        CommitObject {
            id,
            link,
            is_boundary,
            bytes,
        }
    }

    /// The tree that the first line names.
    pub(super) fn tree(&self) -> Result<Oid> {
        let hex = header(parts(&self.bytes).0, b"tree ").unwrap_or_default();
        object_id(std::str::from_utf8(hex).unwrap_or_default())
    }

    /// The time zone of the commit time, in minutes.
    pub fn zone(&self) -> i32 {
        header(parts(&self.bytes).0, b"committer ").map_or(0, zone)
    }

    /// The first line of the message.
    pub fn title(&self) -> String {
        let (headers, message) = parts(&self.bytes);
        let line = byte_lines(message).find(|line| !line.is_empty());
        decoded(line.unwrap_or_default(), encoding(headers)).into_owned()
    }

    /// The fields of the object, including trailers. The changed paths are not in it.
    pub fn read(&self) -> RawCommit {
        let (headers, message) = parts(&self.bytes);
        let encoding = encoding(headers);
        let message = decoded(message, encoding);
        let message = message.trim_start_matches('\n').to_owned();
        let trailers = if may_have_trailers(&message) {
            let found = git2::message_trailers_bytes(message.replace('\0', " "));
            found.map_or_else(
                |_| Vec::new(),
                |list| {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    list.iter().map(|(k, v)| (text(k), text(v))).collect()
                },
            )
        } else {
            Vec::new()
        };
        RawCommit {
            id: self.id,
            parents: self.link.parents.clone(),
            author: header(headers, b"author ")
                .map_or(String::new(), |value| signature(&decoded(value, encoding))),
            time: self.link.time,
            message,
            trailers,
            paths: Vec::new(),
        }
    }
}

/// The headers of a commit or a tag, and the message after the blank line.
pub(super) fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memmem::find(bytes, b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, b""),
    }
}

/// The encoding that the header of a commit names, or UTF-8 without one (git-commit(1), "Discussion"). `None` for an unknown name.
fn encoding(headers: &[u8]) -> Option<&'static Encoding> {
    // Names that iconv has and the Encoding Standard does not.
    const NAMES: &[(&str, &str)] = &[
        ("cp932", "shift_jis"),
        ("cp936", "gbk"),
        ("cp949", "euc-kr"),
        ("cp950", "big5"),
        ("eucjp", "euc-jp"),
        ("euckr", "euc-kr"),
        ("latin-1", "latin1"),
    ];
    let Some(name) = header(headers, b"encoding ") else {
        return Some(UTF_8);
    };
    let known = NAMES
        .iter()
        .find(|(own, _)| name.eq_ignore_ascii_case(own.as_bytes()));
    Encoding::for_label(known.map_or(name, |(_, label)| label.as_bytes()))
}

/// A text as `git log` shows it. Text that is not UTF-8 and has no encoding header is read as Latin 1, as in gitweb (`fallback_encoding`,
/// gitweb.conf(5)).
fn decoded<'b>(bytes: &'b [u8], encoding: Option<&'static Encoding>) -> Cow<'b, str> {
    match (std::str::from_utf8(bytes), encoding) {
        (Ok(text), Some(encoding)) if encoding == UTF_8 => Cow::Borrowed(text),
        (_, Some(encoding)) if encoding != UTF_8 => encoding.decode_without_bom_handling(bytes).0,
        (Ok(text), _) => Cow::Borrowed(text),
        (Err(_), _) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Whether a message may have trailers. They are in the last paragraph below the subject, each with a colon. Comments and text after `---`
/// do not count (git-interpret-trailers).
fn may_have_trailers(message: &str) -> bool {
    let message = message.trim_end();
    let last = message.rsplit("\n\n").next().unwrap_or("");
    let is_last = !message.contains("\n---") && !last.starts_with(['#', '-']);
    (last.contains(':') || !is_last) && message.contains('\n')
}

/// The value of a header.
pub(super) fn header<'b>(headers: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
    byte_lines(headers).find_map(|line| line.strip_prefix(name))
}

/// `Name <address> seconds` of `Name <address> seconds zone`.
fn signature(value: &str) -> String {
    let Some((who, when)) = value.rsplit_once('>') else {
        return value.to_owned();
    };
    let (name, address) = who.rsplit_once('<').unwrap_or((who, ""));
    let seconds = when.split_whitespace().next().unwrap_or("0");
    format!("{} <{}> {seconds}", name.trim(), address.trim())
}

/// The time after an address.
pub(super) fn seconds(value: &[u8]) -> Option<i64> {
    let at = value.iter().rposition(|byte| *byte == b'>')?;
    let text = std::str::from_utf8(&value[at + 1..]).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// The time zone after a time, in minutes. 0 if it is missing or invalid.
pub(super) fn zone(value: &[u8]) -> i32 {
    let zone = || {
        let text = std::str::from_utf8(value).ok()?;
        let number: i32 = text.rsplit(' ').next()?.parse().ok()?;
        Some(number / 100 * 60 + number % 100)
    };
    zone().unwrap_or_default()
}

impl Repo {
    /// The object of a commit.
    pub fn commit_object(&self, id: CommitId) -> Result<CommitObject> {
        let odb = self.git.odb()?;
        let object = odb.read(oid(id))?;
        if object.kind() != ObjectType::Commit {
            return Err(Failure::failed(format!("{id} is not a commit")));
        }
        let is_boundary = self.shallow().contains(&id);
        Ok(CommitObject::new(id, object.data().to_vec(), is_boundary))
    }

    /// The tree of a commit.
    pub fn tree_of(&self, commit: CommitId) -> Result<String> {
        Ok(self.tree_id(commit)?.to_string())
    }

    /// The tree of a commit as an object. libgit2's commit type is not used: git reads commits that libgit2 rejects.
    pub(super) fn tree(&self, commit: CommitId) -> Result<Tree<'_>> {
        let tree = self.tree_id(commit)?;
        self.here(&[tree], || self.git.find_tree(tree))
    }

    /// The tree of a commit. The last one is kept, because objects never change.
    fn tree_id(&self, commit: CommitId) -> Result<Oid> {
        if let Some((known, tree)) = self.looked_into.get()
            && known == commit
        {
            return Ok(tree);
        }
        let tree = self.commit_object(commit)?.tree()?;
        self.looked_into.set(Some((commit, tree)));
        Ok(tree)
    }

    /// The commits whose parents are missing from a shallow clone (gitrepository-layout(5), `shallow`).
    fn shallow(&self) -> &HashSet<CommitId> {
        self.shallow.get_or_init(|| {
            let bytes = files::read(&self.common_dir.join("shallow"));
            let text = String::from_utf8(bytes.ok().flatten().unwrap_or_default());
            let text = text.unwrap_or_default();
            text.lines().filter_map(CommitId::parse).collect()
        })
    }

    /// Whether history ends with one of these commits only because the clone is shallow.
    pub fn ends_early(&self, mut commits: impl Iterator<Item = CommitId>) -> bool {
        let boundary = self.shallow();
        !boundary.is_empty() && commits.any(|id| boundary.contains(&id))
    }

    /// A commit with its trailers, but without the changed paths.
    pub fn commit(&self, id: CommitId) -> Result<RawCommit> {
        Ok(self.commit_object(id)?.read())
    }

    /// A commit with its message parsed, and with the changed paths if requested.
    pub fn commit_read(&self, id: CommitId, reading: &Reading) -> Result<Commit> {
        let object = self.commit_object(id)?;
        let mut commit = Commit::read(object.read(), reading);
        if touched::matter(&commit, reading) {
            let mut paths = self.needed_paths(&object, reading)?;
            if paths.is_none() && self.bring_trees(&[id])? {
                paths = self.needed_paths(&object, reading)?;
            }
            commit.take_paths(paths);
        }
        Ok(commit)
    }

    /// The changed paths of a commit that needs them: all if requested, else those of a commit that touches no source. `None` in a clone
    /// without its trees (git-clone(1), `--filter=tree:0`): the changed paths are unknown.
    pub fn needed_paths(
        &self,
        object: &CommitObject,
        reading: &Reading,
    ) -> Result<Option<Vec<String>>> {
        let before = match object.link.parents.first() {
            Some(parent) => match found(self.git.find_tree(self.tree_id(*parent)?))? {
                None => return Ok(None),
                tree => tree,
            },
            // The first commit of a shallow clone shows more than its own changes.
            None if object.is_boundary && !reading.paths => return Ok(Some(Vec::new())),
            None => None,
        };
        let Some(after) = found(self.git.find_tree(object.tree()?))? else {
            return Ok(None);
        };
        if reading.paths {
            return found(self.touched(before.as_ref(), &after));
        }
        let mut paths = Vec::new();
        let differs = self.differ_while(before.as_ref(), Some(&after), "", &mut |path| {
            let is_beside = touched::is_beside_source(&path);
            paths.push(path);
            is_beside
        });
        let is_beside = found(differs)?;
        Ok(is_beside.map(|is_beside| if is_beside { paths } else { Vec::new() }))
    }

    /// The paths that differ between the trees of a commit and its first parent.
    fn touched(&self, before: Option<&Tree<'_>>, after: &Tree<'_>) -> Looked<Vec<String>> {
        let diff = self.git.diff_tree_to_tree(before, Some(after), None)?;
        let paths = diff
            .deltas()
            .flat_map(|d| [d.old_file(), d.new_file()].map(path_of));
        let mut paths: Vec<String> = paths.flatten().collect();
        paths.dedup();
        Ok(paths)
    }
}
