//! Unreleased changes in every branching model: the previous release, the changes since, and the next version.

use serde_json::Value;

use crate::support::{self, Ran, Repo, Sandbox, cases};

/// A history, and relwatch's output for its HEAD.
struct Model {
    name: &'static str,
    /// A script; `c` makes a commit, `t` tags HEAD with a version. It ends where the release is to be.
    history: &'static str,
    last: &'static str,
    entries: &'static [&'static str],
    next: &'static str,
}

const MODELS: &[Model] = &[
    Model {
        name: "trunk",
        history: "c 'feat: a'; t 1.0.0; c 'feat: b'; t 1.1.0; c 'fix: c'",
        last: "1.1.0",
        entries: &["C"],
        next: "1.1.1",
    },
    Model {
        name: "release branches that are never merged back",
        history: "c 'feat: x'; t 8.3.0; c 'feat: a'; git switch -qc 9.0.x; c 'fix: on the branch'; t 9.0.0; git switch -q main; c 'feat: b'",
        last: "9.0.0",
        entries: &["B"],
        next: "9.1.0",
    },
    Model {
        name: "a patch on such a branch",
        history: "c 'feat: a'; git switch -qc 9.0.x; c 'chore(release): 9.0.0'; t 9.0.0; c 'fix: p'; t 9.0.1; git switch -q main; c 'feat: b'",
        last: "9.0.1",
        entries: &["B"],
        next: "9.1.0",
    },
    Model {
        name: "on the branch itself, when newer lines are released",
        history: "c 'feat: x'; git branch 1.25.x; c 'feat: a'; t 1.26.0; c 'feat: b'; t 1.27.0; git switch -q 1.25.x; c 'fix: p'; t 1.25.0; c 'feat: backported'",
        last: "1.25.0",
        entries: &["Backported"],
        next: "1.25.1",
    },
    Model {
        name: "maintenance that is merged forward",
        history: "c 'feat: x'; t 1.0.0; git branch 1.0.x; c 'feat: a'; t 1.1.0; git switch -q 1.0.x; c 'fix: leak'; t 1.0.1; git switch -q main; git merge -q --no-edit 1.0.x",
        last: "1.1.0",
        entries: &["Leak"],
        next: "1.1.1",
    },
    Model {
        name: "a hotfix that is merged back",
        history: "c 'feat: x'; t 1.0.0; git switch -qc hotfix/1.0.1; c 'fix: leak'; t 1.0.1; git switch -q main; c 'feat: a'; git merge -q --no-edit hotfix/1.0.1",
        last: "1.0.1",
        entries: &["A"],
        next: "1.1.0",
    },
    Model {
        name: "a hotfix that is not merged back",
        history: "c 'feat: x'; t 1.0.0; git switch -qc hotfix/1.0.1; c 'fix: leak'; t 1.0.1; git switch -q main; c 'feat: a'",
        last: "1.0.1",
        entries: &["A"],
        next: "1.1.0",
    },
    Model {
        name: "a release that is merged as a squash",
        history: "c 'feat: x'; t 1.0.0; c 'feat: a'; git switch -qc release/1.1.0; c 'chore(release): 1.1.0'; t 1.1.0; git switch -q main; git merge -q --squash release/1.1.0; git commit -qm 'chore(release): 1.1.0 (#9)'; c 'fix: c'",
        last: "1.1.0",
        entries: &["C"],
        next: "1.1.1",
    },
    Model {
        name: "git-flow without merging back",
        history: "c 'feat: x'; t 1.0.0; git switch -qc develop; c 'feat: a'; git switch -q main; git merge -q --no-ff -m 'Merge release 1.1.0' develop; t 1.1.0; git switch -q develop; c 'fix: c'",
        last: "1.1.0",
        entries: &["C"],
        next: "1.1.1",
    },
    Model {
        name: "a next major that keeps up with us",
        history: "c 'feat: x'; t 1.0.0; git switch -qc next; c 'feat!: new'; git switch -q main; c 'fix: c'; git switch -q next; git merge -q --no-edit main; t 2.0.0; git switch -q main",
        last: "1.0.0",
        entries: &["C"],
        next: "1.0.1",
    },
    Model {
        name: "pre-releases of the next version",
        history: "c 'feat: x'; t 1.0.0; git switch -qc next; c 'feat!: new'; t 2.0.0-next.0; c 'feat: more'; t 2.0.0-next.1; git switch -q main; c 'fix: c'",
        last: "1.0.0",
        entries: &["C"],
        next: "1.0.1",
    },
    Model {
        name: "a stable branch that was cut late, and says its version",
        history: "v 1.0.0; c 'feat: x'; t 1.0.0; c 'feat: b'; git branch stable; c 'feat: d'; t 2.0.0; git switch -q stable; v 1.1.0; c 'fix: p'",
        last: "1.0.0",
        entries: &["B", "P"],
        next: "1.1.0",
    },
    Model {
        name: "a maintenance branch that was made a commit after its release",
        history: "c 'feat: x'; t 1.2.0; c 'chore: next'; git branch release-1.2; c 'feat: b'; t 1.3.0; c 'feat: c'; t 1.4.0; git switch -q release-1.2; c 'fix: p'",
        last: "1.2.0",
        entries: &["P"],
        next: "1.2.1",
    },
    Model {
        name: "the same, and one new major",
        history: "c 'feat: x'; t 1.2.0; c 'chore: next'; git branch release-1.2; c 'feat!: b'; t 2.0.0; git switch -q release-1.2; c 'fix: p'",
        last: "1.2.0",
        entries: &["P"],
        next: "1.2.1",
    },
    Model {
        name: "a next major that has all of ours, and more",
        history: "c 'feat: x'; t 1.0.0; c 'chore: y'; git switch -qc next; c 'feat!: new'; git switch -q main; c 'feat: a'; git switch -q next; git merge -q --no-edit main; c 'feat: n'; t 2.0.0; git switch -q main",
        last: "1.0.0",
        entries: &["A"],
        next: "1.1.0",
    },
    Model {
        name: "fixes that were picked to the branch and released there",
        history: "c 'feat: x'; t 1.0.0; c 'feat: a'; git branch 1.1.x; c 'fix: p'; P=$(git rev-parse HEAD); c 'fix: q'; Q=$(git rev-parse HEAD); git switch -q 1.1.x; git cherry-pick -x $P >/dev/null; git cherry-pick $Q >/dev/null; t 1.1.0; git switch -q main; c 'feat: b'",
        last: "1.1.0",
        entries: &["B"],
        next: "1.2.0",
    },
    Model {
        name: "a picked fix that is reverted here",
        history: "c 'feat: x'; t 1.0.0; c 'feat: a'; git branch 1.1.x; c 'fix: p'; P=$(git rev-parse HEAD); git switch -q 1.1.x; git cherry-pick -x $P >/dev/null; t 1.1.0; git switch -q main; git revert --no-edit $P >/dev/null",
        last: "1.1.0",
        entries: &["Revert \"fix: p\""],
        next: "1.1.1",
    },
    Model {
        name: "a picked fix that the branch reverted",
        history: "c 'feat: x'; t 1.0.0; c 'feat: a'; git branch 1.1.x; c 'fix: p'; P=$(git rev-parse HEAD); git switch -q 1.1.x; git cherry-pick -x $P >/dev/null; git revert --no-edit HEAD >/dev/null; t 1.1.0; git switch -q main; c 'feat: b'",
        last: "1.1.0",
        entries: &["B", "P"],
        next: "1.2.0",
    },
];

/// Real landscapes of tags that were not read, or read as something else.
const ODD_TAGS: &[(&[&str], &str, &str)] = &[
    (&["REL_15_2", "REL_15_3"], "REL_15_3", "15.3.1"),
    (&["curl-7_80_0", "curl-7_81_0"], "curl-7_81_0", "7.81.1"),
    (&["lamp.1.3.0", "lamp.1.4.0"], "lamp.1.4.0", "1.4.1"),
    (&["go1.20", "go1.21", "go1.22"], "go1.22", "1.22.1"),
    (&["v1.2.0", "v2.0.0-rc1"], "v1.2.0", "2.0.0"),
    (
        &["6.2.0.Final", "7.0.0.Beta1"],
        "6.2.0.Final",
        "7.0.0.Final",
    ),
];

/// `c`, `t` and `v` of the histories: commit, tag, and write the version into a manifest.
const WORDS: &str = r#"set -e
n=0
c() { n=$((n+1)); echo $n > "app/$n-$(git rev-parse --abbrev-ref HEAD | tr / -)"; git add app; git commit -qm "$1"; }
t() { git tag "$PREFIX$1"; }
v() { printf '{"name": "app", "version": "%s"}\n' "$1" | tee package.json > app/package.json; git add app package.json; git commit -qm "chore: version"; }
mkdir -p app
"#;

fn status(repo: &Repo<'_>) -> Value {
    let ran = repo.relwatch(&["status", "--json"]).ok();
    let all: Value = serde_json::from_str(&ran.stdout).unwrap();
    match all["components"].get("app") {
        Some(app) => app.clone(),
        None => all,
    }
}

fn texts(status: &Value) -> Vec<String> {
    let entries = status["entries"].as_array().unwrap().iter();
    let text = |entry: &Value| {
        let text = entry["text"].as_str().unwrap();
        text.rsplit_once(" (")
            .map_or(text, |(text, _)| text)
            .to_owned()
    };
    let mut texts: Vec<String> = entries.map(text).collect();
    texts.sort();
    texts
}

/// Builds the history of a model, with one changelog or with components.
fn built<'s>(sandbox: &'s Sandbox, model: &Model, prefix: &str, yaml: &str) -> Repo<'s> {
    let repo = sandbox.repo("r");
    repo.write("relwatch.yml", yaml);
    repo.write(".gitignore", "");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    let script = format!("PREFIX={prefix}\n{WORDS}\n{}", model.history);
    repo.sh(&script).ok();
    repo.relwatch(&["init"]);
    repo
}

fn try_model(model: &Model, prefix: &str, yaml: &str) {
    let sandbox = Sandbox::new();
    let repo = built(&sandbox, model, prefix, yaml);
    let expect = |place: &str| {
        let status = status(&repo);
        let last = format!("{prefix}{}", model.last);
        assert_eq!(status["last"], last, "{place}: {status:#}");
        assert_eq!(texts(&status), model.entries, "{place}: {status:#}");
        assert_eq!(status["next"]["version"], model.next, "{place}: {status:#}");
    };
    expect("on its branch");
    repo.git(&["stash", "-qu"]).ok();
    repo.git(&["checkout", "-q", "--detach"]).ok();
    expect("detached");
    repo.git(&["checkout", "-q", "-b", "another-name"]).ok();
    expect("on a branch of another name");
}

#[test]
fn the_previous_release_is_found_in_every_branching_model() {
    cases::run(
        MODELS,
        |model| model.name,
        |model| try_model(model, "v", "tag: v{version}\n"),
    );
}

#[test]
fn the_same_with_components() {
    const COMPONENTS: &str = "components:
  app: {paths: [app], tag: 'app/{version}'}
  web: {paths: [web]}
";
    cases::run(
        MODELS,
        |model| model.name,
        |model| try_model(model, "app/", COMPONENTS),
    );
}

#[test]
fn what_a_release_has_under_another_id_is_counted_and_explained() {
    let sandbox = Sandbox::new();
    let model = MODELS
        .iter()
        .find(|model| model.name.starts_with("fixes that"))
        .unwrap();
    let repo = built(&sandbox, model, "v", "");
    let shown = repo.relwatch(&["status"]).ok().stdout;
    assert!(shown.contains("last release: v1.1.0"), "{shown}");
    assert!(shown.contains("cut from this line of history"), "{shown}");
    assert!(shown.contains("2  also in v1.1.0\n"), "{shown}");
    let why = repo.relwatch(&["explain", "v1.1.0"]).ok().stdout;
    assert!(
        why.contains("the release before HEAD: cut from this line"),
        "{why}"
    );
    assert!(why.contains("the release before it is v1.0.0"), "{why}");
}

#[test]
fn a_new_commit_that_is_released_under_another_id_is_not_listed() {
    let sandbox = Sandbox::new();
    let repo = support::project(&sandbox, "r");
    repo.commit("feat: a");
    repo.git(&["switch", "-q", "-c", "0.2.x"]).ok();
    repo.commit_file("fix", "1\n", "fix: leak");
    let fix = repo.head();
    repo.git(&["tag", "v0.2.0"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("feat: b");
    assert!(!repo.section().contains("- A ("), "{}", repo.section());
    // The hook of a pick takes the short way, unless the pick may be released.
    repo.git(&["cherry-pick", &fix]).ok();
    assert!(!repo.section().contains("Leak"), "{}", repo.section());
    repo.commit("fix: another");
    let section = repo.section();
    assert!(
        section.contains("Another") && section.contains("- B ("),
        "{section}"
    );
}

#[test]
fn a_tag_that_comes_moves_or_goes_without_a_hook_is_seen() {
    let sandbox = Sandbox::new();
    let repo = support::project(&sandbox, "r");
    repo.commit("feat: a");
    let a = repo.head();
    repo.commit("feat: b");
    let has = |text: &str| repo.section().contains(text);
    for (command, a_is_there) in [
        (format!("git tag v0.2.0 {a}"), false),
        ("git tag -f v0.2.0 v0.1.0".to_owned(), true),
        (
            format!("git tag -f v0.2.0 {a} && git pack-refs --all"),
            false,
        ),
        ("git tag -d v0.2.0".to_owned(), true),
    ] {
        repo.sh(&command).ok();
        repo.commit("fix: c");
        assert_eq!(has("- A ("), a_is_there, "{command}: {}", repo.section());
    }
}

/// Tags, and the configuration that `init` derives from them.
const INIT: &[(&str, &[&str], &str)] = &[
    ("v{version}", &["v1.0.0", "v1.1.0"], "v1.1.0"),
    ("{version}", &["1.0.0", "1.1.0"], "1.1.0"),
    (
        "release-{version}",
        &["release-1.0.0", "release-1.1.0"],
        "release-1.1.0",
    ),
    ("v/{version}", &["v/1.0.0"], "v/1.0.0"),
    ("two parts", &["v1.0", "v1.1"], "v1.1"),
    ("calendar", &["24.01.0", "24.04.1"], "24.04.1"),
    ("calendar of two parts", &["25.2", "26.0"], "26.0"),
    (
        "newer ones without v",
        &["v0.1.0", "v0.2.0", "v0.3.0", "v0.4.0", "v0.5.0", "1.0.0"],
        "1.0.0",
    ),
    ("newer ones with v", &["0.0.25", "v0.0.26"], "v0.0.26"),
    ("PEP 440", &["8.0.0rc1", "8.0.0"], "8.0.0"),
    ("Maven", &["5.0.0.Final", "5.0.1.Final"], "5.0.1.Final"),
    // The tag v1.2 is not 1.2.0, and says nothing of how versions are written.
    (
        "a minor that moves",
        &["v1.2.0", "v1.2.1", "v1.2"],
        "v1.2.1",
    ),
    ("one package", &["tool-0.1.0", "tool-0.2.0"], "tool-0.2.0"),
];

/// A feature for each tag, tagged a day after the other, then a fix.
fn release_in_turn(repo: &Repo<'_>, tags: &[&str]) {
    for (at, tag) in (1..).zip(tags) {
        repo.commit_file("file", &format!("{at}\n"), "feat: x");
        repo.sh(&format!(
            "GIT_COMMITTER_DATE='2026-01-{at:02} 12:00 +0000' git tag -a -m x {tag}"
        ))
        .ok();
    }
    repo.commit_file("file", "new\n", "fix: leak");
}

#[test]
fn init_reads_the_tags_that_are_there() {
    cases::run(
        INIT,
        |(name, ..)| *name,
        |(_, tags, last)| {
            let sandbox = Sandbox::new();
            let repo = sandbox.repo("r");
            repo.commit_file(
                "Cargo.toml",
                "[package]\nname = \"tool\"\nversion = \"0.0.0\"\n",
                "chore: start",
            );
            release_in_turn(&repo, tags);
            let ran = repo.relwatch(&["init"]).ok();
            assert!(ran.stdout.contains(&format!("since {last}, ")), "{ran:?}");
            let status = status(&repo);
            assert_eq!(
                (&status["last"], texts(&status).first()),
                (&Value::from(*last), Some(&"Leak".to_owned()))
            );
        },
    );
}

#[test]
fn odd_tags_are_read_and_continued() {
    cases::run(
        ODD_TAGS,
        |(tags, ..)| tags.join(" "),
        |(tags, last, next)| {
            let sandbox = Sandbox::new();
            let repo = sandbox.repo("r");
            release_in_turn(&repo, tags);
            support::set_up(&repo);
            let status = status(&repo);
            assert_eq!(status["last"], *last, "{status:#}");
            let found = status["next"]["version"].as_str().unwrap();
            assert!(next.starts_with(found), "{status:#}");
            let tag = repo.relwatch(&["release", "--dry-run"]).ok().stdout;
            let shape = last.replace(|c: char| c.is_ascii_digit(), "");
            let tagged = tag
                .lines()
                .find_map(|line| line.strip_prefix("tag: "))
                .unwrap();
            let tagged = tagged.split(' ').next().unwrap();
            assert!(
                tagged
                    .replace(|c: char| c.is_ascii_digit(), "")
                    .starts_with(shape.split('.').next().unwrap()),
                "{tagged}"
            );
        },
    );
}

#[test]
fn a_root_package_has_its_own_files_and_modules_are_found_by_their_folders() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "package.json",
        "{\"name\": \"top\", \"version\": \"1.0.0\", \"workspaces\": [\"packages/*\"]}\n",
    );
    repo.write("src/x", "1\n");
    repo.write(
        "packages/u.i/package.json",
        "{\"name\": \"u.i\", \"version\": \"1.0.0\"}\n",
    );
    repo.write("a/b/c/go.mod", "module example.org/a/b/c\n");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    for tag in ["top@1.0.0", "u.i@1.0.0", "a/b/c/v1.0.0"] {
        repo.git(&["tag", tag]).ok();
    }
    support::set_up(&repo);
    repo.commit_file("packages/u.i/x", "1\n", "feat!: only there");
    repo.commit_file("a/b/c/x", "1\n", "fix: leak");
    let all: Value =
        serde_json::from_str(&repo.relwatch(&["status", "--json"]).ok().stdout).unwrap();
    let next = |name: &str| all["components"][name]["next"]["version"].clone();
    assert_eq!(next("top"), Value::Null, "{all:#}");
    assert_eq!(
        (next("u.i"), next("c")),
        (Value::from("2.0.0"), Value::from("1.0.1")),
        "{all:#}"
    );
    assert!(repo.exists("packages/u.i/CHANGELOG.md") && repo.exists("a/b/c/CHANGELOG.md"));
}

#[test]
fn picks_of_picks_and_of_merges_are_one_change() {
    let sandbox = Sandbox::new();
    let repo = support::project(&sandbox, "r");
    repo.sh(r#"set -e
git switch -qc pr; echo 1 > p; git add p; git commit -qm 'fix: pr one'; echo 2 > q; git add q; git commit -qm 'fix: pr two'
git switch -q main; git merge -q --no-ff pr -m 'Merge pull request #7 from x/pr'; M=$(git rev-parse HEAD)
echo 3 > a; git add a; git commit -qm 'fix: alpha (#4)'; A=$(git rev-parse HEAD)
git switch -qc mid v0.1.0; git cherry-pick -x $A > /dev/null
git switch -qc 0.1.x v0.1.0; git cherry-pick -x mid > /dev/null
git commit -q --amend -m "$(git log -1 --format=%B | sed '1s/.*/[0.1] fix: alpha/')"
git cherry-pick -x -m 1 $M > /dev/null; git tag v0.1.1; git switch -q main; echo 4 > b; git add b; git commit -qm 'feat: b'"#).ok();
    let status = status(&repo);
    assert_eq!(status["last"], "v0.1.1");
    assert_eq!(texts(&status), ["B"], "{status:#}");
}

#[test]
fn a_merge_puts_the_older_of_two_first_releases_below_the_newer_one() {
    for back in [false, true] {
        let sandbox = Sandbox::new();
        let repo = sandbox.repo("r");
        repo.commit_file("f", "1\n", "chore: start");
        repo.git(&["tag", "v1.0.0"]).ok();
        support::set_up(&repo);
        repo.git(&["switch", "-q", "-c", "hotfix/v1.0.1"]).ok();
        repo.commit("fix: hot (#9)");
        repo.relwatch(&["release", "--yes"]).ok();
        repo.git(&["switch", "-q", "main"]).ok();
        repo.commit("feat: n");
        repo.relwatch(&["release", "1.1.0", "--yes"]).ok();
        let (from, to) = if back {
            ("main", "hotfix/v1.0.1")
        } else {
            ("hotfix/v1.0.1", "main")
        };
        repo.git(&["switch", "-q", to]).ok();
        repo.git(&["merge", "-q", "--no-edit", from]).ok();
        let text = repo.read("CHANGELOG.md");
        let at = |heading: &str| text.find(heading).unwrap();
        assert!(
            at("## [Unreleased]") < at("## [1.1.0]") && at("## [1.1.0]") < at("## [1.0.1]"),
            "{text}"
        );
    }
}

#[test]
fn a_line_that_the_author_of_the_change_wrote_is_the_authors() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file(
        "CHANGELOG.md",
        "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- x\n",
        "chore: start",
    );
    repo.git(&["tag", "v1.0.0"]).ok();
    repo.write("code", "1\n");
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Added\n\n- Support json (#12)\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "Support json (#12)"]).ok();
    support::set_up(&repo);
    repo.relwatch(&["doctor"]).ok();
    repo.relwatch(&["doctor", "--fix", "--yes"]).ok();
    assert!(repo.stored().contains("- Support json (#12)"));
}

#[test]
fn a_version_is_written_as_the_project_writes_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file("file", "0\n", "feat: x");
    repo.git(&["tag", "25.2"]).ok();
    repo.commit_file("file", "1\n", "feat!: new\n\nBREAKING CHANGE: do so.");
    support::set_up(&repo);
    let ran = repo.relwatch(&["release", "--yes"]).ok();
    assert!(
        ran.stdout.contains("released 26.0: commit and tag 26.0"),
        "{ran:?}"
    );
    assert!(
        repo.read("CHANGELOG.md").contains("## [26.0] - "),
        "{}",
        repo.read("CHANGELOG.md")
    );
    let short = repo.relwatch(&["notes", "26.0"]).ok().stdout;
    assert!(short.contains("New"), "{short}");
    assert_eq!(short, repo.relwatch(&["notes", "26.0.0"]).ok().stdout);
    repo.relwatch(&["undo", "--yes"]).ok();
}

#[test]
fn init_makes_components_of_packages_that_have_tags() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let manifest = |name: &str| format!("{{\"name\": \"{name}\", \"version\": \"1.0.0\"}}\n");
    repo.write("packages/cli/package.json", &manifest("@x/cli"));
    repo.write("packages/core/package.json", &manifest("@x/core"));
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    repo.git(&["tag", "@x/cli@1.0.0"]).ok();
    repo.git(&["tag", "@x/core@2.0.0"]).ok();
    repo.commit_file("packages/cli/a", "1\n", "feat: a");
    let ran = repo.relwatch(&["init"]).ok();
    assert!(
        ran.stdout
            .contains("wrote: relwatch.yml (2 components, by their tags)"),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("@x/cli: since @x/cli@1.0.0, 1 change; next version 1.1.0"),
        "{ran:?}"
    );
    let yaml = repo.read("relwatch.yml");
    assert!(yaml.contains("\n  # @x/cli@1.0.0, the newest of 1\n  \"@x/cli\": {paths: [\"packages/cli\"], tag: \"@x/cli@{version}\"}"), "{yaml}");
    assert!(repo.read("packages/cli/CHANGELOG.md").contains("- A ("));
    // A second one changes nothing.
    repo.relwatch(&["init"]).ok();
    assert_eq!(yaml, repo.read("relwatch.yml"));
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: set up"]).ok();
    repo.relwatch(&["release", "-c", "@x/cli", "--yes"]).ok();
    repo.git(&["rev-parse", "--verify", "refs/tags/@x/cli@1.1.0"])
        .ok();
    assert_eq!(repo.status(), "");
}

#[test]
fn a_changelog_that_is_in_use_stays_one_unless_a_person_wants_more() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write("a/Cargo.toml", "[package]\nname = \"a\"\n");
    repo.write("b/Cargo.toml", "[package]\nname = \"b\"\n");
    repo.write(
        "CHANGELOG.md",
        "# Changelog\n\n## [Unreleased]\n\n## 1.0.0\n\n- x\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    for tag in ["a-1.0.0", "b-1.0.0"] {
        repo.git(&["tag", tag]).ok();
    }
    let ran = repo.relwatch(&["init"]).ok();
    assert!(ran.stdout.contains("kept one changelog"), "{ran:?}");
    assert!(
        ran.stdout
            .contains("  \"b\": {paths: [\"b\"], tag: \"b-{version}\"}"),
        "{ran:?}"
    );
    assert!(!repo.exists("a/CHANGELOG.md"));
}

#[test]
fn one_package_among_helpers_keeps_one_changelog() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write("helper/Cargo.toml", "[package]\nname = \"helper\"\n");
    repo.commit_file("Cargo.toml", "[package]\nname = \"tool\"\n", "chore: start");
    for tag in ["v1.0.0", "helper-v0.1.0", "v1.1.0"] {
        repo.git(&["tag", tag]).ok();
    }
    repo.commit_file("a", "1\n", "fix: leak");
    let ran = repo.relwatch(&["init"]).ok();
    assert!(
        ran.stdout
            .contains("found: since v1.1.0, 1 change; next version 1.1.1"),
        "{ran:?}"
    );
    assert!(!repo.read("relwatch.yml").contains("\ncomponents:"));
}

#[test]
fn tags_that_are_not_read_are_named() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file("a", "1\n", "feat: a");
    repo.git(&["tag", "prod/1.0.0"]).ok();
    support::set_up(&repo);
    repo.write("relwatch.yml", "tag: v{version}\n");
    let says = |ran: &Ran| {
        let said = "tags look like versions (prod/1.0.0), and `v{version}` reads none: if they are releases, write `tag: \"prod/{version}\"` into relwatch.yml";
        assert!(
            ran.stderr.contains(said) || ran.stdout.contains(said),
            "{ran:?}"
        );
    };
    says(&repo.relwatch(&["status"]).ok());
    says(&repo.relwatch(&["check"]));
    says(&repo.relwatch(&["doctor"]));
    repo.write("relwatch.yml", "tag: ['v{version}', 'prod/{version}']\n");
    let ran = repo.relwatch(&["status"]).ok();
    assert!(ran.stdout.contains("last release: prod/1.0.0"), "{ran:?}");
    assert!(!ran.stderr.contains("tags look like"), "{ran:?}");
}

/// The form changed without a note about it: the release would be 1.1.0 a second time.
#[test]
fn newer_tags_of_another_form_are_named() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    for tag in ["v1.0.0", "1.1.0", "1.2.0"] {
        repo.commit(&format!("feat: of {tag}"));
        repo.git(&["tag", tag]).ok();
    }
    support::set_up(&repo);
    repo.write("relwatch.yml", "storage: view\n");
    support::commit_all(&repo, "fix: leak");
    let said = "tags look like versions (1.2.0), and `v{version}` does not read them: if they are releases, write `tag: [\"{version}\", \"v{version}\"]` into relwatch.yml, else `tag: \"v{version}\"`";
    support::says(&repo.relwatch(&["status"]).ok(), &[said]);
    support::says(&repo.relwatch(&["doctor"]), &[said]);
    let taken = "the version of v1.1.0 is tagged already, as 1.1.0";
    support::says(&repo.relwatch(&["check"]).code(3), &[said, taken]);
    support::says(&repo.relwatch(&["release", "--yes"]).code(3), &[taken]);
    assert_eq!(repo.git(&["tag"]).ok().stdout, "1.1.0\n1.2.0\nv1.0.0\n");
    // Tags that this history does not have are those of another line.
    repo.git(&["switch", "-qc", "line", "1.1.0~1"]).ok();
    assert!(!repo.relwatch(&["status"]).ok().stderr.contains("look like"));
    repo.git(&["switch", "-q", "main"]).ok();
    // A configured value is used.
    for (tag, last) in [
        ("v{version}", "last release: v1.0.0"),
        ("['{version}', 'v{version}']", "last release: 1.2.0"),
    ] {
        repo.write("relwatch.yml", &format!("tag: {tag}\n"));
        let ran = repo.relwatch(&["status"]).ok();
        support::says(&ran, &[last]);
        assert!(!ran.stderr.contains("look like"), "{ran:?}");
    }
}

#[test]
fn changes_begin_where_the_configuration_says() {
    let sandbox = Sandbox::new();
    let repo = support::project(&sandbox, "r");
    repo.commit("feat: old");
    repo.git(&["tag", "before"]).ok();
    repo.commit("feat: new");
    support::configure(&repo, "since: before\n");
    let status = status(&repo);
    assert_eq!(texts(&status), ["New"]);
    support::configure(&repo, "since: gone\n");
    let ran = repo.relwatch(&["status"]).ok();
    assert!(
        ran.stderr
            .contains("relwatch.yml: since: there is no gone here")
            || ran.stdout.contains("there is no gone here"),
        "{ran:?}"
    );
}

#[test]
fn hundreds_of_changes_since_an_old_release_are_hardly_one() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.sh("for i in $(seq 1 230); do GIT_COMMITTER_DATE=\"2026-01-01 12:00 +0000\" git commit -q --allow-empty -m \"fix: c$i\"; done
GIT_COMMITTER_DATE='2020-01-01 12:00 +0000' git tag -a -m x v1.0.0 HEAD~225
GIT_COMMITTER_DATE='2026-01-01 12:00 +0000' git tag -a -m x import-3/2.0.0 HEAD~5").ok();
    let ran = repo.relwatch(&["init"]).ok();
    assert!(ran.stdout.contains("225 commits since v1.0.0 are hardly one release: changes are listed since import-3/2.0.0"), "{ran:?}");
    assert!(
        repo.read("relwatch.yml")
            .contains("\nsince: \"import-3/2.0.0\"\n")
    );
    assert_eq!(texts(&status(&repo)).len(), 5);
}

#[test]
fn only_categories_that_the_file_has_used_are_set_up() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "CHANGELOG.md",
        "# Changelog\n\n## 1.0.0\n\n### Features\n\n- x\n\n### Bug Fixes\n\n- y\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    repo.git(&["tag", "v1.0.0"]).ok();
    for message in ["feat: a", "fix: b", "docs: c", "Drop d"] {
        repo.commit_file("f", message, message);
    }
    support::set_up(&repo);
    let text = repo.read("CHANGELOG.md");
    assert!(
        text.contains("### Features\n\n- A (") && text.contains("### Bug Fixes\n\n- B ("),
        "{text}"
    );
    for other in ["Breaking", "Documentation", "Internal"] {
        assert!(!text.contains(other), "{other}: {text}");
    }
}

/// A final release: version, tag, its time, the object that the tag is, and the commit.
type Tagged = ([u64; 3], String, i64, String, String);

/// Real releases: at the parent of each, checks which release relwatch takes for the previous one.
///
/// `RELEASES=REPOSITORY TEMPLATE='v{version}' MOST=20 cargo test --test cli lines:: -- --ignored --nocapture`
#[test]
#[ignore = "needs a repository of somebody else's"]
fn releases_of_a_real_history_follow_the_right_one() {
    let source = std::env::var("RELEASES").unwrap();
    let template = std::env::var("TEMPLATE").unwrap_or("v{version}".to_owned());
    let most = std::env::var("MOST").map_or(20, |most| most.parse().unwrap());
    let (before, after) = template.split_once("{version}").unwrap();
    let sandbox = Sandbox::new();
    let real = sandbox.repo("real");
    real.sh(&format!(
        "cd .. && rm -rf real && git clone -q --bare --shared '{source}' real"
    ))
    .ok();
    let number = |tag: &str| -> Option<[u64; 3]> {
        let text = tag.strip_prefix(before)?.strip_suffix(after)?;
        let parts: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
        match parts?.as_slice() {
            [a, b] => Some([*a, *b, 0]),
            [a, b, c] => Some([*a, *b, *c]),
            _ => None,
        }
    };
    let format = "--format=%(refname:strip=2) %(creatordate:unix) %(objectname) %(*objectname)";
    let listed = real.git(&["for-each-ref", "refs/tags", format]).ok().stdout;
    let tags: Vec<[&str; 4]> = listed
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let commit = if words[3].is_empty() {
                words[2]
            } else {
                words[3]
            };
            (!words[1].is_empty()).then_some([words[0], words[1], words[2], commit])
        })
        .collect();
    let finals = tags.iter().filter_map(|[tag, time, object, commit]| {
        let own = [tag, object, commit].map(|word| (*word).to_owned());
        let [tag, object, commit] = own;
        Some((number(&tag)?, tag, time.parse().ok()?, object, commit))
    });
    let mut finals: Vec<Tagged> = finals.collect();
    finals.sort_by_key(|one| (one.2, one.0));
    let (mut right, mut all) = (0, 0);
    for (version, tag, time, _, commit) in finals.iter().rev().take(most) {
        let earlier = |one: &&Tagged| one.2 < *time && one.0 < *version;
        let Some(previous) = finals.iter().filter(earlier).max_by_key(|one| one.0) else {
            continue;
        };
        let repo = sandbox.repo("r");
        repo.sh("cd .. && rm -rf r && git clone -q --bare --shared real r.git && git init -q r && mkdir -p r/.git/objects/info && echo \"$PWD/real/objects\" >> r/.git/objects/info/alternates; rm -rf r.git").ok();
        let mut script = format!(
            "set -e\ngit update-ref refs/heads/main $(git rev-parse -q --verify {commit}^ || echo {commit})\n"
        );
        for [name, at, object, of] in &tags {
            if at.parse::<i64>().unwrap() < *time && of != commit {
                script.push_str(&format!("git update-ref 'refs/tags/{name}' {object}\n"));
            }
        }
        script.push_str("git symbolic-ref HEAD refs/heads/main; git reset -q --hard\n");
        repo.sh(&script).ok();
        repo.relwatch(&["init"]);
        let found = repo.relwatch(&["status", "--json"]).stdout;
        let found: Value = serde_json::from_str(&found).unwrap();
        let parts = found["components"].as_object().into_iter().flatten();
        let mut lasts = parts.map(|(_, part)| &part["last"]).chain([&found["last"]]);
        let is_right = lasts.any(|last| *last == previous.1.as_str());
        println!(
            "{} {tag}: {}, {}",
            if is_right { "." } else { "X" },
            previous.1,
            found["last"]
        );
        (right, all) = (right + usize::from(is_right), all + 1);
    }
    println!("{right} of {all}");
    assert!(all > 0 && right * 10 >= all * 9, "{right} of {all}");
}
