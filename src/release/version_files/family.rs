//! A manifest and the files that share its version.

use semver::Version;

use crate::domain::text::terminal;
use crate::domain::version::file::FileFormat;
use crate::release::version_files::files::{Unit, UnitKind};
use crate::release::version_files::held::VersionedFile;

/// A manifest and its family.
#[derive(Default)]
pub(super) struct Family {
    /// Path of the manifest.
    pub path: String,
    pub version: Option<Version>,
    /// Source of the manifest's version, if relwatch cannot follow it.
    pub elsewhere: Option<String>,
    /// Whether the version is inherited from a workspace above.
    pub inherits: bool,
    pub units: Vec<Unit>,
    pub apart: Vec<VersionedFile>,
    pub locks: Vec<String>,
    /// Warnings about files that are not updated.
    pub warnings: Vec<String>,
}

/// A file of a manifest's family.
pub(super) struct Relative {
    pub unit: Unit,
    /// Whether it inherits the version of the manifest.
    pub inherits: bool,
    /// Whether it belongs to another component.
    pub is_others: bool,
    /// Text that it has in place of a version.
    pub odd: Option<String>,
}

impl Family {
    /// The family of a manifest and its members. Members with another `version`, and those of other components, are separate: only their
    /// requirements on the others are updated. If the manifest is ahead of the `last` release, a member that still has that release's
    /// version is behind, and part of the family.
    pub fn new(
        root: Unit,
        version: Option<Version>,
        members: Vec<Relative>,
        locks: Vec<String>,
        last: Option<&Version>,
    ) -> Family {
        let behind = last.filter(|last| version.as_ref().is_some_and(|version| version > *last));
        let mut family = Family {
            path: root.path.clone(),
            version: version.clone(),
            warnings: members.iter().filter_map(Relative::warning).collect(),
            units: vec![root],
            locks,
            ..Family::default()
        };
        for Relative {
            unit,
            inherits,
            is_others,
            ..
        } in members
        {
            let said = unit.version.as_ref();
            let is_same = said.is_none() || said == version.as_ref() || said == behind;
            if inherits || is_same && !is_others {
                family.units.push(unit);
                continue;
            }
            if let Some(version) = unit.version.clone().filter(|_| !is_others) {
                let path = unit.path.clone();
                family.apart.push(VersionedFile { path, version });
            }
            if !unit.is(FileFormat::Module) {
                family.units.push(unit.apart());
            }
        }
        family
    }
}

impl Family {
    /// Whether a file in the table describes it.
    pub fn is_of_table(&self) -> bool {
        let root = self.units.first();
        let kind = root.map(|unit| &unit.kind);
        matches!(kind, Some(UnitKind::Own(FileFormat::Known(_))))
    }
}

impl Relative {
    fn warning(&self) -> Option<String> {
        let odd = self.odd.as_ref().filter(|_| !self.is_others)?;
        Some(odd_version(&self.unit.path, odd))
    }
}

pub(super) fn odd_version(path: &str, said: &str) -> String {
    format!(
        "{path} says `{}`, which is not a version like 1.2.3, and is unchanged; fix it by hand",
        terminal::printable(said)
    )
}
