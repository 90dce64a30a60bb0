//! Searches and questions at the place where a command does its work. Both places give the same wire objects.

use anyhow::Result;
use serde_json::{Value, json};

use super::language::tongue;
use super::target::Target;
use crate::answer::{AnswerMode, AskRequest};
use crate::app::App;
use crate::http::WhyNotResponse;
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, Question};
use crate::retrieve::{
    Expected, RetrievalChange, SearchFilter, SearchMode, SearchRequest, TopK, WhyNotRequest,
};

/// Hits of a search that names no number, where the knowledge base has none either.
const USUAL_HITS: usize = 10;

/// A search from the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SearchOptions {
    /// Most hits; `None` is the knowledge base's number.
    pub top_k: Option<usize>,
    /// Legs; `None` is the knowledge base's choice.
    pub mode: Option<SearchMode>,
    /// Keep every stage.
    pub explain: bool,
}

/// An ask from the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskOptions {
    /// Most passages; `None` is the knowledge base's or the configured number.
    pub top_k: Option<usize>,
    /// Quotes only.
    pub mode: AnswerMode,
    /// Withhold what is unsupported.
    pub strict: bool,
    /// Most tokens; `None` is the configured number.
    pub max_tokens: Option<usize>,
}

fn top_k(given: Option<usize>, usual: usize) -> TopK {
    given.map_or(TopK::Usually(usual), TopK::Exactly)
}

fn search_request(
    query: &str,
    knowledge_bases: Vec<KnowledgeBaseId>,
    options: SearchOptions,
) -> Result<SearchRequest> {
    Ok(SearchRequest {
        question: Question::try_from(query)?,
        knowledge_bases,
        top_k: top_k(options.top_k, USUAL_HITS),
        filter: SearchFilter::default(),
        mode: options.mode,
        settings: RetrievalChange::default(),
        explain: options.explain,
    })
}

impl Target {
    /// Searches one knowledge base or several together; the result is API.md's object.
    pub(crate) async fn search(
        &self,
        knowledge_bases: &[String],
        query: &str,
        options: SearchOptions,
    ) -> Result<Value> {
        match self {
            Self::Local(app) => {
                let bases = app
                    .catalog
                    .knowledge_bases_together(knowledge_bases)
                    .await?;
                let ids = bases.iter().map(|base| base.id).collect();
                let request = search_request(query, ids, options)?;
                Ok(serde_json::to_value(app.retriever.search(request).await?)?)
            }
            Self::Remote(remote) => {
                let mut body = json!({
                    "query": query, "top_k": options.top_k, "mode": options.mode, "explain": options.explain,
                });
                if let [knowledge_base] = knowledge_bases {
                    return remote.search(knowledge_base, &body).await;
                }
                body["knowledge_bases"] = knowledge_bases.into();
                remote.search_together(&body).await
            }
        }
    }

    /// Says why a passage does not come; the result is the HTTP interface's object.
    pub(crate) async fn why_not(
        &self,
        knowledge_base: &str,
        question: &str,
        top_k: Option<usize>,
        expected: Expected,
    ) -> Result<Value> {
        match self {
            Self::Local(app) => {
                let options = SearchOptions {
                    top_k,
                    mode: None,
                    explain: false,
                };
                let ids = vec![self.local_id(app, knowledge_base).await?];
                let search = search_request(question, ids, options)?;
                let report = app
                    .retriever
                    .why_not(WhyNotRequest { search, expected })
                    .await?;
                Ok(serde_json::to_value(WhyNotResponse::told(
                    report,
                    tongue(),
                ))?)
            }
            Self::Remote(remote) => {
                let mut body = json!({ "query": question, "top_k": top_k });
                match expected {
                    Expected::Document(DocumentId(id)) => body["document_id"] = json!(id),
                    Expected::Chunk(ChunkId(id)) => body["chunk_id"] = json!(id),
                    Expected::Text(text) => body["text"] = text.into(),
                }
                remote.why_not(knowledge_base, &body).await
            }
        }
    }

    /// Asks; the result is API.md's object.
    pub(crate) async fn ask(
        &self,
        knowledge_base: &str,
        question: &str,
        options: AskOptions,
    ) -> Result<Value> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                ask_here(app, id, question, options).await
            }
            Self::Remote(remote) => {
                let mut body = json!({
                    "question": question, "stream": false, "mode": options.mode, "strict": options.strict,
                });
                if let Some(top_k) = options.top_k {
                    body["top_k"] = top_k.into();
                }
                if let Some(max_tokens) = options.max_tokens {
                    body["max_tokens"] = max_tokens.into();
                }
                remote.ask(knowledge_base, &body).await
            }
        }
    }
}

async fn ask_here(
    app: &App,
    id: KnowledgeBaseId,
    question: &str,
    options: AskOptions,
) -> Result<Value> {
    let request = AskRequest {
        question: Question::try_from(question)?,
        knowledge_bases: vec![id],
        top_k: top_k(options.top_k, app.config.answer.top_k),
        filter: SearchFilter::default(),
        mode: options.mode,
        strict: options.strict,
        max_tokens: options.max_tokens.unwrap_or(app.config.answer.max_tokens),
    };
    let answer = app.answerer.answer(request).await?.finish().await?;
    Ok(serde_json::to_value(answer)?)
}
