//! A generator without a model: says what a script tells it to, and keeps every other promise of the trait.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::gate::{Gate, Place};
use super::reply::Reply;
use super::text::StopMatcher;
use super::{
    GenerateError, GenerateRequest, Generation, Generator, ModelDescription, Prompt, Segment,
    StopReason,
};

type Script = dyn Fn(&str) -> String + Send + Sync;

/// The deterministic twin of the llama.cpp engine, for tests of what is built upon it. A token is a character.
pub struct ScriptedGenerator {
    description: ModelDescription,
    script: Box<Script>,
    gate: Gate,
    token_delay: Duration,
    slots: std::sync::Arc<tokio::sync::Semaphore>,
}

impl ScriptedGenerator {
    /// Answers every prompt with what `script` makes of its text.
    pub fn new(script: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self {
            description: ModelDescription {
                name: "scripted".to_owned(),
                context_tokens: 8_192,
                instruct: true,
                trusted_writer: true,
            },
            script: Box::new(script),
            gate: Gate::new(1, 8),
            token_delay: Duration::ZERO,
            slots: std::sync::Arc::new(tokio::sync::Semaphore::new(1)),
        }
    }

    /// Answers every prompt with `answer`.
    pub fn saying(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::new(move |_| answer.clone())
    }

    /// With another description.
    #[must_use]
    pub fn described(mut self, description: ModelDescription) -> Self {
        self.description = description;
        self
    }

    /// With so many requests served at once, and so many more that may wait.
    #[must_use]
    pub fn serving(mut self, slots: usize, queue: usize) -> Self {
        self.gate = Gate::new(slots, queue);
        self.slots = std::sync::Arc::new(tokio::sync::Semaphore::new(slots.max(1)));
        self
    }

    /// Waiting this long before each token.
    #[must_use]
    pub fn slowed(mut self, token_delay: Duration) -> Self {
        self.token_delay = token_delay;
        self
    }
}

#[async_trait]
impl Generator for ScriptedGenerator {
    fn describe(&self) -> &ModelDescription {
        &self.description
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.chars().count()
    }

    async fn generate(&self, request: GenerateRequest) -> Result<Generation, GenerateError> {
        let place = self.gate.enter()?;
        let prompt = prompt_text(&request.prompt);
        let prompt_tokens = self.count_tokens(&prompt);
        let limit = self.description.context_tokens;
        if prompt_tokens.saturating_add(request.max_tokens) > limit {
            return Err(GenerateError::TooLong {
                prompt_tokens,
                max_tokens: request.max_tokens,
                limit,
            });
        }
        let (reply, generation) = Reply::channel(request.max_tokens);
        let recital = Recital {
            answer: (self.script)(&prompt),
            prompt_tokens,
            deadline: Instant::now() + request.deadline,
            delay: self.token_delay,
            max_tokens: request.max_tokens,
            stop: StopMatcher::new(request.stop),
        };
        tokio::spawn(recital.run(std::sync::Arc::clone(&self.slots), place, reply));
        Ok(generation)
    }
}

/// One answer being given.
struct Recital {
    answer: String,
    prompt_tokens: usize,
    deadline: Instant,
    delay: Duration,
    max_tokens: usize,
    stop: StopMatcher,
}

impl Recital {
    async fn run(
        mut self,
        slots: std::sync::Arc<tokio::sync::Semaphore>,
        mut place: Place,
        mut reply: Reply,
    ) {
        let slot = tokio::select! {
            slot = slots.acquire() => slot,
            () = tokio::time::sleep_until(self.deadline) => return reply.fail(GenerateError::Deadline),
            () = abandoned(&reply) => return,
        };
        place.serve();
        reply.started(self.prompt_tokens, 0);
        let mut spoken = 0;
        for character in std::mem::take(&mut self.answer).chars() {
            if spoken == self.max_tokens {
                return self.end(reply, StopReason::Length, spoken);
            }
            if !self.delay.is_zero() {
                tokio::time::sleep(self.delay).await;
            }
            if Instant::now() >= self.deadline {
                return reply.fail(GenerateError::Deadline);
            }
            if reply.is_abandoned() {
                return;
            }
            spoken += 1;
            let released = self.stop.push(character.encode_utf8(&mut [0; 4]));
            reply.text(released.text);
            if released.stopped {
                return reply.done(StopReason::Stop, spoken);
            }
        }
        drop(slot);
        self.end(reply, StopReason::Stop, spoken);
    }

    fn end(mut self, mut reply: Reply, reason: StopReason, spoken: usize) {
        reply.text(self.stop.finish());
        reply.done(reason, spoken);
    }
}

async fn abandoned(reply: &Reply) {
    while !reply.is_abandoned() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn prompt_text(prompt: &Prompt) -> String {
    let text = |segments: &[Segment]| -> String {
        segments
            .iter()
            .map(|segment| match segment {
                Segment::Trusted(text) | Segment::Data(text) => text.as_str(),
            })
            .collect()
    };
    match prompt {
        Prompt::Completion(segments) => text(segments),
        Prompt::Chat(messages) => messages
            .iter()
            .map(|(_, segments)| text(segments))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{GenerateEvent, Role, Sampling};
    use super::*;

    fn request(max_tokens: usize, stop: &[&str]) -> GenerateRequest {
        GenerateRequest {
            prompt: Prompt::Chat(vec![(Role::User, vec![Segment::Data("你好".to_owned())])]),
            max_tokens,
            stop: stop.iter().map(ToString::to_string).collect(),
            sampling: Sampling::default(),
            deadline: Duration::from_secs(5),
        }
    }

    async fn finish(mut generation: Generation) -> (String, Result<StopReason, GenerateError>) {
        let mut text = String::new();
        while let Some(event) = generation.recv().await {
            match event {
                Ok(GenerateEvent::Started { .. }) => {}
                Ok(GenerateEvent::Text(more)) => text.push_str(&more),
                Ok(GenerateEvent::Done { reason, .. }) => return (text, Ok(reason)),
                Err(error) => return (text, Err(error)),
            }
        }
        panic!("a stream ended without Done or an error");
    }

    #[tokio::test]
    async fn the_script_answers_from_the_prompt_and_ends() {
        let generator = ScriptedGenerator::new(|prompt| format!("{prompt}！"));
        let generation = generator.generate(request(10, &[])).await.expect("a place");
        assert!(
            matches!(finish(generation).await, (text, Ok(StopReason::Stop)) if text == "你好！")
        );
    }

    #[tokio::test]
    async fn length_and_stop_texts_end_the_answer() {
        let generator = ScriptedGenerator::saying("一二三\n四");
        let cut = generator.generate(request(2, &[])).await.expect("a place");
        assert!(matches!(finish(cut).await, (text, Ok(StopReason::Length)) if text == "一二"));
        let stopped = generator
            .generate(request(20, &["\n"]))
            .await
            .expect("a place");
        assert!(matches!(finish(stopped).await, (text, Ok(StopReason::Stop)) if text == "一二三"));
    }

    #[tokio::test]
    async fn too_long_and_too_many_are_refused_at_once() {
        let generator = ScriptedGenerator::saying("慢")
            .serving(1, 0)
            .slowed(Duration::from_millis(50));
        assert!(matches!(
            generator.generate(request(9_000, &[])).await,
            Err(GenerateError::TooLong { limit: 8_192, .. })
        ));
        let held = generator.generate(request(5, &[])).await.expect("a place");
        assert!(matches!(
            generator.generate(request(5, &[])).await,
            Err(GenerateError::Overloaded { .. })
        ));
        assert!(finish(held).await.1.is_ok());
    }

    #[tokio::test]
    async fn a_deadline_and_a_dropped_stream_free_the_slot() {
        let generator = ScriptedGenerator::saying("很长".repeat(500))
            .serving(1, 2)
            .slowed(Duration::from_millis(5));
        drop(
            generator
                .generate(request(900, &[]))
                .await
                .expect("a place"),
        );
        let mut late = request(900, &[]);
        late.deadline = Duration::from_millis(60);
        let generation = generator.generate(late).await.expect("a place");
        assert!(matches!(
            finish(generation).await.1,
            Err(GenerateError::Deadline)
        ));
    }
}
