//! Continuous integration: a fresh clone gives the same result as a developer's tree, and `action.yml`, `ci/gitlab.yml` and the workflows
//! of docs/how-to/ci.md work. The shell runs their steps, with stand-ins for cargo and curl.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_yaml::Value;

use crate::getting;
use crate::support::{Ran, Repo, Sandbox, cases, document, project, ran, says, with_remote};

const SPEC: &str = "---
status: completed
labels: [fix]
---

# Serialize writers

## Release Notes

Data loss during concurrent writes. (#1234)
";

fn file(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).unwrap()
}

/// A developer's repository with commits, a spec, words of their own and a skip, pushed to `origin.git` beside it.
fn developed<'s>(sandbox: &'s Sandbox, storage: &str) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.relwatch(&["init", "--storage", storage]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.commit("chore: storage");
    repo.commit("feat(api): set a custom timeout for write locks (#12)");
    repo.commit("fix: no flicker (#13)");
    repo.commit("feat!: drop the old format\n\nBREAKING CHANGE: run `lamp convert`.");
    repo.commit_file(
        ".chant/specs/2026-01-29-004-jkl.md",
        SPEC,
        "chant(2026-01-29-004-jkl): Serialize writers",
    );
    repo.relwatch(&["skip", "#13", "--reason", "internal"]).ok();
    repo.edit("CHANGELOG.md", "set a custom timeout for", "a timeout for");
    repo.git(&["commit", "-q", "-am", "docs: words for users"])
        .ok();
    repo.commit("perf: read once (#14)");
    repo.sh("git clone -q --bare . ../origin.git && git remote add origin ../origin.git")
        .ok();
    repo
}

#[test]
fn a_fresh_clone_shows_the_section_of_the_working_tree() {
    cases::run(
        ["view", "tracked"],
        |&storage| storage,
        |&storage| {
            let sandbox = Sandbox::new();
            let repo = developed(&sandbox, storage);
            // In `tracked`, the last commit's own line comes with the next one.
            repo.relwatch(&["update"]).ok();
            let there = repo.read("CHANGELOG.md");
            for word in [
                "a timeout for write locks",
                "Data loss",
                "Read once",
                "lamp convert",
                "skip #13",
            ] {
                assert!(there.contains(word), "{word} in {there}");
            }
            let status = |of: &Repo<'_>| -> serde_json::Value {
                let json = of.relwatch(&["status", "--json"]).ok().stdout;
                let json: serde_json::Value = serde_json::from_str(&json).unwrap();
                serde_json::json!([
                    json["next"],
                    json["entries"],
                    json["left_out"],
                    json["covered"]
                ])
            };
            repo.sh("git clone -q ../origin.git ../clone && git clone -q ../origin.git ../detached && git -C ../detached checkout -q --detach").ok();
            for name in ["clone", "detached"] {
                let clone = sandbox.at(name);
                let shown = clone.relwatch(&["update", "--stdout"]).ok();
                assert_eq!(
                    (shown.stdout.as_str(), shown.stderr.as_str()),
                    (there.as_str(), ""),
                    "{storage}, {name}"
                );
                assert_eq!(status(&clone), status(&repo), "{storage}, {name}");
                let notes = |of: &Repo<'_>| of.relwatch(&["notes"]).ok().stdout;
                assert_eq!(notes(&clone), notes(&repo), "{storage}, {name}");
                assert_eq!(clone.status(), "", "nothing was written");
            }
        },
    );
}

#[test]
fn a_detached_head_is_told_its_branch() {
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "view");
    repo.sh("git clone -q ../origin.git ../job && git -C ../job checkout -q --detach")
        .ok();
    let job = sandbox.at("job");
    let refused = job.relwatch(&["check"]).code(3);
    says(
        &refused,
        &[
            "failed   branch        HEAD is detached",
            "in continuous integration give --branch NAME",
            "skipped  upstream      HEAD is on no branch\n",
        ],
    );
    let ready = job.relwatch(&["check", "--branch", "main"]).ok();
    says(&ready, &["upstream      in sync with origin/main\n"]);
}

#[test]
fn a_shallow_clone_is_not_released_from() {
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "view");
    repo.sh("git clone -q --depth 1 \"file://$(cd ../origin.git && pwd)\" ../shallow")
        .ok();
    let shallow = sandbox.at("shallow");
    let said = shallow.relwatch(&["check"]).code(3);
    says(&said, &["failed   history", "git fetch --unshallow --tags"]);
    shallow.relwatch(&["release", "--yes"]).code(3);
}

/// A job of a pull request has the forge's own merge alone, whose parents are not in the clone.
#[test]
fn the_merge_of_a_forge_is_no_change_where_a_shallow_clone_ends() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    let base = repo.head();
    repo.git(&["switch", "-qc", "topic"]).ok();
    repo.commit("feat: glow");
    let topic = repo.head();
    repo.git(&["switch", "-q", "--detach", "main"]).ok();
    let title = format!("Merge {topic} into {base}");
    repo.git(&["merge", "-q", "--no-ff", "-m", &title, "topic"])
        .ok();
    repo.git(&["push", "-q", "origin", "HEAD:refs/heads/pull"])
        .ok();
    repo.sh("git clone -q --depth 1 -b pull \"file://$(cd ../r.git && pwd)\" ../shallow")
        .ok();
    let shallow = sandbox.at("shallow");
    for command in ["status", "notes"] {
        let said = shallow.relwatch(&[command]);
        assert!(!said.stdout.contains("- Merge"), "{said:?}");
        assert!(!said.stdout.contains("  Merge"), "{said:?}");
    }
    let range = format!("{base}..HEAD");
    for command in ["lint", "preview"] {
        says(
            &shallow.relwatch(&[command, &range]).code(2),
            &[
                "names neither a version nor a commit; correct it, or run `git fetch --unshallow --tags` if it is on the remote",
            ],
        );
    }
}

#[test]
fn a_shallow_clone_says_that_it_does_not_know_all() {
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "tracked");
    repo.sh("git clone -q --depth 2 \"file://$(cd ../origin.git && pwd)\" ../shallow")
        .ok();
    let shallow = sandbox.at("shallow");
    let why = "the clone is shallow, changes may be missing; run `git fetch --unshallow --tags`\n";
    cases::in_turn(
        [&["status"][..], &["update", "--stdout"], &["notes"]],
        |&words| words.join(" "),
        |&words| {
            let said = shallow.relwatch(words).ok();
            assert_eq!(said.stderr, format!("warning: {why}"), "{words:?}");
        },
    );
    let checked = shallow.relwatch(&["update", "--check"]).ok();
    assert_eq!(checked.stderr, format!("warning: {why}"));
    shallow.git(&["fetch", "-q", "--unshallow", "--tags"]).ok();
    let whole = shallow.relwatch(&["update", "--check"]).ok();
    assert_eq!(whole.stderr, "");
    // With the lines of a view, none is stored.
    repo.relwatch(&["init", "--storage", "view"]).ok();
    repo.git(&["commit", "-q", "-am", "chore: a view"]).ok();
    repo.git(&["push", "-q", "origin", "main"]).ok();
    repo.sh("git clone -q --depth 2 \"file://$(cd ../origin.git && pwd)\" ../view")
        .ok();
    let view = sandbox.at("view");
    view.commit("feat: more (#15)");
    let stale = view.relwatch(&["update", "--check"]).code(1);
    let first = format!("relwatch: CHANGELOG.md is stale; run `relwatch update`\n{why}---");
    assert!(stale.stderr.starts_with(&first), "{stale:?}");
    // Shallow, but back to the last release.
    repo.sh("git tag -a v0.2.0 -m 'Release v0.2.0' HEAD~1 && git push -q origin v0.2.0")
        .ok();
    repo.sh("git clone -q --depth 2 --branch main \"file://$(cd ../origin.git && pwd)\" ../enough")
        .ok();
    let enough = sandbox.at("enough");
    assert_eq!(enough.relwatch(&["status"]).ok().stderr, "");
}

#[test]
fn stale_lines_fail_the_job() {
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "tracked");
    repo.relwatch(&["update"]).ok();
    repo.git(&["commit", "-q", "-am", "docs: changelog"]).ok();
    repo.git(&["push", "-q", "origin", "main"]).ok();
    repo.sh("git clone -q ../origin.git ../clone").ok();
    let clone = sandbox.at("clone");
    let fresh = clone.relwatch(&["update", "--check"]).ok();
    assert_eq!(fresh.stderr, "");
    // A client without hooks. A commit brings the lines of those before it.
    clone.commit("feat: from the web (#15)");
    clone.relwatch(&["update", "--check"]).ok();
    clone.commit("test: from the web");
    let stale = clone.relwatch(&["update", "--check"]).code(1);
    says(
        &stale,
        &[
            "CHANGELOG.md is stale; run `relwatch update`",
            "+- From the web (#15)",
        ],
    );
    assert_eq!(clone.status(), "");
}

/// A machine that runs jobs: a home directory, stand-ins for cargo and curl, and the values that the steps of a job pass on.
struct Runner<'s> {
    sandbox: &'s Sandbox,
    path: String,
    /// Directory of the action.
    action: PathBuf,
    outputs: BTreeMap<String, String>,
}

impl Runner<'_> {
    fn new(sandbox: &Sandbox) -> Runner<'_> {
        let tools = sandbox.path().join("tools");
        std::fs::create_dir_all(&tools).unwrap();
        // Creates the files that `cargo install … --root FOLDER` would create.
        let cargo = format!(
            "#!/bin/sh\necho \"cargo $*\" >> \"$HOME/ran\"\nwhile test $# -gt 0 && test \"$1\" != --root; do shift; done\nroot=${{2-$HOME/.cargo}}\nmkdir -p \"$root/bin\" && ln -sf '{}' \"$root/bin/relwatch\"\n",
            env!("CARGO_BIN_EXE_relwatch")
        );
        std::fs::write(tools.join("cargo"), cargo).unwrap();
        std::fs::set_permissions(tools.join("cargo"), std::fs::Permissions::from_mode(0o755))
            .unwrap();
        getting::write_executable(&tools.join("curl"), getting::CURL);
        let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
        let runner = Runner {
            sandbox,
            path,
            action: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            outputs: BTreeMap::new(),
        };
        // `uses: ./` has neither.
        runner.used_as("", "")
    }

    /// Runs it like `uses: REPOSITORY@REF` in a workflow; the server is the test's directory.
    fn used_as(mut self, repository: &str, reference: &str) -> Self {
        let server = format!("file://{}", self.sandbox.path().display());
        for (name, value) in [
            ("server_url", server.as_str()),
            ("action_repository", repository),
            ("action_ref", reference),
        ] {
            self.outputs
                .insert(format!("github.{name}"), value.to_owned());
        }
        self
    }

    fn script(&self, repo: &Repo<'_>, script: &str, env: &[(String, String)]) -> Ran {
        let mut command = self.sandbox.command("bash");
        let output = command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(&repo.path)
            .env("PATH", &self.path)
            .env("RUNNER_TEMP", self.sandbox.path())
            .envs(env.iter().cloned())
            .output()
            .unwrap();
        ran(&output)
    }

    /// Replaces `${{ … }}`; panics on anything but an input, an output or a value of `github`.
    fn filled(&self, text: &str, inputs: &[(&str, &str)]) -> String {
        let Some((before, rest)) = text.split_once("${{") else {
            return text.to_owned();
        };
        let (name, after) = rest.split_once("}}").unwrap();
        let name = name.trim();
        let input = name
            .strip_prefix("inputs.")
            .and_then(|name| inputs.iter().find(|(n, _)| *n == name));
        let value = match input {
            Some((_, value)) => (*value).to_owned(),
            None => self.outputs.get(name).ok_or(name).unwrap().clone(),
        };
        format!("{before}{value}{}", self.filled(after, inputs))
    }

    /// Runs `action.yml` in a repository until a step fails. Returns the output of the last one.
    fn action(&mut self, repo: &Repo<'_>, command: &str) -> Ran {
        let action: Value = serde_yaml::from_str(&file("action.yml")).unwrap();
        let inputs = [("command", command)];
        let known: Vec<&str> = action["inputs"]
            .as_mapping()
            .unwrap()
            .keys()
            .map(|k| k.as_str().unwrap())
            .collect();
        assert_eq!(known, inputs.map(|(name, _)| name));
        assert_eq!(action["runs"]["using"], "composite");
        let mut last = None;
        for step in action["runs"]["steps"].as_sequence().unwrap() {
            assert!(step["if"].is_null(), "conditions are not looked at here");
            let Some(script) = step["run"].as_str() else {
                let uses = step["uses"].as_str().unwrap();
                assert!(uses.starts_with("actions/cache@"), "{uses}");
                self.filled(step["with"]["path"].as_str().unwrap(), &inputs);
                continue;
            };
            assert_eq!(step["shell"], "bash");
            assert!(
                !script.contains("${{"),
                "what is pasted into a script is run by it: {script}"
            );
            let handed = |name: &str| self.sandbox.path().join(name);
            for name in ["output", "paths"] {
                std::fs::write(handed(name), "").unwrap();
            }
            let text = |path: PathBuf| path.to_string_lossy().into_owned();
            let mut env = vec![
                ("GITHUB_ACTION_PATH".to_owned(), text(self.action.clone())),
                ("GITHUB_OUTPUT".to_owned(), text(handed("output"))),
                ("GITHUB_PATH".to_owned(), text(handed("paths"))),
                ("GITHUB_STEP_SUMMARY".to_owned(), text(handed("summary"))),
            ];
            if let Some(own) = step["env"].as_mapping() {
                for (name, value) in own {
                    let value = self.filled(value.as_str().unwrap(), &inputs);
                    env.push((name.as_str().unwrap().to_owned(), value));
                }
            }
            let done = self.script(repo, script, &env);
            let (output, paths) = (
                std::fs::read_to_string(handed("output")).unwrap(),
                std::fs::read_to_string(handed("paths")).unwrap(),
            );
            for (name, value) in output.lines().filter_map(|line| line.split_once('=')) {
                let step = step["id"].as_str().unwrap();
                self.outputs
                    .insert(format!("steps.{step}.outputs.{name}"), value.to_owned());
            }
            for folder in paths.lines() {
                self.path = format!("{folder}:{}", self.path);
            }
            let failed = done.code != 0;
            last = Some(done);
            if failed {
                break;
            }
        }
        let code = self.filled(action["outputs"]["code"]["value"].as_str().unwrap(), &[]);
        let last = last.unwrap();
        assert_eq!(code, last.code.to_string(), "{last:?}");
        last
    }
}

#[test]
fn the_action_installs_once_and_runs_what_it_is_given() {
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "view");
    // As actions/checkout does it without `fetch-depth`.
    repo.sh("git clone -q --depth 1 \"file://$(cd ../origin.git && pwd)\" ../job")
        .ok();
    let job = sandbox.at("job");
    let said = Runner::new(&sandbox).action(&job, "status").ok();
    says(&said, &["last release: v0.1.0", "next version: 0.2.0"]);
    let summary = sandbox.at(".").read("summary");
    assert!(
        summary.starts_with("```text\non main, last release: v0.1.0\n"),
        "{summary}"
    );

    let second = Runner::new(&sandbox).action(&job, "check").ok();
    says(&second, &["ready: 0.2.0 can be released"]);
    let installs = sandbox.at("home").read("ran");
    assert_eq!(installs.lines().count(), 1, "{installs}");
    assert!(
        installs.starts_with("cargo install --quiet --locked --path "),
        "{installs}"
    );

    let released = Runner::new(&sandbox)
        .action(&job, "release --push --yes")
        .ok();
    says(
        &released,
        &["released 0.2.0", "pushed to origin: main and v0.2.0"],
    );
    assert!(
        sandbox
            .at("origin.git")
            .git(&["tag"])
            .ok()
            .stdout
            .contains("v0.2.0")
    );
    let again = Runner::new(&sandbox)
        .action(&job, "release --push --yes")
        .code(6);
    says(&again, &["nothing to release"]);
    let odd = Runner::new(&sandbox)
        .action(&job, "notes $(touch${IFS}odd) ; touch odd *")
        .code(2);
    assert_eq!(odd.stderr, "");
    assert!(!job.exists("odd"), "an input is words, not a script");
}

#[test]
fn the_action_downloads_the_release_that_it_is() {
    let Some(target) = getting::own_target() else {
        eprintln!("no releases for this system: nothing was tried");
        return;
    };
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "view");
    let clone = getting::checkout(&sandbox, "relwatch");
    clone
        .git(&["tag", "v0", &format!("v{}^{{}}", getting::VERSION)])
        .ok();
    let release = clone.head();
    clone.commit("feat: more");
    let published = getting::release(&sandbox, &[target]);
    let place = sandbox.path().join("relwatch/releases/download");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::rename(&published, place.join(published.file_name().unwrap())).unwrap();
    let tag = format!("v{}", getting::VERSION);
    let (now, main) = (clone.head(), "main".to_owned());
    cases::in_turn(
        [
            (&tag, true),
            (&release, true),
            (&"v0".to_owned(), true),
            (&now, false),
            (&main, false),
        ],
        |(reference, _)| (*reference).clone(),
        |(reference, downloads)| {
            let home = sandbox.at("home");
            home.write("ran", "");
            home.sh("rm -rf .local/share/relwatch").ok();
            let mut runner = Runner::new(&sandbox).used_as("relwatch", reference);
            runner.action.clone_from(&clone.path);
            let said = runner.action(&repo, "status").ok();
            says(&said, &["next version: 0.2.0"]);
            let built = home.read("ran");
            assert_eq!(built.is_empty(), *downloads, "{built}");
        },
    );
}

#[test]
fn an_identity_is_set_only_where_there_is_none() {
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "view");
    Runner::new(&sandbox).action(&repo, "status").ok();
    let name = |repo: &Repo<'_>| repo.git(&["config", "user.name"]).ok().stdout;
    assert_eq!(name(&repo), "github-actions[bot]\n");
    repo.git(&["config", "user.name", "Releaser"]).ok();
    Runner::new(&sandbox).action(&repo, "status").ok();
    assert_eq!(name(&repo), "Releaser\n");
}

#[test]
fn the_first_command_of_the_readme_sets_a_project_up() {
    assert!(file("README.md").contains("    ./install.sh ~/my-project "));
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("my-project");
    repo.commit("feat: light the lamp (#1)");
    let runner = Runner::new(&sandbox);
    let install = format!("{}/install.sh", env!("CARGO_MANIFEST_DIR"));
    let done = runner
        .script(&repo, &format!("'{install}' \"$PWD\""), &[])
        .ok();
    says(
        &done,
        &[
            "$ relwatch init",
            "wrote: relwatch.yml",
            "Light the lamp (#1)",
        ],
    );
    assert_eq!(repo.section(), "### Added\n\n- Light the lamp (#1)");
    let demo = runner
        .script(&repo, &format!("'{install}' --demo"), &[])
        .ok();
    says(&demo, &["released 0.2.0: commit and tag v0.2.0 on main"]);
}

#[test]
fn the_jobs_for_gitlab_run() {
    let jobs: Value = serde_yaml::from_str(&file("ci/gitlab.yml")).unwrap();
    let lines = |part: &Value| -> String {
        let lines = part.as_sequence().unwrap().iter();
        lines
            .map(|line| format!("{}\n", line.as_str().unwrap()))
            .collect()
    };
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "view");
    let base = sandbox.path().to_string_lossy().into_owned();
    let clone = getting::checkout(&sandbox, "relwatch");
    clone
        .sh("mkdir -p ../group && git clone -q --bare . ../group/relwatch.git")
        .ok();
    // The server of this test is a directory.
    let rule = format!(
        "[url \"{base}/\"]\n\tinsteadOf = https://relwatch:secret@gitlab.example.org/\n\tinsteadOf = https://gitlab.example.org/\n"
    );
    sandbox.at("home").write("gitconfig", &rule);
    let env: Vec<(String, String)> = [
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_PROJECT_PATH", "origin"),
        ("CI_SERVER_HOST", "gitlab.example.org"),
        ("CI_SERVER_PROTOCOL", "https"),
        ("GITLAB_USER_EMAIL", "me@example.org"),
        ("GITLAB_USER_NAME", "Me"),
        (
            "RELWATCH_GIT",
            "https://gitlab.example.org/group/relwatch.git",
        ),
        ("RELWATCH_RELEASES", &getting::releases(&sandbox)),
        ("RELWATCH_TAG", &format!("v{}", getting::VERSION)),
        ("RELWATCH_TOKEN", "secret"),
        ("GIT_CONFIG_GLOBAL", &format!("{base}/home/gitconfig")),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let template = &jobs[".relwatch"];
    assert_eq!(template["variables"]["GIT_DEPTH"], "0");
    repo.sh("git clone -q ../origin.git ../job && git -C ../job checkout -q --detach")
        .ok();
    let job = sandbox.at("job");
    let runner = Runner::new(&sandbox);
    for (name, said) in [
        ("relwatch status", "next version: 0.2.0"),
        ("relwatch release", "pushed to origin: main and v0.2.0"),
    ] {
        assert_eq!(jobs[name]["extends"], ".relwatch");
        let script = format!(
            "{}{}",
            lines(&template["before_script"]),
            lines(&jobs[name]["script"])
        );
        let done = runner.script(&job, &script, &env).ok();
        says(&done, &[said]);
        assert_eq!(job.status(), "");
    }
    // Nothing is released there, so it was built, once; then it is.
    let installs = sandbox.at("home").read("ran");
    assert_eq!(installs.lines().count(), 1, "{installs}");
    assert!(
        installs.starts_with("cargo install --quiet --locked --path "),
        "{installs}"
    );
    let released = sandbox
        .at("origin.git")
        .git(&["log", "-1", "--format=%s %D", "main"])
        .ok();
    assert_eq!(
        released.stdout,
        "chore(release): v0.2.0 HEAD -> main, tag: v0.2.0\n"
    );
    let Some(target) = getting::own_target() else {
        eprintln!("no releases for this system: only the build was tried");
        return;
    };
    getting::release(&sandbox, &[target]);
    job.sh("rm -rf .relwatch-ci").ok();
    let before = lines(&template["before_script"]);
    let done = runner.script(&job, &before, &env).ok();
    says(&done, &["downloaded relwatch", "checksum verified"]);
    assert_eq!(sandbox.at("home").read("ran"), installs);
}

#[test]
fn documented_workflows_use_what_the_action_has() {
    let action: Value = serde_yaml::from_str(&file("action.yml")).unwrap();
    let mut seen = 0;
    for chapter in document::chapters(&file("docs/how-to/ci.md")) {
        for block in chapter
            .blocks
            .iter()
            .filter(|block| block.name.starts_with(".github/"))
        {
            let workflow: Value = serde_yaml::from_str(&block.text).unwrap();
            for (_, job) in workflow["jobs"].as_mapping().unwrap() {
                for step in job["steps"].as_sequence().unwrap() {
                    let Some(uses) = step["uses"].as_str() else {
                        assert!(step["run"].is_string());
                        continue;
                    };
                    if uses.starts_with("actions/checkout@v") {
                        assert_eq!(step["with"]["fetch-depth"], 0, "tags come with all history");
                        continue;
                    }
                    assert!(uses.starts_with("relwatch/relwatch@v"), "{uses}");
                    for (name, value) in step["with"].as_mapping().unwrap() {
                        assert!(!action["inputs"][name].is_null(), "{name:?}");
                        let words = format!("relwatch {}", value.as_str().unwrap());
                        relwatch::cli::command()
                            .try_get_matches_from(words.split(' '))
                            .unwrap();
                        seen += 1;
                    }
                }
            }
        }
    }
    assert_eq!(seen, 3);
    let template: Value = serde_yaml::from_str(&file("ci/gitlab.yml")).unwrap();
    assert!(template.is_mapping());
}

/// The comment is made once, then updated.
#[test]
fn a_preview_keeps_one_comment() {
    let docs = file("docs/how-to/ci.md");
    let chapters = document::chapters(&docs);
    let mut blocks = chapters.iter().flat_map(|chapter| &chapter.blocks);
    let block = blocks.find(|block| block.name == ".github/workflows/preview.yml");
    let workflow: Value = serde_yaml::from_str(&block.unwrap().text).unwrap();
    let steps = workflow["jobs"]["preview"]["steps"].as_sequence().unwrap();
    let script = steps.last().unwrap()["run"].as_str().unwrap();
    let sandbox = Sandbox::new();
    let repo = developed(&sandbox, "view");
    let runner = Runner::new(&sandbox);
    let tools = sandbox.path().join("tools");
    let preview =
        "#!/bin/sh\necho \"$*\" >&2\nprintf '%s\\n' '<!-- relwatch preview -->' \"adds $2\"\n";
    getting::write_executable(&tools.join("relwatch"), preview);
    let forge = "#!/bin/sh\ncase $* in\n*--jq*) test ! -e \"$HOME/comment\" || echo https://api.example.org/1 ;;\n\
        *) for last; do :; done; cp \"${last#body=@}\" \"$HOME/comment\"; echo \"$3 $4 $5\" >> \"$HOME/asked\" ;;\nesac\n";
    getting::write_executable(&tools.join("gh"), forge);
    for head in ["b", "c"] {
        let env = [
            ("BASE", "a"),
            ("HEAD", head),
            ("COMMENTS", "repos/o/r/issues/1/comments"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let done = runner.script(&repo, script, &env).ok();
        assert_eq!(
            done.stderr,
            format!("preview a..{head} --format markdown\n")
        );
        let comment = sandbox.at("home").read("comment");
        assert_eq!(
            comment,
            format!("<!-- relwatch preview -->\nadds a..{head}\n")
        );
    }
    let asked = sandbox.at("home").read("asked");
    assert_eq!(
        asked,
        "--method POST repos/o/r/issues/1/comments\n--method PATCH https://api.example.org/1\n"
    );
}
