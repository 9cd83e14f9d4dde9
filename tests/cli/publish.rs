//! `relwatch publish`, and the commands of its steps.

use crate::support::{Repo, Sandbox, cases, project};

/// A project with a bare remote `origin`, and steps that write into `../log`.
fn publishing<'s>(sandbox: &'s Sandbox, yaml: &str) -> Repo<'s> {
    let repo = project(sandbox, "r");
    let yaml = yaml.replace("../", &format!("{}/", sandbox.path().display()));
    repo.commit_file("relwatch.yml", &yaml, "chore: configure");
    repo.sh("git init -q --bare -b main ../r.git && git remote add origin ../r.git && git push -q -u --follow-tags origin main").ok();
    repo
}

const LOG: &str = "publish:
  - {name: log, run: 'echo {tag} >> ../log'}
  - {name: look, manual: 'look at {tag}'}
";

#[test]
fn without_a_tag_it_is_about_what_is_pending() {
    let sandbox = Sandbox::new();
    let repo = publishing(&sandbox, LOG);
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--pre", "rc", "--push", "--yes"])
        .code(8);
    // Another branch is checked out meanwhile.
    repo.git(&["switch", "-q", "-c", "topic", "HEAD~1"]).ok();
    let refused = repo.relwatch(&["check"]).code(3);
    assert!(
        refused.stdout.contains(
            "release v0.2.0-rc.1 is not finished; `relwatch release --resume` continues it, `relwatch undo` rolls it back if it is not pushed"
        ),
        "{refused:?}"
    );
    let done = repo.relwatch(&["publish", "--done", "look"]).ok();
    assert_eq!(
        done.stdout,
        "published v0.2.0-rc.1: log, done already\npublished v0.2.0-rc.1: look, done already\n"
    );
    assert_eq!(
        repo.relwatch(&["release", "--resume"]).ok().stdout,
        "nothing is pending\n"
    );
    assert_eq!(repo.read("../log"), "v0.2.0-rc.1\n");

    // The steps are those of the configuration that is here.
    repo.git(&["switch", "-q", "--detach", "v0.1.0"]).ok();
    assert_eq!(
        repo.relwatch(&["publish"]).ok().stdout,
        "nothing to do for v0.1.0: relwatch.yml has no steps in `publish`\n"
    );

    // Nothing is pending: the newest one here, be it a pre-release.
    repo.git(&["switch", "-q", "main"]).ok();
    repo.relwatch(&["publish"]).ok();
    assert_eq!(repo.read("../log"), "v0.2.0-rc.1\n");
}

#[test]
fn a_command_of_several_lines_ends_at_the_first_that_fails() {
    let sandbox = Sandbox::new();
    let repo = publishing(
        &sandbox,
        "gates:
  - name: tests
    run: |
      test -f ../ok
      touch ../gate
publish:
  - name: image
    run: |
      test -f ../image \\
        || test -f ../other
      echo {tag} >> ../log
    done_if: |
      test -f ../done || { echo not there >&2; false; }
      true
",
    );
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).code(4);
    assert!(!repo.exists("../gate"));
    repo.write("../ok", "");
    let failed = repo.relwatch(&["release", "--push", "--yes"]).code(8);
    let folder = sandbox.path().display().to_string();
    assert_eq!(
        failed.stderr.replace(&folder, "").replace("0.1 s", "0.0 s"),
        "gate tests: test -f /ok; touch /gate
gate tests: ok, 0.0 s
step image: test -f /image || test -f /other; echo v0.2.0 >> /log
released 0.2.0: commit and tag v0.2.0 on main
pushed to origin: main and v0.2.0
relwatch: v0.2.0 is released, but not published: step image failed, `test -f /image || test -f /other; echo v0.2.0 >> /log` failed: exit status: 1; fix it, then `relwatch release --resume` goes on
",
        "what `done_if` says is nobody's business"
    );
    assert!(!repo.exists("../log"));
    repo.write("../other", "");
    repo.relwatch(&["publish"]).ok();
    assert_eq!(repo.read("../log"), "v0.2.0\n");
}

#[test]
fn documents_name_what_people_shall_use() {
    let sandbox = Sandbox::new();
    cases::run(
        ["keep", "roll"],
        |&mode| mode,
        |&mode| {
            let repo = project(&sandbox, mode);
            repo.commit_file("install.md", "get 0.1.0\n", "docs: how to install");
            let yaml = format!("docs: {{files: [install.md]}}\nprerelease: {mode}\n");
            repo.commit_file("relwatch.yml", &yaml, "chore: configure");
            repo.commit("feat: a timeout (#1)");
            let candidate = repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
            assert_eq!(candidate.stderr, "");
            assert_eq!(repo.read("install.md"), "get 0.1.0\n");
            repo.commit("fix: more (#2)");
            repo.relwatch(&["release", "--yes"]).ok();
            assert_eq!(repo.read("install.md"), "get 0.2.0\n", "{mode}");
        },
    );
}

#[test]
fn a_release_that_waits_outlives_other_commits_until_it_is_withdrawn() {
    let sandbox = Sandbox::new();
    let repo = publishing(
        &sandbox,
        "publish:
  - {name: log, run: 'echo {tag} >> ../log', done_if: 'grep -qx {tag} ../log', undo: 'echo not {tag} >> ../log'}
  - {name: deploy, run: 'echo deploy >> ../log', undo: 'echo roll back >> ../log'}
  - {name: look, manual: 'look at {tag}'}
  - {name: last, run: 'echo last >> ../log', done_if: 'grep -qx last ../log', undo: 'echo never >> ../log'}
",
    );
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).code(8);
    repo.commit_file(
        "Cargo.toml",
        "[package]\nname = \"r\"\nversion = \"0.2.0\"\n",
        "feat: more (#2)",
    );
    repo.relwatch(&["version", "--minor"]).ok();
    repo.relwatch(&["release", "--yes"]).code(3);
    let withdrawn = repo
        .relwatch(&["withdraw", "0.2.0", "--reason", "it loses data", "--yes"])
        .ok();
    let said = "the tag stays\nnot done, so nothing to undo: last\nundid: deploy\nundid: log\n";
    assert!(withdrawn.stdout.contains(said), "{withdrawn:?}");
    assert_eq!(
        repo.read("../log"),
        "v0.2.0\ndeploy\nroll back\nnot v0.2.0\n"
    );
    assert_eq!(
        repo.relwatch(&["release", "--resume"]).ok().stdout,
        "nothing is pending\n"
    );
    let refused = repo.relwatch(&["publish", "v0.2.0"]).code(3);
    assert_eq!(
        refused.stderr,
        "relwatch: v0.2.0 is withdrawn; `relwatch release` makes the version that fixes it\n"
    );
    repo.relwatch(&["release", "--yes"]).ok();
}

#[test]
fn without_a_tag_every_component_that_is_pending_is_published() {
    let sandbox = Sandbox::new();
    let repo = publishing(
        &sandbox,
        "components:
  front: {paths: [front/**]}
  back: {paths: [back/**]}
publish:
  - {name: log, run: 'echo {tag} {component} >> ../log'}
  - {name: look, manual: 'look at {tag}'}
",
    );
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: components"]).ok();
    repo.commit_file("front/a", "", "feat: a page (#1)");
    repo.commit_file("back/a", "", "feat: an interface (#2)");
    repo.relwatch(&["release", "--push", "--yes"]).code(8);
    let done = repo.relwatch(&["publish", "--done", "look"]).ok().stdout;
    assert_eq!(done.matches(": look, done already\n").count(), 2, "{done}");
    let mut log: Vec<String> = repo.read("../log").lines().map(str::to_owned).collect();
    log.sort();
    assert_eq!(log, ["back-v0.1.0 back", "front-v0.1.0 front"]);
    assert_eq!(
        repo.relwatch(&["release", "--resume"]).ok().stdout,
        "nothing is pending\n"
    );
    let which = repo.relwatch(&["publish"]).code(2);
    assert!(which.stderr.contains("which release?"), "{which:?}");
}

#[test]
fn what_a_withdrawal_could_not_take_back_is_tried_again() {
    let sandbox = Sandbox::new();
    let repo = publishing(
        &sandbox,
        "publish:
  - {name: a, run: 'echo a >> ../log', undo: 'echo not a >> ../log'}
  - {name: b, run: 'echo b >> ../log', done_if: 'grep -qx b ../log', undo: 'test -f ../network && echo not b >> ../log'}
",
    );
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    // From another clone.
    repo.sh("git clone -q ../r.git ../other").ok();
    let other = sandbox.at("other");
    let args = ["withdraw", "0.2.0", "--reason", "it loses data", "--yes"];
    let failed = other.relwatch(&args).code(8);
    assert!(
        failed.stderr.contains("not rolled back: b: `test -f "),
        "{failed:?}"
    );
    let head = other.head();
    other.relwatch(&args).code(8);
    repo.write("../network", "");
    let done = other.relwatch(&args).ok();
    assert_eq!(done.stdout, "v0.2.0 is withdrawn already\nundid: b\n");
    assert_eq!(repo.read("../log"), "a\nb\nnot a\nnot b\n");
    assert_eq!(other.head(), head, "one commit is enough");
    other.relwatch(&args).code(6);
    // Adding details later does not undo the steps again.
    let more = ["withdraw", "0.2.0", "--actions", "more tests", "--yes"];
    let added = other.relwatch(&more).ok();
    assert!(!added.stdout.contains("undid"), "{added:?}");
    assert_eq!(repo.read("../log"), "a\nb\nnot a\nnot b\n");
}
