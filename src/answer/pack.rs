//! Fits passages into the model's window, counted by its own tokenizer, and puts together what stands together.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::generate::Generator;
use crate::model::{ChunkId, DocumentId};
use crate::retrieve::Hit;

/// Tokens kept free for the chat template and the tokens around joints between segments.
const MARGIN: usize = 96;

/// Tokens of the fence around one passage.
const FENCE: usize = 48;

/// Tokens of the joint between two passages that are read in one piece.
const JOINT: usize = 4;

/// Surroundings take no more than the passages found, divided by this: what is read costs time.
const SURROUNDINGS_SHARE: usize = 2;

/// Passages of one document that follow each other, read in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Indexes of hits in the order of the text, with how many bytes of each are read.
    pub(crate) passages: Vec<(usize, usize)>,
}

/// What the model gets to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    /// Ordered by document and place, so that the same passages make the same prompt and the model's earlier work can
    /// be used again.
    pub(crate) stretches: Vec<Stretch>,
    /// Whether something that was found was left out or cut.
    pub(crate) left_out: bool,
}

/// A part of a document that a model read in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The document.
    pub document_id: DocumentId,
    /// Its name.
    pub document_name: String,
    /// First character in the cleaned text.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Passages that were found there.
    pub found: Vec<ChunkId>,
    /// Passages that were read with them because they stand in the same section.
    pub added: Vec<ChunkId>,
}

impl Stretch {
    /// The text from the first passage to the last, without what two of them share.
    pub(crate) fn text(&self, hits: &[Hit]) -> String {
        let mut text = String::new();
        let mut end = None;
        for &(at, bytes) in &self.passages {
            let hit = &hits[at];
            let mut piece = &hit.text[..bytes];
            if let Some(end) = end {
                match hit.start.checked_sub(end) {
                    Some(0) => {}
                    // Only white space is left out between passages, and no more is known of it than its length.
                    Some(1) => text.push('\n'),
                    Some(_) => text.push_str("\n\n"),
                    None => piece = from_character(piece, end - hit.start),
                }
            }
            text.push_str(piece);
            end = Some(hit.end);
        }
        text
    }

    /// What of its document this is; hits from `found` on were not found but added.
    pub(crate) fn reading(&self, hits: &[Hit], found: usize) -> Option<Reading> {
        let (&(first, _), &(last, bytes)) = (self.passages.first()?, self.passages.last()?);
        let ids = |added: bool| {
            let passages = self.passages.iter().map(|(at, _)| *at);
            let wanted = passages.filter(|at| (*at >= found) == added);
            wanted.map(|at| hits[at].chunk_id).collect()
        };
        Some(Reading {
            document_id: hits[first].document_id,
            document_name: hits[first].document_name.clone(),
            start: hits[first].start,
            end: hits[last].start + hits[last].text[..bytes].chars().count(),
            found: ids(false),
            added: ids(true),
        })
    }
}

fn from_character(text: &str, characters: usize) -> &str {
    let at = text.char_indices().nth(characters);
    &text[at.map_or(text.len(), |(byte, _)| byte)..]
}

/// Keeps the best passages that fit beside `fixed_tokens` of our own words and `max_tokens` of answer. The first one
/// that does not fit whole is cut after a sentence.
///
/// Of `hits` the first `found` were found, best first; the others surround them. Where all that was found fits, some of
/// their surroundings are read with them: of passages that are short beside their section, or of which a section has
/// several, the nearest first.
pub(crate) fn pack(
    hits: &[Hit],
    found: usize,
    generator: &dyn Generator,
    (fixed_tokens, max_tokens): (usize, usize),
) -> Packed {
    let window = generator.describe().context_tokens;
    let mut free = window.saturating_sub(fixed_tokens + max_tokens + MARGIN);
    let mut passages = Vec::new();
    let (mut left_out, mut used) = (false, 0);
    for (at, hit) in hits[..found].iter().enumerate() {
        let cost = generator.count_tokens(&hit.text) + FENCE;
        if cost <= free {
            (free, used) = (free - cost, used + cost);
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
    if !left_out {
        let budget = free.min(used / SURROUNDINGS_SHARE);
        let more = surroundings(hits, found, generator, budget);
        passages.extend(more.into_iter().map(|at| (at, hits[at].text.len())));
    }
    passages.sort_by_key(|(at, _)| (hits[*at].document_id, hits[*at].start));
    Packed {
        stretches: joined(hits, &passages),
        left_out,
    }
}

/// Surrounding passages that are worth reading and fit.
fn surroundings(
    hits: &[Hit],
    found: usize,
    generator: &dyn Generator,
    mut free: usize,
) -> BTreeSet<usize> {
    let mut taken = BTreeSet::new();
    for hit in &hits[..found] {
        let within = |other: &Hit| {
            other.version == hit.version
                && hit.parent.start <= other.start
                && other.end <= hit.parent.end
        };
        let several = hits[..found].iter().filter(|other| within(other)).count() > 1;
        let short = (hit.end - hit.start) * 2 <= hit.parent.len();
        if !several && !short {
            continue;
        }
        let mut around: Vec<usize> = (found..hits.len())
            .filter(|at| within(&hits[*at]))
            .collect();
        // What follows explains more often than what comes before.
        let follows = |at: usize| hits[at].ordinal > hit.ordinal;
        around.sort_by_key(|at| (hits[*at].ordinal.abs_diff(hit.ordinal), !follows(*at)));
        let mut open = [true; 2];
        for at in around {
            let side = &mut open[usize::from(follows(at))];
            if !*side || taken.contains(&at) {
                continue;
            }
            let cost = generator.count_tokens(&hits[at].text) + JOINT;
            // Beyond one that does not fit the text would have a hole.
            *side = cost <= free;
            if *side {
                free -= cost;
                taken.insert(at);
            }
        }
    }
    taken
}

/// Puts passages together that follow each other in a document; they come in that order.
fn joined(hits: &[Hit], passages: &[(usize, usize)]) -> Vec<Stretch> {
    let follows = |(at, bytes): &(usize, usize), (next, _): &(usize, usize)| {
        let (one, next) = (&hits[*at], &hits[*next]);
        one.version == next.version
            && one.ordinal.checked_add(1) == Some(next.ordinal)
            && *bytes == one.text.len()
    };
    let runs = passages.chunk_by(follows);
    runs.map(|run| Stretch {
        passages: run.to_vec(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;
    use wenyuan_ingest::Span;

    use super::*;
    use crate::answer::tests::hit;
    use crate::generate::ModelDescription;
    use crate::generate::scripted::ScriptedGenerator;
    use crate::model::{DocumentId, VersionId};

    /// A scripted generator's token is a character.
    fn generator(context_tokens: usize) -> ScriptedGenerator {
        ScriptedGenerator::saying("").described(ModelDescription {
            name: "small".to_owned(),
            context_tokens,
            instruct: true,
            trusted_writer: true,
        })
    }

    /// The passage at `ordinal` of a document whose passages have `length` characters each and one blank line between,
    /// in a section of all of them.
    fn at(document: u128, ordinal: u32, length: usize) -> Hit {
        let text = format!("{}。", "山".repeat(length - 1));
        let start = ordinal as usize * (length + 2);
        Hit {
            document_id: DocumentId(Uuid::from_u128(document)),
            version: VersionId(Uuid::from_u128(document)),
            chunk_id: ChunkId(Uuid::from_u128(document * 100 + u128::from(ordinal))),
            ordinal,
            start,
            end: start + length,
            parent: Span {
                start: 0,
                end: 10_000,
            },
            ..hit(&text)
        }
    }

    fn places(packed: &Packed) -> Vec<Vec<usize>> {
        let stretch = |stretch: &Stretch| stretch.passages.iter().map(|(at, _)| *at).collect();
        packed.stretches.iter().map(stretch).collect()
    }

    fn alone(mut hit: Hit) -> Hit {
        hit.parent = Span {
            start: hit.start,
            end: hit.end,
        };
        hit
    }

    #[test]
    fn passages_stand_in_the_order_of_their_documents_not_of_their_rank() {
        let hits = [alone(at(2, 0, 5)), alone(at(1, 9, 5)), alone(at(1, 2, 5))];
        let packed = pack(&hits, 3, &generator(4_000), (100, 100));
        assert_eq!(places(&packed), [[2], [1], [0]]);
        assert!(!packed.left_out);
    }

    #[test]
    fn passages_that_follow_each_other_are_read_as_one_and_nothing_twice() {
        let mut hits = [alone(at(1, 4, 5)), alone(at(1, 3, 5)), alone(at(2, 4, 5))];
        let packed = pack(&hits, 3, &generator(4_000), (100, 100));
        assert_eq!(places(&packed), [vec![1, 0], vec![2]]);
        assert_eq!(packed.stretches[0].text(&hits), "山山山山。\n\n山山山山。");
        let reading = packed.stretches[0].reading(&hits, 3).expect("a reading");
        assert_eq!((reading.start, reading.end), (21, 33));
        assert_eq!(reading.found, [hits[1].chunk_id, hits[0].chunk_id]);
        // Two that share their last and first two characters.
        hits[0].start = hits[1].end - 2;
        hits[0].end = hits[0].start + 5;
        hits[0].text = "山。水水。".to_owned();
        assert_eq!(packed.stretches[0].text(&hits), "山山山山。水水。");
    }

    #[test]
    fn a_short_passage_is_read_with_its_surroundings_the_nearest_first_and_half_as_much_at_most() {
        let hits: Vec<Hit> = [5, 6, 4, 7, 3].map(|ordinal| at(1, ordinal, 200)).into();
        let packed = pack(&hits, 1, &generator(8_000), (100, 100));
        assert_eq!(places(&packed), [[0]], "half as much holds none");
        let mut hits = vec![at(2, 1, 600)];
        hits.extend([5, 6, 4, 7].map(|ordinal| at(1, ordinal, 50)));
        let packed = pack(&hits, 2, &generator(8_000), (100, 100));
        assert_eq!(places(&packed), [vec![3, 1, 2, 4], vec![0]]);
        let reading = packed.stretches[0].reading(&hits, 2).expect("a reading");
        assert_eq!(reading.found, [hits[1].chunk_id]);
        assert_eq!(reading.added.len(), 3);
        let tight = pack(&hits, 2, &generator(1_140), (100, 100));
        assert_eq!(places(&tight), [vec![1, 2], vec![0]], "one fits");
    }

    #[test]
    fn a_passage_that_is_most_of_its_section_is_read_alone_unless_another_one_is_there() {
        let section = Span { start: 0, end: 260 };
        let mut hits = vec![at(1, 0, 150), at(1, 1, 50), at(1, 2, 50)];
        hits[0].parent = section;
        let packed = pack(&hits[..2], 1, &generator(8_000), (100, 100));
        assert_eq!(places(&packed), [[0]]);
        hits[1] = at(1, 2, 50);
        hits[1].parent = section;
        (hits[1].start, hits[1].end) = (204, 254);
        hits[2] = at(1, 1, 20);
        (hits[2].start, hits[2].end) = (152, 172);
        let packed = pack(&hits, 2, &generator(8_000), (100, 100));
        assert_eq!(places(&packed), [[0, 2, 1]], "what lies between is read");
    }

    #[test]
    fn where_not_all_that_was_found_fits_nothing_is_added() {
        let hits = [at(1, 3, 300), at(1, 8, 300), at(1, 4, 10)];
        let packed = pack(&hits, 2, &generator(700), (100, 100));
        assert!(packed.left_out);
        assert!(places(&packed).concat().iter().all(|at| *at < 2));
    }

    proptest! {
        #[test]
        fn what_is_packed_fits_and_is_cut_between_sentences(
            counts in prop::collection::vec(1usize..40, 1..8), window in 200usize..2_000,
        ) {
            let hits: Vec<Hit> = counts.iter().map(|count| hit(&"山水有清音。".repeat(*count))).collect();
            let packed = pack(&hits, hits.len(), &generator(window), (50, 60));
            let read: Vec<(usize, usize)> = packed.stretches.iter().flat_map(|one| one.passages.clone()).collect();
            let used: usize = read.iter().map(|(at, end)| hits[*at].text[..*end].chars().count() + FENCE).sum();
            prop_assert!(used + 50 + 60 + MARGIN <= window || read.is_empty());
            prop_assert!(read.iter().all(|(at, end)| hits[*at].text[..*end].ends_with('。')));
            prop_assert_eq!(packed.left_out, read.iter().map(|(_, end)| end).sum::<usize>()
                < hits.iter().map(|hit| hit.text.len()).sum());
        }
    }
}
