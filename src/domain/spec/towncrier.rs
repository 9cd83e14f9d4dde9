//! Configuration of towncrier: where its fragments are, and what their types mean
//! (<https://towncrier.readthedocs.io/en/stable/configuration.html>).

use toml_edit::{Document, Item, TableLike};

use crate::domain::changelog::title::announces_breaking;
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::path_parts::plain;
use crate::domain::pattern::{self, Pattern};
use crate::domain::spec::source::{PathGlob, Source};

/// Files that may contain the configuration; the first that does is used.
pub const FILES: [&str; 2] = ["towncrier.toml", "pyproject.toml"];

/// Configuration of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FragmentSettings {
    /// Directory of the fragments.
    pub folder: String,
    /// Subdirectories for sections; an empty name is the directory itself.
    pub sections: Vec<String>,
    pub types: Vec<FragmentType>,
    /// Names of files that are not fragments.
    pub ignored: Vec<String>,
}

/// A type of fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FragmentType {
    /// Word in the names of fragments.
    pub word: String,
    /// Title in the changelog.
    pub title: String,
    pub meaning: Meaning,
}

/// Default types (towncrier's `DEFAULT_TYPES`).
const TYPES: [(&str, &str, bool); 5] = [
    ("feature", "Features", true),
    ("bugfix", "Bugfixes", true),
    ("doc", "Improved Documentation", true),
    ("removal", "Deprecations and Removals", true),
    ("misc", "Misc", false),
];

impl FragmentType {
    fn new(word: &str, title: &str, is_shown: bool) -> FragmentType {
        let kind = || Kind::of_word(word).or_else(|| Kind::of_category(title));
        let meaning = match is_shown {
            false => Meaning::Hide,
            true if announces_breaking(title) => Meaning::Breaking,
            true => kind().map_or(Meaning::Changed, Meaning::from),
        };
        FragmentType {
            word: word.to_owned(),
            title: title.to_owned(),
            meaning,
        }
    }
}

/// Reads the configuration. `None` if the file has none.
///
/// # Errors
/// Fails if the file is not TOML.
pub fn read(toml: &str) -> Result<Option<FragmentSettings>, String> {
    let document = Document::parse(toml).map_err(|error| {
        let whole = error.to_string();
        let place = whole.lines().next().unwrap_or_default();
        format!("{place}: {}", error.message())
    })?;
    let own = document.get("tool").and_then(|tool| tool.get("towncrier"));
    Ok(own.and_then(Item::as_table_like).map(settings))
}

fn settings(own: &dyn TableLike) -> FragmentSettings {
    let text = |key: &str| own.get(key).and_then(Item::as_str).map(str::to_owned);
    // Without a directory of their own, fragments are in the package.
    let in_package = || {
        let package = text("package").filter(|package| !package.is_empty())?;
        let parent = text("package_dir").unwrap_or_default();
        Some(format!(
            "{parent}/{}/newsfragments",
            package.replace('.', "/")
        ))
    };
    let folder = text("directory").or_else(in_package);
    let folder = folder.unwrap_or_else(|| "newsfragments".to_owned());
    let names = |key: &str| {
        let all = own.get(key).and_then(Item::as_array).into_iter().flatten();
        all.filter_map(|one| one.as_str().map(str::to_owned))
            .collect()
    };
    FragmentSettings {
        folder: plain(&folder),
        sections: sections(own),
        types: types(own),
        ignored: names("ignore"),
    }
}

/// A section as a part of IDs.
fn own_part(section: &str) -> String {
    match section {
        "" => String::new(),
        section => format!("{}/", pattern::escaped(section)),
    }
}

fn tables<'t>(own: &'t dyn TableLike, key: &str) -> Vec<&'t dyn TableLike> {
    let Some(item) = own.get(key) else {
        return Vec::new();
    };
    if let Some(all) = item.as_array_of_tables() {
        return all.iter().map(|table| table as &dyn TableLike).collect();
    }
    let inline = item.as_array().into_iter().flatten();
    inline
        .filter_map(|value| value.as_inline_table().map(|table| table as &dyn TableLike))
        .collect()
}

fn sections(own: &dyn TableLike) -> Vec<String> {
    let all = tables(own, "section");
    let paths = all
        .iter()
        .filter_map(|section| section.get("path")?.as_str());
    let paths: Vec<String> = paths.map(plain).collect();
    if paths.is_empty() {
        vec![String::new()]
    } else {
        paths
    }
}

/// Types from `[[tool.towncrier.type]]`, or from `[tool.towncrier.fragment.WORD]`, or the default ones.
fn types(own: &dyn TableLike) -> Vec<FragmentType> {
    let shown = |table: &dyn TableLike| {
        table
            .get("showcontent")
            .and_then(Item::as_bool)
            .unwrap_or(true)
    };
    let listed = tables(own, "type");
    let listed = listed.iter().filter_map(|table| {
        let name = table.get("name")?.as_str()?;
        let word = table.get("directory").and_then(Item::as_str);
        let word = word.map_or_else(|| name.to_lowercase(), str::to_owned);
        Some(FragmentType::new(&word, name, shown(*table)))
    });
    let listed: Vec<FragmentType> = listed.collect();
    if !listed.is_empty() {
        return listed;
    }
    let named = own.get("fragment").and_then(Item::as_table_like);
    let named = named.into_iter().flat_map(|all| all.iter());
    let named = named.filter_map(|(word, item)| {
        let table = item.as_table_like()?;
        let capital = word[..1].to_uppercase() + &word[1..];
        let title = table.get("name").and_then(Item::as_str).unwrap_or(&capital);
        Some(FragmentType::new(word, title, shown(table)))
    });
    let named: Vec<FragmentType> = named.collect();
    if !named.is_empty() {
        return named;
    }
    let usual = TYPES.iter();
    usual
        .map(|(word, title, is_shown)| FragmentType::new(word, title, *is_shown))
        .collect()
}

/// Configuration of a repository, and the file that contains it; `text` reads a file.
///
/// # Errors
/// Fails with the first of the files that is not TOML, and the place in it.
pub fn find(
    text: impl Fn(&str) -> Option<String>,
) -> Result<Option<(&'static str, FragmentSettings)>, String> {
    for file in FILES {
        let read = text(file).map(|text| read(&text)).transpose();
        if let Some(settings) = read.map_err(|why| format!("{file}: {why}"))?.flatten() {
            return Ok(Some((file, settings)));
        }
    }
    Ok(None)
}

/// Preset with the project's towncrier configuration; `text` reads a file of the repository. `None` without a configuration.
///
/// # Errors
/// Fails like [`find`].
pub fn configured(
    preset: &Source,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Vec<Source>>, String> {
    let found = find(text)?;
    Ok(found.and_then(|(_, settings)| settings.sources(preset)))
}

impl FragmentSettings {
    /// Preset with this configuration, one source per section. `None` if a directory is not in the repository.
    pub fn sources(&self, preset: &Source) -> Option<Vec<Source>> {
        let words: Vec<String> = self
            .types
            .iter()
            .map(|one| pattern::escaped(&one.word))
            .collect();
        let own_kinds = || self.types.iter().map(|one| (one.word.clone(), one.meaning));
        // An unknown word is reported.
        let words = format!("(?:{}|[a-z]+)", words.join("|"));
        let source = |section: &String| {
            let folder = plain(&format!("{}/{section}", self.folder));
            let glob = |name: &str| PathGlob::new(&format!("{folder}/{name}")).ok();
            let usual = preset
                .exclude
                .iter()
                .filter_map(|glob| glob.as_str().rsplit('/').next());
            let ignored = self.ignored.iter().map(String::as_str);
            let name = match section.as_str() {
                "" => preset.name.clone(),
                section => format!("{} {section}", preset.name),
            };
            let id = preset
                .id
                .as_ref()
                .map(|id| id.as_str().replace("[a-z]+", &words))
                // Two sections may have fragments with the same name.
                .map(|id| id.replacen("(?P<id>", &format!("(?P<id>{}", own_part(section)), 1));
            Some(Source {
                name,
                files: glob("*")?,
                exclude: usual.chain(ignored).filter_map(glob).collect(),
                id: id.and_then(|id| Pattern::new(&id).ok()),
                kinds: preset
                    .kinds
                    .clone()
                    .into_iter()
                    .chain(own_kinds())
                    .collect(),
                ..preset.clone()
            })
        };
        self.sections.iter().map(source).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::sources::Sources;

    #[test]
    fn settings_are_read_as_towncrier_reads_them() {
        for (toml, folder, sections, types) in [
            (
                "[tool.towncrier]\n",
                "newsfragments",
                ".",
                "feature bugfix doc removal misc",
            ),
            (
                "[tool.towncrier]\ndirectory = \"./changes/\"\n",
                "changes",
                ".",
                "feature bugfix doc removal misc",
            ),
            (
                "[tool.towncrier]\npackage = \"a.b\"\npackage_dir = \"src\"\n",
                "src/a/b/newsfragments",
                ".",
                "feature bugfix doc removal misc",
            ),
            (
                "[tool.towncrier]\ndirectory = \"news\"\n[[tool.towncrier.section]]\nname = \"\"\npath = \"\"\n[[tool.towncrier.section]]\nname = \"Web\"\npath = \"web\"\n[[tool.towncrier.type]]\ndirectory = \"breaking\"\nname = \"Breaking changes\"\nshowcontent = true\n[[tool.towncrier.type]]\nname = \"API\"\n",
                "news",
                ". web",
                "breaking api",
            ),
            (
                "[tool.towncrier]\n[tool.towncrier.fragment.feat]\n[tool.towncrier.fragment.chore]\nname = \"Other Tasks\"\nshowcontent = false\n",
                "newsfragments",
                ".",
                "feat chore",
            ),
        ] {
            let read = read(toml).unwrap().unwrap();
            let all: Vec<&str> = read
                .sections
                .iter()
                .map(|s| if s.is_empty() { "." } else { s })
                .collect();
            let words: Vec<&str> = read.types.iter().map(|one| one.word.as_str()).collect();
            assert_eq!(
                (read.folder.as_str(), all.join(" ").as_str()),
                (folder, sections),
                "{toml}"
            );
            assert_eq!(words.join(" "), types, "{toml}");
        }
        assert_eq!(read("[tool.other]\n"), Ok(None));
        assert!(read("no toml").is_err());
    }

    #[test]
    fn fragments_are_those_of_the_configured_types() {
        let toml = "[tool.towncrier]\ndirectory = \"news\"\nignore = [\"x.feat\"]\n[tool.towncrier.fragment.feat]\n[tool.towncrier.fragment.api-break]\nname = \"Backwards incompatible changes\"\n";
        let preset = &Sources::preset("towncrier").unwrap()[0];
        let sources = read(toml).unwrap().unwrap().sources(preset).unwrap();
        let source = &sources[0];
        assert_eq!(source.kinds["api-break"], Meaning::Breaking);
        assert_eq!(source.kinds["feat"], Meaning::Added);
        let id = |path: &str| source.read_path(path).filter(|_| source.holds(path));
        let found = id("news/12.api-break.rst").unwrap();
        assert_eq!(
            (found.0.as_str(), found.1.as_deref()),
            ("12.api-break", Some("api-break"))
        );
        assert!(id("news/x.feat").is_none());
        assert!(id("newsfragments/1.feat").is_none() && id("news/README.md").is_none());
    }
}
