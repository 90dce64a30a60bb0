//! Hands what pdf-extract draws on to a sketch of the page.

use pdf_extract::{ColorSpace, MediaBox, OutputDev, OutputError, Path, PathOp, Transform};

use super::frame::Frame;
use super::sketch::{Glyph, Sketch, Sketcher};

/// Steps of one path that are looked at; longer ones are drawings.
const STEPS: usize = 400;

/// Collects one page.
pub(super) struct Glyphs {
    sketcher: Sketcher,
    budget: usize,
    drawn: usize,
    unmapped: usize,
}

impl Glyphs {
    /// Takes at most `budget` bytes of text.
    pub(super) fn new(number: u32, frame: Frame, budget: usize) -> Self {
        Self {
            sketcher: Sketcher::new(number, frame),
            budget,
            drawn: 0,
            unmapped: 0,
        }
    }

    /// The page.
    pub(super) fn finish(self) -> Sketch {
        self.sketcher.finish()
    }

    /// How many of a hundred glyphs have no known meaning and are missing from the text.
    pub(super) fn missing_percent(&self) -> usize {
        self.unmapped * 100 / self.drawn.max(1)
    }

    /// Whether the budget ran out.
    pub(super) const fn is_full(&self) -> bool {
        self.budget == 0
    }

    fn path(&mut self, matrix: &Transform, path: &Path) {
        let point = |x: f64, y: f64| {
            (
                matrix.m11 * x + matrix.m21 * y + matrix.m31,
                matrix.m12 * x + matrix.m22 * y + matrix.m32,
            )
        };
        let mut at = None;
        // What is not painted stays in the path, so the newest steps are at its end.
        let old = path.ops.len().saturating_sub(STEPS);
        for step in &path.ops[old..] {
            match *step {
                PathOp::MoveTo(x, y) | PathOp::CurveTo(.., x, y) => at = Some((x, y)),
                PathOp::LineTo(x, y) => {
                    if let Some((from_x, from_y)) = at {
                        self.sketcher.rule(point(from_x, from_y), point(x, y));
                    }
                    at = Some((x, y));
                }
                PathOp::Rect(x, y, width, height) => {
                    self.sketcher
                        .frame_of(point(x, y), point(x + width, y + height));
                    at = Some((x, y));
                }
                PathOp::Close => {}
            }
        }
    }
}

impl OutputDev for Glyphs {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        matrix: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.drawn += 1;
        if text.is_empty() {
            self.unmapped += 1;
            return Ok(());
        }
        if text.len() > self.budget {
            self.budget = 0;
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        self.budget -= text.len();
        let length = matrix.m11.hypot(matrix.m12).max(1e-9);
        // A negative size writes backwards and upside down, which the matrix then usually undoes.
        let sign = if font_size < 0.0 { -1.0 } else { 1.0 };
        let area = (matrix.m11 * matrix.m22 - matrix.m12 * matrix.m21).abs();
        self.sketcher.glyph(&Glyph {
            text,
            origin: (matrix.m31, matrix.m32),
            direction: (sign * matrix.m11, sign * matrix.m12),
            advance: width * font_size.abs() * length,
            size: font_size.abs() * area.sqrt(),
        });
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn stroke(
        &mut self,
        matrix: &Transform,
        _: &ColorSpace,
        _: &[f64],
        path: &Path,
    ) -> Result<(), OutputError> {
        self.path(matrix, path);
        Ok(())
    }

    fn fill(
        &mut self,
        matrix: &Transform,
        _: &ColorSpace,
        _: &[f64],
        path: &Path,
    ) -> Result<(), OutputError> {
        // Only thin boxes are lines; areas of colour behind text are not.
        if path.ops.len() <= 8 || path.ops.iter().all(|step| matches!(step, PathOp::Rect(..))) {
            self.path(matrix, path);
        }
        Ok(())
    }
}
