//! Takes running headers, footers and page numbers off the pages.
//!
//! A line that is taken for one is lost to whoever looks for it, so all of this must hold: it stands at the same place of a
//! third of the pages, near their edge, in no table, with blank space before the text unless the pages are many; it is no
//! field of a form; its words are the same, and numbers in it are the same too or count the pages. Of words that are taken
//! away everywhere, one copy stays. A number alone goes wherever it counts the pages.

mod numbers;
mod rows;

use std::collections::{HashMap, HashSet};

use self::numbers::{Course, course, key, numbers};
use self::rows::Row;
use super::sketch::Sketch;
use crate::parse::structure::begins_field;

/// Rows looked at on either edge of a page.
const EDGE: usize = 2;
/// Baselines further apart than this, in type sizes, have blank space between them.
const BLANK: f32 = 1.8;
/// And by so much further than the closest of the rows that follow, as those of a table are as far from each other as its first.
const WIDER: f32 = 1.25;
/// So many pages with the same words near their edge show a header by themselves: the text may follow closely.
const MANY: usize = 6;
/// Rows that follow, as far as these are looked at.
const FOLLOWING: usize = 4;
/// What is no part of the text stands in this share of a page's height, at either edge.
const ZONE: f32 = 0.15;
/// How far places that are the same may lie from each other, in points.
const SAME_PLACE: f32 = 4.0;

/// Removes what repeats at the edges of pages, and page numbers.
pub(super) fn remove(pages: &mut [Sketch]) {
    let rows: Vec<Vec<Row>> = pages.iter().map(rows::of).collect();
    let found: Vec<Vec<EdgeRow>> = pages
        .iter()
        .zip(&rows)
        .map(|(page, rows)| edges(page, rows))
        .collect();
    let filled = rows.iter().filter(|rows| !rows.is_empty()).count();
    let taken = furniture(pages, &found, filled);
    let mut gone: Vec<HashSet<usize>> = Vec::with_capacity(pages.len());
    for (at, (rows, edges)) in rows.iter().zip(&found).enumerate() {
        let own = edges
            .iter()
            .enumerate()
            .filter(|(number, row)| is_page_label(&row.key) || taken.contains(&(at, *number)));
        let own: HashSet<usize> = own.flat_map(|(_, row)| row.segments.clone()).collect();
        let labels = edges.iter().filter(|row| is_page_label(&row.key));
        let labels: HashSet<usize> = labels.flat_map(|row| row.segments.clone()).collect();
        let all = rows.iter().map(|row| row.segments.len()).sum::<usize>();
        // A page is not emptied on a suspicion.
        gone.push(if own.len() == all { labels } else { own });
    }
    keep_copies(pages, &found, &mut gone);
    for (page, gone) in pages.iter_mut().zip(&gone) {
        let mut index = 0;
        page.segments.retain(|_| {
            index += 1;
            !gone.contains(&(index - 1))
        });
    }
}

/// A row at the edge of a page.
struct EdgeRow {
    top: bool,
    /// Its words, with a mark in place of every number.
    key: String,
    /// Distance of its baseline from that edge, in points.
    distance: f32,
    /// Whether blank space lies between it, or the edge row after it, and the text; `None` where no text is.
    apart: Option<bool>,
    /// Whether its pieces stand over those of the next row, as the names of columns do.
    columns: bool,
    /// Whether it stands where headers and footers do.
    in_zone: bool,
    /// Its pieces of text from the left, by their numbers on the page.
    segments: Vec<usize>,
}

/// The rows at the edges of a page that may be no part of its text.
fn edges(page: &Sketch, rows: &[Row]) -> Vec<EdgeRow> {
    let height = rows::height(page);
    let count = rows.len();
    let mut found = Vec::new();
    for top in [true, false] {
        let at = |place: usize| {
            let from_end = count.checked_sub(place + 1);
            let number = if top { Some(place) } else { from_end };
            number.and_then(|number| rows.get(number))
        };
        let between = |place: usize| Some((at(place + 1)?.baseline - at(place)?.baseline).abs());
        let columns = |place: usize| {
            at(place)
                .zip(at(place + 1))
                .is_some_and(|(here, next)| here.has_columns_of(next, page))
        };
        let blank = |place: usize| {
            let wide = |gap: f32| at(place).is_some_and(|row| gap > row.size * BLANK);
            let next = (place + 1..=place + FOLLOWING).filter_map(between);
            let usual = next.fold(f32::INFINITY, f32::min);
            let wider = |gap: f32| usual.is_infinite() || gap > usual * WIDER;
            !columns(place) && between(place).is_some_and(|gap| wide(gap) && wider(gap))
        };
        for place in 0..EDGE {
            let Some(row) = at(place) else { break };
            let distance = if top {
                row.baseline
            } else {
                height - row.baseline
            };
            if row.in_table {
                continue;
            }
            let after: Vec<usize> = (place..EDGE.min(count.saturating_sub(1))).collect();
            found.push(EdgeRow {
                top,
                key: key(row.texts(page)),
                distance,
                apart: (!after.is_empty()).then(|| after.into_iter().any(blank)),
                columns: columns(place),
                in_zone: distance <= height * ZONE,
                segments: row.segments.clone(),
            });
        }
    }
    found
}

/// Page and number among its edge rows of all that repeats.
fn furniture(pages: &[Sketch], edges: &[Vec<EdgeRow>], filled: usize) -> HashSet<(usize, usize)> {
    let mut groups: HashMap<(bool, &str), Vec<(usize, usize)>> = HashMap::new();
    for (page, rows) in edges.iter().enumerate() {
        for (number, row) in rows.iter().enumerate() {
            let group = groups.entry((row.top, row.key.as_str())).or_default();
            group.push((page, number));
        }
    }
    let mut taken = HashSet::new();
    for ((_, key), mut group) in groups {
        if numbers::is_one(key) {
            // They stand where the text of their page ends, in some files: that they count is enough.
            taken.extend(page_numbers(pages, edges, &group, filled));
            continue;
        }
        group.retain(|&(page, number)| edges[page][number].in_zone);
        if group.is_empty() {
            continue;
        }
        let mut places: Vec<f32> = group.iter().map(|&(p, n)| edges[p][n].distance).collect();
        places.sort_by(f32::total_cmp);
        let usual = places[places.len() / 2];
        let same_place = |&&(page, number): &&(usize, usize)| {
            (edges[page][number].distance - usual).abs() <= SAME_PLACE
        };
        let rows: Vec<(&Sketch, &EdgeRow)> = group
            .iter()
            .filter(same_place)
            .map(|&(page, number)| (&pages[page], &edges[page][number]))
            .collect();
        if repeats(key, &rows, filled) {
            // Once known, it is known on pages of another size too.
            let others = group.into_iter().filter(|(page, number)| {
                same_place(&&(*page, *number))
                    || !key.contains('#') && edges[*page][*number].apart == Some(true)
            });
            taken.extend(others);
        }
    }
    taken
}

/// Of rows that are a number alone those that count the pages: each is as far from the number of its page as one beside it.
fn page_numbers(
    pages: &[Sketch],
    edges: &[Vec<EdgeRow>],
    group: &[(usize, usize)],
    filled: usize,
) -> Vec<(usize, usize)> {
    /// Left and right pages may differ.
    const NEAR: usize = 2;
    let ahead: Vec<Option<i64>> = group
        .iter()
        .map(|&(page, number)| {
            let told = numbers(&text(&pages[page], &edges[page][number].segments));
            numbers::value(told.first()?).map(|value| value - i64::from(pages[page].number))
        })
        .collect();
    let counts = |at: usize| {
        let others = group.iter().zip(&ahead);
        ahead[at].is_some()
            && others.into_iter().any(|(other, of_other)| {
                let steps = other.0.abs_diff(group[at].0);
                (1..=NEAR).contains(&steps) && *of_other == ahead[at]
            })
    };
    let counting: Vec<(usize, usize)> = (0..group.len())
        .filter(|at| counts(*at))
        .map(|at| group[at])
        .collect();
    if counting.len() * 3 < filled {
        return Vec::new();
    }
    counting
}

/// Whether rows with the same key and place, one or two of a page, are no part of the text.
fn repeats(key: &str, rows: &[(&Sketch, &EdgeRow)], filled: usize) -> bool {
    let pages: HashSet<u32> = rows.iter().map(|(page, _)| page.number).collect();
    // Left and right pages may differ, hence a third.
    if pages.len() < 2 || pages.len() * 3 < filled {
        return false;
    }
    let course = |numbers: &dyn Fn(&Sketch, &EdgeRow) -> Vec<String>| {
        let told: Vec<(u32, Vec<String>)> = rows
            .iter()
            .map(|(page, row)| (page.number, numbers(page, row)))
            .collect();
        course(&told)
    };
    if key.chars().all(|one| one == '#' || !one.is_alphanumeric()) {
        let whole = course(&|page, row| numbers(&text(page, &row.segments)));
        return key.chars().count() <= 8 && whole == Course::Counts;
    }
    let told: Vec<bool> = rows.iter().filter_map(|(_, row)| row.apart).collect();
    let apart = told.iter().filter(|apart| **apart).count();
    let enough = pages.len() >= 3 || filled == 2 && key.chars().count() >= 4;
    let set_apart = !told.is_empty() && apart * 3 >= told.len() * 2;
    let columns = rows.iter().any(|(_, row)| row.columns);
    // Each of several certificates may well say "Result: passed".
    let field = rows
        .iter()
        .any(|(page, row)| begins_field(&text(page, &row.segments)));
    if !enough || field || !(set_apart || pages.len() >= MANY && !columns) {
        return false;
    }
    // Piece by piece: a number beside a title counts pages, one within words may be what the page is about.
    let pieces = rows.iter().map(|(_, row)| row.segments.len()).min();
    let pieces = pieces.unwrap_or(0);
    let regular = rows.iter().all(|(_, row)| row.segments.len() == pieces);
    let of_piece = |piece: usize| {
        let told = course(&|page, row| numbers(&text(page, &row.segments[piece..=piece])));
        let words = rows
            .iter()
            .map(|(page, row)| text(page, &row.segments[piece..=piece]));
        match told {
            Course::Same => true,
            Course::Counts => words.clone().all(|words| numbers::may_count_pages(&words)),
            Course::Varies => false,
        }
    };
    if regular {
        (0..pieces).all(of_piece)
    } else {
        // The same words in other pieces.
        course(&|page, row| numbers(&text(page, &row.segments))) == Course::Same
    }
}

fn text(page: &Sketch, segments: &[usize]) -> String {
    let texts = segments.iter().map(|at| page.segments[*at].text.as_str());
    texts.collect::<Vec<_>>().join(" ")
}

/// Leaves one copy of words that would be gone from all pages: at the first page's top, at the last one's bottom, where it parts no
/// sentence.
fn keep_copies(pages: &[Sketch], edges: &[Vec<EdgeRow>], gone: &mut [HashSet<usize>]) {
    let squeezed =
        |text: &str| -> String { text.chars().filter(|one| !one.is_whitespace()).collect() };
    let mut left: String = String::new();
    for (page, gone) in pages.iter().zip(gone.iter()) {
        let stays = page.segments.iter().enumerate();
        for (_, segment) in stays.filter(|(at, _)| !gone.contains(at)) {
            left.push_str(&squeezed(&segment.text));
        }
        left.push('\n');
    }
    let numbered = || edges.iter().enumerate();
    let tops = numbered()
        .flat_map(|(at, rows)| rows.iter().filter(|row| row.top).map(move |row| (at, row)));
    let bottoms = numbered()
        .rev()
        .flat_map(|(at, rows)| rows.iter().filter(|row| !row.top).map(move |row| (at, row)));
    let mut settled: HashSet<String> = HashSet::new();
    for (at, row) in tops.chain(bottoms) {
        for segment in &row.segments {
            let words = squeezed(&pages[at].segments[*segment].text);
            let key = key(std::iter::once(words.as_str()));
            let letters = words.chars().filter(|one| one.is_alphabetic()).count();
            if letters < 2 || is_page_label(&key) || !gone[at].contains(segment) {
                continue;
            }
            if settled.insert(key) && !left.contains(&words) {
                gone[at].remove(segment);
            }
        }
    }
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
mod tests;
