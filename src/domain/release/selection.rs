//! Selection of the completed specs for the next release: the release spec and the labels decide, and the other specs wait.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use semver::Version;

use crate::domain::release::release_spec;
use crate::domain::spec::{Spec, Status};
use crate::domain::version;

/// Label of a spec that waits until the label is removed.
pub const HOLD: &str = "hold";

/// Why a completed spec waits for a later release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// Its label names a later version.
    Label(String),
    /// A comment in the changelog holds it back.
    Comment,
    /// The release spec with this ID names other specs, but not this one.
    NotNamed(String),
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::Label(label) => write!(f, "waits, labelled {label}"),
            Wait::Comment => f.write_str("waits, held in the changelog"),
            Wait::NotNamed(id) => write!(f, "waits, {id} does not name it"),
        }
    }
}

/// Selected content of the next release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Version that a release spec prepares, or else the lowest one that completed specs are labelled with, and what names it.
    pub version: Option<(Version, String)>,
    /// Completed specs that wait, by ID.
    pub waiting: BTreeMap<String, Wait>,
    /// Specs that the last release held back although they were completed.
    pub held_back: HashSet<String>,
}

/// Input of a selection.
pub struct Selecting<'a> {
    pub specs: &'a [Spec],
    /// Whether an earlier release contains the spec with this ID.
    pub is_released: &'a dyn Fn(&str) -> bool,
    /// Whether a spec is a file for a single pull request. A release spec names specs of another kind.
    pub is_fragment: &'a dyn Fn(&Spec) -> bool,
    /// Version that a label names, if it is a tag or a version of the project.
    pub version_of: &'a dyn Fn(&str) -> Option<Version>,
    pub last: Option<&'a Version>,
}

impl Selecting<'_> {
    /// Content of `cut`, or, if no version is chosen yet, of the version that specs name. `held_back` lists what the last release held
    /// back.
    pub fn select(&self, cut: Option<&Version>, held_back: HashSet<String>) -> Selection {
        let version = self.named();
        let named = version.as_ref().map(|(version, _)| version.clone());
        let target = cut.map(version::core).or(named);
        let release = target.as_ref().and_then(|target| self.release_of(target));
        let mut waiting = BTreeMap::new();
        for spec in self.completed() {
            if let Some(wait) = self.wait(spec, target.as_ref(), release) {
                waiting.insert(spec.id.clone(), wait);
            }
        }
        Selection {
            version,
            waiting,
            held_back,
        }
    }

    /// Completed changes that no release contains.
    fn completed(&self) -> impl Iterator<Item = &Spec> {
        self.specs.iter().filter(|spec| {
            spec.status == Status::Completed && !spec.is_release() && !(self.is_released)(&spec.id)
        })
    }

    /// Lowest unreleased version that a label of a spec names, with the label.
    fn label<'s>(&self, spec: &'s Spec) -> Option<(Version, &'s String)> {
        let versions = spec.labels.iter();
        let versions = versions.filter_map(|label| Some(((self.version_of)(label)?, label)));
        let new = versions.filter(|(version, _)| self.last.is_none_or(|last| version > last));
        new.min()
    }

    fn named(&self) -> Option<(Version, String)> {
        let releases = self.specs.iter().filter(|spec| {
            spec.is_release_spec()
                && spec.status != Status::Cancelled
                && !(self.is_released)(&spec.id)
        });
        let prepared = releases.filter_map(|spec| {
            let (version, _) = self.label(spec)?;
            Some((version, format!("{} prepares it", spec.id)))
        });
        let labelled = || {
            let labelled = self.completed().filter_map(|spec| {
                let (version, label) = self.label(spec)?;
                Some((version, format!("{} is labelled {label}", spec.id)))
            });
            labelled.min()
        };
        prepared.min().or_else(labelled)
    }

    /// Release spec of a version.
    fn release_of(&self, version: &Version) -> Option<&Spec> {
        let mut specs = self.specs.iter();
        specs.find(|spec| {
            let mut labels = spec.labels.iter();
            spec.is_release_spec()
                && labels.any(|label| (self.version_of)(label).as_ref() == Some(version))
        })
    }

    fn wait(&self, spec: &Spec, target: Option<&Version>, release: Option<&Spec>) -> Option<Wait> {
        let mut labels = spec.labels.iter();
        if let Some(hold) = labels.find(|label| label.eq_ignore_ascii_case(HOLD)) {
            return Some(Wait::Label(hold.clone()));
        }
        let target = target?;
        if let Some((version, label)) = self.label(spec) {
            return (version > *target).then(|| Wait::Label(label.clone()));
        }
        let release = release.filter(|release| !release.informed_by.is_empty())?;
        let names = |spec: &Spec| release_spec::names(&release.informed_by, &spec.path, &spec.id);
        let driver = spec.driver.as_ref();
        let is_member = driver.is_some_and(|driver| {
            let mut specs = self.specs.iter();
            specs.any(|other| other.id == *driver && names(other))
        });
        let is_chosen = names(spec) || is_member || (self.is_fragment)(spec);
        (!is_chosen).then(|| Wait::NotNamed(release.id.clone()))
    }
}
