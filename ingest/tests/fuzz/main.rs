//! Every reader, the splitter and the pipeline against bytes that nobody wrote on purpose.
//!
//! Small valid files (`tests/fixtures/fuzz`) are cut, flipped, spliced and repeated, parts of packed files also before
//! they are packed again, and arbitrary bytes come under every name. Whatever comes in, reading must end as a document
//! that keeps all promises, or as an error that is documented. `cargo test` runs a few cases from a fixed seed;
//! `WENYUAN_FUZZ_CASES=20000` (`make fuzz`) runs as many for each test, from a new seed that it prints
//! (`WENYUAN_FUZZ_SEED`). A file that breaks something is left in the target folder under `tmp/fuzz`.

mod check;
mod files;
mod mutate;
mod pipeline;
mod watch;

use std::cell::RefCell;
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use check::Tally;
use files::seeds;

/// Cases of each test in an ordinary run.
const FEW: u32 = 40;
/// What a reading process has; deep files need it.
const STACK: usize = 256 << 20;

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
}

/// As many cases as wanted, always the same ones in an ordinary run.
fn config() -> (Config, u64) {
    let cases = number("WENYUAN_FUZZ_CASES").map(|cases| u32::try_from(cases).unwrap_or(u32::MAX));
    let clock = || {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(1, |time| time.as_nanos() as u64)
    };
    let fixed = if cases.is_some() { clock() } else { 20_260_101 };
    let seed = number("WENYUAN_FUZZ_SEED").unwrap_or(fixed);
    let config = Config {
        cases: cases.unwrap_or(FEW),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    (config, seed)
}

/// Runs `check` on what the strategy makes, on a thread with the stack of a reading process, and prints what came of it.
fn run<S>(
    name: &str,
    strategy: S,
    check: impl Fn(S::Value, &mut Tally) -> Result<(), TestCaseError> + Send,
) where
    S: Strategy + Send,
    S::Value: Debug,
{
    let (config, seed) = config();
    let tally = std::thread::scope(|scope| {
        let work = move || {
            let tally = RefCell::new(Tally::default());
            let outcome = TestRunner::new(config)
                .run(&strategy, |value| check(value, &mut tally.borrow_mut()));
            outcome
                .map(|()| tally.into_inner())
                .map_err(|error| error.to_string())
        };
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .expect("a thread");
        thread.join().expect("the checks themselves do not panic")
    });
    match tally {
        Ok(tally) => println!("{name}: seed {seed}, {tally}"),
        Err(error) => panic!("{name}, seed {seed}: {error}"),
    }
}

/// One test for the readers of files with these endings.
macro_rules! readers {
    ($($test:ident: $($ending:literal),+;)+) => {$(
        #[test]
        fn $test() {
            let own = seeds(&[$($ending),+]);
            assert!(!own.is_empty(), "there are files to begin with");
            run(stringify!($test), mutate::cases(), |case, tally| {
                let (name, bytes) = case.apply(&own);
                check::reads(&name, &bytes, tally)
            });
        }
    )+};
}

readers! {
    no_pdf_breaks_its_reader: "pdf";
    no_word_file_breaks_its_reader: "docx";
    no_slides_break_their_reader: "pptx";
    no_workbook_breaks_its_reader: "xlsx", "xls", "ods";
    no_open_document_breaks_its_reader: "odt", "odp";
    no_rich_text_breaks_its_reader: "rtf";
    no_book_breaks_its_reader: "epub";
    no_web_page_breaks_its_reader: "html", "htm";
    no_markdown_breaks_its_reader: "md";
    no_text_breaks_its_reader: "txt";
    no_table_of_text_breaks_its_reader: "csv", "tsv";
    no_json_breaks_its_reader: "json", "jsonl", "ipynb";
    no_mail_breaks_its_reader: "eml", "mbox";
    no_archive_breaks_its_reader: "zip";
    no_source_breaks_its_reader: "py", "java";
    no_picture_breaks_its_reader: "png";
}

#[test]
fn no_bytes_break_any_reader_under_any_name() {
    let heads = prop::sample::select(files::HEADS.to_vec());
    let body = prop_oneof![
        3 => prop::collection::vec(any::<u8>(), 0..2_000),
        1 => ".{0,400}".prop_map(String::into_bytes),
    ];
    let names = prop::sample::select(files::NAMES.to_vec());
    run(
        "no_bytes_break_any_reader_under_any_name",
        (heads, body, names),
        |(head, body, name), tally| check::reads(name, &[head, &body].concat(), tally),
    );
}

#[test]
fn any_text_is_decoded_or_refused() {
    run(
        "any_text_is_decoded_or_refused",
        prop::collection::vec(any::<u8>(), 0..600),
        |bytes, _tally| {
            for html in [false, true] {
                if let Ok(decoded) = wenyuan_ingest::decode(&bytes, html) {
                    prop_assert!(!decoded.encoding.is_empty());
                    prop_assert!(decoded.text.len() <= bytes.len() * 3);
                }
            }
            Ok(())
        },
    );
}

#[test]
fn the_splitter_keeps_its_promises_on_any_document() {
    run(
        "the_splitter_keeps_its_promises_on_any_document",
        (pipeline::documents(), 1_usize..80, 0_usize..40),
        |(document, target, slack), _tally| {
            let settings = wenyuan_ingest::SplitSettings {
                target_tokens: target,
                max_tokens: target + slack,
            };
            check::splits(&document, settings).map(drop)
        },
    );
}

#[test]
fn the_pipeline_writes_every_chunk_of_any_document_once() {
    run(
        "the_pipeline_writes_every_chunk_of_any_document_once",
        (pipeline::documents(), 1_usize..40, 1_usize..9),
        |(document, group_chunks, sentences_per_chunk), _tally| {
            pipeline::indexes(&document, group_chunks, sentences_per_chunk)
        },
    );
}
