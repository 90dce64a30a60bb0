//! How many bytes a tensor takes in the file, by its type.

use std::io::{Read, Seek};

use super::HeaderError;
use super::reader::Reader;

/// One entry of the tensor table.
pub(super) struct Tensor {
    pub(super) name: String,
    elements: Option<u64>,
    kind: u32,
    /// From the start of the data section.
    pub(super) offset: u64,
}

impl Tensor {
    pub(super) fn read<S: Read + Seek>(reader: &mut Reader<'_, S>) -> Result<Self, HeaderError> {
        let name = reader.string(1_024)?;
        let dimensions = reader.u32()?;
        if dimensions > 4 {
            return Err(reader.broken(format!("a tensor of {dimensions} dimensions")));
        }
        let mut elements = Some(1_u64);
        for _ in 0..dimensions {
            let size = reader.u64()?;
            elements = elements.and_then(|elements| elements.checked_mul(size));
        }
        Ok(Self {
            name,
            elements,
            kind: reader.u32()?,
            offset: reader.u64()?,
        })
    }

    /// Bytes of data, 0 for a type younger than this table (llama.cpp then judges); `None` when no file is that large.
    pub(super) fn bytes(&self) -> Option<u64> {
        let (elements_per_block, bytes_per_block) = block(self.kind).unwrap_or((1, 0));
        self.elements?
            .div_ceil(elements_per_block)
            .checked_mul(bytes_per_block)
    }
}

/// Elements and bytes of a block of ggml's tensor types.
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        24 => (1, 1),
        27 | 28 => (1, 8),
        2 | 20 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 | 21 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        16 | 35 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        22 => (256, 82),
        23 => (256, 136),
        29 => (256, 56),
        34 => (256, 54),
        39 => (32, 17),
        40 => (64, 36),
        41 => (128, 18),
        42 => (64, 18),
        _ => return None,
    })
}
