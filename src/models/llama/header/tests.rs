//! Sound headers pass, every kind of damage is named, and nothing makes the reader panic or hang.

use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn entry(key: &str, kind: u32, value: &[u8]) -> Vec<u8> {
    [&string(key)[..], &kind.to_le_bytes(), value].concat()
}

/// A small sound file: one F32 tensor of 64 elements.
fn sound() -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(b"GGUF");
    file.extend(3_u32.to_le_bytes());
    file.extend(1_u64.to_le_bytes());
    file.extend(4_u64.to_le_bytes());
    file.extend(entry("general.architecture", 8, &string("gemma3")));
    file.extend(entry("gemma3.context_length", 4, &32_768_u32.to_le_bytes()));
    let words = [
        &8_u32.to_le_bytes()[..],
        &2_u64.to_le_bytes(),
        &string("问"),
        &string("渊"),
    ]
    .concat();
    file.extend(entry("tokenizer.ggml.tokens", 9, &words));
    file.extend(entry("general.alignment", 4, &64_u32.to_le_bytes()));
    file.extend(string("token_embd.weight"));
    file.extend(2_u32.to_le_bytes());
    file.extend(8_u64.to_le_bytes());
    file.extend(8_u64.to_le_bytes());
    file.extend(0_u32.to_le_bytes());
    file.extend(0_u64.to_le_bytes());
    file.resize(file.len().next_multiple_of(64) + 256, 0);
    file
}

fn parse_bytes(bytes: &[u8]) -> Result<Header, HeaderError> {
    parse(
        Cursor::new(bytes),
        bytes.len() as u64,
        Path::new("model.gguf"),
    )
}

#[test]
fn a_sound_file_tells_what_it_is() {
    let header = parse_bytes(&sound()).expect("sound");
    assert_eq!(
        header,
        Header {
            architecture: "gemma3".to_owned(),
            context_length: Some(32_768),
            tensors: 1,
            parts: 1,
            ranks: false
        }
    );
}

#[test]
fn tensor_data_beyond_the_end_is_called_cut_off() {
    let file = sound();
    let error = parse_bytes(&file[..file.len() - 1]).expect_err("one byte is missing");
    assert!(matches!(error, HeaderError::Truncated { needed, .. } if needed == file.len() as u64));
    assert!(
        error.to_string().contains("model.gguf is cut off"),
        "{error}"
    );
}

#[test]
fn every_shorter_file_is_refused() {
    let file = sound();
    for length in 0..file.len() {
        assert!(parse_bytes(&file[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn another_kind_of_file_is_not_called_broken_but_not_gguf() {
    assert!(matches!(
        parse_bytes(b"PK\x03\x04zip zip zip"),
        Err(HeaderError::NotGguf(_))
    ));
    assert!(matches!(parse_bytes(b""), Err(HeaderError::NotGguf(_))));
}

#[test]
fn an_unknown_version_is_named() {
    let mut file = sound();
    file[4] = 9;
    assert!(matches!(
        parse_bytes(&file),
        Err(HeaderError::Version { version: 9, .. })
    ));
}

#[test]
fn a_count_that_no_model_has_is_broken() {
    let mut file = sound();
    file[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(
        parse_bytes(&file),
        Err(HeaderError::Broken { .. })
    ));
}

#[test]
fn an_embedding_model_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("embedder.gguf");
    let mut file = b"GGUF".to_vec();
    file.extend(3_u32.to_le_bytes());
    file.extend(0_u64.to_le_bytes());
    file.extend(1_u64.to_le_bytes());
    file.extend(entry("general.architecture", 8, &string("bert")));
    fs_err::write(&path, file).expect("written");
    assert!(matches!(
        check(&path),
        Err(HeaderError::NotAGenerator { .. })
    ));
}

#[test]
fn the_parts_of_a_split_model_are_found_by_name() {
    let parts = other_parts(Path::new("/m/qwen-00001-of-00003.gguf"), 3).expect("named well");
    assert_eq!(
        parts,
        [
            Path::new("/m/qwen-00002-of-00003.gguf"),
            Path::new("/m/qwen-00003-of-00003.gguf")
        ]
    );
    assert!(other_parts(Path::new("/m/qwen-00002-of-00003.gguf"), 3).is_err());
}

proptest! {
    #[test]
    fn garbage_never_passes_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let mut file = b"GGUF\x03\0\0\0".to_vec();
        file.extend(&bytes);
        let _ = parse_bytes(&file);
        prop_assert!(parse_bytes(&bytes).is_err() || bytes.starts_with(b"GGUF"));
    }

    #[test]
    fn damage_anywhere_in_a_header_never_panics(position in 0_usize..300, value in any::<u8>()) {
        let mut file = sound();
        let position = position % file.len();
        file[position] = value;
        let _ = parse_bytes(&file);
    }
}
