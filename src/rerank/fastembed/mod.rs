//! Cross-encoders as ONNX graphs: fastembed over ONNX Runtime, on a thread of its own.

mod graph;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use async_trait::async_trait;
use fastembed::{
    OnnxSource, RerankInitOptionsUserDefined, TextRerank, TokenizerFiles, UserDefinedRerankingModel,
};
use ort::environment::Environment;

use super::worker::{Pairs, Worker};
use super::{CrossEncoder, RerankError, cut, sigmoid};
use crate::models::{ModelError, RerankerFiles, onnx_environment};

/// The most padded tokens in a batch: two long pairs. More gains nothing on a processor, and memory grows with it.
const BUDGET_TOKENS: usize = 1_024;

/// An ONNX cross-encoder. Dropping it ends its thread after the batch that it is on.
pub struct OnnxReranker {
    name: String,
    fingerprint: String,
    max_tokens: usize,
    worker: Worker,
}

impl OnnxReranker {
    /// Looks at the graph, loads it and scores one pair to prove it. Blocks for seconds; call it off the async threads.
    ///
    /// # Errors
    /// [`ModelError::Load`] for a graph without an output `logits` of one row per pair, and whatever the runtime says.
    pub fn load(files: &RerankerFiles) -> Result<Self, ModelError> {
        let refuse = |reason: String| ModelError::Load {
            model: files.name.clone(),
            reason,
        };
        let runtime = files
            .runtime
            .as_deref()
            .ok_or_else(|| refuse("it is no ONNX graph".to_owned()))?;
        let environment = onnx_environment(runtime)?;
        graph::check(&files.model.path).map_err(refuse)?;
        let loading = files.clone();
        let started = Worker::start(&files.name, move |inbox, report| {
            let mut session = match Session::load(&loading, &environment) {
                Ok(session) => session,
                Err(reason) => {
                    let _ = report.send(Err(reason));
                    return;
                }
            };
            if report.send(Ok(())).is_ok() {
                inbox.serve(&mut session, BUDGET_TOKENS);
            }
        });
        let (worker, ()) = started.map_err(refuse)?;
        Ok(Self {
            name: files.name.clone(),
            fingerprint: files.fingerprint(),
            max_tokens: files.traits.max_tokens,
            worker,
        })
    }
}

#[async_trait]
impl CrossEncoder for OnnxReranker {
    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    async fn rerank(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, RerankError> {
        self.worker.rerank(question, passages).await
    }
}

/// The loaded graph, owned by its thread. Whatever its files hold, the worst outcome is an error.
struct Session {
    model: TextRerank,
    max_tokens: usize,
}

impl Session {
    fn load(files: &RerankerFiles, environment: &Environment) -> Result<Self, String> {
        let read = |name: &str| fs_err::read(files.folder.join(name)).map_err(in_words);
        let tokenizer = TokenizerFiles {
            tokenizer_file: read("tokenizer.json")?,
            config_file: read("config.json")?,
            special_tokens_map_file: read("special_tokens_map.json")?,
            tokenizer_config_file: read("tokenizer_config.json")?,
        };
        let model =
            UserDefinedRerankingModel::new(OnnxSource::File(files.model.path.clone()), tokenizer);
        let options = RerankInitOptionsUserDefined::new()
            .with_environment(environment.clone())
            .with_max_length(files.traits.max_tokens)
            .with_intra_threads(thread::available_parallelism().map_or(1, std::num::NonZero::get))
            // Batches are bounded, so the arena stays small.
            .with_execution_providers(vec![
                ort::ep::CPU::default().with_arena_allocator(true).build(),
            ])
            .with_session_config("session.intra_op.allow_spinning", "0");
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            TextRerank::try_new_from_user_defined(model, options)
        }));
        let model = loaded
            .map_err(|_| "its files are malformed".to_owned())?
            .map_err(in_words)?;
        let mut session = Self {
            model,
            max_tokens: files.traits.max_tokens,
        };
        let proof = session.score("文渊阁 library", &["藏书楼", "a house of books"])?;
        if proof.len() == 2 && proof.iter().all(|score| score.is_finite()) {
            Ok(session)
        } else {
            Err("its logits are not one finite number per pair".to_owned())
        }
    }
}

impl Pairs for Session {
    fn measure(&mut self, question: &str, passages: &[String]) -> Result<Vec<usize>, String> {
        let question = cut(question, self.max_tokens);
        let tokenizer = &self.model.tokenizer;
        let tokens = |passage: &String| {
            let pair = (question, cut(passage, self.max_tokens));
            tokenizer.encode_fast(pair, true).map(|one| one.len())
        };
        let counted = catch_unwind(AssertUnwindSafe(|| {
            passages.iter().map(tokens).collect::<Result<_, _>>()
        }));
        counted.map_err(|_| failed())?.map_err(in_words)
    }

    fn score(&mut self, question: &str, batch: &[&str]) -> Result<Vec<f32>, String> {
        let question = cut(question, self.max_tokens);
        let texts: Vec<&str> = batch
            .iter()
            .map(|text| cut(text, self.max_tokens))
            .collect();
        let ranked = catch_unwind(AssertUnwindSafe(|| {
            self.model
                .rerank(question, &texts, false, Some(texts.len().max(1)))
        }));
        let ranked = ranked.map_err(|_| failed())?.map_err(in_words)?;
        // They come best first, each with its place.
        let mut scores = vec![f32::NAN; batch.len()];
        for one in ranked {
            if let Some(score) = scores.get_mut(one.index) {
                *score = sigmoid(one.score);
            }
        }
        Ok(scores)
    }
}

fn in_words(error: impl Display) -> String {
    error.to_string()
}

fn failed() -> String {
    "it failed on a text".to_owned()
}
