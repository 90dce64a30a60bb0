//! Draws pages: pdfium paints, and the picture goes out as PNG.

use pdfium_render::prelude::{PdfDocument, PdfPage, PdfRenderConfig};

use super::pdfium;
use crate::sandbox::{DrawError, Drawing};
use crate::{ParseError, ParseLimits};

/// Tallest picture, in pixels.
const TALLEST: f32 = 8_000.0;

/// A page of a PDF as PNG.
pub(crate) fn draw(
    bytes: &[u8],
    password: Option<&str>,
    drawing: Drawing,
    limits: &ParseLimits,
) -> Result<Vec<u8>, DrawError> {
    let library = limits.pdfium.as_deref().and_then(pdfium::library);
    let library = library.ok_or(DrawError::NotDrawable)?;
    let document = pdfium::open(library, bytes, password).map_err(DrawError::Failed)?;
    let page = page(&document, drawing.page)?;
    let (width, height) = (page.width().value, page.height().value);
    if !(width.is_finite() && height.is_finite() && width >= 1.0 && height >= 1.0) {
        return Err(failed("the page has no size"));
    }
    let scale = (drawing.width() as f32 / width).min(TALLEST / height);
    let (across, down) = (
        (width * scale).round().max(1.0) as i32,
        (height * scale).round().max(1.0) as i32,
    );
    let settings = PdfRenderConfig::new().set_fixed_size(across, down);
    let bitmap = page
        .render_with_config(&settings)
        .map_err(|error| failed(&format!("the page cannot be drawn: {error:?}")))?;
    let (across, down) = (bitmap.width() as u32, bitmap.height() as u32);
    png(&bitmap.as_rgba_bytes(), across, down)
}

fn page<'a>(document: &PdfDocument<'a>, number: u32) -> Result<PdfPage<'a>, DrawError> {
    let missing = || DrawError::NoSuchPage { page: number };
    let index = i32::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .filter(|index| (0..document.pages().len()).contains(index))
        .ok_or_else(missing)?;
    document
        .pages()
        .get(index)
        .map_err(|error| failed(&format!("the page cannot be read: {error:?}")))
}

/// Opaque pixels as PNG. Pages are painted on white, so nothing shows through.
fn png(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, DrawError> {
    let (pixels, _) = pixels.as_chunks::<4>();
    let colours: Vec<u8> = pixels
        .iter()
        .flat_map(|&[red, green, blue, _]| [red, green, blue])
        .collect();
    let mut bytes = Vec::with_capacity(colours.len() / 8);
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&colours));
    written.map_err(|error| failed(&error.to_string()))?;
    Ok(bytes)
}

fn failed(detail: &str) -> DrawError {
    DrawError::Failed(ParseError::damaged(detail))
}
