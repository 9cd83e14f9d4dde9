//! The recipes of docs/how-to/publish.md, each with stand-ins for its tools: published, published again, broken at each command and
//! resumed, withdrawn.

#![cfg(unix)]

use crate::support::document::{self, Chapter};
use crate::support::{self, Repo, Sandbox, cases, stand_ins};

const DOCS: &str = include_str!("../../docs/how-to/publish.md");

/// The chapters whose steps run to their end by themselves.
fn recipes() -> Vec<Chapter> {
    let mut chapters = document::chapters(DOCS);
    chapters.retain(|chapter| chapter.blocks.iter().any(|b| b.name == "release"));
    assert_eq!(
        chapters.len(),
        6,
        "a recipe without what it runs is not run"
    );
    chapters
}

fn yaml(chapter: &Chapter) -> &str {
    let mut blocks = chapter.blocks.iter().filter(|b| b.language == "yaml");
    &blocks.next().unwrap().text
}

fn said_to_run<'c>(chapter: &'c Chapter, name: &str) -> Option<&'c str> {
    let block = chapter.blocks.iter().find(|b| b.name == name)?;
    Some(&block.text)
}

/// A project after release v0.1.0, about to release 0.2.0 with these steps.
fn project<'s>(sandbox: &'s Sandbox, yaml: &str) -> Repo<'s> {
    stand_ins::install(sandbox);
    sandbox
        .at("home")
        .write("public/image lloom_client:v0.1.0", "v0.1.0\n");
    let repo = support::project(sandbox, "r");
    let member = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion.workspace = true\n{more}")
    };
    repo.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.package]\nversion = \"0.1.0\"\n\n[workspace.metadata]\n",
    );
    repo.write("crates/core/Cargo.toml", &member("lloom-core", ""));
    let needs = "\n[dependencies]\nlloom-core = { path = \"../core\", version = \"0.1.0\" }\n";
    repo.write("crates/client/Cargo.toml", &member("lloom-client", needs));
    repo.write(
        "pyproject.toml",
        "[project]\nname = \"lloom\"\nversion = \"0.1.0\"\n",
    );
    repo.write("relwatch.yml", yaml);
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "feat: a timeout (#1)"])
        .ok();
    repo.sh("git init -q --bare -b main ../r.git && git remote add origin ../r.git && git push -q -u --follow-tags origin main").ok();
    repo
}

#[test]
fn recipes_publish_once_and_are_taken_back() {
    cases::run(
        recipes(),
        |chapter| chapter.title.clone(),
        |chapter| {
            let title = &chapter.title;
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, yaml(chapter));
            let released = repo.relwatch(&["release", "--push", "--yes"]).ok();
            assert!(
                !released.stdout.contains("done already"),
                "{title}: {released:?}"
            );
            let ran = stand_ins::ran(&sandbox);
            assert_eq!(
                Some(ran.as_str()),
                said_to_run(chapter, "release"),
                "{title}"
            );
            assert_eq!(repo.status(), "", "{title}");
            let public = stand_ins::public(&sandbox);

            let again = repo.relwatch(&["publish"]).ok().stdout;
            assert!(
                again.lines().all(|line| line.ends_with(", done already")),
                "{title}: {again}"
            );
            assert_eq!(stand_ins::ran(&sandbox), "", "{title}");
            // Repeating the steps in another clone must make no difference.
            repo.sh("git clone -q ../r.git ../other").ok();
            sandbox.at("other").relwatch(&["publish"]).ok();
            assert_eq!(stand_ins::public(&sandbox), public, "{title}");
            stand_ins::ran(&sandbox);

            let args = ["withdraw", "0.2.0", "--reason", "it loses data", "--yes"];
            let withdrawn = repo.relwatch(&args).ok();
            assert!(!withdrawn.stderr.contains("not taken back"), "{title}");
            let ran = stand_ins::ran(&sandbox);
            let probes: Vec<&str> = ran.lines().collect();
            let documented: Vec<&str> = said_to_run(chapter, "withdrawal")
                .unwrap()
                .lines()
                .collect();
            assert_eq!(probes, documented, "{title}");
            assert_eq!(repo.status(), "", "{title}");
        },
    );
}

#[test]
fn recipes_know_pre_releases() {
    cases::run(
        recipes(),
        |chapter| chapter.title.clone(),
        |chapter| {
            let title = &chapter.title;
            let Some(documented) = said_to_run(chapter, "candidate") else {
                return;
            };
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, yaml(chapter));
            repo.relwatch(&["release", "--pre", "rc", "--push", "--yes"])
                .ok();
            assert_eq!(stand_ins::ran(&sandbox), documented, "{title}");
            repo.relwatch(&["release", "--push", "--yes"]).ok();
            assert_eq!(
                Some(stand_ins::ran(&sandbox).as_str()),
                said_to_run(chapter, "release"),
                "{title}"
            );
        },
    );
}

#[test]
fn a_recipe_that_breaks_at_any_command_goes_on_from_there() {
    cases::run(
        recipes(),
        |chapter| chapter.title.clone(),
        |chapter| {
            let title = &chapter.title;
            let whole = Sandbox::new();
            let repo = project(&whole, yaml(chapter));
            repo.relwatch(&["release", "--push", "--yes"]).ok();
            let public = stand_ins::public(&whole);
            let mut breaks: Vec<String> = said_to_run(chapter, "release")
                .unwrap()
                .lines()
                .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
                .collect();
            breaks.push("crate lloom-client".to_owned());
            breaks.sort();
            breaks.dedup();
            let mut failed = 0;
            cases::in_turn(
                &breaks,
                |broken| (*broken).clone(),
                |broken| {
                    let sandbox = Sandbox::new();
                    let repo = project(&sandbox, yaml(chapter));
                    stand_ins::break_(&sandbox, &[broken]);
                    let first = repo.relwatch(&["release", "--push", "--yes"]);
                    stand_ins::break_(&sandbox, &[]);
                    match first.code {
                        // The step can do without this command, such as the one for the second crate of the recipe.
                        0 => {}
                        3 => {
                            assert!(first.stderr.contains("cannot release yet"), "{first:?}");
                            assert_eq!(repo.git(&["tag", "-l"]).stdout, "v0.1.0\n");
                            repo.relwatch(&["release", "--push", "--yes"]).ok();
                        }
                        _ => {
                            failed += 1;
                            assert_eq!(first.code, 8, "{title}, {broken}: {first:?}");
                            repo.relwatch(&["release", "--resume"]).ok();
                        }
                    }
                    assert_eq!(stand_ins::public(&sandbox), public, "{title}, {broken}");
                    assert_eq!(repo.status(), "", "{title}, {broken}");
                },
            );
            assert!(failed > 0, "{title}: {breaks:?}");
        },
    );
}

#[test]
fn the_step_that_explains_them_all_does_what_is_said_of_it() {
    let chapters = document::chapters(DOCS);
    let chapter = chapters.iter().find(|c| c.title == "A step").unwrap();
    cases::run(
        chapter.blocks.iter().filter(|b| b.language == "yaml"),
        |block| format!("line {}", block.line),
        |block| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, &block.text);
            repo.commit_file("site/index.html", "<p>\n", "feat: a page (#2)");
            repo.relwatch(&["release", "--push", "--yes"]).ok();
            assert_eq!(repo.read("../home/www/0.2.0.html"), "<p>\n");
        },
    );
}

#[test]
fn steps_see_the_release_and_read_nothing() {
    let sandbox = Sandbox::new();
    let repo = project(
        &sandbox,
        "publish: [{name: look, run: 'cat > OUT/in; git rev-parse HEAD > OUT/head; cat file > OUT/file; pwd > OUT/pwd; cat ignored > OUT/ignored || true'}]\n"
            .replace("OUT", &format!("{}", sandbox.path().display()))
            .as_str(),
    );
    repo.commit_file(".gitignore", "ignored\n", "chore: ignore");
    repo.write("ignored", "x\n");
    repo.relwatch(&["release", "--push", "--yes"]).ok();
    let root = repo.path.canonicalize().unwrap();
    assert_eq!(repo.read("../in"), "");
    assert_eq!(repo.read("../head"), format!("{}\n", repo.head()));
    assert_eq!(repo.read("../pwd"), format!("{}\n", root.display()));
    assert_eq!(repo.read("../ignored"), "x\n");
    let released = repo.head();
    repo.commit("fix: later (#3)");
    repo.write("file", "dirty\n");
    repo.sh("rm -r .git/relwatch/published").ok();
    repo.relwatch(&["publish"]).ok();
    assert_eq!(repo.read("../in"), "");
    assert_eq!(repo.read("../head"), format!("{released}\n"));
    assert_eq!(repo.read("../file"), "1\n");
    assert_ne!(repo.read("../pwd"), format!("{}\n", root.display()));
    assert_eq!(repo.read("../ignored"), "");
}

#[test]
fn what_a_person_does_is_waited_for() {
    let chapters = document::chapters(DOCS);
    let person = chapters.iter().find(|c| c.title == "Manual steps").unwrap();
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, yaml(person));
    let waiting = repo.relwatch(&["release", "--push", "--yes"]).code(8);
    assert!(
        waiting
            .stderr
            .ends_with("about 0.2.0; then `relwatch publish v0.2.0 --done tell`\n"),
        "{waiting:?}"
    );
    repo.relwatch(&["publish", "--done", "tell"]).ok();
}
