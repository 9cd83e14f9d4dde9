//! Components whose versions stay together.

use semver::Version;
use serde::Deserialize;

/// How far two versions are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    Major,
    Minor,
    /// All of it.
    Version,
}

impl Depth {
    /// The least version that is the same as `version` so far.
    fn floor(self, version: &Version) -> Version {
        match self {
            Depth::Major => Version::new(version.major, 0, 0),
            Depth::Minor => Version::new(version.major, version.minor, 0),
            Depth::Version => version.clone(),
        }
    }
}

/// A component before a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignedComponent {
    pub name: String,
    /// Its newest release.
    pub last: Option<Version>,
    /// What it would be released as on its own; `None` if it is not released.
    pub next: Option<Version>,
}

impl AlignedComponent {
    fn reaches(&self) -> Option<&Version> {
        self.next.as_ref().or(self.last.as_ref())
    }
}

/// Lifts members that fall behind a released one that they are tied to, as far as they are tied; says who lifted whom. A member that is
/// not released, but is lifted, is released as well.
pub fn align(
    members: &mut [AlignedComponent],
    ties: &[(String, String, Depth)],
) -> Vec<(String, String)> {
    let mut lifted = Vec::new();
    // Each round lifts somebody to a version that is there already, so it ends.
    loop {
        let before = lifted.len();
        for (one, other, depth) in ties {
            for (low, high) in [(one, other), (other, one)] {
                let leader = members.iter().find(|m| m.name == *high);
                let Some(target) = leader.and_then(|m| m.next.as_ref()).map(|v| depth.floor(v))
                else {
                    continue;
                };
                let follower = members.iter_mut().find(|m| m.name == *low);
                if let Some(follower) = follower
                    && follower.reaches().is_none_or(|version| *version < target)
                {
                    follower.next = Some(target);
                    lifted.push((low.clone(), high.clone()));
                }
            }
        }
        if lifted.len() == before {
            return lifted;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn aligned(
        members: &[(&str, &str, Option<&str>)],
        ties: &[(&str, &str, Depth)],
    ) -> Vec<String> {
        let mut members: Vec<AlignedComponent> = members
            .iter()
            .map(|(name, last, next)| AlignedComponent {
                name: (*name).into(),
                last: Some(v(last)),
                next: next.map(v),
            })
            .collect();
        let ties: Vec<_> = ties
            .iter()
            .map(|(a, b, depth)| ((*a).to_owned(), (*b).to_owned(), *depth))
            .collect();
        align(&mut members, &ties);
        let released = members
            .iter()
            .filter_map(|m| Some(format!("{} {}", m.name, m.next.as_ref()?)));
        released.collect()
    }

    #[test]
    fn who_is_tied_keeps_up() {
        let minor = [("frontend", "backend", Depth::Minor)];
        assert_eq!(
            aligned(
                &[
                    ("backend", "1.2.3", Some("1.3.0")),
                    ("frontend", "1.2.0", None)
                ],
                &minor
            ),
            ["backend 1.3.0", "frontend 1.3.0"]
        );
        assert_eq!(
            aligned(
                &[
                    ("backend", "1.2.3", Some("1.2.4")),
                    ("frontend", "1.2.0", None)
                ],
                &minor
            ),
            ["backend 1.2.4"]
        );
        assert_eq!(
            aligned(
                &[
                    ("backend", "1.2.3", Some("1.2.4")),
                    ("frontend", "1.2.0", Some("1.3.0"))
                ],
                &minor
            ),
            ["backend 1.3.0", "frontend 1.3.0"]
        );
        assert_eq!(
            aligned(
                &[
                    ("a", "1.2.3", Some("2.0.0")),
                    ("b", "1.0.0", Some("1.0.1")),
                    ("c", "0.9.0", None)
                ],
                &[("b", "a", Depth::Major), ("c", "b", Depth::Version)]
            ),
            ["a 2.0.0", "b 2.0.0", "c 2.0.0"]
        );
        assert_eq!(
            aligned(
                &[("a", "1.0.0", Some("1.0.1")), ("b", "1.0.0", None)],
                &[("b", "a", Depth::Version)]
            ),
            ["a 1.0.1", "b 1.0.1"]
        );
    }
}
