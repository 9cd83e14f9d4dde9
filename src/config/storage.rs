//! Where generated lines live between releases.

use serde::Deserialize;

/// Where generated lines live between releases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// In the working tree only: a clean filter keeps them out of commits.
    #[default]
    View,
    /// In commits: each carries the lines of all commits before it.
    Tracked,
}

impl std::str::FromStr for Storage {
    type Err = String;

    fn from_str(word: &str) -> Result<Storage, String> {
        [Storage::View, Storage::Tracked]
            .into_iter()
            .find(|storage| storage.word() == word)
            .ok_or_else(|| "storage is view or tracked".to_owned())
    }
}

impl Storage {
    /// As it is written in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Storage::View => "view",
            Storage::Tracked => "tracked",
        }
    }
}
