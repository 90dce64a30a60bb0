//! Why a passage does not come, in the words that people read.

use super::failures;
use super::language::Tongue;
use super::messages::fill;
use crate::catalog::JobError;
use crate::retrieve::{Reason, Standing, WhyNot};

/// Every reason as a sentence.
pub(crate) fn all(report: &WhyNot, tongue: Tongue) -> Vec<String> {
    let reasons = report.reasons.iter();
    reasons
        .map(|reason| match (reason, &report.standing) {
            (Reason::NotSearchable, Some(standing)) => not_searchable(standing, tongue),
            (reason, _) => told(reason, tongue),
        })
        .collect()
}

/// The Chinese or the English words, filled in.
pub(super) fn say(
    tongue: Tongue,
    [chinese, english]: [&str; 2],
    arguments: &[(&'static str, String)],
) -> String {
    let template = match tongue {
        Tongue::Chinese => chinese,
        Tongue::English => english,
    };
    fill(template, arguments)
}

#[expect(clippy::too_many_lines, reason = "a table: one row for each reason")]
fn told(reason: &Reason, tongue: Tongue) -> String {
    let number = |name: &'static str, value: usize| (name, value.to_string());
    match reason {
        Reason::Found { rank } => say(
            tongue,
            ["能查到：排在第 {rank} 位。", "It comes: it is hit {rank}."],
            &[number("rank", *rank)],
        ),
        Reason::Refused {
            answerability,
            threshold,
        } => say(
            tongue,
            [
                "但提问时不会作答：查到的段落被判断为答不了这个问题（可回答性 {share}，至少要 {least}）。问题里多写几个\
                 段落里的词会有帮助；常有这样的问题，就把它们存为评测问题，再校准拒答的阈值。",
                "Asked as a question it is refused all the same: what comes is judged too thin for an answer \
                 (answerability {share}, {least} is needed). More words of the passage in the question help; where such \
                 questions are many, keep them as gold questions and calibrate the knowledge base.",
            ],
            &[
                ("share", format!("{answerability:.2}")),
                ("least", format!("{threshold:.2}")),
            ],
        ),
        Reason::Unknown => say(
            tongue,
            [
                "这个知识库里没有这份文件或这个段落。",
                "There is no such document or passage in this knowledge base.",
            ],
            &[],
        ),
        Reason::NotSearchable => say(
            tongue,
            [
                "这份文件现在还查不到。",
                "The document cannot be found yet.",
            ],
            &[],
        ),
        Reason::OldVersion => say(
            tongue,
            [
                "这个段落属于文件的另一个版本，查的是现在的版本。",
                "The passage belongs to another version of its document; searches see the present one.",
            ],
            &[],
        ),
        Reason::NoPassages => say(
            tongue,
            [
                "这份文件里没有段落，多半没有读出文字。",
                "The document has no passages: no text was found in it.",
            ],
            &[],
        ),
        Reason::TextNowhere { best } => say(
            tongue,
            [
                "没有段落含有这些字词，最接近的也只含其中 {share}。文件可能还没放入，或这一处没有读出来。",
                "No passage has these words; the nearest has {share} of them. The document may not be here, or that part \
                 of it was not read.",
            ],
            &[("share", percent(*best))],
        ),
        Reason::ExcludedBy { field, written } => excluded(field, written.as_deref(), tongue),
        Reason::ExcludedTogether => say(
            tongue,
            [
                "几个筛选条件合在一起把它排除了，单独哪一个都不会。",
                "The filter's conditions leave it out together, none of them alone.",
            ],
            &[],
        ),
        Reason::TooDeep { stage, rank, limit } => too_deep(stage, *rank, *limit, tongue),
        Reason::NoWords => say(
            tongue,
            [
                "按字词查不到它：它不含问题里的任何一个词。",
                "By words it cannot come: it has no word of the question.",
            ],
            &[],
        ),
        Reason::OtherWriting => say(
            tongue,
            [
                "它和问题不是同一种文字，按字词只比较名称和数字，而它一个也不含。",
                "It is in another script than the question: of its words only names and numbers count, and it has none.",
            ],
            &[],
        ),
        Reason::LegHadIt { stage, rank } => say(
            tongue,
            [
                "单看{leg}它排在第 {rank} 位。",
                "By {leg} alone it is number {rank}.",
            ],
            &[
                ("leg", leg(stage, tongue).to_owned()),
                number("rank", *rank),
            ],
        ),
        Reason::Below { rank, top_k } => say(
            tongue,
            [
                "综合起来它排在第 {rank} 位，只显示前 {top_k} 位。",
                "All in all it is number {rank}; the search shows {top_k}.",
            ],
            &[number("rank", *rank), number("top_k", *top_k)],
        ),
        Reason::Reranked { before, after } => say(
            tongue,
            [
                "重排模型读过以后，把它从第 {before} 位排到了第 {after} 位。",
                "The reranking model read it and moved it from number {before} to number {after}.",
            ],
            &[number("before", *before), number("after", *after)],
        ),
        Reason::Twin { rank, name, shown } => {
            let words = if *shown {
                [
                    "“{name}”里有一段内容几乎相同，排在第 {rank} 位，重复的只留一段。",
                    "“{name}” has a passage that says the same; it is hit {rank}, and of duplicates one is kept.",
                ]
            } else {
                [
                    "“{name}”里有一段内容几乎相同，只留那一段，它排在第 {rank} 位，也没有显示。",
                    "“{name}” has a passage that says the same and is kept instead; it is number {rank} and not shown \
                     either.",
                ]
            };
            say(
                tongue,
                words,
                &[("name", name.clone()), number("rank", *rank)],
            )
        }
        Reason::DocumentFull { name, most } => say(
            tongue,
            [
                "每份文件最多显示 {most} 段，“{name}”已有排在前面的段落占满。",
                "At most {most} of one document are shown, and “{name}” has so many that rank before it.",
            ],
            &[("name", name.clone()), number("most", *most)],
        ),
        Reason::LacksPhrase { text } => say(
            tongue,
            [
                "引号里的“{text}”必须原样出现，别的段落有，它没有。",
                "“{text}” in quotation marks must be found as it stands; other passages have it and this one does not.",
            ],
            &[("text", text.clone())],
        ),
    }
}

fn too_deep(stage: &str, rank: Option<usize>, limit: usize, tongue: Tongue) -> String {
    let words = if rank.is_some() {
        [
            "按{leg}它排在第 {rank} 位，这一步只取前 {limit} 位。",
            "By {leg} it is number {rank}, and the first {limit} are looked at.",
        ]
    } else {
        [
            "按{leg}它排在一千位以后，这一步只取前 {limit} 位。",
            "By {leg} it is beyond the first thousand, and the first {limit} are looked at.",
        ]
    };
    let rank = rank.map_or_else(String::new, |rank| rank.to_string());
    let arguments = [
        ("leg", leg(stage, tongue).to_owned()),
        ("rank", rank),
        ("limit", limit.to_string()),
    ];
    say(tongue, words, &arguments)
}

fn excluded(field: &str, written: Option<&str>, tongue: Tongue) -> String {
    let (words, value) = match written {
        Some(written) => (
            [
                "问题里写的筛选“{value}”把它排除了。",
                "“{value}” in the question leaves it out.",
            ],
            written.to_owned(),
        ),
        None => (
            [
                "筛选条件“{value}”把它排除了。",
                "The filter leaves it out by {value}.",
            ],
            condition(field, tongue).to_owned(),
        ),
    };
    say(tongue, words, &[("value", value)])
}

fn not_searchable(standing: &Standing, tongue: Tongue) -> String {
    let words = match standing.status {
        "queued" => [
            "“{name}”还在排队，读完才能查到。",
            "“{name}” waits to be read; it can be found when that is done.",
        ],
        "running" => [
            "“{name}”正在读，读完才能查到。",
            "“{name}” is being read; it can be found when that is done.",
        ],
        "failed" => [
            "“{name}”没有读成：{reason}",
            "“{name}” could not be read: {reason}",
        ],
        "cancelled" => [
            "“{name}”的读取被取消了，可以再读一次。",
            "Reading “{name}” was cancelled; it can be started again.",
        ],
        _ => ["“{name}”现在查不到。", "“{name}” cannot be found now."],
    };
    let failure = standing.failure.as_ref().map(|failure| {
        let error = JobError {
            code: failure.code.clone(),
            message: failure.message.clone(),
            args: failure.args.clone(),
        };
        failures::words(&error, tongue)
    });
    let arguments = [
        ("name", standing.name.clone()),
        ("reason", failure.unwrap_or_default()),
    ];
    say(tongue, words, &arguments)
}

fn leg(stage: &str, tongue: Tongue) -> &'static str {
    match (stage, tongue) {
        ("lexical", Tongue::Chinese) => "字词",
        ("lexical", Tongue::English) => "words",
        (_, Tongue::Chinese) => "语义",
        (_, Tongue::English) => "meaning",
    }
}

/// A field of the filter by its name.
pub(super) fn condition(field: &str, tongue: Tongue) -> &'static str {
    let [chinese, english] = match field {
        "documents" => ["文件", "document"],
        "kinds" => ["格式", "format"],
        "languages" => ["语言", "language"],
        "tags" => ["标签", "tag"],
        "names" => ["文件名", "file name"],
        "authors" => ["作者", "author"],
        "titles" => ["标题", "title"],
        "headings" => ["章节", "heading"],
        "created_after" | "created_before" => ["文件日期", "the document's date"],
        "page_count" => ["页数", "number of pages"],
        "added_after" | "added_before" => ["放入时间", "time of adding"],
        _ => ["页码", "page"],
    };
    match tongue {
        Tongue::Chinese => chinese,
        Tongue::English => english,
    }
}

fn percent(share: f32) -> String {
    format!("{:.0}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_a_whole_sentence_in_both_languages() {
        let reasons = [
            Reason::Found { rank: 3 },
            Reason::Refused {
                answerability: 0.1,
                threshold: 0.2,
            },
            Reason::Unknown,
            Reason::OldVersion,
            Reason::NoPassages,
            Reason::TextNowhere { best: 0.25 },
            Reason::ExcludedBy {
                field: "tags",
                written: None,
            },
            Reason::ExcludedBy {
                field: "kind",
                written: Some("类型:pdf".to_owned()),
            },
            Reason::ExcludedTogether,
            Reason::TooDeep {
                stage: "dense",
                rank: Some(90),
                limit: 64,
            },
            Reason::TooDeep {
                stage: "lexical",
                rank: None,
                limit: 64,
            },
            Reason::NoWords,
            Reason::OtherWriting,
            Reason::LegHadIt {
                stage: "dense",
                rank: 2,
            },
            Reason::Below {
                rank: 12,
                top_k: 10,
            },
            Reason::Reranked {
                before: 4,
                after: 12,
            },
            Reason::Twin {
                rank: 1,
                name: "a.md".to_owned(),
                shown: true,
            },
            Reason::DocumentFull {
                name: "a.md".to_owned(),
                most: 2,
            },
            Reason::LacksPhrase {
                text: "年假".to_owned(),
            },
        ];
        for reason in reasons {
            for (tongue, end) in [(Tongue::Chinese, "。"), (Tongue::English, ".")] {
                let sentence = told(&reason, tongue);
                assert!(
                    sentence.ends_with(end) && !sentence.contains('{'),
                    "{sentence}"
                );
            }
        }
    }
}
