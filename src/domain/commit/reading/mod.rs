//! Parser of commit messages.
//!
//! It parses Conventional Commits 1.0 through git-conventional, the numbers and lists that forges write, and git's own `This reverts
//! commit` and `(cherry picked from commit`. git parses the trailers, which the caller passes in. Code and quotations in a body do not
//! count as the author's words.

mod heading;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;

use crate::domain::commit::inner::{self, InnerCommit};
use crate::domain::commit::message::{Message, Reading};
use crate::domain::commit::quoted::{BodyLine, OwnBody};
use crate::domain::commit::squash::{self, SquashPart};
use crate::domain::commit::subject::title_in_body;
use crate::domain::commit::{footer, title};
use crate::domain::entry::reference;
use crate::domain::text::advisory;

impl Message {
    /// Parses a message; `trailers` are those that git finds in it.
    pub fn read(text: &str, trailers: &[(String, String)], reading: &Reading) -> Message {
        Message::read_by(text, trailers, reading, false)
    }

    /// Parses a message. The body of a bot that updates dependencies contains the notes of other projects.
    pub fn read_by(
        text: &str,
        trailers: &[(String, String)],
        reading: &Reading,
        is_bot: bool,
    ) -> Message {
        let text = if text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n"))
        } else {
            Cow::Borrowed(text)
        };
        let text = title::overridden(text.trim());
        let (subject, below) = title::split(text.trim(), &reading.closers);
        let list = inner::read(&subject, below);
        let (rest, commits) =
            list.map_or((None, Vec::new()), |list| (Some(list.rest), list.commits));
        let below = rest.as_deref().unwrap_or(below);
        let mut message = Message {
            is_list: rest.is_some() && inner::is_head(&subject),
            ..Message::default()
        };
        let (title, below) = title_in_body(&subject, below).unwrap_or((&subject, below));
        message.read_title(title);
        let body = OwnBody::read(below, is_bot);
        message.read_own_footers(&subject, &body);
        message.read_changes(&body);
        if !commits.is_empty() {
            message.read_list(&commits, reading);
        }
        message.read_numbers(&subject, &body.plain, reading);
        message.read_body(&body, reading);
        let is_whole = body.plain == below;
        for (token, value) in trailers {
            if is_whole || body.lines().any(|line| begins(line.plain, token)) {
                message.read_trailer(token, value.trim(), reading);
            }
        }
        // `Closes !7` below it is no footer in the convention, so it became part of the text.
        if let Some(migration) = message.migration.take() {
            let own = migration
                .lines()
                .filter(|line| !closes_issues(line.trim(), reading))
                .filter(|line| !line.starts_with("See merge request "));
            message.migration = Some(own.collect::<Vec<_>>().join("\n").trim().to_owned());
        }
        message.is_misspelled &= !message.breaking;
        message.read_spec(&subject, reading);
        message.judge(title, body.is_release, reading);
        let lists = [
            &mut message.issues,
            &mut message.specs,
            &mut message.co_authors,
        ];
        lists.into_iter().for_each(keep_first_of_each);
        message.subject = subject.into_owned();
        message
    }

    /// Reads relwatch's own footers. A body that does not follow the convention does not make the subject unconventional. Footers next to a
    /// `BREAKING CHANGE:` are no trailers to git (git-interpret-trailers). Most bodies have none of ours.
    fn read_own_footers(&mut self, subject: &str, body: &OwnBody<'_>) {
        let holds_own = body.lines().any(|line| begins_with_own_trailer(line.plain));
        if !holds_own {
            return;
        }
        let text = format!("{subject}\n\n{}", body.said.trim_start_matches('\n'));
        if let Ok(commit) = git_conventional::Commit::parse(&text) {
            for footer in commit.footers().iter().filter(|f| !f.breaking()) {
                let token = footer.token().as_str();
                if body.lines().any(|line| begins(line.plain, token)) {
                    self.read_own_trailer(token, footer.value().trim());
                }
            }
        }
    }

    /// Reads the changes in the body, and the migration text for the subject's change.
    fn read_changes(&mut self, body: &OwnBody<'_>) {
        let mut found = squash::read(body);
        self.migration = footer::breaking(found.lead.into_iter(), self.kind.is_some());
        if let Some(last) = found.parts.last_mut().filter(|last| !last.breaking)
            && self.breaking
            && self.migration.is_none()
        {
            // The footer at the very end belongs to the whole message.
            self.migration = last.migration.take();
        }
        for part in &mut found.parts {
            part.breaking |= part.migration.is_some();
        }
        self.breaking |= self.migration.is_some();
        self.parts = found.parts;
        self.is_mixed = found.is_mixed;
    }

    /// Reads the commits that `git merge --squash` lists, newest first: each has a message of its own. A commit and its revert cancel out.
    fn read_list(&mut self, commits: &[InnerCommit], reading: &Reading) {
        let read = |commit: &InnerCommit| Message::read(&commit.message, &[], reading);
        let messages: Vec<Message> = commits.iter().map(read).collect();
        let mut gone: Vec<bool> = commits.iter().map(|commit| commit.is_merge).collect();
        for (at, message) in messages.iter().enumerate() {
            if gone[at] || !message.is_revert() {
                continue;
            }
            let is_target = |older: &usize| {
                let id = commits[*older].id.as_str();
                let by_id = message
                    .reverts
                    .iter()
                    .any(|name| id.starts_with(name.as_str()) || name.starts_with(id));
                by_id || message.reverts_subject.as_deref() == Some(&messages[*older].subject)
            };
            if let Some(target) = (at + 1..commits.len()).find(is_target) {
                (gone[at], gone[target]) = (true, true);
            }
        }
        let told = messages.into_iter().zip(gone).rev();
        let told = told
            .filter(|(message, gone)| !(*gone || message.is_fixup() || message.subject.is_empty()));
        let parts = self.parts.drain(..).collect::<Vec<_>>().into_iter();
        let parts = parts.chain(told.flat_map(|(message, _)| message.into_parts()));
        self.parts = squash::each_once(parts);
    }

    /// The changes of a commit that a body lists.
    fn into_parts(self) -> impl Iterator<Item = SquashPart> {
        let title = SquashPart {
            kind: self.kind,
            scope: self.scope.or(self.prefix),
            description: self.description,
            breaking: self.breaking,
            migration: self.migration,
            issues: self.issues,
            bookkeeping: self.bookkeeping,
            listed: true,
        };
        [title].into_iter().chain(self.parts)
    }

    fn read_body(&mut self, body: &OwnBody<'_>, reading: &Reading) {
        let refers = ["This reverts commit", "(cherry picked from commit "];
        let refers = refers.iter().any(|words| body.plain.contains(words));
        let names_advisory = advisory::find(&body.plain).is_some();
        for BodyLine { plain, .. } in body.lines() {
            let line = plain.trim();
            self.read_body_line(line, refers, reading);
            let is_footer = || footer::is_footer(line) || closes_issues(line, reading);
            self.is_misspelled |= footer::is_misspelled(line);
            self.is_security |= names_advisory && advisory::find(line).is_some() && is_footer();
        }
    }

    fn name_issues<'t>(&mut self, found: impl Iterator<Item = &'t str>) {
        self.issues.extend(found.map(str::to_owned));
    }

    /// Reads a line of the body. `refers` is whether any line may name a commit that is reverted or picked.
    fn read_body_line(&mut self, line: &str, refers: bool, reading: &Reading) {
        let after = |words: &str| if refers { after(line, words) } else { None };
        let reverted = after("This reverts commit ");
        if let Some(rest) = reverted.or_else(|| after("This reverts commits ")) {
            // `…, reversing changes made to …` names the commit that stays.
            let list = rest.split("revers").next().unwrap_or(rest);
            self.reverts.extend(hex_words(list));
        } else if let Some(rest) = after("(cherry picked from commit ") {
            self.picked_from.extend(hex_words(rest).next());
        } else if let Some(rest) = line.strip_prefix("Reverts ") {
            let numbers = rest.split(' ').next().unwrap_or("");
            let number = numbers.find(['#', '!']).map(|at| &numbers[at..]);
            let issues = number.map(|n| reference::issues(n).collect::<Vec<_>>());
            self.reverts_issues.extend(issues.unwrap_or_default());
        } else if closes_issues(line, reading) {
            self.name_all_issues(line, reading);
        }
    }

    fn name_all_issues(&mut self, line: &str, reading: &Reading) {
        let own: Vec<String> = reference::issues(line)
            .chain(reference::foreign_issues(line))
            .collect();
        self.name_issues(own.iter().map(String::as_str));
        self.name_issues(reading.issues.iter().flat_map(|p| p.all(line)));
    }

    fn read_trailer(&mut self, token: &str, value: &str, reading: &Reading) {
        match token.to_lowercase().as_str() {
            // Conventional Commits 1.0, "how does it handle reverts": `revert:` names commits in `Refs:`.
            "refs" if self.kind.as_deref() == Some("revert") => {
                self.reverts.extend(hex_words(value));
            }
            "co-authored-by" if !value.is_empty() => {
                self.co_authors.push(value.to_owned());
            }
            word if reading.closers.iter().any(|closer| closer == word) => {
                if !is_fix(&format!("{token}: {value}")) {
                    self.name_all_issues(value, reading);
                }
            }
            _ => self.read_own_trailer(token, value),
        }
    }

    fn read_own_trailer(&mut self, token: &str, value: &str) {
        match token.to_lowercase().as_str() {
            "changelog" => self.changelog = Some(value.to_lowercase()),
            "release-note" if !value.is_empty() => match &mut self.note {
                Some(known) if known == value => {}
                Some(known) => known.extend([" ", value]),
                None => self.note = Some(value.to_owned()),
            },
            "spec" => {
                let ids = value.split(',').map(str::trim).filter(|id| !id.is_empty());
                self.specs.extend(ids.map(str::to_owned));
            }
            _ => {}
        }
    }
}

fn closes_issues(line: &str, reading: &Reading) -> bool {
    let word = line.split([' ', ':']).next().unwrap_or("");
    // Closers are in lower case; few are in other alphabets.
    let is_word = |closer: &String| {
        if word.is_ascii() {
            closer.eq_ignore_ascii_case(word)
        } else {
            *closer == word.to_lowercase()
        }
    };
    // The last is Azure's.
    (reading.closers.iter().any(is_word) && !is_fix(line))
        || line.starts_with("Related work items:")
}

/// Whether a line is a change of its own: `fix: crash (#5)` is one, `fix: #5` only closes an issue.
fn is_fix(line: &str) -> bool {
    let rest = line.strip_prefix("fix: ").unwrap_or("");
    let first = rest.split_whitespace().next();
    first.is_some_and(|word| !word.contains(|c: char| c.is_ascii_digit()))
}

/// Whether a line begins with the token of a trailer.
fn begins(line: &str, token: &str) -> bool {
    let start = line.trim_start().get(..token.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(token))
}

/// Whether a line may be one of the footers that [`Message::read_own_trailer`] knows.
fn begins_with_own_trailer(line: &str) -> bool {
    ["changelog", "release-note", "spec"]
        .into_iter()
        .any(|token| begins(line, token))
}

fn after<'t>(line: &'t str, start: &str) -> Option<&'t str> {
    line.find(start).map(|at| &line[at + start.len()..])
}

/// Abbreviated commits in a list such as `1a2b3c4, 5d6e7f8 and 9a8b7c6`.
fn hex_words(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(str::to_lowercase)
}

/// Removes all but the first of equal texts, keeping the order. A message may contain thousands.
fn keep_first_of_each(list: &mut Vec<String>) {
    if list.len() > 1 {
        let mut known = HashSet::new();
        list.retain(|text| known.insert(text.clone()));
    }
}
