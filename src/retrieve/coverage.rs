//! How much of a question one passage holds: what the reranker and the verdict read in its text.

use std::collections::HashMap;
use std::sync::LazyLock;

use wenyuan_ingest::{Aligner, Span};

use super::across::Across;
use super::amount::{asks_amount, gives_amount};
use super::question::Analysis;
use super::{Passage, Writing};

/// A question's terms, with what finding each is worth.
pub(crate) struct Wanted<'a> {
    question: &'a Analysis,
    places: HashMap<u32, usize>,
    worth: Vec<f32>,
    total: f32,
    heavy: Vec<usize>,
    numbers: Vec<usize>,
    /// Finds them in passages in another writing, which do not hold the words themselves.
    aligner: MadeAligner,
    /// Whether a number is asked for.
    pub(crate) amount: bool,
}

/// Made when the first passage in another writing is read.
type MadeAligner = LazyLock<Option<Box<dyn Aligner>>, MakeAligner>;
type MakeAligner = Box<dyn FnOnce() -> Option<Box<dyn Aligner>> + Send>;

/// Of so many codes it is kept which a passage holds.
pub(crate) type CodesFound = u8;

impl<'a> Wanted<'a> {
    /// Of a question.
    pub(crate) fn of(question: &'a Analysis) -> Self {
        let mut terms: Vec<(u32, f32)> = question.worth.iter().map(|(id, w)| (*id, *w)).collect();
        terms.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let places: HashMap<u32, usize> = terms
            .iter()
            .enumerate()
            .map(|(at, (id, _))| (*id, at))
            .collect();
        let worth: Vec<f32> = terms.into_iter().map(|(_, worth)| worth).collect();
        let at = |ids: &[u32]| {
            ids.iter()
                .filter_map(|id| places.get(id).copied())
                .collect()
        };
        Self {
            question,
            total: worth.iter().sum(),
            heavy: (0..worth.len().min((worth.len() / 3).max(1))).collect(),
            numbers: at(&question.number_terms),
            aligner: LazyLock::new(Box::new(|| None)),
            amount: asks_amount(&question.text),
            places,
            worth,
        }
    }

    /// The same, looked for in passages in another writing as well.
    pub(crate) fn across(
        self,
        make: impl FnOnce() -> Option<Box<dyn Aligner>> + Send + 'static,
    ) -> Self {
        Self {
            aligner: LazyLock::new(Box::new(make)),
            ..self
        }
    }

    /// How many distinct terms there are.
    pub(crate) const fn terms(&self) -> usize {
        self.worth.len()
    }

    /// What they are worth together.
    pub(crate) const fn worth(&self) -> f32 {
        self.total
    }

    /// Whether the question is nothing but codes and numbers.
    pub(crate) const fn exact(&self) -> bool {
        self.question.codes.alone()
    }

    /// The share of the codes named that any of these passages holds; 1 where none is named.
    pub(crate) fn codes_held(&self, coverages: &[Coverage]) -> f32 {
        let found = coverages
            .iter()
            .fold(0, |found, one| found | one.codes_found);
        let named = self.question.codes.len();
        if named == 0 {
            1.0
        } else {
            found.count_ones() as f32 / named as f32
        }
    }

    /// Whether the question names a code that none of these passages holds.
    pub(crate) fn misses_a_code(&self, coverages: &[Coverage]) -> bool {
        self.codes_held(coverages) < 1.0
    }

    /// Which of the codes a passage holds.
    fn codes_in(&self, passage: &Passage) -> CodesFound {
        if self.question.codes.is_empty() {
            return 0;
        }
        let above = passage.title.iter().chain(&passage.heading);
        let mut text = passage.document_name.clone();
        for line in above.chain(std::iter::once(&passage.text)) {
            text.push('\n');
            text.push_str(line);
        }
        let found = self.question.codes.found_in(&text).into_iter().enumerate();
        found.fold(0, |all, (at, found)| all | CodesFound::from(found) << at)
    }

    /// Which of the terms a text has.
    fn found_in(&self, text: &str) -> Vec<bool> {
        let mut found = vec![false; self.worth.len()];
        if self.question.worth.is_empty() {
            return found;
        }
        self.question.words.visit_terms(text, |_kind, id| {
            if let Some(at) = self.places.get(&id) {
                found[*at] = true;
            }
        });
        found
    }

    /// The share of the question's worth that was found.
    fn share(&self, found: &[bool]) -> f32 {
        let got: f32 = found
            .iter()
            .zip(&self.worth)
            .filter_map(|(found, worth)| found.then_some(worth))
            .sum();
        if self.total > 0.0 {
            got / self.total
        } else {
            0.0
        }
    }
}

/// How much of a question one passage holds, as shares in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coverage {
    /// With its title and headings.
    pub(crate) passage: f32,
    /// Its fullest sentence, with the title; a row of a table also with the table's header.
    pub(crate) sentence: f32,
    /// Its two fullest neighbouring sentences, by themselves.
    pub(crate) pair: f32,
    /// Of the question's heaviest third, each term alike.
    pub(crate) heavy: f32,
    /// Of its numbers; 1 where it has none.
    pub(crate) numbers: f32,
    /// Of the codes that the question names; 1 where it names none.
    pub(crate) codes: f32,
    /// Which of them, by their places.
    pub(crate) codes_found: CodesFound,
    /// What it says of the question in another language; `None` in the question's writing, and where nothing can tell.
    pub(crate) across: Option<Across>,
    /// Whether the fullest sentence gives a number that the question does not hold.
    pub(crate) amount: bool,
    /// The fullest sentence, in bytes of the passage; `None` where no sentence has anything.
    pub(crate) fullest: Option<Span>,
}

impl Coverage {
    /// Reads a passage.
    pub(crate) fn of(wanted: &Wanted<'_>, passage: &Passage) -> Self {
        let title = wanted.found_in(passage.title.as_deref().unwrap_or_default());
        let whole_text = [Span {
            start: 0,
            end: passage.text.len(),
        }];
        let spans = if passage.sentences.is_empty() {
            &whole_text[..]
        } else {
            &passage.sentences
        };
        let sentences: Vec<Vec<bool>> = spans
            .iter()
            .map(|span| wanted.found_in(span.of(&passage.text)))
            .collect();
        let mut whole = title.clone();
        for heading in &passage.heading {
            add(&mut whole, &wanted.found_in(heading));
        }
        for found in &sentences {
            add(&mut whole, found);
        }
        let mut above = title;
        if let Some(header) = table_header(passage) {
            add(&mut above, &wanted.found_in(header));
        }
        let (mut sentence, mut pair, mut fullest) = (0.0_f32, 0.0_f32, None);
        for (at, found) in sentences.iter().enumerate() {
            let titled = wanted.share(&joined(found, &above));
            if fullest.is_none() || titled > sentence {
                (sentence, fullest) = (titled, Some(spans[at]));
            }
            let next = sentences.get(at + 1).unwrap_or(found);
            pair = pair.max(wanted.share(&joined(found, next)));
        }
        let among = |places: &[usize]| {
            let found = places.iter().filter(|at| whole[**at]).count();
            (!places.is_empty()).then(|| found as f32 / places.len() as f32)
        };
        let codes_found = wanted.codes_in(passage);
        let codes = wanted.question.codes.len();
        let gives = |span: Span| gives_amount(&wanted.question.text, span.of(&passage.text));
        let own = wanted.question.shares_words(Writing::of(passage.language));
        let aligner = if own { None } else { wanted.aligner.as_deref() };
        Self {
            passage: wanted.share(&whole),
            sentence,
            pair,
            heavy: among(&wanted.heavy).unwrap_or(0.0),
            numbers: among(&wanted.numbers).unwrap_or(1.0),
            codes: if codes == 0 {
                1.0
            } else {
                codes_found.count_ones() as f32 / codes as f32
            },
            codes_found,
            across: aligner.map(|aligner| Across::of(aligner, passage, spans)),
            amount: wanted.amount && fullest.is_some_and(gives),
            fullest,
        }
    }
}

/// What the rows of a passage that is a table are read by: its first row where a rule stands below that, else the header
/// that it was headed with when its table was cut.
fn table_header(passage: &Passage) -> Option<&str> {
    if !passage.text.starts_with('|') {
        return None;
    }
    let mut lines = passage.text.lines();
    let (first, second) = (lines.next()?, lines.next().unwrap_or_default());
    if second.starts_with("|-")
        || second.starts_with("|:")
        || second.starts_with("| -")
        || second.starts_with("| :")
    {
        return Some(first);
    }
    passage.heading.last().map(String::as_str)
}

fn add(to: &mut [bool], found: &[bool]) {
    for (to, found) in to.iter_mut().zip(found) {
        *to |= found;
    }
}

fn joined(left: &[bool], right: &[bool]) -> Vec<bool> {
    left.iter()
        .zip(right)
        .map(|(one, two)| *one || *two)
        .collect()
}

#[cfg(test)]
mod tests {
    use wenyuan_ingest::Dictionary;

    use super::*;
    use crate::model::Question;
    use crate::retrieve::question::Analysis;
    use crate::retrieve::rank::tests::passage;

    const ROW: &str = "| W1100 | 周艳 | 6700 |";

    /// A passage of a table with a sentence for each row but the rule.
    fn table(text: &str, heading: &[&str]) -> Passage {
        let mut table = passage(1, text);
        table.heading = heading.iter().map(|&name| name.to_owned()).collect();
        table.sentences.clear();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end().len();
            if line.contains(char::is_alphanumeric) {
                table.sentences.push(Span { start, end });
            }
            start += line.len();
        }
        table
    }

    #[test]
    fn a_row_is_read_by_the_header_of_its_table() {
        let question = Question::try_from("周艳的分机号是多少？").expect("question");
        let analysis = Analysis::of(&question, Dictionary::default());
        let wanted = Wanted::of(&analysis);
        let of = |table: Passage| Coverage::of(&wanted, &table);
        let bare = of(table(ROW, &["员工"]));
        let whole = format!("| 工号 | 姓名 | 分机号 |\n| --- | --- | --- |\n{ROW}");
        let headed = of(table(&whole, &["员工"]));
        let cut = of(table(ROW, &["员工", "工号 | 姓名 | 分机号"]));
        assert!(bare.sentence < 1.0);
        assert!(headed.sentence > bare.sentence && cut.sentence > bare.sentence);
        assert_eq!(
            cut.fullest,
            Some(Span {
                start: 0,
                end: ROW.len()
            })
        );
        assert_eq!(headed.fullest.map(|span| span.of(&whole)), Some(ROW));
    }
}
