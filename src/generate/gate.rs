//! The bounded queue's door: who may wait, and how long the others are told to stay away.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::GenerateError;

/// Told to a caller before any request has been timed.
const FIRST_GUESS: Duration = Duration::from_secs(5);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(120);
/// Weight of the newest request in the running mean, as one in so many.
const MEMORY: u64 = 8;

/// Counts requests that are served or wait; more than `slots + queue` are turned away at once.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    capacity: usize,
    slots: usize,
    mean_ms: Arc<AtomicU64>,
}

/// A place in the queue or a slot; dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    served_since: Option<Instant>,
    mean_ms: Arc<AtomicU64>,
}

impl Gate {
    pub(crate) fn new(slots: usize, queue: usize) -> Self {
        let slots = slots.max(1);
        let capacity = slots.saturating_add(queue).min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(capacity)),
            capacity,
            slots,
            mean_ms: Arc::default(),
        }
    }

    /// A place, or [`GenerateError::Overloaded`] without waiting.
    pub(crate) fn enter(&self) -> Result<Place, GenerateError> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(permit) => Ok(Place {
                _permit: permit,
                served_since: None,
                mean_ms: Arc::clone(&self.mean_ms),
            }),
            Err(_) => Err(GenerateError::Overloaded {
                retry_after: self.retry_after(),
            }),
        }
    }

    /// When a place should be free: requests ahead times their mean duration, over the slots that work in parallel.
    pub(crate) fn retry_after(&self) -> Duration {
        let mean = match self.mean_ms.load(Ordering::Relaxed) {
            0 => FIRST_GUESS,
            mean_ms => Duration::from_millis(mean_ms),
        };
        let waiting = self
            .capacity
            .saturating_sub(self.places.available_permits() + self.slots);
        let rounds = u32::try_from(waiting / self.slots + 1).unwrap_or(u32::MAX);
        mean.saturating_mul(rounds).clamp(SHORTEST, LONGEST)
    }
}

impl Place {
    /// From here on the request is worked on: this part of its stay counts for the mean.
    pub(crate) fn serve(&mut self) {
        self.served_since = Some(Instant::now());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(since) = self.served_since else {
            return;
        };
        let took = u64::try_from(since.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        // Two requests that end together may lose one sample; a guess needs no better.
        let mean = self.mean_ms.load(Ordering::Relaxed);
        let next = if mean == 0 {
            took
        } else {
            mean - mean / MEMORY + took / MEMORY
        };
        self.mean_ms.store(next.max(1), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_gate_turns_away_at_once_and_a_left_place_is_free_again() {
        let gate = Gate::new(1, 1);
        let first = gate.enter().expect("a slot");
        let _second = gate.enter().expect("a place in the queue");
        assert!(matches!(
            gate.enter(),
            Err(GenerateError::Overloaded { .. })
        ));
        drop(first);
        assert!(gate.enter().is_ok());
    }

    #[test]
    fn the_wait_grows_with_the_queue_and_the_mean_duration() {
        let gate = Gate::new(1, 3);
        gate.mean_ms.store(2_000, Ordering::Relaxed);
        let _held: Vec<Place> = (0..4).map(|_| gate.enter().expect("a place")).collect();
        assert_eq!(gate.retry_after(), Duration::from_secs(8));
    }

    #[test]
    fn a_served_place_moves_the_mean_and_an_unserved_one_does_not() {
        let gate = Gate::new(1, 1);
        drop(gate.enter().expect("a place"));
        assert_eq!(gate.mean_ms.load(Ordering::Relaxed), 0);
        let mut place = gate.enter().expect("a place");
        place.serve();
        drop(place);
        assert!(gate.mean_ms.load(Ordering::Relaxed) >= 1);
    }
}
