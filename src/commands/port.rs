//! `relwatch port [VERSION]`: lists the releases of other branches whose sections are missing here, or adds them.

use serde_json::json;

use clap_complete::ArgValueCompleter;

use crate::commands::{Context, OneComponent, values};
use crate::domain::failure::Result;
use crate::domain::text::words;
use crate::project::Project;
use crate::release::elsewhere;
use crate::release::next_version::{self, Unversioned};
use crate::release::port::{self, PortOutcome, PortedRelease};
use crate::release::remote;
use crate::release::request::Wanted;
use crate::section::working_file::WorkingFile;
use crate::sys::git::ReleaseTag;
use crate::ui::Report;

/// Copy the section of a version that was released on another branch, in one commit.
#[derive(Debug, clap::Args)]
pub struct PortArguments {
    #[command(flatten)]
    of: OneComponent,
    /// A version such as 1.0.3, or its tag; without one, list what is missing.
    #[arg(value_name = "VERSION", add = ArgValueCompleter::new(values::versions))]
    version: Option<String>,
    /// Add every section that is missing.
    #[arg(long, conflicts_with = "version")]
    all: bool,
    /// Show what would change and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: PortArguments, context: &Context) -> Result<Report> {
    let project = &arguments.of.open(context)?;
    let json = arguments.json;
    let releases = match &arguments.version {
        Some(words) => vec![PortedRelease::typed(project, words)?],
        None => {
            let missing = missing(project)?;
            if missing.is_empty() || !arguments.all {
                return Ok(listed(project, &missing).as_json(json));
            }
            missing
        }
    };
    let outcome = port::add(project, &releases, arguments.dry_run)?;
    Ok(said(project, outcome, arguments.dry_run).as_json(json))
}

/// The releases of other branches whose sections are missing here, newest first.
fn missing(project: &Project) -> Result<Vec<PortedRelease>> {
    let file = WorkingFile::read(project)?;
    let (history, section) = (&file.history, &file.section()?);
    let candidate = Unversioned {
        project,
        history,
        section,
        is_released: !section.is_empty(),
    };
    let branch = remote::branch(&history.head, None);
    let (ties, wanted) = (project.config.ties(), Wanted::default());
    let outlook = next_version::outlook(&[candidate], &ties, &wanted, &branch, None);
    let next = outlook.into_iter().next();
    let next = next.and_then(|outlook| outlook.next.ok().flatten());
    let next = next.map(|next| next.version);
    let found = elsewhere::missing(project, history, &section.doc, next.as_ref())?.into_iter();
    let read = |(commit, tag)| PortedRelease::read(project, commit, tag);
    found.map(read).collect()
}

fn listed(project: &Project, missing: &[PortedRelease]) -> Report {
    let name = &project.config.changelog;
    let versions: Vec<String> = missing
        .iter()
        .map(|one| one.tag.version.to_string())
        .collect();
    let text = match versions.first() {
        None => format!("nothing is missing in {name}\n"),
        Some(first) => {
            let of = match project.name() {
                Some(component) => format!("-c {} ", words::shell_word(component)),
                None => String::new(),
            };
            let all = if versions.len() > 1 {
                format!(", or relwatch port {of}--all")
            } else {
                String::new()
            };
            format!(
                "missing in {name}: {} (released on other branches)\nnext: relwatch port {of}{first}{all}\n",
                versions.join(", ")
            )
        }
    };
    let json = json!({"schema": 1, "missing_here": versions});
    Report::answer(text).with_json(json)
}

fn said(project: &Project, outcome: PortOutcome, dry_run: bool) -> Report {
    let name = &project.config.changelog;
    let mut text = String::new();
    for tag in &outcome.present {
        text.push_str(&format!("already in {name}: {}\n", tag.version));
    }
    let did = if dry_run { "would port" } else { "ported" };
    let commit = outcome.commit.map_or(String::new(), |commit| {
        format!(": commit {}", commit.short())
    });
    for (tag, above) in &outcome.ported {
        let place = match above {
            Some(above) => format!("below {above}"),
            None => "at the top".to_owned(),
        };
        let ReleaseTag {
            name: from,
            version,
        } = tag;
        text.push_str(&format!(
            "{did} {version} from {from} into {name}, {place}{commit}\n"
        ));
    }
    if dry_run && !outcome.ported.is_empty() {
        text.push_str(&format!("\n{}\nnothing was changed\n", outcome.diff));
    }
    let version = |tag: &ReleaseTag| tag.version.to_string();
    let json = json!({
        "schema": 1,
        "ported": outcome.ported.iter().map(|(tag, _)| version(tag)).collect::<Vec<_>>(),
        "present": outcome.present.iter().map(version).collect::<Vec<_>>(),
        "commit": outcome.commit,
    });
    Report::text(text)
        .as_answer(dry_run)
        .with_json(json)
        .with_warnings(outcome.warnings)
}
