//! Text from commits and specs made safe: it becomes one list item and nothing else.
//!
//! Messages and specs may be hostile. None of their headings, HTML, link definitions or control characters reach the changelog, and none of
//! their escape sequences reach a terminal. A line of a commit may contain code and emphasis, but no link. The Markdown of a spec and of a
//! migration may contain lists, code, tables, quotes, and links and images whose address shows where it leads.

use std::ops::Range;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd,
};

use crate::domain::order;
use crate::domain::text::terminal::{self, is_odd};
use crate::domain::text::{emphasis, links, words};

/// One safe line: white space is folded, control characters and escape sequences are removed, and all Markdown except code and emphasis by
/// asterisks is escaped (CommonMark 0.31, sections 2.4 to 2.5, 4 and 6). Code spans are unchanged.
pub fn inline(text: &str) -> String {
    if is_inert(text) {
        return text.to_owned();
    }
    escaped(&folded(text))
}

/// Like [`inline`], limited to `width` characters before escaping: cutting it afterwards could lose the end of a code span.
pub fn title(text: &str, width: usize) -> String {
    if text.len() <= width && is_inert(text) {
        return text.to_owned();
    }
    escaped(&words::shortened(&folded(text), width))
}

/// A line as a table cell.
pub fn cell(line: &str) -> String {
    without(line, "|")
}

/// A line as a link text.
pub fn label(line: &str) -> String {
    without(line, "]")
}

fn without(line: &str, which: &str) -> String {
    let found = openers(line, 0..line.len(), which).map(|at| (at..at, "\\".to_owned()));
    applied(line, found.collect())
}

fn folded(text: &str) -> String {
    let plain = terminal::printable(text);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(line: &str) -> String {
    escape_block_start(&emphasis::without_underscores(escape_inline(line)))
}

/// Whether a line can stay as it is: it begins with a letter, has single spaces between its words, and contains no special characters; or
/// it is the name of an issue or a commit. Most subjects and references are of this form.
fn is_inert(text: &str) -> bool {
    let name = text.strip_prefix(['#', '!']).unwrap_or(text).as_bytes();
    if !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric) {
        return true;
    }
    let mut before = b' ';
    let plain = text.bytes().all(|byte| {
        let is_plain = match byte {
            b' ' => before != b' ',
            b'<' | b'>' | b'`' | b'[' | b'&' | b'\\' => false,
            byte => byte.is_ascii_graphic(),
        };
        before = byte;
        is_plain
    });
    plain
        && before != b' '
        && text.matches('_').count() < 2
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Several lines of Markdown for the inside of a list item: lists, code, tables, paragraphs and honest links are kept. Headings become bold
/// lines, all other markup is escaped, and an open fence is closed.
pub fn block(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| terminal::printable(line).trim_end().to_owned());
    let mut text = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    // Escaping may give adjacent text a new meaning: the words of a former comment become text.
    for _ in 0..MAX_PASSES {
        let edits = edits(&text);
        if edits.is_empty() {
            return text;
        }
        text = applied(&text, edits);
    }
    inline(&text)
}

/// Ordinary Markdown settles in two or three passes.
const MAX_PASSES: usize = 12;

/// Replacement for a range of a text.
type Edit = (Range<usize>, String);

fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    order::by_key(&mut edits, |(range, _)| (range.start, range.end));
    edits.dedup();
    let mut out = String::with_capacity(text.len() + edits.len());
    let mut done = 0;
    for (range, new) in edits {
        if range.start >= done {
            out.push_str(&text[done..range.start]);
            out.push_str(&new);
            done = range.end;
        }
    }
    out + &text[done..]
}

/// Replacements for everything that must not stay in a text of several lines.
fn edits(text: &str) -> Vec<Edit> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES;
    // In a changelog, any label may be defined.
    let define = |_: BrokenLink<'_>| Some((CowStr::from("?"), CowStr::from("")));
    let parser = Parser::new_with_broken_link_callback(text, options, Some(define));
    let mut scan = Scan {
        text,
        edits: Vec::new(),
        in_code: false,
        links: Vec::new(),
        row: None,
    };
    if ends_a_rule(text.lines().next().unwrap_or_default()) {
        scan.escape(0);
    }
    for (_, definition) in parser.reference_definitions().iter() {
        scan.escape(definition.span.start);
    }
    for (event, range) in parser.into_offset_iter() {
        scan.show(&event);
        if let Some(gap) = scan.unread(&event, &range) {
            scan.escape_each(gap, "<>`[");
        }
        scan.judge(event, range);
    }
    scan.edits
}

/// A text that is being read, and the edits that it needs.
struct Scan<'t> {
    text: &'t str,
    edits: Vec<Edit>,
    in_code: bool,
    /// Address of each open link, and its text as a reader sees it.
    links: Vec<(CowStr<'t>, String)>,
    /// Position up to which the parser has read the open table row.
    row: Option<usize>,
}

impl<'t> Scan<'t> {
    fn escape(&mut self, at: usize) {
        self.edits.push((at..at, "\\".to_owned()));
    }

    fn escape_each(&mut self, range: Range<usize>, which: &'static str) {
        let found = openers(self.text, range, which);
        self.edits.extend(found.map(|at| (at..at, "\\".to_owned())));
    }

    /// Adds visible text to the open links.
    fn show(&mut self, event: &Event<'_>) {
        let seen: &str = match event {
            Event::Text(seen) | Event::Code(seen) => seen,
            Event::SoftBreak | Event::HardBreak => " ",
            _ => return,
        };
        for (_, shown) in &mut self.links {
            shown.push_str(seen);
        }
    }

    /// Part of a table row that the parser has skipped. The parser ignores surplus cells, and other readers may not see a table here.
    fn unread(&mut self, event: &Event<'_>, range: &Range<usize>) -> Option<Range<usize>> {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                self.row = Some(range.start);
                None
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                self.row.take().map(|at| at..range.end)
            }
            Event::Start(Tag::TableCell) | Event::End(TagEnd::TableCell) => None,
            _ => {
                let at = self.row?;
                self.row = Some(at.max(range.end));
                Some(at..at.max(range.start))
            }
        }
    }

    /// Adds the edits that an event needs.
    fn judge(&mut self, event: Event<'t>, range: Range<usize>) {
        let raw = &self.text[range.clone()];
        match event {
            Event::Start(Tag::Heading { .. }) => {
                self.edits.extend(without_heading(self.text, range));
            }
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => self.escape_each(range, "<"),
            Event::Rule
            | Event::Start(Tag::FootnoteDefinition(_))
            | Event::FootnoteReference(_) => self.escape(range.start),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) => {
                if passes(link_type, &dest_url, raw) && !links::hides_entity(raw) {
                    self.edits.extend(in_one_line(self.text, range))
                } else {
                    self.escape(range.start)
                }
                self.links.push((dest_url, String::new()));
            }
            Event::End(TagEnd::Link) => {
                let ended = self.links.pop();
                if ended.is_some_and(|(url, shown)| links::is_spoof(&shown, &url)) {
                    self.escape(range.start);
                }
            }
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                ..
            }) => {
                if passes(link_type, &dest_url, raw) {
                    self.edits.extend(in_one_line(self.text, range))
                } else {
                    self.escape(range.start + 1)
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                self.in_code = true;
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    self.edits.extend(closing_fence(self.text, range));
                }
            }
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            Event::Code(_) => self.edits.extend(in_one_line(self.text, range)),
            Event::Text(said) if !self.in_code => {
                if raw.starts_with('&') && said.contains(is_odd) {
                    self.escape(range.start);
                }
                self.escape_each(range, "<>`[");
            }
            _ => {}
        }
    }
}

/// Some readers see a table begin in the middle of a paragraph; it would cut a code span, a link or an image in two.
fn in_one_line(text: &str, range: Range<usize>) -> impl Iterator<Item = Edit> + '_ {
    let ends = text[range.clone()].match_indices('\n');
    ends.map(move |(at, _)| {
        let at = range.start + at;
        let next = text[at + 1..].len() - text[at + 1..].trim_start_matches([' ', '>']).len();
        (at..at + 1 + next, " ".to_owned())
    })
}

/// Whether a link is safe for every reader to follow, and needs no definition elsewhere. cmark decodes an entity in an address even after a
/// backslash (`cmark_clean_url`); according to CommonMark it is not an entity (2.4).
fn passes(kind: LinkType, url: &str, raw: &str) -> bool {
    let own = [LinkType::Inline, LinkType::Autolink, LinkType::Email];
    let written = raw.rfind("](").map_or(raw, |at| &raw[at..]);
    own.contains(&kind)
        && links::is_safe_address(url)
        && !links::leads_up(url)
        && !written.contains("\\&")
}

/// Whether a line would be a thematic break after a list marker, `- --` (CommonMark, 4.1).
fn ends_a_rule(line: &str) -> bool {
    let marks =
        |mark: char| line.chars().all(|c| c == mark || c == ' ') && line.matches(mark).count() > 1;
    marks('-') || marks('*')
}

/// Positions of unescaped characters in `which`; of `<` only those that could begin a tag or an address, of `>` only those that end a
/// comment.
fn openers<'t>(
    text: &'t str,
    range: Range<usize>,
    which: &'t str,
) -> impl Iterator<Item = usize> + 't {
    let found = text[range.clone()].match_indices(|c| which.contains(c));
    found.filter_map(move |(at, mark)| {
        let at = range.start + at;
        let before = &text[..at];
        let opens = match mark {
            "<" => begins_tag(&text[at + 1..]),
            ">" => ends_comment(before),
            _ => true,
        };
        let slashes = before.len() - before.trim_end_matches('\\').len();
        (opens && slashes.is_multiple_of(2)).then_some(at)
    })
}

/// A heading as a bold line; the underline of an underlined heading is removed.
fn without_heading(text: &str, range: Range<usize>) -> Vec<Edit> {
    let raw = text[range.clone()].trim_end();
    let end = range.start + raw.len();
    let bare = raw.trim_start_matches('#');
    let is_underlined = raw.len() - bare.len() == 0 || raw.contains('\n');
    if is_underlined {
        let line = raw
            .trim_end_matches('=')
            .len()
            .min(raw.trim_end_matches('-').len());
        let at = range.start + line;
        return vec![(at..at, "\\".into())];
    }
    let title = bare.trim();
    if title.trim_matches('#').is_empty() {
        return vec![(range.start..range.start, "\\".into())];
    }
    // Trailing hashes belong to the heading if a space precedes them.
    let without = title.trim_end_matches('#');
    let title = if without.ends_with(' ') {
        without.trim_end()
    } else {
        title
    };
    let start = end - bare.trim_start().len();
    let stop = start + title.len();
    vec![(range.start..start, "**".into()), (stop..end, "**".into())]
}

/// Fence that a code block lacks at the end of the text.
fn closing_fence(text: &str, range: Range<usize>) -> Option<Edit> {
    let raw = text[range.clone()].trim_end();
    if range.start + raw.len() < text.len() {
        return None;
    }
    let mark = &raw[..raw.len() - raw.trim_start_matches(['`', '~']).len()];
    let mark = &mark[..mark.len() - mark.trim_start_matches(&mark[..1]).len()];
    let last = raw.rsplit_once('\n')?.1.trim_start_matches([' ', '>']);
    let is_closed = last.starts_with(mark) && last.chars().all(|c| mark.starts_with(c));
    if is_closed {
        return None;
    }
    let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    // A list marker is only on the first line of its item.
    let lead = text[line..range.start]
        .chars()
        .map(|c| if c == '>' { c } else { ' ' });
    let close = format!("\n{}{mark}", lead.collect::<String>());
    Some((text.len()..text.len(), close))
}

/// Escapes a line that would begin a block.
fn escape_block_start(line: &str) -> String {
    let Some(first) = line.chars().next() else {
        return String::new();
    };
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    // Text may be appended to a line, so a line that is only a marker also counts.
    let is_marker = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    if digits > 0 && rest.starts_with(['.', ')']) && is_marker(&rest[1..]) {
        return format!("{}\\{rest}", &line[..digits]);
    }
    let begins = match first {
        '#' => is_marker(line.trim_start_matches('#')),
        '>' | '~' => true,
        '-' | '+' | '*' | '_' | '=' => {
            is_marker(&line[1..]) || line.chars().all(|c| c == first || c == ' ')
        }
        _ => false,
    };
    if begins {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

/// Escapes what could begin HTML, an address, a link or an entity, outside of code spans. A backtick run without its partner is escaped
/// too, so that it cannot open a code span later, and so is a backslash at the end, which would escape the next character.
fn escape_inline(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut rest = line;
    let mut is_escaped = false;
    while let Some(c) = rest.chars().next() {
        if c == '`' && !is_escaped {
            let run = rest.bytes().take_while(|b| *b == b'`').count();
            let end = match closing_run(&rest[run..], run) {
                Some(close) => run + close + run,
                None => {
                    out.push_str(&"\\`".repeat(run));
                    rest = &rest[run..];
                    continue;
                }
            };
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let opens = match c {
            '<' => begins_tag(rest),
            '[' => true,
            '&' => links::begins_entity(rest),
            '>' => ends_comment(&out),
            _ => false,
        };
        if opens && !is_escaped {
            out.push('\\');
        }
        out.push(c);
        is_escaped = c == '\\' && !is_escaped;
    }
    if is_escaped {
        out.push('\\');
    }
    out
}

/// Whether the text after a `<` begins a tag, a comment or an address; a mail address may begin with a digit.
fn begins_tag(rest: &str) -> bool {
    let end = rest.find(|c: char| c.is_whitespace() || "<>".contains(c));
    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
    let is_mailbox = || word.contains('@') && after.starts_with('>');
    word.starts_with(|c: char| c.is_ascii_alphabetic() || "!/?".contains(c)) || is_mailbox()
}

/// Whether the text before a `>` ends a comment, which may have been opened further above.
fn ends_comment(before: &str) -> bool {
    before.ends_with("--")
}

fn closing_run(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let length = text[start..].bytes().take_while(|b| *b == b'`').count();
        if length == run {
            return Some(start);
        }
        at = start + length;
    }
    None
}

/// First paragraph of [`block`]'s text and the rest; the first part is empty if the text does not begin with a paragraph.
pub fn first_paragraph(text: &str) -> (&str, &str) {
    if is_inert(text) {
        return (text, "");
    }
    let mut events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    match events.next() {
        Some((Event::Start(Tag::Paragraph), range)) => {
            let end = text[..range.end].trim_end().len();
            text.split_at(end)
        }
        _ => ("", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_stays_one_inert_item() {
        for (raw, safe) in [
            ("# not a heading", "\\# not a heading"),
            ("1. not a list", "1\\. not a list"),
            ("- not a list", "\\- not a list"),
            ("> quote", "\\> quote"),
            ("[a]: https://example.org", "\\[a]: https://example.org"),
            (
                "a <!-- relwatch:skip #1 --> b",
                "a \\<!-- relwatch:skip #1 --\\> b",
            ),
            ("in \\\\<b>", "in \\\\\\<b>"),
            ("by <0a@b.c>, 1 <2", "by \\<0a@b.c>, 1 <2"),
            ("&lt; & co", "\\&lt; & co"),
            ("C:\\", "C:\\\\"),
            ("leak in Vec<T>", "leak in Vec\\<T>"),
            ("leak in `Vec<T>`", "leak in `Vec<T>`"),
            ("a ` b", "a \\` b"),
            ("a\u{1b}[31mred\u{1b}[0m b\u{7}", "ared b"),
            ("\u{1b}]8;;https://x\u{7}link", "link"),
            ("a\r\n\tb \u{202e}c", "a b c"),
            ("---", "\\---"),
            ("#12 is fixed", "#12 is fixed"),
            (
                "read __init__.py and _x_, *all* of a_b_c",
                "read \\_\\_init\\_\\_.py and \\_x\\_, *all* of a_b_c",
            ),
        ] {
            assert_eq!(inline(raw), safe, "{raw:?}");
        }
    }

    #[test]
    fn a_block_keeps_code_and_lists_but_not_headings() {
        assert_eq!(
            block("text\n## Heading\n\n- a\n```\n## code <!--\n"),
            "text\n**Heading**\n\n- a\n```\n## code <!--\n```"
        );
        assert_eq!(
            block("a\n---\n[x]: y\n<!-- c"),
            "a\n\\---\n\\[x]: y\n\\<!-- c"
        );
    }

    #[test]
    fn links_stay_where_they_are_honest() {
        for link in [
            "[a](https://a.example/b)",
            "[b](docs/b.md#c)",
            "<https://a.example>",
            "[a.example/x](https://www.a.example/x)",
            "![c](https://a.example/c.png)",
            "[docs.rs](https://docs.rs/x)",
            "[serde.rs](https://serde.rs/)",
            "[GitHub.com](https://www.github.com/a)",
            "[github.com:80](http://github.com:8080)",
            "[`github.com/a_b.io`](https://github.com/a_b.io)",
            "[\"https://github.com\", v1.2.3](https://github.com/a)",
            "[me@github.com](mailto:me@github.com)",
            "[Cargo.toml](Cargo.toml)",
            "[Node.js](https://a.example)",
            "[file.rs](https://a.example)",
            "[e.g. 1.2.3.](https://a.example)",
            "[v1.2.3](https://a.example)",
            "[ASP.NET](https://a.example)",
            "[README.fr](docs/README.fr)",
            "[AT\\&T](https://a.example)",
            "[.github/x](https://a.example)",
            "[a](b/../c.md)",
            "[a](/b.md)",
            "[a](https://a.example/../../b)",
        ] {
            assert_eq!(block(link), link);
        }
        for lie in [
            "[a](javascript:alert)",
            "[a](//b.example)",
            "[a](https://b@c.example)",
            "[https://a.example](https://b.example)",
            "[a.example/x](https://b.example)",
            "[github.com](http://evil.example)",
            "[see: GitHub.com.](http://evil.example)",
            "[git**hub**.com](http://evil.example)",
            "[github\\.com](http://evil.example)",
            "[github&#46;com](http://evil.example)",
            "[github.c\u{200d}om](http://evil.example)",
            "[`github.com`](docs/a.md)",
            "[me@github.com](mailto:me@evil.example)",
            "[github.com](mailto:me@evil.example?x=//github.com)",
            "[a](b\\&#x202e;c)",
            "[a](../../secret)",
            "[a](b/../../secret)",
            "[a](../a:b)",
            "[a](b/%2E%2e/.%2e/secret)",
            "[Unreleased]",
        ] {
            assert_eq!(block(lie), format!("\\{lie}"));
        }
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped_in_json_and_gone_from_lines() {
        assert_eq!(
            terminal::json("\"\u{9b}\u{202e}é\"\n"),
            "\"\\u009b\\u202eé\"\n"
        );
        assert_eq!(
            terminal::printable_lines("a\r\n\tb\u{1b}[1m\rc\u{ad}"),
            "a\r\n\tb c\u{ad}"
        );
    }

    #[test]
    fn only_plain_words_get_a_capital() {
        assert_eq!(words::capitalised("set a timeout"), "Set a timeout");
        assert_eq!(words::capitalised("iOS build"), "iOS build");
        assert_eq!(words::capitalised("`x` is gone"), "`x` is gone");
        assert_eq!(words::capitalised("fix"), "Fix");
        assert_eq!(words::capitalised("don't wait"), "Don't wait");
        assert_eq!(words::capitalised("’tis done"), "’tis done");
    }
}
