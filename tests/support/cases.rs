//! Tables of cases. Every case runs, and the failure names each case that failed, so that one does not hide the others.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// Runs every case of a table. The cases are independent of each other, so as many run at the same time as there are processors.
/// Returns what they return, in the order of the table.
///
/// `CASE=name` runs the cases of that name alone.
#[track_caller]
pub fn run<T: Sync, N: Into<String>, R: Send>(
    cases: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> N,
    case: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    run_by("CASE", cases, name, case)
}

/// The same with a variable of its own in place of `CASE`.
#[track_caller]
pub fn run_by<T: Sync, N: Into<String>, R: Send>(
    variable: &str,
    cases: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> N,
    case: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let cases = selected(variable, cases, name);
    let is_case = IS_CASE.get();
    assert!(!is_case, "a case cannot run a table; it can use `in_turn`");
    let ends = thread::scope(|scope| {
        let threads: Vec<_> = cases
            .iter()
            .map(|(name, one)| {
                let slot = Slot::wait();
                let case = &case;
                // The name of the thread is in the message of a panic.
                let thread = thread::Builder::new().name(name.replace('\0', "?"));
                let body = move || {
                    let _slot = slot;
                    IS_CASE.set(true);
                    case(one)
                };
                thread.spawn_scoped(scope, body).unwrap()
            })
            .collect();
        let ends = threads.into_iter().map(|thread| thread.join());
        ends.collect::<Vec<_>>()
    });
    all_passed(variable, &cases, ends)
}

/// Runs every case of a table whose cases share a repository, one after the other.
///
/// A case must begin with what it needs: the one before it may have failed halfway.
#[track_caller]
pub fn in_turn<T, N: Into<String>, R>(
    cases: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> N,
    case: impl FnMut(&T) -> R,
) -> Vec<R> {
    in_turn_by("CASE", cases, name, case)
}

/// The same with a variable of its own in place of `CASE`.
#[track_caller]
pub fn in_turn_by<T, N: Into<String>, R>(
    variable: &str,
    cases: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> N,
    mut case: impl FnMut(&T) -> R,
) -> Vec<R> {
    let cases = selected(variable, cases, name);
    let ends = cases.iter().map(|(_, one)| {
        catch_unwind(AssertUnwindSafe(|| case(one))) // what it leaves behind is the next one's to replace
    });
    let ends = ends.collect();
    all_passed(variable, &cases, ends)
}

/// The cases that the variable asks for, with their names.
#[track_caller]
fn selected<T, N: Into<String>>(
    variable: &str,
    cases: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> N,
) -> Vec<(String, T)> {
    let all: Vec<(String, T)> = cases
        .into_iter()
        .map(|one| (name(&one).into(), one))
        .collect();
    assert!(!all.is_empty(), "the table is empty");
    let Ok(wanted) = std::env::var(variable) else {
        return all;
    };
    let names: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
    let cases: Vec<_> = all
        .into_iter()
        .filter(|(name, _)| *name == wanted)
        .collect();
    assert!(
        !cases.is_empty(),
        "{variable}={wanted}: no case has that name; there are {names:?}"
    );
    cases
}

#[track_caller]
fn all_passed<T, R>(variable: &str, cases: &[(String, T)], ends: Vec<thread::Result<R>>) -> Vec<R> {
    let mut passed = Vec::new();
    let mut failed = Vec::new();
    for ((name, _), end) in cases.iter().zip(ends) {
        match end {
            Ok(value) => passed.push(value),
            Err(payload) => failed.push((name, message(payload.as_ref()))),
        }
    }
    let names: Vec<&String> = failed.iter().map(|(name, _)| *name).collect();
    let messages = failed
        .iter()
        .map(|(name, message)| format!("\n--- {variable}='{name}'\n{message}\n"));
    assert!(
        failed.is_empty(),
        "{} of {} cases failed: {names:?}\n{}",
        failed.len(),
        cases.len(),
        messages.collect::<String>()
    );
    passed
}

/// The message of a panic.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or_else(|| {
        payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
    });
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

thread_local! {
    /// Whether this thread is a case: it has a slot and must not wait for another one.
    static IS_CASE: Cell<bool> = const { Cell::new(false) };
}

/// A processor for one case. All tables of the binary share them: tables that run at the same time start no more processes than
/// one of them alone.
struct Slot;

/// How many slots are taken, and a signal when one is free again.
static TAKEN: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

impl Slot {
    fn wait() -> Slot {
        let (taken, freed) = &TAKEN;
        let count = thread::available_parallelism().map_or(1, usize::from);
        let taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = freed.wait_while(taken, |taken| *taken >= count);
        *taken.unwrap_or_else(PoisonError::into_inner) += 1;
        Slot
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (taken, freed) = &TAKEN;
        *taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        freed.notify_one();
    }
}
