//! The part of `relwatch.yml` that is about asking the forge.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::config::odd::Odd;
use crate::config::release::duration;
use crate::domain::entry::category::Categories;
use crate::domain::entry::kind::Meaning;
use crate::domain::forge_facts::labels::Labels;
use crate::domain::forge_facts::provider::Provider;

/// What commands that a person starts ask the forge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ForgeSettings {
    /// Who is asked: `gh`, `glab`, or a command that gets pull requests and commits on standard input and prints a line of JSON for each
    /// pull request. Nobody without it.
    pub facts: Option<String>,
    /// What labels of pull requests mean: `breaking`, `hide`, a kind such as `fixed`, a commit type, or the title of a category.
    pub labels: Labels,
    /// Whether entries are worded by the titles of pull requests.
    pub titles: bool,
    /// How long a call may take, such as `30s`.
    pub timeout: String,
}

impl Default for ForgeSettings {
    fn default() -> Self {
        ForgeSettings {
            facts: None,
            labels: Labels::default(),
            titles: false,
            timeout: "1m".into(),
        }
    }
}

impl ForgeSettings {
    /// Who is asked, if anybody is.
    pub fn provider(&self) -> Option<Provider<'_>> {
        self.facts.as_deref().map(Provider::named)
    }

    /// Whether facts may change entries.
    pub fn changes_entries(&self) -> bool {
        !self.labels.is_empty() || self.titles
    }

    /// How long a call may take; [`crate::config::Config::read`] has checked it.
    pub fn limit(&self) -> Option<Duration> {
        duration(&self.timeout)
    }

    pub(super) fn check(
        &self,
        categories: &Categories,
        types: &BTreeMap<String, Meaning>,
    ) -> Result<(), Odd> {
        if self.limit().is_none() {
            let words = &self.timeout;
            let odd = Odd::new("timeout", format!("forge: timeout `{words}` is no time"));
            return Err(odd.with_remedy("write it as `90s` or `2m`"));
        }
        if self
            .facts
            .as_ref()
            .is_some_and(|facts| facts.trim().is_empty())
        {
            let odd = Odd::new("facts", "forge: `facts` is empty");
            return Err(odd.with_remedy("write `gh`, `glab` or a command"));
        }
        if self.facts.is_none() && self.changes_entries() {
            let key = if self.titles { "titles" } else { "labels" };
            let odd = Odd::new(key, format!("forge: `{key}` needs `facts`"));
            return Err(
                odd.with_remedy("name what to ask: `facts: gh`, `facts: glab` or a command")
            );
        }
        let Some((word, nearest)) = self.labels.odd(categories, types) else {
            return Ok(());
        };
        let odd = Odd::new(
            word,
            format!("forge: labels: `{word}` is neither a kind of change nor a category"),
        );
        Err(odd.with_remedy(match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                "write breaking, hide, a kind such as fixed, or the title of a category".to_owned()
            }
        }))
    }
}
