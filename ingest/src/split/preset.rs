//! The ways to cut a document, by their stable names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A way to cut a document into passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Running text: sections, then paragraphs, then sentences, up to the wanted length.
    Prose,
    /// Numbered articles or sections: each is a passage of its own with its number in front.
    Manual,
    /// Tables and records: rows stay whole, short records share a passage.
    Table,
    /// Questions with their answers: each pair is a passage.
    Qa,
    /// Slides: each is a passage, its notes with it.
    Slides,
    /// Programs: definitions stay whole, long ones are cut between their members.
    Code,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 6] = [
        Self::Prose,
        Self::Manual,
        Self::Table,
        Self::Qa,
        Self::Slides,
        Self::Code,
    ];

    /// The stable name used in the API, the command line and the catalog.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prose => "prose",
            Self::Manual => "manual",
            Self::Table => "table",
            Self::Qa => "qa",
            Self::Slides => "slides",
            Self::Code => "code",
        }
    }
}

/// Which preset a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PresetChoice {
    /// The one that [`Preset::of`] finds for each document.
    #[default]
    Auto,
    /// This one, whatever the document is.
    Always(Preset),
}

impl PresetChoice {
    /// The stable name: `auto`, or the preset's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always(preset) => preset.as_str(),
        }
    }

    /// The preset for a document. Looks through the text once where that is needed.
    #[must_use]
    pub fn resolve(self, document: &crate::CleanDocument) -> Preset {
        match self {
            Self::Auto => Preset::of(document),
            Self::Always(preset) => preset,
        }
    }
}

/// A name that is no preset's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not auto, prose, manual, table, qa, slides or code")]
pub struct UnknownPreset(String);

impl FromStr for PresetChoice {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        if name == "auto" {
            return Ok(Self::Auto);
        }
        let found = Preset::ALL
            .into_iter()
            .find(|preset| preset.as_str() == name);
        found.map(Self::Always).ok_or_else(|| {
            // Whatever came in is told back, but not at any length.
            UnknownPreset(name.chars().take(40).collect())
        })
    }
}

impl TryFrom<String> for PresetChoice {
    type Error = UnknownPreset;

    fn try_from(name: String) -> Result<Self, UnknownPreset> {
        name.parse()
    }
}

impl From<PresetChoice> for String {
    fn from(choice: PresetChoice) -> Self {
        choice.as_str().to_owned()
    }
}

impl fmt::Display for PresetChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_found_by_its_name_and_nothing_else_is() {
        for preset in Preset::ALL {
            let choice = PresetChoice::Always(preset);
            assert_eq!(choice.to_string().parse(), Ok(choice));
            assert_eq!(
                serde_json::to_string(&choice).expect("JSON"),
                serde_json::to_string(&preset).expect("JSON")
            );
        }
        assert_eq!("auto".parse(), Ok(PresetChoice::Auto));
        assert!("Prose".parse::<PresetChoice>().is_err());
        assert!("".parse::<PresetChoice>().is_err());
    }
}
