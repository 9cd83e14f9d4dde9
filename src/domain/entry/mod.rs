//! From commits, specs and hand-written lines to the entries of a release, each change once.
//!
//! Coverage: a hand-written line beats a spec, a spec beats its commits. Whatever does not become an entry
//! is told with its reason; nothing disappears silently.

mod commits;
pub mod lineage;
mod lookup;
mod specs;
pub mod wording;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use lineage::Lineage;
use lookup::Lookup;
use wording::{Said, Wording, names_advisory};

use super::category::Categories;
use super::changelog::view::Line;
use super::component::Component;
use super::kind::{Kind, Meaning};
use super::message::Commit;
use super::pattern::Pattern;
use super::reference::Named;
use super::spec::Spec;
use super::spec::source::{PathGlob, Source};
use super::text;
use crate::domain::order;

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

/// What the list of commits in the body of a squash merge is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Squash {
    /// The way to the change that a conventional title tells; listed is only what weighs more than the title.
    #[default]
    Title,
    /// Changes of their own.
    Items,
}

/// Commits by what they touch and who made them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Scopes of their messages.
    pub scopes: Vec<String>,
    /// Globs of files that they touch.
    pub paths: Vec<PathGlob>,
    /// Regular expressions against `Name <address>`.
    pub authors: Vec<Pattern>,
}

/// How changes are classified and worded.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub categories: Categories,
    pub types: BTreeMap<String, Meaning>,
    pub unconventional: Unconventional,
    pub squash: Squash,
    /// Commits that count, if it says anything.
    pub only: Filter,
    /// Commits that do not count.
    pub ignore: Filter,
    /// The component that the entries are for; without one everything belongs.
    pub component: Option<Component>,
    pub wording: Wording,
}

impl Rules {
    /// Why the configured filters leave a commit out.
    pub fn filtered(&self, commit: &Commit) -> Option<String> {
        let Filter {
            scopes,
            paths,
            authors,
        } = &self.only;
        let scope = commit.message.scope.as_deref().unwrap_or("");
        if !scopes.is_empty() && !scopes.iter().any(|s| s == scope) {
            return Some(format!(
                "its scope `{}` is not among those that count",
                text::inline(scope)
            ));
        }
        if !authors.is_empty() && !authors.iter().any(|a| a.matches(commit.author_name())) {
            return Some("its author is not among those that count".into());
        }
        let counts = |path: &String| paths.iter().any(|glob| glob.matches(path));
        if !paths.is_empty() && !commit.paths.iter().any(counts) {
            return Some("it touches no path that counts".into());
        }
        let Filter {
            scopes,
            paths,
            authors,
        } = &self.ignore;
        if !scope.is_empty() && scopes.iter().any(|s| s == scope) {
            return Some(format!("scope `{}` is ignored", text::inline(scope)));
        }
        if authors
            .iter()
            .any(|author| author.matches(commit.author_name()))
        {
            return Some("its author is ignored".into());
        }
        let ignored = |path: &String| paths.iter().any(|glob| glob.matches(path));
        if !commit.paths.is_empty() && !paths.is_empty() && commit.paths.iter().all(ignored) {
            return Some("it touches nothing but ignored paths".into());
        }
        None
    }
}

/// Everything the entries are made from.
#[derive(Debug)]
pub struct Input<'a> {
    /// Unreleased commits, children before parents.
    pub commits: &'a [Commit],
    /// Released commits that are at hand: those that the walk has seen.
    pub released: &'a [Commit],
    pub specs: &'a [Spec],
    pub sources: &'a [Source],
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
pub enum Origin {
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
    pub source: Origin,
    /// False for a spec without text for users: its title speaks to developers.
    pub for_users: bool,
    /// It names a security advisory.
    pub advisory: bool,
}

/// A change that is not an entry of its own, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    pub reference: String,
    pub subject: String,
    pub reason: String,
}

/// Why a change is no entry, if a person has decided so.
pub const HAND_WRITTEN: &str = "a hand-written line";
pub const SKIPPED: &str = "skipped by hand";

impl Told {
    /// Whether a line or a comment of a person is the reason.
    pub fn is_by_hand(&self) -> bool {
        [HAND_WRITTEN, SKIPPED].contains(&self.reason.as_str())
    }
}

/// The entries, what something else speaks for, and what is left out.
#[derive(Debug, Default)]
pub struct Gathered {
    pub entries: Vec<Entry>,
    pub covered: Vec<Told>,
    pub left_out: Vec<Told>,
    /// Completed members of something that is not completed.
    pub unfinished: Vec<Told>,
    /// What does not belong to the component.
    pub outside: Vec<Told>,
}

impl Gathered {
    /// Whether an entry tells of a security advisory: such a category stands first.
    pub fn has_advisory(&self) -> bool {
        self.entries.iter().any(|entry| entry.advisory)
    }

    /// Whether a commit or a spec does not belong to the component.
    pub fn is_outside(&self, reference: &str) -> bool {
        self.outside.iter().any(|told| told.reference == reference)
    }
}

/// Gathers the entries: specs by ID, then commits from the oldest to the newest; breaking changes first, then security
/// advisories.
pub fn gather(input: &Input<'_>) -> Gathered {
    let lineage = Lineage::new(input.commits, input.released);
    let lookup = Lookup::new(input, &lineage);
    let issues = specs::issues(input, &lineage, &lookup);
    let telling = specs::telling(input, &issues);
    let mut named = input.named.clone();
    named.settle(|word, issue| {
        let of_commit = || {
            let commit = lineage.find(&word.to_lowercase());
            commit.is_some_and(|at| lineage.has_issue(at, issue))
        };
        let of_spec = issues
            .get(word)
            .is_some_and(|own| own.iter().any(|i| i == issue));
        of_spec || of_commit()
    });
    let mut gathering = Gathering {
        input,
        named,
        out: Gathered::default(),
        gone: vec![false; input.commits.len()],
        reverted_by: HashMap::new(),
        lineage,
        lookup,
        issues,
        telling,
        seen: HashMap::new(),
    };
    gathering.drop_reverted();
    let speaking = gathering.specs();
    gathering.commits(&speaking);
    let mut out = gathering.out;
    order::by_key(&mut out.entries, |entry| (!entry.breaking, !entry.advisory));
    out
}

struct Gathering<'a> {
    input: &'a Input<'a>,
    named: Named,
    out: Gathered,
    lineage: Lineage<'a>,
    lookup: Lookup<'a>,
    /// The issues of each spec by its ID.
    issues: HashMap<&'a str, Vec<String>>,
    /// How many specs that tell something each issue stands for.
    telling: HashMap<String, usize>,
    /// Commits that a revert took back, and such reverts.
    gone: Vec<bool>,
    /// The revert that took a commit back.
    reverted_by: HashMap<usize, &'a str>,
    /// Entries by category and text, so that nothing is said twice.
    seen: HashMap<(String, String), usize>,
}

/// A change on its way to become an entry.
struct Change<'a> {
    said: Said<'a>,
    category: String,
    kind: Kind,
    breaking: bool,
    /// From the most general to the most particular.
    refs: Vec<String>,
    has_migration: bool,
    source: Origin,
    for_users: bool,
}

impl<'a> Gathering<'a> {
    /// A revert and what it reverts vanish together when both are unreleased; newest first, so that a
    /// reverted revert brings its target back.
    fn drop_reverted(&mut self) {
        for (index, commit) in self.input.commits.iter().enumerate() {
            if self.gone[index] || !commit.message.is_revert() || commit.is_merge() {
                continue;
            }
            let targets = self.lineage.reverted(index);
            let here: Vec<usize> = targets.iter().flatten().copied().collect();
            for target in &here {
                if !self.gone[*target] {
                    self.gone[*target] = true;
                    self.reverted_by.insert(*target, commit.short());
                    let target = &self.input.commits[*target];
                    self.leave_out(target, format!("reverted by {}", commit.short()));
                }
            }
            if !here.is_empty() && here.len() == targets.len() {
                self.gone[index] = true;
                self.leave_out(commit, "reverts a change that is not released".into());
            }
        }
    }

    fn leave_out(&mut self, commit: &Commit, reason: String) {
        match self.not_of(|component| component.has(commit)) {
            Some(outside) => self.out.outside.push(told(commit, outside)),
            None => self.out.left_out.push(told(commit, reason)),
        }
    }

    /// Why something is not the component's, if that does not hold it.
    fn not_of(&self, holds: impl FnOnce(&'a Component) -> bool) -> Option<String> {
        let component = self.input.rules.component.as_ref()?;
        (!holds(component)).then(|| format!("not of {}", component.name))
    }

    fn push(&mut self, change: Change<'_>) {
        let rules = self.input.rules;
        let text = rules.wording.entry(&change.said, &rules.categories);
        let key = (change.category, text);
        if let Some(index) = self.seen.get(&key) {
            let known = &mut self.out.entries[*index].line.refs;
            for reference in change.refs {
                if !known.contains(&reference) {
                    known.push(reference);
                }
            }
            return;
        }
        self.seen.insert(key.clone(), self.out.entries.len());
        let (category, text) = key;
        self.out.entries.push(Entry {
            advisory: change.kind == Kind::Security && names_advisory(&text),
            line: Line {
                category,
                text,
                refs: change.refs,
            },
            kind: change.kind,
            breaking: change.breaking,
            has_migration: change.has_migration,
            source: change.source,
            for_users: change.for_users,
        });
    }
}

fn told(commit: &Commit, reason: String) -> Told {
    Told {
        reference: commit.short().to_owned(),
        subject: text::title(&commit.message.subject, 200),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::RawCommit;
    use crate::domain::spec::source::{Sources, chant_reading};
    use crate::domain::spec::tests::chant;

    fn commit(number: usize, message: &str) -> Commit {
        let raw = RawCommit {
            id: format!("{number:07x}").repeat(6)[..40].to_owned(),
            parents: vec![],
            author: String::new(),
            time: 0,
            message: message.into(),
            trailers: vec![],
            paths: vec![],
        };
        Commit::read(raw, &chant_reading())
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
        let named = Named::of(given.hand);
        let skipped = Named::of(given.skips);
        gather(&Input {
            commits: &given.commits,
            released: &[],
            specs: &given.specs,
            sources: &Sources::default().0,
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
                "Added: **Breaking:** Drop v1 (0000005)\n\nuse v2",
                "Added: **api:** set a custom timeout for write locks (#12)",
                "Fixed: Crash on empty input (0000002)",
                "Removed: Remove the old flag (0000004)",
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
        given.specs = vec![chant("a/2026-01-01-001-abc.md", text).unwrap()];
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
        given.specs = vec![chant("s/001-x.md", "---\nstatus: cancelled\n---\n# C\n").unwrap()];
        assert!(shown(&given).is_empty());
        assert_eq!(gathered(&given).left_out.len(), 4);
    }

    #[test]
    fn a_spec_with_several_notes_gives_several_entries() {
        let text = "---\nstatus: completed\n---\n# T\n## Release Notes\n### Added\n- a\n- b\n### Fixed: c (#3)\n\nmore\n";
        let given = Given {
            specs: vec![chant("s/001-x.md", text).unwrap()],
            hand: "- a, in other words (001-x/a)",
            ..Given::default()
        };
        assert_eq!(
            shown(&given),
            ["Added: b (001-x/b)", "Fixed: c (#3) (001-x/c-3)\n\nmore"]
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
        given.rules.types.insert("deps".into(), Meaning::Changed);
        given.rules.unconventional = Unconventional::Skip;
        assert_eq!(
            shown(&given),
            ["Changed: Bump (0000001)", "Changed: X (0000002)"]
        );
    }
}
