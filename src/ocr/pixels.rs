//! Pictures made larger, smaller or cut out, and turned into the numbers that models take.

use wenyuan_ingest::{Corner, Picture};

/// What is cut out has between so many rows. Readers see 48 of it; fewer would be blurred twice.
const LEAST_ROWS: f32 = 48.0;
const MOST_ROWS: f32 = 144.0;

/// Longest line that is cut out, as a multiple of its height; longer ones are squeezed.
const MOST_RATIO: f32 = 100.0;

/// How much each pixel of one row or column takes of which pixels of the old one.
struct Shares {
    first: usize,
    shares: Vec<f32>,
}

/// A picture of another size. Each new pixel is the weighted mean of the old ones around its place, so that fine lines
/// do not vanish when it becomes smaller.
pub(super) fn resize(picture: &Picture, width: u32, height: u32) -> Picture {
    let (old_width, old_height) = (picture.width() as usize, picture.height() as usize);
    let (width, height) = (width.max(1) as usize, height.max(1) as usize);
    if (width, height) == (old_width, old_height) {
        return picture.clone();
    }
    let across = shares(old_width, width);
    let mut narrow = Vec::with_capacity(width * old_height * 3);
    for row in picture.pixels().chunks_exact(old_width * 3) {
        for Shares { first, shares } in &across {
            let mut sum = [0.5_f32; 3];
            let taken = row[first * 3..].as_chunks::<3>().0;
            for (share, pixel) in shares.iter().zip(taken) {
                for (sum, &part) in sum.iter_mut().zip(pixel) {
                    *sum += share * f32::from(part);
                }
            }
            narrow.extend(sum.map(|part| part as u8));
        }
    }
    let mut pixels = Vec::with_capacity(width * height * 3);
    let mut sums = vec![0.0_f32; width * 3];
    for Shares { first, shares } in shares(old_height, height) {
        sums.fill(0.5);
        let rows = narrow[first * width * 3..].chunks_exact(width * 3);
        for (share, row) in shares.iter().zip(rows) {
            for (sum, &part) in sums.iter_mut().zip(row) {
                *sum += share * f32::from(part);
            }
        }
        pixels.extend(sums.iter().map(|&part| part as u8));
    }
    // The numbers fit by construction; the old picture is a harmless answer if they ever did not.
    Picture::new(width as u32, height as u32, pixels).unwrap_or_else(|| picture.clone())
}

fn shares(old: usize, new: usize) -> Vec<Shares> {
    let scale = old as f32 / new as f32;
    let reach = scale.max(1.0);
    (0..new)
        .map(|at| {
            let middle = (at as f32 + 0.5) * scale - 0.5;
            let first = ((middle - reach).ceil().max(0.0) as usize).min(old - 1);
            let last = ((middle + reach).floor().max(0.0) as usize).clamp(first, old - 1);
            let mut shares: Vec<f32> = (first..=last)
                .map(|from| (1.0 - (from as f32 - middle).abs() / reach).max(0.0))
                .collect();
            let sum: f32 = shares.iter().sum();
            if sum > 0.0 {
                for share in &mut shares {
                    *share /= sum;
                }
            } else {
                shares.fill(1.0 / (last - first + 1) as f32);
            }
            Shares { first, shares }
        })
        .collect()
}

/// What lies between four corners, as the one who reads it sees it. Beyond the picture its edge goes on.
pub(super) fn cut_out(picture: &Picture, corners: &[Corner; 4]) -> Picture {
    let [start, end, _, below] = *corners;
    let side = |to: Corner| (to.x - start.x).hypot(to.y - start.y).max(1.0);
    let (along, down) = (side(end), side(below));
    let rows = down.round().clamp(LEAST_ROWS, MOST_ROWS);
    let columns = (along * rows / down).round().clamp(1.0, rows * MOST_RATIO);
    let step = |to: Corner, steps: f32| ((to.x - start.x) / steps, (to.y - start.y) / steps);
    let (right, lower) = (step(end, columns), step(below, rows));
    let (columns, rows) = (columns as usize, rows as usize);
    let mut pixels = Vec::with_capacity(columns * rows * 3);
    for row in 0..rows {
        for column in 0..columns {
            let (u, v) = (column as f32 + 0.5, row as f32 + 0.5);
            let x = start.x + u * right.0 + v * lower.0 - 0.5;
            let y = start.y + u * right.1 + v * lower.1 - 0.5;
            pixels.extend(sample(picture, x, y));
        }
    }
    Picture::new(columns as u32, rows as u32, pixels).unwrap_or_else(|| picture.clone())
}

/// The colour at a place between pixels, from the sixteen around it: four would blur fine strokes.
fn sample(picture: &Picture, x: f32, y: f32) -> [u8; 3] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (across, columns) = taps(x, width);
    let (down, rows) = taps(y, height);
    let pixels = picture.pixels();
    let mut sum = [0.5_f32; 3];
    for (row, part_y) in rows.into_iter().zip(down) {
        for (column, part_x) in columns.into_iter().zip(across) {
            let at = (row * width + column) * 3;
            let share = part_x * part_y;
            for (sum, &part) in sum.iter_mut().zip(&pixels[at..at + 3]) {
                *sum += share * f32::from(part);
            }
        }
    }
    sum.map(|part| part.clamp(0.0, 255.0) as u8)
}

/// Shares of the four pixels around a place on a line of this length, and which they are. The edges go on.
fn taps(at: f32, length: usize) -> ([f32; 4], [usize; 4]) {
    let last = (length - 1) as f32;
    let at = at.clamp(0.0, last);
    let before = at.floor();
    let part = at - before;
    // Cubic convolution with the parameter -3/4.
    let far = |distance: f32| -0.75 * (((distance - 5.0) * distance + 8.0) * distance - 4.0);
    let near = |distance: f32| (1.25 * distance - 2.25) * distance * distance + 1.0;
    let shares = [
        far(part + 1.0),
        near(part),
        near(1.0 - part),
        far(2.0 - part),
    ];
    let index = |offset: f32| (before + offset).clamp(0.0, last) as usize;
    (shares, [index(-1.0), index(0.0), index(1.0), index(2.0)])
}

/// How the numbers of a colour become those that a model was trained on.
#[derive(Clone, Copy)]
pub(super) struct Scaling {
    pub(super) mean: [f32; 3],
    pub(super) deviation: [f32; 3],
}

impl Scaling {
    /// From -1 to 1. The model that finds lines was trained with more contrast, and yet finds single characters more
    /// surely with this.
    pub(super) const HALF: Self = Self {
        mean: [0.5; 3],
        deviation: [0.5; 3],
    };
}

/// Writes a picture into the planes of an array of `width` by `height`, from column and row `offset` on; where `fill`,
/// its edges go on beyond it. Blue comes first: the models were trained on pictures as OpenCV loads them.
pub(super) fn write_planes(
    picture: &Picture,
    into: &mut [f32],
    (width, height): (usize, usize),
    scaling: Scaling,
    offset: usize,
    fill: bool,
) {
    let (columns, rows) = (picture.width() as usize, picture.height() as usize);
    let (pixels, plane) = (picture.pixels(), width * height);
    let (across, down) = if fill {
        (width, height)
    } else {
        (columns.min(width), rows.min(height))
    };
    for part in 0..3 {
        let (mean, deviation) = (scaling.mean[part], scaling.deviation[part]);
        for y in 0..down {
            let from = y.saturating_sub(offset).min(rows - 1) * columns;
            let row = &mut into[part * plane + y * width..][..across];
            for (x, value) in row.iter_mut().enumerate() {
                let at = from + x.saturating_sub(offset).min(columns - 1);
                *value = (f32::from(pixels[at * 3 + 2 - part]) / 255.0 - mean) / deviation;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(width: u32, height: u32, of: impl Fn(u32, u32) -> u8) -> Picture {
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                pixels.extend([of(x, y); 3]);
            }
        }
        Picture::new(width, height, pixels).expect("fits")
    }

    #[test]
    fn a_fine_line_is_still_seen_in_a_smaller_picture() {
        let lined = picture(400, 400, |x, _| if x == 200 { 0 } else { 255 });
        let small = resize(&lined, 100, 100);
        assert!(small.pixels().iter().any(|&part| part < 230));
    }

    #[test]
    fn a_box_on_its_side_is_cut_out_upright() {
        // Dark at the top, light at the bottom; read by one who looks from the right, it is dark at the left.
        let shaded = picture(20, 40, |_, y| (y * 6) as u8);
        let corner = |x, y| Corner { x, y };
        let turned = [
            corner(20.0, 0.0),
            corner(20.0, 40.0),
            corner(0.0, 40.0),
            corner(0.0, 0.0),
        ];
        let cut = cut_out(&shaded, &turned);
        assert_eq!((cut.width(), cut.height()), (96, 48));
        assert!(cut.pixels()[0] < 10 && cut.pixels()[95 * 3] > 200);
    }

    proptest! {
        #[test]
        fn a_plain_picture_stays_plain(width in 1_u32..60, height in 1_u32..60, new_width in 1_u32..90, new_height in 1_u32..90, shade: u8) {
            let plain = picture(width, height, |_, _| shade);
            let resized = resize(&plain, new_width, new_height);
            prop_assert_eq!((resized.width(), resized.height()), (new_width, new_height));
            prop_assert!(resized.pixels().iter().all(|&part| part.abs_diff(shade) <= 1));
        }

        #[test]
        fn any_corners_can_be_cut_out(coordinates in proptest::collection::vec(-500_f32..500.0, 8)) {
            let plain = picture(9, 7, |x, _| x as u8);
            let at = |index: usize| Corner { x: coordinates[index * 2], y: coordinates[index * 2 + 1] };
            let cut = cut_out(&plain, &[at(0), at(1), at(2), at(3)]);
            prop_assert!(cut.height() <= 144 && cut.width() <= 144 * 100);
        }
    }
}
