//! `relwatch preview`: what a branch would add to the changelog and to the version once it is merged. Compared in `brought`, put into words
//! in `text`.

mod brought;
mod text;

use clap::ValueEnum;
use serde_json::json;

use clap_complete::ArgValueCompleter;

use crate::commands::preview::brought::{BranchPreview, BroughtChanges};
use crate::commands::{AnyComponent, Context, values};
use crate::domain::failure::{Exit, Failure, Result};
use crate::history::between;
use crate::history::forge_facts::{self, FactsWanted};
use crate::history::revisions::CommitRange;
use crate::project::Project;
use crate::project::reach::Reach;
use crate::release::next_version;
use crate::section::labelled;
use crate::section::placed::PlacedSection;
use crate::ui::Report;

/// Show what a branch adds to the changelog and to the next version.
#[derive(Debug, clap::Args)]
pub struct PreviewArguments {
    /// The branch that it would be merged into, and its last commit, as in main..feature; without a last one HEAD. If not given, what HEAD
    /// has beside the default branch of the remote.
    #[arg(value_name = "BASE..HEAD", add = ArgValueCompleter::new(values::ranges))]
    range: Option<String>,
    #[command(flatten)]
    of: AnyComponent,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: PreviewFormat,
    /// Do not ask the forge for labels and titles of pull requests.
    #[arg(long)]
    offline: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// How it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum PreviewFormat {
    /// For a terminal.
    #[default]
    Text,
    /// For a comment on a pull request.
    Markdown,
}

/// Runs the command.
pub fn run(arguments: PreviewArguments, context: &Context) -> Result<Report> {
    let whole = &context.open()?;
    let named = arguments.of.part_of(whole)?;
    let project = named.as_ref().unwrap_or(whole);
    let range = asked(project, arguments.range.as_deref())?;
    let (parts, shown) = next_version::with_related(whole, project);
    let commits = between::commits(project, Some(range.from), range.to)?;
    let before = parts.iter().map(|part| PlacedSection::at(part, range.from));
    let before: Vec<PlacedSection> = before.collect::<Result<_>>()?;
    let after = parts.iter().zip(&before).map(|(part, base)| {
        let branch = PlacedSection::at(part, range.to)?;
        PlacedSection::merged(part, base, &branch)
    });
    let mut after: Vec<PlacedSection> = after.collect::<Result<_>>()?;
    let mut warnings = Vec::from_iter(range.warning.clone());
    let (wanted, reach) = (FactsWanted::Entries, Reach::unless(arguments.offline));
    let facts = forge_facts::facts_or_warning(project, &commits, wanted, reach, &mut warnings)?;
    let labels = parts.iter().zip(&mut after).map(|(part, one)| {
        let labelled = labelled::section(part, &one.history, &one.section, &facts);
        if let Some(section) = labelled.section {
            one.section = section;
        }
        labelled.changes
    });
    let labels: Vec<Vec<String>> = labels.collect();
    let outlook = |all: &[PlacedSection]| {
        let contents = all.iter().map(|one| (&one.history, &one.section));
        next_version::outlook_offline(whole, &parts, &contents.collect::<Vec<_>>())
    };
    let versions = outlook(&before).into_iter().zip(outlook(&after));
    let sections = before.iter().zip(&after);
    let changes = parts.iter().zip(labels).zip(sections.zip(versions));
    let changes = changes.map(|((part, labels), ((before, after), (without, with)))| {
        let without = without.next.ok().flatten();
        BroughtChanges::compare(part, [before, after], without, with.next, labels)
    });
    let found = BranchPreview {
        words: range.words(),
        commits: commits.len(),
        parts: changes.take(shown).collect(),
    };
    warnings.extend(
        after
            .iter()
            .take(shown)
            .flat_map(|one| one.history.warnings.clone()),
    );
    let report = match arguments.format {
        PreviewFormat::Text => Report::page(text::screen(&found, context.screen())),
        PreviewFormat::Markdown => Report::answer(text::markdown(&found)),
    };
    let report = report.with_json(json(&found, &range));
    let report = report.as_json(arguments.json);
    Ok(report.with_warnings(warnings))
}

/// What the user asked for, or what HEAD has beside the branch that it will be merged into.
fn asked(project: &Project, words: Option<&str>) -> Result<CommitRange> {
    if let Some(words) = words {
        return CommitRange::read(project, words);
    }
    let head = project.repo.head()?;
    if let Some(range) = CommitRange::of_branch(project, &head)? {
        return Ok(range);
    }
    Err(Failure::new(
        Exit::Usage,
        "HEAD has no commit beside a branch that it could be merged into",
    )
    .with_remedy("name both, as in `relwatch preview main..feature`"))
}

fn json(found: &BranchPreview, range: &CommitRange) -> serde_json::Value {
    let range = json!({
        "from": range.from.to_string(),
        "to": range.to.to_string(),
        "commits": found.commits,
    });
    match found.parts.as_slice() {
        [one] if one.component.is_none() => {
            let mut json = one.json();
            json["schema"] = json!(1);
            json["range"] = range;
            json
        }
        parts => {
            let named = parts.iter();
            let named = named.filter_map(|part| Some((part.component.clone()?, part.json())));
            let all: serde_json::Map<String, serde_json::Value> = named.collect();
            json!({"schema": 1, "range": range, "components": all})
        }
    }
}
