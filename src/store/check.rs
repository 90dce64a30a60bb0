//! Refuses what an index cannot hold before any backend sees it: some would write it down first and fail afterwards.

use wenyuan_ingest::{Point, SparseVector};

use super::{Filter, QueryVector, StoreError, StoreQuery};
use crate::model::ChunkId;

/// What a collection can hold and be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Length of every dense vector.
    pub(super) dimension: usize,
}

impl Shape {
    /// Every point, or the first reason against one.
    pub(super) fn check_points(self, points: &[Point]) -> Result<(), StoreError> {
        for point in points {
            self.check_point(point)
                .map_err(|reason| StoreError::Rejected(format!("chunk {}: {reason}", point.id)))?;
        }
        Ok(())
    }

    fn check_point(self, point: &Point) -> Result<(), String> {
        self.check_vector(&point.dense)?;
        if point.sentences.is_empty() {
            return Err("it has no sentence vector".to_owned());
        }
        for sentence in &point.sentences {
            self.check_vector(sentence)?;
        }
        check_sparse(&point.bm25)
    }

    fn check_vector(self, vector: &[f32]) -> Result<(), String> {
        if vector.len() != self.dimension {
            return Err(format!(
                "its vector has {} elements, the index holds {}",
                vector.len(),
                self.dimension
            ));
        }
        if vector.iter().any(|element| !element.is_finite()) {
            return Err("its vector has an element that is no number".to_owned());
        }
        Ok(())
    }

    /// The settled filter of a query that can have an answer, `None` where the answer is empty anyway.
    pub(super) fn settle(self, query: &StoreQuery) -> Result<Option<Filter>, StoreError> {
        let refuse = |reason| StoreError::Rejected(format!("the question: {reason}"));
        let empty = match &query.vector {
            QueryVector::Passage(vector) | QueryVector::BestSentence(vector) => {
                self.check_vector(vector).map_err(refuse)?;
                false
            }
            QueryVector::Lexical(terms) => {
                check_sparse(terms).map_err(refuse)?;
                terms.indices.is_empty()
            }
        };
        let filter = query.filter.settle()?;
        Ok(filter.filter(|_| !empty && query.limit > 0))
    }
}

/// Those that have terms, or the first reason against one.
pub(super) fn check_terms(
    mut terms: Vec<(ChunkId, SparseVector)>,
) -> Result<Vec<(ChunkId, SparseVector)>, StoreError> {
    for (id, terms) in &terms {
        check_sparse(terms)
            .map_err(|reason| StoreError::Rejected(format!("chunk {id}: {reason}")))?;
    }
    terms.retain(|(_, terms)| terms.values.iter().any(|weight| *weight > 0.0));
    Ok(terms)
}

fn check_sparse(terms: &SparseVector) -> Result<(), String> {
    if terms.indices.len() != terms.values.len() {
        return Err(format!(
            "it has {} terms and {} weights",
            terms.indices.len(),
            terms.values.len()
        ));
    }
    if !terms.indices.is_sorted_by(|left, right| left < right) {
        return Err("its terms are not ascending and unique".to_owned());
    }
    if !terms
        .values
        .iter()
        .all(|weight| weight.is_finite() && *weight >= 0.0)
    {
        return Err("one of its term weights is negative or no number".to_owned());
    }
    Ok(())
}
