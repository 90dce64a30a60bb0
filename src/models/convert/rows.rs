//! Finds the token table that a converted graph looks its rows up in, so that rows can be read without the graph.

use super::ConvertError;
use super::graph::only;
use super::table::{SCALES, TABLE, ZEROS, dimensions, number, tensor};
use super::weights::{FILE, external};

/// Wider rows than any embedder has are not believed.
const WIDEST: u64 = 16_384;

/// Where the token table lies in the file [`WEIGHTS_FILE`](super::WEIGHTS_FILE), and how its bytes are read.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenTable {
    /// Where the first row begins, in bytes of the file beside the graph.
    pub offset: u64,
    /// How many rows there are: one for each token id.
    pub rows: u64,
    /// Bytes of a row; each stands for a number.
    pub width: usize,
    /// The byte that stands for zero, of row `id` at `id % parts.len()`, and what one step is worth there.
    pub parts: Vec<(f32, f32)>,
}

/// The token table of a graph that [`convert_embedder`](super::convert_embedder) made; `None` of any other graph. The bytes need
/// not be trusted.
pub fn token_table(model: &[u8]) -> Result<Option<TokenTable>, ConvertError> {
    let graph = only(model, number::MODEL_GRAPH)?;
    let Some(table) = tensor(graph, TABLE)? else {
        return Ok(None);
    };
    let wrong = ConvertError::Graph("its token table is not as it was made");
    let [rows, width] = dimensions(table)?[..] else {
        return Err(wrong);
    };
    // A small table stays in the graph: none that is worth reading apart.
    let Some(place) = external(table)? else {
        return Ok(None);
    };
    let numbers = |name| -> Result<Vec<f32>, ConvertError> {
        let tensor =
            tensor(graph, name)?.ok_or(ConvertError::Graph("its token table has no scales"))?;
        let (numbers, rest) = only(tensor, number::TENSOR_RAW)?.as_chunks::<4>();
        if rest.is_empty() {
            Ok(numbers.iter().map(|one| f32::from_le_bytes(*one)).collect())
        } else {
            Err(ConvertError::Graph("its token table has no scales"))
        }
    };
    let (scales, zeros) = (numbers(SCALES)?, numbers(ZEROS)?);
    let whole = rows.checked_mul(width) == Some(place.length) && (1..=WIDEST).contains(&width);
    let parted = !scales.is_empty() && scales.len() == zeros.len();
    let finite = scales.iter().chain(&zeros).all(|one| one.is_finite());
    if place.file != FILE || !whole || !parted || !finite {
        return Err(wrong);
    }
    Ok(Some(TokenTable {
        offset: place.offset,
        rows,
        width: width as usize,
        parts: zeros.into_iter().zip(scales).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::wire::Message;
    use super::*;

    fn tensor_of(name: &str, dimensions: &[u64], raw: &[u8]) -> Message {
        let tensor = dimensions
            .iter()
            .fold(Message::default(), |tensor, size| tensor.varint(1, *size));
        tensor.bytes(8, name.as_bytes()).bytes(9, raw)
    }

    fn graph(file: &str, rows: u64, length: u64) -> Vec<u8> {
        let mut table = Message::default()
            .varint(1, rows)
            .varint(1, 4)
            .bytes(8, TABLE.as_bytes());
        let length = length.to_string();
        for (key, value) in [("location", file), ("offset", "65536"), ("length", &length)] {
            table = table.message(
                13,
                &Message::default()
                    .bytes(1, key.as_bytes())
                    .bytes(2, value.as_bytes()),
            );
        }
        let numbers = |values: [f32; 2]| values.map(f32::to_le_bytes).concat();
        let graph = Message::default()
            .message(5, &table)
            .message(5, &tensor_of(SCALES, &[2, 1], &numbers([0.5, 0.25])))
            .message(5, &tensor_of(ZEROS, &[2, 1], &numbers([128.0, 127.0])));
        Message::default().message(7, &graph).into_bytes()
    }

    #[test]
    fn the_table_of_a_converted_graph_is_found_with_what_its_bytes_mean() {
        let table = token_table(&graph(FILE, 10, 40))
            .expect("as it was made")
            .expect("is there");
        assert_eq!((table.offset, table.rows, table.width), (65_536, 10, 4));
        assert_eq!(table.parts, [(128.0, 0.5), (127.0, 0.25)]);
    }

    #[test]
    fn another_graph_has_no_table_and_a_table_that_points_elsewhere_is_refused() {
        let other = Message::default()
            .message(7, &Message::default())
            .into_bytes();
        assert_eq!(token_table(&other), Ok(None));
        assert!(token_table(&graph("../../etc/passwd", 10, 40)).is_err());
        assert!(token_table(&graph(FILE, 11, 40)).is_err());
        assert!(token_table(&graph(FILE, u64::MAX, 40)).is_err());
    }
}
