//! What parts the values of a text, and whether a text is made of values at all.

use ::csv::{ReaderBuilder, StringRecord};

/// Candidates; the first of equals wins.
const DELIMITERS: [u8; 4] = *b",\t;|";
/// Bytes of a text that are looked at.
const SAMPLE: usize = 64 << 10;
/// Rows that are looked at.
const ROWS: usize = 200;

/// The delimiter under which most rows have the same number of columns, at least two; a comma when there is none.
pub(super) fn delimiter(text: &str) -> u8 {
    let sample = head(text, SAMPLE);
    let score = |delimiter: u8| -> (usize, usize) {
        let widths: Vec<usize> = rows(sample, delimiter)
            .iter()
            .map(StringRecord::len)
            .collect();
        let most = |&width: &usize| widths.iter().filter(|&&other| other == width).count();
        widths
            .iter()
            .filter(|&&width| width > 1)
            .map(|width| (most(width) * 64 / widths.len(), *width))
            .max()
            .unwrap_or_default()
    };
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let score = score(delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

/// Whether the beginning of a text is of values; the name decides, and without it only a very regular content.
pub(crate) fn looks_like(text: &str, name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let extension = file
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv" | "tsv" | "tab" | "psv") => true,
        None | Some("txt" | "dat" | "data" | "asc") => {
            DELIMITERS.iter().any(|&one| is_regular(text, one))
        }
        Some(_) => false,
    }
}

/// The header and three more.
const LEAST_ROWS: usize = 4;

/// At least four rows of equally many short values under distinct names, as prose never is.
fn is_regular(text: &str, delimiter: u8) -> bool {
    let least = if delimiter == b'\t' { 2 } else { 3 };
    // Most texts are prose, and making a reader costs more than reading this much of them.
    let delimiters = text
        .bytes()
        .filter(|&byte| byte == delimiter)
        .take(2 * LEAST_ROWS);
    if delimiters.count() < (least - 1) * LEAST_ROWS {
        return false;
    }
    let mut rows = rows(text, delimiter);
    // The last row may be cut.
    if !text.ends_with('\n') && rows.len() > 4 {
        rows.pop();
    }
    let Some((header, body)) = rows.split_first() else {
        return false;
    };
    if header.len() < least
        || body.len() + 1 < LEAST_ROWS
        || body.iter().any(|row| row.len() != header.len())
    {
        return false;
    }
    let mut names: Vec<&str> = header.iter().map(str::trim).collect();
    let plain = names.iter().all(|name| {
        name.chars().any(char::is_alphabetic)
            && name.chars().count() <= 40
            && !name.contains(['。', '！', '？', '!', '?', '.'])
    });
    names.sort_unstable();
    names.dedup();
    // A blank after a comma is how sentences are written, not values.
    let spaced = rows
        .iter()
        .flatten()
        .filter(|cell| cell.starts_with(' '))
        .count();
    let characters: usize = rows.iter().flatten().map(|cell| cell.chars().count()).sum();
    let cells = rows.len() * header.len();
    plain && names.len() == header.len() && spaced == 0 && characters <= cells * 40
}

fn rows(text: &str, delimiter: u8) -> Vec<StringRecord> {
    reader(text, delimiter, true)
        .records()
        .take(ROWS)
        .map_while(Result::ok)
        .collect()
}

/// A reader that takes rows of any length.
pub(super) fn reader(text: &str, delimiter: u8, quotes: bool) -> ::csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .quoting(quotes)
        .from_reader(text.as_bytes())
}

fn head(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = text.floor_char_boundary(most);
    // A row that is cut would count as one of another length.
    text[..end]
        .rfind('\n')
        .map_or(&text[..end], |at| &text[..at])
}
