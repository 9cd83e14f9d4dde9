//! Finds the unreleased change that a user's words name.

use std::collections::HashMap;

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::lineage::Lineage;
use crate::domain::entry::model::Entries;
use crate::domain::entry::reference::References;
use crate::domain::spec::Spec;
use crate::history::queue;
use crate::history::range::History;
use crate::project::Project;
use crate::section::follow::{self, Rewrites};

/// An unreleased change that a user's words name.
pub enum Subject<'h> {
    Commit(&'h Commit),
    Spec(&'h Spec),
    /// `#12`, `!12`, `JIRA-12`.
    Issue(String),
}

impl<'h> Subject<'h> {
    /// Reads `#12`, a spec ID or the end of one, or anything git resolves to a commit.
    pub fn find(project: &Project, history: &'h History, words: &str) -> Option<Subject<'h>> {
        let issues = issues_by_commit(history);
        let names_it = |issue: &String| issues.values().any(|all| all.contains(issue));
        let spellings = [words.to_owned(), format!("#{words}"), format!("!{words}")];
        if let Some(issue) = spellings.into_iter().find(names_it) {
            return Some(Subject::Issue(issue));
        }
        let spec = queue::named(history.specs.iter(), words);
        if let Some(spec) = spec.filter(|_| !words.is_empty()) {
            return Some(Subject::Spec(spec));
        }
        let id = project.repo.resolved(words)?;
        let followed = Rewrites::new(project, history);
        let id = followed.successor(&id.hex()).unwrap_or(id);
        history
            .commits
            .iter()
            .find(|c| c.id == id)
            .map(Subject::Commit)
    }

    /// Whether a reference, such as that of a skip comment, names the subject or, for an issue, all of its changes.
    pub fn is_meant_by(&self, project: &Project, history: &History, reference: &str) -> bool {
        let mut named = References::read(reference);
        follow::extend(project, history, &mut named);
        match self {
            Subject::Commit(commit) => {
                names_commit(&named, commit, &issues_by_commit(history)[&commit.id])
            }
            Subject::Spec(spec) => named.word(&spec.id),
            Subject::Issue(issue) => {
                let issues = issues_by_commit(history);
                let about = |c: &&Commit| issues[&c.id].contains(issue);
                let mut commits = history.commits.iter().filter(about).peekable();
                let all = |c: &Commit| names_commit(&named, c, &issues[&c.id]);
                named.issue(issue) || (commits.peek().is_some() && commits.all(all))
            }
        }
    }

    /// Whether the subject, or for an issue any of its changes, belongs to the component.
    pub fn is_of(&self, history: &History, gathered: &Entries) -> bool {
        match self {
            Subject::Issue(issue) => {
                let issues = issues_by_commit(history);
                let mut commits = history.commits.iter();
                commits.any(|commit| {
                    issues[&commit.id].contains(issue) && !gathered.is_outside(&commit.short())
                })
            }
            other => !gathered.is_outside(&other.reference()),
        }
    }

    /// The reference in lines and comments.
    pub fn reference(&self) -> String {
        match self {
            Subject::Commit(commit) => commit.short().to_string(),
            Subject::Spec(spec) => spec.id.clone(),
            Subject::Issue(issue) => issue.clone(),
        }
    }
}

/// The issues that identify each unreleased commit, including those of its pull request.
pub fn issues_by_commit(history: &History) -> HashMap<CommitId, Vec<String>> {
    let lineage = Lineage::new(&history.commits, &[]);
    let commits = history.commits.iter().enumerate();
    let issues = commits.map(|(at, commit)| (commit.id, lineage.issues(at)));
    issues.collect()
}

/// Whether lines or comments name a commit, an issue that identifies it, or its spec.
pub fn names_commit(named: &References, commit: &Commit, issues: &[String]) -> bool {
    named.commit(commit.id)
        || issues.iter().any(|issue| named.issue(issue))
        || commit.message.specs.iter().any(|id| named.word(id))
}
