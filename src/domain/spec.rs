//! Specs: Markdown with YAML front matter, in chant's form.
//!
//! The file name is the ID, `status: completed` means done and nothing else does. The text for users is
//! the first of: `changelog:` in the front matter, a `## Release Notes` section, the `#` title.

use serde::{Deserialize, Deserializer, de};

use super::kind::Kind;
use super::message::cuts_release;
use super::text;
use super::yaml::{self, YamlError};

/// A spec file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    pub id: String,
    /// Path from the repository's root, with `/`.
    pub path: String,
    pub status: Status,
    pub kind: Option<String>,
    pub labels: Vec<String>,
    pub title: String,
    /// Commits that the front matter lists, as written.
    pub commits: Vec<String>,
    /// What users are told, if the spec says it; else the title has to do.
    pub notes: Vec<Note>,
    /// `YYYY-MM-DD`.
    pub completed_on: Option<String>,
}

/// Where a spec is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Completed,
    Cancelled,
    /// Anything else: pending, in_progress, paused, failed, …
    Open,
}

/// One thing to tell users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// From the category heading above it.
    pub kind: Option<Kind>,
    pub breaking: bool,
    /// Markdown, several lines, safe inside a list item.
    pub text: String,
}

impl Spec {
    /// Reads a spec file. Refuses front matter that is not closed or not YAML; the line is the file's.
    pub fn read(path: &str, text: &str) -> Result<Spec, YamlError> {
        let id = id_of(path);
        let (front, body, front_line) = split(text)?;
        let front: FrontMatter = yaml::read(front).map_err(|error| YamlError {
            line: error.line + front_line,
            message: error.message,
        })?;
        let title = body
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .map(|title| title.trim().to_owned())
            .unwrap_or_else(|| id.clone());
        let notes = match front.changelog {
            Some(note) if !note.trim().is_empty() => vec![Note {
                kind: None,
                breaking: false,
                text: text::block(note.trim()),
            }],
            _ => release_notes(body),
        };
        let status = match front.status.to_lowercase().as_str() {
            "completed" => Status::Completed,
            "cancelled" => Status::Cancelled,
            _ => Status::Open,
        };
        let mut commits = front.commits;
        commits.extend(front.commit);
        Ok(Spec {
            id,
            path: path.to_owned(),
            status,
            kind: front.kind,
            labels: front.labels,
            title,
            commits,
            notes,
            completed_on: front
                .completed_at
                .and_then(|at| date_of(&at).map(str::to_owned)),
        })
    }

    /// The day that the archive files it under: that of its ID, else that of its completion.
    pub fn archive_date(&self) -> Option<&str> {
        date_of(&self.id).or(self.completed_on.as_deref())
    }

    /// The kind of change, as far as the spec tells: a label tells it best, then the type, then the title's verb.
    pub fn change_kind(&self) -> Option<Kind> {
        let by_label = self.labels.iter().find_map(|label| Kind::of_word(label));
        let by_type = || self.kind.as_deref().and_then(Kind::of_word);
        by_label
            .or_else(by_type)
            .or_else(|| Kind::of_title(&self.title))
    }

    /// Labelled or typed `breaking`.
    pub fn is_breaking(&self) -> bool {
        self.labels
            .iter()
            .chain(&self.kind)
            .any(|word| matches!(word.to_lowercase().as_str(), "breaking" | "breaking-change"))
    }

    /// A spec that prepares a release: it coordinates, it is no change.
    pub fn is_release(&self) -> bool {
        self.labels.iter().any(|label| label == "release") || cuts_release(&self.title)
    }

    /// The driver that a member belongs to: what stands before the first `.` that a digit follows.
    pub fn driver(&self) -> Option<&str> {
        driver_of(&self.id)
    }
}

/// The spec that `id` is a member of.
pub fn driver_of(id: &str) -> Option<&str> {
    let at = id
        .match_indices('.')
        .find(|(at, _)| id[at + 1..].starts_with(|c: char| c.is_ascii_digit()))?
        .0;
    Some(&id[..at])
}

/// The file name without `.md`.
pub fn id_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".md").unwrap_or(name).to_owned()
}

/// The date that an ID begins with, `YYYY-MM-DD`; a `project-` or `repo:` prefix may stand before it.
pub fn date_of(id: &str) -> Option<&str> {
    let bytes = id.as_bytes();
    let fits = |at: usize| {
        (0..10).all(|i| match (i, bytes.get(at + i)) {
            (4 | 7, Some(b)) => *b == b'-',
            (_, Some(b)) => b.is_ascii_digit(),
            (_, None) => false,
        })
    };
    let at = (0..id.len()).find(|at| {
        let boundary = *at == 0 || matches!(bytes[at - 1], b'-' | b':');
        boundary && fits(*at)
    })?;
    Some(&id[at..at + 10])
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct FrontMatter {
    status: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(deserialize_with = "one_or_many")]
    labels: Vec<String>,
    commit: Option<String>,
    #[serde(deserialize_with = "one_or_many")]
    commits: Vec<String>,
    changelog: Option<String>,
    completed_at: Option<String>,
}

impl Default for FrontMatter {
    fn default() -> Self {
        FrontMatter {
            status: "pending".into(),
            kind: None,
            labels: Vec::new(),
            commit: None,
            commits: Vec::new(),
            changelog: None,
            completed_at: None,
        }
    }
}

/// A list, a single value or nothing. Values stay text: `3614866` is a commit, not a number.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Visitor;
    impl<'de> de::Visitor<'de> for Visitor {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text or a list of texts")
        }
        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok(value.split(',').map(|v| v.trim().to_owned()).collect())
        }
        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok(vec![value.to_string()])
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut values = Vec::new();
            while let Some(value) = seq.next_element::<Option<String>>()? {
                values.extend(value);
            }
            Ok(values)
        }
    }
    deserializer.deserialize_any(Visitor)
}

/// Front matter, body, and how many lines stand before the front matter.
fn split(text: &str) -> Result<(&str, &str, usize), YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first_end = text.find('\n').map_or(text.len(), |at| at + 1);
    if text[..first_end].trim_end() != "---" {
        return Ok(("", text, 0));
    }
    let mut at = first_end;
    for line in text[first_end..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok((&text[first_end..at], &text[at + line.len()..], 1));
        }
        at += line.len();
    }
    Err(YamlError {
        line: 1,
        message: "the front matter is not closed by a line `---`".into(),
    })
}

/// The notes of a `## Release Notes` section: under category headings, as items, or as one text.
fn release_notes(body: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut section: Vec<&str> = Vec::new();
    let mut inside = false;
    let mut fenced = false;
    for line in body.lines() {
        // Agent output quotes whole conversations; its fences are not to be trusted.
        if line.trim_end() == "## Agent Output" {
            break;
        }
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        fenced ^= fence;
        let level = if fenced || fence {
            0
        } else {
            heading_level(line)
        };
        if inside && (1..=2).contains(&level) {
            break;
        }
        if inside {
            section.push(line);
        } else if level == 2 && heading_is(line, "release notes") {
            inside = true;
        }
    }
    let mut kind = None;
    let mut breaking = false;
    let mut title: Option<String> = None;
    let mut run: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in section {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        fenced ^= fence;
        let category = (!fenced && !fence && heading_level(line) == 3)
            .then(|| category_heading(line))
            .flatten();
        match category {
            None => run.push(line),
            Some((new_kind, new_breaking, new_title)) => {
                flush(&mut notes, kind, breaking, title.take(), &run);
                run.clear();
                (kind, breaking, title) = (new_kind, new_breaking, new_title);
            }
        }
    }
    flush(&mut notes, kind, breaking, title, &run);
    notes
}

fn heading_level(line: &str) -> usize {
    let hashes = line.bytes().take_while(|b| *b == b'#').count();
    if line[hashes..].starts_with(' ') {
        hashes
    } else {
        0
    }
}

fn heading_is(line: &str, name: &str) -> bool {
    line.trim_start_matches('#')
        .trim()
        .eq_ignore_ascii_case(name)
}

/// `### Fixed: title (#12)`, `### Added`, `### Breaking Changes`.
fn category_heading(line: &str) -> Option<(Option<Kind>, bool, Option<String>)> {
    let text = line.trim_start_matches('#').trim();
    let (name, title) = match text.split_once(':') {
        Some((name, title)) => (name.trim(), Some(title.trim().to_owned())),
        None => (text, None),
    };
    let breaking = name.to_lowercase().starts_with("breaking");
    let kind = Kind::of_word(name);
    (breaking || kind.is_some()).then(|| (kind, breaking, title.filter(|t| !t.is_empty())))
}

fn flush(
    notes: &mut Vec<Note>,
    kind: Option<Kind>,
    breaking: bool,
    title: Option<String>,
    run: &[&str],
) {
    let run = trimmed(run);
    let mut add = |text: String| {
        let text = text::block(text.trim());
        if !text.is_empty() {
            notes.push(Note {
                kind,
                breaking,
                text,
            });
        }
    };
    match title {
        Some(title) if run.is_empty() => add(title),
        Some(title) => add(format!("{title}\n\n{}", run.join("\n"))),
        None => match items(run) {
            Some(items) => items.into_iter().for_each(add),
            None => add(run.join("\n")),
        },
    }
}

fn trimmed<'a, 'b>(mut run: &'b [&'a str]) -> &'b [&'a str] {
    while let [first, rest @ ..] = run
        && first.trim().is_empty()
    {
        run = rest;
    }
    while let [rest @ .., last] = run
        && last.trim().is_empty()
    {
        run = rest;
    }
    run
}

/// The items of a run that is nothing but one list; `None` if there is other text at the margin.
fn items(run: &[&str]) -> Option<Vec<String>> {
    let mut items: Vec<Vec<&str>> = Vec::new();
    for line in run {
        let bulleted = ["- ", "* ", "+ "].iter().find_map(|b| line.strip_prefix(b));
        match (bulleted, items.last_mut()) {
            (Some(text), _) => items.push(vec![text]),
            (None, Some(item)) if line.is_empty() || line.starts_with("  ") => {
                item.push(line.strip_prefix("  ").unwrap_or(line));
            }
            _ => return None,
        }
    }
    Some(items.into_iter().map(|item| item.join("\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(front: &str, body: &str) -> Spec {
        let text = format!("---\n{front}\n---\n\n{body}");
        Spec::read(".chant/specs/2026-01-29-004-jkl.md", &text).unwrap()
    }

    #[test]
    fn front_matter_of_real_specs() {
        let s = spec(
            "type: code\nstatus: completed\ncommits:\n- 3614866\n- 12e4567\nlabels:\n- fix\nodd: {a: 1}",
            "# Lock it\n",
        );
        assert_eq!(s.id, "2026-01-29-004-jkl");
        assert_eq!(s.commits, ["3614866", "12e4567"]);
        assert_eq!(s.status, Status::Completed);
        assert_eq!(s.change_kind(), Some(Kind::Fixed));
        assert_eq!(s.title, "Lock it");
        let bare = Spec::read("x/001-a.md", "# T\r\n").unwrap();
        assert_eq!((bare.status, bare.title.as_str()), (Status::Open, "T"));
        let s = spec("status: completed\nlabels:\ncommit: 0012345", "no title");
        assert_eq!(s.title, s.id);
        assert_eq!(s.commits, ["0012345"]);
    }

    #[test]
    fn broken_front_matter_is_named_with_its_line() {
        let error = Spec::read("a.md", "---\nstatus: completed\nlabels: [a\n---\n").unwrap_err();
        assert!(error.line >= 3, "{error:?}");
        let error = Spec::read("a.md", "---\nstatus: completed\n").unwrap_err();
        assert_eq!(error.line, 1);
    }

    #[test]
    fn release_notes_in_their_three_forms() {
        let one = spec(
            "status: completed",
            "# T\n\n## Release Notes\n\n**Fixed:** loss of data.\nMore.\n\n## Notes\n\nno\n",
        );
        assert_eq!(one.notes.len(), 1);
        assert_eq!(one.notes[0].text, "**Fixed:** loss of data.\nMore.");
        let list = spec(
            "status: completed",
            "# T\n## Release Notes\n- a\n  - deeper\n- b\n## Agent Output\n- no\n",
        );
        let texts: Vec<_> = list.notes.iter().map(|n| n.text.as_str()).collect();
        assert_eq!(texts, ["a\n- deeper", "b"]);
        let headed = spec(
            "status: completed",
            "# T\n## Release Notes\n\n### Fixed: loss of data (#1234)\n\nIt was lost.\n\n### Breaking Changes\n\n- use v2\n\n```\n## not a heading\n```\n",
        );
        assert_eq!(headed.notes[0].kind, Some(Kind::Fixed));
        assert_eq!(headed.notes[0].text, "loss of data (#1234)\n\nIt was lost.");
        assert!(headed.notes[1].breaking);
    }

    #[test]
    fn members_and_dates() {
        assert_eq!(
            driver_of("2026-01-28-00a-vot.1.2"),
            Some("2026-01-28-00a-vot")
        );
        assert_eq!(driver_of("001-comprehension"), None);
        assert_eq!(date_of("proj-2026-01-28-00a-vot"), Some("2026-01-28"));
        assert_eq!(date_of("001-x"), None);
    }
}
