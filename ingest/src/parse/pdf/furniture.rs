//! Takes running headers, footers and page numbers off the pages, by what repeats at their edges.

use std::collections::HashMap;

use super::sketch::{Segment, Sketch};

/// Rows looked at on either edge of a page.
const EDGE: usize = 2;
/// Baselines further apart than this, in type sizes, have blank space between them.
const BLANK: f32 = 1.8;

/// Removes rows at the top or bottom edge that repeat from page to page but for their digits, and page numbers.
pub(super) fn remove(pages: &mut [Sketch]) {
    let edges: Vec<Vec<EdgeRow>> = pages.iter().map(edges).collect();
    let mut seen: HashMap<(bool, &str), usize> = HashMap::new();
    let filled = edges.iter().filter(|edges| !edges.is_empty()).count();
    for page in &edges {
        let mut own: Vec<(bool, &str)> =
            page.iter().map(|row| (row.top, row.key.as_str())).collect();
        own.sort_unstable();
        own.dedup();
        for entry in own {
            *seen.entry(entry).or_default() += 1;
        }
    }
    for (page, edges) in pages.iter_mut().zip(&edges) {
        let mut gone = vec![false; page.segments.len()];
        for row in edges {
            let repeats = seen.get(&(row.top, row.key.as_str())).copied().unwrap_or(0);
            if is_page_label(&row.key) || is_furniture(row, repeats, filled) {
                row.segments.iter().for_each(|&index| gone[index] = true);
            }
        }
        let mut index = 0;
        page.segments.retain(|_| {
            index += 1;
            !gone[index - 1]
        });
    }
}

/// Whether an edge row with this key is no part of the text. Left and right pages may differ, hence a third.
fn is_furniture(row: &EdgeRow, repeats: usize, pages: usize) -> bool {
    let key = row.key.as_str();
    let number_only = key
        .chars()
        .filter(|character| character.is_alphanumeric())
        .all(|character| character == '#')
        && key.contains('#');
    if number_only && key.chars().count() <= 8 {
        repeats >= 2 && repeats * 3 >= pages
    } else {
        repeats >= 3 && repeats * 3 >= pages
            // Two pages may well end alike: what is no part of the text stands apart from it.
            || repeats == 2 && pages == 2 && key.chars().count() >= 4 && row.apart
    }
}

/// A row at the edge of a page.
struct EdgeRow {
    top: bool,
    key: String,
    /// Whether blank space lies between it, or the edge row below it, and the text.
    apart: bool,
    /// Numbers of its segments on the page.
    segments: Vec<usize>,
}

/// The rows at the edges of a page, as somebody holds it who reads most of its text.
fn edges(page: &Sketch) -> Vec<EdgeRow> {
    let turn = page.main_turn();
    let mut upright: Vec<(usize, &Segment)> = page
        .segments
        .iter()
        .enumerate()
        .filter(|(_, segment)| segment.turn == turn)
        .collect();
    upright.sort_by(|one, two| one.1.baseline.total_cmp(&two.1.baseline));
    let mut found = take(upright.iter().copied(), true);
    found.extend(take(upright.iter().rev().copied(), false));
    found
}

/// The first rows of segments that come in the order of their baselines.
fn take<'a>(segments: impl Iterator<Item = (usize, &'a Segment)>, top: bool) -> Vec<EdgeRow> {
    let mut rows: Vec<(f32, Vec<(usize, &Segment)>)> = Vec::new();
    for (index, segment) in segments {
        let count = rows.len();
        match rows.last_mut() {
            Some((baseline, row))
                if (segment.baseline - *baseline).abs()
                    <= segment.size.min(row[0].1.size) * 0.4 =>
            {
                row.push((index, segment));
            }
            _ if count == EDGE + 1 => break,
            _ => rows.push((segment.baseline, vec![(index, segment)])),
        }
    }
    let blank_after = |at: usize| {
        let (Some((here, row)), Some((next, _))) = (rows.get(at), rows.get(at + 1)) else {
            return true;
        };
        (here - next).abs() > row[0].1.size * BLANK
    };
    let apart: Vec<bool> = (0..EDGE).map(|at| (at..EDGE).any(blank_after)).collect();
    rows.into_iter()
        .zip(apart)
        .map(|((_, mut row), apart)| {
            row.sort_by(|one, two| one.1.left.total_cmp(&two.1.left));
            EdgeRow {
                top,
                apart,
                key: key(row.iter().map(|(_, segment)| segment.text.as_str())),
                segments: row.into_iter().map(|(index, _)| index).collect(),
            }
        })
        .collect()
}

/// A row without what changes from page to page.
fn key<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut key = String::new();
    for character in texts.flat_map(str::chars).filter(|c| !c.is_whitespace()) {
        let digit = character.is_numeric() && !crate::clean::is_cjk(character);
        if !digit {
            key.push(character);
        } else if !key.ends_with('#') {
            key.push('#');
        }
    }
    key
}

/// `Page 3 of 10`, `第 3 页 共 10 页`, `- 3 -`: a page number by its own words.
fn is_page_label(key: &str) -> bool {
    matches!(
        key.to_lowercase().as_str(),
        "page#"
            | "page#of#"
            | "page#/#"
            | "第#页"
            | "第#页共#页"
            | "第#页/共#页"
            | "第#页,共#页"
            | "第#页，共#页"
            | "-#-"
            | "—#—"
            | "–#–"
            | "·#·"
            | "第#頁"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pdf::testing::{segment, sketch};

    fn page(number: u32, lines: &[&str]) -> Sketch {
        let place = |(row, text): (usize, &&str)| segment(text, 50.0, 50.0 + row as f32 * 20.0);
        sketch(number, lines.iter().enumerate().map(place).collect())
    }

    #[test]
    fn headers_footers_and_page_numbers_go_and_the_text_stays() {
        let endings = ["结尾的话", "另一个结尾", "又一个结尾", "别的结尾"];
        let mut pages: Vec<Sketch> = (1..=4)
            .map(|number| {
                let unlike = "甲乙丙丁".chars().nth(number as usize - 1).expect("4");
                page(
                    number,
                    &[
                        "员工手册 2024 版",
                        &format!("正文第{number}段，各不相同{unlike}。"),
                        endings[number as usize - 1],
                        &number.to_string(),
                    ],
                )
            })
            .collect();
        remove(&mut pages);
        let texts = |page: &Sketch| page.texts().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(texts(&pages[0]), ["正文第1段，各不相同甲。", "结尾的话"]);
        assert_eq!(texts(&pages[3]), ["正文第4段，各不相同丁。", "别的结尾"]);
    }

    #[test]
    fn a_single_page_keeps_its_edges() {
        let mut pages = vec![page(1, &["2024", "Report", "第 1 页 共 1 页"])];
        remove(&mut pages);
        assert_eq!(pages[0].texts().collect::<Vec<_>>(), ["2024", "Report"]);
    }

    #[test]
    fn a_header_in_two_pieces_goes_whole() {
        let mut pages: Vec<Sketch> = (1..=3)
            .map(|number| {
                let mut page = page(
                    number,
                    &["", &format!("body {}", "abc".repeat(number as usize))],
                );
                page.segments[0].text = "Annual report".to_owned();
                page.segments
                    .push(segment(&number.to_string(), 500.0, 50.5));
                page
            })
            .collect();
        remove(&mut pages);
        assert_eq!(pages[1].texts().collect::<Vec<_>>(), ["body abcabc"]);
    }
}
