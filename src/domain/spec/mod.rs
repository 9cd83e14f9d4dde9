//! Specs: Markdown with YAML front matter, YAML or JSON, read according to their [`Source`].

mod backlog;
pub mod body;
mod boxes;
mod categories;
pub mod changesets;
mod fields;
pub mod format;
mod kinds;
pub mod knope;
pub mod limit;
pub mod notes;
pub mod ownership;
pub mod package_rules;
pub mod parts;
mod presets;
pub mod records;
mod rst;
pub mod settings;
pub mod source;
pub mod sources;
pub mod spoken;
pub mod tool_settings;
pub mod towncrier;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::commit::subject::cuts_release;
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::spec::notes::Note;
use crate::domain::text::inert;
use crate::domain::yaml::{Node, YamlError};
use kinds::{
    changes_no_documentation, is_breaking, kind_of_path, kind_words, meaning_of, told_kind,
};
use source::{Archive, Source, Words};
use spoken::date_of;

/// A parsed spec file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    pub id: String,
    /// Path from the repository's root, with `/`.
    pub path: String,
    /// Name of its source.
    pub source: String,
    pub status: Status,
    /// Status as written; empty if there is none.
    pub status_word: String,
    /// Kind of change.
    pub meaning: Meaning,
    /// Whether the spec itself names its kind; if not, it is the source's default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_kind: bool,
    /// Words that name its kind: a category may list one that is not a known kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Packages that it names, each with a level or a type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    pub title: String,
    /// Commits that it lists, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<String>,
    /// Issues that it resolves, `#12`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// Paths or IDs of specs that it follows from (`informed_by`); for a release spec, the specs that it releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub informed_by: Vec<String>,
    /// IDs of specs that it depends on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Files that it changes, according to the spec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touches: Vec<String>,
    /// Text for users, if the spec contains one; else the title is used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Whether the spec says that there is nothing for users.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_silent: bool,
    /// Completion date, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_on: Option<String>,
    /// Spec that this one is a member of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

/// Status of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Completed,
    Cancelled,
    /// Anything else: pending, in_progress, paused, failed, …
    Open,
}

impl Spec {
    /// Reads a file that is a single spec; `boxes` is the text of the file whose checklist items must be ticked, if the source has one.
    /// `None` if the path is not a spec.
    ///
    /// # Errors
    /// Fails if the front matter is not closed, is not YAML or has a key twice, or if the file is not in the source's format. The line is
    /// the file's.
    pub fn read(
        source: &Source,
        path: &str,
        text: &str,
        boxes: Option<&str>,
    ) -> Result<Option<Spec>, YamlError> {
        let Some((path_id, kind, issue)) = source.read_path(path) else {
            return Ok(None);
        };
        let (front, body) = fields::read(source, text)?;
        let names = Names {
            id: id_of(source, &front).unwrap_or(path_id),
            kind,
            issue,
            driver: None,
        };
        let mut spec = Spec::of_fields(source, path, names, &front, &body, boxes)?;
        if let (true, Some(boxes)) = (source.commits.iter().any(|key| key == "boxes"), boxes) {
            spec.commits.extend(boxes::commits(boxes));
        }
        if source.format.is_data() && source.text.iter().any(|place| place == "*") {
            spec.notes = categories::notes(source, &front, text)?;
            spec.is_silent = spec.notes.is_empty();
        }
        Ok(Some(spec))
    }

    /// Spec made of fields and a body.
    fn of_fields(
        source: &Source,
        path: &str,
        names: Names,
        front: &Node,
        body: &str,
        boxes: Option<&str>,
    ) -> Result<Spec, YamlError> {
        let key = |key: &str| front.get(key).and_then(Node::text);
        let id = names.id.as_str();
        let body = body::until(body, &source.stop);
        let heading = body::titled(body);
        let title = spoken::title(source, front, heading.as_ref(), id);
        let notes = spoken::notes(source, front, body, heading.as_ref());
        let notes = notes.map(|notes| spoken::with_breaking(source, body, &title, notes));
        let touches = source.touches.as_deref();
        let touches: Vec<String> = touches.map(|key| texts(front, key)).unwrap_or_default();
        let told = match &names.kind {
            Some(kind) => Some(kind_of_path(source, kind)?),
            None => told_kind(source, front, &title, id),
        };
        let is_other = told == Some(Meaning::Documentation) && changes_no_documentation(&touches);
        let told = if is_other {
            Kind::of_title(&title).map(Meaning::from)
        } else {
            told
        };
        let commits = source.commits.iter().flat_map(|key| texts(front, key));
        Ok(Spec {
            id: inert::inline(id),
            path: path.to_owned(),
            source: source.name.clone(),
            status: status_of(source, path, front, boxes),
            status_word: key("status").unwrap_or("").to_owned(),
            has_kind: told.is_some(),
            driver: names.driver.or_else(|| driver_of(source, front, id)),
            words: match names.kind {
                Some(kind) => vec![kind],
                None => kind_words(source, front),
            },
            meaning: told.unwrap_or(source.otherwise),
            packages: packages_of(source, front),
            labels: texts(front, "labels"),
            commits: commits.collect(),
            issues: issues_of(source, front, names.issue),
            informed_by: texts(front, "informed_by"),
            depends_on: source
                .depends_on
                .iter()
                .flat_map(|key| texts(front, key))
                .collect(),
            touches,
            // A fragment without a text still raises the version, and its tool lists it.
            is_silent: notes.is_none() && !(told.is_some() && body.trim().is_empty()),
            notes: notes.unwrap_or_default(),
            completed_on: key(&source.completed).and_then(|at| date_of(at).map(str::to_owned)),
            title,
        })
    }

    /// Changes the spec to its meaning for some of the packages that it names: each has its own level.
    pub fn narrow(&mut self, source: &Source, is_own: impl Fn(&str) -> bool) {
        let own = self.packages.iter().filter(|(name, _)| is_own(name));
        let words: Vec<&str> = own.map(|(_, word)| word.as_str()).collect();
        if words.is_empty() {
            return;
        }
        let told = meaning_of(source, words.iter().copied());
        self.has_kind = told.is_some();
        self.meaning = told.unwrap_or(source.otherwise);
        self.words = words.into_iter().map(str::to_lowercase).collect();
    }

    /// Path to which it moves when it is released; `None` if it stays or is deleted.
    pub fn archive_path(&self, source: &Source, today: &str) -> Option<String> {
        let Archive::To(template) = &source.archive else {
            return None;
        };
        let date = date_of(&self.id).or(self.completed_on.as_deref());
        let file = self.path.rsplit('/').next().unwrap_or("");
        // An ID is a file name; characters that separate directories are replaced in paths.
        let id = self.id.replace(['/', '\\'], "-");
        let path = template
            .replace("{id}", &id)
            .replace("{file}", file)
            .replace("{date}", date.unwrap_or(today))
            .replace("{today}", today);
        Some(path)
    }

    /// Whether it is labelled or typed `breaking`.
    pub fn is_breaking(&self) -> bool {
        self.meaning == Meaning::Breaking || self.labels.iter().any(|label| is_breaking(label))
    }

    /// Whether it has a label.
    pub fn is_labelled(&self, label: &str) -> bool {
        self.labels.iter().any(|own| own == label)
    }

    /// Whether it is labelled as a release spec. relwatch edits those as Markdown, so a record of a data file is not one.
    pub fn is_release_spec(&self) -> bool {
        let mut data = [".json", ".jsonl", ".yaml", ".yml"].iter();
        self.is_labelled("release") && !data.any(|end| self.path.ends_with(end))
    }

    /// Whether it prepares a release: such a spec coordinates and is not a change.
    pub fn is_release(&self) -> bool {
        self.is_labelled("release") || cuts_release(&self.title)
    }
}

/// Names in a path, or in the record that contains a record.
struct Names {
    id: String,
    kind: Option<String>,
    issue: Option<String>,
    driver: Option<String>,
}

/// ID in the fields.
fn id_of(source: &Source, front: &Node) -> Option<String> {
    let key = source.id_key.as_deref()?;
    if key.contains('{') {
        return fields::filled(key, front);
    }
    front.get(key).and_then(Node::text).map(str::to_owned)
}

/// ID of the driver: from its key, else from the ID.
fn driver_of(source: &Source, front: &Node, id: &str) -> Option<String> {
    let key = source.driver_key.as_deref();
    let named = key.and_then(|key| front.get(key)).and_then(Node::text);
    let by_id = || source.driver.as_ref().and_then(|pattern| pattern.first(id));
    named.or_else(by_id).map(str::to_owned)
}

fn texts(front: &Node, key: &str) -> Vec<String> {
    let values = front.get(key).map(Node::texts).unwrap_or_default();
    values.into_iter().map(str::to_owned).collect()
}

/// Status of a spec: completed if its keys and its checklist items say so. A spec that its tool has archived is completed, whatever its
/// checklist items say.
fn status_of(source: &Source, path: &str, front: &Node, boxes: Option<&str>) -> Status {
    let all_say = |keys: &BTreeMap<String, Words>| {
        keys.iter().all(|(name, words)| {
            // chant: a file without a status is pending.
            words.hold(front.get(name).and_then(Node::text).unwrap_or("pending"))
        })
    };
    let is_cancelled = !source.cancelled.is_empty() && all_say(&source.cancelled);
    let is_done = all_say(&source.done)
        && (source.boxes.is_none()
            || source.is_archived(path)
            || boxes.is_some_and(boxes::all_ticked));
    match (is_cancelled, is_done) {
        (true, _) => Status::Cancelled,
        (false, true) => Status::Completed,
        (false, false) => Status::Open,
    }
}

/// Issues that a spec resolves; the one in its path comes first.
fn issues_of(source: &Source, front: &Node, path_issue: Option<String>) -> Vec<String> {
    let mut issues: Vec<String> = path_issue.map(|n| format!("#{n}")).into_iter().collect();
    for value in source.issues.iter().flat_map(|key| texts(front, key)) {
        let number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        issues.push(if number { format!("#{value}") } else { value });
    }
    issues
}

/// Packages that the keys of the front matter name; `default` is knope's word for the only one.
fn packages_of(source: &Source, front: &Node) -> Vec<(String, String)> {
    let Node::Map(pairs) = front else {
        return Vec::new();
    };
    let named = pairs
        .iter()
        .filter(|(name, _)| source.kind.iter().any(|place| place == "*") && name != "default");
    named
        .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
        .collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::domain::spec::sources::Sources;

    /// A chant spec in any directory.
    pub fn chant(path: &str, text: &str) -> Result<Spec, YamlError> {
        let source = &Sources::default().0[0];
        Spec::read(source, path, text, None).map(Option::unwrap)
    }

    fn spec(front: &str, body: &str) -> Spec {
        let text = format!("---\n{front}\n---\n\n{body}");
        chant(".chant/specs/2026-01-29-004-jkl.md", &text).unwrap()
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
        assert_eq!(s.meaning, Meaning::Fixed);
        assert_eq!(s.title, "Lock it");
        let bare = chant("x/001-a.md", "# T\r\n").unwrap();
        assert_eq!((bare.status, bare.title.as_str()), (Status::Open, "T"));
        let s = spec("status: completed\nlabels:\ncommit: 0012345", "no title");
        assert_eq!(s.title, s.id);
        assert_eq!(s.commits, ["0012345"]);
    }

    #[test]
    fn documentation_is_what_readers_read() {
        let of = |files: &str| {
            spec(
                &format!("type: documentation\ntarget_files: [{files}]"),
                "# Add help text\n",
            )
            .meaning
        };
        assert_eq!(of("src/main.rs"), Meaning::Added);
        assert_eq!(of("src/main.rs, docs/cli.html"), Meaning::Documentation);
        assert_eq!(of(""), Meaning::Documentation);
    }

    #[test]
    fn broken_front_matter_is_named_with_its_line() {
        let error = chant("a.md", "---\nstatus: completed\nlabels: [a\n---\n").unwrap_err();
        assert!(error.line >= 3, "{error:?}");
        let error = chant("a.md", "---\nstatus: completed\n").unwrap_err();
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
        let driver = |id: &str| chant(&format!("s/{id}.md"), "").unwrap().driver;
        assert_eq!(
            driver("2026-01-28-00a-vot.1.2").as_deref(),
            Some("2026-01-28-00a-vot")
        );
        assert_eq!(driver("001-comprehension"), None);
        assert_eq!(date_of("proj-2026-01-28-00a-vot"), Some("2026-01-28"));
        assert_eq!(date_of("001-x"), None);
    }

    #[test]
    fn specs_of_other_tools() {
        let read = |preset: &str, path: &str, text: &str, boxes: Option<&str>| {
            let sources = Sources::preset(preset).unwrap();
            let source = sources.iter().find(|s| s.holds(path)).unwrap();
            Spec::read(source, path, text, boxes).unwrap().unwrap()
        };
        let s = read(
            "changesets",
            ".changeset/brave-lions-dance.md",
            "---\n\"@a/b\": patch\nc: major\n---\n\nWriters wait.\n",
            None,
        );
        assert_eq!((s.status, s.is_breaking()), (Status::Completed, true));
        assert_eq!(s.notes[0].text, "Writers wait.");
        let s = read(
            "knope",
            ".changeset/x.md",
            "---\ndefault: security\n---\n# Sum\n\nMore.\n",
            None,
        );
        assert_eq!(s.meaning, Meaning::Security);
        assert_eq!(s.notes[0].text, "Sum\n\nMore.");
        let s = read(
            "towncrier",
            "newsfragments/12.feature.md",
            "Set a timeout.\n",
            None,
        );
        assert_eq!((s.meaning, s.issues[0].as_str()), (Meaning::Added, "#12"));
        let tasks = "- [x] a\n  - [X] b\n";
        let s = read(
            "openspec",
            "openspec/changes/add-x/proposal.md",
            "# Change: X\n## What Changes\n- **BREAKING** a\n- b\n",
            Some(tasks),
        );
        assert_eq!((s.status, s.meaning), (Status::Completed, Meaning::Added));
        assert!(s.notes[0].breaking && s.notes[0].text == "X\n\na");
        let s = read(
            "spec-kit",
            "specs/001-login/spec.md",
            "# Feature Specification: Log in\n",
            Some("- [x] T1\n- [ ] T2"),
        );
        assert_eq!(
            (s.status, s.title.as_str(), s.id.as_str()),
            (Status::Open, "Log in", "001-login")
        );
        let s = read(
            "kiro",
            ".kiro/specs/user-login/requirements.md",
            "# Requirements Document\n",
            Some("- [x] a\n- [ ]* b\n"),
        );
        assert_eq!(
            (s.status, s.title.as_str()),
            (Status::Completed, "user login")
        );
        let s = read(
            "kiro",
            ".kiro/specs/crash/bugfix.md",
            "# Bugfix: no crash\n",
            Some("- [-] a\n"),
        );
        assert_eq!((s.status, s.meaning), (Status::Open, Meaning::Fixed));
        let s = read(
            "backlog",
            "backlog/tasks/task-7 - Add-x.md",
            "---\nid: task-7.1\ntitle: Add x\nstatus: done\n---\n",
            None,
        );
        assert_eq!(
            (s.id.as_str(), s.status, s.meaning),
            ("task-7.1", Status::Completed, Meaning::Added)
        );
        assert_eq!(s.driver.as_deref(), Some("task-7"));
    }
}
