//! Specs, configuration, version files, and what a release writes.

use std::sync::OnceLock;

use relwatch::config::Config;
use relwatch::domain::forge::Forge;
use relwatch::domain::release::manifest::{self, ReleaseRecord, Withdrawal};
use relwatch::domain::release::release_spec::{self, Checklists, Contents, Included, LeftToPeople};
use relwatch::domain::spec::source::{PathGlob, Source, is_inside};
use relwatch::domain::spec::sources::Sources;
use relwatch::domain::spec::{Spec, records};
use relwatch::domain::version::file::known::FILES;
use relwatch::domain::version::file::paths::joined;
use relwatch::domain::version::file::pattern::{LinePattern, replaced};
use relwatch::domain::version::file::{cargo, gem_lock, npm, python};
use relwatch::domain::version::tag_format::TagFormat;
use semver::Version;

use super::messages::is_quiet;
use super::{fields, text_of};

/// Each preset's sources with the path of a spec of theirs.
fn sources() -> &'static [(Source, &'static str)] {
    static ALL: OnceLock<Vec<(Source, &str)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let paths = [
            ("chant", ".chant/specs/2026-01-28-00b-sjc.md"),
            ("changesets", ".changeset/blue-dogs.md"),
            ("towncrier", "newsfragments/12.feature.md"),
            ("openspec", "openspec/changes/add-a/proposal.md"),
            ("backlog", "backlog/tasks/task-1 - a.md"),
            ("adr", "docs/adr/0007-a.md"),
            ("task-master", ".taskmaster/tasks/tasks.json"),
            ("beads", ".beads/issues.jsonl"),
            ("conductor", "conductor/tracks/a/metadata.json"),
            ("scriv", "changelog.d/a.rst"),
            ("reno", "releasenotes/notes/a-1.yaml"),
            ("antsibull", "changelogs/fragments/1-a.yml"),
            ("changie", ".changes/unreleased/a.yaml"),
            ("chloggen", ".chloggen/a.yaml"),
        ];
        let all = paths.into_iter().flat_map(|(name, path)| {
            let sources = Sources::preset(name).unwrap().into_iter();
            sources.map(move |source| (source, path))
        });
        all.filter(|(source, path)| source.holds(path)).collect()
    })
}

/// A spec, and the file with its boxes; also as a release spec.
pub fn spec(bytes: &[u8]) {
    let [spec, boxes] = fields(bytes).map(text_of);
    assert!(sources().len() >= 13, "the presets have other paths");
    for (source, path) in sources() {
        let found = if source.has_records() {
            let records = records::read(source, path, &spec).unwrap_or_default();
            records.into_iter().filter_map(Result::ok).collect()
        } else {
            let one = Spec::read(source, path, &spec, Some(&boxes));
            Vec::from_iter(one.ok().flatten())
        };
        for read in found {
            spec_is_kept(source, &read);
        }
    }
    release(&spec, &boxes);
}

fn spec_is_kept(source: &Source, read: &Spec) {
    assert!(is_quiet(&read.id));
    assert!(read.notes.iter().all(|note| is_quiet(&note.text)));
    let json = serde_json::to_string(read).unwrap();
    let again: Spec = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json);
    assert!(!json.contains('\n'));
    let _ = read.archive_path(source, "2026-01-30");
}

fn release(spec: &str, title: &str) {
    let included = [Included {
        path: ".chant/specs/2026-01-28-00b-sjc.md".into(),
        id: "2026-01-28-00b-sjc".into(),
        kind: "fix".into(),
        title: relwatch::domain::text::inert::inline(title),
    }];
    let contents = Contents {
        version: "1.2.3",
        tag: "v1.2.3",
        previous: Some("v1.2.2"),
        changelog: "CHANGELOG.md",
        front: &["status: ready".to_owned()],
        specs: &included,
        lists: &Checklists::of_people(LeftToPeople::default()),
    };
    for text in [spec.to_owned(), contents.text()] {
        if let Ok(more) = contents.extended(&text) {
            assert_eq!(
                contents.extended(&more).as_ref(),
                Ok(&more),
                "extended twice"
            );
        }
        let _ = release_spec::open_boxes(&text);
        if let Ok(done) = release_spec::with_key(&text, "status", "completed") {
            let again = release_spec::with_key(&done, "status", "completed");
            assert_eq!(again, Ok(done), "a key set twice");
        }
    }
}

/// A configuration, and the address of a remote.
pub fn config(bytes: &[u8]) {
    let [yaml, remote] = fields(bytes).map(text_of);
    let Ok(config) = Config::read(&yaml) else {
        return;
    };
    let _ = (config.rules(), config.forge(Some(&remote)));
    assert!(!config.reading().key().contains('\n'));
    assert!(is_inside(&config.changelog), "{}", config.changelog);
    for name in config.components.keys() {
        let component = config.component(name).unwrap();
        assert!(is_inside(&component.changelog), "{}", component.changelog);
    }
    for source in &config.specs.0 {
        for root in source.roots() {
            assert!(root.is_empty() || is_inside(root), "{root}");
        }
    }
    let _ = (config.ties(), config.allows_branch(&remote));
}

/// The release manifest, and what is added to it.
pub fn manifest(bytes: &[u8]) {
    let [list, tag, reason] = fields(bytes).map(text_of);
    let record = ReleaseRecord {
        tag,
        version: "1.2.3".into(),
        date: "2026-01-30".into(),
        specs: vec![reason.clone()],
        ..ReleaseRecord::default()
    };
    let withdrawal = Withdrawal {
        date: "2026-01-31".into(),
        reason,
        impact: None,
        actions: None,
        plan: None,
    };
    let Ok(known) = manifest::read(&list) else {
        return;
    };
    if known.iter().any(|known| known.tag == record.tag) {
        return;
    }
    let text = manifest::with(Some(&list), std::slice::from_ref(&record));
    let read = manifest::read(&text).unwrap();
    assert_eq!(read.last(), Some(&record));
    assert_eq!(read[..known.len()], known);
    let withdrawn = ReleaseRecord {
        withdrawn: Some(withdrawal),
        ..record
    };
    let text = manifest::changed(Some(&text), &withdrawn);
    let read = manifest::read(&text).unwrap();
    assert_eq!(read.last(), Some(&withdrawn));
    assert_eq!(read[..known.len()], known);
}

/// A file that holds versions, a pattern, a version.
pub fn versions(bytes: &[u8]) {
    let [file, pattern, version] = fields(bytes).map(text_of);
    let to = Version::parse(version.trim()).unwrap_or(Version::new(1, 2, 3));
    let members = ["a".to_owned(), "b".to_owned()];
    if let Ok(manifest) = cargo::read(&file) {
        let _ = manifest.has_member(&pattern, &members);
        let from = manifest.version.as_ref();
        let bumped = cargo::bump_manifest(&file, from, &to, &members);
        if let Ok(bumped) = bumped {
            let again = cargo::read(&bumped.text).unwrap();
            assert!(manifest.version.is_none() || again.version.as_ref() == Some(&to));
            let twice = cargo::bump_manifest(&bumped.text, Some(&to), &to, &members).unwrap();
            assert_eq!(twice.text, bumped.text, "bumped twice");
        }
    }
    if let Ok(bumped) = cargo::bump_lock(&file, &to, &members) {
        let locked = cargo::locked(&bumped, &members).unwrap();
        assert!(locked.iter().all(|version| *version == to));
    }
    let package = npm::Member {
        name: Some("a".into()),
        folder: String::new(),
        from: Some(Version::new(1, 2, 2)),
    };
    let packages = [package];
    if npm::read(&file).is_ok()
        && let Ok(bumped) = npm::bump_package(&file, false, &to, &packages)
    {
        let again = npm::read(&bumped).unwrap();
        assert!(again.version.is_none() || again.version.as_ref() == Some(&to));
        let twice = npm::bump_package(&bumped, false, &to, &packages).unwrap();
        assert_eq!(twice, bumped, "bumped twice");
    }
    if let Ok(bumped) = npm::bump_lock(&file, &to, &packages) {
        let versions = npm::locked(&bumped, &packages).unwrap();
        assert!(versions.iter().all(|version| *version == to));
    }
    let own = [("a".to_owned(), Version::new(1, 2, 2))];
    if python::read(&file).is_ok()
        && let Ok(bumped) = python::bump_project(&file, false, &to, &own)
    {
        assert!(python::read(&bumped.text).is_ok());
    }
    if python::read_module("a/__init__.py", &file).is_some()
        && let Ok(bumped) = python::bump_module("a/__init__.py", &file, &to)
    {
        let read = python::read_module("a/__init__.py", &bumped);
        assert_eq!(read.as_ref(), Some(&to), "{bumped}");
    }
    let _ = (
        python::bump_lock(&file, &to, &members),
        python::locked(&file, &members),
    );
    for known in FILES {
        if let Some(from) = known.read(&file)
            && let Ok(bumped) = known.bumped(&file, &from, &to, &members)
        {
            let read = known.read(&bumped);
            assert!(read.is_some(), "{}: {bumped}", known.name);
        }
        let _ = known.odd(&file);
    }
    let _ = (
        gem_lock::bump(&file, &to, &members),
        npm::bump_pnpm(&file, &to, &packages),
        npm::stale_in_yarn(&file, &to, &packages),
        python::places_of_setup(&file),
    );
    if let Ok(template) = LinePattern::new(&pattern) {
        let from = [Version::new(1, 2, 2)];
        let bumped = template.bumped(&file, &from, &to);
        assert_eq!(template.find(&bumped).len(), template.find(&file).len());
    }
    let old = [Version::new(1, 2, 2)];
    assert!(!replaced(&replaced(&file, &old, &to), &old, &to).is_empty() || file.is_empty());
}

/// The address of a remote, a tag, a path.
pub fn remote(bytes: &[u8]) {
    let [address, tag, path] = fields(bytes).map(text_of);
    if let Some(forge) = Forge::of_remote(&address, None) {
        let pages = [
            forge.issue(1),
            forge.pull(1),
            forge.commit("1a2b3c4"),
            forge.compare("v1.0.0", &tag),
        ];
        for page in pages.into_iter().flatten() {
            let odd = |c: char| c.is_whitespace() || c.is_control() || "()<>[]\\\"`".contains(c);
            assert!(page.starts_with("http") && !page.contains(odd), "{page}");
            let link = super::markdown::seen(&format!("[x]({page})"));
            assert_eq!(link.links.len(), 1, "{page}");
        }
    }
    if let Some(format) = TagFormat::new(&tag) {
        let version = Version::new(1, 2, 3);
        assert_eq!(format.version(&format.tag(&version)), Some(version));
        let _ = (format.folders(), format.version(&address));
    }
    if let Ok(glob) = PathGlob::new(&path) {
        let _ = (glob.folder(), glob.matches(&address));
    }
    if let Some(path) = joined("a/b", &path) {
        assert!(!path.split('/').any(|part| part == ".."), "{path}");
    }
}
