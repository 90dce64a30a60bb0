//! What an ONNX graph gives back, read from its file before anything runs: fastembed takes an output `logits` for granted
//! and cuts it as if it had two dimensions.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// A graph's descriptions of outputs are some hundred bytes.
const MOST_BYTES: u64 = 1 << 16;
const MOST_OUTPUTS: usize = 64;

/// Numbers of the fields on the way, as onnx.proto has them.
const GRAPH: u64 = 7;
const OUTPUT: u64 = 12;
/// The type of 32-bit floats.
const FLOAT: u64 = 1;

/// Whether the graph has an output `logits` of at least two dimensions and of 32-bit floats, as far as it says.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let size = file.metadata().map_err(|error| error.to_string())?.len();
    let outputs = outputs(&mut BufReader::new(file), size)
        .map_err(|_| "it is not a whole ONNX graph".to_owned())?;
    let Some(logits) = outputs.iter().find(|output| output.name == "logits") else {
        let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
        return Err(format!(
            "a reranker's graph has an output `logits`; this one has {}",
            names.join(", ")
        ));
    };
    if logits.dimensions.is_some_and(|count| count < 2) {
        return Err("its output `logits` has not a row for each pair".to_owned());
    }
    if logits.element.is_some_and(|kind| kind != FLOAT) {
        return Err("its output `logits` does not hold 32-bit floats".to_owned());
    }
    Ok(())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Output {
    name: String,
    element: Option<u64>,
    /// `None` where the graph leaves the shape open.
    dimensions: Option<usize>,
}

struct Malformed;

/// The outputs of the graph, reading over everything else.
fn outputs(reader: &mut (impl Read + Seek), size: u64) -> Result<Vec<Output>, Malformed> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < size {
        let (number, length) = field(reader, &mut at, size)?;
        if number != GRAPH {
            skip(reader, &mut at, length)?;
            continue;
        }
        let end = at + length;
        while at < end {
            let (number, length) = field(reader, &mut at, end)?;
            if number != OUTPUT {
                skip(reader, &mut at, length)?;
                continue;
            }
            if length > MOST_BYTES || found.len() >= MOST_OUTPUTS {
                return Err(Malformed);
            }
            let mut bytes = vec![0; usize::try_from(length).map_err(|_| Malformed)?];
            reader.read_exact(&mut bytes).map_err(|_| Malformed)?;
            at += length;
            found.push(output(&bytes)?);
        }
    }
    Ok(found)
}

/// A field's number and the bytes that follow, which end before `end`.
fn field(reader: &mut impl Read, at: &mut u64, end: u64) -> Result<(u64, u64), Malformed> {
    let key = varint(reader, at)?;
    let length = match key & 7 {
        0 => {
            varint(reader, at)?;
            0
        }
        1 => 8,
        2 => varint(reader, at)?,
        5 => 4,
        _ => return Err(Malformed),
    };
    let fits = at.checked_add(length).is_some_and(|after| after <= end);
    if fits {
        Ok((key >> 3, length))
    } else {
        Err(Malformed)
    }
}

fn varint(reader: &mut impl Read, at: &mut u64) -> Result<u64, Malformed> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let mut byte = [0];
        reader.read_exact(&mut byte).map_err(|_| Malformed)?;
        *at += 1;
        number |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Malformed)
}

fn skip(reader: &mut impl Seek, at: &mut u64, length: u64) -> Result<(), Malformed> {
    *at += length;
    let moved = reader.seek(SeekFrom::Start(*at));
    moved.map(drop).map_err(|_| Malformed)
}

/// `ValueInfoProto`: name = 1, type = 2; in it `tensor_type` = 1; in that `elem_type` = 1, shape = 2; in that dim = 1.
fn output(bytes: &[u8]) -> Result<Output, Malformed> {
    let mut found = Output::default();
    for (number, value) in parts(bytes)? {
        match (number, value) {
            (1, Part::Bytes(name)) => found.name = String::from_utf8_lossy(name).into_owned(),
            (2, Part::Bytes(kind)) => {
                for (number, tensor) in parts(kind)? {
                    if let (1, Part::Bytes(tensor)) = (number, tensor) {
                        of_tensor(tensor, &mut found)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn of_tensor(bytes: &[u8], found: &mut Output) -> Result<(), Malformed> {
    for (number, value) in parts(bytes)? {
        match (number, value) {
            (1, Part::Number(element)) => found.element = Some(element),
            (2, Part::Bytes(shape)) => {
                let dimensions = parts(shape)?.into_iter().filter(|(number, _)| *number == 1);
                found.dimensions = Some(dimensions.count());
            }
            _ => {}
        }
    }
    Ok(())
}

enum Part<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a small message.
fn parts(bytes: &[u8]) -> Result<Vec<(u64, Part<'_>)>, Malformed> {
    let mut found = Vec::new();
    let (mut rest, mut ignored) = (bytes, 0);
    while !rest.is_empty() {
        let key = varint(&mut rest, &mut ignored)?;
        let length = match key & 7 {
            0 => {
                let number = varint(&mut rest, &mut ignored)?;
                found.push((key >> 3, Part::Number(number)));
                continue;
            }
            1 => 8,
            2 => varint(&mut rest, &mut ignored)?,
            5 => 4,
            _ => return Err(Malformed),
        };
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (value, after) = rest.split_at_checked(length).ok_or(Malformed)?;
        found.push((key >> 3, Part::Bytes(value)));
        rest = after;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let length = bytes.len() as u64;
            drop(outputs(&mut Cursor::new(&bytes), length));
            drop(output(&bytes));
        }
    }
}
