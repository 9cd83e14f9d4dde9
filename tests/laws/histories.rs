//! Random histories: three branches with hand edits, releases on main meanwhile, merged in any order with real git.
//!
//! `HISTORIES=200 cargo test --release --test laws histories::` runs more of them; `SEED=n` runs one.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{self, Repo, Sandbox, cases};

/// Numbers that are the same in every run (the constants of Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % sides
    }
}

const SHARED: usize = 4;
const BRANCHES: [&str; 3] = ["one", "two", "three"];

/// What the people did, to compare the file with.
#[derive(Default)]
struct Told {
    /// For each shared note the branches that changed it since they left main.
    changed: BTreeMap<usize, BTreeSet<usize>>,
    /// Lines that must be in the file when all is merged: each branch's own notes.
    notes: BTreeSet<String>,
    /// For each generated line the branches that worded it anew or deleted it.
    curated: BTreeMap<usize, BTreeSet<usize>>,
    count: usize,
}

struct Story<'s> {
    repo: Repo<'s>,
    dice: Dice,
    told: Told,
    seed: u64,
}

impl Story<'_> {
    fn commit(&mut self, who: &str) {
        self.told.count += 1;
        let number = self.told.count;
        let kind = ["feat", "fix", "perf"][self.dice.roll(3)];
        // Every other one is known by its commit alone.
        let issue = if number.is_multiple_of(2) {
            format!(" (#{number})")
        } else {
            String::new()
        };
        let message = format!("{kind}: change {number} by {who}{issue}");
        self.repo
            .commit_file(&format!("{who}-{number}"), "x", &message);
    }

    /// The file as git has it, edited by a person, committed.
    fn by_hand(&mut self, what: &str, edit: impl FnOnce(&str) -> String) {
        let text = self.repo.stored();
        let edited = edit(&text);
        if edited == text {
            return;
        }
        self.repo.write("CHANGELOG.md", &edited);
        self.repo
            .git(&["commit", "-q", "-am", &format!("docs: {what}")])
            .ok();
    }

    fn note(&mut self, who: &str) {
        self.told.count += 1;
        let line = format!("- note {} by {who}", self.told.count);
        let category = ["Added", "Changed", "Fixed"][self.dice.roll(3)];
        self.told.notes.insert(line.clone());
        self.by_hand(&line[2..], |text| with_note(text, category, &line));
    }

    fn change_shared(&mut self, branch: usize) {
        let which = self.dice.roll(SHARED);
        let delete = self.dice.roll(3) == 0;
        let before = self.repo.stored();
        let who = BRANCHES[branch];
        self.by_hand(&format!("shared {which}"), |text| {
            let start = text.find(&format!("- shared note {which} "));
            let Some(start) = start else {
                return text.to_owned();
            };
            let end = start + text[start..].find('\n').unwrap() + 1;
            let new = if delete {
                String::new()
            } else {
                format!("- shared note {which} stands here from the start, edited by {who}\n")
            };
            format!("{}{new}{}", &text[..start], &text[end..])
        });
        if self.repo.stored() != before {
            self.told.changed.entry(which).or_default().insert(branch);
        }
    }

    fn edit_own_note(&mut self, who: &str) {
        let own: Vec<String> = self
            .told
            .notes
            .iter()
            .filter(|n| n.contains(who))
            .cloned()
            .collect();
        if own.is_empty() {
            return;
        }
        let line = own[self.dice.roll(own.len())].clone();
        let better = format!("{line} again");
        let text = self.repo.stored();
        if !text.contains(&format!("{line}\n")) {
            return;
        }
        self.told.notes.remove(&line);
        self.told.notes.insert(better.clone());
        self.by_hand(&better[2..], |text| text.replacen(&line, &better, 1));
    }

    /// Words a generated line anew, or deletes it, in the file as people see it.
    fn curate(&mut self, branch: usize) {
        let text = self.repo.read("CHANGELOG.md");
        let lines: Vec<&str> = text
            .lines()
            .filter(|l| l.starts_with("- Change "))
            .collect();
        let unreleased = text.find("## [Unreleased]").unwrap()..text.find("## [0.").unwrap();
        let lines: Vec<&str> = lines
            .into_iter()
            .filter(|l| unreleased.contains(&text.find(l).unwrap()))
            .collect();
        if lines.is_empty() {
            return;
        }
        let line = lines[self.dice.roll(lines.len())];
        let number = number_of(line).unwrap();
        self.told.curated.entry(number).or_default().insert(branch);
        if self.dice.roll(3) == 0 {
            // A file without its newest line may be an old copy: the command says that the change is to stay out.
            let reference = line.rsplit_once(" (").unwrap().1.trim_end_matches(')');
            self.repo.relwatch(&["skip", reference]).ok();
        } else {
            let better = format!("- {} told better: change", BRANCHES[branch]);
            let new = line.replace("- Change", &better);
            self.repo
                .write("CHANGELOG.md", &text.replacen(line, &new, 1));
        }
        let ran = self.repo.git(&["commit", "-q", "-am", "docs: curate"]);
        assert_eq!(ran.code, 0, "seed {}: {line}: {ran:?}\n{text}", self.seed);
        assert_eq!(self.repo.status(), "", "seed {}", self.seed);
    }

    fn release(&self) {
        let ran = self.repo.relwatch(&["release", "--yes"]);
        assert!(
            ran.code == 0 || ran.code == 6,
            "seed {}: {ran:?}",
            self.seed
        );
    }

    /// Brings a branch into main. A conflict must be about shared notes that others changed too.
    fn bring(&mut self, branch: usize, merged: &[usize]) {
        let name = BRANCHES[branch];
        let rebase = self.dice.roll(2) == 0;
        let mut ran = if rebase {
            self.repo.git(&["switch", "-q", name]).ok();
            self.repo.git(&["rebase", "-q", "main"])
        } else {
            self.repo.git(&["merge", "-q", "--no-edit", name])
        };
        for _ in 0..20 {
            if ran.code == 0 {
                break;
            }
            let text = self.repo.read("CHANGELOG.md");
            assert!(
                text.contains("<<<<<<< "),
                "seed {}: {ran:?}\n{text}",
                self.seed
            );
            for which in conflicts(&text) {
                let sides = match which {
                    Disputed::Shared(which) => self.told.changed.get(&which),
                    Disputed::Generated(number) => self.told.curated.get(&number),
                };
                let sides = &sides.cloned().unwrap_or_default();
                let others = sides.iter().any(|side| merged.contains(side));
                assert!(
                    sides.contains(&branch) && others,
                    "seed {}: a silly conflict over {which:?}, changed by {sides:?}:\n{text}",
                    self.seed
                );
            }
            self.repo.write("CHANGELOG.md", &resolved(&text));
            self.repo.git(&["add", "CHANGELOG.md"]).ok();
            ran = if rebase {
                self.repo.git(&["rebase", "--continue"])
            } else {
                self.repo.git(&["commit", "-q", "--no-edit"])
            };
        }
        assert_eq!(ran.code, 0, "seed {}: {ran:?}", self.seed);
        if rebase {
            self.repo.git(&["switch", "-q", "main"]).ok();
            self.repo.git(&["merge", "-q", "--ff-only", name]).ok();
        }
        assert_eq!(self.repo.status(), "", "seed {}", self.seed);
    }

    fn check(&self) {
        let text = self.repo.stored();
        for note in &self.told.notes {
            let count = text.matches(&format!("{note}\n")).count();
            assert_eq!(count, 1, "seed {}: {note} in\n{text}", self.seed);
        }
        let mut sections = text.split("\n## ").skip(1);
        sections.next();
        for section in sections {
            let version = section[1..].split(']').next().unwrap();
            if version == "0.1.0" {
                continue;
            }
            let log = self
                .repo
                .git(&["log", "--format=%s", &format!("v{version}")])
                .ok()
                .stdout;
            for line in section.lines().filter_map(|l| l.strip_prefix("- ")) {
                if line.starts_with("shared") {
                    continue;
                }
                let told = line.split(" told better: ").last().unwrap();
                let told = told.trim_end_matches(" again");
                // A generated line may name its commit.
                let told = told.split(" (").next().unwrap();
                let told = told[1..].to_owned();
                assert!(
                    log.contains(&told),
                    "seed {}: `{line}` is in {version}, which does not hold it:\n{text}",
                    self.seed
                );
            }
        }
        let shown = self.repo.read("CHANGELOG.md");
        let log = self.repo.git(&["log", "--format=%s"]).ok().stdout;
        for number in 1..=self.told.count {
            let made = log.contains(&format!(": change {number} by "));
            let told = shown.matches(&format!("hange {number} by ")).count();
            let expected = match self.told.curated.get(&number) {
                None => usize::from(made)..=usize::from(made),
                // Deleted; or worded anew on branches and released meanwhile as it was.
                Some(branches) => 0..=1 + branches.len(),
            };
            assert!(
                expected.contains(&told),
                "seed {}: change {number} is told {told} times:\n{shown}",
                self.seed
            );
        }
    }
}

/// `change 12 by one` of a line.
fn number_of(line: &str) -> Option<usize> {
    let (_, rest) = line.split_once("hange ")?;
    rest.split(' ').next()?.parse().ok()
}

/// What people may not agree about.
#[derive(Debug, Clone, Copy)]
enum Disputed {
    Shared(usize),
    Generated(usize),
}

/// Writes a line where a person would.
fn with_note(text: &str, category: &str, line: &str) -> String {
    let start = text.find("## [Unreleased]\n").unwrap() + 16;
    let end = start + text[start..].find("\n## ").unwrap() + 1;
    let section = &text[start..end];
    let heading = format!("### {category}\n\n");
    let section = match section.find(&heading) {
        Some(at) => {
            let from = at + heading.len();
            let stop = section[from..]
                .find("\n\n")
                .map_or(section.len() - 1, |e| from + e + 1);
            format!("{}{line}\n{}", &section[..stop], &section[stop..])
        }
        None => format!(
            "{}\n{heading}{line}\n\n",
            section.trim_end_matches('\n').to_owned() + "\n"
        ),
    };
    format!("{}{section}{}", &text[..start], &text[end..])
}

/// What stands between conflict markers.
fn conflicts(text: &str) -> Vec<Disputed> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("<<<<<<< ") {
            inside = true;
        } else if line.starts_with(">>>>>>> ") {
            inside = false;
        } else if inside && line != "=======" {
            let shared = line
                .strip_prefix("- shared note ")
                .and_then(|rest| rest[..1].parse().ok());
            let generated = line
                .contains(" told better: ")
                .then(|| number_of(line))
                .flatten();
            let which = shared
                .map(Disputed::Shared)
                .or(generated.map(Disputed::Generated));
            found.push(which.unwrap_or_else(|| panic!("{line} is in a conflict:\n{text}")));
        }
    }
    found
}

/// Takes the edited side, ours if both are.
fn resolved(text: &str) -> String {
    let mut out = String::new();
    let mut side = 0;
    let mut kept = false;
    for line in text.split_inclusive('\n') {
        match line {
            _ if line.starts_with("<<<<<<< ") => (side, kept) = (1, false),
            _ if line.starts_with("=======") && side == 1 => side = 2,
            _ if line.starts_with(">>>>>>> ") => side = 0,
            _ if side == 2 && kept => {}
            _ => {
                kept |= side == 1;
                out.push_str(line);
            }
        }
    }
    out
}

fn story(seed: u64) {
    let sandbox = Sandbox::new();
    let repo = support::project(&sandbox, "r");
    let mut story = Story {
        repo,
        dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        told: Told::default(),
        seed,
    };
    for which in 0..SHARED {
        let category = ["Added", "Fixed"][which % 2];
        let line = format!("- shared note {which} stands here from the start");
        story.by_hand("shared", |text| with_note(text, category, &line));
    }
    for (branch, name) in BRANCHES.iter().enumerate() {
        story.repo.git(&["switch", "-q", "-c", name, "main"]).ok();
        for _ in 0..2 + story.dice.roll(4) {
            match story.dice.roll(8) {
                0 | 1 => story.commit(name),
                2 | 3 => story.note(name),
                4 => story.change_shared(branch),
                5 | 6 => story.curate(branch),
                _ => story.edit_own_note(name),
            }
        }
        story.repo.git(&["switch", "-q", "main"]).ok();
        if story.dice.roll(2) == 0 {
            story.commit("main");
        }
        if story.dice.roll(3) == 0 {
            story.note("main");
        }
        // Released with what main has by then; later branches start from there.
        if story.dice.roll(3) == 0 {
            story.release();
        }
    }
    let mut order = vec![0, 1, 2];
    let mut merged = Vec::new();
    while !order.is_empty() {
        let branch = order.remove(story.dice.roll(order.len()));
        story.bring(branch, &merged);
        merged.push(branch);
        if story.dice.roll(3) == 0 {
            story.release();
        }
    }
    story.check();
}

#[test]
fn nothing_is_lost_and_nothing_conflicts_for_a_silly_reason() {
    if let Ok(seed) = std::env::var("SEED") {
        return story(seed.parse().unwrap());
    }
    let count = std::env::var("HISTORIES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(8);
    cases::run(1..=count, u64::to_string, |&seed| story(seed));
}
