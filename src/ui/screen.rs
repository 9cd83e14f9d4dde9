//! Text layout: with or without colours, for a terminal's width or unlimited. This module does not determine where the text is shown.
//! Terminal control characters are removed from every word.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::text::terminal;

/// The properties of the output device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Screen {
    /// Number of columns. Without it, nothing is wrapped or shortened.
    pub width: Option<usize>,
    pub colour: bool,
}

/// The style of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Warning,
    Bad,
}

impl Tone {
    /// The colour code. ECMA-48, 8.3.117: colours that every palette keeps readable on light and on dark.
    fn code(self) -> Option<&'static str> {
        Some(match self {
            Tone::Plain => return None,
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Warning => "33",
            Tone::Bad => "31",
        })
    }
}

/// Minimum width in columns at which lines are broken.
const NARROWEST: usize = 20;

/// A text that is built line by line.
#[derive(Debug)]
pub struct Page {
    screen: Screen,
    text: String,
}

/// A word, and the number of spaces before it.
struct Word<'t> {
    gap: usize,
    tone: Tone,
    text: &'t str,
}

impl Page {
    /// An empty page.
    pub fn new(screen: Screen) -> Page {
        Page {
            screen,
            text: String::new(),
        }
    }

    /// The text so far, for the module that prints.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Adds an empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Adds a paragraph that begins after `indent` columns and continues after `hang`.
    pub fn words(&mut self, indent: usize, hang: usize, said: &[(Tone, &str)]) {
        let said: Vec<(Tone, String)> = said
            .iter()
            .map(|(tone, t)| (*tone, terminal::printable(t)))
            .collect();
        let width = self.width();
        let mut line = ScreenLine::new(indent);
        for mut word in said.iter().flat_map(|(tone, text)| words(*tone, text)) {
            if line.width + word.gap + word.text.width() > width && !line.is_empty() {
                self.end(std::mem::replace(&mut line, ScreenLine::new(hang)));
            }
            // A word that is longer than a line is broken anywhere.
            while line.width + word.text.width() > width {
                let (head, tail) = split(word.text, width.saturating_sub(line.width));
                if head.is_empty() {
                    break;
                }
                line.push(&Word { text: head, ..word });
                self.end(std::mem::replace(&mut line, ScreenLine::new(hang)));
                word.text = tail;
            }
            line.push(&word);
        }
        self.end(line);
    }

    /// Adds one line with a mark after it. A text that is too long is cut in the middle: the brackets at its end name its origin.
    pub fn item(&mut self, indent: usize, text: &str, mark: &str) {
        let taken = match mark.width() {
            0 => indent,
            mark => indent + 2 + mark,
        };
        let text = shortened(
            &terminal::printable(text),
            self.width().saturating_sub(taken),
        );
        let mut line = ScreenLine::new(indent);
        line.push(&Word {
            gap: 0,
            tone: Tone::Plain,
            text: &text,
        });
        if !mark.is_empty() {
            line.push(&Word {
                gap: 2,
                tone: Tone::Faint,
                text: mark,
            });
        }
        self.end(line);
    }

    fn width(&self) -> usize {
        match self.screen.width {
            Some(width) => width.max(NARROWEST),
            None => usize::MAX,
        }
    }

    fn end(&mut self, mut line: ScreenLine) {
        if let Some((_, last)) = line.runs.last_mut() {
            last.truncate(last.trim_end().len());
        }
        let mut out = String::new();
        for (tone, text) in line.runs {
            match tone.code().filter(|_| self.screen.colour) {
                Some(code) => {
                    let bare = text.trim_start_matches(' ');
                    let gap = &text[..text.len() - bare.len()];
                    out.push_str(&format!("{gap}\u{1b}[{code}m{bare}\u{1b}[0m"));
                }
                None => out.push_str(&text),
            }
        }
        out.push('\n');
        self.text.push_str(&out);
    }
}

/// A line that is being filled: runs of one tone.
struct ScreenLine {
    start: usize,
    width: usize,
    runs: Vec<(Tone, String)>,
}

impl ScreenLine {
    fn new(indent: usize) -> ScreenLine {
        ScreenLine {
            start: indent,
            width: indent,
            runs: vec![(Tone::Plain, " ".repeat(indent))],
        }
    }

    fn is_empty(&self) -> bool {
        self.width == self.start
    }

    fn push(&mut self, word: &Word<'_>) {
        let gap = if self.is_empty() { 0 } else { word.gap };
        let text = format!("{}{}", " ".repeat(gap), word.text);
        self.width += gap + word.text.width();
        match self.runs.last_mut() {
            Some((tone, run)) if *tone == word.tone => run.push_str(&text),
            _ => self.runs.push((word.tone, text)),
        }
    }
}

fn words(tone: Tone, text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut gap = 0;
    for part in text.split(' ') {
        if !part.is_empty() {
            found.push(Word {
                gap,
                tone,
                text: part,
            });
            gap = 0;
        }
        gap += 1;
    }
    // A space at the end is the gap before the first word of the next span.
    if gap > 1 {
        found.push(Word {
            gap: gap - 1,
            tone,
            text: "",
        });
    }
    found
}

/// The beginning of a text that fits into `width` columns, and the rest.
fn split(text: &str, width: usize) -> (&str, &str) {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > width {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// A text of at most `width` columns. An ellipsis replaces the part before the brackets at the end, or the end.
fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let closing = text.rfind(" (").filter(|_| text.ends_with(')'));
    let tail = closing.map_or("", |at| &text[at..]);
    let tail = if tail.width() * 3 > width * 2 {
        ""
    } else {
        tail
    };
    let room = width.saturating_sub(tail.width() + 1);
    let (head, _) = split(&text[..text.len() - tail.len()], room);
    format!("{}…{tail}", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize) -> Page {
        Page::new(Screen {
            width: Some(width),
            colour: false,
        })
    }

    #[test]
    fn paragraphs_hang_and_long_words_break() {
        let mut narrow = page(20);
        let said = [
            (Tone::Strong, "checks: "),
            (Tone::Bad, "one two, three"),
            (Tone::Plain, " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"),
        ];
        narrow.words(0, 4, &said);
        assert_eq!(
            narrow.into_text(),
            "checks: one two,\n    three\n    aaaaaaaaaaaaaaaa\n    aaaaaaaaaaaaaaaa\n    b\n"
        );
        let mut whole = Page::new(Screen::default());
        whole.words(2, 4, &said);
        assert_eq!(
            whole.into_text(),
            "  checks: one two, three aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b\n"
        );
    }

    #[test]
    fn items_keep_where_they_come_from() {
        for (text, mark, shown) in [
            ("short (#1)", "", "  short (#1)\n"),
            (
                "a long line that is cut (#12)",
                "",
                "  a long line tha… (#12)\n",
            ),
            (
                "a long line that is cut",
                "spec",
                "  a long line tha…  spec\n",
            ),
            (
                "一二三四五六七八九十十一 (#1)",
                "",
                "  一二三四五六七八… (#1)\n",
            ),
            (
                "x (a reference that is too long)",
                "",
                "  x (a reference that i…\n",
            ),
        ] {
            let mut page = page(24);
            page.item(2, text, mark);
            let text = page.into_text();
            assert_eq!(text, shown);
            assert!(text.trim_end().width() <= 24, "{text}");
        }
    }

    #[test]
    fn colour_is_around_words_and_never_around_indentation() {
        let mut page = Page::new(Screen {
            width: None,
            colour: true,
        });
        page.words(2, 2, &[(Tone::Good, "a b"), (Tone::Plain, " c")]);
        page.item(2, "x", "spec");
        assert_eq!(
            page.into_text(),
            "  \u{1b}[32ma b\u{1b}[0m c\n  x  \u{1b}[2mspec\u{1b}[0m\n"
        );
    }

    #[test]
    fn colours_are_the_only_escapes() {
        let mut page = Page::new(Screen {
            width: None,
            colour: true,
        });
        let hostile = "a\u{1b}[31m\u{1b}]0;t\u{7} \u{202e}b\nc";
        page.words(0, 2, &[(Tone::Bad, hostile)]);
        page.item(2, hostile, "spec");
        assert_eq!(
            page.into_text(),
            "\u{1b}[31ma b c\u{1b}[0m\n  a b c  \u{1b}[2mspec\u{1b}[0m\n"
        );
    }
}
