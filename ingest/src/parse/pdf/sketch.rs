//! A page as it was drawn: pieces of text and ruling lines, each with its place, before anything is ordered.

use super::frame::{Frame, Rect, Turn};
use super::rules::{Grid, Rules};
use crate::clean::is_cjk;

/// A gap this wide, in type sizes, parts two pieces of text.
const SPLIT: f32 = 0.9;

/// One character with its place in the file's coordinates.
#[derive(Clone, Copy)]
pub(super) struct Glyph<'t> {
    /// What it says; a ligature may be several characters.
    pub(super) text: &'t str,
    /// Where its baseline begins.
    pub(super) origin: (f64, f64),
    /// The way its baseline runs.
    pub(super) direction: (f64, f64),
    /// How far it moves on, in points.
    pub(super) advance: f64,
    /// Type size in points.
    pub(super) size: f64,
}

/// A piece of text without wide gaps on one baseline, in the coordinates of its turn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) right: f32,
    /// Distance of the baseline from the top.
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) turn: Turn,
    /// Number in the order of drawing.
    pub(super) order: u32,
    /// The ruled table that stands here in place of text.
    pub(super) grid: Option<usize>,
}

impl Segment {
    /// The rectangle that it fills, in the coordinates of its turn.
    pub(super) fn rect(&self) -> Rect {
        Rect {
            left: self.left,
            top: self.baseline - self.size * 0.85,
            right: self.right,
            bottom: self.baseline + self.size * 0.22,
        }
    }
}

/// What one page holds.
#[derive(Debug)]
pub(super) struct Sketch {
    pub(super) number: u32,
    pub(super) frame: Frame,
    /// In the order of drawing.
    pub(super) segments: Vec<Segment>,
    /// Tables drawn with lines, in the coordinates of upright text.
    pub(super) grids: Vec<Grid>,
    /// Whether the order has to be found from the places; if not, it is that of the segments.
    pub(super) unordered: bool,
    /// Whether the places can be trusted.
    pub(super) placed: bool,
    /// Texts without a place on the page, such as comments.
    pub(super) notes: Vec<String>,
    /// What each segment fills of the page as shown, by its number, where the page was read by text recognition; its
    /// segments are whole rows then.
    pub(super) scan: Vec<Rect>,
}

impl Sketch {
    /// A page without anything on it.
    pub(super) fn empty(number: u32, frame: Frame) -> Self {
        Self {
            number,
            frame,
            segments: Vec::new(),
            grids: Vec::new(),
            unordered: true,
            placed: true,
            notes: Vec::new(),
            scan: Vec::new(),
        }
    }

    /// The way most of its text runs.
    pub(super) fn main_turn(&self) -> Turn {
        let weight = |turn: &Turn| -> usize {
            let own = self.segments.iter().filter(|one| one.turn == *turn);
            own.map(|segment| segment.text.len()).sum()
        };
        Turn::ALL
            .into_iter()
            .rev()
            .max_by_key(weight)
            .unwrap_or(Turn::Right)
    }

    /// All of its text, piece by piece.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.segments
            .iter()
            .map(|segment| segment.text.as_str())
            .chain(self.notes.iter().map(String::as_str))
    }
}

/// Puts glyphs together to a sketch.
pub(super) struct Sketcher {
    sketch: Sketch,
    open: Option<Open>,
    rules: Rules,
    /// Where each character of each segment begins, as its byte and its place.
    marks: Vec<Vec<(u32, f32)>>,
}

/// The segment that is being written.
struct Open {
    segment: Segment,
    direction: (f32, f32),
    marks: Vec<(u32, f32)>,
    last: char,
    last_start: f32,
    last_end: f32,
    last_baseline: f32,
    last_size: f32,
    /// Whether a blank was drawn since.
    blank: bool,
}

impl Sketcher {
    pub(super) fn new(number: u32, frame: Frame) -> Self {
        Self {
            sketch: Sketch::empty(number, frame),
            open: None,
            rules: Rules::default(),
            marks: Vec::new(),
        }
    }

    /// Draws a ruling line or a box from one corner to the other, in the file's coordinates.
    pub(super) fn rule(&mut self, one: (f64, f64), two: (f64, f64)) {
        let frame = &self.sketch.frame;
        self.rules.add(Rect::between(
            frame.point(one.0, one.1),
            frame.point(two.0, two.1),
        ));
    }

    /// Draws a box, by its outline unless it is as thin as a line.
    pub(super) fn frame_of(&mut self, one: (f64, f64), two: (f64, f64)) {
        let frame = &self.sketch.frame;
        self.rules.outline(Rect::between(
            frame.point(one.0, one.1),
            frame.point(two.0, two.1),
        ));
    }

    /// Draws a glyph.
    pub(super) fn glyph(&mut self, glyph: &Glyph<'_>) {
        let Some(first) = glyph.text.chars().next() else {
            return;
        };
        if glyph.text.chars().all(char::is_whitespace) {
            if let Some(open) = &mut self.open {
                open.blank = true;
            }
            return;
        }
        let frame = self.sketch.frame;
        let (direction, turn) = frame.direction(glyph.direction.0, glyph.direction.1);
        let point = frame.point(glyph.origin.0, glyph.origin.1);
        let (start, baseline) = frame.turned(turn, direction, point);
        let end = start + glyph.advance as f32;
        if ![start, end, baseline]
            .iter()
            .all(|value| value.is_finite() && value.abs() < 1e5)
        {
            return;
        }
        let size = (glyph.size as f32).clamp(0.1, 2_000.0);
        let (left, right) = (start.min(end), start.max(end));
        if let Some(open) = &mut self.open {
            let reference = open.last_size.max(size);
            let aligned = open.segment.turn == turn
                && open.direction.0 * direction.0 + open.direction.1 * direction.1 > 0.9;
            let rise = (baseline - open.last_baseline).abs();
            let gap = start - open.last_end;
            // Bold type is sometimes drawn twice.
            if aligned
                && first == open.last
                && rise < reference * 0.1
                && (start - open.last_start).abs() < reference * 0.15
            {
                return;
            }
            if aligned
                && rise <= reference * 0.5
                && gap > -reference * 1.5
                && gap <= reference * SPLIT
            {
                let both = is_cjk(open.last) && is_cjk(first);
                let blank = open.blank || gap > reference * if both { 0.7 } else { 0.15 };
                open.append(glyph.text, blank);
                open.segment.left = open.segment.left.min(left);
                open.segment.right = open.segment.right.max(right);
                open.moved(first, start, end, baseline, size);
                return;
            }
        }
        self.close();
        let mut open = Open {
            segment: Segment {
                text: String::new(),
                left,
                right,
                baseline,
                size,
                turn,
                order: self.sketch.segments.len() as u32,
                grid: None,
            },
            direction,
            marks: Vec::new(),
            last: first,
            last_start: start,
            last_end: end,
            last_baseline: baseline,
            last_size: size,
            blank: false,
        };
        open.append(glyph.text, false);
        open.moved(first, start, end, baseline, size);
        self.open = Some(open);
    }

    /// The page, with text cut where a table's lines run through it.
    pub(super) fn finish(mut self) -> Sketch {
        self.close();
        self.sketch.grids = self.rules.grids();
        if !self.sketch.grids.is_empty() {
            self.cut_at_grids();
        }
        self.sketch
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.sketch.segments.push(open.segment);
            self.marks.push(open.marks);
        }
    }

    fn cut_at_grids(&mut self) {
        let segments = std::mem::take(&mut self.sketch.segments);
        for (segment, marks) in segments.into_iter().zip(&self.marks) {
            let mut rest = segment;
            let mut from = 0;
            for at in cuts(&rest, &self.sketch.grids) {
                let found = marks
                    .iter()
                    .find(|(byte, start)| *byte as usize > from && *start >= at - rest.size * 0.2);
                let Some(&(byte, start)) = found else { break };
                let tail = rest.text.split_off(byte as usize - from);
                let mut head = Segment {
                    text: tail,
                    left: start,
                    ..rest.clone()
                };
                std::mem::swap(&mut head, &mut rest);
                head.right = at.max(head.left);
                head.text.truncate(head.text.trim_end().len());
                head.order = self.sketch.segments.len() as u32;
                from = byte as usize;
                self.sketch.segments.push(head);
            }
            rest.order = self.sketch.segments.len() as u32;
            self.sketch.segments.push(rest);
        }
    }
}

/// Where vertical lines of tables run through an upright segment, from the left.
fn cuts(segment: &Segment, grids: &[Grid]) -> Vec<f32> {
    if segment.turn != Turn::Right {
        return Vec::new();
    }
    let slack = segment.size * 0.3;
    grids
        .iter()
        .filter(|grid| grid.holds(&segment.rect()))
        .flat_map(|grid| grid.columns.iter().copied())
        .filter(|&at| segment.left + slack < at && at < segment.right - slack)
        .collect()
}

impl Open {
    fn append(&mut self, text: &str, blank: bool) {
        if blank && !self.segment.text.is_empty() {
            self.segment.text.push(' ');
        }
        self.blank = false;
        self.segment.text.push_str(text);
    }

    fn moved(&mut self, first: char, start: f32, end: f32, baseline: f32, size: f32) {
        let bytes = self.segment.text.len() as u32;
        let at = self
            .segment
            .text
            .char_indices()
            .rev()
            .find(|(_, character)| *character == first)
            .map_or(bytes, |(at, _)| at as u32);
        self.marks.push((at, start));
        // The baseline of a line is that of its largest type, whatever is raised or lowered.
        if size > self.segment.size * 1.05 {
            self.segment.size = size;
            self.segment.baseline = baseline;
        }
        (self.last, self.last_start, self.last_end) = (first, start, end);
        (self.last_baseline, self.last_size) = (baseline, size);
    }
}
