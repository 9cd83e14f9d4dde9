//! One version of a release: its notes, its files, its tag and its line in the release manifest. Problems become failed checks; nothing is
//! refused here.

use std::collections::HashSet;

use semver::Version;

use crate::config::release::{ArchiveTime, Prerelease};
use crate::domain::changelog::cut;
use crate::domain::changelog::document::Document;
use crate::domain::changelog::heading::{are_notes_of, is_development};
use crate::domain::changelog::record::Line;
use crate::domain::changelog::version_cut::Cut;
use crate::domain::changelog::{notes, view};
use crate::domain::commit::message::Commit;
use crate::domain::entry::reference::SaidWords;
use crate::domain::failure::Result;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::release::kind::{self, NamedRelease};
use crate::domain::release::manifest::{ReleaseKind, ReleaseRecord};
use crate::domain::release::plan::{Cutting, FileChange, PlannedArchive};
use crate::domain::release::selection::Wait;
use crate::domain::release::texts::{self, TextValues};
use crate::domain::spec::source::Archive;
use crate::domain::spec::{Spec, Status};
use crate::domain::text::words;
use crate::domain::version;
use crate::history::queue;
use crate::history::range::History;
use crate::notes::section_template::CutVersion;
use crate::release::archiving::{self, Leaving};
use crate::release::plan::candidate::Candidate;
use crate::release::plan::frame::{Findings, Frame};
use crate::release::plan::{by_template, checks, migration, placing, release_spec};
use crate::release::version_files::{self, Base, Bump};
use crate::section::contents::SectionContents;
use crate::sys::clock;
use crate::sys::git::SPEC_HELD;
use crate::ui;

/// One version of a release and its sources.
pub struct ReleasePart {
    pub cutting: Cutting,
    pub section: SectionContents,
    /// Changes that hand-written notes do not name and that are not added.
    pub unnamed: Vec<String>,
    /// Notes before editing; `None` if they cannot be edited as text.
    pub generated: Option<String>,
    pub files: Vec<FileChange>,
    /// Specs that their tools' commands archive.
    pub archives: Vec<PlannedArchive>,
    pub record: ReleaseRecord,
    /// Changes by labels of pull requests.
    pub labels: Vec<String>,
}

/// A version while it is decided.
struct VersionDraft<'a> {
    candidate: &'a Candidate,
    frame: &'a Frame<'a>,
    number: &'a Version,
    version: String,
    tag: String,
    /// Whether it gets a section of its own; pre-releases do if `prerelease` says so.
    rolls: bool,
}

/// The notes of a version.
struct VersionNotes {
    text: String,
    generated: Option<String>,
    /// Changelog with the notes.
    released: Vec<u8>,
}

/// Decides one version. `None` if it is not released.
pub fn part(
    candidate: Candidate,
    frame: &Frame<'_>,
    before: &[FileChange],
    typed: Option<&str>,
    findings: &mut Findings,
) -> Result<Option<ReleasePart>> {
    let Some(number) = candidate.version.clone() else {
        return Ok(None);
    };
    let (project, history) = (&candidate.project, &candidate.history);
    let draft = VersionDraft {
        version: history.tags.names.version(&number),
        tag: history.tags.names.tag(&number),
        rolls: number.pre.is_empty() || project.config.prerelease == Prerelease::Roll,
        number: &number,
        candidate: &candidate,
        frame,
    };
    let migration = migration::check(&candidate, frame.wanted, &mut findings.checks);
    let place = draft.may_be_cut(&mut findings.checks)?;
    let unnamed = draft.unnamed();
    findings.warnings.extend(draft.of_notes(&unnamed));
    let VersionNotes {
        text,
        generated,
        released,
    } = draft.notes(typed, &mut findings.checks)?;
    let mut files = Vec::new();
    if draft.rolls {
        let name = project.config.changelog.clone();
        files.push(FileChange::write(name, released));
    }
    files.extend(draft.bumped(before, &files, findings)?);
    let leaving = draft.leaving(&mut findings.checks)?;
    files.extend(leaving.files);
    let mut skipped = Vec::new();
    if draft.rolls {
        let (names, checks) = (draft.names(), &mut findings.checks);
        let completion = release_spec::completion(project, frame, history, names, checks)?;
        files.extend(completion.files);
        skipped.extend(completion.skipped);
    }
    let checks = frame.skipped().chain(migration).chain(place);
    skipped.extend(checks.chain(draft.held()));
    findings.warnings.extend(draft.of_specs()?);
    let record = draft.record(skipped);
    let cutting = draft.cutting(&text, &record);
    Ok(Some(ReleasePart {
        cutting,
        section: candidate.section,
        labels: candidate.labels,
        unnamed,
        generated,
        files,
        archives: leaving.by_command,
        record,
    }))
}

impl VersionDraft<'_> {
    /// Its tag and its version.
    fn names(&self) -> [&str; 2] {
        [&self.tag, &self.version]
    }

    /// Checks that the changelog and the tags have a place for it. Returns what was skipped, for the tag and the manifest.
    fn may_be_cut(&self, checks: &mut Checks) -> Result<Option<String>> {
        let Candidate { project, .. } = self.candidate;
        let version = &self.version;
        checks::of_tag(project, self.frame.remote, &self.tag, checks)?;
        let place = self
            .rolls
            .then(|| placing::check(self.candidate, self.number, self.frame.wanted, checks));
        let named = project
            .name()
            .map_or(String::new(), |name| format!("{name} "));
        checks.ok(CheckId::Version, format!("{named}{version}"));
        Ok(place.flatten())
    }

    /// The version of hand-written notes, if it is this one.
    fn known_notes(&self) -> Option<&str> {
        // A pre-release without a section of its own uses the notes written for its version.
        let core = version::core(self.number);
        let is_its = |known: &&String| {
            are_notes_of(known, self.number) || !self.rolls && are_notes_of(known, &core)
        };
        let known = self.candidate.section.to_come.as_ref();
        known.filter(is_its).map(String::as_str)
    }

    /// The changelog with the section of the version, and the version as its heading has it.
    fn released(&self, cut: &Cut<'_>) -> (Vec<u8>, String) {
        let Candidate {
            history, section, ..
        } = self.candidate;
        let core = version::core(self.number);
        let Some(known) = self.known_notes() else {
            return (cut::cut(&section.viewed, cut), cut.version.to_owned());
        };
        // Notes headed `1.3.0-dev` are released as 1.3.0.
        let version = if is_development(known) {
            history.tags.names.version(&core)
        } else {
            known.to_owned()
        };
        let cut = Cut {
            version: &version,
            ..cut.clone()
        };
        let released = cut::take(&self.with_missing(known), known, &cut);
        (released, version)
    }

    /// The sentence for a version without changes.
    fn idle(&self) -> Option<String> {
        let Candidate {
            history,
            section,
            follows,
            ..
        } = self.candidate;
        match (follows, self.previous()) {
            (Some(other), _) => Some(format!("No changes of its own; it keeps up with {other}.")),
            (None, Some(last)) if section.is_empty() => Some(match history.commits.as_slice() {
                [] => format!("No changes since {last}."),
                _ => format!("No changes for users since {last}."),
            }),
            _ => None,
        }
    }

    /// The generated notes, or those that the user typed.
    fn notes(&self, typed: Option<&str>, checks: &mut Checks) -> Result<VersionNotes> {
        let Candidate {
            project,
            history,
            section,
            ..
        } = self.candidate;
        let version = self.version.as_str();
        let address = project.repo.remote_url(history.head.branch.as_deref());
        let forge = project.config.forge(address.as_deref());
        let previous = self.previous();
        let cut = Cut {
            version,
            date: self.frame.date,
            tag: &self.tag,
            previous_tag: previous,
            forge: forge.as_ref(),
            stored: &section.doc,
        };
        let (mut released, version) = self.released(&cut);
        let version = version.as_str();
        let idle = self.idle();
        if idle.is_none() {
            let cut = Cut { version, ..cut };
            released = self.by_template(released, &cut, checks)?;
        }
        let generated = notes::generated(&released, version);
        let mut text = cut::notes(&released, version).unwrap_or_default();
        if idle.is_some() && cut::notes(&released, version).is_none() {
            released = with_place(&section.doc, &cut);
        }
        // Unchanged notes keep every byte.
        if let Some(typed) = typed
            .or(idle.as_deref())
            .filter(|typed| Some(*typed) != generated.as_deref())
        {
            match notes::replaced(&released, version, typed) {
                Ok(edited) => released = edited,
                Err(why) => checks.fail(
                    CheckId::Notes,
                    format!(
                        "these notes do not fit into {}: {why}",
                        project.config.changelog
                    ),
                    "edit them, or leave `polish` out with --no-polish",
                ),
            }
            text = typed.to_owned();
        }
        Ok(VersionNotes {
            text,
            generated,
            released,
        })
    }

    /// The changelog with the section rendered by the project's template, if there is one. Hand-written notes for the version stay
    /// unchanged.
    fn by_template(
        &self,
        released: Vec<u8>,
        cut: &Cut<'_>,
        checks: &mut Checks,
    ) -> Result<Vec<u8>> {
        let Candidate {
            project,
            history,
            section,
            ..
        } = self.candidate;
        let written = match self.known_notes() {
            None => cut::cut(&section.doc, cut),
            Some(known) if section.awaits_notes() => cut::take(&section.doc, known, cut),
            Some(_) => return Ok(released),
        };
        let version = CutVersion {
            project,
            history,
            section,
            cut,
            facts: &self.candidate.facts,
        };
        by_template::replaced(version, released, &written, checks)
    }

    /// Changes that hand-written notes do not name, if they are not to be added.
    fn unnamed(&self) -> Vec<String> {
        let section = &self.candidate.section;
        if section.to_come.is_none() || self.adds_missing() {
            return Vec::new();
        }
        let entries = section.gathered.entries.iter();
        let lines = entries.filter_map(|entry| entry.line.text.lines().next());
        lines.map(str::to_owned).collect()
    }

    /// Warnings about hand-written notes that do not name these changes.
    fn of_notes(&self, unnamed: &[String]) -> impl Iterator<Item = String> {
        let said = || {
            let count = ui::counted(unnamed.len(), "change is", "changes are");
            let (name, version) = (&self.candidate.project.config.changelog, &self.version);
            let lines = words::shortlist(unnamed);
            format!(
                "{count} not named in the notes of {version} in {name}: {lines}; --add-missing adds them"
            )
        };
        let said = (!unnamed.is_empty()).then(said);
        said.into_iter().chain(self.other_day())
    }

    /// A warning about hand-written notes with another date than today: that date stays.
    fn other_day(&self) -> Option<String> {
        let Candidate {
            project, section, ..
        } = self.candidate;
        let version = section.to_come.as_ref()?;
        let day = Document::parse(&section.doc).date_of(version)?;
        let name = &project.config.changelog;
        (day != self.frame.date)
            .then(|| format!("{name} dates {version} with {day}, which is not today; it stays so"))
    }

    /// Whether changes that hand-written notes do not name are added to them: if the user asks for it, or if the notes are still in
    /// preparation.
    fn adds_missing(&self) -> bool {
        self.frame.wanted.add_missing || self.candidate.section.awaits_notes()
    }

    /// Checks that no text of a fragment is lost: fragments are deleted with the release, also those that hand-written notes do not name.
    fn keeps_texts(&self, checks: &mut Checks) {
        let Candidate {
            project,
            history,
            section,
            ..
        } = self.candidate;
        let Some(version) = &section.to_come else {
            return;
        };
        let entries = section.gathered.entries.iter();
        let unnamed: HashSet<&str> = entries
            .flat_map(|entry| &entry.line.refs)
            .map(|reference| reference.split('/').next().unwrap_or(reference))
            .collect();
        let is_lost = |spec: &&Spec| {
            let source = project.source_of(spec);
            source.is_some_and(|source| source.archive == Archive::Delete)
                && unnamed.contains(spec.id.split('/').next().unwrap_or(&spec.id))
        };
        let lost = history.specs.iter().filter(is_lost);
        let lost: Vec<String> = lost.map(|spec| spec.path.clone()).collect();
        if lost.is_empty() || self.adds_missing() {
            return;
        }
        checks.fail(
            CheckId::Specs,
            format!(
                "the notes of {version} in {} do not name {}, which a release deletes",
                project.config.changelog,
                words::shortlist(&lost)
            ),
            format!(
                "add their texts with --add-missing; if {version} is released already, make its tag, {}",
                self.tag
            ),
        );
    }

    /// The hand-written changelog, with the changes that it does not name added if that is wanted.
    fn with_missing(&self, version: &str) -> Vec<u8> {
        let Candidate {
            project, section, ..
        } = self.candidate;
        let gathered = &section.gathered;
        let lines: Vec<Line> = gathered.entries.iter().map(|e| e.line.clone()).collect();
        let order = project.config.categories.titles(gathered.security());
        let add = || view::added_to(&section.doc, version, &lines, &order);
        let added = self.adds_missing().then(add).flatten();
        added.unwrap_or_else(|| section.doc.clone())
    }

    /// Tag of the previous release.
    fn previous(&self) -> Option<&str> {
        let last = self.candidate.history.last.as_ref();
        last.map(|last| last.tag.name.as_str())
    }

    /// The files that contain the version, and the documents that name it.
    fn bumped(
        &self,
        before: &[FileChange],
        others: &[FileChange],
        findings: &mut Findings,
    ) -> Result<Vec<FileChange>> {
        let Candidate {
            project, history, ..
        } = self.candidate;
        let to = self.number;
        let last = history.last.as_ref().map(|last| &last.tag.version);
        let bump = Bump {
            to,
            last,
            tagged: &history.tags.versions,
            docs: Some(to).filter(|to| to.pre.is_empty()), // documents name what users are to use
        };
        let base = Base {
            commit: self.frame.base,
            changes: before,
        };
        let mut files = match version_files::bumped(project, base, bump, &mut findings.warnings) {
            Ok(files) => files,
            Err(failure) => {
                findings
                    .checks
                    .fail(CheckId::VersionFiles, failure.to_string(), "");
                return Ok(Vec::new());
            }
        };
        files.retain(|file| !others.iter().any(|other| other.path == file.path));
        let count = ui::counted(files.len(), "file to bump", "files to bump");
        findings.checks.ok(CheckId::VersionFiles, count);
        if let Some(last) = last.filter(|_| to.pre.is_empty()) {
            let after = Base {
                changes: &[base.changes, &files].concat(),
                ..base
            };
            let places = version_files::stale(project, after, last, to, &history.tags.versions)?;
            if !places.is_empty() {
                let places = words::shortlist(&places);
                let detail = format!("older versions are still named in {places}");
                findings.checks.warn(CheckId::Docs, detail);
            }
        }
        Ok(files)
    }

    /// The specs to archive.
    fn leaving(&self, checks: &mut Checks) -> Result<Leaving> {
        let Candidate {
            project, history, ..
        } = self.candidate;
        let Frame { base, date, .. } = *self.frame;
        if self.rolls {
            self.keeps_texts(checks);
        }
        if !self.rolls || project.config.archive != ArchiveTime::Release {
            return Ok(Leaving::default());
        }
        let own = history.without(&self.frame.awaited);
        let released = &history.released_specs;
        archiving::leaving(project, base, &own, released, date, checks)
    }

    /// Warnings about specs: invalid ones, and completed ones that the release does not contain.
    fn of_specs(&self) -> Result<Vec<String>> {
        let Candidate {
            project,
            history,
            section,
            ..
        } = self.candidate;
        let version = &self.version;
        let mut warnings = queue::trouble(project, history)?;
        let others = queue::in_preparation(history);
        let others = others.filter(|spec| !queue::is_of(spec, &self.tag, version));
        warnings.extend(others.map(|other| {
            format!(
                "{} prepares another version than {version}; give its version, or complete it",
                other.path
            )
        }));
        warnings.extend(section.gathered.waiting().map(|(id, wait)| match wait {
            Wait::NotNamed(_) => format!("{id} {wait}; `relwatch prepare {version}` adds it"),
            _ => format!("{id} {wait}"),
        }));
        Ok(warnings)
    }

    /// Completed specs that wait, for the tag and the manifest: so the next release knows that they are unreleased.
    fn held(&self) -> impl Iterator<Item = String> {
        let waiting = self.candidate.section.gathered.waiting();
        waiting.map(|(id, _)| format!("{SPEC_HELD}{id}"))
    }

    /// Its line in the release manifest.
    fn record(&self, skipped: Vec<String>) -> ReleaseRecord {
        let Candidate {
            project,
            history,
            section,
            ..
        } = self.candidate;
        let Frame { base, date, .. } = *self.frame;
        let kind = self.kind();
        ReleaseRecord {
            tag: self.tag.clone(),
            component: project.name().map(str::to_owned),
            version: self.version.clone(),
            date: date.to_owned(),
            kind,
            base: base.to_string(),
            specs: if self.rolls {
                told_specs(history, section)
            } else {
                Vec::new()
            },
            support_until: match kind {
                ReleaseKind::Lts => clock::later(date, &project.config.support.lts),
                _ => None,
            },
            skipped,
            withdrawn: None,
        }
    }

    /// The requested kind; else hotfix, if the branch is one or a merged hotfix is what is being released.
    fn kind(&self) -> ReleaseKind {
        let Candidate {
            project, history, ..
        } = self.candidate;
        let named = NamedRelease {
            version: self.number,
            tag: &self.tag,
            is_component: project.name().is_some(),
        };
        let merges = |one: &Commit| kind::merges_hotfix(&one.message.subject, named);
        match self.frame.wanted.kind {
            _ if !self.number.pre.is_empty() => ReleaseKind::Prerelease,
            Some(kind) => kind,
            None if self.frame.branch.starts_with("hotfix/") => ReleaseKind::Hotfix,
            None if history.commits.iter().any(merges) => ReleaseKind::Hotfix,
            None => ReleaseKind::Regular,
        }
    }

    /// The version to release, with the message of its tag.
    fn cutting(&self, text: &str, record: &ReleaseRecord) -> Cutting {
        let mut trailers = kind::trailers(record);
        trailers.extend(record.skipped.iter().cloned());
        let mut cutting = Cutting {
            component: self.candidate.project.name().map(str::to_owned),
            version: self.version.clone(),
            tag: self.tag.clone(),
            notes: text.to_owned(),
            tag_message: String::new(),
            previous: self.previous().map(str::to_owned),
        };
        let template = &self.candidate.project.config.messages.tag;
        let values = TextValues::new([&cutting], self.frame.branch, record.kind);
        cutting.tag_message = texts::with_trailers(&template.filled(&values), &trailers);
        cutting
    }
}

/// The completed specs listed in the section.
fn told_specs(history: &History, section: &SectionContents) -> Vec<String> {
    let refs = || section.gathered.entries.iter().flat_map(|e| &e.line.refs);
    let specs = history
        .specs
        .iter()
        .filter(|spec| spec.status == Status::Completed);
    let told = specs.filter(|spec| refs().any(|r| SaidWords::new(r).says(&spec.id)));
    let mut ids: Vec<String> = told.map(|spec| spec.id.clone()).collect();
    ids.sort();
    ids
}

/// A changelog with an empty section for the version, if it has no Unreleased heading.
fn with_place(doc: &[u8], cut: &Cut<'_>) -> Vec<u8> {
    let line = Line {
        category: String::new(),
        text: "-".to_owned(), // replaced by its notes
        refs: Vec::new(),
    };
    let (viewed, _) = view::view(doc, &[line], &[]);
    cut::cut(&viewed, cut)
}
