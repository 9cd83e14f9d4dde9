//! The JSON Schema of relwatch.yml, made of the types that read it: docs/schema/relwatch.schema.json. `relwatch schema config` prints that
//! file, so only tests need the crate that makes it.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::config::settings::{ANNOTATED, Config};
use crate::config::version_files::{VersionFile, VersionFiles};
use crate::domain::entry::category::{self, Categories, Category};
use crate::domain::entry::wording::EntryTemplate;
use crate::domain::forge::ForgeKind;
use crate::domain::forge_facts::labels::Labels;
use crate::domain::pattern::Pattern;
use crate::domain::release::texts::TextTemplate;
use crate::domain::spec::ownership::{OwnedBy, Ownership};
use crate::domain::spec::source::{Archive, PathGlob, Source, Words};
use crate::domain::spec::sources::Sources;
use crate::domain::time_limit::TimeLimit;
use crate::domain::version::tag_format::TagFormat;
use crate::domain::yaml;

/// Where the published file is.
const FILE: &str = "docs/schema/relwatch.schema.json";

/// Its address.
const ID: &str =
    "https://raw.githubusercontent.com/relwatch/relwatch/main/docs/schema/relwatch.schema.json";

/// The schema of a type that has a form of its own.
macro_rules! schemas {
    ($($kind:ident: |$generator:ident| $schema:expr,)*) => {$(
        impl JsonSchema for $kind {
            fn schema_name() -> Cow<'static, str> {
                stringify!($kind).into()
            }
            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

schemas! {
    Categories: |all| json_schema!({
        "anyOf": [
            {"type": "string", "enum": category::PRESETS},
            {"type": "array", "items": all.subschema_for::<Category>()},
        ],
    }),
    EntryTemplate: |_all| json_schema!({"type": "string", "pattern": r"^[^\n]*\{text\}[^\n]*$"}),
    ForgeKind: |_all| json_schema!({
        "type": "string",
        "enum": ["github", "gitlab", "gitea", "forgejo", "bitbucket", "azure", "sourcehut"],
    }),
    Labels: |_all| json_schema!({"type": "object", "additionalProperties": {"type": "string"}}),
    Pattern: |_all| json_schema!({"type": "string", "description": "A regular expression, as Rust has them."}),
    TextTemplate: |_all| json_schema!({"type": "string"}),
    Ownership: |all| json_schema!({
        "anyOf": [
            all.subschema_for::<OwnedBy>(),
            {"type": "string", "const": "named", "description": "Only those that it lists and those that name it."},
            {"type": "array", "items": all.subschema_for::<OwnedBy>()},
        ],
    }),
    Archive: |_all| json_schema!({
        "description": "`keep`, `delete`, `command` (the tool's own, `archives`), or a path with `{id}`, `{file}`, `{date}` or `{today}`.",
        "anyOf": [
            {"type": "string", "enum": ["keep", "delete", "command"]},
            {"type": "string", "pattern": r"\{(id|file)\}", "not": {"pattern": OUTSIDE}},
        ],
    }),
    PathGlob: |_all| json_schema!({"type": "string", "minLength": 1, "not": {"pattern": OUTSIDE}}),
    Words: |_all| json_schema!({
        "anyOf": [
            {"type": "string"},
            {"type": "boolean"},
            {"type": "array", "items": {"type": "string"}},
        ],
    }),
    TimeLimit: |_all| json_schema!({
        "description": "A time such as `2` or `0.5` (seconds), `500ms` or `1m`.",
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": r"^ *[0-9.]+ *(ms|s|m)? *$"},
        ],
    }),
    TagFormat: |_all| json_schema!({
        "anyOf": [
            {"type": "string", "pattern": r"\{version\}"},
            {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"\{version\}"}},
        ],
    }),
    VersionFile: |_all| json_schema!({
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "The file."},
                    "pattern": {
                        "type": "string",
                        "pattern": r"\{version\}",
                        "description": "The literal text around the version.",
                    },
                },
                "required": ["path", "pattern"],
                "additionalProperties": false,
            },
        ],
    }),
    VersionFiles: |all| json_schema!({
        "anyOf": [
            {"type": "string", "const": "auto"},
            {"type": "array", "items": all.subschema_for::<VersionFile>()},
        ],
    }),
    Sources: |all| {
        let name = json!({"type": "string", "enum": Sources::preset_names()});
        let source = all.subschema_for::<Source>();
        json_schema!({
            "anyOf": [
                name,
                source,
                {"type": "array", "items": {"anyOf": [name, source]}},
            ],
        })
    },
}

/// A path that leads out of the repository.
const OUTSIDE: &str = r"^/|\\|(^|/)\.{1,2}(/|$)|//";

fn made() -> Value {
    let mut generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.root_schema_for::<Config>().to_value();
    in_prose(&mut schema);
    let defaults: String = ANNOTATED.lines().filter_map(default_line).collect();
    let defaults: Map<String, Value> = yaml::read(&defaults).unwrap();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        panic!("no properties");
    };
    for (key, property) in properties {
        let property = property.as_object_mut().unwrap();
        // Next to `$ref` draft-07 ignores all other keywords.
        if let Some(reference) = property.remove("$ref") {
            property.insert("allOf".to_owned(), json!([{"$ref": reference}]));
        }
        property.insert("default".to_owned(), defaults[key.as_str()].clone());
    }
    schema["$id"] = ID.into();
    schema["title"] = "relwatch.yml".into();
    schema["description"] =
        "What a repository configures of relwatch: https://github.com/relwatch/relwatch".into();
    schema
}

/// A line of the annotated file that is a key, without its `# `.
fn default_line(line: &str) -> Option<String> {
    let line = line.strip_prefix("# ")?;
    let (key, _) = line.trim_start().split_once(':')?;
    let is_key = key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (is_key && key != "relwatch").then(|| format!("{line}\n"))
}

/// Doc comments as people read them: in one line, without links to code.
fn in_prose(schema: &mut Value) {
    match schema {
        Value::Object(all) => {
            if let Some(Value::String(text)) = all.get_mut("description") {
                *text = text
                    .replace('\n', " ")
                    .replace("[`", "`")
                    .replace("`]", "`");
                *text = text
                    .replace("`Source::", "`")
                    .replace("`crate::config::", "`");
            }
            if all.get("format").is_some_and(|format| format == "uint") {
                all.remove("format"); // none that JSON Schema knows
            }
            all.values_mut().for_each(in_prose);
        }
        Value::Array(all) => all.iter_mut().for_each(in_prose),
        _ => {}
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "writes a file of this repository, on request"
)]
fn the_published_schema_is_made_from_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let text = format!("{:#}\n", made());
    if std::env::var("DOCS").as_deref() == Ok("write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "{FILE} is not what the types make; run `DOCS=write cargo test --lib schema::`"
    );
    assert!(
        ANNOTATED.starts_with(&format!("# yaml-language-server: $schema={ID}\n")),
        "init writes a file that editors know"
    );
}
