//! What comes back, piece by piece: never more of it than allowed, packed or unpacked, and never later.

use std::io::Write as _;
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;
use tokio::time::Instant;

use super::FetchError;

/// Packed bytes that are unpacked at a time: they grow to some megabytes at most.
const STEP: usize = 4 << 10;

/// The content of an answer.
pub(super) struct Body {
    response: Response,
    host: String,
    /// Packed bytes that wait to be unpacked, from the place on.
    waiting: (Vec<u8>, usize),
    unpacking: Option<MultiGzDecoder<Vec<u8>>>,
    ended: bool,
    /// Bytes as they came, and as they were given on.
    received: u64,
    given: u64,
    limit: u64,
    deadline: Instant,
    whole: Duration,
}

/// Bounds on one answer.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Most bytes.
    pub(super) limit: u64,
    /// When it must have ended.
    pub(super) deadline: Instant,
    /// How long that was from the beginning.
    pub(super) whole: Duration,
}

impl Body {
    /// Looks at what the answer says of itself.
    ///
    /// # Errors
    /// [`FetchError::TooLarge`] where its length is told and too much; [`FetchError::Unreachable`] for a packing that
    /// was not asked for.
    pub(super) fn begin(
        response: Response,
        host: String,
        bounds: Bounds,
    ) -> Result<Self, FetchError> {
        let Bounds {
            limit,
            deadline,
            whole,
        } = bounds;
        if response.content_length().is_some_and(|told| told > limit) {
            return Err(FetchError::TooLarge { limit });
        }
        let packing = response.headers().get(CONTENT_ENCODING);
        let packing = packing.map_or(&b"identity"[..], |value| value.as_bytes().trim_ascii());
        let unpacking = match packing.to_ascii_lowercase().as_slice() {
            b"" | b"identity" => None,
            b"gzip" | b"x-gzip" => Some(MultiGzDecoder::new(Vec::new())),
            _ => {
                let detail = "it answers in a packing that was not asked for";
                return Err(FetchError::unreachable(&host, detail));
            }
        };
        Ok(Self {
            response,
            host,
            waiting: (Vec::new(), 0),
            unpacking,
            ended: false,
            received: 0,
            given: 0,
            limit,
            deadline,
            whole,
        })
    }

    /// The next piece, unpacked; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        loop {
            let piece = match self.unpack()? {
                Some(piece) => piece,
                None if self.ended => return Ok(None),
                None => match self.receive().await? {
                    Some(piece) if self.unpacking.is_some() => {
                        self.waiting = (piece, 0);
                        continue;
                    }
                    Some(piece) => piece,
                    None => self.rest()?,
                },
            };
            self.given += piece.len() as u64;
            if self.given > self.limit {
                return Err(FetchError::TooLarge { limit: self.limit });
            }
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }

    /// Unpacks a little of what waits; `None` when nothing does.
    fn unpack(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let (bytes, from) = &mut self.waiting;
        let Some(unpacking) = self.unpacking.as_mut().filter(|_| *from < bytes.len()) else {
            return Ok(None);
        };
        let to = bytes.len().min(*from + STEP);
        let written = unpacking.write_all(&bytes[*from..to]);
        *from = to;
        let piece = std::mem::take(unpacking.get_mut());
        match written {
            Ok(()) => Ok(Some(piece)),
            Err(_damaged) => Err(self.broken("its answer is damaged")),
        }
    }

    /// The next bytes as they come.
    async fn receive(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let Ok(received) = tokio::time::timeout_at(self.deadline, self.response.chunk()).await
        else {
            let seconds = self.whole.as_secs();
            return Err(FetchError::TimedOut { seconds });
        };
        let piece = received.map_err(|error| FetchError::of_client(&self.host, error))?;
        self.received += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        // Packed bytes that unpack to nothing would otherwise never end.
        if self.received > self.limit.saturating_add(1 << 20) {
            return Err(FetchError::TooLarge { limit: self.limit });
        }
        self.ended = piece.is_none();
        Ok(piece.map(Vec::from))
    }

    /// What unpacking has kept back.
    fn rest(&mut self) -> Result<Vec<u8>, FetchError> {
        let Some(mut unpacking) = self.unpacking.take() else {
            return Ok(Vec::new());
        };
        if unpacking.try_finish().is_err() && self.received > 0 {
            return Err(self.broken("its answer ended too early"));
        }
        Ok(std::mem::take(unpacking.get_mut()))
    }

    fn broken(&self, detail: &str) -> FetchError {
        FetchError::unreachable(&self.host, detail)
    }
}
