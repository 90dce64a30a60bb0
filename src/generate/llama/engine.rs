//! Continuous batching: each step reads a little of every waiting prompt and writes one token of every answer.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Instant;

use super::runtime::{Runtime, StepError, StepToken};
use super::sequences::Sequences;
use super::slot::{Job, Slot};
use crate::generate::gate::Gate;
use crate::generate::{GenerateError, StopReason};

/// The scheduler, which lives on the thread that owns the model.
pub(super) struct Engine<R> {
    runtime: R,
    sequences: Sequences,
    most_slots: usize,
    slots: Vec<Slot>,
    waiting: VecDeque<Job>,
    gate: Gate,
}

impl<R: Runtime> Engine<R> {
    /// `sequences` has at least as many as `most_slots`.
    pub(super) fn new(runtime: R, sequences: Sequences, most_slots: usize, gate: Gate) -> Self {
        let most_slots = most_slots.clamp(1, sequences.count());
        Self {
            runtime,
            sequences,
            most_slots,
            slots: Vec::new(),
            waiting: VecDeque::new(),
            gate,
        }
    }

    /// Works until the handle is dropped; requests that are then unfinished are told so.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            if self.slots.is_empty() && self.waiting.is_empty() {
                match jobs.recv() {
                    Ok(job) => self.enqueue(job),
                    Err(_) => return,
                }
            }
            loop {
                match jobs.try_recv() {
                    Ok(job) => self.enqueue(job),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            self.turn();
        }
    }

    /// Takes a request that will be served after those before it.
    pub(super) fn enqueue(&mut self, job: Job) {
        self.waiting.push_back(job);
    }

    /// Everything between two looks at the queue.
    pub(super) fn turn(&mut self) {
        self.drop_hopeless();
        self.admit();
        self.step();
    }

    /// Frees what nobody waits for any more, and tells those whose time is up.
    fn drop_hopeless(&mut self) {
        let now = Instant::now();
        for job in std::mem::take(&mut self.waiting) {
            if job.reply.is_abandoned() {
                continue;
            }
            if job.deadline <= now {
                job.reply.fail(GenerateError::Deadline);
            } else {
                self.waiting.push_back(job);
            }
        }
        for index in (0..self.slots.len()).rev() {
            let abandoned = self.slots[index].reply.is_abandoned();
            if abandoned || self.slots[index].deadline <= now {
                let slot = self.slots.remove(index);
                self.sequences.keep(slot.sequence);
                if !abandoned {
                    slot.fail(GenerateError::Deadline);
                }
            }
        }
    }

    /// First come, first served: nobody is overtaken, so nobody starves.
    fn admit(&mut self) {
        while self.slots.len() < self.most_slots {
            let Some(job) = self.waiting.front() else {
                return;
            };
            let plan = self.sequences.plan(&job.prompt, job.reserve(), |id| {
                self.runtime.is_shareable(id)
            });
            let Some(plan) = plan else {
                return self.refuse_what_never_fits();
            };
            let Some(job) = self.waiting.pop_front() else {
                return;
            };
            if plan.source != Some(plan.target) {
                self.runtime.truncate(plan.target, 0);
            }
            let cached = match plan.source {
                Some(source) if source == plan.target => {
                    self.runtime.truncate(plan.target, plan.shared)
                }
                Some(source) => self.runtime.share(source, plan.target, plan.shared),
                None => false,
            };
            let cached = if cached { plan.shared } else { 0 };
            self.sequences
                .start(plan.target, &job.prompt[..cached], job.reserve());
            for id in plan.evict {
                self.clear(id);
            }
            self.slots.push(Slot::start(job, plan.target, cached));
        }
    }

    /// With nothing running a request that has no room will never have any. The handle refuses those, so this is only
    /// a guard against spinning for ever.
    fn refuse_what_never_fits(&mut self) {
        if self.slots.is_empty()
            && let Some(job) = self.waiting.pop_front()
        {
            job.reply.fail(GenerateError::Overloaded {
                retry_after: self.gate.retry_after(),
            });
        }
    }

    fn step(&mut self) {
        let (step, asked) = self.compose();
        if step.is_empty() {
            return;
        }
        let outcome = match self.runtime.step(&step) {
            Err(StepError::NoRoom) => {
                self.sequences
                    .kept()
                    .into_iter()
                    .for_each(|id| self.clear(id));
                self.runtime.step(&step)
            }
            other => other,
        };
        match outcome {
            Ok(()) => {
                self.book(&step);
                self.write(&asked);
            }
            Err(StepError::NoRoom) => self.fail_all(&GenerateError::Overloaded {
                retry_after: self.gate.retry_after(),
            }),
            Err(StepError::Failed(reason)) => self.fail_all(&GenerateError::Unavailable(reason)),
        }
    }

    /// The next token of every answer first, then as much of the prompts as has room, first come first served.
    /// Also which slots want logits, and where they are.
    fn compose(&self) -> (Vec<StepToken>, Vec<(usize, usize)>) {
        let limit = self.runtime.step_limit();
        let (readers, writers): (Vec<usize>, Vec<usize>) =
            (0..self.slots.len()).partition(|&index| self.slots[index].is_reading());
        // Those who write get their next token soon, even while a long prompt is read.
        let reading_limit = if writers.is_empty() {
            limit
        } else {
            (limit / 2).max(1)
        };
        let mut step = Vec::new();
        let mut asked = Vec::new();
        for (order, index) in writers.iter().chain(&readers).copied().enumerate() {
            let room = if order < writers.len() {
                limit
            } else {
                reading_limit.max(writers.len() + 1).min(limit)
            };
            let (pending, from) = self.slots[index].pending();
            let count = pending.len().min(room.saturating_sub(step.len()));
            let sequence = self.slots[index].sequence;
            for (offset, &token) in pending[..count].iter().enumerate() {
                let logits = offset + 1 == pending.len();
                if logits {
                    asked.push((index, step.len()));
                }
                step.push(StepToken {
                    token,
                    position: from + offset,
                    sequence,
                    logits,
                });
            }
        }
        (step, asked)
    }

    /// Notes what is in memory now.
    fn book(&mut self, step: &[StepToken]) {
        for slot in &mut self.slots {
            let count = step
                .iter()
                .filter(|token| token.sequence == slot.sequence)
                .count();
            let sequence = slot.sequence;
            self.sequences.extend(sequence, slot.advance(count));
        }
    }

    /// Picks a token for each slot whose logits are there.
    fn write(&mut self, asked: &[(usize, usize)]) {
        let mut ended = Vec::new();
        for &(index, position) in asked {
            let slot = &mut self.slots[index];
            let picked = self
                .runtime
                .logits(position)
                .and_then(|logits| slot.pick(logits, self.runtime.suppressed()));
            match picked {
                None => ended.push((index, None)),
                Some(token) if self.runtime.is_end(token) => {
                    ended.push((index, Some(StopReason::Stop)));
                }
                Some(token) => {
                    if let Some(reason) = slot.write(token, &self.runtime.piece(token)) {
                        ended.push((index, Some(reason)));
                    }
                }
            }
        }
        ended.sort_unstable_by_key(|&(index, _)| std::cmp::Reverse(index));
        for (index, reason) in ended {
            let slot = self.slots.remove(index);
            if let Some(reason) = reason {
                self.sequences.keep(slot.sequence);
                slot.finish(reason);
            } else {
                self.clear(slot.sequence);
                slot.fail(GenerateError::Unavailable(
                    "the model computes no numbers; its file may be damaged".to_owned(),
                ));
            }
        }
    }

    fn clear(&mut self, id: usize) {
        self.runtime.truncate(id, 0);
        self.sequences.free(id);
    }

    /// After a failed step nothing in memory can be trusted.
    fn fail_all(&mut self, error: &GenerateError) {
        tracing::error!(%error, "a step of the language model failed");
        for slot in self.slots.drain(..) {
            slot.fail(error.clone());
        }
        (0..self.sequences.count()).for_each(|id| self.clear(id));
    }
}
