//! Components in listings: the forecast of `status`, moved directories, archived, prepared and skipped specs.

use crate::support::{self, Repo, Sandbox, cases, says};

const CONFIG: &str = "components:
  backend: {paths: [backend]}
  frontend: {paths: [frontend], align: {with: backend, on: minor}}
  bot: {paths: [bot]}
";

/// Three components, each released as 1.2.0.
fn project<'s>(sandbox: &'s Sandbox, config: &str) -> Repo<'s> {
    let repo = sandbox.repo("r");
    for name in ["backend", "frontend", "bot"] {
        repo.write(&format!("{name}/main"), "1\n");
    }
    repo.write("relwatch.yml", config);
    all(&repo, "chore: start");
    for name in ["backend", "frontend", "bot"] {
        let tag = format!("{name}-v1.2.0");
        repo.git(&["tag", "-a", &tag, "-m", &tag]).ok();
    }
    repo.relwatch(&["init"]).ok();
    all(&repo, "chore: keep the changelogs");
    repo
}

/// Commits everything.
fn all(repo: &Repo<'_>, message: &str) {
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", message])
        .ok();
}

/// The next version by `status --json`, and why.
fn next(repo: &Repo<'_>, at: &str) -> (String, String) {
    let ran = repo.relwatch(&["status", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let next = json.pointer(at).unwrap();
    let word = |key: &str| next[key].as_str().unwrap_or_default().to_owned();
    (word("version"), word("because"))
}

#[test]
fn status_names_the_version_that_a_release_has() {
    let sandbox = Sandbox::new();
    let repo = support::project(&sandbox, "plain");
    repo.git(&["tag", "-a", "v1.0.0", "-m", "v1.0.0"]).ok();
    repo.commit_file("a", "1\n", "fix: a crash (#1)");
    let is = |version: &str, because: &str| {
        let found = next(&repo, "/next");
        assert_eq!(found, (version.to_owned(), because.to_owned()));
        says(
            &repo.relwatch(&["status"]).ok(),
            &[&format!("next version: {version} (")],
        );
        says(&repo.relwatch(&["check"]), &[&format!("ready: {version}")]);
    };
    is("1.0.1", "fixes and changes only");
    // Taken on another branch.
    repo.sh("git tag v1.0.1 $(git commit-tree -m x HEAD^{tree})")
        .ok();
    is("1.0.2", "fixes and changes only; 1.0.1 is taken");
    repo.git(&["switch", "-q", "-c", "release/v2.0.0"]).ok();
    is("2.0.0", "release/v2.0.0 names it");
    repo.git(&["switch", "-q", "-c", "release/v0.9.0"]).ok();
    says(
        &repo.relwatch(&["status"]).ok(),
        &["next version: none, 0.9.0 is not newer than 1.0.0"],
    );
    repo.git(&["switch", "-q", "main"]).ok();
    repo.relwatch(&["release", "3.0.0-rc.1", "--yes"]).ok();
    is("3.0.0", "follows 3.0.0-rc.1");
}

#[test]
fn status_names_who_is_lifted() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, CONFIG);
    repo.commit_file("backend/a", "1\n", "feat: an endpoint (#1)");
    let ran = repo.relwatch(&["status"]).ok();
    says(
        &ran,
        &["next version: 1.3.0 (minor; keeps up with backend)"],
    );
    let of = |name: &str| next(&repo, &format!("/components/{name}/next"));
    let lifted = ("1.3.0".to_owned(), "keeps up with backend".to_owned());
    assert_eq!(of("frontend"), lifted);
    assert_eq!(of("bot").0, "");
    repo.commit_file("frontend/a", "1\n", "fix: a page (#2)");
    assert_eq!(of("frontend"), lifted);
    says(
        &repo.relwatch(&["check"]).ok(),
        &["ready: backend 1.3.0, frontend 1.3.0"],
    );
}

#[test]
fn a_folder_that_moves_takes_no_generated_line_into_a_commit() {
    const MOVED: &str = "{paths: [services/backend, backend]}";
    cases::run(
        [
            "",
            "relwatch init",
            "relwatch update",
            "git commit -qm 'chore: move'",
            "touch services/backend/CHANGELOG.md",
        ],
        |&steps| steps,
        |&steps| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, CONFIG);
            repo.commit_file("backend/a", "1\n", "feat: an endpoint (#1)");
            repo.edit(
                "backend/CHANGELOG.md",
                "### Added\n",
                "### Added\n\n- By hand\n",
            );
            all(&repo, "docs: a note");
            let before = repo.read("backend/CHANGELOG.md");
            assert!(before.contains("- An endpoint (#1)"), "{before}");
            repo.sh("mkdir services && git mv backend services/backend")
                .ok();
            // A changelog that belongs to no component.
            repo.write("vendor/CHANGELOG.md", "## [Unreleased]\n\n- Theirs\n");
            if steps.starts_with("git commit") {
                repo.sh(&format!("git add -A && {steps}")).ok();
            }
            repo.edit("relwatch.yml", "{paths: [backend]}", MOVED);
            match steps.strip_prefix("relwatch ") {
                Some(command) => drop(repo.relwatch(&[command]).ok()),
                None if steps.starts_with("touch") => drop(repo.sh(steps).ok()),
                None => {}
            }
            repo.sh("git add -A && git commit -qm 'chore: configure'")
                .ok();
            let ran =
                repo.sh("git log -p --format= -- services; git show HEAD:vendor/CHANGELOG.md");
            assert!(!ran.stdout.contains("An endpoint"), "{steps}: {ran:?}");
            says(&ran, &["- By hand", "- Theirs"]);
            repo.relwatch(&["init"]).ok();
            assert_eq!(repo.read("services/backend/CHANGELOG.md"), before);
            let status = repo.relwatch(&["status"]).ok();
            says(&status, &["  By hand  (by hand)\n  An endpoint (#1)\n"]);
            all(&repo, "chore: attributes");
            assert_eq!(repo.status(), "", "{steps}");
            repo.relwatch(&["release", "-c", "backend", "--yes"]).ok();
            assert_eq!(repo.status(), "", "{steps}");
        },
    );
}

fn spec(repo: &Repo<'_>, id: &str, label: &str, status: &str) {
    let text =
        format!("---\nstatus: {status}\ntype: feature\nlabels: [{label}]\n---\n# What {id} does\n");
    repo.write(&format!(".chant/specs/2026-01-29-{id}.md"), &text);
}

#[test]
fn a_spec_is_archived_when_every_component_has_released_it() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, &format!("{CONFIG}archive: after-publish\n"));
    let known = |id: &str| repo.exists(&format!(".chant/specs/2026-01-29-{id}.md"));
    for (id, labels) in [
        ("001-aaa", "backend"),
        ("002-bbb", "bot"),
        ("003-ccc", "backend, bot"),
    ] {
        spec(&repo, id, labels, "completed");
    }
    all(&repo, "chore: specs");
    repo.relwatch(&["release", "-c", "backend", "--yes"]).ok();
    repo.relwatch(&["archive"]).ok();
    assert!(!known("001-aaa") && known("002-bbb") && known("003-ccc"));
    all(&repo, "chore: archive");
    repo.relwatch(&["release", "-c", "bot", "--yes"]).ok();
    repo.relwatch(&["archive"]).ok();
    assert!(!known("002-bbb") && !known("003-ccc"));
}

#[test]
fn a_release_spec_is_about_the_component_of_its_tag() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, CONFIG);
    repo.commit_file("backend/a", "1\n", "fix: a crash (#1)");
    repo.commit_file("bot/a", "1\n", "feat: a command (#2)");
    spec(&repo, "001-aaa", "backend", "completed");
    spec(&repo, "002-bbb", "bot", "completed");
    let prepared = repo.relwatch(&["prepare", "-c", "backend"]).ok();
    says(
        &prepared,
        &["then run `relwatch release -c backend 1.3.0`\n"],
    );
    repo.relwatch(&["prepare", "-c", "bot"]).ok();
    all(&repo, "chore: specs");
    let check = repo.relwatch(&["check"]);
    assert!(!check.stderr.contains("prepares another"), "{check:?}");
    assert!(!check.stderr.contains("does not name it"), "{check:?}");
    repo.sh("sed -i 's/\\[ \\]/[x]/' .chant/specs/*").ok();
    all(&repo, "chore: tick");
    repo.relwatch(&["release", "-c", "bot", "--yes"]).ok();
    let left = repo.sh("ls .chant/specs").stdout;
    assert_eq!(left.lines().count(), 2, "backend's own: {left}");
    let other = repo.relwatch(&["check", "-c", "backend", "1.4.0"]);
    says(&other, &["prepares another version than 1.4.0"]);
}

#[test]
fn what_is_released_cannot_be_skipped() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, CONFIG);
    repo.commit_file("backend/a", "1\n", "fix: a crash (#1)");
    let id = repo.head();
    repo.relwatch(&["release", "-c", "backend", "--yes"]).ok();
    for words in ["#1", &id[..7]] {
        says(
            &repo.relwatch(&["skip", words]).code(1),
            &[&format!("`{words}` is released in backend-v1.2.1")],
        );
    }
    repo.commit_file("README", "1\n", "fix: a word (#4)");
    says(
        &repo.relwatch(&["skip", "#4"]).code(1),
        &["belongs to no component"],
    );
}

#[test]
fn names_are_read_in_any_case_and_paths_are_quoted() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, CONFIG);
    repo.commit_file("backend/a", "1\n", "fix(Backend): a crash (#1)");
    let text = repo.read("backend/CHANGELOG.md");
    assert!(text.contains("\n- A crash (#1)\n"), "{text}");
    repo.edit("relwatch.yml", "{paths: [bot]}", "{paths: ['my bot']}");
    says(
        &repo.relwatch(&["init"]).ok(),
        &["next: git add 'my bot/CHANGELOG.md' .gitattributes && "],
    );
}

#[test]
fn a_stored_section_outlasts_the_release_of_another_component() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, &format!("storage: tracked\n{CONFIG}"));
    repo.commit_file("bot/a", "1\n", "fix: a command (#1)");
    repo.commit_file("backend/a", "1\n", "fix: a crash (#2)");
    repo.commit_file("bot/a", "2\n", "feat: a command (#3)");
    repo.relwatch(&["release", "-c", "backend", "--yes"]).ok();
    repo.relwatch(&["update", "--check"]).ok();
    assert_eq!(repo.status(), "");
}

/// The version of a component that follows another one is the same, whether one component is requested or all.
#[test]
fn one_component_alone_keeps_up_with_the_others() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "relwatch.yml",
        "components:\n  a: {paths: [a]}\n  b: {paths: [b], align: {with: a, on: version}}\n",
    );
    repo.commit_file("a/x", "1\n", "chore: start");
    repo.commit_file("b/x", "1\n", "chore: start of b");
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-qm", "chore: configure"]).ok();
    for tag in ["a-v1.0.0", "b-v1.0.0"] {
        repo.git(&["tag", tag]).ok();
    }
    repo.commit_file("a/x", "2\n", "feat: glow");
    let next = |arguments: &[&str]| {
        let said = repo.relwatch(arguments).ok();
        let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        json
    };
    let all = next(&["status", "--json"]);
    let one = next(&["status", "-c", "b", "--json"]);
    assert_eq!(all["components"]["b"]["next"]["version"], "1.1.0");
    assert_eq!(
        one["components"]["b"]["next"],
        all["components"]["b"]["next"]
    );
    assert!(one["components"].get("a").is_none(), "{one}");
    let all = next(&["preview", "HEAD~1", "--json"]);
    let one = next(&["preview", "HEAD~1", "-c", "b", "--json"]);
    assert_eq!(all["components"]["b"]["next"]["version"], "1.1.0");
    assert_eq!(one["components"]["b"], all["components"]["b"]);
    assert!(one["components"].get("a").is_none(), "{one}");
}
