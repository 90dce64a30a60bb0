//! The child process, with this test's own binary as the child.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use wenyuan_ingest::{
    CleanDocument, Corner, ParseError, ParseLimits, ParseRequest, Picture, ReaderProgram,
    RecognizeError, RecognizerFiles, TextLine, TextRecognizer, child_main, parse_in_child,
};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("parse-child") {
        return child_main(Some(reads_the_size));
    }
    if let Some(path) = std::env::args()
        .skip_while(|argument| argument != WAITING)
        .nth(1)
    {
        let _ended = runtime().block_on(parse(
            Path::new(&path),
            &ParseLimits::default(),
            &CancellationToken::new(),
        ));
        return ExitCode::SUCCESS;
    }
    // `cargo test -- --list` and filters of other targets come here too.
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    #[cfg(target_os = "linux")]
    a_child_ends_when_the_one_that_waits_for_it_is_killed();
    runtime().block_on(async {
        a_document_comes_back_from_the_child_with_progress().await;
        a_file_over_its_time_is_stopped().await;
        a_page_bomb_reaches_a_limit_and_not_the_machine().await;
        cancelling_kills_the_child_at_once().await;
        a_child_that_makes_no_sense_is_a_crash().await;
        an_unpacking_bomb_is_too_large().await;
        a_picture_is_read_in_the_child_by_the_recognizer_that_is_named().await;
        a_recognizer_that_cannot_be_loaded_is_told_of().await;
    });
    println!("9 sandbox tests passed");
    ExitCode::SUCCESS
}

/// The argument that makes this program wait for a child that reads the file named next.
const WAITING: &str = "wait-for-child";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

#[cfg(target_os = "linux")]
fn a_child_ends_when_the_one_that_waits_for_it_is_killed() {
    let file = pdf(&b"BT /F 12 Tf (endless text) Tj ET\n".repeat(600_000));
    let mut waiting = std::process::Command::new(std::env::current_exe().expect("a path"))
        .arg(WAITING)
        .arg(file.path())
        .spawn()
        .expect("starts");
    let of_any_thread = || -> Option<String> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", waiting.id())).ok()?;
        tasks
            .flatten()
            .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
            .find_map(|text| text.split_whitespace().next().map(str::to_owned))
    };
    let until = |what: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !what() {
            assert!(begun.elapsed() < Duration::from_secs(30), "too long");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    until(&|| of_any_thread().is_some());
    let child = of_any_thread().expect("seen a moment ago");
    waiting.kill().expect("is killed");
    waiting.wait().expect("has ended");
    // A zombie that nobody has reaped yet has no command line.
    let command_line = format!("/proc/{child}/cmdline");
    until(&|| {
        std::fs::read(&command_line).is_ok_and(|text| text.is_empty())
            || !Path::new(&command_line).exists()
    });
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures")
        .join(name)
}

async fn parse(
    path: &Path,
    limits: &ParseLimits,
    cancel: &CancellationToken,
) -> (Result<CleanDocument, ParseError>, u32) {
    let program = ReaderProgram::new(std::env::current_exe().expect("a path"));
    let mut pages = 0;
    let result = parse_in_child(
        &program,
        ParseRequest::new(path, "file"),
        limits,
        |progress| pages = progress.pages_done,
        cancel,
    )
    .await;
    (result, pages)
}

async fn a_document_comes_back_from_the_child_with_progress() {
    let (result, pages) = parse(
        &fixture("weather-station-zh-font-embedded.pdf"),
        &ParseLimits::default(),
        &CancellationToken::new(),
    )
    .await;
    let document = result.expect("is read");
    assert_eq!(document.pages.len() as u32, pages);
    assert!(document.text.contains("气象站"));
}

/// A PDF of one page whose content stream is `content`.
fn pdf(content: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    let stream = [
        format!("<</Length {}>>stream\n", content.len()).as_bytes(),
        content,
        b"\nendstream",
    ]
    .concat();
    let objects: [&[u8]; 5] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        &stream,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ];
    for (index, object) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n", index + 1).as_bytes());
        bytes.extend(*object);
        bytes.extend(b"\nendobj\n");
    }
    let table = bytes.len();
    bytes.extend(b"xref\n0 6\n0000000000 65535 f \n");
    for offset in offsets {
        bytes.extend(format!("{offset:010} 00000 n \n").as_bytes());
    }
    bytes.extend(format!("trailer<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").as_bytes());
    file.write_all(&bytes).expect("is written");
    file
}

async fn a_file_over_its_time_is_stopped() {
    let file = pdf(&b"BT /F 12 Tf (endless text) Tj ET\n".repeat(600_000));
    let begun = Instant::now();
    let limits = ParseLimits {
        seconds: 1,
        ..ParseLimits::default()
    };
    let (result, _) = parse(file.path(), &limits, &CancellationToken::new()).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(
        matches!(result, Err(ParseError::TimeLimit { seconds: 1 })) || result.is_ok(),
        "{result:?}"
    );
}

async fn a_page_bomb_reaches_a_limit_and_not_the_machine() {
    let file = pdf(&b"BT /F 12 Tf (endless text) Tj ET\n".repeat(400_000));
    let limits = ParseLimits {
        memory_bytes: 420 << 20,
        seconds: 60,
        ..ParseLimits::default()
    };
    let (result, _) = parse(file.path(), &limits, &CancellationToken::new()).await;
    assert!(
        matches!(result, Err(ParseError::MemoryLimit { .. })),
        "{:?}",
        result.map(|document| document.text.len())
    );
}

async fn cancelling_kills_the_child_at_once() {
    let file = pdf(&b"BT /F 12 Tf (endless text) Tj ET\n".repeat(600_000));
    let cancel = CancellationToken::new();
    let begun = Instant::now();
    let limits = ParseLimits::default();
    let (outcome, ()) = tokio::join!(parse(file.path(), &limits, &cancel), async {
        cancel.cancel();
    });
    assert!(matches!(outcome.0, Err(ParseError::Cancelled)));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

async fn a_child_that_makes_no_sense_is_a_crash() {
    let result = parse_in_child(
        &ReaderProgram::new("/bin/echo"),
        ParseRequest::new("x", "x"),
        &ParseLimits::default(),
        |_| {},
        &CancellationToken::new(),
    )
    .await;
    assert_eq!(
        result.expect_err("echo reads no documents").code(),
        "crashed"
    );
}

async fn an_unpacking_bomb_is_too_large() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let mut archive = zip::ZipWriter::new(&mut file);
    archive
        .start_file(
            "word/document.xml",
            zip::write::SimpleFileOptions::default(),
        )
        .expect("an entry");
    for _ in 0..64 {
        archive.write_all(&vec![b' '; 1 << 20]).expect("is written");
    }
    archive.finish().expect("is finished");
    let limits = ParseLimits {
        content_bytes: 8 << 20,
        ..ParseLimits::default()
    };
    let (result, _) = parse(file.path(), &limits, &CancellationToken::new()).await;
    assert_eq!(result.expect_err("is refused").code(), "too_large");
}

/// Reads the size of a picture in place of its text.
struct Size;

impl TextRecognizer for Size {
    fn recognize(&mut self, picture: &Picture) -> Result<Vec<TextLine>, RecognizeError> {
        let corner = |x, y| Corner { x, y };
        Ok(vec![TextLine {
            text: format!("{} by {} pixels", picture.width(), picture.height()),
            confidence: 0.87,
            corners: [
                corner(10.0, 10.0),
                corner(200.0, 10.0),
                corner(200.0, 30.0),
                corner(10.0, 30.0),
            ],
        }])
    }
}

/// Loads it where the order names the model that it expects.
fn reads_the_size(files: &RecognizerFiles) -> Result<Box<dyn TextRecognizer>, RecognizeError> {
    if files.reader == Path::new("size.onnx") {
        Ok(Box::new(Size))
    } else {
        Err(RecognizeError("no such model".to_owned()))
    }
}

fn recognizing_with(reader: &str) -> ParseLimits {
    ParseLimits {
        recognizer: Some(RecognizerFiles {
            runtime: "library".into(),
            detector: "find.onnx".into(),
            classifier: "turn.onnx".into(),
            reader: reader.into(),
        }),
        ..ParseLimits::default()
    }
}

async fn a_picture_is_read_in_the_child_by_the_recognizer_that_is_named() {
    let picture = fixture("pool-hours-zh-en.png");
    let limits = recognizing_with("size.onnx");
    let (result, pages) = parse(&picture, &limits, &CancellationToken::new()).await;
    let document = result.expect("is read");
    assert_eq!(document.text, "900 by 620 pixels");
    assert_eq!((document.kind.as_str(), pages), ("image", 1));
    let warning = &document.warnings[0];
    assert_eq!(warning.code, "page_read_by_ocr");
    assert_eq!(warning.message, "Page 1 was read by OCR, 87% sure.");
}

async fn a_recognizer_that_cannot_be_loaded_is_told_of() {
    let picture = fixture("pool-hours-zh-en.png");
    let limits = recognizing_with("other.onnx");
    let (result, _) = parse(&picture, &limits, &CancellationToken::new()).await;
    let error = result.expect_err("cannot be read");
    assert_eq!(error.code(), "recognition_failed");
    assert!(error.to_string().contains("no such model"), "{error}");
}
