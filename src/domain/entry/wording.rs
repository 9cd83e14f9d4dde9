//! The wording of an entry: template, scopes, references, links, marks.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

use crate::domain::entry::category::Categories;
use crate::domain::entry::kind::Kind;
use crate::domain::entry::reference::{self, References};
use crate::domain::forge::Forge;
use crate::domain::pattern::Pattern;
use crate::domain::text::{advisory, inert, links, words};

/// A repository's settings for the wording of its entries.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    pub template: EntryTemplate,
    /// Titles of scopes.
    pub scopes: BTreeMap<String, String>,
    /// The component whose entries these are: as a scope, its name is recognized in any case.
    pub component: Option<String>,
    /// The forge to which references link; without one they stay plain.
    pub forge: Option<Forge>,
    /// Targets of references of other trackers: `{}` is replaced by the reference.
    pub links: Vec<(Pattern, String)>,
}

/// The content of an entry.
#[derive(Debug, Clone, Default)]
pub struct Said<'a> {
    /// One paragraph or several.
    pub text: &'a str,
    pub scope: Option<&'a str>,
    /// References in the line.
    pub shown: Vec<String>,
    pub commit: &'a str,
    pub author: &'a str,
    pub kind: Option<Kind>,
    pub breaking: bool,
    /// Whether the text was written for users: then its first letter is unchanged.
    pub as_written: bool,
}

impl Wording {
    /// The entry as Markdown.
    pub fn entry(&self, said: &Said<'_>, categories: &Categories) -> String {
        let (head, tail) = inert::first_paragraph(said.text);
        // A text that contains its reference needs none after it, unless it is a link. Most texts contain none: it is faster to search for
        // the first digits of a reference than to parse the text.
        let named = OnceCell::new();
        let fits = |reference: &String| {
            let named = || named.get_or_init(|| References::read(head));
            let is_named = || {
                let named = named();
                named.issue(reference) || named.word(reference) || named.abbreviates(reference)
            };
            holds_start(head, reference) && is_named() && self.link(reference).is_none()
        };
        let is_issue = |one: &&String| reference::issues(one).any(|issue| issue == **one);
        let (shown, issues) = if said.shown.iter().any(fits) {
            Default::default()
        } else {
            let issues = said.shown.iter().filter(is_issue);
            (self.references(&said.shown), self.references(issues))
        };
        let scope = said.scope.and_then(|scope| self.scope(scope));
        let head = match scope {
            None if !said.as_written => words::capitalised(head),
            _ => head.to_owned(),
        };
        // The references belong to the sentence, not between it and the text that it introduces. reStructuredText introduces code by two
        // colons.
        let bare = head.trim_end_matches(':').len();
        let (head, colon) = match head.split_at(bare) {
            (bare, colon) if !tail.is_empty() && !shown.is_empty() => (bare, colon),
            _ => (head.as_str(), ""),
        };
        let mut line = self.template.filled(&[
            ("text", head),
            (
                "scope",
                &scope.map_or(String::new(), |s| format!("**{s}:** ")),
            ),
            ("refs", &shown),
            ("issues", &issues),
            ("commit", &self.reference(said.commit)),
            ("author", &inert::inline(said.author)),
        ]);
        line.push_str(colon);
        if said.kind == Some(Kind::Security) {
            line = with_advisory_first(&line);
        }
        let marked = super::super::spec::notes::is_marked_breaking(&line);
        // A category of its own needs no mark.
        if said.breaking && !marked && categories.mark_breaking() {
            line = format!("**Breaking:** {line}");
        }
        if head.is_empty() && !tail.is_empty() {
            format!("{line}\n\n{tail}")
        } else {
            format!("{line}{tail}")
        }
    }

    /// The title of a scope; `None` for one that is configured to have none.
    fn scope(&self, scope: &str) -> Option<String> {
        let is_own = |name: &&String| name.eq_ignore_ascii_case(scope);
        let own = self.component.as_ref().filter(is_own);
        let scope = match own.filter(|_| !self.scopes.contains_key(scope)) {
            Some(name) => name,
            None => scope,
        };
        let title = self.scopes.get(scope).map_or(scope, String::as_str);
        Some(inert::inline(title)).filter(|title| !title.is_empty())
    }

    fn references<'r>(&self, shown: impl IntoIterator<Item = &'r String>) -> String {
        let linked = shown.into_iter().map(|one| self.reference(one));
        let linked: Vec<String> = linked.collect();
        linked.join(", ")
    }

    /// A reference, as a link if it has a target.
    pub fn reference(&self, reference: &str) -> String {
        let safe = inert::inline(reference);
        match self.link(reference) {
            Some(link) => format!("[{}]({link})", inert::label(&safe)),
            None => safe,
        }
    }

    /// The page that a reference leads to.
    pub fn link(&self, reference: &str) -> Option<String> {
        let own = self
            .links
            .iter()
            .find(|(pattern, _)| pattern.first(reference) == Some(reference));
        if let Some((_, template)) = own {
            let link = template.replace("{}", &links::encoded(reference));
            return Some(link).filter(|link| links::is_safe_address(link));
        }
        let forge = self.forge.as_ref()?;
        let number = |mark: char| reference.strip_prefix(mark)?.parse::<u64>().ok();
        if let Some(number) = number('#') {
            return forge.issue(number);
        }
        if let Some(number) = number('!') {
            return forge.pull(number);
        }
        let id = reference.split('/').next().unwrap_or("");
        let is_commit = id.len() >= 7 && id.bytes().all(|b| b.is_ascii_hexdigit());
        is_commit.then(|| forge.commit(id)).flatten()
    }
}

/// The line of an entry, with fields in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryTemplate(String);

/// The fields of an [`EntryTemplate`]: `refs` names the change in any case, `issues` only by issues and pull requests.
pub const FIELDS: &[&str] = &["text", "scope", "refs", "issues", "commit", "author"];

impl EntryTemplate {
    /// Parses a template. Unknown fields, several lines, and a line without the text are refused.
    pub fn new(template: &str) -> Result<EntryTemplate, String> {
        for part in template.split('{').skip(1) {
            let field = part.split('}').next().unwrap_or("");
            if !FIELDS.contains(&field) {
                return Err(format!(
                    "entry: `{{{field}}}` is none of {{{}}}",
                    FIELDS.join("}, {")
                ));
            }
        }
        if template.contains('\n') || !template.contains("{text}") {
            return Err("entry: it must be one line with {text}".into());
        }
        Ok(EntryTemplate(template.to_owned()))
    }

    fn filled(&self, fields: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (field, after) = after.split_once('}').unwrap_or((after, ""));
            let value = fields
                .iter()
                .find(|(name, _)| *name == field)
                .map_or("", |f| f.1);
            rest = after;
            match before.strip_suffix('(') {
                // Empty parentheses are removed.
                Some(open) if value.is_empty() && after.starts_with(')') => {
                    out.push_str(open.trim_end());
                    rest = &after[1..];
                }
                _ => {
                    out.push_str(before);
                    out.push_str(value);
                }
            }
        }
        out.push_str(rest);
        out.trim().to_owned()
    }
}

impl Default for EntryTemplate {
    fn default() -> Self {
        EntryTemplate("{scope}{text} ({refs})".into())
    }
}

impl<'de> Deserialize<'de> for EntryTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EntryTemplate, D::Error> {
        let template = String::deserialize(deserializer)?;
        EntryTemplate::new(&template).map_err(de::Error::custom)
    }
}

/// Whether the first seven characters of a reference, in any case, are in a text; of `#12` the digits, which may follow zeros.
fn holds_start(text: &str, reference: &str) -> bool {
    let start = reference.trim_start_matches(['#', '!']).as_bytes();
    let start = &start[..start.len().min(7)];
    let mut places = text.as_bytes().windows(start.len().max(1));
    places.any(|place| place.eq_ignore_ascii_case(start))
}

/// Whether a text names a security advisory.
pub fn names_advisory(text: &str) -> bool {
    advisory::find(text).is_some()
}

/// Moves the name of an advisory to the beginning, so that readers and tools can match the entry to the advisory (Keep a Changelog 2.0,
/// "Deciding on a type").
fn with_advisory_first(text: &str) -> String {
    let Some(found) = advisory::find(text).filter(|found| found.start > 0) else {
        return text.to_owned();
    };
    let (before, after) = (&text[..found.start], &text[found.end..]);
    let id = &text[found];
    let alone = before
        .strip_suffix(['(', '['])
        .zip(after.strip_prefix([')', ']']));
    let said = match alone {
        Some((before, after)) => format!("{}{after}", before.trim_end()),
        None => text.to_owned(),
    };
    format!("{id}: {said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_checked_and_filled() {
        assert!(EntryTemplate::new("{refs}").is_err());
        assert!(
            EntryTemplate::new("{text} {refs} {x}")
                .unwrap_err()
                .contains("`{x}` is none of {text}, {scope}")
        );
        let template = EntryTemplate::new("{text} ({refs}) by {author}").unwrap();
        assert_eq!(
            template.filled(&[("text", "a {refs}"), ("author", "B")]),
            "a {refs} by B"
        );
        let said = Said {
            text: "crash on empty input\n\nMore.",
            shown: vec!["#3".into(), "1a2b3c4".into()],
            breaking: true,
            ..Said::default()
        };
        let categories = Categories::default();
        let wording = Wording {
            forge: Forge::of_remote("https://github.com/o/r", None),
            ..Wording::default()
        };
        assert_eq!(
            wording.entry(&said, &categories),
            "**Breaking:** Crash on empty input ([#3](https://github.com/o/r/issues/3), [1a2b3c4](https://github.com/o/r/commit/1a2b3c4))\n\nMore."
        );
    }

    #[test]
    fn scopes_have_titles_or_none() {
        let mut wording = Wording::default();
        wording.scopes.insert("api".into(), "HTTP API".into());
        wording.scopes.insert("core".into(), String::new());
        let entry = |scope: &str| {
            let said = Said {
                text: "x y",
                scope: Some(scope),
                ..Said::default()
            };
            wording.entry(&said, &Categories::default())
        };
        assert_eq!(entry("api"), "**HTTP API:** x y");
        assert_eq!(entry("core"), "X y");
        assert_eq!(entry("cli"), "**cli:** x y");
        assert_eq!(entry("CORE"), "**CORE:** x y");
        wording.component = Some("core".into());
        let said = Said {
            text: "x y",
            scope: Some("CORE"),
            ..Said::default()
        };
        assert_eq!(wording.entry(&said, &Categories::default()), "X y");
    }

    #[test]
    fn advisories_lead() {
        assert_eq!(
            with_advisory_first("out of bounds (CVE-2026-12345)"),
            "CVE-2026-12345: out of bounds"
        );
        assert_eq!(
            with_advisory_first("see GHSA-abcd-1234-wxyz"),
            "GHSA-abcd-1234-wxyz: see GHSA-abcd-1234-wxyz"
        );
        assert!(!names_advisory("CVE-1 GHSA-abc"));
    }
}
