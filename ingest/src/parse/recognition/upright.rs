//! Which way up a page is: its text tells, in quarters of a circle and in the few degrees of a sheet laid down askew.

use std::f32::consts::FRAC_PI_2;

use super::order::Place;
use crate::recognize::{Corner, Picture, TextLine};

/// How the text of a picture runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Direction {
    /// Quarters of a circle, clockwise, by which the text is turned: 1 is text that runs down the page.
    pub(super) quarters: u8,
    /// What is left of its slope, in radians; above zero where lines sink to the right.
    pub(super) skew: f32,
}

/// The direction of most of the text; long lines count more, and short ones do not tell.
pub(super) fn direction(lines: &[TextLine]) -> Direction {
    let slopes: Vec<(u8, f32, f32)> = lines
        .iter()
        .filter_map(|line| {
            let (length, angle) = run(line);
            let (height, _) = edge(line.corners[0], line.corners[3]);
            let quarters = (angle / FRAC_PI_2).round();
            let weight = length * line.confidence;
            (length > height * 1.8 && weight.is_finite() && angle.is_finite()).then(|| {
                let turns = (quarters as i32).rem_euclid(4) as u8;
                (turns, angle - quarters * FRAC_PI_2, weight)
            })
        })
        .collect();
    let votes = |quarters: u8| -> f32 {
        let of_them = slopes.iter().filter(|slope| slope.0 == quarters);
        of_them.map(|slope| slope.2).sum()
    };
    let quarters = (0..4)
        .max_by(|&one, &other| votes(one).total_cmp(&votes(other)).then(other.cmp(&one)))
        .unwrap_or(0);
    let mut along: Vec<(f32, f32)> = slopes
        .iter()
        .filter(|slope| slope.0 == quarters)
        .map(|slope| (slope.1, slope.2))
        .collect();
    along.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = along.iter().map(|slope| slope.1).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    let skew = along
        .iter()
        .find(|slope| {
            sum += slope.1;
            sum >= half
        })
        .map_or(0.0, |slope| slope.0);
    Direction { quarters, skew }
}

/// Length and angle of the way that a line is read.
fn run(line: &TextLine) -> (f32, f32) {
    edge(line.corners[0], line.corners[1])
}

fn edge(from: Corner, to: Corner) -> (f32, f32) {
    let (x, y) = (to.x - from.x, to.y - from.y);
    (x.hypot(y), y.atan2(x))
}

/// The box around a line, and its height across the text, once the page is turned upright and straight.
pub(super) fn place(line: &TextLine, direction: Direction, picture: &Picture) -> (Place, f32) {
    let corners = line
        .corners
        .map(|corner| straighten(upright(corner, direction.quarters, picture), direction.skew));
    let least = |of: fn(&Corner) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min);
    let most = |of: fn(&Corner) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
    let place = Place {
        left: least(|corner| corner.x),
        top: least(|corner| corner.y),
        right: most(|corner| corner.x),
        bottom: most(|corner| corner.y),
    };
    (place, edge(line.corners[0], line.corners[3]).0)
}

/// Where a corner comes to lie when the picture is turned so that text turned by `quarters` stands upright.
fn upright(corner: Corner, quarters: u8, picture: &Picture) -> Corner {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let Corner { x, y } = corner;
    match quarters % 4 {
        0 => corner,
        1 => Corner { x: y, y: width - x },
        2 => Corner {
            x: width - x,
            y: height - y,
        },
        _ => Corner {
            x: height - y,
            y: x,
        },
    }
}

fn straighten(corner: Corner, skew: f32) -> Corner {
    let (sine, cosine) = (-skew).sin_cos();
    Corner {
        x: corner.x * cosine - corner.y * sine,
        y: corner.x * sine + corner.y * cosine,
    }
}

/// A corner found in a picture that had been turned clockwise by `quarters`, in the picture as it was.
pub(super) fn turned_back(corner: Corner, quarters: u8, picture: &Picture) -> Corner {
    // Turning clockwise is what text turned the other way needs to stand upright, so the way back is its inverse.
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let Corner { x, y } = corner;
    match quarters % 4 {
        0 => corner,
        1 => Corner {
            x: y,
            y: height - x,
        },
        2 => Corner {
            x: width - x,
            y: height - y,
        },
        _ => Corner { x: width - y, y: x },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A line of 200 by 20 pixels that begins at `x`, `y` and runs at an angle.
    fn line(x: f32, y: f32, angle: f32) -> TextLine {
        let (sine, cosine) = angle.sin_cos();
        let at = |along: f32, down: f32| Corner {
            x: x + along * cosine - down * sine,
            y: y + along * sine + down * cosine,
        };
        TextLine {
            text: "line".to_owned(),
            confidence: 0.9,
            corners: [at(0.0, 0.0), at(200.0, 0.0), at(200.0, 20.0), at(0.0, 20.0)],
        }
    }

    fn white(width: u32, height: u32) -> Picture {
        Picture::new(width, height, vec![255; (width * height * 3) as usize]).expect("fits")
    }

    #[test]
    fn lines_on_a_sheet_askew_become_level() {
        let lines: Vec<TextLine> = (0..6)
            .map(|number| line(20.0, 40.0 * number as f32, 0.04))
            .collect();
        let direction = direction(&lines);
        assert_eq!(direction.quarters, 0);
        assert!((direction.skew - 0.04).abs() < 1e-3);
        let (place, height) = place(&lines[3], direction, &white(400, 400));
        assert!((place.height() - 20.0).abs() < 0.5 && (height - 20.0).abs() < 0.5);
    }

    proptest! {
        #[test]
        fn turned_pages_are_recognized_and_put_upright(quarters in 0_u8..4, skew in -0.1_f32..0.1, x in 0_f32..300.0, y in 0_f32..300.0) {
            let angle = f32::from(quarters) * FRAC_PI_2 + skew;
            let lines = [line(x, y, angle)];
            let found = direction(&lines);
            prop_assert_eq!(found.quarters, quarters);
            let (place, _) = place(&lines[0], found, &white(500, 700));
            prop_assert!((place.right - place.left - 200.0).abs() < 1.0);
            prop_assert!((place.height() - 20.0).abs() < 1.0);
        }

        #[test]
        fn a_corner_of_a_turned_picture_finds_its_way_back(quarters in 0_u8..4, x in 0_f32..500.0, y in 0_f32..700.0) {
            let picture = white(500, 700);
            let corner = Corner { x, y };
            // Text turned by three quarters stands upright once the picture is turned by one.
            let there = upright(corner, (4 - quarters) % 4, &picture);
            let back = turned_back(there, quarters, &picture);
            prop_assert!((back.x - x).abs() < 1e-3 && (back.y - y).abs() < 1e-3);
        }
    }
}
