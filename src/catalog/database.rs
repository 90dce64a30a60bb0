//! One SQLite file with one writing thread and a few reading connections.
//!
//! Writes that wait together are committed together: one sync to disk serves them all. SQLite itself syncs its log only
//! before it is emptied (`synchronous = NORMAL`); after a commit we do, and only where somebody waits for the disk.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, mpsc, oneshot};
use wenyuan_ingest::Lexicon;

use super::disk::Disk;
use super::migrate::migrate;
use super::{CatalogError, scrub};

const QUEUED_WRITES: usize = 256;
const WRITES_PER_COMMIT: usize = 64;
const READERS: usize = 4;
/// Longest wait for a lock on the file.
const BUSY: Duration = Duration::from_secs(10);
/// Pause before the log is tried to be emptied again.
const SCRUB_AGAIN: Duration = Duration::from_millis(50);

/// Why a whole batch was not written.
#[derive(Clone)]
struct CommitFailure {
    disk_full: bool,
    message: String,
}

/// Called with the outcome of the commit.
type Acknowledge = Box<dyn FnOnce(Result<(), CommitFailure>) + Send>;
/// Called inside the transaction, or with the reason why there is none.
type Operation = Box<dyn FnOnce(Result<&Connection, CommitFailure>) -> Acknowledge + Send>;

struct Write {
    operation: Operation,
    /// Whether it counts only once it would survive a loss of power.
    durable: bool,
}

/// The database; clones share it.
#[derive(Clone)]
pub(super) struct Database {
    writes: mpsc::Sender<Write>,
    readers: Arc<Readers>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Database {
    /// Opens or creates the file and brings it to our schema. Blocks.
    pub(super) fn open(path: &Path, disk: Arc<dyn Disk>) -> Result<Self, CatalogError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        add_folded(&connection)?;
        migrate(&mut connection)?;
        scrub::watch(&connection)?;
        let (writes, queue) = mpsc::channel(QUEUED_WRITES);
        std::thread::Builder::new()
            .name("catalog-writer".to_owned())
            .spawn({
                let log = Log::beside(path, disk);
                move || write_all(&connection, log, queue)
            })
            .map_err(CatalogError::unavailable)?;
        let readers = Readers {
            path: path.to_path_buf(),
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(READERS),
        };
        Ok(Self {
            writes,
            readers: Arc::new(readers),
        })
    }

    /// Runs `operation` alone, in a savepoint of the next commit; returns once that is on disk.
    ///
    /// An error from `operation` undoes what it did. If the caller goes away the write still happens.
    pub(super) async fn write<T, F>(&self, operation: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, CatalogError> + Send + 'static,
    {
        self.put(operation, true).await
    }

    /// The same without waiting for the disk: it outlives this process, and reaches the disk with the next
    /// [`write`](Self::write). For what a loss of power may take back, such as how far a job has come.
    pub(super) async fn note<T, F>(&self, operation: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, CatalogError> + Send + 'static,
    {
        self.put(operation, false).await
    }

    async fn put<T, F>(&self, operation: F, durable: bool) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, CatalogError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let operation: Operation = Box::new(move |connection| {
            let outcome = match connection {
                Ok(connection) => in_savepoint(connection, operation),
                Err(failure) => Err(failure.into()),
            };
            Box::new(move |committed| {
                let outcome = match (outcome, committed) {
                    (Ok(_), Err(failure)) => Err(failure.into()),
                    (outcome, _) => outcome,
                };
                // The caller may have gone away; the write stands all the same.
                drop(reply.send(outcome));
            })
        });
        let write = Write { operation, durable };
        self.writes.send(write).await.map_err(|_closed| stopped())?;
        answer.await.map_err(|_closed| stopped())?
    }

    /// Runs a query on a connection of its own that sees one consistent state.
    pub(super) async fn read<T, F>(&self, query: F) -> Result<T, CatalogError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, CatalogError> + Send + 'static,
    {
        let _permit = self
            .readers
            .permits
            .acquire()
            .await
            .map_err(|_closed| stopped())?;
        let readers = Arc::clone(&self.readers);
        let task = tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let transaction = connection.unchecked_transaction()?;
            let outcome = query(&connection);
            drop(transaction);
            readers.give_back(connection);
            outcome
        });
        match task.await {
            Ok(outcome) => outcome,
            // The runtime ends: there is nobody left to be told, and nothing failed.
            Err(error) if error.is_cancelled() => std::future::pending().await,
            Err(error) => Err(CatalogError::unavailable(error)),
        }
    }
}

impl Readers {
    fn take(&self) -> Result<Connection, CatalogError> {
        if let Some(connection) = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
        {
            return Ok(connection);
        }
        let connection = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        add_folded(&connection)?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }
}

/// `folded(text)`: the same for texts that differ in case, width, accents or Chinese script.
fn add_folded(connection: &Connection) -> Result<(), CatalogError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("folded", 1, flags, |context| {
        let text = context.get::<Option<String>>(0)?;
        Ok(text.map(|text| Lexicon::shared().fold(&text)))
    })?;
    Ok(())
}

fn stopped() -> CatalogError {
    CatalogError::unavailable("the catalog has stopped")
}

impl From<rusqlite::Error> for CommitFailure {
    fn from(error: rusqlite::Error) -> Self {
        let disk_full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
        Self {
            disk_full,
            message: format!("catalog.sqlite: {error}"),
        }
    }
}

impl From<CommitFailure> for CatalogError {
    fn from(failure: CommitFailure) -> Self {
        if failure.disk_full {
            return Self::StorageFull {
                path: PathBuf::from("catalog.sqlite"),
            };
        }
        Self::unavailable(failure.message)
    }
}

/// SQLite's write-ahead log, which is there from the first commit until the last connection closes.
struct Log {
    path: PathBuf,
    file: Option<File>,
    disk: Arc<dyn Disk>,
}

impl Log {
    fn beside(database: &Path, disk: Arc<dyn Disk>) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let path = PathBuf::from(path);
        Self {
            path,
            file: None,
            disk,
        }
    }

    /// Returns once every commit until now would survive a loss of power.
    fn sync(&mut self) -> Result<(), CommitFailure> {
        let synced = match self.file.take() {
            Some(file) => Ok(file),
            None => File::open(&self.path),
        };
        let synced = synced.and_then(|file| self.disk.sync_log(&file).map(|()| file));
        let file = synced.map_err(|error| CommitFailure {
            disk_full: error.kind() == std::io::ErrorKind::StorageFull,
            message: format!("{}: {error}", self.path.display()),
        })?;
        self.file = Some(file);
        Ok(())
    }
}

/// The writing thread: ends when every handle is gone and the queue is empty.
fn write_all(connection: &Connection, mut log: Log, mut queue: mpsc::Receiver<Write>) {
    let mut scrubbing = false;
    while let Some(first) = next_write(connection, &mut queue, &mut scrubbing) {
        let begun = connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(CommitFailure::from);
        let mut durable = first.durable;
        let mut acknowledgements = vec![(first.operation)(begun.clone().map(|()| connection))];
        // A full disk makes SQLite roll everything back by itself: nothing may follow outside a transaction.
        while acknowledgements.len() < WRITES_PER_COMMIT && !connection.is_autocommit() {
            let Ok(next) = queue.try_recv() else { break };
            durable |= next.durable;
            acknowledgements.push((next.operation)(Ok(connection)));
        }
        let committed = begun.and_then(|()| {
            connection
                .execute_batch("COMMIT")
                .map_err(CommitFailure::from)?;
            if durable { log.sync() } else { Ok(()) }
        });
        if let Err(failure) = &committed {
            tracing::error!(error = %failure.message, "catalog commit failed");
            if !connection.is_autocommit() {
                drop(connection.execute_batch("ROLLBACK"));
            }
        }
        for acknowledge in acknowledgements {
            acknowledge(committed.clone());
        }
        scrubbing = scrub::scrub(connection, BUSY);
    }
}

/// The next write; while it does not come, what is left to scrub is tried again.
fn next_write(
    connection: &Connection,
    queue: &mut mpsc::Receiver<Write>,
    scrubbing: &mut bool,
) -> Option<Write> {
    while *scrubbing {
        match queue.try_recv() {
            Ok(write) => return Some(write),
            Err(mpsc::error::TryRecvError::Disconnected) => return None,
            Err(mpsc::error::TryRecvError::Empty) => {
                std::thread::sleep(SCRUB_AGAIN);
                *scrubbing = scrub::scrub(connection, BUSY);
            }
        }
    }
    queue.blocking_recv()
}

fn in_savepoint<T>(
    connection: &Connection,
    operation: impl FnOnce(&Connection) -> Result<T, CatalogError>,
) -> Result<T, CatalogError> {
    connection.execute_batch("SAVEPOINT operation")?;
    let outcome = operation(connection);
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK TO operation")?;
    }
    connection.execute_batch("RELEASE operation")?;
    outcome
}
