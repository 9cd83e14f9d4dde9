//! Components released: on their own, together, kept aligned.

use crate::support::{Repo, Sandbox, cases, says};

const CONFIG: &str = "components:
  backend:
    paths: [backend]
    tag: backend/v{version}
  frontend:
    paths: [frontend]
    align: {with: backend, on: minor}
    publish:
      - name: cdn
        run: echo {component} {version} {tag} >> LOG
  bot:
    paths: [bot]
publish:
  - name: image
    run: echo {component} {tag} {previous} >> LOG
";

/// Backend and bot in a Cargo workspace, a frontend for npm; each released as 1.0.0.
fn monorepo<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.repo("mono");
    let log = sandbox.path().join("log");
    repo.write(
        "relwatch.yml",
        &CONFIG.replace("LOG", &log.to_string_lossy()),
    );
    repo.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"backend\", \"bot\"]\n",
    );
    let member = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{more}")
    };
    repo.write("backend/Cargo.toml", &member("backend", ""));
    repo.write(
        "bot/Cargo.toml",
        &member(
            "bot",
            "\n[dependencies]\nbackend = { path = \"../backend\", version = \"1.0.0\" }\n",
        ),
    );
    repo.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"backend\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"bot\"\nversion = \"1.0.0\"\ndependencies = [\n \"backend\",\n]\n");
    repo.write(
        "frontend/package.json",
        "{\n  \"name\": \"frontend\",\n  \"version\": \"1.0.0\"\n}\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    for tag in ["backend/v1.0.0", "frontend-v1.0.0", "bot-v1.0.0"] {
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: relwatch"]).ok();
    repo
}

#[test]
fn one_release_of_several_is_one_commit_with_several_tags() {
    let sandbox = Sandbox::new();
    let repo = monorepo(&sandbox);
    repo.relwatch(&["release", "--yes"]).code(6);
    repo.commit_file("backend/a", "1\n", "fix: a crash (#1)");
    repo.commit_file("bot/a", "1\n", "feat: a command (#2)");
    let before = repo
        .sh("git for-each-ref; git ls-files -s; cat */CHANGELOG.md")
        .stdout;
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    says(
        &plan,
        &[
            "release backend 1.0.1, bot 1.1.0 on main",
            "tag: backend/v1.0.1, bot-v1.1.0 (annotated)",
        ],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "backend/v1.0.1\nbot-v1.1.0\n"
    );
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s"]).stdout,
        "chore(release): backend/v1.0.1, bot-v1.1.0\n"
    );
    assert!(
        repo.read("backend/CHANGELOG.md")
            .contains("## [1.0.1] - 2026-01-30\n\n### Fixed\n\n- A crash (#1)\n")
    );
    assert!(
        repo.read("bot/CHANGELOG.md")
            .contains("## [1.1.0] - 2026-01-30\n\n### Added\n\n- A command (#2)\n")
    );
    assert!(!repo.read("frontend/CHANGELOG.md").contains("## [1"));
    // Both changed the lock file, and the one follows the other.
    let lock = repo.read("Cargo.lock");
    assert!(
        lock.contains("name = \"backend\"\nversion = \"1.0.1\"")
            && lock.contains("name = \"bot\"\nversion = \"1.1.0\""),
        "{lock}"
    );
    assert!(repo.read("bot/Cargo.toml").contains("version = \"1.1.0\""));
    assert!(
        repo.read("bot/Cargo.toml")
            .contains("path = \"../backend\", version = \"1.0.1\""),
        "{}",
        repo.read("bot/Cargo.toml")
    );
    let list = repo.read(".relwatch/releases.yml");
    assert!(
        list.contains("\"component\":\"backend\"") && list.contains("\"tag\":\"bot-v1.1.0\""),
        "{list}"
    );
    repo.relwatch(&["update", "--check"]).ok();
    repo.git(&["fsck", "--strict"]).ok();

    says(
        &repo.relwatch(&["undo", "--yes"]).ok(),
        &["undid backend/v1.0.1, bot-v1.1.0"],
    );
    assert_eq!(
        repo.sh("git for-each-ref; git ls-files -s; cat */CHANGELOG.md")
            .stdout,
        before
    );
    assert_eq!(repo.status(), "");

    // One alone; the other one's section stays.
    repo.relwatch(&["release", "-c", "bot", "--yes"]).ok();
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "bot-v1.1.0\n"
    );
    assert!(
        repo.read("backend/CHANGELOG.md")
            .contains("## [Unreleased]\n\n### Fixed\n\n- A crash (#1)")
    );
    assert_eq!(repo.status(), "");
    repo.relwatch(&["release", "-c", "bto", "--yes"]).code(2);
    repo.relwatch(&["release", "-c", "backend", "1.4.2", "--yes"])
        .ok();
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "backend/v1.4.2\nfrontend-v1.4.0\n"
    );
}

#[test]
fn who_is_aligned_is_released_along() {
    let sandbox = Sandbox::new();
    let repo = monorepo(&sandbox);
    repo.commit_file("backend/a", "1\n", "feat: an endpoint (#1)");
    says(
        &repo.relwatch(&["check"]).ok(),
        &[
            "ok       align         frontend keeps up with backend",
            "ready: backend 1.1.0, frontend 1.1.0",
        ],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "backend/v1.1.0\nfrontend-v1.1.0\n"
    );
    let text = repo.read("frontend/CHANGELOG.md");
    assert!(
        text.contains(
            "## [1.1.0] - 2026-01-30\n\nNo changes of its own; it keeps up with backend.\n"
        ),
        "{text}"
    );
    assert_eq!(
        repo.read("frontend/package.json"),
        "{\n  \"name\": \"frontend\",\n  \"version\": \"1.1.0\"\n}\n"
    );
    // A patch of one is none of the other's business.
    repo.commit_file("backend/a", "2\n", "fix: a crash (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "backend/v1.1.1\n"
    );
    // And the other way round; pre-releases too.
    repo.commit_file("frontend/a", "1\n", "feat: a page (#3)");
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "backend/v1.2.0-rc.1\nfrontend-v1.2.0-rc.1\n"
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "backend/v1.2.0\nfrontend-v1.2.0\n"
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn components_are_pushed_and_published_each_by_its_steps() {
    let sandbox = Sandbox::new();
    let repo = monorepo(&sandbox);
    repo.sh("git init -q --bare -b main ../up.git && git remote add origin ../up.git && git push -q -u --follow-tags origin main").ok();
    repo.commit_file("backend/a", "1\n", "feat: an endpoint (#1)");
    repo.commit_file("bot/a", "1\n", "fix: a command (#2)");
    let done = repo.relwatch(&["release", "--push", "--yes"]).ok();
    says(
        &done,
        &[
            "pushed to origin: main and backend/v1.1.0, bot-v1.0.1, frontend-v1.1.0",
            "published frontend-v1.1.0: cdn",
        ],
    );
    assert_eq!(
        repo.read("../log"),
        "backend backend/v1.1.0 backend/v1.0.0\nbot bot-v1.0.1 bot-v1.0.0\nfrontend 1.1.0 frontend-v1.1.0\n"
    );
    assert_eq!(
        repo.sh("git -C ../up.git tag --points-at main").stdout,
        "backend/v1.1.0\nbot-v1.0.1\nfrontend-v1.1.0\n"
    );
    repo.relwatch(&["publish"]).code(2);
    repo.relwatch(&["publish", "bot-v1.0.1"]).ok();
    repo.relwatch(&["withdraw", "1.0.1", "--reason", "x", "--yes"])
        .code(2);
    repo.relwatch(&[
        "withdraw",
        "-c",
        "bot",
        "1.0.1",
        "--reason",
        "it is wrong",
        "--yes",
    ])
    .ok();
    assert!(
        repo.read("bot/CHANGELOG.md")
            .contains("## [1.0.1] - 2026-01-30 [YANKED]")
    );
    says(
        &repo.relwatch(&["branch", "-c", "bot", "hotfix"]).ok(),
        &["switched to hotfix/bot-v1.0.2 from bot-v1.0.1"],
    );
    repo.commit_file("bot/a", "2\n", "fix: right now (#3)");
    repo.relwatch(&["release", "-c", "bot", "--yes"]).ok();
    assert_eq!(
        repo.git(&["tag", "--points-at", "HEAD"]).stdout,
        "bot-v1.0.2\n"
    );
    says(
        &repo.relwatch(&["release", "--finish", "--offline"]).ok(),
        &["merged: bot-v1.0.2 into main"],
    );
    repo.git(&["switch", "-q", "main"]).ok();
    let text = repo.read("bot/CHANGELOG.md");
    assert!(
        text.contains("## [1.0.2] - 2026-01-30\n")
            && text.contains("## [1.0.1] - 2026-01-30 [YANKED]"),
        "{text}"
    );
    assert_eq!(repo.status(), "");
}

#[test]
fn a_spec_is_archived_with_its_component() {
    let sandbox = Sandbox::new();
    let repo = monorepo(&sandbox);
    for (id, label) in [("001-aaa", "backend"), ("002-bbb", "bot")] {
        repo.write(&format!(".chant/specs/2026-01-29-{id}.md"), &format!("---\nstatus: completed\ntype: feature\nlabels: [{label}]\ncompleted_at: 2026-01-29\n---\n# What {label} does\n"));
    }
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: specs"]).ok();
    repo.relwatch(&["release", "-c", "bot", "--yes"]).ok();
    assert!(repo.exists(".chant/specs/2026-01-29-001-aaa.md"));
    assert!(repo.exists(".chant/archive/2026-01-29/2026-01-29-002-bbb.md"));
    assert!(
        repo.read("bot/CHANGELOG.md")
            .contains("- What bot does (2026-01-29-002-bbb)")
    );
    assert!(!repo.read("bot/CHANGELOG.md").contains("backend"));
    assert_eq!(repo.status(), "");
}

#[test]
fn a_spec_of_two_is_archived_with_the_second() {
    let sandbox = Sandbox::new();
    let repo = monorepo(&sandbox);
    let spec = |labels: &str| {
        format!(
            "---\nstatus: completed\ntype: feature\nlabels: [{labels}]\ncompleted_at: 2026-01-29\n---\n# What {labels} do\n"
        )
    };
    repo.write(".chant/specs/2026-01-29-001-aaa.md", &spec("backend, bot"));
    repo.write(".chant/specs/2026-01-29-002-bbb.md", &spec("bot"));
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: specs"]).ok();
    repo.relwatch(&["release", "-c", "backend", "--yes"]).ok();
    assert!(repo.exists(".chant/specs/2026-01-29-001-aaa.md"));
    repo.commit_file("backend/a", "1\n", "fix: a crash (#1)");
    repo.relwatch(&["release", "-c", "backend", "--yes"]).ok();
    assert!(repo.exists(".chant/specs/2026-01-29-002-bbb.md"));
    repo.relwatch(&["release", "-c", "bot", "--yes"]).ok();
    assert!(
        repo.read("bot/CHANGELOG.md")
            .contains("- What backend, bot do (2026-01-29-001-aaa)")
    );
    assert!(repo.exists(".chant/archive/2026-01-29/2026-01-29-001-aaa.md"));
    assert!(repo.exists(".chant/archive/2026-01-29/2026-01-29-002-bbb.md"));
    assert_eq!(repo.status(), "");
}

/// A repository of components that are tagged as released.
fn components<'s>(
    sandbox: &'s Sandbox,
    name: &str,
    config: &str,
    files: &[(&str, &str)],
    tags: &[&str],
) -> Repo<'s> {
    let repo = sandbox.repo(name);
    repo.write("relwatch.yml", config);
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    for tag in tags {
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: relwatch"]).ok();
    repo
}

/// Changes by a component's release, one line each: the path and the new line.
fn changed(repo: &Repo<'_>, name: &str) -> Vec<String> {
    repo.relwatch(&["release", "-c", name, "--yes"]).ok();
    assert_eq!(repo.status(), "");
    let diff = repo.sh("git show --format= -U0 HEAD -- . ':!*.md' ':!.relwatch'");
    let mut path = String::new();
    let mut lines = Vec::new();
    for line in diff.ok().stdout.lines() {
        match line.strip_prefix("+++ b/") {
            Some(new) => path = new.to_owned(),
            None if line.starts_with('+') => lines.push(format!("{path}: {}", &line[1..])),
            None => {}
        }
    }
    lines
}

#[test]
fn the_owner_of_a_workspace_leaves_the_members_of_others_alone() {
    let sandbox = Sandbox::new();
    let member = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{more}")
    };
    let on = |name: &str| {
        format!("[dependencies]\n{name} = {{ path = \"../{name}\", version = \"1.0.0\" }}\n")
    };
    let app = "[package]\nname = \"app\"\nversion = \"1.0.0\"\n[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\ncore = { path = \"crates/core\", version = \"1.0.0\" }\n";
    let locked = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n");
    let lock = ["app", "cli", "core", "util"].map(locked).concat();
    let repo = components(
        &sandbox,
        "cargo",
        "components:\n  app: {paths: ['src/**', Cargo.toml], changelog: CHANGELOG.md, tag: 'v{version}'}\n  cli: {paths: [crates/cli]}\n  core: {paths: ['crates/core/**']}\n",
        &[
            ("Cargo.toml", app),
            ("Cargo.lock", &format!("version = 4\n\n{lock}")),
            ("crates/cli/Cargo.toml", &member("cli", &on("core"))),
            ("crates/core/Cargo.toml", &member("core", &on("util"))),
            ("crates/util/Cargo.toml", &member("util", "")),
        ],
        &["v1.0.0", "cli-v1.0.0", "core-v1.0.0"],
    );
    repo.commit_file("src/a", "1\n", "feat: a (#1)");
    assert_eq!(
        changed(&repo, "app"),
        [
            "Cargo.lock: version = \"1.1.0\"",
            "Cargo.lock: version = \"1.1.0\"",
            "Cargo.toml: version = \"1.1.0\"",
            "crates/core/Cargo.toml: util = { path = \"../util\", version = \"1.1.0\" }",
            "crates/util/Cargo.toml: version = \"1.1.0\"",
        ],
        "a member that no component has goes along"
    );
    repo.commit_file("crates/core/a", "1\n", "feat: b (#2)");
    assert_eq!(
        changed(&repo, "core"),
        [
            "Cargo.lock: version = \"1.1.0\"",
            "Cargo.toml: core = { path = \"crates/core\", version = \"1.1.0\" }",
            "crates/cli/Cargo.toml: core = { path = \"../core\", version = \"1.1.0\" }",
            "crates/core/Cargo.toml: version = \"1.1.0\"",
        ]
    );

    let package = |name: &str, more: &str| {
        format!("{{\n  \"name\": \"{name}\",\n{more}  \"version\": \"1.0.0\"\n}}\n")
    };
    let repo = components(
        &sandbox,
        "npm",
        "components:\n  all: {paths: ['**'], tag: 'v{version}'}\n  b: {paths: ['packages/b/**']}\n",
        &[
            (
                "package.json",
                &package("root", "  \"workspaces\": [\"packages/*\"],\n"),
            ),
            (
                "packages/a/package.json",
                &package("a", "  \"dependencies\": {\"b\": \"^1.0.0\"},\n"),
            ),
            (
                "packages/b/package.json",
                &package("b", "  \"devDependencies\": {\"a\": \"^1.0.0\"},\n"),
            ),
        ],
        &["v1.0.0", "b-v1.0.0"],
    );
    repo.commit_file("x", "1\n", "feat: a (#1)");
    assert_eq!(
        changed(&repo, "all"),
        [
            "package.json:   \"version\": \"1.1.0\"",
            "packages/a/package.json:   \"version\": \"1.1.0\"",
            "packages/b/package.json:   \"devDependencies\": {\"a\": \"^1.1.0\"},",
        ]
    );
    repo.commit_file("packages/b/x", "1\n", "fix: b (#2)");
    assert_eq!(
        changed(&repo, "b"),
        [
            "packages/a/package.json:   \"dependencies\": {\"b\": \"^1.0.1\"},",
            "packages/b/package.json:   \"version\": \"1.0.1\"",
        ]
    );
}

#[test]
fn the_files_of_a_component_are_found_below_its_paths() {
    let sandbox = Sandbox::new();
    let project = "[project]\nname = \"bot\"\nversion = \"1.0.0\"\n";
    let module = "__version__ = \"1.0.0\"\n";
    let crate_ = "[package]\nname = \"x\"\nversion = \"1.0.0\"\n";
    let repo = components(
        &sandbox,
        "found",
        "components:\n  backend: {paths: ['backend/**'], changelog: docs/BACKEND.md}\n  bot: {paths: ['bot/**']}\n  plugin: {paths: ['bot/plugin/**']}\n  site: {paths: [site], changelog: docs/SITE.md}\n",
        &[
            ("backend/Cargo.toml", crate_),
            ("docs/package.json", "{\"version\": \"1.0.0\"}\n"),
            ("site/index.html", "\n"),
            ("bot/pyproject.toml", project),
            ("bot/src/bot/__init__.py", module),
            ("bot/bot/_version.py", module),
            ("bot/a/b/c/__init__.py", module),
            ("bot/plugin/__init__.py", module),
            ("other/__init__.py", module),
        ],
        &[
            "backend-v1.0.0",
            "bot-v1.0.0",
            "plugin-v1.0.0",
            "site-v1.0.0",
        ],
    );
    for name in ["backend", "bot", "site"] {
        repo.commit_file(&format!("{name}/x"), "1\n", "feat: a");
    }
    assert_eq!(
        changed(&repo, "bot"),
        [
            "bot/bot/_version.py: __version__ = \"1.1.0\"",
            "bot/pyproject.toml: version = \"1.1.0\"",
            "bot/src/bot/__init__.py: __version__ = \"1.1.0\"",
        ]
    );
    let said = repo.relwatch(&["release", "-c", "site", "--dry-run"]).ok();
    says(
        &said,
        &["docs/package.json is in the paths of no component"],
    );
    assert_eq!(
        changed(&repo, "backend"),
        ["backend/Cargo.toml: version = \"1.1.0\""]
    );
    assert_eq!(changed(&repo, "site"), [""; 0], "none is fine");
}

#[test]
fn each_component_has_its_own_documents() {
    let sandbox = Sandbox::new();
    let docs = "a 1.0.0\n";
    let repo = components(
        &sandbox,
        "docs",
        "components:\n  a: {paths: [a], docs: {files: ['**/*.md']}}\n  b: {paths: [b]}\n",
        &[("README.md", docs), ("a/x", "1\n"), ("b/x", "1\n")],
        &["a-v1.0.0", "b-v1.0.0"],
    );
    repo.commit_file("b/x", "2\n", "feat: b to replace a 1.0.0");
    repo.relwatch(&["release", "-c", "b", "--yes"]).ok();
    assert_eq!(repo.read("README.md"), docs);
    repo.commit_file("a/x", "2\n", "feat: a");
    repo.relwatch(&["release", "-c", "a", "--yes"]).ok();
    assert_eq!(repo.read("README.md"), "a 1.1.0\n");
    assert!(repo.read("b/CHANGELOG.md").contains("to replace a 1.0.0"));
    assert_eq!(repo.status(), "");
    cases::in_turn(
        [
            ("docs", "{files: [README.md]}"),
            ("version_files", "[a/Cargo.toml]"),
        ],
        |&(key, ..)| key,
        |&(key, value)| {
            repo.write(
                "relwatch.yml",
                &format!("components:\n  web: {{}}\n{key}: {value}\n"),
            );
            let refused = repo.relwatch(&["status"]).code(2);
            let why = format!(
                "relwatch.yml:3: {key}: with `components` each has its own; move it to `components: web: {key}`"
            );
            says(&refused, &[&why]);
        },
    );
    repo.write(
        "relwatch.yml",
        "components:\n  a: {}\nversion_files: auto\n",
    );
    repo.relwatch(&["status"]).ok();
}

#[test]
fn a_member_that_inherits_its_version_has_none_of_its_own() {
    let sandbox = Sandbox::new();
    let lock = "version = 4\n\n[[package]]\nname = \"cli\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"core\"\nversion = \"1.0.0\"\n";
    let inherits = |name: &str| format!("[package]\nname = \"{name}\"\nversion.workspace = true\n");
    let repo = components(
        &sandbox,
        "inherit",
        "components:\n  all: {paths: [Cargo.toml], tag: 'v{version}'}\n  cli: {paths: [crates/cli]}\n",
        &[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"1.0.0\"\n[workspace.dependencies]\ncli = { path = \"crates/cli\", version = \"1.0.0\" }\n",
            ),
            ("Cargo.lock", lock),
            ("crates/cli/Cargo.toml", &inherits("cli")),
            ("crates/core/Cargo.toml", &inherits("core")),
        ],
        &["v1.0.0", "cli-v1.0.0"],
    );
    repo.commit_file("crates/cli/x", "1\n", "feat: a");
    let warned = repo.relwatch(&["release", "-c", "cli", "--dry-run"]).ok();
    says(
        &warned,
        &["crates/cli/Cargo.toml takes its version from a workspace that is not bumped with it"],
    );
    assert_eq!(changed(&repo, "cli"), [""; 0]);
    repo.commit_file("x", "1\n", "feat(all): b");
    assert_eq!(
        changed(&repo, "all"),
        [
            "Cargo.lock: version = \"1.1.0\"",
            "Cargo.lock: version = \"1.1.0\"",
            "Cargo.toml: version = \"1.1.0\"",
            "Cargo.toml: cli = { path = \"crates/cli\", version = \"1.1.0\" }",
        ]
    );
}

#[test]
fn who_only_looks_writes_no_object_and_signs_nothing() {
    let sandbox = Sandbox::new();
    let repo = monorepo(&sandbox);
    for folder in ["backend", "bot"] {
        let path = format!("{folder}/new");
        repo.commit_file(&path, "new\n", &format!("feat: a new {folder}"));
    }
    repo.git(&["config", "commit.gpgsign", "true"]).ok();
    repo.git(&["config", "gpg.program", "false"]).ok();
    let objects = || repo.sh("find .git/objects -type f | sort").ok().stdout;
    let before = objects();
    cases::in_turn(
        [
            ["status"].as_slice(),
            &["check", "--offline"],
            &["release", "--dry-run", "--offline"],
            &["notes", "-c", "bot"],
            &["metrics"],
            &["support"],
            &["releases"],
            &["specs"],
            &["explain", "HEAD"],
            &["version", "-c", "bot"],
            &["doctor"],
        ],
        |&args| args.join(" "),
        |&args| {
            let said = repo.relwatch(args).ok();
            assert_eq!(said.stderr, "", "{args:?}");
            assert_eq!(objects(), before, "{args:?}");
        },
    );
    // Each component builds on the changes of the one before: the lock file has both.
    let plan = repo.relwatch(&["release", "--dry-run", "--offline"]).ok();
    let (_, lock) = plan.stdout.split_once("+++ b/Cargo.lock\n").unwrap();
    let (lock, _) = lock.split_once("\n--- ").unwrap();
    assert_eq!(lock.matches("\n+version = \"1.1.0\"").count(), 2, "{lock}");
}
