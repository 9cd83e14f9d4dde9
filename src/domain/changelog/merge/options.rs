//! What the user asked of a merge, apart from what to merge: `-X ours`, `-X ignore-space-change`, `merge.conflictStyle`.
//!
//! git has these options for its own line-wise merge alone. It does not pass them to a merge driver (gitattributes(5)).

use std::borrow::Cow;

use crate::domain::text::words::byte_lines;

/// The side that a conflict is resolved by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Favor {
    Ours,
    Theirs,
    /// Both, ours first (`git apply --3way --union`).
    Union,
}

/// White space that makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredSpace {
    AtLineEnd,
    CarriageReturn,
    Amount,
    All,
}

/// Which texts a conflict shows (`merge.conflictStyle`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConflictShape {
    /// Ours and theirs.
    #[default]
    Sides,
    /// The base, too.
    WithBase,
    /// The base, too, and outside the markers the lines that both sides begin or end with.
    WithBaseTrimmed,
}

impl ConflictShape {
    /// Reads git's word for it.
    pub fn read(word: &str) -> Option<ConflictShape> {
        match word {
            "merge" => Some(ConflictShape::Sides),
            "diff3" => Some(ConflictShape::WithBase),
            "zdiff3" => Some(ConflictShape::WithBaseTrimmed),
            _ => None,
        }
    }

    /// What `git merge-file` calls it.
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
    /// `--conflict=STYLE` of `git checkout`; else the configuration decides.
    pub shape: Option<ConflictShape>,
}

impl MergeOptions {
    /// Takes the value of one `-X`; a later one wins, as in git. Those that a merge by meaning does not depend on, such as `patience`,
    /// `subtree` or `find-renames`, change nothing.
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

    /// Whether two texts differ in white space alone that makes no difference.
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
    /// A line without what makes no difference.
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
