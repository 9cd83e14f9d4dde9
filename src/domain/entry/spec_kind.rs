//! The kind of change that a spec is, and its version increase: declared by the spec, else inferred from its commits.

use crate::domain::entry::gathering::Gathering;
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::entry::raise::{Evidence, Raise, Weighed};
use crate::domain::spec::Spec;

impl Gathering<'_> {
    /// The kind of a spec. The spec's own declaration decides, else the weightiest type of its commits, else the first verb of those that
    /// name it, else its source.
    pub(super) fn kind_of_spec(&self, spec: &Spec) -> Option<Kind> {
        if !spec.has_kind {
            let typed = self.typed_kinds(spec).into_iter();
            if let Some(kind) = typed.min_by_key(|kind| Meaning::from(*kind)) {
                return Some(kind);
            }
            let own = self.lookup.naming(&spec.id).iter();
            let own = own.map(|at| &self.input.commits[*at].message);
            let mut own = own.filter(|message| !message.noise);
            // The spec does not call itself documentation, so the first verbs of its commits do not hide it.
            let shown = |kind: &Kind| !matches!(kind, Kind::Documentation | Kind::Internal);
            if let Some(kind) = own.find_map(|m| Kind::of_title(&m.description).filter(shown)) {
                return Some(kind);
            }
        }
        spec.meaning
            .kind()
            .or((spec.is_breaking() || self.word(spec).is_some()).then_some(Kind::Changed))
    }

    /// The kinds of change that the types of a spec's commits name, limited to those that users see.
    fn typed_kinds(&self, spec: &Spec) -> Vec<Kind> {
        let own = self.own_commits(spec).iter();
        let own = own.map(|(at, _)| &self.input.commits[*at]);
        let kinds = own
            .filter(|commit| !commit.message.noise)
            .filter_map(|commit| {
                let (kind, evidence) = self.kind_of(commit).ok()?;
                (evidence == Evidence::Declared).then_some(kind)
            });
        kinds
            .filter(|kind| !matches!(kind, Kind::Documentation | Kind::Internal))
            .collect()
    }

    /// The version increase of a spec. If only words show what it is, the increase is at least that of its commits' types.
    pub(super) fn raise_of(&self, spec: &Spec, kind: Kind, breaking: bool) -> Raise {
        let evidence = evidence_of(spec);
        let bumps = &self.input.rules.bumps;
        let own = bumps.raise(Weighed::by(evidence, self.word(spec), kind, breaking));
        if evidence == Evidence::Declared {
            return own;
        }
        let typed = self.typed_kinds(spec).into_iter();
        let typed =
            typed.map(|kind| bumps.raise(Weighed::by(Evidence::Declared, None, kind, false)));
        typed.fold(
            own,
            |most, one| if one.weight > most.weight { one } else { most },
        )
    }

    /// The word of a spec that a category lists explicitly.
    pub(super) fn word<'s>(&self, spec: &'s Spec) -> Option<&'s str> {
        let categories = &self.input.rules.categories;
        let mut words = spec.words.iter().map(String::as_str);
        words.find(|word| categories.lists(word))
    }
}

/// The evidence for a spec's kind: if no key declares it, the first verb of its title does.
pub(super) fn evidence_of(spec: &Spec) -> Evidence {
    if spec.has_kind && !spec.words.is_empty() {
        Evidence::Declared
    } else {
        Evidence::Verb
    }
}
