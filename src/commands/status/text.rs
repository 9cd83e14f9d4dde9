//! What `relwatch status` says: on a screen for people, and as facts for scripts.

use crate::commands::status::facts::{ChangelogStatus, Freshness, Health, StatusFacts, Watching};
use crate::config::Storage;
use crate::domain::entry::model::{Omission, Origin};
use crate::domain::order;
use crate::domain::release::check::{Check, Outcome};
use crate::domain::text::{emphasis, terminal, words};
use crate::history::revisions::CommitRange;
use crate::section::listed::ListedEntry;
use crate::ui;
use crate::ui::screen::{Page, Screen, Tone};

/// Entries of a category, and checks, that a terminal is shown; `--all` shows the others.
const SHOWN: usize = 12;

/// For people; with `all`, what is covered, left out and not finished is listed one by one.
pub fn screen(found: &StatusFacts, screen: Screen, all: bool) -> Page {
    let mut page = Page::new(screen);
    let most = match screen.width {
        Some(_) if !all => SHOWN,
        _ => usize::MAX,
    };
    for block in &found.blocks {
        head(&mut page, block, found.range.as_ref());
        entries(&mut page, &block.entries, most);
        specs(&mut page, block, all);
        for (title, omissions) in [
            ("not finished", &block.unfinished),
            ("superseded", &block.covered),
            ("excluded", &block.left_out),
        ] {
            if !omissions.is_empty() {
                page.blank();
                listed(&mut page, title, omissions, all);
            }
        }
        if let Some(first) = block.outside.first() {
            let count = ui::counted(block.outside.len(), "change", "changes");
            page.blank();
            page.words(
                0,
                2,
                &[(Tone::Plain, &format!("{}: {count}", first.reason))],
            );
        }
        page.blank();
    }
    if !found.homeless.is_empty() {
        let count = ui::counted(found.homeless.len(), "change", "changes");
        page.words(0, 2, &[(Tone::Plain, &format!("of no component: {count}"))]);
        // A spec was meant for users; of commits many are meant for nobody.
        let has_spec = |one: &Omission| found.blocks.iter().any(|b| b.has_spec(&one.reference));
        for one in found.homeless.iter().filter(|one| all || has_spec(one)) {
            omission(&mut page, one);
        }
        page.blank();
    }
    checks(&mut page, &found.checks, most);
    if let Some(found_health) = &found.health {
        health(&mut page, found_health, &found.blocks);
    }
    page
}

fn head(page: &mut Page, block: &ChangelogStatus, range: Option<&CommitRange>) {
    let last = block.last.as_deref().unwrap_or("none");
    let place = match range {
        Some(range) => {
            let count = ui::counted(block.commits, "commit", "commits");
            format!("{}: {count}, release before: {last}", range.words())
        }
        None => {
            let branch = block.branch.as_deref().unwrap_or("a detached HEAD");
            format!("on {branch}, last release: {last}")
        }
    };
    let name = block.component.as_ref().map(|name| format!("{name}: "));
    page.words(
        0,
        2,
        &[
            (Tone::Strong, name.as_deref().unwrap_or_default()),
            (Tone::Plain, &place),
        ],
    );
    if let Some(why) = block.last_is_apart {
        page.words(2, 4, &[(Tone::Faint, &why.to_string())]);
    }
    next_version(page, block);
    missing(page, block);
    let sources = [
        (Some(Origin::Commit), "from commits"),
        (Some(Origin::Spec), "from specs"),
        (None, "by hand"),
    ];
    let counts = sources.map(|(source, words)| (block.count(source), words));
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(n, words)| format!("{n} {words}")).collect();
    if !counts.is_empty() {
        let words = format!("entries: {}", counts.join(", "));
        page.words(0, 2, &[(Tone::Plain, &words)]);
    }
}

/// What would be released, and why.
fn next_version(page: &mut Page, block: &ChangelogStatus) {
    let label = (Tone::Plain, "next version: ");
    match &block.next {
        Ok(None) => page.words(0, 2, &[label, (Tone::Plain, "none, nothing to release")]),
        Ok(Some(next)) => {
            let version = block
                .written
                .clone()
                .unwrap_or_else(|| next.version.to_string());
            let why = format!(" ({}; {})", next.level, next.because);
            page.words(
                0,
                2,
                &[label, (Tone::Strong, &version), (Tone::Plain, &why)],
            );
            for remark in &next.remarks {
                page.words(2, 4, &[(Tone::Warning, remark)]);
            }
        }
        Err(failure) => {
            let why = failure.to_string();
            page.words(0, 2, &[label, (Tone::Plain, "none, "), (Tone::Bad, &why)]);
        }
    }
}

/// Releases of other branches whose sections are missing here.
fn missing(page: &mut Page, block: &ChangelogStatus) {
    if !block.missing.is_empty() {
        let of = block.component.as_ref().map(|name| {
            let name = words::shell_word(name);
            format!(" -c {name}")
        });
        let of = of.unwrap_or_default();
        let words = format!(
            "missing here: {} (released on other branches; `relwatch port{of} --all` adds them)",
            block.missing.join(", ")
        );
        page.words(0, 2, &[(Tone::Plain, &words)]);
    }
}

fn entries(page: &mut Page, entries: &[ListedEntry], most: usize) {
    for category in entries.chunk_by(|a, b| a.category == b.category) {
        page.blank();
        page.words(0, 2, &[(Tone::Strong, &category[0].category)]);
        for entry in category.iter().take(most) {
            let line = emphasis::unstressed(entry.text.lines().next().unwrap_or(""));
            let mark = match (entry.source, entry.for_users) {
                (None, _) => "(by hand)",
                (Some(Origin::Spec), true) => "(spec)",
                (_, false) => "(spec, no text)",
                (Some(Origin::Commit), true) => "",
            };
            page.item(2, &line, mark);
        }
        let rest = category.len().saturating_sub(most);
        if rest > 0 {
            let words = format!("… and {rest} more; `relwatch status --all` lists them");
            page.words(2, 4, &[(Tone::Faint, &words)]);
        }
    }
}

fn specs(page: &mut Page, block: &ChangelogStatus, all: bool) {
    if block.specs.is_empty() {
        return;
    }
    let counts = block.specs.iter();
    let counts: Vec<String> = counts
        .map(|(state, specs)| format!("{} {state}", specs.len()))
        .collect();
    page.blank();
    page.words(
        0,
        2,
        &[(Tone::Plain, &format!("specs: {}", counts.join(", ")))],
    );
    let technical = block.technical();
    if technical > 0 {
        let (them, lines) = match technical {
            1 => ("the spec", "its line"),
            _ => ("the specs", "their lines"),
        };
        let words = format!(
            "without user-facing text: add a section `## Release Notes` to {them}, or reword {lines} in {}",
            block.changelog
        );
        counted(page, technical, Tone::Warning, &words);
    }
    for (state, specs) in block.specs.iter().filter(|_| all) {
        for spec in specs {
            page.item(2, &format!("{}  {}: {state}", spec.id, spec.title), "");
        }
    }
}

fn listed(page: &mut Page, title: &str, omissions: &[Omission], all: bool) {
    let count = ui::counted(omissions.len(), "change", "changes");
    page.words(0, 2, &[(Tone::Plain, &format!("{title}: {count}"))]);
    if all {
        for one in omissions {
            omission(page, one);
        }
        return;
    }
    let reasons = by_reason(omissions);
    for (reason, count) in reasons.iter().take(8) {
        counted(page, *count, Tone::Plain, reason);
    }
    if reasons.len() > 8 {
        let rest: usize = reasons[8..].iter().map(|(_, count)| count).sum();
        counted(
            page,
            rest,
            Tone::Faint,
            "other reasons; `relwatch status --all` lists each",
        );
    }
}

/// A count in its column, and of what.
fn counted(page: &mut Page, count: usize, tone: Tone, words: &str) {
    let count = count.to_string();
    let indent = 2 + 4usize.saturating_sub(count.len());
    page.words(
        indent,
        8,
        &[(Tone::Plain, &count), (tone, &format!("  {words}"))],
    );
}

fn omission(page: &mut Page, one: &Omission) {
    let Omission {
        reference,
        subject,
        reason,
    } = one;
    page.words(
        2,
        6,
        &[
            (Tone::Plain, &format!("{reference}  {subject}: ")),
            (Tone::Faint, &reason.to_string()),
        ],
    );
}

fn checks(page: &mut Page, checks: &[Check], most: usize) {
    let failed: Vec<&Check> = checks
        .iter()
        .filter(|c| c.result == Outcome::Failed)
        .collect();
    if checks.is_empty() {
        return;
    }
    let outcome = match failed.len() {
        0 => (Tone::Good, "local checks pass".to_owned()),
        count => (
            Tone::Bad,
            format!("{count} of {} local checks fail", checks.len()),
        ),
    };
    page.words(
        0,
        2,
        &[
            (Tone::Plain, "checks: "),
            (outcome.0, &outcome.1),
            (
                Tone::Faint,
                " (remote and custom commands not run; `relwatch check` runs them)",
            ),
        ],
    );
    for check in failed.iter().take(most) {
        let id = format!("{}: ", check.id);
        // A list, such as that of open boxes, has lines of its own.
        let words = check.words();
        let mut lines = words.lines().map(str::trim);
        let first = lines.next().unwrap_or_default();
        page.words(2, 4, &[(Tone::Bad, &id), (Tone::Plain, first)]);
        for line in lines {
            page.words(6, 8, &[(Tone::Plain, line)]);
        }
    }
    let rest = failed.len().saturating_sub(most);
    if rest > 0 {
        let words = format!("… and {rest} more; `relwatch check` lists them");
        page.words(2, 4, &[(Tone::Faint, &words)]);
    }
    page.blank();
}

fn health(page: &mut Page, health: &Health, blocks: &[ChangelogStatus]) {
    let good = |words: String| (Tone::Plain, words);
    let bad = |words: String| (Tone::Warning, words);
    let set = |name: &str, is_set: bool| {
        if is_set {
            good(format!("{name} set"))
        } else {
            bad(format!("{name} not set (run `relwatch init`)"))
        }
    };
    let hooks = format!("{} of {} hooks", health.running, health.needed);
    let mut parts = vec![
        if health.running < health.needed {
            let todo = health.todo.as_deref().unwrap_or("run `relwatch init`");
            bad(format!("{hooks} ({todo})"))
        } else {
            good(hooks)
        },
        match health.storage {
            Storage::View => set("filter", health.filter),
            Storage::Tracked => good("lines in commits".to_owned()),
        },
        set("merge driver", health.driver),
        match health.watcher {
            Watching::Running => good("watched".to_owned()),
            Watching::Stopped => bad("watcher stopped (run `relwatch watch --daemon`)".to_owned()),
            Watching::Off => good("no watcher".to_owned()),
        },
    ];
    parts.extend(blocks.iter().map(|block| {
        let name = &block.changelog;
        match block.freshness {
            Some(Freshness::Stale) => bad(format!("{name} stale (run `relwatch update`)")),
            Some(Freshness::Missing) => bad(format!("{name} missing (run `relwatch init`)")),
            Some(Freshness::Fresh) | None => good(format!("{name} up to date")),
        }
    }));
    let mut said = vec![(Tone::Plain, "health: ")];
    for (at, (tone, words)) in parts.iter().enumerate() {
        if at > 0 {
            said.push((Tone::Plain, ", "));
        }
        said.push((*tone, words));
    }
    page.words(0, 2, &said);
}

/// For scripts: one value per line, its fields separated by tabs. docs/reference/json-and-porcelain.md lists them, and they stay as listed.
pub fn porcelain(found: &StatusFacts) -> String {
    let mut lines = FactLines(String::new());
    lines.say(&["porcelain", "1"]);
    if let Some(health) = &found.health {
        let counts = [health.running, health.needed].map(|count| count.to_string());
        lines.say(&["hooks", &counts[0], &counts[1]]);
        lines.say(&["storage", health.storage.word()]);
        lines.say(&["filter", yes_or_no(health.filter)]);
        lines.say(&["merge-driver", yes_or_no(health.driver)]);
        lines.say(&["watcher", health.watcher.word()]);
    }
    for check in &found.checks {
        let id = check.id.name();
        lines.say(&["check", &id, check.result.word(), &check.words()]);
    }
    for block in &found.blocks {
        lines.block(block);
    }
    lines.0
}

fn yes_or_no(is_set: bool) -> &'static str {
    if is_set { "yes" } else { "no" }
}

/// Facts, one a line, fields separated by tabs.
struct FactLines(String);

impl FactLines {
    fn say(&mut self, fields: &[&str]) {
        let fields = fields.iter().map(|field| terminal::printable(field));
        self.0.push_str(&fields.collect::<Vec<_>>().join("\t"));
        self.0.push('\n');
    }

    fn block(&mut self, block: &ChangelogStatus) {
        if let Some(name) = &block.component {
            self.say(&["component", name]);
        }
        for (key, value) in [("branch", &block.branch), ("last", &block.last)] {
            if let Some(value) = value {
                self.say(&[key, value]);
            }
        }
        match &block.next {
            Ok(None) => {}
            Ok(Some(next)) => {
                self.say(&["next", &next.version.to_string()]);
                self.say(&["level", &next.level.to_string()]);
                self.say(&["because", &next.because]);
            }
            Err(failure) => self.say(&["no-version", &failure.to_string()]),
        }
        if !block.missing.is_empty() {
            let versions = block.missing.iter().map(String::as_str);
            let fields: Vec<&str> = ["missing-here"].into_iter().chain(versions).collect();
            self.say(&fields);
        }
        for entry in &block.entries {
            let source = match entry.source {
                Some(Origin::Commit) => "commit",
                Some(Origin::Spec) => "spec",
                None => "hand",
            };
            let line = entry.text.lines().next().unwrap_or("");
            let for_users = yes_or_no(entry.for_users);
            self.say(&["entry", source, for_users, &entry.category, line]);
        }
        for (state, specs) in &block.specs {
            self.say(&["specs", state, &specs.len().to_string()]);
        }
        for (key, omissions) in [
            ("unfinished", &block.unfinished),
            ("covered", &block.covered),
            ("left-out", &block.left_out),
            ("outside", &block.outside),
        ] {
            self.say(&[key, &omissions.len().to_string()]);
        }
        let freshness = block.freshness.map(|freshness| match freshness {
            Freshness::Fresh => "fresh",
            Freshness::Stale => "stale",
            Freshness::Missing => "missing",
        });
        if let Some(freshness) = freshness {
            self.say(&["changelog", freshness, &block.changelog]);
        }
    }
}

/// How many changes each kind of reason applies to, most first.
fn by_reason(omissions: &[Omission]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for omission in omissions {
        let summary = omission.reason.summary();
        match counts.iter_mut().find(|(known, _)| *known == summary) {
            Some((_, count)) => *count += 1,
            None => counts.push((summary, 1)),
        }
    }
    order::by(&mut counts, |a, b| {
        b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0))
    });
    counts
}
