//! Vectors that need not be computed again: marks of the texts behind them, and who still has them.

use std::collections::HashMap;
use std::fmt::Debug;

use async_trait::async_trait;
use uuid::Uuid;

const HEX_DIGITS: usize = 16;

/// What a vector was made of, told from others by 64 bits of its hash: equal texts have equal marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextMark(pub u64);

impl TextMark {
    /// The mark of exactly this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        // The low half of a name-based UUID is hash but for its two highest bits.
        Self(
            Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
                .as_u64_pair()
                .1,
        )
    }

    /// Marks in a row as an index keeps them: 16 hexadecimal digits for each.
    #[must_use]
    pub fn write(marks: &[Self]) -> String {
        use std::fmt::Write as _;
        let mut written = String::with_capacity(marks.len() * HEX_DIGITS);
        for mark in marks {
            // Writing to a string cannot fail.
            let _ = write!(written, "{:016x}", mark.0);
        }
        written
    }

    /// What [`write`](Self::write) wrote; nothing at all of anything else.
    #[must_use]
    pub fn read(written: &str) -> Vec<Self> {
        let whole = written.is_ascii() && written.len().is_multiple_of(HEX_DIGITS);
        let pieces = written.as_bytes().chunks(HEX_DIGITS).map(|digits| {
            let digits = std::str::from_utf8(digits).ok().filter(|_| whole)?;
            u64::from_str_radix(digits, 16).ok().map(Self)
        });
        pieces.collect::<Option<_>>().unwrap_or_default()
    }
}

/// Somebody who may have vectors of texts already, such as the index for the version that is being replaced.
#[async_trait]
pub trait KnownVectors: Debug + Send + Sync {
    /// Vectors of those texts that are known, from the same embedder. What cannot be had is left out and embedded.
    async fn find(&self, texts: &[TextMark]) -> HashMap<TextMark, Vec<f32>>;
}

/// Knows no vector: every text is embedded.
#[derive(Debug, Clone, Copy)]
pub struct NothingKnown;

#[async_trait]
impl KnownVectors for NothingKnown {
    async fn find(&self, _texts: &[TextMark]) -> HashMap<TextMark, Vec<f32>> {
        HashMap::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn marks_come_back_as_they_were_written(marks in proptest::collection::vec(any::<u64>(), 0..40)) {
            let marks: Vec<TextMark> = marks.into_iter().map(TextMark).collect();
            prop_assert_eq!(TextMark::read(&TextMark::write(&marks)), marks);
        }

        #[test]
        fn anything_else_is_read_as_no_marks_or_as_many_as_it_has_room_for(text in ".{0,80}") {
            prop_assert!(TextMark::read(&text).len() <= text.len() / HEX_DIGITS);
        }
    }

    #[test]
    fn equal_texts_have_equal_marks_and_a_title_makes_another_one() {
        assert_eq!(
            TextMark::of("标题\n一句话。"),
            TextMark::of("标题\n一句话。")
        );
        assert_ne!(TextMark::of("标题\n一句话。"), TextMark::of("一句话。"));
        assert!(TextMark::read("0123456789abcde").is_empty());
    }
}
