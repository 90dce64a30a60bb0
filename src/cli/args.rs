//! The command line's grammar. Field docs are the `--help` texts.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};
use wenyuan_ingest::PresetChoice;

use crate::model::Password;

/// Wenyuan (文渊): ask your own documents, and see the passage behind every sentence.
///
/// Everything stays on this machine. The network is used by `models pull`, and for web addresses that you name.
#[derive(Debug, Parser)]
#[command(name = "wenyuan", version, max_term_width = 100)]
pub struct Cli {
    /// Settings file; without it `wenyuan.toml` in this folder is read if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder: catalog, originals and index. Only one process can use a data folder at a time.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Show what is happening inside (repeat for more).
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server: web page, HTTP interface and document reader.
    Serve(ServeArgs),
    /// Take files and folders into a knowledge base; only what changed since the last time is read. Exits with 1 if
    /// any file failed.
    Ingest(IngestArgs),
    /// Show how files would be read and cut into passages, without keeping anything.
    Split(SplitArgs),
    /// Answer a question from a knowledge base, with citations.
    Ask(AskArgs),
    /// Find passages in a knowledge base.
    Search(SearchArgs),
    /// List, fetch, choose and check models.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Check models, processor, index, catalog and disk, and say what to mend.
    Doctor,
    /// Measure retrieval and answers: on a data set in a data folder of its own, or on a knowledge base by its gold
    /// questions; and compare two runs.
    Eval(EvalArgs),
    /// Questions whose answers are known, to measure a knowledge base by.
    #[command(subcommand)]
    Gold(GoldCommand),
    /// Fit the threshold for refusing questions to a knowledge base, with questions made from its own passages.
    Calibrate(CalibrateArgs),
    /// Measure speed and memory on a data set, with the figures of the Python LangChain baseline.
    Bench(BenchArgs),
    /// Read one file for a parent process (internal).
    #[command(hide = true)]
    ParseChild,
}

/// `serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

/// Which knowledge base, and through which process.
#[derive(Debug, Args)]
pub struct Where {
    /// Knowledge base, by name or id.
    #[arg(long, value_name = "NAME")]
    pub kb: String,
    /// Work through a running server, as http://127.0.0.1:8080, instead of opening the data folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

/// `ingest`
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Files, folders and web addresses; folders are read with everything in them.
    #[arg(required = true, value_name = "PATH|URL")]
    pub paths: Vec<PathBuf>,
    /// Where to.
    #[command(flatten)]
    pub place: Where,
    /// Remove documents that came from the folders named and whose files are not there any more.
    #[arg(long)]
    pub prune: bool,
    /// Go on watching the paths and take in what changes, until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
    /// A tag for every file (repeat for more).
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Password of protected files; kept until they have been read.
    #[arg(
        long,
        value_name = "PASSWORD",
        env = "WENYUAN_PASSWORD",
        hide_env_values = true
    )]
    pub password: Option<Password>,
    /// How to cut: auto, prose, manual, table, qa, slides or code. Without it, known files are cut as they were and
    /// others by what they are.
    #[arg(long, value_name = "PRESET")]
    pub preset: Option<PresetChoice>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// `split`
#[derive(Debug, Args)]
pub struct SplitArgs {
    /// Files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Password of encrypted files.
    #[arg(long, value_name = "PASSWORD")]
    pub password: Option<String>,
    /// How to cut: auto (finds one for each file), prose, manual, table, qa, slides or code.
    #[arg(long, value_name = "PRESET", default_value_t)]
    pub preset: PresetChoice,
    /// Print one JSON object per file.
    #[arg(long)]
    pub json: bool,
    /// Leave the passages out: only counts and times.
    #[arg(long)]
    pub timings_only: bool,
}

/// `ask`
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The question.
    pub question: String,
    /// Where to look.
    #[command(flatten)]
    pub place: Where,
    /// Print the whole answer as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Answer with the documents' own sentences only.
    #[arg(long)]
    pub quote: bool,
    /// Withhold sentences that the documents do not support.
    #[arg(long)]
    pub strict: bool,
    /// Passages that the answer may draw on.
    #[arg(long, value_name = "N")]
    pub top_k: Option<usize>,
}

/// `search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// What to look for. `type:pdf`, `tag:`, `author:`, `lang:`, `name:`, `after:2024`, `before:2024-06`, `year:` and
    /// `page:3-5` in it are filters; what stands in quotation marks must be found as it stands.
    pub query: String,
    /// Knowledge base, by name or id; give several to search them together.
    #[arg(long = "kb", required = true, value_name = "NAME")]
    pub knowledge_bases: Vec<String>,
    /// Work through a running server, as http://127.0.0.1:8080, instead of opening the data folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Most hits to show.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top_k: usize,
    /// Which legs of the search run.
    #[arg(long, value_name = "MODE", value_parser = ["hybrid", "dense", "lexical"], default_value = "hybrid")]
    pub mode: String,
    /// Show how each stage ranked and scored.
    #[arg(long)]
    pub explain: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `models`
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Show the models that are known, and which are installed and in use.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Fetch a model or a profile (starter, standard, gpu).
    Pull {
        /// Model or profile.
        #[arg(default_value = "starter")]
        name: String,
    },
    /// Choose the model for its role from now on.
    Use {
        /// Model.
        name: String,
    },
    /// Verify the installed models against their checksums; exits with 1 if any is missing or damaged.
    Check {
        /// Model or profile; without it, all that are installed.
        name: Option<String>,
    },
}

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
    /// Cut all documents of the knowledge base as tried, if no figure is surely worse (only with --try-preset).
    #[arg(long, requires = "try_preset", conflicts_with = "try_chunk_tokens")]
    pub activate: bool,
    /// Ask the questions of this parallel set instead (for questions in another language).
    #[arg(long, value_name = "DIR", requires = "set")]
    pub questions_of: Option<PathBuf>,
    /// How many questions to answer with the language model, spread over the set.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "kb")]
    pub answers: usize,
    /// Search legs to measure.
    #[arg(long, value_name = "MODE", value_parser = ["hybrid", "dense", "lexical"], default_value = "hybrid")]
    pub mode: String,
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
