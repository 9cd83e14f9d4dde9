//! Gates: the user's commands that must succeed before anything is released.

use std::path::Path;

use crate::config::release::{Gate, Place};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::Plan;
use crate::domain::release::step::{self, Kind, Variables};
use crate::project::Project;
use crate::sys::shell::{self, Ended, Job};
use crate::sys::signals::Interruption;
use crate::sys::{clock, files};
use crate::ui;

/// Runs the gates that belong to `place`, in the working tree at `root`. Gates of one group run at the same time.
///
/// # Errors
/// Exit 4 with the gates that failed, exit 130 on Ctrl-C.
pub fn run(project: &Project, plan: &Plan, place: Place, root: &Path, sha: &str) -> Result<()> {
    let wanted = |gate: &&Gate| {
        let mut steps = plan.steps.iter();
        gate.place == place && steps.any(|s| s.kind == Kind::Gate && s.name == gate.name)
    };
    let gates: Vec<&Gate> = project.config.gates.iter().filter(wanted).collect();
    if gates.is_empty() {
        return Ok(());
    }
    let values = Variables(vec![
        (
            "version",
            plan.releases
                .first()
                .map_or(String::new(), |r| r.version.clone()),
        ),
        (
            "tag",
            plan.releases
                .first()
                .map_or(String::new(), |r| r.tag.clone()),
        ),
        ("branch", plan.branch.clone()),
        ("sha", sha.to_owned()),
    ]);
    let interruption = Interruption::watch();
    let mut failed = Vec::new();
    for group in groups(&gates) {
        let ends = std::thread::scope(|scope| {
            let run = |gate| one(gate, &values, root, &interruption);
            let threads: Vec<_> = group
                .iter()
                .map(|gate| scope.spawn(move || run(gate)))
                .collect();
            let ends = threads.into_iter().map(|thread| thread.join());
            ends.collect::<Vec<_>>()
        });
        for (gate, end) in group.iter().zip(ends) {
            let broken = |_| Failure::failed(format!("gate {} broke off", gate.name));
            failed.extend(end.map_err(broken)??);
        }
        if interruption.came() {
            let why = "interrupted; nothing was changed";
            return Err(Failure::new(Exit::Declined, why));
        }
        if !failed.is_empty() {
            break;
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => {
            let skip = failed
                .iter()
                .map(|(name, _)| format!(" --skip-gate {name}"));
            let list: Vec<String> = failed
                .iter()
                .map(|(name, why)| format!("gate {name} {why}"))
                .collect();
            Err(Failure::new(
                Exit::Gate,
                format!("{}; nothing was changed", list.join(", ")),
            )
            .with_remedy(format!(
                "mend it, or release with{} --reason TEXT",
                skip.collect::<String>()
            )))
        }
    }
}

/// Gates in their order; those of one group together, where its first one stands.
fn groups<'g>(gates: &[&'g Gate]) -> Vec<Vec<&'g Gate>> {
    let mut groups: Vec<Vec<&Gate>> = Vec::new();
    for gate in gates {
        let same = |group: &&mut Vec<&Gate>| gate.group.is_some() && group[0].group == gate.group;
        match groups.iter_mut().find(same) {
            Some(group) => group.push(gate),
            None => groups.push(vec![gate]),
        }
    }
    groups
}

/// Runs one; its name and why, if it failed.
fn one(
    gate: &Gate,
    values: &Variables,
    root: &Path,
    interruption: &Interruption,
) -> Result<Option<(String, String)>> {
    let line = values.fill(&gate.run);
    let folder = gate
        .dir
        .as_ref()
        .map_or(root.to_owned(), |dir| files::at(root, dir));
    let env: Vec<(String, String)> = gate.env.clone().into_iter().collect();
    if !files::exists(&folder) {
        let why = format!("has no folder {}", gate.dir.as_deref().unwrap_or_default());
        return Ok(Some((gate.name.clone(), why)));
    }
    let job = Job {
        line: &line,
        folder: &folder,
        env: &env,
    };
    ui::progress(&format!("gate {}: {}", gate.name, step::in_one_line(&line)));
    let say = |line: &str| ui::progress(&format!("{} | {line}", gate.name));
    let started = clock::stopwatch();
    let why = match shell::watched(&job, gate.limit(), interruption, &say)? {
        Ended::Well => {
            ui::progress(&format!("gate {}: ok, {}", gate.name, started.read()));
            return Ok(None);
        }
        Ended::Badly(status) => format!("failed ({status})"),
        Ended::TimedOut => format!(
            "took longer than {}",
            gate.timeout.as_deref().unwrap_or_default()
        ),
        Ended::Interrupted => "was interrupted".to_owned(),
    };
    Ok(Some((gate.name.clone(), why)))
}
