//! What a release archives, and what it leaves where it is: the tool goes on working.

use crate::support::{Repo, Sandbox, commit_all, project, says};

fn spec(repo: &Repo<'_>, id: &str, front: &str) {
    let text = format!("---\n{front}---\n\n# Add {id}\n");
    repo.write(&format!(".chant/specs/{id}.md"), &text);
}

const A: &str = "2026-01-30-001-aaa";
const B: &str = "2026-01-30-002-bbb";

fn archived(repo: &Repo<'_>, id: &str) -> bool {
    let path = format!(".chant/archive/{}/{id}.md", &id[..10]);
    let is_there = repo.exists(&path);
    assert_ne!(
        is_there,
        repo.exists(&format!(".chant/specs/{id}.md")),
        "{id}"
    );
    is_there
}

/// F12: chant shows a spec as blocked if one that it depends on is not in its folder.
#[test]
fn what_an_open_spec_depends_on_stays() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    spec(&repo, A, "status: completed\n");
    spec(&repo, B, &format!("status: pending\ndepends_on: [{A}]\n"));
    commit_all(&repo, "chore: specs");
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    says(
        &plan,
        &[&format!(".chant/specs/{A}.md stays: {B} depends on it")],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(!archived(&repo, A));
    assert!(repo.read("CHANGELOG.md").contains(&format!("- Add {A}")));
    spec(&repo, B, &format!("status: completed\ndepends_on: [{A}]\n"));
    commit_all(&repo, "chore: specs");
    assert!(!repo.section().contains(A), "{}", repo.section());
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(archived(&repo, A) && archived(&repo, B));
    // git removes a folder with its last file; chant looks for its own.
    assert!(repo.exists(".chant/specs"));
    assert_eq!(repo.status(), "");
    repo.relwatch(&["undo", "--yes"]).ok();
    assert!(!archived(&repo, A) && !archived(&repo, B));
}

/// The first release of a project that has specs for years does not move them all.
#[test]
fn what_releases_before_relwatch_contain_stays() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    spec(&repo, A, "status: completed\n");
    commit_all(&repo, "feat: long ago");
    repo.git(&["tag", "-a", "v1.0.0", "-m", "x"]).ok();
    repo.relwatch(&["init"]).ok();
    spec(&repo, B, "status: completed\n");
    commit_all(&repo, "chore: relwatch");
    let plan = repo.relwatch(&["check"]);
    says(
        &plan,
        &[
            "1 file to archive; 1 spec of earlier releases not archived, `relwatch archive` moves them",
        ],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(!archived(&repo, A) && archived(&repo, B));
    repo.relwatch(&["archive"]).ok();
    assert!(archived(&repo, A));
    assert!(repo.exists(".chant/specs"));
}
