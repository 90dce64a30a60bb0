//! How much of a question a passage in another language says: words are held against words by their vectors.

use wenyuan_ingest::{Aligner, Span};

use super::Passage;

/// Shares in [0, 1]: every token of the question counts by its worth and by how near the nearest token of the text comes to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Across {
    /// In its fullest sentence, with the title.
    pub(crate) sentence: f32,
    /// In its two fullest sentences that follow each other, with the title.
    pub(crate) pair: f32,
}

impl Across {
    /// Reads a passage whose sentences are `spans`.
    pub(crate) fn of(aligner: &dyn Aligner, passage: &Passage, spans: &[Span]) -> Self {
        let title = aligner.nearest(passage.title.as_deref().unwrap_or_default());
        let titled: Vec<Vec<f32>> = spans
            .iter()
            .map(|span| nearer(&aligner.nearest(span.of(&passage.text)), &title))
            .collect();
        let sentences = titled.iter().map(|found| aligner.share(found));
        let pairs = titled
            .windows(2)
            .map(|pair| aligner.share(&nearer(&pair[0], &pair[1])));
        let sentence = sentences.fold(0.0, f32::max);
        Self {
            sentence,
            pair: pairs.fold(sentence, f32::max),
        }
    }
}

fn nearer(left: &[f32], right: &[f32]) -> Vec<f32> {
    left.iter()
        .zip(right)
        .map(|(one, two)| one.max(*two))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::retrieve::rank::tests::passage;

    /// Knows a few words in two languages.
    pub(in super::super) struct Glossary(pub(in super::super) Vec<(f32, &'static str)>);

    impl Aligner for Glossary {
        fn weights(&self) -> &[f32] {
            // As many of them as a test needs.
            &[1.0, 3.0][..self.0.len()]
        }

        fn nearest(&self, text: &str) -> Vec<f32> {
            let near =
                |(cosine, word): &(f32, &str)| if text.contains(word) { *cosine } else { 0.0 };
            self.0.iter().map(near).collect()
        }
    }

    #[test]
    fn what_is_found_counts_by_its_worth_in_one_sentence_or_in_two_that_follow_each_other() {
        let glossary = Glossary(vec![(0.8, "city"), (0.9, "people")]);
        let text = "A city. It has people. Nothing.";
        let spans = [(0, 7), (8, 22), (23, 31)].map(|(start, end)| Span { start, end });
        let across = Across::of(&glossary, &passage(1, text), &spans);
        assert!((across.sentence - 0.675).abs() < 1e-6, "{across:?}");
        assert!((across.pair - 0.875).abs() < 1e-6, "{across:?}");
    }

    #[test]
    fn a_title_counts_with_every_sentence_and_a_passage_without_sentences_is_one() {
        let glossary = Glossary(vec![(0.8, "city"), (0.9, "people")]);
        let mut titled = passage(1, "It has many people");
        titled.title = Some("The city".to_owned());
        let whole = [Span {
            start: 0,
            end: titled.text.len(),
        }];
        let across = Across::of(&glossary, &titled, &whole);
        assert!((across.sentence - 0.875).abs() < 1e-6, "{across:?}");
        assert!((across.pair - across.sentence).abs() < f32::EPSILON);
    }
}
