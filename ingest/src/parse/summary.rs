//! What an old Office file says of itself: its summary, a property set ([MS-OLEPS]).

use encoding_rs::Encoding;

use super::compound::{Compound, u16_at, u32_at};
use crate::{Details, ParseError};

const STREAM: &str = "/\u{5}SummaryInformation";
/// Where the head of a property set names the place of its one section.
const SECTION: usize = 44;
const MOST_PROPERTIES: u32 = 1_000;
/// Properties by number.
const CODE_PAGE: u32 = 1;
const TITLE: u32 = 2;
const AUTHOR: u32 = 4;
const CREATED: u32 = 12;
const SAVED: u32 = 13;
/// Types of values.
const NARROW: u32 = 30;
const WIDE: u32 = 31;
const TIME: u32 = 64;
/// Seconds from 1601 to 1970, and days of a four-hundred-year cycle.
const EPOCH_SECONDS: i64 = 11_644_473_600;
const DAY_SECONDS: i64 = 86_400;

/// Title and details; empty where the file does not tell.
///
/// # Errors
/// [`ParseError::TooLarge`] for a summary beyond all measure.
pub(super) fn read(container: &mut Compound<'_>) -> Result<(Option<String>, Details), ParseError> {
    let stream = match container.stream(STREAM) {
        Ok(stream) => stream.unwrap_or_default(),
        Err(ParseError::DamagedFile { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let set = Set::of(&stream);
    let text = |id| set.as_ref().and_then(|set| set.text(id));
    let day = |id| set.as_ref().and_then(|set| set.day(id));
    let details = Details {
        author: text(AUTHOR),
        created: day(CREATED),
        modified: day(SAVED),
    };
    Ok((text(TITLE), details))
}

struct Set<'a> {
    section: &'a [u8],
    encoding: &'static Encoding,
}

impl<'a> Set<'a> {
    fn of(stream: &'a [u8]) -> Option<Self> {
        let place = u32_at(stream, SECTION)? as usize;
        let mut set = Self {
            section: stream.get(place..)?,
            encoding: encoding_rs::WINDOWS_1252,
        };
        let page = set.value(CODE_PAGE).and_then(|value| u16_at(value, 4));
        if let Some(encoding) = page.and_then(encoding_of) {
            set.encoding = encoding;
        }
        Some(set)
    }

    /// A property from its type on.
    fn value(&self, wanted: u32) -> Option<&'a [u8]> {
        let count = u32_at(self.section, 4)?.min(MOST_PROPERTIES) as usize;
        (0..count).find_map(|index| {
            let entry = 8 + index * 8;
            let place = u32_at(self.section, entry + 4)? as usize;
            (u32_at(self.section, entry)? == wanted)
                .then(|| self.section.get(place..))
                .flatten()
        })
    }

    fn text(&self, id: u32) -> Option<String> {
        let value = self.value(id)?;
        let length = u32_at(value, 4)? as usize;
        let text = match u32_at(value, 0)? {
            NARROW => {
                let bytes = value.get(8..8_usize.checked_add(length)?)?;
                self.encoding.decode_without_bom_handling(bytes).0
            }
            WIDE => {
                let bytes = value.get(8..8_usize.checked_add(length.checked_mul(2)?)?)?;
                encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0
            }
            _ => return None,
        };
        let text =
            text.trim_matches(|character: char| character == '\0' || character.is_whitespace());
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn day(&self, id: u32) -> Option<String> {
        let value = self.value(id)?;
        if u32_at(value, 0)? != TIME {
            return None;
        }
        let ticks = u64::from(u32_at(value, 8)?) << 32 | u64::from(u32_at(value, 4)?);
        day_of(ticks)
    }
}

/// The day of a moment that is counted in tenths of microseconds since 1601, as `YYYY-MM-DD`.
pub(super) fn day_of(ticks: u64) -> Option<String> {
    let seconds = i64::try_from(ticks / 10_000_000).ok()? - EPOCH_SECONDS;
    // Days to a date, after the civil calendar: March is the first month, so that a leap day ends its year.
    let days = seconds.div_euclid(DAY_SECONDS) + 719_468;
    let cycle = days.div_euclid(146_097);
    let of_cycle = days.rem_euclid(146_097);
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = cycle * 400 + year + i64::from(month <= 2);
    (1_900..=2_200)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The encodings of code pages that Office writes.
pub(super) fn encoding_of(page: u16) -> Option<&'static Encoding> {
    Some(match page {
        936 => encoding_rs::GBK,
        950 => encoding_rs::BIG5,
        932 => encoding_rs::SHIFT_JIS,
        949 => encoding_rs::EUC_KR,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1252 => encoding_rs::WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        54936 => encoding_rs::GB18030,
        65001 => encoding_rs::UTF_8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_its_day() {
        let ticks = |seconds: i64| ((seconds + EPOCH_SECONDS) * 10_000_000).cast_unsigned();
        assert_eq!(day_of(ticks(0)).as_deref(), Some("1970-01-01"));
        assert_eq!(day_of(ticks(951_782_400)).as_deref(), Some("2000-02-29"));
        assert_eq!(day_of(ticks(1_735_689_599)).as_deref(), Some("2024-12-31"));
        assert_eq!(day_of(0), None, "before there were such files");
        assert_eq!(day_of(u64::MAX), None);
    }

    #[test]
    fn a_summary_in_a_chinese_code_page_is_read() {
        let mut stream = vec![0; SECTION];
        stream.extend(48_u32.to_le_bytes());
        let (title, _, _) = encoding_rs::GBK.encode("员工手册");
        // Size, number of properties, then number and place of each.
        for number in [0_u32, 2, CODE_PAGE, 24, TITLE, 32, 2, 936, NARROW, 9] {
            stream.extend(number.to_le_bytes());
        }
        stream.extend(title.iter());
        stream.push(0);
        let set = Set::of(&stream).expect("a set");
        assert_eq!(set.text(TITLE).as_deref(), Some("员工手册"));
        assert_eq!(set.text(AUTHOR), None);
        for end in 0..stream.len() {
            if let Some(set) = Set::of(&stream[..end]) {
                let _ = (set.text(TITLE), set.day(TITLE));
            }
        }
    }
}
