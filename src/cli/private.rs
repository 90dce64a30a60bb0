//! Keeps libraries from recording how they are used: nothing about this program leaves it, or is left beside it.

use std::process::Command;

/// Read by ONNX Runtime when it is loaded; without it, it keeps a file of events in the user's cache folder, and its
/// own switch comes too late.
const NO_TELEMETRY: &str = "ORT_DISABLE_TELEMETRY";

/// Starts this program over in its place, once, with the variables that say so: a running program cannot change its own
/// environment safely. Where that fails it goes on as it is.
pub(super) fn insist() {
    if std::env::var_os(NO_TELEMETRY).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    start_over(
        Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(NO_TELEMETRY, "1"),
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
