//! Finds a question's tokens in texts by the embedder's own token table: the starter's was trained on sixteen languages at once,
//! so that 城市 and "city" lie beside each other in it.

use std::collections::HashMap;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wenyuan_ingest::Aligner;

use super::session::refuse;
use super::tokens::Tokens;
use crate::models::{EmbedderFiles, ModelError, TokenTable, WEIGHTS_FILE, token_table};

/// Tokens of a question that are looked for at most, those that are worth most.
const MOST_ASKED: usize = 128;

/// Tokens of a text that are read at most: far more than a passage has.
const MOST_READ: usize = 4_096;

/// The table, read row by row: what is asked for is in the system's cache, which the sessions fill and use as well.
pub(super) struct Rows {
    file: Mutex<std::fs::File>,
    table: TokenTable,
}

impl Rows {
    /// The table of a converted model; `None` of another one.
    pub(super) fn open(files: &EmbedderFiles) -> Result<Option<Self>, ModelError> {
        let apart = files.folder.join(WEIGHTS_FILE);
        if !apart.exists() {
            return Ok(None);
        }
        let graph = fs_err::read(&files.model.path).map_err(|error| refuse(files, error))?;
        let Some(table) = token_table(&graph).map_err(|error| refuse(files, error))? else {
            return Ok(None);
        };
        let path = files.folder.join(table.file);
        let opened = std::fs::File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (length, file) = opened.map_err(|error| refuse(files, error))?;
        let end = table.rows.checked_mul(table.width as u64);
        let end = end.and_then(|bytes| bytes.checked_add(table.offset));
        if end.is_none_or(|end| end > length) {
            return Err(refuse(files, "its weights file is cut off"));
        }
        let file = Mutex::new(file);
        Ok(Some(Self { file, table }))
    }

    /// A token's vector of length 1, and the length that it had; `None` if there is none.
    fn row(&self, id: u32) -> io::Result<Option<(Vec<f32>, f32)>> {
        let (id, table) = (u64::from(id), &self.table);
        if id >= table.rows {
            return Ok(None);
        }
        let mut bytes = vec![0; table.width];
        {
            let mut file = locked(&self.file);
            file.seek(SeekFrom::Start(table.offset + id * table.width as u64))?;
            file.read_exact(&mut bytes)?;
        }
        let (zero, scale) = table.parts[id as usize % table.parts.len()];
        let mut row: Vec<f32> = bytes
            .iter()
            .map(|byte| (f32::from(*byte) - zero) * scale)
            .collect();
        let length = dot(&row, &row).sqrt();
        if length <= 0.0 || !length.is_finite() {
            return Ok(None);
        }
        row.iter_mut().for_each(|one| *one /= length);
        Ok(Some((row, length)))
    }
}

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
        let found = ids.into_iter().filter_map(|id| rows.row(id).ok().flatten());
        // Frequent tokens have grown long in training, rare ones are short; that tells function words in any language.
        let mut asked: Vec<(f32, Vec<f32>)> =
            found.map(|(row, length)| (1.0 / length, row)).collect();
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
        match self.rows.row(id) {
            Ok(Some((row, _))) => self.asked.iter().map(|asked| dot(asked, &row)).collect(),
            Ok(None) => vec![0.0; self.asked.len()],
            Err(error) => {
                tracing::warn!(%error, "the embedder's token table cannot be read");
                vec![0.0; self.asked.len()]
            }
        }
    }
}

impl Aligner for TokenAligner {
    fn weights(&self) -> &[f32] {
        &self.weights
    }

    fn nearest(&self, text: &str) -> Vec<f32> {
        let mut nearest = vec![0.0_f32; self.asked.len()];
        let mut known = locked(&self.known);
        for id in self.tokens.words(text).into_iter().take(MOST_READ) {
            let cosines = known.entry(id).or_insert_with(|| self.cosines(id));
            for (nearest, cosine) in nearest.iter_mut().zip(cosines) {
                *nearest = nearest.max(*cosine);
            }
        }
        nearest.iter_mut().for_each(|one| *one = one.min(1.0));
        nearest
    }
}

/// The sum of products, in lanes: one sum after the other would wait for each.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    const LANES: usize = 16;
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (left, right) in left.iter().zip(right) {
        for (sum, (one, two)) in sums.iter_mut().zip(left.iter().zip(right)) {
            *sum += one * two;
        }
    }
    let rest = left_rest.iter().zip(right_rest).map(|(one, two)| one * two);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::dot;

    #[test]
    fn a_product_in_lanes_counts_every_element() {
        let one: Vec<f32> = (0..37).map(|at| at as f32).collect();
        let two: Vec<f32> = (0..37).map(|at| (at % 3) as f32).collect();
        let plain: f32 = one.iter().zip(&two).map(|(one, two)| one * two).sum();
        assert_eq!(dot(&one, &two), plain);
        assert_eq!(dot(&[], &[]), 0.0);
    }
}
