//! Paths of version files, relative to the repository's root and to each other.

/// Directories of vendored code, and of projects that only show or test this one.
const FOREIGN: &[&str] = &[
    "node_modules",
    "vendor",
    "_vendor",
    "vendored",
    "_vendored",
    "third_party",
    "third-party",
    "thirdparty",
    "extern",
    "external",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "test",
    "tests",
    "testdata",
    "fixture",
    "fixtures",
];

/// Whether a path contains a directory of foreign files, examples or tests: version files there are not detected automatically.
pub fn is_foreign(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    folders.any(|folder| FOREIGN.contains(&folder))
}

/// Path of a directory relative to another one, with `..` for the parent.
pub fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    up.chain(to[shared..].iter().cloned())
        .collect::<Vec<_>>()
        .join("/")
}

/// Path relative to a file's directory, converted to one from the root; `None` if it leads out of the repository.
pub fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
