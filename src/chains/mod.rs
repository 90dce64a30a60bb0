//! The LangChain face: langchain-rust's traits over our own retriever, embedder, index and model, and its
//! conversational retrieval chain assembled from them.
//!
//! Nothing else in the program names a langchain-rust type. Three of its own parts are left out on purpose: its prompt
//! templates substitute into retrieved text, its Qdrant store quotes and escapes what it returns, and its stuff chain
//! drops where a passage came from.

mod condense;
mod conversation;
mod embedder;
mod evidence;
mod llm;
mod retriever;
mod vector_store;

pub use condense::FollowUp;
pub use conversation::conversational_chain;
pub use embedder::ChainEmbedder;
pub use evidence::EvidenceChain;
pub use llm::EngineLlm;
pub use retriever::{ChainRetriever, HitShelf};
pub use vector_store::{ChainVectorStore, DocumentIntake, StoreScope};
