//! How reranking stands, in words.

use serde_json::{Value, json};

use super::language::say;
use super::try_reranker::pair;
use crate::app::{RerankingStatus, reranking_status};
use crate::config::Config;
use crate::models::ModelStore;

/// The model, and where it is used or what to do about it.
pub(super) fn standing(status: &RerankingStatus) -> String {
    let model = &status.model;
    if !status.pairs.is_empty() {
        let all: Vec<String> = status.pairs.iter().map(|one| pair(*one)).collect();
        let used = say("used for", "用于");
        return format!("{model}: {used} {}", all.join(say("; ", "；")));
    }
    let why = if status.measured {
        say(
            "not used: it was not measured to gain for any languages",
            "未使用：没有测到对任何语言有提升",
        )
    } else {
        say(
            "not used before it was measured to gain: `wenyuan eval --kb NAME --try-reranker",
            "测到有提升才会使用：`wenyuan eval --kb 名称 --try-reranker",
        )
    };
    let end = if status.measured {
        String::new()
    } else {
        format!(" {model}`")
    };
    format!("{model}: {why}{end}")
}

/// A line under the models; `None` where there is no reranking model.
pub(super) fn line(config: &Config, models: &ModelStore) -> Option<String> {
    let what = say("Reranking model", "重排模型");
    match reranking_status(config, models) {
        Ok(status) => status.map(|status| format!("{what}: {}", standing(&status))),
        Err(error) => Some(format!("{what}: {error}")),
    }
}

/// The same for programs; null where there is no reranking model.
pub(super) fn as_json(config: &Config, models: &ModelStore) -> Value {
    match reranking_status(config, models) {
        Ok(None) => Value::Null,
        Ok(Some(status)) => {
            let pairs = status.pairs.iter().map(ToString::to_string);
            json!({
                "model": status.model, "measured": status.measured,
                "languages": pairs.collect::<Vec<String>>(),
            })
        }
        Err(error) => json!({ "error": error.to_string() }),
    }
}
