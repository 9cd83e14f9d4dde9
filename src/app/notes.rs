//! `relwatch notes`: what a version brings, or several: the section of the changelog, the body of a release's page, a draft of an
//! announcement.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use semver::Version;
use serde_json::json;

use crate::app::announce::{self, Announcement};
use crate::app::release_body::{self, Span};
use crate::app::section::{self, History, Section};
use crate::app::{Project, next_version, polish, whole_history};
use crate::domain::changelog::document::Document;
use crate::domain::changelog::{cut, notes, view};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge::Forge;
use crate::domain::release_body::{Body, Piece};
use crate::domain::spec::parts::parts;
use crate::domain::version;
use crate::domain::{markdown, text};
use crate::sys::files::{self, Durable};
use crate::ui::Report;

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A version, or `A..B`; `None`: what is not released yet.
    pub version: Option<String>,
    /// The newest version of the changelog.
    pub latest: bool,
    /// The whole history, whatever the changelog holds.
    pub all: bool,
    /// The body of a release's page.
    pub full: bool,
    pub announce: Option<Announcement>,
    pub format: Format,
    pub output: Option<PathBuf>,
    pub no_polish: bool,
}

/// How they are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown.
    #[default]
    Md,
    /// One page for a browser.
    Html,
    Json,
    /// Plain text, for mails.
    Text,
}

/// Runs the command.
pub fn run(project: &Project, options: &Options) -> Result<Report> {
    project.alone()?;
    let to_file = options
        .output
        .as_ref()
        .filter(|path| path.as_os_str() != "-");
    if let Some(path) = to_file {
        may_replace(project, path)?;
    }
    let told = match options.all {
        true => whole(project)?,
        false => Source::read(project, options)?.told(project, options)?,
    };
    let written = match options.format {
        Format::Md => told.markdown.clone(),
        Format::Html => markdown::page(&told.title, told.body()),
        Format::Json => format!("{:#}\n", told.json),
        Format::Text => match &told.subject {
            Some(subject) => format!("Subject: {subject}\n\n{}", markdown::plain(told.body())),
            None => markdown::plain(told.body()),
        },
    };
    let report = match to_file {
        Some(path) => {
            let is_new = files::replace(path, written.as_bytes(), Durable::Yes)?;
            let did = if is_new { "wrote" } else { "unchanged" };
            Report::text(format!("{did}: {}\n", path.display()))
        }
        None => Report::text(written),
    };
    Ok(report.with_json(told.json).with_warnings(told.warnings))
}

/// Refuses what must not be replaced by a file: the changelog, devices, links.
fn may_replace(project: &Project, path: &Path) -> Result<()> {
    let name = &project.config.changelog;
    let why = if files::same(path, &files::at(project.repo.root(), name)) {
        format!("--output {name} would replace the changelog; give another file")
    } else if files::exists(path) && !files::is_file(path) {
        let path = path.display();
        format!("--output {path} is no plain file; give another one, or leave it out and redirect")
    } else {
        return Ok(());
    };
    Err(Failure::new(Exit::Usage, why))
}

/// What is printed, whatever the format.
struct Told {
    title: String,
    /// Of an announcement.
    subject: Option<String>,
    markdown: String,
    json: serde_json::Value,
    warnings: Vec<String>,
}

impl Told {
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

fn whole(project: &Project) -> Result<Told> {
    let text = format!("{}\n", whole_history::changelog(project)?.trim_end());
    let mut json = json!({"schema": 1, "version": null, "notes": text});
    if let Some(component) = project.name() {
        json["component"] = json!(component);
    }
    Ok(Told {
        title: format!(
            "{}: changelog",
            announce::name(project, forge(project)?.as_ref())
        ),
        subject: None,
        markdown: text,
        json,
        warnings: Vec::new(),
    })
}

fn forge(project: &Project) -> Result<Option<Forge>> {
    let branch = project.repo.head()?.branch;
    let address = project.repo.remote_url(branch.as_deref());
    Ok(project.config.forge(address.as_deref()))
}

/// Which part of the changelog it is about.
enum Chosen {
    Unreleased,
    Version(String),
    /// After a version up to another one; without the last up to what is not released.
    Range(Option<Version>, Option<Version>),
}

impl Chosen {
    fn of(project: &Project, doc: &Document<'_>, options: &Options) -> Result<Chosen> {
        let name = &project.config.changelog;
        if options.latest {
            let newest = doc.versions().next().map(str::to_owned).ok_or_else(|| {
                Failure::failed(format!("{name} holds no version yet; leave --latest out"))
            })?;
            return Ok(Chosen::Version(newest));
        }
        let Some(words) = &options.version else {
            return Ok(Chosen::Unreleased);
        };
        if let Some((from, to)) = words.split_once("..") {
            let end = |word: &str| match word {
                "" | "HEAD" => Ok(None),
                word if word.eq_ignore_ascii_case("unreleased") => Ok(None),
                word => typed(project, word).map(Some),
            };
            return Ok(Chosen::Range(end(from)?, end(to)?));
        }
        if words.eq_ignore_ascii_case("unreleased") {
            return Ok(Chosen::Unreleased);
        }
        let tagged = project.config.tag_format()?.version(words);
        Ok(Chosen::Version(match tagged {
            Some(version) => version.to_string(),
            None => words.strip_prefix('v').unwrap_or(words).to_owned(),
        }))
    }
}

/// A version, by its tag or its number.
fn typed(project: &Project, word: &str) -> Result<Version> {
    let tagged = project.config.tag_format()?.version(word);
    tagged.map_or_else(|| version::typed(word), Ok)
}

/// The chosen part of the changelog, and what is known beside it.
struct Source {
    history: History,
    section: Section,
    chosen: Chosen,
    /// Each section, newest first: version (`None` is Unreleased) and text.
    sections: Vec<(Option<String>, String)>,
    /// What `polish` changed.
    shown: Option<String>,
}

impl Source {
    fn read(project: &Project, options: &Options) -> Result<Source> {
        let name = &project.config.changelog;
        let history = section::history(project)?;
        let present = files::read(&files::at(project.repo.root(), name))?
            .ok_or_else(|| Failure::failed(format!("there is no {name}; run `relwatch init`")))?;
        let indexed = project.repo.indexed(name)?;
        let section = section::of_working_file(project, &history, &present, &indexed)?;
        let doc = Document::parse(&section.viewed);
        let chosen = Chosen::of(project, &doc, options)?;
        let mut source = Source {
            sections: Vec::new(),
            shown: None,
            history,
            chosen,
            section,
        };
        let doc = Document::parse(&source.section.viewed);
        let mut sections = Vec::new();
        match &source.chosen {
            Chosen::Unreleased => sections.push((None, String::new())),
            Chosen::Version(version) => {
                let text = match cut::notes(&source.section.viewed, version) {
                    Some(text) => text,
                    None => source
                        .of_commits(project)?
                        .ok_or_else(|| unknown(name, version, &doc))?,
                };
                sections.push((Some(version.clone()), text));
            }
            Chosen::Range(from, to) => {
                if to.is_none() && !source.section.is_empty() {
                    sections.push((None, String::new()));
                }
                for version in doc.versions() {
                    let is_in = Version::parse(version).is_ok_and(|number| {
                        from.as_ref().is_none_or(|from| number > *from)
                            && to.as_ref().is_none_or(|to| number <= *to)
                    });
                    if is_in {
                        let text = cut::notes(&source.section.viewed, version);
                        sections.push((Some(version.to_owned()), text.unwrap_or_default()));
                    }
                }
                let to = to.as_ref().map(Version::to_string);
                if let Some(to) = to.filter(|to| doc.version(to).is_none()) {
                    let text = source.of_commits(project)?;
                    let text = text.ok_or_else(|| unknown(name, &to, &doc))?;
                    sections = vec![(Some(to), text)];
                }
            }
        }
        for (_, text) in sections.iter_mut().filter(|(version, _)| version.is_none()) {
            *text = source.unreleased(project, options.no_polish)?;
        }
        source.sections = sections;
        Ok(source)
    }

    /// What the commits tell of a tag that the changelog does not know; `None` if there is no such tag.
    fn of_commits(&self, project: &Project) -> Result<Option<String>> {
        let span = self.span(project)?;
        let tag = span.to.as_ref().map(|tag| format!("refs/tags/{tag}"));
        let Some(commit) = tag.and_then(|tag| project.repo.resolved(&tag)) else {
            return Ok(None);
        };
        let (_, commits) = release_body::commits(project, &span, &commit)?;
        let gathered = section::of_commits(project, &commits, b"");
        let order = project.config.categories.titles(gathered.has_advisory());
        let lines: Vec<_> = gathered.entries.into_iter().map(|e| e.line).collect();
        Ok(Some(view::section("", &lines, &order).trim().to_owned()))
    }

    /// Unreleased, as `polish` words it.
    fn unreleased(&mut self, project: &Project, no_polish: bool) -> Result<String> {
        let bare = cut::without_skips(&self.section.viewed, |_| true);
        let bare = Document::parse(&bare);
        let body = bare.unreleased().map(|s| bare.text(&s.body));
        let generated = notes::typed(&body.unwrap_or_default());
        let polished = match no_polish {
            true => None,
            false => polish::run(project, &self.section, None, &generated)?,
        };
        Ok(match polished {
            Some((text, diff)) => {
                self.shown = Some(diff);
                text
            }
            None => generated,
        })
    }

    fn told(self, project: &Project, options: &Options) -> Result<Told> {
        let forge = forge(project)?;
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
        told.warnings.extend(self.shown);
        Ok(told)
    }

    /// The sections as they stand in the changelog.
    fn plain(&self, project: &Project, forge: Option<&Forge>) -> Told {
        let doc = Document::parse(&self.section.viewed);
        let heading = |version: &Option<String>| {
            let section = match version {
                Some(version) => doc.version(version),
                None => doc.unreleased(),
            };
            section.map_or(String::new(), |s| doc.text(&s.heading).trim().to_owned())
        };
        let text = match self.chosen {
            Chosen::Range(..) => {
                let sections = self.sections.iter();
                let texts = sections.map(|(v, text)| format!("{}\n\n{text}", heading(v)));
                texts
                    .map(|text| text.trim_end().to_owned())
                    .collect::<Vec<_>>()
                    .join("\n\n")
            }
            _ => self
                .sections
                .iter()
                .map(|(_, text)| text.as_str())
                .collect(),
        };
        let notes = format!("{}\n", text.trim_end());
        Told {
            title: self.title(project, forge),
            subject: None,
            json: json!({"schema": 1, "version": self.version(), "notes": notes}),
            markdown: text,
            warnings: Vec::new(),
        }
    }

    fn full(&self, project: &Project, forge: Option<&Forge>) -> Result<Told> {
        let (span, body) = self.body(project, forge)?;
        let text = body.markdown();
        let groups = body.groups.iter();
        let groups: Vec<_> = groups
            .map(|(group, pieces)| {
                let pieces: Vec<_> = pieces.iter().map(piece).collect();
                json!({"title": group.title(), "pieces": pieces})
            })
            .collect();
        Ok(Told {
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
        &self,
        project: &Project,
        forge: Option<&Forge>,
        kind: Announcement,
    ) -> Result<Told> {
        let version = match &self.chosen {
            Chosen::Version(version) => version.clone(),
            Chosen::Unreleased if self.section.is_empty() => {
                let why = "nothing to announce: there is nothing to release; `--latest` is the last release";
                return Err(Failure::new(Exit::Nothing, why));
            }
            Chosen::Unreleased => {
                let next = next_version::on_its_own(project, &self.history, &self.section)?;
                next.version.to_string()
            }
            Chosen::Range(..) => {
                let why = "an announcement is of one version; give it, or --latest";
                return Err(Failure::new(Exit::Usage, why));
            }
        };
        let (_, body) = self.body(project, forge)?;
        let tag = tag_of(project, &version)?;
        if kind == Announcement::Withdrawal && body.withdrawn.is_none() {
            return Err(Failure::failed(format!(
                "{tag} is not withdrawn; `relwatch withdraw {version} --reason TEXT` withdraws it"
            )));
        }
        let date = self.date();
        let subject = announce::Subject {
            version: &version,
            tag: &tag,
            previous: body.previous.as_deref(),
            date: date.as_deref(),
            forge,
            withdrawn: body.withdrawn.as_ref(),
        };
        let draft = announce::draft(project, kind, &subject, &body)?;
        Ok(Told {
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

    /// The tags and commits that it is about.
    fn span(&self, project: &Project) -> Result<Span> {
        let tag = |version: &str| -> Result<Option<String>> {
            let tag = tag_of(project, version)?;
            let found = project.repo.reference(&format!("refs/tags/{tag}"))?;
            Ok(found.map(|_| tag))
        };
        let mut span = Span {
            to: None,
            from: None,
            version: self.version(),
        };
        match &self.chosen {
            Chosen::Unreleased => {}
            Chosen::Version(version) => span.to = tag(version)?,
            Chosen::Range(from, to) => {
                for (version, slot) in [(from, &mut span.from), (to, &mut span.to)] {
                    let Some(version) = version else { continue };
                    let found = tag(&version.to_string())?;
                    *slot = Some(found.ok_or_else(|| {
                        let why =
                            format!("there is no tag of {version} here; run `git fetch --tags`");
                        Failure::failed(why)
                    })?);
                }
            }
        }
        Ok(span)
    }

    /// Everything that the page of the release tells.
    fn body(&self, project: &Project, forge: Option<&Forge>) -> Result<(Span, Body)> {
        let span = self.span(project)?;
        let is_cut = span.to.is_some() || span.version.is_none();
        let doc = Document::parse(&self.section.viewed);
        let definitions = doc.links.iter().map(|link| doc.text(&link.span));
        let definitions: String = definitions.collect();
        let mut body = Body::default();
        for (_, text) in &self.sections {
            body.read(text, &definitions, &project.config.categories);
        }
        // A version that nobody has tagged is known by the changelog alone.
        if is_cut {
            release_body::complete(project, &self.history, forge, &span, &mut body)?;
        }
        Ok((span, body))
    }

    /// The version that it is about, if it is one.
    fn version(&self) -> Option<String> {
        match &self.chosen {
            Chosen::Version(version) => Some(version.clone()),
            Chosen::Range(_, to) => to.as_ref().map(Version::to_string),
            Chosen::Unreleased => None,
        }
    }

    fn date(&self) -> Option<String> {
        Document::parse(&self.section.viewed).date_of(&self.version()?)
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

fn tag_of(project: &Project, version: &str) -> Result<String> {
    let number = version::typed(version)?;
    Ok(project.config.tag_format()?.tag(&number))
}

fn unknown(name: &str, version: &str, doc: &Document<'_>) -> Failure {
    let versions: Vec<&str> = doc.versions().take(3).collect();
    Failure::failed(format!(
        "{name} has no version {}; it has {}",
        text::printable(version),
        versions.join(", ")
    ))
}
