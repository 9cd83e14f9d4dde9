//! `relwatch status`: what would be released, as which version and why, what is left out, what stands in the way, and whether the
//! section is kept right. Gathered here, put into words in `text`.

mod facts;
mod text;

use serde_json::json;

use crate::commands::status::facts::{ChangelogStatus, Health, InspectedChangelog, StatusFacts};
use crate::commands::{AnyComponent, Context};
use crate::domain::failure::Result;
use crate::transition;
use crate::ui::Report;

/// Show the next version, its entries and the excluded changes.
#[derive(Debug, clap::Args)]
pub struct StatusArguments {
    /// List every covered and left-out change.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    of: AnyComponent,
    /// Print facts for prompts and scripts, one a line.
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
    let project = &arguments.of.open(context)?;
    let parts = project.components();
    let head = project.repo.head()?;
    let looked = parts
        .iter()
        .map(|part| InspectedChangelog::at(part, head.clone()));
    let looked: Vec<InspectedChangelog<'_>> = looked.collect::<Result<_>>()?;
    let blocks: Vec<ChangelogStatus> = parts
        .iter()
        .zip(looked.iter().zip(facts::outlook(project, &parts, &looked)))
        .map(|(part, (looked, outlook))| ChangelogStatus::describe(part, looked, outlook))
        .collect::<Result<_>>()?;
    let has_components = parts.iter().any(|part| part.name().is_some());
    let homeless = match project.name() {
        None if has_components => facts::homeless(&blocks),
        _ => Vec::new(),
    };
    let mut warnings: Vec<String> = blocks.iter().flat_map(|b| b.warnings.clone()).collect();
    warnings.extend(project.idle_paths()?);
    warnings.extend(project.ignored_configuration());
    warnings.extend(transition::interrupted(project).map(|interrupted| {
        let what = interrupted.what;
        format!("{what} was interrupted; `relwatch release --resume` finishes it")
    }));
    let found = StatusFacts {
        checks: facts::checks(project, &head, &looked, &mut warnings)?,
        health: Health::look(project),
        blocks,
        homeless,
    };
    let report = if arguments.porcelain {
        Report::answer(text::porcelain(&found))
    } else {
        Report::page(text::screen(&found, context.screen(), arguments.all))
    };
    let json = if has_components {
        let named = found.blocks.iter();
        let named = named.filter_map(|b| Some((b.component.clone()?, b.json(&found.health))));
        let all: serde_json::Map<String, serde_json::Value> = named.collect();
        json!({"schema": 1, "components": all, "of_no_component": found.homeless, "checks": found.checks})
    } else {
        let mut json = found.blocks.first().map(|b| b.json(&found.health));
        if let Some(json) = &mut json {
            json["checks"] = json!(found.checks);
        }
        json.unwrap_or_default()
    };
    let report = report.with_json(json).as_json(arguments.json);
    Ok(report.with_warnings(warnings))
}
