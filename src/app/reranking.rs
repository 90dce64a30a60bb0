//! Which reranking model is used, for which languages, and what was measured of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::build::blocking;
use super::{AppError, Parts};
use crate::config::{
    Config, RerankBody, RerankConfig, RerankLanguage, RerankLanguages, RerankLanguagesWord,
};
use crate::eval::{Gain, LanguageGain};
use crate::models::{ModelError, ModelStore, RerankerFiles};
use crate::rerank::{
    CrossEncoder, GgufReranker, OnnxReranker, RemoteBody, RemoteReranker, RemoteSettings,
};
use crate::retrieve::{CrossEncoding, CrossLimits, LanguagePair, Writing};

/// Where measurements are kept, in the data folder.
const MEASURED: &str = "rerankers.json";

/// Window of a remote model in tokens: what today's models have at least. The server cuts what is longer.
const REMOTE_TOKENS: usize = 1_024;

/// One run of `eval --try-reranker`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RerankerMeasurement {
    /// The model's fingerprint.
    pub model: String,
    /// The data set, or the knowledge base.
    pub of: String,
    /// Seconds since 1970.
    pub at: i64,
    /// Passages that the model read with each question.
    pub candidates: usize,
    /// What was found, by pair of languages.
    pub languages: Vec<LanguageGain>,
}

/// What was measured of reranking models in a data folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MeasuredRerankers {
    /// The last run of each model on each set.
    pub measurements: Vec<RerankerMeasurement>,
}

impl MeasuredRerankers {
    /// Reads a data folder's; nothing where there are none. A file that cannot be read is told in the log and counts for
    /// nothing.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let Ok(text) = fs_err::read_to_string(folder.join(MEASURED)) else {
            return Self::default();
        };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "{MEASURED} in the data folder is not readable and is ignored");
            Self::default()
        })
    }

    /// Adds a run in place of an earlier one of the same model on the same set, and returns the file.
    ///
    /// # Errors
    /// Whatever keeps the file from being written.
    pub fn add(folder: &Path, new: RerankerMeasurement) -> std::io::Result<PathBuf> {
        let mut all = Self::read(folder);
        all.measurements
            .retain(|old| (&old.model, &old.of) != (&new.model, &new.of));
        all.measurements.push(new);
        fs_err::create_dir_all(folder)?;
        let path = folder.join(MEASURED);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, &all)?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(path)
    }

    /// Takes what was measured along to another data folder, so that a run there goes by it as well.
    ///
    /// # Errors
    /// Whatever keeps the file from being copied; none to copy is no error.
    pub fn carry(from: &Path, to: &Path) -> std::io::Result<()> {
        let file = from.join(MEASURED);
        if file.is_file() {
            fs_err::copy(file, to.join(MEASURED))?;
        }
        Ok(())
    }

    /// Whether anything was measured of a model.
    #[must_use]
    pub fn knows(&self, model: &str) -> bool {
        self.measurements.iter().any(|one| one.model == model)
    }

    /// The pairs of languages for which a model gained on at least one set and lost on none.
    #[must_use]
    pub fn gained(&self, model: &str) -> Vec<LanguagePair> {
        let of_model = self.measurements.iter().filter(|one| one.model == model);
        let all: Vec<&LanguageGain> = of_model.flat_map(|one| &one.languages).collect();
        let says = |pair: &LanguagePair, gain: Gain| {
            all.iter()
                .any(|one| one.languages == *pair && one.gain == gain)
        };
        let mut pairs = LanguagePair::all();
        pairs.retain(|pair| says(pair, Gain::Gains) && !says(pair, Gain::Loses));
        pairs
    }
}

/// The reranking model that the settings and the models folder name.
enum Chosen {
    Installed(Box<RerankerFiles>),
    Remote(Box<RemoteReranker>),
}

impl Chosen {
    fn named(config: &Config, models: &ModelStore, name: &str) -> Result<Self, ModelError> {
        if name == RerankConfig::REMOTE {
            return Ok(Self::Remote(Box::new(remote(&config.rerank)?)));
        }
        Ok(Self::Installed(Box::new(models.reranker_named(name)?)))
    }

    /// `None` where none is wanted, or none is installed.
    fn of(config: &Config, models: &ModelStore) -> Result<Option<Self>, ModelError> {
        match config.rerank.model.as_deref() {
            Some(RerankConfig::NONE) => Ok(None),
            Some(name) => Self::named(config, models, name).map(Some),
            None => Ok(models
                .reranker()?
                .map(|files| Self::Installed(Box::new(files)))),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Installed(files) => files.name.clone(),
            Self::Remote(model) => model.name().to_owned(),
        }
    }

    fn fingerprint(&self) -> String {
        match self {
            Self::Installed(files) => files.fingerprint(),
            Self::Remote(model) => model.fingerprint().to_owned(),
        }
    }

    /// Loading blocks for seconds.
    async fn load(self, gpu_layers: Option<u32>) -> Result<Arc<dyn CrossEncoder>, AppError> {
        let files = match self {
            Self::Remote(model) => return Ok(Arc::from(model as Box<dyn CrossEncoder>)),
            Self::Installed(files) => *files,
        };
        let loaded = blocking("load the reranker", move || {
            let model: Arc<dyn CrossEncoder> = if files.runtime.is_some() {
                Arc::new(OnnxReranker::load(&files)?)
            } else {
                Arc::new(GgufReranker::load(&files, gpu_layers)?)
            };
            Ok::<_, ModelError>(model)
        });
        Ok(loaded.await??)
    }
}

fn remote(config: &RerankConfig) -> Result<RemoteReranker, ModelError> {
    let settings = RemoteSettings {
        url: config.url.clone(),
        model: config.remote_model.clone(),
        api_key: config.api_key.clone(),
        body: match config.remote_body {
            RerankBody::Documents => RemoteBody::Documents,
            RerankBody::Texts => RemoteBody::Texts,
        },
        max_tokens: REMOTE_TOKENS,
        // Retrieval gives up first, and then the request is dropped.
        timeout: Duration::from_millis(config.timeout_ms) + Duration::from_secs(1),
    };
    RemoteReranker::new(settings).map_err(|reason| ModelError::Load {
        model: RerankConfig::REMOTE.to_owned(),
        reason: format!("rerank.url: {reason}"),
    })
}

fn limits(config: &RerankConfig) -> CrossLimits {
    CrossLimits {
        candidates: config.candidates,
        budget_tokens: config.budget_tokens,
        timeout: Duration::from_millis(config.timeout_ms),
    }
}

/// Where a model is asked.
fn pairs(config: &Config, fingerprint: &str) -> Vec<LanguagePair> {
    match &config.rerank.languages {
        RerankLanguages::Word(RerankLanguagesWord::All) => LanguagePair::all(),
        RerankLanguages::Word(RerankLanguagesWord::Auto) => {
            MeasuredRerankers::read(&config.data.dir).gained(fingerprint)
        }
        RerankLanguages::Among(languages) => {
            let writing = |language: &RerankLanguage| match language {
                RerankLanguage::Zh => Writing::Han,
                RerankLanguage::En => Writing::Alphabetic,
            };
            let mut writings: Vec<Writing> = languages.iter().map(writing).collect();
            writings.sort_unstable();
            writings.dedup();
            LanguagePair::among(&writings)
        }
    }
}

/// How reranking stands by the settings, the models folder and what was measured. Nothing is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RerankingStatus {
    /// The model.
    pub model: String,
    /// Whether anything was measured of it in this data folder.
    pub measured: bool,
    /// Where it is asked; empty is nowhere, and then it is not loaded.
    pub pairs: Vec<LanguagePair>,
}

/// How reranking stands; `None` where there is no model, or none is wanted.
///
/// # Errors
/// A model that is wanted and cannot be had.
pub fn reranking_status(
    config: &Config,
    models: &ModelStore,
) -> Result<Option<RerankingStatus>, ModelError> {
    let chosen = Chosen::of(config, models)?;
    Ok(chosen.map(|chosen| {
        let fingerprint = chosen.fingerprint();
        RerankingStatus {
            model: chosen.name(),
            measured: MeasuredRerankers::read(&config.data.dir).knows(&fingerprint),
            pairs: pairs(config, &fingerprint),
        }
    }))
}

/// One model, asked in all languages: to measure it.
pub async fn reranker_to_try(
    config: &Config,
    models: &ModelStore,
    name: &str,
) -> Result<CrossEncoding, AppError> {
    let model = Chosen::named(config, models, name)?
        .load(config.rerank.gpu_layers)
        .await?;
    Ok(CrossEncoding::new(
        model,
        LanguagePair::all(),
        limits(&config.rerank),
    ))
}

/// The cross-encoder, where one is active for any languages. One that cannot be had is told in the log and is no
/// hindrance: the order is then as it is without.
pub(super) async fn cross_encoding(
    config: &Config,
    models: &ModelStore,
    parts: Parts,
) -> Result<Option<CrossEncoding>, AppError> {
    if !parts.reranker {
        return Ok(None);
    }
    let chosen = match Chosen::of(config, models) {
        Ok(Some(chosen)) => chosen,
        Ok(None) => return Ok(None),
        Err(error) => return Ok(without(&error)),
    };
    let pairs = pairs(config, &chosen.fingerprint());
    if pairs.is_empty() {
        tracing::debug!(
            model = chosen.name(),
            "a reranker is installed, and not measured to gain: it is not used"
        );
        return Ok(None);
    }
    let limits = limits(&config.rerank);
    Ok(match chosen.load(config.rerank.gpu_layers).await {
        Ok(model) => {
            let all: Vec<String> = pairs.iter().map(ToString::to_string).collect();
            tracing::info!(
                model = model.name(),
                languages = all.join(" "),
                "reranking model ready"
            );
            Some(CrossEncoding::new(model, pairs, limits))
        }
        Err(error) => without(&error),
    })
}

fn without(error: &dyn std::error::Error) -> Option<CrossEncoding> {
    tracing::warn!("no reranker: {error}; passages stay in the order that they have without");
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn measurement(model: &str, of: &str, question: Writing, gain: Gain) -> RerankerMeasurement {
        let languages = LanguagePair {
            question,
            passages: Writing::Han,
        };
        RerankerMeasurement {
            model: model.to_owned(),
            of: of.to_owned(),
            at: 0,
            candidates: 20,
            languages: vec![LanguageGain {
                languages,
                questions: 9,
                unread: 0,
                figures: BTreeMap::new(),
                gain,
            }],
        }
    }

    #[test]
    fn a_pair_counts_where_it_gained_somewhere_and_lost_nowhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let add = |model, of, question, gain| {
            MeasuredRerankers::add(folder.path(), measurement(model, of, question, gain))
                .expect("writable");
        };
        let gained = |model: &str| MeasuredRerankers::read(folder.path()).gained(model);
        assert!(gained("m@1").is_empty());
        add("m@1", "a", Writing::Han, Gain::Gains);
        add("m@1", "b", Writing::Han, Gain::Unclear);
        add("m@1", "a2", Writing::Alphabetic, Gain::Unclear);
        let chinese = LanguagePair::among(&[Writing::Han]);
        assert_eq!(gained("m@1"), chinese);
        assert!(gained("m@2").is_empty(), "other files are another model");
        add("m@1", "b", Writing::Han, Gain::Loses);
        assert!(gained("m@1").is_empty());
        add("m@1", "b", Writing::Han, Gain::Gains);
        assert_eq!(
            gained("m@1"),
            chinese,
            "a later run takes the place of an earlier one"
        );
        assert_eq!(MeasuredRerankers::read(folder.path()).measurements.len(), 3);
    }

    #[test]
    fn a_file_that_cannot_be_read_switches_nothing_on() {
        let folder = tempfile::tempdir().expect("a folder");
        fs_err::write(folder.path().join(MEASURED), "not JSON").expect("writable");
        assert_eq!(
            MeasuredRerankers::read(folder.path()),
            MeasuredRerankers::default()
        );
    }
}
