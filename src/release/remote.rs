//! What the remote says, asked before anything is locked. A remote that does not answer is a check that fails, never an error here.

use crate::domain::failure::Result;
use crate::domain::ref_name::RefName;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::text::words;
use crate::project::Project;
use crate::project::reach::Reach;
use crate::sys::git::{Head, RemoteRefs, Repo};

/// What the remote says, asked before anything is locked: it may take its time.
#[derive(Debug, Clone, Default)]
pub struct Remote {
    /// `None` if there is none.
    pub name: Option<String>,
    /// `None` if it was not asked.
    pub refs: Option<RemoteRefs>,
    pub checks: Checks,
    /// Whether anybody is asked at all.
    pub reach: Reach,
}

/// Asks the remote for its references, and has the commits of the branch here. It is a look: no reference of this clone changes.
pub fn ask_remote(project: &Project, branch: &str, reach: Reach) -> Remote {
    let repo = &project.repo;
    let mut checks = Checks::default();
    let configured = project.config.push.remote.clone();
    if let Some(name) = configured.as_ref().filter(|n| !repo.remotes().contains(n)) {
        let detail = format!("there is no remote {name}");
        let mend = "see `push` in relwatch.yml, or run `git remote -v`";
        checks.fail(CheckId::Upstream, detail, mend);
        return Remote {
            checks,
            reach,
            ..Remote::default()
        };
    }
    let Some(name) = configured.or_else(|| repo.remote(branch)) else {
        let names = repo.remotes();
        if names.is_empty() {
            checks.skip(CheckId::Upstream, "there is no remote")
        } else {
            let detail = format!("{branch} follows none of the remotes {}", names.join(", "));
            let mend = format!("name one in relwatch.yml: `push: {{remote: {}}}`", names[0]);
            checks.fail(CheckId::Upstream, detail, mend);
        }
        return Remote {
            checks,
            reach,
            ..Remote::default()
        };
    };
    let refs = match reach {
        Reach::Offline => {
            checks.skip(
                CheckId::Upstream,
                format!("{name} was not asked (--offline)"),
            );
            None
        }
        Reach::Online => match refs_with_commits(repo, &name, branch) {
            Ok(refs) => Some(refs),
            Err(error) => {
                let why = words::shortened(&error.to_string(), 300);
                let mend = "check the connection, or give --offline to go on without asking";
                checks.fail(
                    CheckId::Upstream,
                    format!("cannot fetch {name} ({why})"),
                    mend,
                );
                None
            }
        },
    };
    Remote {
        name: Some(name),
        refs,
        checks,
        reach,
    }
}

/// Asks the remote about the branch that is released from. With where HEAD is afterwards: a fetch may take its time.
pub fn asked(
    project: &Project,
    branch_asked: Option<&str>,
    reach: Reach,
) -> Result<(Head, Remote)> {
    let head = project.repo.head()?;
    let remote = ask_remote(project, &branch(&head, branch_asked), reach);
    let head = match (reach, &remote.name) {
        (Reach::Online, Some(_)) => project.repo.head()?,
        _ => head,
    };
    Ok((head, remote))
}

fn refs_with_commits(repo: &Repo, name: &str, branch: &str) -> Result<RemoteRefs> {
    let refs = repo.remote_refs(name)?;
    let branch = repo.upstream(branch, name);
    match refs.get(&RefName::branch(&branch)) {
        // Its commits may be counted: all of them are here if the last one is.
        Some(at) if repo.resolved(at).is_none() => repo.fetch_commits(name, &branch)?,
        _ => {}
    }
    Ok(refs)
}

/// The branch that is released from: the one asked for where HEAD is detached, as in continuous integration.
pub fn branch(head: &Head, asked: Option<&str>) -> String {
    let here = head.branch.as_deref();
    here.or(asked).unwrap_or_default().to_owned()
}
