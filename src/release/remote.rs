//! State of the remote, read before anything is locked. A remote that does not answer fails a check; it is never an error here.

use crate::domain::failure::Result;
use crate::domain::ref_name::RefName;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::text::words;
use crate::project::Project;
use crate::project::reach::Reach;
use crate::sys::git::{Head, RemoteRefs, Repo};

/// State of the remote, read before anything is locked, because it may take long.
#[derive(Debug, Clone, Default)]
pub struct Remote {
    /// Name; `None` if there is no remote.
    pub name: Option<String>,
    /// References; `None` if the remote was not asked.
    pub refs: Option<RemoteRefs>,
    pub checks: Checks,
    /// Whether the remote may be asked at all.
    pub reach: Reach,
}

/// Reads the remote's references and fetches the commits of the branch. No reference of this clone changes.
pub fn ask_remote(project: &Project, branch: &str, reach: Reach) -> Remote {
    let repo = &project.repo;
    let mut checks = Checks::default();
    let configured = project.config.push.remote.clone();
    if let Some(name) = configured.as_ref().filter(|n| !repo.remotes().contains(n)) {
        let detail = format!("there is no remote {name}");
        let remedy = "see `push` in relwatch.yml, or run `git remote -v`";
        checks.fail(CheckId::Upstream, detail, remedy);
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
            let remedy = format!("name one in relwatch.yml: `push: {{remote: {}}}`", names[0]);
            checks.fail(CheckId::Upstream, detail, remedy);
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
                let remedy = "check the connection, or give --offline to go on without asking";
                checks.fail(
                    CheckId::Upstream,
                    format!("cannot fetch {name} ({why})"),
                    remedy,
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

/// Asks the remote about the branch to release from. Also returns HEAD as it is afterwards, because a fetch may take long.
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
        // Commits must be here to be counted. If the last one is here, all are.
        Some(at) if repo.resolved(at).is_none() => repo.fetch_commits(name, &branch)?,
        _ => {}
    }
    Ok(refs)
}

/// The branch to release from: the requested one if HEAD is detached, as in continuous integration.
pub fn branch(head: &Head, asked: Option<&str>) -> String {
    let here = head.branch.as_deref();
    here.or(asked).unwrap_or_default().to_owned()
}
