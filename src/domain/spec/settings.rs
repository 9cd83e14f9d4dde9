//! Settings of other tools, applied to the presets of the same names. Projects that use none of these tools need nothing.

use crate::domain::spec::source::Source;
use crate::domain::spec::sources::Sources;
use crate::domain::spec::{backlog, changesets, tool_settings, towncrier};

/// Sources of a preset with the settings of its tool applied, read from file texts. `None` if nothing changes.
type Configured =
    fn(&Source, &dyn Fn(&str) -> Option<String>) -> Result<Option<Vec<Source>>, String>;

/// Presets whose tools have settings for the location of specs, for when they are done, or for their meaning. .chant/config.md and
/// openspec/config.yaml have none: their keys are about models, prompts and instructions. The `schema` of the latter may name one of the
/// project's own with another task list; set the key `boxes` of a source for that.
const TOOLS: [(&str, Configured); 8] = [
    ("antsibull", tool_settings::configured),
    ("backlog", backlog::configured),
    ("changesets", changesets::configured),
    ("changie", tool_settings::configured),
    ("chloggen", tool_settings::configured),
    ("reno", tool_settings::configured),
    ("scriv", tool_settings::configured),
    ("towncrier", towncrier::configured),
];

/// Configures presets from the settings of the project's tools; `text` reads a file of the repository. A source with `files` of its own
/// uses the location in relwatch.yml.
///
/// # Errors
/// Fails with settings that cannot be read, and their place.
pub fn configure(
    sources: &mut Sources,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<(), String> {
    let tool = |source: &Source| {
        let name = source.preset.as_deref()?;
        let (_, configured) = TOOLS.iter().find(|(tool, _)| *tool == name)?;
        let presets = Sources::preset(name).ok()?;
        let is_preset = presets.iter().any(|preset| preset.files == source.files);
        is_preset.then_some(configured)
    };
    let mut all = Vec::new();
    for source in std::mem::take(&mut sources.0) {
        let configured = tool(&source).map(|configured| configured(&source, text));
        match configured.transpose()?.flatten() {
            Some(configured) => all.extend(configured),
            None => all.push(source),
        }
    }
    sources.0 = all;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::yaml;

    #[test]
    fn a_source_that_begins_from_the_preset_is_configured_as_well() {
        let toml = "[tool.towncrier]\ndirectory = \"news\"\n";
        for (sources, files) in [
            ("towncrier", "news/*"),
            (
                "{preset: towncrier, name: fragments, archive: keep}",
                "news/*",
            ),
            ("{preset: towncrier, files: x/*}", "x/*"),
            (
                "{name: towncrier, files: newsfragments/*}",
                "newsfragments/*",
            ),
        ] {
            let mut read: Sources = yaml::read(sources).unwrap();
            configure(&mut read, &|_| Some(toml.to_owned())).unwrap();
            assert_eq!(read.0[0].files.as_str(), files, "{sources}");
        }
    }
}
