//! The events of one answer, in the order that the API promises.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;
use tokio::sync::mpsc;

use super::{Answer, AnswerError, Citation, CitedSentence};
use crate::retrieve::Hit;

/// What comes out, in order: one `Retrieval`, any `Token`, `Sentence`s, `Citation`s, then one `Done` or `Error`.
#[derive(Debug)]
pub enum AnswerEvent {
    /// The passages found.
    Retrieval(Vec<Hit>),
    /// More text. All of them joined are [`Answer::answer`].
    Token(String),
    /// A checked sentence.
    Sentence(CitedSentence),
    /// A place cited.
    Citation(Citation),
    /// The whole answer.
    Done(Box<Answer>),
    /// It ended badly.
    Error(AnswerError),
}

/// Events that wait for a slow reader before the writer waits too.
const EVENTS_WAITING: usize = 64;

/// The events of one answer. Dropping it stops generation.
#[derive(Debug)]
pub struct AnswerStream {
    events: mpsc::Receiver<AnswerEvent>,
}

impl AnswerStream {
    /// A stream and the end that feeds it.
    pub(super) fn open() -> (mpsc::Sender<AnswerEvent>, Self) {
        let (sender, events) = mpsc::channel(EVENTS_WAITING);
        (sender, Self { events })
    }

    /// Reads to the end, for callers that do not stream.
    pub async fn finish(mut self) -> Result<Answer, AnswerError> {
        while let Some(event) = self.events.recv().await {
            match event {
                AnswerEvent::Done(answer) => return Ok(*answer),
                AnswerEvent::Error(error) => return Err(error),
                AnswerEvent::Retrieval(_)
                | AnswerEvent::Token(_)
                | AnswerEvent::Sentence(_)
                | AnswerEvent::Citation(_) => {}
            }
        }
        Err(crate::generate::GenerateError::Unavailable("the answer ended early".to_owned()).into())
    }
}

impl Stream for AnswerStream {
    type Item = AnswerEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<AnswerEvent>> {
        self.events.poll_recv(context)
    }
}
