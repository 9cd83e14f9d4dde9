//! Providers of pull request fields: GitHub's `gh`, GitLab's `glab`, or a command of the user. This module builds the queries and reads the
//! answers. It runs nothing.

use std::collections::HashSet;

use serde_json::Value;

use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::lineage::Lineage;
use crate::domain::forge_facts::facts::{self, ForgeFacts, PullFacts, number_of};

/// Maximum number of pull requests and commits per call.
pub const BATCH: usize = 100;

/// Provider that is queried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider<'c> {
    Gh,
    Glab,
    /// Shell command line of the user.
    Own(&'c str),
}

/// One call: a shell command line, with its standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsCall {
    pub line: String,
    pub input: String,
}

/// Pull requests and commits that are queried.
#[derive(Debug, Default)]
struct Question {
    /// Pull requests as `#12`, each once.
    pulls: Vec<String>,
    commits: Vec<CommitId>,
}

impl<'c> Provider<'c> {
    /// Provider that a word of the configuration names.
    pub fn named(word: &'c str) -> Provider<'c> {
        match word.trim() {
            "gh" => Provider::Gh,
            "glab" => Provider::Glab,
            line => Provider::Own(line),
        }
    }

    /// Name in messages.
    pub fn name(&self) -> &'c str {
        match self {
            Provider::Gh => "gh",
            Provider::Glab => "glab",
            Provider::Own(line) => line,
        }
    }

    /// Marks that may precede the number of a pull request. On GitLab, `#12` is an issue.
    pub fn marks(&self) -> &'static str {
        match self {
            Provider::Gh => "#",
            Provider::Glab => "!",
            Provider::Own(_) => "#!",
        }
    }

    /// Mark before the number in messages.
    pub fn mark(&self) -> char {
        match self {
            Provider::Glab => '!',
            Provider::Gh | Provider::Own(_) => '#',
        }
    }

    /// Calls that query these commits; with `accounts` also the accounts of their authors.
    pub fn calls(&self, commits: &[Commit], accounts: bool) -> Vec<FactsCall> {
        let question = self.question(commits, accounts);
        match self {
            Provider::Gh => {
                let pulls = question.pulls.iter().filter_map(|pull| number_of(pull));
                let pulls = pulls.map(|n| format!("p{n}:pullRequest(number:{n}){{...P}}"));
                let commits = question.commits.iter();
                let commits = commits.map(|id| format!("c{id}:object(oid:\"{id}\"){{...C}}"));
                let fields: Vec<String> = pulls.chain(commits).collect();
                fields.chunks(BATCH).map(github).collect()
            }
            Provider::Glab => {
                let pulls = question.pulls.iter().filter_map(|pull| number_of(pull));
                let fields: Vec<String> = pulls.map(|n| format!("&iids[]={n}")).collect();
                fields.chunks(BATCH).map(gitlab).collect()
            }
            Provider::Own(line) => {
                let commits = question.commits.iter().map(CommitId::to_string);
                let lines = question.pulls.iter().cloned().chain(commits);
                let input: String = lines.map(|line| format!("{line}\n")).collect();
                let call = FactsCall {
                    line: (*line).to_owned(),
                    input,
                };
                Vec::from_iter(Some(call).filter(|call| !call.input.is_empty()))
            }
        }
    }

    /// Each commit is queried by its pull request, else by its own ID. GitLab cannot list requests by commit.
    fn question(&self, commits: &[Commit], accounts: bool) -> Question {
        let lineage = Lineage::new(commits, &[]);
        let mut question = Question::default();
        let mut seen = HashSet::new();
        for (at, commit) in commits.iter().enumerate() {
            if commit.message.is_release() {
                continue;
            }
            let pull = facts::pull_named(&lineage, at, self.marks());
            if let Some(pull) = pull.filter(|pull| seen.insert(*pull)) {
                question.pulls.push(pull.to_owned());
            }
            let is_asked = (accounts || pull.is_none()) && *self != Provider::Glab;
            if is_asked && !commit.is_merge() {
                question.commits.push(commit.id);
            }
        }
        question
    }

    /// Parses the output of a call.
    ///
    /// # Errors
    /// Fails with the reason why the output is not an answer.
    pub fn read(&self, answer: &str) -> Result<ForgeFacts, String> {
        match self {
            Provider::Gh => of_github(answer),
            Provider::Glab => of_gitlab(answer),
            Provider::Own(_) => of_lines(answer),
        }
    }
}

/// Query for gh, which fills in the repository and knows host and account.
fn github(fields: &[String]) -> FactsCall {
    const FRAGMENTS: &str = "fragment P on PullRequest{number title author{login} labels(first:50){nodes{name}}}\n\
        fragment C on Commit{authors(first:20){nodes{email user{login}}} associatedPullRequests(first:1){nodes{...P}}}\n";
    let has = |fragment: &str| fields.iter().any(|field| field.contains(fragment));
    // An unused fragment is an error, and `C` uses `P`.
    let (pulls, _) = FRAGMENTS.split_once('\n').unwrap_or_default();
    let fragments = if has("...C") { FRAGMENTS } else { pulls };
    FactsCall {
        line: "gh api graphql -F owner='{owner}' -F name='{repo}' -F query=@-".to_owned(),
        input: format!(
            "query($owner:String!,$name:String!){{repository(owner:$owner,name:$name){{\n{}\n}}}}\n{fragments}",
            fields.join("\n")
        ),
    }
}

fn gitlab(fields: &[String]) -> FactsCall {
    FactsCall {
        line: format!(
            "glab api 'projects/:fullpath/merge_requests?per_page={BATCH}{}'",
            fields.concat()
        ),
        input: String::new(),
    }
}

/// Answer of GitHub. A number that is not a pull request is an error there, next to an answer to everything else.
fn of_github(answer: &str) -> Result<ForgeFacts, String> {
    let answer: Value = serde_json::from_str(answer).map_err(|error| error.to_string())?;
    let errors = answer["errors"].as_array();
    let mut real = errors.into_iter().flatten();
    if let Some(error) = real.find(|error| error["type"] != "NOT_FOUND") {
        return Err(text(&error["message"]).unwrap_or_else(|| "an error".to_owned()));
    }
    let Some(fields) = answer["data"]["repository"].as_object() else {
        let first = errors.and_then(|errors| text(&errors.first()?["message"]));
        return Err(first.unwrap_or_else(|| "no `data.repository`".to_owned()));
    };
    let mut facts = ForgeFacts::default();
    for (name, field) in fields {
        match name.strip_prefix('c') {
            None => facts.add(github_pull(field, Vec::new())),
            Some(id) => {
                for author in field["authors"]["nodes"].as_array().into_iter().flatten() {
                    if let (Some(address), Some(account)) =
                        (text(&author["email"]), text(&author["user"]["login"]))
                    {
                        facts.add_account(&address, &account);
                    }
                }
                let pulls = field["associatedPullRequests"]["nodes"].as_array();
                if let Some(pull) = pulls.and_then(|pulls| pulls.first()) {
                    facts.add(github_pull(pull, vec![id.to_owned()]));
                }
            }
        }
    }
    Ok(facts)
}

fn github_pull(pull: &Value, commits: Vec<String>) -> PullFacts {
    let labels = pull["labels"]["nodes"].as_array();
    PullFacts {
        number: pull["number"].as_u64(),
        title: text(&pull["title"]),
        author: text(&pull["author"]["login"]),
        labels: labels
            .into_iter()
            .flatten()
            .filter_map(|label| text(&label["name"]))
            .collect(),
        commits,
        ..PullFacts::default()
    }
}

fn of_gitlab(answer: &str) -> Result<ForgeFacts, String> {
    let answer: Vec<Value> = serde_json::from_str(answer).map_err(|error| error.to_string())?;
    let mut facts = ForgeFacts::default();
    for merge in answer {
        let labels = merge["labels"].as_array();
        facts.add(PullFacts {
            number: merge["iid"].as_u64(),
            title: text(&merge["title"]),
            author: text(&merge["author"]["username"]),
            labels: labels.into_iter().flatten().filter_map(text).collect(),
            ..PullFacts::default()
        });
    }
    Ok(facts)
}

/// Answer with one JSON object per line.
fn of_lines(answer: &str) -> Result<ForgeFacts, String> {
    let mut facts = ForgeFacts::default();
    for (number, line) in (1..).zip(answer.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let pull = serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))?;
        facts.add(pull);
    }
    Ok(facts)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
