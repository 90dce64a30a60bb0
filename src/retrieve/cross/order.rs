//! Where the cross-encoder comes in: after fusion, the light reranker and phrases; before duplicates and caps.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::super::fuse::Fused;
use super::super::prepare::Prepared;
use super::super::rank::{Draft, Rules, Settled, best_first, draft, settle};
use super::super::{Passage, Retriever, SearchMode, Writing};
use super::{CrossEncoding, LanguagePair, RerankOutcome, Reranking, WEIGHT};
use crate::model::ChunkId;

/// Tokens of a passage that are counted on, at least: control tokens and the like.
const LEAST_TOKENS: usize = 8;

/// Passages in their last order.
#[derive(Default)]
pub(in super::super) struct Ordered {
    /// What is left.
    pub(in super::super) settled: Settled,
    /// What would have been left without the cross-encoder, where it changed anything.
    before: Option<Settled>,
    /// Rank from 1 and score after the light reranker and phrases, of all passages that were read.
    pub(in super::super) reranked: Places,
    /// The same after the cross-encoder, where it ran, of the passages that it read; the score is the model's own.
    pub(in super::super) crossed: Option<Places>,
    /// Its turn, where there is one.
    pub(in super::super) reranking: Option<Reranking>,
    /// How long it took; `None` where it was not asked.
    pub(in super::super) took: Option<Duration>,
}

impl Ordered {
    /// What the verdict sees: the order without the cross-encoder. The verdict was fitted to that one, and so means the
    /// same with and without.
    pub(in super::super) fn judged(&self) -> &Settled {
        self.before.as_ref().unwrap_or(&self.settled)
    }

    /// Puts a passage before all others, with their best score: the verdict found that it answers, and the first one does
    /// not. Where a cross-encoder has read them its order stays.
    pub(in super::super) fn put_first(&mut self, passage: Option<ChunkId>) {
        let kept = &mut self.settled.kept;
        let at = kept.iter().position(|(one, _)| Some(one.id) == passage);
        let Some(at) = at.filter(|_| self.before.is_none()) else {
            return;
        };
        kept[..=at].rotate_right(1);
        let best = kept.get(1).map_or(0.0, |(one, _)| one.score);
        let (first, _) = &mut kept[0];
        first.score = first.score.max(best);
    }
}

/// Ranks from 1 and scores at one stage.
pub(in super::super) type Places = HashMap<ChunkId, (usize, f32)>;

/// Puts what was found in its last order.
pub(in super::super) async fn order(
    retriever: &Retriever,
    prepared: &Prepared,
    fused: &[Fused],
    passages: Vec<Passage>,
    rules: Rules<'_>,
) -> Ordered {
    let drafted = draft(fused, passages, rules);
    let reranked = places(&drafted);
    let cross = retriever.cross.as_deref();
    let cross = cross.filter(|_| prepared.tuning.mode == SearchMode::Hybrid);
    let ordered = match (cross, drafted.ranked.first()) {
        (Some(cross), Some((_, best))) => {
            let languages = LanguagePair {
                question: prepared.analysis.writing,
                passages: Writing::of(best.language),
            };
            let question = &prepared.analysis.text;
            crossed(cross, (question, languages), drafted, rules).await
        }
        _ => Ordered {
            settled: settle(drafted, rules),
            ..Ordered::default()
        },
    };
    Ordered {
        reranked,
        ..ordered
    }
}

fn places(drafted: &Draft) -> Places {
    let ranked = drafted.ranked.iter().enumerate();
    let places = ranked.map(|(at, (one, _))| (one.id, (at + 1, one.score)));
    places.collect()
}

async fn crossed(
    cross: &CrossEncoding,
    (question, languages): (&str, LanguagePair),
    drafted: Draft,
    rules: Rules<'_>,
) -> Ordered {
    let mut turn = Reranking {
        model: cross.model.name().to_owned(),
        languages,
        outcome: RerankOutcome::Done,
        passages: 0,
    };
    let unchanged = |drafted, turn, took| Ordered {
        settled: settle(drafted, rules),
        reranking: Some(turn),
        took,
        ..Ordered::default()
    };
    if !cross.pairs.contains(&languages) {
        turn.outcome = RerankOutcome::OtherLanguages;
        return unchanged(drafted, turn, None);
    }
    let texts = candidates(cross, question, &drafted.ranked);
    if texts.len() < 2 {
        return unchanged(drafted, turn, None);
    }
    let begun = Instant::now();
    let scores = cross.ask(question, &texts).await;
    let took = Some(begun.elapsed());
    match scores {
        Err(outcome) => {
            turn.outcome = outcome;
            unchanged(drafted, turn, took)
        }
        Ok(scores) => {
            turn.passages = scores.len();
            let before = settle(drafted.clone(), rules);
            let (drafted, crossed) = apply(drafted, &scores);
            Ordered {
                settled: settle(drafted, rules),
                before: Some(before),
                crossed: Some(crossed),
                reranking: Some(turn),
                took,
                ..Ordered::default()
            }
        }
    }
}

/// The texts of the best passages, as many as are wanted and fit the budget.
fn candidates(cross: &CrossEncoding, question: &str, ranked: &[(Fused, Passage)]) -> Vec<String> {
    let (limits, window) = (cross.limits, cross.model.max_tokens());
    let asked = tokens(question);
    let mut left = limits.budget_tokens;
    let mut texts = Vec::new();
    for (_, passage) in ranked.iter().take(limits.candidates) {
        let text = text_of(passage);
        let tokens = (asked + tokens(&text) + LEAST_TOKENS).min(window);
        let Some(rest) = left.checked_sub(tokens) else {
            break;
        };
        left = rest;
        texts.push(text);
    }
    texts
}

/// What the model reads of a passage: title and headings say what a piece cut out of a document is about.
fn text_of(passage: &Passage) -> String {
    let title = passage.title.iter().map(String::as_str);
    let headings = passage.heading.iter().map(String::as_str);
    let mut lines: Vec<&str> = title
        .chain(headings)
        .filter(|line| !line.is_empty())
        .collect();
    lines.dedup();
    let above = lines.join(" > ");
    if above.is_empty() {
        passage.text.clone()
    } else {
        format!("{above}\n{}", passage.text)
    }
}

/// A guess at a text's tokens: a Han character is most of one, Latin letters a quarter.
fn tokens(text: &str) -> usize {
    let quarters = text.chars().map(|one| if one.is_ascii() { 1 } else { 3 });
    quarters.sum::<usize>() / 4 + 1
}

/// Weighs the first passages' scores with the model's and orders anew. All stay in about [0, 1].
fn apply(mut drafted: Draft, scores: &[f32]) -> (Draft, Places) {
    for (at, (one, _)) in drafted.ranked.iter_mut().enumerate() {
        one.crossed = scores.get(at).map(|score| score.clamp(0.0, 1.0));
        one.score = WEIGHT.mul_add(one.crossed.unwrap_or(0.0), one.score) / (1.0 + WEIGHT);
        if one.crossed.is_some() || one.reranked.is_some() {
            one.reranked = Some(one.score);
        }
    }
    best_first(&mut drafted.ranked);
    let read = drafted.ranked.iter().enumerate();
    let crossed = read.filter_map(|(at, (one, _))| Some((one.id, (at + 1, one.crossed?))));
    let crossed = crossed.collect();
    (drafted, crossed)
}
