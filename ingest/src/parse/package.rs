//! Packages: zip files of parts, as Office, OpenDocument and EPUB files are, opened with bounds on what they unpack to.

use std::io::{Cursor, Read};

use super::xml::text_of;
use crate::{Details, ParseError, ParseLimits};

/// Parts up to this size may be packed as densely as they like: a sheet of equal rows is honest.
const DENSE_FROM: u64 = 1 << 20;

/// An open package. Everything that is read from it counts against one budget.
pub(super) struct Package<'a> {
    archive: zip::ZipArchive<Cursor<&'a [u8]>>,
    budget: u64,
    limits: &'a ParseLimits,
}

impl<'a> Package<'a> {
    /// # Errors
    /// [`ParseError::DamagedFile`] or [`ParseError::TooManyEntries`].
    pub(super) fn open(bytes: &'a [u8], limits: &'a ParseLimits) -> Result<Self, ParseError> {
        let archive = zip::ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| ParseError::damaged(error.to_string()))?;
        if archive.len() > limits.entries as usize {
            return Err(ParseError::TooManyEntries {
                limit: limits.entries,
            });
        }
        Ok(Self {
            archive,
            budget: limits.content_bytes,
            limits,
        })
    }

    /// Whether there is a part of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// One part as text, decoded; `None` when it is not there.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), and what decoding gives.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, ParseError> {
        let Some(bytes) = self.bytes(name)? else {
            return Ok(None);
        };
        Ok(Some(crate::decode::decode(&bytes, false)?.text))
    }

    /// One part as it is; `None` when it is not there.
    ///
    /// # Errors
    /// [`ParseError::DamagedFile`], [`ParseError::TooDense`], or [`ParseError::TooLarge`] when the budget is used up.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, ParseError> {
        let Some(index) = self.archive.index_for_name(name) else {
            return Ok(None);
        };
        let entry = self
            .archive
            .by_index(index)
            .map_err(|error| ParseError::damaged(format!("{name}: {error}")))?;
        let dense = entry
            .compressed_size()
            .saturating_mul(self.limits.ratio)
            .max(DENSE_FROM);
        let most = self.budget.min(dense);
        let mut bytes = Vec::new();
        entry
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| ParseError::damaged(format!("{name}: {error}")))?;
        if bytes.len() as u64 > most {
            return Err(if dense < self.budget {
                ParseError::TooDense {
                    limit: self.limits.ratio,
                }
            } else {
                ParseError::too_large(self.limits.content_bytes)
            });
        }
        self.budget -= bytes.len() as u64;
        Ok(Some(bytes))
    }

    /// One part as it is, beside the budget, for what is looked at and not kept; `None` when it is not there or cannot be read.
    pub(super) fn beside(&mut self, name: &str) -> Option<Vec<u8>> {
        let budget = std::mem::replace(&mut self.budget, self.limits.content_bytes);
        let bytes = self.bytes(name);
        self.budget = budget;
        bytes.ok().flatten()
    }

    /// Unpacks every part once and keeps none: what a library may open afterwards without bounds of its own.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub(super) fn vet(bytes: &'a [u8], limits: &'a ParseLimits) -> Result<(), ParseError> {
        let mut package = Self::open(bytes, limits)?;
        let names: Vec<String> = package
            .archive
            .file_names()
            .filter_map(|name| Some(name.ok()?.into_owned()))
            .collect();
        names
            .iter()
            .try_for_each(|name| package.bytes(name).map(drop))
    }

    /// Title and details in the properties of an Office Open XML package (ECMA-376 part 2, core properties).
    pub(super) fn properties(&mut self) -> Result<(Option<String>, Details), ParseError> {
        let xml = self.part("docProps/core.xml")?.unwrap_or_default();
        let details = Details {
            author: text_of(&xml, "creator"),
            created: text_of(&xml, "created"),
            modified: text_of(&xml, "modified"),
        };
        Ok((
            text_of(&xml, "title").filter(|title| names_it(title)),
            details,
        ))
    }
}

/// Whether a title in the properties names the document, and not a template or a file.
fn names_it(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    lower.chars().count() > 1
        && !lower.starts_with("word document")
        && !lower.starts_with("powerpoint presentation")
        && lower != "powerpoint 演示文稿"
        && ![".docx", ".doc", ".pptx", ".ppt", ".xlsx", ".xls"]
            .iter()
            .any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_no_title() {
        assert!(names_it("员工手册"));
        assert!(!names_it("PowerPoint Presentation"));
        assert!(!names_it("report.docx"));
    }
}
