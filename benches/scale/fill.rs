//! Fills an index as an ingestion does, with care for it after every 2,500 points.

use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;
use wenyuan::store::{
    EdgeStore, Effort, Embedding, Filter, QueryVector, StoreQuery, VectorStore as _,
};
use wenyuan_ingest::{ChunkSink as _, Language, Point, PointPayload};

use crate::memory::{self, Watch};
use crate::vectors::{Nearest, Random, dot, write};
use crate::{CANDIDATES, DIMENSION, TERMS, print};

/// As `index.optimize_after` has it.
const CARE_AFTER: usize = 2_500;
const BATCH: usize = 500;
/// Pause between the questions that are asked while the index is put in order, at least.
const PAUSE: Duration = Duration::from_millis(50);
/// Pause after a question, in times that it took. Questions go before the threads that build graphs, and without an end to
/// them nothing would be built.
const REST: u32 = 19;

pub(crate) struct Plan<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) chunks: usize,
    pub(crate) sentences: usize,
    pub(crate) seeds: Vec<Vec<f32>>,
    pub(crate) questions: Vec<Vec<f32>>,
    /// Where the passage vectors go, for others to search.
    pub(crate) export: Option<&'a Path>,
}

pub(crate) fn base() -> Uuid {
    Uuid::from_u128(1)
}

pub(crate) fn id(number: u32) -> Uuid {
    Uuid::new_v5(&base(), &number.to_be_bytes())
}

fn point(random: &mut Random, plan: &Plan<'_>, number: usize) -> Point {
    let document = Uuid::from_u128(number as u128 / 50 + 10);
    let dense = random.passage(number, &plan.seeds);
    Point {
        id: id(number as u32),
        sentences: random.sentences(plan.sentences, &dense, &plan.seeds),
        dense,
        bm25: random.terms(TERMS),
        payload: PointPayload {
            knowledge_base: base(),
            document,
            version: document,
            ordinal: number as u32 % 50,
            page: Some(number as u32 % 50 + 1),
            language: Language::Chinese,
            kind: "pdf".to_owned(),
            tags: vec!["bench".to_owned()],
            headings: Vec::new(),
            added_at: 1_700_000_000,
            sentence_marks: String::new(),
        },
    }
}

/// Puts the index in order while it is asked: how long that takes, and how long each answer took, in milliseconds.
async fn care(store: &EdgeStore, effort: Effort, question: &[f32]) -> (Duration, Vec<f64>) {
    let begun = Instant::now();
    let order = async {
        // As `Care` does it.
        store.flush().await.expect("the store flushes");
        store
            .optimize(effort)
            .await
            .expect("the store is optimized");
    };
    tokio::pin!(order);
    let (mut answers, mut pause) = (Vec::new(), PAUSE);
    loop {
        tokio::select! {
            () = &mut order => return (begun.elapsed(), answers),
            () = tokio::time::sleep(pause) => {
                let asked = Instant::now();
                let query = StoreQuery {
                    vector: QueryVector::Passage(question.to_vec()),
                    filter: Filter::default(),
                    limit: CANDIDATES,
                };
                store.query_batch(vec![query]).await.expect("an answer");
                answers.push(asked.elapsed().as_secs_f64() * 1e3);
                pause = PAUSE.max(asked.elapsed() * REST);
            }
        }
    }
}

struct Filled {
    written: Duration,
    ordered: Duration,
    answers: Vec<f64>,
    exact: Vec<Nearest>,
}

async fn fill(store: &EdgeStore, plan: &Plan<'_>) -> Filled {
    let mut random = Random(42);
    let mut filled = Filled {
        written: Duration::ZERO,
        ordered: Duration::ZERO,
        answers: Vec::new(),
        exact: vec![Nearest::default(); plan.questions.len()],
    };
    let mut unordered = 0;
    for start in (0..plan.chunks).step_by(BATCH) {
        let end = (start + BATCH).min(plan.chunks);
        let batch = points(&mut random, plan, start..end);
        see(plan, start, &batch, &mut filled.exact);
        if let Some(path) = plan.export {
            write(path, batch.iter().map(|point| point.dense.as_slice()));
        }
        let begun = Instant::now();
        store.upsert(batch).await.expect("points are written");
        filled.written += begun.elapsed();
        unordered += end - start;
        if unordered >= CARE_AFTER || end == plan.chunks {
            unordered = 0;
            let effort = if end == plan.chunks {
                Effort::Full
            } else {
                Effort::Little
            };
            let question = &plan.questions[start % plan.questions.len()];
            let (took, answers) = care(store, effort, question).await;
            filled.ordered += took;
            filled.answers.extend(answers);
            if end.is_multiple_of(50_000) {
                eprintln!("{end} chunks, in order after {:.0?}", filled.ordered);
            }
        }
    }
    filled
}

fn points(random: &mut Random, plan: &Plan<'_>, numbers: Range<usize>) -> Vec<Point> {
    numbers.map(|number| point(random, plan, number)).collect()
}

/// Lets points from this number on pass by, for what is exactly nearest to each question.
fn see(plan: &Plan<'_>, start: usize, points: &[Point], exact: &mut [Nearest]) {
    for (question, nearest) in plan.questions.iter().zip(exact) {
        for (number, point) in (start as u32..).zip(points) {
            nearest.see(dot(question, &point.dense), number, CANDIDATES);
        }
    }
}

fn keep(plan: &Plan<'_>, exact: &[Nearest]) {
    let exact: Vec<Vec<u32>> = exact.iter().map(Nearest::numbers).collect();
    let exact = serde_json::to_vec(&exact).expect("JSON");
    std::fs::write(plan.folder.join("exact.json"), exact).expect("it is written");
}

/// Reckons what is exactly nearest once more, for an index that was not filled to its end.
pub(crate) fn exact(plan: &Plan<'_>) {
    let mut random = Random(42);
    let mut exact = vec![Nearest::default(); plan.questions.len()];
    for start in (0..plan.chunks).step_by(BATCH) {
        let end = (start + BATCH).min(plan.chunks);
        let batch = points(&mut random, plan, start..end);
        see(plan, start, &batch, &mut exact);
    }
    keep(plan, &exact);
}

/// Puts an index in order, as the program does in a quiet time.
pub(crate) fn order(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let watch = Watch::begin();
    let store =
        EdgeStore::open(folder, &Embedding::new("scale", DIMENSION)).expect("the store opens");
    let question = vec![1.0; DIMENSION];
    let (took, _answers) = runtime.block_on(care(&store, Effort::Full, &question));
    print(&json!({
        "ordered_s": took.as_secs_f64(),
        "peak_anonymous": watch.end(),
        "disk": memory::disk(&folder.join("shard")),
    }));
}

pub(crate) fn run(plan: &Plan<'_>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let watch = Watch::begin();
    let before = memory::now();
    let store =
        EdgeStore::open(plan.folder, &Embedding::new("scale", DIMENSION)).expect("the store opens");
    let filled = runtime.block_on(fill(&store, plan));
    let peak = watch.end();
    let held = memory::now();
    drop(store);
    keep(plan, &filled.exact);
    print(&json!({
        "chunks": plan.chunks,
        "sentences": plan.sentences,
        "written_s": filled.written.as_secs_f64(),
        "ordered_s": filled.ordered.as_secs_f64(),
        "answers_meanwhile_ms": filled.answers,
        "before": before,
        "held": held,
        "peak_anonymous": peak,
        "disk": memory::disk(&plan.folder.join("shard")),
    }));
}
