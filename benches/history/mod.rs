//! Large repositories, made by `git fast-import`: the same shape gives the same commits, on every machine.

use std::io::{BufWriter, Write};
use std::process::Stdio;

use crate::support::Repo;

/// How large.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub commits: usize,
    /// Releases, evenly spaced; half of them plain tags, half annotated.
    pub tags: usize,
    /// Commits after the newest release.
    pub unreleased: usize,
    pub files: usize,
    /// Completed specs in `.chant/archive`.
    pub archived: usize,
    /// Completed specs in `.chant/specs`, all of them released.
    pub completed: usize,
}

impl Shape {
    /// A young project: ten commits, one release.
    pub const SMALL: Shape = Shape {
        commits: 10,
        tags: 1,
        unreleased: 5,
        files: 10,
        archived: 0,
        completed: 0,
    };
}

/// Numbers that look random and are the same each time (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Fills an empty repository and checks it out, without relwatch.
pub fn make(repo: &Repo<'_>, shape: &Shape) {
    let mut child = repo
        .command("git")
        .args(["fast-import", "--quiet", "--force"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufWriter::new(child.stdin.take().unwrap());
    write(&mut out, shape).unwrap();
    drop(out);
    assert!(child.wait().unwrap().success());
    repo.git(&["pack-refs", "--all"]).ok();
    repo.git(&["reset", "-q", "--hard"]).ok();
}

fn write(out: &mut impl Write, shape: &Shape) -> std::io::Result<()> {
    const TEXTS: usize = 1000;
    let mut numbers = Numbers(7);
    for text in 1..=TEXTS {
        let line = format!("text {text}\n");
        write!(out, "blob\nmark :{text}\ndata {}\n{line}", line.len())?;
    }
    let spec = "---\nstatus: completed\n---\n\n# Add what was asked for\n\nAll of it.\n";
    write!(
        out,
        "blob\nmark :{}\ndata {}\n{spec}",
        TEXTS + 1,
        spec.len()
    )?;
    let released = shape.commits - shape.unreleased;
    let apart = released
        .checked_div(shape.tags)
        .unwrap_or(usize::MAX)
        .max(1);
    let mut tagged = 0;
    for number in 1..=shape.commits {
        let time = 1_600_000_000 + number * 60;
        let message = message(&mut numbers, number);
        let who = format!("A <a@example.org> {time} +0000");
        write!(
            out,
            "commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {}\n{message}",
            message.len()
        )?;
        if number == 1 {
            for file in 0..shape.files {
                writeln!(out, "M 100644 :{} {}", 1 + file % TEXTS, path(file))?;
            }
            for spec in 0..shape.archived {
                let day = 1 + spec / 1000 % 28;
                let month = 1 + spec / 28000;
                writeln!(
                    out,
                    "M 100644 :{} .chant/archive/2024-{month:02}-{day:02}/2024-{month:02}-{day:02}-{spec:06}-old.md",
                    TEXTS + 1
                )?;
            }
            for spec in 0..shape.completed {
                let text = spec_text(&mut numbers, spec);
                write!(
                    out,
                    "M 100644 inline .chant/specs/2026-01-{:02}-{spec:06}-new.md\ndata {}\n{text}",
                    1 + spec / 1000,
                    text.len()
                )?;
            }
        } else {
            let text = 1 + numbers.below(TEXTS);
            writeln!(
                out,
                "M 100644 :{text} {}",
                path(numbers.below(shape.files.max(1)))
            )?;
        }
        if number % apart == 0 && number <= released && tagged < shape.tags {
            tagged += 1;
            let name = format!("v{}.{}.0", tagged / 100, tagged % 100);
            match tagged % 2 {
                0 => write!(out, "reset refs/tags/{name}\nfrom refs/heads/main\n\n")?,
                _ => write!(
                    out,
                    "tag {name}\nfrom refs/heads/main\ntagger {who}\ndata 8\nrelease\n"
                )?,
            }
        }
    }
    writeln!(out, "done")?;
    out.flush()
}

fn path(file: usize) -> String {
    format!("src/part{:03}/file{file:06}.txt", file / 200)
}

fn message(numbers: &mut Numbers, number: usize) -> String {
    let kind = numbers.one(&[
        "feat", "feat", "feat", "fix", "fix", "fix", "fix", "perf", "docs", "chore", "refactor",
    ]);
    let scope = numbers.one(&["", "(api)", "(cli)", "(parser)", "(build)"]);
    let verb = numbers.one(&["add", "handle", "keep", "allow", "restore", "bound"]);
    let what = numbers.one(&[
        "the timeout of locks",
        "empty input",
        "names with spaces",
        "old clients",
    ]);
    let subject = format!(
        "{kind}{scope}: {verb} {what} in case {} (#{number})",
        numbers.below(100_000)
    );
    match numbers.below(3) {
        0 => format!(
            "{subject}\n\nWhat was there before did not bear it. Now it does, and says so where it\nhas to.\n\nRefs: #{}\nReviewed-by: B <b@example.org>\n",
            numbers.below(number) + 1
        ),
        _ => format!("{subject}\n"),
    }
}

fn spec_text(numbers: &mut Numbers, spec: usize) -> String {
    let verb = numbers.one(&["Add", "Handle", "Keep", "Allow"]);
    format!(
        "---\ntype: code\nstatus: completed\ntarget_files:\n- src/file{spec}.txt\ncompleted_at: 2026-01-20T10:00:00Z\n---\n\n# {verb} case {spec}\n\n## Problem\n\nIt is not there yet.\n\n## Acceptance Criteria\n\n- [x] it is there\n- [x] it has a test\n"
    )
}
