//! Retrieval: from a question to the passages that bear on it, with every stage's score kept.
