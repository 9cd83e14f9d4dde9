//! The words of a preview: for a terminal, and as Markdown for a comment on a pull request, where a text of a stranger can neither leave
//! its line nor call anybody.

use crate::commands::preview::brought::{BranchPreview, BroughtChanges};
use crate::domain::entry::model::Omission;
use crate::domain::text::{comment, emphasis};
use crate::section::listed::ListedEntry;
use crate::ui;
use crate::ui::screen::{Page, Screen, Tone};

/// The first line of a comment. A job finds the comment that it wrote before by it, and rewrites that one.
const MARK: &str = "<!-- relwatch preview -->";

/// Lines that a comment shows of one list. GitHub refuses a comment of more than 65,536 characters.
const SHOWN: usize = 50;

/// For a terminal.
pub fn screen(found: &BranchPreview, screen: Screen) -> Page {
    let mut page = Page::new(screen);
    let commits = ui::counted(found.commits, "commit", "commits");
    page.words(
        0,
        2,
        &[(Tone::Plain, &format!("{}: {commits}", found.words))],
    );
    for part in found.told() {
        if let Some(name) = &part.component {
            page.blank();
            page.words(
                0,
                2,
                &[(Tone::Strong, &format!("{name} ({})", part.changelog))],
            );
        }
        page.words(0, 2, &[(Tone::Plain, &version(part))]);
        for remark in &part.remarks {
            page.words(2, 4, &[(Tone::Warning, remark)]);
        }
        for (title, entries) in by_category(&part.added) {
            page.blank();
            page.words(0, 2, &[(Tone::Strong, title)]);
            for entry in entries {
                let text = first_line(entry);
                page.words(2, 4, &[(Tone::Good, "+ "), (Tone::Plain, &text)]);
            }
        }
        if !part.changed.is_empty() {
            page.blank();
            page.words(0, 2, &[(Tone::Strong, "Entries that change")]);
        }
        for (before, after) in &part.changed {
            page.words(2, 4, &[(Tone::Bad, "- "), (Tone::Plain, &placed(before))]);
            page.words(2, 4, &[(Tone::Good, "+ "), (Tone::Plain, &placed(after))]);
        }
        if !part.removed.is_empty() {
            page.blank();
            page.words(0, 2, &[(Tone::Strong, "Entries that go")]);
        }
        for (entry, why) in &part.removed {
            let text = format!("{} ({why})", first_line(entry));
            page.words(2, 4, &[(Tone::Bad, "- "), (Tone::Plain, &text)]);
        }
        if part.omissions().next().is_some() {
            page.blank();
            page.words(0, 2, &[(Tone::Strong, "Without an entry")]);
        }
        for one in part.omissions() {
            page.words(2, 4, &[(Tone::Plain, &omission(one))]);
        }
        for change in &part.labels {
            page.words(0, 2, &[(Tone::Plain, &format!("labels: {change}"))]);
        }
    }
    page
}

/// For a comment on a pull request.
pub fn markdown(found: &BranchPreview) -> String {
    let commits = ui::counted(found.commits, "commit", "commits");
    let mut text = format!(
        "{MARK}\n### Changelog preview\n\n{commits} of {}.\n",
        code(&found.words)
    );
    for part in found.told() {
        if let Some(name) = &part.component {
            text.push_str(&format!("\n#### {}\n", comment::line(name)));
        }
        text.push_str(&format!("\n{}\n", bold_version(part)));
        for remark in &part.remarks {
            text.push_str(&format!("\n{}\n", comment::line(remark)));
        }
        for (title, entries) in by_category(&part.added) {
            let entries = entries.iter().map(|entry| comment::line(&entry.text));
            list(&mut text, &comment::line(title), entries);
        }
        let changed = part.changed.iter().map(|(before, after)| {
            let [before, after] = [before, after]
                .map(|entry| comment::line(&format!("{}: {}", entry.category, entry.text)));
            format!("{before} → {after}")
        });
        list(&mut text, "Entries that change", changed);
        let removed = part
            .removed
            .iter()
            .map(|(entry, why)| format!("{} ({})", comment::line(&entry.text), comment::line(why)));
        list(&mut text, "Entries that go", removed);
        let omissions: Vec<&Omission> = part.omissions().collect();
        if !omissions.is_empty() {
            let count = ui::counted(omissions.len(), "change", "changes");
            let lines = omissions.iter().map(|one| comment::line(&omission(one)));
            text.push_str(&format!(
                "\n<details><summary>{count} without an entry</summary>\n\n{}\n</details>\n",
                items(lines)
            ));
        }
        list(
            &mut text,
            "Labels",
            part.labels.iter().map(|change| comment::line(change)),
        );
    }
    text
}

/// A list below a title; nothing of an empty one.
fn list(text: &mut String, title: &str, lines: impl ExactSizeIterator<Item = String>) {
    if lines.len() > 0 {
        text.push_str(&format!("\n**{title}**\n\n{}", items(lines)));
    }
}

/// As many items as a comment has room for, and how many more there are.
fn items(lines: impl ExactSizeIterator<Item = String>) -> String {
    let more = lines.len().saturating_sub(SHOWN);
    let mut items: String = lines
        .take(SHOWN)
        .map(|line| format!("- {line}\n"))
        .collect();
    if more > 0 {
        items.push_str(&format!("- … and {more} more\n"));
    }
    items
}

/// What is released next, with the branch and without it.
fn version(part: &BroughtChanges) -> String {
    let without = part.version_without.as_deref();
    match (&part.next, part.next(), part.version.as_deref()) {
        (Err(failure), ..) => format!("next version: {failure}"),
        (_, Some(next), Some(version)) => {
            let without = match without {
                Some(without) if without == version => ", as without it".to_owned(),
                Some(without) => format!("; {without} without it"),
                None => "; no release without it".to_owned(),
            };
            let mut said = format!(
                "next version: {version} ({}; {}){without}",
                next.level, next.because
            );
            if part.is_silent() {
                said.push_str("; nothing changes in the changelog");
            }
            said
        }
        _ => "nothing to release, with it or without it".to_owned(),
    }
}

fn bold_version(part: &BroughtChanges) -> String {
    let said = comment::line(&version(part));
    match &part.version {
        Some(version) => said.replacen(version, &format!("**{version}**"), 1),
        None => said,
    }
}

/// The entries of each category, in order.
fn by_category(entries: &[ListedEntry]) -> Vec<(&str, &[ListedEntry])> {
    let groups = entries.chunk_by(|a, b| a.category == b.category);
    groups
        .map(|group| (group[0].category.as_str(), group))
        .collect()
}

fn first_line(entry: &ListedEntry) -> String {
    emphasis::unstressed(entry.text.lines().next().unwrap_or_default())
}

fn placed(entry: &ListedEntry) -> String {
    format!("{}: {}", entry.category, first_line(entry))
}

fn omission(one: &Omission) -> String {
    format!("{} {}: {}", one.reference, one.subject, one.reason)
}

/// Words in code, which nothing in them ends.
fn code(words: &str) -> String {
    format!("`{}`", words.replace('`', "'"))
}
