//! Fields of pull requests and accounts, from whichever provider. Account names that no forge allows are refused, since they are printed as
//! mentions.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::lineage::Lineage;
use crate::domain::forge::is_account;

/// A pull or merge request; also a line of JSON that a user's command prints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PullFacts {
    /// Number of the request; without one, the line is about accounts only.
    pub number: Option<u64>,
    pub title: Option<String>,
    /// Account of the author.
    pub author: Option<String>,
    pub labels: Vec<String>,
    /// Full IDs of its commits.
    pub commits: Vec<String>,
    /// Accounts by commit address.
    pub accounts: BTreeMap<String, String>,
}

/// Everything that a forge reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForgeFacts {
    pulls: BTreeMap<u64, PullFacts>,
    of_commits: HashMap<CommitId, u64>,
    /// Accounts by address, in lower case.
    accounts: HashMap<String, String>,
}

impl ForgeFacts {
    /// Adds a pull request.
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

    /// Adds the account that an address belongs to.
    pub fn add_account(&mut self, address: &str, account: &str) {
        if is_account(account) && !address.is_empty() {
            self.accounts
                .insert(address.to_lowercase(), account.to_owned());
        }
    }

    /// Adds all fields of another value.
    pub fn extend(&mut self, others: ForgeFacts) {
        self.pulls.extend(others.pulls);
        self.of_commits.extend(others.of_commits);
        self.accounts.extend(others.accounts);
    }

    /// Number of known pull requests.
    pub fn count(&self) -> usize {
        self.pulls.len()
    }

    /// Pull request that each commit is, or belongs to, if it is known.
    pub fn pulls_of(&self, commits: &[Commit], marks: &str) -> Vec<Option<&PullFacts>> {
        let lineage = Lineage::new(commits, &[]);
        let pull = |at: usize| {
            let named = pull_named(&lineage, at, marks).and_then(number_of);
            let number = named.or_else(|| self.of_commits.get(&commits[at].id).copied())?;
            self.pulls.get(&number)
        };
        (0..commits.len()).map(pull).collect()
    }

    /// Account of an address.
    pub fn account(&self, address: &str) -> Option<&str> {
        let account = self.accounts.get(&address.to_lowercase());
        account.map(String::as_str)
    }

    /// Infers accounts: the author of a pull request is the author of its only commit, if nothing else says whose account the address is
    /// and no two pull requests disagree.
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

/// Number of commits that each pull request has here, without merges.
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

/// Address in `Name <address>`.
pub fn address(signature: &str) -> &str {
    let address = signature.rsplit_once('<').map_or("", |(_, rest)| rest);
    address.split('>').next().unwrap_or_default().trim()
}

/// Pull request that a commit is or was merged by, if its name begins with one of `marks`. `!12` has priority over `#12`, which is an issue
/// if both are present.
pub fn pull_named<'a>(lineage: &Lineage<'a>, at: usize, marks: &str) -> Option<&'a str> {
    let named = |at: usize| lineage.commits[at].message.pull.as_deref();
    let both = [named(at), lineage.merge_of(at).and_then(named)];
    let known = both.into_iter().flatten();
    let known = known.filter(|pull| pull.starts_with(|mark| marks.contains(mark)));
    known.min_by_key(|pull| !pull.starts_with('!'))
}

/// Number in `#12` or `!12`.
pub fn number_of(pull: &str) -> Option<u64> {
    pull.strip_prefix(['#', '!'])?.parse().ok()
}
