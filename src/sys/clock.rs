//! The date of today.

use crate::sys::env;

/// Today as `YYYY-MM-DD` in the local time zone. `SOURCE_DATE_EPOCH` (seconds, UTC) stands in for the clock,
/// as reproducible-builds.org defines it.
pub fn today() -> String {
    let fixed = env::var("SOURCE_DATE_EPOCH")
        .and_then(|seconds| seconds.parse().ok())
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    match fixed {
        Some(time) => time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        None => now().date().to_string(),
    }
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
