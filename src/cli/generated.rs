//! Man pages, made from the commands and nothing else.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

use super::help;
use crate::commands::Context;
use crate::domain::failure::{Failure, Result};
use crate::sys::files::{self, Durable};
use crate::ui::{self, Report};

/// Print the man page, or write the man pages of all commands.
#[derive(Debug, Args)]
pub struct Manual {
    /// Write them into this directory; it is created if needed.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Prints the man page of relwatch, or writes those of all commands into a folder.
///
/// # Errors
/// If the folder cannot be written to.
pub fn manual(arguments: Manual, command: Command, context: &Context) -> Result<Report> {
    let pages = pages(command)?;
    let Some(folder) = context.to_file(arguments.output) else {
        let first = pages.into_iter().next().map(|(_, text)| text);
        return Ok(Report::answer(first.unwrap_or_default()));
    };
    for (name, text) in &pages {
        let path = folder.join(name);
        files::make_parent(&path)?;
        files::replace(&path, text.as_bytes(), Durable::Yes)?;
    }
    let count = ui::counted(pages.len(), "page", "pages");
    let shown = folder.display();
    Ok(Report::text(format!("wrote: {count} into {shown}\n")))
}

/// The names and texts of all pages, that of relwatch first.
fn pages(mut command: Command) -> Result<Vec<(String, String)>> {
    command.build();
    let source = command.render_version();
    let mut open = vec![command];
    let mut pages = Vec::new();
    while let Some(command) = open.pop() {
        let below = command.get_subcommands().filter(|each| !each.is_hide_set());
        open.extend(below.cloned());
        let name = command.get_display_name().unwrap_or(command.get_name());
        let shown = command.clone().display_name(name);
        let page = Man::new(shown.override_usage(synopsis(&command))).source(source.trim());
        let mut text = Vec::new();
        page.render(&mut text)
            .map_err(|error| Failure::failed(format!("cannot write the page {name}: {error}")))?;
        // Below the help of a command are its examples; below that of relwatch, the exit codes and where to find more.
        let text = String::from_utf8_lossy(&text)
            .replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n")
            .replace(".SH EXTRA\nExit codes:\n", ".SH EXIT STATUS\n")
            .replace(
                &format!("\n{}", help::MORE),
                &format!("\n.SH SEE ALSO\n{}", help::MORE),
            )
            .replace(".SH EXTRA\n", ".SH SEE ALSO\n");
        pages.push((page.get_filename(), text));
    }
    Ok(pages)
}

/// How a command is called. What clap_mangen makes by itself leaves out the values of options.
fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let mut words = vec![name.to_owned()];
    let all = command.get_arguments().filter(|arg| !arg.is_hide_set());
    for option in all.filter(|arg| !arg.is_positional()) {
        let short = match (option.get_short(), option.get_long()) {
            (Some(short), Some(_)) => format!("-{short}|"),
            _ => String::new(),
        };
        words.push(if option.is_required_set() {
            format!("{short}{option}")
        } else {
            format!("[{short}{option}]")
        });
    }
    words.extend(command.get_positionals().map(ToString::to_string));
    if command.has_subcommands() {
        words.push(if command.is_subcommand_required_set() {
            "<COMMAND>".to_owned()
        } else {
            "[COMMAND]".to_owned()
        });
    }
    words.join(" ")
}
