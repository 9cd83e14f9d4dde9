//! Reads a configuration: its errors name the line and the key, and the nearest known key for an unknown one.

use crate::config::odd::Odd;
use crate::config::settings::Config;
use crate::config::written::{ConfigPlace, WrittenConfig};
use crate::domain::failure::{Exit, Failure, Result};
use crate::domain::yaml::{self, YamlError};

impl Config {
    /// Reads the text of a relwatch.yml.
    ///
    /// # Errors
    /// As [`Config::of_written`].
    pub fn read(text: &str) -> Result<Config> {
        Config::of_written(&WrittenConfig::file(text))
    }

    /// Reads a configuration, wherever it is written.
    ///
    /// # Errors
    /// Names the place and the key, and the nearest known key for an unknown one.
    pub fn of_written(written: &WrittenConfig) -> Result<Config> {
        let mut config: Config = yaml::read(&written.yaml).map_err(|error| {
            let failure = invalid(error.message.clone());
            let failure = failure.within(&written.at(line_of(written, &error)));
            let key = nearest_key(&error.message).map(|key| format!("did you mean `{key}`?"));
            match key.or_else(|| braces(&error.message)) {
                Some(hint) => failure.with_remedy(hint),
                None => failure,
            }
        })?;
        config.check().map_err(|Odd { at: key, why }| {
            let text = written.shown();
            let is_key = |line: &str| {
                let bare = line.trim_start().trim_start_matches(['\'', '"']);
                bare.starts_with(key.as_str())
            };
            let holds = |line: &str| line.contains(key.as_str());
            let found = text.lines().position(is_key);
            let line = found.or_else(|| text.lines().position(holds));
            why.within(&written.at(line.map_or(1, |at| at + 1)))
        })?;
        let path = config.release_spec.path.as_deref();
        let placed = config.specs.with_release_specs(path);
        placed.map_err(|why| invalid(format!("{}: release_spec: {why}", written.place)))?;
        config.teach_sources();
        Ok(config)
    }
}

/// `{run: echo {version}}` is one mapping within another.
fn braces(message: &str) -> Option<String> {
    let is_theirs = message.starts_with("did not find expected ',' or '}'");
    is_theirs.then(|| "text with { or } in it needs quotes here".to_owned())
}

fn invalid(message: String) -> Failure {
    Failure::new(Exit::Usage, message)
}

/// The line of what an error quotes: for a mistake in a mapping the library names the line where the mapping begins. Lines of a manifest
/// are none of the library's.
fn line_of(written: &WrittenConfig, error: &YamlError) -> usize {
    let from = match written.place {
        ConfigPlace::Table(_) => 1,
        _ => error.line,
    };
    let quoted = error
        .message
        .split('`')
        .nth(1)
        .filter(|word| !word.is_empty());
    let lines = || written.shown().lines().enumerate().skip(from - 1);
    if let ConfigPlace::Table(_) = written.place
        && !lines().any(|(_, line)| quoted.is_some_and(|word| line.contains(word)))
    {
        let key = error.message.split([':', '.', '[']).next();
        let found = lines().find(|(_, line)| key.is_some_and(|key| line.contains(key)));
        return found.map_or(from, |(at, _)| at + 1);
    }
    let mut saying = lines().filter(|(_, line)| quoted.is_some_and(|word| line.contains(word)));
    let is_second = error.message.contains("duplicate") || error.message.contains("twice");
    let found = if is_second {
        saying.last()
    } else {
        saying.next()
    };
    found.map_or(from, |(at, _)| at + 1)
}

/// The known key nearest to the unknown one, from serde's message
/// (``unknown field `a`, expected one of `b`, `c` ``).
fn nearest_key(message: &str) -> Option<String> {
    let mut quoted = message
        .contains("unknown field")
        .then(|| message.split('`').skip(1).step_by(2))?;
    let unknown = quoted.next()?;
    quoted
        .map(|key| (strsim::damerau_levenshtein(unknown, key), key))
        .filter(|(distance, key)| *distance <= key.len().div_ceil(2))
        .min()
        .map(|(_, key)| key.to_owned())
}
