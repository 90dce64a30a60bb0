//! The data folder belongs to one process at a time.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::CatalogError;

const LOCK_FILE: &str = "wenyuan.lock";
/// How long a held lock is asked for again. A program that was killed while it started a reading process leaves the
/// lock with that process until it has become the reader, an instant later; who starts the program again at once, as
/// a supervisor does, must not be refused for that.
const PATIENCE: Duration = Duration::from_secs(2);
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// The data folder, locked for this process as long as a clone lives.
#[derive(Debug, Clone)]
pub struct DataFolder(Arc<Locked>);

#[derive(Debug)]
struct Locked {
    path: PathBuf,
    /// The lock falls with the last handle, and with the process however it ends.
    _lock: File,
}

impl DataFolder {
    /// Creates the folder if needed and locks it. Take it before anything else opens files there. Blocks.
    ///
    /// # Errors
    /// [`CatalogError::InUse`] if another process holds it and still does two seconds later.
    pub fn lock(path: &Path) -> Result<Self, CatalogError> {
        std::fs::create_dir_all(path).map_err(|error| CatalogError::from_io(path, &error))?;
        let path = path
            .canonicalize()
            .map_err(|error| CatalogError::from_io(path, &error))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|error| CatalogError::from_io(&lock_path, &error))?;
        let until = Instant::now() + PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self(Arc::new(Locked { path, _lock: lock }))),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(ASK_AGAIN);
                }
                Err(TryLockError::WouldBlock) => return Err(CatalogError::InUse { path }),
                Err(TryLockError::Error(error)) => {
                    return Err(CatalogError::from_io(&lock_path, &error));
                }
            }
        }
    }

    /// Returns if this many bytes are free on the folder's disk. Blocks for a moment.
    ///
    /// The index writes through memory-mapped files: on a full disk such a write ends the process, so whoever is about
    /// to write asks here first.
    ///
    /// # Errors
    /// [`CatalogError::StorageFull`] if less is free.
    pub fn require_space(&self, bytes: u64) -> Result<(), CatalogError> {
        let path = self.path();
        let free =
            fs4::available_space(path).map_err(|error| CatalogError::from_io(path, &error))?;
        if free < bytes {
            return Err(CatalogError::StorageFull {
                path: path.to_path_buf(),
            });
        }
        Ok(())
    }

    /// The folder, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// A sub-folder, created if needed. Blocks.
    pub fn sub_folder(&self, name: &str) -> Result<PathBuf, CatalogError> {
        let path = self.0.path.join(name);
        std::fs::create_dir_all(&path).map_err(|error| CatalogError::from_io(&path, &error))?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_which_folder_is_in_use() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let first = DataFolder::lock(folder.path()).expect("first lock");
        let error = DataFolder::lock(folder.path()).expect_err("second lock");
        assert!(
            error
                .to_string()
                .contains(&first.path().display().to_string()),
            "{error}"
        );
        assert!(matches!(error, CatalogError::InUse { .. }));
    }

    #[test]
    fn a_lock_that_falls_a_moment_later_is_waited_for() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let first = DataFolder::lock(folder.path()).expect("first lock");
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(first);
        });
        DataFolder::lock(folder.path()).expect("free after a moment");
    }

    #[test]
    fn the_lock_falls_with_its_last_holder() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let first = DataFolder::lock(folder.path()).expect("first lock");
        let clone = first.clone();
        drop(first);
        DataFolder::lock(folder.path()).expect_err("a clone still holds it");
        drop(clone);
        DataFolder::lock(folder.path()).expect("free again");
    }
}
