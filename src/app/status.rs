//! `relwatch status`: what would be released, as which version and why, and what is left out.

use serde_json::json;

use crate::app::next_version::{self, Outlook};
use crate::app::plan::Wanted;
use crate::app::section::{self, History, Section};
use crate::app::{Project, hooks, init, preconditions, transition, update};
use crate::config::Storage;
use crate::domain::changelog::document::Document;
use crate::domain::entry::Told;
use crate::domain::failure::Result;
use crate::domain::text;
use crate::sys::files;
use crate::ui::{self, Report};

/// Runs the command, a block for each component; `all` lists what is covered and left out one by one.
pub fn run(project: &Project, all: bool) -> Result<Report> {
    let health = Health::of(project);
    let parts = project.components();
    let looked: Vec<Looked> = parts.iter().map(Looked::at).collect::<Result<_>>()?;
    let blocks: Vec<Block> = parts
        .iter()
        .zip(looked.iter().zip(outlook(project, &parts, &looked)))
        .map(|(part, (looked, outlook))| block(part, looked, &outlook, all, &health))
        .collect::<Result<_>>()?;
    let mut out = String::new();
    for (part, block) in parts.iter().zip(&blocks) {
        if let Some(name) = part.name() {
            out.push_str(&format!("{name}: "));
        }
        out.push_str(&format!("{}\n", block.text));
    }
    let has_components = parts.iter().any(|part| part.name().is_some());
    let homeless = match project.name() {
        None if has_components => homeless(&blocks),
        _ => Vec::new(),
    };
    if !homeless.is_empty() {
        let count = ui::counted(homeless.len(), "change", "changes");
        out.push_str(&format!("of no component: {count}\n"));
        // A spec was meant for users; of commits many are meant for nobody.
        let shown = |told: &&Told| all || blocks.iter().any(|b| b.specs.contains(&told.reference));
        for one in homeless.iter().filter(shown) {
            let subject = text::shortened(&one.subject, 60);
            out.push_str(&format!("  {}  {subject}: {}\n", one.reference, one.reason));
        }
        out.push('\n');
    }
    let changelogs: Vec<&str> = blocks.iter().map(|b| b.changelog.as_str()).collect();
    out.push_str(&health.line(&changelogs.join(", ")));
    let warnings: Vec<String> = blocks.iter().flat_map(|b| b.warnings.clone()).collect();
    let mut jsons = parts
        .iter()
        .zip(blocks.iter().map(|block| block.json.clone()));
    let json = match has_components {
        false => jsons.next().map(|(_, json)| json).unwrap_or_default(),
        true => {
            let all = jsons.filter_map(|(part, json)| Some((part.name()?.to_owned(), json)));
            let all: serde_json::Map<String, serde_json::Value> = all.collect();
            json!({"schema": 1, "components": all, "of_no_component": homeless})
        }
    };
    Ok(Report::text(out).with_json(json).with_warnings(warnings))
}

/// One changelog, and what happened since its last release.
struct Looked {
    history: History,
    present: Option<Vec<u8>>,
    section: Section,
}

impl Looked {
    fn at(project: &Project) -> Result<Looked> {
        let history = section::history(project)?;
        let name = &project.config.changelog;
        let present = files::read(&files::at(project.repo.root(), name))?;
        let indexed = project.repo.indexed(name)?;
        let bytes = present.as_deref().unwrap_or_default();
        let section = section::of_working_file(project, &history, bytes, &indexed)?;
        Ok(Looked {
            history,
            present,
            section,
        })
    }
}

/// What `relwatch release` would do with each, as far as it is known without asking the remote.
fn outlook(project: &Project, parts: &[Project], looked: &[Looked]) -> Vec<Outlook> {
    let candidates = parts.iter().zip(looked);
    let candidates = candidates.map(|(part, looked)| next_version::Candidate {
        project: part,
        history: &looked.history,
        section: &looked.section,
        is_released: !looked.section.is_empty(),
    });
    let candidates: Vec<_> = candidates.collect();
    let branch = looked
        .first()
        .map(|looked| preconditions::branch(&looked.history.head, None));
    let (ties, wanted) = (project.config.ties(), Wanted::default());
    next_version::outlook(
        &candidates,
        &ties,
        &wanted,
        &branch.unwrap_or_default(),
        None,
    )
}

/// What is said about one changelog.
struct Block {
    text: String,
    /// Whether its file is up to date, in words.
    changelog: String,
    json: serde_json::Value,
    outside: Vec<Told>,
    /// IDs of the specs that are there.
    specs: Vec<String>,
    warnings: Vec<String>,
}

/// What is outside of every component.
fn homeless(blocks: &[Block]) -> Vec<Told> {
    let Some((first, others)) = blocks.split_first() else {
        return Vec::new();
    };
    let is_there = |block: &Block, reference: &str| {
        block.outside.iter().any(|told| told.reference == reference)
    };
    let in_all = first
        .outside
        .iter()
        .filter(|told| others.iter().all(|block| is_there(block, &told.reference)));
    let reason = || "belongs to no component".to_owned();
    let told = in_all.map(|told| Told {
        reason: reason(),
        ..told.clone()
    });
    told.collect()
}

/// How the repository is set up.
struct Health {
    storage: Storage,
    running: usize,
    needed: usize,
    filter: bool,
    driver: bool,
}

impl Health {
    fn of(project: &Project) -> Health {
        Health {
            storage: project.config.storage,
            running: hooks::running(project).unwrap_or(0),
            needed: hooks::needed(&project.config).len(),
            filter: init::filter_is_set(project),
            driver: init::driver_is_set(project),
        }
    }

    fn line(&self, changelogs: &str) -> String {
        let set = |is: bool| match is {
            true => "set",
            false => "not set (run `relwatch init`)",
        };
        let lines = match self.storage {
            Storage::View => format!("filter {}", set(self.filter)),
            Storage::Tracked => "lines in commits".to_owned(),
        };
        let more = match self.running < self.needed {
            true => " (run `relwatch init`)",
            false => "",
        };
        format!(
            "health: {} of {} hooks{more}, {lines}, merge driver {}, {changelogs}\n",
            self.running,
            self.needed,
            set(self.driver),
        )
    }
}

fn listed(title: &str, told: &[Told], all: bool) -> String {
    let mut out = format!(
        "{title}: {}\n",
        ui::counted(told.len(), "change", "changes")
    );
    if all {
        for one in told {
            let subject = text::shortened(&one.subject, 60);
            out.push_str(&format!("  {}  {subject}: {}\n", one.reference, one.reason));
        }
        return out;
    }
    let reasons = section::by_reason(told);
    for (reason, count) in reasons.iter().take(8) {
        out.push_str(&format!("  {count:>4}  {reason}\n"));
    }
    if reasons.len() > 8 {
        let rest: usize = reasons[8..].iter().map(|(_, count)| count).sum();
        out.push_str(&format!(
            "  {rest:>4}  other reasons; `relwatch status --all` lists each\n"
        ));
    }
    out
}

fn block(
    project: &Project,
    looked: &Looked,
    outlook: &Outlook,
    all: bool,
    health: &Health,
) -> Result<Block> {
    let Looked {
        history,
        present,
        section,
    } = looked;
    let name = &project.config.changelog;
    let by_hand = hand_written(section);
    let next = outlook.next.as_ref().ok().and_then(Option::as_ref);

    let mut out = String::new();
    let last = history.last.as_ref().map(|(_, tag)| tag.name.clone());
    let place = history.head.branch.as_deref().unwrap_or("a detached HEAD");
    out.push_str(&format!(
        "on {place}, last release: {}\n",
        last.as_deref().unwrap_or("none")
    ));
    out.push_str(&match &outlook.next {
        Ok(None) => "next version: none, nothing to release\n".to_owned(),
        Ok(Some(next)) => {
            let why = text::shortened(&next.because, 90);
            format!("next version: {} ({}; {why})\n", next.version, next.level)
        }
        Err(failure) => format!("next version: none, {failure}\n"),
    });
    for category in categories(project, section, &by_hand) {
        out.push_str(&format!("\n{category}\n"));
        for (_, line) in by_hand.iter().filter(|(c, _)| *c == category) {
            out.push_str(&format!("  {}  (by hand)\n", text::shortened(line, 110)));
        }
        for entry in section
            .gathered
            .entries
            .iter()
            .filter(|e| e.line.category == category)
        {
            let line = entry.line.text.lines().next().unwrap_or("");
            let mark = if entry.for_users {
                ""
            } else {
                "  (no user-facing text)"
            };
            out.push_str(&format!("  {}{mark}\n", text::shortened(line, 120)));
        }
    }
    let technical = section
        .gathered
        .entries
        .iter()
        .filter(|e| !e.for_users)
        .count();
    if technical > 0 {
        let entries = ui::counted(technical, "entry has", "entries have");
        out.push_str(&format!(
            "\n{entries} no user-facing text: add a section `## Release Notes` to the spec, or reword the line in {name}\n"
        ));
    }
    for (title, told) in [
        ("not finished", &section.gathered.unfinished),
        ("covered", &section.gathered.covered),
        ("left out", &section.gathered.left_out),
    ] {
        if !told.is_empty() {
            out.push_str(&format!("\n{}", listed(title, told, all)));
        }
    }
    let outside = &section.gathered.outside;
    if !outside.is_empty() {
        let count = ui::counted(outside.len(), "change", "changes");
        out.push_str(&format!("\n{}: {count}\n", outside[0].reason));
    }
    let fresh = match present {
        Some(present) => update::is_current(project, history, present, section)?,
        None => false,
    };
    let changelog = match (present, fresh) {
        (None, _) => format!("{name} missing (run `relwatch init`)"),
        (_, true) => format!("{name} up to date"),
        (_, false) => format!("{name} stale (run `relwatch update`)"),
    };
    let mut json = json!({
        "schema": 1,
        "branch": history.head.branch,
        "last": last,
        "next": next.map(|next| json!({
            "version": next.version.to_string(),
            "level": next.level.to_string(),
            "because": next.because,
        })),
        "entries": section.gathered.entries.iter().map(|e| json!({
            "category": e.line.category,
            "text": e.line.text,
            "refs": e.line.refs,
            "source": e.source,
            "breaking": e.breaking,
            "for_users": e.for_users,
        })).collect::<Vec<_>>(),
        "by_hand": by_hand.iter().map(|(category, text)| json!({"category": category, "text": text})).collect::<Vec<_>>(),
        "covered": section.gathered.covered,
        "left_out": section.gathered.left_out,
        "unfinished": section.gathered.unfinished,
        "health": {"hooks": health.running, "storage": project.config.storage.word(), "filter": health.filter, "merge_driver": health.driver, "fresh": fresh, "pending_release": transition::pending(project).is_some()},
    });
    if project.name().is_some() {
        json["outside"] = json!(section.gathered.outside.len());
    }
    let mut warnings = history.warnings.clone();
    if let Some((commit, tag)) = &history.last {
        let version = tag.version.to_string();
        let has = |bytes: &[u8]| Document::parse(bytes).version(&version).is_some();
        let then = project.repo.file_at(commit, name)?;
        if then.is_some_and(|then| has(&then)) && !has(&section.doc) {
            warnings.push(format!(
                "{} is tagged, but {name} has no section of it any more; if it was taken back, remove the tag with `git tag -d {}`",
                tag.name, tag.name
            ));
        }
    }
    warnings.extend(update::trouble(section, name));
    Ok(Block {
        text: out,
        changelog,
        json,
        outside: section.gathered.outside.clone(),
        specs: history.specs.iter().map(|spec| spec.id.clone()).collect(),
        warnings,
    })
}

/// The entries that people wrote: category and first line.
pub fn hand_written(section: &Section) -> Vec<(String, String)> {
    let doc = Document::parse(&section.doc);
    let categories = doc.unreleased().map(|s| s.categories.as_slice());
    let mut lines = Vec::new();
    for category in categories.unwrap_or_default() {
        for item in &category.items {
            let text = doc.text(item);
            let line = text.lines().next().unwrap_or("").trim();
            let line = line.trim_start_matches(['-', '*', '+']).trim();
            lines.push((category.name.clone(), text::printable(line)));
        }
    }
    lines
}

fn categories(project: &Project, section: &Section, by_hand: &[(String, String)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let generated = section.gathered.entries.iter().map(|e| &e.line.category);
    for name in by_hand
        .iter()
        .map(|(category, _)| category)
        .chain(generated)
    {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let order = project
        .config
        .categories
        .titles(section.gathered.has_advisory());
    names.sort_by_key(|name| order.iter().position(|o| o == name).unwrap_or(order.len()));
    names
}
