//! docs/reference/configuration.md, made from the doc comments of the configuration and from the annotated default file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use relwatch::config::ANNOTATED;

/// A key of a mapping, or an allowed word for a key.
#[derive(Debug, Default)]
struct Part {
    name: String,
    kind: String,
    text: String,
}

/// The parts of each type that is read from YAML, by the type's name.
type Types = BTreeMap<String, Vec<Part>>;

const TOP: &str = "# Configuration

This page lists every key of `relwatch.yml`, with its default. The file is in the root of the repository. Every key is optional. An unknown key is an error that
names the nearest known key. `relwatch init` writes the file with every default, commented out.

## In a manifest

The configuration can be in a manifest in the root instead, with the same keys:

| file | table |
|---|---|
| Cargo.toml | `[package.metadata.relwatch]` or `[workspace.metadata.relwatch]` |
| pyproject.toml | `[tool.relwatch]` |
| package.json | `\"relwatch\": {…}` |

```toml
[package.metadata.relwatch]
branches = [\"main\"]
hooks = { commit_msg = \"reject\" }
```

It is in one place only:

* Two tables are an error that names both, in every command.
* If there is a relwatch.yml, no hook, filter, merge driver or watcher reads a manifest. `relwatch status` and `relwatch check` warn if a manifest
  contains a second configuration, `relwatch doctor` lists it as a problem, and `relwatch init` refuses.
* If the configuration is in a manifest, `relwatch init` writes no relwatch.yml, and `relwatch init --storage tracked` edits the manifest.
* A manifest that is a symlink or larger than 4 MB is not read.

A manifest without a configuration makes a hook one percent slower. With a configuration in a manifest, each hook parses that whole manifest: with many
dependencies in it, a relwatch.yml is faster. Messages that name relwatch.yml mean the manifest then.

## In editors

`relwatch init` begins relwatch.yml with a line that [yaml-language-server](https://github.com/redhat-developer/yaml-language-server) reads. Editors
that use it complete keys, show what each key does, and mark mistakes:

```yaml
# yaml-language-server: $schema=https://raw.githubusercontent.com/relwatch/relwatch/main/docs/schema/relwatch.schema.json
```

You can delete this line, or add it to a file that you wrote yourself. `relwatch schema config` prints the schema of your relwatch, for validators
in CI. A schema cannot express everything: relwatch alone checks regular expressions, paths that lead out of the repository, and names that must differ.
`relwatch check` lists those problems.

This page is made from the sources by `DOCS=write cargo test --test cli book::`.

";

/// Text of the page.
pub fn page() -> String {
    let mut types = Types::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for part in SOURCES {
        collect(&src, part, &mut types);
    }
    let mut page = TOP.to_owned();
    for key in &types["Config"] {
        page.push_str(&format!("## `{}`\n\n{}\n", key.name, key.text));
        if let Some(default) = default(&key.name) {
            page.push_str(&format!("\n```yaml\n{default}```\n"));
        }
        for kind in named_types(&key.kind, &types) {
            page.push_str(&table(kind, &types));
        }
        page.push('\n');
    }
    format!("{}\n", page.trim_end())
}

/// The keys or words of a type, and those of the types within.
fn table(kind: &str, types: &Types) -> String {
    let parts = &types[kind];
    let is_words = parts.iter().all(|part| part.kind.is_empty());
    let head = if is_words { "value" } else { "key" };
    let mut text = format!("\n| {head} | |\n|---|---|\n");
    for part in parts {
        text.push_str(&format!(
            "| `{}` | {} |\n",
            part.name,
            part.text.replace('|', "\\|")
        ));
    }
    for part in parts {
        for within in named_types(&part.kind, types) {
            text.push_str(&format!("\n`{}`:\n{}", part.name, table(within, types)));
        }
    }
    text
}

fn named_types<'t>(kind: &str, types: &'t Types) -> Vec<&'t str> {
    let words = kind.split(|c: char| !c.is_alphanumeric());
    let known = words.filter_map(|word| types.get_key_value(word));
    known.map(|(name, _)| name.as_str()).collect()
}

/// The default value of a key in the annotated default file.
fn default(key: &str) -> Option<String> {
    let says = |block: &&str| {
        block
            .lines()
            .any(|line| line.starts_with(&format!("# {key}:")))
    };
    let block = ANNOTATED.split("\n\n").find(says)?;
    let lines = block.lines().filter_map(|line| line.strip_prefix("# "));
    let is_yaml = |line: &str| {
        let word = line.trim_start().split(':').next().unwrap_or_default();
        line.contains(':') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let starts = format!("{key}:");
    let mut begun = false;
    let mut text = String::new();
    for line in lines {
        begun = line.starts_with(&starts) || begun && line.starts_with(' ');
        let mark = if begun && is_yaml(line) { "" } else { "# " };
        text.push_str(&format!("{mark}{line}\n"));
    }
    Some(text)
}

/// The places of the types that the configuration is made of; plans and states are read from files, too. If two types have one name, the
/// first one counts.
const SOURCES: [&str; 6] = [
    "src/config/",
    "domain/entry/model.rs",
    "domain/forge.rs",
    "domain/entry/kind.rs",
    "domain/release/place.rs",
    "domain/version/alignment.rs",
];

fn collect(folder: &Path, part: &str, types: &mut Types) {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        if path.is_dir() {
            collect(&path, part, types);
        } else if path.to_string_lossy().contains(part) {
            read(&fs::read_to_string(&path).unwrap(), types);
        }
    }
}

/// The types of a source file whose `Deserialize` is derived.
fn read(source: &str, types: &mut Types) {
    let mut attributes = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        let opens = line
            .strip_prefix("pub struct ")
            .or_else(|| line.strip_prefix("pub enum "));
        match opens.and_then(|rest| rest.strip_suffix(" {")) {
            Some(name) if attributes.contains("Deserialize") => {
                let renames = attributes.contains("kebab-case");
                let parts = parts(&mut lines, renames);
                types.entry(name.to_owned()).or_insert(parts);
                attributes.clear();
            }
            _ if line.starts_with("#[") => attributes.push_str(line),
            _ => attributes.clear(),
        }
    }
}

fn parts<'s>(lines: &mut impl Iterator<Item = &'s str>, kebab: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = Part::default();
    let mut attributes = String::new();
    for line in lines.take_while(|line| *line != "}") {
        let line = line.trim();
        if let Some(words) = line.strip_prefix("/// ") {
            let gap = if part.text.is_empty() { "" } else { " " };
            part.text.push_str(&format!("{gap}{words}"));
        } else if line.starts_with('#') {
            attributes.push_str(line);
        } else if let Some(code) = line.strip_suffix(',') {
            let (name, kind) = match code
                .strip_prefix("pub ")
                .and_then(|code| code.split_once(": "))
            {
                Some((name, kind)) => (name.to_owned(), kind.to_owned()),
                None => (word(code, kebab), String::new()),
            };
            part.name = name;
            part.kind = kind;
            if let Some((_, renamed)) = attributes.split_once("rename = \"") {
                part.name = renamed.split('"').next().unwrap().to_owned();
            }
            if !attributes.contains("skip") {
                let tells = !part.text.is_empty() || part.kind.is_empty();
                assert!(tells, "`{}` has no doc comment", part.name);
                parts.push(std::mem::take(&mut part));
            }
            part = Part::default();
            attributes.clear();
        }
    }
    parts
}

/// `PullRequest` is `pull-request`.
fn word(name: &str, kebab: bool) -> String {
    let mut word = String::new();
    for letter in name.chars() {
        if kebab && letter.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}
