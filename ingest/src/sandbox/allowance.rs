//! How long a child may take: longer for each page that it gives to text recognition, but not for ever.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::{ParseError, ParseLimits};

/// The time allowed for one file.
pub(super) struct Allowance<'a> {
    limits: &'a ParseLimits,
    begun: Instant,
    /// Pages given to text recognition so far.
    pages: AtomicU64,
}

impl<'a> Allowance<'a> {
    /// The time begins now.
    pub(super) fn new(limits: &'a ParseLimits) -> Self {
        Self {
            limits,
            begun: Instant::now(),
            pages: AtomicU64::new(0),
        }
    }

    pub(super) const fn limits(&self) -> &'a ParseLimits {
        self.limits
    }

    /// Another page is given to text recognition.
    pub(super) fn grow(&self) {
        self.pages.fetch_add(1, Ordering::Relaxed);
    }

    /// Seconds allowed so far.
    fn seconds(&self) -> u64 {
        let more = self.pages().saturating_mul(self.limits.seconds_per_picture);
        let most = self.limits.most_seconds.max(self.limits.seconds);
        self.limits.seconds.saturating_add(more).min(most)
    }

    fn pages(&self) -> u64 {
        self.pages.load(Ordering::Relaxed)
    }

    /// Ends when the time is over, however far it has grown until then.
    pub(super) async fn used_up(&self) {
        let mut seconds = 0;
        // What has grown while the clock ran is waited for again.
        while seconds < self.seconds() {
            seconds = self.seconds();
            tokio::time::sleep_until(self.begun + Duration::from_secs(seconds)).await;
        }
    }

    /// What to say when the time is over.
    pub(super) fn error(&self) -> ParseError {
        let (seconds, pages) = (self.seconds(), self.pages());
        if pages > 0 {
            ParseError::RecognitionTimeLimit { seconds, pages }
        } else {
            ParseError::TimeLimit { seconds }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_for_recognition_adds_its_time_up_to_a_bound() {
        let limits = ParseLimits {
            seconds: 60,
            seconds_per_picture: 20,
            most_seconds: 90,
            ..ParseLimits::default()
        };
        let allowance = Allowance::new(&limits);
        assert_eq!(allowance.error(), ParseError::TimeLimit { seconds: 60 });
        allowance.grow();
        assert_eq!(
            allowance.error(),
            ParseError::RecognitionTimeLimit {
                seconds: 80,
                pages: 1
            }
        );
        allowance.grow();
        allowance.grow();
        assert_eq!(allowance.seconds(), 90);
    }
}
