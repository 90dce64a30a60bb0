//! Keeps the index small and quick: what was written in the order of arrival is put in order later.
//!
//! New points lie in a segment that is searched in full and keeps its lexical index in memory. Putting it in order makes
//! a graph and a compact lexical index of it; searches and writes go on meanwhile. That is worth while after many points
//! only, and better done when nothing else is to do. Who writes faster than that can be done waits, or memory would grow
//! with all that is not in order yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::store::{Effort, VectorStore};

/// When the index is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CareSettings {
    /// After so many points, even while more are being written: memory would grow with them.
    pub(super) points_at_most: u64,
    /// After so many points, once nothing was written for `quiet`.
    pub(super) points_when_quiet: u64,
    /// How long nothing is written before it counts as quiet.
    pub(super) quiet: Duration,
    /// How long nothing is written before there is time for everything: what was put in order in small parts is then gathered
    /// in large ones, for which all of it passes through memory once more.
    pub(super) long_quiet: Duration,
}

impl CareSettings {
    /// The usual ones for so many points at most.
    pub(super) const fn after(points: u64) -> Self {
        Self {
            points_at_most: points,
            points_when_quiet: points.div_ceil(10),
            quiet: Duration::from_secs(30),
            long_quiet: Duration::from_secs(300),
        }
    }
}

/// What may be written while the index is put in order, in multiples of what may be written before: about 50 KB of memory for
/// each passage, most of it pages of files. Where there is time for all of it, it takes longer, and there is more to wait for.
const fn meanwhile(effort: Effort) -> u64 {
    match effort {
        Effort::Little => 2,
        Effort::Full => 8,
    }
}

/// Counts what is written, and puts the index in order when it is time.
pub(super) struct Care {
    store: Arc<dyn VectorStore>,
    settings: CareSettings,
    /// Points written since the index was last put in order.
    written: AtomicU64,
    changed: Notify,
    /// Whether something was put in order since there was time for everything.
    in_parts: AtomicBool,
    /// While it is put in order, how many points may be written.
    room: watch::Sender<Option<u64>>,
}

impl Care {
    /// An index that somebody else may have left in disorder.
    pub(super) fn new(store: Arc<dyn VectorStore>, settings: CareSettings) -> Self {
        Self {
            store,
            settings,
            written: AtomicU64::new(settings.points_when_quiet),
            changed: Notify::new(),
            in_parts: AtomicBool::new(false),
            room: watch::Sender::new(None),
        }
    }

    fn fits(&self, most: Option<u64>) -> bool {
        most.is_none_or(|most| self.written.load(Ordering::Relaxed) < most)
    }

    /// Whether there is room for more points now.
    pub(super) fn has_room(&self) -> bool {
        self.fits(*self.room.borrow())
    }

    /// Returns when there is room for more points: at once, or when the index is in order.
    pub(super) async fn room(&self) {
        let is_free = |most: &Option<u64>| self.fits(*most);
        // It only fails when this is dropped.
        let _ = self.room.subscribe().wait_for(is_free).await;
    }

    /// Notes that points were written.
    pub(super) fn wrote(&self, points: usize) {
        self.written.fetch_add(points as u64, Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// Puts the index in order whenever it is time, until stopped. What is under way then is left to itself: the next
    /// start finds the index as it was before, or after.
    pub(super) async fn run(&self, stop: CancellationToken) {
        let caring = async {
            loop {
                let effort = self.due().await;
                let points = self.written.swap(0, Ordering::Relaxed);
                let most = self.settings.points_at_most * meanwhile(effort);
                self.room.send_replace(Some(most));
                // What waits to be written lies in memory, and the log grows until all of it is.
                if let Err(error) = self.store.flush().await {
                    tracing::warn!(%error, "the index was not written to disk");
                }
                match self.store.optimize(effort).await {
                    Ok(()) => tracing::info!(points, "the index is in order"),
                    // Searches do not need it; more points give the next occasion.
                    Err(error) => tracing::warn!(%error, "the index was not put in order"),
                }
                self.room.send_replace(None);
                self.in_parts
                    .store(effort == Effort::Little, Ordering::Relaxed);
            }
        };
        stop.run_until_cancelled(caring).await;
        self.room.send_replace(None);
    }

    /// Returns when it is time, and how much there is time for.
    async fn due(&self) -> Effort {
        loop {
            let written = self.written.load(Ordering::Relaxed);
            if written >= self.settings.points_at_most {
                return Effort::Little;
            }
            let changed = self.changed.notified();
            let (patience, effort) = if written >= self.settings.points_when_quiet {
                (self.settings.quiet, Effort::Little)
            } else if self.in_parts.load(Ordering::Relaxed) {
                (self.settings.long_quiet, Effort::Full)
            } else {
                changed.await;
                continue;
            };
            if tokio::time::timeout(patience, changed).await.is_err() {
                return effort;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;
    use crate::jobs::tests::gated::GatedStore;

    fn care(quiet: Duration) -> (Arc<GatedStore>, Arc<Care>) {
        let store = GatedStore::open();
        let settings = CareSettings {
            points_at_most: 100,
            points_when_quiet: 10,
            quiet,
            long_quiet: 50 * quiet,
        };
        let watched: Arc<dyn VectorStore> = Arc::<GatedStore>::clone(&store);
        (store, Arc::new(Care::new(watched, settings)))
    }

    /// Runs `care` until the index was put in order so often, or for a moment if it never is.
    async fn turns(store: &GatedStore, care: &Care, expected: usize) -> usize {
        let turns = || store.optimized.load(Ordering::SeqCst);
        let stop = CancellationToken::new();
        let watching = async {
            let limit = if expected > turns() { 30_000 } else { 300 };
            for _ in 0..limit / 10 {
                tokio::time::sleep(Duration::from_millis(10)).await;
                if turns() >= expected && expected > 0 {
                    break;
                }
            }
            stop.cancel();
        };
        tokio::join!(care.run(stop.clone()), watching);
        turns()
    }

    #[tokio::test]
    async fn some_points_wait_for_a_quiet_moment_and_few_for_ever() {
        let (store, care) = care(Duration::from_millis(200));
        care.written.store(9, Ordering::Relaxed);
        assert_eq!(turns(&store, &care, 0).await, 0);
        care.wrote(1);
        assert_eq!(turns(&store, &care, 1).await, 1);
    }

    #[tokio::test]
    async fn many_points_do_not_wait_for_a_quiet_moment() {
        let (store, care) = care(Duration::from_secs(3_600));
        care.written.store(0, Ordering::Relaxed);
        care.wrote(99);
        assert_eq!(turns(&store, &care, 0).await, 0);
        care.wrote(1);
        assert_eq!(turns(&store, &care, 1).await, 1);
    }

    #[tokio::test]
    async fn what_was_put_in_order_in_parts_is_gathered_once_after_a_long_quiet() {
        let (store, care) = care(Duration::from_millis(1));
        assert_eq!(turns(&store, &care, 2).await, 2);
        assert_eq!(turns(&store, &care, 0).await, 2);
    }

    #[tokio::test]
    async fn who_writes_faster_than_the_index_is_put_in_order_waits_for_it() {
        let (store, care) = care(Duration::from_secs(3_600));
        care.written.store(100, Ordering::Relaxed);
        store.gate.forget_permits(Semaphore::MAX_PERMITS);
        let stop = CancellationToken::new();
        let writing = async {
            while store.flushes.load(Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            care.wrote(199);
            care.room().await;
            assert!(care.has_room());
            care.wrote(1);
            assert!(!care.has_room());
            let waited = tokio::time::timeout(Duration::from_millis(100), care.room()).await;
            assert!(waited.is_err(), "there was room for more");
            store.gate.add_permits(2);
            // What was written meanwhile is put in order next.
            care.room().await;
            stop.cancel();
        };
        tokio::join!(care.run(stop.clone()), writing);
        assert!(store.optimized.load(Ordering::SeqCst) > 0);
        care.written.store(1_000, Ordering::Relaxed);
        care.room().await;
    }

    #[tokio::test]
    async fn what_an_earlier_process_left_is_looked_at_once() {
        let (store, care) = care(Duration::from_millis(200));
        assert_eq!(turns(&store, &care, 1).await, 1);
        assert_eq!(care.written.load(Ordering::Relaxed), 0);
    }
}
