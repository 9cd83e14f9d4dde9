//! The current date, and dates in words.

use crate::sys::env;

/// Today as `YYYY-MM-DD` in the local time zone. `SOURCE_DATE_EPOCH` (seconds, UTC) replaces the clock, as reproducible-builds.org defines
/// it.
pub fn today() -> String {
    this_moment().date().to_string()
}

/// Now in UTC as `YYYY-MM-DDTHH:MM:SSZ`. `SOURCE_DATE_EPOCH` replaces the clock.
pub fn instant() -> String {
    let at = this_moment().timestamp();
    format!("{at:.0}")
}

/// The day that words such as `2026-01-30`, `yesterday`, `2 weeks ago` or `30 days` mean, as `YYYY-MM-DD`. `None` for other words.
pub fn day(words: &str) -> Option<String> {
    let words = words.trim();
    if let Ok(date) = words.parse::<jiff::civil::Date>() {
        return Some(date.to_string());
    }
    let today = this_moment().date();
    let span = match words {
        "today" => return Some(today.to_string()),
        "yesterday" => jiff::Span::new().days(1),
        _ => words
            .strip_suffix("ago")
            .unwrap_or(words)
            .trim()
            .parse()
            .ok()?,
    };
    Some(today.checked_sub(span).ok()?.to_string())
}

/// The day that is `span` (such as `1 year`) after a day, as `YYYY-MM-DD`. `None` if either is invalid.
pub fn later(day: &str, span: &str) -> Option<String> {
    let date: jiff::civil::Date = day.parse().ok()?;
    let span: jiff::Span = span.parse().ok()?;
    Some(date.checked_add(span).ok()?.to_string())
}

/// The day of a time in seconds since 1970, in UTC, as `YYYY-MM-DD`.
pub fn day_of(seconds: i64) -> String {
    day_in(seconds, 0)
}

/// The day of a time in seconds since 1970, `minutes` east of UTC, as `YYYY-MM-DD`. An invalid time zone counts as UTC.
pub fn day_in(seconds: i64, minutes: i32) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    let zone = jiff::tz::Offset::from_seconds(minutes.saturating_mul(60));
    let zone = zone.unwrap_or(jiff::tz::Offset::UTC);
    at.to_zoned(zone.to_time_zone()).date().to_string()
}

/// Whether the words are a day as `YYYY-MM-DD`.
pub fn is_day(words: &str) -> bool {
    let date = words.parse::<jiff::civil::Date>();
    date.is_ok_and(|date| date.to_string() == words)
}

/// Number of days from one day to another.
pub fn days_between(from: &str, to: &str) -> Option<i64> {
    let (from, to): (jiff::civil::Date, jiff::civil::Date) = (from.parse().ok()?, to.parse().ok()?);
    Some(i64::from(from.until(to).ok()?.get_days()))
}

/// Seconds since 1970 of a time in the format of [`instant`].
pub fn seconds_of(instant: &str) -> Option<i64> {
    let at: jiff::Timestamp = instant.trim().parse().ok()?;
    Some(at.as_second())
}

/// The time in seconds that replaces the clock.
pub fn fixed() -> Option<i64> {
    env::var("SOURCE_DATE_EPOCH")?.parse().ok()
}

fn this_moment() -> jiff::Zoned {
    let fixed = fixed().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    fixed.map_or_else(now, |time| time.to_zoned(jiff::tz::TimeZone::UTC))
}

/// Measures how long something takes.
pub struct Stopwatch(std::time::Instant);

/// Starts measuring.
#[expect(
    clippy::disallowed_methods,
    reason = "a length of time for people, not a date"
)]
pub fn stopwatch() -> Stopwatch {
    Stopwatch(std::time::Instant::now())
}

impl Stopwatch {
    /// The time since the start in seconds, such as `1.2 s`.
    pub fn read(&self) -> String {
        format!("{:.1} s", self.0.elapsed().as_secs_f64())
    }

    /// The time since the start.
    pub fn passed(&self) -> std::time::Duration {
        self.0.elapsed()
    }

    /// Whether more time than `limit` has passed.
    pub fn is_past(&self, limit: std::time::Duration) -> bool {
        self.0.elapsed() > limit
    }
}

/// Now as `YYYY-MM-DDTHH:MM:SS`, for the log.
pub fn stamp() -> String {
    format!("{:.0}", now().datetime())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
fn now() -> jiff::Zoned {
    jiff::Zoned::now()
}
