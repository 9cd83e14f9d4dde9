//! Forms in which a project writes its versions: `1.2.3`, `25.2`, `24.01.0`, `1.2.3.4`, `8.0.0rc1`, `2.0.0-beta.3`.
//!
//! In any form, a version is a [`Version`] that compares correctly: parts by number, pre-releases by label and number (SemVer 11, PEP 440).
//! A text that is not a version in any of these forms is refused, never guessed: `v1`, `2024-01-05`, `latest`.

use semver::{BuildMetadata, Prerelease, Version};

/// Labels that may directly follow the number, without a dash (PEP 440, and variants of Maven and RubyGems).
const LABELS: &[&str] = &[
    "a",
    "alpha",
    "b",
    "beta",
    "c",
    "canary",
    "cr",
    "dev",
    "m",
    "milestone",
    "next",
    "pre",
    "preview",
    "rc",
    "snapshot",
];

/// Labels of versions that come after a final release with the same number (PEP 440, "Post-releases").
const POST: &[&str] = &["post", "rev", "patch", "p"];

/// Form of one version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Form {
    /// Separator between the numbers: `.`, or `_` in `REL_15_3`.
    between: char,
    /// Minimum count of numbers: 2 writes `25.2` for 25.2.0.
    parts: usize,
    /// Minimum digits of each number, if one has a leading zero: `24.01.0`.
    widths: [usize; 4],
    /// Text before the label of a pre-release, and between label and number: `-` and `.` in `-rc.1`.
    lead: String,
    glue: String,
    /// Label as it was written, if it is not in lower case.
    label: Option<String>,
}

impl Default for Form {
    /// Form of SemVer.
    fn default() -> Form {
        Form {
            between: '.',
            parts: 3,
            widths: [1; 4],
            lead: "-".to_owned(),
            glue: ".".to_owned(),
            label: None,
        }
    }
}

impl Form {
    /// Version in a text, and its form. `None` for any other text.
    pub fn read(text: &str) -> Option<(Version, Form)> {
        let (numbers, between, rest) = numbers(text)?;
        let mut form = Form {
            between,
            parts: numbers.len(),
            ..Form::default()
        };
        let mut parts = [0; 4];
        for (at, digits) in numbers.iter().enumerate() {
            parts[at] = digits.parse().ok()?;
            if digits.len() > 1 && digits.starts_with('0') {
                form.widths[at] = digits.len();
            }
        }
        let mut version = Version::new(parts[0], parts[1], parts[2]);
        if numbers.len() == 4 {
            version.build = BuildMetadata::new(&parts[3].to_string()).ok()?;
        }
        let (rest, build) = rest
            .split_once('+')
            .map_or((rest, None), |(rest, build)| (rest, Some(build)));
        if let Some(build) = build {
            version.build = BuildMetadata::new(build).ok()?;
        }
        if !rest.is_empty() {
            form.read_label(rest, &mut version)?;
        }
        Some((version, form))
    }

    /// Reads the text after the numbers.
    fn read_label(&mut self, rest: &str, version: &mut Version) -> Option<()> {
        let lead = &rest[..rest.len() - rest.trim_start_matches(['-', '.', '_']).len()];
        let word = &rest[lead.len()..];
        let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (label, behind) = word.split_at(letters);
        let glue = &behind[..behind.len() - behind.trim_start_matches(['-', '.', '_']).len()];
        let number = &behind[glue.len()..];
        let lower = label.to_ascii_lowercase();
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let is_single = glue.len() <= 1 && lead.len() <= 1;
        if is_single && is_number && POST.contains(&lower.as_str()) && lead != "-" {
            let number: u64 = number.parse().ok()?;
            version.build = BuildMetadata::new(&format!("{lower}.{number}")).ok()?;
        } else if is_single
            && (LABELS.contains(&lower.as_str()) || lead == "-" && !label.is_empty())
            && (is_number || behind.is_empty())
        {
            let pre = match number.parse::<u64>() {
                Ok(number) => format!("{lower}.{number}"),
                Err(_) => lower.clone(),
            };
            version.pre = Prerelease::new(&pre).ok()?;
        } else {
            // Any other pre-release must be valid in SemVer.
            let pre = rest.strip_prefix('-').filter(|pre| !pre.is_empty())?;
            version.pre = Prerelease::new(pre).ok()?;
            return Some(());
        }
        (self.lead, self.glue) = (lead.to_owned(), glue.to_owned());
        self.label = (lower != label).then(|| label.to_owned());
        Some(())
    }

    /// Text of a version in this form.
    pub fn write(&self, version: &Version) -> String {
        let fourth = version.build.as_str().parse::<u64>().ok();
        let numbers = [
            version.major,
            version.minor,
            version.patch,
            fourth.unwrap_or(0),
        ];
        let least = match fourth {
            Some(_) => 4,
            None if version.patch == 0 => self.parts.min(3),
            None => 3,
        };
        let numbers = numbers.iter().zip(self.widths).take(least);
        let numbers = numbers.map(|(number, width)| format!("{number:0width$}"));
        let mut text = numbers.collect::<Vec<_>>().join(&self.between.to_string());
        let (
            Form {
                lead, glue, label, ..
            },
            pre,
        ) = (self, version.pre.as_str());
        let labelled = |words: &str, own: &str| -> Option<String> {
            let (word, number) = words
                .split_once('.')
                .map_or((words, ""), |(word, number)| (word, number));
            let is_plain = word.bytes().all(|b| b.is_ascii_alphabetic())
                && number.bytes().all(|b| b.is_ascii_digit());
            let word = label
                .as_deref()
                .filter(|label| label.eq_ignore_ascii_case(word))
                .unwrap_or(word);
            let glue = if number.is_empty() { "" } else { glue.as_str() };
            is_plain.then(|| format!("{own}{word}{glue}{number}"))
        };
        if !pre.is_empty() {
            text.push_str(&labelled(pre, lead).unwrap_or_else(|| format!("-{pre}")));
        }
        match version.build.as_str() {
            build if build.is_empty() || fourth.is_some() => {}
            build if POST.iter().any(|post| build.starts_with(post)) => {
                text.push_str(&labelled(build, ".").unwrap_or_else(|| format!("+{build}")));
            }
            build => text.push_str(&format!("+{build}")),
        }
        text
    }

    /// The same form with dots between the numbers, for a changelog.
    pub fn dotted(self) -> Form {
        Form {
            between: '.',
            ..self
        }
    }
}

/// Version in a text, in any form.
pub fn read(text: &str) -> Option<Version> {
    Form::read(text).map(|(version, _)| version)
}

/// Whether two texts are the same version in different forms: `25.2` and `25.2.0`.
pub fn is_same(a: &str, b: &str) -> bool {
    a == b || read(a).is_some_and(|version| Some(version) == read(b))
}

/// The two to four numbers at the beginning of a text, their separator, and the text after them.
fn numbers(text: &str) -> Option<(Vec<&str>, char, &str)> {
    let mut numbers = Vec::new();
    let mut rest = text;
    let mut between = None;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        // A number of a version has at most nine digits; a longer one would be a date or a hash.
        if digits == 0 || digits > 9 {
            return None;
        }
        numbers.push(&rest[..digits]);
        rest = &rest[digits..];
        let mut next = rest.chars();
        let sign = next.next().filter(|sign| between.unwrap_or(*sign) == *sign);
        let Some(sign) = sign.filter(|sign| ['.', '_'].contains(sign)) else {
            break;
        };
        if numbers.len() == 4 || !next.next().is_some_and(|c| c.is_ascii_digit()) {
            break;
        }
        between = Some(sign);
        rest = &rest[1..];
    }
    (numbers.len() > 1).then_some((numbers, between?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts with the versions that they stand for.
    const WRITTEN: &[(&str, &str)] = &[
        ("1.2.3", "1.2.3"),
        ("25.2", "25.2.0"),
        ("24.01.0", "24.1.0"),
        ("2024.01.05", "2024.1.5"),
        ("1.2.3.4", "1.2.3+4"),
        ("1.2.3-rc.1", "1.2.3-rc.1"),
        ("1.2.3-rc1", "1.2.3-rc.1"),
        ("8.0.0rc1", "8.0.0-rc.1"),
        ("18.3a0", "18.3.0-a.0"),
        ("4.0.0.beta1", "4.0.0-beta.1"),
        ("5.0.0.M1", "5.0.0-m.1"),
        ("5.0.0-RC2", "5.0.0-rc.2"),
        ("2.14.0b1", "2.14.0-b.1"),
        ("1.0.0-next.5", "1.0.0-next.5"),
        ("1.0.0-beta", "1.0.0-beta"),
        ("2.4.0.dev3", "2.4.0-dev.3"),
        ("2.4.0.post1", "2.4.0+post.1"),
        ("1.0.0-beta.8-webpack.2", "1.0.0-beta.8-webpack.2"),
        ("1.0.0-0.3.7", "1.0.0-0.3.7"),
        ("1.0.0+build.5", "1.0.0+build.5"),
        ("1.0.0-alpha_1", "1.0.0-alpha.1"),
        ("7_81_0", "7.81.0"),
        ("15_3", "15.3.0"),
    ];

    #[test]
    fn a_version_is_written_as_it_was_read() {
        for (text, expected) in WRITTEN {
            let (version, form) = Form::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(version.to_string(), *expected, "{text}");
            assert_eq!(form.write(&version), *text);
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "1",
            "v1.2.3",
            "2024-01-05",
            "20240105",
            "latest",
            "1.2.3x",
            "1.2.",
            "1..2",
            "1.2.3.4.5",
            "1.2.3-",
            "1.2.3 final",
            "1.2-webpack_x",
        ] {
            assert_eq!(Form::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_form_of_one_version_writes_others() {
        for (form, version, expected) in [
            ("25.2", "26.0.0", "26.0"),
            ("25.2", "25.2.1", "25.2.1"),
            ("24.01.0", "24.12.0", "24.12.0"),
            ("24.01.0", "25.2.1", "25.02.1"),
            ("8.0.0rc1", "8.0.0-rc.2", "8.0.0rc2"),
            ("8.0.0rc1", "8.0.0-beta.1", "8.0.0beta1"),
            ("5.0.0.M1", "5.0.0-m.2", "5.0.0.M2"),
            ("1.2.3.4", "1.3.0", "1.3.0"),
            ("1.2.3", "1.3.0-rc.1", "1.3.0-rc.1"),
        ] {
            let (_, form) = Form::read(form).unwrap();
            assert_eq!(form.write(&Version::parse(version).unwrap()), expected);
        }
    }

    #[test]
    fn pre_releases_compare_by_number() {
        let order = [
            "1.0.0a1",
            "1.0.0b2",
            "1.0.0b10",
            "1.0.0rc1",
            "1.0.0rc9",
            "1.0.0rc10",
            "1.0.0",
            "1.0.0.post1",
            "1.0.1",
        ];
        let versions: Vec<Version> = order
            .iter()
            .map(|text| Form::read(text).unwrap().0)
            .collect();
        assert!(versions.is_sorted(), "{versions:?}");
        assert!(Form::read("1.2.3.9").unwrap().0 < Form::read("1.2.3.10").unwrap().0);
    }
}
