//! Files with many specs: the records of a JSON file, or one record per line. Sources that would move or delete such a file for one of its
//! specs are refused.

use crate::domain::json;
use crate::domain::spec::format::SpecFormat;
use crate::domain::spec::ownership::OwnedBy;
use crate::domain::spec::source::{Archive, Source};
use crate::domain::spec::{Names, Spec, id_of};
use crate::domain::yaml::{Node, YamlError};

/// Reads the records of a file. Records without an ID are skipped, since such files also contain other records.
///
/// # Errors
/// Fails if the file is not JSON. A broken line of JSON lines is one of the results; the other lines are read.
pub fn read(
    source: &Source,
    path: &str,
    text: &str,
) -> Result<Vec<Result<Spec, YamlError>>, YamlError> {
    if source.format == SpecFormat::JsonLines {
        let lines = text.lines().enumerate();
        let found = lines.filter_map(|(at, line)| of_line(source, path, at + 1, line).transpose());
        return Ok(found.collect());
    }
    let file = json::read(text)?;
    let mut specs = Vec::new();
    let mut seen: Vec<*const Node> = Vec::new();
    for place in &source.records {
        let keys: Vec<&str> = place.split('.').collect();
        for (prefix, list) in lists(&file, &keys, "") {
            // `*` also leads to lists that an earlier key has led to.
            if !seen.contains(&std::ptr::from_ref(list)) {
                seen.push(list);
                members(source, path, &prefix, list, None, &mut specs);
            }
        }
    }
    Ok(specs)
}

/// Record in a line of JSON lines; `None` for a line without one.
pub fn of_line(
    source: &Source,
    path: &str,
    number: usize,
    line: &str,
) -> Result<Option<Spec>, YamlError> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let record = json::read(line).map_err(|error| YamlError {
        line: number,
        message: error.message,
    })?;
    let id = id_of(source, &record);
    let spec = id.map(|id| of_record(source, path, id, None, &record));
    spec.transpose().map_err(|error| YamlError {
        line: number,
        message: error.message,
    })
}

/// Values that keys lead to, each with the ID prefix that a `*` stands for.
fn lists<'n>(node: &'n Node, keys: &[&str], prefix: &str) -> Vec<(String, &'n Node)> {
    match (keys, node) {
        ([], node) => vec![(prefix.to_owned(), node)],
        (["*", rest @ ..], Node::Map(pairs)) => pairs
            .iter()
            .flat_map(|(key, value)| lists(value, rest, &format!("{prefix}{key}-")))
            .collect(),
        ([key, rest @ ..], node) => {
            let value = node.get(key).into_iter();
            value.flat_map(|value| lists(value, rest, prefix)).collect()
        }
    }
}

/// Records of a list and their members. A member's ID is the ID of its driver, a dot and its own.
fn members(
    source: &Source,
    path: &str,
    prefix: &str,
    list: &Node,
    driver: Option<&str>,
    specs: &mut Vec<Result<Spec, YamlError>>,
) {
    let Node::List(records) = list else {
        return;
    };
    for record in records {
        let id = match driver {
            None => id_of(source, record).map(|id| format!("{prefix}{id}")),
            Some(driver) => member_id(source, record).map(|own| format!("{driver}.{own}")),
        };
        let Some(id) = id else {
            continue;
        };
        let below = source.members.as_deref().and_then(|key| record.get(key));
        if let Some(below) = below {
            members(source, path, prefix, below, Some(&id), specs);
        }
        specs.push(of_record(source, path, id, driver, record));
    }
}

/// ID of a member below its driver: the value of the key in `id_key`, without the text around it.
fn member_id<'n>(source: &Source, record: &'n Node) -> Option<&'n str> {
    let key = source.id_key.as_deref()?;
    let inside = key
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    record.get(inside.map_or(key, |(key, _)| key))?.text()
}

fn of_record(
    source: &Source,
    path: &str,
    id: String,
    driver: Option<&str>,
    record: &Node,
) -> Result<Spec, YamlError> {
    let names = Names {
        id,
        kind: None,
        issue: None,
        driver: driver.map(str::to_owned),
    };
    Spec::of_fields(source, path, names, record, "", None)
}

/// Setting that cannot be combined with files of many specs.
pub fn odd(source: &Source) -> Option<String> {
    let name = &source.name;
    if !source.records.is_empty() && source.format != SpecFormat::Json {
        return Some(format!(
            "{name}: `records` are read from files of `format: json`"
        ));
    }
    if source.members.is_some() && source.records.is_empty() {
        return Some(format!("{name}: `members` are below `records`: name those"));
    }
    if !source.has_records() {
        return None;
    }
    if source.id_key.is_none() {
        return Some(format!("{name}: a file of many specs needs `id_key`"));
    }
    let key = match source {
        _ if source.whole_folder => "whole_folder",
        _ if source.boxes.is_some() => "boxes",
        _ if source.archive != Archive::Keep => "archive",
        _ if source.archived.is_some() => "archived",
        _ if source.owns.has(OwnedBy::PullRequest) => "owns: pull-request",
        _ if source.owns.has(OwnedBy::Directory) => "owns: directory",
        _ => return None,
    };
    Some(format!(
        "{name}: `{key}` is for files of one spec, and a file of it has many"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::kind::Kind;
    use crate::domain::spec::Status;
    use crate::domain::spec::sources::Sources;
    use crate::domain::yaml;

    fn all(preset: &str, path: &str, text: &str) -> Vec<Result<Spec, YamlError>> {
        let sources = Sources::preset(preset).unwrap();
        let source = sources.iter().find(|source| source.holds(path)).unwrap();
        read(source, path, text).unwrap()
    }

    fn told(found: &[Result<Spec, YamlError>]) -> Vec<(&str, Status, Option<&str>)> {
        let specs = found.iter().map(|spec| spec.as_ref().unwrap());
        specs
            .map(|spec| (spec.id.as_str(), spec.status, spec.driver.as_deref()))
            .collect()
    }

    /// Format of Task Master in `.taskmaster/tasks/tasks.json`, and in `tasks/tasks.json` before it had tags.
    #[test]
    fn tasks_of_task_master() {
        let tasks = "[{\"id\": 4, \"title\": \"Create task files\", \"status\": \"done\", \"subtasks\": [{\"id\": 1, \"title\": \"Design\", \"status\": \"pending\"}]}, {\"id\": 5, \"title\": \"x\", \"status\": \"cancelled\"}]";
        let expected = [
            ("task-4.1", Status::Open, Some("task-4")),
            ("task-4", Status::Completed, None),
            ("task-5", Status::Cancelled, None),
        ];
        let old = all(
            "task-master",
            "tasks/tasks.json",
            &format!("{{\"tasks\": {tasks}, \"meta\": {{}}}}"),
        );
        assert_eq!(told(&old), expected);
        let of_tags = format!(
            "{{\"master\": {{\"tasks\": {tasks}, \"metadata\": {{}}}}, \"login\": {{\"tasks\": [{{\"id\": 4, \"status\": \"done\"}}]}}}}"
        );
        let found = all("task-master", ".taskmaster/tasks/tasks.json", &of_tags);
        assert_eq!(told(&found)[..3], expected);
        assert_eq!(told(&found)[3], ("login-task-4", Status::Completed, None));
        let task = found[1].as_ref().unwrap();
        assert_eq!(task.title, "Create task files");
        assert_eq!(
            (task.meaning.kind(), task.notes.len()),
            (Some(Kind::Added), 1)
        );
    }

    /// Format of beads in `.beads/issues.jsonl`.
    #[test]
    fn issues_of_beads() {
        let text = "{\"id\":\"bd-7h7\",\"title\":\"Stop the daemon\",\"status\":\"tombstone\",\"issue_type\":\"bug\",\"deleted_at\":\"2025-12-17T16:11:17-08:00\"}\n{\"id\":\"bd-2oo.1\",\"title\":\"Add columns\",\"status\":\"closed\",\"issue_type\":\"task\",\"priority\":2,\"closed_at\":\"2025-12-18T02:49:10-08:00\",\"dependencies\":[{\"issue_id\":\"bd-2oo.1\",\"depends_on_id\":\"bd-9\",\"type\":\"blocks\"},{\"issue_id\":\"bd-2oo.1\",\"depends_on_id\":\"bd-2oo\",\"type\":\"parent-child\"}]}\n\nno record\n{\"id\":\"bd-2oo\",\"title\":\"Locks\",\"status\":\"open\",\"issue_type\":\"epic\"}\n{\"id\":\"bd-05a8\",\"title\":\"Split\",\"status\":\"closed\",\"close_reason\":\"stale:auto-closed by reaper\"}\n{\"id\":\"bd-1\",\"title\":\"Crash\",\"status\":\"closed\",\"close_reason\":\"Won't fix\",\"issue_type\":\"bug\"}\n{\"_type\":\"memory\",\"key\":\"x\"}\n{\"id\":\"bd-2\",\"title\":\"Crash\",\"status\":\"closed\",\"close_reason\":\"Merged\",\"issue_type\":\"bug\"}\n";
        let mut found = all("beads", ".beads/issues.jsonl", text);
        let broken = found.remove(2).unwrap_err();
        assert_eq!(broken.line, 4);
        assert_eq!(
            told(&found),
            [
                ("bd-7h7", Status::Open, None),
                ("bd-2oo.1", Status::Completed, Some("bd-2oo")),
                ("bd-2oo", Status::Open, None),
                ("bd-05a8", Status::Cancelled, None),
                ("bd-1", Status::Cancelled, None),
                ("bd-2", Status::Completed, None),
            ]
        );
        let kinds = [1, 5].map(|at: usize| found[at].as_ref().unwrap().meaning.kind());
        assert_eq!(kinds, [Some(Kind::Added), Some(Kind::Fixed)]);
        assert_eq!(
            found[1].as_ref().unwrap().completed_on.as_deref(),
            Some("2025-12-18")
        );
    }

    #[test]
    fn what_does_not_go_with_many_specs_in_a_file_is_refused() {
        for (yaml, said) in [
            ("format: json-lines", "needs `id_key`"),
            (
                "format: json-lines, id_key: id, archive: delete",
                "`archive`",
            ),
            (
                "format: json, records: [a], id_key: id, whole_folder: true",
                "`whole_folder`",
            ),
            (
                "format: json, records: [a], id_key: id, boxes: x.md",
                "`boxes`",
            ),
            (
                "format: json, records: [a], id_key: id, owns: pull-request",
                "`owns: pull-request`",
            ),
            ("format: yaml, records: [a], id_key: id", "`format: json`"),
            ("format: json, members: a", "name those"),
        ] {
            let sources = yaml::read::<Sources>(&format!("{{files: a/*.x, {yaml}}}")).unwrap();
            let why = odd(&sources.0[0]).unwrap();
            assert!(why.contains(said), "{yaml}: {why}");
        }
        assert!(
            Sources::preset("beads")
                .unwrap()
                .iter()
                .all(|source| odd(source).is_none())
        );
    }
}
