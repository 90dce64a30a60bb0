//! Measured quality and speed: data sets, metrics, runs and reports.

mod dataset;
mod figures;
mod html;
mod metrics;
mod overlap;
mod process;
mod run;

pub use dataset::{CorpusDocument, DataSet, DataSetError, GoldQuestion};
pub use figures::{AnswerFigures, Figures};
pub use html::page;
pub use metrics::{Ranking, percentile};
pub use overlap::{contains_answer, exact, f1};
pub use process::{children_cpu_seconds, cpu_seconds, peak_rss_mb, threads_cpu_seconds};
pub use run::{Found, GivenAnswer, QuestionResult, RunError, RunOptions, Subject, run};
