//! The log: `<git-dir>/relwatch/log` through tracing, with a size limit. `-v` also prints it.

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::sys::{clock, files};

const MAX_BYTES: u64 = 256 * 1024;

/// The destination of the log.
pub enum Target {
    /// Important events, to a file.
    File(PathBuf),
    /// All events, to standard error.
    Terminal,
}

/// Starts logging. Called at most once; later calls do nothing.
pub fn start(target: Target) {
    let level = match target {
        Target::Terminal => tracing::Level::DEBUG,
        Target::File(_) => tracing::Level::INFO,
    };
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .with_timer(Stamp);
    // A second start is a harmless mistake of the caller.
    let _ = match target {
        Target::Terminal => {
            tracing::subscriber::set_global_default(builder.with_writer(io::stderr).finish())
        }
        Target::File(path) => {
            let writer = Mutex::new(LogFile { path });
            tracing::subscriber::set_global_default(builder.with_writer(writer).finish())
        }
    };
}

struct Stamp;

impl FormatTime for Stamp {
    fn format_time(&self, w: &mut Writer<'_>) -> std::fmt::Result {
        w.write_str(&clock::stamp())
    }
}

/// A log file that is opened for each line: a hook writes at most one line, and never keeps the file open.
struct LogFile {
    path: PathBuf,
}

impl io::Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if files::size(&self.path) > MAX_BYTES {
            // The older half is dropped: losing log lines is acceptable.
            if let Ok(Some(old)) = files::read(&self.path) {
                let _ = files::replace(&self.path, &old[old.len() / 2..], files::Durable::No);
            }
        }
        // A full disk must not break a commit.
        let _ = files::append(&self.path, line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
