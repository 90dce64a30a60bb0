//! The LangChain face: langchain-rust's traits over our own retriever, embedder, index and model.
