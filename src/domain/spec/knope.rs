//! Packages of knope, which its change files name (<https://knope.tech/reference/config-file/packages/>).

use toml_edit::{Document, Item};

/// Configuration file that names the packages.
pub const FILE: &str = "knope.toml";

/// Packages of a configuration, each with the files that contain its version. Empty if the file is not valid TOML: knope itself reports
/// that.
pub fn packages(toml: &str) -> Vec<(String, Vec<String>)> {
    let Ok(document) = Document::parse(toml) else {
        return Vec::new();
    };
    let all = document.get("packages").and_then(Item::as_table_like);
    let all = all.into_iter().flat_map(|all| all.iter());
    let named = all.map(|(name, package)| {
        let files = package.get("versioned_files").and_then(Item::as_array);
        let files = files.into_iter().flatten().filter_map(|file| {
            let table = file.as_inline_table();
            // With `dependency`, it is the file of another package that depends on this one.
            let path = table.filter(|table| !table.contains_key("dependency"));
            file.as_str().or_else(|| path?.get("path")?.as_str())
        });
        (name.to_owned(), files.map(str::to_owned).collect())
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_where_their_versions_are() {
        let toml = "[packages.core]\nversioned_files = [\"core/Cargo.toml\", {path = \"cli/Cargo.toml\", dependency = \"core\"}]\n[packages.cli]\nversioned_files = [{path = \"cli/Cargo.toml\"}]\n";
        let found: Vec<String> = packages(toml)
            .into_iter()
            .map(|(name, files)| format!("{name} {}", files.join(" ")))
            .collect();
        assert_eq!(found, ["core core/Cargo.toml", "cli cli/Cargo.toml"]);
        assert!(packages("[package]\nversioned_files = []\n").is_empty());
        assert!(packages("no toml").is_empty());
    }
}
