//! Texts in a spec: its title, the text for users, and what it marks as breaking.

use crate::domain::spec::body;
use crate::domain::spec::fields;
use crate::domain::spec::notes::{self, Note};
use crate::domain::spec::source::Source;
use crate::domain::text::{inert, words};
use crate::domain::yaml::Node;

/// Title: from the places that the source defines, else made from the ID.
pub(super) fn title(
    source: &Source,
    front: &Node,
    heading: Option<&(String, String)>,
    id: &str,
) -> String {
    let found = source.title.iter().find_map(|place| match place.as_str() {
        "#" => heading.map(|(title, _)| title.as_str()),
        key => front.get(key).and_then(Node::text),
    });
    let title = match (&source.strip, found) {
        (Some(strip), Some(title)) => strip.stripped(title).trim().to_owned(),
        (_, title) => title.unwrap_or("").to_owned(),
    };
    let title = if title == id { String::new() } else { title };
    match (title.is_empty(), date_of(id)) {
        (false, _) => title,
        (true, Some(_)) => id.to_owned(),
        (true, None) => id.replace(['-', '_'], " "),
    }
}

/// Notes with what the spec marks as breaking: below its title if there are no other notes.
pub(super) fn with_breaking(
    source: &Source,
    body: &str,
    title: &str,
    mut told: Vec<Note>,
) -> Vec<Note> {
    if told.iter().any(|note| note.breaking) {
        return told;
    }
    let marked = source
        .breaking
        .iter()
        .filter_map(|name| body::section(body, name));
    let marked: Vec<Note> = marked.flat_map(|text| notes::read(&text)).collect();
    let marked = marked.iter().filter(|note| note.breaking);
    let marked: Vec<&str> = marked.map(|note| notes::unmarked(&note.text)).collect();
    let whole = match marked.as_slice() {
        [] => return told,
        [one] => (*one).to_owned(),
        several => several.join("\n\n"),
    };
    if told.is_empty() {
        told.push(Note {
            kind: None,
            word: None,
            breaking: true,
            text: words::capitalised(title),
        });
    }
    if let Some(first) = told.first_mut() {
        first.breaking = true;
        first.text = format!("{}\n\n{whole}", first.text);
    }
    told
}

/// Text for users; `None` if the spec says that there is none.
pub(super) fn notes(
    source: &Source,
    front: &Node,
    body: &str,
    heading: Option<&(String, String)>,
) -> Option<Vec<Note>> {
    for place in &source.text {
        let texts: Vec<String> = match place.as_str() {
            "*" => vec![body.to_owned()],
            "#" => {
                let whole = heading.map(|(title, rest)| format!("{title}\n\n{rest}"));
                let whole = whole.map(|text| inert::block(notes::alone(&text).trim()));
                let note = whole.map(|text| Note {
                    kind: None,
                    word: None,
                    breaking: notes::is_marked_breaking(&text),
                    text,
                });
                if let Some(note) = note.filter(|note| !note.text.is_empty()) {
                    return Some(vec![note]);
                }
                continue;
            }
            name if name.starts_with("##") => body::section(body, name).into_iter().collect(),
            text if text.contains('{') => fields::filled(text, front).into_iter().collect(),
            key => match front.get(key) {
                Some(Node::Text(text)) => vec![text.clone()],
                _ => {
                    let all = front.get(key).map(Node::texts).unwrap_or_default();
                    all.into_iter().map(str::to_owned).collect()
                }
            },
        };
        let found: Vec<Note> = texts.iter().flat_map(|text| notes::read(text)).collect();
        if !found.is_empty() {
            return Some(found);
        }
        if texts.iter().any(|text| words::is_comment(text.trim())) {
            return None;
        }
        // A fragment consists of its text only.
        let is_empty = place == "*" && notes::alone(body).trim().is_empty();
        if is_empty
            || texts
                .iter()
                .any(|text| words::is_nothing(&notes::alone(text)))
        {
            return None;
        }
    }
    Some(Vec::new())
}

/// Date at the beginning of an ID, `YYYY-MM-DD`. A `project-` or `repo:` prefix may come before it.
pub fn date_of(id: &str) -> Option<&str> {
    let bytes = id.as_bytes();
    let fits = |at: usize| {
        (0..10).all(|i| match (i, bytes.get(at + i)) {
            (4 | 7, Some(b)) => *b == b'-',
            (_, Some(b)) => b.is_ascii_digit(),
            (_, None) => false,
        })
    };
    let at = (0..id.len()).find(|at| {
        let boundary = *at == 0 || matches!(bytes[at - 1], b'-' | b':');
        boundary && fits(*at)
    })?;
    Some(&id[at..at + 10])
}
