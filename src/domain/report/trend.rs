//! The two periods that are compared for a trend.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::domain::report::metrics::{Metrics, Period};

/// Days of the longest part of a period that is compared, and of the shortest that is meaningful.
const LONGEST: i32 = 365;
const SHORTEST: i32 = 14;

/// Two periods of the same length, one directly after the other.
#[derive(Debug, Clone)]
pub struct TrendPeriods {
    /// Days in each period.
    pub days: i32,
    pub before: Period,
    pub now: Period,
}

/// Metrics of both periods.
#[derive(Debug, Clone)]
pub struct Trend {
    /// Days in each period.
    pub days: i32,
    pub before: Metrics,
    pub now: Metrics,
}

impl TrendPeriods {
    /// The period and the one before it, if there were releases then: `first` is the day of the first one. Else the last half of the
    /// period, a year at most, and the same number of days before it.
    pub fn of_period(period: &Period, first: Option<&str>) -> Option<TrendPeriods> {
        let first: Date = first?.parse().ok()?;
        let since: Date = period.since.parse().ok()?;
        let until: Date = period.until.parse().ok()?;
        let days = (until - since).get_days() + 1;
        let whole = TrendPeriods::ending(until, days);
        if let Some(whole) = whole.filter(|whole| first.to_string() <= whole.before.until) {
            return Some(whole);
        }
        // Before the first release there is nothing to compare with.
        let lived = (until - since.max(first)).get_days() + 1;
        let half = (lived / 2).min(LONGEST);
        if half < SHORTEST {
            return None;
        }
        TrendPeriods::ending(until, half)
    }

    fn ending(until: Date, days: i32) -> Option<TrendPeriods> {
        let back = |days: i32| until.checked_sub(days.days()).ok();
        let period = |since: Date, until: Date| Period {
            since: since.to_string(),
            until: until.to_string(),
        };
        Some(TrendPeriods {
            days,
            before: period(back(days.checked_mul(2)? - 1)?, back(days)?),
            now: period(back(days - 1)?, until),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_compared_with_the_one_before_it_or_in_halves() {
        for (since, until, first, expected) in [
            (
                "2026-01-01",
                "2026-01-31",
                Some("2025-12-31"),
                "2025-12-01 2025-12-31 2026-01-01 2026-01-31",
            ),
            (
                "2026-01-01",
                "2026-02-28",
                Some("2026-01-01"),
                "2026-01-02 2026-01-30 2026-01-31 2026-02-28",
            ),
            (
                "2020-01-01",
                "2026-01-30",
                Some("2020-01-01"),
                "2024-02-01 2025-01-30 2025-01-31 2026-01-30",
            ),
            (
                "0001-01-01",
                "2026-01-30",
                Some("2025-12-02"),
                "2025-12-02 2025-12-31 2026-01-01 2026-01-30",
            ),
            ("2026-01-20", "2026-01-30", Some("2026-01-20"), ""),
            ("2026-01-01", "2026-01-30", None, ""),
        ] {
            let found = TrendPeriods::of_period(
                &Period {
                    since: since.into(),
                    until: until.into(),
                },
                first,
            );
            let days = found.map_or(String::new(), |TrendPeriods { before, now, .. }| {
                [before.since, before.until, now.since, now.until].join(" ")
            });
            assert_eq!(days, expected, "{since} {until}");
        }
    }
}
