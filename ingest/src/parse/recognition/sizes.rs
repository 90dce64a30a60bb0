//! How large type is: the space that each character takes tells better than the height of a box, which depends on what
//! stands in it.

use super::order::median;
use crate::clean::display_width;
use crate::recognize::TextLine;

/// From this many Han, or twice as many Latin letters, on the space of a character is known.
const FEWEST: usize = 8;

/// Part of a box's height that is type, and its height that is blank at both ends of a line together.
const TYPE: f32 = 0.75;
const ENDS: f32 = 0.5;

/// Type within these bounds around that of the body is body.
const BODY: std::ops::Range<f32> = 0.78..1.28;

/// The sizes of a page's lines.
pub(super) struct Sizes {
    types: Vec<f32>,
    heights: Vec<f32>,
    body: f32,
    body_height: f32,
}

impl Sizes {
    /// From the lines and the heights of their boxes.
    pub(super) fn measure(lines: &[TextLine], heights: Vec<f32>) -> Self {
        let sizes: Vec<f32> = lines
            .iter()
            .zip(&heights)
            .map(|(line, &height)| size(line, height))
            .collect();
        // Each character counts, so that headings and labels do not.
        let weighed = |values: &[f32]| {
            median(lines.iter().zip(values).flat_map(|(line, &value)| {
                std::iter::repeat_n(value, display_width(&line.text).min(400))
            }))
        };
        Self {
            body: weighed(&sizes),
            body_height: weighed(&heights),
            types: sizes,
            heights,
        }
    }

    /// The size of a row with these lines. Only what differs in both measures differs.
    pub(super) fn of(&self, members: &[usize]) -> f32 {
        let middle = |values: &[f32]| median(members.iter().map(|&index| values[index]));
        let size = middle(&self.types);
        let taller = middle(&self.heights) / self.body_height;
        let ratio = size / self.body;
        let differs = !BODY.contains(&ratio) && (ratio > 1.0) == (taller > 1.0);
        if differs { size } else { self.body }
    }
}

fn size(line: &TextLine, height: f32) -> f32 {
    let [start, end, ..] = line.corners;
    let length = (end.x - start.x).hypot(end.y - start.y) - height * ENDS;
    let width = display_width(&line.text);
    if width < FEWEST || length <= 0.0 {
        return height * TYPE;
    }
    length * 2.0 / width as f32
}
