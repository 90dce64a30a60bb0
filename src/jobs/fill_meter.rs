//! How far a collection is that is being filled, and what stands in its way.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::catalog::{Filled, JobError, Lease};
use crate::model::{DocumentId, VersionId};

/// Failed documents that are named; the others are counted.
const NAMED: usize = 20;

/// A document that could not be brought into the collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedDocument {
    /// The document.
    pub document_id: DocumentId,
    /// Its name.
    pub document_name: String,
    /// Why.
    pub error: JobError,
}

/// How far a collection is that is being filled, or kept up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FillStatus {
    /// Documents and passages, all of them and those that it holds; passages under way count as held.
    #[serde(flatten)]
    pub filled: Filled,
    /// Seconds until it holds all of them, once there is something to reckon from.
    pub seconds_left: Option<u64>,
    /// Documents that could not be brought in; they are tried again now and then.
    pub failed: u64,
    /// Some of them.
    pub failures: Vec<FailedDocument>,
    /// What keeps it from going on at all; it is tried again now and then.
    pub problem: Option<String>,
}

/// Shared by those who fill and those who ask.
#[derive(Default)]
pub(super) struct FillMeter(Mutex<Meter>);

#[derive(Default)]
struct Meter {
    /// When this stretch of work began.
    began: Option<Instant>,
    /// Passages written in it.
    written: u64,
    under_way: HashMap<VersionId, u32>,
    failed: BTreeMap<VersionId, FailedDocument>,
    problem: Option<String>,
}

impl FillMeter {
    fn lock(&self) -> MutexGuard<'_, Meter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another collection is filled from now on, or none.
    pub(super) fn forget(&self) {
        *self.lock() = Meter::default();
    }

    /// Everything is tried once more from the beginning.
    pub(super) fn begin(&self) {
        let mut meter = self.lock();
        meter.began.get_or_insert_with(Instant::now);
        meter.failed.clear();
    }

    /// There is nothing to do for now: the time from here on says nothing about the pace.
    pub(super) fn rest(&self) {
        let mut meter = self.lock();
        meter.began = None;
        meter.written = 0;
        meter.problem = None;
    }

    /// So many passages of a version are written.
    pub(super) fn written(&self, version: VersionId, passages: u32) {
        let mut meter = self.lock();
        let before = meter.under_way.insert(version, passages).unwrap_or(0);
        meter.written += u64::from(passages.saturating_sub(before));
        meter.problem = None;
    }

    /// These versions are marked in the catalog, or given up for now.
    pub(super) fn ended(&self, versions: &[VersionId]) {
        let mut meter = self.lock();
        for version in versions {
            meter.under_way.remove(version);
        }
    }

    /// A document could not be brought in.
    pub(super) fn failed(&self, lease: &Lease, error: JobError) {
        let failed = FailedDocument {
            document_id: lease.document,
            document_name: lease.name.clone(),
            error,
        };
        self.lock().failed.insert(lease.version, failed);
    }

    /// Nothing can be brought in at all.
    pub(super) fn trouble(&self, problem: String) {
        self.lock().problem = Some(problem);
    }

    /// How far it is, beside what the catalog knows.
    pub(super) fn status(&self, mut filled: Filled) -> FillStatus {
        let meter = self.lock();
        let under_way: u64 = meter
            .under_way
            .values()
            .map(|count| u64::from(*count))
            .sum();
        filled.passages_done = (filled.passages_done + under_way).min(filled.passages);
        let left = filled.passages - filled.passages_done;
        let pace = meter.began.filter(|_| meter.written > 0 && left > 0);
        let seconds_left = pace.map(|began| {
            let seconds = began.elapsed().as_secs_f64() * left as f64 / meter.written as f64;
            seconds.ceil() as u64
        });
        FillStatus {
            filled,
            seconds_left,
            failed: meter.failed.len() as u64,
            failures: meter.failed.values().take(NAMED).cloned().collect(),
            problem: meter.problem.clone(),
        }
    }
}
