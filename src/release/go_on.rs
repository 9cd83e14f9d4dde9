//! Pushes and publishes what was released.

use crate::domain::failure::{Exit, Failure, Result};
use crate::project::Project;
use crate::release::{publish, push};
use crate::sys::lock::ReleaseLock;
use crate::transition::{self, Pending};
use crate::ui;

/// Pushes and publishes what was released. Each version that is done waits no more. Adds to `said` what was done, and tells that at
/// once if something goes wrong: with the error alone nobody knows how far it came.
pub fn go_on(
    project: &Project,
    release: &ReleaseLock,
    pending: &Pending,
    mut said: String,
) -> Result<String> {
    let done = push_and_publish(project, release, pending, &mut said);
    if done
        .as_ref()
        .is_err_and(|error| error.exit == Exit::Unpublished)
    {
        said.lines().for_each(ui::progress);
    }
    done.map(|()| said)
}

fn push_and_publish(
    project: &Project,
    release: &ReleaseLock,
    pending: &Pending,
    said: &mut String,
) -> Result<()> {
    let Pending {
        branch,
        tags,
        remote,
        ..
    } = pending;
    for tag in tags {
        project.of_tag(tag)?; // the configuration may be another one by now
    }
    push::run(project, release, pending)?;
    said.push_str(&format!(
        "pushed to {remote}: {branch} and {}\n",
        tags.join(", ")
    ));
    // From here on it is public: whatever goes wrong, nothing was put back.
    let public = |error: Failure| match error.exit {
        Exit::Unpublished => error,
        _ => Failure::new(Exit::Unpublished, error.to_string())
            .with_remedy("it is public, `relwatch release --resume` goes on"),
    };
    for tag in tags {
        publish::converge(project, release, tag, branch, said).map_err(public)?;
        transition::forget_tag(project, tag).map_err(public)?;
    }
    Ok(())
}
