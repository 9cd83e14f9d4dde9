//! `relwatch support`: which versions are supported until when, by the tags and the release manifest, and what the changelog
//! announces as deprecated. A release keeps the matrix in documents that have its markers.

use serde_json::json;

use clap_complete::ArgValueCompleter;

use crate::commands::{AnyComponent, Context, values};
use crate::domain::changelog::document::Document;
use crate::domain::failure::Result;
use crate::domain::report::deprecation::{Deprecation, deprecations};
use crate::domain::report::support::{LineStatus, ReleaseLine};
use crate::domain::version::form;
use crate::history::range;
use crate::project::Project;
use crate::release::kinds::{self, NewKind};
use crate::release::support_block::{self, Supported};
use crate::sys::{clock, files};
use crate::ui::{self, Report};

/// So long before its end it is said that support ends.
const SOON: &str = "30 days";

/// Show which versions are supported until when, and what is deprecated.
#[derive(Debug, clap::Args)]
pub struct SupportArguments {
    #[command(flatten)]
    of: AnyComponent,
    /// Give a released version long-term support, in one commit.
    #[arg(long, value_name = "VERSION", conflicts_with = "markdown", add = ArgValueCompleter::new(values::versions))]
    lts: Option<String>,
    /// Until when: a day, or a time from its release such as `1 year`; `support: {lts: …}` in relwatch.yml if not given.
    #[arg(long, value_name = "DAY", requires = "lts")]
    until: Option<String>,
    /// Print the block for a document; each release updates it there.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: SupportArguments, context: &Context) -> Result<Report> {
    let project = arguments.of.open(context)?;
    if let Some(version) = &arguments.lts {
        let until = arguments.until.as_deref();
        return Ok(
            kinds::set(&project, version, NewKind::Supported, until)?.as_json(arguments.json)
        );
    }
    let today = clock::today();
    let soon = clock::later(&today, SOON).unwrap_or_default();
    let mut all = Vec::new();
    let mut warnings = Vec::new();
    if project.repo.is_shallow() {
        warnings.push(range::SHALLOW.to_owned());
    }
    for part in project.components() {
        let lines = support_block::lines(&part, &[], &today)?;
        let path = files::at(part.repo.root(), &part.config.changelog);
        let changelog = files::read(&path)?.unwrap_or_default();
        let deprecations = deprecations(&Document::parse(&changelog));
        warnings.extend(soon_or_overdue(&part, &lines, &deprecations, &soon));
        all.push(Supported {
            component: part.name().map(str::to_owned),
            lines,
            deprecations,
        });
    }
    let screen = context.screen();
    let parts = all.iter().map(|one| {
        if arguments.markdown {
            ui::support::markdown(one.component.as_deref(), &one.lines)
        } else {
            ui::support::table(
                screen,
                one.component.as_deref(),
                &one.lines,
                &one.deprecations,
            )
        }
    });
    let parts: Vec<String> = parts.collect();
    let report = Report::answer(parts.join("\n")).with_warnings(warnings);
    let report = report.with_json(json!({"schema": 1, "support": all}));
    Ok(report.as_json(arguments.json))
}

/// What to know soon: the support of a line that ends until a day, and what is still there although its version of removal is out.
fn soon_or_overdue(
    part: &Project,
    lines: &[ReleaseLine],
    deprecations: &[Deprecation],
    soon: &str,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let named = part.name().map_or(String::new(), |name| format!("{name} "));
    let over = Some(LineStatus::EndOfLife);
    for line in lines.iter().filter(|line| line.status != over) {
        if let Some(until) = line.until.as_ref().filter(|until| until.as_str() <= soon) {
            warnings.push(format!("support of {named}{} ends on {until}", line.line));
        }
    }
    let current = lines
        .iter()
        .find(|line| line.status == Some(LineStatus::Current));
    let newest = current.and_then(|line| form::read(line.latest.as_deref()?));
    let is_overdue =
        |one: &&Deprecation| newest.as_ref().is_some_and(|newest| one.is_overdue(newest));
    for one in deprecations.iter().filter(is_overdue) {
        let planned = one.planned.as_deref().unwrap_or_default();
        warnings.push(format!(
            "{named}{planned} is out and no `Removed` entry names this: {}",
            one.text
        ));
    }
    warnings
}
