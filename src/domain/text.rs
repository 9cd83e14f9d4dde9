//! Text from commits and specs made safe: it becomes one list item and nothing else.
//!
//! Messages and specs may be hostile. No heading, HTML, link definition or control character of theirs reaches the changelog, and
//! no escape sequence reaches a terminal. A line of a commit holds code and emphasis, but no link; the Markdown of a spec and of a
//! migration may hold lists, code, tables, quotes, and links and images whose address says where it leads.

use std::ops::Range;

use memchr::memchr_iter;
use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd,
};

use crate::domain::order;

/// One line: white space folded, control characters and escape sequences gone, whatever Markdown would make of it but code and
/// emphasis escaped (CommonMark 0.31, sections 2.4 to 2.5, 4 and 6). Code spans keep their bytes.
pub fn inline(text: &str) -> String {
    if is_inert(text) {
        return text.to_owned();
    }
    escaped(&folded(text))
}

/// As [`inline`], of at most `width` characters before anything is escaped: what is cut afterwards may lose the end of a code span.
pub fn title(text: &str, width: usize) -> String {
    if text.len() <= width && is_inert(text) {
        return text.to_owned();
    }
    escaped(&shortened(&folded(text), width))
}

/// A line as a cell of a table.
pub fn cell(line: &str) -> String {
    without(line, "|")
}

/// A line as the text of a link.
pub fn label(line: &str) -> String {
    without(line, "]")
}

fn without(line: &str, which: &str) -> String {
    let found = openers(line, 0..line.len(), which).map(|at| (at..at, "\\".to_owned()));
    applied(line, found.collect())
}

fn folded(text: &str) -> String {
    let plain = printable(text);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(line: &str) -> String {
    escape_block_start(&escape_inline(line))
}

/// Whether nothing has to be done to a line: it begins with a letter, has single spaces between its words, and holds nothing that is
/// special anywhere; or it is the name of an issue or a commit. Most subjects and references are so.
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
    plain && before != b' ' && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Several lines of Markdown for the inside of a list item: lists, code, tables and paragraphs stay, and links that are honest;
/// headings become bold lines, all else is escaped, an open fence is closed.
pub fn block(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| printable(line).trim_end().to_owned());
    let mut text = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    // What is escaped may make something of what stands beside it: a comment that is none holds words.
    for _ in 0..MAX_PASSES {
        let edits = edits(&text);
        if edits.is_empty() {
            return text;
        }
        text = applied(&text, edits);
    }
    inline(&text)
}

/// Markdown that people write settles in two or three.
const MAX_PASSES: usize = 12;

/// Other words for a range of a text.
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

/// What must not stay in a text of several lines as it is.
fn edits(text: &str) -> Vec<Edit> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES;
    // In a changelog there may be a definition for any label.
    let define = |_: BrokenLink<'_>| Some((CowStr::from("?"), CowStr::from("")));
    let parser = Parser::new_with_broken_link_callback(text, options, Some(define));
    let mut edits: Vec<Edit> = Vec::new();
    let escape = |at: usize| (at..at, "\\".to_owned());
    edits.extend(ends_a_rule(text.lines().next().unwrap_or_default()).then(|| escape(0)));
    for (_, definition) in parser.reference_definitions().iter() {
        edits.push(escape(definition.span.start));
    }
    let mut in_code = false;
    // The address of each open link, and its words as a reader sees them.
    let mut links: Vec<(CowStr<'_>, String)> = Vec::new();
    // How far a row of a table was told: of a cell too many nothing is, and to others this may be no table.
    let mut told: Option<usize> = None;
    for (event, range) in parser.into_offset_iter() {
        let raw = &text[range.clone()];
        let seen: &str = match &event {
            Event::Text(seen) | Event::Code(seen) => seen,
            Event::SoftBreak | Event::HardBreak => " ",
            _ => "",
        };
        links.iter_mut().for_each(|(_, shown)| shown.push_str(seen));
        let untold = match &event {
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                told = Some(range.start);
                None
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => told.take().map(|at| at..range.end),
            Event::Start(Tag::TableCell) | Event::End(TagEnd::TableCell) => None,
            _ => told.map(|at| {
                told = Some(at.max(range.end));
                at..at.max(range.start)
            }),
        };
        edits.extend(
            untold
                .into_iter()
                .flat_map(|gap| openers(text, gap, "<>`["))
                .map(escape),
        );
        match event {
            Event::Start(Tag::Heading { .. }) => edits.extend(without_heading(text, range)),
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => {
                edits.extend(openers(text, range, "<").map(escape));
            }
            Event::Rule | Event::Start(Tag::FootnoteDefinition(_)) => {
                edits.push(escape(range.start));
            }
            Event::FootnoteReference(_) => edits.push(escape(range.start)),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) => {
                match passes(link_type, &dest_url, raw) && !hides_entity(raw) {
                    true => edits.extend(in_one_line(text, range)),
                    false => edits.push(escape(range.start)),
                }
                links.push((dest_url, String::new()));
            }
            Event::End(TagEnd::Link) => {
                let ended = links.pop();
                let spoof = ended.filter(|(url, shown)| is_spoof(shown, url));
                edits.extend(spoof.map(|_| escape(range.start)));
            }
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                ..
            }) => match passes(link_type, &dest_url, raw) {
                true => edits.extend(in_one_line(text, range)),
                false => edits.push(escape(range.start + 1)),
            },
            Event::Start(Tag::CodeBlock(kind)) => {
                in_code = true;
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    edits.extend(closing_fence(text, range));
                }
            }
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Code(_) => edits.extend(in_one_line(text, range)),
            Event::Text(said) if !in_code => {
                if raw.starts_with('&') && said.contains(is_odd) {
                    edits.push(escape(range.start));
                }
                edits.extend(openers(text, range, "<>`[").map(escape));
            }
            _ => {}
        }
    }
    edits
}

/// To some readers a table begins in the middle of a paragraph, and would cut a code span, a link or an image in two.
fn in_one_line(text: &str, range: Range<usize>) -> impl Iterator<Item = Edit> + '_ {
    let ends = text[range.clone()].match_indices('\n');
    ends.map(move |(at, _)| {
        let at = range.start + at;
        let next = text[at + 1..].len() - text[at + 1..].trim_start_matches([' ', '>']).len();
        (at..at + 1 + next, " ".to_owned())
    })
}

/// Whether a link leads where a reader may go, to every reader, and needs no definition elsewhere. cmark takes an entity of an
/// address for one although a backslash stands before it (`cmark_clean_url`); to CommonMark it is none (2.4).
fn passes(kind: LinkType, url: &str, raw: &str) -> bool {
    let own = [LinkType::Inline, LinkType::Autolink, LinkType::Email];
    let written = raw.rfind("](").map_or(raw, |at| &raw[at..]);
    own.contains(&kind) && is_safe_address(url) && !leads_up(url) && !written.contains("\\&")
}

/// Whether a line would be a rule behind the marker of a list, `- --` (CommonMark, 4.1).
fn ends_a_rule(line: &str) -> bool {
    let marks =
        |mark: char| line.chars().all(|c| c == mark || c == ' ') && line.matches(mark).count() > 1;
    marks('-') || marks('*')
}

/// Whether a relative address leads out of the folder that it starts from; of a text nobody knows where below the project it stands.
fn leads_up(url: &str) -> bool {
    if scheme(url).is_some() {
        return false;
    }
    let path = &url[..url.find(['?', '#']).unwrap_or(url.len())];
    // To a browser `%2e` is a dot (WHATWG URL, 4.1).
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    let mut depth = 0usize;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

/// Where characters of `which` stand that are not escaped; of `<` those with which a tag or an address could begin, of `>` those
/// that end a comment.
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

/// A heading as a bold line; one that is underlined loses its line.
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
    // Hashes at the end belong to the heading if a space stands before them.
    let without = title.trim_end_matches('#');
    let title = match without.ends_with(' ') {
        true => without.trim_end(),
        false => title,
    };
    let start = end - bare.trim_start().len();
    let stop = start + title.len();
    vec![(range.start..start, "**".into()), (stop..end, "**".into())]
}

/// The fence that a code block lacks at the end of the text.
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
    // A list's marker stands on its first line only.
    let lead = text[line..range.start]
        .chars()
        .map(|c| if c == '>' { c } else { ' ' });
    let close = format!("\n{}{mark}", lead.collect::<String>());
    Some((text.len()..text.len(), close))
}

/// Whether an address leads where it seems to, and is one for a reader to follow: on the web, by mail, or within the project. One
/// with a name before its host is not.
pub fn is_safe_address(url: &str) -> bool {
    let odd = |c: char| is_odd(c) || c.is_whitespace() || c == '\\';
    if url.contains(odd) || url.starts_with("//") {
        return false;
    }
    let Some((scheme, rest)) = scheme(url) else {
        return true; // relative
    };
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => host_of(rest).is_some_and(|host| !host.contains('@')),
        "mailto" => true,
        _ => false,
    }
}

/// What stands before the colon of an address that is not relative, and behind it.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    (!scheme.contains(['/', '?', '#'])).then_some((scheme, rest))
}

/// A word for an address: what could end the address, or a link that it stands in, is encoded (RFC 3986, 2.1).
pub fn encoded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for byte in word.bytes() {
        match byte {
            b'!'..=b'~' if !b"()<>[]\\\"'`".contains(&byte) => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The host behind `//`.
fn host_of(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("//")?;
    let end = rest.find(['/', '?', '#']);
    Some(&rest[..end.unwrap_or(rest.len())]).filter(|host| !host.is_empty())
}

/// Whether an address that shows itself holds an entity: it leads elsewhere than it shows.
fn hides_entity(link: &str) -> bool {
    let mut entities = link.match_indices('&');
    !link.starts_with('[') && entities.any(|(at, _)| begins_entity(&link[at + 1..]))
}

/// Whether the words of a link show another host than the one that it leads to.
fn is_spoof(shown: &str, url: &str) -> bool {
    let bare = |host: &str| {
        let host = host.trim_end_matches('.').to_lowercase();
        host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
    };
    let own = match scheme(url) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => {
            rest.split(['@', '?']).nth(1)
        }
        Some((_, rest)) => host_of(rest),
        // A file of the project by its own name, as in `[README.fr](docs/README.fr)`.
        None if url.ends_with(shown) => return false,
        None => None,
    };
    let own = own.map(|host| bare(host.split(':').next().unwrap_or(host)));
    let shown: String = shown.chars().filter(|c| !is_joiner(*c)).collect();
    let mut hosts = shown.split(|c| !is_of_address(c)).flat_map(shown_hosts);
    hosts.any(|host| Some(bare(host)) != own)
}

/// Of what an address is made (RFC 3986, 2), in any script; without what rather stands around it.
fn is_of_address(c: char) -> bool {
    c.is_alphanumeric() || "-._~:/?#@!$&+=%".contains(c)
}

/// The hosts in a word: what stands behind `//`, what has a dot and a path behind it, and what looks like a host by its last part.
fn shown_hosts(word: &str) -> impl Iterator<Item = &str> {
    word.split("//").enumerate().flat_map(|(number, rest)| {
        let is_address = number > 0;
        let rest = rest.trim_start_matches('/');
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let has_path = rest[end..].starts_with('/');
        let names = rest[..end].split(|c: char| !(c.is_alphanumeric() || "-.".contains(c)));
        names.filter(move |name| {
            let is_number = name.chars().all(|c| c.is_ascii_digit());
            // A path may begin with the name of a folder, as in `.github/x`.
            let is_dotted = name.contains('.') && !name.starts_with('.');
            is_address && !is_number || has_path && is_dotted || is_host(name)
        })
    })
}

/// Ends of names that are hosts beside those of two letters, which are of countries.
const DOMAINS: &[&str] = &[
    "app", "biz", "blog", "cloud", "com", "dev", "edu", "gov", "info", "int", "mil", "net",
    "online", "org", "page", "shop", "site", "tech", "xyz",
];

/// Ends of two letters that in a changelog rather are those of files.
const FILES: &[&str] = &[
    "cc", "cs", "db", "el", "ex", "fs", "go", "gz", "hh", "hs", "jl", "js", "kt", "md", "ml", "mm",
    "pl", "pm", "ps", "py", "rb", "rs", "sh", "so", "tf", "ts", "ui", "vb", "xz",
];

/// Whether a name looks like a host: `github.com` and `example.de`, not `Cargo.toml`, `file.rs`, `Node.js`, `ASP.NET`, `1.2.3`.
fn is_host(name: &str) -> bool {
    let name = name.trim_matches('.');
    if name.ends_with(".NET") || name.ends_with(".IO") {
        return false; // names of software
    }
    let name = name.to_lowercase();
    let Some((first, last)) = name.rsplit_once('.') else {
        return false;
    };
    let is_country = last.chars().count() == 2 && last.chars().all(char::is_alphabetic);
    let is_domain = is_country && !FILES.contains(&last) || DOMAINS.contains(&last);
    !first.is_empty() && (is_domain || name.starts_with("www."))
}

/// The first paragraph of [`block`]'s text and what follows it; the first is empty if something else comes first.
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

/// Without control characters, escape sequences, and characters that are not seen or turn the text around; tabs and line ends
/// become spaces. Safe to print on a terminal.
pub fn printable(text: &str) -> String {
    cleaned(text, "", is_odd)
}

/// Text that people wrote, in its lines: only what a terminal obeys and what turns text around is gone.
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

/// JSON as it was written, with what must not reach a terminal, and what is a line end to others, as `\u001b` (RFC 8259, 7); such a
/// character only stands in its texts.
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

/// What no text of ours holds.
fn is_odd(c: char) -> bool {
    c.is_control() || is_unseen(c)
}

/// Unicode's controls of direction (UAX 9, 2).
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is not seen, or turns around what stands beside it: Unicode's default ignorable code points and its
/// bidirectional controls, but for those that join letters and pictures (zero width joiner and non-joiner, variation selectors).
pub fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What is not seen, and stays: it joins letters and pictures.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Lines without their ends.
pub fn byte_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let mut start = 0;
    ends.map(move |end| &bytes[std::mem::replace(&mut start, end + 1)..end])
}

/// The text of a file; else the line of the first byte that is not UTF-8.
pub fn decoded(bytes: Vec<u8>) -> Result<String, usize> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    })
}

/// With a capital first letter, if the first word is a plain lower-case word.
pub fn capitalised(text: &str) -> String {
    let word_end = text
        .find(|c: char| !c.is_ascii_lowercase() && !"'’".contains(c))
        .unwrap_or(text.len());
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && (word_end == text.len() || text[word_end..].starts_with([' ', ',']));
    if !plain {
        return text.to_owned();
    }
    text[..1].to_uppercase() + &text[1..]
}

/// Paths as a shell takes them.
pub fn shell_words(paths: &[String]) -> String {
    let words: Vec<String> = paths.iter().map(|path| shell_word(path)).collect();
    words.join(" ")
}

/// One of them, or a reference such as `#12`, which a shell would take for a comment.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,@%".contains(c);
    match word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// At most `width` characters, the last an ellipsis if something was cut.
pub fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A line that would begin a block is escaped.
fn escape_block_start(line: &str) -> String {
    let Some(first) = line.chars().next() else {
        return String::new();
    };
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    // Something may be put behind a line, so one that is nothing but a marker is one, too.
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
    match begins {
        true => format!("\\{line}"),
        false => line.to_owned(),
    }
}

/// Escapes what could begin HTML, an address, a link or an entity, outside of code spans; a backtick run without its partner is
/// escaped too, so that it cannot open a code span later, and a backslash at the end, which would swallow what follows.
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
            '&' => begins_entity(rest),
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

/// What follows a `<` that begins a tag, a comment, an address; that of a mailbox may begin with a digit.
fn begins_tag(rest: &str) -> bool {
    let end = rest.find(|c: char| c.is_whitespace() || "<>".contains(c));
    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
    let is_mailbox = || word.contains('@') && after.starts_with('>');
    word.starts_with(|c: char| c.is_ascii_alphabetic() || "!/?".contains(c)) || is_mailbox()
}

/// What stands before the `>` of a comment's end, which may be the end of one that somebody left open above.
fn ends_comment(before: &str) -> bool {
    before.ends_with("--")
}

/// What follows the `&` of `&amp;` or `&#38;`.
fn begins_entity(rest: &str) -> bool {
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric());
    end.is_some_and(|end| end > 0 && name[end..].starts_with(';'))
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

/// The first three of a list, and how many there are beside them.
pub fn shortlist(names: &[String]) -> String {
    let mut text = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 {
        text.push_str(&format!(" and {} more", names.len() - 3));
    }
    text
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
        assert_eq!(json("\"\u{9b}\u{202e}é\"\n"), "\"\\u009b\\u202eé\"\n");
        assert_eq!(
            printable_lines("a\r\n\tb\u{1b}[1m\rc\u{ad}"),
            "a\r\n\tb c\u{ad}"
        );
    }

    #[test]
    fn only_plain_words_get_a_capital() {
        assert_eq!(capitalised("set a timeout"), "Set a timeout");
        assert_eq!(capitalised("iOS build"), "iOS build");
        assert_eq!(capitalised("`x` is gone"), "`x` is gone");
        assert_eq!(capitalised("fix"), "Fix");
        assert_eq!(capitalised("don't wait"), "Don't wait");
        assert_eq!(capitalised("’tis done"), "’tis done");
    }
}
