//! What the catalog promises, asked of a real one in a temporary folder.

mod content;
mod folders;
mod support;
mod upload;
