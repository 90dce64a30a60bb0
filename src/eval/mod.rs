//! Measured quality and speed: data sets, gold sets, metrics, intervals, runs, comparisons and reports; and thresholds
//! fitted to knowledge bases.

mod bootstrap;
mod calibrate;
mod compare;
mod dataset;
mod figures;
mod gain;
mod gold;
mod html;
mod import;
mod metrics;
mod overlap;
mod process;
mod result;
mod run;

pub use bootstrap::{RESAMPLES, interval, mean_interval, paired, ratio_interval};
pub use calibrate::{CalibrateError, CalibrateOptions, CalibrateWith, calibrate};
pub use compare::{Change, Comparison, Difference, EarlierRun, Flip, compare};
pub use dataset::{CorpusDocument, DataSet, DataSetError, GoldQuestion};
pub use figures::{AnswerFigures, Figures};
pub use gain::{Gain, LanguageGain, Shift, language_gains};
pub use gold::{GoldError, GoldOptions, evaluate};
pub use html::{ReportLanguage, comparison_page, page};
pub use import::{ImportRefusal, Imported, import_gold};
pub use metrics::{Ranking, percentile};
pub use overlap::{contains_answer, exact, f1};
pub use process::{children_cpu_seconds, cpu_seconds, peak_rss_mb, threads_cpu_seconds};
pub use result::{AnswerResult, QuestionResult, Report, intervals};
pub use run::{Found, GivenAnswer, RunError, RunOptions, Subject, run};
