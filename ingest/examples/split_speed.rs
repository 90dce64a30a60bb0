//! Measures how fast text is cut, without the time of a tokenizer: `split_speed FILE...` prints megabytes per second for
//! each preset, the best of five rounds. `wenyuan split --timings-only FILE` measures with the real tokenizer.

use std::process::ExitCode;
use std::time::Instant;

use wenyuan_ingest::{
    ParseLimits, ParseRequest, Preset, SplitSettings, TokenCounter, parse_here, split_as,
};

/// About a token for a Han character or four letters.
struct Rough;

impl TokenCounter for Rough {
    fn count(&self, text: &str) -> usize {
        let characters = text.chars().count();
        let others = (text.len() - characters) / 2;
        (characters - others.min(characters)).div_ceil(4) + others
    }
}

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("split_speed FILE...");
        return ExitCode::from(2);
    }
    for file in files {
        let request = ParseRequest::new(&file, &file);
        let document = match parse_here(&request, &ParseLimits::default(), &mut |_| {}) {
            Ok(document) => document,
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::FAILURE;
            }
        };
        let megabytes = document.text.len() as f64 / 1e6;
        let begun = Instant::now();
        let chosen = Preset::of(&document);
        println!(
            "{file}: {megabytes:.1} MB, {} chosen at {:.0} MB/s",
            chosen.as_str(),
            megabytes / begun.elapsed().as_secs_f64()
        );
        for preset in Preset::ALL {
            let (mut best, mut count) = (f64::MAX, 0);
            for _ in 0..5 {
                let begun = Instant::now();
                count = split_as(&document, &Rough, SplitSettings::default(), preset).len();
                best = best.min(begun.elapsed().as_secs_f64());
            }
            println!(
                "  {:7} {:6.1} MB/s, {count} passages",
                preset.as_str(),
                megabytes / best
            );
        }
    }
    ExitCode::SUCCESS
}
