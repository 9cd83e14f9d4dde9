//! An opened repository and its configuration, which every command starts from. Also its locks, and the git configuration that `init` has
//! set.

mod configuration;
pub mod git_waits;
pub mod leftovers;
pub mod output;
mod packages;
pub mod reach;
pub mod view;
pub mod wiring;
pub mod write_lock;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use semver::Version;

use crate::config::release::Prerelease;
use crate::config::{Config, WrittenConfig};
use crate::domain::changelog::names::call_unreleased;
use crate::domain::commit::id::CommitId;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::release::manifest::{self, ReleaseRecord};
use crate::domain::spec::Spec;
use crate::domain::spec::source::Source;
use crate::domain::spec::{changesets, settings};
use crate::domain::text::terminal;
use crate::sys::deadline::Deadline;
use crate::sys::files;
use crate::sys::git::{ReleaseTag, ReleaseTags, Repo, TagNames, Which};
use crate::sys::layout;

/// A repository and its configuration, which every command starts from. A component is also a project.
pub struct Project {
    pub repo: Rc<Repo>,
    pub config: Config,
    /// The configuration as written.
    pub written: Rc<WrittenConfig>,
    /// When work on it must end: git waits for hooks and filter.
    pub deadline: Deadline,
}

/// The text of another tool's settings file. `None` if it cannot be read.
pub fn settings_text(repo: &Repo, name: &str) -> Option<String> {
    let path = files::at(repo.root(), name);
    let bytes = files::read_at_most(&path, crate::domain::yaml::MAX_BYTES as u64);
    String::from_utf8(bytes.ok()??).ok()
}

impl Project {
    /// Opens the repository that `start` is in and reads its configuration.
    pub fn open(start: &Path) -> Result<Project> {
        Project::read(Repo::open(start)?)
    }

    /// The same as [`Project::read`], for hooks and filter. relwatch.yml, which may come from anyone's branch, can only lower the deadline.
    pub fn in_time(repo: impl Into<Rc<Repo>>, deadline: Deadline) -> Result<Project> {
        let project = Project::read(repo)?;
        let deadline = deadline.lowered(project.config.hooks.deadline);
        Ok(Project {
            deadline,
            ..project
        })
    }

    /// Reads the configuration of a repository.
    pub fn read(repo: impl Into<Rc<Repo>>) -> Result<Project> {
        let repo = repo.into();
        let written = configuration::written(&repo)?;
        let mut config = Config::of_written(&written)?;
        // Without components there are no packages to release together, so the settings of changesets are irrelevant.
        let is_asked = |name: &&str| *name != changesets::FILE || !config.components.is_empty();
        let text = |name: &str| settings_text(&repo, Some(name).filter(is_asked)?);
        settings::configure(&mut config.specs, &text).map_err(|why| {
            Failure::new(Exit::Usage, why).with_remedy(format!(
                "correct it, or name another source of `specs` in {}",
                written.place
            ))
        })?;
        call_unreleased(config.unreleased.as_deref());
        Ok(Project {
            repo,
            config,
            written: Rc::new(written),
            deadline: Deadline::never(),
        })
    }

    /// The current text of the configuration, which may have changed since the project was opened.
    ///
    /// # Errors
    /// Exit 2 if it cannot be read, or if there are two configurations.
    pub fn configuration_now(&self) -> Result<WrittenConfig> {
        configuration::written(&self.repo)
    }

    /// The same as [`configuration::fingerprint`].
    pub fn configuration_fingerprint(&self) -> String {
        configuration::fingerprint(&self.repo, &self.written)
    }

    /// The same as [`configuration::ignored`].
    pub fn ignored_configuration(&self) -> Option<String> {
        configuration::ignored(&self.repo, &self.written)
    }

    /// The release tags that end the range of a section.
    pub fn release_tags(&self) -> Result<ReleaseTags> {
        self.repo.release_tags(&self.config.tag, self.which())
    }

    /// All release tags, including several on one commit.
    pub fn all_release_tags(&self) -> Result<Vec<(CommitId, ReleaseTag)>> {
        self.repo.all_release_tags(&self.config.tag, self.which())
    }

    /// The names of its tags. This reads all tags: callers that ask about several versions should call it once.
    pub fn tag_names(&self) -> Result<TagNames> {
        self.repo.tag_names(&self.config.tag)
    }

    /// The tag of one version.
    pub fn tag_of(&self, version: &Version) -> Result<String> {
        Ok(self.tag_names()?.tag(version))
    }

    /// The tags that end the range. With `prerelease: roll`, pre-releases do so as well.
    fn which(&self) -> Which {
        match self.config.prerelease {
            Prerelease::Roll => Which::All,
            _ => Which::Final,
        }
    }

    /// Problems with the paths of components: those without a file in HEAD.
    ///
    /// # Errors
    /// Fails if git cannot read HEAD's tree.
    pub fn idle_paths(&self) -> Result<Vec<String>> {
        let Some(head) = self
            .repo
            .head()?
            .commit
            .filter(|_| !self.config.components.is_empty())
        else {
            return Ok(Vec::new());
        };
        let files = self.repo.files_below(head, "")?;
        let parts = self.components();
        let idle = parts
            .iter()
            .filter_map(|part| part.config.component.as_ref());
        let idle = idle.flat_map(|component| {
            component
                .idle_globs(&files)
                .map(|glob| (&component.name, glob.as_str()))
        });
        Ok(idle
            .map(|(name, glob)| {
                format!(
                    "HEAD has no file in `{glob}`, a path of component {name}; correct it in {}",
                    self.written.place
                )
            })
            .collect())
    }

    /// Each component, by name. For a project without components, the project itself.
    pub fn components(&self) -> Vec<Project> {
        let names = self.config.components.keys();
        let all: Vec<Project> = names
            .filter_map(|name| self.config.component(name))
            .map(|config| self.with(config))
            .collect();
        if all.is_empty() {
            vec![self.with(self.config.clone())]
        } else {
            all
        }
    }

    /// The same repository with the whole configuration of a commit, as far as it can be read.
    pub fn as_of(&self, commit: CommitId) -> Result<Project> {
        let written = configuration::written_at(&self.repo, commit);
        let then = written.and_then(|written| Config::of_written(&written));
        Ok(self.with(then.unwrap_or_else(|_| self.config.clone())))
    }

    /// The same repository with another configuration.
    fn with(&self, mut config: Config) -> Project {
        if let Some(component) = &mut config.component
            && config.specs.name_packages()
        {
            component.packages = packages::packages(&self.repo, component);
        }
        Project {
            repo: Rc::clone(&self.repo),
            config,
            written: Rc::clone(&self.written),
            deadline: self.deadline.clone(),
        }
    }

    /// Calls `act` for every component. A failure does not prevent the calls for the others.
    ///
    /// # Errors
    /// Fails with the errors of all components that failed.
    pub fn each(&self, mut act: impl FnMut(&Project) -> Result<()>) -> Result<()> {
        let parts = self.components();
        let mut failures = parts.iter().filter_map(|part| act(part).err());
        let Some(first) = failures.next() else {
            return Ok(());
        };
        let both = |before: Failure, further: Failure| {
            if before.what == further.what {
                return before; // that there is no time left, for example
            }
            let what = format!("{before}\n{}", further.what);
            Failure {
                exit: before.exit,
                what,
                ..further
            }
        };
        Err(failures.fold(first, both))
    }

    /// The component with this name. Without a name, the project itself.
    ///
    /// # Errors
    /// Exit 2 if there is no such component.
    pub fn narrowed(self, name: Option<&str>) -> Result<Project> {
        let Some(name) = name else {
            return Ok(self);
        };
        let Some(config) = self.config.component(name) else {
            let name = terminal::printable(name);
            let known: Vec<&str> = self.config.components.keys().map(String::as_str).collect();
            let remedy = match known.as_slice() {
                [] => format!("`components` in {} names none", self.written.place),
                known => format!("give {}", known.join(", ")),
            };
            let what = format!("there is no component {name}");
            return Err(Failure::new(Exit::Usage, what).with_remedy(remedy));
        };
        Ok(self.with(config))
    }

    /// Checks that the project has a single changelog.
    ///
    /// # Errors
    /// Exit 2 if there are several components to choose from.
    pub fn alone(&self) -> Result<()> {
        let known: Vec<&str> = self.config.components.keys().map(String::as_str).collect();
        match known.as_slice() {
            [] => Ok(()),
            known => Err(Failure::new(
                Exit::Usage,
                format!("which component? give -c with {}", known.join(", ")),
            )),
        }
    }

    /// One component by its name.
    ///
    /// # Errors
    /// Exit 2 if there is no such component.
    pub fn component(&self, name: &str) -> Result<Project> {
        self.with(self.config.clone()).narrowed(Some(name))
    }

    /// The project or component whose release tag this is.
    ///
    /// # Errors
    /// Exit 2 if it is not a release tag.
    pub fn of_tag(&self, tag: &str) -> Result<Project> {
        for part in self.components() {
            if part.config.tag.version(tag).is_some() {
                return Ok(part);
            }
        }
        let tags: Vec<String> = self
            .components()
            .into_iter()
            .map(|part| part.config.tag.to_string())
            .collect();
        let tag = terminal::printable(tag);
        Err(
            Failure::new(Exit::Usage, format!("{tag} is no release tag"))
                .with_remedy(format!("they look like `{}`", tags.join("`, `"))),
        )
    }

    /// The name of this component.
    pub fn name(&self) -> Option<&str> {
        let component = self.config.component.as_ref()?;
        Some(&component.name)
    }

    /// Whether this is a component whose package is excluded from releases (`ignore` of .changeset/config.json).
    pub fn is_ignored(&self) -> bool {
        let packages = self.config.component.iter().flat_map(|one| &one.packages);
        let names: Vec<&str> = packages.map(|package| package.name.as_str()).collect();
        let mut sources = self.config.specs.0.iter();
        sources.any(|source| names.iter().any(|name| source.packages.ignore.has(name)))
    }

    /// The directory with the state of its changelog.
    pub fn state_dir(&self) -> PathBuf {
        let git_dir = self.repo.git_dir();
        match self.name() {
            Some(name) => layout::component(git_dir, name),
            None => layout::folder(git_dir),
        }
    }

    /// The release manifest in a commit. An unreadable one counts as empty here: `check` reports it.
    pub fn releases_at(&self, commit: CommitId) -> Result<Vec<ReleaseRecord>> {
        let path = &self.config.manifest;
        let bytes = if path.is_empty() {
            None
        } else {
            self.repo.file_at(commit, path)?
        };
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        Ok(manifest::read(&text).unwrap_or_default())
    }

    /// The remote for releases: the configured one, else the one that a branch follows.
    pub fn remote(&self, branch: &str) -> Option<String> {
        let configured = self.config.push.remote.clone();
        configured.or_else(|| self.repo.remote(branch))
    }

    /// The source from which a spec was read.
    pub fn source_of(&self, spec: &Spec) -> Option<&Source> {
        let mut sources = self.config.specs.0.iter();
        sources.find(|source| source.name == spec.source)
    }
}

/// Whether a release spec belongs to this project or component: one of its labels is a tag of it, or the spec itself names it.
pub fn is_own(project: &Project, spec: &Spec) -> bool {
    let Some(component) = &project.config.component else {
        return true;
    };
    let is_tag = |label: &String| project.config.tag.version(label).is_some();
    component.is_told_by(spec) || spec.labels.iter().any(is_tag)
}
