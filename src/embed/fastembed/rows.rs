//! The embedder's token table, read row by row: what is asked for lies in the system's cache, which the sessions fill as well.

use std::fs::File;
use std::io;

use super::session::refuse;
use crate::models::{EmbedderFiles, ModelError, TokenTable, WEIGHTS_FILE, token_table};

/// The vectors of single tokens.
pub(super) struct Rows {
    file: File,
    table: TokenTable,
}

impl Rows {
    /// The table of a converted model; `None` of another one.
    pub(super) fn open(files: &EmbedderFiles) -> Result<Option<Self>, ModelError> {
        let weights = files.folder.join(WEIGHTS_FILE);
        if !weights.exists() {
            return Ok(None);
        }
        let graph = fs_err::read(&files.model.path).map_err(|error| refuse(files, error))?;
        let Some(table) = token_table(&graph).map_err(|error| refuse(files, error))? else {
            return Ok(None);
        };
        let file = File::open(&weights).map_err(|error| refuse(files, error))?;
        let rows = Self::of(table, file).map_err(|error| refuse(files, error))?;
        Ok(Some(rows))
    }

    fn of(table: TokenTable, file: File) -> io::Result<Self> {
        let end = table.rows.checked_mul(table.width as u64);
        let end = end.and_then(|bytes| bytes.checked_add(table.offset));
        if end.is_none_or(|end| file.metadata().map_or(true, |file| end > file.len())) {
            return Err(io::Error::other("its weights file is cut off"));
        }
        Ok(Self { file, table })
    }

    /// A token's vector of length 1, and the length that it had; `None` if there is none.
    pub(super) fn row(&self, id: u32) -> io::Result<Option<(Vec<f32>, f32)>> {
        let (id, table) = (u64::from(id), &self.table);
        if id >= table.rows {
            return Ok(None);
        }
        let mut bytes = vec![0; table.width];
        read_at(
            &self.file,
            &mut bytes,
            table.offset + id * table.width as u64,
        )?;
        let (zero, scale) = table.parts[id as usize % table.parts.len()];
        let number = |byte: &u8| (f32::from(*byte) - zero) * scale;
        let mut row: Vec<f32> = bytes.iter().map(number).collect();
        let length = dot(&row, &row).sqrt();
        if length <= 0.0 || !length.is_finite() {
            return Ok(None);
        }
        for one in &mut row {
            *one /= length;
        }
        Ok(Some((row, length)))
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        offset += read as u64;
        bytes = &mut bytes[read..];
    }
    Ok(())
}

/// The sum of products, in lanes: one sum after the other would wait for each.
pub(super) fn dot(left: &[f32], right: &[f32]) -> f32 {
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Three rows of two numbers behind four bytes of something else; odd rows have another zero and another scale.
    fn table(rows: u64) -> TokenTable {
        TokenTable {
            offset: 4,
            rows,
            width: 2,
            parts: vec![(10.0, 0.5), (20.0, 2.0)],
        }
    }

    fn file() -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&[9, 9, 9, 9, 16, 18, 20, 17, 10, 10])
            .expect("written");
        file
    }

    #[test]
    fn a_row_has_length_one_and_tells_the_length_that_it_had() {
        let rows = Rows::of(table(3), file()).expect("whole");
        let row = |id| rows.row(id).expect("read");
        assert_eq!(row(0), Some((vec![0.6, 0.8], 5.0)));
        assert_eq!(row(1), Some((vec![0.0, -1.0], 6.0)));
        assert_eq!(row(2), None, "it is all zeros");
        assert_eq!(row(3), None, "there is none");
    }

    #[test]
    fn a_file_that_ends_before_its_last_row_is_refused() {
        assert!(Rows::of(table(4), file()).is_err());
        assert!(Rows::of(table(u64::MAX), file()).is_err());
    }

    #[test]
    fn a_product_in_lanes_counts_every_element() {
        let one: Vec<f32> = (0..37).map(|at| at as f32).collect();
        let two: Vec<f32> = (0..37).map(|at| (at % 3) as f32).collect();
        let plain: f32 = one.iter().zip(&two).map(|(one, two)| one * two).sum();
        assert!((dot(&one, &two) - plain).abs() < 1e-3);
        assert!(dot(&[], &[]).abs() < f32::EPSILON);
    }
}
