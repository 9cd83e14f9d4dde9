//! The HTML page around release notes: the project, the release, and the targets of links.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::changelog::document::Document;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::forge::Forge;
use crate::domain::release::page_links::{PageLinks, commit_words};
use crate::history::revisions::tagged;
use crate::history::spec_files::SpecReader;
use crate::notes::announce;
use crate::notes::request::{Chosen, typed};
use crate::notes::source::NotesInput;
use crate::project::Project;
use crate::sys::clock;
use crate::ui::notes_page::{NotesPage, NotesState};

/// The parts of a page that do not depend on its text.
pub(super) struct PageFrame {
    page: NotesPage,
    /// Commit whose specs may be named in the text.
    commit: Option<CommitId>,
    /// Link definitions of the changelog.
    definitions: String,
}

impl PageFrame {
    /// The frame for commits up to `commit`, whose files are linked at `reference`.
    pub(super) fn new(
        project: &Project,
        forge: Option<&Forge>,
        commit: Option<CommitId>,
        reference: &str,
    ) -> PageFrame {
        let mut wording = project.config.rules().wording;
        let links_references = project.config.web.links != Some(false);
        wording.forge = forge.filter(|_| links_references).cloned();
        PageFrame {
            page: NotesPage {
                project: announce::plain_name(project, forge),
                home: forge.map(|forge| forge.home().to_owned()),
                links: PageLinks {
                    wording,
                    files: forge.map(|forge| (forge.clone(), reference.to_owned())),
                    ..PageLinks::default()
                },
                ..NotesPage::default()
            },
            commit,
            definitions: String::new(),
        }
    }

    /// The frame for the chosen part of the changelog.
    pub(super) fn of_input(
        project: &Project,
        forge: Option<&Forge>,
        input: &NotesInput,
    ) -> Result<PageFrame> {
        let span = input.span(project)?;
        let commit = span.to.commit(project, &input.history);
        let mut frame = PageFrame::new(project, forge, commit, &span.to.word());
        let doc = Document::parse(&input.section.viewed);
        frame.definitions = doc.links.iter().map(|link| doc.text(&link.span)).collect();
        frame.page.state = match &input.chosen {
            Chosen::Unreleased => NotesState::Unreleased,
            Chosen::Range(..) | Chosen::Commits(_) => NotesState::Several,
            Chosen::Version(_) => {
                let tag = span.to.tag().map(str::to_owned);
                let tagged_at = match &tag {
                    Some(tag) => project.repo.tag_time(tag)?,
                    None => None,
                };
                NotesState::Released {
                    date: input.date().or(tagged_at.map(clock::day_of)),
                    tag_page: tag.as_ref().and_then(|tag| forge?.tag(tag)),
                    tag,
                }
            }
        };
        Ok(frame)
    }

    /// The page with its text.
    pub(super) fn html(mut self, project: &Project, title: &str, markdown: &str) -> Result<String> {
        self.page.title = title.to_owned();
        let definitions = self.tag_definitions(project, markdown)?;
        let text = format!("{markdown}\n\n{}\n{definitions}", self.definitions);
        self.page.links.commits = commits(project, markdown);
        if let (Some(commit), Some((forge, reference))) = (self.commit, &self.page.links.files) {
            self.page.links.specs = specs(project, commit, forge, reference, markdown)?;
        }
        Ok(self.page.html(&text))
    }

    /// Link definitions for version headings that the changelog does not link.
    fn tag_definitions(&self, project: &Project, markdown: &str) -> Result<String> {
        let Some((forge, _)) = &self.page.links.files else {
            return Ok(String::new());
        };
        let mut out = String::new();
        for line in markdown.lines().filter(|line| line.starts_with('#')) {
            let name = line.trim_start_matches('#').trim_start();
            let name = name.strip_prefix('[').and_then(|name| name.split_once(']'));
            let Some((name, _)) = name.filter(|(_, rest)| !rest.starts_with(['(', '['])) else {
                continue;
            };
            let Ok(version) = typed(project, name) else {
                continue;
            };
            let tag = tagged(project, &version.to_string())?;
            if let Some(page) = tag.and_then(|tag| forge.tag(&tag)) {
                out.push_str(&format!("[{name}]: {page}\n"));
            }
        }
        Ok(out)
    }
}

/// The words of a text that name commits of the repository.
fn commits(project: &Project, text: &str) -> BTreeSet<String> {
    let words: BTreeSet<&str> = commit_words(text).collect();
    let known = words
        .into_iter()
        .filter(|word| project.repo.resolved(word).is_some());
    known.map(str::to_owned).collect()
}

/// The pages of the specs named in a text.
fn specs(
    project: &Project,
    commit: CommitId,
    forge: &Forge,
    reference: &str,
    text: &str,
) -> Result<BTreeMap<String, String>> {
    if project.config.specs.0.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut reader = SpecReader::new(project);
    let specs = reader.of_commit(commit, None)?;
    reader.save();
    // A fragment named by a number alone would turn any number into a link.
    let is_named = |id: &str| id.len() > 2 && !id.bytes().all(|b| b.is_ascii_digit());
    let named = specs
        .into_iter()
        .filter(|spec| is_named(&spec.id) && text.contains(&spec.id));
    Ok(named
        .map(|spec| {
            let page = forge.file(reference, &spec.path);
            (spec.id, page)
        })
        .collect())
}
