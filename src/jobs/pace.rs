//! How fast work has gone lately and how much is left of it: where the seconds left come from.
//!
//! Nothing is guessed: before there is a pace there is no number.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::catalog::{Progress, Stage};
use crate::model::JobId;

/// After so long a stretch of work counts half.
const HALF_LIFE_SECONDS: f64 = 30.0;
/// A pace from less work time than this says nothing.
const LEAST_SECONDS: f64 = 0.2;
/// A sync of the index with everything around it.
const PUBLISHING_SECONDS: f64 = 1.0;

/// The pace of everything that this process works on.
pub(super) struct Pace(Mutex<State>);

struct State {
    /// Chunks embedded and written, by all jobs together.
    chunks: Rate,
    /// Bytes of originals that became searchable.
    bytes: Rate,
    /// Chunks and pages of documents that had pages, earlier ones ever less.
    paged: (f64, f64),
    under_way: HashMap<JobId, UnderWay>,
}

/// A job under way.
struct UnderWay {
    bytes: u64,
    progress: Progress,
    embedding: bool,
}

impl UnderWay {
    fn chunks_left(&self) -> u32 {
        let total = self.progress.chunks_total.unwrap_or_default();
        total.saturating_sub(self.progress.chunks_done)
    }

    /// The share that is still to do, as far as chunks tell.
    fn share_left(&self) -> f64 {
        match self.progress.chunks_total {
            Some(total) if total > 0 => f64::from(self.chunks_left()) / f64::from(total),
            Some(_) | None => 1.0,
        }
    }
}

/// Where one job stands, for an estimate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) stage: Stage,
    pub(super) progress: Progress,
    pub(super) stage_began: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(State {
            chunks: Rate::new(now),
            bytes: Rate::new(now),
            paged: (0.0, 0.0),
            under_way: HashMap::new(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job begins whose original has so many bytes.
    pub(super) fn begins(&self, job: JobId, bytes: u64, now: Instant) {
        let mut state = self.lock();
        let new = UnderWay {
            bytes,
            progress: Progress::default(),
            embedding: false,
        };
        if state.under_way.insert(job, new).is_none() {
            state.bytes.begin(now);
        }
    }

    /// A job is this far.
    pub(super) fn stands(&self, job: JobId, standing: Standing, now: Instant) {
        let mut state = self.lock();
        let State {
            chunks, under_way, ..
        } = &mut *state;
        let Some(known) = under_way.get_mut(&job) else {
            return;
        };
        if standing.stage == Stage::Embedding && !known.embedding {
            known.embedding = true;
            chunks.begin(now);
        }
        let more = standing
            .progress
            .chunks_done
            .checked_sub(known.progress.chunks_done);
        known.progress = standing.progress;
        chunks.add(f64::from(more.unwrap_or_default()), now);
    }

    /// A job has ended, searchable or not.
    pub(super) fn ends(&self, job: JobId, searchable: bool, now: Instant) {
        let mut state = self.lock();
        let Some(ended) = state.under_way.remove(&job) else {
            return;
        };
        if ended.embedding {
            state.chunks.end(now);
        }
        if searchable {
            state.bytes.add(ended.bytes as f64, now);
            let pages = f64::from(ended.progress.pages_total.unwrap_or_default());
            if pages > 0.0 {
                let chunks = f64::from(ended.progress.chunks_total.unwrap_or_default());
                state.paged = (state.paged.0 * 0.8 + chunks, state.paged.1 * 0.8 + pages);
            }
        }
        state.bytes.end(now);
    }

    /// Seconds until a job that is under way can be found; `None` while there is nothing to reckon from.
    pub(super) fn seconds_left(&self, job: JobId, standing: Standing, now: Instant) -> Option<u64> {
        let state = self.lock();
        let spent = now
            .saturating_duration_since(standing.stage_began)
            .as_secs_f64();
        let own = |done: u32, left: u32| {
            (done > 0 && spent >= LEAST_SECONDS).then(|| f64::from(left) * spent / f64::from(done))
        };
        let progress = standing.progress;
        let seconds = match standing.stage {
            Stage::Queued => None,
            Stage::Reading => {
                let total = progress.pages_total?;
                let reading = own(
                    progress.pages_done,
                    total.saturating_sub(progress.pages_done),
                )?;
                let (chunks, pages) = state.paged;
                let expected = (pages > 0.0).then(|| f64::from(total) * chunks / pages)?;
                Some(reading + (state.chunks_left(job) + expected) / state.chunks.per_second()?)
            }
            Stage::Splitting => {
                let own_chunks = f64::from(progress.chunks_total?);
                Some((state.chunks_left(job) + own_chunks) / state.chunks.per_second()?)
            }
            Stage::Embedding => {
                let left = progress.chunks_total?.saturating_sub(progress.chunks_done);
                own(progress.chunks_done, left).or_else(|| {
                    let all = state.chunks_left(job) + f64::from(left);
                    Some(all / state.chunks.per_second()?)
                })
            }
            Stage::Publishing => Some(PUBLISHING_SECONDS),
        };
        seconds.map(whole)
    }

    /// Seconds until each of these waiting jobs can be found, in the order of the queue, given their bytes; empty
    /// while there is nothing to reckon from.
    pub(super) fn of_queue(&self, waiting: &[(JobId, u64)]) -> HashMap<JobId, u64> {
        let state = self.lock();
        let Some(per_second) = state.bytes.per_second() else {
            return HashMap::new();
        };
        let under_way = state.under_way.values();
        let mut ahead: f64 = under_way
            .map(|job| job.bytes as f64 * job.share_left())
            .sum();
        let seconds = waiting.iter().map(|(job, bytes)| {
            ahead += *bytes as f64;
            (*job, whole(ahead / per_second))
        });
        seconds.collect()
    }
}

impl State {
    /// Chunks that other jobs have still to embed.
    fn chunks_left(&self, but: JobId) -> f64 {
        let others = self.under_way.iter().filter(|(job, _)| **job != but);
        others
            .map(|(_, other)| f64::from(other.chunks_left()))
            .sum()
    }
}

fn whole(seconds: f64) -> u64 {
    // A float that is too large or no number becomes the nearest bound: never negative.
    seconds.ceil() as u64
}

/// Work per second of work time; time in which nobody works does not count.
struct Rate {
    done: f64,
    seconds: f64,
    workers: u32,
    reckoned: Instant,
}

impl Rate {
    const fn new(now: Instant) -> Self {
        Self {
            done: 0.0,
            seconds: 0.0,
            workers: 0,
            reckoned: now,
        }
    }

    fn begin(&mut self, now: Instant) {
        self.add(0.0, now);
        self.workers += 1;
    }

    fn end(&mut self, now: Instant) {
        self.add(0.0, now);
        self.workers = self.workers.saturating_sub(1);
    }

    fn add(&mut self, done: f64, now: Instant) {
        let passed = now.saturating_duration_since(self.reckoned).as_secs_f64();
        self.reckoned = now;
        if self.workers > 0 {
            let kept = 0.5_f64.powf(passed / HALF_LIFE_SECONDS);
            self.done *= kept;
            self.seconds = self.seconds * kept + passed;
        }
        self.done += done;
    }

    fn per_second(&self) -> Option<f64> {
        (self.done > 0.0 && self.seconds >= LEAST_SECONDS).then(|| self.done / self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn job(number: u128) -> JobId {
        JobId(Uuid::from_u128(number))
    }

    fn standing(stage: Stage, chunks: (u32, u32), stage_began: Instant) -> Standing {
        let progress = Progress {
            chunks_done: chunks.0,
            chunks_total: Some(chunks.1),
            ..Progress::default()
        };
        Standing {
            stage,
            progress,
            stage_began,
        }
    }

    #[test]
    fn before_anything_was_done_nothing_is_known() {
        let start = Instant::now();
        let pace = Pace::new(start);
        pace.begins(job(1), 100, start);
        let fresh = standing(Stage::Embedding, (0, 10), start);
        pace.stands(job(1), fresh, start);
        let later = start + Duration::from_secs(5);
        assert_eq!(pace.seconds_left(job(1), fresh, later), None);
        assert!(pace.of_queue(&[(job(2), 10)]).is_empty());
    }

    #[test]
    fn a_document_half_embedded_takes_as_long_again() {
        let start = Instant::now();
        let pace = Pace::new(start);
        pace.begins(job(1), 100, start);
        pace.stands(job(1), standing(Stage::Embedding, (0, 10), start), start);
        let later = start + Duration::from_secs(5);
        let half = standing(Stage::Embedding, (5, 10), start);
        pace.stands(job(1), half, later);
        assert_eq!(pace.seconds_left(job(1), half, later), Some(5));
    }

    #[test]
    fn one_that_waits_for_its_turn_counts_those_before_it_at_their_pace() {
        let start = Instant::now();
        let pace = Pace::new(start);
        for number in [1, 2] {
            pace.begins(job(number), 100, start);
        }
        pace.stands(job(1), standing(Stage::Embedding, (0, 20), start), start);
        let later = start + Duration::from_secs(10);
        pace.stands(job(1), standing(Stage::Embedding, (10, 20), start), later);
        let waiting = standing(Stage::Splitting, (0, 30), later);
        pace.stands(job(2), waiting, later);
        assert_eq!(pace.seconds_left(job(2), waiting, later), Some(40));
    }

    #[test]
    fn the_queue_is_reckoned_in_bytes_with_what_is_under_way_in_front() {
        let start = Instant::now();
        let pace = Pace::new(start);
        pace.begins(job(1), 1_000, start);
        let later = start + Duration::from_secs(10);
        pace.ends(job(1), true, later);
        pace.begins(job(2), 500, later);
        let seconds = pace.of_queue(&[(job(3), 100), (job(4), 400)]);
        assert_eq!((seconds[&job(3)], seconds[&job(4)]), (6, 10));
    }

    #[test]
    fn idle_time_is_no_work_time() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        rate.begin(start);
        rate.add(10.0, start + Duration::from_secs(1));
        rate.end(start + Duration::from_secs(1));
        rate.begin(start + Duration::from_secs(3_600));
        rate.add(10.0, start + Duration::from_secs(3_601));
        let pace = rate.per_second().expect("a pace");
        assert!((pace - 10.0).abs() < 0.2, "{pace}");
    }

    proptest! {
        #[test]
        fn estimates_are_never_wild_whatever_comes_in_whatever_order(
            steps in proptest::collection::vec((0_u128..4, 0_u8..5, 0_u32..50, 0_u32..50, 0_u64..5_000), 1..60)
        ) {
            let start = Instant::now();
            let (pace, mut now) = (Pace::new(start), start);
            for (number, what, done, total, millis) in steps {
                now += Duration::from_millis(millis);
                let stage = Stage::ALL[usize::from(what)];
                let at = standing(stage, (done, total), start);
                match what {
                    0 => pace.begins(job(number), u64::from(total), now),
                    1 => pace.ends(job(number), done % 2 == 0, now),
                    _ => pace.stands(job(number), at, now),
                }
                let left = pace.seconds_left(job(number), at, now);
                prop_assert!(left.is_none_or(|left| left < 1_000_000_000), "{left:?}");
            }
            prop_assert!(pace.lock().under_way.len() <= 4);
        }
    }
}
