//! Embedding models: the fastembed worker and its deterministic twin.
