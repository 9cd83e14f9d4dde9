//! What is read from git's folder, where anything may be damaged.

use std::fs;
use std::path::Path;

use relwatch::domain::changelog::clean::clean;
use relwatch::domain::changelog::places::Places;
use relwatch::domain::changelog::verdict::Known;
use relwatch::sys::cache::Cache;
use relwatch::sys::git::{IndexEntry, ObjectFormat};
use relwatch::sys::state;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::{fields, text_of};

thread_local! {
    /// Files are read from where they lie, in memory if the system has such a place.
    static FOLDER: tempfile::TempDir = {
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        tempfile::tempdir_in(place).unwrap()
    };
}

/// An index without its checksum, and the path that is looked for behind the last separator. It is read as one of either object format; what
/// is written back with the times that it has is the same file.
pub fn index(bytes: &[u8]) {
    let at = bytes.iter().rposition(|byte| *byte == super::BETWEEN);
    let (body, path) = bytes.split_at(at.unwrap_or(bytes.len()));
    let path = text_of(path.get(1..).unwrap_or_default());
    one_index(body, &Sha1::digest(body), &path, ObjectFormat::Sha1);
    one_index(body, &Sha256::digest(body), &path, ObjectFormat::Sha256);
}

fn one_index(body: &[u8], checksum: &[u8], path: &str, format: ObjectFormat) {
    let file = [body, checksum].concat();
    FOLDER.with(|folder| {
        let folder = folder.path();
        fs::write(folder.join("index"), &file).unwrap();
        let Some(entry) = IndexEntry::find(folder, path, format).unwrap() else {
            return;
        };
        let stat = entry.stat();
        if matches!(entry.indexed, relwatch::sys::git::Indexed::Tracked(_)) {
            entry.write(&stat).unwrap();
            assert!(
                fs::read(folder.join("index")).unwrap() == file,
                "another stat"
            );
        }
    });
}

/// A cache and the files of a state, as they are found after damage.
pub fn store(bytes: &[u8]) {
    let [cache, view, previous, items, doc] = fields(bytes);
    FOLDER.with(|folder| {
        let folder = folder.path();
        for slot in 0..2 {
            fs::write(folder.join(format!("view.{slot}.items")), items).unwrap();
        }
        fs::write(folder.join("view.json"), view).unwrap();
        fs::write(folder.join("view.previous.json"), previous).unwrap();
        if let Some(found) = state::load(folder) {
            let _ = (found.can_grow(), found.before());
            let _ = found.state().places.cut_from(doc);
            let _ = found.state().places.extended(doc.to_vec(), &[]);
            if let Some(inserted) = found.inserted() {
                for record in [Some(&inserted.record), inserted.before.as_ref()]
                    .into_iter()
                    .flatten()
                {
                    let once = clean(doc, &Known::by(record)).doc;
                    let stored = Known {
                        blob: Some(&once),
                        ..Known::by(record)
                    };
                    assert!(clean(&once, &stored).doc == once, "clean twice");
                    let _ = record.untouched(doc);
                    let _ = Places::from_record(record);
                }
            }
        }
        let path = folder.join("cache");
        let _ = fs::remove_file(&path);
        Cache::open(&path, "x").append(&[text_of(cache)]).unwrap();
        let line = Cache::line("key", &[&text_of(cache).replace('\n', " ")]);
        let damaged = Cache::open(&path, "x");
        let _ = damaged.get("key");
        let ends = cache.is_empty() || cache.ends_with(b"\n");
        damaged.append(std::slice::from_ref(&line)).unwrap();
        if ends {
            let again = Cache::open(&path, "x");
            let value = line
                .strip_prefix("key\t")
                .and_then(|rest| rest.strip_suffix('\n'));
            assert_eq!(again.get("key"), value);
        }
    });
}
