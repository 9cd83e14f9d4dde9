//! Drafts of announcements, from the project's templates or the built-in ones. A draft is meant to be reworded before it is sent.

use clap::ValueEnum;
use serde_json::Value;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge::Forge;
use crate::domain::text::inert;
use crate::domain::text::jinja::EmptyValue;
use crate::notes::project_template::ProjectTemplate;
use crate::project::Project;

/// Directory of a project's own templates.
const FOLDER: &str = ".relwatch/announcements";

/// Kind of announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Announcement {
    Release,
    Hotfix,
    Security,
    Withdrawal,
}

impl Announcement {
    /// Name of its template, without `.md`.
    pub fn word(self) -> &'static str {
        match self {
            Announcement::Release => "release",
            Announcement::Hotfix => "hotfix",
            Announcement::Security => "security",
            Announcement::Withdrawal => "withdrawal",
        }
    }

    /// Its template; a version that is not released yet is announced as upcoming.
    pub fn of_released(self, is_released: bool) -> AnnouncementTemplate {
        let (word, built_in) = match self {
            Announcement::Release if !is_released => {
                ("upcoming", include_str!("announcements/upcoming.md"))
            }
            Announcement::Release => (self.word(), include_str!("announcements/release.md")),
            Announcement::Hotfix => (self.word(), include_str!("announcements/hotfix.md")),
            Announcement::Security => (self.word(), include_str!("announcements/security.md")),
            Announcement::Withdrawal => (self.word(), include_str!("announcements/withdrawal.md")),
        };
        AnnouncementTemplate { word, built_in }
    }
}

/// An announcement template.
#[derive(Debug, Clone, Copy)]
pub struct AnnouncementTemplate {
    /// Name of its file, without `.md`.
    word: &'static str,
    built_in: &'static str,
}

/// A subject and a text in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub subject: String,
    pub body: String,
}

impl Draft {
    /// Subject and text as one text.
    pub fn text(&self) -> String {
        format!("Subject: {}\n\n{}", self.subject, self.body)
    }
}

/// A draft from the project's template or the built-in one.
///
/// # Errors
/// Exit 2 for a template without a subject or with an error.
pub fn draft(project: &Project, kind: AnnouncementTemplate, values: &Value) -> Result<Draft> {
    let path = format!("{FOLDER}/{}.md", kind.word);
    let own = ProjectTemplate::in_repository(project, &path)?;
    let template = own.unwrap_or_else(|| ProjectTemplate::built_in(kind.built_in));
    let text = template.text();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let subject = first.strip_prefix("Subject:").map(str::trim);
    let subject = subject
        .filter(|subject| !subject.is_empty())
        .ok_or_else(|| {
            let what = format!("{}: its first line must be `Subject: …`", template.name());
            Failure::new(Exit::Usage, what)
        })?;
    let subject = template
        .with_text(subject)
        .rendered(values, EmptyValue::Fails)?;
    let body = template
        .with_text(&format!("\n{rest}"))
        .rendered(values, EmptyValue::Prints)?;
    Ok(Draft {
        subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
        body: body.trim().to_owned(),
    })
}

/// The project's name in Markdown.
pub fn name(project: &Project, forge: Option<&Forge>) -> String {
    inert::inline(&plain_name(project, forge))
}

/// The project's name: its repository's name on the forge, else its directory's name. Components are named by their tags.
pub fn plain_name(project: &Project, forge: Option<&Forge>) -> String {
    let own = forge.map(Forge::name);
    let folder = || {
        project
            .repo
            .root()
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    own.map(str::to_owned).or_else(folder).unwrap_or_default()
}
