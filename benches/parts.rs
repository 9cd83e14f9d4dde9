//! The parts of relwatch on their own, by divan: `cargo bench --bench parts`.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark stops where its set-up breaks"
)]

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use relwatch::config::Config;
use relwatch::domain::changelog::document::Document;
use relwatch::domain::changelog::merge::{self, Style};
use relwatch::domain::changelog::{places::Places, record::Line, view};
use relwatch::domain::commit::graph::{Graph, WalkCommit};
use relwatch::domain::commit::id::CommitId;
use relwatch::domain::commit::message::{Commit, RawCommit};
use relwatch::domain::spec::Spec;

fn main() {
    divan::main();
}

/// A changelog of released versions, a hundred lines each.
fn changelog(versions: usize) -> String {
    let mut text = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- what is coming\n".to_owned();
    for version in (0..versions).rev() {
        text.push_str(&format!(
            "\n## [1.{version}.0] - 2025-01-01\n\n### Fixed\n\n"
        ));
        for line in 0..100 {
            text.push_str(&format!(
                "- **parser:** the timeout of locks is kept in case {line} (#{version}{line})\n"
            ));
        }
    }
    text
}

fn lines(count: usize) -> Vec<Line> {
    let line = |number: usize| Line {
        category: ["Added", "Changed", "Fixed"][number % 3].into(),
        text: format!("**api:** keep what was asked for in case {number} (#{number})"),
        refs: vec![format!("#{number}")],
    };
    (0..count).map(line).collect()
}

fn order() -> Vec<String> {
    ["Added", "Changed", "Fixed"].map(str::to_owned).to_vec()
}

#[divan::bench]
fn read_configuration() -> Config {
    Config::read("specs: chant\ntypes:\n  perf: changed\nscopes:\n  api: API\n").unwrap()
}

#[divan::bench]
fn read_message(bencher: Bencher) {
    let reading = Config::read("").unwrap().reading();
    let message = "feat(api)!: set a timeout for locks (#12)\n\nWithout one, who waits waits for ever.\n\nBREAKING CHANGE: give `timeout`\nCo-authored-by: B <b@example.org>\n";
    let raw = RawCommit {
        id: CommitId::expect(&"1a2b3c4d".repeat(5)).unwrap(),
        parents: vec![CommitId::expect(&"5d6e7f8a".repeat(5)).unwrap()],
        author: "A <a@example.org> 1700000000".into(),
        time: 1_700_000_000,
        message: message.into(),
        trailers: Vec::new(),
        paths: Vec::new(),
    };
    bencher
        .counter(ItemsCount::new(1_usize))
        .with_inputs(|| raw.clone())
        .bench_values(|raw| Commit::read(raw, &reading));
}

#[divan::bench]
fn read_spec(bencher: Bencher) {
    let config = Config::read("").unwrap();
    let source = config.specs.0.first().unwrap();
    let text = "---\ntype: code\nstatus: completed\nlabels: [fix]\n---\n\n# Keep the timeout of locks\n\n## Problem\n\nIt is lost.\n\n## Acceptance Criteria\n\n- [x] it is kept\n";
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| Spec::read(source, ".chant/specs/2026-01-28-00b-sjc.md", text, None));
}

#[divan::bench(args = [100, 10_000])]
fn walk(bencher: Bencher, commits: u64) {
    let load = |at: u64| {
        Ok::<_, ()>(WalkCommit {
            time: at as i64,
            parents: if at == 0 { vec![] } else { vec![at - 1] },
        })
    };
    bencher
        .counter(ItemsCount::new(commits))
        .bench(|| Graph::new(load).sides(commits, Some(0)));
}

#[divan::bench(args = [10, 250])]
fn parse_changelog(bencher: Bencher, versions: usize) {
    let text = changelog(versions);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| Document::parse(text.as_bytes()).versions().count());
}

#[divan::bench(args = [100, 10_000])]
fn show(bencher: Bencher, entries: usize) {
    let (text, lines) = (changelog(10), lines(entries));
    bencher
        .counter(ItemsCount::new(entries))
        .bench(|| view::view(text.as_bytes(), &lines, &order()));
}

#[divan::bench(args = [100, 10_000])]
fn extend(bencher: Bencher, entries: usize) {
    let (viewed, record) = view::view(changelog(10).as_bytes(), &lines(entries), &order());
    let (places, new) = (
        Places::from_record(&record),
        lines(entries + 1).split_off(entries),
    );
    bencher
        .with_inputs(|| viewed.clone())
        .bench_values(|viewed| places.extended(viewed, &new));
}

#[divan::bench(args = [100, 10_000])]
fn cut_out(bencher: Bencher, entries: usize) {
    let (viewed, record) = view::view(changelog(10).as_bytes(), &lines(entries), &order());
    let places = Places::from_record(&record);
    bencher
        .counter(BytesCount::of_slice(&viewed))
        .bench(|| places.cut_from(&viewed));
}

#[divan::bench(args = [10, 250])]
fn merge(bencher: Bencher, versions: usize) {
    let base = changelog(versions);
    let ours = base.replacen("- what is coming\n", "- what is coming\n- ours\n", 1);
    let theirs = base.replacen("- what is coming\n", "- what is coming\n- theirs\n", 1);
    let order = order();
    let style = Style::plain(&order);
    bencher
        .counter(BytesCount::of_str(&base))
        .bench(|| merge::merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), &style));
}
