//! Release metrics of a project: DORA's four keys, and what release guides ask for in addition. docs/reference/metrics.md names the source
//! of each formula. Durations are in seconds. The code reads no clock: all times are parameters.

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;

use crate::domain::entry::kind::Kind;
use crate::domain::order;
use crate::domain::release::manifest;

const DAY: i64 = 24 * 60 * 60;

/// Seconds within which a patch that only fixes problems counts as a hotfix of the version before it, if the release manifest does not say
/// its kind.
const SOON: i64 = 2 * DAY;

/// Upper bounds of the classes of lead times, with their names.
const CLASSES: &[(i64, &str)] = &[
    (60 * 60, "1 hour"),
    (6 * 60 * 60, "6 hours"),
    (DAY, "1 day"),
    (3 * DAY, "3 days"),
    (7 * DAY, "1 week"),
    (14 * DAY, "2 weeks"),
    (30 * DAY, "30 days"),
    (90 * DAY, "90 days"),
    (i64::MAX, "longer"),
];

/// A final release.
#[derive(Debug, Clone)]
pub struct MeasuredRelease {
    pub tag: String,
    pub version: Version,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Seconds since 1970.
    pub time: i64,
    /// Kind in the release manifest or in its tag; `None` if neither says it.
    pub kind: Option<manifest::ReleaseKind>,
    pub withdrawn: bool,
    /// Time from its release to its withdrawal, if that is known.
    pub withdrawn_after: Option<i64>,
    /// Duration of publishing.
    pub duration: Option<i64>,
    /// Changes that no earlier release contains.
    pub changes: Vec<ReleasedChange>,
}

impl MeasuredRelease {
    /// Number of its changes that were written after the release, according to clocks of which one was wrong.
    pub fn too_late(&self) -> usize {
        let later = |change: &&ReleasedChange| change.written > self.time;
        self.changes.iter().filter(later).count()
    }
}

/// A change in a release.
#[derive(Debug, Clone, Copy)]
pub struct ReleasedChange {
    /// When its author wrote it, in seconds since 1970.
    pub written: i64,
    /// `None` if its message does not say it.
    pub kind: Option<Kind>,
}

/// Range of days to measure, both ends included.
#[derive(Debug, Clone, Serialize)]
pub struct Period {
    pub since: String,
    pub until: String,
}

impl Period {
    /// Whether a day, `YYYY-MM-DD`, is in the period.
    pub fn holds(&self, day: &str) -> bool {
        (self.since.as_str()..=self.until.as_str()).contains(&day)
    }

    /// Days that both periods contain.
    fn within(&self, other: &Period) -> Period {
        Period {
            since: self.since.clone().max(other.since.clone()),
            until: self.until.clone().min(other.until.clone()),
        }
    }
}

/// From the first release to today, or to a release that is dated later. Months without a release before or after that mean nothing.
fn lifetime(releases: &[MeasuredRelease], today: &str) -> Option<Period> {
    let days = || releases.iter().map(|release| release.date.as_str());
    Some(Period {
        since: days().min()?.to_owned(),
        until: days().max()?.max(today).to_owned(),
    })
}

/// Distribution of durations; the percentiles are elements (nearest rank).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    pub count: usize,
    pub p50: Option<i64>,
    pub p90: Option<i64>,
}

impl Spread {
    fn measure(mut values: Vec<i64>) -> Spread {
        values.sort_unstable();
        let count = values.len();
        let rank = |percent: usize| {
            values
                .get((count * percent).div_ceil(100).max(1) - 1)
                .copied()
        };
        Spread {
            count,
            p50: rank(50),
            p90: rank(90),
        }
    }
}

/// Outcome of a release.
#[derive(Debug, Clone, Serialize)]
pub struct MetricsRow {
    pub tag: String,
    pub version: String,
    pub date: String,
    #[serde(skip)]
    pub time: i64,
    /// Level of the step from the previous version.
    pub level: &'static str,
    pub changes: usize,
    /// Lead times of its changes, in seconds.
    pub lead_time: Spread,
    /// Time from the oldest of its changes to the release.
    pub first_commit: Option<i64>,
    /// Time since the previous release, of any line.
    pub interval: Option<i64>,
    pub withdrawn: bool,
    /// Release that it is a hotfix of: the previous one in its line.
    pub fixes: Option<String>,
    /// Hotfix of this release.
    pub fixed_by: Option<String>,
    /// Whether the hotfix was inferred instead of being in the release manifest.
    pub fix_concluded: bool,
    /// Time until it was withdrawn or fixed, whichever came first.
    pub restored_after: Option<i64>,
    pub duration: Option<i64>,
}

impl MetricsRow {
    /// Whether the release was withdrawn or needed a hotfix.
    pub fn has_failed(&self) -> bool {
        self.withdrawn || self.fixed_by.is_some()
    }
}

/// A calendar month.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Month {
    /// `YYYY-MM`.
    pub month: String,
    pub releases: usize,
    pub failed: usize,
    pub lead_time_p50: Option<i64>,
}

/// Number of changes with a lead time up to this bound.
#[derive(Debug, Clone, Serialize)]
pub struct Class {
    pub up_to: &'static str,
    pub changes: usize,
}

/// Releases that failed.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Failures {
    /// Failed releases divided by all; `None` without releases.
    pub rate: Option<f64>,
    pub failed: usize,
    pub of: usize,
    pub withdrawn: usize,
    pub hotfixed: usize,
    /// Number of hotfixed releases whose hotfix was inferred.
    pub concluded: usize,
}

/// All metrics of a project or a component.
#[derive(Debug, Clone, Serialize)]
pub struct Metrics {
    pub component: Option<String>,
    #[serde(flatten)]
    pub period: Period,
    pub prereleases: usize,
    pub lead_time: Spread,
    pub first_commit_to_release: Spread,
    pub releases_per_month: Option<f64>,
    /// Median time between releases.
    pub interval: Option<i64>,
    pub change_failures: Failures,
    pub time_to_restore: Spread,
    /// Withdrawn releases divided by all; `None` without releases.
    pub rollback_rate: Option<f64>,
    pub duration: Spread,
    pub distribution: Vec<Class>,
    pub months: Vec<Month>,
    /// Releases, the oldest first.
    pub releases: Vec<MetricsRow>,
}

/// Metrics of the final releases in a period; `releases` are all releases, the oldest first.
pub fn metrics(
    component: Option<String>,
    period: Period,
    releases: &[MeasuredRelease],
    prereleases: usize,
    today: &str,
) -> Metrics {
    let fixes = hotfixes(releases);
    let rows = releases.iter().enumerate();
    let rows = rows.filter(|(_, release)| period.holds(&release.date));
    let rows: Vec<MetricsRow> = rows
        .map(|(at, _)| row(releases, at, &fixes, &period))
        .collect();
    let inside = || {
        releases
            .iter()
            .filter(|release| period.holds(&release.date))
    };
    let leads: Vec<i64> = inside().flat_map(leads).collect();
    let count = |is: fn(&MetricsRow) -> bool| rows.iter().filter(|row| is(row)).count();
    let (failed, withdrawn) = (count(MetricsRow::has_failed), count(|row| row.withdrawn));
    let share = |part: usize| (!rows.is_empty()).then(|| part as f64 / rows.len() as f64);
    let months = match lifetime(releases, today) {
        Some(lifetime) => months(&period.within(&lifetime), inside(), &rows),
        None => Vec::new(),
    };
    let each =
        |of: fn(&MetricsRow) -> Option<i64>| Spread::measure(rows.iter().filter_map(of).collect());
    Metrics {
        component,
        prereleases,
        lead_time: Spread::measure(leads.clone()),
        first_commit_to_release: each(|row| row.first_commit),
        releases_per_month: share(rows.len())
            .map(|_| rows.len() as f64 / months.len().max(1) as f64),
        interval: each(|row| row.interval).p50,
        change_failures: Failures {
            rate: share(failed),
            failed,
            of: rows.len(),
            withdrawn,
            hotfixed: count(|row| row.fixed_by.is_some()),
            concluded: count(|row| row.fix_concluded),
        },
        time_to_restore: each(|row| row.restored_after),
        rollback_rate: share(withdrawn),
        duration: each(|row| row.duration),
        distribution: distribution(&leads),
        months,
        releases: rows,
        period,
    }
}

/// Hotfix of a release.
struct Fix {
    by: usize,
    is_concluded: bool,
}

/// Hotfixes, by the index of the release that they fix: the previous one in their line.
fn hotfixes(releases: &[MeasuredRelease]) -> BTreeMap<usize, Fix> {
    let mut by_version: Vec<usize> = (0..releases.len()).collect();
    order::by(&mut by_version, |a, b| {
        releases[*a].version.cmp(&releases[*b].version)
    });
    let mut fixes = BTreeMap::new();
    for pair in by_version.windows(2) {
        let (old, new) = (&releases[pair[0]], &releases[pair[1]]);
        let line = |release: &MeasuredRelease| (release.version.major, release.version.minor);
        let is_concluded = new.kind.is_none();
        let is_hotfix = match new.kind {
            Some(kind) => kind == manifest::ReleaseKind::Hotfix,
            None => only_mends(new) && (0..=SOON).contains(&(new.time - old.time)),
        };
        if line(old) == line(new) && is_hotfix {
            fixes.insert(
                pair[0],
                Fix {
                    by: pair[1],
                    is_concluded,
                },
            );
        }
    }
    fixes
}

/// Whether a release fixes something and adds nothing.
fn only_mends(release: &MeasuredRelease) -> bool {
    let has = |kinds: &[Kind]| {
        let mut known = release.changes.iter().filter_map(|change| change.kind);
        known.any(|kind| kinds.contains(&kind))
    };
    has(&[Kind::Fixed, Kind::Security]) && !has(&[Kind::Added, Kind::Removed, Kind::Deprecated])
}

fn row(
    releases: &[MeasuredRelease],
    at: usize,
    fixes: &BTreeMap<usize, Fix>,
    period: &Period,
) -> MetricsRow {
    let release = &releases[at];
    let fix = fixes.get(&at);
    let fix = fix.filter(|fix| period.holds(&releases[fix.by].date));
    let fixed_after = fix.map(|fix| releases[fix.by].time - release.time);
    let oldest = release.changes.iter().map(|change| change.written).min();
    let mut all = fixes.iter();
    let fixes = all.find(|(_, fix)| fix.by == at);
    let Version { minor, patch, .. } = release.version;
    MetricsRow {
        tag: release.tag.clone(),
        version: release.version.to_string(),
        date: release.date.clone(),
        time: release.time,
        level: match (minor, patch) {
            (0, 0) => "major",
            (_, 0) => "minor",
            _ => "patch",
        },
        changes: release.changes.len(),
        lead_time: Spread::measure(leads(release).collect()),
        first_commit: oldest.map(|oldest| (release.time - oldest).max(0)),
        interval: at
            .checked_sub(1)
            .map(|before| release.time - releases[before].time),
        withdrawn: release.withdrawn,
        fixes: fixes.map(|(of, _)| releases[*of].tag.clone()),
        fixed_by: fix.map(|fix| releases[fix.by].tag.clone()),
        fix_concluded: fix.is_some_and(|fix| fix.is_concluded),
        restored_after: [release.withdrawn_after, fixed_after]
            .into_iter()
            .flatten()
            .min(),
        duration: release.duration,
    }
}

/// Lead times of a release's changes; those that a wrong clock makes negative are 0.
fn leads(release: &MeasuredRelease) -> impl Iterator<Item = i64> {
    release
        .changes
        .iter()
        .map(|change| (release.time - change.written).max(0))
}

fn distribution(leads: &[i64]) -> Vec<Class> {
    let mut from = -1;
    let class = |(end, up_to): &(i64, &'static str)| {
        let changes = leads
            .iter()
            .filter(|lead| (from + 1..=*end).contains(lead))
            .count();
        from = *end;
        Class { up_to, changes }
    };
    CLASSES.iter().map(class).collect()
}

/// Every month of a period, including those without a release.
fn months<'r>(
    period: &Period,
    releases: impl Iterator<Item = &'r MeasuredRelease>,
    rows: &[MetricsRow],
) -> Vec<Month> {
    let mut own: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for release in releases {
        own.entry(month_of(&release.date))
            .or_default()
            .extend(leads(release));
    }
    let last = month_of(&period.until);
    let mut months = Vec::new();
    let mut month = month_of(&period.since).to_owned();
    while month.as_str() <= last {
        let is_last = month == last;
        let of_month = || rows.iter().filter(|row| month_of(&row.date) == month);
        months.push(Month {
            releases: of_month().count(),
            failed: of_month().filter(|row| row.has_failed()).count(),
            lead_time_p50: own
                .remove(month.as_str())
                .and_then(|leads| Spread::measure(leads).p50),
            month: month.clone(),
        });
        match next_month(&month).filter(|_| !is_last) {
            Some(next) => month = next,
            None => break,
        }
    }
    months
}

fn month_of(day: &str) -> &str {
    day.get(..7).unwrap_or(day)
}

fn next_month(month: &str) -> Option<String> {
    let (year, number) = month.split_once('-')?;
    let (year, number): (u32, u32) = (year.parse().ok()?, number.parse().ok()?);
    Some(match number {
        12 => format!("{:04}-01", year + 1),
        _ => format!("{year:04}-{:02}", number + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60;

    fn release(version: &str, date: &str, day: i64, kinds: &[Kind]) -> MeasuredRelease {
        let time = day * DAY;
        MeasuredRelease {
            tag: format!("v{version}"),
            version: Version::parse(version).unwrap(),
            date: date.into(),
            time,
            kind: None,
            withdrawn: false,
            withdrawn_after: None,
            duration: None,
            changes: (1..)
                .zip(kinds)
                .map(|(at, kind)| ReleasedChange {
                    written: time - at * HOUR,
                    kind: Some(*kind),
                })
                .collect(),
        }
    }

    fn measure(releases: &[MeasuredRelease]) -> Metrics {
        let period = Period {
            since: "2026-01-01".into(),
            until: "2026-03-31".into(),
        };
        metrics(None, period, releases, 0, "2026-03-31")
    }

    #[test]
    fn percentiles_are_members() {
        assert_eq!(Spread::measure(vec![]), Spread::default());
        let spread = |values: std::ops::RangeInclusive<i64>| {
            let spread = Spread::measure(values.rev().collect());
            (spread.p50, spread.p90)
        };
        assert_eq!(spread(1..=1), (Some(1), Some(1)));
        assert_eq!(spread(1..=2), (Some(1), Some(2)));
        assert_eq!(spread(1..=10), (Some(5), Some(9)));
    }

    #[test]
    fn without_releases_there_is_no_rate() {
        let none = measure(&[]);
        assert_eq!(none.change_failures.rate, None);
        assert_eq!(none.rollback_rate, None);
        assert_eq!(none.releases_per_month, None);
        assert_eq!(none.months.len(), 0);
    }

    #[test]
    fn a_hotfix_is_recorded_or_concluded() {
        let fix: &[Kind] = &[Kind::Fixed, Kind::Internal];
        let first = release("1.0.0", "2026-01-01", 0, &[Kind::Added]);
        let soon = |kinds: &[Kind]| release("1.0.1", "2026-01-02", 1, kinds);
        let fails = |second: MeasuredRelease| measure(&[first.clone(), second]).change_failures;
        assert_eq!(
            (fails(soon(fix)).failed, fails(soon(fix)).concluded),
            (1, 1)
        );
        assert_eq!(fails(soon(&[Kind::Fixed, Kind::Added])).failed, 0);
        assert_eq!(fails(soon(&[])).failed, 0);
        assert_eq!(fails(release("1.0.1", "2026-01-09", 8, fix)).failed, 0);
        assert_eq!(fails(release("1.1.0", "2026-01-02", 1, fix)).failed, 0);
        let said = |kind| MeasuredRelease {
            kind: Some(kind),
            ..release("1.0.1", "2026-01-09", 8, &[])
        };
        let failures = fails(said(manifest::ReleaseKind::Hotfix));
        assert_eq!((failures.failed, failures.concluded), (1, 0));
        let regular = MeasuredRelease {
            kind: Some(manifest::ReleaseKind::Regular),
            ..soon(fix)
        };
        assert_eq!(fails(regular).failed, 0);
    }

    #[test]
    fn what_comes_first_restores() {
        let mut first = release("1.0.0", "2026-01-01", 0, &[]);
        first.withdrawn = true;
        first.withdrawn_after = Some(3 * DAY);
        let second = release("1.0.1", "2026-01-02", 1, &[Kind::Fixed]);
        let both = measure(&[first.clone(), second]);
        assert_eq!(both.time_to_restore.p50, Some(DAY));
        assert_eq!(both.change_failures.rate, Some(0.5));
        assert_eq!(both.rollback_rate, Some(0.5));
        assert_eq!(measure(&[first]).time_to_restore.p50, Some(3 * DAY));
    }

    #[test]
    fn months_without_releases_count() {
        let releases = [
            release("1.0.0", "2026-01-31", 30, &[Kind::Added]),
            release("1.1.0", "2026-03-01", 59, &[Kind::Added, Kind::Fixed]),
        ];
        let ever = Period {
            since: "0001-01-01".into(),
            until: "9999-12-31".into(),
        };
        for (today, last) in [("2026-02-01", "2026-03"), ("2026-04-01", "2026-04")] {
            let months = metrics(None, ever.clone(), &releases, 0, today).months;
            let ends = [months.first(), months.last()].map(|month| month.unwrap().month.as_str());
            assert_eq!(ends, ["2026-01", last]);
        }
        let metrics = measure(&releases);
        let counts: Vec<usize> = metrics.months.iter().map(|month| month.releases).collect();
        assert_eq!(counts, [1, 0, 1]);
        assert_eq!(metrics.releases_per_month, Some(2.0 / 3.0));
        assert_eq!(metrics.interval, Some(29 * DAY));
        assert_eq!(metrics.lead_time.p90, Some(2 * HOUR));
        assert_eq!(metrics.distribution[0].changes, 2);
        assert_eq!(metrics.distribution[1].changes, 1);
    }
}
