//! Version bumps compared with other tools: each directory with `in` and `out` is one of their test cases; `in` gets the version of `out`,
//! and is compared with `out`.
//!
//! `VERSION_FIXTURES=FOLDER:FOLDER cargo test --test cli version_fixtures:: -- --ignored --nocapture`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Repo, Sandbox};

const NAMES: [&str; 15] = [
    "setup.cfg",
    "setup.py",
    "pom.xml",
    "build.gradle",
    "pubspec.yaml",
    "deno.json",
    "gleam.toml",
    "VERSION",
    "version.txt",
    "Cargo.toml",
    "Cargo.lock",
    "package.json",
    "package-lock.json",
    "pyproject.toml",
    "__init__.py",
];

/// Every file below a directory, with its path from there.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        if next.join("in").is_dir() && next.join("out").is_dir() {
            found.push(next.clone());
        }
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("in") && !path.ends_with("out") {
                left.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A repository with the version files of some directories, later ones over earlier ones.
fn repository<'s>(sandbox: &'s Sandbox, name: &str, folders: &[PathBuf]) -> Repo<'s> {
    let repo = sandbox.repo(name);
    for folder in folders {
        for path in below(folder) {
            if NAMES.iter().any(|name| path.ends_with(name)) {
                let bytes = fs::read(folder.join(&path)).unwrap();
                let to = repo.path.join(&path);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, bytes).unwrap();
            }
        }
    }
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: start"])
        .ok();
    repo
}

fn version(repo: &Repo<'_>) -> Result<String, String> {
    let ran = repo.relwatch(&["version", "--json"]);
    if ran.code != 0 {
        return Err(ran.stderr.lines().next().unwrap_or("").to_owned());
    }
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let version = json["version"].as_str().map(str::to_owned);
    version.ok_or_else(|| "its files name different versions".to_owned())
}

/// Paths of the version files that differ.
fn odd(one: &Repo<'_>, other: &Repo<'_>) -> Vec<PathBuf> {
    let mut paths = below(&other.path);
    paths.retain(|path| !path.starts_with(".git"));
    let read = |repo: &Repo<'_>, path: &PathBuf| fs::read(repo.path.join(path)).ok();
    paths.retain(|path| read(one, path) != read(other, path));
    paths
}

/// Whether `in` becomes `out` with the version of `out`; `Err` if the files do not all have one version.
fn whole(sandbox: &Sandbox, case: &Path) -> Result<bool, String> {
    let (before, after) = (case.join("in"), case.join("out"));
    let ours = repository(sandbox, "ours", std::slice::from_ref(&before));
    let theirs = repository(sandbox, "theirs", &[before, after]);
    let (from, to) = (version(&ours)?, version(&theirs)?);
    if from == to {
        return Err("nothing is bumped".to_owned());
    }
    ours.relwatch(&["version", "--set", &to]).ok();
    Ok(odd(&ours, &theirs).is_empty())
}

/// The version of one file.
fn of_file(repo: &Repo<'_>, path: &Path) -> Result<String, String> {
    configure(repo, std::slice::from_ref(&path.to_owned()));
    let ran = repo.relwatch(&["version", "--json"]);
    let json: Result<serde_json::Value, _> = serde_json::from_str(&ran.stdout);
    let first = json.ok().and_then(|json| {
        let files = json["files"].as_array()?.clone();
        let one = files
            .into_iter()
            .find(|one| one["path"].as_str() == path.to_str())?;
        Some(one["version"].as_str()?.to_owned())
    });
    first.ok_or(ran.stderr)
}

fn configure(repo: &Repo<'_>, paths: &[PathBuf]) {
    let list: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    repo.write(
        "relwatch.yml",
        &format!("version_files: [{}]\n", list.join(", ")),
    );
    repo.git(&["add", "."]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "chore: configure"])
        .ok();
}

/// Each version of a tool in the files that the tool changed, one after the other. Returns the differences.
fn by_version(sandbox: &Sandbox, case: &Path) -> (usize, Vec<String>) {
    let (before, after) = (case.join("in"), case.join("out"));
    let ours = repository(sandbox, "plain", std::slice::from_ref(&before));
    let theirs = repository(sandbox, "changed", &[before.clone(), after.clone()]);
    let mut groups: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let changed = odd(&ours, &theirs);
    for path in &changed {
        if let (Ok(old), Ok(new)) = (of_file(&ours, path), of_file(&theirs, path))
            && old != new
        {
            groups.entry(new).or_default().push(path.clone());
        }
    }
    for (to, paths) in groups {
        configure(&ours, &paths);
        ours.relwatch(&["version", "--set", &to]).ok();
    }
    let differ = odd(&ours, &theirs)
        .into_iter()
        .filter(|path| !path.ends_with("relwatch.yml"));
    let diffs = differ.map(|path| {
        let mut diff = sandbox.command("git");
        let both = [&ours, &theirs].map(|repo| repo.path.join(&path));
        diff.args(["--no-pager", "diff", "--no-index", "-U0"])
            .args(&both);
        let diff = String::from_utf8_lossy(&diff.output().unwrap().stdout).into_owned();
        let lines = diff.lines().skip(4).map(|line| format!("    {line}\n"));
        format!("  {}\n{}", path.display(), lines.collect::<String>())
    });
    (changed.len(), diffs.collect())
}

#[test]
#[ignore = "needs cases of other tools"]
fn bumps_are_those_of_other_tools() {
    let folders = std::env::var("VERSION_FIXTURES").unwrap();
    let (mut equal, mut by_version_equal, mut differ, mut left_out) = (0, 0, 0, 0);
    for case in folders
        .split(':')
        .flat_map(|folder| cases(Path::new(folder)))
    {
        let sandbox = Sandbox::new();
        let name = case.display();
        let whole = whole(&sandbox, &case);
        if whole == Ok(true) {
            equal += 1;
            continue;
        }
        let (changed, odd) = by_version(&sandbox, &case);
        if changed == 0 {
            left_out += 1;
            println!("left out: {name}: {whole:?}");
        } else if odd.is_empty() {
            by_version_equal += 1;
            println!("equal version by version: {name}: {whole:?}");
        } else {
            differ += 1;
            println!("differs: {name}: {whole:?}\n{}", odd.concat());
        }
    }
    println!(
        "{equal} equal, {by_version_equal} equal version by version, {differ} differ, {left_out} left out"
    );
}
