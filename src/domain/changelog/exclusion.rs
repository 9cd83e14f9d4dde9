//! Comments in Unreleased that exclude a change. `<!-- relwatch:skip REF -->` excludes it for good and is removed by the next release.
//! `<!-- relwatch:hold ID -->` keeps a spec back, release after release, until someone removes the comment.

use memchr::memmem;

use super::document::{Document, Section};
use super::title::Title;

/// The duration of an exclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusion {
    /// For good.
    Skip,
    /// Until the comment is removed.
    Hold,
}

impl Exclusion {
    /// The word in the comment's mark: `skip` or `hold`.
    pub fn word(self) -> &'static str {
        match self {
            Exclusion::Skip => "skip",
            Exclusion::Hold => "hold",
        }
    }

    fn start(self) -> String {
        format!("<!-- relwatch:{} ", self.word())
    }

    /// The reference that a comment of this kind names, and its whole content.
    fn read(self, line: &str) -> Option<(&str, &str)> {
        let inside = line.trim().strip_prefix(self.start().as_str())?;
        let inside = inside.strip_suffix("-->")?.trim();
        Some((inside.split_whitespace().next()?, inside))
    }

    /// References named by comments of this kind in the Unreleased section of a file.
    pub fn named_in(self, bytes: &[u8]) -> Vec<String> {
        match memmem::find(bytes, self.start().as_bytes()) {
            Some(_) => self.named(&Document::parse(bytes)),
            None => Vec::new(), // quicker than to read a document
        }
    }

    /// References named by comments of this kind in Unreleased.
    pub fn named(self, doc: &Document<'_>) -> Vec<String> {
        self.comments(doc).map(|(reference, _)| reference).collect()
    }

    /// Contents of the comments of this kind in Unreleased, reasons included.
    pub fn said(self, doc: &Document<'_>) -> Vec<String> {
        self.comments(doc).map(|(_, said)| said).collect()
    }

    fn comments(self, doc: &Document<'_>) -> impl Iterator<Item = (String, String)> {
        let body = doc
            .unreleased()
            .map(|section| &doc.bytes[section.body.clone()]);
        self.lines(body.unwrap_or_default())
            .filter_map(|(_, comment)| comment)
    }

    /// Every line, with reference and content if it is a comment of this kind by itself, not text inside a longer comment.
    fn lines(self, body: &[u8]) -> impl Iterator<Item = (&[u8], Option<(String, String)>)> {
        let mut open = false;
        body.split_inclusive(|b| *b == b'\n').map(move |line| {
            let text = String::from_utf8_lossy(line);
            let read = self.read(&text).filter(|_| !open);
            let comment = read.map(|(reference, said)| (reference.to_owned(), said.to_owned()));
            open = match (text.rfind("<!--"), text.rfind("-->")) {
                (Some(begin), Some(end)) => begin > end,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => open,
            };
            (line, comment)
        })
    }

    /// The references that `after` excludes and `before` does not.
    pub fn new_ones(self, before: &[u8], after: &[u8]) -> Vec<String> {
        let start = self.start();
        let count = |bytes: &[u8]| memmem::find_iter(bytes, &start).count();
        if count(before) == count(after) {
            return Vec::new(); // none goes while others come; quicker than to read two documents
        }
        let before = self.named(&Document::parse(before));
        let mut after = self.named(&Document::parse(after));
        after.retain(|reference| !before.contains(reference));
        after
    }

    /// Adds a comment right below the section's heading for each of `refs` that has none. A reference may be followed by a reason.
    pub fn add(self, bytes: &[u8], refs: &[String]) -> Vec<u8> {
        if refs.is_empty() {
            return bytes.to_vec();
        }
        let doc = Document::parse(bytes);
        let known = self.named(&doc);
        let mut new = refs.iter().filter(|one| !known.contains(one)).peekable();
        if new.peek().is_none() {
            return bytes.to_vec();
        }
        let (eol, start) = (doc.eol, self.start());
        let comments: String = new.map(|one| format!("{start}{one} -->{eol}")).collect();
        let (at, before, after) = match doc.unreleased() {
            Some(section) => {
                let body = doc.text(&section.body);
                let starts_with_one = body.trim_start().starts_with("<!-- relwatch:");
                let after = if starts_with_one { "" } else { eol };
                let at = if starts_with_one {
                    section.body.start + (body.len() - body.trim_start().len())
                } else {
                    section.heading.end
                };
                let before = if starts_with_one { "" } else { eol };
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

    /// The file without the comments of this kind whose reference satisfies `gone`.
    pub fn remove(self, bytes: &[u8], gone: impl Fn(&str) -> bool) -> Vec<u8> {
        let doc = Document::parse(bytes);
        let Some(section) = doc.unreleased() else {
            return bytes.to_vec();
        };
        let mut out = bytes[..section.body.start].to_vec();
        let mut blank = true; // a heading stands above
        let mut dropped = false;
        for (line, comment) in self.lines(&bytes[section.body.clone()]) {
            if comment.is_some_and(|(reference, _)| gone(&reference)) {
                if !blank {
                    // The comment separated the text above from the text below.
                    out.extend_from_slice(doc.eol.as_bytes());
                    blank = true;
                }
                dropped = true;
                continue;
            }
            let is_blank = line.iter().all(u8::is_ascii_whitespace);
            // The comment was between two blank lines: one of them is removed with it.
            if !(is_blank && blank && dropped) {
                out.extend_from_slice(line);
                dropped = dropped && is_blank;
            }
            blank = is_blank;
        }
        out.extend_from_slice(&bytes[section.body.end..]);
        // Next to an open fence or HTML block, a comment may be what keeps the headings below it headings. Places are counted from the end
        // of the file.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn comments_are_written_read_and_removed() {
        let doc = b"## [Unreleased]\n\n### Added\n\n- a\n";
        let one = Exclusion::Skip.add(doc, &["#12".into()]);
        let two = Exclusion::Skip.add(&one, &["abc1234".into()]);
        assert_eq!(
            text(two.clone()),
            "## [Unreleased]\n\n<!-- relwatch:skip abc1234 -->\n<!-- relwatch:skip #12 -->\n\n### Added\n\n- a\n"
        );
        assert_eq!(
            Exclusion::Skip.named(&Document::parse(&two)),
            ["abc1234", "#12"]
        );
        assert_eq!(Exclusion::Skip.remove(&two, |_| true), doc);
        assert_eq!(Exclusion::Skip.remove(&two, |r| r == "abc1234"), one);
        assert_eq!(
            text(Exclusion::Skip.add(b"# Log\n\n## 1.0.0\n", &["#1".into()])),
            "# Log\n\n## Unreleased\n\n<!-- relwatch:skip #1 -->\n\n## 1.0.0\n"
        );
    }
}
