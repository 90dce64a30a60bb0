//! The index in this process with many chunks: how fast, how complete, how large. `scripts/scale.py` runs it.
//!
//! ```text
//! scale vectors TEXTS OUT                        one vector of the starter embedder for each line of TEXTS
//! scale fill FOLDER CHUNKS SENTENCES SEEDS QUESTIONS [EXPORT]
//! scale exact FOLDER CHUNKS SENTENCES SEEDS QUESTIONS     what is exactly nearest, where filling was broken off
//! scale order FOLDER                             puts an index in order that another program filled
//! scale serve FOLDER QUESTIONS                   times questions as lines on standard input ask for it
//! ```
//!
//! Files of vectors are rows of 512 floats, little-endian. Each command prints lines of JSON.

mod fill;
mod memory;
mod serve;
mod vectors;

use std::path::Path;

use serde_json::Value;
use wenyuan::app::model_store;
use wenyuan::config::{Config, Flags};
use wenyuan::embed::{EmbedSettings, FastembedEmbedder};
use wenyuan_ingest::Embedder as _;

const DIMENSION: usize = 512;
/// Results wanted of each way of searching when a question is asked.
const CANDIDATES: usize = 100;
/// Terms of a chunk.
const TERMS: usize = 80;
/// Terms of a question.
const QUESTION_TERMS: usize = 12;

fn print(value: &Value) {
    println!("{value}");
}

fn embed(texts: &Path, out: &Path) {
    let config = Config::load(None, &Flags::default()).expect("the default settings");
    let files = model_store(&config)
        .and_then(|models| models.embedder())
        .expect("the starter models");
    let embedder = FastembedEmbedder::load(files, EmbedSettings::default()).expect("it loads");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let texts = std::fs::read_to_string(texts).expect("a file of texts");
    let lines: Vec<String> = texts.lines().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for some in lines.chunks(256) {
        let vectors = runtime
            .block_on(embedder.embed_passages(some.to_vec()))
            .expect("vectors");
        rows.extend(vectors);
    }
    vectors::write(out, rows.iter().map(Vec::as_slice));
    print(&serde_json::json!({"texts": rows.len()}));
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().expect("a number");
    match arguments.as_slice() {
        ["vectors", texts, out] => embed(Path::new(texts), Path::new(out)),
        [
            what @ ("fill" | "exact"),
            folder,
            chunks,
            sentences,
            seeds,
            questions,
            export @ ..,
        ] => {
            let plan = fill::Plan {
                folder: Path::new(folder),
                chunks: number(chunks),
                sentences: number(sentences),
                seeds: vectors::read(Path::new(seeds)),
                questions: vectors::read(Path::new(questions)),
                export: export.first().map(Path::new),
            };
            if *what == "fill" {
                fill::run(&plan);
            } else {
                fill::exact(&plan);
            }
        }
        ["order", folder] => fill::order(Path::new(folder)),
        ["serve", folder, questions] => {
            serve::run(Path::new(folder), vectors::read(Path::new(questions)));
        }
        _ => println!("run `make scale`, which calls this with what it needs"),
    }
}
