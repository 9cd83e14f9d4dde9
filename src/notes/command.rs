//! `relwatch notes`: what a version brings, or several: the section of the changelog, the body of a release's page, a draft of an
//! announcement.

use std::collections::BTreeMap;

use semver::Version;
use serde_json::json;

use crate::domain::changelog::document::Document;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge::Forge;
use crate::domain::release::release_body::{Piece, ReleaseBody};
use crate::domain::spec::parts::parts;
use crate::domain::text::markdown;
use crate::notes::announce::{self, Announcement};
use crate::notes::draft;
use crate::notes::release_body::{self, AskedForge, Span};
use crate::notes::request::{Chosen, NextVersion, NotesFormat, NotesOptions, ends, typed};
use crate::notes::source::{NotesInput, forge};
use crate::notes::whole_history;
use crate::project::Project;
use crate::project::output::OutputFile;
use crate::ui::Report;

/// Runs the command.
pub fn run(project: &Project, options: &NotesOptions, next: NextVersion) -> Result<Report> {
    // A tag names its component.
    let words = options.version.as_deref().unwrap_or_default();
    let (from, to) = ends(words).unwrap_or((words, words));
    let part = [from, to].iter().find_map(|tag| project.of_tag(tag).ok());
    let project = part.as_ref().unwrap_or(project);
    project.alone()?;
    let output = OutputFile::open(project, options.output.as_ref())?;
    let told = if options.all {
        whole(project)?
    } else {
        NotesInput::read(project, options, next)?.told(project, options)?
    };
    let written = match options.format {
        NotesFormat::Md => told.markdown.clone(),
        NotesFormat::Html => markdown::page(&told.title, told.body()),
        NotesFormat::Json => format!("{:#}\n", told.json),
        NotesFormat::Text => match &told.subject {
            Some(subject) => format!("Subject: {subject}\n\n{}", markdown::plain(told.body())),
            None => markdown::plain(told.body()),
        },
    };
    let report = match output {
        Some(output) => output.write(&written)?,
        None => Report::text(written),
    };
    Ok(report.with_json(told.json).with_warnings(told.warnings))
}

/// What is printed, whatever the format.
struct PrintedNotes {
    title: String,
    /// Of an announcement.
    subject: Option<String>,
    markdown: String,
    json: serde_json::Value,
    warnings: Vec<String>,
}

impl PrintedNotes {
    /// The Markdown without the subject.
    fn body(&self) -> &str {
        match &self.subject {
            Some(_) => self
                .markdown
                .split_once("\n\n")
                .map_or("", |(_, body)| body),
            None => &self.markdown,
        }
    }
}

fn whole(project: &Project) -> Result<PrintedNotes> {
    let head = project.repo.head()?;
    let text = whole_history::changelog(project, &head)?;
    let text = format!("{}\n", text.trim_end());
    let mut json = json!({"schema": 1, "version": null, "notes": text});
    if let Some(component) = project.name() {
        json["component"] = json!(component);
    }
    Ok(PrintedNotes {
        title: format!(
            "{}: changelog",
            announce::name(project, forge(project, &head).as_ref())
        ),
        subject: None,
        markdown: text,
        json,
        warnings: Vec::new(),
    })
}

impl NotesInput {
    fn told(mut self, project: &Project, options: &NotesOptions) -> Result<PrintedNotes> {
        let forge = forge(project, &self.history.head);
        let mut told = match (options.announce, options.full) {
            (Some(kind), _) => self.announced(project, forge.as_ref(), kind)?,
            (None, true) => self.full(project, forge.as_ref())?,
            (None, false) => self.plain(project, forge.as_ref()),
        };
        told.markdown = format!("{}\n", told.markdown.trim_end());
        if let Some(component) = project.name() {
            told.json["component"] = json!(component);
        }
        told.warnings.extend(self.history.warnings);
        if self.parts.is_empty() {
            let words = options.version.as_deref().unwrap_or_default();
            told.warnings.push(format!("{words} holds nothing"));
        }
        Ok(told)
    }

    /// The sections as they stand in the changelog.
    fn plain(&self, project: &Project, forge: Option<&Forge>) -> PrintedNotes {
        let texts = self.parts.iter().map(|part| match self.chosen {
            Chosen::Range(..) => format!("{}\n\n{}", part.heading, part.text),
            _ => part.text.clone(),
        });
        let texts = texts.map(|text| text.trim_end().to_owned());
        let text = texts.collect::<Vec<_>>().join("\n\n");
        let notes = format!("{}\n", text.trim_end());
        let json = match self.chosen {
            Chosen::Unreleased => draft::draft(&self.history, &self.section, None, &notes),
            _ => json!({"schema": 1, "version": self.version(), "notes": notes}),
        };
        PrintedNotes {
            title: self.title(project, forge),
            subject: None,
            json,
            markdown: text,
            warnings: Vec::new(),
        }
    }

    fn full(&mut self, project: &Project, forge: Option<&Forge>) -> Result<PrintedNotes> {
        let (span, body) = self.body(project, forge)?;
        let text = body.markdown();
        let groups = body.groups.iter();
        let groups: Vec<_> = groups
            .map(|(group, pieces)| {
                let pieces: Vec<_> = pieces.iter().map(piece).collect();
                json!({"title": group.title(), "pieces": pieces})
            })
            .collect();
        Ok(PrintedNotes {
            title: self.title(project, forge),
            subject: None,
            json: json!({
                "schema": 1,
                "version": self.version(),
                "tag": span.to,
                "previous": body.previous,
                "date": self.date(),
                "withdrawn": body.withdrawn,
                "summary": body.summary,
                "counts": body.counts(),
                "groups": groups,
                "contributors": body.contributors,
                "compare": body.compare,
                "notes": format!("{}\n", text.trim_end()),
            }),
            markdown: text,
            warnings: Vec::new(),
        })
    }

    fn announced(
        &mut self,
        project: &Project,
        forge: Option<&Forge>,
        kind: Announcement,
    ) -> Result<PrintedNotes> {
        let version = match &self.chosen {
            Chosen::Version(version) => version.clone(),
            Chosen::Unreleased if self.section.is_empty() => {
                return Err(Failure::new(
                    Exit::Nothing,
                    "nothing to announce: there is nothing to release",
                )
                .with_remedy("`--latest` is the last release"));
            }
            Chosen::Unreleased => (self.next)(project, &self.history, &self.section)?,
            Chosen::Range(..) => {
                return Err(
                    Failure::new(Exit::Usage, "an announcement is of one version")
                        .with_remedy("give it, or --latest"),
                );
            }
        };
        let (_, body) = self.body(project, forge)?;
        let tag = project.tag_of(&typed(project, &version)?)?;
        if kind == Announcement::Withdrawal && body.withdrawn.is_none() {
            return Err(
                Failure::failed(format!("{tag} is not withdrawn")).with_remedy(format!(
                    "`relwatch withdraw {version} --reason TEXT` withdraws it"
                )),
            );
        }
        let date = self.date();
        let subject = announce::AnnouncedRelease {
            version: &version,
            tag: &tag,
            previous: body.previous.as_deref(),
            date: date.as_deref(),
            forge,
            withdrawn: body.withdrawn.as_ref(),
            is_released: !matches!(self.chosen, Chosen::Unreleased),
        };
        let draft = announce::draft(project, kind, &subject, &body)?;
        Ok(PrintedNotes {
            title: draft.subject.clone(),
            markdown: draft.text(),
            json: json!({
                "schema": 1,
                "version": version,
                "announcement": kind.word(),
                "subject": draft.subject,
                "body": format!("{}\n", draft.body),
            }),
            subject: Some(draft.subject),
            warnings: Vec::new(),
        })
    }

    /// Everything that the page of the release tells.
    fn body(&mut self, project: &Project, forge: Option<&Forge>) -> Result<(Span, ReleaseBody)> {
        let span = self.span(project)?;
        let doc = Document::parse(&self.section.viewed);
        let definitions = doc.links.iter().map(|link| doc.text(&link.span));
        let definitions: String = definitions.collect();
        let mut body = ReleaseBody::default();
        for part in &self.parts {
            body.read(&part.text, &definitions, &project.config.categories);
        }
        // A version that nobody has tagged is known by the changelog alone.
        match self.untagged(project)? {
            None => {
                let asked = AskedForge {
                    forge,
                    facts: self.facts.take(),
                    reach: self.reach,
                };
                let warnings = release_body::complete(project, &self.history, asked, &span, &mut body)?;
                self.history.warnings.extend(warnings);
            }
            Some(version) => self.history.warnings.push(format!(
                "there is no tag of {version} here, so contributors and what it compares with are left out; run `git fetch --tags`"
            )),
        }
        Ok((span, body))
    }

    fn title(&self, project: &Project, forge: Option<&Forge>) -> String {
        let mut name = announce::name(project, forge);
        if let Some(component) = project.name() {
            name.push_str(&format!(" {component}"));
        }
        match &self.chosen {
            Chosen::Unreleased => format!("{name}: not released yet"),
            Chosen::Version(version) => format!("{name} {version}"),
            Chosen::Range(from, to) => {
                let word = |version: &Option<Version>, none: &str| {
                    version.as_ref().map_or(none.to_owned(), Version::to_string)
                };
                let (from, to) = (word(from, "the beginning"), word(to, "now"));
                format!("{name}: from {from} to {to}")
            }
        }
    }
}

/// A change with the parts that it labels, such as its migration; any other text.
fn piece(piece: &Piece) -> serde_json::Value {
    match piece {
        Piece::Text(text) => json!({"text": text}),
        Piece::Change(text) => match parts(text) {
            labelled if labelled.is_empty() => json!({"change": text}),
            labelled => {
                json!({"change": text, "parts": labelled.into_iter().collect::<BTreeMap<_, _>>()})
            }
        },
    }
}
