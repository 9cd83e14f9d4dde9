//! The configuration: one struct, whose doc comments are the reference.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::config::checks::{HookChecks, matches_branch};
use crate::config::components::ComponentSettings;
use crate::config::file::FILE;
use crate::config::forge_facts::ForgeSettings;
use crate::config::odd::{Odd, odd_changelog};
use crate::config::release::{
    self, ArchiveTime, Gate, Migration, Prerelease, PublishStep, Push, ReleaseTemplates, Support,
};
use crate::config::storage::Storage;
use crate::config::version_files::{Docs, VersionFiles};
use crate::config::web::Web;
use crate::domain::changelog::heading::odd_unreleased;
use crate::domain::commit::message::Reading;
use crate::domain::entry::category::Categories;
use crate::domain::entry::component;
use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::entry::model::{Filter, LooseCommits, Rules, Squash, Unconventional};
use crate::domain::entry::raise::Bumps;
use crate::domain::entry::wording::{EntryTemplate, Wording};
use crate::domain::forge::Forge;
use crate::domain::pattern::Pattern;
use crate::domain::release::release_spec::DoneByRelease;
use crate::domain::release::texts::ReleaseTexts;
use crate::domain::spec::records;
use crate::domain::spec::source::{is_inside, outside};
use crate::domain::spec::sources::Sources;
use crate::domain::version::Weight;
use crate::domain::version::tag_format::TagFormat;

/// What `relwatch init` writes: every key, commented out, with its default.
pub const ANNOTATED: &str = include_str!("default.yml");

/// The repository's configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields, expecting = "keys and values")]
pub struct Config {
    /// The changelog, from the repository's root.
    pub changelog: String,
    /// What the changelog calls Unreleased, beside the names that relwatch knows.
    pub unreleased: Option<String>,
    /// Where generated lines live between releases.
    pub storage: Storage,
    /// The categories of a section: `keep-a-changelog`, `release-notes`, `flat` or a list.
    pub categories: Categories,
    /// What commit types mean, beyond or against the usual meaning.
    pub types: BTreeMap<String, Meaning>,
    /// What changes raise the version by, apart from their category: `major`, `minor`, `patch` or `none` for `breaking`, kinds such as
    /// `added`, and commit types.
    pub bump: BTreeMap<String, Weight>,
    /// Titles of scopes; an empty one is not shown.
    pub scopes: BTreeMap<String, String>,
    /// The line of an entry.
    pub entry: EntryTemplate,
    /// What to do with commits without a conventional type.
    pub unconventional: Unconventional,
    /// Whether commits are listed that belong to no spec.
    pub commits: LooseCommits,
    /// What the list of commits in the body of a squash merge is.
    pub squash: Squash,
    /// The commits that count; all, if it says nothing.
    pub only: Filter,
    /// Commits that do not count.
    pub ignore: Filter,
    /// How commits name issues.
    pub issues: Issues,
    /// Where the project is on the web.
    pub web: Web,
    /// What commands that a person starts ask the forge about pull requests.
    pub forge: ForgeSettings,
    /// The tag of a release; `{version}` is replaced by the version. A list: the first is for releases to come, all are read.
    pub tag: TagFormat,
    /// A commit or tag: what is in its history is not listed. For a history whose releases tags do not show.
    pub since: Option<String>,
    /// Parts of the repository with a changelog and releases of their own; the repository itself has none then.
    pub components: BTreeMap<String, ComponentSettings>,
    /// The component that this is the configuration of.
    #[serde(skip)]
    pub component: Option<component::Component>,
    /// Branches to release from; `*` matches anything.
    pub branches: Vec<String>,
    /// Where specs are: the name of a tool, a source, or a list of both.
    pub specs: Sources,
    /// The spec that prepares a release.
    pub release_spec: ReleaseSpec,
    /// The files that contain the version: `auto`, or a list of paths and of paths with a pattern.
    pub version_files: VersionFiles,
    /// Documents in which a release replaces the previous version by the new one; a pre-release leaves them alone.
    pub docs: Docs,
    /// Checks by hooks.
    pub hooks: HookChecks,
    /// A command that prints how continuous integration judged `{sha}`: one conclusion a line, or the JSON of `gh run list`.
    pub ci: Option<String>,
    /// What happens if a breaking change does not say what its users must do.
    pub migration: Migration,
    /// Commands that must succeed before a release.
    pub gates: Vec<Gate>,
    /// Whether pre-commit and commit-msg hooks are asked about the release commit.
    pub commit_hooks: bool,
    /// What pre-releases do with the section.
    pub prerelease: Prerelease,
    /// The texts of release commits, tags and merges.
    pub messages: ReleaseTexts,
    /// How a release gets to the remote.
    pub push: Push,
    /// What publishing a release takes, in this order.
    pub publish: Vec<PublishStep>,
    /// When completed specs go to their archive.
    pub archive: ArchiveTime,
    /// The list of all releases, from the repository's root; none with an empty name.
    pub manifest: String,
    /// How long versions are supported.
    pub support: Support,
    /// Templates of what a release writes.
    pub templates: ReleaseTemplates,
    /// A command that rewrites the notes of a release: the draft as JSON on standard input, Markdown on standard output. Run by
    /// `release` and `notes` alone.
    pub polish: Option<String>,
}

/// How commits name issues.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Issues {
    /// Words that begin a line or a trailer that names issues.
    pub closers: Vec<String>,
    /// References beside `#12`, `!12` and `owner/repo#12`: a regular expression, and where it leads if it has a page.
    pub trackers: BTreeMap<String, Option<String>>,
}

/// The spec that prepares a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseSpec {
    /// Its path: `{date}`, `{sequence}` (of the day, base 36), `{number}` (the next one), `{version}`, `{tag}`. Without it that of the first
    /// tool that has a form for it, else `.relwatch/releases/{tag}.md`.
    pub path: Option<String>,
    /// Checklist items of its acceptance criteria: `{version}`, `{tag}`, `{previous}`. Without them what only a person can know.
    pub acceptance: Option<Vec<String>>,
    /// Items of its checklist.
    pub checklist: Option<Vec<String>>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            changelog: "CHANGELOG.md".into(),
            unreleased: None,
            storage: Storage::default(),
            categories: Categories::default(),
            types: BTreeMap::new(),
            bump: BTreeMap::new(),
            scopes: BTreeMap::new(),
            entry: EntryTemplate::default(),
            unconventional: Unconventional::default(),
            commits: LooseCommits::default(),
            squash: Squash::default(),
            only: Filter::default(),
            ignore: Filter::default(),
            issues: Issues::default(),
            web: Web::default(),
            forge: ForgeSettings::default(),
            tag: TagFormat::default(),
            since: None,
            components: BTreeMap::new(),
            component: None,
            branches: ["main", "master", "release/*", "hotfix/*"]
                .map(String::from)
                .to_vec(),
            specs: Sources::default(),
            release_spec: ReleaseSpec::default(),
            ci: None,
            migration: Migration::default(),
            gates: Vec::new(),
            commit_hooks: false,
            prerelease: Prerelease::default(),
            templates: ReleaseTemplates::default(),
            messages: ReleaseTexts::default(),
            push: Push::default(),
            publish: Vec::new(),
            archive: ArchiveTime::default(),
            manifest: ".relwatch/releases.yml".into(),
            support: Support::default(),
            version_files: VersionFiles::default(),
            docs: Docs::default(),
            polish: None,
            hooks: HookChecks::default(),
        }
    }
}

impl Default for Issues {
    fn default() -> Self {
        // GitHub's and GitLab's closing words; `Refs` as in the examples of Conventional Commits 1.0.
        let closers = [
            "close",
            "closes",
            "closed",
            "closing",
            "fix",
            "fixes",
            "fixed",
            "fixing",
            "resolve",
            "resolves",
            "resolved",
            "resolving",
            "implement",
            "implements",
            "implemented",
            "refs",
            "ref",
            "references",
            "issue",
            "issues",
        ];
        Issues {
            closers: closers.map(String::from).to_vec(),
            trackers: BTreeMap::new(),
        }
    }
}

impl Config {
    /// What a release does itself of what a release spec may list.
    pub fn done_by_release(&self) -> DoneByRelease<'_> {
        DoneByRelease {
            changelog: &self.changelog,
            publishes: !self.publish.is_empty(),
        }
    }

    /// A fragment may be of any type that is configured.
    pub(super) fn teach_sources(&mut self) {
        let types = self
            .types
            .iter()
            .map(|(word, meaning)| (word.clone(), *meaning));
        let words = self
            .categories
            .words()
            .filter(|word| Kind::of_word(word).is_none());
        let own = words.map(|word| (word.to_owned(), Meaning::Changed));
        let known: Vec<(String, Meaning)> = types
            .chain(own)
            .filter(|(word, _)| word != "breaking")
            .collect();
        for source in &mut self.specs.0 {
            for (word, meaning) in &known {
                source.kinds.entry(word.clone()).or_insert(*meaning);
            }
        }
    }

    /// What reading alone does not find.
    pub(super) fn check(&self) -> Result<(), Odd> {
        let odd = |key: &str, why: String| Err(Odd::new(key, why));
        let manifest = Some(&self.manifest).filter(|path| !path.is_empty());
        for (key, path) in [
            ("path", self.release_spec.path.as_ref()),
            ("manifest", manifest),
        ] {
            if let Some(path) = path.filter(|path| !is_inside(path)) {
                return odd(key, outside(path));
            }
        }
        if [&self.changelog, FILE, ".gitattributes"].contains(&self.manifest.as_str()) {
            let path = &self.manifest;
            return odd(
                "manifest",
                format!("manifest: {path} is another file's place"),
            );
        }
        if let Some(why) = odd_changelog(&self.changelog) {
            return odd("changelog", format!("changelog: {why}"));
        }
        if let Some(why) = self.unreleased.as_deref().and_then(odd_unreleased) {
            return odd(
                "unreleased",
                format!("unreleased: {why}; write the words of its heading"),
            );
        }
        let steps = || release::odd_step(&self.publish);
        if let Some(trouble) = release::odd_gate(&self.gates).or_else(steps) {
            return Err(trouble);
        }
        let support = release::odd_support(&self.support);
        if let Some(trouble) = support.or_else(|| release::odd_template(&self.templates)) {
            return Err(trouble);
        }
        if let Some(why) = self.specs.0.iter().find_map(records::odd) {
            return odd("specs", format!("specs: {why}"));
        }
        self.version_files.check(&self.changelog, &self.manifest)?;
        for (pattern, link) in &self.issues.trackers {
            if let Some(why) = odd_tracker(pattern, link.as_deref()) {
                return odd(pattern, format!("issues: {why}"));
            }
        }
        if self.web.url.is_some() && self.forge(None).is_none() {
            let why = "web: `url` must be an address such as https://git.example.org/team/project, with `forge` beside it if its name does not show the kind";
            return odd("url", why.to_owned());
        }
        self.forge.check(&self.categories, &self.types)?;
        self.check_components()
    }

    /// How changes are classified and worded.
    pub fn rules(&self) -> Rules {
        let trackers = self.issues.trackers.iter();
        let links = trackers.filter_map(|(pattern, link)| {
            let pattern = Pattern::new(pattern).ok()?;
            Some((pattern, link.clone()?))
        });
        Rules {
            changelog: self.changelog.clone(),
            categories: self.categories.clone(),
            bumps: self.bumps(),
            types: self.types.clone(),
            unconventional: self.unconventional,
            squash: self.squash,
            only: self.only.clone(),
            ignore: self.ignore.clone(),
            component: self.component.clone(),
            wording: Wording {
                template: self.entry.clone(),
                scopes: self.scopes.clone(),
                component: self.component.as_ref().map(|own| own.name.clone()),
                forge: self.forge(None).filter(|_| self.web.links != Some(false)),
                links: links.collect(),
            },
        }
    }

    /// What changes raise the version by.
    pub fn bumps(&self) -> Bumps {
        Bumps(self.bump.clone())
    }

    /// The project's forge: the configured one, else that of its remote.
    pub fn forge(&self, remote: Option<&str>) -> Option<Forge> {
        match &self.web.url {
            Some(url) => Forge::of_web(url, self.web.forge),
            None => Forge::of_remote(remote?, self.web.forge),
        }
    }

    /// How commit messages are read.
    pub fn reading(&self) -> Reading {
        let trackers = self.issues.trackers.keys();
        let has_paths = |filter: &Filter| !filter.paths.is_empty();
        let mut reading = Reading {
            closers: self
                .issues
                .closers
                .iter()
                .map(|w| w.to_lowercase())
                .collect(),
            issues: trackers.filter_map(|p| Pattern::new(p).ok()).collect(),
            paths: has_paths(&self.only)
                || has_paths(&self.ignore)
                || self.component.is_some()
                || !self.components.is_empty(),
            release: (self.messages != ReleaseTexts::default())
                .then(|| self.messages.commit.clone()),
            ..Reading::default()
        };
        self.specs.extend(&mut reading);
        reading
    }

    /// Whether releases may be cut on `branch`.
    pub fn allows_branch(&self, branch: &str) -> bool {
        matches_branch(&self.branches, branch)
    }
}

/// What is wrong with a pattern of references and the address that they lead to.
fn odd_tracker(pattern: &str, link: Option<&str>) -> Option<String> {
    match Pattern::new(pattern) {
        Err(why) => return Some(why),
        Ok(found) if found.matches("") => {
            return Some(format!("`{pattern}` matches nothing at all"));
        }
        Ok(_) => {}
    }
    let leads = |link: &str| link.contains("{}") && link.starts_with("http");
    (!link.is_none_or(leads))
        .then(|| format!("the link of `{pattern}` must be an address with {{}} for the reference"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annotated_file_is_the_default() {
        assert_eq!(Config::read(ANNOTATED).unwrap(), Config::default());
        // A line that is a key without its `# ` counts; prose does not look like one.
        let keys: String = ANNOTATED
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| {
                let key = line.trim_start().split(':').next().unwrap_or("");
                line.contains(':')
                    && !key.contains(' ')
                    && key != "relwatch"
                    && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            })
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(Config::read(&keys).unwrap(), Config::default());
        assert_eq!(keys.lines().count(), 55, "{keys}");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let error = Config::read("tag: v{version}\nbranchs: [main]\n").unwrap_err();
        assert!(error.to_string().contains("relwatch.yml:2"), "{error}");
        assert!(
            error.to_string().contains("did you mean `branches`?"),
            "{error}"
        );
        assert!(Config::read("tag: v1").is_err());
        assert!(Config::read("changelog: ../x").is_err());
        assert!(Config::read("specs: {folder: /etc}").is_err());
        assert!(Config::read("categories: odd").is_err());
        for (yaml, why) in [
            ("version_files: odd", "`auto` or a list of paths"),
            ("version_files: [../x]", "must stay inside"),
            (
                "version_files:\n  - Makefile",
                ":2: version_files: Makefile is",
            ),
            ("version_files: [CHANGELOG.md]", "is the changelog"),
            (
                "version_files: [{path: a, pattern: b}]",
                "must contain {version}",
            ),
            (
                "version_files: [{path: a, patern: b}]",
                "did you mean `pattern`?",
            ),
            ("version_files: [{path: a}]", "`pattern` is missing"),
            ("docs: {file: [a]}", "did you mean `files`?"),
            ("gates: [{name: a, run: echo {tag}}]", "needs quotes"),
            ("[", "relwatch.yml:1: [ is not closed"),
            (
                "tag: x\ngates: [{name: a}",
                "relwatch.yml:2: [ is not closed",
            ),
            ("tag: 'x\n", "relwatch.yml:1: a quote is not closed"),
            ("branches: main", "branches: expected a list, not `main`"),
            (
                "zzzzzzzz: 1",
                "unknown key `zzzzzzzz`; docs/reference/configuration.md",
            ),
            ("docs: {files: [/etc/*]}", "must stay inside"),
            ("support: {lts: long}", "lts `long` is no time"),
            ("support: {maintained: ''}", "maintained `` is no time"),
            ("support: {files: [../x]}", "must stay inside"),
            (
                "templates: {body: ../x}",
                ":1: templates: path `../x` must stay",
            ),
        ] {
            let odd = Config::read(yaml).unwrap_err();
            assert!(odd.to_string().contains(why), "{yaml}: {odd}");
        }
        let yaml = "version_files: [a/Cargo.toml, {path: VERSION, pattern: '{version}'}]";
        assert!(Config::read(yaml).is_ok());
        assert!(Config::read("").is_ok());
        let odd = Config::read("types: {deps: odd}").unwrap_err();
        assert!(
            odd.to_string()
                .contains("types.deps: unknown value `odd`, expected one of `breaking`"),
            "{odd}"
        );
        assert!(Config::read("types: {deps: fixed, wip: hide}").is_ok());
    }

    #[test]
    fn the_storage_is_changed_in_its_place() {
        for (before, after) in [
            ("", "storage: tracked\n"),
            ("tag: v{version}", "tag: v{version}\nstorage: tracked\n"),
            ("# storage: view\n# x\n", "storage: tracked\n# x\n"),
            ("storage: view # why\n", "storage: tracked # why\n"),
        ] {
            assert_eq!(Storage::Tracked.written_into(before), after);
        }
        let yaml = Storage::Tracked.written_into(ANNOTATED);
        assert_eq!(Config::read(&yaml).unwrap().storage, Storage::Tracked);
    }

    #[test]
    fn branches_match_by_prefix() {
        let config = Config::default();
        assert!(config.allows_branch("main") && config.allows_branch("release/v1"));
        assert!(!config.allows_branch("feature"));
    }
}
