//! Queries the forge, with the command that relwatch.yml names. Only commands that a user starts do this. Hooks, the filter, the watcher,
//! `update` and `status` never do.

use crate::domain::commit::message::Commit;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::forge_facts::provider::{FactsCall, Provider};
use crate::domain::release::step;
use crate::domain::text::{terminal, words};
use crate::project::Project;
use crate::project::reach::Reach;
use crate::sys::shell::{self, Ended, Job};
use crate::sys::signals::Interruption;
use crate::ui::busy;

/// The fields that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactsWanted {
    /// Fields that may change entries: labels and titles.
    Entries,
    /// Those of [`FactsWanted::Entries`], and the accounts of the authors.
    Accounts,
}

/// Whether the configuration has the forge queried for these fields.
pub fn are_wanted(project: &Project, wanted: FactsWanted) -> bool {
    let settings = &project.config.forge;
    settings.facts.is_some() && (settings.changes_entries() || wanted == FactsWanted::Accounts)
}

/// The fields that the forge has for these commits, for a command that continues without them. `warnings` get what is missing, and why.
///
/// # Errors
/// Exit 130 on Ctrl-C.
pub fn facts_or_warning(
    project: &Project,
    commits: &[Commit],
    wanted: FactsWanted,
    reach: Reach,
    warnings: &mut Vec<String>,
) -> Result<ForgeFacts> {
    if !are_wanted(project, wanted) {
        return Ok(ForgeFacts::default());
    }
    let missing = match wanted {
        FactsWanted::Entries => "entries are listed without labels and titles of pull requests",
        FactsWanted::Accounts => {
            "labels, titles and accounts of pull requests are missing; handles are those of addresses"
        }
    };
    if reach == Reach::Offline {
        warnings.push(format!("{} (--offline): {missing}", not_asked(project)));
        return Ok(ForgeFacts::default());
    }
    match facts(project, commits, wanted) {
        Err(failure) if failure.exit != Exit::Declined => {
            warnings.push(format!("{}: {missing}", failure.what));
            Ok(ForgeFacts::default())
        }
        told => told,
    }
}

/// The message for a forge that was not queried.
pub fn not_asked(project: &Project) -> String {
    let name = project.config.forge.provider();
    let name = name.map_or(String::new(), |provider| shown(provider.name()));
    format!("forge: `{name}` was not asked")
}

/// The fields that the forge has for these commits.
///
/// # Errors
/// Fails if the command fails, takes too long, or prints something that cannot be read; exit 130 on Ctrl-C.
pub fn facts(project: &Project, commits: &[Commit], wanted: FactsWanted) -> Result<ForgeFacts> {
    let mut facts = ForgeFacts::default();
    let Some(provider) = project.config.forge.provider() else {
        return Ok(facts);
    };
    let accounts = wanted == FactsWanted::Accounts;
    let _busy = busy::with("asking the forge about pull requests");
    for call in provider.calls(commits, accounts) {
        facts.extend(answered(project, provider, &call)?);
    }
    if accounts {
        facts.infer_accounts(commits, provider.marks());
    }
    Ok(facts)
}

fn answered(project: &Project, provider: Provider<'_>, call: &FactsCall) -> Result<ForgeFacts> {
    let settings = &project.config.forge;
    let failed = |why: &str| {
        let name = shown(provider.name());
        Failure::failed(format!("forge: `{name}` {why}"))
    };
    let limit = settings.limit().unwrap_or_default();
    let job = Job {
        line: &call.line,
        folder: project.repo.root(),
        env: &[],
    };
    let interruption = Interruption::watch();
    let answer = shell::asked(&job, &call.input, limit, &interruption)?;
    let read = || provider.read(&answer.said);
    match &answer.ended {
        Ended::Well => read().map_err(|why| {
            let why = words::shortened(&terminal::printable(&why), 200);
            failed(&format!("printed what is no answer ({why})"))
        }),
        // gh fails if a number is not a pull request, but answers the rest.
        Ended::Badly(status) => read()
            .ok()
            .filter(|_| provider == Provider::Gh)
            .ok_or_else(|| {
                let last = answer
                    .complaint
                    .lines()
                    .rfind(|line| !line.trim().is_empty());
                let last = last.map_or(status.clone(), |line| terminal::printable(line.trim()));
                failed(&format!("failed ({})", words::shortened(&last, 200)))
            }),
        Ended::TimedOut => Err(failed(&format!("took longer than {}", settings.timeout))),
        Ended::Interrupted => Err(Failure::new(
            Exit::Declined,
            "interrupted; nothing was changed",
        )),
    }
}

/// A command as it appears in messages.
fn shown(line: &str) -> String {
    words::shortened(&terminal::printable(&step::in_one_line(line)), 60)
}
