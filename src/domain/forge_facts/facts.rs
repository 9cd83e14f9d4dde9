//! Facts as values, whoever gave them. Refuses accounts whose names no forge would give: they are printed as mentions.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::lineage::Lineage;
use crate::domain::forge::is_account;

/// A pull or merge request; also a line of JSON that a command of the user prints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PullFacts {
    /// Without a number the line is about accounts alone.
    pub number: Option<u64>,
    pub title: Option<String>,
    /// Account of its author.
    pub author: Option<String>,
    pub labels: Vec<String>,
    /// Full names of its commits.
    pub commits: Vec<String>,
    /// Accounts by the addresses of commits.
    pub accounts: BTreeMap<String, String>,
}

/// Everything that a forge told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForgeFacts {
    pulls: BTreeMap<u64, PullFacts>,
    of_commits: HashMap<CommitId, u64>,
    /// By address, in lower case.
    accounts: HashMap<String, String>,
}

impl ForgeFacts {
    /// Takes in a pull request.
    pub fn add(&mut self, pull: PullFacts) {
        for (address, account) in &pull.accounts {
            self.add_account(address, account);
        }
        let Some(number) = pull.number else {
            return;
        };
        let commits = pull.commits.iter();
        let named = commits.filter_map(|id| Some((CommitId::parse(id)?, number)));
        self.of_commits.extend(named);
        self.pulls.insert(number, pull);
    }

    /// Takes in the account that an address belongs to.
    pub fn add_account(&mut self, address: &str, account: &str) {
        if is_account(account) && !address.is_empty() {
            self.accounts
                .insert(address.to_lowercase(), account.to_owned());
        }
    }

    /// Takes in other facts.
    pub fn extend(&mut self, others: ForgeFacts) {
        self.pulls.extend(others.pulls);
        self.of_commits.extend(others.of_commits);
        self.accounts.extend(others.accounts);
    }

    /// How many pull requests are known.
    pub fn count(&self) -> usize {
        self.pulls.len()
    }

    /// The pull request that each commit is, or belongs to, if anything is known of it.
    pub fn pulls_of(&self, commits: &[Commit], marks: &str) -> Vec<Option<&PullFacts>> {
        let lineage = Lineage::new(commits, &[]);
        let pull = |at: usize| {
            let named = pull_named(&lineage, at, marks).and_then(number_of);
            let number = named.or_else(|| self.of_commits.get(&commits[at].id).copied())?;
            self.pulls.get(&number)
        };
        (0..commits.len()).map(pull).collect()
    }

    /// The account of an address.
    pub fn account(&self, address: &str) -> Option<&str> {
        let account = self.accounts.get(&address.to_lowercase());
        account.map(String::as_str)
    }

    /// Takes the author of a pull request for the author of its only commit, if nothing else says whose account an address is, and no two
    /// pull requests say different things.
    pub fn infer_accounts(&mut self, commits: &[Commit], marks: &str) {
        let pulls = self.pulls_of(commits, marks);
        let counts = counts(&pulls, commits);
        let mut found: HashMap<String, Option<String>> = HashMap::new();
        for (commit, pull) in commits.iter().zip(&pulls) {
            let Some(pull) = pull.filter(|pull| is_only(pull, &counts)) else {
                continue;
            };
            let author = pull.author.as_ref().filter(|name| is_account(name));
            let address = address(commit.author_name()).to_lowercase();
            if commit.is_merge() || !commit.message.co_authors.is_empty() || address.is_empty() {
                continue;
            }
            let known = found.entry(address).or_insert_with(|| author.cloned());
            if known.as_ref() != author {
                *known = None; // somebody merges the work of others under their own name
            }
        }
        for (address, account) in found {
            if let Some(account) = account {
                self.accounts.entry(address).or_insert(account);
            }
        }
    }
}

/// How many commits each pull request has here, without merges.
pub fn counts(pulls: &[Option<&PullFacts>], commits: &[Commit]) -> HashMap<u64, usize> {
    let mut counts = HashMap::new();
    for (pull, commit) in pulls.iter().zip(commits) {
        if let Some(number) = pull
            .and_then(|pull| pull.number)
            .filter(|_| !commit.is_merge())
        {
            *counts.entry(number).or_default() += 1;
        }
    }
    counts
}

/// Whether a pull request has one commit.
pub fn is_only(pull: &PullFacts, counts: &HashMap<u64, usize>) -> bool {
    pull.number.and_then(|number| counts.get(&number)) == Some(&1)
}

/// The address of `Name <address>`.
pub fn address(signature: &str) -> &str {
    let address = signature.rsplit_once('<').map_or("", |(_, rest)| rest);
    address.split('>').next().unwrap_or_default().trim()
}

/// The pull request that a commit is or was merged by, of those that begin with one of `marks`. `!12` goes before `#12`, which is an issue
/// where both are.
pub fn pull_named<'a>(lineage: &Lineage<'a>, at: usize, marks: &str) -> Option<&'a str> {
    let named = |at: usize| lineage.commits[at].message.pull.as_deref();
    let both = [named(at), lineage.merge_of(at).and_then(named)];
    let known = both.into_iter().flatten();
    let known = known.filter(|pull| pull.starts_with(|mark| marks.contains(mark)));
    known.min_by_key(|pull| !pull.starts_with('!'))
}

/// The number of `#12` or `!12`.
pub fn number_of(pull: &str) -> Option<u64> {
    pull.strip_prefix(['#', '!'])?.parse().ok()
}
