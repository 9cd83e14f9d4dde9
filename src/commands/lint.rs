//! `relwatch lint`: says which commit messages do not follow Conventional Commits with the types of the project, for continuous
//! integration (a range) and for a commit-msg hook of anybody's (one message).

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::json;

use clap_complete::ArgValueCompleter;

use crate::commands::{Context, values};
use crate::domain::commit::check::{self, MessageTrouble};
use crate::domain::commit::message::Commit;
use crate::domain::entry::reason::Reason;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::terminal;
use crate::history::revisions::CommitRange;
use crate::history::{between, range};
use crate::project::Project;
use crate::sys::{env, files};
use crate::ui::screen::{Page, Tone};
use crate::ui::{self, Report};

/// Check commit messages against Conventional Commits and the project's types.
#[derive(Debug, clap::Args)]
pub struct LintArguments {
    /// The commits of a range, as in main..HEAD; a beginning alone goes up to HEAD. Without it those of the branch, on the default branch
    /// what is not released. The name of a file is taken as --message takes it.
    #[arg(value_name = "RANGE", add = ArgValueCompleter::new(values::ranges))]
    range: Option<String>,
    /// Check the message in this file, as in a commit-msg hook; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "range")]
    message: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: LintArguments, context: &Context) -> Result<Report> {
    let project = context.open()?;
    // pre-commit gives the file as an argument.
    let named = arguments.range.as_ref().map(PathBuf::from);
    let named = named.filter(|path| files::is_file(&context.file(path.clone())));
    let report = match arguments.message.or(named) {
        Some(path) => of_message(&project, &message(context, &project, &path)?),
        None => of_range(&project, arguments.range.as_deref(), context)?,
    };
    Ok(report.as_json(arguments.json))
}

/// The message that git creates from what it hands to a commit-msg hook.
pub fn text_for_git(project: &Project, bytes: &[u8]) -> String {
    let editor = env::var("GIT_EDITOR");
    check::text_for_git(bytes, editor.as_deref(), &project.repo.comment_string())
}

/// The problem with a message that is about to be committed. A merge may have any words.
pub fn trouble(project: &Project, text: &str) -> Option<MessageTrouble> {
    let (types, reading) = (&project.config.types, project.config.reading());
    check::trouble(text, types, &reading).filter(|_| !project.repo.is_merging())
}

fn message(context: &Context, project: &Project, path: &Path) -> Result<String> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Failure::failed(format!("standard input: {error}")))?;
        let comment = project.repo.comment_string();
        return Ok(check::text_for_git(&bytes, None, &comment));
    }
    let bytes = files::read(&context.file(path.to_owned()))?;
    let bytes = bytes.ok_or_else(|| {
        let path = terminal::printable(&path.to_string_lossy());
        Failure::new(Exit::Usage, format!("there is no file {path}")).with_remedy(
            "give the file that git gives a commit-msg hook, or `-` for standard input",
        )
    })?;
    Ok(text_for_git(project, &bytes))
}

/// Silent if nothing is wrong, as hooks are.
fn of_message(project: &Project, text: &str) -> Report {
    let trouble = trouble(project, text);
    let json = json!({
        "schema": 1,
        "checked": 1,
        "problems": trouble.iter().map(|trouble| problem(None, text, trouble)).collect::<Vec<_>>(),
    });
    let report = match trouble {
        Some(trouble) => {
            Report::text(format!("{trouble}\n{}\n", check::EXAMPLE)).with_exit(Exit::Failed)
        }
        None => Report::text(""),
    };
    report.with_json(json)
}

/// The commits to check.
struct LintedCommits {
    /// What they are, as people write it.
    range: String,
    commits: Vec<Commit>,
    warnings: Vec<String>,
}

impl LintedCommits {
    /// Those of a range, else of the branch, else what is not released.
    fn find(project: &Project, words: Option<&str>) -> Result<LintedCommits> {
        let head = project.repo.head()?;
        let range = match words {
            Some(words) => Some(CommitRange::read(project, words)?),
            None => CommitRange::of_branch(project, &head)?,
        };
        let Some(range) = range else {
            let history = range::read_at(project, head)?;
            let last = history.last.map(|last| last.tag.name);
            return Ok(LintedCommits {
                range: last.map_or("HEAD".to_owned(), |last| format!("{last}..HEAD")),
                commits: history.commits,
                warnings: history.warnings,
            });
        };
        let commits = between::commits(project, Some(range.from), range.to)?;
        let ids = commits.iter().map(|commit| commit.id);
        let is_cut = project.repo.ends_early(ids);
        let is_cut = is_cut.then(|| range::SHALLOW.to_owned());
        Ok(LintedCommits {
            range: range.words(),
            commits,
            warnings: is_cut.into_iter().chain(range.warning).collect(),
        })
    }
}

fn of_range(project: &Project, words: Option<&str>, context: &Context) -> Result<Report> {
    let LintedCommits {
        range,
        commits,
        warnings,
    } = LintedCommits::find(project, words)?;
    let (rules, reading) = (project.config.rules(), project.config.reading());
    let written = || commits.iter().filter(|commit| !commit.is_merge());
    let checked =
        written().filter(|commit| !rules.filtered(commit).is_some_and(|why| is_ignored(&why)));
    let checked: Vec<&Commit> = checked.collect();
    let ignored = written().count() - checked.len();
    let mut problems = Vec::new();
    let mut page = Page::new(context.screen());
    for commit in &checked {
        let text = project.repo.commit(commit.id)?.message;
        let types = &project.config.types;
        let Some(trouble) = check::trouble_of_commit(commit, &text, types, &reading) else {
            continue;
        };
        let short = commit.short().to_string();
        let subject = format!("  {}", text.lines().next().unwrap_or_default());
        page.words(0, 2, &[(Tone::Strong, &short), (Tone::Plain, &subject)]);
        page.words(4, 4, &[(Tone::Bad, &trouble.what)]);
        problems.push(problem(Some(commit), &text, &trouble));
    }
    if !problems.is_empty() {
        page.blank();
    }
    let count = ui::counted(checked.len(), "commit", "commits");
    let others = match ignored {
        0 => String::new(),
        ignored => format!(" ({ignored} more are ignored by the configuration)"),
    };
    let outcome = match problems.len() {
        0 => "no problems".to_owned(),
        1 => "1 message has a problem".to_owned(),
        found => format!("{found} messages have a problem"),
    };
    let words = format!("{range}: {count} checked{others}, {outcome}");
    page.words(0, 2, &[(Tone::Plain, &words)]);
    let exit = (!problems.is_empty()).then_some(Exit::Failed);
    let json = json!({
        "schema": 1,
        "range": range,
        "checked": checked.len(),
        "ignored": ignored,
        "problems": problems,
    });
    let report = Report::page(page).with_json(json).with_warnings(warnings);
    Ok(match exit {
        Some(exit) => report.with_exit(exit),
        None => report,
    })
}

/// Whether the configuration ignores such commits; those that merely belong to another changelog are checked.
fn is_ignored(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::IgnoredScope(_) | Reason::IgnoredAuthor | Reason::IgnoredPaths
    )
}

fn problem(commit: Option<&Commit>, text: &str, trouble: &MessageTrouble) -> serde_json::Value {
    json!({
        "commit": commit.map(|commit| commit.id.to_string()),
        "subject": text.lines().next().unwrap_or_default(),
        "problem": trouble.what,
        "instead": trouble.instead,
    })
}
