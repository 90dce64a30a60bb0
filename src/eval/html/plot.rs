//! Plots as inline SVG: nothing is fetched, nothing runs.

use std::fmt::Write;

use super::escape;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 260.0;
/// Room for the labels: left, bottom, top and right.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 40.0;
const TOP: f64 = 16.0;
const RIGHT: f64 = 14.0;

/// A named line.
pub(super) struct Series<'a> {
    pub(super) name: &'a str,
    /// Ascending in x.
    pub(super) points: Vec<(f64, f64)>,
    /// Low and high around each point, where they are known.
    pub(super) band: Vec<(f64, f64, f64)>,
}

/// What a plot is called and what its axes are.
pub(super) struct Labels<'a> {
    pub(super) title: &'a str,
    pub(super) x: &'a str,
    /// Where x ends; it begins at the first of these.
    pub(super) x_range: (f64, f64),
}

fn across(value: f64, (low, high): (f64, f64)) -> f64 {
    let share = (value - low) / (high - low).max(f64::EPSILON);
    LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
}

/// A share in [0, 1], or of whatever is the most.
fn up(share: f64) -> f64 {
    HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - BOTTOM - TOP)
}

fn frame(labels: &Labels<'_>, most: f64, inside: &str) -> String {
    let title = escape(labels.title);
    let mut svg = format!(
        "<figure><figcaption>{title}</figcaption><svg role=\"img\" aria-label=\"{title}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\">"
    );
    for step in 0..=4 {
        let share = f64::from(step) / 4.0;
        let y = up(share);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            tick(share * most)
        );
    }
    let (low, high) = labels.x_range;
    for step in 0..=4 {
        let value = low + (high - low) * f64::from(step) / 4.0;
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            across(value, labels.x_range),
            HEIGHT - BOTTOM + 16.0,
            tick(value)
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>{inside}</svg></figure>",
        f64::midpoint(LEFT, WIDTH - RIGHT),
        HEIGHT - 6.0,
        escape(labels.x)
    );
    svg
}

fn tick(value: f64) -> String {
    let text = if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Lines of shares over x, each with its name at the foot, and an upright where something is marked.
pub(super) fn lines(
    labels: &Labels<'_>,
    series: &[Series<'_>],
    mark: Option<(f64, &str)>,
) -> String {
    let mut inside = String::new();
    for (at, one) in series.iter().enumerate() {
        if !one.band.is_empty() {
            let low = one.band.iter().map(|(x, low, _)| (*x, *low));
            let high = one.band.iter().rev().map(|(x, _, high)| (*x, *high));
            let _ = write!(
                inside,
                "<polygon class=\"band\" points=\"{}\"/>",
                path(low.chain(high), labels.x_range)
            );
        }
        let _ = write!(
            inside,
            "<polyline class=\"line{at}\" points=\"{}\"/>",
            path(one.points.iter().copied(), labels.x_range)
        );
    }
    if let Some((x, name)) = mark {
        let x = across(x, labels.x_range);
        let _ = write!(
            inside,
            "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>",
            HEIGHT - BOTTOM,
            x + 4.0,
            TOP + 10.0,
            escape(name)
        );
    }
    let names: Vec<String> = series
        .iter()
        .enumerate()
        .map(|(at, one)| format!("<span class=\"key{at}\">— {}</span>", escape(one.name)))
        .collect();
    let legend = format!("<p class=\"legend\">{}</p>", names.join(" "));
    frame(labels, 1.0, &inside).replace("</figure>", &format!("{legend}</figure>"))
}

fn path(points: impl Iterator<Item = (f64, f64)>, range: (f64, f64)) -> String {
    let places = points.map(|(x, y)| format!("{:.1},{:.1}", across(x, range), up(y)));
    places.collect::<Vec<_>>().join(" ")
}

/// How often values fall into equal steps between `labels.x_range`; what lies beyond counts in the last step.
pub(super) fn histogram(labels: &Labels<'_>, values: &[f64], steps: usize) -> String {
    let (low, high) = labels.x_range;
    let steps = steps.max(1);
    let mut counts = vec![0_usize; steps];
    for value in values {
        let share = (value - low) / (high - low).max(f64::EPSILON);
        counts[((share * steps as f64).max(0.0) as usize).min(steps - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let wide = (WIDTH - LEFT - RIGHT) / steps as f64;
    let mut inside = String::new();
    for (at, count) in counts.iter().enumerate() {
        let y = up(*count as f64 / most);
        let _ = write!(
            inside,
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{count}</title></rect>",
            LEFT + wide * at as f64 + 0.5,
            (wide - 1.0).max(0.5),
            (HEIGHT - BOTTOM - y).max(0.0)
        );
    }
    frame(labels, most, &inside)
}
