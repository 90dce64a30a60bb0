//! Numbers citations and resolves them to exact places in the source.

use std::collections::HashMap;

use wenyuan_ingest::{Span, boxes};

use super::evidence::EvidenceSet;
use super::response::Citation;

/// The citations of one answer, numbered from 1 in the order of first use; one place has one number.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    list: Vec<Citation>,
    numbers: HashMap<usize, u32>,
}

impl Citations {
    /// The number of an evidence sentence, by its index in `evidence.sentences`.
    pub(crate) fn number(&mut self, evidence: &EvidenceSet, sentence: usize) -> u32 {
        if let Some(number) = self.numbers.get(&sentence) {
            return *number;
        }
        let number = self.list.len() as u32 + 1;
        let one = &evidence.sentences[sentence];
        self.list
            .push(citation(number, &evidence.hits[one.hit], one.span));
        self.numbers.insert(sentence, number);
        number
    }

    /// All of them, in order.
    pub(crate) fn into_list(self) -> Vec<Citation> {
        self.list
    }
}

fn citation(n: u32, hit: &crate::retrieve::Hit, span: Span) -> Citation {
    let quote = span.of(&hit.text).to_owned();
    let start = hit.start + hit.text[..span.start].chars().count();
    let page = hit
        .pages
        .iter()
        .rfind(|page| page.span.start <= span.start)
        .map(|page| page.number)
        .or(hit.page);
    Citation {
        n,
        chunk_id: hit.chunk_id,
        document_id: hit.document_id,
        document_name: hit.document_name.clone(),
        page,
        heading: hit.heading.clone(),
        end: start + quote.chars().count(),
        quote,
        start,
        boxes: boxes(&hit.places, span),
    }
}
