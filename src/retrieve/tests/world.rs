//! A knowledge base in memory whose passages stand as near to every question as a test says.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use wenyuan_ingest::{
    ChunkSink as _, Dictionary, EmbedError, Embedder, Language, Lexicon, Place, Point,
    PointPayload, Span, TokenCounter, sentences,
};

use super::super::Expected;
use super::super::{
    Passage, PassageError, PassageSource, ReadingFailure, RetrievalChange, RetrievalSettings,
    Retriever, SearchFilter, SearchRequest, SearchResponse, SectionOf, Selection, Standing,
    Threshold, TopK, WhyNot, WhyNotRequest, Writing, writing_of,
};
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, Question, VersionId};
use crate::store::{Live, MemoryStore};

pub(super) const BASE: KnowledgeBaseId = KnowledgeBaseId(Uuid::from_u128(7));

/// Every question is the same to it.
struct OneDirection;

impl TokenCounter for OneDirection {
    fn count(&self, text: &str) -> usize {
        text.chars().count()
    }
}

#[async_trait]
impl Embedder for OneDirection {
    fn fingerprint(&self) -> &'static str {
        "one direction"
    }

    fn dimension(&self) -> usize {
        2
    }

    fn max_tokens(&self) -> usize {
        512
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(vec![vec![1.0, 0.0]; texts.len()])
    }

    async fn embed_query(&self, _: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(vec![1.0, 0.0])
    }
}

/// Texts, documents and settings, as a catalog would tell them.
#[derive(Default, Clone)]
struct Shelf {
    passages: Vec<Passage>,
    hidden: Vec<Passage>,
    standings: Vec<Standing>,
    settings: RetrievalSettings,
    words: Dictionary,
}

#[async_trait]
impl PassageSource for Shelf {
    async fn hidden_versions(&self, _: &[KnowledgeBaseId]) -> Result<Vec<VersionId>, PassageError> {
        Ok(self.hidden.iter().map(|passage| passage.version).collect())
    }

    async fn documents_matching(
        &self,
        _: &[KnowledgeBaseId],
        filter: &SearchFilter,
    ) -> Result<Selection, PassageError> {
        let named = |passage: &&Passage| {
            let name = &passage.document_name;
            filter.names.iter().any(|part| name.contains(part))
        };
        let fitting = self.passages.iter().filter(named);
        Ok(Selection::Only(
            fitting.map(|passage| passage.document).collect(),
        ))
    }

    async fn retrieval_settings(
        &self,
        _: &[KnowledgeBaseId],
    ) -> Result<Vec<RetrievalSettings>, PassageError> {
        Ok(vec![self.settings])
    }

    async fn thresholds(
        &self,
        _: &[KnowledgeBaseId],
    ) -> Result<Vec<Option<Threshold>>, PassageError> {
        Ok(Vec::new())
    }

    async fn dictionary(&self, _: &[KnowledgeBaseId]) -> Result<Dictionary, PassageError> {
        Ok(self.words.clone())
    }

    async fn standing(
        &self,
        _: &[KnowledgeBaseId],
        document: DocumentId,
    ) -> Result<Option<Standing>, PassageError> {
        let mut known = self.standings.iter();
        Ok(known.rfind(|one| one.document == document).cloned())
    }

    async fn document_of(&self, chunk: ChunkId) -> Result<Option<DocumentId>, PassageError> {
        let hidden = self.hidden.iter().find(|passage| passage.chunk == chunk);
        Ok(hidden.map(|passage| passage.document))
    }

    async fn passages(&self, ids: &[ChunkId]) -> Result<Vec<Passage>, PassageError> {
        let found = |id: &ChunkId| self.passages.iter().find(|passage| passage.chunk == *id);
        Ok(ids.iter().filter_map(found).cloned().collect())
    }

    async fn sections(&self, _: &[SectionOf]) -> Result<Vec<Passage>, PassageError> {
        Ok(Vec::new())
    }

    async fn places(&self, _: &[ChunkId]) -> Result<HashMap<ChunkId, Vec<Place>>, PassageError> {
        Ok(HashMap::new())
    }
}

pub(super) struct World {
    store: Arc<MemoryStore>,
    shelf: Shelf,
}

pub(super) fn document(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(1_000 + number))
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            store: Arc::new(MemoryStore::new(2)),
            shelf: Shelf::default(),
        }
    }

    pub(super) fn set(&mut self, settings: RetrievalSettings) {
        self.shelf.settings = settings;
    }

    /// Adds a passage to a document at this cosine to every question.
    pub(super) async fn add(&mut self, of: u128, text: &str, cosine: f32) -> ChunkId {
        let passage = self.passage(of, text);
        self.store
            .upsert(vec![point(&passage, cosine)])
            .await
            .expect("an index in memory");
        let id = passage.chunk;
        self.stands(of, true, "ready", None);
        self.shelf.passages.push(passage);
        id
    }

    /// A passage of a version that is not visible.
    pub(super) fn hide(&mut self, of: u128, text: &str) -> ChunkId {
        let mut passage = self.passage(of, text);
        passage.version = VersionId(Uuid::from_u128(9_999));
        passage.chunk = ChunkId(Uuid::from_u128(9_999));
        self.shelf.hidden.push(passage);
        ChunkId(Uuid::from_u128(9_999))
    }

    /// Says where a document stands; the last word counts.
    pub(super) fn stands(
        &mut self,
        of: u128,
        searchable: bool,
        status: &'static str,
        failure: Option<ReadingFailure>,
    ) {
        self.shelf.standings.push(Standing {
            document: document(of),
            name: format!("{of}.txt"),
            searchable,
            status,
            failure,
        });
    }

    fn passage(&self, of: u128, text: &str) -> Passage {
        let number = self.shelf.passages.len() as u128 + 1;
        let (bytes, characters) = (text.len(), text.chars().count());
        Passage {
            chunk: ChunkId(Uuid::from_u128(number)),
            version: VersionId(Uuid::from_u128(2_000 + of)),
            ordinal: number as u32,
            document: document(of),
            knowledge_base: BASE,
            document_name: format!("{of}.txt"),
            title: None,
            heading: Vec::new(),
            language: match writing_of(text) {
                Writing::Han => Language::Chinese,
                Writing::Alphabetic => Language::English,
            },
            text: text.to_owned(),
            chars: Span {
                start: 100,
                end: 100 + characters,
            },
            sentences: sentences(
                text,
                Span {
                    start: 0,
                    end: bytes,
                },
            ),
            pages: Vec::new(),
            parent: Span { start: 0, end: 200 },
        }
    }

    pub(super) fn retriever(&self) -> Retriever {
        let live = Live::new(Arc::new(OneDirection), Arc::clone(&self.store) as _);
        Retriever::new(live, Arc::new(self.shelf.clone()))
    }

    pub(super) async fn search(&self, request: SearchRequest) -> SearchResponse {
        self.retriever().search(request).await.expect("a search")
    }

    pub(super) async fn why_not(&self, search: SearchRequest, expected: Expected) -> WhyNot {
        let asked = WhyNotRequest { search, expected };
        self.retriever().why_not(asked).await.expect("a report")
    }
}

/// A search in the one knowledge base.
pub(super) fn search(question: &str, top_k: usize) -> SearchRequest {
    SearchRequest {
        question: Question::try_from(question).expect("a question"),
        knowledge_bases: vec![BASE],
        top_k: TopK::Exactly(top_k),
        filter: SearchFilter::default(),
        mode: None,
        settings: RetrievalChange::default(),
        explain: true,
    }
}

fn point(passage: &Passage, cosine: f32) -> Point {
    let vector = vec![cosine, (1.0 - cosine * cosine).sqrt()];
    Point {
        id: passage.chunk.0,
        dense: vector.clone(),
        sentences: vec![vector],
        bm25: Lexicon::shared().document_vector("", "", &passage.text),
        payload: PointPayload {
            knowledge_base: BASE.0,
            document: passage.document.0,
            version: passage.version.0,
            ordinal: 0,
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
