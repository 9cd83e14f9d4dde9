//! Cutting a version out of Unreleased: the heading, the comparison links, the skip comments.

use std::ops::Range;

use memchr::memmem;

use super::document::{Document, Link, Title};
use crate::domain::forge::Forge;
use crate::domain::order;

/// What a cut needs to know besides the document.
#[derive(Debug, Clone)]
pub struct Cut<'a> {
    /// Without prefix, as it stands in headings: `1.2.3`.
    pub version: &'a str,
    /// `YYYY-MM-DD` (ISO 8601, as Keep a Changelog asks).
    pub date: &'a str,
    pub tag: &'a str,
    pub previous_tag: Option<&'a str>,
    /// Where the project is on the web, used only where the file has no comparison links yet.
    pub forge: Option<&'a Forge>,
}

/// Rolls everything in Unreleased under a dated heading and leaves a fresh, empty Unreleased above it.
/// Skip comments go: what they name is released now. The caller sees to it that the section exists.
pub fn cut(viewed: &[u8], cut: &Cut<'_>) -> Vec<u8> {
    let text = without_skips(viewed, |_| true);
    let doc = Document::parse(&text);
    let Some(section) = doc.unreleased() else {
        return text;
    };
    let eol = doc.eol;
    let between = doc
        .separator
        .as_ref()
        .map_or(String::new(), |rule| format!("{eol}{rule}"));
    let heading = heading_like(&doc, section.level, cut);
    let mut heading = format!("{between}{eol}{heading}{eol}");
    if !text[..section.heading.end].ends_with(b"\n") {
        heading.insert_str(0, eol);
    }
    // The links may stand anywhere, above the section too.
    let mut edits = vec![(section.heading.end..section.heading.end, heading)];
    let followed = doc
        .sections
        .iter()
        .any(|s| s.heading.start > section.heading.start);
    if let Some(rule) = doc.separator.as_ref().filter(|_| followed) {
        let after = &text[section.body.end..];
        if !after
            .trim_ascii_start()
            .starts_with(rule.trim_end().as_bytes())
        {
            let body = &text[..section.body.end];
            let gap = if body.ends_with(format!("{eol}{eol}").as_bytes()) {
                ""
            } else {
                eol
            };
            edits.push((
                section.body.end..section.body.end,
                format!("{gap}{rule}{eol}"),
            ));
        }
    }
    edits.extend(links(&doc, cut));
    order::by_key(&mut edits, |(span, _)| span.start); // stable: the heading before links at the same place
    let mut out = Vec::with_capacity(text.len() + 200);
    let mut copied = 0;
    for (span, new) in edits {
        out.extend_from_slice(&text[copied..span.start]);
        out.extend_from_slice(new.as_bytes());
        copied = span.end;
    }
    out.extend_from_slice(&text[copied..]);
    out
}

/// Takes the section of a version that people have written: it stays as it is, with the comparison links of a release. Skip comments go,
/// as in [`cut`].
pub fn take(bytes: &[u8], cut: &Cut<'_>) -> Vec<u8> {
    let text = without_skips(bytes, |_| true);
    let doc = Document::parse(&text);
    let is_its = |link: &Link| link.label.trim_start_matches(['v', 'V']) == cut.version;
    // Who wrote the notes may have written the links, too.
    let links = links(&doc, cut).filter(|_| !doc.links.iter().any(is_its));
    match links {
        Some((span, links)) => [&text[..span.start], links.as_bytes(), &text[span.end..]].concat(),
        None => text,
    }
}

/// How marking a version went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Yanked {
    /// The new bytes.
    Now(Vec<u8>),
    /// It was marked before.
    Already,
    /// There is no such version.
    Absent,
}

/// Puts `[YANKED]` behind the heading of a version, as Keep a Changelog has it. Every other byte stays.
pub fn yanked(bytes: &[u8], version: &str) -> Yanked {
    let doc = Document::parse(bytes);
    let Some(section) = doc.version(version) else {
        return Yanked::Absent;
    };
    // Its bytes: what is not UTF-8 has another length as text.
    let heading = bytes[section.heading.clone()].trim_ascii_start();
    let line = heading.split(|b| matches!(b, b'\r' | b'\n')).next();
    let line = line.unwrap_or_default().trim_ascii_end();
    let mark = b"[YANKED]";
    if (line.windows(mark.len())).any(|part| part.eq_ignore_ascii_case(mark)) {
        return Yanked::Already;
    }
    // `## 1.0.0 ##`: closing marks stay behind (CommonMark, ATX headings).
    let marks = line.iter().rev().take_while(|b| **b == b'#').count();
    let bare = &line[..line.len() - marks];
    let bare = if bare.ends_with(b" ") && line.starts_with(b"#") {
        bare.trim_ascii_end()
    } else {
        line
    };
    let at = section.heading.end - heading.len() + bare.len();
    let marked = [&bytes[..at], b" [YANKED]", &bytes[at..]].concat();
    // A carriage return alone ends a line to some and not to others.
    match Document::parse(&marked).version(version) {
        Some(section) if section.heading.contains(&at) => Yanked::Now(marked),
        _ => Yanked::Absent,
    }
}

/// The text of one version's section without its heading, trimmed: release notes.
pub fn notes(bytes: &[u8], version: &str) -> Option<String> {
    let doc = Document::parse(bytes);
    let section = doc.version(version)?;
    Some(doc.text(&section.body).trim().to_owned())
}

const SKIP: &str = "<!-- relwatch:skip ";

/// The references that `<!-- relwatch:skip REF -->` comments in Unreleased leave out.
pub fn skips(doc: &Document<'_>) -> Vec<String> {
    let Some(section) = doc.unreleased() else {
        return Vec::new();
    };
    skip_lines(&doc.bytes[section.body.clone()])
        .filter_map(|(_, reference)| reference)
        .collect()
}

/// The references that `after` leaves out and `before` does not.
pub fn new_skips(before: &[u8], after: &[u8]) -> Vec<String> {
    let count = |bytes: &[u8]| memmem::find_iter(bytes, SKIP).count();
    if count(before) == count(after) {
        return Vec::new(); // none goes while others come; quicker than to read two documents
    }
    let (before, mut after) = (
        skips(&Document::parse(before)),
        skips(&Document::parse(after)),
    );
    after.retain(|reference| !before.contains(reference));
    after
}

/// Writes a skip comment for each of `refs` that has none, right below the section's heading.
pub fn with_skips(bytes: &[u8], refs: &[String]) -> Vec<u8> {
    if refs.is_empty() {
        return bytes.to_vec();
    }
    let known = skips(&Document::parse(bytes));
    let refs: Vec<&String> = refs.iter().filter(|one| !known.contains(one)).collect();
    if refs.is_empty() {
        return bytes.to_vec();
    }
    let doc = Document::parse(bytes);
    let eol = doc.eol;
    let mut comments = String::new();
    for reference in refs {
        comments.push_str(&format!("{SKIP}{reference} -->{eol}"));
    }
    let (at, before, after) = match doc.unreleased() {
        Some(section) => {
            let body = doc.text(&section.body);
            let starts_with_skip = body.trim_start().starts_with(SKIP);
            let after = if starts_with_skip { "" } else { eol };
            let at = if starts_with_skip {
                section.body.start + (body.len() - body.trim_start().len())
            } else {
                section.heading.end
            };
            let before = if starts_with_skip { "" } else { eol };
            let blank_follows = body.starts_with(['\n', '\r']) || body.is_empty();
            (
                at,
                before.to_owned(),
                if blank_follows { "" } else { after }.to_owned(),
            )
        }
        None => {
            let at = doc
                .sections
                .first()
                .map_or(bytes.len(), |s| s.heading.start);
            let heading = format!("{}{eol}{eol}", doc.unreleased_heading());
            (at, heading, eol.to_owned())
        }
    };
    let mut out = bytes[..at].to_vec();
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(eol.as_bytes());
    }
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(comments.as_bytes());
    out.extend_from_slice(after.as_bytes());
    out.extend_from_slice(&bytes[at..]);
    out
}

fn skip_of(line: &str) -> Option<&str> {
    let inside = line.trim().strip_prefix(SKIP)?.strip_suffix("-->")?;
    inside.split_whitespace().next()
}

/// Every line, with the reference it skips if it is a skip comment of its own, not text inside a longer comment.
fn skip_lines(body: &[u8]) -> impl Iterator<Item = (&[u8], Option<String>)> {
    let mut open = false;
    body.split_inclusive(|b| *b == b'\n').map(move |line| {
        let text = String::from_utf8_lossy(line);
        let skip = skip_of(&text).filter(|_| !open).map(str::to_owned);
        open = match (text.rfind("<!--"), text.rfind("-->")) {
            (Some(begin), Some(end)) => begin > end,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => open,
        };
        (line, skip)
    })
}

/// The file without the comments that skip what `gone` says.
pub fn without_skips(bytes: &[u8], gone: impl Fn(&str) -> bool) -> Vec<u8> {
    let doc = Document::parse(bytes);
    let Some(section) = doc.unreleased() else {
        return bytes.to_vec();
    };
    let mut out = bytes[..section.body.start].to_vec();
    let mut blank = true; // a heading stands above
    let mut dropped = false;
    for (line, skip) in skip_lines(&bytes[section.body.clone()]) {
        if skip.as_deref().is_some_and(&gone) {
            if !blank {
                // It kept what stands above and below apart.
                out.extend_from_slice(doc.eol.as_bytes());
                blank = true;
            }
            dropped = true;
            continue;
        }
        let is_blank = line.iter().all(u8::is_ascii_whitespace);
        // The comment stood between two blank lines: one of them goes with it.
        if !(is_blank && blank && dropped) {
            out.extend_from_slice(line);
            dropped = dropped && is_blank;
        }
        blank = is_blank;
    }
    out.extend_from_slice(&bytes[section.body.end..]);
    // Beside an open fence or HTML block a comment may be what keeps the headings below it headings.
    let headings = |doc: &Document<'_>| -> Vec<String> {
        let sections = doc.sections.iter();
        sections
            .map(|s| doc.text(&s.heading).into_owned())
            .collect()
    };
    if headings(&Document::parse(&out)) == headings(&doc) {
        out
    } else {
        bytes.to_vec()
    }
}

/// A heading in the manner of the newest version's: brackets, `v`, name, link, the form and place of its date.
pub fn heading_like(doc: &Document<'_>, level: usize, cut: &Cut<'_>) -> String {
    let versions = doc.sections.iter().filter_map(|s| match &s.title {
        Title::Version(version) => Some((s, doc.text(&s.heading).into_owned(), version.as_str())),
        Title::Unreleased => None,
    });
    let mut versions = versions.peekable();
    let newest = versions.peek().cloned();
    let dated = versions.find(|(_, raw, _)| date_in(raw).is_some());
    let hashes = "#".repeat(level);
    let Some((section, raw, version)) = dated.or(newest) else {
        let raw = doc.unreleased().map(|s| doc.text(&s.heading).into_owned());
        let brackets = raw.is_none_or(|raw| raw.contains('['));
        let name = if brackets {
            format!("[{}]", cut.version)
        } else {
            cut.version.to_owned()
        };
        return format!("{hashes} {name} - {}", cut.date);
    };
    let mut lines = raw.lines();
    let first = lines.next().unwrap_or("").trim();
    let text = first.trim_start_matches('#').trim();
    let (before, after) = text.split_once(version).unwrap_or(("", ""));
    let (close, rest) = closing(before, after, cut);
    let date = match date_in(rest) {
        Some(at) => {
            let sign = &rest[at + 4..at + 5];
            let date = cut.date.replace('-', sign);
            let lead = &rest[..at];
            format!("{lead}{date}{}", closers(lead))
        }
        // A month by its name: the place is theirs, the form is ours.
        None if rest.contains('(') => format!(" ({})", cut.date),
        None => format!(" - {}", cut.date),
    };
    let title = format!("{before}{}{close}{date}", cut.version);
    let underline = lines
        .next()
        .map(str::trim)
        .filter(|_| !first.starts_with('#'));
    match underline.filter(|_| section.level == level) {
        Some(line) => {
            let same = line.chars().count() == text.chars().count();
            let width = if same {
                title.chars().count()
            } else {
                line.chars().count()
            };
            let sign = line.chars().next().unwrap_or('-');
            format!("{title}{}{}", doc.eol, sign.to_string().repeat(width))
        }
        None => format!("{hashes} {title}"),
    }
}

/// What stands right after a version because something was opened before it, a link's address brought up to date; and the
/// rest of the heading.
fn closing<'t>(before: &str, after: &'t str, cut: &Cut<'_>) -> (String, &'t str) {
    let marks = after.len() - after.trim_start_matches(['*', '_', '`']).len();
    if !before.contains('[') {
        let marks = if before.ends_with(['*', '_', '`']) {
            marks
        } else {
            0
        };
        return (after[..marks].to_owned(), &after[marks..]);
    }
    let Some(bracket) = after.find(']') else {
        return ("]".into(), after);
    };
    let rest = &after[bracket + 1..];
    let address = rest.strip_prefix('(').and_then(|r| r.split_once(')'));
    match address {
        Some((address, rest)) => (format!("]({})", compared(address, cut)), rest),
        None => ("]".into(), rest),
    }
}

/// The address of a version's changes, in the manner of an older one's.
fn compared(address: &str, cut: &Cut<'_>) -> String {
    let tag = cut.tag;
    if let Some((base, range)) = address.split_once("/compare/") {
        let dots = if range.contains("...") { "..." } else { ".." };
        return match cut.previous_tag {
            Some(previous) => format!("{base}/compare/{previous}{dots}{tag}"),
            None => format!("{base}/releases/tag/{tag}"),
        };
    }
    match address.rsplit_once('/') {
        Some((base, _)) => format!("{base}/{tag}"),
        None => address.to_owned(),
    }
}

/// Where a date of year, month and day stands, whatever is between them.
fn date_in(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let shape = |at: usize| {
        let digits = |from: usize, count: usize| {
            bytes
                .get(from..from + count)
                .is_some_and(|d| d.iter().all(u8::is_ascii_digit))
        };
        let sign = bytes.get(at + 4).copied().unwrap_or(0);
        digits(at, 4)
            && b"-/.".contains(&sign)
            && digits(at + 5, 2)
            && bytes.get(at + 7) == Some(&sign)
            && digits(at + 8, 2)
            && !bytes.get(at + 10).is_some_and(u8::is_ascii_digit)
    };
    (0..bytes.len()).find(|at| (*at == 0 || !bytes[at - 1].is_ascii_digit()) && shape(*at))
}

/// Closes what is open, innermost first.
fn closers(lead: &str) -> String {
    let mut open = Vec::new();
    for c in lead.chars() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' => drop(open.pop()),
            '*' | '_' if open.last() == Some(&c) => drop(open.pop()),
            '*' | '_' => open.push(c),
            _ => {}
        }
    }
    open.into_iter().rev().collect()
}

/// The two comparison links, in the manner of those that are there. A file with versions but without
/// links stays without.
fn links(doc: &Document<'_>, cut: &Cut<'_>) -> Option<(Range<usize>, String)> {
    let unreleased = doc
        .links
        .iter()
        .find(|l| l.label.eq_ignore_ascii_case("unreleased"));
    let versions: Vec<&Link> = doc
        .links
        .iter()
        .filter(|l| {
            let label = l.label.trim_start_matches(['v', 'V']);
            doc.versions().any(|version| version == label)
        })
        .collect();
    let known = unreleased
        .into_iter()
        .chain(versions.iter().copied())
        .find_map(|link| compare_base(&link.destination));
    let fresh = doc.versions().next().is_none();
    let is_linked = unreleased.is_some() || !versions.is_empty();
    let forge = cut.forge.filter(|_| fresh || is_linked);
    let compare = |from: &str, to: &str| match &known {
        Some(base) => Some(format!("{base}/compare/{from}...{to}")),
        None => forge?.compare(from, to),
    };
    let v = versions.first().is_some_and(|l| l.label.starts_with('v'));
    let eol = doc.eol;
    let Cut { version, tag, .. } = cut;
    let target = match cut.previous_tag {
        Some(previous) => compare(previous, tag),
        None => match &known {
            Some(base) => Some(format!("{base}/releases/tag/{tag}")),
            None => forge.and_then(|forge| forge.tag(tag)),
        },
    }?;
    let since = compare(tag, "HEAD").or_else(|| forge?.tag(tag))?;
    let unreleased_label = unreleased.map_or("Unreleased", |l| l.label.as_str());
    let lines = format!(
        "[{unreleased_label}]: {since}{eol}[{}{version}]: {target}{eol}",
        if v { "v" } else { "" }
    );
    Some(match (unreleased, versions.first()) {
        (Some(link), _) => (link.span.clone(), lines),
        (None, Some(link)) => (link.span.start..link.span.start, lines),
        (None, None) => {
            let end = doc.bytes.len();
            let ended = doc.bytes.is_empty() || doc.bytes.ends_with(b"\n");
            let spaced = doc.bytes.ends_with(format!("{eol}{eol}").as_bytes());
            let gap = eol.repeat(usize::from(!ended) + usize::from(!spaced));
            (end..end, format!("{gap}{lines}"))
        }
    })
}

/// `https://host/o/r` of `https://host/o/r/compare/a...b`; GitLab's `/-` stays with the base.
fn compare_base(destination: &str) -> Option<String> {
    let at = destination
        .find("/compare/")
        .or_else(|| destination.find("/releases/tag/"))?;
    Some(destination[..at].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_of<'a>(previous: Option<&'a str>, forge: Option<&'a Forge>) -> Cut<'a> {
        Cut {
            version: "0.2.0",
            date: "2026-01-30",
            tag: "v0.2.0",
            previous_tag: previous,
            forge,
        }
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_section_is_dated_and_the_links_move() {
        let doc = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a\n\n## [0.1.0] - 2026-01-01\n\n- x\n\n[unreleased]: https://example.org/o/r/compare/v0.1.0...HEAD\n[0.1.0]: https://example.org/o/r/releases/tag/v0.1.0\n";
        assert_eq!(
            text(cut(doc.as_bytes(), &cut_of(Some("v0.1.0"), None))),
            "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n### Added\n\n- a\n\n## [0.1.0] - 2026-01-01\n\n- x\n\n[unreleased]: https://example.org/o/r/compare/v0.2.0...HEAD\n[0.2.0]: https://example.org/o/r/compare/v0.1.0...v0.2.0\n[0.1.0]: https://example.org/o/r/releases/tag/v0.1.0\n"
        );
    }

    #[test]
    fn the_first_release_gets_links_and_a_file_without_links_does_not() {
        let fresh = "## [Unreleased]\n\n- a\n";
        let forge = Forge::of_web(
            "https://example.org/o/r",
            Some(crate::domain::forge::ForgeKind::Github),
        )
        .unwrap();
        let web = Some(&forge);
        assert_eq!(
            text(cut(fresh.as_bytes(), &cut_of(None, web))),
            "## [Unreleased]\n\n## [0.2.0] - 2026-01-30\n\n- a\n\n[Unreleased]: https://example.org/o/r/compare/v0.2.0...HEAD\n[0.2.0]: https://example.org/o/r/releases/tag/v0.2.0\n"
        );
        let old = "## Unreleased\r\n\r\n- a\r\n\r\n## v0.1.0 (2026-01-01)\r\n";
        assert_eq!(
            text(cut(old.as_bytes(), &cut_of(Some("v0.1.0"), web))),
            "## Unreleased\r\n\r\n## v0.2.0 (2026-01-30)\r\n\r\n- a\r\n\r\n## v0.1.0 (2026-01-01)\r\n"
        );
    }

    #[test]
    fn skips_are_written_read_and_dropped_by_a_cut() {
        let doc = b"## [Unreleased]\n\n### Added\n\n- a\n";
        let one = with_skips(doc, &["#12".into()]);
        let two = with_skips(&one, &["abc1234".into()]);
        assert_eq!(
            text(two.clone()),
            "## [Unreleased]\n\n<!-- relwatch:skip abc1234 -->\n<!-- relwatch:skip #12 -->\n\n### Added\n\n- a\n"
        );
        assert_eq!(skips(&Document::parse(&two)), ["abc1234", "#12"]);
        assert_eq!(without_skips(&two, |_| true), doc);
        assert_eq!(without_skips(&two, |r| r == "abc1234"), one);
        assert_eq!(
            text(with_skips(b"# Log\n\n## 1.0.0\n", &["#1".into()])),
            "# Log\n\n## [Unreleased]\n\n<!-- relwatch:skip #1 -->\n\n## 1.0.0\n"
        );
    }
}
