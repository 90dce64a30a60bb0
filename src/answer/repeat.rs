//! Notices when a model goes round in circles.

use std::collections::HashSet;

/// Longest circle looked for, in characters.
const LONGEST: usize = 60;
/// Times round before it counts.
const ROUNDS: usize = 4;
/// Fewest characters that all rounds together have, so that `。。。` or `1111` may stand.
const LEAST: usize = 24;

/// Whether a text ends in the same few characters over and over.
pub(crate) fn ends_in_circles(text: &str) -> bool {
    let tail: Vec<char> = text.chars().rev().take(LONGEST * ROUNDS).collect();
    (1..=LONGEST).any(|length| {
        let whole = (length * ROUNDS).max(LEAST);
        tail.len() >= whole
            && tail[..whole]
                .iter()
                .zip(&tail[length..])
                .take(whole - length)
                .all(|(one, other)| one == other)
    })
}

/// Sentences said so far, to notice the one that comes again.
#[derive(Debug, Default)]
pub(crate) struct Said {
    sentences: HashSet<String>,
}

/// Sentences shorter than this may be said twice.
const SHORT: usize = 8;

impl Said {
    /// Remembers a sentence; `false` if it was said before.
    pub(crate) fn is_new(&mut self, sentence: &str) -> bool {
        let bare = bare(sentence);
        bare.chars().count() < SHORT || self.sentences.insert(bare)
    }

    /// Whether this beginning may yet become a sentence that was said before.
    pub(crate) fn may_repeat(&self, beginning: &str) -> bool {
        let bare = bare(beginning);
        bare.chars().count() < SHORT || self.sentences.iter().any(|said| said.starts_with(&bare))
    }

    /// Whether anything was said.
    pub(crate) fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }
}

fn bare(sentence: &str) -> String {
    sentence
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_noticed_and_ordinary_text_is_not() {
        assert!(ends_in_circles(
            "The answer is yes, and yes, and yes, and yes, and yes, and"
        ));
        assert!(ends_in_circles(&"文渊阁藏书".repeat(6)));
        assert!(!ends_in_circles("It costs 1,000,000,000 yuan……………"));
        assert!(!ends_in_circles(
            "The same words can come again, but the same words in a row cannot."
        ));
    }

    #[test]
    fn a_sentence_said_before_is_no_longer_new() {
        let mut said = Said::default();
        assert!(said.is_new("文渊阁建于乾隆年间。"));
        assert!(said.may_repeat("文渊阁建于乾隆"));
        assert!(!said.may_repeat("文渊阁建成之后，藏书"));
        assert!(!said.is_new("文渊阁建于乾隆年间！"));
    }
}
