//! Cleaned text of each version on disk: what quotes are read from, and the checkpoint after parsing.
//!
//! One file per version, so that one sync makes it whole: the text, then the rest of the document as JSON, then the
//! text's length in eight bytes.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use wenyuan_ingest::{CleanDocument, Span};

use super::blobs::{emptied, sync_folder};
use super::{CatalogError, Entity};
use crate::model::VersionId;

const EXTENSION: &str = "text";
const FOOTER_BYTES: u64 = 8;

/// The folder of cleaned texts. All its calls block.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    folder: PathBuf,
    incoming: PathBuf,
}

impl Texts {
    /// Opens the folder and throws away what was never written whole.
    pub(super) fn open(folder: PathBuf) -> Result<Self, CatalogError> {
        let incoming = emptied(folder.join("incoming"))?;
        Ok(Self { folder, incoming })
    }

    fn path(&self, version: VersionId) -> PathBuf {
        let name = version.0.simple().to_string();
        // The last two digits are random in every UUID version; the first are a clock.
        let drawer: String = name.chars().skip(name.len() - 2).collect();
        self.folder
            .join(drawer)
            .join(name)
            .with_extension(EXTENSION)
    }

    /// Stores a document durably, in place of what was there.
    pub(crate) fn save(
        &self,
        version: VersionId,
        document: &CleanDocument,
    ) -> Result<(), CatalogError> {
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
        let length = (document.text.len() as u64).to_le_bytes();
        self.write_durably(
            &self.path(version),
            &[document.text.as_bytes(), &outline, &length],
        )
    }

    /// The document, or `None` if it was never stored, or by a program that we no longer understand.
    pub(crate) fn load(&self, version: VersionId) -> Result<Option<CleanDocument>, CatalogError> {
        let path = self.path(version);
        let mut bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| CatalogError::from_io(&path, &error))?,
        };
        let Some((rest, footer)) = bytes.split_last_chunk::<8>() else {
            return Ok(None);
        };
        let length = u64::from_le_bytes(*footer) as usize;
        let Some(outline) = rest.get(length..) else {
            return Ok(None);
        };
        let Ok(mut document) = serde_json::from_slice::<CleanDocument>(outline) else {
            return Ok(None);
        };
        bytes.truncate(length);
        let Ok(text) = String::from_utf8(bytes) else {
            return Ok(None);
        };
        document.text = text;
        Ok(Some(document))
    }

    /// The text at a byte span that lies on character boundaries; only that much is read.
    pub(super) fn bytes(&self, version: VersionId, span: Span) -> Result<String, CatalogError> {
        self.with_text(version, |mut file, length| {
            file.seek(SeekFrom::Start((span.start as u64).min(length)))?;
            let mut text = String::new();
            file.take((span.len() as u64).min(length.saturating_sub(span.start as u64)))
                .read_to_string(&mut text)?;
            Ok(text)
        })
    }

    /// Characters `[start, end)` of the text; past the end there are none. Memory is bounded by what is returned.
    pub(super) fn characters(
        &self,
        version: VersionId,
        start: usize,
        end: usize,
    ) -> Result<String, CatalogError> {
        self.with_text(version, |file, length| {
            read_characters(file.take(length), start, end)
        })
    }

    /// Writes beside, syncs, renames: a reader sees the old file or the new one.
    fn write_durably(&self, path: &Path, parts: &[&[u8]]) -> Result<(), CatalogError> {
        let temporary = self.incoming.join(uuid::Uuid::new_v4().to_string());
        let write = || -> io::Result<()> {
            let drawer = path.parent().unwrap_or(&self.folder);
            if !drawer.exists() {
                std::fs::create_dir_all(drawer)?;
                sync_folder(&self.folder)?;
            }
            let mut file = File::create(&temporary)?;
            for part in parts {
                file.write_all(part)?;
            }
            file.sync_all()?;
            std::fs::rename(&temporary, path)?;
            sync_folder(drawer)
        };
        write().map_err(|error| {
            drop(std::fs::remove_file(&temporary));
            CatalogError::from_io(path, &error)
        })
    }

    /// Opens a version's file at its beginning and tells the length of the text.
    fn with_text(
        &self,
        version: VersionId,
        read: impl FnOnce(File, u64) -> io::Result<String>,
    ) -> Result<String, CatalogError> {
        let path = self.path(version);
        let open = || -> io::Result<String> {
            let mut file = File::open(&path)?;
            let end = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(end.saturating_sub(FOOTER_BYTES)))?;
            let mut footer = [0; FOOTER_BYTES as usize];
            file.read_exact(&mut footer)?;
            file.rewind()?;
            read(file, u64::from_le_bytes(footer))
        };
        open().map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                return CatalogError::not_found(Entity::Content, version);
            }
            CatalogError::from_io(&path, &error)
        })
    }

    /// Removes what there is of a version.
    pub(super) fn remove(&self, version: VersionId) {
        let path = self.path(version);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(path = %path.display(), error = %error, "cleaned text was not removed");
            }
            _ => {}
        }
    }

    /// Versions that have a file.
    pub(super) fn all(&self) -> Result<Vec<VersionId>, CatalogError> {
        let fail = |error: &io::Error| CatalogError::from_io(&self.folder, error);
        let mut versions = Vec::new();
        for drawer in std::fs::read_dir(&self.folder).map_err(|error| fail(&error))? {
            let drawer = drawer.map_err(|error| fail(&error))?.path();
            if drawer == self.incoming || !drawer.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(&drawer).map_err(|error| fail(&error))? {
                let path = file.map_err(|error| fail(&error))?.path();
                let name = path
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned());
                versions.extend(name.and_then(|name| name.parse::<VersionId>().ok()));
            }
        }
        Ok(versions)
    }
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
    use wenyuan_ingest::{Kind, Language};

    use super::*;

    fn document(text: &str) -> CleanDocument {
        CleanDocument {
            kind: Kind::Text,
            title: Some("题".to_owned()),
            language: Language::Chinese,
            text: text.to_owned(),
            blocks: Vec::new(),
            pages: Vec::new(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_range_of_characters_is_the_same_in_chinese_and_english() {
        let text = "文渊 library 图书馆\n第二行";
        for start in 0..=text.chars().count() {
            for end in start..=text.chars().count() + 1 {
                let expected: String = text.chars().skip(start).take(end - start).collect();
                assert_eq!(
                    read_characters(text.as_bytes(), start, end).expect("read"),
                    expected,
                    "{start}..{end}"
                );
            }
        }
    }

    #[test]
    fn a_stored_document_comes_back_whole_and_in_parts() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let texts = Texts::open(folder.path().to_path_buf()).expect("open");
        let version = VersionId(uuid::Uuid::now_v7());
        assert_eq!(texts.load(version).expect("load"), None);
        texts
            .save(version, &document("文渊阁 holds books."))
            .expect("save");
        assert_eq!(
            texts.load(version).expect("load"),
            Some(document("文渊阁 holds books."))
        );
        assert_eq!(
            texts
                .bytes(version, Span { start: 3, end: 9 })
                .expect("bytes"),
            "渊阁"
        );
        assert_eq!(
            texts
                .characters(version, 4, usize::MAX)
                .expect("characters"),
            "holds books."
        );
        assert_eq!(texts.all().expect("all"), [version]);
        texts.remove(version);
        assert!(matches!(
            texts.characters(version, 0, 1),
            Err(CatalogError::NotFound { .. })
        ));
    }
}
