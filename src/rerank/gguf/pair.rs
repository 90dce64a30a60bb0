//! A question and a passage as one sequence of tokens, put together as the model was trained to read them.

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use crate::rerank::cut;

/// The model's own words around question and passage, where its file has any.
const TEMPLATE: &str = "tokenizer.chat_template.rerank";
const QUESTION: &str = "{query}";
const PASSAGE: &str = "{document}";

/// What stands before, between and after question and passage; only these may hold special tokens.
pub(super) struct Form {
    before: Vec<LlamaToken>,
    between: Vec<LlamaToken>,
    after: Vec<LlamaToken>,
}

impl Form {
    /// As the model's file says. `Err` is for a person.
    pub(super) fn of(model: &LlamaModel) -> Result<Self, String> {
        if let Ok(template) = model.meta_val_str(TEMPLATE) {
            return Self::of_template(model, &template);
        }
        let vocab = model.vocab();
        let known = |token: LlamaToken| (token.0 >= 0).then_some(token);
        let (eos, sep) = (known(vocab.eos()), known(vocab.sep()));
        let Some(end) = eos.or(sep) else {
            return Err("its vocabulary has no token to end a text with".to_owned());
        };
        let before = known(vocab.bos()).filter(|_| vocab.should_add_bos());
        // BERT's has no end of text: `[CLS] question [SEP] passage [SEP]`. RoBERTa's has: `<s> question </s></s> passage </s>`.
        let (between, after) = if let (None, Some(sep)) = (eos, sep) {
            (vec![sep], vec![sep])
        } else {
            let end = Some(end).filter(|_| vocab.should_add_eos());
            let sep = sep.filter(|_| vocab.should_add_sep());
            let between = end.into_iter().chain(sep).collect();
            (between, end.into_iter().collect())
        };
        Ok(Self {
            before: before.into_iter().collect(),
            between,
            after,
        })
    }

    fn of_template(model: &LlamaModel, template: &str) -> Result<Self, String> {
        let odd = || format!("its template does not hold {QUESTION} and then {PASSAGE}");
        let (before, rest) = template.split_once(QUESTION).ok_or_else(odd)?;
        let (between, after) = rest.split_once(PASSAGE).ok_or_else(odd)?;
        let read = |text: &str, first: bool| model.vocab().tokenize(text.as_bytes(), first, true);
        Ok(Self {
            before: read(before, false),
            between: read(between, false),
            after: read(after, false),
        })
    }

    fn frame(&self) -> usize {
        self.before.len() + self.between.len() + self.after.len()
    }

    /// Whether a window leaves room for anything to be read.
    pub(super) fn fits(&self, window: usize) -> bool {
        self.frame() + 8 <= window
    }

    /// Question and passage as at most `window` tokens. The passage is cut first, until as much is left of it as of the
    /// question; then both.
    pub(super) fn pair(
        &self,
        model: &LlamaModel,
        (question, passage): (&str, &str),
        window: usize,
    ) -> Vec<LlamaToken> {
        let plain = |text: &str| {
            let text = cut(text, window);
            model.vocab().tokenize(text.as_bytes(), false, false)
        };
        let (question, passage) = (plain(question), plain(passage));
        let room = window.saturating_sub(self.frame());
        let asked = question
            .len()
            .min((room / 2).max(room.saturating_sub(passage.len())));
        let read = passage.len().min(room - asked);
        [
            &self.before[..],
            &question[..asked],
            &self.between,
            &passage[..read],
            &self.after,
        ]
        .concat()
    }
}
