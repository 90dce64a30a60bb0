//! `wenyuan gold`: the questions that a knowledge base is measured by.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::args::{GoldCommand, Where};
use super::language::say;
use super::target::Target;
use crate::app::Parts;
use crate::catalog::ExpectedBy;
use crate::config::Config;

/// Lines and bytes sent at once: within what the HTTP interface takes.
const BATCH: (usize, usize) = (500, 400_000);

/// Runs `gold`; `false` where a line could not be imported.
pub(crate) async fn run(config: Config, command: GoldCommand) -> Result<bool> {
    match command {
        GoldCommand::List { place, json } => {
            let target = open(config, &place).await?;
            let listed = list(&target, &place.kb).await;
            target.close().await;
            print_list(&listed?, json)?;
            Ok(true)
        }
        GoldCommand::Add {
            question,
            place,
            documents,
            passage,
            unanswerable: _,
        } => {
            ensure!(
                passage.is_none() || documents.len() == 1,
                "{}",
                say(
                    "--passage goes with one --document",
                    "--passage 只能配一个 --document"
                )
            );
            let expected = documents.into_iter().map(|document| ExpectedBy {
                document,
                passage: passage.clone(),
            });
            let target = open(config, &place).await?;
            let added = target
                .add_gold(&place.kb, &question, expected.collect())
                .await;
            target.close().await;
            println!("{}", added?["id"].as_str().unwrap_or_default());
            Ok(true)
        }
        GoldCommand::Import { file, place } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let target = open(config, &place).await?;
            let outcome = import(&target, &place.kb, &file, &text).await;
            target.close().await;
            outcome
        }
        GoldCommand::Remove { id, place } => {
            let target = open(config, &place).await?;
            let outcome = target.remove_gold(&place.kb, &id).await;
            target.close().await;
            outcome.map(|()| true)
        }
    }
}

async fn open(config: Config, place: &Where) -> Result<Target> {
    Target::open(config, place.server.as_deref(), Parts::INDEX_ONLY).await
}

async fn list(target: &Target, knowledge_base: &str) -> Result<Vec<Value>> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let mut page = target.gold_page(knowledge_base, cursor).await?;
        if let Value::Array(questions) = page["gold_questions"].take() {
            all.extend(questions);
        }
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn print_list(questions: &[Value], json: bool) -> Result<()> {
    if json {
        let object = serde_json::json!({ "gold_questions": questions });
        println!("{}", serde_json::to_string_pretty(&object)?);
        return Ok(());
    }
    if questions.is_empty() {
        println!(
            "{}",
            say("There are no gold questions.", "还没有评测问题。")
        );
    }
    for one in questions {
        let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
        println!(
            "{}  {}",
            text("id"),
            text("question").replace(['\n', '\r', '\u{1b}'], " ")
        );
        let expected = one["expected"].as_array().cloned().unwrap_or_default();
        for place in &expected {
            let passage = place["passage"].as_str().map(shortened);
            println!(
                "    {} {}",
                place["document_name"].as_str().unwrap_or_default(),
                passage.unwrap_or_default()
            );
        }
        if expected.is_empty() {
            println!("    {}", say("(nothing answers it)", "（无答案）"));
        }
    }
    Ok(())
}

fn shortened(passage: &str) -> String {
    let flat = passage.replace(['\n', '\r', '\u{1b}'], " ");
    let short: String = flat.chars().take(60).collect();
    if short.len() < flat.len() {
        format!("“{short}…”")
    } else {
        format!("“{short}”")
    }
}

async fn import(target: &Target, knowledge_base: &str, file: &Path, text: &str) -> Result<bool> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut imported, mut refused, mut done) = (0, 0, 0);
    while done < lines.len() {
        let mut bytes = 0;
        let fits = lines[done..].iter().take(BATCH.0).take_while(|line| {
            bytes += line.len() + 1;
            bytes <= BATCH.1
        });
        let count = fits.count().max(1);
        let batch = lines[done..done + count].join("\n");
        let outcome = target.import_gold(knowledge_base, batch).await?;
        imported += outcome["imported"].as_u64().unwrap_or_default();
        for one in outcome["refused"].as_array().into_iter().flatten() {
            refused += 1;
            eprintln!(
                "{}:{}: {}",
                file.display(),
                one["line"].as_u64().unwrap_or_default() + done as u64,
                one["error"]["message"].as_str().unwrap_or_default()
            );
        }
        done += count;
    }
    println!(
        "{} {imported}, {} {refused}",
        say("imported", "已导入"),
        say("refused", "未导入")
    );
    Ok(refused == 0)
}
