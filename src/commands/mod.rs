//! One file a command: its arguments, what it asks of the rooms below, and the report that it makes of their answers.

pub mod archive;
pub mod branch;
pub mod check;
pub mod doctor;
pub mod explain;
pub mod filter;
pub mod hook;
pub mod hooks;
pub mod init;
pub mod lint;
pub mod merge_driver;
pub mod metrics;
pub mod notes;
pub mod port;
pub mod prepare;
pub mod preview;
pub mod publish;
pub mod release;
pub mod releases;
pub mod schema;
pub mod service;
pub mod skip;
pub mod specs;
pub mod status;
pub mod support;
pub mod undo;
pub mod uninstall;
pub mod update;
mod values;
pub mod version;
pub mod watch;
pub mod withdraw;

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ColorChoice};
use clap_complete::ArgValueCandidates;

use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::manifest::ReleaseKind;
use crate::project::Project;
use crate::release::request::Wanted;
use crate::sys::env::OutputStream;
use crate::sys::{env, layout, log};
use crate::transition;
use crate::ui::screen::Screen;

/// Where relwatch was started, and the options that every command has.
#[derive(Debug, Clone)]
pub struct Context {
    /// The directory that it runs in: that of `-C`, else the current one.
    pub start: PathBuf,
    /// The directory of `-C`; empty without it.
    folder: PathBuf,
    verbose: bool,
    colour: ColorChoice,
}

impl Context {
    /// # Errors
    /// If the current directory cannot be read.
    pub fn new(folder: Option<PathBuf>, verbose: bool, colour: ColorChoice) -> Result<Context> {
        let start = match &folder {
            Some(folder) => folder.clone(),
            None => env::current_dir()?,
        };
        Ok(Context {
            start,
            folder: folder.unwrap_or_default(),
            verbose,
            colour,
        })
    }

    /// Opens the repository with its configuration, and starts its log.
    pub fn open(&self) -> Result<Project> {
        let project = Project::open(&self.start)?;
        log::start(if self.verbose {
            log::Target::Terminal
        } else {
            log::Target::File(layout::log(project.repo.git_dir()))
        });
        Ok(project)
    }

    /// What Ctrl-C leaves.
    pub fn interrupted(&self) -> Failure {
        let is_pending = |project: Project| transition::pending(&project).is_some();
        if Project::open(&self.start).is_ok_and(is_pending) {
            Failure::new(Exit::Declined, "interrupted in the middle")
                .with_remedy("`relwatch release --resume` goes on")
        } else {
            Failure::new(Exit::Declined, "interrupted; nothing is half done")
        }
    }

    /// A file that the user names: relative to the directory of `-C`, as for git.
    pub fn file(&self, path: PathBuf) -> PathBuf {
        self.folder.join(path)
    }

    /// The file to write to; `None` for `-`, standard output.
    pub fn to_file(&self, path: Option<PathBuf>) -> Option<PathBuf> {
        let path = path.filter(|path| path.as_os_str() != "-");
        path.map(|path| self.file(path))
    }

    /// What standard output is shown on.
    pub fn screen(&self) -> Screen {
        Screen {
            width: env::width(),
            colour: wants_colour(self.colour, OutputStream::Output),
        }
    }
}

/// Whether a stream gets colours, with what `--color` says.
pub fn wants_colour(choice: ColorChoice, stream: OutputStream) -> bool {
    let chosen = match choice {
        ColorChoice::Auto => None,
        ColorChoice::Always => Some(true),
        ColorChoice::Never => Some(false),
    };
    env::wants_colour(chosen, stream)
}

/// For commands that go through all components.
#[derive(Debug, Args)]
pub struct AnyComponent {
    /// Of this component only.
    #[arg(short, long, value_name = "NAME", add = ArgValueCandidates::new(values::components))]
    component: Option<String>,
}

impl AnyComponent {
    /// Opens the component, or the whole project if none is named.
    pub fn open(&self, context: &Context) -> Result<Project> {
        context.open()?.narrowed(self.component.as_deref())
    }

    /// The component of an opened project; `None` if none is named.
    pub fn part_of(&self, whole: &Project) -> Result<Option<Project>> {
        let name = self.component.as_deref();
        name.map(|name| whole.component(name)).transpose()
    }
}

/// For commands that are about one component.
#[derive(Debug, Args)]
pub struct OneComponent {
    /// Of this component.
    #[arg(short = 'c', long = "component", value_name = "NAME", global = true, add = ArgValueCandidates::new(values::components))]
    component: Option<String>,
}

impl OneComponent {
    /// Opens the component, or the project if it has none.
    ///
    /// # Errors
    /// Exit 2 if there are several and none is named.
    pub fn open(&self, context: &Context) -> Result<Project> {
        let one = context.open()?.narrowed(self.component.as_deref())?;
        one.alone()?;
        Ok(one)
    }
}

/// The release that a command is about.
#[derive(Debug, Args)]
pub struct WantedArguments {
    /// Release this component; may be given several times. Without it, all that changed.
    #[arg(short = 'c', long = "component", value_name = "NAME", add = ArgValueCandidates::new(values::components))]
    components: Vec<String>,
    /// A version such as 1.2.3, or patch, minor, major; computed if not given.
    #[arg(value_name = "VERSION|LEVEL", add = ArgValueCandidates::new(values::levels))]
    version: Option<String>,
    /// Make it a pre-release: alpha, beta, rc.
    #[arg(long, value_name = "LABEL")]
    pre: Option<String>,
    /// Kind of the release; if not given, hotfix on or after a hotfix branch, else regular.
    #[arg(long, value_name = "KIND", value_parser = ["regular", "hotfix", "lts"], conflicts_with = "pre")]
    kind: Option<String>,
    /// Long-term support: same as `--kind lts`.
    #[arg(long, conflicts_with_all = ["pre", "kind"])]
    lts: bool,
    /// Branch to release from when HEAD is detached.
    #[arg(long)]
    branch: Option<String>,
    /// Add the changes that hand-written notes do not mention.
    #[arg(long)]
    add_missing: bool,
    /// Release although checklist items of the release spec are open.
    #[arg(long, requires = "reason")]
    skip_checklist: bool,
    /// Release without this gate; may be given several times.
    #[arg(long = "skip-gate", value_name = "NAME", requires = "reason", add = ArgValueCandidates::new(values::gates))]
    skip_gates: Vec<String>,
    /// Release whatever this check finds: migration (breaking changes that do not say what users must do), section (a newer version in the
    /// changelog that has no tag), freeze (features on a frozen branch).
    #[arg(long = "skip-check", value_name = "NAME", value_parser = ["migration", "section", "freeze", "forge"], requires = "reason")]
    skip_checks: Vec<String>,
    /// Why a check, gate or step is skipped; recorded in the tag.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: Option<String>,
}

impl WantedArguments {
    /// The request, as the rooms below take it.
    pub fn wanted(self, push: bool) -> Wanted {
        Wanted {
            components: self.components,
            version: self.version,
            pre: self.pre,
            kind: if self.lts {
                Some(ReleaseKind::Lts)
            } else {
                self.kind.as_deref().and_then(ReleaseKind::of_word)
            },
            branch: self.branch,
            push,
            port: None,
            add_missing: self.add_missing,
            skip_checklist: self.skip_checklist,
            skip_gates: self.skip_gates,
            skip_checks: self.skip_checks,
            reason: self.reason,
            only_look: false,
        }
    }
}
