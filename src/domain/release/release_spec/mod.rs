//! The release spec: the Markdown file with front matter that coordinates a release.
//!
//! People tick, reorder and reword it, so only new items are written into it; every other byte is unchanged. A change that would not read
//! back the same is refused.

mod body;
mod front;

use std::collections::{HashMap, HashSet};

use crate::domain::release::release_spec::body::{
    BodyOutline, cells, inserted, line_from, with_boxes, with_lines,
};
use crate::domain::release::release_spec::front::{FrontParts, key_line, scalar};
use crate::domain::spec::spoken::date_of;
use crate::domain::text::{inert, terminal, words};
use crate::domain::yaml::{self, Node};

pub use crate::domain::release::release_spec::front::with_key;

const SPECS: &str = "Specs to Include";
const ACCEPTANCE: &str = "Acceptance Criteria";
const PRE_RELEASE: &str = "Pre-Release Checklist";
const INFORMED_BY: &str = "informed_by";

/// Maximum characters of a title in the table and in comments.
const TITLE_WIDTH: usize = 80;

/// A spec that the release contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    /// Path from the repository's root.
    pub path: String,
    pub id: String,
    /// One lower-case word: fix, feature, docs, …
    pub kind: String,
    pub title: String,
}

/// Checklist items; `{version}`, `{tag}` and `{previous}` (the last release's tag) are filled in. An item that names `{previous}` is
/// omitted for a first release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklists {
    pub acceptance: Vec<String>,
    pub pre_release: Vec<String>,
}

/// Properties of a project that decide which items are left to a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftToPeople {
    /// Whether a spec has no text for users.
    pub wording: bool,
    /// Whether a change breaks something.
    pub migration: bool,
    /// Whether neither gates nor a command that queries continuous integration are configured.
    pub tests: bool,
    /// Whether there is a documentation site, and no step publishes anything.
    pub documentation: bool,
    /// Whether the remote is on GitHub, and no step publishes anything.
    pub github: bool,
}

impl Checklists {
    /// Checklist items that only a person can tick: those that a release checks or does itself are omitted.
    pub fn of_people(left: LeftToPeople) -> Checklists {
        let boxes = |all: &[(bool, &str)]| {
            let wanted = all.iter().filter(|(is_wanted, _)| *is_wanted);
            wanted.map(|(_, text)| (*text).to_owned()).collect()
        };
        Checklists {
            acceptance: boxes(&[
                (true, "All completed specs since {previous} reviewed"),
                (
                    left.wording,
                    "User-facing descriptions written (not technical jargon)",
                ),
                (left.migration, "Upgrade instructions written"),
            ]),
            pre_release: boxes(&[
                (left.tests, "All tests passing on main branch"),
                (left.documentation, "Documentation published"),
                (left.github, "GitHub release draft created"),
                (left.migration, "Migration guide reviewed"),
            ]),
        }
    }
}

/// What a release does itself.
#[derive(Debug, Clone, Copy)]
pub struct DoneByRelease<'a> {
    pub changelog: &'a str,
    /// Whether publish steps are configured.
    pub publishes: bool,
}

/// Whether a checklist item is about something that a release does itself: the changelog, the version in its files, and what its steps
/// publish.
fn is_done_by_release(text: &str, done: DoneByRelease<'_>) -> bool {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    let is_version = ["version number", "version numbers", "version"]
        .iter()
        .filter_map(|start| text.strip_prefix(start))
        .any(|rest| rest == " bumped" || rest.starts_with(" bumped in "));
    let is_published = ["documentation published", "github release draft created"];
    is_version
        || text.strip_suffix(" updated") == Some(&done.changelog.to_lowercase())
        || done.publishes && is_published.contains(&text.as_str())
}

/// Release spec with the checklist items ticked that its release does itself.
pub fn ticked_by_release(text: &str, done: DoneByRelease<'_>) -> String {
    let mut ticked = text.to_owned();
    for (at, box_text) in found_boxes(text) {
        if is_done_by_release(&box_text, done) {
            ticked.replace_range(at..at + 3, "[x]");
        }
    }
    ticked
}

/// Contents of a release spec.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    pub version: &'a str,
    pub tag: &'a str,
    /// Tag of the last release.
    pub previous: Option<&'a str>,
    pub changelog: &'a str,
    /// First lines of the front matter of a new release spec.
    pub front: &'a [String],
    pub specs: &'a [Included],
    pub lists: &'a Checklists,
}

impl Contents<'_> {
    /// Text of a new release spec.
    pub fn text(&self) -> String {
        let front: String = self.front.iter().map(|line| format!("{line}\n")).collect();
        let mut out = format!(
            "---\n{front}labels:\n  - release\n  - {}\ninformed_by:{}\n",
            scalar(self.tag),
            if self.specs.is_empty() { " []" } else { "" },
        );
        for spec in self.specs {
            out.push_str(&format!("  - {}\n", entry(spec)));
        }
        out.push_str(&format!(
            "target_files:\n  - {}\n---\n\n# Prepare release notes for {}\n",
            scalar(self.changelog),
            self.tag
        ));
        for (heading, lines) in self.sections() {
            if !lines.is_empty() {
                out.push_str(&format!("\n## {heading}\n\n{}\n", lines.join("\n")));
            }
        }
        out
    }

    /// `text` with what it lacks: specs in `informed_by` and in the table, and checklist items.
    ///
    /// # Errors
    /// Fails with the line of front matter that cannot be extended, and what to do.
    pub fn extended(&self, text: &str) -> Result<String, String> {
        let parts = FrontParts::cut(text)?;
        let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let front = self.with_paths(&parts, eol)?;
        let mut body = self.with_rows(parts.body, eol);
        for (heading, boxes) in self.checklists() {
            body = with_boxes(&body, heading, &boxes, eol);
        }
        let whole = self.with_rows(&body, eol) == body
            && (self.checklists().iter())
                .all(|(h, boxes)| with_boxes(&body, h, boxes, eol) == body);
        if !whole {
            return Err("its lists cannot be extended; close its code blocks and comments".into());
        }
        Ok([parts.head, &front, parts.fence, &body].concat())
    }

    fn sections(&self) -> [(&'static str, Vec<String>); 3] {
        let mut table = Vec::new();
        if !self.specs.is_empty() {
            table.extend(
                ["| Spec | Type | Summary |", "|------|------|---------|"].map(String::from),
            );
        }
        let columns = ["Spec", "Type", "Summary"];
        let short = self.short_ids();
        let row = |spec: &Included| self.row(spec, short[spec.id.as_str()], &columns);
        table.extend(self.specs.iter().map(row));
        let [acceptance, pre_release] = self
            .checklists()
            .map(|(h, boxes)| (h, boxes.iter().map(|b| format!("- [ ] {b}")).collect()));
        [(SPECS, table), acceptance, pre_release]
    }

    fn checklists(&self) -> [(&'static str, Vec<String>); 2] {
        let filled = |items: &[String]| {
            let items = items
                .iter()
                .filter(|item| self.previous.is_some() || !item.contains("{previous}"));
            let fill = |item: &String| {
                let item = item
                    .replace("{version}", self.version)
                    .replace("{tag}", self.tag);
                inert::inline(&item.replace("{previous}", self.previous.unwrap_or("")))
            };
            items.map(fill).collect()
        };
        [
            (ACCEPTANCE, filled(&self.lists.acceptance)),
            (PRE_RELEASE, filled(&self.lists.pre_release)),
        ]
    }

    /// IDs in the table: without their dates, if they are still distinct.
    fn short_ids(&self) -> HashMap<&str, &str> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for spec in self.specs {
            *counts.entry(undated(&spec.id)).or_default() += 1;
        }
        let short = |id: &'_ str| counts[undated(id)] == 1;
        let of = self.specs.iter().map(|spec| {
            let id = spec.id.as_str();
            (id, if short(id) { undated(id) } else { id })
        });
        of.collect()
    }

    fn row(&self, spec: &Included, short: &str, columns: &[&str]) -> String {
        let cell = |column: &&str| match column.to_lowercase().as_str() {
            "spec" => short.to_owned(),
            "type" => spec.kind.clone(),
            "summary" => inert::title(&spec.title, TITLE_WIDTH),
            _ => String::new(),
        };
        let cells: Vec<String> = columns.iter().map(|c| inert::cell(&cell(c))).collect();
        format!("| {} |", cells.join(" | "))
    }

    /// Front matter with the missing paths added.
    fn with_paths(&self, parts: &FrontParts<'_>, eol: &str) -> Result<String, String> {
        let node = parts.node()?;
        let listed = node.get(INFORMED_BY).map(Node::texts).unwrap_or_default();
        let listed: Vec<String> = listed.into_iter().map(str::to_owned).collect();
        let mut wanted = listed.clone();
        let mut new = Vec::new();
        for spec in self
            .specs
            .iter()
            .filter(|spec| !names(&listed, &spec.path, &spec.id))
        {
            wanted.push(spec.path.clone());
            new.push(entry(spec));
        }
        if new.is_empty() {
            return Ok(parts.front.to_owned());
        }
        let mut lines: Vec<String> = parts.front.lines().map(str::to_owned).collect();
        let at = match key_line(parts.front, INFORMED_BY) {
            Some(at) => at,
            None => {
                lines.push(format!("{INFORMED_BY}:"));
                lines.len() - 1
            }
        };
        // `informed_by: []  # why`: the list begins on the next line.
        if let Some(empty) = lines[at].find("[]") {
            lines[at].replace_range(empty.saturating_sub(1)..empty + 2, "");
        }
        let (place, indent) = list_end(&lines, at);
        lines.splice(
            place..place,
            new.iter().map(|entry| format!("{indent}- {entry}")),
        );
        let front: String = lines.iter().map(|line| format!("{line}{eol}")).collect();
        let read = yaml::mapping(&front).ok();
        let read = read
            .as_ref()
            .and_then(|node| node.get(INFORMED_BY))
            .map(Node::texts);
        if read.is_some_and(|paths| paths == wanted) {
            return Ok(front);
        }
        Err(format!(
            "line {}: `{INFORMED_BY}` cannot be extended; write it as a list, one `  - path` a line",
            at + 2
        ))
    }

    /// Body with a table row for every spec.
    fn with_rows(&self, body: &str, eol: &str) -> String {
        let outline = BodyOutline::parse(body);
        let Some(table) = outline
            .section(SPECS)
            .and_then(|section| outline.first_in(&outline.tables, &section))
        else {
            let [(heading, lines), ..] = self.sections();
            return with_lines(body, &outline, heading, &lines, eol);
        };
        let table = table.start..table.start + body[table.clone()].trim_end().len();
        let mut rows = body[table.clone()].lines().map(cells);
        let columns = rows.next().unwrap_or_default();
        let rows: Vec<Vec<&str>> = rows.collect();
        let named: HashSet<&str> = rows.iter().flatten().copied().collect();
        let short = self.short_ids();
        let lacks = |spec: &&Included| {
            let id = spec.id.as_str();
            !named.contains(id) && !named.contains(short[id])
        };
        let new = self
            .specs
            .iter()
            .filter(lacks)
            .map(|spec| format!("{eol}{}", self.row(spec, short[spec.id.as_str()], &columns)));
        inserted(body, table.end, &new.collect::<String>())
    }
}

/// Line after the list of the key in line `at`, and the indentation of its items.
fn list_end(lines: &[String], at: usize) -> (usize, String) {
    let below = lines[at + 1..]
        .iter()
        .take_while(|line| !line.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    let last = below
        .enumerate()
        .filter(|(_, line)| line.trim_start().starts_with('-'))
        .last();
    match last {
        Some((offset, line)) => (
            at + 2 + offset,
            line[..line.len() - line.trim_start().len()].to_owned(),
        ),
        None => (at + 1, "  ".to_owned()),
    }
}

/// Whether an `informed_by` names a spec: by its path, by its ID, or by its file or directory in another place.
pub fn names(informed_by: &[String], path: &str, id: &str) -> bool {
    informed_by.iter().any(|named| {
        let named = named.trim_start_matches("./");
        let mut parts = named.rsplit('/');
        let (file, folder) = (parts.next().unwrap_or_default(), parts.next());
        let is_file = || folder.is_some() && file.strip_suffix(".md") == Some(id);
        let is_moved = || is_file() || folder == Some(id);
        named == path || named == id || is_moved()
    })
}

/// Line and text of every unticked checklist item.
pub fn open_boxes(text: &str) -> Vec<(usize, String)> {
    let boxes = found_boxes(text).into_iter();
    boxes
        .map(|(at, box_text)| (text[..at].matches('\n').count() + 1, box_text))
        .collect()
}

/// Every unticked checklist item: its offset and its text.
fn found_boxes(text: &str) -> Vec<(usize, String)> {
    let body = FrontParts::cut(text).map_or(text, |parts| parts.body);
    let above = text.len() - body.len();
    let boxes = BodyOutline::parse(body).boxes.into_iter();
    let open = boxes.filter(|found| !found.is_ticked);
    open.map(|found| {
        let said = line_from(body, found.at).get(3..).unwrap_or("").trim();
        (above + found.at, terminal::printable(said))
    })
    .collect()
}

fn undated(id: &str) -> &str {
    let dated = date_of(id).filter(|date| id.starts_with(date));
    let bare = dated.and_then(|date| id[date.len()..].strip_prefix('-'));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(id)
}

/// An item of `informed_by`: the path, and a comment that describes it.
fn entry(spec: &Included) -> String {
    let title = inert::title(&spec.title, TITLE_WIDTH);
    format!(
        "{}  # {}: {title}",
        scalar(&spec.path),
        words::capitalised(&spec.kind)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn included(id: &str, kind: &str, title: &str) -> Included {
        Included {
            path: format!(".chant/specs/{id}.md"),
            id: id.into(),
            kind: kind.into(),
            title: title.into(),
        }
    }

    static FRONT: std::sync::OnceLock<[String; 2]> = std::sync::OnceLock::new();

    fn contents<'a>(specs: &'a [Included], lists: &'a Checklists) -> Contents<'a> {
        Contents {
            version: "0.7.0",
            tag: "v0.7.0",
            previous: Some("v0.6.0"),
            changelog: "CHANGELOG.md",
            front: FRONT.get_or_init(|| ["type: task", "status: ready"].map(String::from)),
            specs,
            lists,
        }
    }

    fn lists() -> Checklists {
        Checklists {
            acceptance: vec!["All completed specs since {previous} reviewed".into()],
            pre_release: vec!["Tests pass".into()],
        }
    }

    #[test]
    fn a_new_one_is_that_of_the_handbook() {
        let specs = [
            included("2026-01-29-004-jkl", "fix", "Concurrent write data loss"),
            included("2026-01-29-005-mno", "feature", "A | B"),
        ];
        let text = contents(&specs, &lists()).text();
        assert_eq!(
            text,
            "---\ntype: task\nstatus: ready\nlabels:\n  - release\n  - v0.7.0\ninformed_by:\n  \
             - .chant/specs/2026-01-29-004-jkl.md  # Fix: Concurrent write data loss\n  \
             - .chant/specs/2026-01-29-005-mno.md  # Feature: A | B\ntarget_files:\n  - CHANGELOG.md\n---\n\n\
             # Prepare release notes for v0.7.0\n\n## Specs to Include\n\n| Spec | Type | Summary |\n|------|------|---------|\n\
             | 004-jkl | fix | Concurrent write data loss |\n| 005-mno | feature | A \\| B |\n\n\
             ## Acceptance Criteria\n\n- [ ] All completed specs since v0.6.0 reviewed\n\n\
             ## Pre-Release Checklist\n\n- [ ] Tests pass\n"
        );
        assert_eq!(contents(&specs, &lists()).extended(&text).unwrap(), text);
        let open = open_boxes(&text);
        assert_eq!(
            open[0],
            (25, "All completed specs since v0.6.0 reviewed".into())
        );
        assert_eq!(
            text.lines().nth(24),
            Some("- [ ] All completed specs since v0.6.0 reviewed")
        );
        assert_eq!(open.len(), 2);
        let first = Contents {
            previous: None,
            ..contents(&[], &lists())
        }
        .text();
        assert!(
            first.contains("informed_by: []\n")
                && !first.contains("reviewed")
                && !first.contains("Specs to")
        );
        let later = contents(&specs, &lists()).extended(&first).unwrap();
        assert!(
            later.contains("informed_by:\n  - .chant/specs/2026-01-29-004-jkl.md"),
            "{later}"
        );
    }

    #[test]
    fn what_is_new_is_added_and_everything_else_stays() {
        let one = [included("2026-01-29-004-jkl", "fix", "One")];
        let two = [
            one[0].clone(),
            included("2026-01-30-001-abc", "docs", "Two"),
        ];
        let lists = lists();
        let ticked = contents(&one, &lists)
            .text()
            .replace("[ ] All", "[x] All")
            .replace(
                "informed_by:\n",
                "approval: # by\n  required: true\ninformed_by: # these\n",
            );
        let ticked = ticked.replace(
            "## Pre",
            "Words of mine.\n\n```\n- [ ] no box\n```\n\n## Pre",
        );
        let more = Checklists {
            pre_release: vec!["Tests pass".into(), "Docs for {version}".into()],
            ..lists.clone()
        };
        let out = contents(&two, &more).extended(&ticked).unwrap();
        let expected = ticked
            .replace(
                "One\ntarget",
                "One\n  - .chant/specs/2026-01-30-001-abc.md  # Docs: Two\ntarget",
            )
            .replace(
                "| fix | One |\n",
                "| fix | One |\n| 001-abc | docs | Two |\n",
            )
            .replace("Tests pass\n", "Tests pass\n- [ ] Docs for 0.7.0\n");
        assert_eq!(out, expected);
        assert_eq!(contents(&two, &more).extended(&out).unwrap(), out);
        let dos = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(
            contents(&two, &more).extended(&dos(&ticked)).unwrap(),
            dos(&out)
        );
        assert_eq!(open_boxes(&out).len(), 2);
    }

    #[test]
    fn a_handmade_one_is_extended_or_refused() {
        let specs = [included("2026-01-29-004-jkl", "fix", "One")];
        let lists = lists();
        let contents = contents(&specs, &lists);
        let out = contents.extended("---\ntype: task\n---\n# Mine").unwrap();
        assert!(
            out.starts_with("---\ntype: task\ninformed_by:\n  - .chant"),
            "{out}"
        );
        assert!(
            out.contains("# Mine\n\n## Specs to Include\n\n| Spec |"),
            "{out}"
        );
        let own = "---\ninformed_by: [2026-01-29-004-jkl]\n---\n## specs to include\n\nx\n\n| Summary | Spec | Who |\n|-|-|-|\n\nend\n";
        let out = contents.extended(own).unwrap();
        assert!(
            out.contains("|-|-|-|\n| One | 004-jkl |  |\n\nend\n\n## Acceptance"),
            "{out}"
        );
        for (text, why) in [
            ("# no front", "line 1: there is no front matter"),
            ("---\na: [\n---\n", "line 3: "),
            (
                "---\na: 1\ninformed_by: [other]\n---\n",
                "line 3: `informed_by` cannot be extended",
            ),
            ("---\na: 1\n---\n```\n", "close its code blocks"),
        ] {
            let error = contents.extended(text).unwrap_err();
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }

    #[test]
    fn keys_are_set_in_their_place() {
        let text = "---\nstatus: ready  # soon\nlabels: [a]\n---\nbody\n";
        let done = with_key(text, "status", "completed").unwrap();
        let done = with_key(&done, "completed_at", "2026-01-30T12:00:00Z").unwrap();
        assert_eq!(
            done,
            "---\nstatus: completed  # soon\nlabels: [a]\ncompleted_at: 2026-01-30T12:00:00Z\n---\nbody\n"
        );
        for text in [
            "no front",
            "---\nstatus: >\n  a\n  b\n---\n",
            "---\nstatus:\n  - a\n---\n",
        ] {
            assert!(with_key(text, "status", "completed").is_err(), "{text}");
        }
    }

    #[test]
    fn specs_are_named_by_path_id_or_file() {
        let named = |what: &str| names(&[what.to_owned()], "specs/a-1.md", "a-1");
        assert!(
            named("specs/a-1.md")
                && named("./specs/a-1.md")
                && named("a-1")
                && named("archive/2026/a-1.md")
        );
        assert!(named("openspec/changes/a-1/proposal.md"));
        assert!(!named("a-1/x/proposal.md"));
        assert!(!named("a-1.1") && !named("specs/a-11.md") && !named("docs/a.md"));
    }
}
