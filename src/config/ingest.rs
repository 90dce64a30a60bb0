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
        if self.read_memory_mb < 256 {
            into.push(format!(
                "ingest.read_memory_mb is {}; it must be at least 256",
                self.read_memory_mb
            ));
        }
        if self.read_seconds == 0 || self.embed_minutes == 0 || self.max_pages == 0 {
            into.push(
                "ingest.read_seconds, ingest.embed_minutes and ingest.max_pages must be at least 1"
                    .to_owned(),
            );
        }
    }
}
