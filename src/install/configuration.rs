//! The configuration that `init` writes: every key with its default or with the value that fits this repository, and the reason for it.

use std::rc::Rc;

use crate::config::{self, Config, checks};
use crate::domain::changelog::document::Document;
use crate::domain::entry::category::Category;
use crate::domain::entry::dialect::{self, Dialect};
use crate::domain::entry::kind::Meaning;
use crate::domain::failure::Result;
use crate::domain::forge::Forge;
use crate::domain::install::conventions::{Conventions, FoundComponent};
use crate::domain::ref_name::RefName;
use crate::domain::spec::sources::Sources;
use crate::domain::spec::towncrier::{self, FragmentSettings};
use crate::domain::spec::{settings, tool_settings};
use crate::domain::text::words;
use crate::domain::version::{form, tag_format};
use crate::history::range;
use crate::install::conventions;
use crate::project::{Project, settings_text};
use crate::sys::deadline::Deadline;
use crate::sys::files;
use crate::sys::git::Repo;

/// A configuration that fits a repository.
#[derive(Debug, Clone, Default)]
pub struct FittingConfiguration {
    pub yaml: String,
    /// Reasons for values that are not defaults, in a few words each.
    pub reasons: Vec<String>,
    /// Remarks: settings that the user may want as well, and values that were only guessed.
    pub remarks: Vec<String>,
    /// Newest tag of all that look like versions, and its time.
    pub latest: Option<(String, i64)>,
}

/// Builds the configuration. `wants` asks the user about several changelogs if one exists already; the answer is no if nobody can be asked.
pub fn fitting(repo: &Repo, wants: impl FnOnce(&str) -> bool) -> Result<FittingConfiguration> {
    let mut fitting = FittingConfiguration {
        yaml: config::ANNOTATED.to_owned(),
        ..FittingConfiguration::default()
    };
    let found = conventions::find(repo)?;
    let name = fitting.set_changelog(repo)?;
    let changelog = files::read(&files::at(repo.root(), &name))?;
    let document = changelog.as_deref().map(Document::parse);
    if !found.components.is_empty() {
        let names = found.components.iter().map(|one| one.package.name.clone());
        let names = words::shortlist(&names.collect::<Vec<_>>());
        // A file without a version newer than the last project-wide tag is no longer used.
        let newest = document
            .as_ref()
            .and_then(|doc| doc.versions().find_map(form::read));
        let is_in_use =
            newest.is_some_and(|newest| found.ended.as_ref().is_none_or(|ended| newest > *ended));
        let question = || {
            format!("{name} has releases, and tags name packages ({names}): a changelog for each?")
        };
        if !is_in_use || wants(&question()) {
            fitting.set("# components: {}", &components(repo, &found.components)?);
            let count = found.components.len();
            fitting
                .reasons
                .push(format!("{count} components, by their tags"));
        } else {
            fitting.remarks.push(format!(
                "kept one changelog; to release packages on their own, put into {}:\n{}",
                config::FILE,
                components(repo, &found.components)?
            ));
        }
    }
    fitting.set_tags(&found);
    fitting.set_branches(repo)?;
    fitting.set_web(repo)?;
    fitting.name_tools(repo);
    let fragments = towncrier::find(|name| settings_text(repo, name)).unwrap_or_default();
    let fragments = fragments.as_ref();
    let shown_by = fragments.map(|(file, _)| *file);
    fitting.set_specs(repo, shown_by);
    fitting.latest = found.latest;
    if let Some((_, settings)) = fragments {
        fitting.set_own_categories(settings);
    } else if let Some(doc) = &document {
        fitting.set_categories(doc);
    }
    Ok(fitting)
}

/// The existing changelog of a repository; `None` if there is none in Markdown.
pub fn changelog(repo: &Repo) -> Result<Option<String>> {
    Ok(conventions::changelog(repo, "")?.path)
}

/// Most changes that are plausible since a release that is a year older than others.
const PLAUSIBLE: usize = 200;

/// Branches of releases and of older lines, by common names.
const LINES: &[&str] = &[
    "*.x",
    "release-*",
    "releases/*",
    "stable",
    "stable/*",
    "stable-*",
    "maint/*",
    "support/*",
];

/// Configuration files of tools that write changelogs.
const TOOLS: &[(&str, &str)] = &[
    (".release-please-manifest.json", "release-please"),
    (".releaserc", "semantic-release"),
    (".releaserc.json", "semantic-release"),
    ("release.config.js", "semantic-release"),
    (".versionrc", "standard-version"),
    ("cliff.toml", "git-cliff"),
    ("cog.toml", "cocogitto"),
    ("release-plz.toml", "release-plz"),
];

/// Files that spec tools leave in a repository.
const SPECS: &[(&str, &str)] = &[
    (".chant/specs", "chant"),
    ("openspec/changes", "openspec"),
    (".specify", "spec-kit"),
    (".kiro/specs", "kiro"),
    ("backlog/config.yml", "backlog"),
    ("backlog/tasks", "backlog"),
    ("backlog.config.yml", "backlog"),
    (".backlog/config.yml", "backlog"),
    (".changeset/config.json", "changesets"),
    (".taskmaster/tasks/tasks.json", "task-master"),
    (".beads/issues.jsonl", "beads"),
    (".beads/beads.jsonl", "beads"),
    ("conductor/tracks.md", "conductor"),
    ("releasenotes/notes", "reno"),
    ("changelogs/config.yaml", "antsibull"),
    (".changie.yaml", "changie"),
    (".changie.yml", "changie"),
    (".chloggen/config.yaml", "chloggen"),
];

const YEAR: i64 = 366 * 24 * 60 * 60;

impl FittingConfiguration {
    /// Sets where the changes should begin, if the previous release by tags is probably not the real one.
    ///
    /// # Errors
    /// Fails if the history cannot be read.
    pub fn begin(&mut self, repo: &Rc<Repo>) -> Result<()> {
        let Some((latest, time)) = &self.latest else {
            return Ok(());
        };
        let project = Project {
            repo: Rc::clone(repo),
            config: Config::read(&self.yaml)?,
            written: Rc::default(),
            deadline: Deadline::never(),
        };
        if !project.config.components.is_empty() {
            return Ok(());
        }
        let history = range::read(&project)?;
        let last = history
            .last
            .as_ref()
            .map(|last| repo.tag_time(&last.tag.name));
        let last = last.transpose()?.flatten();
        let is_old = last.is_none_or(|last| time - last > YEAR);
        let Some(head) = history
            .head
            .commit
            .filter(|_| is_old && history.commits.len() > PLAUSIBLE)
        else {
            return Ok(());
        };
        let tagged = repo.resolved(&RefName::tag(latest));
        let is_here = tagged.map_or(Ok(false), |tagged| repo.contains(head, tagged))?;
        let since = if is_here {
            latest.clone()
        } else {
            head.short().to_string()
        };
        self.set("# since: null", &format!("since: \"{since}\""));
        let count = history.commits.len();
        let name = history
            .last
            .as_ref()
            .map_or("the beginning", |last| &last.tag.name);
        let remark = format!(
            "{count} commits since {name} are hardly one release: changes are listed since {since}; `since:` in relwatch.yml says so"
        );
        self.remarks.push(remark);
        Ok(())
    }

    fn set(&mut self, default: &str, value: &str) {
        self.yaml = self.yaml.replacen(default, value, 1);
    }

    fn set_tags(&mut self, found: &Conventions) {
        let (Some((newest, count)), [first, others @ ..]) = (&found.newest, found.tags.as_slice())
        else {
            return;
        };
        if others.is_empty() && first == "v{version}" {
            return;
        }
        let value = format!(
            "# The newest of {count} such tags is {newest}.\ntag: {}",
            tag_format::yaml(&found.tags)
        );
        self.set("# tag: v{version}", &value);
        self.reasons.push(format!("tags such as {newest}"));
        if let Some(package) = found
            .package
            .as_ref()
            .filter(|package| !package.folder.is_empty())
        {
            self.reasons
                .push(format!("the releases of {}", package.name));
        }
    }

    /// Sets the release branches of this repository, besides the usual ones.
    fn set_branches(&mut self, repo: &Repo) -> Result<()> {
        let names = repo.branches()?.into_iter();
        let mut names: Vec<String> = names.filter_map(|(name, _)| short_name(&name)).collect();
        let head = repo.head()?.branch;
        names.extend(head.clone());
        let has = |pattern: &&str| names.iter().any(|name| checks::matches(pattern, name));
        let mut more: Vec<&str> = LINES.iter().copied().filter(has).collect();
        if !["main", "master"].iter().any(has) {
            more.extend(head.as_deref());
        }
        let Some(first) = more.first() else {
            return Ok(());
        };
        self.reasons.push(format!("branches such as {first}"));
        let all = Config::default().branches;
        let all = all.iter().map(String::as_str).chain(more);
        let all: Vec<String> = all.map(|name| format!("\"{name}\"")).collect();
        let default = "# branches: [main, master, release/*, hotfix/*]";
        self.set(default, &format!("branches: [{}]", all.join(", ")));
        Ok(())
    }

    /// Sets the project's web address from its remote, so that it no longer depends on each clone's remote.
    fn set_web(&mut self, repo: &Repo) -> Result<()> {
        let remote = repo.upstream_url(repo.head()?.branch.as_deref());
        if let Some(url) = remote.as_deref().and_then(Forge::address_of) {
            let value = format!("web: {{url: {url}}}");
            self.set("# web: {url: null, forge: null, links: null}", &value);
            self.reasons.push(format!("entries link {url}"));
        }
        Ok(())
    }

    /// Names other release tools found here: two tools that write one changelog undo each other's work.
    fn name_tools(&mut self, repo: &Repo) {
        let is_there = |file: &str| files::exists(&files::at(repo.root(), file));
        for (file, tool) in TOOLS.iter().filter(|(file, _)| is_there(file)) {
            self.remarks.push(format!(
                "found: {file}: {tool} releases here, too; let one of the two write the changelog"
            ));
        }
    }

    /// Sets the existing changelog, whatever its name; the default if there is none.
    fn set_changelog(&mut self, repo: &Repo) -> Result<String> {
        let usual = Config::default().changelog;
        let found = conventions::changelog(repo, "")?;
        let is_there = files::exists(&files::at(repo.root(), &usual));
        match (found.path, found.foreign) {
            (Some(path), _) if path != usual => {
                self.set(&format!("# changelog: {usual}"), &format!("changelog: {}", quoted(&path)));
                self.reasons.push(format!("the changelog is {path}"));
                return Ok(path);
            }
            (None, Some((path, markup))) if !is_there => self.remarks.push(format!(
                "found: {path} is {markup}, and relwatch writes Markdown: it keeps {usual} beside it; nothing is written into {path}"
            )),
            _ => {}
        }
        Ok(usual)
    }

    fn set_categories(&mut self, doc: &Document<'_>) {
        let value = match dialect::read(doc) {
            None => return,
            Some(Dialect::Flat) => "categories: flat".to_owned(),
            Some(Dialect::Own(all)) => category_list(&all),
        };
        self.set_checked_categories(&value, "category names as in your changelog");
    }

    /// Sets the categories of towncrier's types.
    fn set_own_categories(&mut self, fragments: &FragmentSettings) {
        let shown = fragments
            .types
            .iter()
            .filter(|one| one.meaning != Meaning::Hide);
        let all = shown.map(|one| (one.word.as_str(), one.title.as_str(), one.meaning));
        let value = category_list(&dialect::of_words(all));
        self.set_checked_categories(&value, "category names as towncrier has them");
    }

    fn set_checked_categories(&mut self, value: &str, reason: &str) {
        if Config::read(value).is_ok() {
            self.set("# categories: keep-a-changelog", value);
            self.reasons.push(reason.to_owned());
        }
    }

    /// Sets the tools whose specs were found, each with the file that shows it; `fragments` are towncrier's settings.
    fn set_specs(&mut self, repo: &Repo, fragments: Option<&'static str>) {
        let is_there = |path: &str| files::exists(&files::at(repo.root(), path));
        let mut found: Vec<(&str, &str)> = Vec::new();
        for (path, preset) in SPECS.iter().filter(|(path, _)| is_there(path)) {
            if found.iter().all(|(_, known)| known != preset) {
                found.push((path, preset));
            }
        }
        found.extend(fragments.map(|file| (file, "towncrier")));
        let scriv = tool_settings::settings_file("scriv", |name| settings_text(repo, name));
        found.extend(scriv.map(|file| (file, "scriv")));
        found.retain(|(path, preset)| self.is_readable(repo, path, preset));
        let names: Vec<&str> = found.iter().map(|(_, preset)| *preset).collect();
        let value = match names.as_slice() {
            [] | ["chant"] => return,
            [one] => (*one).to_owned(),
            _ => format!("[{}]", names.join(", ")),
        };
        let offers: String = names.iter().filter_map(|name| self.offer(name)).collect();
        self.set("# specs: chant", &format!("{offers}specs: {value}"));
        for (path, preset) in found {
            self.reasons
                .push(format!("specs of {preset}, as {path} shows"));
        }
    }

    /// Whether the settings of a tool can be read; if not, the error is added to the remarks and its specs stay off.
    fn is_readable(&mut self, repo: &Repo, path: &str, preset: &str) -> bool {
        let text = |name: &str| settings_text(repo, name);
        let read = Sources::preset(preset).map(Sources);
        let read = read.and_then(|mut sources| settings::configure(&mut sources, &text));
        if let Err(why) = &read {
            self.remarks.push(format!(
                "found: {path}, but the settings of {preset} cannot be read ({why}); correct them, then write `specs: {preset}` into {}",
                config::FILE
            ));
        }
        read.is_ok()
    }

    /// The comment that offers to run a tool's archive command, if it has one.
    fn offer(&mut self, preset: &str) -> Option<String> {
        let sources = Sources::preset(preset).ok()?;
        let command = sources.into_iter().find_map(|source| source.archives)?;
        let source = format!("{{preset: {preset}, archive: command}}");
        self.remarks.push(format!(
            "a release names `{command}`; to have it run that, write `{source}` for `{preset}` in `specs` of {}",
            config::FILE
        ));
        Some(format!(
            "# `{source}` in place of `{preset}` has a release run `{command}`.\n"
        ))
    }
}

fn category_list(all: &[Category]) -> String {
    let line = |Category { title, of }: &Category| {
        format!(
            "\n  - {{title: {}, of: [{}]}}",
            quoted(title),
            of.join(", ")
        )
    };
    format!("categories:{}", all.iter().map(line).collect::<String>())
}

/// A text quoted for YAML.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._- ".contains(c));
    if is_plain && !text.ends_with(' ') {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// A branch name without its prefix: `refs/remotes/origin/9.0.x` is `9.0.x`.
fn short_name(name: &str) -> Option<String> {
    let here = name.strip_prefix("refs/heads/");
    let there = || {
        name.strip_prefix("refs/remotes/")?
            .split_once('/')
            .map(|(_, name)| name)
    };
    here.or_else(there).map(str::to_owned)
}

fn components(repo: &Repo, all: &[FoundComponent]) -> Result<String> {
    let mut block = "components:".to_owned();
    for FoundComponent {
        package,
        tags,
        newest,
        count,
    } in all
    {
        let (name, folder) = (
            component_name(&package.name, &package.folder),
            &package.folder,
        );
        let paths = match folder.as_str() {
            "" => own_paths(repo, all)?,
            // A last part with a dot could be read as a file.
            folder if folder.contains('.') => vec![format!("{folder}/**")],
            folder => vec![folder.to_owned()],
        };
        let paths: Vec<String> = paths.iter().map(|path| format!("\"{path}\"")).collect();
        let usual = if folder.is_empty() {
            Config::default().changelog
        } else {
            format!("{folder}/CHANGELOG.md")
        };
        let own = conventions::changelog(repo, folder)?
            .path
            .filter(|path| *path != usual);
        let own = own.map_or(String::new(), |path| format!(", changelog: \"{path}\""));
        block.push_str(&format!(
            "\n  # {newest}, the newest of {count}\n  \"{name}\": {{paths: [{}], tag: {}{own}}}",
            paths.join(", "),
            tag_format::yaml(tags)
        ));
    }
    Ok(block)
}

/// The paths of the package at the root: every file and directory there that contains no other package.
fn own_paths(repo: &Repo, all: &[FoundComponent]) -> Result<Vec<String>> {
    let Some(head) = repo.head()?.commit else {
        return Ok(Vec::new());
    };
    let holds_another = |name: &String| {
        let mut folders = all.iter().map(|one| one.package.folder.as_str());
        folders.any(|folder| folder.split('/').next() == Some(name))
    };
    let plain =
        |name: &String| !name.starts_with('.') && !name.contains(['*', '?', '[', '"', '\\']);
    let mut names: Vec<String> = repo.files_in(head, "")?.into_keys().collect();
    names.retain(|name| plain(name) && !holds_another(name) && !name.ends_with(".md"));
    names.sort();
    Ok(names)
}

/// The name of a component: that of its package, if it is a valid name.
fn component_name(package: &str, folder: &str) -> String {
    let is_name = |name: &str| {
        Config::read(&format!(
            "components: {{\"{name}\": {{paths: [a], tag: \"a{{version}}\"}}}}"
        ))
        .is_ok()
    };
    let last = folder.rsplit('/').next().unwrap_or(folder);
    let name = if is_name(package) { package } else { last };
    name.to_owned()
}
