//! Mistakes in a configuration in the user's words: serde and the YAML library name types of Rust and states of a scanner.

/// Keys up to which a message lists them all; values are always listed.
const LISTED: usize = 8;

/// What the YAML library says of text that is no YAML, and what is usually wrong.
const SYNTAX: &[(&str, &str)] = &[
    ("unexpected end of stream", "a quote is not closed"),
    (
        "character that cannot start any token",
        "a tab, `@`, `%` or a backtick begins a word; indent with spaces, and quote the value",
    ),
    ("unknown anchor", "`*` begins a value; quote it"),
    (
        "mapping values are not allowed",
        "a value contains `: `; quote it",
    ),
    (
        "did not find expected key",
        "the indentation differs from the lines above",
    ),
    (
        "did not find expected '-' indicator",
        "the indentation differs from the lines above",
    ),
];

/// A message of the library in plain words; one that is plain already stays.
pub(super) fn plain(message: &str) -> String {
    if let Some((_, ours)) = SYNTAX.iter().find(|(theirs, _)| message.contains(theirs)) {
        return (*ours).to_owned();
    }
    for kind in ["invalid type: ", "invalid value: "] {
        if let Some((place, rest)) = message.split_once(kind)
            && let Some((found, expected)) = rest.split_once(", expected ")
        {
            return format!("{place}expected {}, not {}", wanted(expected), given(found));
        }
    }
    if let Some((place, rest)) = message.split_once("unknown field ") {
        return choice(place, "unknown key", rest, LISTED);
    }
    if let Some((place, rest)) = message.split_once("unknown variant ") {
        return choice(place, "unknown value", rest, usize::MAX);
    }
    match message.split_once("missing field ") {
        Some((place, key)) => format!("{place}{key} is missing"),
        None => message.to_owned(),
    }
}

/// An unknown word, and the known ones if there are at most so many.
fn choice(place: &str, what: &str, rest: &str, most: usize) -> String {
    let (word, known) = rest.split_once(", expected ").unwrap_or((rest, ""));
    let count = known.matches('`').count() / 2;
    if known.is_empty() || count > most {
        return format!("{place}{what} {word}");
    }
    format!("{place}{what} {word}, expected {known}")
}

/// What serde calls what it wants.
fn wanted(expected: &str) -> &str {
    match expected {
        "a sequence" => "a list",
        "a map" => "keys and values",
        "a string" => "a text",
        "a boolean" => "true or false",
        _ if expected.starts_with("struct ") => "keys and values",
        _ if expected.starts_with(['u', 'i']) && expected[1..].parse::<u8>().is_ok() => "a number",
        _ => expected,
    }
}

/// What serde calls what it finds.
fn given(found: &str) -> String {
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "keys and values".to_owned(),
        "unit value" => "nothing".to_owned(),
        _ => match found.split_once(' ') {
            Some(("string", text)) => format!("`{}`", text.trim_matches('"')),
            Some((_, value)) if value.starts_with('`') => value.to_owned(),
            _ => found.to_owned(),
        },
    }
}

/// The line, from 1, of a quote that a text does not close; `None` if `message` says something else.
pub(super) fn open_quote(text: &str, message: &str) -> Option<usize> {
    let is_odd = |line: &str| {
        ['\'', '"']
            .iter()
            .any(|quote| line.matches(*quote).count() % 2 == 1)
    };
    let is_meant = message.contains("unexpected end of stream");
    let odd = text.lines().enumerate().filter(|(_, line)| is_odd(line));
    odd.last().filter(|_| is_meant).map(|(at, _)| at + 1)
}

/// The bracket that a text does not close, with its line from 1. Quotes and comments are looked through.
pub(super) fn unclosed(text: &str) -> Option<(usize, char)> {
    let mut open = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut quote = None;
        let mut before = ' ';
        for letter in line.chars() {
            match (quote, letter) {
                (None, '#') if before == ' ' => break,
                (None, '\'' | '"') => quote = Some(letter),
                (Some(opened), letter) if opened == letter => quote = None,
                (None, '[' | '{') => open.push((at + 1, letter)),
                (None, ']' | '}') => drop(open.pop()),
                _ => {}
            }
            before = letter;
        }
    }
    open.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_names_a_type_of_rust() {
        for (theirs, ours) in [
            (
                "invalid type: sequence, expected keys and values",
                "expected keys and values, not a list",
            ),
            (
                "branches: invalid type: string \"main\", expected a sequence",
                "branches: expected a list, not `main`",
            ),
            (
                "web: invalid type: integer `3`, expected struct Web",
                "web: expected keys and values, not `3`",
            ),
            (
                "a: invalid value: integer `-1`, expected u32",
                "a: expected a number, not `-1`",
            ),
            (
                "storage: unknown variant `x`, expected `view` or `tracked`",
                "storage: unknown value `x`, expected `view` or `tracked`",
            ),
            (
                "unknown field `x`, expected one of `a`, `b`, `c`, `d`, `e`, `f`, `g`, `h`, `i`",
                "unknown key `x`",
            ),
            (
                "gates[0]: missing field `run`",
                "gates[0]: `run` is missing",
            ),
            (
                "path `../x` must stay inside",
                "path `../x` must stay inside",
            ),
        ] {
            assert_eq!(plain(theirs), ours);
        }
    }

    #[test]
    fn the_first_open_bracket_is_found() {
        for (text, expected) in [
            ("[", Some((1, '['))),
            ("a: 1\nb: {c: [d]\n", Some((2, '{'))),
            ("a: '['  # [\nb: [c]\n", None),
        ] {
            assert_eq!(unclosed(text), expected, "{text}");
        }
    }
}
