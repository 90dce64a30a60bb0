//! Where the time of an ingestion in this process went, by stage.

use std::time::Instant;

use serde::Serialize;

use super::target::Target;
use crate::eval::{children_cpu_seconds, cpu_seconds, threads_cpu_seconds};
use crate::jobs::StageCosts;

/// The embedder's threads by their names.
const EMBEDDER_THREADS: &str = "embed-";

/// Processor time by stage, in seconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct CpuSeconds {
    /// Reading, the processes for it included.
    reading: f64,
    splitting: f64,
    /// Tokens and vectors.
    embedding: f64,
    /// Lexical terms, index, catalog, hashing and all else.
    rest: f64,
}

/// What had been spent when ingestion began.
pub(crate) struct Clock {
    begun: Instant,
    total: f64,
    children: f64,
    embedder: f64,
}

impl Clock {
    /// Starts once everything is loaded.
    pub(crate) fn start() -> Self {
        Self {
            begun: Instant::now(),
            total: cpu_seconds(),
            children: children_cpu_seconds(),
            embedder: threads_cpu_seconds(EMBEDDER_THREADS),
        }
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// What was spent since; `None` when a server did the work. Ask before threads end.
    pub(crate) fn spent(&self, target: &Target) -> Option<CpuSeconds> {
        let Target::Local(app) = target else {
            return None;
        };
        let StageCosts { reading, splitting } = app.ingestor.costs();
        let reading = reading + children_cpu_seconds() - self.children;
        let embedding = threads_cpu_seconds(EMBEDDER_THREADS) - self.embedder;
        let total = cpu_seconds() - self.total;
        Some(CpuSeconds {
            reading,
            splitting,
            embedding,
            rest: (total - reading - splitting - embedding).max(0.0),
        })
    }
}
