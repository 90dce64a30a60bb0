//! The program that reads in a process of its own, one for each file, and one such process that is started ahead.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::SUBCOMMAND;

/// What a child's allocator may reserve at a time.
const ARENA_KILOBYTES: &str = "32768";

/// How long it keeps memory that is free. A second, as it would by itself, is most of a child's life; with none at all, pages
/// of PDF are read a third more slowly.
const PURGE_MILLISECONDS: &str = "100";

/// For the C library's allocator, which text recognition uses: arrays of some megabytes are given back as soon as they are
/// done with, which halves what a page takes, and they come in large pages, or asking for them anew would cost as much time.
const LARGE_ARRAYS: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "4194304"),
    ("MALLOC_TRIM_THRESHOLD_", "67108864"),
    ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"),
];

/// A file that follows the one before so soon is one of many, and more are likely to come.
const MANY: Duration = Duration::from_secs(2);

/// How long a process that was started ahead waits for a file.
const PATIENCE: Duration = Duration::from_secs(5);

/// The program that reads files: `program parse-child`, which must call [`child_main`](crate::child_main).
///
/// Each file has a process of its own. Its start takes longer than reading a small file, so where many files come one after
/// the other, the process for the next one is started while one is read. It knows of no file until it is given its own.
/// Clones share it.
#[derive(Debug, Clone)]
pub struct ReaderProgram {
    path: Arc<Path>,
    patience: Duration,
    ahead: Arc<Mutex<Ahead>>,
}

/// The process that was started ahead.
#[derive(Debug, Default)]
struct Ahead {
    child: Option<Child>,
    /// Tells it from others before and after it.
    number: u64,
    /// When a file was last read.
    last: Option<Instant>,
}

impl ReaderProgram {
    /// The program at this path.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into().into(),
            patience: PATIENCE,
            ahead: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process that waits for its order.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(&self) -> std::io::Result<Child> {
        let ahead = self.lock().child.take();
        let alive =
            ahead.and_then(|mut child| matches!(child.try_wait(), Ok(None)).then_some(child));
        alive.map_or_else(|| self.spawn(), Ok)
    }

    /// Starts a process for the next file if one is likely to come. Call it once the process for this one has its order.
    pub(super) fn start_ahead(&self) {
        let number = {
            let mut ahead = self.lock();
            let last = ahead.last.replace(Instant::now());
            if ahead.child.is_some() || last.is_none_or(|last| last.elapsed() > MANY) {
                return;
            }
            let Ok(child) = self.spawn() else {
                // Whoever needs one is told why there is none.
                return;
            };
            ahead.child = Some(child);
            ahead.number += 1;
            ahead.number
        };
        let this = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(this.patience).await;
            let mut ahead = this.lock();
            if ahead.number == number {
                // Dropped, it is killed.
                ahead.child = None;
            }
        });
    }

    fn spawn(&self) -> std::io::Result<Child> {
        Command::new(&*self.path)
            .arg(SUBCOMMAND)
            // An allocator that reserves a gigabyte ahead would use up the bound on address space.
            .env("MIMALLOC_ARENA_RESERVE", ARENA_KILOBYTES)
            .env("MIMALLOC_PURGE_DELAY", PURGE_MILLISECONDS)
            // So would the C library's, which libraries of models use: it reserves 64 MB for each thread.
            .env("MALLOC_ARENA_MAX", "1")
            .envs(LARGE_ARRAYS)
            // ONNX Runtime keeps a record of its use, and sends it, as soon as it is loaded; a child may not write files.
            .env("ORT_DISABLE_TELEMETRY", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A process that waits for its input to end, as a reader does.
    fn program(folder: &Path) -> ReaderProgram {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join("reader");
        std::fs::write(&path, "#!/bin/sh\nexec cat\n").expect("a program");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("runnable");
        ReaderProgram::new(path)
    }

    fn waiting(program: &ReaderProgram) -> Option<u32> {
        program.lock().child.as_ref().and_then(Child::id)
    }

    #[tokio::test]
    async fn the_process_for_the_next_file_is_started_ahead_where_files_follow_each_other() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = program(folder.path());
        let first = program.start().expect("it starts");
        program.start_ahead();
        assert_eq!(
            waiting(&program),
            None,
            "a single file needs no other process"
        );
        let second = program.start().expect("it starts");
        program.start_ahead();
        let ahead = waiting(&program).expect("one waits");
        let third = program.start().expect("it starts");
        assert_eq!(third.id(), Some(ahead));
        assert!(first.id() != second.id() && second.id() != third.id());
        assert_eq!(waiting(&program), None);
    }

    #[tokio::test]
    async fn one_that_died_while_it_waited_is_not_used() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = program(folder.path());
        program.start_ahead();
        program.start_ahead();
        let ahead = waiting(&program).expect("one waits");
        if let Some(child) = &mut program.lock().child {
            child.start_kill().expect("it is killed");
        }
        let gone = async {
            while program
                .lock()
                .child
                .as_mut()
                .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
            {
                tokio::task::yield_now().await;
            }
        };
        gone.await;
        let next = program.start().expect("it starts");
        assert!(next.id().is_some() && next.id() != Some(ahead));
    }

    #[tokio::test]
    async fn one_that_nobody_needs_is_let_go() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut program = program(folder.path());
        program.patience = Duration::from_millis(200);
        program.start_ahead();
        program.start_ahead();
        assert!(waiting(&program).is_some());
        while waiting(&program).is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
