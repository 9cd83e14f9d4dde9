//! Gitmoji: the meaning of an emoji before a title. An emoji that gitmoji.dev does not relate to users decides nothing.

use crate::domain::entry::kind::Kind;

/// An emoji of gitmoji.dev.
#[derive(Debug, PartialEq, Eq)]
pub struct Gitmoji {
    /// The emoji without the variation selector.
    pub sign: &'static str,
    /// The code without its colons.
    pub code: &'static str,
    /// The kind of change; `None` if the first verb decides.
    pub kind: Option<Kind>,
}

const fn sign(sign: &'static str, code: &'static str, kind: Option<Kind>) -> Gitmoji {
    Gitmoji { sign, code, kind }
}

const ADDED: Option<Kind> = Some(Kind::Added);
const CHANGED: Option<Kind> = Some(Kind::Changed);
const FIXED: Option<Kind> = Some(Kind::Fixed);
const DOCUMENTATION: Option<Kind> = Some(Kind::Documentation);
const INTERNAL: Option<Kind> = Some(Kind::Internal);

/// <https://gitmoji.dev>, in its order. Emojis for removed code (`fire`, `truck`, `rewind`) have no kind, so the words decide: a declared
/// removal would be breaking.
const TABLE: &[Gitmoji] = &[
    sign("🎨", "art", INTERNAL),    // Improve structure / format of the code
    sign("⚡", "zap", CHANGED),     // Improve performance
    sign("🔥", "fire", None),       // Remove code or files
    sign("🐛", "bug", FIXED),       // Fix a bug
    sign("🚑", "ambulance", FIXED), // Critical hotfix
    sign("✨", "sparkles", ADDED),  // Introduce new features
    sign("📝", "memo", DOCUMENTATION), // Add or update documentation
    sign("🚀", "rocket", INTERNAL), // Deploy stuff
    sign("💄", "lipstick", CHANGED), // Add or update the UI and style files
    sign("🎉", "tada", None),       // Begin a project
    sign("✅", "white_check_mark", INTERNAL), // Add, update, or pass tests
    sign("🔒", "lock", Some(Kind::Security)), // Fix security or privacy issues
    sign("🔐", "closed_lock_with_key", INTERNAL), // Add or update secrets
    sign("🔖", "bookmark", None),   // Release / Version tags
    sign("🚨", "rotating_light", INTERNAL), // Fix compiler / linter warnings
    sign("🚧", "construction", INTERNAL), // Work in progress
    sign("💚", "green_heart", INTERNAL), // Fix CI Build
    sign("⬇", "arrow_down", INTERNAL), // Downgrade dependencies
    sign("⬆", "arrow_up", INTERNAL), // Upgrade dependencies
    sign("📌", "pushpin", INTERNAL), // Pin dependencies to specific versions
    sign("👷", "construction_worker", INTERNAL), // Add or update CI build system
    sign("📈", "chart_with_upwards_trend", INTERNAL), // Add or update analytics or track code
    sign("♻", "recycle", INTERNAL), // Refactor code
    sign("➕", "heavy_plus_sign", INTERNAL), // Add a dependency
    sign("➖", "heavy_minus_sign", INTERNAL), // Remove a dependency
    sign("🔧", "wrench", INTERNAL), // Add or update configuration files
    sign("🔨", "hammer", INTERNAL), // Add or update development scripts
    sign("🌐", "globe_with_meridians", CHANGED), // Internationalization and localization
    sign("✏", "pencil2", FIXED),    // Fix typos
    sign("💩", "poop", INTERNAL),   // Write bad code that needs to be improved
    sign("⏪", "rewind", None),     // Revert changes
    sign("🔀", "twisted_rightwards_arrows", None), // Merge branches
    sign("📦", "package", INTERNAL), // Add or update compiled files or packages
    sign("👽", "alien", CHANGED),   // Update code due to external API changes
    sign("🚚", "truck", None),      // Move or rename resources
    sign("📄", "page_facing_up", INTERNAL), // Add or update license
    sign("💥", "boom", None),       // Introduce breaking changes
    sign("🍱", "bento", CHANGED),   // Add or update assets
    sign("♿", "wheelchair", CHANGED), // Improve accessibility
    sign("💡", "bulb", INTERNAL),   // Add or update comments in source code
    sign("🍻", "beers", INTERNAL),  // Write code drunkenly
    sign("💬", "speech_balloon", CHANGED), // Add or update text and literals
    sign("🗃", "card_file_box", None), // Perform database related changes
    sign("🔊", "loud_sound", None), // Add or update logs
    sign("🔇", "mute", None),       // Remove logs
    sign("👥", "busts_in_silhouette", INTERNAL), // Add or update contributor(s)
    sign("🚸", "children_crossing", CHANGED), // Improve user experience / usability
    sign("🏗", "building_construction", INTERNAL), // Make architectural changes
    sign("📱", "iphone", CHANGED),  // Work on responsive design
    sign("🤡", "clown_face", INTERNAL), // Mock things
    sign("🥚", "egg", None),        // Add or update an easter egg
    sign("🙈", "see_no_evil", INTERNAL), // Add or update a .gitignore file
    sign("📸", "camera_flash", INTERNAL), // Add or update snapshots
    sign("⚗", "alembic", INTERNAL), // Perform experiments
    sign("🔍", "mag", None),        // Improve SEO
    sign("🏷", "label", None),       // Add or update types
    sign("🌱", "seedling", INTERNAL), // Add or update seed files
    sign("🚩", "triangular_flag_on_post", None), // Add, update, or remove feature flags
    sign("🥅", "goal_net", FIXED),  // Catch errors
    sign("💫", "dizzy", CHANGED),   // Add or update animations and transitions
    sign("🗑", "wastebasket", Some(Kind::Deprecated)), // Deprecate code that needs to be cleaned up
    sign("🛂", "passport_control", None), // Work on authorization, roles and permissions
    sign("🩹", "adhesive_bandage", FIXED), // Simple fix for a non-critical issue
    sign("🧐", "monocle_face", INTERNAL), // Data exploration/inspection
    sign("⚰", "coffin", INTERNAL),  // Remove dead code
    sign("🧪", "test_tube", INTERNAL), // Add a failing test
    sign("👔", "necktie", None),    // Add or update business logic
    sign("🩺", "stethoscope", None), // Add or update healthcheck
    sign("🧱", "bricks", INTERNAL), // Infrastructure related changes
    sign("🧑\u{200d}💻", "technologist", INTERNAL), // Improve developer experience
    sign("💸", "money_with_wings", INTERNAL), // Add sponsorships or money related infrastructure
    sign("🧵", "thread", None),     // Add or update code related to multithreading
    sign("🦺", "safety_vest", None), // Add or update code related to validation
    sign("✈", "airplane", None),    // Improve offline support
    sign("🦖", "t-rex", None),      // Code that adds backwards compatibility
];

impl Gitmoji {
    /// The emoji of a code without colons.
    pub fn of_code(code: &str) -> Option<&'static Gitmoji> {
        TABLE.iter().find(|one| one.code == code)
    }

    /// Whether it introduces breaking changes, according to gitmoji.dev.
    pub fn is_breaking(&self) -> bool {
        self.code == "boom"
    }

    /// The emoji at the beginning of a title, and the rest of the title.
    pub fn leading(title: &str) -> Option<(&'static Gitmoji, &str)> {
        if let Some(rest) = title.strip_prefix(':') {
            let (code, rest) = rest.split_once(':')?;
            return Some((Gitmoji::of_code(code)?, rest));
        }
        if title.as_bytes().first().is_none_or(u8::is_ascii) {
            return None; // nearly every title
        }
        let (found, rest) = TABLE
            .iter()
            .find_map(|one| Some((one, title.strip_prefix(one.sign)?)))?;
        // The selector requests the picture instead of the text sign.
        Some((found, rest.strip_prefix('\u{fe0f}').unwrap_or(rest)))
    }

    /// Whether a word of the configuration names it: the emoji, or its code between colons.
    pub fn is_named(&self, word: &str) -> bool {
        let bare = word.trim().trim_end_matches('\u{fe0f}');
        let code = bare
            .strip_prefix(':')
            .and_then(|word| word.strip_suffix(':'));
        bare == self.sign || code == Some(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emojis_are_found_in_both_spellings() {
        for (title, code, rest) in [
            ("✨ Add x", "sparkles", " Add x"),
            (":bug: fix y", "bug", " fix y"),
            ("♻️ refactor", "recycle", " refactor"),
            ("♻ refactor", "recycle", " refactor"),
            ("🧑\u{200d}💻 improve", "technologist", " improve"),
            ("💥(api): drop", "boom", "(api): drop"),
        ] {
            let (found, left) = Gitmoji::leading(title).unwrap();
            assert_eq!((found.code, left), (code, rest), "{title}");
        }
        for title in ["x ✨", ":no_such: x", "é", "", ": x", "😀 x"] {
            assert!(Gitmoji::leading(title).is_none(), "{title}");
        }
        let bug = Gitmoji::of_code("bug").unwrap();
        assert!(bug.is_named("🐛") && bug.is_named(":bug:") && !bug.is_named("bug"));
        assert!(Gitmoji::of_code("zap").unwrap().is_named("⚡️"));
    }

    #[test]
    fn each_emoji_is_in_the_table_once() {
        for (at, one) in TABLE.iter().enumerate() {
            let rest = &TABLE[at + 1..];
            let is_again = |other: &Gitmoji| other.sign == one.sign || other.code == one.code;
            assert!(!rest.iter().any(is_again), "{}", one.code);
        }
    }
}
