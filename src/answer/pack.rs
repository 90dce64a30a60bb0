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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::answer::tests::hit;
    use crate::generate::ModelDescription;
    use crate::generate::scripted::ScriptedGenerator;
    use crate::model::DocumentId;

    /// A scripted generator's token is a character.
    fn generator(context_tokens: usize) -> ScriptedGenerator {
        ScriptedGenerator::saying("").described(ModelDescription {
            name: "small".to_owned(),
            context_tokens,
            instruct: true,
            trusted_writer: true,
        })
    }

    #[test]
    fn passages_stand_in_the_order_of_their_documents_not_of_their_rank() {
        let place = |document: u128, start| Hit {
            document_id: DocumentId(Uuid::from_u128(document)),
            start,
            ..hit("一句话。")
        };
        let packed = pack(
            &[place(2, 0), place(1, 90), place(1, 10)],
            &generator(4_000),
            100,
            100,
        );
        let order: Vec<usize> = packed.passages.iter().map(|(at, _)| *at).collect();
        assert_eq!(order, [2, 1, 0]);
        assert!(!packed.left_out);
    }

    proptest! {
        #[test]
        fn what_is_packed_fits_and_is_cut_between_sentences(
            counts in prop::collection::vec(1usize..40, 1..8), window in 200usize..2_000,
        ) {
            let hits: Vec<Hit> = counts.iter().map(|count| hit(&"山水有清音。".repeat(*count))).collect();
            let packed = pack(&hits, &generator(window), 50, 60);
            let used: usize = packed.passages.iter().map(|(at, end)| hits[*at].text[..*end].chars().count() + FENCE).sum();
            prop_assert!(used + 50 + 60 + MARGIN <= window || packed.passages.is_empty());
            prop_assert!(packed.passages.iter().all(|(at, end)| hits[*at].text[..*end].ends_with('。')));
            prop_assert_eq!(packed.left_out, packed.passages.iter().map(|(_, end)| end).sum::<usize>()
                < hits.iter().map(|hit| hit.text.len()).sum());
        }
    }
}
