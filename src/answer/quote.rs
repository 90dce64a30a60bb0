//! Chooses the documents' own sentences that answer best.

use wenyuan_ingest::{EmbedError, Embedder};

use super::evidence::{Claim, EvidenceSet, cosine, embed};

/// Sentences that are compared by meaning; the others are out by their words and passage already.
const COMPARED: usize = 12;

const COSINE_WEIGHT: f32 = 0.3;
const OVERLAP_WEIGHT: f32 = 0.7;
/// How much the passage's own rank speaks for its sentences.
const PASSAGE_WEIGHT: f32 = 0.75;
/// What a number adds where one is asked for.
const NUMBER_BONUS: f32 = 0.08;

/// The best sentences for a question: indexes into `evidence.sentences` with their scores, best first.
pub(crate) async fn rank_sentences(
    evidence: &EvidenceSet,
    question: &str,
    embedder: &dyn Embedder,
) -> Result<Vec<(usize, f32)>, EmbedError> {
    let claim = Claim::of(question);
    let asks_number = asks_for_number(question);
    let mut ranked: Vec<(usize, f32)> = evidence
        .sentences
        .iter()
        .enumerate()
        .map(|(at, sentence)| {
            let overlap = if evidence.writing(sentence) == claim.writing {
                claim.share(|id| sentence.terms.contains(&id))
            } else {
                0.0
            };
            let number = if asks_number && !sentence.numbers.is_empty() {
                NUMBER_BONUS
            } else {
                0.0
            };
            let passage = PASSAGE_WEIGHT * evidence.hits[sentence.hit].score;
            (at, OVERLAP_WEIGHT.mul_add(overlap, passage) + number)
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
            // Across languages words cannot agree, so meaning takes their weight too.
            let same = evidence.writing(&evidence.sentences[*at]) == claim.writing;
            let weight = if same {
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

/// The best sentences by words alone, for when there is no time or need for more.
pub(crate) fn nearest(evidence: &EvidenceSet, question: &str, most: usize) -> Vec<usize> {
    let claim = Claim::of(question);
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

/// Whether a question asks for a number, an amount or a time.
pub(crate) fn asks_for_number(question: &str) -> bool {
    let lower = question.to_lowercase();
    const ASKING: [&str; 22] = [
        "多少",
        "几",
        "幾",
        "何时",
        "何時",
        "哪年",
        "哪一年",
        "什么时候",
        "什麼時候",
        "时间",
        "時間",
        "日期",
        "年份",
        "多大",
        "多长",
        "多高",
        "how many",
        "how much",
        "when ",
        "what year",
        "how long",
        "how old",
    ];
    ASKING.iter().any(|word| lower.contains(word))
}
