//! Calendar versions (<https://calver.org>): releases named after their month, `26.1.0` or `2026.1.0`, or their day, `2026.1.30`. There is
//! no setting: the scheme is detected from the newest releases and the days on which they were tagged.

use std::fmt;

use semver::Version;

use crate::domain::order;
use crate::domain::version::{Level, next};

/// Naming scheme of releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// Year and month, then a counter.
    Month,
    /// Year, month and day.
    Day,
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Calendar::Month => "month",
            Calendar::Day => "day",
        })
    }
}

/// Number of consecutive releases that prove the scheme: two may be a coincidence.
pub const EVIDENCE: usize = 3;

/// Scheme of these releases. Each is a version with the days on which it may have been named, `YYYY-MM-DD`: time zones differ, and a tag
/// may be made a day late.
pub fn shown_by(releases: &[(Version, Vec<String>)]) -> Option<Calendar> {
    let mut newest: Vec<&(Version, Vec<String>)> = releases.iter().collect();
    order::by(&mut newest, |a, b| b.0.cmp(&a.0));
    let all_fit = |calendar: Calendar, is_counted: bool| {
        let counted = newest
            .iter()
            .filter(|(version, _)| !is_counted || version.patch == 0);
        let newest: Vec<_> = counted.take(EVIDENCE).collect();
        let fits = |one: &&&(Version, Vec<String>)| {
            let mut days = one.1.iter();
            days.any(|day| called(calendar, day, one.0.major).as_ref() == Some(&one.0))
        };
        newest.len() == EVIDENCE && newest.iter().all(fits)
    };
    if all_fit(Calendar::Day, false) {
        Some(Calendar::Day)
    } else {
        all_fit(Calendar::Month, true).then_some(Calendar::Month)
    }
}

/// Version for a release on a day, with as many digits in the year as in the previous release.
fn called(calendar: Calendar, day: &str, major: u64) -> Option<Version> {
    let mut numbers = day.split('-').map(str::parse);
    let mut number = || numbers.next()?.ok();
    let (year, month, day): (u64, u64, u64) = (number()?, number()?, number()?);
    let year = if major < 1000 { year % 100 } else { year };
    Some(match calendar {
        Calendar::Month => Version::new(year, month, 0),
        Calendar::Day => Version::new(year, month, day),
    })
}

/// Version of a release on a day; a further release in the same month or on the same day increments the counter.
pub fn of_day(calendar: Calendar, last: &Version, day: &str) -> Version {
    let called = called(calendar, day, last.major);
    let called = called.filter(|version| version > last);
    called.unwrap_or_else(|| next(Some(last), Level::Patch, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_show_how_they_are_called() {
        for (releases, day, expected) in [
            (
                "25.10.0=2025-10-01 25.11.0=2025-11-08 25.12.0=2025-12-30",
                "2026-01-30",
                "26.1.0",
            ),
            (
                "25.10.0=2025-10-01 25.11.0=2025-11-08 26.1.0=2026-01-03",
                "2026-01-30",
                "26.1.1",
            ),
            (
                "25.10.0=2025-10-01 25.11.0=2025-11-08 26.1.0=2026-01-03 26.1.1=2026-01-04",
                "2026-02-01",
                "26.2.0",
            ),
            (
                "2025.10.0=2025-10-01 2025.11.0=2025-11-08 2025.12.0=2025-12-30",
                "2026-01-30",
                "2026.1.0",
            ),
            (
                "2025.10.1=2025-10-01 2025.11.8=2025-11-08 2025.12.30=2025-12-30",
                "2026-01-30",
                "2026.1.30",
            ),
            // Tagged a day later.
            (
                "25.10.0=2025-10-01 25.11.0=2025-11-30,2025-12-01 25.12.0=2025-12-30",
                "2026-01-30",
                "26.1.0",
            ),
            // A coincidence.
            ("25.11.0=2025-11-08 25.12.0=2025-12-30", "2026-01-30", "no"),
            (
                "1.1.0=2026-01-02 1.2.0=2026-02-03 1.3.0=2026-03-03",
                "2026-04-01",
                "no",
            ),
            (
                "26.0.0=2026-01-02 26.1.0=2026-01-10 26.2.0=2026-02-03",
                "2026-04-01",
                "no",
            ),
        ] {
            let read = |word: &str| {
                let (version, days) = word.split_once('=').unwrap();
                let days = days.split(',').map(str::to_owned).collect();
                (Version::parse(version).unwrap(), days)
            };
            let all: Vec<(Version, Vec<String>)> = releases.split(' ').map(read).collect();
            let last = all.iter().map(|(version, _)| version).max().unwrap();
            let found = shown_by(&all).map(|calendar| of_day(calendar, last, day).to_string());
            assert_eq!(found.as_deref().unwrap_or("no"), expected, "{releases}");
        }
    }
}
