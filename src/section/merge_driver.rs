//! `relwatch merge-driver %O %A %B %L %P %S %X %Y`: git's merge driver for the changelog (gitattributes(5)).

use std::path::Path;

use crate::domain::changelog::merge::Favor;
use crate::domain::changelog::merge::arguments::{self, GitInvocation, Resumed};
use crate::domain::changelog::merge::{self, ConflictLabels, ConflictShape, MergeOptions, Style};
use crate::domain::entry::category::Categories;
use crate::domain::entry::category::Security;
use crate::domain::failure::Result;
use crate::project::Project;
use crate::sys::files::{self, Durable};
use crate::sys::{env, git_command, process};

/// The arguments that git passes.
#[derive(Debug)]
pub struct DriverCall<'a> {
    /// The temporary files, relative to the top of the working tree.
    pub base: &'a str,
    /// The path of our version, which receives the result.
    pub ours: &'a str,
    pub theirs: &'a str,
    pub marker_size: usize,
    /// The path of the changelog.
    pub path: &'a str,
    /// Names of base, ours and theirs in conflict markers. `None` from a git before 2.44.
    pub labels: Option<[&'a str; 3]>,
}

/// The name git gives the sides of a merge that creates the base of another merge (merge-ort.c). No option resolves its conflicts.
const INNER: &str = "Temporary merge branch ";

/// Merges into the file of ours. Returns whether there are conflicts. A file that is not a changelog relwatch understands is merged as git
/// itself would.
pub fn run(folder: &Path, call: &DriverCall<'_>) -> Result<bool> {
    let read = |name: &str| files::read(&folder.join(name));
    let (base, ours, theirs) = (read(call.base)?, read(call.ours)?, read(call.theirs)?);
    // A broken configuration must not break a merge.
    let project = Project::open(folder).ok();
    let words = process::parent_arguments();
    let git = GitInvocation::read(&words);
    let order = project
        .as_ref()
        .map_or(Categories::default(), |p| p.config.categories.clone())
        .titles(Security::InOrder);
    let style = Style {
        marker_size: call.marker_size,
        labels: labels(call, git.as_ref()),
        options: options(call, project.as_ref(), git.as_ref()),
        order: &order,
    };
    let merged = match (base, ours, theirs) {
        // git treats such files as binary: for example, those that another filter has encrypted.
        (Some(base), Some(ours), Some(theirs))
            if ![&base, &ours, &theirs].iter().any(|file| file.contains(&0)) =>
        {
            merge::merge(&base, &ours, &theirs, &style)
        }
        _ => None,
    };
    match merged {
        Some(merged) => {
            files::replace(&folder.join(call.ours), &merged.bytes, Durable::No)?;
            Ok(merged.conflicts > 0)
        }
        None => as_git_does(folder, call, &style),
    }
}

/// The options of the calling git, in the order in which git applies them.
fn options(
    call: &DriverCall<'_>,
    project: Option<&Project>,
    git: Option<&GitInvocation<'_>>,
) -> MergeOptions {
    let mut options = MergeOptions::default();
    if let (Some(git), false) = (git, is_inner(call, project)) {
        let resumed = git.resumes();
        let repo = project.map(|project| &project.repo);
        if let (Some(resumed), Some(repo)) = (resumed, repo) {
            let file = match resumed {
                Resumed::Pick => "sequencer/opts",
                Resumed::Rebase => "rebase-merge/strategy_opts",
            };
            let stored = files::read(&repo.git_dir().join(file)).ok().flatten();
            let stored = String::from_utf8_lossy(&stored.unwrap_or_default()).into_owned();
            arguments::add_stored(resumed, &stored, &mut options);
        }
        if let ("merge", Some(project)) = (git.command, project) {
            arguments::add_configured(&of_branch(project), &mut options);
        }
        git.add_to(&mut options);
    }
    let configured = project.and_then(|p| p.repo.config("merge.conflictStyle"));
    let configured = configured.and_then(|word| ConflictShape::read(&word));
    options.shape = options.shape.or(configured);
    options
}

/// `branch.NAME.mergeOptions`.
fn of_branch(project: &Project) -> String {
    let branch = project.repo.head().ok().and_then(|head| head.branch);
    let key = branch.map(|name| format!("branch.{name}.mergeoptions"));
    let value = key.and_then(|key| project.repo.config(&key));
    value.unwrap_or_default()
}

/// Whether the result is the base of another merge. A git that passes no labels makes the markers longer by two.
fn is_inner(call: &DriverCall<'_>, project: Option<&Project>) -> bool {
    if let Some([_, ours, _]) = call.labels {
        return ours.starts_with(INNER);
    }
    let usual = || {
        let attribute = project?.repo.attribute(call.path, "conflict-marker-size");
        attribute.ok()??.parse().ok()
    };
    call.marker_size > 8 && call.marker_size >= usual().unwrap_or(7) + 2
}

/// git's own labels. A git that does not pass them names the merged branch in the environment, and only if it is a single one.
fn labels(call: &DriverCall<'_>, git: Option<&GitInvocation<'_>>) -> ConflictLabels {
    if let Some(labels) = call.labels {
        let [base, ours, theirs] = labels.map(str::to_owned);
        return ConflictLabels { base, ours, theirs };
    }
    let mut labels = ConflictLabels::default();
    if git.is_some_and(GitInvocation::merges_into_head) {
        "HEAD".clone_into(&mut labels.ours);
    }
    if let [theirs] = env::values_of("GITHEAD_").as_slice() {
        labels.theirs.clone_from(theirs);
    }
    labels
}

/// git-merge-file fails with the number of conflicts.
fn as_git_does(folder: &Path, call: &DriverCall<'_>, style: &Style<'_>) -> Result<bool> {
    let size = format!("--marker-size={}", style.marker_size);
    let mut args = vec!["merge-file", "--quiet", &size];
    args.extend(style.options.shape.and_then(ConflictShape::flag));
    args.extend(style.options.favor.map(|favor| match favor {
        Favor::Ours => "--ours",
        Favor::Theirs => "--theirs",
        Favor::Union => "--union",
    }));
    let labels = &style.labels;
    for label in [&labels.ours, &labels.base, &labels.theirs] {
        args.extend(["-L", label]);
    }
    args.extend([call.ours, call.base, call.theirs]);
    git_command::try_git(folder, &args, "").map(|output| !output.ok)
}
