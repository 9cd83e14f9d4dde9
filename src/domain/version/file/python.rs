//! pyproject.toml, Python modules that contain their version, and the spelling of versions in Python (PEP 440).

use regex_lite::Regex;
use semver::{Prerelease, Version};
use toml_edit::{Document, Item, Value};

use crate::domain::version::core;
use crate::domain::version::file::code;
use crate::domain::version::file::edit::{Bumped, Replacement, applied};
use crate::domain::version::file::paths::joined;
use crate::domain::version::form::Form;

/// Names of modules that contain a version.
pub const MODULES: [&str; 5] = [
    "__about__.py",
    "__init__.py",
    "__version__.py",
    "_version.py",
    "version.py",
];

/// Names in a uv.lock for sources that are directories of this repository.
const SOURCES: [&str; 3] = ["editable", "virtual", "directory"];

/// Fields of a project's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PythonProject {
    /// `project.name`, else `tool.poetry.name`.
    pub name: Option<String>,
    /// `project.version`, else `tool.poetry.version`.
    pub version: Option<Version>,
    /// Text in the place of the version that is not a version, or has no equivalent in SemVer.
    pub odd: Option<String>,
    /// Whether `project.dynamic` lists the version: then a build tool computes it.
    pub dynamic: bool,
    /// Files from which the tool may take it in this case, relative to the project's directory.
    pub places: Vec<String>,
    /// `tool.uv.workspace.members` and its `exclude`: globs, as written.
    pub members: Vec<String>,
    pub exclude: Vec<String>,
}

/// Parses a pyproject.toml.
///
/// # Errors
/// Fails with the text of the TOML error.
pub fn read(text: &str) -> Result<PythonProject, String> {
    let doc = parsed(text)?;
    let dynamic = is_dynamic(&doc);
    let said = versions(&doc).find_map(|item| version(item.as_str()?));
    let odd = versions(&doc).filter_map(Item::as_str).next();
    let uv = doc
        .get("tool")
        .and_then(|tool| tool.get("uv")?.get("workspace"));
    let globs = |key: &str| -> Vec<String> {
        let list = uv.and_then(|workspace| workspace.get(key)?.as_array());
        let words = list.into_iter().flatten().filter_map(Value::as_str);
        words.map(str::to_owned).collect()
    };
    Ok(PythonProject {
        name: of_project(&doc, "name").find_map(|item| Some(item.as_str()?.to_owned())),
        odd: odd
            .filter(|_| said.is_none() && !dynamic)
            .map(str::to_owned),
        version: said.filter(|_| !dynamic),
        dynamic,
        places: if dynamic { places(&doc) } else { Vec::new() },
        members: globs("members"),
        exclude: globs("exclude"),
    })
}

/// Sets the version of a pyproject.toml, unless it is versioned independently, and its requirements on `members`: names and their current
/// versions.
///
/// # Errors
/// Fails with the text of the TOML error, or with what PEP 440 cannot express.
pub fn bump_project(
    text: &str,
    own_way: bool,
    to: &Version,
    members: &[(String, Version)],
) -> Result<Bumped, String> {
    let doc = parsed(text)?;
    let mut edits = Vec::new();
    for item in versions(&doc).filter(|_| !own_way && !is_dynamic(&doc)) {
        let spelled = spelled_as(item.as_str().unwrap_or_default(), to)?;
        edits.extend(item.span().map(|at| Replacement::quoted(at, spelled)));
    }
    let mut odd = Vec::new();
    for value in requirements(&doc) {
        let Some((name, requirement)) = value.as_str().and_then(parts) else {
            continue;
        };
        let member = members.iter().find(|(own, _)| normal(own) == normal(name));
        let (Some((_, from)), Some(at)) = (member, value.span()) else {
            continue;
        };
        match pinned(requirement) {
            Some(said) if version(said).as_ref() == Some(from) => {
                if let Some(found) = text[at.clone()].find(said) {
                    let start = at.start + found;
                    let text = spelled_as(said, to)?;
                    let at = start..start + said.len();
                    edits.push(Replacement { at, text });
                }
            }
            None if excludes(requirement, to) => {
                odd.push((name.to_owned(), requirement.trim().to_owned()));
            }
            _ => {}
        }
    }
    Ok(Bumped {
        text: applied(text, edits),
        odd,
    })
}

/// All requirements of a project: its own, its extras' and its groups'.
fn requirements<'d>(doc: &'d Document<&str>) -> Vec<&'d Value> {
    let project = doc.get("project");
    let own = project.and_then(|project| project.get("dependencies"));
    let extras = project.and_then(|project| project.get("optional-dependencies"));
    let tables = [extras, doc.get("dependency-groups")].into_iter().flatten();
    let tables = tables.filter_map(Item::as_table_like);
    let listed = tables.flat_map(|table| table.iter().map(|(_, item)| item).collect::<Vec<_>>());
    let lists = own.into_iter().chain(listed).filter_map(Item::as_array);
    lists.flatten().collect()
}

/// Name in a requirement (PEP 508), and its versions.
fn parts(requirement: &str) -> Option<(&str, &str)> {
    let bare = requirement.split([';', '@']).next()?.trim();
    let end = bare.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c));
    let (name, rest) = bare.split_at(end.unwrap_or(bare.len()));
    let rest = match rest.trim_start().strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1,
        None => rest,
    };
    Some((name, rest.trim_matches(['(', ')', ' '])))
}

/// Version in a requirement that admits a single version, or a single line: `==1.2.0`, `~=1.2`.
fn pinned(requirement: &str) -> Option<&str> {
    let operators = ["===", "==", "~="];
    let rest = operators
        .iter()
        .find_map(|operator| requirement.strip_prefix(operator))?;
    (!rest.contains(',')).then(|| rest.trim())
}

/// Whether an upper bound excludes a version.
fn excludes(requirement: &str, to: &Version) -> bool {
    requirement.split(',').any(|clause| {
        let clause = clause.trim();
        if let Some(most) = clause.strip_prefix("<=") {
            version(most).is_some_and(|most| *to > most)
        } else if let Some(bound) = clause.strip_prefix('<') {
            version(bound).is_some_and(|bound| *to >= bound)
        } else {
            false
        }
    })
}

/// Files that a setup.cfg names as source of its project's version, relative to its directory.
pub fn places_of_setup(text: &str) -> Vec<String> {
    let Ok(pattern) =
        Regex::new(r"(?m)^version[ \t]*[=:][ \t]*(attr|file)[ \t]*:[ \t]*([^#\r\n]+)")
    else {
        return Vec::new();
    };
    let Some(found) = pattern.captures(text) else {
        return Vec::new();
    };
    let said = found[2].trim();
    if &found[1] == "file" {
        return said.split(',').map(|path| path.trim().to_owned()).collect();
    }
    let module = said.rsplit_once('.').map(|(name, _)| modules(name));
    module.unwrap_or_default()
}

/// First version in a module.
pub fn read_module(path: &str, text: &str) -> Option<Version> {
    let mut found = assignments(path, text);
    found.find_map(|(_, said)| version(said))
}

/// Sets the version of a module, wherever it is the same as the first one.
///
/// # Errors
/// Fails with what PEP 440 cannot express.
pub fn bump_module(path: &str, text: &str, to: &Version) -> Result<String, String> {
    let Some(from) = read_module(path, text) else {
        return Ok(text.to_owned());
    };
    let same = assignments(path, text).filter(|(_, said)| version(said).as_ref() == Some(&from));
    let mut edits = Vec::new();
    for (at, said) in same {
        edits.push(Replacement {
            at: at..at + said.len(),
            text: spelled_as(said, to)?,
        });
    }
    Ok(applied(text, edits))
}

/// A version in the spelling of Python packages, with as many numbers and zeros as the previous one: 26.0.0 is `26.0` after `25.2`.
///
/// # Errors
/// Fails like [`spelled`].
pub fn spelled_as(before: &str, version: &Version) -> Result<String, String> {
    let spelled = spelled(version)?;
    let plain = core(version);
    let Some((_, form)) = Form::read(before.trim()) else {
        return Ok(spelled);
    };
    let label = &spelled[plain.to_string().len()..];
    Ok(format!("{}{label}", form.write(&plain)))
}

/// A version in the spelling of Python packages: `0.2.0-rc.1` is `0.2.0rc1`.
///
/// # Errors
/// Fails for pre-releases that PEP 440 cannot express, and for build metadata.
pub fn spelled(version: &Version) -> Result<String, String> {
    let odd = || {
        format!(
            "Python has no spelling for {version} (PEP 440); choose alpha, beta, rc or dev with a number, as in 1.2.0-rc.1"
        )
    };
    if !version.build.is_empty() {
        return Err(odd());
    }
    let core = format!("{}.{}.{}", version.major, version.minor, version.patch);
    if version.pre.is_empty() {
        return Ok(core);
    }
    let (word, number) = version.pre.split_once('.').unwrap_or((&version.pre, "0"));
    let number: u64 = number.parse().map_err(|_| odd())?;
    let word = match word.to_ascii_lowercase().as_str() {
        "alpha" | "a" => "a",
        "beta" | "b" => "b",
        "rc" => "rc",
        "dev" => ".dev",
        _ => return Err(odd()),
    };
    Ok(format!("{core}{word}{number}"))
}

/// SemVer version for a version in Python's spelling; `None` if there is no equivalent: epochs, post-releases, four numbers.
pub fn version(spelled: &str) -> Option<Version> {
    // Pattern of PEP 440, appendix B, without those.
    let pattern = r"^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-_.]?(alpha|a|beta|b|c|rc|preview|pre|dev)[-_.]?(\d*))?$";
    let lower = spelled.trim().to_lowercase();
    let found = Regex::new(pattern).ok()?.captures(&lower)?;
    let number = |at: usize| -> Option<u64> {
        let text = found.get(at).map_or("", |part| part.as_str());
        if text.is_empty() {
            Some(0)
        } else {
            text.parse().ok()
        }
    };
    let mut version = Version::new(number(1)?, number(2)?, number(3)?);
    if let Some(word) = found.get(4) {
        let word = match word.as_str() {
            "a" | "alpha" => "alpha",
            "b" | "beta" => "beta",
            "dev" => "dev",
            _ => "rc",
        };
        version.pre = Prerelease::new(&format!("{word}.{}", number(5)?)).ok()?;
    }
    Some(version)
}

fn parsed(text: &str) -> Result<Document<&str>, String> {
    Document::parse(text).map_err(|error| error.to_string())
}

fn is_dynamic(doc: &Document<&str>) -> bool {
    let list = doc.get("project").and_then(|p| p.get("dynamic"));
    let mut list = list.and_then(Item::as_array).into_iter().flatten();
    list.any(|value| Value::as_str(value) == Some("version"))
}

fn versions<'d>(doc: &'d Document<&str>) -> impl Iterator<Item = &'d Item> {
    of_project(doc, "version").filter(|item| item.is_str())
}

/// Items under a key in `project` and `tool.poetry`.
fn of_project<'d>(doc: &'d Document<&str>, key: &str) -> impl Iterator<Item = &'d Item> {
    let project = doc.get("project").and_then(|p| p.get(key));
    let poetry = doc.get("tool").and_then(|t| t.get("poetry")?.get(key));
    [project, poetry].into_iter().flatten()
}

/// Paths that a module may have: beside the project's file or below `src`.
fn modules(name: &str) -> Vec<String> {
    let path = name.trim().replace('.', "/");
    let below = |root: &str| {
        [
            format!("{root}{path}.py"),
            format!("{root}{path}/__init__.py"),
        ]
    };
    [below(""), below("src/")].concat()
}

/// Files that the version of a project may come from: setuptools' `attr` and `file`, `path` of Hatch and PDM, the module for Flit.
fn places(doc: &Document<&str>) -> Vec<String> {
    let tool = |names: &[&str]| {
        let mut item = doc.get("tool")?;
        for name in names {
            item = item.get(name)?;
        }
        Some(item)
    };
    let setuptools = |key: &str| tool(&["setuptools", "dynamic", "version", key]);
    let mut places = Vec::new();
    let attr = setuptools("attr").and_then(Item::as_str);
    if let Some((name, _)) = attr.and_then(|attr| attr.rsplit_once('.')) {
        places.extend(modules(name));
    }
    let files = setuptools("file");
    let several = files.and_then(Item::as_array).into_iter().flatten();
    places.extend(several.filter_map(Value::as_str).map(str::to_owned));
    let one = files.and_then(Item::as_str);
    let hatch = tool(&["hatch", "version", "path"]).and_then(Item::as_str);
    let pdm = tool(&["pdm", "version", "path"]).and_then(Item::as_str);
    places.extend([one, hatch, pdm].into_iter().flatten().map(str::to_owned));
    let backend = doc.get("build-system").and_then(|b| b.get("build-backend"));
    let is_flit = backend
        .and_then(Item::as_str)
        .is_some_and(|b| b.starts_with("flit"));
    if is_flit {
        let own = tool(&["flit", "module", "name"]).and_then(Item::as_str);
        let name = own.or_else(|| of_project(doc, "name").find_map(Item::as_str));
        places.extend(
            name.into_iter()
                .flat_map(|name| modules(&name.replace('-', "_"))),
        );
    }
    places
}

/// Whether a uv.lock contains projects of these directories, which are relative to the root; `folder` is that of the lock file.
///
/// # Errors
/// Fails with the text of the TOML error.
pub fn locks_any(text: &str, folder: &str, folders: &[&str]) -> Result<bool, String> {
    let doc = parsed(text)?;
    let packages = doc.get("package").and_then(Item::as_array_of_tables);
    let mut sources = packages.into_iter().flatten().filter_map(|package| {
        let source = package.get("source")?;
        SOURCES.iter().find_map(|key| source.get(key)?.as_str())
    });
    Ok(sources
        .any(|path| joined(folder, path).is_some_and(|path| folders.contains(&path.as_str()))))
}

/// Sets the version of the projects in a uv.lock that have a path as their source.
///
/// # Errors
/// Fails with the text of the TOML error, or with what PEP 440 cannot express.
pub fn bump_lock(text: &str, to: &Version, projects: &[String]) -> Result<String, String> {
    let doc = parsed(text)?;
    let spelled = spelled(to)?;
    let edits = own_packages(&doc, projects).filter_map(Item::span);
    let edits = edits.map(|at| Replacement::quoted(at, spelled.clone()));
    Ok(applied(text, edits.collect()))
}

/// Versions of these projects in a uv.lock.
///
/// # Errors
/// Fails with the text of the TOML error.
pub fn locked(text: &str, projects: &[String]) -> Result<Vec<Version>, String> {
    let doc = parsed(text)?;
    let own = own_packages(&doc, projects);
    Ok(own.filter_map(|item| version(item.as_str()?)).collect())
}

fn own_packages<'d>(
    doc: &'d Document<&str>,
    projects: &'d [String],
) -> impl Iterator<Item = &'d Item> {
    let packages = doc.get("package").and_then(Item::as_array_of_tables);
    packages.into_iter().flatten().filter_map(|package| {
        let name = normal(package.get("name")?.as_str()?);
        let source = package.get("source")?;
        let is_here = SOURCES.iter().any(|key| source.get(key).is_some());
        let is_ours = projects.iter().any(|project| normal(project) == name);
        package
            .get("version")
            .filter(|item| is_here && is_ours && item.is_str())
    })
}

/// A name in the normalised form that package indexes compare.
fn normal(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

/// Top-level assignments of a version in a module: offset and text between the quotes.
fn assignments<'t>(path: &str, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
    let name = match path.rsplit('/').next() {
        Some("version.py" | "_version.py") => "(?:__version__|VERSION|version)",
        _ => "(?:__version__|VERSION)",
    };
    let pattern = format!(
        r#"(?m)^{name}[ \t]*(?::[^=\n]+)?=[ \t]*(?:version[ \t]*=[ \t]*)?(?:"([^"\n]*)"|'([^'\n]*)')"#
    );
    let found = code::places(&pattern, text).into_iter();
    found.map(|at| (at.start, &text[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_version_keeps_the_form_of_the_one_before_it() {
        for (before, to, expected) in [
            ("25.2", "26.0.0", "26.0"),
            ("25.2", "25.2.1", "25.2.1"),
            ("24.01.0", "24.2.0", "24.02.0"),
            ("1.2.3", "1.3.0-rc.1", "1.3.0rc1"),
            ("25.2", "26.0.0-rc.1", "26.0rc1"),
            ("8.0.0rc1", "8.0.0", "8.0.0"),
        ] {
            let text = format!("[project]\nname = \"x\"\nversion = \"{before}\"\n");
            let bumped = bump_project(&text, false, &v(to), &[]).unwrap().text;
            assert_eq!(bumped, text.replace(before, expected));
            let module = format!("__version__ = \"{before}\"\n");
            let bumped = bump_module("x.py", &module, &v(to)).unwrap();
            assert_eq!(bumped, module.replace(before, expected));
        }
    }

    #[test]
    fn versions_are_spelled_as_python_does() {
        for (semver, python) in [
            ("0.2.0", "0.2.0"),
            ("0.2.0-rc.1", "0.2.0rc1"),
            ("0.2.0-alpha.1", "0.2.0a1"),
            ("0.2.0-beta.12", "0.2.0b12"),
            ("0.2.0-dev.1", "0.2.0.dev1"),
        ] {
            assert_eq!(spelled(&v(semver)).as_deref(), Ok(python));
            assert_eq!(version(python), Some(v(semver)));
        }
        for (python, semver) in [
            ("1.2", "1.2.0"),
            ("v1.2.3", "1.2.3"),
            ("1.2.3-RC_4", "1.2.3-rc.4"),
            ("1.2.3c4", "1.2.3-rc.4"),
            ("1.2.3a", "1.2.3-alpha.0"),
        ] {
            assert_eq!(version(python), Some(v(semver)), "{python}");
        }
        for odd in [
            "1!1.0",
            "1.0.post1",
            "1.2.3.4",
            "1.0a1.dev2",
            "{version}",
            "",
        ] {
            assert_eq!(version(odd), None, "{odd}");
        }
        for odd in ["1.0.0-nightly.1", "1.0.0-rc.1.2", "1.0.0+x", "1.0.0-rc1"] {
            assert!(spelled(&v(odd)).is_err(), "{odd}");
        }
    }

    #[test]
    fn only_the_version_of_the_project_changes() {
        let text = "[build-system]\nrequires = [\"hatchling>=1.0.0\"]\n\n[project]\nname = \"djp\"\nversion='1.0.0'  # here\ndependencies = [\"x==1.0.0\"]\n[tool.poetry]\nversion = \"1.0.0\"\n";
        for ending in ["\n", "\r\n"] {
            let text = text.replace('\n', ending);
            let after = bump_project(&text, false, &v("1.1.0-rc.1"), &[]);
            let after = after.unwrap().text;
            let expected = text.replace("'1.0.0'", "'1.1.0rc1'");
            let expected = expected.replace("\"1.0.0\"", "\"1.1.0rc1\"");
            assert_eq!(after, expected);
            assert_eq!(read(&after).unwrap().version, Some(v("1.1.0-rc.1")));
        }
        let named = "[project]\nname = \"My_Pkg.x\"\nversion = \"1.0.post1\"\n";
        let read_named = read(named).unwrap();
        assert_eq!(read_named.name.as_deref(), Some("My_Pkg.x"));
        assert_eq!(read_named.odd.as_deref(), Some("1.0.post1"));
        let lock = "version = 1\n\n[[package]]\nname = \"dep\"\nversion = \"1.0.0\"\nsource = { registry = \"x\" }\n\n[[package]]\nname = \"my-pkg-x\"\nversion = \"1.0.0\"\nsource = { editable = \".\" }\n";
        let projects = ["My_Pkg.x".to_owned(), "dep".to_owned()];
        let after = bump_lock(lock, &v("1.1.0-rc.1"), &projects).unwrap();
        assert_eq!(
            after,
            lock.replace("1.0.0\"\nsource = { ed", "1.1.0rc1\"\nsource = { ed")
        );
        assert_eq!(locked(&after, &projects).unwrap(), [v("1.1.0-rc.1")]);
        let dynamic = "[project]\ndynamic = [\"version\"]\n[tool.poetry]\nversion = \"0\"\n";
        assert!(read(dynamic).unwrap().dynamic && read(dynamic).unwrap().version.is_none());
        let after = bump_project(dynamic, false, &v("1.0.0"), &[]).unwrap();
        assert_eq!(after.text, dynamic);
        assert_eq!(read("[tool.black]\n").unwrap(), PythonProject::default());
    }

    #[test]
    fn requirements_on_members_follow() {
        let text = "[project]\nname = \"x\"\nversion = \"3.0.0\"\ndependencies = [\n  \"lamp_core==1.0.0\",\n  \"lamp-cli[all] ~= 1.0 ; python_version > '3'\",\n  'lamp-db>=1.0,<1.1', \"lamp-old==0.9\", \"lamp-at @ file:///x\", \"other==1.0.0\",\n]\n[dependency-groups]\ndev = [\"Lamp.Core===1.0.0\", {include-group = \"x\"}]\n";
        let names = ["lamp-core", "lamp-cli", "lamp-db", "lamp-old", "lamp-at"];
        let members = names.map(|name| (name.to_owned(), v("1.0.0")));
        let after = bump_project(text, true, &v("1.1.0"), &members).unwrap();
        let expected = text
            .replace("core==1.0.0", "core==1.1.0")
            .replace("~= 1.0 ", "~= 1.1 ")
            .replace("===1.0.0", "===1.1.0");
        assert_eq!(after.text, expected);
        let odd = ("lamp-db".to_owned(), ">=1.0,<1.1".to_owned());
        assert_eq!(after.odd, [odd]);
    }

    #[test]
    fn setup_cfg_may_name_where_the_version_is() {
        for (text, places) in [
            (
                "[metadata]\nversion = file: VERSION, x.txt\n",
                vec!["VERSION", "x.txt"],
            ),
            (
                "version= attr:lamp.__version__\r\n",
                vec![
                    "lamp.py",
                    "lamp/__init__.py",
                    "src/lamp.py",
                    "src/lamp/__init__.py",
                ],
            ),
            ("version = 1.0\n", vec![]),
        ] {
            assert_eq!(places_of_setup(text), places);
        }
    }

    #[test]
    fn modules_keep_quotes_and_what_is_behind() {
        for (path, before, after) in [
            (
                "src/__init__.py",
                "\"\"\"Text 1.0.0.\"\"\"\r\n__version__ = '1.0.0'  # noqa\r\n",
                "\"\"\"Text 1.0.0.\"\"\"\r\n__version__ = '1.1.0'  # noqa\r\n",
            ),
            (
                "a/_version.py",
                "__version__: str = \"1.0\"\n",
                "__version__: str = \"1.1\"\n",
            ),
            (
                "a/_version.py",
                "__version__ = version = '1.0.0'\n",
                "__version__ = version = '1.1.0'\n",
            ),
            (
                "version.py",
                "version=\"1.0.0\"\n__version__ = \"1.0.0\"\nversion_of_api = \"1.0.0\"\n",
                "version=\"1.1.0\"\n__version__ = \"1.1.0\"\nversion_of_api = \"1.0.0\"\n",
            ),
        ] {
            assert_eq!(bump_module(path, before, &v("1.1.0")).unwrap(), after);
        }
        for other in [
            "version = \"1.0.0\"\n",
            "    __version__ = \"1.0.0\"\n",
            "__version__ = get()\n",
            "__version__ == \"1.0.0\"\n",
        ] {
            assert_eq!(read_module("src/__init__.py", other), None, "{other}");
        }
    }
}
