//! Commits that belong to a spec without naming it (F6): the spec's entry replaces theirs, `explain` shows the rule.

use crate::support::{Repo, Sandbox, commit_all, project};

fn commit_with(repo: &Repo<'_>, files: &[&str], message: &str) {
    for (number, file) in files.iter().enumerate() {
        let before = if repo.exists(file) {
            repo.read(file)
        } else {
            String::new()
        };
        repo.write(file, &format!("{before}{message} {number}\n"));
    }
    commit_all(repo, message);
}

fn lines(repo: &Repo<'_>) -> Vec<String> {
    let section = repo.section();
    let lines = section.lines().filter(|line| line.starts_with("- "));
    lines.map(str::to_owned).collect()
}

const SCOPE: &str = "specs/041-scope";

fn feature(repo: &Repo<'_>, folder: &str, title: &str, task: &str) {
    repo.write(
        &format!("{folder}/spec.md"),
        &format!("# Feature Specification: {title}\n"),
    );
    repo.write(&format!("{folder}/tasks.md"), &format!("{task}\n"));
}

#[test]
fn commits_of_a_feature_are_not_listed_beside_it() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: spec-kit\n");
    commit_all(&repo, "chore: set up");
    feature(&repo, SCOPE, "Scopes for tokens", "- [ ] T001 a");
    commit_all(&repo, "Add the specification of scopes");
    feature(&repo, "specs/042-other", "Another one", "- [ ] T001 a");
    commit_all(&repo, "feat: specify another one");
    // Open, they are worth no line by themselves.
    assert_eq!(lines(&repo), Vec::<String>::new());
    let explained = repo.relwatch(&["explain", "HEAD"]).ok().stdout;
    assert!(explained.contains("changes specs alone"), "{explained}");
    commit_with(
        &repo,
        &["src/a", "specs/041-scope/plan.md"],
        "feat: read scopes from the token",
    );
    commit_with(
        &repo,
        &["src/b"],
        "feat(041-scope): refuse what is out of scope",
    );
    commit_with(&repo, &["src/b"], "fix(041): an empty scope");
    commit_with(&repo, &["src/b"], "Scopes for tokens (#7)");
    commit_with(&repo, &["src/c"], "fix: issue 041 of another tracker");
    commit_with(
        &repo,
        &[
            "src/d",
            "specs/041-scope/plan.md",
            "specs/042-other/plan.md",
        ],
        "fix: spelling everywhere",
    );
    repo.git(&["switch", "-q", "-c", "041-scope-errors"]).ok();
    commit_with(&repo, &["src/e"], "feat: errors say which scope is missing");
    repo.git(&["switch", "-q", "main"]).ok();
    commit_with(&repo, &["src/f"], "feat: something else");
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge pull request #9 from team/041-scope-errors",
        "041-scope-errors",
    ])
    .ok();
    assert_eq!(lines(&repo).len(), 8, "open: {:?}", lines(&repo));
    feature(&repo, SCOPE, "Scopes for tokens", "- [x] T001 a");
    commit_all(&repo, "docs: all tasks are done");
    let expected = |repo: &Repo<'_>| {
        let lines = lines(repo);
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!(lines[0], "- Scopes for tokens (041-scope)");
        assert!(lines[1].starts_with("- Something else ("), "{lines:?}");
        assert!(
            lines[2].starts_with("- Issue 041 of another tracker ("),
            "{lines:?}"
        );
        assert!(lines[3].starts_with("- Spelling everywhere ("), "{lines:?}");
    };
    expected(&repo);
    repo.relwatch(&["check"]).ok();
    let explained = repo.relwatch(&["explain", "041-scope"]).ok().stdout;
    for words in [
        "feat: read scopes from the token\n  superseded by spec 041-scope, inferred by `directory`",
        "feat(041-scope): refuse what is out of scope\n  superseded by spec 041-scope, inferred by `subject`",
        "fix(041): an empty scope\n  superseded by spec 041-scope, inferred by `subject`",
        "Scopes for tokens (#7)\n  superseded by spec 041-scope, inferred by `subject`",
        "feat: errors say which scope is missing\n  superseded by spec 041-scope, inferred by `branch`",
    ] {
        assert!(explained.contains(words), "{words}\n{explained}");
    }
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(
        status.contains("of a completed spec, inferred by `subject`"),
        "{status}"
    );
    // Configured, it is as the team wants it.
    let count = |owns: &str| {
        repo.write("relwatch.yml", &format!("specs:\n  name: own\n  files: specs/*/spec.md\n  whole_folder: true\n  id: '([^/]+)/spec\\.md$'\n  boxes: tasks.md\n  owns: {owns}\n"));
        repo.relwatch(&["update"]).ok();
        lines(&repo).len()
    };
    assert_eq!(count("named"), 11);
    assert_eq!(count("directory"), 9);
    assert_eq!(count("[directory, subject]"), 8);
    assert_eq!(count("tasks"), 10);
    repo.write(
        "relwatch.yml",
        "specs: {name: own, files: specs/*/spec.md, owns: folder}\n",
    );
    let refused = repo.relwatch(&["update"]).code(2).stderr;
    assert!(refused.contains("unknown value `folder`"), "{refused}");
}

/// Breaking changes are listed, and the declared type raises the version, even if a spec's words suggest a lower level.
#[test]
fn nothing_that_commits_declare_gets_lost_in_a_spec() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: openspec\n");
    commit_all(&repo, "chore: set up");
    repo.write(
        "openspec/changes/update-login/proposal.md",
        "# Change: Login remembers the user\n\n## What Changes\n\n- Sessions\n",
    );
    repo.write("openspec/changes/update-login/tasks.md", "- [x] a\n");
    commit_all(&repo, "docs: propose it");
    commit_with(
        &repo,
        &["src/a", "openspec/changes/update-login/tasks.md"],
        "feat: remember the user",
    );
    repo.write("openspec/changes/update-login/tasks.md", "- [x] a\n");
    commit_with(
        &repo,
        &["src/b"],
        "feat(update-login)!: drop sessions\n\nBREAKING CHANGE: log in again",
    );
    let section = repo.section();
    assert!(
        section.contains("**Breaking:** **update-login:** drop sessions"),
        "{section}"
    );
    assert!(
        section.contains("### Added\n\n- **Breaking")
            && section.contains("\n- Login remembers the user (update-login)"),
        "{section}"
    );
    assert_eq!(lines(&repo).len(), 2, "{section}");
    // A revert of all that did something takes the spec back, too.
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    repo.git(&["revert", "--no-edit", "HEAD~2"]).ok();
    repo.write(
        "openspec/changes/update-login/tasks.md",
        "- [x] a\n- [x] b\n",
    );
    commit_all(&repo, "docs: the tasks are done all the same");
    assert_eq!(lines(&repo), Vec::<String>::new());
}

/// Backlog.md: files that the tool commits by itself, subjects with the ID, branches that begin with it.
#[test]
fn commits_of_a_task_belong_to_it() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: backlog\n");
    commit_all(&repo, "chore: set up");
    let task = |id: &str, status: &str| {
        repo.write(
            &format!("backlog/tasks/{} - A-title.md", id.to_lowercase()),
            &format!("---\nid: {id}\ntitle: Give locks up\nstatus: {status}\n---\n"),
        );
    };
    task("BACK-12", "Done");
    task("BACK-120", "To Do");
    commit_all(&repo, "TASK-12 - Create tasks");
    commit_with(&repo, &["src/a"], "BACK-12 - Give up");
    commit_with(&repo, &["src/a"], "[back-12] more of it");
    commit_with(&repo, &["src/a"], "Give up later (BACK-12)");
    commit_with(&repo, &["src/a"], "Follow BACK-12 up");
    commit_with(&repo, &["src/b"], "BACK-12.1 - Tell of it");
    commit_with(&repo, &["src/b"], "BACK-120: another one");
    commit_with(&repo, &["src/b"], "BACK-12 and BACK-120: both");
    let lines = lines(&repo);
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines[0].starts_with("- Give locks up (BACK-12)"),
        "{lines:?}"
    );
    for (line, begins) in lines[1..]
        .iter()
        .zip(["- BACK-12.1", "- BACK-120", "- BACK-12 and"])
    {
        assert!(line.starts_with(begins), "{lines:?}");
    }
}

/// A team with specs and fragments writes for users in the fragments: one change is one entry.
#[test]
fn a_fragment_replaces_the_spec_that_it_came_with() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: [openspec, changesets]\n");
    commit_all(&repo, "chore: set up");
    let change = |id: &str, title: &str| {
        let folder = format!("openspec/changes/{id}");
        repo.write(
            &format!("{folder}/proposal.md"),
            &format!("# Change: {title}\n"),
        );
        repo.write(&format!("{folder}/tasks.md"), "- [x] a\n");
    };
    change("add-export", "The exporter class");
    repo.write(
        ".changeset/add-export.md",
        "---\n\"x\": minor\n---\n\nExport to CSV\n",
    );
    commit_all(&repo, "feat: export (#5)");
    change("add-import", "Import");
    commit_all(&repo, "feat: import");
    assert_eq!(
        lines(&repo),
        ["- Import (add-import)", "- Export to CSV (#5)"]
    );
    let explained = repo.relwatch(&["explain", "add-export"]).ok();
    assert!(
        explained
            .stdout
            .contains("superseded by fragment changesets-add-export, of the same commits"),
        "{explained:?}"
    );
    assert_eq!(repo.relwatch(&["status"]).ok().stderr, "");
    repo.relwatch(&["release", "--yes"]).ok();
    assert!(!repo.exists(".changeset/add-export.md"));
    assert!(repo.read("CHANGELOG.md").contains("- Export to CSV (#5)"));
    assert_eq!(lines(&repo), Vec::<String>::new());
}

#[test]
fn branches_name_a_spec_in_several_ways() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: spec-kit\n");
    feature(&repo, SCOPE, "Scopes", "- [x] T001 a");
    feature(&repo, "specs/042-plug-in", "Plug-ins", "- [x] T001 a");
    commit_all(&repo, "chore: set up");
    for (at, (branch, message, is_own)) in [
        (
            "worktree-041-scope",
            "Merge branch 'worktree-041-scope'",
            true,
        ),
        (
            "a/b/042-plug-in",
            "Merge remote-tracking branch 'origin/a/b/042-plug-in'",
            true,
        ),
        ("041-more", "Merged in 041-more (pull request #3)", true),
        ("042x", "feat(042): plug-ins (#4)", true),
        ("other", "Merge pull request #6 from team/other", false),
        ("scope", "Merge branch 'scope'", false),
    ]
    .into_iter()
    .enumerate()
    {
        repo.git(&["switch", "-q", "-c", branch]).ok();
        commit_with(
            &repo,
            &[&format!("src/{at}")],
            &format!("feat: number {at}"),
        );
        repo.git(&["switch", "-q", "main"]).ok();
        commit_with(
            &repo,
            &[&format!("other/{at}")],
            &format!("chore: beside {at}"),
        );
        repo.git(&["merge", "-q", "--no-ff", "-m", message, branch])
            .ok();
        let explained = repo.relwatch(&["explain", "HEAD^2"]).ok().stdout;
        assert_eq!(
            explained.contains("inferred by `branch`"),
            is_own,
            "{branch}: {explained}"
        );
    }
    assert_eq!(lines(&repo).len(), 4, "{:?}", lines(&repo));
}

/// `Merge branch 'main' into 041-scope` brings the changes of main, and a later change of an archived spec is a separate change.
#[test]
fn what_is_not_of_a_spec_stays_listed() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("relwatch.yml", "specs: [spec-kit, openspec]\n");
    commit_all(&repo, "chore: set up");
    repo.git(&["switch", "-q", "-c", "041-scope"]).ok();
    feature(&repo, SCOPE, "Scopes", "- [x] T001 a");
    commit_all(&repo, "docs: specify");
    repo.git(&["switch", "-q", "main"]).ok();
    commit_with(&repo, &["src/main"], "feat: export to CSV");
    repo.git(&["switch", "-q", "041-scope"]).ok();
    repo.git(&[
        "merge",
        "-q",
        "-m",
        "Merge branch 'main' into 041-scope",
        "main",
    ])
    .ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge branch '041-scope'",
        "041-scope",
    ])
    .ok();
    repo.write(
        "openspec/changes/archive/2026-01-30-http-2/proposal.md",
        "# Change: HTTP 2\n",
    );
    commit_all(&repo, "chore: archive");
    commit_with(&repo, &["src/a"], "fix: connections over http-2 were reset");
    commit_with(&repo, &["src/a"], "fix(http-2): a leak");
    commit_with(&repo, &["src/a"], "fix: error \"041\" on start");
    commit_with(&repo, &["specs/openapi.yaml"], "feat: describe it");
    let lines = lines(&repo);
    assert_eq!(lines.len(), 7, "{lines:?}");
}

/// A breaking commit that names a spec makes the spec breaking.
#[test]
fn a_commit_that_names_its_spec_makes_it_breaking() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write(
        ".chant/specs/2026-01-30-001-abc.md",
        "---\nstatus: completed\n---\n\n# Cache\n",
    );
    commit_all(&repo, "chore: specs");
    commit_with(
        &repo,
        &["src/a"],
        "feat!: cache it\n\nBREAKING CHANGE: clear the old one\nSpec: 2026-01-30-001-abc",
    );
    let section = repo.section();
    assert!(
        section.contains("- **Breaking:** Cache (2026-01-30-001-abc)\n\n  clear the old one"),
        "{section}"
    );
    // The word of an ID in the changelog is no release of it.
    repo.write("relwatch.yml", "specs: kiro\n");
    repo.edit("CHANGELOG.md", "# ", "A log for auth and search.\n\n# ");
    commit_all(&repo, "docs: changelog");
    repo.git(&["tag", "-a", "v0.1.1", "-m", "x"]).ok();
    repo.write(
        ".kiro/specs/auth/requirements.md",
        "# Requirements Document\n",
    );
    repo.write(".kiro/specs/auth/tasks.md", "- [x] 1. a\n");
    commit_all(&repo, "docs: auth");
    assert_eq!(lines(&repo), ["- Auth"]);
}
