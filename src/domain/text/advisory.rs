//! Names of security advisories: `CVE-2026-12345`, `GHSA-xxxx-xxxx-xxxx`, `RUSTSEC-2026-0001`, `PYSEC-2026-1`.

use std::ops::Range;

/// Databases that number their advisories by year, with the minimum number of digits.
const BY_YEAR: &[(&str, usize)] = &[("CVE-", 4), ("RUSTSEC-", 4), ("PYSEC-", 1)];

/// Range of the first advisory in a text.
pub fn find(text: &str) -> Option<Range<usize>> {
    let numbered = BY_YEAR.iter().find_map(|(name, least)| {
        let mut places = text.match_indices(name);
        places.find_map(|(at, _)| numbered(text, at, at + name.len(), *least))
    });
    numbered.or_else(|| {
        text.match_indices("GHSA-")
            .find_map(|(at, _)| github(text, at))
    })
}

fn numbered(text: &str, at: usize, start: usize, least: usize) -> Option<Range<usize>> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let year = digits(&text[start..]);
    let rest = text[start + year..].strip_prefix('-')?;
    let number = digits(rest);
    (year == 4 && number >= least).then_some(at..start + year + 1 + number)
}

fn github(text: &str, at: usize) -> Option<Range<usize>> {
    let end = at + "GHSA-xxxx-xxxx-xxxx".len();
    let groups = text.get(at + 5..end)?.split('-');
    let plain = |group: &str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_alphanumeric());
    (groups.clone().count() == 3 && groups.clone().all(plain)).then_some(at..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advisories_of_all_databases() {
        for (text, expected) in [
            ("see CVE-2026-12345)", Some("CVE-2026-12345")),
            ("GHSA-abcd-1234-wxyz: x", Some("GHSA-abcd-1234-wxyz")),
            ("bump x (RUSTSEC-2026-0001)", Some("RUSTSEC-2026-0001")),
            ("PYSEC-2026-7", Some("PYSEC-2026-7")),
            ("CVE-1 GHSA-abc RUSTSEC-2026 PYSEC-", None),
            ("CVE-2026-1", None),
        ] {
            assert_eq!(find(text).map(|at| &text[at]), expected, "{text}");
        }
    }
}
