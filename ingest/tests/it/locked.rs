//! Files under a password: without it, with a wrong one, with the right one.

use std::io::Write;

use wenyuan_ingest::ParseError;

use crate::{fixture, read, without_white_space};

const PASSWORD: &str = "芝麻开门 2024";
const LOCKED: [(&str, &str); 3] = [
    ("vault-agile.docx", PASSWORD),
    ("vault-standard.docx", PASSWORD),
    ("vault.pdf", "open-sesame-7"),
];

fn holds_the_fact(text: &str) -> bool {
    without_white_space(text).contains("byMeiLin")
}

#[test]
fn a_locked_file_asks_for_its_password_and_opens_with_the_right_one_only() {
    for (name, password) in LOCKED {
        let path = fixture(name);
        let asked = read(&path, None).expect_err(name);
        assert_eq!(
            asked,
            ParseError::PasswordRequired { given: false },
            "{name}"
        );
        assert_eq!(read(&path, Some("")).expect_err(name), asked, "{name}");
        let wrong = read(&path, Some("open-sesame-8")).expect_err(name);
        assert_eq!(
            wrong,
            ParseError::PasswordRequired { given: true },
            "{name}"
        );
        assert_ne!(asked.to_string(), wrong.to_string());
        let document = read(&path, Some(password)).expect(name);
        assert!(holds_the_fact(&document.text), "{name}: {}", document.text);
    }
}

#[test]
fn a_workbook_that_excel_opens_without_asking_opens_here_as_well() {
    for password in [None, Some("something else")] {
        let document = read(&fixture("vault-never-asks.docx"), password).expect("opens");
        assert!(holds_the_fact(&document.text), "{}", document.text);
    }
}

#[test]
fn a_password_does_no_harm_to_files_that_need_none() {
    for name in [
        "compressor-manual-en.docx",
        "weather-station-zh-font-embedded.pdf",
        "tea-guide-zh.html",
    ] {
        let (plain, with) = (read(&fixture(name), None), read(&fixture(name), Some("x")));
        assert_eq!(plain.expect(name).text, with.expect(name).text, "{name}");
    }
}

#[test]
fn locked_files_within_an_archive_open_with_the_same_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("papers.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("vault.docx", options).expect("an entry");
    let inner = std::fs::read(fixture("vault-agile.docx")).expect("a fixture");
    archive.write_all(&inner).expect("is written");
    archive.start_file("open.txt", options).expect("an entry");
    archive.write_all(b"The gate is open.").expect("is written");
    archive.finish().expect("is finished");
    let without = read(&path, None).expect("the rest is read");
    assert!(without.text.contains("gate") && !holds_the_fact(&without.text));
    assert!(
        without
            .warnings
            .iter()
            .any(|warning| warning.message.contains("password")),
        "{:?}",
        without.warnings
    );
    let with = read(&path, Some(PASSWORD)).expect("is read");
    assert!(holds_the_fact(&with.text), "{}", with.text);
}

#[test]
fn a_locked_file_that_is_damaged_is_damaged_whatever_the_password() {
    let whole = std::fs::read(fixture("vault-agile.docx")).expect("a fixture");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cut.docx");
    for length in (600..whole.len()).step_by(977) {
        std::fs::write(&path, &whole[..length]).expect("is written");
        // Whatever it says, it comes back with a reason.
        let error = read(&path, Some(PASSWORD)).expect_err("cut");
        assert!(!error.to_string().is_empty());
    }
}
