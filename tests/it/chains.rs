//! langchain-rust's own conversational chain answers from a real ingested file.

use std::sync::Arc;

use langchain_rust::chain::Chain;
use langchain_rust::language_models::llm::LLM;
use langchain_rust::memory::SimpleMemory;
use langchain_rust::prompt_args;
use langchain_rust::schemas::Message;
use langchain_rust::vectorstore::VectorStore;
use tokio::sync::Mutex;
use wenyuan::answer::{AnswerMode, AskRequest};
use wenyuan::app::{App, Parts};
use wenyuan::chains::{
    ChainEmbedder, ChainRetriever, ChainVectorStore, DocumentIntake, EngineLlm, EvidenceChain,
    StoreScope, conversational_chain,
};
use wenyuan::config::Config;
use wenyuan::model::{KnowledgeBaseId, Question};
use wenyuan::retrieve::{SearchFilter, TopK};

use super::support::models_folder;

struct Intake {
    app: Arc<App>,
    knowledge_base: KnowledgeBaseId,
}

#[async_trait::async_trait]
impl DocumentIntake for Intake {
    async fn take(&self, name: Option<String>, text: String) -> Result<String, String> {
        let name =
            name.unwrap_or_else(|| format!("{}.txt", blake3::hash(text.as_bytes()).to_hex()));
        let accepted = self
            .app
            .take_text(self.knowledge_base, &name, None, &text)
            .await;
        let accepted = accepted.map_err(|error| error.to_string())?;
        let ended = self
            .app
            .ingestor
            .wait(accepted.job_id)
            .await
            .map_err(|error| error.to_string())?;
        match ended.error {
            None => Ok(accepted.document_id.to_string()),
            Some(error) => Err(error.message),
        }
    }
}

async fn app(test: &str, data: &std::path::Path) -> Option<(Arc<App>, KnowledgeBaseId)> {
    let mut config = Config::default();
    config.models.dir = models_folder(test)?;
    config.data.dir = data.to_path_buf();
    let app = App::open(config, Parts::ALL).await.expect("the app opens");
    let id = app
        .ensure_knowledge_base("chain")
        .await
        .expect("a knowledge base")
        .id;
    Some((Arc::new(app), id))
}

fn pattern(knowledge_base: KnowledgeBaseId) -> AskRequest {
    AskRequest {
        question: Question::try_from("pattern").expect("a question"),
        knowledge_bases: vec![knowledge_base],
        top_k: TopK::Exactly(5),
        filter: SearchFilter::default(),
        mode: AnswerMode::Answer,
        strict: false,
        max_tokens: 48,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn langchains_conversational_chain_answers_from_an_ingested_file_and_follows_up() {
    let data = tempfile::tempdir().expect("a folder");
    let Some((app, knowledge_base)) = app("the conversational chain", data.path()).await else {
        return;
    };
    let store = ChainVectorStore::new(
        ChainRetriever::new(app.retriever.clone(), vec![knowledge_base], 4),
        Arc::new(Intake {
            app: Arc::clone(&app),
            knowledge_base,
        }),
    );
    let text = "文渊阁借阅规则。每位读者一次最多可借阅六册图书。借阅期限为三十天，可以续借一次。逾期每天罚款两角钱。\
        The reading room opens at nine o'clock. Its {{question}} box is emptied weekly.";
    let documents = [langchain_rust::schemas::Document::new(text)];
    let ids = store
        .add_documents(&documents, &StoreScope::default())
        .await
        .expect("ingested");
    assert_eq!(ids.len(), 1);
    let again = store
        .add_documents(&documents, &StoreScope::default())
        .await
        .expect("known already");
    assert_eq!(ids, again, "the same content is the same document");
    let found = store
        .similarity_search("借阅期限", 3, &StoreScope::default())
        .await
        .expect("found");
    assert!(
        found[0].page_content.contains("三十天"),
        "retrieved text is unchanged: {:?}",
        found[0].page_content
    );

    let retriever = ChainRetriever::new(app.retriever.clone(), vec![knowledge_base], 4);
    let evidence = EvidenceChain::new(
        app.answerer.clone(),
        pattern(knowledge_base),
        retriever.shelf(),
    );
    let generator = app.generator.clone().expect("the starter model");
    let memory = Arc::new(Mutex::new(SimpleMemory::new()));
    let chain = conversational_chain(
        EngineLlm::new(generator),
        retriever,
        evidence.clone(),
        memory,
    )
    .expect("a chain");
    let answer = chain
        .invoke(prompt_args! { "question" => "读者一次最多可以借阅几册图书？" })
        .await
        .expect("an answer");
    assert!(answer.contains('六'), "{answer}");
    let whole = evidence.last_answer().expect("kept");
    let citation = whole.citations.first().expect("a citation");
    let cited: String = text
        .chars()
        .skip(citation.start)
        .take(citation.end - citation.start)
        .collect();
    assert_eq!(
        citation.quote, cited,
        "a citation is the exact text at its place"
    );
    let follow_up = chain
        .invoke(prompt_args! { "question" => "那期限呢？" })
        .await
        .expect("an answer");
    assert!(follow_up.contains("三十"), "{follow_up}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_model_and_embedder_serve_as_langchains_own() {
    let data = tempfile::tempdir().expect("a folder");
    let Some((app, _)) = app("the LangChain adapters", data.path()).await else {
        return;
    };
    let embedder = ChainEmbedder::new(app.live.now().embedder);
    let vector = langchain_rust::embedding::Embedder::embed_query(&embedder, "年休假")
        .await
        .expect("a vector");
    assert_eq!(vector.len(), app.live.now().embedder.dimension());
    let mut llm = EngineLlm::new(app.generator.clone().expect("the starter model"));
    llm.add_options(
        langchain_rust::language_models::options::CallOptions::new().with_max_tokens(8),
    );
    let result = llm
        .generate(&[Message::new_human_message("1, 2, 3, 4,")])
        .await
        .expect("text");
    assert!(result.generation.contains('5'), "{}", result.generation);
    assert!(result.tokens.expect("counted").completion_tokens <= 8);
}
