//! Words of a knowledge base's own: names and jargon that count as one term wherever they stand in a text.

use std::collections::HashSet;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use unicode_normalization::UnicodeNormalization as _;

use super::scan::belongs;
use super::{Lexicon, TermKind};

/// What may stand inside a word, besides letters and digits.
const JOINERS: &str = "-._/+#&'·";

/// Why words cannot be a dictionary, by what to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// More words than a dictionary takes.
    #[error("there are {count} words, the most is {}", WordList::MOST)]
    TooMany {
        /// How many came.
        count: usize,
    },
    /// A single character: every text has those as terms already.
    #[error(
        "`{word}` is too short: a word has at least {} characters",
        WordList::SHORTEST
    )]
    TooShort {
        /// The word.
        word: String,
    },
    /// Too long for a word.
    #[error(
        "`{word}` is too long: a word has at most {} characters",
        WordList::LONGEST
    )]
    TooLong {
        /// How it begins.
        word: String,
    },
    /// Blanks, marks, or nothing but digits.
    #[error("`{word}` is no word: letters, digits and {JOINERS} between them are taken, no blanks")]
    Characters {
        /// The word.
        word: String,
    },
}

/// Words that a dictionary can be made of, as a person wrote them, each once whatever its case, width or script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordList(Vec<String>);

impl WordList {
    /// Most words.
    pub const MOST: usize = 5_000;
    /// Fewest characters of a word.
    pub const SHORTEST: usize = 2;
    /// Most characters of a word.
    pub const LONGEST: usize = 32;

    /// Words in the order given. Empty ones are passed over, and so are those that are there already.
    ///
    /// # Errors
    /// Names the first word that is none, or how many there are too many.
    pub fn new(words: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, WordError> {
        let (mut list, mut forms) = (Vec::new(), HashSet::new());
        for word in words {
            let word = word.as_ref().trim();
            if word.is_empty() {
                continue;
            }
            let word: String = word.chars().take(Self::LONGEST * 4).nfc().collect();
            check(&word)?;
            if forms.insert(Lexicon::shared().fold(&word)) {
                list.push(word);
            }
        }
        if list.len() > Self::MOST {
            return Err(WordError::TooMany { count: list.len() });
        }
        Ok(Self(list))
    }

    /// The words as written.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

fn check(word: &str) -> Result<(), WordError> {
    let length = word.chars().count();
    if length > WordList::LONGEST {
        let word = word.chars().take(WordList::LONGEST).collect();
        return Err(WordError::TooLong { word });
    }
    let refused = || WordError::Characters {
        word: word.to_owned(),
    };
    let folded = Lexicon::shared().fold(word);
    let taken = |character: char| character.is_alphanumeric() || JOINERS.contains(character);
    let ends = |character: char| character.is_alphanumeric() || "+#".contains(character);
    if !folded.chars().all(taken)
        || !folded.starts_with(char::is_alphanumeric)
        || !folded.ends_with(ends)
        || !folded.contains(char::is_alphabetic)
    {
        return Err(refused());
    }
    if length.min(folded.chars().count()) < WordList::SHORTEST {
        return Err(WordError::TooShort {
            word: word.to_owned(),
        });
    }
    Ok(())
}

/// Words that are terms of their own, beside the terms that every text has. Cheap to clone; none by default.
#[derive(Clone, Default)]
pub struct Dictionary(Option<Arc<Words>>);

struct Words {
    /// Folded.
    forms: Vec<String>,
    finder: AhoCorasick,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.forms().len();
        formatter.debug_tuple("Dictionary").field(&count).finish()
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.forms() == other.forms()
    }
}

impl Dictionary {
    /// Of these words. Words that [`WordList`] would not take are never found.
    #[must_use]
    pub fn of(words: &[impl AsRef<str>]) -> Self {
        let folded = words
            .iter()
            .map(|word| Lexicon::shared().fold(word.as_ref()));
        let mut forms: Vec<String> = folded.filter(|form| !form.is_empty()).collect();
        forms.sort_unstable();
        forms.dedup();
        if forms.is_empty() {
            return Self::default();
        }
        match AhoCorasick::new(&forms) {
            Ok(finder) => Self(Some(Arc::new(Words { forms, finder }))),
            Err(error) => {
                tracing::error!("words of a dictionary cannot be looked for: {error}");
                Self::default()
            }
        }
    }

    fn forms(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |words| &words.forms)
    }

    /// Whether it has no words.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Calls `visit` with each word that stands in a folded text, wherever it stands: words may lie in one another. What
    /// has letters or digits at an end is not found within longer ones.
    pub(super) fn visit(&self, folded: &str, visit: &mut dyn FnMut(TermKind, &str)) {
        let Some(words) = &self.0 else { return };
        for found in words.finder.find_overlapping_iter(folded) {
            if stands_alone(folded, found.start(), found.end()) {
                visit(TermKind::Word, &words.forms[found.pattern().as_usize()]);
            }
        }
    }
}

/// Whether `text[start..end]` cuts no word in letters or digits.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joined = |left: Option<char>, right: Option<char>| {
        left.is_some_and(belongs) && right.is_some_and(belongs)
    };
    let inside = &text[start..end];
    !joined(text[..start].chars().next_back(), inside.chars().next())
        && !joined(inside.chars().next_back(), text[end..].chars().next())
}
