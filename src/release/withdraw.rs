//! `relwatch withdraw VERSION`: marks a published release `[YANKED]` with the reason. Its tag is kept. Refuses a release that is not public
//! yet.

use semver::Version;
use serde_json::json;

use crate::domain::changelog::cut;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::manifest::{self, ReleaseRecord, Withdrawal};
use crate::domain::release::plan::FileChange;
use crate::domain::release::release_body::ReleaseBody;
use crate::domain::release::title::OwnCommit;
use crate::domain::text::inert;
use crate::domain::version;
use crate::notes::announce::{self, Announcement};
use crate::notes::template_values::{TemplateSection, TemplateSubject};
use crate::project::reach::Reach;
use crate::project::{Project, write_lock};
use crate::release::remote;
use crate::release::{lock, preconditions, publish, records, support_block};
use crate::section::write;
use crate::sys::{clock, env};
use crate::transition::{self, Made};
use crate::ui::{self, Report};

/// Options of the command.
#[derive(Debug, Clone, Default)]
pub struct WithdrawOptions {
    pub version: String,
    /// Reason; required the first time.
    pub reason: Option<String>,
    /// Affected users.
    pub impact: Option<String>,
    /// Actions taken so that it does not happen again.
    pub actions: Option<String>,
    /// What replaces the release.
    pub plan: Option<String>,
    pub yes: bool,
    /// Whether to ask the remote for the release.
    pub reach: Reach,
}

/// A release to withdraw, and where the withdrawal is recorded.
struct WithdrawnRelease<'a> {
    project: &'a Project,
    version: Version,
    tag: String,
    /// Commit and branch of HEAD.
    base: CommitId,
    branch: String,
    /// Withdrawal given now; its reason is empty if none was given.
    withdrawal: Withdrawal,
}

/// Files that record the withdrawal, and the release's line in the manifest with it.
#[derive(Default)]
struct Marks {
    files: Vec<FileChange>,
    told: Vec<ReleaseRecord>,
    /// Whether a file recorded the withdrawal already, and only gets more detail.
    is_known: bool,
}

/// Runs the command: one commit, then the steps' `undo`, then a draft announcement. If the release is withdrawn already, adds the missing
/// details and runs what is left of the `undo`.
///
/// # Errors
/// Exit 2 without a reason; exit 3 for a release that is not here, is not public yet, is not in this branch, or has other details recorded
/// already.
pub fn run(project: &Project, options: &WithdrawOptions) -> Result<Report> {
    let _release = lock::begin(project)?;
    let mut subject = WithdrawnRelease::find(project, options)?;
    let mut marks = subject.marks()?;
    let WithdrawnRelease { tag, branch, .. } = &subject;
    if marks.files.is_empty() {
        return again(project, options, tag, branch);
    }
    let question = if marks.is_known {
        format!("add that to the withdrawal of {tag} on {branch}?")
    } else {
        subject.is_public(options.reach)?;
        format!("mark {tag} as withdrawn on {branch}, and run the `undo` of its steps?")
    };
    let WithdrawnRelease {
        base, withdrawal, ..
    } = &subject;
    let (told, files) = (&marks.told, &mut marks.files);
    let unserved = support_block::refresh(project, *base, &clock::today(), told, files)?;
    let draft = announcement(project, branch, tag, &subject.version, withdrawal)?;
    let agreed = options.yes || env::is_interactive() && ui::ask(&question);
    if !agreed {
        return Err(Failure::new(Exit::Declined, format!("{tag} stays"))
            .with_remedy("the same command with --yes goes ahead without asking"));
    }
    if !marks.is_known {
        publish::note_done(project, tag, branch)?; // later it would take for done what is taken back already
    }
    let commit = subject.commit(&marks.files)?;
    let left = publish::left_behind(project, tag)?;
    let is_wanted = |step: &String| !marks.is_known || left.contains(step);
    let (undone, failed) = publish::take_back(project, tag, branch, is_wanted)?;
    let short = commit.short();
    let mut out = if marks.is_known {
        format!("added to the withdrawal of {tag}: commit {short} on {branch}\n{undone}")
    } else {
        format!("withdrew {tag}: commit {short} on {branch}; the tag stays\n{undone}")
    };
    if let Some(remote) = project.remote(branch) {
        let branch = project.repo.short_name(&RefName::branch(branch));
        out.push_str(&format!("next: git push {remote} {branch}\n"));
    }
    out.push_str(&format!("\n{draft}"));
    let json = json!({"schema": 1, "withdrawn": tag, "commit": commit, "failed": failed, "announcement": draft});
    let report = Report::text(out).with_json(json).with_warnings(unserved);
    Ok(with_failed(report, &failed))
}

impl WithdrawnRelease<'_> {
    fn find<'a>(project: &'a Project, options: &WithdrawOptions) -> Result<WithdrawnRelease<'a>> {
        let version = version::typed(&options.version)?;
        let tag = project.tag_of(&version)?;
        let repo = &project.repo;
        if repo.reference(&RefName::tag(&tag))?.is_none() {
            return Err(
                Failure::precondition(format!("there is no release {tag} here"))
                    .with_remedy("run `git fetch --tags`"),
            );
        }
        let (base, branch) = preconditions::on_branch(repo.head()?)?;
        preconditions::demand_clean(project)?;
        Ok(WithdrawnRelease {
            project,
            version,
            tag,
            base,
            branch,
            withdrawal: Withdrawal {
                date: clock::today(),
                reason: inert::inline(options.reason.as_deref().unwrap_or_default()),
                impact: options.impact.as_deref().map(inert::inline),
                actions: options.actions.as_deref().map(inert::inline),
                plan: options.plan.as_deref().map(inert::inline),
            },
        })
    }

    /// The changelog and the release manifest with the withdrawal; no files if they have all of it already. Their existing details are
    /// merged into the withdrawal.
    fn marks(&mut self) -> Result<Marks> {
        let mut marks = Marks::default();
        let name = &self.project.config.changelog;
        let changelog = self.project.repo.file_at(self.base, name)?;
        let yanked = changelog.map_or(cut::Yanked::Absent, |bytes| {
            cut::yanked(&bytes, &self.version.to_string())
        });
        let record = self.listed(!matches!(yanked, cut::Yanked::Absent))?;
        let said = record.as_ref().and_then(|record| record.withdrawn.clone());
        marks.is_known = said.is_some() || matches!(yanked, cut::Yanked::Already);
        match said {
            Some(said) => self
                .withdrawal
                .extends(said)
                .map_err(|what| self.said(&what))?,
            // The release is known to be withdrawn, without details, and none were given now.
            None if marks.is_known && self.withdrawal.reason.is_empty() => return Ok(marks),
            None if self.withdrawal.reason.is_empty() => {
                let what = format!("why is {} withdrawn?", self.tag);
                return Err(Failure::new(Exit::Usage, what).with_remedy("give --reason TEXT"));
            }
            None => {}
        }
        if let cut::Yanked::Now(after) = yanked {
            marks.files.push(FileChange::write(name.clone(), after));
        }
        let Some(mut record) = record else {
            if marks.files.is_empty() && !marks.is_known {
                let what = format!(
                    "neither the changelog nor the release manifest on {} know {}",
                    self.branch, self.tag
                );
                return Err(Failure::precondition(what)
                    .with_remedy("`git switch` to a branch that contains it"));
            }
            return Ok(marks);
        };
        record.withdrawn = Some(self.withdrawal.clone());
        let path = &self.project.config.manifest;
        let text = self.project.repo.file_at(self.base, path)?;
        let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let after = manifest::changed(text.as_deref(), &record);
        if text.as_ref() != Some(&after) {
            let file = FileChange::write(path.clone(), after.into_bytes());
            marks.files.push(file);
        }
        marks.told.push(record);
        Ok(marks)
    }

    /// The release's line in the manifest. If the changelog of this branch has the release, a missing line is built from its tag: another
    /// branch may list it.
    fn listed(&self, is_here: bool) -> Result<Option<ReleaseRecord>> {
        let (project, tag) = (self.project, &self.tag);
        if project.config.manifest.is_empty() {
            return Ok(None);
        }
        let mut known = project.releases_at(self.base)?.into_iter();
        match known.find(|record| record.tag == *tag) {
            None if is_here => records::find(project, tag),
            listed => Ok(listed),
        }
    }

    /// The failure for details that differ from the recorded ones: those are not replaced.
    fn said(&self, what: &str) -> Failure {
        let (tag, path) = (&self.tag, &self.project.config.manifest);
        Failure::precondition(format!(
            "the withdrawal of {tag} has another {what} already"
        ))
        .with_remedy(format!("leave --{what} out, or change it in {path}"))
    }

    /// # Errors
    /// Exit 3 if the remote does not have the release: it can be undone then, and its version is free again.
    fn is_public(&self, reach: Reach) -> Result<()> {
        let WithdrawnRelease {
            project,
            base,
            branch,
            tag,
            ..
        } = self;
        let remote = remote::ask_remote(project, branch, reach);
        let checks = preconditions::of_remote(project, &remote, *base, branch)?;
        checks.demand("cannot withdraw yet")?;
        let full = RefName::tag(tag);
        if remote.refs.is_none_or(|refs| refs.get(&full).is_some()) {
            return Ok(());
        }
        let name = remote.name.unwrap_or_default();
        let places = match project.repo.resolved(&full) {
            Some(at) => project.repo.published_in(at)?,
            None => Vec::new(),
        };
        let remedy = if places.is_empty() {
            "`relwatch undo` undoes it".to_owned()
        } else {
            let named = project.repo.short_name(&full);
            format!("`git tag -d {tag}` removes it, `git push {name} {named}` publishes it")
        };
        let what = format!("{tag} is not on {name}: nobody has it");
        Err(Failure::precondition(what).with_remedy(remedy))
    }

    /// Commits these files. The release's pending publish steps are dropped.
    fn commit(&self, files: &[FileChange]) -> Result<CommitId> {
        let WithdrawnRelease {
            project,
            tag,
            withdrawal,
            ..
        } = self;
        let title = OwnCommit::Withdrawal(tag);
        let mut message = format!("{title}\n\n{}\n", withdrawal.reason);
        for (what, words) in [
            ("Impact", &withdrawal.impact),
            ("Actions", &withdrawal.actions),
            ("Plan", &withdrawal.plan),
        ] {
            if let Some(words) = words {
                message.push_str(&format!("\n{what}: {words}\n"));
            }
        }
        let made = Made {
            what: format!("withdrawal of {tag}"),
            message,
            base: self.base,
            branch: &self.branch,
        };
        let held = write_lock::hold(project)?;
        let commit = made.commit(project, &held, files)?;
        transition::forget_tag(project, tag)?;
        write::show(project, &held)?;
        Ok(commit)
    }
}

/// Runs the `undo` steps of a withdrawal that failed before.
fn again(project: &Project, options: &WithdrawOptions, tag: &str, branch: &str) -> Result<Report> {
    let left = publish::left_behind(project, tag)?;
    let already = format!("{tag} is withdrawn already");
    if left.is_empty() {
        return Err(Failure::new(Exit::Nothing, already));
    }
    let names = left.join(", ");
    let question = format!("{already}; run the `undo` of {names}?");
    if !(options.yes || env::is_interactive() && ui::ask(&question)) {
        return Err(
            Failure::new(Exit::Declined, format!("{already}, but not {names}"))
                .with_remedy("--yes goes ahead without asking"),
        );
    }
    let (undone, failed) = publish::take_back(project, tag, branch, |step| left.contains(step))?;
    Ok(with_failed(
        Report::text(format!("{already}\n{undone}")),
        &failed,
    ))
}

fn with_failed(report: Report, failed: &[String]) -> Report {
    let words =
        |why: &String| format!("not rolled back: {why}; withdraw it again once that is fixed");
    let report = report.with_warnings(failed.iter().map(words).collect());
    if failed.is_empty() {
        report
    } else {
        report.with_exit(Exit::Unpublished)
    }
}

/// A draft announcement.
fn announcement(
    project: &Project,
    branch: &str,
    tag: &str,
    version: &Version,
    withdrawal: &Withdrawal,
) -> Result<String> {
    let repo = &project.repo;
    let forge = project
        .config
        .forge(repo.remote_url(Some(branch)).as_deref());
    let format = &project.config.tag;
    let mut before = repo.tagged_versions(format)?;
    before.retain(|known| known < version && known.pre.is_empty());
    let previous = before
        .iter()
        .max()
        .map(|version| project.tag_of(version))
        .transpose()?;
    let version = version.to_string();
    let subject = TemplateSubject {
        version: Some(&version),
        tag: Some(tag),
        date: None,
        forge: forge.as_ref(),
    };
    let body = ReleaseBody {
        withdrawn: Some(withdrawal.clone()),
        previous,
        ..ReleaseBody::default()
    };
    let kind = Announcement::Withdrawal.of_released(true);
    let values = subject.values(project, &body, &TemplateSection::default());
    let draft = announce::draft(project, kind, &values)?;
    Ok(format!("{}\n", draft.text()))
}
