//! JSON values as passages: records as rows, objects as lines of `key: value` under the path of their keys.

use std::collections::HashMap;

use super::value::{Value, join, plain_list};
use crate::parse::csv::records::{Form, Measure, Output, Writer, line};
use crate::{BlockKind, ParseError};

/// Characters of a text that stands as a paragraph of its own.
const LONG: usize = 200;
/// Bytes of an element that stands in one paragraph with others.
const SHORT: usize = 60;
/// Bytes of such a paragraph after which another begins.
const MOST_SHORT: usize = 600;
/// Values of an inner object that is told with the one around it.
const FEW: usize = 8;
/// Columns beyond which records are not laid over one another.
const MOST_COLUMNS: usize = 64;

type Record = Vec<(String, String)>;

/// Writes a whole value. Without a title of its own it gets no headings, since the first one would be taken for it.
pub(super) fn value(root: &Value, titled: bool, output: &mut Output) -> Result<(), ParseError> {
    match root {
        Value::Text(text) => output.push(BlockKind::Paragraph, text.clone()),
        Value::List(elements) => list(elements, "", output),
        Value::Map(members) => object(members, "", titled.then_some(1), output),
    }
}

/// Writes the elements of a list: as plain text where no objects are among them, else as records.
pub(super) fn list(elements: &[Value], path: &str, output: &mut Output) -> Result<(), ParseError> {
    if plain_list(elements).is_some() {
        return plain_elements(elements, output);
    }
    let name = path.rsplit(" › ").next().unwrap_or_default();
    let records: Vec<Record> = elements
        .iter()
        .map(|element| {
            let mut leaves = Vec::new();
            let inner = if matches!(element, Value::Map(_)) {
                ""
            } else {
                name
            };
            element.leaves(inner, &mut leaves);
            leaves
        })
        .collect();
    table(&records, output)
        .unwrap_or_else(|| records.iter().try_for_each(|one| record(one, output)))
}

/// The records as a table; `None` where they are too wide or too unlike one another for one.
fn table(records: &[Record], output: &mut Output) -> Option<Result<(), ParseError>> {
    let mut columns: HashMap<&str, usize> = HashMap::new();
    let mut header: Vec<String> = Vec::new();
    for (key, _) in records.iter().flatten() {
        if !columns.contains_key(key.as_str()) {
            columns.insert(key, header.len());
            header.push(key.clone());
        }
        if header.len() > MOST_COLUMNS {
            return None;
        }
    }
    let row = |record: &Record| {
        let mut cells = vec![String::new(); header.len()];
        for (key, value) in record {
            if let Some(&column) = columns.get(key.as_str()) {
                if !cells[column].is_empty() {
                    cells[column].push_str("; ");
                }
                cells[column].push_str(value);
            }
        }
        cells
    };
    let mut measure = Measure::default();
    measure.row(header.iter().map(String::as_str));
    for record in records {
        if record.iter().any(|(_, value)| value.contains('\n')) {
            return None;
        }
        measure.row(row(record).iter().map(String::as_str));
    }
    if !measure.is_narrow() || records.len() < 2 {
        return None;
    }
    let mut writer = Writer::new(header.clone(), true, Form::Bars);
    let written = records
        .iter()
        .try_for_each(|record| writer.row(&row(record), output));
    Some(written.and_then(|()| writer.finish(output)))
}

/// Writes elements without objects: short ones many to a paragraph, sentences and longer texts by themselves.
fn plain_elements(elements: &[Value], output: &mut Output) -> Result<(), ParseError> {
    let mut line = String::new();
    for text in elements.iter().filter_map(plain) {
        let short = text.len() <= SHORT;
        if !short || line.len() > MOST_SHORT {
            flush(&mut line, output)?;
        }
        if !short {
            output.push(BlockKind::Paragraph, text)?;
            continue;
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(&text);
    }
    flush(&mut line, output)
}

fn flush(line: &mut String, output: &mut Output) -> Result<(), ParseError> {
    if line.is_empty() {
        return Ok(());
    }
    output.push(BlockKind::Paragraph, std::mem::take(line))
}

/// The text of an element that holds no object.
fn plain(element: &Value) -> Option<String> {
    match element {
        Value::Text(text) => Some(text.clone()),
        Value::List(inner) => plain_list(inner),
        Value::Map(_) => None,
    }
}

/// Writes one record: its values in a paragraph, long texts whole after it.
pub(super) fn record(record: &Record, output: &mut Output) -> Result<(), ParseError> {
    let mut lines = Lines::default();
    for (key, text) in record {
        lines.add(key, text, output)?;
    }
    lines.flush(output)
}

/// Lines of `key: value` that become a paragraph.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, key: &str, text: &str, output: &mut Output) -> Result<(), ParseError> {
        let line = line(key, text);
        if text.contains('\n') || text.chars().nth(LONG).is_some() {
            self.flush(output)?;
            return output.push(BlockKind::Paragraph, line);
        }
        self.0.push(line);
        Ok(())
    }

    fn flush(&mut self, output: &mut Output) -> Result<(), ParseError> {
        let lines = std::mem::take(&mut self.0);
        if lines.is_empty() {
            return Ok(());
        }
        output.push(BlockKind::Paragraph, lines.join("\n"))
    }
}

/// Writes an object; large inner objects and lists of records come under a heading with their path.
fn object(
    members: &[(String, Value)],
    path: &str,
    level: Option<u8>,
    output: &mut Output,
) -> Result<(), ParseError> {
    let mut lines = Lines::default();
    for (key, value) in members {
        if is_large(value) {
            continue;
        }
        let mut leaves = Vec::new();
        value.leaves(key, &mut leaves);
        for (key, text) in leaves {
            lines.add(&key, &text, output)?;
        }
    }
    lines.flush(output)?;
    // What has a heading comes last: all that followed would seem to belong to it.
    for (key, value) in members.iter().filter(|(_, value)| is_large(value)) {
        let path = join(path, key);
        let kind = level.map_or(BlockKind::Paragraph, |level| BlockKind::Heading { level });
        output.push(kind, path.clone())?;
        match value {
            Value::Map(inner) => {
                object(inner, &path, level.map(|level| (level + 1).min(6)), output)?;
            }
            Value::List(elements) => list(elements, &path, output)?,
            Value::Text(_) => {}
        }
    }
    Ok(())
}

/// Whether a value is told under a heading of its own.
fn is_large(value: &Value) -> bool {
    match value {
        Value::Text(_) => false,
        Value::List(elements) => plain_list(elements).is_none() || elements.len() > FEW * 4,
        Value::Map(members) => {
            members.len() > FEW
                || members
                    .iter()
                    .any(|(_, value)| !matches!(value, Value::Text(_)))
        }
    }
}
