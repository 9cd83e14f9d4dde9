//! What a release archives and what it leaves in place: the tool keeps working.

use crate::support::{Repo, Sandbox, commit_all, configure, project, says, with_remote};

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

/// F12: chant shows a spec as blocked if a spec that it depends on is not in its directory.
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
    // git removes a directory with its last file, but chant expects its directory to exist.
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

/// git stores no empty directory, so it is missing in clones, and after a release is pulled or checked out; chant then reports that it is
/// not initialized.
#[test]
fn the_folder_of_specs_stays_when_the_last_one_is_archived() {
    let sandbox = Sandbox::new();
    let repo = with_remote(&sandbox, "r");
    let add = |id: &str| {
        spec(&repo, id, "status: completed\nlabels: [v0.2.0]\n");
        commit_all(&repo, "chore: specs");
    };
    add(A);
    repo.git(&["push", "-q"]).ok();
    sandbox.at("").git(&["clone", "-q", "r.git", "other"]).ok();
    let other = sandbox.at("other");
    other.relwatch(&["init", "--yes"]).ok();
    let before = repo.head();

    for args in [
        &["archive", "--label", "v0.2.0"][..],
        &["archive", A],
        &["release", "--yes"],
    ] {
        repo.relwatch(args).ok();
        assert!(
            archived(&repo, A) && repo.exists(".chant/specs"),
            "{args:?}"
        );
        repo.git(&["reset", "-q", "--hard", &before]).ok();
        repo.git(&["tag", "-d", "v0.2.0"]);
    }
    repo.relwatch(&["release", "--yes"]).ok();
    repo.relwatch(&["undo", "--yes"]).ok();
    assert!(!archived(&repo, A) && !repo.exists(".chant/archive"));

    repo.relwatch(&["release", "--yes", "--push"]).ok();
    for pull in ["--no-rebase", "--rebase"] {
        other.git(&["pull", "-q", pull]).ok();
        assert!(
            archived(&other, A) && other.exists(".chant/specs"),
            "{pull}"
        );
        other.git(&["reset", "-q", "--hard", &before]).ok();
        assert!(!archived(&other, A));
        if pull == "--no-rebase" {
            other.commit("docs: mine"); // so that there is something to rebase
        }
    }
    repo.git(&["switch", "-q", "--detach", &before]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    assert!(repo.exists(".chant/specs"));
    sandbox.at("").git(&["clone", "-q", "r.git", "new"]).ok();
    let new = sandbox.at("new");
    assert!(!new.exists(".chant/specs"));
    new.relwatch(&["init", "--yes"]).ok();
    assert!(new.exists(".chant/specs") && new.status().is_empty());
    // A project without specs gets no directory.
    let plain = project(&sandbox, "plain");
    plain.git(&["switch", "-q", "-c", "topic"]).ok();
    assert!(!plain.exists(".chant"));
}

#[test]
fn nested_folders_of_specs_stay_and_none_is_made_through_a_link() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    configure(
        &repo,
        "specs:\n  - {name: work, files: 'docs/work/*/spec.md', whole_folder: true, id: 'docs/work/([^/]+)/', done: {status: completed}, archive: 'docs/done/{id}/{file}'}\n  - {name: notes, files: 'notes/**/*.md', archive: delete}\n",
    );
    repo.write(
        "docs/work/lamp/spec.md",
        "---\nstatus: completed\n---\n\n# Add a lamp\n",
    );
    repo.write("notes/a/b/dim.md", "# Add a dimmer\n");
    commit_all(&repo, "chore: specs");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(repo.exists("docs/work") && repo.exists("notes"));
    assert!(
        repo.exists("docs/done/lamp/spec.md"),
        "{}",
        repo.git(&["ls-files"]).stdout
    );
    assert_eq!(repo.status(), "");

    std::fs::create_dir_all(sandbox.path().join("outside/done")).unwrap();
    repo.sh("git rm -q -r docs && ln -s ../outside docs && git add docs")
        .ok();
    repo.commit("chore: link");
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    assert!(!sandbox.at("outside").exists("work"));
}

/// One open and one cancelled spec keep nothing from the archive that belongs there.
#[test]
fn what_can_be_archived_is_and_the_rest_is_named() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    const C: &str = "2026-01-30-003-ccc";
    const D: &str = "2026-01-30-004-ddd";
    for (id, status) in [
        (A, "completed"),
        (B, "pending"),
        (C, "cancelled"),
        (D, "completed"),
    ] {
        let label = if id == D { "other" } else { "v0.7.0" };
        spec(&repo, id, &format!("status: {status}\nlabels: [{label}]\n"));
    }
    commit_all(&repo, "chore: specs");
    let open = format!("not archived: {B} is not completed (.chant/specs/{B}.md)");
    let cancelled = format!("not archived: {C} is cancelled (.chant/specs/{C}.md)");

    let dry = repo
        .relwatch(&["archive", "--label", "v0.7.0", "--dry-run"])
        .ok();
    says(&dry, &["1 spec would be archived", &open, &cancelled]);
    assert_eq!(repo.status(), "");
    let some = repo.relwatch(&["archive", "--label", "v0.7.0"]).ok();
    says(&some, &["archived: 1 spec\n", &open, &cancelled]);
    assert!(
        archived(&repo, A) && !archived(&repo, B) && !archived(&repo, C) && !archived(&repo, D)
    );
    let none = repo.relwatch(&["archive", "--label", "v0.7.0"]).code(3);
    says(
        &none,
        &["nothing was archived", "is not completed", "is cancelled"],
    );

    // It fails if a named spec would stay, or if a file is in the way.
    let named = repo.relwatch(&["archive", B, D]).code(3);
    says(&named, &["archived: 1 spec\n", &open]);
    assert!(archived(&repo, D));
    repo.git(&["reset", "-q", "--hard"]).ok();
    repo.write(&format!(".chant/archive/2026-01-30/{D}.md"), "mine\n");
    let blocked = repo.relwatch(&["archive", A, D]).code(3);
    says(
        &blocked,
        &["archived: 1 spec\n", &format!("{D}.md exists already")],
    );
    assert_eq!(
        repo.read(&format!(".chant/archive/2026-01-30/{D}.md")),
        "mine\n"
    );
}

/// A driver and its members move together or not at all.
#[test]
fn a_driver_with_an_open_member_stays_with_the_others() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    let [one, two] = [1, 2].map(|number| format!("{A}.{number}"));
    spec(&repo, A, "status: completed\ntype: driver\n");
    spec(&repo, &one, "status: completed\n");
    spec(&repo, &two, "status: pending\n");
    spec(&repo, B, "status: completed\n");
    commit_all(&repo, "chore: specs");
    let said = repo.relwatch(&["archive", A, B]).code(3);
    says(
        &said,
        &[
            "archived: 1 spec\n",
            &format!("{A} has a member that is not completed: {two}"),
        ],
    );
    assert!(archived(&repo, B));
    assert!(!archived(&repo, A) && !archived(&repo, &one) && !archived(&repo, &two));
    repo.relwatch(&["archive", &one]).ok();
    assert!(archived(&repo, &one));
}
