//! Ctrl-C and its kind: who gets them, and when.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Ctrl-C, or the request to end, sets this instead of ending us, until it is dropped.
pub struct Interruption(());

impl Interruption {
    /// From now on.
    pub fn watch() -> Interruption {
        let signals = Signals::ours();
        signals.pressed.store(false, Ordering::SeqCst);
        signals.waited_for.store(true, Ordering::SeqCst);
        Interruption(())
    }

    /// Whether it was pressed.
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

/// Has Ctrl-C say `last_words` and end us with 130, where no [`Interruption`] waits for it. What we are at is whole or not there:
/// it bears to be killed.
pub fn on_interruption(last_words: impl Fn() + Send + Sync + 'static) {
    let _ = LAST_WORDS.set(Box::new(last_words)); // once is enough
    Signals::ours();
}

/// While it lives no signal of the terminal ends us: what is written belongs together.
#[expect(dead_code, reason = "it is held, not read")]
pub struct Undisturbed(Option<Interruption>);

/// For some milliseconds. In a hook the signals that come later are not heard any more either: it ends anyway.
pub fn undisturbed() -> Undisturbed {
    if LAST_WORDS.get().is_some() {
        return Undisturbed(Some(Interruption::watch()));
    }
    for signal in ENDING {
        // Where that cannot be, it is as disturbed as ever.
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
    Undisturbed(None)
}

/// Ctrl-C, the request to end, a terminal that went away, Ctrl-\.
#[cfg(unix)]
const ENDING: [i32; 4] = {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
};

/// Ctrl-C; what else ends a program of Windows cannot be heard.
#[cfg(windows)]
const ENDING: [i32; 1] = [signal_hook::consts::SIGINT];

static LAST_WORDS: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// What the signals of the terminal do to us: registered once, since what was registered stays for ever.
struct Signals {
    /// Whether an [`Interruption`] waits for them; else they end us.
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
            // Where that cannot be, the keys do what they always do.
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
        // First: without it nobody would act on what is registered.
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
