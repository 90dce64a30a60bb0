//! Ruling lines: which of those that a page draws make up the grid of a table.

use super::frame::Rect;

/// Lines kept of a page; drawings and maps have more.
const MOST: usize = 2_000;
/// Thickness, in points, up to which a box is a line.
const THIN: f32 = 2.5;
/// Shortest line that counts, in points.
const SHORTEST: f32 = 8.0;
/// How far apart, in points, lines may lie that are meant to be one or to touch.
const NEAR: f32 = 3.0;

/// Lines of one page.
#[derive(Debug, Default)]
pub(super) struct Rules {
    lines: Vec<Rect>,
    overflown: bool,
}

/// A table drawn with lines: where its columns and rows are parted, both ends included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid {
    /// From the left.
    pub(super) columns: Vec<f32>,
    /// From the top.
    pub(super) rows: Vec<f32>,
}

impl Grid {
    /// Whether the middle of a rectangle lies in it.
    pub(super) fn holds(&self, rect: &Rect) -> bool {
        let middle = f32::midpoint(rect.top, rect.bottom);
        let (Some(left), Some(right)) = (self.columns.first(), self.columns.last()) else {
            return false;
        };
        let (Some(top), Some(bottom)) = (self.rows.first(), self.rows.last()) else {
            return false;
        };
        rect.left >= left - NEAR && rect.left < *right && *top <= middle && middle <= *bottom
    }

    /// Column and row of a place that lies in it.
    pub(super) fn cell(&self, left: f32, middle: f32) -> (usize, usize) {
        let place = |edges: &[f32], at: f32| {
            let passed = edges.iter().filter(|&&edge| edge <= at).count();
            passed.clamp(1, edges.len().saturating_sub(1).max(1)) - 1
        };
        (place(&self.columns, left + NEAR), place(&self.rows, middle))
    }
}

impl Rules {
    /// Adds a box; thick ones are kept by their edges, since tables are drawn that way too.
    pub(super) fn add(&mut self, rect: Rect) {
        let values = [rect.left, rect.top, rect.right, rect.bottom];
        if self.overflown
            || values
                .iter()
                .any(|value| !value.is_finite() || value.abs() > 1e5)
        {
            return;
        }
        if self.lines.len() >= MOST {
            self.overflown = true;
            self.lines.clear();
            return;
        }
        let (width, height) = (rect.right - rect.left, rect.bottom - rect.top);
        if width <= THIN && height >= SHORTEST || height <= THIN && width >= SHORTEST {
            self.lines.push(rect);
        }
    }

    /// Adds the four edges of a box that is drawn as an outline.
    pub(super) fn outline(&mut self, rect: Rect) {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = rect;
        if right - left <= THIN || bottom - top <= THIN {
            self.add(rect);
            return;
        }
        for edge in [
            ((left, top), (right, top)),
            ((left, bottom), (right, bottom)),
            ((left, top), (left, bottom)),
            ((right, top), (right, bottom)),
        ] {
            self.add(Rect::between(edge.0, edge.1));
        }
    }

    /// The grids: lines that touch, with at least two columns and two rows between them.
    pub(super) fn grids(&self) -> Vec<Grid> {
        let mut groups: Vec<(Rect, Vec<usize>)> = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let (mut bounds, mut members) = (*line, vec![index]);
            let mut at = 0;
            while at < groups.len() {
                if self.touches(&groups[at], line) {
                    let (other, indices) = groups.swap_remove(at);
                    bounds = bounds.around(other);
                    members.extend(indices);
                } else {
                    at += 1;
                }
            }
            groups.push((bounds, members));
            if groups.len() > 400 {
                // A drawing, not tables.
                return Vec::new();
            }
        }
        let mut grids: Vec<Grid> = groups
            .iter()
            .filter_map(|(bounds, members)| self.grid(*bounds, members))
            .collect();
        grids.sort_by(|one, two| one.rows[0].total_cmp(&two.rows[0]));
        grids
    }

    fn touches(&self, (bounds, members): &(Rect, Vec<usize>), line: &Rect) -> bool {
        let meet = |one: &Rect, two: &Rect| {
            one.left <= two.right + NEAR
                && two.left <= one.right + NEAR
                && one.top <= two.bottom + NEAR
                && two.top <= one.bottom + NEAR
        };
        meet(bounds, line)
            && members
                .iter()
                .any(|&member| meet(&self.lines[member], line))
    }

    fn grid(&self, bounds: Rect, members: &[usize]) -> Option<Grid> {
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        let height = bounds.bottom - bounds.top;
        for line in members.iter().map(|&index| &self.lines[index]) {
            if line.bottom - line.top > line.right - line.left {
                columns.push((f32::midpoint(line.left, line.right), line.bottom - line.top));
            } else {
                rows.push((f32::midpoint(line.top, line.bottom), line.right - line.left));
            }
        }
        let columns = merged(columns, height * 0.35);
        let rows = merged(rows, (bounds.right - bounds.left) * 0.35);
        (columns.len() >= 3 && rows.len() >= 3 && columns.len() <= 60)
            .then_some(Grid { columns, rows })
    }
}

/// Places of lines, those that lie together as one, if they are long enough together.
fn merged(mut lines: Vec<(f32, f32)>, shortest: f32) -> Vec<f32> {
    lines.sort_by(|one, two| one.0.total_cmp(&two.0));
    let mut places: Vec<(f32, f32)> = Vec::new();
    for (at, length) in lines {
        match places.last_mut() {
            Some((last, sum)) if at - *last <= NEAR => *sum += length,
            _ => places.push((at, length)),
        }
    }
    places
        .into_iter()
        .filter(|(_, length)| *length >= shortest)
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_lines_make_a_grid_and_underlines_do_not() {
        let mut rules = Rules::default();
        for row in 0..4 {
            let at = 100.0 + row as f32 * 20.0;
            rules.add(Rect::between((50.0, at), (350.0, at + 0.5)));
        }
        for column in 0..4 {
            let at = 50.0 + column as f32 * 100.0;
            rules.add(Rect::between((at, 100.0), (at, 160.0)));
        }
        rules.add(Rect::between((50.0, 400.0), (350.0, 400.5)));
        let grids = rules.grids();
        assert_eq!(grids.len(), 1);
        assert_eq!((grids[0].columns.len(), grids[0].rows.len()), (4, 4));
        assert_eq!(grids[0].cell(152.0, 130.0), (1, 1));
        let inside = Rect::between((152.0, 125.0), (190.0, 135.0));
        assert!(grids[0].holds(&inside));
        assert!(!grids[0].holds(&Rect::between((152.0, 395.0), (190.0, 405.0))));
    }

    #[test]
    fn a_drawing_of_thousands_of_lines_is_no_table() {
        let mut rules = Rules::default();
        for index in 0..MOST + 10 {
            rules.add(Rect::between((0.0, index as f32), (100.0, index as f32)));
        }
        assert!(rules.grids().is_empty());
    }
}
