//! The section of a version by a project's template. A release commits the result. Between releases the section keeps the built-in form,
//! because the filter must recognize generated lines by their bytes. Nothing is refused here: the result lists hand-written lines that the
//! template drops.

use crate::domain::changelog::cut;
use crate::domain::changelog::notes;
use crate::domain::changelog::title::{announces_breaking, category_key};
use crate::domain::changelog::version_cut::Cut;
use crate::domain::entry::category::Categories;
use crate::domain::entry::kind::Kind;
use crate::domain::failure::Result;
use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::release::kept_words::{FilledSection, SectionText};
use crate::domain::release::pieces;
use crate::domain::release::release_body::ReleaseBody;
use crate::domain::text::jinja::EmptyValue;
use crate::domain::text::{terminal, words};
use crate::history::range::History;
use crate::notes::project_template::ProjectTemplate;
use crate::notes::release_body::{self, Accounts, AskedForge, Span, SpanEnd, Start};
use crate::notes::template_values::{KnownChanges, TemplateSection, TemplateSubject};
use crate::project::Project;
use crate::project::reach::Reach;
use crate::section::contents::SectionContents;

/// A version to release.
#[derive(Clone, Copy)]
pub struct CutVersion<'a> {
    pub project: &'a Project,
    pub history: &'a History,
    pub section: &'a SectionContents,
    pub cut: &'a Cut<'a>,
    /// The forge's data about its commits.
    pub facts: &'a ForgeFacts,
}

impl CutVersion<'_> {
    /// The section rendered by a template; `None` if nothing is unreleased, or if the section is not UTF-8.
    ///
    /// # Errors
    /// Exit 2 for a template with an error.
    pub fn filled(&self, template: &ProjectTemplate) -> Result<Option<FilledSection>> {
        let text = |doc: &[u8]| notes::generated(&cut::cut(doc, self.cut), self.cut.version);
        let Some(whole) = text(&self.section.viewed) else {
            return Ok(None);
        };
        let written = text(&self.section.doc).unwrap_or_default();
        let text = SectionText {
            whole: &whole,
            written: &written,
        };
        self.filled_with(template, text).map(Some)
    }

    /// The same for a section that was built in another way.
    ///
    /// # Errors
    /// Exit 2 for a template with an error.
    pub fn filled_with(
        &self,
        template: &ProjectTemplate,
        text: SectionText<'_>,
    ) -> Result<FilledSection> {
        let CutVersion {
            project,
            history,
            section,
            cut,
            facts,
        } = *self;
        let categories = &project.config.categories;
        let mut body = ReleaseBody::default();
        body.read_unchanged(text.whole, categories);
        let span = Span {
            to: SpanEnd::Upcoming(cut.tag.to_owned()),
            from: Start::Previous,
            version: Some(cut.version.to_owned()),
        };
        let asked = AskedForge {
            forge: cut.forge,
            facts: Some(facts.clone()),
            reach: Reach::Offline,
        };
        let told = release_body::complete(project, history, asked, &span, &mut body)?;
        let entries = &section.gathered.entries;
        let known = KnownChanges::new(
            project,
            &Accounts::new(project, cut.forge, facts),
            entries,
            &told.commits,
        );
        let subject = TemplateSubject {
            version: Some(cut.version),
            tag: Some(cut.tag),
            date: Some(cut.date),
            forge: cut.forge,
        };
        let parts = TemplateSection {
            categories: pieces::categories(text.whole),
            known,
            notes: text.whole.to_owned(),
        };
        let values = subject.values(project, &body, &parts);
        let made = template.rendered(&values, EmptyValue::Prints)?;
        Ok(FilledSection::new(text, &made, |title| {
            is_usual(categories, title)
        }))
    }
}

/// A message about hand-written lines that a template drops.
pub fn dropped(project: &Project, template: &ProjectTemplate, lost: &[String]) -> Option<String> {
    let name = template.name();
    let changelog = &project.config.changelog;
    let lines = words::shortlist(lost);
    let said = format!("the template {name} drops what people wrote in {changelog}: {lines}");
    (!lost.is_empty()).then(|| terminal::printable(&said))
}

/// Whether relwatch could have written the heading of a category.
fn is_usual(categories: &Categories, title: &str) -> bool {
    let is_plain = category_key(title).is_empty();
    is_plain
        || announces_breaking(title)
        || Kind::of_category(title).is_some()
        || categories.words_of(title).is_some()
}
