//! `relwatch check [VERSION]`: whether a release could be cut now, and what stands in its way.

use serde_json::json;

use crate::app::{Project, release, section};
use crate::domain::failure::Result;
use crate::ui::Report;

/// Runs the command.
///
/// # Errors
/// Exit 3 with everything that is not met, exit 6 if there is nothing to release.
pub fn run(project: &Project, version: Option<&str>) -> Result<Report> {
    let history = section::history(project)?;
    let options = release::Options {
        version: version.map(str::to_owned),
        ..release::Options::default()
    };
    let planned = release::plan(project, &history, &options, None)?;
    let plan = planned.plan;
    let text = format!(
        "ready: {} can be released from {} at {}\n",
        plan.version,
        plan.branch,
        &plan.base[..7]
    );
    let warnings = [history.warnings, planned.warnings].concat();
    let json = json!({"schema": 1, "ready": true, "version": plan.version, "tag": plan.tag});
    Ok(Report::text(text).with_json(json).with_warnings(warnings))
}
