//! Whole documents through the whole crate, in one binary for the sake of link time.

mod fixtures;
mod layout;
mod locked;
mod pipeline;
mod shared_documents;

use std::path::{Path, PathBuf};

use wenyuan_ingest::{
    CleanDocument, ParseError, ParseLimits, ParseRequest, TokenCounter, parse_here,
};

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

/// A fixture of ours.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures")
        .join(name)
}

/// pdfium's library: where the environment names it, else where `wenyuan models pull starter` puts it.
fn pdfium() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    named("WENYUAN_PDFIUM").or_else(|| {
        let models = named("WENYUAN_MODELS__DIR").or_else(|| {
            let data = named("XDG_DATA_HOME").or_else(|| Some(named("HOME")?.join(".local/share")));
            Some(data?.join("wenyuan/models"))
        })?;
        Some(models.join("pdfium/libpdfium.so")).filter(|library| library.exists())
    })
}

fn read(path: &Path, password: Option<&str>) -> Result<CleanDocument, ParseError> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut request = ParseRequest::new(path, name);
    request.password = password.map(str::to_owned);
    parse_here(
        &request,
        &ParseLimits {
            pdfium: pdfium(),
            ..ParseLimits::default()
        },
        &mut |_| {},
    )
}

fn without_white_space(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .collect()
}
