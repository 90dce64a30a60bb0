//! The sending end of a generation, which keeps the promise that every stream ends in `Done` or an error.

use tokio::sync::mpsc;

use super::{GenerateError, GenerateEvent, Generation, StopReason};

/// Events besides text: `Started`, `Done` and the text flushed before it.
const EXTRA_EVENTS: usize = 4;

/// Sends one request's events without ever waiting: the channel holds all that `max_tokens` allows, so a slow reader
/// delays nobody else.
#[derive(Debug)]
pub(crate) struct Reply {
    sender: mpsc::Sender<Result<GenerateEvent, GenerateError>>,
    ended: bool,
}

impl Reply {
    pub(crate) fn channel(max_tokens: usize) -> (Self, Generation) {
        let (sender, receiver) =
            mpsc::channel(max_tokens.saturating_add(EXTRA_EVENTS).min(mpsc_limit()));
        (
            Self {
                sender,
                ended: false,
            },
            receiver,
        )
    }

    /// Nobody listens any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.sender.is_closed()
    }

    pub(crate) fn started(&mut self, prompt_tokens: usize, cached_tokens: usize) {
        self.send(Ok(GenerateEvent::Started {
            prompt_tokens,
            cached_tokens,
        }));
    }

    pub(crate) fn text(&mut self, text: String) {
        if !text.is_empty() {
            self.send(Ok(GenerateEvent::Text(text)));
        }
    }

    pub(crate) fn done(mut self, reason: StopReason, completion_tokens: usize) {
        self.send(Ok(GenerateEvent::Done {
            reason,
            completion_tokens,
        }));
        self.ended = true;
    }

    pub(crate) fn fail(mut self, error: GenerateError) {
        self.send(Err(error));
        self.ended = true;
    }

    fn send(&self, event: Result<GenerateEvent, GenerateError>) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(event) {
            tracing::error!("a generation sent more events than it has tokens");
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.ended {
            self.send(Err(GenerateError::Unavailable(
                "the engine stopped before the answer was complete".to_owned(),
            )));
        }
    }
}

/// Tokio's own limit on a channel's capacity.
const fn mpsc_limit() -> usize {
    tokio::sync::Semaphore::MAX_PERMITS
}
