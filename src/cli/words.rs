//! `wenyuan words`: names and terms of a knowledge base's own.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use wenyuan_ingest::WordList;

use super::args::{Where, WordsCommand};
use super::language::{chinese, say, tongue};
use super::remote::knowledge_base_path;
use super::target::Target;
use crate::app::Parts;
use crate::catalog::OwnWords;
use crate::config::Config;
use crate::http::refused_word;

/// How often it is looked whether the documents have been gone through.
const LOOK: Duration = Duration::from_millis(200);

/// What becomes of the words that are there.
enum Change {
    Nothing,
    Add(Vec<String>),
    Remove(Vec<String>),
    Replace(Vec<String>),
}

/// Runs `words`.
pub(crate) async fn run(config: Config, command: WordsCommand) -> Result<()> {
    let mut as_json = false;
    let (place, change) = match command {
        WordsCommand::List { place, json } => {
            as_json = json;
            (place, Change::Nothing)
        }
        WordsCommand::Add { words, place } => (place, Change::Add(words)),
        WordsCommand::Remove { words, place } => (place, Change::Remove(words)),
        WordsCommand::Set { file, place } => {
            let text = std::fs::read_to_string(&file);
            let text = text.with_context(|| file.display().to_string())?;
            let words = text.trim_start_matches('\u{feff}').lines();
            (place, Change::Replace(words.map(str::to_owned).collect()))
        }
    };
    let lists = matches!(change, Change::Nothing);
    let target = Target::open(config, place.server.as_deref(), Parts::INDEX_ONLY).await?;
    let outcome = changed(&target, &place, change).await;
    target.close().await;
    let own = outcome?;
    match (lists, as_json) {
        (true, true) => {
            let object = json!({ "words": own.words, "documents_waiting": own.documents_waiting });
            println!("{}", serde_json::to_string_pretty(&object)?);
        }
        (true, false) => own.words.iter().for_each(|word| println!("{word}")),
        (false, _) => println!("{}", told(&own)),
    }
    Ok(())
}

async fn changed(target: &Target, place: &Where, change: Change) -> Result<OwnWords> {
    let before = target.own_words(&place.kb).await?;
    let words = match change {
        Change::Nothing => return Ok(before),
        Change::Add(more) => [before.words, more].concat(),
        Change::Remove(less) => {
            let mut words = before.words;
            words.retain(|word| !less.contains(word));
            words
        }
        Change::Replace(words) => words,
    };
    let list = WordList::new(words).map_err(|error| anyhow!(refused_word(error, tongue())))?;
    let mut own = target.set_own_words(&place.kb, list).await?;
    // A server goes on by itself; this process would stop in the middle.
    while matches!(target, Target::Local(_)) && own.documents_waiting > 0 {
        tokio::time::sleep(LOOK).await;
        own = target.own_words(&place.kb).await?;
    }
    Ok(own)
}

/// The sentence that people read.
fn told(own: &OwnWords) -> String {
    let (words, waiting) = (own.words.len(), own.documents_waiting);
    match (waiting, chinese()) {
        (0, true) => format!("现有 {words} 个词，检索已按它们进行。"),
        (0, false) => format!("Words: {words}. Searches go by them now."),
        (_, true) => {
            format!("现有 {words} 个词；还有 {waiting} 个文档在更新，完成后检索即按新词进行。")
        }
        (_, false) => format!(
            "Words: {words}. {waiting} documents are being gone through; searches go by new words after that."
        ),
    }
}

impl Target {
    /// The words of a knowledge base.
    async fn own_words(&self, knowledge_base: &str) -> Result<OwnWords> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                Ok(app.catalog.own_words(id).await?)
            }
            Self::Remote(remote) => read(&remote.get(&path(knowledge_base)).await?),
        }
    }

    /// Gives a knowledge base other words.
    async fn set_own_words(&self, knowledge_base: &str, list: WordList) -> Result<OwnWords> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                Ok(app.catalog.set_own_words(id, list).await?)
            }
            Self::Remote(remote) => {
                let body = json!({ "words": list.as_slice() });
                read(&remote.put(&path(knowledge_base), &body).await?)
            }
        }
    }
}

fn path(knowledge_base: &str) -> String {
    format!("{}/dictionary", knowledge_base_path(knowledge_base))
}

fn read(told: &Value) -> Result<OwnWords> {
    let words = told["words"]
        .as_array()
        .with_context(|| say("the server told no words", "服务没有返回词表").to_owned())?;
    let words = words.iter().filter_map(Value::as_str).map(str::to_owned);
    Ok(OwnWords {
        words: words.collect(),
        documents_waiting: told["documents_waiting"].as_u64().unwrap_or_default(),
    })
}
