//! Quotations in a body: release notes of other projects that bots and users paste. They are not read at all, but replaced by as many
//! blanks, so that nothing in them becomes an entry, a footer or a reference.

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::entry::reference;
use crate::domain::text::words::blanked;

/// A body with only its author's own words.
#[derive(Debug)]
pub struct OwnBody<'t> {
    /// The text with its code.
    pub said: Cow<'t, str>,
    /// The text with blanks for code.
    pub plain: Cow<'t, str>,
    /// Whether a release tool wrote it for a release request.
    pub is_release: bool,
}

/// A line of a body, with and without code; both begin at the same place.
#[derive(Debug, Clone, Copy)]
pub struct BodyLine<'t> {
    pub said: &'t str,
    pub plain: &'t str,
}

impl BodyLine<'_> {
    /// Whether the line begins inside code.
    pub fn is_code(&self) -> bool {
        let indent = |line: &str| line.len() - line.trim_start().len();
        !self.said.trim().is_empty() && indent(self.said) != indent(self.plain)
    }
}

impl<'t> OwnBody<'t> {
    /// Reads a body; that of a bot counts as quoted as a whole.
    pub fn read(body: &'t str, is_bot: bool) -> OwnBody<'t> {
        let code = reference::running_text(body);
        let mut quoted = Quoted::default();
        if is_bot {
            quoted.ranges.push(0..body.len());
        }
        let is_long = body.trim().contains('\n') || may_quote(body);
        if is_long && !is_bot {
            quoted.scan(&code);
        }
        let plain = match code {
            Cow::Borrowed(text) => blanked(text, quoted.ranges.iter().cloned()),
            Cow::Owned(text) => {
                Cow::Owned(blanked(&text, quoted.ranges.iter().cloned()).into_owned())
            }
        };
        OwnBody {
            plain,
            said: blanked(body, quoted.ranges.iter().cloned()),
            is_release: quoted.is_release,
        }
    }

    /// Lines of the body.
    pub fn lines(&self) -> impl Iterator<Item = BodyLine<'_>> {
        let lines = self.said.lines().zip(self.plain.lines());
        lines.map(|(said, plain)| BodyLine { said, plain })
    }
}

/// Whether a single line may be a quotation.
fn may_quote(body: &str) -> bool {
    ["<", ">", "http", "PR ", ":robot:"]
        .iter()
        .any(|part| body.contains(part))
}

/// The end of a quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    /// This many `</details>`.
    Details(usize),
    /// The end of an HTML comment.
    Comment,
    /// A heading of this level or a higher one that begins no quotation, or the line that GitHub puts above co-authors.
    Heading(usize),
    /// The signature of a bot, or the end.
    Signature,
}

/// The quotations of a body.
#[derive(Debug, Default)]
struct Quoted {
    ranges: Vec<Range<usize>>,
    open: Option<Until>,
    /// The start of the part after the last `---`, as long as it may be a quotation.
    rule: Option<usize>,
    is_release: bool,
    /// Whether the last line began a quotation: the next one may underline it.
    is_fresh: bool,
}

impl Quoted {
    fn scan(&mut self, body: &str) {
        let mut at = 0;
        for line in body.split_inclusive('\n') {
            let range = at..at + line.len();
            at = range.end;
            self.line(line.trim(), range);
        }
    }

    fn line(&mut self, line: &str, range: Range<usize>) {
        let may_underline = std::mem::take(&mut self.is_fresh) && is_separator(line);
        if may_underline || self.open.is_some() && self.goes_on(line) {
            self.ranges.push(range);
            return;
        }
        if line == "---" || line == "***" || line == "___" {
            self.rule = Some(range.start);
            return;
        }
        if is_separator(line) {
            self.rule = None;
            return;
        }
        let Some(until) = self.begins(line) else {
            return;
        };
        self.open = until;
        self.is_fresh = matches!(until, Some(Until::Heading(_)));
        let start = self.rule.take().unwrap_or(range.start);
        self.ranges.push(start..range.end);
    }

    /// Whether the open quotation contains a line; it closes after its last one.
    fn goes_on(&mut self, line: &str) -> bool {
        match self.open {
            None => false,
            Some(Until::Details(depth)) => {
                let depth = depth + tags(line, "<details");
                let depth = depth.saturating_sub(tags(line, "</details"));
                self.open = (depth > 0).then_some(Until::Details(depth));
                true
            }
            Some(Until::Comment) => {
                self.open = (!line.contains("-->")).then_some(Until::Comment);
                true
            }
            Some(Until::Signature) => {
                if line.starts_with("Signed-off-by: ") && line.contains("[bot]") {
                    self.open = None;
                }
                true
            }
            Some(Until::Heading(level)) => {
                let ends = is_separator(line)
                    || heading(line)
                        .is_some_and(|(own, text)| own <= level && !is_quote_title(text));
                if ends {
                    self.open = None;
                }
                !ends
            }
        }
    }

    /// Whether a quotation begins with a line, and its end if it is longer than that line.
    fn begins(&mut self, line: &str) -> Option<Option<Until>> {
        if line.starts_with('<') {
            let depth = tags(line, "<details").saturating_sub(tags(line, "</details"));
            if tags(line, "<details") > 0 {
                return Some((depth > 0).then_some(Until::Details(depth)));
            }
            if line.starts_with("<!--") {
                return Some((!line.contains("-->")).then_some(Until::Comment));
            }
        }
        if line.starts_with('>') || credits(line) {
            return Some(None);
        }
        if let Some((level, text)) = heading(line)
            && is_quote_title(text)
        {
            return Some(Some(Until::Heading(level)));
        }
        let words = without_marks(line);
        self.is_release |= RELEASE_REQUESTS
            .iter()
            .any(|start| words.starts_with(start));
        let is_bot = self.is_release || is_of_bot(words);
        is_bot.then_some(Some(Until::Signature))
    }
}

/// Number of times that a tag is in a line, ignoring case.
fn tags(line: &str, tag: &str) -> usize {
    let bytes = line.as_bytes();
    let starts = memchr::memchr_iter(b'<', bytes);
    let is_tag = |at: &usize| {
        let start = bytes.get(*at..at + tag.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    starts.filter(is_tag).count()
}

/// Whether a line is a credit from GitHub's release notes: `… by @name in https://…`.
fn credits(line: &str) -> bool {
    if memchr::memchr(b'@', line.as_bytes()).is_none() {
        return false; // nearly every line
    }
    let Some((_, rest)) = line.split_once("by @").or_else(|| line.split_once("by [@")) else {
        return false;
    };
    [" in http", " in [#", " in #"]
        .iter()
        .any(|mark| rest.contains(mark))
        || rest.contains(" made their first contribution")
}

/// The line that GitHub puts above the co-authors of a squash merge.
pub(super) fn is_separator(line: &str) -> bool {
    line.len() > 3 && line.bytes().all(|byte| byte == b'-')
}

/// The level and the text of a heading: `## Text`, `<h2>Text</h2>`, or `**Text**` alone on its line, below all others.
fn heading(line: &str) -> Option<(usize, &str)> {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&hashes) {
        return line[hashes..]
            .starts_with(' ')
            .then(|| (hashes, line[hashes..].trim()));
    }
    if let Some(rest) = line.strip_prefix("<h") {
        let (level, text) = rest.split_once('>')?;
        let level = level.bytes().next().filter(u8::is_ascii_digit)?;
        return Some((
            usize::from(level - b'0'),
            text.split('<').next().unwrap_or(""),
        ));
    }
    if let Some(bold) = line.strip_prefix("**") {
        return Some((7, bold.trim_end_matches(':').strip_suffix("**")?));
    }
    // A title alone on its line, underlined or not.
    let bare = line.trim_end_matches(':');
    let is_title = BARE_TITLES
        .iter()
        .any(|title| title.eq_ignore_ascii_case(bare));
    is_title.then_some((7, bare))
}

/// Titles of [`QUOTE_TITLES`] that begin a quotation without any mark.
const BARE_TITLES: &[&str] = &[
    "release notes",
    "what's changed",
    "full changelog",
    "upstream changes",
    "upstream changelog",
    "upstream release notes",
];

/// Headings below which bots and users paste the notes of other projects.
const QUOTE_TITLES: &[&str] = &[
    "release notes",
    "changelog",
    "change log",
    "commits",
    "what's changed",
    "what’s changed",
    "whats changed",
    "new contributors",
    "full changelog",
    "upstream changes",
    "upstream changelog",
    "upstream release notes",
    "releases",
];

/// Whether a heading begins a quotation: one of [`QUOTE_TITLES`], or a version.
fn is_quote_title(text: &str) -> bool {
    let text = text.trim().trim_end_matches(':').trim_matches(['*', ' ']);
    if QUOTE_TITLES
        .iter()
        .any(|title| title.eq_ignore_ascii_case(text))
    {
        return true;
    }
    // `v1.2.0`, `[1.2.0](https://…) (2026-01-01)`, `widget@1.2.0`
    let first = text
        .trim_start_matches('[')
        .split([' ', ']', '('])
        .next()
        .unwrap_or("");
    let version = first.rsplit('@').next().unwrap_or(first);
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    version.contains('.')
        && version.starts_with(|c: char| c.is_ascii_digit())
        && version
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-+".contains(&b))
}

/// First words of release tools in a release request.
const RELEASE_REQUESTS: &[&str] = &[
    // https://github.com/changesets/action
    "This PR was opened by the [Changesets release]",
    "This PR was opened by the Changesets release",
    // https://github.com/googleapis/release-please
    ":robot: I have created a release",
    "🤖 I have created a release",
    // https://release-plz.dev
    "This PR was generated with [release-plz]",
    "🤖 New release",
];

/// First words of bots that update dependencies.
const BOT_WORDS: &[&str] = &[
    "This PR contains the following updates",    // Renovate
    "updated-dependencies:",                     // Dependabot
    "Snyk has created this PR",                  // Snyk
    "This PR was automatically created by Snyk", // Snyk
    "This PR updates [",                         // pyup
    "Here is everything you need to know about this up", // Depfu
    "About this PR",                             // Scala Steward
    "I'll automatically update this PR to resolve conflicts", // Scala Steward
];

/// A line without the marks of a heading, a list or a tag before its words.
fn without_marks(line: &str) -> &str {
    let bare = line.trim_start_matches(['#', '*', '-', '_', ' ']);
    match bare.strip_prefix('<').and_then(|tag| tag.split_once('>')) {
        Some((_, words)) => words.trim_start(),
        None => bare,
    }
}

/// Whether words are those of a bot: `Bumps [x](…) from 1 to 2.` or some of [`BOT_WORDS`].
fn is_of_bot(words: &str) -> bool {
    let is_bump = ["Bumps ", "Updates "]
        .iter()
        .any(|start| words.starts_with(start))
        && (words.contains(" from ") && words.contains(" to ") || words.contains(" group with "))
        && words.contains(['[', '`']);
    // Greenkeeper
    let is_version = words.starts_with("Version ") && words.contains(" was just published");
    is_bump || is_version || BOT_WORDS.iter().any(|start| words.starts_with(start))
}

/// Names of bots that update dependencies, as the authors of their commits.
const BOTS: &[&str] = &[
    "dependabot",
    "renovate",
    "greenkeeper",
    "pyup",
    "snyk",
    "depfu",
    "scala-steward",
    "scala steward",
    "whitesource",
    "mend-bolt",
    "deps-bot",
    "updatebot",
    "pre-commit-ci",
];

/// Whether an author, `Name <address>`, is a bot that updates dependencies.
pub fn is_dependency_bot(author: &str) -> bool {
    let name = author.split(" <").next().unwrap_or(author);
    let is_start = |bot: &&str| {
        let start = name.get(..bot.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(bot))
    };
    BOTS.iter().any(is_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(body: &str) -> String {
        let own = OwnBody::read(body, false);
        let lines = own
            .plain
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn notes_of_others_are_blank() {
        for (body, expected) in [
            (
                "* feat: own\n\n<details>\n<summary>x</summary>\n* feat!: theirs\n</details>\n* fix: own",
                "* feat: own|* fix: own",
            ),
            (
                "a\n<DETAILS><details>\nb\n</details>\nc\n</details>\nd",
                "a|d",
            ),
            (
                "* feat!: theirs by @x in https://a.example/1\n* fix: own",
                "* fix: own",
            ),
            (
                "own\n\n## What's Changed\n* feat!: theirs\n\n**Full Changelog**: https://x",
                "own",
            ),
            (
                "own\n\n## Release Notes\n\n### v2.0.0\n- feat!: theirs\n\n## How to test\nown too",
                "own|## How to test|own too",
            ),
            (
                "own\n\n### [2.0.0](https://x) (2026-01-01)\n\nBREAKING CHANGE: y",
                "own",
            ),
            (
                "own\n\n**Changelog**:\n\nfeat: theirs\n\n---------\n\nCo-authored-by: Z",
                "own|---------|Co-authored-by: Z",
            ),
            (
                "own\n\n---\n\nfeat: theirs\n\n# Changelog\nfix: theirs",
                "own",
            ),
            ("own\n\n---\n\nfix: own, too", "own|---|fix: own, too"),
            (
                "own\n\nRelease notes\n-------------\n* feat!: theirs",
                "own",
            ),
            ("> feat: theirs\n\nfeat: own", "feat: own"),
            ("<!-- feat: none\nfix: none -->\nfeat: own", "feat: own"),
            ("Bumps [x](https://x) from 1.0 to 2.0.\n- fix: theirs", ""),
            (
                "* a\n\nBumps [x](u) from 1 to 2.\n\nfeat: theirs\n\nSigned-off-by: dependabot[bot] <x>\n\n* fix: own",
                "* a|* fix: own",
            ),
            (
                "fix: own\n```\nfeat: code\n```\n\n    fix: code\n",
                "fix: own",
            ),
            (
                "Bumps the limit from 1 to 2\nfix: own",
                "Bumps the limit from 1 to 2|fix: own",
            ),
        ] {
            assert_eq!(left(body), expected, "{body}");
        }
        let release = OwnBody::read(
            ":robot: I have created a release *beep* *boop*\n---\n\n## 1.0\n* x",
            false,
        );
        assert!(release.is_release && release.plain.trim().is_empty());
        assert!(OwnBody::read("feat: x", true).plain.trim().is_empty());
    }

    #[test]
    fn bots_are_known_by_name() {
        assert!(is_dependency_bot("renovate[bot] <x@y>") && is_dependency_bot("Dependabot <x>"));
        assert!(!is_dependency_bot("Ann <renovate@x>") && !is_dependency_bot("Renée <x>"));
    }
}
