//! Files that contain the version, as in S2 (a Cargo workspace) and S3 (a Python package), and in npm.

use std::fs;
use std::path::Path;

use crate::support::{Ran, Repo, Sandbox, cases, commit_all, project};

/// The files as bytes, before and after.
fn files(repo: &Repo<'_>) -> Vec<(String, String)> {
    let list = repo.git(&["ls-files"]).ok().stdout;
    let read = |path: &str| (path.to_owned(), repo.read(path));
    list.lines().map(read).collect()
}

/// The new lines of a file, compared with `before`.
fn new_lines(repo: &Repo<'_>, before: &[(String, String)], path: &str) -> Vec<String> {
    let (_, old) = before.iter().find(|(known, _)| known == path).unwrap();
    let now = repo.read(path);
    assert_eq!(
        old.matches('\n').count(),
        now.matches('\n').count(),
        "{now}"
    );
    let pairs = old.split('\n').zip(now.split('\n'));
    pairs
        .filter(|(old, new)| old != new)
        .map(|(_, new)| new.to_owned())
        .collect()
}

const PYPROJECT: &str = "[build-system]\nrequires = [\"setuptools>=0.1.0\"]\n\n[project]\nname = \"djp-workflow\"\nversion = '0.1.0'  # see scripts\n";

/// S3: two files contain the version.
fn djp<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "djp");
    repo.write("pyproject.toml", PYPROJECT);
    repo.write(
        "src/__init__.py",
        "\"\"\"DJP.\"\"\"\r\n\r\n__version__ = \"0.1.0\"  # kept\r\n",
    );
    repo.write("src/a/b/c/__init__.py", "__version__ = \"0.1.0\"\n");
    repo.write("plugins/__init__.py", "__version__ = \"3.2.1\"\n");
    repo.write("docs/install.md", "pip install djp==0.1.0\n");
    commit_all(&repo, "chore: package");
    repo.relwatch(&["update"]).ok();
    repo
}

/// S2: crates of one version.
fn lloom<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "lloom");
    repo.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/old\"]\n\n[workspace.package]\nversion = \"0.1.0\" # all\n\n[workspace.dependencies]\nlloom-core = { path = \"crates/core\", version = \"0.1.0\" }\nserde = \"0.1.0\"\n",
    );
    let inherits = |name: &str| format!("[package]\nname = \"{name}\"\nversion.workspace = true\n");
    repo.write("crates/core/Cargo.toml", &inherits("lloom-core"));
    repo.write(
        "crates/client/Cargo.toml",
        &format!(
            "{}\n[target.'cfg(unix)'.dependencies]\nlloom-core = {{ version = \"^0.1\", path = \"../core\" }}\n",
            inherits("lloom-client")
        ),
    );
    repo.write(
        "crates/own/Cargo.toml",
        "[package]\nname = \"lloom-own\"\nversion = \"3.0.0\"\n\n[dependencies.lloom-core]\nversion = \"=0.1.0\"\npath = \"../core\"\n",
    );
    repo.write(
        "crates/old/Cargo.toml",
        "[package]\nname = \"lloom-old\"\nversion = \"0.1.0\"\n",
    );
    repo.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"lloom-client\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"lloom-core\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"serde\"\nversion = \"0.1.0\"\nsource = \"registry\"\n",
    );
    commit_all(&repo, "chore: crates");
    repo.relwatch(&["update"]).ok();
    repo
}

fn npm<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "npm");
    repo.write(
        "package.json",
        "{\r\n\t\"version\": \"0.1.0\",\r\n\t\"name\": \"root\", \"private\": true,\r\n\t\"workspaces\": [\"packages/*\"]\r\n}",
    );
    repo.write(
        "packages/a/package.json",
        "{\n    \"name\": \"@x/a\",\n    \"version\": \"0.1.0\",\n    \"dependencies\": {\n        \"@x/b\": \"^0.1.0\",\n        \"@x/c\": \"workspace:*\",\n        \"left-pad\": \"^0.1.0\"\n    }\n}\n",
    );
    repo.write(
        "packages/b/package.json",
        "{\"name\": \"@x/b\", \"version\": \"0.1.0\"}\n",
    );
    repo.write(
        "packages/own/package.json",
        "{\"name\": \"@x/own\", \"version\": \"7.0.0\",\n\"peerDependencies\": {\"@x/a\": \"~0.1.0\"}}\n",
    );
    repo.write(
        "package-lock.json",
        "{\n  \"name\": \"root\",\n  \"version\": \"0.1.0\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"version\": \"0.1.0\"\n    },\n    \"node_modules/left-pad\": {\n      \"version\": \"0.1.0\"\n    },\n    \"packages/a\": {\n      \"name\": \"@x/a\",\n      \"version\": \"0.1.0\",\n      \"dependencies\": {\n        \"@x/b\": \"^0.1.0\",\n        \"left-pad\": \"^0.1.0\"\n      }\n    },\n    \"packages/own\": {\n      \"version\": \"7.0.0\"\n    }\n  }\n}\n",
    );
    commit_all(&repo, "chore: packages");
    repo.relwatch(&["update"]).ok();
    repo
}

/// Makes a release, checks it, and undoes it: then every byte is restored.
fn released_and_back(repo: &Repo<'_>, look: impl Fn(&[(String, String)], &Ran)) {
    repo.commit("feat: something");
    repo.relwatch(&["update"]).ok();
    let (before, head) = (files(repo), repo.head());
    let released = repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.status(), "");
    look(&before, &released);
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!((files(repo), repo.head()), (before, head));
    assert_eq!(repo.status(), "");
}

#[test]
fn a_python_package_has_two_files() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    released_and_back(&repo, |before, released| {
        let new = |path: &str| new_lines(&repo, before, path);
        assert_eq!(new("pyproject.toml"), ["version = '0.2.0'  # see scripts"]);
        assert_eq!(
            new("src/__init__.py"),
            ["__version__ = \"0.2.0\"  # kept\r"]
        );
        for path in [
            "src/a/b/c/__init__.py",
            "plugins/__init__.py",
            "docs/install.md",
        ] {
            assert_eq!(new(path), [""; 0], "{path}");
        }
        assert_eq!(
            released.stderr,
            "warning: plugins/__init__.py says 3.2.1 and stays as it is; list it under `version_files` to bump it too\n"
        );
    });
}

#[test]
fn crates_of_a_workspace_keep_together() {
    let sandbox = Sandbox::new();
    let repo = lloom(&sandbox);
    released_and_back(&repo, |before, released| {
        let new = |path: &str| new_lines(&repo, before, path);
        assert_eq!(
            new("Cargo.toml"),
            [
                "version = \"0.2.0\" # all",
                "lloom-core = { path = \"crates/core\", version = \"0.2.0\" }"
            ]
        );
        assert_eq!(
            new("crates/client/Cargo.toml"),
            ["lloom-core = { version = \"^0.2\", path = \"../core\" }"]
        );
        assert_eq!(new("Cargo.lock"), ["version = \"0.2.0\""; 2]);
        assert_eq!(
            new("crates/own/Cargo.toml"),
            ["version = \"=0.2.0\""],
            "its own version stays, what it requires follows"
        );
        for own in ["crates/old/Cargo.toml", "crates/core/Cargo.toml"] {
            assert_eq!(new(own), [""; 0], "{own}");
        }
        assert_eq!(released.stderr, "");
    });
}

#[test]
fn npm_packages_keep_their_form() {
    let sandbox = Sandbox::new();
    let repo = npm(&sandbox);
    released_and_back(&repo, |before, released| {
        let new = |path: &str| new_lines(&repo, before, path);
        assert_eq!(new("package.json"), ["\t\"version\": \"0.2.0\",\r"]);
        assert_eq!(
            new("packages/a/package.json"),
            [
                "    \"version\": \"0.2.0\",",
                "        \"@x/b\": \"^0.2.0\","
            ]
        );
        assert_eq!(
            new("package-lock.json"),
            [
                "  \"version\": \"0.2.0\",",
                "      \"version\": \"0.2.0\"",
                "      \"version\": \"0.2.0\",",
                "        \"@x/b\": \"^0.2.0\","
            ]
        );
        assert_eq!(
            new("packages/own/package.json"),
            ["\"peerDependencies\": {\"@x/a\": \"~0.2.0\"}}"]
        );
        assert_eq!(released.stderr, "");
    });
}

#[test]
fn a_first_release_takes_the_version_of_the_files() {
    let sandbox = Sandbox::new();
    cases::run(
        [
            (
                "python",
                "pyproject.toml",
                "[project]\nversion = \"0.4.0\"\n",
            ),
            ("node", "package.json", "{\"version\": \"0.4.0\"}\n"),
            (
                "rust",
                "Cargo.toml",
                "[package]\nname = \"x\"\nversion = \"0.4.0\"\n",
            ),
        ],
        |&(name, ..)| name,
        |&(name, path, text)| {
            let repo = sandbox.repo(name);
            repo.commit_file(path, text, "feat: begin");
            repo.relwatch(&["init"]).ok();
            commit_all(&repo, "chore: relwatch");
            let status = repo.relwatch(&["status"]).ok().stdout;
            assert!(status.contains("next version: 0.4.0"), "{name}: {status}");
            repo.relwatch(&["release", "--yes"]).ok();
            assert_eq!(repo.read(path), text);
            repo.git(&["rev-parse", "--verify", "v0.4.0"]).ok();
        },
    );
}

#[test]
fn listed_files_patterns_and_documents() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.write(
        "relwatch.yml",
        "version_files:\n  - pyproject.toml\n  - plugins/__init__.py\n  - {path: docs/install.md, pattern: 'djp=={version}'}\n  - {path: VERSION, pattern: '{version}'}\ndocs: {files: [README.md, docs/**/*.md, CHANGELOG.md], exclude: [docs/UPGRADE.md]}\n",
    );
    repo.write("VERSION", "0.1.0");
    repo.write("plugins/__init__.py", "__version__ = \"0.0.7rc1\"\n");
    let prose = "0.1.0, v0.1.0 and 10.1.0, 0.1.01, 0.1.0-rc.1, 0.1.0.post1\r\n";
    repo.write("README.md", prose);
    repo.write("docs/UPGRADE.md", prose);
    repo.write("docs/a/old.md", "as of\n`0.1` and v0.1.x\nx-0.1.0.tar.gz\n");
    repo.write(
        "docs/install.md",
        "pip install djp==0.1.0\n0.1.0 and not-djp==0.0.9\n",
    );
    commit_all(&repo, "docs: versions");
    repo.git(&["tag", "v0.0.9", "v0.1.0~1"]).ok();
    released_and_back(&repo, |before, released| {
        let new = |path: &str| new_lines(&repo, before, path);
        assert_eq!(
            new("README.md"),
            ["0.2.0, v0.2.0 and 10.1.0, 0.1.01, 0.1.0-rc.1, 0.1.0.post1\r"]
        );
        assert_eq!(new("docs/UPGRADE.md"), [""; 0]);
        assert_eq!(new("docs/a/old.md"), ["x-0.2.0.tar.gz"]);
        assert_eq!(
            new("docs/install.md"),
            ["pip install djp==0.2.0", "0.2.0 and not-djp==0.0.9"]
        );
        assert_eq!(new("VERSION"), ["0.2.0"]);
        assert_eq!(new("plugins/__init__.py"), ["__version__ = \"0.2.0\""]);
        assert_eq!(new("src/__init__.py"), [""; 0], "it is not listed");
        let changelog = repo.read("CHANGELOG.md");
        assert!(changelog.contains("## [0.1.0] - 2026-01-01"), "{changelog}");
        assert_eq!(
            released.stderr,
            "warning: older versions are still named in docs/a/old.md:2, docs/install.md:2\n"
        );
    });
    let plan = repo.relwatch(&["release", "--dry-run"]).ok().stdout;
    assert!(plan.contains("  write  docs/install.md\n"), "{plan}");
}

#[test]
fn a_listed_member_goes_ahead_and_others_follow_in_what_they_require() {
    let sandbox = Sandbox::new();
    let repo = lloom(&sandbox);
    repo.write(
        "relwatch.yml",
        "version_files: [crates/core/Cargo.toml, Cargo.lock]\n",
    );
    let core = "[package]\nname = \"lloom-core\"\nversion = \"0.1.0\"\n";
    repo.write("crates/core/Cargo.toml", core);
    commit_all(&repo, "chore: core has a version of its own");
    let before = files(&repo);
    repo.relwatch(&["version", "--set", "0.5.0"]).ok();
    let new = |path: &str| new_lines(&repo, &before, path);
    assert_eq!(new("crates/core/Cargo.toml"), ["version = \"0.5.0\""]);
    assert_eq!(
        new("Cargo.toml"),
        ["lloom-core = { path = \"crates/core\", version = \"0.5.0\" }"]
    );
    assert_eq!(
        new("crates/client/Cargo.toml"),
        ["lloom-core = { version = \"^0.5\", path = \"../core\" }"]
    );
    assert_eq!(new("crates/own/Cargo.toml"), ["version = \"=0.5.0\""]);
    assert_eq!(new("Cargo.lock"), ["version = \"0.5.0\""]);
}

#[test]
fn what_is_listed_must_be_there() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.commit("feat: something");
    cases::in_turn(
        [
            (
                "setup/version.py",
                "setup/version.py: listed under `version_files`, but not there",
            ),
            (
                "{path: docs/install.md, pattern: 'x=={version}'}",
                "docs/install.md: listed under `version_files`, but its pattern finds no version",
            ),
            (
                "docs/__init__.py",
                "docs/__init__.py: listed under `version_files`, but it names no version",
            ),
        ],
        |&(entry, ..)| entry,
        |&(entry, why)| {
            repo.write("docs/__init__.py", "\n");
            repo.write("relwatch.yml", &format!("version_files:\n  - {entry}\n"));
            commit_all(&repo, "chore: configure");
            for args in [&["release", "--yes"][..], &["check"], &["version"]] {
                let refused = repo.relwatch(args).code(3);
                let said = format!("{}{}", refused.stdout, refused.stderr);
                assert!(said.contains(why), "{args:?}: {refused:?}");
            }
            repo.relwatch(&["status"]).ok();
            repo.relwatch(&["update"]).ok();
        },
    );
    repo.write("relwatch.yml", "version_files: [Makefile]\n");
    let wrong = repo.relwatch(&["status"]).code(2);
    assert!(
        wrong
            .stderr
            .starts_with("relwatch: relwatch.yml:1: version_files: Makefile is in no format"),
        "{wrong:?}"
    );
}

#[test]
fn the_version_is_shown_and_verified() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.git(&["rm", "-qr", "plugins"]).ok();
    repo.git(&["commit", "-q", "-m", "chore: none"]).ok();
    assert_eq!(
        repo.relwatch(&["version"]).ok(),
        Ran {
            code: 0,
            stdout: "pyproject.toml: 0.1.0\nsrc/__init__.py: 0.1.0\n".into(),
            stderr: String::new()
        }
    );
    let json = repo.relwatch(&["version", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["version"], "0.1.0");
    assert_eq!(json["files"][1]["path"], "src/__init__.py");
    let agree = repo.relwatch(&["version", "--verify"]).ok().stdout;
    assert_eq!(agree, "2 files say 0.1.0\n");

    repo.edit("pyproject.toml", "'0.1.0'", "'0.1.1'");
    let warned = repo.relwatch(&["version"]).ok().stderr;
    assert!(
        warned.contains("pyproject.toml has uncommitted changes; this is what is committed"),
        "{warned}"
    );
    commit_all(&repo, "chore: by hand, half");
    let drift = repo.relwatch(&["version", "--verify"]).code(1).stderr;
    assert!(
        drift.contains("different versions:\npyproject.toml: 0.1.1\nsrc/__init__.py: 0.1.0\n"),
        "{drift}"
    );
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(!status.contains("next version: 0.1.0"), "{status}");
    repo.relwatch(&["version", "--set", "0.1.1"]).ok();
    let agree = repo.relwatch(&["version", "--verify"]).ok().stdout;
    assert_eq!(agree, "2 files say 0.1.1\n", "what is said fixes it");

    let cargo = lloom(&sandbox);
    let note = "apart: crates/own/Cargo.toml says 3.0.0, and a release leaves it so\n";
    let agree = cargo.relwatch(&["version", "--verify"]).ok().stdout;
    assert_eq!(agree, format!("2 files say 0.1.0\n{note}"));
    cargo.edit(
        "Cargo.lock",
        "core\"\nversion = \"0.1.0\"",
        "core\"\nversion = \"0.0.9\"",
    );
    commit_all(&cargo, "chore: half");
    let drift = cargo.relwatch(&["version", "--verify"]).code(1).stderr;
    assert!(
        drift.contains("Cargo.toml: 0.1.0\nCargo.lock: 0.1.0\nCargo.lock: 0.0.9\n")
            && drift.contains(note),
        "{drift}"
    );
    let none = project(&sandbox, "none").relwatch(&["version"]).code(1);
    assert!(
        none.stderr.contains("no file here names a version"),
        "{none:?}"
    );
}

#[test]
fn the_version_is_bumped_alone() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.commit("fix: something");
    repo.relwatch(&["update"]).ok();
    let (section, head) = (repo.section(), repo.head());
    let before = files(&repo);
    let said = repo.relwatch(&["version", "--minor"]).ok();
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(lines[0].starts_with("bumped to 0.2.0: commit "), "{said:?}");
    assert_eq!(
        lines[1..],
        [
            "  pyproject.toml",
            "  src/__init__.py",
            "next: relwatch release",
            "back: git reset --keep HEAD~1"
        ]
    );
    assert_eq!(
        new_lines(&repo, &before, "pyproject.toml"),
        ["version = '0.2.0'  # see scripts"]
    );
    assert_eq!(repo.status(), "");
    let log = repo.git(&["log", "-1", "--format=%B", "--name-only"]).ok();
    assert_eq!(
        log.stdout.trim(),
        "chore(release): bump version to 0.2.0\n\n\npyproject.toml\nsrc/__init__.py"
    );
    assert_eq!(repo.git(&["tag"]).ok().stdout, "v0.1.0\n");
    assert_eq!(repo.git(&["rev-parse", "HEAD~1"]).ok().stdout.trim(), head);
    assert_eq!(repo.section(), section, "the commit is not told");
    repo.relwatch(&["update", "--check"]).ok();
    let told = repo.relwatch(&["status", "--all"]).ok().stdout;
    assert!(
        told.contains("bump version to 0.2.0: cuts a release"),
        "{told}"
    );

    // The release takes the current version of the files.
    assert!(
        told.contains("next version: 0.2.0 (minor; pyproject.toml says 0.2.0)"),
        "{told}"
    );
    let again = repo.relwatch(&["version", "--set", "0.2.0"]).code(6);
    assert!(
        again.stderr.contains("the files say 0.2.0 already"),
        "{again:?}"
    );
    cases::in_turn(
        [
            (["--set", "0.1.0"].as_slice(), 3),
            (&["--set", "x"], 2),
            (&["--set", "0.3.0", "--patch"], 2),
            (&["--verify", "--patch"], 2),
            (&["--set", "0.3.0-nightly.1"], 3),
        ],
        |&(args, ..)| args.join(" "),
        |&(args, expected)| {
            repo.relwatch(&[&["version"], args].concat()).code(expected);
        },
    );
    repo.relwatch(&["version", "--set", "0.9.0-rc.1"]).ok();
    assert!(repo.read("src/__init__.py").contains("\"0.9.0rc1\""));
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(
        status.contains("next version: 0.9.0 (minor; pyproject.toml says 0.9.0-rc.1)"),
        "{status}"
    );
    repo.relwatch(&["version", "--patch"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    let tags = repo.git(&["tag"]).ok().stdout;
    assert_eq!(tags, "v0.1.0\nv0.9.0\n");
    assert!(repo.read("src/__init__.py").contains("\"0.9.0\""));
    assert!(!repo.read("CHANGELOG.md").contains("bump version"));
}

#[test]
fn a_release_branch_is_bumped_first_and_merged() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.commit("fix: something");
    repo.git(&["switch", "-q", "-c", "release/v1.1.0"]).ok();
    repo.relwatch(&["version", "--set", "1.1.0"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    let merge = ["merge", "-q", "--no-ff", "-m", "Release v1.1.0"];
    repo.git(&[&merge[..], &["release/v1.1.0"]].concat()).ok();
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(
        status.contains("next version: 1.1.0 (major; pyproject.toml says 1.1.0)"),
        "{status}"
    );
    repo.relwatch(&["check"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.git(&["tag"]).ok().stdout, "v0.1.0\nv1.1.0\n");
    let changelog = repo.stored();
    assert!(
        changelog.contains("### Fixed\n\n- Something")
            && !changelog.contains("bump")
            && !changelog.contains("Release v1.1.0"),
        "{changelog}"
    );
}

#[test]
fn a_bump_is_refused_or_whole() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.commit("fix: something");
    repo.relwatch(&["update"]).ok();
    let head = repo.head();
    repo.write("file", "2\n");
    let dirty = repo.relwatch(&["version", "--patch"]).code(3);
    assert!(
        dirty
            .stderr
            .contains("uncommitted changes in file; commit or stash them"),
        "{dirty:?}"
    );
    repo.git(&["checkout", "-q", "file"]).ok();
    // If index and files cannot be updated, the branch does not move.
    repo.sh("touch .git/index.lock").ok();
    let stopped = repo.relwatch(&["version", "--patch"]);
    assert_ne!(stopped.code, 0, "{stopped:?}");
    repo.sh("rm .git/index.lock").ok();
    assert_eq!((repo.head(), repo.status()), (head.clone(), String::new()));
    repo.git(&["checkout", "-q", "--detach"]).ok();
    let detached = repo.relwatch(&["version", "--patch"]).code(3);
    assert!(
        detached.stderr.contains("HEAD is not on a branch"),
        "{detached:?}"
    );
    repo.git(&["switch", "-q", "main"]).ok();
    // Generated lines in the working file are not a change, and an untracked file does not matter.
    repo.write("untracked", "x\n");
    repo.relwatch(&["version", "--patch"]).ok();
    repo.git(&["reset", "-q", "--keep", "HEAD~1"]).ok();
    assert_eq!(repo.head(), head);
    repo.relwatch(&["update", "--check"]).ok();
}

#[test]
fn manifests_of_several_languages() {
    let sandbox = Sandbox::new();
    let repo = lloom(&sandbox);
    // A package of tools whose version does not matter.
    repo.commit_file(
        "package.json",
        "{\"version\": \"1.0.0\"}\n",
        "chore: prettier",
    );
    let shown = repo.relwatch(&["version", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(json["version"], "0.1.0");
    assert_eq!(json["apart"][0]["path"], "crates/own/Cargo.toml");
    repo.relwatch(&["version", "--minor"]).ok();
    assert_eq!(repo.read("package.json"), "{\"version\": \"1.0.0\"}\n");

    // The one that names the last release counts.
    let repo = project(&sandbox, "tool");
    repo.write("package.json", "{\"version\": \"0.1.0\"}\n");
    repo.write("pyproject.toml", "[project]\nversion = \"4.0.0\"\n");
    commit_all(&repo, "chore: manifests");
    repo.git(&["tag", "-f", "-a", "v0.1.0", "-m", "v0.1.0"])
        .ok();
    repo.relwatch(&["version", "--minor"]).ok();
    assert_eq!(repo.read("package.json"), "{\"version\": \"0.2.0\"}\n");
    assert!(repo.read("pyproject.toml").contains("4.0.0"));
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(!status.contains("4.0.0"), "{status}");
    repo.relwatch(&["version", "--minor"]).ok();
    assert_eq!(repo.read("package.json"), "{\"version\": \"0.3.0\"}\n");
    assert!(repo.read("pyproject.toml").contains("4.0.0"));
    let repo = project(&sandbox, "napi");
    repo.write("package.json", "{\"version\": \"0.1.0\"}\n");
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"x\"\nversion = \"0.0.0\"\n",
    );
    commit_all(&repo, "chore: manifests");
    repo.relwatch(&["version", "--minor"]).ok();
    assert_eq!(repo.read("package.json"), "{\"version\": \"0.2.0\"}\n");
    assert!(repo.read("Cargo.toml").contains("0.0.0"));
}

#[test]
fn broken_files_are_warned_of() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.write("package.json", "{\"version\": \n");
    let bytes = b"[package]\nname = \"caf\xe9\"\nversion = \"0.1.0\"\n";
    fs::write(repo.path.join("Cargo.toml"), bytes).unwrap();
    commit_all(&repo, "feat: broken");
    repo.relwatch(&["update"]).ok();
    let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
    assert!(
        said.contains("warning: package.json cannot be read (")
            && said.contains(
                "warning: Cargo.toml cannot be read (not UTF-8); its version stays as it is"
            ),
        "{said}"
    );
    assert!(repo.read("pyproject.toml").contains("'0.2.0'"));
}

#[test]
fn a_package_beside_the_version_of_its_workspace() {
    let sandbox = Sandbox::new();
    // The sandbox has no home of rustup.
    let cargo = |repo: &Repo<'_>, args: &str| {
        let bin = Path::new(env!("CARGO")).parent().unwrap().display();
        repo.sh(&format!("PATH={bin}:$PATH cargo {args}")).ok();
    };
    let root = |own: &str, shared: &str| {
        format!(
            "[package]\nname = \"app\"\nversion = \"{own}\"\n[workspace]\nmembers = [\"m\", \"n\"]\n[workspace.package]\nversion = \"{shared}\"\n[dependencies]\nm = {{ path = \"m\", version = \"{shared}\" }}\n"
        )
    };
    let set_up = |name: &str, own: &str, shared: &str| {
        let repo = project(&sandbox, name);
        repo.write("Cargo.toml", &root(own, shared));
        repo.write("src/lib.rs", "");
        for member in ["m", "n"] {
            repo.write(&format!("{member}/src/lib.rs"), "");
        }
        repo.write(
            "m/Cargo.toml",
            "[package]\nname = \"m\"\nversion.workspace = true\n",
        );
        repo.write("n/Cargo.toml", &format!("[package]\nname = \"n\"\nversion.workspace = true\n[dependencies]\nm = {{ path = \"../m\", version = \"={shared}\" }}\n"));
        cargo(&repo, "generate-lockfile --offline -q");
        commit_all(&repo, "chore: crates");
        repo.git(&["tag", "-f", "-a", "v0.1.0", "-m", "v0.1.0"])
            .ok();
        repo
    };
    cases::run(
        [
            ("own", "0.1.0", "0.5.0", 1),
            ("shared", "3.0.0", "0.1.0", 2),
            ("both", "0.1.0", "0.1.0", 3),
        ],
        |&(name, ..)| name,
        |&(name, own, shared, bumped)| {
            let repo = set_up(name, own, shared);
            released_and_back(&repo, |before, _| {
                let next = |version: &str| version.replace("0.1.0", "0.2.0");
                assert_eq!(repo.read("Cargo.toml"), root(&next(own), &next(shared)));
                let lock = new_lines(&repo, before, "Cargo.lock");
                assert_eq!(lock, vec!["version = \"0.2.0\""; bumped], "{name}");
                cargo(&repo, "metadata --locked --offline --format-version 1");
            });
            // If both versions are bumped ahead, the same one of them is released.
            repo.relwatch(&["version", "--set", "0.4.0"]).ok();
            let ahead = |version: &str| version.replace("0.1.0", "0.4.0");
            assert_eq!(repo.read("Cargo.toml"), root(&ahead(own), &ahead(shared)));
            repo.relwatch(&["release", "--yes"]).ok();
            repo.git(&["rev-parse", "--verify", "v0.4.0"]).ok();
            repo.commit("feat: more");
            repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
            repo.relwatch(&["release", "--yes"]).ok();
            let after = |version: &str| version.replace("0.1.0", "0.5.0");
            assert_eq!(repo.read("Cargo.toml"), root(&after(own), &after(shared)));
            cargo(&repo, "metadata --locked --offline --format-version 1");
        },
    );
}

#[test]
fn documents_wait_for_the_final_version() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "docs");
    repo.write("relwatch.yml", "docs: {files: [README.md]}\n");
    repo.write("README.md", "v0.1.0, not 0.0.9\n");
    commit_all(&repo, "docs: readme");
    let release = |args: &[&str], text: &str| {
        repo.commit("feat: something");
        let said = repo.relwatch(&[&["release", "--yes"], args].concat()).ok();
        assert_eq!(repo.read("README.md"), text);
        said.stderr
    };
    release(&["--pre", "rc"], "v0.1.0, not 0.0.9\n");
    // A document names the pre-release.
    repo.write("README.md", "v0.2.0-rc.1, not 0.0.9\n");
    commit_all(&repo, "docs: candidate");
    release(&["--pre", "rc"], "v0.2.0-rc.1, not 0.0.9\n");
    release(&[], "v0.2.0, not 0.0.9\n");
    repo.write("README.md", "v0.2.0 and 0.2.0-rc.1\n");
    commit_all(&repo, "docs: history");
    let warned = release(&[], "v0.3.0 and 0.2.0-rc.1\n");
    assert!(
        warned.contains("older versions are still named in README.md:1"),
        "{warned}"
    );
}

#[test]
fn documents_are_not_what_relwatch_keeps() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "globs");
    repo.write(
        "relwatch.yml",
        "# since 0.1.0\ndocs: {files: ['**/*.md', '**/*.yml']}\n",
    );
    let spec = |id: &str, status: &str| {
        format!("---\nid: {id}\nstatus: {status}\ncompleted_at: 2026-01-29\n---\n# After 0.1.0\n")
    };
    let archived = ".chant/archive/2026-01-01/2026-01-01-001-abc.md";
    repo.write(archived, &spec("2026-01-01-001-abc", "completed"));
    repo.write(
        ".chant/specs/2026-01-29-002-abd.md",
        &spec("2026-01-29-002-abd", "completed"),
    );
    repo.write("docs/a.md", "0.1.0\n");
    repo.write("docs/a.yml", "version: 0.1.0\n");
    commit_all(&repo, "docs: all");
    repo.commit("feat: something");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.status(), "");
    assert_eq!(repo.read("docs/a.md"), "0.2.0\n");
    assert_eq!(repo.read("docs/a.yml"), "version: 0.2.0\n");
    assert!(repo.read("relwatch.yml").contains("since 0.1.0"));
    assert!(repo.read(archived).contains("After 0.1.0"));
    repo.commit("fix: something");
    repo.relwatch(&["release", "--yes"]).ok();
    let list = repo.read(".relwatch/releases.yml");
    assert!(list.contains("v0.2.0") && list.contains("v0.2.1"), "{list}");
    let moved = ".chant/archive/2026-01-29/2026-01-29-002-abd.md";
    assert!(repo.read(moved).contains("After 0.1.0"));
}

#[test]
fn what_is_left_behind_is_told() {
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let all: &[Case] = &[
        (
            "elsewhere",
            &[
                (
                    "pyproject.toml",
                    "[project]\nname = \"djp\"\ndynamic = [\"version\"]\n[tool.setuptools.dynamic]\nversion = {attr = \"djp.__version__\"}\n",
                ),
                (
                    "src/djp/__init__.py",
                    "__version__ = \".\".join([\"0\", \"1\", \"0\"])\n",
                ),
            ],
            "warning: pyproject.toml takes its version from src/djp/__init__.py, which names none as text; change it by hand\n",
        ),
        (
            "apart",
            &[("VERSION", "3.0.0\n")],
            "warning: VERSION says 3.0.0 and stays as it is; list it under `version_files` to bump it too\n",
        ),
        (
            "scm",
            &[(
                "pyproject.toml",
                "[project]\nname = \"djp\"\ndynamic = [\"version\"]\n[tool.setuptools_scm]\n",
            )],
            "",
        ),
        (
            "cargo",
            &[("Cargo.toml", "[package]\nname = \"x\"\nversion = \"2.0\"\n")],
            "warning: Cargo.toml says `2.0`, which is not a version like 1.2.3, and is unchanged; fix it by hand\n",
        ),
        (
            "npm",
            &[("package.json", "{\"name\": \"x\", \"version\": \"2.0\"}\n")],
            "warning: package.json says `2.0`, which is not a version like 1.2.3, and is unchanged; fix it by hand\n",
        ),
        (
            "lock",
            &[
                (
                    "relwatch.yml",
                    "version_files: [package-lock.json, {path: VERSION, pattern: 'version {version}'}]\n",
                ),
                ("VERSION", "version 0.2.0\n"),
                ("package.json", "{\"version\": \"0.1.0\"}\n"),
                (
                    "package-lock.json",
                    "{\"version\": \"0.1.0\", \"lockfileVersion\": 3}\n",
                ),
            ],
            "warning: package-lock.json follows its manifest, which is not listed, and stays as it is; list that under `version_files`\n",
        ),
    ];
    let sandbox = Sandbox::new();
    cases::run(
        all,
        |(name, ..)| *name,
        |(name, files, expected)| {
            let repo = project(&sandbox, name);
            for (path, text) in *files {
                repo.write(path, text);
            }
            commit_all(&repo, "chore: files");
            repo.commit("feat: something");
            let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
            assert_eq!(said, *expected);
            for (path, text) in *files {
                assert_eq!(repo.read(path), *text, "{path}");
            }
        },
    );
}

#[test]
fn the_lock_file_of_uv_follows() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.write("uv.lock", "version = 1\n\n[[package]]\nname = \"attrs\"\nversion = \"0.1.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n\n[[package]]\nname = \"djp-workflow\"\nversion = \"0.1.0\"\nsource = { editable = \".\" }\n");
    cases::in_turn(
        ["", "version_files: [pyproject.toml]\n"],
        |&config| config,
        |&config| {
            repo.write("relwatch.yml", config);
            commit_all(&repo, "chore: uv");
            released_and_back(&repo, |before, _| {
                assert_eq!(new_lines(&repo, before, "uv.lock"), ["version = \"0.2.0\""]);
            });
            repo.git(&["reset", "-q", "--hard"]).ok();
        },
    );
    let shown = repo.relwatch(&["version", "--json"]).ok().stdout;
    assert!(shown.contains("uv.lock"), "{shown}");
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    assert!(repo.read("uv.lock").contains("version = \"0.2.0rc1\""));
    repo.relwatch(&["version", "--verify"]).ok();
}

#[test]
fn a_pre_release_counts_from_that_of_the_files() {
    let sandbox = Sandbox::new();
    let repo = djp(&sandbox);
    repo.commit("feat: something");
    repo.relwatch(&["version", "--set", "0.5.0-rc.3"]).ok();
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    assert!(repo.read("pyproject.toml").contains("'0.5.0rc4'"));
    repo.commit("feat: more");
    repo.relwatch(&["release", "--pre", "beta", "0.6.0", "--yes"])
        .ok();
    assert!(repo.read("pyproject.toml").contains("'0.6.0b1'"));
}
