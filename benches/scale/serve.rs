//! Times questions, one kind at a time, so that others can be timed in between.
//!
//! A line `store 10` or `raw 10` asks for the ten nearest passages through our store, or of edge itself with the same
//! request; `raw 10 128 1.5` has edge keep 128 candidates and score 1.5 for each hit anew, and with `0` after that it is asked
//! without the filter for a knowledge base. `lexical`, `both` and `sentences` are the other calls of a question through our store.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use qdrant_edge as edge;
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;
use wenyuan::model::{ChunkId, KnowledgeBaseId};
use wenyuan::store::{EdgeStore, Embedding, Filter, QueryVector, StoreQuery, VectorStore as _};

use crate::fill::{base, id};
use crate::vectors::Random;
use crate::{CANDIDATES, DIMENSION, QUESTION_TERMS, memory, print};

/// The index is open in one way at a time: it locks its folder.
enum Opened {
    Store(EdgeStore),
    Raw(Box<edge::EdgeShard>),
    Nothing,
}

/// How edge itself is asked.
struct Asked {
    candidates: f64,
    /// Scored anew, for each hit.
    rescored: f64,
    filtered: bool,
}

struct Server {
    folder: PathBuf,
    questions: Vec<Vec<f32>>,
    exact: Vec<Vec<u32>>,
    opened: Opened,
    raw: Asked,
    runtime: Runtime,
}

pub(crate) fn run(folder: &Path, questions: Vec<Vec<f32>>) {
    let exact = std::fs::read(folder.join("exact.json")).expect("what is exactly nearest");
    let mut server = Server {
        folder: folder.to_owned(),
        questions,
        exact: serde_json::from_slice(&exact).expect("JSON"),
        opened: Opened::Nothing,
        raw: Asked {
            candidates: 0.0,
            rescored: 0.0,
            filtered: true,
        },
        runtime: Runtime::new().expect("a runtime"),
    };
    for line in std::io::stdin().lines() {
        let line = line.expect("a line");
        let mut words = line.split_whitespace();
        let what = words.next().unwrap_or_default().to_owned();
        let limit = words.next().and_then(|word| word.parse().ok());
        let mut number = |usual| {
            words
                .next()
                .map_or(usual, |word| word.parse().expect("a number"))
        };
        server.raw = Asked {
            candidates: number(256.0),
            rescored: number((1.0 + 20.0 / limit.unwrap_or(CANDIDATES) as f64).clamp(1.2, 2.5)),
            filtered: number(1.0) > 0.0,
        };
        server.answer(&what, limit.unwrap_or(CANDIDATES));
    }
}

impl Server {
    fn answer(&mut self, what: &str, limit: usize) {
        let begun = Instant::now();
        let opened = self.open(what == "raw");
        let opening = begun.elapsed().as_secs_f64() * 1e3;
        if opened {
            // Pages come from the file the first time.
            self.all(what, limit);
        }
        let (timings, found) = self.all(what, limit);
        let recall = found.map(|found| self.recall(&found, limit));
        print(&json!({
            "what": what, "limit": limit, "ms": timings, "recall": recall, "opened_ms": opened.then_some(opening),
            "memory": memory::now(), "segments": self.segments(),
        }));
    }

    /// Tells whether it had to be opened for this.
    fn open(&mut self, raw: bool) -> bool {
        let fits = match self.opened {
            Opened::Store(_) => !raw,
            Opened::Raw(_) => raw,
            Opened::Nothing => false,
        };
        if !fits {
            self.opened = Opened::Nothing;
            self.opened = if raw {
                let shard = edge::EdgeShard::load(&self.folder.join("shard"), None);
                Opened::Raw(Box::new(shard.expect("the shard opens")))
            } else {
                let embedding = Embedding::new("scale", DIMENSION);
                Opened::Store(EdgeStore::open(&self.folder, &embedding).expect("the store opens"))
            };
        }
        !fits
    }

    fn all(&self, what: &str, limit: usize) -> (Vec<f64>, Option<Vec<Vec<Uuid>>>) {
        let mut random = Random(7);
        let (mut timings, mut found) = (Vec::new(), Vec::new());
        for question in &self.questions {
            let (took, ids) = match &self.opened {
                Opened::Raw(shard) => raw(shard, question, limit, &self.raw),
                Opened::Store(store) => {
                    let asked = self.ask(store, what, question, limit, &mut random);
                    self.runtime.block_on(asked)
                }
                Opened::Nothing => (0.0, Vec::new()),
            };
            timings.push(took);
            found.push(ids);
        }
        let dense = matches!(what, "raw" | "store");
        (timings, dense.then_some(found))
    }

    async fn ask(
        &self,
        store: &EdgeStore,
        what: &str,
        question: &[f32],
        limit: usize,
        random: &mut Random,
    ) -> (f64, Vec<Uuid>) {
        let everything = Filter::in_knowledge_bases(&[KnowledgeBaseId(base())]);
        let query = |vector, filter, limit| StoreQuery {
            vector,
            filter,
            limit,
        };
        let passage = query(
            QueryVector::Passage(question.to_vec()),
            everything.clone(),
            limit,
        );
        let terms = QueryVector::Lexical(random.terms(QUESTION_TERMS));
        let terms = query(terms, everything.clone(), limit);
        let queries = match what {
            "lexical" => vec![terms],
            "both" => vec![passage, terms],
            "sentences" => {
                let both = store.query_batch(vec![passage, terms]).await;
                let both = both.expect("answers");
                let ids: HashSet<ChunkId> = both.iter().flatten().map(|hit| hit.id).collect();
                let among = everything.among(ids.into_iter().collect::<Vec<_>>());
                let best = QueryVector::BestSentence(question.to_vec());
                vec![query(best, among, 2 * CANDIDATES)]
            }
            _ => vec![passage],
        };
        let begun = Instant::now();
        let answers = store.query_batch(queries).await.expect("answers");
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let ids = answers.iter().flatten().map(|hit| hit.id.0).collect();
        (took, ids)
    }

    /// What part of the exactly nearest was found, over all questions.
    fn recall(&self, found: &[Vec<Uuid>], limit: usize) -> f64 {
        let parts = self.exact.iter().zip(found).map(|(exact, found)| {
            let wanted = &exact[..limit.min(exact.len())];
            let there = wanted.iter().filter(|number| found.contains(&id(**number)));
            there.count() as f64 / wanted.len().max(1) as f64
        });
        parts.sum::<f64>() / self.questions.len().max(1) as f64
    }

    fn segments(&self) -> Option<usize> {
        let folders = std::fs::read_dir(self.folder.join("shard/segments")).ok()?;
        Some(folders.count())
    }
}

/// The request that our store makes, of edge itself: the same filter and parameters, on this thread.
fn raw(shard: &edge::EdgeShard, question: &[f32], limit: usize, asked: &Asked) -> (f64, Vec<Uuid>) {
    let path = edge::JsonPath {
        first_key: "knowledge_base".to_owned(),
        rest: Vec::new(),
    };
    let condition = edge::FieldCondition::new_match(
        path,
        edge::Match::new_value(edge::ValueVariants::String(base().to_string())),
    );
    let vector = edge::Vector::new_dense(question.to_vec());
    let nearest = edge::QueryEnum::Nearest(edge::NamedQuery::new(vector.0, "dense"));
    let parameters = json!({
        "hnsw_ef": asked.candidates as usize,
        "quantization": {"rescore": true, "oversampling": asked.rescored},
    });
    let request = edge::QueryRequest {
        query: Some(edge::ScoringQuery::Vector(nearest)),
        filter: asked.filtered.then(|| edge::Filter {
            must: Some(vec![edge::Condition::Field(condition)]),
            ..edge::Filter::default()
        }),
        params: Some(serde_json::from_value(parameters).expect("search parameters")),
        with_payload: edge::WithPayloadInterface::Bool(false),
        ..edge::QueryRequest::new(limit)
    };
    let begun = Instant::now();
    let points = shard.query(request).expect("an answer");
    let took = begun.elapsed().as_secs_f64() * 1e3;
    let ids = points.into_iter().filter_map(|point| match point.id {
        edge::PointId::Uuid(id) => Some(id),
        edge::PointId::NumId(_) => None,
    });
    (took, ids.collect())
}
