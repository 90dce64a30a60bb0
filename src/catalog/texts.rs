//! Cleaned text of each version on disk: what quotes are read from, and the checkpoint after parsing.
//!
//! `ID.txt` is the text alone. `ID.json` is the rest of the document and is written last: where it is, both are whole.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use wenyuan_ingest::{CleanDocument, Span};

use super::blobs::sync_folder;
use super::{CatalogError, Entity};
use crate::model::VersionId;

/// The folder of cleaned texts. All its calls block.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    folder: PathBuf,
}

impl Texts {
    pub(super) fn open(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, version: VersionId, extension: &str) -> PathBuf {
        let name = version.0.simple().to_string();
        // The last two digits are random in every UUID version; the first are a clock.
        let shelf: String = name.chars().skip(name.len() - 2).collect();
        self.folder.join(shelf).join(format!("{name}.{extension}"))
    }

    /// The file of a version's text.
    pub(crate) fn text_path(&self, version: VersionId) -> PathBuf {
        self.path(version, "txt")
    }

    /// Stores a document durably, in place of what was there.
    pub(crate) fn save(&self, version: VersionId, document: &CleanDocument) -> Result<(), CatalogError> {
        let outline = CleanDocument {
            kind: document.kind,
            title: document.title.clone(),
            language: document.language,
            text: String::new(),
            blocks: document.blocks.clone(),
            pages: document.pages.clone(),
            warnings: document.warnings.clone(),
        };
        let outline = serde_json::to_vec(&outline).map_err(CatalogError::unavailable)?;
        write_durably(&self.text_path(version), document.text.as_bytes())?;
        write_durably(&self.path(version, "json"), &outline)
    }

    /// The document, or `None` if it was never stored whole.
    pub(crate) fn load(&self, version: VersionId) -> Result<Option<CleanDocument>, CatalogError> {
        let path = self.path(version, "json");
        let outline = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| CatalogError::from_io(&path, &error))?,
        };
        // A checkpoint of another program version that cannot be understood is read anew from the original.
        let Ok(mut document) = serde_json::from_slice::<CleanDocument>(&outline) else { return Ok(None) };
        let path = self.text_path(version);
        document.text = std::fs::read_to_string(&path).map_err(|error| CatalogError::from_io(&path, &error))?;
        Ok(Some(document))
    }

    /// The text at a byte span that lies on character boundaries; only that much is read.
    pub(super) fn bytes(&self, version: VersionId, span: Span) -> Result<String, CatalogError> {
        let path = self.text_path(version);
        let read = || -> io::Result<String> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(span.start as u64))?;
            let mut text = String::new();
            file.take(span.len() as u64).read_to_string(&mut text)?;
            Ok(text)
        };
        read().map_err(|error| explain(&path, version, &error))
    }

    /// Characters `[start, end)` of the text; past the end there are none. Memory is bounded by what is returned.
    pub(super) fn characters(&self, version: VersionId, start: usize, end: usize) -> Result<String, CatalogError> {
        let path = self.text_path(version);
        let file = File::open(&path).map_err(|error| explain(&path, version, &error))?;
        read_characters(file, start, end).map_err(|error| explain(&path, version, &error))
    }

    /// Removes what there is of a version.
    pub(super) fn remove(&self, version: VersionId) {
        for extension in ["json", "txt"] {
            let path = self.path(version, extension);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tracing::warn!(path = %path.display(), error = %error, "cleaned text was not removed");
                }
                _ => {}
            }
        }
    }

    /// Versions that have any file.
    pub(super) fn all(&self) -> Result<Vec<VersionId>, CatalogError> {
        let fail = |error: &io::Error| CatalogError::from_io(&self.folder, error);
        let mut versions = Vec::new();
        for shelf in std::fs::read_dir(&self.folder).map_err(|error| fail(&error))? {
            let shelf = shelf.map_err(|error| fail(&error))?.path();
            if !shelf.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(&shelf).map_err(|error| fail(&error))? {
                let path = file.map_err(|error| fail(&error))?.path();
                let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                versions.extend(name.and_then(|name| name.parse().ok()));
            }
        }
        versions.sort_unstable();
        versions.dedup();
        Ok(versions)
    }
}

fn explain(path: &Path, version: VersionId, error: &io::Error) -> CatalogError {
    if error.kind() == ErrorKind::NotFound {
        return CatalogError::not_found(Entity::Content, version);
    }
    CatalogError::from_io(path, error)
}

/// Writes beside, syncs, renames: a reader sees the old file or the new one.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), CatalogError> {
    let temporary = path.with_extension("part");
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        sync_folder(folder)
    };
    write().map_err(|error| {
        drop(std::fs::remove_file(&temporary));
        CatalogError::from_io(path, &error)
    })
}

fn read_characters(mut file: impl Read, start: usize, end: usize) -> io::Result<String> {
    let mut buffer = vec![0; 64 * 1024];
    let mut taken = Vec::new();
    // Characters begun so far; a byte belongs to the character that the last starting byte began.
    let mut begun = 0;
    'file: loop {
        let filled = file.read(&mut buffer)?;
        if filled == 0 {
            break;
        }
        for byte in &buffer[..filled] {
            let starts = byte & 0b1100_0000 != 0b1000_0000;
            begun += usize::from(starts);
            if begun > end {
                break 'file;
            }
            if begun > start {
                taken.push(*byte);
            }
        }
    }
    String::from_utf8(taken).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_characters_is_the_same_in_chinese_and_english() {
        let text = "文渊 library 图书馆\n第二行";
        for start in 0..=text.chars().count() {
            for end in start..=text.chars().count() + 1 {
                let expected: String = text.chars().skip(start).take(end - start).collect();
                assert_eq!(read_characters(text.as_bytes(), start, end).expect("read"), expected, "{start}..{end}");
            }
        }
    }
}
