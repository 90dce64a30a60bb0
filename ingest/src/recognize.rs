//! Text recognition as the readers use it: a picture goes in, lines of text come out. The models live elsewhere.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A picture of red, green and blue bytes, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// A picture of `width` times `height` pixels; `None` if that is nothing, or not what `pixels` holds.
    #[must_use]
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let bytes = u64::from(width) * u64::from(height) * 3;
        (bytes > 0 && bytes == pixels.len() as u64).then_some(Self {
            width,
            height,
            pixels,
        })
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Three bytes for each pixel.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The picture turned clockwise by quarters of a circle.
    #[must_use]
    pub fn turned(&self, quarters: u8) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let quarters = quarters % 4;
        let (new_width, new_height) = if quarters % 2 == 1 {
            (height, width)
        } else {
            (width, height)
        };
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..new_height {
            for x in 0..new_width {
                let (from_x, from_y) = match quarters {
                    0 => (x, y),
                    1 => (y, height - 1 - x),
                    2 => (width - 1 - x, height - 1 - y),
                    _ => (width - 1 - y, x),
                };
                let at = (from_y * width + from_x) * 3;
                pixels.extend_from_slice(&self.pixels[at..at + 3]);
            }
        }
        Self {
            width: new_width as u32,
            height: new_height as u32,
            pixels,
        }
    }
}

/// A place in a picture, in pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corner {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// A line of text that was found in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// What it says.
    pub text: String,
    /// How sure that is, from 0 to 1.
    pub confidence: f32,
    /// Its corners, clockwise from the top left as one who reads it sees it: text that stands on its head begins at the
    /// right.
    pub corners: [Corner; 4],
}

/// Text recognition broke down. The picture can be left out, others may still be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("text recognition broke down: {0}")]
pub struct RecognizeError(
    /// What went wrong, for people.
    pub String,
);

/// Finds and reads the lines of text in a picture.
pub trait TextRecognizer {
    /// The lines in any order, also those that it is hardly sure of; none for a picture without text.
    ///
    /// # Errors
    /// [`RecognizeError`] when the models fail on this picture.
    fn recognize(&mut self, picture: &Picture) -> Result<Vec<TextLine>, RecognizeError>;
}

/// Where the files of a recognizer lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognizerFiles {
    /// The library that runs the models.
    pub runtime: PathBuf,
    /// Finds lines.
    pub detector: PathBuf,
    /// Tells whether a line stands on its head.
    pub classifier: PathBuf,
    /// Reads a line.
    pub reader: PathBuf,
}

/// Loads a recognizer; called once, when the first picture needs it.
pub type OpenRecognizer = fn(&RecognizerFiles) -> Result<Box<dyn TextRecognizer>, RecognizeError>;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_picture_must_hold_what_its_size_says() {
        assert!(Picture::new(2, 1, vec![0; 6]).is_some());
        assert!(Picture::new(2, 1, vec![0; 5]).is_none());
        assert!(Picture::new(0, 9, Vec::new()).is_none());
    }

    #[test]
    fn a_quarter_turn_brings_the_left_edge_to_the_top() {
        let picture = Picture::new(1, 2, vec![1, 1, 1, 2, 2, 2]).expect("fits");
        assert_eq!(picture.turned(1).pixels(), [2, 2, 2, 1, 1, 1]);
        assert_eq!(
            (picture.turned(1).width(), picture.turned(1).height()),
            (2, 1)
        );
    }

    proptest! {
        #[test]
        fn turns_add_up(width in 1_u32..7, height in 1_u32..7, first in 0_u8..4, second in 0_u8..4) {
            let pixels: Vec<u8> = (0..width * height * 3).map(|value| value as u8).collect();
            let picture = Picture::new(width, height, pixels).expect("fits");
            prop_assert_eq!(picture.turned(first).turned(second), picture.turned((first + second) % 4));
        }
    }
}
