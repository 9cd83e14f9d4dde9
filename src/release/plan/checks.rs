//! The one list of checks, for a release that is decided now and for a saved plan.

use crate::domain::failure::Result;
use crate::domain::release::check::Checks;
use crate::project::Project;
use crate::release::remote::Remote;

/// Whether a tag is free, here and on the remote.
pub fn of_tag(project: &Project, remote: &Remote, tag: &str, checks: &mut Checks) -> Result<()> {
    let name = format!("refs/tags/{tag}");
    if let Some(at) = project.repo.reference(&name)? {
        let detail = format!("tag {tag} already exists at {}", &at[..7]);
        let mend = "choose another version, or run `relwatch undo` if it is yours and unpushed";
        checks.fail("tag", detail, mend);
    } else {
        checks.ok("tag", format!("{tag} is free"));
    }
    if let (Some(there), Some(refs)) = (&remote.name, &remote.refs) {
        match refs.get(&name) {
            None => checks.ok("remote-tag", format!("{tag} is free on {there}")),
            Some(at) => {
                let detail = format!("tag {tag} is on {there} already, at {}", &at[..7]);
                let mend = format!(
                    "run `git fetch {there} tag {tag}` and choose another version: a public tag is never moved"
                );
                checks.fail("remote-tag", detail, mend);
            }
        }
    }
    Ok(())
}
