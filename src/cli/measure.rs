//! `wenyuan eval` and `wenyuan bench`: a data set through the whole product, in a data folder of its own.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};

use super::args::{BenchArgs, EvalArgs};
use super::ask::search_mode;
use super::questions::{AskOptions, SearchOptions};
use super::target::Target;
use super::view::{AnswerView, SearchView};
use crate::answer::AnswerMode;
use crate::app::{MeasuredRerankers, Parts};
use crate::config::Config;
use crate::eval::{
    CorpusDocument, DataSet, Found, GivenAnswer, Report, RunError, RunOptions, Subject, run,
};
use crate::retrieve::{CrossEncoding, LanguagePair, SearchMode};

/// Chunks looked at so that ten documents come together when several chunks of one document lead.
const CHUNKS: usize = 20;
/// Documents on their way at once: more than the server works on together, so that it never waits for us.
const IN_FLIGHT: usize = 256;
/// The same through HTTP, where each is asked for four times a second.
const IN_FLIGHT_REMOTE: usize = 32;

/// The product as a subject of measurement.
struct Product {
    target: Target,
    knowledge_base: String,
    mode: SearchMode,
    /// Corpus id by document id.
    names: Mutex<HashMap<String, String>>,
    max_tokens: Option<usize>,
}

impl Product {
    fn corpus_id(&self, document: &str) -> Option<String> {
        self.names
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(document)
            .cloned()
    }

    async fn take(&self, document: &CorpusDocument) -> Result<()> {
        let name = format!("{}.txt", document.id);
        let upload = self
            .target
            .upload_text(&self.knowledge_base, &name, &document.title, &document.text)
            .await?;
        let (Some(id), Some(job)) = (upload.document_id, upload.job_id) else {
            let reason = upload.error.map_or_else(String::new, |error| error.message);
            anyhow::bail!("{name} was refused: {reason}");
        };
        let ended = self.target.follow(&job, |_| {}).await?;
        anyhow::ensure!(
            ended.status == "ready",
            "{name} ended as {}: {}",
            ended.status,
            ended.error.map_or_else(String::new, |error| error.message)
        );
        self.names
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(id, document.id.clone());
        Ok(())
    }
}

fn failed(error: impl std::fmt::Display) -> RunError {
    RunError(error.to_string())
}

#[async_trait]
impl Subject for Product {
    async fn ingest(&self, corpus: &[CorpusDocument]) -> Result<usize, RunError> {
        let in_flight = match self.target {
            Target::Local(_) => IN_FLIGHT,
            Target::Remote(_) => IN_FLIGHT_REMOTE,
        };
        let all = corpus.iter().map(|document| self.take(document).boxed());
        let mut taken = futures::stream::iter(all.collect::<Vec<_>>()).buffer_unordered(in_flight);
        while let Some(outcome) = taken.next().await {
            outcome.map_err(|error| failed(format!("{error:#}")))?;
        }
        self.target
            .chunks(&self.knowledge_base)
            .await
            .map_err(failed)
    }

    async fn search(&self, question: &str) -> Result<Found, RunError> {
        let options = SearchOptions {
            top_k: Some(CHUNKS),
            mode: Some(self.mode),
            explain: false,
        };
        let found = self
            .target
            .search(
                std::slice::from_ref(&self.knowledge_base),
                question,
                options,
            )
            .await
            .map_err(failed)?;
        let view: SearchView = serde_json::from_value(found).map_err(failed)?;
        let documents = view
            .hits
            .iter()
            .filter_map(|hit| self.corpus_id(&hit.document_id))
            .collect();
        let embed_ms = view
            .timings_ms
            .get("embed")
            .and_then(serde_json::Value::as_f64)
            .unwrap_or(0.0);
        let evidence = view.evidence.as_ref();
        Ok(Found {
            documents,
            sufficient: evidence.is_none_or(|evidence| evidence.verdict == "sufficient"),
            answerability: evidence.map(|evidence| f64::from(evidence.answerability)),
            threshold: evidence.and_then(|evidence| evidence.threshold.map(f64::from)),
            embed_ms,
            languages: view
                .hits
                .first()
                .map(|best| LanguagePair::of(question, &best.language)),
            reranked: view.reranking.map(|turn| turn.outcome == "done"),
        })
    }

    async fn ask(&self, question: &str) -> Result<GivenAnswer, RunError> {
        let options = AskOptions {
            top_k: None,
            mode: AnswerMode::Answer,
            strict: false,
            max_tokens: self.max_tokens,
        };
        let answer = self
            .target
            .ask(&self.knowledge_base, question, options)
            .await
            .map_err(failed)?;
        let view: AnswerView = serde_json::from_value(answer).map_err(failed)?;
        let supported = view
            .sentences
            .iter()
            .filter(|sentence| sentence.support == "supported")
            .count();
        let cited = if view.refused {
            &[][..]
        } else {
            &view.citations[..]
        };
        Ok(GivenAnswer {
            text: view.answer,
            refused: view.refused,
            cited: cited
                .iter()
                .filter_map(|citation| self.corpus_id(&citation.document_id))
                .collect(),
            sentences: (view.sentences.len(), supported),
            first_token_ms: view.timings_ms.first_token,
            completion_tokens: view.usage.completion_tokens,
        })
    }
}

/// What both commands have in common.
struct Measurement {
    set: DataSet,
    mode: SearchMode,
    options: RunOptions,
    server: Option<String>,
    /// The baseline's answer length, so that answers per second compare.
    max_tokens: Option<usize>,
}

impl Measurement {
    /// What `eval --set` measures.
    fn of(folder: &Path, args: &EvalArgs) -> Result<Self> {
        let mut set = DataSet::read(folder)?;
        if let Some(other) = &args.questions_of {
            set = set.asked_by(&DataSet::read(other)?);
        }
        Ok(Self {
            set,
            mode: args.mode.as_deref().map(search_mode).unwrap_or_default(),
            options: RunOptions {
                answers: args.answers,
                ready_s: 0.0,
                spread: true,
            },
            server: args.server.clone(),
            max_tokens: None,
        })
    }
}

/// Runs `eval --set`.
pub(crate) async fn eval(
    config: Config,
    folder: &Path,
    args: &EvalArgs,
    started: Instant,
) -> Result<Report> {
    measure(config, Measurement::of(folder, args)?, started).await
}

/// Runs `bench`.
pub(crate) async fn bench(config: Config, args: BenchArgs, started: Instant) -> Result<()> {
    let measurement = Measurement {
        set: DataSet::read(&args.set)?,
        mode: SearchMode::Hybrid,
        options: RunOptions {
            answers: args.answers,
            ready_s: 0.0,
            spread: false,
        },
        server: args.server,
        max_tokens: Some(64),
    };
    let report = measure(config, measurement, started).await?;
    let figures = serde_json::to_string_pretty(&report.figures)?;
    println!("{figures}");
    match &args.json {
        Some(path) => write(path, &figures),
        None => Ok(()),
    }
}

async fn measure(config: Config, measurement: Measurement, started: Instant) -> Result<Report> {
    let (_scratch, product) = open(config, &measurement).await?;
    let options = RunOptions {
        ready_s: started.elapsed().as_secs_f64(),
        ..measurement.options
    };
    let bar = bar();
    let outcome = run(&product, &measurement.set, options, &showing(&bar)).await;
    bar.finish_and_clear();
    if measurement.server.is_some() {
        product
            .target
            .delete_knowledge_base(&product.knowledge_base)
            .await?;
    }
    product.target.close().await;
    Ok(outcome?)
}

/// A data set searched without and with a cross-encoder, after it was taken in once.
pub(super) async fn without_and_with(
    config: Config,
    folder: &Path,
    args: &EvalArgs,
    cross: CrossEncoding,
) -> Result<(Report, Report)> {
    let measurement = Measurement::of(folder, args)?;
    let (_scratch, mut product) = open(config, &measurement).await?;
    let bar = bar();
    let without = run(
        &product,
        &measurement.set,
        measurement.options,
        &showing(&bar),
    )
    .await;
    if let Target::Local(app) = &mut product.target {
        app.retriever = app.retriever.clone().with_cross_encoder(cross);
    }
    let again = DataSet {
        corpus: Vec::new(),
        ..measurement.set
    };
    let with = match &without {
        Ok(_) => Some(run(&product, &again, measurement.options, &showing(&bar)).await),
        Err(_) => None,
    };
    bar.finish_and_clear();
    product.target.close().await;
    let without = without?;
    Ok((without, with.transpose()?.unwrap_or_default()))
}

/// The product in a data folder of its own, or on a server, with a knowledge base for the run.
async fn open(
    mut config: Config,
    measurement: &Measurement,
) -> Result<(tempfile::TempDir, Product)> {
    let scratch = tempfile::Builder::new()
        .prefix("wenyuan-measure-")
        .tempdir()
        .context("a temporary folder")?;
    MeasuredRerankers::carry(&config.data.dir, scratch.path())?;
    scratch.path().clone_into(&mut config.data.dir);
    let parts = if measurement.options.answers > 0 {
        Parts::ALL
    } else {
        Parts::WITHOUT_MODEL
    };
    let target = Target::open(config, measurement.server.as_deref(), parts).await?;
    let knowledge_base = format!("measure {} {}", measurement.set.name, std::process::id());
    target.ensure_knowledge_base(&knowledge_base).await?;
    let product = Product {
        target,
        knowledge_base,
        mode: measurement.mode,
        names: Mutex::default(),
        max_tokens: measurement.max_tokens,
    };
    Ok((scratch, product))
}

fn showing(bar: &ProgressBar) -> impl Fn(&'static str, usize, usize) + Sync {
    |stage, done, total| {
        bar.set_message(stage);
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    }
}

/// A bar for work of which the end is known.
pub(crate) fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    bar.set_style(
        ProgressStyle::with_template("{msg} {pos}/{len} {elapsed_precise}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}

/// Writes a file that the command was asked for.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
