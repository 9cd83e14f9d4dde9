//! The files that hold the version: Cargo.toml of the root and its workspace members, and Cargo.lock.

use crate::app::Project;
use crate::domain::cargo;
use crate::domain::failure::Result;
use crate::domain::plan::FileChange;

/// Each with `version` in it, as far as that changes it.
pub fn bumped(
    project: &Project,
    base: &str,
    version: &str,
    warnings: &mut Vec<String>,
) -> Result<Vec<FileChange>> {
    let repo = &project.repo;
    let read = |path: &str, warnings: &mut Vec<String>| -> Result<Option<(Vec<u8>, String)>> {
        let Some(bytes) = repo.file_at(base, path)? else {
            return Ok(None);
        };
        match String::from_utf8(bytes.clone()) {
            Ok(text) => Ok(Some((bytes, text))),
            Err(_) => {
                warnings.push(format!("{path} is not UTF-8; its version stays as it is"));
                Ok(None)
            }
        }
    };
    let broken = |path: &str, error: String| {
        let first = error.lines().next().unwrap_or("").to_owned();
        format!("{path} cannot be read ({first}); its version stays as it is")
    };
    let Some((root_bytes, root_text)) = read("Cargo.toml", warnings)? else {
        return Ok(Vec::new());
    };
    let root = match cargo::read(&root_text) {
        Ok(root) => root,
        Err(error) => {
            warnings.push(broken("Cargo.toml", error));
            return Ok(Vec::new());
        }
    };
    let mut manifests = vec![("Cargo.toml".to_owned(), root_bytes, root_text)];
    let mut members: Vec<String> = root.name.iter().cloned().collect();
    if !root.members.is_empty() {
        for path in repo.files_named(base, "Cargo.toml")? {
            let Some(folder) = path.strip_suffix("/Cargo.toml") else {
                continue;
            };
            if !cargo::is_member(&root.members, folder) {
                continue;
            }
            let Some((bytes, text)) = read(&path, warnings)? else {
                continue;
            };
            match cargo::read(&text) {
                // A member with a version of its own, different from the root's, goes its own way.
                Ok(member) if member.inherits || member.version == root.version => {
                    members.extend(member.name);
                    manifests.push((path, bytes, text));
                }
                Ok(_) => {}
                Err(error) => warnings.push(broken(&path, error)),
            }
        }
    }
    let mut changes = Vec::new();
    for (path, before, text) in manifests {
        match cargo::bump_manifest(&text, version, &members) {
            Ok(after) if after.as_bytes() != before => {
                changes.push(FileChange::write(path, after.into_bytes()));
            }
            Ok(_) => {}
            Err(error) => warnings.push(broken(&path, error)),
        }
    }
    if let Some((before, text)) = read("Cargo.lock", warnings)? {
        match cargo::bump_lock(&text, version, &members) {
            Ok(after) if after.as_bytes() != before => {
                changes.push(FileChange::write("Cargo.lock".into(), after.into_bytes()));
            }
            Ok(_) => {}
            Err(error) => warnings.push(broken("Cargo.lock", error)),
        }
    }
    Ok(changes)
}
