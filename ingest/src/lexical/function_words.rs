//! English words that hold sentences together and name nothing. Among English texts they are so common that they hardly
//! count; in an index of mostly Chinese texts they are rare, and would count for more than what is asked about.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Lexicon;

const WORDS: &str = "a an the and or but nor if than then that this these those there here \
    of in on at to for with by from as into onto upon about within \
    is are was were be been being do does did doing done has have had having will would can could shall should might must \
    he him his she her hers they them their theirs we our ours you your yours i me my \
    who whom whose which what when where why how much many some any each both such so also not \
    ve ll";

static TERMS: LazyLock<HashSet<u32>> = LazyLock::new(|| {
    let mut terms = HashSet::new();
    Lexicon::shared().visit(WORDS, |_, term| {
        terms.insert(term);
    });
    terms
});

/// Whether a term, as [`super::hash`] numbers it, is an English word that holds sentences together and names nothing.
#[must_use]
pub fn is_function_word(term: u32) -> bool {
    TERMS.contains(&term)
}
