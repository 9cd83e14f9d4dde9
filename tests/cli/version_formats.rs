//! The version files of each ecosystem: what a release changes in them, and what stays.

use crate::support::{Sandbox, cases, commit_all, released_with};

/// Files; a line that changes ends in `!`, which is no part of it.
type Marked = &'static [(&'static str, &'static str)];

/// Files before and after a release of 0.2.0.
fn plain(files: Marked) -> Vec<(&'static str, String, String)> {
    let files = files.iter().map(|(path, text)| {
        let lines = |version: &str| -> String {
            let lines = text.split_inclusive('\n').map(|line| {
                let bare = line.replace("!\n", "\n");
                if bare == line {
                    bare
                } else {
                    bare.replace("0.1.0", version)
                }
            });
            lines.collect()
        };
        (*path, lines("0.1.0"), lines("0.2.0"))
    });
    files.collect()
}

const FOUND: &[(&str, Marked)] = &[
    (
        "setup.cfg",
        &[
            (
                "setup.cfg",
                "[bumpversion]\ncurrent_version = 0.1.0\n\n[metadata]\nname = lamp\nversion = 0.1.0!\n\n[options]\ninstall_requires =\n    other==0.1.0\n",
            ),
            ("setup.py", "from setuptools import setup\nsetup()\n"),
            ("lamp/__init__.py", "__version__ = \"0.1.0\"!\n"),
        ],
    ),
    (
        "setup.cfg with attr",
        &[
            ("setup.cfg", "[metadata]\nversion = attr: lamp.VERSION\n"),
            ("lamp/__init__.py", "VERSION = \"0.1.0\"!\n"),
        ],
    ),
    (
        "setup.py",
        &[(
            "setup.py",
            "from setuptools import setup\nsetup(name='lamp', version='0.1.0',!\n      install_requires=['other==0.1.0'])\n",
        )],
    ),
    (
        "setup.py beside the version of something else",
        &[
            (
                "setup.py",
                "from setuptools import setup\nzlib = dict(name='zlib', version='0.1.0')\nsetup(\n    name='lamp',\n    version='0.1.0',!\n)\n",
            ),
            (
                "lamp/__init__.py",
                "\"\"\"Write a plugin like this:\n\n__version__ = \"0.1.0\"\n\"\"\"\n__version__ = \"0.1.0\"!\n",
            ),
        ],
    ),
    (
        "mix with documentation",
        &[(
            "mix.exs",
            "defmodule Lamp.MixProject do\n  @moduledoc \"\"\"\n  @version \"0.1.0\"\n  \"\"\"\n  def project do\n    [\n      version: \"0.1.0\",!\n    ]\n  end\nend\n",
        )],
    ),
    (
        "dynamic",
        &[
            (
                "pyproject.toml",
                "[project]\nname = \"lamp\"\ndynamic = [\"version\"]\n[tool.hatch.version]\npath = \"lamp/about.py\"\n",
            ),
            ("lamp/about.py", "__version__ = \"0.1.0\"!\n"),
        ],
    ),
    (
        "file",
        &[
            (
                "pyproject.toml",
                "[project]\nname = \"lamp\"\ndynamic = [\"version\"]\n[tool.setuptools.dynamic]\nversion = {file = [\"VERSION\"]}\n",
            ),
            ("VERSION", "0.1.0!\n"),
        ],
    ),
    (
        "chart",
        &[
            (
                "charts/lamp/Chart.yaml",
                "apiVersion: v2\nname: lamp\nappVersion: \"v0.1.0\"!\nversion: 0.1.0!\ndependencies:\n  - name: redis\n    version: 0.1.0\n",
            ),
            ("charts/lamp/charts/redis/Chart.yaml", "version: 0.1.0\n"),
        ],
    ),
    (
        "chart of another application",
        &[("Chart.yaml", "version: 0.1.0!\nappVersion: 1.4.0\n")],
    ),
    (
        "maven",
        &[
            (
                "pom.xml",
                "<project>\n<parent>\n<artifactId>spring</artifactId>\n<version>0.1.0</version>\n</parent>\n<artifactId>lamp</artifactId>\n<version>0.1.0</version>!\n</project>\n",
            ),
            (
                "core/pom.xml",
                "<project>\n<parent>\n<artifactId>lamp</artifactId>\n<version>0.1.0</version>!\n</parent>\n<artifactId>lamp-core</artifactId>\n<dependencies>\n<dependency>\n<artifactId>other</artifactId>\n<version>0.1.0</version>\n</dependency>\n</dependencies>\n</project>\n",
            ),
            (
                "cli/pom.xml",
                "<project>\n<parent>\n<artifactId>lamp</artifactId>\n<version>0.1.0</version>!\n</parent>\n<artifactId>lamp-cli</artifactId>\n<dependencies>\n<dependency>\n<artifactId>lamp-core</artifactId>\n<version>0.1.0</version>!\n</dependency>\n</dependencies>\n</project>\n",
            ),
        ],
    ),
    (
        "maven with a revision",
        &[(
            "pom.xml",
            "<project>\n<artifactId>lamp</artifactId>\n<version>${revision}</version>\n<properties>\n<revision>0.1.0</revision>!\n<other>0.1.0</other>\n</properties>\n</project>\n",
        )],
    ),
    (
        "gradle",
        &[(
            "build.gradle",
            "plugins {\n    id 'other' version '0.1.0'\n}\nversion = '0.1.0'!\ndependencies {\n    implementation 'a:b:0.1.0'\n}\n",
        )],
    ),
    (
        "kotlin",
        &[(
            "build.gradle.kts",
            "plugins {\n    kotlin(\"jvm\") version \"0.1.0\"\n}\nallprojects {\n    group = \"lamp\"\n    version = \"0.1.0\"!\n}\n",
        )],
    ),
    (
        "gradle.properties",
        &[
            (
                "gradle.properties",
                "kotlin.version=0.1.0\nversion=0.1.0!\nother=0.1.0\n",
            ),
            ("build.gradle", "version = project.version\n"),
        ],
    ),
    (
        "composer",
        &[(
            "composer.json",
            "{\n    \"require\": {\"x/y\": \"0.1.0\"},\n    \"version\": \"0.1.0\"!\n}\n",
        )],
    ),
    (
        "pub",
        &[(
            "pubspec.yaml",
            "name: lamp\nversion: 0.1.0+7 # build!\ndependencies:\n  other:\n    version: 0.1.0\n",
        )],
    ),
    (
        "deno",
        &[
            (
                "deno.jsonc",
                "{\n  // lamp 0.1.0\n  \"version\": \"0.1.0\",!\n  \"imports\": {\"x\": \"jsr:@x/y@0.1.0\"},\n}\n",
            ),
            (
                "jsr.json",
                "{\"name\": \"@a/lamp\",\n\"version\": \"0.1.0\"}!\n",
            ),
        ],
    ),
    (
        "gem",
        &[
            (
                "lamp.gemspec",
                "Gem::Specification.new do |spec|\n  spec.version = Lamp::VERSION\n  spec.add_dependency \"other\", \"0.1.0\"\nend\n",
            ),
            (
                "lib/lamp/version.rb",
                "module Lamp\n  VERSION = \"0.1.0\"!\nend\n",
            ),
            (
                "Gemfile.lock",
                "PATH\n  remote: .\n  specs:\n    lamp (0.1.0)!\n      other (= 0.1.0)\n\nGEM\n  specs:\n    other (0.1.0)\n",
            ),
        ],
    ),
    (
        "gemspec",
        &[(
            "lamp.gemspec",
            "Gem::Specification.new do |s|\n  s.version = '0.1.0'!\n  s.required_ruby_version = '0.1.0'\nend\n",
        )],
    ),
    (
        "mix",
        &[
            (
                "mix.exs",
                "defmodule Lamp do\n  @version \"0.1.0\"!\n  def project do\n    [version: @version, deps: [{:other, \"0.1.0\"}]]\n  end\nend\n",
            ),
            ("apps/core/mix.exs", "  [\n    version: \"0.1.0\",!\n  ]\n"),
            ("apps/own/mix.exs", "  [\n    version: \"0.3.0\",\n  ]\n"),
            (
                "examples/demo/mix.exs",
                "  [\n    version: \"0.1.0\",\n  ]\n",
            ),
        ],
    ),
    (
        "gleam",
        &[(
            "gleam.toml",
            "name = \"lamp\"\n\nversion = \"0.1.0\"!\n\n[dependencies]\nversion = \"0.1.0\"\n",
        )],
    ),
    ("plain", &[("VERSION", "v0.1.0!\n")]),
    ("text", &[("version.txt", "0.1.0!\n")]),
];

#[test]
fn files_with_the_last_version_are_bumped() {
    let sandbox = Sandbox::new();
    cases::run(
        FOUND,
        |(name, _)| *name,
        |(name, files)| {
            let files = plain(files);
            let before: Vec<(&str, &str)> = files
                .iter()
                .map(|(path, text, _)| (*path, text.as_str()))
                .collect();
            let repo = released_with(&sandbox, &name.replace(' ', "-"), &before);
            let shown = repo.relwatch(&["version"]).ok();
            for (path, before, after) in &files {
                let is_held = shown.stdout.contains(&format!("{path}: 0.1.0\n"));
                // A module of Maven takes its version from its parent.
                assert!(
                    is_held == (before != after) || path.contains("/pom.xml"),
                    "{path}: {shown:?}"
                );
            }
            let said = repo.relwatch(&["release", "--yes"]).ok();
            assert_eq!(said.stderr, "");
            for (path, _, after) in &files {
                assert_eq!(repo.read(path), *after, "{path}");
            }
            assert_eq!(repo.status(), "");
            // Bumped ahead of a release, they are still found.
            repo.commit("feat: more");
            repo.relwatch(&["version", "--set", "0.4.0"]).ok();
            repo.relwatch(&["release", "--yes"]).ok();
            for (path, _, after) in &files {
                let after = after.replace("0.2.0", "0.4.0");
                assert_eq!(repo.read(path), after, "{path}");
            }
        },
    );
}

#[test]
fn the_page_names_every_file() {
    let page = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/reference/version-files.md"
    ));
    let page = page.unwrap();
    for (path, _) in FOUND.iter().flat_map(|(_, files)| *files) {
        let name = path.rsplit('/').next().unwrap();
        let is_named = page.contains(&format!("`{name}`"));
        let is_of_kind =
            name.ends_with(".gemspec") || name.ends_with(".rb") || name.ends_with(".py");
        assert!(
            is_named || is_of_kind,
            "docs/reference/version-files.md does not name {name}"
        );
    }
}

#[test]
fn another_version_stays_and_is_named() {
    let sandbox = Sandbox::new();
    cases::run(
        [
            ("VERSION", "3.0.0\n"),
            ("version.txt", "0.0.9\n"),
            ("composer.json", "{\"version\": \"3.0.0\"}\n"),
            (
                "pom.xml",
                "<project><artifactId>a</artifactId><version>3.0.0</version></project>\n",
            ),
            ("deploy/Chart.yaml", "version: 3.0.0\nappVersion: 0.1.0\n"),
            ("build.gradle", "version '3.0.0'\n"),
            ("mix.exs", "  version: \"3.0.0\"\n"),
        ],
        |&(path, _)| path,
        |&(path, text)| {
            let cargo = (
                "Cargo.toml",
                "[package]\nname = \"x\"\nversion = \"0.1.0\"\n",
            );
            let repo = released_with(&sandbox, &path.replace('/', "-"), &[cargo, (path, text)]);
            let version = if path == "version.txt" {
                "0.0.9"
            } else {
                "3.0.0"
            };
            let shown = repo.relwatch(&["version"]).ok().stdout;
            assert_eq!(shown, format!("Cargo.toml: 0.1.0\n{path}: {version}\n"));
            let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
            assert_eq!(
                said,
                format!(
                    "warning: {path} says {version} and stays as it is; list it under `version_files` to bump it too\n"
                )
            );
            assert_eq!(repo.read(path), text);
            // Listed, it follows.
            repo.write(
                "relwatch.yml",
                &format!("version_files: [Cargo.toml, {path}]\n"),
            );
            commit_all(&repo, "chore: list it");
            repo.relwatch(&["version", "--set", "4.0.0"]).ok();
            assert!(repo.read(path).contains("4.0.0"), "{}", repo.read(path));
        },
    );
}

#[test]
fn pre_releases_are_spelled_as_the_ecosystem_does() {
    let sandbox = Sandbox::new();
    cases::run(
        [
            ("setup.cfg", "[metadata]\nversion = 0.1.0\n", "0.2.0rc1"),
            ("x.gemspec", "  s.version = \"0.1.0\"\n", "0.2.0.rc1"),
            ("mix.exs", "  version: \"0.1.0\"\n", "0.2.0-rc.1"),
            ("VERSION", "0.1.0", "0.2.0-rc.1"),
        ],
        |&(path, ..)| path,
        |&(path, text, expected)| {
            let repo = released_with(&sandbox, path, &[(path, text)]);
            repo.relwatch(&["release", "--pre", "rc", "--yes"]).ok();
            assert_eq!(repo.read(path), text.replace("0.1.0", expected));
            repo.commit("feat: more");
            repo.relwatch(&["release", "--yes"]).ok();
            assert_eq!(repo.read(path), text.replace("0.1.0", "0.2.0"));
        },
    );
}

#[test]
fn a_snapshot_leads_to_its_release() {
    let sandbox = Sandbox::new();
    let pom = |version: &str| {
        format!(
            "<project><artifactId>lamp</artifactId>\n<version>{version}</version>\n</project>\n"
        )
    };
    let repo = released_with(&sandbox, "lamp", &[("pom.xml", &pom("0.1.0"))]);
    repo.write("pom.xml", &pom("0.3.0-SNAPSHOT"));
    commit_all(&repo, "chore: next snapshot");
    let status = repo.relwatch(&["status"]).ok().stdout;
    assert!(status.contains("next version: 0.3.0"), "{status}");
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.read("pom.xml"), pom("0.3.0"));
}

#[test]
fn what_is_no_version_is_named() {
    let sandbox = Sandbox::new();
    let pom = "<project><version>7.0.4.Final-SNAPSHOT</version></project>\n";
    let repo = released_with(&sandbox, "odd", &[("pom.xml", pom)]);
    let shown = repo.relwatch(&["version"]).code(1).stderr;
    assert!(
        shown.contains("pom.xml says `7.0.4.Final-SNAPSHOT`, which is not a version like 1.2.3"),
        "{shown}"
    );
}

#[test]
fn the_tag_is_the_version_where_no_file_names_one() {
    let sandbox = Sandbox::new();
    cases::run(
        [
            ("go.mod", "module example.org/lamp\n"),
            ("Package.swift", "let package = Package(name: \"Lamp\")\n"),
            ("composer.json", "{\"name\": \"a/lamp\"}\n"),
        ],
        |&(path, _)| path,
        |&(path, text)| {
            let repo = released_with(&sandbox, path, &[(path, text)]);
            for args in [&["version"][..], &["version", "--verify"]] {
                let shown = repo.relwatch(args).ok();
                assert_eq!(
                    shown.stdout,
                    format!("{path} names no version: a release is its tag, and no file changes\n")
                );
            }
            let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
            assert_eq!((repo.read(path).as_str(), said.as_str()), (text, ""));
        },
    );
}

#[test]
fn a_snapshot_is_in_the_case_that_was_typed() {
    let sandbox = Sandbox::new();
    let pom = "<project>\n<artifactId>lamp</artifactId>\n<version>0.1.0</version>\n</project>\n";
    let repo = released_with(&sandbox, "lamp", &[("pom.xml", pom)]);
    let said = repo.relwatch(&["version", "--set", "v0.2.0-SNAPSHOT"]).ok();
    assert!(
        said.stdout.starts_with("bumped to 0.2.0-SNAPSHOT:"),
        "{said:?}"
    );
    assert_eq!(repo.read("pom.xml"), pom.replace("0.1.0", "0.2.0-SNAPSHOT"));
    repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.read("pom.xml"), pom.replace("0.1.0", "0.2.0"));
}

#[test]
fn a_version_that_cannot_be_followed_is_named() {
    let sandbox = Sandbox::new();
    let follow = "which cannot be followed, and stays as it is; change it by hand, or list the file that names it under `version_files` with a pattern";
    let parts: Marked = &[(
        "pom.xml",
        "<project>\n<artifactId>lamp</artifactId>\n<version>${revision}${changelist}</version>\n<properties>\n<revision>0.1.0</revision>\n<changelist/>\n</properties>\n</project>\n",
    )];
    let parent: Marked = &[(
        "pom.xml",
        "<project>\n<parent>\n<groupId>org.lamp</groupId>\n<artifactId>above</artifactId>\n<version>0.1.0</version>\n</parent>\n<artifactId>lamp</artifactId>\n</project>\n",
    )];
    let gem: Marked = &[
        (
            "lamp.gemspec",
            "Gem::Specification.new do |s|\n  s.version = Lamp::Version::STRING\nend\n",
        ),
        (
            "lib/lamp/version.rb",
            "module Lamp\n  module Version\n    STRING = '0.1.0'\n  end\nend\n",
        ),
    ];
    cases::run(
        [
            (
                "parts",
                parts,
                "pom.xml takes its version from `${revision}${changelist}`",
            ),
            (
                "parent",
                parent,
                "pom.xml takes its version from its parent org.lamp:above",
            ),
            (
                "gem",
                gem,
                "lamp.gemspec takes its version from `Lamp::Version::STRING` (lib/lamp/version.rb)",
            ),
        ],
        |&(name, ..)| name,
        |&(name, files, start)| {
            let repo = released_with(&sandbox, name, files);
            let warning = format!("{start}, {follow}");
            let shown = repo.relwatch(&["version"]).code(1).stderr;
            assert!(shown.contains(&warning), "{shown}");
            let said = repo.relwatch(&["release", "--yes"]).ok().stderr;
            assert_eq!(said, format!("warning: {warning}\n"));
            for (path, text) in files {
                assert_eq!(repo.read(path), *text);
            }
            // As the warning says.
            let (path, pattern) = match name {
                "gem" => ("lib/lamp/version.rb", "STRING = '{version}'"),
                _ => ("pom.xml", ">{version}<"),
            };
            repo.write(path, &repo.read(path).replace("0.1.0", "0.2.0"));
            repo.write(
                "relwatch.yml",
                &format!("version_files: [{{path: {path}, pattern: \"{pattern}\"}}]\n"),
            );
            commit_all(&repo, "chore: name the version");
            repo.commit("feat: more");
            assert_eq!(repo.relwatch(&["release", "--yes"]).ok().stderr, "");
            assert!(repo.read(path).contains("0.3.0"));
        },
    );
}
