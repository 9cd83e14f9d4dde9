//! Checks that every breaking change says what users must do. If one does not, the release warns; with `migration: require` it is refused
//! unless the user skips that check.

use crate::config::release::Migration;
use crate::domain::entry::model::Entry;
use crate::domain::entry::reference::SaidWords;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::release_body::without_mark;
use crate::domain::spec::Spec;
use crate::domain::spec::parts::tells_migration;
use crate::history::range::History;
use crate::project::Project;
use crate::release::plan::candidate::Candidate;
use crate::release::request::Wanted;
use crate::section::contents::{self, SectionContents};
use crate::ui;

/// Checks the breaking changes. Returns what was skipped, for the tag and the manifest.
pub fn check(candidate: &Candidate, wanted: &Wanted, checks: &mut Checks) -> Option<String> {
    let Candidate {
        project,
        history,
        section,
        ..
    } = candidate;
    let silent = silent(project, history, section);
    let written = contents::hand_written(section).into_iter();
    let breaking = written.filter(|entry| entry.breaking).count();
    let entries = section.gathered.entries.iter();
    let breaking = breaking + entries.filter(|entry| entry.breaking).count();
    let counted = |count| ui::counted(count, "breaking change", "breaking changes");
    if silent.is_empty() {
        checks.ok_unless_said(CheckId::Migration, counted(breaking));
        return None;
    }
    let skipped = wanted.skipped(CheckId::Migration, &counted(silent.len()), checks);
    if skipped.is_some() {
        return skipped;
    }
    for SilentChange { line, remedy } in silent {
        let what = format!("the breaking change `{line}` does not say what users must do");
        match project.config.migration {
            Migration::Warn => checks.warn(CheckId::Migration, format!("{what}; {remedy}")),
            Migration::Require => {
                let skip = "skip it with --skip-check migration --reason TEXT";
                checks.fail(CheckId::Migration, what, format!("{remedy}, or {skip}"));
            }
        }
    }
    None
}

/// A breaking change without migration instructions, and where to write them.
struct SilentChange {
    line: String,
    remedy: String,
}

fn silent(project: &Project, history: &History, section: &SectionContents) -> Vec<SilentChange> {
    let name = &project.config.changelog;
    let entries = section.gathered.entries.iter();
    let entries = entries.filter(|entry| entry.breaking && !entry.has_migration);
    let entries = entries.map(|entry| {
        let line = entry.line.text.lines().next().unwrap_or("").to_owned();
        let remedy = match of_spec(history, entry) {
            Some(spec) => format!("add `**Migration:** …` to its note in {}", spec.path),
            None => "add the footer `BREAKING CHANGE: what users must do` to its commit".to_owned(),
        };
        let by_hand =
            format!("or write its line in {name} yourself, with `  **Migration:** …` below it");
        SilentChange {
            line: without_mark(&line).to_owned(),
            remedy: format!("{remedy}, {by_hand}"),
        }
    });
    let written = contents::hand_written(section).into_iter();
    let written = written.filter(|entry| entry.breaking && !tells_migration(&entry.text));
    let written = written.map(|entry| SilentChange {
        line: without_mark(entry.title()).to_owned(),
        remedy: format!("add `  **Migration:** …` below it in {name}"),
    });
    entries.chain(written).collect()
}

/// The spec of an entry.
fn of_spec<'h>(history: &'h History, entry: &Entry) -> Option<&'h Spec> {
    let mut specs = history.specs.iter();
    specs.find(|spec| {
        let mut refs = entry.line.refs.iter();
        refs.any(|reference| SaidWords::new(reference).says(&spec.id))
    })
}
