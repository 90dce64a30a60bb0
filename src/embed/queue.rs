//! The line in front of the model threads: questions overtake passages, and nobody works for a caller who has left.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use wenyuan_ingest::EmbedError;

use super::batch::Shape;

/// Waiting jobs that are looked at for one that fits; the first in line never waits for longer.
const LOOKED_AT: usize = 16;

/// What a job answers: one vector per text.
pub(super) type Vectors = Result<Vec<Vec<f32>>, EmbedError>;

/// Texts to embed in one go.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) texts: Vec<String>,
    /// How many they are, and the longest one's tokens as estimated.
    pub(super) shape: Shape,
    pub(super) reply: oneshot::Sender<Vectors>,
    /// A passage job's place in the queue, given back when the job is done or dropped.
    pub(super) place: Option<OwnedSemaphorePermit>,
}

#[derive(Debug, Default)]
struct State {
    queries: VecDeque<Job>,
    passages: VecDeque<Job>,
    closed: bool,
}

/// Jobs that wait. Passages are bounded by the permits they carry, questions by `most_queries`.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    most_queries: usize,
}

impl Queue {
    pub(super) fn new(most_queries: usize) -> Self {
        Self {
            state: Mutex::default(),
            ready: Condvar::new(),
            most_queries,
        }
    }

    /// Adds a question in front of all passages.
    pub(super) fn push_query(&self, job: Job) -> Result<(), EmbedError> {
        let mut state = self.open_state()?;
        state.queries.retain(|waiting| !waiting.reply.is_closed());
        if state.queries.len() >= self.most_queries {
            return Err(EmbedError::Overloaded);
        }
        state.queries.push_back(job);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// Adds passages; the caller has taken a permit for them.
    pub(super) fn push_passages(&self, job: Job) -> Result<(), EmbedError> {
        self.open_state()?.passages.push_back(job);
        self.ready.notify_one();
        Ok(())
    }

    /// The next jobs to do in one go: a question by itself, or passages of several documents whose lengths go together.
    /// Somebody still waits for each. Blocks until there is one; `None` once the queue is closed.
    pub(super) fn next(&self) -> Option<Vec<Job>> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            if let Some(query) = state.queries.pop_front() {
                if !query.reply.is_closed() {
                    return Some(vec![query]);
                }
            } else if let Some(job) = state.passages.pop_front() {
                if !job.reply.is_closed() {
                    return Some(with_fitting(job, &mut state.passages));
                }
            } else {
                state = wait(&self.ready, state);
            }
        }
    }

    /// Ends the workers after the jobs they hold, and drops what waits.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.queries.clear();
        state.passages.clear();
        drop(state);
        self.ready.notify_all();
    }

    fn open_state(&self) -> Result<MutexGuard<'_, State>, EmbedError> {
        let state = self.state();
        if state.closed {
            Err(stopped())
        } else {
            Ok(state)
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes along what fits of the first jobs that wait.
fn with_fitting(first: Job, waiting: &mut VecDeque<Job>) -> Vec<Job> {
    let (mut shape, mut jobs) = (first.shape, vec![first]);
    let mut at = 0;
    while let Some(job) = waiting.get(at).filter(|_| at < LOOKED_AT) {
        match shape.join(job.shape).filter(|_| !job.reply.is_closed()) {
            Some(joined) => {
                shape = joined;
                jobs.extend(waiting.remove(at));
            }
            None => at += 1,
        }
    }
    jobs
}

fn wait<'a>(ready: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    ready.wait(state).unwrap_or_else(PoisonError::into_inner)
}

/// What callers get once no model thread is left.
pub(super) fn stopped() -> EmbedError {
    EmbedError::Unavailable("its thread has stopped; see the log, then restart".to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use wenyuan_ingest::EmbedError;

    use super::{Job, Queue, Shape, Vectors};

    fn job(text: &str) -> (Job, oneshot::Receiver<Vectors>) {
        let (reply, receiver) = oneshot::channel();
        (
            Job {
                texts: vec![text.to_owned()],
                shape: Shape {
                    texts: 1,
                    longest: text.len(),
                },
                reply,
                place: None,
            },
            receiver,
        )
    }

    fn next(queue: &Queue) -> Vec<String> {
        let jobs = queue.next().expect("jobs");
        jobs.into_iter().flat_map(|job| job.texts).collect()
    }

    #[test]
    fn a_question_overtakes_waiting_passages() {
        let queue = Queue::new(4);
        let (passage, _passage_waits) = job("passage");
        let (query, _query_waits) = job("问题");
        queue.push_passages(passage).expect("open");
        queue.push_query(query).expect("open");
        assert_eq!(next(&queue), ["问题"]);
        assert_eq!(next(&queue), ["passage"]);
    }

    #[test]
    fn passages_of_like_length_are_done_together() {
        let queue = Queue::new(4);
        let texts = ["first", "very much longer than the others", "second"];
        let waiting: Vec<_> = texts
            .map(|text| {
                let (job, receiver) = job(text);
                queue.push_passages(job).expect("open");
                receiver
            })
            .into();
        assert_eq!(next(&queue), ["first", "second"]);
        assert_eq!(next(&queue), ["very much longer than the others"]);
        drop(waiting);
    }

    #[test]
    fn work_for_a_caller_who_left_is_skipped() {
        let queue = Queue::new(4);
        let (left, receiver) = job("left");
        let (stays, _waits) = job("stays");
        queue.push_passages(left).expect("open");
        queue.push_passages(stays).expect("open");
        drop(receiver);
        assert_eq!(next(&queue), ["stays"]);
    }

    #[test]
    fn a_question_too_many_is_refused_at_once_and_a_left_one_makes_room() {
        let queue = Queue::new(1);
        let (first, receiver) = job("first");
        queue.push_query(first).expect("there is room");
        let (second, _waits) = job("second");
        assert!(matches!(
            queue.push_query(second),
            Err(EmbedError::Overloaded)
        ));
        drop(receiver);
        let (third, _waits) = job("third");
        queue.push_query(third).expect("there is room again");
    }

    #[test]
    fn a_closed_queue_ends_its_workers_and_refuses_work() {
        let queue = Queue::new(1);
        queue.close();
        assert!(queue.next().is_none());
        let (late, _waits) = job("late");
        assert!(matches!(
            queue.push_query(late),
            Err(EmbedError::Unavailable(_))
        ));
    }
}
