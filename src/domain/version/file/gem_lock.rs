//! Gemfile.lock: the entries of gems in the same repository, which are below `PATH`.

use std::ops::Range;

use regex_lite::Regex;
use semver::Version;

use crate::domain::version::file::edit::{Replacement, applied};
use crate::domain::version::file::known::ruby;
use crate::domain::version::form::Form;

/// Sets the version of these gems, and in entries that require exactly that version.
pub fn bump(text: &str, to: &Version, gems: &[String]) -> String {
    let own: Vec<(&str, &str)> = entries(text, r"(?m)^    ([\w.-]+) \(([^)\s]+)\)\r?$", gems)
        .into_iter()
        .map(|(name, at)| (name, &text[at]))
        .collect();
    // `    lamp (0.1.0)`, `      lamp (= 0.1.0)`, and `  lamp (0.1.0)` below CHECKSUMS.
    let all = entries(text, r"(?m)^ +([\w.-]+) \((?:= )?([^)\s]+)\)\r?$", gems);
    let all = all
        .into_iter()
        .filter(|(name, at)| own.contains(&(name, &text[at.clone()])));
    let edits = all.map(|(_, at)| Replacement { at, text: ruby(to) });
    applied(text, edits.collect())
}

/// Versions of these gems in a lock file.
pub fn locked(text: &str, gems: &[String]) -> Vec<Version> {
    let own = entries(text, r"(?m)^    ([\w.-]+) \(([^)\s]+)\)\r?$", gems);
    let versions = own.into_iter().filter_map(|(_, at)| Form::read(&text[at]));
    versions.map(|(version, _)| version).collect()
}

fn entries<'t>(text: &'t str, pattern: &str, gems: &[String]) -> Vec<(&'t str, Range<usize>)> {
    let Ok(pattern) = Regex::new(pattern) else {
        return Vec::new();
    };
    let found = pattern.captures_iter(text).filter_map(|found| {
        let (name, version) = (found.get(1)?.as_str(), found.get(2)?.range());
        gems.iter()
            .any(|gem| gem == name)
            .then_some((name, version))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_own_gems_change() {
        let text = "PATH\n  remote: .\n  specs:\n    lamp (0.1.0)\n      lamp-core (= 0.1.0)\n      rack (= 0.1.0)\n    lamp-core (0.1.0)\n\nGEM\n  specs:\n    rack (0.1.0)\n\nDEPENDENCIES\n  lamp!\n\nCHECKSUMS\n  lamp (0.1.0)\n  rack (0.1.0) sha256=x\n";
        let gems = ["lamp".to_owned(), "lamp-core".to_owned()];
        let to = Version::parse("0.2.0-rc.1").unwrap();
        let expected = text
            .replace("lamp (0.1.0)", "lamp (0.2.0.rc1)")
            .replace("lamp-core (0.1.0)", "lamp-core (0.2.0.rc1)")
            .replace("lamp-core (= 0.1.0)", "lamp-core (= 0.2.0.rc1)");
        let after = bump(text, &to, &gems);
        assert_eq!(after, expected);
        assert_eq!(locked(&after, &gems), [to.clone(), to]);
    }
}
