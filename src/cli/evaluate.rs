//! `wenyuan eval`: measures a data set or a knowledge base, writes reports, and compares runs.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::args::EvalArgs;
use super::language::{chinese, say};
use super::measure::{bar, eval, write};
use super::shadow;
use super::target::Target;
use super::try_reranker;
use crate::app::Parts;
use crate::config::Config;
use crate::eval::{
    Change, Comparison, EarlierRun, Flip, Report, ReportLanguage, compare, comparison_page, page,
};

/// Flipped questions shown of each kind on the terminal; the page has more.
const MOST_SHOWN: usize = 20;

/// Runs `eval`; `false` where the gate does not open.
pub(crate) async fn run(config: Config, args: EvalArgs, started: Instant) -> Result<bool> {
    if let [before, now] = args.compare.as_slice() {
        let compared = compare(&read(before)?, &read(now)?);
        if let Some(path) = &args.json {
            write(path, &serde_json::to_string_pretty(&compared)?)?;
        }
        return concluded(&compared, &args);
    }
    if let Some(name) = &args.try_reranker {
        return Box::pin(try_reranker::run(config, &args, name)).await;
    }
    if args.tries() {
        return Box::pin(shadow::run(config, &args)).await;
    }
    // Read before the long work: a wrong name is told at once.
    let before = args.against.as_deref().map(read).transpose()?;
    let report = match (&args.set, &args.kb) {
        (Some(folder), _) => eval(config, folder, &args, started).await?,
        (None, Some(name)) => gold(config, name, &args).await?,
        (None, None) => return Ok(true),
    };
    tell(&report, &args)?;
    if let Some(before) = before {
        return concluded(&compare(&before, &report.as_run()), &args);
    }
    if let Some(path) = &args.html {
        write(path, &page(&report, report_language()))?;
    }
    Ok(true)
}

async fn gold(config: Config, name: &str, args: &EvalArgs) -> Result<Report> {
    let target = Target::open(config, args.server.as_deref(), Parts::WITHOUT_MODEL).await?;
    let bar = bar();
    let progress = |done: usize, all: usize| {
        bar.set_message(say("questions", "问题"));
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let report = target
        .evaluate(name, shadow::options(args), &progress)
        .await;
    bar.finish_and_clear();
    target.close().await;
    report
}

/// Prints the figures with their intervals, and writes all of it where that was asked for.
fn tell(report: &Report, args: &EvalArgs) -> Result<()> {
    let short = Report {
        results: Vec::new(),
        ..report.clone()
    };
    let mut printed = serde_json::to_value(&short)?;
    if let Some(fields) = printed.as_object_mut() {
        fields.remove("results");
    }
    println!("{}", serde_json::to_string_pretty(&printed)?);
    match &args.json {
        Some(path) => write(path, &serde_json::to_string_pretty(report)?),
        None => Ok(()),
    }
}

/// Tells of a comparison; `false` where the gate was asked for and does not open.
pub(super) fn concluded(compared: &Comparison, args: &EvalArgs) -> Result<bool> {
    ensure!(
        compared.questions > 0,
        "{}",
        say(
            "the two runs have no question in common",
            "两次评测没有相同的问题"
        )
    );
    flips(say("Lost", "变差的问题"), &compared.lost);
    flips(say("Won", "变好的问题"), &compared.won);
    println!(
        "{} ({} {})",
        say("Figures", "指标"),
        compared.questions,
        say("questions of both runs", "个共同的问题")
    );
    for one in &compared.differences {
        let word = match one.change {
            Change::Better => say("better", "变好"),
            Change::Worse => say("worse", "变差"),
            Change::Unclear => say("no clear change", "无明显变化"),
        };
        println!(
            "  {:<24} {:.4} -> {:.4}  {:+.4} [{:+.4}, {:+.4}]  {word}",
            one.figure, one.before, one.now, one.difference, one.interval[0], one.interval[1]
        );
    }
    if let Some(path) = &args.html {
        write(path, &comparison_page(compared, report_language()))?;
    }
    if compared.loses && args.gate {
        println!(
            "{}",
            say(
                "The gate stays shut: a figure is worse.",
                "未通过：有指标变差。"
            )
        );
        return Ok(false);
    }
    Ok(true)
}

fn flips(title: &str, flips: &[Flip]) {
    println!("{title} ({})", flips.len());
    for one in flips.iter().take(MOST_SHOWN) {
        let side = |rank: Option<usize>, refused: bool| {
            let rank = rank.map_or_else(|| "-".to_owned(), |rank| format!("#{rank}"));
            let refused = if refused {
                say(" refused", " 拒答")
            } else {
                ""
            };
            format!("{rank}{refused}")
        };
        println!(
            "  {} -> {}  {}",
            side(one.rank_before, one.refused_before),
            side(one.rank_now, one.refused_now),
            one.question.replace(['\n', '\r', '\u{1b}'], " ")
        );
    }
    if flips.len() > MOST_SHOWN {
        println!("  … {}", flips.len() - MOST_SHOWN);
    }
}

fn read(path: &Path) -> Result<EarlierRun> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let run: EarlierRun =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    ensure!(
        !run.results.is_empty(),
        "{}: {}",
        path.display(),
        say(
            "has no questions in it; write it with `wenyuan eval --json`",
            "里面没有逐题结果；请用 `wenyuan eval --json` 生成"
        )
    );
    Ok(run)
}

fn report_language() -> ReportLanguage {
    if chinese() {
        ReportLanguage::Chinese
    } else {
        ReportLanguage::English
    }
}
