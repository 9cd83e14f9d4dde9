//! The section adjusted by labels and titles of pull requests: for a release, for notes and for a preview, which show what moved. The view
//! is never adjusted.

use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::forge_facts::labelled::LabelRules;
use crate::history::range::History;
use crate::project::Project;
use crate::section::compute;
use crate::section::contents::SectionContents;

/// The effect of the forge's fields on a section.
#[derive(Default)]
pub struct LabelledSection {
    /// The adjusted section. `None` if it is unchanged.
    pub section: Option<SectionContents>,
    /// Entries moved by labels, and hand-written lines that they do not move: `#12 to Security (was Fixed)`.
    pub changes: Vec<String>,
}

/// The section adjusted by the forge's fields. `plain` is the section of the same history without them.
pub fn section(
    project: &Project,
    history: &History,
    plain: &SectionContents,
    facts: &ForgeFacts,
) -> LabelledSection {
    let settings = &project.config.forge;
    let Some(provider) = settings.provider().filter(|_| facts.count() > 0) else {
        return LabelledSection::default();
    };
    let labelled = LabelRules {
        facts,
        labels: &settings.labels,
        titles: settings.titles,
        provider,
        rules: &project.config.rules(),
        reading: &project.config.reading(),
    }
    .apply(&history.commits, &plain.gathered);
    let changed = history.with_commits(labelled.commits.clone());
    let section = compute::of_document(project, &changed, plain.doc.clone());
    let changes = labelled.changes(&plain.gathered, &section.gathered);
    let is_same = section.viewed == plain.viewed && changes.is_empty();
    LabelledSection {
        section: Some(section).filter(|_| !is_same),
        changes,
    }
}
