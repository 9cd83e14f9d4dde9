//! The entries of a section as a list, as users read them.

use serde::Serialize;

use crate::domain::entry::model::Origin;
use crate::domain::order;
use crate::domain::text::terminal;
use crate::project::Project;
use crate::section::contents::{self, SectionContents};

/// An entry of the section.
#[derive(Debug, Clone, Serialize)]
pub struct ListedEntry {
    pub category: String,
    pub text: String,
    pub refs: Vec<String>,
    /// The origin. `None` for a hand-written entry.
    pub source: Option<Origin>,
    pub breaking: bool,
    pub for_users: bool,
}

/// The entries by category, hand-written ones first in each.
pub fn listed(project: &Project, section: &SectionContents) -> Vec<ListedEntry> {
    let by_hand = contents::hand_written(section)
        .into_iter()
        .map(|entry| ListedEntry {
            text: terminal::printable(entry.title()),
            category: entry.category,
            refs: Vec::new(),
            source: None,
            breaking: entry.breaking,
            for_users: true,
        });
    let generated = section.gathered.entries.iter().map(|entry| ListedEntry {
        category: entry.line.category.clone(),
        text: entry.line.text.clone(),
        refs: entry.line.refs.clone(),
        source: Some(entry.source),
        breaking: entry.breaking,
        for_users: entry.for_users,
    });
    let mut all: Vec<ListedEntry> = by_hand.chain(generated).collect();
    let order = project
        .config
        .categories
        .titles(section.gathered.security());
    let mut names: Vec<String> = Vec::new();
    for entry in &all {
        if !names.contains(&entry.category) {
            names.push(entry.category.clone());
        }
    }
    order::by_key(&mut names, |name| {
        order.iter().position(|o| o == name).unwrap_or(order.len())
    });
    order::by_key(&mut all, |entry| {
        names.iter().position(|name| *name == entry.category)
    });
    all
}
