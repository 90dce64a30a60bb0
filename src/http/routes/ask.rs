//! Questions and their answers, whole or as they are made.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::chunks::BoxResponse;
use super::filter::FilterRequest;
use super::retrieval::top_k;
use crate::answer::{
    Answer, AnswerMode, AnswerTimings, AskRequest as Ask, Citation, CitedSentence, Notice, Reading,
    Support, Usage,
};
use crate::http::code::ErrorCode;
use crate::http::context::RequestContext;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{Body, InKnowledgeBase, within};
use crate::http::sse::{Tally, answer_events, stream_permit};
use crate::http::state::App;
use crate::model::{AnswerId, ChunkId, DocumentId, KnowledgeBaseId, Question};
use crate::retrieve::UnderstoodQuery;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AskRequest {
    /// The question; at most 4,000 characters. Filters and phrases in it work as in a search.
    #[schema(example = "年假可以累积到下一年吗？")]
    question: String,
    /// Whether to send events as the answer is made. When left out, a client that accepts only JSON gets JSON.
    #[serde(default)]
    stream: Option<bool>,
    /// Passages to read, 1 to 50; by default the knowledge base's number, or else the configured one.
    #[serde(default, alias = "topk", alias = "topK")]
    top_k: Option<usize>,
    /// Where to look.
    // A filter lost to a slip of the pen would let answers in from elsewhere.
    #[serde(default, alias = "filters")]
    filter: Option<FilterRequest>,
    /// answer (written, every sentence checked) or quote (the documents' own sentences).
    #[serde(default)]
    #[schema(value_type = String, example = "answer")]
    mode: Option<AnswerMode>,
    /// Whether sentences without support are withheld instead of marked.
    #[serde(default)]
    strict: bool,
    /// Most tokens to write, 1 to 4,096.
    #[serde(default)]
    max_tokens: Option<usize>,
    /// A language model by name; only the one that is loaded can be asked.
    #[serde(default)]
    model: Option<String>,
    /// Not possible in this version.
    #[serde(default)]
    lora: Option<String>,
    /// Not possible in this version.
    #[serde(default)]
    conversation_id: Option<String>,
}

impl AskRequest {
    fn for_answerer(self, base: KnowledgeBaseId, app: &App) -> Result<Ask, ApiError> {
        self.refuse_what_is_missing(app)?;
        Ok(Ask {
            question: Question::try_from(self.question.as_str())?,
            knowledge_bases: vec![base],
            top_k: top_k(self.top_k, app.settings.answer_top_k, 50)?,
            filter: self.filter.unwrap_or_default().try_into()?,
            mode: self.mode.unwrap_or_default(),
            strict: self.strict,
            max_tokens: within(
                "max_tokens",
                self.max_tokens,
                app.settings.answer_max_tokens,
                1..=4_096,
            )?,
        })
    }

    /// Says so rather than answering as if it had not been asked.
    fn refuse_what_is_missing(&self, app: &App) -> Result<(), ApiError> {
        let given = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
        let other_model =
            given(&self.model).filter(|name| app.state.model.as_deref() != Some(name.as_str()));
        let missing = [
            ("model", other_model),
            ("lora", given(&self.lora)),
            ("conversation_id", given(&self.conversation_id)),
        ];
        match missing
            .into_iter()
            .find_map(|(field, value)| value.map(|value| format!("{field} “{value}”")))
        {
            Some(detail) => Err(ApiError::new(ErrorCode::Unsupported).with("detail", detail)),
            None => Ok(()),
        }
    }
}

/// A sentence of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentenceResponse {
    /// The sentence.
    text: String,
    /// supported, weak or unsupported.
    #[schema(value_type = String)]
    support: Support,
    /// Numbers of citations.
    citations: Vec<u32>,
}

impl From<CitedSentence> for SentenceResponse {
    fn from(sentence: CitedSentence) -> Self {
        Self {
            text: sentence.text,
            support: sentence.support,
            citations: sentence.citations,
        }
    }
}

/// Where a sentence comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CitationResponse {
    /// Its number, from 1.
    n: u32,
    /// The passage.
    #[schema(value_type = String)]
    chunk_id: ChunkId,
    /// The document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// The document's name.
    document_name: String,
    /// Page, from 1.
    page: Option<u32>,
    /// Headings above the quote, highest first.
    heading: Vec<String>,
    /// Exactly the cleaned text at `[start, end)`.
    quote: String,
    /// First character in the cleaned text.
    start: usize,
    /// One past the last character.
    end: usize,
    /// Where to highlight on the pages; empty where the original has no known places.
    boxes: Vec<BoxResponse>,
}

impl From<Citation> for CitationResponse {
    fn from(citation: Citation) -> Self {
        Self {
            n: citation.n,
            chunk_id: citation.chunk_id,
            document_id: citation.document_id,
            document_name: citation.document_name,
            page: citation.page,
            heading: citation.heading,
            quote: citation.quote,
            start: citation.start,
            end: citation.end,
            boxes: citation.boxes.into_iter().map(Into::into).collect(),
        }
    }
}

/// A whole answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AskResponse)]
pub(crate) struct DoneResponse {
    /// Its id.
    #[schema(value_type = String)]
    answer_id: AnswerId,
    /// The text.
    answer: String,
    /// Its sentences.
    sentences: Vec<SentenceResponse>,
    /// What they cite; for a refusal, the nearest passages.
    citations: Vec<CitationResponse>,
    /// Whether the documents were found not to hold an answer.
    refused: bool,
    /// The model's name; empty when none was asked.
    model: String,
    /// prompt_tokens, cached_tokens, completion_tokens.
    #[schema(value_type = Object)]
    usage: Usage,
    /// retrieve, first_token, total.
    #[schema(value_type = Object)]
    timings_ms: AnswerTimings,
    /// How the answer came to be, where that matters: model_missing, model_too_weak, model_too_slow,
    /// sentences_withheld or passages_left_out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    notice: Option<Notice>,
    /// What a capable model was given to read, in its order: `document_id`, `document_name`, `start`, `end` (characters
    /// of the cleaned text), `found` and `added`: ids of passages that were found, and of others of their sections.
    /// Empty where no such model was asked.
    #[schema(value_type = Vec<Object>)]
    context: Vec<Reading>,
    /// How likely the passages hold an answer, in [0, 1].
    answerability: f32,
    /// How the question was understood, as in a search.
    #[schema(value_type = Object)]
    query: UnderstoodQuery,
}

impl From<Answer> for DoneResponse {
    fn from(answer: Answer) -> Self {
        Self {
            answer_id: answer.answer_id,
            answer: answer.answer,
            sentences: answer.sentences.into_iter().map(Into::into).collect(),
            citations: answer.citations.into_iter().map(Into::into).collect(),
            refused: answer.refused,
            model: answer.model,
            usage: answer.usage,
            timings_ms: answer.timings_ms,
            notice: answer.notice,
            context: answer.context,
            answerability: answer.answerability,
            query: answer.query,
        }
    }
}

/// Answers a question from the knowledge base, with the passage behind every sentence, or says that it cannot.
///
/// With `stream`, server-sent events in order: one `retrieval` (hits), `token` {"text"} as they come, the checked
/// `sentence`s, the `citation`s, then one `done` (the whole answer) or `error`. Closing the connection stops the model.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/ask", tag = "questions",
    params(("kb" = String, Path, description = "Id or name")), request_body = AskRequest, responses(
    (status = 200, description = "The answer; with `stream`, events", body = DoneResponse),
    (status = 400, description = "`empty_question`, `only_filters`, `question_too_long`, `out_of_range`",
        body = ErrorResponse),
    (status = 429, description = "`overloaded`: come back after `Retry-After` seconds", body = ErrorResponse),
    (status = 503, description = "`model_unavailable`, `index_unavailable`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn ask(
    State(app): State<App>,
    context: RequestContext,
    headers: HeaderMap,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<AskRequest>,
) -> Result<Response, ApiError> {
    let streamed = request.stream.unwrap_or_else(|| !wants_json(&headers));
    let question = request.for_answerer(base.id, &app)?;
    let permit = stream_permit(&app.streams)?;
    let answer = app.state.answerer.answer(question).await?;
    if streamed {
        return Ok(answer_events(answer, context, permit));
    }
    let tally = Tally::begin();
    let answer = tally.whole(answer.finish().await)?;
    Ok(Json(DoneResponse::from(answer)).into_response())
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accepted.contains("application/json") && !accepted.contains("text/event-stream")
}
