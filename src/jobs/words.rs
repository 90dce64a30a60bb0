//! Teaches passages that are in the index already the words that were added to their knowledge base.
//!
//! Only their lexical terms are written anew, from the texts in the catalog: nothing is read or embedded again. A version
//! counts as taught once all of it is on disk; one that was interrupted is taught again from its beginning.

use std::sync::Arc;
use std::time::Duration;

use wenyuan_ingest::lexical_terms;

use super::IngestError;
use super::steps::title_of;
use super::worker::Worker;
use crate::catalog::Unlearned;

/// Versions whose terms reach the disk together.
const TOGETHER: usize = 100;
/// Passages read and written at once.
const STEP: usize = 64;
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// Teaches what has to be taught whenever words change, until stopped.
pub(super) async fn run(worker: Arc<Worker>) {
    let stop = worker.stop.clone();
    let teaching = async {
        loop {
            match worker.teach().await {
                Ok(0) => {}
                Ok(documents) => {
                    tracing::info!(documents, "documents have learned new words");
                }
                Err(error) => {
                    tracing::warn!(%error, "words will be taught again");
                    tokio::time::sleep(AFTER_TROUBLE).await;
                    continue;
                }
            }
            worker.catalog.words_changed().await;
        }
    };
    stop.run_until_cancelled(teaching).await;
}

impl Worker {
    /// Teaches every visible version the words that it does not know; how many that were.
    async fn teach(&self) -> Result<usize, IngestError> {
        let mut taught = 0;
        loop {
            let unlearned = self.catalog.unlearned(TOGETHER).await?;
            if unlearned.is_empty() {
                // Words that came into an empty knowledge base, or that the last documents without them left behind.
                self.catalog.learned(Vec::new()).await?;
                return Ok(taught);
            }
            let mut learned = Vec::with_capacity(unlearned.len());
            for one in &unlearned {
                learned.push((one.version, self.rewrite_terms(one).await?));
            }
            for collection in self.collections.all() {
                collection.store.flush().await?;
            }
            taught += learned.len();
            self.catalog.learned(learned).await?;
        }
    }

    /// Writes the terms of a version anew; the revision of the dictionary that they know.
    async fn rewrite_terms(&self, one: &Unlearned) -> Result<i64, IngestError> {
        let base = one.knowledge_base;
        let _alone = self.teaching.write().await;
        let (revision, words) = self.catalog.words_for_passages(base).await?;
        let title = title_of(one.title.as_deref(), &one.name);
        let mut from = 0;
        loop {
            let passages = self.catalog.texts_from(one.version, from, STEP).await?;
            let Some(last) = passages.last() else {
                return Ok(revision);
            };
            from = last.ordinal + 1;
            // A few milliseconds of work; longer would hold the runtime up.
            let terms = passages.iter().map(|passage| {
                let terms = lexical_terms(&words, title, &passage.heading, &passage.text);
                (passage.id, terms)
            });
            let terms: Vec<_> = terms.collect();
            for collection in self.collections.all() {
                collection.care.room().await;
                collection.store.replace_terms(terms.clone()).await?;
                collection.care.wrote(passages.len());
            }
        }
    }
}
