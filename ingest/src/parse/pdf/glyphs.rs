//! Puts the glyphs that pdf-extract reports together into lines, by where they stand on the page.

use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

use super::lines::{Geometry, Line};
use crate::clean::is_cjk;

/// Collects one page.
pub(super) struct Glyphs {
    lines: Vec<Line>,
    text: String,
    previous: Option<Glyph>,
    first: Option<Glyph>,
    wide_gaps: u32,
    budget: usize,
    drawn: usize,
    unmapped: usize,
}

/// The last character written, in a frame turned so that its text runs to the right.
#[derive(Clone, Copy)]
struct Glyph {
    character: char,
    start: f64,
    end: f64,
    baseline: f64,
    size: f64,
    direction: (f64, f64),
}

impl Glyphs {
    /// Takes at most `budget` bytes of text.
    pub(super) const fn new(budget: usize) -> Self {
        Self {
            lines: Vec::new(),
            text: String::new(),
            previous: None,
            first: None,
            wide_gaps: 0,
            budget,
            drawn: 0,
            unmapped: 0,
        }
    }

    /// The page's lines in the order in which the page draws them.
    pub(super) fn into_lines(mut self) -> Vec<Line> {
        self.end_of_line();
        self.lines
    }

    /// How many of a hundred glyphs have no known meaning and are missing from the text.
    pub(super) fn missing_percent(&self) -> usize {
        self.unmapped * 100 / self.drawn.max(1)
    }

    /// Whether the budget ran out.
    pub(super) const fn is_full(&self) -> bool {
        self.budget == 0
    }

    fn end_of_line(&mut self) {
        if let (Some(first), Some(last)) = (self.first.take(), self.previous.take())
            && !self.text.trim().is_empty()
        {
            self.lines.push(Line {
                text: self.text.trim().to_owned(),
                row: self.wide_gaps > 0,
                geometry: Some(Geometry {
                    left: first.start,
                    right: last.end,
                    baseline: first.baseline,
                    // Type that runs up the margin is never a heading.
                    size: if first.direction.1.abs() > 0.7 {
                        first.size.min(1.0)
                    } else {
                        first.size
                    },
                }),
            });
        }
        self.text.clear();
        self.wide_gaps = 0;
    }

    fn place(&mut self, glyph: Glyph, text: &str) {
        if let Some(previous) = self.previous {
            let size = previous.size.max(glyph.size).max(0.1);
            let turned = previous.direction.0 * glyph.direction.0
                + previous.direction.1 * glyph.direction.1
                < 0.9;
            let rise = (glyph.baseline - previous.baseline).abs();
            let gap = glyph.start - previous.end;
            // Bold type is sometimes drawn twice.
            if glyph.character == previous.character
                && rise < size * 0.1
                && (glyph.start - previous.start).abs() < size * 0.15
            {
                return;
            }
            if turned || rise > size * 0.5 || gap < -size * 1.5 {
                self.end_of_line();
            } else if gap > size * 0.12 && !self.text.ends_with(' ') {
                if gap > size * 2.0 {
                    self.wide_gaps += 1;
                }
                let both = is_cjk(previous.character) && is_cjk(glyph.character);
                if gap > size * if both { 0.7 } else { 0.15 } {
                    self.text.push(' ');
                }
            }
        }
        self.first.get_or_insert(glyph);
        self.text.push_str(text);
        self.previous = Some(glyph);
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
        let Some(character) = text.chars().next() else {
            self.unmapped += 1;
            return Ok(());
        };
        if text.len() > self.budget {
            self.budget = 0;
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        self.budget -= text.len();
        let length = matrix.m11.hypot(matrix.m12).max(1e-9);
        let direction = (matrix.m11 / length, matrix.m12 / length);
        let start = matrix.m31 * direction.0 + matrix.m32 * direction.1;
        let baseline = matrix.m32 * direction.0 - matrix.m31 * direction.1;
        let size = font_size.abs()
            * (matrix.m11 * matrix.m22 - matrix.m12 * matrix.m21)
                .abs()
                .sqrt();
        let end = start + width * font_size.abs() * length;
        self.place(
            Glyph {
                character,
                start,
                end,
                baseline,
                size,
                direction,
            },
            text,
        );
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
}
