//! What the catalog promises, asked of a real one in a temporary folder.

mod content;
mod durable;
mod secrets;
mod sources;
mod support;
mod upload;
