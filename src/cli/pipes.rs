//! Output that nobody reads any more, as under `| head`, ends the program without a word, as other programs do.

use std::panic::{PanicHookInfo, set_hook, take_hook};

/// What the shell would say of a program that the system ends for it: 128 and SIGPIPE.
const UNREAD: i32 = 141;

/// From now on a print to a closed pipe ends the program; every other panic is told as before.
pub(super) fn end_quietly() {
    let told = take_hook();
    set_hook(Box::new(move |info| {
        if is_unread(info) {
            std::process::exit(UNREAD);
        }
        told(info);
    }));
}

/// Whether `println!` found nobody at the other end; the standard library tells that in words alone.
fn is_unread(info: &PanicHookInfo<'_>) -> bool {
    let said = info.payload_as_str().unwrap_or_default();
    said.starts_with("failed printing to std") && said.contains("Broken pipe")
}
