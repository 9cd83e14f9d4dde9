//! `relwatch schema`: the JSON Schemas of relwatch.yml and of what commands print as JSON, as docs/schema has them.

use clap_complete::{ArgValueCandidates, CompletionCandidate};

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::terminal;
use crate::ui::Report;

/// Print the JSON Schema of relwatch.yml or of a command's JSON output; without a name, list the schemas.
#[derive(Debug, clap::Args)]
pub struct SchemaArguments {
    /// `config` for relwatch.yml, or the command: status, notes, release and others.
    #[arg(add = ArgValueCandidates::new(names))]
    name: Option<String>,
}

fn names() -> Vec<CompletionCandidate> {
    let named = ALL
        .iter()
        .map(|(name, what, _)| CompletionCandidate::new(name).help(Some((*what).into())));
    named.collect()
}

/// A name, what has this form, and the schema.
type Published = (&'static str, &'static str, &'static str);

macro_rules! published {
    ($($name:literal $file:literal $what:literal,)*) => {
        &[$(($name, $what, include_str!(concat!("../../docs/schema/", $file, ".schema.json")))),*]
    };
}

const ALL: &[Published] = published! {
    "config" "relwatch" "relwatch.yml",
    "check" "check" "relwatch check --json",
    "doctor" "doctor" "relwatch doctor --json",
    "explain" "explain" "relwatch explain REF --json",
    "hooks" "hooks" "relwatch hooks status --json",
    "lint" "lint" "relwatch lint --json",
    "metrics" "metrics" "relwatch metrics --json",
    "notes" "notes" "relwatch notes --json",
    "port" "port" "relwatch port --json",
    "preview" "preview" "relwatch preview --json",
    "release" "release" "relwatch release --json",
    "releases" "releases" "relwatch releases --json",
    "specs" "specs" "relwatch specs --format json",
    "status" "status" "relwatch status --json",
    "support" "support" "relwatch support --json",
    "version" "version" "relwatch version --json",
    "watch" "watch" "relwatch watch --json",
    "withdraw" "withdraw" "relwatch withdraw VERSION --json",
};

/// Runs the command.
///
/// # Errors
/// Exit 2 if nothing has this name.
pub fn run(arguments: &SchemaArguments) -> Result<Report> {
    let Some(name) = &arguments.name else {
        let lines = ALL
            .iter()
            .map(|(name, what, _)| format!("{name:<10} {what}\n"));
        return Ok(Report::answer(lines.collect::<String>()));
    };
    let found = ALL.iter().find(|(known, ..)| known == name);
    let Some((_, _, schema)) = found else {
        let what = format!("there is no schema {}", terminal::printable(name));
        return Err(Failure::new(Exit::Usage, what).with_remedy("`relwatch schema` lists them"));
    };
    Ok(Report::answer(*schema))
}
