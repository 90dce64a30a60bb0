//! Takes running headers, footers and page numbers off the pages, by what repeats at their edges.

use std::collections::HashMap;

use super::Page;
use super::lines::Line;

/// Lines looked at on either edge of a page.
const EDGE: usize = 2;

/// Removes lines at the top or bottom edge that repeat from page to page but for their digits, and page numbers.
pub(super) fn remove(pages: &mut [Page]) {
    let mut seen: HashMap<(bool, String), usize> = HashMap::new();
    let mut filled = 0;
    for page in pages.iter() {
        filled += usize::from(!page.lines.is_empty());
        let mut own: Vec<(bool, String)> = edges(&page.lines)
            .map(|(top, index)| (top, key(&page.lines[index].text)))
            .collect();
        own.sort_unstable();
        own.dedup();
        for entry in own {
            *seen.entry(entry).or_default() += 1;
        }
    }
    for page in pages {
        let mut drop: Vec<usize> = edges(&page.lines)
            .filter(|&(top, index)| {
                let text = &page.lines[index].text;
                let key = key(text);
                let repeats = seen.get(&(top, key.clone())).copied().unwrap_or(0);
                is_page_label(text) || is_furniture(&key, repeats, filled)
            })
            .map(|(_, index)| index)
            .collect();
        drop.sort_unstable();
        drop.dedup();
        for index in drop.into_iter().rev() {
            page.lines.remove(index);
        }
    }
}

/// Whether an edge line with this key is no part of the text. Left and right pages may differ, hence a third.
fn is_furniture(key: &str, repeats: usize, pages: usize) -> bool {
    let number_only = key
        .chars()
        .filter(|character| character.is_alphanumeric())
        .all(|character| character == '#')
        && key.contains('#');
    if number_only && key.chars().count() <= 8 {
        repeats >= 2 && repeats * 3 >= pages
    } else {
        repeats >= 3 && repeats * 3 >= pages
            || repeats == 2 && pages == 2 && key.chars().count() >= 4
    }
}

/// Index of each edge line, and whether it is at the top.
fn edges(lines: &[Line]) -> impl Iterator<Item = (bool, usize)> + use<> {
    let count = lines.len();
    let filled: Vec<usize> = (0..count)
        .filter(|&index| !lines[index].text.is_empty())
        .collect();
    let top: Vec<(bool, usize)> = filled
        .iter()
        .take(EDGE)
        .map(|&index| (true, index))
        .collect();
    let bottom: Vec<(bool, usize)> = filled
        .iter()
        .rev()
        .take(EDGE)
        .map(|&index| (false, index))
        .collect();
    top.into_iter().chain(bottom)
}

/// A line without what changes from page to page.
fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !character.is_whitespace()) {
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
fn is_page_label(text: &str) -> bool {
    let key = key(text).to_lowercase();
    matches!(
        key.as_str(),
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

    fn page(number: u32, lines: &[&str]) -> Page {
        let lines = lines
            .iter()
            .map(|text| Line {
                text: (*text).to_owned(),
                row: false,
                geometry: None,
            })
            .collect();
        Page { number, lines }
    }

    fn texts(page: &Page) -> Vec<&str> {
        page.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn headers_footers_and_page_numbers_go_and_the_text_stays() {
        let mut pages: Vec<Page> = (1..=4)
            .map(|number| {
                page(
                    number,
                    &[
                        "员工手册 2024 版",
                        &format!(
                            "正文第{number}段，各不相同{}。",
                            "甲乙丙丁".chars().nth(number as usize - 1).expect("4")
                        ),
                        "结尾的话",
                        &number.to_string(),
                    ],
                )
            })
            .collect();
        pages[3].lines[2].text = "别的结尾".to_owned();
        pages[2].lines[2].text = "又一个结尾".to_owned();
        remove(&mut pages);
        assert_eq!(texts(&pages[0]), ["正文第1段，各不相同甲。", "结尾的话"]);
        assert_eq!(texts(&pages[3]), ["正文第4段，各不相同丁。", "别的结尾"]);
    }

    #[test]
    fn a_single_page_keeps_its_edges() {
        let mut pages = vec![page(1, &["2024", "Report", "第 1 页 共 1 页"])];
        remove(&mut pages);
        assert_eq!(texts(&pages[0]), ["2024", "Report"]);
    }
}
