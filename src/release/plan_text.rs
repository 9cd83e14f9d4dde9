//! A plan as text: its changes to each file, and its steps in order.

use crate::domain::failure::Result;
use crate::domain::release::plan::{FileAction, Plan};
use crate::domain::release::step::{self, Action, Step};
use crate::domain::text::{diff, terminal};
use crate::project::Project;
use crate::ui;

/// A plan's changes to files as a diff; those for another branch come last.
pub fn diffs(project: &Project, plan: &Plan) -> Result<String> {
    let port = plan.port.iter();
    let port = port.flat_map(|port| port.files.iter().map(|file| (port.base, file)));
    let mut out = String::new();
    for (base, file) in plan.files.iter().map(|file| (plan.base, file)).chain(port) {
        let FileAction::Write { after } = &file.change else {
            continue;
        };
        let before = project.repo.file_at(base, &file.path)?;
        let diff = diff::unified(
            &file.path,
            &String::from_utf8_lossy(&before.unwrap_or_default()),
            &String::from_utf8_lossy(after),
        );
        out.push_str(&format!("\n{diff}"));
    }
    Ok(out)
}

/// The plan as readable text.
pub fn describe(plan: &Plan) -> String {
    let mut text = format!(
        "release {} on {}, {}, after {}\n\nfiles:\n",
        plan.title(),
        plan.branch,
        plan.date,
        plan.base.short()
    );
    for file in &plan.files {
        text.push_str(&match &file.change {
            FileAction::Write { .. } => format!("  write  {}\n", file.path),
            FileAction::Move { to } => format!("  move   {} -> {to}\n", file.path),
            FileAction::Delete => format!("  delete {}\n", file.path),
        });
    }
    for one in &plan.archives {
        let run = terminal::printable(&step::in_one_line(&one.run));
        text.push_str(&format!(
            "  run    {run}  (will be run; the files that it changes come here)\n"
        ));
    }
    text.push_str(&format!(
        "commit: {}\n",
        terminal::printable(plan.commit_title())
    ));
    let tags = plan.tags().join(", ");
    text.push_str(&if plan.steps.iter().any(|s| s.action == Action::Tag) {
        format!("tag: {tags} (annotated)\n")
    } else {
        format!("tag: {tags}, by `relwatch release --finish` once it is merged\n")
    });
    for change in &plan.labels {
        text.push_str(&format!("labels: {}\n", terminal::printable(change)));
    }
    // The two lines above show what is built as git objects, and a lone commit needs no list.
    let is_shown = |step: &&Step| !matches!(step.action, Action::Build | Action::Tag);
    let shown: Vec<&Step> = plan.steps.iter().filter(is_shown).collect();
    if shown.iter().any(|step| step.action != Action::Commit) {
        text.push_str("steps:\n");
        shown
            .into_iter()
            .for_each(|step| text.push_str(&line(step)));
    }
    text
}

/// The notes of each version, shown before the user is asked to release them.
pub fn notes(plan: &Plan) -> String {
    let mut out = String::new();
    for one in plan.releases.iter().filter(|one| !one.notes.is_empty()) {
        let lines: Vec<&str> = one.notes.trim().lines().collect();
        out.push_str(&format!("\nnotes of {}:\n\n", one.tag));
        for line in lines.iter().take(MOST_LINES) {
            let line = format!("  {}", terminal::printable(line));
            out.push_str(&format!("{}\n", line.trim_end()));
        }
        let more = lines.len().saturating_sub(MOST_LINES);
        if more > 0 {
            let more = ui::counted(more, "more line", "more lines");
            out.push_str(&format!("\n  … {more}; `relwatch notes` prints all\n"));
        }
    }
    out.push('\n');
    out
}

/// Most lines of notes that fit on a screen with the plan and the question.
const MOST_LINES: usize = 40;

/// A step as one line.
fn line(step: &Step) -> String {
    let what = match &step.action {
        Action::Offer { branch } => format!("{branch} on {}", step.name),
        Action::Port { branch } => format!("the section to {branch}"),
        _ => step.name.clone(),
    };
    let run = step.run.as_deref().map(step::in_one_line);
    let run = run.map_or(String::new(), |run| format!(": {run}"));
    let back = step.back.as_deref().map(step::in_one_line);
    let back = back.as_deref().unwrap_or("cannot be undone");
    let line = format!("{:<7} {what}{run}", step.action.word());
    format!("  {}  ({back})\n", terminal::printable(&line))
}
