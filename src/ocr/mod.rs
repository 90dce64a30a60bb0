//! Text recognition with the PP-OCR models on ONNX Runtime: finds lines, turns them upright and reads them.
//!
//! What goes into the models and how their numbers are understood follows the papers on PP-OCR (arXiv:2009.09941) and
//! on differentiable binarization (arXiv:1911.08947), which finds the lines.

mod classify;
mod detect;
mod network;
mod pixels;
mod read;
mod regions;

use ort::environment::Environment;
use wenyuan_ingest::{Corner, Picture, RecognizeError, RecognizerFiles, TextLine, TextRecognizer};

use self::classify::Classifier;
use self::detect::Detector;
use self::network::Network;
use self::read::{Reader, Reading};
use self::regions::Region;

/// A line is read once more the other way up, or sideways, when it was read less surely than this.
const CERTAIN: f32 = 0.9;

/// From this ratio of height to width on, a box holds a line that runs up or down.
const TALL: f32 = 1.5;

/// Up to this ratio it may as well be a narrow character that stands upright.
const VERY_TALL: f32 = 2.6;

/// A box up to so many times as wide as high holds one or two characters, and is read once more with so much of it.
const SHORT: f32 = 2.0;
const TIGHTER: f32 = 0.8;

/// Loads the model that finds lines; this takes a moment.
///
/// # Errors
/// [`RecognizeError`] if the library or this model cannot be loaded.
pub fn open(files: &RecognizerFiles) -> Result<Box<dyn TextRecognizer>, RecognizeError> {
    let environment = crate::models::onnx_environment(&files.runtime)
        .map_err(|error| RecognizeError(error.to_string()))?;
    Ok(Box::new(PpOcr {
        detector: Detector::new(Network::load(&files.detector, &environment)?),
        lines: None,
        files: files.clone(),
        environment,
    }))
}

struct PpOcr {
    detector: Detector,
    lines: Option<LineModels>,
    files: RecognizerFiles,
    environment: Environment,
}

/// The models for single lines. They are loaded once a line was found, which also keeps their 25 MB from coming on top of
/// what the detector takes for a first picture, the most of all.
struct LineModels {
    classifier: Classifier,
    reader: Reader,
}

impl LineModels {
    fn load(files: &RecognizerFiles, environment: &Environment) -> Result<Self, RecognizeError> {
        let network = |path| Network::load(path, environment);
        Ok(Self {
            classifier: Classifier::new(network(&files.classifier)?),
            reader: Reader::new(network(&files.reader)?)?,
        })
    }
}

impl TextRecognizer for PpOcr {
    fn recognize(&mut self, picture: &Picture) -> Result<Vec<TextLine>, RecognizeError> {
        let regions = self.detector.find(picture)?;
        if regions.is_empty() {
            return Ok(Vec::new());
        }
        let lines = match &mut self.lines {
            Some(lines) => lines,
            none => none.insert(LineModels::load(&self.files, &self.environment)?),
        };
        lines.recognize(picture, &regions)
    }
}

impl LineModels {
    /// What stands in each of the regions.
    fn recognize(
        &mut self,
        picture: &Picture,
        regions: &[Region],
    ) -> Result<Vec<TextLine>, RecognizeError> {
        let mut corners: Vec<[Corner; 4]> = regions.iter().map(assumed).collect();
        let crops: Vec<Picture> = corners
            .iter()
            .map(|corners| pixels::cut_out(picture, corners))
            .collect();
        let flipped = self.classifier.on_their_heads(&crops)?;
        let mut upright = crops;
        for ((corners, crop), _) in corners
            .iter_mut()
            .zip(&mut upright)
            .zip(&flipped)
            .filter(|(_, flipped)| **flipped)
        {
            *corners = turned(corners, 2);
            *crop = crop.turned(2);
        }
        let mut readings = self.reader.read(&upright)?;
        self.doubt(picture, regions, &flipped, (&mut corners, &mut readings))?;
        Ok(corners
            .into_iter()
            .zip(readings)
            .map(|(corners, reading)| TextLine {
                text: reading.text,
                confidence: reading.confidence,
                corners,
            })
            .collect())
    }

    /// Reads unsure lines in the other position that they may have, and keeps what is read more surely.
    fn doubt(
        &mut self,
        picture: &Picture,
        regions: &[Region],
        flipped: &[bool],
        (corners, readings): (&mut [[Corner; 4]], &mut [Reading]),
    ) -> Result<(), RecognizeError> {
        let mut again: Vec<(usize, [Corner; 4])> = Vec::new();
        for (index, region) in regions.iter().enumerate() {
            if readings[index].confidence >= CERTAIN {
                continue;
            }
            if (TALL..VERY_TALL).contains(&region.tallness()) {
                again.push((index, region.corners()));
                again.push((index, tightened(&region.corners())));
            } else if flipped[index] {
                again.push((index, turned(&corners[index], 2)));
            } else if region.width < region.height * SHORT {
                again.push((index, tightened(&corners[index])));
            }
        }
        let crops: Vec<Picture> = again
            .iter()
            .map(|(_, corners)| pixels::cut_out(picture, corners))
            .collect();
        let others = self.reader.read(&crops)?;
        for ((index, other_corners), other) in again.into_iter().zip(others) {
            if other.confidence > readings[index].confidence {
                corners[index] = other_corners;
                readings[index] = other;
            }
        }
        Ok(())
    }
}

/// The corners of a region as a line of text most likely lies in it: along its longer side, tall ones downwards.
fn assumed(region: &Region) -> [Corner; 4] {
    let corners = region.corners();
    if region.tallness() >= TALL {
        turned(&corners, 1)
    } else {
        corners
    }
}

/// The box with less space around what stands in it: one or two characters are lost in much of it.
fn tightened(corners: &[Corner; 4]) -> [Corner; 4] {
    let (first, opposite) = (corners[0], corners[2]);
    let (x, y) = (
        f32::midpoint(first.x, opposite.x),
        f32::midpoint(first.y, opposite.y),
    );
    corners.map(|corner| Corner {
        x: x + (corner.x - x) * TIGHTER,
        y: y + (corner.y - y) * TIGHTER,
    })
}

/// The same box, read by someone who turns it by quarters clockwise.
fn turned(corners: &[Corner; 4], quarters: usize) -> [Corner; 4] {
    [0, 1, 2, 3].map(|at| corners[(at + quarters) % 4])
}

#[cfg(test)]
mod tests;
