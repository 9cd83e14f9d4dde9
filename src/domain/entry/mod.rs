//! Turns commits, specs and hand-written lines into the entries of a release, each change once.
//!
//! A hand-written line replaces a spec, a spec replaces its commits. Every change that does not become an entry is an omission with a
//! reason; nothing disappears silently.

mod aside;
mod belonging;
pub mod category;
mod commits;
pub mod component;
pub mod dialect;
mod gathering;
mod inferred;
pub mod kind;
pub mod likeness;
pub mod lineage;
mod lookup;
pub mod model;
pub mod raise;
pub mod reason;
pub mod reference;
mod spec_kind;
mod specs;
pub mod wording;

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::domain::entry::gathering::Gathering;
use crate::domain::entry::model::{Entries, Input};
use crate::domain::order;
use lineage::Lineage;
use lookup::Lookup;

/// Gathers the entries: specs by ID, then commits from the oldest to the newest; breaking changes first, then security
/// advisories.
pub fn gather(input: &Input<'_>) -> Entries {
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
        out: Entries::default(),
        gone: vec![false; input.commits.len()],
        gone_parts: HashMap::new(),
        reverted_by: HashMap::new(),
        released: lineage.released_twins(),
        lineage,
        lookup,
        issues,
        telling,
        seen: HashMap::new(),
        of_fragments: HashMap::new(),
        of_specs: Vec::new(),
        own_commits: input
            .specs
            .iter()
            .map(|s| (s.id.as_str(), OnceCell::new()))
            .collect(),
    };
    gathering.of_specs = gathering.spec_commits();
    gathering.drop_reverted();
    let speaking = gathering.specs();
    gathering.commits(&speaking);
    let mut out = gathering.out;
    order::by_key(&mut out.entries, |entry| (!entry.breaking, !entry.advisory));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::commit::id::CommitId;
    use crate::domain::commit::message::RawCommit;
    use crate::domain::spec::sources::Sources;
    use crate::domain::spec::sources::chant_reading;
    use crate::domain::spec::tests::chant;
    use std::collections::HashSet;

    use crate::domain::release::selection::Selection;

    use crate::domain::commit::message::Commit;
    use crate::domain::entry::kind::Meaning;
    use crate::domain::entry::model::Rules;
    use crate::domain::entry::model::Unconventional;
    use crate::domain::entry::reference::References;
    use crate::domain::spec::Spec;

    fn commit(number: usize, message: &str) -> Commit {
        let raw = RawCommit {
            id: CommitId::expect(&format!("{number:07x}").repeat(6)[..40]).unwrap(),
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

    fn gathered(given: &Given) -> Entries {
        let named = References::read(given.hand);
        let skipped = References::read(given.skips);
        gather(&Input {
            commits: &given.commits,
            released: &[],
            previous: None,
            specs: &given.specs,
            sources: &Sources::default().0,
            released_specs: &HashSet::new(),
            selection: &Selection::default(),
            named: &named,
            skipped: &skipped,
            held: &References::default(),
            specs_only: false,
            rules: &given.rules,
        })
    }

    fn shown(given: &Given) -> Vec<String> {
        let lines = gathered(given).entries.into_iter();
        lines
            .map(|e| format!("{}: {}", e.line.category, e.line.text))
            .collect()
    }

    /// Commits, newest first, as a walk returns them.
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
        let left_out = &gathered(&given).left_out;
        assert_eq!(left_out[0].reason.to_string(), "`docs` is not listed");
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
        let reasons: Vec<_> = all.covered.iter().map(|o| o.reason.to_string()).collect();
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
            [
                "Changed: Bump (0000001)",
                "Changed: **wibble:** x (0000002)"
            ]
        );
    }
}
