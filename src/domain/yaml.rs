//! Front matter and configuration in YAML: the only file that depends on a YAML library.
//!
//! Input is limited: texts over [`MAX_BYTES`] and deeply nested brackets are refused here; the library limits depth (128) and alias
//! repetition.

use std::{fmt, iter};

use serde::de::value::MapDeserializer;
use serde::de::{self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer};

/// Maximum size of a YAML text.
pub const MAX_BYTES: usize = 256 * 1024;

/// Maximum nesting of brackets; the library's own limit.
const MAX_DEPTH: usize = 128;

/// Error in a YAML text, with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// Line from 1, within the text; 1 if the library does not report it.
    pub line: usize,
    pub message: String,
}

/// Reads `text` as a `T`; an empty text is an empty mapping.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    if text.len() > MAX_BYTES {
        return Err(YamlError {
            line: 1,
            message: format!("larger than {MAX_BYTES} bytes"),
        });
    }
    let is_blank = |line: &str| matches!(line.trim_start().bytes().next(), None | Some(b'#'));
    if text.lines().all(is_blank) {
        let nothing = iter::empty::<(&str, &str)>();
        let nothing = MapDeserializer::<_, de::value::Error>::new(nothing);
        return T::deserialize(nothing).map_err(|error| YamlError {
            line: 1,
            message: error.to_string(),
        });
    }
    if let Some(line) = too_deep(text) {
        return Err(YamlError {
            line,
            message: format!("brackets nested deeper than {MAX_DEPTH}"),
        });
    }
    serde_yaml::from_str(text).map_err(yaml_error)
}

/// Why a text is no YAML; `None` if it is, whatever it says.
pub fn syntax_error(text: &str) -> Option<YamlError> {
    let read = serde_yaml::from_str::<de::IgnoredAny>(text);
    read.err().map(yaml_error)
}

/// Line where brackets are nested too deeply: for every token, the library's scanner goes through all open ones.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.lines()
        .position(|line| {
            line.bytes().any(|byte| {
                match byte {
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth > MAX_DEPTH
            })
        })
        .map(|at| at + 1)
}

fn yaml_error(error: serde_yaml::Error) -> YamlError {
    let full = error.to_string();
    let line = error.location().map_or(1, |at| at.line());
    let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
    YamlError { line, message }
}

/// YAML as people write it: every scalar is text, so that the commit `3614866` and the version `1.10` are not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// No value, or a value with a custom tag.
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Value of a key of a mapping, or of a path of keys: `custom.Issue`. `dependencies[type=parent].id` continues from the first mapping
    /// in a list whose `type` is `parent`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Node::Map(pairs) = self else {
            return None;
        };
        let own = |key: &str| pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v);
        own(key).or_else(|| {
            let (first, rest) = key.split_once('.')?;
            let Some((list, (name, value))) = filtered(first) else {
                return own(first)?.get(rest);
            };
            let Node::List(items) = own(list)? else {
                return None;
            };
            let is_it = |item: &&Node| item.get(name).and_then(Node::text) == Some(value);
            items.iter().find(is_it)?.get(rest)
        })
    }

    /// Scalar without surrounding space; `None` if it is empty or not a scalar.
    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// List of scalars; a single scalar with commas is a list, too.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Node::Text(text) => {
                let parts = text.split(',').map(str::trim);
                parts.filter(|part| !part.is_empty()).collect()
            }
            Node::List(nodes) => nodes.iter().filter_map(Node::text).collect(),
            _ => Vec::new(),
        }
    }
}

/// `list[name=value]`.
fn filtered(part: &str) -> Option<(&str, (&str, &str))> {
    let (list, filter) = part.strip_suffix(']')?.split_once('[')?;
    Some((list, filter.split_once('=')?))
}

/// Parses a mapping with all scalars as text.
///
/// # Errors
/// Fails if the text is not YAML or not a mapping, or if a key occurs twice.
pub fn mapping(text: &str) -> Result<Node, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A scalar's text is available only where the type is known to be scalar: one pass for the shape, one for the texts.
    let shape: Shape = read(text)?;
    if !matches!(shape, Shape::Map(_) | Shape::Null) {
        return Err(YamlError {
            line: 1,
            message: "not a list of `key: value` lines".into(),
        });
    }
    if let Shape::Map(pairs) = &shape
        && let Some((at, (key, _))) = pairs
            .iter()
            .enumerate()
            .find(|(at, (key, _))| pairs[..*at].iter().any(|(other, _)| other == key))
    {
        let is_key = |line: &str| {
            line.strip_prefix(key.as_str())
                .is_some_and(|r| r.trim_start().starts_with(':'))
        };
        let lines = text.lines().enumerate().filter(|(_, line)| is_key(line));
        return Err(YamlError {
            line: lines.last().map_or(at + 1, |(line, _)| line + 1),
            message: format!("the key `{key}` is there twice"),
        });
    }
    if matches!(shape, Shape::Null) || matches!(&shape, Shape::Map(pairs) if pairs.is_empty()) {
        return Ok(Node::Map(Vec::new())); // nothing, or comments alone
    }
    let deserializer = serde_yaml::Deserializer::from_str(text);
    TextSeed(&shape)
        .deserialize(deserializer)
        .map_err(yaml_error)
}

enum Shape {
    Null,
    Scalar,
    List(Vec<Shape>),
    Map(Vec<(String, Shape)>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> de::Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }
    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_i128<E>(self, _: i128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_u128<E>(self, _: u128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(shape) = seq.next_element()? {
            shapes.push(shape);
        }
        Ok(Shape::List(shapes))
    }
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut pairs = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            pairs.push((key, map.next_value()?));
        }
        Ok(Shape::Map(pairs))
    }
    fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<Shape, A::Error> {
        // The meaning of a custom tag is not known here.
        let (_, variant): (de::IgnoredAny, _) = data.variant()?;
        de::VariantAccess::newtype_variant::<de::IgnoredAny>(variant)?;
        Ok(Shape::Null)
    }
}

/// A key, even if it looks like a number.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        String::deserialize(deserializer).map(Key)
    }
}

struct TextSeed<'s>(&'s Shape);

impl<'de> DeserializeSeed<'de> for TextSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.0 {
            Shape::Null => de::IgnoredAny::deserialize(deserializer).map(|_| Node::Null),
            Shape::Scalar => String::deserialize(deserializer).map(Node::Text),
            Shape::List(shapes) => deserializer.deserialize_seq(ListVisitor(shapes)),
            Shape::Map(pairs) => deserializer.deserialize_map(MapVisitor(pairs)),
        }
    }
}

struct ListVisitor<'s>(&'s [Shape]);

impl<'de> de::Visitor<'de> for ListVisitor<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        for shape in self.0 {
            nodes.extend(seq.next_element_seed(TextSeed(shape))?);
        }
        Ok(Node::List(nodes))
    }
}

struct MapVisitor<'s>(&'s [(String, Shape)]);

impl<'de> de::Visitor<'de> for MapVisitor<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        for (_, shape) in self.0 {
            if let Some(Key(key)) = map.next_key()? {
                pairs.push((key, map.next_value_seed(TextSeed(shape))?));
            }
        }
        Ok(Node::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_stay_text() {
        let node = mapping("commits: [3614866, 12e4567, 0012345]\nv: 1.10\nb: yes\nd: 2026-01-02\n7: x\nn:\nt: !x y\n").unwrap();
        assert_eq!(
            node.get("commits").unwrap().texts(),
            ["3614866", "12e4567", "0012345"]
        );
        assert_eq!(node.get("v").unwrap().text(), Some("1.10"));
        assert_eq!(node.get("7").unwrap().text(), Some("x"));
        assert_eq!(
            (node.get("n"), node.get("t")),
            (Some(&Node::Null), Some(&Node::Null))
        );
        assert_eq!(mapping("").unwrap(), Node::Map(vec![]));
    }

    #[test]
    fn paths_lead_into_mappings_and_lists_of_them() {
        let node = mapping("a.b: own\ncustom: {Issue: 7}\nneeds:\n- {type: blocks, id: x}\n- {type: parent, id: y}\n").unwrap();
        let text = |key: &str| node.get(key).and_then(Node::text);
        assert_eq!(
            (text("a.b"), text("custom.Issue")),
            (Some("own"), Some("7"))
        );
        assert_eq!(text("needs[type=parent].id"), Some("y"));
        assert_eq!(
            (text("needs[type=child].id"), text("a.c"), text("needs.id")),
            (None, None, None)
        );
    }

    #[test]
    fn what_is_no_mapping_is_refused_with_its_line() {
        let line = |text: &str| mapping(text).unwrap_err().line;
        assert_eq!(line("a: 1\nb: 2\na: 3\n"), 3);
        assert_eq!(line("- a\n"), 1);
        assert_eq!(line("a: 1\n\tb: 2\n"), 2);
        assert!(line("a: [1\nb: 2\n") >= 2);
        let bomb = "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\ng: [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]\n";
        assert!(mapping(bomb).is_err());
    }
}
