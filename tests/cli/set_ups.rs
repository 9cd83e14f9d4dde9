//! Where git finds a repository, relwatch does: git directories elsewhere, those that the environment names, submodules, odd names.

#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::support::{Ran, Repo, Sandbox, cases};

/// A working tree, and the environment variables about its repository.
struct Place<'s> {
    /// Repository that commands run in.
    at: Repo<'s>,
    env: Vec<(&'static str, String)>,
}

impl<'s> Place<'s> {
    fn new(sandbox: &'s Sandbox, folder: impl AsRef<Path>) -> Place<'s> {
        let mut at = sandbox.at(".");
        at.path = sandbox.path().join(folder);
        fs::create_dir_all(&at.path).unwrap();
        Place {
            at,
            env: Vec::new(),
        }
    }

    fn with(mut self, name: &'static str, value: impl AsRef<Path>) -> Place<'s> {
        let value = value.as_ref().to_str().unwrap();
        self.env.push((name, value.to_owned()));
        self
    }

    #[track_caller]
    fn run(&self, program: &str, args: &[&str]) -> Ran {
        let env = self.env.iter().map(|(name, value)| (*name, value.as_str()));
        self.at.run(program, args, &env.collect::<Vec<_>>())
    }

    #[track_caller]
    fn git(&self, args: &[&str]) -> String {
        self.run("git", args).ok().stdout
    }

    #[track_caller]
    fn relwatch(&self, args: &[&str]) -> String {
        self.run("relwatch", args).ok().stdout
    }

    /// The main job, up to a release with a gate that asks git, and back.
    #[track_caller]
    fn works(&self) {
        let commit = |message: &str| {
            self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        };
        commit("chore: start");
        self.git(&["tag", "-a", "v0.1.0", "-m", "Release v0.1.0"]);
        self.relwatch(&["init"]);
        let top = self.git(&["rev-parse", "--show-toplevel"]);
        let top = if self.at.exists("CHANGELOG.md") {
            self.at.path.clone()
        } else {
            PathBuf::from(top.trim_end())
        };
        let gate = "\nbranches: ['*']\ngates:\n  - name: history\n    run: git log -1 && git cat-file -e 'v0.1.0^{tree}'\n";
        let config = fs::read_to_string(top.join("relwatch.yml")).unwrap();
        fs::write(top.join("relwatch.yml"), config + gate).unwrap();
        let own = ["CHANGELOG.md", "relwatch.yml", ".gitattributes"];
        let paths = own.map(|name| format!(":/{name}"));
        let add = ["add", "--", &paths[0], &paths[1], &paths[2]];
        self.git(&add);
        commit("chore: keep the changelog");
        commit("feat: be found");
        let changelog = || fs::read_to_string(top.join("CHANGELOG.md")).unwrap();
        assert!(changelog().contains("Be found"), "{}", changelog());
        let own_status = || self.git(&["status", "--porcelain", "-uno"]);
        assert_eq!(own_status(), "");
        assert!(self.relwatch(&["status"]).contains("next version: 0.2.0"));
        self.relwatch(&["release", "--yes"]);
        assert!(changelog().contains("## [0.2.0]"), "{}", changelog());
        assert_eq!(self.git(&["tag"]), "v0.1.0\nv0.2.0\n");
        assert_eq!(own_status(), "");
        self.git(&["fsck"]);
        self.relwatch(&["undo", "--yes"]);
        assert_eq!(self.git(&["tag"]), "v0.1.0\n");
        assert_eq!(own_status(), "");
        self.relwatch(&["uninstall"]);
    }
}

/// A repository that another one is created from.
fn other(sandbox: &Sandbox) {
    let other = sandbox.repo("other");
    other.commit("chore: something");
}

type SetUp = for<'s> fn(&'s Sandbox) -> Place<'s>;

const SET_UPS: &[(&str, SetUp)] = &[
    ("a separate git directory", |sandbox| {
        let place = Place::new(sandbox, "tree");
        place.git(&["init", "-q", "-b", "main", "--separate-git-dir", "../store"]);
        place
    }),
    ("GIT_DIR and GIT_WORK_TREE", |sandbox| {
        let place = Place::new(sandbox, "tree");
        place.git(&["init", "-q", "--bare", "-b", "main", "../bare"]);
        let bare = sandbox.path().join("bare");
        let tree = place.at.path.clone();
        place.with("GIT_DIR", bare).with("GIT_WORK_TREE", tree)
    }),
    ("the same from another folder", |sandbox| {
        let tree = Place::new(sandbox, "tree");
        tree.git(&["init", "-q", "--bare", "-b", "main", "../bare"]);
        let place = Place::new(sandbox, "elsewhere");
        place
            .with("GIT_DIR", "../bare")
            .with("GIT_WORK_TREE", "../tree")
    }),
    ("GIT_DIR with core.worktree", |sandbox| {
        let place = Place::new(sandbox, "tree");
        place.git(&["init", "-q", "--bare", "-b", "main", "../bare"]);
        place.git(&["--git-dir=../bare", "config", "core.bare", "false"]);
        place.git(&["--git-dir=../bare", "config", "core.worktree", "../tree"]);
        place.with("GIT_DIR", "../bare")
    }),
    ("core.worktree alone", |sandbox| {
        let place = Place::new(sandbox, "store");
        place.git(&["init", "-q", "-b", "main"]);
        Place::new(sandbox, "tree");
        place.git(&["config", "core.worktree", "../../tree"]);
        place
    }),
    (
        "GIT_DIR in a folder that has another repository",
        |sandbox| {
            let place = Place::new(sandbox, "tree");
            place.git(&["init", "-q"]);
            fs::rename(place.at.path.join(".git"), sandbox.path().join("store")).unwrap();
            place.git(&["init", "-q", "-b", "wrong"]);
            place.with("GIT_DIR", "../store")
        },
    ),
    ("a bare repository with linked worktrees", |sandbox| {
        other(sandbox);
        let place = Place::new(sandbox, ".");
        place.git(&["clone", "-q", "--bare", "other", "bare"]);
        place.git(&[
            "--git-dir=bare",
            "worktree",
            "add",
            "-q",
            "-b",
            "side",
            "tree",
        ]);
        Place::new(sandbox, "tree")
    }),
    ("configuration of a worktree", |sandbox| {
        other(sandbox);
        let place = Place::new(sandbox, "other");
        place.git(&["config", "extensions.worktreeConfig", "true"]);
        place.git(&["worktree", "add", "-q", "-b", "side", "../tree"]);
        let tree = Place::new(sandbox, "tree");
        tree.git(&["config", "--worktree", "core.commentChar", ";"]);
        tree
    }),
    ("a submodule", |sandbox| {
        other(sandbox);
        let above = sandbox.repo("above");
        let add = [
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "add",
            "-q",
            "../other",
            "below",
        ];
        above.git(&add).ok();
        Place::new(sandbox, "above/below")
    }),
];

#[test]
fn wherever_git_finds_it() {
    cases::run(
        SET_UPS,
        |(name, _)| *name,
        |(_, set_up)| {
            let sandbox = Sandbox::new();
            set_up(&sandbox).works();
        },
    );
}

#[test]
fn folders_with_odd_names() {
    let names: [&[u8]; 9] = [
        b"two words",
        b"app/[slug]",
        b"-dash",
        b"it's",
        b"\"quoted\"",
        b"$HOME",
        b"two\nlines",
        "\u{fc}ber".as_bytes(),
        b"latin \xfc",
    ];
    // macOS takes no name that is no UTF-8.
    let kept = names
        .iter()
        .filter(|name| cfg!(target_os = "linux") || name.is_ascii());
    let shown = |name: &&&[u8]| String::from_utf8_lossy(name).replace('\n', " ");
    cases::run(kept, shown, |name| {
        let sandbox = Sandbox::new();
        let folder = OsString::from(OsStr::from_bytes(name));
        let place = Place::new(&sandbox, sandbox.path().join(folder));
        place.git(&["init", "-q", "-b", "main"]);
        place.works();
    });
}

#[test]
fn the_search_ends_where_git_is_told_to_end_it() {
    let sandbox = Sandbox::new();
    sandbox.repo("r");
    let below =
        Place::new(&sandbox, "r/below").with("GIT_CEILING_DIRECTORIES", sandbox.path().join("r"));
    assert_eq!(below.run("git", &["status"]).code, 128);
    let said = below.run("relwatch", &["status"]).code(2);
    assert!(
        said.stderr.contains("is not in a git repository"),
        "{said:?}"
    );
}

#[test]
fn an_extension_that_is_not_known_is_named() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.git(&["config", "core.repositoryformatversion", "1"])
        .ok();
    repo.sh("printf '[extensions]\\n\\ttimeTravel = yes\\n' >> .git/config")
        .ok();
    let said = repo.relwatch(&["status"]).code(1).stderr;
    assert!(
        said.contains("with the extension `timetravel`, which relwatch does not know"),
        "{said}"
    );
}

#[test]
fn a_branch_whose_name_is_no_text_has_its_section() {
    for formats in [["sha1", "files"], ["sha256", "reftable"]] {
        let sandbox = Sandbox::with_formats(formats);
        let place = Place::new(&sandbox, "r");
        if place.run("git", &["init", "-q", "-b", "main"]).code != 0 {
            continue; // an old git
        }
        place.git(&["commit", "-q", "--allow-empty", "-m", "chore: start"]);
        place.relwatch(&["init"]);
        let script = "git switch -q -c \"$(printf 'caf\\351')\" && git commit -q --allow-empty -m 'feat: pour'";
        place.run("sh", &["-c", script]).ok();
        let changelog = place.at.read("CHANGELOG.md");
        assert!(changelog.contains("- Pour"), "{changelog}");
        assert!(place.relwatch(&["status"]).contains("Pour"));
    }
}

#[test]
fn git_dir_that_leads_nowhere_is_named() {
    let sandbox = Sandbox::new();
    let place = Place::new(&sandbox, "r").with("GIT_DIR", "/nowhere");
    let said = place.run("relwatch", &["status"]).code(2).stderr;
    assert!(said.contains("GIT_DIR is /nowhere"), "{said}");
}

#[test]
fn whoever_names_a_repository_trusts_it_as_for_git() {
    let sandbox = Sandbox::new();
    let place = Place::new(&sandbox, "r");
    place.git(&["init", "-q", "-b", "main"]);
    place.git(&["commit", "-q", "--allow-empty", "-m", "feat: begin"]);
    place.relwatch(&["init"]);
    let place = place.with("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    assert_ne!(place.run("git", &["status"]).code, 0);
    let refused = place.run("relwatch", &["status"]).code(1).stderr;
    assert!(refused.contains("belongs to another user"), "{refused}");
    let place = place.with("GIT_DIR", ".git");
    place.git(&["status"]);
    assert_eq!(place.run("relwatch", &["status"]).ok().stderr, "");
}
