//! The chosen part of the changelog. A version that is not in it is read from its tag and commits.

use std::collections::HashMap;

use semver::Version;

use crate::domain::changelog::cut;
use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::version_cut::Cut;
use crate::domain::changelog::{notes, view};
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::lineage;
use crate::domain::entry::model::Entries;
use crate::domain::failure::{Failure, Result};
use crate::domain::forge::Forge;
use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::text::terminal;
use crate::domain::version::form;
use crate::history::forge_facts::{self, FactsWanted};
use crate::history::range::History;
use crate::history::revisions::tagged;
use crate::notes::polish;
use crate::notes::project_template::ProjectTemplate;
use crate::notes::release_body::{self, Span, SpanEnd, Start};
use crate::notes::request::{Chosen, NextVersion, NotesOptions, typed};
use crate::notes::section_template::{self, CutVersion};
use crate::project::Project;
use crate::project::reach::Reach;
use crate::section::contents::SectionContents;
use crate::section::gather;
use crate::section::labelled::{self, LabelledSection};
use crate::section::placed::PlacedSection;
use crate::section::working_file::WorkingFile;
use crate::sys::clock;
use crate::sys::git::{Head, ReleaseTag};
use crate::ui;

/// Changes of one version.
pub(super) struct NotesPart {
    pub(super) heading: String,
    pub(super) text: String,
}

/// The chosen part of the changelog, with related data.
pub(super) struct NotesInput {
    pub(super) history: History,
    pub(super) section: SectionContents,
    pub(super) chosen: Chosen,
    /// Parts, newest first.
    pub(super) parts: Vec<NotesPart>,
    pub(super) next: NextVersion,
    /// The forge's data about what is not released; `None` if it was not asked.
    pub(super) facts: Option<ForgeFacts>,
    pub(super) reach: Reach,
}

impl NotesInput {
    pub(super) fn read(
        project: &Project,
        options: &NotesOptions,
        next: NextVersion,
    ) -> Result<NotesInput> {
        let file = WorkingFile::read(project)?;
        let present = Document::parse(file.present.as_deref().unwrap_or_default());
        let chosen = Chosen::choose(project, &present, options)?;
        if let Chosen::Commits(range) = &chosen {
            let PlacedSection {
                mut history,
                mut section,
            } = PlacedSection::between(project, range)?;
            let facts = with_labels(project, options, &mut history, &mut section)?;
            let text = told_by(project, &section.gathered);
            let heading = String::new();
            return Ok(NotesInput {
                parts: vec![NotesPart { heading, text }],
                history,
                chosen,
                section,
                next,
                facts: Some(facts),
                reach: options.reach,
            });
        }
        file.required()?;
        let section = file.section()?;
        let stale = match chosen {
            Chosen::Unreleased => file.stale(&section)?,
            _ => None,
        };
        let mut history = file.history;
        history.warnings.extend(stale);
        let is_open = matches!(chosen, Chosen::Unreleased | Chosen::Range(_, None));
        let mut section = section;
        let facts = if is_open {
            Some(with_labels(project, options, &mut history, &mut section)?)
        } else {
            None
        };
        let mut source = NotesInput {
            parts: Vec::new(),
            history,
            chosen,
            section,
            next,
            facts,
            reach: options.reach,
        };
        source.parts = source.read_parts(project, options)?;
        Ok(source)
    }

    fn read_parts(&self, project: &Project, options: &NotesOptions) -> Result<Vec<NotesPart>> {
        let doc = Document::parse(&self.section.viewed);
        Ok(match &self.chosen {
            Chosen::Unreleased => vec![self.unreleased(project, &doc, options)?],
            Chosen::Version(version) => {
                let part = match self.of_changelog(&doc, version) {
                    Some(part) => part,
                    None => NotesPart {
                        heading: String::new(),
                        text: self
                            .of_commits(project)?
                            .ok_or_else(|| unknown(&project.config.changelog, version, &doc))?,
                    },
                };
                vec![part]
            }
            Chosen::Commits(_) => Vec::new(),
            Chosen::Range(from, to) => {
                let mut parts = self.range(project, &doc, from.as_ref(), to.as_ref())?;
                if to.is_none() && !self.section.is_empty() {
                    parts.insert(0, self.unreleased(project, &doc, options)?);
                }
                parts
            }
        })
    }

    /// A version's section of the changelog.
    fn of_changelog(&self, doc: &Document<'_>, version: &str) -> Option<NotesPart> {
        let heading = &doc.version(version)?.heading;
        Some(NotesPart {
            heading: doc.text(heading).trim().to_owned(),
            text: cut::notes(&self.section.viewed, version)?,
        })
    }

    /// The versions after `from` up to `to`: from the changelog, or from commits if they are not in it.
    fn range(
        &self,
        project: &Project,
        doc: &Document<'_>,
        from: Option<&Version>,
        to: Option<&Version>,
    ) -> Result<Vec<NotesPart>> {
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
            let number = form::read(word).filter(is_in)?;
            Some((number, self.of_changelog(doc, word)?))
        });
        let mut parts: Vec<(Version, NotesPart)> = known.collect();
        let is_untold =
            |version: &Version| is_in(version) && doc.version(&version.to_string()).is_none();
        for (version, part) in self.untold(project, doc, to, is_untold)? {
            let older = parts.iter().position(|(known, _)| *known < version);
            parts.insert(older.unwrap_or(parts.len()), (version, part));
        }
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    /// The tags of a range that are not in the changelog. As in `notes --all`, a commit belongs to the lowest version that contains it.
    fn untold(
        &self,
        project: &Project,
        doc: &Document<'_>,
        to: Option<&Version>,
        is_untold: impl Fn(&Version) -> bool,
    ) -> Result<Vec<(Version, NotesPart)>> {
        let span = self.span(project)?;
        let end = span.to.commit(project, &self.history);
        let Some(end) = end else {
            return Ok(Vec::new());
        };
        let mut tags = self.history.tags.named.clone();
        // A pre-release is shown only if it is asked for.
        if let (Some(name), Some(version)) = (span.to.tag(), to)
            && !tags.iter().any(|(_, tag)| tag.version == *version)
        {
            let (name, version) = (name.to_owned(), version.clone());
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
                let own = commits.iter().zip(&owners);
                let own = own.filter(|(_, owner)| **owner == at);
                let own: Vec<Commit> = own.map(|(commit, _)| commit.clone()).collect();
                let part = NotesPart {
                    heading: heading_of(project, doc, forge.as_ref(), tag, previous)?,
                    text: told_by(project, &gather::of_commits(project, &own, b"")),
                };
                untold.push((tag.version.clone(), part));
            }
            previous = Some(&tag.name);
        }
        Ok(untold)
    }

    /// The changes of a tag that is not in the changelog, from its commits; `None` if there is no such tag.
    fn of_commits(&self, project: &Project) -> Result<Option<String>> {
        let span = self.span(project)?;
        let tag = span.to.tag().map(RefName::tag);
        let Some(commit) = tag.and_then(|tag| project.repo.resolved(&tag)) else {
            return Ok(None);
        };
        let (_, commits) = release_body::commits(project, &span, commit)?;
        let gathered = gather::of_commits(project, &commits, b"");
        Ok(Some(told_by(project, &gathered)))
    }

    /// Unreleased, reworded by `polish`; the diff is printed to standard error.
    fn unreleased(
        &self,
        project: &Project,
        doc: &Document<'_>,
        options: &NotesOptions,
    ) -> Result<NotesPart> {
        let bare = Exclusion::Skip.remove(&self.section.viewed, |_| true);
        let bare = Document::parse(&bare);
        let body = bare.unreleased().map(|s| bare.text(&s.body));
        let built_in = notes::typed(&body.unwrap_or_default());
        let generated = self.by_template(project, options)?.unwrap_or(built_in);
        let polished = if options.no_polish {
            None
        } else {
            polish::run(project, &self.history, &self.section, None, &generated)?
        };
        let text = match polished {
            Some((text, diff)) => {
                diff.trim_end().lines().for_each(ui::progress);
                text
            }
            None => generated,
        };
        let heading = doc.unreleased().map(|s| doc.text(&s.heading));
        Ok(NotesPart {
            heading: heading.unwrap_or_default().trim().to_owned(),
            text,
        })
    }

    /// What is unreleased, rendered by the section template as a release would commit it.
    fn by_template(&self, project: &Project, options: &NotesOptions) -> Result<Option<String>> {
        let is_of_section = !options.full && options.announce.is_none();
        if !is_of_section || self.section.is_empty() {
            return Ok(None);
        }
        let template = match &options.template {
            Some(path) => ProjectTemplate::tried(path)?,
            None => match ProjectTemplate::section(project)? {
                Some(template) => template,
                None => return Ok(None),
            },
        };
        let version = (self.next)(project, &self.history, &self.section)?;
        let tag = project.tag_of(&typed(project, &version)?)?;
        let forge = forge(project, &self.history.head);
        let cut = Cut {
            version: &version,
            date: &clock::today(),
            tag: &tag,
            previous_tag: self
                .history
                .last
                .as_ref()
                .map(|last| last.tag.name.as_str()),
            forge: forge.as_ref(),
            stored: &self.section.doc,
        };
        let filled = CutVersion {
            project,
            history: &self.history,
            section: &self.section,
            cut: &cut,
            facts: self.facts.as_ref().unwrap_or(&ForgeFacts::default()),
        }
        .filled(&template)?;
        Ok(filled.map(|filled| {
            if let Some(warning) = section_template::dropped(project, &template, &filled.lost) {
                ui::progress(&format!("warning: {warning}; a release refuses this"));
            }
            filled.text
        }))
    }

    /// Its tags and commits.
    pub(super) fn span(&self, project: &Project) -> Result<Span> {
        let tag = |version: &Option<Version>| match version {
            Some(version) => tagged(project, &version.to_string()),
            None => Ok(None),
        };
        let end = |tag: Option<String>| tag.map_or(SpanEnd::Head, SpanEnd::Tag);
        let (from, to) = match &self.chosen {
            Chosen::Unreleased => (Start::Previous, SpanEnd::Head),
            Chosen::Version(version) => (Start::Previous, end(tagged(project, version)?)),
            Chosen::Range(from, to) => {
                let start = tag(from)?.map_or(Start::Root, Start::Tag);
                (start, end(tag(to)?))
            }
            Chosen::Commits(range) => {
                let start = Start::Commit(range.from, range.names[0].clone());
                (start, SpanEnd::Commit(range.to))
            }
        };
        Ok(Span {
            to,
            from,
            version: self.version(),
        })
    }

    /// The start or end of the chosen part, if it has no tag.
    pub(super) fn untagged(&self, project: &Project) -> Result<Option<String>> {
        let ends = match &self.chosen {
            Chosen::Unreleased | Chosen::Commits(_) => Vec::new(),
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

    /// Its version, if it is one.
    pub(super) fn version(&self) -> Option<String> {
        match &self.chosen {
            Chosen::Version(version) => Some(version.clone()),
            Chosen::Range(_, to) => to.as_ref().map(Version::to_string),
            Chosen::Unreleased | Chosen::Commits(_) => None,
        }
    }

    pub(super) fn date(&self) -> Option<String> {
        Document::parse(&self.section.viewed).date_of(&self.version()?)
    }
}

/// Asks the forge about what is not released, and applies its labels and titles; the changes are printed to standard error.
fn with_labels(
    project: &Project,
    options: &NotesOptions,
    history: &mut History,
    section: &mut SectionContents,
) -> Result<ForgeFacts> {
    let has_template = options.template.is_some() || project.config.templates.section.is_some();
    let wanted = if options.full || options.announce.is_some() || has_template {
        FactsWanted::Accounts
    } else {
        FactsWanted::Entries
    };
    let warnings = &mut history.warnings;
    let facts =
        forge_facts::facts_or_warning(project, &history.commits, wanted, options.reach, warnings)?;
    let LabelledSection {
        section: changed,
        changes,
    } = labelled::section(project, history, section, &facts);
    for change in changes {
        ui::progress(&format!("labels: {change}"));
    }
    if let Some(changed) = changed {
        *section = changed;
    }
    Ok(facts)
}

pub(super) fn forge(project: &Project, head: &Head) -> Option<Forge> {
    let address = project.repo.remote_url(head.branch.as_deref());
    project.config.forge(address.as_deref())
}

/// Entries as text, by category.
fn told_by(project: &Project, gathered: &Entries) -> String {
    let order = project.config.categories.titles(gathered.security());
    let lines: Vec<_> = gathered.entries.iter().map(|e| e.line.clone()).collect();
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

/// The heading of a version in the changelog.
fn heading_of(
    project: &Project,
    doc: &Document<'_>,
    forge: Option<&Forge>,
    tag: &ReleaseTag,
    previous: Option<&str>,
) -> Result<String> {
    let time = project.repo.tag_time(&tag.name)?.unwrap_or_default();
    let cut = Cut {
        version: &tag.version.to_string(),
        date: &clock::day_of(time),
        tag: &tag.name,
        previous_tag: previous,
        forge,
        stored: &[],
    };
    Ok(cut::heading_like(doc, doc.level_of(cut.version), &cut))
}
