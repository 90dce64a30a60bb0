//! Our filters in the words of Qdrant's gRPC interface.

use qdrant_client::qdrant as grpc;

use crate::store::filter::{Condition, Filter, numbers};

/// Translates a settled filter; an empty one passes everything there too.
pub(super) fn translate(filter: &Filter) -> grpc::Filter {
    grpc::Filter {
        must: filter.must.iter().map(condition).collect(),
        must_not: filter.must_not.iter().map(condition).collect(),
        ..grpc::Filter::default()
    }
}

fn condition(condition: &Condition) -> grpc::Condition {
    match condition {
        Condition::Any(field, values) if field.is_number() => {
            grpc::Condition::matches(field.key(), numbers(values).collect::<Vec<_>>())
        }
        Condition::Any(field, values) => grpc::Condition::matches(field.key(), values.clone()),
        Condition::Range(field, low, high) => {
            let bound = |end: &Option<i64>| end.map(|end| end as f64);
            let range = grpc::Range {
                lt: None,
                gt: None,
                gte: bound(low),
                lte: bound(high),
            };
            grpc::Condition::range(field.key(), range)
        }
        Condition::Ids(ids) => grpc::Condition::has_id(ids.iter().map(|id| id.0.to_string())),
        Condition::AnyOf(filters) => grpc::Condition::from(grpc::Filter {
            should: filters
                .iter()
                .map(|filter| grpc::Condition::from(translate(filter)))
                .collect(),
            ..grpc::Filter::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use qdrant_client::qdrant::condition::ConditionOneOf;
    use qdrant_client::qdrant::r#match::MatchValue;
    use uuid::Uuid;

    use super::*;
    use crate::model::ChunkId;
    use crate::store::Field;

    fn only(condition: Condition) -> ConditionOneOf {
        let filter = translate(&Filter {
            must: vec![condition],
            must_not: Vec::new(),
        });
        let [condition] = filter.must.try_into().expect("one condition");
        condition
            .condition_one_of
            .expect("a condition of some kind")
    }

    fn matched(condition: Condition) -> (String, MatchValue) {
        let ConditionOneOf::Field(field) = only(condition) else {
            panic!("not a field condition");
        };
        let value = field.r#match.and_then(|value| value.match_value);
        (field.key, value.expect("a match"))
    }

    #[test]
    fn words_become_keywords_and_numbers_integers() {
        let words = matched(Condition::Any(
            Field::Tag,
            vec!["法规".into(), "laws".into()],
        ));
        let keywords = grpc::RepeatedStrings {
            strings: vec!["法规".into(), "laws".into()],
        };
        assert_eq!(words, ("tags".into(), MatchValue::Keywords(keywords)));

        let pages = matched(Condition::Any(Field::Page, vec!["3".into(), "iv".into()]));
        let integers = grpc::RepeatedIntegers { integers: vec![3] };
        assert_eq!(pages, ("page".into(), MatchValue::Integers(integers)));
    }

    #[test]
    fn a_range_is_closed_and_keeps_its_open_end() {
        let ConditionOneOf::Field(field) = only(Condition::Range(Field::AddedAt, Some(5), None))
        else {
            panic!("not a field condition");
        };
        let range = field.range.expect("a range");
        assert_eq!(
            (range.gte, range.lte, range.gt, range.lt),
            (Some(5.0), None, None, None)
        );
    }

    #[test]
    fn ids_are_written_as_uuids_and_exclusions_stay_exclusions() {
        let id = ChunkId(Uuid::from_u128(9));
        let filter = translate(&Filter {
            must: Vec::new(),
            must_not: vec![Condition::Ids(vec![id])],
        });
        assert!(filter.must.is_empty() && filter.should.is_empty());
        let expected = grpc::Condition::has_id([id.to_string()]);
        assert_eq!(filter.must_not, vec![expected]);
    }
}
