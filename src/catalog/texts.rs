//! Cleaned text of each version on disk: what quotes are read from, and the checkpoint after parsing.
//!
//! One file per version: the text, then the rest of the document as JSON, then where the text stands on its pages,
//! then a footer of the text's length in eight bytes and the BLAKE3 hash of all before. Before publication a file may not have reached the disk yet, so a
//! checkpoint counts only if its hash is right.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use wenyuan_ingest::{CleanDocument, Place, Span};

use super::blobs::{drawer, emptied, make_drawers};
use super::disk::sync_folder;
use super::stored::{self, TextReader};
use super::{CatalogError, Entity, placing};
use crate::model::VersionId;

const EXTENSION: &str = "text";
const LENGTH_BYTES: usize = 8;
/// Files that are waited for together until they have reached the disk.
const SYNCED_AT_ONCE: usize = 8;
const FOOTER_BYTES: u64 = (LENGTH_BYTES + blake3::OUT_LEN) as u64;

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
        make_drawers(&folder)?;
        Ok(Self { folder, incoming })
    }

    fn path(&self, version: VersionId) -> PathBuf {
        let name = version.0.simple().to_string();
        // The last digit is random in every UUID version; the first ones are a clock.
        self.folder
            .join(drawer(name.chars().next_back()))
            .join(name)
            .with_extension(EXTENSION)
    }

    /// Stores a document in place of what was there; [`sync`](Self::sync) makes it durable.
    pub(crate) fn save(
        &self,
        version: VersionId,
        document: &CleanDocument,
    ) -> Result<(), CatalogError> {
        let path = self.path(version);
        let temporary = self.incoming.join(uuid::Uuid::new_v4().to_string());
        // Beside and renamed: a reader sees the old file or the new one.
        let write = || -> io::Result<()> {
            let file = File::create(&temporary)?;
            stored::write(document, &file)?;
            std::fs::rename(&temporary, &path)
        };
        write().map_err(|error| {
            drop(std::fs::remove_file(&temporary));
            CatalogError::from_io(&path, &error)
        })
    }

    /// Returns once the texts of these versions survive power loss; those that do not are told, and are gone, since
    /// what a failed sync leaves in memory looks whole.
    pub(crate) fn sync(
        &self,
        versions: &[VersionId],
    ) -> Result<HashMap<VersionId, CatalogError>, CatalogError> {
        let folders: BTreeSet<PathBuf> = versions
            .iter()
            .filter_map(|version| self.path(*version).parent().map(Path::to_path_buf))
            .collect();
        let torn = self.sync_files(versions);
        for folder in folders {
            sync_folder(&folder).map_err(|error| CatalogError::from_io(&folder, &error))?;
        }
        Ok(torn)
    }

    /// Several at once: a file system commits what waits together in one go.
    fn sync_files(&self, versions: &[VersionId]) -> HashMap<VersionId, CatalogError> {
        let one = |version: &VersionId| {
            let path = self.path(*version);
            let error = File::open(&path).and_then(|file| file.sync_all()).err()?;
            self.remove(*version);
            Some((*version, CatalogError::from_io(&path, &error)))
        };
        let share = versions.len().div_ceil(SYNCED_AT_ONCE).max(1);
        std::thread::scope(|scope| {
            let threads: Vec<_> = versions
                .chunks(share)
                .map(|share| scope.spawn(move || share.iter().filter_map(one).collect::<Vec<_>>()))
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        })
    }

    /// The document, or `None` if it was never stored, or by a program that we no longer understand.
    pub(crate) fn load(&self, version: VersionId) -> Result<Option<CleanDocument>, CatalogError> {
        let path = self.path(version);
        let mut bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| CatalogError::from_io(&path, &error))?,
        };
        let Some((hashed, hash)) = bytes.split_last_chunk::<{ blake3::OUT_LEN }>() else {
            return Ok(None);
        };
        if blake3::hash(hashed) != *hash {
            return Ok(None);
        }
        let Some((rest, length)) = hashed.split_last_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let length = u64::from_le_bytes(*length) as usize;
        let Some(outline) = rest.get(length..) else {
            return Ok(None);
        };
        let (outline, places) = placing::parted(outline);
        let Ok(mut document) = serde_json::from_slice::<CleanDocument>(outline) else {
            return Ok(None);
        };
        bytes.truncate(length);
        let Ok(text) = String::from_utf8(bytes) else {
            return Ok(None);
        };
        document.text = text;
        document.places = places;
        Ok(Some(document))
    }

    /// Where the text of a byte span stands on its pages, in the order of the text; empty where that is not known.
    pub(super) fn places(
        &self,
        version: VersionId,
        span: Span,
    ) -> Result<Vec<Place>, CatalogError> {
        self.with_text(version, |mut file, _| {
            let end = file.seek(SeekFrom::End(0))?;
            placing::touching(&mut file, end.saturating_sub(FOOTER_BYTES), span)
        })
    }

    /// The text at a byte span that lies on character boundaries; only that much is read.
    pub(crate) fn bytes(&self, version: VersionId, span: Span) -> Result<String, CatalogError> {
        self.reader(version)?.piece(span)
    }

    /// The text, open for many reads.
    pub(super) fn reader(&self, version: VersionId) -> Result<TextReader, CatalogError> {
        let path = self.path(version);
        self.with_text(version, |file, length| {
            Ok(TextReader::new(file, length, path))
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

    /// Opens a version's file at its beginning and tells the length of the text.
    fn with_text<T>(
        &self,
        version: VersionId,
        read: impl FnOnce(File, u64) -> io::Result<T>,
    ) -> Result<T, CatalogError> {
        let path = self.path(version);
        let open = || -> io::Result<T> {
            let mut file = File::open(&path)?;
            let end = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(end.saturating_sub(FOOTER_BYTES)))?;
            let mut footer = [0; LENGTH_BYTES];
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
            details: wenyuan_ingest::Details::default(),
            language: Language::Chinese,
            text: text.to_owned(),
            blocks: Vec::new(),
            pages: Vec::new(),
            places: Vec::new(),
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
        texts.sync(&[version]).expect("sync");
        let path = texts.path(version);
        let mut torn = std::fs::read(&path).expect("read");
        torn[1] = 0;
        std::fs::write(&path, torn).expect("write");
        assert_eq!(texts.load(version).expect("load"), None);
        texts.remove(version);
        assert!(matches!(
            texts.characters(version, 0, 1),
            Err(CatalogError::NotFound { .. })
        ));
    }

    #[test]
    fn places_are_read_for_a_span_alone_and_come_back_with_the_whole() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let texts = Texts::open(folder.path().to_path_buf()).expect("open");
        let version = VersionId(uuid::Uuid::now_v7());
        let places: Vec<Place> = (0..50)
            .map(|row| Place {
                span: Span {
                    start: row * 10,
                    end: row * 10 + 9,
                },
                page: 1,
                area: [10, row as u16 * 100, 60_000, row as u16 * 100 + 90].into(),
            })
            .collect();
        let mut whole = document(&"012345678\n".repeat(50));
        whole.places.clone_from(&places);
        texts.save(version, &whole).expect("save");
        assert_eq!(texts.load(version).expect("load"), Some(whole));
        for (start, end, first, last) in [
            (0, 9, 0, 0),
            (9, 11, 1, 1),
            (95, 131, 9, 13),
            (480, 900, 48, 49),
        ] {
            assert_eq!(
                texts.places(version, Span { start, end }).expect("places"),
                places[first..=last],
                "{start}..{end}"
            );
        }
        texts.save(version, &document("no places")).expect("save");
        let none = texts.places(version, Span { start: 0, end: 9 });
        assert_eq!(none.expect("places"), []);
    }
}
