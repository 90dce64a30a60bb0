//! Finds the preset that suits a document. In doubt it is prose, which cuts everything decently.

use super::{Preset, questions, sections};
use crate::{BlockKind, CleanDocument, Kind};

impl Preset {
    /// The preset that suits a document: by its format where that says enough, else by what stands in it.
    #[must_use]
    pub fn of(document: &CleanDocument) -> Self {
        match document.kind {
            Kind::Ppt | Kind::Pptx | Kind::Odp => Self::Slides,
            Kind::Code => Self::Code,
            Kind::Csv | Kind::Xlsx | Kind::Ods => {
                if questions::dominate(document) {
                    Self::Qa
                } else {
                    Self::Table
                }
            }
            // Many files in one, of any kind.
            Kind::Email | Kind::Zip => Self::Prose,
            Kind::Pdf
            | Kind::Doc
            | Kind::Docx
            | Kind::Odt
            | Kind::Rtf
            | Kind::Epub
            | Kind::Html
            | Kind::Markdown
            | Kind::Text
            | Kind::Json
            | Kind::Image => by_content(document),
        }
    }
}

fn by_content(document: &CleanDocument) -> Preset {
    if questions::dominate(document) {
        return Preset::Qa;
    }
    if sections::are_articles(document) {
        return Preset::Manual;
    }
    let share = |wanted: BlockKind| {
        let blocks = document.blocks.iter().filter(|block| block.kind == wanted);
        let bytes: usize = blocks.map(|block| block.span.len()).sum();
        bytes > 0 && bytes * 5 >= document.text.len() * 4
    };
    if share(BlockKind::Table) {
        Preset::Table
    } else if share(BlockKind::Code) {
        Preset::Code
    } else {
        Preset::Prose
    }
}
