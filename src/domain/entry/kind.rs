//! Kinds of changes.

use serde::{Deserialize, Serialize};

use crate::domain::changelog::title::category_key;

/// The kinds of change, as Keep a Changelog names them, and two that it does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Added,
    Changed,
    Deprecated,
    Removed,
    Fixed,
    Security,
    Documentation,
    Internal,
}

impl Kind {
    /// The kind of a Conventional Commits type, a label, a spec type, a `Changelog:` trailer or a category heading; case does not matter.
    /// `None` for words without a kind.
    pub fn of_word(word: &str) -> Option<Kind> {
        Some(match word.trim().to_lowercase().as_str() {
            "feat" | "feature" | "features" | "added" | "add" | "new" | "enhancement" => {
                Kind::Added
            }
            "fix" | "fixes" | "fixed" | "bug" | "bugs" | "bugfix" | "bug fixes" | "hotfix" => {
                Kind::Fixed
            }
            "perf" | "performance" | "change" | "changed" | "changes" | "revert" => Kind::Changed,
            "deprecate" | "deprecated" | "deprecation" => Kind::Deprecated,
            "remove" | "removed" | "removal" => Kind::Removed,
            "security" | "sec" => Kind::Security,
            "docs" | "doc" | "documentation" => Kind::Documentation,
            "refactor" | "style" | "test" | "tests" | "build" | "ci" | "chore" | "deps" | "wip"
            | "internal" | "research" | "conflict" => Kind::Internal,
            _ => return None,
        })
    }

    /// The kind that a category heading of a changelog names, whatever its decoration.
    pub fn of_category(title: &str) -> Option<Kind> {
        let key = category_key(title);
        match key.as_str() {
            "newfeatures" | "enhancements" | "minorchanges" => Some(Kind::Added),
            "removals" => Some(Kind::Removed),
            "deprecations" => Some(Kind::Deprecated),
            "bugfixes" | "bugsfixed" | "fixedbugs" | "patchchanges" => Some(Kind::Fixed),
            "securityfixes" => Some(Kind::Security),
            "improvements" | "performanceimprovements" => Some(Kind::Changed),
            key => Kind::of_word(key).or_else(|| of_translation(key)),
        }
    }

    /// The kind that the first verb of a plain title names, after tickets, packages and emojis at the beginning.
    pub fn of_title(title: &str) -> Option<Kind> {
        let mut words = title.split_whitespace();
        for _ in 0..6 {
            let word = words.next()?;
            if let Some(kind) = Kind::of_verb(word) {
                return Some(kind);
            }
            if BUMPS.iter().any(|bump| bump.eq_ignore_ascii_case(word)) {
                return is_dependency(words).then_some(Kind::Internal);
            }
            let is_prefix = word.ends_with(':')
                || word.ends_with([']', ')']) && word.starts_with(['[', '('])
                || !word.contains(|c: char| c.is_ascii_alphabetic())
                || word.contains('-') && word.ends_with(|c: char| c.is_ascii_digit());
            if !is_prefix {
                return None;
            }
        }
        None
    }

    /// The kind that the words of a name show: its first verb, else a last word such as in `search fix`.
    pub fn of_name(name: &str) -> Option<Kind> {
        let last = || {
            let kind = Kind::of_word(name.rsplit(' ').next()?)?;
            matches!(kind, Kind::Fixed | Kind::Removed | Kind::Deprecated).then_some(kind)
        };
        Kind::of_title(name).or_else(last)
    }

    /// The kind that a title names before its first colon, and the rest of it: `Docs: explain locks`.
    pub fn leading(title: &str) -> Option<(Kind, &str)> {
        let (word, rest) = title.split_once(": ")?;
        let rest = rest.trim_start();
        // Without that word, a revert means the opposite.
        let is_told = !rest.is_empty() && !word.eq_ignore_ascii_case("revert");
        Some((Kind::of_word(word)?, rest)).filter(|_| is_told)
    }

    fn of_verb(word: &str) -> Option<Kind> {
        let first = word.to_lowercase();
        let verb = first.trim_matches(|c: char| !c.is_alphanumeric());
        let stem = verb
            .strip_suffix("ed")
            .or_else(|| verb.strip_suffix("es"))
            .or_else(|| verb.strip_suffix('s'))
            .unwrap_or(verb);
        let any = |verbs: &[&str]| {
            verbs
                .iter()
                .any(|v| *v == verb || *v == stem || v.strip_suffix('e') == Some(stem))
        };
        if any(&[
            "add",
            "implement",
            "introduce",
            "support",
            "create",
            "enable",
            "allow",
            "provide",
            "expose",
        ]) {
            Some(Kind::Added)
        } else if any(&[
            "fix", "correct", "repair", "resolve", "prevent", "avoid", "handle", "restore",
        ]) {
            Some(Kind::Fixed)
        } else if any(&["remove", "drop", "delete"]) {
            Some(Kind::Removed)
        } else if any(&["deprecate"]) {
            Some(Kind::Deprecated)
        } else if any(&["document"]) {
            Some(Kind::Documentation)
        } else if any(&["refactor", "test", "lint", "format"]) {
            Some(Kind::Internal)
        } else {
            None
        }
    }
}

const BUMPS: &[&str] = &["bump", "bumps", "bumped", "bumping"];

/// Whether a bumped thing is a dependency or a version: `lodash`, `lodash to 4.1`, `the npm group with 3 updates`; not `the buffer size`.
fn is_dependency<'t>(words: impl Iterator<Item = &'t str>) -> bool {
    const NAMES: &[&str] = &[
        "dependencies",
        "dependency",
        "deps",
        "version",
        "versions",
        "group",
        "submodule",
        "submodules",
        "msrv",
        "toolchain",
        "lockfile",
    ];
    let (mut count, mut found) = (0, false);
    for word in words {
        let digits = word.trim_start_matches(['v', 'V', '`', '\'', '(', '^', '~']);
        let is_version = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.');
        found |= is_version || NAMES.contains(&word.to_lowercase().trim_end_matches([',', '.']));
        count += 1;
    }
    found || count <= 1
}

/// Keep a Changelog's kinds in the languages that it is translated into, as [`category_key`] returns them.
fn of_translation(key: &str) -> Option<Kind> {
    const WORDS: &[(Kind, &str)] = &[
        (
            Kind::Added,
            "hinzugefügt neu ajouté ajoutés ajouts añadido agregado nuevo adicionado aggiunto добавлено dodano toegevoegd přidáno eklendi 新增 添加 新功能 新特性 追加 추가",
        ),
        (
            Kind::Changed,
            "geändert änderungen modifié modifiés changé cambiado modificado cambios alterado modificato изменено zmieniono gewijzigd změněno değiştirildi 变更 更改 变化 改进 优化 變更 変更 변경",
        ),
        (
            Kind::Deprecated,
            "veraltet déprécié obsolète obsoleto depreciado deprecato устарело przestarzałe 弃用 废弃 棄用 非推奨",
        ),
        (
            Kind::Removed,
            "entfernt supprimé supprimés retiré eliminado removido rimosso удалено usunięto verwijderd odstraněno kaldırıldı 移除 删除 刪除 削除 제거 삭제",
        ),
        (
            Kind::Fixed,
            "behoben korrigiert fehlerbehebungen corrigé corrigés corrections corregido arreglado corrigido corretto исправлено naprawiono opgelost opraveno düzeltildi 修复 修復 修正 수정",
        ),
        (
            Kind::Security,
            "sicherheit sécurité seguridad segurança sicurezza безопасность bezpieczeństwo beveiliging 安全 セキュリティ 보안",
        ),
    ];
    let known = WORDS
        .iter()
        .find(|(_, words)| words.split(' ').any(|word| word == key));
    known.map(|(kind, _)| *kind)
}

/// What a word of a commit or a spec means. Ordered by weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// Users have to do something.
    Breaking,
    Added,
    Deprecated,
    Removed,
    Security,
    Fixed,
    Changed,
    Documentation,
    Internal,
    /// Never listed, unless breaking.
    Hide,
}

impl Meaning {
    /// The kind of change that this is; a breaking one is a change, a hidden one has none.
    pub fn kind(self) -> Option<Kind> {
        Some(match self {
            Meaning::Breaking | Meaning::Changed => Kind::Changed,
            Meaning::Added => Kind::Added,
            Meaning::Deprecated => Kind::Deprecated,
            Meaning::Removed => Kind::Removed,
            Meaning::Fixed => Kind::Fixed,
            Meaning::Security => Kind::Security,
            Meaning::Documentation => Kind::Documentation,
            Meaning::Internal => Kind::Internal,
            Meaning::Hide => return None,
        })
    }
}

impl From<Kind> for Meaning {
    fn from(kind: Kind) -> Meaning {
        match kind {
            Kind::Added => Meaning::Added,
            Kind::Changed => Meaning::Changed,
            Kind::Deprecated => Meaning::Deprecated,
            Kind::Removed => Meaning::Removed,
            Kind::Fixed => Meaning::Fixed,
            Kind::Security => Meaning::Security,
            Kind::Documentation => Meaning::Documentation,
            Kind::Internal => Meaning::Internal,
        }
    }
}

impl Kind {
    /// As configuration writes it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Changed => "changed",
            Kind::Deprecated => "deprecated",
            Kind::Removed => "removed",
            Kind::Fixed => "fixed",
            Kind::Security => "security",
            Kind::Documentation => "documentation",
            Kind::Internal => "internal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_verb_tells_the_kind() {
        for (title, kind) in [
            ("Add a flag", Some(Kind::Added)),
            ("Implements the thing", Some(Kind::Added)),
            ("Introduced x", Some(Kind::Added)),
            ("Fixes a crash", Some(Kind::Fixed)),
            ("Fixed: a crash", Some(Kind::Fixed)),
            ("Removed the old api", Some(Kind::Removed)),
            ("Deprecates v1", Some(Kind::Deprecated)),
            ("Document the api", Some(Kind::Documentation)),
            ("Refactor locks", Some(Kind::Internal)),
            ("Rename x to y", None),
            ("ABC-12: Fix it", Some(Kind::Fixed)),
            ("[ui][api] Add it", Some(Kind::Added)),
            ("#12 Fix it", Some(Kind::Fixed)),
            ("phy: micrel: fix a leak", Some(Kind::Fixed)),
            ("Note: nothing", None),
            ("Parser fix", None),
            ("Bump lodash", Some(Kind::Internal)),
            ("Bumps lodash from 4.1 to 4.2", Some(Kind::Internal)),
            ("Bump the npm group with 3 updates", Some(Kind::Internal)),
            ("Bump actions/checkout to v4.1", Some(Kind::Internal)),
            ("Bump the buffer size", None),
            ("Bump the limit of open files", None),
            ("", None),
        ] {
            assert_eq!(Kind::of_title(title), kind, "{title}");
        }
    }
}
