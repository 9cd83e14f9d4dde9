//! Placeholders of publish steps, and their checks before a release.

use crate::domain::commit::id::CommitId;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::plan::Cutting;
use crate::domain::release::step::{self, Variables};
use crate::domain::text::terminal;
use crate::project::Project;
use crate::sys::shell;

/// Placeholders of commands; `sha` is included once the commit is known.
pub fn variables(cutting: &Cutting, sha: Option<CommitId>, branch: &str) -> Variables {
    let is_pre = cutting.version.contains('-');
    let mut values = vec![
        ("version", cutting.version.clone()),
        ("tag", cutting.tag.clone()),
        ("branch", branch.to_owned()),
        ("previous", cutting.previous.clone().unwrap_or_default()),
        ("prerelease", is_pre.to_string()),
        ("component", cutting.component.clone().unwrap_or_default()),
    ];
    values.extend(sha.map(|sha| ("sha", sha.to_string())));
    Variables(values)
}

/// Runs the `check` of each step, before anything is done that cannot be undone.
pub fn try_checks(project: &Project, values: &Variables, checks: &mut Checks) {
    for step in &project.config.publish {
        let Some(check) = &step.check else { continue };
        let line = values.fill(check);
        let id = CheckId::Publish(step.name.clone());
        match shell::shell(project.repo.root(), &line, "") {
            Ok(_) => checks.ok(id, terminal::printable(&step::in_one_line(&line))),
            Err(error) => checks.fail(
                id,
                error.to_string(),
                format!("see step {} of `publish` in relwatch.yml", step.name),
            ),
        }
    }
}
