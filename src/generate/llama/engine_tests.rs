//! The scheduler over a model whose every token depends on all before it: wrong memory gives wrong text at once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::engine::Engine;
use super::runtime::{Runtime, StepError, StepToken};
use super::sampling::Sampler;
use super::sequences::Sequences;
use super::slot::Job;
use crate::generate::gate::Gate;
use crate::generate::reply::Reply;
use crate::generate::text::StopMatcher;
use crate::generate::{GenerateError, GenerateEvent, Generation, Sampling, StopReason};

const VOCABULARY: i32 = 97;
const END: i32 = 0;

/// A model whose next token is a hash of the whole sequence, and which panics where llama.cpp would abort.
struct HashModel {
    memory: Vec<Vec<i32>>,
    logits: Vec<Option<Vec<f32>>>,
    limit: usize,
    capacity: usize,
    shares: bool,
    fails_at: Option<usize>,
    none: BTreeSet<usize>,
}

impl HashModel {
    fn new(sequences: usize, limit: usize, capacity: usize) -> Self {
        Self {
            memory: vec![Vec::new(); sequences],
            logits: Vec::new(),
            limit,
            capacity,
            shares: true,
            fails_at: None,
            none: BTreeSet::new(),
        }
    }
}

fn next_token(history: &[i32]) -> i32 {
    let hash = history.iter().fold(0x811c_9dc5_u32, |hash, &token| {
        (hash ^ token as u32).wrapping_mul(0x0100_0193)
    });
    (hash >> 7) as i32 % VOCABULARY
}

impl Runtime for HashModel {
    fn step_limit(&self) -> usize {
        self.limit
    }

    fn step(&mut self, tokens: &[StepToken]) -> Result<(), StepError> {
        assert!(
            !tokens.is_empty() && tokens.len() <= self.limit,
            "llama.cpp would abort"
        );
        if let Some(left) = &mut self.fails_at {
            if *left == 0 {
                self.fails_at = None;
                return Err(StepError::Failed("broken".to_owned()));
            }
            *left -= 1;
        }
        let held: usize = self.memory.iter().map(Vec::len).sum();
        if held + tokens.len() > self.capacity {
            return Err(StepError::NoRoom);
        }
        self.logits.clear();
        for token in tokens {
            let memory = &mut self.memory[token.sequence];
            assert_eq!(memory.len(), token.position, "a gap in a sequence");
            memory.push(token.token);
            self.logits.push(token.logits.then(|| {
                let mut logits = vec![0.0; VOCABULARY as usize];
                logits[next_token(memory) as usize] = 1.0;
                logits
            }));
        }
        Ok(())
    }

    fn logits(&self, index: usize) -> Option<&[f32]> {
        self.logits[index].as_deref()
    }

    fn is_shareable(&self, _: usize) -> bool {
        self.shares
    }

    fn share(&mut self, source: usize, target: usize, length: usize) -> bool {
        assert!(
            self.memory[target].is_empty(),
            "shared into a sequence in use"
        );
        self.memory[target] = self.memory[source][..length].to_vec();
        true
    }

    fn truncate(&mut self, sequence: usize, length: usize) -> bool {
        self.memory[sequence].truncate(length);
        self.memory[sequence].len() == length
    }

    fn piece(&self, token: i32) -> Vec<u8> {
        format!("<{token}>").into_bytes()
    }

    fn is_end(&self, token: i32) -> bool {
        token == END
    }

    fn suppressed(&self) -> &BTreeSet<usize> {
        &self.none
    }
}

/// What the model says alone, from nothing.
fn expected(prompt: &[i32], max_tokens: usize) -> (String, StopReason) {
    let mut history = prompt.to_vec();
    let mut text = String::new();
    for _ in 0..max_tokens {
        let token = next_token(&history);
        if token == END {
            return (text, StopReason::Stop);
        }
        text.push('<');
        text.push_str(&token.to_string());
        text.push('>');
        history.push(token);
    }
    (text, StopReason::Length)
}

fn job(gate: &Gate, prompt: &[i32], max_tokens: usize, patience: Duration) -> (Job, Generation) {
    let (reply, generation) = Reply::channel(max_tokens);
    let job = Job {
        prompt: prompt.to_vec(),
        max_tokens,
        stop: StopMatcher::new([]),
        sampler: Sampler::new(&Sampling::default()),
        deadline: Instant::now() + patience,
        reply,
        place: gate.enter().expect("a place"),
    };
    (job, generation)
}

/// All that came: text, cached tokens and how it ended, `None` while unfinished.
fn collect(
    generation: &mut Generation,
) -> (String, usize, Option<Result<StopReason, GenerateError>>) {
    let (mut text, mut cached) = (String::new(), 0);
    while let Ok(event) = generation.try_recv() {
        match event {
            Ok(GenerateEvent::Started { cached_tokens, .. }) => cached = cached_tokens,
            Ok(GenerateEvent::Text(more)) => text.push_str(&more),
            Ok(GenerateEvent::Done { reason, .. }) => return (text, cached, Some(Ok(reason))),
            Err(error) => return (text, cached, Some(Err(error))),
        }
    }
    (text, cached, None)
}

fn engine(model: HashModel, slots: usize) -> (Engine<HashModel>, Gate) {
    let gate = Gate::new(slots, 64);
    let sequences = Sequences::new(model.memory.len(), model.capacity);
    (Engine::new(model, sequences, slots, gate.clone()), gate)
}

const PATIENT: Duration = Duration::from_secs(60);

#[test]
fn a_second_request_with_the_same_beginning_reads_only_the_rest() {
    let (mut engine, gate) = engine(HashModel::new(4, 32, 1_000), 1);
    let mut prompt: Vec<i32> = (1..60).collect();
    for (question, cached) in [(70, 0), (71, 59), (72, 59)] {
        prompt.truncate(59);
        prompt.push(question);
        let (job, mut generation) = job(&gate, &prompt, 8, PATIENT);
        engine.enqueue(job);
        (0..20).for_each(|_| engine.turn());
        let (text, reused, end) = collect(&mut generation);
        let (wanted, reason) = expected(&prompt, 8);
        assert_eq!((text, reused), (wanted, cached));
        assert!(matches!(end, Some(Ok(end)) if end == reason));
    }
}

#[test]
fn a_dropped_stream_frees_its_slot_at_the_next_turn_even_while_queued() {
    let (mut engine, gate) = engine(HashModel::new(1, 8, 1_000), 1);
    let (running, first) = job(&gate, &[5; 200], 50, PATIENT);
    let (queued, second) = job(&gate, &[6; 20], 5, PATIENT);
    let (last, mut third) = job(&gate, &[7; 4], 1, PATIENT);
    for job in [running, queued, last] {
        engine.enqueue(job);
    }
    engine.turn();
    drop((first, second));
    engine.turn();
    assert!(matches!(collect(&mut third), (_, _, Some(Ok(_)))));
}

#[test]
fn a_deadline_ends_running_and_waiting_requests() {
    let (mut engine, gate) = engine(HashModel::new(1, 4, 1_000), 1);
    let (running, mut first) = job(&gate, &[5; 100], 50, Duration::from_millis(20));
    let (queued, mut second) = job(&gate, &[6; 20], 5, Duration::from_millis(20));
    engine.enqueue(running);
    engine.enqueue(queued);
    engine.turn();
    std::thread::sleep(Duration::from_millis(30));
    engine.turn();
    for generation in [&mut first, &mut second] {
        assert!(matches!(
            collect(generation).2,
            Some(Err(GenerateError::Deadline))
        ));
    }
}

#[test]
fn a_failed_step_is_told_and_the_next_request_starts_clean() {
    let mut model = HashModel::new(2, 16, 1_000);
    model.fails_at = Some(2);
    let (mut engine, gate) = engine(model, 1);
    let prompt: Vec<i32> = (1..80).collect();
    let (failing, mut generation) = job(&gate, &prompt, 4, PATIENT);
    engine.enqueue(failing);
    (0..10).for_each(|_| engine.turn());
    assert!(matches!(
        collect(&mut generation).2,
        Some(Err(GenerateError::Unavailable(_)))
    ));
    let (again, mut generation) = job(&gate, &prompt, 4, PATIENT);
    engine.enqueue(again);
    (0..20).for_each(|_| engine.turn());
    assert_eq!(collect(&mut generation).0, expected(&prompt, 4).0);
}

#[test]
fn an_engine_that_goes_away_tells_its_requests() {
    let (mut engine, gate) = engine(HashModel::new(1, 4, 1_000), 1);
    let (job, mut generation) = job(&gate, &[5; 100], 50, PATIENT);
    engine.enqueue(job);
    engine.turn();
    drop(engine);
    assert!(matches!(
        collect(&mut generation).2,
        Some(Err(GenerateError::Unavailable(_)))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_comes_together_each_answer_is_as_if_alone(
        requests in prop::collection::vec((0_usize..4, 1_usize..60, 0_i32..3, 1_usize..12, any::<bool>()), 1..14),
        slots in 1_usize..4, kept in 0_usize..3, limit in 4_usize..40, shares in any::<bool>(), eager in 1_usize..5,
    ) {
        let mut model = HashModel::new(slots + kept, limit, 160);
        model.shares = shares;
        let (mut engine, gate) = engine(model, slots);
        let mut open = Vec::new();
        for (family, shared, question, max_tokens, drops) in requests {
            let mut prompt: Vec<i32> = (0..shared as i32).map(|token| (token * 7 + family as i32) % 90 + 1).collect();
            prompt.push(question + 1);
            let (job, generation) = job(&gate, &prompt, max_tokens, PATIENT);
            engine.enqueue(job);
            if !drops {
                open.push((prompt, max_tokens, generation));
            }
            (0..eager).for_each(|_| engine.turn());
        }
        (0..600).for_each(|_| engine.turn());
        for (prompt, max_tokens, mut generation) in open {
            let (text, _, end) = collect(&mut generation);
            let (wanted, reason) = expected(&prompt, max_tokens);
            prop_assert_eq!(text, wanted);
            prop_assert!(matches!(end, Some(Ok(end)) if end == reason));
        }
    }
}
