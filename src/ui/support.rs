//! The matrix of supported versions, for users and for a document.

use crate::domain::report::deprecation::Deprecation;
use crate::domain::report::support::{END, LineStatus, ReleaseLine, marker};
use crate::domain::text::words::shortened;
use crate::ui::screen::{Page, Screen, Tone};

/// A row of the matrix: one line, or several consecutive ones without support or without a stated status.
struct MatrixRow {
    lines: String,
    status: String,
    until: String,
    latest: String,
    note: &'static str,
}

/// A table, and deprecations below it.
pub fn table(
    screen: Screen,
    component: Option<&str>,
    lines: &[ReleaseLine],
    deprecations: &[Deprecation],
) -> String {
    let mut page = Page::new(screen);
    let say = |page: &mut Page, indent: usize, hang: usize, words: &str| {
        page.words(indent, hang, &[(Tone::Plain, words)]);
    };
    if let Some(name) = component {
        say(&mut page, 0, 2, &format!("{name}:"));
    }
    let rows = rows(lines);
    if rows.is_empty() {
        let words = "no version is released yet; `relwatch release` makes one";
        say(&mut page, 0, 2, words);
    } else {
        let head = ["line", "status", "until", "latest"];
        let cells: Vec<[&str; 4]> = rows
            .iter()
            .map(|row| [&row.lines, &row.status, &row.until, &row.latest].map(String::as_str))
            .collect();
        let width = |at: usize| {
            let all = cells.iter().chain([&head]);
            all.map(|row| row[at].len()).max().unwrap_or(0) + 2
        };
        let widths = [0, 1, 2, 3].map(width);
        let notes = rows.iter().map(|row| row.note);
        for (cells, note) in [(&head, "")].into_iter().chain(cells.iter().zip(notes)) {
            let padded = cells.iter().zip(widths);
            let padded: String = padded
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            say(&mut page, 0, widths[0], &format!("{padded}{note}"));
        }
    }
    if !deprecations.is_empty() {
        page.blank();
        say(&mut page, 0, 2, "deprecated");
    }
    for one in deprecations {
        let announced = one.announced.as_deref().unwrap_or("Unreleased");
        // The planned removal is in its own text.
        let fate = match &one.removed {
            Some(removed) => format!("removed in {removed}"),
            None => "still there".to_owned(),
        };
        let text = shortened(&one.text, 80);
        say(&mut page, 2, 4, &format!("{announced}  {text}: {fate}"));
    }
    page.into_text()
}

/// The block for a document, including markers.
pub fn markdown(component: Option<&str>, lines: &[ReleaseLine]) -> String {
    let mut out = marker(component);
    out.push_str("\n| Version | Status | Supported until | Notes |\n|---|---|---|---|\n");
    for row in rows(lines) {
        let status = crate::domain::text::words::capitalised(&row.status);
        let note = match row.note {
            "" => "-".to_owned(),
            note => crate::domain::text::words::capitalised(note),
        };
        out.push_str(&format!(
            "| {} | {status} | {} | {note} |\n",
            row.lines, row.until
        ));
    }
    out.push_str(&format!("{END}\n"));
    out
}

/// The rows. Consecutive lines without support or without a stated status form one row.
fn rows(lines: &[ReleaseLine]) -> Vec<MatrixRow> {
    let is_past = |line: &ReleaseLine| {
        matches!(line.status, None | Some(LineStatus::EndOfLife)) && line.latest.is_some()
    };
    let runs = lines.chunk_by(|a, b| a.status == b.status && is_past(a) && is_past(b));
    let row = |run: &[ReleaseLine]| {
        let (newest, oldest) = (run.first()?, run.last()?);
        let until = run.iter().filter_map(|line| line.until.clone()).max();
        Some(MatrixRow {
            lines: match run.len() {
                1 => newest.line.clone(),
                _ => format!("{} to {}", oldest.line, newest.line),
            },
            status: match (newest.status, newest.lts && newest.until.is_some()) {
                (Some(LineStatus::Current), true) => "current, LTS",
                (Some(LineStatus::Current), false) => "current",
                (Some(LineStatus::Lts), _) => "LTS",
                (Some(LineStatus::Maintained), _) => "maintained",
                (Some(LineStatus::EndOfLife), _) => "end of life",
                (None, _) => "-",
            }
            .to_owned(),
            until: until.unwrap_or_else(|| "-".to_owned()),
            latest: newest.latest.clone().unwrap_or_else(|| "-".to_owned()),
            note: match newest.status {
                Some(LineStatus::Current) => "active development",
                Some(LineStatus::Lts) => "security and critical fixes only",
                Some(LineStatus::Maintained) => "fixes only",
                Some(LineStatus::EndOfLife) if newest.latest.is_none() => "withdrawn",
                Some(LineStatus::EndOfLife) => "no longer supported",
                None => "",
            },
        })
    };
    runs.filter_map(row).collect()
}
