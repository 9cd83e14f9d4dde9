//! Components released: on their own, together, kept aligned.

mod support;

use support::{Repo, Sandbox, says};

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
        &["took back backend/v1.0.1, bot-v1.1.0"],
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
