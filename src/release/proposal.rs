//! Which version comes next, and why.

use semver::Version;

use crate::domain::changelog::document::Document;
use crate::domain::entry::model::Entry;
use crate::domain::release::release_body::without_mark;
use crate::domain::version::form;
use crate::domain::version::{self, Level, Weight};
use crate::history::range::History;
use crate::project::Project;
use crate::release::version_files;
use crate::release::version_files::held::VersionedFile;
use crate::section::contents::SectionContents;

/// The next version and what decides it.
pub struct Next {
    pub version: Version,
    pub level: Level,
    pub because: String,
}

/// Which version comes next, by the entries and by what people wrote.
pub fn next(project: &Project, history: &History, section: &SectionContents) -> Next {
    let doc = Document::parse(&section.doc);
    let (breaking, feature) = decisive(&doc, section);
    let last = history
        .last
        .as_ref()
        .map(|last| last.tag.version.clone())
        .or_else(|| doc.versions().find_map(form::read));
    let weightiest = match (&breaking, &feature) {
        (Some(_), _) => Weight::Breaking,
        (None, Some(_)) => Weight::Feature,
        (None, None) => Weight::Fix,
    };
    let level = version::level_for(last.as_ref(), weightiest);
    let named = named_by_files(project, history, last.as_ref());
    // 0.9.0-rc.1 comes before 0.9.0.
    let core = |v: &Version| Version::new(v.major, v.minor, v.patch);
    let start = named.as_ref().map(|named| core(&named.version));
    let version = version::next(last.as_ref(), level, start.as_ref());
    let because = match (&last, breaking, feature) {
        (None, _, _) => "the first release".to_owned(),
        (_, Some(line), _) => format!("breaking: {}", without_mark(&line)),
        (_, None, Some(line)) => format!("feature: {line}"),
        _ => "fixes and changes only".to_owned(),
    };
    // Somebody bumped the files for the release to come.
    if let (Some(last), Some(named)) = (&last, named) {
        let final_one = core(&named.version);
        if final_one > version && final_one > *last {
            return Next {
                level: version::between(last, &final_one),
                because: format!("{} says {}", named.path, named.version),
                version: final_one,
            };
        }
    }
    Next {
        version,
        level,
        because,
    }
}

/// The first line that breaks something, and the first that brings something, generated or written by hand.
fn decisive(doc: &Document<'_>, section: &SectionContents) -> (Option<String>, Option<String>) {
    let entries = || section.gathered.entries.iter();
    let mut breaking = entries().find(|e| e.breaking).map(first_line);
    let mut feature = entries().find(|e| entry_is_feature(e)).map(first_line);
    let categories = doc.unreleased().map(|s| s.categories.as_slice());
    for category in categories.unwrap_or_default() {
        for item in &category.items {
            let text = doc.text(item);
            let text = text.trim_start().trim_start_matches(['-', '*', '+']).trim();
            let line = text.lines().next().unwrap_or("").to_owned();
            let name = category.name.to_lowercase();
            if name.starts_with("breaking") || text.to_lowercase().starts_with("**breaking") {
                breaking.get_or_insert(line);
            } else if ["added", "features", "deprecated", "removed"].contains(&name.as_str()) {
                feature.get_or_insert(line);
            }
        }
    }
    (breaking, feature)
}

/// The version that the files of HEAD agree on: what a first release is called.
fn named_by_files(
    project: &Project,
    history: &History,
    last: Option<&Version>,
) -> Option<VersionedFile> {
    let head = history.head.commit?;
    version_files::agreed(project, head, last).ok()? // a release says what is wrong
}

fn entry_is_feature(entry: &Entry) -> bool {
    use crate::domain::entry::kind::Kind;
    matches!(entry.kind, Kind::Added | Kind::Deprecated | Kind::Removed)
}

fn first_line(entry: &Entry) -> String {
    entry.line.text.lines().next().unwrap_or("").to_owned()
}
