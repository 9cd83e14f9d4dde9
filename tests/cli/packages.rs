//! Fragments of several packages (F3), and the entries of a project that uses fragments.

use crate::support::{Repo, Sandbox, commit_all, project};

/// Two npm packages, each released as 1.0.0, with changesets.
fn packages<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.repo("r");
    for name in ["a", "b"] {
        repo.write(
            &format!("packages/{name}/package.json"),
            &format!("{{\"name\": \"@ex/{name}\", \"version\": \"1.0.0\"}}\n"),
        );
    }
    repo.write(".changeset/config.json", "{}\n");
    commit_all(&repo, "chore: start");
    for name in ["@ex/a", "@ex/b"] {
        repo.git(&["tag", "-a", &format!("{name}@1.0.0"), "-m", "x"])
            .ok();
    }
    let init = repo.relwatch(&["init"]).ok().stdout;
    assert!(
        init.contains("specs of changesets, as .changeset/config.json shows"),
        "{init}"
    );
    commit_all(&repo, "chore: relwatch");
    repo
}

fn changeset(repo: &Repo<'_>, name: &str, front: &str, text: &str) {
    repo.write(
        &format!(".changeset/{name}.md"),
        &format!("---\n{front}---\n\n{text}\n"),
    );
}

fn version(repo: &Repo<'_>, name: &str) -> String {
    let text = repo.read(&format!("packages/{name}/package.json"));
    let at = text.find("version").unwrap();
    text[at..].split('"').nth(2).unwrap().to_owned()
}

/// The front matter says which package gets which level, whatever the commit touches.
#[test]
fn packages_have_the_levels_that_a_changeset_gives_them() {
    let sandbox = Sandbox::new();
    let repo = packages(&sandbox);
    changeset(
        &repo,
        "brave-cats",
        "\"@ex/b\": major\n",
        "Remove the old API.\n\n**Migration:** use the new one.",
    );
    changeset(
        &repo,
        "two-dogs",
        "\"@ex/a\": patch\n\"@ex/b\": minor\n",
        "Dogs for both",
    );
    repo.write("packages/a/x", "1\n");
    commit_all(&repo, "feat: cats and dogs (#7)");
    let section = |name: &str| repo.read(&format!("packages/{name}/CHANGELOG.md"));
    assert!(
        !section("a").contains("Remove the old API"),
        "{}",
        section("a")
    );
    assert!(
        section("a").contains("### Fixed\n\n- Dogs for both (#7"),
        "{}",
        section("a")
    );
    assert!(
        section("b").contains("**Breaking:** Remove the old API"),
        "{}",
        section("b")
    );
    assert!(
        section("b").contains("### Added\n\n- Dogs for both (#7"),
        "{}",
        section("b")
    );
    repo.relwatch(&["release", "-c", "@ex/a", "--yes"]).ok();
    assert_eq!(
        (version(&repo, "a"), version(&repo, "b")),
        ("1.0.1".to_owned(), "1.0.0".to_owned())
    );
    assert!(
        repo.exists(".changeset/two-dogs.md"),
        "b has yet to release it"
    );
    assert!(
        !section("a").contains("Dogs for both (#7)\n\n## [Unr"),
        "{}",
        section("a")
    );
    repo.commit_file("packages/a/y", "1\n", "chore: later");
    assert!(
        !section("a")
            .split("## [1.0.1]")
            .next()
            .unwrap()
            .contains("Dogs"),
        "{}",
        section("a")
    );
    repo.relwatch(&["release", "-c", "@ex/b", "--yes"]).ok();
    assert_eq!(version(&repo, "b"), "2.0.0");
    assert!(!repo.exists(".changeset/two-dogs.md") && !repo.exists(".changeset/brave-cats.md"));
    assert_eq!(repo.status(), "");
}

#[test]
fn a_change_without_a_fragment_is_no_news() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: changesets\n");
    commit_all(&repo, "chore: set up");
    // Nothing was read yet that shows that this is a project of fragments.
    repo.commit("feat: first (#1)");
    assert_eq!(repo.section(), "### Added\n\n- First (#1)");
    changeset(&repo, "brave-cats", "x: minor\n", "Cats are brave");
    commit_all(&repo, "feat: cats (#2)");
    repo.commit("fix: dogs (#3)");
    repo.commit("fix!: birds (#4)\n\nBREAKING CHANGE: feed them");
    repo.commit("perf: fish\n\nChangelog: changed");
    let section = "### Added\n\n- Cats are brave (#2)\n\n### Changed\n\n- Fish (HEAD)\n\n### Fixed\n\n- **Breaking:** Birds (#4)\n\n  feed them";
    let shown = repo.section();
    let head = &repo.head()[..7];
    assert_eq!(shown, section.replace("HEAD", head));
    let status = repo.relwatch(&["status", "--all"]).ok().stdout;
    assert!(status.contains("has no fragment"), "{status}");
    let explained = repo.relwatch(&["explain", "#3"]).ok().stdout;
    assert!(
        explained.contains("excluded: has no fragment"),
        "{explained}"
    );
    repo.relwatch(&["release", "--yes"]).ok();
    // After a release there is no fragment; the previous release shows that the project uses fragments.
    repo.commit("fix: mice (#5)");
    assert_eq!(repo.section(), "");
    repo.write("relwatch.yml", "specs: changesets\ncommits: list\n");
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Fixed\n\n- Mice (#5)");
    repo.write("relwatch.yml", "commits: skip\n");
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "");
}

/// A workspace of npm packages, each released as 1.0.0; the second word of each is additional text for its package.json.
fn workspace<'s>(sandbox: &'s Sandbox, packages: &[(&str, &str)]) -> Repo<'s> {
    let repo = sandbox.repo("w");
    repo.write(
        "package.json",
        "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"packages/*\"]}\n",
    );
    repo.write(".changeset/config.json", "{\"baseBranch\": \"main\"}\n");
    for (name, more) in packages {
        repo.write(
            &format!("packages/{name}/package.json"),
            &format!("{{\"name\": \"@ex/{name}\", \"version\": \"1.0.0\"{more}}}\n"),
        );
    }
    commit_all(&repo, "chore: start");
    for (name, _) in packages {
        let tag = format!("@ex/{name}@1.0.0");
        repo.git(&["tag", "-a", &tag, "-m", "x"]).ok();
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    repo
}

fn versions(repo: &Repo<'_>, names: &[&str]) -> String {
    let all = names
        .iter()
        .map(|name| format!("{name} {}", version(repo, name)));
    all.collect::<Vec<_>>().join(", ")
}

const CHAIN: [(&str, &str); 4] = [
    ("core", ""),
    ("mid", ", \"dependencies\": {\"@ex/core\": \"^1.0.0\"}"),
    (
        "plugin",
        ", \"peerDependencies\": {\"@ex/core\": \">=1.0.0\"}",
    ),
    (
        "top",
        ", \"optionalDependencies\": {\"@ex/mid\": \"workspace:*\"}, \"devDependencies\": {\"@ex/core\": \"^1.0.0\"}",
    ),
];
const NAMES: [&str; 4] = ["core", "mid", "plugin", "top"];

/// A package whose dependency leaves its range is released as well, and so on.
#[test]
fn dependants_follow_a_version_that_leaves_their_range() {
    let sandbox = Sandbox::new();
    let repo = workspace(&sandbox, &CHAIN);
    changeset(&repo, "one", "\"@ex/core\": major\n", "Drop the old API");
    commit_all(&repo, "feat: core (#1)");
    let status = repo.relwatch(&["status"]).ok().stdout;
    for line in [
        "next version: 2.0.0 (major; breaking",
        "next version: 1.0.1 (patch; keeps up with @ex/core)",
        "next version: 2.0.0 (major; keeps up with @ex/core)",
        "next version: 1.0.1 (patch; keeps up with @ex/mid)",
    ] {
        assert!(status.contains(line), "{line}: {status}");
    }
    let check = repo.relwatch(&["check"]).ok().stdout;
    assert!(check.contains("@ex/top keeps up with @ex/mid"), "{check}");
    repo.relwatch(&["release", "-c", "@ex/core", "--yes"]).ok();
    let all = "core 2.0.0, mid 1.0.1, plugin 2.0.0, top 1.0.1";
    assert_eq!(versions(&repo, &NAMES), all);
    let mid = repo.read("packages/mid/package.json");
    assert!(mid.contains("\"@ex/core\": \"^2.0.0\""), "{mid}");
    let top = repo.read("packages/top/CHANGELOG.md");
    assert!(
        top.contains("No changes of its own; it keeps up with @ex/mid."),
        "{top}"
    );
    assert_eq!(repo.status(), "");
    // A version within the required range raises only packages that require it as a peer or exactly.
    changeset(
        &repo,
        "two",
        "\"@ex/core\": patch\n\"@ex/mid\": patch\n",
        "Fix it",
    );
    commit_all(&repo, "fix: core (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
    let all = "core 2.0.1, mid 1.0.2, plugin 2.0.0, top 1.0.2";
    assert_eq!(versions(&repo, &NAMES), all);
}

/// Its own changes raise a dependant at least as much as they would without.
#[test]
fn a_dependant_with_changes_of_its_own_keeps_their_level() {
    let sandbox = Sandbox::new();
    let repo = workspace(&sandbox, &CHAIN);
    changeset(&repo, "one", "\"@ex/core\": major\n", "Drop the old API");
    changeset(&repo, "two", "\"@ex/mid\": minor\n", "More of mid");
    commit_all(&repo, "feat: both (#1)");
    repo.relwatch(&["release", "-c", "@ex/core", "--yes"]).ok();
    let all = "core 2.0.0, mid 1.1.0, plugin 2.0.0, top 1.0.1";
    assert_eq!(versions(&repo, &NAMES), all);
    assert!(!repo.exists(".changeset/two.md"), "mid has released it");
    let mid = repo.read("packages/mid/CHANGELOG.md");
    assert!(mid.contains("- More of mid (#1, two)"), "{mid}");
}

/// A pre-release is in no range that names none of its version.
#[test]
fn dependants_follow_a_pre_release() {
    let sandbox = Sandbox::new();
    let repo = workspace(&sandbox, &CHAIN);
    changeset(&repo, "one", "\"@ex/core\": minor\n", "More");
    commit_all(&repo, "feat: core (#1)");
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    let all = "core 1.1.0-rc.1, mid 1.0.1-rc.1, plugin 2.0.0-rc.1, top 1.0.1-rc.1";
    assert_eq!(versions(&repo, &NAMES), all);
    // The final version ends all of them.
    repo.relwatch(&["release", "--yes"]).ok();
    let all = "core 1.1.0, mid 1.0.1, plugin 2.0.0, top 1.0.1";
    assert_eq!(versions(&repo, &NAMES), all);
}

/// Four packages that require nothing of each other.
const APART: [(&str, &str); 4] = [("core", ""), ("mid", ""), ("plugin", ""), ("top", "")];

fn configure(repo: &Repo<'_>, rules: &str) {
    repo.write(".changeset/config.json", &format!("{{{rules}}}\n"));
}

/// `fixed` packages are released together, `linked` ones share a version when they are.
#[test]
fn groups_of_changesets_have_one_version() {
    let sandbox = Sandbox::new();
    let repo = workspace(&sandbox, &APART);
    configure(
        &repo,
        "\"fixed\": [[\"@ex/core\", \"@ex/mid\"]], \"linked\": [[\"@ex/p*\", \"@ex/t*\"]]",
    );
    changeset(
        &repo,
        "one",
        "\"@ex/core\": minor\n\"@ex/top\": patch\n",
        "More",
    );
    commit_all(&repo, "feat: more (#1)");
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(
        status.contains("next version: 1.1.0 (minor; keeps up with @ex/core)"),
        "{status}"
    );
    repo.relwatch(&["release", "-c", "@ex/core", "--yes"]).ok();
    let all = "core 1.1.0, mid 1.1.0, plugin 1.0.0, top 1.0.0";
    assert_eq!(versions(&repo, &NAMES), all);
    repo.relwatch(&["release", "--yes"]).ok();
    let front = "\"@ex/plugin\": minor\n\"@ex/top\": patch\n";
    changeset(&repo, "two", front, "Both");
    commit_all(&repo, "fix: both (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
    let all = "core 1.1.0, mid 1.1.0, plugin 1.1.0, top 1.1.0";
    assert_eq!(versions(&repo, &NAMES), all);
}

/// Packages named by `ignore` are not released, neither for their own changes nor for those of others.
#[test]
fn ignored_packages_are_not_released() {
    let sandbox = Sandbox::new();
    let repo = workspace(&sandbox, &CHAIN);
    configure(&repo, "\"ignore\": [\"@ex/mid\", \"@ex/plu*\"]");
    changeset(&repo, "one", "\"@ex/core\": major\n", "Drop it");
    changeset(&repo, "two", "\"@ex/mid\": minor\n", "More");
    commit_all(&repo, "feat: more (#1)");
    let ignored = "@ex/mid is not released: `ignore` of .changeset/config.json names its package";
    let status = repo.relwatch(&["status"]).ok();
    assert!(status.stderr.contains(ignored), "{status:?}");
    let refused = repo.relwatch(&["release", "-c", "@ex/mid", "--yes"]);
    assert!(refused.stderr.contains(ignored), "{refused:?}");
    repo.relwatch(&["release", "--yes"]).ok();
    let all = "core 2.0.0, mid 1.0.0, plugin 1.0.0, top 1.0.0";
    assert_eq!(versions(&repo, &NAMES), all);
    assert!(
        repo.exists(".changeset/two.md"),
        "mid has yet to release it"
    );
}

/// Settings that changesets cannot read are reported, but only if they matter.
#[test]
fn a_broken_configuration_of_changesets_is_named() {
    let sandbox = Sandbox::new();
    let repo = workspace(&sandbox, &APART);
    repo.write(".changeset/config.json", "{} // mine\n");
    let refused = repo.relwatch(&["status"]);
    let why = ".changeset/config.json: trailing characters at line 1 column 4";
    assert!(refused.stderr.contains(why), "{refused:?}");
    repo.write("relwatch.yml", "specs: changesets\n");
    repo.relwatch(&["status"]).ok();
}

/// Settings of another tool that cannot be read turn its specs off, and nothing else.
#[test]
fn init_goes_on_where_the_settings_of_a_tool_cannot_be_read() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(".changeset/config.json", "75\n");
    repo.write(
        "packages/a/package.json",
        "{\"name\": \"a\", \"version\": \"1.0.0\"}\n",
    );
    repo.write(
        "packages/b/package.json",
        "{\"name\": \"b\", \"version\": \"1.0.0\"}\n",
    );
    commit_all(&repo, "feat: start");
    let init = repo.relwatch(&["init"]).ok();
    let said = [init.stdout, init.stderr].concat();
    assert!(
        said.contains(
            "the settings of changesets cannot be read (.changeset/config.json: invalid type"
        ),
        "{said}"
    );
    assert!(!repo.read("relwatch.yml").contains("\nspecs:"));
}

/// knope calls its packages as it likes.
#[test]
fn packages_of_knope_are_those_of_its_settings() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    for name in ["a", "b"] {
        let manifest = format!("[package]\nname = \"crate-{name}\"\nversion = \"1.0.0\"\n");
        repo.write(&format!("{name}/Cargo.toml"), &manifest);
    }
    repo.write("knope.toml", "[packages.first]\nversioned_files = [\"a/Cargo.toml\"]\n[packages.second]\nversioned_files = [\"b/Cargo.toml\"]\n");
    repo.write(
        "relwatch.yml",
        "specs: knope\ncomponents:\n  a: {paths: [a]}\n  b: {paths: [b]}\n",
    );
    commit_all(&repo, "chore: start");
    for tag in ["a-v1.0.0", "b-v1.0.0"] {
        repo.git(&["tag", "-a", tag, "-m", "x"]).ok();
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    changeset(&repo, "locks", "second: minor\n", "# Locks have a timeout");
    repo.write("a/x", "1\n");
    commit_all(&repo, "feat: locks");
    let section = |name: &str| repo.read(&format!("{name}/CHANGELOG.md"));
    assert!(
        section("b").contains("- Locks have a timeout"),
        "{}",
        section("b")
    );
    assert!(!section("a").contains("ocks"), "{}", section("a"));
}
