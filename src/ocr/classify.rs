//! Tells which lines stand on their heads.

use wenyuan_ingest::{Picture, RecognizeError};

use super::network::Network;
use super::pixels::{Scaling, resize, write_planes};

/// Size of the pictures that the model takes.
const WIDTH: usize = 192;
const HEIGHT: usize = 48;

/// Lines looked at together.
const BATCH: usize = 16;

/// How sure the model must be: most lines are upright.
const SURE: f32 = 0.9;

pub(super) struct Classifier {
    network: Network,
}

impl Classifier {
    pub(super) const fn new(network: Network) -> Self {
        Self { network }
    }

    /// For each line whether it must be turned by half a circle.
    pub(super) fn on_their_heads(
        &mut self,
        lines: &[Picture],
    ) -> Result<Vec<bool>, RecognizeError> {
        let mut all = Vec::with_capacity(lines.len());
        for batch in lines.chunks(BATCH) {
            let size = 3 * WIDTH * HEIGHT;
            let mut values = vec![0.0; batch.len() * size];
            for (line, into) in batch.iter().zip(values.chunks_exact_mut(size)) {
                let ratio = line.width() as f32 / line.height() as f32;
                let width = ((HEIGHT as f32 * ratio).ceil() as usize).clamp(1, WIDTH);
                let seen = resize(line, width as u32, HEIGHT as u32);
                write_planes(&seen, into, (WIDTH, HEIGHT), Scaling::HALF, 0, false);
            }
            let shape = [batch.len(), 3, HEIGHT, WIDTH];
            let flipped = self.network.run(shape, values, |shape, numbers| {
                (shape == [batch.len(), 2]).then(|| {
                    let pairs = numbers.as_chunks::<2>().0;
                    pairs.iter().map(|pair| pair[1] > SURE).collect::<Vec<_>>()
                })
            })?;
            all.extend(flipped);
        }
        Ok(all)
    }
}
