//! Front matter of a release spec: separated from the body, with one key changed. A value that would not read back the same is refused.

use crate::domain::spec::body;
use crate::domain::spec::spoken::date_of;
use crate::domain::yaml::{self, Node};

/// `text` with a key of its front matter set to one line. The comment after the value is kept; a new key is added last.
///
/// # Errors
/// Fails if the front matter is missing or broken, or if the value spans several lines.
pub fn with_key(text: &str, key: &str, value: &str) -> Result<String, String> {
    let parts = FrontParts::cut(text)?;
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = parts.node()?;
    let line = format!("{key}: {}", scalar(value));
    let mut lines: Vec<String> = parts.front.lines().map(str::to_owned).collect();
    match key_line(parts.front, key) {
        None => lines.push(line),
        Some(at) => {
            let old = &lines[at];
            let comment = old.find(" #").map_or("", |comment| {
                let comment = old[..comment].trim_end().len();
                &old[comment..]
            });
            lines[at] = format!("{line}{comment}");
        }
    }
    let front: String = lines.iter().map(|line| format!("{line}{eol}")).collect();
    let others = |node: &Node| match node {
        Node::Map(pairs) => pairs.iter().filter(|(k, _)| k != key).cloned().collect(),
        _ => Vec::new(),
    };
    let after = yaml::mapping(&front).ok();
    match after {
        Some(after)
            if after.get(key).and_then(Node::text) == Some(value)
                && others(&before) == others(&after) =>
        {
            Ok([parts.head, &front, parts.fence, parts.body].concat())
        }
        _ => {
            let at = key_line(parts.front, key).unwrap_or(0);
            Err(format!(
                "line {}: `{key}` cannot be set; write it as `{key}: value` in one line",
                at + 2
            ))
        }
    }
}

/// A file split at its fences.
pub struct FrontParts<'t> {
    /// Opening fence with its line end.
    pub head: &'t str,
    pub front: &'t str,
    pub fence: &'t str,
    pub body: &'t str,
}

impl<'t> FrontParts<'t> {
    pub fn cut(text: &'t str) -> Result<FrontParts<'t>, String> {
        let (_, body, above) =
            body::split(text).map_err(|e| format!("line {}: {}", e.line, e.message))?;
        if above == 0 {
            return Err("line 1: there is no front matter; begin the file with lines `---`, `type: task`, `---`".into());
        }
        let first = text.find('\n').map_or(text.len(), |at| at + 1);
        let (head, rest) = text.split_at(first);
        let (inside, body) = rest.split_at(rest.len() - body.len());
        let fence = inside
            .trim_end_matches(['\n', '\r'])
            .rfind('\n')
            .map_or(0, |at| at + 1);
        let (front, fence) = inside.split_at(fence);
        Ok(FrontParts {
            head,
            front,
            fence,
            body,
        })
    }

    pub fn node(&self) -> Result<Node, String> {
        yaml::mapping(self.front).map_err(|e| format!("line {}: {}", e.line + 1, e.message))
    }
}

/// Line of a top-level key.
pub fn key_line(front: &str, key: &str) -> Option<usize> {
    front.lines().position(|line| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with(':'))
    })
}

/// A YAML scalar, quoted unless it is plain in every reading (YAML 1.2, section 7.3.3).
pub fn scalar(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let dated = date_of(value).is_some() && value.ends_with('Z');
    let begins = value.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
    if dated || (begins && value.chars().all(plain)) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "''"))
}
