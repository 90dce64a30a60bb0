//! Text recognition for the readers: loaded when the first page needs it, tried the other way up where it is unsure, and
//! put in reading order.

mod order;
mod sizes;
mod upright;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::order::{Place, Row};
use self::sizes::Sizes;
use self::upright::Direction;
use crate::clean::join_line;
use crate::recognize::{
    Corner, OpenRecognizer, Picture, RecognizeError, RecognizerFiles, TextLine, TextRecognizer,
};

/// What is read less surely is more often noise than text.
const SURE: f32 = 0.6;

/// The same for one or two characters, which specks and lines are easily taken for.
const SURE_OF_FEW: f32 = 0.75;

/// Below this confidence a page may lie on its side or stand on its head without its lines telling so.
const DOUBTFUL: f32 = 0.75;

/// Least difference in brightness that can be writing.
const FAINTEST: u8 = 12;

/// Between the cells of a row.
pub(super) const BETWEEN_CELLS: &str = " | ";

/// A recognizer that is loaded when it is first needed.
#[derive(Default)]
pub(crate) struct Recognition<'a> {
    source: Option<(OpenRecognizer, &'a RecognizerFiles)>,
    opened: Option<Result<Box<dyn TextRecognizer>, RecognizeError>>,
    /// Told before each page, since recognition takes far longer than reading.
    on_page: Option<&'a mut dyn FnMut()>,
}

impl<'a> Recognition<'a> {
    /// Loads the files with `open`; tells `on_page` before each page.
    pub(crate) fn new(
        open: OpenRecognizer,
        files: &'a RecognizerFiles,
        on_page: &'a mut dyn FnMut(),
    ) -> Self {
        Self {
            source: Some((open, files)),
            opened: None,
            on_page: Some(on_page),
        }
    }

    /// Whether there is a recognizer; that it works shows when it is used.
    pub(super) const fn is_there(&self) -> bool {
        self.source.is_some()
    }

    /// Reads a picture; `None` where there is no recognizer.
    ///
    /// # Errors
    /// [`RecognizeError`] when the models cannot be loaded, each time, or fail on this picture.
    pub(super) fn read(&mut self, picture: &Picture) -> Option<Result<Recognized, RecognizeError>> {
        let (open, files) = self.source?;
        if is_plain(picture) {
            return Some(Ok(Recognized::nothing(picture)));
        }
        if let Some(on_page) = &mut self.on_page {
            on_page();
        }
        let opened = self.opened.get_or_insert_with(|| guarded(|| open(files)));
        Some(match opened {
            Ok(recognizer) => read(recognizer.as_mut(), picture),
            Err(error) => Err(error.clone()),
        })
    }
}

/// Whether a picture has nothing on it, as the empty pages of a book have; no model needs to look at it.
fn is_plain(picture: &Picture) -> bool {
    let parts = picture.pixels();
    let (darkest, lightest) = parts.iter().fold((u8::MAX, u8::MIN), |(low, high), &part| {
        (low.min(part), high.max(part))
    });
    // A ground of any colour has parts of different strength.
    let first = &parts[..3];
    lightest - darkest < FAINTEST
        || parts.chunks_exact(3).all(|pixel| {
            pixel
                .iter()
                .zip(first)
                .all(|(part, first)| part.abs_diff(*first) < FAINTEST)
        })
}

/// A panic in a model's library costs a page and not the file.
fn guarded<T>(work: impl FnOnce() -> Result<T, RecognizeError>) -> Result<T, RecognizeError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(RecognizeError("a panic".to_owned())))
}

/// What was read in a picture.
pub(super) struct Recognized {
    /// Rows in the order in which they are read; none if nothing was read surely enough.
    pub(super) rows: Vec<RecognizedRow>,
    /// How sure the characters are on average, from 0 to 1.
    pub(super) confidence: f32,
    /// The picture's height once its text is upright, in pixels.
    pub(super) height: f32,
}

impl Recognized {
    fn nothing(picture: &Picture) -> Self {
        Self {
            rows: Vec::new(),
            confidence: 0.0,
            height: picture.height() as f32,
        }
    }

    /// The confidence in percent, for people.
    pub(super) fn percent(&self) -> u32 {
        (self.confidence.clamp(0.0, 1.0) * 100.0).round() as u32
    }
}

/// One row of a picture.
pub(super) struct RecognizedRow {
    /// What it says; cells are parted by bars.
    pub(super) text: String,
    /// Where it stands on the upright page, in pixels.
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
    /// Size of its type in pixels, the same for all body text.
    pub(super) size: f32,
    /// The box around it in the picture as it was given: left, top, right, bottom, as fractions of its size.
    pub(super) bounds: [f32; 4],
}

/// The lines of a picture in one of its four positions.
struct Attempt {
    lines: Vec<TextLine>,
    /// Lines that were found, read or not.
    found: usize,
    confidence: f32,
}

impl Attempt {
    /// Characters, weighed by how sure they are: what the positions are compared by.
    fn worth(&self) -> f32 {
        let characters: usize = self.lines.iter().map(|line| length(&line.text)).sum();
        characters as f32 * self.confidence * self.confidence
    }
}

fn read(
    recognizer: &mut dyn TextRecognizer,
    picture: &Picture,
) -> Result<Recognized, RecognizeError> {
    let mut best = attempt(recognizer, picture, 0)?;
    let direction = upright::direction(&best.lines);
    // Lines are found best on a page that is upright.
    let turns: &[u8] = match (direction.quarters, best.found) {
        (_, 0) => &[],
        (1, _) => &[3],
        (2, _) => &[2],
        (3, _) => &[1],
        _ if best.confidence < DOUBTFUL => &[1, 3, 2],
        _ => &[],
    };
    for &turn in turns {
        let other = attempt(recognizer, picture, turn)?;
        if other.worth() > best.worth() {
            best = other;
        }
    }
    let direction = upright::direction(&best.lines);
    Ok(arrange(&best, direction, picture))
}

/// Reads the picture after turning it; the corners are in the picture as it was.
fn attempt(
    recognizer: &mut dyn TextRecognizer,
    picture: &Picture,
    quarters: u8,
) -> Result<Attempt, RecognizeError> {
    let mut lines = if quarters == 0 {
        guarded(|| recognizer.recognize(picture))?
    } else {
        let turned = picture.turned(quarters);
        guarded(|| recognizer.recognize(&turned))?
    };
    for line in &mut lines {
        line.text = line.text.trim().to_owned();
        line.corners = line
            .corners
            .map(|corner| upright::turned_back(corner, quarters, picture));
    }
    let found = lines.len();
    lines.retain(is_sure);
    let (sum, count) = lines.iter().fold((0.0, 0), |(sum, count), line| {
        let length = length(&line.text);
        (sum + line.confidence * length as f32, count + length)
    });
    Ok(Attempt {
        found,
        confidence: if count > 0 { sum / count as f32 } else { 0.0 },
        lines,
    })
}

/// Whether a line is text as far as one can tell, and has a place.
fn is_sure(line: &TextLine) -> bool {
    let least = if length(&line.text) <= 2 {
        SURE_OF_FEW
    } else {
        SURE
    };
    let placed = |corner: &Corner| corner.x.is_finite() && corner.y.is_finite();
    line.confidence >= least
        && line.confidence.is_finite()
        && line.text.chars().any(char::is_alphanumeric)
        && line.corners.iter().all(placed)
}

fn length(text: &str) -> usize {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .count()
}

/// Puts lines in reading order.
fn arrange(attempt: &Attempt, direction: Direction, picture: &Picture) -> Recognized {
    let lines = &attempt.lines;
    let (places, heights): (Vec<Place>, Vec<f32>) = lines
        .iter()
        .map(|line| upright::place(line, direction, picture))
        .unzip();
    let sizes = Sizes::measure(lines, heights);
    let rows = order::rows(&places)
        .into_iter()
        .map(|row| make_row(&row, lines, &places, &sizes, picture))
        .collect();
    let height = if direction.quarters % 2 == 1 {
        picture.width()
    } else {
        picture.height()
    };
    Recognized {
        rows,
        confidence: attempt.confidence,
        height: height as f32,
    }
}

fn make_row(
    row: &Row,
    lines: &[TextLine],
    places: &[Place],
    sizes: &Sizes,
    picture: &Picture,
) -> RecognizedRow {
    let cells: Vec<String> = row
        .iter()
        .map(|cell| {
            let mut text = String::new();
            for &index in cell {
                join_line(&mut text, &lines[index].text);
            }
            text
        })
        .collect();
    let members: Vec<usize> = row.iter().flatten().copied().collect();
    let spread = |of: fn(&Place) -> f32| members.iter().map(move |&index| of(&places[index]));
    let corners = || members.iter().flat_map(|&index| lines[index].corners);
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    RecognizedRow {
        text: cells.join(BETWEEN_CELLS),
        left: least(spread(|place| place.left)),
        right: most(spread(|place| place.right)),
        bottom: most(spread(|place| place.bottom)),
        size: sizes.of(&members),
        bounds: [
            least(corners().map(|corner| corner.x)) / width,
            least(corners().map(|corner| corner.y)) / height,
            most(corners().map(|corner| corner.x)) / width,
            most(corners().map(|corner| corner.y)) / height,
        ]
        .map(|fraction| fraction.clamp(0.0, 1.0)),
    }
}

fn least(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(f32::INFINITY, f32::min)
}

fn most(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests;
