//! Finds lines of text: the whole picture at a size that the model sees well, and in strips where letters are small.

use wenyuan_ingest::{Picture, RecognizeError};

use super::network::Network;
use super::pixels::{Scaling, resize, write_planes};
use super::regions::{self, Region};

/// Most pixels that a picture is seen with.
const MOST_PIXELS: f32 = 1.8e6;

/// Pixels that the model gets at once, about: some 300 bytes go into each. More are shown in bands, and the maps that come
/// of them are put together before lines are looked for.
const BAND_PIXELS: usize = 400_000;

/// Rows of its neighbours that a band is shown with, and that its map is not taken from.
const AROUND: u32 = 48;

/// Small pictures are made larger, up to this length.
const LONG_SIDE: f32 = 1280.0;

/// How many times a small picture may grow.
const MOST_GROWTH: f32 = 2.5;

/// Sides that the model takes are multiples of this.
const STEP: usize = 32;

/// Pixels around the picture: what touches an edge is found less well.
const MARGIN: usize = 16;

/// Boxes lower than this, in pixels that the model sees, hold letters too small to be told apart reliably.
const SMALL: f32 = 17.0;

/// What such boxes should have.
const COMFORTABLE: f32 = 26.0;

/// Most strips that a picture is looked at in.
const MOST_STRIPS: u32 = 8;

pub(super) struct Detector {
    network: Network,
}

impl Detector {
    pub(super) const fn new(network: Network) -> Self {
        Self { network }
    }

    /// Boxes around the lines, in pixels of the picture, from the top.
    pub(super) fn find(&mut self, picture: &Picture) -> Result<Vec<Region>, RecognizeError> {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let bound = (MOST_PIXELS / (width * height)).sqrt();
        let wanted = (LONG_SIDE / width.max(height)).clamp(1.0, MOST_GROWTH);
        let scale = wanted.min(bound);
        let whole = self.find_at(picture, scale)?;
        let thickness = usual_thickness(&whole) * scale;
        if scale >= 1.0 || whole.is_empty() || thickness >= SMALL {
            return Ok(whole);
        }
        let finer = (scale * COMFORTABLE / thickness).min(1.0);
        let finer = self.find_in_strips(picture, finer)?;
        Ok(if finer.len() >= whole.len() {
            finer
        } else {
            whole
        })
    }

    /// Looks at the picture from top to bottom, a part at a time. The parts overlap, and each gives the boxes whose
    /// middle is its own.
    fn find_in_strips(
        &mut self,
        picture: &Picture,
        scale: f32,
    ) -> Result<Vec<Region>, RecognizeError> {
        let (width, height) = (picture.width(), picture.height());
        let least = height.div_ceil(MOST_STRIPS);
        // A picture so wide that its strips would be too low is seen a little less finely.
        let scale = scale.min((MOST_PIXELS / (width as f32 * least as f32 * 1.3)).sqrt());
        let rows = MOST_PIXELS / (width as f32 * scale * scale);
        let strips = ((height as f32 * 1.2 / rows).ceil() as u32).clamp(1, MOST_STRIPS);
        let own = height.div_ceil(strips);
        let overlap = own / 10;
        let mut found = Vec::new();
        for strip in 0..strips {
            let (from, to) = (strip * own, ((strip + 1) * own).min(height));
            let (top, bottom) = (from.saturating_sub(overlap), (to + overlap).min(height));
            let Some(part) = rows_of(picture, top, bottom) else {
                continue;
            };
            let regions = self.find_at(&part, scale)?;
            found.extend(regions.into_iter().filter_map(|mut region| {
                region.middle.1 += top as f32;
                let middle = region.middle.1;
                let is_own = (middle >= from as f32 || strip == 0)
                    && (middle < to as f32 || strip + 1 == strips);
                is_own.then_some(region)
            }));
        }
        Ok(found)
    }

    /// How likely each pixel belongs to the middle of a line, for the picture with a margin around it.
    fn map(&mut self, seen: &Picture, columns: usize) -> Result<Vec<f32>, RecognizeError> {
        let height = seen.height();
        let bands = bands(height, columns);
        if bands.len() == 1 {
            return self.map_of(seen, columns);
        }
        let mut whole = Vec::with_capacity(padded(height) * columns);
        for (from, to) in bands {
            let (top, bottom) = (from.saturating_sub(AROUND), (to + AROUND).min(height));
            let part = rows_of(seen, top, bottom);
            let part = part.ok_or_else(|| self.network.error("a picture lacks rows"))?;
            let map = self.map_of(&part, columns)?;
            // The margin belongs to the first band and to the last.
            let row = |at: u32| (at - top) as usize + MARGIN;
            let first = if from == 0 { 0 } else { row(from) };
            let end = if to == height {
                row(to) + MARGIN
            } else {
                row(to)
            };
            let own = map.get(first * columns..end * columns);
            whole.extend(own.unwrap_or_default());
        }
        Ok(whole)
    }

    /// The same, by one run of the model.
    fn map_of(&mut self, seen: &Picture, columns: usize) -> Result<Vec<f32>, RecognizeError> {
        let rows = padded(seen.height());
        let mut values = vec![0.0; 3 * columns * rows];
        write_planes(
            seen,
            &mut values,
            (columns, rows),
            Scaling::HALF,
            MARGIN,
            true,
        );
        self.network
            .run([1, 3, rows, columns], values, |shape, map| {
                (shape == [1, 1, rows, columns]).then(|| map.to_vec())
            })
    }

    /// Boxes found when the picture is seen so many times its size, in pixels of the picture.
    fn find_at(&mut self, picture: &Picture, scale: f32) -> Result<Vec<Region>, RecognizeError> {
        let scaled = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let (width, height) = (scaled(picture.width()), scaled(picture.height()));
        let seen = resize(picture, width, height);
        let columns = padded(width);
        let map = self.map(&seen, columns)?;
        drop(seen);
        let regions = regions::find(&map, columns);
        let (across, down) = (
            picture.width() as f32 / width as f32,
            picture.height() as f32 / height as f32,
        );
        let margin = MARGIN as f32;
        Ok(regions
            .into_iter()
            .map(|region| Region {
                middle: (
                    (region.middle.0 - margin + 0.5) * across,
                    (region.middle.1 - margin + 0.5) * down,
                ),
                width: region.width * across,
                height: region.height * down,
                ..region
            })
            .filter(|region| {
                let inside = |at: f32, size: u32| at > 0.0 && at < size as f32;
                inside(region.middle.0, picture.width())
                    && inside(region.middle.1, picture.height())
            })
            .collect())
    }
}

/// The side of a picture as the model takes it.
const fn padded(side: u32) -> usize {
    (side as usize + 2 * MARGIN).next_multiple_of(STEP)
}

/// The bands that a picture of this height is shown in: the rows that are each one's own, from the top.
fn bands(height: u32, columns: usize) -> Vec<(u32, u32)> {
    if padded(height) * columns <= BAND_PIXELS * 3 / 2 {
        return vec![(0, height)];
    }
    let most = ((BAND_PIXELS / columns) as u32).saturating_sub(2 * AROUND);
    let count = height.div_ceil(most.max(2 * AROUND));
    let own = height.div_ceil(count);
    (0..count)
        .map(|band| (band * own, ((band + 1) * own).min(height)))
        .filter(|(from, to)| from < to)
        .collect()
}

/// The middle one of the boxes' shorter sides.
fn usual_thickness(regions: &[Region]) -> f32 {
    let mut sides: Vec<f32> = regions.iter().map(Region::thickness).collect();
    sides.sort_by(f32::total_cmp);
    sides.get(sides.len() / 2).copied().unwrap_or(0.0)
}

/// The picture from one row to another; nothing if it has not so many.
fn rows_of(picture: &Picture, top: u32, bottom: u32) -> Option<Picture> {
    let row = picture.width() as usize * 3;
    let pixels = picture
        .pixels()
        .get(top as usize * row..bottom as usize * row)?;
    Picture::new(picture.width(), bottom - top, pixels.to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bands_follow_each_other_from_the_first_row_to_the_last(height in 1_u32..6_000, columns in 1_usize..180) {
            let columns = columns * STEP;
            let bands = bands(height, columns);
            prop_assert_eq!(bands.first().map(|band| band.0), Some(0));
            prop_assert_eq!(bands.last().map(|band| band.1), Some(height));
            prop_assert!(bands.windows(2).all(|pair| pair[0].1 == pair[1].0));
        }
    }
}
