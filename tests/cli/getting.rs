//! Getting relwatch: what `install.sh` installs and from where, and the packages that `packaging/from-release` builds. Workflows, templates
//! and texts name the same targets and addresses. The network is a directory; curl, cargo and unzip are stand-ins.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_yaml::Value as Yaml;

use crate::support::{Ran, Repo, Sandbox, cases, ran, says, stand_ins};

pub const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The targets of a release.
const TARGETS: [&str; 5] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-musl",
];

/// Copies the file of a `file://` address to a file; reaches nothing else.
pub const CURL: &str = r#"#!/bin/sh
while [ $# -gt 1 ]; do
    if [ "$1" = -o ]; then to=$2; shift; fi
    shift
done
case $1 in
file://*) cp "${1#file://}" "$to" ;;
*) exit 6 ;;
esac
"#;

/// Creates the files that `cargo install … --root FOLDER …` would create.
const CARGO: &str = r#"#!/bin/sh
echo "cargo $*" >> "$HOME/ran"
root=$HOME/.cargo
while [ $# -gt 0 ]; do
    if [ "$1" = --root ]; then root=$2; fi
    shift
done
mkdir -p "$root/bin" && ln -sf "$BUILT" "$root/bin/relwatch"
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

pub fn write_executable(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The archive of a target, as `packaging/build` names it.
fn archive(target: &str) -> String {
    let ending = if target.contains("windows") {
        "zip"
    } else {
        "tar.gz"
    };
    format!("relwatch-{VERSION}-{target}.{ending}")
}

/// The target of this machine, if there are releases for it.
pub fn own_target() -> Option<&'static str> {
    let system = if cfg!(target_os = "linux") {
        "unknown-linux-musl"
    } else {
        "apple-darwin"
    };
    let own = format!("{}-{system}", std::env::consts::ARCH);
    TARGETS.into_iter().find(|target| *target == own)
}

/// Puts a release with these targets into `releases/vVERSION`. The archives contain a script that runs the binary of this test.
pub fn release(sandbox: &Sandbox, targets: &[&str]) -> PathBuf {
    let folder = sandbox.path().join(format!("releases/v{VERSION}"));
    std::fs::create_dir_all(&folder).unwrap();
    let here = sandbox.at("releases");
    for target in targets {
        let name = format!("relwatch-{VERSION}-{target}");
        let text = format!(
            "#!/bin/sh\nexec '{}' \"$@\" # {target}\n",
            env!("CARGO_BIN_EXE_relwatch")
        );
        write_executable(&here.path.join(&name).join("relwatch"), &text);
        if target.contains("windows") {
            std::fs::write(folder.join(archive(target)), text).unwrap();
        } else {
            here.sh(&format!("tar -czf v{VERSION}/{} {name}", archive(target)))
                .ok();
        }
    }
    sums(sandbox);
    folder
}

/// Writes `SHA256SUMS` of the existing files.
fn sums(sandbox: &Sandbox) {
    let script = "rm -f SHA256SUMS && { sha256sum * || shasum -a 256 *; } > ../sums && mv ../sums SHA256SUMS";
    sandbox.at(&format!("releases/v{VERSION}")).sh(script).ok();
}

/// A clone of relwatch as far as `install.sh` looks at it, with the release of its version checked out.
pub fn checkout<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let clone = sandbox.repo(name);
    for path in ["install.sh", "Cargo.toml", "action.yml", "ci/pre-commit"] {
        clone.write(path, &file(path));
    }
    for path in ["Cargo.lock", "hooks/run.sh", "src/main.rs"] {
        clone.write(path, "");
    }
    clone.sh("chmod +x install.sh ci/pre-commit").ok();
    clone.git(&["add", "-A"]).ok();
    clone
        .git(&["commit", "-q", "-m", "chore(release): release"])
        .ok();
    clone
        .git(&["tag", "-a", &format!("v{VERSION}"), "-m", "x"])
        .ok();
    clone
}

/// Runs `install.sh` of a clone, with the release in `releases` if no line of `env` names another place.
fn install(sandbox: &Sandbox, clone: &Repo<'_>, words: &[&str], env: &[(&str, &str)]) -> Ran {
    let tools = sandbox.path().join("tools");
    write_executable(&tools.join("curl"), CURL);
    write_executable(&tools.join("cargo"), CARGO);
    let path = std::env::var("PATH").unwrap();
    let mut command = clone.command("./install.sh");
    let output = command
        .args(words)
        .env("PATH", format!("{}:{path}", tools.display()))
        .env("BUILT", env!("CARGO_BIN_EXE_relwatch"))
        .env("RELWATCH_RELEASES", releases(sandbox))
        .envs(env.iter().copied())
        .output()
        .unwrap();
    ran(&output)
}

pub fn releases(sandbox: &Sandbox) -> String {
    format!("file://{}/releases", sandbox.path().display())
}

/// A machine on which the release for this system can be fetched, and the target of that release; `None` if there is none.
fn with_release() -> Option<(Sandbox, &'static str)> {
    let Some(target) = own_target() else {
        eprintln!("no releases for this system: nothing was tried");
        return None;
    };
    let sandbox = Sandbox::new();
    release(&sandbox, &[target]);
    Some((sandbox, target))
}

#[test]
fn a_checkout_of_a_release_gets_the_released_binary() {
    let Some((sandbox, target)) = with_release() else {
        return;
    };
    let clone = checkout(&sandbox, "relwatch");
    let project = sandbox.repo("my-project");
    project.commit("feat: light the lamp (#1)");
    let done = install(
        &sandbox,
        &clone,
        &["--prefix", "../p", "../my-project"],
        &[],
    )
    .ok();
    says(
        &done,
        &[
            &format!(
                "downloaded relwatch {VERSION} from {}, checksum verified\ninstalled: ",
                releases(&sandbox)
            ),
            "$ relwatch init",
        ],
    );
    assert_eq!(done.stderr, "");
    assert_eq!(project.section(), "### Added\n\n- Light the lamp (#1)");
    assert_eq!(stand_ins::ran(&sandbox), "", "nothing was built");
    assert_eq!(clone.status(), "");
    let installed = sandbox.at("p").read("bin/relwatch");
    assert!(installed.contains(target), "{installed}");
    // Installs over the existing binary; then a built one replaces it.
    install(&sandbox, &clone, &["--prefix", "../p"], &[]).ok();
    let built = install(&sandbox, &clone, &["--prefix", "../p", "--full"], &[]).ok();
    says(&built, &["optimised"]);
    let how = stand_ins::ran(&sandbox);
    assert!(how.contains(" --profile release --force"), "{how}");
}

#[test]
fn any_other_checkout_is_built_and_the_log_says_why() {
    let target = own_target().unwrap_or(TARGETS[0]);
    let machine = "#!/bin/sh\ncase $1 in -s) echo Plan9 ;; *) echo mips ;; esac\n";
    const MISSING: &str = "file:///nowhere/releases";
    type Change = fn(&Sandbox, &Repo<'_>);
    type Case = (
        &'static str,
        Change,
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let cases: [Case; 9] = [
        (
            "a commit after the release",
            |_, clone| clone.commit("feat: more"),
            &[],
            "this checkout is not the release",
        ),
        (
            "a changed source",
            |_, clone| clone.write("src/main.rs", "fn main() {}"),
            &[],
            "this checkout is not the release",
        ),
        (
            "no tag",
            |_, clone| drop(clone.git(&["tag", "-d", &format!("v{VERSION}")]).ok()),
            &[],
            "this checkout is not the release",
        ),
        (
            "no repository",
            |_, clone| std::fs::remove_dir_all(clone.path.join(".git")).unwrap(),
            &[],
            "this checkout is not the release",
        ),
        (
            "a wrong checksum",
            |sandbox, _| {
                let sums = sandbox.at(&format!("releases/v{VERSION}"));
                let text = sums.read("SHA256SUMS");
                let wrong = if text.starts_with('0') { "1" } else { "0" };
                sums.write("SHA256SUMS", &format!("{wrong}{}", &text[1..]));
            },
            &[],
            "is not the one in SHA256SUMS, so it is not used",
        ),
        (
            "no checksum",
            |sandbox, _| {
                let sums = sandbox.at(&format!("releases/v{VERSION}"));
                sums.write("SHA256SUMS", "");
            },
            &[],
            "is not the one in SHA256SUMS, so it is not used",
        ),
        (
            "offline",
            |_, _| (),
            &[("RELWATCH_RELEASES", MISSING)],
            "cannot be fetched",
        ),
        (
            "no downloads",
            |_, _| (),
            &[("RELWATCH_RELEASES", "")],
            "RELWATCH_RELEASES is empty",
        ),
        (
            "a binary that does not run",
            |sandbox, _| {
                let here = sandbox.at("releases");
                let target = own_target().unwrap_or(TARGETS[0]);
                let name = format!("relwatch-{VERSION}-{target}");
                here.write(&format!("{name}/relwatch"), "#!/bin/sh\nexit 1\n");
                here.sh(&format!("tar -czf v{VERSION}/{} {name}", archive(target)))
                    .ok();
                sums(sandbox);
            },
            &[],
            "does not run here",
        ),
    ];
    cases::in_turn(
        cases,
        |case| case.0.to_owned(),
        |(_, change, env, why)| {
            let sandbox = Sandbox::new();
            release(&sandbox, &[target]);
            let clone = checkout(&sandbox, "relwatch");
            change(&sandbox, &clone);
            let done = install(&sandbox, &clone, &["--prefix", "../p"], env).ok();
            assert!(done.stdout.starts_with("building relwatch "), "{done:?}");
            assert!(
                own_target().is_none() || done.stdout.contains(why),
                "{done:?}"
            );
            assert_eq!(done.stderr, "", "it is no error");
            let how = stand_ins::ran(&sandbox);
            assert!(how.ends_with(" --profile quick --force\n"), "{how}");
        },
    );
    let sandbox = Sandbox::new();
    release(&sandbox, &[target]);
    let clone = checkout(&sandbox, "relwatch");
    write_executable(&sandbox.path().join("tools/uname"), machine);
    let done = install(&sandbox, &clone, &["--prefix", "../p"], &[]).ok();
    says(&done, &["there is no released binary for Plan9 on mips"]);
}

/// Only git and standard system tools: no cargo, no compiler.
#[test]
fn a_release_needs_no_compiler() {
    let Some((sandbox, _)) = with_release() else {
        return;
    };
    let clone = checkout(&sandbox, "relwatch");
    let bare = sandbox.path().join("bare");
    write_executable(&bare.join("curl"), CURL);
    for tool in [
        "cat",
        "cp",
        "dirname",
        "git",
        "grep",
        "gzip",
        "head",
        "mkdir",
        "mktemp",
        "mv",
        "perl",
        "rm",
        "sed",
        "sh",
        "sha256sum",
        "shasum",
        "tail",
        "tar",
        "uname",
    ] {
        let found = clone.run("sh", &["-c", &format!("command -v {tool}")], &[]);
        if found.code == 0 {
            std::os::unix::fs::symlink(found.stdout.trim(), bare.join(tool)).unwrap();
        }
    }
    let only = [("PATH", bare.to_str().unwrap())];
    let done = install(&sandbox, &clone, &[], &only).ok();
    says(
        &done,
        &["downloaded relwatch", "/home/.local/bin/relwatch\n"],
    );
    let home = sandbox.at("home");
    home.run("./.local/bin/relwatch", &["--version"], &[]).ok();
    // A source archive has no tag; the user has chosen its version.
    std::fs::remove_dir_all(clone.path.join(".git")).unwrap();
    let refused = install(&sandbox, &clone, &[], &only).code(1);
    assert_eq!(
        refused.stderr,
        "install.sh: cargo is missing; install Rust (rustup) first, or get relwatch otherwise: docs/how-to/install.md\n"
    );
    let known = install(&sandbox, &clone, &["--released"], &only).ok();
    says(&known, &["downloaded relwatch"]);
}

/// Hooks of pre-commit run in the user's repository, with git's variables, from pre-commit's own clone.
#[test]
fn pre_commit_runs_the_release_that_its_clone_is() {
    let Some((sandbox, _)) = with_release() else {
        return;
    };
    checkout(&sandbox, "relwatch");
    // As pre-commit clones: one commit, without its tag.
    let cache = sandbox.repo("cache");
    let fetch = format!(
        "git remote add origin \"file://$(cd ../relwatch && pwd)\" && git fetch -q --depth 1 origin v{VERSION} && git checkout -q FETCH_HEAD && test -z \"$(git tag)\""
    );
    cache.sh(&fetch).ok();
    let project = sandbox.repo("project");
    project.commit("feat: light the lamp (#1)");
    let tools = sandbox.path().join("tools");
    write_executable(&tools.join("curl"), CURL);
    write_executable(&tools.join("cargo"), "#!/bin/sh\nexit 1\n");
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let hook = |words: &[&str]| {
        let env = [
            ("PATH", path.as_str()),
            ("GIT_DIR", ".git"),
            ("GIT_INDEX_FILE", ".git/index"),
            ("RELWATCH_RELEASES", &releases(&sandbox)),
        ];
        project.run("../cache/ci/pre-commit", words, &env)
    };
    let first = hook(&["status"]).ok();
    assert!(first.stderr.starts_with("downloaded relwatch"), "{first:?}");
    says(&first, &["Light the lamp (#1)"]);
    let second = hook(&["status"]).ok();
    assert_eq!(second.stderr, "", "it is installed once");

    let hooks: Yaml = serde_yaml::from_str(&file(".pre-commit-hooks.yaml")).unwrap();
    let program = relwatch::cli::command();
    for hook in hooks.as_sequence().unwrap() {
        let entry = hook["entry"].as_str().unwrap();
        let words: Vec<&str> = entry.split(' ').collect();
        assert!(root().join(words[0]).is_file(), "{entry}");
        assert!(
            words[1] == "lint" || program.find_subcommand(words[1]).is_some(),
            "{entry}"
        );
    }
}

#[test]
fn packages_are_made_from_a_release() {
    let sandbox = Sandbox::new();
    let folder = release(&sandbox, &TARGETS);
    // `unzip -p ARCHIVE FILE`, where an archive is its only file.
    let tools = sandbox.path().join("tools");
    write_executable(&tools.join("unzip"), "#!/bin/sh\ncat \"$2\"\n");
    write_executable(
        &tools.join("sha256sum"),
        "#!/bin/sh\nfor tool in /usr/bin/sha256sum /bin/sha256sum; do test ! -x \"$tool\" || exec \"$tool\" \"$@\"; done\nexec shasum -a 256 \"$@\"\n",
    );
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let script = root().join("packaging/from-release");
    let script = script.to_str().unwrap();
    let here = sandbox.at(".");
    let words = [folder.to_str().unwrap(), "packages"];
    let env = [("PATH", path.as_str())];
    let made = here.run(script, &words, &env).ok();
    assert_eq!((made.stdout.as_str(), made.stderr.as_str()), ("", ""));

    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let sum = |target: &str| -> String {
        let line = sums.lines().find(|line| line.ends_with(&archive(target)));
        line.unwrap().split(' ').next().unwrap().to_owned()
    };
    let address = |target: &str| {
        format!(
            "{REPOSITORY}/releases/download/v{VERSION}/{}",
            archive(target)
        )
    };
    let windows = "x86_64-pc-windows-msvc";
    let formula = here.read("packages/homebrew/relwatch.rb");
    for target in TARGETS.iter().filter(|target| **target != windows) {
        let pair = format!(
            "url \"{}\"\n      sha256 \"{}\"\n",
            address(target),
            sum(target)
        );
        assert!(formula.contains(&pair), "{pair} in {formula}");
    }
    let scoop: Value = serde_json::from_str(&here.read("packages/scoop/relwatch.json")).unwrap();
    assert_eq!(scoop["version"], VERSION);
    assert_eq!(scoop["architecture"]["64bit"]["url"], address(windows));
    assert_eq!(scoop["architecture"]["64bit"]["hash"], sum(windows));
    let winget = |name: &str| -> Yaml {
        let text = here.read(&format!("packages/winget/relwatch.relwatch{name}.yaml"));
        serde_yaml::from_str(&text).unwrap()
    };
    assert_eq!(winget("")["ManifestType"], "version");
    assert_eq!(winget(".locale.en-US")["ManifestType"], "defaultLocale");
    let installer = winget(".installer");
    assert_eq!(installer["PackageVersion"], VERSION);
    assert_eq!(installer["Installers"][0]["InstallerUrl"], address(windows));
    assert_eq!(installer["Installers"][0]["InstallerSha256"], sum(windows));

    let npm = |name: &str| -> Value {
        serde_json::from_str(&here.read(&format!("packages/npm/{name}/package.json"))).unwrap()
    };
    let launcher = npm("relwatch");
    let wanted = launcher["optionalDependencies"].as_object().unwrap();
    assert_eq!(wanted.len(), TARGETS.len());
    for (name, version) in wanted {
        assert_eq!(version, VERSION);
        let platform = npm(name.strip_prefix("@relwatch/").unwrap());
        assert_eq!(platform["name"], *name);
        let (os, cpu) = (
            platform["os"][0].as_str().unwrap(),
            platform["cpu"][0].as_str().unwrap(),
        );
        assert_eq!(format!("@relwatch/{os}-{cpu}"), *name);
        let processor = if cpu == "x64" { "x86_64" } else { "aarch64" };
        let system = match os {
            "linux" => "linux-musl",
            "darwin" => "apple-darwin",
            _ => "windows-msvc",
        };
        let binary = platform["files"][0].as_str().unwrap();
        assert_eq!(binary.ends_with(".exe"), os == "win32");
        let text = here.read(&format!("packages/npm/{os}-{cpu}/{binary}"));
        assert!(
            text.contains(&format!("# {processor}-")) && text.contains(system),
            "{name}: {text}"
        );
    }
    for (processor, target) in [("amd64", TARGETS[4]), ("arm64", TARGETS[1])] {
        let text = here.read(&format!("packages/container/{processor}/relwatch"));
        assert!(text.contains(&format!("# {target}")), "{text}");
    }
    let left = here.sh(
        "grep -rnE '@[A-Z]+[ @]' packages --include='*.rb' --include='*.json' --include='*.yaml'",
    );
    assert_eq!(left.stdout, "", "a placeholder was not filled");

    // An archive that was changed after its checksum was made is not used.
    std::fs::write(folder.join(archive(TARGETS[0])), "changed").unwrap();
    let refused = here.run(script, &[words[0], "others"], &env).code(1);
    assert!(!here.exists("others/npm"), "{refused:?}");
}

#[test]
fn all_files_name_the_targets_of_a_release() {
    let workflow: Yaml = serde_yaml::from_str(&file(".github/workflows/release.yml")).unwrap();
    let rows = workflow["jobs"]["build"]["strategy"]["matrix"]["include"]
        .as_sequence()
        .unwrap();
    let built: BTreeSet<&str> = rows
        .iter()
        .map(|row| row["target"].as_str().unwrap())
        .collect();
    assert_eq!(built, TARGETS.into_iter().collect());
    for path in [
        "install.sh",
        "packaging/from-release",
        "docs/how-to/install.md",
    ] {
        let text = file(path);
        for target in TARGETS {
            assert!(text.contains(target), "{path}: {target}");
        }
    }
}

/// The address of the project is `repository` in Cargo.toml.
#[test]
fn all_files_name_one_address() {
    let (_, name) = REPOSITORY.split_once("https://").unwrap();
    let paths = [
        ".github/ISSUE_TEMPLATE/config.yml",
        "README.md",
        "ci/gitlab.yml",
        "docs/how-to/ci.md",
        "docs/how-to/install.md",
        "packaging/Dockerfile",
    ];
    let mut named = 0;
    for path in paths {
        let text = file(path);
        for (at, _) in text.match_indices("github.com/") {
            let address: String = text[at..]
                .chars()
                .take_while(|c| !" `)/>\"\n".contains(*c) || *c == '/')
                .collect();
            if address.contains("/relwatch") {
                named += 1;
                let rest = address.strip_prefix(name).unwrap_or("no");
                assert!(
                    rest.is_empty() || rest.starts_with(['/', '.']),
                    "{path}: {address}"
                );
            }
        }
        for (at, _) in text.match_indices("uses: ") {
            let action = text[at..].lines().next().unwrap();
            let (_, project) = name.split_once('/').unwrap();
            assert!(
                !action.contains("/relwatch@") || action.contains(&format!(" {project}@")),
                "{path}: {action}"
            );
        }
    }
    assert!(named >= 3, "{named}");
}

/// A file published by others can change under its name, but not under its hash.
#[test]
fn workflows_pin_what_they_use_and_may_do_little() {
    for path in [
        ".github/workflows/test.yml",
        ".github/workflows/release.yml",
        "action.yml",
    ] {
        let text = file(path);
        for line in text.lines().filter_map(|line| line.split_once("uses: ")) {
            let Some((_, pin)) = line.1.split_once('@') else {
                assert_eq!(line.1, "./", "{path}");
                continue;
            };
            let (hash, version) = pin.split_once(" # v").unwrap();
            assert!(
                hash.len() == 40 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
                "{path}: {pin}"
            );
            assert!(version.split('.').count() == 3, "{path}: {pin}");
        }
        let workflow: Yaml = serde_yaml::from_str(&text).unwrap();
        let Some(jobs) = workflow["jobs"].as_mapping() else {
            continue;
        };
        let may = |permissions: &Yaml| -> Vec<String> {
            let given = permissions.as_mapping().into_iter().flatten();
            let writes = given.filter(|(_, how)| how.as_str() == Some("write"));
            writes
                .map(|(what, _)| what.as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            workflow["permissions"],
            serde_yaml::from_str::<Yaml>("{contents: read}").unwrap()
        );
        for (name, job) in jobs {
            let allowed: &[&str] = match name.as_str().unwrap() {
                "release" => &["contents", "id-token", "attestations"],
                "crates-io" | "pypi" | "npm" => &["id-token"],
                "container" => &["packages"],
                _ => &[],
            };
            assert_eq!(may(&job["permissions"]), allowed, "{path}: {name:?}");
        }
    }
}
