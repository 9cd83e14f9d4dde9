//! `relwatch notes`: what a version brings, or several: the section of the changelog, the body of a release's page, a draft of an
//! announcement.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use clap::ValueEnum;
use semver::Version;
use serde_json::json;

use crate::domain::changelog::cut::{self, Cut};
use crate::domain::changelog::document::Document;
use crate::domain::changelog::{notes, view};
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::lineage;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge::Forge;
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::release::release_body::{Body, Piece};
use crate::domain::spec::parts::parts;
use crate::domain::text::{markdown, terminal};
use crate::history::range::History;
use crate::notes::announce::{self, Announcement};
use crate::notes::release_body::{self, Span, Start};
use crate::notes::{polish, whole_history};
use crate::project::Project;
use crate::project::output::Output;
use crate::section::contents::Section;
use crate::section::gather;
use crate::section::working_file::WorkingFile;
use crate::sys::clock;
use crate::sys::git::{Head, ReleaseTag};
use crate::ui::{self, Report};

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
    /// Everything that is known of them.
    Json,
    /// Plain text, for mails.
    Text,
}

/// Decides the version that an announcement of unreleased changes names: notes decide none.
pub type NextVersion = fn(&Project, &History, &Section) -> Result<String>;

/// Runs the command.
pub fn run(project: &Project, options: &Options, next: NextVersion) -> Result<Report> {
    // A tag names its component.
    let words = options.version.as_deref().unwrap_or_default();
    let (from, to) = ends(words).unwrap_or((words, words));
    let part = [from, to].iter().find_map(|tag| project.of_tag(tag).ok());
    let project = part.as_ref().unwrap_or(project);
    project.alone()?;
    let output = Output::of(project, options.output.as_ref())?;
    let told = match options.all {
        true => whole(project)?,
        false => Source::read(project, options, next)?.told(project, options)?,
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
    let report = match output {
        Some(output) => output.write(&written)?,
        None => Report::text(written),
    };
    Ok(report.with_json(told.json).with_warnings(told.warnings))
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
    let head = project.repo.head()?;
    let text = whole_history::changelog(project, &head)?;
    let text = format!("{}\n", text.trim_end());
    let mut json = json!({"schema": 1, "version": null, "notes": text});
    if let Some(component) = project.name() {
        json["component"] = json!(component);
    }
    Ok(Told {
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

fn forge(project: &Project, head: &Head) -> Option<Forge> {
    let address = project.repo.remote_url(head.branch.as_deref());
    project.config.forge(address.as_deref())
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
                Failure::failed(format!("{name} holds no version yet"))
                    .with_remedy("leave --latest out")
            })?;
            return Ok(Chosen::Version(newest));
        }
        let Some(words) = &options.version else {
            return Ok(Chosen::Unreleased);
        };
        if let Some((first, last)) = ends(words) {
            let from = match first {
                "" => None,
                word => Some(typed(project, word)?),
            };
            let to = match last {
                "" | "HEAD" => None,
                word if word.eq_ignore_ascii_case("unreleased") => None,
                word => Some(typed(project, word)?),
            };
            if let (Some(older), Some(newer)) = (&from, &to)
                && older >= newer
            {
                let next = match older == newer {
                    true => format!("give {newer} alone"),
                    false => format!("the older version stands first: {last}..{first}"),
                };
                let what = terminal::printable(&format!("{words} holds nothing"));
                let next = terminal::printable(&next);
                return Err(Failure::new(Exit::Usage, what).with_remedy(next));
            }
            return Ok(Chosen::Range(from, to));
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

/// The ends of `A..B`, or of `A...B` as addresses that compare have it.
fn ends(words: &str) -> Option<(&str, &str)> {
    words.split_once("...").or_else(|| words.split_once(".."))
}

/// A version, by its tag or its number.
fn typed(project: &Project, word: &str) -> Result<Version> {
    let bare = word.strip_prefix('v').unwrap_or(word);
    let tagged = project.config.tag_format()?.version(word);
    tagged.or_else(|| Version::parse(bare).ok()).ok_or_else(|| {
        let word = terminal::printable(word);
        Failure::new(Exit::Usage, format!("`{word}` is no version"))
            .with_remedy("give one like 1.2.3, or its tag")
    })
}

/// What one version brings.
struct Part {
    heading: String,
    text: String,
}

/// The chosen part of the changelog, and what is known beside it.
struct Source {
    history: History,
    section: Section,
    chosen: Chosen,
    /// Newest first.
    parts: Vec<Part>,
    next: NextVersion,
}

impl Source {
    fn read(project: &Project, options: &Options, next: NextVersion) -> Result<Source> {
        let file = WorkingFile::read(project)?;
        file.required()?;
        let section = file.section()?;
        let doc = Document::parse(&section.viewed);
        let chosen = Chosen::of(project, &doc, options)?;
        let mut source = Source {
            parts: Vec::new(),
            history: file.history,
            chosen,
            section,
            next,
        };
        source.parts = source.read_parts(project, options.no_polish)?;
        Ok(source)
    }

    fn read_parts(&self, project: &Project, no_polish: bool) -> Result<Vec<Part>> {
        let doc = Document::parse(&self.section.viewed);
        Ok(match &self.chosen {
            Chosen::Unreleased => vec![self.unreleased(project, &doc, no_polish)?],
            Chosen::Version(version) => {
                let part = match self.of_changelog(&doc, version) {
                    Some(part) => part,
                    None => Part {
                        heading: String::new(),
                        text: self
                            .of_commits(project)?
                            .ok_or_else(|| unknown(&project.config.changelog, version, &doc))?,
                    },
                };
                vec![part]
            }
            Chosen::Range(from, to) => {
                let mut parts = self.range(project, &doc, from.as_ref(), to.as_ref())?;
                if to.is_none() && !self.section.is_empty() {
                    parts.insert(0, self.unreleased(project, &doc, no_polish)?);
                }
                parts
            }
        })
    }

    /// A version's section of the changelog.
    fn of_changelog(&self, doc: &Document<'_>, version: &str) -> Option<Part> {
        let heading = &doc.version(version)?.heading;
        Some(Part {
            heading: doc.text(heading).trim().to_owned(),
            text: cut::notes(&self.section.viewed, version)?,
        })
    }

    /// The versions after `from` up to `to`, by the changelog, and those that it does not know by their commits.
    fn range(
        &self,
        project: &Project,
        doc: &Document<'_>,
        from: Option<&Version>,
        to: Option<&Version>,
    ) -> Result<Vec<Part>> {
        for end in [from, to].into_iter().flatten() {
            let version = end.to_string();
            if doc.version(&version).is_none() && tagged(project, &version)?.is_none() {
                return Err(
                    Failure::failed(format!("there is no tag of {version} here"))
                        .with_remedy("run `git fetch --tags`"),
                );
            }
        }
        let is_in = |version: &Version| {
            from.is_none_or(|from| version > from) && to.is_none_or(|to| version <= to)
        };
        let known = doc.versions().filter_map(|word| {
            let number = Version::parse(word).ok().filter(is_in)?;
            Some((number, self.of_changelog(doc, word)?))
        });
        let mut parts: Vec<(Version, Part)> = known.collect();
        let is_untold =
            |version: &Version| is_in(version) && doc.version(&version.to_string()).is_none();
        for (version, part) in self.untold(project, doc, to, is_untold)? {
            let older = parts.iter().position(|(known, _)| *known < version);
            parts.insert(older.unwrap_or(parts.len()), (version, part));
        }
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    /// The tags of a range that the changelog does not know. As in `notes --all` a commit belongs to the lowest version that contains it.
    fn untold(
        &self,
        project: &Project,
        doc: &Document<'_>,
        to: Option<&Version>,
        is_untold: impl Fn(&Version) -> bool,
    ) -> Result<Vec<(Version, Part)>> {
        let repo = &project.repo;
        let span = self.span(project)?;
        let end = match &span.to {
            Some(tag) => repo.resolved(&RefName::tag(tag)),
            None => self.history.head.commit,
        };
        let Some(end) = end else {
            return Ok(Vec::new());
        };
        let mut tags = self.history.tags.named.clone();
        // A pre-release speaks where it is asked for.
        if let (Some(name), Some(version)) = (&span.to, to)
            && !tags.iter().any(|(_, tag)| tag.version == *version)
        {
            let (name, version) = (name.clone(), version.clone());
            tags.push((end, ReleaseTag { name, version }));
        }
        if !tags.iter().any(|(_, tag)| is_untold(&tag.version)) {
            return Ok(Vec::new());
        }
        let (previous, commits) = release_body::commits(project, &span, end)?;
        let places: HashMap<CommitId, usize> = commits.iter().map(|c| c.id).zip(0..).collect();
        tags.retain(|(id, _)| places.contains_key(id));
        order::by(&mut tags, |a, b| a.1.version.cmp(&b.1.version));
        let owners = lineage::owners(&commits, tags.iter().map(|(id, _)| places[id]));
        let forge = forge(project, &self.history.head);
        let mut previous = previous.as_deref();
        let mut untold = Vec::new();
        for (at, (_, tag)) in tags.iter().enumerate() {
            if is_untold(&tag.version) {
                let own = commits
                    .iter()
                    .zip(&owners)
                    .filter(|(_, owner)| **owner == at);
                let own: Vec<Commit> = own.map(|(commit, _)| commit.clone()).collect();
                let time = repo.tag_time(&tag.name)?.unwrap_or_default();
                let version = tag.version.to_string();
                let cut = Cut {
                    version: &version,
                    date: &clock::day_of(time),
                    tag: &tag.name,
                    previous_tag: previous,
                    forge: forge.as_ref(),
                };
                let part = Part {
                    heading: cut::heading_like(doc, doc.version_level(), &cut),
                    text: told_by(project, &own),
                };
                untold.push((tag.version.clone(), part));
            }
            previous = Some(&tag.name);
        }
        Ok(untold)
    }

    /// What the commits tell of a tag that the changelog does not know; `None` if there is no such tag.
    fn of_commits(&self, project: &Project) -> Result<Option<String>> {
        let span = self.span(project)?;
        let tag = span.to.as_ref().map(|tag| RefName::tag(tag));
        let Some(commit) = tag.and_then(|tag| project.repo.resolved(&tag)) else {
            return Ok(None);
        };
        let (_, commits) = release_body::commits(project, &span, commit)?;
        Ok(Some(told_by(project, &commits)))
    }

    /// Unreleased, as `polish` words it; what that changes goes to standard error.
    fn unreleased(&self, project: &Project, doc: &Document<'_>, no_polish: bool) -> Result<Part> {
        let bare = cut::without_skips(&self.section.viewed, |_| true);
        let bare = Document::parse(&bare);
        let body = bare.unreleased().map(|s| bare.text(&s.body));
        let generated = notes::typed(&body.unwrap_or_default());
        let polished = match no_polish {
            true => None,
            false => polish::run(project, &self.section, None, &generated)?,
        };
        let text = match polished {
            Some((text, diff)) => {
                diff.trim_end().lines().for_each(ui::progress);
                text
            }
            None => generated,
        };
        let heading = doc.unreleased().map(|s| doc.text(&s.heading));
        Ok(Part {
            heading: heading.unwrap_or_default().trim().to_owned(),
            text,
        })
    }

    fn told(mut self, project: &Project, options: &Options) -> Result<Told> {
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
    fn plain(&self, project: &Project, forge: Option<&Forge>) -> Told {
        let texts = self.parts.iter().map(|part| match self.chosen {
            Chosen::Range(..) => format!("{}\n\n{}", part.heading, part.text),
            _ => part.text.clone(),
        });
        let texts = texts.map(|text| text.trim_end().to_owned());
        let text = texts.collect::<Vec<_>>().join("\n\n");
        let notes = format!("{}\n", text.trim_end());
        Told {
            title: self.title(project, forge),
            subject: None,
            json: json!({"schema": 1, "version": self.version(), "notes": notes}),
            markdown: text,
            warnings: Vec::new(),
        }
    }

    fn full(&mut self, project: &Project, forge: Option<&Forge>) -> Result<Told> {
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
        &mut self,
        project: &Project,
        forge: Option<&Forge>,
        kind: Announcement,
    ) -> Result<Told> {
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
        let tag = project.config.tag_format()?.tag(&typed(project, &version)?);
        if kind == Announcement::Withdrawal && body.withdrawn.is_none() {
            return Err(
                Failure::failed(format!("{tag} is not withdrawn")).with_remedy(format!(
                    "`relwatch withdraw {version} --reason TEXT` withdraws it"
                )),
            );
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
        let tag = |version: &Option<Version>| match version {
            Some(version) => tagged(project, &version.to_string()),
            None => Ok(None),
        };
        let (from, to) = match &self.chosen {
            Chosen::Unreleased => (Start::Previous, None),
            Chosen::Version(version) => (Start::Previous, tagged(project, version)?),
            Chosen::Range(from, to) => (tag(from)?.map_or(Start::Root, Start::Tag), tag(to)?),
        };
        Ok(Span {
            to,
            from,
            version: self.version(),
        })
    }

    /// What it begins or ends with and nobody has tagged.
    fn untagged(&self, project: &Project) -> Result<Option<String>> {
        let ends = match &self.chosen {
            Chosen::Unreleased => Vec::new(),
            Chosen::Version(version) => vec![version.clone()],
            Chosen::Range(from, to) => [from, to]
                .into_iter()
                .flatten()
                .map(Version::to_string)
                .collect(),
        };
        for version in ends {
            if tagged(project, &version)?.is_none() {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    /// Everything that the page of the release tells.
    fn body(&mut self, project: &Project, forge: Option<&Forge>) -> Result<(Span, Body)> {
        let span = self.span(project)?;
        let doc = Document::parse(&self.section.viewed);
        let definitions = doc.links.iter().map(|link| doc.text(&link.span));
        let definitions: String = definitions.collect();
        let mut body = Body::default();
        for part in &self.parts {
            body.read(&part.text, &definitions, &project.config.categories);
        }
        // A version that nobody has tagged is known by the changelog alone.
        match self.untagged(project)? {
            None => release_body::complete(project, &self.history, forge, &span, &mut body)?,
            Some(version) => self.history.warnings.push(format!(
                "there is no tag of {version} here, so contributors and what it compares with are left out; run `git fetch --tags`"
            )),
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

/// The tag of a version, if it is there.
fn tagged(project: &Project, version: &str) -> Result<Option<String>> {
    let Ok(number) = Version::parse(version) else {
        return Ok(None); // a changelog may have `0.1`
    };
    let tag = project.config.tag_format()?.tag(&number);
    let found = project.repo.reference(&RefName::tag(&tag))?;
    Ok(found.map(|_| tag))
}

/// What commits tell, by categories.
fn told_by(project: &Project, commits: &[Commit]) -> String {
    let gathered = gather::of_commits(project, commits, b"");
    let order = project.config.categories.titles(gathered.security());
    let lines: Vec<_> = gathered.entries.into_iter().map(|e| e.line).collect();
    view::section("", &lines, &order).trim().to_owned()
}

fn unknown(name: &str, version: &str, doc: &Document<'_>) -> Failure {
    let versions: Vec<&str> = doc.versions().take(3).collect();
    let known = match versions.as_slice() {
        [] => "none yet".to_owned(),
        versions => versions.join(", "),
    };
    Failure::failed(format!(
        "{name} has no version {}",
        terminal::printable(version)
    ))
    .with_remedy(format!("it has {known}"))
}
