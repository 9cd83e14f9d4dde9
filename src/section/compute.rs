//! Computes the content of Unreleased. `update`, `status` and `release` all use this computation.

use crate::config::Storage;
use crate::domain::changelog::clean::clean;
use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::record::Line;
use crate::domain::changelog::verdict::Known;
use crate::domain::changelog::view;
use crate::domain::entry::category::Security;
use crate::domain::entry::model::Entries;
use crate::domain::failure::{Failure, Result};
use crate::history::range::History;
use crate::project::Project;
use crate::section::contents::{Returned, SectionContents};
use crate::section::{coming, gather, judge, tracked};
use crate::sys::git::Indexed;
use crate::sys::state::{self, FoundState};

/// Rejects files that are not text, and files with several Unreleased headings: it is unclear which one is meant.
fn understood(project: &Project, bytes: &[u8]) -> Result<()> {
    if bytes.contains(&0) {
        let name = &project.config.changelog;
        return Err(Failure::failed(format!(
            "{name} is no text in UTF-8 (UTF-16, perhaps); relwatch leaves it alone"
        ))
        .with_remedy("save it as UTF-8"));
    }
    if bytes.contains(&b'\r') && !bytes.contains(&b'\n') {
        let name = &project.config.changelog;
        let what = format!("the lines of {name} end in carriage returns alone");
        return Err(Failure::failed(what).with_remedy(format!(
            "`tr '\\r' '\\n' < {name}` prints it with line feeds; save it so"
        )));
    }
    let doc = Document::parse(bytes);
    if let Some(line) = doc.unread_versions() {
        let name = &project.config.changelog;
        let what = format!(
            "{name}:{line} looks like a version, but no heading of {name} names one; relwatch leaves it alone"
        );
        return Err(Failure::failed(what)
            .with_remedy("write versions as headings, `## 1.2.3 - 2026-01-30`, or name another file in relwatch.yml: `changelog: docs/CHANGELOG.md`"));
    }
    let Some(lines) = doc.several_unreleased() else {
        return Ok(());
    };
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    let name = &project.config.changelog;
    Err(Failure::failed(format!(
        "{name} has several Unreleased headings, at lines {}",
        lines.join(" and ")
    ))
    .with_remedy("make them one and run `relwatch update`"))
}

/// The section for the changelog as it is stored in a commit.
pub fn of_stored(project: &Project, history: &History, stored: Vec<u8>) -> Result<SectionContents> {
    understood(project, &stored)?;
    match project.config.storage {
        Storage::View => Ok(of_document(project, history, stored)),
        Storage::Tracked => {
            let found = state::load(&project.state_dir());
            tracked::section(project, history, &stored, None, found.as_ref())
        }
    }
}

/// The section for a changelog whose bytes are `doc`, free of generated lines.
pub fn of_document(project: &Project, history: &History, doc: Vec<u8>) -> SectionContents {
    build(project, HandWritten::read(project, history, doc))
}

/// The section for the changelog in the working tree. Generated lines are distinguished from hand-written ones, and lines that the user
/// deleted stay away. `found` reads the state.
pub fn of_working_file<'f>(
    project: &Project,
    history: &History,
    present: &[u8],
    indexed: &Indexed,
    found: impl FnOnce() -> Option<&'f FoundState>,
) -> Result<SectionContents> {
    if project.config.storage == Storage::Tracked {
        understood(project, present)?;
        let head = match history.head.commit {
            Some(head) => project.repo.file_at(head, &project.config.changelog)?,
            None => None,
        };
        return tracked::section(project, history, present, head.as_deref(), found());
    }
    let found = found();
    // An Unreleased heading that relwatch wrote is not a second one.
    if let Some(doc) = found.and_then(|found| judge::as_written(present, found)) {
        understood(project, &doc)?;
        return Ok(of_document(project, history, doc));
    }
    let blob = match indexed {
        Indexed::Tracked(blob) => Some(project.repo.blob(*blob)?),
        _ => None,
    };
    let stored = blob.as_deref().map(|blob| (&*project.repo, blob));
    let order = project.config.categories.titles(Security::InOrder);
    let judge = |found| judge::judge(stored, &order, present, found);
    let judged = found.and_then(judge);
    let Some(judged) = judged else {
        understood(project, present)?;
        let doc = unrecorded(project, history, blob.as_deref(), present);
        return Ok(of_document(project, history, doc));
    };
    understood(project, &judged.doc)?;
    let judged = judged.excused(&history.commits);
    let (missing, copy) = (judged.missing(), judged.copy());
    let written = hand_written(project, history, judged.doc.clone(), &missing);
    let lines = gather::returned(judged.newer(), &written.gathered.entries);
    Ok(SectionContents {
        returned: Returned {
            lines,
            skips: judged.skips,
            copy,
        },
        ..build(project, written)
    })
}

/// A file without its generated lines, and related data.
pub struct HandWritten {
    pub doc: Vec<u8>,
    gathered: Entries,
    to_come: Vec<String>,
}

impl HandWritten {
    fn read(project: &Project, history: &History, doc: Vec<u8>) -> HandWritten {
        let parsed = Document::parse(&doc);
        let gathered = gather::gather(project, history, &parsed);
        let to_come = coming::versions(history, &parsed);
        HandWritten {
            doc,
            gathered,
            to_come,
        }
    }
}

/// The content that git should see of a file without its generated lines. Deleted generated lines are recorded in it.
pub fn hand_written(
    project: &Project,
    history: &History,
    doc: Vec<u8>,
    missing: &[Vec<String>],
) -> HandWritten {
    let written = HandWritten::read(project, history, doc);
    let skips = gather::deleted(project, history, missing, &written.gathered.entries);
    if skips.is_empty() {
        return written;
    }
    HandWritten::read(project, history, Exclusion::Skip.add(&written.doc, &skips))
}

/// The content that git should see of `present` if no record says which lines are generated. Generated lines are those that an update of
/// git's own version of the file would write. Everything in git's version is hand-written: blobs contain no generated lines.
pub fn unrecorded(
    project: &Project,
    history: &History,
    blob: Option<&[u8]>,
    present: &[u8],
) -> Vec<u8> {
    if blob == Some(present) {
        return present.to_vec();
    }
    let expected = of_document(project, history, blob.unwrap_or_default().to_vec());
    let known = Known {
        blob,
        ..Known::by(&expected.record)
    };
    // It is unknown which of them were there, so none counts as deleted.
    clean(present, &known).doc
}

fn build(project: &Project, written: HandWritten) -> SectionContents {
    let HandWritten {
        doc,
        gathered,
        to_come,
    } = written;
    let order = project.config.categories.titles(gathered.security());
    let lines: Vec<Line> = gathered.entries.iter().map(|e| e.line.clone()).collect();
    let (viewed, record) = view::view(&doc, &lines, &order);
    let unplaceable = record.is_empty() && !lines.is_empty();
    SectionContents {
        doc,
        viewed,
        record,
        gathered,
        unplaceable,
        returned: Returned::default(),
        to_come: to_come.first().cloned(),
        all_to_come: to_come,
    }
}
