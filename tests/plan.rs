//! The plan is the program: the list of steps that dry run prints is the list that runs, fresh or saved.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a broken set-up shall fail the test"
)]

mod support;

use serde_json::{Value, json};
use support::{Repo, Sandbox, configure, says, with_remote};

/// Every kind of step; each command writes its name into a log. The order of the gates is not the one in which they run.
const ALL: &str = "commit_hooks: true
archive: after-publish
gates:
  - {name: tree, where: release-tree, run: echo tree >> SANDBOX/log}
  - {name: first, group: g, run: echo first >> SANDBOX/log}
  - {name: alone, run: echo alone >> SANDBOX/log}
  - {name: second, group: g, run: 'sleep 0.3; echo second >> SANDBOX/log'}
publish:
  - {name: crate, run: echo crate >> SANDBOX/log, undo: echo yank >> SANDBOX/log}
  - {name: page, run: echo page >> SANDBOX/log}
";

fn everything<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = with_remote(sandbox, "r");
    configure(&repo, ALL);
    let spec =
        "---\nstatus: completed\ntype: feature\ncompleted_at: 2026-01-29\n---\n# A timeout\n";
    repo.commit_file(".chant/specs/2026-01-29-004-jkl.md", spec, "feat: more");
    let hook = format!(
        "#!/bin/sh\necho hooks >> {}/log\n",
        sandbox.path().display()
    );
    repo.write(".git/hooks/commit-msg", &hook);
    repo.sh("chmod +x .git/hooks/commit-msg; rm -f ../log").ok();
    repo
}

fn plan(repo: &Repo<'_>, more: &[&str]) -> Value {
    let args = [&["release", "--dry-run", "--json"], more].concat();
    serde_json::from_str(&repo.relwatch(&args).ok().stdout).unwrap()
}

/// Applies a saved plan.
fn apply(repo: &Repo<'_>, plan: &Value, more: &[&str]) -> support::Ran {
    repo.write("../plan.json", &plan.to_string());
    repo.relwatch(&[&["release", "--plan", "../plan.json", "--yes"], more].concat())
}

/// Kind and name of each step.
fn listed(plan: &Value) -> Vec<String> {
    let steps = plan["plan"]["steps"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let named = steps.map(|step| format!("{} {}", word(&step["kind"]), word(&step["name"])));
    named.collect()
}

const LISTED: [&str; 12] = [
    "gate first",
    "gate second",
    "gate alone",
    "build chore(release): v0.2.0",
    "hooks pre-commit and commit-msg",
    "gate tree",
    "tag v0.2.0",
    "commit main and v0.2.0",
    "push origin",
    "publish crate",
    "publish page",
    "archive completed specs",
];

const RAN: &str = "first\nsecond\nalone\nhooks\ntree\ncrate\npage\n";

#[test]
fn what_dry_run_lists_is_what_runs_in_that_order() {
    let sandbox = Sandbox::new();
    let repo = everything(&sandbox);
    assert_eq!(listed(&plan(&repo, &["--push"])), LISTED);
    let here = sandbox.path().display().to_string();
    let shown = repo.relwatch(&["release", "--dry-run", "--push"]).ok();
    let shown = shown.stdout.replace(&here, "");
    assert!(
        shown.contains(
            "commit: chore(release): v0.2.0
tag: v0.2.0 (annotated)
steps:
  gate    first: echo first >> /log  (nothing to take back)
  gate    second: sleep 0.3; echo second >> /log  (nothing to take back)
  gate    alone: echo alone >> /log  (nothing to take back)
  hooks   pre-commit and commit-msg  (nothing to take back)
  gate    tree: echo tree >> /log  (nothing to take back)
  commit  main and v0.2.0  (relwatch undo)
  push    origin  (cannot be taken back)
  publish crate: echo crate >> /log  (echo yank >> /log)
  publish page: echo page >> /log  (cannot be taken back)
  archive completed specs  (git revert)
"
        ),
        "{shown}"
    );
    assert!(!repo.exists("../log"), "a dry run runs nothing");
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    assert_eq!(repo.read("../log"), RAN);
    assert_eq!(
        repo.git(&["log", "-2", "--format=%s"]).stdout,
        "chore(release): archive the specs of v0.2.0\nchore(release): v0.2.0\n"
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn a_saved_plan_runs_its_list() {
    let sandbox = Sandbox::new();
    let repo = everything(&sandbox);
    let saved = plan(&repo, &["--push"]);
    says(
        &apply(&repo, &saved, &[]).ok(),
        &[
            "pushed to origin: main and v0.2.0",
            "published v0.2.0: page",
            "archived 1 file",
        ],
    );
    assert_eq!(repo.read("../log"), RAN);

    // Made without a push: it does not push, or only if it is told to, and then it says so.
    repo.commit("fix: more (#2)");
    let saved = plan(&repo, &[]);
    assert_eq!(listed(&saved).last().unwrap(), "commit main and v0.2.1");
    repo.sh("rm ../log").ok();
    apply(&repo, &saved, &[]).ok();
    assert_eq!(repo.read("../log"), "first\nsecond\nalone\nhooks\ntree\n");
    let there = || repo.sh("git ls-remote --tags origin v0.2.1").stdout;
    assert_eq!(there(), "");
    repo.relwatch(&["undo", "--yes"]).ok();
    says(
        &apply(&repo, &saved, &["--push"]).ok(),
        &["  push    origin", "pushed to origin: main and v0.2.1"],
    );
    assert!(there().contains("v0.2.1"));
}

#[test]
fn a_saved_plan_with_another_list_runs_nothing() {
    let sandbox = Sandbox::new();
    let repo = everything(&sandbox);
    let saved = plan(&repo, &["--push"]);
    let before = repo.sh("git for-each-ref; git status --porcelain").stdout;
    let refuses = |code: u8, said: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut odd = saved.clone();
        change(odd["plan"]["steps"].as_array_mut().unwrap());
        let refused = apply(&repo, &odd, &[]).code(code.into());
        says(&refused, &[said]);
        let after = repo.sh("git for-each-ref; git status --porcelain").stdout;
        assert_eq!(after, before, "{said}");
        assert!(!repo.exists("../log"));
    };
    let other = "it lists other steps than this clone; nothing was changed";
    refuses(5, other, &|steps| drop(steps.remove(9)));
    refuses(5, other, &|steps| steps.swap(5, 7));
    refuses(5, other, &|steps| steps[9]["run"] = json!("touch evil"));
    refuses(5, other, &|steps| steps[8]["name"] = json!("elsewhere"));
    refuses(5, other, &|steps| steps.push(steps[9].clone()));
    refuses(
        2,
        "it leaves the gate alone out and does not say why",
        &|steps| {
            steps.remove(2);
        },
    );
    refuses(2, "is no plan", &|steps| steps[0]["kind"] = json!("dance"));
    let mut old = saved.clone();
    old["schema"] = json!(2);
    says(
        &apply(&repo, &old, &[]).code(2),
        &["its schema is 2, not 3"],
    );
    apply(&repo, &saved, &[]).ok();
}

#[test]
fn a_skipped_gate_is_data() {
    let sandbox = Sandbox::new();
    let repo = everything(&sandbox);
    let skip = ["--skip-gate", "alone", "--reason", "the lab is down"];
    let saved = plan(&repo, &skip);
    assert_eq!(
        saved["plan"]["skipped_gates"],
        json!([{"name": "alone", "reason": "the lab is down"}])
    );
    assert!(!listed(&saved).contains(&"gate alone".to_owned()));
    // Words in the message of the tag are no reason.
    let mut odd = saved.clone();
    odd["plan"]["skipped_gates"] = json!([]);
    says(
        &apply(&repo, &odd, &[]).code(2),
        &["it leaves the gate alone out and does not say why"],
    );
    apply(&repo, &saved, &[]).ok();
    assert_eq!(repo.read("../log"), "first\nsecond\nhooks\ntree\n");
    says(
        &repo.git(&["tag", "-l", "--format=%(contents)", "v0.2.0"]),
        &["Gate-Skipped: alone: the lab is down"],
    );
    assert!(!plan_of_next(&repo).contains("skipped_gates"));
}

fn plan_of_next(repo: &Repo<'_>) -> String {
    repo.commit("fix: more (#2)");
    plan(repo, &[]).to_string()
}

#[test]
fn a_release_by_review_lists_an_offer_and_neither_tag_nor_commit() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    configure(&repo, "push: {mode: pull-request}\n");
    repo.commit_file("a", "", "feat: a timeout (#1)");
    repo.git(&["push", "-q"]).ok();
    let saved = plan(&repo, &["--push"]);
    assert_eq!(
        listed(&saved),
        ["build chore(release): v0.2.0", "offer origin"]
    );
    let shown = repo.relwatch(&["release", "--dry-run", "--push"]).ok();
    says(
        &shown,
        &[
            "tag: v0.2.0, by `relwatch release --finish` once it is merged\nsteps:\n  offer   release/v0.2.0 on origin  (git push origin --delete release/v0.2.0; git branch -D release/v0.2.0)\n\n",
        ],
    );
    says(
        &apply(&repo, &saved, &[]).ok(),
        &["pushed to origin: release/v0.2.0, to be reviewed"],
    );
    assert_eq!(repo.git(&["tag", "-l"]).stdout, "v0.1.0\n");
}
