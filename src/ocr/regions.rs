//! From a map of how likely each pixel belongs to the middle of a line of text, to boxes around the lines.
//!
//! The model is trained on lines shrunk towards their middle, so that lines do not touch in its map; each box is grown
//! by as much in the end.

use wenyuan_ingest::Corner;

/// From this probability on a pixel counts as text.
const TEXT: f32 = 0.3;

/// Least mean probability in a box. Frames and pictures have less.
const BOX: f32 = 0.5;

/// How far a box is grown: by this times its area, divided by its perimeter.
const GROWTH: f32 = 1.6;

/// Boxes narrower than this, in pixels of the map, are specks.
const NARROWEST: f32 = 3.0;

/// Most boxes of one map.
const MOST: usize = 3000;

/// A rectangle that may be turned, by up to an eighth of a circle to either side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Region {
    pub(super) middle: (f32, f32),
    /// The way to the right, of length 1; never steeper than half a right angle.
    pub(super) right: (f32, f32),
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Region {
    /// Clockwise from the top left.
    pub(super) fn corners(&self) -> [Corner; 4] {
        let (x, y) = self.middle;
        let (cosine, sine) = self.right;
        let at = |along: f32, down: f32| Corner {
            x: x + along * cosine - down * sine,
            y: y + along * sine + down * cosine,
        };
        let (across, down) = (self.width / 2.0, self.height / 2.0);
        [
            at(-across, -down),
            at(across, -down),
            at(across, down),
            at(-across, down),
        ]
    }

    /// Height by width.
    pub(super) fn tallness(&self) -> f32 {
        self.height / self.width.max(1e-3)
    }

    /// The shorter side.
    pub(super) fn thickness(&self) -> f32 {
        self.width.min(self.height)
    }

    fn grown(self) -> Self {
        let by = self.width * self.height * GROWTH / (2.0 * (self.width + self.height)).max(1e-3);
        Self {
            width: self.width + 2.0 * by,
            height: self.height + 2.0 * by,
            ..self
        }
    }

    /// The mean of a map over the rectangle; 0 where it lies outside.
    fn mean(&self, map: &[f32], columns: usize) -> f32 {
        let rows = map.len() / columns.max(1);
        let corners = self.corners();
        let least = |of: fn(&Corner) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most =
            |of: fn(&Corner) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        let range = |from: f32, to: f32, size: usize| {
            let end = size.saturating_sub(1) as f32;
            let from = from.floor().clamp(0.0, end) as usize;
            from..=(to.ceil().clamp(0.0, end) as usize)
        };
        let (cosine, sine) = self.right;
        let (mut sum, mut count) = (0.0, 0_u32);
        for y in range(least(|corner| corner.y), most(|corner| corner.y), rows) {
            for x in range(least(|corner| corner.x), most(|corner| corner.x), columns) {
                let (dx, dy) = (x as f32 - self.middle.0, y as f32 - self.middle.1);
                let along = (dx * cosine + dy * sine).abs();
                let down = (dy * cosine - dx * sine).abs();
                if along <= self.width / 2.0 + 0.5 && down <= self.height / 2.0 + 0.5 {
                    sum += map[y * columns + x];
                    count += 1;
                }
            }
        }
        if count == 0 { 0.0 } else { sum / count as f32 }
    }
}

/// The boxes of a map with that many columns, from the top.
pub(super) fn find(map: &[f32], columns: usize) -> Vec<Region> {
    let mut regions: Vec<Region> = components(map, columns)
        .iter()
        .filter_map(|outline| smallest_rectangle(&hull(outline)))
        .filter(|region| region.thickness() >= NARROWEST && region.mean(map, columns) >= BOX)
        .map(Region::grown)
        .filter(|region| region.thickness() >= NARROWEST + 2.0)
        .take(MOST)
        .collect();
    regions.sort_by(|one, other| one.middle.1.total_cmp(&other.middle.1));
    regions
}

/// For each set of pixels of text that touch one another, the two ends of each of its rows.
fn components(map: &[f32], columns: usize) -> Vec<Vec<(f32, f32)>> {
    let rows = map.len() / columns.max(1);
    let mut open = thickened(map, columns);
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for start in 0..rows * columns {
        if !open[start] {
            continue;
        }
        open[start] = false;
        stack.push(start);
        // The start is in the topmost row.
        let top = start / columns;
        let mut ends: Vec<(usize, usize)> = Vec::new();
        while let Some(at) = stack.pop() {
            let (x, y) = (at % columns, at / columns);
            if ends.len() <= y - top {
                ends.resize(y - top + 1, (usize::MAX, 0));
            }
            let row = &mut ends[y - top];
            *row = (row.0.min(x), row.1.max(x));
            for next_y in y.saturating_sub(1)..=(y + 1).min(rows - 1) {
                for next_x in x.saturating_sub(1)..=(x + 1).min(columns - 1) {
                    let next = next_y * columns + next_x;
                    if open[next] {
                        open[next] = false;
                        stack.push(next);
                    }
                }
            }
        }
        let outline = (top..)
            .zip(ends)
            .filter(|(_, (left, right))| left <= right)
            .flat_map(|(y, (left, right))| [(left as f32, y as f32), (right as f32, y as f32)])
            .collect();
        found.push(outline);
    }
    found
}

/// Which pixels are text, made one wider and one higher: small letters come apart otherwise.
fn thickened(map: &[f32], columns: usize) -> Vec<bool> {
    let is_text = |at: usize| map[at] > TEXT;
    (0..map.len() / columns.max(1) * columns)
        .map(|at| {
            let (x, y) = (at % columns, at / columns);
            is_text(at)
                || x > 0 && is_text(at - 1)
                || y > 0 && (is_text(at - columns) || x > 0 && is_text(at - columns - 1))
        })
        .collect()
}

/// The corners of the smallest polygon without dents around the points, in one sense of turning.
fn hull(points: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let turns = |a: (f32, f32), b: (f32, f32), c: (f32, f32)| {
        (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
    };
    let half = |points: &mut dyn Iterator<Item = (f32, f32)>| {
        let mut chain: Vec<(f32, f32)> = Vec::new();
        for point in points {
            while let [.., before, last] = chain[..] {
                if turns(before, last, point) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut around = half(&mut sorted.iter().copied());
    around.extend(half(&mut sorted.iter().rev().copied()));
    around
}

/// The rectangle of the smallest area around a polygon without dents: one of its sides lies on one of the polygon's.
fn smallest_rectangle(hull: &[(f32, f32)]) -> Option<Region> {
    let next = |at: usize| hull[(at + 1) % hull.len()];
    let mut best: Option<(f32, Region)> = None;
    for (at, &from) in hull.iter().enumerate() {
        let to = next(at);
        let (x, y) = (to.0 - from.0, to.1 - from.1);
        let length = x.hypot(y);
        if length < 1e-6 {
            continue;
        }
        let (x, y) = (x / length, y / length);
        // Of the four ways along the rectangle's sides, the one that goes to the right.
        let right = if x.abs() >= y.abs() {
            (x.abs(), if x >= 0.0 { y } else { -y })
        } else {
            (y.abs(), if y >= 0.0 { -x } else { x })
        };
        let region = around(hull, right);
        let area = (region.width + 1.0) * (region.height + 1.0);
        if best.is_none_or(|(least, _)| area < least) {
            best = Some((area, region));
        }
    }
    best.map(|(_, region)| region)
}

/// The rectangle around points with its sides along and across `right`.
fn around(points: &[(f32, f32)], right: (f32, f32)) -> Region {
    let (mut along, mut down) = ((f32::MAX, f32::MIN), (f32::MAX, f32::MIN));
    for &(x, y) in points {
        let (u, v) = (x * right.0 + y * right.1, y * right.0 - x * right.1);
        along = (along.0.min(u), along.1.max(u));
        down = (down.0.min(v), down.1.max(v));
    }
    let (u, v) = (
        f32::midpoint(along.0, along.1),
        f32::midpoint(down.0, down.1),
    );
    Region {
        middle: (u * right.0 - v * right.1, u * right.1 + v * right.0),
        right,
        width: along.1 - along.0,
        height: down.1 - down.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A map that is certain inside of this rectangle.
    fn map_of(region: &Region, columns: usize, rows: usize) -> Vec<f32> {
        let (cosine, sine) = region.right;
        (0..columns * rows)
            .map(|at| {
                let x = (at % columns) as f32 - region.middle.0;
                let y = (at / columns) as f32 - region.middle.1;
                let inside = (x * cosine + y * sine).abs() <= region.width / 2.0
                    && (y * cosine - x * sine).abs() <= region.height / 2.0;
                if inside { 0.9 } else { 0.02 }
            })
            .collect()
    }

    #[test]
    fn two_lines_are_two_boxes_from_the_top() {
        let mut map = vec![0.0; 100 * 60];
        for y in [10, 11, 12, 13, 14, 40, 41, 42, 43, 44] {
            map[y * 100 + 20..y * 100 + 80].fill(0.8);
        }
        let regions = find(&map, 100);
        assert_eq!(regions.len(), 2);
        assert!(regions[0].middle.1 < regions[1].middle.1);
        assert!(
            regions[0].width > 60.0 && regions[0].height > 8.0,
            "{regions:?}"
        );
    }

    #[test]
    fn a_frame_is_no_text() {
        let mut map = vec![0.0; 100 * 100];
        for y in 10..90 {
            for x in 10..90 {
                if !(15..85).contains(&x) || !(15..85).contains(&y) {
                    map[y * 100 + x] = 0.9;
                }
            }
        }
        assert_eq!(find(&map, 100), []);
    }

    #[test]
    fn an_empty_map_and_a_full_one_are_no_trouble() {
        assert_eq!(find(&[], 0), []);
        assert_eq!(find(&[0.0; 64], 8), []);
        assert_eq!(find(&[1.0; 64 * 64], 64).len(), 1);
    }

    proptest! {
        #[test]
        fn a_turned_line_is_found_where_it_is(angle in -0.75_f32..0.75, width in 50_f32..90.0, height in 8_f32..16.0) {
            let drawn = Region { middle: (100.0, 90.0), right: (angle.cos(), angle.sin()), width, height };
            let found = find(&map_of(&drawn, 200, 180), 200);
            prop_assert_eq!(found.len(), 1);
            let found = found[0];
            prop_assert!((found.middle.0 - 100.0).abs() < 2.0 && (found.middle.1 - 90.0).abs() < 2.0);
            let turn = found.right.1.atan2(found.right.0) - angle;
            prop_assert!(turn.abs() < 0.12, "{} {}", turn, angle);
            let grown = drawn.grown();
            prop_assert!((found.width - grown.width).abs() < 6.0 && (found.height - grown.height).abs() < 6.0, "{:?} {:?}", found, grown);
        }

        #[test]
        fn a_rectangle_holds_every_point_that_it_was_made_of(points in proptest::collection::vec((0_f32..500.0, 0_f32..500.0), 1..40)) {
            let hull = hull(&points);
            if let Some(region) = smallest_rectangle(&hull) {
                prop_assert!(region.right.0 >= region.right.1.abs() - 1e-4);
                for (x, y) in points {
                    let (dx, dy) = (x - region.middle.0, y - region.middle.1);
                    let along = (dx * region.right.0 + dy * region.right.1).abs();
                    let down = (dy * region.right.0 - dx * region.right.1).abs();
                    prop_assert!(along <= region.width / 2.0 + 0.1 && down <= region.height / 2.0 + 0.1);
                }
            }
        }

        #[test]
        fn any_map_gives_boxes_of_a_size(map in proptest::collection::vec(0_f32..1.0, 0..600), columns in 1_usize..30) {
            let whole = map.len() / columns * columns;
            for region in find(&map[..whole], columns) {
                prop_assert!(region.width.is_finite() && region.thickness() >= 5.0);
            }
        }
    }
}
