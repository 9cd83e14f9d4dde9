//! `relwatch explain` and `relwatch skip`.

use crate::support::{Repo, Sandbox, project};

fn explained(repo: &Repo<'_>, words: &str) -> String {
    repo.relwatch(&["explain", words]).ok().stdout
}

#[test]
fn every_state_of_a_change_is_told() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    let one = repo.head()[..7].to_owned();
    repo.commit("docs: two (#2)");
    repo.commit("fix: three (#3)");
    let three = repo.head()[..7].to_owned();
    repo.commit("fix: four");
    let four = repo.head()[..7].to_owned();
    repo.write(
        ".chant/specs/2026-01-01-001-abc.md",
        "---\nstatus: completed\n---\n# Add a spec\n",
    );
    repo.write(
        ".chant/specs/2026-01-01-002-def.md",
        "---\nstatus: in_progress\n---\n# Not yet\n",
    );
    repo.commit("chant(2026-01-01-001-abc): Add a spec");
    let spec = repo.head()[..7].to_owned();
    repo.edit("CHANGELOG.md", "- Three (#3)", "- The third (#3)");
    repo.relwatch(&["update"]).ok();
    repo.git(&["commit", "-q", "-am", "docs: curate"]).ok();
    let curated = repo.head()[..7].to_owned();
    repo.relwatch(&["skip", &four, "--reason", "not visible --> to users"])
        .ok();

    assert_eq!(
        explained(&repo, "#1"),
        format!("commit {one}  feat: one (#1)\n  listed under Added: One (#1)\n")
    );
    assert_eq!(explained(&repo, &one), explained(&repo, "1"));
    assert!(explained(&repo, "#2").ends_with("  excluded: `docs` is not listed\n"));
    let line = repo
        .read("CHANGELOG.md")
        .lines()
        .position(|l| l == "- The third (#3)")
        .unwrap()
        + 1;
    assert_eq!(
        explained(&repo, &three),
        format!(
            "commit {three}  fix: three (#3)\n  superseded by a hand-written line\n  CHANGELOG.md:{line}: The third (#3)\n  written by hand: Author in {curated} on 2026-01-21\n"
        )
    );
    assert_eq!(
        explained(&repo, &four),
        format!(
            "commit {four}  fix: four\n  excluded: skipped by hand\n  by the comment `<!-- relwatch:skip {four} … -->`\n  written by hand, not committed yet\n  `relwatch skip --undo {four}` undoes it\n"
        )
    );
    assert!(repo.read("CHANGELOG.md").contains(&format!(
        "<!-- relwatch:skip {four} not visible -> to users -->\n"
    )));
    assert_eq!(
        explained(&repo, "2026-01-01-001-abc"),
        format!(
            "spec 2026-01-01-001-abc  Add a spec\n  listed under Added: Add a spec (2026-01-01-001-abc)\ncommit {spec}  chant(2026-01-01-001-abc): Add a spec\n  superseded by spec 2026-01-01-001-abc\n"
        )
    );
    assert!(
        explained(&repo, "002-def")
            .ends_with("  excluded: not completed (.chant/specs/2026-01-01-002-def.md)\n")
    );
    assert_eq!(
        explained(&repo, "The third"),
        format!(
            "line CHANGELOG.md:{line}  The third (#3)\n  written by hand: Author in {curated} on 2026-01-21\n  covers commit {three}  fix: three (#3)\n"
        )
    );
    assert!(explained(&repo, "One (").contains(&format!("generated from commit #1, {one}\n")));
    assert!(explained(&repo, "v0.1.0").contains(
        "  the release before HEAD: the highest one in its history\n  the first release: "
    ));
    assert!(explained(&repo, "first thing").ends_with("  released in 0.1.0\n"));
    repo.git(&["commit", "-q", "-am", "docs: skip"]).ok();
    repo.git(&["switch", "-q", "-c", "other", "HEAD~1"]).ok();
    assert!(explained(&repo, "main").ends_with("  not in the history of other\n"));
    repo.relwatch(&["explain", ""]).code(2);
    let unknown = repo.relwatch(&["explain", "no such thing"]).code(1);
    assert_eq!(
        unknown.stderr,
        "relwatch: `no such thing` is no commit, spec, issue or line of CHANGELOG.md; `relwatch status --all` lists what there is\n"
    );
    let json = repo.relwatch(&["explain", "--json", "#1"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["facts"][0]["state"], "listed");
}

#[test]
fn skip_is_what_deleting_the_line_is_and_can_be_taken_back() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("feat: two (#2)");
    let before = repo.read("CHANGELOG.md");
    let next = "next: git commit -m 'docs: skip #1' CHANGELOG.md\n";
    assert_eq!(
        repo.relwatch(&["skip", "#1"]).ok().stdout,
        format!("skipped: #1\n{next}")
    );
    assert_eq!(
        repo.section(),
        "<!-- relwatch:skip #1 -->\n\n### Added\n\n- Two (#2)"
    );
    assert_eq!(
        repo.relwatch(&["skip", "#1"]).ok().stdout,
        format!("already skipped: #1\n{next}")
    );
    assert_eq!(
        repo.relwatch(&["skip", "--undo", "#1"]).ok().stdout,
        "no longer skipped: #1\n",
        "nothing is to be committed"
    );
    assert_eq!(repo.read("CHANGELOG.md"), before);
    assert_eq!(repo.status(), "");
    // The last generated line: deleting it together with its heading would look like a restored file.
    repo.relwatch(&["skip", "#1"]).ok();
    repo.relwatch(&["skip", "#2"]).ok();
    assert_eq!(
        repo.section(),
        "<!-- relwatch:skip #2 -->\n<!-- relwatch:skip #1 -->"
    );
    let two = repo.head()[..7].to_owned();
    assert_eq!(
        repo.relwatch(&["skip", &two]).ok().stdout,
        format!("already skipped: {two}\nnext: git commit -m 'docs: skip {two}' CHANGELOG.md\n"),
        "by its issue"
    );
    repo.relwatch(&["skip", "--undo", &two]).ok();
    assert!(repo.section().contains("- Two (#2)"), "{}", repo.section());
    repo.relwatch(&["skip", ""]).code(2);
    let unknown = repo.relwatch(&["skip", "#77"]).code(1);
    assert!(
        unknown
            .stderr
            .contains("`#77` matches no unreleased commit, spec or issue")
    );
    repo.relwatch(&["skip", "--undo", "#77"]).code(1);
}

#[test]
fn the_commands_that_skip_names_make_it_permanent() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: one (#1)");
    repo.commit("feat: two (#2)");
    for arguments in [&["skip", "#1"][..], &["skip", "--undo", "#1"]] {
        let said = repo.relwatch(arguments).ok().stdout;
        let next = said.lines().find_map(|line| line.strip_prefix("next: "));
        repo.sh(next.unwrap()).ok();
        assert_eq!(repo.status(), "");
        let is_skipped = repo.stored().contains("relwatch:skip #1");
        assert_eq!(is_skipped, arguments.len() == 2, "{}", repo.stored());
        let again = repo.relwatch(&["skip", "#1"]);
        if is_skipped {
            assert_eq!(again.ok().stdout, "already skipped: #1\n");
        }
    }
    repo.git(&["commit", "-qam", "docs: skip"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
}
