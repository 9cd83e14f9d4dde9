//! Conversion of commits to entries: those that no other entry replaces are classified and worded.

use std::collections::HashMap;

use crate::domain::commit::gitmoji::Gitmoji;
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::{Commit, Message};
use crate::domain::commit::squash::SquashPart;
use crate::domain::commit::touched;
use crate::domain::entry::aside::{Aside, weighs};
use crate::domain::entry::gathering::{Change, Gathering, omission};
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::entry::model::{Omission, Origin, Squash, Unconventional};
use crate::domain::entry::raise::{Evidence, Raise, Weighed};
use crate::domain::entry::reason::Reason;
use crate::domain::entry::specs::Speaking;
use crate::domain::entry::wording::{Said, names_advisory};
use crate::domain::spec::{Spec, Status};
use crate::domain::text::inert;

impl<'a> Gathering<'a> {
    pub fn commits(&mut self, speaking: &Speaking) {
        let around = self.around(speaking);
        let mut of_specs: HashMap<&str, CommitId> = HashMap::new();
        for (index, commit) in self.input.commits.iter().enumerate().rev() {
            if self.gone[index] {
                continue;
            }
            let specs = &commit.message.specs;
            let same_spec = || {
                let listed = specs.iter().find_map(|id| of_specs.get(id.as_str()))?;
                Some(Aside::Covered(Reason::SameSpec(*listed)))
            };
            match self.aside(index, &around).or_else(same_spec) {
                Some(Aside::Covered(by)) => self.out.covered.push(omission(commit, by)),
                Some(Aside::LeftOut(reason)) => self.leave_out(commit, reason),
                Some(Aside::Outside(why)) => self.out.outside.push(omission(commit, why)),
                Some(Aside::Join) => {}
                None => {
                    if self.list_commit(index) {
                        of_specs.extend(specs.iter().map(|id| (id.as_str(), commit.id)));
                    }
                }
            }
        }
    }

    /// The meaning of a commit, according to its title.
    pub(super) fn meaning_of(&self, commit: &Commit) -> Meaning {
        let message = &commit.message;
        if self.breaks(message) {
            return Meaning::Breaking;
        }
        self.kind_of(commit)
            .map_or(Meaning::Hide, |(kind, _)| Meaning::from(kind))
    }

    /// Lists the changes of a commit. Returns false if none is listed.
    fn list_commit(&mut self, index: usize) -> bool {
        let commit = &self.input.commits[index];
        let kind = self.kind_of(commit);
        let parts = &commit.message.parts;
        let numbers = 1..=parts.len();
        let fates: Vec<Fate> = numbers.map(|n| self.fate(commit, n)).collect();
        let mut any = false;
        let by_list = commit.message.is_list || self.speaks_by_its_list(&commit.message, &fates);
        let single = by_list && fates.iter().filter(|fate| **fate == Fate::Listed).count() == 1;
        if by_list {
            let by = Reason::ListInBody;
            self.out.covered.push(omission(commit, by));
        } else if let Some(outside) = self.not_of(|component| component.has_title(commit)) {
            self.out.outside.push(omission(commit, outside));
        } else {
            any = match kind {
                Ok((kind, evidence)) => self.list_title(index, kind, evidence),
                Err(reason) => {
                    self.leave_out(commit, reason);
                    false
                }
            };
        }
        for (number, (part, fate)) in (1..).zip(parts.iter().zip(fates)) {
            let omission = |reason| Omission {
                reference: format!("{}/{number}", commit.short()),
                subject: inert::title(&part.description, 200),
                reason,
            };
            match fate {
                Fate::Listed => any |= self.list_part(index, number, part, single),
                Fate::Covered(by) => self.out.covered.push(omission(by)),
                Fate::Outside(why) => self.out.outside.push(omission(why)),
                Fate::LeftOut(reason) => self.out.left_out.push(omission(reason)),
            }
        }
        any
    }

    /// Whether a message's list replaces its title: a plain title above a list of only typed commits is just a heading.
    fn speaks_by_its_list(&self, message: &Message, fates: &[Fate]) -> bool {
        let listed = message.parts.iter().filter(|part| part.listed).count();
        message.kind.is_none() && !message.is_mixed && listed > 1 && fates.contains(&Fate::Listed)
    }

    /// Whether a change in the body of a message is listed.
    pub(super) fn lists_part(&self, commit: &Commit, number: usize) -> bool {
        self.fate(commit, number) == Fate::Listed
    }

    /// The fate of a change in the body of a message.
    fn fate(&self, commit: &Commit, number: usize) -> Fate {
        let part = &commit.message.parts[number - 1];
        let message = &commit.message;
        if let Some(outside) = self.not_of(|component| component.has_part(commit, part)) {
            return Fate::Outside(outside);
        }
        if message.note.is_some() || message.changelog.is_some() {
            return Fate::Covered(Reason::TrailerOfCommit);
        }
        if let Some(revert) = self.gone_parts.get(&(commit.id, number)) {
            return Fate::LeftOut(Reason::RevertedBy(*revert));
        }
        let own = format!("{}/{number}", commit.short());
        if self.named.word(&own) {
            return Fate::Covered(Reason::HandWritten);
        }
        if self.input.skipped.word(&own) {
            return Fate::LeftOut(Reason::SkippedByHand);
        }
        if let Some(reason) = part.bookkeeping.map(Reason::Bookkeeping) {
            return Fate::LeftOut(reason);
        }
        let is_skipped = self.input.rules.unconventional == Unconventional::Skip;
        if part.kind.is_none() && is_skipped && !part.breaking {
            return Fate::LeftOut(Reason::Unconventional);
        }
        let kind = self.kind_of_part(commit, part).map(|(kind, _)| kind);
        if kind
            .and_then(|kind| self.category_of_part(commit, part, kind))
            .is_none()
        {
            let word = part.kind.as_deref().or(kind.map(Kind::word));
            return Fate::LeftOut(Reason::TypeNotListed(inert::inline(word.unwrap_or(""))));
        }
        let by_list = message.kind.is_none() && !message.is_mixed && message.parts.len() > 1;
        let is_alone = self
            .not_of(|component| component.has_title(commit))
            .is_some();
        if part.description.eq_ignore_ascii_case(&message.description) && !by_list && !is_alone {
            return Fate::Covered(Reason::TitleOfSquash);
        }
        let meaning = match kind {
            _ if part.breaking => Meaning::Breaking,
            kind => Meaning::from(kind.unwrap_or(Kind::Changed)),
        };
        let title = self.meaning_of(commit);
        let is_own = !part.listed
            || is_alone
            || message.kind.is_none()
            || self.input.rules.squash == Squash::Items
            || meaning < title && weighs(meaning) > weighs(title);
        if is_own {
            Fate::Listed
        } else {
            Fate::Covered(Reason::TitleOfSquash)
        }
    }

    /// The spec that a commit names, if it is not completed yet.
    fn open_spec(&self, message: &Message) -> Option<&'a Spec> {
        let id = message.specs.first()?;
        let spec = self.lookup.spec(id);
        spec.filter(|spec| spec.status == Status::Open)
    }

    fn list_title(&mut self, index: usize, kind: Kind, evidence: Evidence) -> bool {
        let commit = &self.input.commits[index];
        let message = &commit.message;
        // The words of a spec are better than those of its commits, even before it is completed.
        let spec = self.open_spec(message).filter(|_| message.note.is_none());
        if let Some(spec) = spec.filter(|spec| !spec.notes.is_empty()) {
            self.spec_notes(spec, kind);
            return true;
        }
        let word = message.label_word().or(message.kind.as_deref());
        let breaking = self.breaks(message);
        // A trailer takes precedence over the type.
        let own_word = word.filter(|_| message.changelog.is_none());
        let listed_as = self.listed_as(kind, evidence);
        let Some(category) = self.category_of_title(message, listed_as, breaking) else {
            let word = word
                .filter(|word| self.is_known(word))
                .unwrap_or(kind.word());
            self.leave_out(commit, Reason::TypeNotListed(inert::inline(word)));
            return false;
        };
        let title = spec.map_or(&message.description, |spec| &spec.title);
        let said = message.note.as_deref().unwrap_or(title);
        let category = category.to_owned();
        let mut refs = self.lineage.issues(index);
        refs.extend(message.specs.iter().cloned());
        refs.push(commit.short().to_string());
        let with_spec = !message.specs.is_empty();
        let said = worded(said, message.migration.as_deref());
        if said.trim().is_empty() {
            self.leave_out(commit, Reason::SaysNothing);
            return false;
        }
        self.push(Change {
            said: Said {
                text: &said,
                scope: self.scope_of(message).filter(|_| !with_spec),
                shown: self.shown_of(index),
                commit: &commit.short(),
                author: author_of(commit),
                kind: Some(kind),
                breaking,
                as_written: false,
            },
            category,
            kind,
            breaking,
            raise: self.raise(evidence, own_word, kind, breaking),
            refs,
            has_migration: message.migration.is_some(),
            source: Origin::Commit,
            for_users: !with_spec || message.note.is_some(),
            is_fragment: false,
        });
        true
    }

    /// The category that lists the change in the title of a commit.
    fn category_of_title(&self, message: &Message, kind: Kind, breaking: bool) -> Option<&'a str> {
        let categories = &self.input.rules.categories;
        let word = message.label_word().or(message.kind.as_deref());
        let word = word.filter(|_| kind != Kind::Security);
        // It has a release note, so it is listed.
        let noted = || {
            let changed = categories.for_change(Kind::Changed, breaking, None);
            changed.filter(|_| message.note.is_some())
        };
        categories.for_change(kind, breaking, word).or_else(noted)
    }

    /// Lists a change from a body; `single` if it is the commit's only one.
    fn list_part(&mut self, index: usize, number: usize, part: &SquashPart, single: bool) -> bool {
        let commit = &self.input.commits[index];
        let own = format!("{}/{number}", commit.short());
        let word = part.kind.as_deref();
        let breaking = self.is_breaking(word.unwrap_or(""), part.breaking);
        let word = commit.message.label_word().or(word);
        let Some((kind, evidence)) = self.kind_of_part(commit, part) else {
            return false;
        };
        let listed_as = self.listed_as(kind, evidence);
        let Some(category) = self.category_of_part(commit, part, listed_as) else {
            return false;
        };
        let category = category.to_owned();
        let mut refs = self.lineage.issues(index);
        let fresh = part.issues.iter().filter(|issue| !refs.contains(issue));
        refs.extend(fresh.cloned().collect::<Vec<_>>());
        let reference = if single {
            commit.short().to_string()
        } else {
            own
        };
        refs.push(reference.clone());
        let shown = match (part.issues.as_slice(), single) {
            ([], true) => self.shown_of(index),
            ([], false) => {
                let mut shown = self.shown_of(index);
                shown.retain(|known| known.as_str() != &*commit.short());
                shown.push(reference);
                shown
            }
            (issues, _) => issues.to_vec(),
        };
        let said = worded(&part.description, part.migration.as_deref());
        self.push(Change {
            said: Said {
                text: &said,
                scope: part.scope.as_deref(),
                shown,
                commit: &commit.short(),
                author: author_of(commit),
                kind: Some(kind),
                breaking,
                as_written: false,
            },
            category,
            kind,
            breaking,
            raise: self.raise(evidence, word, kind, breaking),
            refs,
            has_migration: part.migration.is_some(),
            source: Origin::Commit,
            for_users: true,
            is_fragment: false,
        });
        true
    }

    /// The references of a commit in its line.
    fn shown_of(&self, index: usize) -> Vec<String> {
        let commit = &self.input.commits[index];
        let message = &commit.message;
        if let Some(id) = message.specs.first() {
            return vec![id.clone()];
        }
        if let Some(pull) = &message.pull {
            return vec![pull.clone()];
        }
        if !message.issues.is_empty() {
            return message.issues.clone();
        }
        match self.lineage.pull(index) {
            // Next to its commit, the number of a pull request identifies only this one of its changes.
            Some((pull, true)) => vec![pull.to_owned(), commit.short().to_string()],
            Some((pull, false)) => vec![pull.to_owned()],
            None => vec![commit.short().to_string()],
        }
    }

    /// The kind of a commit and the evidence for it, or the reason why it is not listed.
    pub(super) fn kind_of(&self, commit: &Commit) -> Result<(Kind, Evidence), Reason> {
        let message = &commit.message;
        let declared = |kind| (kind, Evidence::Declared);
        // `other` and `performance` are GitLab's.
        let trailer = message.changelog.as_deref();
        if let Some(kind) = trailer.and_then(|word| match word {
            "other" => Some(Kind::Changed),
            word => Kind::of_word(word),
        }) {
            return Ok(declared(kind));
        }
        if let Some(word) = message.label_word() {
            let found = self.kind_of_word(word, message.breaking);
            let found = found.map(declared);
            return found.ok_or_else(|| Reason::TypeHidden(inert::inline(word)));
        }
        if let Some(spec) = self.open_spec(message) {
            let told = spec.meaning.kind().filter(|_| spec.has_kind);
            let titled = || Kind::of_title(&spec.title).or(Kind::of_title(&message.description));
            let titled = || by_verb(commit, titled());
            return Ok(told.map_or_else(titled, declared));
        }
        if self.is_security(message) {
            return Ok(declared(Kind::Security));
        }
        if let Some(word) = message.kind.as_deref().filter(|word| self.is_known(word)) {
            let found = self.kind_of_word(word, message.breaking);
            let found = found.map(declared);
            return found.ok_or_else(|| Reason::TypeHidden(inert::inline(word)));
        }
        if commit.is_merge()
            && let Some(at) = self.lineage.place(commit.id)
        {
            let brought = self.lineage.brought(at).into_iter();
            let kinds = brought.filter_map(|at| self.kind_of(&self.input.commits[at]).ok());
            let weightiest = kinds.min_by_key(|(kind, _)| Meaning::from(*kind));
            return Ok(weightiest.unwrap_or(declared(Kind::Changed)));
        }
        if let Some((word, meaning)) = self.emoji_of(message) {
            let kind = if message.breaking {
                meaning.kind().or(Some(Kind::Changed))
            } else {
                meaning.kind()
            };
            return kind.map(declared).ok_or(Reason::TypeHidden(word));
        }
        let plain = message.kind.is_none() && message.specs.is_empty() && !message.is_revert();
        if plain && self.input.rules.unconventional == Unconventional::Skip {
            return Err(Reason::Unconventional);
        }
        Ok(by_verb(commit, Kind::of_title(&message.description)))
    }

    /// The version increase that a change requires.
    fn raise(&self, evidence: Evidence, word: Option<&str>, kind: Kind, breaking: bool) -> Raise {
        let change = Weighed::by(evidence, word, kind, breaking);
        self.input.rules.bumps.raise(change)
    }

    /// The kind that decides the category: a title's words alone never put a change below the breaking ones.
    fn listed_as(&self, kind: Kind, evidence: Evidence) -> Kind {
        let categories = &self.input.rules.categories;
        match kind {
            Kind::Removed if evidence != Evidence::Declared && categories.is_breaking(kind) => {
                Kind::Changed
            }
            kind => kind,
        }
    }

    /// Whether a change is breaking, by itself or because of the meaning of its type here.
    fn is_breaking(&self, word: &str, breaking: bool) -> bool {
        breaking || self.input.rules.types.get(word) == Some(&Meaning::Breaking)
    }

    /// Whether a commit is breaking, by itself or because of the meaning of its type or emoji here.
    pub(super) fn breaks(&self, message: &Message) -> bool {
        let emoji = || {
            self.emoji_of(message)
                .is_some_and(|(_, meaning)| meaning == Meaning::Breaking)
        };
        self.is_breaking(message.kind.as_deref().unwrap_or(""), message.breaking) || emoji()
    }

    /// Whether the configuration or the convention knows a commit type.
    fn is_known(&self, word: &str) -> bool {
        self.input.rules.types.contains_key(word) || Kind::of_word(word).is_some()
    }

    /// The configured name and the meaning of the gitmoji of a title without a type.
    fn emoji_of(&self, message: &Message) -> Option<(String, Meaning)> {
        let code = message
            .emoji
            .as_deref()
            .filter(|_| message.kind.is_none())?;
        let emoji = Gitmoji::of_code(code)?;
        let mut types = self.input.rules.types.iter();
        let own = types.find(|(word, _)| emoji.is_named(word));
        let own = own.map(|(word, meaning)| (word.clone(), *meaning));
        own.or_else(|| Some((format!(":{code}:"), Meaning::from(emoji.kind?))))
    }

    /// The scope to show: text before the colon that is no type is a scope.
    fn scope_of<'m>(&self, message: &'m Message) -> Option<&'m str> {
        let word = message.kind.as_deref().unwrap_or("");
        let rules = self.input.rules;
        let is_type =
            self.is_known(word) || rules.categories.lists(word) || rules.bumps.0.contains_key(word);
        let prefix = message.prefix.as_deref().filter(|_| !is_type);
        prefix.or(message.scope.as_deref())
    }

    /// Whether a commit fixes a security problem: it says so, and neither its type nor its verb contradicts.
    fn is_security(&self, message: &Message) -> bool {
        message.is_security
            && !message.is_revert()
            && self.fixes_security(message.kind.as_deref(), &message.description)
    }

    fn fixes_security(&self, word: Option<&str>, description: &str) -> bool {
        let rules = self.input.rules;
        let is_listed = rules
            .categories
            .for_change(Kind::Security, false, None)
            .is_some();
        let is_hidden = word.is_some_and(|word| rules.types.get(word) == Some(&Meaning::Hide));
        let kind = match word {
            Some("revert" | "test" | "tests" | "ci" | "docs" | "doc" | "style") => return false,
            Some(word) if self.is_known(word) => self.kind_of_word(word, false),
            _ => Kind::of_title(description).or(Some(Kind::Fixed)),
        };
        let fits = matches!(kind, Some(Kind::Fixed | Kind::Internal | Kind::Security));
        is_listed && !is_hidden && fits
    }

    /// The kind of a change from a body, and the evidence for it; `None` if it is hidden.
    fn kind_of_part(&self, commit: &Commit, part: &SquashPart) -> Option<(Kind, Evidence)> {
        if let Some(word) = commit.message.label_word() {
            return Some((self.kind_of_word(word, part.breaking)?, Evidence::Declared));
        }
        let word = part.kind.as_deref();
        let scope = part.scope.as_deref().unwrap_or("");
        let says_security =
            scope.eq_ignore_ascii_case("security") || names_advisory(&part.description);
        if says_security && self.fixes_security(word, &part.description) {
            return Some((Kind::Security, Evidence::Declared));
        }
        match word.filter(|word| self.is_known(word)) {
            Some(word) => Some((self.kind_of_word(word, part.breaking)?, Evidence::Declared)),
            None => Some(by_verb(commit, Kind::of_title(&part.description))),
        }
    }

    /// The category that lists a change from a body.
    fn category_of_part(&self, commit: &Commit, part: &SquashPart, kind: Kind) -> Option<&'a str> {
        let word = commit.message.label_word().or(part.kind.as_deref());
        let word = word.filter(|_| kind != Kind::Security);
        let categories = &self.input.rules.categories;
        categories.for_change(kind, part.breaking, word)
    }

    /// The meaning of a commit type here; `None` if it is hidden.
    fn kind_of_word(&self, word: &str, breaking: bool) -> Option<Kind> {
        match self.input.rules.types.get(word) {
            Some(Meaning::Hide) if !breaking => None,
            Some(meaning) => meaning.kind().or(Some(Kind::Changed)),
            None => Kind::of_word(word).or(Some(Kind::Changed)),
        }
    }
}

/// The kind that a first verb names. Verbs about documents or tests raise nothing; a commit without any path counts as source.
fn by_verb(commit: &Commit, kind: Option<Kind>) -> (Kind, Evidence) {
    let mut paths = commit.paths.iter();
    let is_beside = !commit.paths.is_empty() && paths.all(|path| touched::is_beside_source(path));
    let evidence = if is_beside {
        Evidence::VerbWithoutSource
    } else {
        Evidence::Verb
    };
    (kind.unwrap_or(Kind::Changed), evidence)
}

/// The fate of a change from a body.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Listed,
    Covered(Reason),
    LeftOut(Reason),
    /// It belongs to other components, for this reason.
    Outside(Reason),
}

/// One line, and below it the text about what users have to do.
fn worded(said: &str, migration: Option<&str>) -> String {
    let said = inert::title(said, 400);
    match migration.map(inert::block).filter(|text| !text.is_empty()) {
        Some(migration) => format!("{said}\n\n{migration}"),
        None => said,
    }
}

fn author_of(commit: &Commit) -> &str {
    let name = commit.author_name();
    name.split_once(" <").map_or(name, |(name, _)| name)
}
