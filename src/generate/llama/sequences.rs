//! Which request writes to which part of the KV memory, and what it can take over from those before it.

/// Shorter common beginnings are read again: copying is not free either.
const SHORTEST_SHARED: usize = 16;

/// The book of KV memory: what each llama.cpp sequence holds. Numbers are sequence ids.
#[derive(Debug)]
pub(super) struct Sequences {
    entries: Vec<Entry>,
    capacity: usize,
    clock: u64,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    tokens: Vec<i32>,
    usage: Usage,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Usage {
    #[default]
    Free,
    /// Finished, kept for its beginning.
    Kept { since: u64 },
    /// Being written; may grow to `reserved` tokens.
    Active { reserved: usize },
}

/// What to do before a request can start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// Where it goes.
    pub(super) target: usize,
    /// Whose beginning it takes over; may be the target itself.
    pub(super) source: Option<usize>,
    /// Tokens taken over.
    pub(super) shared: usize,
    /// Sequences to clear, after the beginning was taken over. Never the target.
    pub(super) evict: Vec<usize>,
}

impl Sequences {
    /// `capacity` is in tokens, over all sequences.
    pub(super) fn new(count: usize, capacity: usize) -> Self {
        Self {
            entries: vec![Entry::default(); count],
            capacity,
            clock: 0,
        }
    }

    /// A place for a prompt that with its answer takes at most `reserve` tokens; `None` until others have finished.
    /// `shareable` says whether llama.cpp still holds the beginning of a sequence.
    pub(super) fn plan(
        &self,
        prompt: &[i32],
        reserve: usize,
        shareable: impl Fn(usize) -> bool,
    ) -> Option<Placement> {
        let active: usize = self.entries.iter().map(Entry::reserved).sum();
        let room = self.capacity.checked_sub(active + reserve)?;
        let (source, shared) = self.longest_common(prompt, shareable);
        let target = self.target(source, shared)?;
        let mut kept: Vec<(u64, usize)> = (0..self.entries.len())
            .filter(|&id| id != target)
            .filter_map(|id| Some((self.entries[id].kept_since()?, id)))
            .collect();
        kept.sort_unstable();
        let mut held: usize = kept
            .iter()
            .map(|&(_, id)| self.entries[id].tokens.len())
            .sum();
        let mut evict = Vec::new();
        for (_, id) in kept {
            if held <= room {
                break;
            }
            held -= self.entries[id].tokens.len();
            evict.push(id);
        }
        Some(Placement {
            target,
            source,
            shared,
            evict,
        })
    }

    fn longest_common(
        &self,
        prompt: &[i32],
        shareable: impl Fn(usize) -> bool,
    ) -> (Option<usize>, usize) {
        // The last token is always read anew: its logits are what the answer starts from.
        let most = prompt.len().saturating_sub(1);
        let candidates = self.entries.iter().enumerate().map(|(id, entry)| {
            let shared = entry
                .tokens
                .iter()
                .zip(&prompt[..most])
                .take_while(|(held, wanted)| held == wanted)
                .count();
            (shared, id)
        });
        let best = candidates
            .filter(|&(shared, _)| shared >= SHORTEST_SHARED)
            .max();
        best.filter(|&(_, id)| shareable(id))
            .map_or((None, 0), |(shared, id)| (Some(id), shared))
    }

    /// In place where little is lost by it; else a free sequence, else the one kept longest.
    fn target(&self, source: Option<usize>, shared: usize) -> Option<usize> {
        let kept_source = source.filter(|&id| self.entries[id].kept_since().is_some());
        let in_place =
            kept_source.filter(|&id| self.entries[id].tokens.len() - shared <= shared / 4);
        let free = || {
            self.entries
                .iter()
                .position(|entry| entry.usage == Usage::Free)
        };
        let oldest = || {
            let others = (0..self.entries.len()).filter(|&id| Some(id) != source);
            others
                .filter_map(|id| Some((self.entries[id].kept_since()?, id)))
                .min()
                .map(|(_, id)| id)
        };
        in_place.or_else(free).or_else(oldest).or(kept_source)
    }

    /// Books the request in, with `tokens` already held for it.
    pub(super) fn start(&mut self, target: usize, tokens: &[i32], reserved: usize) {
        self.entries[target] = Entry {
            tokens: tokens.to_vec(),
            usage: Usage::Active { reserved },
        };
    }

    /// Books tokens that were decoded.
    pub(super) fn extend(&mut self, id: usize, tokens: &[i32]) {
        self.entries[id].tokens.extend_from_slice(tokens);
    }

    /// The request is over; what it left is kept until the room is needed.
    pub(super) fn keep(&mut self, id: usize) {
        self.clock += 1;
        self.entries[id].usage = Usage::Kept { since: self.clock };
    }

    /// The sequence was cleared.
    pub(super) fn free(&mut self, id: usize) {
        self.entries[id] = Entry::default();
    }

    /// All that is only kept.
    pub(super) fn kept(&self) -> Vec<usize> {
        (0..self.entries.len())
            .filter(|&id| self.entries[id].kept_since().is_some())
            .collect()
    }

    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }
}

impl Entry {
    fn reserved(&self) -> usize {
        match self.usage {
            Usage::Active { reserved } => reserved,
            Usage::Free | Usage::Kept { .. } => 0,
        }
    }

    fn kept_since(&self) -> Option<u64> {
        match self.usage {
            Usage::Kept { since } => Some(since),
            Usage::Free | Usage::Active { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(range: std::ops::Range<i32>) -> Vec<i32> {
        range.collect()
    }

    fn with_kept(count: usize, capacity: usize, kept: &[Vec<i32>]) -> Sequences {
        let mut sequences = Sequences::new(count, capacity);
        for (id, tokens) in kept.iter().enumerate() {
            sequences.start(id, tokens, tokens.len());
            sequences.keep(id);
        }
        sequences
    }

    #[test]
    fn the_longest_common_beginning_is_taken_over_but_never_the_last_token() {
        let sequences = with_kept(3, 1_000, &[prompt(0..20), prompt(0..100)]);
        let plan = sequences
            .plan(&prompt(0..100), 120, |_| true)
            .expect("room");
        assert_eq!(
            plan,
            Placement {
                target: 1,
                source: Some(1),
                shared: 99,
                evict: vec![]
            }
        );
    }

    #[test]
    fn a_shared_instruction_is_copied_and_its_owner_kept() {
        let mut other = prompt(0..50);
        other.extend(900..950);
        let sequences = with_kept(3, 1_000, &[prompt(0..100)]);
        let plan = sequences.plan(&other, 120, |_| true).expect("room");
        assert_eq!(
            plan,
            Placement {
                target: 1,
                source: Some(0),
                shared: 50,
                evict: vec![]
            }
        );
    }

    #[test]
    fn what_llama_has_forgotten_is_not_taken_over() {
        let sequences = with_kept(2, 1_000, &[prompt(0..100)]);
        let plan = sequences
            .plan(&prompt(0..100), 120, |_| false)
            .expect("room");
        assert_eq!((plan.source, plan.shared, plan.target), (None, 0, 1));
    }

    #[test]
    fn the_oldest_kept_sequences_make_room_first() {
        let sequences = with_kept(
            4,
            300,
            &[prompt(0..100), prompt(200..300), prompt(400..500)],
        );
        let plan = sequences
            .plan(&prompt(600..620), 150, |_| true)
            .expect("room");
        assert_eq!(
            plan,
            Placement {
                target: 3,
                source: None,
                shared: 0,
                evict: vec![0, 1]
            }
        );
    }

    #[test]
    fn a_request_waits_while_others_hold_the_room() {
        let mut sequences = Sequences::new(2, 300);
        sequences.start(0, &[], 200);
        assert_eq!(sequences.plan(&prompt(0..50), 101, |_| true), None);
        assert!(sequences.plan(&prompt(0..50), 100, |_| true).is_some());
    }

    #[test]
    fn a_running_request_lends_its_beginning_but_not_its_place() {
        let mut sequences = Sequences::new(2, 1_000);
        sequences.start(0, &prompt(0..60), 200);
        let plan = sequences.plan(&prompt(0..80), 200, |_| true).expect("room");
        assert_eq!((plan.target, plan.source, plan.shared), (1, Some(0), 60));
        sequences.start(1, &[], 200);
        assert_eq!(sequences.plan(&prompt(0..80), 200, |_| true), None);
    }
}
