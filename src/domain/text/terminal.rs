//! Text made safe for a terminal: no foreign escape sequence is printed.

/// A text without control characters, escape sequences, and invisible or direction-changing characters; tabs and line ends become spaces.
/// Safe to print on a terminal.
pub fn printable(text: &str) -> String {
    cleaned(text, "", is_odd)
}

/// Text of several lines without terminal control and direction-changing characters.
pub fn printable_lines(text: &str) -> String {
    cleaned(text, "\n\t", |c| c.is_control() || turns(c))
}

fn cleaned(text: &str, kept: &str, goes: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // ECMA-48, 5.4 (control sequences), 5.6 (control strings), and the same in one character, 5.3.
        let (c, is_sequence) = match c {
            '\u{1b}' => match chars.next_if(|c| ('\u{20}'..='\u{7e}').contains(c)) {
                Some(next @ ('[' | ']' | 'P' | 'X' | '^' | '_')) => (next, true),
                Some(next) => {
                    if next < '0' {
                        while chars
                            .next_if(|c| ('\u{20}'..='\u{2f}').contains(c))
                            .is_some()
                        {}
                        chars.next_if(|c| ('\u{30}'..='\u{7e}').contains(c));
                    }
                    continue;
                }
                None => continue,
            },
            '\u{9b}' => ('[', true),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => (']', true),
            c => (c, false),
        };
        match c {
            '[' if is_sequence => {
                while chars
                    .next_if(|c| ('\u{20}'..='\u{3f}').contains(c))
                    .is_some()
                {}
                chars.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
            }
            _ if is_sequence => {
                while let Some(c) = chars.next_if(|c| *c != '\n') {
                    let ends = matches!(c, '\u{7}' | '\u{9c}')
                        || c == '\u{1b}' && chars.next_if_eq(&'\\').is_some();
                    if ends {
                        break;
                    }
                }
            }
            c if kept.contains(c) => out.push(c),
            '\r' if kept.contains('\n') && chars.peek() == Some(&'\n') => out.push(c),
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if goes(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// JSON with characters that must not reach a terminal, or that count as line ends elsewhere, escaped as `\u001b` (RFC 8259, 7). Such
/// characters occur only inside strings.
pub fn json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => out.push(c),
            c if is_odd(c) && c <= '\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Whether a character may not occur in any text that relwatch writes.
pub fn is_odd(c: char) -> bool {
    c.is_control() || is_unseen(c)
}

/// Whether a character is one of Unicode's direction controls (UAX 9, 2).
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is invisible or changes the direction of adjacent text: Unicode's default ignorable code points and bidirectional
/// controls, except those that join letters and emojis (zero width joiner and non-joiner, variation selectors).
pub fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is invisible but allowed, since it joins letters and emojis.
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}
