//! Drafts of what to tell people about a release: a template, and the values that it names. Who sends it words it.

/// Names in templates, and what they stand for; empty where nothing is known.
pub type Values = Vec<(&'static str, String)>;

/// A subject, and a text in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub subject: String,
    pub body: String,
}

impl Draft {
    /// A template with its values. A line that names an empty one is left out; lines that stand together are left out as a whole if none
    /// that names a value is left. Other braces stay.
    ///
    /// # Errors
    /// If the first line is no subject, or one that names an empty value.
    pub fn new(template: &str, values: &Values) -> Result<Draft, String> {
        let template = template.trim();
        let (first, rest) = template.split_once('\n').unwrap_or((template, ""));
        let subject = first.strip_prefix("Subject:").map(str::trim);
        let subject = subject.filter(|subject| !subject.is_empty());
        let subject = subject.ok_or("its first line must be `Subject: …`")?;
        let empty = values
            .iter()
            .find(|(n, v)| v.is_empty() && holds(subject, n));
        if let Some((name, _)) = empty {
            return Err(format!(
                "its subject names `{{{name}}}`, which is empty here; take that out of the subject"
            ));
        }
        let mut blocks = Vec::new();
        let lines: Vec<&str> = rest.trim().lines().map(str::trim_end).collect();
        for block in lines.split(|line| line.is_empty()) {
            let named = |line: &str| values.iter().any(|(name, _)| holds(line, name));
            let lacks = |line: &str| values.iter().any(|(n, v)| v.is_empty() && holds(line, n));
            let kept: Vec<&str> = block.iter().copied().filter(|line| !lacks(line)).collect();
            let is_about = |lines: &[&str]| lines.iter().any(|line| named(line));
            if is_about(block) && !is_about(&kept) {
                continue;
            }
            let filled = kept.iter().map(|line| filled(line, values));
            blocks.push(filled.collect::<Vec<_>>().join("\n"));
        }
        blocks.retain(|block| !block.is_empty());
        let subject = filled(subject, values);
        Ok(Draft {
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            body: blocks.join("\n\n").trim().to_owned(),
        })
    }

    /// Both as one text.
    pub fn text(&self) -> String {
        format!("Subject: {}\n\n{}", self.subject, self.body)
    }
}

fn holds(line: &str, name: &str) -> bool {
    line.contains(&format!("{{{name}}}"))
}

/// One pass, so that braces within a value are no names.
fn filled(line: &str, values: &Values) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = values.iter().find(|(name, _)| {
            let after = rest[1..].strip_prefix(name);
            after.is_some_and(|after| after.starts_with('}'))
        });
        let taken = match found {
            Some((name, value)) => {
                out.push_str(value);
                name.len() + 2
            }
            None => {
                out.push('{');
                1
            }
        };
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafted(template: &str) -> String {
        let values = vec![
            ("tag", "v1.0.0".to_owned()),
            ("list", "- {tag}\n- b".to_owned()),
            ("none", String::new()),
        ];
        Draft::new(template, &values).map_or_else(|why| why, |draft| draft.text())
    }

    #[test]
    fn what_has_no_value_is_left_out() {
        for (template, text) in [
            ("Subject: {tag}\n\nTeam,\n", "Subject: v1.0.0\n\nTeam,"),
            ("Subject: a\n\n**X:**\n{none}\n\nb\n", "Subject: a\n\nb"),
            (
                "Subject: a\n\n**X:**\n{list}\n",
                "Subject: a\n\n**X:**\n- {tag}\n- b",
            ),
            (
                "Subject: a\n\n**X:**\n- {none}\n- {tag}\n",
                "Subject: a\n\n**X:**\n- v1.0.0",
            ),
            ("Subject: a\n\n{none} {tag}\n", "Subject: a\n\n"),
            ("Subject: a\n\n{other} {}\n", "Subject: a\n\n{other} {}"),
            ("Team\n", "its first line must be `Subject: …`"),
            (
                "Subject: {none}\n\nb",
                "its subject names `{none}`, which is empty here; take that out of the subject",
            ),
        ] {
            assert_eq!(drafted(template), text, "{template}");
        }
    }
}
