//! Components: parts of a repository with a changelog, tags and versions of their own.

use super::message::Commit;
use super::spec::Spec;
use super::spec::source::PathGlob;
use super::squash::Part;

/// What belongs to a component: what touches its paths, and what has its name as scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    /// Globs; one that matches a folder holds all that is in it.
    pub paths: Vec<PathGlob>,
    /// The names of all components.
    pub names: Vec<String>,
    /// The changelogs of all components: what touches nothing else changes none.
    pub changelogs: Vec<String>,
}

impl Component {
    /// Whether a path is its own.
    pub fn has_path(&self, path: &str) -> bool {
        if self.changelogs.iter().any(|changelog| changelog == path) {
            return false;
        }
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        let mut all = folders.chain([path]);
        all.any(|path| self.paths.iter().any(|glob| glob.matches(path)))
    }

    /// Whether what the title of a commit tells belongs to it.
    pub fn has_title(&self, commit: &Commit) -> bool {
        let scope = commit.message.scope.as_deref();
        scope.is_some_and(|scope| self.is_named(scope))
            || commit.paths.iter().any(|path| self.has_path(path))
    }

    /// Whether a change that a commit's body tells belongs to it: by its scope if that names a component, else with its commit.
    pub fn has_part(&self, commit: &Commit, part: &Part) -> bool {
        let names_one = |scope: &&str| {
            self.names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(scope))
        };
        match part.scope.as_deref().filter(names_one) {
            Some(scope) => self.is_named(scope),
            None => self.has_title(commit),
        }
    }

    /// Whether anything that a commit tells belongs to it.
    pub fn has(&self, commit: &Commit) -> bool {
        let mut parts = commit.message.parts.iter();
        self.has_title(commit) || parts.any(|part| self.has_part(commit, part))
    }

    /// Whether a spec says that it belongs to it: by a label, or by the files that it changes.
    pub fn is_told_by(&self, spec: &Spec) -> bool {
        spec.labels.iter().any(|label| self.is_named(label))
            || spec.touches.iter().any(|path| self.has_path(path))
    }

    fn is_named(&self, word: &str) -> bool {
        self.name.eq_ignore_ascii_case(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{RawCommit, Reading};

    fn bot() -> Component {
        let paths = ["bot", "lib/*.py"].map(|glob| PathGlob::new(glob).unwrap());
        Component {
            name: "bot".into(),
            paths: paths.to_vec(),
            names: vec!["bot".into(), "web".into()],
            changelogs: vec!["bot/CHANGELOG.md".into()],
        }
    }

    fn commit(message: &str, paths: &[&str]) -> Commit {
        let raw = RawCommit {
            id: "0".repeat(40),
            parents: vec![],
            author: String::new(),
            time: 0,
            message: message.into(),
            trailers: vec![],
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        };
        Commit::read(raw, &Reading::default())
    }

    #[test]
    fn paths_and_scopes_decide() {
        for (message, paths, belongs) in [
            ("feat: a", vec!["bot/src/a.py"], true),
            ("feat: a", vec!["web/a", "lib/a.py"], true),
            ("feat: a", vec!["lib/deep/a.py", "bots/a", "bot.py"], false),
            ("feat: a", vec!["bot/CHANGELOG.md"], false),
            ("feat(Bot): a", vec![], true),
            ("feat(web): a", vec!["bot/a"], true),
            ("feat(web): a", vec![], false),
        ] {
            let found = bot().has(&commit(message, &paths));
            assert_eq!(found, belongs, "{message} {paths:?}");
        }
    }

    #[test]
    fn a_squashed_change_belongs_where_its_scope_says() {
        let body = "Login (#12)\n\n* feat(bot): a\n\n* fix(web): b\n\n* fix(api): c";
        let parts = |paths: &[&str]| -> Vec<bool> {
            let commit = commit(body, paths);
            let parts = commit.message.parts.iter();
            parts.map(|part| bot().has_part(&commit, part)).collect()
        };
        assert_eq!(parts(&["bot/a"]), [true, false, true]);
        assert_eq!(parts(&["web/a"]), [true, false, false]);
        assert!(bot().has(&commit(body, &["web/a"])));
    }
}
