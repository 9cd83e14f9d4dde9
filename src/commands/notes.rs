//! `relwatch notes`: the notes of one version or several, the body of a release's page, the draft of an announcement.

use std::path::PathBuf;

use clap_complete::{ArgValueCandidates, ArgValueCompleter};

use crate::commands::{Context, values};
use crate::domain::failure::Result;
use crate::history::range::History;
use crate::notes::announce::Announcement;
use crate::notes::command;
use crate::notes::request::{NotesFormat, NotesOptions};
use crate::project::Project;
use crate::project::reach::Reach;
use crate::release::next_version;
use crate::section::contents::SectionContents;
use crate::ui::Report;

/// Print release notes: of a version, a range or the Unreleased section.
#[derive(Debug, clap::Args)]
pub struct NotesArguments {
    /// A version of the changelog, or several as in v0.1.0..v0.3.0, or any range of commits as in main..feature; Unreleased if not given.
    #[arg(value_name = "VERSION|A..B", add = ArgValueCompleter::new(values::ranges))]
    version: Option<String>,
    /// The newest version of the changelog.
    #[arg(long, conflicts_with = "version")]
    latest: bool,
    /// The whole history as a changelog, from commits and specs.
    #[arg(long, conflicts_with_all = ["version", "latest"])]
    all: bool,
    /// The whole release body: breaking changes first, upgrade, known issues, people, what it is compared with.
    #[arg(long, conflicts_with = "all")]
    full: bool,
    /// A draft of an announcement: subject and text.
    #[arg(long, value_name = "KIND", conflicts_with_all = ["all", "full"])]
    announce: Option<Announcement>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    format: NotesFormat,
    /// Write them to this file; its directory must exist.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Of this component.
    #[arg(short, long, value_name = "NAME", add = ArgValueCandidates::new(values::components))]
    component: Option<String>,
    /// Try this template: of the section, or with --full of the body.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "announce"])]
    template: Option<PathBuf>,
    /// Do not run `polish`.
    #[arg(long)]
    no_polish: bool,
    /// Do not ask the forge (see `forge` in relwatch.yml).
    #[arg(long)]
    offline: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: NotesArguments, context: &Context) -> Result<Report> {
    let project = context.open()?.narrowed(arguments.component.as_deref())?;
    let options = NotesOptions {
        version: arguments.version,
        latest: arguments.latest,
        all: arguments.all,
        full: arguments.full,
        announce: arguments.announce,
        format: arguments.format,
        output: context.to_file(arguments.output),
        no_polish: arguments.no_polish,
        reach: Reach::unless(arguments.offline),
        template: arguments.template.map(|path| context.file(path)),
    };
    Ok(command::run(&project, &options, next_version)?.as_json(arguments.json))
}

/// The version that an announcement of unreleased changes names: the one that a release would cut.
fn next_version(project: &Project, history: &History, section: &SectionContents) -> Result<String> {
    let next = next_version::on_its_own(project, history, section)?;
    Ok(next.version.to_string())
}
