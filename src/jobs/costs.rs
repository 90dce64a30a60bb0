//! What reading and cutting cost in processor time, so that it can be told which stage bounds an ingestion.

use std::sync::atomic::{AtomicU64, Ordering};

/// Processor time spent in this process since the worker started, in seconds. Zero where the system does not tell, which
/// is everywhere but on Linux. What reading processes spend is theirs and not in it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StageCosts {
    /// Reading of short plain texts, which needs no process of its own.
    pub reading: f64,
    /// Cutting into chunks.
    pub splitting: f64,
}

/// Adds up what several threads spend on one thing, in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Meter(AtomicU64);

impl Meter {
    /// Does the work and adds what this thread spent on it.
    pub(super) fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = thread_nanoseconds();
        let done = work();
        let spent = thread_nanoseconds().saturating_sub(before);
        self.0.fetch_add(spent, Ordering::Relaxed);
        done
    }

    fn seconds(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 / 1e9
    }
}

/// The meters of a worker.
#[derive(Debug, Default)]
pub(super) struct Meters {
    pub(super) reading: Meter,
    pub(super) splitting: Meter,
}

impl Meters {
    pub(super) fn costs(&self) -> StageCosts {
        StageCosts {
            reading: self.reading.seconds(),
            splitting: self.splitting.seconds(),
        }
    }
}

/// Time that the calling thread has been on a processor.
fn thread_nanoseconds() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = told.split_whitespace().next();
    first.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn work_is_metered_and_handed_back() {
        let meters = Meters::default();
        let sum = meters
            .splitting
            .time(|| (0..3_000_000_u64).fold(0, |sum, number| sum ^ (sum + number).rotate_left(7)));
        assert_ne!(sum, 0);
        assert!(meters.costs().splitting >= 0.0);
        assert!(meters.costs().reading.abs() < f64::EPSILON);
    }
}
