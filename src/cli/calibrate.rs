//! `wenyuan calibrate`: fits the threshold for refusing questions to a knowledge base.

use anyhow::Result;

use super::args::CalibrateArgs;
use super::language::{chinese, say};
use super::measure::bar;
use super::target::Target;
use crate::app::Parts;
use crate::config::Config;
use crate::eval::CalibrateOptions;
use crate::retrieve::Calibration;

/// Runs `calibrate`.
pub(crate) async fn run(config: Config, args: CalibrateArgs) -> Result<()> {
    let server = args.place.server.as_deref();
    let parts = if args.reset {
        Parts::INDEX_ONLY
    } else {
        Parts::TRUSTED_MODEL
    };
    let target = Target::open(config, server, parts).await?;
    if args.reset {
        let outcome = target.forget_calibration(&args.place.kb).await;
        target.close().await;
        outcome?;
        println!(
            "{}",
            say(
                "The built-in threshold is in use again.",
                "已恢复内置阈值。"
            )
        );
        return Ok(());
    }
    let options = CalibrateOptions {
        questions: args.questions as usize,
        seed: u64::from(args.seed),
    };
    let bar = bar();
    let progress = |done: usize, all: usize| {
        bar.set_message(say("questions", "问题"));
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let fitted = target.calibrate(&args.place.kb, options, &progress).await;
    bar.finish_and_clear();
    target.close().await;
    let fitted = fitted?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&fitted)?);
        return Ok(());
    }
    println!("{}", told(&serde_json::from_value(fitted)?));
    Ok(())
}

/// The sentence that people read.
fn told(fitted: &Calibration) -> String {
    let percent = |share: f64| format!("{:.0}%", share * 100.0);
    let (value, built_in) = (fitted.threshold.value, fitted.built_in);
    let now = (percent(fitted.refused), percent(fitted.lost));
    let before = (
        percent(fitted.refused_built_in),
        percent(fitted.lost_built_in),
    );
    if chinese() {
        format!(
            "阈值 {value:.3}（内置 {built_in:.3}）：拒答 {} 的无答案问题，误拒 {} 的有答案问题；内置阈值为 {} 和 {}。\n\
             依据由知识库段落生成的 {} 个问题（其中 {} 个由语言模型写成）和 {} 个评测问题。",
            now.0, now.1, before.0, before.1, fitted.made, fitted.written, fitted.gold
        )
    } else {
        format!(
            "Threshold {value:.3} (built-in {built_in:.3}): refuses {} of unanswerable, loses {} of answerable questions; \
             the built-in one {} and {}.\nFrom {} questions made of the knowledge base's passages, {} of them written by the language model, and {} gold questions.",
            now.0, now.1, before.0, before.1, fitted.made, fitted.written, fitted.gold
        )
    }
}
