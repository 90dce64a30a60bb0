//! Questions made from passages by templates: a clause with a number, a name or its end taken out, or a definition.
//!
//! They only have to find their passage as a person's question would. People do not repeat a clause word for word, so
//! half of the questions lose some of their words.

use wenyuan_ingest::Language;

use super::super::bootstrap::Random;
use crate::retrieve::{Passage, Term, is_han, terms};

/// Shortest and longest clause of Han characters, in characters.
const HAN_CLAUSE: std::ops::RangeInclusive<usize> = 7..=40;
/// Shortest and longest clause in letters, in words.
const LETTER_CLAUSE: std::ops::RangeInclusive<usize> = 5..=24;
/// Longest thing that is defined: characters, words.
const DEFINED: (usize, usize) = (12, 6);
/// Longest title that is put before a clause, in characters.
const MOST_TITLE_CHARS: usize = 24;
/// One word in so many is lost from a worn question.
const WORN: usize = 4;
/// Least worth of a question's terms as evidence: of one in Han characters, of one in letters.
const LEAST_WORTH: (f32, f32) = (6.0, 3.0);
/// What a clause that goes on from another one begins with.
const GOES_ON: [&str; 30] = [
    "这", "這", "那", "其", "他", "她", "它", "并", "並", "而", "但", "所以", "因此", "于是",
    "於是", "此", "之后", "之後", "目前", "也", "又", "则", "則", "以及", "后来", "後來", "同时",
    "同時", "由于", "由於",
];
/// Sentences of a passage that are looked at.
const MOST_SENTENCES: usize = 40;

/// Questions that this passage answers, each from another sentence, at most `wanted`.
pub(super) fn questions(passage: &Passage, wanted: usize, random: &mut Random) -> Vec<String> {
    let han = match passage.language {
        Language::Chinese | Language::TraditionalChinese => true,
        Language::English | Language::Other => false,
    };
    let mut sentences: Vec<&str> = passage
        .sentences
        .iter()
        .filter_map(|span| passage.text.get(span.start..span.end))
        .collect();
    random.shuffle(&mut sentences);
    let mut made = Vec::new();
    for sentence in sentences.into_iter().take(MOST_SENTENCES) {
        if made.len() == wanted {
            break;
        }
        let mut candidates = if han {
            from_han(sentence)
        } else {
            from_letters(sentence)
        };
        candidates.retain(|question| stands_alone(question, han));
        if candidates.is_empty() {
            continue;
        }
        let chosen = candidates.swap_remove(random.below(candidates.len()));
        let chosen = if random.below(2) == 0 {
            with_title(passage, chosen, han)
        } else {
            worn(&chosen, han, random)
        };
        if !made.contains(&chosen) {
            made.push(chosen);
        }
    }
    made
}

/// People name what they ask about: the title or the nearest heading, where it is short and not there already.
fn with_title(passage: &Passage, question: String, han: bool) -> String {
    let title = passage.heading.last().or(passage.title.as_ref());
    let title = title.map(|title| title.trim()).filter(|title| {
        let length = title.chars().count();
        (2..=MOST_TITLE_CHARS).contains(&length)
            && title.chars().any(char::is_alphabetic)
            && title.chars().any(is_han) == han
            && !question.contains(*title)
            && !title.contains(['"', '“', '”', ':', '：', '「', '」'])
    });
    match title {
        Some(title) if han => format!("{title}，{question}"),
        Some(title) => format!("{title}: {question}").replacen(": ", ", ", 1),
        None => question,
    }
}

/// Loses about one in four of the words in the middle, as another person's words would not be there.
fn worn(question: &str, han: bool, random: &mut Random) -> String {
    let pieces: Vec<String> = if han {
        let characters: Vec<char> = question.chars().collect();
        characters
            .chunks(2)
            .map(|pair| pair.iter().collect())
            .collect()
    } else {
        question.split(' ').map(|word| format!("{word} ")).collect()
    };
    let last = pieces.len().saturating_sub(1);
    let asks = |piece: &str| {
        [
            "什", "么", "多", "少", "哪", "谁", "what", "which", "how", "who",
        ]
        .iter()
        .any(|word| piece.to_lowercase().contains(word))
    };
    let kept = pieces
        .iter()
        .enumerate()
        .filter(|(at, piece)| *at == last || asks(piece) || random.below(WORN) != 0)
        .map(|(_, piece)| piece.as_str());
    kept.collect::<String>().trim().to_owned()
}

/// Whether a question has enough in it to be about something: one that only makes sense after the sentence before it
/// would be refused, and rightly.
pub(super) fn stands_alone(question: &str, han: bool) -> bool {
    let worth: f32 = terms(question).iter().map(Term::worth).sum();
    worth >= if han { LEAST_WORTH.0 } else { LEAST_WORTH.1 }
}

fn from_han(sentence: &str) -> Vec<String> {
    let clauses = sentence.split([
        '，', '；', '。', '！', '？', '：', ',', ';', '!', '?', '\n', '|', '…',
    ]);
    let clauses = clauses.map(str::trim).filter(|clause| {
        HAN_CLAUSE.contains(&clause.chars().count())
            && clause.chars().filter(|letter| is_han(*letter)).count() >= 5
            && !clause.contains(['“', '”', '"', '「', '」', '『', '』'])
    });
    let clauses = clauses.filter(|clause| !GOES_ON.iter().any(|word| clause.starts_with(word)));
    clauses.filter_map(ask_han).collect()
}

fn ask_han(clause: &str) -> Option<String> {
    let characters: Vec<char> = clause.chars().collect();
    if let Some(at) = characters.iter().position(|letter| *letter == '是') {
        let defined: String = characters[..at].iter().collect();
        let not_a_definition = "不就还還但于於若只也都乃仅僅总總可凡要算";
        let before = characters.get(at.wrapping_sub(1));
        if (2..=DEFINED.0).contains(&at)
            && characters.len() - at > 4
            && characters.get(at + 1) != Some(&'否')
            && before.is_some_and(|letter| !not_a_definition.contains(*letter))
            && !defined.chars().any(|letter| letter.is_ascii_digit())
        {
            return Some(format!("{defined}是什么？"));
        }
    }
    if let Some(at) = characters.iter().position(char::is_ascii_digit) {
        let number = |letter: &&char| letter.is_ascii_digit() || ".,%／/-".contains(**letter);
        let end = at + characters[at..].iter().take_while(number).count();
        let date = |letter: &&char| letter.is_ascii_digit() || "年月日号號".contains(**letter);
        let (word, end) = match characters.get(end) {
            Some('年' | '月') => {
                let whole = at + characters[at..].iter().take_while(date).count();
                ("什么时候", whole)
            }
            Some(_) | None => ("多少", end),
        };
        return Some(blank(&characters, at, end, word));
    }
    if let Some(open) = characters.iter().position(|letter| *letter == '《') {
        let close = characters.iter().position(|letter| *letter == '》')?;
        if close > open {
            return Some(blank(&characters, open, close + 1, "什么"));
        }
    }
    // What the end of a clause says is most often what is new in it.
    let end = characters.len();
    Some(blank(&characters, end - end / 3, end, "什么"))
}

fn blank(characters: &[char], from: usize, to: usize, word: &str) -> String {
    let before: String = characters[..from].iter().collect();
    let after: String = characters[to..].iter().collect();
    format!("{before}{word}{after}？")
}

fn from_letters(sentence: &str) -> Vec<String> {
    let clauses = sentence.split([';', ':', '\n', '|', '(', ')', '?', '!', '—']);
    let clauses = clauses.flat_map(|clause| clause.split(", "));
    clauses
        .filter(|clause| !clause.contains(['"', '“', '”', '「', '『']))
        .filter_map(|clause| {
            let clause = clause.trim().trim_end_matches(['.', ',']);
            let words: Vec<&str> = clause.split_whitespace().collect();
            LETTER_CLAUSE
                .contains(&words.len())
                .then(|| ask_letters(&words))
                .flatten()
        })
        .collect()
}

fn ask_letters(words: &[&str]) -> Option<String> {
    if words
        .iter()
        .filter(|word| word.chars().any(char::is_alphabetic))
        .count()
        < 4
    {
        return None;
    }
    let verb = words
        .iter()
        .position(|word| ["is", "was", "are", "were"].contains(word));
    if let Some(at) = verb
        && (1..=DEFINED.1).contains(&at)
        && words
            .get(at + 1)
            .is_some_and(|word| ["a", "an", "the"].contains(word))
        && words[0].chars().next().is_some_and(char::is_uppercase)
        && ![
            "It", "He", "She", "They", "This", "That", "There", "These", "Those", "We",
        ]
        .contains(&words[0])
    {
        return Some(format!("What {} {}?", words[at], words[..at].join(" ")));
    }
    let number = words
        .iter()
        .position(|word| word.chars().any(|letter| letter.is_ascii_digit()));
    if let Some(at) = number {
        let bare = words[at].trim_matches(|letter: char| !letter.is_ascii_digit());
        let year = bare.len() == 4 && (bare.starts_with('1') || bare.starts_with("20"));
        let asked = if year { "which year" } else { "how many" };
        return Some(without(words, at, at + 1, asked));
    }
    let name = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
    if let Some(at) = words.iter().skip(1).position(&name).map(|at| at + 1) {
        let end = at + words[at..].iter().take_while(|word| name(word)).count();
        return Some(without(words, at, end, "which"));
    }
    let end = words.len();
    Some(without(words, end - end / 3, end, "what"))
}

fn without(words: &[&str], from: usize, to: usize, asked: &str) -> String {
    let parts = words[..from]
        .iter()
        .copied()
        .chain([asked])
        .chain(words[to..].iter().copied());
    format!("{}?", parts.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;
    use wenyuan_ingest::Span;

    use super::*;
    use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, Question, VersionId};

    pub(in super::super) fn passage(text: &str, language: Language) -> Passage {
        let mut sentences = Vec::new();
        let mut start = 0;
        for (at, letter) in text.char_indices() {
            if matches!(letter, '。' | '.') {
                let end = at + letter.len_utf8();
                sentences.push(Span { start, end });
                start = end;
            }
        }
        Passage {
            chunk: ChunkId(Uuid::from_u128(1)),
            version: VersionId(Uuid::from_u128(2)),
            ordinal: 0,
            document: DocumentId(Uuid::from_u128(3)),
            knowledge_base: KnowledgeBaseId(Uuid::from_u128(4)),
            document_name: "name".to_owned(),
            title: None,
            heading: Vec::new(),
            language,
            text: text.to_owned(),
            chars: Span {
                start: 0,
                end: text.chars().count(),
            },
            sentences,
            pages: Vec::new(),
            parent: Span { start: 0, end: 0 },
        }
    }

    #[test]
    fn a_number_a_date_and_a_definition_are_asked_for_in_chinese() {
        assert_eq!(
            ask_han("港口的灯塔高37米多一点").as_deref(),
            Some("港口的灯塔高多少米多一点？")
        );
        assert_eq!(
            ask_han("灯塔于1893年5月2日点亮").as_deref(),
            Some("灯塔于什么时候点亮？")
        );
        assert_eq!(
            ask_han("海带窖是一座半地下的仓库").as_deref(),
            Some("海带窖是什么？")
        );
        assert_eq!(
            ask_han("馆员们编成《渔港纪略》一书").as_deref(),
            Some("馆员们编成什么一书？")
        );
        assert_eq!(
            ask_han("但是船队不等任何人回来").as_deref(),
            Some("但是船队不等任何什么？")
        );
    }

    #[test]
    fn a_number_a_year_a_name_and_a_definition_are_asked_for_in_english() {
        let ask = |text: &str| ask_letters(&text.split(' ').collect::<Vec<_>>());
        assert_eq!(
            ask("the harbour keeps 37 small boats").as_deref(),
            Some("the harbour keeps how many small boats?")
        );
        assert_eq!(
            ask("the lighthouse was lit in 1893").as_deref(),
            Some("the lighthouse was lit in which year?")
        );
        assert_eq!(
            ask("The kelp cellar is a half buried store").as_deref(),
            Some("What is The kelp cellar?")
        );
        assert_eq!(
            ask("the keys hang with Anna Petersen all winter").as_deref(),
            Some("the keys hang with which all winter?")
        );
        assert_eq!(ask("1 2 3 4 5 6"), None);
    }

    #[test]
    fn a_passage_of_numbers_or_symbols_makes_no_question() {
        let mut random = Random::seeded(1);
        assert!(
            questions(
                &passage("| 3 | 4 | 5 |.", Language::English),
                3,
                &mut random
            )
            .is_empty()
        );
        assert!(questions(&passage("1 2 3。", Language::Chinese), 3, &mut random).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_is_asked_is_a_usable_question(
            text in "[a-zA-Z0-9 ,.;是年月日的一二三港口灯塔船队《》“”，。；：]{0,300}", seed: u64, han: bool
        ) {
            let language = if han { Language::Chinese } else { Language::English };
            let mut random = Random::seeded(seed);
            for question in questions(&passage(&text, language), 3, &mut random) {
                prop_assert!(Question::try_from(question.as_str()).is_ok());
                prop_assert!(question.chars().count() < 400);
            }
        }
    }
}
