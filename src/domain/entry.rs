//! From commits, specs and hand-written lines to the entries of a release, each change once.
//!
//! Coverage: a hand-written line beats a spec, a spec beats its commits. Whatever does not become an entry
//! is told with its reason; nothing disappears silently.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::changelog::view::Line;
use super::kind::{Kind, Preset};
use super::message::Commit;
use super::reference::Named;
use super::spec::{Spec, Status};
use super::text;

/// What to do with a commit whose message follows no convention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unconventional {
    /// List it by its first verb, else under Changed.
    #[default]
    List,
    /// Leave it out.
    Skip,
}

/// What a commit type means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypeRule {
    Added,
    Changed,
    Deprecated,
    Removed,
    Fixed,
    Security,
    Documentation,
    Internal,
    /// Never listed, unless breaking.
    Hide,
}

/// How changes are classified.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub preset: Preset,
    pub types: BTreeMap<String, TypeRule>,
    pub unconventional: Unconventional,
}

/// Everything the entries are made from.
#[derive(Debug)]
pub struct Input<'a> {
    /// Unreleased commits, children before parents.
    pub commits: &'a [Commit],
    pub specs: &'a [Spec],
    /// IDs of specs that an earlier release holds.
    pub released_specs: &'a HashSet<String>,
    /// What the hand-written lines name.
    pub named: &'a Named,
    /// What the skip comments name.
    pub skipped: &'a Named,
    pub rules: &'a Rules,
}

/// Where an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Commit,
    Spec,
}

/// One change in the next release.
#[derive(Debug, Clone)]
pub struct Entry {
    pub line: Line,
    pub kind: Kind,
    pub breaking: bool,
    /// A breaking change that tells its users what to do.
    pub has_migration: bool,
    pub source: Source,
}

/// A change that is not an entry of its own, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    pub reference: String,
    pub subject: String,
    pub reason: String,
}

/// The entries, what something else speaks for, and what is left out.
#[derive(Debug, Default)]
pub struct Gathered {
    pub entries: Vec<Entry>,
    pub covered: Vec<Told>,
    pub left_out: Vec<Told>,
}

/// Gathers the entries: specs by ID, then commits from the oldest to the newest.
pub fn gather(input: &Input<'_>) -> Gathered {
    let mut gathering = Gathering {
        input,
        out: Gathered::default(),
        by_id: input
            .commits
            .iter()
            .enumerate()
            .map(|(i, c)| (c.id.as_str(), i))
            .collect(),
        gone: vec![false; input.commits.len()],
        seen: HashMap::new(),
    };
    gathering.drop_reverted();
    let speaking = gathering.specs();
    gathering.commits(&speaking);
    gathering.out
}

/// Says which spec speaks for a commit: those that are entries or covered by one.
struct Speaking {
    by_spec: HashMap<String, String>,
    by_commit: HashMap<usize, String>,
    cancelled: HashSet<String>,
    cancelled_commits: HashSet<usize>,
}

struct Gathering<'a> {
    input: &'a Input<'a>,
    out: Gathered,
    by_id: HashMap<&'a str, usize>,
    gone: Vec<bool>,
    /// Entries by category and text, so that nothing is said twice.
    seen: HashMap<(String, String), usize>,
}

impl<'a> Gathering<'a> {
    fn find(&self, prefix: &str) -> Option<usize> {
        if let Some(index) = self.by_id.get(prefix) {
            return Some(*index);
        }
        (prefix.len() >= 7)
            .then(|| {
                self.input
                    .commits
                    .iter()
                    .position(|c| c.id.starts_with(prefix))
            })
            .flatten()
    }

    /// A revert and what it reverts vanish together when both are unreleased; newest first, so that a
    /// reverted revert brings its target back.
    fn drop_reverted(&mut self) {
        for (index, commit) in self.input.commits.iter().enumerate() {
            if self.gone[index] || !commit.message.is_revert() {
                continue;
            }
            let message = &commit.message;
            let mut targets: Vec<Option<usize>> =
                message.reverts.iter().map(|id| self.find(id)).collect();
            if targets.is_empty() {
                let older = &self.input.commits[index + 1..];
                targets.extend(message.reverts_issues.iter().map(|number| {
                    let at = older
                        .iter()
                        .position(|c| c.message.issues.contains(number))?;
                    Some(index + 1 + at)
                }));
            }
            let here: Vec<usize> = targets.iter().flatten().copied().collect();
            for target in &here {
                self.gone[*target] = true;
                let target = &self.input.commits[*target];
                self.leave_out(target, format!("reverted by {}", commit.short()));
            }
            if !here.is_empty() && here.len() == targets.len() {
                self.gone[index] = true;
                self.leave_out(commit, "reverts a change that is not released".into());
            }
        }
    }

    fn leave_out(&mut self, commit: &Commit, reason: String) {
        self.out.left_out.push(told(commit, reason));
    }

    fn specs(&mut self) -> Speaking {
        let mut specs: Vec<&Spec> = self.input.specs.iter().collect();
        specs.sort_by(|a, b| a.id.cmp(&b.id));
        let mut speaking = Speaking {
            by_spec: HashMap::new(),
            by_commit: HashMap::new(),
            cancelled: HashSet::new(),
            cancelled_commits: HashSet::new(),
        };
        let completed: HashMap<&str, &Spec> = specs
            .iter()
            .filter(|s| s.status == Status::Completed)
            .map(|s| (s.id.as_str(), *s))
            .collect();
        let drivers: HashSet<&str> = specs.iter().filter_map(|s| s.driver()).collect();
        for spec in &specs {
            match spec.status {
                Status::Open => continue,
                Status::Cancelled => {
                    speaking.cancelled.insert(spec.id.clone());
                    let listed = spec.commits.iter().filter_map(|id| self.find(id));
                    speaking.cancelled_commits.extend(listed);
                    self.spec_out(spec, "cancelled");
                    continue;
                }
                Status::Completed => {}
            }
            if self.input.released_specs.contains(&spec.id) {
                self.spec_out(spec, "completed in an earlier release");
                continue;
            }
            if spec.is_release() {
                self.spec_out(spec, "prepares a release");
                speaking
                    .by_spec
                    .insert(spec.id.clone(), "a release spec".into());
                continue;
            }
            let driver = spec.driver().and_then(|id| completed.get(id));
            let speaker = driver.filter(|driver| !driver.notes.is_empty());
            if let Some(driver) = speaker {
                self.cover_spec(spec, format!("its driver {}", driver.id));
                self.speak(&mut speaking, spec, &driver.id);
            } else if drivers.contains(spec.id.as_str()) && spec.notes.is_empty() {
                self.spec_out(spec, "its members speak for themselves");
            } else if self.input.skipped.word(&spec.id) {
                self.spec_out(spec, "skipped by hand");
                self.speak(&mut speaking, spec, &spec.id);
            } else if self.input.named.word(&spec.id) {
                self.cover_spec(spec, "a hand-written line".into());
                self.speak(&mut speaking, spec, &spec.id);
            } else if self.spec_entries(spec) {
                self.speak(&mut speaking, spec, &spec.id);
            }
        }
        speaking
    }

    fn speak(&self, speaking: &mut Speaking, spec: &Spec, speaker: &str) {
        let by = format!("spec {speaker}");
        speaking.by_spec.insert(spec.id.clone(), by.clone());
        for commit in &spec.commits {
            if let Some(index) = self.find(&commit.to_lowercase()) {
                speaking.by_commit.insert(index, by.clone());
            }
        }
    }

    fn spec_out(&mut self, spec: &Spec, reason: &str) {
        self.out.left_out.push(Told {
            reference: spec.id.clone(),
            subject: text::inline(&spec.title),
            reason: reason.to_owned(),
        });
    }

    fn cover_spec(&mut self, spec: &Spec, by: String) {
        self.out.covered.push(Told {
            reference: spec.id.clone(),
            subject: text::inline(&spec.title),
            reason: by,
        });
    }

    /// Lists what a completed spec tells. False if nothing of it is listed because its kind is not.
    fn spec_entries(&mut self, spec: &Spec) -> bool {
        let by_commit = || {
            let commits = self.input.commits.iter().map(|c| &c.message);
            commits
                .filter(|m| m.spec.as_deref() == Some(&spec.id) && !is_bookkeeping(m))
                .find_map(|m| Kind::of_title(&m.description))
        };
        let own_kind = spec
            .change_kind()
            .or_else(by_commit)
            .unwrap_or(Kind::Changed);
        if spec.notes.is_empty() {
            let Some(category) = self
                .input
                .rules
                .preset
                .category(own_kind, spec.is_breaking())
            else {
                self.spec_out(spec, &format!("{} changes are not listed", word(own_kind)));
                // Its commits are the same change: they are not listed instead.
                return true;
            };
            let title = text::capitalised(&text::shortened(&text::inline(&spec.title), 200));
            let text = mark(self.input.rules.preset, spec.is_breaking(), &title);
            let body = format!("{text} ({})", spec.id);
            self.push(
                category,
                body,
                vec![spec.id.clone()],
                own_kind,
                spec.is_breaking(),
                false,
                Source::Spec,
            );
            return true;
        }
        let several = spec.notes.len() > 1;
        for (index, note) in spec.notes.iter().enumerate() {
            let reference = if several {
                format!("{}/{}", spec.id, index + 1)
            } else {
                spec.id.clone()
            };
            if several && (self.input.named.word(&reference) || self.input.skipped.word(&reference))
            {
                continue;
            }
            let breaking = note.breaking || (spec.is_breaking() && !several);
            let kind = note.kind.unwrap_or(match own_kind {
                // Somebody wrote release notes for it, so users shall read them.
                Kind::Documentation | Kind::Internal
                    if self.input.rules.preset.category(own_kind, false).is_none() =>
                {
                    Kind::Changed
                }
                kind => kind,
            });
            let category = self
                .input
                .rules
                .preset
                .category(kind, breaking)
                .or_else(|| self.input.rules.preset.category(Kind::Changed, breaking))
                .unwrap_or("Changed");
            let note_text = match kind {
                Kind::Security => with_cve_first(&note.text),
                _ => note.text.clone(),
            };
            let already_marked = note.text.to_lowercase().starts_with("**breaking");
            let text = mark(
                self.input.rules.preset,
                breaking && !already_marked,
                &with_reference(&note_text, &reference),
            );
            let has_migration = text.to_lowercase().contains("migration")
                || text.lines().filter(|line| !line.trim().is_empty()).count() > 1;
            self.push(
                category,
                text,
                vec![reference],
                kind,
                breaking,
                has_migration,
                Source::Spec,
            );
        }
        true
    }

    fn commits(&mut self, speaking: &Speaking) {
        let mut groups: HashMap<&str, usize> = HashMap::new();
        let commits = self.input.commits;
        for (index, commit) in commits.iter().enumerate().rev() {
            if self.gone[index] || commit.is_merge() {
                continue;
            }
            let message = &commit.message;
            let by_spec = message
                .spec
                .as_ref()
                .and_then(|id| speaking.by_spec.get(id));
            if let Some(by) = speaking.by_commit.get(&index).or(by_spec) {
                self.out.covered.push(told(commit, by.clone()));
                continue;
            }
            if speaking.cancelled_commits.contains(&index) {
                self.leave_out(commit, "its spec is cancelled".into());
                continue;
            }
            if let Some(reason) = self.why_not(commit, speaking) {
                self.leave_out(commit, reason);
                continue;
            }
            if let Some(by) = self.covered_by_hand(commit) {
                self.out.covered.push(told(commit, by));
                continue;
            }
            if let Some(first) = message.spec.as_deref().and_then(|id| groups.get(id)) {
                let by = commits[*first].short().to_owned();
                self.out
                    .covered
                    .push(told(commit, format!("{by}, the same spec")));
                continue;
            }
            if self.list_commit(commit)
                && let Some(id) = &message.spec
            {
                groups.insert(id, index);
            }
        }
    }

    /// Why a commit is no entry whatever its category.
    fn why_not(&self, commit: &Commit, speaking: &Speaking) -> Option<String> {
        let message = &commit.message;
        if message.is_fixup() {
            return Some("a fixup that a rebase will fold".into());
        }
        if message.changelog.as_deref() == Some("skip") {
            return Some("says `Changelog: skip`".into());
        }
        if message.is_release() {
            return Some("cuts a release".into());
        }
        if let Some(id) = message
            .spec
            .as_ref()
            .filter(|id| speaking.cancelled.contains(*id))
        {
            return Some(format!("spec {id} is cancelled"));
        }
        if message.kind.as_deref() == Some("chant") && is_bookkeeping(message) {
            return Some("bookkeeping of chant".into());
        }
        if let Some(original) = message.picked_from.as_deref().and_then(|id| self.find(id))
            && !self.gone[original]
        {
            let original = self.input.commits[original].short();
            return Some(format!("the same change as {original}, cherry-picked"));
        }
        let skipped = self.input.skipped;
        let hidden = skipped.commit(&commit.id)
            || message.issues.iter().any(|n| skipped.issue(*n))
            || message.spec.as_ref().is_some_and(|id| skipped.word(id));
        hidden.then(|| "skipped by hand".into())
    }

    fn covered_by_hand(&self, commit: &Commit) -> Option<String> {
        let named = self.input.named;
        let message = &commit.message;
        let covered = named.commit(&commit.id)
            || message.issues.iter().any(|n| named.issue(*n))
            || message.spec.as_ref().is_some_and(|id| named.word(id));
        covered.then(|| "a hand-written line".into())
    }

    fn list_commit(&mut self, commit: &Commit) -> bool {
        let message = &commit.message;
        let rules = self.input.rules;
        let Some(kind) = self.kind_of(commit) else {
            return false;
        };
        let Some(category) = rules.preset.category(kind, message.breaking) else {
            let word = message.kind.as_deref().unwrap_or(word(kind));
            self.leave_out(commit, format!("`{}` is not listed", text::inline(word)));
            return false;
        };
        let mut refs: Vec<String> = message.issues.iter().map(|n| format!("#{n}")).collect();
        refs.extend(message.spec.clone());
        refs.push(commit.short().to_owned());

        let said = message.note.as_deref().unwrap_or(&message.description);
        let mut said = text::shortened(&text::inline(said), 400);
        let scope = message.scope.as_deref().filter(|_| message.spec.is_none());
        said = match scope {
            Some(scope) => format!("**{}:** {said}", text::inline(scope)),
            None => text::capitalised(&said),
        };
        let mut named = Named::default();
        named.add(&said);
        let names_itself = message.issues.iter().any(|n| named.issue(*n))
            || message.spec.as_ref().is_some_and(|id| named.word(id))
            || named.commit(&commit.id);
        if !names_itself {
            let shown = match (&message.spec, message.issues.as_slice()) {
                (Some(id), _) => text::inline(id),
                (None, []) => commit.short().to_owned(),
                (None, issues) => issues
                    .iter()
                    .map(|n| format!("#{n}"))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            said = format!("{said} ({shown})");
        }
        if kind == Kind::Security {
            said = with_cve_first(&said);
        }
        let mut text = mark(rules.preset, message.breaking, &said);
        let migration = message.migration.as_deref().map(text::block);
        if let Some(migration) = migration.as_deref().filter(|m| !m.is_empty()) {
            text = format!("{text}\n\n{migration}");
        }
        self.push(
            category,
            text,
            refs,
            kind,
            message.breaking,
            migration.is_some(),
            Source::Commit,
        );
        true
    }

    /// The kind of a commit; `None` (and told) if it is not to be listed.
    fn kind_of(&mut self, commit: &Commit) -> Option<Kind> {
        let message = &commit.message;
        if let Some(kind) = message.changelog.as_deref().and_then(Kind::of_word) {
            return Some(kind);
        }
        let word = message.kind.as_deref();
        if let Some(rule) = word.and_then(|word| self.input.rules.types.get(word)) {
            return Some(match rule {
                TypeRule::Added => Kind::Added,
                TypeRule::Changed => Kind::Changed,
                TypeRule::Deprecated => Kind::Deprecated,
                TypeRule::Removed => Kind::Removed,
                TypeRule::Fixed => Kind::Fixed,
                TypeRule::Security => Kind::Security,
                TypeRule::Documentation => Kind::Documentation,
                TypeRule::Internal => Kind::Internal,
                TypeRule::Hide if message.breaking => Kind::Changed,
                TypeRule::Hide => {
                    let word = word.unwrap_or_default();
                    self.leave_out(commit, format!("`{word}` is hidden by the configuration"));
                    return None;
                }
            });
        }
        if let Some(kind) = word.and_then(Kind::of_word) {
            return Some(kind);
        }
        let plain = message.kind.is_none() && message.spec.is_none() && !message.is_revert();
        if plain && self.input.rules.unconventional == Unconventional::Skip {
            self.leave_out(commit, "not a conventional message".into());
            return None;
        }
        Some(Kind::of_title(&message.description).unwrap_or(Kind::Changed))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one entry, from two callers"
    )]
    fn push(
        &mut self,
        category: &str,
        text: String,
        refs: Vec<String>,
        kind: Kind,
        breaking: bool,
        has_migration: bool,
        source: Source,
    ) {
        let key = (category.to_owned(), text);
        if let Some(index) = self.seen.get(&key) {
            let known = &mut self.out.entries[*index].line.refs;
            known.extend(
                refs.into_iter()
                    .filter(|r| !known.contains(r))
                    .collect::<Vec<_>>(),
            );
            return;
        }
        self.seen.insert(key.clone(), self.out.entries.len());
        let (category, text) = key;
        self.out.entries.push(Entry {
            line: Line {
                category,
                text,
                refs,
            },
            kind,
            breaking,
            has_migration,
            source,
        });
    }
}

/// What chant commits for itself: `chant: Record agent transcript …`, `chant(ID): Mark spec as completed`.
fn is_bookkeeping(message: &super::message::Message) -> bool {
    let lower = message.description.to_lowercase();
    let own = [
        "mark spec",
        "approve spec",
        "reject spec",
        "finalize",
        "archive spec",
        "record agent",
        "add spec",
        "update spec",
        "spec ",
    ];
    message.spec.is_none() || own.iter().any(|start| lower.starts_with(start))
}

fn told(commit: &Commit, reason: String) -> Told {
    Told {
        reference: commit.short().to_owned(),
        subject: text::shortened(&text::inline(&commit.message.subject), 200),
        reason,
    }
}

fn mark(preset: Preset, breaking: bool, text: &str) -> String {
    // A category of its own needs no mark.
    if breaking && preset == Preset::KeepAChangelog {
        format!("**Breaking:** {text}")
    } else {
        text.to_owned()
    }
}

/// Leads with a CVE identifier, so that readers and tools can match the entry to the advisory (Keep a Changelog 2.0,
/// "Deciding on a type").
fn with_cve_first(text: &str) -> String {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let found = text.match_indices("CVE-").find_map(|(at, _)| {
        let year = digits(&text[at + 4..]);
        let rest = text[at + 4 + year..].strip_prefix('-')?;
        let end = at + 4 + year + 1 + digits(rest);
        (year == 4 && digits(rest) >= 4).then_some((at, end))
    });
    let Some((at, end)) = found.filter(|(at, _)| *at > 0) else {
        return text.to_owned();
    };
    let (before, id, after) = (&text[..at], &text[at..end], &text[end..]);
    let alone = before
        .strip_suffix(['(', '['])
        .zip(after.strip_prefix([')', ']']));
    let said = match alone {
        Some((before, after)) => format!("{}{after}", before.trim_end()),
        None => text.to_owned(),
    };
    format!("{id}: {said}")
}

/// Puts `(reference)` at the end of the first paragraph unless the text names the reference already.
fn with_reference(note: &str, reference: &str) -> String {
    let mut named = Named::default();
    named.add(note);
    if named.word(reference) {
        return note.to_owned();
    }
    let end = note.find("\n\n").unwrap_or(note.len());
    let first_fence = note.find("\n```").unwrap_or(note.len());
    let first_list = note.find("\n- ").unwrap_or(note.len());
    let end = end.min(first_fence).min(first_list);
    format!("{} ({reference}){}", note[..end].trim_end(), &note[end..])
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Added => "added",
        Kind::Changed => "changed",
        Kind::Deprecated => "deprecated",
        Kind::Removed => "removed",
        Kind::Fixed => "fixed",
        Kind::Security => "security",
        Kind::Documentation => "documentation",
        Kind::Internal => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::RawCommit;

    fn commit(number: usize, message: &str) -> Commit {
        Commit::read(RawCommit {
            id: format!("{number:07x}").repeat(6)[..40].to_owned(),
            parents: vec![],
            author: String::new(),
            time: 0,
            message: message.into(),
            trailers: vec![],
        })
    }

    #[derive(Default)]
    struct Given {
        commits: Vec<Commit>,
        specs: Vec<Spec>,
        hand: &'static str,
        skips: &'static str,
        rules: Rules,
    }

    fn gathered(given: &Given) -> Gathered {
        let mut named = Named::default();
        named.add(given.hand);
        let mut skipped = Named::default();
        skipped.add(given.skips);
        gather(&Input {
            commits: &given.commits,
            specs: &given.specs,
            released_specs: &HashSet::new(),
            named: &named,
            skipped: &skipped,
            rules: &given.rules,
        })
    }

    fn shown(given: &Given) -> Vec<String> {
        let lines = gathered(given).entries.into_iter();
        lines
            .map(|e| format!("{}: {}", e.line.category, e.line.text))
            .collect()
    }

    /// Newest first, as a walk gives them.
    fn commits(messages: &[&str]) -> Given {
        let commits = messages.iter().enumerate().rev();
        Given {
            commits: commits.map(|(i, m)| commit(i + 1, m)).collect(),
            ..Given::default()
        }
    }

    #[test]
    fn commits_become_entries_in_the_order_of_history() {
        let given = commits(&[
            "feat(api): set a custom timeout for write locks (#12)",
            "fix: crash on empty input",
            "docs: explain it",
            "Remove the old flag",
            "feat!: drop v1\n\nBREAKING CHANGE: use v2",
            "perf: faster\n\nCloses #7",
        ]);
        assert_eq!(
            shown(&given),
            [
                "Added: **api:** set a custom timeout for write locks (#12)",
                "Fixed: Crash on empty input (0000002)",
                "Removed: Remove the old flag (0000004)",
                "Added: **Breaking:** Drop v1 (0000005)\n\nuse v2",
                "Changed: Faster (#7)",
            ]
        );
        assert_eq!(gathered(&given).left_out[0].reason, "`docs` is not listed");
    }

    #[test]
    fn a_revert_and_its_target_vanish_and_a_reverted_revert_brings_it_back() {
        let two =
            "Revert \"feat: a\"\n\nThis reverts commit 0000001000000100000010000001000000100000.";
        let three =
            "Revert \"Revert\"\n\nThis reverts commit 0000002000000200000020000002000000200000.";
        assert!(shown(&commits(&["feat: a", two])).is_empty());
        assert_eq!(
            shown(&commits(&["feat: a", two, three])),
            ["Added: A (0000001)"]
        );
        let released = "Revert \"feat: z\"\n\nThis reverts commit fffffff000000.";
        assert_eq!(
            shown(&commits(&[released])),
            ["Changed: Revert \"feat: z\" (0000001)"]
        );
    }

    #[test]
    fn the_highest_source_speaks() {
        let mut given = commits(&[
            "chant(2026-01-01-001-abc): Lock it",
            "fix: part of it",
            "chant(2026-01-01-002-def): Add a guide",
            "chant(2026-01-01-002-def): Fix the guide",
            "chant: Record agent transcript for 2026-01-01-001-abc",
            "feat: by hand (#9)",
        ]);
        given.hand = "- Mine (#9)";
        let text = "---\nstatus: completed\ncommits: [0000002]\nlabels: [fix]\n---\n# Lock it\n";
        given.specs = vec![Spec::read("a/2026-01-01-001-abc.md", text).unwrap()];
        assert_eq!(
            shown(&given),
            [
                "Fixed: Lock it (2026-01-01-001-abc)",
                "Added: Add a guide (2026-01-01-002-def)",
            ]
        );
        let all = gathered(&given);
        let reasons: Vec<_> = all.covered.iter().map(|t| t.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "spec 2026-01-01-001-abc",
                "spec 2026-01-01-001-abc",
                "0000003, the same spec",
                "a hand-written line",
            ]
        );
    }

    #[test]
    fn skipped_and_cancelled_changes_stay_away() {
        let mut given = commits(&["feat: a (#1)", "fix: b", "chant(001-x): c"]);
        given.skips = "#1 0000002";
        given.specs = vec![Spec::read("s/001-x.md", "---\nstatus: cancelled\n---\n# C\n").unwrap()];
        assert!(shown(&given).is_empty());
        assert_eq!(gathered(&given).left_out.len(), 4);
    }

    #[test]
    fn a_spec_with_several_notes_gives_several_entries() {
        let text = "---\nstatus: completed\n---\n# T\n## Release Notes\n### Added\n- a\n- b\n### Fixed: c (#3)\n\nmore\n";
        let given = Given {
            specs: vec![Spec::read("s/001-x.md", text).unwrap()],
            hand: "- a, in other words (001-x/1)",
            ..Given::default()
        };
        assert_eq!(
            shown(&given),
            ["Added: b (001-x/2)", "Fixed: c (#3) (001-x/3)\n\nmore"]
        );
    }

    #[test]
    fn a_security_entry_leads_with_its_cve() {
        let given = commits(&[
            "security: out-of-bounds read (CVE-2026-12345)",
            "security: CVE-2026-1111 in the parser (#2)",
            "security: no identifier CVE-1",
        ]);
        assert_eq!(
            shown(&given),
            [
                "Security: CVE-2026-12345: out-of-bounds read (0000001)",
                "Security: CVE-2026-1111 in the parser (#2)",
                "Security: No identifier CVE-1 (0000003)",
            ]
        );
    }

    #[test]
    fn configuration_decides_about_types() {
        let mut given = commits(&["deps: bump", "wibble: x", "Change it"]);
        given.rules.types.insert("deps".into(), TypeRule::Changed);
        given.rules.unconventional = Unconventional::Skip;
        assert_eq!(
            shown(&given),
            ["Changed: Bump (0000001)", "Changed: X (0000002)"]
        );
    }
}
