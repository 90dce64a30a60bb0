//! Reading and indexing documents.

use serde::{Deserialize, Serialize};

use super::Section;

/// `[ingest]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestConfig {
    /// Files read at once, each in a process of its own (`WENYUAN_INGEST__READERS`).
    pub readers: usize,
    /// Most seconds to read one file (`WENYUAN_INGEST__READ_SECONDS`).
    pub read_seconds: u64,
    /// Most memory of one reading process, in MiB (`WENYUAN_INGEST__READ_MEMORY_MB`).
    pub read_memory_mb: u64,
    /// Read pictures and scanned pages by text recognition, where its model is installed (`WENYUAN_INGEST__OCR`).
    pub ocr: bool,
    /// Seconds by which `read_seconds` grows for each page given to text recognition, up to six hours in all
    /// (`WENYUAN_INGEST__OCR_PAGE_SECONDS`).
    pub ocr_page_seconds: u64,
    /// Most pages of one file (`WENYUAN_INGEST__MAX_PAGES`).
    pub max_pages: u32,
    /// Most files in an archive or a mailbox, and most parts of a package (`WENYUAN_INGEST__MAX_ENTRIES`).
    pub max_entries: u32,
    /// How deep archives and messages may lie in one another; 1 allows none inside another
    /// (`WENYUAN_INGEST__MAX_DEPTH`).
    pub max_depth: u32,
    /// Most times that a packed part over a megabyte may grow (`WENYUAN_INGEST__MAX_RATIO`).
    pub max_ratio: u64,
    /// Most pixels of one picture, in millions (`WENYUAN_INGEST__MAX_MEGAPIXELS`).
    pub max_megapixels: u64,
    /// Most that a file may unpack to, and most text of one document, in MiB (`WENYUAN_INGEST__MAX_CONTENT_MB`).
    pub max_content_mb: u64,
    /// Wanted length of a passage, in the embedder's tokens (`WENYUAN_INGEST__CHUNK_TOKENS`).
    pub chunk_tokens: usize,
    /// Most minutes to embed one file (`WENYUAN_INGEST__EMBED_MINUTES`).
    pub embed_minutes: u64,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            readers: 2,
            read_seconds: 120,
            read_memory_mb: 1536,
            ocr: true,
            ocr_page_seconds: 30,
            max_pages: 20_000,
            max_entries: 20_000,
            max_depth: 4,
            max_ratio: 1_000,
            max_megapixels: 120,
            max_content_mb: 256,
            chunk_tokens: 400,
            embed_minutes: 240,
        }
    }
}

impl Section for IngestConfig {
    const NAME: &'static str = "ingest";

    fn problems(&self, into: &mut Vec<String>) {
        if !(1..=64).contains(&self.readers) {
            into.push(format!(
                "ingest.readers is {}; it must be 1 to 64",
                self.readers
            ));
        }
        if !(32..=2_000).contains(&self.chunk_tokens) {
            into.push(format!(
                "ingest.chunk_tokens is {}; it must be 32 to 2000",
                self.chunk_tokens
            ));
        }
        // The program itself and the stack of its reading thread take most of less than this.
        if self.read_memory_mb < 512 {
            into.push(format!(
                "ingest.read_memory_mb is {}; it must be at least 512",
                self.read_memory_mb
            ));
        }
        // Beyond these the child process itself would give way, or nothing could be read at all.
        let ranges = [
            ("max_entries", u64::from(self.max_entries), 1..=1_000_000),
            ("max_depth", u64::from(self.max_depth), 1..=32),
            ("max_ratio", self.max_ratio, 10..=1_000_000),
            ("max_megapixels", self.max_megapixels, 1..=10_000),
            ("max_content_mb", self.max_content_mb, 1..=65_536),
        ];
        for (name, value, range) in ranges {
            if !range.contains(&value) {
                let (low, high) = (range.start(), range.end());
                into.push(format!(
                    "ingest.{name} is {value}; it must be {low} to {high}"
                ));
            }
        }
        if self.read_seconds == 0 || self.embed_minutes == 0 || self.max_pages == 0 {
            into.push(
                "ingest.read_seconds, ingest.embed_minutes and ingest.max_pages must be at least 1"
                    .to_owned(),
            );
        }
    }
}
