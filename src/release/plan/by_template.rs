//! The section of a version by the project's template. If a template drops a hand-written line, prints nothing or ends the section early,
//! the check of the notes fails.

use crate::domain::changelog::notes;
use crate::domain::failure::Result;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::kept_words::SectionText;
use crate::notes::project_template::ProjectTemplate;
use crate::notes::section_template::{self, CutVersion};

/// A changelog with the section of the release rendered by the template; `written` is the same changelog without generated lines. Unchanged
/// if there is no template.
///
/// # Errors
/// Exit 2 if the template does not exist or has an error.
pub fn replaced(
    version: CutVersion<'_>,
    released: Vec<u8>,
    written: &[u8],
    checks: &mut Checks,
) -> Result<Vec<u8>> {
    let CutVersion { project, cut, .. } = version;
    let Some(template) = ProjectTemplate::section(project)? else {
        return Ok(released);
    };
    let (name, changelog) = (template.name(), &project.config.changelog);
    let Some(whole) = notes::generated(&released, cut.version) else {
        checks.fail(
            CheckId::Notes,
            format!("the section of {} in {changelog} is not UTF-8", cut.version),
            "convert it, or release without `templates: section`",
        );
        return Ok(released);
    };
    let written = notes::generated(written, cut.version).unwrap_or_default();
    let text = SectionText {
        whole: &whole,
        written: &written,
    };
    let filled = version.filled_with(&template, text)?;
    if let Some(what) = section_template::dropped(project, &template, &filled.lost) {
        let remedy =
            "print all of `categories`, or `notes`; `relwatch notes` shows what the template makes";
        checks.fail(CheckId::Notes, what, remedy);
        return Ok(released);
    }
    if filled.text.is_empty() {
        let what = format!("the template {name} prints nothing for {}", cut.version);
        checks.fail(CheckId::Notes, what, "print `notes` in it");
        return Ok(released);
    }
    match notes::replaced(&released, cut.version, &filled.text) {
        Ok(made) => Ok(made),
        Err(why) => {
            checks.fail(
                CheckId::Notes,
                format!("what the template {name} makes does not fit into {changelog}: {why}"),
                "the template makes what is below the heading of the version",
            );
            Ok(released)
        }
    }
}
