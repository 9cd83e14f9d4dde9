//! Kind of change that a spec names.

use crate::domain::entry::kind::{Kind, Meaning};
use crate::domain::pattern::word_fits;
use crate::domain::spec::source::Source;
use crate::domain::yaml::{Node, YamlError};

/// Whether a label or a type means that users have to do something.
pub fn is_breaking(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "breaking" | "breaking-change")
}

/// Kind of change that a path names.
pub fn kind_of_path(source: &Source, kind: &str) -> Result<Meaning, YamlError> {
    meaning_of(source, [kind].into_iter()).ok_or_else(|| YamlError {
        line: 1,
        message: format!(
            "`{kind}` is no kind of change; name it in `types` or in a category, or `exclude` the file"
        ),
    })
}

/// Kind of change from the first place in the spec that names one.
pub fn told_kind(source: &Source, front: &Node, title: &str, id: &str) -> Option<Meaning> {
    source.kind.iter().find_map(|place| match place.as_str() {
        "#" => {
            let (named, rest) = Kind::leading(title).unzip();
            let verb = || Kind::of_title(rest.unwrap_or(title));
            let kind = named.or_else(|| is_task(title).then_some(Kind::Internal));
            kind.or_else(verb).map(Meaning::from)
        }
        "id" => Kind::of_name(&id.replace(['-', '_'], " ")).map(Meaning::from),
        key => meaning_of(source, words_at(front, key).into_iter()),
    })
}

/// Whether a title describes work that changes nothing for users.
fn is_task(title: &str) -> bool {
    const VERBS: &[&str] = &[
        "audit",
        "discuss",
        "evaluate",
        "investigate",
        "research",
        "review",
        "triage",
    ];
    let lower = title.to_lowercase();
    let words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let words: Vec<&str> = words.take(4).collect();
    match words.as_slice() {
        [
            "add" | "write" | "extend" | "improve" | "increase",
            more @ ..,
        ] => {
            let is_about = |word: &&str| matches!(*word, "tests" | "benchmarks" | "coverage");
            more.iter().any(is_about)
        }
        [first, ..] => VERBS.contains(first),
        [] => false,
    }
}

/// Whether the spec lists the files that it changes, and none of them is documentation.
pub fn changes_no_documentation(files: &[String]) -> bool {
    let for_readers = |path: &String| {
        let lower = path.to_lowercase();
        let ends = [".md", ".mdx", ".rst", ".adoc", ".txt", ".html"];
        ends.iter().any(|end| lower.ends_with(end))
            || lower.starts_with("docs/")
            || lower.contains("/docs/")
    };
    !files.is_empty() && !files.iter().any(for_readers)
}

/// Words that name its kind, in lower case.
pub fn kind_words(source: &Source, front: &Node) -> Vec<String> {
    let words = source.kind.iter().flat_map(|place| words_at(front, place));
    words.map(str::to_lowercase).collect()
}

/// Words at a key of the front matter, or at all of them.
fn words_at<'f>(front: &'f Node, place: &str) -> Vec<&'f str> {
    match (place, front) {
        ("*", Node::Map(pairs)) => pairs.iter().filter_map(|(_, value)| value.text()).collect(),
        (key, _) => front.get(key).map(Node::texts).unwrap_or_default(),
    }
}

/// Meaning of words; of several the weightiest, so that a breaking change of one package counts as breaking.
pub fn meaning_of<'w>(source: &Source, words: impl Iterator<Item = &'w str>) -> Option<Meaning> {
    let known = words.filter_map(|word| {
        // An exact word has priority over one that ends with `*`.
        let mut own = source
            .kinds
            .iter()
            .filter(|(known, _)| word_fits(known, word));
        let first = own.next();
        let own = own.find(|(known, _)| !known.contains('*')).or(first);
        let usual = || Kind::of_word(word).map(Meaning::from);
        let breaking = || is_breaking(word).then_some(Meaning::Breaking);
        own.map(|(_, meaning)| *meaning)
            .or_else(breaking)
            .or_else(usual)
    });
    known.min()
}
