//! What must hold for every file that is read, whatever is in it.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use wenyuan_ingest::{
    Chunk, CleanDocument, ParseError, ParseLimits, ParseRequest, SplitSettings, parse_here, split,
};

use crate::pipeline::Rough;
use crate::watch::{folder, last_panic, watched};

/// Small limits, so that they are reached.
fn limits() -> ParseLimits {
    ParseLimits {
        file_bytes: 4 << 20,
        content_bytes: 2 << 20,
        pages: 60,
        entries: 300,
        depth: 3,
        ratio: 200,
        pdfium: None,
        ..ParseLimits::default()
    }
}

/// Longest title, name of a heading, and message of a warning, in characters.
const LONGEST_TITLE: usize = 300;
const LONGEST_MESSAGE: usize = 2_000;

/// How the cases of one test ended.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    read: usize,
    refused: BTreeMap<&'static str, usize>,
    slowest: Duration,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: usize = self.refused.values().sum();
        write!(
            formatter,
            "{} read, {refused} refused {:?}, slowest {:.1?}",
            self.read, self.refused, self.slowest
        )
    }
}

/// Reads, cuts and checks one file. A file that breaks something stays where its name in the failure says.
pub(crate) fn reads(name: &str, bytes: &[u8], tally: &mut Tally) -> Result<(), TestCaseError> {
    let own = format!("{:?}", std::thread::current().id());
    let own: String = own.chars().filter(char::is_ascii_digit).collect();
    let path = folder().join(format!(
        "{own}-{}",
        name.rsplit('\u{202e}').next().unwrap_or(name)
    ));
    std::fs::write(&path, bytes).expect("is written");
    let begun = Instant::now();
    let checked = watched(&path.to_string_lossy(), || {
        catch_unwind(AssertUnwindSafe(|| outcome(name, &path, tally)))
    });
    tally.slowest = tally.slowest.max(begun.elapsed());
    let failure = match checked {
        Ok(Ok(())) => {
            // Nothing is left of what went well.
            let _ = std::fs::remove_file(&path);
            return Ok(());
        }
        Ok(Err(failure)) => failure,
        Err(_) => TestCaseError::fail(last_panic()),
    };
    let kept = path.with_file_name(format!("broken-{name}"));
    let _ = std::fs::rename(&path, &kept);
    Err(TestCaseError::fail(format!(
        "{failure}, see {}",
        kept.display()
    )))
}

fn outcome(name: &str, path: &std::path::Path, tally: &mut Tally) -> Result<(), TestCaseError> {
    let limits = limits();
    let mut pages = (0, 0);
    let read = parse_here(&ParseRequest::new(path, name), &limits, &mut |progress| {
        pages = (progress.pages_done, progress.pages_total);
    });
    prop_assert!(pages.0 <= pages.1 && pages.1 <= limits.pages);
    match read {
        Ok(document) => {
            tally.read += 1;
            holds_together(&document, &limits)?;
            for settings in [SplitSettings::default(), small()] {
                splits(&document, settings)?;
            }
        }
        Err(error) => {
            documented(&error)?;
            *tally.refused.entry(error.code()).or_default() += 1;
        }
    }
    Ok(())
}

const fn small() -> SplitSettings {
    SplitSettings {
        target_tokens: 24,
        max_tokens: 30,
    }
}

/// An error that a reader may give in this process, with a message for people.
fn documented(error: &ParseError) -> Result<(), TestCaseError> {
    let from_the_process_around =
        ["crashed", "cancelled", "time_limit", "memory_limit"].contains(&error.code());
    let message = error.to_string();
    let length = message.chars().count();
    prop_assert!(!from_the_process_around, "{message}");
    prop_assert!(
        (20..600).contains(&length) && !message.contains('\n'),
        "{message}"
    );
    Ok(())
}

/// What `CleanDocument` promises.
fn holds_together(document: &CleanDocument, limits: &ParseLimits) -> Result<(), TestCaseError> {
    let text = &document.text;
    prop_assert!(!text.is_empty() && text.len() as u64 <= limits.content_bytes);
    let bad = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    prop_assert!(
        !text.contains(bad),
        "control character {:?}",
        text.chars().find(|&c| bad(c))
    );
    let mut end = 0;
    for block in &document.blocks {
        let (start, stop) = (block.span.start, block.span.end);
        prop_assert!(end <= start && start < stop && stop <= text.len());
        prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(stop));
        prop_assert!(text[end..start].trim().is_empty(), "text outside of blocks");
        prop_assert_eq!(block.span.of(text).trim(), block.span.of(text));
        end = stop;
    }
    prop_assert!(text[end..].is_empty(), "text after the last block");
    let mut end = 0;
    prop_assert!(document.pages.len() <= limits.pages as usize);
    for (number, page) in (1..).zip(&document.pages) {
        prop_assert_eq!(page.number, number);
        prop_assert!(end <= page.span.start && page.span.start <= page.span.end);
        prop_assert!(text.get(page.span.start..page.span.end).is_some());
        end = page.span.end;
    }
    if let Some(title) = &document.title {
        prop_assert!(!title.is_empty() && !title.contains('\n') && title.trim() == title);
        prop_assert!(
            title.chars().count() <= LONGEST_TITLE,
            "a title of {}",
            title.len()
        );
    }
    for warning in &document.warnings {
        let length = warning.message.chars().count();
        prop_assert!(
            (10..LONGEST_MESSAGE).contains(&length),
            "{}",
            warning.message
        );
        prop_assert!(!warning.code.is_empty());
    }
    Ok(())
}

/// What `split` promises; the chunks come back.
pub(crate) fn splits(
    document: &CleanDocument,
    settings: SplitSettings,
) -> Result<Vec<Chunk>, TestCaseError> {
    let text = &document.text;
    let chunks = split(document, &Rough, settings);
    let (mut end, mut characters) = (0, 0);
    for (ordinal, chunk) in (0..).zip(&chunks) {
        let (start, stop) = (chunk.span.start, chunk.span.end);
        prop_assert_eq!(chunk.ordinal, ordinal);
        prop_assert!(end <= start && start < stop && text.get(start..stop).is_some());
        prop_assert!(
            text[end..start].trim().is_empty(),
            "left out: {:?}",
            &text[end..start]
        );
        let own = chunk.span.of(text);
        prop_assert_eq!(own.trim(), own);
        let single = own.chars().count() == 1;
        prop_assert!(
            single || chunk.tokens as usize <= settings.max_tokens,
            "{} tokens",
            chunk.tokens
        );
        characters += text[end..start].chars().count();
        prop_assert_eq!(chunk.chars.start, characters);
        characters += own.chars().count();
        prop_assert_eq!(chunk.chars.end, characters);
        prop_assert!(chunk.parent.start <= start && stop <= chunk.parent.end);
        prop_assert!(chunk.pages.is_none_or(|(first, last)| first <= last));
        prop_assert!(
            chunk
                .heading
                .iter()
                .all(|name| name.chars().count() <= LONGEST_TITLE)
        );
        sentences_lie_inside(text, chunk)?;
        end = stop;
    }
    prop_assert!(text[end..].trim().is_empty(), "left out at the end");
    Ok(chunks)
}

fn sentences_lie_inside(text: &str, chunk: &Chunk) -> Result<(), TestCaseError> {
    prop_assert!(!chunk.sentences.is_empty());
    let mut within = chunk.span.start;
    for sentence in &chunk.sentences {
        prop_assert!(within <= sentence.start && sentence.start < sentence.end);
        prop_assert!(sentence.end <= chunk.span.end);
        prop_assert!(text.get(sentence.start..sentence.end).is_some());
        within = sentence.end;
    }
    Ok(())
}
