//! `wenyuan reindex`: another embedder's index is built, compared, switched to and given up.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};

use super::args::ReindexArgs;
use super::language::{chinese, say, tongue};
use super::measure::bar;
use super::remote::Remote;
use crate::app::{App, AppError, Parts};
use crate::config::Config;
use crate::http::change_refused;
use crate::jobs::{EmbedderError, IndexChangeError};

const LOOK: Duration = Duration::from_millis(300);

/// Where the index is; both places tell the same.
enum Place {
    Here(Box<App>),
    There(Remote),
}

/// Runs the command; `false` where documents could not be brought into the new index.
pub(super) async fn run(config: Config, args: ReindexArgs) -> Result<bool> {
    let place = match (&args.server, &args.embedder) {
        (Some(url), _) => Place::There(Remote::new(url)?),
        (None, Some(name)) => {
            let parts = Parts::INDEX_ONLY;
            Place::Here(Box::new(App::open_replacing(config, parts, name).await?))
        }
        (None, None) => Place::Here(Box::new(App::open(config, Parts::INDEX_ONLY).await?)),
    };
    let outcome = work(&place, &args).await;
    if let Place::Here(app) = place {
        app.close().await;
    }
    outcome
}

async fn work(place: &Place, args: &ReindexArgs) -> Result<bool> {
    if args.drop {
        place.drop_other().await?;
    }
    let mut whole = true;
    if let Some(name) = &args.embedder {
        let in_use = &place.status().await?["active"];
        if is(in_use, name) {
            whole = in_use["complete"] == true || filled(place).await?;
        } else {
            place.build(name).await?;
            whole = filled(place).await?;
        }
    }
    if args.switch && whole {
        let status = place.status().await?;
        let other = &status["other"];
        let wanted = match &args.embedder {
            Some(name) if !is(other, name) => name.clone(),
            Some(_) | None => fingerprint(other)?,
        };
        place.switch(&wanted).await?;
    }
    let status = place.status().await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        tell(&status);
    }
    Ok(whole)
}

fn is(collection: &Value, name: &str) -> bool {
    collection["model"] == name || collection["fingerprint"] == name
}

fn fingerprint(collection: &Value) -> Result<String> {
    let known = collection["fingerprint"].as_str();
    known.map(str::to_owned).ok_or_else(|| {
        anyhow!(
            "{}",
            say(
                "there is no index beside the one in use; build one with `wenyuan reindex --embedder NAME`",
                "除正在使用的索引外，没有别的索引；请先用 `wenyuan reindex --embedder 名称` 建立"
            )
        )
    })
}

/// Follows the filling to its end; `false` if documents are left over.
async fn filled(place: &Place) -> Result<bool> {
    let bar = bar();
    bar.set_message(say("passages", "个段落"));
    loop {
        let status = place.status().await?;
        let filling = &status["filling"];
        if status["ready"] == true || filling.is_null() {
            bar.finish_and_clear();
            return Ok(true);
        }
        let count = |name: &str| filling[name].as_u64().unwrap_or_default();
        bar.set_length(count("passages"));
        bar.set_position(count("passages_done"));
        if let Some(problem) = filling["problem"].as_str() {
            bar.finish_and_clear();
            bail!("{problem}");
        }
        let failed = count("failed");
        if failed > 0 && count("documents_done") + failed >= count("documents") {
            bar.finish_and_clear();
            return Ok(false);
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Place {
    async fn status(&self) -> Result<Value> {
        match self {
            Self::Here(app) => Ok(serde_json::to_value(app.ingestor.index_status().await?)?),
            Self::There(remote) => remote.get("/api/v1/index").await,
        }
    }

    async fn build(&self, name: &str) -> Result<()> {
        let body = json!({ "embedder": name });
        match self {
            Self::Here(app) => app.ingestor.begin_index(name).await.map_err(refused),
            Self::There(remote) => {
                let _: Value = remote.post("/api/v1/index/build", &body).await?;
                Ok(())
            }
        }
    }

    async fn switch(&self, name: &str) -> Result<()> {
        let body = json!({ "embedder": name });
        match self {
            Self::Here(app) => app.ingestor.switch_index(name).await.map_err(refused),
            Self::There(remote) => {
                let _: Value = remote.post("/api/v1/index/switch", &body).await?;
                Ok(())
            }
        }
    }

    async fn drop_other(&self) -> Result<()> {
        match self {
            Self::Here(app) => app.ingestor.drop_index().await.map_err(refused),
            Self::There(remote) => remote.delete("/api/v1/index/other").await,
        }
    }
}

fn refused(error: IndexChangeError) -> anyhow::Error {
    anyhow!("{}", change_refused(error, tongue()))
}

fn tell(status: &Value) {
    let line = |what: &str, collection: &Value, more: &str| {
        let name = collection["model"].as_str().unwrap_or_default();
        println!(
            "{what}: {name} ({} {}){more}",
            collection["dimension"],
            say("dimensions", "维")
        );
    };
    let (active, other, filling) = (&status["active"], &status["other"], &status["filling"]);
    let progress = format!(
        "{}/{} {}",
        filling["documents_done"],
        filling["documents"],
        say("documents", "个文档")
    );
    let more = if active["complete"] == false {
        format!("; {}", progress.as_str())
    } else {
        String::new()
    };
    line(say("Index in use", "正在使用的索引"), active, &more);
    if !other.is_null() {
        let standing = if status["ready"] == true {
            say(
                "complete: `wenyuan reindex --switch` uses it",
                "已完整，可用 `wenyuan reindex --switch` 切换",
            )
        } else {
            say("being filled", "正在建立")
        };
        line(
            say("Other index", "另一个索引"),
            other,
            &format!("; {progress}; {standing}"),
        );
    }
    for failure in filling["failures"].as_array().into_iter().flatten() {
        let name = failure["document_name"].as_str().unwrap_or_default();
        let why = failure["error"]["message"].as_str().unwrap_or_default();
        println!("✗ {name}: {why}");
    }
    let installed = status["embedders"].as_array().into_iter().flatten();
    for embedder in
        installed.filter(|one| !is(active, one["fingerprint"].as_str().unwrap_or_default()))
    {
        let name = embedder["model"].as_str().unwrap_or_default();
        if !is(other, name) {
            println!(
                "{}: {name}; `wenyuan reindex --embedder {name}`",
                say("Could be used too", "还可以使用")
            );
        }
    }
}

/// Says on the error channel where another embedder was chosen than the index was made with, and where the index is not
/// complete.
pub(super) async fn remark(app: &App) {
    let Ok(status) = app.ingestor.index_status().await else {
        return;
    };
    let Some(active) = &status.active else { return };
    let made_with = &active.model;
    if let Some(chosen) = status.unheeded_choice().map(|one| &one.model) {
        let (build, keep) = (
            format!("wenyuan reindex --embedder {chosen}"),
            format!("wenyuan models use {made_with}"),
        );
        let told = if chinese() {
            format!(
                "索引由向量模型 {made_with} 建立，检索仍使用它。您选择了 {chosen}：请用 `{build}` 建立它的索引，或用 `{keep}` 保留原来的模型。"
            )
        } else {
            format!(
                "The index was made with the embedding model {made_with}; searches go on with it. You have chosen {chosen}: \
                 build its index with `{build}`, or keep the first one with `{keep}`."
            )
        };
        eprintln!("{told}");
    }
    if let (false, Some(filling)) = (active.complete, &status.filling) {
        eprintln!(
            "{made_with}: {} {}",
            filling.filled.missing(),
            say(
                "documents are still missing in the index; they are being embedded",
                "个文档尚未进入索引，正在补入"
            )
        );
    }
}

/// An error as a person should read it.
pub(super) fn in_words(error: &anyhow::Error) -> String {
    match error.downcast_ref::<AppError>() {
        Some(AppError::EmbedderLost { reason, instead }) => lost(reason, instead),
        _ => format!("{error:#}"),
    }
}

/// Why the index cannot be searched, and the two ways out.
pub(super) fn lost(reason: &EmbedderError, instead: &str) -> String {
    let why = change_refused(IndexChangeError::Embedder(reason.clone()), tongue());
    let otherwise = say(
        "Or build another index from the texts that are there:",
        "或者用已有的文本另建索引：",
    );
    format!(
        "{} {why} {otherwise} `wenyuan reindex --embedder {instead}`",
        say("The index cannot be searched.", "索引无法检索。")
    )
}
