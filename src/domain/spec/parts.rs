//! The five parts of a breaking change: what changed, why, who is affected, migration, rollback.

use super::body::outside_fences;

/// Five things that users want to know about a breaking change.
const PARTS: &[&str] = &[
    "what changed",
    "why",
    "who is affected",
    "migration",
    "rollback",
];

/// Whether a breaking change says what its users must do: in a part of that name, or, if it has none of the five parts, in any text beyond
/// its title.
pub fn tells_migration(text: &str) -> bool {
    let labelled: Vec<(String, String)> = parts(text);
    if labelled.is_empty() {
        return text.lines().filter(|line| !line.trim().is_empty()).count() > 1;
    }
    labelled
        .iter()
        .any(|(name, said)| name == "migration" && !said.is_empty())
}

/// Parts of a breaking change that are labelled in its text, as in `**Migration:** …`: name in lower case, text. The text before the first
/// label says what changed.
pub fn parts(text: &str) -> Vec<(String, String)> {
    let (lead, mut found) = labelled(text);
    let lead = lead.trim_start_matches("**Breaking:**").trim();
    let told = found.iter().any(|(name, _)| name == PARTS[0]);
    if !found.is_empty() && !told && !lead.is_empty() {
        found.insert(0, (PARTS[0].to_owned(), lead.to_owned()));
    }
    found
}

/// Text before the first label, and the labelled parts.
fn labelled(text: &str) -> (String, Vec<(String, String)>) {
    let mut lead = String::new();
    let mut found: Vec<(String, String)> = Vec::new();
    for (plain, line) in outside_fences(text.lines()) {
        let label = plain.then(|| label_of(line)).flatten();
        let said = match (label, found.last_mut()) {
            (Some((name, rest)), _) => {
                found.push((name, rest.to_owned()));
                continue;
            }
            (None, Some((_, said))) => said,
            (None, None) => &mut lead,
        };
        said.push('\n');
        said.push_str(line);
    }
    for (_, said) in &mut found {
        *said = said.trim().to_owned();
    }
    (lead.trim().to_owned(), found)
}

/// Text with labelled parts laid out for readers: the part about what changed comes first, without its label, and every other part is a
/// paragraph.
pub fn by_parts(text: &str) -> String {
    let (lead, mut found) = labelled(text);
    if found.is_empty() {
        return text.to_owned();
    }
    let mut paragraphs = Vec::new();
    if !lead.is_empty() {
        paragraphs.push(lead);
    } else if found[0].0 == PARTS[0] {
        paragraphs.push(found.remove(0).1);
    }
    for (name, said) in found {
        let begins_block = said.starts_with(['`', '~', '-', '*', '+', '|', '>', '#', '1']);
        let gap = if begins_block { "\n\n" } else { " " };
        let label = name[..1].to_uppercase() + &name[1..];
        paragraphs.push(format!("**{label}:**{gap}{said}").trim_end().to_owned());
    }
    paragraphs.join("\n\n")
}

/// Part that a line labels, as in `**Migration:** …`, and the text after the label.
pub fn label_of(line: &str) -> Option<(String, &str)> {
    let inside = line.trim_start().strip_prefix("**")?;
    let (name, rest) = inside.split_once("**")?;
    let name = name.trim_end_matches(':').to_lowercase();
    is_part(&name).then(|| (name, rest.trim_start_matches(':').trim()))
}

/// Whether a heading or a label names a part.
pub fn is_part(name: &str) -> bool {
    let name = name.trim_end_matches(':').to_lowercase();
    PARTS.contains(&name.as_str())
}
