//! Configuration of changesets: which packages are released together, and which are not released
//! (<https://github.com/changesets/changesets/blob/main/docs/config-file-options.md>).

use crate::domain::spec::package_rules::PackageRules;
use crate::domain::spec::source::Source;

/// Configuration file of changesets.
pub const FILE: &str = ".changeset/config.json";

/// Preset with the project's changesets configuration; `text` reads a file of the repository. `None` without a configuration.
///
/// # Errors
/// Fails if the file is not JSON, or a value has another type than changesets accepts, with the place.
pub fn configured(
    preset: &Source,
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Vec<Source>>, String> {
    let Some(text) = text(FILE) else {
        return Ok(None);
    };
    let json = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let packages: PackageRules =
        serde_json::from_str(json).map_err(|error| format!("{FILE}: {error}"))?;
    Ok(Some(vec![Source {
        packages,
        ..preset.clone()
    }]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::package_rules::UpdatedDependants;
    use crate::domain::spec::sources::Sources;

    fn read(json: &str) -> Result<PackageRules, String> {
        let preset = &Sources::preset("changesets").unwrap()[0];
        let read = configured(preset, &|file| (file == FILE).then(|| json.to_owned()))?;
        Ok(read.unwrap()[0].packages.clone())
    }

    #[test]
    fn groups_are_names_and_globs() {
        let rules = read(
            "{\"$schema\": \"x\", \"commit\": false, \"fixed\": [[\"@ex/*\", \"!@ex/c\", \"cli\"]], \"ignore\": [\"app-*\"]}",
        );
        let rules = rules.unwrap();
        let fixed = &rules.fixed[0];
        let has = ["@ex/a", "cli"].iter().all(|name| fixed.has(name));
        let has_not = ["@ex/c", "@ex/a/b", "a", "client"].iter();
        assert!(has && !has_not.clone().any(|name| fixed.has(name)));
        assert!(rules.ignore.has("app-web") && !rules.ignore.has("web"));
        let experimental = read(
            "{\"___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH\": {\"onlyUpdatePeerDependentsWhenOutOfRange\": true, \"updateInternalDependents\": \"always\"}}",
        );
        let dependants = experimental.unwrap().dependants;
        assert!(dependants.only_update_peer_dependents_when_out_of_range);
        let updated = dependants.update_internal_dependents;
        assert_eq!(updated, UpdatedDependants::Always);
        assert_eq!(read("{}"), Ok(PackageRules::default()));
    }

    #[test]
    fn what_is_no_configuration_is_named() {
        for (json, why) in [
            ("{", ".changeset/config.json: EOF"),
            ("{} // x", "trailing characters at line 1"),
            ("{\"fixed\": [\"a\"]}", "expected a sequence"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(why), "{json}: {error}");
        }
    }
}
