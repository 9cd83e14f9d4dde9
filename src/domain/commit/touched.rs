//! The kind of files that a commit touches: those that users get, or only documents, tests, and files of builds and tools.

use crate::domain::commit::message::{Commit, Message, Reading};

/// Directories of documents, of tests and of benchmarks; those that begin with a dot belong to tools.
const FOLDERS: &[&str] = &[
    "doc",
    "docs",
    "test",
    "tests",
    "__tests__",
    "__snapshots__",
    "benches",
    "benchmarks",
    "testdata",
];

/// Extensions of documents.
const ENDINGS: &[&str] = &["md", "markdown", "rst", "adoc", "asciidoc"];

/// Documents and files of tools, without their extensions.
const NAMES: &[&str] = &[
    "authors",
    "changelog",
    "changes",
    "citation",
    "code_of_conduct",
    "codeowners",
    "contributing",
    "contributors",
    "copying",
    "dco",
    "history",
    "license",
    "licence",
    "maintainers",
    "news",
    "readme",
    "security",
    "appveyor",
    "azure-pipelines",
    "codecov",
    "jenkinsfile",
];

/// Files of tools that check, format and test, with their extensions.
const TOOL_FILES: &[&str] = &[
    "clippy.toml",
    "commitlint.config.js",
    "conftest.py",
    "deny.toml",
    "lefthook.yml",
    "mkdocs.yml",
    "mypy.ini",
    "noxfile.py",
    "pytest.ini",
    "renovate.json",
    "ruff.toml",
    "rustfmt.toml",
    "tox.ini",
];

/// Extensions of documents and tool files for which a name counts: `news.py` is a module.
const PLAIN: &[&str] = &["", "txt", "yml", "yaml", "cff"];

/// Whether the files that a commit touches matter: if they are requested, or if only its words show what it changes.
pub fn matter(commit: &Commit, reading: &Reading) -> bool {
    reading.paths || may_be_of_changelog(&commit.message) && !commit.is_merge()
}

/// Whether a commit with this message would be excluded if it touches only the changelog: one whose change only its words show, or one of
/// documents.
pub fn may_be_of_changelog(message: &Message) -> bool {
    let is_of_documents = message.kind.as_deref() == Some("docs") && message.prefix.is_none();
    is_plain(message) || is_of_documents && message.changelog.is_none() && message.note.is_none()
}

/// Whether only the words of a message show what its commit changes.
pub fn is_plain(message: &Message) -> bool {
    let has_type = message.kind.is_some() && message.prefix.is_none();
    !has_type && message.changelog.is_none() && message.note.is_none()
}

/// Whether a file is not source code: a document, a test, or a file of continuous integration.
pub fn is_beside_source(path: &str) -> bool {
    let path = path.to_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let (stem, ending) = match name.rfind('.') {
        Some(at) if at > 0 => (&name[..at], &name[at + 1..]),
        _ => (name, ""),
    };
    let is_test = stem.starts_with("test_")
        || ["_test", ".test", "_spec", ".spec"]
            .iter()
            .any(|end| stem.ends_with(end));
    is_test
        || name.starts_with('.')
        || TOOL_FILES.contains(&name)
        || folders
            .split('/')
            .any(|folder| folder.starts_with('.') || FOLDERS.contains(&folder))
        || ENDINGS.contains(&ending)
        || PLAIN.contains(&ending) && NAMES.contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_continuous_integration_are_no_source() {
        for (path, expected) in [
            ("README.md", true),
            ("docs/conf.py", true),
            ("crates/a/docs/x.png", true),
            ("LICENSE", true),
            ("LICENSE.txt", true),
            ("requirements.txt", false),
            (".github/workflows/ci.yml", true),
            (".gitlab-ci.yml", true),
            (".travis.yml", true),
            (".gitignore", true),
            ("tests/a.c", true),
            ("testing/test_a.py", true),
            ("pkg/a_test.go", true),
            ("web/a.spec.ts", true),
            (".codespellrc", true),
            (".vscode/settings.json", true),
            ("dco.txt", true),
            ("tox.ini", true),
            ("benches/a.rs", true),
            ("pyproject.toml", false),
            ("src/latest.py", false),
            ("src/main.rs", false),
            ("src/docs.rs", false),
            ("src/news.py", false),
            ("deploy.yml", false),
            ("Cargo.toml", false),
            ("", false),
        ] {
            assert_eq!(is_beside_source(path), expected, "{path}");
        }
    }
}
