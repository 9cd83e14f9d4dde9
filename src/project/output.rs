//! The file of `--output`. As with `git archive`, its directory must exist: a mistyped directory is not created.

use std::path::{Path, PathBuf};

use crate::config::{self, ConfigPlace};
use crate::domain::failure::{Exit, Failure, Result};
use crate::project::Project;
use crate::sys::files::{self, Durable};
use crate::ui::Report;

/// A file that may be written.
pub struct OutputFile<'p>(&'p Path);

impl OutputFile<'_> {
    /// Rejects files that must not be replaced: a changelog, relwatch.yml, files of git, devices, symlinks. `None` for standard output.
    ///
    /// # Errors
    /// Exit 2, with an alternative.
    pub fn open<'p>(
        project: &Project,
        path: Option<&'p PathBuf>,
    ) -> Result<Option<OutputFile<'p>>> {
        let Some(path) = path else {
            return Ok(None);
        };
        let shown = path.display();
        let (repo, root) = (&project.repo, project.repo.root());
        // The current project may be one component of several.
        let parts = Project::open(root)?.components().into_iter();
        let changelogs = parts.map(|part| (part.config.changelog, "the changelog"));
        let file = match &project.written.place {
            ConfigPlace::Table(table) => table.file,
            _ => config::FILE,
        };
        let mut kept = changelogs.chain([(file.to_owned(), "the configuration")]);
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let is_it = |(name, _): &(String, _)| files::same(path, &files::at(root, name));
        let (what, remedy) = if let Some((name, what)) = kept.find(is_it) {
            let what = format!("--output {name} would replace {what}");
            (what, "give another file")
        } else if files::same(path, &files::at(root, ".gitattributes"))
            || [repo.git_dir(), repo.common_dir()]
                .iter()
                .any(|of_git| files::is_below(of_git, path))
        {
            let what = format!("--output {shown} is git's own file");
            (what, "give another one")
        } else if files::exists(path) && !files::is_file(path) {
            let what = format!("--output {shown} is no plain file");
            (what, "give another one, or leave it out and redirect")
        } else if let Some(folder) = folder.filter(|folder| !files::exists(folder)) {
            let folder = folder.display();
            let what = format!("--output {shown}: there is no directory {folder}");
            (what, "make it first")
        } else {
            return Ok(Some(OutputFile(path)));
        };
        Err(Failure::new(Exit::Usage, what).with_remedy(remedy))
    }

    /// Replaces the whole file, and reports it.
    pub fn write(&self, text: &str) -> Result<Report> {
        let is_new = files::replace(self.0, text.as_bytes(), Durable::Yes)?;
        let did = if is_new { "wrote" } else { "unchanged" };
        Ok(Report::text(format!("{did}: {}\n", self.0.display())))
    }
}
