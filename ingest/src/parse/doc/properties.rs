//! How paragraphs look: headings, list items, table cells and rows ([MS-DOC] 2.4.6.1, 2.8.6, 2.9.175).

use super::super::compound::{u16_at, u32_at};

/// Where the head names the list of pages of paragraph properties.
const PLACE: usize = 0x102;
const LENGTH: usize = 0x106;
/// Bytes of such a page, and of one entry of its list.
const PAGE: usize = 512;
const ENTRY: usize = 13;

/// Properties that matter here, by their codes.
const IN_TABLE: u16 = 0x2416;
const ROW_END: u16 = 0x2417;
const INNER_ROW_END: u16 = 0x244c;
const INNER_CELL: u16 = 0x244b;
const DEPTH: u16 = 0x6649;
const LIST: u16 = 0x460b;
const OUTLINE: u16 = 0x2640;
/// Properties of variable length whose length takes two bytes.
const LONG: [u16; 1] = [0xd608];

/// How a paragraph looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Looks {
    /// Level of a heading, 1 to 6.
    pub(super) heading: Option<u8>,
    pub(super) listed: bool,
    pub(super) in_table: bool,
    /// The mark ends a row and belongs to no cell.
    pub(super) row_end: bool,
}

/// Looks by the bytes of the main stream that they are about.
pub(super) struct Properties {
    /// First byte of each run, ascending, with its looks.
    runs: Vec<(usize, Looks)>,
}

impl Properties {
    /// Reads all pages; a damaged one counts as plain text.
    pub(super) fn read(main: &[u8], table: &[u8]) -> Self {
        let mut runs = Vec::new();
        for page in pages(main, table).unwrap_or_default() {
            runs.extend(read_page(page).unwrap_or_default());
        }
        runs.sort_by_key(|(start, _)| *start);
        Self { runs }
    }

    /// The looks of the paragraph whose mark lies at this byte.
    pub(super) fn at(&self, place: usize) -> Looks {
        let after = self.runs.partition_point(|(start, _)| *start <= place);
        after
            .checked_sub(1)
            .map_or_else(Looks::default, |index| self.runs[index].1)
    }
}

fn pages<'a>(main: &'a [u8], table: &[u8]) -> Option<Vec<&'a [u8]>> {
    let place = u32_at(main, PLACE)? as usize;
    let length = u32_at(main, LENGTH)? as usize;
    let list = table.get(place..place.checked_add(length)?)?;
    let count = list.len().checked_sub(4)? / 8;
    let numbers = (0..count).filter_map(|index| u32_at(list, (count + 1) * 4 + index * 4));
    let page = |number: u32| {
        let start = (number & 0x003f_ffff) as usize * PAGE;
        main.get(start..start + PAGE)
    };
    Some(numbers.filter_map(page).collect())
}

fn read_page(page: &[u8]) -> Option<Vec<(usize, Looks)>> {
    let count = usize::from(*page.get(PAGE - 1)?);
    let mut runs = Vec::with_capacity(count);
    for index in 0..count {
        let start = u32_at(page, index * 4)? as usize;
        let offset = usize::from(*page.get((count + 1) * 4 + index * ENTRY)?) * 2;
        let looks = if offset == 0 {
            Looks::default()
        } else {
            looks(page, offset).unwrap_or_default()
        };
        runs.push((start, looks));
    }
    Some(runs)
}

/// Reads the properties that lie at `offset` of a page: their length, the style, the changes to it.
fn looks(page: &[u8], offset: usize) -> Option<Looks> {
    let (start, length) = match *page.get(offset)? {
        0 => (offset + 2, usize::from(*page.get(offset + 1)?) * 2),
        words => (offset + 1, usize::from(words) * 2 - 1),
    };
    let bytes = page.get(start..(start + length).min(page.len()))?;
    let style = u16_at(bytes, 0)?;
    let mut looks = Looks {
        // The first styles are the same in every document: 1 to 9 are the headings.
        heading: (1..=9)
            .contains(&style)
            .then(|| u8::try_from(style).unwrap_or(9).min(6)),
        ..Looks::default()
    };
    let mut rest = &bytes[2..];
    while let Some(code) = u16_at(rest, 0) {
        let operand = rest.get(2..)?;
        let size = operand_size(code, operand)?;
        apply(&mut looks, code, operand.get(..size)?);
        rest = operand.get(size..)?;
    }
    Some(looks)
}

fn operand_size(code: u16, operand: &[u8]) -> Option<usize> {
    Some(match code >> 13 {
        0 | 1 => 1,
        2 | 4 | 5 => 2,
        3 => 4,
        7 => 3,
        _ if LONG.contains(&code) => usize::from(u16_at(operand, 0)?) + 1,
        _ => usize::from(*operand.first()?) + 1,
    })
}

fn apply(looks: &mut Looks, code: u16, operand: &[u8]) {
    let first = operand.first().copied().unwrap_or(0);
    match code {
        IN_TABLE => looks.in_table = first != 0,
        DEPTH => looks.in_table |= operand.iter().any(|byte| *byte != 0),
        ROW_END | INNER_ROW_END => looks.row_end = first != 0,
        INNER_CELL => looks.in_table |= first != 0,
        LIST => looks.listed = operand.iter().any(|byte| *byte != 0),
        OUTLINE if first < 9 => looks.heading = Some((first + 1).min(6)),
        _ => {}
    }
}
