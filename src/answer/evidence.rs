//! The sentences that an answer may rest on, with what is needed to compare a claim to them.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::future::try_join_all;
use wenyuan_ingest::{Dictionary, EmbedError, Embedder, Span};

use super::facts::numbers;
use crate::retrieve::{Hit, Writing, terms_with, writing_of};

/// Characters of clauses that are quoted together.
const LONGEST_JOINED: usize = 120;

/// One sentence of a passage.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceSentence {
    /// Which hit it stands in.
    pub(crate) hit: usize,
    /// Its bytes in the hit's text, without the white space around it.
    pub(crate) span: Span,
    /// Its lexical terms.
    pub(crate) terms: HashSet<u32>,
    /// Its numbers.
    pub(crate) numbers: BTreeSet<String>,
    /// Whether it only names what is below it: a heading, the first line of a document.
    /// Such a line answers nothing but a question for a number that it gives.
    pub(crate) label: bool,
}

/// All sentences of the passages at hand.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceSet {
    /// The passages, best first.
    pub(crate) hits: Vec<Hit>,
    /// Their sentences, by passage and place.
    pub(crate) sentences: Vec<EvidenceSentence>,
    /// Terms of each passage's title, headings and name.
    pub(crate) frames: Vec<HashSet<u32>>,
    /// Words that are terms of their own.
    pub(crate) words: Dictionary,
}

impl EvidenceSet {
    /// Takes the passages apart.
    pub(crate) fn new(hits: Vec<Hit>, words: Dictionary) -> Self {
        let mut set = Self {
            hits: Vec::with_capacity(hits.len()),
            sentences: Vec::new(),
            frames: Vec::with_capacity(hits.len()),
            words,
        };
        set.extend(hits);
        set
    }

    /// Takes more passages apart; what is there keeps its indexes.
    pub(crate) fn extend(&mut self, hits: Vec<Hit>) {
        let ids = |text: &str| {
            terms_with(&self.words, text)
                .into_iter()
                .map(|term| term.id)
                .collect::<HashSet<u32>>()
        };
        for (hit, found) in hits.iter().enumerate() {
            let hit = self.hits.len() + hit;
            let whole = [Span {
                start: 0,
                end: found.text.len(),
            }];
            let spans = if found.sentence_bytes.is_empty() {
                &whole[..]
            } else {
                &found.sentence_bytes
            };
            let spans = with_clauses_joined(&found.text, spans);
            let trimmed = spans.iter().map(|span| trimmed(&found.text, *span));
            for span in trimmed.filter(|span| !span.is_empty()) {
                let text = span.of(&found.text);
                let (heading, numbers) = (is_heading(text, found), numbers(text));
                if spans.len() > 1 && (heading && numbers.is_empty() || names_columns(found, span))
                {
                    continue;
                }
                self.sentences.push(EvidenceSentence {
                    hit,
                    span,
                    terms: ids(text),
                    numbers,
                    label: spans.len() > 1 && (heading || names_document(text, found, span)),
                });
            }
        }
        self.frames.extend(hits.iter().map(|hit| {
            let mut frame = ids(&hit.document_name);
            frame.extend(hit.title.as_deref().map(ids).unwrap_or_default());
            frame.extend(hit.heading.iter().flat_map(|heading| ids(heading)));
            frame
        }));
        self.hits.extend(hits);
    }

    /// The text of a sentence.
    pub(crate) fn text(&self, sentence: &EvidenceSentence) -> &str {
        sentence.span.of(&self.hits[sentence.hit].text)
    }

    /// The writing of a sentence's passage.
    pub(crate) fn writing(&self, sentence: &EvidenceSentence) -> Writing {
        Writing::of(self.hits[sentence.hit].language)
    }
}

/// Clauses of one sentence, ended by semicolons, say little by themselves: joined as long as the whole stays short. Items
/// of a list, each on a line of its own, are no such clauses.
fn with_clauses_joined(text: &str, spans: &[Span]) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        let goes_on = |last: &Span| last.of(text).trim_end().ends_with(['；', ';']);
        match joined.last_mut() {
            Some(last)
                if goes_on(last)
                    && !text[last.start..span.end].trim().contains('\n')
                    && text[last.start..span.end].chars().count() <= LONGEST_JOINED =>
            {
                last.end = span.end;
            }
            _ => joined.push(*span),
        }
    }
    joined
}

/// A heading says what a passage is about and answers nothing.
fn is_heading(text: &str, hit: &Hit) -> bool {
    let plain = text.trim_start_matches('#').trim();
    hit.heading.iter().any(|heading| heading == plain) || hit.title.as_deref() == Some(plain)
}

/// The first row of a table, where a rule stands below it.
fn names_columns(hit: &Hit, row: Span) -> bool {
    let rest = hit.text[row.end..].trim_start_matches([' ', '\r']);
    let below = rest.strip_prefix('\n').and_then(|rest| rest.lines().next());
    let rule = |line: &str| {
        line.contains("--") && line.chars().all(|one| matches!(one, '|' | '-' | ':' | ' '))
    };
    row.of(&hit.text).starts_with('|') && below.is_some_and(rule)
}

/// The first line of a document, where it is short and no sentence.
fn names_document(text: &str, hit: &Hit, span: Span) -> bool {
    const LONGEST: usize = 40;
    let first = hit.start == 0 && hit.text[..span.start].trim().is_empty();
    let alone = hit.text[span.end..]
        .trim_start_matches([' ', '\r'])
        .starts_with('\n');
    let ended = text.ends_with(['。', '.', '！', '!', '？', '?', '；', ';', '，', ',']);
    let says = text.contains(['：', ':', '|', '，', ',']);
    first && alone && !ended && !says && text.chars().count() <= LONGEST
}

fn trimmed(text: &str, span: Span) -> Span {
    let inside = span.of(text);
    let start = span.start + (inside.len() - inside.trim_start().len());
    Span {
        start,
        end: start + inside.trim().len(),
    }
}

/// What finding each term of a text is worth.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    /// The writing it is in.
    pub(crate) writing: Writing,
    worth: HashMap<u32, f32>,
    total: f32,
}

impl Claim {
    /// Weighs a question or a sentence of an answer.
    pub(crate) fn of(text: &str, words: &Dictionary) -> Self {
        let worth: HashMap<u32, f32> = terms_with(words, text)
            .iter()
            .map(|term| (term.id, term.worth()))
            .collect();
        let total = worth.values().sum();
        Self {
            writing: writing_of(text),
            worth,
            total,
        }
    }

    /// Whether it has anything that could be found.
    pub(crate) fn is_hollow(&self) -> bool {
        self.total < 0.5
    }

    /// The share of its worth that is found, in [0, 1].
    pub(crate) fn share(&self, found: impl Fn(u32) -> bool) -> f32 {
        if self.total <= 0.0 {
            return 0.0;
        }
        self.worth
            .iter()
            .filter(|(id, _)| found(**id))
            .map(|(_, worth)| worth)
            .sum::<f32>()
            / self.total
    }
}

/// Embeds short texts ahead of any waiting ingestion, in order.
pub(crate) async fn embed(
    embedder: &dyn Embedder,
    texts: &[&str],
) -> Result<Vec<Vec<f32>>, EmbedError> {
    try_join_all(texts.iter().map(|text| embedder.embed_query(text))).await
}

/// Cosine of two unit vectors.
pub(crate) fn cosine(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(one, other)| one * other).sum()
}
