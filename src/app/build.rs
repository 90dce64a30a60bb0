//! How each part is made from the settings.

use std::sync::Arc;
use std::time::Duration;

use wenyuan_ingest::{Embedder, ParseLimits, RecognizerFiles, SplitSettings};

use super::{AppError, Parts};
use crate::config::Config;
use crate::embed::{EmbedSettings, FastembedEmbedder};
use crate::fetch::FetchSettings;
use crate::generate::Generator;
use crate::generate::llama::{LlamaGenerator, LlamaSettings};
use crate::jobs::IngestorSettings;
use crate::models::{EmbedderFiles, HubToken, ModelError, ModelSettings, ModelStore};

/// The models folder. Nothing is loaded or fetched.
pub fn model_store(config: &Config) -> Result<ModelStore, ModelError> {
    let settings = ModelSettings {
        hub: config.models.hubs.clone(),
        modelscope: config.models.modelscope.clone(),
        hub_token: config.models.hub_token.clone().map(HubToken),
        local: config.models.local.clone(),
        catalog: config.models.catalog.clone(),
        python: config.models.python.clone(),
    };
    ModelStore::open(&config.models.dir, settings)
}

/// Loads an embedder.
pub(super) async fn load_embedder(
    config: &Config,
    files: EmbedderFiles,
) -> Result<Arc<dyn Embedder>, AppError> {
    let settings = EmbedSettings {
        sessions: config.models.embed_sessions,
        ..EmbedSettings::default()
    };
    let embedder = blocking("load the embedder", move || {
        FastembedEmbedder::load(files, settings)
    })
    .await??;
    Ok(Arc::new(embedder))
}

/// The language model, if it is wanted. A missing or damaged one is told in the log and is no hindrance: answers are
/// quotes then.
pub(super) async fn generator(
    config: &Config,
    models: &ModelStore,
    parts: Parts,
) -> Result<Option<Arc<dyn Generator>>, AppError> {
    if !parts.model || !config.generate.enabled {
        return Ok(None);
    }
    let files = match models.llm() {
        Ok(files) => files,
        Err(error) => return Ok(without(&error)),
    };
    if parts.trusted_only && !files.trusted_writer {
        return Ok(None);
    }
    let window = files.context_tokens.min(config.generate.context_tokens);
    let settings = LlamaSettings {
        context_tokens: narrow(window),
        slots: narrow(config.generate.slots),
        threads: (config.generate.threads > 0).then(|| narrow(config.generate.threads)),
        gpu_layers: config.generate.gpu_layers,
        queue: config.generate.queue,
        instruct: files.instruct,
        trusted_writer: files.trusted_writer,
        // The models folder has verified it already, and remembers.
        sha256: None,
        kv_tokens: Some(narrow(config.generate.context_tokens.max(window))),
        ..LlamaSettings::new(files.path, files.name)
    };
    let loaded = blocking("load the language model", move || {
        LlamaGenerator::load(settings)
    })
    .await?;
    Ok(match loaded {
        Ok(generator) => Some(Arc::new(generator)),
        Err(error) => without(&error),
    })
}

fn without(error: &dyn std::error::Error) -> Option<Arc<dyn Generator>> {
    tracing::warn!("no language model: {error}; answers are quotes; mend that and restart");
    None
}

fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

pub(super) fn ingestor_settings(
    config: &Config,
    models: &ModelStore,
) -> Result<IngestorSettings, AppError> {
    let program = std::env::current_exe().map_err(|source| AppError::System {
        action: "find our own program, which reads files",
        source,
    })?;
    Ok(IngestorSettings {
        readers: config.ingest.readers,
        limits: ParseLimits {
            pdfium: models.pdfium(),
            seconds_per_picture: config.ingest.ocr_page_seconds,
            recognizer: recognizer(config, models),
            ..parse_limits(config)
        },
        split: SplitSettings::about(config.ingest.chunk_tokens),
        optimize_after: config.index.optimize_after,
        embed_deadline: Duration::from_secs(config.ingest.embed_minutes.saturating_mul(60)),
        ..IngestorSettings::new(program)
    })
}

/// The bounds for reading one file, without pdfium.
#[must_use]
pub fn parse_limits(config: &Config) -> ParseLimits {
    let mebibytes = |count: u64| count.saturating_mul(1 << 20);
    ParseLimits {
        file_bytes: mebibytes(config.server.max_file_mb),
        content_bytes: mebibytes(config.ingest.max_content_mb),
        pages: config.ingest.max_pages,
        entries: config.ingest.max_entries,
        depth: config.ingest.max_depth,
        ratio: config.ingest.max_ratio,
        pixels: config.ingest.max_megapixels.saturating_mul(1_000_000),
        seconds: config.ingest.read_seconds,
        memory_bytes: mebibytes(config.ingest.read_memory_mb),
        pdfium: None,
        ..ParseLimits::default()
    }
}

/// What is fetched from web addresses.
pub(super) fn fetch_settings(config: &Config) -> FetchSettings {
    FetchSettings {
        enabled: config.fetch.enabled,
        allow: config.fetch.networks(),
        ports: config.fetch.ports.clone(),
        whole: Duration::from_secs(config.fetch.seconds),
        max_redirects: config.fetch.max_redirects,
    }
}

/// The text recognition model, where it is wanted and installed. Without it pictures are refused with the reason.
fn recognizer(config: &Config, models: &ModelStore) -> Option<RecognizerFiles> {
    if !config.ingest.ocr {
        return None;
    }
    let files = models.ocr().unwrap_or_else(|error| {
        tracing::warn!(%error, "text recognition is not usable");
        None
    })?;
    Some(RecognizerFiles {
        runtime: files.runtime,
        detector: files.detector,
        classifier: files.classifier,
        reader: files.reader,
    })
}

/// Loading blocks for seconds: it happens off the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    action: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AppError::System {
            action,
            source: std::io::Error::other(error),
        })
}
