//! One model: numbers in, numbers out; whatever its file holds, the worst outcome is an error.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ort::environment::Environment;
use ort::session::Session;
use ort::value::Tensor;
use wenyuan_ingest::RecognizeError;

/// More threads than this hardly help with pictures of this size, and each reading process has its own.
const MOST_THREADS: usize = 2;

pub(super) struct Network {
    session: Session,
    name: String,
}

impl Network {
    /// # Errors
    /// [`RecognizeError`] if the file is missing or no model that can be run.
    pub(super) fn load(path: &Path, environment: &Environment) -> Result<Self, RecognizeError> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let fail = |error: &dyn Display| RecognizeError(format!("{name}: {error}"));
        let bytes = fs_err::read(path).map_err(|error| fail(&error))?;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let session = guarded(|| build(environment, threads.min(MOST_THREADS), &bytes));
        let session = session.map_err(|error| fail(&error))?;
        if session.inputs().len() != 1 || session.outputs().is_empty() {
            return Err(fail(&"not a model for text recognition"));
        }
        Ok(Self { session, name })
    }

    /// An entry that the makers of the model put in its file.
    pub(super) fn entry(&self, key: &str) -> Option<String> {
        self.session.metadata().ok()?.custom(key)
    }

    /// What the model's file is called, with what went wrong.
    pub(super) fn error(&self, problem: impl Display) -> RecognizeError {
        RecognizeError(format!("{}: {problem}", self.name))
    }

    /// Runs the model on one array of this shape; `take` gets the shape and the numbers of its first output.
    ///
    /// # Errors
    /// [`RecognizeError`] if the model refuses the input or what it gives makes no sense.
    pub(super) fn run<T>(
        &mut self,
        shape: [usize; 4],
        values: Vec<f32>,
        take: impl FnOnce(&[usize], &[f32]) -> Option<T>,
    ) -> Result<T, RecognizeError> {
        let session = &mut self.session;
        let outcome = guarded(|| {
            let input = Tensor::from_array((shape, values)).map_err(|error| error.to_string())?;
            let outputs = session
                .run(ort::inputs![input])
                .map_err(|error| error.to_string())?;
            let (shape, numbers) = outputs[0]
                .try_extract_tensor::<f32>()
                .map_err(|error| error.to_string())?;
            let shape: Option<Vec<usize>> = shape
                .iter()
                .map(|&side| usize::try_from(side).ok())
                .collect();
            shape
                .filter(|shape| shape.iter().product::<usize>() == numbers.len())
                .and_then(|shape| take(&shape, numbers))
                .ok_or_else(|| "its output has an unknown form".to_owned())
        });
        outcome.map_err(|error| self.error(error))
    }
}

fn build(environment: &Environment, threads: usize, bytes: &[u8]) -> Result<Session, String> {
    let told = |error: &dyn Display| error.to_string();
    let builder = Session::builder(environment).map_err(|error| told(&error))?;
    let builder = builder
        .with_intra_threads(threads)
        .map_err(|error| told(&error))?;
    let builder = builder
        .with_intra_op_spinning(false)
        .map_err(|error| told(&error))?;
    // Pictures differ in size: plans and pools of memory made for one are of no use to the next.
    let builder = builder
        .with_memory_pattern(false)
        .map_err(|error| told(&error))?;
    let processor = ort::ep::CPU::default().with_arena_allocator(false);
    let mut builder = builder
        .with_execution_providers([processor.build()])
        .map_err(|error| told(&error))?;
    builder
        .commit_from_memory(bytes)
        .map_err(|error| told(&error))
}

fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("it failed".to_owned()))
}
