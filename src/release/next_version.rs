//! Chooses the version of a release. Refuses a version that is not newer than the last one, and never reuses one that is tagged anywhere.

use std::cmp::Ordering;

use semver::{Prerelease, Version};

use crate::domain::changelog::heading;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::order;
use crate::domain::ref_name::RefName;
use crate::domain::spec::package_rules::{DependantRules, PackageRules};
use crate::domain::version::alignment::{
    self, AlignedComponent, PlannedVersion, Requirement, Tie, VersionGroup,
};
use crate::domain::version::file::manifest::ManifestPackage;
use crate::domain::version::{self, Level, prerelease};
use crate::history::range::History;
use crate::project::Project;
use crate::release::proposal::{self, Next};
use crate::release::remote::{self, Remote};
use crate::release::request::Wanted;
use crate::release::version_files;
use crate::section::compute;
use crate::section::contents::SectionContents;

/// The project or one of its components, before its version is chosen.
pub struct Unversioned<'a> {
    pub project: &'a Project,
    pub history: &'a History,
    pub section: &'a SectionContents,
    /// Whether it is released because of its own changes.
    pub is_released: bool,
}

/// What a release does with the project or a component.
pub struct Outlook {
    /// Next version; `None` if it is not released.
    pub next: Result<Option<Next>>,
    /// Component whose release makes this one follow.
    pub follows: Option<String>,
}

/// The next version of each: by its own changes, and by following other components, through `ties` and through the requirements of its
/// packages.
pub fn outlook(
    candidates: &[Unversioned<'_>],
    ties: &[Tie],
    wanted: &Wanted,
    branch: &str,
    remote: Option<&Remote>,
) -> Vec<Outlook> {
    let chosen = candidates.iter().map(|one| {
        if !one.is_released || one.project.is_ignored() {
            return Ok(None);
        }
        choose(
            one.project,
            one.history,
            one.section,
            wanted,
            branch,
            remote,
        )
        .map(Some)
    });
    let chosen: Vec<Result<Option<Next>>> = chosen.collect();
    // If a pre-release was asked for, all followers get a pre-release too.
    let versions = chosen
        .iter()
        .flatten()
        .flatten()
        .map(|next| &next.version.pre);
    let pre = versions.filter(|pre| !pre.is_empty()).max().cloned();
    // Packages that their tool ignores are not planned.
    let planned = candidates.iter().zip(&chosen);
    let planned = planned.filter(|(one, _)| !one.project.is_ignored());
    let members = planned.map(|(one, chosen)| one.member(chosen, remote));
    let mut members: Vec<AlignedComponent> = members.collect();
    let ties = [ties, &requirements(candidates), &groups(candidates)].concat();
    let published = pre.clone().or_else(|| newest_of(wanted.pre.as_deref()?));
    let lifts = alignment::align(&mut members, &ties, &published.unwrap_or_default());
    let all = candidates.iter().zip(chosen).map(|(one, chosen)| {
        let name = one.project.name().unwrap_or_default();
        let lift = lifts.iter().rev().find(|(low, _)| low == name);
        let follows = lift.map(|(_, high)| high.clone());
        let mut members = members.iter();
        let planned = members.find(|member| member.name == name);
        let next = match (&follows, planned.and_then(|member| member.next.clone())) {
            (Some(high), Some(next)) if chosen.is_ok() => Ok(Some(Next {
                level: version::step(last(one.history), &next.version),
                because: format!("keeps up with {high}"),
                remarks: Vec::new(),
                contradiction: None,
                version: Version {
                    pre: pre.clone().unwrap_or_default(),
                    ..next.version
                },
            })),
            _ => chosen,
        };
        Outlook { next, follows }
    });
    all.collect()
}

/// The components that `shown` is or contains, followed by those that their versions may depend on: all others if components are aligned,
/// or if a tool of the sources knows the requirements of packages. Also returns how many are shown.
pub fn with_related(whole: &Project, shown: &Project) -> (Vec<Project>, usize) {
    let mut parts = shown.components();
    let count = parts.len();
    let is_alone = whole.config.ties().is_empty() && !whole.config.specs.name_packages();
    if shown.name().is_some() && !is_alone {
        let others = whole.components().into_iter();
        parts.extend(others.filter(|other| other.name() != shown.name()));
    }
    (parts, count)
}

/// What `relwatch release` would do with each, as far as that is known without the remote. `looked` are their histories and sections.
pub fn outlook_offline(
    project: &Project,
    parts: &[Project],
    looked: &[(&History, &SectionContents)],
) -> Vec<Outlook> {
    let candidates = parts.iter().zip(looked);
    let candidates = candidates.map(|(part, (history, section))| Unversioned {
        project: part,
        history,
        section,
        is_released: section.asks_for_release(),
    });
    let candidates: Vec<_> = candidates.collect();
    let branch = looked.first();
    let branch = branch.map(|(history, _)| remote::branch(&history.head, None));
    let (ties, wanted) = (project.config.ties(), Wanted::default());
    outlook(
        &candidates,
        &ties,
        &wanted,
        &branch.unwrap_or_default(),
        None,
    )
}

impl Unversioned<'_> {
    /// A component that may follow others.
    fn member(&self, chosen: &Result<Option<Next>>, remote: Option<&Remote>) -> AlignedComponent {
        let planned = |next: &Next| PlannedVersion {
            version: version::core(&next.version),
            level: next.level,
        };
        let is_waiting = !self.is_released && self.section.asks_for_release();
        let own = is_waiting.then(|| on_its_own(self.project, self.history, self.section));
        AlignedComponent {
            name: self.project.name().unwrap_or_default().to_owned(),
            last: last(self.history).cloned(),
            next: chosen.as_ref().ok().and_then(Option::as_ref).map(planned),
            own: own.and_then(Result::ok).as_ref().map(planned),
            // If the tags cannot be read, the release reports why.
            taken: taken(self.project, self.history, remote).unwrap_or_default(),
        }
    }

    fn packages(&self) -> &[ManifestPackage] {
        let component = self.project.config.component.as_ref();
        component.map_or(&[], |component| &component.packages)
    }
}

/// Rules for packages that the tools of the sources have.
fn rules<'c>(candidates: &'c [Unversioned<'_>]) -> impl Iterator<Item = &'c PackageRules> {
    let first = candidates.first();
    let sources = first
        .into_iter()
        .flat_map(|one| &one.project.config.specs.0);
    sources.map(|source| &source.packages)
}

/// Ties between components whose packages are in a group with one version.
fn groups(candidates: &[Unversioned<'_>]) -> Vec<Tie> {
    let groups = rules(candidates).flat_map(|rules| {
        let fixed = rules.fixed.iter().map(|group| (group, true));
        fixed.chain(rules.linked.iter().map(|group| (group, false)))
    });
    let groups = groups.map(|(group, is_whole)| {
        let is_in = |one: &&Unversioned<'_>| one.packages().iter().any(|own| group.has(&own.name));
        let named = candidates.iter().filter(is_in);
        let named = named.filter_map(|one| one.project.name().map(str::to_owned));
        VersionGroup {
            names: named.collect(),
            is_whole,
        }
    });
    groups.map(Tie::Group).collect()
}

/// Requirements between packages of different components. The changesets tool ignores a package without a version.
fn requirements(candidates: &[Unversioned<'_>]) -> Vec<Tie> {
    let named = || {
        let all = candidates.iter();
        all.filter_map(|one| Some((one.project.name()?, one.packages())))
    };
    // Two tools in one repository that name packages share one settings file.
    let rules = rules(candidates).map(|rules| &rules.dependants);
    let usual = DependantRules::default();
    let rules = rules.max_by_key(|rules| **rules != usual).unwrap_or(&usual);
    let mut found = Vec::new();
    for (low, own) in named() {
        let versioned = own
            .iter()
            .filter_map(|own| Some((own, own.version.as_ref()?)));
        let all =
            versioned.flat_map(|(own, version)| own.requires.iter().map(move |one| (one, version)));
        for (required, version) in all {
            let is_it = |package: &&ManifestPackage| package.name == required.package;
            let others = named().filter(|(name, _)| *name != low);
            let mut high = others.filter_map(|(name, all)| Some((name, all.iter().find(is_it)?)));
            let tie = high.next().map(|(high, package)| Requirement {
                low: low.to_owned(),
                high: high.to_owned(),
                range: required.range.clone(),
                is_peer: required.is_peer,
                current: package.version.clone(),
                is_prepared: !version.pre.is_empty(),
                rules: rules.clone(),
            });
            found.extend(tie.map(Tie::Requires));
        }
    }
    found
}

/// A pre-release of a label that is newer than every existing one, for comparison with ranges.
fn newest_of(label: &str) -> Option<Prerelease> {
    Prerelease::new(&format!("{label}.{}", u64::MAX)).ok()
}

fn last(history: &History) -> Option<&Version> {
    history.last.as_ref().map(|last| &last.tag.version)
}

/// The version of a release of what is committed: the requested one, or the one that the entries require.
pub fn version_for(project: &Project, history: &History, asked: Option<&str>) -> Result<Version> {
    let name = &project.config.changelog;
    let stored = match history.head.commit {
        Some(head) => project.repo.file_at(head, name)?,
        None => None,
    };
    let section = compute::of_stored(project, history, stored.unwrap_or_default())?;
    let wanted = Wanted {
        version: asked.map(str::to_owned),
        ..Wanted::default()
    };
    let branch = history.head.branch.as_deref().unwrap_or_default();
    let next = choose(project, history, &section, &wanted, branch, None)?;
    Ok(next.version)
}

/// The version of a release of this section alone.
pub fn on_its_own(project: &Project, history: &History, section: &SectionContents) -> Result<Next> {
    let branch = history.head.branch.as_deref().unwrap_or_default();
    choose(project, history, section, &Wanted::default(), branch, None)
}

/// The next version: a requested level counts from the last release, a release or hotfix branch names its version, otherwise the entries
/// decide. A version that is tagged anywhere is never reused, and no release is at or below a version in HEAD's history.
fn choose(
    project: &Project,
    history: &History,
    section: &SectionContents,
    wanted: &Wanted,
    branch: &str,
    remote: Option<&Remote>,
) -> Result<Next> {
    let last = last(history);
    let taken = taken(project, history, remote)?;
    let prepared = prepared(project, history)?;
    let own = unasked(project, history, section, &taken, prepared.as_ref())?;
    let asked = wanted.version.as_deref();
    let names = &history.tags.names;
    let level = asked.and_then(version::level);
    let because = "asked for".to_owned();
    let target = match (asked, level, last, named_by_branch(project, branch)) {
        (_, Some(level), Some(last), _) => {
            let version = of_level(last, level, &taken, &own.version)?;
            without_doubt(Some(last), version, because)
        }
        // Only the user decides on 1.0.0 (SemVer, clause 4).
        (_, Some(Level::Major), None, _) => without_doubt(None, Version::new(1, 0, 0), because),
        (Some(asked), None, ..) => {
            let version = version::typed(asked)?;
            prerelease::demand_newest(&version, &taken, |version| names.version(version))?;
            without_doubt(last, version, because)
        }
        (None, None, _, Some(named)) => without_doubt(last, named, format!("{branch} names it")),
        _ => own.clone(),
    };
    let floor = last.into_iter().chain(&prepared);
    let floor = floor.max_by(|a, b| prerelease::by_number(a, b));
    let is_newer =
        |floor: &&Version| prerelease::by_number(&target.version, floor) == Ordering::Greater;
    if let Some(floor) = floor.filter(|floor| !is_newer(floor)) {
        let written = |version: &Version| names.version(version);
        let (target, own) = (written(&target.version), written(&own.version));
        let floor = written(floor);
        return Err(Failure::new(
            Exit::Precondition,
            format!("{target} is not newer than {floor}; the next version is {own}"),
        ));
    }
    Ok(target)
}

/// A version named by the user, a branch or a file.
fn without_doubt(last: Option<&Version>, version: Version, because: String) -> Next {
    Next {
        level: version::step(last, &version),
        because,
        version,
        remarks: Vec::new(),
        contradiction: None,
    }
}

/// The version of a requested level. A patch is counted up past taken versions, which are on the same line.
///
/// # Errors
/// Exit 3 if it is taken: the version after it would be on another line.
fn of_level(last: &Version, level: Level, taken: &[Version], own: &Version) -> Result<Version> {
    let version = version::next(Some(last), level, None);
    if level == Level::Patch {
        return Ok(version::free(version, level, taken));
    }
    if taken.contains(&version) {
        let what = format!("the next {level} version after {last}, {version}, is tagged already");
        return Err(Failure::precondition(what).with_remedy(format!(
            "`relwatch release {own}` releases the next version of this line; any other free version may be given"
        )));
    }
    Ok(version)
}

/// The version if none was requested: that of hand-written notes, that of its pre-releases, or the next free one.
fn unasked(
    project: &Project,
    history: &History,
    section: &SectionContents,
    taken: &[Version],
    prepared: Option<&Version>,
) -> Result<Next> {
    let last = last(history);
    let next = proposal::next(project, history, section, taken);
    if let Some(written) = written(project, section, last, &next, taken) {
        return Ok(written);
    }
    if let Some((version, because)) = &history.selection.version
        && *version > next.version
        && !taken.contains(version)
    {
        return Ok(without_doubt(last, version.clone(), because.clone()));
    }
    let own = next.version.clone();
    if let Some(pre) = prepared.filter(|pre| version::core(pre) > own) {
        let because = format!("follows {pre}");
        return Ok(without_doubt(last, version::core(pre), because));
    }
    let version = version::free(own.clone(), next.level, taken);
    let because = if version == own {
        next.because
    } else {
        format!("{}; {own} is taken", next.because)
    };
    Ok(Next {
        version,
        because,
        ..next
    })
}

/// The version that hand-written notes have for the unreleased changes. If the changes require a higher one, neither is used without
/// asking. A heading such as `1.3.0-dev` is only a tool's forecast.
fn written(
    project: &Project,
    section: &SectionContents,
    last: Option<&Version>,
    asked: &Next,
    taken: &[Version],
) -> Option<Next> {
    let text = section.version_written()?;
    let is_foreseen = heading::is_development(&text);
    let version = heading::released_as(&text)?;
    let is_new = last.is_none_or(|last| version > *last) && !taken.contains(&version);
    if !is_new {
        return None;
    }
    let name = &project.config.changelog;
    if asked.version <= version {
        let because = if section.to_come.is_some() {
            format!("{name} has its notes")
        } else {
            format!("{name} calls it so")
        };
        return Some(without_doubt(last, version, because));
    }
    if is_foreseen {
        return None;
    }
    let Next {
        version: higher,
        because,
        ..
    } = asked;
    let what = format!("{name} has {text}, but the changes ask for {higher} ({because})");
    // Hand-written notes keep their version until somebody changes it there.
    Some(if section.to_come.is_some() {
        Next {
            contradiction: Some(format!(
                "{what}; put {higher} into that heading, or run `relwatch release {text}`"
            )),
            ..without_doubt(last, version, format!("{name} has its notes"))
        }
    } else {
        Next {
            contradiction: Some(format!(
                "{what}; run `relwatch release {higher}` or `relwatch release {text}`"
            )),
            ..asked.clone()
        }
    })
}

/// The next pre-release of a version.
///
/// # Errors
/// Exit 2 if the version is a pre-release already, or if the label is invalid; exit 3 if a newer pre-release of it is tagged.
pub fn labelled(
    project: &Project,
    history: &History,
    version: Version,
    label: &str,
    remote: Option<&Remote>,
) -> Result<Version> {
    if !version.pre.is_empty() {
        return Err(
            Failure::new(Exit::Usage, format!("{version} is a pre-release already"))
                .with_remedy("leave --pre out"),
        );
    }
    let mut taken = taken(project, history, remote)?;
    taken.extend(named_by_files(project, history, &version));
    let names = &history.tags.names;
    prerelease::next(&version, label, &taken, |version| names.version(version))
}

/// A warning about a pre-release that package managers do not sort by number.
pub fn other_order(history: &History, version: &Version) -> Option<String> {
    if version.pre.is_empty() {
        return None;
    }
    let names = &history.tags.names;
    let version_text = names.version(version);
    let older = history
        .tags
        .versions
        .iter()
        .filter(|tagged| *tagged < version);
    let mut older = older.map(|tagged| names.version(tagged));
    let other = older.find(|older| prerelease::disagree(&version_text, older));
    other.map(|other| format!(
        "by number {version_text} follows {other}, but SemVer (clause 11) compares the two as text and takes {other} for the newer one; a dot before the number, as in `rc.1`, keeps both orders the same"
    ))
}

/// The version that the files agree on; used if it is a pre-release set by hand.
fn named_by_files(project: &Project, history: &History, next: &Version) -> Option<Version> {
    let mut released = history.tags.versions.clone();
    released.retain(|version| version.pre.is_empty() && version < next);
    // The release reports what is wrong with the files.
    let agreed = version_files::agreed(project, history.head.commit?, released.iter().max());
    agreed.ok().flatten().map(|held| held.version)
}

/// Every version that a tag names, in this clone or on the remote.
fn taken(project: &Project, history: &History, remote: Option<&Remote>) -> Result<Vec<Version>> {
    let format = &project.config.tag;
    let mut taken = history.tags.versions.clone();
    if let Some(refs) = remote.and_then(|remote| remote.refs.as_ref()) {
        taken.extend(refs.tags().filter_map(|tag| format.version(tag)));
    }
    Ok(taken)
}

/// The version in a branch name such as `release/v0.2.0` or `hotfix/v0.1.1`.
fn named_by_branch(project: &Project, branch: &str) -> Option<Version> {
    let tag = version::of_branch(branch)?;
    let format = &project.config.tag;
    format.version(tag).or_else(|| version::typed(tag).ok())
}

/// The newest pre-release in HEAD's history that has no final version yet.
fn prepared(project: &Project, history: &History) -> Result<Option<Version>> {
    let names = &history.tags.names;
    let last = history.last.as_ref().map(|last| last.tag.version.clone());
    let Some(head) = history.head.commit else {
        return Ok(None);
    };
    let mut versions = history.tags.versions.clone();
    versions.retain(|v| !v.pre.is_empty() && last.as_ref().is_none_or(|last| v > last));
    order::by(&mut versions, prerelease::by_number);
    for version in versions.into_iter().rev() {
        let at = project.repo.resolved(&RefName::tag(&names.tag(&version)));
        if let Some(at) = at
            && project.repo.contains(head, at)?
        {
            return Ok(Some(version));
        }
    }
    Ok(None)
}
