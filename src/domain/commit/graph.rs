//! The history of commits, read only as far as needed: the commits that one commit has and another one lacks.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;

/// The data of a commit that a walk needs.
#[derive(Debug, Clone)]
pub struct WalkCommit<K> {
    /// Committer time, seconds since 1970.
    pub time: i64,
    pub parents: Vec<K>,
}

/// The commits read so far.
pub struct Graph<K, L> {
    nodes: Vec<GraphNode<K>>,
    places: HashMap<K, usize>,
    load: L,
}

struct GraphNode<K> {
    id: K,
    time: i64,
    /// Keys of the parents, until they are needed.
    named: Vec<K>,
    /// Places of the parents, once they are needed.
    parents: Vec<usize>,
}

/// Commits on each side of a comparison. Each list has children before parents, and newer before older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides<K> {
    /// Commits that only the first one has.
    pub ahead: Vec<K>,
    /// Commits that only the second one has.
    pub behind: Vec<K>,
    /// All common commits that were seen, newest first.
    pub common: Vec<K>,
}

impl<K> Default for Sides<K> {
    fn default() -> Sides<K> {
        Sides {
            ahead: Vec::new(),
            behind: Vec::new(),
            common: Vec::new(),
        }
    }
}

const FIRST: u8 = 1;
const SECOND: u8 = 2;
const BOTH: u8 = FIRST | SECOND;

/// git's own allowance for clocks that ran backwards (revision.c, SLOP).
const SLOP: usize = 5;

/// The colours of one walk.
#[derive(Default)]
struct Walk {
    flags: Vec<u8>,
    done: Vec<bool>,
    queue: BinaryHeap<(i64, Reverse<usize>)>,
    /// Number of queued commits that only one side has, as far as is known.
    waiting: usize,
    /// Time of the oldest commit that only one side has; `earliest` also counts commits that end a side.
    oldest: i64,
    earliest: i64,
    /// Number of further commits to visit although nothing can change.
    slop: usize,
}

/// The position of a commit in the history of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Unreleased,
    /// The commit is a release, or in the history of one.
    Released,
}

/// The history of a commit, as far as it was needed.
pub struct Ancestry {
    walk: Walk,
    is_over: bool,
}

impl Ancestry {
    /// Whether no commit of this age can be unreleased, or be the release that ends the unreleased commits.
    pub fn ends_after(&self, time: i64) -> bool {
        self.is_over && time < self.walk.earliest.saturating_sub(DAY)
    }
}

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

impl<K: Copy + Eq + Ord + Hash, L: FnMut(K) -> Result<WalkCommit<K>, E>, E> Graph<K, L> {
    /// An empty graph; `load` reads a commit.
    pub fn new(load: L) -> Self {
        Graph {
            nodes: Vec::new(),
            places: HashMap::new(),
            load,
        }
    }

    fn place(&mut self, id: K) -> Result<usize, E> {
        if let Some(at) = self.places.get(&id) {
            return Ok(*at);
        }
        let link = (self.load)(id)?;
        let at = self.nodes.len();
        self.places.insert(id, at);
        self.nodes.push(GraphNode {
            id,
            time: link.time,
            named: link.parents,
            parents: Vec::new(),
        });
        Ok(at)
    }

    /// Finds the parents of a commit, and returns their number.
    fn resolve(&mut self, at: usize) -> Result<usize, E> {
        for id in std::mem::take(&mut self.nodes[at].named) {
            let place = self.place(id)?;
            self.nodes[at].parents.push(place);
        }
        Ok(self.nodes[at].parents.len())
    }

    /// Time and parents of a commit.
    ///
    /// # Errors
    /// Fails if `load` fails.
    pub fn commit(&mut self, id: K) -> Result<WalkCommit<K>, E> {
        let at = self.place(id)?;
        self.resolve(at)?;
        let GraphNode { time, parents, .. } = &self.nodes[at];
        Ok(WalkCommit {
            time: *time,
            parents: parents.iter().map(|at| self.nodes[*at].id).collect(),
        })
    }

    /// The commits that each of two commits has and the other lacks; without a second one, all commits of the first. The cost depends on
    /// the length of the lists, not of the history. Like git's own walk, it continues past the common commits as long as dates allow that a
    /// commit of one side also belongs to the other (git's `still_interesting`).
    ///
    /// # Errors
    /// Fails if `load` fails.
    pub fn sides(&mut self, first: K, second: Option<K>) -> Result<Sides<K>, E> {
        let mut walk = self.begin(first)?;
        if let Some(second) = second {
            let second = self.place(second)?;
            walk.paint(&self.nodes, second, SECOND);
        }
        while self.step(&mut walk, &|_| false)? {}
        Ok(Sides {
            ahead: self.in_order(&walk, FIRST),
            behind: self.in_order(&walk, SECOND),
            common: self.in_order(&walk, BOTH),
        })
    }

    fn begin(&mut self, head: K) -> Result<Walk, E> {
        let start = self.place(head)?;
        let mut walk = Walk {
            oldest: i64::MAX,
            earliest: i64::MAX,
            slop: SLOP,
            ..Walk::default()
        };
        walk.paint(&self.nodes, start, FIRST);
        Ok(walk)
    }

    /// Visits the next commit. Returns false if there is none, or none that could matter.
    fn step(&mut self, walk: &mut Walk, is_second: &impl Fn(K) -> bool) -> Result<bool, E> {
        let Some((time, Reverse(at))) = walk.queue.pop() else {
            return Ok(false);
        };
        let is_end = is_second(self.nodes[at].id);
        if is_end {
            walk.paint(&self.nodes, at, SECOND);
        }
        walk.done[at] = true;
        let flags = walk.flags[at];
        if flags != BOTH {
            walk.waiting -= 1;
            walk.oldest = walk.oldest.min(time);
        }
        if is_end || flags != BOTH {
            walk.earliest = walk.earliest.min(time);
        }
        for parent in 0..self.resolve(at)? {
            let parent = self.nodes[at].parents[parent];
            walk.paint(&self.nodes, parent, flags);
        }
        let next = walk.queue.peek();
        let may_change = next.is_some_and(|(next, _)| *next >= walk.oldest);
        match (walk.waiting, may_change) {
            (0, true) => {}
            (0, false) if walk.slop == 0 => return Ok(false),
            (0, false) => walk.slop -= 1,
            _ => walk.slop = SLOP,
        }
        Ok(true)
    }

    /// The history of a commit, with nothing read yet.
    ///
    /// # Errors
    /// Fails if `load` fails.
    pub fn ancestry(&mut self, head: K) -> Result<Ancestry, E> {
        let walk = self.begin(head)?;
        Ok(Ancestry {
            walk,
            is_over: false,
        })
    }

    /// The position of a commit in such a history, in which releases end the unreleased commits. Reads back to the age of the commit, plus
    /// a day and some commits, as git does, because clocks differ.
    ///
    /// # Errors
    /// Fails if `load` fails.
    pub fn find(
        &mut self,
        ancestry: &mut Ancestry,
        id: K,
        is_release: impl Fn(K) -> bool,
    ) -> Result<Option<Standing>, E> {
        let at = self.place(id)?;
        let until = self.nodes[at].time.saturating_sub(DAY);
        let Ancestry { walk, is_over } = ancestry;
        let mut slop = SLOP;
        while let (false, Some((time, _))) = (*is_over, walk.queue.peek()) {
            match (*time >= until, slop) {
                (true, _) => slop = SLOP,
                (false, 0) => break,
                (false, _) => slop -= 1,
            }
            *is_over = !self.step(walk, &is_release)?;
        }
        *is_over |= walk.queue.is_empty();
        Ok(match walk.flags.get(at).copied() {
            Some(FIRST) => Some(Standing::Unreleased),
            Some(BOTH) => Some(Standing::Released),
            _ => None,
        })
    }

    /// The commits of one colour in date order, with every child before its parents (git's `--date-order`).
    fn in_order(&self, walk: &Walk, colour: u8) -> Vec<K> {
        let counts = |at: usize| walk.done.get(at) == Some(&true) && walk.is(at, colour);
        let all = || (0..walk.flags.len()).filter(|at| counts(*at));
        let parents = |at: usize| {
            self.nodes[at]
                .parents
                .iter()
                .copied()
                .filter(|at| counts(*at))
        };
        let mut children = vec![0_usize; self.nodes.len()];
        for parent in all().flat_map(parents) {
            children[parent] += 1;
        }
        let entry = |at: usize| (self.nodes[at].time, self.nodes[at].id, at);
        let mut queue: BinaryHeap<_> = all().filter(|at| children[*at] == 0).map(entry).collect();
        let mut commits = Vec::new();
        while let Some((_, id, at)) = queue.pop() {
            commits.push(id);
            for parent in parents(at) {
                children[parent] -= 1;
                if children[parent] == 0 {
                    queue.push(entry(parent));
                }
            }
        }
        commits
    }
}

impl Walk {
    fn is(&self, at: usize, colour: u8) -> bool {
        self.flags.get(at) == Some(&colour)
    }

    /// Colours a commit and its known ancestry.
    fn paint<K>(&mut self, nodes: &[GraphNode<K>], at: usize, colour: u8) {
        if self.flags.len() < nodes.len() {
            self.flags.resize(nodes.len(), 0);
            self.done.resize(nodes.len(), false);
        }
        let mut stack = vec![at];
        while let Some(at) = stack.pop() {
            let (old, new) = (self.flags[at], self.flags[at] | colour);
            if old == new {
                continue;
            }
            self.flags[at] = new;
            let is_queued = old != 0 && !self.done[at];
            if old == 0 {
                self.queue.push((nodes[at].time, Reverse(at)));
                self.waiting += usize::from(new != BOTH);
            } else if is_queued {
                self.waiting -= usize::from(new == BOTH);
            } else {
                stack.extend(&nodes[at].parents);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Edges<'a> = &'a [(&'a str, i64, &'a [&'a str])];

    fn sides<'a>(edges: Edges<'a>, first: &'a str, second: Option<&'a str>) -> Sides<&'a str> {
        let load = |id| {
            let (_, time, parents) = edges.iter().find(|(name, _, _)| *name == id).ok_or(())?;
            Ok::<_, ()>(WalkCommit {
                time: *time,
                parents: parents.to_vec(),
            })
        };
        Graph::new(load).sides(first, second).unwrap()
    }

    #[test]
    fn each_side_is_what_the_other_one_lacks() {
        // a - b - m - c ; a - h - m ; b - r
        let edges: Edges<'_> = &[
            ("a", 1, &[]),
            ("b", 2, &["a"]),
            ("h", 3, &["a"]),
            ("m", 4, &["b", "h"]),
            ("c", 5, &["m"]),
            ("r", 6, &["b"]),
        ];
        let found = sides(edges, "c", Some("r"));
        assert_eq!(
            (found.ahead, found.behind),
            (vec!["c", "m", "h"], vec!["r"])
        );
        let found = sides(edges, "c", Some("h"));
        assert_eq!((found.ahead, found.behind), (vec!["c", "m", "b"], vec![]));
        let found = sides(edges, "b", Some("c"));
        assert_eq!((found.ahead, found.behind), (vec![], vec!["c", "m", "h"]));
        assert_eq!(sides(edges, "c", None).ahead, ["c", "m", "h", "b", "a"]);
        assert_eq!(sides(edges, "c", Some("c")).ahead, [""; 0]);
    }

    #[test]
    fn commits_that_are_dated_before_their_parents_hide_no_release() {
        // Days apart: r is a release; b and c were made with a slow clock.
        let edges: Edges<'_> = &[
            ("a", 10 * DAY, &[]),
            ("r", 20 * DAY, &["a"]),
            ("b", 1, &["r"]),
            ("c", 2, &["b"]),
        ];
        let load = |id| {
            let (_, time, parents) = edges.iter().find(|(name, _, _)| *name == id).ok_or(())?;
            Ok::<_, ()>(WalkCommit {
                time: *time,
                parents: parents.to_vec(),
            })
        };
        let mut graph = Graph::new(load);
        let mut ancestry = graph.ancestry("c").unwrap();
        let found = graph.find(&mut ancestry, "r", |id| id == "r").unwrap();
        assert_eq!(found, Some(Standing::Released));
    }

    #[test]
    fn a_clock_that_ran_backwards_hides_nothing_wrongly() {
        // The second one's ancestor `x` is also reached by an old side branch with late dates.
        let edges: Edges<'_> = &[
            ("x", 100, &[]),
            ("y", 2, &["x"]),
            ("t", 3, &["y"]),
            ("s", 101, &["x"]),
            ("m", 102, &["t", "s"]),
        ];
        assert_eq!(sides(edges, "m", Some("t")).ahead, ["m", "s"]);
    }
}
