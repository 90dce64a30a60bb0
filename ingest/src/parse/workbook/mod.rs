//! Workbooks: Excel's formats and OpenDocument sheets by the calamine library, each sheet as tables.

mod formats;

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Xls, Xlsb, Xlsx};

use self::formats::Formats;
use super::package::Package;
use super::table::Table;
use crate::clean::{RawBlock, RawDocument};
use crate::{BlockKind, Kind, ParseError, ParseLimits, Warning};

/// A sheet's cells by row and column; only those that are there.
type Sheet = BTreeMap<u32, BTreeMap<u32, String>>;

pub(super) fn read(
    bytes: &[u8],
    kind: Kind,
    limits: &ParseLimits,
) -> Result<RawDocument, ParseError> {
    let mut document = RawDocument::new(kind, Vec::new());
    if bytes.starts_with(b"PK") {
        Package::vet(bytes, limits)?;
        let mut package = Package::open(bytes, limits)?;
        (document.title, document.details) = package.properties()?;
        if kind == Kind::Ods {
            dense::<Ods<_>>(bytes, limits, &mut document)?;
        } else if package.has("xl/workbook.bin") {
            dense::<Xlsb<_>>(bytes, limits, &mut document)?;
        } else {
            sparse(bytes, limits, &mut document)?;
        }
    } else {
        dense::<Xls<_>>(bytes, limits, &mut document)?;
    }
    Ok(document)
}

/// Sheets of an XLSX file, cell by cell: one far away from the others costs no more than they do.
fn sparse(
    bytes: &[u8],
    limits: &ParseLimits,
    document: &mut RawDocument,
) -> Result<(), ParseError> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let (mut budget, mut formats) = (limits.content_bytes, Formats::default());
    for name in workbook.sheet_names() {
        let (mut sheet, mut blank) = (Sheet::new(), false);
        // A sheet that is a chart has no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(&name) else {
            continue;
        };
        loop {
            match cells.next_cell_with_style_id() {
                Ok(Some((cell, style))) => {
                    let (row, column) = cell.get_position();
                    let number = match cell.get_value() {
                        DataRef::Float(value) => Some(*value),
                        DataRef::Int(value) => Some(*value as f64),
                        DataRef::String(_)
                        | DataRef::SharedString(_)
                        | DataRef::Bool(_)
                        | DataRef::DateTime(_)
                        | DataRef::DateTimeIso(_)
                        | DataRef::DurationIso(_)
                        | DataRef::Error(_)
                        | DataRef::Empty => None,
                    };
                    let formatted =
                        number.and_then(|value| formats.show(value, style, cells.styles()));
                    blank |= matches!(cell.get_value(), DataRef::Empty);
                    let text = formatted.unwrap_or_else(|| shown_ref(cell.get_value()));
                    put(&mut sheet, &mut budget, limits, row, column, text)?;
                }
                Ok(None) => break,
                Err(error) => {
                    document.warnings.push(unreadable(&name, &error));
                    break;
                }
            }
        }
        drop(cells);
        add(document, &name, &sheet);
        let unreckoned = if blank {
            unreckoned(&mut workbook, &name)
        } else {
            0
        };
        if unreckoned > 0 {
            document.warnings.push(Warning {
                code: "formulas_without_results".to_owned(),
                page: None,
                message: format!(
                    "The sheet “{name}” has formulas whose results are not in the file ({unreckoned}), so those cells are empty \
                     here. Open the file in a spreadsheet program, save it and add that."
                ),
            });
        }
    }
    Ok(())
}

/// Cells with a formula whose result no program has stored.
fn unreckoned(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> usize {
    let Ok(mut cells) = workbook.worksheet_cells_reader(name) else {
        return 0;
    };
    let mut count = 0;
    while let Ok(Some(cell)) = cells.next_cell_with_formula_metadata() {
        count += usize::from(cell.formula.is_some() && matches!(cell.value, DataRef::Empty));
    }
    count
}

/// Sheets of the other formats, as the library hands them out.
fn dense<'a, R>(
    bytes: &'a [u8],
    limits: &ParseLimits,
    document: &mut RawDocument,
) -> Result<(), ParseError>
where
    R: Reader<Cursor<&'a [u8]>>,
    R::Error: std::fmt::Display,
{
    let mut workbook = R::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut budget = limits.content_bytes;
    for name in workbook.sheet_names() {
        let range = match workbook.worksheet_range(&name) {
            Ok(range) => range,
            Err(error) => {
                document.warnings.push(unreadable(&name, &error));
                continue;
            }
        };
        let mut sheet = Sheet::new();
        for (row, column, value) in range.used_cells() {
            let (row, column) = (
                u32::try_from(row).unwrap_or(u32::MAX),
                u32::try_from(column).unwrap_or(u32::MAX),
            );
            put(&mut sheet, &mut budget, limits, row, column, shown(value))?;
        }
        add(document, &name, &sheet);
    }
    Ok(())
}

fn damaged(error: &impl std::fmt::Display) -> ParseError {
    let text = error.to_string();
    if text.to_lowercase().contains("password") {
        return ParseError::PasswordRequired { given: false };
    }
    ParseError::damaged(text)
}

fn unreadable(sheet: &str, error: &impl std::fmt::Display) -> Warning {
    Warning {
        code: "sheet_unreadable".to_owned(),
        page: None,
        message: format!("The sheet “{sheet}” could not be read to its end: {error}"),
    }
}

fn put(
    sheet: &mut Sheet,
    budget: &mut u64,
    limits: &ParseLimits,
    row: u32,
    column: u32,
    text: String,
) -> Result<(), ParseError> {
    if text.trim().is_empty() {
        return Ok(());
    }
    // What a cell takes beside its text counts too.
    *budget = budget
        .checked_sub(text.len() as u64 + 32)
        .ok_or_else(|| ParseError::too_large(limits.content_bytes))?;
    sheet.entry(row).or_default().insert(column, text);
    Ok(())
}

/// A sheet as a heading with its tables: rows that follow one another are one table.
fn add(document: &mut RawDocument, name: &str, sheet: &Sheet) {
    if sheet.is_empty() {
        return;
    }
    document
        .blocks
        .push(RawBlock::new(BlockKind::Heading { level: 2 }, name));
    let mut rows: Vec<&BTreeMap<u32, String>> = Vec::new();
    let mut before = None;
    for (&number, row) in sheet {
        if before.is_some_and(|before: u32| number > before + 1) {
            document.blocks.extend(table(&std::mem::take(&mut rows)));
        }
        rows.push(row);
        before = Some(number);
    }
    document.blocks.extend(table(&rows));
}

/// Consecutive rows as a table. Only columns that are used are columns.
fn table(rows: &[&BTreeMap<u32, String>]) -> Vec<RawBlock> {
    let mut columns: Vec<u32> = rows.iter().flat_map(|row| row.keys().copied()).collect();
    columns.sort_unstable();
    columns.dedup();
    // One row alone is a line of text, a title above a table for instance.
    if let [row] = rows {
        let cells: Vec<&str> = row.values().map(|cell| cell.trim()).collect();
        return vec![RawBlock::new(BlockKind::Paragraph, cells.join(" "))];
    }
    let mut table = Table::default();
    for row in rows {
        for column in &columns {
            table.cell(row.get(column).map_or("", String::as_str));
        }
        table.end_row();
    }
    table.into_blocks()
}

fn shown(value: &Data) -> String {
    match value {
        Data::Int(value) => value.to_string(),
        Data::Float(value) => number(*value),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => truth(*value),
        Data::DateTime(time) => moment(*time),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

fn shown_ref(value: &DataRef<'_>) -> String {
    match value {
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::Bool(value) => truth(*value),
        DataRef::DateTime(time) => moment(*time),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn truth(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

/// A number without the noise of binary fractions: Excel itself shows at most 15 digits.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// A date, a time of day or both, as ISO 8601 writes them; a duration in hours.
fn moment(time: ExcelDateTime) -> String {
    let days = time.as_f64();
    if time.is_duration() {
        let seconds = (days * 86_400.0).round().max(0.0) as u64;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        return format!("{hours}:{minutes:02}:{:02}", seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let clock = if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    };
    if days < 1.0 {
        clock
    } else if days.fract() < 1e-6 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {clock}")
    }
}

#[cfg(test)]
mod tests;
