//! JSON (RFC 8259), JSON Lines, and Jupyter notebooks.

mod lines;
mod notebook;
mod numbers;
mod render;
#[cfg(test)]
mod tests;
mod value;

use self::value::Value;
use super::csv::records::Output;
use crate::clean::RawDocument;
use crate::decode::decode;
use crate::{Kind, ParseError, ParseLimits, Warning};

/// Keys that name a document, at its top level.
const TITLES: [&str; 5] = ["title", "Title", "标题", "標題", "名称"];
/// Characters of a title.
const TITLE: usize = 200;

pub(super) fn read(bytes: &[u8], limits: &ParseLimits) -> Result<RawDocument, ParseError> {
    let decoded = decode(bytes, false)?;
    let mut output = Output::new(limits.content_bytes);
    let mut warnings: Vec<Warning> = decoded.warning.into_iter().collect();
    let text = decoded.text.trim();
    let mut document = match numbers::parse(text) {
        Ok(root) if notebook::is_notebook(&root) => notebook::read(&root, output)?,
        Ok(root) => {
            let title = title(&root);
            render::value(&root, title.is_some(), &mut output)?;
            RawDocument {
                title,
                ..RawDocument::new(Kind::Json, output.blocks)
            }
        }
        Err(_) if lines::are_values(text) => {
            // Line numbers are those of the file.
            warnings.extend(lines::read(&decoded.text, &mut output)?);
            RawDocument::new(Kind::Json, output.blocks)
        }
        Err(error) if error.to_string().contains("recursion limit") => {
            return Err(ParseError::damaged(
                "its JSON values lie in one another more than 127 deep",
            ));
        }
        Err(error) => {
            warnings.push(Warning {
                code: "json_invalid".to_owned(),
                page: None,
                message: format!("it is no valid JSON ({error}) and was read as plain text"),
            });
            super::text::read(decoded.text.as_bytes())?
        }
    };
    warnings.append(&mut document.warnings);
    Ok(RawDocument {
        warnings,
        ..document
    })
}

fn title(root: &Value) -> Option<String> {
    TITLES.iter().find_map(|key| match root.get(key)? {
        Value::Text(text) if text.chars().count() <= TITLE => Some(text.clone()),
        Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    })
}

/// Whether the beginning of a text is of this format; the name may help to decide.
pub(crate) fn looks_like(text: &str, name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let extension = file
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some(
            "json" | "jsonl" | "ndjson" | "geojson" | "topojson" | "ipynb" | "jsonld" | "har"
            | "webmanifest",
        ) => true,
        None | Some("txt" | "dat" | "data" | "log") => begins_object(text),
        Some(_) => false,
    }
}

/// Whether an object with a quoted key begins the text, alone or as the first of a list.
fn begins_object(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = text.strip_prefix('[').map_or(text, str::trim_start);
    let Some(rest) = text.strip_prefix('{') else {
        return false;
    };
    let Some(rest) = rest.trim_start().strip_prefix('"') else {
        return false;
    };
    rest.split_once('"')
        .is_some_and(|(key, rest)| key.chars().count() <= 100 && rest.trim_start().starts_with(':'))
}
