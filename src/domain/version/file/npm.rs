//! Versions in package.json and the lock files of npm, Bun and pnpm.

use jsonc_parser::ast::{Object, ObjectProp, StringLit, Value};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use regex_lite::Regex;
use semver::{Version, VersionReq};

use crate::domain::version::file::edit::{Replacement, applied};
use crate::domain::version::file::paths::joined;
use crate::domain::version::file::requirement::{Raised, raised};

const KINDS: [&str; 4] = [
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
];

/// Fields of a package.json.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    pub name: Option<String>,
    pub version: Option<Version>,
    /// Text in the place of the version that is not a version.
    pub odd: Option<String>,
    /// Globs of its workspace directories.
    pub workspaces: Vec<String>,
    /// Packages that its users need. Packages needed for development are not included, since they change nothing for users.
    pub requires: Vec<PackageRequirement>,
}

/// A range in a package.json for another package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRequirement {
    pub package: String,
    pub range: String,
    /// Whether it is a peer dependency, which users install themselves.
    pub is_peer: bool,
}

/// A package of the same repository that gets the same version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub name: Option<String>,
    /// Directory relative to that of the lock file, with `..` for the parent; empty for the directory of the lock file.
    pub folder: String,
    /// Current version; `None` if there is none, or if the package is versioned independently.
    pub from: Option<Version>,
}

/// Parses a package.json.
///
/// # Errors
/// Fails with the text of the JSON error.
pub fn read(text: &str) -> Result<Package, String> {
    let root = parsed(marked(text).1)?;
    let object = top(&root)?;
    let workspaces = match object.get("workspaces").map(|prop| &prop.value) {
        Some(Value::Object(object)) => object.get_array("packages"),
        Some(Value::Array(list)) => Some(list),
        _ => None,
    };
    let globs = workspaces.into_iter().flat_map(|list| &list.elements);
    let globs = globs.filter_map(Value::as_string_lit);
    Ok(Package {
        name: object.get_string("name").map(|name| name.value.to_string()),
        version: object.get_string("version").and_then(said),
        odd: object
            .get_string("version")
            .filter(|text| said(text).is_none())
            .map(|text| text.value.to_string()),
        workspaces: globs.map(|glob| glob.value.to_string()).collect(),
        requires: requires(object),
    })
}

fn requires(object: &Object<'_>) -> Vec<PackageRequirement> {
    let kinds = KINDS.iter().filter(|kind| **kind != "devDependencies");
    let tables = kinds.filter_map(|kind| Some((*kind, object.get_object(kind)?)));
    let all = tables.flat_map(|(kind, table)| {
        let ranges = table.properties.iter();
        ranges.filter_map(move |one| {
            Some(PackageRequirement {
                package: one.name.as_str().to_owned(),
                range: one.value.as_string_lit()?.value.to_string(),
                is_peer: kind == "peerDependencies",
            })
        })
    });
    all.collect()
}

/// Sets the version of a package.json, unless it is versioned independently, and of its dependencies on `members`.
///
/// # Errors
/// Fails with the text of the JSON error.
pub fn bump_package(
    text: &str,
    own_way: bool,
    to: &Version,
    members: &[Member],
) -> Result<String, String> {
    let (mark, text) = marked(text);
    let root = parsed(text)?;
    let mut edits = Vec::new();
    bump_object(top(&root)?, own_way, to, members, &mut edits);
    Ok(format!("{mark}{}", applied(text, edits)))
}

/// Sets the versions of `members` in a bun.lock or a lock file of npm, of any format version.
///
/// # Errors
/// Fails with the text of the JSON error.
pub fn bump_lock(text: &str, to: &Version, members: &[Member]) -> Result<String, String> {
    let (mark, text) = marked(text);
    let root = parsed(text)?;
    let object = top(&root)?;
    let mut edits = Vec::new();
    if members
        .iter()
        .any(|member| member.folder.is_empty() && member.from.is_some())
    {
        edits.extend(
            object
                .get_string("version")
                .map(|old| set(old, to.to_string())),
        );
    }
    for (member, object) in by_folder(object, members) {
        bump_object(object, member.from.is_none(), to, members, &mut edits);
    }
    // Before version 3, packages are listed here too; those of workspaces as links without a version.
    let tree = object.get_object("dependencies");
    for package in tree.into_iter().flat_map(|tree| &tree.properties) {
        let requires = package
            .value
            .as_object()
            .and_then(|p| p.get_object("requires"));
        if let Some(requires) = requires.filter(|_| of_name(members, package).is_some()) {
            bump_dependencies(requires, to, members, &mut edits);
        }
    }
    Ok(format!("{mark}{}", applied(text, edits)))
}

/// Versions in a lock file for those of `members` that have one.
///
/// # Errors
/// Fails with the text of the JSON error.
pub fn locked(text: &str, members: &[Member]) -> Result<Vec<Version>, String> {
    let root = parsed(marked(text).1)?;
    let object = top(&root)?;
    let own = |member: &Member| member.folder.is_empty() && member.from.is_some();
    let top = object.get_string("version");
    let top = top.filter(|_| members.iter().any(own));
    let below = by_folder(object, members).filter(|(member, _)| member.from.is_some());
    let below = below.filter_map(|(_, object)| object.get_string("version"));
    Ok(top.into_iter().chain(below).filter_map(said).collect())
}

/// Whether a lock file of npm contains packages of these directories, which are relative to the root; `folder` is that of the lock file.
///
/// # Errors
/// Fails with the text of the JSON error.
pub fn locks_any(text: &str, folder: &str, folders: &[&str]) -> Result<bool, String> {
    let root = parsed(marked(text).1)?;
    let packages = top(&root)?.get_object("packages");
    let mut packages = packages.into_iter().flat_map(|all| &all.properties);
    Ok(packages.any(|package| {
        joined(folder, package.name.as_str()).is_some_and(|path| folders.contains(&path.as_str()))
    }))
}

/// Entries of members in a lock file by directory: npm has them under `packages`, Bun under `workspaces`.
fn by_folder<'o>(
    object: &'o Object<'_>,
    members: &'o [Member],
) -> impl Iterator<Item = (&'o Member, &'o Object<'o>)> {
    let tables = ["packages", "workspaces"].into_iter();
    let all = tables.filter_map(|key| object.get_object(key));
    let all = all.flat_map(|table| &table.properties);
    all.filter_map(|package| {
        let folder = package.name.as_str();
        let member = members.iter().find(|member| member.folder == folder)?;
        Some((member, package.value.as_object()?))
    })
}

/// Sets the requirements on `members` in a pnpm-lock.yaml, which repeats them: `specifier` above `version: link:…`.
pub fn bump_pnpm(text: &str, to: &Version, members: &[Member]) -> String {
    // The keys and their order are fixed in pnpm's format; a YAML parser would lose the positions.
    let pattern = r"(?m)^ +'?([^\s':]+)'?:\r?\n +specifier: '?([^\s']+)'?\r?\n +version: link:";
    let Ok(pattern) = Regex::new(pattern) else {
        return text.to_owned();
    };
    let edits = pattern.captures_iter(text).filter_map(|found| {
        let (name, requirement) = (found.get(1)?, found.get(2)?);
        let member = members
            .iter()
            .find(|member| member.name.as_deref() == Some(name.as_str()))?;
        Some(Replacement {
            at: requirement.range(),
            text: required(requirement.as_str(), member.from.as_ref(), to)?,
        })
    });
    applied(text, edits.collect())
}

/// First of `members` that a yarn.lock of version 2 or later lists with a requirement that changes.
pub fn stale_in_yarn<'m>(text: &str, to: &Version, members: &'m [Member]) -> Option<&'m str> {
    let text = text
        .contains("\n__metadata:")
        .then(|| text.replace("@npm:", "@"))?;
    let mut named = members
        .iter()
        .filter_map(|member| Some((member.name.as_deref()?, member.from.as_ref()?)));
    named.find_map(|(name, from)| {
        let key = format!("{name}@");
        let mut keys = text.match_indices(&key);
        let is_stale = keys.any(|(at, key)| {
            let behind = &text[at + key.len()..];
            let end = behind.find(['"', ',', ':', '\n']).unwrap_or(behind.len());
            required(&behind[..end], Some(from), to).is_some()
        });
        is_stale.then_some(name)
    })
}

fn bump_object(
    object: &Object<'_>,
    own_way: bool,
    to: &Version,
    members: &[Member],
    edits: &mut Vec<Replacement>,
) {
    let old = object
        .get_string("version")
        .filter(|old| said(old).is_some());
    let old = old.filter(|_| !own_way);
    edits.extend(old.map(|old| set(old, to.to_string())));
    for table in KINDS.iter().filter_map(|kind| object.get_object(kind)) {
        bump_dependencies(table, to, members, edits);
    }
}

fn bump_dependencies(
    table: &Object<'_>,
    to: &Version,
    members: &[Member],
    edits: &mut Vec<Replacement>,
) {
    for dependency in &table.properties {
        let Some(requirement) = dependency.value.as_string_lit() else {
            continue;
        };
        let member = of_name(members, dependency);
        let new = member.and_then(|m| required(&requirement.value, m.from.as_ref(), to));
        edits.extend(new.map(|new| set(requirement, new)));
    }
}

fn of_name<'m>(members: &'m [Member], property: &ObjectProp<'_>) -> Option<&'m Member> {
    let name = property.name.as_str();
    members
        .iter()
        .find(|member| member.name.as_deref() == Some(name))
}

/// Requirement for the new version, with the same operator and precision. `None` if it is unchanged: any range, a path or an address, and a
/// requirement that does not admit the current version, since npm then takes another one from the registry.
fn required(requirement: &str, from: Option<&Version>, to: &Version) -> Option<String> {
    let bare = requirement.strip_prefix("workspace:");
    let text = bare.unwrap_or(requirement);
    let is_bare = text.starts_with(|c: char| c.is_ascii_digit());
    if !is_bare && !text.starts_with(['^', '~', '=']) {
        return None;
    }
    // For npm, a version without an operator means exactly that version.
    let exact = if is_bare { "=" } else { "" };
    let cargo = format!("{exact}{text}");
    let admits = VersionReq::parse(&cargo).is_ok_and(|req| from.is_some_and(|v| req.matches(v)));
    if bare.is_none() && !admits {
        return None;
    }
    let Raised::To(new) = raised(&cargo, to) else {
        return None;
    };
    let protocol = bare.map_or("", |_| "workspace:");
    Some(format!("{protocol}{}", &new[exact.len()..]))
}

fn parsed(text: &str) -> Result<Value<'_>, String> {
    let found = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let found = found.map_err(|error| error.to_string())?;
    found.value.ok_or_else(|| "nothing in it".to_owned())
}

/// Byte order mark, which some editors write, and the JSON after it.
fn marked(text: &str) -> (&str, &str) {
    text.split_at(if text.starts_with('\u{feff}') { 3 } else { 0 })
}

fn top<'v, 't>(root: &'v Value<'t>) -> Result<&'v Object<'t>, String> {
    root.as_object().ok_or_else(|| "not an object".to_owned())
}

fn said(text: &StringLit<'_>) -> Option<Version> {
    Version::parse(&text.value).ok()
}

fn set(old: &StringLit<'_>, text: String) -> Replacement {
    Replacement::quoted(old.range.start..old.range.end, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn member(name: &str, folder: &str) -> Member {
        Member {
            name: Some(name.into()),
            folder: folder.into(),
            from: Some(v("0.1.0")),
        }
    }

    #[test]
    fn only_versions_change() {
        let text = "\u{feff}{\n\t\"version\" : \"0.1.0\",\n\t\"name\": \"@x/root\",\n\t\"workspaces\": [\"packages/*\"],\n  \"dependencies\": {\"@x/a\": \"^0.1.0\", \"@x/b\": \"0.1.0\", \"left-pad\": \"^0.1.0\"},\n\t\"devDependencies\": { \"@x/c\": \"workspace:*\", \"@x/d\": \"workspace:~0.1.0\" }\n}";
        let members = [
            member("@x/root", ""),
            member("@x/a", "packages/a"),
            member("@x/b", "packages/b"),
            member("@x/c", "packages/c"),
            member("@x/d", "packages/d"),
        ];
        let expected = text.replace("0.1.0", "0.2.0");
        let expected = expected.replace("left-pad\": \"^0.2.0", "left-pad\": \"^0.1.0");
        assert_eq!(
            bump_package(text, false, &v("0.2.0"), &members).unwrap(),
            expected
        );
        let windows = text.replace('\n', "\r\n");
        assert_eq!(
            bump_package(&windows, false, &v("0.2.0"), &members).unwrap(),
            expected.replace('\n', "\r\n")
        );
        let package = read(text).unwrap();
        assert_eq!(package.name.as_deref(), Some("@x/root"));
        assert_eq!(package.workspaces, ["packages/*"]);
        let yarn = read("{\"workspaces\": {\"packages\": [\"a\", \"b\"]}}").unwrap();
        assert_eq!(yarn.workspaces, ["a", "b"]);
        assert!(read("[]").is_err() && read("").is_err() && read("{").is_err());
    }

    #[test]
    fn requirements_keep_their_operator() {
        let from = v("0.1.5");
        for (old, new) in [
            ("^0.1.0", Some("^0.2.0")),
            ("~0.1.5", Some("~0.2.0")),
            ("=0.1.5", Some("=0.2.0")),
            ("0.1.5", Some("0.2.0")),
            ("^0.1", Some("^0.2")),
            ("0.1.x", Some("0.2.x")),
            ("workspace:^0.1.0", Some("workspace:^0.2.0")),
            ("workspace:0.0.1", Some("workspace:0.2.0")),
            ("0.1.4", None),
            ("^0.0.1", None),
            ("*", None),
            ("workspace:*", None),
            ("workspace:^", None),
            (">=0.1.0 <0.2.0", None),
            ("^0.1.0 || ^0.2.0", None),
            ("file:../a", None),
            ("npm:other@^0.1.0", None),
            ("latest", None),
        ] {
            let found = required(old, Some(&from), &v("0.2.0"));
            assert_eq!(found.as_deref(), new, "{old}");
        }
    }

    #[test]
    fn lock_files_of_all_versions() {
        let text = r#"{"name": "root", "version": "0.1.0", "lockfileVersion": 2, "packages": {
  "": {"name": "root", "version": "0.1.0", "workspaces": ["packages/*"]},
  "node_modules/a": {"resolved": "packages/a", "link": true},
  "node_modules/left-pad": {"version": "0.1.0"},
  "packages/a": {"version": "0.1.0", "dependencies": {"b": "^0.1.0", "left-pad": "^0.1.0"}},
  "packages/b": {"version": "0.1.0"}, "packages/own": {"version": "0.1.0"}},
 "dependencies": {"a": {"version": "file:packages/a", "requires": {"b": "^0.1.0", "left-pad": "^0.1.0"}},
  "left-pad": {"version": "0.1.0"}}}"#;
        let members = [
            member("root", ""),
            member("a", "packages/a"),
            member("b", "packages/b"),
        ];
        let after = bump_lock(text, &v("0.2.0"), &members).unwrap();
        let mut expected = text.replace("0.1.0", "0.2.0");
        for kept in [
            "\"left-pad\": \"^0.2.0\"",
            "left-pad\": {\"version\": \"0.2.0\"",
            "own\": {\"version\": \"0.2.0\"",
        ] {
            expected = expected.replace(kept, &kept.replace("0.2.0", "0.1.0"));
        }
        assert_eq!(after, expected);
        assert_eq!(locked(&after, &members).unwrap(), vec![v("0.2.0"); 4]);
    }

    #[test]
    fn lock_files_of_bun_pnpm_and_yarn() {
        let members = [member("root", ""), member("@x/a", "packages/a")];
        let bun = r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "root", "dependencies": { "@x/a": "^0.1.0", "left-pad": "^0.1.0", }, },
    "packages/a": { "name": "@x/a", "version": "0.1.0", },
  },
  "packages": { "left-pad": ["left-pad@0.1.0", "", {}, "sha512-x"], },
}"#;
        let after = bump_lock(bun, &v("0.2.0"), &members).unwrap();
        let expected = bun.replace("@x/a\": \"^0.1.0", "@x/a\": \"^0.2.0");
        assert_eq!(
            after,
            expected.replace("\"version\": \"0.1.0", "\"version\": \"0.2.0")
        );
        let pnpm = "importers:\n\n  .:\n    dependencies:\n      '@x/a':\n        specifier: workspace:^0.1.0\n        version: link:packages/a\n      left-pad:\n        specifier: ^0.1.0\n        version: 0.1.0\n";
        assert_eq!(
            bump_pnpm(pnpm, &v("0.2.0"), &members),
            pnpm.replace("workspace:^0.1.0", "workspace:^0.2.0")
        );
        let yarn = "# x\n\n__metadata:\n  version: 8\n\n\"@x/a@npm:^0.1.0, @x/a@workspace:packages/a\":\n  version: 0.0.0-use.local\n";
        assert_eq!(stale_in_yarn(yarn, &v("0.2.0"), &members), Some("@x/a"));
        let workspace = yarn.replace("npm:^0.1.0", "workspace:*");
        assert_eq!(stale_in_yarn(&workspace, &v("0.2.0"), &members), None);
        assert!(locks_any(bun, "", &["packages/a"]) == Ok(false));
        let npm = r#"{"packages": {"": {}, "../..": {"version": "0.1.0"}}}"#;
        assert!(locks_any(npm, "examples/demo", &[""]) == Ok(true));
        assert!(locks_any(npm, "examples", &[""]) == Ok(false));
    }
}
