//! What a knowledge base, or one search, asks of retrieval. What is left out stays as measured best.
#![expect(
    clippy::option_option,
    reason = "in a change, left out and null mean different things"
)]

use serde::{Deserialize, Deserializer, Serialize};

use super::{SearchMode, TopK};

/// Most weight that vectors may have against words.
const MOST_MEANING_WEIGHT: f32 = 4.0;

/// Most that a setting may ask for of passages, of one document or in all.
const MOST_PASSAGES: usize = 50;

/// How to search. `None` is the product's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetrievalSettings {
    /// Weight of the vectors against words, 0 to 4; by default what was measured best for the question's writing.
    pub meaning_weight: Option<f32>,
    /// Most passages of one document among the hits, 1 to 50; by default as many as come.
    pub per_document: Option<usize>,
    /// Which legs run where a search names none.
    pub mode: Option<SearchMode>,
    /// Passages where a search or a question names no number, 1 to 50.
    pub top_k: Option<usize>,
}

/// A setting outside its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name} must be {least} to {most}")]
pub struct OutOfRange {
    /// The setting.
    pub name: &'static str,
    /// Its least value.
    pub least: f32,
    /// Its greatest value.
    pub most: f32,
}

impl RetrievalSettings {
    /// The same settings, if all of them are within their ranges.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn checked(self) -> Result<Self, OutOfRange> {
        let ranges = [
            (
                "meaning_weight",
                self.meaning_weight,
                (0.0, MOST_MEANING_WEIGHT),
            ),
            (
                "per_document",
                self.per_document.map(|count| count as f32),
                (1.0, MOST_PASSAGES as f32),
            ),
            (
                "top_k",
                self.top_k.map(|count| count as f32),
                (1.0, MOST_PASSAGES as f32),
            ),
        ];
        for (name, value, (least, most)) in ranges {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                return Err(OutOfRange { name, least, most });
            }
        }
        Ok(self)
    }

    /// What all of these say alike; where any two differ, nothing.
    #[must_use]
    pub fn agreed(all: &[Self]) -> Self {
        Self {
            meaning_weight: alike(all, |one| one.meaning_weight),
            per_document: alike(all, |one| one.per_document),
            mode: alike(all, |one| one.mode),
            top_k: alike(all, |one| one.top_k),
        }
    }
}

/// What all have alike in one field.
fn alike<T: PartialEq + Copy>(
    all: &[RetrievalSettings],
    of: fn(&RetrievalSettings) -> Option<T>,
) -> Option<T> {
    let first = of(all.first()?)?;
    all.iter()
        .all(|one| of(one) == Some(first))
        .then_some(first)
}

/// What is to change in settings: left out stays, `null` goes back to the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetrievalChange {
    /// See [`RetrievalSettings::meaning_weight`].
    #[serde(deserialize_with = "given")]
    pub meaning_weight: Option<Option<f32>>,
    /// See [`RetrievalSettings::per_document`].
    #[serde(deserialize_with = "given")]
    pub per_document: Option<Option<usize>>,
    /// See [`RetrievalSettings::mode`].
    #[serde(deserialize_with = "given")]
    pub mode: Option<Option<SearchMode>>,
    /// See [`RetrievalSettings::top_k`].
    #[serde(deserialize_with = "given")]
    pub top_k: Option<Option<usize>>,
}

impl RetrievalChange {
    /// The settings after the change.
    #[must_use]
    pub fn applied_to(self, settings: RetrievalSettings) -> RetrievalSettings {
        RetrievalSettings {
            meaning_weight: self.meaning_weight.unwrap_or(settings.meaning_weight),
            per_document: self.per_document.unwrap_or(settings.per_document),
            mode: self.mode.unwrap_or(settings.mode),
            top_k: self.top_k.unwrap_or(settings.top_k),
        }
    }
}

/// A field that is there, be it `null`.
fn given<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

/// What one search goes by, everything decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Tuning {
    /// Which legs run.
    pub mode: SearchMode,
    /// Most hits.
    pub top_k: usize,
    /// Weight of the vectors against words.
    pub meaning_weight: f32,
    /// Most hits of one document; `None` is as many as come.
    pub per_document: Option<usize>,
}

impl Tuning {
    /// The settings with what the search itself says before them, and the default weight for its writing.
    pub(super) fn of(
        settings: RetrievalSettings,
        mode: Option<SearchMode>,
        top_k: TopK,
        default_weight: f32,
    ) -> Self {
        Self {
            mode: mode.or(settings.mode).unwrap_or_default(),
            top_k: match top_k {
                TopK::Exactly(count) => count,
                TopK::Usually(count) => settings.top_k.unwrap_or(count),
            },
            meaning_weight: settings.meaning_weight.unwrap_or(default_weight),
            per_document: settings.per_document,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<RetrievalSettings, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_setting_that_does_not_exist_is_an_error_and_so_is_one_outside_its_range() {
        assert!(read(r#"{"rerank":true}"#).is_err());
        let settings = read(r#"{"meaning_weight":4.5}"#).expect("settings");
        assert_eq!(
            settings.checked().expect_err("too much").name,
            "meaning_weight"
        );
        let settings = read(r#"{"per_document":0}"#).expect("settings");
        assert_eq!(
            settings.checked().expect_err("too few").to_string(),
            "per_document must be 1 to 50"
        );
        let settings = read(r#"{"meaning_weight":0,"per_document":50,"top_k":1,"mode":"dense"}"#);
        assert!(settings.expect("settings").checked().is_ok());
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name_and_null_goes_back_to_the_default() {
        let before =
            read(r#"{"meaning_weight":2,"per_document":3,"mode":"lexical"}"#).expect("settings");
        let change: RetrievalChange =
            serde_json::from_str(r#"{"per_document":null,"top_k":7}"#).expect("a change");
        let after = read(r#"{"meaning_weight":2,"mode":"lexical","top_k":7}"#).expect("settings");
        assert_eq!(change.applied_to(before), after);
        assert!(serde_json::from_str::<RetrievalChange>(r#"{"rerank":1}"#).is_err());
    }

    #[test]
    fn knowledge_bases_searched_together_go_by_what_they_agree_on() {
        let one = read(r#"{"meaning_weight":2,"mode":"lexical"}"#).expect("settings");
        let other = read(r#"{"meaning_weight":2,"mode":"dense","top_k":5}"#).expect("settings");
        let both = read(r#"{"meaning_weight":2}"#).expect("settings");
        assert_eq!(RetrievalSettings::agreed(&[one, other]), both);
        assert_eq!(RetrievalSettings::agreed(&[one]), one);
        assert_eq!(RetrievalSettings::agreed(&[]), RetrievalSettings::default());
    }

    #[test]
    fn what_a_search_says_comes_before_settings_and_settings_before_defaults() {
        let settings = read(r#"{"mode":"dense","top_k":7,"per_document":2}"#).expect("settings");
        let tuned = Tuning::of(settings, None, TopK::Usually(10), 0.9);
        assert_eq!(
            (tuned.mode, tuned.top_k, tuned.meaning_weight),
            (SearchMode::Dense, 7, 0.9)
        );
        let told = Tuning::of(settings, Some(SearchMode::Lexical), TopK::Exactly(3), 0.9);
        assert_eq!(
            (told.mode, told.top_k, told.per_document),
            (SearchMode::Lexical, 3, Some(2))
        );
    }
}
