//! A JSON value whose members keep the order of the file; `serde_json`'s own sorts them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Length of the path in front of a key; deep files would repeat long paths for each value.
const PREFIX: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A string, a number, a truth value, or nothing for `null`.
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The member of this name; `None` for lists and texts.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members
                .iter()
                .find_map(|(key, value)| (key == name).then_some(value)),
            Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The text, or the texts of a list put together, as notebooks write long ones.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::List(parts) => parts.iter().map(Self::text).collect(),
            Self::Map(_) => None,
        }
    }

    /// The elements of a list; none for all else.
    pub(super) fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            Self::Text(_) | Self::Map(_) => &[],
        }
    }

    /// All texts in it in order, each with the keys on the way to it. Plain lists are one text.
    pub(super) fn leaves(&self, prefix: &str, found: &mut Vec<(String, String)>) {
        match self {
            Self::Text(text) => {
                if !text.trim().is_empty() {
                    found.push((prefix.to_owned(), text.clone()));
                }
            }
            Self::List(elements) => match plain_list(elements) {
                Some(text) if text.trim().is_empty() => {}
                Some(text) => found.push((prefix.to_owned(), text)),
                None => {
                    for (index, element) in elements.iter().enumerate() {
                        element.leaves(&join(prefix, &(index + 1).to_string()), found);
                    }
                }
            },
            Self::Map(members) => {
                for (key, value) in members {
                    value.leaves(&join(prefix, key), found);
                }
            }
        }
    }
}

/// The elements as one text when no objects are among them; inner lists, as of coordinates, stand in brackets.
pub(super) fn plain_list(elements: &[Value]) -> Option<String> {
    let texts: Option<Vec<String>> = elements
        .iter()
        .map(|element| match element {
            Value::Text(text) => Some(text.clone()),
            Value::List(inner) => plain_list(inner).map(|text| format!("[{text}]")),
            Value::Map(_) => None,
        })
        .collect();
    let texts = texts?;
    let prose = |element: &Value| matches!(element, Value::Text(text) if text.chars().count() > 40);
    let lines = elements.iter().any(prose);
    Some(texts.join(if lines { "\n" } else { ", " }))
}

/// A key below others; of a long path only the end is kept.
pub(super) fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() {
        return key.to_owned();
    }
    let length = prefix.chars().count();
    if length <= PREFIX {
        return format!("{prefix} › {key}");
    }
    let end: String = prefix.chars().skip(length - PREFIX).collect();
    format!("…{end} › {key}")
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Text(String::new()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Value::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Value::Map(members))
    }
}
