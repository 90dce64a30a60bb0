//! One answer from end to end: search, judge, ask the model if there is one worth asking, or quote.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::draft::{Draft, Found, Stop};
use super::evidence::EvidenceSet;
use super::pack::pack;
use super::prompt::chat;
use super::quote::rank_sentences;
use super::response::Notice;
use super::{
    AnswerError, AnswerEvent, AnswerMode, AnswerStream, Answerer, AskRequest, short, writer,
};
use crate::generate::{GenerateError, GenerateRequest, Generator, Prompt, Sampling, Segment};
use crate::retrieve::{
    Hit, RetrievalChange, RetrieveError, SearchRequest, SearchResponse, TypedQuestion, Verdict,
};

/// How long a capable model may take for one answer.
const PATIENCE: Duration = Duration::from_mins(3);

pub(super) async fn run(
    answerer: &Answerer,
    request: AskRequest,
) -> Result<AnswerStream, AnswerError> {
    let started = Instant::now();
    let found = answerer
        .retriever
        .search(SearchRequest {
            question: request.question.clone(),
            knowledge_bases: request.knowledge_bases.clone(),
            top_k: request.top_k,
            filter: request.filter.clone(),
            mode: None,
            settings: RetrievalChange::default(),
            explain: false,
        })
        .await?;
    over(answerer, request, found, started).await
}

/// Answers over what a search has already found; `started` is when the question came.
pub(super) async fn over(
    answerer: &Answerer,
    request: AskRequest,
    found: SearchResponse,
    started: Instant,
) -> Result<AnswerStream, AnswerError> {
    let (events, stream) = AnswerStream::open();
    let mut found = found;
    // An answer without places to highlight is still an answer.
    if let Err(error) = answerer.retriever.locate(&mut found.hits).await {
        tracing::warn!(error = %error, "the places of passages on their pages cannot be read");
    }
    let hits = found.hits.clone();
    let evidence = EvidenceSet::new(found.hits, found.words);
    let nothing = evidence.sentences.is_empty() || found.evidence.verdict == Verdict::Insufficient;
    let found = Found {
        evidence,
        answerability: found.evidence.answerability,
        query: found.query,
        started,
    };
    // Filters are no part of what is asked.
    let asked = TypedQuestion::of(request.question.as_str());
    let embedder = answerer.retriever.embedder();
    let mut draft = Draft::new(
        &asked.text,
        request.strict,
        found,
        Arc::clone(&embedder),
        events.clone(),
    );
    if nothing {
        spawn(events, hits, draft.refuse());
        return Ok(stream);
    }
    let ranked = rank_sentences(&draft.evidence, &draft.question, &*embedder).await?;
    let generator = match request.mode {
        AnswerMode::Answer => answerer.generator.as_ref(),
        AnswerMode::Quote => None,
    };
    let Some(generator) = generator else {
        if request.mode == AnswerMode::Answer {
            draft.notice = Some(Notice::ModelMissing);
        }
        spawn(events, hits, short::answer(draft, ranked, None));
        return Ok(stream);
    };
    draft.model.clone_from(&generator.describe().name);
    let trusted = generator.describe().trusted_writer;
    let asked = if trusted {
        long_request(answerer, &mut draft, &**generator, request.max_tokens).await
    } else {
        short::request(&draft, &ranked, request.max_tokens)
    };
    let generation = match generator.generate(asked).await {
        Ok(generation) => Some(generation),
        Err(error @ (GenerateError::Deadline | GenerateError::Unavailable(_))) => {
            draft.notice = Some(short::notice(error)?);
            None
        }
        Err(error @ (GenerateError::Overloaded { .. } | GenerateError::TooLong { .. })) => {
            return Err(error.into());
        }
    };
    match generation {
        Some(generation) if trusted => {
            spawn(events, hits, writer::follow(draft, ranked, generation));
        }
        generation => spawn(events, hits, short::answer(draft, ranked, generation)),
    }
    Ok(stream)
}

/// Sends the passages, then lets the answer be made in the background until it is done or nobody reads it.
fn spawn(
    events: mpsc::Sender<AnswerEvent>,
    hits: Vec<Hit>,
    answer: impl Future<Output = Result<(), Stop>> + Send + 'static,
) {
    tokio::spawn(async move {
        if events.send(AnswerEvent::Retrieval(hits)).await.is_err() {
            return;
        }
        match answer.await {
            Ok(()) | Err(Stop::Gone) => {}
            // If the reader has gone by now there is nobody to tell.
            Err(Stop::Failed(error)) => drop(events.send(AnswerEvent::Error(error)).await),
        }
    });
}

/// What to ask a capable model: it reads the passages with some of their surroundings. Whatever it reads may be cited;
/// what is quoted when its words do not hold are sentences of the passages found.
async fn long_request(
    answerer: &Answerer,
    draft: &mut Draft,
    generator: &dyn Generator,
    max_tokens: usize,
) -> GenerateRequest {
    let key = answerer.fence_key;
    let found = draft.evidence.hits.len();
    let around = surroundings(answerer, &draft.evidence.hits).await;
    draft.evidence.extend(around);
    let hits = &draft.evidence.hits;
    let fixed = match chat(draft.writing, &draft.question, &[], key) {
        Prompt::Chat(turns) => turns
            .iter()
            .flat_map(|(_, segments)| segments)
            .map(|one| tokens(generator, one))
            .sum(),
        Prompt::Completion(segments) => segments.iter().map(|one| tokens(generator, one)).sum(),
    };
    let max_tokens = max_tokens.min(generator.describe().context_tokens / 2);
    let packed = pack(hits, found, generator, (fixed, max_tokens));
    let texts = packed.stretches.iter().map(|one| one.text(hits));
    let texts: Vec<String> = texts.collect();
    let first = packed.stretches.iter().map(|one| &hits[one.passages[0].0]);
    let read: Vec<(&Hit, &str)> = first.zip(texts.iter().map(String::as_str)).collect();
    let prompt = chat(draft.writing, &draft.question, &read, key);
    let readings = packed.stretches.iter();
    draft.context = readings
        .filter_map(|one| one.reading(hits, found))
        .collect();
    if packed.left_out {
        draft.notice = Some(Notice::PassagesLeftOut);
    }
    GenerateRequest {
        prompt,
        max_tokens,
        stop: Vec::new(),
        sampling: Sampling::default(),
        deadline: PATIENCE,
    }
}

/// Passages around those found, with their places on the pages; none where they cannot be had.
async fn surroundings(answerer: &Answerer, hits: &[Hit]) -> Vec<Hit> {
    let around = async {
        let mut around = answerer.retriever.surroundings(hits).await?;
        answerer.retriever.locate(&mut around).await?;
        Ok::<_, RetrieveError>(around)
    };
    around.await.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "the surroundings of passages cannot be read");
        Vec::new()
    })
}

fn tokens(generator: &dyn Generator, segment: &Segment) -> usize {
    match segment {
        Segment::Trusted(text) | Segment::Data(text) => generator.count_tokens(text),
    }
}
