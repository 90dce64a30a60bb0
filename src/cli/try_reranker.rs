//! A reranking model measured: the same questions without it and with it, and for which languages it gains.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde_json::json;

use super::args::EvalArgs;
use super::evaluate::concluded;
use super::language::say;
use super::measure::{bar, without_and_with, write};
use super::shadow;
use crate::app::{
    App, MeasuredRerankers, Parts, RerankerMeasurement, model_store, reranker_to_try,
};
use crate::config::{Config, RerankConfig};
use crate::eval::{Gain, LanguageGain, Report, Shift, compare, evaluate, language_gains};
use crate::retrieve::{CrossEncoding, LanguagePair, Writing};

/// Runs `eval --try-reranker`; `false` where the gate was asked for and stays shut.
pub(super) async fn run(config: Config, args: &EvalArgs, name: &str) -> Result<bool> {
    let cross = reranker_to_try(&config, &model_store(&config)?, name).await?;
    let model = cross.model().fingerprint().to_owned();
    let (folder, candidates) = (config.data.dir.clone(), config.rerank.candidates);
    let mut without = config;
    without.rerank.model = Some(RerankConfig::NONE.to_owned());
    let (of, (before, now)) = match (&args.set, &args.kb) {
        (Some(set), _) => {
            let reports = without_and_with(without, set, args, cross).await?;
            (format!("set {}", reports.0.figures.set), reports)
        }
        (None, kb) => {
            let kb = kb.as_deref().unwrap_or_default();
            (format!("kb {kb}"), gold(without, kb, args, cross).await?)
        }
    };
    let compared = compare(&before.as_run(), &now.as_run());
    let opened = concluded(&compared, args)?;
    println!(
        "{}: {:.0} ms -> {:.0} ms",
        say("Search, median", "检索耗时中位数"),
        before.figures.search_ms_p50,
        now.figures.search_ms_p50
    );
    let languages = language_gains(&before.results, &now.results);
    languages.iter().for_each(tell);
    if let Some(path) = &args.json {
        let all = json!({ "comparison": compared, "languages": languages });
        write(path, &serde_json::to_string_pretty(&all)?)?;
    }
    let at = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let measurement = RerankerMeasurement {
        model: model.clone(),
        of,
        at: at.as_secs() as i64,
        candidates,
        languages,
    };
    let path = MeasuredRerankers::add(&folder, measurement)?;
    println!("{}: {}", say("Kept in", "已记入"), path.display());
    used(&MeasuredRerankers::read(&folder).gained(&model));
    Ok(opened)
}

/// The gold questions of a knowledge base without and with it.
async fn gold(
    config: Config,
    name: &str,
    args: &EvalArgs,
    cross: CrossEncoding,
) -> Result<(Report, Report)> {
    let app = App::open(config, Parts::INDEX_ONLY).await?;
    let asked = async {
        let base = app.catalog.knowledge_base(name).await?;
        let set = app.catalog.gold_set(base.id).await?;
        let bar = bar();
        bar.set_message(say("questions", "问题"));
        let progress = |done: usize, all: usize| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        };
        let options = shadow::options(args);
        let plain = app.retriever.without_cross_encoder();
        let before = evaluate(&plain, &base, &set, options, &progress).await?;
        let crossing = plain.with_cross_encoder(cross);
        let now = evaluate(&crossing, &base, &set, options, &progress).await?;
        bar.finish_and_clear();
        Ok((before, now))
    };
    let outcome = asked.await;
    app.close().await;
    outcome
}

/// What was measured for a pair of languages.
fn tell(found: &LanguageGain) {
    println!(
        "{} ({} {})",
        pair(found.languages),
        found.questions,
        say("questions with an answer", "个可回答的问题")
    );
    if found.unread > 0 {
        println!(
            "  {} {}",
            found.unread,
            say(
                "of them were not read in time, or not at all: see rerank.timeout_ms",
                "个未能及时读完或没有读：见 rerank.timeout_ms"
            )
        );
    }
    figures(&found.figures);
    let verdict = match found.gain {
        Gain::Gains => say("it gains here", "在此有提升"),
        Gain::Loses => say("it loses here", "在此变差"),
        Gain::Unclear => say("no clear gain here", "在此没有明显提升"),
    };
    println!("  => {verdict}");
}

fn figures(figures: &BTreeMap<String, Shift>) {
    for (name, one) in figures {
        println!(
            "  {name:<14} {:.4} -> {:.4}  {:+.4} [{:+.4}, {:+.4}]",
            one.before, one.now, one.difference, one.interval[0], one.interval[1]
        );
    }
}

/// A pair of languages in words.
pub(super) fn pair(languages: LanguagePair) -> String {
    let name = |writing| match writing {
        Writing::Han => say("Chinese", "中文"),
        Writing::Alphabetic => say("English and others", "英文等"),
    };
    format!(
        "{} {} {}",
        name(languages.question),
        say("questions over", "问题，资料为"),
        name(languages.passages)
    )
}

/// Where it is used from now on.
fn used(pairs: &[LanguagePair]) {
    if pairs.is_empty() {
        println!(
            "{}",
            say(
                "With rerank.languages = \"auto\" it is not used: it gained nowhere, or lost elsewhere.",
                "当 rerank.languages = \"auto\" 时不使用它：没有测到提升，或在别处变差。"
            )
        );
        return;
    }
    let all: Vec<String> = pairs.iter().map(|one| pair(*one)).collect();
    println!(
        "{}: {}",
        say(
            "With rerank.languages = \"auto\" it is used from the next start on for",
            "当 rerank.languages = \"auto\" 时，下次启动起用于"
        ),
        all.join(say("; ", "；"))
    );
}
