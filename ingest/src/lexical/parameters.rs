//! Every number that lexical ranking depends on, in one place.
//!
//! Measured on four Chinese and two English sets with the whole fusion around it: kinds weigh alike (halving or doubling
//! any of them changes nothing), and the words of a general dictionary (jieba's) add nothing to characters and bigrams, so
//! only those that a person adds are terms.

/// How soon repeating a term stops counting.
pub const K1: f32 = 1.2;

/// How much long passages are held back, from 0 to 1.
pub const B: f32 = 0.5;

/// Length that counts as usual: Han characters, words and numbers in a chunk with its title.
///
/// A constant, so that a vector depends on its passage alone.
pub const AVERAGE_LENGTH: f32 = 250.0;

/// How much a term in the title counts against one in the text.
pub(super) const TITLE: f32 = 1.0;

/// How much a term in the headings counts against one in the text.
pub(super) const HEADING: f32 = 1.0;

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// One Han, kana or Hangul character.
    Character,
    /// Two of them side by side.
    Bigram,
    /// A word in letters, stemmed where it is English.
    Letters,
    /// A number or a code such as `gb/t` or `rfc-2616`, whole.
    Number,
    /// A word of a [`Dictionary`](super::Dictionary), whole.
    Word,
}

impl TermKind {
    /// The kind of a term made by [`Lexicon::terms`](super::Lexicon::terms).
    #[must_use]
    pub fn of(term: &str) -> Self {
        match term.as_bytes().first() {
            Some(b'c') => Self::Character,
            Some(b'b') => Self::Bigram,
            Some(b'n') => Self::Number,
            Some(b'w') => Self::Word,
            _ => Self::Letters,
        }
    }

    /// The mark that terms of this kind begin with.
    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Character => "c:",
            Self::Bigram => "b:",
            Self::Letters => "l:",
            Self::Number => "n:",
            Self::Word => "w:",
        }
    }

    /// How much a term of this kind weighs in a question.
    #[must_use]
    pub const fn weight(self) -> f32 {
        match self {
            Self::Character | Self::Bigram | Self::Letters | Self::Number | Self::Word => 1.0,
        }
    }

    /// What a term adds to a passage's length: kinds that say the same again add nothing.
    pub(super) const fn length(self) -> f32 {
        match self {
            Self::Character | Self::Letters | Self::Number => 1.0,
            Self::Bigram | Self::Word => 0.0,
        }
    }
}
