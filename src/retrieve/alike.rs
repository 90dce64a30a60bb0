//! Whether two passages say the same.

use wenyuan_ingest::{Lexicon, TermKind};

/// Two passages that share this much of their terms say the same.
const SAME_TEXT: f32 = 0.95;

/// Numerals in Han characters: `五天` and `七天` are as far apart as 5 and 7.
const NUMERALS: &str = "〇零一二两兩三四五六七八九十百千万萬亿億";

/// What is compared of a passage.
#[derive(Debug)]
pub(super) struct Gist {
    /// Its terms, ascending.
    terms: Vec<u32>,
    /// Its numbers and numerals, ascending.
    numbers: Vec<u32>,
}

impl Gist {
    pub(super) fn of(text: &str) -> Self {
        let (mut terms, mut numbers) = (Vec::with_capacity(text.len() / 2), Vec::new());
        Lexicon::shared().visit(text, |kind, id| {
            terms.push(id);
            if kind == TermKind::Number {
                numbers.push(id);
            }
        });
        numbers.extend(
            text.chars()
                .filter(|one| NUMERALS.contains(*one))
                .map(u32::from),
        );
        Self {
            terms: distinct(terms),
            numbers: distinct(numbers),
        }
    }

    /// Whether both say the same: nearly all of their words are, and every number is. One edition of a rule is no copy of
    /// another that gives two days more.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let (left, right) = (self.terms.len(), other.terms.len());
        // Their numbers of terms alone tell most that do not.
        left.min(right) as f32 >= SAME_TEXT * left.max(right) as f32
            && self.numbers == other.numbers
            && overlap(&self.terms, &other.terms) >= SAME_TEXT
    }
}

fn distinct(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Terms that both have, as a share of all, in [0, 1]. Both ascend.
pub(super) fn overlap(left: &[u32], right: &[u32]) -> f32 {
    let (small, large) = if left.len() < right.len() {
        (left, right)
    } else {
        (right, left)
    };
    let shared = small
        .iter()
        .filter(|term| large.binary_search(term).is_ok())
        .count();
    shared as f32 / (left.len() + right.len() - shared).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "员工入职满一年后享有带薪年休假，休假须提前两周向部门主管提出书面申请，经批准后方可休假；未休完的假期可以结转到\
                        次年三月底，逾期作废。每年的天数为";

    fn same(left: &str, right: &str) -> bool {
        Gist::of(left).says_the_same(&Gist::of(right))
    }

    #[test]
    fn a_copy_says_the_same_and_another_edition_with_another_number_does_not() {
        let edition = |days: &str| format!("{RULE}{days}天。");
        assert!(same(&edition("7"), &edition("7")));
        assert!(same(&edition("7"), &edition("7").replace('，', ", ")));
        assert!(!same(&edition("7"), &edition("10")));
        assert!(!same(&edition("七"), &edition("五")));
    }
}
