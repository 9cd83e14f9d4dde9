//! A plan in words: what it does to each file, and its steps.

use crate::domain::commit::id::CommitId;
use crate::domain::failure::Result;
use crate::domain::release::plan::{Change, Plan};
use crate::domain::release::step;
use crate::domain::text::{diff, terminal};
use crate::project::Project;

/// What a plan does to each file, as a diff.
pub fn diffs(project: &Project, plan: &Plan) -> Result<String> {
    let base = CommitId::of(&plan.base)?;
    let mut out = String::new();
    for file in &plan.files {
        let Change::Write { after } = &file.change else {
            continue;
        };
        let before = project.repo.file_at(base, &file.path)?.unwrap_or_default();
        let diff = diff::unified(
            &file.path,
            &String::from_utf8_lossy(&before),
            &String::from_utf8_lossy(after),
        );
        out.push_str(&format!("\n{diff}"));
    }
    Ok(out)
}

/// A plan for people.
pub fn describe(plan: &Plan) -> String {
    let mut text = format!(
        "release {} on {}, {}, after {}\n\nfiles:\n",
        plan.title(),
        plan.branch,
        plan.date,
        &plan.base[..7]
    );
    for file in &plan.files {
        text.push_str(&match &file.change {
            Change::Write { .. } => format!("  write  {}\n", file.path),
            Change::Move { to } => format!("  move   {} -> {to}\n", file.path),
            Change::Delete => format!("  delete {}\n", file.path),
        });
    }
    text.push_str(&format!(
        "commit: {}\ntag: {} (annotated)\n",
        plan.commit_message.trim_end(),
        plan.tags().join(", "),
    ));
    if plan.steps.len() > 1 {
        text.push_str("steps:\n");
        for step in &plan.steps {
            let run = step
                .run
                .as_ref()
                .map_or(String::new(), |run| format!(": {}", step::in_one_line(run)));
            let back = step.back.as_deref().map(step::in_one_line);
            let back = back.as_deref().unwrap_or("cannot be taken back");
            let line = format!("{:<7} {}{run}", step.kind.word(), step.name);
            text.push_str(&format!("  {}  ({back})\n", terminal::printable(&line)));
        }
    }
    text
}
