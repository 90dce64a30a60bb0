//! Answers with the documents' own sentences, led by a small model's few words where these are a copy of them.

use std::time::Duration;

use super::alone::is_the_one;
use super::draft::{Draft, Stop};
use super::ground::{Finding, copied};
use super::prompt::completion;
use super::quote::{choose, gives_several};
use super::response::{Notice, Support};
use crate::generate::{
    GenerateError, GenerateEvent, GenerateRequest, Generation, Prompt, Sampling,
};
use crate::retrieve::Writing;

/// Sentences that a small model reads: the best ones only, since more confuse it and take longer.
const READ: usize = 4;

/// Most tokens of a short answer.
pub(crate) const SHORT_TOKENS: usize = 32;

/// How long a short answer may take before the quotes go out alone.
const PATIENCE: Duration = Duration::from_secs(8);

/// What to ask a small model: the best sentences in reading order, and a short answer on one line.
pub(crate) fn request(
    draft: &Draft,
    ranked: &[(usize, f32)],
    max_tokens: usize,
) -> GenerateRequest {
    GenerateRequest {
        prompt: prompt(draft, ranked),
        max_tokens: max_tokens.min(SHORT_TOKENS),
        stop: vec!["\n".to_owned()],
        sampling: Sampling::default(),
        deadline: PATIENCE,
    }
}

fn prompt(draft: &Draft, ranked: &[(usize, f32)]) -> Prompt {
    let mut read: Vec<usize> = ranked.iter().take(READ).map(|(at, _)| *at).collect();
    read.sort_unstable();
    let texts: Vec<&str> = read
        .iter()
        .map(|at| draft.evidence.text(&draft.evidence.sentences[*at]))
        .collect();
    completion(draft.writing, &draft.question, &texts.join(" "))
}

/// Waits for the short answer, keeps it if it is a copy, and quotes.
pub(crate) async fn answer(
    mut draft: Draft,
    ranked: Vec<(usize, f32)>,
    generation: Option<Generation>,
) -> Result<(), Stop> {
    let words = match generation {
        Some(generation) => listen(&mut draft, generation).await?,
        None => String::new(),
    };
    let words = words
        .trim()
        .trim_end_matches(['。', '.', '，', ',', '；', ';', ' '])
        .to_owned();
    let mut chosen = choose(&draft.evidence, &ranked);
    // A value copied from a sentence that does not answer best is as likely another thing's value.
    let among: Vec<usize> = chosen.first().copied().into_iter().collect();
    let one_of_several = |carrier: &usize| {
        let text = draft.evidence.text(&draft.evidence.sentences[*carrier]);
        gives_several(&draft.question, text) || !is_the_one(&draft.question, text, &words)
    };
    let copy = copied(&words, &draft.question, &draft.evidence, &among);
    if let Some(carrier) = copy.filter(|carrier| !one_of_several(carrier)) {
        let stop = match draft.writing {
            Writing::Han => "。",
            Writing::Alphabetic => ".",
        };
        let said = format!("{words}{stop}");
        draft.say(&said).await?;
        draft.record(
            &said,
            &Finding {
                support: Support::Supported,
                carriers: vec![carrier],
            },
        );
        chosen.retain(|at| *at != carrier);
        chosen.insert(0, carrier);
        chosen.truncate(2);
    }
    draft.quote(&chosen).await?;
    draft.finish(false).await
}

async fn listen(draft: &mut Draft, mut generation: Generation) -> Result<String, Stop> {
    let mut words = String::new();
    loop {
        let event = tokio::select! {
            event = generation.recv() => event,
            () = draft.abandoned() => return Err(Stop::Gone),
        };
        match event {
            Some(Ok(GenerateEvent::Started {
                prompt_tokens,
                cached_tokens,
            })) => {
                draft.usage.prompt_tokens = prompt_tokens;
                draft.usage.cached_tokens = cached_tokens;
            }
            Some(Ok(GenerateEvent::Text(text))) => words.push_str(&text),
            Some(Ok(GenerateEvent::Done {
                completion_tokens, ..
            })) => {
                draft.usage.completion_tokens = completion_tokens;
                return Ok(words);
            }
            None => return Ok(words),
            Some(Err(error)) => {
                draft.notice = Some(notice(error)?);
                return Ok(String::new());
            }
        }
    }
}

/// What to tell the reader when quotes must do; an error that another try may mend goes up instead.
pub(crate) fn notice(error: GenerateError) -> Result<Notice, GenerateError> {
    match error {
        GenerateError::Deadline => Ok(Notice::ModelTooSlow),
        GenerateError::Unavailable(_) => Ok(Notice::ModelMissing),
        GenerateError::Overloaded { .. } | GenerateError::TooLong { .. } => Err(error),
    }
}
