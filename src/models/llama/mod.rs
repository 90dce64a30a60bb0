//! What whoever runs llama.cpp in this process shares: its one backend, its devices, and a look into files before it.

mod backend;
mod header;

pub use backend::{LlamaDevice, devices};
pub(crate) use backend::{backend, with_errors};
pub use header::{Header, HeaderError, check as check_header, check_reranker};
