//! Release conventions of a repository, as its tags and manifests show them; `init` writes them down.

use semver::Version;

use crate::domain::order;
use crate::domain::version::families::{TagFamily, families};

/// A package of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPackage {
    /// Name in its manifest; if it has none, the name of its directory.
    pub name: String,
    /// Directory relative to the root; empty for the root.
    pub folder: String,
    pub has_manifest: bool,
}

/// Release conventions of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conventions {
    /// Tag templates, that of the newest tag first; empty if no tag is a version.
    pub tags: Vec<String>,
    /// Package that the tags belong to, if it is one of several.
    pub package: Option<FoundPackage>,
    /// Packages that are released independently, if there are several.
    pub components: Vec<FoundComponent>,
    /// Newest of these tags, and their number.
    pub newest: Option<(String, usize)>,
    /// Highest version among tags of the whole repository, if packages have tags of their own now.
    pub ended: Option<Version>,
    /// Newest tag of all that look like versions, and its time.
    pub latest: Option<(String, i64)>,
}

/// A package with releases of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundComponent {
    pub package: FoundPackage,
    /// Tag templates, that of the newest tag first.
    pub tags: Vec<String>,
    /// Newest tag.
    pub newest: String,
    pub count: usize,
}

/// Seconds in a year. A tag family is alive if its newest release is within a year of the newest of all, or if it is one of the newest
/// three.
const YEAR: i64 = 366 * 24 * 60 * 60;

const NEWEST: usize = 3;

/// Minimum number of package tags after the last tag of the whole repository: fewer may be a coincidence.
const MANY: usize = 3;

/// Detects the conventions. `packages` is called only if tags name packages.
///
/// # Errors
/// Fails if `packages` fails.
pub fn find<'t, E>(
    tags: impl IntoIterator<Item = (&'t str, i64)>,
    packages: impl FnOnce() -> Result<Vec<FoundPackage>, E>,
) -> Result<Conventions, E> {
    let all = families(tags);
    let latest = all
        .first()
        .map(|family| (family.newest.tag.clone(), family.newest.time));
    let found = of_families(all, packages)?;
    Ok(Conventions { latest, ..found })
}

fn of_families<E>(
    all: Vec<TagFamily>,
    packages: impl FnOnce() -> Result<Vec<FoundPackage>, E>,
) -> Result<Conventions, E> {
    let newest = all.first().map_or(0, |family| family.newest.time);
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    for (at, family) in all.into_iter().enumerate() {
        let is_alive = at < NEWEST || family.newest.time >= newest - YEAR;
        match family.package() {
            None => whole.push(family),
            Some(_) if is_alive => parts.push(family),
            Some(_) => {}
        }
    }
    // A project that begins to tag packages stops tagging the whole; a helper that is tagged once in a while changes nothing.
    let last = whole.first().map_or(i64::MIN, |family| family.newest.time);
    let began = parts.iter().map(|family| family.since).min();
    let of_parts: usize = parts.iter().map(|family| family.count).sum();
    let is_over = began.is_some_and(|began| last < began) && of_parts >= MANY;
    let is_one = parts.is_empty() || last >= newest - YEAR && !is_over;
    let mut found = if is_one {
        Vec::new()
    } else {
        components(&parts, &packages()?)
    };
    if let ([], [only], true) = (found.as_slice(), parts.as_slice(), whole.is_empty()) {
        // All tags name the repository as a whole, whatever its manifests say.
        whole.push(only.clone());
    }
    let of_whole = whole.iter().map(|family| family.template.clone());
    Ok(match found.as_slice() {
        [] => Conventions {
            tags: of_whole.collect(),
            newest: whole
                .first()
                .map(|family| (family.newest.tag.clone(), family.count)),
            ..Conventions::default()
        },
        // If only one of several packages is published, the repository is that package.
        [only] => Conventions {
            tags: only.tags.iter().cloned().chain(of_whole).collect(),
            newest: Some((only.newest.clone(), only.count)),
            package: Some(only.package.clone()),
            ..Conventions::default()
        },
        _ => {
            order::by(&mut found, |a, b| a.package.name.cmp(&b.package.name));
            Conventions {
                components: found,
                ended: whole.first().map(|family| family.newest.version.clone()),
                ..Conventions::default()
            }
        }
    })
}

/// Packages that tags name, each with its tags.
fn components(families: &[TagFamily], packages: &[FoundPackage]) -> Vec<FoundComponent> {
    let mut components: Vec<FoundComponent> = Vec::new();
    for family in families {
        let package = family.package().and_then(|name| package_of(name, packages));
        let Some(package) = package else { continue };
        let template = family.template.clone();
        match components
            .iter_mut()
            .find(|known| known.package == *package)
        {
            Some(known) => known.tags.push(template),
            None => components.push(FoundComponent {
                package: package.clone(),
                tags: vec![template],
                newest: family.newest.tag.clone(),
                count: family.count,
            }),
        }
    }
    components
}

/// Name without its scope, or path without its directory.
fn bare(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Package that tags name: by its manifest, without its scope, or by its directory. If several match, the one nearest to the root is used.
/// The root itself matches only the name of its main package.
fn package_of<'p>(name: &str, packages: &'p [FoundPackage]) -> Option<&'p FoundPackage> {
    let same = |a: &str, b: &str| {
        a.replace('_', "-")
            .eq_ignore_ascii_case(&b.replace('_', "-"))
    };
    let ways: [&dyn Fn(&&FoundPackage) -> bool; 5] = [
        &|package| package.has_manifest && package.name == name,
        &|package| package.has_manifest && same(&package.name, name),
        &|package| package.has_manifest && same(bare(&package.name), name),
        &|package| package.has_manifest && same(bare(&package.folder), name),
        &|package| same(&package.folder, name) || same(bare(&package.folder), name),
    ];
    ways.iter().find_map(|way| {
        let found = packages.iter().filter(|package| way(package));
        found.min_by_key(|package| {
            let folder = &package.folder;
            (folder.is_empty(), folder.matches('/').count(), folder.len())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTH: i64 = 30 * 24 * 60 * 60;

    fn found(tags: &[(&str, i64)], packages: &[(&str, &str)]) -> Conventions {
        let packages = packages.iter().map(|(name, folder)| FoundPackage {
            name: (*name).to_owned(),
            folder: (*folder).to_owned(),
            has_manifest: true,
        });
        let packages: Vec<FoundPackage> = packages.collect();
        let tags = tags.iter().map(|(tag, months)| (*tag, months * MONTH));
        find::<()>(tags, || Ok(packages)).unwrap()
    }

    fn names(found: &Conventions) -> Vec<String> {
        let name = |one: &FoundComponent| format!("{}: {}", one.package.folder, one.tags.join(" "));
        found.components.iter().map(name).collect()
    }

    #[test]
    fn the_newest_tags_give_the_template_and_older_ones_are_read() {
        let one = found(
            &[("v0.1.0", 1), ("v0.2.0", 2), ("v0.3.0", 3), ("1.0.0", 4)],
            &[],
        );
        assert_eq!(one.tags, ["{version}", "v{version}"]);
        assert_eq!(one.newest, Some(("1.0.0".to_owned(), 1)));
        assert_eq!(found(&[], &[]), Conventions::default());
        assert_eq!(
            found(&[("nightly", 1), ("release-25.1", 2)], &[]).tags,
            ["release-{version}"]
        );
    }

    #[test]
    fn packages_with_tags_of_their_own_are_components() {
        let tags = [("cli@1.0.0", 1), ("@x/core@1.2.0", 2), ("cli@1.1.0", 3)];
        let all = found(
            &tags,
            &[
                ("cli", "packages/cli"),
                ("@x/core", "packages/core"),
                ("docs", "docs"),
            ],
        );
        assert_eq!(
            names(&all),
            [
                "packages/core: @x/core@{version}",
                "packages/cli: cli@{version}"
            ]
        );
        // The root has the name of its main package.
        let tags = [("main-v1.0.0", 1), ("other-v1.0.0", 2)];
        let all = found(
            &tags,
            &[
                ("main", ""),
                ("main", "packages/main"),
                ("other", "packages/other"),
            ],
        );
        assert_eq!(
            names(&all),
            [
                "packages/main: main-v{version}",
                "packages/other: other-v{version}"
            ]
        );
        // Tags named after directories; a name that changed its form is one package.
        let tags = [("store/v1.0.0", 1), ("store-v1.1.0", 2), ("web/v1.0.0", 3)];
        let all = found(&tags, &[("x-store", "libs/store"), ("x-web", "apps/web")]);
        assert_eq!(
            names(&all),
            [
                "libs/store: store-v{version} store/v{version}",
                "apps/web: web/v{version}"
            ]
        );
        // Families without a release for years are dead.
        let tags = [
            ("a-1.0.0", 1),
            ("b-1.0.0", 2),
            ("c-1.0.0", 40),
            ("d-1.0.0", 41),
            ("e-1.0.0", 42),
        ];
        let packages = [("a", "a"), ("b", "b"), ("c", "c"), ("d", "d"), ("e", "e")];
        assert_eq!(names(&found(&tags, &packages)).len(), 3);
    }

    #[test]
    fn one_package_among_helpers_is_the_repository() {
        let tags = [
            ("v1.0.0", 1),
            ("helper-v0.1.0", 2),
            ("v1.1.0", 3),
            ("other-v0.1.0", 4),
        ];
        let one = found(&tags, &[("helper", "helper"), ("other", "other")]);
        assert_eq!(
            (one.tags, one.components.len()),
            (vec!["v{version}".to_owned()], 0)
        );
        // Tags of the whole repository ended when package tags began.
        let tags = [
            ("0.1.0", 1),
            ("tool-0.2.0", 2),
            ("tool-0.3.0", 3),
            ("io-0.1.0", 4),
        ];
        let all = found(&tags, &[("tool", ""), ("io", "io")]);
        assert_eq!(names(&all), ["io: io-{version}", ": tool-{version}"]);
        let tags = [("0.1.0", 1), ("tool-0.2.0", 30)];
        let one = found(&tags, &[("tool", "")]);
        assert_eq!(one.tags, ["tool-{version}", "{version}"]);
        assert_eq!(one.package.unwrap().folder, "");
    }
}
