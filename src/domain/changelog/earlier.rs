//! Lines that earlier views had: an editor may hold an old copy of the file for days, and save it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::record::Record;
use crate::domain::changelog::said::said;
use crate::domain::changelog::title::category_key;

/// A line that an earlier view had and the last one has not. Views are counted: it came with one and went with another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// [`category_key`] of its category.
    pub category: String,
    /// [`said`] of its text.
    pub said: String,
    pub came: u64,
    pub went: u64,
    /// The heading of its category was ours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub headed: bool,
}

/// What is known of earlier views. Views are counted from 1.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierViews {
    /// Lines that the last view has no more.
    pub lines: Vec<Earlier>,
    /// The names of the blobs that git had of the file, each with the first view that was made from it.
    pub blobs: Vec<(u64, String)>,
    /// What the skip comments of the last view name, committed or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<String>,
}

impl EarlierViews {
    /// The blob that a view was made from.
    pub fn blob(&self, view: u64) -> Option<&str> {
        let mut known = self.blobs.iter().rev();
        let (_, name) = known.find(|(first, _)| *first <= view)?;
        Some(name)
    }

    /// The same once view number `view` is written over that of `old`, for a file of which git has `doc` as `blob`. What a person took
    /// over is no line of ours; the oldest are forgotten.
    pub fn followed_by(
        &self,
        old: &Record,
        new: &Record,
        doc: &[u8],
        (view, blob): (u64, &str),
    ) -> EarlierViews {
        /// An editor may be open for some days; a file that fits nothing of this is a person's.
        const MOST: usize = 500;
        let mut next = EarlierViews {
            skips: Exclusion::Skip.new_ones(b"", doc),
            ..self.clone()
        };
        if next.blobs.last().is_none_or(|(_, last)| last != blob) {
            next.blobs.push((view, blob.to_owned()));
            let surplus = next.blobs.len().saturating_sub(MOST);
            next.blobs.drain(..surplus);
        }
        let gone = new.lacks_of(old);
        if gone.is_empty() {
            return next;
        }
        let there = said_in(new, doc);
        next.lines
            .retain(|line| !there.contains(&(line.category.clone(), line.said.clone())));
        for (run, item) in gone {
            let key = (category_key(&run.category), said(&item.text));
            if !there.contains(&key) {
                next.lines.push(Earlier {
                    category: key.0,
                    said: key.1,
                    came: item.came,
                    went: view,
                    headed: run.heading.is_some(),
                });
            }
        }
        let surplus = next.lines.len().saturating_sub(MOST);
        next.lines.drain(..surplus);
        next
    }
}

/// What a view says, by category: its own lines and those of people.
fn said_in(record: &Record, doc: &[u8]) -> HashSet<(String, String)> {
    let own = record.runs_and_items();
    let own = own.map(|(run, item)| (category_key(&run.category), said(&item.text)));
    let parsed = Document::parse(doc);
    let categories = parsed.unreleased().into_iter().flat_map(|s| &s.categories);
    let by_hand = categories.flat_map(|category| {
        let name = category_key(&category.name);
        let items = category.items.iter();
        items.map(move |item| (name.clone(), item))
    });
    let by_hand = by_hand.map(|(name, item)| (name, said(&parsed.text(item))));
    own.chain(by_hand).collect()
}
