//! Parts of a title: type, scope, numbers, and the text before the change. No word is dropped: if it is no type, it is a scope or stays
//! text.

use crate::domain::commit::bookkeeping::{self, Bookkeeping};
use crate::domain::commit::gitmoji::Gitmoji;
use crate::domain::commit::header::{self, Header};
use crate::domain::commit::message::{Message, Reading};
use crate::domain::commit::prefix;
use crate::domain::commit::squash;
use crate::domain::commit::subject::{merged_request, reverted_subject, reverting};
use crate::domain::entry::kind::Kind;
use crate::domain::entry::reference;
use crate::domain::text::advisory;

/// Words before a colon that begin a sentence.
const PROSE: &[&str] = &[
    "note",
    "notes",
    "warning",
    "important",
    "attention",
    "hint",
    "tip",
    "reminder",
    "fyi",
    "todo",
    "caution",
    "caveat",
];

/// Types that do not name a kind of change.
const OTHER_TYPES: &[&str] = &[header::BREAKING, "release", "bump", "version", "wip"];

impl Message {
    /// Reads the title, which may be below a forge's own subject.
    pub(super) fn read_title(&mut self, title: &str) {
        let (bare, numbers) = squash::without_number(title);
        let ends_with_number = bare.len() < title.len();
        let mut lead = prefix::read(title, !ends_with_number);
        // `Fix #12: crash on start` has its verb before the colon.
        let fixes = Kind::of_title(lead.numbers) == Some(Kind::Fixed);
        if fixes && Kind::of_title(lead.title).is_none() && header::read(lead.title).is_none() {
            lead = prefix::read(title, false);
        }
        self.pull = lead.pull;
        self.issues = reference::issues(lead.numbers).collect();
        if !ends_with_number {
            self.issues.extend(numbers);
        }
        let packages = prefix::packages(lead.title);
        let header =
            header::read(lead.title).filter(|header| !PROSE.contains(&header.kind.as_str()));
        let header = header.filter(|header| packages.is_none() || header.kind == header::BREAKING);
        self.kind = lead.kind;
        self.breaking = lead.breaking;
        self.scope = lead.scope.map(str::to_owned);
        let description = match (header, packages) {
            (Some(header), _) => self.read_header(header),
            (None, Some((names, rest))) if self.scope.is_none() => {
                self.scope = Some(names.to_owned());
                rest.to_owned()
            }
            _ => lead.title.to_owned(),
        };
        let emoji = Gitmoji::leading(&description).filter(|(_, rest)| !rest.trim().is_empty());
        self.breaking |= emoji.is_some_and(|(emoji, _)| emoji.is_breaking());
        let description = emoji.map_or(description.as_str(), |(_, rest)| rest.trim_start());
        let emoji = lead.emoji.or(emoji.map(|(emoji, _)| emoji));
        self.emoji = emoji.map(|emoji| emoji.code.to_owned());
        self.description = format!("{}{description}", lead.kept);
        let scope = self.scope.as_deref().unwrap_or("");
        self.is_security = lead.is_security
            || scope.eq_ignore_ascii_case("security")
            || title.to_ascii_lowercase().ends_with("[security]")
            || advisory::find(title).is_some();
        self.reverts_subject = reverted_subject(lead.title);
    }

    /// Reads a header, and returns the description of the change.
    fn read_header(&mut self, header: Header<'_>) -> String {
        let is_usual =
            Kind::of_word(&header.kind).is_some() || OTHER_TYPES.contains(&header.kind.as_str());
        if !is_usual {
            self.prefix = Some(header.written.to_owned());
        }
        self.breaking |= header.breaking;
        self.scope = header.scope.or(self.scope.take());
        let description = header.description.into_owned();
        let is_revert = header.kind == "revert";
        self.kind = Some(header.kind);
        if is_revert {
            reverting(&description)
        } else {
            description
        }
    }

    pub(super) fn read_numbers(&mut self, subject: &str, body: &str, reading: &Reading) {
        let (description, issues) = squash::without_number(&self.description);
        let ends_with_number = description != self.description;
        self.description = description;
        if ends_with_number {
            self.pull = self.pull.take().or(issues.first().cloned());
            let before = std::mem::replace(&mut self.issues, issues);
            self.issues.extend(before);
        }
        self.pull = merged_request(subject, body).or(self.pull.take());
        if let Some(pull) = &self.pull
            && !self.issues.contains(pull)
        {
            self.issues.push(pull.clone());
        }
        let named = reading.issues.iter().flat_map(|p| p.all(subject));
        self.issues.extend(named.map(str::to_owned));
    }

    pub(super) fn read_spec(&mut self, subject: &str, reading: &Reading) {
        self.noise = reading.noise.iter().any(|p| p.matches(subject));
        let Some(found) = reading.specs.iter().find_map(|p| p.captures(subject)) else {
            return;
        };
        if let (Some(id), true) = (found.name("id"), self.specs.is_empty()) {
            self.specs.push(id.as_str().to_owned());
            self.scope = None;
        }
        if let Some(title) = found.name("title") {
            let (description, _) = squash::without_number(title.as_str().trim());
            self.description = description;
        }
    }

    /// Records the kind of the title, if it describes no change. A type that matters to users is trusted, unless the whole title is the
    /// project's own for its releases.
    pub(super) fn judge(&mut self, title: &str, is_request: bool, reading: &Reading) {
        let reverted = self.reverts_subject.as_deref();
        if let Some(own) = &reading.release
            && [Some(title), reverted]
                .into_iter()
                .flatten()
                .any(|title| own.is_title(title))
        {
            self.bookkeeping = Some(Bookkeeping::Release);
            return;
        }
        let kind = self.kind.as_deref();
        let is_beside = kind
            .and_then(Kind::of_word)
            .is_none_or(|kind| matches!(kind, Kind::Internal | Kind::Documentation));
        let is_beside = is_beside && kind != Some(header::BREAKING);
        if !is_beside {
            return;
        }
        let own = || bookkeeping::of_title(&self.description);
        let whole = || bookkeeping::of_title(title).filter(|_| kind.is_none());
        let found = own().or_else(|| whole().filter(|_| *title != self.description));
        self.bookkeeping = match found {
            _ if is_request => Some(Bookkeeping::Release),
            Some(Bookkeeping::Noise) if kind.is_some() || !self.parts.is_empty() => None,
            Some(Bookkeeping::Noise | Bookkeeping::Changelog) if self.breaking => None,
            found => found,
        };
    }
}
