//! A knowledge base of three small documents, indexed in memory.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use wenyuan_ingest::{
    Area, ChunkSink as _, Dictionary, Embedder, Language, Lexicon, PageSpan, Place, Point,
    PointPayload, Span, sentences,
};

use super::super::{Answer, AnswerMode, Answerer, AskRequest};
use crate::embed::HashingEmbedder;
use crate::generate::scripted::ScriptedGenerator;
use crate::generate::{Generator, ModelDescription};
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, Question, VersionId};
use crate::retrieve::{
    Hit, Passage, PassageError, PassageSource, RetrievalSettings, Retriever, SearchFilter,
    SectionOf, Selection, StageScores, Standing, Threshold, TopK,
};
use crate::store::{Live, MemoryStore};

pub(super) const BRIDGE: &str =
    "清河上的石桥是县里最老的桥。这座石桥由工匠李原在1605年主持修建。它全长64米，宽9米。";
pub(super) const POND: &str =
    "The pond lies behind the mill. Carp and turtles live in the pond. It freezes in January.";
const RULES: &str = "图书馆周一闭馆。其余日子早上九点开门，晚上八点关门。借书须出示借书证。";

const BASE: KnowledgeBaseId = KnowledgeBaseId(Uuid::from_u128(7));

pub(super) struct World {
    store: Arc<MemoryStore>,
    embedder: Arc<HashingEmbedder>,
    passages: Arc<Texts>,
}

struct Texts(Vec<Passage>);

#[async_trait]
impl PassageSource for Texts {
    async fn hidden_versions(&self, _: &[KnowledgeBaseId]) -> Result<Vec<VersionId>, PassageError> {
        Ok(Vec::new())
    }

    async fn documents_matching(
        &self,
        _: &[KnowledgeBaseId],
        _: &SearchFilter,
    ) -> Result<Selection, PassageError> {
        Ok(Selection::Only(Vec::new()))
    }

    async fn retrieval_settings(
        &self,
        _: &[KnowledgeBaseId],
    ) -> Result<Vec<RetrievalSettings>, PassageError> {
        Ok(Vec::new())
    }

    async fn dictionary(&self, _: &[KnowledgeBaseId]) -> Result<Dictionary, PassageError> {
        Ok(Dictionary::default())
    }

    async fn standing(
        &self,
        _: &[KnowledgeBaseId],
        _: DocumentId,
    ) -> Result<Option<Standing>, PassageError> {
        Ok(None)
    }

    async fn document_of(&self, _: ChunkId) -> Result<Option<DocumentId>, PassageError> {
        Ok(None)
    }

    async fn passages(&self, ids: &[ChunkId]) -> Result<Vec<Passage>, PassageError> {
        Ok(ids
            .iter()
            .filter_map(|id| self.0.iter().find(|passage| passage.chunk == *id))
            .cloned()
            .collect())
    }

    async fn thresholds(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<Option<Threshold>>, PassageError> {
        Ok(vec![None; knowledge_bases.len()])
    }

    async fn sections(&self, of: &[SectionOf]) -> Result<Vec<Passage>, PassageError> {
        let within = |passage: &&Passage| {
            of.iter().any(|one| {
                one.version == passage.version
                    && one.span.start <= passage.chars.start
                    && passage.chars.end <= one.span.end
            })
        };
        Ok(self.0.iter().filter(within).cloned().collect())
    }

    async fn places(&self, ids: &[ChunkId]) -> Result<HashMap<ChunkId, Vec<Place>>, PassageError> {
        let found = self.passages(ids).await?;
        Ok(found
            .into_iter()
            .map(|passage| (passage.chunk, vec![line(&passage.text)]))
            .collect())
    }
}

/// The whole text as one line over most of the first page.
fn line(text: &str) -> Place {
    Place {
        span: Span {
            start: 0,
            end: text.len(),
        },
        page: 1,
        area: Area::new([0.1, 0.9], [0.2, 0.25]).expect("an area"),
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let embedder = Arc::new(HashingEmbedder::new(256));
        let texts: Vec<Passage> = [
            (BRIDGE, Language::Chinese),
            (POND, Language::English),
            (RULES, Language::Chinese),
        ]
        .into_iter()
        .enumerate()
        .map(|(number, (text, language))| passage(number as u128 + 1, text, language))
        .collect();
        Self::of(embedder, texts).await
    }

    /// One document, cut into these passages, all of one section and a blank line apart.
    pub(super) async fn cut(texts: &[&str]) -> Self {
        let mut start = 0;
        let passages = texts.iter().zip(0..).map(|(text, ordinal)| {
            let cut = passage(u128::from(ordinal) + 1, text, Language::Chinese);
            let length = cut.chars.len();
            let chars = Span {
                start,
                end: start + length,
            };
            start = chars.end + 2;
            Passage {
                version: VersionId(Uuid::from_u128(100)),
                document: DocumentId(Uuid::from_u128(200)),
                document_name: "1.txt".to_owned(),
                ordinal,
                chars,
                parent: Span {
                    start: 0,
                    end: 10_000,
                },
                ..cut
            }
        });
        let passages = passages.collect();
        Self::of(Arc::new(HashingEmbedder::new(256)), passages).await
    }

    async fn of(embedder: Arc<HashingEmbedder>, texts: Vec<Passage>) -> Self {
        let store = Arc::new(MemoryStore::new(256));
        let mut points = Vec::new();
        for text in &texts {
            points.push(point(text, &embedder).await);
        }
        store.upsert(points).await.expect("an index in memory");
        Self {
            store,
            embedder,
            passages: Arc::new(Texts(texts)),
        }
    }

    pub(super) fn answerer(&self, model: Option<ScriptedGenerator>) -> Answerer {
        let live = Live::new(
            Arc::clone(&self.embedder) as _,
            Arc::clone(&self.store) as _,
        );
        let retriever = Retriever::new(live, Arc::clone(&self.passages) as _);
        let generator = model.map(|model| Arc::new(model) as Arc<dyn Generator>);
        Answerer::new(retriever, generator)
    }

    pub(super) async fn answer(
        &self,
        model: Option<ScriptedGenerator>,
        request: AskRequest,
    ) -> Answer {
        let stream = self
            .answerer(model)
            .answer(request)
            .await
            .expect("a stream");
        stream.finish().await.expect("an answer")
    }
}

pub(super) fn ask(question: &str) -> AskRequest {
    AskRequest {
        question: Question::try_from(question).expect("a question"),
        knowledge_bases: vec![BASE],
        top_k: TopK::Exactly(3),
        filter: SearchFilter::default(),
        mode: AnswerMode::Answer,
        strict: false,
        max_tokens: 200,
    }
}

/// A passage found, with nothing around it.
pub(in super::super) fn hit(text: &str) -> Hit {
    let passage = passage(1, text, Language::Chinese);
    Hit {
        chunk_id: passage.chunk,
        document_id: passage.document,
        knowledge_base_id: passage.knowledge_base,
        document_name: passage.document_name,
        title: None,
        page: None,
        heading: Vec::new(),
        language: passage.language,
        text: passage.text,
        start: 0,
        end: passage.chars.end,
        ordinal: 0,
        parent: passage.parent,
        version: passage.version,
        score: 0.5,
        scores: StageScores::default(),
        sentences: Vec::new(),
        sentence_bytes: passage.sentences,
        pages: Vec::new(),
        places: Vec::new(),
        explain: None,
    }
}

/// A small base model with one thing to say.
pub(super) fn base_model(answer: &str) -> ScriptedGenerator {
    ScriptedGenerator::saying(answer).described(ModelDescription {
        name: "small".to_owned(),
        context_tokens: 2_048,
        instruct: false,
        trusted_writer: false,
    })
}

fn passage(number: u128, text: &str, language: Language) -> Passage {
    let whole = Span {
        start: 0,
        end: text.len(),
    };
    Passage {
        chunk: ChunkId(Uuid::from_u128(number)),
        version: VersionId(Uuid::from_u128(100 + number)),
        ordinal: 0,
        document: DocumentId(Uuid::from_u128(200 + number)),
        knowledge_base: BASE,
        document_name: format!("{number}.txt"),
        title: None,
        heading: Vec::new(),
        language,
        text: text.to_owned(),
        chars: Span {
            start: 0,
            end: text.chars().count(),
        },
        sentences: sentences(text, whole),
        pages: vec![PageSpan {
            number: 1,
            span: whole,
        }],
        parent: Span {
            start: 0,
            end: text.chars().count(),
        },
    }
}

async fn point(passage: &Passage, embedder: &HashingEmbedder) -> Point {
    let texts: Vec<String> = passage
        .sentences
        .iter()
        .map(|span| span.of(&passage.text).to_owned())
        .collect();
    let sentences = embedder.embed_passages(texts).await.expect("vectors");
    let whole = embedder
        .embed_passages(vec![passage.text.clone()])
        .await
        .expect("a vector");
    Point {
        id: passage.chunk.0,
        dense: whole.concat(),
        sentences,
        bm25: Lexicon::shared().document_vector("", "", &passage.text),
        payload: PointPayload {
            knowledge_base: BASE.0,
            document: passage.document.0,
            version: passage.version.0,
            ordinal: passage.ordinal,
            page: None,
            language: passage.language,
            kind: "text".to_owned(),
            tags: Vec::new(),
            headings: Vec::new(),
            added_at: 0,
            sentence_marks: String::new(),
        },
    }
}
