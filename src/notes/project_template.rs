//! Template files: a project's own, and those passed on the command line. Hooks, the filter and the watcher read none.

use std::path::Path;

use serde_json::Value;

use crate::config::FILE;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::text::jinja::{self, EmptyValue, TemplateFault};
use crate::domain::text::terminal;
use crate::project::Project;
use crate::sys::files;

/// A template and its file.
pub struct ProjectTemplate {
    name: String,
    text: String,
}

impl ProjectTemplate {
    /// The template of a section, if the configuration names one.
    ///
    /// # Errors
    /// Exit 2 if the file does not exist.
    pub fn section(project: &Project) -> Result<Option<ProjectTemplate>> {
        configured(
            project,
            "section",
            project.config.templates.section.as_ref(),
        )
    }

    /// The template of a release's page, if the configuration names one.
    ///
    /// # Errors
    /// Exit 2 if the file does not exist.
    pub fn body(project: &Project) -> Result<Option<ProjectTemplate>> {
        configured(project, "body", project.config.templates.body.as_ref())
    }

    /// A template file in the repository; `None` if it does not exist.
    pub fn in_repository(project: &Project, path: &str) -> Result<Option<ProjectTemplate>> {
        let root = project.repo.root();
        if let Some(link) = files::link_above(root, path) {
            let what = format!("{path} is not read: {link} is a symbolic link");
            return Err(
                Failure::new(Exit::Usage, what).with_remedy("put the file into the repository")
            );
        }
        ProjectTemplate::read(&files::at(root, path), path)
    }

    /// A template file passed by the user.
    ///
    /// # Errors
    /// Exit 2 if the file does not exist.
    pub fn tried(path: &Path) -> Result<ProjectTemplate> {
        let name = terminal::printable(&path.to_string_lossy());
        let found = ProjectTemplate::read(path, &name)?;
        found.ok_or_else(|| Failure::new(Exit::Usage, format!("{name} is not there")))
    }

    /// A built-in template.
    pub fn built_in(text: &str) -> ProjectTemplate {
        ProjectTemplate {
            name: "built-in template".to_owned(),
            text: text.to_owned(),
        }
    }

    fn read(path: &Path, name: &str) -> Result<Option<ProjectTemplate>> {
        let Some(bytes) = files::read(path)? else {
            return Ok(None);
        };
        let name = terminal::printable(name);
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::new(Exit::Usage, format!("{name} is not UTF-8"))
                .with_remedy("save it as UTF-8")
        })?;
        // Line breaks of the file are not those of the changelog.
        let text = text.replace("\r\n", "\n");
        Ok(Some(ProjectTemplate { name, text }))
    }

    /// The same template with another text.
    pub fn with_text(&self, text: &str) -> ProjectTemplate {
        ProjectTemplate {
            name: self.name.clone(),
            text: text.to_owned(),
        }
    }

    /// Name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Refuses a text that is not a valid template, whatever the values are.
    ///
    /// # Errors
    /// Exit 2 with the line of the error.
    pub fn parsed(&self) -> Result<()> {
        jinja::syntax_fault(&self.text).map_or(Ok(()), |fault| Err(self.refused(&fault)))
    }

    /// The template rendered with these values.
    ///
    /// # Errors
    /// Exit 2 with the line of the error.
    pub fn rendered(&self, values: &Value, empty: EmptyValue) -> Result<String> {
        jinja::rendered(&self.text, values, empty).map_err(|fault| self.refused(&fault))
    }

    fn refused(&self, fault: &TemplateFault) -> Failure {
        let what = terminal::printable(&fault.what);
        let what = format!("{}:{}: {what}", self.name, fault.line);
        Failure::new(Exit::Usage, what)
            .with_remedy("docs/reference/template-values.md lists what templates know")
    }
}

fn configured(
    project: &Project,
    key: &str,
    path: Option<&String>,
) -> Result<Option<ProjectTemplate>> {
    let Some(path) = path else {
        return Ok(None);
    };
    match ProjectTemplate::in_repository(project, path)? {
        Some(template) => Ok(Some(template)),
        None => {
            let what = format!("{FILE}: templates: {key}: {path} is not there");
            let what = terminal::printable(&what);
            Err(Failure::new(Exit::Usage, what)
                .with_remedy("write the template, or leave the key out"))
        }
    }
}
