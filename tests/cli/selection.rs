//! Which completed specs a release contains, by the release spec, version labels and `relwatch hold`. A later release lists the specs that
//! wait.

use crate::support::{Repo, Sandbox, commit_all, project, says};

fn spec(repo: &Repo<'_>, id: &str, front: &str) {
    let title = id.rsplit('-').next().unwrap();
    repo.write(
        &format!(".chant/specs/{id}.md"),
        &format!("---\ntype: code\n{front}---\n\n# Add {title}\n"),
    );
}

/// Completed specs: `abc` without a label, `def` for 0.2.0, `ghi` for 0.3.0, each with a commit of its own.
fn labelled<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = project(sandbox, "r");
    for (id, labels) in [("abc", ""), ("def", "v0.2.0"), ("ghi", "v0.3.0")] {
        let id = format!("2026-01-29-001-{id}");
        spec(
            &repo,
            &id,
            &format!("status: completed\nlabels: [{labels}]\n"),
        );
        commit_all(&repo, &format!("chant({id}): Do it"));
    }
    repo
}

#[test]
fn a_spec_that_is_labelled_for_a_later_version_waits_for_it() {
    let sandbox = Sandbox::new();
    let repo = labelled(&sandbox);
    let now = "### Added\n\n- Add abc (2026-01-29-001-abc)\n- Add def (2026-01-29-001-def)";
    assert_eq!(repo.section(), now);
    says(
        &repo.relwatch(&["status", "--all"]).ok(),
        &["waits, labelled v0.3.0"],
    );
    says(
        &repo.relwatch(&["explain", "2026-01-29-001-ghi"]).ok(),
        &["waits, labelled v0.3.0"],
    );
    says(
        &repo.relwatch(&["release", "--yes"]).ok(),
        &[
            "2026-01-29-001-ghi waits, labelled v0.3.0",
            "released 0.2.0",
        ],
    );
    assert!(repo.exists(".chant/specs/2026-01-29-001-ghi.md"));
    assert!(!repo.exists(".chant/specs/2026-01-29-001-abc.md"));
    assert_eq!(repo.status(), "");

    // The next release lists it, although it was completed before the last one.
    let next = "### Added\n\n- Add ghi (2026-01-29-001-ghi)";
    assert_eq!(repo.section(), next);
    says(
        &repo.relwatch(&["status"]).ok(),
        &["next version: 0.3.0 (minor; feature: Add ghi (2026-01-29-001-ghi))"],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(
        repo.stored()
            .contains(&format!("## [0.3.0] - 2026-01-30\n\n{next}"))
    );
    assert_eq!(repo.section(), "");

    // Taken back, it waits again; and in a clone.
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.section(), next);
    repo.git(&["clone", "-q", ".", "../clone"]).ok();
    let clone = sandbox.at("clone");
    clone.relwatch(&["init"]).ok();
    assert_eq!(clone.section(), next);
}

#[test]
fn the_version_that_is_cut_decides_and_not_the_one_that_was_expected() {
    let sandbox = Sandbox::new();
    let repo = labelled(&sandbox);
    repo.relwatch(&["release", "0.1.1", "--yes"]).ok();
    assert!(
        repo.stored()
            .contains("## [0.1.1] - 2026-01-30\n\n### Added\n\n- Add abc (2026-01-29-001-abc)\n\n")
    );
    says(
        &repo.relwatch(&["status"]).ok(),
        &["next version: 0.2.0 (minor; feature: Add def (2026-01-29-001-def))"],
    );
    repo.relwatch(&["release", "0.4.0", "--yes"]).ok();
    assert!(repo.stored().contains("## [0.4.0] - 2026-01-30\n\n### Added\n\n- Add def (2026-01-29-001-def)\n- Add ghi (2026-01-29-001-ghi)\n\n"));
    assert_eq!(repo.section(), "");
}

#[test]
fn a_tag_that_people_made_takes_no_spec_of_a_later_version() {
    let sandbox = Sandbox::new();
    let repo = labelled(&sandbox);
    repo.git(&["tag", "-a", "v0.2.0", "-m", "by hand"]).ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add ghi (2026-01-29-001-ghi)"
    );
}

#[test]
fn a_release_spec_says_what_its_release_contains() {
    let sandbox = Sandbox::new();
    let repo = labelled(&sandbox);
    repo.write(
        ".chant/specs/2026-01-30-001-rel.md",
        "---\ntype: task\nstatus: ready\nlabels: [release, v0.2.0]\ninformed_by:\n  - .chant/specs/2026-01-29-001-def.md\n  - .chant/specs/2026-01-29-002-jkl.md\n---\n\n# Prepare release notes for v0.2.0\n\n- [ ] CHANGELOG.md updated\n- [ ] Version number bumped in Cargo.toml\n",
    );
    spec(&repo, "2026-01-29-002-jkl", "status: in_progress\n");
    spec(
        &repo,
        "2026-01-29-003-mno",
        "status: pending\nlabels: [v0.2.0]\n",
    );
    commit_all(&repo, "chant: Prepare v0.2.0");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add def (2026-01-29-001-def)"
    );
    says(
        &repo.relwatch(&["check"]).code(3),
        &[
            "2026-01-29-001-abc waits, 2026-01-30-001-rel does not name it; `relwatch prepare 0.2.0` adds it",
        ],
    );
    let refused = repo.relwatch(&["release", "--yes"]).code(3);
    says(
        &refused,
        &[
            "2026-01-29-002-jkl (in_progress), 2026-01-29-003-mno (pending) are for 0.2.0 and not completed",
        ],
    );
    says(
        &repo.relwatch(&["prepare", "0.2.0"]).ok(),
        &["3 boxes to tick"],
    );
    // Work that the release does itself is not a blocking checklist item.
    assert!(
        !refused.stderr.contains("open checklist item"),
        "{}",
        refused.stderr
    );

    repo.relwatch(&["prepare", "0.2.0"]).ok();
    assert!(
        repo.read(".chant/specs/2026-01-30-001-rel.md")
            .contains("2026-01-29-001-abc.md")
    );
    spec(&repo, "2026-01-29-002-jkl", "status: completed\n");
    spec(&repo, "2026-01-29-003-mno", "status: pending\n");
    repo.sh("sed -i 's/\\[ \\] All/[x] All/; s/\\[ \\] User/[x] User/' .chant/specs/2026-01-30-001-rel.md").ok();
    commit_all(&repo, "chant: Complete");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.stored().contains(
        "- Add abc (2026-01-29-001-abc)\n- Add def (2026-01-29-001-def)\n- Add jkl (2026-01-29-002-jkl)\n"
    ));
    let done = repo.read(".chant/archive/2026-01-30/2026-01-30-001-rel.md");
    assert!(
        done.contains("- [x] CHANGELOG.md updated\n- [x] Version number bumped in Cargo.toml\n"),
        "{done}"
    );
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add ghi (2026-01-29-001-ghi)"
    );
}

#[test]
fn a_held_spec_waits_release_after_release() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    for id in ["abc", "def"] {
        let id = format!("2026-01-29-001-{id}");
        spec(&repo, &id, "status: completed\n");
        commit_all(&repo, &format!("chant({id}): Do it"));
    }
    let held = repo
        .relwatch(&["hold", "001-abc", "--reason", "not yet"])
        .ok();
    assert_eq!(
        held.stdout,
        "held: 2026-01-29-001-abc\nnext: git commit -m 'docs: hold 001-abc' CHANGELOG.md\n"
    );
    repo.git(&["commit", "-qam", "docs: hold 001-abc"]).ok();
    let comment = "<!-- relwatch:hold 2026-01-29-001-abc not yet -->";
    assert_eq!(
        repo.section(),
        format!("{comment}\n\n### Added\n\n- Add def (2026-01-29-001-def)")
    );
    says(
        &repo.relwatch(&["specs"]).ok(),
        &["2026-01-29-001-abc waits, held in the changelog"],
    );
    repo.relwatch(&["hold", "2026-01-29-001-abc"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.section(), comment);
    assert!(
        repo.stored()
            .contains("## [0.2.0] - 2026-01-30\n\n### Added\n\n- Add def (2026-01-29-001-def)\n\n")
    );
    assert!(repo.exists(".chant/specs/2026-01-29-001-abc.md"));
    assert_eq!(repo.status(), "");

    repo.commit("fix: a crash (#3)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.section(), comment);

    // Also with a lightweight or a hand-made tag.
    repo.git(&["tag", "-f", "v0.2.1", "v0.2.1^{commit}"]).ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), comment);
    repo.commit("fix: another (#4)");
    repo.git(&["tag", "-a", "v0.2.2", "-m", "by hand"]).ok();
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), comment);

    let again = repo.relwatch(&["hold", "abc", "--undo"]).ok();
    says(&again, &["no longer held: 2026-01-29-001-abc"]);
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add abc (2026-01-29-001-abc)"
    );
    repo.git(&["commit", "-qam", "docs: release abc"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(
        repo.stored()
            .contains("## [0.3.0] - 2026-01-30\n\n### Added\n\n- Add abc (2026-01-29-001-abc)\n\n")
    );

    // A hand-written entry is always listed: it cannot be held.
    spec(&repo, "2026-01-29-002-ghi", "status: completed\n");
    commit_all(&repo, "chant: Add specs");
    repo.edit("CHANGELOG.md", "- Add ghi (", "- Ghi is there at last (");
    repo.git(&["commit", "-qam", "docs: reword"]).ok();
    says(
        &repo.relwatch(&["hold", "002-ghi"]).code(1),
        &["a hand-written line mentions `002-ghi`; remove that line from the changelog"],
    );
    spec(
        &repo,
        "2026-01-29-002-ghi",
        "status: completed\nlabels: [hold]\n",
    );
    repo.relwatch(&["update"]).ok();
    assert!(
        !repo
            .relwatch(&["status", "--all"])
            .ok()
            .stdout
            .contains("waits")
    );

    // Only a waiting spec can be held.
    repo.commit("feat: more (#5)");
    for words in ["#5", "HEAD", "nothing", "001-abc"] {
        says(
            &repo.relwatch(&["hold", words]).code(1),
            &["is no spec that waits for a release"],
        );
    }
    repo.relwatch(&["hold", " "]).code(2);
}

#[test]
fn labels_are_read_as_people_write_them() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    for (at, label) in ["v0.2.0", "0.9", "V0.9.0", "HOLD"].iter().enumerate() {
        let front = format!("status: completed\nlabels: ['{label}']\n");
        spec(&repo, &format!("2026-01-29-00{at}-abc"), &front);
    }
    commit_all(&repo, "chant: Add specs");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add abc (2026-01-29-000-abc)"
    );
}

#[test]
fn a_release_spec_that_names_nothing_stops_its_release() {
    let sandbox = Sandbox::new();
    let repo = labelled(&sandbox);
    repo.write(
        ".chant/specs/2026-01-30-001-rel.md",
        "---\nstatus: ready\nlabels: [release, v0.2.0]\ninformed_by: [2026-01-29-001-def, 2026-01-29-001-defg]\n---\n\n# Prepare release notes for v0.2.0\n",
    );
    commit_all(&repo, "chant: Prepare v0.2.0");
    says(
        &repo.relwatch(&["release", "--yes"]).code(3),
        &["2026-01-29-001-defg (does not exist) is for 0.2.0 and not completed"],
    );
}

#[test]
fn the_label_hold_keeps_a_spec() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    spec(
        &repo,
        "2026-01-29-001-abc",
        "status: completed\nlabels: [hold]\n",
    );
    commit_all(&repo, "chant: Add specs");
    repo.commit("fix: a crash (#3)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(!repo.stored().contains("001-abc"));
    spec(&repo, "2026-01-29-001-abc", "status: completed\n");
    commit_all(&repo, "chant: Let it go");
    assert_eq!(
        repo.section(),
        "### Added\n\n- Add abc (2026-01-29-001-abc)"
    );
}

#[test]
fn a_component_keeps_the_spec_that_it_held() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(
        "relwatch.yml",
        "components:\n  api: {paths: [api]}\n  web: {paths: [web]}\n",
    );
    for name in ["api", "web"] {
        repo.write(&format!("{name}/a"), "");
    }
    commit_all(&repo, "chore: components");
    for tag in ["api-v0.1.0", "web-v0.1.0"] {
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    for id in ["abc", "def"] {
        let id = format!("2026-01-29-001-{id}");
        spec(&repo, &id, "status: completed\n");
        for name in ["api", "web"] {
            repo.write(&format!("{name}/{id}"), "");
        }
        commit_all(&repo, &format!("chant({id}): Do it"));
    }
    repo.relwatch(&["hold", "def"]).ok();
    repo.git(&["commit", "-qam", "docs: hold def"]).ok();
    repo.relwatch(&["release", "--yes", "-c", "api"]).ok();
    repo.relwatch(&["hold", "def", "--undo"]).ok();
    let line = "- Add def (2026-01-29-001-def)";
    for name in ["api", "web"] {
        let told = repo.read(&format!("{name}/CHANGELOG.md"));
        assert_eq!(told.matches(line).count(), 1, "{name}: {told}");
    }
    repo.git(&["commit", "-qam", "docs: release def"]).ok();
    for name in ["api", "web"] {
        repo.relwatch(&["release", "--yes", "-c", name]).ok();
        let stored = repo
            .git(&["show", &format!("HEAD:{name}/CHANGELOG.md")])
            .ok()
            .stdout;
        assert_eq!(stored.matches(line).count(), 1, "{name}: {stored}");
    }
    assert!(!repo.exists(".chant/specs/2026-01-29-001-def.md"));
}
