//! Cross-encoders as GGUF files: llama.cpp with rank pooling, on a thread of its own, CPU or GPU.

mod context;
mod pair;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;

use self::context::Ranking;
use super::worker::Worker;
use super::{CrossEncoder, RerankError};
use crate::models::llama::{backend, check_reranker, with_errors};
use crate::models::{ModelError, RerankerFiles};

/// Longest pair that is read, whatever a model was trained for: memory grows with it.
const LONGEST_PAIR: usize = 4_096;

/// The most tokens in a batch, unless one pair alone has more.
const BUDGET_TOKENS: usize = 1_024;

/// A GGUF cross-encoder. Dropping it ends its thread after the batch that it is on.
pub struct GgufReranker {
    name: String,
    fingerprint: String,
    max_tokens: usize,
    worker: Worker,
}

impl GgufReranker {
    /// Looks at the file, loads it and scores one pair to prove it. Blocks for seconds; call it off the async threads.
    /// `gpu_layers` is how many lie on a GPU; `None` is all, where there is one.
    ///
    /// # Errors
    /// [`ModelError::Load`] for a file without a ranking head, and whatever llama.cpp says.
    pub fn load(files: &RerankerFiles, gpu_layers: Option<u32>) -> Result<Self, ModelError> {
        let refuse = |reason: String| ModelError::Load {
            model: files.name.clone(),
            reason,
        };
        let header =
            check_reranker(&files.model.path).map_err(|error| refuse(error.to_string()))?;
        let trained = header
            .context_length
            .and_then(|length| usize::try_from(length).ok());
        let trained = trained.unwrap_or(LONGEST_PAIR);
        let window = files.traits.max_tokens.min(trained).min(LONGEST_PAIR);
        let (path, architecture) = (files.model.path.clone(), header.architecture);
        let started = Worker::start(&files.name, move |inbox, report| {
            let (model, errors) = with_errors(|| {
                let mut parameters = LlamaModelParams::default();
                if let Some(layers) = gpu_layers {
                    parameters = parameters.with_n_gpu_layers(layers);
                }
                LlamaModel::load_from_file(backend()?, &path, &parameters)
                    .map_err(|error| format!("llama.cpp cannot load it: {error}"))
            });
            let model = match model {
                Ok(model) => model,
                Err(error) => return told(report, explain(error, &errors)),
            };
            let (ranking, errors) =
                with_errors(|| Ranking::new(&model, &architecture, window, BUDGET_TOKENS));
            match ranking {
                Ok(mut ranking) => {
                    if report.send(Ok(())).is_ok() {
                        inbox.serve(&mut ranking, BUDGET_TOKENS);
                    }
                }
                Err(error) => told(report, explain(error, &errors)),
            }
        });
        let (worker, ()) = started.map_err(refuse)?;
        Ok(Self {
            name: files.name.clone(),
            fingerprint: files.fingerprint(),
            max_tokens: window,
            worker,
        })
    }
}

fn told(report: &std::sync::mpsc::Sender<Result<(), String>>, reason: String) {
    // Whoever started the thread waits for this.
    let _ = report.send(Err(reason));
}

/// The call's own words are poor; llama.cpp's first error line names the cause.
fn explain(error: String, logged: &[String]) -> String {
    match logged.first() {
        Some(cause) => format!("{error} ({cause})"),
        None => error,
    }
}

#[async_trait]
impl CrossEncoder for GgufReranker {
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
