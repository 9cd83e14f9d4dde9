//! Formats of the files of a source.

use serde::Deserialize;

/// How a file is read. Without a body, all of YAML and JSON is what front matter is to Markdown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SpecFormat {
    /// Markdown with YAML front matter.
    #[default]
    Markdown,
    /// reStructuredText, as far as fragments need it: underlined headings and comments.
    Rst,
    Yaml,
    Json,
    /// A JSON record in each line.
    JsonLines,
}

impl SpecFormat {
    /// Whether the format has fields only, without a body.
    pub fn is_data(self) -> bool {
        matches!(
            self,
            SpecFormat::Yaml | SpecFormat::Json | SpecFormat::JsonLines
        )
    }
}
