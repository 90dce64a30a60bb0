//! What both Qdrant backends write beside the vectors, for filters; nothing of it is read back.

use serde_json::{Map, Value, json};
use wenyuan_ingest::PointPayload;

use crate::store::Field;

/// The payload as stored: absent values are left out, so that filters see them as missing on every backend.
pub(super) fn to_json(payload: &PointPayload) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut insert = |key: &str, value: Value| {
        fields.insert(key.to_owned(), value);
    };
    insert(Field::KnowledgeBase.key(), json!(payload.knowledge_base));
    insert(Field::Document.key(), json!(payload.document));
    insert(Field::Version.key(), json!(payload.version));
    insert("ordinal", json!(payload.ordinal));
    insert(Field::Language.key(), json!(payload.language));
    insert(Field::Kind.key(), json!(payload.kind));
    insert(Field::Tag.key(), json!(payload.tags));
    if !payload.headings.is_empty() {
        insert(Field::Heading.key(), json!(payload.headings));
    }
    insert(Field::AddedAt.key(), json!(payload.added_at));
    if let Some(page) = payload.page {
        insert(Field::Page.key(), json!(page));
    }
    fields
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use wenyuan_ingest::Language;

    use super::*;

    #[test]
    fn a_missing_page_is_left_out_and_a_version_is_text() {
        let version = Uuid::from_u128(7);
        let fields = to_json(&PointPayload {
            knowledge_base: Uuid::from_u128(1),
            document: Uuid::from_u128(2),
            version,
            ordinal: 3,
            page: None,
            language: Language::TraditionalChinese,
            kind: "pdf".to_owned(),
            tags: vec!["法規".to_owned()],
            headings: Vec::new(),
            added_at: 1_700_000_000,
        });
        assert!(!fields.contains_key("page") && !fields.contains_key("headings"));
        assert_eq!(fields["language"], "zh-Hant");
        assert_eq!(fields["tags"], json!(["法規"]));
        assert_eq!(fields["version"], version.to_string());
    }
}
