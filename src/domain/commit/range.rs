//! Which commits are unreleased: reachable from HEAD and from no release tag that HEAD can reach.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;

use crate::domain::order;

/// What the walk needs to know of a commit.
#[derive(Debug, Clone)]
pub struct WalkCommit<K> {
    /// Committer time, seconds since the epoch.
    pub time: i64,
    pub parents: Vec<K>,
}

/// The unreleased commits and the release tags at their edge.
#[derive(Debug)]
pub struct Range<K> {
    /// Children before parents, newer before older.
    pub commits: Vec<K>,
    /// Released commits that the walk has seen, newest first.
    pub released: Vec<K>,
    /// Tagged commits where the walk met a release.
    pub edge: Vec<K>,
}

impl<K> Default for Range<K> {
    fn default() -> Self {
        Range {
            commits: Vec::new(),
            released: Vec::new(),
            edge: Vec::new(),
        }
    }
}

struct WalkNode<K> {
    id: K,
    time: i64,
    /// Places of its parents, once it is done.
    parents: Vec<usize>,
    /// What they are called until then.
    named: Vec<K>,
    hidden: bool,
    done: bool,
}

/// The commits that the walk has met, in the order in which it met them.
struct Graph<K> {
    nodes: Vec<WalkNode<K>>,
    places: HashMap<K, usize>,
}

impl<K: Copy + Eq + Hash> Graph<K> {
    fn add(&mut self, id: K, link: WalkCommit<K>, hidden: bool) -> usize {
        let at = self.nodes.len();
        self.places.insert(id, at);
        self.nodes.push(WalkNode {
            id,
            time: link.time,
            parents: Vec::new(),
            named: link.parents,
            hidden,
            done: false,
        });
        at
    }

    /// Marks a commit and what is known of its ancestry as released; says how many of them were still queued.
    fn hide(&mut self, at: usize) -> usize {
        let mut stack = vec![at];
        let mut queued = 0;
        while let Some(at) = stack.pop() {
            let node = &mut self.nodes[at];
            if !node.hidden {
                node.hidden = true;
                queued += usize::from(!node.done);
                stack.extend_from_slice(&node.parents);
            }
        }
        queued
    }
}

/// git's own allowance for clocks that ran backwards (revision.c, SLOP).
const SLOP: usize = 5;

/// A walk under way.
struct Walk<K> {
    graph: Graph<K>,
    /// Of one time the one that was met first.
    queue: BinaryHeap<(i64, Reverse<usize>)>,
    /// Queued commits that are not known to be released.
    waiting: usize,
    /// Time of the oldest unreleased commit.
    oldest: i64,
    /// So many commits are looked at although nothing is waiting.
    slop: usize,
}

impl<K: Copy + Eq + Hash> Walk<K> {
    /// Queues a commit.
    fn add(&mut self, id: K, link: WalkCommit<K>, hidden: bool) -> usize {
        let time = link.time;
        let at = self.graph.add(id, link, hidden);
        self.queue.push((time, Reverse(at)));
        self.waiting += usize::from(!hidden);
        at
    }

    /// Takes a commit from the queue. Says whether it is released.
    fn settle(&mut self, at: usize, is_release: bool) -> bool {
        let node = &mut self.graph.nodes[at];
        node.done = true;
        if !node.hidden {
            self.waiting -= 1;
            if is_release {
                node.hidden = true;
            } else {
                self.oldest = self.oldest.min(node.time);
            }
        }
        node.hidden
    }

    /// Whether what is queued is released for sure.
    fn is_over(&mut self) -> bool {
        if self.waiting > 0 {
            self.slop = SLOP;
            return false;
        }
        let next = self.queue.peek();
        if next.is_some_and(|(next, _)| *next >= self.oldest) {
            return false;
        }
        if self.slop == 0 {
            return true;
        }
        self.slop -= 1;
        false
    }
}

/// Walks back from `head` until only released history is left. Costs as much as there are unreleased
/// commits, however long the history is. Like git's own walk it goes on past the edge while commit dates
/// say that an unreleased commit could still turn out to be released (git's `still_interesting`).
///
/// # Errors
/// Those of `load`.
pub fn walk<K: Copy + Eq + Ord + Hash, E>(
    head: K,
    released: impl Fn(K) -> bool,
    mut load: impl FnMut(K) -> Result<WalkCommit<K>, E>,
) -> Result<Range<K>, E> {
    let mut walk = Walk {
        graph: Graph {
            nodes: Vec::new(),
            places: HashMap::new(),
        },
        queue: BinaryHeap::new(),
        waiting: 0,
        oldest: i64::MAX,
        slop: SLOP,
    };
    let mut edge = Vec::new();
    walk.add(head, load(head)?, false);
    while let Some((_, Reverse(at))) = walk.queue.pop() {
        let id = walk.graph.nodes[at].id;
        let is_release = released(id);
        if is_release {
            edge.push(id);
        }
        let is_hidden = walk.settle(at, is_release);
        for parent in std::mem::take(&mut walk.graph.nodes[at].named) {
            let place = match walk.graph.places.get(&parent).copied() {
                Some(known) => {
                    if is_hidden {
                        walk.waiting -= walk.graph.hide(known);
                    }
                    known
                }
                None => walk.add(parent, load(parent)?, is_hidden),
            };
            walk.graph.nodes[at].parents.push(place);
        }
        if walk.is_over() {
            break;
        }
    }
    let nodes = walk.graph.nodes;
    let mut released: Vec<&WalkNode<K>> = nodes.iter().filter(|n| n.done && n.hidden).collect();
    order::by(&mut released, |a, b| {
        b.time.cmp(&a.time).then_with(|| a.id.cmp(&b.id))
    });
    Ok(Range {
        commits: in_order(&nodes),
        released: released.into_iter().map(|node| node.id).collect(),
        edge,
    })
}

/// Unreleased commits in date order with every child before its parents (git's `--date-order`); the first node is HEAD.
fn in_order<K: Copy + Ord>(nodes: &[WalkNode<K>]) -> Vec<K> {
    let counts = |node: &WalkNode<K>| node.done && !node.hidden;
    let mut children = vec![0_usize; nodes.len()];
    for node in nodes.iter().filter(|node| counts(node)) {
        for parent in &node.parents {
            children[*parent] += 1;
        }
    }
    let mut queue = BinaryHeap::new();
    if let Some(head) = nodes.first().filter(|head| counts(head)) {
        queue.push((head.time, head.id, 0));
    }
    let mut commits = Vec::new();
    while let Some((_, id, at)) = queue.pop() {
        commits.push(id);
        for parent in &nodes[at].parents {
            children[*parent] -= 1;
            let node = &nodes[*parent];
            if children[*parent] == 0 && counts(node) {
                queue.push((node.time, node.id, *parent));
            }
        }
    }
    commits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph<'a>(
        edges: &[(&'a str, i64, &[&'a str])],
        tags: &[&str],
        head: &'a str,
    ) -> (Vec<String>, Vec<String>) {
        let load = |id| {
            let found = edges.iter().find(|(name, _, _)| *name == id);
            let (_, time, parents) = found.ok_or(())?;
            Ok::<_, ()>(WalkCommit {
                time: *time,
                parents: parents.to_vec(),
            })
        };
        let range = walk(head, |id| tags.contains(&id), load).unwrap();
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect();
        (owned(range.commits), owned(range.edge))
    }

    #[test]
    fn a_hotfix_that_was_merged_back_is_not_told_again() {
        // a(v1) - b - m - c ; a - h(v1.0.1) - m
        let edges: &[(&str, i64, &[&str])] = &[
            ("a", 1, &[]),
            ("b", 2, &["a"]),
            ("h", 3, &["a"]),
            ("m", 4, &["b", "h"]),
            ("c", 5, &["m"]),
        ];
        let (commits, edge) = graph(edges, &["a", "h"], "c");
        assert_eq!(commits, ["c", "m", "b"]);
        assert_eq!(edge, ["h", "a"]);
    }

    #[test]
    fn a_clock_that_ran_backwards_hides_nothing_wrongly() {
        // the tag's ancestor `x` is also reached by an old side branch with late dates
        let edges: &[(&str, i64, &[&str])] = &[
            ("x", 100, &[]),
            ("y", 2, &["x"]),
            ("t", 3, &["y"]),
            ("s", 101, &["x"]),
            ("m", 102, &["t", "s"]),
        ];
        assert_eq!(graph(edges, &["t"], "m").0, ["m", "s"]);
    }

    #[test]
    fn without_a_tag_all_history_is_unreleased() {
        let edges: &[(&str, i64, &[&str])] = &[("a", 1, &[]), ("b", 1, &["a"])];
        assert_eq!(graph(edges, &[], "b").0, ["b", "a"]);
        assert!(graph(edges, &["b"], "b").0.is_empty());
    }
}
