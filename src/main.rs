//! Parse, run, exit code; everything else is in the library.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::disallowed_methods, reason = "arguments are read once, here")]
fn main() -> ExitCode {
    relwatch::cli::main(std::env::args_os().collect())
}
