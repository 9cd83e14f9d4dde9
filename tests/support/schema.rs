//! Validates JSON by the schemas in docs/schema. Supports the keywords that those use, and fails on any other one, so that nothing remains
//! unchecked by mistake. `.ci/run-extra schema` runs other validators.

use std::fs;
use std::path::Path;

use regex_lite::Regex;
use serde_json::{Map, Value};

/// A published schema.
pub struct Published(Value);

/// Keywords that check nothing.
const NOTES: [&str; 8] = [
    "$id",
    "$schema",
    "title",
    "description",
    "default",
    "definitions",
    "format",
    "examples",
];

impl Published {
    /// Reads `docs/schema/NAME.schema.json`.
    pub fn read(name: &str) -> Published {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = path.join(format!("docs/schema/{name}.schema.json"));
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Published(serde_json::from_str(&text).unwrap())
    }

    /// The errors of a value, each with its place.
    pub fn errors(&self, value: &Value) -> Vec<String> {
        let mut errors = Vec::new();
        self.check(&self.0, value, "", &mut errors);
        errors
    }

    fn is_valid(&self, schema: &Value, value: &Value) -> bool {
        let mut errors = Vec::new();
        self.check(schema, value, "", &mut errors);
        errors.is_empty()
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
        let schema = match schema {
            Value::Bool(true) => return,
            Value::Object(schema) => schema,
            _ => return errors.push(format!("{at}: nothing may be there")),
        };
        for (keyword, wanted) in schema {
            let all = || wanted.as_array().unwrap().iter();
            let count = || all().filter(|one| self.is_valid(one, value)).count();
            let fits = match keyword.as_str() {
                note if NOTES.contains(&note) => true,
                "$ref" => {
                    let name = wanted.as_str().unwrap().strip_prefix("#/definitions/");
                    self.check(&self.0["definitions"][name.unwrap()], value, at, errors);
                    true
                }
                "type" => match wanted {
                    Value::Array(_) => all().any(|kind| is_of(kind, value)),
                    kind => is_of(kind, value),
                },
                "enum" => all().any(|one| one == value),
                "const" => wanted == value,
                "pattern" => value.as_str().is_none_or(|text| {
                    Regex::new(wanted.as_str().unwrap()).unwrap().is_match(text)
                }),
                "minLength" => value
                    .as_str()
                    .is_none_or(|text| text.len() as u64 >= wanted.as_u64().unwrap()),
                "minItems" => value
                    .as_array()
                    .is_none_or(|list| list.len() as u64 >= wanted.as_u64().unwrap()),
                "minimum" => value
                    .as_f64()
                    .is_none_or(|number| number >= wanted.as_f64().unwrap()),
                "anyOf" => {
                    // The errors for the form that the value resembles most.
                    let by_form = all().map(|one| {
                        let mut own = Vec::new();
                        self.check(one, value, at, &mut own);
                        own
                    });
                    errors.extend(by_form.min_by_key(Vec::len).unwrap());
                    true
                }
                "oneOf" => count() == 1,
                "not" => !self.is_valid(wanted, value),
                "allOf" => {
                    all().for_each(|one| self.check(one, value, at, errors));
                    true
                }
                "items" => {
                    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{at}[{number}]"), errors);
                    }
                    true
                }
                "properties" | "additionalProperties" | "required" => true, // below
                other => panic!("{other}: teach tests/support/schema.rs this keyword"),
            };
            if !fits {
                errors.push(format!("{at}: {value} is not what `{keyword}` wants"));
            }
        }
        if let Value::Object(object) = value {
            self.check_object(schema, object, at, errors);
        }
    }

    fn check_object(
        &self,
        schema: &Map<String, Value>,
        object: &Map<String, Value>,
        at: &str,
        errors: &mut Vec<String>,
    ) {
        let known = schema.get("properties").and_then(Value::as_object);
        for (key, value) in object {
            let at = format!("{at}.{key}");
            match known.and_then(|known| known.get(key)) {
                Some(own) => self.check(own, value, &at, errors),
                None => {
                    if let Some(others) = schema.get("additionalProperties") {
                        self.check(others, value, &at, errors);
                    }
                }
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten() {
            if !object.contains_key(key.as_str().unwrap()) {
                errors.push(format!("{at}: {key} is missing"));
            }
        }
    }
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

/// The output schema that a command's answer follows; `None` if it is not JSON.
pub fn output_of<'a>(args: &[&'a str]) -> Option<&'a str> {
    let is_json =
        args.contains(&"--json") || args.windows(2).any(|two| two == ["--format", "json"]);
    let command = args.iter().find(|word| !word.starts_with('-'))?;
    is_json.then_some(*command)
}

/// Asserts that the output of a command follows its schema.
#[track_caller]
pub fn follows(args: &[&str], printed: &str) {
    let Some(name) = output_of(args) else { return };
    let Ok(value) = serde_json::from_str::<Value>(printed) else {
        return; // an error, or a file that it names
    };
    let errors = Published::read(name).errors(&value);
    assert!(errors.is_empty(), "{args:?}: {}", errors.join("\n"));
}

/// A YAML text as JSON; `None` if it is not YAML.
pub fn of_yaml(text: &str) -> Option<Value> {
    relwatch::domain::yaml::read(text).ok()
}

/// Asserts that the configuration's schema accepts what relwatch reads.
#[track_caller]
pub fn accepts(yaml: &str) {
    if relwatch::config::Config::read(yaml).is_err() {
        return;
    }
    let value = of_yaml(yaml).unwrap();
    let errors = Published::read("relwatch").errors(&value);
    assert!(errors.is_empty(), "{yaml}\n{}", errors.join("\n"));
}
