//! Gold questions, evaluation and calibration, in this process or through a server: the same wire objects from both.

use anyhow::Result;
use serde_json::{Value, json};

use super::remote::{escaped, knowledge_base_path};
use super::target::Target;
use crate::catalog::{ExpectedBy, NewGoldQuestion, Origin};
use crate::eval::{
    CalibrateOptions, CalibrateWith, GoldOptions, Report, calibrate, evaluate, import_gold,
};
use crate::model::Question;

/// Gold questions listed at once.
const PAGE: usize = 500;

impl Target {
    /// Adds a gold question and returns it.
    pub(crate) async fn add_gold(
        &self,
        knowledge_base: &str,
        question: &str,
        expected: Vec<ExpectedBy>,
    ) -> Result<Value> {
        match self {
            Self::Local(app) => {
                let base = app.catalog.knowledge_base(knowledge_base).await?;
                let new = NewGoldQuestion {
                    question: Question::try_from(question)?,
                    answerable: !expected.is_empty(),
                    expected,
                    origin: Origin::Typed,
                };
                let added = app.catalog.add_gold_question(base.id, new).await?;
                Ok(serde_json::to_value(added)?)
            }
            Self::Remote(remote) => {
                let path = format!("{}/gold-questions", knowledge_base_path(knowledge_base));
                let body = json!({
                    "question": question, "answerable": !expected.is_empty(), "expected": expected,
                });
                remote.post(&path, &body).await
            }
        }
    }

    /// Adds the questions of some lines: `imported` and `refused`.
    pub(crate) async fn import_gold(&self, knowledge_base: &str, lines: String) -> Result<Value> {
        match self {
            Self::Local(app) => {
                let base = app.catalog.knowledge_base(knowledge_base).await?;
                let done = import_gold(&app.catalog, base.id, &lines).await?;
                let refused = done.refused.iter().map(
                    |(line, why)| json!({ "line": line, "error": { "message": why.to_string() } }),
                );
                Ok(json!({ "imported": done.imported, "refused": refused.collect::<Vec<_>>() }))
            }
            Self::Remote(remote) => {
                let base = knowledge_base_path(knowledge_base);
                remote
                    .post_lines(&format!("{base}/gold-questions/import"), lines)
                    .await
            }
        }
    }

    /// One page of gold questions.
    pub(crate) async fn gold_page(
        &self,
        knowledge_base: &str,
        cursor: Option<String>,
    ) -> Result<Value> {
        match self {
            Self::Local(app) => {
                let base = app.catalog.knowledge_base(knowledge_base).await?;
                let page = app.catalog.gold_questions(base.id, cursor, PAGE).await?;
                Ok(serde_json::to_value(page)?)
            }
            Self::Remote(remote) => {
                let base = knowledge_base_path(knowledge_base);
                let cursor = cursor.map(|cursor| format!("&cursor={}", escaped(&cursor)));
                let cursor = cursor.unwrap_or_default();
                remote
                    .get(&format!("{base}/gold-questions?limit={PAGE}{cursor}"))
                    .await
            }
        }
    }

    /// Removes a gold question.
    pub(crate) async fn remove_gold(&self, knowledge_base: &str, id: &str) -> Result<()> {
        match self {
            Self::Local(app) => {
                let base = app.catalog.knowledge_base(knowledge_base).await?;
                Ok(app
                    .catalog
                    .remove_gold_question(base.id, id.parse()?)
                    .await?)
            }
            Self::Remote(remote) => {
                let base = knowledge_base_path(knowledge_base);
                remote
                    .delete(&format!("{base}/gold-questions/{}", escaped(id)))
                    .await
            }
        }
    }

    /// Measures a knowledge base by its gold questions.
    pub(crate) async fn evaluate(
        &self,
        knowledge_base: &str,
        options: GoldOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Report> {
        match self {
            Self::Local(app) => {
                let base = app.catalog.knowledge_base(knowledge_base).await?;
                let set = app.catalog.gold_set(base.id).await?;
                Ok(evaluate(&app.retriever, &base, &set, options, progress).await?)
            }
            Self::Remote(remote) => {
                let path = format!("{}/evaluate", knowledge_base_path(knowledge_base));
                remote
                    .post(
                        &path,
                        &json!({ "limit": options.limit, "mode": options.mode }),
                    )
                    .await
            }
        }
    }

    /// Fits the threshold of a knowledge base and returns what it does.
    pub(crate) async fn calibrate(
        &self,
        knowledge_base: &str,
        options: CalibrateOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Value> {
        match self {
            Self::Local(app) => {
                let base = app.catalog.knowledge_base(knowledge_base).await?;
                let with = CalibrateWith {
                    catalog: &app.catalog,
                    retriever: &app.retriever,
                    generator: app.generator.as_ref(),
                };
                let fitted = calibrate(with, &base, options, progress).await?;
                Ok(serde_json::to_value(fitted)?)
            }
            Self::Remote(remote) => {
                let path = format!("{}/calibrate", knowledge_base_path(knowledge_base));
                let body = json!({ "questions": options.questions, "seed": options.seed });
                remote.post(&path, &body).await
            }
        }
    }

    /// Goes back to the built-in threshold.
    pub(crate) async fn forget_calibration(&self, knowledge_base: &str) -> Result<()> {
        match self {
            Self::Local(app) => {
                let base = app.catalog.knowledge_base(knowledge_base).await?;
                app.catalog.forget_calibration(base.id).await?;
                Ok(())
            }
            Self::Remote(remote) => {
                let base = knowledge_base_path(knowledge_base);
                remote.delete(&format!("{base}/calibration")).await
            }
        }
    }
}
