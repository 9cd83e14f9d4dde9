//! The plan is the program: the list of steps that dry run prints is the list that runs, fresh or saved.

use crate::support::{Repo, Sandbox, configure, says, with_remote};
use serde_json::{Value, json};

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
fn apply(repo: &Repo<'_>, plan: &Value, more: &[&str]) -> crate::support::Ran {
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
  gate    first: echo first >> /log  (nothing to undo)
  gate    second: sleep 0.3; echo second >> /log  (nothing to undo)
  gate    alone: echo alone >> /log  (nothing to undo)
  hooks   pre-commit and commit-msg  (nothing to undo)
  gate    tree: echo tree >> /log  (nothing to undo)
  commit  main and v0.2.0  (relwatch undo)
  push    origin  (cannot be undone)
  publish crate: echo crate >> /log  (echo yank >> /log)
  publish page: echo page >> /log  (cannot be undone)
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

    // Planned without a push: pushes only if the user asks for it, and says so then.
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

#[test]
fn what_nothing_changes_is_asked_once() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    let config = "ci: echo ci >> SANDBOX/log; echo success
publish: [{name: crate, check: echo check >> SANDBOX/log, run: 'true'}]
";
    configure(&repo, config);
    repo.commit("feat: a timeout (#1)");
    let release = |args: &[&str]| {
        repo.sh("rm -f ../log ../trace").ok();
        let trace = sandbox.path().join("trace").display().to_string();
        let binary = env!("CARGO_BIN_EXE_relwatch");
        let args = [&["release", "--push", "--yes"], args].concat();
        repo.run(binary, &args, &[("GIT_TRACE", &trace)]).ok();
        let trace = repo.read("../trace");
        let runs = |command: &str| trace.matches(&format!("built-in: git {command}")).count();
        (runs("ls-remote"), runs("status"), repo.read("../log"))
    };
    let once = "ci\ncheck\n".to_owned();
    // The tree is read for the checks, under the lock, and before the publish steps.
    assert_eq!(release(&[]), (1, 3, once.clone()));
    // After a user's command the remote and the tree are read again; the answers of other commands are reused.
    configure(&repo, &format!("{config}polish: echo '- Better'\n"));
    repo.commit("fix: more (#2)");
    assert_eq!(release(&[]), (2, 4, once.clone()));
    assert_eq!(
        repo.git(&["tag", "-l", "--format=%(contents:body)", "v0.2.1"])
            .stdout
            .trim(),
        "- Better"
    );
    configure(
        &repo,
        &format!("{config}gates: [{{name: g, run: 'true'}}]\n"),
    );
    repo.commit("fix: even more (#3)");
    assert_eq!(release(&[]), (2, 3, once));
}

#[test]
fn what_moves_while_a_command_runs_stops_the_release_before_anything_moves() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    let refuses = |config: &str, args: &[&str], said: &str| {
        configure(&repo, config);
        repo.commit("feat: a timeout (#1)");
        let head = repo.head();
        let refused = repo
            .relwatch(&[&["release", "--yes"], args].concat())
            .code(5);
        says(&refused, &[said]);
        assert_eq!(repo.head(), head);
        for journal in ["move.json", "release.json"] {
            assert!(!repo.exists(&format!(".git/relwatch/{journal}")));
        }
    };
    refuses(
        "gates: [{name: g, run: git tag v0.2.0}]\n",
        &[],
        "somebody made the tag v0.2.0 meanwhile; nothing was changed, try again",
    );
    repo.git(&["tag", "-d", "v0.2.0"]).ok();
    refuses(
        "polish: echo 2 > file; echo '- Better'\n",
        &[],
        "file changed meanwhile, by a gate or by you; nothing was released",
    );
    repo.git(&["checkout", "-q", "file"]).ok();
    refuses(
        "polish: git switch -q -c other; echo '- Better'\n",
        &["--push"],
        "other was checked out meanwhile; nothing was changed",
    );
    // If HEAD is detached, the branch may be moved by others until the release moves it.
    repo.git(&["switch", "-q", "main"]).ok();
    configure(
        &repo,
        "gates: [{name: g, run: git branch -f main HEAD~1}]\n",
    );
    repo.git(&["switch", "-q", "--detach"]).ok();
    let args = ["release", "--branch", "main", "--yes", "--offline"];
    says(
        &repo.relwatch(&args).code(5),
        &["main moved to ", " meanwhile; nothing was changed"],
    );
    assert_eq!(
        repo.git(&["rev-parse", "main"]).stdout,
        repo.git(&["rev-parse", "HEAD~1"]).stdout
    );
}
