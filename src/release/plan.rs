//! What a release would do: decided here, changed nowhere. Dry run, check and release all ask this one place.

use std::borrow::Cow;
use std::collections::HashSet;

use semver::Version;

use crate::config::release::{ArchiveTime, Prerelease};
use crate::domain::changelog::cut::{self, Cut};
use crate::domain::changelog::document::Document;
use crate::domain::changelog::notes;
use crate::domain::commit::id::CommitId;
use crate::domain::entry::reference::Said;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::manifest::{self, Kind, Record};
use crate::domain::release::plan::{Cutting, FileChange, Plan};
use crate::domain::release::step::{self, Step};
use crate::domain::release::title::{self, OwnCommit};
use crate::domain::spec::{Spec, Status};
use crate::domain::text::{inert, terminal, words};
use crate::domain::version;
use crate::history::queue;
use crate::history::range::{self, History};
use crate::project::Project;
use crate::release::remote::{self, Remote};
use crate::release::request::{self, Wanted};
use crate::release::version_files::{self, Base, Bump};
use crate::release::{
    archiving, lost_release, next_version, preconditions, publish_steps, release_spec,
    support_block,
};
use crate::section::contents::Section;
use crate::section::{compute, write};
use crate::sys::git::Blob;
use crate::sys::{clock, files};
use crate::ui;

/// A plan, and what people should know of it.
pub struct Planned {
    /// `None` if a check failed.
    pub plan: Option<Plan>,
    pub checks: Checks,
    pub parts: Vec<Part>,
    pub warnings: Vec<String>,
}

/// What a release says above all that is not met.
pub const NOT_YET: &str = "cannot release yet";

impl Planned {
    /// The plan.
    ///
    /// # Errors
    /// Exit 3 with everything that is not met.
    pub fn ready(&self) -> Result<&Plan> {
        self.checks.demand(NOT_YET)?;
        // Whatever left no plan has said why.
        self.plan
            .as_ref()
            .ok_or_else(|| Failure::unmet(NOT_YET, &[]))
    }
}

/// One version that is cut, and where it comes from.
pub struct Part {
    pub cutting: Cutting,
    pub section: Section,
    /// The notes before anybody edited them; `None` if they cannot be edited as text.
    pub generated: Option<String>,
    files: Vec<FileChange>,
    record: Record,
}

/// What may be released: the project, or one of its components.
struct Candidate {
    project: Project,
    history: History,
    /// The changelog as it is committed.
    doc: Vec<u8>,
    section: Section,
    /// `None` if it is not released.
    version: Option<Version>,
    /// The component that it keeps up with, although nothing of its own changed.
    follows: Option<String>,
}

/// Decides everything. What the user typed stands in for the notes. Who has read the histories of all components hands them over.
///
/// # Errors
/// Exit 6 if there is nothing to release. What is not met is in the checks.
pub fn decide(
    project: &Project,
    wanted: &Wanted,
    remote: &Remote,
    typed: Option<&str>,
    read: &[&History],
) -> Result<Planned> {
    let mut planned = Planned {
        plan: None,
        checks: Checks::default(),
        parts: Vec::new(),
        warnings: Vec::new(),
    };
    let head = project.repo.head()?;
    let Some(base) = head.commit else {
        let detail = "there is no commit yet";
        planned
            .checks
            .fail(CheckId::Commit, detail, "make one first");
        return Ok(planned);
    };
    let asked = wanted.branch.as_deref();
    let branch = remote::branch(&head, asked);
    planned.checks = match wanted.only_look {
        true => preconditions::look(project, remote, base, &branch, asked)?,
        false => preconditions::check(project, remote, base, &branch, asked)?,
    };
    let mut frame = Frame {
        base,
        branch: &branch,
        date: &clock::today(),
        remote,
        wanted,
        awaited: HashSet::new(),
    };
    let candidates = candidates(project, &frame, read, &mut planned)?;
    for one in candidates.iter().filter(|one| one.version.is_none()) {
        let waiting = one
            .history
            .specs
            .iter()
            .filter(|spec| queue::is_waiting(&one.history, spec));
        frame.awaited.extend(waiting.map(|spec| spec.id.clone()));
    }
    // What the next component builds on: two may change one file, such as the lock of a workspace.
    let mut files: Vec<FileChange> = Vec::new();
    for candidate in candidates {
        let Some(part) = part(candidate, &frame, &files, typed, &mut planned)? else {
            continue;
        };
        for file in &part.files {
            files.retain(|known| known.path != file.path);
            files.push(file.clone());
        }
        planned.parts.push(part);
    }
    preconditions::writable(project, base, &files, &mut planned.checks)?;
    for part in planned.parts.iter().filter(|_| !wanted.only_look) {
        let values = publish_steps::variables(&part.cutting, &base.hex(), &branch);
        let of = project.of_tag(&part.cutting.tag)?;
        publish_steps::try_checks(&of, &values, &mut planned.checks);
    }
    if wanted.push {
        preconditions::pushable(project, remote, base, &branch, &mut planned.checks)?;
    }
    if !planned.checks.failed().is_empty() || planned.parts.is_empty() {
        return Ok(planned);
    }
    planned.plan = Some(assembled(project, &frame, &mut planned, files)?);
    Ok(planned)
}

/// Everything that may be released, with its version if it is.
fn candidates(
    project: &Project,
    frame: &Frame<'_>,
    read: &[&History],
    planned: &mut Planned,
) -> Result<Vec<Candidate>> {
    let wanted = frame.wanted;
    for name in &wanted.components {
        project.component(name)?;
    }
    let is_wanted = |part: &Project| {
        let names = &wanted.components;
        names.is_empty()
            || part
                .name()
                .is_some_and(|own| names.iter().any(|name| name == own))
    };
    let mut candidates = Vec::new();
    for (at, part) in project.components().into_iter().enumerate() {
        let name = part.config.changelog.clone();
        let Some(doc) = part.repo.file_at(frame.base, &name)? else {
            let detail = format!("{name} is not committed");
            let mend = "run `relwatch init`, then commit it";
            planned.checks.fail(CheckId::Changelog, detail, mend);
            continue;
        };
        let history = match read.get(at) {
            Some(read) => Cow::Borrowed(*read),
            None => Cow::Owned(range::read(&part)?),
        };
        let lost = match wanted.only_look {
            true => None, // who looks has said it
            false => lost_release::found(&part, &history, &doc)?,
        };
        for warning in history.warnings.iter().chain(&lost) {
            if !planned.warnings.contains(warning) {
                planned.warnings.push(warning.clone());
            }
        }
        let section = compute::of_stored(&part, &history, doc.clone())?;
        match write::trouble(&section, &name) {
            Some(trouble) => planned.checks.fail(CheckId::Changelog, trouble, ""),
            None => planned.checks.ok(CheckId::Changelog, name),
        }
        candidates.push(Candidate {
            history: history.own(&part, &section.gathered),
            project: part,
            doc,
            section,
            version: None,
            follows: None,
        });
    }
    let is_chosen = |one: &Candidate| {
        is_wanted(&one.project) && (!one.section.is_empty() || one.ends_prereleases(wanted))
    };
    let chosen: Vec<&Candidate> = candidates.iter().filter(|one| is_chosen(one)).collect();
    let is_version = wanted
        .version
        .as_deref()
        .is_some_and(|v| version::level(v).is_none());
    if chosen.len() > 1 && is_version {
        let names: Vec<&str> = chosen.iter().filter_map(|one| one.project.name()).collect();
        return Err(Failure::new(
            Exit::Usage,
            format!("which component? {} changed", names.join(", ")),
        )
        .with_remedy("give -c NAME with a version"));
    }
    let is_nothing = chosen.is_empty();
    if is_nothing && planned.checks.failed().is_empty() {
        let last = candidates
            .iter()
            .filter_map(|one| one.history.last.as_ref());
        let mut since: Vec<&str> = last.map(|(_, tag)| tag.name.as_str()).collect();
        if since.is_empty() {
            since.push("the beginning");
        }
        // They may be why.
        let warnings = planned.warnings.iter().map(|line| format!("\n{line}"));
        let warnings: String = warnings.collect();
        return Err(Failure::new(
            Exit::Nothing,
            format!("nothing to release since {}", since.join(", ")),
        )
        .with_remedy(format!(
            "`relwatch status --all` says what is left out{warnings}"
        )));
    }
    let asked = candidates.iter().map(|one| next_version::Candidate {
        project: &one.project,
        history: &one.history,
        section: &one.section,
        is_released: is_chosen(one),
    });
    let asked: Vec<_> = asked.collect();
    let (ties, remote) = (project.config.ties(), Some(frame.remote));
    let outlook = next_version::outlook(&asked, &ties, wanted, frame.branch, remote);
    for (one, outlook) in candidates.iter_mut().zip(outlook) {
        if let (Some(low), Some(high)) = (one.project.name(), outlook.follows) {
            let detail = format!("{low} keeps up with {high}");
            planned.checks.ok(CheckId::Align, detail);
            one.follows = one.section.is_empty().then_some(high);
        }
        let next = match outlook.next {
            Ok(next) => next.map(|next| next.version),
            Err(error) if error.exit == Exit::Usage => return Err(error),
            Err(error) => {
                planned.checks.fail(CheckId::Version, error.to_string(), "");
                None
            }
        };
        one.version = match (next, &wanted.pre) {
            (Some(version), Some(label)) => Some(next_version::labelled(
                &one.project,
                version,
                label,
                remote,
            )?),
            (version, ..) => version,
        };
    }
    Ok(candidates)
}

impl Candidate {
    /// Whether the final version of pre-releases that have sections of their own is asked for.
    fn ends_prereleases(&self, wanted: &Wanted) -> bool {
        let last = self.history.last.as_ref();
        wanted.pre.is_none() && last.is_some_and(|(_, tag)| !tag.version.pre.is_empty())
    }
}

/// What all versions of a release share.
struct Frame<'a> {
    base: CommitId,
    branch: &'a str,
    date: &'a str,
    remote: &'a Remote,
    wanted: &'a Wanted,
    /// The specs that components have yet to release that are not released now.
    awaited: HashSet<String>,
}

fn assembled(
    project: &Project,
    frame: &Frame<'_>,
    planned: &mut Planned,
    mut files: Vec<FileChange>,
) -> Result<Plan> {
    let parts = &planned.parts;
    let records: Vec<Record> = parts.iter().map(|part| part.record.clone()).collect();
    let unserved = support_block::refresh(project, frame.base, frame.date, &records, &mut files)?;
    planned.warnings.extend(unserved);
    let path = &project.config.manifest;
    if !path.is_empty() {
        let before = project.repo.file_at(frame.base, path)?;
        let before = before.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let after = manifest::with(before.as_deref(), &records);
        files.push(FileChange::write(path.clone(), after.into_bytes()));
    }
    let who = project.repo.signatures()?;
    let mut plan = Plan {
        relwatch: env!("CARGO_PKG_VERSION").to_owned(),
        config: config_name(project)?,
        date: frame.date.to_owned(),
        branch: frame.branch.to_owned(),
        base: frame.base.to_string(),
        author: who.author,
        committer: who.committer,
        commit_message: String::new(),
        releases: parts.iter().map(|part| part.cutting.clone()).collect(),
        files,
        steps: Vec::new(),
    };
    plan.commit_message = format!("{}\n", OwnCommit::Release(&plan.tags()));
    plan.steps = steps(project, frame, &plan)?;
    Ok(plan)
}

/// Name of the configuration that a plan was made with.
pub fn config_name(project: &Project) -> Result<String> {
    let bytes = files::read(&project.repo.root().join(crate::config::FILE))?;
    Ok(bytes.map_or(String::new(), |bytes| Blob::of(&bytes).to_string()))
}

fn steps(project: &Project, frame: &Frame<'_>, plan: &Plan) -> Result<Vec<Step>> {
    let config = &project.config;
    let mut steps = Vec::new();
    for gate in &config.gates {
        if !frame.wanted.skip_gates.contains(&gate.name) {
            steps.push(Step {
                kind: step::Kind::Gate,
                name: gate.name.clone(),
                run: Some(gate.run.clone()),
                back: Some("nothing to take back".to_owned()),
            });
        }
    }
    let undo = Some("relwatch undo".to_owned());
    steps.push(Step {
        kind: step::Kind::Commit,
        name: match request::is_reviewed(project, frame.branch) {
            true if frame.wanted.push => review_branch(plan),
            _ => format!("{} and {}", plan.branch, plan.tags().join(", ")),
        },
        run: None,
        back: undo,
    });
    let Some(remote) = frame.remote.name.as_ref().filter(|_| frame.wanted.push) else {
        return Ok(steps);
    };
    steps.push(Step {
        kind: step::Kind::Push,
        name: remote.clone(),
        run: None,
        back: None,
    });
    if request::is_reviewed(project, frame.branch) {
        return Ok(steps);
    }
    for cutting in &plan.releases {
        let values = publish_steps::variables(cutting, "", &plan.branch);
        for one in &project.of_tag(&cutting.tag)?.config.publish {
            steps.push(Step {
                kind: step::Kind::Publish,
                name: one.name.clone(),
                run: one
                    .run
                    .as_ref()
                    .or(one.manual.as_ref())
                    .map(|r| values.fill(r)),
                back: one.undo.as_ref().map(|undo| values.fill(undo)),
            });
        }
    }
    if config.archive == ArchiveTime::AfterPublish {
        steps.push(Step {
            kind: step::Kind::Archive,
            name: "completed specs".to_owned(),
            run: None,
            back: Some("git revert".to_owned()),
        });
    }
    Ok(steps)
}

/// The branch on which a release waits for review.
pub fn review_branch(plan: &Plan) -> String {
    let tags = plan.tags();
    format!("release/{}", tags.first().map_or("", String::as_str))
}

/// Decides one version. `None` if it is not released.
fn part(
    candidate: Candidate,
    frame: &Frame<'_>,
    before: &[FileChange],
    typed: Option<&str>,
    planned: &mut Planned,
) -> Result<Option<Part>> {
    let Candidate {
        project,
        history,
        section,
        ..
    } = &candidate;
    let Some(version) = candidate.version.clone() else {
        return Ok(None);
    };
    let repo = &project.repo;
    let name = &project.config.changelog;
    let (base, date, wanted) = (frame.base, frame.date, frame.wanted);
    let checks = &mut planned.checks;
    migrations(history, section, name, checks);
    let tag = project.config.tag_format()?.tag(&version);
    of_tag(project, frame.remote, &tag, checks)?;
    let is_pre = !version.pre.is_empty();
    let rolls = !is_pre || project.config.prerelease == Prerelease::Roll;
    let taken = Document::parse(&candidate.doc);
    if let Some(section) = taken.version(&version.to_string()).filter(|_| rolls) {
        let line = taken.line_number(section.heading.start);
        let detail = format!("{name}:{line} already has a section for {version}");
        let mend = "tag that commit yourself if it is the release, else move its lines to Unreleased and remove its heading, or choose another version";
        checks.fail(CheckId::Section, detail, mend);
    }
    let named = project
        .name()
        .map_or(String::new(), |name| format!("{name} "));
    checks.ok(CheckId::Version, format!("{named}{version}"));
    let kind = kind_of(&version, frame.branch, wanted);
    let number = version;
    let version = number.to_string();
    let mut files = Vec::new();

    let address = repo.remote_url(history.head.branch.as_deref());
    let forge = project.config.forge(address.as_deref());
    let previous = history.last.as_ref().map(|(_, tag)| tag.name.as_str());
    let cut = Cut {
        version: &version,
        date,
        tag: &tag,
        previous_tag: previous,
        forge: forge.as_ref(),
    };
    let mut released = cut::cut(&section.viewed, &cut);
    let generated = notes::generated(&released, &version);
    let mut text = cut::notes(&released, &version).unwrap_or_default();
    let idle = match (&candidate.follows, previous) {
        (Some(other), _) => Some(format!("No changes of its own; it keeps up with {other}.")),
        (None, Some(last)) if section.is_empty() => Some(format!("No changes since {last}.")),
        _ => None,
    };
    // Notes that nobody changed keep every byte.
    if let Some(typed) = typed
        .or(idle.as_deref())
        .filter(|typed| Some(*typed) != generated.as_deref())
    {
        match notes::replaced(&released, &version, typed) {
            Ok(edited) => released = edited,
            Err(why) => checks.fail(
                CheckId::Notes,
                format!("these notes do not fit into {name}: {why}"),
                "edit them, or leave `polish` out with --no-polish",
            ),
        }
        text = typed.to_owned();
    }
    if rolls {
        files.push(FileChange::write(name.clone(), released));
    }
    let before = Base {
        commit: base,
        changes: before,
    };
    files.extend(bumped(&candidate, before, &number, &files, planned)?);
    let checks = &mut planned.checks;
    let mut skipped = Vec::new();
    if rolls {
        if project.config.archive == ArchiveTime::Release {
            let own = history.without(&frame.awaited);
            files.extend(archiving::archive_moves(project, base, &own, date, checks)?);
        }
        let completed = release_spec(project, history, frame, &tag, &version, checks)?;
        files.extend(completed.0);
        skipped.extend(completed.1);
    }
    for gate in &wanted.skip_gates {
        if !project.config.gates.iter().any(|known| known.name == *gate) {
            let known: Vec<String> = project
                .config
                .gates
                .iter()
                .map(|g| g.name.clone())
                .collect();
            let mend = match known.is_empty() {
                true => "relwatch.yml has none".to_owned(),
                false => format!("there are {}", known.join(", ")),
            };
            checks.fail(
                CheckId::Gates,
                format!("there is no gate {}", terminal::printable(gate)),
                mend,
            );
        }
        let reason = inert::inline(wanted.reason.as_deref().unwrap_or_default());
        skipped.push(format!("Gate-Skipped: {gate}: {reason}"));
    }
    of_specs(project, history, &tag, &version, &mut planned.warnings)?;
    let trailers = match skipped.is_empty() {
        true => String::new(),
        false => format!("\n{}\n", skipped.join("\n")),
    };
    let record = Record {
        tag: tag.clone(),
        component: project.name().map(str::to_owned),
        version: version.clone(),
        date: date.to_owned(),
        kind,
        base: base.to_string(),
        specs: match rolls {
            true => told_specs(history, section),
            false => Vec::new(),
        },
        support_until: match kind {
            Kind::Lts => clock::later(date, &project.config.support.lts),
            _ => None,
        },
        skipped,
        withdrawn: None,
    };
    Ok(Some(Part {
        cutting: Cutting {
            component: project.name().map(str::to_owned),
            tag_message: format!("{}\n\n{text}\n{trailers}", title::of_tag(&tag)),
            version,
            tag,
            previous: previous.map(str::to_owned),
        },
        section: candidate.section,
        generated,
        files,
        record,
    }))
}

/// The files that hold the version, and the documents that name it.
fn bumped(
    candidate: &Candidate,
    before: Base<'_>,
    to: &Version,
    others: &[FileChange],
    planned: &mut Planned,
) -> Result<Vec<FileChange>> {
    let Candidate {
        project, history, ..
    } = candidate;
    let last = history.last.as_ref().map(|(_, tag)| &tag.version);
    let bump = Bump {
        to,
        last,
        docs: to.pre.is_empty(), // documents name what users are to use
    };
    let mut files = match version_files::bumped(project, before, bump, &mut planned.warnings) {
        Ok(files) => files,
        Err(failure) => {
            planned
                .checks
                .fail(CheckId::VersionFiles, failure.to_string(), "");
            return Ok(Vec::new());
        }
    };
    files.retain(|file| !others.iter().any(|other| other.path == file.path));
    let count = ui::counted(files.len(), "file to bump", "files to bump");
    planned.checks.ok(CheckId::VersionFiles, count);
    if let Some(last) = last.filter(|_| to.pre.is_empty()) {
        let after = Base {
            changes: &[before.changes, &files].concat(),
            ..before
        };
        let places = version_files::stale(project, after, last, to)?;
        if !places.is_empty() {
            let places = words::shortlist(&places);
            let detail = format!("older versions are still named in {places}");
            planned.checks.warn(CheckId::Docs, detail);
        }
    }
    Ok(files)
}

fn kind_of(version: &Version, branch: &str, wanted: &Wanted) -> Kind {
    match () {
        () if !version.pre.is_empty() => Kind::Prerelease,
        () if wanted.lts => Kind::Lts,
        () if branch.starts_with("hotfix/") => Kind::Hotfix,
        () => Kind::Regular,
    }
}

/// The completed specs that the section tells of.
fn told_specs(history: &History, section: &Section) -> Vec<String> {
    let refs = || section.gathered.entries.iter().flat_map(|e| &e.line.refs);
    let specs = history
        .specs
        .iter()
        .filter(|spec| spec.status == Status::Completed);
    let told = specs.filter(|spec| refs().any(|r| Said::of(r).says(&spec.id)));
    let mut ids: Vec<String> = told.map(|spec| spec.id.clone()).collect();
    ids.sort();
    ids
}

/// Every breaking change must say what its users have to do.
fn migrations(history: &History, section: &Section, name: &str, checks: &mut Checks) {
    for entry in &section.gathered.entries {
        if entry.breaking && !entry.has_migration {
            let line = entry.line.text.lines().next().unwrap_or("");
            let is_its = |spec: &&Spec| entry.line.refs.iter().any(|r| Said::of(r).says(&spec.id));
            let remedy = match history.specs.iter().find(is_its) {
                Some(spec) => format!("add `**Migration:** …` to its note in {}", spec.path),
                None => "add a `BREAKING CHANGE:` footer to its commit".to_owned(),
            };
            let detail = format!("the breaking change `{line}` does not say what users must do");
            let mend = format!("{remedy}, or write its line in {name} yourself");
            checks.fail(CheckId::Migration, detail, mend);
        }
    }
    let breaking = section
        .gathered
        .entries
        .iter()
        .filter(|e| e.breaking)
        .count();
    checks.ok_unless_said(
        CheckId::Migration,
        ui::counted(breaking, "breaking change", "breaking changes"),
    );
}

/// Whether a tag is free, here and on the remote.
pub fn of_tag(project: &Project, remote: &Remote, tag: &str, checks: &mut Checks) -> Result<()> {
    let name = RefName::tag(tag);
    if let Some(at) = project.repo.reference(&name)? {
        let detail = format!("tag {tag} already exists at {}", &at[..7]);
        let mend = "choose another version, or run `relwatch undo` if it is yours and unpushed";
        checks.fail(CheckId::Tag, detail, mend);
    } else {
        checks.ok(CheckId::Tag, format!("{tag} is free"));
    }
    if let (Some(there), Some(refs)) = (&remote.name, &remote.refs) {
        match refs.get(&name) {
            None => checks.ok(CheckId::RemoteTag, format!("{tag} is free on {there}")),
            Some(at) => {
                let detail = format!("tag {tag} is on {there} already, at {}", &at[..7]);
                let mend = format!(
                    "run `git fetch {there} tag {tag}` and choose another version: a public tag is never moved"
                );
                checks.fail(CheckId::RemoteTag, detail, mend);
            }
        }
    }
    Ok(())
}

/// The release spec is completed: its files, and what was skipped of it.
fn release_spec(
    project: &Project,
    history: &History,
    frame: &Frame<'_>,
    tag: &str,
    version: &str,
    checks: &mut Checks,
) -> Result<(Vec<FileChange>, Option<String>)> {
    let Some(spec) = queue::release_spec(history, tag, version) else {
        return Ok((Vec::new(), None));
    };
    let completion = match release_spec::completion(project, frame.base, spec, frame.date) {
        Err(failure) => {
            checks.fail(CheckId::ReleaseSpec, failure.to_string(), "");
            return Ok((Vec::new(), None));
        }
        Ok(completion) => completion,
    };
    let open = &completion.boxes;
    let count = ui::counted(open.len(), "open box", "open boxes");
    let mut skipped = None;
    match &frame.wanted.reason {
        _ if open.is_empty() => {
            checks.ok(CheckId::ReleaseSpec, format!("{} is complete", spec.path))
        }
        Some(reason) if frame.wanted.skip_checklist => {
            let reason = inert::inline(reason);
            skipped = Some(format!("Checklist-Skipped: {count}: {reason}"));
            checks.skip(CheckId::ReleaseSpec, format!("{count}: {reason}"));
        }
        _ => {
            let list = open
                .iter()
                .map(|(line, text)| format!("\n      line {line}: {text}"));
            let mend = format!(
                "tick and commit, or give --skip-checklist --reason TEXT:{}",
                list.collect::<String>()
            );
            checks.fail(
                CheckId::ReleaseSpec,
                format!("{} has {count}", spec.path),
                mend,
            );
        }
    }
    Ok((completion.files, skipped))
}

fn of_specs(
    project: &Project,
    history: &History,
    tag: &str,
    version: &str,
    warnings: &mut Vec<String>,
) -> Result<()> {
    warnings.extend(queue::trouble(project, history)?);
    for other in queue::in_preparation(history).filter(|s| !queue::is_of(s, tag, version)) {
        warnings.push(format!(
            "{} prepares another version than {version}; give its version, or complete it",
            other.path
        ));
    }
    for (release, specs) in queue::unnamed(history) {
        for spec in specs {
            warnings.push(format!(
                "{} is completed and will be released, but {release} does not name it; `relwatch prepare {version}` adds it",
                spec.id
            ));
        }
    }
    Ok(())
}
