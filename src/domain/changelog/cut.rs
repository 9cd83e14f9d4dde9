//! Cutting a version out of Unreleased: the heading, the comparison links, the skip comments.

use std::ops::Range;

use super::document::{Document, Link, Section};
use super::exclusion::Exclusion;
use super::imitate::{ComparedEnds, Model};
use super::template;
use super::title::without_v;
use super::version_cut::Cut;
use crate::domain::order;

/// Moves everything in Unreleased under a dated heading. If the file keeps an Unreleased section between releases, a fresh one with the
/// template's lines is left above it.
///
/// Categories without entries, and placeholders such as `- None.`, are not moved into the version. Skip comments are removed, because the
/// changes that they name are now released. The caller must make sure that the section exists.
pub fn cut(viewed: &[u8], cut: &Cut<'_>) -> Vec<u8> {
    with_holds(viewed, |text| cut_out(text, cut))
}

/// Removes the skip comments and keeps the hold comments.
fn with_holds(bytes: &[u8], change: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let held = Exclusion::Hold.said(&Document::parse(bytes));
    let text = Exclusion::Skip.remove(bytes, |_| true);
    let changed = change(&Exclusion::Hold.remove(&text, |_| true));
    Exclusion::Hold.add(&changed, &held)
}

fn cut_out(text: &[u8], cut: &Cut<'_>) -> Vec<u8> {
    let doc = Document::parse(text);
    let model = Model::find(&doc);
    let level = doc.level_of(cut.version);
    let heading = heading_by(&doc, model.as_ref(), level, cut);
    let made = cut_below(&doc, model.as_ref(), &heading, cut);
    if doc.unreleased().is_none() || has_one_more(&doc, &made, cut.version) {
        return made;
    }
    // The form of the newest heading cannot contain another version.
    let plain = format!("{} {} - {}", "#".repeat(level), cut.version, cut.date);
    cut_below(&doc, model.as_ref(), &plain, cut)
}

/// Whether a file has the versions of another file and one new version.
fn has_one_more(old: &Document<'_>, new: &[u8], version: &str) -> bool {
    let new = Document::parse(new);
    new.version(version).is_some() && new.versions().count() == old.versions().count() + 1
}

/// Cuts the version below a given heading.
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
    // A heading that names the version to come becomes the heading of that version.
    let keeps = template::keeps_unreleased(&stored);
    let place = if keeps && doc.open_version(section).is_none() {
        let kept = template::kept(&stored);
        heading.insert_str(0, &format!("{kept}{between}{eol}"));
        if !text[..section.heading.end].ends_with(b"\n") {
            heading.insert_str(0, eol);
        }
        section.heading.end..section.heading.end
    } else {
        section.heading.clone()
    };
    // The links may be anywhere, even above the section.
    let mut edits = vec![(place, heading)];
    edits.extend(rule_below(doc, section));
    edits.extend(without_template(doc, section));
    edits.extend(links(doc, model, keeps, cut));
    edited(text, edits)
}

/// The text with each span replaced.
fn edited(text: &[u8], mut edits: Vec<(Range<usize>, String)>) -> Vec<u8> {
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

/// Removes template lines that do not belong in a version.
fn without_template(
    doc: &Document<'_>,
    section: &Section,
) -> impl Iterator<Item = (Range<usize>, String)> {
    let idle = template::idle(doc, section).into_iter();
    idle.map(|span| (span, String::new()))
}

/// The break between a new section and the next one, if there is none yet.
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

/// Releases the section that the user wrote for a version under the name `known`. Its words stay unchanged, and it gets the comparison
/// links of a release. A heading without a date becomes that of the version. Placeholders and skip comments are removed, as in [`cut`].
pub fn take(bytes: &[u8], known: &str, cut: &Cut<'_>) -> Vec<u8> {
    with_holds(bytes, |text| take_over(text, known, cut))
}

fn take_over(text: &[u8], known: &str, cut: &Cut<'_>) -> Vec<u8> {
    let doc = Document::parse(text);
    let keeps = template::keeps_unreleased(&Document::parse(cut.stored));
    let is_its = |link: &Link| without_v(&link.label) == cut.version;
    let model = Model::find(&doc);
    // The author of the notes may have written the links, too.
    let links = links(&doc, model.as_ref(), keeps, cut).filter(|_| !doc.links.iter().any(is_its));
    let mut edits: Vec<(Range<usize>, String)> = links.into_iter().collect();
    if let Some(section) = doc.version(known) {
        if doc.is_in_preparation(section) {
            // The version's own heading has no date, so it is not used as an example.
            let others = [&text[..section.start], &text[section.body.end..]].concat();
            let heading = heading_like(&Document::parse(&others), section.level, cut);
            edits.push((section.heading.clone(), format!("{heading}{}", doc.eol)));
        }
        edits.extend(without_template(&doc, section));
        edits.extend(heading_moved_up(&doc, section));
    }
    edited(text, edits)
}

/// Moves an empty Unreleased heading back above the version right above it, which a user put there.
fn heading_moved_up(doc: &Document<'_>, section: &Section) -> Vec<(Range<usize>, String)> {
    let passed = doc.stale().find(|stale| stale.start >= section.body.end);
    let is_next = |stale: &&Section| {
        doc.bytes[section.body.end..stale.start]
            .trim_ascii()
            .is_empty()
    };
    let is_bare = |stale: &&Section| doc.text(&stale.body).trim().is_empty();
    let Some(stale) =
        passed.filter(|stale| doc.unreleased().is_none() && is_next(stale) && is_bare(stale))
    else {
        return Vec::new();
    };
    let heading = doc.text(&stale.heading);
    let above = format!("{}{eol}{eol}", heading.trim_end(), eol = doc.eol);
    vec![
        (section.start..section.start, above),
        (stale.start..stale.body.end, String::new()),
    ]
}

/// The result of marking a version as yanked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Yanked {
    /// The new bytes.
    Now(Vec<u8>),
    /// The version was already marked.
    Already,
    /// The version does not exist.
    Absent,
}

/// Appends `[YANKED]` to the heading of a version, as in Keep a Changelog. Every other byte is unchanged.
pub fn yanked(bytes: &[u8], version: &str) -> Yanked {
    let doc = Document::parse(bytes);
    let Some(section) = doc.version(version) else {
        return Yanked::Absent;
    };
    // The heading as bytes: invalid UTF-8 has another length as text.
    let heading = bytes[section.heading.clone()].trim_ascii_start();
    let line = heading.split(|b| matches!(b, b'\r' | b'\n')).next();
    let line = line.unwrap_or_default().trim_ascii_end();
    if is_marked(line) {
        return Yanked::Already;
    }
    // `## 1.0.0 ##`: closing marks stay at the end (CommonMark, ATX headings).
    let marks = line.iter().rev().take_while(|b| **b == b'#').count();
    let bare = &line[..line.len() - marks];
    let bare = if bare.ends_with(b" ") && line.starts_with(b"#") {
        bare.trim_ascii_end()
    } else {
        line
    };
    let at = section.heading.end - heading.len() + bare.len();
    let marked = [&bytes[..at], b" [YANKED]", &bytes[at..]].concat();
    // Some programs end a line at a carriage return alone, others do not.
    match Document::parse(&marked).version(version) {
        Some(section) if section.heading.contains(&at) => Yanked::Now(marked),
        _ => Yanked::Absent,
    }
}

fn is_marked(line: &[u8]) -> bool {
    let mark = b"[YANKED]";
    (line.windows(mark.len())).any(|part| part.eq_ignore_ascii_case(mark))
}

/// The versions that are marked as yanked, as they are written.
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

/// The heading of a version, in the form of the newest version's heading.
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

/// Link definitions of a version and of the changes since, in the form of the existing definitions. A file with versions but without
/// definitions gets none. `keeps` is whether the file keeps an Unreleased section between releases.
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

/// The label of the link that makes up a heading.
fn label_in(heading: &str) -> Option<String> {
    let (label, _) = heading.split_once('[')?.1.split_once(']')?;
    Some(label.to_owned())
}

/// The definition for a new version, label and address, if its heading needs one.
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
    // The very first version has nothing to compare with; later ones have.
    let is_tag = |address: &str| {
        ["/tag", "/releases/", "/tree/"]
            .iter()
            .any(|part| address.contains(part))
    };
    let own = own.filter(|link| !(model.is_first() && is_tag(&link.destination)));
    let address = own.and_then(|link| model.address(&link.destination, cut));
    Some((label, address.or_else(compared)?))
}

/// The address that compares the unreleased changes with a release.
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

/// The repository address, `https://host/o/r`, of `https://host/o/r/compare/a...b`. GitLab's `/-` stays part of it.
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
}
