//! Questions that a capable language model writes about passages. Templates repeat the words of a clause; a model asks
//! in words of its own, as people do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wenyuan_ingest::Language;

use crate::generate::{
    GenerateError, GenerateEvent, GenerateRequest, Generator, Prompt, Role, Sampling, Segment,
};
use crate::retrieve::{Passage, is_han};

/// Most questions of one calibration that a model writes.
const MOST: usize = 60;
/// Time that all of them may take together; one takes a second or several, by the machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Time for one.
const PATIENCE_EACH: Duration = Duration::from_secs(30);
/// Characters of a passage that the model reads.
const READ: usize = 2_000;
const TOKENS: usize = 80;
/// Characters of a question.
const LENGTH: std::ops::RangeInclusive<usize> = 6..=160;
const FENCE: &str = "=====";
/// What a model may put before a question all the same.
const INTRODUCTIONS: [&str; 6] = ["问题：", "问题:", "问：", "Question:", "Q:", "question:"];

/// Writes questions while its time lasts; after the first failure it writes no more.
pub(super) struct QuestionWriter {
    generator: Option<Arc<dyn Generator>>,
    until: Instant,
    written: usize,
}

impl QuestionWriter {
    /// One that writes where the model is trusted to, and else never does.
    pub(super) fn new(generator: Option<Arc<dyn Generator>>) -> Self {
        Self {
            generator: generator.filter(|generator| {
                let model = generator.describe();
                model.trusted_writer && model.instruct
            }),
            until: Instant::now() + PATIENCE,
            written: 0,
        }
    }

    /// A question that the passage answers, if the model writes a usable one.
    pub(super) async fn question(&mut self, passage: &Passage) -> Option<String> {
        let left = self.until.saturating_duration_since(Instant::now());
        let generator = self.generator.clone()?;
        if self.written == MOST || left.is_zero() {
            return None;
        }
        match written(&*generator, passage, left.min(PATIENCE_EACH)).await {
            Ok(text) => {
                let question = usable(&text, passage)?;
                self.written += 1;
                Some(question)
            }
            Err(error) => {
                tracing::info!(error = %error, "the language model writes no questions: templates do");
                self.generator = None;
                None
            }
        }
    }
}

async fn written(
    generator: &dyn Generator,
    passage: &Passage,
    deadline: Duration,
) -> Result<String, GenerateError> {
    let request = GenerateRequest {
        prompt: prompt(passage),
        max_tokens: TOKENS,
        stop: Vec::new(),
        sampling: Sampling::default(),
        deadline,
    };
    let mut generation = generator.generate(request).await?;
    let mut text = String::new();
    while let Some(event) = generation.recv().await {
        match event? {
            GenerateEvent::Text(more) => text.push_str(&more),
            GenerateEvent::Started { .. } | GenerateEvent::Done { .. } => {}
        }
    }
    Ok(text)
}

fn prompt(passage: &Passage) -> Prompt {
    let rules = match passage.language {
        Language::Chinese | Language::TraditionalChinese => include_str!("prompts/question_zh.md"),
        Language::English | Language::Other => include_str!("prompts/question_en.md"),
    };
    let mut about = String::new();
    for name in passage.title.iter().chain(&passage.heading) {
        about.push_str(name);
        about.push('\n');
    }
    about.extend(passage.text.chars().take(READ));
    Prompt::Chat(vec![
        (
            Role::System,
            vec![Segment::Trusted(rules.trim().to_owned())],
        ),
        (
            Role::User,
            vec![
                Segment::Trusted(format!("{FENCE}\n")),
                Segment::Data(about),
                Segment::Trusted(format!("\n{FENCE}")),
            ],
        ),
    ])
}

/// The question in what a model wrote: one line that asks, in the writing of the passage and not out of it.
fn usable(text: &str, passage: &Passage) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = INTRODUCTIONS
        .iter()
        .find_map(|introduction| line.strip_prefix(introduction))
        .unwrap_or(line);
    let line = line.trim().trim_matches(['"', '“', '”', '「', '」', '*']);
    let asks = line.ends_with(['？', '?']);
    let han = |text: &str| text.chars().any(is_han);
    let fits = LENGTH.contains(&line.chars().count())
        && han(line) == han(&passage.text)
        && !passage.text.contains(line);
    (asks && fits).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::questions::tests::passage;
    use super::*;
    use crate::generate::scripted::ScriptedGenerator;

    const TEXT: &str = "港口的灯塔高三十七米，于一八九三年点亮。";

    fn lighthouse() -> Passage {
        passage(TEXT, Language::Chinese)
    }

    #[tokio::test]
    async fn a_trusted_model_is_shown_the_passage_as_data_and_its_question_is_taken() {
        let seen = Arc::new(Mutex::new(String::new()));
        let keep = Arc::clone(&seen);
        let model = ScriptedGenerator::new(move |prompt| {
            prompt.clone_into(&mut keep.lock().expect("no panic"));
            "问题：“灯塔有多高？”\n答案：三十七米".to_owned()
        });
        let mut writer = QuestionWriter::new(Some(Arc::new(model)));
        let question = writer.question(&lighthouse()).await;
        assert_eq!(question.as_deref(), Some("灯塔有多高？"));
        assert!(seen.lock().expect("no panic").contains(TEXT));
        let Prompt::Chat(turns) = prompt(&lighthouse()) else {
            panic!("a chat")
        };
        let trusted = turns.iter().flat_map(|(_, segments)| segments);
        let leaks =
            trusted.filter(|one| matches!(one, Segment::Trusted(text) if text.contains("灯塔")));
        assert_eq!(leaks.count(), 0);
    }

    #[tokio::test]
    async fn a_model_that_is_not_trusted_to_write_is_not_asked() {
        let model = ScriptedGenerator::new(|_| panic!("asked"));
        let mut description = model.describe().clone();
        description.trusted_writer = false;
        let mut writer = QuestionWriter::new(Some(Arc::new(model.described(description))));
        assert_eq!(writer.question(&lighthouse()).await, None);
    }

    #[tokio::test]
    async fn no_more_questions_are_written_than_the_bound() {
        let mut writer =
            QuestionWriter::new(Some(Arc::new(ScriptedGenerator::saying("灯塔有多高？"))));
        for _ in 0..MOST {
            assert!(writer.question(&lighthouse()).await.is_some());
        }
        assert_eq!(writer.question(&lighthouse()).await, None);
    }

    #[test]
    fn what_does_not_ask_or_only_repeats_is_not_taken() {
        for said in [
            "",
            "我不能回答。",
            "How tall is the lighthouse?",
            "灯塔？",
            TEXT,
            &"很长".repeat(200),
        ] {
            assert_eq!(usable(said, &lighthouse()), None, "{said}");
        }
    }
}
