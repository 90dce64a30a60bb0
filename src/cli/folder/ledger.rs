//! What was taken in from folders before, kept with the knowledge base: here, or by the server.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use futures::StreamExt as _;

use super::{Found, Known, Scan};
use crate::catalog::{FolderChange, FolderChanged, FolderFile, FolderQuery, MOST_FOLDER_FILES};
use crate::cli::target::Target;
use crate::cli::view::DocumentView;

/// Files written down together: far below what a server takes in one request.
const TOGETHER: usize = 200;
/// Files read at once to see whether they have changed.
const HASHED_AT_ONCE: usize = 4;
const READ_BYTES: usize = 256 * 1024;
const MOST_MACHINE_BYTES: usize = 255;

/// The memory of folders of one knowledge base.
pub(crate) struct Ledger<'a> {
    target: &'a Target,
    knowledge_base: &'a str,
    machine: String,
}

impl<'a> Ledger<'a> {
    /// That of a knowledge base.
    pub(crate) fn new(target: &'a Target, knowledge_base: &'a str) -> Self {
        Self {
            target,
            knowledge_base,
            machine: machine(),
        }
    }

    /// Documents of the knowledge base, and files remembered under the paths that were looked through.
    pub(crate) async fn known(&self, scan: &Scan) -> Result<Known> {
        let mut documents: Vec<DocumentView> = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.target.documents(self.knowledge_base, cursor).await?;
            documents.extend(page.documents);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let named_alone = scan.files.iter().filter_map(|file| file.key.clone());
        let named_alone = named_alone.filter(|key| !scan.covers(key));
        let mut files = Vec::new();
        for prefix in scan.folders.iter().cloned().chain(named_alone) {
            files.extend(self.files(prefix).await?);
        }
        Ok(Known::new(documents, files))
    }

    async fn files(&self, prefix: String) -> Result<Vec<FolderFile>> {
        let mut files: Vec<FolderFile> = Vec::new();
        loop {
            let query = FolderQuery {
                machine: self.machine.clone(),
                prefix: prefix.clone(),
                after: files.last().map(|last| last.path.clone()),
                limit: MOST_FOLDER_FILES,
            };
            let page = self.target.folder_files(self.knowledge_base, query).await?;
            let ended = page.len() < MOST_FOLDER_FILES;
            files.extend(page);
            if ended {
                return Ok(files);
            }
        }
    }

    /// Renames, forgets and prunes, in as many steps as it takes; what was renamed and removed in all.
    ///
    /// # Errors
    /// The first that comes; the steps before it stand.
    pub(crate) async fn write(&self, change: FolderChange) -> Result<FolderChanged> {
        let FolderChange {
            machine: _,
            renames,
            seen,
            forgotten,
            pruned,
        } = change;
        let mut changed = FolderChanged::default();
        let mut steps = Vec::new();
        let step = || FolderChange {
            machine: self.machine.clone(),
            ..FolderChange::default()
        };
        // All in one if they are not too many: names may go in circles.
        steps.extend(renames.chunks(MOST_FOLDER_FILES).map(|some| FolderChange {
            renames: some.to_vec(),
            ..step()
        }));
        steps.extend(forgotten.chunks(TOGETHER).map(|some| FolderChange {
            forgotten: some.to_vec(),
            ..step()
        }));
        steps.extend(seen.chunks(TOGETHER).map(|some| FolderChange {
            seen: some.to_vec(),
            ..step()
        }));
        steps.extend(pruned.chunks(TOGETHER).map(|some| FolderChange {
            pruned: some.to_vec(),
            ..step()
        }));
        for step in steps {
            let done = self.target.change_folder(self.knowledge_base, step).await?;
            changed.renamed += done.renamed;
            changed.removed.extend(done.removed);
        }
        Ok(changed)
    }
}

/// Hashes of all files: from memory where neither size nor time has changed, else from their bytes.
pub(crate) async fn hash_all(scan: &Scan, known: &Known) -> Vec<Result<String>> {
    let hashing = scan
        .files
        .iter()
        .map(async |found| match known.hash(found) {
            Some(hash) => Ok(hash.to_owned()),
            None => hash_of(found).await,
        });
    futures::stream::iter(hashing)
        .buffered(HASHED_AT_ONCE)
        .collect()
        .await
}

/// BLAKE3 of a file in hex, read on a thread of its own.
async fn hash_of(found: &Found) -> Result<String> {
    let path: PathBuf = found.path.clone();
    let reading = tokio::task::spawn_blocking(move || {
        hash_file(&path).with_context(|| path.display().to_string())
    });
    reading.await.context("hashing")?
}

fn hash_file(path: &Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut file = std::fs::File::open(path)?;
    let (mut hasher, mut piece) = (blake3::Hasher::new(), vec![0; READ_BYTES]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(&piece[..read]);
    }
}

/// What this machine calls itself: the same path on another one is another file.
fn machine() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let variable = |name| std::env::var(name).ok();
    let asked = || {
        let output = std::process::Command::new("hostname").output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let name = told
        .or_else(|| variable("HOSTNAME"))
        .or_else(|| variable("COMPUTERNAME"))
        .or_else(asked)
        .unwrap_or_default();
    let mut name = name.trim().to_owned();
    while name.len() > MOST_MACHINE_BYTES {
        name.pop();
    }
    if name.is_empty() {
        "this machine".clone_into(&mut name);
    }
    name
}
