//! JSON as the tools write it, read into the same [`Node`] as YAML: every scalar is text.
//!
//! YAML's library would read JSON as well, but takes ten times as long and accepts at most 256 KB; files of records have megabytes. The
//! library refuses nesting deeper than 128. If a key occurs twice, the first one counts.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};

use crate::domain::yaml::{Node, YamlError};

/// Reads a text that is a single value.
///
/// # Errors
/// Fails with what is not JSON, and its line.
pub fn read(text: &str) -> Result<Node, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: JsonValue = serde_json::from_str(text).map_err(|error| {
        let full = error.to_string();
        let message = full.split(" at line ").next().unwrap_or(&full);
        YamlError {
            line: error.line().max(1),
            message: format!("no JSON: {message}"),
        }
    })?;
    Ok(value.0)
}

struct JsonValue(Node);

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonValue, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(JsonValue)
    }
}

struct JsonVisitor;

impl<'de> de::Visitor<'de> for JsonVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }
    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(JsonValue(node)) = seq.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, JsonValue(node))) = map.next_entry()? {
            pairs.push((key, node));
        }
        Ok(Node::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_text_and_errors_name_their_line() {
        let node =
            read("{\"id\": 12, \"done\": true, \"none\": null, \"of\": [\"a\", 1.5]}").unwrap();
        assert_eq!(node.get("id").unwrap().text(), Some("12"));
        assert_eq!(node.get("done").unwrap().text(), Some("true"));
        assert_eq!(node.get("none"), Some(&Node::Null));
        assert_eq!(node.get("of").unwrap().texts(), ["a", "1.5"]);
        let error = read("{\n\"id\": 12\n\"title\": 1}").unwrap_err();
        assert_eq!(error.line, 3);
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
