//! The previous release: the one before the release that HEAD will become.
//!
//! It is the highest release that HEAD can reach, unless a higher one was cut from HEAD's own line: on a release branch that was never
//! merged back, or, as in git-flow, by a merge on a branch of its own. A release of another line is never the previous one, whatever its
//! number: neither a newer line that took over a fix of this one, nor an older one that this line took a fix from.
//!
//! The decision uses only the commit graph and the version in HEAD's own files. So a detached checkout, another branch name and another
//! clone give the same answer.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

use semver::Version;

use crate::domain::commit::graph::{Ancestry, Graph, Sides, Standing, WalkCommit};
use crate::domain::order;
use crate::domain::version::core;

/// A release and its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedCommit<K> {
    pub id: K,
    pub version: Version,
}

/// Why a release is the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The highest release that HEAD can reach.
    Reachable,
    /// Cut from this line, on a branch that was not merged back.
    CutFromHere,
    /// A later patch of the release that this line continues.
    PatchOfSameLine,
    /// Merged from this line into a branch that has no commits of its own (git-flow).
    MergedFromHere,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Reachable => "the highest one in its history",
            Why::CutFromHere => "cut from this line of history, on a branch that is not merged back",
            Why::PatchOfSameLine => "a patch of the release that this line goes on from, on a branch that is not merged back",
            Why::MergedFromHere => "merged from this line of history into another branch",
        })
    }
}

/// The previous release: its index in the list, why it is the previous one, and the commits between it and HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous<K> {
    pub release: Option<(usize, Why)>,
    pub sides: Sides<K>,
}

/// Information that the graph does not contain. It is requested only if it matters, since files or messages have to be read for it.
pub trait Surroundings<K> {
    type Error;

    /// Version in HEAD's own files: current or next.
    fn own_version(&mut self) -> Result<Option<Version>, Self::Error>;

    /// Whether a commit was made by a release tool: a version bump, a release, a changelog.
    fn is_bookkeeping(&mut self, id: K) -> Result<bool, Self::Error>;

    /// Whether one of these commits adds a feature or breaks something.
    fn has_feature(&mut self, ids: &[K]) -> Result<bool, Self::Error>;
}

/// Finds the previous release. The cost is proportional to the commits between HEAD and the releases around it.
///
/// # Errors
/// Fails if the graph or `around` fails.
pub fn previous<K, L, S>(
    graph: &mut Graph<K, L>,
    head: K,
    releases: &[TaggedCommit<K>],
    around: &mut S,
) -> Result<Previous<K>, S::Error>
where
    K: Copy + Eq + Ord + Hash,
    L: FnMut(K) -> Result<WalkCommit<K>, S::Error>,
    S: Surroundings<K>,
{
    let mut tagged: HashMap<K, usize> = HashMap::new();
    for (at, release) in releases.iter().enumerate() {
        let known = *tagged.entry(release.id).or_insert(at);
        if releases[known].version < release.version {
            tagged.insert(release.id, at);
        }
    }
    // If HEAD is itself a release, it continues no other release.
    if let Some(at) = tagged.get(&head).copied() {
        let sides = graph.sides(head, Some(head))?;
        let release = Some((at, Why::Reachable));
        return Ok(Previous { release, sides });
    }
    let mut line = OwnLine {
        head,
        seen: graph.ancestry(head)?,
        versions: tagged
            .iter()
            .map(|(id, at)| (*id, &releases[*at].version))
            .collect(),
        ways: HashMap::new(),
    };
    let mut order: Vec<usize> = tagged.into_values().collect();
    order::by(&mut order, |a, b| {
        releases[*b].version.cmp(&releases[*a].version)
    });
    for at in order {
        let release = &releases[at];
        let found = match line.standing(graph, release.id)? {
            Some(_) => Some((Why::Reachable, graph.sides(head, Some(release.id))?)),
            None => line.has_cut(graph, release, around)?,
        };
        if let Some((why, sides)) = found {
            let release = Some((at, why));
            return Ok(Previous { release, sides });
        }
    }
    Ok(Previous {
        release: None,
        sides: graph.sides(head, None)?,
    })
}

/// HEAD's own line of development.
struct OwnLine<'r, K> {
    head: K,
    /// Commits of its history, up to the releases in it.
    seen: Ancestry,
    /// Versions of the commits with a tag.
    versions: HashMap<K, &'r Version>,
    /// Where the first parents of a commit lead, for the commits visited so far.
    ways: HashMap<K, Descent<K>>,
}

/// Where the first parents of a release lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Descent<K> {
    /// The commit of HEAD's line that they reach; `None` if they reach none.
    fork: Option<K>,
    /// Highest release that came this way so far.
    from: K,
    /// Whether releases of several lines are on it: then it is a trunk, not the branch of one release.
    is_trunk: bool,
}

impl<'r, K: Copy + Eq + Ord + Hash> OwnLine<'r, K> {
    /// Position of a commit in HEAD's history.
    fn standing<L, E>(&mut self, graph: &mut Graph<K, L>, id: K) -> Result<Option<Standing>, E>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, E>,
    {
        let versions = &self.versions;
        graph.find(&mut self.seen, id, |id| versions.contains_key(&id))
    }

    /// Whether a commit is on HEAD's line: unreleased, or the release that ends it.
    fn is_here<L, E>(&mut self, graph: &mut Graph<K, L>, id: K) -> Result<bool, E>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, E>,
    {
        Ok(match self.standing(graph, id)? {
            Some(Standing::Unreleased) => true,
            Some(Standing::Released) => self.versions.contains_key(&id),
            None => false,
        })
    }

    /// Why a release that HEAD cannot reach was cut from this line, if it was; and the commits that each side has and the other lacks.
    fn has_cut<L, S>(
        &mut self,
        graph: &mut Graph<K, L>,
        release: &TaggedCommit<K>,
        around: &mut S,
    ) -> Result<Option<(Why, Sides<K>)>, S::Error>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, S::Error>,
        S: Surroundings<K>,
    {
        let way = self.way(graph, release)?;
        let end = way.fork.and_then(|fork| self.versions.get(&fork).copied());
        let why = match (way.fork, end) {
            (Some(_), None) if way.is_trunk => return Ok(None),
            (Some(_), None) => Why::CutFromHere,
            (Some(_), Some(end)) if is_one_line(end, &release.version) => Why::PatchOfSameLine,
            _ if self.only_merges(graph, release.id, around)? => Why::MergedFromHere,
            _ => return Ok(None),
        };
        let sides = graph.sides(self.head, Some(release.id))?;
        let is_ours = match why {
            // If the release was cut from HEAD itself, there is nothing to compare.
            Why::CutFromHere => way.fork == Some(self.head) || !is_maintenance(&sides, around)?,
            Why::MergedFromHere => self.has_unreleased(graph, &sides.common)?,
            Why::PatchOfSameLine | Why::Reachable => true,
        };
        let is_ours = is_ours && !self.is_said_newer(graph, &release.version, around)?;
        Ok(is_ours.then_some((why, sides)))
    }

    /// Whether HEAD's own files say that a release is of a newer line. If they name a version that this line has already released, they say
    /// nothing about the next one.
    fn is_said_newer<L, S>(
        &mut self,
        graph: &mut Graph<K, L>,
        version: &Version,
        around: &mut S,
    ) -> Result<bool, S::Error>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, S::Error>,
        S: Surroundings<K>,
    {
        let own = around.own_version()?;
        match own.filter(|own| own < version && !is_one_line(own, version)) {
            Some(own) => Ok(!self.has_released(graph, &own)?),
            None => Ok(false),
        }
    }

    /// Whether a version was released in HEAD's history.
    fn has_released<L, E>(&mut self, graph: &mut Graph<K, L>, version: &Version) -> Result<bool, E>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, E>,
    {
        let mut tagged = self.versions.iter();
        let tagged = tagged.find(|(_, known)| ***known == core(version));
        match tagged.map(|(id, _)| *id) {
            Some(id) => Ok(self.standing(graph, id)?.is_some()),
            None => Ok(false),
        }
    }

    /// Where the first parents of a release lead.
    fn way<L, E>(
        &mut self,
        graph: &mut Graph<K, L>,
        release: &TaggedCommit<K>,
    ) -> Result<Descent<K>, E>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, E>,
    {
        let is_same = |other: &Version| is_one_line(other, &release.version);
        if let Some(known) = self.ways.get(&release.id) {
            // A higher release continues from here. If it is of another line, both are on a trunk.
            let above = self.versions.get(&known.from).copied();
            let is_trunk = known.is_trunk || !above.is_some_and(is_same);
            return Ok(Descent { is_trunk, ..*known });
        }
        let mut passed = Vec::new();
        let mut next = Some(release.id);
        let mut way = Descent {
            fork: None,
            from: release.id,
            is_trunk: false,
        };
        while let Some(id) = next {
            if let Some(known) = self.ways.get(&id) {
                way.fork = known.fork;
                break;
            }
            if self.is_here(graph, id)? {
                way.fork = Some(id);
                break;
            }
            way.is_trunk |= self.versions.get(&id).is_some_and(|other| !is_same(other));
            passed.push(id);
            next = self.parent_on_the_way(graph, id)?;
        }
        self.ways.extend(passed.into_iter().map(|id| (id, way)));
        Ok(way)
    }

    /// First parent of a commit; `None` if no commit of this line can follow.
    fn parent_on_the_way<L, E>(&self, graph: &mut Graph<K, L>, id: K) -> Result<Option<K>, E>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, E>,
    {
        let commit = graph.commit(id)?;
        let is_over = self.seen.ends_after(commit.time);
        Ok(commit.parents.first().copied().filter(|_| !is_over))
    }

    /// Whether a release's branch has merged others, and has no other commits than merges and bookkeeping.
    fn only_merges<L, S>(
        &mut self,
        graph: &mut Graph<K, L>,
        release: K,
        around: &mut S,
    ) -> Result<bool, S::Error>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, S::Error>,
        S: Surroundings<K>,
    {
        let mut has_merged = false;
        let mut next = Some(release);
        while let Some(id) = next {
            if self.is_here(graph, id)? {
                break;
            }
            let is_merge = graph.commit(id)?.parents.len() > 1;
            has_merged |= is_merge;
            if !is_merge && !around.is_bookkeeping(id)? {
                return Ok(false);
            }
            next = self.parent_on_the_way(graph, id)?;
        }
        Ok(has_merged)
    }

    /// Whether one of these commits is unreleased.
    fn has_unreleased<L, E>(&mut self, graph: &mut Graph<K, L>, ids: &[K]) -> Result<bool, E>
    where
        L: FnMut(K) -> Result<WalkCommit<K>, E>,
    {
        for id in ids {
            if self.standing(graph, *id)? == Some(Standing::Unreleased) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether HEAD is on a maintenance branch, and the release on the line that it left: only that line gets new features. A branch that was
/// made some commits after its release looks like a release branch, seen from the other side.
fn is_maintenance<K, S: Surroundings<K>>(
    sides: &Sides<K>,
    around: &mut S,
) -> Result<bool, S::Error> {
    Ok(!around.has_feature(&sides.ahead)? && around.has_feature(&sides.behind)?)
}

fn is_one_line(a: &Version, b: &Version) -> bool {
    (a.major, a.minor) == (b.major, b.minor)
}
#[cfg(test)]
mod tests {
    use super::*;

    /// Commits, the oldest first: name and parents. Their position is their time.
    type Commits<'a> = &'a [(&'a str, &'a [&'a str])];

    /// Version in HEAD's files.
    struct Files(Option<Version>);

    impl Surroundings<&str> for Files {
        type Error = ();

        fn own_version(&mut self) -> Result<Option<Version>, ()> {
            Ok(self.0.clone())
        }

        fn is_bookkeeping(&mut self, id: &str) -> Result<bool, ()> {
            Ok(id.starts_with("release"))
        }

        fn has_feature(&mut self, ids: &[&str]) -> Result<bool, ()> {
            Ok(ids.iter().any(|id| id.starts_with("feat")))
        }
    }

    fn decide<'a>(
        commits: Commits<'a>,
        tags: &[(&'a str, &str)],
        own: Option<&str>,
    ) -> (Option<(String, Why)>, Vec<&'a str>) {
        let load = |id: &'a str| {
            let at = commits.iter().position(|(name, _)| *name == id).ok_or(())?;
            Ok::<_, ()>(WalkCommit {
                time: 100_000 * at as i64,
                parents: commits[at].1.to_vec(),
            })
        };
        let version = |text: &str| Version::parse(text).unwrap();
        let releases: Vec<TaggedCommit<&str>> = tags
            .iter()
            .map(|(id, text)| TaggedCommit {
                id: *id,
                version: version(text),
            })
            .collect();
        let mut files = Files(own.map(version));
        let found = previous(&mut Graph::new(load), "HEAD", &releases, &mut files).unwrap();
        let release = found
            .release
            .map(|(at, why)| (releases[at].version.to_string(), why));
        (release, found.sides.ahead)
    }

    #[test]
    fn the_shapes_of_histories() {
        let cut = |version: &str| Some((version.to_owned(), Why::CutFromHere));
        let reached = |version: &str| Some((version.to_owned(), Why::Reachable));
        // One branch.
        let trunk: Commits<'_> = &[("a", &[]), ("b", &["a"]), ("HEAD", &["b"])];
        assert_eq!(
            decide(trunk, &[("a", "1.0.0")], None),
            (reached("1.0.0"), vec!["HEAD", "b"])
        );
        assert_eq!(decide(trunk, &[], None), (None, vec!["HEAD", "b", "a"]));
        // B1: a release branch that is never merged back.
        let branch: Commits<'_> = &[("a", &[]), ("b", &["a"]), ("r", &["b"]), ("HEAD", &["b"])];
        assert_eq!(
            decide(branch, &[("a", "8.3.0"), ("r", "9.0.0")], None),
            (cut("9.0.0"), vec!["HEAD"])
        );
        // The branch was cut at a release commit, and has fixes of its own.
        let patch = Some(("8.3.5".to_owned(), Why::PatchOfSameLine));
        let from_tag: Commits<'_> = &[("a", &[]), ("p", &["a"]), ("HEAD", &["a"])];
        assert_eq!(
            decide(from_tag, &[("a", "8.3.0"), ("p", "8.3.5")], None),
            (patch, vec!["HEAD"])
        );
        // A new line that began at a release commit is another line.
        assert_eq!(
            decide(from_tag, &[("a", "8.3.0"), ("p", "9.0.0")], None),
            (reached("8.3.0"), vec!["HEAD"])
        );
        // B2: maintenance merged forward: v1.1.0 does not have the fix.
        let forward: Commits<'_> = &[
            ("a", &[]),
            ("b", &["a"]),
            ("fix", &["a"]),
            ("c", &["b"]),
            ("HEAD", &["c", "fix"]),
        ];
        let tags = [("a", "1.0.0"), ("b", "1.1.0"), ("fix", "1.0.1")];
        assert_eq!(
            decide(forward, &tags, None),
            (reached("1.1.0"), vec!["HEAD", "c", "fix"])
        );
        // B4: HEAD is on the maintenance branch while newer lines are released.
        let maintenance: Commits<'_> = &[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &["b"]),
            ("m", &["a"]),
            ("HEAD", &["m"]),
        ];
        let tags = [("m", "1.25.0"), ("b", "1.26.0"), ("c", "1.27.0")];
        assert_eq!(
            decide(maintenance, &tags, None),
            (reached("1.25.0"), vec!["HEAD"])
        );
        // The same, and its fix was merged forward and released there.
        let taken: Commits<'_> = &[
            ("a", &[]),
            ("b", &["a"]),
            ("m", &["a"]),
            ("fix", &["m"]),
            ("c", &["b", "fix"]),
            ("d", &["c"]),
            ("HEAD", &["fix"]),
        ];
        let tags = [("m", "1.25.0"), ("b", "1.26.0"), ("d", "1.27.0")];
        assert_eq!(
            decide(taken, &tags, None),
            (reached("1.25.0"), vec!["HEAD", "fix"])
        );
        // A stable branch that was cut late: the two sides look alike, HEAD's own version decides.
        let stable: Commits<'_> = &[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &["b"]),
            ("d", &["c"]),
            ("HEAD", &["b"]),
        ];
        let tags = [("a", "1.0.0"), ("d", "2.0.0")];
        assert_eq!(
            decide(stable, &tags, Some("1.1.0")),
            (reached("1.0.0"), vec!["HEAD", "b"])
        );
        assert_eq!(decide(stable, &tags, None), (cut("2.0.0"), vec!["HEAD"]));
        // Only the other side has features: HEAD is on a maintenance branch, made a commit after its release.
        let late: Commits<'_> = &[
            ("a", &[]),
            ("b", &["a"]),
            ("feat", &["b"]),
            ("d", &["feat"]),
            ("HEAD", &["b"]),
        ];
        assert_eq!(
            decide(late, &[("a", "1.0.0"), ("d", "2.0.0")], None),
            (reached("1.0.0"), vec!["HEAD", "b"])
        );
        // Releases of several lines follow each other: that is a trunk, not the branch of one release.
        let trunk: Commits<'_> = &[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &["b"]),
            ("d", &["c"]),
            ("HEAD", &["b"]),
        ];
        let tags = [("a", "1.2.0"), ("c", "1.3.0"), ("d", "1.4.0")];
        assert_eq!(
            decide(trunk, &tags, None),
            (reached("1.2.0"), vec!["HEAD", "b"])
        );
        // git-flow: releases are merges on a branch of their own, with a fix on the release branch.
        let flow: Commits<'_> = &[
            ("a", &[]),
            ("f", &["a"]),
            ("fix", &["f"]),
            ("m", &["a", "fix"]),
            ("HEAD", &["f"]),
        ];
        let merged = Some(("1.1.0".to_owned(), Why::MergedFromHere));
        assert_eq!(
            decide(flow, &[("a", "1.0.0"), ("m", "1.1.0")], None),
            (merged, vec!["HEAD"])
        );
        // A next major on a branch of its own that keeps up with ours.
        let next: Commits<'_> = &[
            ("a", &[]),
            ("n", &["a"]),
            ("b", &["a"]),
            ("o", &["n", "b"]),
            ("HEAD", &["b"]),
        ];
        assert_eq!(
            decide(next, &[("a", "1.0.0"), ("o", "2.0.0")], None),
            (reached("1.0.0"), vec!["HEAD", "b"])
        );
        // HEAD is where the release branch was cut, and there is nothing new.
        let behind: Commits<'_> = &[("a", &[]), ("HEAD", &["a"]), ("r", &["HEAD"])];
        assert_eq!(
            decide(behind, &[("a", "1.0.0"), ("r", "1.1.0")], None),
            (cut("1.1.0"), vec![])
        );
        // A branch from before the last release was merged since then: its fork is released, although no tag is on the way.
        let old: Commits<'_> = &[
            ("a", &[]),
            ("s", &["a"]),
            ("b", &["a"]),
            ("h", &["b"]),
            ("m", &["b", "s"]),
            ("HEAD", &["m"]),
        ];
        let patch = Some(("1.1.1".to_owned(), Why::PatchOfSameLine));
        assert_eq!(
            decide(old, &[("b", "1.1.0"), ("h", "1.1.1")], None).0,
            patch
        );
    }
}
