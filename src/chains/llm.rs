//! langchain-rust's `LLM` over our generator: chains written for any LangChain model run on the local one.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use langchain_rust::language_models::llm::LLM;
use langchain_rust::language_models::options::CallOptions;
use langchain_rust::language_models::{
    GenerateResult, LLMError, LLMEvent, LLMEventStream, TokenUsage,
};
use langchain_rust::schemas::{Message, MessageType, StreamData};
use tokio_stream::wrappers::ReceiverStream;

use crate::generate::{
    GenerateError, GenerateEvent, GenerateRequest, Generator, Prompt, Role, Sampling, Segment,
};

const DEFAULT_MAX_TOKENS: usize = 256;
const DEADLINE: Duration = Duration::from_secs(120);

/// The local language model as a LangChain `LLM`. Cloning shares the model.
#[derive(Clone)]
pub struct EngineLlm {
    generator: Arc<dyn Generator>,
    max_tokens: usize,
    stop: Vec<String>,
    sampling: Sampling,
}

impl EngineLlm {
    /// Wraps a generator with greedy sampling and at most 256 tokens; [`LLM::add_options`] changes that.
    #[must_use]
    pub fn new(generator: Arc<dyn Generator>) -> Self {
        Self {
            generator,
            max_tokens: DEFAULT_MAX_TOKENS,
            stop: Vec::new(),
            sampling: Sampling::default(),
        }
    }

    /// The generator behind it.
    #[must_use]
    pub fn generator(&self) -> &Arc<dyn Generator> {
        &self.generator
    }

    /// Message contents are data: whatever a document or a person wrote, it cannot forge turn markers.
    fn request(&self, messages: &[Message]) -> GenerateRequest {
        let prompt = if self.generator.describe().instruct {
            Prompt::Chat(messages.iter().map(turn).collect())
        } else {
            Prompt::Completion(transcript(messages))
        };
        GenerateRequest {
            prompt,
            max_tokens: self.max_tokens,
            stop: self.stop.clone(),
            sampling: self.sampling.clone(),
            deadline: DEADLINE,
        }
    }

    async fn events(&self, messages: &[Message]) -> Result<ReceiverStream<Event>, LLMError> {
        let generation = self
            .generator
            .generate(self.request(messages))
            .await
            .map_err(|error| refuse(&error))?;
        Ok(ReceiverStream::new(generation))
    }
}

type Event = Result<GenerateEvent, GenerateError>;

fn turn(message: &Message) -> (Role, Vec<Segment>) {
    let role = match message.message_type {
        MessageType::SystemMessage => Role::System,
        MessageType::AIMessage => Role::Assistant,
        MessageType::HumanMessage | MessageType::ToolMessage => Role::User,
    };
    (role, vec![Segment::Data(message.content.clone())])
}

/// A base model knows no turns: a single message is continued as it stands, several become a labelled transcript.
fn transcript(messages: &[Message]) -> Vec<Segment> {
    if let [only] = messages {
        return vec![Segment::Data(only.content.clone())];
    }
    let mut segments = Vec::with_capacity(messages.len() * 2 + 1);
    for message in messages {
        let label = match message.message_type {
            MessageType::SystemMessage => "",
            MessageType::AIMessage => "Assistant: ",
            MessageType::HumanMessage | MessageType::ToolMessage => "User: ",
        };
        segments.push(Segment::Trusted(label.to_owned()));
        segments.push(Segment::Data(format!("{}\n", message.content)));
    }
    segments.push(Segment::Trusted("Assistant:".to_owned()));
    segments
}

fn refuse(error: &GenerateError) -> LLMError {
    LLMError::OtherError(error.to_string())
}

/// Folds a stream of events into one result.
#[derive(Default)]
struct Collected {
    text: String,
    prompt_tokens: usize,
    completion_tokens: usize,
}

impl Collected {
    fn take(&mut self, event: GenerateEvent) -> Option<String> {
        match event {
            GenerateEvent::Started { prompt_tokens, .. } => self.prompt_tokens = prompt_tokens,
            GenerateEvent::Text(text) => {
                self.text.push_str(&text);
                return Some(text);
            }
            GenerateEvent::Done {
                completion_tokens, ..
            } => self.completion_tokens = completion_tokens,
        }
        None
    }

    fn usage(&self) -> TokenUsage {
        let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
        TokenUsage::new(count(self.prompt_tokens), count(self.completion_tokens))
    }

    fn result(self) -> GenerateResult {
        let tokens = Some(self.usage());
        GenerateResult {
            tokens,
            generation: self.text,
            ..GenerateResult::default()
        }
    }
}

#[async_trait]
impl LLM for EngineLlm {
    async fn generate(&self, messages: &[Message]) -> Result<GenerateResult, LLMError> {
        let mut events = self.events(messages).await?;
        let mut collected = Collected::default();
        while let Some(event) = events.next().await {
            collected.take(event.map_err(|error| refuse(&error))?);
        }
        Ok(collected.result())
    }

    async fn stream(
        &self,
        messages: &[Message],
    ) -> Result<Pin<Box<dyn Stream<Item = Result<StreamData, LLMError>> + Send>>, LLMError> {
        let events = self.events(messages).await?;
        let mut collected = Collected::default();
        let chunks = events.filter_map(move |event| {
            let chunk = match event {
                Ok(event) => collected.take(event).map(|text| {
                    let value = serde_json::json!({ "content": text });
                    Ok(StreamData::new(value, Some(collected.usage()), text))
                }),
                Err(error) => Some(Err(refuse(&error))),
            };
            std::future::ready(chunk)
        });
        Ok(Box::pin(chunks))
    }

    fn generate_stream<'a>(&'a self, messages: &'a [Message]) -> LLMEventStream<'a> {
        let opened = futures::stream::once(self.events(messages));
        let events = opened.flat_map(|opened| match opened {
            Ok(events) => finished_with_result(events).boxed(),
            Err(error) => futures::stream::once(std::future::ready(Err(error))).boxed(),
        });
        Box::pin(events)
    }

    fn add_options(&mut self, options: CallOptions) {
        if let Some(max_tokens) = options.max_tokens {
            self.max_tokens = max_tokens as usize;
        }
        if let Some(stop) = options.stop_words {
            self.stop = stop;
        }
        if let Some(temperature) = options.temperature {
            self.sampling.temperature = temperature;
        }
        if let Some(top_p) = options.top_p {
            self.sampling.top_p = top_p;
        }
        if let Some(seed) = options.seed {
            self.sampling.seed = u32::try_from(seed).unwrap_or(u32::MAX);
        }
        if let Some(penalty) = options.repetition_penalty {
            self.sampling.repeat_penalty = penalty;
        }
    }
}

/// Text events as they come, then one `Done` with the whole result, as LangChain wants it.
fn finished_with_result(
    events: ReceiverStream<Event>,
) -> impl Stream<Item = Result<LLMEvent, LLMError>> + Send {
    futures::stream::unfold(
        (events, Some(Collected::default())),
        |(mut events, state)| async move {
            let mut collected = state?;
            loop {
                match events.next().await {
                    Some(Ok(event)) => {
                        if let Some(text) = collected.take(event) {
                            return Some((Ok(LLMEvent::Text(text)), (events, Some(collected))));
                        }
                    }
                    Some(Err(error)) => return Some((Err(refuse(&error)), (events, None))),
                    None => return Some((Ok(LLMEvent::Done(collected.result())), (events, None))),
                }
            }
        },
    )
}
