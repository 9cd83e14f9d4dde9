//! A process with all its descendants: Ctrl-C does not reach it, and it is ended as a whole.

use std::io;
use std::process::{Child, Command};

#[cfg(windows)]
use win32job::{ExtendedLimitInfo, Job};

/// A process that leads its own group.
pub struct ProcessGroup {
    pub leader: Child,
    #[cfg(windows)]
    job: Option<Job>,
}

impl ProcessGroup {
    /// Starts a process in its own group.
    ///
    /// # Errors
    /// Fails if the program cannot be started.
    pub fn start(mut command: Command) -> io::Result<ProcessGroup> {
        apart(&mut command);
        let leader = command.spawn()?;
        Ok(ProcessGroup {
            #[cfg(windows)]
            job: job_of(&leader),
            leader,
        })
    }

    /// Ends the process and all its descendants.
    #[cfg(unix)]
    pub fn end(mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = Pid::from_raw(self.leader.id().cast_signed()) {
            // The group may have ended already.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.leader.wait();
    }

    /// Ends the process and all its descendants.
    #[cfg(windows)]
    pub fn end(mut self) {
        if let Some(job) = self.job.take() {
            let mut limits = ExtendedLimitInfo::new();
            // The job ends with its last handle, which is ours.
            let _ = job.set_extended_limit_info(limits.limit_kill_on_job_close());
        }
        // The process may have ended already.
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

/// Gives the process of a command its own group, which a terminal's Ctrl-C does not reach.
fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(command, NEW_GROUP);
}

/// The same as [`apart`], for a process that outlives the terminal.
pub fn without_terminal(command: &mut Command) {
    #[cfg(unix)]
    apart(command);
    #[cfg(windows)]
    {
        // A hidden console: otherwise each program that it starts would open its own.
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        let flags = NEW_GROUP | CREATE_NO_WINDOW;
        std::os::windows::process::CommandExt::creation_flags(command, flags);
    }
}

/// `CREATE_NEW_PROCESS_GROUP`.
#[cfg(windows)]
const NEW_GROUP: u32 = 0x200;

/// A job with this process and everything that it starts from now on. On Windows a process does not know its children, but a job does.
/// `None` if Windows refuses.
#[cfg(windows)]
fn job_of(leader: &Child) -> Option<Job> {
    use std::os::windows::io::AsRawHandle;
    let job = Job::create().ok()?;
    job.assign_process(leader.as_raw_handle() as isize).ok()?;
    Some(job)
}
