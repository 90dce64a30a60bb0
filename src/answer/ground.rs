//! Decides what the evidence says to each sentence of an answer.

use std::collections::HashSet;

use wenyuan_ingest::{EmbedError, Embedder};

use super::evidence::{Claim, EvidenceSentence, EvidenceSet, cosine, embed};
use super::facts::{names, numbers};
use super::response::Support;
use crate::retrieve::{asked_unit, asks_amount, gives_amount};

/// Evidence sentences that a claim is compared with by meaning.
const COMPARED: usize = 8;

/// Similarity from which a sentence counts as said, in the same writing and across.
const SUPPORTED: f32 = 0.62;
const SUPPORTED_ACROSS: f32 = 0.60;
/// Similarity from which it is at least about the same thing.
const WEAK: f32 = 0.42;
const WEAK_ACROSS: f32 = 0.45;
/// Share of words that alone counts as said, since a short copied answer has little meaning to compare.
const COPIED: f32 = 0.9;
/// How much a second sentence must add to be cited as well.
const ADDS: f32 = 0.12;

/// The finding on one sentence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    /// What the evidence says.
    pub(crate) support: Support,
    /// Indexes of the evidence sentences that carry it; empty when unsupported.
    pub(crate) carriers: Vec<usize>,
}

impl Finding {
    const fn unsupported() -> Self {
        Self {
            support: Support::Unsupported,
            carriers: Vec::new(),
        }
    }
}

/// Looks for the evidence of one sentence of an answer to `question`.
pub(crate) async fn ground(
    sentence: &str,
    question: &str,
    evidence: &EvidenceSet,
    embedder: &dyn Embedder,
) -> Result<Finding, EmbedError> {
    let claim = Claim::of(sentence, &evidence.words);
    if evidence.sentences.is_empty() || (claim.is_hollow() && numbers(sentence).is_empty()) {
        return Ok(Finding::unsupported());
    }
    let mut near: Vec<(usize, f32)> = evidence
        .sentences
        .iter()
        .enumerate()
        .map(|(at, one)| (at, overlap(&claim, evidence, &[one])))
        .collect();
    near.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    near.truncate(COMPARED);
    let mut texts = vec![sentence];
    texts.extend(
        near.iter()
            .map(|(at, _)| evidence.text(&evidence.sentences[*at])),
    );
    let vectors = embed(embedder, &texts).await?;
    let Some((said, found)) = vectors.split_first() else {
        return Ok(Finding::unsupported());
    };
    let scored = near.iter().zip(found).map(|((at, shared), vector)| {
        let across = evidence.writing(&evidence.sentences[*at]) != claim.writing;
        let meaning = cosine(said, vector);
        (
            *at,
            *shared,
            if across {
                meaning
            } else {
                f32::midpoint(*shared, meaning)
            },
            across,
        )
    });
    let Some((best, shared, score, across)) =
        scored.max_by(|left, right| left.2.total_cmp(&right.2))
    else {
        return Ok(Finding::unsupported());
    };
    let (carriers, joint) = with_neighbour(&claim, evidence, best, shared);
    if !facts_hold(sentence, question, evidence, &carriers) {
        return Ok(Finding::unsupported());
    }
    let score = score + 0.5 * (joint - shared);
    let (supported, weak) = if across {
        (SUPPORTED_ACROSS, WEAK_ACROSS)
    } else {
        (SUPPORTED, WEAK)
    };
    let support = if score >= supported || (!across && joint >= COPIED) {
        Support::Supported
    } else if score >= weak {
        Support::Weak
    } else {
        return Ok(Finding::unsupported());
    };
    Ok(Finding { support, carriers })
}

/// The share of a claim's worth that these sentences hold together with their passages' titles.
fn overlap(claim: &Claim, evidence: &EvidenceSet, carriers: &[&EvidenceSentence]) -> f32 {
    claim.share(|id| {
        carriers
            .iter()
            .any(|one| one.terms.contains(&id) || evidence.frames[one.hit].contains(&id))
    })
}

/// A claim often joins two sentences of one passage: takes the one that adds most, if it adds enough.
fn with_neighbour(
    claim: &Claim,
    evidence: &EvidenceSet,
    best: usize,
    shared: f32,
) -> (Vec<usize>, f32) {
    let first = &evidence.sentences[best];
    let partner = evidence
        .sentences
        .iter()
        .enumerate()
        .filter(|(at, one)| *at != best && one.hit == first.hit)
        .map(|(at, one)| (at, overlap(claim, evidence, &[first, one])))
        .reduce(|left, right| if right.1 > left.1 { right } else { left });
    match partner {
        Some((at, joint)) if joint >= shared + ADDS => (vec![best, at], joint),
        Some(_) | None => (vec![best], shared),
    }
}

/// Whether every number of the sentence stands in its evidence, and every name there or in the question.
fn facts_hold(sentence: &str, question: &str, evidence: &EvidenceSet, carriers: &[usize]) -> bool {
    let held: HashSet<&str> = carriers
        .iter()
        .flat_map(|at| evidence.sentences[*at].numbers.iter().map(String::as_str))
        .collect();
    let frame_numbers: HashSet<String> = carriers
        .iter()
        .map(|at| &evidence.hits[evidence.sentences[*at].hit])
        .flat_map(|hit| {
            numbers(&format!(
                "{} {}",
                hit.title.as_deref().unwrap_or_default(),
                hit.heading.join(" ")
            ))
        })
        .collect();
    if !numbers(sentence)
        .iter()
        .all(|number| held.contains(number.as_str()) || frame_numbers.contains(number))
    {
        return false;
    }
    let mut source = question.to_lowercase();
    for at in carriers {
        let hit = &evidence.hits[evidence.sentences[*at].hit];
        for text in [
            &hit.text,
            &hit.document_name,
            &hit.heading.join(" "),
            hit.title.as_ref().unwrap_or(&hit.text),
        ] {
            source.push('\n');
            source.push_str(&text.to_lowercase());
        }
    }
    names(sentence)
        .iter()
        .all(|name| source.contains(name.as_str()))
}

/// Where a short answer stands word for word in the evidence: an index into its sentences, the earliest of `among`.
///
/// Small models copy well and write badly; only a copy counts, and only one that can be an answer: not empty, not the
/// question's own words, and with a number where one is asked for.
pub(crate) fn copied(
    answer: &str,
    question: &str,
    evidence: &EvidenceSet,
    among: &[usize],
) -> Option<usize> {
    let answer = answer.trim();
    let folded = answer.to_lowercase();
    let alphanumeric = folded
        .chars()
        .filter(|character| character.is_alphanumeric())
        .count();
    let repeats_question = question.to_lowercase().contains(&folded);
    let lacks_number = asks_amount(question) && !gives_amount(question, answer);
    let lacks_unit = asked_unit(question).is_some_and(|unit| !answer.contains(unit));
    if alphanumeric == 0 || repeats_question || lacks_number || lacks_unit {
        return None;
    }
    among.iter().copied().find(|at| {
        let text = evidence.text(&evidence.sentences[*at]).to_lowercase();
        text.match_indices(&folded)
            .any(|(from, _)| stands_alone(&text, from, from + folded.len()))
    })
}

/// Whether `text[from..to]` does not cut a Latin word or a number in two.
fn stands_alone(text: &str, from: usize, to: usize) -> bool {
    let joins = |left: Option<char>, right: Option<char>| match (left, right) {
        (Some(left), Some(right)) => left.is_ascii_alphanumeric() && right.is_ascii_alphanumeric(),
        (None, _) | (_, None) => false,
    };
    let inside = &text[from..to];
    !joins(text[..from].chars().next_back(), inside.chars().next())
        && !joins(inside.chars().next_back(), text[to..].chars().next())
}
