//! Differences between two texts, line by line.

use std::fmt::Write;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::udiff::UnifiedHunkHeader;
use similar::{ChangeTag, DiffOp, group_diff_ops};

/// Lines of context around a change.
const CONTEXT: usize = 2;

/// Ranges of lines that are the same, changed, added and removed, as from `similar::capture_diff_slices`. That function selects the
/// algorithm at run time, so all five would be in the binary: a third of a megabyte.
pub fn ranges(before: &[&[u8]], after: &[&[u8]]) -> Vec<DiffOp> {
    let mut found = Compact::new(Replace::new(Capture::new()), before, after);
    let Ok(()) = myers::diff(&mut found, before, 0..before.len(), after, 0..after.len());
    found.into_inner().into_inner().into_ops()
}

/// A unified diff for `git apply`; empty if the texts are the same.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    let [before, after] =
        [before, after].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let [old, new] =
        [&before, &after].map(|lines| lines.iter().map(|line| line.as_bytes()).collect::<Vec<_>>());
    let mut out = String::new();
    for hunk in group_diff_ops(ranges(&old, &new), CONTEXT) {
        if out.is_empty() {
            out = format!("--- a/{path}\n+++ b/{path}\n");
        }
        let _ = writeln!(out, "{}", UnifiedHunkHeader::new(&hunk)); // a String takes everything
        for change in hunk.iter().flat_map(|op| op.iter_changes(&before, &after)) {
            let line: &str = change.value();
            out.push_str(match change.tag() {
                ChangeTag::Equal => " ",
                ChangeTag::Delete => "-",
                ChangeTag::Insert => "+",
            });
            out.push_str(line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_one_that_git_applies() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = "1\n2\n3\nfour\n5\n6\n7\n8\n9\nten";
        assert_eq!(
            unified("a b", before, after),
            "--- a/a b\n+++ b/a b\n@@ -2,5 +2,5 @@\n 2\n 3\n-4\n+four\n 5\n 6\n@@ -8,2 +8,3 @@\n 8\n 9\n+ten\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("a", before, before), "");
        assert_eq!(
            unified("a", "", "1\n"),
            "--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+1\n"
        );
    }
}
