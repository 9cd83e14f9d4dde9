//! The bullets that a file uses for its entries: `- `, ` * `, `1. `.

/// The marker before an entry's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// White space before the bullet.
    indent: String,
    bullet: Bullet,
    /// White space after the bullet.
    gap: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bullet {
    Sign(char),
    /// Number and delimiter.
    Number(u64, char),
}

impl Default for Marker {
    fn default() -> Self {
        Marker {
            indent: String::new(),
            bullet: Bullet::Sign('-'),
            gap: " ".into(),
        }
    }
}

impl Marker {
    /// The marker of a list item.
    pub fn parse(item: &str) -> Option<Marker> {
        let line = item.lines().next()?;
        let bare = line.trim_start();
        let indent = line[..line.len() - bare.len()].to_owned();
        let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
        let sign = bare[digits..].chars().next()?;
        let bullet = match (digits, sign) {
            (0, '-' | '*' | '+') => Bullet::Sign(sign),
            (1..=9, '.' | ')') => Bullet::Number(bare[..digits].parse().ok()?, sign),
            _ => return None,
        };
        let rest = &bare[digits + 1..];
        let gap = &rest[..rest.len() - rest.trim_start().len()];
        // Five columns and more would begin indented code (CommonMark 0.31, 5.2).
        let gap = if gap.is_empty() || gap.len() > 4 {
            " "
        } else {
            gap
        };
        Some(Marker {
            indent,
            bullet,
            gap: gap.to_owned(),
        })
    }

    /// Whether entries are numbered, so that each has a marker of its own.
    pub fn counts(&self) -> bool {
        matches!(self.bullet, Bullet::Number(..))
    }

    /// The marker of the entry after this one.
    pub fn next(&self) -> Marker {
        let bullet = match self.bullet {
            Bullet::Number(number, delimiter) => Bullet::Number(number + 1, delimiter),
            sign @ Bullet::Sign(_) => sign,
        };
        Marker {
            bullet,
            ..self.clone()
        }
    }

    /// The marker before a first line, and the white space before its continuation lines.
    pub fn lead(&self) -> (String, String) {
        let bullet = match self.bullet {
            Bullet::Sign(sign) => sign.to_string(),
            Bullet::Number(number, delimiter) => format!("{number}{delimiter}"),
        };
        let first = format!("{}{bullet}{}", self.indent, self.gap);
        // A tab reaches to the next multiple of four (CommonMark 0.31, 2.2).
        let width = first.chars().fold(0, |at, c| match c {
            '\t' => at / 4 * 4 + 4,
            _ => at + 1,
        });
        (first, " ".repeat(width))
    }
}
