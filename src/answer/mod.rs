//! Answers: pack the evidence, generate, ground every sentence, cite, or refuse.
