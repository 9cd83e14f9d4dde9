//! Commits of every kind, from git to the section: each change once, in the right category, by the right name.

use crate::support::{Repo, Sandbox, cases, configure, project, says};

/// Reasons of excluded or superseded changes, as `subject: reason`.
fn told(repo: &Repo<'_>) -> Vec<String> {
    let json = repo.relwatch(&["status", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let all = ["left_out", "covered"].map(|key| json[key].as_array().unwrap().clone());
    let one = |told: &serde_json::Value| {
        let text = |key: &str| told[key].as_str().unwrap().to_owned();
        format!("{}: {}", text("subject"), text("reason"))
    };
    all.concat().iter().map(one).collect()
}

#[track_caller]
fn is_told(repo: &Repo<'_>, expected: &str) {
    let told = told(repo);
    assert!(
        told.iter().any(|one| one == expected),
        "{expected:?} in {told:#?}"
    );
}

fn short(repo: &Repo<'_>) -> String {
    repo.head()[..7].to_owned()
}

#[test]
fn conventional_commits_to_the_letter() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    for message in [
        "FEAT(Parser)!: units in any case (#1)\n\nReviewed-by: Z\nBREAKING CHANGE: quote \"units\"\nand escape them\n\nRefs #2",
        "fix: wait for it (#3)\n\nBREAKING-CHANGE: callers block",
        "fix: not breaking (#4)\n\nbreaking change: in lower case is prose",
        "feat (api): a space before the scope is no type",
        "feat:no space is no type",
        "chore!: drop support for Node 6 (#5)\n\nBREAKING CHANGE #use Node 8",
    ] {
        repo.commit(message);
    }
    let section = repo.section();
    for line in [
        "- **Breaking:** **Parser:** units in any case (#1)",
        "- **Breaking:** Wait for it (#3)",
        "- Not breaking (#4)",
        "- **Breaking:** Drop support for Node 6 (#5)",
        "  quote \"units\"\n  and escape them",
        "  callers block",
        "  use Node 8",
    ] {
        assert!(section.contains(line), "{line}\n{section}");
    }
    assert_eq!(section.matches("**Breaking:**").count(), 3, "{section}");
}

#[test]
fn squash_merges_give_each_change_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    // GitHub's list below a plain title: the items are the changes.
    repo.commit("Storage work (#10)\n\n* feat: lock timeout\n\n* fix(cli): crash on empty input (#9)\n\n* chore: tidy\n\nCo-authored-by: B <b@example.org>");
    // Below a conventional title, the other commits are ignored unless they have more weight.
    repo.commit("fix: flaky reader (#11)\n\n* fix: typo\n* test: more\n* feat!: readers wait\n");
    // GitLab's merge of a branch that was squashed.
    repo.commit(
        "Merge branch 'x' into 'main'\n\nfeat: paint it black\n\nSee merge request group/proj!12",
    );
    let section = repo.section();
    let tenth = repo
        .git(&["log", "--format=%h", "--abbrev=7", "--grep=Storage work"])
        .stdout;
    let tenth = tenth.trim();
    for line in [
        "- Lock timeout (#10".to_owned(),
        "- **cli:** crash on empty input (#9".to_owned(),
        "- Flaky reader (#11".to_owned(),
        "- **Breaking:** Readers wait (#11".to_owned(),
        "- Paint it black (!12)".to_owned(),
    ] {
        assert_eq!(section.matches(&line).count(), 1, "{line}\n{section}");
    }
    assert!(
        !section.contains("typo") && !section.contains("idy"),
        "{section}"
    );
    assert!(!section.contains("Storage work"), "{section}");
    let explained = repo.relwatch(&["explain", tenth]).ok().stdout;
    assert!(explained.contains("Lock timeout"), "{explained}");
    repo.write("relwatch.yml", "squash: items\n");
    repo.relwatch(&["update"]).ok();
    assert!(repo.section().contains("Typo"), "{}", repo.section());
}

#[test]
fn merges_name_their_commits() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    repo.commit("feat: one");
    let one = short(&repo);
    repo.commit("fix: two");
    let two = short(&repo);
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("chore: main goes on");
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge pull request #21 from me/topic\n\nOne and two",
        "topic",
    ])
    .ok();
    repo.git(&["switch", "-q", "-c", "single"]).ok();
    repo.commit("feat: three");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge branch 'single' into 'main'\n\nThree\n\nCloses #5\n\nSee merge request g/p!22",
        "single",
    ])
    .ok();
    assert_eq!(
        repo.section(),
        format!(
            "### Added\n\n- One (#21, {one})\n- Three (!22)\n\n### Fixed\n\n- Two (#21, {two})"
        )
    );
}

#[test]
fn reverts_take_back_exactly_what_they_name() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit_file("a", "a\n", "feat: one");
    repo.commit_file("b", "b\n", "feat: two");
    repo.commit_file("c", "c\n", "feat: three");
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert!(!repo.section().contains("Three"));
    is_told(&repo, &format!("feat: three: reverted by {}", short(&repo)));
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert_eq!(
        repo.section().matches("Three").count(),
        1,
        "{}",
        repo.section()
    );
    // One commit takes two back.
    let two = repo.git(&["rev-parse", "HEAD~3"]).ok().stdout;
    let one = repo.git(&["rev-parse", "HEAD~4"]).ok().stdout;
    repo.git(&["revert", "--no-commit", two.trim(), one.trim()])
        .ok();
    repo.git(&[
        "commit",
        "-q",
        "-m",
        &format!(
            "Revert one and two\n\nThis reverts commit {} and {}.",
            one.trim(),
            two.trim()
        ),
    ])
    .ok();
    let section = repo.section();
    assert!(
        !section.contains("One") && !section.contains("Two"),
        "{section}"
    );
    assert!(section.contains("Three"), "{section}");
    // The revert of a released change is a change.
    repo.commit_file("d", "d\n", "feat: four");
    let four = repo.head();
    repo.relwatch(&["release", "--yes"]).ok();
    repo.git(&["revert", "--no-edit", &four]).ok();
    assert!(
        repo.section().contains("Revert \"feat: four\""),
        "{}",
        repo.section()
    );
}

#[test]
fn a_spec_goes_when_its_commits_are_reverted_and_comes_back_with_them() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(
        ".chant/specs/2026-01-29-001-abc.md",
        "---\nstatus: completed\n---\n# Add a lock\n",
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chant: Add spec 2026-01-29-001-abc"])
        .ok();
    repo.commit_file("lock", "1\n", "chant(2026-01-29-001-abc): add a lock");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add a lock (2026-01-29-001-abc)"
    );
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert_eq!(repo.section(), "");
    is_told(&repo, &format!("Add a lock: reverted by {}", short(&repo)));
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add a lock (2026-01-29-001-abc)"
    );
}

#[test]
fn trailers_decide() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let line = |message: &str| {
        repo.commit(message);
        repo.section()
    };
    assert!(line("tidy (#1)\n\nChangelog: added").contains("### Added\n\n- Tidy (#1)"));
    assert!(!line("feat: secret (#2)\n\nChangelog: skip").contains("ecret"));
    is_told(&repo, "feat: secret (#2): says `Changelog: skip`");
    let section = line("refactor: parser (#3)\n\nRelease-Note: Parsing is twice as fast.");
    assert!(
        section.contains("- Parsing is twice as fast. (#3)"),
        "{section}"
    );
    assert!(!line("fix: x (#4)\n\nRelease-Note: none").contains("#4"));
    assert!(line("chore: y (#5)\n\nChangelog: security").contains("### Security\n\n- Y (#5)"));
    assert!(line("misc (#6)\n\nChangelog: other").contains("- Misc (#6)"));
    // Prose is not a trailer (git-interpret-trailers).
    assert!(
        line("fix: z (#7)\n\nChangelog: skip\nis what one would write\nin the last paragraph")
            .contains("- Z (#7)")
    );
    repo.write(
        ".chant/specs/2026-01-29-001-abc.md",
        "---\nstatus: completed\n---\n# Add a lock\n",
    );
    repo.commit("feat: lock (#8)\n\nSpec: 2026-01-29-001-abc");
    is_told(&repo, "feat: lock (#8): spec 2026-01-29-001-abc");
}

#[test]
fn picks_are_told_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["switch", "-q", "-c", "hotfix/1"]).ok();
    repo.commit_file("x", "1\n", "fix: crash (#1)");
    let fix = repo.head();
    repo.relwatch(&["release", "0.1.1", "--yes"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("feat: other");
    repo.git(&["cherry-pick", "-x", &fix]).ok();
    // v0.1.1 goes on from the release that main goes on from: it is the previous release of main.
    assert!(!repo.section().contains("Crash (#1)"), "{}", repo.section());
    let status = repo.relwatch(&["status", "--all"]).ok().stdout;
    assert!(status.contains("last release: v0.1.1"), "{status}");
    assert!(status.contains("also in v0.1.1"), "{status}");
    repo.git(&["merge", "-q", "--no-edit", "-X", "ours", "hotfix/1"])
        .ok();
    assert_eq!(
        repo.read("CHANGELOG.md").matches("Crash (#1)").count(),
        1,
        "{}",
        repo.read("CHANGELOG.md")
    );
    // The same change on two branches.
    repo.git(&["switch", "-q", "-c", "a"]).ok();
    repo.commit_file("y", "1\n", "fix: slow start");
    let slow = repo.head();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit("chore: go on");
    repo.git(&["cherry-pick", "-x", &slow]).ok();
    repo.git(&["merge", "-q", "--no-edit", "a"]).ok();
    assert_eq!(
        repo.section().matches("Slow start").count(),
        1,
        "{}",
        repo.section()
    );
}

#[test]
fn issues_trackers_links_categories_and_the_template_are_configured() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&[
        "remote",
        "add",
        "origin",
        "git@git.example.org:group/proj.git",
    ])
    .ok();
    repo.write(
        "relwatch.yml",
        "web: {url: https://git.example.org/group/proj, forge: gitlab}
issues:
  trackers: {'JIRA-\\d+': 'https://jira.example.org/browse/{}'}
scopes: {api: HTTP API, internal: ''}
entry: '{scope}{text} by {author} ({refs})'
types: {deps: changed, note: changed}
categories:
  - {title: Breaking, of: [breaking]}
  - {title: New, of: [added]}
  - {title: Dependencies, of: [deps]}
  - {title: Fixed, of: [fixed]}
  - {title: Security, of: [security]}
",
    );
    let linked =
        repo.read("CHANGELOG.md") + "\n[0.1.0]: https://git.example.org/group/proj/-/tags/v0.1.0\n";
    repo.write("CHANGELOG.md", &linked);
    repo.git(&["commit", "-q", "-am", "chore: configure"]).ok();
    repo.commit("feat(api): timeouts\n\nRefs: JIRA-12");
    repo.commit("deps(internal): libgit2 1.9 (#4)");
    let deps = short(&repo);
    repo.commit("perf: faster");
    repo.commit("fix!: wait\n\nBREAKING CHANGE: be patient\n\nCloses !7");
    repo.commit("security: CVE-2026-1234 in the parser (#9)");
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section(),
        "### Breaking

- Wait by Author ([!7](https://git.example.org/group/proj/-/merge_requests/7))

  be patient

### Security

- CVE-2026-1234 in the parser by Author ([#9](https://git.example.org/group/proj/-/issues/9))

### New

- **HTTP API:** timeouts by Author ([JIRA-12](https://jira.example.org/browse/JIRA-12))

### Dependencies

- libgit2 1.9 by Author ([#4](https://git.example.org/group/proj/-/issues/4))"
    );
    is_told(&repo, "perf: faster: `perf` is not listed");
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(status.contains("   1  `perf` is not listed\n"), "{status}");
    assert!(
        repo.relwatch(&["explain", "#4"])
            .ok()
            .stdout
            .contains(&deps)
    );
    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    assert!(
        repo.stored()
            .contains("[0.2.0]: https://git.example.org/group/proj/-/compare/v0.1.0...v0.2.0"),
        "{}",
        repo.stored()
    );
}

#[test]
fn filters_leave_out_by_scope_path_and_author() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(
        "relwatch.yml",
        "only: {paths: ['src/**']}\nignore: {scopes: [wip], paths: ['src/gen/**'], authors: ['\\[bot\\]']}\n",
    );
    repo.git(&["commit", "-q", "-am", "chore: configure"]).ok();
    repo.commit_file("src/a/b.rs", "1\n", "feat: deep");
    repo.commit_file("src/a.rs", "1\n", "feat(wip): scoped");
    repo.commit_file("src/gen/x.rs", "1\n", "feat: generated");
    repo.commit_file("docs/x.md", "1\n", "feat: elsewhere");
    repo.write("src/gen/x.rs", "2\n");
    repo.write("src/b.rs", "2\n");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "fix: both"]).ok();
    repo.write("src/c.rs", "2\n");
    repo.git(&["add", "."]).ok();
    repo.git(&[
        "commit",
        "-q",
        "--author",
        "dependabot[bot] <x@y>",
        "-m",
        "fix: bump",
    ])
    .ok();
    repo.relwatch(&["update"]).ok();
    let (deep, both) = ("- Deep (", "- Both (");
    let section = repo.section();
    assert!(
        section.contains(deep) && section.contains(both),
        "{section}"
    );
    assert_eq!(section.matches("\n- ").count(), 2, "{section}");
    for subject in [
        "feat(wip): scoped",
        "feat: generated",
        "feat: elsewhere",
        "fix: bump",
    ] {
        let told = told(&repo);
        assert!(
            told.iter().any(|one| one.starts_with(subject)),
            "{subject} in {told:#?}"
        );
    }
}

#[test]
fn issues_are_those_of_this_repository() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("fix: one\n\nFixes #3");
    repo.commit("fix: two\n\nCloses owner/repo#4, #5");
    repo.commit("fix: three, as in #6");
    repo.commit("fix: four\n\nsee #7 for why");
    let four = short(&repo);
    let section = repo.section();
    for line in [
        "- One (#3)",
        "- Two (#5",
        "- Three, as in #6",
        &format!("- Four ({four})"),
    ] {
        assert!(section.contains(line), "{line}\n{section}");
    }
}

#[test]
fn nothing_of_a_squash_is_lost() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("Add dashboards (#1)\n\n* feat: add dashboards\n\n* fix: wrong total");
    repo.commit("Big PR (#2)\n\n* Add charts\n\n* fix: wrong sum");
    repo.commit("Undo (#3)\n\n* fix: a\n* fix: b\n* fix: c\n* Revert \"fix: b\"");
    let section = repo.section();
    for line in [
        "- Add dashboards (#1",
        "- Wrong total (#1",
        "- Big PR (#2)",
        "- Wrong sum (#2",
        "- A (#3",
        "- C (#3",
    ] {
        assert_eq!(section.matches(line).count(), 1, "{line}\n{section}");
    }
    assert!(!section.contains("- B (#3"), "{section}");
    is_told(&repo, "Add dashboards (#1): the list in its body");
    repo.commit("feat: parent (#4)\n\n* feat: one\n\nBREAKING CHANGE: m1\n\n* fix!: two\n\nBREAKING CHANGE: m2\n\n---------\n\nCo-authored-by: B <b@c>");
    let section = repo.section();
    assert!(section.contains("- **Breaking:** One (#4"), "{section}");
    for text in ["\n\n  m1\n", "\n\n  m2\n", "- Parent (#4)"] {
        assert_eq!(section.matches(text).count(), 1, "{text}\n{section}");
    }
    assert!(!section.contains("---"), "{section}");
}

#[test]
fn a_merge_that_tells_a_change_speaks_for_what_it_brought() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let merge = |name: &str, messages: &[&str], message: &str| {
        repo.git(&["switch", "-q", "-c", name]).ok();
        messages.iter().for_each(|message| repo.commit(message));
        repo.git(&["switch", "-q", "main"]).ok();
        repo.git(&["merge", "-q", "--no-ff", "-m", message, name])
            .ok();
    };
    merge("a", &["chore: w", "fix: way there"], "feat: charts (#1)");
    merge(
        "b",
        &["feat: before"],
        "Merge pull request #2 from o/b\n\nBee\n\nBREAKING CHANGE: be patient",
    );
    merge(
        "c",
        &["feat: c1"],
        "Merge pull request #3 from o/c\n\nSea\n\nRelease-Note: The sea is blue.",
    );
    merge(
        "d",
        &["feat: d1"],
        "Merge pull request #4 from o/d\n\nDee\n\nChangelog: skip",
    );
    merge(
        "e",
        &["feat!: even more\n\nBREAKING CHANGE: more"],
        "feat: e (#5)",
    );
    let section = repo.section();
    for line in [
        "- Charts (#1)",
        "- Way there (#1",
        "- **Breaking:** Bee (#2)\n\n  be patient",
        "- Before (#2",
        "- The sea is blue. (#3)",
        "- **Breaking:** Even more (#5",
    ] {
        assert!(section.contains(line), "{line}\n{section}");
    }
    assert_eq!(section.matches("\n- ").count(), 6, "{section}");
    is_told(&repo, "feat: e (#5): the commits that it brought");
    let told = told(&repo);
    for start in ["feat: c1: merge ", "feat: d1: merge "] {
        assert!(
            told.iter().any(|one| one.starts_with(start)),
            "{start} in {told:#?}"
        );
    }
}

#[test]
fn reverts_and_tickets_are_worded_as_what_they_are() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat(api): add export (#1)");
    let export = repo.head();
    repo.relwatch(&["release", "--yes"]).ok();
    repo.commit(&format!(
        "revert: feat(api): add export (#1)\n\nThis reverts commit {export}."
    ));
    repo.commit("revert(api): add import");
    repo.commit("ABC-12: Fix the stove");
    repo.git(&[
        "commit",
        "-q",
        "--allow-empty",
        "--allow-empty-message",
        "-m",
        "",
    ])
    .ok();
    let section = repo.section();
    for line in [
        "- Revert add export (#1)",
        "- **api:** revert add import (",
        "- ABC-12: Fix the stove (",
    ] {
        assert!(section.contains(line), "{line}\n{section}");
    }
    assert_eq!(section.matches("- ").count(), 3, "{section}");
    is_told(&repo, ": has no message");
}

#[test]
fn a_deepened_clone_tells_what_it_has_now() {
    let sandbox = Sandbox::new();
    let origin = sandbox.repo("origin");
    for number in 1..=5 {
        origin.commit(&format!("feat: change {number} (#{number})"));
    }
    let url = format!("file://{}", origin.path.display());
    origin
        .git(&["clone", "-q", "--depth", "2", &url, "../clone"])
        .ok();
    let clone = sandbox.at("clone");
    clone.relwatch(&["init"]).ok();
    assert!(!clone.section().contains("Change 3"));
    clone.git(&["fetch", "-q", "--unshallow"]).ok();
    clone.relwatch(&["update"]).ok();
    assert!(
        clone.section().contains("Change 1 (#1)"),
        "{}",
        clone.section()
    );
}

/// As `git log` shows them; without a header, text that is not UTF-8 is read as Latin 1, as gitweb does.
#[test]
fn messages_are_read_in_their_encodings() {
    cases::run(
        [
            ("ISO-8859-1", "f\\374ge", "Füge"),
            (
                "windows-1251",
                "\\344\\356\\341\\340\\342\\350\\362\\374",
                "добавить",
            ),
            (
                "KOI8-R",
                "\\304\\317\\302\\301\\327\\311\\324\\330",
                "добавить",
            ),
            ("SHIFT_JIS", "\\222\\307\\211\\301", "追加"),
            ("CP932", "\\222\\307\\211\\301", "追加"),
            ("EUC-KR", "\\303\\337\\260\\241", "추가"),
            ("GBK", "\\314\\355\\274\\323", "添加"),
            ("UTF-8", "f\\374ge", "Füge"),
            ("nobody-knows", "plain", "Plain"),
        ],
        |(encoding, ..)| (*encoding).to_owned(),
        |(encoding, bytes, shown)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "repo");
            repo.sh(&format!("printf 'feat: {bytes} (#1)' > ../message; git -c i18n.commitEncoding={encoding} commit -q --allow-empty -F ../message")).ok();
            let section = repo.section();
            let is_shown = section
                .to_lowercase()
                .contains(&format!("{} (#1)", shown.to_lowercase()));
            assert!(is_shown, "{section}");
        },
    );
}

#[test]
fn entries_link_where_every_clone_knows_the_address() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.git(&["remote", "add", "origin", "git@github.com:fork/lamp.git"])
        .ok();
    repo.git(&[
        "remote",
        "add",
        "upstream",
        "https://me:secret@github.com/acme/lamp.git",
    ])
    .ok();
    repo.commit("fix: a crash (#12)");
    assert_eq!(repo.section(), "### Fixed\n\n- A crash (#12)");
    // An old key that the remote's address went with.
    configure(&repo, "web: {links: true}\n");
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Fixed\n\n- A crash (#12)");
    let hint = "warning: relwatch.yml: web: `links` needs `url`, so that entries link the same pages in every clone; add the address of the project's pages\n";
    says(&repo.relwatch(&["check", "--offline"]), &[hint]);
    says(&repo.relwatch(&["doctor"]), &[hint]);
    // `init` writes the project's address, not the fork's.
    repo.sh("git rm -q relwatch.yml && git commit -q -m 'chore: anew'")
        .ok();
    says(
        &repo.relwatch(&["init"]).ok(),
        &["entries link https://github.com/acme/lamp"],
    );
    let yaml = repo.read("relwatch.yml");
    assert!(
        yaml.contains("\nweb: {url: https://github.com/acme/lamp}\n"),
        "{yaml}"
    );
    let linked = "### Fixed\n\n- A crash ([#12](https://github.com/acme/lamp/issues/12))";
    assert_eq!(repo.section(), linked);
    configure(
        &repo,
        "web: {url: https://github.com/acme/lamp, links: false}\n",
    );
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Fixed\n\n- A crash (#12)");
}
