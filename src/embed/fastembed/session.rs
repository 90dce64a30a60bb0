//! Loads one copy of the model; whatever the files hold, the worst outcome is an error.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fastembed::{
    InitOptionsUserDefined, Pooling as FastembedPooling, TextEmbedding, TokenizerFiles,
    UserDefinedEmbeddingModel,
};
use ort::environment::Environment;
use tokenizers::Tokenizer;

use crate::models::{EmbedderFiles, ModelError, Pooling};

/// A loaded model, owned by one thread.
pub(super) struct Session {
    model: TextEmbedding,
    dimension: usize,
}

impl Session {
    pub(super) fn load(
        files: &EmbedderFiles,
        environment: &Environment,
        threads: usize,
    ) -> Result<Self, ModelError> {
        let tokenizer = TokenizerFiles {
            tokenizer_file: read(&files.folder, "tokenizer.json")?,
            config_file: read(&files.folder, "config.json")?,
            special_tokens_map_file: read(&files.folder, "special_tokens_map.json")?,
            tokenizer_config_file: read(&files.folder, "tokenizer_config.json")?,
        };
        let graph = fs_err::read(&files.model.path).map_err(|error| refuse(files, error))?;
        let pooling = match files.traits.pooling {
            Pooling::Cls => FastembedPooling::Cls,
            Pooling::Mean => FastembedPooling::Mean,
        };
        let model = UserDefinedEmbeddingModel::new(graph, tokenizer).with_pooling(pooling);
        let options = InitOptionsUserDefined::new()
            .with_environment(environment.clone())
            .with_max_length(files.traits.max_tokens)
            .with_intra_threads(threads)
            // The arena keeps the largest batch's memory for ever; without it a session stays small.
            .with_execution_providers(vec![ort::ep::CPU::default().build()])
            .with_session_config("session.intra_op.allow_spinning", "0");
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            TextEmbedding::try_new_from_user_defined(model, options)
        }));
        let model = loaded
            .map_err(|_| refuse(files, "its files are malformed"))?
            .map_err(|error| refuse(files, error))?;
        let mut session = Self {
            model,
            dimension: files.traits.dimension,
        };
        session
            .embed(&["文渊阁 library".to_owned()])
            .map_err(|error| refuse(files, error))?;
        Ok(session)
    }

    /// One unit-norm vector per text. The whole input is one batch.
    pub(super) fn embed(&mut self, texts: &[String]) -> Result<Vec<Vec<f32>>, String> {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.model.embed(texts, Some(texts.len().max(1)))
        }));
        let vectors = outcome
            .map_err(|_| "it failed on a text".to_owned())?
            .map_err(|error| error.to_string())?;
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
}

/// The tokenizer alone, which counts whole texts: nothing is cut and nothing filled up.
pub(super) fn load_counter(files: &EmbedderFiles) -> Result<Tokenizer, ModelError> {
    let bytes = read(&files.folder, "tokenizer.json")?;
    let loaded = catch_unwind(|| Tokenizer::from_bytes(bytes));
    let mut tokenizer = loaded
        .map_err(|_| refuse(files, "its tokenizer is malformed"))?
        .map_err(|error| refuse(files, error))?;
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(None)
        .map_err(|error| refuse(files, error))?;
    Ok(tokenizer)
}

fn read(folder: &Path, file: &str) -> Result<Vec<u8>, ModelError> {
    let path = folder.join(file);
    fs_err::read(&path).map_err(|source| ModelError::Folder {
        action: "read",
        path,
        source,
    })
}

fn refuse(files: &EmbedderFiles, reason: impl Display) -> ModelError {
    ModelError::Load {
        model: files.name.clone(),
        reason: reason.to_string(),
    }
}
