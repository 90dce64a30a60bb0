//! Reports as single pages that need nothing from elsewhere.

mod changes;
mod plot;
mod words;

use std::fmt::Write;

pub use changes::comparison_page;
pub use words::ReportLanguage;

use self::plot::{Labels, Series, histogram, lines};
use super::{QuestionResult, Report, percentile};

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:62rem;margin:3rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fbfaf7}table{border-collapse:collapse;margin:1rem 0}td,th{padding:.3rem 1rem .3rem 0;\
border-bottom:1px solid #d8d4ca;text-align:left;vertical-align:top;font-weight:normal}td.number{text-align:right;\
font-variant-numeric:tabular-nums;white-space:nowrap}.muted,text{opacity:.75}q{font-family:serif}figure{margin:1rem 1rem 1rem 0;\
display:inline-block;vertical-align:top}figcaption{font-weight:600}svg{max-width:100%;height:auto;font-size:11px;fill:currentColor}\
.legend{margin:0;font-size:.85rem}.grid{stroke:currentColor;opacity:.15}.mark{stroke:currentColor;stroke-dasharray:4 3}\
polyline{fill:none;stroke-width:2}.line0{stroke:#1f6f8b}.line1{stroke:#b4532a}.key0{color:#1f6f8b}.key1{color:#b4532a}\
.band{fill:#1f6f8b;opacity:.15}.bar{fill:#1f6f8b}.worse{color:#a3312a}.better{color:#2f6b3a}\
@media(prefers-color-scheme:dark){body{color:#e8e4da;background:#1c1a17}td,th{border-color:#3a362f}\
.line0{stroke:#6fb7d0}.line1{stroke:#e39a6f}.key0{color:#6fb7d0}.key1{color:#e39a6f}.bar,.band{fill:#6fb7d0}\
.worse{color:#f08a80}.better{color:#8fcf9b}}";

/// Questions listed one by one; a report stays readable.
const MOST_LISTED: usize = 500;

/// Points of the curve over thresholds.
const STEPS: usize = 100;

/// A page with the figures, their intervals, three plots, and every question that went wrong. Questions, answers and
/// names are data: everything is escaped.
#[must_use]
pub fn page(report: &Report, language: ReportLanguage) -> String {
    let mut html = head(&report.figures.set, language);
    figures_table(&mut html, report, language);
    let _ = write!(html, "<h2>{}</h2>", language.say("Plots", "图"));
    html.push_str(&recall_plot(&report.results, language));
    html.push_str(&latency_plot(&report.results, language));
    html.push_str(&threshold_plot(report, language));
    questions_table(&mut html, report, language);
    html.push_str("</html>\n");
    html
}

fn head(title: &str, language: ReportLanguage) -> String {
    format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>",
        language.tag(),
        title = escape(title)
    )
}

fn figures_table(html: &mut String, report: &Report, language: ReportLanguage) {
    let _ = write!(
        html,
        "<table><tr><th>{}<th>{}<th>{}",
        language.say("Figure", "指标"),
        language.say("Value", "数值"),
        language.say("95% interval", "95% 区间")
    );
    let value = serde_json::to_value(&report.figures).unwrap_or_default();
    for (name, value) in value.as_object().into_iter().flatten() {
        let Some(number) = value.as_f64() else {
            continue;
        };
        let range = report
            .intervals
            .get(name)
            .map_or_else(String::new, |[low, high]| {
                format!("{} – {}", shown(*low), shown(*high))
            });
        let _ = write!(
            html,
            "<tr><th>{}<td class=\"number\">{}<td class=\"number\">{range}",
            escape(language.figure(name)),
            shown(number)
        );
    }
    html.push_str("</table>");
    if !report.lost.is_empty() {
        let _ = write!(
            html,
            "<p class=\"worse\">{} {}",
            language.say(
                "Questions left out, since what they expect is not there any more:",
                "因预期内容已不存在而略去的问题数："
            ),
            report.lost.len()
        );
    }
}

fn recall_plot(results: &[QuestionResult], language: ReportLanguage) -> String {
    let hits = |k: usize| -> Vec<f64> {
        let answerable = results.iter().filter(|one| one.answerable);
        answerable
            .map(|one| f64::from(u8::from(one.hit(k))))
            .collect()
    };
    if hits(1).is_empty() {
        return String::new();
    }
    let (mut points, mut band) = (Vec::new(), Vec::new());
    for k in 1..=10_usize {
        let values = hits(k);
        points.push((k as f64, values.iter().sum::<f64>() / values.len() as f64));
        if let Some([low, high]) = super::mean_interval(&values) {
            band.push((k as f64, low, high));
        }
    }
    let labels = Labels {
        title: language.say("Found among the first k", "排在前 k 的比例"),
        x: language.say("k", "k"),
        x_range: (1.0, 10.0),
    };
    let series = Series {
        name: language.say("recall@k, with 95% interval", "recall@k 与 95% 区间"),
        points,
        band,
    };
    lines(&labels, &[series], None)
}

fn latency_plot(results: &[QuestionResult], language: ReportLanguage) -> String {
    let times: Vec<f64> = results.iter().map(|one| one.search_ms).collect();
    if times.is_empty() {
        return String::new();
    }
    let labels = Labels {
        title: language.say("Time of a search", "检索耗时"),
        x: language.say(
            "milliseconds; the last bar holds all above",
            "毫秒；最后一格含更长的",
        ),
        x_range: (0.0, (percentile(&times, 0.99) * 1.05).max(1.0)),
    };
    histogram(&labels, &times, 30)
}

fn threshold_plot(report: &Report, language: ReportLanguage) -> String {
    let below = |answerable: bool| -> Vec<(f64, f64)> {
        let judged: Vec<f64> = report
            .results
            .iter()
            .filter(|one| one.answerable == answerable)
            .filter_map(|one| one.answerability)
            .collect();
        if judged.is_empty() {
            return Vec::new();
        }
        let at = |step: usize| step as f64 / STEPS as f64;
        let share = |threshold: f64| {
            judged.iter().filter(|value| **value < threshold).count() as f64 / judged.len() as f64
        };
        (0..=STEPS)
            .map(|step| (at(step), share(at(step))))
            .collect()
    };
    let series: Vec<Series<'_>> = [
        (
            language.say("unanswerable questions refused", "拒答的无答案问题"),
            below(false),
        ),
        (
            language.say("answerable questions lost", "误拒的有答案问题"),
            below(true),
        ),
    ]
    .into_iter()
    .map(|(name, points)| Series {
        name,
        points,
        band: Vec::new(),
    })
    .collect();
    if series.iter().all(|one| one.points.is_empty()) {
        return String::new();
    }
    let labels = Labels {
        title: language.say("Refusal against loss", "拒答与误拒"),
        x: language.say("threshold", "阈值"),
        x_range: (0.0, 1.0),
    };
    let mark = report
        .threshold
        .map(|threshold| (threshold, language.say("in use", "当前")));
    lines(&labels, &series, mark)
}

fn questions_table(html: &mut String, report: &Report, language: ReportLanguage) {
    let wrong: Vec<&QuestionResult> = report
        .results
        .iter()
        .filter(|one| !one.right() || (one.answerable && one.refused))
        .collect();
    let _ = write!(
        html,
        "<h2>{} ({} / {})</h2><table><tr><th>{}<th>{}<th>{}<th>{}<th>{}",
        language.say("Questions that went wrong", "出错的问题"),
        wrong.len(),
        report.results.len(),
        language.say("Id", "编号"),
        language.say("Question", "问题"),
        language.say("Rank", "名次"),
        language.say("Verdict", "判定"),
        language.say("Answer", "回答")
    );
    for one in wrong.iter().take(MOST_LISTED) {
        let answer = one.answer.as_ref();
        let answer = answer.map_or_else(String::new, |answer| {
            format!("<q>{}</q>", escape(&answer.text))
        });
        let _ = write!(
            html,
            "<tr><td class=\"muted\">{}<td>{}<td class=\"number\">{}<td>{}<td>{answer}",
            escape(&one.id),
            escape(&one.question),
            rank(one.rank, language),
            verdict(one.refused, one.answerable, language)
        );
    }
    html.push_str("</table>");
}

fn rank(rank: Option<usize>, language: ReportLanguage) -> String {
    rank.map_or_else(
        || language.say("none", "无").to_owned(),
        |rank| rank.to_string(),
    )
}

fn verdict(refused: bool, answerable: bool, language: ReportLanguage) -> &'static str {
    match (refused, answerable) {
        (true, true) => language.say("refused, has an answer", "拒答，但有答案"),
        (true, false) => language.say("refused, has none", "拒答，确无答案"),
        (false, true) => language.say("let through", "放行"),
        (false, false) => language.say("let through, has no answer", "放行，但无答案"),
    }
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value}")
    } else {
        format!("{value:.4}")
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::super::{EarlierRun, Figures, compare, intervals};
    use super::*;

    const MARKUP: &str = "<script>alert('1')</script>\"><img src=x>";

    fn report() -> Report {
        let results: Vec<QuestionResult> = (0..20)
            .map(|at| QuestionResult {
                id: format!("{at}{MARKUP}"),
                question: MARKUP.to_owned(),
                answerable: at % 3 != 0,
                rank: (at % 3 != 0).then_some(at),
                answerability: Some(at as f64 / 20.0),
                search_ms: at as f64,
                ..QuestionResult::default()
            })
            .collect();
        Report {
            figures: Figures {
                set: MARKUP.to_owned(),
                ..Figures::of(&results)
            },
            intervals: intervals(&results),
            threshold: Some(0.2),
            lost: vec!["x".to_owned()],
            results,
        }
    }

    #[test]
    fn a_page_holds_no_markup_of_others_and_nothing_from_elsewhere() {
        let report = report();
        let run = EarlierRun {
            set: MARKUP.to_owned(),
            results: report.results.clone(),
        };
        let mut other = run.clone();
        other.results.iter_mut().for_each(|one| one.refused = true);
        for language in [ReportLanguage::Chinese, ReportLanguage::English] {
            let compared = compare(&run, &other);
            for html in [
                page(&report, language),
                comparison_page(&compared, language),
            ] {
                assert!(
                    !html.contains("<script") && !html.contains("<img"),
                    "{html}"
                );
                assert!(html.contains("&lt;script&gt;"));
                assert!(!html.contains("http"), "{html}");
            }
        }
    }

    #[test]
    fn a_report_plots_recall_latency_and_refusal_against_loss() {
        let html = page(&report(), ReportLanguage::English);
        assert_eq!(html.matches("<svg").count(), 3);
        assert!(html.contains("Refusal against loss") && html.contains("in use"));
        assert!(page(&report(), ReportLanguage::Chinese).contains("拒答与误拒"));
    }

    #[test]
    fn an_empty_run_still_has_a_page() {
        let html = page(&Report::default(), ReportLanguage::English);
        assert!(html.starts_with("<!doctype html>") && !html.contains("NaN"));
    }
}
