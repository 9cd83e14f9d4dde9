//! The committer, and whether commits and tags are signed: as `git var` and git's configuration say, wherever that is set.

use crate::support::{Repo, Sandbox, cases, project};

/// Source of an identity: a script that sets it up, variables, and git's result.
type Source = (&'static str, &'static [(&'static str, &'static str)]);

const SOURCES: [Source; 6] = [
    (
        "true",
        &[
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "user.name"),
            ("GIT_CONFIG_VALUE_0", "Counted"),
            ("GIT_CONFIG_KEY_1", "user.email"),
            ("GIT_CONFIG_VALUE_1", "counted@example.org"),
        ],
    ),
    (
        "true",
        &[(
            "GIT_CONFIG_PARAMETERS",
            "'user.name'='Given' 'user.email=given@example.org'",
        )],
    ),
    (
        "true",
        &[
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.org"),
            ("GIT_COMMITTER_NAME", "C"),
            ("GIT_COMMITTER_EMAIL", "c@example.org"),
        ],
    ),
    (
        "git config user.name Mailed",
        &[("EMAIL", "mailed@example.org")],
    ),
    (
        "git config user.name N && git config user.email n@example.org && git config author.name Writer && git config committer.email bot@example.org",
        &[],
    ),
    (
        "git config user.useConfigOnly true && git config user.name N && git config user.email n@example.org",
        &[("EMAIL", "other@example.org")],
    ),
];

/// Runs a script without the identity that tests have.
fn nameless(repo: &Repo<'_>, script: &str, env: &[(&str, &str)]) -> crate::support::Ran {
    let unset = "unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL";
    let kept: Vec<String> = env
        .iter()
        .map(|(key, value)| format!("export {key}=\"{value}\""))
        .collect();
    repo.sh(&format!("{unset}\n{}\n{script}", kept.join("\n")))
}

#[test]
fn a_release_is_by_whom_git_says() {
    cases::run(
        SOURCES,
        |source| format!("{source:?}"),
        |&(script, env)| {
            let sandbox = Sandbox::new();
            let repo = project(&sandbox, "r");
            repo.commit("feat: a timeout");
            repo.sh(script).ok();
            let people = |ran: crate::support::Ran| -> Vec<String> {
                let lines = ran.ok().stdout;
                let lines = lines.lines().filter_map(|line| line.rsplit_once("> "));
                lines.map(|(who, _)| format!("{who}>")).collect()
            };
            let says = people(nameless(
                &repo,
                "git var GIT_AUTHOR_IDENT; git var GIT_COMMITTER_IDENT",
                env,
            ));
            let check = nameless(&repo, "relwatch check", env).ok();
            let name = says[1].split(" <").next().unwrap_or_default();
            assert!(check.stdout.contains(name), "{check:?}");
            nameless(&repo, "relwatch release --yes", env).ok();
            let made = repo.sh("git log -1 --format='%an <%ae> 0%n%cn <%ce> 0'; git cat-file tag v0.2.0 | sed -n 's/^tagger //p'");
            assert_eq!(people(made), [&*says[0], &*says[1], &*says[1]]);
        },
    );
}

#[test]
fn without_an_identity_one_line_says_why() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout");
    repo.git(&["config", "user.useConfigOnly", "true"]).ok();
    let refused = nameless(&repo, "relwatch release --yes", &[]).code(3);
    assert_eq!(
        refused.stderr,
        "relwatch: cannot release yet:\n  - git does not know who you are (no email was given and auto-detection is disabled); run `git config user.name …` and `git config user.email …`\n"
    );
}

#[test]
fn what_a_command_is_given_decides_whether_it_signs() {
    let given: [&[(&str, &str)]; 4] = [
        &[
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "gpg.program"),
            ("GIT_CONFIG_VALUE_0", "false"),
            ("GIT_CONFIG_KEY_1", "tag.gpgSign"),
            ("GIT_CONFIG_VALUE_1", "yes"),
        ],
        &[(
            "GIT_CONFIG_PARAMETERS",
            "'gpg.program'='false' 'commit.gpgsign'='1'",
        )],
        &[(
            "GIT_CONFIG_PARAMETERS",
            "'gpg.program=false' 'commit.gpgsign=true'",
        )],
        &[(
            "GIT_CONFIG_PARAMETERS",
            "'gpg.program'='false' 'commit.gpgsign'",
        )],
    ];
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "r");
    repo.commit("feat: a timeout");
    cases::run(
        given,
        |env| format!("{env:?}"),
        |env| {
            let program = env!("CARGO_BIN_EXE_relwatch");
            let refused = repo.run(program, &["release", "--yes"], env);
            assert_eq!(refused.code, 1, "{refused:?}");
            assert!(refused.stderr.contains("git cannot sign"), "{refused:?}");
        },
    );
    // A configuration of its own, as jobs have one.
    repo.write("../global", "[tag]\n\tgpgsign\n[gpg]\n\tprogram = false\n");
    let refused = repo
        .sh("GIT_CONFIG_GLOBAL=../global relwatch release --yes")
        .code(1);
    assert!(refused.stderr.contains("git cannot sign"), "{refused:?}");
    // The last word is that of the command, here as well.
    repo.sh("git config tag.gpgsign true && git config gpg.program false")
        .ok();
    repo.sh("GIT_CONFIG_PARAMETERS=\"'tag.gpgsign'='false'\" relwatch release --yes")
        .ok();
}
