//! The only file that knows which YAML library reads front matter and configuration.
//!
//! Input is bounded: more than [`MAX_BYTES`] is refused here; depth (128) and alias repetition are bounded
//! by the library.

use serde::de::DeserializeOwned;

/// The most that is read as YAML.
pub const MAX_BYTES: usize = 256 * 1024;

/// What is wrong with a YAML text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// 1-based, within the text; 1 if the library does not say.
    pub line: usize,
    pub message: String,
}

/// Reads `text` as a `T`; an empty text is an empty mapping.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    if text.len() > MAX_BYTES {
        return Err(YamlError {
            line: 1,
            message: format!("larger than {MAX_BYTES} bytes"),
        });
    }
    let blank = text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let text = if blank { "{}" } else { text };
    serde_yaml::from_str(text).map_err(|error| {
        let full = error.to_string();
        let line = error.location().map_or(1, |at| at.line());
        let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
        YamlError { line, message }
    })
}
