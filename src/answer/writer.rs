//! Follows a capable model as it writes: sends its words, grounds its sentences, and stops it when it goes in circles.

use super::draft::{Draft, Stop};
use super::ground::ground;
use super::prompt::refusal;
use super::quote::choose;
use super::repeat::{Said, ends_in_circles};
use super::response::{Notice, Support};
use super::sentence::sentences;
use super::short::notice;
use crate::generate::{GenerateEvent, Generation};

/// One generation being followed.
struct Writer {
    draft: Draft,
    /// All that the model wrote and that may still be said.
    text: String,
    /// Bytes of it that were said.
    spoken: usize,
    /// Bytes of it that were cut into sentences and grounded or passed over.
    settled: usize,
    said: Said,
    withheld: bool,
}

/// Follows the generation to its end and finishes the answer. In strict mode a sentence is sent only once it is
/// grounded; otherwise words are sent as they come and marked at the end.
pub(crate) async fn follow(
    draft: Draft,
    ranked: Vec<(usize, f32)>,
    mut generation: Generation,
) -> Result<(), Stop> {
    let mut writer = Writer {
        draft,
        text: String::new(),
        spoken: 0,
        settled: 0,
        said: Said::default(),
        withheld: false,
    };
    loop {
        let event = tokio::select! {
            event = generation.recv() => event,
            () = writer.draft.abandoned() => return Err(Stop::Gone),
        };
        match event {
            Some(Ok(GenerateEvent::Started {
                prompt_tokens,
                cached_tokens,
            })) => {
                writer.draft.usage.prompt_tokens = prompt_tokens;
                writer.draft.usage.cached_tokens = cached_tokens;
            }
            Some(Ok(GenerateEvent::Text(piece))) => {
                writer.draft.usage.completion_tokens += 1;
                if !writer.hear(&piece).await? {
                    break;
                }
            }
            Some(Ok(GenerateEvent::Done {
                completion_tokens, ..
            })) => {
                writer.draft.usage.completion_tokens = completion_tokens;
                break;
            }
            None => break,
            Some(Err(error)) => {
                writer.draft.notice = Some(notice(error)?);
                break;
            }
        }
    }
    drop(generation);
    writer.conclude(ranked).await
}

impl Writer {
    /// Takes more text; `false` when the model should stop.
    async fn hear(&mut self, piece: &str) -> Result<bool, Stop> {
        self.text.push_str(piece);
        let spans = sentences(&self.text);
        let whole = spans.len().saturating_sub(1);
        for span in &spans[..whole] {
            if span.start >= self.settled && !self.settle(span.start, span.end).await? {
                return Ok(false);
            }
        }
        if ends_in_circles(&self.text) {
            self.text.truncate(self.spoken.max(self.settled));
            return Ok(false);
        }
        let beginning = &self.text[self.settled..];
        if !self.draft.strict && !self.said.may_repeat(beginning) && !self.may_be_refusal() {
            self.speak(self.text.len()).await?;
        }
        Ok(true)
    }

    /// Deals with a whole sentence; `false` if it was said before.
    async fn settle(&mut self, start: usize, end: usize) -> Result<bool, Stop> {
        let sentence = self.text[start..end].trim().to_owned();
        if !self.said.is_new(&sentence) {
            self.text.truncate(start.max(self.spoken));
            return Ok(false);
        }
        if self.draft.strict {
            self.ground(&sentence, start, end).await?;
        }
        self.settled = end;
        Ok(true)
    }

    async fn ground(&mut self, sentence: &str, start: usize, end: usize) -> Result<(), Stop> {
        let finding = ground(
            sentence,
            &self.draft.question,
            &self.draft.evidence,
            &*self.draft.embedder,
        )
        .await?;
        if self.draft.strict {
            if finding.support == Support::Unsupported {
                self.withheld = true;
                self.spoken = end;
                return Ok(());
            }
            let joint = if self.draft.has_spoken() && self.spoken < start {
                " "
            } else {
                ""
            };
            self.draft.say(joint).await?;
            self.spoken = start;
            self.draft.say(self.text[start..end].trim_end()).await?;
            self.spoken = end;
        }
        self.draft.record(sentence, &finding);
        Ok(())
    }

    /// Sends the text up to a byte, without white space at its end.
    async fn speak(&mut self, to: usize) -> Result<(), Stop> {
        let to = self.text[..to].trim_end().len();
        if to > self.spoken {
            let piece = self.text[self.spoken..to].to_owned();
            self.spoken = to;
            self.draft.say(&piece).await?;
        }
        Ok(())
    }

    /// Whether what was written so far may be, or is, the agreed words for "no answer".
    fn may_be_refusal(&self) -> bool {
        let (words, text) = (refusal(self.draft.writing), self.text.trim());
        self.spoken == 0
            && (words.starts_with(text) || text.starts_with(words.trim_end_matches(['。', '.'])))
    }

    async fn conclude(mut self, ranked: Vec<(usize, f32)>) -> Result<(), Stop> {
        if self.spoken == 0 && !self.text.trim().is_empty() && self.may_be_refusal() {
            return self.draft.refuse().await;
        }
        if self.draft.strict {
            for span in sentences(&self.text) {
                if span.start >= self.settled && !self.settle(span.start, span.end).await? {
                    break;
                }
            }
        } else {
            self.speak(self.text.len()).await?;
            let text = self.text.clone();
            for span in sentences(&text) {
                self.ground(span.of(&text), span.start, span.end).await?;
            }
        }
        if self.withheld {
            self.draft.notice = Some(Notice::SentencesWithheld);
        }
        if !self.draft.is_supported() {
            self.draft.notice = self.draft.notice.or(Some(Notice::ModelTooWeak));
            let chosen = choose(&self.draft.evidence, &ranked);
            self.draft.quote(&chosen).await?;
        }
        self.draft.finish(false).await
    }
}
