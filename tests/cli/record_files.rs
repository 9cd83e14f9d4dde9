//! Files with many specs, and fragments in YAML: the files after a release, broken files, and refused ones.

use crate::support::{Repo, Sandbox, commit_all, project};

/// An issue of beads.
fn issue(id: &str, title: &str, more: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"title\":\"{title}\",\"priority\":2,\"issue_type\":\"bug\",{more}}}\n"
    )
}

const CLOSED: &str = "\"status\":\"closed\"";
const OPEN: &str = "\"status\":\"open\"";

fn write_issues(repo: &Repo<'_>, issues: &[String]) {
    repo.write(".beads/issues.jsonl", &issues.concat());
}

#[test]
fn a_record_is_listed_by_one_release_however_its_file_changes() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: beads\n");
    let mut issues = [issue("bd-a", "Fix a", CLOSED), issue("bd-b", "Fix b", OPEN)];
    write_issues(&repo, &issues);
    commit_all(&repo, "chore: issues");
    assert_eq!(repo.section(), "### Fixed\n\n- Fix a (bd-a)");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.section(), "");
    assert!(repo.exists(".beads/issues.jsonl"));
    issues[1] = issue("bd-b", "Fix b", CLOSED);
    issues.reverse();
    write_issues(&repo, &issues);
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), "### Fixed\n\n- Fix b (bd-b)");
    commit_all(&repo, "chore: issues");
    assert_eq!(repo.section(), "### Fixed\n\n- Fix b (bd-b)");
    let refused = repo.relwatch(&["archive", "bd-b"]);
    assert!(
        refused.code != 0 && refused.stderr.contains("bd-b has no archive"),
        "{refused:?}"
    );
    repo.relwatch(&["release", "--yes"]).ok();
    repo.relwatch(&["undo", "--yes"]).ok();
    assert_eq!(repo.section(), "### Fixed\n\n- Fix b (bd-b)");
    assert_eq!(repo.status(), "");
}

#[test]
fn an_issue_labelled_as_a_release_is_no_release_spec() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: beads\n");
    let labels = format!("{OPEN},\"labels\":[\"release\",\"v1.0.1\",\"1.0.1\"]");
    let issues = [
        issue("bd-a", "Fix a", CLOSED),
        issue("bd-r", "Release it", &labels),
    ];
    write_issues(&repo, &issues);
    commit_all(&repo, "chore: issues");
    repo.relwatch(&["release", "1.0.1", "--yes"]).ok();
    assert_eq!(repo.read(".beads/issues.jsonl"), issues.concat());
}

/// A broken line is excluded alone, a broken file as a whole; each time with a warning, also from the cache.
#[test]
fn what_is_broken_is_named_and_nothing_else_is_missing() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: [beads, task-master, reno]\n");
    let issues = [
        issue("bd-a", "Fix a", CLOSED),
        "{\"id\":\"bd-x\",\n".to_owned(),
        issue("bd-b", "Fix b", CLOSED),
        issue("bd-a", "Fix a again", CLOSED),
    ];
    write_issues(&repo, &issues);
    let tasks = "{\"master\": {\"tasks\": [\n{\"id\": 1, \"title\": \"Add it\", \"status\": \"done\"}\n{\"id\": 2}]}}\n";
    repo.write(".taskmaster/tasks/tasks.json", tasks);
    let notes = "releasenotes/notes";
    repo.write(&format!("{notes}/a-1.yaml"), "---\nfixes:\n  - Fix c\n");
    repo.write(
        &format!("{notes}/b-2.yaml"),
        "---\nfixes:\n  - Fix d\nfixs:\n  - Fix e\n",
    );
    commit_all(&repo, "chore: issues");
    for _ in 0..2 {
        assert_eq!(
            repo.section(),
            "### Fixed\n\n- Fix c (a-1)\n- Fix a (bd-a)\n- Fix b (bd-b)"
        );
        let status = repo.relwatch(&["status"]).ok();
        for said in [
            ".beads/issues.jsonl:2: no JSON: ",
            ".beads/issues.jsonl: its ID bd-a is that of another spec; it is skipped",
            ".taskmaster/tasks/tasks.json:3: no JSON: ",
            "releasenotes/notes/b-2.yaml:4: `fixs` is no kind of change",
        ] {
            assert!(status.stderr.contains(said), "{said}: {status:?}");
        }
        repo.relwatch(&["update"]).ok();
    }
}

/// reno's own `allow_subdirectories`: notes are sorted into one directory per release, before or after it.
#[test]
fn a_note_that_moves_below_its_folder_is_listed_once() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: reno\n");
    for name in ["a-1", "b-2"] {
        let text = format!("---\nfixes:\n  - Fix {name}\n");
        repo.write(&format!("releasenotes/notes/{name}.yaml"), &text);
    }
    commit_all(&repo, "chore: notes");
    repo.sh("cd releasenotes/notes && mkdir 1.1 && git mv a-1.yaml 1.1")
        .ok();
    commit_all(&repo, "chore: sort notes");
    let both = "### Fixed\n\n- Fix a-1\n- Fix b-2";
    assert_eq!(repo.section(), both);
    repo.relwatch(&["release", "1.1.0", "--yes"]).ok();
    repo.sh("cd releasenotes/notes && git mv b-2.yaml 1.1").ok();
    commit_all(&repo, "chore: sort notes");
    assert_eq!(repo.section(), "");
}

#[test]
fn what_does_not_go_with_a_file_of_many_specs_is_refused() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(
        "relwatch.yml",
        "specs: {name: issues, files: issues.json, format: json, records: [issues], id_key: id, archive: delete}\n",
    );
    let status = repo.relwatch(&["status"]);
    assert_eq!(status.code, 2);
    assert!(
        status
            .stderr
            .contains("relwatch.yml:1: specs: issues: `archive` is for files of one spec"),
        "{status:?}"
    );
}

/// The tools' own settings define where fragments are and what their categories mean; `init` finds scriv by its settings.
#[test]
fn the_settings_of_fragment_tools_count() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "CHANGELOG.md",
        "# Log\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- x\n",
    );
    repo.write(
        "setup.cfg",
        "[metadata]\nname = x\n\n[scriv]\nformat = md\nfragment_directory = docs/news\n",
    );
    commit_all(&repo, "chore: start");
    repo.git(&["tag", "-a", "v1.0.0", "-m", "x"]).ok();
    let init = repo.relwatch(&["init"]).ok();
    assert!(
        init.stdout.contains("specs of scriv, as setup.cfg shows"),
        "{init:?}"
    );
    repo.write("docs/news/a.md", "### Fixed\n\n- Fix a\n");
    repo.write("changelog.d/b.md", "### Fixed\n\n- Fix b\n");
    commit_all(&repo, "chore: fragments");
    assert_eq!(repo.section(), "### Fixed\n\n- Fix a");
    repo.write(
        ".changie.yaml",
        "changesDir: changes\nkinds:\n  - {label: Improvements for all, auto: minor}\n",
    );
    repo.write("relwatch.yml", "specs: changie\n");
    repo.write(
        "changes/unreleased/a.yaml",
        "kind: Improvements for all\nbody: Locks for all\n",
    );
    commit_all(&repo, "chore: change");
    assert_eq!(repo.section(), "### Added\n\n- Locks for all (a)");
    repo.write(".changie.yaml", "changesDir: [\n");
    let status = repo.relwatch(&["status"]);
    assert_eq!(status.code, 2);
    assert!(status.stderr.contains(".changie.yaml:"), "{status:?}");
}

/// Conductor writes the commit of each task behind it.
#[test]
fn a_track_replaces_the_commits_of_its_plan() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: conductor\n");
    repo.write("lock", "x\n");
    commit_all(&repo, "feat: read the timeout");
    let commit = repo.git(&["rev-parse", "--short=7", "HEAD"]).ok().stdout;
    let track = "conductor/tracks/locks_20260130";
    repo.write(
        &format!("{track}/metadata.json"),
        "{\"track_id\": \"locks_20260130\", \"type\": \"feature\", \"status\": \"new\", \"description\": \"Locks have a timeout\"}\n",
    );
    let plan = |mark: &str| format!("# Plan\n\n- [{mark}] Task: Read it [{}]\n", commit.trim());
    repo.write(&format!("{track}/plan.md"), &plan("~"));
    commit_all(&repo, "conductor(plan): Mark task 'Read it'");
    assert!(repo.section().contains("- Read the timeout ("));
    repo.write(&format!("{track}/plan.md"), &plan("x"));
    commit_all(&repo, "conductor(plan): Mark task 'Read it' as complete");
    let listed = "### Added\n\n- Locks have a timeout (locks_20260130)";
    assert_eq!(repo.section(), listed);
    repo.sh(&format!(
        "mkdir conductor/archive && git mv {track} conductor/archive/"
    ))
    .ok();
    commit_all(
        &repo,
        "chore(conductor): Archive track 'Locks have a timeout'",
    );
    assert_eq!(repo.section(), listed);
}
