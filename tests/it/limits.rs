//! Every limit of the settings reaches the process that reads files, and says its name when it is met.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;
use wenyuan::app::parse_limits;
use wenyuan::config::{Config, Flags};
use wenyuan_ingest::{ParseError, ParseLimits, ParseRequest, ReaderProgram, parse_in_child};

/// The limits that a settings file leads to.
fn limits(settings: &str) -> ParseLimits {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wenyuan.toml");
    std::fs::write(&file, settings).expect("the settings file");
    let config = Config::load(Some(&file), &Flags::default()).expect("valid settings");
    parse_limits(&config)
}

/// Reads a file in our own program's child under these settings.
async fn read(settings: &str, bytes: &[u8]) -> Result<String, ParseError> {
    read_by(Path::new(env!("CARGO_BIN_EXE_wenyuan")), settings, bytes).await
}

async fn read_by(program: &Path, settings: &str, bytes: &[u8]) -> Result<String, ParseError> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("is written");
    let request = ParseRequest::new(file.path(), "file");
    let stop = CancellationToken::new();
    let program = ReaderProgram::new(program);
    let read = parse_in_child(&program, request, &limits(settings), |_| {}, &stop).await;
    read.map(|document| document.text)
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("an entry");
        archive.write_all(bytes).expect("is written");
    }
    archive.finish().expect("is finished").into_inner()
}

/// A PDF whose pages all show the same content.
fn pdf(pages: usize, content: &[u8]) -> Vec<u8> {
    let kids = "3 0 R ".repeat(pages);
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>";
    let mut stream = format!("<</Length {}>>stream\n", content.len()).into_bytes();
    stream.extend(content);
    stream.extend(b"\nendstream");
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Kids[{kids}]/Count {pages}>>").into_bytes(),
        page.as_bytes().to_vec(),
        stream,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ];
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut table = "xref\n0 6\n0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(&objects) {
        let _ = writeln!(table, "{:010} 00000 n ", bytes.len());
        bytes.extend(format!("{number} 0 obj\n").bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    bytes.extend(table.bytes());
    bytes.extend(format!("trailer<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

#[tokio::test]
async fn each_limit_that_is_set_is_the_one_that_is_met() {
    let inner = zip_of(&[("a.txt", b"Deep inside.")]);
    let two_pages = pdf(2, b"BT /F 12 Tf (A page) Tj ET");
    let two_files = zip_of(&[("a.txt", b"First."), ("b.txt", b"Second.")]);
    let nested = zip_of(&[("inner.zip", &inner)]);
    let dense = zip_of(&[("a.txt", "the same words again ".repeat(100_000).as_bytes())]);
    let long = "Words without end. ".repeat(120_000).into_bytes();
    let cases: [(&str, &[u8], ParseError); 6] = [
        (
            "[ingest]\nmax_pages = 1",
            &two_pages,
            ParseError::TooManyPages { pages: 2, limit: 1 },
        ),
        (
            "[ingest]\nmax_entries = 1",
            &two_files,
            ParseError::TooManyEntries { limit: 1 },
        ),
        (
            "[ingest]\nmax_depth = 1",
            &nested,
            ParseError::TooDeep { limit: 1 },
        ),
        (
            "[ingest]\nmax_ratio = 10",
            &dense,
            ParseError::TooDense { limit: 10 },
        ),
        (
            "[ingest]\nmax_content_mb = 1",
            &long,
            ParseError::TooLarge { megabytes: 1 },
        ),
        (
            "[server]\nmax_file_mb = 1",
            &long,
            ParseError::TooLarge { megabytes: 1 },
        ),
    ];
    for (settings, bytes, expected) in cases {
        let met = read(settings, bytes).await;
        assert_eq!(met.expect_err(settings), expected, "{settings}");
        let code = read("", bytes).await.err().map(|error| error.code());
        assert_ne!(code, Some(expected.code()), "{settings}: not by default");
    }
}

#[tokio::test]
async fn the_limit_of_memory_reaches_the_child() {
    let bomb = pdf(1, &b"BT /F 12 Tf (endless text) Tj ET\n".repeat(1_200_000));
    let met = read("[ingest]\nread_memory_mb = 800", &bomb).await;
    let error = met.expect_err("it takes more");
    assert_eq!(error, ParseError::MemoryLimit { megabytes: 800 });
}

#[cfg(unix)]
#[tokio::test]
async fn the_limit_of_time_reaches_the_child() {
    // Under the name of our subcommand as a pattern, `grep` reads its input, which stays open, for ever.
    let grep = ["/usr/bin/grep", "/bin/grep"].map(PathBuf::from);
    let Some(grep) = grep.into_iter().find(|path| path.exists()) else {
        eprintln!("SKIPPED: the limit of time needs grep as a program that never ends");
        return;
    };
    let met = read_by(&grep, "[ingest]\nread_seconds = 1", b"text").await;
    let error = met.expect_err("it never ends");
    assert_eq!(error, ParseError::TimeLimit { seconds: 1 });
}

#[test]
fn every_limit_has_a_setting_and_nonsense_is_refused_by_name() {
    let all = limits(
        "[server]\nmax_file_mb = 7\n[ingest]\nmax_pages = 11\nmax_entries = 12\nmax_depth = 3\nmax_ratio = 14\n\
         max_megapixels = 15\nmax_content_mb = 16\nread_seconds = 17\nread_memory_mb = 600",
    );
    let expected = ParseLimits {
        file_bytes: 7 << 20,
        content_bytes: 16 << 20,
        pages: 11,
        entries: 12,
        depth: 3,
        ratio: 14,
        pixels: 15_000_000,
        seconds: 17,
        memory_bytes: 600 << 20,
        pdfium: None,
        ..ParseLimits::default()
    };
    assert_eq!(all, expected);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wenyuan.toml");
    let nonsense = "[ingest]\nmax_entries = 0\nmax_depth = 99\nmax_ratio = 1\nmax_megapixels = 0\nmax_content_mb = 0";
    std::fs::write(&file, nonsense).expect("the settings file");
    let told = Config::load(Some(&file), &Flags::default()).expect_err("nonsense");
    for name in [
        "max_entries",
        "max_depth",
        "max_ratio",
        "max_megapixels",
        "max_content_mb",
    ] {
        let name = format!("ingest.{name}");
        assert!(
            told.problems.iter().any(|line| line.contains(&name)),
            "{told}"
        );
    }
}
