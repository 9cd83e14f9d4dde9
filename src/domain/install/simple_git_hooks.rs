//! simple-git-hooks' configuration. Whenever it runs, it deletes every hook that it does not know, unless `preserveUnused` names it, and
//! rewrites the ones that it knows.

use serde_json::Value;

/// Key of its configuration in `package.json`.
pub const KEY: &str = "simple-git-hooks";

/// Call of relwatch before a command of the user; the text of a JSON string.
fn call(hook: &str) -> String {
    format!("! command -v relwatch >/dev/null || relwatch hook {hook} \\\"$@\\\" || :; ")
}

/// Line that keeps our hooks.
fn preserved(hooks: &[&str]) -> String {
    let names: Vec<String> = hooks.iter().map(|name| format!("\"{name}\"")).collect();
    format!("{PRESERVED}{}]", names.join(", "))
}

/// Beginning of that line.
const PRESERVED: &str = "\"preserveUnused\": [";

/// Hooks in its configuration: below its key in `package.json`, or the whole of its own file. `None` if there is no configuration there.
fn configuration(text: &str, is_package: bool) -> Option<serde_json::Map<String, Value>> {
    let mut json: Value = serde_json::from_str(text).ok()?;
    let found = if is_package {
        json.get_mut(KEY)?.take()
    } else {
        json
    };
    match found {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// Whether a file configures this manager.
pub fn is_configured(text: &str, is_package: bool) -> bool {
    configuration(text, is_package).is_some()
}

/// Whether a hook of ours survives its next run.
pub fn keeps(text: &str, is_package: bool, hook: &str) -> bool {
    let Some(map) = configuration(text, is_package) else {
        return true;
    };
    match (map.get(hook), map.get("preserveUnused")) {
        (Some(Value::String(command)), _) => command.contains("relwatch"),
        (Some(_), _) => false,
        (None, Some(Value::Bool(all))) => *all,
        (None, Some(Value::Array(names))) => names.iter().any(|name| name == hook),
        (None, _) => false,
    }
}

/// The file changed so that it keeps our hooks and runs relwatch before its own commands. `None` if that would change anything else.
pub fn extended(text: &str, is_package: bool, hooks: &[&str]) -> Option<String> {
    let map = configuration(text, is_package)?;
    let mut out = text.to_owned();
    let missing = hooks.iter().copied();
    let missing: Vec<&str> = missing
        .filter(|hook| !keeps(text, is_package, hook))
        .collect();
    for hook in missing.iter().filter(|hook| map.contains_key(**hook)) {
        let at = value_of(&out, hook, is_package)?;
        let rest = &out[at..];
        let quote = rest
            .find('"')
            .filter(|quote| rest[..*quote].trim().is_empty())?;
        out.insert_str(at + quote + 1, &call(hook));
    }
    if missing.iter().any(|hook| !map.contains_key(*hook)) {
        if map.contains_key("preserveUnused") {
            return None;
        }
        let open = opening(&out, is_package)?;
        let rest = &out[open..];
        let space = &rest[..rest.len() - rest.trim_start().len()];
        let comma = if map.is_empty() { "" } else { "," };
        out.insert_str(open, &format!("{space}{}{comma}", preserved(hooks)));
    }
    let kept = hooks.iter().all(|hook| keeps(&out, is_package, hook));
    (kept && without(&out, hooks) == text).then_some(out)
}

/// The file without what [`extended`] added.
pub fn without(text: &str, hooks: &[&str]) -> String {
    let mut out = text.to_owned();
    for hook in hooks {
        out = out.replace(&call(hook), "");
    }
    // The list is ours if it names our hooks and no others.
    let found = out.find(PRESERVED).and_then(|at| {
        let list = out[at..].split_inclusive(']').next()?;
        let names: Vec<&str> = list[PRESERVED.len()..]
            .split('"')
            .skip(1)
            .step_by(2)
            .collect();
        let is_ours = !names.is_empty() && names.iter().all(|name| hooks.contains(name));
        is_ours.then_some((at, at + list.len()))
    });
    if let Some((at, end)) = found {
        let start = out[..at].trim_end().len();
        let end = end + usize::from(out[end..].starts_with(','));
        out.replace_range(start..end, "");
    }
    out
}

/// Offset after the brace that opens the configuration.
fn opening(text: &str, is_package: bool) -> Option<usize> {
    let from = if is_package {
        value_from(text, 0, KEY)?
    } else {
        0
    };
    let brace = text[from..]
        .find('{')
        .filter(|brace| text[from..from + brace].trim().is_empty())?;
    Some(from + brace + 1)
}

fn value_of(text: &str, key: &str, is_package: bool) -> Option<usize> {
    value_from(text, opening(text, is_package)?, key)
}

/// Offset after the colon of a key. A string with the same text elsewhere has no colon after it, or the check of the result fails.
fn value_from(text: &str, from: usize, key: &str) -> Option<usize> {
    let quoted = format!("\"{key}\"");
    let mut places = text[from..].match_indices(&quoted);
    places.find_map(|(at, _)| {
        let rest = &text[from + at + quoted.len()..];
        let colon = rest.len() - rest.trim_start().len();
        rest[colon..]
            .starts_with(':')
            .then_some(from + at + quoted.len() + colon + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_extended_and_comes_back_to_the_byte() {
        let hooks = ["post-commit", "post-merge"];
        for (text, is_package) in [
            (
                "{\n  \"name\": \"x\",\n  \"simple-git-hooks\": {\n    \"pre-commit\": \"a\"\n  }\n}\n",
                true,
            ),
            (
                "{\n  \"simple-git-hooks\": {\n    \"post-commit\": \"a\"\n  }\n}\n",
                true,
            ),
            ("{\"pre-commit\":\"a\"}", false),
            ("{}", false),
        ] {
            let out = extended(text, is_package, &hooks).unwrap();
            assert!(
                hooks.iter().all(|hook| keeps(&out, is_package, hook)),
                "{out}"
            );
            assert_eq!(without(&out, &hooks), text, "{out}");
        }
        assert_eq!(
            extended("{\"preserveUnused\":[\"x\"]}", false, &hooks),
            None
        );
        assert!(keeps("{\"preserveUnused\":true}", false, "post-commit"));
    }
}
