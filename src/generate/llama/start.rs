//! From a file name to a running engine, with every reason to fail told in words.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;
use sha2::{Digest, Sha256};

use super::LlamaGenerator;
use super::context::{LlamaRuntime, MOST_SEQUENCES};
use super::engine::Engine;
use super::sequences::Sequences;
use super::settings::LlamaSettings;
use super::slot::Job;
use super::template::{ChatTemplate, Special};
use super::tokenizer::Tokenizer;
use crate::generate::ModelDescription;
use crate::generate::gate::Gate;
use crate::models::llama::{backend, check_header, with_errors};

/// What the engine's thread reports once the model answers.
struct Ready {
    tokenizer: Tokenizer,
    template: ChatTemplate,
    /// Tokens that fit into KV memory.
    capacity: usize,
}

/// Checks and starts everything; `Err` is for a person.
pub(super) fn load(settings: LlamaSettings) -> Result<LlamaGenerator, String> {
    let settings = checked(settings)?;
    let gate = Gate::new(settings.slots as usize, settings.queue);
    let (jobs, queue) = mpsc::channel::<Job>();
    let (report, ready) = mpsc::channel::<Result<Ready, String>>();
    let (thread_settings, thread_gate) = (settings.clone(), gate.clone());
    let thread = std::thread::Builder::new()
        .name(format!("llama {}", settings.name))
        .spawn(move || run(&thread_settings, thread_gate, &queue, &report))
        .map_err(|error| format!("no thread for the language model: {error}"))?;
    let ready = ready
        .recv()
        .unwrap_or_else(|_| Err("the language model's thread stopped while loading".to_owned()))?;
    let description = ModelDescription {
        name: settings.name,
        context_tokens: (settings.context_tokens as usize).min(ready.capacity),
        instruct: settings.instruct,
        trusted_writer: settings.trusted_writer,
    };
    Ok(LlamaGenerator {
        description,
        tokenizer: ready.tokenizer,
        template: Arc::new(ready.template),
        gate,
        jobs: Some(jobs),
        thread: Some(thread),
    })
}

/// The settings made possible for this file, after the file itself was checked.
fn checked(mut settings: LlamaSettings) -> Result<LlamaSettings, String> {
    let header = check_header(&settings.path).map_err(|error| error.to_string())?;
    if let Some(expected) = &settings.sha256 {
        let actual = sha256(&settings.path)
            .map_err(|error| format!("{} cannot be read: {error}", settings.path.display()))?;
        if !actual.eq_ignore_ascii_case(expected) {
            return Err(format!(
                "{} is not the expected file (SHA-256 {actual} instead of {expected}); download it again",
                settings.path.display()
            ));
        }
    }
    let trained = header
        .context_length
        .and_then(|length| u32::try_from(length).ok())
        .filter(|&length| length > 0);
    if let Some(trained) = trained.filter(|&trained| trained < settings.context_tokens) {
        tracing::warn!(
            asked = settings.context_tokens,
            trained,
            "the model was trained on shorter texts; using its own limit"
        );
        settings.context_tokens = trained;
    }
    settings.context_tokens = settings.context_tokens.max(256);
    settings.slots = settings.slots.clamp(1, MOST_SEQUENCES);
    settings.kept_prefixes = settings.kept_prefixes.min(MOST_SEQUENCES - settings.slots);
    Ok(settings)
}

/// The hash of a file, in hex.
fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// The engine thread: loads, reports, works, and takes everything down in the right order.
fn run(
    settings: &LlamaSettings,
    gate: Gate,
    queue: &mpsc::Receiver<Job>,
    report: &mpsc::Sender<Result<Ready, String>>,
) {
    let (model, errors) = with_errors(|| load_model(settings));
    let model = match model {
        Ok(model) => Arc::new(model),
        Err(error) => {
            let _ = report.send(Err(explain(&error, &errors)));
            return;
        }
    };
    let sequences = settings.slots + settings.kept_prefixes;
    let (runtime, errors) = with_errors(|| {
        let mut runtime = LlamaRuntime::new(backend()?, &model, settings, sequences)?;
        runtime.warm_up(model.vocab().bos().0)?;
        Ok::<_, String>(runtime)
    });
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = report.send(Err(explain(&error, &errors)));
            return;
        }
    };
    let capacity = runtime.capacity();
    let own = model.meta_val_str("tokenizer.chat_template").ok();
    let ready = Ready {
        tokenizer: Tokenizer::new(Arc::clone(&model), own.as_deref()),
        template: ChatTemplate::choose(settings.instruct, own, special(&model)),
        capacity,
    };
    tracing::info!(
        model = settings.name,
        parameters = model.n_params(),
        kv_tokens = capacity,
        threads = settings.threads(),
        "language model ready"
    );
    if report.send(Ok(ready)).is_ok() {
        Engine::new(
            runtime,
            Sequences::new(sequences as usize, capacity),
            settings.slots as usize,
            gate,
        )
        .run(queue);
    }
}

fn load_model(settings: &LlamaSettings) -> Result<LlamaModel, String> {
    let mut parameters = LlamaModelParams::default();
    if let Some(layers) = settings.gpu_layers {
        parameters = parameters.with_n_gpu_layers(layers);
    }
    LlamaModel::load_from_file(backend()?, &settings.path, &parameters)
        .map_err(|error| format!("llama.cpp cannot load {}: {error}", settings.path.display()))
}

/// The call's own words are poor; llama.cpp's first error line names the cause.
fn explain(error: &str, logged: &[String]) -> String {
    match logged.first() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_owned(),
    }
}

fn special(model: &LlamaModel) -> Special {
    let vocab = model.vocab();
    let text = |token: LlamaToken| {
        let text = (token.0 >= 0).then(|| vocab.text(token)).flatten();
        text.map(|text| text.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    Special {
        bos: text(vocab.bos()),
        eos: text(vocab.eos()),
    }
}
