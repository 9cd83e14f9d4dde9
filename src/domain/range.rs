//! Which commits are unreleased: reachable from HEAD and from no release tag that HEAD can reach.

use std::collections::{BinaryHeap, HashMap};

use super::message::Commit;

/// The unreleased commits and the release tags at their edge.
#[derive(Debug, Default)]
pub struct Range {
    /// Children before parents, newer before older.
    pub commits: Vec<Commit>,
    /// Released commits that the walk has seen.
    pub released: Vec<Commit>,
    /// Tagged commits where the walk met a release.
    pub edge: Vec<String>,
}

struct Node {
    commit: Commit,
    hidden: bool,
    done: bool,
}

/// Walks back from `head` until only released history is left. Costs as much as there are unreleased
/// commits, however long the history is. Like git's own walk it goes on past the edge while commit dates
/// say that an unreleased commit could still turn out to be released (git's `still_interesting`).
///
/// # Errors
/// Those of `load`.
pub fn walk<E>(
    head: &str,
    released: impl Fn(&str) -> bool,
    mut load: impl FnMut(&str) -> Result<Commit, E>,
) -> Result<Range, E> {
    // git's own allowance for clocks that ran backwards (revision.c, SLOP).
    const SLOP: usize = 5;
    let mut nodes: HashMap<String, Node> = HashMap::new();
    let mut queue: BinaryHeap<(i64, std::cmp::Reverse<usize>, String)> = BinaryHeap::new();
    let mut edge = Vec::new();
    let mut sequence = 0;
    let mut waiting = 1usize; // queued commits that are not known to be released
    let mut oldest = i64::MAX;
    let mut slop = SLOP;
    let first = load(head)?;
    queue.push((first.time, std::cmp::Reverse(0), head.to_owned()));
    nodes.insert(head.to_owned(), node(first));

    while let Some((time, _, id)) = queue.pop() {
        let Some(current) = nodes.get_mut(&id) else {
            continue;
        };
        current.done = true;
        let was_hidden = current.hidden;
        if !was_hidden {
            waiting -= 1;
            if released(&id) {
                current.hidden = true;
            } else {
                oldest = oldest.min(time);
            }
        }
        let hidden = current.hidden;
        if hidden && released(&id) {
            edge.push(id.clone());
        }
        let parents = current.commit.parents.clone();
        for parent in parents {
            match nodes.get(&parent) {
                Some(known) if hidden && !known.hidden => {
                    waiting -= hide(&mut nodes, &parent);
                }
                Some(_) => {}
                None => {
                    let commit = load(&parent)?;
                    sequence += 1;
                    queue.push((commit.time, std::cmp::Reverse(sequence), parent.clone()));
                    nodes.insert(
                        parent,
                        Node {
                            hidden,
                            ..node(commit)
                        },
                    );
                    waiting += usize::from(!hidden);
                }
            }
        }
        if waiting == 0 {
            let still = queue.peek().is_some_and(|(next, _, _)| *next >= oldest);
            if !still {
                if slop == 0 {
                    break;
                }
                slop -= 1;
            }
        } else {
            slop = SLOP;
        }
    }
    let (hidden, nodes): (HashMap<_, _>, HashMap<_, _>) = nodes
        .into_iter()
        .filter(|(_, n)| n.done)
        .partition(|(_, n)| n.hidden);
    let mut released: Vec<Commit> = hidden.into_values().map(|node| node.commit).collect();
    released.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.id.cmp(&b.id)));
    Ok(Range {
        commits: in_order(nodes, head),
        released,
        edge,
    })
}

fn node(commit: Commit) -> Node {
    Node {
        commit,
        hidden: false,
        done: false,
    }
}

/// Marks a commit and what is known of its ancestry as released; says how many of them were still queued.
fn hide(nodes: &mut HashMap<String, Node>, id: &str) -> usize {
    let mut stack = vec![id.to_owned()];
    let mut queued = 0;
    while let Some(id) = stack.pop() {
        if let Some(node) = nodes.get_mut(&id).filter(|node| !node.hidden) {
            node.hidden = true;
            queued += usize::from(!node.done);
            if node.done {
                stack.extend(node.commit.parents.iter().cloned());
            }
        }
    }
    queued
}

/// Unreleased commits in date order with every child before its parents (git's `--date-order`).
fn in_order(mut nodes: HashMap<String, Node>, head: &str) -> Vec<Commit> {
    let mut children: HashMap<String, usize> = HashMap::with_capacity(nodes.len());
    for node in nodes.values() {
        for parent in &node.commit.parents {
            *children.entry(parent.clone()).or_default() += 1;
        }
    }
    let mut queue = BinaryHeap::new();
    if let Some(node) = nodes.get(head) {
        queue.push((node.commit.time, head.to_owned()));
    }
    let mut commits = Vec::with_capacity(nodes.len());
    while let Some((_, id)) = queue.pop() {
        let Some(node) = nodes.remove(&id) else {
            continue;
        };
        for parent in &node.commit.parents {
            if let Some(left) = children.get_mut(parent) {
                *left -= 1;
                if let (0, Some(parent_node)) = (*left, nodes.get(parent)) {
                    queue.push((parent_node.commit.time, parent.clone()));
                }
            }
        }
        commits.push(node.commit);
    }
    commits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(
        edges: &[(&str, i64, &[&str])],
        tags: &[&str],
        head: &str,
    ) -> (Vec<String>, Vec<String>) {
        let load = |id: &str| {
            let (_, time, parents) = edges.iter().find(|(name, _, _)| *name == id).ok_or(())?;
            Ok::<_, ()>(Commit {
                id: id.into(),
                parents: parents.iter().map(|p| (*p).into()).collect(),
                author: String::new(),
                time: *time,
                message: Default::default(),
                paths: vec![],
            })
        };
        let range = walk(head, |id| tags.contains(&id), load).unwrap();
        (
            range.commits.into_iter().map(|c| c.id).collect(),
            range.edge,
        )
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
