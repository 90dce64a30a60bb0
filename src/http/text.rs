//! Small words for people: sizes, and file names as they are sent back.

use std::fmt::Write as _;

/// A size as people read it, in binary units.
pub(crate) fn bytes_for_people(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(value.fract() > 0.05);
    format!("{value:.digits$} {}", UNITS[unit])
}

/// `Content-Disposition` for a file sent back: an ASCII name for old clients, the true one beside it.
pub(crate) fn disposition(inline: bool, name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    let ascii: String = last
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || " ._-()".contains(letter) {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let mut value = format!(
        "{}; filename=\"{ascii}\"; filename*=UTF-8''",
        if inline { "inline" } else { "attachment" }
    );
    for byte in last.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_sent_back_cannot_break_its_header() {
        let header = disposition(false, "资料/a\"b\r\n.pdf");
        assert_eq!(
            header,
            "attachment; filename=\"a_b__.pdf\"; filename*=UTF-8''a%22b%0D%0A.pdf"
        );
        assert!(
            disposition(true, "年.pdf")
                .starts_with("inline; filename=\"_.pdf\"; filename*=UTF-8''%E5%B9%B4")
        );
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(bytes_for_people(512), "512 B");
        assert_eq!(bytes_for_people(1 << 30), "1 GiB");
        assert_eq!(bytes_for_people(1_600_000), "1.5 MiB");
    }
}
