//! What `status` knows, before it is put into words.

use serde::Serialize;
use serde_json::json;

use crate::config::Storage;
use crate::domain::commit::message::Commit;
use crate::domain::entry::model::{Omission, Origin};
use crate::domain::entry::reason::Reason;
use crate::domain::failure::{Exit, Result};
use crate::domain::order;
use crate::domain::release::check::{Check, Outcome};
use crate::domain::release::previous::Why;
use crate::domain::spec::{Spec, Status, changesets};
use crate::domain::text::{inert, terminal};
use crate::history::queue;
use crate::history::range::History;
use crate::history::revisions::CommitRange;
use crate::install::hooks;
use crate::project::reach::Reach;
use crate::project::{Project, wiring};
use crate::release::next_version::Outlook;
use crate::release::proposal::Next;
use crate::release::request::Wanted;
use crate::release::{elsewhere, lost_release, plan, remote};
use crate::section::contents::SectionContents;
use crate::section::listed::{self, ListedEntry};
use crate::section::placed::PlacedSection;
use crate::section::stored::{self, EXPLANATION};
use crate::section::working_file::WorkingFile;
use crate::section::write;
use crate::sys::git::Head;
use crate::sys::registry;
use crate::transition;
use crate::watch::instance;

/// Everything that is said.
pub struct StatusFacts {
    pub blocks: Vec<ChangelogStatus>,
    /// What is outside of every component.
    pub homeless: Vec<Omission>,
    /// What was checked, if there is something to release.
    pub checks: Vec<Check>,
    /// `None` of a range.
    pub health: Option<Health>,
    /// The range, if the user gave one.
    pub range: Option<CommitRange>,
}

/// The checks of a release that need neither the remote nor a command of the configuration.
pub fn checks(
    project: &Project,
    head: &Head,
    looked: &[InspectedChangelog<'_>],
    warnings: &mut Vec<String>,
) -> Result<Vec<Check>> {
    let branch = remote::branch(head, None);
    let remote = remote::ask_remote(project, &branch, Reach::Offline);
    let wanted = Wanted {
        only_look: true,
        ..Wanted::default()
    };
    let read: Vec<&History> = looked.iter().map(InspectedChangelog::history).collect();
    match plan::decide(project, &wanted, head, &remote, &read) {
        Ok(planned) => {
            let made = planned.checks.all().iter();
            Ok(made
                .filter(|c| c.result != Outcome::Skipped)
                .cloned()
                .collect())
        }
        Err(failure) => {
            if failure.exit != Exit::Nothing {
                warnings.push(failure.to_string());
            }
            Ok(Vec::new())
        }
    }
}

/// One changelog, and what happened since its last release, or in a range.
pub struct InspectedChangelog<'p> {
    pub section: SectionContents,
    place: InspectedAt<'p>,
}

enum InspectedAt<'p> {
    WorkTree(Box<WorkingFile<'p>>),
    Range(Box<History>),
}

impl<'p> InspectedChangelog<'p> {
    pub fn at(project: &'p Project, head: Head) -> Result<InspectedChangelog<'p>> {
        let file = WorkingFile::read_at(project, head)?;
        let section = file.section()?;
        let place = InspectedAt::WorkTree(Box::new(file));
        Ok(InspectedChangelog { section, place })
    }

    pub fn between(project: &'p Project, range: &CommitRange) -> Result<InspectedChangelog<'p>> {
        let PlacedSection { history, section } = PlacedSection::between(project, range)?;
        let place = InspectedAt::Range(Box::new(history));
        Ok(InspectedChangelog { section, place })
    }

    pub fn history(&self) -> &History {
        match &self.place {
            InspectedAt::WorkTree(file) => &file.history,
            InspectedAt::Range(history) => history,
        }
    }

    /// Whether the file is as it should be; `None` of a range.
    fn freshness(&self, project: &Project) -> Result<Option<Freshness>> {
        let InspectedAt::WorkTree(file) = &self.place else {
            return Ok(None);
        };
        Ok(Some(match &file.present {
            None => Freshness::Missing,
            Some(present) if write::is_current(project, &file.history, present, &self.section)? => {
                Freshness::Fresh
            }
            Some(_) => Freshness::Stale,
        }))
    }
}

/// What is said about one changelog.
pub struct ChangelogStatus {
    pub component: Option<String>,
    pub branch: Option<String>,
    /// Tag of the last release.
    pub last: Option<String>,
    /// Why that is the previous release, where HEAD cannot reach it.
    pub last_is_apart: Option<Why>,
    /// Versions of other branches whose sections are missing here.
    pub missing: Vec<String>,
    /// What it would be released as; a failure says why not.
    pub next: Result<Option<Next>>,
    /// The next version as this project writes it.
    pub written: Option<String>,
    /// By category, in the order of the section.
    pub entries: Vec<ListedEntry>,
    pub covered: Vec<Omission>,
    pub left_out: Vec<Omission>,
    pub unfinished: Vec<Omission>,
    /// What does not belong to the component.
    pub outside: Vec<Omission>,
    /// Specs that the next release may contain, by their state: completed ones first, those in progress, then others.
    pub specs: Vec<(String, Vec<NamedSpec>)>,
    pub changelog: String,
    /// `None` of a range.
    pub freshness: Option<Freshness>,
    /// How many commits were looked at.
    pub commits: usize,
    pub storage: Storage,
    pub is_pending: bool,
    /// IDs of all specs.
    pub ids: Vec<String>,
    pub warnings: Vec<String>,
}

/// A spec in a list.
#[derive(Debug, Clone, Serialize)]
pub struct NamedSpec {
    pub id: String,
    pub title: String,
}

/// Whether a changelog's file is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    Stale,
    Missing,
}

/// What is outside of every component.
pub fn homeless(blocks: &[ChangelogStatus]) -> Vec<Omission> {
    let Some((first, others)) = blocks.split_first() else {
        return Vec::new();
    };
    let is_there = |block: &ChangelogStatus, reference: &str| {
        let mut outside = block.outside.iter();
        outside.any(|omission| omission.reference == reference)
    };
    let in_all = |omission: &&Omission| {
        let mut others = others.iter();
        others.all(|block| is_there(block, &omission.reference))
    };
    let homeless = first.outside.iter().filter(in_all);
    let homeless = homeless.map(|omission| Omission {
        reason: Reason::NoComponent,
        ..omission.clone()
    });
    homeless.collect()
}

/// How the repository is set up.
pub struct Health {
    pub storage: Storage,
    pub running: usize,
    pub needed: usize,
    /// What to do if they differ.
    pub todo: Option<String>,
    pub filter: bool,
    pub driver: bool,
    pub watcher: Watching,
}

/// What the watcher does for this repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Watching {
    Running,
    /// The repository is on its list, but it does not run.
    Stopped,
    /// Nobody asked for it.
    Off,
}

impl Watching {
    /// As `--json` and `--porcelain` write it.
    pub fn word(self) -> &'static str {
        match self {
            Watching::Running => "running",
            Watching::Stopped => "stopped",
            Watching::Off => "off",
        }
    }

    pub fn look(project: &Project) -> Watching {
        let root = project.repo.root();
        let is_listed = registry::load().is_ok_and(|all| all.iter().any(|one| one == root));
        match is_listed {
            false => Watching::Off,
            true if matches!(instance::running(), Ok(Some(_))) => Watching::Running,
            true => Watching::Stopped,
        }
    }
}

impl Health {
    pub fn look(project: &Project) -> Health {
        Health {
            storage: project.config.storage,
            running: hooks::running(project).unwrap_or(0),
            needed: hooks::needed(project).len(),
            todo: hooks::todo(project).unwrap_or_default(),
            filter: wiring::filter_is_set(project),
            driver: wiring::driver_is_set(project),
            watcher: Watching::look(project),
        }
    }
}

/// What people should know of one changelog.
fn warnings(project: &Project, looked: &InspectedChangelog<'_>) -> Result<Vec<String>> {
    let (history, section) = (looked.history(), &looked.section);
    let name = &project.config.changelog;
    let mut warnings = history.warnings.clone();
    warnings.extend(misspelled(&history.commits));
    if let InspectedAt::Range(_) = looked.place {
        warnings.extend(section.gathered.remarks.iter().cloned());
        return Ok(warnings);
    }
    warnings.extend(lost_release::found(project, history, &section.doc)?);
    warnings.extend(write::trouble(section, name));
    warnings.extend(section.warnings(name));
    if project.is_ignored() && section.asks_for_release() {
        let component = project.name().unwrap_or_default();
        let file = changesets::FILE;
        warnings.push(format!(
            "{component} is not released: `ignore` of {file} names its package"
        ));
    }
    if project.config.storage == Storage::View {
        let stored = stored::kept(project, history, &section.doc)?.into_iter();
        warnings.extend(stored.map(|line| format!("{}: {} {EXPLANATION}", line.place, line.text)));
    }
    Ok(warnings)
}

impl ChangelogStatus {
    pub fn describe(
        project: &Project,
        looked: &InspectedChangelog<'_>,
        outlook: Outlook,
    ) -> Result<ChangelogStatus> {
        let (history, section) = (looked.history(), &looked.section);
        let name = &project.config.changelog;
        let gathered = &section.gathered;
        let freshness = looked.freshness(project)?;
        let next = outlook.next.as_ref().ok().and_then(Option::as_ref);
        let next = next.map(|next| &next.version);
        let missing = match freshness {
            Some(_) => elsewhere::missing(project, history, &section.doc, next)?,
            None => Vec::new(),
        };
        let missing = missing.into_iter();
        Ok(ChangelogStatus {
            missing: missing.map(|(_, tag)| tag.version.to_string()).collect(),
            component: project.name().map(str::to_owned),
            branch: history.head.branch.clone(),
            last: history.last.as_ref().map(|last| last.tag.name.clone()),
            last_is_apart: history
                .last
                .as_ref()
                .map(|last| last.why)
                .filter(|why| *why != Why::Reachable),
            written: match &outlook.next {
                Ok(Some(next)) => Some(history.tags.names.version(&next.version)),
                _ => None,
            },
            next: outlook.next,
            entries: listed::listed(project, section),
            covered: gathered.covered.clone(),
            left_out: gathered.left_out.clone(),
            unfinished: gathered.unfinished.clone(),
            outside: gathered.outside.clone(),
            specs: by_state(&history.own(project, gathered)),
            changelog: name.clone(),
            freshness,
            commits: history.commits.len(),
            storage: project.config.storage,
            is_pending: transition::pending(project).is_some(),
            ids: history.specs.iter().map(|spec| spec.id.clone()).collect(),
            warnings: warnings(project, looked)?,
        })
    }

    /// The next version, if there is one.
    pub fn next(&self) -> Option<&Next> {
        self.next.as_ref().ok().and_then(Option::as_ref)
    }

    /// Whether a spec of this ID is there.
    pub fn has_spec(&self, id: &str) -> bool {
        self.ids.iter().any(|own| own == id)
    }

    /// How many entries come from a source.
    pub fn count(&self, source: Option<Origin>) -> usize {
        self.entries.iter().filter(|e| e.source == source).count()
    }

    /// Number of entries that are written for developers.
    pub fn technical(&self) -> usize {
        self.entries.iter().filter(|e| !e.for_users).count()
    }

    pub fn json(&self, found: &StatusFacts) -> serde_json::Value {
        let generated: Vec<&ListedEntry> =
            self.entries.iter().filter(|e| e.source.is_some()).collect();
        let by_hand = self.entries.iter().filter(|e| e.source.is_none());
        let by_hand = by_hand.map(|e| json!({"category": e.category, "text": e.text}));
        let specs = self.specs.iter();
        let specs: Vec<_> = specs
            .map(|(state, specs)| json!({"state": state, "specs": specs}))
            .collect();
        let mut json = json!({
            "schema": 1,
            "branch": self.branch,
            "last": self.last,
            "last_because": self.last_is_apart.map(|why| why.to_string()),
            "missing_here": self.missing,
            "next": self.next().map(|next| json!({
                "version": self.written,
                "level": next.level.to_string(),
                "because": next.because,
                "remarks": next.remarks,
            })),
            "entries": generated,
            "by_hand": by_hand.collect::<Vec<_>>(),
            "covered": self.covered,
            "left_out": self.left_out,
            "unfinished": self.unfinished,
            "specs": specs,
        });
        if let Some(health) = &found.health {
            json["health"] = json!({"hooks": health.running, "storage": self.storage.word(), "filter": health.filter, "merge_driver": health.driver, "watcher": health.watcher, "fresh": self.freshness == Some(Freshness::Fresh), "pending_release": self.is_pending});
        }
        if let Some(range) = &found.range {
            json["range"] = json!({"from": range.from.to_string(), "to": range.to.to_string(), "commits": self.commits});
        }
        if self.component.is_some() {
            json["outside"] = json!(self.outside);
        }
        json
    }
}

const COMPLETED: &str = "completed";

const IN_PROGRESS: &str = "in progress";

/// The specs that are no release specs and that no release contains.
fn by_state(history: &History) -> Vec<(String, Vec<NamedSpec>)> {
    let mut states: Vec<(String, Vec<NamedSpec>)> = Vec::new();
    for spec in &history.specs {
        let Some(state) = state_of(history, spec) else {
            continue;
        };
        let named = NamedSpec {
            id: spec.id.clone(),
            title: inert::inline(&spec.title),
        };
        match states.iter_mut().find(|(known, _)| *known == state) {
            Some((_, specs)) => specs.push(named),
            None => states.push((state, vec![named])),
        }
    }
    let rank = |state: &str| match state {
        COMPLETED => 0,
        IN_PROGRESS => 1,
        _ => 2,
    };
    order::by(&mut states, |a, b| {
        (rank(&a.0), &a.0).cmp(&(rank(&b.0), &b.0))
    });
    for (_, specs) in &mut states {
        order::by(specs, |a, b| a.id.cmp(&b.id));
    }
    states
}

/// `completed`, or the status of an open spec in words; `open` if it has none.
fn state_of(history: &History, spec: &Spec) -> Option<String> {
    if queue::is_waiting(history, spec) {
        return Some(COMPLETED.to_owned());
    }
    if spec.status != Status::Open || spec.is_release() {
        return None;
    }
    let words = terminal::printable(&spec.status_word).to_lowercase();
    let words = words.replace(['_', '-'], " ");
    Some(match words.trim() {
        "" => "open".to_owned(),
        words => words.to_owned(),
    })
}

/// Commits that seem to say that they break something, in a footer that is not read.
fn misspelled(commits: &[Commit]) -> impl Iterator<Item = String> {
    let found = commits.iter().filter(|commit| commit.message.is_misspelled);
    found.take(3).map(|commit| {
        let commit = commit.short();
        format!("{commit} has a line such as `Breaking change:`, which is no footer; write `BREAKING CHANGE:`, or a note of your own")
    })
}
