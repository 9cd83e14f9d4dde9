//! reStructuredText in fragments: underlined headings and comments. Everything else is unchanged.

/// Text with its headings as `### Heading`, without comments and anchors, as scriv reads it (`format_rst.py`): the character of the first
/// underline marks categories, and the last line above an underline is the heading.
pub fn headed(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut mark: Option<char> = None;
    for line in text.lines() {
        let line = line.trim_end();
        if is_comment(line) || is_anchor(line) {
            continue;
        }
        let underline = underline_of(line).filter(|c| mark.is_none_or(|mark| mark == *c));
        if let (Some(c), Some(above)) = (underline, lines.last_mut())
            && !above.is_empty()
        {
            *above = format!("### {above}");
            mark = Some(c);
            lines.push(String::new());
            continue;
        }
        lines.push(line.to_owned());
    }
    lines.join("\n")
}

/// Character of a line that repeats it at least three times.
fn underline_of(line: &str) -> Option<char> {
    let first = line.chars().next().filter(char::is_ascii_punctuation)?;
    (line.len() >= 3 && line.chars().all(|c| c == first)).then_some(first)
}

/// Whether a line `.. text` is a comment: not a target, footnote, substitution or directive.
fn is_comment(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("..") else {
        return false;
    };
    let is_other = [".", " _", " [", " |"]
        .iter()
        .any(|start| rest.starts_with(start));
    let is_directive = rest.strip_prefix(' ').is_some_and(|rest| {
        let name = rest.split("::").next().unwrap_or("");
        let is_name = |c: char| c.is_alphanumeric() || "_+:.-".contains(c);
        rest.contains("::") && !name.is_empty() && name.chars().all(is_name)
    });
    !is_other && !is_directive
}

/// Whether a line is an anchor: `.. _name:`
fn is_anchor(line: &str) -> bool {
    let name = line
        .strip_prefix(".. _")
        .and_then(|rest| rest.strip_suffix(':'));
    name.is_some_and(|name| !name.contains([' ', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_marked_and_comments_go() {
        let text = ".. A new scriv changelog fragment.\n..\n.. Added\n.. -----\n..\n\nFixed\n-----\n\n- A ``lock`` was lost:\n\n  .. code-block:: sh\n\n      x\n\n.. _anchor:\n\nAdded\n-----\n\n- b\n";
        assert_eq!(
            headed(text),
            "\n### Fixed\n\n\n- A ``lock`` was lost:\n\n  .. code-block:: sh\n\n      x\n\n\n### Added\n\n\n- b"
        );
    }
}
