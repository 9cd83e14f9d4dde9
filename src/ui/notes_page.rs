//! The page of `relwatch notes --format html`: the changes of a version, with its date, its links and, if it is long, a table of contents.

use crate::domain::release::page_body::{PageBody, PageHeading, page_body};
use crate::domain::release::page_links::PageLinks;
use crate::domain::text::html::escaped;
use crate::domain::text::words;
use crate::ui::html_page::{HtmlFrame, link};

const STYLE: &str = include_str!("notes_page.css");

/// Number of list items from which a page has a table of contents, and number of headings it requires.
const LONG: usize = 20;
const SEVERAL: usize = 3;

/// Maximum number of headings in a table of contents that is shown expanded.
const OPEN: usize = 12;

/// Maximum length of a description in characters.
const DESCRIPTION: usize = 200;

/// The page of a version, or of several.
#[derive(Debug, Clone, Default)]
pub struct NotesPage {
    pub title: String,
    /// The project's name, and its page.
    pub project: String,
    pub home: Option<String>,
    /// The versions on the page, released or not.
    pub state: NotesState,
    /// The targets of its links.
    pub links: PageLinks,
}

/// The subject of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NotesState {
    /// Several versions, or commits.
    #[default]
    Several,
    Unreleased,
    Released {
        /// The date, `YYYY-MM-DD`.
        date: Option<String>,
        tag: Option<String>,
        /// The page of the tag.
        tag_page: Option<String>,
    },
}

impl NotesPage {
    /// The page with this text.
    pub fn html(&self, markdown: &str) -> String {
        let body = page_body(markdown, &self.links);
        let (date, about) = self.about();
        let description = match body.lead.as_str() {
            "" => self.title.clone(),
            lead => words::shortened(lead, DESCRIPTION),
        };
        let frame = HtmlFrame {
            title: &self.title,
            description: &description,
            site: &self.project,
            published: date,
            style: STYLE,
        };
        let main = format!(
            "<main>\n<h1>{}</h1>\n<p class=\"about\">{about}</p>\n{}{}</main>\n",
            escaped(&self.title),
            contents(&body),
            body.html
        );
        frame.page(&main)
    }

    /// The date of the release, and the line below the title.
    fn about(&self) -> (Option<&str>, String) {
        let mut told = Vec::new();
        let mut day = None;
        match &self.state {
            NotesState::Several => {}
            NotesState::Unreleased => told.push("Not released yet".to_owned()),
            NotesState::Released {
                date,
                tag,
                tag_page,
            } => {
                day = date.as_deref();
                told.extend(day.map(|day| {
                    let day = escaped(day);
                    format!("Released on <time datetime=\"{day}\">{day}</time>")
                }));
                let tag = tag.as_ref();
                told.extend(tag.map(|tag| format!("Tag {}", link(tag, tag_page.as_deref()))));
            }
        }
        told.push(format!(
            "Project {}",
            link(&self.project, self.home.as_deref())
        ));
        (day, told.join(" · "))
    }
}

/// The top-level headings, if the page is long.
fn contents(body: &PageBody) -> String {
    let top: Vec<&PageHeading> = body.headings.iter().filter(|one| one.level == 2).collect();
    if body.items < LONG || top.len() < SEVERAL {
        return String::new();
    }
    let open = if top.len() <= OPEN { " open" } else { "" };
    let line = |one: &&PageHeading| {
        format!(
            "<li><a href=\"#{}\">{}</a></li>\n",
            escaped(&one.id),
            escaped(&one.text)
        )
    };
    let lines: String = top.iter().map(line).collect();
    format!(
        "<nav class=\"contents\" aria-label=\"Contents\">\n<details{open}>\n<summary>Contents</summary>\n<ul>\n{lines}</ul>\n</details>\n</nav>\n"
    )
}
