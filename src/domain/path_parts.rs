//! Globs over paths, matched part by part. The cost is the number of names times the number of parts, for any glob: a set of positions in
//! the glob moves along the path, and nothing is tried twice. (The `glob` crate backtracks for every `*`, so that `**/*/**/*/**/x` takes
//! longer with every directory than with all directories before it. So it only ever matches one name.)

use glob::{MatchOptions, Pattern};

/// Whether `*`, `?`, `[…]` and `**` match a dot at the start of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadingDots {
    /// As in shells: only a dot that is written in the pattern matches.
    Literal,
    Any,
}

/// A compiled glob.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathParts(Vec<GlobPart>);

/// Progress of a path in a glob: the parts that may be next, in order. The number of parts means that all are matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached(Vec<usize>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum GlobPart {
    /// `**`: any number of directories; at the end, everything below.
    Folders,
    Literal(String),
    Names(NamePattern),
}

/// Names that one part of a glob matches. The text before its first and after its last special character is compared first: matching a name
/// character by character takes ten times as long.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamePattern {
    /// Text of the part. A name that is equal to it matches, too: a directory may be called `[slug]`.
    text: String,
    start: String,
    end: String,
    /// `None` for a single `*` between the two, and for a part that is not a glob.
    pattern: Option<Pattern>,
    is_star: bool,
}

impl PathParts {
    /// Compiles a glob. An invalid part matches nothing.
    pub fn compile(glob: &str) -> PathParts {
        let mut parts: Vec<GlobPart> = Vec::new();
        for text in glob.split('/').filter(|text| !text.is_empty()) {
            let part = GlobPart::compile(text);
            // `**/**` is the same as `**`.
            if part != GlobPart::Folders || parts.last() != Some(&GlobPart::Folders) {
                parts.push(part);
            }
        }
        PathParts(parts)
    }

    /// Progress before the first name of a path.
    pub fn start(&self) -> Reached {
        let mut reached = Reached(Vec::new());
        self.add(0, &mut reached);
        reached
    }

    /// Progress after one more name of the path.
    pub fn step(&self, from: &Reached, name: &str, dots: LeadingDots) -> Reached {
        let mut reached = Reached(Vec::new());
        for at in &from.0 {
            match self.0.get(*at) {
                Some(GlobPart::Folders) if dots == LeadingDots::Any || !name.starts_with('.') => {
                    self.add(*at, &mut reached);
                    if *at + 1 == self.0.len() {
                        reached.0.push(*at + 1);
                    }
                }
                Some(GlobPart::Literal(text)) if text == name => self.add(*at + 1, &mut reached),
                Some(GlobPart::Names(names)) if names.match_name(name, dots) => {
                    self.add(*at + 1, &mut reached);
                }
                _ => {}
            }
        }
        reached.0.sort_unstable();
        reached.0.dedup();
        reached
    }

    /// Adds a position, and the positions that need no name: `**` also matches no directory at all, unless it is last.
    fn add(&self, at: usize, reached: &mut Reached) {
        reached.0.push(at);
        if self.0.get(at) == Some(&GlobPart::Folders) && at + 1 < self.0.len() {
            reached.0.push(at + 1);
        }
    }

    /// Names to look up instead of searching: those of the next parts that are literal.
    pub fn literals<'p>(&'p self, at: &Reached) -> impl Iterator<Item = &'p str> + use<'p> {
        let next: Vec<&'p str> =
            at.0.iter()
                .filter_map(|at| match self.0.get(*at) {
                    Some(GlobPart::Literal(text)) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
        next.into_iter()
    }

    /// Whether the next names must be found by listing the directory.
    pub fn searches(&self, at: &Reached) -> bool {
        let is_search = |part: &GlobPart| !matches!(part, GlobPart::Literal(_));
        at.0.iter().any(|at| self.0.get(*at).is_some_and(is_search))
    }

    /// Whether a path with this progress matches.
    pub fn is_match(&self, at: &Reached) -> bool {
        at.0.last() == Some(&self.0.len())
    }

    /// Whether a longer path can match.
    pub fn goes_on(&self, at: &Reached) -> bool {
        at.0.first().is_some_and(|first| *first < self.0.len())
    }

    /// Whether a whole path matches.
    pub fn matches(&self, path: &str, dots: LeadingDots) -> bool {
        let mut at = self.start();
        for name in path.split('/') {
            at = self.step(&at, name, dots);
            if at.0.is_empty() {
                return false;
            }
        }
        self.is_match(&at)
    }
}

impl GlobPart {
    fn compile(text: &str) -> GlobPart {
        match text {
            "**" => GlobPart::Folders,
            _ if text.contains(['*', '?', '[']) => GlobPart::Names(NamePattern::compile(text)),
            _ => GlobPart::Literal(text.to_owned()),
        }
    }
}

/// Whether a part of a glob is a name with at most one `*`, and therefore always valid.
pub fn is_plain(part: &str) -> bool {
    !part.contains(['?', '[', ']']) && part.matches('*').count() <= 1
}

/// Whether a file name matches one part of a glob.
pub fn name_matches(name: &str, part: &str, dots: LeadingDots) -> bool {
    NamePattern::compile(part).match_name(name, dots)
}

impl NamePattern {
    fn compile(part: &str) -> NamePattern {
        let special = ['*', '?', '[', ']'];
        let start = part.find(special).unwrap_or(part.len());
        let end = part.rfind(special).map_or(start, |last| last + 1);
        let is_star = &part[start..end] == "*";
        NamePattern {
            text: part.to_owned(),
            start: part[..start].to_owned(),
            end: part[end..].to_owned(),
            pattern: if is_star {
                None
            } else {
                Pattern::new(part).ok()
            },
            is_star,
        }
    }

    fn match_name(&self, name: &str, dots: LeadingDots) -> bool {
        let options = MatchOptions {
            require_literal_leading_dot: dots == LeadingDots::Literal,
            ..MatchOptions::default()
        };
        let rest = name.strip_prefix(self.start.as_str());
        let between = rest.and_then(|rest| rest.strip_suffix(self.end.as_str()));
        let hides = |between: &str| {
            dots == LeadingDots::Literal && self.start.is_empty() && between.starts_with('.')
        };
        let is_match = |between: &str| match &self.pattern {
            Some(pattern) => pattern.matches_with(name, options),
            None => self.is_star && !hides(between),
        };
        between.is_some_and(is_match) || name == self.text
    }
}

/// Path without `.` and empty parts: `./news/` is `news`.
pub fn plain(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn options(dots: LeadingDots) -> MatchOptions {
        MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: dots == LeadingDots::Literal,
        }
    }

    proptest! {
        #[test]
        fn names_are_those_that_the_library_matches(part in r"[ab.*?\[\]!-]{0,6}", name in r"[ab.]{0,6}") {
            let pattern = Pattern::new(&part);
            let expected = pattern.is_ok_and(|pattern| pattern.matches_with(&name, options(LeadingDots::Literal)));
            prop_assert_eq!(name_matches(&name, &part, LeadingDots::Literal), expected);
        }

        #[test]
        fn paths_are_those_that_the_library_matches(
            glob in r"(\*\*|[ab]|\*|a\*|\*b|\?|\*a\*|[.]a)(/(\*\*|[ab]|\*|a\*|\*b|\?|\*a\*)){0,5}",
            path in r"[.]?[ab]{1,2}(/[ab]{1,2}){0,6}",
        ) {
            let expected = Pattern::new(&glob).unwrap().matches_with(&path, options(LeadingDots::Any));
            prop_assert_eq!(PathParts::compile(&glob).matches(&path, LeadingDots::Any), expected);
        }
    }

    /// The `glob` crate needs more than an hour for any of these.
    #[test]
    fn no_glob_goes_back() {
        let deep = ["a"; 200].join("/");
        for glob in [
            ["**/*"; 30].join("/") + "/b",
            ["**/a"; 30].join("/") + "/b",
            ["**/*a*"; 30].join("/") + "/b",
        ] {
            assert!(
                !PathParts::compile(&glob).matches(&deep, LeadingDots::Any),
                "{glob}"
            );
        }
        let long = "a".repeat(200);
        let stars = "*a".repeat(60);
        assert!(!PathParts::compile(&(stars + "*/b")).matches(&(long + "/c"), LeadingDots::Any));
    }
}
