//! Pieces of pages for tests.

use super::frame::{Frame, Turn};
use super::sketch::{Segment, Sketch};

/// Ten-point text whose letters are half as wide.
pub(super) fn segment(text: &str, left: f32, baseline: f32) -> Segment {
    Segment {
        text: text.to_owned(),
        left,
        right: left + text.chars().count() as f32 * 5.0,
        baseline,
        size: 10.0,
        turn: Turn::Right,
        order: 0,
        grid: None,
    }
}

/// The same in this order of drawing.
pub(super) fn numbered(mut segments: Vec<Segment>) -> Vec<Segment> {
    for (order, segment) in segments.iter_mut().enumerate() {
        segment.order = order as u32;
    }
    segments
}

/// An A4 page.
pub(super) fn sketch(number: u32, segments: Vec<Segment>) -> Sketch {
    Sketch {
        segments: numbered(segments),
        ..Sketch::empty(number, Frame::new([0.0, 0.0, 595.0, 842.0], 0))
    }
}
