//! Puts files into the models folder so that a crash at any moment leaves either the old file or the whole new one.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ModelError;

const RECORD: &str = "installed.json";

/// What is known of an installed file: saves reading gigabytes again at each start, and pins what no catalog pins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) size: u64,
    /// Last change in nanoseconds since 1970; another value means that the checksum must be computed again.
    pub(super) modified_ns: u64,
    pub(super) sha256: String,
    /// Where it came from, for people.
    pub(super) source: String,
}

/// The records of one model's folder, by file name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Records {
    pub(super) files: BTreeMap<String, Record>,
}

impl Records {
    /// Reads the records; a missing or broken record file counts as empty, since all of it can be computed again.
    pub(super) fn read(folder: &Path) -> Self {
        let text = fs_err::read(folder.join(RECORD)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Adds one record to what is on disk by now.
    pub(super) fn add(folder: &Path, file: &Path, record: Record) -> io::Result<()> {
        let mut records = Self::read(folder);
        records.files.insert(key(file), record);
        let mut text = serde_json::to_vec_pretty(&records)?;
        text.push(b'\n');
        write_atomically(&folder.join(RECORD), &text)
    }

    pub(super) fn get(&self, file: &Path) -> Option<&Record> {
        self.files.get(&key(file))
    }
}

fn key(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

/// Time of the last change, for comparison only.
pub(super) fn modified_ns(metadata: &std::fs::Metadata) -> u64 {
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |duration| duration.as_nanos() as u64)
}

/// Length and SHA-256 of a file, read in pieces.
pub(super) fn hash_file(path: &Path) -> io::Result<(u64, String)> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 20];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((size, hexadecimal(&hasher.finalize())));
        }
        size += read as u64;
        hasher.update(&buffer[..read]);
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

/// Replaces a small file as a whole.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Moves a finished file to its place, durably.
pub(super) fn move_into_place(part: &Path, place: &Path) -> Result<(), ModelError> {
    let written = fs_err::OpenOptions::new().write(true).open(part);
    written
        .and_then(|file| file.sync_all())
        .map_err(ModelError::folder("write", part))?;
    if let Some(folder) = place.parent() {
        fs_err::create_dir_all(folder).map_err(ModelError::folder("create", folder))?;
    }
    fs_err::rename(part, place).map_err(ModelError::folder("replace", place))?;
    place
        .parent()
        .map_or(Ok(()), sync_folder)
        .map_err(ModelError::folder("write", place))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        std::fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Removes a file that may not exist.
pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
