//! A run as one self-contained page: the figures, then every question that went wrong.

use std::fmt::Write;

use super::{Figures, QuestionResult};

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fbfaf7}table{border-collapse:collapse}td,th{padding:.3rem 1rem .3rem 0;\
border-bottom:1px solid #d8d4ca;text-align:left;vertical-align:top}td.number{text-align:right;\
font-variant-numeric:tabular-nums}q{font-family:serif}@media(prefers-color-scheme:dark){body{color:#e8e4da;\
background:#1c1a17}td,th{border-color:#3a362f}}";

/// Renders the page. Questions and answers are data: everything is escaped.
#[must_use]
pub fn page(figures: &Figures, results: &[QuestionResult]) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{set}</title><style>{STYLE}</style>\
         <h1>{set}</h1><table>",
        set = escape(&figures.set)
    );
    let value = serde_json::to_value(figures).unwrap_or_default();
    for (name, value) in value.as_object().into_iter().flatten() {
        let shown = value
            .as_f64()
            .map_or_else(|| escape(value.as_str().unwrap_or_default()), number);
        let _ = write!(html, "<tr><th>{}<td class=\"number\">{shown}", escape(name));
    }
    let wrong: Vec<&QuestionResult> = results.iter().filter(|result| !result.right).collect();
    let _ = write!(
        html,
        "</table><h2>Not found first ({} of {})</h2><table>",
        wrong.len(),
        results.len()
    );
    for result in wrong {
        let answer = result.answer.as_deref().map(escape).unwrap_or_default();
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td><q>{answer}</q>",
            escape(&result.id),
            escape(&result.question)
        );
    }
    html.push_str("</table></html>\n");
    html
}

fn number(value: f64) -> String {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_cannot_put_markup_into_the_page() {
        let result = QuestionResult {
            id: "1".to_owned(),
            question: "<script>alert(1)</script>".to_owned(),
            right: false,
            answer: None,
        };
        let html = page(&Figures::default(), &[result]);
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"));
    }
}
