//! What libraries read from the environment as soon as they are loaded, so that this program has to be started with it.

use std::process::Command;

/// Whoever runs the program may set any of these otherwise.
const VARIABLES: [(&str, &str); 3] = [
    // ONNX Runtime would keep a file of events in the user's cache folder; its own switch comes too late. Nothing about
    // this program leaves it, or is left beside it.
    ("ORT_DISABLE_TELEMETRY", "1"),
    // Memory that is free goes back to the system at once. Kept for a second, as it would be, it came to 40 MB while
    // documents are taken in, beside a reading process that may need them.
    ("MIMALLOC_PURGE_DELAY", "0"),
    // The C library's allocator, which ONNX Runtime uses, would keep free memory for each thread.
    ("MALLOC_ARENA_MAX", "1"),
];

/// Starts this program over in its place, once, with those that are missing: a running program cannot change its own
/// environment safely. Where that fails it goes on as it is.
pub(super) fn insist() {
    let missing: Vec<_> = VARIABLES
        .into_iter()
        .filter(|(name, _)| std::env::var_os(name).is_none())
        .collect();
    if missing.is_empty() {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    start_over(
        Command::new(program)
            .args(std::env::args_os().skip(1))
            .envs(missing),
    );
}

#[cfg(unix)]
fn start_over(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    // It only returns when it fails.
    let _ = command.exec();
}

#[cfg(not(unix))]
fn start_over(_: &mut Command) {}
