//! Decides whether an installed file is the one that it should be, before any C++ parser sees it.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::files::{Record, Records, hash_file, modified_ns};
use super::{FileEntry, Format, ModelEntry, ModelError};

/// A file that was found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// How far a check goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Believes a recorded checksum while length and time of change are the recorded ones.
    Quick,
    /// Reads every byte.
    Full,
}

/// Checks one file of a model: presence, length, checksum, format.
pub(super) fn check_file(
    folder: &Path,
    model: &ModelEntry,
    file: &FileEntry,
    depth: Depth,
) -> Result<CheckedFile, ModelError> {
    let path = folder.join(&file.path);
    let damaged = |reason: String| ModelError::Damaged {
        model: model.name.clone(),
        file: path.clone(),
        reason,
        advice: model.advice(),
    };
    let metadata = match fs_err::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if is_absence(&error) => {
            return Err(ModelError::Missing {
                model: model.name.clone(),
                file: path,
                advice: model.advice(),
            });
        }
        Err(error) => return Err(ModelError::folder("read", path)(error)),
    };
    if !metadata.is_file() {
        return Err(damaged("is not a file".to_owned()));
    }
    let recorded = Records::read(folder).get(&file.path).cloned();
    let expected_size = file.size().or(recorded.as_ref().map(|record| record.size));
    if let Some(expected) = expected_size.filter(|expected| *expected != metadata.len()) {
        return Err(damaged(format!(
            "has {} bytes where {expected} are expected",
            metadata.len()
        )));
    }
    let known = recorded.as_ref().filter(|record| {
        depth == Depth::Quick
            && record.modified_ns == modified_ns(&metadata)
            && record.size == metadata.len()
    });
    let (size, sha256) = match known {
        Some(record) => (record.size, record.sha256.clone()),
        None => hash_file(&path).map_err(ModelError::folder("read", &path))?,
    };
    let expected = file
        .sha256()
        .or(recorded.as_ref().map(|record| record.sha256.as_str()));
    if let Some(expected) = expected.filter(|expected| *expected != sha256) {
        return Err(damaged(format!(
            "has the SHA-256 {sha256} where {expected} is expected"
        )));
    }
    if known.is_none() {
        check_format(&path, file.format).map_err(damaged)?;
        let source =
            recorded.map_or_else(|| "put there by hand".to_owned(), |record| record.source);
        let record = Record {
            size,
            modified_ns: modified_ns(&metadata),
            sha256: sha256.clone(),
            source,
        };
        if let Err(error) = Records::add(folder, &file.path, record) {
            tracing::debug!(model = model.name, %error, "the checksum could not be recorded");
        }
    }
    Ok(CheckedFile { path, size, sha256 })
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Looks into the file; the error is what a person reads after the file's name.
pub(super) fn check_format(path: &Path, format: Format) -> Result<(), String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut reader = BufReader::new(file);
    match format {
        Format::Json => serde_json::from_reader::<_, serde::de::IgnoredAny>(reader)
            .map(drop)
            .map_err(|error| format!("is not JSON: {error}")),
        Format::Onnx => {
            check_onnx(&mut reader, size).map_err(|_| "is not a whole ONNX file".to_owned())
        }
        Format::Weights if size == 0 => Err("is empty".to_owned()),
        Format::Weights => Ok(()),
        Format::Gguf => check_gguf(&mut reader).map_err(|_| "is not a GGUF file".to_owned()),
        Format::Library => {
            check_library(&mut reader).map_err(|_| "is not a shared library".to_owned())
        }
    }
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// Walks the outermost protobuf fields: they must fill the file exactly, and a graph must be among them.
fn check_onnx(reader: &mut (impl BufRead + Seek), size: u64) -> io::Result<()> {
    const GRAPH: u64 = 7;
    let (mut at, mut has_graph) = (0, false);
    while at < size {
        let key = read_varint(reader, &mut at)?;
        has_graph |= key >> 3 == GRAPH;
        match key & 7 {
            0 => drop(read_varint(reader, &mut at)?),
            2 => {
                let length = read_varint(reader, &mut at)?;
                at = at
                    .checked_add(length)
                    .filter(|end| *end <= size)
                    .ok_or_else(malformed)?;
                reader.seek(SeekFrom::Start(at))?;
            }
            _ => return Err(malformed()),
        }
    }
    if has_graph { Ok(()) } else { Err(malformed()) }
}

fn read_varint(reader: &mut impl Read, at: &mut u64) -> io::Result<u64> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let mut byte = [0];
        reader.read_exact(&mut byte)?;
        *at += 1;
        number |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(malformed())
}

/// Magic, a version that llama.cpp reads, and counts that are not absurd.
fn check_gguf(reader: &mut impl Read) -> io::Result<()> {
    const MOST_ENTRIES: u64 = 1 << 20;
    let mut header = [0_u8; 24];
    reader.read_exact(&mut header)?;
    let (magic, rest) = header.split_at(4);
    let (version, counts) = rest.split_at(4);
    let version = version
        .iter()
        .rev()
        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let sane = |bytes: &[u8]| {
        let count = bytes
            .iter()
            .rev()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        (1..=MOST_ENTRIES).contains(&count)
    };
    let whole =
        magic == b"GGUF" && (2..=3).contains(&version) && sane(&counts[..8]) && sane(&counts[8..]);
    if whole { Ok(()) } else { Err(malformed()) }
}

/// ELF, Mach-O (thin or universal) or PE.
fn check_library(reader: &mut impl Read) -> io::Result<()> {
    let mut magic = [0_u8; 4];
    reader.read_exact(&mut magic)?;
    match magic {
        [0x7f, b'E', b'L', b'F']
        | [0xcf | 0xce, 0xfa, 0xed, 0xfe]
        | [0xca, 0xfe, 0xba, 0xbe]
        | [b'M', b'Z', _, _] => Ok(()),
        _ => Err(malformed()),
    }
}
