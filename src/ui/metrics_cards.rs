//! The metrics of the metrics page: each with its meaning, its trend, and the DORA levels beside it.

use crate::domain::report::dora::{self, DoraLevel};
use crate::domain::report::metrics::{Metrics, Spread};
use crate::domain::report::trend::Trend;
use crate::domain::text::html::escaped;
use crate::ui::counted;
use crate::ui::metrics::{digits, percent, time};

/// Shown if there is nothing to measure.
const NONE: &str = "n/a";

/// A metric on the page.
struct MetricsCard {
    name: &'static str,
    value: fn(&Metrics) -> Option<f64>,
    shown: fn(f64) -> String,
    /// Whether higher values are better.
    more_is_better: bool,
    /// The meaning in one line.
    meaning: fn(&Metrics) -> String,
    level: Option<fn(f64) -> DoraLevel>,
    /// DORA's description of its groups, from elite to low.
    groups: Option<[&'static str; 4]>,
}

const CARDS: &[MetricsCard] = &[
    MetricsCard {
        name: "Lead time for changes",
        value: |metrics| median(&metrics.lead_time),
        shown: length,
        more_is_better: false,
        meaning: |metrics| {
            let Spread { count, p90, .. } = metrics.lead_time;
            match p90 {
                Some(p90) => format!(
                    "Median time from writing a change to its release; 90 % of {} took {} or less.",
                    counted(count, "change", "changes"),
                    time(p90)
                ),
                None => "Time from writing a change to its release.".to_owned(),
            }
        },
        level: Some(|seconds| DoraLevel::of_lead_time(seconds as i64)),
        groups: Some(dora::LEAD_TIME),
    },
    MetricsCard {
        name: "Deployment frequency",
        // Months without a release count as 0.
        value: |metrics| {
            let none = (!metrics.months.is_empty()).then_some(0.0);
            metrics.releases_per_month.or(none)
        },
        shown: |count| format!("{} a month", digits(count)),
        more_is_better: true,
        meaning: |metrics| match metrics.interval {
            Some(interval) => format!(
                "Releases in an average month; the median time between two is {}.",
                time(interval)
            ),
            None => "Releases in an average month.".to_owned(),
        },
        level: Some(DoraLevel::of_frequency),
        groups: Some(dora::FREQUENCY),
    },
    MetricsCard {
        name: "Change failure rate",
        value: |metrics| metrics.change_failures.rate,
        shown: |share| percent(Some(share)),
        more_is_better: false,
        meaning: |metrics| {
            let failures = &metrics.change_failures;
            let inferred = match failures.concluded {
                0 => String::new(),
                some => format!(", {some} of them inferred"),
            };
            format!(
                "Releases that were withdrawn ({}) or needed a hotfix ({}{inferred}), of {}.",
                failures.withdrawn, failures.hotfixed, failures.of
            )
        },
        level: None,
        groups: Some(dora::FAILURE_RATE),
    },
    MetricsCard {
        name: "Time to restore",
        value: |metrics| median(&metrics.time_to_restore),
        shown: length,
        more_is_better: false,
        meaning: |metrics| {
            format!(
                "Median time from a failed release to its hotfix or withdrawal, of {}.",
                metrics.time_to_restore.count
            )
        },
        level: Some(|seconds| DoraLevel::of_recovery(seconds as i64)),
        groups: Some(dora::RECOVERY),
    },
    MetricsCard {
        name: "First commit to release",
        value: |metrics| median(&metrics.first_commit_to_release),
        shown: length,
        more_is_better: false,
        meaning: |_| "Median age of a release's oldest change when it is released.".to_owned(),
        level: None,
        groups: None,
    },
    MetricsCard {
        name: "Rollback rate",
        value: |metrics| metrics.rollback_rate,
        shown: |share| percent(Some(share)),
        more_is_better: false,
        meaning: |metrics| {
            let Metrics {
                releases,
                change_failures,
                ..
            } = metrics;
            format!(
                "Withdrawn releases: {} of {}.",
                change_failures.withdrawn,
                releases.len()
            )
        },
        level: None,
        groups: None,
    },
    MetricsCard {
        name: "Duration of a release",
        value: |metrics| median(&metrics.duration),
        shown: length,
        more_is_better: false,
        meaning: |_| "Median time from the tag to the last publish step of this clone.".to_owned(),
        level: None,
        groups: None,
    },
];

fn median(spread: &Spread) -> Option<f64> {
    spread.p50.map(|seconds| seconds as f64)
}

fn length(seconds: f64) -> String {
    time(seconds as i64)
}

impl MetricsCard {
    fn words(&self, metrics: &Metrics) -> String {
        (self.value)(metrics).map_or(NONE.to_owned(), self.shown)
    }

    fn level(&self, metrics: &Metrics) -> Option<DoraLevel> {
        Some(self.level?((self.value)(metrics)?))
    }

    fn html(&self, metrics: &Metrics, trend: Option<&Trend>) -> String {
        let level = self.level(metrics);
        let level = level.map(|level| format!("<dd class=\"level\">DORA level: {level}</dd>\n"));
        let trend = trend.and_then(|trend| self.trend(trend));
        let trend = trend.map(|trend| format!("<dd class=\"trend\">{trend}</dd>\n"));
        format!(
            "<div>\n<dt>{}</dt>\n<dd class=\"value\">{}</dd>\n<dd>{}</dd>\n{}{}</div>\n",
            self.name,
            escaped(&self.words(metrics)),
            escaped(&(self.meaning)(metrics)),
            trend.unwrap_or_default(),
            level.unwrap_or_default()
        )
    }

    /// The trend. `None` if there is neither a previous nor a current value.
    fn trend(&self, trend: &Trend) -> Option<String> {
        let [before, now] = [&trend.before, &trend.now].map(|of| (self.value)(of));
        let [was, is] = [&trend.before, &trend.now].map(|of| escaped(&self.words(of)));
        let change = match (before, now) {
            (None, None) => return None,
            (Some(_), Some(_)) if was == is => " (unchanged)",
            (Some(before), Some(now)) => match (now > before, self.more_is_better) {
                (true, true) => " (▲\u{a0}better)",
                (true, false) => " (▲\u{a0}worse)",
                (false, true) => " (▼\u{a0}worse)",
                (false, false) => " (▼\u{a0}better)",
            },
            _ => "",
        };
        let days = trend.days;
        Some(format!(
            "Last {days} days: {is}, the {days} before: {was}{change}"
        ))
    }
}

/// The cards of all metrics.
pub fn cards(metrics: &Metrics, trend: Option<&Trend>) -> String {
    let all: String = CARDS.iter().map(|card| card.html(metrics, trend)).collect();
    let periods = trend.map(|Trend { days, before, now }| {
        let [before, now] = [&before.period, &now.period];
        format!(
            "<p class=\"note\">The last {days} days are {} to {}, the {days} before {} to {}.</p>\n",
            now.since, now.until, before.since, before.until
        )
    });
    format!(
        "<dl class=\"cards\">\n{all}</dl>\n{}",
        periods.unwrap_or_default()
    )
}

/// DORA's groups, beside the values of this project. `level` is the level of the heading.
pub fn levels(metrics: &Metrics, level: usize) -> String {
    let with_groups = CARDS.iter().filter_map(|card| Some((card, card.groups?)));
    let line = |(card, groups): (&MetricsCard, [&str; 4])| {
        let own = card.level(metrics).map(|level| level as usize);
        let cells = groups.iter().enumerate().map(|(at, group)| {
            if own == Some(at) {
                format!("<td class=\"own\"><strong>{group}</strong></td>")
            } else {
                format!("<td>{group}</td>")
            }
        });
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td>{}</tr>\n",
            card.name,
            escaped(&card.words(metrics)),
            cells.collect::<String>()
        )
    };
    let lines: String = with_groups.map(line).collect();
    format!(
        "<h{level}>DORA levels</h{level}>\n<p class=\"note\">Groups of the <a href=\"{}\">{}</a>, which asked about deployments; a release counts as one here. The group of this project is bold. The report gives failure rates as numbers, not as ranges, so no group is chosen by them.</p>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"DORA levels\"><table>\n<thead><tr><th scope=\"col\">number</th><th scope=\"col\">here</th><th scope=\"col\">elite</th><th scope=\"col\">high</th><th scope=\"col\">medium</th><th scope=\"col\">low</th></tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n",
        dora::SOURCE_PAGE,
        dora::SOURCE
    )
}
