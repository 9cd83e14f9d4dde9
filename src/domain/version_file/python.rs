//! pyproject.toml, Python modules that name their version, and the spelling of versions in Python (PEP 440).

use regex_lite::{Captures, Regex};
use semver::{Prerelease, Version};
use toml_edit::{Document, Item, Value};

use super::{Edit, applied};

/// Names of modules that hold a version.
pub const MODULES: [&str; 5] = [
    "__about__.py",
    "__init__.py",
    "__version__.py",
    "_version.py",
    "version.py",
];

/// What a project's file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// `project.version`, else `tool.poetry.version`.
    pub version: Option<Version>,
    /// `project.dynamic` lists the version: a build tool computes it.
    pub dynamic: bool,
}

/// Reads a pyproject.toml.
///
/// # Errors
/// The TOML error's text.
pub fn read(text: &str) -> Result<Project, String> {
    let doc = parsed(text)?;
    let dynamic = is_dynamic(&doc);
    let said = versions(&doc).find_map(|item| version(item.as_str()?));
    Ok(Project {
        version: said.filter(|_| !dynamic),
        dynamic,
    })
}

/// Sets the version of a pyproject.toml.
///
/// # Errors
/// The TOML error's text, or what PEP 440 has no word for.
pub fn bump_project(text: &str, to: &Version) -> Result<String, String> {
    let doc = parsed(text)?;
    if is_dynamic(&doc) {
        return Ok(text.to_owned());
    }
    let spelled = spelled(to)?;
    let edits = versions(&doc).filter_map(Item::span);
    let edits = edits.map(|at| Edit::quoted(at, spelled.clone()));
    Ok(applied(text, edits.collect()))
}

/// The version that a module names: the first.
pub fn read_module(path: &str, text: &str) -> Option<Version> {
    let mut found = assignments(path, text);
    found.find_map(|(_, said)| version(said))
}

/// Sets the version of a module, wherever it names the one that it names first.
///
/// # Errors
/// What PEP 440 has no word for.
pub fn bump_module(path: &str, text: &str, to: &Version) -> Result<String, String> {
    let Some(from) = read_module(path, text) else {
        return Ok(text.to_owned());
    };
    let spelled = spelled(to)?;
    let same = assignments(path, text).filter(|(_, said)| version(said).as_ref() == Some(&from));
    let edits = same.map(|(at, said)| Edit {
        at: at..at + said.len(),
        text: spelled.clone(),
    });
    Ok(applied(text, edits.collect()))
}

/// A version as Python packages spell it: `0.2.0-rc.1` is `0.2.0rc1`.
///
/// # Errors
/// Pre-releases that PEP 440 has no word for, and build metadata.
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
    let word = match word {
        "alpha" | "a" => "a",
        "beta" | "b" => "b",
        "rc" => "rc",
        "dev" => ".dev",
        _ => return Err(odd()),
    };
    Ok(format!("{core}{word}{number}"))
}

/// A version that Python spells, as SemVer; `None` for what SemVer has no place for: epochs, post-releases, four numbers.
pub fn version(spelled: &str) -> Option<Version> {
    // PEP 440, appendix B, without those.
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
    let project = doc.get("project").and_then(|p| p.get("version"));
    let poetry = doc
        .get("tool")
        .and_then(|t| t.get("poetry")?.get("version"));
    let both = [project, poetry].into_iter().flatten();
    both.filter(|item| item.is_str())
}

/// Where a module assigns a version at its top level, and what stands between the quotes.
fn assignments<'t>(path: &str, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
    let name = match path.rsplit('/').next() {
        Some("version.py" | "_version.py") => "(?:__version__|version)",
        _ => "__version__",
    };
    let pattern = format!(
        r#"(?m)^{name}[ \t]*(?::[^=\n]+)?=[ \t]*(?:version[ \t]*=[ \t]*)?(?:"([^"\n]*)"|'([^'\n]*)')"#
    );
    let found: Vec<Captures<'t>> = match Regex::new(&pattern) {
        Ok(pattern) => pattern.captures_iter(text).collect(),
        Err(_) => Vec::new(),
    };
    let groups = found
        .into_iter()
        .filter_map(|one| one.get(1).or(one.get(2)));
    groups.map(|group| (group.start(), group.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
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
            let after = bump_project(&text, &v("1.1.0-rc.1")).unwrap();
            let expected = text.replace("'1.0.0'", "'1.1.0rc1'");
            let expected = expected.replace("\"1.0.0\"", "\"1.1.0rc1\"");
            assert_eq!(after, expected);
            assert_eq!(read(&after).unwrap().version, Some(v("1.1.0-rc.1")));
        }
        let dynamic = "[project]\ndynamic = [\"version\"]\n[tool.poetry]\nversion = \"0\"\n";
        assert!(read(dynamic).unwrap().dynamic && read(dynamic).unwrap().version.is_none());
        assert_eq!(bump_project(dynamic, &v("1.0.0")).unwrap(), dynamic);
        assert_eq!(read("[tool.black]\n").unwrap(), Project::default());
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
                "__version__: str = \"1.1.0\"\n",
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
