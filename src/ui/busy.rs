//! A progress line on the terminal for long work, removed afterwards. Nothing is shown in the first half second, without a terminal, or in
//! commands that git calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::text::terminal;

/// Time after which a line is shown.
const LONG: Duration = Duration::from_millis(500);

const STEP: Duration = Duration::from_millis(100);

static WATCHED: AtomicBool = AtomicBool::new(false);

static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn bar() -> MutexGuard<'static, Option<ProgressBar>> {
    BAR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Enables progress lines: a user has started this command and may be watching.
pub fn watched() {
    WATCHED.store(true, Ordering::Relaxed);
}

/// Shows the progress line until dropped. A nested one changes nothing. Nothing else may use the terminal meanwhile.
pub struct Busy {
    own: Option<ProgressBar>,
}

/// Starts work that may take long.
pub fn with(words: &str) -> Busy {
    let mut bar = bar();
    if !WATCHED.load(Ordering::Relaxed) || bar.is_some() {
        return Busy { own: None };
    }
    let new = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
    new.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    new.set_message(terminal::printable(words));
    *bar = Some(new.clone());
    Busy { own: Some(new) }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(own) = self.own.take() {
            own.finish_and_clear();
            bar().take();
        }
    }
}

/// Updates the progress line.
pub fn doing(words: &str) {
    if let Some(bar) = bar().as_ref() {
        bar.set_message(terminal::printable(words));
        if bar.is_hidden() && bar.elapsed() > LONG {
            bar.set_draw_target(ProgressDrawTarget::stderr()); // shows nothing where that is no terminal
            bar.enable_steady_tick(STEP);
        }
    }
}
