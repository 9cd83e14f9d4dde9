//! `relwatch support`: which versions are supported until when, in the terminal and in a README.

use serde_json::{Value, json};

use crate::support::{self, Repo, Sandbox, cases, configure, project, says};

/// Releases 0.2.0 with long-term support after 0.1.0, then 0.3.0: tags of one day, in the order of the release manifest.
fn three_lines(repo: &Repo<'_>) {
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--lts", "--yes"]).ok();
    repo.commit("feat: a limit (#2)");
    repo.relwatch(&["release", "--yes"]).ok();
}

/// Runs relwatch on another day.
fn on(repo: &Repo<'_>, seconds: &str, args: &[&str]) -> support::Ran {
    let binary = env!("CARGO_BIN_EXE_relwatch");
    repo.run(binary, args, &[("SOURCE_DATE_EPOCH", seconds)])
}

const JANUARY_2027: &str = "1799452800"; // 2027-01-09
const FEBRUARY_2027: &str = "1801440000"; // 2027-02-01

#[test]
fn lines_stand_with_their_dates() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    three_lines(&repo);
    configure(&repo, "support: {maintained: 0 days}\n");
    let said = repo.relwatch(&["support"]).ok();
    assert_eq!(
        said.stdout,
        "line   status       until       latest
0.3.x  current      -           0.3.0   active development
0.2.x  LTS          2027-01-30  0.2.0   security and critical fixes only
0.1.x  end of life  2026-01-30  0.1.0   no longer supported
"
    );
    assert_eq!(said.stderr, "");
    let soon = on(&repo, JANUARY_2027, &["support"]).ok();
    assert_eq!(soon.stdout, said.stdout);
    assert_eq!(
        soon.stderr,
        "warning: support of 0.2.x ends on 2027-01-30\n"
    );
    let late = on(&repo, FEBRUARY_2027, &["support"]).ok();
    assert_eq!(
        late.stdout,
        "line            status       until       latest
0.3.x           current      -           0.3.0   active development
0.1.x to 0.2.x  end of life  2027-01-30  0.2.0   no longer supported
"
    );
    assert_eq!(late.stderr, "");
}

/// No end of support has been set for an older line, either.
#[test]
fn nothing_is_said_of_older_lines_without_a_policy() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    three_lines(&repo);
    repo.commit("feat: a third (#3)");
    repo.relwatch(&["release", "--yes"]).ok();
    let said = repo.relwatch(&["support"]).ok();
    assert_eq!(
        said.stdout,
        "line   status   until       latest
0.4.x  current  -           0.4.0   active development
0.3.x  -        -           0.3.0
0.2.x  LTS      2027-01-30  0.2.0   security and critical fixes only
0.1.x  -        -           0.1.0
"
    );
    // Promised support that has ended is reported.
    let late = on(&repo, FEBRUARY_2027, &["support"]).ok();
    says(
        &late,
        &[
            "0.3.x  -            -           0.3.0\n",
            "0.2.x  end of life  2027-01-30  0.2.0   no longer supported\n",
        ],
    );
    assert_eq!(late.stderr, "");
    let block = repo.relwatch(&["support", "--markdown"]).ok();
    says(
        &block,
        &["| 0.4.x | Current | - | Active development |\n| 0.3.x | - | - | - |\n"],
    );
    let json = repo.relwatch(&["support", "--json"]).ok().stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["support"][0]["lines"][1],
        json!({"line": "0.3.x", "status": null, "lts": false, "since": "2026-01-30", "latest": "0.3.0", "until": null})
    );
}

#[test]
fn a_line_may_be_kept_and_may_be_a_major_version() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    configure(&repo, "support: {maintained: 6 months}\n");
    let kept = repo.relwatch(&["support"]).ok().stdout;
    assert!(
        kept.contains("0.1.x  maintained  2026-07-30  0.1.0   fixes only\n"),
        "{kept}"
    );
    repo.git(&["tag", "v1.0.0"]).ok();
    repo.git(&["tag", "v1.1.0-rc.1"]).ok();
    repo.git(&["tag", "v1.1.0"]).ok();
    configure(&repo, "support: {lines: major}\n");
    let major = repo.relwatch(&["support"]).ok().stdout;
    assert!(
        major.contains("\n1.x             current  -      1.1.0"),
        "{major}"
    );
    configure(&repo, "support: {maintained: soon}\n");
    assert_eq!(
        repo.relwatch(&["support"]).code(2).stderr,
        "relwatch: relwatch.yml:1: support: maintained `soon` is no time; give one like 6 months or 1 year\n"
    );
}

#[test]
fn what_is_withdrawn_is_not_current() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    repo.relwatch(&["withdraw", "0.2.0", "--reason", "loses data", "--yes"])
        .ok();
    let said = repo.relwatch(&["support"]).ok().stdout;
    assert_eq!(
        said,
        "line   status       until       latest
0.2.x  end of life  2026-01-30  -       withdrawn
0.1.x  current      -           0.1.0   active development
"
    );
}

#[test]
fn deprecations_and_their_removals() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let before = repo.relwatch(&["support", "--json"]).ok().stdout;
    let before: Value = serde_json::from_str(&before).unwrap();
    assert_eq!(before["support"][0]["deprecations"], json!([]));
    repo.edit(
        "CHANGELOG.md",
        "### Added\n",
        "### Deprecated\n\n- `--slow`, to be removed in 0.2\n- `--wait`\n\n### Added\n",
    );
    repo.git(&["commit", "-qam", "docs: deprecate"]).ok();
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Removed\n\n- The flag `--wait`\n",
    );
    repo.git(&["commit", "-qam", "docs: remove"]).ok();
    let said = repo.relwatch(&["support"]).ok();
    assert!(
        said.stdout.ends_with(
            "\ndeprecated
  0.1.0  `--slow`, to be removed in 0.2: still there
  0.1.0  `--wait`: removed in Unreleased
"
        ),
        "{}",
        said.stdout
    );
    assert_eq!(said.stderr, "");
    repo.relwatch(&["release", "minor", "--yes"]).ok();
    let said = repo.relwatch(&["support"]).ok();
    says(&said, &["`--wait`: removed in 0.2.0"]);
    assert_eq!(
        said.stderr,
        "warning: 0.2 is out and no `Removed` entry names this: `--slow`, to be removed in 0.2\n"
    );
    let json: Value =
        serde_json::from_str(&repo.relwatch(&["support", "--json"]).ok().stdout).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(
        json["support"][0]["lines"][0],
        json!({"line": "0.2.x", "status": "current", "lts": false, "since": "2026-01-30", "latest": "0.2.0", "until": null})
    );
    assert_eq!(
        json["support"][0]["deprecations"][1],
        json!({"text": "`--wait`", "announced": "0.1.0", "planned": null, "removed": "0.2.0"})
    );
}

#[test]
fn a_release_keeps_the_block_of_a_readme() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let block = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    assert_eq!(
        block,
        "<!-- relwatch:support -->
| Version | Status | Supported until | Notes |
|---|---|---|---|
| 0.1.x | Current | - | Active development |
<!-- /relwatch:support -->
"
    );
    let readme = format!("# Lamp\n\n{block}\nThe end, without a line end");
    repo.commit_file("README.md", &readme, "docs: what is supported");
    repo.commit_file("SECURITY.md", "no block\n", "docs: security");
    repo.commit("feat: a timeout (#1)");
    // A pre-release is not supported.
    repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
    assert_eq!(repo.read("README.md"), readme);
    let plan = repo.relwatch(&["release", "--lts", "--dry-run"]).ok();
    says(
        &plan,
        &["+| 0.2.x | Current, LTS | 2027-01-30 | Active development |"],
    );
    repo.relwatch(&["release", "--lts", "--yes"]).ok();
    let after = "# Lamp

<!-- relwatch:support -->
| Version | Status | Supported until | Notes |
|---|---|---|---|
| 0.2.x | Current, LTS | 2027-01-30 | Active development |
| 0.1.x | - | - | - |
<!-- /relwatch:support -->

The end, without a line end";
    assert_eq!(repo.read("README.md"), after);
    assert_eq!(repo.git(&["show", "HEAD:README.md"]).ok().stdout, after);
    assert_eq!(repo.read("SECURITY.md"), "no block\n");
    assert_eq!(repo.status(), "");
    // The block matches the command's current output.
    let block = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    assert!(after.contains(&block), "{block}");
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.read("README.md"), readme);
}

/// Components api and web, the first with a change; `more` is configuration.
fn two_components<'s>(sandbox: &'s Sandbox, more: &str) -> Repo<'s> {
    let repo = sandbox.repo("r");
    let parts = "components:\n  api: {paths: [api], tag: 'api-v{version}'}\n  web: {paths: [web], tag: 'web-v{version}'}\n";
    configure(&repo, &format!("{parts}{more}"));
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.commit_file("api/a", "1\n", "feat: a");
    repo
}

#[test]
fn each_component_has_a_block() {
    let sandbox = Sandbox::new();
    let repo = two_components(&sandbox, "support: {files: [docs/support.md]}\n");
    repo.git(&["tag", "web-v3.1.0"]).ok();
    let blocks = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    says(
        &repo.relwatch(&["support"]).ok(),
        &[
            "api:\nno version is released yet",
            "web:\nline   status   until  latest\n3.1.x  current",
        ],
    );
    repo.commit_file("docs/support.md", &blocks, "docs: support");
    repo.relwatch(&["release", "-c", "api", "--yes"]).ok();
    let row = |line: &str| format!("| {line} | Current | - | Active development |\n");
    let after = repo.read("docs/support.md");
    let (api, web) = after.split_once("<!-- relwatch:support web -->\n").unwrap();
    assert!(
        api.starts_with("<!-- relwatch:support api -->\n"),
        "{after}"
    );
    assert!(api.contains(&row("0.1.x")), "{after}");
    assert!(web.contains(&row("3.1.x")), "{after}");
}

/// A project whose README has the block, and a release.
fn released_with_a_block(sandbox: &Sandbox) -> Repo<'_> {
    let repo = project(sandbox, "r");
    let block = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    repo.commit_file("README.md", &block, "docs: what is supported");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    repo
}

#[test]
fn a_readme_does_not_call_a_withdrawn_version_current() {
    let sandbox = Sandbox::new();
    let repo = released_with_a_block(&sandbox);
    says(
        &repo.git(&["show", "HEAD:README.md"]),
        &["| 0.2.x | Current | - | Active development |"],
    );
    repo.relwatch(&["withdraw", "0.2.0", "--reason", "bad", "--yes"])
        .ok();
    let block = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    says(
        &repo.git(&["show", "HEAD:README.md"]),
        &[
            "| 0.2.x | End of life | 2026-01-30 | Withdrawn |",
            "| 0.1.x | Current | - | Active development |",
        ],
    );
    assert_eq!(repo.read("README.md"), block);
    assert_eq!(repo.status(), "");
}

#[test]
fn a_withdrawn_component_changes_its_own_block() {
    let sandbox = Sandbox::new();
    let repo = two_components(&sandbox, "");
    repo.commit_file("web/a", "1\n", "feat: b");
    let blocks = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    repo.commit_file("README.md", &blocks, "docs: support");
    repo.relwatch(&["release", "--yes"]).ok();
    let said = repo
        .relwatch(&["withdraw", "0.1.0", "-c", "web", "--reason", "bad", "--yes"])
        .ok();
    assert_eq!(said.stderr, "");
    let after = repo.read("README.md");
    let (api, web) = after.split_once("<!-- relwatch:support web -->\n").unwrap();
    assert!(api.contains("| 0.1.x | Current |"), "{after}");
    assert!(web.contains("| Withdrawn |"), "{after}");
}

/// Asserts the warning of `check` and `release` about a README, which the release must not change.
#[track_caller]
fn is_left_with(repo: &Repo<'_>, path: &str, warning: &str) {
    let before = repo.git(&["show", &format!("HEAD:{path}")]).ok().stdout;
    let wanted = format!("warning: {warning}\n");
    assert_eq!(repo.relwatch(&["check"]).ok().stderr, wanted);
    let said = repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(said.stderr, wanted);
    let after = repo.git(&["show", &format!("HEAD:{path}")]).ok().stdout;
    assert_eq!(after, before);
}

#[test]
fn markers_that_are_not_served_are_warned_of() {
    let begin = "<!-- relwatch:support -->";
    let end = "<!-- /relwatch:support -->";
    cases::run(
        [
            (
                format!("# Lamp\n\n{begin}\n"),
                "README.md:3: `<!-- relwatch:support -->` has no end, so nothing is kept there; put `<!-- /relwatch:support -->` below it",
            ),
            (
                format!("# Lamp\n{end}\n"),
                "README.md:2: `<!-- /relwatch:support -->` has no beginning, so nothing is kept there; put `<!-- relwatch:support -->` above it",
            ),
            (
                format!("<!-- relwatch:support wbe -->\n{end}\n"),
                "README.md:1: `<!-- relwatch:support wbe -->` names no component, so the block stays as it is; write `<!-- relwatch:support -->`",
            ),
        ],
        |(_, warning)| *warning,
        |(text, warning)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit_file("README.md", text, "docs: what is supported");
            repo.commit("feat: a timeout (#1)");
            is_left_with(&repo, "README.md", warning);
        },
    );
}

#[test]
fn a_typo_in_the_name_of_a_component_is_warned_of() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    configure(
        &repo,
        "components:\n  api: {paths: [api], tag: 'api-v{version}'}\n  web: {paths: [web], tag: 'web-v{version}'}\n",
    );
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.commit_file("web/a", "1\n", "feat: a");
    let block = "<!-- relwatch:support wbe -->\n<!-- /relwatch:support -->\n";
    repo.commit_file("README.md", block, "docs: support");
    is_left_with(
        &repo,
        "README.md",
        "README.md:1: `<!-- relwatch:support wbe -->` names no component, so the block stays as it is; write `<!-- relwatch:support api -->` or `<!-- relwatch:support web -->`",
    );
}

#[test]
fn a_block_in_a_file_that_is_not_utf_8_is_warned_of() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    // Without a block there is no message.
    repo.sh("printf 'caf\\351\\n' > SECURITY.md").ok();
    repo.sh(
        "printf '# Lamp\\ncaf\\351\\n' > README.md && relwatch support --markdown >> README.md",
    )
    .ok();
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-qm", "docs: support"]).ok();
    repo.commit("feat: a timeout (#1)");
    is_left_with(
        &repo,
        "README.md",
        "README.md:2: not UTF-8, so its support block stays as it is; save it as UTF-8",
    );
}

#[cfg(unix)]
#[test]
fn a_block_behind_a_link_is_warned_of() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let block = repo.relwatch(&["support", "--markdown"]).ok().stdout;
    repo.write("docs/read.md", &block);
    repo.write("docs/other.md", "no block\n");
    for (target, name) in [
        ("docs/read.md", "README.md"),
        ("docs/other.md", "SECURITY.md"),
    ] {
        std::os::unix::fs::symlink(target, repo.path.join(name)).unwrap();
    }
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-qm", "docs: support"]).ok();
    repo.commit("feat: a timeout (#1)");
    is_left_with(
        &repo,
        "docs/read.md",
        "README.md is a symlink, so the support block of docs/read.md is unchanged; name docs/read.md at `support: {files: […]}` in relwatch.yml",
    );
    configure(&repo, "support: {files: [README.md, docs/read.md]}\n");
    repo.commit("feat: a limit (#2)");
    assert_eq!(repo.relwatch(&["release", "--yes"]).ok().stderr, "");
    assert!(repo.read("docs/read.md").contains("| 0.3.x | Current |"));
}

#[test]
fn a_block_in_a_list_item_keeps_its_indentation() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let block = "- what is supported:\n\n  <!-- relwatch:support -->\n  <!-- /relwatch:support -->\n- the end\n";
    repo.commit_file("README.md", block, "docs: support");
    repo.commit("feat: a timeout (#1)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        repo.read("README.md"),
        "- what is supported:

  <!-- relwatch:support -->
  | Version | Status | Supported until | Notes |
  |---|---|---|---|
  | 0.2.x | Current | - | Active development |
  | 0.1.x | - | - | - |
  <!-- /relwatch:support -->
- the end
"
    );
}

#[test]
fn a_withdrawal_in_a_shallow_clone_loses_no_line_of_the_readme() {
    let sandbox = Sandbox::new();
    let repo = released_with_a_block(&sandbox);
    repo.sh("git clone -q --depth 1 \"file://$(pwd)\" ../shallow")
        .ok();
    let shallow = sandbox.at("shallow");
    let said = shallow
        .relwatch(&["withdraw", "0.2.0", "--reason", "bad", "--yes"])
        .ok();
    assert_eq!(
        said.stderr,
        "warning: the clone is shallow, so the support block of README.md stays as it is; run `git fetch --unshallow --tags`\n"
    );
    assert_eq!(shallow.read("README.md"), repo.read("README.md"));
}
