//! Templates of a project: their results for a section and for the body of a page, and their limits.

#![cfg(unix)]

use std::fs;

use crate::support::{Repo, Sandbox, cases, configure, project, says};

const SECTION: &str = ".relwatch/templates/section.md";

/// All of a section, with marks in its headings and links behind its changes.
const CLIFF: &str = "{% for category in categories %}
{% if category.title %}
### 🚀 {{ category.title }}

{% endif %}
{% for piece in category.pieces %}
{% if piece.generated %}
- {% if piece.scope %}*({{ piece.scope }})* {% endif %}{{ piece.title }} ([{{ piece.commit }}]({{ piece.commit_url }}))
{% else %}
{{ piece.markdown }}
{% endif %}
{% endfor %}

{% endfor %}
### Contributors

{% for one in contributors %}
- {{ one.markdown }}
{% endfor %}
";

/// A lamp on GitHub with a template and changes that are not released.
fn lamp<'s>(sandbox: &'s Sandbox, template: &str) -> Repo<'s> {
    let repo = project(sandbox, "lamp");
    let url = "git@github.com:acme/lamp.git";
    repo.git(&["remote", "add", "origin", url]).ok();
    let configured = repo.read("relwatch.yml");
    repo.write(
        "relwatch.yml",
        &format!("{configured}templates: {{section: {SECTION}}}\n"),
    );
    repo.write(SECTION, template);
    repo.git(&["add", "-A"]).ok();
    repo.commit("chore: templates");
    repo.commit("feat(api): dim the lamp (#1)");
    repo.commit("fix: no flicker at low voltage (#2)");
    repo
}

/// The changelog with a hand-written line in Unreleased, committed.
fn by_hand(repo: &Repo<'_>, lines: &str) {
    let text = repo.read("CHANGELOG.md");
    let text = text.replacen(
        "## [Unreleased]\n",
        &format!("## [Unreleased]\n\n{lines}"),
        1,
    );
    repo.write("CHANGELOG.md", &text);
    repo.git(&["add", "-A"]).ok();
    repo.commit("docs: a word about this release");
}

/// The short name of the commit with a subject.
fn commit(repo: &Repo<'_>, subject: &str) -> [String; 2] {
    let grep = format!("--grep={subject}");
    let args = ["log", "-1", "--format=%h %H", "--abbrev=7", "-F", &grep];
    let names = repo.git(&args).ok().stdout;
    let (short, long) = names.trim().split_once(' ').unwrap();
    [short.to_owned(), long.to_owned()]
}

#[test]
fn a_release_freezes_what_the_template_makes() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox, CLIFF);
    by_hand(
        &repo,
        "Brighter than ever, see [the manual].\n\n[the manual]: https://example.org\n\n### Changed\n\n* Written by hand (thanks)\n",
    );
    let view = repo.read("CHANGELOG.md");
    assert!(
        view.contains("### Added\n\n"),
        "the view is built in: {view}"
    );
    let notes = repo.relwatch(&["notes"]).ok();
    assert_eq!(notes.stderr, "");
    let [dim, dim_long] = commit(&repo, "dim the lamp");
    let [fix, fix_long] = commit(&repo, "no flicker");
    let url = "https://github.com/acme/lamp/commit";
    let made = format!(
        "Brighter than ever, see [the manual].\n\n[the manual]: https://example.org\n\n### 🚀 Added\n\n- *(api)* dim the lamp ([{dim}]({url}/{dim_long}))\n\n### 🚀 Changed\n\n- Written by hand (thanks)\n\n### 🚀 Fixed\n\n- No flicker at low voltage ([{fix}]({url}/{fix_long}))\n\n### Contributors\n\n- Author\n"
    );
    assert_eq!(notes.stdout, made);
    let dry = repo.relwatch(&["release", "--dry-run", "--offline"]).ok();
    says(&dry, &["+### 🚀 Added\n", "+- *(api)* dim the lamp"]);
    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    let released = repo.read("CHANGELOG.md");
    assert!(
        released.contains(&format!(
            "## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n{made}\n"
        )),
        "{released}"
    );
    assert_eq!(repo.status(), "");

    // Later commands read it like any other section.
    assert_eq!(repo.relwatch(&["notes", "0.2.0"]).ok().stdout, made);
    let tag = repo.git(&["tag", "-l", "--format=%(contents)", "v0.2.0"]);
    says(&tag.ok(), &["### 🚀 Added\n", "Written by hand (thanks)"]);
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(!status.contains("lamp"), "{status}");
    says(&repo.relwatch(&["explain", &dim]).ok(), &["0.2.0"]);
    repo.commit("feat: a second lamp (#3)");
    let after = repo.read("CHANGELOG.md");
    assert!(
        after.contains("### Added\n\n- A second lamp (#3)\n"),
        "{after}"
    );
    assert!(after.contains(&made), "{after}");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.relwatch(&["undo", "--yes", "--offline"]).ok();
    assert_eq!(repo.read("CHANGELOG.md"), view);
}

#[test]
fn a_template_that_drops_what_people_wrote_is_refused() {
    let sandbox = Sandbox::new();
    let dropping = "{% for one in entries %}\n* {{ one.title }}\n{% endfor %}\n";
    let repo = lamp(&sandbox, dropping);
    // A template may drop generated lines.
    assert_eq!(
        repo.relwatch(&["notes"]).ok().stdout,
        "* dim the lamp\n* No flicker at low voltage\n"
    );
    by_hand(
        &repo,
        "Brighter than ever.\n\n### Fixed\n\n- The switch\n\n  **Migration:** turn it.\n",
    );
    let head = repo.git(&["rev-parse", "HEAD"]).ok().stdout;
    let refused = repo.relwatch(&["release", "--yes", "--offline"]).code(3);
    says(
        &refused,
        &[
            "the template .relwatch/templates/section.md drops what people wrote in CHANGELOG.md: Brighter than ever., **Migration:** turn it.",
        ],
    );
    assert_eq!(repo.git(&["rev-parse", "HEAD"]).ok().stdout, head);
    says(
        &repo.relwatch(&["notes"]).ok(),
        &[
            "warning: the template .relwatch/templates/section.md drops",
            "a release refuses this",
        ],
    );
    repo.write(SECTION, "{{ notes }}\n\n_{{ tag }}_\n");
    repo.git(&["add", "-A"]).ok();
    repo.commit("chore: a template that keeps all");
    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    let released = repo.read("CHANGELOG.md");
    assert!(
        released.contains("  **Migration:** turn it.\n"),
        "{released}"
    );
    assert!(
        released.contains("\n\n_v0.2.0_\n\n## [0.1.0]"),
        "{released}"
    );
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox, "{{ notes }}");
    cases::in_turn(
        [
            (
                "a\n\n{{ vresion }}\n",
                "section.md:3: `vresion` is undefined",
            ),
            (
                "{% for one in entries %}\n{{ one.titel }}\n{% endfor %}\n",
                "section.md:2: ",
            ),
            ("a\n{% for one in entries %}\n", "section.md:"),
            ("{{ notes | shout }}\n", "section.md:1: "),
            ("{% include '/etc/passwd' %}\n", "section.md:1: "),
            (
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                "section.md:1: it does not end",
            ),
            (
                "New in {version}:\n{{ notes }}\n",
                "section.md:1: `{version}` prints nothing",
            ),
        ],
        |(template, _)| (*template).to_owned(),
        |(template, said)| {
            repo.write("../section.md", template);
            let tried = repo
                .relwatch(&["notes", "--template", "../section.md"])
                .code(2);
            says(&tried, &[said]);
        },
    );
    // The output of the template must fit below the heading.
    for (template, said) in [
        (
            "## [{{ version }}]\n\n{{ notes }}\n",
            "the template makes what is below the heading",
        ),
        ("```\n{{ notes }}\n", "would no longer count"),
        ("{# nothing #}\n", "prints nothing for 0.2.0"),
    ] {
        repo.write(SECTION, template);
        repo.git(&["add", "-A"]).ok();
        repo.commit("chore: template");
        says(
            &repo.relwatch(&["release", "--yes", "--offline"]).code(3),
            &[said],
        );
    }
    repo.git(&["rm", "-q", SECTION]).ok();
    repo.commit("chore: no template");
    says(
        &repo.relwatch(&["release", "--yes", "--offline"]).code(2),
        &[
            "relwatch.yml: templates: section: .relwatch/templates/section.md is not there; write the template",
        ],
    );
    fs::create_dir_all(repo.path.join(".relwatch/templates")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", repo.path.join(SECTION)).unwrap();
    assert!(repo.relwatch(&["notes"]).code != 0, "no link is followed");
}

#[test]
fn the_page_of_a_release_has_a_template_of_its_own() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox, "{{ notes }}\n");
    repo.relwatch(&["release", "--yes", "--offline"]).ok();
    let template = "# {{ project }} {{ version }}\n\n{{ counts }}\n{% for one in groups %}\n\n## {{ one.title }}\n\n{{ one.markdown }}\n{% endfor %}\n\n{{ compare }}\n";
    repo.write("../body.md", template);
    let page = "# lamp 0.2.0\n\n1 feature and 1 fix since v0.1.0.\n\n## Features\n\n- **api:** dim the lamp (#1)\n\n## Fixes\n\n- No flicker at low voltage (#2)\n\nhttps://github.com/acme/lamp/compare/v0.1.0...v0.2.0\n";
    let tried = ["notes", "0.2.0", "--full", "--template", "../body.md"];
    assert_eq!(repo.relwatch(&tried).ok().stdout, page);
    repo.write(".relwatch/templates/body.md", template);
    let yml = repo.read("relwatch.yml");
    let both = yml.replace(
        &format!("{{section: {SECTION}}}"),
        &format!("{{section: {SECTION}, body: .relwatch/templates/body.md}}"),
    );
    repo.write("relwatch.yml", &both);
    assert_eq!(
        repo.relwatch(&["notes", "0.2.0", "--full"]).ok().stdout,
        page
    );
    let json = repo.relwatch(&["notes", "0.2.0", "--full", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["notes"], page);
    assert_eq!(json["groups"][0]["pieces"][0]["scope"], "api");
    assert_eq!(json["groups"][0]["pieces"][0]["author"], "Author");
    // A released version is rendered with a section template only if the user passes one.
    repo.write("../by.md", "{% for one in entries %}\n* {{ one.title }} by {{ one.author }} in {{ one.links | join(' ') }}\n{% endfor %}\n");
    let [dim, _] = commit(&repo, "dim the lamp");
    let tried = repo
        .relwatch(&["notes", "0.2.0", "--template", "../by.md"])
        .ok();
    assert!(
        tried.stdout.starts_with(&format!(
            "* dim the lamp by Author in [#1](https://github.com/acme/lamp/issues/1) [{dim}](https://github.com/acme/lamp/commit/{dim})\n* No flicker"
        )),
        "{}",
        tried.stdout
    );
}

#[test]
fn polish_and_an_editor_come_after_the_template() {
    let sandbox = Sandbox::new();
    let repo = lamp(&sandbox, "#### All\n\n{{ notes }}\n");
    let yml = repo.read("relwatch.yml");
    // The command gets the draft as JSON; one line of it shows the notes.
    let polish = "polish: \"tr ',' '\\\\n' | grep -o '#### All' | head -1; echo; echo words\"\n";
    repo.write("relwatch.yml", &format!("{yml}{polish}"));
    repo.git(&["add", "-A"]).ok();
    repo.commit("chore: polish");
    assert_eq!(repo.relwatch(&["notes"]).ok().stdout, "#### All\n\nwords\n");
    let editor = "sed -i s/words/others/";
    let args = ["release", "--yes", "--offline", "--edit"];
    repo.run(
        env!("CARGO_BIN_EXE_relwatch"),
        &args,
        &[("EDITOR", editor), ("GIT_EDITOR", editor)],
    )
    .ok();
    let released = repo.read("CHANGELOG.md");
    assert!(released.contains("#### All\n\nothers\n"), "{released}");
}

#[test]
fn a_component_has_templates_of_its_own() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.write("a/x", "1");
    repo.write("b/x", "1");
    repo.write("one.md", "one\n\n{{ notes }}\n");
    repo.write("two.md", "two\n\n{{ notes }}\n{{ component }}");
    repo.write(
        "relwatch.yml",
        "templates: {section: one.md}\ncomponents:\n  a: {paths: [a/**]}\n  b: {paths: [b/**], templates: {section: two.md}}\n",
    );
    repo.relwatch(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.commit("feat: both (#1)");
    for (name, first) in [("a", "one\n\n"), ("b", "two\n\n")] {
        let notes = repo.relwatch(&["notes", "-c", name]).ok().stdout;
        assert!(notes.starts_with(first), "{name}: {notes}");
        assert_eq!(notes.ends_with("\nb\n"), name == "b", "{notes}");
    }
}

#[test]
fn every_value_is_in_the_documents() {
    let source = include_str!("../../src/notes/template_values.rs");
    let docs = include_str!("../../docs/reference/template-values.md");
    let names = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":"));
    let names: Vec<&str> = names.map(|(name, _)| name).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(docs.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn a_template_gets_the_accounts_that_a_forge_tells() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "lamp");
    let template = "{% for one in categories %}\n### {{ one.title }}\n\n{% for piece in one.pieces %}\n{{ piece.markdown }}{% if piece.account %} by {{ piece.account }}{% endif %}\n\n{% endfor %}\n{% endfor %}\n";
    repo.write(".relwatch/templates/section.md", template);
    let facts = r#"{"number": 1, "labels": ["bug"], "accounts": {"author@example.org": "adal"}}"#;
    repo.write("../facts.json", facts);
    configure(
        &repo,
        "forge: {facts: cat ../facts.json, labels: {bug: fixed}}\ntemplates: {section: .relwatch/templates/section.md}\n",
    );
    repo.commit("feat: dim the lamp (#1)");
    let made = "### Fixed\n\n- Dim the lamp (#1) by adal\n";
    assert_eq!(repo.relwatch(&["notes"]).ok().stdout, made);
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.relwatch(&["notes", "--latest"]).ok().stdout, made);
}
