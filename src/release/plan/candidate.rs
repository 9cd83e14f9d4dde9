//! The project or components to release, each with its version. Refuses one version for several components, and a release of nothing.

use std::borrow::Cow;
use std::collections::HashSet;

use semver::Version;

use crate::domain::commit::message::Commit;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::forge_facts::facts::ForgeFacts;
use crate::domain::release::check::CheckId;
use crate::domain::spec::changesets;
use crate::domain::version;
use crate::history::forge_facts::{self, FactsWanted};
use crate::history::range::{self, History};
use crate::project::reach::Reach;
use crate::project::{Project, view};
use crate::release::archiving;
use crate::release::lost_release;
use crate::release::next_version::{self, Outlook};
use crate::release::plan::frame::{Findings, Frame};
use crate::release::request::Wanted;
use crate::section::contents::SectionContents;
use crate::section::labelled::{self, LabelledSection};
use crate::section::{compute, write};
use crate::ui;

/// The project, or one of its components, that may be released.
pub struct Candidate {
    pub project: Project,
    pub history: History,
    /// Changelog at the commit.
    pub doc: Vec<u8>,
    /// Section, with the effects of pull requests' labels and titles.
    pub section: SectionContents,
    /// Changes by labels, for the plan.
    pub labels: Vec<String>,
    /// Data about the commits from the forge.
    pub facts: ForgeFacts,
    /// Section without the forge's data, if that changed anything.
    plain: Option<SectionContents>,
    /// Next version; `None` if it is not released.
    pub version: Option<Version>,
    /// Component whose release makes this one follow, although it has no changes of its own.
    pub follows: Option<String>,
}

impl Candidate {
    /// Whether it is released because of its own changes.
    fn is_chosen(&self, wanted: &Wanted) -> bool {
        let names = &wanted.components;
        let own = self.project.name();
        let is_wanted = names.is_empty() || own.is_some_and(|own| names.iter().any(|n| n == own));
        let is_forced = wanted.version.is_some() && self.has_unlisted(wanted);
        let is_wanted = is_wanted && !self.project.is_ignored();
        is_wanted && (self.section.asks_for_release() || self.ends_prereleases(wanted) || is_forced)
    }

    /// Whether only unlisted changes may be released. That requires a level or a version, and the name if there are several components.
    fn has_unlisted(&self, wanted: &Wanted) -> bool {
        let is_named = self.project.name().is_none() || !wanted.components.is_empty();
        is_named && self.unlisted() > 0
    }

    /// Number of its own commits.
    fn unlisted(&self) -> usize {
        let gathered = &self.section.gathered;
        let commits = self.history.commits.iter();
        let own = commits.filter(|one| !(one.is_merge() || one.message.is_release()));
        own.filter(|one| !gathered.is_outside(&one.short())).count()
    }

    /// Applies the forge's data about pull requests.
    fn take(&mut self, facts: &ForgeFacts) {
        let LabelledSection { section, changes } =
            labelled::section(&self.project, &self.history, &self.section, facts);
        if let Some(section) = section {
            self.plain = Some(std::mem::replace(&mut self.section, section));
        }
        self.labels = changes;
        self.facts = facts.clone();
    }

    /// Limits the section to the chosen version: specs that wait for a later version are removed. If notes for several versions are written
    /// in advance, its own are used.
    fn select(&mut self, facts: &ForgeFacts) -> Result<()> {
        let selection = range::selection(&self.project, &self.history, self.version.as_ref());
        if selection.waiting != self.history.selection.waiting {
            self.history.selection = selection;
            self.section = compute::of_stored(&self.project, &self.history, self.doc.clone())?;
            self.take(facts);
        }
        if let Some(version) = &self.version {
            self.section.take_notes_of(version);
        }
        let gathered = &self.section.gathered;
        let waiting = gathered.waiting().map(|(id, _)| id.to_owned()).collect();
        self.history = self.history.own(&self.project, gathered).without(&waiting);
        Ok(())
    }

    /// A remark if labels change the version: `status` does not ask the forge and shows the version without them.
    fn raised(&self, without: Option<Version>) -> Option<String> {
        let (with, without) = (self.version.as_ref()?, without?);
        let of = self.project.name();
        let of = of.map_or(String::new(), |name| format!(" of {name}"));
        (version::core(with) != version::core(&without)).then(|| {
            format!(
                "the version{of} is {with} (`relwatch status`, which asks no forge, says {without})"
            )
        })
    }

    /// Whether the final version is requested after pre-releases that have sections of their own.
    fn ends_prereleases(&self, wanted: &Wanted) -> bool {
        let last = self.history.last.as_ref();
        wanted.pre.is_none() && last.is_some_and(|last| !last.tag.version.pre.is_empty())
    }
}

/// Everything that may be released, with its version if it is released. `read` are the histories of all components, if the caller has them.
/// # Errors
/// Exit 6 if there is nothing to release, exit 2 for an invalid component or version.
pub fn candidates(
    project: &Project,
    frame: &Frame<'_>,
    read: &[&History],
    findings: &mut Findings,
) -> Result<Vec<Candidate>> {
    let wanted = frame.wanted;
    for name in &wanted.components {
        if project.component(name)?.is_ignored() {
            return Err(ignored(name));
        }
    }
    let mut candidates = Vec::new();
    for (at, part) in project.components().into_iter().enumerate() {
        candidates.extend(candidate(part, frame, read.get(at).copied(), findings)?);
    }
    let facts = facts(project, frame, &candidates, findings)?;
    candidates.iter_mut().for_each(|one| one.take(&facts));
    let chosen = candidates.iter().filter(|one| one.is_chosen(wanted));
    let chosen: Vec<&Candidate> = chosen.collect();
    names_one(&chosen, wanted)?;
    if chosen.is_empty() && findings.checks.failed().is_empty() {
        return Err(nothing(&candidates, wanted, &findings.warnings));
    }
    choose(project, frame, &mut candidates, &facts, findings)?;
    findings.facts = Some(facts);
    Ok(candidates)
}

/// The forge's data about all commits, read once. If the forge fails, the release continues only if the user says so, because its content
/// would differ.
fn facts(
    project: &Project,
    frame: &Frame<'_>,
    candidates: &[Candidate],
    findings: &mut Findings,
) -> Result<ForgeFacts> {
    const WITHOUT: &str = "labels and titles of pull requests change nothing";
    // A template may use the authors' accounts.
    let has_template = |one: &Candidate| one.project.config.templates.section.is_some();
    let wanted = if candidates.iter().any(has_template) {
        FactsWanted::Accounts
    } else {
        FactsWanted::Entries
    };
    if frame.wanted.only_look || !forge_facts::are_wanted(project, wanted) {
        return Ok(ForgeFacts::default());
    }
    if frame.remote.reach == Reach::Offline {
        let not_asked = forge_facts::not_asked(project);
        let detail = format!("{not_asked} (--offline): {WITHOUT}");
        findings.checks.warn(CheckId::Forge, detail);
        return Ok(ForgeFacts::default());
    }
    let asked = match findings.facts.take() {
        Some(known) => Ok(known),
        None => {
            let commits = candidates.iter().flat_map(|one| &one.history.commits);
            let mut seen = HashSet::new();
            let commits: Vec<Commit> = commits.filter(|one| seen.insert(one.id)).cloned().collect();
            forge_facts::facts(project, &commits, wanted)
        }
    };
    match asked {
        Ok(facts) => {
            let count = ui::counted(facts.count(), "pull request", "pull requests");
            findings.checks.ok(CheckId::Forge, format!("{count} known"));
            Ok(facts)
        }
        Err(failure) if failure.exit == Exit::Declined => Err(failure),
        Err(failure) => {
            let found = failure.what;
            let skipped = frame
                .wanted
                .skipped(CheckId::Forge, &found, &mut findings.checks);
            if skipped.is_none() {
                let remedy = "try again, or go on without its labels and titles: --offline, or --skip-check forge --reason TEXT";
                findings.checks.fail(CheckId::Forge, found, remedy);
            }
            findings.skipped_forge = skipped;
            Ok(ForgeFacts::default())
        }
    }
}

/// One component; `None` if its changelog is not committed.
fn candidate(
    part: Project,
    frame: &Frame<'_>,
    read: Option<&History>,
    findings: &mut Findings,
) -> Result<Option<Candidate>> {
    let name = part.config.changelog.clone();
    if let Some(filter) = view::unknown_filter(&part.repo, &name)? {
        let detail = format!(
            "blobs of {name} go through the filter `{filter}`, which this clone does not have"
        );
        let remedy =
            format!("set that filter up, see `git config --get-regexp '^filter\\.{filter}'`");
        findings.checks.fail(CheckId::Changelog, detail, remedy);
        return Ok(None);
    }
    let Some(doc) = part.repo.file_at(frame.base, &name)? else {
        let detail = format!("{name} is not committed");
        let remedy = "run `relwatch init`, then commit it";
        findings.checks.fail(CheckId::Changelog, detail, remedy);
        return Ok(None);
    };
    let history = match read {
        Some(read) => Cow::Borrowed(read),
        None => Cow::Owned(range::read_committed(&part, frame.head.clone())?),
    };
    let lost = if frame.wanted.only_look {
        None // who looks has said it
    } else {
        lost_release::found(&part, &history, &doc)?
    };
    for warning in history.warnings.iter().chain(&lost) {
        if !findings.warnings.contains(warning) {
            findings.warnings.push(warning.clone());
        }
    }
    let section = compute::of_stored(&part, &history, doc.clone())?;
    findings.warnings.extend(section.warnings(&name));
    if !frame.wanted.only_look {
        findings
            .warnings
            .extend(archiving::left_to_tools(&part, &history));
    }
    match write::trouble(&section, &name) {
        Some(trouble) => findings.checks.fail(CheckId::Changelog, trouble, ""),
        None => findings.checks.ok(CheckId::Changelog, name),
    }
    Ok(Some(Candidate {
        history: history.into_owned(),
        project: part,
        doc,
        section,
        labels: Vec::new(),
        facts: ForgeFacts::default(),
        plain: None,
        version: None,
        follows: None,
    }))
}

/// # Errors
/// Exit 2 if one version is given for several components.
fn names_one(chosen: &[&Candidate], wanted: &Wanted) -> Result<()> {
    let asked = wanted.version.as_deref();
    let is_version = asked.is_some_and(|asked| version::level(asked).is_none());
    if chosen.len() < 2 || !is_version {
        return Ok(());
    }
    let names: Vec<&str> = chosen.iter().filter_map(|one| one.project.name()).collect();
    let why = format!("which component? {} changed", names.join(", "));
    Err(Failure::new(Exit::Usage, why).with_remedy("give -c NAME with a version"))
}

/// The failure for a component that its tool ignores: it cannot be released by name either.
fn ignored(name: &str) -> Failure {
    let file = changesets::FILE;
    let what = format!("{name} is not released: `ignore` of {file} names its package");
    Failure::precondition(what).with_remedy(format!("remove it from `ignore` in {file}"))
}

/// The failure if there is nothing to release, with the warnings that may explain it.
fn nothing(candidates: &[Candidate], wanted: &Wanted, warnings: &[String]) -> Failure {
    let last = candidates
        .iter()
        .filter_map(|one| one.history.last.as_ref());
    let mut since: Vec<&str> = last.map(|last| last.tag.name.as_str()).collect();
    if since.is_empty() {
        since.push("the beginning");
    }
    let warnings: String = warnings.iter().map(|line| format!("\n{line}")).collect();
    let names = &wanted.components;
    let may_be_meant = |one: &&Candidate| {
        let own = one.project.name();
        let is_named = own.is_some_and(|own| names.iter().any(|name| name == own));
        one.unlisted() > 0 && (names.is_empty() || is_named)
    };
    let forced = candidates.iter().find(may_be_meant).map(|one| {
        let of = one.project.name();
        let of = of.map_or(String::new(), |name| format!(" -c {name}"));
        format!("; `relwatch release{of} patch` releases them anyway")
    });
    Failure::new(
        Exit::Nothing,
        format!("nothing to release since {}", since.join(", ")),
    )
    .with_remedy(format!(
        "`relwatch status --all` lists the excluded changes{}{warnings}",
        forced.unwrap_or_default()
    ))
}

/// Sets the version of each candidate that is released.
fn choose(
    project: &Project,
    frame: &Frame<'_>,
    candidates: &mut [Candidate],
    facts: &ForgeFacts,
    findings: &mut Findings,
) -> Result<()> {
    let (wanted, remote) = (frame.wanted, Some(frame.remote));
    let outlook = outlooks(project, frame, candidates, |one| &one.section);
    let plain = unlabelled(project, frame, candidates);
    for ((one, outlook), plain) in candidates.iter_mut().zip(outlook).zip(plain) {
        if let (Some(low), Some(high)) = (one.project.name(), outlook.follows) {
            let detail = format!("{low} keeps up with {high}");
            findings.checks.ok(CheckId::Align, detail);
            one.follows = one.section.is_empty().then_some(high);
        }
        let next = match outlook.next {
            Ok(next) => next.map(|next| {
                findings.warnings.extend(next.remarks);
                if let Some(detail) = next.contradiction {
                    findings.checks.fail(CheckId::Version, detail, "");
                }
                next.version
            }),
            Err(error) if error.exit == Exit::Usage => return Err(error),
            Err(error) => {
                findings
                    .checks
                    .fail(CheckId::Version, error.to_string(), "");
                None
            }
        };
        one.version = match (next, &wanted.pre) {
            (Some(version), Some(label)) => {
                let next =
                    next_version::labelled(&one.project, &one.history, version, label, remote)?;
                Some(next)
            }
            (version, ..) => version,
        };
        if let Some(version) = &one.version {
            let remark = next_version::other_order(&one.history, version);
            findings.warnings.extend(remark);
        }
        one.select(facts)?;
        one.labels.extend(one.raised(plain));
    }
    Ok(())
}

/// The next version of each, by one of its sections.
fn outlooks(
    project: &Project,
    frame: &Frame<'_>,
    candidates: &[Candidate],
    section: impl Fn(&Candidate) -> &SectionContents,
) -> Vec<Outlook> {
    let asked = candidates.iter().map(|one| next_version::Unversioned {
        project: &one.project,
        history: &one.history,
        section: section(one),
        is_released: one.is_chosen(frame.wanted),
    });
    let asked: Vec<_> = asked.collect();
    let (ties, remote) = (project.config.ties(), Some(frame.remote));
    next_version::outlook(&asked, &ties, frame.wanted, frame.branch, remote)
}

/// The versions without labels, if labels changed anything.
fn unlabelled(
    project: &Project,
    frame: &Frame<'_>,
    candidates: &[Candidate],
) -> Vec<Option<Version>> {
    if candidates.iter().all(|one| one.plain.is_none()) {
        return candidates.iter().map(|_| None).collect();
    }
    let outlooks = outlooks(project, frame, candidates, |one| {
        one.plain.as_ref().unwrap_or(&one.section)
    });
    let version = |outlook: Outlook| Some(outlook.next.ok()??.version);
    outlooks.into_iter().map(version).collect()
}
