//! Names that changelogs use for Unreleased, for versions to come and for the parts of a section.

use std::sync::RwLock;

use super::title::category_key;

/// The repository's own title of Unreleased, as it is written there. It is valid for the whole process: a process works on one repository,
/// and every reader of a changelog there (filter, hook, merge driver or command) must take the same heading for Unreleased.
static OWN: RwLock<Option<String>> = RwLock::new(None);

/// Sets a repository's own title of Unreleased, `unreleased:` of relwatch.yml; the usual names keep their meaning.
pub fn call_unreleased(title: Option<&str>) {
    if let Ok(mut own) = OWN.write() {
        *own = title.map(str::to_owned);
    }
}

/// The repository's own title of Unreleased.
pub(super) fn own_unreleased() -> Option<String> {
    OWN.read().ok()?.clone()
}

/// Whether a heading is Unreleased wherever it is.
pub(super) fn is_unreleased(text: &str) -> bool {
    let key = category_key(text);
    UNRELEASED.contains(&key.as_str())
        || own_unreleased().is_some_and(|own| category_key(&own) == key)
}

/// Names of Unreleased besides the word itself, as [`category_key`] returns them, in the languages into which Keep a Changelog is
/// translated.
const UNRELEASED: &[&str] = &[
    "unreleasedchanges",
    "notreleased",
    "notyetreleased",
    "notreleasedyet",
    "unpublished",
    "nichtveröffentlicht",
    "unveröffentlicht",
    "nonpublié",
    "nonpubliée",
    "nonpublie",
    "àvenir",
    "nopublicado",
    "sinpublicar",
    "sinliberar",
    "nolanzado",
    "nonrilasciato",
    "nonpubblicato",
    "nãopublicado",
    "nãolançado",
    "nãoliberado",
    "未发布",
    "未發布",
    "未發佈",
    "待发布",
    "未リリース",
    "未公開",
    "미배포",
    "미출시",
    "невыпущено",
    "неизданное",
    "неопубликовано",
    "новоевразработке",
    "невиданий",
    "nieopublikowane",
    "niewydane",
    "nevydáno",
    "nevydané",
    "yayınlanmadı",
    "yayımlanmadı",
    "yayınlanmamış",
    "nietuitgebracht",
    "ongepubliceerd",
    "ejsläppt",
    "ikkeutgitt",
    "ikkeudgivet",
    "julkaisematon",
    "nelansat",
    "neobjavljeno",
    "belumrilis",
    "chưapháthành",
];

/// Words that name Unreleased above the newest version, at its level.
pub(super) const AHEAD: &[&str] = &[
    "bleedingedge",
    "comingsoon",
    "current",
    "currentdevelopment",
    "currentmaster",
    "dev",
    "devel",
    "develop",
    "development",
    "developmentversion",
    "edge",
    "future",
    "futurerelease",
    "git",
    "gitmain",
    "gitmaster",
    "head",
    "indevelopment",
    "inprogress",
    "main",
    "mainbranch",
    "master",
    "masterbranch",
    "next",
    "nextrelease",
    "nextunreleased",
    "nextversion",
    "pending",
    "pendingchanges",
    "pendingrelease",
    "snapshot",
    "tbd",
    "thisrelease",
    "tip",
    "tobereleased",
    "trunk",
    "upcoming",
    "upcomingchanges",
    "upcomingrelease",
    "upcomingversion",
    "vnext",
    "wip",
    "workinprogress",
];

/// Words after the version of a section that is still being written.
pub(super) const OPEN: &[&str] = &[
    "dev",
    "development",
    "developmentversion",
    "draft",
    "future",
    "indev",
    "indevelopment",
    "inprogress",
    "next",
    "nextrelease",
    "notreleased",
    "notyetreleased",
    "pending",
    "planned",
    "releasedate",
    "snapshot",
    "tba",
    "tbd",
    "tbr",
    "tobedetermined",
    "tobereleased",
    "unreleased",
    "upcoming",
    "wip",
    "workinprogress",
    "xxxxxxxx",
    "yettobereleased",
    "yyyymmdd",
    "",
];

/// Words of which a single one, next to other words about dates, shows that a section is still being written: `date TBD`,
/// `planned 2026-12-24`.
const PENDING: &[&str] = &[
    "draft",
    "eta",
    "expected",
    "pending",
    "planned",
    "scheduled",
    "soon",
    "tba",
    "tbc",
    "tbd",
    "unreleased",
    "upcoming",
    "wip",
];

/// Words about dates without further meaning.
const DATING: &[&str] = &[
    "at", "be", "coming", "date", "for", "in", "on", "release", "released", "the", "to", "yet",
];

/// Whether the text after a version, without its date, shows that the section is still being written. Next to a date, `date` and names of
/// development versions do not show that.
pub(super) fn is_pending(behind: &str, is_dated: bool) -> bool {
    let key = category_key(behind);
    let is_open = OPEN.contains(&key.as_str()) || key == "date";
    if is_unreleased(behind) || is_open && (!is_dated || key.ends_with("released")) {
        return true;
    }
    let words = behind.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let has = |list: &[&str], word: &String| list.contains(&word.as_str());
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut all = words.iter();
    let is_about_dates = all.all(|word| has(PENDING, word) || has(DATING, word) || is_number(word));
    // `Unreleased` followed by anything, or only words of these lists.
    words.first().is_some_and(|word| word == "unreleased")
        || is_about_dates && words.iter().any(|word| has(PENDING, word))
}

/// Labels of development versions, under which nothing is released.
pub(super) const DEVELOPMENT: &[&str] =
    &["dev", "develop", "next", "snapshot", "unreleased", "wip"];

/// Headings of parts of a version's section, as [`category_key`] returns them. They matter if the oldest version has one at its own level.
pub(super) const PARTS: &[&str] = &[
    "added",
    "breakingchanges",
    "bugfixes",
    "buildsystem",
    "changed",
    "changes",
    "chores",
    "coderefactoring",
    "continuousintegration",
    "contributors",
    "dependencies",
    "deprecated",
    "documentation",
    "enhancements",
    "features",
    "fixed",
    "fixes",
    "improvements",
    "majorchanges",
    "minorchanges",
    "miscellaneouschores",
    "newcontributors",
    "newfeatures",
    "patchchanges",
    "performanceimprovements",
    "removed",
    "reverts",
    "security",
    "whatschanged",
];
