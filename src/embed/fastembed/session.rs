//! Loads one copy of the model; whatever the files hold, the worst outcome is an error.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use fastembed::{
    InitOptionsUserDefined, Pooling as FastembedPooling, TextEmbedding, UserDefinedEmbeddingModel,
};
use ort::environment::Environment;

use super::tokens::{Numbers, Tokens};
use crate::models::{EmbedderFiles, ModelError, Pooling};

/// A loaded model, owned by one thread.
pub(super) struct Session {
    model: TextEmbedding,
    tokens: Arc<Tokens>,
    dimension: usize,
}

impl Session {
    pub(super) fn load(
        files: &EmbedderFiles,
        tokens: Arc<Tokens>,
        environment: &Environment,
        threads: usize,
    ) -> Result<Self, ModelError> {
        let graph = fs_err::read(&files.model.path).map_err(|error| refuse(files, error))?;
        let pooling = match files.traits.pooling {
            Pooling::Cls => FastembedPooling::Cls,
            Pooling::Mean => FastembedPooling::Mean,
        };
        let model = UserDefinedEmbeddingModel::new(graph, tokens.carrier()).with_pooling(pooling);
        let options = InitOptionsUserDefined::new()
            .with_environment(environment.clone())
            .with_max_length(files.traits.max_tokens)
            .with_intra_threads(threads)
            // Batches are bounded, so the arena stays small; without one each of many small operators asks the system.
            .with_execution_providers(vec![
                ort::ep::CPU::default().with_arena_allocator(true).build(),
            ])
            .with_session_config("session.intra_op.allow_spinning", "0")
            // Where tensors outside of the graph lie; they are mapped, and so shared by the sessions.
            .with_session_config(
                "session.model_external_initializers_file_folder_path",
                files.folder.to_string_lossy(),
            );
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            TextEmbedding::try_new_from_user_defined(model, options)
        }));
        let model = loaded
            .map_err(|_| refuse(files, "its files are malformed"))?
            .map_err(|error| refuse(files, error))?;
        let mut session = Self {
            model,
            tokens,
            dimension: files.traits.dimension,
        };
        session
            .embed(&["文渊阁 library".to_owned()])
            .map_err(|error| refuse(files, error))?;
        Ok(session)
    }

    /// One unit-norm vector per text. The whole input is one batch.
    pub(super) fn embed(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, String> {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.run(texts)));
        let vectors = outcome.map_err(|_| "it failed on a text".to_owned())??;
        let fits = vectors.len() == texts.len()
            && vectors.iter().all(|vector| {
                vector.len() == self.dimension && vector.iter().all(|x| x.is_finite())
            });
        if fits {
            Ok(vectors)
        } else {
            Err(format!(
                "it does not give {} numbers per text",
                self.dimension
            ))
        }
    }

    /// Gives fastembed the ids as numbers, with a vocabulary of just these: its own tokenizer would be a copy.
    fn run(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, String> {
        let encode = |text: &String| self.tokens.encode(text);
        let encodings: Vec<_> = texts
            .iter()
            .map(encode)
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let numbers = Numbers::of(&encodings).map_err(|error| error.to_string())?;
        self.model.tokenizer.with_model(numbers.vocabulary);
        let vectors = self.model.embed(&numbers.lines, Some(texts.len().max(1)));
        vectors.map_err(|error| error.to_string())
    }
}

pub(super) fn read(folder: &Path, file: &str) -> Result<Vec<u8>, ModelError> {
    let path = folder.join(file);
    fs_err::read(&path).map_err(|source| ModelError::Folder {
        action: "read",
        path,
        source,
    })
}

pub(super) fn refuse(files: &EmbedderFiles, reason: impl Display) -> ModelError {
    ModelError::Load {
        model: files.name.clone(),
        reason: reason.to_string(),
    }
}
