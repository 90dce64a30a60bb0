//! Jupyter notebooks (nbformat 4): prose, code, and the text that the code printed.

use super::value::Value;
use crate::clean::{RawBlock, RawDocument};
use crate::parse::csv::records::Output;
use crate::parse::markdown;
use crate::{BlockKind, Kind, ParseError, Warning};

/// Characters of a cell's output; more is a log that nobody asks about.
const OUTPUT: usize = 2000;

/// Whether this is a notebook.
pub(super) fn is_notebook(root: &Value) -> bool {
    root.get("nbformat").is_some()
        && root
            .get("cells")
            .is_some_and(|cells| !cells.elements().is_empty())
}

/// Reads the cells in order.
pub(super) fn read(root: &Value, mut output: Output) -> Result<RawDocument, ParseError> {
    let mut warnings = Vec::new();
    let cells = root.get("cells").map(Value::elements).unwrap_or_default();
    for (index, cell) in cells.iter().enumerate() {
        let source = cell.get("source").and_then(Value::text).unwrap_or_default();
        if !source.trim().is_empty() {
            let kind = cell.get("cell_type").and_then(Value::text);
            match kind.as_deref() {
                Some("markdown") => prose(source, &mut output)?,
                Some("code") => output.push(BlockKind::Code, source)?,
                _ => output.push(BlockKind::Paragraph, source)?,
            }
        }
        for result in cell.get("outputs").map(Value::elements).unwrap_or_default() {
            let cut = printed(result, &mut output)?;
            if cut > 0 {
                warnings.push(Warning {
                    code: "output_shortened".to_owned(),
                    page: None,
                    message: format!(
                        "the output of cell {} was shortened by {cut} characters",
                        index + 1
                    ),
                });
            }
        }
    }
    Ok(RawDocument {
        title: root
            .get("metadata")
            .and_then(|metadata| metadata.get("title"))
            .and_then(Value::text),
        warnings,
        ..RawDocument::new(Kind::Json, output.blocks)
    })
}

fn prose(source: String, output: &mut Output) -> Result<(), ParseError> {
    match markdown::read(source.as_bytes()) {
        Ok(document) => document
            .blocks
            .into_iter()
            .try_for_each(|RawBlock { kind, text, .. }| output.push(kind, text)),
        Err(_) => output.push(BlockKind::Paragraph, source),
    }
}

/// Writes the text of an output and returns how many characters were cut off.
fn printed(result: &Value, output: &mut Output) -> Result<usize, ParseError> {
    let data = |kind: &str| result.get("data").and_then(|data| data.get(kind));
    let text = result
        .get("text")
        .or_else(|| data("text/markdown"))
        .or_else(|| data("text/plain"))
        .and_then(Value::text)
        .or_else(|| {
            let name = result.get("ename").and_then(Value::text)?;
            let detail = result.get("evalue").and_then(Value::text)?;
            Some(format!("{name}: {detail}"))
        })
        .unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(0);
    }
    let length = text.chars().count();
    let kept: String = text.chars().take(OUTPUT).collect();
    output.push(BlockKind::Code, kept)?;
    Ok(length.saturating_sub(OUTPUT))
}
