//! Components: parts of a repository with a changelog, tags and versions of their own.

use crate::domain::commit::message::Commit;
use crate::domain::commit::squash::SquashPart;
use crate::domain::spec::Spec;
use crate::domain::spec::source::PathGlob;
use crate::domain::version::file::manifest::ManifestPackage;

/// A component: the changes that touch its paths, and those that have its name as scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    /// Packages of the component, as its manifests describe them.
    pub packages: Vec<ManifestPackage>,
    /// Globs; one that matches a directory includes everything in it.
    pub paths: Vec<PathGlob>,
    /// The names of all components.
    pub names: Vec<String>,
    /// The changelogs of all components: a commit that touches only them changes no component.
    pub changelogs: Vec<String>,
    /// Directories that may contain its manifests: that of its first path, and that of its changelog.
    pub folders: Vec<String>,
    /// Paths and manifests of the other components.
    pub others: Vec<Other>,
}

/// Paths and manifests of another component.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Other {
    pub name: String,
    pub paths: Vec<PathGlob>,
    /// Directories that may contain its manifests.
    pub folders: Vec<String>,
    /// The manifests that it lists.
    pub listed: Vec<String>,
}

/// The precision with which globs match a path: the text of the closest one up to its first wildcard, and its whole text. `None` if they do
/// not match.
fn claim(globs: &[PathGlob], path: &str) -> Option<(usize, usize)> {
    let holding = globs.iter().filter(|glob| holds(glob, path));
    let closeness = holding.map(|glob| {
        let is_wild = |c: char| "*?[".contains(c);
        let text = glob.as_str();
        let fixed = text.split(is_wild).next().unwrap_or(text);
        let plain = text.chars().filter(|c| !is_wild(*c)).count();
        (fixed.trim_end_matches('/').len(), plain)
    });
    closeness.max()
}

/// Whether a glob matches a file or a directory above it.
fn holds(glob: &PathGlob, path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.chain([path]).any(|path| glob.matches(path))
}

impl Component {
    /// Whether a file belongs to another component, because that one lists it or matches it more closely. If both match equally, the first
    /// name wins.
    pub fn is_others(&self, path: &str) -> bool {
        let own = claim(&self.paths, path);
        self.others.iter().any(|other| {
            let its = claim(&other.paths, path);
            let is_first = its == own && other.name < self.name;
            other.listed.iter().any(|listed| listed == path)
                || its.is_some() && (its > own || is_first)
        })
    }

    /// Whether a file that is in no component's paths is in a directory that another component may use for its manifests, too.
    pub fn is_nobodys(&self, folder: &str, path: &str) -> bool {
        let mut others = self.others.iter();
        claim(&self.paths, path).is_none()
            && others.any(|other| other.folders.iter().any(|one| one == folder))
    }

    /// The globs that match none of these files.
    pub fn idle_globs<'c>(&'c self, files: &'c [String]) -> impl Iterator<Item = &'c PathGlob> {
        let has = |glob: &PathGlob| files.iter().any(|path| holds(glob, path));
        self.paths.iter().filter(move |glob| !has(glob))
    }

    /// Whether a path belongs to the component.
    pub fn has_path(&self, path: &str) -> bool {
        if self.changelogs.iter().any(|changelog| changelog == path) {
            return false;
        }
        self.paths.iter().any(|glob| holds(glob, path))
    }

    /// Whether the change in the title of a commit belongs to the component.
    pub fn has_title(&self, commit: &Commit) -> bool {
        let scope = commit.message.scope.as_deref();
        scope.is_some_and(|scope| self.is_named(scope))
            || commit.paths.iter().any(|path| self.has_path(path))
    }

    /// Whether a change in a commit's body belongs to the component: by its scope if that names a component, else together with its commit.
    pub fn has_part(&self, commit: &Commit, part: &SquashPart) -> bool {
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

    /// Whether any change of a commit belongs to the component.
    pub fn has(&self, commit: &Commit) -> bool {
        let mut parts = commit.message.parts.iter();
        self.has_title(commit) || parts.any(|part| self.has_part(commit, part))
    }

    /// Whether a package belongs to the component.
    pub fn has_package(&self, name: &str) -> bool {
        self.is_named(name) || self.packages.iter().any(|own| own.name == name)
    }

    /// Whether a spec assigns itself to the component: by the packages that it names, else by a label, or by the files that it changes.
    pub fn is_told_by(&self, spec: &Spec) -> bool {
        if !spec.packages.is_empty() {
            return spec.packages.iter().any(|(name, _)| self.has_package(name));
        }
        spec.labels.iter().any(|label| self.is_named(label))
            || spec.touches.iter().any(|path| self.has_path(path))
    }

    /// Whether a label of a spec names a component, this or another one.
    pub fn is_one_told(&self, spec: &Spec) -> bool {
        let names = || self.names.iter();
        spec.labels
            .iter()
            .any(|label| names().any(|name| name.eq_ignore_ascii_case(label)))
    }

    fn is_named(&self, word: &str) -> bool {
        self.name.eq_ignore_ascii_case(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::commit::id::CommitId;
    use crate::domain::commit::message::RawCommit;
    use crate::domain::commit::message::Reading;

    fn bot() -> Component {
        let paths = ["bot", "lib/*.py"].map(|glob| PathGlob::new(glob).unwrap());
        Component {
            name: "bot".into(),
            paths: paths.to_vec(),
            names: vec!["bot".into(), "web".into()],
            changelogs: vec!["bot/CHANGELOG.md".into()],
            ..Component::default()
        }
    }

    fn commit(message: &str, paths: &[&str]) -> Commit {
        let raw = RawCommit {
            id: CommitId::expect(&"0".repeat(40)).unwrap(),
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
    fn a_file_belongs_to_who_names_it_most_closely() {
        let globs = |all: &[&str]| {
            all.iter()
                .map(|glob| PathGlob::new(glob).unwrap())
                .collect()
        };
        let other = |name: &str, paths: &[&str], listed: &[&str]| Other {
            name: name.into(),
            paths: globs(paths),
            folders: vec!["docs".into()],
            listed: listed.iter().map(|path| (*path).to_owned()).collect(),
        };
        let own = Component {
            name: "m".into(),
            paths: globs(&["src/**", "lib", "same/**", "x/*.toml"]),
            others: vec![
                other("a", &["src/a/**", "same/**", "**"], &["lib/Cargo.toml"]),
                other("z", &["x/**", "src/**"], &[]),
            ],
            ..Component::default()
        };
        for (path, is_others) in [
            ("src/Cargo.toml", false),
            ("src/a/Cargo.toml", true),
            ("src/b/Cargo.toml", false),
            ("lib/Cargo.toml", true),
            ("lib/package.json", false),
            ("same/Cargo.toml", true),
            ("x/Cargo.toml", false),
            ("x/y/Cargo.toml", true),
            ("Cargo.toml", true),
        ] {
            assert_eq!(own.is_others(path), is_others, "{path}");
        }
        assert!(own.is_nobodys("docs", "docs/package.json"));
        assert!(!own.is_nobodys("lib", "lib/package.json"));
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
