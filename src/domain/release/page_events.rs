//! Markdown of a page of release notes, made safe: references and safe addresses become links. Whatever could run in a browser or be
//! fetched is disabled: HTML is shown as text, images become links.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};

use crate::domain::release::page_links::PageLinks;

/// Events of a text without what could run or be fetched, with its references as links.
pub fn harmless<'t>(markdown: &'t str, links: &PageLinks) -> Vec<Event<'t>> {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let mut out = Vec::new();
    let mut html_block = String::new();
    // For each open link: the address that its words may show, if the link is kept.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut in_code = false;
    for event in TextMergeStream::new(parser) {
        match event {
            Event::Start(Tag::HtmlBlock) => html_block.clear(),
            Event::Html(text) => html_block.push_str(&text),
            Event::End(TagEnd::HtmlBlock) => shown_html(&mut out, &html_block),
            Event::InlineHtml(text) => out.push(Event::Text(without_comments(&text).into())),
            // A link inside a link would end the outer one.
            Event::Start(Tag::Image { .. } | Tag::Link { .. })
                if open.iter().any(Option::is_some) =>
            {
                open.push(None);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                open.push(link(&mut out, links, LinkType::Inline, &dest_url));
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) => {
                open.push(link(&mut out, links, link_type, &dest_url));
            }
            Event::End(TagEnd::Image | TagEnd::Link) => {
                if open.pop().flatten().is_some() {
                    out.push(Event::End(TagEnd::Link));
                }
            }
            Event::Text(text) if !in_code => match open.last() {
                Some(Some(address)) if *text == **address => {
                    out.push(Event::Text(
                        links.short_words(address).map_or(text, Into::into),
                    ));
                }
                Some(_) => out.push(Event::Text(text)),
                None => referring(&mut out, links, text),
            },
            event => {
                in_code = match &event {
                    Event::Start(Tag::CodeBlock(_)) => true,
                    Event::End(TagEnd::CodeBlock) => false,
                    _ => in_code,
                };
                out.push(event);
            }
        }
    }
    out
}

/// Shows a block of HTML as text.
fn shown_html(out: &mut Vec<Event<'_>>, html: &str) {
    let text = without_comments(html).trim().to_owned();
    if !text.is_empty() {
        out.push(Event::Start(Tag::Paragraph));
        out.push(Event::Text(text.into()));
        out.push(Event::End(TagEnd::Paragraph));
    }
}

/// Opens a link if the page may link to it; returns what its words may show.
fn link(
    out: &mut Vec<Event<'_>>,
    links: &PageLinks,
    link_type: LinkType,
    address: &str,
) -> Option<String> {
    let target = match link_type {
        LinkType::Email => format!("mailto:{address}"),
        _ => links.target(address)?,
    };
    out.push(Event::Start(opened(target)));
    Some(address.to_owned())
}

fn opened<'t>(address: String) -> Tag<'t> {
    Tag::Link {
        link_type: LinkType::Inline,
        dest_url: address.into(),
        title: CowStr::Borrowed(""),
        id: CowStr::Borrowed(""),
    }
}

/// Adds text, with its references as links.
fn referring<'t>(out: &mut Vec<Event<'t>>, links: &PageLinks, text: CowStr<'t>) {
    let found = links.references(&text);
    if found.is_empty() {
        out.push(Event::Text(text));
        return;
    }
    let mut at = 0;
    for (span, address) in found {
        out.push(Event::Text(text[at..span.start].to_owned().into()));
        out.push(Event::Start(opened(address)));
        out.push(Event::Text(text[span.clone()].to_owned().into()));
        out.push(Event::End(TagEnd::Link));
        at = span.end;
    }
    out.push(Event::Text(text[at..].to_owned().into()));
}

fn without_comments(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, comment)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    out + rest
}
