//! Attributes and settings by which git converts the changelog (gitattributes(5)): as without relwatch.

use crate::support::{self, Repo, Sandbox, cases};

/// Conversions, with the lines of attributes or the commands that set them.
const CONVERSIONS: &[(&str, &str, &str)] = &[
    ("ident", "CHANGELOG.md ident", "true"),
    ("a comment", "# CHANGELOG.md ident", "true"),
    ("text", "CHANGELOG.md text", "true"),
    ("not text", "CHANGELOG.md -text", "true"),
    ("auto", "* text=auto", "true"),
    ("lf", "CHANGELOG.md text eol=lf", "true"),
    ("crlf", "CHANGELOG.md text eol=crlf", "true"),
    ("autocrlf", "", "git config core.autocrlf true"),
    ("autocrlf input", "", "git config core.autocrlf input"),
    ("eol", "* text=auto", "git config core.eol crlf"),
    (
        "encoding",
        "CHANGELOG.md text working-tree-encoding=UTF-16LE",
        "true",
    ),
    (
        "all",
        "CHANGELOG.md ident text eol=crlf",
        "git config core.autocrlf input",
    ),
];

/// A changelog with an `$Id$`, converted, edited and committed. Returns what git stores and prints about it.
fn outcome(sandbox: &Sandbox, name: &str, conversion: (&str, &str), relwatch: bool) -> String {
    let (attributes, command) = conversion;
    let repo = sandbox.repo(name);
    let text = support::CHANGELOG.replace("# Changelog\n", "# Changelog\n\n$Id$\n");
    repo.write("CHANGELOG.md", &text);
    let ours =
        "/CHANGELOG.md filter=relwatch merge=relwatch\n/.relwatch/releases.yml merge=union\n";
    repo.write(".gitattributes", ours);
    repo.write("relwatch.yml", "");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: start"]).ok();
    repo.git(&["tag", "-a", "v0.1.0", "-m", "x"]).ok();
    repo.write(".git/info/attributes", &format!("{attributes}\n"));
    repo.sh(command).ok();
    repo.sh("rm CHANGELOG.md && git checkout -q -- CHANGELOG.md")
        .ok();
    if relwatch {
        // git refuses text that is not UTF-8 and stores it unchanged.
        let is_read = !attributes.contains("UTF-16");
        repo.relwatch(&["init"]).code(i32::from(!is_read));
    }
    let mut seen = repo.status();
    repo.commit_file("x", "1", "feat: one");
    seen += &repo.status();
    type_a_line(&repo);
    seen += &repo.status();
    repo.git(&["commit", "-q", "-a", "-m", "docs: typed"]).ok();
    seen += &repo.status();
    repo.sh("git switch -q -c side HEAD~1 && git switch -q main && git merge -q --no-edit side && git stash list").ok();
    seen += &repo.status();
    repo.sh("rm CHANGELOG.md && git checkout -q -- CHANGELOG.md")
        .ok();
    repo.commit_file("y", "1", "fix: two");
    seen += &repo.status();
    if relwatch && !attributes.contains("UTF-16") {
        assert!(repo.section().contains("- One ("), "{}", repo.section());
    }
    seen + &repo.git(&["ls-tree", "-r", "HEAD"]).ok().stdout + &repo.stored()
}

fn type_a_line(repo: &Repo<'_>) {
    let utf16 = repo.sh("git check-attr working-tree-encoding CHANGELOG.md | grep -q UTF");
    let script =
        "s/^## .Unreleased.\\(\\r\\{0,1\\}\\)$/&\\n\\1\\n### Security\\1\\n\\1\\n- typed\\1/";
    let edit = if utf16.code == 0 {
        format!(
            "iconv -f UTF-16LE -t UTF-8 CHANGELOG.md | sed '{script}' | iconv -f UTF-8 -t UTF-16LE > t && cat t > CHANGELOG.md && rm t"
        )
    } else {
        format!("sed -i '{script}' CHANGELOG.md")
    };
    repo.sh(&edit).ok();
}

#[test]
fn a_converted_changelog_is_stored_as_without_relwatch() {
    cases::run(
        CONVERSIONS,
        |(name, ..)| *name,
        |(_, attributes, command)| {
            let sandbox = Sandbox::new();
            let bare = outcome(&sandbox, "bare", (attributes, command), false);
            let with = outcome(&sandbox, "with", (attributes, command), true);
            assert!(bare.contains("- typed"), "{bare}");
            assert_eq!(bare, with, "{bare}---\n{with}");
        },
    );
}
