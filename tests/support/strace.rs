//! Commands that are killed or held at a certain system call (strace). Where it happens does not depend on the speed of the machine.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::{Background, Repo, eventually, ran};

const RELWATCH: &str = env!("CARGO_BIN_EXE_relwatch");

/// Calls that change something, start a process or wait for one. A kill anywhere between two of them leaves the same behind. Those with
/// `?` do not exist on every processor.
const CHANGES: &str = "write,pwrite64,writev,?rename,renameat,renameat2,?link,linkat,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,ftruncate,fsync,fdatasync,?chmod,fchmod,fchmodat,utimensat,flock,?symlink,symlinkat,clone3,clone,?vfork,wait4,waitid";

/// Whether strace can be started; continuous integration has it.
pub fn is_here() -> bool {
    let mut strace = Command::new("strace");
    let is_here = strace.arg("-V").stdout(Stdio::null()).status().is_ok();
    let is_ci = std::env::var_os("CI").is_some();
    assert!(is_here || !is_ci, "strace cannot be started");
    if !is_here {
        eprintln!("strace is not installed: nothing is stopped at a system call");
    }
    is_here
}

/// A system call of the main thread: the `n`-th of its name, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub name: String,
    pub n: usize,
}

/// The calls that change something, in their order, when relwatch runs undisturbed.
#[track_caller]
pub fn calls(repo: &Repo<'_>, args: &[&str]) -> Vec<Call> {
    let trace = format!("trace={CHANGES}");
    let mut command = repo.command("strace");
    command.args(["-qq", "-o", "../trace", "-e", &trace, RELWATCH]);
    ran(&command.args(args).output().unwrap()).ok();
    let text = repo.read("../trace");
    let names = text.lines().filter_map(|line| line.split_once('('));
    let mut calls: Vec<Call> = Vec::new();
    for (name, _) in names.filter(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric())) {
        let n = 1 + calls.iter().filter(|call| call.name == name).count();
        let name = name.to_owned();
        calls.push(Call { name, n });
    }
    assert!(calls.len() > 20, "{text}");
    calls
}

/// Processes that were started together.
pub struct Group(u32);

impl Group {
    /// Waits until none of them runs any more.
    pub fn over(&self) {
        let group = self.0.to_string();
        eventually(|| {
            let stats = std::fs::read_dir("/proc").unwrap().flatten();
            let mut stats =
                stats.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
            // proc(5): state, parent and group follow the name, which is in parentheses.
            let is_left = |stat: String| {
                let (_, rest) = stat.rsplit_once(") ").unwrap();
                let fields: Vec<&str> = rest.split(' ').collect();
                fields[2] == group && fields[0] != "Z"
            };
            if stats.any(is_left) {
                Err(format!("group {group} is still running"))
            } else {
                Ok(())
            }
        });
    }
}

/// Runs relwatch and kills it when it makes this call, but not the processes that it started. If it makes fewer calls, it ends by itself.
pub fn killed_at(repo: &Repo<'_>, args: &[&str], call: &Call) -> Group {
    let trace = format!("trace={}", call.name);
    let inject = format!("inject={}:signal=KILL:when={}", call.name, call.n);
    let mut command = repo.command("strace");
    command.args(["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject]);
    command.arg(RELWATCH).args(args).process_group(0);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.wait().unwrap();
    Group(child.id())
}

/// Runs relwatch, and kills it with all that it started once all of them together have made that many calls. Returns how many they
/// made.
pub fn killed_with_children(repo: &Repo<'_>, args: &[&str], at: usize) -> usize {
    let trace = format!("trace={CHANGES}");
    let mut command = repo.command("strace");
    command.args(["-f", "-qq", "-e", &trace, RELWATCH]);
    command.args(args).process_group(0);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut started = vec![format!("-{}", child.id())];
    let mut made = 0;
    let trace = BufReader::new(child.stderr.take().unwrap());
    for line in trace.split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // Gates and steps have process groups of their own.
        let pid = line
            .strip_prefix("[pid ")
            .and_then(|rest| rest.split(']').next());
        if let Some(pid) = pid.map(|pid| pid.trim().to_owned())
            && !started.contains(&pid)
        {
            started.push(pid);
        }
        made += usize::from(line.contains('(') && !line.contains("resumed>"));
        if made == at {
            break;
        }
    }
    if made == at {
        let mut kill = Command::new("kill");
        kill.args(["-9", "--"]).args(&started);
        let _ = kill.stderr(Stdio::null()).status(); // some have ended
    }
    child.wait().unwrap();
    made
}

/// The arguments of a strace that runs relwatch and makes its first call about a file last a second. `path` is absolute.
pub fn slow_at<'a>(path: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    let second = "inject=%file:delay_enter=1000000:when=1";
    let mut all = vec!["-f", "-qq", "-o", "/dev/null", "-P", path];
    all.extend(["-e", "trace=%file", "-e", second, RELWATCH]);
    all.extend(args);
    all
}

/// A command that is held at a system call until a signal ends it.
pub struct Held<'r> {
    repo: &'r Repo<'r>,
    strace: Background,
    /// Its process.
    pub pid: String,
}

/// Starts relwatch and stops it at its first call about a file. Its other threads go on. `path` is absolute.
#[track_caller]
pub fn held_at<'r>(repo: &'r Repo<'r>, args: &[&str], path: &str) -> Held<'r> {
    let hour = "inject=%file:delay_enter=3600000000:when=1";
    let shell = "\"$@\" 2>../said; echo $? >../code.new; mv ../code.new ../code";
    let mut command = repo.command("strace");
    command.args(["-f", "-qq", "-o", "../held", "-P", path]);
    command.args(["-e", "trace=%file", "-e", hour, "sh", "-c", shell, "sh"]);
    command.arg(RELWATCH).args(args);
    let strace = command.stderr(Stdio::null()).spawn().unwrap(); // it wonders about a process that ends while it is held
    let strace = Background(strace);
    let pid = eventually(|| {
        let held = repo.sh("cat ../held 2>/dev/null").stdout;
        let pid = held.split_once(' ').map(|(pid, _)| pid.to_owned());
        pid.ok_or_else(|| format!("relwatch does not look at {path}"))
    });
    Held { repo, strace, pid }
}

impl Held<'_> {
    /// Its exit code, and what it prints on standard error before it ends.
    #[track_caller]
    pub fn ended(self) -> (String, String) {
        let said = || self.repo.sh("cat ../said").stdout;
        eventually(|| match said() {
            said if said.ends_with('\n') => Ok(()),
            said => Err(format!("it has printed {said:?}")),
        });
        drop(self.strace); // or it would hold even the end of the process
        let code = eventually(|| {
            let code = self.repo.sh("cat ../code 2>/dev/null").stdout;
            match code.trim() {
                "" => Err("it does not end".to_owned()),
                code => Ok(code.to_owned()),
            }
        });
        (code, said())
    }
}
