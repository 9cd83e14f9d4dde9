//! `relwatch explain REF`: why a commit, a spec, an issue or a line is in the section, or is not.

use std::collections::{HashMap, HashSet};
use std::fmt;

use clap_complete::ArgValueCandidates;
use serde_json::json;

use crate::commands::{Context, values};
use crate::config::Storage;
use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::title::Title;
use crate::domain::changelog::tracked::{self, TrackedEntry};
use crate::domain::commit::id::{Abbreviation, CommitId};
use crate::domain::commit::message::Commit;
use crate::domain::entry::model::{Entry, Omission, Origin};
use crate::domain::entry::reason::Reason;
use crate::domain::entry::reference::{self, References};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::spec::Spec;
use crate::domain::text::{terminal, words};
use crate::domain::version::form;
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::previous::{self, PreviousRelease};
use crate::history::range::History;
use crate::project::Project;
use crate::section::contents::SectionContents;
use crate::section::follow;
use crate::section::stored::{self, EXPLANATION, StoredLine};
use crate::section::subject::{Subject, issues_by_commit, names_commit};
use crate::section::working_file::WorkingFile;
use crate::sys::git::Head;
use crate::ui::{self, Report};

/// Explain why a commit, a spec, an issue or a line is listed or not, or which release came before another.
#[derive(Debug, clap::Args)]
pub struct ExplainArguments {
    /// `#12`, a commit, a spec ID, words of a line, or the tag of a release.
    #[arg(add = ArgValueCandidates::new(values::specs))]
    reference: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// One thing that was asked about, and what is known of it.
struct Fact {
    what: &'static str,
    reference: String,
    subject: String,
    state: ChangeState,
    says: Vec<String>,
}

/// Where a change or a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ChangeState {
    Listed,
    Covered,
    LeftOut,
    Released(ReleasedIn),
    ByHand,
    /// On another branch.
    Elsewhere,
    /// In other components.
    Outside,
}

/// The release that contains something.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ReleasedIn {
    Tag(String),
    /// A heading of the changelog.
    Heading(String),
    /// No tag is known.
    Earlier,
}

impl ChangeState {
    /// As `--json` writes it.
    fn word(&self) -> &'static str {
        match self {
            ChangeState::Listed => "listed",
            ChangeState::Covered => "covered",
            ChangeState::LeftOut => "left out",
            ChangeState::Released(_) => "released",
            ChangeState::ByHand => "by hand",
            ChangeState::Elsewhere => "elsewhere",
            ChangeState::Outside => "outside",
        }
    }
}

impl fmt::Display for ReleasedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReleasedIn::Tag(name) | ReleasedIn::Heading(name) => name,
            ReleasedIn::Earlier => "an earlier release",
        })
    }
}

/// Runs the command, for every component; those that have nothing to do with it stay silent if another one has.
pub fn run(arguments: ExplainArguments, context: &Context) -> Result<Report> {
    let project = context.open()?;
    let words = arguments.reference.trim();
    if !words.contains(char::is_alphanumeric) {
        return Err(Failure::new(
            Exit::Usage,
            "explain what? give `#12`, a commit, a spec ID or words of a line",
        ));
    }
    let head = project.repo.head()?;
    let parts = project.components();
    let mut found: Vec<(Option<&str>, Fact)> = Vec::new();
    let mut warnings = Vec::new();
    for part in &parts {
        let (facts, warned) = facts(part, head.clone(), words)?;
        found.extend(facts.into_iter().map(|fact| (part.name(), fact)));
        warnings.extend(warned);
    }
    let is_inside = |(_, fact): &(Option<&str>, Fact)| fact.state != ChangeState::Outside;
    if found.iter().any(is_inside) {
        found.retain(is_inside);
    }
    if found.is_empty() {
        let names: Vec<&str> = parts.iter().map(|p| p.config.changelog.as_str()).collect();
        let remedy = "`relwatch status --all` lists what there is".to_owned();
        warnings.insert(0, remedy);
        return Err(Failure::failed(format!(
            "`{}` is no commit, spec, issue or line of {}",
            terminal::printable(words),
            names.join(", ")
        ))
        .with_remedy(warnings.join("; ")));
    }
    let report = report(words, &found).as_json(arguments.json);
    Ok(report.with_warnings(warnings))
}

/// The facts, each with its component, as text and as JSON.
fn report(words: &str, found: &[(Option<&str>, Fact)]) -> Report {
    let mut out = String::new();
    for (component, fact) in found {
        let place = component.map_or(String::new(), |name| format!("{name}: "));
        out.push_str(&format!("{place}{} {}", fact.what, fact.reference));
        out.push_str(&match fact.subject.as_str() {
            "" => "\n".to_owned(),
            subject => format!("  {subject}\n"),
        });
        for line in &fact.says {
            out.push_str(&format!("  {line}\n"));
        }
    }
    let facts = found.iter().map(|(component, f)| {
        let mut fact = json!({
            "what": f.what,
            "reference": f.reference,
            "subject": f.subject,
            "state": f.state.word(),
            "says": f.says,
        });
        if let Some(component) = component {
            fact["component"] = json!(component);
        }
        fact
    });
    let json = json!({"schema": 1, "asked": words, "facts": facts.collect::<Vec<_>>()});
    Report::answer(out).with_json(json)
}

/// The tag that releases an issue or a commit of this changelog, if one does.
pub fn released_in(project: &Project, head: Head, words: &str) -> Result<Option<String>> {
    let (facts, _) = facts(project, head, words)?;
    let is_issue = reference::issues(words).any(|issue| issue == words);
    let release = facts.into_iter().find_map(|fact| match fact.state {
        ChangeState::Released(release) if fact.what == "commit" || is_issue => Some(release),
        _ => None,
    });
    let Some(release) = release else {
        return Ok(None);
    };
    if let ReleasedIn::Heading(title) = &release
        && let Some(version) = form::read(title)
    {
        return Ok(Some(project.tag_of(&version)?));
    }
    Ok(Some(release.to_string()))
}

/// What is known of it in one changelog, and what people should be warned of.
fn facts(project: &Project, head: Head, words: &str) -> Result<(Vec<Fact>, Vec<String>)> {
    let file = WorkingFile::read_at(project, head)?;
    let (history, section) = (&file.history, file.section()?);
    let asked = Asked {
        project,
        history,
        section: &section,
        issues: issues_by_commit(history),
        lines: tracked::listed(&section.viewed),
        stored: match project.config.storage {
            Storage::View => stored::kept(project, history, &section.doc)?,
            Storage::Tracked => Vec::new(),
        },
    };
    if let Some(fact) = asked.release(words)? {
        return Ok((vec![fact], file.history.warnings));
    }
    let mut facts = match Subject::find(project, history, words) {
        Some(Subject::Commit(commit)) => vec![asked.commit(commit)?],
        Some(Subject::Spec(spec)) => asked.spec(spec)?,
        Some(Subject::Issue(issue)) => asked.issue(&issue)?,
        None => asked.released_or_elsewhere(words)?,
    };
    if facts.is_empty() {
        facts = asked.lines(words)?;
    }
    let mut warnings = file
        .stale(&section)?
        .map_or(Vec::new(), |stale| vec![stale]);
    warnings.extend(file.history.warnings);
    Ok((facts, warnings))
}

struct Asked<'a> {
    project: &'a Project,
    history: &'a History,
    section: &'a SectionContents,
    issues: HashMap<CommitId, Vec<String>>,
    /// Every entry of Unreleased as people see it.
    lines: Vec<TrackedEntry>,
    stored: Vec<StoredLine>,
}

impl Asked<'_> {
    fn names(&self, named: &References, commit: &Commit) -> bool {
        names_commit(named, commit, &self.issues[&commit.id])
    }

    /// A release, by its tag: which one was before it, and why.
    fn release(&self, words: &str) -> Result<Option<Fact>> {
        let Some(version) = self.project.config.tag.version(words) else {
            return Ok(None);
        };
        let commit = self.project.repo.resolved(&RefName::tag(words));
        let Some(commit) = commit else {
            return Ok(None);
        };
        let mut reader = CommitReader::new(self.project, CachePolicy::Yes);
        let (last, sides) = previous::before(self.project, commit, Some(&version), &mut reader)?;
        let count = ui::counted(sides.ahead.len(), "commit", "commits");
        let says = match last {
            Some(PreviousRelease { tag, why, .. }) => {
                format!(
                    "the release before it is {}: {why}; {count} since",
                    tag.name
                )
            }
            None => format!("the first release: {count}"),
        };
        let last = self.history.last.as_ref();
        let is_last = last.filter(|last| last.tag.name == words);
        let here = is_last.map(|last| format!("the release before HEAD: {}", last.why));
        Ok(Some(Fact {
            what: "release",
            reference: words.to_owned(),
            subject: commit.short().to_string(),
            state: ChangeState::Released(ReleasedIn::Tag(words.to_owned())),
            says: here.into_iter().chain([says]).collect(),
        }))
    }

    fn commit(&self, commit: &Commit) -> Result<Fact> {
        let reference = commit.short().to_string();
        let (state, says) = if commit.is_merge() {
            (
                ChangeState::LeftOut,
                vec!["excluded: a merge commit is no entry".to_owned()],
            )
        } else {
            self.state_of(&reference, &|named| self.names(named, commit))?
        };
        Ok(Fact {
            what: "commit",
            reference,
            subject: terminal::printable(&commit.message.subject),
            state,
            says,
        })
    }

    fn spec(&self, spec: &Spec) -> Result<Vec<Fact>> {
        let (state, mut says) = self.state_of(&spec.id, &|named| named.word(&spec.id))?;
        if says.is_empty() {
            says.push(format!("excluded: not completed ({})", spec.path));
        }
        let mut facts = vec![Fact {
            what: "spec",
            reference: spec.id.clone(),
            subject: terminal::printable(&spec.title),
            state,
            says,
        }];
        let covered = self.section.gathered.covered.iter();
        let inferred: HashSet<&str> = covered
            .filter(|omission| matches!(&omission.reason, Reason::CommitOfSpec(id, _) if *id == spec.id))
            .map(|omission| omission.reference.as_str())
            .collect();
        let listed = |c: &&Commit| {
            let is_it = |id: &String| Abbreviation::parse(id).is_some_and(|id| id.names(&c.id));
            let by_spec = spec.commits.iter().any(is_it);
            by_spec || c.message.specs.contains(&spec.id) || inferred.contains(&*c.short())
        };
        for commit in self.history.commits.iter().filter(listed) {
            facts.push(self.commit(commit)?);
        }
        Ok(facts)
    }

    fn issue(&self, issue: &String) -> Result<Vec<Fact>> {
        let commits = self.history.commits.iter();
        let commits = commits.filter(|c| self.issues[&c.id].contains(issue));
        commits.map(|c| self.commit(c)).collect()
    }

    /// Where a change went: into an entry, behind another one, or out.
    fn state_of(
        &self,
        reference: &str,
        named_by: &dyn Fn(&References) -> bool,
    ) -> Result<(ChangeState, Vec<String>)> {
        let gathered = &self.section.gathered;
        let of = |omissions: &[Omission]| {
            let mut omissions = omissions.iter();
            let found = omissions.find(|omission| omission.reference == reference);
            found.map(|omission| omission.reason.clone())
        };
        if let Some(reason) = of(&gathered.outside) {
            return Ok((ChangeState::Outside, vec![reason.to_string()]));
        }
        let own = |e: &&Entry| {
            let mut refs = e.line.refs.iter();
            refs.any(|r| r == reference || r.starts_with(&format!("{reference}/")))
        };
        let says: Vec<String> = gathered
            .entries
            .iter()
            .filter(own)
            .map(|e| {
                format!(
                    "listed under {}: {}",
                    e.line.category,
                    first_line(&e.line.text)
                )
            })
            .collect();
        if !says.is_empty() {
            return Ok((ChangeState::Listed, says));
        }
        if let Some(reason) = of(&gathered.covered) {
            return Ok((ChangeState::Covered, self.covered(&reason, named_by)?));
        }
        match of(&gathered.left_out) {
            Some(reason) => Ok((ChangeState::LeftOut, self.left_out(&reason, named_by)?)),
            None => Ok((ChangeState::LeftOut, Vec::new())),
        }
    }

    /// What precedes a change, with the hand-written lines that name it.
    fn covered(
        &self,
        reason: &Reason,
        named_by: &dyn Fn(&References) -> bool,
    ) -> Result<Vec<String>> {
        let mut says = vec![format!("superseded by {reason}")];
        for line in self.hand_written() {
            if named_by(&References::read(&line.text)) {
                says.push(format!("{}: {}", self.place(line), first_line(&line.text)));
                says.extend(self.origin(line)?);
            }
        }
        Ok(says)
    }

    /// The author of a line that is not generated, and whether it may have been relwatch.
    fn origin(&self, line: &TrackedEntry) -> Result<Vec<String>> {
        let mut says = vec![self.written(&line.text)?];
        let is_it = |stored: &StoredLine| stored.entry.text == line.text;
        if self.stored.iter().any(is_it) {
            says.push(EXPLANATION.to_owned());
        }
        Ok(says)
    }

    /// Why a change is excluded, with the comments that exclude it.
    fn left_out(
        &self,
        reason: &Reason,
        named_by: &dyn Fn(&References) -> bool,
    ) -> Result<Vec<String>> {
        let mut says = vec![format!("excluded: {reason}")];
        for skipped in Exclusion::Skip.named(&Document::parse(&self.section.doc)) {
            let mut named = References::read(&skipped);
            follow::extend(self.project, self.history, &mut named);
            if *reason == Reason::SkippedByHand && named_by(&named) {
                says.push(format!(
                    "by the comment `<!-- relwatch:skip {skipped} … -->`"
                ));
                says.push(self.written(&format!("relwatch:skip {skipped}"))?);
                let word = words::shell_word(&skipped);
                says.push(format!("`relwatch skip --undo {word}` undoes it"));
            }
        }
        Ok(says)
    }

    /// A commit that is no longer, or not here, to be released.
    fn released_or_elsewhere(&self, words: &str) -> Result<Vec<Fact>> {
        let repo = &self.project.repo;
        let mut facts = Vec::new();
        if let Some(id) = repo.resolved(words) {
            let reading = self.project.config.reading();
            let commit = repo.commit_read(id, &reading)?;
            let subject = &commit.message.subject;
            let component = self.project.config.component.as_ref();
            let head = self.history.head.commit;
            let is_in_head = head.map_or(Ok(false), |head| repo.contains(head, id))?;
            let (state, says) = if let Some(other) = component.filter(|c| !c.has(&commit)) {
                let reason = Reason::NotOf(other.name.clone());
                (ChangeState::Outside, reason.to_string())
            } else if is_in_head {
                let mut first = None;
                for (tagged, tag) in self.history.tags.by_commit() {
                    let earlier = first
                        .as_ref()
                        .is_none_or(|f: &crate::sys::git::ReleaseTag| tag.version < f.version);
                    if earlier && repo.contains(tagged, id)? {
                        first = Some(tag);
                    }
                }
                let release = first.map_or(ReleasedIn::Earlier, |tag| ReleasedIn::Tag(tag.name));
                let says = format!("released in {release}");
                (ChangeState::Released(release), says)
            } else {
                let branch = self.history.head.branch.as_deref().unwrap_or("HEAD");
                (
                    ChangeState::Elsewhere,
                    format!("not in the history of {branch}"),
                )
            };
            facts.push(Fact {
                what: "commit",
                reference: id.short().to_string(),
                subject: terminal::printable(subject),
                state,
                says: vec![says],
            });
        }
        Ok(facts)
    }

    /// Lines of Unreleased and of released sections that contain these words.
    fn lines(&self, words: &str) -> Result<Vec<Fact>> {
        let words = words
            .trim_start_matches(['-', '*', '+', ' '])
            .to_lowercase();
        let issue = reference::issues(&words).find(|issue| *issue == words);
        let fits = |line: &str| match &issue {
            Some(issue) => References::read(line).issue(issue),
            None => line.to_lowercase().contains(&words),
        };
        let mut facts = Vec::new();
        for line in self.lines.iter().filter(|l| fits(&l.text)) {
            let mut entries = self.section.gathered.entries.iter();
            let (state, says) = match entries.find(|e| line.says(&e.line)) {
                Some(entry) => (ChangeState::Listed, vec![generated_from(entry)]),
                None => (ChangeState::ByHand, self.by_hand(line)?),
            };
            facts.push(Fact {
                what: "line",
                reference: self.place(line),
                subject: first_line(&line.text).to_owned(),
                state,
                says,
            });
        }
        facts.extend(self.released_lines(&fits));
        Ok(facts)
    }

    /// Who wrote a line, and the changes that it names.
    fn by_hand(&self, line: &TrackedEntry) -> Result<Vec<String>> {
        let mut says = self.origin(line)?;
        let mut named = References::read(&line.text);
        follow::extend(self.project, self.history, &mut named);
        let commits = self.history.commits.iter();
        for commit in commits.filter(|c| self.names(&named, c)) {
            let subject = terminal::printable(&commit.message.subject);
            let reference = commit.short().to_string();
            let mut covered = self.section.gathered.covered.iter();
            let does = if covered.any(|omission| omission.reference == reference) {
                "covers"
            } else {
                "names" // it is reverted, skipped or no entry at all
            };
            says.push(format!("{does} commit {reference}  {subject}"));
        }
        for spec in self.history.specs.iter().filter(|s| named.word(&s.id)) {
            let title = terminal::printable(&spec.title);
            says.push(format!("supersedes spec {}  {title}", spec.id));
        }
        Ok(says)
    }

    fn released_lines(&self, fits: &dyn Fn(&str) -> bool) -> Vec<Fact> {
        let doc = Document::parse(&self.section.viewed);
        let mut facts = Vec::new();
        for section in &doc.sections {
            let Title::Version(version) = &section.title else {
                continue;
            };
            for item in section.categories.iter().flat_map(|c| &c.items) {
                let line = doc.text(item);
                if fits(&line) {
                    let place = doc.line_number(item.start);
                    facts.push(Fact {
                        what: "line",
                        reference: format!("{}:{place}", self.project.config.changelog),
                        subject: terminal::printable(first_line(line.trim())),
                        state: ChangeState::Released(ReleasedIn::Heading(version.to_string())),
                        says: vec![format!("released in {version}")],
                    });
                }
            }
        }
        facts
    }

    fn hand_written(&self) -> impl Iterator<Item = &TrackedEntry> {
        let entries = &self.section.gathered.entries;
        self.lines
            .iter()
            .filter(|line| !entries.iter().any(|e| line.says(&e.line)))
    }

    fn place(&self, line: &TrackedEntry) -> String {
        let doc = Document::parse(&self.section.viewed);
        format!(
            "{}:{}",
            self.project.config.changelog,
            doc.line_number(line.span.start)
        )
    }

    fn written(&self, text: &str) -> Result<String> {
        let line = first_line(text);
        let commit = self
            .project
            .repo
            .introduced(&self.project.config.changelog, line)?;
        Ok(match commit {
            Some((id, author, date)) => {
                let author = terminal::printable(&author);
                format!("written by hand: {author} in {id} on {date}")
            }
            None => "written by hand, not committed yet".to_owned(),
        })
    }
}

/// Where an entry is from.
fn generated_from(entry: &Entry) -> String {
    let refs = entry.line.refs.join(", ");
    let source = match entry.source {
        Origin::Commit => "commit",
        Origin::Spec => "spec",
    };
    format!("generated from {source} {refs}")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}
