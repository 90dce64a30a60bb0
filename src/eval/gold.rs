//! A knowledge base measured by its own gold questions.

use std::collections::HashSet;
use std::time::Instant;

use wenyuan_ingest::Lexicon;

use super::run::the_same;
use super::{Figures, QuestionResult, Ranking, Report, intervals};
use crate::catalog::{Expected, GoldQuestion, GoldSet, KnowledgeBase};
use crate::model::{Question, QuestionError};
use crate::retrieve::{
    Hit, LanguagePair, RerankOutcome, RetrievalChange, RetrieveError, Retriever, SearchFilter,
    SearchMode, SearchRequest, SearchResponse, TopK,
};

/// Hits looked at, so that ten documents come together when several passages of one document lead.
const HITS: usize = 20;

/// Least share of an expected passage's words in a hit that is taken for it, when it was cut in another way since.
const SAME_PASSAGE: f64 = 0.5;

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GoldOptions {
    /// Most questions to ask, spread evenly over the set.
    pub limit: usize,
    /// Which legs of the search run; `None` leaves it to the settings.
    pub mode: Option<SearchMode>,
    /// What is changed in the settings of the knowledge base, to try it.
    pub settings: RetrievalChange,
}

/// Why a knowledge base could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum GoldError {
    /// There is nothing to ask.
    #[error("the knowledge base has no gold questions whose documents are there")]
    NoQuestions,
    /// A stored question is none that can be asked.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// A search failed.
    #[error(transparent)]
    Retrieve(#[from] RetrieveError),
}

/// Asks the gold questions and reckons the figures. `progress` is told how many of how many are done.
///
/// Where a question expects passages, ranks count passages; where it expects documents, the best passage of each.
pub async fn evaluate(
    retriever: &Retriever,
    base: &KnowledgeBase,
    set: &GoldSet,
    options: GoldOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, GoldError> {
    let count = set.questions.len().min(options.limit);
    if count == 0 {
        return Err(GoldError::NoQuestions);
    }
    let (mut results, mut thresholds) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for at in 0..count {
        progress(at, count);
        let gold = &set.questions[at * set.questions.len() / count];
        let begun = Instant::now();
        let found = ask(retriever, base, gold, options).await?;
        let search_ms = begun.elapsed().as_secs_f64() * 1_000.0;
        thresholds.extend(
            found
                .iter()
                .map(|found| Some(f64::from(found.evidence.threshold))),
        );
        results.push(judged(gold, found, search_ms));
    }
    Ok(Report {
        figures: Figures {
            system: "wenyuan".to_owned(),
            set: base.name.clone(),
            documents: base.documents as usize,
            chunks: base.chunks as usize,
            ..Figures::of(&results)
        },
        intervals: intervals(&results),
        threshold: the_same(&thresholds),
        lost: set.lost.iter().map(|gold| gold.question.clone()).collect(),
        results,
    })
}

/// What a search finds; `None` for a question that is nothing but filters or whose filters cannot be used.
async fn ask(
    retriever: &Retriever,
    base: &KnowledgeBase,
    gold: &GoldQuestion,
    options: GoldOptions,
) -> Result<Option<SearchResponse>, GoldError> {
    let request = SearchRequest {
        question: Question::try_from(gold.question.as_str())?,
        knowledge_bases: vec![base.id],
        top_k: TopK::Exactly(HITS),
        filter: SearchFilter::default(),
        mode: options.mode,
        settings: options.settings,
        explain: false,
    };
    match retriever.search(request).await {
        Ok(found) => Ok(Some(found)),
        Err(RetrieveError::OnlyFilters | RetrieveError::FilterTooBroad) => Ok(None),
        Err(
            error
            @ (RetrieveError::Embed(_) | RetrieveError::Store(_) | RetrieveError::Passages(_)),
        ) => Err(error.into()),
    }
}

fn judged(gold: &GoldQuestion, found: Option<SearchResponse>, search_ms: f64) -> QuestionResult {
    let base = QuestionResult {
        id: gold.id.to_string(),
        question: gold.question.clone(),
        answerable: gold.answerable,
        refused: true,
        search_ms,
        retrieve_ms: search_ms,
        ..QuestionResult::default()
    };
    let Some(found) = found else { return base };
    let ranking = ranking(&gold.expected, &found.hits);
    QuestionResult {
        rank: ranking.rank().filter(|_| gold.answerable),
        ndcg: if gold.answerable { ranking.ndcg() } else { 0.0 },
        languages: languages(&gold.question, &found),
        reranked: found
            .reranking
            .as_ref()
            .map(|turn| turn.outcome == RerankOutcome::Done),
        refused: found.evidence.verdict == crate::retrieve::Verdict::Insufficient,
        answerability: Some(f64::from(found.evidence.answerability)),
        retrieve_ms: (search_ms - found.timings.embed).max(0.0),
        ..base
    }
}

/// The pair that a cross-encoder is asked for: as the search tells, or else the best hit's.
fn languages(question: &str, found: &SearchResponse) -> Option<LanguagePair> {
    if let Some(turn) = &found.reranking {
        return Some(turn.languages);
    }
    let best = found.hits.first()?;
    Some(LanguagePair::of(question, best.language.as_str()))
}

/// Where what is expected came among the hits.
fn ranking(expected: &[Expected], hits: &[Hit]) -> Ranking {
    let by_passage = expected.iter().any(|one| one.passage.is_some());
    let wanted: Vec<Wanted<'_>> = expected.iter().map(Wanted::of).collect();
    let listed = hits.iter().map(|hit| {
        let met = wanted.iter().position(|one| one.is_met_by(hit));
        match met {
            Some(at) => wanted[at].label(at),
            None if by_passage => hit.chunk_id.to_string(),
            None => hit.document_id.to_string(),
        }
    });
    let relevant: Vec<String> = wanted
        .iter()
        .enumerate()
        .map(|(at, one)| one.label(at))
        .collect();
    Ranking::of(&listed.collect::<Vec<_>>(), &relevant)
}

/// Something expected, made ready to be looked for in hits.
struct Wanted<'a> {
    expected: &'a Expected,
    folded: String,
    terms: HashSet<u32>,
}

impl<'a> Wanted<'a> {
    fn of(expected: &'a Expected) -> Self {
        let text = expected.passage.as_deref().unwrap_or_default();
        Self {
            expected,
            folded: flat(text),
            terms: terms(text),
        }
    }

    fn label(&self, at: usize) -> String {
        match self.expected.passage {
            Some(_) => format!("expected {at}"),
            None => self.expected.document_id.to_string(),
        }
    }

    fn is_met_by(&self, hit: &Hit) -> bool {
        if hit.document_id != self.expected.document_id {
            return false;
        }
        if self.expected.passage.is_none() {
            return true;
        }
        let text = flat(&hit.text);
        if text.contains(&self.folded) || self.folded.contains(&text) {
            return true;
        }
        let held = terms(&hit.text);
        let shared = self.terms.intersection(&held).count();
        !self.terms.is_empty() && shared as f64 >= SAME_PASSAGE * self.terms.len() as f64
    }
}

/// The text without what another way of cutting or reading may change.
fn flat(text: &str) -> String {
    let folded = Lexicon::shared().fold(text);
    folded
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect()
}

fn terms(text: &str) -> HashSet<u32> {
    let mut found = HashSet::new();
    Lexicon::shared().visit(text, |_kind, id| {
        found.insert(id);
    });
    found
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wenyuan_ingest::{Language, Span};

    use super::*;
    use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};
    use crate::retrieve::StageScores;

    fn hit(chunk: u128, document: u128, text: &str) -> Hit {
        Hit {
            chunk_id: ChunkId(Uuid::from_u128(chunk)),
            document_id: DocumentId(Uuid::from_u128(document)),
            knowledge_base_id: KnowledgeBaseId(Uuid::from_u128(9)),
            document_name: String::new(),
            title: None,
            page: None,
            heading: Vec::new(),
            language: Language::English,
            text: text.to_owned(),
            start: 0,
            end: text.len(),
            ordinal: 0,
            parent: Span { start: 0, end: 0 },
            version: VersionId(Uuid::nil()),
            score: 1.0,
            scores: StageScores::default(),
            sentences: Vec::new(),
            sentence_bytes: Vec::new(),
            pages: Vec::new(),
            places: Vec::new(),
            explain: None,
        }
    }

    fn expected(document: u128, passage: Option<&str>) -> Expected {
        Expected {
            document_id: DocumentId(Uuid::from_u128(document)),
            document_name: String::new(),
            passage: passage.map(str::to_owned),
        }
    }

    #[test]
    fn a_question_that_expects_a_document_counts_documents() {
        let hits = [hit(1, 7, "a"), hit(2, 7, "b"), hit(3, 8, "c")];
        assert_eq!(ranking(&[expected(8, None)], &hits).rank(), Some(2));
        assert_eq!(ranking(&[expected(5, None)], &hits).rank(), None);
    }

    #[test]
    fn a_question_that_expects_a_passage_counts_passages_of_the_right_document() {
        let passage = "The kelp cellar stays at four degrees, and its door is locked at dusk.";
        let hits = [
            hit(1, 7, "Boats are counted every morning."),
            hit(2, 8, passage),
            hit(
                3,
                7,
                "… four degrees.\nThe KELP cellar stays at four degrees, and its door is locked at dusk. Then",
            ),
        ];
        assert_eq!(
            ranking(&[expected(7, Some(passage))], &hits).rank(),
            Some(3)
        );
    }

    #[test]
    fn a_passage_that_was_cut_in_two_is_still_found_by_its_larger_half() {
        let passage = "船队每天清晨出海，黄昏回港。冬季改为隔天出海，由港务员决定。";
        let hits = [
            hit(1, 7, "港务员的名册放在灯塔里。"),
            hit(2, 7, "冬季改为隔天出海，由港务员决定。大风时停航。"),
        ];
        assert_eq!(
            ranking(&[expected(7, Some(passage))], &hits).rank(),
            Some(2)
        );
    }
}
