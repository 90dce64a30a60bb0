//! `wenyuan ask` and `wenyuan search`: one question, answered on the terminal.

use std::fmt::Write;

use anyhow::Result;

use super::args::{AskArgs, SearchArgs};
use super::language::say;
use super::questions::{AskOptions, SearchOptions};
use super::target::Target;
use super::view::{
    AnswerView, CitationView, ExplainView, HitView, QueryView, RerankingView, SearchView,
};
use crate::answer::AnswerMode;
use crate::app::Parts;
use crate::config::Config;
use crate::retrieve::SearchMode;

/// Runs `ask`.
pub(crate) async fn ask(config: Config, args: AskArgs) -> Result<()> {
    let parts = if args.quote {
        Parts::WITHOUT_MODEL
    } else {
        Parts::ALL
    };
    let target = Target::open(config, args.place.server.as_deref(), parts).await?;
    let options = AskOptions {
        top_k: args.top_k,
        mode: if args.quote {
            AnswerMode::Quote
        } else {
            AnswerMode::Answer
        },
        strict: args.strict,
        max_tokens: None,
    };
    let answer = target.ask(&args.place.kb, &args.question, options).await?;
    target.close().await;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    print_answer(&serde_json::from_value(answer)?);
    Ok(())
}

fn print_answer(answer: &AnswerView) {
    if let Some(query) = &answer.query {
        print_query(query);
    }
    if answer.refused {
        println!("{}", answer.answer);
        for citation in &answer.citations {
            println!("{}", place(citation));
        }
        return;
    }
    let marked: Vec<String> = answer
        .sentences
        .iter()
        .map(|sentence| {
            let mut marks = String::new();
            for n in &sentence.citations {
                let _ = write!(marks, "[{n}]");
            }
            let doubt = if sentence.support == "unsupported" {
                say(" (not supported)", "（无依据）")
            } else {
                ""
            };
            format!("{}{marks}{doubt}", sentence.text)
        })
        .collect();
    println!("{}\n", marked.join(" "));
    for citation in &answer.citations {
        println!("{}", place(citation));
    }
    if let Some(notice) = &answer.notice {
        println!("\n({})", notice_text(notice));
    }
}

fn place(citation: &CitationView) -> String {
    let page = citation
        .page
        .map(|page| format!("{}{page}{}", say(", page ", "，第 "), say("", " 页")))
        .unwrap_or_default();
    format!(
        "[{}] {}{page}\n    {}",
        citation.n,
        citation.document_name,
        citation.quote.replace('\n', " ")
    )
}

fn notice_text(notice: &str) -> String {
    let text = match notice {
        "model_missing" => say(
            "No language model is in use: these are the documents' own sentences. `wenyuan models check` says why, `wenyuan models pull starter` fetches one.",
            "没有可用的语言模型：以上是文档原句。`wenyuan models check` 说明原因，`wenyuan models pull starter` 可获取。",
        ),
        "model_too_weak" => say(
            "The model's own words did not survive the check: these are the documents' own sentences.",
            "模型自己的话没有通过核对：以上是文档原句。",
        ),
        "model_too_slow" => say(
            "The model was too slow: these are the documents' own sentences.",
            "模型太慢：以上是文档原句。",
        ),
        "sentences_withheld" => say(
            "Sentences that the documents do not support were withheld.",
            "没有依据的句子已略去。",
        ),
        "passages_left_out" => say(
            "Some passages did not fit the model's window and were not read by it.",
            "部分段落超出模型窗口，模型没有读到。",
        ),
        other => other,
    };
    text.to_owned()
}

/// Runs `search`.
pub(crate) async fn search(config: Config, args: SearchArgs) -> Result<()> {
    let target = Target::open(config, args.server.as_deref(), Parts::WITHOUT_MODEL).await?;
    let options = SearchOptions {
        top_k: args.top_k.map(usize::from),
        mode: args.mode.as_deref().map(search_mode),
        explain: args.explain,
    };
    let found = target
        .search(&args.knowledge_bases, &args.query, options)
        .await?;
    target.close().await;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(());
    }
    print_hits(&serde_json::from_value(found)?);
    Ok(())
}

/// The mode that clap has already checked.
pub(crate) fn search_mode(name: &str) -> SearchMode {
    match name {
        "dense" => SearchMode::Dense,
        "lexical" => SearchMode::Lexical,
        _ => SearchMode::Hybrid,
    }
}

fn print_hits(found: &SearchView) {
    if let Some(query) = &found.query {
        print_query(query);
    }
    if found.hits.is_empty() {
        println!("{}", say("Nothing found.", "没有找到。"));
    }
    for (rank, hit) in found.hits.iter().enumerate() {
        print_hit(rank + 1, hit);
    }
    if let Some(evidence) = &found.evidence {
        println!(
            "{}: {:.2} ({})",
            say("answerability", "可回答性"),
            evidence.answerability,
            evidence.verdict
        );
    }
    if let Some(turn) = &found.reranking {
        print_reranking(turn);
    }
    let Some(trace) = &found.trace else { return };
    println!(
        "\n{}",
        say("Stages, with what each listed:", "各阶段列出的段数：")
    );
    for stage in &trace.stages {
        println!("  {} ({})", stage.stage, stage.entries.len());
    }
    for (feature, value) in &trace.evidence {
        println!("  {feature}: {value:.4}");
    }
    for (stage, ms) in &found.timings_ms {
        println!("  {stage}: {ms} ms");
    }
}

/// What became of the reranking model's turn.
fn print_reranking(turn: &RerankingView) {
    let outcome = match turn.outcome.as_str() {
        "done" if turn.passages == 0 => return,
        "done" => format!("{} {}", turn.passages, say("passages read", "段已读")),
        "other_languages" => say("not used for these languages", "不用于这种语言组合").to_owned(),
        "timed_out" => say(
            "took too long; the order is as without it",
            "超时，顺序与不用它时相同",
        )
        .to_owned(),
        "failed" => say(
            "failed; the order is as without it",
            "出错，顺序与不用它时相同",
        )
        .to_owned(),
        "resting" => say(
            "failed several times and is left alone for a while; the order is as without it",
            "连续出错，暂停使用，顺序与不用它时相同",
        )
        .to_owned(),
        other => other.to_owned(),
    };
    println!(
        "{}: {}: {outcome}",
        say("reranking model", "重排模型"),
        turn.model
    );
}

/// Rank and score at every stage, and the words that count.
fn print_explained(explain: &ExplainView) {
    let stages = explain.stages.iter().map(|stage| {
        let rank = stage
            .rank
            .map_or_else(|| "–".to_owned(), |rank| format!("#{rank}"));
        let score = stage
            .score
            .map_or_else(String::new, |score| format!(" ({score:.4})"));
        format!("{} {rank}{score}", stage.stage)
    });
    println!("   {}", stages.collect::<Vec<_>>().join(" · "));
    let words = explain.matched_terms.iter();
    let words = words.map(|word| format!("{} {:.0}%", word.text, word.share * 100.0));
    let words = words.collect::<Vec<_>>().join(" · ");
    if !words.is_empty() {
        println!("   {}: {words}", say("words", "字词"));
    }
}

/// What was taken out of the query, so that nobody wonders where the other hits are.
fn print_query(query: &QueryView) {
    let filters: Vec<String> = query
        .filters
        .iter()
        .map(|filter| format!("{}: {}", filter.key, filter.value))
        .collect();
    if !filters.is_empty() {
        println!("{}: {}", say("filters", "筛选"), filters.join(" · "));
    }
    for written in &query.unclear {
        println!(
            "“{written}” {}",
            say(
                "is no filter that is known, and was looked for as words",
                "不是可用的筛选条件，已当作文字查找"
            )
        );
    }
    for phrase in query.phrases.iter().filter(|phrase| !phrase.found) {
        println!(
            "{} “{}”",
            say("no passage holds", "没有段落含有"),
            phrase.text
        );
    }
}

fn print_hit(rank: usize, hit: &HitView) {
    let page = hit
        .page
        .map(|page| format!("{}{page}{}", say(", page ", "，第 "), say("", " 页")))
        .unwrap_or_default();
    let heading = if hit.heading.is_empty() {
        String::new()
    } else {
        format!(" · {}", hit.heading.join(" › "))
    };
    println!(
        "{rank}. {}{page}{heading}  ({:.3})",
        hit.document_name, hit.score
    );
    let scores: Vec<String> = hit
        .scores
        .iter()
        .filter_map(|(stage, score)| score.as_f64().map(|score| format!("{stage} {score:.3}")))
        .collect();
    match &hit.explain {
        Some(explain) => print_explained(explain),
        None => println!("   {}", scores.join(" · ")),
    }
    println!("   {}\n", hit.text.replace('\n', " "));
}
