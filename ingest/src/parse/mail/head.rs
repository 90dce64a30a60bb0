//! What stands above a message: its subject, the people and the date.

use crate::clean::{RawBlock, RawDocument};
use crate::{BlockKind, Details, Kind};

/// The head of a message, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) subject: Option<String>,
    /// Sender with address.
    pub(super) from: Option<String>,
    /// Sender by name, or by address where there is no name.
    pub(super) author: Option<String>,
    pub(super) to: Option<String>,
    pub(super) copies: Option<String>,
    /// The day it was sent, as `YYYY-MM-DD`, where it was sent.
    pub(super) day: Option<String>,
    /// The same with time and zone.
    pub(super) moment: Option<String>,
}

impl Head {
    /// A document that begins with this head: the subject as its heading, the rest as a paragraph.
    pub(super) fn into_document(self) -> RawDocument {
        let mut blocks = Vec::new();
        if let Some(subject) = &self.subject {
            blocks.push(RawBlock::new(BlockKind::Heading { level: 1 }, subject));
        }
        let lines: Vec<String> = [
            ("From", self.from),
            ("To", self.to),
            ("Cc", self.copies),
            ("Date", self.moment),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}: {}", value?)))
        .collect();
        if !lines.is_empty() {
            blocks.push(RawBlock::new(BlockKind::Paragraph, lines.join("\n")));
        }
        RawDocument {
            title: self.subject,
            details: Details {
                author: self.author,
                created: self.day,
                modified: None,
            },
            ..RawDocument::new(Kind::Email, blocks)
        }
    }
}
