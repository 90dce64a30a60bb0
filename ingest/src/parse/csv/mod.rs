//! Values parted by commas, tabs, semicolons or bars (RFC 4180 and what programs write instead).

pub(in crate::parse) mod records;
mod sniff;
#[cfg(test)]
mod tests;

use ::csv::StringRecord;

use self::records::{Form, Measure, Output, Writer, one_line};
pub(crate) use self::sniff::looks_like;
use crate::clean::RawDocument;
use crate::decode::decode;
use crate::{BlockKind, Kind, ParseError, ParseLimits, Warning};

/// Rows above the header that are looked at for a title of the table.
const TITLE_ROWS: usize = 5;

pub(super) fn read(bytes: &[u8], limits: &ParseLimits) -> Result<RawDocument, ParseError> {
    let decoded = decode(bytes, false)?;
    let mut warnings: Vec<Warning> = decoded.warning.into_iter().collect();
    let (text, declared) = declared_delimiter(&decoded.text);
    let delimiter = declared.unwrap_or_else(|| sniff::delimiter(text));
    let quotes = quotes_are_closed(text, delimiter);
    if !quotes {
        warnings.push(Warning {
            code: "quotes_unbalanced".to_owned(),
            page: None,
            message: "a quotation mark is opened and not closed; the file was read without quoting"
                .to_owned(),
        });
    }
    let rows = || {
        sniff::reader(text, delimiter, quotes)
            .into_records()
            .map_while(Result::ok)
    };
    let titles = title_rows(rows());
    let mut measure = Measure::default();
    for row in rows().skip(titles) {
        measure.row(row.iter());
    }
    let mut output = Output::new(limits.content_bytes);
    write(rows(), titles, &measure, &mut output)?;
    Ok(RawDocument {
        warnings,
        ..RawDocument::new(Kind::Csv, output.blocks)
    })
}

fn write(
    mut rows: impl Iterator<Item = StringRecord>,
    titles: usize,
    measure: &Measure,
    output: &mut Output,
) -> Result<(), ParseError> {
    for row in rows.by_ref().take(titles) {
        output.push(BlockKind::Paragraph, cells(&row).concat())?;
    }
    // A single column is a list of texts; its first row is no name for them.
    let header = if measure.columns() < 2 {
        Vec::new()
    } else {
        rows.next().map(|row| cells(&row)).unwrap_or_default()
    };
    let mut writer = Writer::new(header, measure.is_narrow(), Form::Commas);
    for row in rows {
        writer.row(&cells(&row), output)?;
    }
    writer.finish(output)
}

fn cells(row: &StringRecord) -> Vec<String> {
    row.iter().map(one_line).collect()
}

/// The `sep=;` that spreadsheets write in front, taken off.
fn declared_delimiter(text: &str) -> (&str, Option<u8>) {
    let line = text.lines().next().unwrap_or_default();
    match line.as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter]
            if *delimiter == b'\t' || delimiter.is_ascii_punctuation() && *delimiter != b'"' =>
        {
            (
                text[line.len()..].trim_start_matches(['\r', '\n']),
                Some(*delimiter),
            )
        }
        _ => (text, None),
    }
}

/// Rows with a single value above rows with more: what the table is called, not what its columns are.
fn title_rows(rows: impl Iterator<Item = StringRecord>) -> usize {
    let values = |row: StringRecord| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let counts: Vec<usize> = rows.take(TITLE_ROWS + 1).map(values).collect();
    let titles = counts.iter().take_while(|&&count| count <= 1).count();
    if titles < counts.len() { titles } else { 0 }
}

/// Whether no quotation mark swallows the rest of the file: the last row would then hold line ends and an odd mark.
fn quotes_are_closed(text: &str, delimiter: u8) -> bool {
    if text.bytes().filter(|&byte| byte == b'"').count() % 2 == 0 {
        return true;
    }
    let last = sniff::reader(text, delimiter, true)
        .into_records()
        .map_while(Result::ok)
        .last();
    !last.is_some_and(|row| row.iter().any(|cell| cell.contains('\n')))
}
