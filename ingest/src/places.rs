//! Places on pages: which rectangle of a page each stretch of the cleaned text fills, for highlighting.

use serde::{Deserialize, Serialize};

use crate::Span;

/// A rectangle of a page in 65,535ths of its width and height as shown, from the top left. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u16; 4]", into = "[u16; 4]")]
pub struct Area {
    left: u16,
    top: u16,
    right: u16,
    bottom: u16,
}

impl From<[u16; 4]> for Area {
    fn from([left, top, right, bottom]: [u16; 4]) -> Self {
        Self {
            left,
            top,
            right: right.max(left),
            bottom: bottom.max(top),
        }
    }
}

impl From<Area> for [u16; 4] {
    fn from(area: Area) -> Self {
        [area.left, area.top, area.right, area.bottom]
    }
}

impl Area {
    /// The part that lies on the page of a rectangle given in fractions of its width and height; `None` if none does.
    #[must_use]
    pub fn new(across: [f32; 2], down: [f32; 2]) -> Option<Self> {
        let inside = |[from, to]: [f32; 2]| {
            let part = |value: f32| (value.clamp(0.0, 1.0) * f32::from(u16::MAX)).round() as u16;
            let valid = from.is_finite() && to.is_finite();
            (valid && part(from) < part(to)).then(|| (part(from), part(to)))
        };
        let ((left, right), (top, bottom)) = (inside(across)?, inside(down)?);
        Some(Self {
            left,
            top,
            right,
            bottom,
        })
    }
}

/// Where one line, or one cell of a table, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(usize, usize, u32, Area)", into = "(usize, usize, u32, Area)")]
pub struct Place {
    /// Bytes of the cleaned text.
    pub span: Span,
    /// Page, from 1.
    pub page: u32,
    /// What it fills of the page.
    pub area: Area,
}

impl From<(usize, usize, u32, Area)> for Place {
    fn from((start, end, page, area): (usize, usize, u32, Area)) -> Self {
        Self {
            span: Span { start, end },
            page,
            area,
        }
    }
}

impl From<Place> for (usize, usize, u32, Area) {
    fn from(place: Place) -> Self {
        (place.span.start, place.span.end, place.page, place.area)
    }
}

impl Place {
    /// The part that a span covers: a line is cut in proportion. Its span is empty if none is covered.
    #[must_use]
    pub fn cut_to(self, span: Span) -> Self {
        let start = self.span.start.max(span.start).min(self.span.end);
        let end = self.span.end.min(span.end).max(start);
        let [left, top, right, bottom] = self.area.into();
        let length = self.span.len().max(1) as f32;
        let at = |byte: usize| {
            let share = (byte - self.span.start) as f32 / length;
            left + (f32::from(right - left) * share).round() as u16
        };
        Self {
            span: Span { start, end },
            page: self.page,
            area: [at(start), top, at(end), bottom].into(),
        }
    }

    /// The same place for a text that lacks its first `bytes` bytes.
    #[must_use]
    pub const fn moved_back(self, bytes: usize) -> Self {
        Self {
            span: Span {
                start: self.span.start.saturating_sub(bytes),
                end: self.span.end.saturating_sub(bytes),
            },
            ..self
        }
    }

    /// Length of its stored form.
    pub const BYTES: usize = 20;

    /// Its stored form; texts are far shorter than four gigabytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (slot, value) in
            bytes
                .chunks_exact_mut(4)
                .zip([self.span.start as u32, self.span.end as u32, self.page])
        {
            slot.copy_from_slice(&value.to_le_bytes());
        }
        for (slot, value) in bytes[12..]
            .chunks_exact_mut(2)
            .zip(<[u16; 4]>::from(self.area))
        {
            slot.copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) stored.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let long = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let (start, end) = (long(0) as usize, long(4) as usize);
        Self {
            span: Span {
                start,
                end: end.max(start),
            },
            page: long(8),
            area: [short(12), short(14), short(16), short(18)].into(),
        }
    }
}

/// A rectangle to highlight, as fractions of the page's width and height as shown, from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageBox {
    /// Page, from 1.
    pub page: u32,
    /// Left edge.
    pub x0: f32,
    /// Upper edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Lower edge.
    pub y1: f32,
}

/// Rectangles given for one span at most.
const MOST_BOXES: usize = 400;
/// Edges that differ by no more than this are at one place.
const NEAR: f32 = 0.006;

/// What to highlight for a span of the cleaned text, given places in the order of the text.
///
/// A line that is covered in part is cut in proportion. Lines below one another with the same edges become one box.
/// Empty where the text has no known places; at most 400 boxes.
#[must_use]
pub fn boxes(places: &[Place], span: Span) -> Vec<PageBox> {
    let mut found: Vec<PageBox> = Vec::new();
    for place in places {
        let Some(next) = clipped(place, span) else {
            continue;
        };
        let merged = found.last_mut().is_some_and(|last| merge(last, &next));
        if !merged {
            if found.len() == MOST_BOXES {
                break;
            }
            found.push(next);
        }
    }
    found
}

/// The part of a place that a span covers.
fn clipped(place: &Place, span: Span) -> Option<PageBox> {
    let cut = place.cut_to(span);
    let [x0, y0, x1, y1] =
        <[u16; 4]>::from(cut.area).map(|part| f32::from(part) / f32::from(u16::MAX));
    (!cut.span.is_empty()).then_some(PageBox {
        page: cut.page,
        x0,
        y0,
        x1,
        y1,
    })
}

/// Takes a box into the one before it where both are one line or one block of lines.
fn merge(last: &mut PageBox, next: &PageBox) -> bool {
    let near = |one: f32, two: f32| (one - two).abs() <= NEAR;
    if last.page != next.page {
        return false;
    }
    let height = (last.y1 - last.y0).min(next.y1 - next.y0);
    let beside = near(last.y0, next.y0)
        && near(last.y1, next.y1)
        && next.x0 >= last.x0
        && next.x0 - last.x1 <= height * 1.5;
    let below = near(last.x0, next.x0)
        && near(last.x1, next.x1)
        && next.y0 >= last.y0
        && next.y0 - last.y1 <= height * 0.9;
    if beside || below {
        last.x1 = last.x1.max(next.x1);
        last.y1 = last.y1.max(next.y1);
    }
    beside || below
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(start: usize, end: usize, row: usize, right: f32) -> Place {
        let top = 0.1 + row as f32 * 0.02;
        Place {
            span: Span { start, end },
            page: 1,
            area: Area::new([0.1, right], [top, top + 0.015]).expect("an area"),
        }
    }

    #[test]
    fn full_lines_become_one_box_and_the_last_one_is_cut_in_proportion() {
        let places = [
            line(0, 50, 0, 0.9),
            line(51, 100, 1, 0.9),
            line(101, 201, 2, 0.9),
        ];
        let found = boxes(&places, Span { start: 0, end: 151 });
        assert_eq!(found.len(), 2);
        assert!((found[0].y1 - 0.135).abs() < 0.001, "{found:?}");
        assert!((found[1].x1 - 0.5).abs() < 0.001, "{found:?}");
        assert!(boxes(&places, Span { start: 50, end: 51 }).is_empty());
    }

    #[test]
    fn what_lies_off_the_page_has_no_area() {
        assert_eq!(Area::new([1.1, 1.4], [0.1, 0.2]), None);
        assert_eq!(Area::new([f32::NAN, 0.4], [0.1, 0.2]), None);
        assert!(Area::new([-0.1, 0.4], [0.1, 0.2]).is_some());
    }

    proptest! {
        #[test]
        fn boxes_lie_on_the_page_and_places_survive_storage(
            edges in proptest::collection::vec((-0.5_f32..1.5, -0.5_f32..1.5, 0.0_f32..0.8, 0.0_f32..0.1, 0_usize..40), 0..20),
            start in 0_usize..300, length in 0_usize..300,
        ) {
            let mut at = 0;
            let mut places = Vec::new();
            for (left, top, width, height, bytes) in edges {
                let end = at + bytes;
                if let Some(area) = Area::new([left, left + width], [top, top + height]) {
                    let place = Place { span: Span { start: at, end }, page: 3, area };
                    prop_assert_eq!(Place::from_bytes(&place.to_bytes()), place);
                    places.push(place);
                }
                at = end + 1;
            }
            for one in boxes(&places, Span { start, end: start + length }) {
                prop_assert!(0.0 <= one.x0 && one.x0 <= one.x1 && one.x1 <= 1.0, "{one:?}");
                prop_assert!(0.0 <= one.y0 && one.y0 <= one.y1 && one.y1 <= 1.0, "{one:?}");
            }
        }
    }
}
