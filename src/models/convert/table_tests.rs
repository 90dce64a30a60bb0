//! What joining the parts of the token table must keep.

use super::graph::{node, text};
use super::table::{PART, ROWS, join, number, tensor};
use super::wire::{Message, fields};

fn tensor_of(name: &str, dimensions: &[u64], raw: &[u8]) -> Message {
    let tensor = dimensions
        .iter()
        .fold(Message::default(), |tensor, size| tensor.varint(1, *size));
    tensor.bytes(8, name.as_bytes()).bytes(9, raw)
}

/// Two parts of two rows; the ids go through a node that nobody will need.
fn model(second: &[u8]) -> Vec<u8> {
    let mut graph = Message::default()
        .message(1, &node("Old", &[b"ids"], b"old", &[]))
        .message(1, &node("Reshape", &[b"old"], ROWS, &[]))
        .message(1, &node("Net", &[ROWS], b"vectors", &[]))
        .message(12, &Message::default().bytes(1, b"vectors"));
    for (part, rows) in [(1, &b"aabb"[..]), (2, second)] {
        let name = |what: &str| format!("{PART}{part}:0_{what}");
        // Both forms that a number may have.
        let zero = Message::default().bytes(5, &[0x80 | part, 1]);
        let zero = zero.bytes(8, name("zero_point").as_bytes());
        graph = graph
            .message(5, &tensor_of(&name("quantized"), &[2, 2], rows))
            .message(5, &tensor_of(&name("scale"), &[], &0.5_f32.to_le_bytes()))
            .message(5, &zero);
    }
    Message::default().message(7, &graph).into_bytes()
}

#[test]
fn rows_lie_in_the_order_of_their_ids_and_old_nodes_and_parts_are_gone() {
    let joined = join(model(b"ccdd"), b"ids").expect("of the form expected");
    let graph = fields(&joined)
        .next()
        .expect("a graph")
        .expect("whole")
        .bytes();
    let table = tensor(graph, "wenyuan/table")
        .expect("whole")
        .expect("is there");
    assert!(table.ends_with(b"aaccbbdd"));
    let zeros = tensor(graph, "wenyuan/zeros")
        .expect("whole")
        .expect("is there");
    assert!(zeros.ends_with(&[129_f32.to_le_bytes(), 130_f32.to_le_bytes()].concat()));
    assert!(
        tensor(graph, &format!("{PART}1:0_quantized"))
            .expect("whole")
            .is_none()
    );
    let kinds: Vec<String> = fields(graph)
        .map(|field| field.expect("whole"))
        .filter(|field| field.number == number::GRAPH_NODE)
        .map(|field| String::from_utf8_lossy(text(field.bytes(), 4).expect("a kind")).into())
        .collect();
    let expected = [
        "Cast", "Mod", "Gather", "Gather", "Gather", "Cast", "Sub", "Mul", "Net",
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn a_part_of_another_size_is_an_error() {
    assert!(join(model(b"cc"), b"ids").is_err());
}
