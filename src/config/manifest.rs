//! The configuration in a manifest: `[package.metadata.relwatch]` of Cargo.toml, `[tool.relwatch]` of pyproject.toml, `relwatch` of
//! package.json. Its table is handed on as YAML: JSON's form of it, with every key in its order.

use std::ops::Range;

use jsonc_parser::ast::{Object, Value as Json};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value as Text;
use toml_edit::{Document, DocumentMut, Item, TableLike, Value as Toml};

use crate::config::storage::Storage;
use crate::domain::failure::{Exit, Failure, Result};

/// The manifests that may contain it.
pub const FILES: [&str; 3] = ["Cargo.toml", "pyproject.toml", "package.json"];

/// The tables that may be it, by their file.
const TABLES: [(&str, &str); 4] = [
    ("Cargo.toml", "workspace.metadata.relwatch"),
    ("Cargo.toml", "package.metadata.relwatch"),
    ("pyproject.toml", "tool.relwatch"),
    ("package.json", "relwatch"),
];

/// The table of a manifest that is the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestTable {
    pub file: &'static str,
    /// The keys that lead to it, with dots.
    pub key: &'static str,
    /// The manifest from the line on in which it begins.
    pub text: String,
    /// That line.
    pub line: usize,
}

/// The configurations of a manifest, each with its text as YAML.
///
/// # Errors
/// Exit 2 if it is no TOML or JSON.
pub fn tables(file: &'static str, text: &str) -> Result<Vec<(ManifestTable, String)>> {
    let keys = TABLES.iter().filter(|(name, _)| *name == file);
    let keys: Vec<&'static str> = keys.map(|(_, key)| *key).collect();
    let found = if file.ends_with(".json") {
        in_json(text, &keys)
    } else {
        in_toml(text, &keys)
    };
    let found = found.map_err(|(at, why)| {
        let line = line_at(text, at);
        Failure::new(Exit::Usage, format!("{file}:{line}: {why}"))
            .with_remedy("correct it: it may contain the configuration")
    })?;
    let written = found.into_iter().map(|(key, at, yaml)| {
        let begins = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let table = ManifestTable {
            file,
            key,
            text: text[begins..].to_owned(),
            line: line_at(text, at),
        };
        (table, yaml)
    });
    Ok(written.collect())
}

/// What was found: the keys, where it begins, and its YAML.
type Found = Vec<(&'static str, usize, String)>;

/// Why a manifest cannot be read, and where.
type Broken = (usize, String);

fn line_at(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn in_toml(text: &str, keys: &[&'static str]) -> std::result::Result<Found, Broken> {
    let read: std::result::Result<Document<&str>, _> = Document::parse(text);
    let document = read.map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let why = error.message().lines().next().unwrap_or_default();
        (at, format!("no TOML: {why}"))
    })?;
    let mut found = Found::new();
    for key in keys {
        let mut table: Option<&dyn TableLike> = Some(document.as_table());
        let (before, last) = key.rsplit_once('.').unwrap_or(("", key));
        for name in before.split('.') {
            table = table.and_then(|table| table.get(name)?.as_table_like());
        }
        if let Some((name, item)) = table.and_then(|table| table.get_key_value(last)) {
            let mut yaml = String::new();
            push_item(item, &mut yaml);
            let at = name.span().or_else(|| item.span());
            found.push((key, at.map_or(0, |span| span.start), yaml));
        }
    }
    Ok(found)
}

fn push_item(item: &Item, yaml: &mut String) {
    match item {
        Item::None => yaml.push_str("null"),
        Item::Value(value) => push_toml(value, yaml),
        Item::Table(table) => push_table(table, yaml),
        Item::ArrayOfTables(list) => {
            push_all(list.iter(), ["[", "]"], yaml, |table, yaml| {
                push_table(table, yaml);
            });
        }
    }
}

fn push_table(table: &dyn TableLike, yaml: &mut String) {
    push_all(table.iter(), ["{", "}"], yaml, |(key, item), yaml| {
        push_key(key, yaml);
        push_item(item, yaml);
    });
}

fn push_toml(value: &Toml, yaml: &mut String) {
    match value {
        Toml::String(text) => push_text(text.value(), yaml),
        Toml::Integer(number) => yaml.push_str(&number.value().to_string()),
        Toml::Float(number) => yaml.push_str(&number.value().to_string()),
        Toml::Boolean(is) => yaml.push_str(&is.value().to_string()),
        Toml::Datetime(time) => push_text(&time.value().to_string(), yaml),
        Toml::Array(list) => push_all(list.iter(), ["[", "]"], yaml, push_toml),
        Toml::InlineTable(table) => push_table(table, yaml),
    }
}

fn in_json(text: &str, keys: &[&'static str]) -> std::result::Result<Found, Broken> {
    let mut found = Found::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    with_json(text, |root| {
        for key in keys {
            if let Some(one) = root.get(key) {
                let mut yaml = String::new();
                push_json(&one.value, &mut yaml);
                found.push((key, one.range.start, yaml));
            }
        }
    })?;
    Ok(found)
}

/// Hands on the object of a file, if it is one.
fn with_json(text: &str, act: impl FnOnce(&Object<'_>)) -> std::result::Result<(), Broken> {
    let read = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let read = read.map_err(|error| (error.range().start, format!("no JSON: {}", error.kind())))?;
    if let Some(Json::Object(root)) = &read.value {
        act(root);
    }
    Ok(())
}

fn push_json(value: &Json<'_>, yaml: &mut String) {
    match value {
        Json::StringLit(text) => push_text(&text.value, yaml),
        Json::NumberLit(number) => yaml.push_str(number.value),
        Json::BooleanLit(is) => yaml.push_str(&is.value.to_string()),
        Json::NullKeyword(_) => yaml.push_str("null"),
        Json::Array(list) => push_all(list.elements.iter(), ["[", "]"], yaml, push_json),
        Json::Object(object) => {
            push_all(object.properties.iter(), ["{", "}"], yaml, |one, yaml| {
                push_key(one.name.as_str(), yaml);
                push_json(&one.value, yaml);
            });
        }
    }
}

fn push_all<T>(
    all: impl Iterator<Item = T>,
    [open, close]: [&str; 2],
    yaml: &mut String,
    push: impl Fn(T, &mut String),
) {
    yaml.push_str(open);
    for (count, one) in all.enumerate() {
        yaml.push_str(if count == 0 { "" } else { ", " });
        push(one, yaml);
    }
    yaml.push_str(close);
}

fn push_key(key: &str, yaml: &mut String) {
    push_text(key, yaml);
    yaml.push_str(": ");
}

fn push_text(text: &str, yaml: &mut String) {
    yaml.push_str(&Text::from(text).to_string());
}

/// A manifest with another `storage` in its table; everything else stays.
///
/// # Errors
/// It is not what it was when it was read.
pub fn with_storage(table: &ManifestTable, text: &str, storage: Storage) -> Result<String> {
    let (mark, bare) = match text.strip_prefix('\u{feff}') {
        Some(bare) => ("\u{feff}", bare),
        None => ("", text),
    };
    let edited = if table.file.ends_with(".json") {
        json_with_storage(bare, table.key, storage)
    } else {
        toml_with_storage(bare, table.key, storage)
    };
    let edited = edited.map(|edited| format!("{mark}{edited}"));
    edited.ok_or_else(|| {
        Failure::failed(format!(
            "{}: there is no {} any more",
            table.file, table.key
        ))
    })
}

fn toml_with_storage(text: &str, key: &str, storage: Storage) -> Option<String> {
    let path = || key.split('.').chain(["storage"]);
    let parsed: Document<&str> = Document::parse(text).ok()?;
    let known = path().try_fold(parsed.as_item(), |item, name| item.get(name));
    if let Some(at) = known.and_then(Item::span) {
        let mut edited = text.to_owned();
        edited.replace_range(at, &format!("\"{}\"", storage.word()));
        return Some(edited);
    }
    let mut document: DocumentMut = text.parse().ok()?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for name in key.split('.') {
        table = table.get_mut(name)?.as_table_like_mut()?;
    }
    table.insert("storage", toml_edit::value(storage.word()));
    let edited = document.to_string();
    Some(if text.contains("\r\n") {
        edited.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        edited
    })
}

fn json_with_storage(text: &str, key: &str, storage: Storage) -> Option<String> {
    let word = format!("\"{}\"", storage.word());
    let mut edit: Option<(Range<usize>, String)> = None;
    with_json(text, |root| {
        let Some(table) = root.get_object(key) else {
            return;
        };
        edit = Some(match table.get("storage") {
            Some(old) => {
                let range = old.value.range();
                (range.start..range.end, word)
            }
            None => {
                let open = table.range.start + 1;
                let rest = &text[open..];
                let space = &rest[..rest.len() - rest.trim_start().len()];
                let comma = if table.properties.is_empty() { "" } else { "," };
                (open..open, format!("{space}\"storage\": {word}{comma}"))
            }
        });
    })
    .ok()?;
    let (at, new) = edit?;
    let mut edited = text.to_owned();
    edited.replace_range(at, &new);
    Some(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switching_the_storage_changes_nothing_else() {
        for (file, text) in [
            (
                "Cargo.toml",
                "\u{feff}[package.metadata.relwatch]\n# ADR 7\nstorage = \"view\" # stays",
            ),
            (
                "pyproject.toml",
                "[tool]\r\nrelwatch.storage = 'view' # stays\r\nx = 1\r\n",
            ),
            (
                "package.json",
                "\u{feff}{\n  \"relwatch\": {\"storage\": \"view\", \"x\": 1}}",
            ),
        ] {
            let (table, _) = tables(file, text).unwrap().remove(0);
            let edited = with_storage(&table, text, Storage::Tracked).unwrap();
            let expected = text
                .replace("'view'", "\"view\"")
                .replace("view", "tracked");
            assert_eq!(edited, expected, "{file}");
        }
    }
}
