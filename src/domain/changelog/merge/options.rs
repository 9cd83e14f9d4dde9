//! Merge options that the user set, apart from the files to merge: `-X ours`, `-X ignore-space-change`, `merge.conflictStyle`.
//!
//! git uses these options only for its own line-wise merge. It does not pass them to a merge driver (gitattributes(5)).

use std::borrow::Cow;

use crate::domain::text::words::byte_lines;

/// The side that resolves a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Favor {
    Ours,
    Theirs,
    /// Both, ours first (`git apply --3way --union`).
    Union,
}

/// White space that is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredSpace {
    AtLineEnd,
    CarriageReturn,
    Amount,
    All,
}

/// The texts that a conflict shows (`merge.conflictStyle`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConflictShape {
    /// Ours and theirs.
    #[default]
    Sides,
    /// Ours, theirs and the base.
    WithBase,
    /// Ours, theirs and the base, with common lines at the beginning and the end moved out of the markers.
    WithBaseTrimmed,
}

impl ConflictShape {
    /// Reads git's name of a conflict style.
    pub fn read(word: &str) -> Option<ConflictShape> {
        match word {
            "merge" => Some(ConflictShape::Sides),
            "diff3" => Some(ConflictShape::WithBase),
            "zdiff3" => Some(ConflictShape::WithBaseTrimmed),
            _ => None,
        }
    }

    /// The option of `git merge-file` for this style.
    pub fn flag(self) -> Option<&'static str> {
        match self {
            ConflictShape::Sides => None,
            ConflictShape::WithBase => Some("--diff3"),
            ConflictShape::WithBaseTrimmed => Some("--zdiff3"),
        }
    }
}

/// The options of a merge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MergeOptions {
    pub favor: Option<Favor>,
    pub ignored: Option<IgnoredSpace>,
    /// `--conflict=STYLE` of `git checkout`; if not given, the configuration decides.
    pub shape: Option<ConflictShape>,
}

impl MergeOptions {
    /// Adds the value of one `-X`; a later one wins, as in git. Values that do not affect a merge by meaning, such as `patience`, `subtree`
    /// or `find-renames`, change nothing.
    pub fn add(&mut self, word: &str) {
        match word {
            "ours" => self.favor = Some(Favor::Ours),
            "theirs" => self.favor = Some(Favor::Theirs),
            "union" => self.favor = Some(Favor::Union),
            "ignore-space-change" => self.ignored = Some(IgnoredSpace::Amount),
            "ignore-all-space" => self.ignored = Some(IgnoredSpace::All),
            "ignore-space-at-eol" => self.ignored = Some(IgnoredSpace::AtLineEnd),
            "ignore-cr-at-eol" => self.ignored = Some(IgnoredSpace::CarriageReturn),
            _ => {}
        }
    }

    /// Whether two texts differ only in white space that is ignored.
    pub fn takes_for_same(&self, a: &[u8], b: &[u8]) -> bool {
        let Some(ignored) = self.ignored else {
            return a == b;
        };
        let (mut a, mut b) = (byte_lines(a), byte_lines(b));
        loop {
            match (a.next(), b.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if ignored.reduced(a) == ignored.reduced(b) => {}
                _ => return false,
            }
        }
    }
}

impl IgnoredSpace {
    /// A line without the white space that is ignored.
    fn reduced(self, line: &[u8]) -> Cow<'_, [u8]> {
        match self {
            IgnoredSpace::AtLineEnd => Cow::Borrowed(line.trim_ascii_end()),
            IgnoredSpace::CarriageReturn => Cow::Borrowed(line.strip_suffix(b"\r").unwrap_or(line)),
            IgnoredSpace::All => {
                let kept = line.iter().filter(|byte| !byte.is_ascii_whitespace());
                Cow::Owned(kept.copied().collect())
            }
            IgnoredSpace::Amount => {
                let mut kept = Vec::with_capacity(line.len());
                for byte in line.trim_ascii_end() {
                    if !byte.is_ascii_whitespace() {
                        kept.push(*byte);
                    } else if kept.last() != Some(&b' ') {
                        kept.push(b' ');
                    }
                }
                Cow::Owned(kept)
            }
        }
    }
}
