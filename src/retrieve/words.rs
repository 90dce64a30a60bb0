//! Lexical terms as retrieval and grounding weigh them; the terms themselves are `wenyuan_ingest::Lexicon`'s.

use std::sync::LazyLock;

use regex::Regex;
use wenyuan_ingest::{Dictionary, Lexicon, SparseVector, TermKind, hash, is_function_word};

/// One term of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    /// The index's name for it.
    pub(crate) id: u32,
    /// What it is.
    pub(crate) kind: TermKind,
    /// Its folded form; stemmed where it is English.
    pub(crate) form: String,
}

/// The terms of a text, in order, with repetition.
pub(crate) fn terms(text: &str) -> Vec<Term> {
    terms_with(&Dictionary::default(), text)
}

/// The terms of a text, then the words of a dictionary that stand in it.
pub(crate) fn terms_with(words: &Dictionary, text: &str) -> Vec<Term> {
    let split = |term: String| {
        let form = term
            .split_once(':')
            .map_or(term.as_str(), |(_, form)| form)
            .to_owned();
        Term {
            id: hash(&term),
            kind: TermKind::of(&term),
            form,
        }
    };
    words.terms(text).into_iter().map(split).collect()
}

/// The ids of a text's terms, each once, ascending.
pub(crate) fn term_ids(text: &str) -> Vec<u32> {
    let mut ids = Vec::with_capacity(text.len() / 2);
    Lexicon::shared().visit(text, |_kind, id| ids.push(id));
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What a Chinese question asks with, and no answer has to repeat. In letters such words are function words.
static ASKING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "什么时候|什麼時候|甚麼時候|多长时间|多長時間|怎么样|怎麼樣|哪一[年个個]|为什么|為什麼|能不能|什么|什麼|甚麼|多[久少大高]|\
         多[长長]|最[长長多少大]|[几幾][个個]|哪[年个個些里裡位种種]|[谁誰]|何[时時地人]|怎[么麼]|如何|[为為]何|是否|可以|能否|请问|\
         請問|应[当该]|應[當該]|需要|时候|時候|[吗嗎呢]",
    )
    .expect("a fixed pattern")
});

/// A question without the words that only ask; all of it where nothing else is left.
pub(crate) fn asked_about(question: &str) -> String {
    let rest = ASKING.replace_all(question, " ");
    if rest.chars().any(char::is_alphanumeric) {
        rest.into_owned()
    } else {
        question.to_owned()
    }
}

/// A question as the index compares it.
pub(crate) fn query_vector(text: &str) -> SparseVector {
    Lexicon::shared().query_vector(text)
}

impl Term {
    /// What finding this term is worth as evidence. Function words say little; these few levels judged evidence as
    /// well as the index's own IDF when measured, and they do not hang on what else is in the index.
    pub(crate) fn worth(&self) -> f32 {
        let hollow = || {
            self.form
                .chars()
                .filter(|character| FUNCTION_CHARACTERS.contains(*character))
                .count()
        };
        match self.kind {
            TermKind::Number => 1.2,
            TermKind::Letters if self.is_function_word() => 0.1,
            TermKind::Letters | TermKind::Word => 1.0,
            TermKind::Character if hollow() > 0 => 0.0,
            TermKind::Character => 0.5,
            TermKind::Bigram => match hollow() {
                0 => 1.0,
                1 => 0.6,
                _ => 0.2,
            },
        }
    }

    /// Whether this is a word in letters, or a number, that could be a name.
    pub(crate) fn may_be_name(&self) -> bool {
        match self.kind {
            TermKind::Number => true,
            TermKind::Letters => !self.is_function_word(),
            TermKind::Character | TermKind::Bigram | TermKind::Word => false,
        }
    }

    fn is_function_word(&self) -> bool {
        is_function_word(self.id) || ASKING_WORDS.contains(&self.form.as_str())
    }
}

const FUNCTION_CHARACTERS: &str = "的了是在有和与與及或为為之其何什么麼哪谁誰吗嗎呢几幾多少怎样樣如请請问問于於被把对對从從到以而且也都就这這那个個些一";

/// Stems of English words that only ask or only name the kind of what is asked for, and of those that are searched for
/// all the same since they may be names (IT, May).
const ASKING_WORDS: &[&str] = &[
    "call", "give", "given", "happen", "it", "kind", "may", "mean", "name", "some", "type",
];

/// Whether a character is Han.
pub(crate) const fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_asks_is_cut_out_and_a_question_of_nothing_else_stays() {
        assert_eq!(asked_about("试用期最长多久？"), "试用期  ？");
        assert_eq!(asked_about("請問誰可以借書嗎"), "   借書 ");
        assert_eq!(asked_about("什么时候？"), "什么时候？");
        assert_eq!(asked_about("How long is it?"), "How long is it?");
    }

    #[test]
    fn a_question_word_is_worth_less_than_a_name() {
        let worth = |text: &str| terms(text).iter().map(Term::worth).fold(0.0, f32::max);
        assert!(worth("what") < worth("Newton"));
        assert!(worth("什么") < worth("文渊"));
    }
}
