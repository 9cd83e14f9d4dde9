//! `relwatch metrics`: how a project releases, by its tags, its commits and the release manifest. Nothing is asked of a forge.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::json;

use crate::commands::{AnyComponent, Context};
use crate::domain::commit::id::CommitId;
use crate::domain::commit::message::Commit;
use crate::domain::entry::kind::Kind;
use crate::domain::entry::lineage;
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::ref_name::RefName;
use crate::domain::release::title;
use crate::domain::report::metrics::{self, MeasuredRelease, Metrics, Period, ReleasedChange};
use crate::domain::report::trend::{Trend, TrendPeriods};
use crate::domain::text::terminal;
use crate::history::commits::{CachePolicy, CommitReader};
use crate::history::range;
use crate::history::tagged::{self, Tagged};
use crate::notes::announce;
use crate::project::Project;
use crate::project::output::OutputFile;
use crate::release::publish;
use crate::sys::clock;
use crate::ui::metrics_page::MetricsPart;
use crate::ui::{self, Report, busy};

const DAY: i64 = 24 * 60 * 60;

/// Show release metrics: lead time, frequency, failure rate, time to restore.
#[derive(Debug, clap::Args)]
pub struct MetricsArguments {
    /// From this day on, such as 2026-01-30 or `1 year ago`; from the first release if not given.
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Until this day; today if not given.
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
    #[command(flatten)]
    of: AnyComponent,
    /// Print JSON.
    #[arg(long, group = "form")]
    json: bool,
    /// Print CSV, one release per line.
    #[arg(long, group = "form")]
    csv: bool,
    /// Print a page with plots.
    #[arg(long, group = "form")]
    html: bool,
    /// Write it to this file; its directory must exist.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: MetricsArguments, context: &Context) -> Result<Report> {
    let project = &arguments.of.open(context)?;
    let file = context.to_file(arguments.output);
    let output = OutputFile::open(project, file.as_ref())?;
    let _busy = busy::with("reading the history");
    let since = day(arguments.since.as_deref())?;
    let today = clock::today();
    let until = day(arguments.until.as_deref())?;
    let until = until.as_ref().unwrap_or(&today);
    if let Some(since) = since.as_ref().filter(|since| *since > until) {
        return Err(
            Failure::new(Exit::Usage, format!("{since} is after {until}"))
                .with_remedy("give --since an earlier day, or --until a later one"),
        );
    }
    let history = ReleasedHistory::read(project)?;
    let mut all: Vec<Metrics> = Vec::new();
    let mut trends = Vec::new();
    let mut warnings = Vec::new();
    if project.repo.is_shallow() {
        warnings.push(range::SHALLOW.to_owned());
    }
    for (part, tagged) in &history.parts {
        let finals: Vec<&Tagged> = tagged.iter().filter(|one| one.is_final()).collect();
        let first = finals.iter().map(|one| &one.date).min();
        let first = first.unwrap_or(until).min(until);
        let period = Period {
            since: since.as_ref().unwrap_or(first).clone(),
            until: until.clone(),
        };
        let others = tagged.iter().filter(|one| !one.is_final());
        let others = others.filter(|one| period.holds(&one.date)).count();
        let releases = history.releases(part, &finals)?;
        warnings.extend(wrong_clocks(project, &releases, &period, &today));
        if arguments.html {
            trends.push(trend(&period, &releases, &today));
        }
        let name = part.name().map(str::to_owned);
        all.push(metrics::metrics(name, period, &releases, others, &today));
    }
    let shown = if arguments.csv {
        ui::metrics::csv(&all)
    } else if arguments.html {
        let parts = all.iter().cloned().zip(trends);
        let parts = parts.map(|(metrics, trend)| MetricsPart { metrics, trend });
        ui::metrics_page::page(&title(project)?, &today, &parts.collect::<Vec<_>>())
    } else {
        // A file is as wide as it likes.
        let screen = output.is_none().then(|| context.screen());
        ui::metrics::table(screen.unwrap_or_default(), &all)
    };
    let report = match output {
        Some(output) => output.write(&shown)?,
        None => Report::answer(shown),
    };
    let json = json!({"schema": 1, "metrics": all});
    let report = report.with_json(json).as_json(arguments.json);
    Ok(report.with_warnings(warnings))
}

/// # Errors
/// Exit 2 for words that mean no day.
fn day(words: Option<&str>) -> Result<Option<String>> {
    let Some(words) = words else {
        return Ok(None);
    };
    match clock::day(words) {
        Some(day) => Ok(Some(day)),
        None => Err(Failure::new(
            Exit::Usage,
            format!("`{}` is no day", terminal::printable(words)),
        )
        .with_remedy("give 2026-01-30, yesterday or `1 year ago`")),
    }
}

/// What a wrong clock has dated: releases of days to come, and those from before their own changes.
fn wrong_clocks(
    project: &Project,
    releases: &[MeasuredRelease],
    period: &Period,
    today: &str,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for release in releases {
        let MeasuredRelease { tag, date, .. } = release;
        let named = project.repo.short_name(&RefName::tag(tag));
        if date.as_str() > today {
            let what = if period.holds(date) {
                format!("it counts; `git show {named}` shows who tagged it")
            } else {
                format!("it is excluded; `--until {date}` counts it")
            };
            warnings.push(format!("{tag} is dated {date}, which is to come: {what}"));
        }
        if !period.holds(date) {
            continue;
        }
        let later = release.too_late();
        if later > 0 {
            let changes = ui::counted(later, "change", "changes");
            warnings.push(format!(
                "{tag} is dated {date}, before {changes} that it contains: each counts as 0 s; `git show {named}` shows who tagged it"
            ));
        }
    }
    warnings
}

/// What the project is called on its forge, else its directory.
fn title(project: &Project) -> Result<String> {
    let head = project.repo.head()?;
    let remote = project.repo.remote_url(head.branch.as_deref());
    let forge = project.config.forge(remote.as_deref());
    Ok(announce::plain_name(project, forge.as_ref()))
}

/// The numbers of two periods to compare; of days to come there are none.
fn trend(period: &Period, releases: &[MeasuredRelease], today: &str) -> Option<Trend> {
    let lived = Period {
        since: period.since.clone(),
        until: period.until.as_str().min(today).to_owned(),
    };
    let first = releases.iter().map(|release| release.date.as_str()).min();
    let TrendPeriods { days, before, now } = TrendPeriods::of_period(&lived, first)?;
    let measure = |period| metrics::metrics(None, period, releases, 0, today);
    Some(Trend {
        days,
        before: measure(before),
        now: measure(now),
    })
}

/// Every commit that a release contains, and the releases of each component.
struct ReleasedHistory {
    commits: Vec<Commit>,
    places: HashMap<CommitId, usize>,
    parts: Vec<(Project, Vec<Tagged>)>,
}

impl ReleasedHistory {
    fn read(project: &Project) -> Result<ReleasedHistory> {
        let mut parts = Vec::new();
        for part in project.components() {
            let tagged = tagged::tagged(&part)?;
            parts.push((part, tagged));
        }
        let tips = parts.iter().flat_map(|(_, tagged)| tagged);
        let tips: Vec<_> = tips
            .filter(|one| one.is_final())
            .map(|one| one.commit)
            .collect();
        // The commits after the last release show when a release was withdrawn that is in no manifest.
        let is_yanked = parts
            .iter()
            .flat_map(|(_, tagged)| tagged)
            .any(|one| one.is_yanked);
        let head = project.repo.head()?.commit.filter(|_| is_yanked);
        let tips: Vec<_> = tips.into_iter().chain(head).collect();
        let mut reader = CommitReader::new(project, CachePolicy::No);
        let reached = reader.reach(&tips)?;
        let commits = reader.read(&reached)?;
        Ok(ReleasedHistory {
            places: reached.into_iter().zip(0..).collect(),
            commits,
            parts,
        })
    }

    /// The final releases with the changes that each was the first to bring, the oldest first.
    fn releases(&self, project: &Project, finals: &[&Tagged]) -> Result<Vec<MeasuredRelease>> {
        let tips = finals.iter().map(|one| self.places[&one.commit]);
        let owners = lineage::owners(&self.commits, tips);
        let rules = project.config.rules();
        let counts = |commit: &Commit| {
            let message = &commit.message;
            let is_work = !commit.is_merge() && !message.is_release() && !message.noise;
            let is_own = rules.component.as_ref().is_none_or(|own| own.has(commit));
            is_work && is_own && rules.filtered(commit).is_none()
        };
        // A change that was picked to another line counts where it came out first.
        let mut first: HashMap<(&str, &str), usize> = HashMap::new();
        for (at, commit) in self.commits.iter().enumerate() {
            let owned = owners[at] < finals.len();
            if let Some(key) = lineage::key(commit).filter(|_| owned && counts(commit)) {
                let known = first.entry(key).or_insert(at);
                if owners[at] < owners[*known] {
                    *known = at;
                }
            }
        }
        let mut changes: Vec<Vec<ReleasedChange>> = vec![Vec::new(); finals.len()];
        for at in first.into_values() {
            changes[owners[at]].push(change(&self.commits[at]));
        }
        let releases = finals.iter().zip(changes);
        releases
            .map(|(one, changes)| release(project, one, changes, self.withdrawn_on(one)))
            .collect()
    }

    /// The day on which a release was withdrawn: by the list, else by the commit that marked it.
    fn withdrawn_on(&self, one: &Tagged) -> Option<String> {
        let record = one.record.as_ref();
        if let Some(withdrawn) = record.and_then(|record| record.withdrawn.as_ref()) {
            return Some(withdrawn.date.clone());
        }
        let marks = |commit: &&Commit| {
            title::withdrawn(&commit.message.subject) == Some(one.tag.name.as_str())
        };
        let mut commits = self.commits.iter();
        let marked = commits.find(marks).filter(|_| one.is_yanked)?;
        Some(clock::day_of(marked.time))
    }
}

fn change(commit: &Commit) -> ReleasedChange {
    let message = &commit.message;
    let kind = message.kind.as_deref().and_then(Kind::of_word);
    ReleasedChange {
        written: commit.written().unwrap_or(commit.time),
        kind: kind.or_else(|| Kind::of_title(&message.description)),
    }
}

fn release(
    project: &Project,
    tagged: &Tagged,
    changes: Vec<ReleasedChange>,
    withdrawn_on: Option<String>,
) -> Result<MeasuredRelease> {
    let withdrawn_after = withdrawn_on.map(|day| {
        let days = clock::days_between(&tagged.date, &day);
        days.unwrap_or_default().max(0) * DAY
    });
    let finished = if tagged.is_withdrawn() {
        None // what is left of its receipts is of taking it back
    } else {
        publish::finished(project, &tagged.tag.name)?
    };
    Ok(MeasuredRelease {
        tag: tagged.tag.name.clone(),
        version: tagged.tag.version.clone(),
        date: tagged.date.clone(),
        time: tagged.time,
        kind: tagged.kind(),
        withdrawn: tagged.is_withdrawn(),
        withdrawn_after,
        duration: finished.map(|at| (at - tagged.time).max(0)),
        changes,
    })
}
