//! The files that mutation begins with, and the names and first bytes that noise comes under.

use std::path::Path;

/// A small valid file.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Committed files with one of these endings, by name.
pub(crate) fn seeds(endings: &[&str]) -> Vec<Seed> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    let mut seeds = Vec::new();
    for folder in [fixtures.join("fuzz"), fixtures] {
        for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
            let path = entry.expect("readable").path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if ending.is_some_and(|ending| endings.contains(&ending)) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                seeds.push(Seed {
                    name: name.into_owned(),
                    bytes: std::fs::read(&path).expect("readable"),
                });
            }
        }
    }
    seeds.sort_by(|left, right| left.name.cmp(&right.name));
    seeds
}

/// Names that send the same bytes to different readers.
pub(crate) const NAMES: &[&str] = &[
    "a.txt",
    "a.md",
    "a.html",
    "a.csv",
    "a.tsv",
    "a.json",
    "a.jsonl",
    "a.ipynb",
    "a.eml",
    "a.mbox",
    "a.py",
    "a.pdf",
    "a.docx",
    "a.zip",
    "a.rtf",
    "a.png",
    "a.xls",
    "",
    "名字",
    "a.\u{202e}txt",
];

/// What files of many kinds begin with.
pub(crate) const HEADS: &[&[u8]] = &[
    b"",
    b"",
    b"%PDF-1.7\n",
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>",
    b"PK\x03\x04",
    b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    b"{\\rtf1\\ansi ",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"GIF89a",
    b"BM\0\0\0\0\0\0\0\0\0\0\0\0",
    b"II*\0",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\0o\0r\0k\0b\0o\0o\0k\0",
    b"<!doctype html><body><p>",
    b"<html><meta charset=gbk>",
    b"<?xml version=\"1.0\" encoding=\"utf-16\"?>",
    b"From: a@example.org\nSubject: =?gb2312?B?",
    b"From a@b Wed May  1 12:00:00 2024\nSubject: x\n\n",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    b"{\"a\": [",
    b"[[[[[[",
    b"a,b,c\n1,2,3\n\"",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf# ",
    b"---\ntitle: \"",
];
