//! Reads lines: columns of a line's picture become characters.

use wenyuan_ingest::{Picture, RecognizeError};

use super::network::Network;
use super::pixels::{Scaling, resize, write_planes};

/// Height of the pictures that the model takes.
const HEIGHT: usize = 48;

/// Shortest one: the model was trained on lines of this length.
const NARROWEST: usize = 320;

/// Longest one.
const WIDEST: usize = 4800;

/// Most columns that are read at once, over all lines, unless a single one is longer.
const MOST_COLUMNS: usize = 1000;

/// Under this name the model's file has its characters, one on each line.
const ALPHABET: &str = "character";

/// A blank between words counts from this probability on: inside of words it is far below.
const FAINT: f32 = 0.15;

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) text: String,
    /// Mean over the characters, from 0 to 1; 0 for no text.
    pub(super) confidence: f32,
}

pub(super) struct Reader {
    network: Network,
    alphabet: Vec<String>,
}

impl Reader {
    /// # Errors
    /// [`RecognizeError`] if the model does not say which characters it knows.
    pub(super) fn new(network: Network) -> Result<Self, RecognizeError> {
        let Some(list) = network.entry(ALPHABET) else {
            return Err(network.error("it does not say which characters it knows"));
        };
        let mut alphabet: Vec<String> = list.lines().map(str::to_owned).collect();
        alphabet.push(" ".to_owned());
        Ok(Self { network, alphabet })
    }

    /// What each line says. Lines of like length are read together.
    pub(super) fn read(&mut self, lines: &[Picture]) -> Result<Vec<Reading>, RecognizeError> {
        let mut order: Vec<(usize, usize)> = (0..)
            .zip(lines)
            .map(|(at, line)| (width_of(line), at))
            .collect();
        order.sort_unstable();
        let mut readings: Vec<Option<Reading>> = vec![None; lines.len()];
        let mut rest = order.as_slice();
        while let Some(&(narrowest, _)) = rest.first() {
            let columns = |count: usize| rest[count - 1].0.max(NARROWEST) * count;
            let mut count = 1;
            // What is much longer would make the others read blank space.
            while count < rest.len()
                && columns(count + 1) <= MOST_COLUMNS
                && rest[count].0 <= (narrowest * 3 / 2).max(NARROWEST)
            {
                count += 1;
            }
            let (batch, later) = rest.split_at(count);
            let pictures: Vec<&Picture> = batch.iter().map(|&(_, at)| &lines[at]).collect();
            let width = batch[count - 1].0.max(NARROWEST);
            for (&(_, at), reading) in batch.iter().zip(self.read_batch(&pictures, width)?) {
                readings[at] = Some(reading);
            }
            rest = later;
        }
        Ok(readings.into_iter().flatten().collect())
    }

    fn read_batch(
        &mut self,
        lines: &[&Picture],
        width: usize,
    ) -> Result<Vec<Reading>, RecognizeError> {
        let size = 3 * HEIGHT * width;
        let mut values = vec![0.0; lines.len() * size];
        for (line, into) in lines.iter().zip(values.chunks_exact_mut(size)) {
            let seen = resize(line, width_of(line) as u32, HEIGHT as u32);
            write_planes(&seen, into, (width, HEIGHT), Scaling::HALF, 0, false);
        }
        let alphabet = &self.alphabet;
        let shape = [lines.len(), 3, HEIGHT, width];
        self.network.run(shape, values, |shape, numbers| {
            let &[count, steps, classes] = shape else {
                return None;
            };
            if count != lines.len() || classes != alphabet.len() + 1 || steps == 0 {
                return None;
            }
            let texts = numbers.chunks_exact(steps * classes);
            Some(texts.map(|steps| decode(steps, alphabet)).collect())
        })
    }
}

/// The width of a line's picture once it has the height that the model takes.
fn width_of(line: &Picture) -> usize {
    let ratio = line.width() as f32 / line.height() as f32;
    ((HEIGHT as f32 * ratio).ceil() as usize).clamp(8, WIDEST)
}

/// The likeliest character of each step, where it differs from that of the step before; class 0 stands for none, and
/// parts two equal characters.
fn decode(steps: &[f32], alphabet: &[String]) -> Reading {
    let mut text = String::new();
    let (mut sum, mut count) = (0.0_f32, 0_u32);
    let mut before = 0;
    // How likely a blank is, at most, since the last character.
    let mut blank = 0.0_f32;
    for step in steps.chunks_exact(alphabet.len() + 1) {
        blank = blank.max(step[alphabet.len()]);
        let likeliest = step.iter().copied().enumerate();
        let (class, probability) = likeliest
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .unwrap_or((0, 0.0));
        if class != 0 && class != before {
            let character = &alphabet[class - 1];
            if blank > FAINT && is_between_words(&text, character) {
                text.push(' ');
            }
            blank = 0.0;
            text.push_str(character);
            sum += probability;
            count += 1;
        }
        before = class;
    }
    let confidence = if count == 0 { 0.0 } else { sum / count as f32 };
    Reading {
        text,
        confidence: if confidence.is_finite() {
            confidence.clamp(0.0, 1.0)
        } else {
            0.0
        },
    }
}

/// Whether a blank may stand between the end of a text and the character that follows: Latin letters and digits on both
/// sides, or a mark that ends a word before them.
fn is_between_words(text: &str, next: &str) -> bool {
    let is_of_word = |character: char| character.is_ascii_alphanumeric();
    let ends_word = |character: char| is_of_word(character) || ".,;:!?)".contains(character);
    text.ends_with(ends_word)
        && next.starts_with(|character| is_of_word(character) || character == '(')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alphabet() -> Vec<String> {
        ["文", "渊", "阁", " "].map(str::to_owned).to_vec()
    }

    /// Steps that are sure of these classes.
    fn steps(classes: &[usize], probability: f32) -> Vec<f32> {
        classes
            .iter()
            .flat_map(|&class| (0..5).map(move |at| if at == class { probability } else { 0.01 }))
            .collect()
    }

    #[test]
    fn a_character_over_several_steps_is_one_and_a_gap_parts_two() {
        let read = decode(&steps(&[0, 1, 1, 0, 2, 4, 3, 3, 0, 3], 0.8), &alphabet());
        assert_eq!(read.text, "文渊 阁阁");
        assert!((read.confidence - 0.8).abs() < 1e-6);
    }

    #[test]
    fn a_faint_blank_parts_words_and_no_blank_does_not() {
        let alphabet = ["a", "b", "文", " "].map(str::to_owned).to_vec();
        let mut numbers = steps(&[1, 0, 2, 0, 3], 0.7);
        assert_eq!(decode(&numbers, &alphabet).text, "ab文");
        // The steps between the characters.
        numbers[5 + 4] = 0.25;
        numbers[15 + 4] = 0.25;
        assert_eq!(decode(&numbers, &alphabet).text, "a b文");
    }

    #[test]
    fn no_character_is_no_text() {
        let read = decode(&steps(&[0, 0, 0], 0.99), &alphabet());
        assert_eq!(
            read,
            Reading {
                text: String::new(),
                confidence: 0.0
            }
        );
    }

    proptest! {
        #[test]
        fn a_text_survives_being_spread_over_steps(text in proptest::collection::vec(1_usize..5, 0..20), repeats in proptest::collection::vec(1_usize..4, 20)) {
            let mut classes = vec![0];
            for (&class, &times) in text.iter().zip(&repeats) {
                classes.extend(std::iter::repeat_n(class, times));
                classes.push(0);
            }
            let said: String = text.iter().map(|&class| alphabet()[class - 1].clone()).collect();
            prop_assert_eq!(decode(&steps(&classes, 0.9), &alphabet()).text, said);
        }

        #[test]
        fn any_numbers_give_a_confidence(numbers in proptest::collection::vec(any::<f32>(), 0..200)) {
            let whole = numbers.len() / 5 * 5;
            let read = decode(&numbers[..whole], &alphabet());
            prop_assert!((0.0..=1.0).contains(&read.confidence));
        }
    }
}
