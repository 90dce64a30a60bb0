//! The child: takes its bounds, reads one document, says what it found, ends.

use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use super::{Message, Order};
use crate::parse::{Part, Recognition, draw_here, parse_with};
use crate::{CleanDocument, OpenRecognizer, ParseError, ParseLimits};

/// Stack of the reading thread. Hostile files nest deep; what they do not use is never touched.
const STACK: usize = 256 << 20;

/// Bytes of text in one message.
const PIECE: usize = 64 << 10;

/// Blocks in one message.
const GROUP: usize = 1024;

/// Longest order, in bytes.
const LONGEST_ORDER: u64 = 1 << 20;

/// The whole life of the child process: an order as a JSON line on standard input, messages as JSON lines on standard
/// output. Standard input stays open for as long as somebody waits for the answer. `open` loads the text recognizer that
/// the order names, if the document has a page for it; without it such pages stay unread.
///
/// Call it first thing in `main` under the subcommand `parse-child`, before threads and logs are set up.
#[must_use]
pub fn child_main(open: Option<OpenRecognizer>) -> ExitCode {
    // A page that panics is dealt with; its message would only frighten.
    std::panic::set_hook(Box::new(|_| {}));
    let mut line = String::new();
    let order = io::stdin()
        .lock()
        .take(LONGEST_ORDER)
        .read_line(&mut line)
        .ok()
        .and_then(|_| serde_json::from_str::<Order>(&line).ok());
    let Some(order) = order else {
        eprintln!(
            "parse-child reads its order from the program that starts it and is of no use otherwise."
        );
        return ExitCode::from(2);
    };
    end_with_parent();
    if let Err(error) = confine(&order.limits) {
        send(&Message::Error(ParseError::crashed(format!(
            "its bounds cannot be set: {error}"
        ))));
        return ExitCode::FAILURE;
    }
    let working = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || carry_out(&order, open));
    let failed = |error: ParseError| (Message::Error(error), Vec::new());
    let (answer, picture) = match working.map(std::thread::JoinHandle::join) {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => failed(ParseError::crashed("a panic")),
        Err(error) => failed(ParseError::crashed(error.to_string())),
    };
    if let Message::Document(document) = answer {
        send_document(*document);
    } else {
        send(&answer);
    }
    if !picture.is_empty() {
        let mut output = std::io::stdout().lock();
        let _ = output.write_all(&picture);
        let _ = output.flush();
    }
    ExitCode::SUCCESS
}

/// Sends text and blocks in pieces: as one line, a large text would lie in memory several times at the other end.
fn send_document(mut document: CleanDocument) {
    let text = std::mem::take(&mut document.text);
    if !text.is_empty() {
        send(&Message::Length(text.len() as u64));
    }
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        send(&Message::Text(piece.to_owned()));
        rest = after;
    }
    drop(text);
    for group in std::mem::take(&mut document.blocks).chunks(GROUP) {
        send(&Message::Blocks(group.to_vec()));
    }
    send(&Message::Document(Box::new(document)));
}

/// What the order comes to: the last message, and the bytes that follow it.
fn carry_out(order: &Order, open: Option<OpenRecognizer>) -> (Message, Vec<u8>) {
    let Some(drawing) = order.drawing else {
        let mut on_page = || {
            allow_more_time(&order.limits);
            send(&Message::Recognizing);
        };
        let recognition = match (open, &order.limits.recognizer) {
            (Some(open), Some(files)) => Recognition::new(open, files, &mut on_page),
            _ => Recognition::default(),
        };
        let mut on_progress = |progress| send(&Message::Progress(progress));
        // A text is on its way while it is read: neither process has it more than once.
        let mut on_part = |part| {
            send(&match part {
                Part::Length(bytes) => Message::Length(bytes),
                Part::Text(piece) => Message::Text(piece),
            });
        };
        let read = parse_with(
            &order.request,
            &order.limits,
            &mut on_progress,
            Some(&mut on_part),
            recognition,
        );
        let message = read.map_or_else(Message::Error, |document| {
            Message::Document(Box::new(document))
        });
        return (message, Vec::new());
    };
    match draw_here(&order.request, &order.limits, drawing) {
        Ok(picture) => (Message::Picture(picture.len()), picture),
        Err(error) => (Message::Undrawn(error), Vec::new()),
    }
}

/// Ends this process when the one that waits for it is gone, however it went: its end closes our input.
fn end_with_parent() {
    let watch = || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(1);
    };
    // Without the thread, the bounds on time and memory still end this process.
    let _ = std::thread::Builder::new().spawn(watch);
}

/// Writes a line; a parent that has gone away is no concern.
fn send(message: &Message) {
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let _ = serde_json::to_writer(&mut output, message);
    let _ = output.write_all(b"\n");
    let _ = output.flush();
}

/// Bounds memory and processor time, and forbids files to be written.
#[cfg(unix)]
fn confine(limits: &ParseLimits) -> std::io::Result<()> {
    use rlimit::Resource;

    let lower = |resource: Resource, wanted: u64| {
        let (_, hard) = resource.get()?;
        let wanted = wanted.min(hard);
        resource.set(wanted, wanted)
    };
    lower(Resource::AS, limits.memory_bytes)?;
    let (_, hard) = Resource::CPU.get()?;
    let most = processor_seconds(limits.seconds.max(limits.most_seconds)).min(hard);
    Resource::CPU.set(processor_seconds(limits.seconds).min(most), most)?;
    lower(Resource::FSIZE, 0)?;
    lower(Resource::CORE, 0)
}

/// Processor time for so much time on the clock: two threads work at once at most.
#[cfg(unix)]
fn processor_seconds(seconds: u64) -> u64 {
    seconds.saturating_mul(2).max(1)
}

/// Raises the bound on processor time for a page that is read by recognition, up to the highest one set.
#[cfg(unix)]
fn allow_more_time(limits: &ParseLimits) {
    use rlimit::Resource;

    if let Ok((soft, hard)) = Resource::CPU.get() {
        let more = soft.saturating_add(processor_seconds(limits.seconds_per_picture));
        // Where it cannot be raised, what there was is left.
        let _ = Resource::CPU.set(more.min(hard), hard);
    }
}

#[cfg(not(unix))]
fn allow_more_time(_: &ParseLimits) {}

/// Elsewhere the parent's deadline is the only bound.
#[cfg(not(unix))]
fn confine(_: &ParseLimits) -> std::io::Result<()> {
    Ok(())
}
