//! What Unreleased holds right now: the one computation behind update, status and release.

use std::collections::{HashMap, HashSet};

use semver::Version;

use crate::app::commits::{Keep, Reader};
use crate::app::follow::{self, Followed};
use crate::app::spec_files::Listed;
use crate::app::version_files::{self, Held};
use crate::app::{Project, prepare, spec_files, status, tracked};
use crate::config::Storage;
use crate::domain::changelog::cut;
use crate::domain::changelog::document::Document;
use crate::domain::changelog::view::{self, Line, Record};
use crate::domain::entry::{self, Entry, Gathered, Input, Told};
use crate::domain::failure::{Failure, Result};
use crate::domain::message::Commit;
use crate::domain::order;
use crate::domain::range::{self, Range};
use crate::domain::reference::Named;
use crate::domain::release_body::without_mark;
use crate::domain::spec::Spec;
use crate::domain::version::{self, Level};
use crate::sys::files;
use crate::sys::git::{CommitId, Head, Indexed, ReleaseTag};
use crate::sys::state::{self, Inserted};
use crate::ui::busy;

/// What is said where history ends early.
pub const SHALLOW: &str =
    "the clone is shallow, changes may be missing; run `git fetch --unshallow --tags`";

/// Everything that happened since the last release.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub head: Head,
    pub commits: Vec<Commit>,
    /// Released commits that the walk has seen.
    pub released: Vec<Commit>,
    /// The newest release that HEAD contains: commit and tag.
    pub last: Option<(String, ReleaseTag)>,
    pub specs: Vec<Spec>,
    pub released_specs: HashSet<String>,
    pub warnings: Vec<String>,
    /// Taken before anything was read, so that what changes meanwhile is noticed next time.
    pub basis: state::Basis,
}

impl History {
    /// The same with other commits.
    pub fn with_commits(&self, commits: Vec<Commit>) -> History {
        History {
            commits,
            ..self.clone()
        }
    }

    /// The same without these specs.
    pub fn without(&self, ids: &HashSet<String>) -> History {
        let mut rest = self.clone();
        rest.specs.retain(|spec| !ids.contains(&spec.id));
        rest
    }

    /// The same without the specs that are none of the component's: what a release of it may take along.
    pub fn own(&self, project: &Project, gathered: &Gathered) -> History {
        let mut own = self.clone();
        own.specs.retain(|spec| match spec.is_labelled("release") {
            true => prepare::is_own(project, spec),
            false => !gathered.is_outside(&spec.id),
        });
        own
    }
}

/// The changelog, with and without its generated lines.
pub struct Section {
    /// What git is to see.
    pub doc: Vec<u8>,
    /// What people are to see.
    pub viewed: Vec<u8>,
    pub record: Record,
    pub gathered: Gathered,
    /// An open fence or comment in Unreleased leaves no room for entries.
    pub unplaceable: bool,
}

impl Section {
    /// Whether there is nothing to release: neither an entry nor a line of a person.
    pub fn is_empty(&self) -> bool {
        self.gathered.entries.is_empty() && status::hand_written(self).is_empty()
    }
}

/// The next version and what decides it.
pub struct Next {
    pub version: Version,
    pub level: Level,
    pub because: String,
}

/// Reads commits and specs since the last release.
pub fn history(project: &Project) -> Result<History> {
    let _busy = busy::with("reading commits and specs");
    let repo = &project.repo;
    let mut spec_reader = spec_files::Reader::new(project);
    let listed = spec_files::list(project)?;
    let basis = basis_of(project, &listed)?;
    let head = repo.head()?;
    let mut tags = project.release_tags()?;
    let mut reader = Reader::new(project, Keep::Yes);
    let start = head.commit.as_deref().map(CommitId::of).transpose()?;
    let mut walk = |tags: &HashMap<CommitId, ReleaseTag>| match start {
        None => Ok(Range::default()),
        Some(id) => range::walk(id, |id| tags.contains_key(&id), |id| reader.link(id)),
    };
    let mut range = walk(&tags)?;
    // A release that was merged as another commit ends where it was offered: what came between is not in its notes.
    let mut offered: HashMap<CommitId, CommitId> = HashMap::new();
    for id in &range.edge {
        let tag = tags.get(id).map(|tag| repo.release_base(&tag.name));
        if let Some(base) = tag.transpose()?.flatten() {
            offered.insert(CommitId::of(&base)?, *id);
        }
    }
    if !offered.is_empty() {
        for (base, id) in &offered {
            if let Some(tag) = tags.remove(id) {
                tags.insert(*base, tag);
            }
        }
        range = walk(&tags)?;
        let merged = |id: &CommitId| offered.values().any(|offered| offered == id);
        let (released, commits) = range.commits.into_iter().partition(merged);
        range.commits = commits;
        range.released.extend::<Vec<CommitId>>(released);
    }
    let found = range
        .edge
        .iter()
        .filter_map(|id| Some((*offered.get(id).unwrap_or(id), tags.get(id)?.clone())));
    let last = found.max_by(|a, b| a.1.version.cmp(&b.1.version));
    let last = last.map(|(id, tag)| (id.to_string(), tag));
    let mut commits = reader.read(&[range.commits.as_slice(), &range.released].concat())?;
    let released = commits.split_off(range.commits.len());
    let mut warnings = Vec::new();
    if repo.ends_early(&range.commits) {
        warnings.push(SHALLOW.to_owned());
    }
    let at = last.as_ref().map(|(commit, _)| commit.as_str());
    let specs = spec_reader.read(&listed, head.commit.as_deref(), at, &mut warnings)?;
    let released_specs = spec_reader.released(&specs, at)?;
    spec_reader.save();
    tracing::debug!(
        "{} unreleased commits; {} specs; last release {}",
        commits.len(),
        specs.len(),
        last.as_ref().map_or("none", |(_, tag)| &tag.name),
    );
    Ok(History {
        head,
        commits,
        released,
        last,
        specs,
        released_specs,
        warnings,
        basis,
    })
}

/// Refuses what is no text, and a file with several Unreleased headings: nobody can say which one is meant.
fn understood(project: &Project, bytes: &[u8]) -> Result<()> {
    if bytes.contains(&0) {
        let name = &project.config.changelog;
        return Err(Failure::failed(format!(
            "{name} is no text in UTF-8 (UTF-16, perhaps); relwatch leaves it alone; save it as UTF-8"
        )));
    }
    let Some(lines) = Document::parse(bytes).several_unreleased() else {
        return Ok(());
    };
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    let name = &project.config.changelog;
    Err(Failure::failed(format!(
        "{name} has several Unreleased headings, at lines {}; make them one and run `relwatch update`",
        lines.join(" and ")
    )))
}

/// The section for the changelog as it is stored in a commit.
pub fn of_stored(project: &Project, history: &History, stored: Vec<u8>) -> Result<Section> {
    understood(project, &stored)?;
    match project.config.storage {
        Storage::View => Ok(of_document(project, history, stored)),
        Storage::Tracked => tracked::section(project, history, &stored, None),
    }
}

/// The section for a changelog whose bytes are `doc`, free of generated lines.
pub fn of_document(project: &Project, history: &History, doc: Vec<u8>) -> Section {
    let gathered = gather(project, history, &doc);
    build(project, doc, gathered)
}

/// The section for the changelog as it stands in the working tree: generated lines are told from those of
/// people, and what people deleted stays away.
pub fn of_working_file(
    project: &Project,
    history: &History,
    present: &[u8],
    indexed: &Indexed,
) -> Result<Section> {
    understood(project, present)?;
    if project.config.storage == Storage::Tracked {
        let head = match &history.head.commit {
            Some(head) => project.repo.file_at(head, &project.config.changelog)?,
            None => None,
        };
        return tracked::section(project, history, present, head.as_deref());
    }
    let blob = match indexed {
        Indexed::Tracked(blob) => Some(project.repo.blob(*blob)?),
        _ => None,
    };
    if blob.as_deref() == Some(present) {
        // git wrote the file: blobs hold no generated lines.
        return Ok(of_document(project, history, present.to_vec()));
    }
    let found = state::load(&project.state_dir());
    let inserted = match found.and_then(|found| found.inserted()) {
        Some(inserted) => inserted,
        None => {
            let doc = unrecorded(project, history, blob, present);
            return Ok(of_document(project, history, doc));
        }
    };
    let (doc, gathered) = hand_written(
        project,
        history,
        cleaned(present, &inserted),
        &missing(present, &inserted),
    );
    Ok(build(project, doc, gathered))
}

/// The references of the lines that a person took out of the file.
pub fn missing(present: &[u8], inserted: &Inserted) -> Vec<Vec<String>> {
    match &inserted.before {
        None => inserted.record.removed_by_hand(present),
        // A crash, not a person, may be why a line is not there.
        Some(_) => Vec::new(),
    }
}

/// What git is to see of a file without its generated lines: deleting some of them is written down.
pub fn hand_written(
    project: &Project,
    history: &History,
    doc: Vec<u8>,
    missing: &[Vec<String>],
) -> (Vec<u8>, Gathered) {
    let gathered = gather(project, history, &doc);
    let skips = deleted(project, history, missing, &gathered.entries);
    if skips.is_empty() {
        return (doc, gathered);
    }
    let doc = cut::with_skips(&doc, &skips);
    let gathered = gather(project, history, &doc);
    (doc, gathered)
}

/// What `commits` alone give.
pub fn of_commits(project: &Project, commits: &[Commit], doc: &[u8]) -> Gathered {
    let history = History::default().with_commits(commits.to_vec());
    gather(project, &history, doc)
}

/// What a section computed now depends on.
pub fn basis(project: &Project) -> Result<state::Basis> {
    basis_of(project, &spec_files::list(project)?)
}

fn basis_of(project: &Project, listed: &[Listed<'_>]) -> Result<state::Basis> {
    let repo = &project.repo;
    let config = &project.config;
    let head = repo.head()?.commit;
    let specs = spec_files::fingerprint(project, listed, head.as_deref())?;
    Ok(state::Basis {
        head: head.unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tags: repo.tags_fingerprint(&config.tag_format()?),
        config: files::fingerprint(&repo.root().join(crate::config::FILE)),
        specs,
        file: files::fingerprint(&files::at(repo.root(), &config.changelog)),
        blob: match repo.indexed(&config.changelog)? {
            Indexed::Tracked(blob) => blob.to_string(),
            _ => String::new(),
        },
    })
}

/// What git is to see of `present`, by what was recorded.
pub fn cleaned(present: &[u8], inserted: &Inserted) -> Vec<u8> {
    let once = view::clean(present, &inserted.record);
    match &inserted.before {
        None => once.into_owned(),
        Some(before) => view::clean(&once, before).into_owned(),
    }
}

/// What git is to see of `present` where no record says which lines are ours: those that an update of git's own version of the file
/// would make.
pub fn unrecorded(
    project: &Project,
    history: &History,
    blob: Option<Vec<u8>>,
    present: &[u8],
) -> Vec<u8> {
    let expected = of_document(project, history, blob.unwrap_or_default());
    // Which of them were there nobody knows: none was deleted.
    view::clean(present, &expected.record).into_owned()
}

/// Which version comes next, by the entries and by what people wrote.
pub fn next(project: &Project, history: &History, section: &Section) -> Next {
    let doc = Document::parse(&section.doc);
    let mut breaking = section
        .gathered
        .entries
        .iter()
        .find(|e| e.breaking)
        .map(first_line);
    let mut feature = section
        .gathered
        .entries
        .iter()
        .find(|e| entry_is_feature(e))
        .map(first_line);
    let categories = doc.unreleased().map(|s| s.categories.as_slice());
    for category in categories.unwrap_or_default() {
        for item in &category.items {
            let text = doc.text(item);
            let text = text.trim_start().trim_start_matches(['-', '*', '+']).trim();
            let line = text.lines().next().unwrap_or("").to_owned();
            let name = category.name.to_lowercase();
            if name.starts_with("breaking") || text.to_lowercase().starts_with("**breaking") {
                breaking.get_or_insert(line);
            } else if ["added", "features", "deprecated", "removed"].contains(&name.as_str()) {
                feature.get_or_insert(line);
            }
        }
    }
    let last = history
        .last
        .as_ref()
        .map(|(_, tag)| tag.version.clone())
        .or_else(|| doc.versions().find_map(|v| Version::parse(v).ok()));
    let level = version::level_for(last.as_ref(), breaking.is_some(), feature.is_some());
    let named = named_by_files(project, history, last.as_ref());
    // 0.9.0-rc.1 comes before 0.9.0.
    let core = |v: &Version| Version::new(v.major, v.minor, v.patch);
    let start = named.as_ref().map(|named| core(&named.version));
    let version = version::next(last.as_ref(), level, start.as_ref());
    let because = match (&last, breaking, feature) {
        (None, _, _) => "the first release".to_owned(),
        (_, Some(line), _) => format!("breaking: {}", without_mark(&line)),
        (_, None, Some(line)) => format!("feature: {line}"),
        _ => "fixes and changes only".to_owned(),
    };
    // Somebody bumped the files for the release to come.
    if let (Some(last), Some(named)) = (&last, named) {
        let final_one = core(&named.version);
        if final_one > version && final_one > *last {
            return Next {
                level: version::between(last, &final_one),
                because: format!("{} says {}", named.path, named.version),
                version: final_one,
            };
        }
    }
    Next {
        version,
        level,
        because,
    }
}

/// The version that the files of HEAD agree on: what a first release is called.
fn named_by_files(project: &Project, history: &History, last: Option<&Version>) -> Option<Held> {
    let head = history.head.commit.as_deref()?;
    version_files::agreed(project, head, last).ok()? // a release says what is wrong
}

fn entry_is_feature(entry: &Entry) -> bool {
    use crate::domain::kind::Kind;
    matches!(entry.kind, Kind::Added | Kind::Deprecated | Kind::Removed)
}

fn first_line(entry: &Entry) -> String {
    entry.line.text.lines().next().unwrap_or("").to_owned()
}

/// The entries for a changelog whose own lines are all a person's.
pub fn gather(project: &Project, history: &History, doc: &[u8]) -> Gathered {
    let parsed = Document::parse(doc);
    let mut named = Named::default();
    if let Some(section) = parsed.unreleased() {
        // One entry at a time: a new one begins with a bullet or after a blank line.
        let mut entry = String::new();
        for line in parsed.text(&section.body).lines() {
            let bare = line.trim_start();
            if bare.is_empty() || bare.starts_with(['-', '*', '+']) {
                named.add(&std::mem::take(&mut entry));
            }
            if !bare.starts_with("<!--") {
                entry.push_str(line);
                entry.push('\n');
            }
        }
        named.add(&entry);
    }
    let mut skipped = Named::default();
    for reference in cut::skips(doc) {
        skipped.add(&reference);
    }
    follow::extend(project, history, &mut named);
    follow::extend(project, history, &mut skipped);
    let remote = project.repo.remote_url(history.head.branch.as_deref());
    let rules = project.config.rules(remote.as_deref());
    entry::gather(&Input {
        commits: &history.commits,
        released: &history.released,
        specs: &history.specs,
        sources: &project.config.specs.0,
        released_specs: &history.released_specs,
        named: &named,
        skipped: &skipped,
        rules: &rules,
    })
}

fn build(project: &Project, doc: Vec<u8>, gathered: Gathered) -> Section {
    let order = project.config.categories.titles(gathered.has_advisory());
    let lines: Vec<Line> = gathered.entries.iter().map(|e| e.line.clone()).collect();
    let (viewed, record) = view::view(&doc, &lines, &order);
    let unplaceable = record.is_empty() && !lines.is_empty();
    Section {
        doc,
        viewed,
        record,
        gathered,
        unplaceable,
    }
}

/// For each recorded entry that a person took out: the reference to skip, if it would come back.
pub fn deleted(
    project: &Project,
    history: &History,
    missing: &[Vec<String>],
    entries: &[Entry],
) -> Vec<String> {
    if missing.is_empty() {
        return Vec::new();
    }
    let followed = Followed::new(project, history);
    let mut by_reference: HashMap<&str, Vec<&Entry>> = HashMap::new();
    for entry in entries {
        for reference in &entry.line.refs {
            by_reference.entry(reference).or_default().push(entry);
        }
    }
    let naming = |reference: &String| {
        let naming = by_reference.get(reference.as_str());
        naming.map_or(&[][..], Vec::as_slice)
    };
    let mut skip = Vec::new();
    for refs in missing {
        let mut refs = refs.clone();
        if let Some(last) = refs.last_mut() {
            let (commit, part) = last.split_at(last.find('/').unwrap_or(last.len()));
            if let Some(new) = followed.successor(commit) {
                *last = format!("{}{part}", &new[..7]);
            }
        }
        let mut exact = refs.last().into_iter().flat_map(naming);
        let exact = exact.find(|e| e.line.refs.last() == refs.last());
        let entry = exact.copied().or_else(|| {
            // Amended or rebased meanwhile: the issue or spec still tells, if it tells one entry.
            let mut candidates = refs.iter().flat_map(naming);
            let first = *candidates.next()?;
            candidates
                .all(|other| std::ptr::eq(*other, first))
                .then_some(first)
        });
        let Some(entry) = entry else { continue };
        let own = entry.line.refs.iter().find(|one| naming(one).len() == 1);
        skip.extend(own.or(entry.line.refs.last()).cloned());
    }
    skip.sort();
    skip.dedup();
    skip
}

/// How many are told for the same kind of reason, most first.
pub fn by_reason(told: &[Told]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for one in told {
        let reason = match one.reason.as_str() {
            reason if reason.starts_with("spec ") && reason.ends_with(" is cancelled") => {
                "their spec is cancelled"
            }
            reason if reason.starts_with("spec ") => "commits of a completed spec",
            reason if reason.ends_with(", the same spec") => "further commits of one spec",
            reason if reason.starts_with("its driver ") => "members of a spec that speaks for them",
            reason if reason.starts_with("reverted by ") => "reverted before they were released",
            reason if reason.starts_with("the same change as ") => "cherry-picks of another entry",
            reason => reason,
        };
        match counts.iter_mut().find(|(known, _)| known == reason) {
            Some((_, count)) => *count += 1,
            None => counts.push((reason.to_owned(), 1)),
        }
    }
    order::by(&mut counts, |a, b| {
        b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0))
    });
    counts
}
