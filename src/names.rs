//! File names as others send them, made fit to be shown, kept and sent back.

use unicode_normalization::UnicodeNormalization as _;

/// The file's name in a part's `Content-Disposition`, whatever the client's encoding was.
///
/// `filename*` wins over `filename`; bytes that are not UTF-8 are taken for GB18030, as Chinese Windows programs send.
/// Decoded by ourselves: multipart parsers drop or mangle such names.
#[must_use]
pub fn file_name_of(disposition: &[u8]) -> Option<String> {
    if let Some(extended) = parameter(disposition, b"filename*")
        && let Some(name) = extended_value(&extended)
    {
        return Some(name);
    }
    parameter(disposition, b"filename").map(|bytes| decode(&bytes))
}

fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    }
}

/// `UTF-8''%E6%96%87` of RFC 5987.
fn extended_value(bytes: &[u8]) -> Option<String> {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\'');
    let charset = parts.next()?.to_ascii_lowercase();
    let _language = parts.next()?;
    let raw: Vec<u8> = percent_encoding::percent_decode(parts.next()?).collect();
    match charset.as_slice() {
        b"utf-8" => String::from_utf8(raw).ok(),
        _ => Some(decode(&raw)),
    }
}

/// The value of one `name=value` parameter; quotes and backslash escapes of quotes removed.
fn parameter(disposition: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut rest = disposition;
    while let Some(semicolon) = end_of_value(rest) {
        rest = rest[semicolon + 1..].trim_ascii_start();
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        if rest[..equals].trim_ascii().eq_ignore_ascii_case(name) {
            let value = rest[equals + 1..].trim_ascii_start();
            let end = end_of_value(value).unwrap_or(value.len());
            return Some(unquote(value[..end].trim_ascii()));
        }
    }
    None
}

/// Where the `;` after this value is; those inside quotes do not count.
fn end_of_value(bytes: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            b';' if !quoted => return Some(at),
            _ => {}
        }
        escaped = *byte == b'\\' && !escaped;
    }
    None
}

fn unquote(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
    else {
        return value.to_vec();
    };
    let mut plain = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        // Browsers escape quotes only; Windows paths keep their backslashes.
        if byte == b'\\' && bytes.peek() == Some(&b'"') {
            continue;
        }
        plain.push(byte);
    }
    // WHATWG's way to write quotes and line ends.
    let text = replace(&plain, b"%22", b"\"");
    replace(&replace(&text, b"%0D", b" "), b"%0A", b" ")
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// A name that can be shown, stored and sent back: folders are kept, ways out of them are not.
///
/// `None` when nothing is left. Control characters and those that turn text around on screen are removed.
#[must_use]
pub fn safe_file_name(name: &str) -> Option<String> {
    let visible: String = name
        .nfc()
        .map(|letter| if letter == '\\' { '/' } else { letter })
        .filter(|letter| !letter.is_control() && !turns_text_around(*letter))
        .collect();
    let parts: Vec<&str> = visible
        .split('/')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "." && *part != ".." && !is_drive(part))
        .collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn is_drive(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

const fn turns_text_around(letter: char) -> bool {
    matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_through_whatever_way_they_were_sent() {
        let cases: [(&[u8], &str); 6] = [
            (b"form-data; name=\"file\"; filename=\"a;b.txt\"", "a;b.txt"),
            (
                "form-data; name=\"file\"; filename=\"年度报告.pdf\"".as_bytes(),
                "年度报告.pdf",
            ),
            (
                b"form-data; name=\"file\"; filename=\"\xc4\xea\xb1\xa8.txt\"",
                "年报.txt",
            ),
            (
                b"form-data; filename=x; filename*=UTF-8''%E5%B9%B4.md; name=file",
                "年.md",
            ),
            (
                b"form-data; name=\"file\"; filename=\"say %22hi%22.txt\"",
                "say \"hi\".txt",
            ),
            (
                b"form-data; name=\"file\"; filename=\"C:\\x\\y.txt\"",
                "C:\\x\\y.txt",
            ),
        ];
        for (disposition, name) in cases {
            assert_eq!(file_name_of(disposition).as_deref(), Some(name));
        }
        assert_eq!(file_name_of(b"form-data; name=\"file\""), None);
    }

    #[test]
    fn names_cannot_lead_out_of_their_folder_or_deceive() {
        assert_eq!(
            safe_file_name("../../etc/passwd").as_deref(),
            Some("etc/passwd")
        );
        assert_eq!(
            safe_file_name("..\\..\\C:\\boot.ini").as_deref(),
            Some("boot.ini")
        );
        assert_eq!(
            safe_file_name("C:/报告\u{0}\r\n.txt").as_deref(),
            Some("报告.txt")
        );
        assert_eq!(
            safe_file_name("invoice\u{202e}fdp.exe").as_deref(),
            Some("invoicefdp.exe")
        );
        assert_eq!(
            safe_file_name("合同🎉.docx").as_deref(),
            Some("合同🎉.docx")
        );
        assert_eq!(safe_file_name("../..\\./ "), None);
    }
}
