//! Joins the parts of the token table: the published graph keeps it in seventeen tensors, part `id % 17`, and spends
//! a hundred nodes on sorting ids into parts and rows back into order. One table and one look-up give the same numbers.

use std::collections::HashSet;

use super::ConvertError;
use super::graph::{integer, node, only, text};
use super::wire::{Field, Message, Value, fields, read_varint};

/// Field numbers of the ONNX messages that we touch here.
pub(super) mod number {
    pub(in super::super) const MODEL_GRAPH: u32 = 7;
    pub(in super::super) const GRAPH_NODE: u32 = 1;
    pub(in super::super) const GRAPH_INITIALIZER: u32 = 5;
    pub(in super::super) const GRAPH_OUTPUT: u32 = 12;
    pub(in super::super) const NODE_INPUT: u32 = 1;
    pub(in super::super) const NODE_OUTPUT: u32 = 2;
    pub(in super::super) const TENSOR_DIMENSION: u32 = 1;
    pub(in super::super) const TENSOR_TYPE: u32 = 2;
    pub(in super::super) const TENSOR_FLOATS: u32 = 4;
    pub(in super::super) const TENSOR_INTEGERS: u32 = 5;
    pub(in super::super) const TENSOR_NAME: u32 = 8;
    pub(in super::super) const TENSOR_RAW: u32 = 9;
    pub(in super::super) const OUTPUT_NAME: u32 = 1;
}

const FLOAT: u64 = 1;
const UINT8: u64 = 2;
const INT64: u64 = 7;

/// What the parts are called, up to their number, which begins with 1.
pub(super) const PART: &str = "Func/StatefulPartitionedCall/input/_";
/// The rows of all tokens, in order.
pub(super) const ROWS: &[u8] =
    b"StatefulPartitionedCall/EncoderDNN/EmbeddingLookup/EmbeddingLookupUnique/Reshape_1:0";

/// The joined table: a byte for each number of a row.
pub(super) const TABLE: &str = "wenyuan/table";
/// What a step is worth in rows `id % parts`.
pub(super) const SCALES: &str = "wenyuan/scales";
/// Which byte stands for zero there.
pub(super) const ZEROS: &str = "wenyuan/zeros";

/// One tensor of the table: a byte per element, which stands for (byte - zero) x scale.
struct Part<'a> {
    bytes: &'a [u8],
    scale: f32,
    zero: u8,
}

/// The model with one table. `ids` names the token ids in order, int32. A model without the parts stays as it is.
pub(super) fn join(model: Vec<u8>, ids: &[u8]) -> Result<Vec<u8>, ConvertError> {
    let graph = only(&model, number::MODEL_GRAPH)?;
    let (parts, width) = parts(graph)?;
    if parts.is_empty() {
        return Ok(model);
    }
    let joined = edit(graph, &parts, width, ids)?;
    let mut written = Message::default();
    for field in fields(&model) {
        let field = field?;
        written = if field.number == number::MODEL_GRAPH {
            written.message(number::MODEL_GRAPH, &joined)
        } else {
            written.copy(&field)
        };
    }
    Ok(written.into_bytes())
}

/// The parts in order, and the length of a row.
fn parts(graph: &[u8]) -> Result<(Vec<Part<'_>>, u64), ConvertError> {
    let mut parts = Vec::new();
    let mut shape = None;
    loop {
        let name = |what: &str| format!("{PART}{}:0_{what}", parts.len() + 1);
        let Some(table) = tensor(graph, &name("quantized"))? else {
            return Ok((parts, shape.map_or(0, |(_, width)| width)));
        };
        let [rows, width] = dimensions(table)?[..] else {
            return Err(ConvertError::Graph("a part of its table is not a matrix"));
        };
        let bytes = only(table, number::TENSOR_RAW)?;
        let whole = rows.checked_mul(width) == Some(bytes.len() as u64) && width > 0;
        if !whole || *shape.get_or_insert((rows, width)) != (rows, width) {
            return Err(ConvertError::Graph("the parts of its table differ"));
        }
        let (Some(scale), Some(zero)) = (
            tensor(graph, &name("scale"))?,
            tensor(graph, &name("zero_point"))?,
        ) else {
            return Err(ConvertError::Graph("a part of its table has no scale"));
        };
        let (scale, zero) = (scalar_float(scale)?, scalar_byte(zero)?);
        parts.push(Part { bytes, scale, zero });
    }
}

pub(super) fn tensor<'a>(graph: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, ConvertError> {
    for field in fields(graph) {
        let field = field?;
        if field.number == number::GRAPH_INITIALIZER
            && text(field.bytes(), number::TENSOR_NAME)? == name.as_bytes()
        {
            return Ok(Some(field.bytes()));
        }
    }
    Ok(None)
}

/// A tensor of one float, as raw bytes or as a list of one.
fn scalar_float(tensor: &[u8]) -> Result<f32, ConvertError> {
    let bytes =
        only(tensor, number::TENSOR_RAW).or_else(|_| only(tensor, number::TENSOR_FLOATS))?;
    let bytes = bytes.try_into();
    bytes
        .map(f32::from_le_bytes)
        .map_err(|_| ConvertError::Graph("a scale is not one number"))
}

/// A tensor of one byte, as a raw byte or as a list of one number.
fn scalar_byte(tensor: &[u8]) -> Result<u8, ConvertError> {
    let wrong = ConvertError::Graph("a zero point is not one byte");
    if let Ok(raw) = only(tensor, number::TENSOR_RAW) {
        return <[u8; 1]>::try_from(raw)
            .map(|[byte]| byte)
            .map_err(|_| wrong);
    }
    let (value, rest) = read_varint(only(tensor, number::TENSOR_INTEGERS)?)?;
    u8::try_from(value)
        .ok()
        .filter(|_| rest.is_empty())
        .ok_or(wrong)
}

pub(super) fn dimensions(tensor: &[u8]) -> Result<Vec<u64>, ConvertError> {
    let mut dimensions = Vec::new();
    for field in fields(tensor) {
        let field = field?;
        if let (number::TENSOR_DIMENSION, Value::Varint(size)) = (field.number, field.value) {
            dimensions.push(size);
        }
    }
    Ok(dimensions)
}

fn edit(graph: &[u8], parts: &[Part<'_>], width: u64, ids: &[u8]) -> Result<Message, ConvertError> {
    let nodes = needed(graph, replaced(graph, ids)?)?;
    let used: HashSet<&[u8]> = nodes.iter().flat_map(|node| node.inputs.clone()).collect();
    let mut written = Message::default();
    for node in &nodes {
        written = match &node.source {
            Source::Copied(field) => written.copy(field),
            Source::Made(message) => written.message(number::GRAPH_NODE, message),
        };
    }
    for field in fields(graph) {
        let field = field?;
        written = match field.number {
            number::GRAPH_NODE => written,
            number::GRAPH_INITIALIZER
                if !used.contains(text(field.bytes(), number::TENSOR_NAME)?) =>
            {
                written
            }
            _ => written.copy(&field),
        };
    }
    let count = parts.len() as u64;
    let rows = parts[0].bytes.len() as u64 / width;
    let values = |value: fn(&Part<'_>) -> f32| -> Vec<u8> {
        parts
            .iter()
            .flat_map(|part| value(part).to_le_bytes())
            .collect()
    };
    let scales = values(|part| part.scale);
    let zeros = values(|part| f32::from(part.zero));
    for (name, kind, shape, bytes) in [
        (
            TABLE,
            UINT8,
            &[count * rows, width][..],
            interleave(parts, width as usize),
        ),
        (SCALES, FLOAT, &[count, 1][..], scales),
        (ZEROS, FLOAT, &[count, 1][..], zeros),
        (
            "wenyuan/parts",
            INT64,
            &[][..],
            count.to_le_bytes().to_vec(),
        ),
    ] {
        let tensor = shape.iter().fold(Message::default(), |tensor, size| {
            tensor.varint(number::TENSOR_DIMENSION, *size)
        });
        let tensor = tensor
            .varint(number::TENSOR_TYPE, kind)
            .bytes(number::TENSOR_NAME, name.as_bytes())
            .bytes(number::TENSOR_RAW, &bytes);
        written = written.message(number::GRAPH_INITIALIZER, &tensor);
    }
    Ok(written)
}

/// Row `id` of the whole table is row `id / parts` of part `id % parts`.
fn interleave(parts: &[Part<'_>], width: usize) -> Vec<u8> {
    let rows = parts[0].bytes.len() / width;
    let mut table = Vec::with_capacity(parts.len() * rows * width);
    for row in 0..rows {
        for part in parts {
            table.extend_from_slice(&part.bytes[row * width..(row + 1) * width]);
        }
    }
    table
}

enum Source<'a> {
    Copied(Field<'a>),
    Made(Message),
}

struct Node<'a> {
    source: Source<'a>,
    inputs: Vec<&'a [u8]>,
    outputs: Vec<&'a [u8]>,
}

/// The nodes, with the look-up in place of the one that gave the rows.
fn replaced<'a>(graph: &'a [u8], ids: &'a [u8]) -> Result<Vec<Node<'a>>, ConvertError> {
    let mut nodes = Vec::new();
    let mut found = false;
    for field in fields(graph) {
        let field = field?;
        if field.number != number::GRAPH_NODE {
            continue;
        }
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for part in fields(field.bytes()) {
            let part = part?;
            match part.number {
                number::NODE_INPUT => inputs.push(part.bytes()),
                number::NODE_OUTPUT => outputs.push(part.bytes()),
                _ => {}
            }
        }
        if outputs.contains(&ROWS) {
            found = true;
            nodes.extend(look_up(ids));
            continue;
        }
        let source = Source::Copied(field);
        nodes.push(Node {
            source,
            inputs,
            outputs,
        });
    }
    if found {
        Ok(nodes)
    } else {
        Err(ConvertError::Graph("its token rows are not where expected"))
    }
}

fn look_up(ids: &[u8]) -> Vec<Node<'_>> {
    let made = |kind: &str, inputs: &[&'static [u8]], output: &'static [u8], attribute| Node {
        source: Source::Made(node(kind, inputs, output, attribute)),
        inputs: inputs.to_vec(),
        outputs: vec![output],
    };
    let rows = [integer("axis", 0)];
    vec![
        Node {
            source: Source::Made(node(
                "Cast",
                &[ids],
                b"wenyuan/rows",
                &[integer("to", INT64)],
            )),
            inputs: vec![ids],
            outputs: vec![b"wenyuan/rows"],
        },
        made(
            "Mod",
            &[b"wenyuan/rows", b"wenyuan/parts"],
            b"wenyuan/part",
            &[],
        ),
        made(
            "Gather",
            &[b"wenyuan/table", b"wenyuan/rows"],
            b"wenyuan/bytes",
            &rows,
        ),
        made(
            "Gather",
            &[b"wenyuan/scales", b"wenyuan/part"],
            b"wenyuan/scale",
            &rows,
        ),
        made(
            "Gather",
            &[b"wenyuan/zeros", b"wenyuan/part"],
            b"wenyuan/lowest",
            &rows,
        ),
        made(
            "Cast",
            &[b"wenyuan/bytes"],
            b"wenyuan/raised",
            &[integer("to", FLOAT)],
        ),
        made(
            "Sub",
            &[b"wenyuan/raised", b"wenyuan/lowest"],
            b"wenyuan/steps",
            &[],
        ),
        made("Mul", &[b"wenyuan/steps", b"wenyuan/scale"], ROWS, &[]),
    ]
}

/// The nodes that an output of the graph hangs on.
fn needed<'a>(graph: &'a [u8], nodes: Vec<Node<'a>>) -> Result<Vec<Node<'a>>, ConvertError> {
    let mut wanted: HashSet<&[u8]> = HashSet::new();
    for field in fields(graph) {
        let field = field?;
        if field.number == number::GRAPH_OUTPUT {
            wanted.insert(text(field.bytes(), number::OUTPUT_NAME)?);
        }
    }
    let mut kept = Vec::with_capacity(nodes.len());
    for node in nodes.into_iter().rev() {
        if node.outputs.iter().any(|output| wanted.contains(output)) {
            wanted.extend(&node.inputs);
            kept.push(node);
        }
    }
    kept.reverse();
    Ok(kept)
}
