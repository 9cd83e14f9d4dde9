//! Entry point: parses arguments, runs the command, sets the exit code. Everything else is in the library.

#![forbid(unsafe_code)]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::disallowed_methods, reason = "arguments are read once, here")]
fn main() {
    let code = relwatch::cli::main(std::env::args_os().collect());
    relwatch::ui::flush();
    relwatch::sys::process::leave(code)
}
