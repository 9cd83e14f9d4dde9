//! `relwatch watch`: runs the watcher, and keeps the list of repositories that it watches.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::commands::Context;
use crate::domain::failure::Result;
use crate::ui::Report;
use crate::watch;

/// Watch registered repositories, and update their sections when no hook runs.
#[derive(Debug, clap::Args)]
pub struct WatchArguments {
    #[command(subcommand)]
    action: Option<WatchAction>,
    /// Print events as lines of JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Run in the background.
    #[arg(long, conflicts_with = "json")]
    daemon: bool,
}

#[derive(Debug, Subcommand)]
enum WatchAction {
    /// Register this repository, or those given.
    Add {
        /// Directories of repositories.
        #[arg(value_name = "DIR")]
        directories: Vec<PathBuf>,
    },
    /// Take this repository, or those given, off the list.
    Remove {
        /// Directories of repositories.
        #[arg(value_name = "DIR")]
        directories: Vec<PathBuf>,
    },
    /// Show the registered repositories.
    List,
    /// Say whether a watcher is running.
    Status,
    /// Stop the running watcher.
    Stop,
}

/// Runs the command.
pub fn run(arguments: WatchArguments, context: &Context) -> Result<Report> {
    let start = &context.start;
    let report = match arguments.action {
        None if arguments.daemon => watch::daemon(),
        None => watch::run(start, arguments.json).map(|()| Report::default()),
        Some(WatchAction::Add { directories }) => each(start, directories, watch::add),
        Some(WatchAction::Remove { directories }) => each(start, directories, watch::remove),
        Some(WatchAction::List) => watch::list(),
        Some(WatchAction::Status) => watch::status(),
        Some(WatchAction::Stop) => watch::stop(),
    };
    Ok(report?.as_json(arguments.json))
}

/// Does something with each directory; with the one that relwatch was started in if none is given.
fn each(
    start: &Path,
    directories: Vec<PathBuf>,
    act: fn(&Path) -> Result<Report>,
) -> Result<Report> {
    if directories.is_empty() {
        return act(start);
    }
    let mut all = Report::default();
    for folder in directories {
        all.absorb(act(&start.join(folder))?);
    }
    Ok(all)
}
