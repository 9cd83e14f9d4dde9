//! A process with all that it starts: Ctrl-C does not reach it, and it is ended as a whole.

use std::io;
use std::process::{Child, Command};

#[cfg(windows)]
use win32job::{ExtendedLimitInfo, Job};

/// A process that leads a group of its own.
pub struct ProcessGroup {
    pub leader: Child,
    #[cfg(windows)]
    job: Option<Job>,
}

impl ProcessGroup {
    /// Starts one.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(mut command: Command) -> io::Result<ProcessGroup> {
        apart(&mut command);
        let leader = command.spawn()?;
        Ok(ProcessGroup {
            #[cfg(windows)]
            job: job_of(&leader),
            leader,
        })
    }

    /// Ends the process with everything that it has started.
    #[cfg(unix)]
    pub fn end(mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = Pid::from_raw(self.leader.id().cast_signed()) {
            // Gone already is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.leader.wait();
    }

    /// Ends the process with everything that it has started.
    #[cfg(windows)]
    pub fn end(mut self) {
        if let Some(job) = self.job.take() {
            let mut limits = ExtendedLimitInfo::new();
            // It ends with its last handle, which is ours.
            let _ = job.set_extended_limit_info(limits.limit_kill_on_job_close());
        }
        // Gone already is as good.
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

/// Gives the process of a command a group of its own, which no terminal's Ctrl-C reaches.
fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(command, NEW_GROUP);
}

/// As [`apart`], for a process that outlives the terminal.
pub fn without_terminal(command: &mut Command) {
    #[cfg(unix)]
    apart(command);
    #[cfg(windows)]
    {
        // A console that nobody sees: the programs that it starts would each open one otherwise.
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        let flags = NEW_GROUP | CREATE_NO_WINDOW;
        std::os::windows::process::CommandExt::creation_flags(command, flags);
    }
}

/// `CREATE_NEW_PROCESS_GROUP`.
#[cfg(windows)]
const NEW_GROUP: u32 = 0x200;

/// On Windows a process does not know its children; a job does: of this process and of what it starts from now on. `None` if Windows
/// refuses.
#[cfg(windows)]
fn job_of(leader: &Child) -> Option<Job> {
    use std::os::windows::io::AsRawHandle;
    let job = Job::create().ok()?;
    job.assign_process(leader.as_raw_handle() as isize).ok()?;
    Some(job)
}
