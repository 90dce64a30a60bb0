//! What the catalog promises, asked of a real one in a temporary folder.

mod content;
mod durable;
mod filters;
mod folders;
mod gold;
mod secrets;
mod sources;
mod speed;
mod support;
mod upload;
