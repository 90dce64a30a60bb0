//! A bounded reader of GGUF headers, so that a broken download is named before the C++ parser sees it.

mod reader;
mod tensors;
#[cfg(test)]
mod tests;

use std::io::{BufReader, Seek};
use std::path::{Path, PathBuf};

use reader::Reader;
use tensors::Tensor;

/// Metadata entries and tensors of the largest published models stay far below these.
const MOST_ENTRIES: u64 = 65_536;
const MOST_TENSORS: u64 = 1 << 20;

/// What is wrong with a model file, and so what to do.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The file cannot be read.
    #[error("the model file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Not a GGUF file at all.
    #[error(
        "{0} is not a GGUF model file (it begins with other bytes); download it again or name another file"
    )]
    NotGguf(PathBuf),
    /// GGUF, but of a version or byte order that this build cannot read.
    #[error(
        "{path} is GGUF version {version}; versions 2 and 3 are supported: convert or download a current file"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// What it says.
        version: u32,
    },
    /// The file ends too soon.
    #[error(
        "{path} is cut off: it has {actual} bytes and needs at least {needed}; download it again"
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its size.
        actual: u64,
        /// The size that its header promises.
        needed: u64,
    },
    /// The header contradicts itself.
    #[error("{path} has a broken header ({reason}); download it again")]
    Broken {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A sound file that cannot write text.
    #[error(
        "{path} holds a {architecture} model, which cannot generate text; choose a language model"
    )]
    NotAGenerator {
        /// The file.
        path: PathBuf,
        /// Its `general.architecture`.
        architecture: String,
    },
    /// A sound file without what a reranker ends in.
    #[error(
        "{0} has no ranking head (a tensor `cls.output.weight`): it is no reranker, or was converted without it"
    )]
    NotAReranker(PathBuf),
    /// A part of a split model is not there.
    #[error("{0} is missing: the model is split into parts that must lie in one folder")]
    MissingPart(PathBuf),
}

/// What a sound header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The family, such as `gemma3`.
    pub architecture: String,
    /// Tokens the model was trained to read.
    pub context_length: Option<u64>,
    /// Tensors in this file.
    pub tensors: u64,
    /// Files that the model is split into; 1 for most.
    pub parts: u64,
    /// Whether it ends in a head that ranks.
    pub ranks: bool,
}

/// Encoders and vision towers: llama.cpp loads some of them, and then aborts on the first decode.
const NOT_GENERATORS: [&str; 10] = [
    "bert",
    "nomic-bert",
    "nomic-bert-moe",
    "neo-bert",
    "jina-bert-v2",
    "jina-bert-v3",
    "modern-bert",
    "t5encoder",
    "t5",
    "clip",
];

/// Reads and checks the header of a model and of all its parts.
///
/// # Errors
/// The first thing that is wrong, with the file's name.
pub fn check(path: &Path) -> Result<Header, HeaderError> {
    let header = check_file(path)?;
    if NOT_GENERATORS.contains(&header.architecture.as_str()) {
        return Err(HeaderError::NotAGenerator {
            path: path.to_owned(),
            architecture: header.architecture,
        });
    }
    for part in other_parts(path, header.parts)? {
        if !part.is_file() {
            return Err(HeaderError::MissingPart(part));
        }
        check_file(&part)?;
    }
    Ok(header)
}

/// Reads and checks the header of a reranker, which lies in one file.
///
/// llama.cpp itself takes any model for one, and then gives numbers that mean nothing.
///
/// # Errors
/// The first thing that is wrong, with the file's name.
pub fn check_reranker(path: &Path) -> Result<Header, HeaderError> {
    let header = check_file(path)?;
    if header.parts > 1 || !header.ranks {
        return Err(HeaderError::NotAReranker(path.to_owned()));
    }
    Ok(header)
}

fn check_file(path: &Path) -> Result<Header, HeaderError> {
    let file = fs_err::File::open(path)?;
    let length = file.metadata()?.len();
    parse(BufReader::new(file), length, path)
}

/// The other files of a model split as `name-00001-of-00003.gguf`.
fn other_parts(path: &Path, parts: u64) -> Result<Vec<PathBuf>, HeaderError> {
    if parts <= 1 {
        return Ok(Vec::new());
    }
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let stem = name.strip_suffix(&format!("-00001-of-{parts:05}.gguf"));
    let stem = stem
        .filter(|_| parts < 1_000)
        .ok_or_else(|| HeaderError::Broken {
            path: path.to_owned(),
            reason: format!(
                "one of {parts} parts, but not named as the first, -00001-of-{parts:05}.gguf"
            ),
        })?;
    Ok((2..=parts)
        .map(|part| path.with_file_name(format!("{stem}-{part:05}-of-{parts:05}.gguf")))
        .collect())
}

/// Checks a header of which `length` bytes exist in all.
fn parse(
    source: impl std::io::Read + Seek,
    length: u64,
    path: &Path,
) -> Result<Header, HeaderError> {
    let mut reader = Reader::new(source, length, path);
    if length < 4 || reader.bytes::<4>()? != *b"GGUF" {
        return Err(HeaderError::NotGguf(path.to_owned()));
    }
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(HeaderError::Version {
            path: path.to_owned(),
            version,
        });
    }
    let tensor_count = reader.u64()?;
    let entry_count = reader.u64()?;
    if tensor_count > MOST_TENSORS || entry_count > MOST_ENTRIES {
        return Err(reader.broken(format!(
            "{tensor_count} tensors and {entry_count} metadata entries"
        )));
    }
    let metadata = Metadata::read(&mut reader, entry_count)?;
    let ranks = check_tensors(&mut reader, tensor_count, metadata.alignment)?;
    let architecture = match metadata.architecture {
        Some(architecture) => architecture,
        // Only the first part of a split model says what it is.
        None if metadata.parts > 1 => String::new(),
        None => return Err(reader.broken("it does not name its architecture".to_owned())),
    };
    Ok(Header {
        architecture,
        context_length: metadata.context_length,
        tensors: tensor_count,
        parts: metadata.parts,
        ranks,
    })
}

/// `true` if there is a ranking head among them.
fn check_tensors<S: std::io::Read + Seek>(
    reader: &mut Reader<'_, S>,
    count: u64,
    alignment: u64,
) -> Result<bool, HeaderError> {
    let (mut end, mut ranks) = (0_u64, false);
    for _ in 0..count {
        let tensor = Tensor::read(reader)?;
        ranks |= tensor.name == "cls.output.weight";
        if !tensor.offset.is_multiple_of(alignment) {
            return Err(reader.broken(format!(
                "a tensor at offset {} is not aligned to {alignment}",
                tensor.offset
            )));
        }
        let tensor_end = tensor
            .bytes()
            .and_then(|bytes| bytes.checked_add(tensor.offset));
        let tensor_end = tensor_end
            .ok_or_else(|| reader.broken("a tensor has impossible dimensions".to_owned()))?;
        end = end.max(tensor_end);
    }
    let start = reader.position().next_multiple_of(alignment);
    let needed = start
        .checked_add(end)
        .ok_or_else(|| reader.broken("tensors lie beyond any file".to_owned()))?;
    if count > 0 && needed > reader.length() {
        return Err(reader.truncated(needed));
    }
    Ok(ranks)
}

/// The few entries that matter here.
struct Metadata {
    architecture: Option<String>,
    context_length: Option<u64>,
    alignment: u64,
    parts: u64,
}

impl Metadata {
    fn read<S: std::io::Read + Seek>(
        reader: &mut Reader<'_, S>,
        count: u64,
    ) -> Result<Self, HeaderError> {
        let mut found = Self {
            architecture: None,
            context_length: None,
            alignment: 32,
            parts: 1,
        };
        for _ in 0..count {
            let key = reader.string(u64::from(u16::MAX))?;
            let kind = reader.u32()?;
            match key.as_str() {
                "general.architecture" if kind == reader::STRING => {
                    found.architecture = Some(reader.string(256)?);
                }
                "general.alignment" => found.alignment = reader.unsigned(kind, &key)?,
                "split.count" => found.parts = reader.unsigned(kind, &key)?.max(1),
                // Keys of the model's own family carry its name; other context lengths (of a vision tower) do not count.
                _ if found.architecture.as_ref().is_some_and(|name| {
                    key.strip_prefix(name.as_str()) == Some(".context_length")
                }) =>
                {
                    found.context_length = Some(reader.unsigned(kind, &key)?);
                }
                _ => reader.skip_value(kind)?,
            }
        }
        if !found.alignment.is_power_of_two() || found.alignment > 1 << 20 {
            return Err(reader.broken(format!("alignment {}", found.alignment)));
        }
        Ok(found)
    }
}
