//! Body of a page of release notes: Markdown as HTML, with linkable headings and boxes around breaking changes.

use std::collections::HashMap;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd, html};

use crate::domain::changelog::title::announces_breaking;
use crate::domain::release::page_events::harmless;
use crate::domain::release::page_links::PageLinks;
use crate::domain::spec::parts::is_part;
use crate::domain::text::html::escaped;

/// Number of characters of the text used for the page's description.
const LEAD: usize = 400;

/// HTML of a body, and the values that the page around it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageBody {
    pub html: String,
    pub headings: Vec<PageHeading>,
    /// Beginning of the text without its headings, on one line.
    pub lead: String,
    /// Number of list items, at any depth.
    pub items: usize,
}

/// A heading that can be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageHeading {
    /// Heading level, from 2: level 1 is the title of the page.
    pub level: usize,
    pub id: String,
    pub text: String,
}

/// Body of the page for a text.
pub fn page_body(markdown: &str, links: &PageLinks) -> PageBody {
    let events = harmless(markdown, links);
    let mut layout = Layout::default();
    let mut at = 0;
    while at < events.len() {
        at += layout.take(&events[at..]);
    }
    layout.close_box(0);
    let mut body = layout.body;
    html::push_html(&mut body.html, layout.out.into_iter());
    body.lead = body.lead.trim_end_matches([' ', ';']).to_owned();
    body
}

/// Page as rendered so far.
#[derive(Default)]
struct Layout<'t> {
    out: Vec<Event<'t>>,
    body: PageBody,
    /// Levels and IDs of the headings above the current position, with the levels of the text.
    above: Vec<(usize, String)>,
    ids: HashMap<String, usize>,
    /// Level of the heading whose text is in a box, if there is one.
    boxed: Option<usize>,
    /// Number of open elements around the text.
    depth: usize,
    /// Depth of the open part of a breaking change.
    part: Option<usize>,
    /// Depth of the open items, and whether each is a breaking change.
    items: Vec<(usize, bool)>,
}

impl<'t> Layout<'t> {
    /// Processes one or more of the remaining events, and returns how many.
    fn take(&mut self, events: &[Event<'t>]) -> usize {
        match &events[0] {
            Event::Start(Tag::Heading { level, .. }) => return self.heading(*level, events),
            Event::Start(tag) => {
                self.start(tag, events);
                self.depth += 1;
            }
            Event::End(tag) => {
                if self.part == Some(self.depth) {
                    self.close_part();
                }
                self.depth = self.depth.saturating_sub(1);
                self.end(*tag, events);
            }
            event => {
                match event {
                    Event::Text(text) | Event::Code(text) => self.lead(text),
                    Event::SoftBreak | Event::HardBreak => self.lead(" "),
                    _ => {}
                }
                self.out.push(event.clone());
            }
        }
        1
    }

    fn start(&mut self, tag: &Tag<'t>, events: &[Event<'t>]) {
        match tag {
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(words) => words.split([' ', ',']).next().unwrap_or(""),
                    CodeBlockKind::Indented => "",
                };
                let class = match language {
                    "" => String::new(),
                    language => format!(" class=\"language-{}\"", escaped(language)),
                };
                // Keyboard users can scroll a long line.
                self.html(format!("<pre tabindex=\"0\"><code{class}>"));
                return;
            }
            Tag::Table(_) => self.html(
                "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">"
                    .to_owned(),
            ),
            Tag::Item => {
                self.body.items += 1;
                let is_breaking = label(&events[1..]).is_some_and(|label| label == "breaking");
                self.items.push((self.depth, is_breaking));
                if is_breaking {
                    self.html("<li class=\"breaking\">".to_owned());
                    return;
                }
            }
            Tag::Paragraph => match label(events).filter(|label| is_part(label)) {
                Some(label) if self.part.is_none_or(|part| part == self.depth) => {
                    self.close_part();
                    self.open_part(&label);
                }
                _ => {}
            },
            _ => {}
        }
        self.out.push(Event::Start(tag.clone()));
    }

    fn end(&mut self, tag: TagEnd, events: &[Event<'t>]) {
        match tag {
            TagEnd::CodeBlock => self.html("</code></pre>\n".to_owned()),
            TagEnd::Table => {
                self.out.push(Event::End(tag));
                self.html("</div>\n".to_owned());
            }
            TagEnd::Item => match self.items.pop() {
                Some((_, true)) => self.html("</li>\n".to_owned()),
                _ => self.out.push(Event::End(tag)),
            },
            _ => {
                self.out.push(Event::End(tag));
                if tag == TagEnd::Paragraph {
                    self.unlabelled_migration(&events[1..]);
                }
            }
        }
        match tag {
            TagEnd::Paragraph | TagEnd::Item => self.lead("\n"),
            _ => {}
        }
    }

    /// Labels the text after the first paragraph of a breaking change that has no labelled parts. By the rule of
    /// [`crate::domain::spec::parts::tells_migration`], that text is the migration.
    fn unlabelled_migration(&mut self, rest: &[Event<'t>]) {
        let Some((item, is_breaking)) = self.items.last().copied() else {
            return;
        };
        let is_outer = self.items.len() == 1 && self.depth == item + 1;
        if !is_outer || self.part.is_some() || !(is_breaking || self.boxed.is_some()) {
            return;
        }
        let mut depth = 0_usize;
        for (at, event) in rest.iter().enumerate() {
            match event {
                Event::Start(Tag::Paragraph)
                    if depth == 0 && label(&rest[at..]).is_some_and(|label| is_part(&label)) =>
                {
                    return;
                }
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => {
                    if at > 0 {
                        self.open_part("migration");
                        self.html("<p><strong>Migration:</strong></p>\n".to_owned());
                    }
                    return;
                }
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
    }

    fn open_part(&mut self, label: &str) {
        let class = if label == "migration" {
            "part migration"
        } else {
            "part"
        };
        self.html(format!("<div class=\"{class}\">\n"));
        self.part = Some(self.depth);
    }

    fn close_part(&mut self) {
        if self.part.take().is_some() {
            self.html("</div>\n".to_owned());
        }
    }

    /// Ends the box around breaking changes before a heading of this level.
    fn close_box(&mut self, level: usize) {
        if self.depth == 0 {
            self.close_part();
        }
        if self.boxed.is_some_and(|boxed| level <= boxed) {
            self.boxed = None;
            self.html("</section>\n".to_owned());
        }
    }

    fn heading(&mut self, level: HeadingLevel, events: &[Event<'t>]) -> usize {
        let is_end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Heading(_)));
        let length = events.iter().position(is_end).unwrap_or(events.len() - 1);
        let inner: Vec<Event<'t>> = without_brackets(&events[1..length]);
        let text = text_of(&inner);
        let source = level as usize;
        while self.above.last().is_some_and(|(above, _)| *above >= source) {
            self.above.pop();
        }
        let id = self.id(&text);
        self.above.push((source, id.clone()));
        let shown = (self.above.len() + 1).min(6);
        if self.depth == 0 {
            self.close_box(shown);
            if self.boxed.is_none() && announces_breaking(&text) {
                self.html(format!(
                    "<section class=\"breaking\" aria-labelledby=\"{}\">\n",
                    escaped(&id)
                ));
                self.boxed = Some(shown);
            }
        }
        let tag = escaped(&id);
        self.html(format!("<h{shown} id=\"{tag}\">"));
        self.out.extend(inner);
        self.html(format!(
            " <a class=\"anchor\" href=\"#{tag}\" aria-label=\"Link to {}\">#</a></h{shown}>\n",
            escaped(&text)
        ));
        self.body.headings.push(PageHeading {
            level: shown,
            id,
            text,
        });
        length + 1
    }

    /// Unique ID of a heading; below a version it begins with that version.
    fn id(&mut self, text: &str) -> String {
        let mut own = slug(text);
        if let Some((_, above)) = self.above.last() {
            own = format!("{above}-{own}");
        }
        let count = self.ids.entry(own.clone()).or_default();
        *count += 1;
        match *count {
            1 => own,
            count => {
                let own = format!("{own}-{count}");
                self.ids.insert(own.clone(), 1);
                own
            }
        }
    }

    fn html(&mut self, html: String) {
        self.out.push(Event::InlineHtml(html.into()));
    }

    /// Appends to the beginning of the text; a line feed ends a sentence.
    fn lead(&mut self, text: &str) {
        let lead = &mut self.body.lead;
        if lead.len() > LEAD {
            return;
        }
        match text {
            "\n" if lead.ends_with(' ') || lead.is_empty() => {}
            "\n" if lead.ends_with(['.', '!', '?', ':', ';']) => lead.push(' '),
            "\n" => lead.push_str("; "),
            text => lead.push_str(text),
        }
    }
}

/// Label of a paragraph or an item, as in `**Migration:** …`, in lower case. The events may begin with the start of the paragraph.
fn label(events: &[Event<'_>]) -> Option<String> {
    let begins = matches!(events.first(), Some(Event::Start(Tag::Paragraph)));
    let [
        Event::Start(Tag::Strong),
        Event::Text(text),
        Event::End(TagEnd::Strong),
        ..,
    ] = &events[usize::from(begins)..]
    else {
        return None;
    };
    Some(text.trim_end_matches(':').to_lowercase())
}

fn text_of(events: &[Event<'_>]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        Event::SoftBreak | Event::HardBreak => Some(" "),
        _ => None,
    });
    texts.collect::<String>().trim().to_owned()
}

/// A heading `[0.2.0] - 2026-01-30` without the brackets, if its link is not defined.
fn without_brackets<'t>(events: &[Event<'t>]) -> Vec<Event<'t>> {
    let mut events = events.to_vec();
    if let Some(Event::Text(text)) = events.first_mut()
        && let Some((name, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']'))
    {
        *text = format!("{name}{rest}").into();
    }
    events
}

/// Words of a heading in an address; for a version with its date, the version.
fn slug(text: &str) -> String {
    let first = text.split([' ', ',']).next().unwrap_or(text);
    let number = first.strip_prefix('v').unwrap_or(first);
    let is_version = number.starts_with(|c: char| c.is_ascii_digit()) && number.contains('.');
    let text = if is_version { first } else { text };
    let mut slug = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_alphanumeric() || "._".contains(c) {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    match slug.trim_end_matches(['-', '.']) {
        "" => "part".to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::domain::entry::wording::Wording;
    use crate::domain::forge::Forge;

    fn plain(markdown: &str) -> PageBody {
        page_body(markdown, &PageLinks::default())
    }

    fn linked(markdown: &str) -> String {
        let forge = Forge::of_remote("git@github.com:o/r", None).unwrap();
        let links = PageLinks {
            wording: Wording {
                forge: Some(forge.clone()),
                ..Wording::default()
            },
            commits: BTreeSet::new(),
            specs: BTreeMap::new(),
            files: Some((forge, "v1".to_owned())),
        };
        page_body(markdown, &links).html
    }

    #[test]
    fn nothing_runs_and_nothing_is_fetched() {
        let hostile = "<script>alert(1)</script>\n\n[a](javascript:alert(1)) ![b](https://x.org/b.png) <!-- c --> <b onclick=x>\n\n<https://y.org>\n\n<!-- d\n\ne -->\n\n## <img src=x> \"h\"\n\n```\"><script>\nx\n```\n";
        let body = plain(hostile).html;
        for never in [
            "<script",
            "javascript:",
            "<img",
            "<!-- c",
            "<b on",
            "d",
            "e --",
        ] {
            let never_seen = never.len() > 1 && body.contains(never);
            assert!(!never_seen, "{never} in {body}");
        }
        for shown in [
            "&lt;script&gt;",
            "<a href=\"https://x.org/b.png\">b</a>",
            "<a href=\"https://y.org\">https://y.org</a>",
            "aria-label=\"Link to &lt;img src=x&gt; &quot;h&quot;\"",
            "class=\"language-&quot;&gt;&lt;script&gt;\"",
        ] {
            assert!(body.contains(shown), "{shown} not in {body}");
        }
    }

    #[test]
    fn headings_have_levels_without_gaps_and_ids_of_their_own() {
        let text = "# [0.2.0] - 2026-01-30\n\n### Fixed\n\n- a\n\n### Fixed\n\n# 0.1.0\n\n### `Fixed`!\n\n# Ünïcode & more\n\n# …\n";
        let headings = plain(text).headings;
        let seen: Vec<String> = headings
            .iter()
            .map(|heading| format!("{} {} {}", heading.level, heading.id, heading.text))
            .collect();
        assert_eq!(
            seen,
            [
                "2 0.2.0 0.2.0 - 2026-01-30",
                "3 0.2.0-fixed Fixed",
                "3 0.2.0-fixed-2 Fixed",
                "2 0.1.0 0.1.0",
                "3 0.1.0-fixed Fixed!",
                "2 ünïcode-more Ünïcode & more",
                "2 part …",
            ]
        );
    }

    #[test]
    fn breaking_changes_are_in_a_box_with_their_migration() {
        let text = "## Breaking changes\n\n- a\n\n  **Why:** b\n\n  **Migration:** c\n\n  ```\n  d\n  ```\n\n- e\n\n  f\n\n- g\n\n## Fixes\n\n- h\n\n  i\n";
        let html = plain(text).html;
        let (inside, outside) = html.split_once("</section>").unwrap();
        assert!(
            inside.starts_with("<section class=\"breaking\" aria-labelledby=\"breaking-changes\">")
        );
        assert!(inside.contains("<div class=\"part\">\n<p><strong>Why:</strong> b</p>\n</div>\n<div class=\"part migration\">\n<p><strong>Migration:</strong> c</p>\n<pre tabindex=\"0\"><code>d\n</code></pre>\n</div>\n"), "{inside}");
        assert!(inside.contains("<p>e</p>\n<div class=\"part migration\">\n<p><strong>Migration:</strong></p>\n<p>f</p>\n</div>\n"), "{inside}");
        assert!(inside.contains("<p>g</p>\n</li>"), "{inside}");
        assert!(outside.contains("Fixes") && !outside.contains("class=\"part"));
        let html = plain("### Changed\n\n- **Breaking:** a\n- b\n").html;
        assert!(
            html.contains("<li class=\"breaking\"><strong>Breaking:</strong> a</li>\n<li>b</li>"),
            "{html}"
        );
        // Every opened element is closed.
        for element in ["div", "section", "li", "pre"] {
            let html = plain(text).html;
            let count = |words: &str| html.matches(words).count();
            let opened = count(&format!("<{element}>")) + count(&format!("<{element} "));
            assert_eq!(opened, count(&format!("</{element}>")), "{element}");
        }
    }

    #[test]
    fn references_and_pages_of_the_project_are_links() {
        for (text, html) in [
            (
                "a (#1)",
                "<p>a (<a href=\"https://github.com/o/r/issues/1\">#1</a>)</p>\n",
            ),
            (
                "`#1` [#2](https://x.org)",
                "<p><code>#1</code> <a href=\"https://x.org\">#2</a></p>\n",
            ),
            (
                "<https://github.com/o/r/compare/v0.9.0...v0.10.0>",
                "<p><a href=\"https://github.com/o/r/compare/v0.9.0...v0.10.0\">v0.9.0…v0.10.0</a></p>\n",
            ),
            (
                "[a](docs/a.md)",
                "<p><a href=\"https://github.com/o/r/blob/v1/docs/a.md\">a</a></p>\n",
            ),
            ("[a](../a.md)", "<p>a</p>\n"),
            (
                "[![a #1](b.png)](https://x.org)",
                "<p><a href=\"https://x.org\">a #1</a></p>\n",
            ),
            (
                "<a@x.org>",
                "<p><a href=\"mailto:a@x.org\">a@x.org</a></p>\n",
            ),
        ] {
            assert_eq!(linked(text), html);
        }
    }

    #[test]
    fn the_lead_is_the_beginning_of_the_text() {
        let body = plain("## Fixes\n\n- a `b`\n- c\n  d\n\n1 fix.\n\n- e\n");
        assert_eq!(body.lead, "a b; c d; 1 fix. e");
        assert_eq!((body.items, plain("").lead.as_str()), (3, ""));
    }
}
