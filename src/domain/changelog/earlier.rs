//! Lines of earlier views: an editor may keep an old copy of the file open for days and then save it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::domain::changelog::document::Document;
use crate::domain::changelog::exclusion::Exclusion;
use crate::domain::changelog::record::Record;
use crate::domain::changelog::said::said;
use crate::domain::changelog::title::category_key;

/// A line that an earlier view had and the last one does not. Views are counted: the line was added by one and removed by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// [`category_key`] of its category.
    pub category: String,
    /// [`said`] of its text.
    pub said: String,
    pub came: u64,
    pub went: u64,
    /// Whether the heading of its category was generated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub headed: bool,
}

/// Known data about earlier views. Views are counted from 1.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierViews {
    /// Lines that are no longer in the last view.
    pub lines: Vec<Earlier>,
    /// Names of git's blobs of the file, each with the first view that was made from it.
    pub blobs: Vec<(u64, String)>,
    /// References of the skip comments of the last view, committed or not.
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

    /// The earlier views after view number `view` replaces that of `old`, for a file that git stores as `blob` with the content `doc`.
    /// Lines that the user took over no longer count as generated. The oldest lines are dropped.
    pub fn followed_by(
        &self,
        old: &Record,
        new: &Record,
        doc: &[u8],
        (view, blob): (u64, &str),
    ) -> EarlierViews {
        /// Most lines to remember. An editor may be open for some days; a file that fits none of these lines is hand-written.
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

/// The meanings of the entries in a view, by category: generated and hand-written ones.
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
