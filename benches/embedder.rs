//! Our embedder beside fastembed called plainly, on texts of mixed lengths. Run with `cargo bench --bench embedder`.
//!
//! Both get the starter model and the same Chinese and English texts, from short questions to long paragraphs, in the
//! same order, and take turns for some rounds (`WENYUAN_BENCH_ROUNDS`, 5). fastembed is called as its documentation
//! shows: one `TextEmbedding` with the model's own files, `embed(texts, None)`, default threads and batches. Printed are
//! texts and tokens per second, medians over the rounds, and the smallest cosine between the vectors of both, and of
//! each with the vector that a text gets by itself: the model rounds activations per batch, so batches change vectors.

use std::time::{Duration, Instant};

use fastembed::{
    InitOptionsUserDefined, Pooling as FastembedPooling, TextEmbedding, TokenizerFiles,
    UserDefinedEmbeddingModel,
};
use tokenizers::parallelism::set_parallelism;
use tokio::runtime::Runtime;
use wenyuan::app::model_store;
use wenyuan::config::{Config, Flags};
use wenyuan::embed::{EmbedSettings, FastembedEmbedder};
use wenyuan::models::{EmbedderFiles, Pooling, onnx_environment};
use wenyuan_ingest::{Embedder as _, TokenCounter as _};

const TEXTS: usize = 768;
/// Texts whose vectors are also made one by one.
const ALONE: usize = 96;

const HAN: &str = "仓库 的 温度 不得 超过 二十五 度 每天 上午 九点 由 值班 员工 检查 并 记录 水泵 阀门 传感器 合同 期限 供应商 应当 在 \
    三十天 之内 提交 报告 会议 部门 客户 产品 质量 标准 安全 培训 预算 图书馆 借阅 桥梁 河流 观测 雨量 手术 银行 利率 保险";
const LATIN: &str = "the warehouse temperature must not exceed twenty five degrees and every morning an employee on duty \
    records what pumps valves sensors have shown contracts with suppliers end after thirty days unless both sides agree \
    reports about quality safety training budget library bridge river rainfall surgery bank interest insurance";

/// SplitMix64: the same texts in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// Mostly sentences, some questions, some whole paragraphs.
    fn words(&mut self) -> usize {
        match self.below(10) {
            0..2 => 3 + self.below(6),
            2..8 => 10 + self.below(30),
            _ => 60 + self.below(180),
        }
    }

    fn text(&mut self, chinese: bool) -> String {
        let words: Vec<&str> = if chinese { HAN } else { LATIN }
            .split_whitespace()
            .collect();
        let (join, comma, stop) = if chinese {
            ("", "，", "。")
        } else {
            (" ", ", ", ". ")
        };
        let mut text = String::new();
        for number in 1..=self.words() {
            text += words[self.below(words.len())];
            text += match number % 14 {
                0 => stop,
                7 => comma,
                _ => join,
            };
        }
        text.trim_end().to_owned()
    }
}

/// fastembed with the model's own files and its own defaults.
fn plain(files: &EmbedderFiles) -> TextEmbedding {
    let read = |name: &str| std::fs::read(files.folder.join(name)).expect("a file of the model");
    let tokenizer_files = TokenizerFiles {
        tokenizer_file: read("tokenizer.json"),
        config_file: read("config.json"),
        special_tokens_map_file: read("special_tokens_map.json"),
        tokenizer_config_file: read("tokenizer_config.json"),
    };
    let pooling = match files.traits.pooling {
        Pooling::Cls => FastembedPooling::Cls,
        Pooling::Mean => FastembedPooling::Mean,
    };
    let graph = std::fs::read(&files.model.path).expect("the graph");
    let mut model = UserDefinedEmbeddingModel::new(graph, tokenizer_files).with_pooling(pooling);
    if let Ok(weights) = std::fs::read(files.folder.join("weights.bin")) {
        model = model.with_external_initializer("weights.bin".to_owned(), weights);
    }
    let environment = onnx_environment(&files.runtime).expect("ONNX Runtime");
    let options = InitOptionsUserDefined::new()
        .with_environment(environment)
        .with_max_length(files.traits.max_tokens);
    TextEmbedding::try_new_from_user_defined(model, options).expect("fastembed takes the model")
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

/// The smallest cosine and the mean of all.
fn agreement(left: &[Vec<f32>], right: &[Vec<f32>]) -> (f32, f32) {
    let all: Vec<f32> = left
        .iter()
        .zip(right)
        .map(|(left, right)| cosine(left, right))
        .collect();
    let smallest = all.iter().copied().fold(1.0, f32::min);
    (smallest, all.iter().sum::<f32>() / all.len().max(1) as f32)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

/// Both in turn on the same texts.
fn compare(
    name: &str,
    texts: &[String],
    ours: &FastembedEmbedder,
    plain: &mut TextEmbedding,
    runtime: &Runtime,
) {
    let rounds = std::env::var("WENYUAN_BENCH_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(5);
    let tokens: usize = texts.iter().map(|text| ours.count(text)).sum();
    let longest = texts.iter().map(|text| ours.count(text)).max().unwrap_or(0);
    let (mut our_times, mut plain_times) = (Vec::new(), Vec::new());
    let (mut our_vectors, mut plain_vectors) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        // Ours switches the tokenizers' own threads off for the whole process; plain callers have them.
        set_parallelism(true);
        let begun = Instant::now();
        plain_vectors = plain.embed(texts, None).expect("vectors");
        let plain_time = begun.elapsed();
        set_parallelism(false);
        let begun = Instant::now();
        our_vectors = runtime
            .block_on(ours.embed_passages(texts.to_vec()))
            .expect("vectors");
        // The first round warms both up.
        if round > 0 {
            our_times.push(begun.elapsed());
            plain_times.push(plain_time);
        }
    }
    let (our_time, plain_time) = (median(our_times), median(plain_times));
    let count = texts.len();
    println!("{name}: {count} texts, {tokens} tokens, the longest {longest}; {rounds} rounds");
    for (who, time) in [("fastembed", plain_time), ("ours", our_time)] {
        println!(
            "  {who:<10} {:>8.1} texts/s {:>9.0} tokens/s",
            count as f64 / time,
            tokens as f64 / time
        );
    }
    println!("  ours is {:.2}x", plain_time / our_time);
    let alone: Vec<Vec<f32>> = texts
        .iter()
        .take(ALONE)
        .map(|text| runtime.block_on(ours.embed_query(text)).expect("a vector"))
        .collect();
    for (what, (smallest, mean)) in [
        (
            "ours with fastembed's",
            agreement(&our_vectors, &plain_vectors),
        ),
        (
            "ours with a text's by itself",
            agreement(&alone, &our_vectors),
        ),
        (
            "fastembed's with a text's by itself",
            agreement(&alone, &plain_vectors),
        ),
    ] {
        println!("  cosine, {what:<36} smallest {smallest:.4}, mean {mean:.4}");
    }
}

fn main() {
    let config = Config::load(None, &Flags::default()).expect("the default settings");
    let files = match model_store(&config).and_then(|models| models.embedder()) {
        Ok(files) => files,
        Err(error) => {
            println!("SKIPPED: {error}");
            return;
        }
    };
    let ours = FastembedEmbedder::load(files.clone(), EmbedSettings::default()).expect("loads");
    let mut plain = plain(&files);
    let runtime = Runtime::new().expect("a runtime");
    let mut random = Random(42);
    let chinese: Vec<String> = (0..TEXTS).map(|_| random.text(true)).collect();
    let english: Vec<String> = (0..TEXTS).map(|_| random.text(false)).collect();
    let mixed: Vec<String> = (0..TEXTS)
        .map(|number| random.text(number % 2 == 0))
        .collect();
    for (name, texts) in [("mixed", &mixed), ("zh", &chinese), ("en", &english)] {
        compare(name, texts, &ours, &mut plain, &runtime);
    }
}
