//! `wenyuan models`: list, fetch, choose and check.

use std::collections::HashMap;
use std::sync::Mutex;

use anyhow::Result;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::args::ModelsCommand;
use super::language::say;
use super::rerankers;
use crate::app::model_store;
use crate::config::Config;
use crate::models::{ModelState, ModelStore, PullEvent};

/// Runs the command; `false` if a check found something wrong.
pub(crate) async fn run(config: Config, command: ModelsCommand) -> Result<bool> {
    let store = model_store(&config)?;
    match command {
        ModelsCommand::List { json } => list(&config, &store, json),
        ModelsCommand::Pull { name } => pull(&store, &name).await?,
        ModelsCommand::Use { name } => choose(&config, &store, &name)?,
        ModelsCommand::Check { name } => return check(&store, name.as_deref()),
    }
    Ok(true)
}

const fn state_name(state: ModelState) -> &'static str {
    match state {
        ModelState::Installed => "installed",
        ModelState::Incomplete => "incomplete",
        ModelState::Absent => "absent",
    }
}

fn list(config: &Config, store: &ModelStore, json: bool) {
    let models = store.list();
    if json {
        let rows: Vec<_> = models
            .iter()
            .map(|status| {
                serde_json::json!({
                    "name": status.model.name,
                    "role": status.model.role,
                    "profiles": status.model.profiles.iter().map(|profile| profile.as_str()).collect::<Vec<_>>(),
                    "state": state_name(status.state),
                    "active": status.active,
                    "licence": status.model.licence,
                    "about": status.model.about,
                })
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({
                "folder": store.folder(), "models": rows, "reranking": rerankers::as_json(config, store),
            })
        );
        return;
    }
    println!(
        "{}: {}",
        say("Models folder", "模型目录"),
        store.folder().display()
    );
    for status in models {
        let mark = if status.active { '*' } else { ' ' };
        let profiles: Vec<_> = status
            .model
            .profiles
            .iter()
            .map(|profile| profile.as_str())
            .collect();
        let state = match status.state {
            ModelState::Installed => say("installed", "已安装"),
            ModelState::Incomplete => say("incomplete", "不完整"),
            ModelState::Absent => "-",
        };
        println!(
            "{mark} {:<32} {:<9} {:<10} {:<18} {}",
            status.model.name,
            status.model.role.to_string(),
            state,
            profiles.join(","),
            status.model.licence
        );
        println!("    {}", status.model.about);
    }
    if let Some(line) = rerankers::line(config, store) {
        println!("{line}");
    }
    println!(
        "{}",
        say(
            "* in use; `wenyuan models pull NAME` fetches a model or a profile",
            "* 使用中；`wenyuan models pull 名称` 获取模型或整套"
        )
    );
}

/// Fetches with one bar per file. Ctrl-C stops cleanly and keeps what has arrived.
async fn pull(store: &ModelStore, name: &str) -> Result<()> {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let listener = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    let bars = MultiProgress::new();
    let shown: Mutex<HashMap<String, ProgressBar>> = Mutex::default();
    let progress = |event: PullEvent| show(&bars, &shown, event);
    let outcome = store.pull(name, &progress, &cancel).await;
    listener.abort();
    outcome.map_err(Into::into)
}

fn show(bars: &MultiProgress, shown: &Mutex<HashMap<String, ProgressBar>>, event: PullEvent) {
    let line = |text: String| {
        if bars.println(&text).is_err() {
            eprintln!("{text}");
        }
    };
    match event {
        PullEvent::Waiting => {
            line(say("waiting for another pull to finish", "等待另一个下载完成").to_owned());
        }
        PullEvent::AlreadyInstalled { model } => {
            println!("{model}: {}", say("installed", "已安装"));
        }
        PullEvent::Installed { model } => println!("{model}: {}", say("now installed", "安装完成")),
        PullEvent::Unpacking { model } => {
            line(format!("{model}: {}", say("unpacking", "正在解包")));
        }
        PullEvent::SourceFailed { model, reason } => line(format!("{model}: {reason}")),
        PullEvent::Fetching {
            model,
            file,
            done,
            total,
        } => {
            let mut shown = shown
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let bar = shown.entry(format!("{model}/{file}")).or_insert_with(|| {
                let bar = bars.add(ProgressBar::new(total.unwrap_or_default()));
                let template = "{msg} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
                bar.set_style(
                    ProgressStyle::with_template(template)
                        .unwrap_or_else(|_| ProgressStyle::default_bar()),
                );
                bar.set_message(file);
                bar
            });
            bar.set_position(done);
            if total.is_some_and(|total| done >= total) {
                bar.finish_and_clear();
            }
        }
    }
}

fn choose(config: &Config, store: &ModelStore, name: &str) -> Result<()> {
    if ["starter", "standard", "gpu"].contains(&name) {
        store.use_profile(name)?;
    } else {
        store.use_model(name)?;
    }
    println!(
        "{name}: {}",
        say("in use from the next start on", "下次启动起使用")
    );
    if store.rerankers().iter().any(|one| one == name)
        && let Some(line) = rerankers::line(config, store)
    {
        println!("{line}");
    }
    let embedder = store.embedder().ok().filter(|files| files.name == name);
    if embedder.is_some() {
        println!(
            "{} `wenyuan reindex --embedder {name}`",
            say(
                "An index that is there keeps the embedding model that it was made with, until",
                "已有的索引仍使用建立时的向量模型，如需更换："
            )
        );
    }
    Ok(())
}

fn check(store: &ModelStore, name: Option<&str>) -> Result<bool> {
    let names: Vec<String> = if let Some(name) = name {
        store
            .catalog()
            .select(name)?
            .into_iter()
            .map(|model| model.name.clone())
            .collect()
    } else {
        let installed = store
            .list()
            .into_iter()
            .filter(|status| status.state != ModelState::Absent);
        installed.map(|status| status.model.name.clone()).collect()
    };
    if names.is_empty() {
        println!(
            "{}",
            say(
                "No model is installed; run `wenyuan models pull starter`.",
                "没有安装模型；请运行 `wenyuan models pull starter`。"
            )
        );
        return Ok(false);
    }
    let mut whole = true;
    for name in names {
        for file in store.check(&name)? {
            match file {
                Ok(file) => println!(
                    "{name}: {} {}",
                    file.path.display(),
                    say("is whole", "完好")
                ),
                Err(error) => {
                    whole = false;
                    println!("{error}");
                }
            }
        }
    }
    Ok(whole)
}
