//! The answering step of a conversational chain: grounded, cited answers in place of a stuffed prompt template.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use langchain_rust::chain::{Chain, ChainError};
use langchain_rust::language_models::{GenerateResult, TokenUsage};
use langchain_rust::prompt::PromptArgs;
use langchain_rust::schemas::{Document, StreamData};
use serde_json::{Value, json};

use super::retriever::HitShelf;
use crate::answer::{Answer, AnswerEvent, AnswerStream, Answerer, AskRequest};
use crate::model::Question;

/// Answers from the documents that the chain retrieved.
///
/// langchain-rust passes documents as JSON, without what grounding needs; the hits themselves are taken from the shelf
/// that the retriever put them on. Documents that did not come from our retriever are an error, not a guess.
#[derive(Clone)]
pub struct EvidenceChain {
    answerer: Answerer,
    request: AskRequest,
    shelf: HitShelf,
    last: Arc<Mutex<Option<Answer>>>,
}

impl EvidenceChain {
    /// `request` is the pattern for every question: knowledge bases, length, mode. Its question is replaced.
    #[must_use]
    pub fn new(answerer: Answerer, request: AskRequest, shelf: HitShelf) -> Self {
        Self {
            answerer,
            request,
            shelf,
            last: Arc::default(),
        }
    }

    /// The whole of the last answer, with sentences and citations, which LangChain's result has no place for.
    #[must_use]
    pub fn last_answer(&self) -> Option<Answer> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn answer(&self, input: &PromptArgs) -> Result<AnswerStream, ChainError> {
        let question = input.get("question").and_then(Value::as_str);
        let question =
            question.ok_or_else(|| ChainError::MissingInputVariable("question".to_owned()))?;
        let question = Question::try_from(question)
            .map_err(|error| ChainError::OtherError(error.to_string()))?;
        let documents = input.get("input_documents").cloned();
        let documents = documents
            .ok_or_else(|| ChainError::MissingInputVariable("input_documents".to_owned()))?;
        let documents: Vec<Document> = serde_json::from_value(documents)?;
        let found = self
            .shelf
            .found(&documents)
            .map_err(ChainError::RetrieverError)?;
        let request = AskRequest {
            question,
            ..self.request.clone()
        };
        let answer = self.answerer.answer_from(request, found).await;
        answer.map_err(|error| ChainError::OtherError(error.to_string()))
    }
}

fn usage(answer: &Answer) -> TokenUsage {
    let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
    TokenUsage::new(
        count(answer.usage.prompt_tokens),
        count(answer.usage.completion_tokens),
    )
}

#[async_trait]
impl Chain for EvidenceChain {
    async fn call(&self, input: PromptArgs) -> Result<GenerateResult, ChainError> {
        let stream = self.answer(&input).await?;
        let answer = stream
            .finish()
            .await
            .map_err(|error| ChainError::OtherError(error.to_string()))?;
        let result = GenerateResult {
            tokens: Some(usage(&answer)),
            generation: answer.answer.clone(),
            ..GenerateResult::default()
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        Ok(result)
    }

    async fn execute(&self, input: PromptArgs) -> Result<HashMap<String, Value>, ChainError> {
        let result = self.call(input).await?;
        Ok(HashMap::from([
            ("output".to_owned(), json!(result.generation)),
            (
                "citations".to_owned(),
                json!(self.last_answer().map(|answer| answer.citations)),
            ),
            ("generate_result".to_owned(), json!(result)),
        ]))
    }

    async fn stream(
        &self,
        input: PromptArgs,
    ) -> Result<Pin<Box<dyn Stream<Item = Result<StreamData, ChainError>> + Send>>, ChainError>
    {
        let events = self.answer(&input).await?;
        let last = Arc::clone(&self.last);
        let chunks = events.filter_map(move |event| {
            let chunk = match event {
                AnswerEvent::Token(text) => {
                    Some(Ok(StreamData::new(json!({ "content": text }), None, text)))
                }
                AnswerEvent::Done(answer) => {
                    let end = StreamData::new(
                        json!({ "citations": answer.citations }),
                        Some(usage(&answer)),
                        "",
                    );
                    *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(*answer);
                    Some(Ok(end))
                }
                AnswerEvent::Error(error) => Some(Err(ChainError::OtherError(error.to_string()))),
                AnswerEvent::Retrieval(_) | AnswerEvent::Sentence(_) | AnswerEvent::Citation(_) => {
                    None
                }
            };
            std::future::ready(chunk)
        });
        Ok(Box::pin(chunks))
    }

    fn get_input_keys(&self) -> Vec<String> {
        vec!["input_documents".to_owned(), "question".to_owned()]
    }

    fn get_output_keys(&self) -> Vec<String> {
        vec![
            "output".to_owned(),
            "citations".to_owned(),
            "generate_result".to_owned(),
        ]
    }
}
