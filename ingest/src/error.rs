//! Why a document could not be read, grouped by what the person who added it does next.

use serde::{Deserialize, Serialize};

/// Why a document could not be read.
///
/// The messages are plain English and complete; whoever shows them in another language goes by [`code`](Self::code)
/// and by the fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ParseError {
    // Another file is needed.
    /// Nothing is in it.
    #[error("The file is empty. Check that it was saved or copied completely, then add it again.")]
    EmptyFile,
    /// It is something else than a document that can be read.
    #[error(
        "This is {found}, which cannot be read yet. Save it as PDF, DOCX, HTML, Markdown or plain text and add that."
    )]
    UnsupportedKind {
        /// What the bytes are, in English with its article: `an Excel workbook`.
        found: String,
    },
    /// It begins like a document but does not hold together.
    #[error(
        "The file is damaged and cannot be opened ({detail}). Open it in its own program, save a fresh copy and add that."
    )]
    DamagedFile {
        /// What the reader tripped over.
        detail: String,
    },
    /// Pictures only, and text recognition found nothing in them or is not there.
    #[error("{}", no_text(*pages))]
    NoText {
        /// Pages looked at; 0 for formats without pages.
        pages: u32,
    },
    /// The text is there, but its characters cannot be told.
    #[error(
        "The text comes out garbled because the file does not say which characters its fonts draw. Export it again with embedded fonts, or add a scan of it."
    )]
    GarbledText {
        /// Pages with garbled text; 0 for formats without pages.
        pages: u32,
    },

    /// Text recognition failed on a picture.
    #[error(
        "The picture cannot be read ({detail}). Check the models with `wenyuan models check`, or save the picture in another format and add that."
    )]
    RecognitionFailed {
        /// How it ended.
        detail: String,
    },

    // The same file with something more.
    /// A picture, without the models that read it.
    #[error(
        "Pictures need the text recognition model. Run `wenyuan models pull pp-ocrv4`, leave the setting `ingest.ocr` on, then add the file again."
    )]
    RecognizerMissing,
    /// Encrypted, and the password is missing or wrong.
    #[error("{}", if *given { "The password does not open this file. Try again with another, or remove it and add the file again." } else { "This file is protected by a password. Try again with the password, or remove it and add the file again." })]
    PasswordRequired {
        /// Whether a password was tried; it was then the wrong one.
        given: bool,
    },

    // A smaller file, or higher limits.
    /// Reading took longer than allowed.
    #[error(
        "Reading stopped after {seconds} seconds, the limit for one file. Split the file, or raise the limit."
    )]
    TimeLimit {
        /// The limit that was reached.
        seconds: u64,
    },
    /// Text recognition took longer than allowed.
    #[error(
        "Reading stopped after {seconds} seconds, with {pages} pages given to text recognition (OCR): each raises the limit for its file, and these took longer. Split the file, or raise the limit."
    )]
    RecognitionTimeLimit {
        /// The limit that was reached.
        seconds: u64,
        /// Pages given to text recognition until then.
        pages: u64,
    },
    /// Reading took more memory than allowed.
    #[error(
        "Reading needed more than {megabytes} MB of memory, the limit for one file. Split the file, or raise the limit."
    )]
    MemoryLimit {
        /// The limit that was reached.
        megabytes: u64,
    },
    /// The file, or what it unpacks to, is larger than allowed.
    #[error(
        "The file or its content is larger than {megabytes} MB, the limit for one file. Split the file, or raise the limit."
    )]
    TooLarge {
        /// The limit that was reached.
        megabytes: u64,
    },
    /// More pages than allowed.
    #[error(
        "The file has {pages} pages; the limit is {limit}. Split the file, or raise the limit."
    )]
    TooManyPages {
        /// Pages in the file.
        pages: u32,
        /// The limit.
        limit: u32,
    },

    /// More files or parts inside than allowed.
    #[error("There are more than {limit} files in it, the limit. Split it, or raise the limit.")]
    TooManyEntries {
        /// The limit.
        limit: u32,
    },
    /// Archives in archives beyond the limit.
    #[error(
        "Archives or messages lie in one another more than {limit} deep, the limit. Unpack them and add what is inside."
    )]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// A packed part grows more than any honest file does.
    #[error(
        "A part of the file unpacks to more than {limit} times its size, as files made to do harm do. If you trust it, unpack it and add what is inside."
    )]
    TooDense {
        /// The limit.
        limit: u64,
    },
    /// A picture is larger than allowed.
    #[error(
        "A picture has more than {megapixels} million pixels, the limit. Make it smaller, or raise the limit."
    )]
    TooManyPixels {
        /// The limit, in millions.
        megapixels: u64,
    },

    // Nothing to do for the person; worth a report.
    /// The reader broke down on this file. Others are not affected.
    #[error(
        "The reader broke down on this file ({detail}). Other files are not affected. Save it in another format and add that."
    )]
    Crashed {
        /// How it ended.
        detail: String,
    },
    /// Somebody stopped it.
    #[error("Reading was cancelled.")]
    Cancelled,
}

fn no_text(pages: u32) -> String {
    let scan =
        "If it is a scan, check that text recognition (OCR) is installed (`wenyuan doctor` tells)";
    match pages {
        0 => "No text was found in the file. Open it in its own program: if what it shows is a picture, or comes from the \
              web only then, save it as PDF and add that."
            .to_owned(),
        1 => format!("No text was found on the page. {scan} and that the page can be read by eye."),
        _ => format!(
            "No text was found on any of the {pages} pages. {scan} and that the pages can be read by eye."
        ),
    }
}

impl ParseError {
    /// The stable snake_case name of this failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::UnsupportedKind { .. } => "unsupported_kind",
            Self::DamagedFile { .. } => "damaged_file",
            Self::NoText { .. } => "no_text",
            Self::GarbledText { .. } => "garbled_text",
            Self::PasswordRequired { .. } => "password_required",
            Self::TimeLimit { .. } => "time_limit",
            Self::RecognitionTimeLimit { .. } => "recognition_time_limit",
            Self::RecognizerMissing => "recognizer_missing",
            Self::RecognitionFailed { .. } => "recognition_failed",
            Self::MemoryLimit { .. } => "memory_limit",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::TooManyEntries { .. } => "too_many_entries",
            Self::TooDeep { .. } => "too_deep",
            Self::TooDense { .. } => "too_dense",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::Crashed { .. } => "crashed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::DamagedFile {
            detail: shorten(&detail.into()),
        }
    }

    pub(crate) fn crashed(detail: impl Into<String>) -> Self {
        Self::Crashed {
            detail: shorten(&detail.into()),
        }
    }

    pub(crate) fn recognition_failed(detail: &str) -> Self {
        Self::RecognitionFailed {
            detail: shorten(detail),
        }
    }

    pub(crate) fn unsupported(found: &str) -> Self {
        Self::UnsupportedKind {
            found: found.to_owned(),
        }
    }

    pub(crate) const fn too_large(limit_bytes: u64) -> Self {
        Self::TooLarge {
            megabytes: limit_bytes.div_ceil(1 << 20),
        }
    }
}

/// Keeps a library's message to one short line.
fn shorten(detail: &str) -> String {
    let line = detail.lines().next().unwrap_or_default().trim();
    line.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_pipe_between_processes() {
        let error = ParseError::TooManyPages { pages: 9, limit: 3 };
        let line = serde_json::to_string(&error).expect("serializes");
        assert_eq!(
            serde_json::from_str::<ParseError>(&line).expect("parses"),
            error
        );
        assert!(line.contains(error.code()));
    }
}
