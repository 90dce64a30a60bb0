//! Server-sent events: answers and jobs as they happen.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt as _, stream};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::code::ErrorCode;
use super::context::RequestContext;
use super::error::{ApiError, ErrorResponse};
use super::routes::{
    CitationResponse, DoneResponse, HitResponse, JobEventResponse, SentenceResponse,
};
use crate::answer::{Answer, AnswerError, AnswerEvent, AnswerStream};
use crate::jobs::JobEvent;
use crate::telemetry::{AnswerFigures, record_answer, record_lost_answer};

/// Silence longer than this makes proxies and browsers give up.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// When to come back for a stream when too many are open.
const RETRY: Duration = Duration::from_secs(5);

/// The right to keep one stream open.
pub(crate) type StreamPermit = OwnedSemaphorePermit;

/// Takes a place among the open streams.
pub(crate) fn stream_permit(streams: &Arc<Semaphore>) -> Result<StreamPermit, ApiError> {
    Arc::clone(streams)
        .try_acquire_owned()
        .map_err(|_| ApiError::busy(ErrorCode::TooManyRequests, RETRY))
}

#[derive(Serialize)]
struct RetrievalEvent {
    hits: Vec<HitResponse>,
}

#[derive(Serialize)]
struct TokenEvent {
    text: String,
}

/// One answer, from `retrieval` to `done` or `error`. Dropping the response drops the answer, which stops generation.
pub(crate) fn answer_events(
    answer: AnswerStream,
    context: RequestContext,
    permit: StreamPermit,
) -> Response {
    let following = Following {
        answer,
        tally: Tally::begin(),
        context,
        _permit: permit,
    };
    respond(stream::unfold(following, Following::next))
}

struct Following {
    answer: AnswerStream,
    tally: Tally,
    context: RequestContext,
    _permit: StreamPermit,
}

impl Following {
    /// The next event. An answer that ends without an end is an error that the client is told about.
    async fn next(mut self) -> Option<(Event, Self)> {
        if self.tally.ended {
            return None;
        }
        let event = match self.answer.next().await {
            Some(AnswerEvent::Retrieval(hits)) => {
                let hits = hits.into_iter().map(HitResponse::from).collect();
                event("retrieval", &RetrievalEvent { hits })
            }
            Some(AnswerEvent::Token(text)) => event("token", &TokenEvent { text }),
            Some(AnswerEvent::Sentence(sentence)) => {
                event("sentence", &SentenceResponse::from(sentence))
            }
            Some(AnswerEvent::Citation(citation)) => {
                event("citation", &CitationResponse::from(citation))
            }
            Some(AnswerEvent::Done(answer)) => {
                self.tally.finished(&answer);
                event("done", &DoneResponse::from(*answer))
            }
            Some(AnswerEvent::Error(error)) => self.failed(&error.into()),
            None => self.failed(&ApiError::caused_by(
                ErrorCode::Internal,
                &"an answer ended without an end",
            )),
        };
        Some((event, self))
    }

    fn failed(&mut self, error: &ApiError) -> Event {
        self.tally.failed();
        event(
            "error",
            &ErrorResponse {
                error: error.body(&self.context),
            },
        )
    }
}

/// Sees to it that every answer is counted once, also when its client leaves.
pub(crate) struct Tally {
    ended: bool,
}

impl Tally {
    /// An answer has begun.
    pub(crate) const fn begin() -> Self {
        Self { ended: false }
    }

    /// It is whole.
    pub(crate) fn finished(&mut self, answer: &Answer) {
        self.ended = true;
        record_answer(AnswerFigures {
            refused: answer.refused,
            prompt_tokens: answer.usage.prompt_tokens,
            cached_tokens: answer.usage.cached_tokens,
            completion_tokens: answer.usage.completion_tokens,
            first_token_ms: answer.timings_ms.first_token,
            total_ms: answer.timings_ms.total,
        });
    }

    /// An answer that was not streamed, whole or failed.
    pub(crate) fn whole(mut self, answer: Result<Answer, AnswerError>) -> Result<Answer, ApiError> {
        match &answer {
            Ok(answer) => self.finished(answer),
            Err(_) => self.failed(),
        }
        answer.map_err(ApiError::from)
    }

    /// It failed.
    pub(crate) fn failed(&mut self) {
        self.ended = true;
        record_lost_answer("failed");
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        if !self.ended {
            record_lost_answer("abandoned");
        }
    }
}

/// A job's present state, its changes, and its end: `progress`*, then `done` with a final status.
pub(crate) fn job_events(
    events: impl Stream<Item = JobEvent> + Send + 'static,
    context: &RequestContext,
    permit: StreamPermit,
) -> Response {
    let tongue = context.tongue;
    respond(events.map(move |job| {
        let _held = &permit;
        let name = if job.status.is_final() {
            "done"
        } else {
            "progress"
        };
        event(name, &JobEventResponse::told(job, tongue))
    }))
}

fn respond(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).text("waiting");
    let sse = Sse::new(events.map(Ok::<Event, Infallible>)).keep_alive(keep_alive);
    // nginx would otherwise gather the events and send them all at the end.
    (
        [("cache-control", "no-store"), ("x-accel-buffering", "no")],
        sse,
    )
        .into_response()
}

fn event(name: &'static str, data: &impl Serialize) -> Event {
    Event::default()
        .event(name)
        .json_data(data)
        .unwrap_or_else(|error| {
            let cause = ApiError::caused_by(ErrorCode::Internal, &error);
            Event::default().event("error").data(format!(
                "{{\"error\":{{\"code\":\"{}\"}}}}",
                cause.code().as_str()
            ))
        })
}
