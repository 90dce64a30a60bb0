//! Long sections in windows: a section is cut sentence by sentence, and of a text without headings that would be one
//! list as large as the text itself.

use super::Section;
use crate::Block;

/// Bytes of a section that are cut at a time.
const WINDOW: usize = 1 << 20;

/// The section in parts of about a megabyte, cut between blocks where there are any.
pub(super) fn windows(section: Section) -> Vec<Section> {
    let length = |blocks: &[Block]| match (blocks.first(), blocks.last()) {
        (Some(first), Some(last)) => last.span.end - first.span.start,
        _ => 0,
    };
    if length(&section.blocks) <= WINDOW {
        return vec![section];
    }
    let mut windows: Vec<Section> = Vec::new();
    let mut open: Vec<Block> = Vec::new();
    for block in section.blocks {
        if !open.is_empty() && length(&open) + block.span.len() > WINDOW {
            windows.push(Section {
                path: section.path.clone(),
                blocks: std::mem::take(&mut open),
            });
        }
        open.push(block);
    }
    windows.push(Section {
        path: section.path,
        blocks: open,
    });
    windows
}
