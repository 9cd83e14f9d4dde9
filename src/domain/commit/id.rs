//! Names of commits.

use std::fmt;

use crate::domain::failure::{Failure, Result};

/// The name of a commit: 20 bytes in a SHA-1 repository, 32 in a SHA-256 one (gitformat-hash-function-transition).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId {
    /// Zero beyond `len`.
    bytes: [u8; 32],
    len: u8,
}

impl CommitId {
    /// `None` unless there are 20 or 32 bytes.
    pub fn from_bytes(name: &[u8]) -> Option<CommitId> {
        let len = u8::try_from(name.len())
            .ok()
            .filter(|n| matches!(n, 20 | 32))?;
        let mut bytes = [0; 32];
        bytes[..name.len()].copy_from_slice(name);
        Some(CommitId { bytes, len })
    }

    /// From 40 or 64 hexadecimal digits.
    ///
    /// # Errors
    /// If the text is anything else.
    pub fn of(hex: &str) -> Result<CommitId> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut name = [0; 32];
        let pairs = hex.as_bytes().chunks(2);
        let ok = hex.len() <= 64
            && pairs.zip(&mut name).all(|(pair, byte)| match pair {
                [high, low] => match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        *byte = (high * 16 + low) as u8; // two digits of 0 to 15
                        true
                    }
                    _ => false,
                },
                _ => false,
            });
        let id = CommitId::from_bytes(&name[..hex.len().min(64) / 2]).filter(|_| ok);
        id.ok_or_else(|| Failure::failed(format!("`{hex}` is not the name of a commit")))
    }

    /// The bytes of the name.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 64];
        for (at, byte) in self.bytes().iter().enumerate() {
            hex[2 * at] = DIGITS[usize::from(byte >> 4)];
            hex[2 * at + 1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&hex[..2 * usize::from(self.len)]).unwrap_or_default())
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_object_formats_are_read_and_printed() {
        for hex in ["0123456789abcdef0123456789abcdef01234567", &"9f".repeat(32)] {
            assert_eq!(CommitId::of(hex).unwrap().to_string(), hex);
        }
        for other in [
            "",
            "01234",
            &"0".repeat(39),
            &"g".repeat(40),
            &"0".repeat(66),
            &"é".repeat(20),
        ] {
            assert!(CommitId::of(other).is_err(), "{other}");
        }
    }
}
