//! `relwatch check [VERSION]`: whether a release could be cut now, and what stands in its way.

use serde_json::json;

use crate::app::plan::{self, Wanted};
use crate::app::{Project, preconditions};
use crate::domain::failure::{Exit, Result};
use crate::ui::Report;

/// Runs the command. Exit 3 if something is not met.
///
/// # Errors
/// Exit 6 if there is nothing to release.
pub fn run(project: &Project, wanted: &Wanted, offline: bool) -> Result<Report> {
    let branch = preconditions::branch(&project.repo.head()?, wanted.branch.as_deref());
    let remote = preconditions::ask_remote(project, &branch, offline);
    let planned = plan::decide(project, wanted, &remote, None)?;
    let mut text = String::new();
    for check in planned.checks.all() {
        text.push_str(&format!(
            "{:<8} {:<13} {}\n",
            check.result.word(),
            check.id,
            check.words()
        ));
    }
    let failed = planned.checks.failed().len();
    let count = planned.checks.all().len();
    let plan = planned.plan.as_ref().filter(|_| failed == 0);
    text.push_str(&match plan {
        Some(plan) => format!(
            "\nready: {} can be released from {} at {}\n",
            plan.title(),
            plan.branch,
            &plan.base[..7]
        ),
        None => format!("\nnot ready: {failed} of {count} checks failed\n"),
    });
    let json = json!({
        "schema": 2,
        "ready": plan.is_some(),
        "checks": planned.checks.all(),
        "releases": planned.parts.iter().map(|part| json!({
            "component": part.cutting.component,
            "version": part.cutting.version,
            "tag": part.cutting.tag,
        })).collect::<Vec<_>>(),
    });
    let report = Report::text(text)
        .with_json(json)
        .with_warnings(planned.warnings);
    Ok(match plan {
        Some(_) => report,
        None => report.with_exit(Exit::Precondition),
    })
}
