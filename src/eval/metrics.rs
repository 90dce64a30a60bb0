//! Ranking metrics, counted over documents of the data set.

/// Where the relevant documents came in one question's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// Ranks of relevant documents found, from 0, ascending.
    found_at: Vec<usize>,
    /// How many there are to find.
    relevant: usize,
}

impl Ranking {
    /// Ranks a list of document ids, best first. Later mentions of a document do not count.
    #[must_use]
    pub fn of(listed: &[String], relevant: &[String]) -> Self {
        let mut seen: Vec<&String> = Vec::new();
        for id in listed {
            if !seen.contains(&id) {
                seen.push(id);
            }
        }
        let found = seen
            .iter()
            .enumerate()
            .filter(|(_, id)| relevant.contains(id));
        Self {
            found_at: found.map(|(rank, _)| rank).collect(),
            relevant: relevant.len(),
        }
    }

    /// Whether a relevant document is among the first `k`.
    #[must_use]
    pub fn hit(&self, k: usize) -> bool {
        self.found_at.first().is_some_and(|rank| *rank < k)
    }

    /// Rank of the first relevant document, from 1.
    #[must_use]
    pub fn rank(&self) -> Option<usize> {
        self.found_at.first().map(|rank| rank + 1)
    }

    /// One over the rank (from 1) of the first relevant document within 10, or 0.
    #[must_use]
    pub fn reciprocal_rank(&self) -> f64 {
        self.found_at
            .first()
            .filter(|rank| **rank < 10)
            .map_or(0.0, |rank| 1.0 / (*rank as f64 + 1.0))
    }

    /// Normalized discounted cumulative gain at 10 with binary relevance.
    #[must_use]
    pub fn ndcg(&self) -> f64 {
        let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
        let got: f64 = self
            .found_at
            .iter()
            .filter(|rank| **rank < 10)
            .map(|rank| gain(*rank))
            .sum();
        let best: f64 = (0..self.relevant.min(10)).map(gain).sum();
        if best > 0.0 { got / best } else { 0.0 }
    }
}

/// The value below which this share (0 to 1) of the values lies; 0 for none.
#[must_use]
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len() as f64) as usize;
    sorted
        .get(at.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ranks_count_documents_and_not_chunks() {
        let ranking = Ranking::of(&ids(&["a", "a", "a", "b"]), &ids(&["b"]));
        assert!(ranking.hit(2) && !ranking.hit(1));
        assert!((ranking.reciprocal_rank() - 0.5).abs() < 1e-9);
    }

    #[test]
    fn ndcg_is_one_for_a_perfect_list_and_counts_all_relevant_documents() {
        assert!((Ranking::of(&ids(&["a", "b", "c"]), &ids(&["a", "b"])).ndcg() - 1.0).abs() < 1e-9);
        let half = Ranking::of(&ids(&["a", "x", "y"]), &ids(&["a", "b"])).ndcg();
        assert!((half - 1.0 / (1.0 + 1.0 / 3f64.log2())).abs() < 1e-9);
    }

    #[test]
    fn a_percentile_of_nothing_is_zero() {
        assert!(percentile(&[], 0.5).abs() < 1e-9);
        assert!((percentile(&[3.0, 1.0, 2.0], 0.5) - 2.0).abs() < 1e-9);
    }
}
