//! Gates: the user's commands that must succeed before anything is released. The release stops if one fails, takes too long or is
//! interrupted. Changes nothing itself.

use std::path::Path;

use crate::config::release::Gate;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::plan::Plan;
use crate::domain::release::step::{self, Variables};
use crate::sys::shell::{self, Ended, Job};
use crate::sys::signals::Interruption;
use crate::sys::{clock, files};
use crate::ui;

/// Placeholders that gates may use. `sha` is the commit that they check.
pub fn variables(plan: &Plan, sha: CommitId) -> Variables {
    let first = plan.releases.first();
    let of_first = |text: Option<&String>| text.cloned().unwrap_or_default();
    Variables(vec![
        ("version", of_first(first.map(|one| &one.version))),
        ("tag", of_first(first.map(|one| &one.tag))),
        ("branch", plan.branch.clone()),
        ("sha", sha.to_string()),
    ])
}

/// Runs these gates at the same time, in the working tree at `root`.
///
/// # Errors
/// Exit 4 with the gates that failed, exit 130 on Ctrl-C.
pub fn run(gates: &[&Gate], values: &Variables, root: &Path) -> Result<()> {
    let interruption = Interruption::watch();
    let ends = std::thread::scope(|scope| {
        let run = |gate| one(gate, values, root, &interruption);
        let threads: Vec<_> = gates
            .iter()
            .map(|gate| {
                // In the order of the configuration, whichever thread comes first.
                let line = step::in_one_line(&values.fill(&gate.run));
                ui::progress(&format!("gate {}: {line}", gate.name));
                let thread = std::thread::Builder::new();
                thread
                    .spawn_scoped(scope, move || run(gate))
                    .map_err(|_| gate)
            })
            .collect();
        // If a thread cannot start, the gates run one after the other.
        let ends = threads.into_iter().map(|started| match started {
            Ok(thread) => thread.join(),
            Err(gate) => Ok(run(gate)),
        });
        ends.collect::<Vec<_>>()
    });
    let mut failed = Vec::new();
    for (gate, end) in gates.iter().zip(ends) {
        let broken = |_| Failure::failed(format!("gate {} broke off", gate.name));
        failed.extend(end.map_err(broken)??);
    }
    if interruption.came() {
        let why = "interrupted; nothing was changed";
        return Err(Failure::new(Exit::Declined, why));
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(stopped_by(&failed))
    }
}

/// The failure that names the failed gates, each with the reason.
fn stopped_by(failed: &[(String, String)]) -> Failure {
    let skip = failed
        .iter()
        .map(|(name, _)| format!(" --skip-gate {name}"));
    let list: Vec<String> = failed
        .iter()
        .map(|(name, why)| format!("gate {name} {why}"))
        .collect();
    Failure::new(
        Exit::Gate,
        format!("{}; nothing was changed", list.join(", ")),
    )
    .with_remedy(format!(
        "fix it, or release with{} --reason TEXT",
        skip.collect::<String>()
    ))
}

/// Runs one gate. Returns its name and the reason if it failed.
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
        let why = format!(
            "has no directory {}",
            gate.dir.as_deref().unwrap_or_default()
        );
        return Ok(Some((gate.name.clone(), why)));
    }
    let job = Job {
        line: &line,
        folder: &folder,
        env: &env,
    };
    let say = |line: &str| ui::tell(&format!("{} | {line}", gate.name));
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
