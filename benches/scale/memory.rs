//! Memory of this process and disk of a folder, in bytes.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

const EVERY: Duration = Duration::from_millis(200);

fn of_this_process(key: &str) -> u64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with(key));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// All that is resident, and what of it is anonymous: the rest are pages of files, which the system takes back.
pub(crate) fn now() -> Value {
    json!({"resident": of_this_process("Rss:"), "anonymous": of_this_process("Anonymous:")})
}

/// What a folder takes of the disk.
pub(crate) fn disk(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => disk(&entry.path()),
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    });
    sizes.sum()
}

/// Watches for the most memory that there ever is.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    peak: Arc<AtomicU64>,
    watching: JoinHandle<()>,
}

impl Watch {
    pub(crate) fn begin() -> Self {
        let (stop, peak) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let (stopped, highest) = (Arc::clone(&stop), Arc::<AtomicU64>::clone(&peak));
        let watching = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                highest.fetch_max(of_this_process("Anonymous:"), Ordering::Relaxed);
                std::thread::sleep(EVERY);
            }
        });
        Self {
            stop,
            peak,
            watching,
        }
    }

    /// The most anonymous memory that was seen.
    pub(crate) fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.watching.join().expect("the watch ends");
        self.peak.load(Ordering::Relaxed)
    }
}
