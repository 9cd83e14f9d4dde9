//! Commits that are not entries of their own, and the reasons.

use std::collections::{HashMap, HashSet};

use crate::domain::commit::bookkeeping::{self, Bookkeeping};
use crate::domain::commit::message::{Commit, LabelWord, Message, Reading};
use crate::domain::commit::touched;
use crate::domain::entry::gathering::Gathering;
use crate::domain::entry::kind::Meaning;
use crate::domain::entry::lineage::Twins;
use crate::domain::entry::reason::{Reason, Twin};
use crate::domain::entry::specs::Speaking;
use crate::domain::text::inert;

/// The destination of a commit that is not an entry of its own.
pub(super) enum Aside {
    /// The change is listed elsewhere.
    Covered(Reason),
    LeftOut(Reason),
    /// It belongs to other components, for this reason.
    Outside(Reason),
    /// A merge without a change of its own, which is not even listed as an omission.
    Join,
}

/// Data about all commits for the decision about one of them.
pub(super) struct Around<'s> {
    speaking: &'s Speaking,
    twins: Twins,
    /// Merges into which someone wrote a change.
    merges: HashSet<usize>,
    /// The merge whose entry replaces that of each commit, and its weight.
    merged: HashMap<usize, (usize, u8)>,
}

impl<'a> Gathering<'a> {
    pub(super) fn around<'s>(&self, speaking: &'s Speaking) -> Around<'s> {
        let merges = self.telling_merges();
        Around {
            speaking,
            twins: self.lineage.twins(),
            merged: self.merged_by(&merges),
            merges,
        }
    }

    /// The destination of a commit; `None` if it is an entry of its own.
    pub(super) fn aside(&self, index: usize, around: &Around<'_>) -> Option<Aside> {
        let commit = &self.input.commits[index];
        let outside = || self.not_of(|component| component.has(commit));
        if commit.is_merge() && !around.merges.contains(&index) {
            return Some(if has_own_title(commit) && outside().is_none() {
                Aside::Covered(Reason::BroughtCommits)
            } else {
                Aside::Join
            });
        }
        if let Some(why) = outside() {
            return Some(Aside::Outside(why));
        }
        if let Some(by) = self.speaker(index, around.speaking) {
            return Some(Aside::Covered(by));
        }
        if let Some(id) = around.speaking.cancelled_commits.get(&index) {
            return Some(Aside::LeftOut(Reason::SpecCancelled(id.clone())));
        }
        let why_not = self.why_not(index, around.speaking);
        if let Some(reason) = why_not.or_else(|| self.same_change(index, around)) {
            return Some(Aside::LeftOut(reason));
        }
        if self.is_covered_by_hand(index) {
            return Some(Aside::Covered(Reason::HandWritten));
        }
        if self.input.specs_only && !self.says_news(&commit.message) {
            return Some(Aside::LeftOut(Reason::NoFragment));
        }
        let (merge, weight) = around.merged.get(&index)?;
        let merge = &self.input.commits[*merge];
        if merge.message.changelog.as_deref() == Some("skip") {
            return Some(Aside::LeftOut(Reason::MergeChangelogSkip(merge.id)));
        }
        let is_less = weighs(self.meaning_of(commit)) <= *weight;
        is_less.then_some(Aside::Covered(Reason::Merge(merge.id)))
    }

    /// Whether a message itself marks its change as news, whatever other commits of the project are.
    fn says_news(&self, message: &Message) -> bool {
        speaks_for_brought(message) || !message.specs.is_empty() || self.breaks(message)
    }

    /// Merges into which someone wrote a change: by a trailer, or by a conventional subject or a footer that weighs more than every commit
    /// that they brought.
    fn telling_merges(&self) -> HashSet<usize> {
        let commits = self.input.commits;
        let tells = |merge: &usize| {
            let commit = &commits[*merge];
            let (own, titled) = (speaks_for_brought(&commit.message), has_own_title(commit));
            let is_outside = || self.not_of(|component| component.has(commit)).is_some();
            if !commit.is_merge() || !(own || titled) || is_outside() {
                return false;
            }
            let brought = self.lineage.brought(*merge);
            let is_undone = !brought.is_empty() && brought.iter().all(|at| self.gone[*at]);
            let weights = brought
                .iter()
                .map(|at| weighs(self.meaning_of(&commits[*at])));
            let (most, weight) = (weights.max(), Some(weighs(self.meaning_of(commit))));
            // Only the merge says what users have to do.
            let has_migration = |at: &usize| commits[*at].message.migration.is_some();
            let adds_migration =
                has_migration(merge) && !brought.iter().any(has_migration) && most <= weight;
            !is_undone && (own || most < weight || adds_migration)
        };
        (0..commits.len()).filter(tells).collect()
    }

    /// The merge whose entry replaces that of each commit, and its weight. A merge with a trailer replaces everything that it brought, any
    /// other merge only the commits that have its title.
    fn merged_by(&self, merges: &HashSet<usize>) -> HashMap<usize, (usize, u8)> {
        let commits = self.input.commits;
        let brought = merges.iter().flat_map(|merge| {
            let message = &commits[*merge].message;
            let weight = weighs(self.meaning_of(&commits[*merge]));
            let speaks = move |at: &usize| {
                speaks_for_brought(message) || says_the_same(message, &commits[*at].message)
            };
            let brought = self.lineage.brought(*merge).into_iter().filter(speaks);
            brought.map(move |at| (at, (*merge, weight)))
        });
        brought.collect()
    }

    /// The spec whose entries replace that of a commit: one that lists it or that it names, or the driver of such a spec.
    fn speaker(&self, index: usize, speaking: &Speaking) -> Option<Reason> {
        let by_name = |id: &String| {
            let driver = || {
                let sources = self.input.sources.iter().filter_map(|s| s.driver.as_ref());
                let mut drivers = sources.filter_map(|pattern| pattern.first(id));
                let is_known = self.lookup.spec(id).is_some();
                drivers.find_map(|id| speaking.by_spec.get(id).filter(|_| !is_known))
            };
            speaking.by_spec.get(id).or_else(driver)
        };
        let named = || {
            self.input.commits[index]
                .message
                .specs
                .iter()
                .find_map(by_name)
        };
        speaking.by_commit.get(&index).or_else(named).cloned()
    }

    /// The reason why a commit is not an entry, whatever its category.
    fn why_not(&self, index: usize, speaking: &Speaking) -> Option<Reason> {
        let message = &self.input.commits[index].message;
        if message.subject.is_empty() {
            return Some(Reason::NoMessage);
        }
        if message.is_fixup() {
            return Some(Reason::Fixup);
        }
        if message.changelog.as_deref() == Some("skip") {
            return Some(Reason::ChangelogSkip);
        }
        if message.label == Some(LabelWord::Hides) {
            return Some(Reason::LabelHides);
        }
        if message
            .note
            .as_deref()
            .is_some_and(|note| note.eq_ignore_ascii_case("none"))
        {
            return Some(Reason::ReleaseNoteNone);
        }
        if message.is_release() {
            return Some(Reason::Bookkeeping(Bookkeeping::Release));
        }
        if message
            .reverts_subject
            .as_deref()
            .is_some_and(reverts_release)
            || (message.is_revert() && quoted(&message.subject).is_some_and(reverts_release))
        {
            return Some(Reason::RevertsRelease);
        }
        let mut specs = message.specs.iter();
        if let Some(id) = specs.find(|id| speaking.cancelled.contains(*id)) {
            return Some(Reason::SpecCancelled(id.clone()));
        }
        if message.noise {
            return Some(Reason::SpecBookkeeping);
        }
        if self.input.rules.is_of_changelog(&self.input.commits[index]) {
            return Some(Reason::ChangelogOnly);
        }
        if self.of_specs[index] {
            return Some(Reason::SpecsOnly);
        }
        if let Some(reason) = bookkeeping(&self.input.commits[index]) {
            return Some(reason);
        }
        if let Some(reason) = self.input.rules.filtered(&self.input.commits[index]) {
            return Some(reason);
        }
        self.is_skipped_by_hand(index)
            .then_some(Reason::SkippedByHand)
    }

    /// The commit that is the same change and is listed instead, here or in a release.
    fn same_change(&self, index: usize, around: &Around<'_>) -> Option<Reason> {
        if let Some(other) = self.released.get(&index) {
            let tag = self.input.previous.map(inert::inline);
            let is_itself = *other == self.input.commits[index].id;
            return Some(if is_itself {
                Reason::Released(tag)
            } else {
                Reason::InRelease(*other, tag)
            });
        }
        if let Some(original) = self.lineage.original(index, &self.gone) {
            let original = self.input.commits[original].id;
            return Some(Reason::SameChange(original, Twin::CherryPicked));
        }
        let twin = self.lineage.twin(index, &around.twins, &self.gone)?;
        Some(Reason::SameChange(twin.id, Twin::OnAnotherBranch))
    }

    fn is_skipped_by_hand(&self, index: usize) -> bool {
        let commit = &self.input.commits[index];
        let skipped = self.input.skipped;
        skipped.commit(commit.id)
            || self
                .lineage
                .issues(index)
                .iter()
                .any(|issue| skipped.issue(issue))
            || commit.message.specs.iter().any(|id| skipped.word(id))
    }

    fn is_covered_by_hand(&self, index: usize) -> bool {
        let commit = &self.input.commits[index];
        self.named.commit(commit.id)
            || self
                .lineage
                .issues(index)
                .iter()
                .any(|issue| self.named.issue(issue))
            || commit.message.specs.iter().any(|id| self.named.word(id))
    }
}

/// The reason why a title describes no change. A trailer that names a change overrides it.
fn bookkeeping(commit: &Commit) -> Option<Reason> {
    let message = &commit.message;
    if message.changelog.is_some() || message.note.is_some() || !message.specs.is_empty() {
        return None;
    }
    // `Update README.md` for a commit that changes nothing else is a forge's own title.
    let edits_document = || {
        let file = bookkeeping::edited_file(&message.description)?.to_lowercase();
        let is_it = |path: &String| path.to_lowercase().ends_with(&file);
        let is_alone = commit.paths.len() == 1 && commit.paths.iter().all(is_it);
        let is_plain = message.kind.is_none() && !message.breaking && message.parts.is_empty();
        (is_alone && is_plain && touched::is_beside_source(&commit.paths[0]))
            .then_some(Bookkeeping::Noise)
    };
    let what = message.bookkeeping.or_else(edits_document)?;
    Some(Reason::Bookkeeping(what))
}

/// The subject in `Revert "subject"`.
fn quoted(subject: &str) -> Option<&str> {
    subject.strip_prefix("Revert \"")?.strip_suffix('"')
}

/// Whether a subject is that of a commit that cut a release.
fn reverts_release(subject: &str) -> bool {
    Message::read(subject, &[], &Reading::default()).is_release()
}

/// Whether a merge has a text for everything that it brought.
fn speaks_for_brought(message: &Message) -> bool {
    message.note.is_some() || message.changelog.is_some()
}

/// Whether a merge has the title of a commit that it brought, apart from the type.
fn says_the_same(merge: &Message, brought: &Message) -> bool {
    let (own, its) = (
        merge.description.to_lowercase(),
        brought.description.to_lowercase(),
    );
    !own.is_empty() && own == its && merge.scope == brought.scope
}

/// Whether someone wrote a change into a merge.
fn has_own_title(commit: &Commit) -> bool {
    commit.message.kind.is_some() || commit.message.migration.is_some()
}

/// The weight of a change for the next version.
pub(super) fn weighs(meaning: Meaning) -> u8 {
    match meaning {
        Meaning::Breaking => 3,
        Meaning::Added | Meaning::Deprecated | Meaning::Removed => 2,
        Meaning::Documentation | Meaning::Internal | Meaning::Hide => 0,
        _ => 1,
    }
}
