//! Vectors with the structure of real ones, and what is exactly nearest to a question.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use wenyuan_ingest::SparseVector;

use crate::DIMENSION;

const VOCABULARY: f32 = 50_000.0;
/// How far a copy lies from its seed, in differences of two other seeds.
const COPY: f32 = 0.5;
/// The same for the sentences of a chunk, from its passage.
const SENTENCE: f32 = 0.3;

/// SplitMix64: the same numbers in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }

    /// Terms as skewed as words are: low indices are common.
    pub(crate) fn terms(&mut self, count: usize) -> SparseVector {
        let mut indices: Vec<u32> = (0..count)
            .map(|_| (VOCABULARY * self.unit().powi(4)) as u32)
            .collect();
        indices.sort_unstable();
        indices.dedup();
        let values = indices.iter().map(|_| 0.5 + self.unit()).collect();
        SparseVector { indices, values }
    }

    /// The vector moved by the difference of two others: noise that varies as real vectors do, in the directions that
    /// they have.
    fn moved(&mut self, from: &[f32], seeds: &[Vec<f32>], by: f32) -> Vec<f32> {
        let (one, other) = (self.below(seeds.len()), self.below(seeds.len()));
        let pairs = seeds[one].iter().zip(&seeds[other]);
        let moved = from
            .iter()
            .zip(pairs)
            .map(|(element, (one, other))| element + by * (one - other))
            .collect();
        normal(moved)
    }

    /// A chunk's passage vector: a seed itself in the first round, a copy of one in the later ones.
    pub(crate) fn passage(&mut self, number: usize, seeds: &[Vec<f32>]) -> Vec<f32> {
        let seed = &seeds[number % seeds.len()];
        if number < seeds.len() {
            seed.clone()
        } else {
            self.moved(seed, seeds, COPY)
        }
    }

    pub(crate) fn sentences(
        &mut self,
        count: usize,
        passage: &[f32],
        seeds: &[Vec<f32>],
    ) -> Vec<Vec<f32>> {
        (0..count)
            .map(|_| self.moved(passage, seeds, SENTENCE))
            .collect()
    }
}

fn normal(vector: Vec<f32>) -> Vec<f32> {
    let norm = dot(&vector, &vector).sqrt().max(f32::MIN_POSITIVE);
    vector.into_iter().map(|element| element / norm).collect()
}

/// In sixteen sums, which compilers make vector instructions of.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    let (left, _) = left.as_chunks::<16>();
    let (right, _) = right.as_chunks::<16>();
    for (left, right) in left.iter().zip(right) {
        for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
            *sum += left * right;
        }
    }
    sums.iter().sum()
}

/// Appends rows to a file.
pub(crate) fn write<'a>(path: &Path, rows: impl Iterator<Item = &'a [f32]>) {
    let mut file = BufWriter::new(
        std::fs::File::options()
            .create(true)
            .append(true)
            .open(path)
            .expect("a file"),
    );
    for element in rows.flatten() {
        file.write_all(&element.to_le_bytes())
            .expect("it is written");
    }
    file.flush().expect("it is written");
}

/// Rows of a file, each of length one.
pub(crate) fn read(path: &Path) -> Vec<Vec<f32>> {
    let bytes = std::fs::read(path).expect("a file of vectors");
    let (numbers, _) = bytes.as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().copied().map(f32::from_le_bytes).collect();
    let rows = numbers.chunks_exact(DIMENSION);
    rows.map(|row| normal(row.to_vec())).collect()
}

/// The chunks nearest to a question, best first, kept while all pass by.
#[derive(Default, Clone)]
pub(crate) struct Nearest(Vec<(f32, u32)>);

impl Nearest {
    pub(crate) fn see(&mut self, score: f32, number: u32, limit: usize) {
        if self.0.len() == limit && self.0.last().is_some_and(|(worst, _)| score <= *worst) {
            return;
        }
        let place = self.0.partition_point(|(better, _)| *better >= score);
        self.0.insert(place, (score, number));
        self.0.truncate(limit);
    }

    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.0.iter().map(|(_, number)| *number).collect()
    }
}
