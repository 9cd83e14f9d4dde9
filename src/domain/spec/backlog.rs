//! Configuration of Backlog.md: the directory of its tasks, and the status that means done
//! (<https://github.com/MrLesk/Backlog.md/blob/main/ADVANCED-CONFIG.md>).

use crate::domain::path_parts::plain;
use crate::domain::spec::source::{Archive, PathGlob, Source, Words, is_inside};
use crate::domain::yaml::{self, Node, YamlError};

/// File in the root that may name another directory. It must name the project.
const ROOT_FILE: &str = "backlog.config.yml";

/// Directories that Backlog.md searches by default, and the names of its configuration file there.
const DIRECTORIES: [&str; 2] = ["backlog", ".backlog"];
const FILES: [&str; 2] = ["config.yml", "config.yaml"];

/// Preset with the project's Backlog.md configuration; `text` reads a file of the repository. `None` without a configuration.
///
/// # Errors
/// Fails with a key that is not valid YAML, and its line.
pub fn configured(
    preset: &Source,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Vec<Source>>, String> {
    let in_root = |text: &String| {
        let names = ["project_name", "projectName"];
        names.iter().any(|key| value(text, key) != Ok(None))
    };
    let below = DIRECTORIES
        .iter()
        .flat_map(|folder| FILES.map(|file| (*folder, format!("{folder}/{file}"))));
    let mut below = below.filter_map(|(folder, path)| Some((folder, text(&path)?, path)));
    let (folder, found, path) = match (text(ROOT_FILE).filter(in_root), below.next()) {
        (Some(found), below) => {
            let own = directory(&found).map_err(|error| placed(ROOT_FILE, &error))?;
            let usual = below.map_or(DIRECTORIES[0], |(folder, ..)| folder);
            (
                own.unwrap_or_else(|| usual.to_owned()),
                found,
                ROOT_FILE.to_owned(),
            )
        }
        (None, Some((folder, found, path))) => (folder.to_owned(), found, path),
        (None, None) => return Ok(None),
    };
    let source = source(preset, &folder, &found).map_err(|error| placed(&path, &error))?;
    Ok(source.map(|source| vec![source]))
}

fn placed(path: &str, error: &YamlError) -> String {
    format!("{path}:{}: {}", error.line, error.message)
}

/// `backlog_directory`; ignored if it is outside of the project.
fn directory(text: &str) -> Result<Option<String>, YamlError> {
    let given = match value(text, "backlog_directory")? {
        None => value(text, "backlogDirectory")?,
        given => given,
    };
    let given = given.as_ref().and_then(Node::text);
    let relative = given.filter(|given| !given.starts_with('/'));
    Ok(relative.map(plain).filter(|folder| is_inside(folder)))
}

/// Preset for a directory. If relwatch.yml changes `done` or `archive` of the preset, its values are kept. `None` for a prefix that cannot
/// be part of a file name.
fn source(preset: &Source, folder: &str, text: &str) -> Result<Option<Source>, YamlError> {
    let prefix = value(text, "task_prefix")?;
    let prefix = prefix.as_ref().and_then(Node::text).unwrap_or("task");
    let files = format!("{folder}/tasks/{}-*.md", prefix.to_lowercase());
    let all = PathGlob::new(&format!("{folder}/**"));
    let (Ok(files), Ok(all)) = (PathGlob::new(&files), all) else {
        return Ok(None);
    };
    let statuses = value(text, "statuses")?;
    let statuses = statuses.as_ref().map(Node::texts).unwrap_or_default();
    let mut source = Source {
        files,
        within: vec![all],
        ..preset.clone()
    };
    let last = statuses.last().map(|last| last.trim());
    if let Some(last) = last.filter(|last| !last.is_empty())
        && let Some(done) = source.done.get_mut("status")
        && *done == Words::one("Done")
    {
        *done = Words::one(last);
    }
    if let Some(form) = &mut source.release_spec {
        let there = |text: &str| text.replacen("task-", &format!("{prefix}-"), 1);
        form.path = there(&form.path).replacen("backlog/", &format!("{folder}/"), 1);
        form.front = form.front.iter().map(|line| there(line)).collect();
    }
    if source.archive == Archive::To("backlog/completed/{file}".to_owned()) {
        source.archive = Archive::To(format!("{folder}/completed/{{file}}"));
    }
    Ok(Some(source))
}

/// Value of a key at the left margin. Backlog.md reads key by key, so invalid YAML elsewhere does not matter.
fn value(text: &str, key: &str) -> Result<Option<Node>, YamlError> {
    let begins = |line: &str| {
        let rest = line.strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let Some(at) = text.lines().position(begins) else {
        return Ok(None);
    };
    let is_more = |line: &&str| line.is_empty() || line.starts_with([' ', '\t', '-', ']', '#']);
    let lines = text.lines().skip(at);
    let more = lines.clone().skip(1).take_while(is_more);
    let block: Vec<&str> = lines.take(1).chain(more).collect();
    let read = yaml::mapping(&block.join("\n")).map_err(|error| YamlError {
        line: error.line + at,
        ..error
    })?;
    Ok(read.get(key).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::sources::Sources;

    fn read(files: &[(&str, &str)]) -> Result<Option<Source>, String> {
        let preset = &Sources::preset("backlog").unwrap()[0];
        let text = |name: &str| {
            let mut files = files.iter();
            let file = files.find(|(file, _)| *file == name);
            file.map(|(_, text)| (*text).to_owned())
        };
        Ok(configured(preset, &text)?.map(|mut all| all.remove(0)))
    }

    #[test]
    fn settings_are_read_as_backlog_reads_them() {
        let usual = "project_name: \"P\"\nstatuses: [\"To Do\", \"Shipped\"]\n";
        for (files, glob, done) in [
            (
                vec![("backlog/config.yml", usual)],
                "backlog/tasks/task-*.md",
                "shipped",
            ),
            (
                vec![(
                    "backlog/config.yml",
                    "project_name: a: b\nstatuses:\n  - Open\n  - Live\ntask_prefix: \"BACK\"\n",
                )],
                "backlog/tasks/back-*.md",
                "Live",
            ),
            (
                vec![(".backlog/config.yaml", "statuses: []\n")],
                ".backlog/tasks/task-*.md",
                "Done",
            ),
            (
                vec![
                    (
                        "backlog.config.yml",
                        "project_name: P\nbacklog_directory: ./work/log/\nstatuses: [A, B]\n",
                    ),
                    ("backlog/config.yml", usual),
                ],
                "work/log/tasks/task-*.md",
                "B",
            ),
            (
                vec![
                    ("backlog.config.yml", "backlog_directory: work\n"),
                    ("backlog/config.yml", usual),
                ],
                "backlog/tasks/task-*.md",
                "Shipped",
            ),
            (
                vec![(
                    "backlog.config.yml",
                    "project_name: P\nbacklog_directory: ../x\n",
                )],
                "backlog/tasks/task-*.md",
                "Done",
            ),
        ] {
            let source = read(&files).unwrap().unwrap();
            assert_eq!(source.files.as_str(), glob, "{files:?}");
            assert!(source.done["status"].hold(done), "{files:?}");
            let folder = glob.split("/tasks").next().unwrap();
            assert_eq!(source.within[0].as_str(), format!("{folder}/**"));
            assert_eq!(
                source.archive_root(),
                Some(format!("{folder}/completed").as_str())
            );
        }
        assert_eq!(read(&[]), Ok(None));
        let error = read(&[("backlog/config.yml", "a: b\nstatuses: [A\n")]).unwrap_err();
        assert!(error.starts_with("backlog/config.yml:"), "{error}");
    }
}
