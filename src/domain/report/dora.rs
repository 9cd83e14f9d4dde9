//! DORA's levels of software delivery. They are groups of answers to a survey about deployments, not grades. A release counts as a
//! deployment here.

use std::fmt;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// Average number of days in a month.
const MONTH: f64 = 365.25 / 12.0;

/// Report that defines the levels.
pub const SOURCE: &str = "Accelerate State of DevOps Report 2024";
/// Page of the report.
pub const SOURCE_PAGE: &str = "https://dora.dev/research/2024/dora-report/";

/// A group of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoraLevel {
    Elite,
    High,
    Medium,
    Low,
}

impl fmt::Display for DoraLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DoraLevel::Elite => "elite",
            DoraLevel::High => "high",
            DoraLevel::Medium => "medium",
            DoraLevel::Low => "low",
        })
    }
}

/// Values in the report for each group, from elite to low.
pub const LEAD_TIME: [&str; 4] = [
    "less than 1 day",
    "1 day to 1 week",
    "1 week to 1 month",
    "1 to 6 months",
];
pub const FREQUENCY: [&str; 4] = [
    "several a day",
    "1 a day to 1 a week",
    "1 a week to 1 a month",
    "1 a month to 2 a year",
];
/// Change failure rates, without a level: in this report the medium group fails less often than the high one.
pub const FAILURE_RATE: [&str; 4] = ["5 %", "20 %", "10 %", "40 %"];
pub const RECOVERY: [&str; 4] = [
    "less than 1 hour",
    "less than 1 day",
    "less than 1 day",
    "1 week to 1 month",
];

impl DoraLevel {
    /// Level of a median lead time, in seconds.
    pub fn of_lead_time(seconds: i64) -> DoraLevel {
        match seconds {
            ..DAY => DoraLevel::Elite,
            _ if seconds <= 7 * DAY => DoraLevel::High,
            _ if seconds <= 30 * DAY => DoraLevel::Medium,
            _ => DoraLevel::Low,
        }
    }

    /// Level of a number of releases per month.
    pub fn of_frequency(a_month: f64) -> DoraLevel {
        match a_month / MONTH {
            a_day if a_day > 1.0 => DoraLevel::Elite,
            a_day if a_day >= 1.0 / 7.0 => DoraLevel::High,
            _ if a_month >= 1.0 => DoraLevel::Medium,
            _ => DoraLevel::Low,
        }
    }

    /// Level of a median time to restore, in seconds. High and medium are the same here.
    pub fn of_recovery(seconds: i64) -> DoraLevel {
        match seconds {
            ..HOUR => DoraLevel::Elite,
            HOUR..DAY => DoraLevel::High,
            _ => DoraLevel::Low,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_where_the_report_says() {
        let leads = [DAY - 1, DAY, 7 * DAY, 7 * DAY + 1, 30 * DAY, 31 * DAY];
        let said = leads.map(|lead| DoraLevel::of_lead_time(lead).to_string());
        assert_eq!(said, ["elite", "high", "high", "medium", "medium", "low"]);
        let counts = [31.0, 30.0, 4.4, 4.3, 1.0, 0.9];
        let said = counts.map(|count| DoraLevel::of_frequency(count).to_string());
        assert_eq!(said, ["elite", "high", "high", "medium", "medium", "low"]);
        let times = [0, HOUR, DAY - 1, DAY];
        let said = times.map(|time| DoraLevel::of_recovery(time).to_string());
        assert_eq!(said, ["elite", "high", "high", "low"]);
    }
}
