//! What the HTTP interface is given of the app.

use std::sync::Arc;
use std::time::Duration;

use super::{App, build};
use crate::http::{HttpSettings, HttpState, ReadinessCheck};
use crate::telemetry::Metrics;

/// An answer that is not streamed may take a little longer than its generation.
const ANSWER_SLACK: Duration = Duration::from_secs(30);

impl App {
    /// The state and the limits of the HTTP interface.
    #[must_use]
    pub fn http(&self, metrics: Metrics) -> (HttpState, HttpSettings) {
        let state = HttpState {
            catalog: self.catalog.clone(),
            ingestor: self.ingestor.clone(),
            retriever: self.retriever.clone(),
            answerer: self.answerer.clone(),
            model: self
                .generator
                .as_ref()
                .map(|generator| Arc::from(generator.describe().name.as_str())),
            readiness: vec![
                ReadinessCheck::models(self.live.clone(), self.generator.clone()),
                ReadinessCheck::index(self.live.clone()),
                ReadinessCheck::catalog(self.catalog.clone()),
            ],
            metrics,
        };
        let settings = HttpSettings {
            max_file_bytes: self.file_limit(),
            max_files: self.config.server.max_files,
            fetch: build::fetch_settings(&self.config),
            hosts: self.config.server.hosts.clone(),
            answer_top_k: self.config.answer.top_k,
            answer_max_tokens: self.config.answer.max_tokens,
            answer_timeout: Duration::from_secs(self.config.generate.deadline_seconds)
                + ANSWER_SLACK,
            ..HttpSettings::default()
        };
        (state, settings)
    }
}
