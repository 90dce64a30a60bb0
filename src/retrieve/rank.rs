//! The last ordering, once texts are at hand: quoted phrases, duplicates, and hits made of what is left.

use std::collections::HashMap;

use wenyuan_ingest::Span;

use super::alike::Gist;
use super::coverage::{Coverage, Wanted};
use super::evidence::PASSAGES_JUDGED;
use super::fuse::{Fused, Scale};
use super::phrase::{Phrase, flat};
use super::rerank::Reranker;
use super::{Hit, Passage, StageScores};
use crate::model::{ChunkId, DocumentId};

/// What each quoted phrase found verbatim adds: enough to pass a near tie, not to lift a stray mention.
const PHRASE_BONUS: f32 = 0.05;

/// What is left after the last ordering.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Best first, without near-duplicates.
    pub(crate) kept: Vec<(Fused, Passage)>,
    /// The near-duplicates, each with the passage kept in its place.
    pub(crate) duplicates: Vec<(ChunkId, ChunkId)>,
    /// How many of them came before as many passages as a verdict reads were kept.
    pub(crate) early_duplicates: usize,
    /// Passages of documents that had as many before as they may.
    pub(crate) over_cap: Vec<ChunkId>,
    /// Passages that lack a required phrase which others hold.
    pub(crate) lacking: Vec<ChunkId>,
    /// For each phrase, whether a passage that was read holds it.
    pub(crate) found: Vec<bool>,
    /// What the reranker read in the passages that it read.
    pub(crate) coverages: HashMap<ChunkId, Coverage>,
}

/// What decides the last ordering.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// The question's phrases.
    pub(crate) phrases: &'a [Phrase],
    /// What reads the texts of the best, the question it reads them for, and what scores are to be expected for it.
    pub(crate) reranker: Option<(Reranker, &'a Wanted<'a>, Scale)>,
    /// Most passages to keep.
    pub(crate) wanted: usize,
    /// Most of one document; `None` is as many as come.
    pub(crate) per_document: Option<usize>,
}

/// Passages in the order that scores, the light reranker and phrases give, before any falls away for another.
#[derive(Clone, Default)]
pub(crate) struct Draft {
    /// Best first.
    pub(crate) ranked: Vec<(Fused, Passage)>,
    lacking: Vec<ChunkId>,
    found: Vec<bool>,
    coverages: HashMap<ChunkId, Coverage>,
}

/// Puts texts to scores. `fused` comes best first.
///
/// Where any passage holds a required phrase, only those that hold the most of them stay.
pub(crate) fn draft(fused: &[Fused], passages: Vec<Passage>, rules: Rules<'_>) -> Draft {
    let mut texts: HashMap<ChunkId, Passage> = passages
        .into_iter()
        .map(|passage| (passage.chunk, passage))
        .collect();
    let mut ranked: Vec<(Fused, Passage)> = fused
        .iter()
        .filter_map(|one| texts.remove(&one.id).map(|passage| (*one, passage)))
        .collect();
    let coverages = rules
        .reranker
        .map(|(reranker, asked, scale)| reranker.rescore(asked, scale, fused, &mut ranked))
        .unwrap_or_default();
    let (found, lacking) = apply_phrases(&mut ranked, rules.phrases);
    best_first(&mut ranked);
    Draft {
        ranked,
        lacking,
        found,
        coverages,
    }
}

/// Orders by score, ties by id.
pub(crate) fn best_first(ranked: &mut [(Fused, Passage)]) {
    ranked.sort_by(|left, right| {
        right
            .0
            .score
            .total_cmp(&left.0.score)
            .then_with(|| left.0.id.cmp(&right.0.id))
    });
}

/// Takes what is wanted of a draft, best first, without near-duplicates.
pub(crate) fn settle(draft: Draft, rules: Rules<'_>) -> Settled {
    let mut ranked = draft.ranked;
    let mut seen: Vec<(ChunkId, Gist)> = Vec::new();
    let mut of_document: HashMap<DocumentId, usize> = HashMap::new();
    let (mut duplicates, mut over_cap) = (Vec::new(), Vec::new());
    let mut early_duplicates = 0;
    ranked.retain(|(one, passage)| {
        if seen.len() >= rules.wanted {
            return false;
        }
        let gist = Gist::of(&passage.text);
        let twin = seen.iter().find(|(_, earlier)| gist.says_the_same(earlier));
        if let Some((twin, _)) = twin {
            duplicates.push((one.id, *twin));
            early_duplicates += usize::from(seen.len() < PASSAGES_JUDGED);
            return false;
        }
        let of_document = of_document.entry(passage.document).or_default();
        if rules.per_document.is_some_and(|most| *of_document >= most) {
            over_cap.push(one.id);
            return false;
        }
        *of_document += 1;
        seen.push((one.id, gist));
        true
    });
    Settled {
        kept: ranked,
        duplicates,
        early_duplicates,
        over_cap,
        lacking: draft.lacking,
        found: draft.found,
        coverages: draft.coverages,
    }
}

/// Lifts passages that hold phrases and drops those that lack required ones; for each phrase, whether any holds it, and
/// what was dropped.
fn apply_phrases(
    ranked: &mut Vec<(Fused, Passage)>,
    phrases: &[Phrase],
) -> (Vec<bool>, Vec<ChunkId>) {
    let mut found = vec![false; phrases.len()];
    let mut lacking = Vec::new();
    if phrases.is_empty() {
        return (found, lacking);
    }
    let mut required = Vec::with_capacity(ranked.len());
    for (one, passage) in &mut *ranked {
        let text = flat(&format!("{}\n{}", passage.heading.join("\n"), passage.text));
        let mut held = 0;
        for (phrase, found) in phrases.iter().zip(&mut found) {
            if phrase.is_in(&text) {
                *found = true;
                one.score += PHRASE_BONUS;
                held += usize::from(phrase.required);
            }
        }
        required.push(held);
    }
    let most = required.iter().copied().max().unwrap_or(0);
    let mut required = required.into_iter();
    ranked.retain(|(one, _)| {
        let holds = required.next() == Some(most);
        if !holds {
            lacking.push(one.id);
        }
        holds
    });
    (found, lacking)
}

/// A hit of a passage.
pub(crate) fn hit(fused: &Fused, passage: &Passage) -> Hit {
    let dense = match (fused.legs.passage, fused.legs.sentence) {
        (Some(left), Some(right)) => Some(left.max(right)),
        (one, None) | (None, one) => one,
    };
    Hit {
        score: fused.score,
        scores: StageScores {
            dense,
            lexical: fused.legs.lexical,
            fused: Some(fused.sum),
            rerank: fused.reranked,
            cross_encoder: fused.crossed,
        },
        ..unranked(passage)
    }
}

/// A hit of a passage that was not searched for.
pub(crate) fn unranked(passage: &Passage) -> Hit {
    Hit {
        chunk_id: passage.chunk,
        document_id: passage.document,
        knowledge_base_id: passage.knowledge_base,
        document_name: passage.document_name.clone(),
        title: passage.title.clone(),
        page: passage.pages.first().map(|page| page.number),
        heading: passage.heading.clone(),
        language: passage.language,
        start: passage.chars.start,
        end: passage.chars.end,
        ordinal: passage.ordinal,
        parent: passage.parent,
        version: passage.version,
        score: 0.0,
        scores: StageScores::default(),
        sentences: passage
            .sentences
            .iter()
            .map(|span| in_characters(passage, *span))
            .collect(),
        sentence_bytes: passage.sentences.clone(),
        pages: passage.pages.clone(),
        places: Vec::new(),
        text: passage.text.clone(),
        explain: None,
    }
}

/// Bytes of a passage as characters of the cleaned text.
pub(super) fn in_characters(passage: &Passage, span: Span) -> Span {
    let before = |byte: usize| passage.chars.start + passage.text[..byte].chars().count();
    Span {
        start: before(span.start),
        end: before(span.end),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::fuse::Legs;
    use super::*;
    use crate::model::{KnowledgeBaseId, VersionId};
    use uuid::Uuid;
    use wenyuan_ingest::Language;

    pub(in super::super) fn passage(number: u128, text: &str) -> Passage {
        Passage {
            chunk: ChunkId(Uuid::from_u128(number)),
            version: VersionId(Uuid::from_u128(1)),
            ordinal: 0,
            document: DocumentId(Uuid::from_u128(2)),
            knowledge_base: KnowledgeBaseId(Uuid::from_u128(3)),
            document_name: "name".to_owned(),
            title: None,
            heading: Vec::new(),
            language: Language::Chinese,
            text: text.to_owned(),
            chars: Span {
                start: 10,
                end: 10 + text.chars().count(),
            },
            sentences: vec![Span {
                start: 0,
                end: text.len(),
            }],
            pages: Vec::new(),
            parent: Span { start: 0, end: 100 },
        }
    }

    pub(in super::super) fn fused(number: u128, score: f32) -> Fused {
        Fused {
            id: ChunkId(Uuid::from_u128(number)),
            score,
            sum: score,
            reranked: None,
            crossed: None,
            legs: Legs::default(),
        }
    }

    fn rules(phrases: &[Phrase], per_document: Option<usize>) -> Rules<'_> {
        Rules {
            phrases,
            reranker: None,
            wanted: 10,
            per_document,
        }
    }

    #[test]
    fn a_repeated_passage_is_given_once_and_an_invisible_one_not_at_all() {
        let list = [fused(1, 0.9), fused(2, 0.8), fused(3, 0.7), fused(4, 0.6)];
        let texts = vec![
            passage(1, "文渊阁藏书。"),
            passage(2, "文渊阁藏书。"),
            passage(4, "另一句话。"),
        ];
        let settled = ended(&list, texts, rules(&[], None));
        assert_eq!(ids(&settled), [list[0].id, list[3].id]);
        assert_eq!(settled.duplicates, [(list[1].id, list[0].id)]);
    }

    #[test]
    fn a_document_gives_no_more_passages_than_it_may_and_duplicates_do_not_count() {
        let list = [fused(1, 0.9), fused(2, 0.8), fused(3, 0.7), fused(4, 0.6)];
        let mut texts = vec![
            passage(1, "文渊阁藏书。"),
            passage(2, "文渊阁藏书。"),
            passage(3, "另一句话。"),
            passage(4, "最后一段在别的文件里。"),
        ];
        texts[3].document = DocumentId(Uuid::from_u128(9));
        let settled = ended(&list, texts, rules(&[], Some(1)));
        assert_eq!(ids(&settled), [list[0].id, list[3].id]);
        assert_eq!(
            (settled.duplicates.len(), settled.over_cap),
            (1, vec![list[2].id])
        );
    }

    fn ended(fused: &[Fused], passages: Vec<Passage>, rules: Rules<'_>) -> Settled {
        settle(draft(fused, passages, rules), rules)
    }

    fn ids(settled: &Settled) -> Vec<ChunkId> {
        settled.kept.iter().map(|(one, _)| one.id).collect()
    }

    #[test]
    fn a_quoted_phrase_passes_a_near_tie() {
        let list = [fused(1, 0.50), fused(2, 0.48)];
        let settled = ended(
            &list,
            vec![passage(1, "一个阁子。"), passage(2, "这是文渊阁。")],
            rules(&[Phrase::new("文渊阁", false)], None),
        );
        assert_eq!(ids(&settled), [list[1].id, list[0].id]);
    }

    #[test]
    fn passages_without_a_required_phrase_are_left_out_where_another_has_it() {
        let list = [fused(1, 0.9), fused(2, 0.1)];
        let texts = || vec![passage(1, "一个阁子。"), passage(2, "這是文淵\n閣。")];
        let settled = ended(&list, texts(), rules(&[Phrase::new("文渊阁", true)], None));
        assert_eq!(
            (ids(&settled), settled.found),
            (vec![list[1].id], vec![true])
        );
        let nowhere = [Phrase::new("文津阁", true)];
        let settled = ended(&list, texts(), rules(&nowhere, None));
        assert_eq!((ids(&settled).len(), settled.found), (2, vec![false]));
        let one_of_two = [Phrase::new("文津阁", true), Phrase::new("阁子", true)];
        let settled = ended(&list, texts(), rules(&one_of_two, None));
        assert_eq!(
            (ids(&settled), settled.found),
            (vec![list[0].id], vec![false, true])
        );
    }

    #[test]
    fn sentences_are_told_in_characters_of_the_document() {
        assert_eq!(
            hit(&fused(1, 0.5), &passage(1, "文渊阁。")).sentences,
            [Span { start: 10, end: 14 }]
        );
    }
}
