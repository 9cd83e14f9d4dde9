//! `relwatch release`: decides, shows the plan, asks, and runs it. `execute` runs exactly the steps that the plan lists.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::domain::changelog::notes;
use crate::domain::entry::model::Entry;
use crate::domain::entry::reference::References;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::check::CheckId;
use crate::domain::release::plan::{Plan, SCHEMA};
use crate::domain::text::{terminal, words};
use crate::history::range;
use crate::notes::polish;
use crate::project::Project;
use crate::project::reach::Reach;
use crate::release::execute::Execution;
use crate::release::plan::part::ReleasePart;
use crate::release::plan::{self, Planned};
use crate::release::remote::{self, Remote};
use crate::release::request::Wanted;
use crate::release::still_true::still_true;
use crate::release::{archive_command, edit, lock, plan_text, preconditions, saved_plan};
use crate::sys::env;
use crate::sys::files;
use crate::sys::git::{Head, RemoteRefs};
use crate::sys::lock::ReleaseLock;
use crate::ui::{self, Report};

/// Options of the command.
#[derive(Debug, Clone, Default)]
pub struct ReleaseOptions {
    pub wanted: Wanted,
    pub dry_run: bool,
    pub yes: bool,
    /// Open the notes in an editor first.
    pub edit: bool,
    /// File with the notes.
    pub notes: Option<PathBuf>,
    /// Skip the user's command that rewrites the notes.
    pub no_polish: bool,
    /// Whether to ask the remote.
    pub reach: Reach,
    /// Saved plan.
    pub plan: Option<PathBuf>,
}

/// A run of the command.
struct Session<'a> {
    project: &'a Project,
    release: &'a ReleaseLock,
    options: &'a ReleaseOptions,
    remote: &'a Remote,
}

/// Runs the command.
///
/// # Errors
/// Nothing has changed if a step before the commit fails; each later step says what it leaves behind.
pub fn run(project: &Project, options: &ReleaseOptions) -> Result<Report> {
    let release = lock::begin(project)?;
    if options.edit && !options.yes && !env::is_interactive() {
        // Checks fail before the editor opens, so that nobody types notes in vain.
        return Err(declined());
    }
    let asked = options.wanted.branch.as_deref();
    let (mut head, remote) = remote::asked(project, asked, options.reach)?;
    let mut session = Session {
        project,
        release: &release,
        options,
        remote: &remote,
    };
    if let Some(path) = &options.plan {
        let plan = saved_plan::saved(project, &remote, path, options.wanted.push)?;
        let refs = remote.refs.as_ref().filter(|_| plan.archives.is_empty());
        let plan = session.archived(plan)?;
        let mut report = Report::text(plan_text::describe(&plan));
        if !options.yes {
            report.push(&plan_text::notes(&plan));
        }
        return session.carry_on(&plan, report, Vec::new(), refs);
    }
    let mut planned = plan::decide(project, &options.wanted, &head, &remote, &[])?;
    if session.commits_changelogs(&planned)? {
        head = project.repo.head()?;
        planned = plan::decide(project, &options.wanted, &head, &remote, &[])?;
    }
    let more = session.with_unnamed(&planned);
    if let Some(more) = &more {
        planned = plan::decide(project, &more.wanted, &head, &remote, &[])?;
        session.options = more;
    }
    let polishes = project.config.polish.is_some() && !options.no_polish && options.notes.is_none();
    if !options.edit && !polishes && options.notes.is_none() {
        return session.decided(&planned, None);
    }
    planned.ready()?;
    let mut given = session.given(&planned)?;
    if let Some(path) = &options.notes {
        given.text = notes_of(path)?;
    }
    if polishes {
        given.polish(project, &head)?;
    }
    if options.edit {
        session.edited(&planned, given)
    } else {
        session.with_notes(&planned, &given)
    }
}

/// The notes from a file.
///
/// # Errors
/// Exit 2 if the file does not exist, is not text, or is empty.
fn notes_of(path: &Path) -> Result<String> {
    let shown = terminal::printable(&path.to_string_lossy());
    let odd = |what: &str| {
        Failure::new(Exit::Usage, format!("{shown} {what}"))
            .with_remedy("write the notes of the version into it, without its heading")
    };
    let bytes = files::read(path)?.ok_or_else(|| odd("is not there"))?;
    let text = String::from_utf8(bytes).map_err(|_| odd("is not UTF-8"))?;
    match notes::typed(&text) {
        text if text.is_empty() => Err(odd("is empty")),
        text => Ok(text),
    }
}

/// Notes from a file, an editor or a command, and the part of the release that they are for.
struct Given<'a> {
    text: String,
    /// Diff against the generated notes, to be shown.
    shown: String,
    generated: String,
    part: &'a ReleasePart,
}

impl Given<'_> {
    /// Runs the user's command that words the notes. Nothing is locked meanwhile: hooks in another terminal wait neither for it nor for an
    /// editor.
    fn polish(&mut self, project: &Project, head: &Head) -> Result<()> {
        let ReleasePart {
            section, cutting, ..
        } = self.part;
        let own = match &cutting.component {
            Some(name) => &project.component(name)?,
            None => project,
        };
        let history = range::read_committed(own, head.clone())?;
        let version = Some(cutting.version.as_str());
        if let Some((text, diff)) =
            polish::run(project, &history, section, version, &self.generated)?
        {
            (self.text, self.shown) = (text, diff);
        }
        Ok(())
    }

    /// # Errors
    /// Exit 5 if the release differs from the one that the notes were written for: tags and specs may change although HEAD does not.
    fn fits(&self, planned: &Planned) -> Result<()> {
        let version = &self.part.cutting.version;
        let part = planned.parts.first();
        let same = part.is_some_and(|part| {
            part.cutting.version == *version && part.generated.as_ref() == Some(&self.generated)
        });
        if same {
            Ok(())
        } else {
            Err(Failure::new(
                Exit::Stale,
                format!("the notes of {version} changed meanwhile"),
            )
            .with_remedy("nothing was changed, try again"))
        }
    }

    /// Released changes that the notes do not name.
    fn unnamed(&self) -> Vec<String> {
        let named = References::read(&self.text);
        let is_named = |r: &String| named.issue(r) || named.word(r) || named.abbreviates(r);
        let entries = self.part.section.gathered.entries.iter();
        let unnamed = entries.filter(|e| !e.line.refs.iter().any(is_named));
        let warning = |entry: &Entry| {
            let line = entry.line.text.lines().next().unwrap_or("");
            format!("not in your notes, but in the release: {line}")
        };
        unnamed.map(warning).collect()
    }
}

impl<'a> Session<'a> {
    /// Commits hand-written changelog lines if nothing else blocks the release. That commit stays even if the release fails.
    fn commits_changelogs(&self, planned: &Planned) -> Result<bool> {
        let failed = planned.checks.failed();
        let is_only = matches!(failed.as_slice(), [only] if only.id == CheckId::Clean);
        if !is_only || self.options.dry_run {
            return Ok(false);
        }
        let files = self.project.repo.dirty()?;
        if !preconditions::are_changelogs(self.project, &files) {
            return Ok(false);
        }
        let named = words::shortlist(&files);
        let asked = || {
            let question =
                format!("{named} has changes that are not committed; commit them first?");
            env::is_interactive() && ui::ask(&question)
        };
        if !self.options.yes && !asked() {
            return Ok(false);
        }
        self.project.repo.commit_files(&files, "docs: changelog")?;
        ui::progress(&format!("committed: {named}"));
        Ok(true)
    }

    /// Asks whether to add the missing changes to hand-written notes. Returns the options to release with then.
    fn with_unnamed(&self, planned: &Planned) -> Option<ReleaseOptions> {
        let asks = !(self.options.yes || self.options.dry_run) && env::is_interactive();
        let parts = planned.parts.iter();
        let unnamed: Vec<&String> = parts.flat_map(|part| &part.unnamed).collect();
        if !asks || planned.ready().is_err() || unnamed.is_empty() {
            return None;
        }
        for line in &unnamed {
            ui::tell(&format!("- {line}"));
        }
        let count = ui::counted(unnamed.len(), "change is", "changes are");
        let is_wanted = ui::ask(&format!("{count} not named in the notes; add them?"));
        is_wanted.then(|| ReleaseOptions {
            wanted: Wanted {
                add_missing: true,
                ..self.options.wanted.clone()
            },
            ..self.options.clone()
        })
    }

    /// The generated notes, to be reworded.
    ///
    /// # Errors
    /// Fails if there are notes of several components, or if they are not text.
    fn given<'p>(&self, planned: &'p Planned) -> Result<Given<'p>> {
        let [part] = planned.parts.as_slice() else {
            let what = "only the notes of one component can be edited at a time";
            return Err(Failure::new(Exit::Usage, what).with_remedy("choose it with -c NAME"));
        };
        let Some(generated) = part.generated.clone() else {
            let alone = match &self.options.notes {
                Some(_) => "--notes-file",
                None if self.options.edit => "--edit",
                None => "`polish`",
            };
            let (version, changelog) = (&part.cutting.version, &self.project.config.changelog);
            let what = format!("the section of {version} in {changelog} is not UTF-8");
            return Err(Failure::precondition(what)
                .with_remedy(format!("convert it, or release without {alone}")));
        };
        Ok(Given {
            text: generated.clone(),
            shown: String::new(),
            generated,
            part,
        })
    }

    /// Opens the notes in the editor and releases with them. The typed text is kept if that fails.
    fn edited(&self, planned: &Planned, mut given: Given<'_>) -> Result<Report> {
        let draft = edit::open(self.project, &given.part.cutting.tag, &given.text)?;
        given.text.clone_from(&draft.text);
        let done = self.with_notes(planned, &given);
        match done {
            // The version is released with the typed text.
            Err(failure) if matches!(failure.exit, Exit::Unpublished | Exit::Pending) => {
                draft.forget();
                Err(failure)
            }
            Err(failure) => Err(draft.kept(failure)),
            Ok(report) => {
                draft.forget();
                Ok(report)
            }
        }
    }

    /// Plans again with the given notes, and goes on.
    fn with_notes(&self, before: &Planned, given: &Given<'_>) -> Result<Report> {
        let (project, wanted) = (self.project, &self.options.wanted);
        still_true(project, before.ready()?)?;
        let planned = plan::with_notes(project, wanted, self.remote, before, &given.text)?;
        self.decided(&planned, Some(given))
    }

    /// Shows a plan and carries it out, unless it is a dry run.
    fn decided(&self, planned: &Planned, given: Option<&Given<'_>>) -> Result<Report> {
        let options = self.options;
        let plan = planned.ready()?;
        if let Some(given) = given {
            given.fits(planned)?;
        }
        let mut warnings = [planned.warnings.clone(), planned.checks.warnings()].concat();
        if !options.edit && (options.dry_run || !options.yes) {
            warnings.extend(edit::unused(self.project));
        }
        if let Some(given) = given.filter(|_| options.edit || options.notes.is_some()) {
            warnings.extend(given.unnamed());
        }
        let shown = given.map_or("", |given| given.shown.as_str());
        if options.dry_run {
            let mut report = Report::answer(format!("{shown}{}", plan_text::describe(plan)));
            report.push(&plan_text::diffs(self.project, plan)?);
            report.push("\nnothing was changed; `relwatch release` carries this out\n");
            let json = json!({"schema": SCHEMA, "plan": plan, "checks": planned.checks.all()});
            return Ok(report.with_json(json).with_warnings(warnings));
        }
        // A command or an editor may have taken a long time.
        let is_at_once = given.is_none() && plan.archives.is_empty();
        let refs = self.remote.refs.as_ref().filter(|_| is_at_once);
        let plan = self.archived(plan.clone())?;
        let report = if options.yes {
            Report::text(shown)
        } else {
            let (steps, notes) = (plan_text::describe(&plan), plan_text::notes(&plan));
            Report::text(format!("{shown}{steps}{notes}"))
        };
        self.carry_on(&plan, report, warnings, refs)
    }

    /// The plan with the changes made by the `archive: command` commands, so that the user agrees to them too. Unchanged if nobody can be
    /// asked.
    fn archived(&self, plan: Plan) -> Result<Plan> {
        if self.options.yes || env::is_interactive() {
            archive_command::carried(self.project, plan)
        } else {
            Ok(plan)
        }
    }

    /// Asks, and runs the plan. Returns what was done, after `report` if nobody was asked. `refs` are the remote's references, if no
    /// command ran since they were read.
    fn carry_on(
        &self,
        plan: &Plan,
        report: Report,
        warnings: Vec<String>,
        refs: Option<&'a RemoteRefs>,
    ) -> Result<Report> {
        let is_edited = self.options.edit;
        let execution = Execution::new(self.project, self.release, plan, is_edited);
        if self.options.yes {
            return execution.knowing(refs).run(report, warnings);
        }
        let question = report.as_answer(true).with_warnings(warnings);
        question.print()?;
        if !env::is_interactive() || !ui::ask(&format!("release {}?", plan.title())) {
            return Err(declined());
        }
        still_true(self.project, plan)?;
        execution.run(Report::default(), Vec::new())
    }
}

fn declined() -> Failure {
    Failure::new(Exit::Declined, "not released")
        .with_remedy("the same command with --yes goes ahead without asking")
}
