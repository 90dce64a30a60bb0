//! Edits the ONNX graph: its string input and tokenizer node go, `input_ids` and `attention_mask` come.

use super::ConvertError;
use super::wire::{Field, Message, Value, fields};

/// Field numbers of the ONNX messages that we touch.
mod number {
    pub(super) const MODEL_GRAPH: u32 = 7;
    pub(super) const MODEL_OPSET: u32 = 8;
    pub(super) const OPSET_DOMAIN: u32 = 1;
    pub(super) const GRAPH_NODE: u32 = 1;
    pub(super) const GRAPH_INITIALIZER: u32 = 5;
    pub(super) const GRAPH_INPUT: u32 = 11;
    pub(super) const NODE_INPUT: u32 = 1;
    pub(super) const NODE_OUTPUT: u32 = 2;
    pub(super) const NODE_TYPE: u32 = 4;
    pub(super) const NODE_ATTRIBUTE: u32 = 5;
    pub(super) const NODE_DOMAIN: u32 = 7;
    pub(super) const ATTRIBUTE_NAME: u32 = 1;
    pub(super) const ATTRIBUTE_STRING: u32 = 4;
    pub(super) const TENSOR_NAME: u32 = 8;
}

const EXTENSION_DOMAIN: &[u8] = b"ai.onnx.contrib";
const TOKENIZER: &[u8] = b"SentencepieceTokenizer";
const BOOL: u64 = 9;
const INT32: u64 = 6;
const INT64: u64 = 7;

/// The graph without its tokenizer, and the SentencePiece model that was inside.
#[derive(Debug)]
pub(super) struct Cut<'a> {
    pub(super) model: Vec<u8>,
    /// What the graph calls the ids of all tokens in order, int32.
    pub(super) ids: &'a [u8],
    pub(super) sentencepiece: &'a [u8],
}

/// The node that is taken out.
struct TokenizerNode<'a> {
    raw: &'a [u8],
    inputs: Vec<&'a [u8]>,
    outputs: Vec<&'a [u8]>,
    sentencepiece: &'a [u8],
}

pub(super) fn cut_tokenizer(model: &[u8]) -> Result<Cut<'_>, ConvertError> {
    let graph = only(model, number::MODEL_GRAPH)?;
    let node = find_tokenizer(graph)?;
    let edited = edit_graph(graph, &node)?;
    let mut written = Message::default();
    for field in fields(model) {
        let field = field?;
        written = match field.number {
            number::MODEL_GRAPH => written.message(number::MODEL_GRAPH, &edited),
            number::MODEL_OPSET
                if text(field.bytes(), number::OPSET_DOMAIN)? == EXTENSION_DOMAIN =>
            {
                written
            }
            _ => written.copy(&field),
        };
    }
    Ok(Cut {
        model: written.into_bytes(),
        ids: node.outputs[0],
        sentencepiece: node.sentencepiece,
    })
}

fn find_tokenizer(graph: &[u8]) -> Result<TokenizerNode<'_>, ConvertError> {
    let mut found = None;
    for field in fields(graph) {
        let field = field?;
        if field.number == number::GRAPH_NODE
            && text(field.bytes(), number::NODE_DOMAIN)? == EXTENSION_DOMAIN
        {
            if found.is_some() || text(field.bytes(), number::NODE_TYPE)? != TOKENIZER {
                return Err(ConvertError::Graph("it uses other extension operators"));
            }
            found = Some(read_tokenizer(&field)?);
        }
    }
    found.ok_or(ConvertError::Graph("it has no SentencePiece operator"))
}

fn read_tokenizer<'a>(node: &Field<'a>) -> Result<TokenizerNode<'a>, ConvertError> {
    let mut found = TokenizerNode {
        raw: node.raw,
        inputs: Vec::new(),
        outputs: Vec::new(),
        sentencepiece: &[],
    };
    for field in fields(node.bytes()) {
        let field = field?;
        match field.number {
            number::NODE_INPUT => found.inputs.push(field.bytes()),
            number::NODE_OUTPUT => found.outputs.push(field.bytes()),
            number::NODE_ATTRIBUTE if text(field.bytes(), number::ATTRIBUTE_NAME)? == b"model" => {
                found.sentencepiece = only(field.bytes(), number::ATTRIBUTE_STRING)?;
            }
            _ => {}
        }
    }
    if found.inputs.is_empty() || found.outputs.len() != 2 || found.sentencepiece.is_empty() {
        return Err(ConvertError::Graph(
            "its SentencePiece operator has other inputs or outputs",
        ));
    }
    Ok(found)
}

fn edit_graph(graph: &[u8], tokenizer: &TokenizerNode<'_>) -> Result<Message, ConvertError> {
    let unused = constants_used_only_by(graph, tokenizer)?;
    let mut written = Message::default();
    for node in replacement_nodes(tokenizer.outputs[0], tokenizer.outputs[1]) {
        written = written.message(number::GRAPH_NODE, &node);
    }
    let mut inputs = 0;
    for field in fields(graph) {
        let field = field?;
        written = match field.number {
            number::GRAPH_NODE if field.raw == tokenizer.raw => written,
            number::GRAPH_INPUT => {
                inputs += 1;
                written
            }
            number::GRAPH_INITIALIZER
                if unused.contains(&text(field.bytes(), number::TENSOR_NAME)?) =>
            {
                written
            }
            _ => written.copy(&field),
        };
    }
    if inputs != 1 {
        return Err(ConvertError::Graph("it has more inputs than the text"));
    }
    for name in ["input_ids", "attention_mask"] {
        written = written.message(number::GRAPH_INPUT, &matrix_input(name));
    }
    Ok(written)
}

/// Names of the tokenizer's constant inputs that appear in no other node, not even inside a nested graph.
fn constants_used_only_by<'a>(
    graph: &'a [u8],
    tokenizer: &TokenizerNode<'a>,
) -> Result<Vec<&'a [u8]>, ConvertError> {
    let mut unused: Vec<&[u8]> = tokenizer
        .inputs
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect();
    for field in fields(graph) {
        let field = field?;
        if field.number == number::GRAPH_NODE && field.raw != tokenizer.raw {
            unused.retain(|name| !field.raw.windows(name.len()).any(|window| window == *name));
        }
    }
    Ok(unused)
}

/// `values` = the unmasked ids in order, int32; `splits` = 0 and the running sum of the lengths, int64.
fn replacement_nodes(values: &[u8], splits: &[u8]) -> Vec<Message> {
    vec![
        constant(b"wenyuan/flat", &[1], u64::MAX),
        constant(b"wenyuan/zero", &[1], 0),
        constant(b"wenyuan/axis", &[], 0),
        node(
            "Reshape",
            &[b"input_ids", b"wenyuan/flat"],
            b"wenyuan/ids",
            &[],
        ),
        node(
            "Reshape",
            &[b"attention_mask", b"wenyuan/flat"],
            b"wenyuan/mask",
            &[],
        ),
        node(
            "Cast",
            &[b"wenyuan/mask"],
            b"wenyuan/keep",
            &[integer("to", BOOL)],
        ),
        node(
            "Compress",
            &[b"wenyuan/ids", b"wenyuan/keep"],
            b"wenyuan/kept",
            &[integer("axis", 0)],
        ),
        node("Cast", &[b"wenyuan/kept"], values, &[integer("to", INT32)]),
        node(
            "ReduceSum",
            &[b"attention_mask"],
            b"wenyuan/lengths",
            &[integers("axes", &[1]), integer("keepdims", 0)],
        ),
        node(
            "CumSum",
            &[b"wenyuan/lengths", b"wenyuan/axis"],
            b"wenyuan/ends",
            &[],
        ),
        node(
            "Concat",
            &[b"wenyuan/zero", b"wenyuan/ends"],
            splits,
            &[integer("axis", 0)],
        ),
    ]
}

pub(super) fn node(kind: &str, inputs: &[&[u8]], output: &[u8], attributes: &[Message]) -> Message {
    let mut message = Message::default();
    for input in inputs {
        message = message.bytes(number::NODE_INPUT, input);
    }
    message = message
        .bytes(number::NODE_OUTPUT, output)
        .bytes(number::NODE_TYPE, kind.as_bytes());
    for attribute in attributes {
        message = message.message(number::NODE_ATTRIBUTE, attribute);
    }
    message
}

pub(super) fn integer(name: &str, value: u64) -> Message {
    const TYPE_INT: u64 = 2;
    Message::default()
        .bytes(number::ATTRIBUTE_NAME, name.as_bytes())
        .varint(3, value)
        .varint(20, TYPE_INT)
}

fn integers(name: &str, values: &[u64]) -> Message {
    const TYPE_INTS: u64 = 7;
    let message = Message::default().bytes(number::ATTRIBUTE_NAME, name.as_bytes());
    values
        .iter()
        .fold(message, |message, value| message.varint(8, *value))
        .varint(20, TYPE_INTS)
}

/// An int64 constant: a scalar where `dimensions` is empty, else a vector of one.
fn constant(output: &[u8], dimensions: &[u64], value: u64) -> Message {
    const TYPE_TENSOR: u64 = 4;
    let tensor = dimensions
        .iter()
        .fold(Message::default(), |tensor, size| tensor.varint(1, *size));
    let tensor = tensor.varint(2, INT64).bytes(9, &value.to_le_bytes());
    let attribute = Message::default()
        .bytes(number::ATTRIBUTE_NAME, b"value")
        .message(5, &tensor);
    node(
        "Constant",
        &[],
        output,
        &[attribute.varint(20, TYPE_TENSOR)],
    )
}

fn matrix_input(name: &str) -> Message {
    let shape = ["batch", "sequence"]
        .iter()
        .fold(Message::default(), |shape, size| {
            shape.message(1, &Message::default().bytes(2, size.as_bytes()))
        });
    let tensor = Message::default().varint(1, INT64).message(2, &shape);
    Message::default()
        .bytes(1, name.as_bytes())
        .message(2, &Message::default().message(1, &tensor))
}

/// The first text field of that number; empty where there is none.
pub(super) fn text(message: &[u8], number: u32) -> Result<&[u8], ConvertError> {
    for field in fields(message) {
        let field = field?;
        if field.number == number && matches!(field.value, Value::Bytes(_)) {
            return Ok(field.bytes());
        }
    }
    Ok(&[])
}

/// The one field of that number.
pub(super) fn only(message: &[u8], number: u32) -> Result<&[u8], ConvertError> {
    let mut found = None;
    for field in fields(message) {
        let field = field?;
        if field.number == number && found.replace(field.bytes()).is_some() {
            return Err(ConvertError::Graph(
                "a part that must be single is repeated",
            ));
        }
    }
    found.ok_or(ConvertError::Graph("a part is missing"))
}
