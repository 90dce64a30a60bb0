//! Questions and answers: where a pair begins, by marks (`问：`, `Q:`), headings and lines that ask, and columns of tables.

use crate::{Block, BlockKind, CleanDocument};

/// Characters of a line that asks, at most; half of it where they are Han.
const LONGEST_QUESTION: usize = 160;

/// How a document marks its questions. Lines that ask are no questions where marks show which are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `问：…` and `答：…`.
    Marked,
    /// `3. …？`, counted on from the first.
    Numbered,
    /// Any short line that asks.
    Plain,
}

/// What a label in front of a text, or above a column, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Question,
    Answer,
}

/// Finds the lines where questions begin, from the beginning of a document on.
#[derive(Debug)]
pub(super) struct Questions {
    style: Style,
    counted: u32,
}

impl Questions {
    /// For a document that marks its questions like this.
    pub(super) const fn new(style: Style) -> Self {
        Self { style, counted: 0 }
    }

    /// Whether a line of running text is, or begins, the next question.
    pub(super) fn begins(&mut self, line: &str) -> bool {
        match self.style {
            Style::Marked => marked(line) == Some(Role::Question),
            Style::Numbered => self.counts_on(line),
            Style::Plain => marked(line) == Some(Role::Question) || asks(line),
        }
    }

    fn counts_on(&mut self, line: &str) -> bool {
        let Some((number, rest)) = numbered(line) else {
            return false;
        };
        let next = number == self.counted + 1 || number == 1;
        if next && asks(rest) {
            self.counted = number;
        }
        next && asks(rest)
    }
}

/// Whether a heading is a question.
pub(super) fn heading_asks(text: &str) -> bool {
    asks(text) || marked(text) == Some(Role::Question)
}

/// Whether a table's first line names a column of questions and one of answers.
pub(super) fn is_question_table(text: &str) -> bool {
    let header = text.lines().next().unwrap_or_default();
    let cells: Vec<&str> = header
        .split(if header.starts_with('|') { '|' } else { ',' })
        .map(|cell| cell.trim_matches([' ', '"']))
        .filter(|cell| !cell.is_empty())
        .take(7)
        .collect();
    let has = |role| cells.iter().any(|cell| column(cell) == Some(role));
    (2..=6).contains(&cells.len()) && has(Role::Question) && has(Role::Answer)
}

/// Whether a line is a short question and nothing else.
fn asks(line: &str) -> bool {
    let line = line.trim_end_matches(|end: char| {
        end.is_whitespace() || matches!(end, '*' | '_' | '”' | '"' | '）' | ')')
    });
    let Some(body) = line.strip_suffix(['？', '?']) else {
        return false;
    };
    let width: usize = body
        .chars()
        .take(LONGEST_QUESTION + 1)
        .map(|letter| if letter.is_ascii() { 1 } else { 2 })
        .sum();
    (4..=LONGEST_QUESTION).contains(&width)
        && body.chars().any(char::is_alphabetic)
        && !body.contains(['。', '？', '！', '?', '!', '\n'])
        && !body.contains(". ")
}

/// `12. text`, `12、text`: the number and the text.
fn numbered(line: &str) -> Option<(u32, &str)> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let number = line.get(..digits).filter(|digits| digits.len() <= 3)?;
    let rest = line[digits..].strip_prefix(['.', '、', '．', ')', '）'])?;
    Some((number.parse().ok()?, rest.trim_start()))
}

/// What the mark at the start of a line says.
fn marked(line: &str) -> Option<Role> {
    let line = numbered(line).map_or(line, |(_, text)| text);
    let line = line.trim_start_matches(|start: char| {
        start.is_whitespace() || matches!(start, '*' | '#' | '-' | '•' | '【' | '[' | '“' | '"')
    });
    let end = line
        .char_indices()
        .take(25)
        .find(|(_, letter)| matches!(letter, ':' | '：' | '.' | '、' | '．' | '】' | ']'));
    let (end, mark) = end?;
    let label = line[..end].trim_matches(|edge: char| edge.is_whitespace() || edge == '*');
    let name = label.trim_end_matches(|digit: char| {
        digit.is_ascii_digit() || digit == ' ' || "一二三四五六七八九十".contains(digit)
    });
    // `A.` is an option of an exam and `Q.` an initial; a number makes them marks.
    let weak = matches!(mark, '.' | '、' | '．') && name.len() == label.len();
    if weak {
        return None;
    }
    column(name)
}

/// What a column or field of this name holds.
fn column(name: &str) -> Option<Role> {
    let name = name.trim().to_lowercase();
    match name.as_str() {
        "问" | "问题" | "提问" | "問" | "問題" | "提問" | "标准问" | "标准问题" | "常见问题"
        | "用户问题" | "q" | "question" | "questions" | "prompt" | "query" => {
            Some(Role::Question)
        }
        "答" | "答案" | "回答" | "解答" | "答复" | "回复" | "回覆" | "答覆" | "标准答案" | "a"
        | "answer" | "answers" | "response" | "reply" | "completion" => Some(Role::Answer),
        _ => None,
    }
}

/// What a look through a document finds of questions.
#[derive(Debug, Default)]
struct Census {
    marked: usize,
    answered: usize,
    first_marked: Option<usize>,
    numbered: usize,
    first_numbered: Option<usize>,
    asking_headings: usize,
    headings: usize,
    table_bytes: usize,
}

impl Census {
    fn of(document: &CleanDocument) -> Self {
        let text = &document.text;
        let mut census = Self::default();
        let mut counting = Questions::new(Style::Numbered);
        for (at, block) in document.blocks.iter().enumerate() {
            let own = block.span.of(text);
            match block.kind {
                BlockKind::Heading { .. } => {
                    let bare = document.blocks.get(at + 1).is_none_or(is_heading);
                    census.headings += usize::from(!bare);
                    census.asking_headings += usize::from(!bare && heading_asks(own));
                }
                BlockKind::Table => {
                    let counts = is_question_table(own);
                    census.table_bytes += if counts { own.len() } else { 0 };
                }
                BlockKind::Code => {}
                BlockKind::Paragraph | BlockKind::ListItem => {
                    let mut start = block.span.start;
                    for line in own.split('\n') {
                        census.line(line, start, &mut counting);
                        start += line.len() + 1;
                    }
                }
            }
        }
        census
    }

    fn line(&mut self, line: &str, at: usize, counting: &mut Questions) {
        match marked(line) {
            Some(Role::Question) => {
                self.marked += 1;
                self.first_marked.get_or_insert(at);
            }
            Some(Role::Answer) => self.answered += 1,
            None => {
                if counting.begins(line) {
                    self.numbered += 1;
                    self.first_numbered.get_or_insert(at);
                }
            }
        }
    }
}

fn is_heading(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading { .. })
}

/// How a document marks its questions, for one that is known to be made of them.
pub(super) fn style(document: &CleanDocument) -> Style {
    let census = Census::of(document);
    if census.marked >= 2 || census.marked == 1 && census.answered >= 1 {
        Style::Marked
    } else if census.numbered >= 2 {
        Style::Numbered
    } else {
        Style::Plain
    }
}

/// Whether a document is made of questions with answers, for the greater part and beyond doubt.
pub(super) fn dominate(document: &CleanDocument) -> bool {
    let census = Census::of(document);
    let whole = document.text.len();
    let behind = |first: Option<usize>| first.map_or(0, |first| whole - first);
    let marked = census.marked >= 3
        && census.answered * 2 >= census.marked
        && behind(census.first_marked) * 2 >= whole;
    let numbered = census.numbered >= 4 && behind(census.first_numbered) * 5 >= whole * 3;
    let headed = census.asking_headings >= 3 && census.asking_headings * 10 >= census.headings * 6;
    marked || numbered || headed || census.table_bytes * 2 > whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_questions_and_answers_are_known() {
        for line in [
            "问：怎么请假？",
            "Q: How?",
            "Q1. How",
            "【问】怎么",
            "问题3：怎么",
            "**Question 12:** How",
            "question: how",
            "4. 问：怎么",
        ] {
            assert_eq!(marked(line), Some(Role::Question), "{line}");
        }
        for line in [
            "答：找主管。",
            "A: Ask.",
            "A1、问主管",
            "[答案] 五天",
            "Answer: x",
        ] {
            assert_eq!(marked(line), Some(Role::Answer), "{line}");
        }
        for line in [
            "问题在于：没有人知道",
            "A. 甲乙丙",
            "Q3 results: good",
            "答案是五天。",
            "Quality: high",
            "",
        ] {
            assert_eq!(marked(line), None, "{line}");
        }
    }

    #[test]
    fn short_lines_that_ask_are_questions() {
        for line in ["怎样报销差旅费？", "How do I reset it?", "“可以吗？”"] {
            assert!(asks(line), "{line}");
        }
        for line in ["？", "他走了。你去吗？", "Really?! Yes?", "说明", "1?"] {
            assert!(!asks(line), "{line}");
        }
        let mut counting = Questions::new(Style::Numbered);
        let begun = [
            "1. 什么是年假？",
            "3. 跳过了？",
            "2、怎样申请？",
            "2024年呢？",
        ]
        .map(|line| counting.begins(line));
        assert_eq!(begun, [true, false, true, false]);
    }

    #[test]
    fn tables_of_questions_are_known_by_their_header() {
        assert!(is_question_table(
            "| 问题 | 答案 |\n| --- | --- |\n| 甲 | 乙 |"
        ));
        assert!(is_question_table("id,question,answer\n1,a,b"));
        assert!(!is_question_table("| 姓名 | 部门 |"));
        assert!(!is_question_table("question\na"));
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_looked_at_without_a_panic(line in "\\PC{0,40}|[*【问答QA1:：.？? ]{0,20}") {
            let _ = (marked(&line), asks(&line), numbered(&line), is_question_table(&line));
        }
    }
}
