//! llama.cpp itself: started once per process, its log sent to ours, its devices listed.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::{
    LlamaBackendDeviceType, LogOptions, list_llama_ggml_backend_devices, send_logs_to_tracing,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata};

/// The target under which llama-cpp-2 sends llama.cpp's log.
const LOG_TARGET: &str = "llama-cpp-2";

/// The one backend of this process, never shut down: engines come and go.
pub(crate) fn backend() -> Result<&'static LlamaBackend, String> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();
    let started = BACKEND.get_or_init(|| {
        send_logs_to_tracing(LogOptions::default());
        LlamaBackend::init().map_err(|error| format!("llama.cpp does not start: {error}"))
    });
    started.as_ref().map_err(Clone::clone)
}

/// Where a model can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlamaDevice {
    /// llama.cpp's name, such as `CUDA0`.
    pub name: String,
    /// The maker's name.
    pub description: String,
    /// `CPU`, `CUDA`, `Vulkan`, `Metal`, ...
    pub backend: String,
    /// Bytes of memory; 0 where the device does not say.
    pub memory_total: u64,
    /// Bytes of it that are free.
    pub memory_free: u64,
    /// A graphics card, as opposed to the CPU and its helpers.
    pub is_gpu: bool,
}

/// All devices that this build of llama.cpp sees.
///
/// # Errors
/// When llama.cpp does not start.
pub fn devices() -> Result<Vec<LlamaDevice>, String> {
    backend()?;
    let devices = list_llama_ggml_backend_devices()
        .into_iter()
        .map(|device| LlamaDevice {
            name: device.name,
            description: device.description,
            backend: device.backend,
            memory_total: device.memory_total as u64,
            memory_free: device.memory_free as u64,
            is_gpu: matches!(
                device.device_type,
                LlamaBackendDeviceType::Gpu | LlamaBackendDeviceType::IntegratedGpu
            ),
        });
    Ok(devices.collect())
}

/// Runs `work` and, besides logging as usual, collects llama.cpp's error lines: its calls say only that they failed.
///
/// One at a time in this process: llama.cpp does not promise that contexts may be set up side by side.
pub(crate) fn with_errors<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    static SETTING_UP: Mutex<()> = Mutex::new(());
    let _alone = SETTING_UP.lock().unwrap_or_else(PoisonError::into_inner);
    let errors = Arc::new(Mutex::new(Vec::new()));
    let outer = tracing::dispatcher::get_default(Clone::clone);
    let listener = Dispatch::new(ErrorListener {
        outer,
        errors: Arc::clone(&errors),
    });
    let result = tracing::dispatcher::with_default(&listener, work);
    let errors = errors
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    (result, errors)
}

/// Passes everything on to the subscriber that was there, and listens.
struct ErrorListener {
    outer: Dispatch,
    errors: Arc<Mutex<Vec<String>>>,
}

fn is_llama_error(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::ERROR && metadata.target() == LOG_TARGET
}

impl tracing::Subscriber for ErrorListener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_llama_error(metadata) || self.outer.enabled(metadata)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.outer.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.outer.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.outer.record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        if is_llama_error(event.metadata()) {
            let mut message = Message::default();
            event.record(&mut message);
            self.errors
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(message.0);
        }
        if self.outer.enabled(event.metadata()) {
            self.outer.event(event);
        }
    }

    fn enter(&self, span: &Id) {
        self.outer.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.outer.exit(span);
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.outer.clone_span(span)
    }

    fn try_close(&self, span: Id) -> bool {
        self.outer.try_close(span)
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.trim().clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
