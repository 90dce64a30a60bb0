//! `wenyuan why-not`: where a search loses a passage that should have come, and what would have brought it.

use anyhow::{Result, bail};
use serde_json::Value;

use super::args::WhyNotArgs;
use super::language::say;
use super::target::Target;
use crate::app::Parts;
use crate::config::Config;
use crate::model::DocumentId;
use crate::retrieve::Expected;

/// Runs the command.
pub(crate) async fn run(config: Config, args: WhyNotArgs) -> Result<()> {
    let server = args.place.server.as_deref();
    let target = Target::open(config, server, Parts::WITHOUT_MODEL).await?;
    let told = told(&target, &args).await;
    target.close().await;
    let told = told?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        print(&told);
    }
    Ok(())
}

async fn told(target: &Target, args: &WhyNotArgs) -> Result<Value> {
    let kb = &args.place.kb;
    let expected = match (&args.document, &args.chunk, &args.text) {
        (Some(name), _, _) => Expected::Document(document(target, kb, name).await?),
        (None, Some(chunk), _) => Expected::Chunk(*chunk),
        (None, None, text) => Expected::Text(text.clone().unwrap_or_default()),
    };
    let top_k = args.top_k.map(usize::from);
    target.why_not(kb, &args.question, top_k, expected).await
}

/// A document by its id or its whole name.
async fn document(target: &Target, kb: &str, name: &str) -> Result<DocumentId> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let mut cursor = None;
    loop {
        let page = target.documents(kb, cursor).await?;
        let found = page.documents.iter().find(|document| document.name == name);
        if let Some(found) = found {
            return Ok(found.id);
        }
        if page.next_cursor.is_none() {
            bail!(
                "{}",
                say(
                    "no document has this name; give the whole name, or the id",
                    "没有叫这个名字的文件；请写全名，或写编号"
                )
            );
        }
        cursor = page.next_cursor;
    }
}

fn print(told: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |name: &str| told[name].as_array().cloned().unwrap_or_default();
    println!(
        "{} [{}]",
        verdict(told["verdict"].as_str().unwrap_or_default()),
        text(&told["stage"])
    );
    for reason in list("reasons") {
        println!("  {}", text(&reason));
    }
    let expected = &told["expected"];
    if let Some(passage) = expected["text"].as_str() {
        println!(
            "\n{}{}",
            say("Passage: ", "段落："),
            text(&expected["document_name"])
        );
        println!("  {}", passage.replace('\n', " "));
    }
    let stages = list("stages");
    if !stages.is_empty() {
        println!("\n{}", say("Stage by stage:", "各阶段："));
    }
    for stage in &stages {
        println!("  {}", stage_line(stage));
    }
    let remedies = list("remedies");
    if !remedies.is_empty() {
        println!(
            "\n{}",
            say("What brings it, as tried:", "试过以后，这样能查到：")
        );
    }
    for remedy in &remedies {
        println!("  {}", text(&remedy["message"]));
    }
}

fn stage_line(stage: &Value) -> String {
    let name = stage["stage"].as_str().unwrap_or_default();
    let rank = stage["rank"].as_u64().map_or_else(
        || say("not listed", "未列入").to_owned(),
        |rank| format!("#{rank}"),
    );
    let score = stage["score"]
        .as_f64()
        .map_or_else(String::new, |score| format!(" ({score:.4})"));
    let cutoff = match (
        stage["cutoff_rank"].as_u64(),
        stage["cutoff_score"].as_f64(),
    ) {
        (Some(rank), Some(score)) => {
            format!(
                "; {} #{rank} ({score:.4})",
                say("the last that passes is", "最后一位是")
            )
        }
        _ => String::new(),
    };
    format!("{name:<10} {rank}{score}{cutoff}")
}

fn verdict(code: &str) -> &str {
    match code {
        "found" => say("It is found.", "查得到。"),
        "refused" => say("It is found, but no answer is given.", "查得到，但不作答。"),
        "not_ready" => say("It cannot be found yet.", "现在还查不到。"),
        "unknown" => say("It is not here.", "这里没有它。"),
        "filtered" => say("A filter leaves it out.", "被筛选条件排除了。"),
        "not_split_there" => say("No passage has it.", "没有段落含有它。"),
        "lost_before_fusion" => say(
            "Neither meaning nor words bring it.",
            "语义和字词都没有查到它。",
        ),
        "lost_in_fusion" => say(
            "One way of searching has it, both together do not.",
            "单独一种方式查得到，合起来排后了。",
        ),
        "outside_top_k" => say("It ranks too low.", "排得太后。"),
        "duplicate" => say("Another passage says the same.", "与另一段重复。"),
        "over_document_cap" => say("Its document has enough hits.", "它的文件已占满名额。"),
        "phrase_missing" => say("It lacks a quoted phrase.", "它不含引号里的话。"),
        other => other,
    }
}
