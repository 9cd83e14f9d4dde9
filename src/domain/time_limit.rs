//! A duration as users configure it: `2`, `0.5`, `2s`, `500 ms`, `1m`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};

/// A duration in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeLimit(u64);

impl TimeLimit {
    /// Duration of this many milliseconds.
    pub const fn milliseconds(count: u64) -> TimeLimit {
        TimeLimit(count)
    }

    /// Parses a number of seconds, or a number with the unit `ms`, `s` or `m`; `None` for anything else.
    pub fn read(words: &str) -> Option<TimeLimit> {
        let words = words.trim();
        let end = words.find(|c: char| !(c.is_ascii_digit() || c == '.'));
        let (number, unit) = words.split_at(end.unwrap_or(words.len()));
        let factor = match unit.trim() {
            "ms" => 0.001,
            "" | "s" => 1.0,
            "m" => 60.0,
            _ => return None,
        };
        TimeLimit::of_seconds(number.parse::<f64>().ok()? * factor)
    }

    fn of_seconds(seconds: f64) -> Option<TimeLimit> {
        const MOST: f64 = 1e9; // thirty years
        let is_time = (0.0..MOST).contains(&seconds);
        is_time.then_some(TimeLimit((seconds * 1000.0).round() as u64))
    }

    /// Number of milliseconds.
    pub fn as_milliseconds(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            whole if whole % 1000 == 0 => write!(f, "{} s", whole / 1000),
            part => write!(f, "{part} ms"),
        }
    }
}

impl<'de> Deserialize<'de> for TimeLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TimeLimit, D::Error> {
        struct TimeLimitVisitor;
        impl de::Visitor<'_> for TimeLimitVisitor {
            type Value = TimeLimit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as 2, 0.5 or 500ms")
            }
            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<TimeLimit, E> {
                self.visit_f64(seconds as f64)
            }
            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<TimeLimit, E> {
                let wrong = || E::custom(format!("{seconds} is no time such as 2, 0.5 or 500ms"));
                TimeLimit::of_seconds(seconds).ok_or_else(wrong)
            }
            fn visit_str<E: de::Error>(self, words: &str) -> Result<TimeLimit, E> {
                let wrong = || E::custom(format!("`{words}` is no time such as 2, 0.5 or 500ms"));
                TimeLimit::read(words).ok_or_else(wrong)
            }
        }
        deserializer.deserialize_any(TimeLimitVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (words, milliseconds) in [
            ("2", 2000),
            ("0", 0),
            (" 0.5 ", 500),
            ("500ms", 500),
            ("500 ms", 500),
            ("3s", 3000),
            ("1m", 60_000),
        ] {
            let read = TimeLimit::read(words);
            assert_eq!(read, Some(TimeLimit::milliseconds(milliseconds)), "{words}");
        }
        for words in ["", "x", "-1", "2h", "1.2.3", "s"] {
            assert_eq!(TimeLimit::read(words), None, "{words}");
        }
        assert_eq!(TimeLimit::milliseconds(2000).to_string(), "2 s");
        assert_eq!(TimeLimit::milliseconds(1500).to_string(), "1500 ms");
    }
}
