//! How each part is made from the settings.

use std::sync::Arc;
use std::time::Duration;

use wenyuan_ingest::Embedder;

use super::{AppError, Parts};
use crate::catalog::Catalog;
use crate::config::{Config, IndexBackend};
use crate::embed::{EmbedSettings, FastembedEmbedder};
use crate::generate::{Generator, LlamaGenerator, LlamaSettings};
use crate::jobs::IngestorSettings;
use crate::models::{ModelError, ModelSettings, ModelStore};
use crate::store::{EdgeStore, QdrantSettings, QdrantStore, VectorStore};
