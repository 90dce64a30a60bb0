//! Answers: pack the evidence, generate, ground every sentence, cite, or refuse.

mod across;
mod alone;
mod cite;
mod draft;
mod evidence;
mod facts;
mod ground;
mod pack;
mod prompt;
mod quote;
mod range;
mod repeat;
mod request;
mod response;
mod run;
mod sentence;
mod short;
mod stream;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use wenyuan_ingest::EmbedError;

pub use pack::Reading;
pub use request::{AnswerMode, AskRequest};
pub use response::{Answer, AnswerTimings, Citation, CitedSentence, Notice, Support, Usage};
pub use stream::{AnswerEvent, AnswerStream};

use self::prompt::FenceKey;
use crate::generate::{GenerateError, Generator};
use crate::retrieve::{RetrieveError, Retriever, SearchResponse};

/// Why there is no answer, by whose trouble it is.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The passages could not be searched.
    #[error(transparent)]
    Retrieve(#[from] RetrieveError),
    /// The model could not take or finish the request; `Overloaded` may be tried again.
    #[error(transparent)]
    Generate(#[from] GenerateError),
}

impl From<EmbedError> for AnswerError {
    fn from(error: EmbedError) -> Self {
        Self::Retrieve(error.into())
    }
}

/// Answers questions from documents. Cheap to clone.
#[derive(Clone)]
pub struct Answerer {
    retriever: Retriever,
    generator: Option<Arc<dyn Generator>>,
    fence_key: FenceKey,
}

impl Answerer {
    /// Answers from what `retriever` finds. Without a generator every answer is a quote.
    #[must_use]
    pub fn new(retriever: Retriever, generator: Option<Arc<dyn Generator>>) -> Self {
        Self {
            retriever,
            generator,
            fence_key: FenceKey::random(),
        }
    }

    /// The language model, where there is one.
    #[must_use]
    pub const fn generator(&self) -> Option<&Arc<dyn Generator>> {
        self.generator.as_ref()
    }

    /// Retrieves, judges the evidence and queues the generation; the rest comes out of the stream.
    ///
    /// A full queue is an error here, before anything is streamed. Dropping the stream stops generation.
    pub async fn answer(&self, request: AskRequest) -> Result<AnswerStream, AnswerError> {
        run::run(self, request).await
    }

    /// The same over what a search has already found: for callers that retrieve by themselves, as chains do.
    pub async fn answer_from(
        &self,
        request: AskRequest,
        found: SearchResponse,
    ) -> Result<AnswerStream, AnswerError> {
        run::over(self, request, found, std::time::Instant::now()).await
    }
}
