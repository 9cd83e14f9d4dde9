//! Unlisted files that are updated with the bumped packages: dependants with a workspace of their own, lock files elsewhere, members of a
//! uv workspace, modules of the nearest project.

use std::path::Path;

use crate::support::{Repo, Sandbox, commit_all, project, released_with};

/// Changes of a release in version files: `path: new line`.
fn changes(repo: &Repo<'_>) -> (Vec<String>, String) {
    let said = repo.relwatch(&["release", "--yes"]).ok();
    assert_eq!(repo.status(), "");
    let paths = [":!CHANGELOG.md", ":!.relwatch"];
    let diff = repo.git(&[&["diff", "-U0", "HEAD~1", "--", "."][..], &paths].concat());
    let (mut path, mut lines) = (String::new(), Vec::new());
    for line in diff.ok().stdout.lines() {
        if let Some(now) = line.strip_prefix("+++ b/") {
            path = now.to_owned();
        } else if let Some(line) = line.strip_prefix('+') {
            lines.push(format!("{path}: {}", line.trim()));
        }
    }
    (lines, said.stderr)
}

/// Runs cargo, which finds no home of rustup in the sandbox.
fn cargo(repo: &Repo<'_>, args: &str) {
    let bin = Path::new(env!("CARGO")).parent().unwrap().display();
    repo.sh(&format!("PATH={bin}:$PATH cargo {args}")).ok();
}

#[test]
fn crates_outside_the_workspace_follow_in_what_they_require() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "lamp");
    repo.write(
        "Cargo.toml",
        "[package]\nname = \"lamp\"\nversion = \"0.1.0\"\n[workspace]\nexclude = [\"fuzz\", \"examples\"]\n",
    );
    repo.write("fuzz/Cargo.toml", "[package]\nname = \"lamp-fuzz\"\nversion = \"0.0.0\"\n[workspace]\n[dependencies]\nlamp = { path = \"..\", version = \"0.1.0\" }\n");
    // Excluded, with the same version by chance.
    repo.write("examples/demo/Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0\"\n[dependencies]\nlamp = { path = \"../..\", version = \"0.1\" }\n");
    // Through another crate.
    repo.write("examples/far/Cargo.toml", "[package]\nname = \"far\"\nversion = \"1.0.0\"\n[dependencies]\ndemo = { path = \"../demo\" }\n");
    // As if it came from the registry.
    repo.write("examples/patch/Cargo.toml", "[package]\nname = \"patched\"\nversion = \"1.0.0\"\n[workspace]\n[dependencies]\nlamp = \"0.1.0\"\n[patch.crates-io]\nlamp = { path = \"../..\" }\n");
    let folders = [".", "fuzz", "examples/demo", "examples/far"];
    for folder in [
        ".",
        "fuzz",
        "examples/demo",
        "examples/far",
        "examples/patch",
    ] {
        repo.write(&format!("{folder}/src/lib.rs"), "");
    }
    let lock = |repo: &Repo<'_>, folder: &str| {
        cargo(
            repo,
            &format!("generate-lockfile --offline -q --manifest-path {folder}/Cargo.toml"),
        );
    };
    folders.iter().for_each(|folder| lock(&repo, folder));
    commit_all(&repo, "chore: crates");
    repo.commit("feat: something");
    let shown = repo.relwatch(&["version"]).ok();
    assert_eq!(
        shown.stdout,
        "Cargo.toml: 0.1.0\nCargo.lock: 0.1.0\nexamples/demo/Cargo.lock: 0.1.0\nexamples/far/Cargo.lock: 0.1.0\nfuzz/Cargo.lock: 0.1.0\n"
    );
    let (lines, warnings) = changes(&repo);
    assert_eq!(warnings, "");
    assert_eq!(
        lines,
        [
            "Cargo.lock: version = \"0.2.0\"",
            "Cargo.toml: version = \"0.2.0\"",
            "examples/demo/Cargo.lock: version = \"0.2.0\"",
            "examples/demo/Cargo.toml: lamp = { path = \"../..\", version = \"0.2\" }",
            "examples/far/Cargo.lock: version = \"0.2.0\"",
            "examples/patch/Cargo.toml: lamp = \"0.2.0\"",
            "fuzz/Cargo.lock: version = \"0.2.0\"",
            "fuzz/Cargo.toml: lamp = { path = \"..\", version = \"0.2.0\" }",
        ]
    );
    for folder in folders {
        let manifest = format!("{folder}/Cargo.toml");
        cargo(
            &repo,
            &format!("metadata --locked --offline --format-version 1 --manifest-path {manifest}"),
        );
    }
}

#[test]
fn lock_files_of_other_tools_and_of_examples_follow() {
    let sandbox = Sandbox::new();
    let repo = released_with(
        &sandbox,
        "lamp",
        &[
            ("package.json", "{\"name\": \"lamp\", \"version\": \"0.1.0\", \"workspaces\": [\"packages/*\"],\n\"dependencies\": {\"@x/a\": \"^0.1.0\"}}\n"),
            ("packages/a/package.json", "{\"name\": \"@x/a\", \"version\": \"0.1.0\"}\n"),
            ("bun.lock", "{\n  \"lockfileVersion\": 1,\n  \"workspaces\": {\n    \"\": {\n      \"name\": \"lamp\",\n      \"dependencies\": {\n        \"@x/a\": \"^0.1.0\",\n      },\n    },\n    \"packages/a\": {\n      \"name\": \"@x/a\",\n      \"version\": \"0.1.0\",\n    },\n  },\n  \"packages\": {\n    \"left-pad\": [\"left-pad@0.1.0\", \"\", {}, \"sha512-x\"],\n  }\n}\n"),
            ("pnpm-lock.yaml", "importers:\n\n  .:\n    dependencies:\n      '@x/a':\n        specifier: ^0.1.0\n        version: link:packages/a\n      left-pad:\n        specifier: ^0.1.0\n        version: 0.1.0\n"),
            ("yarn.lock", "__metadata:\n  version: 8\n\n\"@x/a@npm:^0.1.0, @x/a@workspace:packages/a\":\n  version: 0.0.0-use.local\n".replacen("__", "\n__", 1).as_str()),
            ("examples/demo/package.json", "{\"name\": \"demo\", \"version\": \"0.1.0\", \"dependencies\": {\"lamp\": \"file:../..\"}}\n"),
            ("examples/demo/package-lock.json", "{\"name\": \"demo\", \"version\": \"0.1.0\", \"lockfileVersion\": 3, \"packages\": {\n\"\": {\"name\": \"demo\", \"version\": \"0.1.0\", \"dependencies\": {\"lamp\": \"file:../..\"}},\n\"../..\": {\"name\": \"lamp\",\n\"version\": \"0.1.0\"},\n\"node_modules/lamp\": {\"resolved\": \"../..\", \"link\": true}}}\n"),
        ],
    );
    let (lines, warnings) = changes(&repo);
    assert_eq!(
        lines,
        [
            "bun.lock: \"@x/a\": \"^0.2.0\",",
            "bun.lock: \"version\": \"0.2.0\",",
            "examples/demo/package-lock.json: \"version\": \"0.2.0\"},",
            "package.json: {\"name\": \"lamp\", \"version\": \"0.2.0\", \"workspaces\": [\"packages/*\"],",
            "package.json: \"dependencies\": {\"@x/a\": \"^0.2.0\"}}",
            "packages/a/package.json: {\"name\": \"@x/a\", \"version\": \"0.2.0\"}",
            "pnpm-lock.yaml: specifier: ^0.2.0",
        ]
    );
    assert_eq!(
        warnings,
        "warning: yarn.lock still names the old requirement on @x/a; run `yarn install` and commit it after the release\n"
    );
    repo.relwatch(&["version", "--verify"]).ok();
}

#[test]
fn a_module_belongs_to_the_nearest_project() {
    let sandbox = Sandbox::new();
    let project = |name: &str| format!("[project]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    let module = "__version__ = \"0.1.0\"\n";
    let repo = released_with(
        &sandbox,
        "lamp",
        &[
            ("pyproject.toml", &project("acme-lamp")),
            ("src/acme/lamp/__init__.py", module),
            ("src/acme/lamp/version.py", "VERSION = '0.1.0'\n"),
            // Vendored, of another project, of one without a pyproject.toml.
            ("src/acme/lamp/_vendor/six/__init__.py", module),
            ("vendor/six/__init__.py", module),
            ("tools/generator/pyproject.toml", &project("generator")),
            ("tools/generator/__init__.py", module),
            ("old/setup.py", "from setuptools import setup\nsetup()\n"),
            ("old/old/__init__.py", module),
            ("examples/demo/__init__.py", module),
        ],
    );
    let (lines, warnings) = changes(&repo);
    assert_eq!(
        lines,
        [
            "pyproject.toml: version = \"0.2.0\"",
            "src/acme/lamp/__init__.py: __version__ = \"0.2.0\"",
            "src/acme/lamp/version.py: VERSION = '0.2.0'",
        ]
    );
    assert_eq!(warnings, "");
}

#[test]
fn members_of_a_uv_workspace_follow() {
    let sandbox = Sandbox::new();
    let member = |name: &str, version: &str, requires: &str| {
        format!(
            "[project]\nname = \"{name}\"\nversion = \"{version}\"\ndependencies = [{requires}]\n"
        )
    };
    let root = format!(
        "{}[tool.uv.workspace]\nmembers = [\"packages/*\"]\nexclude = [\"packages/old\"]\n",
        member("lamp", "0.1.0", "\"lamp-core==0.1.0\", \"attrs==0.1.0\"")
    );
    let locked = |name: &str, version: &str, source: &str| {
        format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ {source} }}\n"
        )
    };
    let lock = [
        "version = 1\n".to_owned(),
        locked("attrs", "0.1.0", "registry = \"https://pypi.org/simple\""),
        locked("lamp", "0.1.0", "virtual = \".\""),
        locked("lamp-core", "0.1.0", "editable = \"packages/core\""),
        locked("lamp-own", "3.0.0", "editable = \"packages/own\""),
    ];
    let example = [
        "version = 1\n".to_owned(),
        locked("demo", "0.1.0", "virtual = \".\""),
        locked("lamp-core", "0.1.0", "editable = \"../../packages/core\""),
    ];
    let repo = released_with(
        &sandbox,
        "lamp",
        &[
            ("pyproject.toml", &root),
            (
                "packages/core/pyproject.toml",
                &member("lamp-core", "0.1.0", ""),
            ),
            (
                "packages/core/src/lamp_core/__init__.py",
                "__version__ = \"0.1.0\"\n",
            ),
            (
                "packages/cli/pyproject.toml",
                &member("lamp-cli", "0.1.0", "\"lamp-core>=0.1,<0.2\""),
            ),
            (
                "packages/own/pyproject.toml",
                &member("lamp-own", "3.0.0", "\"lamp-core ~= 0.1.0\""),
            ),
            ("packages/own/own/__init__.py", "__version__ = \"3.0.0\"\n"),
            (
                "packages/old/pyproject.toml",
                &member("lamp-old", "0.1.0", ""),
            ),
            ("uv.lock", &lock.concat()),
            (
                "examples/demo/pyproject.toml",
                &member("demo", "0.1.0", "\"lamp-core\""),
            ),
            ("examples/demo/uv.lock", &example.concat()),
        ],
    );
    let shown = repo.relwatch(&["version"]).ok().stdout;
    assert_eq!(
        shown,
        "pyproject.toml: 0.1.0\npackages/cli/pyproject.toml: 0.1.0\npackages/core/pyproject.toml: 0.1.0\npackages/core/src/lamp_core/__init__.py: 0.1.0\nexamples/demo/uv.lock: 0.1.0\nuv.lock: 0.1.0\npackages/own/pyproject.toml: 3.0.0\n"
    );
    let (lines, warnings) = changes(&repo);
    assert_eq!(
        lines,
        [
            "examples/demo/uv.lock: version = \"0.2.0\"",
            "packages/cli/pyproject.toml: version = \"0.2.0\"",
            "packages/core/pyproject.toml: version = \"0.2.0\"",
            "packages/core/src/lamp_core/__init__.py: __version__ = \"0.2.0\"",
            "packages/own/pyproject.toml: dependencies = [\"lamp-core ~= 0.2.0\"]",
            "pyproject.toml: version = \"0.2.0\"",
            "pyproject.toml: dependencies = [\"lamp-core==0.2.0\", \"attrs==0.1.0\"]",
            "uv.lock: version = \"0.2.0\"",
            "uv.lock: version = \"0.2.0\"",
        ]
    );
    assert_eq!(
        warnings,
        "warning: packages/cli/pyproject.toml: the requirement `>=0.1,<0.2` on lamp-core does not admit 0.2.0; change it by hand\n"
    );
}

#[test]
fn a_workspace_without_a_project_has_the_version_of_its_members() {
    let sandbox = Sandbox::new();
    let member = |name: &str| format!("[project]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    let repo = released_with(
        &sandbox,
        "lamp",
        &[
            (
                "pyproject.toml",
                "[tool.uv.workspace]\nmembers = [\"packages/*\"]\n",
            ),
            ("packages/a/pyproject.toml", &member("a")),
            ("packages/a/a/__init__.py", "__version__ = \"0.1.0\"\n"),
            ("packages/b/pyproject.toml", &member("b")),
        ],
    );
    let (lines, warnings) = changes(&repo);
    assert_eq!(
        lines,
        [
            "packages/a/a/__init__.py: __version__ = \"0.2.0\"",
            "packages/a/pyproject.toml: version = \"0.2.0\"",
            "packages/b/pyproject.toml: version = \"0.2.0\"",
        ]
    );
    assert_eq!(warnings, "");
}

#[test]
fn a_member_that_is_behind_catches_up() {
    let sandbox = Sandbox::new();
    let mix = |version: &str| format!("  [\n    version: \"{version}\",\n  ]\n");
    let repo = released_with(
        &sandbox,
        "lamp",
        &[
            ("mix.exs", &mix("0.1.0")),
            ("apps/core/mix.exs", &mix("0.1.0")),
        ],
    );
    repo.write("mix.exs", &mix("0.4.0"));
    commit_all(&repo, "chore: the next version, half of it");
    repo.relwatch(&["release", "--yes"]).ok();
    for path in ["mix.exs", "apps/core/mix.exs"] {
        assert_eq!(repo.read(path), mix("0.4.0"), "{path}");
    }
}

#[test]
fn components_have_version_files_of_their_own() {
    let sandbox = Sandbox::new();
    let repo = project(&sandbox, "shop");
    for (path, text) in [
        (
            "relwatch.yml",
            "components:\n  api: {paths: ['api/**']}\n  web: {paths: ['web/**']}\n",
        ),
        (
            "api/pom.xml",
            "<project><artifactId>api</artifactId>\n<version>0.1.0</version></project>\n",
        ),
        ("api/charts/api/Chart.yaml", "version: 0.1.0\n"),
        ("web/VERSION", "0.1.0\n"),
        ("VERSION", "0.1.0\n"),
    ] {
        repo.write(path, text);
    }
    commit_all(&repo, "feat: a shop");
    repo.relwatch(&["init"]).ok();
    commit_all(&repo, "chore: relwatch");
    for tag in ["api-v0.1.0", "web-v0.1.0"] {
        repo.git(&["tag", "-a", tag, "-m", tag]).ok();
    }
    repo.write("api/x", "x\n");
    commit_all(&repo, "feat: something");
    let shown = repo.relwatch(&["version", "-c", "web"]).ok().stdout;
    assert_eq!(shown, "web/VERSION: 0.1.0\n");
    repo.relwatch(&["release", "-c", "api", "--yes"]).ok();
    let changed = repo.git(&["show", "--name-only", "--format=", "HEAD"]).ok();
    assert_eq!(
        changed.stdout,
        ".relwatch/releases.yml\napi/CHANGELOG.md\napi/charts/api/Chart.yaml\napi/pom.xml\n"
    );
}

#[test]
fn artifacts_of_another_group_stay() {
    let sandbox = Sandbox::new();
    let dependency = |group: &str| {
        format!(
            "<dependency>\n<groupId>{group}</groupId>\n<artifactId>core</artifactId>\n<version>0.1.0</version>\n</dependency>\n"
        )
    };
    let head =
        "<groupId>org.lamp</groupId>\n<artifactId>lamp</artifactId>\n<version>0.1.0</version>\n";
    let root = format!(
        "<project>\n{head}<dependencies>\n{}{}{}</dependencies>\n</project>\n",
        dependency("com.other"),
        dependency("org.lamp"),
        dependency("${project.groupId}")
    );
    let core = format!(
        "<project>\n<parent>\n{head}</parent>\n<artifactId>core</artifactId>\n</project>\n"
    );
    // Its parent has the name of the project.
    let stranger = core.replace("org.lamp", "org.other");
    let repo = released_with(
        &sandbox,
        "maven",
        &[
            ("pom.xml", &root),
            ("core/pom.xml", &core),
            ("stranger/pom.xml", &stranger),
        ],
    );
    repo.relwatch(&["release", "--yes"]).ok();
    let own = root.replace("0.1.0", "0.2.0");
    let other = dependency("com.other");
    assert_eq!(
        repo.read("pom.xml"),
        own.replace(&other.replace("0.1.0", "0.2.0"), &other)
    );
    assert_eq!(repo.read("core/pom.xml"), core.replace("0.1.0", "0.2.0"));
    assert_eq!(repo.read("stranger/pom.xml"), stranger);
}

#[test]
fn members_with_the_released_version_follow_where_others_have_their_own() {
    let sandbox = Sandbox::new();
    let cargo = |name: &str, version: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n")
    };
    let npm = |name: &str, version: &str| {
        format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"{version}\"\n}}\n")
    };
    let python = |name: &str, version: &str| {
        format!("[project]\nname = \"{name}\"\nversion = \"{version}\"\n")
    };
    for (root, text, name, manifest) in [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"a\", \"b\", \"c\"]\n",
            "Cargo.toml",
            &cargo as &dyn Fn(&str, &str) -> String,
        ),
        (
            "package.json",
            "{\n  \"private\": true,\n  \"workspaces\": [\"a\", \"b\", \"c\"]\n}\n",
            "package.json",
            &npm,
        ),
        (
            "pyproject.toml",
            "[tool.uv.workspace]\nmembers = [\"a\", \"b\", \"c\"]\n",
            "pyproject.toml",
            &python,
        ),
    ] {
        let paths = ["a", "b", "c"].map(|folder| format!("{folder}/{name}"));
        let [a, b, c] = paths.each_ref().map(String::as_str);
        let (odd, la, lb) = (
            manifest("lc", "0.0.3"),
            manifest("la", "0.1.0"),
            manifest("lb", "0.1.0"),
        );
        let repo = released_with(
            &sandbox,
            root,
            &[(root, text), (a, &odd), (b, &la), (c, &lb)],
        );
        let shown = repo.relwatch(&["version"]).ok().stdout;
        assert_eq!(shown, format!("{b}: 0.1.0\n{c}: 0.1.0\n{a}: 0.0.3\n"));
        repo.relwatch(&["release", "--yes"]).ok();
        // Ahead of the release by a commit of its own.
        repo.commit("feat: more");
        repo.relwatch(&["version", "--set", "0.5.0"]).ok();
        repo.relwatch(&["version", "--set", "0.6.0"]).ok();
        repo.relwatch(&["release", "--yes"]).ok();
        assert_eq!(repo.read(a), odd, "{root}");
        assert_eq!(repo.read(b), manifest("la", "0.6.0"), "{root}");
        assert_eq!(repo.read(c), manifest("lb", "0.6.0"), "{root}");
        assert_eq!(
            repo.git(&["tag", "--list", "v0.6.0"]).ok().stdout,
            "v0.6.0\n"
        );
    }
}
