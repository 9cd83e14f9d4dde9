//! A process with all that it starts: Ctrl-C does not reach it, and it is ended as a whole.

use std::io;
use std::process::{Child, Command};

#[cfg(windows)]
use self::job_object::JobObject;

/// A process that leads a group of its own.
pub struct ProcessGroup {
    pub leader: Child,
    #[cfg(windows)]
    job: Option<JobObject>,
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
            job: JobObject::of_process(&leader),
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
        if let Some(job) = &self.job {
            job.end();
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

/// On Windows a process does not know its children; a job does.
#[cfg(windows)]
#[expect(
    unsafe_code,
    reason = "the calls of Windows for jobs have no other form"
)]
mod job_object {
    use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
    use std::process::Child;
    use std::ptr;

    use windows_sys::Win32::System::JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, TerminateJobObject,
    };

    pub struct JobObject(OwnedHandle);

    impl JobObject {
        /// A job of this process and of what it starts from now on; `None` if Windows refuses.
        pub fn of_process(leader: &Child) -> Option<JobObject> {
            // SAFETY: both pointers may be null: a job with the usual rights and no name. The handle is ours alone.
            let job = unsafe {
                let job = CreateJobObjectW(ptr::null(), ptr::null());
                (!job.is_null()).then(|| OwnedHandle::from_raw_handle(job))?
            };
            // SAFETY: both handles are open while the references to them live.
            let is_in = unsafe {
                AssignProcessToJobObject(job.as_raw_handle(), leader.as_raw_handle()) != 0
            };
            is_in.then_some(JobObject(job))
        }

        pub fn end(&self) {
            // SAFETY: the handle is open as long as we are.
            unsafe { TerminateJobObject(self.0.as_raw_handle(), 1) };
        }
    }
}
