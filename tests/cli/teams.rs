//! Teams: what every clone gets from the repository, what each clone needs, and the messages about it.

use crate::support::{Ran, Repo, Sandbox, cases, project, says};

/// A repository that is set up, and a clone of it in which `init` did not run.
fn cloned<'s>(sandbox: &'s Sandbox) -> (Repo<'s>, Repo<'s>) {
    let repo = project(sandbox, "r");
    repo.git(&["clone", "-q", ".", "../clone"]).ok();
    (repo, sandbox.at("clone"))
}

/// Everything that `init` could change.
fn state(repo: &Repo<'_>) -> String {
    let script = "git status --porcelain --ignored; find .git ! -name index -type f | sort | xargs cksum; cksum CHANGELOG.md .gitattributes relwatch.yml 2>/dev/null";
    repo.sh(script).stdout
}

/// `init --check`, which changes nothing.
fn checked(repo: &Repo<'_>) -> Ran {
    repo.git(&["status"]).ok(); // git itself refreshes its index
    let before = state(repo);
    let ran = repo.relwatch(&["init", "--check"]);
    assert_eq!(state(repo), before);
    ran
}

#[test]
fn init_says_what_colleagues_have_to_do_and_check_whether_they_did() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit_file("file", "1\n", "chore: start");
    let none = checked(&repo).code(1);
    assert_eq!(
        none.stdout,
        "missing  configuration: there is no relwatch.yml here; run `relwatch init` and commit what it writes
missing  attributes: .gitattributes lacks `/CHANGELOG.md filter=relwatch merge=relwatch`, `/.relwatch/releases.yml merge=union` here; run `relwatch init` and commit what it writes
missing  local attributes: info/attributes lacks `/CHANGELOG.md merge=relwatch`
missing  changelog: there is no CHANGELOG.md
missing  filter: git does not know the filter: generated lines would get into commits
missing  merge driver: git does not know the merge driver
missing  hooks: git runs 0 of 5; `relwatch hooks status` says which
"
    );
    let words = "relwatch: this clone is not set up; run `relwatch init`\n";
    assert_eq!(none.stderr, words);
    let next = "next: each teammate runs `relwatch init` once, in their own clone\n";
    let init = repo.relwatch(&["init"]).ok();
    assert!(init.stdout.contains(next), "{init:?}");
    assert_eq!(checked(&repo).ok().stdout, "this clone is set up\n");
    repo.sh("git add . && git commit -q -m 'chore: relwatch' && git clone -q . ../clone")
        .ok();
    // A colleague has the files, and nothing else.
    let clone = sandbox.at("clone");
    let missing = checked(&clone).code(1);
    let ids = missing
        .stdout
        .lines()
        .map(|line| line.split(':').next().unwrap());
    let ids: Vec<&str> = ids.collect();
    let expected = ["local attributes", "filter", "merge driver", "hooks"];
    assert_eq!(ids, expected.map(|id| format!("missing  {id}")));
    let init = clone.relwatch(&["init"]).ok();
    assert!(!init.stdout.contains("everybody else"), "{init:?}");
    checked(&clone).ok();
    assert_eq!(clone.status(), "");
    // Without hooks, by choice, is set up as well.
    clone.relwatch(&["hooks", "uninstall"]).ok();
    checked(&clone).code(1);
    clone.relwatch(&["init", "--no-hooks"]).ok();
    checked(&clone).ok();
    let odd = clone.relwatch(&["init", "--check", "--yes"]).code(2);
    says(&odd, &["cannot be used with"]);
}

#[test]
fn check_finds_each_thing_that_init_brings_back() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    cases::in_turn(
        [
            (
                "git rm -q -f relwatch.yml",
                "configuration: there is no relwatch.yml",
            ),
            ("rm .gitattributes", "attributes: .gitattributes lacks"),
            (
                "rm .git/info/attributes",
                "local attributes: info/attributes lacks",
            ),
            ("rm .git/hooks/post-merge", "hooks: git runs 4 of 5"),
            (
                "git config --remove-section filter.relwatch",
                "filter: git does not know",
            ),
            (
                "git config --remove-section merge.relwatch",
                "merge driver: git does not know",
            ),
            (
                "git rm -q -f CHANGELOG.md",
                "changelog: there is no CHANGELOG.md",
            ),
        ],
        |&(script, _)| script,
        |&(script, words)| {
            repo.sh(script).ok();
            says(&checked(&repo).code(1), &[&format!("missing  {words}")]);
            repo.relwatch(&["init"]).ok();
            checked(&repo).ok();
        },
    );
}

#[test]
fn a_job_sees_whether_the_repository_is_set_up() {
    let sandbox = Sandbox::new();
    let (repo, clone) = cloned(&sandbox);
    let well = clone.relwatch(&["doctor", "--ci"]).ok();
    assert_eq!(
        well.stdout,
        "ok       configuration\nok       attributes\nok       settings\nok       committed changelog\nok       release manifest\nok       stored lines\n"
    );
    assert_eq!(well.stderr, "");
    // `doctor` alone, and `--ci` where `init` ran, look at the clone.
    clone.relwatch(&["doctor"]).code(1);
    let begun = repo.relwatch(&["doctor", "--ci"]).ok();
    says(&begun, &["ok       configuration", "ok       hooks"]);
    repo.sh("rm .git/hooks/post-merge").ok();
    let begun = repo.relwatch(&["doctor", "--ci"]).code(1);
    says(&begun, &["problem  hooks: git runs 4 of 5"]);
    let json = clone.relwatch(&["doctor", "--ci", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["findings"][1]["id"], "attributes");
    let odd = clone.relwatch(&["doctor", "--ci", "--fix"]).code(2);
    says(&odd, &["cannot be used with"]);
}

#[test]
fn a_job_fails_by_what_is_committed() {
    let sandbox = Sandbox::new();
    cases::run(
        [
            (
                "git rm -q relwatch.yml",
                "configuration: there is no relwatch.yml in the newest commit; run `relwatch init` and commit what it writes",
            ),
            (
                "git rm -q .gitattributes",
                "attributes: .gitattributes lacks `/CHANGELOG.md filter=relwatch merge=relwatch`",
            ),
            (
                "sed -i.old '/releases.yml/d' .gitattributes && rm .gitattributes.old && git add .",
                "attributes: .gitattributes lacks `/.relwatch/releases.yml merge=union` in the newest commit",
            ),
            (
                "git rm -q -f CHANGELOG.md",
                "committed changelog: there is no CHANGELOG.md",
            ),
            (
                "mkdir -p .relwatch && echo '- {tag: 3' > .relwatch/releases.yml && git add -f .relwatch",
                "release manifest: .relwatch/releases.yml: ",
            ),
            (
                "blob=$(git hash-object -w --no-filters CHANGELOG.md) && git update-index --cacheinfo 100644,$blob,CHANGELOG.md",
                "stored lines: the commit has 1 generated line in CHANGELOG.md",
            ),
        ],
        |&(script, _)| script,
        |&(script, words)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: one (#1)");
            repo.sh(&format!("touch -d '1 hour ago' CHANGELOG.md; {script}"))
                .ok();
            repo.sh("git commit -q --no-verify -m 'docs: note' && git clone -q . ../clone")
                .ok();
            let ran = sandbox.at("clone").relwatch(&["doctor", "--ci"]).code(1);
            says(&ran, &[&format!("problem  {words}"), "1 problem is left"]);
        },
    );
    // A configuration that cannot be read is one as everywhere.
    let repo = sandbox.repo("wrong");
    repo.commit_file("relwatch.yml", "changelgo: a\n", "chore: start");
    let ran = repo.relwatch(&["doctor", "--ci"]).code(2);
    says(&ran, &["relwatch.yml:1", "did you mean `changelog`?"]);
}

#[test]
fn a_configuration_in_a_manifest_is_one() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"lamp\"\nversion = \"0.1.0\"\n\n[package.metadata.relwatch]\nstorage = \"view\"\n",
    );
    repo.git(&["add", "."]).ok();
    repo.commit("chore: start");
    repo.relwatch(&["init"]).ok();
    assert!(!repo.exists("relwatch.yml"));
    repo.git(&["add", "."]).ok();
    repo.commit("chore: keep the changelog with relwatch");
    repo.relwatch(&["init", "--check"]).ok();
    repo.relwatch(&["doctor", "--ci"]).ok();
}
