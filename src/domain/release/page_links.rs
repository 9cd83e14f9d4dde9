//! Links of a page of release notes: targets of references in the text, and the addresses that a page may link to. Addresses that run
//! something or leave the project, and references without a target, are not linked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::domain::commit::id;
use crate::domain::entry::wording::Wording;
use crate::domain::forge::Forge;
use crate::domain::text::links;

/// Everything that a page may link to.
#[derive(Debug, Clone, Default)]
pub struct PageLinks {
    /// Pages of issues, requests, commits and tickets.
    pub wording: Wording,
    /// Words of the text that name a commit of this repository. Seven hexadecimal digits may also be a number or a word.
    pub commits: BTreeSet<String>,
    /// Pages of specs, by spec ID.
    pub specs: BTreeMap<String, String>,
    /// The forge, and the branch, tag or commit at which files are shown.
    pub files: Option<(Forge, String)>,
}

impl PageLinks {
    /// References in a text, with their pages.
    pub fn references(&self, text: &str) -> Vec<(Range<usize>, String)> {
        let found = candidates(text).filter_map(|span| {
            let address = self.address(text, &span)?;
            Some((span, address))
        });
        found.collect()
    }

    fn address(&self, text: &str, span: &Range<usize>) -> Option<String> {
        let word = &text[span.clone()];
        if let Some(spec) = self.specs.get(word).filter(|_| is_listed(text, span)) {
            return Some(spec.clone());
        }
        let id = word.split('/').next().unwrap_or(word);
        if id::may_name(id) && !self.commits.contains(id) {
            return None;
        }
        self.wording.link(word)
    }

    /// Target of a link in the text: a web page, a mail address, or a file of the project; `None` if the page should not link to it.
    pub fn target(&self, address: &str) -> Option<String> {
        if !links::is_safe_address(address) || address.is_empty() {
            return None;
        }
        let lower = address.to_ascii_lowercase();
        let is_whole = ["https://", "http://", "mailto:"]
            .iter()
            .any(|scheme| lower.starts_with(scheme));
        if is_whole {
            return Some(address.to_owned());
        }
        let path = address.split(['#', '?']).next().unwrap_or_default();
        let is_inside = !path.is_empty() && !path.starts_with('/') && !links::leads_up(path);
        let (forge, reference) = self.files.as_ref().filter(|_| is_inside)?;
        Some(forge.file(reference, path.trim_start_matches("./")))
    }

    /// Short text for an address that is shown as a link.
    pub fn short_words(&self, address: &str) -> Option<String> {
        let (forge, _) = self.files.as_ref()?;
        forge.short_words(address)
    }
}

/// Words of a text that may name a commit.
pub fn commit_words(text: &str) -> impl Iterator<Item = &str> {
    let words = candidates(text).map(|span| &text[span]);
    let ids = words.map(|word| word.split('/').next().unwrap_or(word));
    ids.filter(|word| id::may_name(word))
}

/// Words of a text, without trailing punctuation.
fn candidates(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_part = |c: char| c.is_alphanumeric() || "#!/_-.@&".contains(c);
        let start = at + text[at..].find(is_part)?;
        let end = text[start..]
            .find(|c| !is_part(c))
            .map_or(text.len(), |length| start + length);
        at = end;
        let word = text[start..end].trim_end_matches(['.', '-', '/', '!']);
        Some(start..start + word.len())
    })
}

/// Whether a word is in a list of references after an entry: `(auth)` and `(#1, auth)`; elsewhere `auth` is an ordinary word.
fn is_listed(text: &str, span: &Range<usize>) -> bool {
    let (before, after) = (&text[..span.start], &text[span.end..]);
    let begins = before.ends_with('(') || before.ends_with(", ");
    begins && after.starts_with([')', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> PageLinks {
        let forge = Forge::of_remote("git@github.com:o/r", None).unwrap();
        PageLinks {
            wording: Wording {
                forge: Some(forge.clone()),
                ..Wording::default()
            },
            commits: BTreeSet::from(["1a2b3c4".to_owned()]),
            specs: BTreeMap::from([("auth".to_owned(), "https://x.org/auth.md".to_owned())]),
            files: Some((forge, "v1".to_owned())),
        }
    }

    #[test]
    fn references_are_words_of_their_own() {
        for (text, found) in [
            ("a (#1, !2).", "#1 !2"),
            ("#1: b, see #12.", "#1 #12"),
            ("o/r#9 a#3 v1.0/#4 &#35;", ""),
            ("1a2b3c4, 1a2b3c4/2 deadbeef 1234567", "1a2b3c4 1a2b3c4/2"),
            ("auth is (auth) or (#1, auth)", "auth #1 auth"),
        ] {
            let found_here = links().references(text);
            let words: Vec<&str> = found_here.iter().map(|(at, _)| &text[at.clone()]).collect();
            assert_eq!(words.join(" "), found, "{text}");
        }
        assert!(PageLinks::default().references("a (#1, auth)").is_empty());
    }

    #[test]
    fn links_lead_to_the_web_or_into_the_project() {
        for (address, page) in [
            ("https://x.org", Some("https://x.org")),
            ("mailto:a@x.org", Some("mailto:a@x.org")),
            (
                "docs/a.md#b",
                Some("https://github.com/o/r/blob/v1/docs/a.md"),
            ),
            ("./a.md", Some("https://github.com/o/r/blob/v1/a.md")),
            ("javascript:alert(1)", None),
            ("//x.org", None),
            ("//x.org/@a", None),
            ("a@x.org", Some("https://github.com/o/r/blob/v1/a@x.org")),
            ("/etc/passwd", None),
            ("../x", None),
            ("#here", None),
            ("", None),
        ] {
            assert_eq!(links().target(address).as_deref(), page, "{address}");
        }
        assert_eq!(PageLinks::default().target("docs/a.md"), None);
    }
}
