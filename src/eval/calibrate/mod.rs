//! Fits the evidence gate's threshold to a knowledge base: questions made from its own passages are asked with the
//! passage in sight and with it withheld.

mod fit;
mod questions;
mod writer;

use std::collections::HashSet;
use std::sync::Arc;

use self::fit::{Judged, fit};
use self::questions::{questions, stands_alone};
use self::writer::QuestionWriter;
use super::bootstrap::Random;
use crate::catalog::{Catalog, CatalogError, GoldQuestion, KnowledgeBase, Sampled};
use crate::generate::Generator;
use crate::model::{ChunkId, Question};
use crate::retrieve::{
    Calibration, Passage, PassageError, PassageSource, RetrievalChange, RetrieveError, Retriever,
    SearchFilter, SearchRequest, TopK, Withheld, is_han,
};

/// Fewest made questions that a threshold is fitted to.
const FEWEST_MADE: usize = 20;
/// Fewest answerable gold questions that count.
const FEWEST_GOLD: usize = 20;
/// Most gold questions asked.
const MOST_GOLD_ASKED: usize = 500;
/// From so many documents on, a passage is withheld with its whole document.
const MANY_DOCUMENTS: usize = 20;
/// Documents that a sample is drawn from; those that came later are left out.
const MOST_DOCUMENTS: usize = 100_000;
/// Passages looked at for one question that is wanted: not every passage makes one.
const PASSAGES_EACH: usize = 3;
/// Questions of one passage, where a knowledge base has few.
const QUESTIONS_EACH: usize = 3;
const BATCH: usize = 100;

/// How to calibrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalibrateOptions {
    /// Questions to make, 20 to 1,000. Each is asked twice.
    pub questions: usize,
    /// The same seed draws the same passages.
    pub seed: u64,
}

impl Default for CalibrateOptions {
    fn default() -> Self {
        Self {
            questions: 200,
            seed: 1,
        }
    }
}

/// Why a knowledge base could not be calibrated.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// Its passages make too few questions.
    #[error("only {made} questions could be made from the passages; {fewest} are needed")]
    TooLittle {
        /// Questions made.
        made: usize,
        /// Questions needed.
        fewest: usize,
    },
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A search failed.
    #[error(transparent)]
    Retrieve(#[from] RetrieveError),
}

impl From<PassageError> for CalibrateError {
    fn from(error: PassageError) -> Self {
        Self::Retrieve(error.into())
    }
}

/// A passage that is drawn.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    from: Sampled,
    ordinal: u32,
}

/// A question made from a passage, with what must be withheld so that nothing answers it.
struct Made {
    question: Question,
    source: Withheld,
    /// By the language model, not by a template.
    written: bool,
}

/// What a calibration works with.
#[derive(Clone, Copy)]
pub struct CalibrateWith<'a> {
    /// Where passages are drawn from and the outcome is kept.
    pub catalog: &'a Catalog,
    /// What is asked.
    pub retriever: &'a Retriever,
    /// Writes some of the questions, where it is trusted to write.
    pub generator: Option<&'a Arc<dyn Generator>>,
}

/// Fits the threshold and keeps it for the knowledge base. `progress` is told how many of how many questions are done.
///
/// # Errors
/// [`CalibrateError::TooLittle`] leaves whatever threshold there was.
pub async fn calibrate(
    with: CalibrateWith<'_>,
    base: &KnowledgeBase,
    options: CalibrateOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Calibration, CalibrateError> {
    let CalibrateWith {
        catalog,
        retriever,
        generator,
    } = with;
    let wanted = options.questions.clamp(FEWEST_MADE, 1_000);
    let mut writer = QuestionWriter::new(generator.cloned());
    let made = make(catalog, base, (wanted, options.seed), &mut writer, progress).await?;
    let set = catalog.gold_set(base.id).await?.questions;
    let gold = chosen_gold(&set);
    let all = made.len() + gold.len();
    // The verdict does not see what a cross-encoder makes of the order.
    let retriever = &retriever.without_cross_encoder();
    let asker = Asker { retriever, base };
    let mut of_made = Judged::default();
    for (at, one) in made.iter().enumerate() {
        progress(at, all);
        asker
            .ask_twice(&one.question, &one.source, &mut of_made)
            .await?;
    }
    if of_made.answerable.len() < FEWEST_MADE {
        return Err(CalibrateError::TooLittle {
            made: of_made.answerable.len(),
            fewest: FEWEST_MADE,
        });
    }
    let mut of_gold = Judged::default();
    for (at, one) in gold.iter().enumerate() {
        progress(made.len() + at, all);
        asker.ask_gold(one, &mut of_gold).await?;
    }
    let mut fitted = fit(
        &of_made,
        &of_gold,
        retriever.built_in_threshold(),
        retriever.evidence_model(),
    );
    fitted.written = made.iter().filter(|one| one.written).count();
    catalog.keep_calibration(base.id, fitted.clone()).await?;
    Ok(fitted)
}

/// Gold questions spread over the set; none where too few are answerable.
fn chosen_gold(set: &[GoldQuestion]) -> Vec<&GoldQuestion> {
    let answerable = set.iter().filter(|gold| gold.answerable).count();
    if answerable < FEWEST_GOLD {
        return Vec::new();
    }
    let count = set.len().min(MOST_GOLD_ASKED);
    (0..count).map(|at| &set[at * set.len() / count]).collect()
}

/// Makes questions from passages spread over the documents.
async fn make(
    catalog: &Catalog,
    base: &KnowledgeBase,
    (wanted, seed): (usize, u64),
    writer: &mut QuestionWriter,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Made>, CalibrateError> {
    let mut random = Random::seeded(seed);
    let mut documents = catalog.sampled(base.id, MOST_DOCUMENTS).await?;
    let many = documents.len() >= MANY_DOCUMENTS;
    let drawn = draw(&mut documents, wanted * PASSAGES_EACH, &mut random);
    let each = wanted.div_ceil(drawn.len().max(1)).clamp(1, QUESTIONS_EACH);
    let mut made = Vec::with_capacity(wanted);
    for batch in drawn.chunks(BATCH) {
        let ids: Vec<ChunkId> = batch
            .iter()
            .map(|one| ChunkId::derive(one.from.version, one.ordinal))
            .collect();
        for passage in PassageSource::passages(catalog, &ids).await? {
            let Some(at) = ids.iter().position(|id| *id == passage.chunk) else {
                continue;
            };
            let source = withheld(batch[at], many);
            let mut texts = questions(&passage, each, &mut random);
            // A template's question about a passage shows that there is something to ask.
            let written = match texts.first_mut() {
                Some(first) => replaced(first, writer, &passage).await,
                None => false,
            };
            made.extend(made_of(&texts, written, &source));
            progress(0, wanted.max(made.len()));
            if made.len() >= wanted {
                break;
            }
        }
        if made.len() >= wanted {
            break;
        }
    }
    made.truncate(wanted);
    Ok(made)
}

/// Puts the model's question in a template's place, if it writes one that stands alone; whether it did.
async fn replaced(template: &mut String, writer: &mut QuestionWriter, passage: &Passage) -> bool {
    let Some(question) = writer.question(passage).await else {
        return false;
    };
    if !stands_alone(&question, question.chars().any(is_han)) {
        return false;
    }
    *template = question;
    true
}

fn made_of(texts: &[String], written: bool, source: &Withheld) -> Vec<Made> {
    let usable = texts.iter().enumerate().filter_map(|(at, text)| {
        Some(Made {
            question: Question::try_from(text.as_str()).ok()?,
            source: source.clone(),
            written: written && at == 0,
        })
    });
    usable.collect()
}

/// What must not be seen so that nothing answers a question made of this passage.
fn withheld(drawn: Drawn, many: bool) -> Withheld {
    if many {
        return Withheld {
            documents: vec![drawn.from.document],
            passages: Vec::new(),
        };
    }
    // Neighbours may overlap, and often say the same once more.
    let around = drawn.ordinal.saturating_sub(1)..=(drawn.ordinal + 1).min(drawn.from.chunks - 1);
    Withheld {
        documents: Vec::new(),
        passages: around
            .map(|ordinal| ChunkId::derive(drawn.from.version, ordinal))
            .collect(),
    }
}

/// Draws passages: one of every document in turn, in an order of the seed, until there are enough.
fn draw(documents: &mut [Sampled], wanted: usize, random: &mut Random) -> Vec<Drawn> {
    random.shuffle(documents);
    let mut drawn = Vec::new();
    let mut seen = HashSet::new();
    let chunks: usize = documents.iter().map(|one| one.chunks as usize).sum();
    let wanted = wanted.min(chunks);
    for round in 0.. {
        let open = documents.iter().filter(|one| one.chunks > round);
        let before = drawn.len();
        for from in open {
            if drawn.len() == wanted {
                return drawn;
            }
            // A passage drawn twice gives its turn to the next one that is left.
            let first = random.below(from.chunks as usize) as u32;
            let ordinals = (0..from.chunks).map(|step| (first + step) % from.chunks);
            let fresh = ordinals
                .into_iter()
                .find(|ordinal| !seen.contains(&(from.version, *ordinal)));
            if let Some(ordinal) = fresh {
                seen.insert((from.version, ordinal));
                drawn.push(Drawn {
                    from: *from,
                    ordinal,
                });
            }
        }
        if drawn.len() == before {
            break;
        }
    }
    drawn
}

struct Asker<'a> {
    retriever: &'a Retriever,
    base: &'a KnowledgeBase,
}

impl Asker<'_> {
    async fn ask_twice(
        &self,
        question: &Question,
        source: &Withheld,
        judged: &mut Judged,
    ) -> Result<(), CalibrateError> {
        let with = self.answerability(question, &Withheld::default()).await?;
        let without = self.answerability(question, source).await?;
        if let (Some(with), Some(without)) = (with, without) {
            judged.answerable.push(with);
            judged.unanswerable.push(without);
        }
        Ok(())
    }

    async fn ask_gold(
        &self,
        gold: &GoldQuestion,
        judged: &mut Judged,
    ) -> Result<(), CalibrateError> {
        let Ok(question) = Question::try_from(gold.question.as_str()) else {
            return Ok(());
        };
        let found = self.answerability(&question, &Withheld::default()).await?;
        let side = if gold.answerable {
            &mut judged.answerable
        } else {
            &mut judged.unanswerable
        };
        side.extend(found);
        Ok(())
    }

    /// `None` where no threshold of this knowledge base would count: the best passage is in another language, or the
    /// question reads as filters.
    async fn answerability(
        &self,
        question: &Question,
        withheld: &Withheld,
    ) -> Result<Option<f32>, CalibrateError> {
        let request = SearchRequest {
            question: question.clone(),
            knowledge_bases: vec![self.base.id],
            top_k: TopK::Exactly(1),
            filter: SearchFilter::default(),
            mode: None,
            settings: RetrievalChange::default(),
            explain: false,
        };
        match self.retriever.search_without(request, withheld).await {
            // Nothing found at all is a refusal at any threshold.
            Ok(found) if found.hits.is_empty() => Ok(Some(0.0)),
            Ok(found) => {
                let score = found.evidence.answerability;
                Ok((found.evidence.same_writing && score.is_finite()).then_some(score))
            }
            Err(RetrieveError::OnlyFilters | RetrieveError::FilterTooBroad) => Ok(None),
            Err(
                error @ (RetrieveError::Embed(_)
                | RetrieveError::Store(_)
                | RetrieveError::Passages(_)),
            ) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::model::{DocumentId, VersionId};

    fn documents(chunks: &[u32]) -> Vec<Sampled> {
        let numbered = chunks.iter().enumerate();
        numbered
            .map(|(at, chunks)| Sampled {
                document: DocumentId(Uuid::from_u128(at as u128)),
                version: VersionId(Uuid::from_u128(at as u128)),
                chunks: *chunks,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_sample_is_spread_over_the_documents_without_repetition(
            chunks in proptest::collection::vec(1_u32..9, 1..20), wanted in 1_usize..60, seed: u64
        ) {
            let all: u32 = chunks.iter().sum();
            let drawn = draw(&mut documents(&chunks), wanted, &mut Random::seeded(seed));
            prop_assert_eq!(drawn.len(), wanted.min(all as usize));
            let distinct: HashSet<_> = drawn.iter().map(|one| (one.from.version, one.ordinal)).collect();
            prop_assert_eq!(distinct.len(), drawn.len());
            prop_assert!(drawn.iter().all(|one| one.ordinal < one.from.chunks));
            let first: HashSet<_> = drawn.iter().take(chunks.len()).map(|one| one.from.document).collect();
            prop_assert_eq!(first.len(), chunks.len().min(drawn.len()));
        }
    }
}
