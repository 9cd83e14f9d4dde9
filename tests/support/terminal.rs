//! A terminal of a given width, as a program sees one.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use nix::pty::{OpenptyResult, Winsize, openpty};

use super::{PATIENCE, Ran, Repo, eventually};

impl Repo<'_> {
    /// What relwatch shows on a terminal of that many columns; it must succeed.
    #[track_caller]
    pub fn on_terminal(&self, columns: u16, args: &[&str], env: &[(&str, &str)]) -> String {
        shown(columns, self.on(args, env), true).ok().stdout
    }

    /// What another command shows there; it must succeed.
    #[track_caller]
    pub fn shown_by(&self, columns: u16, program: &str, args: &[&str]) -> String {
        let mut command = self.command(program);
        command.args(args);
        shown(columns, command, true).ok().stdout
    }

    /// The same with what it says on standard error apart.
    pub fn on_screen(&self, columns: u16, args: &[&str], env: &[(&str, &str)]) -> Ran {
        shown(columns, self.on(args, env), false)
    }

    fn on(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_relwatch"));
        command.args(args).envs(env.iter().copied());
        command
    }

    /// Types lines into a shell, each once it shows its prompt; the last one ends it.
    #[track_caller]
    pub fn type_into(&self, shell: &str, args: &[&str], lines: &[&str]) {
        const PROMPT: &str = "ready> ";
        let terminal = openpty(None, None).unwrap();
        let mut command = self.command(shell);
        let end = || Stdio::from(terminal.slave.try_clone().unwrap());
        command.stdin(end()).stdout(end()).stderr(end());
        command.args(args).env("TERM", "dumb").env("PS1", PROMPT);
        let mut child = command.spawn().unwrap();
        drop((command, terminal.slave)); // or our own end would keep it open
        let mut keys = File::from(terminal.master);
        for line in lines {
            let mut shown = Vec::new();
            let mut byte = [0];
            while !shown.ends_with(PROMPT.as_bytes()) {
                let read = keys.read(&mut byte);
                let so_far = String::from_utf8_lossy(&shown);
                assert!(read.is_ok_and(|count| count > 0), "{shell}: {so_far}");
                shown.extend(byte);
            }
            keys.write_all(format!("{line}\n").as_bytes()).unwrap();
        }
        let _ = keys.read_to_end(&mut Vec::new()); // as above
        assert!(child.wait().unwrap().success(), "{shell}");
    }
}

/// A program in a terminal in which somebody presses keys.
pub struct Driven {
    child: Child,
    keys: File,
    shown: Receiver<u8>,
}

impl Repo<'_> {
    /// Starts such a program.
    pub fn driven(&self, program: &str, args: &[&str]) -> Driven {
        let terminal = open(80);
        let mut command = self.command(program);
        let end = || Stdio::from(terminal.slave.try_clone().unwrap());
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.args(args).env("TERM", "xterm").spawn().unwrap();
        drop((command, terminal.slave)); // or our own end would keep it open
        let keys = File::from(terminal.master);
        let screen = keys.try_clone().unwrap();
        let (sender, shown) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = BufReader::new(screen).bytes().map_while(Result::ok);
            bytes.try_for_each(|byte| sender.send(byte))
        });
        Driven { child, keys, shown }
    }
}

impl Driven {
    /// Presses keys, and waits until the screen shows these words.
    #[track_caller]
    pub fn press(&mut self, keys: &str, words: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        let mut shown = Vec::new();
        while !shown.ends_with(words.as_bytes()) {
            match self.shown.recv_timeout(PATIENCE) {
                Ok(byte) => shown.push(byte),
                Err(_) => panic!("no {words:?} in {:?}", String::from_utf8_lossy(&shown)),
            }
        }
    }

    /// Presses the last keys, and waits until the program ends.
    #[track_caller]
    pub fn end(mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        let ended = eventually(|| {
            let status = self.child.try_wait().unwrap();
            status.ok_or_else(|| "it does not end".to_owned())
        });
        assert!(ended.success());
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it has ended, or it hangs
        let _ = self.child.wait();
    }
}

fn open(columns: u16) -> OpenptyResult {
    let size = Winsize {
        ws_row: 40,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    openpty(&size, None).unwrap()
}

fn shown(columns: u16, mut command: Command, is_all: bool) -> Ran {
    let terminal = open(columns);
    if !command.get_envs().any(|(name, _)| name == "TERM") {
        command.env("TERM", "xterm");
    }
    command.stderr(if is_all {
        Stdio::from(terminal.slave.try_clone().unwrap())
    } else {
        Stdio::piped()
    });
    command.stdout(terminal.slave);
    let child = command.spawn().unwrap();
    drop(command); // or our own end would keep it open
    let mut shown = Vec::new();
    // Linux ends it with an error (EIO).
    let _ = File::from(terminal.master).read_to_end(&mut shown);
    let ran = super::ran(&child.wait_with_output().unwrap());
    Ran {
        stdout: String::from_utf8(shown).unwrap().replace("\r\n", "\n"),
        ..ran
    }
}

/// With colours by their names: `{strong}0.2.0{}`.
pub fn named(shown: &str) -> String {
    let names = [
        ("0", ""),
        ("1", "strong"),
        ("2", "faint"),
        ("4", "underlined"),
        ("31", "bad"),
        ("32", "good"),
        ("33", "warning"),
    ];
    names.iter().fold(shown.to_owned(), |text, (code, name)| {
        text.replace(&format!("\u{1b}[{code}m"), &format!("{{{name}}}"))
    })
}
