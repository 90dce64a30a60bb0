//! Unpacking one file of an archive, with bounds on what it grows to.

use std::io::{Cursor, Read};

use encoding_rs::GB18030;
use zip::result::ZipError;
use zip::{CompressionMethod, SUPPORTED_COMPRESSION_METHODS};

use crate::ParseError;
use crate::parse::Context;

/// Files up to this size may be packed as densely as they like, as in packages.
const DENSE_FROM: u64 = 1 << 20;

/// What became of one file.
pub(super) enum Unpacked {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// It needs a password, or another one.
    Locked,
    /// It is packed by a method of this name that is not supported.
    Unknown(&'static str),
    /// It does not hold together.
    Damaged(ParseError),
}

/// One file of an archive, tried with the password of the request when it needs one.
///
/// # Errors
/// [`ParseError::TooDense`] or [`ParseError::TooLarge`].
pub(super) fn unpack(
    archive: &mut zip::ZipArchive<Cursor<&[u8]>>,
    index: usize,
    context: &Context<'_>,
) -> Result<Unpacked, ParseError> {
    let Ok(entry) = archive.by_index_data(index) else {
        return Ok(Unpacked::Damaged(ParseError::damaged("no such entry")));
    };
    let dense = entry
        .compressed_size()
        .saturating_mul(context.limits.ratio)
        .max(DENSE_FROM);
    let (locked, method) = (entry.encrypted(), entry.compression());
    if !SUPPORTED_COMPRESSION_METHODS.contains(&method) {
        return Ok(Unpacked::Unknown(method_name(method)));
    }
    let left = context.left();
    let most = left.min(dense);
    for password in passwords(context, locked) {
        let opened = match &password {
            Some(password) => archive.by_index_decrypt(index, password),
            None => archive.by_index(index),
        };
        let outcome = match opened {
            Ok(entry) => bounded(entry, most),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(bytes) if bytes.len() as u64 <= most => return Ok(Unpacked::Bytes(bytes)),
            Ok(_) if dense < left => {
                let limit = context.limits.ratio;
                return Err(ParseError::TooDense { limit });
            }
            Ok(_) => return Err(ParseError::too_large(context.limits.content_bytes)),
            // A wrong password now and then passes the first check, and fails at the end.
            Err(_) if locked => {}
            Err(error) => {
                return Ok(Unpacked::Damaged(ParseError::damaged(error.to_string())));
            }
        }
    }
    Ok(Unpacked::Locked)
}

fn bounded(entry: impl Read, most: u64) -> Result<Vec<u8>, ZipError> {
    let mut bytes = Vec::new();
    entry.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What to try: nothing for a file without a password; else the one that was given, also as Chinese Windows writes it.
fn passwords(context: &Context<'_>, locked: bool) -> Vec<Option<Vec<u8>>> {
    if !locked {
        return vec![None];
    }
    let Some(given) = context.request.password.as_deref() else {
        return Vec::new();
    };
    let mut all = vec![Some(given.as_bytes().to_vec())];
    if !given.is_ascii() {
        all.push(Some(GB18030.encode(given).0.into_owned()));
    }
    all
}

/// A packing method as people know it (APPNOTE 4.4.5).
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library adds methods, some of them behind features"
)]
fn method_name(method: CompressionMethod) -> &'static str {
    match method {
        CompressionMethod::DEFLATE64 => "Deflate64",
        CompressionMethod::BZIP2 => "bzip2",
        CompressionMethod::LZMA => "LZMA",
        CompressionMethod::ZSTD => "Zstandard",
        CompressionMethod::XZ => "XZ",
        CompressionMethod::PPMD => "PPMd",
        CompressionMethod::SHRINK => "Shrink",
        CompressionMethod::IMPLODE => "Implode",
        _ => "a rare method",
    }
}
