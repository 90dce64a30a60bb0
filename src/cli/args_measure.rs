//! The commands that measure: `eval`, `gold`, `calibrate`, `bench`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use wenyuan_ingest::PresetChoice;

use super::args::Where;
use crate::retrieve::{RetrievalChange, RetrievalSettings};

/// `eval`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["set", "kb", "compare"])))]
pub struct EvalArgs {
    /// Folder with corpus.jsonl and questions.jsonl, taken in for the run.
    #[arg(long, value_name = "DIR")]
    pub set: Option<PathBuf>,
    /// Knowledge base with gold questions, by name or id.
    #[arg(long, value_name = "NAME")]
    pub kb: Option<String>,
    /// Only compare two earlier runs, written with --json.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    pub compare: Vec<PathBuf>,
    /// Compare the run with an earlier one: lost questions first, then won ones, then figures.
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    pub against: Option<PathBuf>,
    /// Exit with 1 if any figure is surely worse than in the run compared with.
    #[arg(long)]
    pub gate: bool,
    /// Try another way of cutting on a shadow index, and compare (only with --kb).
    #[arg(long, value_name = "PRESET", requires = "kb", conflicts_with_all = ["against", "server"])]
    pub try_preset: Option<PresetChoice>,
    /// Try passages of about so many tokens on a shadow index, and compare (only with --kb).
    #[arg(long, value_name = "N", requires = "kb", conflicts_with_all = ["against", "server"],
        value_parser = clap::value_parser!(u32).range(32..=2_000))]
    pub try_chunk_tokens: Option<u32>,
    /// Try other retrieval settings, such as {"meaning_weight":1.5}, and compare (only with --kb).
    #[arg(long, value_name = "JSON", requires = "kb", conflicts_with_all = ["against", "server", "try_preset", "try_chunk_tokens"],
        value_parser = retrieval_change)]
    pub try_settings: Option<RetrievalChange>,
    /// Try the index of another embedding model, built before with `reindex --embedder`, and compare (only with --kb).
    #[arg(long, requires = "kb", conflicts_with_all = ["against", "server", "try_preset", "try_chunk_tokens", "try_settings"])]
    pub try_embedder: bool,
    /// Try a reranking model that is installed (or `remote`), say for which languages it gains, and remember that: it is
    /// used for those from the next start on.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["against", "server", "compare", "try_preset", "try_chunk_tokens", "try_settings", "try_embedder", "activate", "answers"])]
    pub try_reranker: Option<String>,
    /// Keep what was tried for the knowledge base, if no figure is surely worse: cut all its documents so, or set it so;
    /// or search with the other index, in all knowledge bases.
    #[arg(long, requires = "kb", conflicts_with = "try_chunk_tokens")]
    pub activate: bool,
    /// Ask the questions of this parallel set instead (for questions in another language).
    #[arg(long, value_name = "DIR", requires = "set")]
    pub questions_of: Option<PathBuf>,
    /// How many questions to answer with the language model, spread over the set.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "kb")]
    pub answers: usize,
    /// Search legs to measure; without it those that the knowledge base is set to, which for a data set are both.
    #[arg(long, value_name = "MODE", value_parser = ["hybrid", "dense", "lexical"])]
    pub mode: Option<String>,
    /// Write figures, intervals and every question to this file; the figures are printed as well.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write a report with plots and the questions that went wrong; of a comparison where there is one.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Measure a running server instead; for a data set, a knowledge base is made for the run and removed.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

impl EvalArgs {
    /// Whether something else than the knowledge base as it stands is to be measured.
    #[must_use]
    pub const fn tries(&self) -> bool {
        self.try_embedder
            || self.try_preset.is_some()
            || self.try_chunk_tokens.is_some()
            || self.try_settings.is_some()
    }
}

/// `gold`
#[derive(Debug, Subcommand)]
pub enum GoldCommand {
    /// Show the gold questions of a knowledge base.
    List {
        /// Where.
        #[command(flatten)]
        place: Where,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Add a question with the documents that answer it, or as one that nothing answers.
    Add {
        /// The question.
        question: String,
        /// Where.
        #[command(flatten)]
        place: Where,
        /// Name or id of a document that answers it (repeat for more).
        #[arg(
            long = "document",
            value_name = "NAME",
            required_unless_present = "unanswerable"
        )]
        documents: Vec<String>,
        /// Text that the right passage holds; only with one document.
        #[arg(long, value_name = "TEXT", requires = "documents")]
        passage: Option<String>,
        /// Nothing in the knowledge base answers it: it should be refused.
        #[arg(long, conflicts_with = "documents")]
        unanswerable: bool,
    },
    /// Add the questions of a file: one JSON object a line, `{"question", "relevant": ["document"], "answerable"}`.
    Import {
        /// questions.jsonl
        file: PathBuf,
        /// Where.
        #[command(flatten)]
        place: Where,
    },
    /// Remove a question.
    Remove {
        /// Its id, as `gold list` shows it.
        id: String,
        /// Where.
        #[command(flatten)]
        place: Where,
    },
}

/// `calibrate`
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Where.
    #[command(flatten)]
    pub place: Where,
    /// Questions to make; each is asked twice.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=1_000))]
    pub questions: u32,
    /// Another seed draws other passages.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u32,
    /// Go back to the built-in threshold.
    #[arg(long, conflicts_with_all = ["questions", "seed"])]
    pub reset: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `bench`
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Folder with corpus.jsonl and questions.jsonl.
    #[arg(long, value_name = "DIR")]
    pub set: PathBuf,
    /// How many questions to answer with the language model.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub answers: usize,
    /// Write the figures to this file; they are printed as well.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Measure a running server instead.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

/// Retrieval settings as JSON, each within its range.
fn retrieval_change(text: &str) -> Result<RetrievalChange, String> {
    let change: RetrievalChange = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let checked = change.applied_to(RetrievalSettings::default()).checked();
    checked.map_err(|error| error.to_string())?;
    Ok(change)
}
