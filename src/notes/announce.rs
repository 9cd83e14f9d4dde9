//! Drafts of announcements: the templates, those of a project before the built-in ones, and the values for them.

use clap::ValueEnum;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge::Forge;
use crate::domain::release::announcement::{Draft, Values};
use crate::domain::release::manifest::Withdrawal;
use crate::domain::release::release_body::{Group, ReleaseBody};
use crate::domain::text::inert;
use crate::project::Project;
use crate::sys::files;

/// Where a project has templates of its own.
const FOLDER: &str = ".relwatch/announcements";

/// The template for a version that is not released yet.
const UPCOMING: &str = "upcoming";

/// The most features that are highlights.
const HIGHLIGHTS: usize = 10;

/// What there is to tell.
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

    /// The built-in one; of a version that is not released yet it announces what is to come.
    fn template(self, is_released: bool) -> &'static str {
        match self {
            Announcement::Release if !is_released => include_str!("announcements/upcoming.md"),
            Announcement::Release => include_str!("announcements/release.md"),
            Announcement::Hotfix => include_str!("announcements/hotfix.md"),
            Announcement::Security => include_str!("announcements/security.md"),
            Announcement::Withdrawal => include_str!("announcements/withdrawal.md"),
        }
    }
}

/// The release that is told of.
pub struct AnnouncedRelease<'a> {
    pub version: &'a str,
    pub tag: &'a str,
    /// Tag of the release before it.
    pub previous: Option<&'a str>,
    pub date: Option<&'a str>,
    pub forge: Option<&'a Forge>,
    pub withdrawn: Option<&'a Withdrawal>,
    /// Whether its tag is there.
    pub is_released: bool,
}

/// A draft, by the project's template or the built-in one.
///
/// # Errors
/// Exit 2 for a template without a subject.
pub fn draft(
    project: &Project,
    kind: Announcement,
    subject: &AnnouncedRelease<'_>,
    body: &ReleaseBody,
) -> Result<Draft> {
    let word = match kind {
        Announcement::Release if !subject.is_released => UPCOMING,
        other => other.word(),
    };
    let path = format!("{FOLDER}/{word}.md");
    let own = files::read(&files::at(project.repo.root(), &path))?;
    let own = own.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let template = own.as_deref().unwrap_or(kind.template(subject.is_released));
    Draft::new(template, &values(project, subject, body))
        .map_err(|why| Failure::new(Exit::Usage, format!("{path}: {why}")))
}

/// docs/notes.md lists them.
fn values(project: &Project, subject: &AnnouncedRelease<'_>, body: &ReleaseBody) -> Values {
    let forge = subject.forge;
    let words = |words: Option<&str>| words.unwrap_or_default().to_owned();
    let withdrawn = |part: fn(&Withdrawal) -> Option<&str>| words(subject.withdrawn.and_then(part));
    let highlights = [Group::Features, Group::Changes, Group::Fixes]
        .iter()
        .map(|group| body.heads(group, HIGHLIGHTS))
        .find(|heads| !heads.is_empty());
    let changelog = &project.config.changelog;
    vec![
        ("project", name(project, forge)),
        ("version", subject.version.to_owned()),
        ("tag", subject.tag.to_owned()),
        ("previous", words(subject.previous)),
        ("date", words(subject.date)),
        ("summary", body.summary.join("\n\n")),
        ("highlights", highlights.unwrap_or_default()),
        ("breaking", body.markdown_of(&Group::Breaking)),
        ("security", body.markdown_of(&Group::Security)),
        ("upgrade", body.markdown_of(&Group::Upgrade)),
        ("features", body.markdown_of(&Group::Features)),
        ("changes", body.markdown_of(&Group::Changes)),
        ("removed", body.markdown_of(&Group::Removed)),
        ("fixes", body.markdown_of(&Group::Fixes)),
        ("known_issues", body.markdown_of(&Group::KnownIssues)),
        ("deprecations", body.markdown_of(&Group::Deprecations)),
        ("contributors", body.people()),
        (
            "page",
            words(forge.and_then(|f| f.tag(subject.tag)).as_deref()),
        ),
        (
            "changelog",
            words(forge.map(|f| f.file(subject.tag, changelog)).as_deref()),
        ),
        ("compare", words(body.compare.as_deref())),
        ("issues", words(forge.map(Forge::issues).as_deref())),
        ("reason", withdrawn(|w| Some(&w.reason))),
        ("impact", withdrawn(|w| w.impact.as_deref())),
        ("actions", withdrawn(|w| w.actions.as_deref())),
        ("plan", withdrawn(|w| w.plan.as_deref())),
    ]
}

/// What the project is called: as its repository on the forge, else as its folder. Tags name components.
pub fn name(project: &Project, forge: Option<&Forge>) -> String {
    let own = forge.map(Forge::name);
    let folder = || {
        project
            .repo
            .root()
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    inert::inline(&own.map(str::to_owned).or_else(folder).unwrap_or_default())
}
