//! Fits passages into the model's window, counted by its own tokenizer.

use crate::generate::Generator;
use crate::retrieve::Hit;

/// Tokens kept free for the chat template and the tokens around joints between segments.
const MARGIN: usize = 96;

/// Tokens of the fence around one passage.
const FENCE: usize = 48;

/// What the model gets to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    /// Indexes of hits with how many bytes of each text are read: best ones kept, ordered by document and place, so
    /// that the same passages make the same prompt and the model's earlier work can be used again.
    pub(crate) passages: Vec<(usize, usize)>,
    /// Whether something was left out or cut.
    pub(crate) left_out: bool,
}

/// Keeps the best passages that fit beside `fixed_tokens` of our own words and `max_tokens` of answer. The first one
/// that does not fit whole is cut after a sentence.
pub(crate) fn pack(
    hits: &[Hit],
    generator: &dyn Generator,
    fixed_tokens: usize,
    max_tokens: usize,
) -> Packed {
    let window = generator.describe().context_tokens;
    let mut free = window.saturating_sub(fixed_tokens + max_tokens + MARGIN);
    let mut passages = Vec::new();
    let mut left_out = false;
    for (at, hit) in hits.iter().enumerate() {
        let cost = generator.count_tokens(&hit.text) + FENCE;
        if cost <= free {
            free -= cost;
            passages.push((at, hit.text.len()));
            continue;
        }
        left_out = true;
        let fits = |end: &usize| generator.count_tokens(&hit.text[..*end]) + FENCE <= free;
        if let Some(end) = hit
            .sentence_bytes
            .iter()
            .map(|span| span.end)
            .rev()
            .find(fits)
        {
            passages.push((at, end));
        }
        break;
    }
    passages.sort_by_key(|(at, _)| (hits[*at].document_id, hits[*at].start));
    Packed { passages, left_out }
}
