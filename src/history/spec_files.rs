//! The specs of a repository: those that lie in their folders, and those that were archived since the last release.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::domain::commit::id::CommitId;
use crate::domain::entry::reference::SaidWords;
use crate::domain::failure::{Failure, Result};
use crate::domain::spec::source::Source;
use crate::domain::spec::{Spec, Status};
use crate::domain::text::words;
use crate::history::moved::moved_away;
use crate::project::Project;
use crate::sys::cache::Cache;
use crate::sys::files::{self, Unread, glob};
use crate::sys::git::{Blob, Repo};
use crate::sys::layout;
use crate::sys::parallel::{self, Task};

/// The most that is read of one spec file.
const BYTES: u64 = 1024 * 1024;

/// A file in the folder of a source.
pub struct ListedFile<'p> {
    source: &'p Source,
    path: String,
    /// The path, and what tells whether it or the file of its boxes has changed.
    key: String,
}

/// The files of all sources in the working tree.
pub fn list(project: &Project) -> Result<Vec<ListedFile<'_>>> {
    let root = project.repo.root();
    let mut found = Vec::new();
    for source in &project.config.specs.0 {
        let in_time = || project.deadline.check();
        let mut paths = glob::matching_while(root, source.files.as_str(), &in_time)?;
        paths.retain(|path| !source.excludes(path));
        let keys = parallel::map(&paths, |path| {
            let print = files::fingerprint(&files::at(root, path));
            let mut key = [path, " ", &print].concat();
            if let Some(beside) = source.boxes_path(path) {
                key.push(' ');
                key.push_str(&files::fingerprint(&files::at(root, &beside)));
            }
            key
        });
        let files = paths.into_iter().zip(keys);
        found.extend(files.map(|(path, key)| ListedFile { source, path, key }));
    }
    Ok(found)
}

/// Changes whenever a spec may have changed, of those that are listed and of those in an archive.
pub fn fingerprint(
    project: &Project,
    listed: &[ListedFile<'_>],
    head: Option<CommitId>,
) -> Result<String> {
    let mut print = String::new();
    for file in listed {
        print.push_str(&file.key);
        print.push('\n');
    }
    for source in &project.config.specs.0 {
        if let (Some(archive), Some(head)) = (source.archive_root(), head)
            && let Some(tree) = project.repo.object_at(head, archive)?
        {
            print.push_str(&format!("{archive} {tree}\n"));
        }
    }
    Ok(if print.is_empty() {
        String::new()
    } else {
        files::digest(print.as_bytes())
    })
}

/// Opens the cache, here or in a thread.
fn opener(project: &Project) -> impl FnOnce() -> Cache + Send + use<> {
    let path = cache_path(project);
    // What was read in another way is worth nothing.
    let way = format!("{} {:?}", env!("CARGO_PKG_VERSION"), project.config.specs);
    move || Cache::open(&path, &way)
}

fn cache_path(project: &Project) -> PathBuf {
    layout::specs(&project.state_dir())
}

/// Reads specs, those that were read before from a cache.
pub struct SpecReader<'p> {
    project: &'p Project,
    /// Opened for the first spec.
    cache: OnceCell<Cache>,
    /// A large one is opened while the folders are listed.
    opening: Cell<Option<Task<Cache>>>,
    /// What goes into it.
    lines: Vec<String>,
    /// How many keys were asked for.
    asked: usize,
    /// What the files that were read just now are called as blobs, by path.
    blobs: HashMap<String, String>,
    /// The files of the folder of a commit that was looked at last.
    folder: Option<Folder>,
}

/// The objects in a folder of a commit, by name.
struct Folder {
    commit: CommitId,
    path: String,
    objects: HashMap<String, String>,
}

impl<'p> SpecReader<'p> {
    /// For who may read none.
    pub fn new(project: &'p Project) -> SpecReader<'p> {
        SpecReader {
            project,
            cache: OnceCell::new(),
            opening: Cell::new(None),
            lines: Vec::new(),
            asked: 0,
            blobs: HashMap::new(),
            folder: Default::default(),
        }
    }

    /// For who reads some next: a large cache is opened at once, in a thread.
    pub fn ahead(self) -> SpecReader<'p> {
        const LARGE: u64 = 256 * 1024;
        let opening = self.opening.take();
        if opening.is_some() || self.cache.get().is_some() {
            self.opening.set(opening);
        } else if files::size(&cache_path(self.project)) > LARGE {
            self.opening.set(Task::start(opener(self.project)));
        }
        self
    }

    fn cache(&self) -> &Cache {
        self.cache.get_or_init(|| match self.opening.take() {
            Some(opening) => opening.result(),
            None => opener(self.project)(),
        })
    }

    /// All specs that are listed, and those that `head` has in an archive and `last` has not.
    pub fn read(
        &mut self,
        listed: &[ListedFile<'_>],
        head: Option<CommitId>,
        last: Option<CommitId>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Spec>> {
        let mut specs: Vec<Spec> = Vec::with_capacity(listed.len());
        let mut ids: HashSet<String> = HashSet::with_capacity(listed.len());
        for (file, found) in listed.iter().zip(self.in_folders(listed)) {
            match found {
                Ok(Some(spec)) => match own_id(&mut ids, &spec, &specs) {
                    Some(id) => specs.push(Spec { id, ..*spec }),
                    None => warnings.push(format!(
                        "{}: its ID {} is that of another spec; it is left out",
                        file.path, spec.id
                    )),
                },
                Ok(None) => {}
                Err(Unread::Refused(why)) => warnings.push(format!("{why}; the spec is left out")),
                // It would be missing although it is there.
                Err(Unread::Failed(failure)) => return Err(failure),
            }
        }
        if let Some(head) = head {
            let archived = self.archived_since(head, last)?.into_iter();
            let moved = self.moved(listed, head)?;
            specs.extend(
                archived
                    .chain(moved)
                    .filter(|spec| ids.insert(spec.id.clone())),
            );
        }
        Ok(specs)
    }

    /// Those that the working tree has in an archive, and a commit where they were before.
    fn moved(&self, listed: &[ListedFile<'_>], head: CommitId) -> Result<Vec<Spec>> {
        let paths = listed.iter().map(|file| file.path.as_str()).collect();
        let root = self.project.repo.root();
        let mut specs = Vec::new();
        for (source, path) in moved_away(self.project, &paths, head)? {
            match in_folder(root, source, &path, &mut None) {
                Ok(spec) => specs.extend(spec.filter(|spec| spec.status != Status::Open)),
                Err(Unread::Refused(_)) => {}
                Err(Unread::Failed(failure)) => return Err(failure),
            }
        }
        Ok(specs)
    }

    /// The same specs as a commit has them, whatever the working tree shows: a file may be hidden from `git status` (git-update-index(1),
    /// `--assume-unchanged`, `--skip-worktree`) or look unchanged to it. A spec that is not in the commit stays as it is.
    pub fn as_committed(&mut self, specs: Vec<Spec>, commit: CommitId) -> Result<Vec<Spec>> {
        let mut committed = Vec::with_capacity(specs.len());
        let mut seen: HashSet<String> = HashSet::new();
        for spec in specs {
            seen.insert(spec.path.clone());
            let source = self.project.source_of(&spec);
            let source = source.filter(|source| source.holds(&spec.path));
            match source {
                Some(source) if self.object(commit, &spec.path)?.is_some() => {
                    let there = self.at_commit(source, commit, &spec.path)?;
                    let is_renamed = spec.id == file_name(&spec.path);
                    let id = |there: &Spec| if is_renamed { &spec.id } else { &there.id }.clone();
                    committed.extend(there.map(|there| Spec {
                        id: id(&there),
                        ..there
                    }));
                }
                _ => committed.push(spec),
            }
        }
        let mut ids: HashSet<String> = committed.iter().map(|spec| spec.id.clone()).collect();
        for source in &self.project.config.specs.0 {
            for path in self
                .project
                .repo
                .files_below(commit, source.files.folder())?
            {
                if !seen.contains(&path) && source.holds(&path) {
                    let spec = self.at_commit(source, commit, &path)?;
                    committed.extend(spec.filter(|spec| ids.insert(spec.id.clone())));
                }
            }
        }
        Ok(committed)
    }

    /// Boxed: they go through several lists.
    fn in_folders(&mut self, listed: &[ListedFile<'_>]) -> Vec<Read<Box<Spec>>> {
        if listed.is_empty() {
            return Vec::new();
        }
        self.asked += listed.len();
        let (root, cache) = (self.project.repo.root(), self.cache());
        let deadline = &self.project.deadline;
        let found = parallel::map(listed, |file| {
            let known = cache.get(&file.key).and_then(of_line);
            if let Some(known) = known {
                return (Ok(Some(Box::new(known))), String::new(), None);
            }
            if let Err(late) = deadline.check() {
                return (Err(Unread::Failed(late)), String::new(), None);
            }
            // One that was written just now may change again and look the same (racy-git.txt).
            let settled = files::is_settled(&files::at(root, &file.path));
            let mut blob = None;
            let found = in_folder(root, file.source, &file.path, &mut blob);
            let line = match &found {
                Ok(Some(spec)) if settled => line_of(&file.key, spec),
                _ => String::new(),
            };
            (found.map(|spec| spec.map(Box::new)), line, blob)
        });
        let mut specs = Vec::with_capacity(found.len());
        for (file, (spec, line, blob)) in listed.iter().zip(found) {
            specs.push(spec);
            self.lines.push(line);
            self.blobs
                .extend(blob.map(|blob| (file.path.clone(), blob)));
        }
        specs
    }

    /// Completed and cancelled specs that came into an archive: a tool may file them before they are released.
    pub fn archived_since(&mut self, head: CommitId, last: Option<CommitId>) -> Result<Vec<Spec>> {
        let mut specs = Vec::new();
        for source in &self.project.config.specs.0 {
            let Some(root) = source.archive_root() else {
                continue;
            };
            for path in archived_files(&self.project.repo, source, root, last, head)? {
                let spec = self.at_commit(source, head, &path)?;
                specs.extend(spec.filter(|spec| spec.status != Status::Open));
            }
        }
        Ok(specs)
    }

    /// The folders that hold specs in a commit: another one has other specs.
    pub fn folders(&self, commit: CommitId) -> Result<Vec<Option<String>>> {
        let mut found = Vec::new();
        for source in &self.project.config.specs.0 {
            for root in source.roots() {
                found.push(self.project.repo.object_at(commit, root)?);
            }
        }
        Ok(found)
    }

    /// All specs of a commit, those in an archive too if they are done.
    pub fn of_commit(&mut self, commit: CommitId) -> Result<Vec<Spec>> {
        let mut specs = self.archived_since(commit, None)?;
        let mut ids: HashSet<String> = specs.iter().map(|spec| spec.id.clone()).collect();
        for source in &self.project.config.specs.0 {
            let root = source.files.folder();
            for path in self.project.repo.files_below(commit, root)? {
                let spec = if source.holds(&path) {
                    self.at_commit(source, commit, &path)?
                } else {
                    None
                };
                specs.extend(spec.filter(|spec| ids.insert(spec.id.clone())));
            }
        }
        Ok(specs)
    }

    /// A spec as a commit has it; `None` if it is none there.
    pub fn at_commit(
        &mut self,
        source: &Source,
        commit: CommitId,
        path: &str,
    ) -> Result<Option<Spec>> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let pattern = source.files.as_str().rsplit('/').next().unwrap_or("");
        if !glob::name_matches(name, pattern) {
            return Ok(None);
        }
        let Some(object) = self.object(commit, path)? else {
            return Ok(None);
        };
        let beside = match source.boxes_path(path) {
            Some(beside) => self.object(commit, &beside)?,
            None => None,
        };
        let key = format!("{path} {object} {}", beside.as_deref().unwrap_or_default());
        self.asked += 1;
        if let Some(known) = self.cache().get(&key).and_then(of_line) {
            return Ok(Some(known));
        }
        self.project.deadline.check()?;
        // What cannot be read is there all the same: a release without it would lose it.
        let text = |object: &str| -> Result<Option<String>> {
            let bytes = self.project.repo.blob_named(object);
            let bytes = bytes.map_err(|failure| failure.within(&format!("{path}: ")))?;
            Ok(String::from_utf8(bytes).ok())
        };
        let Some(found) = text(&object)? else {
            return Ok(None);
        };
        let boxes = beside.as_deref().map(text).transpose()?.flatten();
        let spec = Spec::read(source, path, &found, boxes.as_deref());
        let spec = spec.ok().flatten();
        if let Some(spec) = &spec {
            self.lines.push(line_of(&key, spec));
        }
        Ok(spec)
    }

    /// The object at a path of a commit.
    fn object(&mut self, commit: CommitId, path: &str) -> Result<Option<String>> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_known = |known: &Folder| known.commit == commit && known.path == folder;
        let known = match self.folder.take().filter(is_known) {
            Some(known) => known,
            None => Folder {
                commit,
                path: folder.to_owned(),
                objects: self.project.repo.files_in(commit, folder)?,
            },
        };
        Ok(self.folder.insert(known).objects.get(name).cloned())
    }

    /// Whether a spec, which is completed now, was so in a commit.
    fn was_completed(&mut self, source: &Source, spec: &Spec, commit: CommitId) -> Result<bool> {
        let path = if source.holds(&spec.path) {
            spec.path.clone()
        } else {
            source.place_before(&spec.id, &spec.path)
        };
        if let Some(blob) = self.blobs.get(&spec.path).cloned()
            && self.object(commit, &path)? == Some(blob)
        {
            return Ok(true); // it is the same file
        }
        let then = self.at_commit(source, commit, &path)?;
        Ok(then.is_some_and(|then| then.status == Status::Completed))
    }

    /// IDs of those specs that were completed at the last release already, or that its changelog names: it told them.
    pub fn released(&mut self, specs: &[Spec], last: Option<CommitId>) -> Result<HashSet<String>> {
        let Some(commit) = last else {
            return Ok(HashSet::new());
        };
        let completed = specs.iter().filter(|s| s.status == Status::Completed);
        let completed = completed.filter_map(|spec| Some((spec, self.project.source_of(spec)?)));
        let completed: Vec<(&Spec, &Source)> = completed.collect();
        if completed.is_empty() {
            return Ok(HashSet::new());
        }
        self.asked += completed.len();
        let cache = self.cache();
        let known = parallel::map(&completed, |(spec, _)| {
            let key = format!("{commit} {}", spec.path);
            let known = cache.get(&key).map(|known| known == "completed");
            (key, known)
        });
        let mut released = HashSet::with_capacity(completed.len());
        let mut others = Vec::new();
        for ((spec, source), (key, known)) in completed.into_iter().zip(known) {
            let was_completed = match known {
                Some(known) => known,
                None => {
                    let was = self.was_completed(source, spec, commit)?;
                    let word = if was { "completed" } else { "open" };
                    self.lines.push(Cache::line(&key, &[word]));
                    was
                }
            };
            if was_completed {
                released.insert(spec.id.clone());
            } else {
                others.push(&spec.id);
            }
        }
        if others.is_empty() {
            return Ok(released);
        }
        // A commit may have told it before its file said so.
        let changelog = &self.project.config.changelog;
        let told = self.project.repo.file_at(commit, changelog)?;
        let told = String::from_utf8_lossy(&told.unwrap_or_default()).into_owned();
        let told = SaidWords::new(&told);
        released.extend(others.into_iter().filter(|id| told.says(id)).cloned());
        Ok(released)
    }

    /// Keeps what was read for the next time.
    pub fn save(self) {
        let Some(cache) = self.cache.into_inner() else {
            return;
        };
        // Every change of a spec leaves a line behind.
        let saved = if cache.lines() > 4 * self.asked + 1000 {
            cache.replace(&self.lines)
        } else {
            cache.append(&self.lines)
        };
        if let Err(error) = saved {
            tracing::warn!("the cache of specs was not written: {error}");
        }
    }
}

/// The ID of a spec, among those that are known; the file's name where a spec of another tool has it. `None` for one of the same tool.
fn own_id(ids: &mut HashSet<String>, spec: &Spec, known: &[Spec]) -> Option<String> {
    let is_others = |other: &Spec| other.id == spec.id && other.source != spec.source;
    let is_new = ids.insert(spec.id.clone());
    if is_new || !known.iter().any(is_others) {
        return is_new.then(|| spec.id.clone());
    }
    let name = file_name(&spec.path).to_owned();
    ids.insert(name.clone()).then_some(name)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What a file of a source is: a spec, nothing, or why it is left out.
type Read<S> = std::result::Result<Option<S>, Unread>;

fn of_line(line: &str) -> Option<Spec> {
    serde_json::from_str(line).ok()
}

fn line_of(key: &str, spec: &Spec) -> String {
    Cache::line(key, &[&serde_json::to_string(spec).unwrap_or_default()])
}

/// Reads a file, and says what it is called as a blob, if nothing beside it counts.
fn in_folder(root: &Path, source: &Source, path: &str, blob: &mut Option<String>) -> Read<Spec> {
    let Some(text) = text_of(&files::at(root, path), path)? else {
        return Ok(None); // removed since the folder was listed
    };
    *blob = source
        .boxes
        .is_none()
        .then(|| Blob::from_bytes(text.as_bytes()).to_string());
    let boxes = match source.boxes_path(path) {
        Some(beside) => text_of(&files::at(root, &beside), &beside)?,
        None => None,
    };
    Spec::read(source, path, &text, boxes.as_deref())
        .map_err(|error| refused(format!("{path}:{}: {}", error.line, error.message)))
}

fn text_of(file: &Path, path: &str) -> Read<String> {
    let Some(bytes) = files::read_at_most(file, BYTES)? else {
        return Ok(None);
    };
    let decoded = words::decoded(bytes).map(Some);
    decoded.map_err(|line| refused(format!("{path}:{line}: not UTF-8")))
}

fn refused(why: String) -> Unread {
    Unread::Refused(Failure::failed(why))
}

/// The files of specs that came into an archive: one whose ID was there before has moved.
pub fn archived_files(
    repo: &Repo,
    source: &Source,
    root: &str,
    from: Option<CommitId>,
    to: CommitId,
) -> Result<Vec<String>> {
    let change = repo.changed_below(from, to, root)?;
    let id = |path: &String| Some(source.read_path(path)?.0);
    let gone: HashSet<String> = change.gone.iter().filter_map(id).collect();
    let is_new = |path: &String| id(path).is_some_and(|id| !gone.contains(&id));
    Ok(change.added.into_iter().filter(is_new).collect())
}

/// Everything that a commit has in an archive.
pub fn archive(project: &Project, commit: Option<CommitId>) -> Result<Vec<Spec>> {
    let Some(head) = commit else {
        return Ok(Vec::new());
    };
    let mut reader = SpecReader::new(project);
    let specs = reader.archived_since(head, None)?;
    reader.save();
    Ok(specs)
}

/// Whether a project tells its changes in fragments: there is one, or the commit before its last release has one.
pub fn has_fragments(project: &Project, specs: &[Spec], last: Option<CommitId>) -> Result<bool> {
    let mut known = specs.iter().filter_map(|spec| project.source_of(spec));
    if known.any(Source::is_of_fragments) {
        return Ok(true);
    }
    let sources = project.config.specs.0.iter();
    for source in sources.filter(|source| source.is_of_fragments()) {
        let before = last
            .map(|last| project.repo.commit_object(last))
            .transpose()?;
        let Some(before) = before.and_then(|last| last.link.parents.first().copied()) else {
            continue;
        };
        let folder = source.files.folder();
        let names = project.repo.files_in(before, folder)?.into_keys();
        if names
            .map(|name| format!("{folder}/{name}"))
            .any(|path| source.holds(&path))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The files of a spec, each with the place where its source puts it; `None` deletes it. `below` lists the files of a folder.
pub fn moves(
    source: &Source,
    spec: &Spec,
    today: &str,
    below: impl FnOnce(&str) -> Result<Vec<String>>,
) -> Result<Vec<(String, Option<String>)>> {
    let target = spec.archive_path(source, today);
    if !source.whole_folder {
        return Ok(vec![(spec.path.clone(), target)]);
    }
    let folder = spec.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let moved = below(folder)?.into_iter().map(|path| {
        let to = target
            .as_ref()
            .map(|to| format!("{to}{}", &path[folder.len()..]));
        (path, to)
    });
    Ok(moved.collect())
}
