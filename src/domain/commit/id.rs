//! Names of commits, whole and abbreviated.
//!
//! A name is compared and copied as bytes; its digits are made only for output, and none of that allocates. A text that may be any revision
//! (`HEAD~2`, a branch) is not a commit name and stays a string until git has resolved it.

use std::fmt;
use std::ops::Deref;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::failure::{Failure, Result};

/// The name of a commit: 20 bytes in a SHA-1 repository, 32 in a SHA-256 one (gitformat-hash-function-transition).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId {
    /// Zero beyond `len`.
    bytes: [u8; 32],
    len: u8,
}

/// Number of digits in an abbreviated name.
const SHORT: usize = 7;

/// Whether a word may be the name of a commit, whole or abbreviated to at least seven digits.
pub fn may_name(word: &str) -> bool {
    (SHORT..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The value of a hexadecimal digit; `NONE` for every other byte.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        values[DIGITS[value] as usize] = value as u8;
        values[DIGITS[value].to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    values
};

const NONE: u8 = 0xff;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Fills `bytes` with the values of hexadecimal digits, the last one alone if their number is odd. Returns false if a character is no
/// digit, or if there are too many.
fn decode(hex: &str, bytes: &mut [u8; 32]) -> bool {
    if hex.len() > 64 {
        return false;
    }
    let value = |digit: u8| VALUES[usize::from(digit)];
    let (pairs, last) = hex.as_bytes().as_chunks::<2>();
    let mut seen = 0;
    for ([high, low], byte) in pairs.iter().zip(bytes.iter_mut()) {
        let (high, low) = (value(*high), value(*low));
        seen |= high | low;
        *byte = high << 4 | low;
    }
    if let [digit] = last {
        let high = value(*digit);
        seen |= high;
        bytes[pairs.len()] = high << 4;
    }
    seen < 16
}

impl CommitId {
    /// The name from its bytes; `None` unless there are 20 or 32.
    pub fn from_bytes(name: &[u8]) -> Option<CommitId> {
        let len = u8::try_from(name.len())
            .ok()
            .filter(|n| matches!(n, 20 | 32))?;
        let mut bytes = [0; 32];
        bytes[..name.len()].copy_from_slice(name);
        Some(CommitId { bytes, len })
    }

    /// The name from 40 or 64 hexadecimal digits; `None` for any other text.
    pub fn parse(hex: &str) -> Option<CommitId> {
        let mut bytes = [0; 32];
        let is_whole = matches!(hex.len(), 40 | 64) && decode(hex, &mut bytes);
        is_whole.then_some(CommitId {
            bytes,
            len: (hex.len() / 2) as u8, // 20 or 32
        })
    }

    /// The name from 40 or 64 hexadecimal digits.
    ///
    /// # Errors
    /// Fails if the text is anything else.
    pub fn expect(hex: &str) -> Result<CommitId> {
        let id = CommitId::parse(hex);
        id.ok_or_else(|| Failure::failed(format!("`{hex}` is not the name of a commit")))
    }

    /// The bytes of the name.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// All digits of the name.
    pub fn hex(&self) -> Hex {
        let mut digits = [0; 64];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(self.bytes()) {
            *pair = [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ];
        }
        Hex {
            digits,
            len: 2 * self.len,
        }
    }

    /// The first seven digits of the name.
    pub fn short(&self) -> Short {
        let mut digits = [0; SHORT];
        for (at, digit) in digits.iter_mut().enumerate() {
            let byte = self.bytes[at / 2];
            *digit = DIGITS[usize::from(if at % 2 == 0 { byte >> 4 } else { byte & 15 })];
        }
        Short(digits)
    }
}

/// The digits of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex {
    digits: [u8; 64],
    len: u8,
}

/// The first seven digits of a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Short([u8; SHORT]);

impl Short {
    /// The name from seven hexadecimal digits in lower case; `None` for any other text.
    pub fn parse(digits: &str) -> Option<Short> {
        let digits: [u8; SHORT] = digits.as_bytes().try_into().ok()?;
        let is_digit = |digit: &u8| DIGITS.contains(digit);
        digits.iter().all(is_digit).then_some(Short(digits))
    }
}

impl Deref for Hex {
    type Target = str;

    fn deref(&self) -> &str {
        text(&self.digits[..usize::from(self.len)])
    }
}

impl Deref for Short {
    type Target = str;

    fn deref(&self) -> &str {
        text(&self.0)
    }
}

fn text(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default() // they are ASCII
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitId({self})")
    }
}

impl Serialize for CommitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hex())
    }
}

impl<'de> Deserialize<'de> for CommitId {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<CommitId, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = CommitId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a commit")
            }

            fn visit_str<E: de::Error>(self, hex: &str) -> std::result::Result<CommitId, E> {
                let unexpected = || E::invalid_value(de::Unexpected::Str(hex), &self);
                CommitId::parse(hex).ok_or_else(unexpected)
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

/// A commit that may be missing; it is then stored as an empty text.
pub mod or_empty {
    use super::*;

    /// Writes the digits, or nothing.
    ///
    /// # Errors
    /// Fails if the serializer fails.
    pub fn serialize<S: Serializer>(
        id: &Option<CommitId>,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        match id {
            Some(id) => id.serialize(serializer),
            None => serializer.serialize_str(""),
        }
    }

    /// Reads the output of [`serialize`].
    ///
    /// # Errors
    /// Fails if the text is neither empty nor the name of a commit.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Option<CommitId>, D::Error> {
        let hex = String::deserialize(deserializer)?;
        match hex.as_str() {
            "" => Ok(None),
            hex => CommitId::expect(hex).map(Some).map_err(de::Error::custom),
        }
    }
}

/// The beginning of a name: up to 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abbreviation {
    bytes: [u8; 32],
    digits: usize,
}

impl Abbreviation {
    /// The abbreviation from a text; `None` if a byte is no hexadecimal digit.
    pub fn parse(hex: &str) -> Option<Abbreviation> {
        let mut bytes = [0; 32];
        decode(hex, &mut bytes).then_some(Abbreviation {
            bytes,
            digits: hex.len(),
        })
    }

    /// Whether a name begins with this abbreviation.
    pub fn names(&self, id: &CommitId) -> bool {
        let whole = self.digits / 2;
        let is_half = self.digits % 2 == 1;
        self.digits <= 2 * usize::from(id.len)
            && self.bytes[..whole] == id.bytes[..whole]
            && (!is_half || self.bytes[whole] >> 4 == id.bytes[whole] >> 4)
    }

    /// The lower bound of the names that begin with this abbreviation: above the names before them, not above any of them.
    pub fn first(&self) -> CommitId {
        CommitId {
            bytes: self.bytes,
            len: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_object_formats_are_read_and_printed() {
        for hex in ["0123456789abcdef0123456789abcdef01234567", &"9f".repeat(32)] {
            let id = CommitId::expect(hex).unwrap();
            assert_eq!(id.to_string(), hex);
            assert_eq!(id.short().to_string(), hex[..7]);
            assert_eq!(Short::parse(&hex[..7]), Some(id.short()));
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(json, format!("\"{hex}\""));
            assert_eq!(serde_json::from_str::<CommitId>(&json).unwrap(), id);
        }
        for other in [
            "",
            "01234",
            &"0".repeat(39),
            &"g".repeat(40),
            &"0".repeat(66),
            &"é".repeat(20),
        ] {
            assert!(CommitId::expect(other).is_err(), "{other}");
        }
        assert!(serde_json::from_str::<CommitId>("\"0123\"").is_err());
        assert!(Short::parse("012345").is_none() && Short::parse("012345G").is_none());
    }

    #[test]
    fn an_abbreviation_names_what_begins_with_it() {
        let id = CommitId::expect("0123456789abcdef0123456789abcdef01234567").unwrap();
        for hex in ["", "0", "01", "012", "0123456", "01234567", "0123456789AB"] {
            let of = Abbreviation::parse(hex).unwrap();
            assert!(of.names(&id) && of.first() < id, "{hex}");
        }
        for hex in ["1", "02", "013", "0123457", &"0".repeat(64)] {
            assert!(!Abbreviation::parse(hex).unwrap().names(&id), "{hex}");
        }
        assert!(Abbreviation::parse("0124").unwrap().first() > id);
        assert!(
            Abbreviation::parse("012g").is_none() && Abbreviation::parse(&"0".repeat(65)).is_none()
        );
    }
}
