//! Commits that belong to a spec although neither lists or names the other: by the files that they change, by the branch that brought them,
//! by their subject. A commit that matches several specs belongs to none.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::commit::message::Commit;
use crate::domain::commit::subject;
use crate::domain::entry::lineage::Lineage;
use crate::domain::entry::model::Input;
use crate::domain::spec::Spec;
use crate::domain::spec::ownership::OwnedBy;
use crate::domain::spec::source::Source;

/// Commits by the ID of the spec that they belong to, as places in the list of commits, in its order.
#[derive(Debug, Default)]
pub struct Inferred<'a>(HashMap<&'a str, Vec<(usize, OwnedBy)>>);

impl<'a> Inferred<'a> {
    /// Finds the commits of each spec. Costs nothing if no source has such a rule.
    pub fn new(input: &Input<'a>, lineage: &Lineage<'_>) -> Inferred<'a> {
        let mut inferred = Inferred::default();
        let names = SpecNames::new(input);
        if names.is_empty() {
            return inferred;
        }
        for (at, commit) in input.commits.iter().enumerate() {
            for (id, rule) in names.of_files(commit) {
                inferred.add(id, at, rule);
            }
            let by_subject = names.of_subject(commit);
            if let Some(id) = by_subject {
                inferred.add(id, at, OwnedBy::Subject);
            }
            if !commit.is_merge() {
                continue;
            }
            // In the title of a merge, the text after `into` names the target.
            let id = match subject::merged_branch(&commit.message.subject) {
                Some(branch) => names.of_branch(branch),
                None => by_subject.filter(|id| names.has_branch(id)),
            };
            if let Some(id) = id {
                for brought in lineage.brought(at).into_iter().chain([at]) {
                    inferred.add(id, brought, OwnedBy::Branch);
                }
            }
        }
        for (id, commits) in &mut inferred.0 {
            if names.archived.contains(id) {
                until_archived(commits);
            }
        }
        inferred
    }

    fn add(&mut self, id: &'a str, at: usize, rule: OwnedBy) {
        self.0.entry(id).or_default().push((at, rule));
    }

    /// The commits of a spec.
    pub fn of_spec(&self, id: &str) -> &[(usize, OwnedBy)] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }
}

/// Drops commits that name an archived spec and are newer than the last change of its files: they are about the completed spec. Children
/// come before parents.
fn until_archived(commits: &mut Vec<(usize, OwnedBy)>) {
    let by_files = commits
        .iter()
        .filter(|(_, rule)| matches!(rule, OwnedBy::Directory | OwnedBy::Tasks));
    if let Some(last) = by_files.map(|(at, _)| *at).min() {
        commits.retain(|(at, rule)| *rule != OwnedBy::Subject || *at >= last);
    }
}

/// Names of specs.
#[derive(Default)]
struct SpecNames<'a> {
    /// Directories and files of specs.
    places: HashMap<String, (&'a str, OwnedBy)>,
    branches: Unique<'a>,
    subjects: Unique<'a>,
    titles: Unique<'a>,
    archived: HashSet<&'a str>,
}

/// Specs by a name in lower case; `None` for one that several have.
#[derive(Default)]
struct Unique<'a>(HashMap<String, Option<&'a str>>);

impl<'a> Unique<'a> {
    fn add(&mut self, name: &str, id: &'a str) {
        let known = self.0.entry(name.to_lowercase()).or_insert(Some(id));
        known.take_if(|known| *known != id);
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(&name.to_lowercase()).copied().flatten()
    }
}

impl<'a> SpecNames<'a> {
    fn new(input: &Input<'a>) -> SpecNames<'a> {
        let sources = input.sources.iter().map(|source| (&*source.name, source));
        let sources: HashMap<&str, &Source> = sources.collect();
        let mut names = SpecNames::default();
        for spec in input.specs {
            if let Some(source) = sources.get(spec.source.as_str()) {
                names.add(source, spec);
            }
        }
        names
    }

    fn add(&mut self, source: &Source, spec: &'a Spec) {
        let id = spec.id.as_str();
        let before = source.place_before(id, &spec.path);
        for path in [spec.path.as_str(), &before] {
            if source.owns.has(OwnedBy::Directory) {
                let place = source.place(path).to_owned();
                self.places.insert(place, (id, OwnedBy::Directory));
            } else if let Some(tasks) = source.boxes_path(path)
                && source.owns.has(OwnedBy::Tasks)
            {
                self.places.insert(tasks, (id, OwnedBy::Tasks));
            }
        }
        if source.is_archived(&spec.path) {
            self.archived.insert(id);
        }
        let number = source.number(&spec.path);
        for (rule, names) in [
            (OwnedBy::Branch, &mut self.branches),
            (OwnedBy::Subject, &mut self.subjects),
        ] {
            if source.owns.has(rule) {
                names.add(id, id);
                if let Some(number) = &number {
                    names.add(number, id);
                }
            }
        }
        if source.owns.has(OwnedBy::Subject) {
            self.titles.add(&spec.title, id);
            self.titles.add(&id.replace(['-', '_'], " "), id);
        }
    }

    fn is_empty(&self) -> bool {
        self.places.is_empty() && self.branches.0.is_empty() && self.subjects.0.is_empty()
    }

    /// The spec whose files a commit changes. A commit that changes only files of specs belongs to all of them.
    fn of_files(&self, commit: &Commit) -> BTreeMap<&'a str, OwnedBy> {
        let mut found = BTreeMap::new();
        if self.places.is_empty() {
            return found;
        }
        let mut is_mixed = false;
        for path in &commit.paths {
            let ends = path.match_indices('/').map(|(at, _)| at);
            let mut ends = [path.len()].into_iter().chain(ends);
            match ends.find_map(|end| self.places.get(&path[..end])) {
                Some((id, rule)) => drop(found.insert(*id, *rule)),
                None => is_mixed = true,
            }
        }
        if found.len() > 1 && is_mixed {
            found.clear();
        }
        found
    }

    /// The spec that the name of a branch is, `041-scope` or `team/add-scope`; that it ends with, `worktree-041-scope`; or whose number it
    /// begins with, `back-12-other-words`.
    fn of_branch(&self, branch: &str) -> Option<&'a str> {
        let name = branch.rsplit('/').next().unwrap_or(branch);
        let separators = || name.match_indices(['-', '_']);
        let ends = separators().map(|(at, _)| &name[at + 1..]);
        let mut ends = ends.filter(|end| is_distinct(end));
        let starts = separators().map(|(at, _)| &name[..at]).rev();
        let mut starts = starts.filter(|start| start.ends_with(|c: char| c.is_ascii_digit()));
        let known = |name: &str| self.branches.get(name);
        known(name)
            .or_else(|| ends.find_map(known))
            .or_else(|| starts.find_map(known))
    }

    /// Whether merges bring commits of a spec.
    fn has_branch(&self, id: &str) -> bool {
        self.branches.get(id).is_some()
    }

    /// The spec that a subject names: as its scope, at its beginning, in brackets or quotes, or anywhere if its ID cannot be an ordinary
    /// word. A subject that equals the spec's title names it, too.
    fn of_subject(&self, commit: &Commit) -> Option<&'a str> {
        if self.subjects.0.is_empty() {
            return None;
        }
        let message = &commit.message;
        let titled = || self.titles.get(&message.description);
        let mut named: Option<&str> = None;
        for (word, is_marked) in subject::words(&message.subject) {
            let found = self.subjects.get(word);
            if let Some(id) = found.filter(|_| is_marked || is_distinct(word)) {
                if named.is_some_and(|known| known != id) {
                    return None;
                }
                named = Some(id);
            }
        }
        named.or_else(titled)
    }
}

/// Whether a word cannot be an ordinary one: it has four parts, or a number of two digits and more than that.
fn is_distinct(word: &str) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let mut pairs = word.as_bytes().windows(2);
    let has_number = pairs.any(|pair| pair.iter().all(is_digit));
    let is_number = word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    word.split(['-', '_']).count() > 3 || has_number && !is_number
}
