//! langchain-rust's conversational retrieval chain, assembled from our parts.

use std::sync::Arc;

use langchain_rust::chain::{
    ChainError, ConversationalRetrieverChain, ConversationalRetrieverChainBuilder,
};
use langchain_rust::schemas::BaseMemory;
use tokio::sync::Mutex;

use super::{ChainRetriever, EngineLlm, EvidenceChain, FollowUp};

/// Builds the chain: condense the follow-up, retrieve, answer from the evidence, remember the turn.
///
/// Input key `question`, output key `output`; `source_documents` carries the passages. `memory` is the caller's, so
/// that one chain can serve one conversation, or a stored one.
pub fn conversational_chain(
    llm: EngineLlm,
    retriever: ChainRetriever,
    evidence: EvidenceChain,
    memory: Arc<Mutex<dyn BaseMemory>>,
) -> Result<ConversationalRetrieverChain, ChainError> {
    ConversationalRetrieverChainBuilder::new()
        .condense_question_chain(
            Box::new(FollowUp::new(llm)) as Box<dyn langchain_rust::chain::Chain>
        )
        .combine_documents_chain(Box::new(evidence) as Box<dyn langchain_rust::chain::Chain>)
        .retriever(retriever)
        .memory(memory)
        .rephrase_question(true)
        .return_source_documents(true)
        .build()
}
