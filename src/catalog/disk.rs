//! What makes files last through a loss of power. A seam, so that a test can watch the order and let a step fail.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes files and names durable. Blocks.
pub(super) trait Disk: std::fmt::Debug + Send + Sync {
    /// Returns once the file's content would survive a loss of power.
    fn sync_file(&self, file: &File) -> io::Result<()>;

    /// Returns once the names in the folder would.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Returns once what was committed to the catalog would.
    fn sync_log(&self, log: &File) -> io::Result<()>;
}

/// The system's.
#[derive(Debug)]
pub(super) struct SystemDisk;

impl Disk for SystemDisk {
    fn sync_file(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        sync_folder(folder)
    }

    fn sync_log(&self, log: &File) -> io::Result<()> {
        log.sync_data()
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}
