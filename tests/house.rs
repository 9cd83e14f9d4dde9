//! The house: which room may use which, no circle of files, and how long files and functions may be, read off the syntax trees of
//! the sources.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources fails"
)]

#[path = "support/texts.rs"]
mod texts;
#[path = "house/vocabulary.rs"]
mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// The rooms from the lowest to the highest. A room may use itself and the rooms below it, except for what [`NOT_BELOW`] forbids.
const ROOMS: &[&str] = &[
    "domain",
    "sys",
    "config",
    "ui",
    "project",
    "transition",
    "history",
    "section",
    "notes",
    "release",
    "install",
    "watch",
    "commands",
    "cli",
    "main",
    "lib",
];

/// Rooms that do not use each other although one is above the other: both are answered by `domain` alone.
const NOT_BELOW: &[(&str, &str)] = &[("config", "sys"), ("ui", "config"), ("ui", "sys")];

/// What the pure room may not even name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::io",
    "std::net",
    "std::thread",
    "std::time",
    "git2",
    "fs2",
    "tempfile",
    // Its values are pure, its clock is not.
    "jiff::Timestamp",
    "jiff::Zoned",
    "jiff::tz",
    "tracing",
    "directories",
    "println",
    "eprintln",
];

/// Names that have one door, so that what is behind them can be replaced: the only files that may use them.
const DOORS: &[(&str, &[&str])] = &[
    ("serde_yaml", &["domain/yaml.rs"]),
    ("fs2", &["sys/lock.rs"]),
    ("notify", &["sys/watcher.rs"]),
    ("std::io::stdout", &["ui/mod.rs", "sys/env.rs"]),
    // The environment asks whether they are terminals; `--verbose` logs to one.
    (
        "std::io::stderr",
        &["ui/mod.rs", "sys/env.rs", "sys/log.rs"],
    ),
];

/// Lines of a file, its tests included: whoever opens it scrolls through both.
const LONGEST_FILE: usize = 600;

/// Lines of a function, from `fn` to its last brace; functions of tests may be as long as their tables. One that has to be longer says
/// why, in a comment above or inside of it: `// Long: REASON`.
const LONGEST_FUNCTION: usize = 60;

/// A path as the code writes it, made absolute: `crate` is left out, an alias is followed, a crate's own name stays.
type Segments = Vec<String>;

/// A source file.
struct Source {
    /// Below `src`, with `/`.
    name: String,
    /// Where it is in the crate: `["domain", "changelog", "view"]`.
    module: Segments,
    /// Every path that it names, and the line.
    named: Vec<(Segments, usize)>,
}

/// One file uses an item of another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    from: String,
    to: String,
    line: usize,
    item: String,
}

/// Collects the paths of a file.
struct Reader {
    /// The module that is being read, inline ones included.
    module: Segments,
    /// Names that `use` brings into the file, and what they stand for.
    aliases: BTreeMap<String, Segments>,
    /// Modules that the file declares.
    children: BTreeSet<String>,
    named: Vec<(Segments, usize)>,
}

impl Reader {
    fn read(module: Segments, text: &str) -> Vec<(Segments, usize)> {
        let file = syn::parse_file(text).unwrap();
        let mut reader = Reader {
            module,
            aliases: BTreeMap::new(),
            children: BTreeSet::new(),
            named: Vec::new(),
        };
        // Twice: an alias may be used above the `use` that brings it.
        Aliases(&mut reader).visit_file(&file);
        reader.visit_file(&file);
        reader.named
    }

    fn note(&mut self, path: &[String], line: usize) {
        if let Some(path) = self.absolute(path, false) {
            self.named.push((path, line));
        }
    }

    /// A path from the root of the crate, or from another crate; `None` for a local name.
    fn absolute(&self, path: &[String], in_use: bool) -> Option<Segments> {
        let (first, rest) = path.split_first()?;
        if !in_use && rest.is_empty() {
            return None; // a variable, or what a `use` has brought
        }
        let base = match first.as_str() {
            "crate" | "relwatch" => Vec::new(),
            "self" | "super" => {
                let above = path.iter().take_while(|s| *s == "self" || *s == "super");
                let supers = above.clone().filter(|s| *s == "super").count();
                let kept = self.module.len().checked_sub(supers)?;
                let rest = &path[above.count()..];
                return Some([&self.module[..kept], rest].concat());
            }
            name => match self.aliases.get(name) {
                Some(target) => target.clone(),
                None if self.children.contains(name) => {
                    [self.module.as_slice(), &[name.to_owned()]].concat()
                }
                None => return Some(path.to_vec()),
            },
        };
        Some([base.as_slice(), rest].concat())
    }

    /// The leaves of a `use`: each path, and the name that it gets here.
    fn leaves(tree: &syn::UseTree, before: &[String], found: &mut Vec<(Segments, Option<String>)>) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => Reader::leaves(&path.tree, &with(&path.ident), found),
            syn::UseTree::Name(name) if name.ident == "self" => {
                found.push((before.to_vec(), before.last().cloned()));
            }
            syn::UseTree::Name(name) => {
                found.push((with(&name.ident), Some(name.ident.to_string())))
            }
            syn::UseTree::Rename(name) if name.ident == "self" => {
                found.push((before.to_vec(), Some(name.rename.to_string())));
            }
            syn::UseTree::Rename(name) => {
                found.push((with(&name.ident), Some(name.rename.to_string())));
            }
            syn::UseTree::Glob(_) => found.push((before.to_vec(), None)),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    Reader::leaves(tree, before, found);
                }
            }
        }
    }

    /// Paths in what a macro is given, which `syn` does not parse: names joined by `::`.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Segments = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.note(&std::mem::take(&mut path), line);
                    }
                    (colons, line) = (0, name.span().start().line);
                    path.push(name.to_string());
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => {
                    // `a: b` is no path; its colon stands alone.
                    let joined = mark.spacing() == Spacing::Joint || colons == 1;
                    colons = if joined { colons + 1 } else { 0 };
                    if !joined {
                        self.note(&std::mem::take(&mut path), line);
                    }
                }
                other => {
                    self.note(&std::mem::take(&mut path), line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.note(&path, line);
    }
}

/// The first reading of a file: what `use` and `mod` bring into it.
struct Aliases<'r>(&'r mut Reader);

impl Visit<'_> for Aliases<'_> {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        let mut leaves = Vec::new();
        Reader::leaves(&item.tree, &[], &mut leaves);
        for (path, alias) in leaves {
            if let (Some(target), Some(alias)) = (self.0.absolute(&path, true), alias) {
                self.0.aliases.insert(alias, target);
            }
        }
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.0.children.insert(item.ident.to_string());
        self.0.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.0.module.pop();
    }
}

impl Visit<'_> for Reader {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        let mut leaves = Vec::new();
        Reader::leaves(&item.tree, &[], &mut leaves);
        // In a `use`, the first name is no alias of the file's own: it is a crate, a child, or one of the four words.
        let aliases = std::mem::take(&mut self.aliases);
        let line = item.use_token.span.start().line;
        for (path, _) in leaves {
            let path = self.absolute(&path, true);
            self.named.extend(path.map(|path| (path, line)));
        }
        self.aliases = aliases;
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        // A test may use what it likes: nothing is built on it.
        if item.attrs.iter().any(is_for_tests) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names = path.segments.iter().map(|s| s.ident.to_string());
        let names: Segments = names.collect();
        let line = path
            .segments
            .first()
            .map_or(0, |s| s.ident.span().start().line);
        self.note(&names, line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, makro: &syn::Macro) {
        self.tokens(makro.tokens.clone());
        visit::visit_macro(self, makro);
    }

    fn visit_attribute(&mut self, attribute: &syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }

    // `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &syn::Visibility) {}
}

/// `#[cfg(test)]`.
fn is_for_tests(attribute: &syn::Attribute) -> bool {
    let is_cfg = attribute.path().is_ident("cfg");
    is_cfg
        && attribute
            .parse_args::<syn::Ident>()
            .is_ok_and(|word| word == "test")
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(directory: &Path) -> Vec<PathBuf> {
    texts::files(directory, "rs")
}

/// The name of a file below `src`, with `/`.
fn name_of(path: &Path) -> String {
    let name = path.strip_prefix(src()).unwrap();
    name.to_str().unwrap().replace('\\', "/")
}

fn sources() -> Vec<Source> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        Source::read(&name_of(&path), &text)
    };
    files(&src()).into_iter().map(read).collect()
}

impl Source {
    fn read(name: &str, text: &str) -> Source {
        let stem = name.strip_suffix(".rs").unwrap();
        let stem = stem.strip_suffix("/mod").unwrap_or(stem);
        let module: Segments = match stem {
            "lib" => Vec::new(),
            stem => stem.split('/').map(str::to_owned).collect(),
        };
        let named = Reader::read(module.clone(), text);
        Source {
            name: name.to_owned(),
            module,
            named,
        }
    }

    fn room(&self) -> &str {
        room(&self.name)
    }
}

/// The room of a file: the longest of [`ROOMS`] that its name begins with.
fn room(name: &str) -> &str {
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let is_in = |room: &&&str| {
        let rest = stem.strip_prefix(**room);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = ROOMS.iter().filter(is_in).max_by_key(|room| room.len());
    assert!(found.is_some(), "{name} is in no room");
    found.unwrap()
}

/// Which file uses which, each pair once for each item.
fn uses(sources: &[Source]) -> BTreeSet<Use> {
    let by_module: BTreeMap<&[String], &str> = sources
        .iter()
        .map(|s| (s.module.as_slice(), s.name.as_str()))
        .collect();
    let mut found = BTreeSet::new();
    for source in sources {
        for (path, line) in &source.named {
            let known = (1..=path.len())
                .rev()
                .find_map(|n| Some((n, by_module.get(&path[..n])?)));
            let Some((n, to)) = known else { continue };
            // A module by itself, such as `use crate::sys::git`, is used once a name of it is.
            if *to != source.name {
                found.insert(Use {
                    from: source.name.clone(),
                    to: (*to).to_owned(),
                    line: *line,
                    item: path.get(n).cloned().unwrap_or_default(),
                });
            }
        }
    }
    found
}

/// Whether a room may use another one.
fn may_use(from: &str, to: &str) -> bool {
    let place = |name: &str| ROOMS.iter().position(|room| *room == name).unwrap();
    place(to) <= place(from) && !NOT_BELOW.contains(&(from, to))
}

/// Uses that go up.
fn upward(uses: &BTreeSet<Use>) -> Vec<String> {
    let wrong = uses.iter().filter(|u| !may_use(room(&u.from), room(&u.to)));
    let told = wrong.map(|u| format!("{}:{} uses {} of {}", u.from, u.line, u.item, u.to));
    told.collect()
}

/// Sets of files that use each other, directly or through others.
fn circles(uses: &BTreeSet<Use>) -> Vec<Vec<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for u in uses {
        next.entry(&u.from).or_default().insert(&u.to);
        next.entry(&u.to).or_default();
    }
    let reach = |start: &str| -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut stack: Vec<&str> = next[start].iter().copied().collect();
        while let Some(file) = stack.pop() {
            if seen.insert(file.to_owned()) {
                stack.extend(next[file].iter().copied());
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> = next.keys().map(|f| (*f, reach(f))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (file, there) in &reached {
        if there.contains(*file) {
            let all = there
                .iter()
                .filter(|other| reached[other.as_str()].contains(*file));
            found.insert(all.cloned().collect());
        }
    }
    found.into_iter().collect()
}

#[test]
fn every_room_uses_only_the_rooms_below_it() {
    let uses = uses(&sources());
    assert!(uses.len() > 500, "only {} uses were read", uses.len());
    let wrong = upward(&uses);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let uses = uses(&sources());
    let found = circles(&uses);
    if !found.is_empty() {
        let mut told = String::new();
        for circle in &found {
            told.push_str(&format!("\ncircle of {}:\n", circle.len()));
            for u in uses
                .iter()
                .filter(|u| circle.contains(&u.from) && circle.contains(&u.to))
            {
                told.push_str(&format!(
                    "  {}:{} -> {}::{}\n",
                    u.from, u.line, u.to, u.item
                ));
            }
        }
        panic!("{told}");
    }
}

/// Each way in which Rust lets a file name another one is seen.
#[test]
fn a_use_is_seen_however_it_is_written() {
    let low = Source::read("domain/low/deep.rs", "pub struct Deep;");
    let high = Source::read("watch/high.rs", "pub fn act() {}");
    let child = Source::read("watch/high/child.rs", "pub fn help() {}");
    let both = [low, high, child];
    let goes_up = |text: &str| {
        let wrong = Source::read("domain/low/wrong.rs", text);
        let [low, high, child] = &both;
        let copy = |s: &Source| Source {
            name: s.name.clone(),
            module: s.module.clone(),
            named: s.named.clone(),
        };
        let all = [copy(low), copy(high), copy(child), wrong];
        !upward(&uses(&all)).is_empty()
    };
    for text in [
        "use crate::watch::high;",
        "use crate::{domain::low::deep::Deep, watch::high::act};",
        "use crate::{watch::{high::{self, act}}};",
        "use crate::watch::{self}; fn f() { watch::high::act() }",
        "use crate::watch as above; fn f() { above::high::act() }",
        "use super::super::super::watch::high::act;",
        "use self::super::super::super::watch::high::act;",
        "use crate::watch::high::*;",
        "fn f() { crate::watch::high::act() }",
        "fn f() { super::super::super::watch::high::act() }",
        "fn f() -> crate::watch::high::Type { todo!() }",
        "fn f<T: crate::watch::high::Trait>() {}",
        "fn f() { use crate::watch::high::act; act() }",
        "mod inner { use super::super::super::super::watch::high::act; }",
        "fn f() { assert!(crate::watch::high::act()) }",
        "fn f() { println!(\"{}\", vec![super::super::super::watch::high::act()]) }",
        "#[derive(crate::watch::high::Macro)] struct S;",
        "pub use crate::watch::high::child as mine;",
    ] {
        assert!(goes_up(text), "not seen: {text}");
    }
    for text in [
        "use crate::domain::low::deep::Deep;",
        "use super::deep::Deep; pub(super) fn f() {}",
        "use std::fmt; fn f() { let watch = 1; let _ = watch; }",
        "/// Not `crate::watch::high`.\nfn f() {}",
        "fn f() { let _ = \"crate::watch::high\"; }",
        "#[cfg(test)] mod tests { use crate::watch::high::act; }",
    ] {
        assert!(!goes_up(text), "not there: {text}");
    }
}

#[test]
fn a_circle_is_seen_however_long_it_is() {
    let read = |name: &str, text: &str| Source::read(name, text);
    let all = [
        read(
            "watch/mod.rs",
            "pub struct Project; mod one; use self::one::act;",
        ),
        read("watch/one.rs", "use super::two; fn f() { two::act() }"),
        read("watch/two.rs", "use crate::watch::Project;"),
        read("watch/apart.rs", "use super::Project;"),
    ];
    let found = circles(&uses(&all));
    assert_eq!(found, [["watch/mod.rs", "watch/one.rs", "watch/two.rs"]]);
}

/// Whether a path is a name or goes on behind it.
fn is_within(path: &str, name: &str) -> bool {
    let rest = path.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn the_domain_is_pure() {
    for source in sources().iter().filter(|s| s.room() == "domain") {
        for (path, line) in &source.named {
            let path = path.join("::");
            let named = IMPURE.iter().find(|name| is_within(&path, name));
            assert!(named.is_none(), "{}:{line} names {path}", source.name);
        }
    }
}

#[test]
fn only_ui_prints_and_libraries_that_may_be_replaced_have_one_door() {
    for source in sources() {
        for (path, line) in &source.named {
            let path = path.join("::");
            for (name, doors) in DOORS {
                let is_free = !is_within(&path, name) || doors.contains(&source.name.as_str());
                assert!(is_free, "{}:{line} uses {path}", source.name);
            }
        }
    }
}

/// A room below has at most the values that an option may take.
#[test]
fn only_commands_read_the_command_line() {
    for source in sources() {
        let may = ["commands", "cli"].contains(&source.room());
        for (path, line) in source.named.iter().filter(|_| !may) {
            let path = path.join("::");
            let is_value = path == "clap::ValueEnum";
            let is_free = is_value || !is_within(&path, "clap");
            assert!(is_free, "{}:{line} uses {path}", source.name);
        }
    }
}

/// What is longer than it may be: a line for each file and each function.
fn too_long(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() > LONGEST_FILE {
        found.push(format!("{name} has {} lines", lines.len()));
    }
    let mut lengths = Lengths {
        lines: &lines,
        found: Vec::new(),
    };
    lengths.visit_file(&syn::parse_file(text).unwrap());
    let functions = lengths.found.into_iter();
    found.extend(
        functions.map(|(function, length)| format!("{name} {function} has {length} lines")),
    );
    found
}

/// Collects the functions that are too long and give no reason.
struct Lengths<'t> {
    lines: &'t [&'t str],
    found: Vec<(String, usize)>,
}

impl Lengths<'_> {
    /// `first` is where the function begins behind its attributes and doc comments.
    fn measure(&mut self, name: &syn::Ident, first: Span, body: &syn::Block) {
        let first = first.start().line;
        let last = body.brace_token.span.close().end().line;
        let length = last + 1 - first;
        // The comments and attributes above it belong to it.
        let is_above = |line: &&&str| line.trim_start().starts_with(['/', '#']);
        let above = self.lines[..first - 1].iter().rev().take_while(is_above);
        let inside = &self.lines[first - 1..last];
        let gives_reason = |line: &&str| {
            let reason = line.trim_start().strip_prefix("// Long: ");
            reason.is_some_and(|reason| !reason.trim().is_empty())
        };
        if length > LONGEST_FUNCTION && !above.chain(inside).any(gives_reason) {
            self.found.push((name.to_string(), length));
        }
    }
}

impl Visit<'_> for Lengths<'_> {
    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        // A test may be a long table.
        if !item.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &syn::ItemFn) {
        self.measure(&item.sig.ident, item.sig.fn_token.span, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &syn::ImplItemFn) {
        self.measure(&item.sig.ident, item.sig.fn_token.span, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig.ident, item.sig.fn_token.span, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[test]
fn files_and_functions_are_no_longer_than_a_person_reads() {
    let mut found = Vec::new();
    for path in files(&src()) {
        let text = fs::read_to_string(&path).unwrap();
        found.extend(too_long(&name_of(&path), &text));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_is_long_is_seen_wherever_it_is() {
    let body = "    act();\n".repeat(LONGEST_FUNCTION - 2);
    let more = format!("{body}    act();\n");
    let seen = |text: &str| too_long("a.rs", text);
    for text in [
        format!("fn long() {{\n{more}}}\n"),
        format!("pub const unsafe fn long() {{\n{more}}}\n"),
        format!("impl A {{\n    fn long(&self) {{\n{more}    }}\n}}\n"),
        format!("trait A {{\n    fn long(&self) {{\n{more}    }}\n}}\n"),
        format!("mod inner {{\nfn long() {{\n{more}}}\n}}\n"),
        format!("fn long(\n    a: u8,\n) {{\n{body}}}\n"),
        format!("// Long:\nfn long() {{\n{more}}}\n"),
        format!("// Long: a reason\nfn other() {{}}\nfn long() {{\n{more}}}\n"),
    ] {
        assert_eq!(seen(&text).len(), 1, "not seen: {text}");
    }
    for text in [
        format!("/// Words.\n#[inline]\nfn short() {{\n{body}}}\n"),
        format!("// Long: a reason\n/// Words.\nfn long() {{\n{more}}}\n"),
        format!("fn long() {{\n    // Long: a reason\n{more}}}\n"),
        format!("#[cfg(test)]\nmod tests {{\nfn long() {{\n{more}}}\n}}\n"),
    ] {
        assert_eq!(seen(&text), [""; 0], "not long: {text}");
    }
    assert_eq!(seen(&"// Words.\n".repeat(LONGEST_FILE)), [""; 0]);
    assert_eq!(seen(&"// Words.\n".repeat(LONGEST_FILE + 1)).len(), 1);
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let manifest = fs::read_to_string(src().join("../Cargo.toml")).unwrap();
    let dependencies = manifest
        .split("[dependencies]")
        .nth(1)
        .unwrap()
        .split("[profile")
        .next()
        .unwrap();
    for line in dependencies.lines().filter(|line| line.contains(" = ")) {
        assert!(line.contains('#'), "no reason given: {line}");
    }
}

/// The types of a file, its tests left out, and its functions that are called `of`: an `of` without a noun says nothing where it is called.
#[derive(Default)]
struct Names {
    types: Vec<String>,
    bare: usize,
}

impl Names {
    fn read(text: &str) -> Names {
        let mut names = Names::default();
        names.visit_file(&syn::parse_file(text).unwrap());
        names
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !item.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Struct(item) => Some(&item.ident),
            syn::Item::Enum(item) => Some(&item.ident),
            syn::Item::Union(item) => Some(&item.ident),
            syn::Item::Trait(item) => Some(&item.ident),
            syn::Item::Type(item) => Some(&item.ident),
            _ => None,
        };
        self.types.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.bare += usize::from(signature.ident == "of");
        visit::visit_signature(self, signature);
    }
}

/// Types that share a name, and files with a function called `of`.
fn misnamed(files: &[(String, String)]) -> Vec<String> {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut found = Vec::new();
    for (file, text) in files {
        let names = Names::read(text);
        for name in names.types {
            owners.entry(name).or_default().push(file);
        }
        found.extend((names.bare > 0).then(|| format!("{file}: a function is called `of`")));
    }
    let shared = owners.into_iter().filter(|(_, files)| files.len() > 1);
    found.extend(shared.map(|(name, files)| format!("{name}: {}", files.join(", "))));
    found
}

#[test]
fn every_type_has_a_name_of_its_own() {
    let files: Vec<(String, String)> = files(&src())
        .iter()
        .map(|path| (name_of(path), fs::read_to_string(path).unwrap()))
        .collect();
    let found = misnamed(&files);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_name_that_two_types_share_is_seen() {
    let found = |texts: &[&str]| {
        let files = texts
            .iter()
            .map(|text| ("a.rs".to_owned(), (*text).to_owned()));
        misnamed(&files.collect::<Vec<_>>()).len()
    };
    for texts in [
        ["struct Place;", "enum Place {}"],
        ["type Place = u8;", "mod inner { trait Place {} }"],
        ["struct Place;", "fn find() { struct Place; }"],
        ["struct Place;", "impl Other { fn of() {} }"],
        ["struct Place;", "fn of() {}"],
    ] {
        assert_eq!(found(&texts), 1, "{texts:?}");
    }
    for texts in [
        [
            "struct Place;",
            "#[cfg(test)] mod tests { struct Place; fn of() {} }",
        ],
        [
            "struct Place;",
            "impl Iterator for Other { type Place = u8; } fn of_part() {}",
        ],
    ] {
        assert_eq!(found(&texts), 0, "{texts:?}");
    }
}

/// The modules that a file opens to everybody: `pub mod`.
fn opened(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap();
    let modules = file.items.iter().filter_map(|item| match item {
        syn::Item::Mod(item) if matches!(item.vis, syn::Visibility::Public(_)) => Some(item),
        _ => None,
    });
    let modules = modules.filter(|item| !item.attrs.iter().any(is_for_tests));
    modules.map(|item| item.ident.to_string()).collect()
}

/// Public modules that nothing outside of their folder names. `users` are programs that use the crate by its name.
fn open_for_nobody(files: &[(String, String)], users: &[&str]) -> Vec<String> {
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, text)| Source::read(name, text))
        .collect();
    let by_name = users.iter().flat_map(|text| Reader::read(Vec::new(), text));
    let by_name: Vec<Segments> = by_name.map(|(path, _)| path).collect();
    let mut found = Vec::new();
    for (source, (name, text)) in sources.iter().zip(files) {
        for child in opened(text) {
            let module = [source.module.as_slice(), std::slice::from_ref(&child)].concat();
            let outside = sources
                .iter()
                .filter(|other| name != "lib.rs" && !other.module.starts_with(&source.module));
            let mut named = outside.flat_map(|other| &other.named).map(|(path, _)| path);
            if !named.any(|path| path.starts_with(&module))
                && !by_name.iter().any(|path| path.starts_with(&module))
            {
                found.push(format!(
                    "{name}: `pub mod {child}` is used by nobody outside"
                ));
            }
        }
    }
    found
}

#[test]
fn modules_are_private_unless_they_are_used_outside() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let sources: Vec<(String, String)> = files(&src())
        .iter()
        .map(|path| (name_of(path), read(path)))
        .collect();
    let mut users = vec![src().join("main.rs")];
    for folder in ["tests", "benches", "fuzz/fuzz_targets"] {
        users.extend(files(&root.join(folder)));
    }
    let users: Vec<String> = users.iter().map(read).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let found = open_for_nobody(&sources, &users);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_module_that_is_open_for_nobody_is_seen() {
    let found = |room: &str, other: &str, user: &str| {
        let files = [
            ("lib.rs", "mod watch; mod cli;"),
            ("watch/mod.rs", room),
            ("watch/low.rs", "pub fn act() {}"),
            ("watch/near.rs", "use super::low::act; fn f() { act() }"),
            ("cli.rs", other),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        open_for_nobody(&files, &[user]).len()
    };
    assert_eq!(found("pub mod low; mod near;", "", ""), 1);
    assert_eq!(found("mod low; mod near;", "", ""), 0);
    assert_eq!(found("pub(super) mod low; mod near;", "", ""), 0);
    let used = "use crate::watch::{low}; fn f() { low::act() }";
    assert_eq!(found("pub mod low; mod near;", used, ""), 0);
    let used = "use relwatch::watch::low::act; fn f() { act() }";
    assert_eq!(found("pub mod low; mod near;", "", used), 0);
}

/// Why Windows or macOS cannot check a path out; names that differ in case alone are one file there.
fn unportable(path: &str) -> Option<&'static str> {
    const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];
    const NUMBERED: [&str; 2] = ["com", "lpt"];
    path.split('/').find_map(|name| {
        let stem = name.split('.').next().unwrap().to_lowercase();
        let is_numbered = |device: &&str| {
            let number = stem.strip_prefix(*device).unwrap_or_default();
            number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        if RESERVED.contains(&stem.trim_end()) || NUMBERED.iter().any(is_numbered) {
            Some("is the name of a device")
        } else if name.contains(|c: char| "<>:\"|?*\\".contains(c) || c.is_control()) {
            Some("has a character that Windows does not allow")
        } else if name.ends_with(['.', ' ']) {
            Some("ends in a way that Windows does not allow")
        } else if !name.is_ascii() {
            Some("may be spelled otherwise on macOS")
        } else {
            None
        }
    })
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "git knows which files are tracked"
)]
fn every_file_can_be_checked_out_on_every_system() {
    let output = std::process::Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for path in listed.split_terminator('\0') {
        found.extend(unportable(path).map(|why| format!("{path} {why}")));
        if !seen.insert(path.to_lowercase()) {
            found.push(format!("{path} is there in another case"));
        }
    }
    assert!(seen.len() > 100, "git lists {} files", seen.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_name_that_windows_does_not_know_is_seen() {
    for path in ["a/nul.md", "Aux", "com1.tar.gz", "a:b", "a/b.", "a /b", "é"] {
        assert!(unportable(path).is_some(), "{path}");
    }
    for path in ["null.md", "com/lpt.rs", "auxiliary", ".gitignore", "comb1"] {
        assert_eq!(unportable(path), None, "{path}");
    }
}
