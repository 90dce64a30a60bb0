//! Chooses the documents' own sentences that answer best.

use std::collections::{BTreeSet, HashSet};

use wenyuan_ingest::{EmbedError, Embedder};

use super::across::Across;
use super::evidence::{Claim, EvidenceSentence, EvidenceSet, cosine, embed};
use super::facts::numbers;
use super::range::fulfils;
use crate::retrieve::{asked_unit, asks_amount, asks_price, gives_amount, gives_price};

/// Sentences that are compared by meaning; the others are out by their words and passage already.
const COMPARED: usize = 12;

const COSINE_WEIGHT: f32 = 0.3;
const OVERLAP_WEIGHT: f32 = 0.7;
/// How much the passage's own rank speaks for its sentences.
const PASSAGE_WEIGHT: f32 = 0.75;
/// What a number adds where one is asked for.
const AMOUNT_BONUS: f32 = 0.15;
/// What a sum of money adds where one is asked for: the sentence that gives it seldom repeats what it is for.
const PRICE_BONUS: f32 = 0.45;
/// What is taken from a line that only names what is below it, unless it gives the number that is asked for.
const LABEL_PENALTY: f32 = 0.6;
/// What the question's own numbers add, found in the sentence.
const NUMBERS_WEIGHT: f32 = 0.1;
/// What it adds that the question's quantity fulfils the sentence's condition, or takes away that it does not.
const CONDITION_BONUS: f32 = 0.15;

/// The best sentences for a question: indexes into `evidence.sentences` with their scores, best first.
pub(crate) async fn rank_sentences(
    evidence: &EvidenceSet,
    question: &str,
    embedder: &dyn Embedder,
) -> Result<Vec<(usize, f32)>, EmbedError> {
    let claim = Claim::of(question, &evidence.words);
    let asked = Asked::of(question);
    let across = Across::of(evidence, question, claim.writing, embedder);
    let mut ranked: Vec<(usize, f32)> = evidence
        .sentences
        .iter()
        .enumerate()
        .map(|(at, sentence)| {
            let overlap = if evidence.writing(sentence) == claim.writing {
                claim.share(|id| sentence.terms.contains(&id))
            } else {
                across.share(at)
            };
            let passage = PASSAGE_WEIGHT * evidence.hits[sentence.hit].score;
            let facts = asked.facts(sentence, evidence.text(sentence));
            (at, OVERLAP_WEIGHT.mul_add(overlap, passage) + facts)
        })
        .collect();
    order(&mut ranked);
    ranked.truncate(COMPARED);
    let mut texts = vec![question];
    texts.extend(
        ranked
            .iter()
            .map(|(at, _)| evidence.text(&evidence.sentences[*at])),
    );
    let vectors = embed(embedder, &texts).await?;
    if let Some((asked, found)) = vectors.split_first() {
        for ((at, score), vector) in ranked.iter_mut().zip(found) {
            // Where words cannot be compared, meaning takes their weight too.
            let same = evidence.writing(&evidence.sentences[*at]) == claim.writing;
            let weight = if same || across.told {
                COSINE_WEIGHT
            } else {
                COSINE_WEIGHT + OVERLAP_WEIGHT
            };
            *score += weight * cosine(asked, vector);
        }
    }
    order(&mut ranked);
    Ok(ranked)
}

/// What a question asks of numbers.
struct Asked<'a> {
    question: &'a str,
    amount: bool,
    price: bool,
    numbers: BTreeSet<String>,
}

impl<'a> Asked<'a> {
    fn of(question: &'a str) -> Self {
        Self {
            question,
            amount: asks_amount(question),
            price: asks_price(question),
            numbers: numbers(question),
        }
    }

    /// What a sentence's numbers say for it.
    fn facts(&self, sentence: &EvidenceSentence, text: &str) -> f32 {
        let mut score = 0.0;
        let in_unit = asked_unit(last_asked(self.question)).is_none_or(|unit| gives_in(text, unit));
        // The number of a heading is no answer.
        let numbering = |one: char| {
            one.is_numeric() || "#第条條章节節款.、()（） 一二三四五六七八九十百".contains(one)
        };
        let text = if sentence.label {
            text.trim_start_matches(numbering)
        } else {
            text
        };
        if self.price && gives_price(text) {
            score += PRICE_BONUS;
        } else if !self.price && self.amount && in_unit && gives_amount(self.question, text) {
            score += AMOUNT_BONUS;
        } else if sentence.label {
            score -= LABEL_PENALTY;
        }
        if !self.numbers.is_empty() {
            let held = self.numbers.intersection(&sentence.numbers).count();
            score += NUMBERS_WEIGHT * held as f32 / self.numbers.len() as f32;
        }
        match fulfils(self.question, text) {
            Some(true) => score + CONDITION_BONUS,
            Some(false) => score - CONDITION_BONUS,
            None => score,
        }
    }
}

/// Whether a text gives several different numbers in the Chinese unit that is asked for: which of them is meant hangs on
/// conditions, so that none of them answers by itself.
pub(super) fn gives_several(question: &str, text: &str) -> bool {
    let Some(unit) = asked_unit(last_asked(question)) else {
        return false;
    };
    let amounts: HashSet<&str> = text
        .match_indices(unit)
        .map(|(at, _)| {
            let number = |last: char| last.is_ascii_digit() || HAN_NUMERALS.contains(last);
            let before = text[..at].trim_end_matches(['个', '個', ' ']);
            &before[before.trim_end_matches(number).len()..]
        })
        .filter(|amount| !amount.is_empty())
        .collect();
    amounts.len() > 1
}

/// The last question of a text: what stands before it, as with a follow-up, was asked earlier.
fn last_asked(text: &str) -> &str {
    let mut questions = text.split(['?', '？']).map(str::trim);
    questions.rfind(|part| !part.is_empty()).unwrap_or(text)
}

const HAN_NUMERALS: &str = "零一二两兩三四五六七八九十百千万";

/// Whether a text has a number in this Chinese unit.
fn gives_in(text: &str, unit: &str) -> bool {
    text.match_indices(unit).any(|(at, _)| {
        let before = text[..at].trim_end_matches(['个', '個', ' ']);
        before
            .chars()
            .next_back()
            .is_some_and(|last| last.is_ascii_digit() || HAN_NUMERALS.contains(last))
    })
}

/// The best sentences by words alone, for when there is no time or need for more.
pub(crate) fn nearest(evidence: &EvidenceSet, question: &str, most: usize) -> Vec<usize> {
    let claim = Claim::of(question, &evidence.words);
    let mut best: Vec<(usize, f32)> = Vec::new();
    for hit in 0..evidence.hits.len().min(most) {
        let of_hit = evidence
            .sentences
            .iter()
            .enumerate()
            .filter(|(_, sentence)| sentence.hit == hit);
        let shares =
            of_hit.map(|(at, sentence)| (at, claim.share(|id| sentence.terms.contains(&id))));
        best.extend(shares.reduce(|left, right| if right.1 > left.1 { right } else { left }));
    }
    best.into_iter().map(|(at, _)| at).collect()
}

/// The one or two sentences to show: a second one only when it is nearly as good and says something else.
pub(crate) fn choose(evidence: &EvidenceSet, ranked: &[(usize, f32)]) -> Vec<usize> {
    let Some((first, best)) = ranked.first().copied() else {
        return Vec::new();
    };
    let said = &evidence.sentences[first].terms;
    let second = ranked[1..].iter().find(|(at, _)| {
        let terms = &evidence.sentences[*at].terms;
        let shared = terms.iter().filter(|term| said.contains(term)).count();
        shared * 10 < terms.len().max(1) * 9
    });
    let mut chosen = vec![first];
    chosen.extend(
        second
            .filter(|(_, score)| *score >= SECOND_SHARE * best)
            .map(|(at, _)| *at),
    );
    chosen
}

const SECOND_SHARE: f32 = 0.8;

fn order(ranked: &mut [(usize, f32)]) {
    ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use wenyuan_ingest::{Aligner, Dictionary, Language, Span, TokenCounter};

    use super::super::tests::hit;
    use super::*;
    use crate::embed::HashingEmbedder;

    /// Finds one word in another language, and knows nothing of meaning.
    struct OneWord(&'static str);

    impl TokenCounter for OneWord {
        fn count(&self, text: &str) -> usize {
            text.len()
        }
    }

    #[async_trait]
    impl Embedder for OneWord {
        fn fingerprint(&self) -> &'static str {
            "one word"
        }

        fn dimension(&self) -> usize {
            1
        }

        fn max_tokens(&self) -> usize {
            100
        }

        async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
            Ok(vec![vec![1.0]; texts.len()])
        }

        async fn embed_query(&self, _text: &str) -> Result<Vec<f32>, EmbedError> {
            Ok(vec![1.0])
        }

        fn aligner(&self, _question: &str) -> Option<Box<dyn Aligner>> {
            Some(Box::new(Self(self.0)))
        }
    }

    impl Aligner for OneWord {
        fn weights(&self) -> &[f32] {
            &[1.0]
        }

        fn nearest(&self, text: &str) -> Vec<f32> {
            vec![if text.contains(self.0) { 0.8 } else { 0.0 }]
        }
    }

    #[tokio::test]
    async fn of_a_text_in_another_language_the_sentence_with_the_words_asked_for_is_quoted() {
        let text = "The hall holds books.\nIt was finished in 1776.\nMany people came.";
        let text = (Language::English, text);
        let quoted = quoted("文渊阁建成时如何？", &[], text, &OneWord("finished")).await;
        assert_eq!(quoted, "It was finished in 1776.");
    }

    async fn first(question: &str, heading: &[&str], text: &str) -> String {
        let text = (Language::Chinese, text);
        quoted(question, heading, text, &HashingEmbedder::new(64)).await
    }

    /// The sentence that is quoted first from a passage whose lines are its sentences.
    async fn quoted(
        question: &str,
        heading: &[&str],
        (language, text): (Language, &str),
        embedder: &dyn Embedder,
    ) -> String {
        let mut hit = hit(text);
        hit.language = language;
        hit.heading = heading.iter().map(|&line| line.to_owned()).collect();
        hit.sentence_bytes.clear();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end().len();
            if line.contains(char::is_alphanumeric) {
                hit.sentence_bytes.push(Span { start, end });
            }
            start += line.len();
        }
        let evidence = EvidenceSet::new(vec![hit], Dictionary::default());
        let ranked = rank_sentences(&evidence, question, embedder).await;
        let ranked = ranked.expect("ranked");
        evidence.text(&evidence.sentences[ranked[0].0]).to_owned()
    }

    #[tokio::test]
    async fn the_row_of_a_table_that_is_asked_for_is_quoted_and_never_the_names_of_its_columns() {
        let table = "| 客户等级 | 折扣 |\n| --- | --- |\n| A级 | 八五折 |\n| B级 | 九折 |";
        assert_eq!(first("B级客户打几折", &[], table).await, "| B级 | 九折 |");
    }

    #[tokio::test]
    async fn a_heading_is_quoted_only_where_it_gives_the_number_that_is_asked_for() {
        let notes = "Version 4.2.0 (2024-03-18)\nRemoved: support for Python 3.8.";
        let heading = ["Version 4.2.0 (2024-03-18)"];
        let quoted = first("When was version 4.2.0 released?", &heading, notes).await;
        assert_eq!(quoted, heading[0]);
        let quoted = first("What was removed in version 4.2.0?", &heading, notes).await;
        assert_eq!(quoted, "Removed: support for Python 3.8.");
        let report = "Incident report INC-2024-023\nRoot cause: a full disk.";
        let quoted = first("What was the root cause of INC-2024-023?", &[], report).await;
        assert_eq!(quoted, "Root cause: a full disk.");
    }

    #[tokio::test]
    async fn the_number_of_a_heading_is_no_answer() {
        let contract = "第12条 违约金\n违约金为合同总价的5%。";
        let quoted = first("违约金是多少？", &["第12条 违约金"], contract).await;
        assert_eq!(quoted, "违约金为合同总价的5%。");
    }

    #[tokio::test]
    async fn what_something_costs_is_answered_with_a_sum_of_money() {
        let news = "清泉三号电池寿命可达八年，最小流量为每小时十二升。\n建议零售价为499元。";
        assert_eq!(
            first("清泉三号卖多少钱", &[], news).await,
            "建议零售价为499元。"
        );
    }

    #[test]
    fn one_of_several_amounts_in_the_unit_asked_for_is_told_from_the_only_one() {
        let tiers = "已满1年不满10年的，年休假5天；已满20年的，年休假15天。";
        assert!(gives_several("年休假有几天？", tiers));
        assert!(!gives_several(
            "工作满几年可以休假？",
            "已满1年的，年休假5天或15天。"
        ));
        assert!(!gives_several("年休假有几天？", "年休假五天，共五天。"));
        assert!(!gives_several("How many days?", tiers));
    }

    #[test]
    fn a_follow_up_asks_its_own_question() {
        assert_eq!(last_asked("可以借几册？ 那期限呢？"), "那期限呢");
        assert_eq!(last_asked("可以借几册"), "可以借几册");
    }
}
