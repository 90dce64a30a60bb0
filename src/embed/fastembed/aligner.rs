//! Finds a question's tokens in texts by the embedder's own token table: the starter's was trained on sixteen languages at once,
//! so that 城市 and "city" lie beside each other in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use wenyuan_ingest::Aligner;

use super::rows::{Rows, dot};
use super::tokens::Tokens;

/// Tokens of a question that are looked for at most, those that are worth most, and how many are looked at for that.
const MOST_ASKED: usize = 128;
const MOST_CONSIDERED: usize = 512;

/// Bytes of a text that are read at most: far more than a sentence has.
const MOST_READ: usize = 16 << 10;

/// Vectors shorter than this belong to pieces that training hardly met, and are worth no more than those of this length.
const SHORTEST: f32 = 4.0;

/// One question's tokens.
pub(super) struct TokenAligner {
    rows: Arc<Rows>,
    tokens: Arc<Tokens>,
    asked: Vec<Vec<f32>>,
    weights: Vec<f32>,
    /// What is known of tokens that were met: their cosines to those asked for.
    known: Mutex<HashMap<u32, Vec<f32>>>,
}

impl TokenAligner {
    /// Of a question that has any tokens with vectors.
    pub(super) fn of(rows: &Arc<Rows>, tokens: &Arc<Tokens>, question: &str) -> Option<Self> {
        let mut ids = tokens.words(question);
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(MOST_CONSIDERED);
        let read: std::io::Result<Vec<_>> = ids.into_iter().map(|id| rows.row(id)).collect();
        let found = match read {
            Ok(found) => found.into_iter().flatten(),
            Err(error) => {
                tracing::warn!(%error, "the embedder's token table cannot be read: words are not compared across languages");
                return None;
            }
        };
        // Frequent tokens have grown long in training, rare ones are short; that tells function words in any language.
        let mut asked: Vec<(f32, Vec<f32>)> = found
            .map(|(row, length)| (1.0 / length.max(SHORTEST), row))
            .collect();
        asked.sort_by(|left, right| right.0.total_cmp(&left.0));
        asked.truncate(MOST_ASKED);
        let (weights, asked): (Vec<f32>, Vec<Vec<f32>>) = asked.into_iter().unzip();
        (!weights.is_empty()).then(|| Self {
            rows: Arc::clone(rows),
            tokens: Arc::clone(tokens),
            asked,
            weights,
            known: Mutex::default(),
        })
    }

    /// The cosines of a token to those asked for; all 0 for one without a vector.
    fn cosines(&self, id: u32) -> Vec<f32> {
        // A file that could be read for the question can be read now; if not, the next question says so.
        match self.rows.row(id).ok().flatten() {
            Some((row, _)) => self.asked.iter().map(|asked| dot(asked, &row)).collect(),
            None => vec![0.0; self.asked.len()],
        }
    }
}

impl Aligner for TokenAligner {
    fn weights(&self) -> &[f32] {
        &self.weights
    }

    fn nearest(&self, text: &str) -> Vec<f32> {
        let mut nearest = vec![0.0_f32; self.asked.len()];
        let tokens = self
            .tokens
            .words(&text[..text.floor_char_boundary(MOST_READ)]);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for id in tokens {
            let cosines = known.entry(id).or_insert_with(|| self.cosines(id));
            for (nearest, cosine) in nearest.iter_mut().zip(cosines) {
                *nearest = nearest.max(*cosine);
            }
        }
        nearest.into_iter().map(|one| one.min(1.0)).collect()
    }
}
