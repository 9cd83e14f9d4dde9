//! The commits of a history: one thread follows their parents, others read their messages meanwhile.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use crate::domain::commit::graph::WalkCommit;
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::{Commit, Reading};
use crate::domain::commit::touched;
use crate::domain::failure::{Failure, Result};
use crate::project::Project;
use crate::sys::cache::Cache;
use crate::sys::deadline::Deadline;
use crate::sys::git::{CommitObject, Repo};
use crate::sys::layout;
use crate::sys::parallel::{self, Workers};
use crate::ui::busy;

/// Number of commits between two progress reports.
const TOLD: usize = 1000;

/// Reads commits. Those that were read before come from the cache.
pub struct CommitReader<'p> {
    repo: &'p Repo,
    reading: Arc<Reading>,
    cache: Cache,
    /// Number of commits that git had to read because the cache lacks them.
    read: usize,
    deadline: Deadline,
    workers: Workers<CommitObject, Result<(CommitId, Box<Commit>, String)>>,
}

/// Whether commits that were read go into the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    Yes,
    /// For commits that are unlikely to be read again, such as a whole history.
    No,
}

impl<'p> CommitReader<'p> {
    pub fn new(project: &'p Project, keep: CachePolicy) -> CommitReader<'p> {
        let repo: &Repo = &project.repo;
        let reading = Arc::new(project.config.reading());
        let path = layout::commits(repo.common_dir());
        let cache = Cache::open(&path, &reading.key());
        let (root, shared) = (repo.root().to_owned(), Arc::clone(&reading));
        let deadline = project.deadline.clone();
        let in_time = deadline.clone();
        let workers = Workers::new(move || {
            let (root, reading) = (root.clone(), Arc::clone(&shared));
            let deadline = in_time.clone();
            let mut handle = None;
            move |object| {
                deadline.check()?;
                read(&mut handle, &root, &reading, &object, keep)
            }
        });
        CommitReader {
            repo,
            reading,
            cache,
            read: 0,
            deadline,
            workers,
        }
    }

    /// Time and parents of a commit, for a history walk. A commit that is not in the cache is read again on each call.
    pub fn link(&mut self, id: CommitId) -> Result<WalkCommit<CommitId>> {
        if let Some(link) = known(&self.cache, id).and_then(link_of) {
            return Ok(link);
        }
        self.deadline.check()?;
        let object = self.repo.commit_object(id)?;
        let link = object.link.clone();
        self.workers.give(object);
        self.read += 1;
        if self.read.is_multiple_of(TOLD) {
            busy::doing(&format!("reading the history: {} commits", self.read));
        }
        Ok(link)
    }

    /// Every commit in the history of `tips`, including the tips, in no order.
    pub fn reach(&mut self, tips: &[CommitId]) -> Result<Vec<CommitId>> {
        let mut seen: HashSet<CommitId> = tips.iter().copied().collect();
        let mut stack: Vec<CommitId> = seen.iter().copied().collect();
        let mut reached = Vec::new();
        while let Some(id) = stack.pop() {
            reached.push(id);
            let parents = self.link(id)?.parents;
            stack.extend(parents.into_iter().filter(|parent| seen.insert(*parent)));
        }
        Ok(reached)
    }

    /// Reads these commits, which [`CommitReader::link`] has seen.
    pub fn read(self, ids: &[CommitId]) -> Result<Vec<Commit>> {
        let found = self.workers.finish();
        let mut lines = Vec::with_capacity(found.len());
        let mut fresh = HashMap::with_capacity(found.len());
        let mut failed = None;
        for read in found {
            match read {
                Ok((id, commit, line)) => {
                    lines.push(line);
                    fresh.insert(id, commit);
                }
                Err(failure) => failed = Some(failure),
            }
        }
        if let Some(failure) = failed {
            kept(self.cache, &lines);
            return Err(failure);
        }
        tracing::debug!("{} commits, {} read from git", ids.len(), fresh.len());
        let known = parallel::map(ids, |id| {
            if fresh.contains_key(id) {
                None
            } else {
                known(&self.cache, *id).and_then(commit_of).map(Box::new)
            }
        });
        let CommitReader {
            repo,
            reading,
            cache,
            ..
        } = self;
        let collect = || -> Result<Vec<Commit>> {
            let mut commits = Vec::with_capacity(ids.len());
            for (id, known) in ids.iter().zip(known) {
                commits.push(match known.or_else(|| fresh.remove(id)) {
                    Some(commit) => *commit,
                    None => repo.commit_read(*id, &reading)?, // its line in the cache is damaged
                });
            }
            let lacking = commits.iter_mut().filter(|commit| commit.lacks_paths);
            let lacking: Vec<&mut Commit> = lacking.collect();
            let names: Vec<CommitId> = lacking.iter().map(|commit| commit.id).collect();
            if !names.is_empty() && repo.bring_trees(&names)? {
                for commit in lacking {
                    *commit = repo.commit_read(commit.id, &reading)?;
                }
            }
            Ok(commits)
        };
        parallel::both(lines.len(), collect, || kept(cache, &lines)).0
    }

    /// Called when the walk fails: keeps what was read so far, so that the next walk continues from there.
    pub fn stopped(self, failure: Failure) -> Failure {
        let found = self.workers.finish().into_iter();
        let lines = found.filter_map(|read| read.ok().map(|(_, _, line)| line));
        kept(self.cache, &lines.collect::<Vec<String>>());
        failure
    }
}

fn kept(cache: Cache, lines: &[String]) {
    if let Err(error) = cache.append(lines) {
        tracing::warn!("the cache of commits was not written: {error}");
    }
}

/// The cached line of a commit.
fn known(cache: &Cache, id: CommitId) -> Option<&str> {
    match cache.lines() {
        0 => None,
        _ => cache.get(&id.hex()),
    }
}

/// A commit and its line for the cache. The commit is boxed because it goes through several lists. A libgit2 handle belongs to one thread,
/// and is opened only if paths are needed.
fn read(
    handle: &mut Option<Repo>,
    root: &Path,
    reading: &Reading,
    object: &CommitObject,
    keep: CachePolicy,
) -> Result<(CommitId, Box<Commit>, String)> {
    let mut commit = Commit::read(object.read(), reading);
    if touched::matter(&commit, reading) {
        let repo = match handle {
            Some(repo) => repo,
            None => handle.insert(Repo::open(root)?),
        };
        commit.take_paths(repo.needed_paths(object, reading)?);
    }
    let line = match keep {
        CachePolicy::Yes if !object.is_boundary && !commit.lacks_paths => line_of(&commit),
        _ => String::new(),
    };
    Ok((object.id, Box::new(commit), line))
}

/// The cache line of a commit: time and parents, which a walk needs, come first.
fn line_of(commit: &Commit) -> String {
    let json = serde_json::to_string(commit).unwrap_or_default();
    let mut parents = String::new();
    for parent in &commit.parents {
        if !parents.is_empty() {
            parents.push(',');
        }
        parents.push_str(&parent.hex());
    }
    let time = commit.time.to_string();
    Cache::line(&commit.id.hex(), &[&time, " ", &parents, " ", &json])
}

fn link_of(line: &str) -> Option<WalkCommit<CommitId>> {
    let mut words = line.splitn(3, ' ');
    let time = words.next()?.parse().ok()?;
    let parents = words.next()?.split(',').filter(|id| !id.is_empty());
    let parents: Option<Vec<CommitId>> = parents.map(CommitId::parse).collect();
    Some(WalkCommit {
        time,
        parents: parents?,
    })
}

fn commit_of(line: &str) -> Option<Commit> {
    serde_json::from_str(line.splitn(3, ' ').nth(2)?).ok()
}
