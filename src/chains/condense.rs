//! Makes a follow-up question stand alone, so that "and how long does it last?" is not searched literally.

use async_trait::async_trait;
use langchain_rust::chain::{Chain, ChainError};
use langchain_rust::language_models::GenerateResult;
use langchain_rust::language_models::llm::LLM;
use langchain_rust::prompt::PromptArgs;
use langchain_rust::schemas::Message;

use super::EngineLlm;

/// The condensing step of a conversational chain.
///
/// A model that follows instructions rewrites the question; its turns are passed as messages, never through a
/// template. A base model cannot be trusted with that: there the last question is put in front of a follow-up, which
/// gives retrieval the missing words and invents none.
#[derive(Clone)]
pub struct FollowUp {
    llm: EngineLlm,
}

/// Most characters of a rewritten question; more is a model that began to answer.
const MOST_CHARS: usize = 300;

impl FollowUp {
    /// Condenses with this model.
    #[must_use]
    pub fn new(llm: EngineLlm) -> Self {
        Self { llm }
    }

    async fn rewrite(&self, history: &str, question: &str) -> Result<String, ChainError> {
        let instruction = "Rewrite the last question so that it can be understood without the conversation. \
            Keep its language. Reply with the question alone. 把最后的问题改写成不看对话也能懂的问题，保持原来的语言，只输出问题。";
        let messages = [
            Message::new_system_message(instruction),
            Message::new_human_message(format!("{history}\n\n{question}")),
        ];
        let rewritten = self.llm.generate(&messages).await?.generation;
        let line = rewritten
            .trim()
            .lines()
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        let usable = !line.is_empty() && line.chars().count() <= MOST_CHARS;
        Ok(if usable {
            line
        } else {
            joined(history, question)
        })
    }
}

#[async_trait]
impl Chain for FollowUp {
    async fn call(&self, input: PromptArgs) -> Result<GenerateResult, ChainError> {
        let text = |key: &str| {
            let value = input.get(key).and_then(serde_json::Value::as_str);
            value.ok_or_else(|| ChainError::MissingInputVariable(key.to_owned()))
        };
        let (history, question) = (text("chat_history")?, text("question")?);
        let generation = if self.llm.generator().describe().instruct {
            self.rewrite(history, question).await?
        } else {
            joined(history, question)
        };
        Ok(GenerateResult {
            generation,
            ..GenerateResult::default()
        })
    }
}

/// The last question of the person in front of this one, if this one leans on it.
fn joined(history: &str, question: &str) -> String {
    if !leans_on_history(question) {
        return question.to_owned();
    }
    // langchain-rust prints history as `HumanMessage: …` and `AIMessage: …` lines.
    let last = history
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("HumanMessage: "));
    last.map_or_else(|| question.to_owned(), |last| format!("{last} {question}"))
}

/// A follow-up points back with a pronoun or is too short to stand alone.
fn leans_on_history(question: &str) -> bool {
    const BACK_EN: [&str; 13] = [
        "it", "its", "they", "them", "their", "he", "she", "his", "her", "that", "this", "those",
        "these",
    ];
    const BACK_ZH: [&str; 12] = [
        "它", "他", "她", "这", "那", "其", "该", "呢", "还有", "上述", "這", "該",
    ];
    let lower = question.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let points_back = words.iter().any(|word| BACK_EN.contains(word))
        || BACK_ZH.iter().any(|word| question.contains(word));
    let has_han = question
        .chars()
        .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let short = if has_han {
        question.chars().count() <= 6
    } else {
        words.len() <= 3
    };
    points_back || short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follow_up_takes_the_last_question_along_and_a_full_question_does_not() {
        let history = "HumanMessage: 年休假有几天？\nAIMessage: 5 天。";
        assert_eq!(
            joined(history, "那工作二十年的呢？"),
            "年休假有几天？ 那工作二十年的呢？"
        );
        assert_eq!(
            joined(history, "公司的注册资本应当在几年内缴足"),
            "公司的注册资本应当在几年内缴足"
        );
        let english = "HumanMessage: What is the Model 3 battery?\nAIMessage: A cell.";
        assert_eq!(
            joined(english, "How long does it last when used daily?"),
            "What is the Model 3 battery? How long does it last when used daily?"
        );
    }

    #[test]
    fn template_marks_in_a_question_stay_as_they_are() {
        assert_eq!(
            joined("", "What does {{chat_history}} print in the shell?"),
            "What does {{chat_history}} print in the shell?"
        );
    }
}
