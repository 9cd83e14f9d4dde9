//! The kind of a release: by its branch, by what was merged, by an option or set later; in the release manifest, in tags and in metrics.

use serde_json::Value;

use crate::support::{
    Ran, Repo, Sandbox, commit_all, configure, project, says, set_up, with_remote,
};

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The kind of a release in the list.
fn listed(repo: &Repo<'_>, tag: &str) -> String {
    let all = json(&repo.relwatch(&["releases", "--json"]).ok());
    let mut all = all["releases"].as_array().unwrap().iter();
    let one = all.find(|one| one["tag"] == tag).unwrap();
    one["kind"].as_str().unwrap().to_owned()
}

/// Of the releases how many have failed, and how many of those are concluded.
fn failures(repo: &Repo<'_>) -> (u64, u64) {
    let all = json(&repo.relwatch(&["metrics", "--json"]).ok());
    let failures = &all["metrics"][0]["change_failures"];
    let number = |key: &str| failures[key].as_u64().unwrap();
    (number("failed"), number("concluded"))
}

/// Metrics are the same without the list.
fn agrees_without_the_list(repo: &Repo<'_>, expected: (u64, u64)) {
    assert_eq!(failures(repo), expected);
    let config = repo.read("relwatch.yml");
    repo.write("relwatch.yml", "manifest: ''\n");
    assert_eq!(failures(repo), expected);
    repo.write("relwatch.yml", &config);
    let before = repo.read(".relwatch/releases.yml");
    repo.sh("rm .relwatch/releases.yml").ok();
    repo.relwatch(&["releases", "--rebuild"]).ok();
    repo.git(&["commit", "-q", "-am", "chore: list"]).ok();
    assert_eq!(failures(repo), expected);
    repo.git(&["reset", "-q", "--hard", "HEAD~"]).ok();
    assert_eq!(repo.read(".relwatch/releases.yml"), before);
}

/// `v1.1.0`, then a fix on a branch that is merged into main.
fn merged<'s>(sandbox: &'s Sandbox, branch: &str, merge: &[&str]) -> Repo<'s> {
    let repo = project(sandbox, "r");
    configure(&repo, "branches: [main]\n");
    repo.commit("feat: connectors");
    repo.relwatch(&["release", "1.1.0", "--yes"]).ok();
    repo.git(&["switch", "-q", "-c", branch, "v1.1.0"]).ok();
    repo.commit_file(
        "a",
        "1\n",
        "fix: critical bug in connector authentication\n\nFixes #123",
    );
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&[&["merge", "-q", "--no-ff", branch], merge].concat())
        .ok();
    repo
}

#[test]
fn a_hotfix_that_was_merged_is_seen_by_its_merge() {
    for (branch, merge) in [
        ("hotfix/v1.1.1", &["-m", "Hotfix v1.1.1"][..]),
        ("hotfix/v1.1.1", &["--no-edit"]),
        (
            "topic",
            &["-m", "Merge pull request #12 from ann/hotfix/login"],
        ),
    ] {
        let sandbox = Sandbox::new();
        let repo = merged(&sandbox, branch, merge);
        repo.relwatch(&["release", "--yes"]).ok();
        assert_eq!(listed(&repo, "v1.1.1"), "hotfix", "{merge:?}");
        let tag = repo
            .git(&["tag", "-l", "--format=%(contents)", "v1.1.1"])
            .stdout;
        assert!(
            tag.trim_end().ends_with("\n\nRelease-Kind: hotfix"),
            "{tag}"
        );
        agrees_without_the_list(&repo, (1, 0));
    }
}

#[test]
fn what_was_asked_for_counts_before_what_was_merged() {
    let sandbox = Sandbox::new();
    let repo = merged(&sandbox, "hotfix/v1.1.1", &["--no-edit"]);
    let plan = json(
        &repo
            .relwatch(&["release", "--kind", "regular", "--dry-run", "--json"])
            .ok(),
    );
    let message = plan["plan"]["releases"][0]["tag_message"].as_str().unwrap();
    assert!(!message.contains("Release-Kind"), "{message}");
    repo.relwatch(&["release", "--kind", "regular", "--yes"])
        .ok();
    assert_eq!(listed(&repo, "v1.1.1"), "regular");
    agrees_without_the_list(&repo, (0, 0));
    // A fix of the next day, on main.
    repo.commit_file("b", "1\n", "fix: again");
    repo.relwatch(&["release", "--kind", "hotfix", "--yes"])
        .ok();
    assert_eq!(listed(&repo, "v1.1.2"), "hotfix");
    agrees_without_the_list(&repo, (1, 0));
    // The merge of the hotfix does not decide the kind of the next minor version.
    repo.commit_file("c", "1\n", "feat: more");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(listed(&repo, "v1.2.0"), "regular");
    let tag = repo
        .git(&["tag", "-l", "--format=%(contents)", "v1.2.0"])
        .stdout;
    assert!(!tag.contains("Release-Kind"), "{tag}");
    for wrong in [
        &["release", "--kind", "rc"][..],
        &["release", "--kind", "hotfix", "--lts"],
        &["release", "--kind", "hotfix", "--pre", "rc"],
    ] {
        repo.relwatch(wrong).code(2);
    }
}

/// Tags made by hand, with the words of release guides.
#[test]
fn tags_of_people_say_it_too() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit("feat: start");
    repo.git(&["tag", "-a", "v1.0.0", "-m", "Release v1.0.0"])
        .ok();
    repo.commit("chore: nothing to conclude from");
    repo.git(&[
        "tag",
        "-a",
        "v1.0.1",
        "-m",
        "Hotfix v1.0.1: Fix connector authentication",
    ])
    .ok();
    repo.commit("chore: nothing to conclude from");
    repo.git(&["tag", "-a", "v1.0.2", "-m", "Hotfix: a description"])
        .ok();
    repo.git(&["switch", "-q", "-c", "hotfix/v1.0.3"]).ok();
    repo.commit("chore: nothing to conclude from");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["merge", "-q", "--no-ff", "--no-edit", "hotfix/v1.0.3"])
        .ok();
    repo.git(&["tag", "v1.0.3"]).ok();
    repo.commit("chore: nothing to conclude from");
    repo.git(&["tag", "-a", "v1.0.4", "-m", "Release v1.0.4"])
        .ok();
    assert_eq!(failures(&repo), (3, 0));
    repo.relwatch(&["releases", "--rebuild"]).ok();
    commit_all(&repo, "chore: list");
    assert_eq!(failures(&repo), (3, 0));
    assert_eq!(listed(&repo, "v1.0.3"), "hotfix");
}

#[test]
fn a_kind_is_said_later() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit_file("b", "1\n", "fix: a bug");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(failures(&repo), (0, 0));
    let tag = repo.git(&["rev-parse", "v0.1.1"]).stdout;
    let said = repo
        .relwatch(&["releases", "0.1.1", "--kind", "hotfix"])
        .ok();
    says(
        &said,
        &[
            "v0.1.1 is listed as hotfix: commit ",
            " on main\nnext: git push origin main\n",
        ],
    );
    assert_eq!(
        (listed(&repo, "v0.1.1"), failures(&repo)),
        ("hotfix".into(), (1, 0))
    );
    assert_eq!(repo.status(), "");
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s"]).stdout,
        "chore(release): list v0.1.1 as hotfix\n"
    );
    assert_eq!(repo.git(&["rev-parse", "v0.1.1"]).stdout, tag);
    assert_eq!(repo.section(), "", "it is no change");
    let head = repo.head();
    let again = repo
        .relwatch(&["releases", "0.1.1", "--kind", "hotfix"])
        .ok();
    assert_eq!(again.stdout, "v0.1.1 is listed as hotfix already\n");
    assert_eq!(repo.head(), head);
    // A rebuild keeps the kinds that were set.
    repo.relwatch(&["releases", "--rebuild"]).ok();
    commit_all(&repo, "chore: list");
    assert_eq!(listed(&repo, "v0.1.1"), "hotfix");
    repo.relwatch(&["releases", "0.1.1", "--kind", "regular"])
        .ok();
    assert_eq!(failures(&repo), (0, 0));

    for (args, words, code) in [
        (
            &["releases", "0.9.0", "--kind", "hotfix"][..],
            "there is no release v0.9.0 here",
            3,
        ),
        (&["releases", "0.1.1"], "--kind", 2),
        (&["releases", "--kind", "hotfix"], "VERSION", 2),
        (&["releases", "0.1.1", "--kind", "rc"], "regular", 2),
        (
            &["releases", "0.1.1", "--kind", "lts", "--until", "soon"],
            "`soon` is no day",
            2,
        ),
    ] {
        says(&repo.relwatch(args).code(code), &[words]);
    }
    repo.write("b", "2\n");
    says(
        &repo
            .relwatch(&["releases", "0.1.1", "--kind", "hotfix"])
            .code(3),
        &["uncommitted"],
    );
    repo.git(&["checkout", "-q", "b"]).ok();
    configure(&repo, "manifest: ''\n");
    says(
        &repo
            .relwatch(&["releases", "0.1.1", "--kind", "hotfix"])
            .code(2),
        &["there is no list"],
    );
}

/// A tag of another tool is not in the manifest: from then on its line decides the kind.
#[test]
fn a_release_that_nobody_listed_gets_a_line() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.commit("feat: start");
    repo.git(&["tag", "-a", "v1.0.0", "-m", "1.0.0"]).ok();
    repo.commit("fix: a bug");
    repo.git(&["tag", "-a", "v1.0.1", "-m", "1.0.1"]).ok();
    set_up(&repo);
    assert_eq!(failures(&repo), (1, 1));
    repo.relwatch(&["releases", "1.0.1", "--kind", "regular"])
        .ok();
    assert_eq!(
        failures(&repo),
        (0, 0),
        "what a person said is no conclusion"
    );
    repo.relwatch(&["releases", "--rebuild"]).ok();
    commit_all(&repo, "chore: list");
    assert_eq!(failures(&repo), (0, 0));
}

#[test]
fn a_version_that_is_released_is_supported_for_long() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let block = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    repo.commit_file("README.md", &block, "docs: what is supported");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    let said = repo
        .relwatch(&["support", "--lts", "v0.1.0", "--until", "2027-06-30"])
        .ok();
    says(
        &said,
        &["v0.1.0 is listed as lts, supported until 2027-06-30: commit "],
    );
    says(
        &repo.relwatch(&["support"]).ok(),
        &["0.1.x  LTS      2027-06-30  0.1.0   security"],
    );
    assert!(
        repo.read("README.md")
            .contains("| 0.1.x | LTS | 2027-06-30 |"),
        "{}",
        repo.read("README.md")
    );
    assert_eq!(repo.status(), "");
    // By the policy, from the day of the release.
    repo.relwatch(&["support", "--lts", "0.2.0"]).ok();
    says(
        &repo.relwatch(&["support"]).ok(),
        &["0.2.x  current, LTS  2027-01-30"],
    );
    repo.relwatch(&["support", "--lts", "0.2.0", "--until", "2 years"])
        .ok();
    says(
        &repo.relwatch(&["support"]).ok(),
        &["0.2.x  current, LTS  2028-01-30"],
    );
    // A hotfix stays one, and a regular release gets no long-term support.
    repo.commit_file("b", "1\n", "fix: a bug");
    repo.relwatch(&["release", "--kind", "hotfix", "--yes"])
        .ok();
    repo.relwatch(&["support", "--lts", "0.2.1"]).ok();
    assert_eq!(listed(&repo, "v0.2.1"), "hotfix");
    repo.relwatch(&["releases", "0.1.0", "--kind", "regular"])
        .ok();
    says(
        &repo.relwatch(&["support"]).ok(),
        &["0.1.x  -             -           0.1.0"],
    );
}

#[test]
fn support_is_the_same_without_the_list() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--lts", "--yes"]).ok();
    repo.commit("feat: a limit (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
    let before = repo.relwatch(&["support"]).ok().stdout;
    says(
        &repo.relwatch(&["support"]).ok(),
        &["0.2.x  LTS      2027-01-30"],
    );
    repo.sh("git rm -q .relwatch/releases.yml && git commit -q -m 'chore: no list'")
        .ok();
    assert_eq!(repo.relwatch(&["support"]).ok().stdout, before);
}

/// The tagger's day where the tag was made, of a plain tag that of its commit; not that of the changelog.
#[test]
fn a_rebuild_takes_the_day_of_the_tag() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let on = |when: &str, args: &[&str]| {
        let dates = [("GIT_AUTHOR_DATE", when), ("GIT_COMMITTER_DATE", when)];
        repo.run("git", args, &dates).ok();
    };
    let commit = ["commit", "-q", "--allow-empty", "-m", "feat: x"];
    on("2025-03-01T12:00:00Z", &commit);
    on(
        "2025-03-05T23:30:00-0500",
        &["tag", "-a", "v1.0.0", "-m", "x"],
    );
    on("2025-04-01T00:30:00+0200", &commit);
    on("2025-06-01T12:00:00Z", &["tag", "v1.1.0"]);
    repo.write(
        "CHANGELOG.md",
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2025-01-01\n\n- x\n",
    );
    repo.git(&["add", "."]).ok();
    on("2025-07-01T12:00:00Z", &["commit", "-q", "-m", "feat: y"]);
    on("2025-07-02T12:00:00Z", &["tag", "-a", "v1.2.0", "-m", "x"]);
    set_up(&repo);
    repo.relwatch(&["releases", "--rebuild"]).ok();
    let expected = "2025-07-02  v1.2.0\n2025-04-01  v1.1.0\n2025-03-05  v1.0.0\n";
    assert_eq!(repo.relwatch(&["releases"]).ok().stdout, expected);
    let days = [
        "for-each-ref",
        "--sort=-creatordate",
        "--format=%(creatordate:short)  %(refname:short)",
        "refs/tags",
    ];
    assert_eq!(repo.git(&days).ok().stdout, expected);
}

/// What release guides want documented of a rollback: reason, impact, corrective actions, and the plan of the next release.
#[test]
fn a_withdrawal_learns_more_and_loses_nothing() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes", "--push"]).ok();
    says(
        &repo.relwatch(&["withdraw", "0.2.0", "--yes"]).code(2),
        &["why is v0.2.0 withdrawn?; give --reason TEXT"],
    );
    repo.relwatch(&[
        "withdraw",
        "0.2.0",
        "--reason",
        "it loses data",
        "--impact",
        "all who write",
        "--yes",
    ])
    .ok();
    let head = repo.head();
    let other = [
        "withdraw",
        "0.2.0",
        "--reason",
        "it burns",
        "--actions",
        "more tests",
        "--yes",
    ];
    says(
        &repo.relwatch(&other).code(3),
        &[
            "the withdrawal of v0.2.0 has another reason already; leave --reason out, or change it in .relwatch/releases.yml",
        ],
    );
    assert_eq!(repo.head(), head);
    let args = [
        "withdraw",
        "0.2.0",
        "--actions",
        "load tests before each release",
        "--plan",
        "0.2.1 on Friday",
    ];
    repo.relwatch(&args).code(130);
    let added = repo.relwatch(&[&args[..], &["--yes"]].concat()).ok();
    says(
        &added,
        &[
            "added to the withdrawal of v0.2.0: commit ",
            "We withdraw v0.2.0: it loses data",
            "**Who is affected:** all who write",
            "**What we do so that it does not happen again:** load tests before each release",
            "- 0.2.1 on Friday",
        ],
    );
    assert_eq!(
        repo.git(&["log", "-1", "--format=%B"]).stdout.trim_end(),
        "chore(release): withdraw v0.2.0\n\nit loses data\n\nImpact: all who write\n\nActions: load tests before each release\n\nPlan: 0.2.1 on Friday"
    );
    let all = json(&repo.relwatch(&["releases", "--json"]).ok());
    assert_eq!(
        all["releases"][0]["withdrawn"],
        serde_json::json!({"date": "2026-01-30", "reason": "it loses data", "impact": "all who write", "actions": "load tests before each release", "plan": "0.2.1 on Friday"})
    );
    assert_eq!(repo.stored().matches("[YANKED]").count(), 1);
    assert_eq!(repo.status(), "");
    let again = repo.relwatch(&[&args[..], &["--yes"]].concat()).code(6);
    says(&again, &["v0.2.0 is withdrawn already"]);
    let full = repo.relwatch(&["notes", "0.2.0", "--full"]).ok();
    says(
        &full,
        &["> **What is done so that it does not happen again:** load tests before each release\n"],
    );
}

/// The release of another tool: the changelog and the list say that it is withdrawn, although the list did not know it.
#[test]
fn a_release_that_was_not_listed_is_withdrawn_in_the_list_too() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    repo.git(&["push", "-q", "origin", "v0.1.0"]).ok();
    repo.relwatch(&["withdraw", "0.1.0", "--reason", "it loses data", "--yes"])
        .ok();
    says(
        &repo.relwatch(&["releases"]).ok(),
        &["v0.1.0           withdrawn 2026-01-30: it loses data\n"],
    );
    assert!(repo.stored().contains("## [0.1.0] - 2026-01-01 [YANKED]"));
    assert_eq!(
        json(&repo.relwatch(&["metrics", "--json"]).ok())["metrics"][0]["rollback_rate"],
        1.0
    );
}

/// The hotfix of one component, merged into main, does not change the kind of the others.
#[test]
fn a_component_has_hotfixes_of_its_own() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let parts = "components:\n  backend: {paths: [backend], tag: 'backend/v{version}'}\n  web: {paths: [web], tag: 'web/v{version}'}\n";
    configure(&repo, parts);
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    for part in ["backend", "web"] {
        repo.commit_file(&format!("{part}/a"), "1\n", "feat: start");
    }
    repo.relwatch(&["release", "1.0.0", "-c", "backend", "--yes"])
        .ok();
    repo.relwatch(&["release", "1.0.0", "-c", "web", "--yes"])
        .ok();
    repo.git(&["switch", "-q", "-c", "hotfix/backend/v1.0.1"])
        .ok();
    repo.commit_file("backend/a", "2\n", "fix: a bug");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "--no-edit",
        "hotfix/backend/v1.0.1",
    ])
    .ok();
    repo.commit_file("web/a", "2\n", "fix: another bug");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(listed(&repo, "backend/v1.0.1"), "hotfix");
    assert_eq!(listed(&repo, "web/v1.0.1"), "regular");
    // The component must be named, and the manifest of one component is shown alone.
    says(
        &repo
            .relwatch(&["releases", "1.0.1", "--kind", "hotfix"])
            .code(2),
        &["which component?"],
    );
    repo.relwatch(&["releases", "-c", "web", "1.0.1", "--kind", "hotfix"])
        .ok();
    assert_eq!(listed(&repo, "web/v1.0.1"), "hotfix");
    let own = repo.relwatch(&["releases", "-c", "web"]).ok().stdout;
    assert!(
        own.contains("web/v1.0.1") && !own.contains("backend"),
        "{own}"
    );
    says(
        &repo
            .relwatch(&["support", "-c", "web", "--lts", "1.0.0"])
            .ok(),
        &["web/v1.0.0 is listed as lts"],
    );
}
