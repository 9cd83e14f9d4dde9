//! `relwatch release --finish` on fix, release and long-term support branches while main is ahead: lines written by relwatch do not
//! conflict, whatever files contain the version; only hand-written lines can.

use crate::support::{Repo, Sandbox, commit_all, configure, project, says};

const CARGO: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"core\"]\n\n[workspace.package]\nversion = \"{}\"\nedition = \"2024\"\n\n[package]\nname = \"lamp\"\nversion.workspace = true\n\n[dependencies]\nlamp-core = { path = \"core\", version = \"{}\" }\n",
    ),
    (
        "core/Cargo.toml",
        "[package]\nname = \"lamp-core\"\nversion.workspace = true\n",
    ),
    (
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"lamp\"\nversion = \"{}\"\ndependencies = [\n \"lamp-core\",\n]\n\n[[package]]\nname = \"lamp-core\"\nversion = \"{}\"\n",
    ),
    ("README.md", "# Lamp\n\n    cargo add lamp@{}\n\nEnd.\n"),
];

const PYTHON: &[(&str, &str)] = &[
    (
        "pyproject.toml",
        "[project]\nname = \"lamp\"\nversion = \"{}\"\ndescription = \"A lamp\"\n",
    ),
    ("src/lamp/__init__.py", "__version__ = \"{}\"\n"),
    (
        "uv.lock",
        "version = 1\n\n[[package]]\nname = \"lamp\"\nversion = \"{}\"\nsource = { editable = \".\" }\n",
    ),
    ("README.md", "Lamp {}.\n"),
];

const NPM: &[(&str, &str)] = &[
    (
        "package.json",
        "{\n  \"name\": \"lamp\",\n  \"version\": \"{}\",\n  \"license\": \"MIT\"\n}\n",
    ),
    (
        "package-lock.json",
        "{\n  \"name\": \"lamp\",\n  \"version\": \"{}\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"name\": \"lamp\",\n      \"version\": \"{}\"\n    }\n  }\n}\n",
    ),
    ("README.md", "npm install lamp@{}\n"),
];

/// Released from main: 1.0.0, and 1.1.0 after it.
fn ahead<'s>(sandbox: &'s Sandbox, name: &str, files: &[(&str, &str)]) -> Repo<'s> {
    let repo = project(sandbox, name);
    configure(
        &repo,
        "branches: [main, release/*, hotfix/*, 1.0.x]\ndocs: {files: [README.md]}\nsupport: {files: [SUPPORT.md]}\n",
    );
    for (path, text) in files {
        repo.write(path, &text.replace("{}", "0.1.0"));
    }
    repo.write(
        "SUPPORT.md",
        "<!-- relwatch:support -->\n<!-- /relwatch:support -->\n",
    );
    repo.write("a.txt", "a\n");
    repo.git(&["add", "."]).ok();
    repo.commit("feat: light (#1)");
    release(&repo, "1.0.0");
    repo.commit("feat: dim (#2)");
    release(&repo, "1.1.0");
    repo
}

#[track_caller]
fn release(repo: &Repo<'_>, version: &str) {
    repo.relwatch(&["release", "--yes", version]).ok();
}

/// Asserts the files on main, each with the version in its places.
#[track_caller]
fn main_says(repo: &Repo<'_>, files: &[(&str, &str)], version: &str) {
    for (path, text) in files {
        let stored = repo.git(&["show", &format!("main:{path}")]).ok().stdout;
        assert_eq!(stored, text.replace("{}", version), "{path}");
    }
}

#[test]
fn a_fix_of_an_older_release_comes_back_while_main_is_ahead() {
    let sandbox = Sandbox::new();
    for (name, files) in [("cargo", CARGO), ("python", PYTHON), ("npm", NPM)] {
        let repo = ahead(&sandbox, name, files);
        repo.relwatch(&["branch", "hotfix", "v1.0.0"]).ok();
        repo.commit_file("b.txt", "b\n", "fix: no flicker (#3)");
        repo.relwatch(&["release", "--yes"]).ok();
        says(
            &repo.relwatch(&["release", "--finish"]).ok(),
            &[
                "merged: v1.0.1 into main",
                "then: git branch -d hotfix/v1.0.1",
            ],
        );
        main_says(&repo, files, "1.1.0");
        repo.git(&["switch", "-q", "main"]).ok();
        // 1.1.0 does not have it: it is news for the next one of main.
        assert_eq!(
            (repo.status().as_str(), repo.section().as_str()),
            ("", "### Fixed\n\n- No flicker (#3)")
        );
        let stored = repo.stored();
        let headings: Vec<&str> = stored.lines().filter(|l| l.starts_with("## [")).collect();
        assert_eq!(
            headings,
            [
                "## [Unreleased]",
                "## [1.1.0] - 2026-01-30",
                "## [1.0.1] - 2026-01-30",
                "## [1.0.0] - 2026-01-30",
                "## [0.1.0] - 2026-01-01"
            ]
        );
        let listed = repo.relwatch(&["releases"]).ok().stdout;
        assert_eq!(listed.matches("v1.").count(), 3, "{listed}");
        assert!(repo.read("SUPPORT.md").contains("1.1.x"));
        // A merge contains both sides, and has both as parents.
        let parents = repo.git(&["rev-parse", "HEAD^2", "v1.0.1^{commit}"]).ok();
        let parents: Vec<&str> = parents.stdout.lines().collect();
        assert_eq!(parents[0], parents[1]);
        assert_eq!(repo.read("b.txt"), "b\n");
        repo.relwatch(&["doctor"]).ok();
    }
}

#[test]
fn the_higher_version_is_kept_whichever_side_has_it() {
    let sandbox = Sandbox::new();
    let repo = ahead(&sandbox, "r", CARGO);
    repo.commit("feat: pages (#3)");
    repo.relwatch(&["branch", "release", "1.2.0"]).ok();
    // Main gets a fix of its own meanwhile.
    repo.relwatch(&["branch", "hotfix", "v1.1.0"]).ok();
    repo.commit("fix: no flicker (#4)");
    repo.relwatch(&["release", "--yes"]).ok();
    says(
        &repo.relwatch(&["release", "--finish"]).ok(),
        &[
            "merged: v1.1.1 into main",
            "merged: v1.1.1 into release/v1.2.0",
        ],
    );
    main_says(&repo, CARGO, "1.1.1");
    repo.git(&["switch", "-q", "release/v1.2.0"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    says(
        &repo.relwatch(&["release", "--finish"]).ok(),
        &["merged: v1.2.0 into main"],
    );
    main_says(&repo, CARGO, "1.2.0");
    assert_eq!(repo.status(), "");
}

#[test]
fn a_line_that_is_supported_for_long_is_merged_by_its_newest_release() {
    let sandbox = Sandbox::new();
    let repo = ahead(&sandbox, "r", PYTHON);
    repo.git(&["switch", "-qc", "1.0.x", "v1.0.0"]).ok();
    for number in [1, 2] {
        repo.commit(&format!("fix: flicker {number} (#1{number})"));
        repo.relwatch(&["release", "--yes", "--lts"]).ok();
        says(
            &repo.relwatch(&["release", "--finish"]).ok(),
            &[&format!("merged: v1.0.{number} into main")],
        );
        main_says(&repo, PYTHON, "1.1.0");
    }
    // Not that of a commit without a release.
    repo.commit("fix: more (#13)");
    says(
        &repo.relwatch(&["release", "--finish"]).code(3),
        &["no release waits on a branch"],
    );
}

#[test]
fn what_people_wrote_is_merged_and_only_that_is_a_conflict() {
    let sandbox = Sandbox::new();
    let repo = ahead(&sandbox, "r", NPM);
    // Beside the line of the version, on either side.
    repo.edit(
        "package.json",
        "\"license\": \"MIT\"",
        "\"license\": \"ISC\"",
    );
    repo.git(&["add", "."]).ok();
    repo.commit("fix: the license (#3)");
    repo.relwatch(&["branch", "hotfix", "v1.0.0"]).ok();
    repo.edit("package.json", "\"name\": \"lamp\"", "\"name\": \"lamps\"");
    repo.edit("a.txt", "a", "fixed");
    repo.git(&["add", "."]).ok();
    repo.commit("fix: the name (#4)");
    repo.relwatch(&["release", "--yes"]).ok();
    let branches = repo.git(&["for-each-ref"]).stdout;
    repo.git(&["switch", "-q", "main"]).ok();
    says(
        &repo.relwatch(&["release", "--finish"]).code(3),
        &[
            "v1.0.1 is not merged into main yet",
            "run `git switch hotfix/v1.0.1`, then `relwatch release --finish`",
        ],
    );
    repo.git(&["switch", "-q", "hotfix/v1.0.1"]).ok();
    repo.relwatch(&["release", "--finish"]).ok();
    let merged = repo.git(&["show", "main:package.json"]).stdout;
    assert_eq!(
        merged,
        "{\n  \"name\": \"lamps\",\n  \"version\": \"1.1.0\",\n  \"license\": \"ISC\"\n}\n"
    );

    // The same file, changed by hand on both sides.
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit_file("a.txt", "ours\n", "fix: ours (#5)");
    repo.relwatch(&["branch", "hotfix", "v1.0.1"]).ok();
    repo.commit_file("a.txt", "theirs\n", "fix: theirs (#6)");
    repo.relwatch(&["release", "--yes"]).ok();
    let before = repo.git(&["for-each-ref"]).stdout;
    assert_ne!(before, branches);
    let refused = repo.relwatch(&["release", "--finish"]).code(3);
    says(
        &refused,
        &["cannot merge v1.0.2 into main: conflicts in a.txt;"],
    );
    assert_eq!(repo.git(&["for-each-ref"]).stdout, before);
}

#[test]
fn components_are_merged_back_with_their_own_versions() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    for name in ["api", "web"] {
        repo.write(
            &format!("{name}/package.json"),
            &format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"0.1.0\"\n}}\n"),
        );
    }
    repo.write(
        "relwatch.yml",
        "components:\n  api: {paths: [api]}\n  web: {paths: [web]}\n",
    );
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: components");
    let both = |number: usize| {
        for name in ["api", "web"] {
            repo.commit_file(
                &format!("{name}/{number}"),
                "",
                &format!("feat({name}): new (#{number})"),
            );
        }
    };
    both(1);
    for name in ["api", "web"] {
        repo.relwatch(&["release", "--yes", "-c", name, "1.0.0"])
            .ok();
    }
    both(2);
    repo.relwatch(&["release", "--yes"]).ok();
    repo.relwatch(&["branch", "hotfix", "-c", "api", "api-v1.0.0"])
        .ok();
    repo.commit_file("api/3", "", "fix(api): old (#3)");
    repo.relwatch(&["release", "--yes", "-c", "api"]).ok();
    says(
        &repo.relwatch(&["release", "--finish"]).ok(),
        &["merged: api-v1.0.1 into main"],
    );
    for name in ["api", "web"] {
        let stored = repo
            .git(&["show", &format!("main:{name}/package.json")])
            .stdout;
        assert!(stored.contains("\"1.1.0\""), "{stored}");
    }
}

#[test]
fn components_with_one_lock_file_are_merged_back() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let manifest = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{more}")
    };
    repo.write("Cargo.toml", "[workspace]\nmembers = [\"core\", \"cli\"]\n");
    repo.write("core/Cargo.toml", &manifest("lamp-core", ""));
    let on_core = "\n[dependencies]\nlamp-core = { path = \"../core\", version = \"0.1.0\" }\n";
    repo.write("cli/Cargo.toml", &manifest("lamp-cli", on_core));
    repo.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"lamp-cli\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"lamp-core\"\nversion = \"0.1.0\"\n");
    repo.write(
        "relwatch.yml",
        "components:\n  core: {paths: [core]}\n  cli: {paths: [cli]}\n",
    );
    commit_all(&repo, "chore: components");
    for tag in ["core-v0.1.0", "cli-v0.1.0"] {
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    let change = |name: &str, number: usize| {
        let file = format!("{name}/{number}");
        repo.commit_file(&file, "", &format!("feat({name}): new (#{number})"));
    };
    change("core", 1);
    repo.relwatch(&["release", "--yes", "-c", "core"]).ok();
    change("core", 2);
    change("cli", 3);
    repo.relwatch(&["release", "--yes"]).ok();
    repo.relwatch(&["branch", "hotfix", "-c", "core", "core-v0.2.0"])
        .ok();
    repo.commit_file("core/4", "", "fix(core): old (#4)");
    repo.relwatch(&["release", "--yes", "-c", "core"]).ok();
    let finished = repo.relwatch(&["release", "--finish"]).ok();
    says(&finished, &["merged: core-v0.2.1 into main"]);
    let lock = repo.git(&["show", "main:Cargo.lock"]).ok().stdout;
    assert!(
        lock.contains("\"lamp-cli\"\nversion = \"0.2.0\"")
            && lock.contains("\"lamp-core\"\nversion = \"0.3.0\""),
        "{lock}"
    );
}

#[test]
fn main_may_be_at_a_candidate_and_may_have_moved_its_files() {
    let sandbox = Sandbox::new();
    let repo = ahead(&sandbox, "candidate", PYTHON);
    repo.commit("feat: pages (#3)");
    repo.relwatch(&["release", "--yes", "--pre", "rc"]).ok();
    let fix = |repo: &Repo<'_>| {
        repo.relwatch(&["branch", "hotfix", "v1.0.0"]).ok();
        repo.commit_file("b.txt", "b\n", "fix: no flicker (#4)");
        repo.relwatch(&["release", "--yes"]).ok();
        let finished = repo.relwatch(&["release", "--finish"]).ok();
        says(&finished, &["merged: v1.0.1 into main"]);
    };
    fix(&repo);
    let main = |path: &str| repo.git(&["show", &format!("main:{path}")]).ok().stdout;
    assert_eq!(main("README.md"), "Lamp 1.1.0.\n");
    assert!(
        main("pyproject.toml").contains("\"1.2.0rc1\""),
        "{}",
        main("pyproject.toml")
    );

    let repo = ahead(&sandbox, "moved", NPM);
    repo.sh("mkdir web && git mv package.json package-lock.json web")
        .ok();
    let config = repo.read("relwatch.yml");
    repo.write(
        "relwatch.yml",
        &format!("{config}version_files: [web/package.json]\n"),
    );
    commit_all(&repo, "refactor: move it");
    repo.commit("feat: pages (#3)");
    release(&repo, "1.2.0");
    fix(&repo);
    let moved = repo.git(&["show", "main:web/package.json"]).ok().stdout;
    assert!(moved.contains("\"1.2.0\""), "{moved}");
}
