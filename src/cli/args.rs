//! The command line's grammar. Field docs are the `--help` texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use wenyuan_ingest::PresetChoice;

pub(super) use super::args_measure::{BenchArgs, CalibrateArgs, EvalArgs, GoldCommand};

use crate::model::{ChunkId, Password};

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
    /// Say why a passage that should have come does not, and what would bring it.
    WhyNot(WhyNotArgs),
    /// List, fetch, choose and check models.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Change the embedding model of the index: build another index from the texts that are there, switch to it, go back.
    /// Without an option, show how the index stands.
    Reindex(ReindexArgs),
    /// Check models, processor, index, catalog and disk, and say what to mend.
    Doctor(DoctorArgs),
    /// Measure retrieval and answers: on a data set in a data folder of its own, or on a knowledge base by its gold
    /// questions; and compare two runs.
    Eval(EvalArgs),
    /// Questions whose answers are known, to measure a knowledge base by.
    #[command(subcommand)]
    Gold(GoldCommand),
    /// Names and terms of a knowledge base's own, which count as one word when its documents are searched.
    #[command(subcommand)]
    Words(WordsCommand),
    /// Fit the threshold for refusing questions to a knowledge base, with questions made from its own passages.
    Calibrate(CalibrateArgs),
    /// Measure speed and memory on a data set, with the figures of the Python LangChain baseline.
    Bench(BenchArgs),
    /// Read one file for a parent process (internal).
    #[command(hide = true)]
    ParseChild,
}

/// `reindex`
#[derive(Debug, Args)]
pub struct ReindexArgs {
    /// Build an index for this embedding model, and wait until it is complete; searches go on with the one in use. What
    /// an earlier run began goes on where it ended.
    #[arg(long, value_name = "NAME")]
    pub embedder: Option<String>,
    /// Search with the other index from now on: once it is built, or the one that is there. The one before is kept up to
    /// date beside it, so that the same again goes back.
    #[arg(long, visible_alias = "roll-back")]
    pub switch: bool,
    /// Give up the index beside the one in use, with its data.
    #[arg(long, conflicts_with_all = ["embedder", "switch"])]
    pub drop: bool,
    /// Work through a running server, as http://127.0.0.1:8080, instead of opening the data folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Print how the index stands as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Mend the index where it differs from the catalog: passages that are missing are embedded again from the stored
    /// texts, those that belong to no document are removed. Stop the server first.
    #[arg(long)]
    pub index: bool,
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
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
    /// Try files again, too, that ran into a limit of time or memory before and have not changed since.
    #[arg(long)]
    pub retry: bool,
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
    #[arg(long, value_name = "N", value_parser = |text: &str| within(text, 50))]
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
    /// Most hits to show, 1 to 100; without it, the knowledge base's number or else 10.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub top_k: Option<u8>,
    /// Which legs of the search run; without it, the knowledge base's choice or else hybrid.
    #[arg(long, value_name = "MODE", value_parser = ["hybrid", "dense", "lexical"])]
    pub mode: Option<String>,
    /// Show how each stage ranked and scored, and which words of the question each passage holds.
    #[arg(long)]
    pub explain: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `why-not`
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("expected").required(true).args(["document", "chunk", "text"])))]
pub struct WhyNotArgs {
    /// The question, as it is searched for.
    pub question: String,
    /// Where to look.
    #[command(flatten)]
    pub place: Where,
    /// The document that should have come, by name or id.
    #[arg(long, value_name = "NAME|ID")]
    pub document: Option<String>,
    /// The passage that should have come, by id.
    #[arg(long, value_name = "ID")]
    pub chunk: Option<ChunkId>,
    /// Words of the passage that should have come.
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Hits among which it should be, 1 to 100; without it, the knowledge base's number or else 10.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub top_k: Option<u8>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `words`
#[derive(Debug, Subcommand)]
pub enum WordsCommand {
    /// Show them, one a line.
    List {
        /// Where.
        #[command(flatten)]
        place: Where,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Add words: 2 to 32 letters and digits, without blanks.
    Add {
        /// Words.
        #[arg(required = true, value_name = "WORD")]
        words: Vec<String>,
        /// Where.
        #[command(flatten)]
        place: Where,
    },
    /// Take words away.
    Remove {
        /// Words, as `words list` shows them.
        #[arg(required = true, value_name = "WORD")]
        words: Vec<String>,
        /// Where.
        #[command(flatten)]
        place: Where,
    },
    /// Put the words of a file, one a line, in place of those that are there.
    Set {
        /// A UTF-8 text.
        file: PathBuf,
        /// Where.
        #[command(flatten)]
        place: Where,
    },
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

/// A number of passages, bounded as over HTTP.
fn within(text: &str, most: usize) -> Result<usize, String> {
    let number = text
        .parse()
        .map_err(|error: std::num::ParseIntError| error.to_string())?;
    if (1..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("must be from 1 to {most} (须在 1 到 {most} 之间)"))
    }
}
