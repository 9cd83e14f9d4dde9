//! Content of a release's page besides its section of the changelog: the release spec, the upgrade guide, the contributors, and the
//! comparison with the previous release.

use std::collections::HashSet;

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::failure::Result;
use crate::domain::forge::Forge;
use crate::domain::forge_facts::facts::{self, ForgeFacts};
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::release::pieces::Piece;
use crate::domain::release::release_body::{Contributor, Group, ReleaseBody};
use crate::domain::spec::{Spec, body};
use crate::domain::text::inert;
use crate::domain::version::form;
use crate::history::between;
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::forge_facts::{self, FactsWanted};
use crate::history::previous;
use crate::history::range::History;
use crate::history::{queue, spec_files};
use crate::project::reach::Reach;
use crate::project::{self, Project};
use crate::sys::files;
use crate::sys::git::people::People;

/// Paths of upgrade guides; the first that exists is used.
const GUIDES: &[&str] = &[
    "docs/UPGRADE.md",
    "docs/UPGRADING.md",
    "UPGRADE.md",
    "UPGRADING.md",
    "docs/MIGRATION.md",
    "MIGRATION.md",
];

/// Sections of a release spec and the group that each goes into; `None` is the summary.
const SPEC_SECTIONS: &[(&str, Option<Group>)] = &[
    ("## Summary", None),
    ("## Highlights", None),
    ("## Upgrade", Some(Group::Upgrade)),
    ("## Upgrade Instructions", Some(Group::Upgrade)),
    ("## Known Issues", Some(Group::KnownIssues)),
];

/// Start of a body's range of commits.
pub enum Start {
    /// The previous release, whichever that is.
    Previous,
    Tag(String),
    /// A commit, with the user's name for it.
    Commit(CommitId, String),
    /// The first commit.
    Root,
}

/// End of a body's range of commits.
pub enum SpanEnd {
    Head,
    /// HEAD, which is going to get this tag.
    Upcoming(String),
    Tag(String),
    Commit(CommitId),
}

impl SpanEnd {
    /// Its tag, if that exists.
    pub fn tag(&self) -> Option<&str> {
        match self {
            SpanEnd::Tag(tag) => Some(tag),
            SpanEnd::Head | SpanEnd::Upcoming(_) | SpanEnd::Commit(_) => None,
        }
    }

    /// Its tag, existing or not.
    fn name(&self) -> Option<&str> {
        match self {
            SpanEnd::Tag(tag) | SpanEnd::Upcoming(tag) => Some(tag),
            SpanEnd::Head | SpanEnd::Commit(_) => None,
        }
    }

    pub fn commit(&self, project: &Project, history: &History) -> Option<CommitId> {
        match self {
            SpanEnd::Head | SpanEnd::Upcoming(_) => history.head.commit,
            SpanEnd::Tag(tag) => project.repo.resolved(&RefName::tag(tag)),
            SpanEnd::Commit(commit) => Some(*commit),
        }
    }

    /// Its name as a forge reads it.
    pub fn word(&self) -> String {
        match self {
            SpanEnd::Head => "HEAD".to_owned(),
            SpanEnd::Tag(tag) | SpanEnd::Upcoming(tag) => tag.clone(),
            SpanEnd::Commit(commit) => commit.to_string(),
        }
    }
}

/// The commits of a body.
pub struct Span {
    pub to: SpanEnd,
    pub from: Start,
    /// Version at its end.
    pub version: Option<String>,
}

impl Span {
    /// Whether it contains unreleased changes.
    fn is_open(&self) -> bool {
        let to_head = matches!(self.to, SpanEnd::Head | SpanEnd::Upcoming(_));
        to_head && matches!(self.from, Start::Previous)
    }
}

/// The project's forge, and its answers so far.
pub struct AskedForge<'a> {
    pub forge: Option<&'a Forge>,
    /// Answer about what is not released.
    pub facts: Option<ForgeFacts>,
    pub reach: Reach,
}

impl AskedForge<'_> {
    /// The forge's data about these commits.
    fn facts(
        self,
        project: &Project,
        span: &Span,
        commits: &[Commit],
        warnings: &mut Vec<String>,
    ) -> Result<ForgeFacts> {
        let is_known = span.is_open() || matches!(span.to, SpanEnd::Commit(_));
        if let Some(facts) = self.facts.filter(|_| is_known) {
            return Ok(facts);
        }
        let wanted = FactsWanted::Accounts;
        forge_facts::facts_or_warning(project, commits, wanted, self.reach, warnings)
    }
}

/// The changes in a body, with the known data about them.
#[derive(Default)]
pub struct SpanFacts {
    pub commits: Vec<Commit>,
    /// Accounts of their authors, if a forge was asked.
    pub facts: ForgeFacts,
    /// Warnings about them.
    pub warnings: Vec<String>,
}

/// Adds the content that is not in the changelog to a body.
pub fn complete(
    project: &Project,
    history: &History,
    asked: AskedForge<'_>,
    span: &Span,
    body: &mut ReleaseBody,
) -> Result<SpanFacts> {
    let mut told = SpanFacts::default();
    let forge = asked.forge;
    let end = span.to.word();
    let commit = span.to.commit(project, history);
    if let Some(spec) = release_spec(project, history, span)? {
        of_spec(project, &spec, body)?;
    }
    let Some(commit) = commit else {
        return Ok(told); // a section without a release
    };
    let tells = !body.groups.is_empty() || !body.summary.is_empty();
    if let Some(guide) = guide(project, commit)? {
        let link = forge.map(|forge| forge.file(&end, guide));
        let words = link.map_or(format!("`{guide}`"), |link| format!("[{guide}]({link})"));
        body.add(Group::Upgrade, Piece::Text(format!("See {words}.")));
    }
    let (previous, commits) = match (&span.from, &span.to) {
        _ if span.is_open() => {
            let last = history.last.as_ref().map(|last| last.tag.name.clone());
            (last, history.commits.clone())
        }
        _ => commits(project, span, commit)?,
    };
    // Without changes there are no contributors.
    if tells {
        told.facts = asked.facts(project, span, &commits, &mut told.warnings)?;
        let accounts = Accounts::new(project, forge, &told.facts);
        body.contributors = contributors(project, &accounts, commit, &commits, previous.is_some())?;
    }
    let start = match &span.from {
        Start::Commit(commit, _) => Some(commit.to_string()),
        _ => previous.clone(),
    };
    body.compare = forge.and_then(|forge| match &start {
        Some(start) => forge.compare(start, &end),
        None => span.to.tag().and_then(|tag| forge.tag(tag)),
    });
    body.previous = previous;
    if let (Some(tag), Some(head)) = (span.to.tag(), history.head.commit) {
        let records = project.releases_at(head)?.into_iter();
        body.withdrawn = records
            .filter(|record| record.tag == tag)
            .find_map(|record| record.withdrawn);
    }
    told.commits = commits;
    Ok(told)
}

/// The release spec; for unreleased changes, the only one in preparation.
fn release_spec(project: &Project, history: &History, span: &Span) -> Result<Option<Spec>> {
    let own = |spec: &&Spec| project::is_own(project, spec);
    if let SpanEnd::Commit(_) = span.to {
        return Ok(None); // it prepares a release, not any commits
    }
    let (Some(tag), Some(version)) = (span.to.name(), &span.version) else {
        let mut open = queue::in_preparation(history).filter(own);
        let first = open.next().filter(|_| open.next().is_none());
        return Ok(first.cloned());
    };
    if let Some(spec) = queue::release_spec(history, tag, version) {
        return Ok(Some(spec.clone()));
    }
    let mut archived = spec_files::archive(project, history.head.commit)?.into_iter();
    Ok(archived.find(|spec| spec.is_labelled("release") && queue::is_of(spec, tag, version)))
}

fn of_spec(project: &Project, spec: &Spec, told: &mut ReleaseBody) -> Result<()> {
    let Some(bytes) = files::read(&files::at(project.repo.root(), &spec.path))? else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(&bytes);
    let Ok((_, text, _)) = body::split(&text) else {
        return Ok(()); // whoever reads specs has said so
    };
    for (heading, group) in SPEC_SECTIONS {
        let Some(section) = body::section(text, heading) else {
            continue;
        };
        let section = inert::block(section.trim());
        match group {
            Some(group) => told.add(group.clone(), Piece::Text(section)),
            None => told.summary.push(section),
        }
    }
    Ok(())
}

fn guide(project: &Project, commit: CommitId) -> Result<Option<&'static str>> {
    for path in GUIDES {
        if project.repo.object_at(commit, path)?.is_some() {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The previous tag, and the commits since.
pub fn commits(
    project: &Project,
    span: &Span,
    start: CommitId,
) -> Result<(Option<String>, Vec<Commit>)> {
    let since = |from| between::commits(project, from, start);
    Ok(match &span.from {
        Start::Previous => {
            let mut reader = CommitReader::new(project, CachePolicy::Yes);
            let own = span.version.as_deref().and_then(form::read);
            let (last, sides) = previous::before(project, start, own.as_ref(), &mut reader)?;
            (last.map(|last| last.tag.name), reader.read(&sides.ahead)?)
        }
        Start::Tag(tag) => {
            let from = project.repo.resolved(&RefName::tag(tag));
            (Some(tag.clone()), since(from)?)
        }
        Start::Commit(from, name) => (Some(name.clone()), since(Some(*from))?),
        Start::Root => (None, since(None)?),
    })
}

/// Names and accounts of people, here and on the forge.
pub struct Accounts<'a> {
    pub forge: Option<&'a Forge>,
    facts: &'a ForgeFacts,
    people: People,
}

impl<'a> Accounts<'a> {
    /// Builds the accounts from the forge's data and from addresses.
    pub fn new(project: &Project, forge: Option<&'a Forge>, facts: &'a ForgeFacts) -> Accounts<'a> {
        Accounts {
            forge,
            facts,
            people: project.repo.people(),
        }
    }

    /// The person with this signature; `None` for bots and for an empty one.
    fn person(&self, signature: &str) -> Option<Person> {
        let signer = self.signer(signature);
        let is_bot = signer.name.ends_with("[bot]") || signer.address.contains("[bot]@");
        let is_one = !signer.name.is_empty() || !signer.address.is_empty();
        (!is_bot && is_one).then_some(signer)
    }

    /// The person with this signature, including bots.
    pub fn signer(&self, signature: &str) -> Person {
        let (name, address) = self.people.person(signature);
        // The mailmap may have another address than the forge.
        let known = [facts::address(signature), &address];
        let of_facts = || known.iter().find_map(|one| self.facts.account(one));
        let of_forge = || known.iter().find_map(|one| self.forge?.account(one));
        let account = of_facts().or_else(of_forge).map(str::to_owned);
        Person {
            name,
            address,
            account,
        }
    }
}

/// A person, identified by name, address or account.
pub struct Person {
    pub name: String,
    address: String,
    pub account: Option<String>,
}

impl Person {
    fn is(&self, other: &Person) -> bool {
        let same = |a: &str, b: &str| !a.is_empty() && a.eq_ignore_ascii_case(b);
        let account = |person: &Person| person.account.clone().unwrap_or_default();
        same(&self.name, &other.name)
            || same(&self.address, &other.address)
            || same(&account(self), &account(other))
    }
}

/// Authors and co-authors of the changes, those with most commits first.
fn contributors(
    project: &Project,
    accounts: &Accounts<'_>,
    end: CommitId,
    commits: &[Commit],
    has_history: bool,
) -> Result<Vec<Contributor>> {
    let found = authors(project, accounts, commits);
    // In a first release everybody would be new; in a shallow clone this is unknown.
    let new = if has_history && !project.repo.is_shallow() {
        newcomers(project, accounts, end, commits, &found)?
    } else {
        Vec::new()
    };
    let contributor = |person: &Person| Contributor {
        name: person.name.clone(),
        account: person.account.clone(),
        is_first: new.iter().any(|one| std::ptr::eq(*one, person)),
    };
    let all = found.iter().map(contributor);
    // An address alone is not published.
    let named = |one: &Contributor| !one.name.is_empty() || one.account.is_some();
    Ok(all.filter(named).collect())
}

/// The authors of the changes. Merging or releasing alone does not make someone an author.
fn authors(project: &Project, accounts: &Accounts<'_>, commits: &[Commit]) -> Vec<Person> {
    let component = project.config.component.as_ref();
    let changes = commits.iter().filter(|commit| {
        let is_own = component.is_none_or(|component| component.has(commit));
        is_own && !commit.is_merge() && !commit.message.is_release()
    });
    let mut found: Vec<(Person, usize)> = Vec::new();
    for commit in changes {
        let co_authors = commit.message.co_authors.iter().map(String::as_str);
        for signature in [commit.author_name()].into_iter().chain(co_authors) {
            let Some(person) = accounts.person(signature) else {
                continue;
            };
            match found.iter_mut().find(|(known, _)| known.is(&person)) {
                Some((known, count)) => {
                    *count += 1;
                    if known.name.is_empty() {
                        known.name = person.name;
                    }
                    known.account = known.account.take().or(person.account);
                }
                None => found.push((person, 1)),
            }
        }
    }
    order::by(&mut found, |(a, n), (b, m)| {
        m.cmp(n).then_with(|| a.name.cmp(&b.name))
    });
    found.into_iter().map(|(person, _)| person).collect()
}

/// The authors of `commits` that no earlier commit names.
fn newcomers<'p>(
    project: &Project,
    accounts: &Accounts<'_>,
    end: CommitId,
    commits: &[Commit],
    authors: &'p [Person],
) -> Result<Vec<&'p Person>> {
    let repo = &project.repo;
    let mut new: Vec<&Person> = authors.iter().collect();
    let here: HashSet<CommitId> = commits.iter().map(|commit| commit.id).collect();
    for id in repo.ancestry(end)? {
        if new.is_empty() {
            break;
        }
        if here.contains(&id) {
            continue;
        }
        let raw = repo.commit_object(id)?.read();
        let trailers = raw.trailers.iter();
        let co_authors = trailers.filter(|(key, _)| key.eq_ignore_ascii_case("co-authored-by"));
        let signatures = co_authors.map(|(_, value)| value).chain([&raw.author]);
        for signature in signatures {
            if let Some(earlier) = accounts.person(signature) {
                new.retain(|person| !person.is(&earlier));
            }
        }
    }
    Ok(new)
}
