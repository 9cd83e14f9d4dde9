//! Ctrl-C and similar signals: how they are handled, and when.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Records Ctrl-C, or the request to end, instead of ending the process, until it is dropped.
pub struct Interruption(());

impl Interruption {
    /// Starts recording.
    pub fn watch() -> Interruption {
        let signals = Signals::ours();
        signals.pressed.store(false, Ordering::SeqCst);
        signals.waited_for.store(true, Ordering::SeqCst);
        Interruption(())
    }

    /// Whether Ctrl-C was pressed.
    pub fn came(&self) -> bool {
        Signals::ours().pressed.load(Ordering::SeqCst)
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        let signals = Signals::ours();
        signals.pressed.store(false, Ordering::SeqCst); // what came was for this
        signals.waited_for.store(false, Ordering::SeqCst);
    }
}

/// Makes Ctrl-C call `last_words` and end the process with 130, unless an [`Interruption`] waits for it. That is safe at any time, because
/// all work is either complete or not visible.
pub fn on_interruption(last_words: impl Fn() + Send + Sync + 'static) {
    let _ = LAST_WORDS.set(Box::new(last_words)); // once is enough
    Signals::ours();
}

/// While it exists, no terminal signal ends the process: related writes are completed together.
#[expect(dead_code, reason = "it is held, not read")]
pub struct Undisturbed(Option<Interruption>);

/// Blocks the signals for some milliseconds. In a hook, later signals are ignored too: it ends soon anyway.
pub fn undisturbed() -> Undisturbed {
    if LAST_WORDS.get().is_some() {
        return Undisturbed(Some(Interruption::watch()));
    }
    for signal in ENDING {
        // If registration fails, the signals remain effective.
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
    Undisturbed(None)
}

/// The signals that end a process: Ctrl-C, the request to end, a closed terminal, Ctrl-\.
#[cfg(unix)]
const ENDING: [i32; 4] = {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
};

/// Ctrl-C. Other events that end a Windows program cannot be caught.
#[cfg(windows)]
const ENDING: [i32; 1] = [signal_hook::consts::SIGINT];

static LAST_WORDS: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// The effect of terminal signals on the process. Registered once, because registrations cannot be removed.
struct Signals {
    /// Whether an [`Interruption`] waits for them. Otherwise they end the process.
    waited_for: Arc<AtomicBool>,
    pressed: Arc<AtomicBool>,
}

impl Signals {
    fn ours() -> &'static Signals {
        static SIGNALS: OnceLock<Signals> = OnceLock::new();
        SIGNALS.get_or_init(|| {
            let signals = Signals {
                waited_for: Arc::new(AtomicBool::new(false)),
                pressed: Arc::new(AtomicBool::new(false)),
            };
            // If registration fails, the keys have their usual effect.
            if let Err(error) = signals.register() {
                tracing::warn!("Ctrl-C ends without a word: {error}");
            }
            signals
        })
    }

    #[cfg(unix)]
    fn register(&self) -> io::Result<()> {
        use std::io::Read;

        use signal_hook::{flag, low_level::pipe};
        let (mut reader, writer) = std::os::unix::net::UnixStream::pair()?;
        let (waited_for, pressed) = (Arc::clone(&self.waited_for), Arc::clone(&self.pressed));
        // The thread is started first: without it, nothing would act on registered signals.
        std::thread::Builder::new().spawn(move || {
            while reader.read_exact(&mut [0]).is_ok() {
                if !waited_for.load(Ordering::SeqCst) && pressed.load(Ordering::SeqCst) {
                    end_at_once();
                }
            }
        })?;
        for signal in ENDING {
            flag::register(signal, Arc::clone(&self.pressed))?;
            pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(())
    }

    #[cfg(windows)]
    fn register(&self) -> io::Result<()> {
        let (waited_for, pressed) = (Arc::clone(&self.waited_for), Arc::clone(&self.pressed));
        let act = move || {
            pressed.store(true, Ordering::SeqCst);
            if !waited_for.load(Ordering::SeqCst) {
                end_at_once();
            }
        };
        ctrlc::set_handler(act).map_err(io::Error::other)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signal ends a process wherever it is"
)]
fn end_at_once() {
    if let Some(say) = LAST_WORDS.get() {
        say();
    }
    std::process::exit(130); // as a shell says of a program that Ctrl-C has ended
}
