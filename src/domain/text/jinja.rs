//! Templates of a project, in the language of Jinja2. A template has access to its values only: it reads and includes no files, and it
//! always terminates. An unknown name is an error, not an empty text.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter};
use serde_json::Value;

/// Maximum cost of a template in instructions, each of which may allocate about 64 bytes.
const FUEL: u64 = 5_000_000;

/// Error in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// Line number, from 1.
    pub line: usize,
    pub what: String,
}

/// Behaviour of a template for a value that does not exist for this release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyValue {
    /// Prints nothing.
    Prints,
    /// Fails, so that a subject cannot have a gap.
    Fails,
}

/// Renders a template. Statements leave blank lines: of several in a row, one is kept; fenced code keeps all.
///
/// # Errors
/// Fails if the template is invalid, or names an unknown value.
pub fn rendered(
    template: &str,
    values: &Value,
    empty: EmptyValue,
) -> Result<String, TemplateFault> {
    if let Some(fault) = old_style(template, values) {
        return Err(fault);
    }
    let mut environment = Environment::new();
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(move |out, state, value| {
        let is_empty = value.is_none() || value.as_str() == Some("");
        match empty {
            EmptyValue::Fails if is_empty => Err(Error::new(
                ErrorKind::InvalidOperation,
                "a value of the subject is empty here",
            )),
            _ if is_empty => Ok(()),
            _ => escape_formatter(out, state, value),
        }
    });
    environment.add_filter("upper_first", |text: String| {
        let mut chars = text.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        first.chain(chars.clone()).collect::<String>()
    });
    // Lines with statements only produce no output line.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.map_err(|error| fault(&error))?);
    let made = environment.render_str(template, Serde(values));
    made.map(|text| with_single_blanks(&text))
        .map_err(|error| fault(&error))
}

/// Syntax error of a template, whatever its values are.
pub fn syntax_fault(template: &str) -> Option<TemplateFault> {
    let environment = Environment::new();
    let parsed = environment.template_from_str(template).map(drop);
    parsed.err().map(|error| fault(&error))
}

fn with_single_blanks(text: &str) -> String {
    let mut fence: Option<String> = None;
    let mut was_blank = false;
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let mark = bare.chars().next().filter(|mark| matches!(mark, '`' | '~'));
        let marks = mark.map_or("", |mark| {
            let rest = bare.trim_start_matches(mark);
            &bare[..bare.len() - rest.len()]
        });
        match &fence {
            Some(open) if marks == bare && marks.starts_with(open.as_str()) => fence = None,
            None if marks.len() >= 3 => fence = Some(marks.to_owned()),
            _ => {}
        }
        let is_blank = bare.is_empty() && fence.is_none();
        if !(is_blank && was_blank) {
            out.push_str(line);
        }
        was_blank = is_blank;
    }
    out
}

fn fault(error: &Error) -> TemplateFault {
    let what = match error.kind() {
        ErrorKind::OutOfFuel => "it does not end; loop over less".to_owned(),
        kind => match error.detail() {
            Some(detail) => detail.to_owned(),
            None => kind.to_string(),
        },
    };
    TemplateFault {
        line: error.line().unwrap_or(1),
        what,
    }
}

/// First value in single braces, the syntax of announcements before they used this language.
fn old_style(template: &str, values: &Value) -> Option<TemplateFault> {
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let from = &rest[at..];
        let close = match from.as_bytes().get(1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => "",
        };
        if close.is_empty() {
            let name = from[1..].split('}').next().unwrap_or_default();
            let is_closed = from[1..].len() > name.len();
            if is_closed && values.get(name).is_some() {
                let before = template.len() - from.len();
                return Some(TemplateFault {
                    line: template[..before].matches('\n').count() + 1,
                    what: format!(
                        "`{{{name}}}` prints nothing: templates are in the language of Jinja2 now, so write `{{{{ {name} }}}}`"
                    ),
                });
            }
            rest = &from[1..];
        } else {
            let end = from[2..].find(close).map_or(from.len(), |end| end + 4);
            rest = &from[end..];
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn made(template: &str) -> String {
        let values = json!({
            "tag": "v1.0.0", "none": null, "list": ["a", "b"], "text": "one\ntwo",
            "changes": [{"scope": "api", "title": "x"}, {"scope": null, "title": "y"}],
        });
        match rendered(template, &values, EmptyValue::Prints) {
            Ok(text) => text,
            Err(fault) => format!("{}: {}", fault.line, fault.what),
        }
    }

    #[test]
    fn templates_are_those_of_jinja() {
        for (template, text) in [
            ("{{ tag }}{{ none }}", "v1.0.0"),
            (
                "{% for one in list %}\n* {{ one | upper }}\n{% endfor %}\n",
                "* A\n* B\n",
            ),
            ("- {{ text | indent(2) }}", "- one\n  two"),
            ("{{ 'a big X' | upper_first }}", "A big X"),
            (
                "a\n\n \n\nb\n```x\n\n\n``\n```\n\n\nc",
                "a\n\nb\n```x\n\n\n``\n```\n\nc",
            ),
            (
                "{% for scope, all in changes | groupby('scope', default='-') %}{{ scope }}{{ all | length }} {% endfor %}",
                "1 api1 ",
            ),
            (
                "{ } {other} {{ '{tag}' }} {# {tag} #}",
                "{ } {other} {tag} ",
            ),
            (
                "a\nb {tag}",
                "2: `{tag}` prints nothing: templates are in the language of Jinja2 now, so write `{{ tag }}`",
            ),
            ("a\n\n{{ tga }}", "3: `tga` is undefined"),
            (
                "{{ changes[0].author }}",
                "1: `changes[0].author` is undefined",
            ),
            ("{% if tga %}{% endif %}", "1: `tga` is undefined"),
            ("a\n{% for x in %}", "2: unexpected end of block"),
            ("{{ tag | odd }}", "1: filter odd is unknown"),
            ("{% include 'a.md' %}", "1: unknown statement include"),
            (
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                "1: it does not end; loop over less",
            ),
        ] {
            assert_eq!(made(template), text, "{template}");
        }
    }
}
