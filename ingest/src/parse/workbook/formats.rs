//! Numbers as a spreadsheet shows them: with currency, percent sign, leading zeros and as many places as their cell's format says.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::Style;
use ssfmt::{FormatOptions, NumberFormat};

/// Longest format code that is heeded, in bytes; people's are a tenth of that.
const LONGEST_CODE: usize = 512;

/// The formats of a workbook's styles, read once each.
#[derive(Default)]
pub(super) struct Formats(HashMap<usize, Option<NumberFormat>>);

impl Formats {
    /// What the cell shows; `None` where its format says nothing about numbers, or makes nothing of this one.
    pub(super) fn show(&mut self, value: f64, style: usize, styles: &[Style]) -> Option<String> {
        let format = self
            .0
            .entry(style)
            .or_insert_with(|| parse(styles.get(style)?));
        let format = format.as_ref()?;
        let options = FormatOptions::default();
        // The formats are the file's, and the library is young.
        let shown = catch_unwind(AssertUnwindSafe(|| format.format(value, &options))).ok()?;
        // Formats leave room for signs and align by blanks.
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        shown.contains(char::is_alphanumeric).then_some(shown)
    }
}

fn parse(style: &Style) -> Option<NumberFormat> {
    let code = style.number_format.as_ref()?.format_code.as_str();
    let numbers = code.contains(['0', '#', '?']) && code.len() <= LONGEST_CODE;
    if !numbers {
        return None;
    }
    catch_unwind(|| NumberFormat::parse(code).ok())
        .ok()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: f64, code: &str) -> Option<String> {
        let format = NumberFormat::parse(code).expect("a format");
        let mut formats = Formats(HashMap::from([(7, Some(format))]));
        formats.show(value, 7, &[])
    }

    #[test]
    fn numbers_are_shown_as_their_formats_say() {
        for (value, code, wanted) in [
            (0.13, "0.0%", "13.0%"),
            (1234.5, "\"¥\"#,##0.00", "¥1,234.50"),
            (1234.5, "[$¥-804]#,##0.00", "¥1,234.50"),
            (7.0, "00000", "00007"),
            (-1234.0, "_($* #,##0_);_($* (#,##0)", "$(1,234)"),
            (12.0, "0\"元\"", "12元"),
            (5.5, "# ?/?", "5 1/2"),
        ] {
            assert_eq!(shown(value, code).as_deref(), Some(wanted), "{code}");
        }
    }

    #[test]
    fn what_a_format_hides_is_left_to_be_shown_plainly() {
        assert_eq!(shown(0.0, "#,##0;-#,##0;\"-\""), None);
    }
}
