//! The little arithmetic that vectors of sentences need.

/// How much of the title's vector is added to a sentence's, both of length one. It ranked as well as the title written
/// in front of every sentence did (better where question and text differ in language), and the title is embedded once.
const TITLE_WEIGHT: f32 = 0.3;

/// A sentence's unit vector, moved a little towards its title's.
pub(crate) fn lean_towards(mut sentence: Vec<f32>, title: &[f32]) -> Vec<f32> {
    for (value, share) in sentence.iter_mut().zip(title) {
        *value += TITLE_WEIGHT * share;
    }
    normalized(sentence)
}

/// The vector at length one; one of no length stays as it is.
fn normalized(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if norm > f32::EPSILON {
        for value in &mut vector {
            *value /= norm;
        }
    }
    vector
}

/// The unit vector in the middle of a passage's sentences: it ranked passages of the question's language as well as a
/// vector of the whole passage did, for half the embedding.
pub(crate) fn mean(sentences: &[Vec<f32>]) -> Vec<f32> {
    let Some(first) = sentences.first() else {
        return Vec::new();
    };
    let mut sum = vec![0.0_f32; first.len()];
    for sentence in sentences {
        for (total, value) in sum.iter_mut().zip(sentence) {
            *total += value;
        }
    }
    if sum.iter().all(|value| value.abs() <= f32::EPSILON) {
        return first.clone();
    }
    normalized(sum)
}
