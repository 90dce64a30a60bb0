//! Our filters in the words of qdrant-edge.

use qdrant_edge as edge;
use qdrant_edge::external::ordered_float::OrderedFloat;

use crate::store::filter::{Condition, Field, Filter, numbers};

/// Translates a settled filter; the empty one becomes `None`, which passes everything.
pub(super) fn translate(filter: &Filter) -> Option<edge::Filter> {
    let all = |conditions: &[Condition]| {
        let translated: Vec<_> = conditions.iter().map(condition).collect();
        (!translated.is_empty()).then_some(translated)
    };
    let (must, must_not) = (all(&filter.must), all(&filter.must_not));
    (must.is_some() || must_not.is_some()).then(|| edge::Filter {
        must,
        must_not,
        ..edge::Filter::default()
    })
}

/// The payload path of a field.
pub(super) fn path(field: Field) -> edge::JsonPath {
    key_path(field.key())
}

/// The payload path of a key.
pub(super) fn key_path(key: &str) -> edge::JsonPath {
    edge::JsonPath {
        first_key: key.to_owned(),
        rest: Vec::new(),
    }
}

/// A single value is matched as such: edge gathers the chunks of several in a set, which takes longer than comparing their
/// vectors.
fn matching(field: Field, values: &[String]) -> edge::Match {
    if field.is_number() {
        return edge::Match::from(numbers(values).collect::<Vec<_>>());
    }
    match values {
        [value] => edge::Match::new_value(edge::ValueVariants::String(value.clone())),
        _ => edge::Match::from(values.to_vec()),
    }
}

fn condition(condition: &Condition) -> edge::Condition {
    match condition {
        Condition::Any(field, values) => {
            let values = matching(*field, values);
            edge::Condition::Field(edge::FieldCondition::new_match(path(*field), values))
        }
        Condition::Range(field, low, high) => {
            let bound = |end: &Option<i64>| end.map(|end| OrderedFloat(end as f64));
            let range = edge::Range {
                lt: None,
                gt: None,
                gte: bound(low),
                lte: bound(high),
            };
            edge::Condition::Field(edge::FieldCondition::new_range(path(*field), range))
        }
        Condition::Ids(ids) => {
            let ids = ids.iter().map(|id| edge::PointId::Uuid(id.0));
            edge::Condition::HasId(ids.collect())
        }
        Condition::AnyOf(filters) => {
            let inner = |filter| edge::Condition::Filter(translate(filter).unwrap_or_default());
            edge::Condition::Filter(edge::Filter {
                should: Some(filters.iter().map(inner).collect()),
                ..edge::Filter::default()
            })
        }
    }
}
