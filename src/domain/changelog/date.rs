//! Dates in headings, in the forms that changelogs use. Ambiguous texts are refused: a year alone, numbers out of range.

use std::ops::Range;

use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;

/// Forms of dates for jiff's `strtime`. If two match, the longer text wins, then the earlier row.
const FORMS: &[&str] = &[
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%B %d, %Y",
    "%B %d %Y",
    "%B, %d %Y",
    "%B %d@, %Y",
    "%B %d@ %Y",
    "%d %B %Y",
    "%d %B, %Y",
    "%d@ %B %Y",
    "%d@ %B, %Y",
    "%d@ of %B %Y",
    "%d-%B-%Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%b. %d, %Y",
    "%b %d@, %Y",
    "%b %d@ %Y",
    "%d %b %Y",
    "%d %b, %Y",
    "%d@ %b %Y",
    "%d@ %b, %Y",
    "%d-%b-%Y",
    "%d/%b/%Y",
    "%b-%d-%Y",
    "%Y-%b-%d",
    "%Y %b %d",
    "%Y %B %d",
    "%B %Y",
    "%b %Y",
    "%Y%m%d",
];

/// The position of a date in a text, and its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenDate {
    pub at: Range<usize>,
    /// The day, `YYYY-MM-DD`; `None` for a month.
    pub day: Option<String>,
    form: &'static str,
    /// The form of the weekday in front, including the text after it.
    weekday: String,
    /// Whether days and months below ten have a leading zero; `None` if neither is below ten.
    padded: Option<bool>,
}

/// English endings of ordinal numbers; `@` in a form.
const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];

/// The first date in a text.
pub(super) fn find(text: &str) -> Option<WrittenDate> {
    first(text, |_| true)
}

/// The first date in a text. The dates in `others`, texts of the same project, show which number is the day and which the month.
pub(super) fn find_among<'t>(
    text: &str,
    others: impl Iterator<Item = &'t str> + Clone,
) -> Option<WrittenDate> {
    let mut found = find(text)?;
    let twin = match found.form {
        "%m/%d/%Y" => "%d/%m/%Y",
        "%d.%m.%Y" => "%m.%d.%Y",
        "%d-%m-%Y" => "%m-%d-%Y",
        _ => "",
    };
    // A date that fits only the twin form decides how all are read.
    let is_twin = |form: &str| form == twin;
    let says_twin = |text: &str| {
        let one = first(text, |form| form == found.form);
        one.is_none() && first(text, is_twin).is_some()
    };
    if !twin.is_empty() && others.clone().any(says_twin) {
        found = first(text, is_twin).unwrap_or(found);
    }
    if found.padded.is_none() {
        let form = found.form;
        found.padded = others
            .filter_map(|text| first(text, |one| one == form)?.padded)
            .next();
    }
    Some(found)
}

impl WrittenDate {
    /// Another day, `YYYY-MM-DD`, in this form.
    pub fn write(&self, day: &str) -> String {
        let Ok(date) = day.parse::<Date>() else {
            return day.to_owned();
        };
        // All-numeric dates have leading zeros by default, days next to the name of a month have none.
        let padded = self.padded.unwrap_or(!self.form.contains(['B', 'b']));
        let form = if padded {
            self.form.to_owned()
        } else {
            self.form.replace("%d", "%-d").replace("%m", "%-m")
        };
        let ending = match date.day() {
            1 | 21 | 31 => ORDINALS[0],
            2 | 22 => ORDINALS[1],
            3 | 23 => ORDINALS[2],
            _ => ORDINALS[3],
        };
        let form = format!("{}{}", self.weekday, form.replace('@', ending));
        date.strftime(&form).to_string()
    }
}

fn first(text: &str, wanted: impl Fn(&str) -> bool) -> Option<WrittenDate> {
    let is_inside = |at: usize| {
        let mut before = text[..at].chars();
        before
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '.')
    };
    let starts = text
        .char_indices()
        .filter(|(at, c)| c.is_ascii_alphanumeric() && !is_inside(*at));
    starts.map(|(at, _)| at).find_map(|at| {
        let found = leading_in(&text[at..], &wanted)?;
        Some(WrittenDate {
            at: at..at + found.at.end,
            ..found
        })
    })
}

/// The position of a date that is not filled in, or that is no day in any order: `2026-XX-XX`, `YYYY-MM-DD`, `2026-??`, `2026-13-45`,
/// `XX May 2026`.
pub(super) fn placeholder(text: &str) -> Option<Range<usize>> {
    let is_apart = |c: char| c.is_whitespace() || "()[]<>,;:*`".contains(c);
    let mut at = 0;
    text.split_inclusive(is_apart).find_map(|piece| {
        let start = at;
        at += piece.len();
        let word = piece
            .trim_end_matches(is_apart)
            .trim_end_matches(['.', '-', '–', '—']);
        let parts: Vec<&str> = word.split(['-', '/', '.', '_']).collect();
        let is_unfilled = match parts.as_slice() {
            [] | [""] => false,
            // The day next to the name of its month.
            [one] => one.len() > 1 && one.chars().all(|c| "xX?_".contains(c)),
            [first, .., last] => {
                let has_year = [first, last].iter().any(|part| part.len() == 4);
                let is_part = |part: &&str| is_blank_part(part) || is_number(part);
                let is_filled = parts.iter().all(|part| is_number(part));
                let is_blank = !is_filled && parts.len() < 4 && parts.iter().all(is_part);
                has_year && (is_blank || is_filled && is_no_day(&parts))
            }
        };
        is_unfilled.then(|| start..start + word.len())
    })
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a part is a placeholder for digits, alone or after some: `XX`, `??`, `1x`, `MM`.
fn is_blank_part(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
    let first = rest.chars().next();
    first.is_some_and(|first| "x?nymdtj#_".contains(first) && rest.chars().all(|c| c == first))
        && part.len() <= 4
        && (rest.len() == part.len() || first.is_some_and(|first| "x?#_".contains(first)))
}

/// Whether three numbers are no year, month and day in any order: `2026-13-45`, `2026-00-00`.
fn is_no_day(parts: &[&str]) -> bool {
    let others = match parts {
        [year, others @ ..] | [others @ .., year] if year.len() == 4 && others.len() == 2 => others,
        _ => return false,
    };
    let mut numbers = others.iter().filter_map(|part| part.parse::<u32>().ok());
    let (Some(one), Some(other)) = (numbers.next(), numbers.next()) else {
        return false;
    };
    let (low, high) = (one.min(other), one.max(other));
    low == 0 || low > 12 || high > 31
}

/// The date at the beginning of a text.
pub(super) fn leading(text: &str) -> Option<WrittenDate> {
    leading_in(text, |_| true)
}

fn leading_in(text: &str, wanted: impl Fn(&str) -> bool) -> Option<WrittenDate> {
    let (start, weekday) = weekday(text);
    let forms = FORMS.iter().filter(|form| wanted(form));
    let found = forms.filter_map(|form| Some((parsed(&text[start..], form)?, *form)));
    let longest = found.rev().max_by_key(|((length, _), _)| *length);
    let ((length, day), form) = longest?;
    Some(WrittenDate {
        at: 0..start + length,
        day,
        form,
        weekday,
        padded: padding(&text[start..start + length]),
    })
}

/// Length and form of the weekday at the beginning of a text, including the space after it.
fn weekday(text: &str) -> (usize, String) {
    const DAYS: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &text[..letters];
    let gap = text[letters..]
        .bytes()
        .take_while(|byte| matches!(byte, b',' | b' ' | b'.'))
        .count();
    let form = match word {
        _ if gap == 0 => return (0, String::new()),
        _ if DAYS.contains(&word) => "%A",
        _ if DAYS.iter().any(|day| day[..3] == *word) => "%a",
        _ => return (0, String::new()),
    };
    (
        letters + gap,
        format!("{form}{}", &text[letters..letters + gap]),
    )
}

/// Length and day of the date at the beginning of a text, in the given form.
fn parsed(text: &str, form: &str) -> Option<(usize, Option<String>)> {
    let found = if form.contains('@') {
        ORDINALS
            .iter()
            .find_map(|ending| prefix(text, &form.replace('@', ending)))
    } else {
        prefix(text, form)
    };
    let (length, day) = found?;
    let goes_on = text[length..]
        .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.' && form == "%Y%m%d");
    (!goes_on).then_some((length, day))
}

fn prefix(text: &str, form: &str) -> Option<(usize, Option<String>)> {
    // Cheap checks first: most forms begin with a digit, and most texts do not.
    let begins_with_name = matches!(&form[..2], "%B" | "%b");
    if begins_with_name != text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    if begins_with_name && !begins_with_month(text) {
        return None;
    }
    if form.starts_with("%Y") && !text.as_bytes().get(..4)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (time, length) = BrokenDownTime::parse_prefix(form, text).ok()?;
    let is_month = !form.contains("%d") && time.month().is_some();
    let date = time.to_date().ok();
    let year = if is_month {
        time.year()
    } else {
        date.map(Date::year)
    };
    let is_plausible = year.is_some_and(|year| (1980..2200).contains(&year));
    is_plausible.then(|| (length, date.map(|date| date.to_string())))
}

/// Whether a text may begin with the name of a month.
fn begins_with_month(text: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let start = text.get(..3);
    start.is_some_and(|start| MONTHS.iter().any(|month| month.eq_ignore_ascii_case(start)))
}

/// Whether the days and months of a date are written with two digits; `None` if that cannot be seen.
fn padding(text: &str) -> Option<bool> {
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let mut short = numbers.filter(|number| matches!(number.len(), 1 | 2));
    short.find_map(|number| match number.as_bytes() {
        [_] => Some(false),
        [b'0', _] => Some(true),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_day_is_written_as_the_old_one() {
        for (text, old, new) in [
            ("(2024-01-05)", "2024-01-05", "2026-11-09"),
            ("2024/1/5", "2024/1/5", "2026/11/9"),
            ("2024.01.05.", "2024.01.05", "2026.11.09"),
            ("on July 24, 2026", "July 24, 2026", "November 9, 2026"),
            ("Jan 05, 2024", "Jan 05, 2024", "Nov 09, 2026"),
            ("Jan 15th 2024", "Jan 15th 2024", "Nov 9th 2026"),
            ("5 January 2024", "5 January 2024", "9 November 2026"),
            ("25.12.2024", "25.12.2024", "09.11.2026"),
            ("12/25/2024", "12/25/2024", "11/09/2026"),
            ("25/12/2024", "25/12/2024", "09/11/2026"),
            ("20240105", "20240105", "20261109"),
            ("(Tue, Jul 18 2023)", "Tue, Jul 18 2023", "Mon, Nov 9 2026"),
            ("Fri Jan 05 2024", "Fri Jan 05 2024", "Mon Nov 09 2026"),
            ("2024年1月5日", "2024年1月5日", "2026年11月9日"),
            ("(May 2024)", "May 2024", "November 2026"),
            ("05-Jan-2024", "05-Jan-2024", "09-Nov-2026"),
        ] {
            let found = find(text).expect(text);
            assert_eq!(&text[found.at.clone()], old);
            assert_eq!(found.write("2026-11-09"), new, "{text}");
        }
        for text in [
            "1.2.3",
            "2024",
            "May",
            "12",
            "2024-13-05",
            "v20.1.2024",
            "#12345678",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_that_nobody_has_filled_in_is_a_placeholder() {
        for (text, found) in [
            ("- 2026-XX-XX", "2026-XX-XX"),
            ("(2026-MM-DD)", "2026-MM-DD"),
            ("- 2026-??", "2026-??"),
            ("2026-1x-??.", "2026-1x-??"),
            ("- YYYY-MM-DD", "YYYY-MM-DD"),
            ("????-??-??", "????-??-??"),
            ("DD.MM.YYYY", "DD.MM.YYYY"),
            ("2026/11/xx", "2026/11/xx"),
            ("2026-13-45", "2026-13-45"),
            ("2026-00-00", "2026-00-00"),
            ("XX November 2026", "XX"),
        ] {
            let at = placeholder(text).expect(text);
            assert_eq!(&text[at], found);
        }
        for text in [
            "- 2026-11-30",
            "2026-25-12",
            "30.11.2026",
            "2026",
            "2026-11",
            "May 2026",
            "Q1 2026",
            "1.2.3",
            "2026-11-30-x",
            "2026-1-rc1",
            "compare/v1.0.0...v1.1.0",
            "x",
            "-",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }

    #[test]
    fn other_dates_tell_day_and_month_apart() {
        let others = ["1.0 (3/4/2024)", "0.9 (25/12/2023)"];
        let found = find_among("05/06/2024", others.iter().copied()).unwrap();
        assert_eq!(found.write("2026-11-09"), "09/11/2026");
    }
}
