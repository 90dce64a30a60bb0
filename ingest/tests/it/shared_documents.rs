//! Every document of a shared collection that is not part of this repository, against what is known of it.

use std::path::PathBuf;

use wenyuan_ingest::{Language, SplitSettings, split};

use crate::{Rough, pdfium, read, without_white_space};

/// Files that only the child process's bounds can stop; its own test covers such.
const BOMBS: &str = "limit";

fn collection() -> Option<PathBuf> {
    let folder = std::env::var_os("WENYUAN_SHARED")
        .map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
            PathBuf::from,
        )
        .join("docs");
    folder.join("MANIFEST.tsv").exists().then_some(folder)
}

#[test]
fn every_shared_document_is_read_as_its_manifest_says() {
    let Some(folder) = collection() else {
        eprintln!("SKIPPED: no shared documents (set WENYUAN_SHARED)");
        return;
    };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).expect("a manifest");
    let mut failures = Vec::new();
    let mut checked = 0;
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[file, kind, _, exercises, _, _, _, _, expected, class, ..] = columns.as_slice()
        else {
            continue;
        };
        // Only the whole program has text recognition.
        if kind == "image" || class == BOMBS {
            continue;
        }
        // Pages that the first reader cannot read or order need the second one.
        if kind == "pdf" && pdfium().is_none() {
            eprintln!("SKIPPED {file}: set WENYUAN_PDFIUM to libpdfium.so");
            continue;
        }
        checked += 1;
        if let Some(failure) = check(&folder.join(file), exercises, expected, class) {
            failures.push(format!("{file} ({class}): {failure}"));
        }
    }
    eprintln!("{checked} documents checked");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with how a file is read; `None` when all is well.
fn check(path: &std::path::Path, exercises: &str, expected: &str, class: &str) -> Option<String> {
    let begun = std::time::Instant::now();
    let mut result = read(path, None);
    if class == "password" {
        match &result {
            Err(error) if error.code() == "password_required" => {}
            other => return Some(format!("{other:?} instead of password_required")),
        }
        let password = exercises.split('`').nth(1).unwrap_or_default();
        result = read(path, Some(password));
    }
    eprintln!("{:>6} ms {}", begun.elapsed().as_millis(), path.display());
    match (class, result) {
        ("text" | "password", Ok(document)) => {
            let phrase = without_white_space(expected);
            let chunks = split(&document, &Rough, SplitSettings::default());
            let whole: String = chunks
                .iter()
                .map(|chunk| without_white_space(chunk.span.of(&document.text)))
                .collect();
            if whole.contains(&phrase) {
                None
            } else {
                Some(format!(
                    "lacks {expected:?}: {}",
                    document.text.chars().take(300).collect::<String>()
                ))
            }
        }
        ("text" | "password", Err(error)) => Some(format!("{} {error}", error.code())),
        ("ocr", Err(error)) if error.code() == "no_text" => None,
        ("garbled", Err(error)) if error.code() == "garbled_text" => None,
        // Read after all: its true text is Chinese, which mojibake never is.
        ("garbled", Ok(document)) if document.language == Language::Chinese => None,
        ("error", Err(_)) => None,
        // A reader may recover more than was expected.
        ("error", Ok(document)) if !document.text.is_empty() => None,
        (_, other) => Some(format!("unexpected {other:?}").chars().take(300).collect()),
    }
}
