//! Moves a graph's large tensors into a file of their own (ONNX "external data", onnx.proto3, `TensorProto`).
//!
//! ONNX Runtime maps such a file instead of copying it: several sessions share one copy, only the rows of the token
//! table that texts really use are ever read, and loading takes milliseconds.

use std::collections::HashMap;

use super::ConvertError;
use super::graph::text;
use super::wire::{Message, fields};

/// The file beside the graph.
pub const FILE: &str = "weights.bin";

/// Smaller tensors stay in the graph.
const LARGE: usize = 64 << 10;
/// Every tensor begins at a multiple of this, so that it can be mapped on any system.
const ALIGNMENT: usize = 64 << 10;

const MODEL_GRAPH: u32 = 7;
const GRAPH_INITIALIZER: u32 = 5;
const TENSOR_RAW: u32 = 9;
const TENSOR_EXTERNAL: u32 = 13;
const TENSOR_LOCATION: u32 = 14;
const LOCATION_EXTERNAL: u64 = 1;

/// Where a tensor lies that was moved out.
pub(super) struct External<'a> {
    pub(super) file: &'a str,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// Where a tensor lies; `None` if it is in the graph.
pub(super) fn external(tensor: &[u8]) -> Result<Option<External<'_>>, ConvertError> {
    let mut entries = HashMap::new();
    for field in fields(tensor) {
        let field = field?;
        if field.number == TENSOR_EXTERNAL {
            let part = |number| {
                text(field.bytes(), number).map(|bytes| str::from_utf8(bytes).unwrap_or_default())
            };
            entries.insert(part(1)?, part(2)?);
        }
    }
    let Some(file) = entries.get("location") else {
        return Ok(None);
    };
    let number = |key| entries.get(key).and_then(|value| value.parse().ok());
    match (number("offset"), number("length")) {
        (Some(offset), Some(length)) => Ok(Some(External {
            file,
            offset,
            length,
        })),
        _ => Err(ConvertError::Graph("it does not say where a tensor lies")),
    }
}

/// The graph without its large tensors, and the file that holds them.
pub(super) fn move_out(model: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ConvertError> {
    let (mut written, mut weights) = (Message::default(), Vec::new());
    for field in fields(model) {
        let field = field?;
        written = if field.number == MODEL_GRAPH {
            written.message(MODEL_GRAPH, &from_graph(field.bytes(), &mut weights)?)
        } else {
            written.copy(&field)
        };
    }
    Ok((written.into_bytes(), weights))
}

fn from_graph(graph: &[u8], weights: &mut Vec<u8>) -> Result<Message, ConvertError> {
    let mut written = Message::default();
    for field in fields(graph) {
        let field = field?;
        written = if field.number == GRAPH_INITIALIZER {
            written.message(GRAPH_INITIALIZER, &from_tensor(field.bytes(), weights)?)
        } else {
            written.copy(&field)
        };
    }
    Ok(written)
}

fn from_tensor(tensor: &[u8], weights: &mut Vec<u8>) -> Result<Message, ConvertError> {
    let mut written = Message::default();
    for field in fields(tensor) {
        let field = field?;
        let bytes = field.bytes();
        if field.number != TENSOR_RAW || bytes.len() < LARGE {
            written = written.copy(&field);
            continue;
        }
        weights.resize(weights.len().next_multiple_of(ALIGNMENT), 0);
        let (offset, length) = (weights.len().to_string(), bytes.len().to_string());
        weights.extend_from_slice(bytes);
        for (key, value) in [("location", FILE), ("offset", &offset), ("length", &length)] {
            let entry = Message::default()
                .bytes(1, key.as_bytes())
                .bytes(2, value.as_bytes());
            written = written.message(TENSOR_EXTERNAL, &entry);
        }
        written = written.varint(TENSOR_LOCATION, LOCATION_EXTERNAL);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::super::wire::Message;
    use super::{ALIGNMENT, LARGE, move_out};

    fn model(tensors: &[&[u8]]) -> Vec<u8> {
        let graph = tensors
            .iter()
            .enumerate()
            .fold(Message::default(), |graph, (number, raw)| {
                let name = format!("tensor {number}");
                let tensor = Message::default().bytes(8, name.as_bytes()).bytes(9, raw);
                graph.message(5, &tensor)
            });
        Message::default()
            .varint(1, 7)
            .message(7, &graph)
            .into_bytes()
    }

    #[test]
    fn large_tensors_lie_whole_and_aligned_in_the_file_and_small_ones_stay() {
        let (first, small, second) = (vec![1; LARGE + 3], vec![2; 10], vec![3; LARGE]);
        let (graph, weights) = move_out(&model(&[&first, &small, &second])).expect("whole");
        assert!(graph.windows(10).any(|window| window == small));
        assert!(graph.len() < 400, "{}", graph.len());
        let at = first.len().next_multiple_of(ALIGNMENT);
        assert_eq!(weights.len(), at + second.len());
        assert_eq!(weights[..first.len()], first);
        assert_eq!(weights[at..], second);
        let text = String::from_utf8_lossy(&graph);
        assert!(text.contains("weights.bin") && text.contains(&at.to_string()));
    }

    #[test]
    fn a_model_without_large_tensors_is_unchanged() {
        let model = model(&[b"small"]);
        assert_eq!(move_out(&model), Ok((model, Vec::new())));
    }
}
