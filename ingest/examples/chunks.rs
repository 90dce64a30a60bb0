//! Prints what a file is read as and how it is cut: `chunks FILE [LIBPDFIUM] [PASSWORD]`.

use std::process::ExitCode;

use wenyuan_ingest::{ParseLimits, ParseRequest, SplitSettings, TokenCounter, parse_here, split};

/// About a token for a Han character or four letters.
struct Rough;

impl TokenCounter for Rough {
    fn count(&self, text: &str) -> usize {
        text.chars()
            .map(|character| if character.is_ascii() { 1 } else { 4 })
            .sum::<usize>()
            .div_ceil(4)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|argument| argument == "parse-child")
    {
        return wenyuan_ingest::child_main(None);
    }
    let Some(path) = arguments.first() else {
        eprintln!("chunks FILE [LIBPDFIUM] [PASSWORD]");
        return ExitCode::from(2);
    };
    let pdfium = arguments
        .get(1)
        .filter(|path| !path.is_empty())
        .map(Into::into);
    let mut request = ParseRequest::new(path, path);
    request.password = arguments.get(2).cloned();
    match parse_here(
        &request,
        &ParseLimits {
            pdfium,
            ..ParseLimits::default()
        },
        &mut |_| {},
    ) {
        Err(error) => {
            println!("{}: {error}", error.code());
            ExitCode::FAILURE
        }
        Ok(document) => {
            println!(
                "{:?} {:?} title {:?}, {} bytes, {} pages",
                document.kind,
                document.language,
                document.title,
                document.text.len(),
                document.pages.len()
            );
            for warning in &document.warnings {
                println!("! {} {:?} {}", warning.code, warning.page, warning.message);
            }
            for chunk in split(&document, &Rough, SplitSettings::default()) {
                println!(
                    "--- {} tokens {} pages {:?} {:?} {:?}, {} sentences",
                    chunk.ordinal,
                    chunk.tokens,
                    chunk.pages,
                    chunk.language,
                    chunk.heading,
                    chunk.sentences.len()
                );
                println!("{}", chunk.span.of(&document.text));
            }
            ExitCode::SUCCESS
        }
    }
}
