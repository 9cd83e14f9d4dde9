//! `relwatch preview`: the changes of a branch to the changelog and to the version.

#![cfg(unix)]

use crate::support::{Ran, Repo, Sandbox, configure, project, says};

/// A branch `feature` beside a `main` that has gone on.
fn branched<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    repo.commit("fix: no flicker (#1)");
    repo.git(&["switch", "-qc", "feature"]).ok();
    repo.commit("feat: dim the lamp (#2)");
    repo.commit("chore: tidy");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("fix: no hum (#3)");
    repo
}

#[test]
fn a_branch_is_compared_with_what_it_is_merged_into() {
    let sandbox = Sandbox::new();
    let repo = branched(&sandbox);
    let said = repo.relwatch(&["preview", "main..feature"]).ok();
    assert_eq!(
        said.stdout.replace(&short(&repo, "feature"), "COMMIT"),
        "main..feature: 2 commits\nnext version: 0.2.0 (minor; feature: Dim the lamp (#2)); 0.1.1 without it\n\nAdded\n  + Dim the lamp (#2)\n\nWithout an entry\n  COMMIT chore: tidy: `chore` is not listed\n"
    );
    assert_eq!(said.stderr, "");
    // The merge gives the previewed result.
    let json = repo.relwatch(&["preview", "main..feature", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["added"][0]["text"], "Dim the lamp (#2)");
    assert_eq!(
        (&json["next"]["version"], &json["next_without"]),
        (&"0.2.0".into(), &"0.1.1".into())
    );
    let before = repo.section();
    repo.git(&["merge", "-q", "--no-edit", "feature"]).ok();
    let after = repo.section();
    assert!(
        !before.contains("Dim the lamp") && after.contains("Dim the lamp (#2)"),
        "{after}"
    );
    let next = repo.relwatch(&["status", "--porcelain"]).ok().stdout;
    assert!(next.contains("0.2.0"), "{next}");
    // From the branch itself, and where there is nothing more to merge.
    repo.git(&["switch", "-q", "feature"]).ok();
    repo.commit("feat: glow (#4)");
    let here = repo.relwatch(&["preview"]).ok();
    says(
        &here,
        &[
            "main..feature: 1 commit\n",
            "  + Glow (#4)\n",
            ", as without it",
        ],
    );
    repo.git(&["switch", "-q", "main"]).ok();
    says(
        &repo.relwatch(&["preview"]).code(2),
        &["name both, as in `relwatch preview main..feature`"],
    );
    says(
        &repo.relwatch(&["preview", "main..gone"]).code(2),
        &["`gone` names neither a version nor a commit"],
    );
}

#[test]
fn a_comment_holds_no_markup_of_strangers() {
    let sandbox = Sandbox::new();
    let repo = branched(&sandbox);
    repo.git(&["switch", "-q", "feature"]).ok();
    repo.commit("fix: </details><h1>x</h1> thanks @everyone (#5)");
    repo.commit("chore: </details> <script> @all");
    let said = repo
        .relwatch(&["preview", "main..feature", "--format", "markdown"])
        .ok()
        .stdout;
    let page = comrak::markdown_to_html(&said, &{
        let mut options = comrak::Options::default();
        options.render.r#unsafe = true;
        options
    });
    assert!(
        said.starts_with(
            "<!-- relwatch preview -->\n### Changelog preview\n\n4 commits of `main..feature`.\n"
        ),
        "{said}"
    );
    assert!(said.contains("next version: **0.2.0** (minor; "), "{said}");
    assert_eq!(page.matches("</details>").count(), 1, "{page}");
    assert!(
        !page.contains("<h1>") && !page.contains("<script>"),
        "{page}"
    );
    assert!(
        !page.contains("@everyone") && !page.contains("@all"),
        "{page}"
    );
    assert!(
        page.contains("<summary>2 changes without an entry</summary>"),
        "{page}"
    );
}

#[test]
fn what_a_branch_takes_away_is_told() {
    let sandbox = Sandbox::new();
    let repo = branched(&sandbox);
    repo.git(&["switch", "-q", "feature"]).ok();
    let first = repo.git(&["rev-parse", "main~1"]).ok().stdout;
    repo.write("x", "x");
    repo.git(&["add", "x"]).ok();
    let body = format!(
        "Revert \"fix: no flicker (#1)\"\n\nThis reverts commit {}.",
        first.trim()
    );
    repo.commit(&body);
    let said = repo.relwatch(&["preview", "main..feature"]).ok();
    says(&said, &["Entries that go\n  - No flicker (#1) ("]);
}

#[test]
fn each_component_has_its_own() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "components:\n  a: {paths: [a/**]}\n  b: {paths: [b/**]}\n",
    );
    repo.git(&["switch", "-qc", "feature"]).ok();
    repo.commit_file("a/x", "1", "feat: turn (#1)");
    let said = repo.relwatch(&["preview", "main..feature"]).ok();
    says(&said, &["a (a/CHANGELOG.md)\n", "  + Turn (#1)\n"]);
    assert!(!said.stdout.contains("b/CHANGELOG.md"), "{said:?}");
    let json = repo.relwatch(&["preview", "main..feature", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["components"]["a"]["added"][0]["text"], "Turn (#1)");
    assert_eq!(json["components"]["b"]["added"], serde_json::json!([]));
}

/// GitHub refuses a comment of more than 65,536 characters.
#[test]
fn a_comment_of_many_changes_is_cut() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["switch", "-qc", "feature"]).ok();
    let messages = (0..400).map(|at| {
        [
            format!("fix: {} {at}", "x".repeat(150)),
            format!("chore: {at}"),
        ]
    });
    repo.import(messages.flatten());
    let said = repo
        .relwatch(&["preview", "main..feature", "--format", "markdown"])
        .ok()
        .stdout;
    assert!(said.len() < 65_536, "{}", said.len());
    says(
        &Ran {
            code: 0,
            stdout: said,
            stderr: String::new(),
        },
        &[
            "800 commits of `main..feature`",
            "- … and 350 more\n\n<details><summary>400 changes without an entry</summary>",
            "- … and 350 more\n\n</details>\n",
        ],
    );
}

#[test]
fn a_job_without_init_says_the_same() {
    let sandbox = Sandbox::new();
    let repo = branched(&sandbox);
    let here = repo.relwatch(&["preview", "main..feature"]).ok().stdout;
    sandbox.at(".").git(&["clone", "-q", "r", "job"]).ok();
    let job = sandbox.at("job");
    job.git(&["checkout", "-q", "--detach", "origin/main"]).ok();
    job.git(&["merge", "-q", "--no-edit", "origin/feature"])
        .ok();
    let range = ["preview", "origin/main..origin/feature"];
    let there = job.relwatch(&range).ok().stdout;
    assert_eq!(there.replace("origin/", ""), here);
    assert!(job.status().is_empty());
    // At the merge of a pull request, as jobs see it, HEAD brings the same.
    let brought = |of: &[&str]| {
        let said = job.relwatch(&[&["preview", "--json"], of].concat()).ok();
        let mut json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        json.as_object_mut().unwrap().remove("range");
        json
    };
    let promised = brought(&range[1..]);
    assert_eq!(promised["added"][0]["text"], "Dim the lamp (#2)");
    assert_eq!(brought(&[]), promised);
}

fn short(repo: &Repo<'_>, name: &str) -> String {
    let id = repo.git(&["rev-parse", name]).ok().stdout;
    id[..7].to_owned()
}

#[test]
fn notes_and_status_tell_any_range() {
    let sandbox = Sandbox::new();
    let repo = branched(&sandbox);
    repo.git(&["switch", "-q", "feature"]).ok();
    repo.commit_file(
        ".chant/specs/2026-01-29-001-abc.md",
        "---\nstatus: completed\n---\n# Glow\n\n## Release Notes\n\nThe lamp glows.\n",
        "chant(2026-01-29-001-abc): glow",
    );
    let notes = repo.relwatch(&["notes", "main..feature"]).ok();
    assert_eq!(notes.stderr, "");
    assert_eq!(
        notes.stdout,
        "### Added\n\n- Dim the lamp (#2)\n\n### Changed\n\n- The lamp glows. (2026-01-29-001-abc)\n"
    );
    let first = repo.relwatch(&["notes", "HEAD~2..HEAD~1"]).ok();
    says(&first, &["warning: HEAD~2..HEAD~1 contains nothing"]);
    let full = repo
        .relwatch(&["notes", "main~1..feature~2", "--full", "--json"])
        .ok()
        .stdout;
    let full: serde_json::Value = serde_json::from_str(&full).unwrap();
    let commit = |name: &str| repo.git(&["rev-parse", name]).ok().stdout.trim().to_owned();
    assert_eq!(full["range"]["from"], commit("main~1"));
    assert_eq!(full["range"]["to"], commit("feature~2"));
    assert_eq!(
        full["groups"][0]["pieces"][0]["change"],
        "Dim the lamp (#2)"
    );
    says(
        &repo
            .relwatch(&["notes", "main..feature", "--announce", "release"])
            .code(2),
        &["an announcement is of one version"],
    );
    let status = repo.relwatch(&["status", "main..feature"]).ok().stdout;
    assert!(
        status.starts_with(
            "main..feature: 3 commits, release before: v0.1.0\nnext version: 0.2.0 (minor; feature: Dim the lamp (#2))\nentries: 1 from commits, 1 from specs\n"
        ),
        "{status}"
    );
    assert!(
        !status.contains("health:") && !status.contains("checks:"),
        "{status}"
    );
    // Released changes are counted from the previous release.
    repo.git(&["switch", "-q", "main"]).ok();
    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    repo.commit("feat: blink (#9)");
    let old = repo.relwatch(&["status", "v0.1.0..v0.1.1"]).ok();
    says(
        &old,
        &[
            "release before: v0.1.0",
            "next version: 0.1.1 (patch; ",
            "No hum (#3)",
        ],
    );
    assert!(!old.stdout.contains("Blink"), "{old:?}");
    says(
        &repo.relwatch(&["status", "gone..main"]).code(2),
        &["`gone` names neither a version nor a commit"],
    );
}

/// Entries released within the range are listed as released, not as deleted.
#[test]
fn entries_that_a_release_took_along_are_released() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Fixed\n\n- by hand\n- gone\n",
    );
    repo.git(&["commit", "-qam", "docs: changelog"]).ok();
    repo.git(&["tag", "base"]).ok();
    repo.commit("feat: glow");
    repo.edit("CHANGELOG.md", "- gone\n", "");
    repo.git(&["commit", "-qam", "docs: changelog"]).ok();
    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    repo.commit("feat: blink");
    let said = repo.relwatch(&["preview", "base..HEAD"]).ok();
    says(
        &said,
        &[
            "  - by hand (released in v0.2.0)\n",
            "  - gone (its line is deleted)\n",
            " feat: glow: released in v0.2.0\n",
        ],
    );
    assert!(!said.stdout.contains("also in"), "{said:?}");
}
