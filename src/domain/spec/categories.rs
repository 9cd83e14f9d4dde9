//! A mapping of categories, each with one text or a list of texts: the fragment format of reno, antsibull-changelog and others. An unknown
//! category is refused, since the entries of a misspelt one would be missing.

use crate::domain::entry::kind::Meaning;
use crate::domain::spec::kinds::meaning_of;
use crate::domain::spec::notes::{Note, is_marked_breaking};
use crate::domain::spec::parts::by_parts;
use crate::domain::spec::source::Source;
use crate::domain::text::inert;
use crate::domain::yaml::{Node, YamlError};

/// Each text as a note of its category's kind. Texts of a hidden category are skipped. `text` is the text of the file.
///
/// # Errors
/// Fails with a category that is not a kind of change, or a value that is not a text, and its line.
pub fn notes(source: &Source, fields: &Node, text: &str) -> Result<Vec<Note>, YamlError> {
    let Node::Map(pairs) = fields else {
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    for (key, value) in pairs {
        let odd = |what: &str| YamlError {
            line: line_of(text, key),
            message: format!("`{key}` {what}"),
        };
        let meaning = meaning_of(source, [key.as_str()].into_iter());
        let meaning = meaning.ok_or_else(|| {
            odd("is no kind of change; name it in `kinds`, in `types` or in a category, or `exclude` the file")
        })?;
        let Some(kind) = meaning.kind() else {
            continue;
        };
        let items = match value {
            Node::Null => &[][..],
            Node::List(items) => items,
            one => std::slice::from_ref(one),
        };
        for item in items {
            let Node::Text(said) = item else {
                return Err(odd("lists what is no text; put it into quotes"));
            };
            let said = inert::block(&by_parts(said.trim()));
            notes.extend((!said.is_empty()).then(|| Note {
                kind: Some(kind),
                word: Some(key.to_lowercase()),
                breaking: meaning == Meaning::Breaking || is_marked_breaking(&said),
                text: said,
            }));
        }
    }
    Ok(notes)
}

/// Line number of a key in the outermost mapping.
fn line_of(text: &str, key: &str) -> usize {
    let is_key = |line: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        let rest = line
            .strip_prefix(key)
            .map(|rest| rest.trim_start_matches(['"', '\'']));
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    text.lines().position(is_key).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use crate::domain::entry::kind::Kind;
    use crate::domain::spec::Spec;
    use crate::domain::spec::sources::Sources;

    fn read(preset: &str, path: &str, text: &str) -> Result<Spec, (usize, String)> {
        let sources = Sources::preset(preset).unwrap();
        let source = sources.iter().find(|source| source.holds(path)).unwrap();
        let spec = Spec::read(source, path, text, None);
        spec.map(Option::unwrap)
            .map_err(|error| (error.line, error.message))
    }

    /// Format of qiskit in `releasenotes/notes`, and of reno's documentation.
    #[test]
    fn notes_of_reno() {
        let spec = read(
            "reno",
            "releasenotes/notes/add-pulses-51184457faf31053.yaml",
            "---\nprelude: >\n    Locks are\n    new.\nfeatures_transpiler:\n  - |\n    Added :class:`.Lock`::\n\n        from locks import Lock\n        Lock(path)\n\n    See ``path``.\nupgrade:\n  - Python 3.9 is gone. See `#12 <https://github.com/a/b/issues/12>`__.\nfixes: |\n  One text.\nissues: []\n",
        )
        .unwrap();
        let notes: Vec<_> = spec
            .notes
            .iter()
            .map(|note| (note.kind.unwrap(), note.breaking, note.text.as_str()))
            .collect();
        assert_eq!(
            notes,
            [
                (Kind::Changed, false, "Locks are new."),
                (
                    Kind::Added,
                    false,
                    "Added :class:`.Lock`::\n\n    from locks import Lock\n    Lock(path)\n\nSee ``path``."
                ),
                (
                    Kind::Changed,
                    true,
                    "Python 3.9 is gone. See `#12 <https://github.com/a/b/issues/12>`__."
                ),
                (Kind::Fixed, false, "One text."),
            ]
        );
        assert_eq!(spec.notes[1].word.as_deref(), Some("features_transpiler"));
    }

    /// Format of community.general in `changelogs/fragments`.
    #[test]
    fn fragments_of_antsibull() {
        let path = "changelogs/fragments/10227-locks.yml";
        let spec = read(
            "antsibull",
            path,
            "deprecated_features:\n  - locks - the parameter ``state`` will be required (https://github.com/a/b/pull/10227).\n\nminor_changes:\n  - locks - add ``state=x`` (https://github.com/a/b/pull/10227).\ntrivial:\n  - Cleaned up.\n",
        )
        .unwrap();
        assert_eq!((spec.notes.len(), spec.issues[0].as_str()), (2, "#10227"));
        assert_eq!(spec.notes[0].kind, Some(Kind::Deprecated));
        let trivial = read("antsibull", path, "trivial:\n  - Cleaned up.\n").unwrap();
        assert!(trivial.is_silent);
        let issues = |name: &str| {
            let path = format!("changelogs/fragments/{name}");
            read("antsibull", &path, "bugfixes: [a]\n").unwrap().issues
        };
        assert_eq!(issues("0012_x.yaml"), ["#12"]);
        assert!(
            ["1.0.0.yml", "20240131-x.yml", "x.yml"]
                .iter()
                .all(|name| issues(name).is_empty())
        );
    }

    #[test]
    fn what_is_no_category_and_what_is_no_text_is_named_with_its_line() {
        let read = |text: &str| read("reno", "releasenotes/notes/a.yaml", text).unwrap_err();
        let (line, message) = read("---\nfixes:\n  - a\nfeatur:\n  - b\n");
        assert_eq!(line, 4);
        assert!(
            message.starts_with("`featur` is no kind of change"),
            "{message}"
        );
        let (line, message) = read("---\n'fixes':\n  - a: b\n");
        assert_eq!(
            (line, message.as_str()),
            (2, "`fixes` lists what is no text; put it into quotes")
        );
    }

    /// Format of changie and the OpenTelemetry collector.
    #[test]
    fn fragments_of_one_change() {
        let spec = read(
            "changie",
            ".changes/unreleased/added-20251117-190156.yaml",
            "kind: added\nbody: Option to fail if no change fragments exist\ntime: 2025-11-17T19:01:56.03499413-08:00\ncustom:\n    Issue: \"826\"\n",
        )
        .unwrap();
        assert_eq!(spec.meaning.kind(), Some(Kind::Added));
        assert_eq!((spec.issues[0].as_str(), spec.notes.len()), ("#826", 1));
        assert_eq!(spec.completed_on.as_deref(), Some("2025-11-17"));
        let spec = read(
            "chloggen",
            ".chloggen/locks.yaml",
            "# One of 'breaking', 'deprecation', 'new_component', 'enhancement', 'bug_fix'\nchange_type: bug_fix\n\ncomponent: pkg/locks\nnote: \"Write `x`\"\nissues: [12378, 9]\nsubtext: |\n  A line.\n\n  - an item\nchange_logs: [user]\n",
        )
        .unwrap();
        assert_eq!(spec.issues, ["#12378", "#9"]);
        assert_eq!(
            spec.notes[0].text,
            "`pkg/locks`: Write `x`\n\nA line.\n\n- an item"
        );
        assert_eq!(
            (spec.notes.len(), spec.meaning.kind()),
            (1, Some(Kind::Fixed))
        );
    }
}
