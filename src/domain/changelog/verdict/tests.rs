//! The origin of each line, for every way in which the same bytes can come about.

use super::*;
use crate::domain::changelog::clean::clean;
use crate::domain::changelog::earlier::EarlierViews;
use crate::domain::changelog::record::Line as NewLine;
use crate::domain::changelog::view::view;

const DOC: &str = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- first\n";

fn line(category: &str, text: &str) -> NewLine {
    let name = text
        .rsplit_once(" (")
        .map_or(text, |(_, name)| name.trim_end_matches(')'));
    NewLine {
        category: category.to_owned(),
        text: text.to_owned(),
        refs: vec![name.to_owned()],
    }
}

/// A file over several views: in each, some lines come or go.
struct File {
    doc: String,
    record: Record,
    earlier: EarlierViews,
    view: u64,
    /// The file as written with each view.
    written: Vec<String>,
}

impl File {
    fn over(doc: &str, views: &[&[&str]]) -> File {
        let mut file = File {
            doc: doc.to_owned(),
            record: Record::default(),
            earlier: EarlierViews::default(),
            view: 0,
            written: Vec::new(),
        };
        views.iter().for_each(|texts| file.update(texts));
        file
    }

    fn update(&mut self, texts: &[&str]) {
        let lines: Vec<NewLine> = texts.iter().map(|text| line("Added", text)).collect();
        let (viewed, mut record) = view(self.doc.as_bytes(), &lines, &["Added".to_owned()]);
        self.view += 1;
        record.date(&self.record, self.view);
        let number = (self.view, "blob");
        let doc = self.doc.as_bytes();
        self.earlier = self.earlier.followed_by(&self.record, &record, doc, number);
        self.record = record;
        self.written.push(String::from_utf8(viewed).unwrap());
    }

    fn judged(&self, text: &str) -> (String, Verdict) {
        let known = Known {
            record: &self.record,
            earlier: &self.earlier.lines,
            blob: Some(self.doc.as_bytes()),
        };
        let cleaned = clean(text.as_bytes(), &known);
        // The version that git then stores gives the same verdict again.
        let stored = Known {
            blob: Some(&cleaned.doc),
            ..known
        };
        assert_eq!(
            clean(&cleaned.doc, &stored).doc,
            cleaned.doc,
            "cleaning twice"
        );
        (String::from_utf8(cleaned.doc).unwrap(), cleaned.verdict)
    }

    fn last(&self) -> &str {
        self.written.last().unwrap()
    }
}

/// The hand-written lines of Unreleased; edited, deleted and newer references.
fn short((doc, verdict): (String, Verdict)) -> (Vec<String>, String, String, String) {
    let end = doc.find("## [0.1.0]").unwrap();
    let lines = doc[..end]
        .lines()
        .filter(|line| line.starts_with(['-', '*', ' ']));
    let names = |list: &[Vec<String>]| list.concat().join(" ");
    let Verdict {
        edited,
        deleted,
        newer,
        ..
    } = &verdict;
    (
        lines.map(str::to_owned).collect(),
        names(edited),
        names(deleted),
        names(newer),
    )
}

fn expect(file: &File, text: &str, theirs: &[&str], edited: &str, deleted: &str, newer: &str) {
    let found = short(file.judged(text));
    let theirs: Vec<String> = theirs.iter().map(|line| (*line).to_owned()).collect();
    let expected = (
        theirs,
        edited.to_owned(),
        deleted.to_owned(),
        newer.to_owned(),
    );
    assert_eq!(found, expected, "{text}");
}

const ONE: &[&str] = &["Thing one (#1)"];
const TWO: &[&str] = &["Thing one (#1)", "Other two (#2)"];
const THREE: &[&str] = &["Thing one (#1)", "Other two (#2)", "Final three (#3)"];

#[test]
fn edits_are_edits() {
    let file = File::over(DOC, &[THREE]);
    let text = file.last();
    expect(&file, text, &[], "", "", "");
    // Reworded with the reference kept: the line still names the change.
    let kept = text.replace("Other two", "Something else entirely");
    expect(
        &file,
        &kept,
        &["- Something else entirely (#2)"],
        "",
        "#2",
        "",
    );
    let reworded = text.replace("Thing one (#1)", "Thing one works for lists too");
    expect(
        &file,
        &reworded,
        &["- Thing one works for lists too"],
        "#1",
        "",
        "",
    );
    // Every line reworded; one reworded and one deleted.
    let all = reworded
        .replace("two (#2)", "two, better")
        .replace("three (#3)", "three and four");
    let lines = [
        "- Thing one works for lists too",
        "- Other two, better",
        "- Final three and four",
    ];
    expect(&file, &all, &lines, "#1 #2 #3", "", "");
    let both = reworded.replace("- Final three (#3)\n", "");
    expect(
        &file,
        &both,
        &["- Thing one works for lists too"],
        "#1",
        "#3",
        "",
    );
    // A new line that resembles no other is only a new line.
    let typed = text.replace("- Other two (#2)\n", "- Quite unrelated words\n");
    expect(&file, &typed, &["- Quite unrelated words"], "", "#2", "");
}

#[test]
fn only_what_was_moved_is_a_persons() {
    let texts: Vec<String> = (1..=10)
        .map(|n| format!("Change number {n} (#{n})"))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let file = File::over(DOC, &[&texts]);
    let line = |n: usize| format!("- {}\n", texts[n - 1]);
    let newest_first = file
        .last()
        .replace(&line(10), "")
        .replace(&line(1), &(line(10) + &line(1)));
    expect(&file, &newest_first, &[line(10).trim_end()], "", "", "");
    let oldest_last = file
        .last()
        .replace(&line(1), "")
        .replace(&line(10), &(line(10) + &line(1)));
    expect(&file, &oldest_last, &[line(1).trim_end()], "", "", "");
    let elsewhere = file.last().replace(&line(4), "").replace(
        "\n\n## [0.1.0]",
        &format!("\n\n### Fixed\n\n{}\n## [0.1.0]", line(4)),
    );
    let (doc, _) = file.judged(&elsewhere);
    assert!(
        doc.contains("### Fixed\n\n- Change number 4 (#4)\n") && !doc.contains("(#5)"),
        "{doc}"
    );
}

#[test]
fn an_old_copy_deletes_nothing() {
    let file = File::over(DOC, &[ONE, TWO, THREE]);
    // An editor with the first view open saves it, with and without typed text.
    expect(&file, &file.written[0], &[], "", "", "#2 #3");
    let typed = file.written[0].replace("(#1)\n", "(#1)\n- typed by hand\n");
    expect(&file, &typed, &["- typed by hand"], "", "", "#2 #3");
    // The same bytes if the user deletes the newest line. Nothing is lost.
    let without_newest = file.last().replace("- Final three (#3)\n", "");
    expect(&file, &without_newest, &[], "", "", "#3");
    // An older line that is missing while a newer one is present was deleted.
    let without_older = file.last().replace("- Other two (#2)\n", "");
    expect(&file, &without_older, &[], "", "#2", "");
    // From an old copy, and deleted in it.
    let both = file.written[1].replace("- Thing one (#1)\n", "");
    expect(&file, &both, &[], "", "#1", "#3");
    // git restored the file, or a stash was popped: no generated line is left.
    expect(&file, DOC, &[], "", "", "#1 #2 #3");
    let stashed = DOC.replace("d]\n", "d]\n\n### Added\n\n- typed by hand\n");
    expect(&file, &stashed, &["- typed by hand"], "", "", "#1 #2 #3");
    // All lines are deleted and the heading is left: the user did that.
    let emptied = File::over(DOC, &[TWO]);
    let text = emptied
        .last()
        .replace("- Thing one (#1)\n- Other two (#2)\n", "");
    expect(&emptied, &text, &[], "", "#1 #2", "");
}

#[test]
fn a_line_that_changed_since_is_still_ours() {
    // An amend gives the commit another name.
    let file = File::over(
        DOC,
        &[&["Thing one (abc1234)"], &["Thing one, better (def5678)"]],
    );
    expect(&file, &file.written[0], &[], "", "", "def5678");
    let (doc, _) = file.judged(&file.written[0]);
    assert_eq!(doc, DOC);
    // A reverted change with a generated heading.
    let file = File::over(DOC, &[ONE, &[]]);
    expect(&file, &file.written[0], &[], "", "", "");
    assert_eq!(file.judged(&file.written[0]).0, DOC);
    // Next to a line that came after it was removed: the user wrote it.
    let file = File::over(DOC, &[ONE, &["Other two (#2)"]]);
    let beside = file.last().replace("- Other", "- Thing one (#1)\n- Other");
    expect(&file, &beside, &["- Thing one (#1)"], "", "", "");
}

#[test]
fn the_same_markdown_is_the_same_line() {
    let text = "see https://example.org/a_b and `x_y` in snake\\_case, *soon* (#1)";
    let file = File::over(
        DOC,
        &[&[
            text,
            "a line that is long enough to be wrapped by a formatter that has eighty columns only (#2)\n\nmore of it",
        ]],
    );
    for (from, to) in [
        ("- see", "* see"),
        ("https://example.org/a_b", "<https://example.org/a_b>"),
        ("snake\\_case", "snake_case"),
        ("*soon*", "_soon_"),
        ("long enough to", "long enough\n  to"),
    ] {
        let formatted = file.last().replace(from, to);
        assert_ne!(formatted, file.last(), "{from}");
        expect(&file, &formatted, &[], "", "", "");
    }
    let other = file.last().replace("`x_y`", "x_y");
    assert!(!short(file.judged(&other)).0.is_empty(), "code is not text");
}

#[test]
fn what_git_has_is_a_persons() {
    let doc = DOC.replace("d]\n", "d]\n\n### Added\n\n* Thing one (#1)\n");
    let mut file = File::over(DOC, &[TWO]);
    // Another client stored the line, by hand or not: the index has it.
    file.doc = doc.clone();
    let (kept, verdict) = file.judged(&doc.replace("(#1)\n", "(#1)\n- Other two (#2)\n"));
    assert_eq!((kept, verdict.deleted.len()), (doc, 0));
}

#[test]
fn what_is_below_a_sub_heading_or_parted_by_words_is_a_persons() {
    let file = File::over(DOC, &[THREE]);
    let (two, three) = ("- Other two (#2)", "- Final three (#3)");
    let group = file.last().replace(two, &format!("\n#### Group\n\n{two}"));
    expect(&file, &group, &[two, three], "", "", "");
    let words = file.last().replace(three, &format!("\nWords:\n\n{three}"));
    expect(&file, &words, &["- Thing one (#1)", two, three], "", "", "");
    let comment = file.last().replace(three, &format!("<!-- x -->\n{three}"));
    expect(&file, &comment, &[], "", "", "");
    let below = file.last().replace(three, &format!("{three}\n\nWords."));
    expect(&file, &below, &[], "", "", "");
}

#[test]
fn of_several_missing_lines_none_is_reworded_to_name_another_change() {
    let file = File::over(DOC, &[THREE]);
    let other = "- Other two and four (#4)";
    let text = file
        .last()
        .replace("- Other two (#2)\n- Final three (#3)", other);
    expect(&file, &text, &[other], "", "#2 #3", "");
    let one = file.last().replace("- Other two (#2)", other);
    expect(&file, &one, &[other], "#2", "", "");
}
