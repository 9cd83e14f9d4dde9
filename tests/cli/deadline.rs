//! git does not wait for relwatch: a hook has a deadline, and the work that it does not finish is done later by other commands. No test
//! here depends on real time: either there is no time at all, or the test has its own clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use relwatch::domain::time_limit::TimeLimit;
use relwatch::project::Project;
use relwatch::section::refresh::{self, Way};
use relwatch::sys::deadline::Deadline;

#[cfg(target_os = "linux")]
use crate::support::strace;
use crate::support::{Repo, Sandbox, cases, configure, project};

const LATE: &str =
    "relwatch: the Unreleased section is not up to date: a hook has 0 s; run `relwatch update`\n";

fn commit(repo: &Repo<'_>, message: &str) -> String {
    let ran = repo
        .git(&["commit", "-q", "--allow-empty", "-a", "-m", message])
        .ok();
    assert_eq!(ran.stdout, "");
    ran.stderr
}

#[test]
fn a_hook_that_has_no_time_leaves_the_work_and_says_so_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    assert_eq!(commit(&repo, "feat: in time (#1)"), "");
    repo.git(&["config", "relwatch.deadline", "0"]).ok();
    assert_eq!(commit(&repo, "feat: late (#2)"), LATE);
    assert_eq!(commit(&repo, "feat: later (#3)"), "");
    assert_eq!(repo.git(&["switch", "-q", "-c", "side"]).ok().stderr, "");
    assert_eq!(repo.section(), "### Added\n\n- In time (#1)");
    assert_eq!(repo.status(), "");
    // The filter uses its record: hand-written text gets into the commit, generated text does not.
    repo.edit("CHANGELOG.md", "### Added\n", "### Added\n\n- By hand.\n");
    assert_eq!(commit(&repo, "docs: a note"), "");
    let stored = repo.stored();
    assert!(
        stored.contains("- By hand.") && !stored.contains("In time"),
        "{stored}"
    );
    assert_eq!(repo.status(), "");
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(status.contains("Later"), "{status}");
    repo.relwatch(&["update"]).ok();
    for entry in [
        "- By hand.",
        "- In time (#1)",
        "- Late (#2)",
        "- Later (#3)",
    ] {
        assert!(repo.section().contains(entry), "{}", repo.section());
    }
    assert_eq!(repo.status(), "");
    // With time again, nothing is left to say; without, it is news.
    repo.git(&["config", "--unset", "relwatch.deadline"]).ok();
    assert_eq!(commit(&repo, "feat: again (#4)"), "");
    repo.git(&["config", "relwatch.deadline", "0"]).ok();
    assert_eq!(commit(&repo, "feat: late again (#5)"), LATE);
}

#[test]
fn where_the_deadline_is_read_from() {
    let counted = [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "relwatch.deadline"),
        ("GIT_CONFIG_VALUE_0", "0 ms"),
    ];
    // git's configuration, relwatch.yml, variables, options; whether the hook is late.
    type Case<'c> = (
        &'c str,
        &'c str,
        &'c [(&'c str, &'c str)],
        &'c [&'c str],
        bool,
    );
    let table: [Case<'_>; 8] = [
        ("0", "", &[], &[], true),
        ("0s", "", &[], &[], true),
        ("10m", "", &[], &[], false),
        ("", "hooks: {deadline: 0}\n", &[], &[], true),
        ("10m", "hooks: {deadline: 0ms}\n", &[], &[], true),
        ("0", "hooks: {deadline: 10m}\n", &[], &[], true),
        ("", "", &counted, &[], true),
        ("10m", "", &[], &["-c", "relwatch.deadline=0"], true),
    ];
    cases::in_turn(
        table,
        |case| format!("{case:?}"),
        |(config, yaml, env, options, is_late)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            if !yaml.is_empty() {
                configure(&repo, yaml);
                repo.relwatch(&["update"]).ok();
            }
            if !config.is_empty() {
                repo.git(&["config", "relwatch.deadline", config]).ok();
            }
            repo.sh("rm -f .git/relwatch/said").ok();
            let commit = [
                "commit",
                "-q",
                "--allow-empty",
                "-m",
                "feat: a timeout (#1)",
            ];
            let args: Vec<&str> = options.iter().copied().chain(commit).collect();
            let ran = repo.run("git", &args, env).ok();
            assert_eq!(ran.stderr, if *is_late { LATE } else { "" });
            assert_eq!(repo.section().is_empty(), *is_late);
        },
    );
}

#[test]
fn checks_without_time_stop_nobody() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(&repo, "hooks: {commit_msg: reject}\n");
    repo.relwatch(&["hooks", "install"]).ok();
    let refused = repo.git(&["commit", "-q", "--allow-empty", "-m", "x y"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    repo.git(&["config", "relwatch.deadline", "0"]).ok();
    let commit = repo
        .git(&["commit", "-q", "--allow-empty", "-m", "fix: go on"])
        .ok();
    assert!(commit.stderr.lines().count() <= 2, "{commit:?}");
}

#[test]
fn the_wait_for_another_writer_counts() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["config", "relwatch.deadline", "50ms"]).ok();
    let busy = "flock .git/relwatch/lock git commit -q --allow-empty -m 'feat: late (#1)'";
    let said = repo.sh(busy).ok().stderr;
    assert_eq!(said, LATE.replace("0 s", "50 ms"));
    assert_eq!(repo.section(), "");
}

/// An operation that cannot check the deadline, such as a read that hangs, is ended as well.
#[cfg(target_os = "linux")]
#[test]
fn a_hook_that_hangs_is_ended() {
    if !strace::is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["config", "relwatch.deadline", "10ms"]).ok();
    let path = repo.path.join("relwatch.yml");
    let held = strace::held_at(&repo, &["hook", "post-commit"], &path.to_string_lossy());
    let (code, said) = held.ended();
    assert_eq!((code.as_str(), said), ("0", LATE.replace("0 s", "10 ms")));
}

/// A clock that advances by a millisecond each time it is read.
fn deadline(milliseconds: u64) -> Deadline {
    let looks = AtomicU64::new(0);
    let clock = move || Duration::from_millis(looks.fetch_add(1, Ordering::SeqCst));
    Deadline::new(TimeLimit::milliseconds(milliseconds), Arc::new(clock))
}

#[test]
fn what_was_done_in_time_is_not_done_again() {
    const COMMITS: usize = 2000;
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.import((0..COMMITS).map(|n| format!("feat: number {n}\n")));
    let cached = || {
        repo.sh("wc -l < .git/relwatch/commits 2>/dev/null || echo 0")
            .stdout
            .trim()
            .parse::<usize>()
            .unwrap_or(0)
    };
    let mut before = cached();
    let mut late = 0;
    loop {
        let git = relwatch::sys::git::Repo::open(&repo.path).unwrap();
        let project = Project::in_time(git, deadline(1600)).unwrap();
        let Err(failure) = refresh::refresh(&project, Way::Rebuild) else {
            break;
        };
        assert!(
            failure.to_string().contains("is not up to date"),
            "{failure}"
        );
        assert!(
            cached() > before,
            "{before} commits are known after {late} hooks"
        );
        before = cached();
        late += 1;
    }
    assert!(late > 0, "there was time for all");
    assert_eq!(repo.section().matches("- Number").count(), COMMITS);
    assert_eq!(repo.status(), "");
}

/// Each of these used to take longer with every directory than with all earlier ones.
#[test]
fn a_configuration_from_anybody_does_not_keep_git() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let deep = ["d"; 40].join("/");
    repo.write(&format!("{deep}/a.txt"), "a\n");
    let stars = ["**"; 30].join("/");
    let both = ["**/*"; 12].join("/");
    let many: String = (0..200)
        .map(|n| format!("  - {{name: s{n}, files: '**/*.md{n}'}}\n"))
        .collect();
    cases::in_turn(
        [
            format!("specs: {{files: '{stars}/*.md'}}\n"),
            format!("specs: {{files: '{both}/*.md'}}\n"),
            format!("specs: {{files: '**/*.txt', exclude: ['{both}/*.md', '{stars}/x']}}\n"),
            format!("specs:\n{many}"),
            format!("components: {{a: {{paths: ['{both}/*.md'], changelog: A.md}}}}\n"),
            "unreleased: '((((((a*)*)*)*)*)*)*'\n".to_owned(),
            "issues: {trackers: {'(a*)*(a*)*(a*)*b': 'https://x/{id}'}}\n".to_owned(),
        ],
        |yaml| yaml.chars().take(60).collect::<String>(),
        |yaml| {
            repo.write("relwatch.yml", yaml);
            let commit = ["commit", "-q", "--allow-empty", "-a", "-m", "feat: go on"];
            repo.in_time("git", &commit).ok();
            repo.in_time("git", &["add", "CHANGELOG.md"]).ok();
            assert!(
                !repo
                    .git(&["show", ":CHANGELOG.md"])
                    .ok()
                    .stdout
                    .contains("Go on")
            );
        },
    );
}
