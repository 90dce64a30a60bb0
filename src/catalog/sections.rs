//! The sections around passages, for small-to-big.

use std::collections::HashSet;

use rusqlite::params;

use super::passages::{SELECT, passage};
use super::row::all;
use super::{Catalog, CatalogError};
use crate::retrieve::{Passage, SectionOf};

/// Passages to either side that are looked at: a section is a few passages long.
const REACH: u32 = 16;

/// Sections read at once.
const MOST: usize = 50;

impl Catalog {
    /// The visible passages of these sections, each once.
    pub(super) async fn passages_of_sections(
        &self,
        sections: &[SectionOf],
    ) -> Result<Vec<Passage>, CatalogError> {
        let sections: Vec<SectionOf> = sections.iter().copied().take(MOST).collect();
        let sql = format!(
            "{SELECT} WHERE c.version = ? AND c.ordinal BETWEEN ? AND ? ORDER BY c.ordinal"
        );
        self.database()
            .read(move |connection| {
                let (mut seen, mut found) = (HashSet::new(), Vec::new());
                for one in sections {
                    let (first, last) = (
                        one.ordinal.saturating_sub(REACH),
                        one.ordinal.saturating_add(REACH),
                    );
                    let values = params![one.version.0.into_bytes(), first, last];
                    let near = all(connection, &sql, values, passage)?.into_iter();
                    let within = near.filter(|passage| {
                        one.span.start <= passage.chars.start && passage.chars.end <= one.span.end
                    });
                    found.extend(within.filter(|passage| seen.insert(passage.chunk)));
                }
                Ok(found)
            })
            .await
    }
}
