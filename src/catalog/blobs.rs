//! Originals on disk, named by their hash: what the catalog says is stored has been synced before.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::CatalogError;
use super::disk::{Disk, sync_folder};

/// Originals that are made durable at once. More at a time take as long together, and the first one, which could be read
/// meanwhile, comes later.
const SYNCED_AT_ONCE: usize = 8;

/// An original on disk, synced.
///
/// While a clone of it lives the collector leaves the file alone, so that a row may still come to name it.
#[derive(Debug, Clone)]
pub struct StoredBlob {
    hash: String,
    bytes: u64,
    _hold: Arc<Hold>,
}

impl StoredBlob {
    /// BLAKE3 in hex.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Size.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl PartialEq for StoredBlob {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for StoredBlob {}

/// Keeps a blob from being collected between its arrival and the row that names it.
#[derive(Debug)]
struct Hold {
    hash: String,
    held: Arc<Mutex<Vec<String>>>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = held.iter().position(|hash| *hash == self.hash) {
            held.swap_remove(index);
        }
    }
}

/// The store of originals; clones share it.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
    incoming: PathBuf,
    held: Arc<Mutex<Vec<String>>>,
    syncing: Arc<Semaphore>,
    storing: Arc<Semaphore>,
    disk: Arc<dyn Disk>,
}

impl Blobs {
    /// Opens the folder and throws away uploads that were never finished. Blocks.
    pub(super) fn open(folder: PathBuf, disk: Arc<dyn Disk>) -> Result<Self, CatalogError> {
        let incoming = emptied(folder.join("incoming"))?;
        make_drawers(&folder)?;
        Ok(Self {
            folder,
            incoming,
            held: Arc::default(),
            syncing: Arc::new(Semaphore::new(SYNCED_AT_ONCE)),
            storing: Arc::new(Semaphore::new(SYNCED_AT_ONCE)),
            disk,
        })
    }

    /// Begins an upload of at most `limit` bytes.
    pub async fn begin(&self, limit: u64) -> Result<BlobWriter, CatalogError> {
        let path = self.incoming.join(uuid::Uuid::new_v4().to_string());
        let file = tokio::fs::File::create_new(&path)
            .await
            .map_err(|error| CatalogError::from_io(&path, &error))?;
        let temporary = TemporaryFile { path };
        Ok(BlobWriter {
            blobs: self.clone(),
            file,
            temporary,
            hasher: blake3::Hasher::new(),
            bytes: 0,
            limit,
        })
    }

    /// Stores bytes that are at hand. Few at a time, so that the first are whole before the last are begun.
    pub async fn store(&self, bytes: &[u8], limit: u64) -> Result<StoredBlob, CatalogError> {
        let _turn = self.turn().await?;
        let mut writer = self.begin(limit).await?;
        writer.write_piece(bytes).await?;
        writer.finish().await
    }

    /// Waits for one's turn to store what is at hand, and holds it until dropped.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, CatalogError> {
        let turn = self.storing.acquire().await;
        turn.map_err(CatalogError::unavailable)
    }

    /// Where a blob lies, if it exists. `hash` must come from the catalog or a [`StoredBlob`].
    #[must_use]
    pub fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(drawer(hash.chars().next())).join(hash)
    }

    /// A blob that is there already, held like an upload.
    pub(super) async fn adopt(&self, hash: String, bytes: u64) -> Result<StoredBlob, CatalogError> {
        let hold = self.hold(&hash);
        let path = self.path(&hash);
        tokio::fs::metadata(&path)
            .await
            .map_err(|error| CatalogError::from_io(&path, &error))?;
        Ok(StoredBlob {
            hash,
            bytes,
            _hold: hold,
        })
    }

    fn hold(&self, hash: &str) -> Arc<Hold> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(hash.to_owned());
        Arc::new(Hold {
            hash: hash.to_owned(),
            held: Arc::clone(&self.held),
        })
    }

    /// Removes blobs unless someone holds them; returns how many went. Blocks.
    ///
    /// Only for hashes that no row names.
    pub(super) fn remove(&self, hashes: &[String]) -> usize {
        // The lock is kept: an upload of the same bytes is either held already or will write the file anew.
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let free = hashes.iter().filter(|hash| !held.contains(hash));
        free.filter(|hash| std::fs::remove_file(self.path(hash)).is_ok())
            .count()
    }

    /// Hashes of all blobs on disk. Blocks.
    pub(super) fn all(&self) -> Result<HashSet<String>, CatalogError> {
        let fail = |error: &io::Error| CatalogError::from_io(&self.folder, error);
        let mut hashes = HashSet::new();
        for drawer in std::fs::read_dir(&self.folder).map_err(|error| fail(&error))? {
            let drawer = drawer.map_err(|error| fail(&error))?.path();
            if drawer == self.incoming || !drawer.is_dir() {
                continue;
            }
            for blob in std::fs::read_dir(&drawer).map_err(|error| fail(&error))? {
                let name = blob.map_err(|error| fail(&error))?.file_name();
                hashes.insert(name.to_string_lossy().into_owned());
            }
        }
        Ok(hashes)
    }

    fn keep(&self, temporary: &Path, hash: &str) -> Result<Arc<Hold>, CatalogError> {
        let target = self.path(hash);
        // Held first: from here on the collector cannot take the file away.
        let hold = self.hold(hash);
        let moved = (|| {
            let drawer = target.parent().unwrap_or(&self.folder);
            std::fs::rename(temporary, &target)?;
            self.disk.sync_folder(drawer)
        })();
        moved.map_err(|error| CatalogError::from_io(&target, &error))?;
        Ok(hold)
    }
}

/// Files lie in sixteen folders, which is enough for a million of them.
pub(super) fn drawer(digit: Option<char>) -> String {
    digit.unwrap_or('0').to_string()
}

/// Makes the sixteen folders, durably.
pub(super) fn make_drawers(folder: &Path) -> Result<(), CatalogError> {
    let make = || {
        for digit in "0123456789abcdef".chars() {
            std::fs::create_dir_all(folder.join(drawer(Some(digit))))?;
        }
        sync_folder(folder)?;
        folder.parent().map_or(Ok(()), sync_folder)
    };
    make().map_err(|error: io::Error| CatalogError::from_io(folder, &error))
}

/// A folder made anew, without what was in it.
pub(super) fn emptied(folder: PathBuf) -> Result<PathBuf, CatalogError> {
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(CatalogError::from_io(&folder, &error));
        }
        _ => {}
    }
    std::fs::create_dir_all(&folder).map_err(|error| CatalogError::from_io(&folder, &error))?;
    Ok(folder)
}

/// A file that is removed when this is dropped, and at the next start if the program ended before.
#[derive(Debug)]
pub struct TemporaryFile {
    path: PathBuf,
}

impl TemporaryFile {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        drop(std::fs::remove_file(&self.path));
    }
}

/// An upload under way; dropped unfinished it leaves nothing.
#[derive(Debug)]
pub struct BlobWriter {
    blobs: Blobs,
    file: tokio::fs::File,
    temporary: TemporaryFile,
    hasher: blake3::Hasher,
    bytes: u64,
    limit: u64,
}

impl BlobWriter {
    /// Writes a piece.
    ///
    /// # Errors
    /// [`CatalogError::TooLarge`] as soon as the limit is passed; [`CatalogError::StorageFull`].
    pub async fn write_piece(&mut self, piece: &[u8]) -> Result<(), CatalogError> {
        let outcome = AsyncWriteExt::write_all(self, piece).await;
        outcome.map_err(|error| self.explain(&error))
    }

    /// Bytes taken so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends the upload without keeping it: it can be read until the result is dropped.
    pub async fn lend(mut self) -> Result<TemporaryFile, CatalogError> {
        let flushed = self.file.flush().await;
        flushed.map_err(|error| self.explain(&error))?;
        Ok(self.temporary)
    }

    /// Makes the upload durable and names it by its hash. The same bytes again replace themselves.
    ///
    /// Content first, then the name: only what would survive a loss of power becomes a [`StoredBlob`], and only with
    /// one of those can a row be written.
    pub async fn finish(mut self) -> Result<StoredBlob, CatalogError> {
        let flushed = self.file.flush().await;
        flushed.map_err(|error| self.explain(&error))?;
        let Self {
            blobs,
            file,
            temporary,
            hasher,
            bytes,
            limit: _,
        } = self;
        let file = file.into_std().await;
        let hash = hasher.finalize().to_hex().to_string();
        let turn = Arc::clone(&blobs.syncing).acquire_owned().await;
        let turn = turn.map_err(CatalogError::unavailable)?;
        let kept = tokio::task::spawn_blocking(move || {
            let synced = blobs.disk.sync_file(&file);
            synced.map_err(|error| CatalogError::from_io(&temporary.path, &error))?;
            let hold = blobs.keep(&temporary.path, &hash)?;
            drop(turn);
            Ok(StoredBlob {
                hash,
                bytes,
                _hold: hold,
            })
        });
        kept.await.map_err(CatalogError::unavailable)?
    }

    fn explain(&self, error: &io::Error) -> CatalogError {
        if error.kind() == ErrorKind::FileTooLarge {
            return CatalogError::TooLarge { limit: self.limit };
        }
        CatalogError::from_io(&self.temporary.path, error)
    }
}

impl AsyncWrite for BlobWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.bytes + piece.len() as u64 > self.limit {
            return Poll::Ready(Err(ErrorKind::FileTooLarge.into()));
        }
        let polled = Pin::new(&mut self.file).poll_write(context, piece);
        if let Poll::Ready(Ok(written)) = &polled {
            self.hasher.update(&piece[..*written]);
            self.bytes += *written as u64;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.file).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.file).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let disk = Arc::new(crate::catalog::disk::SystemDisk);
        let blobs = Blobs::open(folder.path().join("blobs"), disk).expect("open");
        (folder, blobs)
    }

    #[tokio::test]
    async fn an_upload_lies_under_its_hash_with_its_bytes_unchanged() {
        let (_folder, blobs) = blobs();
        let stored = blobs
            .store("知识库\r\n".as_bytes(), 100)
            .await
            .expect("store");
        assert_eq!(
            stored.hash(),
            blake3::hash("知识库\r\n".as_bytes()).to_hex().as_str()
        );
        assert_eq!(
            std::fs::read(blobs.path(stored.hash())).expect("read"),
            "知识库\r\n".as_bytes()
        );
    }

    #[tokio::test]
    async fn an_upload_over_the_limit_or_given_up_leaves_nothing() {
        let (_folder, blobs) = blobs();
        let error = blobs.store(b"12345", 4).await.expect_err("too large");
        assert!(matches!(error, CatalogError::TooLarge { limit: 4 }));
        let mut writer = blobs.begin(100).await.expect("begin");
        writer.write_piece(b"half").await.expect("write");
        drop(writer);
        assert_eq!(std::fs::read_dir(&blobs.incoming).expect("list").count(), 0);
        assert!(blobs.all().expect("all").is_empty());
    }

    #[tokio::test]
    async fn a_blob_that_waits_for_its_row_is_not_collected() {
        let (_folder, blobs) = blobs();
        let stored = blobs.store(b"bytes", 100).await.expect("store");
        let hash = stored.hash().to_owned();
        assert_eq!(blobs.remove(std::slice::from_ref(&hash)), 0);
        drop(stored);
        assert_eq!(blobs.remove(std::slice::from_ref(&hash)), 1);
    }
}
