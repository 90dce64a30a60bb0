//! Numbers stay as they are written: order numbers of twenty digits and `0.10` are no floating-point numbers.

use std::borrow::Cow;

use super::value::Value;

/// Whole numbers of up to so many characters survive as they are.
const SAFE: usize = 18;

/// Parses a value.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&quoted(text))
}

/// The text with quotation marks around the numbers that parsing would change. What is no number (RFC 8259, section 6) stays,
/// so that it is still an error.
fn quoted(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_string(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = bytes[at..]
                    .iter()
                    .position(|byte| {
                        !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
                    })
                    .map_or(bytes.len(), |length| at + length);
                let token = &text[at..end];
                let whole = token.bytes().skip(1).all(|byte| byte.is_ascii_digit());
                if !(whole && token.len() <= SAFE) && is_number(token) {
                    out.push_str(&text[copied..at]);
                    out.extend(["\"", token, "\""]);
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The byte after a string that begins at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while let Some(byte) = bytes.get(next) {
        match byte {
            b'"' => return next + 1,
            b'\\' => next += 2,
            _ => next += 1,
        }
    }
    bytes.len()
}

fn is_number(token: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, places) = match number.split_once('.') {
        Some((whole, places)) => (whole, Some(places)),
        None => (number, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && places.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_come_out_as_they_were_written() {
        let text = r#"{"订单":20240101123456789012345,"价":0.1000,"n":-3,"e":[1e400,"a\"1.50"],"x":{"y":100000000000000000000.55}}"#;
        let mut leaves = Vec::new();
        parse(text).expect("a value").leaves("", &mut leaves);
        let values: Vec<&str> = leaves.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            [
                "20240101123456789012345",
                "0.1000",
                "-3",
                "1e400, a\"1.50",
                "100000000000000000000.55"
            ]
        );
    }

    #[test]
    fn what_is_no_number_is_still_an_error() {
        for text in [
            "01.5",
            "1.",
            "1.2.3",
            "-",
            "1e",
            "+1.0",
            "[1.5 2.5]",
            "\"a\\",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_parses_parses_all_the_same(text in "[0-9.eE+\\-\\[\\]{},:\"\\\\ a]{0,40}") {
            let plain = serde_json::from_str::<Value>(&text).is_ok();
            // Numbers beyond what a float holds are an error without the marks.
            prop_assert!(!plain || parse(&text).is_ok());
        }
    }
}
