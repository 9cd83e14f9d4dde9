//! Conversion of specs to entries, which replace those of their commits.

use std::collections::{HashMap, HashSet};

use crate::domain::commit::id::CommitId;
use crate::domain::entry::gathering::{Change, Gathering};
use crate::domain::entry::kind::Kind;
use crate::domain::entry::lineage::Lineage;
use crate::domain::entry::lookup::{BelongingCommit, Lookup};
use crate::domain::entry::model::{Input, Omission, Origin};
use crate::domain::entry::raise::{Evidence, Weighed};
use crate::domain::entry::reason::Reason;
use crate::domain::entry::wording::Said;
use crate::domain::order;
use crate::domain::release::selection::Wait;
use crate::domain::spec::limit;
use crate::domain::spec::notes::Note;
use crate::domain::spec::ownership::OwnedBy;
use crate::domain::spec::parts::tells_migration;
use crate::domain::spec::source::Source;
use crate::domain::spec::{Spec, Status};
use crate::domain::text::{inert, words};

/// Maximum length of a listed title, in characters.
const TITLE: usize = 200;

/// The spec whose entries replace a commit. Such specs are entries themselves or superseded by one.
#[derive(Default)]
pub struct Speaking {
    pub by_spec: HashMap<String, Reason>,
    pub by_commit: HashMap<usize, Reason>,
    pub cancelled: HashSet<String>,
    /// The fragment that a commit brought, or that came with the same pull request.
    by_fragment: HashMap<usize, String>,
    /// The cancelled spec that lists a commit.
    pub cancelled_commits: HashMap<usize, String>,
}

impl Speaking {
    /// Records that the entries of `speaker` replace those of a spec and its commits. A commit that names its spec belongs to that one,
    /// whatever is inferred.
    fn add(&mut self, spec: &Spec, speaker: &str, commits: Vec<BelongingCommit>) {
        for (at, rule) in commits {
            let by = Reason::CommitOfSpec(speaker.to_owned(), rule);
            match rule {
                None => drop(self.by_commit.insert(at, by)),
                Some(_) => drop(self.by_commit.entry(at).or_insert(by)),
            }
        }
        let by = Reason::CommitOfSpec(speaker.to_owned(), None);
        self.by_spec.insert(spec.id.clone(), by);
    }
}

/// The issues of each spec: its own, else the pull request that brought its file.
pub fn issues<'a>(
    input: &Input<'a>,
    lineage: &Lineage<'_>,
    lookup: &Lookup<'_>,
) -> HashMap<&'a str, Vec<String>> {
    let of = |spec: &'a Spec| {
        let source = input.sources.iter().find(|s| s.name == spec.source);
        let asks = source.is_some_and(|s| s.owns.has(OwnedBy::PullRequest));
        if !asks || !spec.issues.is_empty() {
            return (spec.id.as_str(), spec.issues.clone());
        }
        // Children come before parents: the last one created the file.
        let made = lookup.touching(&spec.path).last();
        let pull = made.and_then(|at| lineage.pull(*at));
        (
            spec.id.as_str(),
            pull.map(|(pull, _)| pull.to_owned()).into_iter().collect(),
        )
    };
    input.specs.iter().map(of).collect()
}

/// Number of specs with a text for each issue.
pub fn telling(input: &Input<'_>, issues: &HashMap<&str, Vec<String>>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for spec in input.specs.iter().filter(|spec| tells(spec)) {
        let own: HashSet<&String> = issues[spec.id.as_str()].iter().collect();
        for issue in own {
            *counts.entry(issue.clone()).or_default() += 1;
        }
    }
    counts
}

fn tells(spec: &Spec) -> bool {
    spec.status == Status::Completed && !spec.is_silent
}

impl Gathering<'_> {
    pub fn specs(&mut self) -> Speaking {
        let mut specs: Vec<&Spec> = self.input.specs.iter().collect();
        order::by(&mut specs, |a, b| a.id.cmp(&b.id));
        let mut speaking = Speaking {
            by_fragment: self.brought_fragments(&specs),
            ..Speaking::default()
        };
        let drivers: HashSet<&str> = specs.iter().filter_map(|s| s.driver.as_deref()).collect();
        for spec in &specs {
            match spec.status {
                Status::Open => {}
                Status::Cancelled => self.cancelled_spec(spec, &mut speaking),
                Status::Completed => {
                    let is_driver = drivers.contains(spec.id.as_str());
                    self.completed_spec(spec, is_driver, &mut speaking);
                }
            }
        }
        speaking
    }

    fn cancelled_spec(&mut self, spec: &Spec, speaking: &mut Speaking) {
        speaking.cancelled.insert(spec.id.clone());
        let listed = spec.commits.iter().filter_map(|id| self.lineage.find(id));
        let listed = listed.map(|at| (at, spec.id.clone()));
        speaking.cancelled_commits.extend(listed);
        self.spec_out(spec, Reason::Cancelled);
    }

    fn completed_spec(&mut self, spec: &Spec, is_driver: bool, speaking: &mut Speaking) {
        if self.input.released_specs.contains(&spec.id) {
            self.spec_out(spec, Reason::SpecReleased);
            return;
        }
        if spec.is_release() {
            self.spec_out(spec, Reason::PreparesRelease);
            let by = Reason::CommitOfReleaseSpec;
            speaking.by_spec.insert(spec.id.clone(), by);
            return;
        }
        let own = self.own_commits(spec).to_vec();
        if let Some(outside) = self.spec_outside(spec, &own) {
            self.out.outside.push(omission(spec, outside));
            return;
        }
        if let Some(by) = self.took_back(&own) {
            self.spec_out(spec, Reason::RevertedBy(by));
            return;
        }
        let silence = spec.is_silent.then_some(Reason::NothingToTell);
        // A hand-written entry is listed, even if its spec waits.
        let wait = self.wait(spec).filter(|_| !self.is_named(spec));
        if let Some(why) = wait.map(Reason::Waits).or(silence) {
            self.spec_out(spec, why);
            speaking.add(spec, &spec.id, own);
            return;
        }
        if let Some(fragment) = self.fragment_of(spec, &own, speaking) {
            self.cover_spec(spec, Reason::Fragment(fragment.clone()));
            speaking.add(spec, &fragment, own);
            return;
        }
        let driver = spec.driver.as_deref().and_then(|id| self.lookup.spec(id));
        match driver.map(|driver| (driver, driver.status)) {
            Some((driver, Status::Completed)) if !driver.notes.is_empty() => {
                self.spec_of_driver(spec, driver);
                speaking.add(spec, &driver.id, own);
                return;
            }
            Some((driver, Status::Open)) => {
                let reason = Reason::MemberOfOpen(driver.id.clone());
                self.out.unfinished.push(omission(spec, reason));
            }
            _ => {}
        }
        if is_driver && spec.notes.is_empty() {
            self.spec_out(spec, Reason::MembersListed);
            return;
        }
        if self.is_skipped(spec) {
            self.spec_out(spec, Reason::SkippedByHand);
        } else if self.is_named(spec) {
            self.cover_spec(spec, Reason::HandWritten);
        } else {
            self.spec_entries(spec);
        }
        speaking.add(spec, &spec.id, own);
    }

    /// The fragment that came with the commits of a spec. If a project uses a tool for fragments and one for specs, the text for users is
    /// the fragment's. A breaking change stays.
    fn fragment_of(
        &self,
        spec: &Spec,
        own: &[BelongingCommit],
        speaking: &Speaking,
    ) -> Option<String> {
        let mut brought = own
            .iter()
            .filter_map(|(at, _)| speaking.by_fragment.get(at));
        let is_own = spec.is_breaking() || self.is_fragment(spec);
        brought
            .next()
            .filter(|id| **id != spec.id && !is_own)
            .cloned()
    }

    /// Whether a spec is a fragment file for the pull request that brings it.
    fn is_fragment(&self, spec: &Spec) -> bool {
        let source = self.source_of(spec);
        source.is_some_and(Source::is_of_fragments)
    }

    /// The new fragments, by the commits that belong to them.
    fn brought_fragments(&self, specs: &[&Spec]) -> HashMap<usize, String> {
        let is_news = |spec: &&&Spec| {
            tells(spec) && self.is_fragment(spec) && !self.input.released_specs.contains(&spec.id)
        };
        let fragments = specs.iter().filter(is_news);
        let brought = fragments.flat_map(|spec| {
            let own = self.own_commits(spec).iter();
            own.map(|(at, _)| (*at, spec.id.clone()))
        });
        brought.collect()
    }

    /// A spec whose driver has notes: they replace its own.
    fn spec_of_driver(&mut self, spec: &Spec, driver: &Spec) {
        self.cover_spec(spec, Reason::Driver(driver.id.clone()));
        // A breaking change weighs more than the driver's notes.
        if !driver.is_breaking() && !driver.notes.iter().any(|note| note.breaking) {
            self.breaking_notes(spec);
        }
    }

    /// The reason why a spec does not belong to the component: no declaration of the spec or its members, and no commit of theirs, assigns
    /// it there.
    fn spec_outside(&self, spec: &Spec, own: &[BelongingCommit]) -> Option<Reason> {
        let commits = self.input.commits;
        // Its commits are released, the spec is not.
        if self.input.selection.held_back.contains(&spec.id) {
            return None;
        }
        self.not_of(|component| {
            let has = |(at, _): &BelongingCommit| component.has(&commits[*at]);
            let mut members = self.lookup.members(&spec.id);
            if !spec.packages.is_empty() || component.is_one_told(spec) {
                return component.is_told_by(spec);
            }
            component.is_told_by(spec)
                || own.iter().any(has)
                || members.any(|m| component.is_told_by(m) || self.own_commits(m).iter().any(has))
        })
    }

    /// The revert that undid all of a spec's `own` unreleased commits.
    fn took_back(&self, own: &[BelongingCommit]) -> Option<CommitId> {
        let is_noise = |at: &usize| {
            let commit = &self.input.commits[*at];
            commit.message.noise || commit.is_merge() || self.of_specs[*at]
        };
        let own = own.iter().map(|(at, _)| *at);
        let own: Vec<usize> = own.filter(|at| !is_noise(at)).collect();
        let all_gone = !own.is_empty() && own.iter().all(|at| self.gone[*at]);
        let by = own.iter().find_map(|at| self.reverted_by.get(at))?;
        all_gone.then_some(*by)
    }

    fn wait(&self, spec: &Spec) -> Option<Wait> {
        if self.input.held.word(&spec.id) {
            return Some(Wait::Comment);
        }
        self.input.selection.waiting.get(&spec.id).cloned()
    }

    fn is_skipped(&self, spec: &Spec) -> bool {
        let skipped = self.input.skipped;
        skipped.word(&spec.id)
            || self.issues[spec.id.as_str()]
                .iter()
                .any(|issue| skipped.issue(issue))
    }

    fn is_named(&self, spec: &Spec) -> bool {
        self.named.word(&spec.id)
            || self.issues[spec.id.as_str()]
                .iter()
                .any(|issue| self.named.issue(issue))
    }

    fn spec_out(&mut self, spec: &Spec, reason: Reason) {
        self.out.left_out.push(omission(spec, reason));
    }

    fn cover_spec(&mut self, spec: &Spec, by: Reason) {
        self.out.covered.push(omission(spec, by));
    }

    /// Lists the changes of a completed spec, or records why they are not listed.
    fn spec_entries(&mut self, spec: &Spec) {
        let Some(kind) = self.kind_of_spec(spec) else {
            self.spec_out(spec, Reason::KindHidden);
            return;
        };
        if !spec.notes.is_empty() {
            self.spec_notes(spec, kind);
            return;
        }
        let breaking = spec.is_breaking() || self.is_broken_by_commits(spec);
        let Some(category) =
            self.input
                .rules
                .categories
                .for_change(kind, breaking, self.word(spec))
        else {
            self.spec_out(spec, Reason::KindNotListed(kind.word()));
            return;
        };
        // The category already shows that word.
        let named = Kind::leading(&spec.title).filter(|_| spec.has_kind);
        let title = named.map_or(spec.title.as_str(), |(_, rest)| rest);
        let whole = title;
        let mut title = inert::title(whole, TITLE);
        if whole.chars().count() > TITLE {
            self.cut(spec, "title", whole, &title);
        }
        let migration = self.migration_of(spec).filter(|_| breaking);
        if let Some(migration) = &migration {
            title = format!("{title}\n\n{migration}");
        }
        self.push(Change {
            said: Said {
                text: &title,
                shown: self.shown(spec, &spec.id),
                kind: Some(kind),
                breaking,
                ..Said::default()
            },
            category: category.to_owned(),
            kind,
            breaking,
            raise: self.raise_of(spec, kind, breaking),
            refs: self.refs(spec, &spec.id),
            has_migration: migration.is_some(),
            source: Origin::Spec,
            for_users: false,
            is_fragment: false,
        });
    }

    pub fn spec_notes(&mut self, spec: &Spec, kind: Kind) {
        let several = spec.notes.len() > 1;
        for (name, note) in names_of(&spec.notes).into_iter().zip(&spec.notes) {
            if !several {
                self.spec_note(spec, note, kind, spec.id.clone(), Share::Whole);
                continue;
            }
            let reference = format!("{}/{name}", spec.id);
            let because = |reason| Omission {
                reference: reference.clone(),
                subject: words::shortened(note.text.lines().next().unwrap_or(""), 200),
                reason,
            };
            if self.named.word(&reference) {
                self.out.covered.push(because(Reason::HandWritten));
            } else if self.input.skipped.word(&reference) {
                self.out.left_out.push(because(Reason::SkippedByHand));
            } else {
                self.spec_note(spec, note, kind, reference, Share::Part);
            }
        }
    }

    /// Lists the breaking notes of a spec as entries.
    fn breaking_notes(&mut self, spec: &Spec) {
        let kind = self.kind_of_spec(spec).unwrap_or(Kind::Changed);
        let breaks = |note: &&Note| note.breaking || spec.is_breaking();
        for note in spec.notes.iter().filter(breaks) {
            self.spec_note(spec, note, kind, spec.id.clone(), Share::Whole);
        }
    }

    fn spec_note(&mut self, spec: &Spec, note: &Note, own: Kind, reference: String, share: Share) {
        let categories = &self.input.rules.categories;
        let is_first = spec.notes.first() == Some(note);
        let by_commits = is_first && !spec.is_breaking() && self.is_broken_by_commits(spec);
        let breaking = note.breaking || by_commits || (spec.is_breaking() && share == Share::Whole);
        let kind = note.kind.unwrap_or(own);
        let word = match &note.word {
            Some(word) => Some(word.as_str()).filter(|word| categories.lists(word)),
            None => self.word(spec).filter(|_| note.kind.is_none()),
        };
        // Someone wrote release notes for it, so users should read them.
        let kind = match categories.for_change(kind, breaking, word) {
            None => Kind::Changed,
            Some(_) => kind,
        };
        let category = categories
            .for_change(kind, breaking, word)
            .unwrap_or("Changed");
        let limit = self.source_of(spec).and_then(|source| source.limit);
        let cut = limit.and_then(|limit| limit::within(&note.text, limit));
        if let Some(cut) = &cut {
            self.cut(spec, "text", &note.text, cut);
        }
        let mut text = cut.unwrap_or_else(|| note.text.clone());
        let mut has_migration = tells_migration(&text);
        if breaking
            && !has_migration
            && let Some(migration) = self.migration_of(spec)
        {
            text = format!("{text}\n\n{migration}");
            has_migration = true;
        }
        self.push(Change {
            said: Said {
                text: &text,
                as_written: true,
                shown: self.shown(spec, &reference),
                kind: Some(kind),
                breaking,
                ..Said::default()
            },
            category: category.to_owned(),
            kind,
            breaking,
            raise: match note.kind {
                Some(_) => {
                    let declared = Weighed::by(Evidence::Declared, None, kind, breaking);
                    self.input.rules.bumps.raise(declared)
                }
                None => self.raise_of(spec, kind, breaking),
            },
            refs: self.refs(spec, &reference),
            has_migration,
            source: Origin::Spec,
            for_users: true,
            is_fragment: share == Share::Whole && self.is_fragment(spec),
        });
    }

    /// Adds a remark that a part of a spec is not listed.
    fn cut(&mut self, spec: &Spec, what: &str, whole: &str, listed: &str) {
        let (listed, whole) = (listed.chars().count(), whole.chars().count());
        self.out.remarks.push(format!(
            "spec {}: {listed} of {whole} characters of its {what} are listed",
            spec.id
        ));
    }

    fn refs(&self, spec: &Spec, reference: &str) -> Vec<String> {
        let mut refs = self.issues[spec.id.as_str()].clone();
        refs.push(reference.to_owned());
        refs
    }

    /// The text about what users have to do, from the commits of a spec.
    fn migration_of(&self, spec: &Spec) -> Option<String> {
        let own = self.own_commits(spec).iter();
        let said = own.filter_map(|(at, _)| self.input.commits[*at].message.migration.as_deref());
        let mut texts: Vec<String> = Vec::new();
        for text in said.map(inert::block) {
            if !text.is_empty() && !texts.contains(&text) {
                texts.push(text);
            }
        }
        (!texts.is_empty()).then(|| texts.join("\n\n"))
    }

    /// The references of a spec in its line: its issues, and its ID unless the issues belong to this spec alone.
    fn shown(&self, spec: &Spec, reference: &str) -> Vec<String> {
        let issues = &self.issues[spec.id.as_str()];
        let mut shown = issues.clone();
        let own = usize::from(tells(spec));
        let tellers = |issue: &String| self.telling.get(issue).copied().unwrap_or(0);
        let is_shared = issues.iter().any(|issue| tellers(issue) > own);
        if shown.is_empty() || is_shared || reference != spec.id {
            shown.push(reference.to_owned());
        }
        shown
    }
}

/// The part of its spec that a note lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    /// The whole spec: if the spec is breaking, so is this note.
    Whole,
    /// One of several notes, each with a kind of its own.
    Part,
}

/// Names of the notes of a spec, made from their first words. Another note above or below does not change them.
fn names_of(notes: &[Note]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (number, note) in (1..).zip(notes) {
        let first = note.text.lines().next().unwrap_or("").to_lowercase();
        let words = first
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let words: Vec<String> = words
            .take(3)
            .map(|word| word.chars().take(16).collect())
            .collect();
        let name = match words.as_slice() {
            [] => number.to_string(),
            words => words.join("-"),
        };
        let count = names
            .iter()
            .filter(|known| **known == name || known.starts_with(&format!("{name}-~")))
            .count();
        names.push(match count {
            0 => name,
            count => format!("{name}-~{}", count + 1),
        });
    }
    names
}

fn omission(spec: &Spec, reason: Reason) -> Omission {
    Omission {
        reference: spec.id.clone(),
        subject: inert::inline(&spec.title),
        reason,
    }
}
