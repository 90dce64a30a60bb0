//! Pages as pictures: drawn by a child process, a few at a time, and kept in memory for a while.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use wenyuan_ingest::{DrawError, Drawing, ParseRequest, draw_in_child};

use super::IngestorSettings;
use crate::catalog::Original;

/// Pages drawn at the same time: each takes a core for a moment.
const AT_ONCE: usize = 2;
/// Bytes of pictures that are kept.
const KEPT_BYTES: usize = 48 << 20;

/// What a picture shows: the hash of the original, the page, the width.
type Key = (String, u32, u32);

/// Draws pages and keeps the latest pictures.
pub(super) struct Drawer {
    places: Semaphore,
    kept: Mutex<Kept>,
}

/// Pictures, the latest used first.
#[derive(Default)]
struct Kept {
    pictures: VecDeque<(Key, Arc<[u8]>)>,
    bytes: usize,
}

impl Drawer {
    pub(super) fn new() -> Self {
        Self {
            places: Semaphore::new(AT_ONCE),
            kept: Mutex::default(),
        }
    }

    /// A page as PNG.
    pub(super) async fn draw(
        &self,
        settings: &IngestorSettings,
        original: &Original,
        drawing: Drawing,
    ) -> Result<Arc<[u8]>, DrawError> {
        let key = (original.hash.clone(), drawing.page, drawing.width());
        if let Some(picture) = self.find(&key) {
            return Ok(picture);
        }
        let _place = self.places.acquire().await;
        // Somebody else may have waited for the same page.
        if let Some(picture) = self.find(&key) {
            return Ok(picture);
        }
        let request = ParseRequest::new(&original.path, &original.name);
        let drawn = draw_in_child(&settings.program, request, &settings.limits, drawing).await?;
        let picture: Arc<[u8]> = drawn.into();
        self.keep(key, Arc::clone(&picture));
        Ok(picture)
    }

    fn find(&self, key: &Key) -> Option<Arc<[u8]>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.pictures.iter().position(|(known, _)| known == key)?;
        let entry = kept.pictures.remove(at)?;
        let picture = Arc::clone(&entry.1);
        kept.pictures.push_front(entry);
        Some(picture)
    }

    fn keep(&self, key: Key, picture: Arc<[u8]>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if picture.len() > KEPT_BYTES / 4 {
            return;
        }
        kept.bytes += picture.len();
        kept.pictures.push_front((key, picture));
        while kept.bytes > KEPT_BYTES
            && let Some((_, oldest)) = kept.pictures.pop_back()
        {
            kept.bytes -= oldest.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures_that_were_used_last_are_kept_within_bounds() {
        let drawer = Drawer::new();
        let key = |page: u32| ("hash".to_owned(), page, 1_000);
        let picture: Arc<[u8]> = vec![0; KEPT_BYTES / 5].into();
        for page in 1..=5 {
            drawer.keep(key(page), Arc::clone(&picture));
        }
        assert!(drawer.find(&key(1)).is_some());
        drawer.keep(key(6), picture);
        assert!(drawer.find(&key(1)).is_some());
        assert!(drawer.find(&key(2)).is_none());
        drawer.keep(key(7), vec![0; KEPT_BYTES].into());
        assert!(drawer.find(&key(7)).is_none());
    }
}
