//! Whole processes against git and against other tools, in one table of ratios.
//!
//!     cargo bench --bench processes -- [--repository DIR] [--huge] [--scale] [--only WORD] [--runs N] [--peer NAME=PROGRAM]…
//!
//! `--repository` is copied, never touched; without it a history of the same size is made. `--huge` adds the repository of
//! a million commits, which takes minutes to make; `--scale` prints instead how costs grow with a repository. Peers are git-cliff, cocogitto (`cog`), conventional-changelog and towncrier, also of several
//! versions: `--peer git-cliff-2.12=/opt/git-cliff`. Ours and theirs run in turn, the medians of one run are compared: times differ
//! from machine to machine, and on a busy one from minute to minute.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark times processes, prints, and stops where its set-up breaks"
)]

mod history;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use history::Shape;
#[cfg(unix)]
use nix::sys::resource::{UsageWho, getrusage};
use support::{Repo, Sandbox, set_up};

const RELWATCH: &str = env!("CARGO_BIN_EXE_relwatch");

/// The size of angular-cli's history: 18,675 commits, 1,169 tags, 2,000 files.
const LARGE: Shape = Shape {
    commits: 18_675,
    tags: 1_169,
    unreleased: 300,
    files: 2_000,
    ..Shape::SMALL
};

const HUGE: Shape = Shape {
    commits: 1_000_000,
    tags: 10_000,
    files: 20_000,
    archived: 100_000,
    ..Shape::SMALL
};

const UNRELEASED: Shape = Shape {
    commits: 20_010,
    unreleased: 20_000,
    ..Shape::SMALL
};

const SPECS: Shape = Shape {
    completed: 10_000,
    ..Shape::SMALL
};

#[derive(Default)]
struct Options {
    repository: Option<PathBuf>,
    huge: bool,
    scale: bool,
    only: Option<String>,
    runs: usize,
    peers: Vec<(String, String)>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut options = Options {
        runs: 15,
        ..Options::default()
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument.as_str() {
            "--peak" => return peak_of(arguments.collect()),
            "--repository" => options.repository = Some(value().into()),
            "--huge" => options.huge = true,
            "--scale" => options.scale = true,
            "--only" => options.only = Some(value()),
            "--runs" => options.runs = value().parse().expect("a number"),
            "--peer" => {
                let (name, program) = value().split_once('=').map(own).expect("NAME=PROGRAM");
                options.peers.push((name, program));
            }
            "--bench" => {} // cargo's
            other => panic!("{other} is unknown; see the top of benches/processes.rs"),
        }
    }
    Table::print_head(&options);
    let sandbox = Sandbox::new();
    let mut table = Table { options };
    if table.options.scale {
        scale(&table);
        return ExitCode::SUCCESS;
    }
    table.print_rows_head();
    on_a_large_history(&mut table, &sandbox);
    on_any_size(&mut table, &sandbox);
    rebase(&mut table, &sandbox);
    many_unreleased(&mut table, &sandbox);
    filter(&mut table, &sandbox);
    merges(&mut table, &sandbox);
    specs(&mut table, &sandbox);
    records(&mut table, &sandbox);
    fragments(&mut table, &sandbox);
    ExitCode::SUCCESS
}

fn own((a, b): (&str, &str)) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

/// One side of a comparison: what is made ready before each run, and what is timed.
struct Side<'a> {
    name: String,
    before: Box<dyn FnMut() + 'a>,
    command: Box<dyn Fn() -> Command + 'a>,
}

impl<'a> Side<'a> {
    fn new(name: &str, command: impl Fn() -> Command + 'a) -> Side<'a> {
        Side {
            name: name.to_owned(),
            before: Box::new(|| {}),
            command: Box::new(command),
        }
    }

    fn after(mut self, before: impl FnMut() + 'a) -> Side<'a> {
        self.before = Box::new(before);
        self
    }

    fn time(&mut self) -> Duration {
        (self.before)();
        let mut command = (self.command)();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().expect("a program that starts");
        let took = start.elapsed();
        // git merge-file says by its exit code how many conflicts there are.
        assert!(status.code().is_some(), "{}: {status}", self.name);
        took
    }

    /// Kilobytes at most, of the process or of any that it started.
    fn peak(&mut self) -> u64 {
        (self.before)();
        let command = (self.command)();
        let mut outer = Command::new(std::env::current_exe().unwrap());
        outer.arg("--peak").arg(command.get_program());
        outer.args(command.get_args()).env_clear();
        outer.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
        outer.current_dir(command.get_current_dir().unwrap());
        let output = outer.stderr(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines()
            .last()
            .and_then(|line| line.parse().ok())
            .unwrap_or(0)
    }
}

/// Runs a command and prints what it took at most.
fn peak_of(words: Vec<String>) -> ExitCode {
    let (program, args) = words.split_first().expect("a program");
    let mut command = Command::new(program);
    command.args(args).stdout(Stdio::null());
    let _ = command.status();
    #[cfg(unix)]
    {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("figures of the system");
        println!("{}", usage.max_rss());
    }
    ExitCode::SUCCESS
}

struct Table {
    options: Options,
}

/// How costs grow: the hook after a commit, git's own commit beside it, and an update that knows nothing yet.
fn scale(table: &Table) {
    println!(
        "| repository | hook, ms | `git commit` without, ms | cold `update`, ms | hook, MB | cold, MB |"
    );
    println!("|---|---|---|---|---|---|");
    let base = Shape {
        commits: 1000,
        tags: 10,
        files: 1000,
        ..Shape::SMALL
    };
    let mut shapes: Vec<(String, Shape)> = Vec::new();
    for commits in [100, 1000, 10_000, 100_000] {
        shapes.push((format!("{commits} commits"), Shape { commits, ..base }));
    }
    for tags in [100, 1000, 10_000] {
        shapes.push((
            format!("{tags} tags, 20000 commits"),
            Shape {
                tags,
                commits: 20_000,
                ..base
            },
        ));
    }
    for files in [10_000, 100_000] {
        shapes.push((format!("{files} files"), Shape { files, ..base }));
    }
    for archived in [1000, 10_000, 100_000] {
        shapes.push((
            format!("{archived} archived specs"),
            Shape { archived, ..base },
        ));
    }
    for completed in [100, 1000, 10_000] {
        shapes.push((
            format!("{completed} specs at work"),
            Shape { completed, ..base },
        ));
    }
    for unreleased in [100, 1000, 10_000] {
        shapes.push((
            format!("{unreleased} unreleased commits"),
            Shape {
                unreleased,
                commits: unreleased + 10,
                tags: 1,
                ..base
            },
        ));
    }
    for (name, shape) in shapes {
        let sandbox = Sandbox::new();
        let repo = sandbox.repo("repo");
        history::make(&repo, &shape);
        set_up(&repo);
        let runs = |mut side: Side<'_>, count: usize| {
            let count = count.min(table.options.runs);
            let time = median((0..count).map(|_| side.time()).collect()) * 1e3;
            (time, side.peak() as f64 / 1024.0)
        };
        repo.relwatch(&["update"]).ok();
        let (hook, hook_peak) = runs(hook("", &repo), 15);
        let (bare, _) = runs(bare_commit("", &repo), 15);
        let update = Side::new("", || relwatch(&repo, &["update"])).after(|| forget(&repo));
        let (cold, cold_peak) = runs(update, 5);
        println!(
            "| {name} | {hook:.1} | {bare:.1} | {cold:.1} | {hook_peak:.1} | {cold_peak:.1} |"
        );
    }
}

impl Table {
    fn print_head(options: &Options) {
        let said = |program: &str| {
            let output = Command::new(program).arg("--version").output();
            let text = output.map_or(String::new(), |o| String::from_utf8_lossy(&o.stdout).into());
            text.lines().next().unwrap_or("").to_owned()
        };
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name\t: "));
        println!(
            "{}, {}, {} ({} cores); relwatch has {} KB\n",
            said(RELWATCH),
            said("git"),
            model.unwrap_or("unknown processor"),
            std::thread::available_parallelism().map_or(1, usize::from),
            std::fs::metadata(RELWATCH).unwrap().len() / 1024,
        );
        for (name, program) in &options.peers {
            println!("{name}: {}", said(program));
        }
    }

    fn print_rows_head(&self) {
        println!("| work | ms | against | ms | ratio | goal | MB |");
        println!("|---|---|---|---|---|---|---|");
    }

    fn wants(&self, work: &str) -> bool {
        let only = self.options.only.as_ref();
        only.is_none_or(|word| work.contains(word.as_str()))
    }

    /// Times both sides in turn and prints a row. Goals below zero say how many times faster we mean to be.
    fn compare(&self, mut ours: Side<'_>, mut theirs: Side<'_>, goal: &str, runs: usize) {
        let mut times = (Vec::new(), Vec::new());
        for _ in 0..runs.min(self.options.runs) {
            times.0.push(ours.time());
            times.1.push(theirs.time());
        }
        let (a, b) = (median(times.0), median(times.1));
        let peak = ours.peak() as f64 / 1024.0;
        println!(
            "| {} | {:.1} | {} | {:.1} | {} | {goal} | {:.1} |",
            ours.name,
            a * 1e3,
            theirs.name,
            b * 1e3,
            ratio(a, b),
            peak
        );
    }
}

fn ratio(a: f64, b: f64) -> String {
    match a / b {
        quotient if quotient < 0.2 => format!("1/{:.0}", b / a),
        quotient => format!("{quotient:.2}"),
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn relwatch(repo: &Repo<'_>, args: &[&str]) -> Command {
    let mut command = repo.command(RELWATCH);
    command.args(args);
    command
}

fn git(repo: &Repo<'_>, args: &[&str]) -> Command {
    let mut command = repo.command("git");
    command.args(args);
    command
}

/// A commit that no hook hears of.
fn quiet_commit(repo: &Repo<'_>) {
    (bare_commit("", repo).command)().status().unwrap();
}

fn loud_commit<'a>(name: &str, repo: &'a Repo<'a>) -> Side<'a> {
    Side::new(name, || {
        git(
            repo,
            &["commit", "-q", "--allow-empty", "-m", "fix: keep it"],
        )
    })
}

fn bare_commit<'a>(name: &str, repo: &'a Repo<'a>) -> Side<'a> {
    const ARGS: [&str; 6] = [
        "-c",
        "core.hooksPath=/dev/null",
        "commit",
        "-q",
        "--allow-empty",
        "-mfix: keep it",
    ];
    Side::new(name, || git(repo, &ARGS))
}

fn hook<'a>(name: &str, repo: &'a Repo<'a>) -> Side<'a> {
    Side::new(name, || relwatch(repo, &["hook", "post-commit"])).after(|| quiet_commit(repo))
}

/// The repository that was asked for, else one that is made.
fn large<'s>(table: &Table, sandbox: &'s Sandbox) -> Repo<'s> {
    if let Some(original) = &table.options.repository {
        let repo = sandbox.at("large");
        let copied = Command::new("cp")
            .arg("-r")
            .arg(original)
            .arg(&repo.path)
            .status();
        assert!(copied.is_ok_and(|status| status.success()));
        return repo;
    }
    let repo = sandbox.repo("large");
    history::make(&repo, &LARGE);
    repo
}

fn on_a_large_history(table: &mut Table, sandbox: &Sandbox) {
    if !["hook", "commit", "notes"]
        .iter()
        .any(|work| table.wants(work))
    {
        return;
    }
    let repo = large(table, sandbox);
    set_up(&repo);
    if table.wants("hook") {
        let theirs = Side::new("`git rev-parse HEAD`", || {
            git(&repo, &["rev-parse", "HEAD"])
        });
        table.compare(
            hook("`hook post-commit`, large history", &repo),
            theirs,
            "≤ 3",
            41,
        );
    }
    if table.wants("commit") {
        let ours = loud_commit("`git commit` with hooks", &repo);
        let theirs = bare_commit("without", &repo);
        // A section that lags behind is no commit's everyday.
        let theirs = theirs.after(|| drop(repo.relwatch(&["update"]).ok()));
        table.compare(ours, theirs, "≤ 1.8", 41);
    }
    if table.wants("notes") {
        let all = || {
            let all = || relwatch(&repo, &["notes", "--all"]);
            Side::new("`notes --all`, cold", all).after(|| forget(&repo))
        };
        let log = Side::new("`git log --format=%B`", || {
            git(&repo, &["log", "--format=%B"])
        });
        table.compare(all(), log, "≤ 2", 15);
        let peers = table.options.peers.iter();
        for (name, program) in peers.filter(|(name, _)| !name.starts_with("towncrier")) {
            let command = || {
                let mut command = repo.command(program);
                if name.starts_with("conventional") {
                    command.args(["--stdout", "-r", "0"]);
                }
                if name.starts_with("cog") {
                    command.args(["changelog"]);
                }
                command
            };
            table.compare(all(), Side::new(name, command), "", 1);
        }
    }
}

/// Loses what relwatch knows: the next command reads everything from git.
fn forget(repo: &Repo<'_>) {
    repo.sh("rm -rf .git/relwatch; git show HEAD:CHANGELOG.md > CHANGELOG.md")
        .ok();
}

fn on_any_size(table: &mut Table, sandbox: &Sandbox) {
    if !table.options.huge {
        return;
    }
    let small = sandbox.repo("small");
    history::make(&small, &Shape::SMALL);
    set_up(&small);
    let huge = sandbox.repo("huge");
    history::make(&huge, &HUGE);
    set_up(&huge);
    table.compare(
        hook(
            "`hook post-commit`, 1,000,000 commits, 10,000 tags, 120,000 files",
            &huge,
        ),
        hook("ten commits", &small),
        "≤ 1.5",
        25,
    );
    table.compare(
        loud_commit("`git commit` with hooks, the same", &huge),
        loud_commit("ten commits", &small),
        "≤ 1.5",
        25,
    );
    let bare = |repo| bare_commit("`git commit` without hooks", repo);
    table.compare(bare(&huge), bare(&small), "", 25);
    table.compare(
        loud_commit("`git commit` with hooks, the same", &huge),
        bare(&huge),
        "≤ 1.8",
        25,
    );
}

fn rebase(table: &mut Table, sandbox: &Sandbox) {
    if !table.wants("rebase") {
        return;
    }
    let made = |name: &str, hooks: bool| {
        let repo = sandbox.repo(name);
        repo.commit("feat: start");
        if hooks {
            set_up(&repo);
        }
        repo.git(&["switch", "-q", "-c", "topic"]).ok();
        for number in 0..100 {
            repo.write(&format!("file{number}"), "text\n");
            repo.git(&["add", &format!("file{number}")]).ok();
            repo.git(&[
                "commit",
                "-q",
                "-m",
                &format!("feat: change {number} (#{number})"),
            ])
            .ok();
        }
        repo.git(&["switch", "-q", "main"]).ok();
        repo.commit("fix: main goes on");
        repo.git(&["branch", "start", "topic"]).ok();
        repo
    };
    let (with, without) = (made("rebase-with", true), made("rebase-without", false));
    let empty = made("rebase-empty", false);
    empty.write(".git/hooks/post-commit", "#!/bin/sh\n");
    empty.sh("chmod +x .git/hooks/post-commit").ok();
    let side = |name: &str, repo| {
        let start = move || {
            Repo::git(repo, &["switch", "-q", "-C", "topic", "start"]).ok();
        };
        Side::new(name, move || git(repo, &["rebase", "-q", "main"])).after(start)
    };
    table.compare(
        side("`git rebase` of 100 commits with hooks", &with),
        side("without", &without),
        "≤ 1.5",
        9,
    );
    // git starts a shell for each commit: what that takes is no tool's to change.
    table.compare(
        side("`git rebase` of 100 commits with hooks", &with),
        side("with a `post-commit` that does nothing", &empty),
        "",
        9,
    );
}

fn many_unreleased(table: &mut Table, sandbox: &Sandbox) {
    if !["update", "warm"].iter().any(|work| table.wants(work)) {
        return;
    }
    let repo = sandbox.repo("unreleased");
    history::make(&repo, &UNRELEASED);
    set_up(&repo);
    if table.wants("update") {
        let ours = Side::new("`update`, 20,000 unreleased, cold", || {
            relwatch(&repo, &["update"])
        })
        .after(|| forget(&repo));
        let theirs = Side::new("`git log --format=%B`", || {
            git(&repo, &["log", "--format=%B", "^v0.1.0", "HEAD"])
        });
        table.compare(ours, theirs, "≤ 2", 15);
    }
    if table.wants("warm") {
        repo.relwatch(&["update"]).ok();
        let empty = sandbox.repo("empty");
        empty.commit("feat: start");
        set_up(&empty);
        repo.relwatch(&["update"]).ok();
        // `docs` are not listed: the section stays empty.
        let theirs = Side::new("the hook on an empty section", || {
            relwatch(&empty, &["hook", "post-commit"])
        })
        .after(|| {
            empty
                .git(&[
                    "-c",
                    "core.hooksPath=/dev/null",
                    "commit",
                    "-q",
                    "--allow-empty",
                    "-m",
                    "docs: say it",
                ])
                .ok();
        });
        table.compare(
            hook("`hook post-commit`, 20,000 unreleased, warm", &repo),
            theirs,
            "≤ 2",
            25,
        );
    }
}

/// A changelog of 2 MB, with one generated line.
fn filter(table: &mut Table, sandbox: &Sandbox) {
    if !table.wants("filter") {
        return;
    }
    let repo = sandbox.repo("filter");
    repo.commit_file(
        "CHANGELOG.md",
        &changelog(&[], false),
        "docs: keep a changelog",
    );
    set_up(&repo);
    repo.commit("feat: a change");
    let size = std::fs::metadata(repo.path.join("CHANGELOG.md"))
        .unwrap()
        .len();
    let name = format!("`filter clean` on {:.1} MB", size as f64 / 1e6);
    let hash = |config: &'static str| {
        let repo = &repo;
        move || {
            git(
                repo,
                &[
                    "-c",
                    config,
                    "hash-object",
                    "--path=CHANGELOG.md",
                    "CHANGELOG.md",
                ],
            )
        }
    };
    let ours = Side::new(&name, hash("core.abbrev=7"));
    let theirs = Side::new("`cat` as the filter", hash("filter.relwatch.clean=cat"));
    table.compare(ours, theirs, "≤ 3", 41);
}

/// A changelog of 300 released versions.
fn changelog(lines: &[&str], edited: bool) -> String {
    let mut text =
        "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- the base has this\n".to_owned();
    for line in lines {
        text.push_str(&format!("- {line}\n"));
    }
    for version in (0..300).rev() {
        text.push_str(&format!(
            "\n## [1.{version}.0] - 2025-01-01\n\n### Fixed\n\n"
        ));
        for line in 0..100 {
            let is_edited = edited && version == 100 && line == 50;
            let word = if is_edited { "bounded" } else { "kept" };
            text.push_str(&format!(
                "- **parser:** the timeout of locks is {word} in case {line} (#{version}{line})\n"
            ));
        }
    }
    text
}

fn merges(table: &mut Table, sandbox: &Sandbox) {
    if !table.wants("merge") {
        return;
    }
    let repo = sandbox.repo("merges");
    repo.commit("feat: start");
    repo.write("base", &changelog(&[], false));
    repo.write("ours", &changelog(&["ours has this (#1)"], false));
    repo.write("theirs", &changelog(&["theirs has this (#2)"], true));
    let reset = |repo: &Repo<'_>| {
        drop(std::fs::copy(
            repo.path.join("ours"),
            repo.path.join("result"),
        ))
    };
    let size = std::fs::metadata(repo.path.join("ours")).unwrap().len();
    let ours = Side::new(
        &format!("merge driver, {:.1} MB", size as f64 / 1e6),
        || {
            relwatch(
                &repo,
                &[
                    "merge-driver",
                    "base",
                    "result",
                    "theirs",
                    "7",
                    "CHANGELOG.md",
                ],
            )
        },
    );
    let theirs = Side::new("`git merge-file`", || {
        git(&repo, &["merge-file", "result", "base", "theirs"])
    });
    table.compare(
        ours.after(|| reset(&repo)),
        theirs.after(|| reset(&repo)),
        "≤ 5",
        15,
    );
}

fn specs(table: &mut Table, sandbox: &Sandbox) {
    if !table.wants("specs") {
        return;
    }
    let repo = sandbox.repo("specs");
    history::make(&repo, &SPECS);
    set_up(&repo);
    let folder = repo.path.join(".chant/specs");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let each = |program: &'static str, args: &'static [&'static str]| {
        let (repo, paths) = (&repo, &paths);
        move || {
            let mut command = repo.command(program);
            command.args(args).args(paths);
            command
        }
    };
    let update = || relwatch(&repo, &["update"]);
    let ours = Side::new("`update`, 10,000 specs, cold", update).after(|| forget(&repo));
    table.compare(
        ours,
        Side::new("`cat` of them", each("cat", &[])),
        "≤ 3",
        15,
    );
    let mut turn = 0;
    let change = || {
        turn += 1;
        touch(&paths[turn], turn);
    };
    let ours = Side::new("`update`, 10,000 specs, one changed", update).after(change);
    table.compare(
        ours,
        Side::new("`stat` of each", each("stat", &["-c", "%s %Y"])),
        "≤ 2",
        15,
    );
}

/// As many specs in one file, two kilobytes each.
fn records(table: &mut Table, sandbox: &Sandbox) {
    if !table.wants("records") {
        return;
    }
    let repo = sandbox.repo("records");
    let issue = |number: usize| {
        let status = if number < 100 { "open" } else { "closed" };
        let text = "x".repeat(1_850);
        format!(
            "{{\"id\":\"bd-{number}\",\"title\":\"Add case {number}\",\"description\":\"{text}\",\"status\":\"{status}\",\"issue_type\":\"feature\"}}\n"
        )
    };
    let text: String = (0..10_000).map(issue).collect();
    repo.write(".beads/issues.jsonl", &text);
    repo.write("relwatch.yml", "specs: beads\n");
    repo.git(&["add", "-A"]).ok();
    repo.commit("feat: start");
    repo.git(&["tag", "-a", "v1.0.0", "-m", "x"]).ok();
    set_up(&repo);
    let update = || relwatch(&repo, &["update"]);
    let read = || {
        let mut command = repo.command("cat");
        command.arg(".beads/issues.jsonl");
        command
    };
    let ours =
        Side::new("`update`, 10,000 specs in one file, cold", update).after(|| forget(&repo));
    table.compare(ours, Side::new("`cat` of it", read), "", 15);
    let mut turn = 0;
    let change = || {
        turn += 1;
        let now = text.replacen("\"open\"", "\"closed\"", turn);
        repo.write(".beads/issues.jsonl", &now);
    };
    let ours = Side::new("`update`, 10,000 specs in one file, one changed", update).after(change);
    table.compare(ours, Side::new("`cat` of it", read), "", 15);
}

/// The same fragments told by towncrier and by us.
fn fragments(table: &mut Table, sandbox: &Sandbox) {
    let mut peers = table.options.peers.iter();
    let Some((name, program)) = peers.find(|(name, _)| name.starts_with("towncrier")) else {
        return;
    };
    if !table.wants("fragments") {
        return;
    }
    let repo = sandbox.repo("fragments");
    for number in 0..1000 {
        repo.write(
            &format!("newsfragments/{number}.feature.md"),
            &format!("Keep what was asked for in case {number}\n"),
        );
    }
    repo.write(
        "pyproject.toml",
        "[tool.towncrier]\ndirectory = \"newsfragments\"\nname = \"x\"\n",
    );
    repo.write("relwatch.yml", "specs: towncrier\n");
    repo.git(&["add", "-A"]).ok();
    repo.commit("feat: start");
    set_up(&repo);
    let update = || relwatch(&repo, &["update"]);
    let ours = Side::new("`update`, 1,000 news fragments, cold", update).after(|| forget(&repo));
    let theirs = || {
        let mut command = repo.command(program);
        command.args(["build", "--draft", "--version", "1.0.0"]);
        command
    };
    table.compare(ours, Side::new(name, theirs), "", 3);
}

fn touch(path: &Path, turn: usize) {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("# Add case", &format!("# Add another case {turn}, not"));
    std::fs::write(path, text).unwrap();
}
