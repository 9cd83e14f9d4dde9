//! Alignment of components: versions that stay together, and components that follow a package that they require.

use semver::{Prerelease, Version};
use serde::Deserialize;

use crate::domain::spec::package_rules::{DependantRules, UpdatedDependants};
use crate::domain::version::file::npm_range;
use crate::domain::version::{Level, Weight, between, free, line, next, step};

/// How far two versions are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    Major,
    Minor,
    /// All of it.
    Version,
}

impl Depth {
    /// Lowest version that is the same as `version` up to this depth.
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
    /// Newest release of the component.
    pub last: Option<Version>,
    /// Version of its next release, by its own changes; `None` if it is not released.
    pub next: Option<PlannedVersion>,
    /// Version that its own changes ask for, if it is released only because of another component.
    pub own: Option<PlannedVersion>,
    /// Every version that is tagged.
    pub taken: Vec<Version>,
}

/// Planned version of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedVersion {
    pub version: Version,
    /// Level for users; in a group it may be lower than the step from the component's own last version.
    pub level: Level,
}

impl AlignedComponent {
    fn lifted_by(&self, high: &AlignedComponent, to: PlannedVersion) -> Lift {
        Lift {
            low: self.name.clone(),
            high: high.name.clone(),
            to,
        }
    }

    fn reaches(&self) -> Option<&Version> {
        let next = self.next.as_ref().map(|next| &next.version);
        next.or(self.last.as_ref())
    }

    /// Raises the component to a version. Returns whether that changes anything.
    fn lift(&mut self, to: PlannedVersion) -> bool {
        let known = self.next.take();
        self.next = known.iter().cloned().chain([to]).reduce(PlannedVersion::or);
        self.next != known
    }

    /// Version after its last one for a change of this weight, or for its own changes if they ask for more. `None` before its first
    /// release, which a person must make.
    fn after(&self, weight: Weight) -> Option<PlannedVersion> {
        let last = self.last.as_ref()?;
        let (version, _) = line::proposed(last, weight, &self.taken);
        let level = between(last, &version);
        let version = free(version, level, &self.taken);
        let asked = PlannedVersion { version, level };
        Some(self.own.iter().cloned().fold(asked, PlannedVersion::or))
    }
}

impl PlannedVersion {
    /// Planned version that is at least both.
    fn or(self, other: PlannedVersion) -> PlannedVersion {
        PlannedVersion {
            version: self.version.max(other.version),
            level: self.level.max(other.level),
        }
    }
}

/// A constraint that keeps the versions of components together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tie {
    /// Two components share this much of their version.
    Shares(String, String, Depth),
    /// One component requires a package of another one.
    Requires(Requirement),
    /// A group that is released with one version.
    Group(VersionGroup),
}

/// Components that get one version: the next version of the highest one, for the highest level that any of them asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionGroup {
    pub names: Vec<String>,
    /// Whether all are released as soon as one is; if not, only those that are released share the version.
    pub is_whole: bool,
}

impl VersionGroup {
    fn lifts(&self, members: &[AlignedComponent]) -> Vec<Lift> {
        let named = |member: &&AlignedComponent| self.names.contains(&member.name);
        let all: Vec<&AlignedComponent> = members.iter().filter(named).collect();
        let released = all.iter().filter_map(|one| Some((*one, one.next.clone()?)));
        let released: Vec<(&AlignedComponent, PlannedVersion)> = released.collect();
        let leader = released.iter().max_by_key(|(_, next)| next.level);
        let highest = all.iter().max_by_key(|one| &one.last);
        let (Some((leader, _)), Some(highest)) = (leader, highest) else {
            return Vec::new();
        };
        let joining = all.iter().filter(|one| self.is_whole && one.next.is_none());
        let own = joining.filter_map(|one| one.own.clone());
        let asked = released.iter().map(|(_, next)| next.clone()).chain(own);
        let Some(mut to) = asked.reduce(PlannedVersion::or) else {
            return Vec::new();
        };
        if let Some(last) = &highest.last {
            let taken: Vec<Version> = all.iter().flat_map(|one| one.taken.clone()).collect();
            let version = free(next(Some(last), to.level, None), to.level, &taken);
            to.version = to.version.max(version);
        }
        let lifted = all.iter().filter(|one| self.is_whole || one.next.is_some());
        lifted
            .map(|one| {
                let high = if one.name == leader.name {
                    highest
                } else {
                    leader
                };
                one.lifted_by(high, to.clone())
            })
            .collect()
    }
}

/// A requirement of a package of `low` on a package of `high`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub low: String,
    pub high: String,
    pub range: String,
    pub is_peer: bool,
    /// Version in the manifest of the required package.
    pub current: Option<Version>,
    /// Whether the package of `low` is a pre-release that a final version of `high` makes final, too.
    pub is_prepared: bool,
    pub rules: DependantRules,
}

impl Requirement {
    /// Weight of the change that a release of `high` causes in `low`, as in `changeset version` (`determineDependents` of
    /// @changesets/assemble-release-plan 6.0): a patch if the new version leaves the range. For a peer dependency it is a breaking change
    /// whatever the range, unless the release is a patch. `rules` may change this.
    fn asks(
        &self,
        low: &AlignedComponent,
        high: &AlignedComponent,
        pre: &Prerelease,
    ) -> Option<Weight> {
        let next = high.next.as_ref()?;
        let current = self.current.as_ref().or(high.last.as_ref())?;
        let last = high.last.as_ref().unwrap_or(current);
        let published = Version {
            pre: pre.clone(),
            ..next.version.clone()
        };
        let is_left = || {
            self.is_prepared && pre.is_empty()
                || npm_range::is_left(&self.range, current, last, &published)
        };
        let may_break = self.is_peer && next.level > Level::Patch;
        if may_break && (!self.rules.only_update_peer_dependents_when_out_of_range || is_left()) {
            return Some(Weight::Breaking);
        }
        let always = self.rules.update_internal_dependents == UpdatedDependants::Always;
        (low.next.is_none() && (always || is_left())).then_some(Weight::Fix)
    }
}

/// One component raised by another.
struct Lift {
    low: String,
    high: String,
    to: PlannedVersion,
}

impl Tie {
    /// Raises that the tie requires of its members in their current state.
    fn lifts(&self, members: &[AlignedComponent], pre: &Prerelease) -> Vec<Lift> {
        let find = |name: &str| members.iter().find(|member| member.name == name);
        match self {
            Tie::Group(group) => group.lifts(members),
            Tie::Shares(one, other, depth) => {
                let pairs = [(one, other), (other, one)].into_iter();
                let pairs = pairs.filter_map(|(low, high)| Some((find(low)?, find(high)?)));
                let lifts = pairs.filter_map(|(low, high)| {
                    let version = depth.floor(&high.next.as_ref()?.version);
                    let is_behind = low.reaches().is_none_or(|reached| *reached < version);
                    let level = step(low.last.as_ref(), &version);
                    is_behind.then(|| low.lifted_by(high, PlannedVersion { version, level }))
                });
                lifts.collect()
            }
            Tie::Requires(requirement) => {
                let pair = find(&requirement.low).zip(find(&requirement.high));
                let lift = pair.and_then(|(low, high)| {
                    let to = low.after(requirement.asks(low, high, pre)?)?;
                    Some(low.lifted_by(high, to))
                });
                lift.into_iter().collect()
            }
        }
    }
}

/// Raises members that are behind a released one, as far as they are tied to it; returns which member raised which. A member that is not
/// released, but is raised, is released as well. `pre` is the pre-release part of the new versions, newer than any existing one.
pub fn align(
    members: &mut [AlignedComponent],
    ties: &[Tie],
    pre: &Prerelease,
) -> Vec<(String, String)> {
    let mut lifted = Vec::new();
    // The loop ends: each round raises a member to an existing version, or to the one after its last for one of three levels.
    loop {
        let before = lifted.len();
        for tie in ties {
            for Lift { low, high, to } in tie.lifts(members, pre) {
                let mut members = members.iter_mut();
                let member = members.find(|member| member.name == low);
                if member.is_some_and(|member| member.lift(to)) {
                    lifted.push((low, high));
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

    fn planned(last: &str, next: &str) -> PlannedVersion {
        let version = v(next);
        let level = between(&v(last), &version);
        PlannedVersion { version, level }
    }

    fn member(name: &str, last: &str, next: Option<&str>) -> AlignedComponent {
        AlignedComponent {
            name: name.into(),
            last: Some(v(last)),
            next: next.map(|next| planned(last, next)),
            own: None,
            taken: Vec::new(),
        }
    }

    fn released(mut members: Vec<AlignedComponent>, ties: &[Tie], pre: &str) -> Vec<String> {
        align(&mut members, ties, &Prerelease::new(pre).unwrap());
        let released = members
            .iter()
            .filter_map(|m| Some(format!("{} {}", m.name, m.next.as_ref()?.version)));
        released.collect()
    }

    fn aligned(
        members: &[(&str, &str, Option<&str>)],
        ties: &[(&str, &str, Depth)],
    ) -> Vec<String> {
        let members = members.iter();
        let members = members.map(|(name, last, next)| member(name, last, *next));
        let ties = ties.iter();
        let ties = ties.map(|(a, b, depth)| Tie::Shares((*a).into(), (*b).into(), *depth));
        released(members.collect(), &ties.collect::<Vec<_>>(), "")
    }

    /// Requirements, each as `low range high`; a peer's range has the prefix `peer:`.
    fn requirements(all: &[&str]) -> Vec<Tie> {
        let read = |one: &&str| {
            let words: Vec<&str> = one.split(' ').collect();
            let range = words[1];
            Tie::Requires(Requirement {
                low: words[0].into(),
                high: words[2].into(),
                range: range.trim_start_matches("peer:").into(),
                is_peer: range.starts_with("peer:"),
                current: None,
                is_prepared: false,
                rules: DependantRules::default(),
            })
        };
        all.iter().map(read).collect()
    }

    #[test]
    fn who_requires_a_package_follows_it() {
        let four = |b: Option<&str>, a: Option<&str>| {
            vec![
                member("a", "1.0.0", a),
                member("b", "1.0.0", b),
                member("c", "1.0.0", None),
                member("zero", "0.3.0", None),
            ]
        };
        for (b, a, requires, pre, expected) in [
            ("1.1.0", None, vec!["a ^1.0.0 b"], "", "b 1.1.0"),
            ("2.0.0", None, vec!["a ^1.0.0 b"], "", "a 1.0.1, b 2.0.0"),
            (
                "2.0.0",
                Some("1.1.0"),
                vec!["a ^1.0.0 b"],
                "",
                "a 1.1.0, b 2.0.0",
            ),
            (
                "1.1.0",
                None,
                vec!["a ^1.0.0 b"],
                "rc.9",
                "a 1.0.1, b 1.1.0",
            ),
            (
                "1.1.0",
                None,
                vec!["a peer:^1.0.0 b"],
                "",
                "a 2.0.0, b 1.1.0",
            ),
            ("1.0.1", None, vec!["a peer:^1.0.0 b"], "", "b 1.0.1"),
            (
                "1.0.1",
                None,
                vec!["a peer:1.0.0 b"],
                "",
                "a 1.0.1, b 1.0.1",
            ),
            (
                "1.1.0",
                Some("1.0.1"),
                vec!["a peer:^1.0.0 b"],
                "",
                "a 2.0.0, b 1.1.0",
            ),
            (
                "1.1.0",
                None,
                vec!["zero peer:^1.0.0 b"],
                "",
                "b 1.1.0, zero 0.4.0",
            ),
            (
                "1.1.0",
                None,
                vec!["c ^1.0.0 a", "a peer:^1.0.0 b", "zero workspace:* c"],
                "",
                "a 2.0.0, b 1.1.0, c 1.0.1, zero 0.3.1",
            ),
            // Two components that require each other.
            (
                "2.0.0",
                None,
                vec!["a ^1.0.0 b", "b peer:^1.0.0 a"],
                "",
                "a 1.0.1, b 2.0.0",
            ),
        ] {
            let found = released(four(Some(b), a), &requirements(&requires), pre);
            assert_eq!(found.join(", "), expected, "{requires:?}");
        }
        let mut own = four(Some("2.0.0"), None);
        own[0].own = Some(planned("1.0.0", "1.1.0"));
        own[0].taken = vec![v("1.0.1"), v("1.1.0")];
        let ties = requirements(&["a ^1.0.0 b"]);
        assert_eq!(released(own, &ties, ""), ["a 1.1.0", "b 2.0.0"]);
        let mut first = four(Some("2.0.0"), None);
        first[0].last = None;
        assert_eq!(released(first, &ties, ""), ["b 2.0.0"]);
    }

    #[test]
    fn a_group_has_one_version() {
        let group = |names: &str, is_whole| {
            let names = names.split(' ').map(str::to_owned).collect();
            vec![Tie::Group(VersionGroup { names, is_whole })]
        };
        let three = |a: Option<&str>, b: Option<&str>| {
            vec![
                member("a", "1.0.0", a),
                member("b", "1.2.0", b),
                member("c", "3.0.0", None),
            ]
        };
        for (a, b, is_whole, expected) in [
            (Some("1.0.1"), None, true, "a 1.2.1, b 1.2.1"),
            (Some("1.1.0"), Some("1.2.1"), true, "a 1.3.0, b 1.3.0"),
            (Some("1.1.0"), Some("1.2.1"), false, "a 1.3.0, b 1.3.0"),
            (Some("1.1.0"), None, false, "a 1.3.0"),
            (None, Some("2.0.0"), false, "b 2.0.0"),
            (None, None, true, ""),
        ] {
            let found = released(three(a, b), &group("a b", is_whole), "");
            assert_eq!(found.join(", "), expected, "{a:?} {b:?} {is_whole}");
        }
        // A component that follows a member of a group raises its own group, too.
        let mut ties = group("b c", true);
        ties.extend(requirements(&["b ^1.0.0 a"]));
        let found = released(three(Some("2.0.0"), None), &ties, "");
        assert_eq!(found, ["a 2.0.0", "b 3.0.1", "c 3.0.1"]);
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
