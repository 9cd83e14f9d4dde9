//! Task lists: whether all tasks are done.

use crate::domain::commit::id::may_name;

/// Whether a task list has checklist items and none is open. `- [ ]* task` is optional, `[-]` (Kiro) and `[~]` are in progress. Any other
/// mark is ignored: spec-kit's template explains `[P]` and `[US1]` in lines of that form.
pub(super) fn all_ticked(text: &str) -> bool {
    let mut boxes = 0;
    let mut fence = None;
    for line in text.lines().map(str::trim_start) {
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| line.starts_with(mark));
        if mark.is_some() && (fence.is_none() || fence == mark) {
            fence = if fence.is_none() { mark } else { None };
        }
        let Some(mark) = box_mark(line).filter(|_| fence.is_none()) else {
            continue;
        };
        boxes += 1;
        if mark == TaskMark::Open {
            return false;
        }
    }
    boxes > 0
}

/// Commits at the end of task lines, `- [x] Task: read it [4c315ce]`, and those in `[checkpoint: 99f2e43]`. Conductor writes them there.
pub(super) fn commits(text: &str) -> Vec<String> {
    let of_line = |line: &str| {
        let (_, last) = line.trim_end().strip_suffix(']')?.rsplit_once('[')?;
        let hash = last.trim_start_matches("checkpoint:").trim();
        may_name(hash).then(|| hash.to_lowercase())
    };
    text.lines().filter_map(of_line).collect()
}

#[derive(PartialEq, Eq)]
enum TaskMark {
    Open,
    /// Done or optional.
    Settled,
}

/// Mark of a checklist item, numbered or not.
fn box_mark(line: &str) -> Option<TaskMark> {
    let bare = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let bullets: &[char] = if bare.len() < line.len() {
        &['.', ')']
    } else {
        &['-', '*', '+']
    };
    let item = bare.strip_prefix(bullets)?;
    let inside = item.trim_start().strip_prefix('[')?;
    if inside.starts_with("] ") {
        return Some(TaskMark::Open);
    }
    let mark = inside
        .chars()
        .next()
        .filter(|_| item.starts_with([' ', '\t']))?;
    let behind = inside[mark.len_utf8()..].strip_prefix(']')?;
    let is_optional = behind.starts_with('*');
    if !is_optional && !behind.is_empty() && !behind.starts_with(char::is_whitespace) {
        return None;
    }
    match mark {
        'x' | 'X' => Some(TaskMark::Settled),
        ' ' | '-' if is_optional => Some(TaskMark::Settled),
        ' ' | '-' | '~' => Some(TaskMark::Open),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_at_the_ends_of_lines() {
        let text = "- [x] Task: read it [4c315ce]\n    - [x] Sub-task: [a-b] x\n## Phase 1 [checkpoint: 99f2e43]\n- [x] [deadbeef] no\n";
        assert_eq!(commits(text), ["4c315ce", "99f2e43"]);
    }

    #[test]
    fn tasks_are_boxes_and_nothing_else_is() {
        for (text, expected) in [
            ("- [x] a\n- [X] b\n  * [x] c\n1. [x] d\n2) [x] e\n", true),
            ("- [x] a\n- [ ]* optional\n", true),
            (
                "- [x] a\n- [P] tasks = different files\n- [US1] story\n- [x](address) link\n- [Story]: x\n",
                true,
            ),
            (
                "- [x] a\n\n```\n- [ ] sample\n```\n\n~~~\n```\n- [ ] sample\n~~~\n",
                true,
            ),
            ("- [x] a\n- [ ] b\n", false),
            ("- [x] a\n- [-] b\n", false),
            ("- [x] a\n- [~] b\n", false),
            ("- [x] a\n- [] b\n", false),
            ("- [x] a\n3. [ ] b\n", false),
            ("- [x] a\n  - [ ]\n", false),
            ("no boxes at all\n-[x] none\n[x] none\n", false),
            ("", false),
        ] {
            assert_eq!(all_ticked(text), expected, "{text}");
        }
    }
}
