//! The page of two runs side by side: flipped questions first.

use std::fmt::Write;

use super::{MOST_LISTED, ReportLanguage, escape, head, rank, verdict};
use crate::eval::{Change, Comparison, Flip};

/// A page with the questions that went wrong, those that came right, and the differences of the figures.
#[must_use]
pub fn comparison_page(compared: &Comparison, language: ReportLanguage) -> String {
    let title = format!("{} → {}", compared.before, compared.now);
    let mut html = head(&title, language);
    let _ = write!(
        html,
        "<p>{} {} · {} {} · {} {}",
        language.say("Questions of both runs:", "两次都有的问题："),
        compared.questions,
        language.say("only before:", "仅旧的有："),
        compared.only_before,
        language.say("only now:", "仅新的有："),
        compared.only_now
    );
    flips(
        &mut html,
        language.say("Lost", "变差的问题"),
        &compared.lost,
        language,
    );
    flips(
        &mut html,
        language.say("Won", "变好的问题"),
        &compared.won,
        language,
    );
    differences(&mut html, compared, language);
    html.push_str("</html>\n");
    html
}

fn flips(html: &mut String, title: &str, flips: &[Flip], language: ReportLanguage) {
    let _ = write!(
        html,
        "<h2>{title} ({})</h2><table><tr><th>{}<th>{}<th>{}<th>{}",
        flips.len(),
        language.say("Id", "编号"),
        language.say("Question", "问题"),
        language.say("Before", "之前"),
        language.say("Now", "现在")
    );
    for one in flips.iter().take(MOST_LISTED) {
        let side = |at: Option<usize>, refused: bool| {
            format!(
                "{} · {}",
                rank(at, language),
                verdict(refused, one.answerable, language)
            )
        };
        let _ = write!(
            html,
            "<tr><td class=\"muted\">{}<td>{}<td>{}<td>{}",
            escape(&one.id),
            escape(&one.question),
            side(one.rank_before, one.refused_before),
            side(one.rank_now, one.refused_now)
        );
    }
    html.push_str("</table>");
}

fn differences(html: &mut String, compared: &Comparison, language: ReportLanguage) {
    let _ = write!(
        html,
        "<h2>{}</h2><table><tr><th>{}<th>{}<th>{}<th>{}<th>{}<th>",
        language.say("Figures", "指标"),
        language.say("Figure", "指标"),
        language.say("Before", "之前"),
        language.say("Now", "现在"),
        language.say("Difference", "差"),
        language.say("95% interval", "95% 区间")
    );
    for one in &compared.differences {
        let (class, word) = match one.change {
            Change::Better => ("better", language.say("better", "变好")),
            Change::Worse => ("worse", language.say("worse", "变差")),
            Change::Unclear => ("muted", language.say("no clear change", "无明显变化")),
        };
        let _ = write!(
            html,
            "<tr><th>{}<td class=\"number\">{:.4}<td class=\"number\">{:.4}<td class=\"number\">{:+.4}\
             <td class=\"number\">{:+.4} – {:+.4}<td class=\"{class}\">{word}",
            escape(language.figure(one.figure)),
            one.before,
            one.now,
            one.difference,
            one.interval[0],
            one.interval[1]
        );
    }
    html.push_str("</table>");
}
