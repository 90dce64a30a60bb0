//! Places on pages at the end of a stored text, so that a few can be read without the rest.
//!
//! Records of one length in the order of the text, then their number in four bytes and a mark. Files of earlier
//! programs have no mark and therefore no places.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use wenyuan_ingest::{PageBox, Place, Span, boxes};

use super::{Catalog, CatalogError, ChunkRecord};
use crate::model::ChunkId;

/// How the section ends.
const MARK: &[u8; 4] = b"WYP1";
/// Bytes after the records.
const TAIL: usize = 4 + MARK.len();
/// Places read for one span at most.
const MOST: usize = 100_000;

impl Catalog {
    /// What of their pages these chunks fill, in their order; nothing for chunks whose places are not known.
    pub async fn boxes(&self, chunks: &[ChunkRecord]) -> Result<Vec<Vec<PageBox>>, CatalogError> {
        let found = self.places(chunks).await?;
        let of = |chunk: &ChunkRecord| {
            let places = found.get(&chunk.id).map(Vec::as_slice).unwrap_or_default();
            boxes(places, chunk.chunk.span)
        };
        Ok(chunks.iter().map(of).collect())
    }

    /// Where the text of these chunks stands, with spans in the cleaned text of their documents.
    pub(super) async fn places(
        &self,
        chunks: &[ChunkRecord],
    ) -> Result<HashMap<ChunkId, Vec<Place>>, CatalogError> {
        let texts = self.texts().clone();
        let wanted: Vec<_> = chunks
            .iter()
            // What has no pages has no places on them.
            .filter(|record| record.chunk.pages.is_some())
            .map(|record| (record.id, record.version, record.chunk.span))
            .collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let reading = tokio::task::spawn_blocking(move || {
            wanted
                .into_iter()
                .map(|(id, version, span)| Ok((id, texts.places(version, span)?)))
                .collect()
        });
        reading.await.map_err(CatalogError::unavailable)?
    }
}

/// The section for these places; empty if there are none.
pub(super) fn section(places: &[Place]) -> Vec<u8> {
    if places.is_empty() {
        return Vec::new();
    }
    let mut bytes = Vec::with_capacity(places.len() * Place::BYTES + TAIL);
    for place in places {
        bytes.extend_from_slice(&place.to_bytes());
    }
    bytes.extend_from_slice(&(places.len() as u32).to_le_bytes());
    bytes.extend_from_slice(MARK);
    bytes
}

/// Parts what was stored before the footer into what comes before the section, and the places in it.
pub(super) fn parted(stored: &[u8]) -> (&[u8], Vec<Place>) {
    let found = || {
        let (rest, tail) = stored.split_last_chunk::<TAIL>()?;
        let length = records(*tail)?;
        let start = rest.len().checked_sub(length)?;
        let (before, records) = rest.split_at(start);
        let (records, _) = records.as_chunks::<{ Place::BYTES }>();
        Some((before, records.iter().map(Place::from_bytes).collect()))
    };
    found().unwrap_or((stored, Vec::new()))
}

/// The places that touch a span, read from a file whose section ends at `end`.
pub(super) fn touching(file: &mut File, end: u64, span: Span) -> io::Result<Vec<Place>> {
    let mut tail = [0; TAIL];
    let Some(at) = end.checked_sub(TAIL as u64) else {
        return Ok(Vec::new());
    };
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut tail)?;
    let Some(start) = records(tail).and_then(|length| at.checked_sub(length as u64)) else {
        return Ok(Vec::new());
    };
    let count = (at - start) / Place::BYTES as u64;
    // The first place that ends after the span begins.
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = u64::midpoint(low, high);
        if record(file, start, middle)?.span.end > span.start {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    file.seek(SeekFrom::Start(start + low * Place::BYTES as u64))?;
    let mut reader = io::BufReader::with_capacity(4 << 10, file);
    let mut found = Vec::new();
    let mut bytes = [0; Place::BYTES];
    for _ in low..count {
        reader.read_exact(&mut bytes)?;
        let place = Place::from_bytes(&bytes);
        if place.span.start >= span.end || found.len() == MOST {
            break;
        }
        found.push(place);
    }
    Ok(found)
}

/// Length of the records before a tail; `None` if it is none.
fn records(tail: [u8; TAIL]) -> Option<usize> {
    let (count, mark) = tail.split_first_chunk::<4>()?;
    (mark == MARK).then_some(u32::from_le_bytes(*count) as usize * Place::BYTES)
}

fn record(file: &mut File, start: u64, index: u64) -> io::Result<Place> {
    let mut bytes = [0; Place::BYTES];
    file.seek(SeekFrom::Start(start + index * Place::BYTES as u64))?;
    file.read_exact(&mut bytes)?;
    Ok(Place::from_bytes(&bytes))
}
