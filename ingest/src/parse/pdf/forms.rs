//! What a page shows beside its drawing: values of form fields, and people's comments.

use pdf_extract::{Dictionary, Document, Object, ObjectId};

use super::frame::{Turn, inherited, rectangle, resolved};
use super::sketch::{Segment, Sketch};

/// Annotations looked at on one page.
const MOST: usize = 2_000;
/// Longest text of one, in bytes.
const LONGEST: usize = 64 << 10;
/// How deep fields lie in one another.
const DEEPEST: usize = 16;

/// Bits of an annotation's `F` entry: hidden, or not for the screen.
const HIDDEN: i64 = (1 << 1) | (1 << 5);

/// Bits of a field's `Ff` entry.
const MULTILINE: i64 = 1 << 12;
const PASSWORD: i64 = 1 << 13;
const PUSH_BUTTON: i64 = 1 << 16;

/// Adds the field values and comments of a page to its sketch, at most `budget` bytes.
pub(super) fn add(document: &Document, page: ObjectId, sketch: &mut Sketch, budget: usize) {
    let annotations =
        inherited(document, page, b"Annots").and_then(|object| object.as_array().ok());
    let mut used = 0;
    for annotation in annotations.into_iter().flatten().take(MOST) {
        let Some(dictionary) =
            resolved(document, annotation).and_then(|object| object.as_dict().ok())
        else {
            continue;
        };
        let flags = number(document, dictionary, b"F").unwrap_or(0);
        if flags & HIDDEN != 0 {
            continue;
        }
        let kind = dictionary
            .get(b"Subtype")
            .and_then(Object::as_name)
            .unwrap_or_default();
        let (text, placed) = match kind {
            b"Widget" => (value(document, dictionary), true),
            b"FreeText" => (contents(document, dictionary), true),
            b"Text" | b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut" | b"Caret"
            | b"Square" | b"Circle" => (contents(document, dictionary), false),
            _ => continue,
        };
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        used += text.len();
        if used > budget {
            break;
        }
        let place = rectangle_of(document, dictionary).filter(|_| placed);
        match place {
            Some(place) => put(sketch, &text, place),
            None => sketch.notes.push(text),
        }
    }
}

/// Writes a text into a rectangle of the page, line by line.
fn put(sketch: &mut Sketch, text: &str, [x0, y0, x1, y1]: [f64; 4]) {
    let (one, two) = (sketch.frame.point(x0, y0), sketch.frame.point(x1, y1));
    let (left, right) = (one.0.min(two.0), one.0.max(two.0));
    let (top, bottom) = (one.1.min(two.1), one.1.max(two.1));
    let lines: Vec<&str> = text
        .split(['\r', '\n'])
        .filter(|line| !line.trim().is_empty())
        .collect();
    let step = ((bottom - top) / lines.len().max(1) as f32).clamp(4.0, 14.0);
    let size = (step * 0.75).clamp(4.0, 10.0);
    let first = if lines.len() == 1 {
        f32::midpoint(top, bottom) + size * 0.35
    } else {
        top + step * 0.8
    };
    for (row, line) in lines.iter().enumerate() {
        let wide = line.chars().count() as f32 * size * 0.5;
        sketch.segments.push(Segment {
            text: line.trim().to_owned(),
            left,
            right: (left + wide).min(right).max(left + 1.0),
            baseline: first + row as f32 * step,
            size,
            turn: Turn::Right,
            order: sketch.segments.len() as u32,
            grid: None,
        });
    }
}

/// What a field holds.
fn value(document: &Document, widget: &Dictionary) -> Option<String> {
    let kind = field(document, widget, b"FT")?.as_name().ok()?;
    let flags = field(document, widget, b"Ff")
        .and_then(|object| object.as_i64().ok())
        .unwrap_or(0);
    match kind {
        b"Tx" if flags & PASSWORD == 0 => {
            let text = string(document, field(document, widget, b"V")?)?;
            Some(if flags & MULTILINE == 0 {
                text.replace(['\r', '\n'], " ")
            } else {
                text
            })
        }
        b"Ch" => {
            let value = field(document, widget, b"V")?;
            if let Ok(values) = value.as_array() {
                let texts: Vec<String> = values
                    .iter()
                    .take(64)
                    .filter_map(|value| string(document, value))
                    .collect();
                return Some(texts.join(", "));
            }
            string(document, value)
        }
        b"Btn" if flags & PUSH_BUTTON != 0 => {
            let look = resolved(document, widget.get(b"MK").ok()?)?
                .as_dict()
                .ok()?;
            string(document, look.get(b"CA").ok()?)
        }
        b"Btn" => {
            let state = widget.get(b"AS").and_then(Object::as_name).ok()?;
            Some(if state == b"Off" { "☐" } else { "☑" }.to_owned())
        }
        _ => None,
    }
}

/// An entry of a field, or of the field that it is part of.
fn field<'a>(document: &'a Document, widget: &'a Dictionary, name: &[u8]) -> Option<&'a Object> {
    let mut dictionary = widget;
    for _ in 0..DEEPEST {
        if let Ok(object) = dictionary.get(name) {
            return resolved(document, object);
        }
        dictionary = resolved(document, dictionary.get(b"Parent").ok()?)?
            .as_dict()
            .ok()?;
    }
    None
}

fn contents(document: &Document, annotation: &Dictionary) -> Option<String> {
    string(document, annotation.get(b"Contents").ok()?)
}

fn number(document: &Document, dictionary: &Dictionary, name: &[u8]) -> Option<i64> {
    resolved(document, dictionary.get(name).ok()?)?
        .as_i64()
        .ok()
}

fn rectangle_of(document: &Document, annotation: &Dictionary) -> Option<[f64; 4]> {
    rectangle(document, annotation.get(b"Rect").ok()?)
}

/// A string of the file as text; `None` for what is none or too long.
fn string(document: &Document, object: &Object) -> Option<String> {
    let object = resolved(document, object)?;
    let bytes = match object.as_stream() {
        Ok(stream) => stream.content.as_slice(),
        Err(_) => object.as_str().ok()?,
    };
    if bytes.len() > LONGEST {
        return None;
    }
    crate::decode::decode(bytes, false)
        .ok()
        .map(|decoded| decoded.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pdf::testing::sketch;

    #[test]
    fn a_value_of_several_lines_stays_in_its_rectangle() {
        let mut page = sketch(1, Vec::new());
        put(&mut page, "first\rsecond", [100.0, 700.0, 300.0, 740.0]);
        assert_eq!(page.segments.len(), 2);
        for segment in &page.segments {
            let rect = segment.rect();
            assert!(rect.left >= 100.0 && rect.right <= 300.0, "{rect:?}");
            assert!(
                rect.top >= 842.0 - 741.0 && rect.bottom <= 842.0 - 699.0,
                "{rect:?}"
            );
        }
    }
}
