//! Pictures: decoded within bounds, each page of a TIFF, and read by text recognition.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::Context;
use super::pdf::{blocks_of_pictures, read_by_ocr};
use crate::clean::RawDocument;
use crate::recognize::Picture;
use crate::sandbox::{DrawError, Drawing};
use crate::{Kind, ParseError, ParseLimits, ParseProgress, Warning};

/// Tallest picture that is drawn, in pixels.
const TALLEST: u32 = 8_000;

/// Pixels that are kept of a larger picture: beyond them letters only become smoother.
const KEPT: u64 = 24_000_000;

pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    if !context.recognition.is_there() {
        return Err(ParseError::RecognizerMissing);
    }
    let limits = context.limits;
    let mut document = RawDocument::new(Kind::Image, Vec::new());
    let mut read = Vec::new();
    let places = first_directories(bytes, limits.pages)?;
    document.pages = u32::try_from(places.len()).unwrap_or(u32::MAX);
    let mut pages = Pages::new(bytes, &places);
    let mut failure = None;
    if lacks_its_end(bytes) {
        document.warnings.push(Warning {
            code: "page_incomplete".to_owned(),
            page: Some(1),
            message: "Page 1 lacks a part of its text: the file of the picture was cut off, and what would come after that is \
                      not in it. Copy it anew from where it came from."
                .to_owned(),
        });
    }
    for number in 1..=document.pages {
        let picture = pages.decode(number, limits);
        let outcome = picture.and_then(|picture| {
            let read = context.recognition.read(&picture);
            let read = read.ok_or(ParseError::RecognizerMissing)?;
            read.map_err(|error| ParseError::recognition_failed(&error.0))
        });
        match outcome {
            Ok(page) if page.rows.is_empty() => document.warnings.push(Warning {
                code: "page_without_text".to_owned(),
                page: Some(number),
                message: format!("Page {number} has no text; OCR found none."),
            }),
            Ok(page) => {
                document.warnings.push(read_by_ocr(number, &page));
                read.push((number, page));
            }
            Err(error) => {
                document.warnings.push(Warning {
                    code: "page_unreadable".to_owned(),
                    page: Some(number),
                    message: format!("Page {number}: {error}"),
                });
                failure.get_or_insert(error);
            }
        }
        if context.depth == 0 {
            (context.on_progress)(ParseProgress {
                pages_done: number,
                pages_total: document.pages,
            });
        }
    }
    if read.is_empty() {
        return Err(failure.unwrap_or(ParseError::NoText {
            pages: document.pages,
        }));
    }
    document.blocks = blocks_of_pictures(&read);
    Ok(document)
}

/// Whether a JPEG was cut off: its decoder fills up with grey what is not there, and says nothing. In the data of a picture
/// the byte that begins a mark never stands before another than zero.
fn lacks_its_end(bytes: &[u8]) -> bool {
    const DATA: [u8; 2] = [0xff, 0xda];
    const END: [u8; 2] = [0xff, 0xd9];
    let last = |mark: [u8; 2]| bytes.windows(2).rposition(|window| window == mark);
    bytes.starts_with(b"\xff\xd8\xff") && last(END) < last(DATA)
}

/// Draws a page of a picture, from 1, as PNG.
pub(super) fn draw(
    bytes: &[u8],
    drawing: Drawing,
    limits: &ParseLimits,
) -> Result<Vec<u8>, DrawError> {
    let places = first_directories(bytes, limits.pages).map_err(DrawError::Failed)?;
    if drawing.page == 0 || drawing.page as usize > places.len() {
        return Err(DrawError::NoSuchPage { page: drawing.page });
    }
    let picture = Pages::new(bytes, &places).decode(drawing.page, limits);
    let picture = picture.map_err(DrawError::Failed)?;
    let (width, height) = (picture.width(), picture.height());
    let failed = || DrawError::Failed(ParseError::damaged("the picture cannot be drawn"));
    let whole = image::RgbImage::from_raw(width, height, picture.pixels().to_vec());
    let whole = DynamicImage::ImageRgb8(whole.ok_or_else(failed)?);
    let shown = if width > drawing.width() {
        whole.thumbnail(drawing.width(), TALLEST)
    } else {
        whole
    };
    let mut png = Cursor::new(Vec::new());
    shown
        .write_to(&mut png, image::ImageFormat::Png)
        .map_err(|_| failed())?;
    Ok(png.into_inner())
}

/// The pages of a picture, decoded one at a time.
struct Pages<'a> {
    bytes: &'a [u8],
    places: &'a [Option<[u8; 4]>],
    /// Only a TIFF of several pages has to be changed for each of them.
    copy: Vec<u8>,
}

impl<'a> Pages<'a> {
    fn new(bytes: &'a [u8], places: &'a [Option<[u8; 4]>]) -> Self {
        let several = places.len() > 1;
        Self {
            bytes,
            places,
            copy: if several { bytes.to_vec() } else { Vec::new() },
        }
    }

    /// A page, from 1.
    fn decode(&mut self, number: u32, limits: &ParseLimits) -> Result<Picture, ParseError> {
        let place = self.places.get(number as usize - 1).copied().flatten();
        match place {
            Some(place) if !self.copy.is_empty() => {
                self.copy[4..8].copy_from_slice(&place);
                decode(&self.copy, limits)
            }
            _ => decode(self.bytes, limits),
        }
    }
}

/// For each page of a TIFF the four bytes that name its directory, as the file's head has them for the first; one
/// `None` for pictures of any other format.
fn first_directories(bytes: &[u8], most: u32) -> Result<Vec<Option<[u8; 4]>>, ParseError> {
    let little = match bytes.get(..4) {
        Some(b"II*\0") => true,
        Some(b"MM\0*") => false,
        _ => return Ok(vec![None]),
    };
    let short = |at: usize| -> Option<u16> {
        let two = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(two)
        } else {
            u16::from_be_bytes(two)
        })
    };
    let long = |at: usize| -> Option<([u8; 4], u32)> {
        let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let number = if little {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        };
        Some((four, number))
    };
    let mut found = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut next = long(4);
    while let Some((place, at)) = next.filter(|(_, at)| *at > 0 && seen.insert(*at)) {
        let Some(entries) = short(at as usize) else {
            break;
        };
        let entry = |number: usize| at as usize + 2 + number * 12;
        // A smaller copy of another page, which programs put in for their previews.
        let preview = (0..usize::from(entries)).any(|number| {
            short(entry(number)) == Some(254)
                && long(entry(number) + 8).is_some_and(|(_, flags)| flags & 1 == 1)
        });
        if !preview || found.is_empty() {
            found.push(Some(place));
        }
        if found.len() > most as usize {
            return Err(ParseError::TooManyPages {
                pages: u32::try_from(found.len()).unwrap_or(u32::MAX),
                limit: most,
            });
        }
        next = long(entry(usize::from(entries)));
    }
    if found.is_empty() {
        return Err(ParseError::damaged("the TIFF has no pages"));
    }
    Ok(found)
}

/// Decodes a picture, the first of several, the right way up as its camera tells, on white where it is transparent.
pub(super) fn decode(bytes: &[u8], limits: &ParseLimits) -> Result<Picture, ParseError> {
    let too_many = || ParseError::TooManyPixels {
        megapixels: limits.pixels / 1_000_000,
    };
    let refuse = |error: ImageError| match error {
        ImageError::Limits(_) => too_many(),
        ImageError::Unsupported(error) => ParseError::unsupported(&format!("a picture ({error})")),
        error @ (ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_)) => ParseError::damaged(error.to_string()),
    };
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| ParseError::damaged(error.to_string()))?;
    let mut bounds = Limits::default();
    bounds.max_alloc = Some(limits.memory_bytes / 3);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels || decoder.total_bytes() > limits.memory_bytes / 3 {
        return Err(too_many());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    if pixels > KEPT {
        let scale = (KEPT as f64 / pixels as f64).sqrt();
        let shrunk = |side: u32| ((f64::from(side) * scale) as u32).max(1);
        image = image.thumbnail(shrunk(width), shrunk(height));
    }
    image.apply_orientation(orientation);
    let (width, height) = (image.width(), image.height());
    let pixels = if image.color().has_alpha() {
        on_paper(&image.into_rgba8().into_raw())
    } else {
        image.into_rgb8().into_raw()
    };
    Picture::new(width, height, pixels).ok_or_else(|| ParseError::damaged("an empty picture"))
}

/// Puts a transparent picture on white, or on black if what can be seen of it is light.
fn on_paper(pixels: &[u8]) -> Vec<u8> {
    let pixels = pixels.as_chunks::<4>().0;
    let (mut light, mut weight) = (0_u64, 0_u64);
    let mut hidden = false;
    for &[red, green, blue, alpha] in pixels {
        light += (u64::from(red) + u64::from(green) + u64::from(blue)) * u64::from(alpha);
        weight += 3 * u64::from(alpha);
        hidden |= alpha < 128;
    }
    let paper: u32 = if hidden && light > weight * 190 {
        0
    } else {
        255
    };
    let mut flat = Vec::with_capacity(pixels.len() * 3);
    for &[red, green, blue, alpha] in pixels {
        let alpha = u32::from(alpha);
        flat.extend(
            [red, green, blue]
                .map(|part| ((u32::from(part) * alpha + paper * (255 - alpha) + 127) / 255) as u8),
        );
    }
    flat
}

#[cfg(test)]
mod tests;
