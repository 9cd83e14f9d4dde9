//! Versions in Cargo.toml and Cargo.lock.

use std::ops::Range;

use semver::Version;
use toml_edit::{Document, Item, TableLike, Value};

use crate::domain::spec::source::PathGlob;
use crate::domain::version::file::edit::{Bumped, Replacement, applied};
use crate::domain::version::file::requirement::{Raised, raised};

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Versions in a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `package.name`.
    pub name: Option<String>,
    /// `package.version`.
    pub version: Option<Version>,
    /// `workspace.package.version`.
    pub shared: Option<Version>,
    /// Text in the place of a version that is not a version.
    pub odd: Option<String>,
    /// Whether it has `package.version.workspace = true`.
    pub inherits: bool,
    /// Whether it has a table `workspace`.
    pub is_workspace: bool,
    /// `workspace.members`, patterns as written.
    pub members: Vec<String>,
    /// `workspace.exclude`, as written.
    pub exclude: Vec<String>,
    /// Paths of path dependencies, from this manifest's directory; they are members too (Cargo's reference, "Workspaces").
    pub paths: Vec<String>,
    /// Paths from which `patch` takes packages, from this manifest's directory.
    pub patches: Vec<String>,
}

impl Manifest {
    /// Whether a directory below this manifest's belongs to the workspace; `paths` are those of all members.
    pub fn has_member(&self, folder: &str, paths: &[String]) -> bool {
        let bare = |pattern: &str| {
            let pattern = pattern.trim_start_matches("./");
            pattern.trim_end_matches('/').to_owned()
        };
        let is_listed = |pattern: &String| {
            let pattern = bare(pattern);
            pattern == folder || PathGlob::new(&pattern).is_ok_and(|glob| glob.matches(folder))
        };
        let is_left_out = |excluded: &String| {
            let rest = folder.strip_prefix(&bare(excluded));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let named = self.members.iter().any(|member| bare(member) == folder);
        let left_out = !named && self.exclude.iter().any(is_left_out);
        let found = self.members.iter().any(is_listed) || paths.iter().any(|path| path == folder);
        self.is_workspace && found && !left_out
    }
}

/// Parses a manifest.
///
/// # Errors
/// Fails with the text of the TOML error.
pub fn read(text: &str) -> Result<Manifest, String> {
    let doc = parsed(text)?;
    let package = doc.get("package").and_then(Item::as_table_like);
    let workspace = doc.get("workspace").and_then(Item::as_table_like);
    let own = package.and_then(|p| p.get("version"));
    let shared = shared_version(workspace);
    let version = |item: Option<&Item>| Version::parse(item?.as_str()?).ok();
    let list = |key: &str| -> Vec<String> {
        let list = workspace.and_then(|w| w.get(key)).and_then(Item::as_array);
        let words = list.into_iter().flatten().filter_map(Value::as_str);
        words.map(str::to_owned).collect()
    };
    let name = package.and_then(|p| p.get("name")).and_then(Item::as_str);
    let paths = |table: &dyn TableLike| -> Vec<String> {
        let items = table.iter().filter_map(|(_, item)| {
            let path = item.as_table_like()?.get("path")?.as_str()?;
            Some(path.to_owned())
        });
        items.collect()
    };
    Ok(Manifest {
        name: name.map(str::to_owned),
        version: version(own),
        shared: version(shared),
        odd: [own, shared]
            .into_iter()
            .flatten()
            .filter_map(Item::as_str)
            .find(|said| Version::parse(said).is_err())
            .map(str::to_owned),
        inherits: own.and_then(|v| v.get("workspace")).is_some(),
        is_workspace: workspace.is_some(),
        members: list("members"),
        exclude: list("exclude"),
        paths: tables(&doc).into_iter().flat_map(paths).collect(),
        patches: patches(&doc).flat_map(paths).collect(),
    })
}

/// Sets the version of the package and of the workspace if it is `from`, and that of dependencies on the given `members`, by path or
/// patched to a path.
///
/// # Errors
/// Fails with the text of the TOML error.
pub fn bump_manifest(
    text: &str,
    from: Option<&Version>,
    to: &Version,
    members: &[String],
) -> Result<Bumped, String> {
    let doc = parsed(text)?;
    let mut edits = Vec::new();
    let package = doc.get("package").and_then(Item::as_table_like);
    let workspace = doc.get("workspace").and_then(Item::as_table_like);
    let own = package.and_then(|p| p.get("version"));
    for item in [own, shared_version(workspace)].into_iter().flatten() {
        let said = item.as_str().and_then(|said| Version::parse(said).ok());
        if said.is_some() && said.as_ref() == from {
            edits.extend(set(item, to.to_string()));
        }
    }
    let mut odd = Vec::new();
    let patched = patched(&doc);
    for table in tables(&doc) {
        for (key, item) in table.iter() {
            let dependency = item.as_table_like();
            let renamed = dependency.and_then(|d| d.get("package")?.as_str());
            let name = renamed.unwrap_or(key);
            let is_here =
                dependency.is_some_and(|d| d.contains_key("path")) || patched.contains(&name);
            let said = match dependency {
                Some(dependency) => dependency.get("version"),
                None => Some(item),
            };
            let Some(item) = said.filter(|_| is_here && members.iter().any(|m| m == name)) else {
                continue;
            };
            let Some(requirement) = item.as_str() else {
                continue;
            };
            match raised(requirement, to) {
                Raised::Stays => {}
                Raised::To(new) => edits.extend(set(item, new)),
                Raised::Odd => odd.push((name.to_owned(), requirement.to_owned())),
            }
        }
    }
    Ok(Bumped {
        text: applied(text, edits),
        odd,
    })
}

/// Sets the version of the workspace's packages, which have no `source`, and in packages that depend on them by version.
///
/// # Errors
/// Fails with the text of the TOML error.
pub fn bump_lock(text: &str, to: &Version, members: &[String]) -> Result<String, String> {
    let doc = parsed(text)?;
    let mut edits = Vec::new();
    let mut old: Vec<String> = Vec::new();
    for (name, item) in own_packages(&doc, members) {
        let Some(version) = item.as_str() else {
            continue;
        };
        // Cargo writes the version if several packages have the same name.
        old.push(format!("{name} {version}"));
        edits.extend(set(item, to.to_string()));
    }
    let packages = doc.get("package").and_then(Item::as_array_of_tables);
    let dependencies = packages
        .into_iter()
        .flatten()
        .filter_map(|package| package.get("dependencies")?.as_array())
        .flatten();
    for value in dependencies {
        let said = value.as_str().unwrap_or("");
        if let Some((name, _)) = said.split_once(' ')
            && old.iter().any(|one| one == said)
            && let Some(at) = value.span()
        {
            edits.push(Replacement::quoted(at, format!("{name} {to}")));
        }
    }
    Ok(applied(text, edits))
}

/// Versions of the `members` in a lock file.
///
/// # Errors
/// Fails with the text of the TOML error.
pub fn locked(text: &str, members: &[String]) -> Result<Vec<Version>, String> {
    let doc = parsed(text)?;
    let own = own_packages(&doc, members);
    let versions = own.filter_map(|(_, item)| Version::parse(item.as_str()?).ok());
    Ok(versions.collect())
}

fn own_packages<'d>(
    doc: &'d Document<&str>,
    members: &'d [String],
) -> impl Iterator<Item = (&'d str, &'d Item)> {
    let packages = doc.get("package").and_then(Item::as_array_of_tables);
    packages.into_iter().flatten().filter_map(|package| {
        let name = package.get("name")?.as_str()?;
        let ours = members.iter().any(|m| m == name) && package.get("source").is_none();
        ours.then_some((name, package.get("version")?))
    })
}

fn parsed(text: &str) -> Result<Document<&str>, String> {
    Document::parse(text).map_err(|error| error.to_string())
}

fn shared_version(workspace: Option<&dyn TableLike>) -> Option<&Item> {
    workspace?.get("package")?.get("version")
}

/// All tables of dependencies.
fn tables<'d>(doc: &'d Document<&str>) -> Vec<&'d dyn TableLike> {
    let of = |table: &'d dyn TableLike| {
        let kinds = KINDS.iter().filter_map(|kind| table.get(kind));
        kinds.filter_map(Item::as_table_like).collect::<Vec<_>>()
    };
    let workspace = doc.get("workspace").and_then(Item::as_table_like);
    let shared = workspace.and_then(|w| w.get("dependencies")?.as_table_like());
    let targets = doc.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(TableLike::iter);
    let by_target = targets
        .filter_map(|(_, item)| item.as_table_like())
        .flat_map(of);
    let mut all = of(doc.as_table());
    all.extend(shared);
    all.extend(by_target);
    all
}

/// Tables of `patch`, which replace a registry by a path.
fn patches<'d>(doc: &'d Document<&str>) -> impl Iterator<Item = &'d dyn TableLike> {
    let registries = doc.get("patch").and_then(Item::as_table_like);
    let registries = registries.into_iter().flat_map(TableLike::iter);
    registries.filter_map(|(_, item)| item.as_table_like())
}

/// Packages that `patch` takes from a path.
fn patched<'d>(doc: &'d Document<&str>) -> Vec<&'d str> {
    let all = patches(doc).flat_map(|table| {
        let items = table.iter().filter_map(|(key, item)| {
            let patch = item.as_table_like().filter(|p| p.contains_key("path"))?;
            let renamed = patch.get("package").and_then(Item::as_str);
            Some(renamed.unwrap_or(key))
        });
        items.collect::<Vec<_>>()
    });
    all.collect()
}

fn set(item: &Item, text: String) -> Option<Replacement> {
    let at: Range<usize> = item.span()?;
    Some(Replacement::quoted(at, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn bumped(text: &str, to: &str, members: &[&str]) -> Bumped {
        let members: Vec<String> = members.iter().map(|m| (*m).to_owned()).collect();
        let manifest = read(text).unwrap();
        let from = manifest.version.or(manifest.shared);
        bump_manifest(text, from.as_ref(), &v(to), &members).unwrap()
    }

    #[test]
    fn only_versions_change() {
        let text = "# top\n[package]\nname = \"a\" # name\nversion   = '0.1.0'   # keep me\n\n[dependencies]\nb = { path = \"b\", version = \"0.1.0\" }\nserde = \"1\"\n[dependencies.c]\npath = \"c\"\nversion = \"=0.1.0\"\n[target.'cfg(unix)'.dependencies]\nd = { path = \"d\", version = \"0.1.0\" }\ne = { path = \"e\", version = \"0.1.0\", package = \"other\" }\n";
        let others = text.replace("0.1.0\", package", "0.0.9\", package");
        let members = ["a", "b", "c", "d"];
        for ending in ["\n", "\r\n"] {
            let text = others.replace('\n', ending);
            assert_eq!(
                bumped(&text, "0.2.0", &members).text,
                text.replace("0.1.0", "0.2.0")
            );
        }
        let marked = format!("\u{feff}{others}");
        assert_eq!(
            bumped(&marked, "0.2.0", &members).text,
            marked.replace("0.1.0", "0.2.0")
        );
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\n \"b 0.0.9\",\n \"c\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"0.0.9\"\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\nsource = \"registry\"\n";
        let members = members.map(String::from);
        let after = bump_lock(lock, &v("0.2.0"), &members).unwrap();
        assert_eq!(
            after,
            lock.replacen("0.1.0", "0.2.0", 1).replace("0.0.9", "0.2.0")
        );
        assert_eq!(locked(lock, &members).unwrap(), [v("0.1.0"), v("0.0.9")]);
    }

    #[test]
    fn a_workspace_shares_its_version() {
        let text = "[workspace]\nmembers = [\"crates/*\", \"./tools/x/\"]\nexclude = [\"crates/odd\"]\n[workspace.package]\nversion = \"0.1.0\"\n[workspace.dependencies]\nx-core = { path = \"crates/core\", version = \"0.1\" }\nx-far = { path = \"lib/far\", version = \">=0.1, <0.2\" }\n";
        let manifest = read(text).unwrap();
        assert_eq!(
            (manifest.version.as_ref(), manifest.shared.as_ref()),
            (None, Some(&v("0.1.0")))
        );
        let has = |folder: &str| manifest.has_member(folder, &manifest.paths);
        assert!(has("crates/core") && has("tools/x") && has("lib/far"));
        assert!(!has("crates/a/b") && !has("crates/odd") && !has("lib"));
        let after = bumped(text, "0.2.0", &["x-core", "x-far"]);
        assert_eq!(
            after.text,
            text.replace("0.1.0", "0.2.0").replace("\"0.1\"", "\"0.2\"")
        );
        assert_eq!(after.odd, [("x-far".into(), ">=0.1, <0.2".into())]);
        let member = read("[package]\nname = \"m\"\nversion.workspace = true\n").unwrap();
        assert!(member.inherits && member.version.is_none());
    }
}
