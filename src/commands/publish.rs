//! `relwatch publish [TAG]`: the publish steps that are still to do.

use clap_complete::ArgValueCandidates;

use crate::commands::{Context, values};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::release::manifest;
use crate::domain::text::terminal;
use crate::project::Project;
use crate::project::reach::Reach;
use crate::release::{lock, publish};
use crate::sys::files;
use crate::sys::git::Which;
use crate::transition;
use crate::ui::{self, Report};

/// Run the remaining publish steps.
#[derive(Debug, clap::Args)]
pub struct PublishArguments {
    /// Its tag; what is pending, else the newest release, if not given.
    #[arg(add = ArgValueCandidates::new(values::tags))]
    tag: Option<String>,
    /// A manual step that is done; may be given several times.
    #[arg(long, value_name = "STEP", add = ArgValueCandidates::new(values::steps))]
    done: Vec<String>,
    /// Do not ask the remote whether it has the tag.
    #[arg(long)]
    offline: bool,
}

/// Runs the command: whatever of the release is missing is done, from whichever clone.
pub fn run(arguments: PublishArguments, context: &Context) -> Result<Report> {
    let project = &context.open()?;
    let repo = &project.repo;
    let release = lock::begin(project)?;
    let pending = transition::pending(project);
    if let Some(pending) = &pending {
        pending.check_tags(project)?;
    }
    let pending = pending.map_or(Vec::new(), |pending| pending.tags);
    let tags = match arguments.tag {
        Some(tag) => vec![tag],
        None if !pending.is_empty() => pending,
        None if !project.config.components.is_empty() => {
            let why = "which release? give its tag, such as those that `relwatch releases` lists";
            return Err(Failure::new(Exit::Usage, why));
        }
        None => vec![newest(project)?],
    };
    let branch = repo.head()?.branch.unwrap_or_default();
    let reach = Reach::unless(arguments.offline);
    for tag in &tags {
        is_not_withdrawn(project, tag)?;
        is_public(project, tag, &branch, reach)?;
    }
    mark_done(project, &tags, &arguments.done)?;
    let mut said = String::new();
    for tag in &tags {
        if project.of_tag(tag)?.config.publish.is_empty() {
            said.push_str(&format!(
                "nothing to do for {tag}: relwatch.yml has no steps in `publish`\n"
            ));
        }
        let done = publish::converge(project, &release, tag, &branch, &mut said);
        if done.is_err() {
            said.lines().for_each(ui::tell);
        }
        done?;
        transition::forget_tag(project, tag)?;
    }
    if let Some(pending) = transition::pending(project) {
        said.push_str(&format!(
            "next: relwatch release --resume, for {}\n",
            pending.tags.join(", ")
        ));
    }
    Ok(Report::text(said))
}

/// The newest release that HEAD contains, pre-releases among them.
fn newest(project: &Project) -> Result<String> {
    let repo = &project.repo;
    let head = repo.head()?.commit;
    let tags = repo.release_tags(&project.config.tag, Which::All)?;
    let mut tags: Vec<_> = tags.by_commit().into_iter().collect();
    order::by(&mut tags, |(_, a), (_, b)| b.version.cmp(&a.version));
    for (at, tag) in tags {
        if let Some(head) = head
            && repo.contains(head, at)?
        {
            return Ok(tag.name);
        }
    }
    Err(Failure::new(Exit::Nothing, "there is no release here yet")
        .with_remedy("`relwatch release` makes one"))
}

/// # Errors
/// Exit 3 if it is: what was taken back stays so.
fn is_not_withdrawn(project: &Project, tag: &str) -> Result<()> {
    let path = &project.config.manifest;
    let list = if path.is_empty() {
        None
    } else {
        files::read(&files::at(project.repo.root(), path))?
    };
    let records = manifest::read(&String::from_utf8_lossy(&list.unwrap_or_default()));
    // A list that cannot be read is a matter of `check`.
    let mut records = records.unwrap_or_default().into_iter();
    if records.any(|record| record.tag == tag && record.withdrawn.is_some()) {
        Err(
            Failure::new(Exit::Precondition, format!("{tag} is withdrawn"))
                .with_remedy("`relwatch release` makes the version that fixes it"),
        )
    } else {
        Ok(())
    }
}

/// # Errors
/// Exit 3 if the tag is not here, or is not the one that the remote has.
fn is_public(project: &Project, tag: &str, branch: &str, reach: Reach) -> Result<()> {
    let repo = &project.repo;
    let full = RefName::tag(tag);
    let Some(commit) = repo.resolved(&full) else {
        let shown = terminal::printable(tag);
        return Err(
            Failure::new(Exit::Precondition, format!("there is no tag {shown} here"))
                .with_remedy("run `git fetch --tags`"),
        );
    };
    if let Some(name) = project.remote(branch).filter(|_| reach == Reach::Online) {
        let refs = repo.remote_refs(&name).map_err(|error| {
            Failure::new(
                Exit::Precondition,
                format!("cannot ask {name} for {tag} ({error})"),
            )
            .with_remedy("check the connection, or give --offline if you know that it is pushed")
        })?;
        match refs.tagged(tag) {
            Some(_) if refs.tags_commit(tag, commit) => {}
            Some(_) => {
                return Err(Failure::new(
                    Exit::Precondition,
                    format!("{tag} of {name} is another one than {tag} here"),
                )
                .with_remedy(format!(
                    "run `git fetch {name} --tags --force` if theirs is right"
                )));
            }
            None => {
                return Err(
                    Failure::new(Exit::Precondition, format!("{tag} is not on {name}"))
                        .with_remedy(format!(
                            "run `relwatch release --resume` or `git push {name} {}`",
                            repo.short_name(&full)
                        )),
                );
            }
        }
    }
    Ok(())
}

/// Believes a person that these steps are done, of each version that has them.
fn mark_done(project: &Project, tags: &[String], done: &[String]) -> Result<()> {
    for step in done {
        let mut is_known = false;
        for tag in tags {
            let of = project.of_tag(tag)?;
            if of.config.publish.iter().any(|known| known.name == *step) {
                is_known = true;
                publish::write_receipt(project, tag, step)?;
            }
        }
        if !is_known {
            let step = terminal::printable(step);
            return Err(Failure::new(
                Exit::Usage,
                format!("there is no step {step} in `publish` of relwatch.yml"),
            ));
        }
    }
    Ok(())
}
