//! Says which file never ends, and ends the run; a hang would otherwise say nothing.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Nothing that is this small takes longer; the product's own limit for a file is as long.
const TOO_LONG: Duration = Duration::from_mins(2);

type Running = Mutex<HashMap<ThreadId, (Instant, String)>>;

fn running() -> &'static Running {
    static RUNNING: OnceLock<Running> = OnceLock::new();
    RUNNING.get_or_init(|| {
        thread::spawn(|| {
            loop {
                thread::park_timeout(Duration::from_secs(5));
                let held = running().lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((_, file)) = held.values().find(|(begun, _)| begun.elapsed() > TOO_LONG)
                {
                    eprintln!("HANGS: {file}, kept in {}", folder().display());
                    std::process::exit(101);
                }
            }
        });
        Mutex::default()
    })
}

/// Where files lie while they are read, and stay if they break something.
pub(crate) fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics under watch to themselves: most are a library's, and caught.
fn hush() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if QUIET.get() {
                LAST.set(panic.to_string().replace('\n', " "));
            } else {
                usual(panic);
            }
        }));
    });
}

/// What the last panic of this thread under watch said.
pub(crate) fn last_panic() -> String {
    LAST.take()
}

/// Does the work under watch.
pub(crate) fn watched<T>(file: &str, work: impl FnOnce() -> T) -> T {
    hush();
    let own = thread::current().id();
    let lock = || running().lock().unwrap_or_else(PoisonError::into_inner);
    lock().insert(own, (Instant::now(), file.to_owned()));
    QUIET.set(true);
    let done = work();
    QUIET.set(false);
    lock().remove(&own);
    done
}
