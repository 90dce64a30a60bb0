//! Finds what is expected, whether or not the search would.

use std::collections::HashSet;

use super::super::fuse::Fused;
use super::super::phrase::{Phrase, flat};
use super::super::prepare::Prepared;
use super::super::question::Writing;
use super::super::words::{query_vector, term_ids, terms};
use super::super::{Passage, RetrieveError, Retriever, Standing};
use super::report::{Expected, Finding, Reason, WhyNotRequest};
use crate::model::{ChunkId, DocumentId};
use crate::store::{Condition, Field, QueryVector, StoreQuery};

/// Passages of a document that may stand for it.
const MOST_OF_DOCUMENT: usize = 20;

/// Passages that may have some given words, as the index ranks them; read one by one.
const MOST_READ: usize = 64;

/// Passages with the same words.
const MOST_ALIKE: usize = 5;

/// Share of the words, by what they are worth, that a passage must have to be the one that is meant.
const MEANT: f32 = 0.6;

/// What was found of what is expected.
pub(super) enum Sought {
    /// These passages would do; there is at least one.
    Here(Vec<Passage>),
    /// There is none that a search could find.
    Lost(Finding, Reason, Option<Box<Standing>>),
}

/// Finds what is expected.
pub(super) async fn seek(
    retriever: &Retriever,
    open: &Prepared,
    request: &WhyNotRequest,
) -> Result<Sought, RetrieveError> {
    match &request.expected {
        Expected::Document(id) => of_document(retriever, open, request, *id).await,
        Expected::Chunk(id) => chunk(retriever, request, *id).await,
        Expected::Text(text) => with_words(retriever, open, text).await,
    }
}

/// A document's passages that are nearest to the question.
async fn of_document(
    retriever: &Retriever,
    open: &Prepared,
    request: &WhyNotRequest,
    id: DocumentId,
) -> Result<Sought, RetrieveError> {
    let bases = &request.search.knowledge_bases;
    let Some(standing) = retriever.passages.standing(bases, id).await? else {
        return Ok(Sought::Lost(Finding::Unknown, Reason::Unknown, None));
    };
    if !standing.searchable {
        let reason = Reason::NotSearchable;
        return Ok(Sought::Lost(
            Finding::NotReady,
            reason,
            Some(Box::new(standing)),
        ));
    }
    let alone = Prepared {
        filter: open.filter.clone().in_documents(&[id]),
        ..open.clone()
    };
    let (candidates, _) = alone.collect(retriever).await?;
    let fused: Vec<Fused> = alone.ordered(&candidates);
    let mut ids: Vec<ChunkId> = fused
        .iter()
        .map(|one| one.id)
        .take(MOST_OF_DOCUMENT)
        .collect();
    if ids.is_empty() {
        // Words alone may see nothing in it.
        ids = retriever
            .store
            .ids(&alone.filter, None, MOST_OF_DOCUMENT)
            .await?;
    }
    let passages = retriever.passages.passages(&ids).await?;
    if passages.is_empty() {
        return Ok(Sought::Lost(
            Finding::NotSplitThere,
            Reason::NoPassages,
            Some(Box::new(standing)),
        ));
    }
    Ok(Sought::Here(passages))
}

async fn chunk(
    retriever: &Retriever,
    request: &WhyNotRequest,
    id: ChunkId,
) -> Result<Sought, RetrieveError> {
    let bases = &request.search.knowledge_bases;
    let found = retriever.passages.passages(&[id]).await?;
    let here: Vec<Passage> = found
        .into_iter()
        .filter(|passage| bases.contains(&passage.knowledge_base))
        .collect();
    if !here.is_empty() {
        return Ok(Sought::Here(here));
    }
    let standing = match retriever.passages.document_of(id).await? {
        Some(document) => retriever.passages.standing(bases, document).await?,
        None => None,
    };
    Ok(match standing {
        Some(standing) if standing.searchable => Sought::Lost(
            Finding::NotReady,
            Reason::OldVersion,
            Some(Box::new(standing)),
        ),
        Some(standing) => Sought::Lost(
            Finding::NotReady,
            Reason::NotSearchable,
            Some(Box::new(standing)),
        ),
        None => Sought::Lost(Finding::Unknown, Reason::Unknown, None),
    })
}

/// The passages that have the text as it stands; where none has, the one with most of its words.
async fn with_words(
    retriever: &Retriever,
    open: &Prepared,
    text: &str,
) -> Result<Sought, RetrieveError> {
    let mut passages = candidates(retriever, open, text).await?;
    let phrase = Phrase::new(text, true);
    let verbatim = |passage: &Passage| phrase.is_in(&flat(&passage.text));
    if passages.iter().any(verbatim) {
        passages.retain(verbatim);
        passages.truncate(MOST_ALIKE);
        return Ok(Sought::Here(passages));
    }
    let asked: Vec<(u32, f32)> = worths(text);
    let mut best: Option<(f32, Passage)> = None;
    for passage in passages {
        let share = share(&asked, &passage);
        if best.as_ref().is_none_or(|(most, _)| share > *most) {
            best = Some((share, passage));
        }
    }
    Ok(match best {
        Some((share, passage)) if share >= MEANT => Sought::Here(vec![passage]),
        best => {
            let best = best.map_or(0.0, |(share, _)| share);
            Sought::Lost(Finding::NotSplitThere, Reason::TextNowhere { best }, None)
        }
    })
}

/// Passages that share most of the text's words, in both writings.
async fn candidates(
    retriever: &Retriever,
    open: &Prepared,
    text: &str,
) -> Result<Vec<Passage>, RetrieveError> {
    let terms = query_vector(text);
    if terms.indices.is_empty() {
        return Ok(Vec::new());
    }
    let query = |writing: Writing| {
        let mut filter = open.filter.clone();
        filter
            .must
            .push(Condition::Any(Field::Language, writing.language_names()));
        StoreQuery {
            vector: QueryVector::Lexical(terms.clone()),
            filter,
            limit: MOST_READ,
        }
    };
    let queries = [Writing::Han, Writing::Alphabetic].map(query).to_vec();
    let mut found = retriever.store.query_batch(queries).await?.concat();
    found.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then_with(|| left.id.cmp(&right.id))
    });
    let ids: Vec<ChunkId> = found.into_iter().map(|one| one.id).collect();
    Ok(retriever.passages.passages(&ids).await?)
}

/// The terms of a text with what each is worth.
fn worths(text: &str) -> Vec<(u32, f32)> {
    let mut seen = HashSet::new();
    let mut terms = terms(text);
    terms.retain(|term| seen.insert(term.id));
    terms.iter().map(|term| (term.id, term.worth())).collect()
}

/// The share of them that a passage has.
fn share(asked: &[(u32, f32)], passage: &Passage) -> f32 {
    let held = term_ids(&passage.text);
    let worth = |of: &dyn Fn(u32) -> bool| -> f32 {
        let counted = asked.iter().filter(|(term, _)| of(*term));
        counted.map(|(_, worth)| worth).sum()
    };
    let all = worth(&|_| true);
    let got = worth(&|term| held.binary_search(&term).is_ok());
    if all > 0.0 { got / all } else { 0.0 }
}
