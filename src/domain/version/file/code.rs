//! Just enough parsing of Python and Elixir to find a version: code, strings and comments are distinguished.

use std::ops::Range;

use regex_lite::Regex;

/// Ranges of a pattern's first group in code. Strings are blanked first. Those in triple quotes also lose their quotes: they are
/// documentation, and a version in them is only an example.
pub fn places(pattern: &str, text: &str) -> Vec<Range<usize>> {
    groups(pattern, &blanked(text))
}

/// Ranges of the version in a setup.py: an argument of `setup`, a variable, or a key of the `dict` that `setup` takes as `**NAME`.
pub fn places_of_setup(text: &str) -> Vec<Range<usize>> {
    const VERSION: &str =
        r#"(?m)(?:^|[(,])[ \t]*(?:version|VERSION|__version__)[ \t]*=[ \t]*["']([^"'\n]+)["']"#;
    let code = blanked(text);
    let mut options = Vec::new();
    if let Ok(pattern) = Regex::new(r"\bsetup\s*\(\s*\*\*\s*(\w+)") {
        options.extend(pattern.captures_iter(&code).map(|one| one[1].to_owned()));
    }
    let is_own = |at: usize| {
        let Some(call) = innermost(&code[..at]) else {
            return true;
        };
        let (before, callee) = last_word(&code[..call]);
        let assigned = before.trim_end().strip_suffix('=').map(last_word);
        match callee {
            "setup" => true,
            "dict" => assigned.is_some_and(|(_, name)| options.iter().any(|one| one == name)),
            _ => false,
        }
    };
    let mut found = groups(VERSION, &code);
    found.retain(|at| is_own(at.start));
    found
}

fn groups(pattern: &str, code: &str) -> Vec<Range<usize>> {
    let Ok(pattern) = Regex::new(pattern) else {
        return Vec::new();
    };
    let found = pattern.captures_iter(code);
    let group = found.filter_map(|one| {
        one.iter()
            .skip(1)
            .flatten()
            .next()
            .map(|group| group.range())
    });
    group.collect()
}

/// Innermost parenthesis that is still open at the end.
fn innermost(code: &str) -> Option<usize> {
    let mut open = Vec::new();
    for (at, sign) in code.char_indices() {
        match sign {
            '(' => open.push(at),
            ')' => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

/// Last word, and the text before it.
fn last_word(code: &str) -> (&str, &str) {
    let code = code.trim_end();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.split_at(code.trim_end_matches(is_word).len())
}

/// Text with comments and string contents blanked. All offsets stay the same.
fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let (length, is_shown) = match sign {
            '#' => (rest.find('\n').unwrap_or(rest.len()), false),
            '"' | '\'' => {
                let triple = if sign == '"' { "\"\"\"" } else { "'''" };
                if rest.starts_with(triple) {
                    (string(rest, triple), false)
                } else {
                    (string(rest, &triple[..1]), true)
                }
            }
            sign => {
                code.push(sign);
                rest = &rest[sign.len_utf8()..];
                continue;
            }
        };
        let (said, behind) = rest.split_at(length);
        for (at, byte) in said.bytes().enumerate() {
            let is_quote = is_shown && (at == 0 || at + 1 == length) && byte == sign as u8;
            code.push(match byte {
                b'\n' => '\n',
                _ if is_quote => sign,
                _ => ' ',
            });
        }
        rest = behind;
    }
    code
}

/// Length of the string that begins here. A string in single quotes ends with its line, so a stray quote affects one line at most.
fn string(text: &str, quote: &str) -> usize {
    let mut at = quote.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        let mut signs = rest.chars();
        match signs.next() {
            Some('\n') if quote.len() == 1 => return at,
            Some('\\') => at += 1 + signs.next().map_or(0, char::len_utf8),
            sign => at += sign.map_or(1, char::len_utf8),
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_code_are_those_of_the_text() {
        for text in [
            "",
            "'",
            "\"\"\"",
            "x = 'ä\\'b' # é\n\"\"\"\nö\"\"\"y",
            "'\\",
            "'a\nb'",
            "# '\n(",
            "\"\"\"a\\\"\"\"\"\"\"",
        ] {
            let code = blanked(text);
            assert_eq!(code.len(), text.len(), "{text}");
            let lines = |text: &str| {
                text.match_indices('\n')
                    .map(|(at, _)| at)
                    .collect::<Vec<_>>()
            };
            assert_eq!(lines(&code), lines(text), "{text}");
        }
        assert_eq!(blanked("a = 'b(' # c\nd"), "a = '  '    \nd");
    }

    #[test]
    fn only_setup_and_variables_name_the_version() {
        for (text, count) in [
            ("setup(name='x', version='1.0.0')", 1),
            (
                "setuptools.setup(\n    name='a)b',\n    version=\"1.0.0\",\n)",
                1,
            ),
            ("VERSION = '1.0.0'\nsetup(version=VERSION)", 1),
            ("setup(x=f(1), version='1.0.0')", 1),
            ("zlib = dict(name='z', version='1.0.0')\nsetup()", 0),
            ("o = dict(name='z', version='1.0.0')\nsetup(**o)", 1),
            ("o = dict(version='1.0.0')\np = {}\nsetup(**p)", 0),
            ("setup(x=Extension('a', version='1.0.0'))", 0),
            ("'''\nversion = '1.0.0'\n'''\n# version = '1.0.0'\n", 0),
        ] {
            let places = places_of_setup(text);
            assert_eq!(places.len(), count, "{text}");
            assert!(places.into_iter().all(|at| &text[at] == "1.0.0"));
        }
    }
}
