//! `relwatch status`: what would be released, as which version and why, what is excluded, what blocks the release, and whether the
//! section is kept right. Gathered here, put into words in `text`.

mod facts;
mod text;

use serde_json::json;

use clap_complete::ArgValueCompleter;

use crate::commands::status::facts::{ChangelogStatus, Health, InspectedChangelog, StatusFacts};
use crate::commands::{AnyComponent, Context, values};
use crate::domain::failure::Result;
use crate::history::revisions::CommitRange;
use crate::project::Project;
use crate::release::next_version;
use crate::transition;
use crate::ui::Report;

/// Show the next version, its entries and the excluded changes.
#[derive(Debug, clap::Args)]
pub struct StatusArguments {
    /// What a range of commits brings, as in main..feature or v0.1.0..v0.2.0; a beginning alone goes up to HEAD.
    #[arg(value_name = "RANGE", conflicts_with = "porcelain", add = ArgValueCompleter::new(values::ranges))]
    range: Option<String>,
    /// List every superseded and excluded change.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    of: AnyComponent,
    /// Print fields for prompts and scripts, one per line.
    #[arg(long, conflicts_with_all = ["json", "all"])]
    porcelain: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl StatusArguments {
    /// Whether a prompt may ask.
    pub fn is_for_prompts(&self) -> bool {
        self.porcelain
    }
}

/// Runs the command, a block for each component.
pub fn run(arguments: StatusArguments, context: &Context) -> Result<Report> {
    let whole = &context.open()?;
    let named = arguments.of.part_of(whole)?;
    let project = named.as_ref().unwrap_or(whole);
    let (parts, shown) = next_version::with_related(whole, project);
    let head = project.repo.head()?;
    let range = arguments.range.as_deref();
    let range = range.map(|words| CommitRange::read(project, words));
    let range = range.transpose()?;
    let looked = parts.iter().map(|part| match &range {
        Some(range) => InspectedChangelog::between(part, range),
        None => InspectedChangelog::at(part, head.clone()),
    });
    let looked: Vec<InspectedChangelog<'_>> = looked.collect::<Result<_>>()?;
    let contents: Vec<_> = looked
        .iter()
        .map(|one| (one.history(), &one.section))
        .collect();
    let outlook = next_version::outlook_offline(whole, &parts, &contents);
    let blocks: Vec<ChangelogStatus> = parts
        .iter()
        .zip(looked.iter().zip(outlook))
        .take(shown)
        .map(|(part, (looked, outlook))| ChangelogStatus::describe(part, looked, outlook))
        .collect::<Result<_>>()?;
    let has_components = parts.iter().any(|part| part.name().is_some());
    let homeless = match project.name() {
        None if has_components => facts::homeless(&blocks),
        _ => Vec::new(),
    };
    let mut warnings: Vec<String> = blocks.iter().flat_map(|b| b.warnings.clone()).collect();
    if range.is_none() {
        warnings.extend(about_here(project)?);
    }
    let found = StatusFacts {
        checks: match &range {
            Some(_) => Vec::new(),
            None => facts::checks(project, &head, &looked[..shown], &mut warnings)?,
        },
        health: range.is_none().then(|| Health::look(project)),
        blocks,
        homeless,
        range,
    };
    let report = if arguments.porcelain {
        Report::answer(text::porcelain(&found))
    } else {
        Report::page(text::screen(&found, context.screen(), arguments.all))
    };
    let report = report.with_json(json(&found, has_components));
    Ok(report.as_json(arguments.json).with_warnings(warnings))
}

fn json(found: &StatusFacts, has_components: bool) -> serde_json::Value {
    let mut json = if has_components {
        let named = found.blocks.iter();
        let named = named.filter_map(|b| Some((b.component.clone()?, b.json(found))));
        let all: serde_json::Map<String, serde_json::Value> = named.collect();
        json!({"schema": 1, "components": all, "of_no_component": found.homeless})
    } else {
        let one = found.blocks.first().map(|b| b.json(found));
        one.unwrap_or_default()
    };
    if found.range.is_none() {
        json["checks"] = json!(found.checks);
    }
    json
}

/// What to know of this clone.
fn about_here(project: &Project) -> Result<Vec<String>> {
    let mut warnings = project.idle_paths()?;
    warnings.extend(project.ignored_configuration());
    warnings.extend(transition::interrupted(project).map(|interrupted| {
        let what = interrupted.what;
        format!("{what} was interrupted; `relwatch release --resume` finishes it")
    }));
    Ok(warnings)
}
