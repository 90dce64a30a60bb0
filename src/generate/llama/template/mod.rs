//! Conversations in the model's own format, rendered so that no document can act as template or turn marker.

mod jinja;
#[cfg(test)]
mod tests;

use jinja::{Jinja, Message};

use crate::generate::{Role, Segment};

/// How a model wants its conversations.
pub(super) enum ChatTemplate {
    /// The Jinja template from the model file.
    Own(Box<Jinja>),
    /// `<|im_start|>role`: what most models without a template understand.
    ChatMl,
    /// Named speakers in plain text, for a base model, which knows no turns.
    Transcript,
}

/// A prompt ready to be tokenized, and what must end its answer besides the caller's stop texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) segments: Vec<Segment>,
    pub(super) stop: Vec<String>,
}

/// One turn: neighbours of the same role are merged, since many templates refuse them.
type Turn = (Role, Vec<Segment>);

impl ChatTemplate {
    /// Chooses by what the model is; a template that does not even parse gives way to ChatML.
    pub(super) fn choose(instruct: bool, own: Option<String>, special: Special) -> Self {
        if !instruct {
            return Self::Transcript;
        }
        match own.map(|source| Jinja::new(source, special)) {
            Some(Ok(jinja)) => Self::Own(Box::new(jinja)),
            Some(Err(error)) => {
                tracing::warn!(%error, "the model's chat template cannot be read; using ChatML");
                Self::ChatMl
            }
            None => Self::ChatMl,
        }
    }

    /// The conversation, open for the assistant's next words.
    pub(super) fn render(&self, messages: &[(Role, Vec<Segment>)]) -> Rendered {
        let turns = merge_neighbours(messages);
        match self {
            Self::Own(jinja) => render_own(jinja, &turns),
            Self::ChatMl => chat_ml(&turns),
            Self::Transcript => transcript(&turns),
        }
    }
}

/// Texts of the model's special tokens, which templates write by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Special {
    pub(super) bos: String,
    pub(super) eos: String,
}

fn merge_neighbours(messages: &[(Role, Vec<Segment>)]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for (role, segments) in messages {
        match turns.last_mut() {
            Some((last, merged)) if last == role => {
                merged.push(Segment::Trusted("\n\n".to_owned()));
                merged.extend_from_slice(segments);
            }
            _ => turns.push((*role, segments.clone())),
        }
    }
    turns
}

fn render_own(jinja: &Jinja, turns: &[Turn]) -> Rendered {
    let attempt = render_with_placeholders(jinja, turns).or_else(|first| {
        // Some templates (Gemma 2, Mistral) know no system role, or drop it in silence.
        let merged = system_into_first_user_turn(turns).ok_or(first)?;
        render_with_placeholders(jinja, &merged)
    });
    match attempt {
        Ok(segments) => Rendered {
            segments,
            stop: Vec::new(),
        },
        Err(error) => {
            tracing::warn!(
                error,
                "the model's chat template refuses this conversation; using ChatML"
            );
            chat_ml(turns)
        }
    }
}

/// Renders with an unguessable word in each document's place, then puts the documents back.
fn render_with_placeholders(jinja: &Jinja, turns: &[Turn]) -> Result<Vec<Segment>, String> {
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let mut data = Vec::new();
    let messages: Vec<Message> = turns
        .iter()
        .map(|(role, segments)| Message {
            role: role_name(*role),
            content: with_placeholders(segments, &nonce, &mut data),
        })
        .collect();
    let text = jinja.render(&messages).map_err(|error| error.to_string())?;
    fill_placeholders(&text, &nonce, &data)
}

fn with_placeholders<'a>(segments: &'a [Segment], nonce: &str, data: &mut Vec<&'a str>) -> String {
    let mut hold = |text: &'a str| {
        data.push(text);
        format!("x{nonce}n{}x", data.len() - 1)
    };
    // Each message begins with an empty document, by which a template that leaves the message out gives itself away.
    let mut content = hold("");
    for segment in segments {
        match segment {
            Segment::Trusted(text) => content.push_str(text),
            Segment::Data(text) => content.push_str(&hold(text)),
        }
    }
    content
}

fn fill_placeholders(text: &str, nonce: &str, data: &[&str]) -> Result<Vec<Segment>, String> {
    let mark = format!("x{nonce}n");
    let mut parts = text.split(mark.as_str());
    let mut segments = trusted(parts.next().unwrap_or_default());
    let mut seen = vec![false; data.len()];
    for part in parts {
        let (index, rest) = part
            .split_once('x')
            .ok_or("the template changes its messages")?;
        let index: usize = index
            .parse()
            .map_err(|_| "the template changes its messages")?;
        let document = *data.get(index).ok_or("the template invents messages")?;
        if !document.is_empty() {
            segments.push(Segment::Data(document.to_owned()));
        }
        segments.extend(trusted(rest));
        seen[index] = true;
    }
    if seen.contains(&false) {
        return Err("the template leaves messages out".to_owned());
    }
    Ok(segments)
}

fn trusted(text: &str) -> Vec<Segment> {
    if text.is_empty() {
        Vec::new()
    } else {
        vec![Segment::Trusted(text.to_owned())]
    }
}

fn system_into_first_user_turn(turns: &[Turn]) -> Option<Vec<Turn>> {
    let [
        (Role::System, instructions),
        (Role::User, question),
        rest @ ..,
    ] = turns
    else {
        return None;
    };
    let mut content = instructions.clone();
    content.push(Segment::Trusted("\n\n".to_owned()));
    content.extend_from_slice(question);
    let mut merged = vec![(Role::User, content)];
    merged.extend_from_slice(rest);
    Some(merged)
}

fn chat_ml(turns: &[Turn]) -> Rendered {
    let mut segments = Vec::new();
    for (role, content) in turns {
        segments.push(Segment::Trusted(format!(
            "<|im_start|>{}\n",
            role_name(*role)
        )));
        segments.extend_from_slice(content);
        segments.push(Segment::Trusted("<|im_end|>\n".to_owned()));
    }
    segments.push(Segment::Trusted("<|im_start|>assistant\n".to_owned()));
    // A model without these tokens writes them letter by letter.
    Rendered {
        segments,
        stop: vec!["<|im_end|>".to_owned(), "<|im_start|>".to_owned()],
    }
}

fn transcript(turns: &[Turn]) -> Rendered {
    let mut segments = Vec::new();
    for (role, content) in turns {
        match role {
            Role::System => {}
            Role::User => segments.push(Segment::Trusted("User: ".to_owned())),
            Role::Assistant => segments.push(Segment::Trusted("Assistant: ".to_owned())),
        }
        segments.extend_from_slice(content);
        segments.push(Segment::Trusted("\n\n".to_owned()));
    }
    segments.push(Segment::Trusted("Assistant:".to_owned()));
    Rendered {
        segments,
        stop: vec!["\nUser:".to_owned(), "\nAssistant:".to_owned()],
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}
