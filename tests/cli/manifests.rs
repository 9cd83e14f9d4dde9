//! The configuration in a manifest of the project, in place of relwatch.yml.

use crate::support::{CHANGELOG, Repo, Sandbox, cases, commit_all, says};

/// The possible places of a configuration: the file, its text without the configuration, and with it.
const PLACES: &[(&str, &str, &str, &str)] = &[
    (
        "package.metadata.relwatch",
        "Cargo.toml",
        "[package]\nname = \"lamp\"\nversion = \"0.1.0\"\n",
        "
[package.metadata.relwatch]
tag = \"v{version}\"
unconventional = \"skip\"
specs = [{ preset = \"openspec\", archive = \"keep\" }, \"chant\"]

[package.metadata.relwatch.scopes]
api = \"HTTP API\"
",
    ),
    (
        "workspace.metadata.relwatch",
        "Cargo.toml",
        "[workspace]\npackage.version = \"0.1.0\"\n",
        "metadata.relwatch = { unconventional = \"skip\", scopes = { api = \"HTTP API\" } } # a comment\n",
    ),
    (
        "tool.relwatch",
        "pyproject.toml",
        "[project]\nname = \"lamp\"\nversion = \"0.1.0\"\n",
        "
[tool.relwatch]
unconventional = \"skip\"
scopes.api = \"HTTP API\"
",
    ),
    (
        "relwatch",
        "package.json",
        "{\n  \"name\": \"lamp\",\n  \"version\": \"0.1.0\"\n}\n",
        "{\n  \"name\": \"lamp\",\n  \"version\": \"0.1.0\",\n  \"relwatch\": {\n    \"unconventional\": \"skip\",\n    \"scopes\": {\n      \"api\": \"HTTP API\"\n    }\n  }\n}\n",
    ),
];

/// The manifest with its configuration.
fn text(file: &str, without: &str, table: &str) -> String {
    if file == "package.json" {
        table.to_owned()
    } else {
        format!("{without}{table}")
    }
}

/// A repository with a release and these files, in which relwatch is set up.
fn set_up_with<'s>(sandbox: &'s Sandbox, name: &str, files: &[(&str, &str)]) -> Repo<'s> {
    let repo = sandbox.repo(name);
    repo.write("CHANGELOG.md", CHANGELOG);
    for (path, text) in files {
        repo.write(path, text);
    }
    commit_all(&repo, "chore: start");
    repo.git(&["tag", "-a", "v0.1.0", "-m", "Release v0.1.0"])
        .ok();
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    repo
}

#[test]
fn a_manifest_is_a_place_for_the_configuration() {
    let sandbox = Sandbox::new();
    cases::run(
        PLACES,
        |(key, ..)| *key,
        |&(key, file, without, table)| {
            let repo = set_up_with(&sandbox, key, &[(file, &text(file, without, table))]);
            assert!(!repo.exists("relwatch.yml"));
            let again = repo.relwatch(&["init"]).ok();
            says(&again, &[&format!("kept: {file} ({key})")]);
            repo.commit("feat(api): dim the lamp (#1)");
            repo.commit("Tidy up");
            assert_eq!(
                repo.section(),
                "### Added\n\n- **HTTP API:** dim the lamp (#1)"
            );
            assert_eq!(repo.status(), "");
            // Other lines of the manifest change nothing; the table does, without any command.
            let edited = repo.read(file).replace("0.1.0", "0.1.1");
            repo.commit_file(file, &edited, "chore: edit");
            assert!(repo.section().contains("HTTP API"));
            repo.edit(file, "HTTP API", "API");
            repo.relwatch(&["update", "--check"]).code(1);
            repo.git(&["commit", "-q", "-a", "-m", "chore: another title"])
                .ok();
            assert_eq!(repo.section(), "### Added\n\n- **API:** dim the lamp (#1)");
            let released = repo.relwatch(&["release", "--yes"]).ok();
            says(&released, &["released 0.2.0"]);
            assert_eq!(repo.status(), "");
            repo.relwatch(&["undo", "--yes"]).ok();
        },
    );
}

#[test]
fn a_mistake_is_named_with_its_file_and_its_table() {
    let sandbox = Sandbox::new();
    let table = |file: &str, text: &str| (file.to_owned(), text.to_owned());
    let cases = [
        (
            table(
                "Cargo.toml",
                "[package]\nname = \"a\"\n\n[package.metadata.relwatch]\ntag = \"v{version}\"\nsped = \"chant\"\n",
            ),
            "Cargo.toml:6: package.metadata.relwatch: unknown key `sped`",
            "did you mean `specs`?",
        ),
        (
            table(
                "pyproject.toml",
                "[tool.relwatch]\nhooks = { freeze = \"on\" }\n",
            ),
            "pyproject.toml:2: tool.relwatch: hooks.freeze: unknown value `on`, ",
            "",
        ),
        (
            table(
                "pyproject.toml",
                "[tool.x]\n[tool.relwatch]\n\nchangelog = \"../x\"\n",
            ),
            "pyproject.toml:4: tool.relwatch: changelog: path `../x` must stay inside",
            "",
        ),
        (
            table(
                "package.json",
                "{\n  \"relwatch\": {\n    \"categories\": \"odd\"\n  }\n}\n",
            ),
            "package.json:3: relwatch: categories: ",
            "",
        ),
        (
            table(
                "package.json",
                "{\n  \"relwatch\": {\n    \"tag\": 1,\n  }\n}\n",
            ),
            "package.json:3: relwatch: tag: ",
            "",
        ),
        (
            table("package.json", "{\n  \"relwatch\": \"x\"\n}\n"),
            "package.json:2: relwatch: expected keys and values, not `x`",
            "",
        ),
        (
            table("package.json", "{\n  \"relwatch\": {\n"),
            "package.json:2: no JSON: ",
            "it may contain the configuration",
        ),
        (
            table("Cargo.toml", "[package]\nname = \"relwatch\n"),
            "Cargo.toml:2: no TOML: ",
            "it may contain the configuration",
        ),
    ];
    cases::in_turn(
        cases,
        |((file, text), ..)| format!("{file}: {text}"),
        |((file, text), starts, says)| {
            let repo = sandbox.repo("r");
            repo.sh("rm -f *.toml *.json").ok();
            repo.write(file, text);
            let ran = repo.relwatch(&["status"]).code(2);
            assert!(
                ran.stderr.starts_with(&format!("relwatch: {starts}")),
                "{ran:?}"
            );
            assert!(ran.stderr.contains(says), "{ran:?}");
            assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        },
    );
}

#[test]
fn two_manifests_with_a_configuration_are_an_error_that_names_both() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.write(
        "Cargo.toml",
        "[workspace.metadata.relwatch]\n[package.metadata.relwatch]\n",
    );
    let ran = repo.relwatch(&["status"]).code(2);
    assert_eq!(
        ran.stderr,
        "relwatch: two configurations: Cargo.toml (workspace.metadata.relwatch) and Cargo.toml (package.metadata.relwatch); keep one of them, or move both into relwatch.yml\n"
    );
    repo.write("Cargo.toml", "[package.metadata.relwatch]\n");
    repo.write("package.json", "{\"relwatch\": {}}");
    let ran = repo.relwatch(&["init"]).code(2);
    says(
        &ran,
        &["Cargo.toml (package.metadata.relwatch) and package.json (relwatch)"],
    );
    assert!(!repo.exists("CHANGELOG.md"));
}

#[test]
fn beside_relwatch_yml_a_manifest_is_not_read_and_those_who_look_are_told() {
    let sandbox = Sandbox::new();
    let repo = set_up_with(&sandbox, "r", &[]);
    assert!(repo.exists("relwatch.yml"));
    // The file is not parsed, so an error in it has no effect.
    repo.commit_file("package.json", "{\"relwatch\": {", "feat: a package");
    assert!(
        repo.section().contains("- A package ("),
        "{}",
        repo.section()
    );
    let ran = repo.relwatch(&["status"]).ok();
    assert_eq!(ran.stderr, "");
    let table = "{\"relwatch\": {\"unconventional\": \"skip\"}}\n";
    repo.write("package.json", table);
    let commit = repo.git(&["commit", "-q", "-a", "-m", "Tidy up"]).ok();
    assert_eq!(commit.stderr, "");
    assert!(repo.section().contains("- Tidy up ("), "{}", repo.section());
    let two = "two configurations: relwatch.yml is used, package.json (relwatch) is ignored; keep one of them";
    let warned = format!("warning: {two}\n");
    assert_eq!(repo.relwatch(&["status"]).ok().stderr, warned);
    says(&repo.relwatch(&["check"]), &[&warned]);
    let doctor = repo.relwatch(&["doctor"]).code(1);
    says(&doctor, &[&format!("problem  configuration: {two}\n")]);
    let init = repo.relwatch(&["init"]).code(2);
    assert_eq!(init.stderr, format!("relwatch: {two}\n"));
}

#[test]
fn a_dependency_on_relwatch_is_no_configuration() {
    let sandbox = Sandbox::new();
    let package = "{\"name\": \"relwatch-web\", \"devDependencies\": {\"relwatch\": \"^1\"}, \"scripts\": {\"prepare\": \"relwatch init\"}}\n";
    let cargo = "[package]\nname = \"relwatch\"\n[package.metadata]\nother = \"relwatch\"\n";
    let repo = set_up_with(
        &sandbox,
        "r",
        &[("package.json", package), ("Cargo.toml", cargo)],
    );
    assert!(repo.exists("relwatch.yml"));
}

#[test]
fn the_storage_is_switched_in_the_manifest() {
    let sandbox = Sandbox::new();
    cases::run(
        PLACES,
        |(key, ..)| *key,
        |&(key, file, without, table)| {
            let name = format!("s-{key}");
            let repo = set_up_with(&sandbox, &name, &[(file, &text(file, without, table))]);
            repo.commit("feat: dim the lamp (#1)");
            let before = repo.read(file);
            let ran = repo.relwatch(&["init", "--storage", "tracked"]).ok();
            says(
                &ran,
                &[
                    &format!("wrote: {file} (storage: tracked)"),
                    &format!("git add {file}"),
                ],
            );
            let lines = repo.git(&["diff", "--stat", "--", file]).ok().stdout;
            assert!(lines.contains("1 insertion(+)"), "{lines}");
            commit_all(&repo, "chore: keep the lines in commits");
            assert!(
                repo.stored().contains("- Dim the lamp (#1)"),
                "{}",
                repo.stored()
            );
            repo.relwatch(&["init", "--storage", "view"]).ok();
            assert!(repo.read(file).contains("view"));
            commit_all(&repo, "chore: keep the lines out of commits");
            assert!(!repo.stored().contains("Dim the lamp"), "{}", repo.stored());
            assert_ne!(repo.read(file), before);
            assert!(!repo.exists("relwatch.yml"));
        },
    );
}

#[test]
fn a_file_that_is_moved_into_a_manifest_changes_no_line() {
    let sandbox = Sandbox::new();
    let repo = set_up_with(&sandbox, "r", &[]);
    repo.commit("feat: dim the lamp (#1)");
    let section = repo.section();
    repo.git(&["rm", "-q", "relwatch.yml"]).ok();
    repo.write(
        "pyproject.toml",
        "[tool.relwatch]\nunconventional = \"skip\"\n",
    );
    commit_all(&repo, "chore: move the configuration");
    assert_eq!(repo.section(), section);
    assert_eq!(repo.status(), "");
    repo.git(&["checkout", "-q", "HEAD~1"]).ok();
    assert_eq!(repo.section(), section);
    repo.relwatch(&["doctor"]).ok();
}
