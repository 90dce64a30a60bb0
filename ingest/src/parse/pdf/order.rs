//! Lays a page out again: its text in reading order, its tables as tables, its footnotes at the end.

use super::frame::{Frame, Rect, Turn};
use super::lines::{Geometry, Line};
use super::rows::Row;
use super::sketch::{Segment, Sketch};
use super::tables::{Part, TablePart, parts, take_ruled};
use super::{columns, notes, scan};
use crate::clean::{is_cjk, normalize};

/// A gap this wide, in type sizes, is one between cells and not between words.
const WIDE: f32 = 2.0;

/// A page in reading order.
pub(super) struct Page {
    pub(super) number: u32,
    pub(super) frame: Frame,
    pub(super) items: Vec<Item>,
}

/// A unit of a page.
pub(super) enum Item {
    /// A line of text.
    Line(Line),
    /// A part of a table, with the way its page has to be turned to read it.
    Table(TablePart, Turn),
}

/// Brings a page into reading order.
pub(super) fn lay_out(mut sketch: Sketch) -> Page {
    for segment in &mut sketch.segments {
        tidy(&mut segment.text);
    }
    sketch.segments.retain(|segment| !segment.text.is_empty());
    if !sketch.scan.is_empty() {
        return scan::lay_out(sketch);
    }
    let mut segments = std::mem::take(&mut sketch.segments);
    if !sketch.unordered {
        let items = rows_as_drawn(segments).map(|row| {
            let line = line(&row, &sketch.frame, false);
            let rect = line.rect.filter(|_| sketch.placed);
            Item::Line(Line { rect, ..line })
        });
        return Page {
            number: sketch.number,
            frame: sketch.frame,
            items: items.chain(sketch.notes.into_iter().map(remark)).collect(),
        };
    }
    let mut ruled = take_ruled(&mut segments, &sketch.grids);
    let mut groups: Vec<(Turn, Vec<Segment>)> = Turn::ALL
        .into_iter()
        .map(|turn| (turn, Vec::new()))
        .collect();
    for segment in segments {
        if let Some((_, group)) = groups.iter_mut().find(|(turn, _)| *turn == segment.turn) {
            group.push(segment);
        }
    }
    let weight = |group: &[Segment]| -> usize {
        let letters = group.iter().map(|one| one.text.len()).sum::<usize>();
        letters + group.iter().filter(|one| one.grid.is_some()).count() * 1_000
    };
    // What most of the page is written in comes first; what runs up a margin is an aside.
    groups.sort_by_key(|(turn, group)| (*turn == Turn::Skew, std::cmp::Reverse(weight(group))));
    let (mut items, mut footnotes) = (Vec::new(), Vec::new());
    for (index, (turn, group)) in groups.into_iter().enumerate() {
        if turn == Turn::Skew {
            items.extend(
                group
                    .into_iter()
                    .map(|segment| Item::Line(loose(segment.text))),
            );
            continue;
        }
        let usual = usual_size(&group);
        for flow in columns::flows(group) {
            let (flow, below) = notes::split_off(flow, usual);
            for part in parts(flow, &mut ruled) {
                match part {
                    Part::Row(row) => items.push(Item::Line(line(&row, &sketch.frame, index > 0))),
                    Part::Table(table) => items.extend(
                        table
                            .parts()
                            .into_iter()
                            .map(|part| Item::Table(part, turn)),
                    ),
                }
            }
            footnotes.extend(below.iter().map(|row| {
                Item::Line(Line {
                    note: true,
                    ..line(row, &sketch.frame, index > 0)
                })
            }));
        }
    }
    items.extend(footnotes);
    items.extend(sketch.notes.into_iter().map(remark));
    Page {
        number: sketch.number,
        frame: sketch.frame,
        items,
    }
}

/// Rows in the order of drawing: what is drawn one after the other on one baseline, from the left.
fn rows_as_drawn(segments: Vec<Segment>) -> impl Iterator<Item = Row> {
    let mut rows: Vec<Row> = Vec::new();
    for segment in segments {
        let open = rows.last_mut().filter(|row| {
            row.segments.last().is_some_and(|last| {
                last.turn == segment.turn
                    && (last.baseline - segment.baseline).abs() < row.size * 0.5
                    && segment.left > last.right - row.size * 1.5
            })
        });
        match open {
            Some(row) => row.segments.push(segment),
            None => rows.push(Row {
                baseline: segment.baseline,
                size: segment.size,
                segments: vec![segment],
            }),
        }
    }
    rows.into_iter()
}

/// A comment as an item of its own.
pub(super) fn remark(mut text: String) -> Item {
    tidy(&mut text);
    Item::Line(loose(text))
}

/// Cleans a text as the whole document will be, so that places in it stay what they are.
fn tidy(text: &mut String) {
    let plain = text.bytes().all(|byte| (b' '..0x7f).contains(&byte));
    if !plain || text.contains("  ") {
        *text = normalize(text, false).replace('\n', " ");
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        *text = text.trim().to_owned();
    }
}

/// A line without a place of its own.
fn loose(text: String) -> Line {
    Line {
        text,
        row: false,
        note: true,
        geometry: None,
        rect: None,
    }
}

/// The type size that most characters have.
fn usual_size(segments: &[Segment]) -> f32 {
    let mut sizes: Vec<(f32, usize)> = segments
        .iter()
        .map(|segment| (segment.size, segment.text.len()))
        .collect();
    sizes.sort_by(|one, two| one.0.total_cmp(&two.0));
    let half = sizes.iter().map(|size| size.1).sum::<usize>() / 2;
    let mut passed = 0;
    sizes
        .into_iter()
        .find(|size| {
            passed += size.1;
            passed > half
        })
        .map_or(0.0, |size| size.0)
}

/// A row as a line of text.
pub(super) fn line(row: &Row, frame: &Frame, aside: bool) -> Line {
    let mut text = String::new();
    let mut wide = false;
    let mut before: Option<&Segment> = None;
    let mut rect: Option<Rect> = None;
    for segment in &row.segments {
        if let Some(before) = before {
            let gap = (segment.left - before.right).max(before.left - segment.right);
            let last = text.chars().next_back();
            let both = last.is_some_and(is_cjk) && segment.text.chars().next().is_some_and(is_cjk);
            let mark = text.chars().count() <= 4;
            wide |= gap > row.size * WIDE && !mark;
            if gap > row.size * if both { 0.7 } else { 0.12 } {
                text.push(' ');
            }
        }
        text.push_str(&segment.text);
        let own = segment.rect();
        rect = Some(rect.map_or(own, |rect| rect.around(own)));
        before = Some(segment);
    }
    let turn = row.segments.first().map_or(Turn::Right, |one| one.turn);
    Line {
        text,
        row: wide,
        note: false,
        geometry: Some(Geometry {
            left: f64::from(row.left()),
            right: f64::from(row.right()),
            baseline: -f64::from(row.baseline),
            // Type that runs up the margin is never a heading.
            size: f64::from(if aside { row.size.min(1.0) } else { row.size }),
        }),
        rect: rect.and_then(|rect| frame.unturned(turn, rect)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parse::pdf::lines;
    use crate::parse::pdf::rules::Grid;
    use crate::parse::pdf::testing::{segment, sketch};

    fn place() -> impl Strategy<Value = (f32, f32, f32, usize, Turn)> {
        let turn = proptest::sample::select(Turn::ALL.to_vec());
        // Places on a coarse raster make columns and tables likely.
        let raster =
            (0_u8..8, 0_u8..40).prop_map(|(x, y)| (f32::from(x) * 70.0, f32::from(y) * 14.0));
        let loose = (-50.0_f32..700.0, -50.0_f32..900.0);
        let place = prop_oneof![4 => raster, 1 => loose];
        (
            place,
            4.0_f32..20.0,
            1_usize..30,
            prop_oneof![6 => Just(Turn::Right), 1 => turn],
        )
            .prop_map(|((x, y), size, length, turn)| (x, y, size, length, turn))
    }

    proptest! {
        #[test]
        fn no_piece_of_text_is_lost_and_places_fit_the_text(
            places in proptest::collection::vec(place(), 0..80), with_grid in any::<bool>(),
        ) {
            let name = |index: usize| format!("w{index}x");
            let pieces = places.iter().enumerate().map(|(index, &(x, y, size, length, turn))| {
                let text = format!("{} {}", name(index), "mit ".repeat(length / 4));
                let mut one = segment(text.trim(), x, y);
                (one.size, one.turn) = (size, turn);
                one
            });
            let mut page = sketch(1, pieces.collect());
            if with_grid {
                page.grids = vec![Grid { columns: vec![60.0, 200.0, 340.0], rows: vec![90.0, 160.0, 200.0] }];
            }
            let laid = lay_out(page);
            let blocks = lines::blocks(&[laid]);
            let text: String = blocks.iter().map(|block| block.text.clone() + "\n").collect();
            for index in 0..places.len() {
                prop_assert!(text.contains(&name(index)), "{} in {text}", name(index));
            }
            for block in &blocks {
                let mut end = 0;
                for place in &block.places {
                    prop_assert!(end <= place.span.start && place.span.start < place.span.end);
                    end = place.span.end;
                    prop_assert!(block.text.get(place.span.start..place.span.end).is_some());
                }
            }
        }
    }
}
