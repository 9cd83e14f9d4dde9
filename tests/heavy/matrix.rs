//! Git is the judge: every operation once with and once without relwatch. Both succeed, with the same trees, a clean
//! status, and a section equal to a fresh computation in a clone.

#![cfg(unix)]

use crate::support::{self, Repo, Sandbox, cases, eventually};

/// How git runs relwatch: `files`, `block` (beside other scripts), `config` (NEW_GIT is the `bin` of a git that can), `watcher` (files, and
/// the watcher at the same time).
fn rung() -> String {
    std::env::var("RUNG").unwrap_or_else(|_| "files".into())
}

/// The watcher of a repository; it ends with the test.
struct Watching(std::process::Child);

impl Watching {
    fn start(repo: &Repo<'_>) -> Watching {
        let mut command = repo.command(env!("CARGO_BIN_EXE_relwatch"));
        let command = command.arg("watch").stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
        Watching(child)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The repository that every operation starts from: a release, then history on three branches, some of which
/// edit the released part of the changelog. With relwatch or without, the commits are the same.
fn scene<'s>(sandbox: &'s Sandbox, name: &str, relwatch: bool) -> Repo<'s> {
    let repo = sandbox.repo(name);
    repo.write("CHANGELOG.md", support::CHANGELOG);
    // What init writes is committed in both, so that the trees are the same.
    repo.write(
        ".gitattributes",
        "/CHANGELOG.md filter=relwatch merge=relwatch\n/.relwatch/releases.yml merge=union\n",
    );
    repo.write("relwatch.yml", "");
    repo.commit_file("file", "1\n", "chore: start");
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "-m", "chore: set up"]).ok();
    repo.git(&["tag", "-a", "v0.1.0", "-m", "Release v0.1.0"])
        .ok();
    if relwatch {
        if rung() == "block" {
            for hook in [
                "post-commit",
                "post-merge",
                "post-rewrite",
                "post-applypatch",
                "post-checkout",
            ] {
                let path = format!(".git/hooks/{hook}");
                repo.write(&path, "#!/usr/bin/env bash\nset -e\nexit 0\n");
                repo.sh(&format!("chmod +x {path}")).ok();
            }
        }
        repo.relwatch(&["init"]).ok();
    }
    repo.commit_file("base", "b\n", "feat: base");
    repo.git(&["switch", "-q", "-c", "topic"]).ok();
    repo.commit_file("t1", "1\n", "feat: topic one (#1)");
    repo.edit("CHANGELOG.md", "the first thing", "the very first thing");
    repo.git(&["commit", "-q", "-a", "-m", "docs: mend a released line"])
        .ok();
    repo.commit_file("t2", "2\n", "fix: topic two");
    repo.git(&["switch", "-q", "-c", "note", "main"]).ok();
    repo.edit(
        "CHANGELOG.md",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Security\n\n- written by hand\n",
    );
    repo.git(&["commit", "-q", "-a", "-m", "docs: a note"]).ok();
    repo.git(&["switch", "-q", "-c", "clash", "main"]).ok();
    repo.commit_file("file", "clash\n", "feat: clash");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.commit_file("m1", "1\n", "feat: main one");
    repo.commit_file("file", "2\n", "fix: main two");
    repo
}

/// The tree of each branch and of HEAD, and the subjects: what people made.
fn made(repo: &Repo<'_>) -> String {
    let mut all = String::new();
    for name in ["HEAD", "main", "topic", "note", "clash"] {
        let log = repo.git(&["log", "--format=%H %T %an %s", name]).stdout;
        all.push_str(&format!("{name}\n{log}"));
    }
    all + &repo.git(&["ls-files", "-s"]).stdout
}

struct Case {
    name: &'static str,
    script: &'static str,
    /// Whether a hand edit of CHANGELOG.md is left in the working tree.
    edited: bool,
    /// Whether the operation fires no hook at its end: then the next update brings the section.
    hookless: bool,
}

const fn case(name: &'static str, script: &'static str) -> Case {
    Case {
        name,
        script,
        edited: false,
        hookless: false,
    }
}

const fn edited(name: &'static str, script: &'static str) -> Case {
    Case {
        name,
        script,
        edited: true,
        hookless: false,
    }
}

const fn hookless(name: &'static str, script: &'static str) -> Case {
    Case {
        name,
        script,
        edited: false,
        hookless: true,
    }
}

const HAND_EDIT: &str =
    "sed -i 's/## .Unreleased.$/&\\n\\n### Deprecated\\n\\n- typed just now/' CHANGELOG.md";

/// The released line that topic has edited too, in other words.
const REWORD: &str = "sed -i 's/the first thing/a thing of old/' CHANGELOG.md && git commit -q -a -m 'docs: other words'";

const CASES: &[Case] = &[
    case("commit", "git commit -q --allow-empty -m 'feat: new'"),
    case(
        "amend",
        "git commit -q --amend -m 'fix: main two, said better'",
    ),
    case(
        "commit-all",
        "echo 3 >> file && git commit -q -a -m 'fix: three'",
    ),
    case(
        "commit-path",
        "echo 3 >> file; echo 4 >> m1; git commit -q -m 'fix: path' file; git commit -q -m 'fix: other' m1",
    ),
    case(
        "commit-no-verify",
        "git commit -q --no-verify --allow-empty -m 'feat: quick'",
    ),
    case(
        "merge-ff",
        "git switch -q topic && git merge -q --ff-only topic && git switch -q -c ff main~1 && git merge -q main",
    ),
    case("merge-real", "git merge -q --no-edit topic"),
    case(
        "merge-note",
        "git merge -q --no-edit note && git merge -q --no-edit topic",
    ),
    case(
        "merge-squash",
        "git merge -q --squash topic && git commit -q -m 'feat: squashed (#1)'",
    ),
    case(
        "merge-conflict",
        "git merge -q --no-edit clash; test $? = 1 && echo both > file && git commit -q -a --no-edit",
    ),
    case(
        "merge-abort",
        "git merge -q --no-edit clash; git merge --abort; git commit -q --allow-empty -m 'fix: go on'",
    ),
    case(
        "merge-no-commit",
        "git merge -q --no-commit topic; git commit -q --no-edit",
    ),
    case(
        "favor-merge-ours",
        "REWORD && git merge -q --no-edit -X ours topic",
    ),
    case(
        "favor-merge-theirs",
        "REWORD && git merge -q --no-edit --strategy-option=theirs topic",
    ),
    case(
        "favor-last-wins",
        "REWORD && git merge -q --no-edit -X ours -Xpatience -X theirs topic",
    ),
    case(
        "favor-alias",
        "REWORD && git config alias.mine 'merge -qXours' && git mine --no-edit topic",
    ),
    case(
        "favor-configured",
        "REWORD && git config branch.main.mergeOptions '-X theirs' && git merge -q --no-edit topic",
    ),
    case(
        "favor-squash",
        "REWORD && git merge -q --squash -Xtheirs topic && git commit -q -m 'feat: squashed (#1)'",
    ),
    case(
        "favor-pull",
        "REWORD && git pull -q --no-rebase --no-edit -X theirs . topic",
    ),
    case(
        "favor-pull-rebase",
        "REWORD && git switch -q topic && git pull -q --rebase -X theirs . main",
    ),
    case(
        "favor-rebase-ours",
        "REWORD && git switch -q topic && git rebase -q -X ours main",
    ),
    case(
        "favor-rebase-theirs",
        "REWORD && git switch -q topic && git rebase -q -Xtheirs main",
    ),
    case(
        "favor-rebase-merges",
        "REWORD && git switch -q topic && git merge -q --no-edit note && git rebase -q --rebase-merges -X theirs main",
    ),
    case(
        "favor-rebase-onto",
        "REWORD && git switch -q clash && git cherry-pick topic~1 && git rebase -q -X theirs -X ignore-space-change HEAD~1 --onto main",
    ),
    case(
        "favor-rebase-later",
        "REWORD && git rm -q base && git commit -q -m 'chore: rid' && git switch -q -c later topic~2 && echo c >> base && git commit -q -a -m 'fix: base' && git cherry-pick topic~1 && ! git rebase -q -X theirs main && git add base && git rebase --continue",
    ),
    case(
        "favor-pick-ours",
        "REWORD && git cherry-pick --keep-redundant-commits -X ours topic~1",
    ),
    case(
        "favor-pick-theirs",
        "REWORD && git cherry-pick -X theirs topic~1 topic",
    ),
    case(
        "favor-pick-later",
        "REWORD && git rm -q base && git commit -q -m 'chore: rid' && git switch -q -c later topic~2 && echo c >> base && git commit -q -a -m 'fix: base' && git switch -q main && ! git cherry-pick -X theirs later topic~1 && git add base && git -c core.editor=true cherry-pick --continue",
    ),
    case(
        "favor-revert",
        "git cherry-pick topic~1 && sed -i 's/the very first thing/a thing of old/' CHANGELOG.md && git commit -q -a -m 'docs: other words' && git revert --no-edit -X theirs HEAD~1",
    ),
    case(
        "favor-apply",
        "if git apply -h 2>&1 | grep -q -e --theirs; then REWORD && git diff topic~2 topic~1 > ../patch-NAME && git apply --3way --theirs ../patch-NAME && git commit -q -m 'docs: patched'; fi",
    ),
    case(
        "favor-deleted",
        "sed -i '/the first thing/d' CHANGELOG.md && git commit -q -a -m 'docs: gone' && git merge -q --no-edit -X theirs topic",
    ),
    case(
        "favor-unlike",
        "sed -i 's/the first thing/nothing like it/' CHANGELOG.md && git commit -q -a -m 'docs: other words' && git switch -q topic && sed -i 's/the very first thing/quite another/' CHANGELOG.md && git commit -q -a -m 'docs: more' && git switch -q main && git merge -q --no-edit -X ours topic",
    ),
    case(
        "space-change",
        "sed -i 's/the first thing/the  first   thing/' CHANGELOG.md && git commit -q -a -m 'docs: space' && git merge -q --no-edit -X ignore-space-change topic",
    ),
    case(
        "favor-criss-cross",
        "git branch -q a && REWORD && git switch -q a && git merge -q --no-edit topic && git switch -q main && git branch -q old-main && git merge -q --no-edit -X ours topic && git switch -q a && git merge -q --no-edit -X theirs old-main && git merge -q --no-edit -X ours main && git switch -q main",
    ),
    case("rebase", "git switch -q topic && git rebase -q main"),
    case(
        "rebase-apply",
        "git switch -q topic && git rebase -q --apply main",
    ),
    case(
        "rebase-exec",
        "git switch -q topic && git rebase -q --exec true main",
    ),
    case("rebase-note", "git switch -q note && git rebase -q topic"),
    case(
        "rebase-merge-note-over-edit",
        "git switch -q topic && git rebase -q note && git switch -q main",
    ),
    case(
        "rebase-conflict-continue",
        "git switch -q clash && git rebase -q main; echo both > file && git add file && git rebase --continue",
    ),
    case(
        "rebase-late-conflict",
        "git switch -q topic && git cherry-pick clash && ! git rebase -q main && echo both > file && git add file && git rebase --continue",
    ),
    hookless(
        "rebase-behind",
        "git switch -q -c behind main~2 && git rebase -q main",
    ),
    hookless(
        "rebase-behind-note",
        "git switch -q -c behind note~1 && git rebase -q note",
    ),
    case(
        "rebase-merges",
        "git switch -q topic && git merge -q --no-edit note && git rebase -q --rebase-merges main",
    ),
    case(
        "rebase-update-refs",
        "git switch -q -c upper topic && git commit -q --allow-empty -m 'feat: upper' && git rebase -q --update-refs main",
    ),
    case(
        "rebase-conflict-skip",
        "git switch -q clash && git rebase -q main; git rebase --skip",
    ),
    hookless(
        "rebase-abort",
        "git switch -q clash && git rebase -q main; git rebase --abort",
    ),
    case(
        "rebase-reword",
        "git switch -q topic && GIT_SEQUENCE_EDITOR='sed -i 1s/pick/reword/' GIT_EDITOR=\"sed -i '1s/.*/feat: reworded (#9)/'\" git rebase -q -i main",
    ),
    case(
        "rebase-squash",
        "git switch -q topic && GIT_SEQUENCE_EDITOR='sed -i 3s/pick/squash/' git rebase -q -i main",
    ),
    case(
        "rebase-fixup",
        "git switch -q topic && GIT_SEQUENCE_EDITOR='sed -i 2s/pick/fixup/' git rebase -q -i main",
    ),
    case(
        "rebase-edit",
        "git switch -q topic && GIT_SEQUENCE_EDITOR='sed -i 2s/pick/edit/' git rebase -q -i main; git commit -q --amend -m 'docs: edited'; git rebase --continue",
    ),
    case(
        "rebase-drop",
        "git switch -q topic && GIT_SEQUENCE_EDITOR='sed -i 1s/pick/drop/' git rebase -q -i main",
    ),
    edited(
        "rebase-autostash",
        "git switch -q topic && HAND && git rebase -q --autostash main",
    ),
    case(
        "rebase-root",
        "git switch -q -c again main && git rebase -q --root --force-rebase",
    ),
    case("cherry-pick", "git cherry-pick topic"),
    case("cherry-pick-range", "git cherry-pick main..topic"),
    case("cherry-pick-x", "git cherry-pick -x note"),
    case(
        "cherry-pick-conflict",
        "git cherry-pick clash; echo both > file; git add file; git -c core.editor=true cherry-pick --continue",
    ),
    case(
        "cherry-pick-late-conflict",
        "git cherry-pick main..topic~1 clash; echo both > file; git add file; git -c core.editor=true cherry-pick --continue",
    ),
    case(
        "revert-edit",
        "git cherry-pick topic~1 && git revert --no-edit HEAD main~1 HEAD~2",
    ),
    case(
        "revert-late-conflict",
        "echo 3 > file && git commit -q -a -m 'fix: three' && ! git revert --no-edit HEAD~2 HEAD~1 && echo both > file && git add file && git revert --continue",
    ),
    case(
        "rebase-all-dropped-then-commit",
        "git switch -q -c dup main~1 && git cherry-pick main >/dev/null; git rebase -q main; git commit -q --allow-empty -m 'feat: on'",
    ),
    hookless(
        "cherry-pick-abort",
        "git cherry-pick topic~2 clash; git cherry-pick --abort",
    ),
    case("revert", "git revert --no-edit HEAD"),
    case("revert-range", "git revert --no-edit HEAD~2..HEAD"),
    case(
        "am",
        "git format-patch -q -o ../patches-NAME main..topic && git am -q ../patches-NAME/*.patch",
    ),
    case(
        "am-three-way",
        "git format-patch -q -o ../patches-NAME main..topic && git am -q --3way ../patches-NAME/*.patch",
    ),
    edited(
        "stash-pop",
        "HAND && git stash -q && git commit -q --allow-empty -m 'feat: between' && git stash pop -q",
    ),
    case(
        "stash-other",
        "echo 9 >> file && git stash -q && git stash pop -q && git commit -q -a -m 'fix: stashed'",
    ),
    case(
        "switch",
        "git switch -q topic && git switch -q note && git checkout -q main && git checkout -q --detach topic && git switch -q main",
    ),
    case(
        "checkout-old",
        "git checkout -q v0.1.0 && git checkout -q v0.1.0~1 && git switch -q main",
    ),
    hookless("checkout-file", "git checkout -q -- CHANGELOG.md"),
    hookless("restore-file", "HAND && git restore CHANGELOG.md"),
    hookless("reset-hard", "git reset -q --hard HEAD~1"),
    hookless(
        "reset-soft",
        "git reset -q --soft HEAD~1 && git commit -q -m 'fix: again'",
    ),
    hookless("reset-to-other", "git reset -q --hard topic"),
    case(
        "bisect",
        "git bisect start && git bisect bad main && git bisect good v0.1.0 && git bisect run sh -c 'test ! -e m1' && git bisect log | grep -q 'first bad commit: .* feat: main one' && git bisect reset",
    ),
    case(
        "worktree",
        "git worktree add -q ../tree-NAME topic && cd ../tree-NAME && git commit -q --allow-empty -m 'feat: there' && git status --porcelain && cd - >/dev/null && git worktree remove --force ../tree-NAME && git commit -q --allow-empty -m 'fix: here'",
    ),
    case(
        "pull-rebase",
        "git clone -q . ../up-NAME && git -C ../up-NAME commit -q --allow-empty -m 'feat: upstream' && git remote add up ../up-NAME && git switch -q topic && git pull -q --rebase up main",
    ),
    case(
        "pull-merge",
        // The address is in the message of the merge.
        "git clone -q . .git/up && git -C .git/up commit -q --allow-empty -m 'feat: upstream' && git -C .git/up branch -q topic origin/topic && git remote add up .git/up && git pull -q --no-rebase --no-edit up main topic",
    ),
    edited(
        "edit-kept",
        "HAND && git commit -q --allow-empty -m 'feat: beside an edit'",
    ),
    case("edit-committed", "HAND && git commit -q -a -m 'docs: note'"),
    case(
        "edit-added",
        "HAND && git add -A && git commit -q -m 'docs: note'",
    ),
    Case {
        name: "edit-blocks-switch",
        script: "HAND && git switch -q note; git status --porcelain; true",
        edited: true,
        hookless: true,
    },
    case(
        "tag-release-by-hand",
        "git tag -a v0.2.0 -m x && git commit -q --allow-empty -m 'feat: after'",
    ),
];

#[test]
fn every_operation_is_the_same_with_and_without_relwatch() {
    cases::run_by(
        "MATRIX",
        CASES,
        |case| case.name,
        |case| check(case).unwrap_or_else(|why| panic!("{why}")),
    );
}

fn check(case: &Case) -> Result<(), String> {
    let sandbox = Sandbox::new();
    if let Ok(bin) = std::env::var("NEW_GIT") {
        let git = std::path::Path::new(&bin).join("git");
        std::os::unix::fs::symlink(git, sandbox.path().join("bin/git")).unwrap();
    }
    let bare = scene(&sandbox, "bare", false);
    let with = scene(&sandbox, "with", true);
    let same = |what: &str, a: &str, b: &str| {
        if a == b {
            Ok(())
        } else {
            Err(format!("{what} differs\n--- without\n{a}\n--- with\n{b}"))
        }
    };
    same("the scene", &made(&bare), &made(&with))?;
    let watching = (rung() == "watcher").then(|| Watching::start(&with));
    let script = |name: &str| {
        case.script
            .replace("HAND", HAND_EDIT)
            .replace("REWORD", REWORD)
            .replace("NAME", name)
    };
    let a = bare.sh(&script("bare"));
    let b = with.sh(&script("with"));
    let about = format!("\nwithout: {a:?}\nwith: {b:?}");
    if (a.code, b.code) != (0, 0) {
        return Err(format!("the exit codes are not 0{about}"));
    }
    same("what people made", &made(&bare), &made(&with)).map_err(|e| e + &about)?;
    let status = (bare.status(), with.status());
    if case.hookless && case.edited {
        same("the status", &status.0, &status.1).map_err(|e| e + &about)?;
    }
    let is_put_back =
        matches!(case.name, "rebase-autostash" | "stash-pop" | "restore") || case.hookless;
    if watching.is_some() && !is_put_back {
        // What no hook saw the watcher sees.
        eventually(|| {
            let check = with.relwatch(&["update", "--check"]);
            match check.code {
                0 => Ok(()),
                _ => Err(format!(
                    "the watcher did not bring the section: {check:?}{about}"
                )),
            }
        });
    }
    if case.hookless {
        // The next operation that fires a hook brings the section.
        with.insistent_git(&["commit", "-q", "--allow-empty", "-m", "chore: tick"])
            .ok();
    } else {
        same("the status", &status.0, &status.1).map_err(|e| e + &about)?;
    }
    let is_edited = with.status().contains("CHANGELOG.md");
    if is_edited != case.edited {
        return Err(format!("status says {:?}{about}", with.status()));
    }
    if case.edited && !with.read("CHANGELOG.md").contains("- typed just now") {
        return Err(format!("the hand edit is lost{about}"));
    }
    // A fresh clone computes the same section from the same commits and the same file.
    if matches!(case.name, "rebase-autostash" | "stash-pop") {
        // git puts the edit back after its last hook: the next one brings the lines.
        with.insistent_git(&["commit", "-q", "--allow-empty", "-m", "chore: tick"])
            .ok();
    }
    let present = with.read("CHANGELOG.md");
    let fresh = sandbox.at("fresh");
    sandbox
        .command("git")
        .args(["clone", "-q", "with", "fresh"])
        .current_dir(sandbox.path())
        .status()
        .unwrap();
    let head = with.head();
    fresh.git(&["checkout", "-q", "--detach", &head]).ok();
    fresh.relwatch(&["init"]).ok();
    if case.edited {
        let typed = with.sh("git diff CHANGELOG.md | git -C ../fresh apply --allow-empty");
        if typed.code != 0 {
            return Err(format!(
                "the edit does not apply to a fresh clone: {typed:?}{about}"
            ));
        }
    }
    fresh.relwatch(&["update"]).ok();
    same(
        "the section against a fresh clone",
        &fresh.read("CHANGELOG.md"),
        &present,
    )
    .map_err(|e| e + &about)?;
    // And what git stores holds no generated line.
    let again = with.relwatch(&["update"]).ok();
    if !again.stdout.contains("up to date") {
        return Err(format!(
            "a second update still changes something: {again:?}{about}"
        ));
    }
    let stored = with.stored();
    for line in ["- Base (", "- Main one (", "- Main two ("] {
        if stored.contains(line) {
            return Err(format!("a generated line got into a blob:\n{stored}"));
        }
    }
    let fsck = |repo: &Repo<'_>| repo.git(&["fsck", "--strict"]).code;
    same(
        "git fsck",
        &fsck(&bare).to_string(),
        &fsck(&with).to_string(),
    )
}
