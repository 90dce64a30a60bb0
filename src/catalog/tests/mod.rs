//! What the catalog promises, asked of a real one in a temporary folder.

mod content;
mod filters;
mod speed;
mod support;
mod upload;
