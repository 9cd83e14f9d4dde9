//! Files that contain their project's version in one place: the table of their names, and where that place is.
//!
//! JSON and Maven's XML are parsed. The others have a pattern that is anchored where the format puts the project's own version, so versions
//! of dependencies, plugins and parents are not found. A place with anything but a version, such as `attr: lamp.VERSION` or
//! `Lamp::VERSION`, is skipped.

use std::ops::Range;

use regex_lite::Regex;
use semver::Version;

use crate::domain::version::file::edit::{Replacement, applied};
use crate::domain::version::file::{code, npm, pom, python};
use crate::domain::version::form::{self, Form};

/// A file that contains the version of its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    /// File name, or `*` and an extension.
    pub name: &'static str,
    reader: Reader,
    spelling: Spelling,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// `version` of the outermost object; comments are allowed.
    Json,
    /// Version of Maven's `project`.
    Pom,
    /// First group of a regular expression.
    Pattern(&'static str),
    /// First group of a regular expression in code, outside of strings and comments.
    Code(&'static str),
    /// Argument of a call of `setup` in Python.
    Setup,
    /// First group of a regular expression, and a second expression for further places that have the same version.
    With(&'static str, &'static str),
}

/// Spelling of pre-releases in an ecosystem: `1.2.0-rc.1`, `1.2.0rc1` or `1.2.0.rc1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    SemVer,
    Python,
    Ruby,
}

const fn file(name: &'static str, reader: Reader, spelling: Spelling) -> KnownFile {
    KnownFile {
        name,
        reader,
        spelling,
    }
}

/// The whole file; a `v` before the version is kept.
const WHOLE: Reader = Reader::Pattern(r"\A\s*v?(\S+)\s*\z");

/// `version` at the top level of a build script, or within `allprojects` or `subprojects`; a `version` after `id` is a plugin's.
const GRADLE: Reader = Reader::Pattern(
    r#"(?m)^(?:(?:allprojects|subprojects)[ \t]*\{[^{}]*?^[ \t]*)?(?:project\.)?version[ \t]*=?[ \t]*["']([^"'$\n]+)["']"#,
);

/// All known files, those that define a package first.
pub const FILES: &[KnownFile] = &[
    // Within `[metadata]`: lines up to the next `[`.
    file(
        "setup.cfg",
        Reader::Pattern(
            r"(?m)^\[metadata\][ \t]*\r?\n(?:(?:[^\[\r\n][^\n]*|\r)?\n)*?version[ \t]*[=:][ \t]*(\S+)[ \t]*\r?$",
        ),
        Spelling::Python,
    ),
    file("setup.py", Reader::Setup, Spelling::Python),
    file("pom.xml", Reader::Pom, Spelling::SemVer),
    file("build.gradle", GRADLE, Spelling::SemVer),
    file("build.gradle.kts", GRADLE, Spelling::SemVer),
    file(
        "gradle.properties",
        Reader::Pattern(
            r"(?m)^[ \t]*(?:version|projectVersion|VERSION_NAME)[ \t]*[=:][ \t]*(\S+)[ \t]*\r?$",
        ),
        Spelling::SemVer,
    ),
    file("composer.json", Reader::Json, Spelling::SemVer),
    // The build number of `1.2.0+45` is not part of the version and is kept.
    file(
        "pubspec.yaml",
        Reader::Pattern(r#"(?m)^version:[ \t]*["']?([^"'#\s+]+)"#),
        Spelling::SemVer,
    ),
    file("deno.json", Reader::Json, Spelling::SemVer),
    file("deno.jsonc", Reader::Json, Spelling::SemVer),
    file("jsr.json", Reader::Json, Spelling::SemVer),
    file(
        "*.gemspec",
        Reader::Pattern(r#"(?m)^[ \t]*\w+\.version[ \t]*=[ \t]*["']([^"'\n]+)["']"#),
        Spelling::Ruby,
    ),
    file(
        "version.rb",
        Reader::Pattern(r#"(?m)^[ \t]*VERSION[ \t]*=[ \t]*["']([^"'\n]+)["']"#),
        Spelling::Ruby,
    ),
    file(
        "mix.exs",
        Reader::Code(r#"(?m)^[ \t]*(?:@version[ \t]+|version:[ \t]*)"([^"\n]+)""#),
        Spelling::SemVer,
    ),
    // Before the first table.
    file(
        "gleam.toml",
        Reader::Pattern(r#"\A(?:[^\[\n][^\n]*\n|\n)*?version[ \t]*=[ \t]*"([^"\n]+)""#),
        Spelling::SemVer,
    ),
    // At the left margin, where no dependency's version is found.
    file(
        "Chart.yaml",
        Reader::With(
            r#"(?m)^version:[ \t]*["']?v?([^"'#\s]+)"#,
            r#"(?m)^appVersion:[ \t]*["']?v?([^"'#\s]+)"#,
        ),
        Spelling::SemVer,
    ),
    file("VERSION", WHOLE, Spelling::SemVer),
    file("VERSION.txt", WHOLE, Spelling::SemVer),
    file("version.txt", WHOLE, Spelling::SemVer),
];

impl Reader {
    /// Ranges of the version in a text; empty for JSON and Maven, which are parsed instead.
    fn places(self, text: &str) -> Vec<Range<usize>> {
        match self {
            Reader::Json | Reader::Pom => Vec::new(),
            Reader::Pattern(own) | Reader::With(own, _) => places(own, text),
            Reader::Code(own) => code::places(own, text),
            Reader::Setup => code::places_of_setup(text),
        }
    }
}

impl KnownFile {
    /// Known file for a path. A `version.rb` must be below a `lib` directory.
    pub fn of_path(path: &str) -> Option<&'static KnownFile> {
        let mut folders = path.split('/');
        let name = folders.next_back()?;
        let fits = |file: &&KnownFile| match file.name.strip_prefix('*') {
            Some(ending) => name.len() > ending.len() && name.ends_with(ending),
            None => file.name == name,
        };
        let found = FILES.iter().find(fits)?;
        let is_in_place = found.name != "version.rb" || folders.any(|folder| folder == "lib");
        is_in_place.then_some(found)
    }

    /// A file that contains only the version.
    pub fn whole() -> &'static KnownFile {
        static PLAIN: KnownFile = file("VERSION", WHOLE, Spelling::SemVer);
        &PLAIN
    }

    /// Whether the file is a pom.xml of Maven.
    pub fn is_pom(&self) -> bool {
        self.reader == Reader::Pom
    }

    /// Version in a file; `None` if it has none, or takes it from elsewhere.
    pub fn read(&self, text: &str) -> Option<Version> {
        match self.reader {
            Reader::Json => npm::read(text).ok()?.version,
            Reader::Pom => {
                let read = pom::read(text);
                self.said(&text[read.version?])
            }
            reader => {
                let mut places = reader.places(text).into_iter();
                places.find_map(|at| self.said(&text[at]))
            }
        }
    }

    /// Text in the place of the version that begins with a digit but is not a version.
    pub fn odd(&self, text: &str) -> Option<String> {
        let first = match self.reader {
            Reader::Json => return npm::read(text).ok()?.odd,
            Reader::Pom => pom::read(text).version?,
            reader => reader.places(text).into_iter().next()?,
        };
        let said = &text[first];
        let is_number = said.starts_with(|c: char| c.is_ascii_digit());
        (is_number && self.said(said).is_none()).then(|| said.to_owned())
    }

    /// Source of the version if the file does not contain it: a property or the parent in Maven, a constant in Ruby.
    pub fn elsewhere(&self, text: &str) -> Option<String> {
        const CONSTANT: &str = r"(?m)^[ \t]*\w+\.version[ \t]*=[ \t]*([A-Z]\w*(?:::\w+)*)";
        let said = if self.is_pom() {
            let read = pom::read(text);
            match (read.version, read.parent) {
                (Some(at), _) => Some(text[at].to_owned()).filter(|said| said.contains("${")),
                (None, parent) => return parent.map(|parent| format!("its parent {parent}")),
            }
        } else if self.name == "*.gemspec" {
            let mut constants = places(CONSTANT, text).into_iter();
            constants.next().map(|at| text[at].to_owned())
        } else {
            None
        };
        said.map(|said| format!("`{said}`"))
    }

    /// Text with the project's own version changed from `from` to `to`. `artifacts` are the Maven artifacts of this repository: versions
    /// next to their coordinates are changed, too.
    ///
    /// # Errors
    /// Fails with the text of a JSON error, or with what Python cannot spell.
    pub fn bumped(
        &self,
        text: &str,
        from: &Version,
        to: &Version,
        artifacts: &[String],
    ) -> Result<String, String> {
        let found = match self.reader {
            Reader::Json => return npm::bump_package(text, false, to, &[]),
            Reader::Pom => pom::read(text).places(artifacts),
            Reader::With(own, also) => [places(own, text), places(also, text)].concat(),
            reader => reader.places(text),
        };
        let mut edits = Vec::new();
        for at in found {
            let said = &text[at.clone()];
            if self.said(said).as_ref() == Some(from) {
                let text = self.spelled(said, to)?;
                edits.push(Replacement { at, text });
            }
        }
        Ok(applied(text, edits))
    }

    fn said(&self, text: &str) -> Option<Version> {
        match self.spelling {
            Spelling::Python => python::version(text),
            // As written, if SemVer can read it: `-SNAPSHOT` stays in capitals.
            Spelling::SemVer => Version::parse(text).ok().or_else(|| form::read(text)),
            Spelling::Ruby => form::read(text),
        }
    }

    /// The new version with as many numbers as the version that it replaces.
    fn spelled(&self, before: &str, to: &Version) -> Result<String, String> {
        if self.spelling == Spelling::Python {
            return python::spelled_as(before, to);
        }
        if to.pre.is_empty() {
            let form = Form::read(before).map(|(_, form)| form);
            return Ok(form.unwrap_or_default().write(to));
        }
        Ok(match self.spelling {
            Spelling::Ruby => ruby(to),
            _ => to.to_string(),
        })
    }
}

/// A version in the spelling of gems: `1.2.0.rc1`, since RubyGems reads `-` as `.pre.`.
pub fn ruby(version: &Version) -> String {
    let core = format!("{}.{}.{}", version.major, version.minor, version.patch);
    if version.pre.is_empty() {
        return core;
    }
    let (word, number) = version.pre.split_once('.').unwrap_or((&version.pre, ""));
    let is_number = number.bytes().all(|b| b.is_ascii_digit());
    let glue = if is_number { "" } else { "." };
    format!("{core}.{word}{glue}{number}")
}

fn places(pattern: &str, text: &str) -> Vec<Range<usize>> {
    let Ok(pattern) = Regex::new(pattern) else {
        return Vec::new();
    };
    let found = pattern.captures_iter(text);
    found.filter_map(|one| Some(one.get(1)?.range())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_table_is_one() {
        for known in FILES {
            if let Reader::Pattern(one) | Reader::Code(one) | Reader::With(one, _) = known.reader {
                assert!(Regex::new(one).is_ok(), "{}", known.name);
            }
            if let Reader::With(_, also) = known.reader {
                assert!(Regex::new(also).is_ok(), "{}", known.name);
            }
        }
    }

    #[test]
    fn files_are_known_by_name_and_place() {
        for (path, name) in [
            ("a/lamp.gemspec", Some("*.gemspec")),
            ("lib/lamp/version.rb", Some("version.rb")),
            ("core/lib/version.rb", Some("version.rb")),
            ("spec/version.rb", None),
            (".gemspec", None),
            ("VERSION", Some("VERSION")),
            ("VERSIONS", None),
        ] {
            let found = KnownFile::of_path(path).map(|known| known.name);
            assert_eq!(found, name, "{path}");
        }
    }

    #[test]
    fn what_takes_its_version_from_elsewhere_has_none() {
        for (path, text) in [
            ("setup.cfg", "[metadata]\nversion = attr: lamp.VERSION\n"),
            ("setup.cfg", "[tool]\nversion = 1.2.3\n"),
            ("setup.py", "setup(version=about['version'])\n"),
            ("x.gemspec", "  s.version = Lamp::VERSION\n"),
            ("build.gradle", "version = project.property('x')\n"),
            (
                "build.gradle.kts",
                "plugins {\n    id(\"x\") version \"1.2.3\"\n}\n",
            ),
            ("build.gradle", "version = \"$major.1.0\"\n"),
            ("mix.exs", "deps: [{:x, version: \"1.2.3\"}]\n"),
            ("pom.xml", "<project><version>${x}</version></project>"),
            ("Chart.yaml", "dependencies:\n  - version: 1.2.3\n"),
            ("VERSION", "lamp 1.2.3 and more\n"),
            ("VERSION", ""),
        ] {
            let known = KnownFile::of_path(path).unwrap();
            assert_eq!(known.read(text), None, "{path}: {text}");
            assert_eq!(known.odd(text), None, "{path}: {text}");
        }
        let odd = "<project><version>7.0.4.Final-SNAPSHOT</version></project>";
        let pom = KnownFile::of_path("pom.xml").unwrap();
        assert_eq!(pom.odd(odd).as_deref(), Some("7.0.4.Final-SNAPSHOT"));
    }

    #[test]
    fn the_form_of_a_version_stays() {
        for (path, before, to, after) in [
            ("VERSION", "v1.2", "1.3.0", "v1.3"),
            ("VERSION", "24.01.0\r\n", "24.2.0", "24.02.0\r\n"),
            (
                "x.gemspec",
                "s.version = '1.2.0.rc1'\n",
                "1.2.0-rc.2",
                "s.version = '1.2.0.rc2'\n",
            ),
            (
                "pubspec.yaml",
                "version: '1.2.0+7'\n",
                "1.3.0",
                "version: '1.3.0+7'\n",
            ),
            (
                "gradle.properties",
                "VERSION_NAME=1.2.0-SNAPSHOT\r\n",
                "1.2.0",
                "VERSION_NAME=1.2.0\r\n",
            ),
        ] {
            let known = KnownFile::of_path(path).unwrap();
            let from = known.read(before).unwrap();
            let to = Version::parse(to).unwrap();
            assert_eq!(known.bumped(before, &from, &to, &[]).unwrap(), after);
        }
    }
}
