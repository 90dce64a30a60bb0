//! The parent: starts the child, listens, and ends it when it takes too much.

use std::process::ExitStatus;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout};
use tokio_util::sync::CancellationToken;

use super::allowance::Allowance;
use super::program::ReaderProgram;
use super::{Message, Order};
use crate::clean::settle;
use crate::{CleanDocument, ParseError, ParseLimits, ParseProgress, ParseRequest};

/// Largest picture that is taken, in bytes.
const MOST_PICTURE: usize = 64 << 20;

/// Bytes of the child's last words that are kept.
const LAST_WORDS: u64 = 16 << 10;

/// Reads a document in a process of its own.
///
/// When the first PDF reader brings the child down and pdfium is there, a second child reads with pdfium alone; both
/// share one deadline. Dropping the future kills the child.
///
/// # Errors
/// Any [`ParseError`]; [`ParseError::Cancelled`] within moments of `cancel`.
pub async fn parse_in_child(
    program: &ReaderProgram,
    request: ParseRequest,
    limits: &ParseLimits,
    mut on_progress: impl FnMut(ParseProgress) + Send,
    cancel: &CancellationToken,
) -> Result<CleanDocument, ParseError> {
    let allowance = Allowance::new(limits);
    let attempts = async {
        let order = |request: ParseRequest| Order {
            request,
            limits: limits.clone(),
            drawing: None,
        };
        let result = document(
            attempt(
                program,
                &order(request.clone()),
                &allowance,
                &mut on_progress,
            )
            .await,
        );
        let crashed = matches!(
            result,
            Err(ParseError::Crashed { .. } | ParseError::MemoryLimit { .. })
        );
        if crashed && request.pdf_extract && limits.pdfium.is_some() {
            let again = ParseRequest {
                pdf_extract: false,
                ..request.clone()
            };
            return document(attempt(program, &order(again), &allowance, &mut on_progress).await);
        }
        result
    };
    let bounded = async {
        tokio::select! {
            biased;
            result = attempts => result,
            () = allowance.used_up() => Err(allowance.error()),
        }
    };
    let result = cancel.run_until_cancelled(bounded).await;
    result.unwrap_or(Err(ParseError::Cancelled))
}

/// The document that a child's answer holds.
fn document(answer: Result<(Message, Vec<u8>), ParseError>) -> Result<CleanDocument, ParseError> {
    match answer?.0 {
        Message::Document(document) => Ok(*document),
        Message::Error(error) => Err(error),
        Message::Progress(_)
        | Message::Length(_)
        | Message::Text(_)
        | Message::Blocks(_)
        | Message::Recognizing
        | Message::Picture(_)
        | Message::Undrawn(_) => Err(ParseError::crashed(
            "the reading process answered something else",
        )),
    }
}

/// Starts a child, gives it its order and listens: its last message, with the bytes that follow it.
pub(super) async fn attempt(
    program: &ReaderProgram,
    order: &Order,
    allowance: &Allowance<'_>,
    on_progress: &mut (impl FnMut(ParseProgress) + Send),
) -> Result<(Message, Vec<u8>), ParseError> {
    let mut child = program.start().map_err(|error| {
        ParseError::crashed(format!("the reading process cannot be started: {error}"))
    })?;
    let broken = || ParseError::crashed("the reading process has no pipes");
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut input, output, errors) = (
        input.ok_or_else(broken)?,
        output.ok_or_else(broken)?,
        errors.ok_or_else(broken)?,
    );
    let mut line =
        serde_json::to_vec(order).map_err(|error| ParseError::crashed(error.to_string()))?;
    line.push(b'\n');
    // A child that dies at once breaks the pipe; how it ended says more than that.
    let _ = input.write_all(&line).await;
    program.start_ahead();
    let last_words = async {
        let mut words = Vec::new();
        let mut errors = errors.take(LAST_WORDS);
        let _ = errors.read_to_end(&mut words).await;
        // The rest is read and thrown away, so that the child never waits for us.
        let _ = tokio::io::copy(&mut errors.into_inner(), &mut tokio::io::sink()).await;
        String::from_utf8_lossy(&words).into_owned()
    };
    let (answer, words) = tokio::join!(
        listen(output, allowance, on_progress, &mut child),
        last_words
    );
    // Until here the open input told the child that somebody waits.
    drop(input);
    match answer? {
        Some(answer) => Ok(answer),
        None => Err(post_mortem(&mut child, &words, allowance).await),
    }
}

/// Listens until the child has said how it ended; `None` when it ended without a word.
async fn listen(
    output: ChildStdout,
    allowance: &Allowance<'_>,
    on_progress: &mut (impl FnMut(ParseProgress) + Send),
    child: &mut Child,
) -> Result<Option<(Message, Vec<u8>)>, ParseError> {
    let limits = allowance.limits();
    // JSON escapes at most sixfold, and structure and places come on top.
    let most = limits
        .content_bytes
        .saturating_mul(8)
        .saturating_add(128 << 20);
    let mut lines = BufReader::with_capacity(1 << 16, output.take(most));
    let (mut line, mut text, mut blocks) = (Vec::new(), String::new(), Vec::new());
    loop {
        line.clear();
        let read = lines
            .read_until(b'\n', &mut line)
            .await
            .map_err(|error| ParseError::crashed(error.to_string()))?;
        if read > 0 && line.last() != Some(&b'\n') && lines.get_ref().limit() == 0 {
            let _ = child.start_kill();
            return Err(ParseError::too_large(limits.content_bytes));
        }
        if read == 0 || line.last() != Some(&b'\n') {
            return Ok(None);
        }
        match serde_json::from_slice(&line) {
            Ok(Message::Progress(progress)) => on_progress(progress),
            Ok(Message::Length(bytes)) => {
                text.reserve_exact(bytes.min(limits.content_bytes) as usize);
            }
            Ok(Message::Text(piece)) => {
                if (text.len() + piece.len()) as u64 > limits.content_bytes {
                    let _ = child.start_kill();
                    return Err(ParseError::too_large(limits.content_bytes));
                }
                text.push_str(&piece);
            }
            Ok(Message::Blocks(group)) => blocks.extend(group),
            Ok(Message::Document(document)) => {
                let mut document = CleanDocument {
                    text,
                    blocks,
                    ..*document
                };
                settle(&mut document);
                return Ok(Some((Message::Document(Box::new(document)), Vec::new())));
            }
            Ok(Message::Recognizing) => allowance.grow(),
            Ok(Message::Picture(length)) => {
                let mut picture = vec![0; length.min(MOST_PICTURE)];
                let whole = lines.read_exact(&mut picture).await.is_ok();
                return Ok(whole.then_some((Message::Picture(length), picture)));
            }
            Ok(message @ (Message::Error(_) | Message::Undrawn(_))) => {
                return Ok(Some((message, Vec::new())));
            }
            Err(error) => {
                let _ = child.start_kill();
                return Err(ParseError::crashed(format!(
                    "the reading process does not make sense: {error}"
                )));
            }
        }
    }
}

/// Finds out why a child ended without a word.
async fn post_mortem(child: &mut Child, words: &str, allowance: &Allowance<'_>) -> ParseError {
    match child.wait().await {
        Ok(status) => cause(status, words, allowance),
        Err(error) => ParseError::crashed(error.to_string()),
    }
}

fn cause(status: ExitStatus, words: &str, allowance: &Allowance<'_>) -> ParseError {
    let out_of_memory = [
        "memory allocation of",
        "out of memory",
        "Out of memory",
        "bad_alloc",
    ]
    .iter()
    .any(|sign| words.contains(sign));
    let memory = ParseError::MemoryLimit {
        megabytes: allowance.limits().memory_bytes >> 20,
    };
    if out_of_memory {
        return memory;
    }
    if words.contains("overflowed its stack") {
        return ParseError::crashed("its parts are nested too deep");
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;

        // Of the signals' numbers these are the same on every system that we run on.
        const KILL: i32 = 9;
        const PROCESSOR_TIME: i32 = 24;
        match status.signal() {
            Some(PROCESSOR_TIME) => return allowance.error(),
            Some(KILL) => return memory,
            Some(signal) => return ParseError::crashed(format!("signal {signal}")),
            None => {}
        }
    }
    ParseError::crashed(status.to_string())
}
