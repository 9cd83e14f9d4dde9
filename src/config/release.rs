//! The part of `relwatch.yml` that is about cutting, pushing and publishing releases.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::config::odd::Odd;
use crate::domain::release::place::GatePlace;
use crate::domain::report::support::LineRule;
use crate::domain::spec::source::{is_inside, outside};

/// How a release gets to the remote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Push {
    /// The remote; the one that the branch follows, else `origin`, if it says nothing.
    pub remote: Option<String>,
    /// Straight to the branch, or by way of a branch that people review.
    pub mode: PushMode,
}

/// Where a release is pushed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PushMode {
    /// To the branch itself, with its tags.
    #[default]
    Direct,
    /// To `release/TAG`; `relwatch release --finish` tags what was merged.
    PullRequest,
}

/// What pre-releases do with the section.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Prerelease {
    /// It stays Unreleased until the final version.
    #[default]
    Keep,
    /// Each pre-release has a section of its own.
    Roll,
}

/// What happens if a breaking change does not say what its users must do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Migration {
    /// A release warns.
    #[default]
    Warn,
    /// A release is refused.
    Require,
}

/// Templates of what a release writes: files of the repository, in the language of Jinja2 (minijinja).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseTemplates {
    /// What is below the heading of a version in the changelog.
    pub section: Option<String>,
    /// What `relwatch notes --full` prints.
    pub body: Option<String>,
}

/// What is wrong with the templates.
pub(super) fn odd_template(templates: &ReleaseTemplates) -> Option<Odd> {
    let paths = templates.section.iter().chain(&templates.body);
    let path = paths.into_iter().find(|path| !is_inside(path))?;
    Some(Odd::new(path, outside(path)).within("templates: "))
}

/// When completed specs go to their archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveTime {
    /// In the release commit.
    #[default]
    Release,
    /// In a commit of their own, once everything is published.
    AfterPublish,
}

/// A command that must succeed before a release.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// A line for the shell.
    pub run: String,
    /// The directory it runs in, from the repository's root.
    #[serde(default)]
    pub dir: Option<String>,
    /// Variables of its environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How long it may take, such as `10m`; without it, for ever.
    #[serde(default)]
    pub timeout: Option<String>,
    /// Gates of one group run at the same time.
    #[serde(default)]
    pub group: Option<String>,
    /// In the user's working tree, or in one of the very release commit.
    #[serde(default, rename = "where")]
    pub place: GatePlace,
}

impl Gate {
    /// How long it may take; [`crate::config::Config::read`] has checked it.
    pub fn limit(&self) -> Option<Duration> {
        duration(self.timeout.as_deref()?)
    }
}

/// `90s`, `10m`, `1h 30m`.
pub(super) fn duration(words: &str) -> Option<Duration> {
    let span: jiff::SignedDuration = words.parse().ok()?;
    Duration::try_from(span).ok().filter(|d| !d.is_zero())
}

/// A step of publishing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PublishStep {
    /// Letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Whether it could be done, such as being logged in; tried before anything is released.
    pub check: Option<String>,
    /// Does it.
    pub run: Option<String>,
    /// Succeeds if it is done already, from whichever clone.
    pub done_if: Option<String>,
    /// Undoes it when the version is withdrawn.
    pub undo: Option<String>,
    /// What a person does instead of a command.
    pub manual: Option<String>,
}

/// How long versions are supported.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Support {
    /// After a release with `--lts`, such as `1 year`.
    pub lts: String,
    /// After the first release of the next line, such as `6 months`; `0 days` if support ends with that release. Without it nothing is
    /// said about older lines.
    pub maintained: Option<String>,
    /// Which versions are one line.
    pub lines: LineRule,
    /// Documents in which a release keeps the matrix between its markers.
    pub files: Vec<String>,
}

impl Default for Support {
    fn default() -> Self {
        Support {
            lts: "1 year".into(),
            maintained: None,
            lines: LineRule::default(),
            files: vec!["README.md".into(), "SECURITY.md".into()],
        }
    }
}

/// What is wrong with the support of versions.
pub fn odd_support(support: &Support) -> Option<Odd> {
    let lengths = [
        ("lts", Some(&support.lts)),
        ("maintained", support.maintained.as_ref()),
    ];
    for (key, words) in lengths {
        let is_odd = |words: &&String| words.parse::<jiff::Span>().is_err();
        if let Some(words) = words.filter(is_odd) {
            let odd = Odd::new(key, format!("support: {key} `{words}` is no time"));
            return Some(odd.with_remedy("give one like 6 months or 1 year"));
        }
    }
    let path = support.files.iter().find(|path| !is_inside(path))?;
    Some(Odd::new(path, outside(path)).within("support: "))
}

/// What is wrong with gates: the key to look for, and why.
pub fn odd_gate(gates: &[Gate]) -> Option<Odd> {
    for (at, gate) in gates.iter().enumerate() {
        let name = &gate.name;
        if let Some(odd) = odd_name(name, gates[..at].iter().map(|g| g.name.as_str())) {
            return Some(odd.within("gates: "));
        }
        if let Some(dir) = gate.dir.as_ref().filter(|dir| !is_inside(dir)) {
            return Some(Odd::new(dir, outside(dir)).within("gates: "));
        }
        if let Some(words) = gate.timeout.as_ref().filter(|w| duration(w).is_none()) {
            let odd = Odd::new("timeout", format!("gates: timeout `{words}` is no time"));
            return Some(odd.with_remedy("give one like 90s or 10m"));
        }
    }
    None
}

/// What is wrong with steps of publishing.
pub fn odd_step(steps: &[PublishStep]) -> Option<Odd> {
    for (at, step) in steps.iter().enumerate() {
        let name = &step.name;
        if let Some(odd) = odd_name(name, steps[..at].iter().map(|s| s.name.as_str())) {
            return Some(odd.within("publish: "));
        }
        if step.run.is_some() == step.manual.is_some() {
            let what = format!("publish: `{name}` needs either `run` or `manual`");
            return Some(Odd::new(name, what));
        }
    }
    None
}

fn odd_name<'a>(name: &str, mut before: impl Iterator<Item = &'a str>) -> Option<Odd> {
    let is_odd = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
    if name.is_empty() || name.starts_with('.') || name.contains(is_odd) {
        let odd = Odd::new(name, format!("`{name}` is no name"));
        return Some(odd.with_remedy("use letters, digits, - and _"));
    }
    before
        .any(|other| other == name)
        .then(|| Odd::new(name, format!("`{name}` is there twice")))
}
