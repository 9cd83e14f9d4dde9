//! The frame of an HTML page: one file without scripts, pictures or external resources. Dark or light according to the reader's system.

use crate::domain::text::html::escaped;

/// Colours and elements that all pages share.
const STYLE: &str = include_str!("page.css");

/// A page without its text.
#[derive(Debug, Clone, Default)]
pub struct HtmlFrame<'a> {
    pub title: &'a str,
    /// The description that search engines and chats show below the title.
    pub description: &'a str,
    /// The project's name.
    pub site: &'a str,
    /// Date of an article, `YYYY-MM-DD`.
    pub published: Option<&'a str>,
    /// CSS rules for this page only.
    pub style: &'a str,
}

impl HtmlFrame<'_> {
    /// The page with `main`, which is HTML.
    pub fn page(&self, main: &str) -> String {
        let title = escaped(self.title);
        let HtmlFrame { style, .. } = self;
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n{}<style>\n{STYLE}{style}</style>\n</head>\n<body>\n{main}</body>\n</html>\n",
            self.meta()
        )
    }

    /// Descriptions for search engines, and for chats that show a link as a card (Open Graph, X).
    fn meta(&self) -> String {
        let kind = self.published.map_or("website", |_| "article");
        let mut all = vec![
            ("name", "description", self.description),
            ("property", "og:type", kind),
            ("property", "og:title", self.title),
            ("property", "og:description", self.description),
            ("property", "og:site_name", self.site),
        ];
        all.extend(
            self.published
                .map(|day| ("property", "article:published_time", day)),
        );
        all.extend([
            ("name", "twitter:card", "summary"),
            ("name", "twitter:title", self.title),
            ("name", "twitter:description", self.description),
        ]);
        let told = all.iter().filter(|(_, _, value)| !value.is_empty());
        let line = |(key, name, value): &(&str, &str, &str)| {
            format!("<meta {key}=\"{name}\" content=\"{}\">\n", escaped(value))
        };
        told.map(line).collect()
    }
}

/// A link, or only its words if there is no address. The words are plain text.
pub fn link(words: &str, address: Option<&str>) -> String {
    match address {
        Some(address) => format!("<a href=\"{}\">{}</a>", escaped(address), escaped(words)),
        None => escaped(words),
    }
}
