//! How long the edge index takes for what one question needs of it. Run with `cargo bench --bench store`.
//!
//! It writes random unit vectors (10,000 chunks, 512 dimensions, 6 sentences and 80 terms each, unless
//! `WENYUAN_BENCH_CHUNKS` says otherwise), then times, before and after optimizing, the first batch of a question (100
//! passages and 100 lexical hits) and the rescoring of their union by best sentence.

use std::time::{Duration, Instant};

use uuid::Uuid;
use wenyuan::model::{ChunkId, KnowledgeBaseId};
use wenyuan::store::{
    EdgeStore, Effort, Embedding, Filter, QueryVector, ScoredChunk, StoreQuery, VectorStore,
};
use wenyuan_ingest::{ChunkSink, Language, Point, PointPayload, SparseVector};

const DIMENSION: usize = 512;
const SENTENCES: usize = 6;
const TERMS: usize = 80;
const VOCABULARY: u64 = 50_000;
const LIMIT: usize = 100;
const QUESTIONS: usize = 60;

/// SplitMix64: the same points in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 24) as f32
    }

    fn vector(&mut self) -> Vec<f32> {
        let vector: Vec<f32> = (0..DIMENSION).map(|_| self.unit() - 0.5).collect();
        let norm = vector
            .iter()
            .map(|element| element * element)
            .sum::<f32>()
            .sqrt();
        vector.into_iter().map(|element| element / norm).collect()
    }

    /// Terms as skewed as words are: low indices are common.
    fn terms(&mut self, count: usize) -> SparseVector {
        let mut indices: Vec<u32> = (0..count)
            .map(|_| (VOCABULARY as f32 * self.unit().powi(4)) as u32)
            .collect();
        indices.sort_unstable();
        indices.dedup();
        let values = indices.iter().map(|_| 0.5 + self.unit()).collect();
        SparseVector { indices, values }
    }
}

fn base() -> Uuid {
    Uuid::from_u128(1)
}

fn point(random: &mut Random, number: u32) -> Point {
    let document = Uuid::from_u128(u128::from(number / 50) + 10);
    Point {
        id: Uuid::new_v5(&document, &number.to_be_bytes()),
        dense: random.vector(),
        sentences: (0..SENTENCES).map(|_| random.vector()).collect(),
        bm25: random.terms(TERMS),
        payload: PointPayload {
            knowledge_base: base(),
            document,
            version: document,
            ordinal: number % 50,
            page: Some(number % 50 + 1),
            language: Language::Chinese,
            kind: "pdf".to_owned(),
            tags: vec!["bench".to_owned()],
            headings: Vec::new(),
            added_at: 1_700_000_000,
            sentence_marks: String::new(),
        },
    }
}

async fn fill(store: &EdgeStore, random: &mut Random, chunks: u32) {
    let mut written = Duration::ZERO;
    for start in (0..chunks).step_by(500) {
        let batch = (start..(start + 500).min(chunks))
            .map(|number| point(random, number))
            .collect();
        let begun = Instant::now();
        store.upsert(batch).await.expect("points are written");
        written += begun.elapsed();
    }
    let begun = Instant::now();
    store.flush().await.expect("the store flushes");
    println!(
        "write {chunks} chunks: {written:.1?}, flush {:.1?}",
        begun.elapsed()
    );
}

fn query(vector: QueryVector, filter: Filter) -> StoreQuery {
    StoreQuery {
        vector,
        filter,
        limit: LIMIT,
    }
}

fn union(answers: &[Vec<ScoredChunk>]) -> Vec<ChunkId> {
    let mut ids: Vec<_> = answers.iter().flatten().map(|hit| hit.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Prints the median and the slowest of several timings.
fn report(what: &str, mut timings: Vec<Duration>) {
    timings.sort_unstable();
    let slowest = timings.last().copied().unwrap_or_default();
    println!(
        "  {what:<34} median {:>8.2?}   slowest {slowest:>8.2?}",
        timings[timings.len() / 2]
    );
}

async fn ask(store: &EdgeStore, random: &mut Random) {
    let everything = Filter::in_knowledge_bases(&[KnowledgeBaseId(base())]);
    let (mut passages, mut lexical, mut batches, mut rescored) = (vec![], vec![], vec![], vec![]);
    for _ in 0..QUESTIONS {
        let vector = random.vector();
        let passage = query(QueryVector::Passage(vector.clone()), everything.clone());
        let terms = query(QueryVector::Lexical(random.terms(12)), everything.clone());
        let time = async |queries: Vec<StoreQuery>, timings: &mut Vec<Duration>| {
            let begun = Instant::now();
            let answers = store.query_batch(queries).await.expect("answers");
            timings.push(begun.elapsed());
            answers
        };
        time(vec![passage.clone()], &mut passages).await;
        time(vec![terms.clone()], &mut lexical).await;
        let answers = time(vec![passage, terms], &mut batches).await;
        let among = everything.clone().among(union(&answers));
        let mut rescore = query(QueryVector::BestSentence(vector), among);
        rescore.limit = 2 * LIMIT;
        time(vec![rescore], &mut rescored).await;
    }
    report("passages alone", passages);
    report("lexical alone", lexical);
    report("both in one batch", batches);
    report("best sentence of their union", rescored);
}

fn main() {
    let chunks = std::env::var("WENYUAN_BENCH_CHUNKS")
        .ok()
        .and_then(|count| count.parse().ok());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut random = Random(42);
    let store = EdgeStore::open(folder.path(), &Embedding::new("random", DIMENSION))
        .expect("the store opens");
    runtime.block_on(async {
        fill(&store, &mut random, chunks.unwrap_or(10_000)).await;
        println!("as written:");
        ask(&store, &mut random).await;
        let begun = Instant::now();
        store
            .optimize(Effort::Full)
            .await
            .expect("the store is optimized");
        println!("optimized in {:.1?}:", begun.elapsed());
        ask(&store, &mut random).await;
    });
    drop(store);
    let begun = Instant::now();
    let store = EdgeStore::open(folder.path(), &Embedding::new("random", DIMENSION))
        .expect("the store opens again");
    println!("reopened in {:.1?}:", begun.elapsed());
    runtime.block_on(ask(&store, &mut random));
}
