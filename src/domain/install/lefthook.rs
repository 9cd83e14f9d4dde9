//! lefthook's configuration with relwatch added to what it runs. Every existing byte is kept. A configuration that cannot be extended by
//! whole lines is refused.

use crate::domain::install::hook_script::{BEGIN, END};
use crate::domain::yaml::{self, Node};

/// Command that lefthook runs for a hook. It is silent and succeeds if relwatch is not installed.
pub fn command(hook: &str) -> String {
    format!("'! command -v relwatch >/dev/null || relwatch hook {hook} {{0}}'")
}

/// Lines of a command of ours, without indentation. lefthook passes git's input to a command only on request.
fn entry(hook: &str, first: &str, indent: &str) -> String {
    let mut lines = format!("{first}{indent}run: {}\n", command(hook));
    if matches!(hook, "post-rewrite" | "pre-push") {
        lines.push_str(&format!("{indent}use_stdin: true\n"));
    }
    lines
}

/// Whole section for a hook that has none.
pub fn section(hook: &str) -> String {
    let entry = entry(hook, "    relwatch:\n", "      ");
    format!("{hook}:\n  commands:\n{entry}")
}

/// Configuration with relwatch added to the existing section of a hook. `None` if the result would mean anything else than the original
/// plus relwatch.
pub fn extended(text: &str, hook: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_key = |line: &str, key: &str| {
        let rest = line.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.split(" #").next().unwrap_or("").trim() == ":")
    };
    let at = lines
        .iter()
        .position(|line| indent(line) == Some(0) && is_key(line, hook))?;
    let end = block_end(&lines, at, 0);
    let child = lines[at + 1..end].iter().find_map(|line| indent(line))?;
    let is_child = |line: &&str, key: &str| indent(line) == Some(child) && is_key(line, key);
    let find = |key: &str| (at + 1..end).find(|n| is_child(&lines[*n], key));
    let (place, inserted) = if let Some(commands) = find("commands") {
        let end = block_end(&lines, commands, child);
        let depth = lines[commands + 1..end]
            .iter()
            .find_map(|line| indent(line))?;
        let (own, below) = (" ".repeat(depth), " ".repeat(2 * depth - child));
        (end, entry(hook, &format!("{own}relwatch:\n"), &below))
    } else if let Some(jobs) = find("jobs") {
        let depth = lines[jobs + 1..end].iter().find_map(|line| indent(line))?;
        // A list may be at the indentation of its key.
        let item = |line: &&str| {
            indent(line)
                .is_some_and(|i| i > depth || (i == depth && line.trim_start().starts_with('-')))
        };
        let last = (jobs + 1..end).take_while(|n| indent(lines[*n]).is_none() || item(&lines[*n]));
        let end = last.filter(|n| indent(lines[*n]).is_some()).last()? + 1;
        let own = " ".repeat(depth);
        (
            end,
            entry(
                hook,
                &format!("{own}- name: relwatch\n"),
                &format!("{own}  "),
            ),
        )
    } else {
        let own = " ".repeat(child);
        let entry = entry(hook, &format!("{own}  relwatch:\n"), &format!("{own}    "));
        (end, format!("{own}commands:\n{entry}"))
    };
    let before: String = lines[..place].concat();
    let gap = if before.ends_with('\n') { "" } else { "\n" };
    // If the last line has no line end, the line end before the block belongs to the block and is removed with it.
    let mark = if gap.is_empty() { "\n" } else { "" };
    let after: String = lines[place..].concat();
    let out = format!("{before}{gap}{BEGIN}{inserted}{END}{mark}{after}");
    (without_ours(&out, hook)? == without_ours(text, hook)? && out.contains(&command(hook)))
        .then_some(out)
}

/// Indentation of a line with content.
fn indent(line: &str) -> Option<usize> {
    let text = line.trim_start_matches(' ');
    let is_said = !text.trim().is_empty() && !text.starts_with('#');
    is_said.then(|| line.len() - text.len())
}

/// Index of the line after the last one that belongs to the key at `at`.
fn block_end(lines: &[&str], at: usize, depth: usize) -> usize {
    let mut end = at + 1;
    for (n, line) in lines.iter().enumerate().skip(at + 1) {
        match indent(line) {
            Some(own) if own <= depth => break,
            Some(_) => end = n + 1,
            None => {}
        }
    }
    end
}

/// Meaning of the configuration without our commands.
fn without_ours(text: &str, hook: &str) -> Option<Node> {
    let mut node = yaml::mapping(text).ok()?;
    let Node::Map(pairs) = &mut node else {
        return None;
    };
    for (_, section) in pairs.iter_mut().filter(|(key, _)| key == hook) {
        let Node::Map(parts) = section else {
            return None;
        };
        let mut keys: Vec<&str> = parts.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return None; // no YAML that means one thing
        }
        for (_, part) in parts.iter_mut() {
            match part {
                Node::Map(commands) => commands.retain(|(name, _)| name != "relwatch"),
                Node::List(jobs) => jobs.retain(|job| !is_ours(job)),
                _ => {}
            }
        }
        parts.retain(|(key, part)| key != "commands" || *part != Node::Map(Vec::new()));
    }
    Some(node)
}

fn is_ours(job: &Node) -> bool {
    let Node::Map(pairs) = job else {
        return false;
    };
    let name = pairs.iter().find(|(key, _)| key == "name");
    name.is_some_and(|(_, name)| *name == Node::Text("relwatch".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::install::hook_script::without_block;

    #[test]
    fn a_section_is_extended_and_comes_back_to_the_byte() {
        for (config, line_before) in [
            (
                "post-commit:\n  commands:\n    mine:\n      run: a\npre-push:\n  jobs: []\n",
                "      run: a\n",
            ),
            (
                "post-commit:\n  parallel: true\n  jobs:\n    - run: a\n      glob: b\n",
                "      glob: b\n",
            ),
            (
                "post-commit:\n  jobs:\n  - run: a\n  parallel: true\n",
                "  - run: a\n",
            ),
            (
                "post-commit:\n    scripts:\n        x.sh:\n            runner: bash",
                "runner: bash\n",
            ),
        ] {
            let out = extended(config, "post-commit").unwrap();
            assert!(out.contains(&format!("{line_before}{BEGIN}")), "{out}");
            assert!(out.contains("relwatch hook post-commit {0}"), "{out}");
            assert_eq!(without_block(out.as_bytes()), config.as_bytes(), "{out}");
        }
        for config in [
            "post-commit: {commands: {a: {run: b}}}\n",
            "pre-push:\n  jobs: []\n",
            "post-commit:\n  commands: {}\n",
        ] {
            assert_eq!(extended(config, "post-commit"), None, "{config}");
        }
    }
}
