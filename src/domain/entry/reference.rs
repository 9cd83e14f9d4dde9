//! References: the names of changes in a line.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use memchr::{memchr2, memchr2_iter};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::domain::commit::id::{CommitId, may_name};
use crate::domain::text::words::blanked;

/// `#12`, and GitLab's `!12`, in running text. The `#` of an anchor or an entity is not a reference, nor is `owner/repo#12`, which belongs
/// to another project.
pub fn issues(text: &str) -> impl Iterator<Item = String> + '_ {
    memchr2_iter(b'#', b'!', text.as_bytes()).filter_map(|at| {
        let mark = &text[at..=at];
        let before = text[..at].chars().next_back();
        let digits = digits_of(&text[at + 1..]);
        let free = before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '/' | '&' | '_'));
        let number = digits.trim_start_matches('0');
        let after = &text[at + 1 + digits.len()..];
        // `#12ab34` is a colour or the beginning of a commit.
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_number = free && ends && digits.len() <= 9 && !number.is_empty();
        let is_colour = || mark == "#" && is_colour(digits, &text[..at], after);
        (is_number && !is_colour()).then(|| format!("{mark}{number}"))
    })
}

/// Words next to a colour: things that have one, and properties of CSS.
const COLOURS: &[&str] = &[
    "color",
    "colors",
    "colour",
    "colours",
    "background",
    "bg",
    "foreground",
    "fg",
    "border",
    "fill",
    "stroke",
    "outline",
    "hex",
    "shade",
    "tint",
    "gradient",
    "shadow",
    "solid",
    "dashed",
    "dotted",
    "grey",
    "gray",
    "black",
    "white",
    "red",
    "green",
    "blue",
    "yellow",
    "orange",
    "purple",
    "pink",
    "palette",
    "caret",
    "accent",
    "hue",
    "css",
    "rgb",
    "swatch",
];

/// Words between a colour and the thing that has it.
const BETWEEN: &[&str] = &[
    "to", "from", "as", "is", "of", "with", "the", "be", "or", "and", "by", "in", "into", "uses",
    "use", "=", "like",
];

/// Whether digits after a `#` are a colour: there are as many as CSS allows, next to a word for a colour. `(#123)` is a number.
fn is_colour(digits: &str, before: &str, after: &str) -> bool {
    if !matches!(digits.len(), 3 | 4 | 6 | 8) {
        return false;
    }
    let is_enclosed = before.ends_with('(') && after.starts_with(')');
    !is_enclosed && (is_colour_before(before) || is_colour_after(after))
}

/// Whether the last words before a number show that it is a colour.
fn is_colour_before(before: &str) -> bool {
    let tail = before.char_indices().rev().nth(60).map_or(0, |(at, _)| at);
    let mut words = before[tail..]
        .rsplit([' ', '\t', '('])
        .map(|word| word.trim_matches(['"', '\'', '[', '`']));
    let mut is_first = true;
    for word in words.by_ref().filter(|word| !word.is_empty()).take(5) {
        let is_sentence_end = word.ends_with(['.', ';', ')', '!', '?']);
        if is_sentence_end {
            return false;
        }
        // `fill="#333"`, `bg-[#123]`, `theme-color:`
        let parts = word.trim_end_matches(['=', ':', ',', '"', '[', '-', '\'']);
        let last = parts.rsplit(['-', '_', ':', '.', '"']).next().unwrap_or("");
        let lower = last.to_lowercase();
        if COLOURS.contains(&lower.as_str()) {
            return true;
        }
        let is_length = word.ends_with("px") || word.ends_with("em");
        let is_other = word.starts_with('#') || matches!(word, "→" | "->" | "=>");
        if !(BETWEEN.contains(&lower.as_str()) || is_length || is_other || is_first && word == "=")
        {
            return false;
        }
        is_first = false;
    }
    false
}

/// Whether the word after a number shows that it is a colour: `#333 background`.
fn is_colour_after(after: &str) -> bool {
    let word = after
        .strip_prefix(' ')
        .and_then(|rest| rest.split([' ', ',', '.', ';', ')']).next());
    word.is_some_and(|word| COLOURS.contains(&word.to_lowercase().as_str()))
}

/// `owner/repo#12` and `group/sub/project!12` in running text.
pub fn foreign_issues(text: &str) -> impl Iterator<Item = String> + '_ {
    let breaks = |c: char| c.is_whitespace() || "()[]{}<>,;\"'`".contains(c);
    let named = memchr2(b'#', b'!', text.as_bytes()).map_or("", |_| text); // most lines name nothing
    named.split(breaks).filter_map(|word| {
        let at = memchr2(b'#', b'!', word.as_bytes())?;
        let digits = digits_of(&word[at + 1..]);
        let path = &word[..at];
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./~".contains(c);
        let is_path = path.contains('/') && path.chars().all(plain) && !path.contains("//");
        (is_path && !digits.is_empty()).then(|| word[..at + 1 + digits.len()].to_owned())
    })
}

fn digits_of(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

/// A text in which code and tables are replaced by as many blanks: names in them are never references.
pub fn running_text(text: &str) -> Cow<'_, str> {
    let may_have = text.contains(['`', '|', '\t']) || text.contains("~~~") || text.contains("    ");
    if !may_have {
        return Cow::Borrowed(text);
    }
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    let is_other = |event: &Event<'_>| {
        matches!(
            event,
            Event::Code(_) | Event::Start(Tag::CodeBlock(_) | Tag::Table(_))
        )
    };
    let others = parser.filter(|(event, _)| is_other(event));
    blanked(text, others.map(|(_, range)| range))
}

/// A line in which code spans are replaced by as many blanks (CommonMark 0.31, section 6.1).
pub fn without_spans(line: &str) -> Cow<'_, str> {
    if !line.contains('`') {
        return Cow::Borrowed(line); // nearly every line
    }
    let bytes = line.as_bytes();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for at in memchr::memchr_iter(b'`', bytes) {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    // The next run of the same length closes a span.
    let mut closing: Vec<Option<usize>> = vec![None; runs.len()];
    let mut next: HashMap<usize, usize> = HashMap::new();
    for (at, (_, length)) in runs.iter().enumerate().rev() {
        closing[at] = next.insert(*length, at);
    }
    let mut spans = Vec::new();
    let mut at = 0;
    while at < runs.len() {
        let Some(close) = closing[at] else {
            at += 1;
            continue;
        };
        spans.push(runs[at].0..runs[close].0 + runs[close].1);
        at = close + 1;
    }
    blanked(line, spans)
}

/// References in a line, each in one spelling: `#12`, abbreviated commits, IDs with a date such as `2026-01-28-00b-sjc`.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = issues(text).collect();
    for word in words(text) {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let dated = digits >= 8 && word.matches('-').count() >= 3;
        let commit = word.split_once('/').map_or(word, |(commit, _)| commit);
        // A word of letters alone, such as `defaced`, is a commit only in brackets, as in generated lines.
        let is_named = digits > 0 || text.contains(&format!("({word})"));
        if dated || (may_name(commit) && is_named) {
            tokens.push(word.to_lowercase());
        }
    }
    tokens
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let breaks = |c: char| c.is_whitespace() || "()[]{}<>,;:\"'`*_".contains(c);
    let words = text.split(breaks).map(|w| w.trim_matches(['.', '!', '?']));
    words.filter(|word| !word.is_empty())
}

/// The words of a text, such as IDs of specs. A part of a spec, `ID/2`, counts as its ID, too; a member's ID, `ID.1`, is another word.
pub struct SaidWords<'t>(HashSet<&'t str>);

impl<'t> SaidWords<'t> {
    /// The words of a text.
    pub fn new(text: &'t str) -> SaidWords<'t> {
        let starts = |word: &'t str| {
            let parts = word.match_indices('/').map(|(at, _)| &word[..at]);
            parts.chain([word])
        };
        SaidWords(words(text).flat_map(starts).collect())
    }

    /// Whether the text contains a word.
    pub fn says(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

/// All references in hand-written lines and skip comments.
#[derive(Debug, Default, Clone)]
pub struct References {
    issues: HashSet<String>,
    /// Words that could be an abbreviated commit: 7 to 40 hexadecimal digits.
    commits: HashSet<String>,
    words: HashSet<String>,
    /// Issues of each entry that has some, and all its words, which may be commits and specs.
    beside: Vec<(Vec<String>, Vec<String>)>,
}

impl References {
    /// References of one entry.
    pub fn read(text: &str) -> References {
        let mut named = References::default();
        named.add(&running_text(text));
        named
    }

    /// Adds all references of `text`, one entry.
    pub fn add(&mut self, text: &str) {
        let issues: Vec<String> = issues(text).collect();
        let mut beside = Vec::new();
        for word in words(text).filter(|word| !word.starts_with('#')) {
            // `1a2b3c4/2` is the second change of a commit; a link names its target by the end of its path.
            let first = word.split_once('/').map_or(word, |(first, _)| first);
            let last = word.rsplit_once('/').map_or(word, |(_, last)| last);
            self.words.insert(word.to_owned());
            self.words.insert(last.to_owned());
            if may_name(last) {
                self.commits.insert(last.to_lowercase());
            }
            beside.extend([first, last, word].map(str::to_owned));
        }
        if !issues.is_empty() {
            self.beside.push((issues.clone(), beside));
        }
        self.issues.extend(issues);
    }

    /// Removes issues that are listed next to some of their commits or specs: such an entry means those, not everything that belongs to the
    /// issue. `has` is whether a word belongs to an issue.
    pub fn settle(&mut self, has: impl Fn(&str, &str) -> bool) {
        for (issues, words) in &self.beside {
            for issue in issues {
                if words.iter().any(|word| has(word, issue)) {
                    self.issues.remove(issue);
                }
            }
        }
    }

    /// Adds the new ID of a referenced commit.
    pub fn follow(&mut self, old: &str, new: CommitId) {
        let new = new.to_string();
        for (_, words) in &mut self.beside {
            if words.iter().any(|word| word == old) {
                words.push(new.clone());
            }
        }
        self.commits.insert(new);
    }

    /// Words that could be an abbreviated commit.
    pub fn commits(&self) -> &HashSet<String> {
        &self.commits
    }

    /// Whether an issue or a pull request is referenced: `#12`, `!12`, `owner/repo#12` or a name such as `JIRA-12`.
    pub fn issue(&self, issue: &str) -> bool {
        self.issues.contains(issue) || self.words.contains(issue)
    }

    /// Whether a commit is referenced, by any abbreviation of seven digits or more.
    pub fn commit(&self, id: CommitId) -> bool {
        !self.commits.is_empty() && self.abbreviates(&id.hex())
    }

    /// Whether a referenced abbreviation is a word, such as the first digits of a commit, or the beginning of it.
    pub fn abbreviates(&self, word: &str) -> bool {
        let mut starts = (7..=word.len()).filter_map(|length| word.get(..length));
        !self.commits.is_empty() && starts.any(|start| self.commits.contains(start))
    }

    /// Whether a word is there by itself, for example a spec ID.
    pub fn word(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_commits_and_specs_are_found_in_prose() {
        let mut named = References::default();
        named.add("- **api:** Set it ([#12](https://example.org/o/r/pull/12), 1a2b3c4d) see o/r#9");
        named.add("- x (2026-01-28-00b-sjc.1) https://example.org/commit/abcdef1234");
        assert!(named.issue("#12") && !named.issue("#9") && named.issue("o/r#9"));
        assert!(named.abbreviates("1a2b3c4d5e6f") && named.abbreviates("abcdef1234567"));
        assert!(!named.abbreviates("1a2b3c4e"));
        assert!(named.word("2026-01-28-00b-sjc.1"));
    }

    #[test]
    fn what_is_asked_for_as_a_commit_may_be_any_word() {
        let named = References::read("1a2b3c4 abcdefé");
        assert!(
            !named.abbreviates("größenänderung")
                && !named.abbreviates("ééé")
                && !named.abbreviates("#12")
        );
        assert!(named.abbreviates("1a2b3c4é"));
    }

    #[test]
    fn issues_in_the_spellings_of_forges() {
        let of = |text: &str| issues(text).collect::<Vec<_>>();
        assert_eq!(of("x (#012), !3 and o/r#9, &#39; a#4"), ["#12", "!3"]);
        let foreign: Vec<_> = foreign_issues("Closes o/r#3, g/s/p!4. http://x/#5").collect();
        assert_eq!(foreign, ["o/r#3", "g/s/p!4"]);
    }

    #[test]
    fn colours_and_code_spans_are_no_references() {
        for text in [
            "Set the color: #123",
            "background #333",
            "border: 1px solid #444",
            "color from #123 to #456",
            "fill=\"#333\"",
            "use #333 background",
            "bg-[#123456]",
            "Change colour to #123",
            "support colours like #123456",
            "theme-color #112233",
            "#123abc and #12f",
        ] {
            assert_eq!(issues(text).next(), None, "{text}");
        }
        for text in [
            "fix #123",
            "Fix the color of links (#1234)",
            "Color picker: fixes #123",
            "Fix colors in dialog #123",
            "#123: background is wrong",
            "Fix color. See #123",
            "color #12",
            "Fixes #123",
        ] {
            assert!(issues(text).next().is_some(), "{text}");
        }
        for (line, expected) in [
            ("a `#1` b", "a      b"),
            ("a ``#1 ` `` #2 `x", "a           #2 `x"),
            ("`é` #3", "     #3"),
            ("none", "none"),
        ] {
            assert_eq!(without_spans(line), expected, "{line}");
        }
    }

    #[test]
    fn an_issue_beside_one_of_its_commits_is_no_more_than_that_commit() {
        let mut named = References::read("- a (#12, 1a2b3c4/2)");
        named.add("- b (#13, 1a2b3c4)");
        named.settle(|commit, issue| (commit, issue) == ("1a2b3c4", "#12"));
        assert!(!named.issue("#12") && named.word("1a2b3c4/2") && named.issue("#13"));
        assert!(!References::read("1a2b3c4/2").abbreviates("1a2b3c4d"));
    }
}
