//! Fields and body of a spec, in any format.

use std::borrow::Cow;

use crate::domain::json;
use crate::domain::spec::body::{outside_fences, split};
use crate::domain::spec::format::SpecFormat;
use crate::domain::spec::rst;
use crate::domain::spec::source::Source;
use crate::domain::yaml::{self, Node, YamlError};

/// Reads the fields and the body of a file that is a single spec.
///
/// # Errors
/// Fails if the front matter is not closed, if it is not in the source's format, or if a key occurs twice. The line is the file's.
pub fn read<'t>(source: &Source, text: &'t str) -> Result<(Node, Cow<'t, str>), YamlError> {
    let without_body = |fields| Ok((fields, Cow::Borrowed("")));
    match source.format {
        SpecFormat::Yaml => without_body(yaml::mapping(text)?),
        SpecFormat::Json | SpecFormat::JsonLines => match json::read(text)? {
            fields @ Node::Map(_) => without_body(fields),
            _ => Err(YamlError {
                line: 1,
                message: "not an object of keys and values".into(),
            }),
        },
        SpecFormat::Rst => Ok((Node::Map(Vec::new()), Cow::Owned(rst::headed(text)))),
        SpecFormat::Markdown => {
            let (front, body, front_line) = split(text)?;
            let mut front = yaml::mapping(front).map_err(|error| YamlError {
                line: error.line + front_line,
                message: error.message,
            })?;
            if let (true, Node::Map(pairs)) = (source.body_fields, &mut front) {
                pairs.extend(of_body(body));
            }
            Ok((front, Cow::Borrowed(body)))
        }
    }
}

/// Fields in the body, names in lower case: lines `Date: 2026-01-30`, `* Status: accepted`, `**Status**: Draft` before the first section
/// (adr-tools, the first MADR), and the first line of each section (`## Status`, Nygard's form of decision records).
fn of_body(body: &str) -> Vec<(String, Node)> {
    let mut found = Vec::new();
    // Section without a line so far; `None` if it has one.
    let mut section: Option<&str> = None;
    let mut is_head = true;
    for (plain, line) in outside_fences(body.lines()) {
        if let Some(name) = line.strip_prefix("## ").filter(|_| plain) {
            section = Some(name.trim());
            is_head = false;
            continue;
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with("<!--") {
            continue;
        }
        let field = match section.take() {
            Some(name) => Some((name, line)),
            None if is_head && plain => labelled(line),
            None => None,
        };
        found.extend(field.and_then(|(name, value)| {
            let value = bare(value);
            (!value.is_empty()).then(|| (name.to_lowercase(), Node::Text(value.to_owned())))
        }));
    }
    found
}

/// Name before the first colon of a line and the text after it, if the line is a field.
fn labelled(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(['*', '-', '+', '_', ' ']);
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end_matches(['*', '_', ' ']);
    let is_name = name.starts_with(char::is_alphabetic)
        && name.split_whitespace().count() <= 3
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || " -_".contains(c));
    is_name.then_some((name, value))
}

/// Value without emphasis, emojis and surrounding space.
fn bare(value: &str) -> &str {
    let value = value.trim_end_matches(['*', '_', ' ']);
    value.trim_start_matches(|c: char| !c.is_alphanumeric() && !"[({<\"'`#".contains(c))
}

/// Template with `{key}` replaced by the values of keys, without the lines that name a key without a value. `None` if that is the first
/// line.
pub fn filled(template: &str, fields: &Node) -> Option<String> {
    let mut lines = Vec::new();
    for (at, line) in template.split('\n').enumerate() {
        match filled_line(line, fields) {
            Some(line) => lines.push(line),
            None if at == 0 => return None,
            None => {}
        }
    }
    Some(lines.join("\n").trim_end().to_owned())
}

fn filled_line(line: &str, fields: &Node) -> Option<String> {
    let mut filled = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let (key, behind) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(fields.get(key).and_then(Node::text)?);
        rest = behind;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_bodies_as_decision_records_have_them() {
        for (body, status, date) in [
            // adr-tools
            (
                "# 2. Use shell scripts\n\nDate: 2016-02-12\n\n## Status\n\nAccepted\n\nAmends [5. Help](0005-help.md)\n\n## Context\n\nStatus: no\n",
                Some("Accepted"),
                Some("2016-02-12"),
            ),
            // the first MADR
            (
                "# Use CC0\n\n* Status: accepted\n* Deciders: [a, b]\n* Date: 2018-01-02\n\nTechnical Story: #1\n\n## Context and Problem Statement\n",
                Some("accepted"),
                Some("2018-01-02"),
            ),
            (
                "# ADR-7: x\n\n**Status:** ✅ **Superseded** by ADR-9\n\n```\nDate: 2020-01-01\n```\n",
                Some("Superseded** by ADR-9"),
                None,
            ),
            (
                "# x\n\n## Status\n\n<!-- one of -->\n\n✅ Accepted\n",
                Some("Accepted"),
                None,
            ),
            ("# x\n\nSome text: no field of four words\n", None, None),
        ] {
            let fields = Node::Map(of_body(body));
            let text = |key: &str| fields.get(key).and_then(Node::text);
            assert_eq!((text("status"), text("date")), (status, date), "{body}");
        }
    }

    #[test]
    fn templates_leave_out_lines_that_nothing_fills() {
        let fields = |text: &str| yaml::mapping(text).unwrap();
        let all = fields("part: cli\nnote: Waits.\nmore: |\n  a\n  b\n");
        let template = "`{part}`: {note}\n\n{more}";
        assert_eq!(
            filled(template, &all).as_deref(),
            Some("`cli`: Waits.\n\na\nb")
        );
        assert_eq!(
            filled(template, &fields("part: cli\nnote: Waits.\nmore:\n")).as_deref(),
            Some("`cli`: Waits.")
        );
        assert_eq!(filled(template, &fields("note: Waits.\n")), None);
        assert_eq!(
            filled("task-{id}", &fields("id: 7\n")).as_deref(),
            Some("task-7")
        );
    }
}
