//! Cutting a version out of Unreleased: the heading, the comparison links, the skip comments.

use std::ops::Range;

use memchr::memmem;

use super::document::{Document, Link, Section};
use super::heading;
use super::imitate::{ComparedEnds, Model, bare as bare_heading};
use super::template;
use super::title::{Title, without_v};
use super::version_cut::Cut;
use crate::domain::order;

/// Rolls everything in Unreleased under a dated heading and leaves a fresh Unreleased above it, with what its template has, where the file
/// has such a section between releases. Categories without entries and placeholders such as `- None.` are no part of a version. Skip comments go: what they name is released now. The caller sees to it that the section exists.
pub fn cut(viewed: &[u8], cut: &Cut<'_>) -> Vec<u8> {
    let text = without_skips(viewed, |_| true);
    let doc = Document::parse(&text);
    let model = Model::find(&doc);
    let level = doc.level_of(cut.version);
    let heading = heading_by(&doc, model.as_ref(), level, cut);
    let made = cut_below(&doc, model.as_ref(), &heading, cut);
    if doc.unreleased().is_none() || has_one_more(&doc, &made, cut.version) {
        return made;
    }
    // The form of the newest heading does not carry another version.
    let plain = format!("{} {} - {}", "#".repeat(level), cut.version, cut.date);
    cut_below(&doc, model.as_ref(), &plain, cut)
}

/// Whether the versions of a file are those of another and a new one.
fn has_one_more(old: &Document<'_>, new: &[u8], version: &str) -> bool {
    let new = Document::parse(new);
    new.version(version).is_some() && new.versions().count() == old.versions().count() + 1
}

/// The same below a heading of one's own.
fn cut_below(
    doc: &Document<'_>,
    model: Option<&Model<'_>>,
    heading: &str,
    cut: &Cut<'_>,
) -> Vec<u8> {
    let text = doc.bytes;
    let Some(section) = doc.unreleased() else {
        return text.to_vec();
    };
    let eol = doc.eol;
    let stored = Document::parse(cut.stored);
    let between = doc
        .separator
        .as_ref()
        .map_or(String::new(), |rule| format!("{eol}{rule}"));
    let mark = model.map_or(String::new(), |model| model.mark(cut));
    let mut heading = format!("{mark}{heading}{eol}");
    // A heading that names the version to come becomes that of the version.
    let old = bare_heading(&doc.text(&section.heading));
    let keeps = template::keeps_unreleased(&stored);
    let place = if keeps && heading::open_version(&old).is_none() {
        let kept = template::kept(&stored);
        heading.insert_str(0, &format!("{kept}{between}{eol}"));
        if !text[..section.heading.end].ends_with(b"\n") {
            heading.insert_str(0, eol);
        }
        section.heading.end..section.heading.end
    } else {
        section.heading.clone()
    };
    // The links may stand anywhere, above the section too.
    let mut edits = vec![(place, heading)];
    edits.extend(rule_below(doc, section));
    edits.extend(
        template::idle(doc, section)
            .into_iter()
            .map(|span| (span, String::new())),
    );
    edits.extend(links(doc, model, keeps, cut));
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

/// The break that separates a new section from the next one, if there is none yet.
fn rule_below(doc: &Document<'_>, section: &Section) -> Option<(Range<usize>, String)> {
    let (text, eol) = (doc.bytes, doc.eol);
    let followed = doc
        .sections
        .iter()
        .any(|s| s.heading.start > section.heading.start);
    let rule = doc.separator.as_ref().filter(|_| followed)?;
    let end = section.body.end;
    if text[end..]
        .trim_ascii_start()
        .starts_with(rule.trim_end().as_bytes())
    {
        return None;
    }
    let is_apart = text[..end].ends_with(format!("{eol}{eol}").as_bytes());
    let gap = if is_apart { "" } else { eol };
    Some((end..end, format!("{gap}{rule}{eol}")))
}

/// Takes the section of a version that people have written: it stays as it is, with the comparison links of a release. Skip comments go,
/// as in [`cut`].
pub fn take(bytes: &[u8], cut: &Cut<'_>) -> Vec<u8> {
    let text = without_skips(bytes, |_| true);
    let doc = Document::parse(&text);
    let keeps = template::keeps_unreleased(&Document::parse(cut.stored));
    let is_its = |link: &Link| without_v(&link.label) == cut.version;
    // Who wrote the notes may have written the links, too.
    let links = links(&doc, Model::find(&doc).as_ref(), keeps, cut)
        .filter(|_| !doc.links.iter().any(is_its));
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
    if is_marked(line) {
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

fn is_marked(line: &[u8]) -> bool {
    let mark = b"[YANKED]";
    (line.windows(mark.len())).any(|part| part.eq_ignore_ascii_case(mark))
}

/// The versions that are marked so, as they are written.
pub fn yanked_versions(bytes: &[u8]) -> Vec<String> {
    let doc = Document::parse(bytes);
    let is_yanked = |version: &&str| {
        let section = doc.version(version);
        section.is_some_and(|section| is_marked(&bytes[section.heading.clone()]))
    };
    let versions = doc.versions().filter(is_yanked);
    versions.map(str::to_owned).collect()
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
            let at = doc.sections.first().map_or(bytes.len(), |s| s.start);
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
    // Beside an open fence or HTML block a comment may be what keeps the headings below it headings. Places are counted from the end of the file.
    let headings = |doc: &Document<'_>| -> Vec<(String, usize)> {
        let place = |section: &Section| match section.title {
            Title::Unreleased => 0,
            _ => doc.bytes.len() - section.heading.start,
        };
        let sections = doc.sections.iter();
        sections
            .map(|s| (doc.text(&s.heading).into_owned(), place(s)))
            .collect()
    };
    if headings(&Document::parse(&out)) == headings(&doc) {
        out
    } else {
        bytes.to_vec()
    }
}

/// The heading of a version in the manner of the newest one's.
pub fn heading_like(doc: &Document<'_>, level: usize, cut: &Cut<'_>) -> String {
    heading_by(doc, Model::find(doc).as_ref(), level, cut)
}

fn heading_by(
    doc: &Document<'_>,
    model: Option<&Model<'_>>,
    level: usize,
    cut: &Cut<'_>,
) -> String {
    if let Some(model) = model {
        return model.heading(level, cut);
    }
    let unreleased = doc.unreleased().map(|s| doc.text(&s.heading).into_owned());
    let hashes = "#".repeat(level);
    if unreleased.is_none_or(|raw| raw.contains('[')) {
        format!("{hashes} [{}] - {}", cut.version, cut.date)
    } else {
        format!("{hashes} {} - {}", cut.version, cut.date)
    }
}

/// The definitions of a version and of what is unreleased since, in the manner of those that are there. A file with versions but without
/// definitions stays without. `keeps` says whether there is an Unreleased section between releases.
fn links(
    doc: &Document<'_>,
    model: Option<&Model<'_>>,
    keeps: bool,
    cut: &Cut<'_>,
) -> Option<(Range<usize>, String)> {
    let eol = doc.eol;
    let heading = doc
        .unreleased()
        .map(|section| doc.text(&section.heading).into_owned());
    let heading = heading.unwrap_or_default();
    let is_its = |link: &&Link| {
        link.label.eq_ignore_ascii_case("unreleased")
            || heading.contains(&format!("[{}]", link.label))
    };
    let unreleased = doc.links.iter().find(is_its);
    let is_version = |link: &&Link| {
        let label = without_v(&link.label);
        doc.versions().any(|version| version == label)
    };
    let versions: Vec<&Link> = doc.links.iter().filter(is_version).collect();
    if model.is_some() && unreleased.is_none() && versions.is_empty() {
        return None;
    }
    let all = unreleased.into_iter().chain(versions.iter().copied());
    let base = all.clone().find_map(|link| compare_base(&link.destination));
    let labels = || doc.links.iter().map(|link| link.label.as_str());
    let version = version_link(&versions, model, cut, base.as_deref());
    let version = version.filter(|(label, _)| labels().all(|known| known != label));
    let is_used = || keeps && heading.contains('[') && !heading.contains("](");
    let since = match unreleased {
        Some(link) => Some((link.label.clone(), since(link, model, cut))),
        None if is_used() => label_in(&heading).zip(
            compare(base.as_deref(), cut, cut.tag, "HEAD").or_else(|| cut.forge?.tag(cut.tag)),
        ),
        None => None,
    };
    let lines = since.into_iter().chain(version);
    let lines: String = lines
        .map(|(label, to)| format!("[{label}]: {to}{eol}"))
        .collect();
    Some(match (unreleased, versions.first()) {
        _ if lines.is_empty() => return None,
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

/// The label of the link that a heading is.
fn label_in(heading: &str) -> Option<String> {
    let (label, _) = heading.split_once('[')?.1.split_once(']')?;
    Some(label.to_owned())
}

/// The definition of a new version, label and address, if its heading needs one.
fn version_link(
    versions: &[&Link],
    model: Option<&Model<'_>>,
    cut: &Cut<'_>,
    base: Option<&str>,
) -> Option<(String, String)> {
    let compared = || match cut.previous_tag {
        Some(previous) => compare(base, cut, previous, cut.tag),
        None => base
            .map(|base| format!("{base}/releases/tag/{}", cut.tag))
            .or_else(|| cut.forge?.tag(cut.tag)),
    };
    let Some(model) = model else {
        return Some((cut.version.to_owned(), compared()?));
    };
    let own = versions.iter().find(|link| model.is_named(&link.label));
    if own.is_none() && !model.is_reference() {
        return None;
    }
    let v = versions
        .first()
        .is_some_and(|link| link.label.starts_with('v'));
    let label = if v {
        format!("v{}", cut.version)
    } else {
        cut.version.to_owned()
    };
    // The first version of all has nothing to be compared with; those after it have.
    let is_tag = |address: &str| {
        ["/tag", "/releases/", "/tree/"]
            .iter()
            .any(|part| address.contains(part))
    };
    let own = own.filter(|link| !(model.is_first() && is_tag(&link.destination)));
    let address = own.and_then(|link| model.address(&link.destination, cut));
    Some((label, address.or_else(compared)?))
}

/// The address of what is unreleased after a release.
fn since(link: &Link, model: Option<&Model<'_>>, cut: &Cut<'_>) -> String {
    let address = &link.destination;
    let ends = address.split_once("/compare/").and_then(|(base, range)| {
        let ends = ComparedEnds::read(range)?;
        Some(format!("{base}/compare/{}", ends.write(cut.tag, ends.new)))
    });
    ends.or_else(|| model?.address(address, cut))
        .unwrap_or_else(|| address.clone())
}

fn compare(base: Option<&str>, cut: &Cut<'_>, from: &str, to: &str) -> Option<String> {
    match base {
        Some(base) => Some(format!("{base}/compare/{from}...{to}")),
        None => cut.forge?.compare(from, to),
    }
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
    use crate::domain::forge::Forge;

    fn cut_of<'a>(previous: Option<&'a str>, forge: Option<&'a Forge>) -> Cut<'a> {
        Cut {
            version: "0.2.0",
            date: "2026-01-30",
            tag: "v0.2.0",
            previous_tag: previous,
            forge,
            stored: b"## [Unreleased]\n",
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
            "# Log\n\n## Unreleased\n\n<!-- relwatch:skip #1 -->\n\n## 1.0.0\n"
        );
    }
}
