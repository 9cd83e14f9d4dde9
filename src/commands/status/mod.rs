//! `relwatch status`: what would be released, as which version and why, what is left out, what stands in the way, and whether the
//! section is kept right. Gathered here, put into words in [`text`].

pub mod facts;
mod text;

use serde_json::json;

use crate::commands::status::facts::{Block, Found, Health, Looked, Options};
use crate::domain::failure::Result;
use crate::project::Project;
use crate::transition;
use crate::ui::Report;

/// Runs the command, a block for each component.
pub fn run(project: &Project, options: &Options) -> Result<Report> {
    let parts = project.components();
    let looked: Vec<Looked> = parts.iter().map(Looked::at).collect::<Result<_>>()?;
    let blocks: Vec<Block> = parts
        .iter()
        .zip(looked.iter().zip(facts::outlook(project, &parts, &looked)))
        .map(|(part, (looked, outlook))| Block::of(part, looked, outlook))
        .collect::<Result<_>>()?;
    let has_components = parts.iter().any(|part| part.name().is_some());
    let homeless = match project.name() {
        None if has_components => facts::homeless(&blocks),
        _ => Vec::new(),
    };
    let mut warnings: Vec<String> = blocks.iter().flat_map(|b| b.warnings.clone()).collect();
    warnings.extend(transition::interrupted(project).map(|interrupted| {
        let what = interrupted.what;
        format!("{what} was interrupted; `relwatch release --resume` finishes it")
    }));
    let found = Found {
        checks: facts::checks(project, &looked, &mut warnings)?,
        health: Health::of(project),
        blocks,
        homeless,
    };
    let report = match options.porcelain {
        true => Report::text(text::porcelain(&found)),
        false => Report::page(text::screen(&found, options)),
    };
    let json = match has_components {
        false => {
            let mut json = found.blocks.first().map(|b| b.json(&found.health));
            if let Some(json) = &mut json {
                json["checks"] = json!(found.checks);
            }
            json.unwrap_or_default()
        }
        true => {
            let named = found.blocks.iter();
            let named = named.filter_map(|b| Some((b.component.clone()?, b.json(&found.health))));
            let all: serde_json::Map<String, serde_json::Value> = named.collect();
            json!({"schema": 1, "components": all, "of_no_component": found.homeless, "checks": found.checks})
        }
    };
    Ok(report.with_json(json).with_warnings(warnings))
}
