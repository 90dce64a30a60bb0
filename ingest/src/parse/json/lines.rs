//! JSON Lines: one value on each line, read line by line so that a broken one costs only itself.

use super::numbers::parse;
use super::render;
use crate::parse::csv::records::Output;
use crate::{ParseError, Warning};

/// Lines that are rendered together; each group chooses its own form.
const GROUP: usize = 1000;
/// Broken lines that are named one by one.
const NAMED: usize = 20;
/// Lines that are looked at to tell JSON Lines from a broken document.
const SAMPLE: usize = 50;

/// Whether most of the first lines are objects or lists by themselves.
pub(super) fn are_values(text: &str) -> bool {
    let (mut whole, mut total) = (0, 0);
    for line in filled(text).take(SAMPLE) {
        total += 1;
        whole += usize::from(line.1.starts_with(['{', '[']) && parse(line.1).is_ok());
    }
    whole > 0 && whole * 2 >= total
}

/// Writes all lines; those that cannot be read are named in warnings.
pub(super) fn read(text: &str, output: &mut Output) -> Result<Vec<Warning>, ParseError> {
    let mut warnings = Vec::new();
    let mut broken = 0;
    let mut group = Vec::new();
    for (number, line) in filled(text) {
        match parse(line) {
            Ok(value) => group.push(value),
            Err(error) => {
                broken += 1;
                if broken <= NAMED {
                    warnings.push(unreadable(format!("line {number} is no JSON: {error}")));
                }
            }
        }
        if group.len() >= GROUP {
            render::list(&std::mem::take(&mut group), "", output)?;
        }
    }
    render::list(&group, "", output)?;
    if broken > NAMED {
        let more = broken - NAMED;
        warnings.push(unreadable(format!("{more} more lines are no JSON")));
    }
    Ok(warnings)
}

fn unreadable(message: String) -> Warning {
    Warning {
        code: "line_unreadable".to_owned(),
        page: None,
        message,
    }
}

/// Lines with something on them and their numbers, from 1.
fn filled(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
}
