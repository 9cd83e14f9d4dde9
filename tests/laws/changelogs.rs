//! Real changelogs: read to the versions that their headings name, back to the byte, and merged by the laws.
//!
//! `CHANGELOGS=FOLDER` looks at every `.md` file in it, `HISTORY=REPOSITORY:PATH` at every revision of a file:
//! `cargo test --release --test laws changelogs:: -- --ignored --nocapture`.

use std::process::Command;

use relwatch::domain::changelog::cut::cut;
use relwatch::domain::changelog::document::Document;
use relwatch::domain::changelog::merge::{MergedFile, Style, merge};
use relwatch::domain::changelog::outline::Outline;
use relwatch::domain::changelog::title::Title;
use relwatch::domain::changelog::version_cut::Cut;
use relwatch::domain::changelog::{clean::clean, record::Line, verdict::Known, view::view};

use crate::support::cases;

fn order() -> Vec<String> {
    ["Added", "Changed", "Fixed"].map(String::from).to_vec()
}

fn merged(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<MergedFile> {
    let order = order();
    let style = Style::plain(&order);
    merge(base, ours, theirs, &style)
}

/// The versions that lines name which look like headings, found without a Markdown parser.
fn named_by_lines(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut closed_by = "";
    for (at, line) in lines.iter().enumerate() {
        if !closed_by.is_empty() {
            if line.contains(closed_by) {
                closed_by = "";
            }
            continue;
        }
        if line.trim_start().starts_with("```") {
            closed_by = "```";
            continue;
        }
        if line.contains("<!--") && !line.contains("-->") {
            closed_by = "-->";
            continue;
        }
        let underlined = lines.get(at + 1).is_some_and(|below| {
            below.len() >= 3 && (below.chars().all(|c| c == '=') || below.chars().all(|c| c == '-'))
        });
        let level = line.bytes().take_while(|b| *b == b'#').count();
        if !(underlined || (1..=3).contains(&level)) || line.starts_with(['-', '*', ' ']) {
            continue;
        }
        let words = line.split(|c: char| c.is_whitespace() || "[]()*,".contains(c));
        let version = words.map(|word| word.trim_start_matches('v')).find(|word| {
            let core = word.split(['-', '+']).next().unwrap();
            let numbers: Vec<&str> = core.split('.').collect();
            (2..=4).contains(&numbers.len())
                && numbers
                    .iter()
                    .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        });
        found.extend(version.map(str::to_owned));
    }
    found
}

/// The laws that hold for one file.
fn look(name: &str, bytes: &[u8]) {
    let outline = Outline::parse(bytes);
    let mut all = bytes[outline.lead.clone()].to_vec();
    for block in &outline.blocks {
        all.extend_from_slice(&bytes[block.text.start..block.gap.end]);
    }
    assert!(all == bytes, "{name}: not every byte is in the outline");
    let lines = [
        ("Added", "set a timeout (#99901)"),
        ("Fixed", "crash (#99902)\n\nmore"),
    ];
    let lines = lines.map(|(category, text)| Line {
        category: category.into(),
        text: text.into(),
        refs: vec![text.into()],
    });
    let (viewed, record) = view(bytes, &lines, &order());
    assert!(
        String::from_utf8_lossy(&viewed).contains("set a timeout"),
        "{name}: no place for entries"
    );
    assert!(
        clean(&viewed, &Known::by(&record)).doc == bytes,
        "{name}: the view does not come off"
    );
    let released = cut(
        &viewed,
        &Cut {
            version: "999.0.0",
            date: "2026-01-30",
            tag: "v999.0.0",
            previous_tag: Some("v998.0.0"),
            forge: None,
            stored: bytes,
        },
    );
    let (before, after) = (Document::parse(&viewed), Document::parse(&released));
    let older = after.versions().filter(|version| *version != "999.0.0");
    assert!(before.versions().eq(older), "{name}: versions changed");
    assert!(after.version("999.0.0").is_some(), "{name}");
    for section in before
        .sections
        .iter()
        .filter(|s| s.title != Title::Unreleased)
    {
        let old = &viewed[section.heading.start..section.body.end];
        let kept = released.windows(old.len()).any(|window| window == old);
        let linked = before
            .links
            .iter()
            .any(|l| section.body.contains(&l.span.start));
        assert!(kept || linked, "{name}: {:?} changed", section.title);
    }
}

/// A file with one more note, where a person would write it.
fn with_note(bytes: &[u8], note: &str) -> Vec<u8> {
    let line = Line {
        category: "Added".into(),
        text: note.into(),
        refs: vec![],
    };
    view(bytes, &[line], &order()).0
}

fn neighbours(name: &str, a: &[u8], b: &[u8]) -> bool {
    assert_eq!(merged(a, a, b).unwrap().bytes, b, "{name}");
    assert_eq!(merged(a, b, b).unwrap().bytes, b, "{name}");
    let Some(same) = merged(a, b, a) else {
        return false;
    };
    assert!(same.bytes == b, "{name}: merge(a, b, a) is not b");
    // Somebody wrote a note on a branch meanwhile.
    let note = "a note from a branch, which nobody else has (#99903)";
    let noted = with_note(a, note);
    for (ours, theirs) in [(b, &noted[..]), (&noted[..], b)] {
        let Some(both) = merged(a, ours, theirs) else {
            return false;
        };
        assert_eq!(
            both.conflicts,
            0,
            "{name}: a silly conflict\n{}",
            String::from_utf8_lossy(&both.bytes)
        );
        let doc = Document::parse(&both.bytes);
        let unreleased = doc.unreleased().unwrap();
        let section = doc.text(&unreleased.body);
        assert!(
            section.contains(note),
            "{name}: the note is not in Unreleased"
        );
        let lines = |bytes: &[u8]| -> Vec<String> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let mut lines: Vec<String> = text
                .lines()
                .map(|l| l.trim_end().to_owned())
                // Who made the Unreleased heading, and how, does not matter.
                .filter(|l| !l.is_empty() && !l.to_lowercase().contains("unreleased"))
                .collect();
            lines.sort();
            lines
        };
        let mut left = lines(&both.bytes);
        for line in lines(b) {
            let at = left.iter().position(|l| *l == line);
            left.remove(at.unwrap_or_else(|| panic!("{name}: lost {line}")));
        }
        left.retain(|line| !line.contains(note) && !line.starts_with("---"));
        assert!(
            left.len() <= 2,
            "{name}: more than the note and its headings: {left:?}"
        );
    }
    true
}

#[test]
#[ignore = "needs files: CHANGELOGS=FOLDER"]
fn real_changelogs_are_read_and_come_back() {
    let mut paths: Vec<_> = std::fs::read_dir(std::env::var("CHANGELOGS").unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    paths.sort();
    let mut odd = 0;
    cases::in_turn(
        &paths,
        |path| path.display().to_string(),
        |path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(path).unwrap();
            look(&name, &bytes);
            assert!(
                neighbours(&name, &bytes, &with_note(&bytes, "another note")),
                "{name}: not understood"
            );
            let doc = Document::parse(&bytes);
            let read: Vec<String> = doc.versions().map(str::to_owned).collect();
            let named = named_by_lines(&String::from_utf8_lossy(&bytes));
            println!(
                "{name}: {} versions, Unreleased: {}",
                read.len(),
                doc.unreleased().is_some()
            );
            if read != named {
                odd += 1;
                let only = |a: &[String], b: &[String]| -> Vec<String> {
                    a.iter().filter(|v| !b.contains(v)).cloned().collect()
                };
                println!(
                    "  only read: {:?}; only named by lines: {:?}; {} to {}",
                    only(&read, &named),
                    only(&named, &read),
                    read.len(),
                    named.len()
                );
            }
        },
    );
    println!(
        "{} files, {odd} of them read otherwise than line by line",
        paths.len()
    );
}

#[test]
#[ignore = "needs a repository: HISTORY=REPOSITORY:PATH"]
fn every_revision_of_a_changelog_merges_by_the_laws() {
    let history = std::env::var("HISTORY").unwrap();
    let (repository, path) = history.rsplit_once(':').unwrap();
    let git = |args: &[&str]| {
        let output = Command::new("git")
            .args(["-C", repository])
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let log = git(&[
        "log",
        "--all",
        "--no-merges",
        "--reverse",
        "--diff-filter=AM",
        "--format=%H %P",
        "--",
        path,
    ]);
    let log = String::from_utf8(log).unwrap();
    let (mut revisions, mut pairs, mut left_to_git, mut odd) = (0, 0, 0, 0);
    cases::in_turn(
        log.lines(),
        |&line| line,
        |&line| {
            let mut ids = line.split(' ');
            let commit = ids.next().unwrap();
            let bytes = git(&["show", &format!("{commit}:{path}")]);
            let name = &commit[..10];
            revisions += 1;
            look(name, &bytes);
            let read: Vec<String> = Document::parse(&bytes)
                .versions()
                .map(str::to_owned)
                .collect();
            let named = named_by_lines(&String::from_utf8_lossy(&bytes));
            if read != named {
                odd += 1;
                println!(
                    "{name}: read {} versions, {} by lines",
                    read.len(),
                    named.len()
                );
            }
            let before = ids.next().map(|parent| {
                Command::new("git")
                    .args(["-C", repository, "show", &format!("{parent}:{path}")])
                    .output()
                    .unwrap()
            });
            if let Some(before) = before.filter(|b| b.status.success()) {
                pairs += 1;
                left_to_git += usize::from(!neighbours(name, &before.stdout, &bytes));
            }
        },
    );
    println!(
        "{revisions} revisions, {pairs} pairs, {left_to_git} left to git, {odd} read otherwise than line by line"
    );
}
