//! The specs of a repository: those in their directories, and those that were archived since the last release.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use crate::domain::commit::id::CommitId;
use crate::domain::entry::reference::SaidWords;
use crate::domain::failure::Result;
use crate::domain::spec::source::Source;
use crate::domain::spec::{Spec, Status};
use crate::history::file_specs::{self, FileSpecs, ReadFile, is_renamed, own_id};
use crate::history::moved::moved_away;
use crate::project::Project;
use crate::sys::cache::Cache;
use crate::sys::files::{self, Unread, glob};
use crate::sys::git::Repo;
use crate::sys::layout;
use crate::sys::parallel::{self, Task};

/// Minimum length in bytes of a cache line that counts as long.
const LONG_LINE: usize = 256 * 1024;

/// A file in the directory of a source.
pub struct ListedFile<'p> {
    source: &'p Source,
    path: String,
    /// The path, and a fingerprint that changes with the file or with the file of its checklist items.
    key: String,
}

/// The files of all sources in the working tree.
pub fn list(project: &Project) -> Result<Vec<ListedFile<'_>>> {
    let root = project.repo.root();
    let mut found = Vec::new();
    for source in &project.config.specs.0 {
        let in_time = || project.deadline.check();
        let mut paths = glob::matching_while(root, source.files.as_str(), &in_time)?;
        if source.is_of_fragments() {
            // `13.bugfix.md -> 12.bugfix.md`: one text for two issues, as in towncrier.
            let folder = source.files.folder();
            let links = glob::sibling_links(root, folder).into_iter();
            let links = links.map(|name| format!("{folder}/{name}"));
            paths.extend(links.filter(|path| source.holds(path)));
            paths.sort();
        }
        paths.retain(|path| !source.excludes(path));
        let keys = parallel::map(&paths, |path| {
            let print = files::fingerprint(&file_specs::place(root, source, path));
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

/// A fingerprint that changes whenever a listed or archived spec may have changed.
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

/// Returns a function that opens the cache, in this thread or another one.
fn opener(project: &Project) -> impl FnOnce() -> Cache + Send + use<> {
    let path = cache_path(project);
    // Specs that were read by another version or configuration are unusable.
    let way = format!("{} {:?}", env!("CARGO_PKG_VERSION"), project.config.specs);
    move || Cache::open(&path, &way)
}

fn cache_path(project: &Project) -> PathBuf {
    layout::specs(&project.state_dir())
}

/// Reads specs. Those that were read before come from the cache.
pub struct SpecReader<'p> {
    project: &'p Project,
    /// The cache, opened for the first spec.
    cache: OnceCell<Cache>,
    /// The task that opens a large cache while the directories are listed.
    opening: Cell<Option<Task<Cache>>>,
    /// New lines for the cache.
    lines: Vec<String>,
    /// Number of keys that were looked up.
    asked: usize,
    /// Blob names of the files that were just read, by path.
    blobs: HashMap<String, String>,
    /// The last directory of a commit that was listed.
    folder: Option<Folder>,
    /// Bytes of the cache that were used.
    used: usize,
}

/// The objects in a directory of a commit, by name.
struct Folder {
    commit: CommitId,
    path: String,
    objects: HashMap<String, String>,
}

impl<'p> SpecReader<'p> {
    /// A reader for callers that may read no spec.
    pub fn new(project: &'p Project) -> SpecReader<'p> {
        SpecReader {
            project,
            cache: OnceCell::new(),
            opening: Cell::new(None),
            lines: Vec::new(),
            asked: 0,
            blobs: HashMap::new(),
            folder: None,
            used: 0,
        }
    }

    /// A reader for callers that read specs next: a large cache is opened at once, in a thread.
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

    /// All listed specs, and those that `head` has in an archive and `last` does not.
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
            let found = match found {
                Ok(found) => found,
                Err(Unread::Refused(why)) => {
                    warnings.push(format!("{why}; the spec is skipped"));
                    continue;
                }
                // Otherwise the spec would be missing although it exists.
                Err(Unread::Failed(failure)) => return Err(failure),
            };
            let left_out = found.left_out.into_iter();
            warnings.extend(left_out.map(|why| format!("{why}; the spec is skipped")));
            for spec in found.specs {
                match own_id(&mut ids, &spec, &specs) {
                    Some(id) => specs.push(Spec { id, ..spec }),
                    None => warnings.push(format!(
                        "{}: its ID {} is that of another spec; it is skipped",
                        file.path, spec.id
                    )),
                }
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

    /// Specs that the working tree has in an archive and a commit has in their original place.
    fn moved(&self, listed: &[ListedFile<'_>], head: CommitId) -> Result<Vec<Spec>> {
        let paths = listed.iter().map(|file| file.path.as_str()).collect();
        let repo = &self.project.repo;
        let place = (repo.root(), repo.object_format());
        let mut specs = Vec::new();
        for (source, path) in moved_away(self.project, &paths, head)? {
            match FileSpecs::of_file(place, source, &path, &mut None) {
                Ok(found) => specs.extend(found.specs.into_iter().filter(is_closed)),
                Err(Unread::Refused(_)) => {}
                Err(Unread::Failed(failure)) => return Err(failure),
            }
        }
        Ok(specs)
    }

    /// The same specs as they are in a commit, regardless of the working tree: a file may be hidden from `git status` (git-update-index(1),
    /// `--assume-unchanged`, `--skip-worktree`) or look unchanged to it. A spec that is not in the commit is kept.
    pub fn as_committed(&mut self, specs: Vec<Spec>, commit: CommitId) -> Result<Vec<Spec>> {
        let mut committed = Vec::with_capacity(specs.len());
        let mut seen: HashSet<String> = HashSet::new();
        for spec in specs {
            let source = self.project.source_of(&spec);
            let source = source.filter(|source| source.holds(&spec.path));
            let is_first = seen.insert(spec.path.clone());
            match source {
                Some(source) if self.object(commit, &spec.path)?.is_some() => {
                    if is_first {
                        let mut there = self.at_commit(source, commit, &spec.path)?;
                        if let [one] = there.as_mut_slice()
                            && is_renamed(&spec, one)
                        {
                            one.id = spec.id;
                        }
                        committed.extend(there);
                    }
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
                    let found = self.at_commit(source, commit, &path)?.into_iter();
                    committed.extend(found.filter(|spec| ids.insert(spec.id.clone())));
                }
            }
        }
        Ok(committed)
    }

    fn in_folders(&mut self, listed: &[ListedFile<'_>]) -> Vec<ReadFile> {
        if listed.is_empty() {
            return Vec::new();
        }
        self.asked += listed.len();
        let (repo, cache) = (&self.project.repo, self.cache());
        let place = (repo.root(), repo.object_format());
        let deadline = &self.project.deadline;
        let found = parallel::map(listed, |file| {
            let line = cache.get(&file.key);
            if let Some(known) = line.and_then(FileSpecs::of_line) {
                let used = line.map_or(0, str::len);
                return (Ok(known), String::new(), None, used);
            }
            if let Err(late) = deadline.check() {
                return (Err(Unread::Failed(late)), String::new(), None, 0);
            }
            // A file that was just written may change again without a visible difference (racy-git.txt).
            let settled = files::is_settled(&files::at(place.0, &file.path));
            let mut blob = None;
            let found = FileSpecs::of_file(place, file.source, &file.path, &mut blob);
            let line = match &found {
                Ok(found) if settled => found.line(&file.key),
                _ => String::new(),
            };
            (found, line, blob, 0)
        });
        let mut specs = Vec::with_capacity(found.len());
        for (file, (found, line, blob, used)) in listed.iter().zip(found) {
            specs.push(found);
            self.used += used;
            self.lines.push(line);
            self.blobs
                .extend(blob.map(|blob| (file.path.clone(), blob)));
        }
        specs
    }

    /// Completed and cancelled specs that were moved into an archive: a tool may archive them before they are released.
    pub fn archived_since(&mut self, head: CommitId, last: Option<CommitId>) -> Result<Vec<Spec>> {
        let mut specs = Vec::new();
        for source in &self.project.config.specs.0 {
            let Some(root) = source.archive_root() else {
                continue;
            };
            for path in archived_files(&self.project.repo, source, root, last, head)? {
                let found = self.at_commit(source, head, &path)?.into_iter();
                specs.extend(found.filter(is_closed));
            }
        }
        Ok(specs)
    }

    /// The objects of the directories that contain specs in a commit. If they are the same, so are the specs.
    pub fn folders(&self, commit: CommitId) -> Result<Vec<Option<String>>> {
        let mut found = Vec::new();
        for source in &self.project.config.specs.0 {
            for root in source.roots() {
                found.push(self.project.repo.object_at(commit, root)?);
            }
        }
        Ok(found)
    }

    /// All specs of a commit, including those that are done and were archived since `last`.
    pub fn of_commit(&mut self, commit: CommitId, last: Option<CommitId>) -> Result<Vec<Spec>> {
        let mut specs = self.archived_since(commit, last)?;
        let mut ids: HashSet<String> = specs.iter().map(|spec| spec.id.clone()).collect();
        for source in &self.project.config.specs.0 {
            let root = source.files.folder();
            for path in self.project.repo.files_below(commit, root)? {
                if source.holds(&path) {
                    let found = self.at_commit(source, commit, &path)?.into_iter();
                    specs.extend(found.filter(|spec| ids.insert(spec.id.clone())));
                }
            }
        }
        Ok(specs)
    }

    /// The specs of a file in a commit.
    pub fn at_commit(
        &mut self,
        source: &Source,
        commit: CommitId,
        path: &str,
    ) -> Result<Vec<Spec>> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let pattern = source.files.as_str().rsplit('/').next().unwrap_or("");
        if !glob::name_matches(name, pattern) {
            return Ok(Vec::new());
        }
        let Some(object) = self.object(commit, path)? else {
            return Ok(Vec::new());
        };
        let beside = match source.boxes_path(path) {
            Some(beside) => self.object(commit, &beside)?,
            None => None,
        };
        let key = format!("{path} {object} {}", beside.as_deref().unwrap_or_default());
        self.asked += 1;
        if let Some(known) = self.cache().get(&key).and_then(FileSpecs::of_line) {
            return Ok(known.specs);
        }
        self.project.deadline.check()?;
        // A file that cannot be read still exists: a release without it would lose it.
        let text = |object: &str| -> Result<Option<String>> {
            let bytes = self.project.repo.blob_named(object);
            let bytes = bytes.map_err(|failure| failure.within(&format!("{path}: ")))?;
            Ok(String::from_utf8(bytes).ok())
        };
        let Some(found) = text(&object)? else {
            return Ok(Vec::new());
        };
        let boxes = beside.as_deref().map(text).transpose()?.flatten();
        let found = FileSpecs::read(source, path, &found, boxes.as_deref());
        // A long line would be kept for each release. The specs completed at that release are cached by ID instead.
        self.lines
            .extend(Some(found.line(&key)).filter(|line| line.len() < LONG_LINE));
        Ok(found.specs)
    }

    /// The object at a path in a commit.
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

    /// Whether a spec that is completed now was already completed in a commit.
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
        Ok(then.iter().any(|then| then.status == Status::Completed))
    }

    /// IDs of the specs that a file with many specs had completed in a commit. `now` are all specs that are completed now.
    fn completed_in(
        &mut self,
        source: &Source,
        path: &str,
        commit: CommitId,
        now: &[(&Spec, &Source)],
    ) -> Result<HashSet<String>> {
        let key = format!("{commit} {path}");
        let known = self.cache().get(&key);
        if let Some(known) = known.and_then(|line| serde_json::from_str(line).ok()) {
            return Ok(known);
        }
        let blob = self.blobs.get(path).cloned();
        let ids: HashSet<String> = if blob.is_some() && self.object(commit, path)? == blob {
            let same = now.iter().filter(|(spec, _)| spec.path == path);
            same.map(|(spec, _)| spec.id.clone()).collect()
        } else {
            let then = self.at_commit(source, commit, path)?.into_iter();
            let completed = then.filter(|spec| spec.status == Status::Completed);
            completed.map(|spec| spec.id).collect()
        };
        let line = serde_json::to_string(&ids).unwrap_or_default();
        self.lines.push(Cache::line(&key, &[&line]));
        Ok(ids)
    }

    /// IDs of the specs that were already completed at the last release, or that its changelog names: it lists them.
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
        let known = parallel::map(&completed, |(spec, source)| {
            if source.has_records() {
                return (String::new(), None);
            }
            let key = format!("{commit} {}", spec.path);
            let known = cache.get(&key).map(|known| known == "completed");
            (key, known)
        });
        let mut released = HashSet::with_capacity(completed.len());
        let mut others = Vec::new();
        let mut of_files: HashMap<&str, HashSet<String>> = HashMap::new();
        for ((spec, source), (key, known)) in completed.iter().copied().zip(known) {
            if source.has_records() && !of_files.contains_key(spec.path.as_str()) {
                let ids = self.completed_in(source, &spec.path, commit, &completed)?;
                of_files.insert(&spec.path, ids);
            }
            let was_completed = match (known, of_files.get(spec.path.as_str())) {
                (_, Some(ids)) => ids.contains(&spec.id),
                (Some(known), None) => known,
                (None, None) => {
                    let was = self.was_completed(source, spec, commit)?;
                    let word = if was { "completed" } else { "open" };
                    self.lines.push(Cache::line(&key, &[word]));
                    was
                }
            };
            if was_completed {
                released.insert(spec.id.clone());
            } else if !source.is_of_fragments() {
                others.push(&spec.id);
            }
        }
        if others.is_empty() {
            return Ok(released);
        }
        // A commit may have listed it before its file marked it completed.
        let changelog = &self.project.config.changelog;
        let told = self.project.repo.file_at(commit, changelog)?;
        let told = String::from_utf8_lossy(&told.unwrap_or_default()).into_owned();
        let words = SaidWords::new(&told);
        let is_told = |id: &&String| words.says(id) && (has_digit(id) || is_reference(&told, id));
        released.extend(others.into_iter().filter(is_told).cloned());
        Ok(released)
    }

    /// Saves what was read for the next run.
    pub fn save(self) {
        let Some(cache) = self.cache.into_inner() else {
            return;
        };
        // Every change of a spec leaves an obsolete line, and a file with many specs leaves a long one.
        let is_long = |line: &String| line.len() > LONG_LINE;
        let new: usize = self.lines.iter().map(String::len).sum();
        let is_mostly_old = self.lines.iter().any(is_long) && cache.size() > 4 * (self.used + new);
        let saved = if is_mostly_old || cache.lines() > 4 * self.asked + 1000 {
            cache.replace(&self.lines)
        } else {
            cache.append(&self.lines)
        };
        if let Err(error) = saved {
            tracing::warn!("the cache of specs was not written: {error}");
        }
    }
}

/// Whether a spec is completed or cancelled.
fn is_closed(spec: &Spec) -> bool {
    spec.status != Status::Open
}

/// The files of specs that were added to an archive. A spec whose ID was in the archive before was only moved.
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

/// All archived specs of a commit.
pub fn archive(project: &Project, commit: Option<CommitId>) -> Result<Vec<Spec>> {
    let Some(head) = commit else {
        return Ok(Vec::new());
    };
    let mut reader = SpecReader::new(project);
    let specs = reader.archived_since(head, None)?;
    reader.save();
    Ok(specs)
}

fn has_digit(id: &str) -> bool {
    id.contains(|c: char| c.is_ascii_digit())
}

/// Whether a text contains an ID in parentheses, as entries do. A bare `auth` is an ordinary word.
fn is_reference(text: &str, id: &str) -> bool {
    let mut places = text.match_indices(id);
    places.any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + id.len()..]);
        let begins = ["(", "([", ", ", ", ["]
            .iter()
            .any(|mark| before.ends_with(mark));
        begins && after.starts_with([')', ',', '/', ']'])
    })
}

/// The files of a spec, each with its target path in the source. `None` deletes the file. `below` lists the files of a directory.
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
