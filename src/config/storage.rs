//! Where generated lines live between releases.

use serde::Deserialize;

/// Where generated lines live between releases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

    /// The text of a relwatch.yml with this `storage`; everything else stays.
    pub fn written_into(self, text: &str) -> String {
        let line = format!("storage: {}", self.word());
        let is_key = |l: &str| {
            let bare = l.strip_prefix('#').map_or(l, str::trim_start);
            bare.starts_with("storage:")
        };
        let Some(old) = text.lines().find(|l| is_key(l)) else {
            let gap = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            return format!("{text}{gap}{line}\n");
        };
        // A comment behind the value stays.
        let comment = old.rfind(" #").map_or("", |at| &old[at..]);
        text.replacen(old, &format!("{line}{comment}"), 1)
    }
}
