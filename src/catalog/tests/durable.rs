use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::support::knowledge_base;
use crate::catalog::disk::{Disk, SystemDisk};
use crate::catalog::{Catalog, DataFolder, NewDocument};
use crate::model::KnowledgeBaseId;

/// The system's disk, watched: each sync with the number of versions that the catalog named at that moment.
#[derive(Debug)]
struct Watched {
    folder: PathBuf,
    seen: Mutex<Vec<(&'static str, u32)>>,
    file_fails: AtomicBool,
    folder_fails: AtomicBool,
    log_syncs: AtomicUsize,
    log_fails: AtomicBool,
}

impl Watched {
    fn new(folder: &Path) -> Arc<Self> {
        Arc::new(Self {
            folder: folder.to_path_buf(),
            seen: Mutex::default(),
            file_fails: AtomicBool::new(false),
            folder_fails: AtomicBool::new(false),
            log_syncs: AtomicUsize::new(0),
            log_fails: AtomicBool::new(false),
        })
    }

    fn note(&self, what: &'static str, fails: &AtomicBool) -> io::Result<()> {
        let rows = committed_versions(&self.folder);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((what, rows));
        if fails.load(Ordering::SeqCst) {
            return Err(io::Error::other("the disk gave way"));
        }
        Ok(())
    }

    fn seen(&self) -> Vec<(&'static str, u32)> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Disk for Watched {
    fn sync_file(&self, file: &File) -> io::Result<()> {
        self.note("content", &self.file_fails)?;
        SystemDisk.sync_file(file)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.note("name", &self.folder_fails)?;
        SystemDisk.sync_folder(folder)
    }

    fn sync_log(&self, log: &File) -> io::Result<()> {
        self.log_syncs.fetch_add(1, Ordering::SeqCst);
        if self.log_fails.load(Ordering::SeqCst) {
            return Err(io::Error::other("the disk gave way"));
        }
        SystemDisk.sync_log(log)
    }
}

/// Versions as another program sees them: only what was committed.
fn committed_versions(folder: &Path) -> u32 {
    let connection = rusqlite::Connection::open(folder.join("catalog.sqlite")).expect("the file");
    let count = connection.query_row("SELECT count(*) FROM versions", [], |row| row.get(0));
    count.expect("a count")
}

async fn watched() -> (tempfile::TempDir, Arc<Watched>, Catalog, KnowledgeBaseId) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let disk = Watched::new(folder.path());
    let lock = DataFolder::lock(folder.path()).expect("lock");
    let watching: Arc<dyn Disk> = Arc::<Watched>::clone(&disk);
    let catalog = Catalog::open_on(lock, watching).await.expect("open");
    let id = knowledge_base(&catalog, "库").await.expect("made").id;
    (folder, disk, catalog, id)
}

fn blobs_on_disk(folder: &Path) -> usize {
    let drawers = std::fs::read_dir(folder.join("blobs")).expect("a folder");
    let files = |drawer: io::Result<std::fs::DirEntry>| {
        let path = drawer.expect("an entry").path();
        std::fs::read_dir(path).expect("a drawer").count()
    };
    drawers.map(files).sum()
}

#[tokio::test]
async fn content_then_its_name_then_the_row_and_only_then_the_answer() {
    let (folder, disk, catalog, knowledge_base) = watched().await;
    let blob = catalog
        .blobs()
        .store("内容".as_bytes(), 100)
        .await
        .expect("store");
    assert_eq!(disk.seen(), [("content", 0), ("name", 0)]);
    let new = NewDocument::new("a.txt", blob);
    catalog
        .add_document(knowledge_base, new)
        .await
        .expect("accepted");
    assert_eq!(
        committed_versions(folder.path()),
        1,
        "what is acknowledged is committed"
    );
    assert_eq!(
        disk.seen().len(),
        2,
        "nothing of the file is left to do after the row"
    );
}

#[tokio::test]
async fn commits_reach_the_disk_before_they_are_acknowledged() {
    let (_folder, disk, catalog, _id) = watched().await;
    let syncs = || disk.log_syncs.load(Ordering::SeqCst);
    let before = syncs();
    catalog.database().write(|_| Ok(())).await.expect("written");
    assert_eq!(syncs(), before + 1);
    catalog.database().note(|_| Ok(())).await.expect("noted");
    assert_eq!(syncs(), before + 1, "a note waits for nobody's disk");
    let level = catalog.database().read(|connection| {
        Ok(connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))?)
    });
    assert_eq!(level.await.expect("a mode"), "wal", "there is a log");
}

#[tokio::test]
async fn a_commit_that_does_not_reach_the_disk_is_not_acknowledged() {
    let (_folder, disk, catalog, _id) = watched().await;
    disk.log_fails.store(true, Ordering::SeqCst);
    let error = catalog.database().write(|_| Ok(())).await;
    assert_eq!(
        error.expect_err("not durable").code(),
        "catalog_unavailable"
    );
    disk.log_fails.store(false, Ordering::SeqCst);
    catalog.database().write(|_| Ok(())).await.expect("written");
}

#[tokio::test]
async fn a_file_that_does_not_reach_the_disk_gets_no_row() {
    for content in [true, false] {
        let (folder, disk, catalog, knowledge_base) = watched().await;
        let fails = if content {
            &disk.file_fails
        } else {
            &disk.folder_fails
        };
        fails.store(true, Ordering::SeqCst);
        let stored = catalog.blobs().store("内容".as_bytes(), 100).await;
        let error = stored.expect_err("without it there is nothing that a row could name");
        assert_eq!(error.code(), "catalog_unavailable");
        assert_eq!(committed_versions(folder.path()), 0);
        assert_eq!(blobs_on_disk(folder.path()), usize::from(!content));
        fails.store(false, Ordering::SeqCst);
        let blob = catalog.blobs().store("内容".as_bytes(), 100).await;
        let new = NewDocument::new("a.txt", blob.expect("the disk is back"));
        catalog
            .add_document(knowledge_base, new)
            .await
            .expect("accepted");
    }
}

#[tokio::test]
async fn a_file_without_a_row_is_removed_with_the_next_start() {
    let (folder, disk, catalog, _id) = watched().await;
    disk.folder_fails.store(true, Ordering::SeqCst);
    let lost = catalog.blobs().store("内容".as_bytes(), 100).await;
    drop(lost.expect_err("the folder gave way"));
    assert_eq!(catalog.remove_orphan_files().await.expect("removes"), 1);
    assert_eq!(blobs_on_disk(folder.path()), 0);
}
