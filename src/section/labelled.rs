//! The section as labels and titles of pull requests have it: for a release, for notes and for a preview, which show what moved. The view
//! never has it.

use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::forge_facts::labelled::LabelRules;
use crate::history::range::History;
use crate::project::Project;
use crate::section::compute;
use crate::section::contents::SectionContents;

/// What facts make of a section.
#[derive(Default)]
pub struct LabelledSection {
    /// `None` if it stays as it is.
    pub section: Option<SectionContents>,
    /// What labels moved, and hand-written lines that they do not move: `#12 to Security (was Fixed)`.
    pub changes: Vec<String>,
}

/// The section with facts; `plain` is the one without them, of the same history.
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
