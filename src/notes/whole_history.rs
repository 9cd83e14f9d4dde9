//! `relwatch notes --all`: the whole history as a changelog, built only from git and the specs. For a project without a changelog, or for
//! comparison.

use std::collections::{HashMap, HashSet};

use crate::domain::changelog::view;
use crate::domain::commit::graph::Graph;
use crate::domain::commit::id::{Abbreviation, CommitId};
use crate::domain::commit::message::Commit;
use crate::domain::entry::category::Security;
use crate::domain::entry::model::{Input, LooseCommits};
use crate::domain::entry::reference::References;
use crate::domain::entry::{self, lineage};
use crate::domain::failure::Result;
use crate::domain::order;
use crate::domain::release::selection::Selection;
use crate::domain::spec::{Spec, Status};
use crate::domain::version::tag_format::TagFormat;
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::spec_files;
use crate::project::Project;
use crate::sys::git::{Head, ReleaseTag};
use crate::sys::{clock, parallel, process};
use crate::ui::busy;

/// First line of the document.
pub const HEADING: &str = "# Changelog\n";

/// A release, or what is not released yet.
struct HistoryRelease {
    tag: Option<ReleaseTag>,
    /// Commit of the release.
    at: CommitId,
    /// Date of that commit, `YYYY-MM-DD`.
    date: String,
    /// Commits in it and in no earlier version: children before parents.
    commits: Vec<Commit>,
    /// Commits of earlier releases that may be the same change as one of these.
    earlier: Vec<Commit>,
    specs: Vec<Spec>,
    /// Specs in earlier releases.
    told: HashSet<String>,
}

/// The document: a section for what is not released, then every release in HEAD, newest first. A commit belongs to the lowest version that
/// contains it.
pub fn changelog(project: &Project, head: &Head) -> Result<String> {
    let _busy = busy::with("reading the history");
    let mut releases = releases(project, head)?;
    specs_of(project, &mut releases)?;
    let remote = project.repo.remote_url(head.branch.as_deref());
    let rules = project.config.rules();
    let titles = |security| project.config.categories.titles(security);
    let (in_order, first) = (titles(Security::InOrder), titles(Security::First));
    let none = References::default();
    let sources = project.config.specs.0.as_slice();
    let format = &project.config.tag;
    // Fragments of old releases are deleted: only their commits remain.
    let specs_only = project.config.commits == LooseCommits::Skip;
    let sections = parallel::map(&releases, |release| {
        let gathered = entry::gather(&Input {
            commits: &release.commits,
            released: &release.earlier,
            previous: None,
            specs: &release.specs,
            sources,
            released_specs: &release.told,
            selection: &Selection::default(),
            held: &References::default(),
            named: &none,
            skipped: &none,
            specs_only,
            rules: &rules,
        });
        let order = match gathered.security() {
            Security::InOrder => &in_order,
            Security::First => &first,
        };
        let lines: Vec<_> = gathered.entries.into_iter().map(|e| e.line).collect();
        view::section(&heading(format, release), &lines, order)
    });
    let mut text = String::from(HEADING);
    for section in sections.iter().rev() {
        text.push('\n');
        text.push_str(section);
    }
    let forge = project.config.forge(remote.as_deref());
    let mut previous: Option<&ReleaseTag> = None;
    let mut links = Vec::new();
    for tag in releases.iter().map(|release| release.tag.as_ref()) {
        let to = tag.map_or("HEAD", |tag| &tag.name);
        let name = tag.map_or("Unreleased".to_owned(), |tag| text_of(format, tag));
        let link = forge.as_ref().and_then(|forge| match previous {
            Some(previous) => forge.compare(&previous.name, to),
            None => forge.tag(to),
        });
        links.extend(link.map(|link| format!("[{name}]: {link}\n")));
        previous = tag;
    }
    if !links.is_empty() {
        links.reverse();
        text.push_str(&format!("\n{}", links.concat()));
    }
    process::leave_to_exit(releases);
    Ok(text)
}

/// The version of a tag in this project's spelling.
fn text_of(format: &TagFormat, tag: &ReleaseTag) -> String {
    let text = format.text_of(&tag.name);
    text.unwrap_or_else(|| tag.version.to_string())
}

fn heading(format: &TagFormat, release: &HistoryRelease) -> String {
    match &release.tag {
        Some(tag) => format!("## [{}] - {}", text_of(format, tag), release.date),
        None => "## [Unreleased]".to_owned(),
    }
}

/// The releases from the oldest version to the newest, then what is not released.
fn releases(project: &Project, head: &Head) -> Result<Vec<HistoryRelease>> {
    let Some(head) = head.commit else {
        return Ok(Vec::new());
    };
    let mut reader = CommitReader::new(project, CachePolicy::No);
    let all = Graph::new(|id| reader.link(id)).sides(head, None)?.ahead;
    let commits = reader.read(&all)?;
    let places: HashMap<CommitId, usize> = all.iter().copied().zip(0..).collect();
    let tags = project.all_release_tags()?.into_iter();
    let mut tags: Vec<(usize, CommitId, ReleaseTag)> = tags
        .filter_map(|(id, tag)| Some((*places.get(&id)?, id, tag)))
        .collect();
    order::by(&mut tags, |a, b| a.2.version.cmp(&b.2.version));
    let tips = tags.iter().map(|(at, ..)| *at).chain([0]);
    let owners = lineage::owners(&commits, tips);
    let mut earlier: Vec<Vec<Commit>> = vec![Vec::new(); tags.len() + 1];
    for (of, to) in relations(&commits) {
        if owners[of] < owners[to] {
            earlier[owners[to]].push(commits[of].clone());
        }
    }
    let release = |at: usize, id, tag| HistoryRelease {
        tag,
        at: id,
        date: clock::day_of(commits[at].time),
        commits: Vec::new(),
        earlier: Vec::new(),
        specs: Vec::new(),
        told: HashSet::new(),
    };
    let tagged = tags.into_iter();
    let tagged = tagged.map(|(at, id, tag)| release(at, id, Some(tag)));
    let mut releases: Vec<HistoryRelease> = tagged.chain([release(0, head, None)]).collect();
    for (release, earlier) in releases.iter_mut().zip(earlier) {
        release.earlier = earlier;
    }
    for (commit, owner) in commits.into_iter().zip(owners) {
        releases[owner].commits.push(commit);
    }
    Ok(releases)
}

/// Pairs of commits that may be one change, in both orders: a cherry-pick and its original, and commits with the same author, author date
/// and subject.
fn relations(commits: &[Commit]) -> Vec<(usize, usize)> {
    let ids = lineage::sorted(commits);
    let mut pairs = Vec::new();
    let mut known: HashMap<(&str, &str), usize> = HashMap::with_capacity(commits.len());
    for (at, commit) in commits.iter().enumerate() {
        for from in &commit.message.picked_from {
            let prefix = Abbreviation::parse(from);
            let found = prefix.and_then(|prefix| lineage::beginning(&ids, &prefix).first());
            pairs.extend(found.map(|(_, original)| (*original, at)));
        }
        if let Some(key) = lineage::key(commit) {
            pairs.extend(known.insert(key, at).map(|twin| (twin, at)));
        }
    }
    let back: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
    pairs.extend(back);
    pairs
}

/// Sets the specs of each release, and those of earlier ones.
fn specs_of(project: &Project, releases: &mut [HistoryRelease]) -> Result<()> {
    let listed = spec_files::list(project)?;
    let Some(last) = releases.last() else {
        return Ok(());
    };
    let mut reader = spec_files::SpecReader::new(project);
    let now = reader.read(&listed, Some(last.at), None, &mut Vec::new())?;
    if now.is_empty() {
        return Ok(());
    }
    let mut told: HashSet<String> = HashSet::new();
    let mut known = (Vec::new(), Vec::new());
    for release in releases.iter_mut() {
        release.told = told.clone();
        release.specs = match release.tag {
            Some(_) => {
                let folders = reader.folders(release.at)?;
                if folders != known.0 {
                    known = (folders, reader.of_commit(release.at, None)?);
                }
                known.1.clone()
            }
            None => now.clone(),
        };
        let done = release.specs.iter();
        let done = done.filter(|spec| spec.status == Status::Completed);
        told.extend(done.map(|spec| spec.id.clone()));
    }
    reader.save();
    Ok(())
}
