//! Where the characters of a document lie: the piece table ([MS-DOC] 2.8.35 and 2.9.38).

use std::ops::Range;

use super::super::compound::{u16_at, u32_at};

/// Where the head names the piece table: its place and its length in the table stream.
const PLACE: usize = 0x1a2;
const LENGTH: usize = 0x1a6;
/// Marks of the two things that stand in there: properties for saving in haste, and the table itself.
const HASTE: u8 = 1;
const TABLE: u8 = 2;
/// Set in a piece's place when its characters take one byte.
const NARROW: u32 = 0x4000_0000;
/// Bytes of a piece's entry.
const ENTRY: usize = 8;

/// A run of characters that lie side by side.
struct Piece {
    /// First and one past the last character, counted over the whole document.
    characters: Range<u32>,
    /// First byte in the main stream.
    place: usize,
    narrow: bool,
}

/// The pieces, in the order of the text.
pub(super) struct Pieces<'a> {
    main: &'a [u8],
    pieces: Vec<Piece>,
}

impl<'a> Pieces<'a> {
    /// Reads the table; `None` when it makes no sense.
    pub(super) fn read(main: &'a [u8], table: &[u8]) -> Option<Self> {
        let place = u32_at(main, PLACE)? as usize;
        let length = u32_at(main, LENGTH)? as usize;
        let mut rest = table.get(place..place.checked_add(length)?)?;
        while rest.first() == Some(&HASTE) {
            rest = rest.get(3 + usize::from(u16_at(rest, 1)?)..)?;
        }
        if rest.first() != Some(&TABLE) {
            return None;
        }
        let length = u32_at(rest, 1)? as usize;
        let entries = rest.get(5..5_usize.checked_add(length)?)?;
        let count = entries.len().checked_sub(4)? / (4 + ENTRY);
        let places = (count + 1) * 4;
        let mut pieces = Vec::with_capacity(count);
        for index in 0..count {
            let characters = u32_at(entries, index * 4)?..u32_at(entries, index * 4 + 4)?;
            let place = u32_at(entries, places + index * ENTRY + 2)?;
            let narrow = place & NARROW != 0;
            let place = (place & (NARROW - 1)) as usize;
            pieces.push(Piece {
                characters,
                place: if narrow { place / 2 } else { place },
                narrow,
            });
        }
        Some(Self { main, pieces })
    }

    /// The characters in a range, each with its first byte in the main stream. What lies outside of the file is left out.
    pub(super) fn characters(&self, wanted: Range<u32>) -> impl Iterator<Item = (char, usize)> {
        self.pieces.iter().flat_map(move |piece| {
            let first = piece.characters.start.max(wanted.start);
            let last = piece.characters.end.min(wanted.end).max(first);
            let skipped = (first - piece.characters.start.min(first)) as usize;
            let width = if piece.narrow { 1 } else { 2 };
            let start = piece.place.saturating_add(skipped * width);
            let end = start.saturating_add((last - first) as usize * width);
            let bytes = self
                .main
                .get(start.min(self.main.len())..end.min(self.main.len()))
                .unwrap_or_default();
            decode(bytes, piece.narrow, start)
        })
    }
}

/// Characters of a piece with their places.
fn decode(bytes: &[u8], narrow: bool, start: usize) -> Vec<(char, usize)> {
    if narrow {
        let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
        return text.chars().zip(start..).collect();
    }
    let units = bytes
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let mut place = start;
    char::decode_utf16(units)
        .map(|decoded| {
            let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            let at = place;
            place += character.len_utf16() * 2;
            (character, at)
        })
        .collect()
}
