//! Documents whose fenced blocks are run by tests.

/// A fenced block: its language, the words behind it, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub language: String,
    pub name: String,
    pub text: String,
    /// Number of its first line, from 0.
    pub line: usize,
}

/// Text below a second-level heading, or before the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    pub title: String,
    pub blocks: Vec<Block>,
}

/// The chapters that contain blocks, including blocks in comments, which are not rendered.
pub fn chapters(text: &str) -> Vec<Chapter> {
    let mut chapters = vec![Chapter {
        title: String::new(),
        blocks: Vec::new(),
    }];
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => {
                let blocks = &mut chapters.last_mut().unwrap().blocks;
                blocks.extend(open.take());
            }
            (Some(block), None) => block.text.push_str(&format!("{line}\n")),
            (None, Some(info)) => {
                let (language, name) = info.split_once(' ').unwrap_or((info, ""));
                open = Some(Block {
                    language: language.to_owned(),
                    name: name.to_owned(),
                    text: String::new(),
                    line: number + 1,
                });
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    chapters.push(Chapter {
                        title: title.to_owned(),
                        blocks: Vec::new(),
                    });
                }
            }
        }
    }
    chapters.retain(|chapter| !chapter.blocks.is_empty());
    chapters
}

/// Whether a text matches its documentation: `…` matches anything within a line, and on a line of its own any number of lines.
pub fn is_as_documented(documented: &str, text: &str) -> bool {
    let documented: Vec<&str> = documented.lines().collect();
    let text: Vec<&str> = text.lines().collect();
    lines_match(&documented, &text)
}

fn lines_match(documented: &[&str], text: &[&str]) -> bool {
    match (documented.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first.trim() == "…" => {
            (0..=text.len()).any(|skipped| lines_match(rest, &text[skipped..]))
        }
        (Some((first, documented)), Some((line, text))) => {
            line_matches(first, line) && lines_match(documented, text)
        }
        _ => false,
    }
}

/// Whether one line matches, with its `…`.
pub fn line_matches(documented: &str, line: &str) -> bool {
    let mut parts = documented.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
