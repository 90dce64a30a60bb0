//! Turns bytes of an unknown encoding into text, with Chinese encodings first among the guesses.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use crate::{ParseError, Warning};

/// What the detector is given at most; more does not change its mind.
const SAMPLE: usize = 1 << 20;

/// Decoded text and how it was understood.
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// Name of the encoding.
    pub encoding: &'static str,
    /// `undecodable_bytes` when some bytes made no sense.
    pub warning: Option<Warning>,
}

/// Decodes a whole text file. `html` also looks for a declared encoding; bytes that contradict it win.
///
/// # Errors
/// [`ParseError::UnsupportedKind`] for bytes that are no text.
pub fn decode(bytes: &[u8], html: bool) -> Result<Decoded, ParseError> {
    let encoding = encoding_of(bytes, html).ok_or_else(binary)?;
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    judged(text.into_owned(), encoding)
}

/// The encoding of a text file.
///
/// # Errors
/// [`ParseError::UnsupportedKind`] for bytes that are no text.
pub(crate) fn encoding_of_text(bytes: &[u8]) -> Result<&'static Encoding, ParseError> {
    encoding_of(bytes, false).ok_or_else(binary)
}

fn binary() -> ParseError {
    ParseError::unsupported("a binary file")
}

/// Text that is not mostly damage, with a warning where some of it is.
fn judged(text: String, encoding: &'static Encoding) -> Result<Decoded, ParseError> {
    let bad = text.matches('\u{fffd}').count();
    let characters = if bad > 0 { text.chars().count() } else { 0 };
    let warning = judge(bad, characters, encoding)?;
    Ok(Decoded {
        text,
        encoding: encoding.name(),
        warning,
    })
}

/// What is to be said of a text with so many bad places among its characters.
///
/// # Errors
/// [`ParseError::UnsupportedKind`] if it is mostly damage.
pub(crate) fn judge(
    bad: usize,
    characters: usize,
    encoding: &'static Encoding,
) -> Result<Option<Warning>, ParseError> {
    if bad > 16 && bad * 10 > characters {
        return Err(binary());
    }
    Ok((bad > 0).then(|| Warning {
        code: "undecodable_bytes".to_owned(),
        page: None,
        message: format!("{bad} places could not be decoded as {}", encoding.name()),
    }))
}

/// The beginning of a text, or `None` for bytes that are no text. The last character may be cut.
pub(crate) fn preview(head: &[u8]) -> Option<String> {
    let encoding = encoding_of(head, false)?;
    let (text, _) = encoding.decode_with_bom_removal(head);
    let bad = text
        .chars()
        .filter(|&character| character == '\u{fffd}' || is_binary_control(character))
        .count();
    (bad <= 2 || bad * 10 <= text.chars().count()).then(|| text.into_owned())
}

fn encoding_of(bytes: &[u8], html: bool) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return Some(encoding);
    }
    if is_utf8(bytes) || is_mostly_utf8(bytes) {
        return control_bytes_are_few(bytes).then_some(UTF_8);
    }
    if !control_bytes_are_few(bytes) {
        return None;
    }
    let guessed = guess(bytes);
    let Some(declared) = declared(bytes).filter(|&declared| html && fits(bytes, declared)) else {
        return Some(guessed);
    };
    // Short texts fit several encodings by accident; the detector is sure only of longer ones.
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let high = sample.iter().filter(|byte| !byte.is_ascii()).count();
    let contradicted =
        guessed != declared && is_east_asian(guessed) && damage(sample, guessed) == 0;
    Some(if contradicted && high >= 40 {
        guessed
    } else {
        declared
    })
}

/// Valid UTF-8, but for a character cut at the end.
fn is_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    }
}

/// UTF-8 with some damage: logs that were cut and put together, a byte from elsewhere. Text in another encoding is malformed
/// at nearly every letter that is not ASCII.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|one| !one.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad * 4 <= good
}

/// UTF-16 shows itself by zero bytes on one side of Latin characters, or by Han or line ends that only it explains.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    if sample.len() < 4 || !sample.contains(&0) {
        return None;
    }
    let score = |encoding: &'static Encoding| {
        let (text, malformed) = encoding.decode_without_bom_handling(sample);
        let total = text.chars().count().max(1);
        let good = text
            .chars()
            .filter(|&character| is_common(character))
            .count();
        if malformed && text.matches('\u{fffd}').count() > 1 {
            0.0
        } else {
            good as f64 / total as f64
        }
    };
    let (little, big) = (score(UTF_16LE), score(UTF_16BE));
    let best = little.max(big);
    (best > 0.9).then_some(if little >= big { UTF_16LE } else { UTF_16BE })
}

/// Characters that ordinary texts are made of.
fn is_common(character: char) -> bool {
    matches!(character,
        '\t' | '\r' | '\n' | ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{370}'..='\u{5ff}'
        | '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ffef}')
}

fn is_binary_control(character: char) -> bool {
    character < ' '
        && !matches!(
            character,
            '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' | '\u{1a}' | '\u{8}'
        )
}

fn control_bytes_are_few(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let control = sample
        .iter()
        .filter(|&&byte| is_binary_control(char::from(byte)))
        .count();
    control * 200 <= sample.len() || control <= 1 && sample.len() > 64
}

/// The encoding that an HTML page or an XML declaration names in its first kilobytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head: String = bytes
        .iter()
        .take(4096)
        .map(|&byte| char::from(byte).to_ascii_lowercase())
        .collect();
    for key in ["charset", "encoding"] {
        for (at, _) in head.match_indices(key) {
            let value = head[at + key.len()..].trim_start();
            let Some(value) = value.strip_prefix('=') else {
                continue;
            };
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let label: String = value
                .chars()
                .take_while(|&c| c.is_ascii_alphanumeric() || "-_:.".contains(c))
                .collect();
            if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
                return Some(widen(encoding));
            }
        }
    }
    None
}

/// GB18030 holds all of GBK and GB2312 and the four-byte characters besides.
fn widen(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == encoding_rs::GBK {
        GB18030
    } else {
        encoding
    }
}

/// Whether `bytes` decode without damage.
fn fits(bytes: &[u8], encoding: &'static Encoding) -> bool {
    encoding != UTF_8
        && encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .is_some()
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, true);
    let guessed = widen(detector.guess(None, Utf8Detection::Deny));
    if is_east_asian(guessed) && damage(sample, guessed) == 0 {
        return guessed;
    }
    // The detector does not know four-byte GB18030 and then takes the whole text for something else.
    if has_four_byte_gb18030(sample) && damage(sample, GB18030) == 0 && reads_as_chinese(sample) {
        return GB18030;
    }
    guessed
}

/// Encodings whose detection is good evidence, since few byte sequences fit them.
fn is_east_asian(encoding: &'static Encoding) -> bool {
    let japanese = [SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::ISO_2022_JP];
    [GB18030, BIG5, EUC_KR].contains(&encoding) || japanese.contains(&encoding)
}

fn damage(sample: &[u8], encoding: &'static Encoding) -> usize {
    let (text, _) = encoding.decode_without_bom_handling(sample);
    let bad = text.matches('\u{fffd}').count();
    // A sample may end inside a character.
    if text.ends_with('\u{fffd}') {
        bad - 1
    } else {
        bad
    }
}

fn has_four_byte_gb18030(sample: &[u8]) -> bool {
    sample
        .windows(4)
        .any(|four| matches!(four, [0x81..=0xfe, b'0'..=b'9', 0x81..=0xfe, b'0'..=b'9']))
}

/// Whether the GB18030 reading is mostly of the common Han characters.
fn reads_as_chinese(sample: &[u8]) -> bool {
    let (text, _) = GB18030.decode_without_bom_handling(sample);
    let (mut common, mut high) = (0_usize, 0_usize);
    for character in text.chars().filter(|character| !character.is_ascii()) {
        high += 1;
        // Level 1 of GB 2312 is all between these two.
        common += usize::from(is_common(character));
    }
    high > 0 && common * 10 >= high * 9
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIMPLIFIED: &str =
        "职工累计工作已满1年不满10年的，年休假5天；已满10年不满20年的，年休假10天。";
    const TRADITIONAL: &str =
        "在歐洲，梵語的學術研究，由德國學者陸特和漢斯雷頓開創。後來威廉瓊斯發現印歐語系。";

    fn read(bytes: &[u8]) -> String {
        decode(bytes, false).expect("is text").text
    }

    #[test]
    fn chinese_encodings_are_told_apart() {
        for (encoding, text) in [(GB18030, SIMPLIFIED), (BIG5, TRADITIONAL)] {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(read(&bytes), text, "{}", encoding.name());
        }
    }

    #[test]
    fn four_byte_gb18030_is_read() {
        let text = format!("{SIMPLIFIED}\r\n𠮷野家 㑇 䶮");
        let (bytes, _, _) = GB18030.encode(&text);
        assert_eq!(read(&bytes), text);
    }

    #[test]
    fn utf16_is_read_with_and_without_its_mark() {
        for mark in [true, false] {
            for little in [true, false] {
                let text = format!("Leave rules\n{SIMPLIFIED}");
                let units = mark
                    .then_some(0xfeff)
                    .into_iter()
                    .chain(text.encode_utf16());
                let bytes: Vec<u8> = units
                    .flat_map(|unit| {
                        if little {
                            unit.to_le_bytes()
                        } else {
                            unit.to_be_bytes()
                        }
                    })
                    .collect();
                assert_eq!(read(&bytes), text, "mark {mark} little {little}");
            }
        }
    }

    #[test]
    fn bytes_win_over_a_lying_declaration() {
        let page =
            format!("<html><head><meta charset=\"big5\"></head><body>{SIMPLIFIED}</body></html>");
        assert!(
            decode(page.as_bytes(), true)
                .expect("is text")
                .text
                .contains("年休假5天")
        );
        let (bytes, _, _) = GB18030.encode(&page);
        assert!(
            decode(&bytes, true)
                .expect("is text")
                .text
                .contains("年休假")
        );
    }

    #[test]
    fn utf8_with_some_damage_stays_utf8_and_the_damage_is_told() {
        let lines = format!("{SIMPLIFIED}\n").repeat(50);
        for damage in [&b"\x80"[..], b"\xe8\xbf", b"caf\xe9"] {
            let bytes = [lines.as_bytes(), damage, b"\n", lines.as_bytes()].concat();
            let decoded = decode(&bytes, false).expect("is text");
            assert!(decoded.text.starts_with(SIMPLIFIED) && decoded.text.contains('\u{fffd}'));
            assert_eq!(
                decoded.warning.expect("a warning").code,
                "undecodable_bytes"
            );
        }
    }

    #[test]
    fn noise_is_no_text() {
        let noise: Vec<u8> = (0..4096_u32)
            .map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        assert!(decode(&noise, false).is_err());
    }

    proptest! {
        #[test]
        fn utf8_comes_back_unchanged(text in "[ -~\u{4e00}-\u{9fff}\u{20000}-\u{2a6d0}]{1,200}") {
            prop_assert_eq!(read(text.as_bytes()), text);
        }

        #[test]
        fn any_bytes_are_decoded_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = decode(&bytes, true);
        }
    }
}
