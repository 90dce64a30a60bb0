//! The thread that owns a model, behind a bounded queue: batches by length, nobody works for a caller who has left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{RerankError, is_empty};
use crate::batch::plan;

/// Calls that may wait; a further one is refused at once.
const WAITING: usize = 8;

/// A model as its thread has it. Errors are for a person.
pub(super) trait Pairs {
    /// Tokens of the question with each passage, as the model will read them: cut to its window.
    fn measure(&mut self, question: &str, passages: &[String]) -> Result<Vec<usize>, String>;

    /// A number in [0, 1] for each passage of one batch, in order.
    fn score(&mut self, question: &str, batch: &[&str]) -> Result<Vec<f32>, String>;
}

/// One call.
pub(super) struct Job {
    question: String,
    passages: Vec<String>,
    reply: oneshot::Sender<Result<Vec<f32>, RerankError>>,
}

/// The calls that come to the thread.
pub(super) struct Inbox {
    jobs: Receiver<Job>,
    closing: Arc<AtomicBool>,
}

/// The thread's handle. Dropping it ends the thread at its next batch and waits for that.
pub(super) struct Worker {
    jobs: Option<SyncSender<Job>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread and waits until it has said whether its model works. `body` loads the model, tells, and serves.
    pub(super) fn start<T: Send + 'static>(
        name: &str,
        body: impl FnOnce(Inbox, &mpsc::Sender<Result<T, String>>) + Send + 'static,
    ) -> Result<(Self, T), String> {
        let (jobs, inbox) = mpsc::sync_channel(WAITING);
        let closing = Arc::new(AtomicBool::new(false));
        let inbox = Inbox {
            jobs: inbox,
            closing: Arc::clone(&closing),
        };
        let (report, ready) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name(format!("rerank {name}"))
            .spawn(move || body(inbox, &report))
            .map_err(|error| format!("no thread for it: {error}"))?;
        let worker = Self {
            jobs: Some(jobs),
            closing,
            thread: Some(thread),
        };
        let told = ready
            .recv()
            .unwrap_or_else(|_| Err("its thread stopped while loading".to_owned()))?;
        Ok((worker, told))
    }

    /// Hands a call to the thread and waits for its answer.
    pub(super) async fn rerank(
        &self,
        question: &str,
        passages: &[String],
    ) -> Result<Vec<f32>, RerankError> {
        if is_empty(passages)? {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        let job = Job {
            question: question.to_owned(),
            passages: passages.to_vec(),
            reply,
        };
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => RerankError::Overloaded,
            TrySendError::Disconnected(_) => stopped(),
        })?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the reranker's thread panicked");
        }
    }
}

fn stopped() -> RerankError {
    RerankError::Unavailable("its thread has stopped; see the log, then restart".to_owned())
}

impl Inbox {
    /// Works until nobody can call any more. `budget` is the most padded tokens in a batch.
    pub(super) fn serve(&self, model: &mut dyn Pairs, budget: usize) {
        while let Ok(job) = self.jobs.recv() {
            if self.is_given_up(&job) {
                continue;
            }
            if let Some(outcome) = self.work(model, &job, budget) {
                // The caller may have left; then nobody misses the answer.
                let _ = job.reply.send(outcome);
            }
        }
    }

    fn is_given_up(&self, job: &Job) -> bool {
        job.reply.is_closed() || self.closing.load(Ordering::Relaxed)
    }

    /// `None` where the caller left on the way.
    fn work(
        &self,
        model: &mut dyn Pairs,
        job: &Job,
        budget: usize,
    ) -> Option<Result<Vec<f32>, RerankError>> {
        let tokens = match model.measure(&job.question, &job.passages) {
            Ok(tokens) if tokens.len() == job.passages.len() => tokens,
            Ok(_) => return Some(Err(odd())),
            Err(reason) => return Some(Err(RerankError::Unavailable(reason))),
        };
        let mut scores = vec![0.0; job.passages.len()];
        for batch in plan(&tokens, budget) {
            if self.is_given_up(job) {
                return None;
            }
            let texts: Vec<&str> = batch.iter().map(|at| job.passages[*at].as_str()).collect();
            match model.score(&job.question, &texts) {
                Ok(found)
                    if found.len() == batch.len() && found.iter().all(|one| is_share(*one)) =>
                {
                    for (at, score) in batch.into_iter().zip(found) {
                        scores[at] = score;
                    }
                }
                Ok(_) => return Some(Err(odd())),
                Err(reason) => return Some(Err(RerankError::Unavailable(reason))),
            }
        }
        Some(Ok(scores))
    }
}

fn is_share(score: f32) -> bool {
    (0.0..=1.0).contains(&score)
}

fn odd() -> RerankError {
    RerankError::Unavailable("it does not give one number per passage".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    /// Scores by length, and waits for leave before each batch.
    struct Slow {
        leave: Arc<Mutex<Receiver<()>>>,
        done: Arc<Mutex<usize>>,
    }

    impl Pairs for Slow {
        fn measure(&mut self, _: &str, passages: &[String]) -> Result<Vec<usize>, String> {
            Ok(passages.iter().map(String::len).collect())
        }

        fn score(&mut self, _: &str, batch: &[&str]) -> Result<Vec<f32>, String> {
            let _ = self.leave.lock().expect("not poisoned").recv();
            *self.done.lock().expect("not poisoned") += batch.len();
            Ok(batch.iter().map(|text| text.len() as f32 / 100.0).collect())
        }
    }

    fn slow() -> (Worker, mpsc::Sender<()>, Arc<Mutex<usize>>) {
        let (go, leave) = mpsc::channel();
        let done = Arc::new(Mutex::new(0));
        let mut model = Slow {
            leave: Arc::new(Mutex::new(leave)),
            done: Arc::clone(&done),
        };
        let (worker, ()) = Worker::start("slow", move |inbox, report| {
            if report.send(Ok(())).is_ok() {
                inbox.serve(&mut model, 10);
            }
        })
        .expect("it starts");
        (worker, go, done)
    }

    fn texts(lengths: &[usize]) -> Vec<String> {
        lengths.iter().map(|length| "x".repeat(*length)).collect()
    }

    #[tokio::test]
    async fn scores_come_in_the_order_of_the_passages_whatever_the_batches() {
        let (worker, go, _) = slow();
        for _ in 0..4 {
            go.send(()).expect("the thread listens");
        }
        let scores = worker.rerank("?", &texts(&[9, 3, 40, 2])).await;
        assert_eq!(scores.expect("scores"), [0.09, 0.03, 0.4, 0.02]);
    }

    #[tokio::test]
    async fn a_caller_who_leaves_frees_the_thread_at_its_next_batch() {
        let (worker, go, done) = slow();
        let passages = texts(&[10, 10, 10]);
        let left = tokio::time::timeout(Duration::from_millis(20), worker.rerank("?", &passages));
        assert!(left.await.is_err(), "nobody gave leave");
        go.send(()).expect("the thread listens");
        go.send(()).expect("the thread listens");
        let next = worker.rerank("?", &texts(&[7])).await.expect("its turn");
        assert_eq!(next, [0.07]);
        assert_eq!(*done.lock().expect("not poisoned"), 2);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let (worker, go, _) = slow();
        let worker = Arc::new(worker);
        let passages = texts(&[1]);
        let mut waiting = Vec::new();
        let mut refused = false;
        for _ in 0..WAITING + 2 {
            let mut call = Box::pin(worker.rerank("?", &passages));
            match futures::poll!(&mut call) {
                std::task::Poll::Ready(outcome) => {
                    refused |= outcome == Err(RerankError::Overloaded);
                }
                std::task::Poll::Pending => waiting.push(call),
            }
        }
        assert!(refused);
        drop(waiting);
        drop(go);
    }

    #[test]
    fn a_model_that_does_not_load_says_why() {
        let started = Worker::start::<()>("broken", |_inbox, report| {
            let _ = report.send(Err("no such file".to_owned()));
        });
        assert_eq!(started.err().as_deref(), Some("no such file"));
        let silent = Worker::start::<()>("silent", |_inbox, _report| {});
        assert!(silent.is_err());
    }
}
