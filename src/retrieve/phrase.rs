//! Phrases in quotation marks: found whatever their case, width or script, and across the ends of lines.

use serde::Serialize;
use wenyuan_ingest::Lexicon;

use super::words::is_han;

/// Most phrases of one question; more are words like all others.
pub(crate) const MOST_PHRASES: usize = 8;

/// A phrase of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// As written, without its marks.
    pub(crate) text: String,
    /// Whether passages without it are left out where others have it: titles in 《》 and words in ‘’ only weigh more.
    pub(crate) required: bool,
    flat: String,
}

/// A phrase that passages had to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequiredPhrase {
    /// As written, without its marks.
    pub text: String,
    /// Whether any passage found holds it; where none holds any, the hits are those of the same question without marks.
    pub found: bool,
}

impl Phrase {
    pub(crate) fn new(text: &str, required: bool) -> Self {
        Self {
            text: text.to_owned(),
            required,
            flat: flat(text),
        }
    }

    /// Whether a text that went through [`flat`] has it.
    pub(crate) fn is_in(&self, flat: &str) -> bool {
        !self.flat.is_empty() && flat.contains(&self.flat)
    }
}

/// Folded, with runs of white space as one blank and none beside a Han character.
pub(crate) fn flat(text: &str) -> String {
    let folded = Lexicon::shared().fold(text);
    let mut flat = String::with_capacity(folded.len());
    let mut blank = false;
    for character in folded.chars() {
        if character.is_whitespace() {
            blank = true;
            continue;
        }
        let last = flat.chars().next_back();
        let parts = last.is_some_and(|last| !is_han(last)) && !is_han(character);
        if std::mem::take(&mut blank) && parts {
            flat.push(' ');
        }
        flat.push(character);
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_whatever_its_case_width_script_and_line_ends() {
        let found = |phrase: &str, text: &str| Phrase::new(phrase, true).is_in(&flat(text));
        assert!(found("文淵閣", "清代的文渊\n阁在故宫。"));
        assert!(found("Qdrant Edge", "ＱＤＲＡＮＴ\n  edge runs here"));
        assert!(found("GB 50016", "依照 gb 50016 执行"));
        assert!(!found("Qdrant Edge", "qdrantedge"));
        assert!(!found("文渊阁", "文渊，阁"));
        assert!(!found(" ", "anything at all"));
    }
}
