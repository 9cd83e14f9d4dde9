//! Version bumps in Cargo.toml and Cargo.lock that keep every other byte.

use toml_edit::{DocumentMut, Item, TableLike, Value};

/// What a manifest says about versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `package.name`.
    pub name: Option<String>,
    /// `package.version`, else `workspace.package.version`.
    pub version: Option<String>,
    /// `package.version.workspace = true`.
    pub inherits: bool,
    /// `workspace.members`, patterns as written.
    pub members: Vec<String>,
}

/// Reads a manifest.
///
/// # Errors
/// The TOML error's text.
pub fn read(text: &str) -> Result<Manifest, String> {
    let doc: DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| e.to_string())?;
    let package = doc.get("package").and_then(Item::as_table_like);
    let workspace = doc.get("workspace").and_then(Item::as_table_like);
    let own = package.and_then(|p| p.get("version"));
    let shared = workspace
        .and_then(|w| w.get("package"))
        .and_then(|p| p.get("version"));
    let text_of = |item: Option<&Item>| item.and_then(Item::as_str).map(str::to_owned);
    let members = workspace
        .and_then(|w| w.get("members"))
        .and_then(Item::as_array);
    Ok(Manifest {
        name: text_of(package.and_then(|p| p.get("name"))),
        version: text_of(own).or_else(|| text_of(shared)),
        inherits: own.and_then(|v| v.get("workspace")).is_some(),
        members: members
            .map(|list| {
                list.iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default(),
    })
}

/// Sets the package's and the workspace's version, and that of path dependencies on the `members` named.
///
/// # Errors
/// The TOML error's text.
pub fn bump_manifest(text: &str, version: &str, members: &[String]) -> Result<String, String> {
    let mut doc: DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| e.to_string())?;
    if let Some(own) = doc.get_mut("package").and_then(|p| p.get_mut("version")) {
        set(own, version);
    }
    if let Some(workspace) = doc.get_mut("workspace") {
        if let Some(shared) = workspace
            .get_mut("package")
            .and_then(|p| p.get_mut("version"))
        {
            set(shared, version);
        }
        if let Some(table) = workspace
            .get_mut("dependencies")
            .and_then(Item::as_table_like_mut)
        {
            bump_dependencies(table, version, members);
        }
    }
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(table) = doc.get_mut(kind).and_then(Item::as_table_like_mut) {
            bump_dependencies(table, version, members);
        }
    }
    Ok(doc.to_string())
}

/// Sets the version of the packages of this workspace: those without a `source`.
///
/// # Errors
/// The TOML error's text.
pub fn bump_lock(text: &str, version: &str, members: &[String]) -> Result<String, String> {
    let mut doc: DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| e.to_string())?;
    let packages = doc
        .get_mut("package")
        .and_then(Item::as_array_of_tables_mut);
    for package in packages.into_iter().flat_map(|list| list.iter_mut()) {
        let ours = package
            .get("name")
            .and_then(Item::as_str)
            .is_some_and(|name| members.iter().any(|m| m == name));
        if ours
            && package.get("source").is_none()
            && let Some(item) = package.get_mut("version")
        {
            set(item, version);
        }
    }
    Ok(doc.to_string())
}

/// Whether a directory belongs to a workspace by its member patterns: exact, or a `*` for one level.
pub fn is_member(patterns: &[String], directory: &str) -> bool {
    patterns.iter().any(|pattern| {
        let pattern: Vec<&str> = pattern.trim_start_matches("./").split('/').collect();
        let parts: Vec<&str> = directory.split('/').collect();
        pattern.len() == parts.len()
            && pattern
                .iter()
                .zip(parts)
                .all(|(p, part)| match p.split_once('*') {
                    Some((before, after)) => {
                        part.len() >= before.len() + after.len()
                            && part.starts_with(before)
                            && part.ends_with(after)
                    }
                    None => *p == part,
                })
    })
}

fn bump_dependencies(table: &mut dyn TableLike, version: &str, members: &[String]) {
    for (key, dependency) in table.iter_mut() {
        let Some(dependency) = dependency.as_table_like_mut() else {
            continue;
        };
        let name = dependency
            .get("package")
            .and_then(Item::as_str)
            .unwrap_or(key.get())
            .to_owned();
        if dependency.contains_key("path")
            && members.contains(&name)
            && let Some(item) = dependency.get_mut("version")
        {
            let exact = item.as_str().is_some_and(|v| v.starts_with('='));
            set(item, &format!("{}{version}", if exact { "=" } else { "" }));
        }
    }
}

/// Replaces a string value and keeps what stands around it.
fn set(item: &mut Item, text: &str) {
    if let Some(value) = item.as_value_mut()
        && value.is_str()
    {
        let decor = value.decor().clone();
        *value = Value::from(text);
        *value.decor_mut() = decor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_change() {
        let text = "# top\n[package]\nname = \"a\" # name\nversion   = \"0.1.0\"   # keep me\n\n[dependencies]\nb = { path = \"b\", version = \"0.1.0\" }\nserde = \"1\"\n[dependencies.c]\npath = \"c\"\nversion = \"=0.1.0\"\n";
        let members = ["a", "b", "c"].map(String::from);
        assert_eq!(
            bump_manifest(text, "0.2.0", &members).unwrap(),
            text.replace("0.1.0", "0.2.0")
        );
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\nsource = \"registry\"\n";
        assert_eq!(
            bump_lock(lock, "0.2.0", &members).unwrap(),
            lock.replacen("0.1.0", "0.2.0", 1)
        );
    }

    #[test]
    fn a_workspace_shares_its_version() {
        let text = "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"0.1.0\"\n[workspace.dependencies]\nx-core = { path = \"crates/core\", version = \"0.1.0\" }\n";
        let manifest = read(text).unwrap();
        assert_eq!(manifest.version.as_deref(), Some("0.1.0"));
        assert!(is_member(&manifest.members, "crates/core"));
        assert!(!is_member(&manifest.members, "crates/a/b"));
        assert_eq!(
            bump_manifest(text, "0.2.0", &["x-core".into()]).unwrap(),
            text.replace("0.1.0", "0.2.0")
        );
        let member = read("[package]\nname = \"m\"\nversion.workspace = true\n").unwrap();
        assert!(member.inherits && member.version.is_none());
    }
}
