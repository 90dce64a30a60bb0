//! How a qdrant-edge shard is laid out on disk: its named vectors, its payload indexes, and what they may cost.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use qdrant_edge as edge;

use super::{BM25, DENSE, QUANTIZED_QUANTILE, SENTENCES, edge_filter};
use crate::store::Field;

/// The log is preallocated in pieces of this size; one write of ours is about a megabyte.
const LOG_SEGMENT_BYTES: usize = 8 * 1024 * 1024;

/// From this size on a segment is closed: it gets a compact lexical index, and no more is written to it. Some three
/// thousand passages. What is written, and what is being closed, is mapped whole.
pub(super) const CLOSED_FROM_KILOBYTES: usize = 18_000;

/// Closed segments are put together up to this size as they come, for the same reason.
pub(super) const SMALL_KILOBYTES: usize = 50_000;

/// How the elements of vectors are stored. Half precision moves a cosine by less than a thousandth, for half the bytes.
const ELEMENTS: edge::VectorStorageDatatype = edge::VectorStorageDatatype::Float16;

/// Neighbours that a vector has in the graph at least, and candidates that are looked at to find them: edge's own defaults.
const GRAPH: (usize, usize) = (16, 100);

/// The same for a collection whose vectors are quantized. With a million chunks the walk through a graph of the other kind
/// loses 3 of 100 nearest neighbours, and looking at more candidates costs more time than looking at denser ones.
const DENSE_GRAPH: (usize, usize) = (32, 200);

/// How vectors are stored in an index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    pub(super) elements: edge::VectorStorageDatatype,
    /// Passage vectors are kept as bytes too.
    pub(super) quantized: bool,
}

impl Layout {
    /// A new index's.
    pub(super) const NEW: Self = Self {
        elements: ELEMENTS,
        quantized: false,
    };

    /// An index's own, by its configuration as JSON: what an earlier program stored goes on in its precision.
    pub(super) fn stored(config: &serde_json::Value) -> Self {
        let dense = &config["vectors"][DENSE];
        let stored = dense.get("datatype").cloned();
        let known = stored.and_then(|name| serde_json::from_value(name).ok());
        Self {
            elements: known.unwrap_or(edge::VectorStorageDatatype::Float32),
            quantized: !dense["quantization_config"].is_null(),
        }
    }

    /// That of an open shard.
    pub(super) fn of(shard: &edge::EdgeShard) -> Self {
        let config = shard.config();
        let dense = config.vectors.get(DENSE);
        let elements = dense.and_then(|dense| dense.datatype);
        Self {
            elements: elements.unwrap_or(edge::VectorStorageDatatype::Float32),
            quantized: dense.is_some_and(|dense| dense.quantization_config.is_some()),
        }
    }
}

/// The shard's configuration for vectors of this length that are stored in this way.
pub(super) fn config(dimension: usize, layout: Layout) -> edge::EdgeConfig {
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let (m, ef_construct) = if layout.quantized { DENSE_GRAPH } else { GRAPH };
    let graph = edge::HnswIndexConfig {
        m,
        ef_construct,
        max_indexing_threads: (cores / 2).max(1),
        memory: Some(edge::Memory::Cold),
        ..edge::HnswIndexConfig::default()
    };
    let no_graph = edge::HnswIndexConfig {
        m: 0,
        payload_m: Some(0),
        ..graph
    };
    // Cold is everything, so that a closed segment takes no memory of ours until it is searched.
    let mut dense = edge::EdgeVectorParams::builder(dimension, edge::Distance::Cosine)
        .datatype(layout.elements)
        .memory(edge::Memory::Cold)
        .hnsw_config(graph);
    if layout.quantized {
        dense = dense.quantization_config(quantization());
    }
    // Sentences only rescore what the other vectors found, so they need no graph and no memory of their own.
    let sentences = edge::EdgeVectorParams::builder(dimension, edge::Distance::Cosine)
        .datatype(layout.elements)
        .memory(edge::Memory::Cold)
        .hnsw_config(no_graph)
        .multivector_config(edge::MultiVectorConfig {
            comparator: edge::MultiVectorComparator::MaxSim,
        })
        .build();
    // Once in order, read from the file: on the heap its postings are kilobytes for each passage.
    let bm25 = edge::EdgeSparseVectorParams::builder()
        .memory(edge::Memory::Cold)
        .modifier(edge::Modifier::Idf)
        .build();
    edge::EdgeConfig::builder()
        .vector(DENSE, dense.build())
        .vector(SENTENCES, sentences)
        .sparse_vector(BM25, bm25)
        .payload_memory(edge::Memory::Cold)
        .hnsw_config(graph)
        .optimizers(order(CLOSED_FROM_KILOBYTES, SMALL_KILOBYTES))
        // One for each processor: the queries of a search are few, and idle threads of a pool spin.
        .max_search_threads(cores)
        .wal_options(edge::WalOptions {
            segment_capacity: LOG_SEGMENT_BYTES,
            ..edge::WalOptions::default()
        })
        .build()
}

/// Bytes for elements. Of the same placement as everything else: read from the file, and so kept in memory as long as
/// nothing else needs it.
#[expect(
    deprecated,
    reason = "the struct has no other way to be made than with all its fields"
)]
fn quantization() -> edge::QuantizationConfig {
    edge::QuantizationConfig::from(edge::ScalarQuantizationConfig {
        r#type: edge::ScalarType::Int8,
        quantile: Some(QUANTIZED_QUANTILE),
        always_ram: None,
        memory: Some(edge::Memory::Cold),
    })
}

/// How segments are put in order: closed from one size on, and put together up to another wherever several fit.
pub(super) fn order(
    closed_from_kilobytes: usize,
    largest_kilobytes: usize,
) -> edge::EdgeOptimizersConfig {
    edge::EdgeOptimizersConfig {
        default_segment_number: Some(2),
        indexing_threshold: Some(closed_from_kilobytes),
        max_segment_size: Some(largest_kilobytes),
        ..edge::EdgeOptimizersConfig::default()
    }
}

/// Creates the payload indexes that are missing, and makes anew those that a large index has otherwise than a small one.
pub(super) fn create_payload_indexes(
    shard: &edge::EdgeShard,
    layout: Layout,
) -> edge::OperationResult<()> {
    let existing = shard.info()?.payload_schema;
    for field in Field::ALL {
        let (path, schema) = (edge_filter::path(field), schema(field, layout));
        let changed = |info: &edge::PayloadIndexInfo| {
            is_held(field, layout) && info.params.as_ref() != Some(&schema)
        };
        if existing.get(&path).is_some_and(|info| !changed(info)) {
            continue;
        }
        let index = edge::CreateIndex {
            field_name: path,
            field_schema: Some(edge::PayloadFieldSchema::FieldParams(schema)),
        };
        shard.update(edge::UpdateOperation::FieldIndexOperation(
            edge::FieldIndexOperations::CreateIndex(index),
        ))?;
    }
    Ok(())
}

/// Whether the field's index is held in memory: of the fields that every search asks for, in a large index. A walk through
/// a graph asks them of each chunk that it meets, and read from the file that takes longer than comparing vectors. It is
/// some thirty bytes for each chunk and field.
fn is_held(field: Field, layout: Layout) -> bool {
    layout.quantized && matches!(field, Field::KnowledgeBase | Field::Version)
}

fn schema(field: Field, layout: Layout) -> edge::PayloadSchemaParams {
    if field.is_number() {
        let integer = edge::IntegerIndexParamsBuilder::new()
            .memory(edge::Memory::Cold)
            .enable_hnsw(false);
        return edge::PayloadSchemaParams::Integer(integer.build());
    }
    // Only the tenant gets links of its own in the graph; the other fields are too fine to pay for them.
    let tenant = field == Field::KnowledgeBase;
    let memory = if is_held(field, layout) {
        edge::Memory::Pinned
    } else {
        edge::Memory::Cold
    };
    let keyword = edge::KeywordIndexParamsBuilder::new()
        .memory(memory)
        .is_tenant(tenant)
        .enable_hnsw(tenant);
    edge::PayloadSchemaParams::Keyword(keyword.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_from_before_a_field_gets_it_when_it_is_opened() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let shard = edge::EdgeShard::new(folder.path(), config(4, Layout::NEW)).expect("a shard");
        create_payload_indexes(&shard, Layout::NEW).expect("payload indexes");
        let field = edge_filter::path(Field::Heading);
        let drop = edge::FieldIndexOperations::DeleteIndex(field.clone());
        shard
            .update(edge::UpdateOperation::FieldIndexOperation(drop))
            .expect("an index is dropped");
        let has = |shard: &edge::EdgeShard| {
            let schema = shard.info().expect("a shard").payload_schema;
            (schema.contains_key(&field), schema.len())
        };
        assert_eq!(has(&shard), (false, Field::ALL.len() - 1));
        create_payload_indexes(&shard, Layout::NEW).expect("payload indexes");
        assert_eq!(has(&shard), (true, Field::ALL.len()));
    }

    #[test]
    fn an_index_of_an_earlier_program_keeps_its_precision() {
        use edge::VectorStorageDatatype as Elements;

        let stored = |folder: &std::path::Path| {
            let file = fs_err::read(folder.join("shard/edge_config.json")).expect("a file");
            Layout::stored(&serde_json::from_slice(&file).expect("JSON")).elements
        };
        for (elements, name) in [(Elements::Float32, "old"), (ELEMENTS, "new")] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let shard = folder.path().join("shard");
            let layout = Layout {
                elements,
                ..Layout::NEW
            };
            drop(edge::EdgeShard::new(&shard, config(4, layout)).expect("a shard"));
            assert_eq!(stored(folder.path()), elements, "{name}");
            drop(
                crate::store::EdgeStore::open(
                    folder.path(),
                    &crate::store::Embedding::new("twin", 4),
                )
                .expect("it opens"),
            );
            assert_eq!(stored(folder.path()), elements, "{name}");
        }
        let nothing = Layout::stored(&serde_json::json!({}));
        assert_eq!(nothing.elements, Elements::Float32);
        assert!(!nothing.quantized);
    }
}
