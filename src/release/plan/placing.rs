//! Whether the changelog has a place for the section of a version. Refuses a second section, and a version below one that the file has and
//! no tag, unless that check is skipped openly.

use semver::Version;

use crate::domain::changelog::document::Document;
use crate::domain::release::check::{CheckId, Checks};
use crate::domain::text::inert;
use crate::domain::version::{Level, form, next};
use crate::release::plan::candidate::Candidate;
use crate::release::request::Wanted;

/// The name by which `--skip-check` skips this check.
pub const NAME: &str = "section";

/// Looks at the sections that are there. What was skipped, for the tag and the manifest.
pub fn check(
    candidate: &Candidate,
    number: &Version,
    wanted: &Wanted,
    checks: &mut Checks,
) -> Option<String> {
    let Candidate {
        project,
        section,
        history,
        doc,
        ..
    } = candidate;
    let doc = Document::parse(doc);
    let version = &history.tags.names.version(number);
    let name = &project.config.changelog;
    let line = |number: &str| {
        let section = doc.version(number);
        section.map_or(0, |section| doc.line_number(section.heading.start))
    };
    if let Some(known) = &section.to_come {
        let detail = format!("{name}:{} has the notes of {known}", line(known));
        if form::is_same(known, version) {
            checks.ok(CheckId::Section, detail);
        } else {
            let remedy = format!("release {known}, or put {version} into that heading");
            checks.fail(CheckId::Section, detail, remedy);
        }
    } else if doc.version(version).is_some() {
        let detail = format!(
            "{name}:{} already has a section for {version}",
            line(version)
        );
        let remedy = "tag that commit yourself if it is the release, else move its lines to Unreleased and remove its heading, or choose another version";
        checks.fail(CheckId::Section, detail, remedy);
    } else if let Some((newer, above)) = untagged_above(candidate, &doc, number) {
        let tags = &history.tags.names;
        let (tag, higher) = (
            tags.tag(&above),
            tags.version(&next(Some(&above), Level::Patch, None)),
        );
        let detail = format!(
            "{name}:{} has {newer}, which is newer than {version} and has no tag",
            line(&newer)
        );
        let is_skipped = wanted.skip_checks.iter().any(|name| name == NAME);
        if let Some(reason) = wanted.reason.as_deref().filter(|_| is_skipped) {
            let reason = inert::inline(reason);
            checks.skip(CheckId::Section, format!("{detail}: {reason}"));
            return Some(format!("Check-Skipped: {NAME}: {reason}"));
        }
        let remedy = format!(
            "fetch or make the tag {tag}, release a higher version (`relwatch release {higher}`), or give --skip-check {NAME} --reason TEXT"
        );
        checks.fail(CheckId::Section, detail, remedy);
    }
    None
}

/// A version above another one that the changelog has and no tag: it was released without one, or the tag is missing here. Below the newest
/// version with a tag are those of another time, or of a package that had this name before.
fn untagged_above(
    candidate: &Candidate,
    doc: &Document<'_>,
    number: &Version,
) -> Option<(String, Version)> {
    let tagged = &candidate.history.tags.versions;
    let read = doc
        .versions()
        .filter_map(|name| Some((name.to_owned(), form::read(name)?)));
    let mut untagged = read.take_while(|(_, other)| !tagged.contains(other));
    untagged.find(|(_, other)| other > number && other.pre.is_empty())
}
