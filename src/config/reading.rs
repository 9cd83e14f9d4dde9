//! Reads a configuration: its errors name the line and the key, and the nearest known key for an unknown one.

use crate::config::odd::Odd;
use crate::config::plain_words;
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
        let mut config: Config =
            yaml::read(&written.yaml).map_err(|error| unread(written, error))?;
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

/// What is wrong with a text that cannot be read, where, and what may be meant.
fn unread(written: &WrittenConfig, error: YamlError) -> Failure {
    // What is no YAML at all is said before what it lacks.
    let error = yaml::syntax_error(&written.yaml).unwrap_or(error);
    let brackets = ["',' or ']'", "',' or '}'", "expected node content"];
    let is_open = brackets.iter().any(|theirs| error.message.contains(theirs));
    if let Some((line, bracket)) = plain_words::unclosed(&written.yaml).filter(|_| is_open) {
        return invalid(format!("{bracket} is not closed")).within(&written.at(line));
    }
    let failure = if is_open {
        // `{run: echo {version}}` is one mapping within another.
        invalid("a bracket is closed too early".to_owned())
            .with_remedy("text with { or } in it needs quotes here")
    } else {
        invalid(plain_words::plain(&error.message))
    };
    let line = plain_words::open_quote(&written.yaml, &error.message);
    let line = line.unwrap_or_else(|| line_of(written, &error));
    let failure = failure.within(&written.at(line));
    if let Some(key) = nearest_key(&error.message) {
        return failure.with_remedy(format!("did you mean `{key}`?"));
    }
    if error.message.contains("unknown field") {
        return failure.with_remedy("docs/reference/configuration.md lists all keys");
    }
    failure
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
