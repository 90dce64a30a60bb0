//! The page as a person sees it: rotation and crop box taken into account, origin at the top left, points.

use pdf_extract::{Dictionary, Document, Object, ObjectId};

/// How deep page trees are followed for what a page inherits.
const DEEPEST_TREE: usize = 64;

/// A rectangle; `top` is less than `bottom`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Rect {
    /// The smallest rectangle around both.
    pub(super) fn around(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The rectangle between two corners.
    pub(super) fn between(one: (f32, f32), two: (f32, f32)) -> Self {
        Self {
            left: one.0.min(two.0),
            top: one.1.min(two.1),
            right: one.0.max(two.0),
            bottom: one.1.max(two.1),
        }
    }
}

/// Which way text runs on the page as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// To the right, as usual.
    Right,
    /// Upwards.
    Up,
    /// Downwards.
    Down,
    /// Upside down.
    Left,
    /// At another angle, like a watermark.
    Skew,
}

impl Turn {
    pub(super) const ALL: [Self; 5] = [Self::Right, Self::Up, Self::Down, Self::Left, Self::Skew];

    /// The turn of a direction on the page, y growing downwards.
    fn of(direction: (f32, f32)) -> Self {
        const NEAR: f32 = 0.985;
        match direction {
            (x, _) if x > NEAR => Self::Right,
            (x, _) if x < -NEAR => Self::Left,
            (_, y) if y < -NEAR => Self::Up,
            (_, y) if y > NEAR => Self::Down,
            _ => Self::Skew,
        }
    }
}

/// Turns the coordinates of a PDF page into those of the page as shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Width as shown.
    pub(super) width: f32,
    /// Height as shown.
    pub(super) height: f32,
    /// `x' = a x + c y + e`, `y' = b x + d y + f`.
    matrix: [f64; 6],
}

impl Frame {
    /// A frame for a visible box (left, bottom, right, top, in the file's coordinates) and a clockwise turn in degrees.
    pub(super) fn new(visible: [f64; 4], degrees: i64) -> Self {
        let [x0, y0, x1, y1] = visible;
        let (width, height) = (x1 - x0, y1 - y0);
        let (matrix, size) = match degrees.rem_euclid(360) {
            90 => ([0.0, 1.0, 1.0, 0.0, -y0, -x0], (height, width)),
            180 => ([-1.0, 0.0, 0.0, 1.0, x1, -y0], (width, height)),
            270 => ([0.0, -1.0, -1.0, 0.0, y1, x1], (height, width)),
            _ => ([1.0, 0.0, 0.0, -1.0, -x0, y1], (width, height)),
        };
        Self {
            width: size.0 as f32,
            height: size.1 as f32,
            matrix,
        }
    }

    /// The frame of a page; A4 where the file says nothing sensible.
    pub(super) fn of_page(document: &Document, page: ObjectId) -> Self {
        let media = inherited(document, page, b"MediaBox")
            .and_then(|object| rectangle(document, object))
            .unwrap_or([0.0, 0.0, 595.0, 842.0]);
        let crop = inherited(document, page, b"CropBox")
            .and_then(|object| rectangle(document, object))
            .map(|crop| {
                [
                    crop[0].max(media[0]),
                    crop[1].max(media[1]),
                    crop[2].min(media[2]),
                    crop[3].min(media[3]),
                ]
            })
            .filter(|visible| visible[2] - visible[0] > 1.0 && visible[3] - visible[1] > 1.0);
        let degrees = inherited(document, page, b"Rotate")
            .and_then(|object| object.as_i64().ok())
            .unwrap_or(0);
        Self::new(crop.unwrap_or(media), degrees)
    }

    /// A point of the file's coordinates on the page as shown.
    pub(super) fn point(&self, x: f64, y: f64) -> (f32, f32) {
        let matrix = &self.matrix;
        (
            (matrix[0] * x + matrix[2] * y + matrix[4]) as f32,
            (matrix[1] * x + matrix[3] * y + matrix[5]) as f32,
        )
    }

    /// A direction of the file's coordinates on the page as shown, and its turn.
    pub(super) fn direction(&self, x: f64, y: f64) -> ((f32, f32), Turn) {
        let matrix = &self.matrix;
        let length = x.hypot(y).max(1e-9);
        let shown = (
            ((matrix[0] * x + matrix[2] * y) / length) as f32,
            ((matrix[1] * x + matrix[3] * y) / length) as f32,
        );
        (shown, Turn::of(shown))
    }

    /// A point of the page as a reader sees it who turns the page until text of this turn runs to the right.
    pub(super) fn turned(
        &self,
        turn: Turn,
        direction: (f32, f32),
        (x, y): (f32, f32),
    ) -> (f32, f32) {
        match turn {
            Turn::Right => (x, y),
            Turn::Up => (self.height - y, x),
            Turn::Down => (y, self.width - x),
            Turn::Left => (self.width - x, self.height - y),
            Turn::Skew => (
                x * direction.0 + y * direction.1,
                y * direction.0 - x * direction.1,
            ),
        }
    }

    /// The rectangle of the page that lies under one of the turned page; none at odd angles.
    pub(super) fn unturned(&self, turn: Turn, rect: Rect) -> Option<Rect> {
        let corner = |u: f32, v: f32| match turn {
            Turn::Right | Turn::Skew => (u, v),
            Turn::Up => (v, self.height - u),
            Turn::Down => (self.width - v, u),
            Turn::Left => (self.width - u, self.height - v),
        };
        (turn != Turn::Skew)
            .then(|| Rect::between(corner(rect.left, rect.top), corner(rect.right, rect.bottom)))
    }
}

/// What a page has or inherits under a name.
pub(super) fn inherited<'a>(
    document: &'a Document,
    page: ObjectId,
    name: &[u8],
) -> Option<&'a Object> {
    let mut dictionary: &Dictionary = document.get_dictionary(page).ok()?;
    for _ in 0..DEEPEST_TREE {
        if let Ok(object) = dictionary.get(name) {
            return resolved(document, object);
        }
        let parent = dictionary.get(b"Parent").ok()?;
        dictionary = resolved(document, parent)?.as_dict().ok()?;
    }
    None
}

/// What an object is or refers to.
pub(super) fn resolved<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    document.dereference(object).ok().map(|(_, object)| object)
}

/// A rectangle of the file with its corners in order.
pub(super) fn rectangle(document: &Document, object: &Object) -> Option<[f64; 4]> {
    let corners = resolved(document, object)?.as_array().ok()?;
    let mut values = [0.0; 4];
    for (value, corner) in values.iter_mut().zip(corners) {
        *value = f64::from(resolved(document, corner)?.as_float().ok()?);
    }
    let [x0, y0, x1, y1] = values;
    let sorted = [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)];
    let sensible = corners.len() >= 4
        && sorted
            .iter()
            .all(|value| value.is_finite() && value.abs() < 1e6)
        && sorted[2] - sorted[0] > 0.1
        && sorted[3] - sorted[1] > 0.1;
    sensible.then_some(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rotation_puts_the_corners_where_a_reader_sees_them() {
        let visible = [10.0, 20.0, 210.0, 320.0];
        for (degrees, size, top_left) in [
            (0, (200.0, 300.0), (10.0, 320.0)),
            (90, (300.0, 200.0), (10.0, 20.0)),
            (180, (200.0, 300.0), (210.0, 20.0)),
            (-90, (300.0, 200.0), (210.0, 320.0)),
        ] {
            let frame = Frame::new(visible, degrees);
            assert_eq!((frame.width, frame.height), size, "{degrees}");
            assert_eq!(frame.point(top_left.0, top_left.1), (0.0, 0.0), "{degrees}");
        }
    }

    #[test]
    fn turning_a_rectangle_and_back_changes_nothing() {
        let frame = Frame::new([0.0, 0.0, 200.0, 300.0], 0);
        for (turn, direction) in [
            (Turn::Right, (1.0, 0.0)),
            (Turn::Up, (0.0, -1.0)),
            (Turn::Down, (0.0, 1.0)),
            (Turn::Left, (-1.0, 0.0)),
        ] {
            let one = frame.turned(turn, direction, (20.0, 30.0));
            let two = frame.turned(turn, direction, (50.0, 90.0));
            let back = frame.unturned(turn, Rect::between(one, two));
            assert_eq!(
                back,
                Some(Rect::between((20.0, 30.0), (50.0, 90.0))),
                "{turn:?}"
            );
            let ahead = frame.turned(
                turn,
                direction,
                (20.0 + direction.0 * 5.0, 30.0 + direction.1 * 5.0),
            );
            assert_eq!((ahead.0 - one.0, ahead.1 - one.1), (5.0, 0.0), "{turn:?}");
        }
    }
}
