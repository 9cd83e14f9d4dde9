//! What people want to do, and the line that does it: the examples of each command, and `relwatch help`.

use clap::Command;

use crate::domain::failure::{Exit, Failure, Result, SUCCESS};
use crate::domain::text::terminal;
use crate::ui::Report;

/// A wish, and a line for the shell.
pub type Wish = (&'static str, &'static str);

/// By what they are about. Each command has at least one; `tests/cli/help.rs` checks that.
pub const TASKS: &[(&str, &[Wish])] = &[
    (
        "Set up",
        &[
            ("set this repository up", "relwatch init"),
            (
                "show generated lines on the forge, too",
                "relwatch init --storage tracked",
            ),
            (
                "set up beside husky, lefthook or simple-git-hooks",
                "relwatch init --yes",
            ),
            (
                "leave this clone to the watcher",
                "relwatch init --no-hooks",
            ),
            ("see whether this clone is set up", "relwatch init --check"),
            (
                "fail a job where the repository is not set up",
                "relwatch doctor --ci",
            ),
            ("remove everything that init added", "relwatch uninstall"),
            ("install the hooks again", "relwatch hooks install"),
            (
                "write the hooks into the files of a hook manager",
                "relwatch hooks install --apply",
            ),
            ("see which hooks git will run", "relwatch hooks status"),
            (
                "remove hooks, filter and generated lines",
                "relwatch hooks uninstall",
            ),
            ("find what is wrong in this clone", "relwatch doctor"),
            ("fix this clone", "relwatch doctor --fix"),
            (
                "check relwatch.yml in an editor or in CI",
                "relwatch schema config > relwatch.schema.json",
            ),
            (
                "complete commands in bash",
                "relwatch completions bash > ~/.local/share/bash-completion/completions/relwatch",
            ),
            (
                "complete commands in zsh",
                "relwatch completions zsh > \"${fpath[1]}/_relwatch\"",
            ),
            (
                "complete commands in fish",
                "relwatch completions fish > ~/.config/fish/completions/relwatch.fish",
            ),
            (
                "install the manual",
                "relwatch man --output ~/.local/share/man/man1",
            ),
            ("find the command for what you want", "relwatch help undo"),
        ],
    ),
    (
        "Every day",
        &[
            (
                "see what would be released, and as which version",
                "relwatch status",
            ),
            ("see what is excluded, and why", "relwatch status --all"),
            (
                "show the next version in a prompt or a script",
                "relwatch status --porcelain",
            ),
            (
                "why is this line here, or why is it not",
                "relwatch explain '#12'",
            ),
            (
                "bring the section up to date, such as after a spec is done",
                "relwatch update",
            ),
            (
                "fail if stored lines are stale, in continuous integration",
                "relwatch update --check",
            ),
            (
                "leave a change out of the release",
                "relwatch skip '#12' --reason internal",
            ),
            (
                "list an excluded change again",
                "relwatch skip '#12' --undo",
            ),
            (
                "keep a completed spec for a later release",
                "relwatch hold 2026-01-29-004-jkl",
            ),
            (
                "list the specs completed since a release",
                "relwatch specs --since v0.1.0",
            ),
        ],
    ),
    (
        "Release",
        &[
            ("write the release spec", "relwatch prepare 0.2.0"),
            (
                "check the commit messages of a branch",
                "relwatch lint main..HEAD",
            ),
            (
                "check one message, as a commit-msg hook does",
                "relwatch lint --message .git/COMMIT_EDITMSG",
            ),
            (
                "see what a branch adds to the changelog and to the version",
                "relwatch preview main..feature",
            ),
            (
                "the same as a comment on a pull request",
                "relwatch preview main..feature --format markdown",
            ),
            ("see whether it could be released now", "relwatch check"),
            (
                "see the plan of a release, and change nothing",
                "relwatch release --dry-run",
            ),
            ("cut a release", "relwatch release --yes"),
            (
                "go over the notes of a release in the editor",
                "relwatch release --edit",
            ),
            ("cut a pre-release", "relwatch release --pre rc"),
            ("cut, push and publish a release", "relwatch release --push"),
            (
                "go on with a release that was interrupted",
                "relwatch release --resume",
            ),
            ("do what is missing of publishing", "relwatch publish"),
            (
                "mark a manual publish step as done",
                "relwatch publish --done tell",
            ),
            ("undo a release that is not pushed", "relwatch undo"),
            (
                "withdraw a release that is public",
                "relwatch withdraw 0.2.0 --reason 'it loses data'",
            ),
            (
                "say what is done so that it does not happen again",
                "relwatch withdraw 0.2.0 --actions 'load tests before each release'",
            ),
            (
                "say that a release was a hotfix",
                "relwatch releases 0.2.1 --kind hotfix",
            ),
            (
                "support a released version for long",
                "relwatch support --lts 0.2.0 --until 2027-06-30",
            ),
            (
                "start a branch on which a version is made ready",
                "relwatch branch release 0.2.0",
            ),
            ("start a hotfix", "relwatch branch hotfix v0.1.0"),
            (
                "add a section that was released on another branch",
                "relwatch port 1.0.3",
            ),
            (
                "release, and add the section to main as well",
                "relwatch release --port main",
            ),
            (
                "add all sections that are missing here",
                "relwatch port --all",
            ),
            (
                "merge a released branch back",
                "relwatch release --finish --push",
            ),
            (
                "commit the next minor version in the version files",
                "relwatch version --minor",
            ),
            (
                "see which completed specs would be archived",
                "relwatch archive --dry-run",
            ),
        ],
    ),
    (
        "Look back",
        &[
            ("print the notes of a version", "relwatch notes 0.1.0"),
            (
                "print the body of the newest release's page",
                "relwatch notes --latest --full",
            ),
            (
                "read what an upgrade over several versions brings",
                "relwatch notes v0.1.0..v0.3.0 --full",
            ),
            (
                "see what has come since a release, released or not",
                "relwatch notes v0.1.0.. --full",
            ),
            (
                "make a web page of the notes",
                "relwatch notes --latest --full --format html --output notes.html",
            ),
            (
                "draft the announcement of a release",
                "relwatch notes --latest --announce release",
            ),
            (
                "write a changelog of the whole history",
                "relwatch notes --all --output CHANGELOG.md",
            ),
            (
                "print the notes of any commits",
                "relwatch notes main..feature",
            ),
            (
                "show the entries of any commits, and what is excluded",
                "relwatch status v0.1.0..main",
            ),
            ("list all releases", "relwatch releases"),
            (
                "see which versions are supported, and until when",
                "relwatch support",
            ),
            (
                "put a table of supported versions into a document",
                "relwatch support --markdown >> SECURITY.md",
            ),
            (
                "measure lead time, frequency and failures of releases",
                "relwatch metrics",
            ),
            (
                "measure the last year",
                "relwatch metrics --since '1 year ago'",
            ),
            (
                "make a page of the metrics, with plots",
                "relwatch metrics --html --output metrics.html",
            ),
        ],
    ),
    (
        "Without hooks",
        &[
            (
                "keep the section right when no hook runs",
                "relwatch watch add",
            ),
            (
                "take this repository off the list again",
                "relwatch watch remove",
            ),
            ("see which repositories are watched", "relwatch watch list"),
            ("see whether a watcher runs", "relwatch watch status"),
            ("watch in the background", "relwatch watch --daemon"),
            ("stop the watcher", "relwatch watch stop"),
            ("watch from every login on", "relwatch service install"),
            ("start the service", "relwatch service start"),
            (
                "stop the service until the next login",
                "relwatch service stop",
            ),
            ("see whether the service runs", "relwatch service status"),
            ("read what the service said last", "relwatch service logs"),
            ("remove the service", "relwatch service uninstall"),
        ],
    ),
];

/// What else people call what a line does.
pub const ALSO: &[(&str, &str)] = &[
    ("relwatch init", "setup install bootstrap commit"),
    (
        "relwatch hooks install --apply",
        "husky lefthook pre-commit",
    ),
    ("relwatch uninstall", "remove delete purge"),
    (
        "relwatch init --yes",
        "husky lefthook pre-commit simple-git-hooks",
    ),
    ("relwatch doctor --fix", "repair"),
    (
        "relwatch completions bash > ~/.local/share/bash-completion/completions/relwatch",
        "autocomplete shell generate-completions",
    ),
    (
        "relwatch update",
        "refresh regenerate generate build sync changelog",
    ),
    (
        "relwatch skip '#12' --reason internal",
        "ignore exclude hide omit",
    ),
    ("relwatch skip '#12' --undo", "include restore"),
    (
        "relwatch hold 2026-01-29-004-jkl",
        "defer postpone delay later",
    ),
    ("relwatch check", "validate verify"),
    (
        "relwatch lint main..HEAD",
        "commitlint check-commit check-message cog conventional verify message",
    ),
    (
        "relwatch preview main..feature",
        "pr pull merge request branch",
    ),
    ("relwatch release --dry-run", "simulate diff"),
    ("relwatch release --yes", "tag bump cut"),
    ("relwatch release --edit", "amend reword"),
    (
        "relwatch release --pre rc",
        "prerelease pre-release pre alpha beta",
    ),
    (
        "relwatch release --push",
        "ship shipit deploy github-release",
    ),
    ("relwatch release --resume", "continue retry"),
    ("relwatch publish", "deploy upload retry"),
    (
        "relwatch status",
        "next unreleased changes log pending info",
    ),
    (
        "relwatch status --porcelain",
        "get-version latest-tag next current info",
    ),
    ("relwatch update --check", "ci"),
    ("relwatch doctor --ci", "ci"),
    ("relwatch notes 0.1.0", "changelog log show"),
    ("relwatch releases", "log tags versions"),
    (
        "relwatch notes --all --output CHANGELOG.md",
        "generate prepend bootstrap",
    ),
    ("relwatch prepare 0.2.0", "create add prepare-release"),
    ("relwatch branch release 0.2.0", "start release-pr"),
    ("relwatch release --finish --push", "end"),
    (
        "relwatch man --output ~/.local/share/man/man1",
        "generate-manpages",
    ),
    ("relwatch hooks install", "install-hook install-hooks"),
    ("relwatch specs --since v0.1.0", "ls list document-change"),
    ("relwatch undo", "rollback revert amend abort cancel"),
    (
        "relwatch withdraw 0.2.0 --reason 'it loses data'",
        "rollback revert yank retract deprecate",
    ),
    ("relwatch branch hotfix v0.1.0", "patch"),
    ("relwatch version --minor", "bump bump-version"),
    ("relwatch notes --latest --announce release", "mail"),
    ("relwatch support", "eol lts deprecated"),
    ("relwatch metrics", "dora statistics"),
    ("relwatch watch --daemon", "watcher"),
];

/// Where to look further.
pub const MORE: &str = "`relwatch help` lists common tasks and their commands.";

/// Every exit code, a line each.
fn exit_codes() -> String {
    let line = |code: u8, meaning: &str| format!("  {code:<3}  {meaning}\n");
    let codes = Exit::ALL.map(|exit| line(exit as u8, exit.meaning()));
    line(0, SUCCESS) + &codes.concat()
}

/// The command with examples below the help of each of its own.
pub fn with_examples(command: Command) -> Command {
    let path = command.get_name().to_owned();
    command
        .after_help(MORE)
        .after_long_help(format!("Exit codes:\n{}\n{MORE}", exit_codes()))
        .mut_subcommands(|each| with_examples_below(each, &path))
}

fn with_examples_below(command: Command, path: &str) -> Command {
    let path = format!("{path} {}", command.get_name());
    let tasks = TASKS.iter().flat_map(|(_, tasks)| *tasks).copied();
    let own: Vec<Wish> = tasks.filter(|(_, line)| begins(line, &path)).collect();
    let command = if own.is_empty() {
        command
    } else {
        command.after_help(format!("Examples:\n{}", table(&own)))
    };
    command.mut_subcommands(|each| with_examples_below(each, &path))
}

/// Whether a line calls the command at this path or one below it.
fn begins(line: &str, path: &str) -> bool {
    let rest = line.strip_prefix(path);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn table(tasks: &[Wish]) -> String {
    let lines = tasks
        .iter()
        .map(|(wish, line)| format!("  {wish}\n      {line}\n"));
    lines.collect()
}

/// Find the command for a task.
#[derive(Debug, clap::Args)]
pub struct HelpArguments {
    /// Such as `cut a release`, or the name of a command; everything, if not given.
    words: Vec<String>,
}

/// `relwatch help WORDS`: the help of a command, or what is about these words.
///
/// # Errors
/// Exit 2 if nothing is, with the nearest command.
pub fn run(arguments: HelpArguments, command: &Command) -> Result<Report> {
    let words = arguments.words.as_slice();
    if words.is_empty() {
        let all = TASKS
            .iter()
            .map(|(about, tasks)| format!("{about}\n{}", table(tasks)));
        let all: Vec<String> = all.collect();
        let more = "`relwatch help WORDS` finds what is about them.\n`relwatch help COMMAND` lists all options.";
        return Ok(Report::answer(format!("{}\n{more}\n", all.join("\n"))));
    }
    if let Some(help) = of_command(command, words) {
        return Ok(Report::answer(help));
    }
    let found = about(words);
    if !found.is_empty() {
        return Ok(Report::answer(table(&found)));
    }
    let asked = terminal::printable(&words.join(" "));
    let names = command.get_subcommands().map(Command::get_name);
    let nearest = names
        .map(|name| (strsim::damerau_levenshtein(&asked, name), name))
        .filter(|(distance, name)| *distance <= name.len().div_ceil(2))
        .min();
    let next = match nearest {
        Some((_, name)) => format!("did you mean `relwatch help {name}`?"),
        None => "`relwatch help` lists what there is".to_owned(),
    };
    Err(Failure::new(Exit::Usage, format!("there is no help about `{asked}`")).with_remedy(next))
}

/// What `--help` says of the command that these words name.
fn of_command(command: &Command, words: &[String]) -> Option<String> {
    let is_named = words.iter().try_fold(command, |at, word| {
        at.get_subcommands().find(|each| each.get_name() == word)
    });
    is_named?;
    let called = [command.get_name()].into_iter();
    let called = called
        .chain(words.iter().map(String::as_str))
        .chain(["--help"]);
    let help = command.clone().try_get_matches_from(called).err()?;
    Some(help.render().to_string())
}

/// The tasks that have most of these words.
fn about(words: &[String]) -> Vec<Wish> {
    let asked: Vec<String> = words.iter().flat_map(|words| telling(words)).collect();
    let rated = TASKS.iter().flat_map(|(_, tasks)| *tasks).map(|task| {
        let held = telling(&format!("{} {} {}", task.0, task.1, also(task.1)));
        let is_held = |word: &&String| held.iter().any(|own| is_like(own, word));
        (asked.iter().filter(is_held).count(), *task)
    });
    let rated: Vec<(usize, Wish)> = rated.collect();
    let most = rated.iter().map(|(count, _)| *count).max().unwrap_or(0);
    let best = rated
        .into_iter()
        .filter(|(count, _)| most > 0 && *count == most);
    best.map(|(_, task)| task).collect()
}

/// The tasks that a command of another tool may mean: its name is in their line, or among what else they are called. None if they are
/// many, for then it says nothing.
pub fn known_as(name: &str) -> Vec<Wish> {
    const MANY: usize = 6;
    let tasks = TASKS.iter().flat_map(|(_, tasks)| *tasks).copied();
    let is_meant = |(_, line): &Wish| {
        let words = format!("{line} {}", also(line));
        let mut words = words.split_whitespace().skip(1);
        words.any(|word| word.trim_start_matches('-') == name)
    };
    let found: Vec<Wish> = tasks.filter(is_meant).collect();
    if found.len() < MANY {
        found
    } else {
        Vec::new()
    }
}

/// What else people call what a line does.
fn also(line: &str) -> String {
    let known = ALSO.iter().filter(|(known, _)| *known == line);
    let words: Vec<&str> = known.map(|(_, words)| *words).collect();
    words.join(" ")
}

/// Short words that are searched for.
const SHORT: [&str; 2] = ["ci", "pr"];

/// The words that are searched for.
fn telling(words: &str) -> Vec<String> {
    let is_short = |word: &str| word.len() < 3 && !SHORT.contains(&word);
    let says_nothing = |word: &str| is_short(word) || ["the", "and", "for", "with"].contains(&word);
    let each = words.split(|c: char| !c.is_alphanumeric());
    let each = each.map(str::to_lowercase);
    each.filter(|word| !says_nothing(word) && word != "relwatch")
        .collect()
}

/// `release` is like `released`.
fn is_like(one: &str, other: &str) -> bool {
    one == other
        || one.len().min(other.len()) > 3 && (one.starts_with(other) || other.starts_with(one))
}
