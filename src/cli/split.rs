//! `wenyuan split`: shows how files would be read and cut, before anything is indexed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use wenyuan_ingest::{Chunk, CleanDocument, ParseRequest, Warning, parse_in_child, split_as};

use super::args::SplitArgs;
use super::language::{say, tongue, unreadable};
use crate::app::Preview;
use crate::catalog::JobError;
use crate::config::Config;
use crate::http::{failure_words, warning_words};

/// Characters of a passage that are shown on the terminal.
const SHOWN: usize = 96;

/// One file as it would be cut.
#[derive(Debug, Serialize)]
struct Report {
    file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
    kind: Option<&'static str>,
    title: Option<String>,
    author: Option<String>,
    created: Option<String>,
    language: Option<&'static str>,
    pages: usize,
    characters: usize,
    preset: Option<&'static str>,
    warnings: Vec<Warning>,
    chunk_count: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chunks: Vec<Piece>,
    timings_ms: Timings,
}

#[derive(Debug, Serialize)]
struct Failure {
    code: String,
    message: String,
}

/// A passage; `start` and `end` are characters of the cleaned text.
#[derive(Debug, Serialize)]
struct Piece {
    start: usize,
    end: usize,
    tokens: u32,
    page: Option<u32>,
    heading: Vec<String>,
    text: String,
}

#[derive(Debug, Default, Serialize)]
struct Timings {
    parse: f64,
    split: f64,
}

/// Runs the command; `false` if any file could not be read.
pub(crate) async fn run(config: &Config, args: &SplitArgs) -> Result<bool> {
    let preview = Arc::new(Preview::open(config).await?);
    let mut good = true;
    for path in &args.files {
        let report = one(&preview, path, args).await?;
        good &= report.error.is_none();
        if args.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            print(&report);
        }
    }
    Ok(good)
}

async fn one(preview: &Arc<Preview>, path: &Path, args: &SplitArgs) -> Result<Report> {
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(error) => {
            let failure = Failure {
                code: "not_readable".to_owned(),
                message: unreadable(&error),
            };
            return Ok(Report::failed(path.to_owned(), 0.0, failure));
        }
    };
    if path.is_dir() {
        let message = say(
            "this is a folder; name the files in it one by one",
            "这是一个文件夹，请逐个给出其中的文件",
        );
        let failure = Failure {
            code: "not_readable".to_owned(),
            message: message.to_owned(),
        };
        return Ok(Report::failed(path, 0.0, failure));
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut request = ParseRequest::new(&path, name);
    request.password.clone_from(&args.password);
    let settings = &preview.settings;
    let begun = Instant::now();
    let read = parse_in_child(
        &settings.program,
        request,
        &settings.limits,
        |_progress| {},
        &CancellationToken::new(),
    )
    .await;
    let parse = milliseconds(begun);
    let document = match read {
        Ok(document) => document,
        Err(error) => {
            let error = JobError::from(error);
            let failure = Failure {
                message: failure_words(&error, tongue()),
                code: error.code,
            };
            return Ok(Report::failed(path, parse, failure));
        }
    };
    let begun = Instant::now();
    let (counting, wanted) = (Arc::clone(preview), args.preset);
    let (document, chunks, preset) = tokio::task::spawn_blocking(move || {
        let preset = wanted.resolve(&document);
        let settings = counting.settings.split;
        let chunks = split_as(&document, &*counting.embedder, settings, preset);
        (document, chunks, preset)
    })
    .await?;
    let timings_ms = Timings {
        parse,
        split: milliseconds(begun),
    };
    let shown: &[Chunk] = if args.timings_only { &[] } else { &chunks };
    Ok(Report {
        kind: Some(document.kind.as_str()),
        title: document.title.clone(),
        author: document.details.author.clone(),
        created: document.details.created.clone(),
        language: Some(document.language.as_str()),
        pages: document.pages.len(),
        characters: document.text.chars().count(),
        preset: Some(preset.as_str()),
        warnings: document.warnings.iter().map(in_words).collect(),
        chunk_count: chunks.len(),
        chunks: shown.iter().map(|chunk| piece(&document, chunk)).collect(),
        timings_ms,
        ..Report::empty(path, parse)
    })
}

/// The warning in the terminal's language.
fn in_words(warning: &Warning) -> Warning {
    Warning {
        message: warning_words(warning, tongue()),
        ..warning.clone()
    }
}

impl Report {
    fn failed(file: PathBuf, parse: f64, failure: Failure) -> Self {
        Self {
            error: Some(failure),
            ..Self::empty(file, parse)
        }
    }

    fn empty(file: PathBuf, parse: f64) -> Self {
        Self {
            file,
            error: None,
            kind: None,
            title: None,
            author: None,
            created: None,
            language: None,
            pages: 0,
            characters: 0,
            preset: None,
            warnings: Vec::new(),
            chunk_count: 0,
            chunks: Vec::new(),
            timings_ms: Timings { parse, split: 0.0 },
        }
    }
}

fn piece(document: &CleanDocument, chunk: &Chunk) -> Piece {
    Piece {
        start: chunk.chars.start,
        end: chunk.chars.end,
        tokens: chunk.tokens,
        page: chunk.pages.map(|(first, _)| first),
        heading: chunk.heading.clone(),
        text: chunk.span.of(&document.text).to_owned(),
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn print(report: &Report) {
    println!("{}", report.file.display());
    if let Some(error) = &report.error {
        println!("  {}: {}", error.code, error.message);
        return;
    }
    // Only some kinds have pages.
    let pages = match report.pages {
        0 => String::new(),
        pages => format!("{pages} {} · ", say("pages", "页")),
    };
    println!(
        "  {} · {} · {pages}{} {} · {} {}",
        report.kind.unwrap_or_default(),
        report.preset.unwrap_or_default(),
        report.characters,
        say("characters", "字"),
        report.chunk_count,
        say("passages", "段"),
    );
    for warning in &report.warnings {
        println!("  ! {}", warning.message);
    }
    for (number, chunk) in (1..).zip(&report.chunks) {
        let line: String = chunk
            .text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(SHOWN)
            .collect();
        let page = chunk
            .page
            .map_or_else(String::new, |page| format!(" p{page}"));
        println!(
            "  {number:>4}{page} {:>4} {} [{}] {line}",
            chunk.tokens,
            say("tokens", "词元"),
            chunk.heading.join(" › "),
        );
    }
}
