//! Pages without readable text: drawn, and read by text recognition.

use pdfium_render::prelude::{PdfBitmapFormat, PdfDocument, PdfPage, PdfRenderConfig};

use super::frame::{Frame, Rect, Turn};
use super::lines::{self, Geometry, Line};
use super::order::{self, Item, Page};
use super::quality::Quality;
use super::reader::Reader;
use super::sketch::{Segment, Sketch};
use crate::Warning;
use crate::clean::RawBlock;
use crate::parse::recognition::{BETWEEN_CELLS, Recognized};
use crate::recognize::Picture;

/// Resolution at which a page is drawn, in dots per inch; small print has some twenty pixels then.
const RESOLUTION: f32 = 200.0;

/// A page smaller than this on its longer side is drawn finer: its size is then often made up, and its picture is not.
const LONG_SIDE: f32 = 1600.0;

/// Finest resolution, in dots per inch.
const FINEST: f32 = 600.0;

/// Most pixels that a page is drawn with.
const PIXELS: f32 = 8e6;

/// Points of an inch.
const INCH: f32 = 72.0;

/// A page with fewer characters may be a scan with a stamp or a watermark over it.
const FEW: usize = 60;

/// How far above the lower edge of its box type stands, in type sizes.
const DESCENT: f32 = 0.3;

impl<'a, Open: FnMut() -> Option<PdfDocument<'a>>> Reader<'a, '_, '_, Open> {
    /// Reads a page by recognition where its own text says nothing, or so little that a picture is behind it. `Err` has
    /// the rest of the sentence "the page has no text; …".
    pub(super) fn recognize(
        &mut self,
        written: &Sketch,
        verdict: Quality,
    ) -> Result<Sketch, &'static str> {
        const UNREAD: &str = "it may be a picture";
        let (number, characters) = (written.number, count(written));
        if verdict == Quality::Good && characters >= FEW || !self.scanner.recognition.is_there() {
            return Err(UNREAD);
        }
        let pixels = self.scanner.pixels;
        let page = self.opened_second().and_then(|document| {
            let index = i32::try_from(number).ok()? - 1;
            document.pages().get(index).ok()
        });
        let Some(page) = page else {
            return Err(UNREAD);
        };
        if verdict == Quality::Good && !has_large_picture(&page) {
            return Err(UNREAD);
        }
        let Some(picture) = draw(&page, pixels) else {
            return Err("it cannot be drawn for OCR");
        };
        let size = (page.width().value.max(1.0), page.height().value.max(1.0));
        drop(page);
        let read = match self.scanner.recognition.read(&picture) {
            None => return Err(UNREAD),
            Some(Err(error)) => {
                tracing::warn!(page = number, "{error}");
                return Err("OCR broke down on it");
            }
            Some(Ok(read)) => read,
        };
        let found = sketch_of(number, &read, size, size.0 / picture.width() as f32);
        // What the page says itself is better than what can be seen of it.
        let seen = count(&found);
        if seen == 0 || verdict == Quality::Good && seen < characters * 3 {
            return Err("OCR found none");
        }
        self.warnings.push(read_by_ocr(number, &read));
        Ok(found)
    }
}

/// Says that a page was read by recognition, and how sure that is.
pub(in crate::parse) fn read_by_ocr(number: u32, read: &Recognized) -> Warning {
    Warning {
        code: "page_read_by_ocr".to_owned(),
        page: Some(number),
        message: format!("Page {number} was read by OCR, {}% sure.", read.percent()),
    }
}

/// The blocks of pictures that were read, each a page with a number from 1.
pub(in crate::parse) fn blocks(pictures: &[(u32, Recognized)]) -> Vec<RawBlock> {
    let points = INCH / RESOLUTION;
    let mut sketches: Vec<Sketch> = pictures
        .iter()
        .map(|(number, read)| {
            let right = read.rows.iter().map(|row| row.right).fold(1.0, f32::max);
            sketch_of(
                *number,
                read,
                (right * points, read.height * points),
                points,
            )
        })
        .collect();
    settle(&mut sketches);
    super::furniture::remove(&mut sketches);
    let pages: Vec<Page> = sketches.into_iter().map(order::lay_out).collect();
    lines::blocks(&pages)
}

/// Characters of a page, without blanks.
fn count(sketch: &Sketch) -> usize {
    let texts = sketch.texts().flat_map(str::chars);
    texts.filter(|character| !character.is_whitespace()).count()
}

/// What was read as a page of this size in points, each row a segment; a pixel has so many points.
fn sketch_of(number: u32, read: &Recognized, size: (f32, f32), points: f32) -> Sketch {
    let (width, height) = size;
    let frame = Frame::new([0.0, 0.0, f64::from(width), f64::from(height)], 0);
    let mut sketch = Sketch::empty(number, frame);
    sketch.unordered = false;
    for (order, row) in (0..).zip(&read.rows) {
        sketch.segments.push(Segment {
            text: row.text.clone(),
            left: row.left * points,
            right: row.right * points,
            baseline: (row.bottom - row.size * DESCENT) * points,
            size: row.size * points,
            turn: Turn::Right,
            order,
            grid: None,
        });
        let [left, top, right, bottom] = row.bounds;
        sketch.scan.push(Rect {
            left: left * width,
            top: top * height,
            right: right * width,
            bottom: bottom * height,
        });
    }
    sketch
}

/// A page that was read by recognition: its rows are in reading order already.
pub(super) fn lay_out(sketch: Sketch) -> Page {
    let lines = sketch.segments.into_iter().map(|segment| {
        Item::Line(Line {
            row: segment.text.contains(BETWEEN_CELLS),
            note: false,
            geometry: Some(Geometry {
                left: f64::from(segment.left),
                right: f64::from(segment.right),
                baseline: -f64::from(segment.baseline),
                size: f64::from(segment.size),
            }),
            rect: sketch.scan.get(segment.order as usize).copied(),
            text: segment.text,
        })
    });
    Page {
        number: sketch.number,
        frame: sketch.frame,
        items: lines
            .chain(sketch.notes.into_iter().map(order::remark))
            .collect(),
    }
}

/// Gives the body text of all pages that were read by recognition one size, that of the other pages where there are
/// some: sizes measured in pictures differ a little, and headings are known by their size.
pub(super) fn settle(pages: &mut [Sketch]) {
    let is_scanned = |page: &&Sketch| !page.scan.is_empty();
    if !pages.iter().any(|page| is_scanned(&page)) {
        return;
    }
    let written = body_size(pages.iter().filter(|page| !is_scanned(page)));
    let Some(body) = written.or_else(|| body_size(pages.iter())) else {
        return;
    };
    for page in pages.iter_mut().filter(|page| !page.scan.is_empty()) {
        let Some(own) = body_size(std::iter::once(&*page)) else {
            continue;
        };
        let factor = body / own;
        if (0.6..1.7).contains(&factor) {
            for segment in &mut page.segments {
                segment.size *= factor;
            }
        }
    }
}

/// The size in which most characters are set.
fn body_size<'p>(pages: impl Iterator<Item = &'p Sketch>) -> Option<f32> {
    let mut sizes: Vec<(f32, usize)> = pages
        .flat_map(|page| &page.segments)
        .map(|segment| (segment.size, segment.text.chars().count()))
        .filter(|(size, _)| size.is_finite() && *size > 0.0)
        .collect();
    sizes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = sizes.iter().map(|size| size.1).sum::<usize>() / 2;
    let mut sum = 0;
    sizes
        .into_iter()
        .find(|(_, characters)| {
            sum += characters;
            sum > half
        })
        .map(|(size, _)| size)
}

/// Part of a page that a picture with text in it covers at least.
const PICTURE: f32 = 0.04;

/// Whether a picture on the page is large enough for text.
fn has_large_picture(page: &PdfPage<'_>) -> bool {
    use pdfium_render::prelude::{PdfPageObjectCommon, PdfPageObjectsCommon};

    let whole = page.width().value * page.height().value;
    page.objects().iter().take(1000).any(|object| {
        object.as_image_object().is_some()
            && object
                .bounds()
                .is_ok_and(|bounds| bounds.width().value * bounds.height().value > whole * PICTURE)
    })
}

/// Draws a page in black on white; `None` where pdfium cannot.
fn draw(page: &PdfPage<'_>, most: u64) -> Option<Picture> {
    let (width, height) = size_drawn(page.width().value, page.height().value, most);
    let settings = PdfRenderConfig::new()
        .set_fixed_size(width, height)
        .set_format(PdfBitmapFormat::BGR);
    let bitmap = page.render_with_config(&settings).ok()?;
    let (width, height) = (bitmap.width(), bitmap.height());
    let (columns, rows) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    let bytes = bitmap.as_raw_bytes();
    drop(bitmap);
    let stride = bytes.len() / rows.max(1);
    if columns == 0 || stride < columns * 3 {
        return None;
    }
    let mut pixels = Vec::with_capacity(columns * rows * 3);
    for row in bytes.chunks_exact(stride).take(rows) {
        for pixel in row[..columns * 3].as_chunks::<3>().0 {
            pixels.extend([pixel[2], pixel[1], pixel[0]]);
        }
    }
    Picture::new(width as u32, height as u32, pixels)
}

/// Pixels to draw a page of this size in points with.
fn size_drawn(width: f32, height: f32, most: u64) -> (i32, i32) {
    let sane = |points: f32| {
        if points.is_finite() {
            points.clamp(1.0, 20_000.0)
        } else {
            1.0
        }
    };
    let (width, height) = (sane(width), sane(height));
    let wanted = (RESOLUTION / INCH).max((LONG_SIDE / width.max(height)).min(FINEST / INCH));
    let bound = (PIXELS.min(most as f32) / (width * height)).sqrt();
    let scale = wanted.min(bound);
    let pixels = |points: f32| (points * scale).round().max(1.0) as i32;
    (pixels(width), pixels(height))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parse::pdf::testing::{segment, sketch};

    fn page(number: u32, lines: &[(&str, f32)], scanned: bool) -> Sketch {
        let mut page = sketch(number, Vec::new());
        for (text, size) in lines {
            page.segments.push(Segment {
                size: *size,
                ..segment(text, 0.0, 0.0)
            });
        }
        if scanned {
            let rect = Rect {
                left: 0.0,
                top: 0.0,
                right: 1.0,
                bottom: 1.0,
            };
            page.scan = vec![rect; lines.len()];
        }
        page
    }

    #[test]
    fn a_sheet_of_paper_is_drawn_with_two_hundred_dots_to_the_inch() {
        assert_eq!(size_drawn(595.0, 842.0, u64::MAX), (1653, 2339));
        assert_eq!(size_drawn(100.0, 200.0, u64::MAX), (800, 1600));
    }

    #[test]
    fn body_text_of_scanned_pages_has_the_size_of_the_written_ones() {
        let mut pages = vec![
            page(1, &[("written text of some length", 10.5)], false),
            page(
                2,
                &[("Title", 20.0), ("body text read in a picture", 11.9)],
                true,
            ),
        ];
        settle(&mut pages);
        let sizes: Vec<f32> = pages[1].segments.iter().map(|one| one.size).collect();
        assert!(
            (sizes[1] - 10.5).abs() < 1e-4 && sizes[0] > 17.0,
            "{sizes:?}"
        );
    }

    proptest! {
        #[test]
        fn no_page_is_drawn_with_more_pixels_than_allowed(width in 0_f32..1e6, height in 0_f32..1e6, most in 1_000_u64..100_000_000) {
            let (columns, rows) = size_drawn(width, height, most);
            let pixels = i64::from(columns) * i64::from(rows);
            prop_assert!(columns > 0 && rows > 0);
            // Sides are at least one pixel, and rounded.
            prop_assert!(pixels <= (most as i64).min(8_000_000) + i64::from(columns) + i64::from(rows) + 40_000);
        }
    }
}
