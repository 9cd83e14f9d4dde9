//! The metrics of `relwatch metrics` for users: a table with sparklines, and CSV (RFC 4180).

use crate::domain::report::metrics::{Failures, Metrics, MetricsRow, Spread};
use crate::ui::csv;
use crate::ui::screen::{Page, Screen, Tone};

/// Maximum number of months shown.
const MONTHS: usize = 24;

/// Shown if there is nothing to measure.
pub const NONE: &str = "n/a";

/// Width of the column with the metrics' names, including the gap after it.
const NAMES: usize = 26;

/// A table for each component.
pub fn table(screen: Screen, all: &[Metrics]) -> String {
    let mut page = Page::new(screen);
    for (at, metrics) in all.iter().enumerate() {
        if at > 0 {
            page.blank();
        }
        one(&mut page, metrics);
    }
    page.into_text()
}

fn one(page: &mut Page, metrics: &Metrics) {
    let named = metrics.component.as_ref();
    let name = named.map_or(String::new(), |name| format!("{name}: "));
    page.words(
        0,
        2,
        &[(Tone::Plain, &format!("{name}{}", summary(metrics)))],
    );
    page.blank();
    let row = |page: &mut Page, indent: usize, name: &str, value: &str| {
        let width = NAMES - indent;
        page.words(
            indent,
            NAMES,
            &[(Tone::Plain, &format!("{name:<width$}{value}"))],
        );
    };
    for (name, value) in figures(metrics) {
        row(page, 0, name, &value);
    }
    let months = &metrics.months[metrics.months.len().saturating_sub(MONTHS)..];
    if let (Some(first), Some(last)) = (months.first(), months.last()) {
        let counts = months
            .iter()
            .map(|month| i64::try_from(month.releases).ok());
        let counts: Vec<Option<i64>> = counts
            .map(|count| count.filter(|count| *count > 0))
            .collect();
        let leads: Vec<Option<i64>> = months.iter().map(|month| month.lead_time_p50).collect();
        let title = format!("by month, {} to {}", first.month, last.month);
        page.blank();
        page.words(0, 2, &[(Tone::Plain, &title)]);
        let most = |values: &[Option<i64>]| values.iter().flatten().copied().max();
        let slowest = most(&leads).map_or(String::new(), |most| format!("  up to {}", time(most)));
        let busiest = most(&counts).map_or(String::new(), |most| format!("  up to {most}"));
        row(
            page,
            2,
            "p50 of lead time",
            &format!("{}{slowest}", sparkline(&leads)),
        );
        row(
            page,
            2,
            "releases",
            &format!("{}{busiest}", sparkline(&counts)),
        );
    }
    if metrics.change_failures.concluded > 0 {
        let words = "inferred: a patch within two days that only fixes counts as a hotfix if the release manifest does not say otherwise";
        page.blank();
        page.words(0, 2, &[(Tone::Plain, words)]);
    }
}

/// Number and period of the releases.
pub fn summary(metrics: &Metrics) -> String {
    let period = &metrics.period;
    format!("{}, {} to {}", counts(metrics), period.since, period.until)
}

/// Number of releases.
pub fn counts(metrics: &Metrics) -> String {
    let count = super::counted(metrics.releases.len(), "release", "releases");
    match metrics.prereleases {
        0 => count,
        some => format!(
            "{count} and {}",
            super::counted(some, "pre-release", "pre-releases")
        ),
    }
}

/// Each metric with its name.
pub fn figures(metrics: &Metrics) -> [(&'static str, String); 7] {
    [
        ("lead time for changes", spread(&metrics.lead_time)),
        (
            "first commit to release",
            spread(&metrics.first_commit_to_release),
        ),
        ("deployment frequency", frequency(metrics)),
        ("change failure rate", failures(&metrics.change_failures)),
        ("time to restore", spread(&metrics.time_to_restore)),
        ("rollback rate", percent(metrics.rollback_rate)),
        ("duration of a release", spread(&metrics.duration)),
    ]
}

fn spread(spread: &Spread) -> String {
    match (spread.p50, spread.p90) {
        (Some(p50), Some(p90)) => {
            format!("p50 {}, p90 {} (of {})", time(p50), time(p90), spread.count)
        }
        _ => NONE.to_owned(),
    }
}

fn frequency(metrics: &Metrics) -> String {
    let Some(count) = metrics.releases_per_month else {
        return NONE.to_owned();
    };
    let interval = metrics.interval.map_or(String::new(), |time_between| {
        format!(", median interval {}", time(time_between))
    });
    format!("{} a month{interval}", digits(count))
}

/// A count with two significant digits. From one upwards, with one digit after the point.
pub fn digits(count: f64) -> String {
    let more = (0..8).take_while(|more| count > 0.0 && count * 10_f64.powi(*more) < 1.0);
    format!("{count:.*}", 1 + more.count())
}

fn failures(failures: &Failures) -> String {
    let Failures {
        rate,
        failed,
        of,
        withdrawn,
        hotfixed,
        concluded,
    } = failures;
    let mut why = Vec::new();
    if *withdrawn > 0 {
        why.push(format!("{withdrawn} withdrawn"));
    }
    if *hotfixed > 0 {
        let concluded = match concluded {
            0 => String::new(),
            _ => format!(", {concluded} inferred"),
        };
        why.push(format!("{hotfixed} hotfixed{concluded}"));
    }
    match (rate, why.is_empty()) {
        (None, _) => NONE.to_owned(),
        (rate, true) => format!("{} ({failed} of {of})", percent(*rate)),
        (rate, false) => format!("{} ({failed} of {of}: {})", percent(*rate), why.join(", ")),
    }
}

/// A share in percent.
pub fn percent(share: Option<f64>) -> String {
    share.map_or(NONE.to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// A duration in one unit: `45 s`, `12 min`, `3.4 h`, `2.1 d`.
pub fn time(seconds: i64) -> String {
    let of = |unit: f64| seconds as f64 / unit;
    match seconds {
        ..90 => format!("{seconds} s"),
        90..5_400 => format!("{:.0} min", of(60.0)),
        5_400..172_800 => format!("{:.1} h", of(3_600.0)),
        _ => format!("{:.1} d", of(86_400.0)),
    }
}

/// A character for each value, a dot for missing ones.
fn sparkline(values: &[Option<i64>]) -> String {
    const SIGNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().flatten().copied().max().unwrap_or(0).max(1);
    let sign = |value: i64| {
        let at = (value * 7 + most / 2) / most;
        usize::try_from(at)
            .ok()
            .and_then(|at| SIGNS.get(at))
            .copied()
    };
    let signs = values
        .iter()
        .map(|value| value.and_then(sign).unwrap_or('·'));
    signs.collect()
}

/// Names of the columns.
const COLUMNS: &str = "component,tag,version,date,level,changes,lead_time_p50_s,lead_time_p90_s,first_commit_to_release_s,interval_s,withdrawn,fixes,fixed_by,fix_concluded,restored_after_s,duration_s";

/// One release per line. Durations are in seconds, unknown values are empty.
pub fn csv(all: &[Metrics]) -> String {
    let mut out = format!("{COLUMNS}\r\n");
    for metrics in all {
        for row in &metrics.releases {
            out.push_str(&line(metrics.component.as_deref(), row));
        }
    }
    out
}

fn line(component: Option<&str>, row: &MetricsRow) -> String {
    let number = |value: Option<i64>| value.map_or(String::new(), |value| value.to_string());
    let cells = [
        component.unwrap_or_default().to_owned(),
        row.tag.clone(),
        row.version.clone(),
        row.date.clone(),
        row.level.to_owned(),
        row.changes.to_string(),
        number(row.lead_time.p50),
        number(row.lead_time.p90),
        number(row.first_commit),
        number(row.interval),
        row.withdrawn.to_string(),
        row.fixes.clone().unwrap_or_default(),
        row.fixed_by.clone().unwrap_or_default(),
        row.fix_concluded.to_string(),
        number(row.restored_after),
        number(row.duration),
    ];
    csv::line(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_one_unit() {
        let said = [0, 89, 90, 5_399, 5_400, 172_799, 172_800].map(time);
        assert_eq!(
            said,
            ["0 s", "89 s", "2 min", "90 min", "1.5 h", "48.0 h", "2.0 d"]
        );
    }

    #[test]
    fn what_is_rare_is_not_nothing() {
        let said = [12.25, 1.0, 0.5, 0.048, 0.00512, 0.0].map(digits);
        assert_eq!(said, ["12.2", "1.0", "0.50", "0.048", "0.0051", "0.0"]);
    }

    #[test]
    fn the_highest_is_full_and_nothing_is_a_dot() {
        assert_eq!(sparkline(&[Some(0), None, Some(7), Some(14)]), "▁·▅█");
        assert_eq!(sparkline(&[Some(0)]), "▁");
    }
}
