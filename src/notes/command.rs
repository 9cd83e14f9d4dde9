//! `relwatch notes`: the changes of one or more versions, as the changelog's section, as the body of a release page, or as a draft
//! announcement.

use semver::Version;
use serde_json::json;

use crate::domain::changelog::document::Document;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge::Forge;
use crate::domain::release::pieces;
use crate::domain::release::release_body::ReleaseBody;
use crate::domain::text::jinja::EmptyValue;
use crate::domain::text::markdown;
use crate::history::revisions::ends;
use crate::notes::announce::{self, Announcement};
use crate::notes::draft;
use crate::notes::page::PageFrame;
use crate::notes::project_template::ProjectTemplate;
use crate::notes::release_body::{self, Accounts, AskedForge, Span, SpanFacts};
use crate::notes::request::{Chosen, NextVersion, NotesFormat, NotesOptions, typed};
use crate::notes::source::{NotesInput, forge};
use crate::notes::template_values::{KnownChanges, TemplateSection, TemplateSubject};
use crate::notes::whole_history;
use crate::project::Project;
use crate::project::output::OutputFile;
use crate::section::gather;
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
    let mut told = if options.all {
        whole(project)?
    } else {
        NotesInput::read(project, options, next)?.told(project, options)?
    };
    let written = match options.format {
        NotesFormat::Md => told.markdown.clone(),
        NotesFormat::Html => told.page(project)?,
        NotesFormat::Json => format!("{:#}\n", told.json),
        NotesFormat::Text => match &told.subject {
            Some(subject) => format!("Subject: {subject}\n\n{}", markdown::plain(told.body())),
            None => markdown::plain(told.body()),
        },
    };
    let report = match output {
        Some(output) => output.write(&written)?,
        None => Report::answer(written),
    };
    Ok(report.with_json(told.json).with_warnings(told.warnings))
}

/// The body of a release's page, with its range and the known changes.
struct ToldBody {
    span: Span,
    body: ReleaseBody,
    known: KnownChanges,
}

/// Printed notes, whatever the format.
#[derive(Default)]
struct PrintedNotes {
    title: String,
    /// Subject of an announcement.
    subject: Option<String>,
    markdown: String,
    json: serde_json::Value,
    warnings: Vec<String>,
    /// Frame of an HTML page.
    frame: Option<PageFrame>,
}

impl PrintedNotes {
    /// The HTML page; its title replaces the heading of the whole text.
    fn page(&mut self, project: &Project) -> Result<String> {
        let Some(frame) = self.frame.take() else {
            return Ok(String::new());
        };
        let body = self.body();
        let body = body.strip_prefix(whole_history::HEADING).unwrap_or(body);
        frame.html(project, &self.title, body)
    }

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
    let forge = forge(project, &head);
    let mut json = json!({"schema": 1, "version": null, "notes": text});
    if let Some(component) = project.name() {
        json["component"] = json!(component);
    }
    Ok(PrintedNotes {
        title: format!(
            "{}: changelog",
            announce::plain_name(project, forge.as_ref())
        ),
        subject: None,
        markdown: text,
        json,
        warnings: Vec::new(),
        frame: Some(PageFrame::new(project, forge.as_ref(), head.commit, "HEAD")),
    })
}

impl NotesInput {
    fn told(mut self, project: &Project, options: &NotesOptions) -> Result<PrintedNotes> {
        let forge = forge(project, &self.history.head);
        let mut told = match (options.announce, options.full) {
            (Some(kind), _) => self.announced(project, forge.as_ref(), kind)?,
            (None, true) => self.full(project, forge.as_ref(), options)?,
            // A released version is rendered with a template only if the user passes one.
            (None, false) if options.template.is_some() && self.version().is_some() => {
                self.full(project, forge.as_ref(), options)?
            }
            (None, false) => self.plain(project, forge.as_ref()),
        };
        told.markdown = format!("{}\n", told.markdown.trim_end());
        if options.format == NotesFormat::Html {
            told.frame = Some(PageFrame::of_input(project, forge.as_ref(), &self)?);
        }
        if let Some(component) = project.name() {
            told.json["component"] = json!(component);
        }
        told.warnings.extend(self.history.warnings);
        if let Chosen::Commits(range) = &self.chosen {
            let [from, to] = [range.from, range.to].map(|commit| commit.to_string());
            told.json["range"] = json!({"from": from, "to": to});
            self.parts.retain(|part| !part.text.is_empty());
        }
        if self.parts.is_empty() {
            let words = options.version.as_deref().unwrap_or_default();
            told.warnings.push(format!("{words} contains nothing"));
        }
        Ok(told)
    }

    /// The sections as they are in the changelog.
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
            Chosen::Commits(_) => json!({"schema": 1, "version": null, "notes": notes}),
            _ => json!({"schema": 1, "version": self.version(), "notes": notes}),
        };
        PrintedNotes {
            title: self.title(project, forge),
            subject: None,
            json,
            markdown: text,
            ..PrintedNotes::default()
        }
    }

    fn full(
        &mut self,
        project: &Project,
        forge: Option<&Forge>,
        options: &NotesOptions,
    ) -> Result<PrintedNotes> {
        let ToldBody { span, body, known } = self.body(project, forge)?;
        let (version, date) = (self.version(), self.date());
        let subject = TemplateSubject {
            version: version.as_deref(),
            tag: span.to.tag(),
            date: date.as_deref(),
            forge,
        };
        let mut json = subject.page(&body, &known);
        let template = match &options.template {
            Some(path) => Some(ProjectTemplate::tried(path)?),
            None => ProjectTemplate::body(project)?,
        };
        let markdown = match template {
            None => body.markdown(),
            Some(template) => {
                let notes = if options.full {
                    body.markdown()
                } else {
                    self.parts.iter().map(|part| part.text.as_str()).collect()
                };
                let section = TemplateSection {
                    categories: self.categories(),
                    known,
                    notes,
                };
                let values = subject.values(project, &body, &section);
                template.rendered(&values, EmptyValue::Prints)?
            }
        };
        json["notes"] = json!(format!("{}\n", markdown.trim_end()));
        Ok(PrintedNotes {
            title: self.title(project, forge),
            subject: None,
            json,
            markdown,
            ..PrintedNotes::default()
        })
    }

    /// The sections' categories, as they are in the changelog.
    fn categories(&self) -> Vec<pieces::CategoryPieces> {
        let parts = self.parts.iter();
        parts
            .flat_map(|part| pieces::categories(&part.text))
            .collect()
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
            Chosen::Range(..) | Chosen::Commits(_) => {
                return Err(
                    Failure::new(Exit::Usage, "an announcement is of one version")
                        .with_remedy("give it, or --latest"),
                );
            }
        };
        let ToldBody { body, known, .. } = self.body(project, forge)?;
        let tag = project.tag_of(&typed(project, &version)?)?;
        if kind == Announcement::Withdrawal && body.withdrawn.is_none() {
            return Err(
                Failure::failed(format!("{tag} is not withdrawn")).with_remedy(format!(
                    "`relwatch withdraw {version} --reason TEXT` withdraws it"
                )),
            );
        }
        let date = self.date();
        let subject = TemplateSubject {
            version: Some(&version),
            tag: Some(&tag),
            date: date.as_deref(),
            forge,
        };
        let section = TemplateSection {
            categories: self.categories(),
            known,
            notes: body.markdown(),
        };
        let template = kind.of_released(!matches!(self.chosen, Chosen::Unreleased));
        let draft = announce::draft(project, template, &subject.values(project, &body, &section))?;
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
            ..PrintedNotes::default()
        })
    }

    /// The body of the release's page.
    fn body(&mut self, project: &Project, forge: Option<&Forge>) -> Result<ToldBody> {
        let span = self.span(project)?;
        let doc = Document::parse(&self.section.viewed);
        let definitions = doc.links.iter().map(|link| doc.text(&link.span));
        let definitions: String = definitions.collect();
        let mut body = ReleaseBody::default();
        for part in &self.parts {
            body.read(&part.text, &definitions, &project.config.categories);
        }
        // An untagged version is read from the changelog alone.
        let told = match self.untagged(project)? {
            None => {
                let asked = AskedForge {
                    forge,
                    facts: self.facts.take(),
                    reach: self.reach,
                };
                release_body::complete(project, &self.history, asked, &span, &mut body)?
            }
            Some(version) => {
                self.history.warnings.push(format!(
                    "there is no tag of {version} here, so contributors and what it compares with are omitted; run `git fetch --tags`"
                ));
                SpanFacts::default()
            }
        };
        let SpanFacts {
            commits,
            facts,
            warnings,
        } = told;
        self.history.warnings.extend(warnings);
        let gathered;
        let entries = match self.chosen {
            Chosen::Unreleased | Chosen::Commits(_) => &self.section.gathered.entries,
            _ => {
                gathered = gather::of_commits(project, &commits, b"");
                &gathered.entries
            }
        };
        let known = KnownChanges::new(
            project,
            &Accounts::new(project, forge, &facts),
            entries,
            &commits,
        );
        Ok(ToldBody { span, body, known })
    }

    fn title(&self, project: &Project, forge: Option<&Forge>) -> String {
        let mut name = announce::plain_name(project, forge);
        if let Some(component) = project.name() {
            name.push_str(&format!(" {component}"));
        }
        match &self.chosen {
            Chosen::Unreleased => format!("{name}: not released yet"),
            Chosen::Version(version) => format!("{name} {version}"),
            Chosen::Commits(range) => {
                let [from, to] = &range.names;
                format!("{name}: from {from} to {to}")
            }
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
