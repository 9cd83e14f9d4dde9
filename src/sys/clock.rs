//! The date of today, and what people call days.

use crate::sys::env;

/// Today as `YYYY-MM-DD` in the local time zone. `SOURCE_DATE_EPOCH` (seconds, UTC) stands in for the clock,
/// as reproducible-builds.org defines it.
pub fn today() -> String {
    this_moment().date().to_string()
}

/// Now in UTC as `YYYY-MM-DDTHH:MM:SSZ`, with the same stand-in.
pub fn instant() -> String {
    let at = this_moment().timestamp();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The day that `2026-01-30`, `yesterday`, `2 weeks ago` or `30 days` mean, as `YYYY-MM-DD`; `None` for other words.
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

fn this_moment() -> jiff::Zoned {
    let fixed = env::var("SOURCE_DATE_EPOCH")
        .and_then(|seconds| seconds.parse().ok())
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    fixed.map_or_else(now, |time| time.to_zoned(jiff::tz::TimeZone::UTC))
}

/// Now as `YYYY-MM-DDTHH:MM:SS`, for the log.
pub fn stamp() -> String {
    now().strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
fn now() -> jiff::Zoned {
    jiff::Zoned::now()
}
