//! Keep a Changelog files (1.1 and 2.0). [`document`] parses them, [`view`] inserts generated entries, and [`clean`] removes them by the
//! [`verdict`] on each line. [`cut`] makes a dated version, [`mod@port`] copies one from another file, [`notes`] are its text for an
//! editor, and [`merge`] unites two versions of a file. Nothing here reads a file or a clock.

mod blocks;
pub mod clean;
pub mod cut;
mod date;
pub mod document;
pub mod earlier;
pub mod exclusion;
pub mod heading;
mod imitate;
mod lines;
mod marker;
mod marks;
mod matching;
pub mod merge;
pub mod names;
pub mod notes;
pub mod outline;
pub mod places;
pub mod port;
mod rank;
pub mod record;
pub mod said;
mod stored;
mod tail;
pub mod template;
pub mod title;
pub mod tracked;
pub mod verdict;
pub mod version_cut;
pub mod view;
