//! The data folder belongs to one process at a time.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CatalogError;

const LOCK_FILE: &str = "wenyuan.lock";

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
    /// [`CatalogError::InUse`] at once if another process holds it.
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
        match lock.try_lock() {
            Ok(()) => Ok(Self(Arc::new(Locked { path, _lock: lock }))),
            Err(TryLockError::WouldBlock) => Err(CatalogError::InUse { path }),
            Err(TryLockError::Error(error)) => Err(CatalogError::from_io(&lock_path, &error)),
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
