//! Data about pull requests from a forge: labels, titles, accounts. Only commands that the user runs ask for it.

use crate::support::{Repo, Sandbox, cases, commit_all, configure, project, says, stand_ins};

const GH: &str = "forge:\n  facts: gh\n  labels: {security: security, breaking: breaking, dependencies: hide, bug: Fixed}\n";

/// A project whose configuration is committed, and tools that know nothing yet.
fn asking<'s>(sandbox: &'s Sandbox, yaml: &str) -> Repo<'s> {
    stand_ins::install(sandbox);
    let repo = project(sandbox, "r");
    configure(&repo, yaml);
    repo
}

/// Makes GitHub know a pull request.
fn knows(sandbox: &Sandbox, number: u32, title: &str, author: &str, labels: &[&str]) {
    let json = pull(number, title, author, labels).to_string();
    sandbox.at("home").write(&format!("forge/p{number}"), &json);
}

fn pull(number: u32, title: &str, author: &str, labels: &[&str]) -> serde_json::Value {
    let labels: Vec<_> = labels
        .iter()
        .map(|name| serde_json::json!({"name": name}))
        .collect();
    serde_json::json!({
        "number": number, "title": title, "author": {"login": author}, "labels": {"nodes": labels}
    })
}

/// From now on GitHub knows the newest commit: its authors by address and account, and its pull request.
fn knows_commit(
    sandbox: &Sandbox,
    repo: &Repo<'_>,
    authors: &[(&str, &str)],
    pull: Option<serde_json::Value>,
) {
    let id = repo.git(&["rev-parse", "HEAD"]).ok().stdout;
    let authors = authors
        .iter()
        .map(|(email, login)| serde_json::json!({"email": email, "user": {"login": login}}));
    let json = serde_json::json!({
        "authors": {"nodes": authors.collect::<Vec<_>>()},
        "associatedPullRequests": {"nodes": Vec::from_iter(pull)},
    });
    let path = format!("forge/c{}", id.trim());
    sandbox.at("home").write(&path, &json.to_string());
}

fn short(repo: &Repo<'_>) -> String {
    repo.git(&["rev-parse", "--short=7", "HEAD"])
        .ok()
        .stdout
        .trim()
        .to_owned()
}

/// The section of a version in the committed changelog.
fn released(repo: &Repo<'_>, version: &str) -> String {
    let text = repo.git(&["show", "HEAD:CHANGELOG.md"]).ok().stdout;
    let (_, section) = text.split_once(&format!("## [{version}]")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    section.split_once("\n\n").unwrap().1.trim().to_owned()
}

#[test]
fn labels_choose_categories_and_the_plan_shows_it() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    repo.commit("fix: a hole in the parser (#12)");
    repo.commit("feat: dim the lamp (#13)");
    repo.commit("feat: bump volt (#14)");
    repo.commit("chore: reword (#15)");
    repo.commit("docs: explain it (#16)");
    knows(&sandbox, 12, "a hole", "ada", &["Security", "bug"]);
    knows(&sandbox, 13, "dim", "ada", &["enhancement"]);
    knows(&sandbox, 14, "bump", "bot", &["dependencies"]);
    knows(&sandbox, 15, "reword", "ada", &["bug"]);
    let view = "### Added\n\n- Dim the lamp (#13)\n- Bump volt (#14)\n\n### Fixed\n\n- A hole in the parser (#12)";
    assert_eq!(repo.section(), view);
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    assert_eq!(plan.stderr, "");
    let moved = "labels: #12 to Security (was Fixed)\nlabels: #14 excluded (was Added)\nlabels: #15 to Fixed (was excluded)\n";
    says(&plan, &["tag: v0.2.0 (annotated)\n", moved]);
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(notes.stderr, moved);
    let labelled = "### Added\n\n- Dim the lamp (#13)\n\n### Fixed\n\n- Reword (#15)\n\n### Security\n\n- A hole in the parser (#12)";
    assert_eq!(notes.stdout, format!("{labelled}\n"));
    says(
        &repo.relwatch(&["check"]).ok(),
        &["ok       forge         4 pull requests known\n"],
    );
    // Updating the section does not ask the forge.
    repo.relwatch(&["update"]).ok();
    assert_eq!(repo.section(), view);
    says(
        &repo.relwatch(&["release", "--yes"]).ok(),
        &["released 0.2.0"],
    );
    assert_eq!(released(&repo, "0.2.0"), labelled);
    assert_eq!(repo.section(), "");
    assert_eq!(repo.status(), "");
}

#[test]
fn what_a_person_wrote_stays_where_it_is() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    repo.commit("fix: a hole in the parser (#12)");
    repo.commit("fix: a crash (#13)\n\nChangelog: changed");
    knows(&sandbox, 12, "a hole", "ada", &["security"]);
    knows(&sandbox, 13, "a crash", "ada", &["security"]);
    repo.edit(
        "CHANGELOG.md",
        "- A hole in the parser (#12)",
        "- Nobody reads your files (#12)",
    );
    repo.git(&["commit", "-q", "-am", "docs: changelog"]).ok();
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    says(
        &plan,
        &["\nlabels: #12 stays where it is written by hand\n"],
    );
    assert!(!plan.stdout.contains("labels: #13"), "{}", plan.stdout);
    repo.relwatch(&["release", "--yes"]).ok();
    let section = "### Changed\n\n- A crash (#13)\n\n### Fixed\n\n- Nobody reads your files (#12)";
    assert_eq!(released(&repo, "0.1.1"), section);
}

#[test]
fn a_label_raises_the_version_and_the_plan_says_so() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    repo.commit("fix: wait for other writers (#12)");
    knows(&sandbox, 12, "wait", "ada", &["breaking"]);
    says(&repo.relwatch(&["status"]).ok(), &["next version: 0.1.1 "]);
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    says(
        &plan,
        &[
            "release 0.2.0 on main",
            "labels: #12 to Fixed, breaking (was Fixed)\n",
            "labels: the version is 0.2.0 (`relwatch status`, which asks no forge, says 0.1.1)\n",
        ],
    );
    // A saved plan contains the forge's answers and does not ask again.
    let json = repo
        .relwatch(&["release", "--dry-run", "--json"])
        .ok()
        .stdout;
    sandbox.at(".").write("plan.json", &json);
    stand_ins::ran(&sandbox);
    says(
        &repo
            .relwatch(&["release", "--plan", "../plan.json", "--yes"])
            .ok(),
        &["released 0.2.0"],
    );
    assert_eq!(stand_ins::ran(&sandbox), "");
    assert_eq!(
        released(&repo, "0.2.0"),
        "### Fixed\n\n- **Breaking:** Wait for other writers (#12)"
    );
}

#[test]
fn a_breaking_change_is_not_hidden_and_a_security_label_does_not_list_a_test() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    repo.commit("feat!: drop v1 (#12)");
    knows(&sandbox, 12, "drop", "ada", &["dependencies"]);
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    repo.commit("fix: a hole");
    let hole = short(&repo);
    repo.commit("test: the hole");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge pull request #13 from o/topic",
        "topic",
    ])
    .ok();
    knows(&sandbox, 13, "a hole", "ada", &["security"]);
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(notes.stderr, "labels: #13 to Security (was Fixed)\n");
    assert_eq!(
        notes.stdout,
        "### Added\n\n- **Breaking:** Drop v1 (#12)\n\n### Security\n\n- A hole (#13, ID)\n"
            .replace("ID", &hole)
    );
}

#[test]
fn a_commit_that_names_no_pull_request_is_asked_by_its_name() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    repo.commit("fix: a hole in the parser");
    knows_commit(
        &sandbox,
        &repo,
        &[],
        Some(pull(12, "a hole", "ada", &["security"])),
    );
    let id = short(&repo);
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(notes.stderr, "labels: #12 to Security (was Fixed)\n");
    assert_eq!(
        notes.stdout,
        format!("### Security\n\n- A hole in the parser ({id})\n")
    );
    // A number that is an issue, and a commit that GitHub does not have, cause no problem.
    repo.commit("fix: a crash (#99)");
    repo.commit("fix: a leak");
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(notes.stderr, "labels: #12 to Security (was Fixed)\n");
}

#[test]
fn titles_word_entries_and_strangers_texts_are_inert() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, "forge: {facts: gh, titles: true}\n");
    repo.commit("update stuff (#12)");
    repo.commit("fix(parser): wip (#13)");
    repo.commit("fix: evil (#14)");
    knows(&sandbox, 12, "feat(lamp): dim it", "ada", &[]);
    knows(&sandbox, 13, "Long files no longer crash", "ada", &[]);
    let evil = "<img src=x> [a](javascript:alert(1)) \u{1b}[31m\u{202e}x\n\nBREAKING CHANGE: all";
    knows(&sandbox, 14, evil, "](evil)", &["\u{1b}[31m"]);
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(
        notes.stderr,
        "labels: #12 to Added (was Changed) by its title\n"
    );
    let text = notes.stdout;
    says_all(
        &text,
        &[
            "### Added\n\n- **lamp:** dim it (#12)\n",
            "### Fixed\n\n- **parser:** Long files no longer crash (#13)\n",
        ],
    );
    for odd in [
        "- <img", " [a](", "\u{1b}", "\u{202e}", "BREAKING", "Breaking",
    ] {
        assert!(!text.contains(odd), "{odd}: {text}");
    }
    let full = repo.relwatch(&["notes", "--full"]).ok().stdout;
    assert!(!full.contains("evil)"), "{full}");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(released(&repo, "0.2.0"), text.trim());
}

#[track_caller]
fn says_all(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn accounts_of_contributors() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, "forge: {facts: gh}\n");
    repo.commit("feat: dim it (#12)\n\nCo-authored-by: Grace <grace@example.org>");
    knows(&sandbox, 12, "dim", "author-l", &[]);
    let authors = [
        ("author@example.org", "author-l"),
        ("grace@example.org", "grace-h"),
    ];
    knows_commit(&sandbox, &repo, &authors, None);
    let people = "## Contributors\n\n- Author @author-l\n- Grace @grace-h (first contribution)\n";
    let full = repo.relwatch(&["notes", "--full"]).ok();
    assert_eq!(full.stderr, "");
    says_all(&full.stdout, &[people]);
    // Labels have no effect here: they are not asked for.
    stand_ins::ran(&sandbox);
    repo.relwatch(&["notes"]).ok();
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(stand_ins::ran(&sandbox), "");
    let full = repo.relwatch(&["notes", "0.2.0", "--full"]).ok();
    says_all(&full.stdout, &[people]);
    let offline = repo
        .relwatch(&["notes", "0.2.0", "--full", "--offline"])
        .ok();
    says_all(
        &offline.stdout,
        &["- Author\n- Grace (first contribution)\n"],
    );
    assert_eq!(
        offline.stderr,
        "warning: forge: `gh` was not asked (--offline): labels, titles and accounts of pull requests are missing; handles are those of addresses\n"
    );
}

#[test]
fn gitlab_and_a_command_of_the_user() {
    let sandbox = Sandbox::new();
    let repo = asking(
        &sandbox,
        "forge: {facts: glab, labels: {security: security}}\n",
    );
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    repo.commit("fix: a hole (#3)");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge branch 'topic' into 'main'\n\nClose a hole\n\nSee merge request g/p!12",
        "topic",
    ])
    .ok();
    let answer = serde_json::json!([{"iid": 12, "title": "x", "author": {"username": "ada"}, "labels": ["security"]}]);
    sandbox
        .at("home")
        .write("forge/merge_requests", &answer.to_string());
    let full = repo.relwatch(&["notes", "--full"]).ok();
    assert_eq!(full.stderr, "labels: !12 to Security (was Fixed)\n");
    // The author of a request with one commit is that of the commit.
    says_all(
        &full.stdout,
        &["## Security\n\n- A hole", "- Author @ada\n"],
    );
    let asked = stand_ins::ran(&sandbox);
    assert_eq!(
        asked,
        "glab api projects/:fullpath/merge_requests?per_page=100&iids[]=12\n"
    );

    configure(
        &repo,
        "forge: {facts: tee ../asked > ../copy; cat ../facts, labels: {security: security, bug: changed}}\n",
    );
    let named = repo.git(&["rev-parse", "main~1"]).ok().stdout;
    repo.commit("fix: a crash");
    let own = repo.git(&["rev-parse", "HEAD"]).ok().stdout;
    let lines = [
        serde_json::json!({"number": 12, "labels": ["security"]}),
        serde_json::json!({"number": 13, "labels": ["bug"], "commits": [own.trim()]}),
        serde_json::json!({"accounts": {"author@example.org": "ada"}}),
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n\n")).collect();
    sandbox.at(".").write("facts", &lines);
    let full = repo.relwatch(&["notes", "--full"]).ok();
    assert_eq!(
        full.stderr,
        "labels: #12 to Security (was Fixed)\nlabels: #13 to Changed (was Fixed)\n"
    );
    says_all(&full.stdout, &["- Author @ada\n"]);
    repo.relwatch(&["notes"]).ok();
    let asked = sandbox.at(".").read("asked");
    assert!(
        asked.contains("!12\n") && asked.contains(&own) && !asked.contains(&named),
        "{asked}"
    );
}

#[test]
fn without_an_answer_notes_go_on_and_a_release_does_not() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    repo.commit("fix: a hole (#12)");
    let home = sandbox.at("home");
    let broken = |name: &str, yaml: &str, answer: Option<&str>, fails: &[&str], why: &str| {
        configure(&repo, &format!("# {name}\n{yaml}"));
        repo.sh("rm -rf ../home/forge").ok();
        if let Some(answer) = answer {
            home.write("forge/answer", answer);
        }
        stand_ins::break_(&sandbox, fails);
        let notes = repo.relwatch(&["notes"]).ok();
        assert_eq!(
            notes.stderr,
            format!(
                "warning: forge: {why}: entries are listed without labels and titles of pull requests\n"
            ),
            "{name}"
        );
        assert_eq!(notes.stdout, "### Fixed\n\n- A hole (#12)\n", "{name}");
        let refused = repo.relwatch(&["release", "--yes"]).code(3);
        let mend = "try again, or go on without its labels and titles: --offline, or --skip-check forge --reason TEXT";
        says(&refused, &[&format!("forge: {why}; {mend}\n")]);
        assert!(!repo.git(&["tag"]).stdout.contains("v0.1.1"), "{name}");
    };
    let error = r#"{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a Repository"}]}"#;
    let limit = r#"{"data":{"repository":{"p12":null}},"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded\u001b[31m"}]}"#;
    broken(
        "offline",
        GH,
        None,
        &["gh api"],
        "`gh` failed (gh: api does not work today)",
    );
    broken(
        "rubbish",
        GH,
        Some("<html>"),
        &[],
        "`gh` printed what is no answer (expected value at line 1 column 1)",
    );
    broken(
        "no repository",
        GH,
        Some(error),
        &[],
        "`gh` printed what is no answer (Could not resolve to a Repository)",
    );
    broken(
        "rate limit",
        GH,
        Some(limit),
        &[],
        "`gh` printed what is no answer (API rate limit exceeded)",
    );
    let missing = GH.replace("facts: gh", "facts: no-such-tool --now");
    configure(&repo, &missing);
    let notes = repo.relwatch(&["notes"]).ok();
    // Each shell has its own words for it.
    says(
        &notes,
        &["warning: forge: `no-such-tool --now` failed (", "not found"],
    );
    let hangs = GH.replace("facts: gh", "facts: sleep 600\n  timeout: 200ms");
    broken(
        "hangs",
        &hangs,
        None,
        &[],
        "`sleep 600` took longer than 200ms",
    );
    let lines = GH.replace("facts: gh", "facts: echo 12");
    broken(
        "lines",
        &lines,
        None,
        &[],
        "`echo 12` printed what is no answer (line 1: invalid type: integer `12`, expected struct PullFacts at line 1 column 2)",
    );
}

#[test]
fn a_release_goes_on_without_the_forge_if_the_user_says_so() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    stand_ins::break_(&sandbox, &["gh api"]);
    repo.commit("fix: a hole (#12)");
    let plan = repo.relwatch(&["release", "--dry-run", "--offline"]).ok();
    assert_eq!(
        plan.stderr,
        "warning: forge: `gh` was not asked (--offline): labels and titles of pull requests change nothing\n"
    );
    assert_eq!(stand_ins::ran(&sandbox), "");
    repo.relwatch(&[
        "release",
        "--yes",
        "--skip-check",
        "forge",
        "--reason",
        "GitHub is down",
    ])
    .ok();
    let tag = repo.git(&["cat-file", "tag", "v0.1.1"]).ok().stdout;
    says_all(&tag, &["\nCheck-Skipped: forge: GitHub is down\n"]);
}

#[test]
fn hundreds_of_pull_requests_are_a_few_calls() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    let script = "for n in $(seq 1 250); do git -c core.hooksPath=/dev/null commit -q --allow-empty -m \"fix: crash $n (#$n)\"; done; relwatch update";
    repo.sh(script).ok();
    knows(&sandbox, 7, "x", "ada", &["security"]);
    knows(&sandbox, 250, "x", "ada", &["security"]);
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(
        notes.stderr,
        "labels: #7 to Security (was Fixed)\nlabels: #250 to Security (was Fixed)\n"
    );
    says_all(
        &notes.stdout,
        &["### Security\n\n- Crash 7 (#7)\n- Crash 250 (#250)\n"],
    );
    assert_eq!(stand_ins::ran(&sandbox).lines().count(), 3);
}

#[test]
fn a_release_asks_once() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    knows(&sandbox, 12, "x", "ada", &["security"]);
    repo.commit("fix: a hole (#12)");
    sandbox.at(".").write(
        "notes.md",
        "### Security\n\n- Nobody reads your files (#12)\n",
    );
    repo.relwatch(&["release", "--yes", "--notes-file", "../notes.md"])
        .ok();
    assert_eq!(stand_ins::ran(&sandbox).lines().count(), 1);
    assert_eq!(
        released(&repo, "0.1.1"),
        "### Security\n\n- Nobody reads your files (#12)"
    );
}

#[test]
fn components_are_asked_about_together() {
    let sandbox = Sandbox::new();
    stand_ins::install(&sandbox);
    let repo = sandbox.repo("r");
    for name in ["api", "web"] {
        repo.commit_file(&format!("{name}/main"), "1\n", "chore: start");
        let tag = format!("{name}/v1.0.0");
        repo.git(&["tag", "-a", &tag, "-m", &tag]).ok();
    }
    repo.relwatch(&["init"]).ok();
    let parts = "components:\n  api: {paths: [api], tag: 'api/v{version}'}\n  web: {paths: [web], tag: 'web/v{version}'}\n";
    repo.write("relwatch.yml", &format!("{GH}{parts}"));
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    repo.commit_file("api/main", "2\n", "fix: a hole (#12)");
    repo.commit_file("web/main", "2\n", "fix: wait (#13)");
    knows(&sandbox, 12, "x", "ada", &["security"]);
    knows(&sandbox, 13, "x", "ada", &["breaking"]);
    let plan = repo.relwatch(&["release", "--dry-run"]).ok();
    says(
        &plan,
        &[
            "release api 1.0.1, web 2.0.0 on main",
            "labels: #12 to Security (was Fixed)\nlabels: #13 to Fixed, breaking (was Fixed)\n",
            "labels: the version of web is 2.0.0 (`relwatch status`, which asks no forge, says 1.0.1)\n",
        ],
    );
    assert_eq!(stand_ins::ran(&sandbox).lines().count(), 1);
    let notes = repo.relwatch(&["notes", "-c", "api"]).ok();
    assert_eq!(notes.stdout, "### Security\n\n- A hole (#12)\n");
}

#[test]
fn nobody_else_asks() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, GH);
    knows(&sandbox, 12, "x", "ada", &["security"]);
    repo.commit("fix: a hole (#12)");
    let quiet: &[&[&str]] = &[
        &["update"],
        &["status"],
        &["status", "--json"],
        &["explain", "#12"],
        &["doctor"],
        &["notes", "--all"],
        &["notes", "0.1.0"],
        &["specs"],
        &["version"],
        &["metrics"],
        &["release", "--dry-run", "--offline"],
        &["notes", "--offline"],
        &["check", "--offline"],
    ];
    for args in quiet {
        repo.relwatch(args);
        assert_eq!(stand_ins::ran(&sandbox), "", "{args:?}");
    }
    repo.sh("git add . && git stash -q; git commit -q --amend --allow-empty -m 'fix: a hole (#12)' && git rebase -q --root --exec true && git diff && git switch -q -c other").ok();
    assert_eq!(stand_ins::ran(&sandbox), "");
    repo.relwatch(&["notes"]).ok();
    assert_eq!(stand_ins::ran(&sandbox).lines().count(), 1);
}

#[test]
fn lines_of_tracked_storage_move_as_well() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, &format!("storage: tracked\n{GH}"));
    repo.relwatch(&["init", "--storage", "tracked"]).ok();
    commit_all(&repo, "chore: tracked");
    repo.commit("fix: a hole in the parser (#12)");
    repo.commit("fix: a crash (#13)");
    repo.relwatch(&["update"]).ok();
    commit_all(&repo, "docs: changelog");
    knows(&sandbox, 12, "a hole", "ada", &["security"]);
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(
        released(&repo, "0.1.1"),
        "### Fixed\n\n- A crash (#13)\n\n### Security\n\n- A hole in the parser (#12)"
    );
}

#[test]
fn what_the_configuration_may_not_say() {
    let sandbox = Sandbox::new();
    let repo = asking(&sandbox, "");
    cases::in_turn(
        [
            (
                "nearest",
                "forge:\n  facts: gh\n  labels:\n    a: securty\n",
                "relwatch.yml:4: forge: labels: `securty` is neither a kind of change nor a category; did you mean `security`?",
            ),
            (
                "nothing near",
                "forge: {facts: gh, labels: {a: zzzzzzzzzzzzz}}\n",
                "is neither a kind of change nor a category; write breaking, hide,",
            ),
            (
                "nobody",
                "forge: {titles: true}\n",
                "relwatch.yml:1: forge: `titles` needs `facts`; name what to ask: `facts: gh`",
            ),
            (
                "time",
                "forge: {facts: gh, timeout: soon}\n",
                "relwatch.yml:1: forge: timeout `soon` is no time; write it as `90s` or `2m`",
            ),
            ("key", "forge: {fact: gh}\n", "did you mean `facts`?"),
        ],
        |&(name, ..)| name,
        |&(_, yaml, why)| {
            repo.write("relwatch.yml", yaml);
            says(&repo.relwatch(&["status"]).code(2), &[why]);
        },
    );
}
