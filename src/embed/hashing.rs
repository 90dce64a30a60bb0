//! The embedder's twin without a model: vectors from hashed characters and words, equal on every machine.

use async_trait::async_trait;
use wenyuan_ingest::{EmbedError, Embedder, TokenCounter};

/// Embeds by counting hashed words and character pairs: texts that share them are near each other, and nothing else
/// is known. For tests and builds without ONNX.
#[derive(Debug, Clone)]
pub struct HashingEmbedder {
    dimension: usize,
    fingerprint: String,
}

impl HashingEmbedder {
    /// Vectors of `dimension` elements, at least 1.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        let dimension = dimension.max(1);
        Self {
            dimension,
            fingerprint: format!("hashing-{dimension}"),
        }
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0_f32; self.dimension];
        let lower = text.to_lowercase();
        for word in words(&lower) {
            self.add(&mut vector, word);
        }
        let characters: Vec<char> = lower
            .chars()
            .filter(|character| character.is_alphanumeric())
            .collect();
        for pair in characters.windows(2) {
            self.add(&mut vector, &String::from_iter(pair));
        }
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        if norm == 0.0 {
            vector[0] = 1.0;
        } else {
            for value in &mut vector {
                *value /= norm;
            }
        }
        vector
    }

    fn add(&self, vector: &mut [f32], feature: &str) {
        let hash = blake3::hash(feature.as_bytes());
        let (head, sign) = (hash.as_bytes(), hash.as_bytes()[31] & 1);
        let place = u64::from_le_bytes([
            head[0], head[1], head[2], head[3], head[4], head[5], head[6], head[7],
        ]);
        let place = (place % self.dimension as u64) as usize;
        vector[place] += if sign == 0 { 1.0 } else { -1.0 };
    }
}

/// Runs of letters and digits; each Han character by itself.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric())
        .flat_map(|run| {
            let single = run
                .chars()
                .any(|character| ('\u{2e80}'..='\u{9fff}').contains(&character));
            let pieces: Vec<&str> = if single {
                run.char_indices()
                    .map(|(at, character)| &run[at..at + character.len_utf8()])
                    .collect()
            } else {
                vec![run]
            };
            pieces.into_iter().filter(|piece| !piece.is_empty())
        })
}

impl TokenCounter for HashingEmbedder {
    fn count(&self, text: &str) -> usize {
        words(text).count()
    }
}

#[async_trait]
impl Embedder for HashingEmbedder {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn max_tokens(&self) -> usize {
        512
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|text| self.embed(text)).collect())
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(self.embed(text))
    }
}

#[cfg(test)]
mod tests {
    use wenyuan_ingest::{Embedder as _, TokenCounter as _};

    use super::HashingEmbedder;

    fn dot(left: &[f32], right: &[f32]) -> f32 {
        left.iter()
            .zip(right)
            .map(|(left, right)| left * right)
            .sum()
    }

    #[tokio::test]
    async fn shared_words_bring_texts_nearer_in_both_languages() {
        let embedder = HashingEmbedder::new(256);
        for (query, near, far) in [
            (
                "谁修了文渊阁",
                "文渊阁是乾隆年间修的",
                "水泵的扬程是三十二米",
            ),
            (
                "who built the library",
                "The library was built in 1776",
                "Tighten four bolts",
            ),
        ] {
            let query = embedder.embed_query(query).await.expect("never fails");
            let passages = vec![near.to_owned(), far.to_owned()];
            let passages = embedder
                .embed_passages(passages)
                .await
                .expect("never fails");
            assert!(dot(&query, &passages[0]) > dot(&query, &passages[1]));
        }
    }

    #[tokio::test]
    async fn every_vector_has_the_asked_length_and_unit_norm() {
        let embedder = HashingEmbedder::new(8);
        for text in ["", "。！", "one", "一二三 four"] {
            let vector = embedder.embed_query(text).await.expect("never fails");
            assert_eq!(vector.len(), 8);
            assert!((dot(&vector, &vector) - 1.0).abs() < 1e-5, "{text}");
        }
    }

    #[test]
    fn a_han_character_is_a_token_and_so_is_a_word() {
        assert_eq!(HashingEmbedder::new(8).count("文渊阁 opened in 1776"), 6);
    }
}
