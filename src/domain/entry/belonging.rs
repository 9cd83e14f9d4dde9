//! The unreleased commits that belong to a spec.

use std::collections::BTreeSet;

use crate::domain::entry::gathering::Gathering;
use crate::domain::entry::lookup::BelongingCommit;
use crate::domain::entry::raise::Evidence;
use crate::domain::entry::reference;
use crate::domain::entry::spec_kind::evidence_of;
use crate::domain::spec::Spec;
use crate::domain::spec::ownership::OwnedBy;
use crate::domain::spec::source::Source;

impl Gathering<'_> {
    /// The unreleased commits that belong to a spec, those that name it first; looked up once per spec.
    pub(super) fn own_commits(&self, spec: &Spec) -> &[BelongingCommit] {
        self.own_commits[spec.id.as_str()].get_or_init(|| self.find_own_commits(spec))
    }

    fn find_own_commits(&self, spec: &Spec) -> Vec<BelongingCommit> {
        let commits = self.input.commits;
        let listed = spec.commits.iter();
        let mut own: Vec<BelongingCommit> = listed
            .filter_map(|id| self.lineage.find(&id.to_lowercase()))
            .map(|at| (at, None))
            .collect();
        // The issues in the spec's text are those that it is about.
        let texts = spec.notes.iter().map(|note| note.text.as_str());
        let texts = texts.chain([spec.title.as_str()]);
        let issues: Vec<String> = texts.flat_map(reference::issues).collect();
        let mut naming = self.lookup.of_issues(&issues);
        naming.retain(|at| commits[*at].message.specs.is_empty());
        naming.extend(self.lookup.naming(&spec.id));
        own.extend(naming.into_iter().map(|at| (at, None)));
        let mut inferred: Vec<(usize, OwnedBy)> = self.lookup.inferred(&spec.id).to_vec();
        if self
            .source_of(spec)
            .is_some_and(|s| s.owns.has(OwnedBy::PullRequest))
        {
            let mut brought = self.lookup.of_issues(&spec.issues);
            brought.extend(self.lookup.touching(&spec.path));
            let merges = brought.iter().filter_map(|at| self.lineage.merge_of(*at));
            let merges: BTreeSet<usize> = merges.collect();
            let beside = merges.iter().flat_map(|merge| self.lookup.of_merge(*merge));
            let all = beside.copied().chain(brought.iter().copied());
            inferred.extend(all.map(|at| (at, OwnedBy::PullRequest)));
        }
        let inferred = inferred.into_iter().map(|(at, rule)| (at, Some(rule)));
        own.extend(inferred.filter(|(at, _)| !self.breaks_more(*at, spec)));
        own
    }

    /// Whether a commit adds a breaking change to a spec that the commit does not name: the spec does not mention it, or not what users
    /// have to do.
    fn breaks_more(&self, at: usize, spec: &Spec) -> bool {
        let message = &self.input.commits[at].message;
        let is_told = spec.is_breaking() || spec.notes.iter().any(|note| note.breaking);
        evidence_of(spec) != Evidence::Declared
            && self.breaks(message)
            && (!is_told || message.migration.is_some())
    }

    /// Whether a commit that names a spec, or that the spec lists, is breaking: then the spec is. A fragment has its own level.
    pub(super) fn is_broken_by_commits(&self, spec: &Spec) -> bool {
        let is_fragment = self.source_of(spec).is_some_and(Source::is_of_fragments);
        let breaks = |(at, rule): &BelongingCommit| {
            let message = &self.input.commits[*at].message;
            rule.is_none() && !message.noise && !self.gone[*at] && self.breaks(message)
        };
        !is_fragment && self.own_commits(spec).iter().any(breaks)
    }

    pub(super) fn source_of(&self, spec: &Spec) -> Option<&Source> {
        self.input.sources.iter().find(|s| s.name == spec.source)
    }
}
