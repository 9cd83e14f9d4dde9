//! Settings of tools that keep fragments: the directory of the fragments, and the meaning of their categories. Only settings that decide
//! which lines a section has are read; titles come from the categories in relwatch.yml.

use crate::domain::changelog::title::announces_breaking;
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::path_parts::plain;
use crate::domain::spec::kinds::meaning_of;
use crate::domain::spec::source::{PathGlob, Source};
use crate::domain::yaml::{self, Node};

/// Location and keys of a tool's settings.
struct ToolSettings {
    /// Preset that reads its fragments.
    preset: &'static str,
    /// Files that may contain its settings; the first that does is used.
    files: &'static [&'static str],
    /// Parts of the fragments' directory: a fixed one, or a key with its default.
    folder: &'static [FolderPart],
}

enum FolderPart {
    Fixed(&'static str),
    Key(&'static str, &'static str),
}

use FolderPart::{Fixed, Key};

const TOOLS: &[ToolSettings] = &[
    // https://scriv.readthedocs.io/en/latest/configuration.html
    ToolSettings {
        preset: "scriv",
        files: &[
            "changelog.d/scriv.ini",
            "pyproject.toml",
            "tox.ini",
            "setup.cfg",
        ],
        folder: &[Key("fragment_directory", "changelog.d")],
    },
    // https://docs.openstack.org/reno/latest/user/usage.html#configuring-reno
    ToolSettings {
        preset: "reno",
        files: &["releasenotes/config.yaml", "reno.yaml"],
        folder: &[Fixed("releasenotes"), Key("notesdir", "notes")],
    },
    // https://github.com/ansible-community/antsibull-changelog/blob/main/docs/changelog-configuration.md
    ToolSettings {
        preset: "antsibull",
        files: &["changelogs/config.yaml"],
        folder: &[Fixed("changelogs"), Key("notesdir", "fragments")],
    },
    // https://changie.dev/config/
    ToolSettings {
        preset: "changie",
        files: &[".changie.yaml", ".changie.yml"],
        folder: &[
            Key("changesDir", ".changes"),
            Key("unreleasedDir", "unreleased"),
        ],
    },
    // https://github.com/open-telemetry/opentelemetry-go-build-tools/tree/main/chloggen
    ToolSettings {
        preset: "chloggen",
        files: &[".chloggen/config.yaml"],
        folder: &[Key("entries_dir", ".chloggen")],
    },
];

impl ToolSettings {
    /// Directory that the settings name, else the default one.
    fn folder(&self, settings: Option<&Node>) -> String {
        let part = |part: &FolderPart| match part {
            Fixed(name) => (*name).to_owned(),
            Key(key, usual) => {
                let named = settings.and_then(|settings| settings.get(key)?.text());
                named.unwrap_or(usual).to_owned()
            }
        };
        plain(&self.folder.iter().map(part).collect::<Vec<_>>().join("/"))
    }

    /// Settings of a repository, and the file that contains them; `text` reads a file.
    fn find(
        &self,
        text: &impl Fn(&str) -> Option<String>,
    ) -> Result<Option<(&'static str, Node)>, String> {
        for file in self.files {
            let Some(text) = text(file) else {
                continue;
            };
            if !file.ends_with(".yaml") && !file.ends_with(".yml") {
                match of_sections(&text, self.preset) {
                    Some(settings) => return Ok(Some((file, settings))),
                    None => continue,
                }
            }
            let settings = yaml::mapping(&text);
            return settings
                .map(|settings| Some((*file, settings)))
                .map_err(|error| format!("{file}:{}: {}", error.line, error.message));
        }
        Ok(None)
    }
}

/// Source for a preset with the settings of its tool applied, read from file texts. `None` if nothing changes.
///
/// # Errors
/// Fails with settings that cannot be read, and their place.
pub fn configured(
    source: &Source,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Vec<Source>>, String> {
    let name = source.preset.as_deref();
    let Some(tool) = TOOLS.iter().find(|tool| Some(tool.preset) == name) else {
        return Ok(None);
    };
    let Some((_, settings)) = tool.find(&text)? else {
        return Ok(None);
    };
    let (usual, own) = (tool.folder(None), tool.folder(Some(&settings)));
    let mut source = source.clone();
    learn(&mut source, &settings);
    moved(&mut source, &usual, &own)?;
    Ok(Some(vec![source]))
}

/// File with the settings of a tool in this repository.
pub fn settings_file(preset: &str, text: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let tool = TOOLS.iter().find(|tool| tool.preset == preset)?;
    tool.find(&text).ok()?.map(|(file, _)| file)
}

/// Source with its files in another directory.
fn moved(source: &mut Source, usual: &str, own: &str) -> Result<(), String> {
    let there = |glob: &PathGlob| {
        let rest = glob.as_str().strip_prefix(usual).unwrap_or(glob.as_str());
        PathGlob::new(&format!("{own}{rest}"))
    };
    source.files = there(&source.files)?;
    source.exclude = source
        .exclude
        .iter()
        .map(there)
        .collect::<Result<Vec<_>, _>>()?;
    if source.archived.as_deref() == Some(usual) {
        source.archived = Some(own.to_owned());
    }
    Ok(())
}

/// Adds the meaning of the tool's own categories: by their titles, and by the bump that changie configures for them.
fn learn(source: &mut Source, settings: &Node) {
    let name = |key: &str| settings.get(key).and_then(Node::text).map(str::to_owned);
    let mut own: Vec<(String, Meaning)> = Vec::new();
    own.extend(name("prelude_section_name").map(|name| (name, Meaning::Changed)));
    own.extend(name("trivial_section_name").map(|name| (name, Meaning::Hide)));
    for section in items(settings.get("sections")) {
        if let Node::List(parts) = section
            && let [Node::Text(name), Node::Text(title), ..] = parts.as_slice()
        {
            own.push((name.clone(), of_title(title).unwrap_or(Meaning::Changed)));
        }
    }
    for kind in items(settings.get("kinds")) {
        let text = |key: &str| kind.get(key).and_then(Node::text);
        let by_bump = || match text("auto") {
            Some("major") => Some(Meaning::Breaking),
            Some("minor") => Some(Meaning::Added),
            Some("patch") => Some(Meaning::Fixed),
            _ => None,
        };
        let label = text("label").unwrap_or_default();
        let meaning = of_title(label).or_else(by_bump);
        let names = [text("key"), Some(label)].into_iter().flatten();
        let meaning = meaning.unwrap_or(Meaning::Changed);
        own.extend(names.map(|name| (name.to_owned(), meaning)));
    }
    for (name, meaning) in own {
        if meaning_of(source, [name.as_str()].into_iter()).is_none() {
            source.kinds.insert(name, meaning);
        }
    }
}

fn items(list: Option<&Node>) -> &[Node] {
    match list {
        Some(Node::List(items)) => items,
        _ => &[],
    }
}

fn of_title(title: &str) -> Option<Meaning> {
    if announces_breaking(title) {
        return Some(Meaning::Breaking);
    }
    Kind::of_category(title).map(Meaning::from)
}

/// Settings in a section `[scriv]` or `[tool.scriv]` of an INI or TOML file, if they are one line each.
fn of_sections(text: &str, name: &str) -> Option<Node> {
    let is_own = |section: &str| section == name || section.strip_prefix("tool.") == Some(name);
    let mut settings: Option<Vec<(String, Node)>> = None;
    let mut is_inside = false;
    for line in text.lines() {
        let line = line.trim();
        if let Some(section) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            is_inside = is_own(section);
            if is_inside {
                settings.get_or_insert_default();
            }
        } else if let (true, Some((key, value)), Some(settings)) =
            (is_inside, line.split_once('='), &mut settings)
        {
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            settings.push((key.trim().to_owned(), Node::Text(value)));
        }
    }
    settings.map(Node::Map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::sources::Sources;

    fn as_set(preset: &str, file: &str, text: &str) -> Result<Vec<Source>, String> {
        let mut all = Vec::new();
        for source in Sources::preset(preset).unwrap() {
            let of = |name: &str| (name == file).then(|| text.to_owned());
            let set = configured(&source, &of)?;
            all.extend(set.unwrap_or_else(|| vec![source]));
        }
        Ok(all)
    }

    #[test]
    fn folders_are_those_of_the_tools() {
        for (preset, file, text, path) in [
            (
                "scriv",
                "pyproject.toml",
                "[project]\nname = 'x'\n[tool.scriv]\nfragment_directory = \"docs/news\"\n",
                "docs/news/a.md",
            ),
            (
                "scriv",
                "setup.cfg",
                "[metadata]\n[scriv]\nformat = md\nfragment_directory = news\n",
                "news/a.md",
            ),
            (
                "scriv",
                "pyproject.toml",
                "[tool.other]\nfragment_directory = 'x'\n",
                "changelog.d/a.md",
            ),
            (
                "reno",
                "releasenotes/config.yaml",
                "---\nnotesdir: all\n",
                "releasenotes/all/a.yaml",
            ),
            (
                "antsibull",
                "changelogs/config.yaml",
                "---\nnotesdir: news\n",
                "changelogs/news/1-a.yml",
            ),
            (
                "changie",
                ".changie.yaml",
                "changesDir: ./changes\nunreleasedDir: next\n",
                "changes/next/a.yaml",
            ),
            (
                "chloggen",
                ".chloggen/config.yaml",
                "entries_dir: .changes\n",
                ".changes/a.yaml",
            ),
        ] {
            let sources = as_set(preset, file, text).unwrap();
            assert!(sources[0].holds(path), "{preset}: {:?}", sources[0].files);
            assert!(
                sources[0]
                    .archived
                    .as_deref()
                    .is_none_or(|folder| path.starts_with(folder))
            );
        }
        let error = as_set("reno", "reno.yaml", "a: [\n").unwrap_err();
        assert!(error.starts_with("reno.yaml:"), "{error}");
        let error = as_set("chloggen", ".chloggen/config.yaml", "entries_dir: ../x\n");
        assert!(error.unwrap_err().contains("inside the repository"));
    }

    #[test]
    fn categories_of_its_own_mean_what_their_titles_say() {
        let meaning =
            |sources: Vec<Source>, word: &str| meaning_of(&sources[0], [word].into_iter());
        let reno = || {
            as_set("reno", "releasenotes/config.yaml", "---\nprelude_section_name: summary\nsections:\n    - [features, New Features]\n    - [features_qpy, QPY Features, 2]\n    - [api, Breaking Changes]\n    - [news, News]\n").unwrap()
        };
        assert_eq!(meaning(reno(), "features_qpy"), Some(Meaning::Added));
        assert_eq!(meaning(reno(), "api"), Some(Meaning::Breaking));
        assert_eq!(meaning(reno(), "news"), Some(Meaning::Changed));
        assert_eq!(meaning(reno(), "summary"), Some(Meaning::Changed));
        assert_eq!(meaning(reno(), "nows"), None);
        let changie = || {
            as_set("changie", ".changie.yaml", "kinds:\n  - label: Added\n    auto: major\n  - label: Big\n    auto: major\n  - label: BUG FIXES\n    key: bugs\n  - label: Notes\n").unwrap()
        };
        assert_eq!(meaning(changie(), "added"), Some(Meaning::Added));
        assert_eq!(meaning(changie(), "Big"), Some(Meaning::Breaking));
        assert_eq!(meaning(changie(), "bugs"), Some(Meaning::Fixed));
        assert_eq!(meaning(changie(), "Notes"), Some(Meaning::Changed));
    }
}
