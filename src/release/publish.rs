//! `relwatch publish [TAG]`, and the last part of `release --push`: runs the user's publish steps, each once. Refuses a step that
//! `relwatch.yml` does not name.
//!
//! Whether a step is done is checked, not remembered: by its `done_if` if it has one, else by the receipt that the step left when it
//! succeeded. A step that outlives relwatch keeps the release locked until it ends.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use semver::Version;

use crate::config::release::PublishStep;
use crate::domain::changelog::cut;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::release::check::Checks;
use crate::domain::release::plan::Cutting;
use crate::domain::release::step::{self, Action, Step, Variables};
use crate::domain::release::title::OwnCommit;
use crate::domain::text::terminal;
use crate::history::range;
use crate::project::{Project, write_lock};
use crate::release::archive_command;
use crate::release::archiving::{self, Leaving};
use crate::release::plan::steps;
use crate::release::publish_steps;
use crate::section::{gather, write};
use crate::sys::files::{self, Durable};
use crate::sys::git::{ReleaseTree, Which};
use crate::sys::layout;
use crate::sys::lock::ReleaseLock;
use crate::sys::shell::{self, Job};
use crate::sys::{clock, env};
use crate::transition::{self, Made};
use crate::ui;

/// Publishes versions, one step at a time. The preparation that several steps of a version share is made for the first of them.
pub struct Publishing<'a> {
    project: &'a Project,
    held: &'a ReleaseLock,
    /// Branch, for the `{branch}` placeholder.
    branch: String,
    current: Option<Publication>,
}

/// A version to publish.
struct Publication {
    tag: String,
    /// Project or component that the version belongs to.
    project: Project,
    place: PublishPlace,
}

impl<'a> Publishing<'a> {
    pub fn new(project: &'a Project, held: &'a ReleaseLock, branch: &str) -> Publishing<'a> {
        Publishing {
            project,
            held,
            branch: branch.to_owned(),
            current: None,
        }
    }

    /// Runs a publish or archive step if it is not done yet. Returns the message about it.
    ///
    /// # Errors
    /// Exit 8 if it failed or waits for the user, with how to continue.
    pub fn run(&mut self, step: &Step) -> Result<String> {
        match &step.action {
            Action::Publish { tag } => self.publish(tag, &step.name),
            Action::Archive { tag } => archive_specs(self.project, &self.project.of_tag(tag)?, tag),
            other => Err(Failure::failed(format!(
                "{} is not a publish step",
                other.word()
            ))),
        }
    }

    fn publish(&mut self, tag: &str, name: &str) -> Result<String> {
        let Publication { project, place, .. } = match self.current.take() {
            Some(current) if current.tag == tag => self.current.insert(current),
            _ => self.current.insert(Publication {
                project: self.project.of_tag(tag)?,
                place: PublishPlace::prepare(&self.project.of_tag(tag)?, tag, &self.branch)?,
                tag: tag.to_owned(),
            }),
        };
        let mut steps = project.config.publish.iter();
        let Some(step) = steps.find(|step| step.name == name) else {
            let why = format!("there is no step {name} in `publish` of relwatch.yml");
            return Err(Failure::new(Exit::Usage, why));
        };
        let already = if one(project, self.held, place, step, tag)? {
            ""
        } else {
            ", done already"
        };
        Ok(format!("published {tag}: {name}{already}\n"))
    }
}

/// Runs the missing publish steps of a release, and adds messages about them to `said`.
///
/// # Errors
/// Exit 8 with the step that failed or waits for the user, and how to continue.
pub fn converge(
    project: &Project,
    held: &ReleaseLock,
    tag: &str,
    branch: &str,
    said: &mut String,
) -> Result<()> {
    let mut publishing = Publishing::new(project, held, branch);
    for step in steps::after_push(project, tag)? {
        said.push_str(&publishing.run(&step)?);
    }
    tracing::info!("{tag} is published from {}", project.repo.root().display());
    Ok(())
}

/// Directory in which the commands of a release run, and their placeholders.
struct PublishPlace {
    values: Variables,
    folder: PathBuf,
    /// Working tree of the release, if the user's own is at another commit or has changes.
    _tree: Option<ReleaseTree>,
    /// Directory with the notes.
    _notes: files::TemporaryFolder,
}

impl PublishPlace {
    fn prepare(project: &Project, tag: &str, branch: &str) -> Result<PublishPlace> {
        let repo = &project.repo;
        let commit = repo.resolved(&RefName::tag(tag));
        let commit = commit.ok_or_else(|| {
            Failure::failed(format!("there is no tag {tag} here"))
                .with_remedy("run `git fetch --tags`")
        })?;
        let cutting = cutting(project, tag, commit)?;
        let notes = files::temporary_folder()?;
        let path = notes.path().join("notes.md");
        files::replace(
            &path,
            format!("{}\n", cutting.notes.trim()).as_bytes(),
            Durable::No,
        )?;
        let mut values = publish_steps::variables(&cutting, Some(commit), branch);
        values
            .0
            .push(("notes", path.to_string_lossy().into_owned()));
        let is_here = repo.head()?.commit == Some(commit) && repo.dirty()?.is_empty();
        let tree = if is_here {
            None
        } else {
            Some(repo.release_tree(commit)?)
        };
        let folder = tree
            .as_ref()
            .map_or(repo.root().to_owned(), ReleaseTree::path);
        Ok(PublishPlace {
            values,
            folder,
            _tree: tree,
            _notes: notes,
        })
    }
}

/// A release that exists already or is about to be tagged.
pub fn cutting(project: &Project, tag: &str, commit: CommitId) -> Result<Cutting> {
    let format = &project.config.tag;
    let version = format.version(tag).unwrap_or(Version::new(0, 0, 0)); // it is a tag of this format
    let changelog = project.repo.file_at(commit, &project.config.changelog)?;
    let notes = changelog.and_then(|bytes| cut::notes(&bytes, &version.to_string()));
    let notes = match notes {
        Some(notes) => notes,
        None => project.repo.tag_message(tag)?,
    };
    let mut earlier = project.repo.release_tags(format, Which::All)?.by_commit();
    earlier.retain(|_, known| known.version < version && known.version.pre.is_empty());
    let mut earlier: Vec<_> = earlier.into_iter().collect();
    order::by(&mut earlier, |a, b| b.1.version.cmp(&a.1.version));
    let mut previous = None;
    for (at, known) in earlier {
        if project.repo.contains(commit, at)? {
            previous = Some(known.name);
            break;
        }
    }
    Ok(Cutting {
        component: project.name().map(str::to_owned),
        version: version.to_string(),
        tag: tag.to_owned(),
        notes,
        tag_message: String::new(),
        previous,
    })
}

/// Runs a step. Returns whether it still had to be done.
fn one(
    project: &Project,
    held: &ReleaseLock,
    place: &PublishPlace,
    step: &PublishStep,
    tag: &str,
) -> Result<bool> {
    let receipt = receipt(project, tag, &step.name)?;
    if is_done(project, place, step, &receipt)? {
        return Ok(false);
    }
    let again = if transition::pending(project).is_some() {
        "`relwatch release --resume` goes on".to_owned()
    } else {
        format!("`relwatch publish {tag}` goes on")
    };
    let undone = |why: String| Failure::new(Exit::Unpublished, why);
    if let Some(manual) = &step.manual {
        let what = place.values.fill(manual);
        ui::tell(&format!("step {}, by hand: {what}", step.name));
        if env::is_interactive() && ui::ask("done?") {
            return write_receipt(project, tag, &step.name).map(|()| true);
        }
        let name = &step.name;
        return Err(undone(format!(
            "{tag} is released; step {name} is manual: {}",
            terminal::printable(&what)
        ))
        .with_remedy(format!("then `relwatch publish {tag} --done {name}`")));
    }
    let line = place.values.fill(step.run.as_deref().unwrap_or_default());
    ui::progress(&format!("step {}: {}", step.name, step::in_one_line(&line)));
    files::make_parent(&receipt)?;
    let job = Job {
        line: &line,
        folder: &place.folder,
        env: &[],
    };
    shell::finish(&job, &receipt, held).map_err(|error| {
        let why = terminal::printable(&error.to_string());
        undone(format!(
            "{tag} is released, but not published: step {} failed, {why}",
            step.name
        ))
        .with_remedy(format!("fix it, then {again}"))
    })?;
    write_receipt(project, tag, &step.name).map(|()| true)
}

/// Whether a step is done, by its `done_if`, else by its receipt.
fn is_done(
    project: &Project,
    place: &PublishPlace,
    step: &PublishStep,
    receipt: &Path,
) -> Result<bool> {
    if files::exists(receipt) {
        return Ok(true);
    }
    let Some(done_if) = &step.done_if else {
        return Ok(false);
    };
    let line = place.values.fill(done_if);
    let is_done = shell::succeeds(&place.folder, &line)?;
    if is_done {
        tracing::info!(
            "step {} is done already in {}",
            step.name,
            project.repo.root().display()
        );
    }
    Ok(is_done)
}

/// Path of a step's receipt. It contains the ID of the tag object, so a release that was undone and made again gets new receipts.
fn receipt(project: &Project, tag: &str, step: &str) -> Result<PathBuf> {
    let folder = layout::published(project.repo.common_dir());
    let object = project.repo.reference(&RefName::tag(tag))?;
    Ok(files::at(&folder, tag)
        .join(object.unwrap_or_default())
        .join(step))
}

pub fn write_receipt(project: &Project, tag: &str, step: &str) -> Result<()> {
    let text = format!("{}\n", clock::instant());
    files::replace(&receipt(project, tag, step)?, text.as_bytes(), Durable::Yes).map(drop)
}

/// The steps of a release that this clone has completed.
pub fn done(project: &Project, tag: &str) -> Result<Vec<String>> {
    let mut done = Vec::new();
    for step in &project.of_tag(tag)?.config.publish {
        if files::exists(&receipt(project, tag, &step.name)?) {
            done.push(step.name.clone());
        }
    }
    Ok(done)
}

/// Time when this clone completed the last step of a release, in seconds since 1970; `None` if it completed none.
pub fn finished(project: &Project, tag: &str) -> Result<Option<i64>> {
    let mut last = None;
    for step in &project.config.publish {
        let text = files::read(&receipt(project, tag, &step.name)?)?;
        let at = text.and_then(|text| clock::seconds_of(&String::from_utf8_lossy(&text)));
        last = last.max(at);
    }
    Ok(last)
}

/// Runs each step's `undo`, the last one first. Returns what was undone, and what could not be.
pub fn take_back(
    project: &Project,
    tag: &str,
    branch: &str,
    is_wanted: impl Fn(&String) -> bool,
) -> Result<(String, Vec<String>)> {
    let mut said = String::new();
    let mut failed = Vec::new();
    let place = PublishPlace::prepare(project, tag, branch)?;
    let steps = project.config.publish.iter().rev();
    for step in steps.filter(|step| is_wanted(&step.name)) {
        let Some(undo) = &step.undo else { continue };
        let receipt = receipt(project, tag, &step.name)?;
        // Without `done_if`, steps done in other clones are unknown.
        if step.done_if.is_some() && !is_done(project, &place, step, &receipt)? {
            said.push_str(&format!("not done, so nothing to undo: {}\n", step.name));
            continue;
        }
        let line = place.values.fill(undo);
        ui::progress(&format!("undo {}: {}", step.name, step::in_one_line(&line)));
        match shell::shell(&place.folder, &line, "") {
            Ok(out) => {
                for line in out.lines() {
                    ui::tell(line);
                }
                files::remove(&receipt)?;
                said.push_str(&format!("undid: {}\n", step.name));
            }
            Err(error) => {
                failed.push(format!("{}: {error}", step.name));
                write_receipt(project, tag, &step.name)?; // so that it is known to be left
            }
        }
    }
    Ok((said, failed))
}

/// Records the steps with an `undo` that other clones completed, so that they are known if relwatch is interrupted before they are undone.
pub fn note_done(project: &Project, tag: &str, branch: &str) -> Result<()> {
    let place = PublishPlace::prepare(project, tag, branch)?;
    for step in project
        .config
        .publish
        .iter()
        .filter(|step| step.undo.is_some())
    {
        let receipt = receipt(project, tag, &step.name)?;
        if step.done_if.is_some() && is_done(project, &place, step, &receipt)? {
            write_receipt(project, tag, &step.name)?;
        }
    }
    Ok(())
}

/// The completed steps with an `undo`, as far as this clone knows.
pub fn left_behind(project: &Project, tag: &str) -> Result<Vec<String>> {
    let steps = &project.of_tag(tag)?.config.publish;
    let has_way = |name: &String| steps.iter().any(|s| s.name == *name && s.undo.is_some());
    Ok(done(project, tag)?.into_iter().filter(has_way).collect())
}

/// Archives the completed specs of a release, in a commit of its own.
fn archive_specs(all: &Project, project: &Project, tag: &str) -> Result<String> {
    let mut history = range::read(project)?;
    let (Some(base), Some(branch)) = (history.head.commit, history.head.branch.clone()) else {
        return Ok(
            "specs stay where they are: HEAD is not on a branch; run `relwatch archive` there\n"
                .to_owned(),
        );
    };
    if !project.config.allows_branch(&branch) {
        return Ok(format!(
            "specs stay where they are: {branch} is no branch to release from; run `relwatch archive` on one\n"
        ));
    }
    history = history.own(project, &gather::of_history(project, &history));
    let released = archiving::released(all)?;
    history.specs.retain(|spec| released.contains(&spec.id));
    let mut checks = Checks::default();
    // The specs of this release are released by now.
    let before = HashSet::new();
    let today = clock::today();
    let Leaving {
        mut files,
        by_command,
    } = archiving::leaving(project, base, &history, &before, &today, &mut checks)?;
    if let Some(why) = checks.failed().first() {
        return Ok(format!("specs stay where they are: {}\n", why.words()));
    }
    if !by_command.is_empty() {
        match archive_command::changes(project, base, &by_command) {
            Ok(changed) => files.extend(changed),
            Err(why) => return Ok(format!("specs stay where they are: {why}\n")),
        }
    }
    if files.is_empty() {
        return Ok(String::new());
    }
    let made = Made {
        what: format!("archive of the specs of {tag}"),
        message: format!("{}\n", OwnCommit::Archive(tag)),
        base,
        branch: &branch,
    };
    // The commands ran without the lock: if the branch moved meanwhile, the commit is refused.
    let held = write_lock::hold(project)?;
    let commit = made.commit(project, &held, &files)?;
    write::show(project, &held)?;
    archiving::keep_folders(project, files.iter().map(|file| &file.path))?;
    let files = ui::counted(files.len(), "file", "files");
    Ok(format!(
        "archived {files} in commit {}; `git push` shares it\n",
        commit.short()
    ))
}
