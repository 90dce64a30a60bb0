//! How an index of this process grows: what its segments may hold, and from when on it has quantized vectors.
//!
//! Edge searches every segment and merges whatever fits its limits at once. Limits that fit a small collection make
//! hundreds of segments of a million chunks, and limits that fit a million chunks would have the largest segment written
//! again for every few thousand chunks. So there are two steps. What was written is closed and put together in small
//! segments, as it comes: little memory, little work. Once there are too many of those, they are gathered in segments
//! that may hold a certain part of the whole collection: what a gathering costs grows with what there is, and it comes the
//! more seldom. The memory that it takes follows the largest segment, mostly for its lexical index.

use qdrant_edge as edge;

use super::SENTENCES;
use super::edge_layout::{self, Layout, SMALL_KILOBYTES};
use super::edge_shard::OpenShard;
use crate::store::{Effort, StoreError};

/// From which sizes on the layout changes.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Bounds {
    /// Chunks from which on passage vectors are kept as bytes too.
    pub(in crate::store) quantized_from: usize,
    /// Chunks from which on gathered segments are few and large.
    pub(in crate::store) large_from: usize,
    /// Size in kilobytes from which on a segment is closed.
    pub(in crate::store) closed_from: usize,
    /// Size in kilobytes up to which segments are put together as they come.
    pub(in crate::store) small: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            quantized_from: super::QUANTIZED_FROM,
            large_from: 250_000,
            closed_from: edge_layout::CLOSED_FROM_KILOBYTES,
            small: SMALL_KILOBYTES,
        }
    }
}

/// Gathered segments hold at most the whole divided by this, so long as the collection is not large: memory while they are
/// made is dear.
const PARTS: usize = 3;

/// The same for large collections: a walk through a graph of a million takes little longer than one through ten thousand,
/// so each segment more costs nearly as much as the first. Two are walked at once, and so found sooner than the same in one.
const LARGE_PARTS: usize = 2;

/// A gathered segment of a large collection may be so much larger than its part: sizes are estimates, and two of them shall
/// hold it all.
const ROOM: f64 = 1.2;

/// Chunks whose sentences are counted to tell how large a chunk is.
const SAMPLE: usize = 64;

impl Bounds {
    /// What the whole is divided by to tell how large a gathered segment may be.
    const fn parts(self, chunks: usize) -> usize {
        if chunks < self.large_from {
            PARTS
        } else {
            LARGE_PARTS
        }
    }
}

/// Leaves the processor to others: questions, and the work that somebody waits for. Threads that this one starts do so
/// too. It still gets about a tenth of a busy processor, or what is written would never be put in order while more comes; a
/// quarter where who writes more waits for it.
fn step_back(effort: Effort) {
    #[cfg(not(target_os = "linux"))]
    let _ = effort;
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};
        let value: u8 = match effort {
            Effort::Little => 40,
            Effort::Full => 25,
        };
        let lowered = ThreadPriorityValue::try_from(value)
            .map(|value| set_current_thread_priority(ThreadPriority::Crossplatform(value)));
        if !matches!(lowered, Ok(Ok(()))) {
            tracing::debug!("the index is cared for at the usual priority");
        }
    }
}

/// Puts the shard in order, on a thread of its own whose priority it lowers. Blocks for minutes; searches and writes go on, but for a moment when a collection has
/// grown so large that its vectors are quantized.
pub(super) fn put_in_order(
    open: &OpenShard,
    dimension: usize,
    bounds: Bounds,
    effort: Effort,
) -> Result<(), StoreError> {
    let small = edge_layout::order(bounds.closed_from, bounds.small);
    let crowded = |info: &edge::ShardInfo| {
        info.segments_count > bounds.parts(info.points_count) + spare(effort)
    };
    // All segments are made anew then, and all of them pass through memory: so not while a file is taken in, unless there
    // are too many of them in any case.
    let is_time = effort == Effort::Full || crowded(&open.with(edge::EdgeShard::info)?);
    let anew = is_time && quantize_if_large(open, dimension, bounds)?;
    // Not before: threads that an open shard starts answer questions, and would step back with this one.
    step_back(effort);
    if !anew {
        open.with(|shard| optimize(shard, small.clone()))?;
    }
    let info = open.with(edge::EdgeShard::info)?;
    if anew || crowded(&info) {
        open.with(|shard| {
            let parts = bounds.parts(info.points_count);
            let all = kilobytes(shard, dimension, info.points_count)?;
            let room = if parts == LARGE_PARTS { ROOM } else { 1.0 };
            let largest = (all as f64 * room / parts as f64).ceil() as usize;
            let largest = largest.max(bounds.small);
            optimize(shard, edge_layout::order(bounds.closed_from, largest))?;
            set_order(shard, small)
        })?;
        // What was replaced leaves the disk with this.
        open.with(edge::EdgeShard::flush)?;
    }
    Ok(())
}

fn optimize(
    shard: &edge::EdgeShard,
    order: edge::EdgeOptimizersConfig,
) -> edge::OperationResult<()> {
    set_order(shard, order)?;
    shard.optimize().map(|_changed| ())
}

fn set_order(
    shard: &edge::EdgeShard,
    order: edge::EdgeOptimizersConfig,
) -> edge::OperationResult<()> {
    let unchanged = shard.config().optimizers.as_ref() == Some(&order);
    if unchanged {
        return Ok(());
    }
    shard.set_optimizers_config(order)
}

/// Tells whether the shard now is to have quantized vectors and was not before.
fn quantize_if_large(
    open: &OpenShard,
    dimension: usize,
    bounds: Bounds,
) -> Result<bool, StoreError> {
    let (layout, chunks) =
        open.with(|shard| Ok((Layout::of(shard), shard.info()?.points_count)))?;
    if layout.quantized || chunks < bounds.quantized_from {
        return Ok(false);
    }
    let quantized = Layout {
        quantized: true,
        ..layout
    };
    let begun = std::time::Instant::now();
    open.reopen(edge_layout::config(dimension, quantized))?;
    open.with(|shard| edge_layout::create_payload_indexes(shard, quantized))?;
    tracing::info!(
        chunks,
        paused_ms = begun.elapsed().as_millis() as u64,
        "the index is large enough for quantized vectors"
    );
    Ok(true)
}

/// Segments that there may be beside the gathered ones, the one that is written to among them. While one large file is
/// taken in, its passages shall lie in small ones: memory is needed for reading and embedding it.
const fn spare(effort: Effort) -> usize {
    match effort {
        Effort::Little => 64,
        Effort::Full => 4,
    }
}

/// How large so many chunks are, by the largest of their vectors as edge reckons.
fn kilobytes(
    shard: &edge::EdgeShard,
    dimension: usize,
    chunks: usize,
) -> edge::OperationResult<usize> {
    let full = Layout::of(shard).elements == edge::VectorStorageDatatype::Float32;
    let bytes = if full { 4 } else { 2 };
    Ok(chunks * vectors_of_ten(shard)? * dimension * bytes / (10 * 1024))
}

/// Sentence vectors of ten chunks, at least one each. Ids are hashes, so the first ones are as good as any.
fn vectors_of_ten(shard: &edge::EdgeShard) -> edge::OperationResult<usize> {
    let (records, _next) = shard.scroll(edge::ScrollRequest {
        limit: Some(SAMPLE),
        with_payload: Some(edge::WithPayloadInterface::Bool(false)),
        with_vector: edge::WithVector::Selector(vec![SENTENCES.to_owned()]),
        ..edge::ScrollRequest::new()
    })?;
    let sentences = |record: &edge::Record| match record.get_vector_by_name(SENTENCES) {
        Some(edge::VectorRef::MultiDense(rows)) => rows.multi_vectors().count(),
        Some(_) | None => 0,
    };
    let all: usize = records.iter().map(sentences).sum();
    Ok((10 * all).checked_div(records.len()).unwrap_or(0).max(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_does_not_open_with_another_configuration_goes_on_as_it_was() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let open = OpenShard::open(folder.path(), &crate::store::Embedding::new("twin", 4))
            .expect("it opens");
        open.reopen(edge_layout::config(8, Layout::NEW))
            .expect_err("it does not fit");
        let layout = open.with(|shard| Ok(Layout::of(shard))).expect("a shard");
        assert!(!layout.quantized);
    }
}
