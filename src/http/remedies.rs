//! What would have brought a passage, in the words that people read.

use super::language::Tongue;
use super::reasons::{condition, say};
use crate::retrieve::{Reason, Remedy, RemedyKind, SearchMode};

/// The stable name of a remedy.
pub(crate) const fn code(kind: &RemedyKind) -> &'static str {
    match kind {
        RemedyKind::LargerTopK(_) => "larger_top_k",
        RemedyKind::MeaningWeight(_) => "meaning_weight",
        RemedyKind::Mode(_) => "mode",
        RemedyKind::WithoutFilter(_) => "without_filter",
        RemedyKind::WithoutPhrase => "without_phrase",
        RemedyKind::PerDocument(_) => "per_document",
        RemedyKind::OnlyThisDocument(_) => "only_this_document",
    }
}

/// A remedy as a sentence; `name` is the document's.
pub(crate) fn told(remedy: &Remedy, name: &str, tongue: Tongue) -> String {
    let rank = ("rank", remedy.rank.to_string());
    let filled = |words, value: String| say(tongue, words, &[rank.clone(), ("value", value)]);
    match &remedy.kind {
        RemedyKind::LargerTopK(top_k) => filled(
            [
                "取前 {value} 段，它排在第 {rank} 位。",
                "Ask for {value} passages: it is number {rank}.",
            ],
            top_k.to_string(),
        ),
        RemedyKind::MeaningWeight(weight) => filled(
            [
                "把语义的分量调到 {value}，它排在第 {rank} 位。",
                "Set the weight of meaning to {value}: it is number {rank}.",
            ],
            weight.to_string(),
        ),
        RemedyKind::Mode(mode) => filled(
            [
                "改用{value}方式，它排在第 {rank} 位。",
                "Search by {value}: it is number {rank}.",
            ],
            mode_name(*mode, tongue).to_owned(),
        ),
        RemedyKind::WithoutFilter(conditions) => filled(
            [
                "去掉{value}，它排在第 {rank} 位。",
                "Without {value} it is number {rank}.",
            ],
            conditions_named(conditions, tongue),
        ),
        RemedyKind::WithoutPhrase => filled(
            [
                "去掉引号，它排在第 {rank} 位。",
                "Without the quotation marks it is number {rank}.",
            ],
            String::new(),
        ),
        RemedyKind::PerDocument(Some(most)) => filled(
            [
                "每份文件最多显示 {value} 段，它排在第 {rank} 位。",
                "Allow {value} passages of one document: it is number {rank}.",
            ],
            most.to_string(),
        ),
        RemedyKind::PerDocument(None) => filled(
            [
                "不限制每份文件的段数，它排在第 {rank} 位。",
                "Without a limit for one document it is number {rank}.",
            ],
            String::new(),
        ),
        RemedyKind::OnlyThisDocument(_) => filled(
            [
                "只在“{value}”里查，它排在第 {rank} 位。",
                "In “{value}” alone it is number {rank}.",
            ],
            name.to_owned(),
        ),
    }
}

fn conditions_named(conditions: &[Reason], tongue: Tongue) -> String {
    let named: Vec<String> = conditions
        .iter()
        .filter_map(|reason| {
            let Reason::ExcludedBy { field, written } = reason else {
                return None;
            };
            let typed = written.as_ref().map(|written| format!("“{written}”"));
            Some(typed.unwrap_or_else(|| condition(field, tongue).to_owned()))
        })
        .collect();
    match (named.is_empty(), tongue) {
        (true, Tongue::Chinese) => "全部筛选条件".to_owned(),
        (true, Tongue::English) => "any filter".to_owned(),
        (false, Tongue::Chinese) => named.join("、"),
        (false, Tongue::English) => named.join(" and "),
    }
}

fn mode_name(mode: SearchMode, tongue: Tongue) -> &'static str {
    match (mode, tongue) {
        (SearchMode::Hybrid, Tongue::Chinese) => "综合",
        (SearchMode::Hybrid, Tongue::English) => "meaning and words",
        (SearchMode::Dense, Tongue::Chinese) => "语义",
        (SearchMode::Dense, Tongue::English) => "meaning alone",
        (SearchMode::Lexical, Tongue::Chinese) => "字词",
        (SearchMode::Lexical, Tongue::English) => "words alone",
    }
}
